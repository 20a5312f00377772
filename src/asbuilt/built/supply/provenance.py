"""A supplier's own provenance file: what can be checked of it, said in a sentence that is kept with the file. Pure.

- A DSSE envelope is checked against the public keys that the supplier gave before (declarations of kind `key`).
- JSON lines, or a JSON list, whose records each hold the SHA-256 of the record before (`prev`, `previous`, `prev_hash`) are
  checked link by link, over the bytes of the line, or over RFC 8785 of the record where it stands in a list.

A file that is neither is kept and said to be unchecked. A check that fails does not refuse the file: it is evidence of that.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.kernel import envelope
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Tampered
from asbuilt.kernel.keys import PublicKey

LINKS = ("prev", "previous", "prev_hash", "previous_hash")
RECORDS_MAX = 100_000
FINE, BROKEN, UNCHECKED = "fine", "broken", "unchecked"


@dataclass(frozen=True)
class Checked:
    """What was found: fine, broken or unchecked, and the sentence that says so."""

    state: str
    finding: str


def check_provenance(content: bytes, keys: Sequence[PublicKey]) -> Checked:
    """Check a file as far as it allows."""
    try:
        signed = envelope.parse(content)
    except AsbuiltError:
        return _chain(content)
    if not keys:
        return Checked(UNCHECKED, "signed; this supplier gave no public key before, so the signature is not checked")
    try:
        envelope.verify(signed, keys)
    except Tampered:
        return Checked(BROKEN, "none of this supplier's keys made its signature, or the file was changed")
    made = [key.key_id for key in keys if _made(signed, key)]
    return Checked(FINE, f"signed with the supplier's key {made[0]}")


def _made(signed: envelope.Envelope, key: PublicKey) -> bool:
    try:
        envelope.verify(signed, [key])
    except Tampered:
        return False
    return True


def _chain(content: bytes) -> Checked:
    records = _records(content)
    if not records:
        return Checked(UNCHECKED, "neither signed nor chained in a form that is known; kept as it came")
    link = next((name for name in LINKS if name in records[-1][0]), None)
    if link is None or len(records) < 2:
        return Checked(UNCHECKED, "its records name no record before them; kept as it came")
    for number, ((_, before), (record, _)) in enumerate(zip(records, records[1:], strict=False), 2):
        said = str(record.get(link, "")).lower().removeprefix("sha256:")
        if said != hashlib.sha256(before).hexdigest():
            return Checked(BROKEN, f"the chain breaks at record {number}: it does not name the record before it")
    return Checked(FINE, f"the chain of {len(records):,} records holds; who wrote it is not proved")


def _records(content: bytes) -> list[tuple[dict, bytes]]:
    """(record, the bytes that the next one commits to)."""
    try:
        whole = json.loads(content)
    except (ValueError, RecursionError):
        whole = None
    try:
        if isinstance(whole, list):
            found = [(one, canonical_bytes(one)) for one in whole[:RECORDS_MAX]]
        else:
            lines = [line for line in content.split(b"\n")[:RECORDS_MAX] if line.strip()]
            found = [(json.loads(line), line.rstrip(b"\r")) for line in lines]
    except (ValueError, RecursionError, AsbuiltError):
        return []
    return found if all(isinstance(one, dict) for one, _ in found) else []
