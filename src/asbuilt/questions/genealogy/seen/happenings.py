"""What happened to a unit, in the order in which it happened on the floor: facts put into the words of a life.

Material runs of one machine and day are one event, because nobody reads a hundred reels one by one; each keeps its source.
An event says its kind and its cells; the sentence is the door's, in the reader's language.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.designed.catalog.readings import SOFTWARE
from asbuilt.formats.measurements import RUN
from asbuilt.kernel.instants import DAY_US
from asbuilt.questions.genealogy.answering import sources
from asbuilt.questions.genealogy.answering.sources import Recorded, Source

NAMED, PLACED, PROCESSED, REPLACED = "named", "placed", "processed", "replaced"
BUILT_IN, HOLDS, TAKEN_OUT, LET_OUT = "built_in", "holds", "taken_out", "let_out"
SENT_OUT, TAKEN_BACK = "sent_out", "taken_back"
PROGRAMMED, TESTED, SHIPPED, STATED = "programmed", "tested", "shipped", "stated"
PACKED, UNPACKED, MARKETED, RETURNED, CONCEDED = "packed", "unpacked", "marketed", "returned", "conceded"
STANDS_FOR = "stands_for"
MAIN_KINDS = frozenset({REPLACED, PROGRAMMED, SHIPPED, SENT_OUT, TAKEN_BACK, MARKETED, RETURNED, CONCEDED})
READINGS_SHOWN_MAX = 8


@dataclass(frozen=True)
class Event:
    """One thing that happened: when (None: not recorded), until when, its cells, who (badge or empty), what says so.

    `units` is how many units the fact speaks of; `parts` are the facts of a joined event; `other` names the other unit of an
    assembly; `bad` marks what failed, `main` what changes the unit.
    """

    kind: str
    at: int | None
    until: int | None
    cells: dict = field(hash=False)
    who: str
    source: Source | None
    units: int = 1
    parts: tuple["Event", ...] = ()
    other: str = ""
    bad: bool = False
    last: bool = False

    @property
    def main(self) -> bool:
        """Whether the event changed what the unit is, carries or where it is."""
        return self.kind in MAIN_KINDS


def of(
    stand: list[Recorded], unit: int, people: dict[int, str], names: dict[int, str], parties: dict[str, str]
) -> list[Event]:
    """The events of these facts by time, undated ones first; `parties` gives a party's code its name. No statement."""
    found: list[Event] = []
    for one in stand:
        found += _events(one, unit, people.get(one.cells.get("operator"), ""), names, parties)
    found = [
        *_joined([event for event in found if event.kind == PLACED]),
        *(event for event in found if event.kind != PLACED),
    ]
    found.sort(
        key=lambda event: (
            event.at is not None,
            event.at or 0,
            event.until or 0,
            event.source.entry if event.source else 0,
        )
    )
    return _last_tests(found)


def _events(one: Recorded, unit: int, who: str, names: dict[int, str], parties: dict[str, str]) -> Iterable[Event]:
    cells, source, units = one.cells, one.source, sum(until - first for first, until in one.spans)
    match one.shape:
        case sources.UNIT:
            yield Event(STATED, None, None, cells, "", source)
        case sources.NAME:
            yield Event(NAMED, one.at("from_at"), None, cells, "", source)
        case sources.MATERIAL:
            yield Event(PLACED, one.at("happened_at"), None, cells, "", source, units)
        case sources.PROCESS:
            said = {**cells, "values": readings(cells.get("readings"))}
            bad = cells["result"] in ("failed", "aborted")
            yield Event(PROCESSED, one.at("started_at"), one.at("finished_at"), said, who, source, units, bad=bad)
        case sources.REPLACEMENT:
            yield Event(REPLACED, one.at("happened_at"), None, cells, who, source)
        case sources.ASSEMBLY:
            inner = cells["child"] == unit
            other = names.get(cells["parent"] if inner else cells["child"], "")
            yield Event(BUILT_IN if inner else HOLDS, one.at("happened_at"), None, cells, "", source, other=other)
            if cells["removed_at"]:
                yield Event(TAKEN_OUT if inner else LET_OUT, one.at("removed_at"), None, cells, "", source, other=other)
        case sources.PROGRAMMING:
            yield Event(PROGRAMMED, one.at("happened_at"), None, cells, who, source, bad=cells["result"] != "pass")
        case sources.TEST:
            said = {**cells, "values": readings(cells.get("measurements"))}
            bad = cells["outcome"] != "pass"
            yield Event(TESTED, one.at("started_at"), one.at("finished_at"), said, who, source, bad=bad)
        case sources.SENT_OUT:
            said = {**cells, "party": parties.get(cells["party"], cells["party"])}
            yield Event(SENT_OUT, one.at("sent_at"), None, said, who, source, units)
        case sources.TAKEN_BACK:
            yield Event(
                TAKEN_BACK, one.at("back_at"), None, cells, who, source, units, bad=cells["result"] != "completed"
            )
        case sources.PACKED:
            kind = PACKED if cells["action"] == "in" else UNPACKED
            yield Event(kind, one.at("happened_at"), None, cells, who, source)
        case sources.PLACING:
            said = {**cells, "party": parties.get(cells["party"], cells["party"])}
            yield Event(MARKETED, one.at("placed_at"), None, said, who, source)
        case sources.RETURN:
            said = {**cells, "party": parties.get(cells["party"], cells["party"])}
            other = names.get(cells["replacement"], "")
            if (
                cells["replacement"] == unit
            ):  # told of the unit that came back; here it says for which one this one stands
                said, other = {**said, "event": STANDS_FOR}, names.get(cells["unit"], "")
            yield Event(RETURNED, one.at("happened_at"), None, said, who, source, other=other)
        case sources.CONCESSION:
            yield Event(CONCEDED, one.at("happened_at"), None, cells, who, source)
        case sources.SHIPMENT:
            customer = parties.get(cells["customer"], cells["customer"])
            said = {**cells, "customer": customer, "placed_at": one.at("placed_on_market_at")}
            yield Event(SHIPPED, one.at("shipped_at"), None, said, "", source, units)


def readings(text: str | None) -> list[tuple[str, str]]:
    """Readings or measurements as (name, value), flat and short; the software of the machine first, whatever is cut off."""
    try:
        said = json.loads(text) if text else {}
    except ValueError:
        return [("", text)]
    if not isinstance(said, dict):
        return [("", str(text))]
    flat = [(str(name), _short(value)) for name, value in said.items() if name != RUN]
    flat.sort(key=lambda pair: pair[0] != SOFTWARE)
    return [(name, value[:200]) for name, value in flat[:READINGS_SHOWN_MAX]]


def _short(value: object) -> str:
    """A measurement as its value with its unit, else as its verdict; a list of defects as how many."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return str(len(value))
    if isinstance(value, dict):
        if value.get("value") not in (None, ""):
            return f"{value['value']} {value.get('units', '')}".strip()
        if value.get("result"):
            return str(value["result"])
    return json.dumps(value)


def _joined(placed: list[Event]) -> list[Event]:
    """Material by machine and day, as one event of the first time."""
    same: dict[tuple, list[Event]] = {}
    for event in placed:
        day = None if event.at is None else event.at // DAY_US
        same.setdefault((event.cells["machine"], day), []).append(event)
    joined = []
    for (machine, _), events in same.items():
        events.sort(key=lambda event: (event.at or 0, event.cells["refdes"]))
        positions = sum(len(event.cells["refdes"].split()) for event in events)
        cells = {
            "machine": machine,
            "packages": len({event.cells["package"] for event in events}),
            "positions": positions,
        }
        joined.append(Event(PLACED, events[0].at, None, cells, "", None, parts=tuple(events)))
    return joined


def _last_tests(found: list[Event]) -> list[Event]:
    """Mark the run of each plan that counts: the one that ended last."""
    last: dict[str, int] = {}
    for place, event in enumerate(found):
        if event.kind == TESTED:
            plan = event.cells["plan"]
            if plan not in last or (event.until or 0) >= (found[last[plan]].until or 0):
                last[plan] = place
    counting = set(last.values())
    return [
        event if place not in counting else Event(**{**event.__dict__, "last": True})
        for place, event in enumerate(found)
    ]
