"""Certificates: what a stranger checks with two public keys, no database and no network.

A certificate is a signed envelope around entries of the log, each with its proof up to a signed checkpoint, and with
those of the entry's rows and hidden values that belong to the unit. The check goes in this order and stops at the first
fault, each with a code of its own:

    envelope signature → checkpoint signature and origin → each entry up to the root → its text is canonical and its log
    is this one → each row up to the entry's row root and count → each hidden value against the entry's hash

`leaf` and `row` are strings that hold the exact text: the check hashes what it received and has no canonicaliser to
agree with. What it returns comes from checked bytes only: the unit's name as the signer states it, the checkpoint, and
the entries, rows and hidden values. A log that began again under a new origin (`…/2` after a restore) still holds the
entries of the earlier ones, so an entry may name an earlier origin of the same log.

A frozen answer is a signed envelope around the answer and the checkpoint it was asked at. An as-built BOM is one around the exact text
of the BOM with its SHA-256, the checkpoint, and the entries that it was made of, each with its proof and without rows.
Formats: reference/log.md, section 1. Malformed documents are Invalid, whatever does not fit its hash is Tampered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel import canonical, commitments, envelope, merkle, notes
from asbuilt.kernel.errors import Invalid, Tampered
from asbuilt.kernel.keys import PublicKey

CERTIFICATE_TYPE = "application/vnd.asbuilt.unit-certificate+json"
CERTIFICATE_FORMAT = "asbuilt.unit-certificate/1"
ANSWER_TYPE = "application/vnd.asbuilt.answer+json"
ANSWER_FORMAT = "asbuilt.answer/1"
BOM_TYPE = "application/vnd.asbuilt.as-built-bom+json"
BOM_FORMAT = "asbuilt.as-built-bom/1"

ENTRIES_MAX = 10_000
ROWS_MAX = 200_000
HIDDEN_MAX = 1_000

PROVES = "These facts were recorded, unaltered, before this checkpoint was signed."
CANNOT_PROVE = "That nothing was left out is the signer's word; an auditor with the whole log can test it."
ANSWER_PROVES = "This answer was signed, unaltered, by the holder of the key, with the log at this checkpoint."
ANSWER_CANNOT_PROVE = (
    "That the answer follows from the log is the signer's word; an auditor with the log can ask again."
)

BOM_PROVES = "This BOM was signed, unaltered, by the holder of the key; the entries it was made of were in the log at this checkpoint."
BOM_CANNOT_PROVE = (
    "That the BOM follows from those entries is the signer's word; a birth certificate shows a unit's facts one by one."
)

_GENERATION = re.compile(r"(.+/log/[^/]+)(?:/([2-9]|[1-9][0-9]{1,5}))?").fullmatch


@dataclass(frozen=True)
class CheckedRow:
    """One row that the log commits to: its shape, its place among the entry's rows of that shape, its cells."""

    shape: str
    index: int
    cells: tuple[str | int | None, ...]


@dataclass(frozen=True)
class CheckedEntry:
    """One entry of the log with the rows and hidden values (path to value) shown of it."""

    index: int
    entry: dict
    rows: tuple[CheckedRow, ...]
    hidden: dict[str, str]


@dataclass(frozen=True)
class CheckedCertificate:
    """A certificate after the check: nothing in it was taken from unchecked bytes."""

    unit: dict
    checkpoint: notes.Checkpoint
    entries: tuple[CheckedEntry, ...]
    proves: str = PROVES
    cannot_prove: str = CANNOT_PROVE


@dataclass(frozen=True)
class CheckedAnswer:
    """A frozen answer after the check."""

    answer: dict
    checkpoint: notes.Checkpoint
    proves: str = ANSWER_PROVES
    cannot_prove: str = ANSWER_CANNOT_PROVE


@dataclass(frozen=True)
class CheckedBom:
    """An as-built BOM after the check: what it is of, its exact bytes, the entries it was made of."""

    about: dict
    bom: bytes
    checkpoint: notes.Checkpoint
    entries: tuple[CheckedEntry, ...]
    proves: str = BOM_PROVES
    cannot_prove: str = BOM_CANNOT_PROVE


def check_certificate(
    document: bytes, *, record_keys: Sequence[PublicKey], log_vkeys: Sequence[notes.VerifierKey]
) -> CheckedCertificate:
    """Check a unit's certificate; raises Invalid where it is malformed and Tampered where it does not hold."""
    payload = _signed_payload(document, CERTIFICATE_TYPE, CERTIFICATE_FORMAT, record_keys, decimals=False)
    unit = _field(payload, "unit", dict, "the certificate")
    entries = _list(payload, "entries", ENTRIES_MAX, "the certificate")
    if not unit:
        raise _malformed("the certificate names no unit")
    rows = sum(len(_list(entry, "rows", ROWS_MAX, "an entry", optional=True)) for entry in entries)
    if rows > ROWS_MAX:
        raise _malformed(f"the certificate has more than {ROWS_MAX} rows")
    checkpoint = notes.verify_checkpoint(_field(payload, "checkpoint", str, "the certificate"), log_vkeys)
    checked = tuple(_check_entry(entry, checkpoint) for entry in entries)
    if any(one.index >= other.index for one, other in zip(checked, checked[1:], strict=False)):
        raise _malformed("its entries are not in the order of the log, each once")
    return CheckedCertificate(unit, checkpoint, checked)


def check_checkpoint(document: str | bytes, *, log_vkeys: Sequence[notes.VerifierKey]) -> notes.Checkpoint:
    """Check a signed checkpoint; raises Invalid where it is malformed and Tampered where it does not hold."""
    return notes.verify_checkpoint(document, log_vkeys)


def check_answer(
    document: bytes, *, record_keys: Sequence[PublicKey], log_vkeys: Sequence[notes.VerifierKey]
) -> CheckedAnswer:
    """Check a frozen answer: its signature, its checkpoint, and that the answer names that very checkpoint."""
    payload = _signed_payload(document, ANSWER_TYPE, ANSWER_FORMAT, record_keys, decimals=True)
    answer = _field(payload, "answer", dict, "the document")
    checkpoint = notes.verify_checkpoint(_field(payload, "checkpoint", str, "the document"), log_vkeys)
    named = answer.get("checkpoint")
    if named is not None:
        size, root = _field(named, "size", int, "the answer's checkpoint"), _field(named, "root", str, "the checkpoint")
        if size != checkpoint.size or root not in (checkpoint.root.hex(), notes.base64_text(checkpoint.root)):
            raise Tampered(
                "ledger.answer_checkpoint_differs",
                f"The answer was asked at size {size}, but the checkpoint beside it is another one.",
                {"answer_size": size, "checkpoint_size": checkpoint.size},
                "Ask the sender for the answer as it was frozen.",
            )
    return CheckedAnswer(answer, checkpoint)


def check_bom(
    document: bytes, *, record_keys: Sequence[PublicKey], log_vkeys: Sequence[notes.VerifierKey]
) -> CheckedBom:
    """Check an as-built BOM: its signature, its text by its hash, its checkpoint, each entry up to the root."""
    payload = _signed_payload(document, BOM_TYPE, BOM_FORMAT, record_keys, decimals=False)
    about, bom = _field(payload, "about", dict, "the BOM"), _field(payload, "bom", str, "the BOM").encode()
    if sha256(bom).hexdigest() != _field(payload, "sha256", str, "the BOM"):
        raise Tampered(
            "kernel.bom_changed",
            "The BOM is not the one whose SHA-256 was signed beside it.",
            remedy="Get the file again.",
        )
    checkpoint = notes.verify_checkpoint(_field(payload, "checkpoint", str, "the BOM"), log_vkeys)
    listed = _list(payload, "entries", ENTRIES_MAX, "the BOM")
    if any("rows" in one or "hidden" in one for one in listed if type(one) is dict):
        raise _malformed("an as-built BOM shows no rows")
    entries = tuple(_check_entry(one, checkpoint) for one in listed)
    if any(one.index >= other.index for one, other in zip(entries, entries[1:], strict=False)):
        raise _malformed("its entries are not in the order of the log, each once")
    return CheckedBom(about, bom, checkpoint, entries)


def same_log(log: str, origin: str) -> bool:
    """Whether an entry of `log` may stand in the tree signed under `origin`: the same, or an earlier one of it."""
    if log == origin:
        return True
    earlier, later = _GENERATION(log), _GENERATION(origin)
    if not earlier or not later or earlier[1] != later[1]:
        return False
    return int(earlier[2] or 1) < int(later[2] or 1)


def _signed_payload(document: bytes, kind: str, form: str, trusted: Sequence[PublicKey], *, decimals: bool) -> dict:
    found = envelope.parse(document)
    if found.payload_type != kind:
        raise Invalid(
            "kernel.document_type",
            f"The document is of another type than {kind}.",
            {"payload_type": found.payload_type[:80]},
        )
    raw = envelope.verify(found, trusted)
    payload = canonical.parse_strict(raw, decimals=decimals)
    if type(payload) is not dict or payload.get("format") != form:
        raise Invalid(
            "kernel.document_format",
            f"The document has another format than {form}.",
            remedy="A newer version of Asbuilt may read it.",
        )
    return payload


def _check_entry(given: dict, checkpoint: notes.Checkpoint) -> CheckedEntry:
    index, leaf = _field(given, "index", int, "an entry"), _field(given, "leaf", str, "an entry").encode()
    _prove(merkle.leaf_hash(leaf), index, checkpoint.size, _proof(given), checkpoint.root, "entry", {"index": index})
    try:
        entry = canonical.checked_entry(leaf)
    except Invalid as refusal:
        raise Tampered(
            "ledger.certificate_entry_not_canonical",
            f"Entry {index} is in the log but is not written in its one valid form: {refusal}",
            {"index": index},
            "The log itself is at fault; tell whoever runs it.",
        ) from None
    if not isinstance(entry.get("log"), str) or not same_log(entry["log"], checkpoint.origin):
        raise Tampered(
            "ledger.certificate_other_log",
            f"Entry {index} belongs to another log than the one that signed the checkpoint.",
            {"index": index, "log": str(entry.get("log"))[:200], "origin": checkpoint.origin},
        )
    rows = tuple(_check_row(row, entry, index) for row in _list(given, "rows", ROWS_MAX, "an entry", optional=True))
    if len({(row.shape, row.index) for row in rows}) != len(rows):
        raise _malformed(f"entry {index} shows a row twice")
    return CheckedEntry(index, entry, rows, _check_hidden(given, entry, index))


def _check_row(given: dict, entry: dict, entry_index: int) -> CheckedRow:
    shape, index = _field(given, "shape", str, "a row"), _field(given, "index", int, "a row")
    text = _field(given, "row", str, "a row")
    facts = {"entry": entry_index, "shape": shape[:200], "row": index}
    said = entry.get("rows")
    said = said.get(shape) if isinstance(said, dict) else None
    try:
        count, root = said["count"], bytes.fromhex(said["root"])
        if type(count) is not int:
            raise TypeError
    except (KeyError, TypeError, ValueError):
        raise Tampered(
            "ledger.certificate_row_unknown", f"Entry {entry_index} says nothing of rows of this shape.", facts
        ) from None
    nonce = _base64(given, "nonce", commitments.NONCE_BYTES, "a row")
    _prove(commitments.row_leaf(nonce, text.encode()), index, count, _proof(given), root, "row", facts)
    try:
        cells = canonical.checked_row(text)
    except Invalid as refusal:
        raise Tampered("ledger.certificate_row_not_canonical", f"Row {index}: {refusal}", facts) from None
    return CheckedRow(shape, index, tuple(cells))


def _check_hidden(given: dict, entry: dict, entry_index: int) -> dict[str, str]:
    said = entry.get("hidden")
    shown: dict[str, str] = {}
    for one in _list(given, "hidden", HIDDEN_MAX, "an entry", optional=True):
        path, value = _field(one, "path", str, "a hidden value"), _field(one, "value", str, "a hidden value")
        salt = _base64(one, "salt", commitments.SALT_BYTES, "a hidden value")
        facts = {"entry": entry_index, "path": path[:200]}
        if path in shown:
            raise _malformed(f"entry {entry_index} shows a hidden value twice")
        if not isinstance(said, dict) or path not in said or not isinstance(entry.get("id"), str):
            raise Tampered(
                "ledger.certificate_hidden_unknown", f"Entry {entry_index} has no hidden value of this name.", facts
            )
        if commitments.hidden_hash(salt, entry["id"], path, value).hex() != said[path]:
            raise Tampered(
                "ledger.certificate_hidden_changed",
                f"The hidden value shown for entry {entry_index} is not the one that was recorded.",
                facts,
            )
        shown[path] = value
    return shown


def _prove(
    leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes, what: str, facts: dict[str, object]
) -> None:
    """Refuse a leaf that the proof does not lead from to the root; `what` is entry or row and begins the code's end."""
    if not 0 <= index < size:
        raise Tampered(
            f"ledger.certificate_{what}_index", f"There is no {what} {index} among {size}.", {**facts, "size": size}
        )
    if len(proof) != merkle.proof_length(index, size):
        raise Tampered(
            f"ledger.certificate_{what}_proof_length",
            f"The proof of {what} {index} has {len(proof)} hashes where {merkle.proof_length(index, size)} are needed.",
            facts,
        )
    if not merkle.verify_inclusion(leaf, index, size, proof, root):
        raise Tampered(
            f"ledger.certificate_{what}_changed",
            f"The text, place or proof of {what} {index} was changed: it does not lead to the recorded root.",
            {**facts, "leaf_sha256": sha256(leaf).hexdigest()},
            "Get the certificate again from its sender; if it still fails, the record was changed.",
        )


def _malformed(reason: str) -> Invalid:
    return Invalid("kernel.certificate_malformed", f"This is no certificate: {reason}.", remedy="Get the file again.")


def _field(given: object, name: str, kind: type, where: str):
    if type(given) is not dict or type(given.get(name)) is not kind:
        raise _malformed(f"{name} is missing in {where}, or is of another kind")
    return given[name]


def _list(given: object, name: str, most: int, where: str, *, optional: bool = False) -> list:
    if optional and type(given) is dict and name not in given:
        return []
    found = _field(given, name, list, where)
    if len(found) > most:
        raise _malformed(f"{where} has more than {most} {name}")
    return found


def _base64(given: dict, name: str, length: int, where: str) -> bytes:
    try:
        raw = notes.strict_base64(_field(given, name, str, where))
    except ValueError as refusal:
        raise _malformed(f"{name} in {where} is {refusal}") from None
    if len(raw) != length:
        raise _malformed(f"{name} in {where} has {len(raw)} bytes instead of {length}")
    return raw


def _proof(given: dict) -> list[bytes]:
    hashes = _list(given, "proof", merkle.PROOF_HASHES_MAX, "a proof")
    return [_base64({"hash": text}, "hash", merkle.HASH_BYTES, "a proof") for text in hashes]
