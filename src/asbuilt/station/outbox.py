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
KEPT_US = 30 * 86_400 * 1_000_000


@dataclass(frozen=True)
class Waiting:
    """A record that waits: its key, the envelope, the SHA-256 of its payload."""

    key: str
    document: bytes
    payload_sha256: str


class Outbox:
    """The rows beside the ledger."""

    def __init__(self, ledger: Ledger, station: str):
        self._ledger, self._station = ledger, station

    def waiting(self, most: int = SEND_MAX) -> list[Waiting]:
        """The oldest records without a receipt."""
        sql = "SELECT key, document, payload_sha256 FROM outgoing WHERE receipt_at IS NULL ORDER BY seq LIMIT ?"
        return [Waiting(*row) for row in self._ledger.database().execute(sql, (most,))]

    def wanted(self, wanted: Sequence[str]) -> list[Waiting]:
        """Records that the server asks for, as far as they are kept here."""
        sql = "SELECT key, document, payload_sha256 FROM outgoing WHERE key = ?"
        found = (self._ledger.database().execute(sql, (key,)).fetchone() for key in wanted[: documents.RECORDS_MAX])
        return [Waiting(*row) for row in found if row]

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
        return self._ledger.database().execute(sql, (now - KEPT_US,)).rowcount


def batch_bytes(records: Sequence[Waiting]) -> bytes:
    """What is sent or put on a stick: `{"records": [envelope …]}`."""
    return b'{"records":[' + b",".join(record.document for record in records) + b"]}"


def read_batch(document: bytes) -> list[bytes]:
    """The envelopes of such a file, unchecked; for servers and their tests."""
    return [json.dumps(one, separators=(",", ":")).encode() for one in json.loads(document)["records"]]


def signature_text(private: bytes, method: str, path: str, at: int, body_sha256: str) -> str:
    """The signature of a request, base64: over `asbuilt-request/1`, method, path, UTC microseconds, SHA-256 of the body."""
    return base64.b64encode(keys.sign_ed25519(private, request_message(method, path, at, body_sha256))).decode()


def request_message(method: str, path: str, at: int, body_sha256: str) -> bytes:
    """The bytes that a station signs for a request."""
    return f"asbuilt-request/1\n{method}\n{path}\n{at}\n{body_sha256}\n".encode()
