"""Outbox: signed records that wait for the server, and stay thirty days after it has signed for them.

A record is queued in the transaction of the ledger entry that it tells of, so no attempt goes untold. It is sent in
batches; the server's receipt, signed, names the SHA-256 of each payload that it kept. An answer that was lost costs a second
sending, which changes nothing there: the key of a record is permit/device/attempt/entry. Without a receipt nothing is ever deleted.
After a restore the server asks by key for what it lacks, and gets it as long as it is kept here.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.kernel import envelope, keys
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.errors import Invalid, Refused, Tampered
from asbuilt.station.ledger import Ledger

SEND_MAX = 100
# files of tests go with their records; a batch that is longer is sent in parts
SEND_BYTES_MAX = 8 * 1024 * 1024
KEPT_US = 30 * 86_400 * 1_000_000


@dataclass(frozen=True)
class Waiting:
    """A record that waits: its key, the envelope, the SHA-256 of its payload, the files that it names."""

    key: str
    document: bytes
    payload_sha256: str
    files: tuple[tuple[str, bytes], ...] = ()


class Outbox:
    """The rows beside the ledger."""

    def __init__(self, ledger: Ledger, station: str):
        self._ledger, self._station = ledger, station

    def waiting(self, most: int = SEND_MAX) -> list[Waiting]:
        """The oldest records without a receipt."""
        sql = "SELECT key, document, payload_sha256 FROM outgoing WHERE receipt_at IS NULL ORDER BY seq LIMIT ?"
        return [self._with_files(*row) for row in self._ledger.database().execute(sql, (most,))]

    def _with_files(self, key: str, document: bytes, payload_sha256: str) -> Waiting:
        sql = "SELECT sha256, content FROM outgoing_file WHERE key = ? ORDER BY sha256"
        return Waiting(key, document, payload_sha256, tuple(self._ledger.database().execute(sql, (key,))))

    def wanted(self, wanted: Sequence[str]) -> list[Waiting]:
        """Records that the server asks for, as far as they are kept here: by key, or `STATION/after/ENTRY`, since a server
        that was restored does not know the keys of what it lost."""
        database, found = self._ledger.database(), {}
        for key in wanted[: documents.RECORDS_MAX]:
            head, _, entry = key.rpartition("/after/")
            if head == self._station and entry.isdecimal() and len(entry) < 19:
                where, value = "seq > ? AND receipt_at IS NOT NULL", int(entry)
            else:
                where, value = "key = ?", key
            sql = f"SELECT key, document, payload_sha256 FROM outgoing WHERE {where} ORDER BY seq LIMIT ?"
            found |= {row[0]: self._with_files(*row) for row in database.execute(sql, (value, documents.RECORDS_MAX))}
        return list(found.values())[: documents.RECORDS_MAX]

    def counts(self) -> tuple[int, int]:
        """(records that wait, records kept with a receipt)."""
        sql = "SELECT count(*) FILTER (WHERE receipt_at IS NULL), count(*) FILTER (WHERE receipt_at IS NOT NULL) FROM outgoing"
        return self._ledger.database().execute(sql).fetchone()

    def take_receipt(self, document: bytes, server_keys: Sequence[keys.PublicKey]) -> int:
        """Mark what the receipt names as kept by the server; returns how many were waiting. Refused for another station's."""
        signed = envelope.parse(document, bytes_max=2 * documents.RECEIPT_BYTES_MAX)
        if signed.payload_type != documents.RECEIPT_TYPE:
            raise Invalid("station.receipt_type", "This is no receipt.", remedy="Give the file that the server wrote.")
        receipt = documents.parse_receipt(envelope.verify(signed, server_keys))
        if receipt.station != self._station:
            raise Refused(
                "station.receipt_other", f"The receipt is for station {receipt.station}.", {"station": receipt.station},
                "Take the folder that was written for this station.",
            )  # fmt: skip
        if receipt.seq and not self._ledger.agrees_with(receipt.seq, receipt.chain):
            raise Tampered(
                "station.receipt_chain",
                f"The server has seen an entry {receipt.seq} that this ledger does not have: it was rolled back or cloned.",
                {"seq": receipt.seq},
                "Stop the station; have it enrolled anew, its spent units are asked from the server.",
            )
        marked = 0
        with self._ledger.writing() as db:
            for digest in receipt.records:
                marked += db.execute(
                    "UPDATE outgoing SET receipt = ?, receipt_at = ? WHERE payload_sha256 = ? AND receipt_at IS NULL",
                    (document, receipt.received_at, digest),
                ).rowcount
        return marked

    def forget(self, now: int) -> int:
        """Delete what the server signed for over thirty days ago; returns how many."""
        sql = "DELETE FROM outgoing WHERE receipt_at IS NOT NULL AND receipt_at < ?"
        with self._ledger.writing() as db:
            gone = db.execute(sql, (now - KEPT_US,)).rowcount
            db.execute("DELETE FROM outgoing_file WHERE key NOT IN (SELECT key FROM outgoing)")
        return gone


def batch_bytes(records: Sequence[Waiting]) -> bytes:
    """What is sent or put on a stick: `{"records": [envelope …]}`, and `"files": {SHA-256: base64}` where they name some."""
    said = b'{"records":[' + b",".join(record.document for record in records) + b"]"
    files = {digest: content for record in records for digest, content in record.files}
    if files:
        told = {digest: base64.b64encode(content).decode() for digest, content in files.items()}
        said += b',"files":' + json.dumps(told).encode()
    return said + b"}"


def batches(records: Sequence[Waiting]) -> list[list[Waiting]]:
    """Records in parts that are neither too many nor too long."""
    found: list[list[Waiting]] = [[]]
    length = 0
    for record in records:
        size = len(record.document) + sum(len(content) * 4 // 3 for _, content in record.files)
        if found[-1] and (len(found[-1]) == SEND_MAX or length + size > SEND_BYTES_MAX):
            found.append([])
            length = 0
        found[-1].append(record)
        length += size
    return found if found[-1] else []


def signature_text(private: bytes, method: str, path: str, at: int, body_sha256: str) -> str:
    """The signature of a request, base64: over `asbuilt-request/1`, method, path, UTC microseconds, SHA-256 of the body."""
    return base64.b64encode(keys.sign_ed25519(private, request_message(method, path, at, body_sha256))).decode()


def request_message(method: str, path: str, at: int, body_sha256: str) -> bytes:
    """The bytes that a station signs for a request."""
    return f"asbuilt-request/1\n{method}\n{path}\n{at}\n{body_sha256}\n".encode()
