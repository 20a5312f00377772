"""Another part of ours than the BOM takes at a position, on units, however it came there. Feeders and benches refuse it before; machines and tables
tell what was mounted, and it is recorded as it was.

    other_parts(view, around(view, units), found)     -> what stops them at steps, at packing and when they leave
    others_built(view, around(view, units), found)    -> what papers say of them, of what left by what was meant when it left

By the BOM version that the unit is built to, and by what is there now: what was put right goes on. Possible counts as open, as at every gate. Not meant is a
maker's part that `parts.csv` approves for the BOM's part too; what a run qualified for it, at a step what a run tries on its order, and what a
deviation let be built there go, and are named.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.answers.gate.came_on import came_on
from asbuilt.answers.gate.missing import FEW, Around, Missing, came_to, plain
from asbuilt.answers.gate.untried import CARRIES, MAY_CARRY, Rests
from asbuilt.built.production.approved_makers import meant_for
from asbuilt.built.production.carried import Position, positions_of_unit
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.other_parts import OtherPart, wanted_at
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.supply.queries import PackageRow, packages
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.changes.qualifying.deviations import Deviation, granted_for
from asbuilt.designed.changes.qualifying.sheets import QUALIFIED, RUNNING, was_meant
from asbuilt.questions.genealogy.answering.alternates_carried import carriers
from asbuilt.questions.genealogy.evaluating.deviations_over import units_under
from asbuilt.questions.genealogy.evaluating.left_by import left_by
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.trial_units import units_tried
from asbuilt.questions.genealogy.evaluating.view import View

REASON = "other_part"
POSITIONS_SAID = 8


@dataclass(frozen=True)
class _There:
    """Packages of one part and maker's part at the same positions of units, which take the parts `wanted` there."""

    package: PackageRow
    packages: tuple[str, ...]
    part: str
    wanted: dict[int, str]
    positions: tuple[str, ...]
    named: tuple[OtherPart, ...]


def other_parts(
    view: View, asked: Around, found: Sequence[OtherPart], under: Rests | None = None, *, at_step: bool = False
) -> Iterator[Missing]:
    """What stops these units, of what their orders' runs and replacements name; `under` takes what lets what go. Nothing is read where nothing was
    found."""
    found = _on_these(view, asked, found)
    granted = granted_for(view.tenant, carriers(view, asked.all)) if found else []
    for there, sure, maybe in _carried(view, asked, found) if found else ():
        for code, note, units in _let_be(view, there, maybe, granted, at_step=at_step):
            if under is not None and code:
                under.found += [(code, note, one) for one in _missing(view, asked, there, sure & units, maybe & units)]
            sure, maybe = sure - units, maybe - units
        yield from _missing(view, asked, there, sure, maybe)


def others_built(view: View, asked: Around, found: Sequence[OtherPart]) -> Iterator[Missing]:
    """The same of units wherever they are, for papers: what left was meant by what was approved and qualified when it left, of the house by what is now."""
    granted = granted_for(view.tenant, carriers(view, asked.all)) if found else []
    for there, sure, maybe in _carried(view, asked, found) if found else ():
        left = left_by(view, maybe)
        here = maybe - BitMap().union(*left.values()) if left else maybe
        against = here - BitMap().union(*(units for *_, units in _let_be(view, there, here, granted)))
        for entry, units in left.items():
            let_be = _let_be(view, there, units, granted, left=True, as_of=entry)
            against |= units - BitMap().union(*(some for *_, some in let_be))
        yield from _missing(view, asked, there, sure & against, against)


def _let_be(
    view: View, there: _There, maybe: BitMap, granted: Sequence[Deviation], *, at_step: bool = False, left: bool = False, as_of: int | None = None
) -> list[tuple[str, str, BitMap]]:  # fmt: skip
    """(code of the run or deviation, what nobody checked of it, which of these units it lets be); with no code all of them, where what is there is
    meant. `left`: by what was so at the entry with which they left (None: which that was nobody knows)."""
    known = meant_for(view.tenant, there.wanted, there.package, as_of=as_of)
    if known is None:
        return [("", "", maybe)]
    passes = []
    for one in known:
        if was_meant(one, as_of) if left else one.state == QUALIFIED:
            passes.append((one.run, "", maybe))
        elif one.state == RUNNING and at_step:
            passes.append((one.run, "", maybe & units_tried(view.tenant, f"{one.maker}/{one.mpn}")))
    package = there.package
    for one in granted:
        if package.mpn and any(one.allows_part(part, package.mpn, package.maker) for part in there.wanted.values()):
            passes.append((one.code, UNCHECKED if one.by_document else "", units_under(view, one, maybe)))
    return passes


def _on_these(view: View, asked: Around, found: Sequence[OtherPart]) -> list[OtherPart]:
    """What of it may be on these units: orders are large, and a wrong reel is on few of their units. A statement for each of few units."""
    if len(asked.all) > FEW:
        return list(found)
    there = frozenset().union(*(view.packages_on(unit) for unit in asked.all)) if found else frozenset()
    return [one for one in found if one.package in there]


def _carried(view: View, asked: Around, found: Sequence[OtherPart]) -> Iterator[tuple[_There, BitMap, BitMap]]:
    """What is there now, with the units that have it for sure, and those that may."""
    rows, orders = packages(view.tenant, {one.package for one in found}), {one.work_order for one in found}
    boms = {block.order: block.bom for block in view.blocks_over(asked.all) if block.order in orders}
    wanted = {order: wanted_at(view.tenant, bom, view.groups) for order, bom in boms.items()}
    groups: dict[tuple, list[OtherPart]] = {}
    for one in sorted(found, key=lambda one: (natural_key(one.refdes), one.package)):
        row = rows[one.package]
        if meant := wanted.get(one.work_order, {}).get(one.refdes):
            key = (row.part, row.maker.casefold(), row.mpn.casefold(), frozenset(meant))
            groups.setdefault(key, []).append(one)
    codes = part_codes(view.tenant, {part for key in groups for part in (key[0], *key[3])})
    held = _held(view, asked, orders) if len(asked.all) <= FEW else None
    for (part, _, _, meant), same in groups.items():
        alike: dict[tuple[bytes, bytes], list[str]] = {}
        for refdes in dict.fromkeys(one.refdes for one in same):
            here = [one for one in same if one.refdes == refdes]
            sure, maybe = _at_once(view, asked, here) if held is None else _at_each(held, here)
            if maybe:
                alike.setdefault((sure.serialize(), maybe.serialize()), []).append(refdes)
        for units, positions in alike.items():
            of = tuple(one for one in same if one.refdes in positions)
            there = tuple(dict.fromkeys(rows[one.package].code for one in of))
            takes = {one: codes[one] for one in meant}
            said = _There(rows[of[0].package], there, codes[part], takes, tuple(positions), of)
            yield said, *map(BitMap.deserialize, units)


def _held(view: View, asked: Around, orders: set[int]) -> dict[int, tuple[int, dict[str, Position]]]:
    """Unit -> its order and what it has at its positions; of few units of these orders. Four statements a unit."""
    known, found = Orders(view.tenant), {}
    for unit in asked.all:
        order = known.of_unit(unit)
        if order is not None and order.number in orders:
            found[unit] = (order.number, positions_of_unit(view.tenant, order, unit, view.groups, ()))
    return found


def _at_each(held: dict[int, tuple[int, dict[str, Position]]], here: Sequence[OtherPart]) -> tuple[BitMap, BitMap]:
    """(sure, possible) units that have one of these packages at their position now."""
    sure, maybe = BitMap(), BitMap()
    for unit, (order, positions) in held.items():
        wrong = {one.package for one in here if one.work_order == order}
        position = positions.get(here[0].refdes)
        now = position.now.candidates if position is not None and position.now is not None else frozenset()
        if wrong & now:
            maybe.add(unit)
            if now <= wrong:
                sure.add(unit)
    return sure, maybe


def _at_once(view: View, asked: Around, here: Sequence[OtherPart]) -> tuple[BitMap, BitMap]:
    """The same of many units."""
    numbers, orders = frozenset(one.package for one in here), {one.work_order for one in here}
    units = carrying(view, Material(numbers, frozenset(), frozenset(), frozenset({here[0].refdes})), asked.all)
    mine = BitMap()
    for block, low, until in view.reaches(asked.all):
        if block.order in orders:
            mine.update(asked.all & BitMap(range(low, until)))
    return BitMap(units.certain & mine), BitMap(units.possible & mine)


def _missing(view: View, asked: Around, there: _There, sure: BitMap, maybe: BitMap) -> Iterator[Missing]:
    certain = asked.outer(sure)
    came = came_to(asked, came_on(view, maybe, {one.package for one in there.named}, there.positions))
    for (grade, carries), units in ((CARRIES, certain), (MAY_CARRY, asked.outer(maybe) - certain)):
        if units:
            yield _said(there, BitMap(units), grade, carries, came)


def _said(there: _There, units: BitMap, grade: str, carries: str, came: dict[int, int]) -> Missing:
    at = " ".join(there.positions[:POSITIONS_SAID]) + (" …" if len(there.positions) > POSITIONS_SAID else "")
    wanted, package = ", ".join(sorted(there.wanted.values())), there.package
    named = ", ".join(there.packages[:3])
    said = f"{{unit}} {carries} package {plain(named)} of {plain(there.part)} at {plain(at)}, where its BOM version takes {plain(wanted)}."
    facts = {
        "refdes": at, "part": there.part, "wanted": wanted, "package": package.code, "packages": list(there.packages)[:20],
        "positions": list(there.positions), "mpn": package.mpn, "maker": package.maker, "certainty": grade,
    }  # fmt: skip
    remedy = (
        f"Replace it by {wanted}; where the record is wrong, have it corrected, or a deviation or concession agreed to."
    )
    return Missing(REASON, f"{there.part} at {at}", units, said, remedy, facts, came)
