"""Defects by how often they were found: codes and places, false calls apart, since they say something of the inspection, not of the unit.

A unit counts once for a code, however often it was found on it; the same at a place. The board map of an order draws the same places.
"""

import json
from collections import defaultdict
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality.defects import MARK, code_of
from asbuilt.built.quality.process_control import whole
from asbuilt.built.quality.series import Scope, narrowed, number_named, of_product
from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.formats.measurements import DEFECTS
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading

RUNS_MAX = 50_000
SHOWN_MAX = 100


@dataclass(frozen=True)
class DefectRow:
    """A code, or a code at a place: on how many units; `share` adds up those before it and its own."""

    code: str
    at: str
    units: int
    found: int
    share: float


@dataclass(frozen=True)
class Pareto:
    """Codes and places, the most frequent first; units with a defect and units looked at; false calls; whether more runs had defects than are counted."""

    codes: tuple[DefectRow, ...]
    places: tuple[DefectRow, ...]
    units: int
    false_calls: int
    false_units: int
    orders: tuple[tuple[str, int], ...]
    cut: bool


def pareto(actor: Actor, scope: Scope) -> Pareto:
    """Of runs that ended in the scope's time; an empty step means every plan. NotFound: no such plan, product, line or station."""
    whole(actor)
    with reading.snapshot():
        rows = _rows(actor.tenant, scope)
        orders = _orders(actor.tenant, rows)
    codes: dict[tuple[str, str], list] = defaultdict(lambda: [BitMap(), 0])
    places: dict[tuple[str, str], list] = defaultdict(lambda: [BitMap(), 0])
    rejected, rejected_units, units = 0, BitMap(), BitMap()
    for unit, text in rows:
        said = json.loads(text)
        listed = said.get(DEFECTS) if isinstance(said, dict) else None
        for one in listed if isinstance(listed, list) else ():
            if not isinstance(one, dict):
                continue
            code, at = code_of(one), str(one.get("at") or "")
            if one.get("verification") in NO_DEFECT:
                rejected += 1
                rejected_units.add(unit)
            elif code:
                units.add(unit)
                for found, key in ((codes, (code, "")), (places, (code, at))):
                    found[key][0].add(unit)
                    found[key][1] += 1
    at_places = {key: value for key, value in places.items() if key[1]}
    return Pareto(
        _ranked(codes), _ranked(at_places), len(units), rejected, len(rejected_units), orders, len(rows) >= RUNS_MAX
    )


def _ranked(found: dict[tuple[str, str], list]) -> tuple[DefectRow, ...]:
    total, added, rows = sum(count for _, count in found.values()), 0, []
    for (code, at), (units, count) in sorted(found.items(), key=lambda one: (-one[1][1], one[0])):
        added += count
        rows.append(DefectRow(code, at, len(units), count, added / total))
    return tuple(rows[:SHOWN_MAX])


def _rows(tenant: int, scope: Scope) -> list[tuple]:
    more, params = narrowed(tenant, scope, "t.station", "station", "t.finished_at")
    more += of_product(tenant, scope, params)
    plans = FloorNames(tenant).known("plan").values()
    if scope.step:
        plan = number_named(tenant, "plan", scope.step)
        if plan is None:
            said = f"There is no test plan {scope.step[:80]}."
            raise NotFound(
                "quality.plan_unknown", said, {"plan": scope.step[:80]}, "Look at its name on the page Test plans."
            )
        plans = [plan]
    sql = (
        f"SELECT t.unit, t.measurements FROM quality_test_run t WHERE t.tenant = %s AND t.plan = %s AND t.measurements LIKE %s "
        f"AND t.until_entry IS NULL{more} ORDER BY t.finished_at DESC LIMIT {RUNS_MAX}"
    )
    found: list[tuple] = []
    for plan in plans:
        found += reading.fetch(sql, (tenant, plan, f"%{MARK}%", *params))
    return found[:RUNS_MAX]


def _orders(tenant: int, rows: list[tuple]) -> tuple[tuple[str, int], ...]:
    """(order, units with findings), most first: whose board maps show these places."""
    units = BitMap([unit for unit, _ in rows])
    if not units:
        return ()
    sql = (
        "SELECT o.code, b.first_unit, b.until_unit FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = "
        "b.work_order WHERE b.tenant = %s AND b.first_unit <= %s AND b.until_unit > %s AND b.until_entry IS NULL AND o.until_entry IS NULL"
    )
    counted: dict[str, int] = defaultdict(int)
    for code, first, until in reading.fetch(sql, (tenant, units.max(), units.min())):
        counted[code] += units.range_cardinality(first, until)
    return tuple(sorted(((code, n) for code, n in counted.items() if n), key=lambda one: (-one[1], one[0]))[:20])
