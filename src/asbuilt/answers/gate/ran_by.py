"""Units that passed a step under control by something that was not approved: machines and tables tell what happened, and it is recorded as it was.

    ran_otherwise(view, around(view, units))              -> what stops them from then on: at later steps, at packing, when they leave
    ran_otherwise(view, asked, again=steps_ahead(…))      -> the same at a step: that step and those behind it in the route are done (again) yet
    runs_judged(view, controls, chains, rows, units)      -> Ran(…): by what, how many, what is approved; pages count by it

What counts is the last completed pass of a unit through the step, side by side; a pass from before the step was under control is not judged. It is
over with a later pass by what is approved, or passes by a concession. An ECO speaks of what comes behind its boundary, and heals nothing that ran.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.answers.gate.changed import suspended
from asbuilt.answers.gate.machine_times import OFF_READING, by_our_clock
from asbuilt.answers.gate.missing import Around, Missing, plain
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.catalog.routings import Routing, StepRow
from asbuilt.designed.changes.controlling.chains import Chain, Held
from asbuilt.designed.changes.controlling.eco import PASTE, PROGRAM
from asbuilt.designed.changes.controlling.process_revisions import Control, controls_of, held
from asbuilt.designed.changes.controlling.queries import in_force
from asbuilt.questions.genealogy.answering.changes_built import parts_of_packages
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

REASON = "process_revision_run"
COLUMNS = "t.step, t.first_unit, t.until_unit, t.side, t.program, t.readings, t.finished_at, t.entry, t.number"
COMPLETED = (
    f" AND t.result = 'completed' AND (t.finished_at >= %s OR t.readings LIKE '{OFF_READING.replace('%', '%%')}') AND "
)
Ahead = Callable[[str, str], bool]


@dataclass(frozen=True)
class Ran:
    """Units whose last pass through a step under control ran by `value` (empty: nothing says by what) where `wanted` holds; from when on."""

    control: Control
    side: str
    value: str
    wanted: Held
    units: BitMap = field(hash=False)
    since_at: int = 0

    @property
    def otherwise(self) -> bool:
        """Whether it is not what was approved."""
        return self.value != self.wanted.value


def steps_ahead(route: Routing | None, asked: StepRow | None, step: str, side: str) -> Ahead:
    """Whether a pass through a step is still to come, or to come again, where a unit stands at this one: (step, side) -> so it is."""
    rows = route.steps if route is not None and asked is not None else ()
    ahead = {(one.step, one.side) for one in rows if one.place_in_route >= asked.place_in_route} or {(step, side)}
    return lambda name, on: any(name == one and (not on or not at or on == at) for one, at in ahead)


def ran_otherwise(view: View, asked: Around, again: Ahead = lambda step, side: False) -> Iterator[Missing]:
    """What stops these units. Nothing is read where nothing is under control."""
    if not view.recorded.changes:
        return
    codes = product_codes(view.tenant)
    mine: dict[str, BitMap] = {}
    for block, low, until in view.reaches(asked.all):
        mine.setdefault(codes[block.product], BitMap()).update(asked.all & BitMap(range(low, until)))
    for product, units in mine.items():
        if controls := controls_of(view.tenant, product):
            chains = in_force(view.tenant, [product])
            for one in runs_judged(view, controls, chains, _rows_over(view, controls, units), units):
                if not again(one.control.step, one.side):
                    yield from _against(asked, one)


def _against(asked: Around, one: Ran) -> Iterator[Missing]:
    found = asked.outer(one.units)
    by = one.wanted.by
    if found and by is not None and not by.approved:
        yield suspended(by, found)
    if found and one.otherwise:
        yield _missing(one, found)


def _missing(one: Ran, units: BitMap) -> Missing:
    control, by = one.control, one.wanted.by
    name, approved = plain(control.name), plain(one.wanted.value)
    if one.value:
        said = f"{{unit}} passed {name} by {plain(one.value)}, which was not approved. Approved is {approved}{f' ({by.eco})' if by else ''}."
    else:
        said = (
            f"{{unit}} passed {name}, and nothing says by what. Approved is {approved}{f' ({by.eco})' if by else ''}."
        )
    facts = {
        "product": control.product, "step": control.step, "side": one.side, "aspect": control.aspect, "approved": one.wanted.value,
        "found": one.value, "eco": by.eco if by else "",
    }  # fmt: skip
    remedy = f"Have it pass {control.step} by {one.wanted.value} again, or have a concession agreed to."
    return Missing(REASON, control.name, units, said, plain(remedy), facts)


# ---- what units ran by


def _rows_over(view: View, controls: Sequence[Control], units: BitMap) -> list[tuple]:
    """Completed passes of these units through the steps since one of them is under control. Two statements."""
    steps = _steps(view.tenant, controls)
    if not steps:
        return []
    more = COMPLETED + reading.any_of("t.step")
    params = (min(one.since_at for one in controls), reading.list_param(sorted(steps.values())))
    return _by_our_clock(view.rows_reached(COLUMNS, "production_process_run", view.reaches(units), more, params))


def rows_since(view: View, controls: Sequence[Control]) -> list[tuple]:
    """The same of all units, of whatever product. Two statements."""
    steps = _steps(view.tenant, controls)
    if not steps:
        return []
    sql = f"SELECT {COLUMNS} FROM production_process_run t WHERE t.tenant = %s{view.seen('t')}{COMPLETED}{reading.any_of('t.step')}"
    since = min(one.since_at for one in controls)
    return _by_our_clock(reading.fetch(sql, (view.tenant, since, reading.list_param(sorted(steps.values())))))


def _by_our_clock(rows: Iterable[tuple]) -> list[tuple]:
    """The same, with when each ended by our clock: one whose machine's clock lags is not from before the control."""
    return [(*row[:6], by_our_clock(row[6], row[5]), *row[7:]) for row in rows]


def _steps(tenant: int, controls: Iterable[Control]) -> dict[str, int]:
    """Step -> its number; one that nobody did yet is left out."""
    known = FloorNames(tenant).known("step")
    return {one.step: known[one.step] for one in controls if one.step in known}


def runs_judged(
    view: View, controls: Sequence[Control], chains: Sequence[Chain], rows: Sequence[tuple], units: BitMap
) -> list[Ran]:
    """The last of these passes of each of the units through each step, by what it ran by and what holds for it. A few statements."""
    steps = _steps(view.tenant, controls) if rows else {}
    return [
        one
        for control in controls if control.step in steps
        for one in _judged(view, control, chains, [row[1:] for row in rows if row[0] == steps[control.step] and row[6] >= control.since_at], units)
    ]  # fmt: skip


def _judged(view: View, control: Control, chains: Sequence[Chain], rows: list[tuple], units: BitMap) -> list[Ran]:
    of_side: dict[str, list[tuple]] = {}
    for row in rows:
        if not control.side or row[2] in ("", control.side):
            of_side.setdefault(control.side or row[2], []).append(row)
    said = _values(view.tenant, control.aspect, [row for some in of_side.values() for row in some])
    chain = next((one for one in chains if one.key == control.key), None)
    found: dict[tuple[str, str, Held], tuple[BitMap, int]] = {}
    for side, some in of_side.items():
        left = BitMap(units)
        for first, until, _side, program, readings, at, *_ in sorted(some, key=lambda row: row[5:], reverse=True):
            mine = left & BitMap(range(first, until))
            left -= mine
            for wanted, part in _held_over(control, chain, mine, at) if mine else ():
                value = said.get((program, readings), "")
                before, since = found.get((side, value, wanted), (BitMap(), at))
                found[side, value, wanted] = (before | part, min(since, at))
    return [Ran(control, *key, mine, since) for key, (mine, since) in found.items()]


def _held_over(control: Control, chain: Chain | None, units: BitMap, at: int) -> Iterator[tuple[Held, BitMap]]:
    """What held for these units when they passed, span by span where boundaries are units."""
    chains = [] if chain is None else [chain]
    if chain is None or chain.by_date:
        yield held(control, chains, units.min(), at), units
        return
    ends = sorted({one.boundary.first_unit for one in chain.steps})
    for low, high in zip([0, *ends], [*ends, units.max() + 1], strict=True):
        if some := units & BitMap(range(low, max(low, high))):
            yield held(control, chains, some.min(), at), some


def _values(tenant: int, aspect: str, rows: Sequence[tuple]) -> dict[tuple, str]:
    """(program, readings) of passes -> what they say of the aspect; what says nothing is left out."""
    if aspect == PROGRAM:
        names = FloorNames(tenant).names({row[3] for row in rows})
        return {(row[3], row[4]): names[row[3]] for row in rows if row[3] is not None}
    found = {(row[3], row[4]): _reading(row[4], aspect) for row in rows}
    if aspect == PASTE:
        parts = parts_of_packages(tenant, {said for said in found.values() if said})
        found = {key: parts.get(said, said) for key, said in found.items()}
    return {key: said for key, said in found.items() if said}


def _reading(text: str, name: str) -> str:
    said = json.loads(text).get(name) if text else None
    return said if isinstance(said, str) else ""
