"""One-time links: the only way in for a new person, and the way back for one who forgot the password.

No default password exists. The first start makes a link for the first administrator; it is printed once, ends after
three days, and a newer one voids it. Opening the page does not use the link up, sending the form does.
"""

import unicodedata
from dataclasses import dataclass

from asbuilt.access import credentials, errors, events
from asbuilt.access.actions.requests import asked, same_names
from asbuilt.access.actions.roles_of import checked_roles
from asbuilt.access.actor import Actor, local_system, person_actor
from asbuilt.access.models import OneTimeLink
from asbuilt.access.opening import FIRST_TENANT
from asbuilt.access.people import open_person
from asbuilt.access.queries import administrators, person_there, tenant_of_slug
from asbuilt.access.rights import ADMINISTRATOR, PEOPLE_MANAGE
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import Entry, recording
from asbuilt.storage import bulk, reading

FIRST, INVITE = "first", "invite"
FIRST_ROLES = (ADMINISTRATOR, "engineer")  # one who begins alone must be able to import and ask
LINK_SECONDS = 3 * 86_400
NAME_CHARACTERS_MAX, LOGIN_CHARACTERS_MAX = 200, 120
PASSWORD_CHARACTERS_MAX = 256
INVITED_SQL = (
    "SELECT h.value, p.code FROM access_one_time_link l JOIN access_person p ON p.tenant = l.tenant AND p.number = l.person "
    "LEFT JOIN ledger_hidden h ON h.tenant = l.tenant AND h.entry = l.entry WHERE l.tenant = %s AND l.entry = %s"
)
COLUMNS = ("tenant", "number", "hash", "purpose", "person", "roles", "party", "expires_at", "entry")


@dataclass(frozen=True)
class OpenLink:
    """What a link that can still be used is for."""

    tenant: int
    number: int
    purpose: str
    person: int | None
    roles: tuple[str, ...]
    party: int | None


def first_link(slug: str = FIRST_TENANT) -> str | None:
    """The secret of a new link for the first administrator; None where the tenant has one already."""
    tenant = tenant_of_slug(slug).number
    if administrators(tenant):
        return None
    with recording(local_system(tenant), events.FIRST_LINK_MADE) as entry:
        OneTimeLink.objects.of(tenant).filter(purpose=FIRST, used_at=None).update(expires_at=0)
        secret = _new_link(entry, FIRST, None, FIRST_ROLES, None)
    sequencing.after_commit(tenant)
    return secret


def invite(
    actor: Actor,
    *,
    name: str,
    roles: list[str],
    party: int | None = None,
    code: str | None = None,
    request_key: str | None = None,
) -> tuple[int, str]:
    """Open a person with these roles; returns the number and the secret of the link to hand over.

    `code` is what the floor calls the person; a person already known by it is the one invited. The caller has checked that
    `party` is a party of this tenant.
    """
    actor.require(PEOPLE_MANAGE)
    roles = checked_roles(roles, party)
    name = clean("name", name, NAME_CHARACTERS_MAX)
    content = asked(sorted(roles), party, bool(code))
    with (
        same_names(actor.tenant, request_key, INVITED_SQL, name, code),
        recording(actor, events.PERSON_INVITED, request_key=request_key, content=content) as entry,
    ):
        sql = "SELECT number FROM access_person WHERE tenant = %s AND code = %s"
        known = reading.fetch_one(sql, (actor.tenant, code)) if code else None
        person = known[0] if known else open_person(entry, name, code or None)
        if known:
            _refuse_second_login(actor.tenant, person)
            _rename(entry, person, name)
        secret = _new_link(entry, INVITE, person, roles, party)
        entry.notes = {"party": party, "person": person, "roles": sorted(roles)}
    sequencing.after_commit(actor.tenant)
    return person, secret


def renew_link(actor: Actor, *, person: int, request_key: str | None = None) -> str:
    """A new link for a person whose link is over or whose password is lost; older links of the person end."""
    actor.require(PEOPLE_MANAGE)
    if person_there(actor.tenant, person).erased_by is not None:
        raise errors.person_unknown(person)
    with recording(actor, events.LINK_RENEWED, request_key=request_key, content=asked(person)) as entry:
        sql = "SELECT roles, party FROM access_login WHERE tenant = %s AND person = %s"
        row = reading.fetch_one(sql, (actor.tenant, person)) or _invited(actor.tenant, person)
        if row is None:
            raise errors.login_missing(person)
        _void(actor.tenant, person)
        secret = _new_link(entry, INVITE, person, tuple(row[0].split()), row[1])
        entry.notes = {"person": person}
    sequencing.after_commit(actor.tenant)
    return secret


def link_open(secret: str) -> OpenLink:
    """What the link is for, unused; NotFound where it cannot be used (whatever the reason)."""
    tenant = credentials.tenant_in(credentials.LINK, secret)
    sql = (
        "SELECT number, purpose, person, roles, party, expires_at, used_at FROM access_one_time_link "
        "WHERE tenant = %s AND hash = %s"
    )
    row = reading.fetch_one(sql, (tenant, credentials.hash_of(secret))) if tenant else None
    if row is None or row[6] is not None or row[5] <= clock.now():
        raise errors.link_unusable()
    if row[1] == FIRST and administrators(tenant):
        raise errors.link_unusable()
    return OpenLink(tenant, row[0], row[1], row[2], tuple(row[3].split()), row[4])


def accept_link(secret: str, *, name: str, login: str, password: str) -> Actor:
    """Use the link up: the person gets this name, login and password. Returns the actor."""
    link = link_open(secret)
    name = clean("name", name, NAME_CHARACTERS_MAX)
    login = login_name(login)
    hashed = _hashed(password, login)
    with recording(local_system(link.tenant), events.LINK_ACCEPTED) as entry:
        link = link_open(secret)
        person = link.person if link.person is not None else open_person(entry, name)
        _refuse_taken(link.tenant, person, login)
        _rename(entry, person, name)
        entry.hide(events.hidden_path(person, "login"), login)
        _store_login(entry, person, login, hashed, link)
        used = OneTimeLink.objects.of(link.tenant).filter(number=link.number)
        used.update(used_at=entry.recorded_at, person=person)
        entry.notes = {"person": person, "purpose": link.purpose, "roles": sorted(link.roles)}
    sequencing.after_commit(link.tenant)
    return person_actor(link.tenant, person, frozenset(link.roles), link.party)


def clean(field: str, text: str, longest: int) -> str:
    """The text without blanks around it; Invalid where it is empty, too long or holds control characters."""
    text = unicodedata.normalize("NFC", text or "").strip()
    if not text:
        raise errors.field_wrong(field, f"The {field} is missing.")
    if len(text) > longest:
        raise errors.field_wrong(field, f"The {field} has more than {longest} characters.")
    if any(unicodedata.category(letter).startswith("C") for letter in text):
        raise errors.field_wrong(field, f"The {field} holds a character that cannot be printed.")
    return text


def login_name(login: str) -> str:
    """The form that logins are kept and compared in."""
    return unicodedata.normalize("NFKC", clean("login", login, LOGIN_CHARACTERS_MAX)).casefold()[:LOGIN_CHARACTERS_MAX]


def _hashed(password: str, login: str) -> str:
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if len(password) > PASSWORD_CHARACTERS_MAX:
        raise errors.field_wrong("password", f"The password has more than {PASSWORD_CHARACTERS_MAX} characters.")
    if unicodedata.normalize("NFKC", password).casefold() == login:
        raise errors.field_wrong("password", "The password is the login.")
    try:
        validate_password(password)
    except ValidationError as refusal:
        raise errors.field_wrong("password", " ".join(refusal.messages)) from None
    return make_password(password)


def _new_link(entry: Entry, purpose: str, person: int | None, roles: tuple[str, ...], party: int | None) -> str:
    secret = credentials.new_secret(credentials.LINK, entry.tenant)
    sql = "SELECT max(number) FROM access_one_time_link WHERE tenant = %s"
    number = (reading.fetch_one(sql, (entry.tenant,))[0] or 0) + 1
    ends = clock.now() + LINK_SECONDS * 1_000_000
    said = (number, credentials.hash_of(secret), purpose, person, " ".join(sorted(roles)), party, ends, entry.number)
    bulk.insert_rows("access_one_time_link", COLUMNS, [(entry.tenant, *said)])
    return secret


def _invited(tenant: int, person: int) -> tuple | None:
    sql = "SELECT roles, party FROM access_one_time_link WHERE tenant = %s AND person = %s ORDER BY number DESC LIMIT 1"
    return reading.fetch_one(sql, (tenant, person))


def _void(tenant: int, person: int) -> None:
    OneTimeLink.objects.of(tenant).filter(person=person, used_at=None).update(expires_at=0)


def _refuse_second_login(tenant: int, person: int) -> None:
    sql = "SELECT name FROM access_login WHERE tenant = %s AND person = %s"
    row = reading.fetch_one(sql, (tenant, person))
    if row:
        raise errors.login_taken(row[0])


def _refuse_taken(tenant: int, person: int, login: str) -> None:
    sql = "SELECT person FROM access_login WHERE tenant = %s AND name = %s"
    row = reading.fetch_one(sql, (tenant, login))
    if row and row[0] != person:
        raise errors.login_taken(login)


def _rename(entry: Entry, person: int, name: str) -> None:
    sql = "SELECT name FROM access_person WHERE tenant = %s AND number = %s"
    if reading.fetch_one(sql, (entry.tenant, person))[0] == name:
        return
    bulk.run("UPDATE access_person SET name = %s WHERE tenant = %s AND number = %s", (name, entry.tenant, person))
    entry.hide(events.hidden_path(person, "name"), name)


def _store_login(entry: Entry, person: int, login: str, hashed: str, link: OpenLink) -> None:
    sql = "SELECT 1 FROM access_login WHERE tenant = %s AND person = %s"
    if reading.fetch_one(sql, (entry.tenant, person)):
        sql = "UPDATE access_login SET name = %s, password = %s WHERE tenant = %s AND person = %s"
        bulk.run(sql, (login, hashed, entry.tenant, person))
        return
    columns = ("tenant", "person", "name", "password", "roles", "party", "active", "entry")
    row = (entry.tenant, person, login, hashed, " ".join(link.roles), link.party, True, entry.number)
    bulk.insert_rows("access_login", columns, [row])
