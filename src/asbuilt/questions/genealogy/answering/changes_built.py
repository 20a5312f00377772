"""Which units were built the old way and which the new, by what an ECO changes: the question, its units, the first and the last of them.

    ways(view, change)     -> Ways(old, new) as questions whose answers they are
    built_by(view, eco)    -> for each change: first unit built so, last unit built the old way, how many, where the two overlap

Read from the record, never from the ECO: what was planned by a BOM version and built, what is certainly on a unit, what it runs, which run it
went through. Along the unit axis: where lines ran in parallel the first of the new may lie before the last of the old, and that is said.
"""

import json
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.supply.queries import PackageFinder, packages_of_lots
from asbuilt.designed.catalog.queries import BomFinder, part_codes
from asbuilt.designed.changes.comparing.versions import quoted
from asbuilt.designed.changes.controlling.eco import (
    BOM,
    FIRMWARE,
    PART,
    PASTE,
    PROGRAM,
    PROGRAM_REVISION,
    SOFTWARE,
    STENCIL,
    TEST_PLAN,
    Change,
    Eco,
)  # fmt: skip
from asbuilt.designed.changes.controlling.queries import eco
from asbuilt.designed.changes.controlling.seen import eco_told
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import UnitSet, bitmap_of
from asbuilt.questions.genealogy.answering.change_reasons import alternates_brought_in, notices_answered
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.part_positions import positions_of_parts
from asbuilt.questions.genealogy.evaluating.trial_units import units_tried
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

READINGS = {PROGRAM_REVISION: "program_revision", SOFTWARE: "software", PASTE: "paste"}
"""Aspects that stand in the readings of a run, and that no term of a question asks for by its text."""


@dataclass(frozen=True)
class Built:
    """Units of a change: how many were built either way, the ends by name, and how many lie beyond the other's end. `tried_units` carry the new
    one because it was tried on them in a qualification run: they are neither way's first nor last. Of `unclear_units` nobody can say for certain which
    way they were built: they are in neither count."""

    change: Change
    old_units: int
    new_units: int
    last_old: str
    first_new: str
    old_behind: int
    new_before: int
    first_new_unit: int | None
    last_old_unit: int | None
    tried_units: int = 0
    unclear_units: int = 0


def question_of(view: View, change: Change, value: str) -> str:
    """Which units have this value, in the question language; empty where no term asks for it."""
    product, subject, said = f"product:{quoted(change.product)}", change.subject, quoted(value)
    if change.kind == BOM:
        return f"{product} revision:{quoted(subject[0])} bom:{said}"
    if change.kind == FIRMWARE:
        return f"{product} firmware:{quoted(f'{subject[0]}/{value}')}"
    if change.kind == PART:
        maker, _, mpn = value.partition("/")
        places = positions_of_parts(view, [subject[0]], [change.product])
        if not places:
            return ""
        # of the same piece: two makers may give their parts one number, and a board carries other parts of either
        lots = _lots_named(view, subject[0], mpn)
        of = "" if lots.mpn_is_enough(maker) else f" maker:{quoted(maker)}"
        return f"{product} (part:{quoted(subject[0])} part:{quoted(mpn)}{of} at:{','.join(map(quoted, places))})"
    if change.kind == TEST_PLAN:
        return ""
    step, side, aspect = subject
    on_side = f" side={side}" if side else ""
    if aspect == PROGRAM:
        return f"{product} passed:{quoted(step)}(program={said}{on_side})"
    if aspect == STENCIL:
        return f"{product} passed:{quoted(step)} stencil:{said}"
    return ""


@dataclass(frozen=True)
class _Lots:
    """Lots of a part that came with an MPN, or with none: (lot, maker)."""

    so_called: tuple[tuple[int, str], ...]
    unnamed: tuple[tuple[int, str], ...]

    def _others(self, maker: str) -> bool:
        return any(of and of.casefold() != maker.casefold() for _, of in self.so_called)

    def mpn_is_enough(self, maker: str) -> bool:
        """Whether some came without a maker, and none of another one: labels seldom say it, and the number is this maker's alone."""
        return any(not of for _, of in self.so_called) and not self._others(maker)

    def silent(self, maker: str) -> list[int]:
        """Lots of which nobody knows whether they are this maker's: without a maker where others have that number."""
        return [lot for lot, of in self.so_called if not of] if self._others(maker) else []

    def without_mpn(self, maker: str) -> list[int]:
        """Lots without an MPN, unless they are another maker's."""
        return [lot for lot, of in self.unnamed if of.casefold() in ("", maker.casefold())]


def _lots_named(view: View, part: str, mpn: str) -> _Lots:
    """One statement."""
    sql = (
        "SELECT l.number, l.maker, l.mpn FROM supply_lot l JOIN catalog_part c ON c.tenant = l.tenant AND c.number = l.part "
        "WHERE l.tenant = %s AND c.code = %s AND (l.mpn = '' OR lower(l.mpn) = lower(%s))"
    )
    rows = reading.fetch(sql, (view.tenant, part, mpn))
    return _Lots(*(tuple((lot, maker) for lot, maker, name in rows if bool(name) == named) for named in (True, False)))


def _not_told(view: View, change: Change, value: str, within: BitMap | None, *, unnamed: bool) -> BitMap:
    """Units with a package of the part of which nobody knows enough to say that it is not this maker's part. One statement where there is no such lot."""
    maker, _, mpn = value.partition("/")
    known = _lots_named(view, change.subject[0], mpn)
    lots = [*known.silent(maker), *(known.without_mpn(maker) if unnamed else ())]
    if not lots:
        return BitMap()
    packages = frozenset(number for number, _ in packages_of_lots(view.tenant, lots))
    places = frozenset(positions_of_parts(view, change.subject, [change.product]))
    found = carrying(view, Material(packages, frozenset(), frozenset(), places), within).possible
    return BitMap(found) & (_of_product(view, change.product) if within is None else within)


def graded_with(
    view: View, change: Change, value: str, within: BitMap | None = None, *, unnamed: bool = False
) -> UnitSet:
    """The units with this value, certain and possible: around a splice, interleaved, programmed by a tool's word alone, of a maker's part whose
    package names no maker while two have its number; with `unnamed` also where the package names no MPN. `within`: of these
    units alone."""
    found = _graded(view, change, value, within)
    if change.kind == PART:
        found = UnitSet.nested(
            found.certain, found.possible | _not_told(view, change, value, within, unnamed=unnamed), found.unrecorded
        )
    return found


def _graded(view: View, change: Change, value: str, within: BitMap | None) -> UnitSet:
    if change.kind == BOM:
        return UnitSet.sure(_planned(view, change, value, within))
    asked = question_of(view, change, value)
    if not asked and change.kind == PART:
        return UnitSet.none()  # nothing of this part was ever planned or mounted
    if asked:
        try:
            return units_of(view, language.parse(asked), within)
        except (NotFound, Invalid):
            return UnitSet.none()  # a name that nothing has yet: no unit has it
    mine = _of_product(view, change.product)
    if within is not None:
        mine &= within
    if change.kind == TEST_PLAN:
        return UnitSet.sure(_tested(view, change, value, mine))
    return UnitSet.sure(_read(view, change, value, mine))


def _planned(view: View, change: Change, value: str, within: BitMap | None) -> BitMap:
    """Units of the blocks that were planned by this BOM version, as its question gives them. Two statements."""
    found = BomFinder(view.tenant).recorded(change.product, change.subject[0], value)
    if found is None:
        return BitMap()
    sql = "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s AND b.bom = %s" + view.seen(
        "b"
    )
    units = view.limit(bitmap_of(reading.fetch(sql, (view.tenant, found.bom))))
    return view.without_skipped(units if within is None else units & within)


def _of_product(view: View, product: str) -> BitMap:
    try:
        return BitMap(units_of(view, language.parse(f"product:{quoted(product)}")).certain)
    except NotFound:
        return BitMap()


def _tested(view: View, change: Change, value: str, mine: BitMap) -> BitMap:
    """Units whose last run of the plan was by this version. One statement for each block."""
    number = FloorNames(view.tenant).known("plan").get(change.subject[0])
    last: dict[int, tuple[int, str]] = {}
    rows = view.rows_by_block(
        "t.unit, t.finished_at, t.plan_version", "quality_test_run", view.blocks_over(mine), " AND t.plan = %s", (number,), "unit"
    ) if mine and number is not None else []  # fmt: skip
    for unit, at, version in rows:
        if unit in mine and (unit not in last or last[unit][0] <= at):
            last[unit] = (at, version)
    return BitMap(unit for unit, (_, version) in last.items() if version == value)


def _read(view: View, change: Change, value: str, mine: BitMap) -> BitMap:
    """Units of which a run of the step says this value in its readings. One statement, and one for pastes."""
    step, side, aspect = change.subject
    number = FloorNames(view.tenant).known("step").get(step)
    if not mine or number is None:
        return BitMap()
    more, params = " AND t.step = %s", (number,)
    if side:
        more, params = more + " AND t.side = %s", (*params, side)
    rows = view.rows_reached(
        "t.first_unit, t.until_unit, t.readings", "production_process_run", view.reaches(mine), more, params
    )
    said = [(first, until, _reading(text, READINGS[aspect])) for first, until, text in rows]
    if aspect == PASTE:
        parts = parts_of_packages(view.tenant, {one for _, _, one in said if one})
        said = [(first, until, parts.get(one, one)) for first, until, one in said]
    found = BitMap()
    for first, until, one in said:
        if one == value:
            found.add_range(first, until)
    return found & mine


def parts_of_packages(tenant: int, codes: set[str]) -> dict[str, str]:
    """Package -> the internal number of its part; a code that is no package is left out. Two statements."""
    packages = PackageFinder(tenant).find(sorted(codes)) if codes else {}
    names = part_codes(tenant, {one.part for one in packages.values()})
    return {code: names[one.part] for code, one in packages.items()}


def _reading(text: str | None, name: str) -> str:
    said = json.loads(text).get(name) if text else None
    return said if isinstance(said, str) else ""


def built_by(view: View, one_eco: Eco, products: frozenset[str] | None = None) -> list[Built]:
    """Each change of an ECO (of these products alone, where given) with what was built of it."""
    changes = [one for one in one_eco.changes.values() if products is None or one.product in products]
    found = []
    with reading.snapshot():
        for change in changes:
            graded = [graded_with(view, change, value, unnamed=True) for value in (change.old, change.new)]
            old, new = (view.built(over=BitMap(one.certain)) if one.certain else BitMap() for one in graded)
            maybe = (graded[0].possible | graded[1].possible) - graded[0].certain - graded[1].certain
            unclear = view.built(over=BitMap(maybe)) if maybe else BitMap()
            tried = new & units_tried(view.tenant, change.new) if change.kind == PART and new else BitMap()
            new -= tried
            first_new = new[0] if new else None
            last_old = old[len(old) - 1] if old else None
            ends = BitMap(unit for unit in (first_new, last_old) if unit is not None)
            names = names_of(view, ends) if ends else {}
            found.append(
                Built(
                    change,
                    len(old),
                    len(new),
                    names.get(last_old, ""),
                    names.get(first_new, ""),
                    len(old) - old.rank(first_new) if first_new is not None and old else 0,
                    new.rank(last_old) if last_old is not None and new else 0,
                    first_new,
                    last_old,
                    len(tried),
                    len(unclear),
                )  # fmt: skip
            )
    return found


def change_seen(actor: Actor, code: str) -> dict:
    """An ECO with what it rests on (`notices`, `alternates`) and what was built of it: `built` a row for each change, by what the record says now.
    NotFound as for the ECO."""
    told = eco_told(actor, code)
    view = View(actor)
    products = None if actor.party is None else frozenset(told["products"])
    rows = built_by(view, eco(actor, code), products) if told["set"] else []
    return {
        **told, "notices": notices_answered(actor, code), "alternates": alternates_brought_in(actor, told["changes"]),
        "built": [_built_told(view, one) for one in rows],
    }  # fmt: skip


def _built_told(view: View, one: Built) -> dict:
    change = one.change
    return {
        "change": change.code, "old_units": one.old_units, "new_units": one.new_units, "first_new": one.first_new or None,
        "last_old": one.last_old or None, "old_behind_first_new": one.old_behind, "new_before_last_old": one.new_before, "tried_units": one.tried_units,
        "unclear_units": one.unclear_units, "old_question": question_of(view, change, change.old), "new_question": question_of(view, change, change.new),
    }  # fmt: skip
