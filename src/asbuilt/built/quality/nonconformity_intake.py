"""nonconformities.csv and the seven tables about them -> rows.

A nonconformity has a code and begins with its row in nonconformities.csv; all others name it. Refused are a second row of one
code, a nonconformity, product, disposition or action that is not known, a fifth of five whys without the fourth, a branch that
Ishikawa does not have, and a question with a mistake. Tables tell history: who may decide what is the verbs' matter.
"""

from pyroaring import BitMap

from asbuilt.built.production.intake.outside import NotesIntake
from asbuilt.built.production.question_checks import GRAMMAR_CHECKS
from asbuilt.built.quality import events
from asbuilt.built.quality import nonconformity_models as models
from asbuilt.built.quality.kept_nonconformities import KEPT
from asbuilt.built.quality.open_nonconformities import units_under
from asbuilt.built.quality.withdraw_nonconformities import UNITS
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import bulk, reading

BRANCHES = ("man", "machine", "material", "method", "measurement", "environment")
WHYS_MAX = 10
CAUSES_MAX = 200
PPM = 1_000_000


class KnownCodes:
    """Codes of nonconformities that stand, and those of this file."""

    def __init__(self, intake: TableIntake):
        self.intake = intake
        sql = "SELECT nonconformity FROM quality_nonconformity WHERE tenant = %s AND until_entry IS NULL"
        self.codes = {code for (code,) in reading.fetch(sql, (intake.tenant,))}

    def check(self, line: int, code: str) -> bool:
        """Whether there is such a nonconformity; names the mistake where there is none."""
        if code in self.codes:
            return True
        remedy = did_you_mean(code, self.codes) or "Add its row to nonconformities.csv first."
        reason = f"There is no nonconformity {code}"
        self.intake.wrong(line, "nonconformity", code, "quality.nonconformity_unknown", reason, remedy)
        return False


class NonconformingIntake(KeptIntake):
    """Base of these intakes but that of units."""

    tables = {
        model._meta.db_table: model
        for model in (
            models.Nonconformity, models.NonconformityCause, models.Disposition, models.NonconformityAction,
            models.NonconformityState, models.EffectivenessCheck, models.EffectivenessResult,
        )
    }  # fmt: skip

    def __init__(self, *args):
        super().__init__(*args)
        self.known_codes = KnownCodes(self)

    def check(self, line, cells):
        if self.known_codes.check(line, cells["nonconformity"]):
            self.check_row(line, cells)

    def check_row(self, line: int, cells: dict[str, str]) -> None:
        """The rules of the table itself."""

    def asks(self, line: int, column: str, question: str) -> None:
        """Name what is wrong with a question."""
        try:
            for check in GRAMMAR_CHECKS.values():
                check(question)
        except Invalid as refusal:
            self.wrong(line, column, question, refusal.code, refusal.message, refusal.remedy)


class NonconformitiesIntake(NonconformingIntake):
    """Each row is a nonconformity."""

    table, shape, kept = "nonconformities", events.NONCONFORMITY, KEPT["nonconformities"]

    def __init__(self, *args):
        super().__init__(*args)
        self.recorded = set(self.known_codes.codes)
        self.products = standing_products(self.tenant)

    def check(self, line, cells):
        code, product = cells["nonconformity"], cells["product"]
        if product and product not in self.products:
            reason = f"There is no product {product}"
            remedy = did_you_mean(product, self.products) or "Add its BOM to bom.csv first."
            self.wrong(line, "product", product, "catalog.product_unknown", reason, remedy)
        if cells["question"]:
            self.asks(line, "question", cells["question"])
        if code in self.recorded:
            self.contradicts(line, "nonconformity", code, f"Nonconformity {code} was recorded before, otherwise.")
        elif code in self.known_codes.codes:
            reason = f"Nonconformity {code} stands on an earlier line too"
            self.wrong(line, "nonconformity", code, "quality.nonconformity_doubled", reason, "Keep one row of it.")
        else:
            self.known_codes.codes.add(code)


class NonconformityUnitsIntake(NotesIntake):
    """Each row is a span of units that a nonconformity, or one of its dispositions, is about. A unit stands there once."""

    table = "nonconformity_units"
    shape = events.NONCONFORMITY_UNITS
    place_of_span = 2

    def __init__(self, *args):
        super().__init__(*args)
        self.known_codes = KnownCodes(self)
        self.most = lengths(models.NonconformityUnits, ("nonconformity", "disposition"))
        self.there: dict[tuple[str, str], tuple[BitMap, BitMap]] = {}  # as recorded before, and in this file

    def said(self, line, row, span):
        code, order, _, _, disposition, operator, stated_at = row
        if refuse_long(self, line, ("nonconformity", "disposition"), (code, disposition), self.most):
            return None
        if not self.known_codes.check(line, code):
            return None
        if not self._once(line, row, span):
            return None
        person, at = self.people.number(operator), parse_instant(stated_at)
        return [code, order, disposition, person, stated_at], (code, disposition, person, at)

    def _once(self, line: int, row: tuple, span: tuple[int, int]) -> bool:
        """A unit stands once under a nonconformity, and once under each of its dispositions."""
        key, units = (row[0], row[4]), BitMap(range(*span))
        if key not in self.there:
            self.there[key] = (units_under(self.tenant, *key), BitMap())
        recorded, here = self.there[key]
        reason = f"{len(units & (recorded | here))} of these units stand under {' '.join(key).strip()} already"
        if units & recorded:
            self.contradicts(line, "first_serial", row[2], reason)
        elif units & here:
            remedy = "Let each unit stand there once."
            self.wrong(line, "first_serial", row[2], "quality.units_doubled", reason, remedy)
        else:
            here |= units
            self.there[key] = (recorded, here)
            return True
        return False

    def write(self, rows):
        bulk.insert_rows("quality_nonconformity_unit", ("tenant", "first_unit", "until_unit", "entry", *UNITS), rows)


class NonconformityCausesIntake(NonconformingIntake):
    """Each row is a why, or a branch of the diagram."""

    table, shape, kept = "nonconformity_causes", events.CAUSE, KEPT["nonconformity_causes"]

    def check_row(self, line, cells):
        method, place = cells["method"], cells["place"]
        whys = [str(number) for number in range(1, WHYS_MAX + 1)]
        if place not in (whys if method == "five_why" else BRANCHES):
            remedy = (
                f"Number the whys from 1 to {WHYS_MAX}." if method == "five_why" else f"One of {', '.join(BRANCHES)}."
            )
            self.wrong(line, "place", place, "quality.cause_place", f"{place} is no place of {method}", remedy)


class DispositionsIntake(NonconformingIntake):
    """Each row is a step of a disposition; the first proposes it."""

    table, shape, kept = "dispositions", events.DISPOSITION, KEPT["dispositions"]

    def __init__(self, *args):
        super().__init__(*args)
        sql = "SELECT nonconformity, disposition FROM quality_disposition WHERE tenant = %s AND step = 'proposed' AND until_entry IS NULL"
        self.proposed = {tuple(row) for row in reading.fetch(sql, (self.tenant,))}

    def check_row(self, line, cells):
        key = (cells["nonconformity"], cells["disposition"])
        if cells["step"] == "proposed":
            self.proposed.add(key)
        elif key not in self.proposed:
            reason = f"Nobody proposed disposition {key[1]} of {key[0]}"
            remedy = "Give the row with step proposed first."
            self.wrong(line, "disposition", key[1], "quality.disposition_unknown", reason, remedy)
        if bool(cells["file"]) != bool(cells["sha256"]):
            reason, remedy = "A document has a name and a SHA-256", "Fill both, or neither."
            self.wrong(line, "sha256", cells["sha256"], "quality.document_halfway", reason, remedy)


class NonconformityActionsIntake(NonconformingIntake):
    """Each row is an action as it stands from then on."""

    table, shape, kept = "nonconformity_actions", events.ACTION, KEPT["nonconformity_actions"]


class NonconformityStatesIntake(NonconformingIntake):
    """Each row says that it was contained, closed or opened again."""

    table, shape, kept = "nonconformity_states", events.STATE, KEPT["nonconformity_states"]


class EffectivenessChecksIntake(NonconformingIntake):
    """Each row is how the effect of the actions will be measured; the last one counts."""

    table, shape, kept = "effectiveness_checks", events.EFFECTIVENESS_CHECK, KEPT["effectiveness_checks"]

    def check_row(self, line, cells):
        for column in ("question", "among"):
            self.asks(line, column, cells[column])
        if int(cells["failed_ppm_max"]) > PPM:
            value = cells["failed_ppm_max"]
            reason, remedy = f"{value} of a million is more than all", f"Write 0 to {PPM:,}."
            self.wrong(line, "failed_ppm_max", value, "quality.ppm_wrong", reason, remedy)


class EffectivenessResultsIntake(NonconformingIntake):
    """Each row is what such a check counted."""

    table, shape, kept = "effectiveness_results", events.EFFECTIVENESS_RESULT, KEPT["effectiveness_results"]

    def check_row(self, line, cells):
        if int(cells["failed"]) > int(cells["units"]):
            reason, remedy = "More units failed than there were", "Exchange or mend the two counts."
            self.wrong(line, "failed", cells["failed"], "quality.counts_wrong", reason, remedy)


INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake
    for intake in (
        NonconformitiesIntake, NonconformityUnitsIntake, NonconformityCausesIntake, DispositionsIntake,
        NonconformityActionsIntake, NonconformityStatesIntake, EffectivenessChecksIntake, EffectivenessResultsIntake,
    )
}  # fmt: skip
