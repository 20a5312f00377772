"""The log: head, entries, proofs, checkpoints, consistency, verification. The twin of the page Log.

What it gives can be checked without us: RFC 6962 proofs, signed notes (C2SP), the public keys.
"""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from asbuilt.access import log_reading
from asbuilt.access.rights import LOG_READ, LOG_VERIFY
from asbuilt.built.exchange import verify_runs
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.cursors import NUMBER_MAX, PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.shapes import Shape, instant
from asbuilt.kernel.notes import base64_text
from asbuilt.ledger import checkpoints, keyring, proofs, sequencing

NOTE_CHARACTERS_MAX = 4096
router = Router(tags=["Log"], auth=needs(LOG_READ))
EntryNumber = Annotated[int, Path(ge=1, le=NUMBER_MAX, description="Number of the entry, from 1.")]
Note = Annotated[str, Field(min_length=1, max_length=NOTE_CHARACTERS_MAX, description="A signed note of this log.")]


class Head(Shape):
    """The present head of the log."""

    origin: str = Field(description="The name it is signed under.")
    size: int = Field(description="Entries.")
    root: str = Field(description="Root of the Merkle tree, hex.")
    note: str = Field(description="The signed note.")
    public_keys: str = Field(description="What a stranger needs to check notes and documents: `asbuilt verify --key`.")


class EntryShape(Shape):
    """One entry. `body` is the leaf of the tree, canonical JSON; the other fields are read from it."""

    number: int = Field(description="Its number; its leaf is number - 1.")
    type: str = Field(description="`room.what_happened`.")
    at: str = Field(description="When it was recorded.")
    actor: str = Field(description="Who, by number: names stand elsewhere and can be erased.")
    body: str = Field(description="The leaf, byte for byte.")


class EntryPage(Shape):
    """Entries, newest first."""

    entries: list[EntryShape] = Field(description="This page.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Proof(Shape):
    """That an entry is in the log: RFC 6962 inclusion proof."""

    index: int = Field(description="Index of the leaf.")
    leaf: str = Field(description="The leaf, byte for byte.")
    proof: list[str] = Field(description="Hashes up to the root, base64.")
    text: str = Field(description="The same as C2SP tlog-proof, signed head included.")


class CheckpointNote(Shape):
    """A signed head, handed out and remembered as such."""

    note: str = Field(description="Keep it elsewhere: it shows a log that was cut or written anew.")


class TwoNotes(Shape):
    """Two heads of this log."""

    old: Note
    new: Note


class Consistency(Shape):
    """That the older head is the beginning of the newer one."""

    proof: list[str] = Field(description="RFC 6962 consistency proof, base64.")


class Begun(Shape):
    """A verification was begun, or was running."""

    ulid: str = Field(description="Names it. Its result stands under GET /api/v1/log/verify.")


class Checked(Shape):
    """The newest verification."""

    state: str | None = Field(description="waits, runs or done; null: there was none.")
    begun_at: str | None = Field(description="When it was asked for.")
    finished_at: str | None = Field(description="When it ended.")
    size: int | None = Field(description="Entries it covered.")
    faults: int | None = Field(description="Places that are not as they were recorded.")
    report: dict = Field(description="Each fault with code, sentence and place.")


@router.get("/log", response=Head, operation_id="get_log", summary="The head of the log")
def head(request: HttpRequest):
    """Size, root, the signed note, and the keys to check it with."""
    origin, size, root, note = sequencing.head(request.actor.tenant)
    keys = keyring.public_keys(origin)
    return {"origin": origin, "size": size, "root": root.hex(), "note": note, "public_keys": keys}


@router.get("/log/entries", response=EntryPage, operation_id="list_entries", summary="Entries of the log")
def entries(request: HttpRequest, cursor: Cursor = None, limit: PageSize = PAGE):
    """The newest first."""
    before, size = numbers_of(cursor), page_size(limit)
    found = log_reading.entries(request.actor, before=before[0] if before else None, limit=size + 1)
    next = cursor_of(found[size - 1].number) if len(found) > size else None
    return {"entries": [_entry(one) for one in found[:size]], "next": next}


@router.get("/log/entries/{number}", response=EntryShape, operation_id="get_entry", summary="One entry")
def one_entry(request: HttpRequest, number: EntryNumber):
    """The entry with its leaf."""
    return _entry(log_reading.entry(request.actor, number))


@router.get("/log/entries/{number}/proof", response=Proof, operation_id="get_entry_proof", summary="Proof of an entry")
def entry_proof(request: HttpRequest, number: EntryNumber):
    """What leads from the entry to the present signed head."""
    found = proofs.entry_proof(request.actor.tenant, number)
    return {**found, "text": proofs.tlog_proof(request.actor.tenant, number)}


@router.post(
    "/log/checkpoint", response=CheckpointNote, operation_id="make_checkpoint", summary="Hand out a checkpoint"
)
def checkpoint(request: HttpRequest):
    """The signed head of this moment. Remembered as handed out, so that a later log can be held to it."""
    return {"note": checkpoints.checkpoint(request.actor)}


@router.post("/log/consistency", response=Consistency, operation_id="prove_consistency", summary="Prove consistency")
def consistency(request: HttpRequest, said: TwoNotes):
    """That nothing between two heads was changed or taken away."""
    proof = checkpoints.consistency(request.actor.tenant, said.old, said.new)
    return {"proof": [base64_text(node) for node in proof]}


@router.post(
    "/log/verify", response={202: Begun}, auth=needs(LOG_VERIFY), operation_id="begin_verification", summary="Verify"
)
def begin_verification(request: HttpRequest):
    """The whole record is checked against its own hashes, beside the requests. One at a time."""
    return Status(202, {"ulid": verify_runs.begin_verification(request.actor)})


@router.get("/log/verify", response=Checked, operation_id="get_verification", summary="The newest verification")
def verification(request: HttpRequest):
    """How far it is, and what it found."""
    found = verify_runs.newest(request.actor.tenant)
    if found is None:
        return {**dict.fromkeys(("state", "begun_at", "finished_at", "size", "faults")), "report": {}}
    said = {name: getattr(found, name) for name in ("state", "size", "faults", "report")}
    return {**said, "begun_at": instant(found.begun_at), "finished_at": instant(found.finished_at)}


def _entry(found: log_reading.ReadEntry) -> dict:
    return {
        "number": found.number,
        "type": found.type,
        "at": instant(found.recorded_at),
        "actor": found.label,
        "body": found.body,
    }
