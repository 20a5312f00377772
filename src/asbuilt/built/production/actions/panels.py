"""Panels on the floor: the next units of an order are put on a panel; positions that are crossed out are units not built.

    put_on_panel(actor, order="WO-9", panel="PN-0007", skipped=[3], request_key=key)

The units come in the order of the order, the positions in that of the product's panel map (1, 2, 3 …). Each becomes a row of units.csv,
planned or skipped: a skipped position (X-out) is in no answer and gets no serial number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MARK_READ
from asbuilt.built.production import events
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.intake.units import UnitsIntake
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.designed.catalog.limits import refuse_long_texts
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX, panel_map
from asbuilt.kernel.errors import Conflict, Invalid
from asbuilt.ledger import sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import reading


@dataclass(frozen=True)
class OnPanel:
    """Units on a panel: places in the order of the first and last one, positions that are skipped, the entry."""

    order: str
    panel: str
    first: int
    last: int
    skipped: tuple[int, ...]
    entry: int


def put_on_panel(
    actor: Actor,
    *,
    order: str,
    panel: str,
    positions: int | None = None,
    skipped: Sequence[int] = (),
    request_key: str | None = None,
) -> OnPanel:
    """The order's next units lie on this panel. Without a panel map `positions` says how many.

    Conflict where the panel's code is taken, Invalid where the order has too few units left or a position is not there.
    """
    actor.require(MARK_READ)
    refuse_long_texts(200, panel=panel)
    content = digest(b"panel", order.encode(), panel.encode(), repr(positions).encode(), repr(sorted(skipped)).encode())
    try:
        with recording(actor, events.PANEL_FILLED, request_key=request_key, content=content) as entry:
            row = Orders(entry.tenant).by_code(order)
            if row is None:
                raise order_unknown(order)
            names = _positions(entry.tenant, row, positions)
            _refuse(entry.tenant, panel, names, skipped)
            said = [
                {"order": order, "serial": "-", "panel": panel, "position": str(name),
                 "state": "skipped" if name in skipped else "planned"}
                for name in names
            ]  # fmt: skip
            state_rows(entry, UnitsIntake, checked_rows("units", said))
            entry.notes = {"order": order, "panel": panel}
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return _said(actor.tenant, number)


def _positions(tenant: int, order: OrderRow, positions: int | None) -> list[int]:
    found = panel_map(tenant, order.product, order.revision)
    if found is not None:
        return list(found.positions)
    if positions is None or not 1 <= positions <= PANEL_PLACES_MAX:
        facts = {"field": "positions", "value": positions}
        remedy = f"Say how many units a panel has, 1 to {PANEL_PLACES_MAX:,}, or set a panel map on the product's page."
        raise Invalid("production.panel_size", f"{order.code} builds a product without a panel map.", facts, remedy)
    return list(range(1, positions + 1))


def _refuse(tenant: int, panel: str, names: list[int], skipped: Sequence[int]) -> None:
    strange = sorted(set(skipped) - set(names))
    if strange:
        facts = {"field": "skipped", "positions": strange[:20]}
        remedy = f"The panel has positions {names[0]} to {names[-1]}."
        raise Invalid("production.panel_position_unknown", f"The panel has no position {strange[0]}.", facts, remedy)
    sql = "SELECT 1 FROM production_panel WHERE tenant = %s AND code = %s AND until_entry IS NULL LIMIT 1"
    if panel and reading.fetch_one(sql, (tenant, panel)):
        facts = {"field": "panel", "value": panel}
        remedy = "Scan the panel's own code; withdraw the rows of units.csv where it was scanned by mistake."
        raise Conflict("production.panel_taken", f"Units lie on panel {panel} already.", facts, remedy)
    if not panel:
        remedy = "Scan it, or type it."
        raise Invalid("production.panel_missing", "The panel's code is missing.", {"field": "panel"}, remedy)


def _said(tenant: int, number: int) -> OnPanel:
    """What an entry recorded."""
    sql = "SELECT count FROM ledger_entry_facts WHERE tenant = %s AND entry = %s AND shape = %s"
    count = reading.fetch_one(sql, (tenant, number, events.UNIT.name))[0]
    facts = [fact_row(tenant, number, events.UNIT.name, row) for row in range(count)]
    order = Orders(tenant).of_unit(facts[0].values[0])
    first, last = (order.place_of(fact.values[0]) for fact in (facts[0], facts[-1]))
    skipped = tuple(int(fact.values[4]) for fact in facts if fact.values[5] == "skipped")
    return OnPanel(order.code, facts[0].values[3], first, last, skipped, number)
