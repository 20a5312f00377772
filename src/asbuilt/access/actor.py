"""The actor: who asks or acts, for which tenant, with which rights."""

from dataclasses import dataclass, field

from asbuilt.access.rights import ALL_RIGHTS, GATE_ASK, MESSAGE_RECORD, ROLES, SENDS_ONLY, SIGNAL_NOTE
from asbuilt.kernel.errors import NotAllowed


@dataclass(frozen=True)
class Actor:
    """Who acts. `label` is what entries say (`person:12`, `system:local`); `party` narrows a party reader's view."""

    tenant: int
    label: str
    rights: frozenset[str] = field(default_factory=frozenset)
    person: int | None = None
    party: int | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    def may(self, right: str) -> bool:
        """Whether the actor holds the right."""
        return right in self.rights

    @property
    def sees_nothing(self) -> bool:
        """Whether the actor has no right to read anything: a program that only sends, or nobody."""
        return self.rights <= SENDS_ONLY

    def require(self, right: str) -> None:
        """Refuse an actor without the right."""
        if right not in self.rights:
            raise NotAllowed(
                "access.right_missing",
                "Your role does not allow this.",
                facts={"right": right},
                remedy="Ask an administrator for a role that has this right.",
            )


def local_system(tenant: int) -> Actor:
    """The local system account: whoever owns the home folder acts with all rights and is recorded as such."""
    return Actor(tenant, "system:local", ALL_RIGHTS)


def machine_door(tenant: int) -> Actor:
    """The door of machines: it records what they say and answers what they ask, and may do nothing else."""
    return Actor(tenant, "system:machines", frozenset({MESSAGE_RECORD, GATE_ASK}))


def public_door(tenant: int) -> Actor:
    """The public form: a stranger's report becomes a signal; it may do and read nothing else."""
    return Actor(tenant, "system:public", frozenset({SIGNAL_NOTE}))


def person_actor(tenant: int, person: int, roles: frozenset[str], party: int | None) -> Actor:
    """A person with these roles. A party reader without a party has no rights at all."""
    rights = frozenset().union(*(ROLES[role] for role in roles)) if roles else frozenset()
    if "party_reader" in roles and party is None:
        rights = frozenset()
    return Actor(tenant, f"person:{person}", rights, person, party if "party_reader" in roles else None, roles)
