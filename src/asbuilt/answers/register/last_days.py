"""The last days of change notices call out: at set parts of the time until a last buy, a last ship or an answer, brand owners and the house are told.

    warn(tenant, now)   -> how many dates called; by the worker, or `asbuilt change-notice warn`

Each manufacturer of a product that uses a part of the notice is told on the list of ASBUILT_MAIL_LISTS that has its party's code as name, with its
own products alone; the house on the list that `ASBUILT_CHANGE_NOTICE_LIST` names, with all. Nobody is told at an address that no list names; who
has no list stands in the line. Parts of the time: `ASBUILT_CHANGE_NOTICE_PERCENT`. What was told is a line of the notice, written in the transaction
that leaves the mails: a restart tells nothing twice, a day that moves calls again. A notice that was decided so that nothing is to be bought calls nobody.
"""

import logging
import os
from datetime import UTC, datetime

from asbuilt.access.actor import local_system
from asbuilt.designed.changes import events
from asbuilt.designed.changes.said.lines import write
from asbuilt.designed.changes.sourcing.actions import note_warnings
from asbuilt.designed.changes.sourcing.notice_file import WARNING_DATES, ChangeNotice
from asbuilt.designed.changes.sourcing.queries import standing_notices
from asbuilt.designed.parties.queries import code_of, names_of
from asbuilt.kernel.errors import AsbuiltError, Invalid
from asbuilt.kernel.instants import DAY_US, parse_date
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording
from asbuilt.questions.genealogy.answering.where_used import owners_of, parts_used, products_using
from asbuilt.storage import mail, outbox, reading
from asbuilt.storage.transactions import write_tx

PERCENT = (50, 75, 90, 100)
CALLS_AT_ONCE_MAX = 200
PRODUCTS_NAMED_MAX = 50
_STILL = ("change_order", "last_buy", "alternate")
"""Decisions after which the last days of buying still matter."""
WORDS = {"answer_by": "answer to the maker", "last_buy": "last order", "last_ship": "last delivery"}
_log = logging.getLogger(__name__)


def fractions() -> tuple[int, ...]:
    """Percent of the time at which somebody is told, ascending; Invalid where the setting is malformed."""
    said = os.environ.get("ASBUILT_CHANGE_NOTICE_PERCENT", "").strip()
    if not said:
        return PERCENT
    parts = [part.strip() for part in said.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < int(part) <= 100 for part in parts) or len(parts) > 20:
        told = f"ASBUILT_CHANGE_NOTICE_PERCENT holds {said[:60]}."
        remedy = "Write whole numbers from 1 to 100 with commas, at most 20."
        raise Invalid("register.notice_percent", told, {}, remedy)
    return tuple(sorted({int(part) for part in parts}))


def warn(tenant: int, now: int) -> int:
    """Tell what has to be told at this instant (UTC µs); returns how many dates called."""
    parts = fractions()
    if not any(_due(one, parts, now) for one in standing_notices(tenant)):
        return 0
    with write_tx(tenant):
        calls = [(one, *due) for one in standing_notices(tenant) for due in _due(one, parts, now)][:CALLS_AT_ONCE_MAX]
        if not calls:  # another worker told them meanwhile
            return 0
        with recording(local_system(tenant), events.NOTICE_WARNED) as entry:
            warned = []
            for notice, name, day, percent in calls:
                told = _tell(tenant, notice, name, day, percent)
                warned.append((notice.code, name, day, percent, told))
            write(entry, note_warnings(entry, warned), None)
    sequencing.after_commit(tenant)
    return len(calls)


def warn_everybody(now: int) -> int:
    """The same for every tenant; one that cannot holds up no other."""
    count = 0
    for (tenant,) in reading.fetch("SELECT DISTINCT tenant FROM changes_line WHERE kind = %s", ("notice_taken",)):
        try:
            count += warn(tenant, now)
        except AsbuiltError as refusal:
            _log.warning("last days of change notices: %s", refusal.message)
    return count


def _due(notice: ChangeNotice, parts: tuple[int, ...], now: int) -> list[tuple[str, str, int]]:
    """(date, its day, part of the time that is gone): the dates that have to call now. The time runs from when the notice was taken."""
    going = notice.open or notice.decision.name in _STILL
    found = []
    for name in WARNING_DATES if notice.open else WARNING_DATES[1:] if going else ():
        day = notice.dates.get(name)
        if not day:
            continue
        ends = _end_of(day)
        length = max(ends - notice.taken_at, 1)
        passed = [part for part in parts if notice.taken_at + length * part // 100 <= now]
        told = max((percent for which, on, percent in notice.warned if (which, on) == (name, day)), default=0)
        if passed and passed[-1] > told:
            found.append((name, day, passed[-1]))
    return found


def _end_of(day: str) -> int:
    date = parse_date(day)
    return int(datetime(date.year, date.month, date.day, tzinfo=UTC).timestamp()) * 1_000_000 + DAY_US


def _tell(tenant: int, notice: ChangeNotice, name: str, day: str, percent: int) -> dict:
    """Leave the mails; returns who was told on which lists, and who has none."""
    lists = mail.mail_lists()
    used = {part for one in parts_used(tenant, notice) for part in one.parts}
    products = {row["product"] for row in products_using(tenant, used)} if used else set()
    by_owner: dict[int | None, list[str]] = {}
    for product, owner in owners_of(tenant, products).items():
        by_owner.setdefault(owner, []).append(product)
    told, without = [], []
    for owner, mine in sorted(by_owner.items(), key=lambda one: one[0] or 0):
        code = code_of(tenant, owner) if owner is not None else ""
        if code and code in lists:
            _leave(tenant, code, notice, name, day, percent, mine)
            told.append(code)
        else:
            without.append(names_of(tenant, [owner])[owner] if owner is not None else "manufacturer not said")
    house = os.environ.get("ASBUILT_CHANGE_NOTICE_LIST", "").strip()
    if house:
        _leave(tenant, mail.list_known(house), notice, name, day, percent, sorted(products))
        told.append(house)
    return {"lists": sorted(told), "without": sorted(without)}


def _leave(tenant: int, to: str, notice: ChangeNotice, name: str, day: str, percent: int, products: list[str]) -> None:
    subject = f"{notice.maker} {notice.number}: {WORDS[name]} until {day}, {percent} % of the time is gone"
    named = ", ".join(products[:PRODUCTS_NAMED_MAX]) or "none known"
    lines = [
        f"{notice.code} {notice.maker} {notice.number}: {notice.title}",
        f"Parts: {', '.join(one.mpn for one in notice.parts[:PRODUCTS_NAMED_MAX])}",
        f"{WORDS[name]}: {day}",
        f"Products with these parts: {named}",
        f"State: {'open' if notice.open else notice.decision.name}",
    ]
    outbox.leave(tenant, mail.CHANNEL, to, mail.letter(subject, "\n".join(lines) + "\n"))
