"""Machines: what they send, who they are, what could not be recorded. The twin of the pages Machines and Dead letters."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from pydantic import Field

from asbuilt.access.rights import (
    DEAD_LETTER_RETRY,
    EVIDENCE_READ,
    FACT_WITHDRAW,
    MACHINE_NAME,
    MACHINE_READ,
    MESSAGE_RECORD,
)
from asbuilt.built.messages import dead_letters
from asbuilt.built.messages.arriving import arrived
from asbuilt.built.messages.groups import record_messages
from asbuilt.built.messages.machines import machines, name_machine
from asbuilt.built.messages.rereading_messages import reread_messages
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.cursors import PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.limits import limit
from asbuilt.doors.api.shapes import Shape, instant
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock
from asbuilt.storage.drills import refuse_intake

router = Router(tags=["Machines"], auth=needs(MACHINE_READ))
MessageId = Annotated[str, Path(min_length=1, max_length=64, description="The id of the dead letter, 32 hex digits.")]


class MessagesRecorded(Shape):
    """What became of messages."""

    messages: int = Field(description="How many there were.")
    used: int = Field(description="Recorded, and used.")
    kept: int = Field(description="Recorded as they came: nothing reads them, or they changed nothing.")
    dead: int = Field(description="Dead letters: kept, and nothing of them applied.")
    known: int = Field(description="Recorded before: they did nothing.")
    causes: dict[str, int] = Field(description="By the cause of dead letters.")
    entries: list[int] = Field(description="The entries of the log.")


class MachineShape(Shape):
    """A machine as its messages show it."""

    handle: str = Field(description="Its name in its messages.")
    machine: str = Field(description="What the floor calls it.")
    step: str = Field(description="Its step; empty: it follows from what it says.")
    last_at: str | None = Field(description="Its last message, by its own clock.")
    received_at: str | None = Field(description="When that message was received.")
    last_name: str = Field(description="Which message that was.")
    used: int = Field(description="Messages used.")
    kept: int = Field(description="Messages kept, not used.")
    dead: int = Field(description="Messages that came as dead letters.")
    flagged: int = Field(description="Messages whose time is doubtful.")
    messages: list[dict] = Field(description="name, use, count.")


class MachineList(Shape):
    """Machines, the one heard last first."""

    machines: list[MachineShape] = Field(description="All of them.")


class Naming(Shape):
    """What the floor calls a machine."""

    handle: str = Field(max_length=400, description="Its name in its messages.")
    machine: str = Field("", max_length=400, description="What the floor calls it; empty: the handle.")
    step: str = Field("", max_length=400, description="Its step; empty: it follows from what it says.")


class Named(Shape):
    """A machine was named."""

    handle: str = Field(description="Its name in its messages.")
    machine: str = Field(description="What the record calls it from now on.")
    step: str = Field(description="Its step.")


class DeadLetterShape(Shape):
    """A message that could not be recorded."""

    message: str = Field(description="Its id.")
    name: str = Field(description="Which message; empty where it could not be read.")
    handle: str = Field(description="From which machine; empty where it could not be read.")
    cause: str = Field(description="Why: a code of the errors.")
    detail: str = Field(description="Why, in words, with what to do.")
    size: int = Field(description="Bytes.")
    received_at: str = Field(description="When it was received.")
    entry: int = Field(description="The entry that keeps it.")
    closed_by: int | None = Field(description="The entry that recorded it after all; null: it is open.")


class DeadLetterPage(Shape):
    """Open dead letters, newest first."""

    dead_letters: list[DeadLetterShape] = Field(description="This page.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")
    causes: dict[str, int] = Field(description="How many are open, by cause.")


class Retry(Shape):
    """Which to retry."""

    messages: list[str] | None = Field(
        None, max_length=dead_letters.RETRIED_MAX, description="Their ids; null: all open ones."
    )


class Retried(Shape):
    """What a retry did."""

    mended: int = Field(description="Recorded now.")
    still: int = Field(description="Dead letters still.")
    causes: dict[str, int] = Field(description="By the cause of today.")
    entries: list[int] = Field(description="The entries of the log.")


class MessagesRereadAsked(Shape):
    """Which messages are read anew, and why."""

    reason: str = Field(max_length=2000, description="Why, such as what the older reader took otherwise.")
    machine: str = Field(
        "", max_length=400, description="Its handle, or what the floor calls it; empty: every machine."
    )
    since: str = Field("", max_length=60, description="Messages received from then on; empty: from the first.")
    until: str = Field("", max_length=60, description="Messages received before then; empty: to the last.")


class MessagesRereadShape(Shape):
    """What became of tests and inspections that were read anew."""

    reader: str = Field(description="The reader of today.")
    messages: int = Field(description="Messages of tests and inspections that an older reader had read.")
    withdrawn: int = Field(description="Runs withdrawn, as they were read otherwise.")
    stored: int = Field(description="Runs recorded as they are read now.")
    left: int = Field(description="Runs that people withdrew or corrected: left so.")
    refused: int = Field(description="Messages and runs that the record refuses so: left as they were.")
    lost: int = Field(description="Results whose run is not found again: left as they were.")
    told: list[str] = Field(description="What was refused, and what was not found again; the first hundred.")
    entries: list[int] = Field(description="The entries of the log.")


@router.post(
    "/messages/reread",
    response=MessagesRereadShape,
    auth=needs(FACT_WITHDRAW),
    operation_id="reread_messages",
    summary="Read tests of messages anew",
)
def reread(request: HttpRequest, asked: MessagesRereadAsked):
    """By the reader of today, those that an older one read: runs that it took otherwise are withdrawn and recorded as they are. A second time does nothing."""
    window = {name: _instant(name, text) for name in ("since", "until") if (text := getattr(asked, name))}
    return asdict(reread_messages(request.actor, reason=asked.reason, machine=asked.machine, **window))


def _instant(field: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise errors.field_wrong(field, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


@router.post(
    "/messages",
    response=MessagesRecorded,
    auth=needs(MESSAGE_RECORD, "API_IMPORT_BYTES_MAX"),
    operation_id="record_messages",
    summary="Record CFX messages",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "One CFX message or an array of them; gzip or not.",
            "content": {"application/json": {"schema": {}}, "application/octet-stream": {"schema": {}}},
        }
    },
)
def record(request: HttpRequest):
    """A message is known by its UniqueID and does nothing twice; one that cannot be recorded is a dead letter."""
    refuse_intake()
    most = limit("API_IMPORT_BYTES_MAX")
    payload = request.read(most + 1)
    if len(payload) > most:
        raise errors.too_large(most)
    found = arrived(payload, clock.now(), f"api {request.actor.label}", clear_bytes_max=most)
    report = record_messages(request.actor, found)
    said = {
        "messages": report.messages,
        "known": report.known,
        "causes": dict(report.causes),
        "entries": report.entries,
    }
    return {**said, **{use: report.uses[use] for use in ("used", "kept", "dead")}}


@router.get("/machines", response=MachineList, operation_id="list_machines", summary="Machines")
def list_machines(request: HttpRequest):
    """Every machine that sent a message or was named."""
    return {"machines": [_machine(one) for one in machines(request.actor)]}


@router.post(
    "/machines/name", response=Named, auth=needs(MACHINE_NAME), operation_id="name_machine", summary="Name a machine"
)
def name(request: HttpRequest, asked: Naming, idempotency_key: IdempotencyKey = None):
    """It holds for what the machine says from now on."""
    one = name_machine(
        request.actor,
        handle=asked.handle,
        machine=asked.machine,
        step=asked.step,
        request_key=request_key(request, idempotency_key),
    )
    return {"handle": one.handle, "machine": one.machine, "step": one.step}


@router.get("/dead-letters", response=DeadLetterPage, operation_id="list_dead_letters", summary="Dead letters")
def list_dead_letters(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: PageSize = PAGE,
    cause: Annotated[str, Query(max_length=80, description="Only those of this cause.")] = "",
):
    """Those that are open, newest first."""
    size = page_size(limit)
    found = dead_letters.open_dead_letters(request.actor, after=numbers_of(cursor, 2), limit=size + 1, cause=cause)
    last = found[size - 1] if len(found) > size else None
    return {
        "dead_letters": [_letter(one) for one in found[:size]],
        "next": cursor_of(last.entry, last.place) if last else None,
        "causes": dead_letters.causes(request.actor),
    }


@router.post(
    "/dead-letters/retry",
    response=Retried,
    auth=needs(DEAD_LETTER_RETRY),
    operation_id="retry_dead_letters",
    summary="Retry dead letters",
)
def retry(request: HttpRequest, asked: Retry, idempotency_key: IdempotencyKey = None):
    """Record them anew, with what the record knows now."""
    key = request_key(request, idempotency_key)
    report = dead_letters.retry_dead_letters(request.actor, asked.messages, request_key=key)
    return {
        "mended": report.mended, "still": report.still, "causes": dict(report.causes), "entries": report.entries,
    }  # fmt: skip


@router.get(
    "/dead-letters/{message}", response=DeadLetterShape, operation_id="get_dead_letter", summary="A dead letter"
)
def one_dead_letter(request: HttpRequest, message: MessageId):
    """Cause and place; closed ones too."""
    return _letter(dead_letters.dead_letter(request.actor, message))


@router.get(
    "/dead-letters/{message}/raw",
    auth=needs(EVIDENCE_READ),
    operation_id="get_dead_letter_bytes",
    summary="The bytes of a dead letter",
)
def raw(request: HttpRequest, message: MessageId):
    """As they came."""
    answer = HttpResponse(dead_letters.raw_bytes(request.actor, message), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="message-{message}.json"'
    return answer


def _machine(one) -> dict:
    said = {name: getattr(one, name) for name in ("handle", "machine", "step", "last_name", "flagged")}
    said |= {use: one.uses[use] for use in ("used", "kept", "dead")}
    said["messages"] = [{"name": name, "use": use, "count": count} for name, use, count in one.names]
    return {**said, "last_at": instant(one.last_at or None), "received_at": instant(one.received_at or None)}


def _letter(one) -> dict:
    names = ("message", "name", "handle", "cause", "detail", "size", "entry", "closed_by")
    return {**{name: getattr(one, name) for name in names}, "received_at": instant(one.received_at)}
