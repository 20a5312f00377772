"""Logins: roles given and taken, a login closed and opened again. The last administrator stays one."""

from asbuilt.access import errors, events
from asbuilt.access.actions.requests import asked
from asbuilt.access.actions.roles_of import checked_roles
from asbuilt.access.actor import Actor
from asbuilt.access.models import Login, OneTimeLink
from asbuilt.access.queries import administrators, login_of_person
from asbuilt.access.rights import ADMINISTRATOR, PEOPLE_MANAGE
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording


def give_roles(
    actor: Actor, *, person: int, roles: list[str], party: int | None = None, request_key: str | None = None
) -> None:
    """The person has exactly these roles from now on, also in tokens and open sessions."""
    actor.require(PEOPLE_MANAGE)
    roles = checked_roles(roles, party)
    content = asked(person, sorted(roles), party)
    with recording(actor, events.ROLES_GIVEN, request_key=request_key, content=content) as entry:
        before = login_of_person(actor.tenant, person)
        if before is None:
            raise errors.login_missing(person)
        if ADMINISTRATOR not in roles:
            refuse_last_administrator(actor.tenant, person)
        Login.objects.of(actor.tenant).filter(person=person).update(roles=" ".join(roles), party=party)
        entry.notes = {"before": sorted(before.roles.split()), "party": party, "person": person, "roles": sorted(roles)}
    sequencing.after_commit(actor.tenant)


def close_login(actor: Actor, *, person: int, request_key: str | None = None) -> None:
    """The person cannot sign in from now on; open sessions, links and tokens end with it."""
    _set_active(actor, person, False, events.LOGIN_CLOSED, request_key)


def open_login(actor: Actor, *, person: int, request_key: str | None = None) -> None:
    """The person may sign in again."""
    _set_active(actor, person, True, events.LOGIN_OPENED, request_key)


def _set_active(actor: Actor, person: int, active: bool, type: str, request_key: str | None) -> None:
    actor.require(PEOPLE_MANAGE)
    with recording(actor, type, request_key=request_key, content=asked(person)) as entry:
        if login_of_person(actor.tenant, person) is None:
            raise errors.login_missing(person)
        if not active:
            refuse_last_administrator(actor.tenant, person)
            OneTimeLink.objects.of(actor.tenant).filter(person=person, used_at=None).update(expires_at=0)
        Login.objects.of(actor.tenant).filter(person=person).update(active=active)
        entry.notes = {"person": person}
    sequencing.after_commit(actor.tenant)


def refuse_last_administrator(tenant: int, person: int) -> None:
    """Refused where this person is the only administrator who can sign in."""
    if administrators(tenant) == [person]:
        raise errors.last_administrator()
