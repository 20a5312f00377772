"""Reads of tenants, people, logins and tokens."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from asbuilt.access import errors
from asbuilt.access.actor import Actor
from asbuilt.access.models import ApiToken, Login, Person, Tenant
from asbuilt.access.rights import ADMINISTRATOR, OPERATOR_ASK, PEOPLE_MANAGE
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.storage import reading


class TokenRow(NamedTuple):
    """What is known of a token: instants, and who revoked it."""

    tenant: int
    number: int
    person: int | None
    roles: str
    expires_at: int
    last_used_at: int | None
    revoked_by: int | None


def tenant_of_slug(slug: str) -> Tenant:
    """The tenant with this short name. One statement."""
    tenant = Tenant.objects.using("reader").filter(slug=slug).first()
    if tenant is None:
        remedy = "Run `asbuilt init` first."
        raise NotFound("access.tenant_unknown", f"There is no tenant {slug} here.", {"tenant": slug}, remedy)
    return tenant


def tenant_of_number(number: int) -> Tenant:
    """The tenant with this number. One statement."""
    return Tenant.objects.using("reader").get(number=number)


def time_zone_of(tenant: int) -> ZoneInfo:
    """The tenant's time zone. One statement."""
    return ZoneInfo(reading.fetch_one("SELECT time_zone FROM access_tenant WHERE number = %s", (tenant,))[0])


def may_ask_by_operator(actor: Actor) -> bool:
    """Whether this one may ask by operator: the right, and for people the tenant's switch. One statement."""
    return actor.may(OPERATOR_ASK) and (not actor.person or bool(tenant_of_number(actor.tenant).operator_questions))


def person_by_code(tenant: int, code: str) -> int | None:
    """The number of the person with this code, or None. One statement."""
    row = reading.fetch_one("SELECT number FROM access_person WHERE tenant = %s AND code = %s", (tenant, code))
    return row[0] if row else None


def tenants() -> list[Tenant]:
    """All tenants by short name; the sign-in page asks for one where there are several. One statement."""
    return list(Tenant.objects.using("reader").order_by("slug"))


def login_of_person(tenant: int, person: int) -> Login | None:
    """How this person signs in, or None. One statement; inside a write it sees what was written."""
    return Login.objects.of(tenant).filter(person=person).first()


def token_of_hash(tenant: int, hash: str) -> TokenRow | None:
    """The token with this hash, valid or not, or None. One statement."""
    sql = (
        "SELECT tenant, number, person, roles, expires_at, last_used_at, revoked_by FROM access_api_token "
        "WHERE tenant = %s AND hash = %s"
    )
    row = reading.fetch_one(sql, (tenant, hash))
    return row and TokenRow._make(row)


def administrators(tenant: int) -> list[int]:
    """The people who are administrators and can sign in. One statement."""
    sql = "SELECT person, roles FROM access_login WHERE tenant = %s AND active ORDER BY person"
    return [person for person, roles in reading.fetch(sql, (tenant,)) if ADMINISTRATOR in roles.split()]


def person_there(tenant: int, person: int) -> Person:
    """The person with this number; NotFound where the tenant has none. One statement."""
    found = Person.objects.of(tenant).filter(number=person).first()
    if found is None:
        raise errors.person_unknown(person)
    return found


def person_name(tenant: int, person: int) -> str:
    """What people call this person: the name, else the code, else `person 12`. One statement."""
    sql = "SELECT name, code FROM access_person WHERE tenant = %s AND number = %s"
    name, code = reading.fetch_one(sql, (tenant, person)) or (None, None)
    return name or code or f"person {person}"


def names_of(tenant: int, people: Iterable[int]) -> dict[int, str]:
    """Number -> name or code of these people; who was erased is left out. One statement."""
    sql = "SELECT number, coalesce(name, code) FROM access_person WHERE tenant = %s AND " + reading.any_of("number")
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(set(people)))))
    return {number: name for number, name in rows if name}


@dataclass(frozen=True)
class ListedPerson:
    """One row of the page People. `waits` says that a one-time link is open, `badge_at` when the valid badge was
    issued (µs)."""

    number: int
    name: str | None
    code: str | None
    erased_by: int | None
    login: str | None
    roles: tuple[str, ...]
    party: int | None
    active: bool
    last_seen_at: int | None
    waits: bool
    badge_at: int | None = None
    mail: str | None = None


def people(actor: Actor, *, after: int = 0, limit: int = 100) -> list[ListedPerson]:
    """People of the actor's tenant by number, from `after` on. One statement."""
    actor.require(PEOPLE_MANAGE)
    sql = (
        "SELECT p.number, p.name, p.code, p.erased_by, l.name, coalesce(l.roles, k.roles, ''), "
        "coalesce(l.party, k.party), l.active, l.last_seen_at, k.number IS NOT NULL, b.issued_at, h.value FROM access_person p "
        "LEFT JOIN access_login l ON l.tenant = p.tenant AND l.person = p.number "
        "LEFT JOIN access_one_time_link k ON k.tenant = p.tenant AND k.person = p.number AND k.used_at IS NULL "
        "AND k.expires_at > %s "
        "LEFT JOIN access_badge b ON b.tenant = p.tenant AND b.person = p.number AND b.revoked_by IS NULL "
        "LEFT JOIN ledger_hidden h ON h.tenant = p.tenant AND h.entry = p.mail_entry "
        "WHERE p.tenant = %s AND p.number > %s ORDER BY p.number LIMIT %s"
    )
    rows = reading.fetch(sql, (clock.now(), actor.tenant, after, limit))
    return [ListedPerson(*r[:5], tuple(r[5].split()), r[6], bool(r[7]), r[8], bool(r[9]), *r[10:]) for r in rows]


@dataclass(frozen=True)
class Reader:
    """Somebody who can sign in: roles, the party of a party reader, where he is told (None: nobody said)."""

    person: int
    roles: frozenset[str]
    party: int | None
    mail: str | None = field(repr=False)


def who_sign_in(tenant: int, *, person: int | None = None) -> list[Reader]:
    """Everybody whose login is open, by number; of one `person` when given. One statement."""
    sql = (
        "SELECT l.person, l.roles, l.party, h.value FROM access_login l JOIN access_person p ON p.tenant = l.tenant "
        "AND p.number = l.person LEFT JOIN ledger_hidden h ON h.tenant = p.tenant AND h.entry = p.mail_entry "
        f"WHERE l.tenant = %s AND l.active {'' if person is None else 'AND l.person = %s'} ORDER BY l.person"
    )
    rows = reading.fetch(sql, (tenant,) if person is None else (tenant, person))
    return [Reader(number, frozenset(roles.split()), party, address) for number, roles, party, address in rows]


def mail_of(tenant: int, person: int) -> str:
    """Where this person is told; empty where nobody said, the login is closed, or the person was erased. One statement."""
    return next((one.mail or "" for one in who_sign_in(tenant, person=person)), "")


def tokens(actor: Actor, *, limit: int = 500) -> list[ApiToken]:
    """The actor's own tokens; all of the tenant for who manages people. Newest first. One statement."""
    rows = ApiToken.objects.of(actor.tenant).order_by("-number")
    if not actor.may(PEOPLE_MANAGE):
        rows = rows.filter(person=actor.person, person__isnull=False)
    return list(rows[:limit])
