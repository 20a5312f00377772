"""What lies on a few units, read once for every question that is asked of them alone.

The gate asks the questions of all open holds of the unit that was scanned. Asked one by one, each would look up its lots, its packages and
the runs of those over the whole record, to keep one unit of it in the end. Here it is read the other way round: what is on the units
(material, replacements, holes, passes), and what the packages on them are; a question then only looks whether its names are among that.

An order of some thousand units is asked so too: they lie in few blocks, and what is on them is read by block.

It is of one view, so of one moment: nothing is kept from one verdict to the next. Names of all questions are looked up together, as they
stand; whatever is spelled otherwise is looked up as in any other question.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.meetings import meetings_of_orders
from asbuilt.built.supply.queries import with_lot
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import packed_holds, unpack
from asbuilt.questions.genealogy.evaluating.borne import borne
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Condition, Pass, Reading, Term, Value
from asbuilt.storage import reading

NAMED = {
    "lot": ("supply_lot", ("lot_code",), "number"),
    "package": ("supply_package", ("code",), "number"),
    "supplier": ("parties_party", ("code", "name"), "number"),
    "product": ("catalog_product", ("code",), "number"),
    "order": ("production_order", ("code", "batch_number"), "number"),
    "part": ("catalog_part", ("code",), "number"),
}  # fmt: skip
"""Terms whose values are codes of rows: the table, the columns that may hold the code, the number."""
WITH_ENTRY = frozenset({"supply_package", "parties_party", "production_order"})


UNITS_MAX, BLOCKS_MAX = 20_000, 50
"""So many units, in so many blocks, are few."""
OF_MATERIAL = frozenset(
    {"_spans", "orders", "runs", "meetings", "_marred", "replacements", "touching", "_packages_and_lots", "parts"}
)
"""What is the same for every reader of the same units."""
ONE_BY_ONE_MAX = 50  # so many units are looked for in a stored set one by one sooner than it is opened


class PackageOn(NamedTuple):
    """A package on one of the units: its part, lot and what the lot says; `status` is that of lots.csv."""

    part: int
    lot: int | None
    lot_code: str
    date_code: str
    supplier: int | None
    code: str
    status: str


class FewUnits:
    """What is on these units, for a view of now. Each kind is read when a question first asks for it."""

    def __init__(self, view: View, units: BitMap, questions: Sequence[str] = ()):
        self.view, self.units = view, units
        self.loaded: set[tuple] | None = None
        for before in view.few_read:
            if before.units == units:
                self.__dict__ |= {name: read for name, read in before.__dict__.items() if name in OF_MATERIAL}
        view.few_read.append(self)
        self._packages_by: dict[str, dict[object, frozenset[int]]] = {}
        self._look_up(questions)

    def beside(self, units: BitMap) -> "FewUnits":
        """Other few units of the same view."""
        return FewUnits(self.view, units)

    @cached_property
    def _spans(self) -> tuple:
        """Where rows of single units are looked for: unit by unit, or from the first to the last in each block where that is hardly more."""
        reaches = self.view.spans_over(self.units)
        if sum(until - low for low, until in reaches) <= 2 * len(self.units):
            return reading.integer_rows(reaches)
        return reading.integer_rows((unit, unit + 1) for unit in self.units)

    @cached_property
    def orders(self) -> list[int]:
        """The orders of the units."""
        return sorted({block.order for block, _, _ in self.view.reaches(self.units)})

    def _of_units(self, columns: str, table: str, more: str = "") -> list[tuple]:
        """Rows of a table (`t`) that speak of one unit each, which is the first column. One statement."""
        there = f"t.tenant = %s AND t.unit >= s.first_unit AND t.unit < s.until_unit{self.view.seen('t')}"
        sql = f"SELECT {columns} FROM {reading.spans_table('s')} {reading.each('t', table, there)}{more}"
        rows = reading.fetch(sql, (*self._spans, self.view.tenant)) if self.units else []
        return [row for row in rows if row[0] in self.units]

    # ---- material

    @cached_property
    def runs(self) -> list[tuple]:
        """Material runs over the units: order, group, first, until, package, certain, units, growth, machine, feeder. One statement."""
        blocks = self.view.reaches(self.units)
        wanted = [(block.order, low, until) for block, low, until in blocks]
        columns = 'r.work_order, r."group", r.first_unit, r.until_unit, r.package, r.certain, r.units, r.growth, r.machine, r.feeder'
        over = "r.tenant = %s AND r.work_order = s.work_order AND r.first_unit < s.until_unit AND r.until_unit > s.low"
        named = reading.integers_table("s", "work_order", "low", "until_unit")
        sql = (
            f"SELECT {columns} FROM {named} {reading.each('r', 'production_material_run', over + self.view.seen('r'))}"
        )
        rows = reading.fetch(sql, (*reading.integer_rows(wanted), self.view.tenant)) if wanted else []
        return [row for row in rows if _reaches(self.units, *row[2:4], row[6])]

    @cached_property
    def meetings(self) -> list[tuple[int, int, int]]:
        """(order, group, group that shares a position with it) of the orders of the units. One statement."""
        return list(meetings_of_orders(self.view.tenant, set(self.orders)))

    @cached_property
    def replacements(self) -> list[tuple]:
        """(unit, position, removed, installed, when, entry) on the units. One statement where there is one."""
        columns = "t.unit, t.refdes, t.removed, t.installed, t.happened_at, t.entry"
        return self._of_units(columns, "production_replacement") if self.replaced else []

    @property
    def replaced(self) -> BitMap:
        """Units on which something was replaced."""
        return self._marred[0]

    @property
    def holes(self) -> list[tuple]:
        """(first, until, units, order, group, part) where a position of one of the units has no run that is sure."""
        return self._marred[1]

    @cached_property
    def _marred(self) -> tuple[BitMap, list[tuple]]:
        """(units on which something was replaced, holes over the units). One statement."""
        orders = reading.list_param(self.orders)
        there = "r.tenant = %s AND r.unit >= s.first_unit AND r.unit < s.until_unit" + self.view.seen("r")
        sql = (
            f"SELECT 0, r.unit, NULL, 0, 0, 0 FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', there)} "
            'UNION ALL SELECT h.first_unit, h.until_unit, h.units, h.work_order, h."group", h.part FROM production_material_hole h '
            "WHERE h.tenant = %s AND h.first_unit <= %s AND h.until_unit > %s AND "
        ) + reading.any_of("h.work_order")
        ends = (self.units.max(), self.units.min()) if self.units else ()
        rows = (
            reading.fetch(sql, (*self._spans, self.view.tenant, self.view.tenant, *ends, orders)) if self.units else []
        )
        holes = [row for row in rows if row[0]]
        replaced = BitMap(row[1] for row in rows if not row[0]) & self.units
        return replaced, [row for row in holes if _reaches(self.units, *row[:3])]

    @cached_property
    def touching(self) -> frozenset[int]:
        """Packages that lie on the units by a run, or went in or came out."""
        found = {row[4] for row in self.runs}
        for _, _, removed, installed, *_ in self.replacements:
            found |= {removed, installed}
        return frozenset(found - {None})

    @cached_property
    def _packages_and_lots(self) -> tuple[dict[int, PackageOn], dict[int, tuple[int, str, str]]]:
        """Those packages that stand, and their lots. One statement."""
        sql = (
            "SELECT p.number, p.part, p.lot, l.lot_code, l.date_code, p.supplier, p.code, p.status, l.part, l.mpn, l.maker "
            f"FROM supply_package p {with_lot()} WHERE p.tenant = %s AND {reading.any_of('p.number')}{self.view.seen('p')}"
        )
        rows = (
            reading.fetch(sql, (self.view.tenant, reading.list_param(sorted(self.touching)))) if self.touching else []
        )
        return {row[0]: PackageOn(*row[1:8]) for row in rows}, {row[2]: row[8:] for row in rows}

    @property
    def packages(self) -> dict[int, PackageOn]:
        """Those packages that stand."""
        return self._packages_and_lots[0]

    def packages_by(self, attribute: str) -> dict[object, frozenset[int]]:
        """Those packages by a field of PackageOn: each of the held questions looks its names up here."""
        if attribute not in self._packages_by:
            found: dict[object, set[int]] = defaultdict(set)
            for number, one in self.packages.items():
                found[getattr(one, attribute)].add(number)
            self._packages_by[attribute] = {value: frozenset(numbers) for value, numbers in found.items()}
        return self._packages_by[attribute]

    def packages_of_lots_without(self, attribute: str) -> frozenset[int]:
        """Those of which a lot is known, but not this text of it."""
        none = frozenset()
        return self.packages_by(attribute).get("", none) - self.packages_by("lot").get(None, none)

    @property
    def lots(self) -> dict[int, tuple[int, str, str]]:
        """Number -> (part, MPN, maker) of the lots of those packages."""
        return self._packages_and_lots[1]

    @cached_property
    def parts(self) -> frozenset[int]:
        """Parts that positions of the units admit: of the BOMs of their orders, and where there are holes. One statement."""
        sql = (
            "SELECT DISTINCT l.part FROM catalog_bom_line l WHERE l.tenant = %s AND l.bom IN (SELECT b.bom FROM production_block b "
            f"WHERE b.tenant = %s AND {reading.any_of('b.work_order')}{self.view.seen('b')}){self.view.seen('l')}"
        )
        params = (self.view.tenant, self.view.tenant, reading.list_param(self.orders))
        rows = reading.fetch(sql, params) if self.orders else []
        return frozenset(part for (part,) in rows) | {hole[5] for hole in self.holes}

    @property
    def packages_known(self) -> bool:
        """Whether somebody asked for the packages already."""
        return "_packages_and_lots" in self.__dict__

    @cached_property
    def whole(self) -> bool:
        """Whether the record of the units' material has no hole: nothing was replaced, no run is missing, each package stands. Then what is
        silent need not be looked for. Three statements."""
        return not self.replaced and not self._marred[1] and len(self.packages) == len(self.touching)

    # ---- what happened

    @cached_property
    def passes(self) -> list[tuple]:
        """Passes that the units went through, in the columns of `history.RUN_COLUMNS`. One statement."""
        columns = (
            "t.first_unit, t.until_unit, t.started_at, t.finished_at, t.step, t.machine, t.program, t.work_order, t.side, t.pass_number, "
            "t.result, t.readings, t.operator"
        )
        return self.view.rows_reached(columns, "production_process_run", self.view.reaches(self.units))

    @cached_property
    def tests(self) -> list[tuple]:
        """(unit, plan, station, outcome, started, finished, operator) of the test runs of the units, the last one last. One statement."""
        columns = "t.unit, t.plan, t.station, t.outcome, t.started_at, t.finished_at, t.operator"
        return self._of_units(columns, "quality_test_run", ' ORDER BY t.finished_at, t.entry, t."row"')

    @cached_property
    def programmed(self) -> list[tuple]:
        """(unit, station, operator) of the programming records of the units. One statement."""
        return self._of_units("t.unit, t.station, t.operator", "programming_record")

    @cached_property
    def replacers(self) -> list[tuple]:
        """(unit, operator) of the replacements on the units. One statement where there is one."""
        return self._of_units("t.unit, t.operator", "production_replacement") if self.replaced else []

    @cached_property
    def defects(self) -> list[tuple]:
        """(unit, code, whether a later run of the plan stands) of the defects found on the units. One statement."""
        there = f"d.tenant = %s AND d.unit >= s.first_unit AND d.unit < s.until_unit{self.view.seen('d')}"
        later = (
            "SELECT 1 FROM quality_test_run n WHERE n.tenant = d.tenant AND n.unit = d.unit AND n.plan = d.plan "
            f"{self.view.seen('n')} AND (n.finished_at > r.finished_at OR (n.finished_at = r.finished_at AND (n.entry > r.entry "
            'OR (n.entry = r.entry AND n."row" > r."row"))))'
        )
        sql = (
            f"SELECT d.unit, d.code, EXISTS ({later}) FROM {reading.spans_table('s')} {reading.each('d', 'quality_defect', there)} "
            "JOIN quality_test_run r ON r.tenant = d.tenant AND r.unit = d.unit AND r.plan = d.plan AND r.started_at = d.started_at "
            'AND r.entry = d.entry AND r."row" = d."row"'
        )
        rows = reading.fetch(sql, (*self._spans, self.view.tenant)) if self.units else []
        return [row for row in rows if row[0] in self.units]

    # ---- where they are

    @cached_property
    def tops(self) -> dict[int, int]:
        """Unit -> the outermost unit that contains it, for those that are inside one."""
        return self.view.outermost(self.units)

    @cached_property
    def outer(self) -> BitMap:
        """The outermost units: those that are inside none, and those around the others."""
        return (self.units - BitMap(self.tops)) | BitMap(self.tops.values())

    @cached_property
    def lines(self) -> list[tuple]:
        """The shipment lines that say where the outermost units are, each with its units. Two statements."""
        return last_lines(self.view, self.outer)

    @cached_property
    def releases(self) -> list[tuple]:
        """Every release, in the columns that terms about firmware need. One statement."""
        sql = "SELECT t.number, t.product, t.role, t.version, t.sha256, t.released_at FROM firmware_release t WHERE t.tenant = %s"
        return reading.fetch(sql + self.view.seen("t"), (self.view.tenant,))

    # ---- names

    def _look_up(self, questions: Iterable[str]) -> None:
        """The names of these questions, one statement a kind: exactly as they are spelled."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for question in questions:
            try:
                for kind, text in _names(language.parse(question)):
                    wanted[kind].add(text)
            except Invalid:
                continue  # whoever asks it says so
        parts, params = [], []
        for kind, (table, columns, key) in NAMED.items():
            seen = self.view.seen("t") if table in WITH_ENTRY else borne(self.view, table)
            for column in columns if wanted.get(kind) else ():
                parts.append(
                    f"SELECT '{kind}', '', t.{column}, t.{key} FROM {table} t WHERE t.tenant = %s AND {reading.any_of('t.' + column, 'text')}{seen}"
                )
                params += [self.view.tenant, reading.list_param(sorted(wanted[kind]))]
        for kind, select in (
            ("floor", "SELECT 'floor', t.kind, t.name, t.number FROM production_floor_name t WHERE t.tenant = %s AND " + reading.any_of("t.name", "text")),
            ("at", "SELECT DISTINCT 'at', '', t.refdes, 0 FROM catalog_group_position t WHERE t.tenant = %s AND " + reading.any_of("t.refdes", "text")),
        ):  # fmt: skip
            if wanted.get(kind):
                parts.append(select)
                params += [self.view.tenant, reading.list_param(sorted(wanted[kind]))]
        rows = reading.fetch(" UNION ALL ".join(parts), params) if parts else []
        found: dict[tuple[str, str], set[tuple[str, int]]] = defaultdict(set)
        for kind, of_kind, text, number in rows:
            found[kind, text].add((of_kind, number))
        for (kind, text), said in found.items():
            self._known(kind, text, said)

    def _known(self, kind: str, text: str, said: set[tuple[str, int]]) -> None:
        numbers = sorted(number for _, number in said)
        if kind == "floor":
            self.view.floor[text] = sorted(said)
        elif kind == "at":
            self.view.positions.add(text)
        elif kind != "part":
            self.view.names[*NAMED[kind], text] = numbers
        elif len(numbers) == 1:
            self.view.names["catalog_part", text] = numbers


def are_few(view: View, units: BitMap) -> bool:
    """Whether these units are few enough to read what is on them, sooner than what the questions name. One statement at most."""
    return len(units) <= UNITS_MAX and len(view.reaches(units)) <= BLOCKS_MAX


def of_few(view: View, units: BitMap, questions: Sequence[str] = ()) -> View | None:
    """The same reader's view of few units alone, which is asked of no others; None where they are many, or as known then."""
    if view.entry is not None or not are_few(view, units):
        return None
    found = view.beside(view.actor)
    if "visible" in view.__dict__:
        found.__dict__["visible"] = view.visible
    found.few = FewUnits(found, units, questions)
    return found


def _reaches(units: BitMap, first: int, until: int, packed: bytes | None) -> bool:
    """Whether a stored run holds one of the units."""
    if len(units) == 1:  # what the gate asks, of some hundred runs
        (unit,) = units
        return first <= unit < until and (packed is None or packed_holds(first, bytes(packed), unit))
    mine = (
        units & BitMap(range(first, until))
        if until - first > len(units)
        else BitMap(u for u in units if first <= u < until)
    )
    if not mine or packed is None:
        return bool(mine)
    if len(mine) <= ONE_BY_ONE_MAX:
        return any(packed_holds(first, bytes(packed), unit) for unit in mine)
    return not mine.isdisjoint(unpack(first, until, packed))


def _names(node) -> Iterator[tuple[str, str]]:
    """(kind, text) of the codes that a question names: those that are looked up by themselves."""
    if not isinstance(node, Term):
        for part in getattr(node, "parts", None) or (node.part,):
            yield from _names(part)
        return
    for value in node.values:
        if isinstance(value, Value) and (node.name in NAMED or node.name == "at"):
            yield node.name, value.text
        elif isinstance(value, Pass):
            yield from (("floor", step.text) for step in value.steps)
            yield from _of_conditions(value.conditions)
        elif isinstance(value, Reading):
            yield "floor", value.step.text
        elif (plan := getattr(value, "plan", None)) is not None:
            yield "floor", plan.text


def _of_conditions(conditions: Iterable[Condition]) -> Iterator[tuple[str, str]]:
    for condition in conditions:
        yield from (("floor", match.text) for match in condition.matches if isinstance(match, Value))
