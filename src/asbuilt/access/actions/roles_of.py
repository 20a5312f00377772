"""Which roles a person may be given together."""

from collections.abc import Iterable

from asbuilt.access import errors
from asbuilt.access.rights import PARTY_READER, PERSON_ROLES


def checked_roles(roles: Iterable[str], party: int | None) -> tuple[str, ...]:
    """The roles in the order of the design; Invalid for an unknown one and for a party reader with other roles."""
    wanted = set(roles)
    unknown = sorted(wanted - set(PERSON_ROLES))
    if unknown or not wanted:
        raise errors.role_unknown(unknown[0] if unknown else "(none)", list(PERSON_ROLES))
    if (PARTY_READER in wanted) != (party is not None) or (PARTY_READER in wanted and len(wanted) > 1):
        raise errors.party_reader_alone()
    return tuple(role for role in PERSON_ROLES if role in wanted)
