"""Units at subcontractors: delivery notes, what left with them, what came back with which papers. The twin of the page Outside."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import OUTSIDE_SEND, OUTSIDE_TAKE_BACK, RECORD_READ
from asbuilt.answers.gate.outside import CODES_MAX, send_out, take_back
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen.outside import note_seen, open_notes

router = Router(tags=["Outside"], auth=Caller())
NoteCode = Annotated[str, Path(min_length=1, max_length=60, description="Code of the delivery note.")]
AsOf = Annotated[str, Query(max_length=40, description="As known then; empty: now.")]
Result = Literal["completed", "failed", "aborted"]


class Sending(Shape):
    """What leaves."""

    codes: list[str] = Field(
        min_length=1, max_length=CODES_MAX, description="Units, panels, or `A..B`, a stretch of the order."
    )
    step: str = Field(min_length=1, max_length=200, description="The step that is done outside.")
    side: str = Field("", max_length=20, description="Its side, if the routing has one.")
    party: str = Field("", max_length=200, description="The subcontractor; empty: as the routing says.")
    note: str = Field("", max_length=60, description="Number of the note; empty: the next by the rule.")
    transport: str = Field("", max_length=400, description="How it travels, such as carrier and boxes.")


class SentShape(Shape):
    """What left."""

    entry: int = Field(description="The entry of the log.")
    note: str = Field(description="The delivery note.")
    party: str = Field(description="Code of the subcontractor.")
    units: int = Field(description="How many units.")


class BackShape(Shape):
    """What came back."""

    entry: int = Field(description="The entry of the log.")
    note: str = Field(description="The delivery note.")
    units: int = Field(description="How many units.")
    outside: list[str] = Field(description="Names of the units that are still outside with it.")
    still_held: list[dict] = Field(description="Holds that stop units that came back.")


class OpenNotes(Shape):
    """Notes of which units are outside, those that left first first."""

    notes: list[dict] = Field(description="note, order, party, step, sent_at, sent, outside (how many units).")


class NoteShape(Shape):
    """A delivery note."""

    note: str = Field(description="Its code.")
    order: str = Field(description="The work order.")
    product: str = Field(description="Its product.")
    revision: str = Field(description="Its hardware revision.")
    party: str = Field(description="Name of the subcontractor.")
    party_code: str = Field(description="Code of the subcontractor.")
    step: str = Field(description="The step that is done there.")
    side: str = Field(description="Its side, or empty.")
    transport: str = Field(description="How it travelled.")
    who: str = Field(description="Badge of who sent it, or empty.")
    sent_at: str = Field(description="When it left.")
    units: list[dict] = Field(description="name, code (ORDER#n), outside, result and back_at where it came back.")
    evidence: list[str] = Field(description="Kinds of paper that must come back with the units.")
    papers: list[dict] = Field(description="kind, file, sha256, kept_at.")


@router.get("/delivery-notes", response=OpenNotes, auth=needs(RECORD_READ), operation_id="list_open_notes", summary="Open delivery notes")  # fmt: skip
def open_ones(
    request: HttpRequest,
    order: Annotated[str, Query(max_length=200, description="Only those of this order.")] = "",
    as_of: AsOf = "",
):
    """What is outside, by note."""
    return {"notes": plain(open_notes(request.actor, order, as_of or None))}


@router.post("/delivery-notes", response={201: SentShape}, auth=needs(OUTSIDE_SEND), operation_id="send_out", summary="Send units out")  # fmt: skip
def send(request: HttpRequest, said: Sending, idempotency_key: IdempotencyKey = None):
    """Recorded where the gate lets every unit go; else refused with all that stops them in `facts.stops`."""
    key = request_key(request, idempotency_key)
    given = said.model_dump(include=set(Sending.model_fields))
    return Status(201, plain(send_out(request.actor, request_key=key, **given)))


@router.post(
    "/delivery-notes/{path:note}/returns",
    response={201: BackShape},
    auth=needs(OUTSIDE_TAKE_BACK, "API_IMPORT_BYTES_MAX"),
    operation_id="take_back",
    summary="Take units back",
)
def back(
    request: HttpRequest,
    note: NoteCode,
    codes: str = Form(
        "", max_length=40_000, description="Units, panels, `A..B`, blank-separated; empty: all of the note."
    ),
    result: Result = Form("completed", description="How the step ended there."),  # noqa: B008
    started_at: str = Form("", max_length=40, description="With offset; empty: when the units left."),
    finished_at: str = Form("", max_length=40, description="With offset; empty: now."),
    certificate: UploadedFile | None = File(None, description="The certificate, up to 32 MiB."),  # noqa: B008
    measurements: UploadedFile | None = File(None, description="A file of measurements, up to 32 MiB."),  # noqa: B008
    other: UploadedFile | None = File(None, description="Any other paper, up to 32 MiB."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """The step counts from now on; what did not come back stays outside. Papers are kept byte for byte."""
    note_seen(request.actor, note)  # a note that he may not see is none
    files = {"certificate": certificate, "measurements": measurements, "other": other}
    papers = [(kind, file.name or kind, _bytes(file)) for kind, file in files.items() if file is not None]
    times = {"started_at": _instant("started_at", started_at), "finished_at": _instant("finished_at", finished_at)}
    key = request_key(request, idempotency_key)
    done = take_back(
        request.actor, note=note, codes=codes.split(), result=result, papers=papers, request_key=key, **times
    )
    return Status(201, plain(done))


@router.get("/delivery-notes/{path:note}", response=NoteShape, auth=needs(RECORD_READ), operation_id="get_note", summary="A delivery note")  # fmt: skip
def one(request: HttpRequest, note: NoteCode, as_of: AsOf = ""):
    """What left with it, what came back, with which papers."""
    return plain(note_seen(request.actor, note, as_of or None))


def _bytes(file: UploadedFile) -> bytes:
    if file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    return b"".join(file.chunks())


def _instant(name: str, text: str) -> int | None:
    try:
        return parse_instant(text) if text else None
    except ValueError as refusal:
        raise errors.field_wrong(name, str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None
