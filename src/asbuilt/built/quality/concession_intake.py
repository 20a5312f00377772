"""concessions.csv and concession_decisions.csv -> what units may go with, and who agreed.

A row recorded before, word for word, is passed over. Rows of one concession say the same but for their unit. Refused: an end that lies
before its beginning, a decision about a concession that is not there, one that names neither person nor party nor document.
Tables tell history: who had to agree is asked where a concession counts (the gate), not here.
"""

from asbuilt.built.production.intake.kept_units import UnitKeptIntake
from asbuilt.built.quality import concession_models
from asbuilt.built.quality.kept import KEPT
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import reading

_TABLES = {
    model._meta.db_table: model for model in (concession_models.Concession, concession_models.ConcessionDecision)
}
ALLOWED = (
    "route_open", "step_failed", "test_missing", "test_failed", "test_version", "test_before_firmware", "test_before_rework",
    "test_in_doubt", "firmware_missing", "firmware_other", "quarantine", "nonconformity", "calibration", "vulnerability", "no_sbom",
    "change_boundary", "process_revision_run", "alternate_unqualified", "part_unapproved", "maker_unknown", "other_part", "return_open", "test_plan_withdrawn", "test_repeated",
)  # fmt: skip
"""What a concession may allow: reasons of the gate. Never a hold, which its own lifter lifts, nor what is no unit to ship."""


class ConcessionsIntake(UnitKeptIntake):
    """Each row lets a unit go with something missing, until a time."""

    table, shape, kept = "concessions", KEPT["concessions"].shape, KEPT["concessions"]
    tables = _TABLES

    def __init__(self, *args):
        super().__init__(*args)
        self.said: dict[str, tuple] = {}

    def check_units(self, line, units, cells):
        code = cells["concession"]
        if cells["allows"] not in ALLOWED:
            reason = f"{cells['allows'][:40]} is nothing that a concession allows"
            self.wrong(
                line, "allows", cells["allows"], "quality.concession_allows", reason, f"One of {', '.join(ALLOWED)}."
            )
            return
        if parse_instant(cells["until_at"]) <= parse_instant(cells["happened_at"]):
            reason = "ends before it begins"
            self.wrong(
                line, "until_at", cells["until_at"], "quality.concession_end", reason, "Give it an end that is ahead."
            )
            return
        mine = (cells["allows"], cells["subject"], cells["reason"], parse_instant(cells["until_at"]))
        known = self.said.setdefault(code, self._recorded(code) or mine)
        if known != mine:
            reason = f"Concession {code} was said otherwise of another unit"
            if self._recorded(code):
                self.contradicts(line, "concession", code, reason)
            else:
                self.wrong(line, "concession", code, "quality.concession_other", reason, "Give it a code of its own.")

    def _recorded(self, code: str) -> tuple | None:
        sql = (
            "SELECT allows, subject, reason, until_at FROM quality_concession WHERE tenant = %s AND concession = %s "
            "AND until_entry IS NULL LIMIT 1"
        )
        row = reading.fetch_one(sql, (self.tenant, code))
        return tuple(row) if row else None


class ConcessionDecisionsIntake(KeptIntake):
    """Each row says that somebody agreed to a concession, or ended it."""

    table = "concession_decisions"
    shape, kept = KEPT["concession_decisions"].shape, KEPT["concession_decisions"]
    tables = _TABLES

    def check(self, line, cells):
        code = cells["concession"]
        sql = "SELECT DISTINCT concession FROM quality_concession WHERE tenant = %s AND until_entry IS NULL"
        if not reading.fetch_one(sql + " AND concession = %s LIMIT 1", (self.tenant, code)):
            known = [name for (name,) in reading.fetch(sql + " LIMIT 5000", (self.tenant,))]
            remedy = did_you_mean(code, known) or "Add it to concessions.csv first."
            reason = f"There is no concession {code}"
            self.wrong(line, "concession", code, "quality.concession_unknown", reason, remedy)
        elif cells["decision"] == "ended" and not cells["reason"]:
            self.wrong(line, "reason", "", "quality.concession_reason", "is empty, and it is ended", "Say why.")


INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake for intake in (ConcessionsIntake, ConcessionDecisionsIntake)
}
