"""lives, declarations, inspection_plans, inspections, inspection_checks, samples, statuses, handling and silicon_revisions .csv -> rows.

A row recorded before, word for word, is passed over. Refused are a package, part, supplier or inspection that is not known,
a day that is none, a second inspection of one number, and what the rules of its own table do not admit: a bake without
temperature and hours, a dry cabinet without its humidity, a split that does not say into what, an AQL that the standard does not have.
"""

import json
from collections.abc import Mapping, Sequence

from django.db.models import Model

from asbuilt.built.supply import models
from asbuilt.built.supply.kept import KEPT, PEOPLE, KeptTable, with_operators, write_rows
from asbuilt.built.supply.moisture import level_known, levels
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.built.supply.sampling import AQLS
from asbuilt.built.supply.silicon import lot_stands
from asbuilt.built.supply.splitting import SPLIT
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import refuse_large
from asbuilt.designed.catalog.queries import known_part_codes, part_numbers
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.kernel.instants import parse_date
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import reading

PACKAGES_MAX = 1_000
PIECES_MAX = 1_000_000_000
TEXT_CHARACTERS_MAX = 10_000
_MODELS = {
    model._meta.db_table: model
    for model in (
        models.Life, models.Declaration, models.InspectionPlan, models.Inspection, models.InspectionCheck, models.Sample,
        models.PackageStatus, models.PackageHandling, models.SiliconRevision,
    )
}  # fmt: skip
READINGS_NEEDED = {
    "baked": {"temperature_c": (20, 200), "hours": (0, 10_000)},
    "dry_in": {"rh_percent_max": (0, 100)},
}


class KeptIntake(TableIntake):
    """Base of these intakes."""

    kept: KeptTable
    evidence_class = "traceability"
    images = None
    tables: Mapping[str, type[Model]] = _MODELS

    def __init__(self, *args):
        super().__init__(*args)
        self.columns = self.shape.columns
        self.parties = numbers_by_name(self.tenant) if self.kept.parties else {}
        self.packages = PackageFinder(self.tenant)
        self.party_hints = Hints(lambda: self.parties, "Add the party to parties.csv first.")
        self.part_hints = Hints(lambda: known_part_codes(self.tenant), "Add the part to parts.csv first.")
        self.seen: set[bytes] = set()
        fields = {one.column: one for one in self.tables[self.kept.db_table]._meta.concrete_fields}
        self.most = {name: fields[name].max_length or TEXT_CHARACTERS_MAX for name in self.columns}

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        found = self.packages.find(code for row in rows for code in self.codes(row))
        parts = part_numbers(
            self.tenant, {row[self.columns.index("part")] for row in rows} if "part" in self.columns else ()
        )
        taken, facts = [], []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before or fact in self.seen:
                self.known += 1
            elif self._right(line, dict(zip(self.columns, row, strict=True)), found, parts):
                self.seen.add(fact)
                taken.append(row)
                facts.append(fact)
        values = with_operators(self.entry, self.kept, taken)
        first = self.commit([row_text(row) for row in values], facts)
        write_rows(self.entry, self.kept, values, self.parties, first)

    def codes(self, row: Sequence[str]) -> list[str]:
        """The packages that a row names."""
        return [row[self.columns.index("package")]] if "package" in self.columns else []

    def _right(self, line: int, cells: dict[str, str], found: dict, parts: dict[str, int]) -> bool:
        before = self.errors.total
        for name, cell in cells.items():
            if name not in self.kept.counts | PEOPLE and not name.endswith("_at") and len(cell) > self.most[name]:
                reason = f"has {len(cell):,} characters, the most is {self.most[name]:,}"
                self.wrong(line, name, cell, "tables.cell_too_long", reason, "Shorten it.")
            elif name in self.kept.counts:
                refuse_large(self, line, name, cell)
            elif name in self.kept.days and cell:
                self._check_day(line, name, cell)
            elif name in self.kept.parties and cell and cell not in self.parties:
                reason = f"No party is called {cell}"
                self.wrong(line, name, cell, "parties.unknown", reason, self.party_hints.of(cell))
        for code in self.codes(tuple(cells.values())):
            if code and code not in found:
                reason = f"There is no package {code}"
                self.wrong(line, "package", code, "supply.package_unknown", reason, self.packages.explain(code))
        if cells.get("part") and cells["part"] not in parts:
            reason = f"There is no part {cells['part']}"
            self.wrong(line, "part", cells["part"], "catalog.part_unknown", reason, self.part_hints.of(cells["part"]))
        if self.errors.total == before:
            self.check(line, cells)
        if self.kept.files and cells["file"] and self.images is not None and self.errors.total == before:
            self._check_file(line, cells)
        return self.errors.total == before

    def check(self, line: int, cells: dict[str, str]) -> None:
        """The rules of the table itself; `wrong` names what breaks one."""

    def _check_day(self, line: int, name: str, cell: str) -> None:
        try:
            parse_date(cell)
        except ValueError as refusal:
            self.wrong(line, name, cell, "supply.day_wrong", str(refusal), "Write it as 2027-03-15.")

    def _check_file(self, line: int, cells: dict[str, str]) -> None:
        from hashlib import sha256

        try:
            content = self.images(cells["file"])
        except OSError:
            content = None
        if content is None:
            self.warn(f"{self.file} line {line}: file {cells['file'][:80]} is not there, its SHA-256 was not checked.")
        elif sha256(content).hexdigest() != cells["sha256"]:
            reason = f"File {cells['file'][:80]} has another SHA-256"
            self.wrong(
                line, "sha256", cells["sha256"], "supply.file_differs", reason, "Put the right file in its place."
            )


class LivesIntake(KeptIntake):
    """How long a part or one package lasts."""

    table, shape, kept = "lives", KEPT["lives"].shape, KEPT["lives"]

    def check(self, line, cells):
        if cells["msl"] and not level_known(cells["msl"]):
            reason, remedy = f"{cells['msl']} is no moisture sensitivity level", f"Levels are {', '.join(levels())}."
            self.wrong(line, "msl", cells["msl"], "supply.level_unknown", reason, remedy)


class DeclarationsIntake(KeptIntake):
    """Papers of suppliers and makers."""

    table, shape, kept = "declarations", KEPT["declarations"].shape, KEPT["declarations"]


class InspectionPlansIntake(KeptIntake):
    """How a part of a supplier is inspected."""

    table, shape, kept = "inspection_plans", KEPT["inspection_plans"].shape, KEPT["inspection_plans"]

    def check(self, line, cells):
        standard = cells["standard"]
        if standard == "iso2859" and (not cells["level"] or cells["aql"] not in AQLS):
            reason, remedy = "needs a level and an AQL of the standard", f"AQLs are {', '.join(AQLS)}."
            self.wrong(line, "aql", cells["aql"], "supply.aql_unknown", reason, remedy)
        if standard == "c0" and not _percent(cells["limiting_quality"]):
            reason = "needs the percentage that is to be found, above 0 and below 100"
            value = cells["limiting_quality"]
            self.wrong(line, "limiting_quality", value, "supply.limiting_quality_wrong", reason, "Write it as 2.5.")


class InspectionsIntake(KeptIntake):
    """Incoming inspections."""

    table, shape, kept = "inspections", KEPT["inspections"].shape, KEPT["inspections"]

    def __init__(self, *args):
        super().__init__(*args)
        self.numbers: set[str] = set()

    def codes(self, row):
        found = _codes_in(row[self.columns.index("packages")])
        return found or []

    def check(self, line, cells):
        codes = _codes_in(cells["packages"])
        if not codes or len(codes) > PACKAGES_MAX or len(set(codes)) != len(codes):
            reason = f"is a list of 1 to {PACKAGES_MAX:,} package codes, each once"
            remedy = 'Write it as ["PK-1", "PK-2"].'
            self.wrong(line, "packages", cells["packages"], "supply.packages_wrong", reason, remedy)
        if int(cells["nonconforming"]) > int(cells["sample_size"]) or int(cells["sample_size"]) > int(
            cells["lot_size"]
        ):
            reason = "more pieces are wrong than were looked at, or more were looked at than there are"
            self.wrong(line, "nonconforming", cells["nonconforming"], "supply.count_wrong", reason, "Count again.")
        sql = "SELECT 1 FROM supply_inspection WHERE tenant = %s AND inspection = %s AND until_entry IS NULL"
        if cells["inspection"] in self.numbers or reading.fetch_one(sql, (self.tenant, cells["inspection"])):
            reason = f"Inspection {cells['inspection']} is recorded already with other content"
            self.contradicts(line, "inspection", cells["inspection"], reason)
        self.numbers.add(cells["inspection"])


class InspectionChecksIntake(KeptIntake):
    """Checks within inspections."""

    table, shape, kept = "inspection_checks", KEPT["inspection_checks"].shape, KEPT["inspection_checks"]

    def check(self, line, cells):
        sql = "SELECT 1 FROM supply_inspection WHERE tenant = %s AND inspection = %s AND until_entry IS NULL"
        if reading.fetch_one(sql, (self.tenant, cells["inspection"])) is None:
            reason = f"There is no inspection {cells['inspection']}"
            remedy = "Record the inspection first."
            self.wrong(line, "inspection", cells["inspection"], "supply.inspection_unknown", reason, remedy)


class SamplesIntake(KeptIntake):
    """Retained samples."""

    table, shape, kept = "samples", KEPT["samples"].shape, KEPT["samples"]


class StatusesIntake(KeptIntake):
    """Statuses after the first one."""

    table, shape, kept = "statuses", KEPT["statuses"].shape, KEPT["statuses"]


class HandlingIntake(KeptIntake):
    """Opened, dried, baked, thawed."""

    table, shape, kept = "handling", KEPT["handling"].shape, KEPT["handling"]

    def check(self, line, cells):
        readings = json.loads(cells["readings"]) if cells["readings"] else {}
        for name, (low, high) in READINGS_NEEDED.get(cells["event"], {}).items():
            value = readings.get(name) if isinstance(readings, dict) else None
            if type(value) not in (int, float) or not low <= value <= high:
                reason = f"{cells['event']} needs {name} from {low} to {high}"
                self.wrong(
                    line, "readings", cells["readings"], "supply.reading_missing", reason, "Add what was measured."
                )
        if cells["event"] == SPLIT:
            self._check_split(line, cells, readings)

    def _check_split(self, line: int, cells: dict[str, str], readings: object) -> None:
        said = readings if isinstance(readings, dict) else {}
        into, pieces = said.get("into"), said.get("pieces", 0)
        known = isinstance(into, str) and into != cells["package"] and self.packages.find([into])
        if not known or type(pieces) is not int or not 0 <= pieces <= PIECES_MAX:
            reason = (
                f"split needs `into`, another package that is known; `pieces` is a whole number up to {PIECES_MAX:,}"
            )
            remedy = 'Write it as {"into": "PK-2", "pieces": 500}.'
            self.wrong(line, "readings", cells["readings"], "supply.split_wrong", reason, remedy)


class SiliconRevisionsIntake(KeptIntake):
    """Which silicon is in a lot or a package. A lot is named as in lots.csv, and only where it has a code: pieces of which nobody wrote the lot
    may be of several."""

    table, shape, kept = "silicon_revisions", KEPT["silicon_revisions"].shape, KEPT["silicon_revisions"]

    def check(self, line, cells):
        lot = [cells[name] for name in ("mpn", "manufacturer", "lot_code", "date_code")]
        told = bool(cells["lot_code"] or cells["date_code"])
        if cells["package"]:
            if cells["part"] or any(lot):
                reason = "names a package and a lot"
                self.wrong(
                    line, "package", cells["package"], "supply.silicon_of_what", reason, "Name one of them a row."
                )
        elif not told:
            reason = "has neither lot nor date code"
            self.wrong(line, "lot_code", "", "supply.silicon_of_no_lot", reason, "Name the packages.")
        elif not lot_stands(self.tenant, cells["part"], *lot):
            said = " ".join(text for text in (cells["part"], *lot) if text)
            reason = f"There is no lot {said}"
            self.wrong(
                line,
                "lot_code",
                cells["lot_code"],
                "supply.lot_unknown",
                reason,
                "Write the five cells as lots.csv has them.",
            )


def _codes_in(cell: str) -> list[str] | None:
    try:
        found = json.loads(cell)
    except ValueError:
        return None
    return found if isinstance(found, list) and all(isinstance(code, str) and code for code in found) else None


def _percent(text: str) -> bool:
    whole, _, part = text.partition(".")
    right = text.isascii() and whole.isdigit() and (part == "" or part.isdigit()) and len(text) <= 8
    return right and not text.endswith(".") and 0 < float(text) < 100
