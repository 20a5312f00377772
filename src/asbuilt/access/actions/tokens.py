"""API tokens: for a person's own programs, or for a station or machine. The secret is shown once and never kept.

A person's token has the person's roles or fewer, and ends with them. Tokens of stations and machines belong to nobody
and are issued by an administrator.
"""

from asbuilt.access import credentials, errors, events
from asbuilt.access.actions.links import clean
from asbuilt.access.actions.requests import asked, same_names
from asbuilt.access.actor import Actor
from asbuilt.access.models import ApiToken
from asbuilt.access.queries import login_of_person
from asbuilt.access.rights import PEOPLE_MANAGE, PROGRAM_ROLES
from asbuilt.kernel.errors import NotAllowed
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import bulk, reading

DAYS_MAX = 366
NAME_CHARACTERS_MAX = 120
NAMED_SQL = "SELECT name FROM access_api_token WHERE tenant = %s AND entry = %s"
COLUMNS = ("tenant", "number", "hash", "name", "person", "roles", "issued_at", "expires_at", "entry")


def issue_token(
    actor: Actor,
    *,
    name: str,
    person: int | None = None,
    roles: list[str] | None = None,
    days: int = 90,
    request_key: str | None = None,
) -> tuple[int, str]:
    """A new token; returns its number and the secret.

    With `person` (the actor's own number) the roles are the person's or those of them that are named; without, they
    are `station` or `machine`.
    """
    name = clean("name", name, NAME_CHARACTERS_MAX)
    if not 1 <= days <= DAYS_MAX:
        raise errors.field_wrong("days", f"A token lasts 1 to {DAYS_MAX} days.")
    wanted = _checked(actor, person, roles or [])
    with (
        same_names(actor.tenant, request_key, NAMED_SQL, name),
        recording(
            actor, events.TOKEN_ISSUED, request_key=request_key, content=asked(person, sorted(wanted), days)
        ) as entry,
    ):
        sql = "SELECT max(number) FROM access_api_token WHERE tenant = %s"
        number = (reading.fetch_one(sql, (actor.tenant,))[0] or 0) + 1
        secret = credentials.new_secret(credentials.TOKEN, actor.tenant)
        now = clock.now()
        said = (number, credentials.hash_of(secret), name, person, " ".join(wanted), now, now + days * 86_400_000_000)
        bulk.insert_rows("access_api_token", COLUMNS, [(actor.tenant, *said, entry.number)])
        entry.notes = {"days": days, "person": person, "roles": sorted(wanted), "token": number}
    sequencing.after_commit(actor.tenant)
    return number, secret


def _checked(actor: Actor, person: int | None, roles: list[str]) -> list[str]:
    if person is None:
        actor.require(PEOPLE_MANAGE)
        for role in roles or ["(none)"]:
            if role not in PROGRAM_ROLES:
                raise errors.role_unknown(role, list(PROGRAM_ROLES))
        return roles
    if person != actor.person:
        raise NotAllowed(
            "access.token_of_another",
            "A token is issued by the person it stands for.",
            {"person": person},
            "Sign in as that person, or issue a token for a station or machine.",
        )
    login = login_of_person(actor.tenant, person)
    own = login.roles.split() if login else []
    for role in roles:
        if role not in own:
            raise errors.role_unknown(role, own)
    return roles


def revoke_token(actor: Actor, *, number: int, request_key: str | None = None) -> None:
    """The token is not valid from now on: one's own, or any for who manages people. Twice changes nothing."""
    with recording(actor, events.TOKEN_REVOKED, request_key=request_key, content=asked(number)) as entry:
        token = ApiToken.objects.of(actor.tenant).filter(number=number).first()
        if token is None or (not actor.may(PEOPLE_MANAGE) and (actor.person is None or token.person != actor.person)):
            raise errors.token_unknown(number)
        if token.revoked_by is None:
            ApiToken.objects.of(actor.tenant).filter(number=number).update(revoked_by=entry.number)
        entry.notes = {"token": number}
    sequencing.after_commit(actor.tenant)
