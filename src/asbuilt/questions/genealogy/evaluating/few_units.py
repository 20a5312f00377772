"""What lies on a few units, read once for every question that is asked of them alone.

The gate asks the questions of all open holds of the unit that was scanned. Asked one by one, each would look up its lots, its packages and
the runs of those over the whole record, to keep one unit of it in the end. Here it is read the other way round: what is on the units
(the material: room `few_material`; passes, tests, where they are); a question then only looks whether its names are among that.

An order of some thousand units is asked so too: they lie in few blocks, and what is on them is read by block.

It is of one view, so of one moment: nothing is kept from one verdict to the next. Names of all questions are looked up together, as they
stand; whatever is spelled otherwise is looked up as in any other question.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from pyroaring import BitMap

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.evaluating.borne import borne
from asbuilt.questions.genealogy.evaluating.few_material import material_on
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Condition, Pass, Reading, Term, Value
from asbuilt.storage import reading
from asbuilt.storage.once import once

NAMED = {
    "lot": ("supply_lot", ("lot_code",), "number"),
    "package": ("supply_package", ("code",), "number"),
    "supplier": ("parties_party", ("code", "name"), "number"),
    "product": ("catalog_product", ("code",), "number"),
    "order": ("production_order", ("code", "batch_number"), "number"),
    "part": ("catalog_part", ("code",), "number"),
}  # fmt: skip
"""Terms whose values are codes of rows: the table, the columns that may hold the code, the number."""
NAMED_REMEMBERED_MAX = 1_024
WITH_ENTRY = frozenset({"supply_package", "parties_party", "production_order"})


UNITS_MAX, BLOCKS_MAX = 20_000, 50
"""So many units, in so many blocks, are few."""


class FewUnits:
    """What is on these units, for a view of now. Each kind is read when a question first asks for it."""

    def __init__(self, view: View, units: BitMap, questions: Sequence[str] = ()):
        self.view, self.units = view, units
        self.loaded: set[tuple] | None = None
        self.material = material_on(view, units)
        self._look_up(questions)

    def beside(self, units: BitMap) -> "FewUnits":
        """Other few units of the same view."""
        return FewUnits(self.view, units)

    # ---- what happened

    @once
    def passes(self) -> list[tuple]:
        """Passes that the units went through, in the columns of `history.RUN_COLUMNS`. One statement."""
        columns = (
            "t.first_unit, t.until_unit, t.started_at, t.finished_at, t.step, t.machine, t.program, t.work_order, t.side, t.pass_number, "
            "t.result, t.readings, t.operator"
        )
        return self.view.rows_reached(columns, "production_process_run", self.view.reaches(self.units))

    @once
    def tests(self) -> list[tuple]:
        """(unit, plan, station, outcome, started, finished, operator) of the test runs of the units, the last one last. One statement."""
        columns = "t.unit, t.plan, t.station, t.outcome, t.started_at, t.finished_at, t.operator"
        return self.material.of_units(columns, "quality_test_run", ' ORDER BY t.finished_at, t.entry, t."row"')

    @once
    def programmed(self) -> list[tuple]:
        """(unit, station, operator) of the programming records of the units. One statement."""
        return self.material.of_units("t.unit, t.station, t.operator", "programming_record")

    @once
    def replacers(self) -> list[tuple]:
        """(unit, operator) of the replacements on the units. One statement where there is one."""
        return self.material.of_units("t.unit, t.operator", "production_replacement") if self.material.replaced else []

    @once
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
        rows = reading.fetch(sql, (*self.material.spans, self.view.tenant)) if self.units else []
        return [row for row in rows if row[0] in self.units]

    # ---- where they are

    @once
    def tops(self) -> dict[int, int]:
        """Unit -> the outermost unit that contains it, for those that are inside one."""
        return self.view.outermost(self.units)

    @once
    def outer(self) -> BitMap:
        """The outermost units: those that are inside none, and those around the others."""
        return (self.units - BitMap(self.tops)) | BitMap(self.tops.values())

    @once
    def lines(self) -> list[tuple]:
        """The shipment lines that say where the outermost units are, each with its units. Two statements."""
        return last_lines(self.view, self.outer)

    @once
    def releases(self) -> list[tuple]:
        """Every release, in the columns that terms about firmware need. One statement."""
        sql = "SELECT t.number, t.product, t.role, t.version, t.sha256, t.released_at FROM firmware_release t WHERE t.tenant = %s"
        return reading.fetch(sql + self.view.seen("t"), (self.view.tenant,))

    # ---- names

    def _look_up(self, questions: Iterable[str]) -> None:
        """The names of these questions, one statement a kind: exactly as they are spelled."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for question in questions:
            for kind, text in _named_in(question):
                wanted[kind].add(text)
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


@lru_cache(NAMED_REMEMBERED_MAX)
def _named_in(question: str) -> tuple[tuple[str, str], ...]:
    """(kind, text) of the codes in a question; none of one that cannot be asked: whoever asks it says so."""
    try:
        return tuple(_names(language.parse(question)))
    except Invalid:
        return ()


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
