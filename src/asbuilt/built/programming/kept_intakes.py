"""grants, station_plans, stations, permits, permit_states, station_records and alarm_releases .csv -> rows.

A row recorded before, word for word, is passed over. What is signed is checked as far as it proves itself: a grant by a key
that the trust store lets grant, a permit by issuers that its grant names, all permits of a grant together against its units.
Keys are judged by when the row is recorded: its own `happened_at` could be dated back behind a revocation.
Refused besides: a second document of an id, a permit without its grant, a state of a permit that is not there.
"""

from hashlib import sha256

from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.programming import events, models, permits, stations
from asbuilt.built.programming.kept import KEPT
from asbuilt.built.supply.kept import with_operators, write_rows
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.kernel import plans
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.permits import IRREVERSIBLE_ISSUERS, PERMIT_BYTES_MAX
from asbuilt.ledger.intake import fact_bytes, row_text

DOCUMENT_CHARACTERS_MAX = 2 * PERMIT_BYTES_MAX


class PermitRecordIntake(KeptIntake):
    """Base of these intakes."""

    tables = {
        model._meta.db_table: model
        for model in (
            models.Grant, models.Plan, models.Station, models.Permit, models.PermitState, models.StationRecord,
            models.AlarmRelease,
        )
    }  # fmt: skip

    def __init__(self, *args):
        super().__init__(*args)
        if "document" in self.most:
            self.most["document"] = DOCUMENT_CHARACTERS_MAX

    def take(self, lines, rows):
        # one after the other: a permit may stand in the file before the one that would exceed its grant
        for line, row in zip(lines, rows, strict=True):
            super().take([line], [row])

    def refused(self, line: int, column: str, refusal: AsbuiltError) -> None:
        """Name what a check of the kernel refused."""
        self.wrong(line, column, "", refusal.code, refusal.message, refusal.remedy)


class GrantsIntake(PermitRecordIntake):
    """Each row is a grant as its brand owner signed it."""

    table, shape, kept = "grants", events.GRANT, KEPT["grants"]

    def check(self, line, cells):
        try:
            found = permits.checked_grant(self.tenant, cells["document"].encode(), self.entry.recorded_at)
        except AsbuiltError as refusal:
            return self.refused(line, "document", refusal)
        if found.grant_id != cells["grant"]:
            reason = f"The document is grant {found.grant_id}"
            self.wrong(line, "grant", cells["grant"], "programming.document_other", reason, "Write its own id.")
        elif permits.grant_document(self.tenant, found.grant_id) is not None:
            self.contradicts(
                line, "grant", cells["grant"], f"Grant {found.grant_id} was recorded with another document"
            )


class PlansIntake(PermitRecordIntake):
    """Each row is a plan."""

    table, shape, kept = "station_plans", events.PLAN, KEPT["station_plans"]

    def check(self, line, cells):
        document = cells["document"].encode()
        if sha256(document).hexdigest() != cells["sha256"]:
            reason = "is not the SHA-256 of the plan beside it"
            self.wrong(line, "sha256", cells["sha256"], "programming.document_other", reason, "Write its own SHA-256.")
            return
        try:
            plans.parse_plan(document)
        except AsbuiltError as refusal:
            self.refused(line, "document", refusal)


class StationsIntake(PermitRecordIntake):
    """Each row enrols a station with its keys, or closes it."""

    table, shape, kept = "stations", events.STATION, KEPT["stations"]

    def check(self, line, cells):
        try:
            stations.check_name(cells["station"])
        except AsbuiltError as refusal:
            return self.refused(line, "station", refusal)
        if cells["state"] == "enrolled":
            for column in ("public", "transfer"):
                try:
                    permits.key_of_text(cells[column], sealing=column == "transfer")
                except AsbuiltError as refusal:
                    self.refused(line, column, refusal)


class PermitsIntake(PermitRecordIntake):
    """Each row is a permit as its issuer signed it."""

    table, shape, kept = "permits", events.PERMIT, KEPT["permits"]

    def check(self, line, cells):
        try:
            found = permits.checked_permit(self.tenant, cells["document"].encode(), self.entry.recorded_at)
        except AsbuiltError as refusal:
            return self.refused(line, "document", refusal)
        if (found.permit_id, found.grant_id) != (cells["permit"], cells["grant"]):
            reason = f"The document is permit {found.permit_id} of grant {found.grant_id}"
            self.wrong(line, "permit", cells["permit"], "programming.document_other", reason, "Write its own ids.")
            return
        plan = permits.plan_document(self.tenant, found.plan_sha256)
        if plan is not None:
            try:
                plans.check_issuers(plans.parse_plan(plan), found)
            except AsbuiltError as refusal:
                self.refused(line, "document", refusal)
        elif found.issuers_signed < IRREVERSIBLE_ISSUERS:
            reason = "Its plan is not in the record, so nobody knows whether it burns or locks, which two issuers sign"
            self.wrong(line, "document", "", "programming.plan_unknown", reason, "Import station_plans.csv first.")


class PermitStatesIntake(PermitRecordIntake):
    """Each row says that a permit was revoked or closed, or what a station's certificate says of its share."""

    table, shape, kept = "permit_states", events.PERMIT_STATE, KEPT["permit_states"]

    def check(self, line, cells):
        try:
            permit = permits.permit_of(self.tenant, cells["permit"]).permit
        except AsbuiltError as refusal:
            return self.wrong(line, "permit", cells["permit"], refusal.code, refusal.message, refusal.remedy)
        if (cells["state"] == "ended") != bool(cells["station"] and cells["spent"] and cells["sha256"]):
            reason = "A share that ended names its station, the units spent and its certificate; no other state does"
            self.wrong(line, "state", cells["state"], "programming.state_cells", reason, "Fill these cells together.")
        elif cells["station"] and permit.share_of(cells["station"]) is None:
            reason = f"The permit has no share for station {cells['station'][:40]}"
            self.wrong(
                line, "station", cells["station"], "programming.no_share", reason, "Name a station of the permit."
            )


class StationRecordsIntake(PermitRecordIntake):
    """Each row is a signed record of a station; a serial number names the unit where the record could be placed."""

    table, shape, kept = "station_records", events.STATION_RECORD, KEPT["station_records"]

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)

    def take(self, lines, rows):
        """All at once: a station sends hundreds."""
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        named = [n for n, row in enumerate(rows) if row[0]]
        found = self.units.resolve(
            [lines[n] for n in named], "serial", [rows[n][0] for n in named], [""] * len(named)
        )  # fmt: skip
        unit_of = dict(zip(named, found, strict=True))
        taken, facts = [], []
        for n, (line, row, fact) in enumerate(zip(lines, rows, ids, strict=True)):
            if fact in before or fact in self.seen:
                self.known += 1
            elif not (row[0] and unit_of[n] is None) and self._right(
                line, dict(zip(self.columns[1:], row[1:], strict=True)), {}, {}
            ):
                self.seen.add(fact)
                taken.append((unit_of.get(n), *row[1:]))
                facts.append(fact)
        values = with_operators(self.entry, self.kept, taken)
        units = [row[0] for row in values if row[0] is not None]
        ends = (min(units), max(units) + 1) if units else (None, None)
        first = self.commit([row_text(row) for row in values], facts, *ends)
        write_rows(self.entry, self.kept, values, {}, first)


class AlarmReleasesIntake(PermitRecordIntake):
    """Each row lets a station go on after an alarm."""

    table, shape, kept = "alarm_releases", events.ALARM_RELEASE, KEPT["alarm_releases"]


INTAKES = {
    intake.table: intake
    for intake in (
        GrantsIntake, PlansIntake, StationsIntake, PermitsIntake, PermitStatesIntake, StationRecordsIntake, AlarmReleasesIntake,
    )
}  # fmt: skip
