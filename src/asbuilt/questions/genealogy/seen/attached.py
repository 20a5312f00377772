"""What a test run brought with it, piece by piece: pictures of defects, logs, files of a station; each by its SHA-256.

    pieces_of(measurements)                 -> what a run names: name, kind, bytes, SHA-256
    attached(actor, "SN42", "b3a1…")        -> its bytes, out of the evidence that the run's entry rests on

The bytes stand in the evidence as base64 inside a document (a result file, an upload of a station, a message in its segment); what is
handed out is found there by its hash, so that it is what the run speaks of. Who may not read evidence gets none; of a unit that the reader
does not see, nothing is there.
"""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import EVIDENCE_READ
from asbuilt.built.messages.segments import messages_of
from asbuilt.built.quality.queries import tests_of_unit
from asbuilt.formats.measurements import DEFECTS, RUN
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import evidence
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of
from asbuilt.storage import reading

DOCUMENT_BYTES_MAX = 64 * 1024 * 1024
UNPACKED_BYTES_MAX = 256 * 1024 * 1024
EVIDENCE_MAX = 300
GZIP = b"\x1f\x8b"
DIGITS = 64


@dataclass(frozen=True)
class Attached:
    """A piece: its name, its media type as it was told (or empty), its bytes."""

    name: str
    kind: str
    content: bytes

    @property
    def file_name(self) -> str:
        """The name as a header and a file system take it."""
        kept = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in self.name)
        return kept.strip(".")[-100:] or "attached"


def pieces_of(measurements: object) -> list[dict]:
    """What a run names: `name`, and where they are told `kind`, `bytes`, `sha256`, `step`."""
    if not isinstance(measurements, dict):
        return []
    run = measurements.get(RUN) if isinstance(measurements.get(RUN), dict) else {}
    found = [one for one in _list(run, "attachments") if isinstance(one, dict)]
    for line in _list(run, "files"):
        name, _, digest = str(line).rpartition(" ")
        if len(digest) == DIGITS:
            found.append({"name": name, "sha256": digest})
    for defect in _list(measurements, DEFECTS):
        if isinstance(defect, dict):
            step = " ".join(str(defect.get(key) or "") for key in ("code", "at")).strip()
            for number, one in enumerate(_list(defect, "pictures"), 1):
                if isinstance(one, dict):
                    found.append({"name": f"{step} {number}".strip(), "step": step, **one})
    return found


def _list(said: dict, key: str) -> list:
    found = said.get(key)
    return found if isinstance(found, list) else []


def attached(actor: Actor, code: str, sha256: str) -> Attached:
    """The piece with this SHA-256 that a run of the unit names. NotFound: no such unit or piece. Sealed: its evidence was erased."""
    actor.require(EVIDENCE_READ)
    wanted = sha256[:DIGITS].lower()
    with reading.snapshot():
        view = view_of(actor)
        unit = unit_of(view, code)
        for row in tests_of_unit(view.tenant, unit, view.entry):
            said = json.loads(row.measurements) if wanted in row.measurements else {}
            one = next((one for one in pieces_of(said) if one.get("sha256") == wanted), None)
            if one is None:
                continue
            source = str(said.get(RUN, {}).get("source", "")) if isinstance(said.get(RUN), dict) else ""
            for document in _documents(view.tenant, row.entry, source):
                content = _found_in(document, wanted)
                if content is not None:
                    return Attached(str(one.get("name") or wanted[:16]), str(one.get("kind") or ""), content)
    said = f"No run of {code[:60]} has a piece {wanted[:16]}…"
    raise NotFound("question.attachment_unknown", said, {"unit": code[:60], "sha256": wanted}, "Look at its tests.")


def _documents(tenant: int, entry: int, source: str) -> Iterator[object]:
    """The JSON documents that the entry rests on; those that the run names first and, where it names one, alone."""
    row = reading.fetch_one("SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s", (tenant, entry))
    hashes = [str(one["sha256"]) for one in json.loads(row[0]).get("evidence", ())] if row else []
    mine = [one for one in hashes if source and one.startswith(source)]
    for sha256 in (mine or hashes)[:EVIDENCE_MAX]:
        if evidence.evidence_row(tenant, sha256).size > DOCUMENT_BYTES_MAX:
            continue
        content = b"".join(evidence.open_evidence(tenant, sha256))
        for raw in messages_of(_unpacked(content)) if content[:2] == GZIP else (content,):
            try:
                yield json.loads(raw.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                continue  # a format that carries no pieces


def _unpacked(content: bytes) -> bytes:
    """A segment unpacked; nothing of one that would be larger than we look through."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacking.decompress(content, UNPACKED_BYTES_MAX)
    except zlib.error:
        return b""
    return b"" if unpacking.unconsumed_tail else found


def _found_in(document: object, wanted: str) -> bytes | None:
    """The bytes that some base64 text of the document holds and that have this hash."""
    level = [document]
    while level:
        one = level.pop()
        if isinstance(one, dict):
            level += one.values()
        elif isinstance(one, list):
            level += one
        elif isinstance(one, str) and one and len(one) % 4 == 0:
            try:
                content = base64.b64decode(one, validate=True)
            except (binascii.Error, ValueError):
                continue
            if hashlib.sha256(content).hexdigest() == wanted:
                return content
    return None
