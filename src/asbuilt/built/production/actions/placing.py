"""Place by hand: a package feeds positions of units without a machine (through-hole parts, wires). Called by the gate alone.

    place_by_hand(actor, spans=[(4001, 4009)], refdes=["X1", "X2"], package="PK-000117", station="BENCH-2", request_key=key)

The same checks as at a feeder. Each stretch of units is one row of materials.csv with the station in the place of the machine;
a position that certainly holds another package already is a Conflict: that is a replacement, recorded as rework.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import SETUP_CHANGE
from asbuilt.built.production import events
from asbuilt.built.production.actions.mounting import mounted_elsewhere
from asbuilt.built.production.feeding import parts_at
from asbuilt.built.production.intake.materials import MaterialsIntake
from asbuilt.built.production.mounting_checks import Use, refuse_stopped, stops_of
from asbuilt.built.production.orders import Orders, named_spans
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.positions import label_of
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording

POSITIONS_MAX = 500
NAME_CHARACTERS_MAX = 200
_NOT_THERE = frozenset({"supply.package_unknown", "production.position_unknown"})


def place_by_hand(
    actor: Actor,
    *,
    spans: Sequence[Span],
    refdes: Sequence[str],
    package: str,
    station: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """Record it, as of now or of then; returns the entry. Refused for what stops the package, NotFound for a position that the BOM does not have."""
    actor.require(SETUP_CHANGE)
    label = label_of(refdes)
    if not label or len(refdes) > POSITIONS_MAX or len(station) > NAME_CHARACTERS_MAX:
        said = f"1 to {POSITIONS_MAX} positions are placed at once; a station has at most {NAME_CHARACTERS_MAX} characters."
        raise Invalid("production.placing_text", said, {"field": "refdes"}, "Name the positions, blank-separated.")
    given = (sorted(spans), label, package, station)
    content = digest(repr(given if happened_at is None else (*given, happened_at)).encode())
    try:
        with recording(actor, events.PLACED_BY_HAND, request_key=request_key, content=content) as entry:
            moment = entry.recorded_at if happened_at is None else happened_at
            _refuse(actor.tenant, spans, label, package, moment)
            at = format_instant(moment)
            rows = [
                [first.rpartition("#")[0], label, package, first, last, "certain", station, "", at, ""]
                for first, last in named_spans(actor.tenant, spans)
            ]
            checked = checked_rows("materials", [named("materials", row) for row in rows])
            state_rows(entry, MaterialsIntake, checked, missing=_NOT_THERE, person=actor.person)
            entry.notes = {"package": package[:200], "units": sum(until - first for first, until in spans)}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _refuse(tenant: int, spans: Sequence[Span], label: str, code: str, at: int) -> None:
    """What stops the package, order by order. An unknown package or position is for materials.csv to name."""
    package = PackageFinder(tenant).find([code]).get(code)
    if package is None:
        return
    elsewhere = mounted_elsewhere(tenant, code)
    stops, orders, seen = [elsewhere] if elsewhere else [], Orders(tenant), set()
    for first, _ in spans:
        order = orders.of_unit(first)
        if order is None or order.number in seen:
            continue
        seen.add(order.number)
        parts = parts_at(tenant, order.bom)
        uses = [
            Use(package, position, frozenset([parts[position]])) for position in label.split(" ") if position in parts
        ]
        onto = [span for span in spans if order.place_of(span[0]) is not None]
        for found in stops_of(tenant, order, uses, at, onto):
            stops += [stop for stop in found if stop.code not in {one.code for one in stops}]
    refuse_stopped(stops)
