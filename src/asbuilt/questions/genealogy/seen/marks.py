"""Marks to print, laser and look at: of one unit, or of the units of an order at their places on the panel."""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.marks import mark_content
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.designed.catalog.panel_maps import PanelMap, panel_map
from asbuilt.designed.catalog.rules import MarkRule, mark_rule
from asbuilt.formats.marks import MARKS_MAX, Placed, dxf, matrix_of, png, svg
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.answering.lookup import identity_of, refuse_unseen, unit_of, view_of
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import SKIPPED, View
from asbuilt.storage import reading

RESULTS = ("pass", "wrong", "unreadable")
IN_A_ROW = 10
APART_UM = 2_000
KINDS = {"svg": "image/svg+xml", "png": "image/png", "dxf": "image/vnd.dxf"}


@dataclass(frozen=True)
class MarkSeen:
    """The mark of a unit: its text, whether it is GS1, its size in modules, and the last reading (result, text, when) or None."""

    name: str
    text: str
    gs1: bool
    modules: int
    module_um: int
    reading: tuple[str, str, int] | None


def unit_mark(actor: Actor, code: str) -> MarkSeen | None:
    """The mark of the unit with this code; None where it has no serial number. NotFound where the reader sees none."""
    with reading.snapshot():
        view = view_of(actor)
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        if not who.named:
            return None
        _, content = mark_content(view.tenant, unit)
        rule = mark_rule(view.tenant, who.product_number)
        return MarkSeen(
            who.name, content.text, content.gs1, len(matrix_of(content)) - 2, rule.module_um, _last_reading(view, unit)
        )


def unit_mark_file(actor: Actor, code: str, kind: str) -> bytes:
    """The mark as svg, png or dxf. Refused where the unit has no serial number."""
    _refuse_kind(kind, KINDS)
    with reading.snapshot():
        view = view_of(actor)
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        _, content = mark_content(view.tenant, unit)
        matrix, size = matrix_of(content), mark_rule(view.tenant, who.product_number).module_um
        return png(matrix) if kind == "png" else _written(kind, [Placed(matrix, size)])


def order_marks_file(actor: Actor, code: str, kind: str, *, first: int, last: int, side: str = "top") -> bytes:
    """The marks of places first to last of an order, as svg or dxf: one panel by its map, else in rows of ten.

    Skipped positions get none. Refused where a unit has no serial number or the panel has fewer positions.
    """
    _refuse_kind(kind, ("svg", "dxf"))
    with reading.snapshot():
        view = view_of(actor)
        order = Orders(view.tenant).by_code(code)
        if order is None:
            raise unknown("order", code, ())
        refuse_unseen(view, "order", code, bitmap_of(order.blocks))
        units = _units(view, order, first, last)
        panel, rule = panel_map(view.tenant, order.product, order.revision), mark_rule(view.tenant, order.product)
        placed = _on_panel(view, units, panel, rule, side) if panel else _in_rows(view, units, rule)
    return _written(kind, placed)


def _written(kind: str, placed: list[Placed]) -> bytes:
    return svg(placed) if kind == "svg" else dxf(placed)


def _refuse_kind(kind: str, kinds) -> None:
    if kind not in kinds:
        facts = {"field": "format", "value": kind[:20]}
        raise Invalid(
            "question.mark_format", f"Marks are not written as {kind[:20]}.", facts, f"Use {' or '.join(kinds)}."
        )


def _units(view: View, order: OrderRow, first: int, last: int) -> list[int]:
    if not 1 <= first <= last <= order.quantity or last - first >= MARKS_MAX:
        remedy = f"Give places from 1 to {order.quantity:,}, at most {MARKS_MAX:,} at once."
        facts = {"field": "first", "first": first, "last": last}
        raise Invalid("question.mark_places", f"{order.code} has no places {first} to {last}.", facts, remedy)
    units = BitMap(order.unit_at(place) for place in range(first, last + 1))
    return list(view.limit(units - view.state_units(SKIPPED, over=units)))


def _in_rows(view: View, units: list[int], rule: MarkRule) -> list[Placed]:
    placed = []
    for n, unit in enumerate(units):
        matrix = matrix_of(mark_content(view.tenant, unit)[1])
        step = len(matrix) * rule.module_um + APART_UM
        placed.append(Placed(matrix, rule.module_um, n % IN_A_ROW * step, -(n // IN_A_ROW) * step))
    return placed


def _on_panel(view: View, units: list[int], panel: PanelMap, rule: MarkRule, side: str) -> list[Placed]:
    places = {place.position: place for place in panel.side(side)}
    if not places:
        facts = {"field": "side", "value": side[:20]}
        raise Invalid("question.mark_side", f"Panel {panel.name} has no {side[:20]} side.", facts, "Use top or bottom.")
    at = _positions(view, units)
    if set(at) != set(units):  # no panel is recorded: along the positions
        at = dict(zip(units, sorted(places), strict=False))
    if len(units) > len(set(at.values()) & set(places)):
        raise Refused(
            "question.mark_panel_full",
            f"Panel {panel.name} has {len(places)} positions; {len(units)} units do not fit one panel.",
            {"positions": len(places), "units": len(units)},
            "Take the units of one panel at a time.",
        )
    placed = []
    for unit in units:
        place = places[at[unit]]
        matrix = matrix_of(mark_content(view.tenant, unit)[1])
        placed.append(Placed(matrix, rule.module_um, place.x_um, place.y_um, place.rotation))
    return placed


def _positions(view: View, units: list[int]) -> dict[int, int]:
    """Unit -> its position on the panel, for those of which one is recorded as a number."""
    sql = (
        "SELECT t.first_unit, t.until_unit, t.positions FROM production_panel t WHERE t.tenant = %s AND t.first_unit <= %s "
        "AND t.until_unit > %s"
    ) + view.seen("t")
    found = {}
    for first, until, positions in reading.fetch(sql, (view.tenant, max(units, default=0), min(units, default=0))):
        names = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
        found |= {first + n: int(name) for n, name in enumerate(names) if name.isdecimal()}
    return {unit: found[unit] for unit in units if unit in found}


def _last_reading(view: View, unit: int) -> tuple[str, str, int] | None:
    sql = (
        "SELECT m.result, m.read, m.happened_at FROM production_mark_reading m WHERE m.tenant = %s AND m.unit = %s"
        + view.seen("m")
        + " ORDER BY m.happened_at DESC, m.entry DESC LIMIT 1"
    )
    row = reading.fetch_one(sql, (view.tenant, unit))
    return (RESULTS[row[0]], row[1], row[2]) if row else None
