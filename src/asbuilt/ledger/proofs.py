"""Proofs: what leads from a fact to a signed head, for somebody who has only our public key.

- An entry's inclusion proof comes from the tiles: a few reads at any size of the log.
- A row's proof comes from the leaves of its block of 256 rows, the last block, and one stored hash for each other
  block.
- A certificate puts entries with their rows and proofs into one signed document (format: reference/log.md, section 1).

What it proves: these facts were recorded, unaltered, before that head was signed. What it cannot prove: that nothing
was left out; that is the signer's word. A certificate shows the facts it is given and hashes of everything else.
Standards: RFC 6962, C2SP tlog-tiles and tlog-proof, DSSE v1.0.
"""

import json
from collections.abc import Iterable
from itertools import groupby

from asbuilt.kernel import certificates, commitments, envelope, merkle, notes, tiles
from asbuilt.kernel.errors import NotFound, Tampered, Unavailable
from asbuilt.ledger import facts, keyring, sequencing
from asbuilt.ledger.facts import FactRow, facts_of_units, find_fact, standing
from asbuilt.storage import reading

__all__ = [
    "certificate",
    "entry_proof",
    "fact_proof",
    "facts_of_units",
    "find_fact",
    "signed_document",
    "standing",
    "tlog_proof",
]


def entry_proof(tenant: int, entry: int, size: int | None = None) -> dict:
    """`{"index", "leaf", "proof"}` of an entry in the log of this size (default: now), hashes in base64.

    NotFound where there is no such entry, Unavailable where it waits for its place.
    """
    row = reading.fetch_one("SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s", (tenant, entry))
    if row is None:
        raise NotFound("ledger.entry_unknown", f"There is no entry {entry}.", {"entry": entry})
    size = sequencing.head(tenant)[1] if size is None else size
    if entry > size:
        raise Unavailable(
            "ledger.entry_waits",
            f"Entry {entry} has no place in the log yet.",
            {"entry": entry, "size": size},
            "Ask again in a moment.",
            retry_after_seconds=1,
        )
    proof = tiles.inclusion_proof(entry - 1, size, sequencing.tile_reader(tenant))
    return {"index": entry - 1, "leaf": row[0], "proof": [notes.base64_text(node) for node in proof]}


def tlog_proof(tenant: int, entry: int) -> str:
    """The proof of one entry as C2SP tlog-proof text, with the signed head."""
    with reading.snapshot():
        _, size, _, note = sequencing.head(tenant)
        found = entry_proof(tenant, entry, size)
    return notes.format_proof(found["index"], [notes.strict_base64(node) for node in found["proof"]], note)


class _Rows:
    """Proofs of the rows of one entry and shape; keeps what several rows need."""

    def __init__(self, tenant: int, entry: int, shape: str):
        self.tenant, self.entry, self.shape = tenant, entry, shape
        sql = "SELECT count, secret, nodes8 FROM ledger_entry_facts WHERE tenant = %s AND entry = %s AND shape = %s"
        row = reading.fetch_one(sql, (tenant, entry, shape))
        if row is None:
            raise NotFound("ledger.fact_unknown", f"Entry {entry} recorded no {shape}.", {"entry": entry})
        self.count, self.secret, self.nodes8 = row[0], bytes(row[1]), bytes(row[2])
        self._nonces = b""
        self._leaves: dict[int, list[bytes]] = {}

    def proof(self, row: int) -> dict:
        """The row as a certificate shows it."""
        if not 0 <= row < self.count:
            raise NotFound("ledger.fact_unknown", f"Entry {self.entry} has no row {row} of {self.shape}.", {"row": row})
        block, last = row // merkle.BLOCK, self.count // merkle.BLOCK
        try:
            nodes = merkle.row_proof(row, self.count, self.nodes8, self._block(block), self._block(last))
        except ValueError:
            raise Tampered(
                "ledger.rows_changed",
                f"The stored rows of entry {self.entry}, {self.shape}, are not as many as were recorded.",
                {"entry": self.entry, "shape": self.shape},
                "Run `asbuilt ledger verify`.",
            ) from None
        text = facts.fact_row(self.tenant, self.entry, self.shape, row).text
        nonce = self._nonces[row * commitments.NONCE_BYTES :][: commitments.NONCE_BYTES]
        return {
            "shape": self.shape,
            "index": row,
            "nonce": notes.base64_text(nonce),
            "row": text.decode(),
            "fact": facts.fact_id(self.tenant, self.entry, self.shape, row),
            "proof": [notes.base64_text(node) for node in nodes],
        }

    def _block(self, block: int) -> list[bytes]:
        if block not in self._leaves:
            first, until = block * merkle.BLOCK, min((block + 1) * merkle.BLOCK, self.count)
            if len(self._nonces) < until * commitments.NONCE_BYTES:
                self._nonces = commitments.nonces(self.secret, until)
            texts = facts.rows_between(self.tenant, self.entry, self.shape, first, until) if until > first else []
            self._leaves[block] = (
                commitments.row_leaves(self._nonces, first, texts) if len(texts) == until - first else []
            )
        return self._leaves[block]


def fact_proof(tenant: int, entry: int, shape: str, row: int) -> dict:
    """A row with its nonce, its fact id and its proof up to the entry's row root, as it stands in a certificate."""
    return _Rows(tenant, entry, shape).proof(row)


def certificate(tenant: int, unit: dict, rows: Iterable[FactRow]) -> bytes:
    """The signed certificate of these facts (a DSSE envelope, JSON); `unit` is what the signer states about the unit.

    Unavailable where one of the entries waits for its place: put them in order first (`sequencing.sequence`).
    """
    with reading.snapshot():
        origin, size, _, note = sequencing.head(tenant)
        entries = []
        ordered = sorted({(row.entry, row.shape, row.row) for row in rows})
        for number, of_entry in groupby(ordered, key=lambda place: place[0]):
            shown = entry_proof(tenant, number, size)
            shown["rows"] = []
            for shape, of_shape in groupby(of_entry, key=lambda place: place[1]):
                prover = _Rows(tenant, number, shape)
                shown["rows"] += [prover.proof(row) for _, _, row in of_shape]
            entries.append(shown)
    said = {"format": certificates.CERTIFICATE_FORMAT, "unit": unit, "checkpoint": note, "entries": entries}
    return signed_document(origin, certificates.CERTIFICATE_TYPE, said)


def signed_document(origin: str, payload_type: str, said: dict) -> bytes:
    """A DSSE envelope around the JSON of what is said, signed by the log's record key."""
    payload = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return envelope.sign(payload_type, payload, keyring.record_private(origin))
