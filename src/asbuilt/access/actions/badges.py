"""Badges: what a person scans at a programming station. A secret of its own, shown once, kept as a hash only.

Code and name of a person stand in records and on papers, so neither opens anything at a station; a badge is 256 random
bits, and nobody finds it from its hash in a bulletin. One badge a person: a new one ends the one before, lost or not.
"""

from asbuilt.access import credentials, errors, events
from asbuilt.access.actions.requests import asked
from asbuilt.access.actor import Actor
from asbuilt.access.models import Badge
from asbuilt.access.queries import login_of_person, person_there
from asbuilt.access.rights import PEOPLE_MANAGE
from asbuilt.kernel.station_documents import badge_sha256
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "number", "hash", "person", "issued_at", "entry")


def issue_badge(actor: Actor, *, person: int, request_key: str | None = None) -> str:
    """The secret of a new badge; an older one of this person opens nothing once the stations hear of it.

    Refused for a person who cannot sign in, or whom the floor knows by no code: a station's record could not name them.
    """
    actor.require(PEOPLE_MANAGE)
    with recording(actor, events.BADGE_ISSUED, request_key=request_key, content=asked(person)) as entry:
        who = person_there(actor.tenant, person)
        login = login_of_person(actor.tenant, person)
        if login is None or not login.active:
            raise errors.login_missing(person)
        if not who.code:
            raise errors.code_missing(person)
        before = _ended(actor.tenant, person, entry.number)
        sql = "SELECT max(number) FROM access_badge WHERE tenant = %s"
        number = (reading.fetch_one(sql, (actor.tenant,))[0] or 0) + 1
        secret = credentials.new_secret(credentials.BADGE, actor.tenant)
        said = (number, badge_sha256(secret), person, clock.now(), entry.number)
        bulk.insert_rows("access_badge", COLUMNS, [(actor.tenant, *said)])
        entry.notes = {"badge": number, "person": person, "replaces": before}
    sequencing.after_commit(actor.tenant)
    return secret


def revoke_badge(actor: Actor, *, person: int, request_key: str | None = None) -> None:
    """The person's badge opens nothing once the stations hear of it. Twice changes nothing."""
    actor.require(PEOPLE_MANAGE)
    with recording(actor, events.BADGE_REVOKED, request_key=request_key, content=asked(person)) as entry:
        person_there(actor.tenant, person)
        entry.notes = {"badge": _ended(actor.tenant, person, entry.number), "person": person}
    sequencing.after_commit(actor.tenant)


def _ended(tenant: int, person: int, entry: int) -> int | None:
    """The number of the badge that was valid until now, or None."""
    rows = Badge.objects.of(tenant).filter(person=person, revoked_by=None)
    valid = rows.first()
    rows.update(revoked_by=entry)
    return valid.number if valid else None
