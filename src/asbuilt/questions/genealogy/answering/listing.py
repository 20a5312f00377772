"""The units of an answer as a list: possible and unrecorded ones first, because they are the work, then the certain ones.

A page holds 100 units; its cursor is the grade and number of the last unit, so that a page stays the same while others ask.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED, UnitSet
from asbuilt.questions.genealogy.answering.answers import Answer
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.answering.whereabouts import Whereabouts, whereabouts
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import And, Bracket
from asbuilt.questions.genealogy.words.saying import unparse
from asbuilt.storage import reading

PAGE = 100
PART = 5_000
PARTS_MAX = 6
ORDER = (POSSIBLE, UNRECORDED, CERTAIN)


@dataclass(frozen=True)
class UnitRow:
    """One unit of an answer: its name, grade, product and order, its state, and the shipment that took it (or empty)."""

    unit: int
    name: str
    grade: str
    product: str
    order: str
    state: str
    shipment: str
    customer: str
    country: str


@dataclass(frozen=True)
class ListPage:
    """Units `first` to `last` (from 1) of `total`; `after` is the cursor of the next page, or empty."""

    rows: list[UnitRow]
    first: int
    last: int
    total: int
    after: str


def units_page(answer: Answer, where: Whereabouts, after: str = "") -> ListPage:
    """The page behind a cursor; a cursor that means nothing gives the first. Five statements."""
    bands = dict(answer.affected.bands())
    grade, unit = _cursor(after)
    before, chosen = 0, []
    for band in ORDER:
        units = bands[band]
        if ORDER.index(band) < ORDER.index(grade):
            before += len(units)
            continue
        if band == grade and unit:
            past = units.range_cardinality(0, unit + 1)
            before, units = before + past, units - BitMap(range(unit + 1))
        chosen += [(one, band) for one in units[: PAGE - len(chosen)]]
    with reading.snapshot():
        rows = list(_described(answer, where, chosen))
    total = len(answer.affected.unrecorded)
    last = before + len(rows)
    mark = f"{chosen[-1][1]}-{chosen[-1][0]}" if chosen and last < total else ""
    return ListPage(rows, before + 1 if rows else 0, last, total, mark)


def all_units(answer: Answer) -> Iterator[UnitRow]:
    """Every unit in axis order, with flat memory: for a file."""
    where = whereabouts(answer)
    units = answer.affected.unrecorded
    for start in range(0, len(units), PART):
        yield from _described(
            answer, where, [(unit, answer.affected.grade(unit)) for unit in units[start : start + PART]]
        )


def _cursor(after: str) -> tuple[str, int]:
    grade, _, unit = after.partition("-")
    if grade in ORDER and unit.isascii() and unit.isdigit() and len(unit) < 11:
        return grade, int(unit)
    return ORDER[0], 0


def _described(answer: Answer, where: Whereabouts, chosen: list[tuple[int, str]]) -> Iterator[UnitRow]:
    view = answer.view
    units = BitMap(unit for unit, _ in chosen)
    names = names_of(view, units) if units else {}
    planned = _planned(view, units)
    for unit, grade in chosen:
        place = next((one for one in where.places if unit in one.units), None)
        state = next((name for name, held in where.states.items() if unit in held), "planned")
        product, order = planned.get(unit, ("", ""))
        sent = (place.shipment, place.customer, place.country) if place else ("", "", "")
        yield UnitRow(unit, names[unit], grade, product, order, state, *sent)


def _planned(view: View, units: BitMap) -> dict[int, tuple[str, str]]:
    blocks = view.blocks_over(units)
    products = dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (view.tenant,)))
    sql = "SELECT number, code FROM production_order WHERE tenant = %s AND " + reading.any_of("number")
    wanted = sorted({block.order for block in blocks})
    orders = dict(reading.fetch(sql, (view.tenant, reading.list_param(wanted)))) if blocks else {}
    return {
        unit: (products.get(block.product, ""), orders.get(block.order, ""))
        for block in blocks
        for unit in units & BitMap(range(block.first, block.until))
    }


@dataclass(frozen=True)
class Alone:
    """One part of a question asked alone, with its three numbers."""

    question: str
    counts: dict[str, int]


def parts_alone(answer: Answer) -> list[Alone]:
    """What each part of an empty answer means alone: what *is* known of it. At most six parts; none for a single term."""
    tree = language.parse(answer.question)
    while isinstance(tree, Bracket):
        tree = tree.part
    if not isinstance(tree, And):
        return []
    found = []
    with reading.snapshot():
        for part in tree.parts[:PARTS_MAX]:
            if getattr(part, "name", "") != "at":
                units: UnitSet = units_of(View(answer.view.actor, answer.view.entry), part)
                found.append(Alone(unparse(part), units.counts()))
    return found
