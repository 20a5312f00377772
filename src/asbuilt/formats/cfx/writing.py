"""Envelopes of our own: an answer to a request, as the SDK of CFX writes them. Standard: IPC-2591 4.3."""

import json
from datetime import UTC, datetime
from uuid import uuid4

VERSION = "2.1"


def write_envelope(
    name: str, body: dict, *, source: str, target: str = "", request_id: str = "", at: int, unique_id: str | None = None
) -> bytes:
    """The JSON bytes of a message of ours; `at` in UTC microseconds."""
    said = {
        "MessageName": name,
        "Version": VERSION,
        "TimeStamp": datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.")
        + f"{at % 1_000_000:06}0+00:00",
        "UniqueID": unique_id or str(uuid4()),
        "Source": source,
        "Target": target or None,
        "RequestID": request_id or None,
        "MessageBody": body,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
