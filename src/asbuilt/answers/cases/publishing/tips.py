"""Tips of strangers as the house reads them, and as the reporter sees how it stands.

tips_told(actor)                 -> every tip with the clock of its acknowledgement, those that wait first
tip_seen(actor, "TIP-1")           -> with what was sent, or that it was erased
attached(actor, "TIP-1", 1)           -> bytes of a file, for a download and nothing else
status_of(tenant, "TIP-1", code)      -> what the reporter is told; the same NotFound for a wrong code and a wrong reference
"""

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CASE_READ, TIP_HANDLE
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import signals
from asbuilt.answers.cases.handling.statements import Line, codes_of, lines_of
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.kernel.errors import NotFound, Sealed
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock, evidence

TIPS_MAX = 1_000
SALT_BYTES = 32
WAITS, ANSWERED = "waiting", "answered"


def tip_of(tenant: int, code: str) -> list[Line]:
    """The lines of a tip. NotFound where there is none."""
    lines = kinds.lines_about(tenant, code, kinds.TIP)
    if not lines:
        said = f"There is no tip {code[:20]}."
        raise NotFound("cases.tip_unknown", said, {"tip": code[:20]}, "Look at the list of tips.")
    return lines


def tips_told(actor: Actor) -> list[dict]:
    """The newest tips, those that wait first, the nearest due first. Who reads cases sees that they are there, not what they say."""
    kinds.refuse_party(actor)
    actor.require(CASE_READ)
    codes = codes_of(actor.tenant, kinds.TIP, TIPS_MAX)
    lines = lines_of(actor.tenant, codes)
    now = clock.now()
    found = [_told(lines[code], now) for code in codes]
    return sorted(found, key=lambda one: (one["state"] != WAITS, one["ack_due_at"] or "~"))


def _told(lines: list[Line], now: int) -> dict:
    first = lines[0]
    answered = next((line for line in lines if line.kind == kinds.ANSWERED), None)
    due = parse_instant(first.said["ack_due_at"]) if first.said.get("ack_due_at") else None
    return {
        "tip": first.about, "signal": first.name, "received_at": plain(first.at), "files": len(first.said.get("files", ())),
        "state": WAITS if answered is None else ANSWERED, "ack_due_at": plain(due), "acknowledged_at": plain(answered.happened_at) if answered else None,
        "late": due is not None and (answered.happened_at if answered else now) > due,
        "left_s": None if due is None or answered else (due - now) // 1_000_000,
    }  # fmt: skip


def signals_with_tips(actor: Actor, told: list[dict]) -> list[dict]:
    """Signals as they are told, those of a tip with its clock under `tip`."""
    by_signal = {one["signal"]: one for one in tips_told(actor)} if told else {}
    return [{**one, "tip": by_signal.get(one["signal"])} for one in told]


def tip_seen(actor: Actor, code: str) -> dict:
    """One tip with what was sent: text to be shown as text."""
    kinds.refuse_party(actor)
    actor.require(TIP_HANDLE)
    lines = tip_of(actor.tenant, code)
    sent = sent_of(actor.tenant, lines[0])
    people = People(actor.tenant, 0).codes(line.person for line in lines)
    case = next((one.case for one in signals(actor) if one.code == lines[0].name), "")
    return {
        **_told(lines, clock.now()), "erased": sent is None, "sent": sent, "case": case or None,
        "answers": [
            {"words": line.why, "at": plain(line.happened_at), "by": people.get(line.person), "mailed": "mailed" in line.said}
            for line in lines if line.kind == kinds.ANSWERED
        ],
    }  # fmt: skip


def sent_of(tenant: int, first: Line) -> dict | None:
    """What the stranger wrote; None once it was erased."""
    try:
        said = json.loads(kinds.document(tenant, first.said["contents"]))
    except Sealed:
        return None
    del said["salt"]
    return said


def attached(actor: Actor, code: str, number: int) -> tuple[str, Iterator[bytes]]:
    """(file name, bytes in pieces) of the file of this number, from 1. Sealed once it was erased."""
    kinds.refuse_party(actor)
    actor.require(TIP_HANDLE)
    first = tip_of(actor.tenant, code)[0]
    hashes = first.said.get("files", ())
    if not 1 <= number <= len(hashes):
        said = f"{first.about} has no file {number}."
        raise NotFound("cases.tip_file_unknown", said, {"tip": first.about}, "Look at the tip.")
    pieces = evidence.open_evidence(actor.tenant, hashes[number - 1])
    sent = sent_of(actor.tenant, first)
    return sent["files"][number - 1]["name"] if sent else f"{first.about}-{number}", _unsalted(pieces)


def _unsalted(pieces: Iterator[bytes]) -> Iterator[bytes]:
    held = b""
    for piece in pieces:
        if held is not None:
            held += piece
            if len(held) < SALT_BYTES:
                continue
            piece, held = held[SALT_BYTES:], None
        if piece:
            yield piece


def status_of(tenant: int, code: str, secret: str) -> dict:
    """How a tip stands, for who has its code: never what was sent."""
    lines = kinds.lines_about(tenant, code.strip().upper()[:20], kinds.TIP)
    given = sha256(secret.strip().upper().encode()).hexdigest()
    if not hmac.compare_digest(given, lines[0].said["code"] if lines else "0" * 64):
        raise NotFound(
            "cases.tip_status_unknown", "There is no report with this reference and code.", {}, "Look at both again."
        )
    told = _told(lines, clock.now())
    answers = [{"words": line.why, "at": plain(line.happened_at)} for line in lines if line.kind == kinds.ANSWERED]
    return {
        **{name: told[name] for name in ("tip", "received_at", "ack_due_at", "acknowledged_at", "state")},
        "answers": answers,
    }
