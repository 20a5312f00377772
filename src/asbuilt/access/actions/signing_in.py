"""Signing in: login and password, with attempts counted per login and per address, in the database.

The attempt is counted before the password is looked at, so that many at once gain nothing. The slow hash is computed
outside of the write turn, and for unknown logins too, so that the time of the answer tells nothing.
"""

import secrets
from functools import cache

from asbuilt.access import errors, events
from asbuilt.access.actions.links import LOGIN_CHARACTERS_MAX, PASSWORD_CHARACTERS_MAX, login_name
from asbuilt.access.actor import person_actor
from asbuilt.access.models import Attempt, Login, Tenant
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import bulk, reading
from asbuilt.storage.transactions import write_tx

ATTEMPTS_PER_LOGIN = 10
ATTEMPTS_PER_ADDRESS = 50
WINDOW_SECONDS = 15 * 60
NO_TENANT = 0


def sign_in(*, tenant: str, login: str, password: str, address: str) -> Login:
    """The login of whoever knows login and password; NotSignedIn otherwise, Unavailable after too many attempts.

    `tenant` is its short name, `address` where the request came from.
    """
    from django.contrib.auth.hashers import check_password, make_password

    try:
        name = login_name(login[: LOGIN_CHARACTERS_MAX + 1])
    except Invalid:
        raise errors.wrong_sign_in() from None
    known = Tenant.objects.using("reader").filter(slug=tenant).first()
    number = known.number if known else NO_TENANT
    _count(NO_TENANT, _subject("address", address), ATTEMPTS_PER_ADDRESS)
    _count(number, _subject("login", name), ATTEMPTS_PER_LOGIN)
    row = Login.objects.using("reader").of(number).filter(name=name).first()
    upgraded: list[str] = []
    given = password[: PASSWORD_CHARACTERS_MAX + 1]
    right = check_password(given, row.password if row else _nobodys(), lambda raw: upgraded.append(make_password(raw)))
    if not right or row is None or not row.active:
        raise errors.wrong_sign_in()
    return _signed_in(row, name, upgraded)


def _signed_in(row: Login, name: str, upgraded: list[str]) -> Login:
    actor = person_actor(row.tenant, row.person, frozenset(row.roles.split()), row.party)
    with recording(actor, events.SIGNED_IN) as entry:
        Attempt.objects.of(row.tenant).filter(subject=_subject("login", name)).delete()
        row.last_seen_at = entry.recorded_at
        changed = {"last_seen_at": entry.recorded_at}
        if upgraded:
            row.password = changed["password"] = upgraded[0]
        Login.objects.of(row.tenant).filter(person=row.person).update(**changed)
    sequencing.after_commit(row.tenant)
    return row


@cache
def _nobodys() -> str:
    from django.contrib.auth.hashers import make_password

    # a hash as slow as the real ones, of a password that fits no login
    return make_password(secrets.token_urlsafe(32))


def _subject(kind: str, value: str) -> str:
    from django.utils.crypto import salted_hmac

    return salted_hmac(f"asbuilt.access.attempt.{kind}", value, algorithm="sha256").hexdigest()


def _count(tenant: int, subject: str, limit: int) -> None:
    now = clock.now()
    with write_tx(tenant):
        bulk.run("DELETE FROM access_attempt WHERE began_at <= %s", (now - WINDOW_SECONDS * 1_000_000,))
        sql = "SELECT began_at, count FROM access_attempt WHERE tenant = %s AND subject = %s"
        began, count = reading.fetch_one(sql, (tenant, subject)) or (now, 0)
        if count < limit:
            bulk.run(
                "INSERT INTO access_attempt (tenant, subject, began_at, count) VALUES (%s, %s, %s, 1) "
                "ON CONFLICT (tenant, subject) DO UPDATE SET count = access_attempt.count + 1",
                (tenant, subject, began),
            )
    if count >= limit:
        raise errors.too_many_attempts((began - now) // 1_000_000 + WINDOW_SECONDS)
