"""trust_stores.csv, release_drafts.csv, release_signatures.csv, release_states.csv -> the release register.

Each row is checked as its verb would check it: a version of the trust store follows the one before, a signature is made by a
release signer's key over the very draft, a release has as many signers as the trust store asks for. So history that is
loaded proves itself; releases without signatures come by firmware.csv.
"""

from abc import abstractmethod

from asbuilt.access.people import People
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.firmware import events, register
from asbuilt.designed.firmware.limits import refuse_cells
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.tables import TABLES
from asbuilt.kernel import envelope, releases, trust
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import parse_date, parse_instant
from asbuilt.kernel.notes import strict_base64
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

RELEASE_KEY = 3  # product, role, version lead each row that speaks of a release


class _RegisterIntake(TableIntake):
    """Base: rows are kept as their cells; `operator` becomes a person. One row of a key stands."""

    kept_in: str
    key_width: int

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        self.columns = TABLES[self.table].columns
        self.lines: dict[tuple, int] = {}
        self.written: list[tuple] = []

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        for line, row, fact in zip(lines, rows, ids, strict=True):
            key = row[: self.key_width]
            if fact in before and not self.anew:
                self.known += 1
            elif key in self.lines:
                reason = f"{' '.join(key)} stands on line {self.lines[key]} too"
                self.wrong(line, self.columns[0], row[0], "firmware.row_doubled", reason, "Keep one row of it.")
            elif self._stands(key):
                self.contradicts(line, self.columns[0], row[0], f"{' '.join(key)} was recorded before otherwise")
            elif not refuse_cells(self, line, row) and self._right(line, row):
                self.lines[key] = line
                self._write(row, fact)

    @abstractmethod
    def _right(self, line: int, row: tuple[str, ...]) -> bool:
        """Whether the row's rules hold; names what does not."""

    def _stands(self, key: tuple[str, ...]) -> bool:
        named = " AND ".join(f"{name} = %s" for name in self.columns[: self.key_width])
        sql = f"SELECT 1 FROM {self.kept_in} WHERE tenant = %s AND {named} AND until_entry IS NULL LIMIT 1"
        return reading.fetch_one(sql, (self.tenant, *key)) is not None

    def _write(self, row: tuple[str, ...], fact: bytes) -> None:
        at = self.columns.index("operator")
        values = [*row[:at], self.people.number(row[at]), *row[at + 1 :]]
        place = self.commit([row_text(values)], [fact])
        columns = ("tenant", *self.columns, "entry", "row")
        # written at once: a row may rest on one before it in the same file
        bulk.insert_rows(self.kept_in, columns, [(self.tenant, *values, self.entry.number, place)])

    def refused(self, line: int, column: str, value: str, refusal: AsbuiltError | ValueError) -> bool:
        """Name what a check of the kernel refused; always False."""
        said = isinstance(refusal, AsbuiltError)
        code, remedy = (refusal.code, refusal.remedy) if said else ("firmware.cell_wrong", "Correct the cell.")
        self.wrong(line, column, value, code, str(refusal), remedy)
        return False


class TrustStoresIntake(_RegisterIntake):
    """Each row is a version of the trust store, the first one trusted because the tenant sets it."""

    table = "trust_stores"
    shape = events.TRUST_STORE
    kept_in = "firmware_trust_store"
    key_width = 1

    def _right(self, line, row):
        version, sha256, document = row[:3]
        try:
            chain = register.trust_chain(self.tenant)
            if chain:
                store = trust.open_next(document.encode(), chain[-1])
            else:
                store = trust.open_first(document.encode(), sha256)
        except AsbuiltError as refusal:
            return self.refused(line, "document", "", refusal)
        if (str(store.version), store.sha256) != (version, sha256):
            reason = f"The document is version {store.version} with SHA-256 {store.sha256}"
            self.wrong(line, "sha256", sha256, "firmware.trust_differs", reason, "Correct the cells beside it.")
            return False
        return True


class ReleaseDraftsIntake(_RegisterIntake):
    """Each row is a draft."""

    table = "release_drafts"
    shape = events.RELEASE_DRAFT
    kept_in = "firmware_release_draft"
    key_width = RELEASE_KEY

    def _right(self, line, row):
        if "/" in row[2]:  # `firmware:app/2.3.1` is how questions and addresses name it
            self.wrong(line, "version", row[2], "firmware.version_slash", "holds a /", "Write the version without it.")
            return False
        known = standing_revisions(self.tenant, row[0])
        if not known:
            remedy = did_you_mean(row[0], standing_products(self.tenant)) or "Add its BOM to bom.csv first."
            reason = f"No product is called {row[0]}."
            self.wrong(line, "product", row[0], "catalog.product_unknown", reason, remedy)
            return False
        for code in row[6].split(";") if row[6] else ():
            if code not in known:
                remedy = did_you_mean(code, known) or f"{row[0]} has revision {', '.join(sorted(known)[:5])}."
                reason = f"{row[0]} has no hardware revision {code[:60]}."
                self.wrong(line, "revisions", row[6], "catalog.revision_unknown", reason, remedy)
                return False
        try:
            if row[11]:
                parse_date(row[11])
            register.statement_of(row)
        except (AsbuiltError, ValueError, TypeError) as refusal:
            return self.refused(
                line,
                "version",
                row[2],
                refusal
                if isinstance(refusal, AsbuiltError)
                else ValueError(f"The row is no release statement: {refusal}"),
            )
        return True


class ReleaseSignaturesIntake(_RegisterIntake):
    """Each row is a signature of a draft's statement."""

    table = "release_signatures"
    shape = events.RELEASE_SIGNATURE
    kept_in = "firmware_release_signature"
    key_width = RELEASE_KEY + 1

    def _right(self, line, row):
        product, role, version, key_id, signature, number, _, signed_at = row
        try:
            found = register.release(self.tenant, product, role, version)
            store = _store(self.tenant, int(number))
            if store is None or store.role_of(key_id) != trust.RELEASE_SIGNER:
                reason = f"Key {key_id} is no release signer's in version {number} of the trust store"
                self.wrong(
                    line, "key_id", key_id, "firmware.signer_unknown", reason, "Sign with a release signer's key."
                )
                return False
            if not store.counts(key_id, parse_instant(signed_at)):
                reason = f"Key {key_id} did not count then: its term or its revocation"
                self.wrong(
                    line, "key_id", key_id, "firmware.signer_out_of_term", reason, "Sign with a key that counts."
                )
                return False
            bare = envelope.Envelope(releases.PAYLOAD_TYPE, found.statement.payload, ())
            envelope.with_signature(bare, store.keys[key_id].key, strict_base64(signature))
        except (AsbuiltError, ValueError) as refusal:
            return self.refused(line, "signature", signature, refusal)
        return True


class ReleaseStatesIntake(_RegisterIntake):
    """Each row releases a draft or withdraws a release."""

    table = "release_states"
    shape = events.RELEASE_STATE
    kept_in = "firmware_release_state"
    key_width = RELEASE_KEY + 1

    def _right(self, line, row):
        product, role, version, state, number, reason, _, happened_at = row
        try:
            found = register.release(self.tenant, product, role, version)
            if state == register.WITHDRAWN:
                if found.state != register.RELEASED:
                    self.wrong(line, "state", state, "firmware.release_state", f"{found.name} is {found.state}", "")
                    return False
                if not reason:
                    self.wrong(line, "reason", "", "tables.cell_empty", "is empty", "Say why it was withdrawn.")
                    return False
                return True
            store = _store(self.tenant, int(number or 0))
            if store is None:
                said = f"There is no version {number or 'given'} of the trust store"
                self.wrong(line, "trust_version", number, "firmware.trust_version_unknown", said, "Load it first.")
                return False
            trust.check(store, trust.RELEASE_SIGNER, found.envelope(), parse_instant(happened_at))
        except AsbuiltError as refusal:
            return self.refused(line, "state", state, refusal)
        return True


def _store(tenant: int, version: int) -> trust.TrustStore | None:
    return next((store for store in register.trust_chain(tenant) if store.version == version), None)
