"""Marks on units: read back before the unit goes on, and RFID tags as one more name.

    read_mark(actor, unit="WO-9#3", read="]d2010950600013435221AB-00034", station="MARK-1", request_key=key)

- What a mark should hold follows from the unit's serial number and its product's mark rule. What was read is compared and recorded, also
  where it is wrong or nothing could be read; then it is refused with what was read.
- A picture is kept as evidence.
- An EPC is a name of kind `EPC`, 24 hex digits (SGTIN-96); a tag names one unit or package, for good.
"""

from dataclasses import dataclass
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import MARK_READ
from asbuilt.built.production import events
from asbuilt.built.production.intake.mark_readings import MarkReadingsIntake
from asbuilt.built.production.marks import mark_content
from asbuilt.built.production.orders import Orders, one_unit
from asbuilt.designed.catalog.limits import refuse_long_texts
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.formats.marks import TEXT_CHARACTERS_MAX, read_picture, shown
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

PASS, WRONG, UNREADABLE = "pass", "wrong", "unreadable"


@dataclass(frozen=True)
class MarkRead:
    """A mark that is its unit's own: the unit's place (ORDER#n), its serial number, what was read, the entry."""

    unit: str
    serial: str
    read: str
    entry: int


def read_mark(
    actor: Actor,
    *,
    unit: str,
    read: str | None = None,
    picture: bytes | None = None,
    station: str = "",
    request_key: str | None = None,
) -> MarkRead:
    """The unit's mark was read and is its own. Give the scanned text, or a picture of the mark (PNG or JPEG).

    Refused `production.mark_wrong` or `production.mark_unreadable` with what was read; the reading is recorded all the same.
    """
    actor.require(MARK_READ)
    if (read is None) == (picture is None):
        facts = {"field": "read"}
        raise Invalid("production.mark_one_way", "A mark is read from a text or a picture.", facts, "Give one of them.")
    refuse_long_texts(TEXT_CHARACTERS_MAX, read=read or "")
    refuse_long_texts(200, station=station)
    one_unit(actor.tenant, unit)
    found = [read] if picture is None else [mark.text for mark in read_picture(picture)]
    content = digest(b"read", unit.encode(), (read or "").encode(), picture or b"", station.encode())
    try:
        with recording(actor, events.MARK_READ, request_key=request_key, content=content) as entry:
            number = entry.number
            if picture is not None:
                evidence.keep(entry.tenant, BytesIO(picture), "mark", "import").record(entry)
            _record(entry, actor, unit, found, station)
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return _outcome(actor.tenant, number)


def _record(entry: Entry, actor: Actor, code: str, found: list[str], station: str) -> None:
    unit = one_unit(entry.tenant, code)
    serial, _ = mark_content(entry.tenant, unit)
    order = Orders(entry.tenant).of_unit(unit)
    rule = mark_rule(entry.tenant, order.product)
    texts = [text for text in found if text.strip()]
    right = next((text for text in texts if rule.same(text, serial)), None)
    result = PASS if right is not None else WRONG if texts else UNREADABLE
    place = f"{order.code}#{order.place_of(unit)}"
    person = next(iter(People(entry.tenant, entry.number).codes([actor.person]).values()), "")
    row = {
        "serial": place, "read": shown(right if right is not None else " ".join(texts)), "result": result, "station": station,
        "operator": person, "happened_at": format_instant(clock.now()),
    }  # fmt: skip
    state_rows(entry, MarkReadingsIntake, checked_rows("mark_readings", [row]))
    entry.notes = {"result": result, "unit": place}


def _outcome(tenant: int, number: int) -> MarkRead:
    """What an entry recorded of a mark, as answer or refusal; the same each time it is asked."""
    unit, read, result, *_ = fact_row(tenant, number, events.MARK_READING.name, 0).values
    order = Orders(tenant).of_unit(unit)
    place = f"{order.code}#{order.place_of(unit)}" if order else str(unit)
    serial, content = mark_content(tenant, unit)
    if result == PASS:
        return MarkRead(place, serial, read, number)
    facts = {"unit": place, "serial": serial, "expected": content.text, "read": read, "entry": number}
    if result == WRONG:
        remedy = "Take the unit out, look at its mark and its place on the panel."
        raise Refused(
            "production.mark_wrong", f"{place} should read {content.text}; its mark reads {read}.", facts, remedy
        )
    remedy = "Clean it and read it again; mark the unit anew where it stays unreadable."
    raise Refused("production.mark_unreadable", f"Nothing could be read of the mark of {place}.", facts, remedy)
