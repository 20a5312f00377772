"""Who has affected units, out of a frozen answer: its own units and serial numbers, shared out as the record stood when it was frozen.

    shares_of(actor, frozen, by=CUSTOMERS)        -> a Share for each customer that holds finished units of the answer
    shares_of(actor, frozen, by=MANUFACTURERS)    -> one for each manufacturer of a product among them, and of a product of affected units
                                                     inside those of others: whom a contract manufacturer tells
    holders_of(actor, said, entry)                -> product -> the customers that hold finished units of it

Units, grades and serial numbers are those of the frozen text; where each unit was is read as of the entry that froze it. The sum by customer
must be that of the frozen answer, or nothing is made of it. What came out of a unit that was with a customer then, and went nobody knows where, is told
to that customer as `possible`: it may lie there still. A list holds the units of one party and of nobody else.
"""

import csv
import hashlib
import io
import json
import zlib
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.affected import as_frozen
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import MANUFACTURER, own_party, roles_of
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UnitSet
from asbuilt.questions.genealogy.answering.answers import finished_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.came_out import left_with, with_customers
from asbuilt.questions.genealogy.evaluating.history import LineRow, last_lines
from asbuilt.questions.genealogy.evaluating.view import View

CUSTOMERS, MANUFACTURERS = "users", "upward"
COLUMNS = ("product", "serial_number", "affected_unit", "certainty", "shipment", "shipped_on")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Share:
    """What one party holds: the three numbers of finished units, products, and the list as CSV."""

    party: int
    certain: int
    possible: int
    unrecorded: int
    products: tuple[str, ...]
    units_csv: bytes

    @property
    def list_sha256(self) -> str:
        """SHA-256 of the list, hex."""
        return hashlib.sha256(self.units_csv).hexdigest()

    @property
    def packed(self) -> bytes:
        """The list for storage."""
        return zlib.compress(self.units_csv, 6)


def shares_of(actor: Actor, frozen: FrozenAnswer, *, by: str) -> list[Share]:
    """The parties of an answer with their shares, by party. Refused: the record does not say whose the units are, or differs."""
    said = json.loads(frozen.answer)
    affected, view = UnitSet.of_graded(said["spans"]), as_frozen(actor, said, frozen.entry)
    tops = view.outermost(affected.unrecorded)
    finished = finished_of(affected, tops)
    lines = last_lines(view, finished.unrecorded)
    _refuse_difference(view.tenant, said, finished, lines)
    left = left_with(view, finished.unrecorded) if by == CUSTOMERS else []
    astray = BitMap().union(*(units for _line, units in left))
    finished = UnitSet(finished.certain - astray, finished.possible | (finished.certain & astray), finished.unrecorded)
    products = _products(view, finished.unrecorded)
    built_in: dict[int, BitMap] = {}
    if by == CUSTOMERS:
        groups: dict[int, BitMap] = {}
        lines = [*lines, *left]
        for line, units in lines:
            groups.setdefault(line.customer, BitMap()).update(units)
    else:
        own = _products(view, BitMap(tops))
        groups = _by_manufacturer(view.tenant, frozen.frozen_at, products)
        built_in = _built_into_others(view.tenant, frozen.frozen_at, products, own, tops)
        products = {code: products.get(code, BitMap()) | own.get(code, BitMap()) for code in {*products, *own}}
    table = _Table(view, said, affected, tops, lines, products)
    table.grades.update((unit, POSSIBLE) for unit in astray if table.grades.get(unit) == CERTAIN)
    return [
        _share(party, groups.get(party, BitMap()), built_in.get(party, BitMap()), (finished, affected), products, table)
        for party in sorted({*groups, *built_in})
    ]


def _share(party: int, units: BitMap, built_in: BitMap, of: tuple[UnitSet, UnitSet], products: dict[str, BitMap], table: "_Table") -> Share:  # fmt: skip
    """Of finished units, and of units that are built into finished ones of others, which it reads nothing of."""
    finished, affected = of
    counts = {grade: count + affected.count_in(built_in)[grade] for grade, count in finished.count_in(units).items()}
    codes = sorted({code for code, held in products.items() if held & (units | built_in)})
    listed = table.csv_of(units, built_in)
    return Share(party, counts["certain"], counts["possible"], counts["unrecorded"], tuple(codes), listed)


def holders_of(actor: Actor, said: dict, entry: int) -> dict[str, set[int]]:
    """Product -> the parties to whom finished units of it went last, by an answer that this entry froze."""
    affected, view = UnitSet.of_graded(said["spans"]), as_frozen(actor, said, entry)
    finished = finished_of(affected, view.outermost(affected.unrecorded)).unrecorded
    lines = with_customers(view, finished)
    return {
        code: held
        for code, units in _products(view, finished).items()
        if (held := {line.customer for line, mine in lines if mine & units})
    }


def _refuse_difference(tenant: int, said: dict, finished: UnitSet, lines: list[tuple[LineRow, BitMap]]) -> None:
    """The frozen numbers by customer are the ones that are shared out, by name and grade."""
    known, counted = names(tenant), {}
    for line, units in lines:
        row = counted.setdefault(known.get(line.customer, "?"), {"certain": 0, "possible": 0, "unrecorded": 0})
        for grade, count in finished.count_in(units).items():
            row[grade] += count
    frozen = {
        row["customer"]: {grade: row[grade] for grade in ("certain", "possible", "unrecorded")}
        for row in said["by"]["customer"]
        if row["customer"] is not None
    }
    if frozen != counted:
        raise Refused(
            "cases.answer_differs",
            "The record shares out the units of this answer otherwise than the answer does.",
            {"answer": frozen and sorted(set(frozen) ^ set(counted))[:10]},
            "Run `asbuilt ledger verify`, and freeze a new answer.",
        )


def _products(view: View, units: BitMap) -> dict[str, BitMap]:
    codes, found = product_codes(view.tenant), {}
    for block in view.blocks_over(units):
        mine = units & BitMap(range(block.first, block.until))
        if mine:
            found.setdefault(codes.get(block.product, ""), BitMap()).update(mine)
    return found


def _by_manufacturer(tenant: int, at: int, products: dict[str, BitMap]) -> dict[int, BitMap]:
    """Units by the manufacturer of their product; our own are ours to tell users of, not to tell ourselves."""
    makers: dict[str, int] = {}
    for row in roles_of(tenant, products):
        if row.role == MANUFACTURER and row.happened_at <= at:
            makers[row.product] = row.party
    missing = sorted(set(products) - set(makers))
    if missing:
        said = f"Nobody said who is the manufacturer of {missing[0][:60]}."
        raise Refused("cases.manufacturer_unknown", said, {"products": missing[:20]}, "Load product_roles.csv.")
    own, found = own_party(tenant, at), {}
    for code, units in products.items():
        if makers[code] != own:
            found.setdefault(makers[code], BitMap()).update(units)
    return found


def _built_into_others(
    tenant: int, at: int, finished: dict[str, BitMap], inside: dict[str, BitMap], tops: dict[int, int]
) -> dict[int, BitMap]:
    """Manufacturer -> its affected units inside finished ones of another one; of a product that nobody named a manufacturer of, whoever makes the finished
    one is told."""
    makers: dict[str, int] = {}
    for row in roles_of(tenant, {*finished, *inside}):
        if row.role == MANUFACTURER and row.happened_at <= at:
            makers[row.product] = row.party
    of_top = {unit: makers.get(code) for code, units in finished.items() for unit in units}
    own, found = own_party(tenant, at), {}
    for code, units in inside.items():
        maker = makers.get(code)
        if maker is not None and maker != own:
            mine = BitMap(unit for unit in units if of_top.get(tops[unit]) != maker)
            if mine:
                found.setdefault(maker, BitMap()).update(mine)
    return found


class _Table:
    """Rows of units by finished unit, made once for all parties."""

    def __init__(self, view: View, said: dict, affected: UnitSet, tops: dict[int, int], lines, products):
        self.names = {unit: row["serial"] for unit, row in zip(affected.unrecorded, said["serials"], strict=True)}
        self.grades = {unit: row["certainty"] for unit, row in zip(affected.unrecorded, said["serials"], strict=True)}
        self.tops = names_of(view, BitMap(tops.values())) if tops else {}
        self.inside: dict[int, list[int]] = {}
        for unit in affected.unrecorded:
            self.inside.setdefault(tops.get(unit, unit), []).append(unit)
        self.sent: dict[int, tuple[str, str]] = {}
        for line, units in lines:
            self.sent.update(dict.fromkeys(units, (line.shipment, format_instant(line.shipped_at)[:10])))
        self.products: dict[int, str] = {}
        for product, units in products.items():
            self.products.update(dict.fromkeys(units, product))

    def csv_of(self, finished: BitMap, built_in: BitMap) -> bytes:
        """The list of these finished units, and of units by themselves: cells that a spreadsheet would compute are defused."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for top in finished:
            for unit in self.inside.get(top, ()):
                name = self.tops.get(top) or self.names[unit]
                row = (
                    self.products.get(top, ""),
                    name,
                    self.names[unit],
                    self.grades[unit],
                    *self.sent.get(top, ("", "")),
                )
                writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row])
        for unit in built_in:  # in whose box it is, and where that went, is another's
            row = (self.products.get(unit, ""), self.names[unit], self.names[unit], self.grades[unit], "", "")
            writer.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in row])
        return out.getvalue().encode()
