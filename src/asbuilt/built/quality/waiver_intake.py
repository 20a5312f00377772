"""waivers.csv and waiver_decisions.csv -> with which known vulnerability something may go, and who agreed.

A row recorded before, word for word, is passed over. Refused: a second waiver of one code, a product that is not known, a role without its
version, a question with a mistake, an end that lies before its beginning, a decision about a waiver that is not there.
Tables tell history: who had to agree is asked where a waiver counts (the gate), not here.
"""

from asbuilt.built.production.question_checks import GRAMMAR_CHECKS
from asbuilt.built.quality import waiver_models
from asbuilt.built.quality.kept import KEPT
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import reading

_TABLES = {model._meta.db_table: model for model in (waiver_models.Waiver, waiver_models.WaiverDecision)}


class WaiversIntake(KeptIntake):
    """Each row lets a release, or units, go with a known vulnerability, until a time."""

    table, shape, kept = "waivers", KEPT["waivers"].shape, KEPT["waivers"]
    tables = _TABLES

    def __init__(self, *args):
        super().__init__(*args)
        sql = "SELECT waiver FROM quality_waiver WHERE tenant = %s AND until_entry IS NULL"
        self.recorded = {code for (code,) in reading.fetch(sql, (self.tenant,))}
        self.given: set[str] = set()
        self.products = standing_products(self.tenant)

    def check(self, line, cells):
        code, product = cells["waiver"], cells["product"]
        if product not in self.products:
            reason = f"There is no product {product}"
            remedy = did_you_mean(product, self.products) or "Add its BOM to bom.csv first."
            self.wrong(line, "product", product, "catalog.product_unknown", reason, remedy)
        if cells["role"] and not cells["version"]:
            reason = "names an image role without its version"
            self.wrong(
                line, "role", cells["role"], "quality.waiver_scope", reason, "Name the version, or empty the role."
            )
        if parse_instant(cells["until_at"]) <= parse_instant(cells["happened_at"]):
            reason, remedy = "ends before it begins", "Give it an end that is ahead."
            self.wrong(line, "until_at", cells["until_at"], "quality.concession_end", reason, remedy)
        if cells["question"]:
            try:
                for check in GRAMMAR_CHECKS.values():
                    check(cells["question"])
            except Invalid as refusal:
                self.wrong(line, "question", cells["question"], refusal.code, refusal.message, refusal.remedy)
        if code in self.recorded:
            self.contradicts(line, "waiver", code, f"Waiver {code} was recorded before, otherwise")
        elif code in self.given:
            reason = f"Waiver {code} stands on an earlier line too"
            self.wrong(line, "waiver", code, "quality.waiver_doubled", reason, "Give it a code of its own.")
        self.given.add(code)


class WaiverDecisionsIntake(KeptIntake):
    """Each row says that somebody agreed to a waiver, or ended it."""

    table, shape, kept = "waiver_decisions", KEPT["waiver_decisions"].shape, KEPT["waiver_decisions"]
    tables = _TABLES

    def check(self, line, cells):
        code = cells["waiver"]
        sql = "SELECT DISTINCT waiver FROM quality_waiver WHERE tenant = %s AND until_entry IS NULL"
        if not reading.fetch_one(sql + " AND waiver = %s LIMIT 1", (self.tenant, code)):
            known = [name for (name,) in reading.fetch(sql + " LIMIT 5000", (self.tenant,))]
            remedy = did_you_mean(code, known) or "Add it to waivers.csv first."
            self.wrong(line, "waiver", code, "quality.waiver_unknown", f"There is no waiver {code}", remedy)
        elif cells["decision"] == "ended" and not cells["reason"]:
            self.wrong(line, "reason", "", "quality.concession_reason", "is empty, and it is ended", "Say why.")


INTAKES: dict[str, type[TableIntake]] = {intake.table: intake for intake in (WaiversIntake, WaiverDecisionsIntake)}
