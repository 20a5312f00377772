"""What lies on a few units, read once for every question that is asked of them alone.

The gate asks the questions of all open holds of the unit that was scanned. Asked one by one, each would look up its lots, its packages and
the runs of those over the whole record, to keep one unit of it in the end. Here it is read the other way round: what is on the units
(material, replacements, holes, passes), and what the packages on them are; a question then only looks whether its names are among that.

It is of one view, so of one moment: nothing is kept from one verdict to the next. Names of all questions are looked up together, as they
stand; whatever is spelled otherwise is looked up as in any other question.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.meetings import meetings_of_orders
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import packed_holds
from asbuilt.questions.genealogy import language
from asbuilt.questions.genealogy.language import Condition, Pass, Reading, Term, Value
from asbuilt.questions.genealogy.view import View
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


class PackageOn(NamedTuple):
    """A package on one of the units: its part, lot and what the lot says."""

    part: int
    lot: int | None
    lot_code: str
    date_code: str
    supplier: int | None


class FewUnits:
    """What is on these units, for a view of now. Each kind is read when a question first asks for it."""

    def __init__(self, view: View, units: BitMap, questions: Sequence[str] = ()):
        self.view, self.units = view, units
        self.loaded: set[tuple] | None = None
        self._look_up(questions)

    @cached_property
    def _spans(self) -> tuple:
        return reading.integer_rows((unit, unit + 1) for unit in self.units)

    # ---- material

    @cached_property
    def runs(self) -> list[tuple]:
        """Material runs over the units: order, group, first, until, package, certain, units, growth. One statement."""
        blocks = self.view.reaches(self.units)
        wanted = [(block.order, low, until) for block, low, until in blocks]
        columns = 'r.work_order, r."group", r.first_unit, r.until_unit, r.package, r.certain, r.units, r.growth'
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
        return list(
            meetings_of_orders(self.view.tenant, {block.order for block, _, _ in self.view.reaches(self.units)})
        )

    @cached_property
    def replacements(self) -> list[tuple]:
        """(unit, position, removed, installed, when, entry) on the units. One statement where there is one."""
        there = "r.tenant = %s AND r.unit = s.first_unit" + self.view.seen("r")
        sql = (
            "SELECT r.unit, r.refdes, r.removed, r.installed, r.happened_at, r.entry "
            f"FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', there)}"
        )
        return reading.fetch(sql, (*self._spans, self.view.tenant)) if self.replaced else []

    @property
    def replaced(self) -> BitMap:
        """Units on which something was replaced."""
        return self._marred[0]

    @cached_property
    def _marred(self) -> tuple[BitMap, bool]:
        """(units on which something was replaced, whether a position of one of the units has no run that is sure). One statement."""
        orders = reading.list_param(sorted({block.order for block, _, _ in self.view.reaches(self.units)}))
        there = "r.tenant = %s AND r.unit = s.first_unit" + self.view.seen("r")
        sql = (
            f"SELECT 0, r.unit, NULL FROM {reading.spans_table('s')} {reading.each('r', 'production_replacement', there)} UNION ALL "
            "SELECT h.first_unit, h.until_unit, h.units FROM production_material_hole h WHERE h.tenant = %s AND h.first_unit <= %s "
            "AND h.until_unit > %s AND "
        ) + reading.any_of("h.work_order")
        ends = (self.units.max(), self.units.min()) if self.units else ()
        rows = (
            reading.fetch(sql, (*self._spans, self.view.tenant, self.view.tenant, *ends, orders)) if self.units else []
        )
        holes = [row for row in rows if row[0]]
        return BitMap(unit for first, unit, _ in rows if not first), any(_reaches(self.units, *row) for row in holes)

    @cached_property
    def touching(self) -> frozenset[int]:
        """Packages that lie on the units by a run, or went in or came out."""
        found = {row[4] for row in self.runs}
        for _, _, removed, installed, *_ in self.replacements:
            found |= {removed, installed}
        return frozenset(found - {None})

    @cached_property
    def packages(self) -> dict[int, PackageOn]:
        """Those packages. One statement."""
        sql = (
            "SELECT p.number, p.part, p.lot, (SELECT l.lot_code FROM supply_lot l WHERE l.tenant = p.tenant AND l.number = p.lot), "
            "(SELECT l.date_code FROM supply_lot l WHERE l.tenant = p.tenant AND l.number = p.lot), p.supplier "
            f"FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.number')}{self.view.seen('p')}"
        )
        rows = (
            reading.fetch(sql, (self.view.tenant, reading.list_param(sorted(self.touching)))) if self.touching else []
        )
        return {number: PackageOn(part, lot, code or "", date or "", by) for number, part, lot, code, date, by in rows}

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
            "t.result, t.readings"
        )
        return self.view.rows_reached(columns, "production_process_run", self.view.reaches(self.units))

    @cached_property
    def tests(self) -> list[tuple]:
        """(unit, plan, station, outcome, started, finished) of the test runs of the units, the last one last. One statement."""
        there = "t.tenant = %s AND t.unit = s.first_unit" + self.view.seen("t")
        sql = (
            "SELECT t.unit, t.plan, t.station, t.outcome, t.started_at, t.finished_at "
            f'FROM {reading.spans_table("s")} {reading.each("t", "quality_test_run", there)} ORDER BY t.finished_at, t.entry, t."row"'
        )
        return reading.fetch(sql, (*self._spans, self.view.tenant)) if self.units else []

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
            seen = self.view.seen("t") if table in WITH_ENTRY else ""
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


def _reaches(units: BitMap, first: int, until: int, packed: bytes | None) -> bool:
    """Whether a stored run holds one of the units."""
    mine = (
        units & BitMap(range(first, until))
        if until - first > len(units)
        else BitMap(u for u in units if first <= u < until)
    )
    return bool(mine) and (packed is None or any(packed_holds(first, bytes(packed), unit) for unit in mine))


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
