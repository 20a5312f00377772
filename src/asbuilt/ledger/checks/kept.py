"""Evidence and hidden values against what the entries commit to; erased ones against the entries that say so."""

import re

from asbuilt.kernel import commitments
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import erasure, evidence
from asbuilt.ledger.checks.chain import LISTED_MAX, Page
from asbuilt.ledger.checks.report import Report
from asbuilt.storage import blobs, databases, reading

_COLUMNS = "sha256, size, stored_sha256, evidence_class, file_name, key, erased_by"
_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch


class Erasures:
    """What was erased by the rules: hidden values by (entry, path), evidence by hash; each with entry, time, rule."""

    def __init__(self, tenant: int):
        sql = "SELECT recorded_at FROM ledger_entry WHERE tenant = %s AND number = %s"
        self.hidden: dict[tuple[int, str], tuple[int, str]] = {}
        self.evidence: dict[str, list[tuple[int, str]]] = {}
        for number, said in erasure.erasures(tenant):
            at = format_instant(reading.fetch_one(sql, (tenant, number))[0])
            told = (number, f"erased on {at[:10]} by entry {number} under {said.get('rule')}")
            if said.get("what") == "hidden":
                self.hidden.setdefault((said.get("entry"), said.get("path")), told)
            else:
                self.evidence.setdefault(said.get("sha256"), []).append(told)


def check_page(tenant: int, first: int, until: int, page: Page, erased: Erasures, report: Report) -> None:
    """Check evidence and hidden values of the entries [first, until)."""
    _hidden(tenant, first, until, page, erased, report)
    sql = "SELECT entry, sha256 FROM ledger_entry_evidence WHERE tenant = %s AND entry >= %s AND entry < %s"
    there = set(reading.fetch(sql, (tenant, first, until)))
    for number, entry in page:
        for said in entry.get("evidence", []):
            there_too = (number, said["sha256"]) in there
            there.discard((number, said["sha256"]))
            if not there_too:
                what = f"That entry {number} rests on evidence {said['sha256'][:16]}… is missing."
                report.add("ledger.evidence_link_missing", what, table="ledger_entry_evidence", entry=number)
            _evidence_of(tenant, number, said, report)
    readable = {number for number, _ in page}
    for number, sha256 in sorted(there):
        if number in readable:
            what = f"Entry {number} never rested on evidence {sha256[:16]}…."
            report.add(
                "ledger.evidence_link_unrecorded", what, table="ledger_entry_evidence", entry=number, sha256=sha256
            )


def _evidence_of(tenant: int, number: int, said: dict, report: Report) -> None:
    sha256 = said["sha256"]
    where = {"table": "ledger_evidence", "entry": number, "sha256": sha256}
    try:
        row = evidence.evidence_row(tenant, sha256)
    except AsbuiltError:
        report.add("ledger.evidence_missing", f"Entry {number}: evidence {sha256[:16]}… is missing.", **where)
        return
    where["file"] = row.file_name
    if row.size != said["size"]:
        report.add("ledger.evidence_row_changed", f"Entry {number}: the size of {row.file_name} was changed.", **where)
    if row.key is None or number <= (row.erased_by or 0):
        return
    if _commitment(row) != said["kept"]:
        what = f"Entry {number}: name, class, key or stored hash of {row.file_name} was changed."
        report.add("ledger.evidence_row_changed", what, **where)


def _commitment(row: evidence.EvidenceRow) -> str | None:
    try:
        return evidence.commitment(row.key, row.sha256, row.evidence_class, row.file_name, row.stored_sha256)
    except (AsbuiltError, ValueError):
        return None


def _hidden(tenant: int, first: int, until: int, page: Page, erased: Erasures, report: Report) -> None:
    sql = "SELECT entry, path, salt, value FROM ledger_hidden WHERE tenant = %s AND entry >= %s AND entry < %s"
    there = {row[:2]: row[2:] for row in reading.fetch(sql, (tenant, first, until))}
    for number, entry in page:
        for path, recorded in entry.get("hidden", {}).items():
            salt, value = there.pop((number, path), (None, None))
            told = erased.hidden.get((number, path))
            where = {"table": "ledger_hidden", "entry": number, "path": path}
            report.counts["hidden"] += 1
            if salt is None and value is None and told:
                report.tell("ledger.hidden_erased", f"Entry {number}, {path}: {told[1]}.", **where)
            elif salt is None or value is None:
                report.add("ledger.hidden_missing", f"Entry {number}, {path}: the hidden value is missing.", **where)
            elif told:
                report.add("ledger.erased_still_there", f"Entry {number}, {path}: {told[1]}, yet it is there.", **where)
            elif not _holds(bytes(salt), entry["id"], path, value, recorded):
                report.add("ledger.hidden_changed", f"Entry {number}, {path}: the hidden value was changed.", **where)
    readable = {number for number, _ in page}
    for number, path in sorted(there):
        if number in readable:
            what = f"Entry {number} never hid a value {path}."
            report.add("ledger.hidden_unrecorded", what, table="ledger_hidden", entry=number, path=path)


def _holds(salt: bytes, entry_id: str, path: str, value: str, recorded: str) -> bool:
    try:
        return commitments.hidden_hash(salt, entry_id, path, value).hex() == recorded
    except (AsbuiltError, ValueError):
        # a salt of another length, or a text that is no text any more
        return False


def check_evidence(tenant: int, erased: Erasures, report: Report, with_blobs: bool) -> None:
    """Check every piece of evidence and its stored bytes."""
    after = ""
    sql = f"SELECT {_COLUMNS} FROM ledger_evidence WHERE tenant = %s AND sha256 > %s ORDER BY sha256 LIMIT %s"
    while rows := reading.fetch(sql, (tenant, after, LISTED_MAX)):
        after = rows[-1][0]
        for row in rows:
            found = evidence.EvidenceRow(*row[:5], bytes(row[5]) if row[5] is not None else None, row[6])
            _one(tenant, found, erased.evidence.get(found.sha256, []), report, with_blobs)
    if not with_blobs:
        report.not_checked.append("The bytes of evidence: blobs were left out.")


def _one(tenant: int, row: evidence.EvidenceRow, erased: list, report: Report, with_blobs: bool) -> None:
    report.counts["evidence"] += 1
    where = {"table": "ledger_evidence", "sha256": row.sha256, "file": row.file_name}
    sql = "SELECT max(entry) FROM ledger_entry_evidence WHERE tenant = %s AND sha256 = %s"
    newest = reading.fetch_one(sql, (tenant, row.sha256))[0]
    if newest is None:
        report.add("ledger.evidence_unrecorded", f"No entry rests on evidence {row.file_name}.", **where)
        return
    where["entry"] = newest
    last = erased[-1] if erased else (None, "")
    if row.erased_by != last[0]:
        what = f"Evidence {row.file_name}: which entry erased it is not what was recorded."
        report.add("ledger.evidence_row_changed", what, **where)
    if row.key is None:
        _erased(row, last, where, report)
    elif erased and newest <= last[0]:
        report.add("ledger.erased_still_there", f"Evidence {row.file_name}: {last[1]}, yet its key is there.", **where)
    elif with_blobs:
        fault = _fault(row)
        if fault:
            report.add(f"ledger.evidence_{fault}", f"Evidence {row.file_name} of entry {newest} is {fault}.", **where)


def _fault(row: evidence.EvidenceRow) -> str | None:
    if _SHA256(row.stored_sha256) is None:
        return "changed"
    try:
        return evidence.check(row)
    except (AsbuiltError, ValueError):
        return "changed"


def _erased(row: evidence.EvidenceRow, last: tuple, where: dict, report: Report) -> None:
    if last[0] is None:
        report.add("ledger.evidence_missing", f"The key of evidence {row.file_name} is missing.", **where)
        return
    report.tell("ledger.evidence_erased", f"Evidence {row.file_name}: {last[1]}.", **where)
    if _SHA256(row.stored_sha256) and blobs.place(row.stored_sha256).exists() and not evidence.named(row.stored_sha256):
        report.add(
            "ledger.erased_still_there", f"Evidence {row.file_name}: {last[1]}, yet its bytes are there.", **where
        )


def count_strays(report: Report) -> None:
    """Blobs that no evidence names: a crash leaves them; they harm nothing."""
    strays = 0
    for file in (databases.home() / "blobs").glob("??/*"):
        strays += not evidence.named(file.parent.name + file.name)
    if strays:
        report.tell(
            "ledger.blobs_unnamed", f"{strays} blobs belong to no evidence, as an interrupted import leaves them."
        )
