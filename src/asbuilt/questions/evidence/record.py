"""How good the record of a unit, an order or a product is: its levels against what is demanded, the gaps in words, the doubts.

    record_of(actor, "WO-7")        a unit by any of its names, a work order or a product; `kind` says which where a code is several

Units that were begun and not skipped are judged, each hardware revision by its own demand. A party reader gets his units, and no doubts,
for those speak of packages over all orders.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.designed.catalog.record_demands import RecordDemand, record_demand
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger import clock
from asbuilt.questions.evidence.doubts import OrderAsked, doubts_of
from asbuilt.questions.evidence.gaps import Gap, merged
from asbuilt.questions.evidence.levels import LEVELS, Reached, definitions, rule_set, source
from asbuilt.questions.evidence.materials import judge_material
from asbuilt.questions.evidence.processes import judge_process
from asbuilt.questions.genealogy.answering.alike import alike, blocks_of_order
from asbuilt.questions.genealogy.answering.lookup import identity_of, unit_of, view_of
from asbuilt.questions.genealogy.answering.sight import Sight
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.questions.genealogy.words.language import same
from asbuilt.storage import reading

ORDERS_MAX = 500
GAPS_MAX = 200
SPANS_MAX = 100
KINDS = ("unit", "order", "product")


@dataclass
class Side:
    """Material (M) or process (P): level demanded (0: none), level that all units reach (None: no unit), units at exactly each
    level, 0 first, and how many are short of the demand."""

    letter: str
    demanded: int
    reached: int | None
    counts: tuple[int, ...]
    short: int

    @property
    def means(self) -> str:
        """What the level that all reach means."""
        return definitions(self.letter)[self.reached].means if self.reached is not None else ""


@dataclass
class Judged:
    """The units of one hardware revision: how good their record is."""

    product: str
    revision: str
    units: int
    demand: RecordDemand
    sides: tuple[Side, Side]


@dataclass
class Record:
    """How good a record is. `orders` names, for a product, each order with its units and the lowest levels."""

    kind: str
    code: str
    of: list[Judged]
    gaps: list[Gap]
    gaps_more: int
    doubts: list[str] | None
    orders: list[tuple[str, int, str, str]]
    orders_more: int
    view: View = field(repr=False)

    @property
    def short(self) -> bool:
        """Whether some unit is short of what is demanded."""
        return any(side.short for one in self.of for side in one.sides)

    def gap_texts(self) -> list[tuple[Gap, str]]:
        """The gaps with their sentences."""
        return [(gap, gap.text(self.view.say, self.view.number, of_unit=self.kind == "unit")) for gap in self.gaps]

    def as_dict(self) -> dict:
        """For programs."""
        return {
            "kind": self.kind,
            "code": self.code,
            "rule_set": rule_set(),
            "source": source(),
            "of": [_judged_dict(one) for one in self.of],
            "gaps": [_gap_dict(gap, text) for gap, text in self.gap_texts()],
            "gaps_more": self.gaps_more,
            "doubts": self.doubts,
            "orders": [
                {"order": order, "units": units, "material": material, "process": process}
                for order, units, material, process in self.orders
            ],
            "orders_more": self.orders_more,
        }


def _judged_dict(one: Judged) -> dict:
    said: dict = {
        "product": one.product,
        "revision": one.revision,
        "units": one.units,
        "agreed_in": one.demand.agreed_in,
    }
    for side, name in zip(one.sides, ("material", "process"), strict=True):
        said[name] = {
            "demanded": f"{side.letter}{side.demanded}" if side.demanded else None,
            "reached": None if side.reached is None else f"{side.letter}{side.reached}",
            "means": side.means,
            "units": {f"{side.letter}{level}": count for level, count in enumerate(side.counts)},
            "short": side.short,
        }
    return said


def _gap_dict(gap: Gap, text: str) -> dict:
    return {
        "text": text, "kind": gap.kind, "at": list(gap.at), "order": gap.order, "names": list(gap.names),
        "allows": f"{gap.letter}{gap.allows}", "short": gap.short, "units": len(gap.units),
        "spans": [list(span) for span in spans_of(gap.units)[:SPANS_MAX]],
    }  # fmt: skip


# ---- who is asked about


def record_of(
    actor: Actor,
    code: str,
    *,
    kind: str = "",
    as_of: str | None = None,
    say: Callable[[str], str] = same,
    number: Callable[[int], str] = "{:,}".format,
) -> Record:
    """The record of the unit, order or product with this code.

    NotFound where the reader sees none, Invalid where it names several kinds of thing and `kind` does not say which.
    """
    with reading.snapshot():
        view = view_of(actor, as_of)
        view.say, view.number = say, number
        found = {one: units for one in KINDS if kind in ("", one) and (units := _FINDERS[one](view, code))}
        if not found:
            raise unknown(kind or "unit", code, ())
        if len(found) > 1:
            raise Invalid(
                "question.record_ambiguous",
                f"{code} names a {' and a '.join(found)}.",
                {"kinds": list(found)},
                f"Say which: {' or '.join(found)}.",
            )
        what, (name, orders, units) = found.popitem()
        return _record(view, what, name, orders, units)


def _unit(view: View, code: str) -> tuple[str, list[int], BitMap] | None:
    try:
        unit = unit_of(view, code)
    except NotFound:
        return None
    who = identity_of(view, unit)
    return who.name, [who.order_number], BitMap([unit])


def _order(view: View, code: str) -> tuple[str, list[int], None] | None:
    sql = "SELECT o.number FROM production_order o WHERE o.tenant = %s AND o.code = %s" + view.seen("o")
    row = reading.fetch_one(sql, (view.tenant, code))
    allowed = Sight(view).orders()
    return (code, [row[0]], None) if row and (allowed is None or row[0] in allowed) else None


def _product(view: View, code: str) -> tuple[str, list[int], None] | None:
    row = reading.fetch_one("SELECT number FROM catalog_product WHERE tenant = %s AND code = %s", (view.tenant, code))
    sight = Sight(view)
    if row is None or (sight.products() is not None and row[0] not in sight.products()):
        return None
    sql = "SELECT DISTINCT b.work_order FROM production_block b WHERE b.tenant = %s AND b.product = %s" + view.seen("b")
    orders = sorted((number for (number,) in reading.fetch(sql, (view.tenant, row[0]))), reverse=True)
    return code, [number for number in orders if sight.orders() is None or number in sight.orders()], None


_FINDERS = {"unit": _unit, "order": _order, "product": _product}


# ---- judging


class _Sums:
    """Levels of one revision, added up over orders."""

    def __init__(self, product: int, revision: int, demand: RecordDemand):
        self.product, self.revision, self.demand = product, revision, demand
        self.units = 0
        self.counts = {"M": [0] * (len(LEVELS) + 1), "P": [0] * (len(LEVELS) + 1)}

    def add(self, letter: str, reached: Reached) -> None:
        """The units of one order."""
        self.counts[letter] = [mine + more for mine, more in zip(self.counts[letter], reached.counts(), strict=True)]

    def side(self, letter: str) -> Side:
        """What came out."""
        counts, demanded = self.counts[letter], self.demand.of(letter)
        reached = next((level for level, count in enumerate(counts) if count), None)
        return Side(letter, demanded, reached, tuple(counts), sum(counts[:demanded]))


def _record(view: View, kind: str, code: str, orders: list[int], only: BitMap | None) -> Record:
    sums: dict[int, _Sums] = {}
    gaps: list[Gap] = []
    packages: set[int] = set()
    asked: list[OrderAsked] = []
    rows = []
    judged = orders[:ORDERS_MAX]
    codes = _codes(view, judged)
    for order in judged:
        lowest: dict[str, list[int]] = {"M": [], "P": []}
        count, here = 0, BitMap()
        for revision, units, reached, found in _judge_order(
            view, order, codes[order], kind, code, only, sums, packages
        ):
            count += len(units)
            here |= units
            for letter, one in reached.items():
                sums[revision].add(letter, one)
                if units:
                    lowest[letter].append(one.lowest())
            for gap in found:
                gap.short = gap.allows < sums[revision].demand.of(gap.letter)
            gaps += found
        if count:
            asked.append(OrderAsked(order, codes[order], blocks_of_order(view, order), here))
            rows.append((codes[order], count, f"M{min(lowest['M'])}", f"P{min(lowest['P'])}"))
    gaps = merged(gaps)
    gaps.sort(key=lambda gap: not gap.short)
    names = _catalog_codes(view)
    of = [
        Judged(names[0].get(one.product, ""), names[1].get(one.revision, ""), one.units, one.demand, (one.side("M"), one.side("P")))
        for one in sums.values()
    ]  # fmt: skip
    doubts = None
    if view.visible is None:
        doubts = [doubt.text(view.say, view.number) for doubt in doubts_of(view, packages, asked)]
    return Record(
        kind, code, of, gaps[:GAPS_MAX], max(0, len(gaps) - GAPS_MAX), doubts, rows if kind == "product" else [],
        len(orders) - len(judged), view,
    )  # fmt: skip


def _judge_order(
    view: View, order: int, order_code: str, kind: str, code: str, only, sums: dict[int, _Sums], packages: set
):
    """(revision, units, letter -> levels, gaps) of each hardware revision that the order builds; notes its packages."""
    by_revision: dict[int, list[BlockRow]] = {}
    for block in blocks_of_order(view, order):
        by_revision.setdefault(block.revision, []).append(block)
    names = _catalog_codes(view)[0] if kind == "product" else {}
    for revision, blocks in by_revision.items():
        if kind == "product" and names.get(blocks[0].product) != code:
            continue
        units = view.built(BitMap().union(*(BitMap(range(block.first, block.until)) for block in blocks)))
        here = units if only is None else units & only
        if only is not None and not any(block.first <= unit < block.until for unit in only for block in blocks):
            continue
        if revision not in sums:
            demand = record_demand(view.tenant, revision, clock.now(), view.entry)
            sums[revision] = _Sums(blocks[0].product, revision, demand)
        # what stands on the order is looked at over all its units; a unit is then cut out of it
        found = alike(view, order, units, blocks)
        packages.update(
            package for one in found for package, mine in one.packages.items() if only is None or mine & only
        )
        material, gaps = judge_material(view.tenant, order_code, found, units)
        process, more = judge_process(view, order_code, blocks, revision, units)
        sums[revision].units += len(here)
        reached = {"M": _cut(material, here), "P": _cut(process, here)}
        gaps += more
        for gap in gaps:
            gap.units = gap.units & here
        yield revision, here, reached, gaps


def _cut(reached: Reached, units: BitMap) -> Reached:
    return reached if units == reached.units else Reached(units, [one & units for one in reached.at_least])


def _codes(view: View, orders: list[int]) -> dict[int, str]:
    sql = "SELECT number, code FROM production_order WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (view.tenant, reading.list_param(orders)))) if orders else {}


def _catalog_codes(view: View) -> tuple[dict[int, str], dict[int, str]]:
    return tuple(
        dict(reading.fetch(f"SELECT number, code FROM {table} WHERE tenant = %s", (view.tenant,)))
        for table in ("catalog_product", "catalog_revision")
    )
