"""Mappings of machines that speak no CFX, and their files. The twin of the page Mappings and of the refused files."""

import json
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import (
    DEAD_LETTER_RETRY,
    EVIDENCE_READ,
    FACT_WITHDRAW,
    MACHINE_MAP,
    MACHINE_READ,
    MESSAGE_RECORD,
)
from asbuilt.built.messages import dismissing, refused_files
from asbuilt.built.messages.machine_files import FileRow, FileTried, record_file, try_file
from asbuilt.built.messages.mapping import draft, machine_mappings, say_mapping
from asbuilt.built.messages.rereading import reread_file
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.cursors import PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.limits import limit
from asbuilt.doors.api.shapes import Refusal, Shape, instant

router = Router(tags=["Machines"], auth=needs(MACHINE_READ))
FileId = Annotated[str, Path(min_length=1, max_length=64, description="The file's SHA-256, or its first digits.")]
FileName = Annotated[
    str, Query(max_length=400, description="What the machine called the file; its mapping is found by it.")
]
OfMachine = Annotated[str, Query(max_length=400, description="Only by the mappings of this machine.")]


ResultKind = Annotated[
    Literal["", "openhtf", "wsjf", "junit", "i3070", "atml"],
    Query(description="A format of results, outright; empty: a mapping by the name, else what stands in the file."),
]


class MappingCells(Shape):
    """How files of a machine are read, as in mappings.csv."""

    machine: str = Field(max_length=400, description="What the floor calls the machine.")
    pattern: str = Field(max_length=400, description="Names of its files: OVEN_*.csv, or OVEN_{order}_*.csv.")
    becomes: Literal["processes", "tests"] = Field("processes", description="Which table its rows become.")
    format: Literal["csv", "json"] = Field("csv", description="What its files are.")
    encoding: str = Field("utf-8", max_length=40, description="utf-8, utf-16, cp1252 …")
    delimiter: str = Field("", max_length=40, description="comma, semicolon, tab or pipe; empty for JSON.")
    header: str = Field("", max_length=40, description="The line of the header; 0: there is none; empty for JSON.")
    decimal: str = Field("point", max_length=40, description="point or comma.")
    time_format: str = Field("iso", max_length=400, description="%d.%m.%Y %H:%M:%S, iso, unix or unix_ms.")
    time_zone: str = Field("UTC", max_length=400, description="Europe/Vienna, UTC or +01:00.")
    rows_at: str = Field("", max_length=400, description="In JSON, the path of the list of records.")
    columns: dict = Field(description="Column of the table, readings.NAME or measurements.NAME -> its source.")


class MappingAsked(MappingCells):
    """A mapping to be said."""

    reason: str = Field("", max_length=2000, description="Why it changes, where the pattern has a mapping.")


class MappingShape(MappingCells):
    """A mapping that stands."""

    version: str = Field(description="The id of its fact, which files say they were read by.")
    operator: str = Field(description="Who said it, by badge.")
    happened_at: str = Field(description="When.")
    entry: int = Field(description="The entry of the log.")


class MappingList(Shape):
    """Mappings, by machine and pattern."""

    mappings: list[MappingShape] = Field(description="All that stand.")


class MappingSaid(Shape):
    """The mapping that stands now."""

    version: str = Field(description="Its version.")
    entry: int = Field(description="The entry of the log.")
    corrected: bool = Field(description="Whether it took the place of another.")


class FileShape(Shape):
    """A file of a machine as the record has it."""

    file: str = Field(description="SHA-256 of its bytes.")
    name: str = Field(description="What the machine called it.")
    machine: str = Field(description="Whose it is; empty where no mapping fits its name.")
    mapping: str = Field(description="The version of the mapping it was read by.")
    becomes: str = Field(description="Which table its rows became.")
    rows: int = Field(description="How many rows it has; 0 while it is refused.")
    size: int = Field(description="Bytes.")
    use: Literal["taken", "refused", "dismissed"] = Field(description="What became of it.")
    cause: str = Field(description="Why it is refused: a code of the errors.")
    detail: str = Field(description="Why, in words, with what to do.")
    received_at: str = Field(description="When it came first.")
    entry: int = Field(description="The entry that kept it first.")
    taken_by: int | None = Field(description="The entry that took it; null while it is refused.")


class FileHappeningShape(Shape):
    """What an entry did with a file."""

    entry: int = Field(description="The entry of the log.")
    type: str = Field(description="Its type, such as messages.file_taken.")
    recorded_at: str = Field(description="When.")
    reason: str = Field(description="Of a dismissal: why.")
    operator: int | None = Field(description="Of a dismissal: the person's number.")


class FileWithHistory(FileShape):
    """A file of a machine, and what became of it, oldest first."""

    history: list[FileHappeningShape] = Field(description="Kept refused, taken, read anew, dismissed.")


class Dismissal(Shape):
    """Why a file need not be taken."""

    reason: str = Field(min_length=1, max_length=2000, description="Kept with who said so and when.")


class FilePage(Shape):
    """Files, newest first."""

    files: list[FileShape] = Field(description="This page.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class FileSeenShape(Shape):
    """What became of a file now."""

    file: str = Field(description="SHA-256 of its bytes.")
    name: str = Field(description="Its name.")
    use: Literal["taken", "refused", "dismissed"] = Field(
        description="What became of it. Refused: kept, and nothing of it applied."
    )
    machine: str = Field(description="Whose it is.")
    mapping: str = Field(description="The version of the mapping.")
    becomes: str = Field(description="Which table its rows become.")
    rows: int = Field(description="Rows it has.")
    stored: int = Field(description="Rows that are new.")
    known: int = Field(description="Rows that were recorded before.")
    cause: str = Field(description="Why it is refused.")
    detail: str = Field(description="Why, in words.")
    already: bool = Field(description="These bytes were taken, or refused for the same, before.")
    entry: int | None = Field(description="The entry of the log.")
    warnings: list[str] = Field(description="What is doubtful.")


class FileTriedShape(Shape):
    """What a file would give. Nothing was stored."""

    name: str = Field(description="Its name.")
    machine: str = Field(description="Whose mapping read it.")
    becomes: str = Field(description="Which table.")
    columns: list[str] = Field(description="The columns that the file has.")
    header: list[str] = Field(description="The columns of the table.")
    rows: list[list[str]] = Field(description="Its first rows, under the columns of the table.")
    lines: list[int] = Field(description="The line (CSV) or record (JSON) of each.")
    wrong: list[Refusal] = Field(description="Wrong cells, the first 200.")
    wrong_total: int = Field(description="How many there are.")
    warnings: list[str] = Field(description="What is doubtful.")


class RereadAsked(Shape):
    """Why a file is read anew."""

    reason: str = Field(max_length=2000, description="Why, such as what was wrong with the mapping.")
    kind: Literal["", "openhtf", "wsjf", "junit", "i3070", "atml"] = Field(
        "", description="Read it as this format of results from now on, where a mapping read it so far."
    )


class FileRereadShape(Shape):
    """What reading anew did."""

    file: str = Field(description="SHA-256 of its bytes.")
    mapping: str = Field(description="The version of the mapping it is read by now.")
    withdrawn: int = Field(description="Facts that it no longer says.")
    stored: int = Field(description="Facts that it says now and did not before.")
    left: int = Field(description="Rows left out, as people withdrew or corrected them.")
    entry: int | None = Field(description="The entry of the log; null: nothing changed.")


class FilesAsked(Shape):
    """Which to retry."""

    files: list[str] | None = Field(
        None, max_length=refused_files.RETRIED_MAX, description="Their SHA-256 or first digits; null: the 500 oldest."
    )


class FilesRetriedShape(Shape):
    """What a retry did."""

    taken: int = Field(description="Taken now.")
    still: int = Field(description="Refused still.")
    causes: dict[str, int] = Field(description="By the cause of today.")
    entries: list[int] = Field(description="The entries of the log.")


@router.get("/mappings", response=MappingList, operation_id="list_mappings", summary="How files of machines are read")
def list_mappings(request: HttpRequest, machine: OfMachine = ""):
    """Those that stand, of one machine if it is named."""
    return {"mappings": [_mapping(one) for one in machine_mappings(request.actor, machine)]}


@router.post(
    "/mappings",
    response=MappingSaid,
    auth=needs(MACHINE_MAP),
    operation_id="say_mapping",
    summary="Say how files are read",
)
def say(request: HttpRequest, asked: MappingAsked, idempotency_key: IdempotencyKey = None):
    """From now on. A mapping for a pattern that has one takes its place, with a reason."""
    key = request_key(request, idempotency_key)
    said = say_mapping(request.actor, _cells(asked.model_dump()), reason=asked.reason, request_key=key)
    return vars(said)


@router.post(
    "/machine-files/try",
    response=FileTriedShape,
    auth=needs(MACHINE_MAP, "API_IMPORT_BYTES_MAX"),
    operation_id="try_machine_file",
    summary="What a file would give",
)
def try_(
    request: HttpRequest,
    file: UploadedFile = File(..., description="The file, under the name that the machine gave it."),  # noqa: B008
    machine: str = Form("", max_length=400, description="Only by the mappings of this machine."),
    mapping: str = Form("", max_length=100_000, description="A mapping as JSON, to be tried before it is said."),
):
    """Its first rows and every wrong cell; stores nothing."""
    asked = draft(_cells(_json(mapping))) if mapping else None
    tried = try_file(request.actor, file.name or "", _read(file), machine=machine, mapping=asked)
    return _tried(tried)


@router.post(
    "/machine-files",
    response=FileSeenShape,
    auth=needs(MESSAGE_RECORD, "API_IMPORT_BYTES_MAX"),
    operation_id="record_machine_file",
    summary="Record a file of a machine",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The bytes of the file, as the machine wrote them, up to 16 MiB.",
            "content": {
                "application/octet-stream": {"schema": {}},
                "text/csv": {"schema": {}},
                "application/json": {"schema": {}},
            },
        }
    },
)
def record(request: HttpRequest, name: FileName, machine: OfMachine = "", kind: ResultKind = ""):
    """Whole, or kept refused with the cause. The same bytes again do nothing. Results of testers are known by what stands in them."""
    most = limit("API_IMPORT_BYTES_MAX")
    payload = request.read(most + 1)
    if len(payload) > most:
        raise errors.too_large(most)
    return vars(record_file(request.actor, name, payload, machine=machine, kind=kind))


@router.get("/machine-files", response=FilePage, operation_id="list_machine_files", summary="Files of machines")
def list_files(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: PageSize = PAGE,
    use: Annotated[Literal["", "taken", "refused", "dismissed"], Query(description="Only those.")] = "",
    machine: OfMachine = "",
):
    """Newest first."""
    size, after = page_size(limit), numbers_of(cursor)
    found = refused_files.machine_files(
        request.actor, use=use, machine=machine, after=after[0] if after else None, limit=size + 1
    )
    return {
        "files": [_file(one) for one in found[:size]],
        "next": cursor_of(found[size - 1].entry) if len(found) > size else None,
    }


@router.post(
    "/machine-files/retry",
    response=FilesRetriedShape,
    auth=needs(DEAD_LETTER_RETRY),
    operation_id="retry_machine_files",
    summary="Retry refused files",
)
def retry(request: HttpRequest, asked: FilesAsked):
    """Take them by the mapping of today. What was taken stays as it is, so sending it again is safe."""
    report = refused_files.retry_files(request.actor, asked.files)
    return {**vars(report), "causes": dict(report.causes)}


@router.post(
    "/machine-files/{file}/reread",
    response=FileRereadShape,
    auth=needs(FACT_WITHDRAW),
    operation_id="reread_machine_file",
    summary="Read a taken file anew",
)
def reread(request: HttpRequest, file: FileId, asked: RereadAsked):
    """By the mapping of today: what it no longer says is withdrawn, what it says now is recorded; a second time does nothing."""
    return vars(reread_file(request.actor, file, reason=asked.reason, kind=asked.kind))


@router.post(
    "/machine-files/{file}/dismiss",
    response=FileShape,
    auth=needs(DEAD_LETTER_RETRY),
    operation_id="dismiss_machine_file",
    summary="Dismiss a refused file",
)
def dismiss(request: HttpRequest, file: FileId, said: Dismissal, idempotency_key: IdempotencyKey = None):
    """It need not be taken. Its bytes stay, and it may still be retried."""
    key = request_key(request, idempotency_key)
    return _file(dismissing.dismiss_file(request.actor, file, reason=said.reason, request_key=key))


@router.get(
    "/machine-files/{file}", response=FileWithHistory, operation_id="get_machine_file", summary="A file of a machine"
)
def one_file(request: HttpRequest, file: FileId):
    """What became of it."""
    found = refused_files.machine_file(request.actor, file)
    history = [
        {**vars(one), "recorded_at": instant(one.recorded_at)}
        for one in dismissing.file_history(request.actor, found.file)
    ]
    return {**_file(found), "history": history}


@router.get(
    "/machine-files/{file}/raw",
    auth=needs(EVIDENCE_READ),
    operation_id="get_machine_file_bytes",
    summary="The bytes of a file of a machine",
)
def raw(request: HttpRequest, file: FileId):
    """As they came."""
    answer = HttpResponse(refused_files.file_bytes(request.actor, file), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="machine-file-{file[:16]}"'
    return answer


def _read(file: UploadedFile) -> bytes:
    most = limit("API_IMPORT_BYTES_MAX")
    payload = file.read(most + 1)
    if len(payload) > most:
        raise errors.too_large(most)
    return payload


def _json(text: str) -> dict:
    try:
        said = MappingCells.model_validate_json(text)
    except ValueError:
        raise errors.field_wrong(
            "mapping", "is no mapping", "Give its cells as JSON, `columns` as an object."
        ) from None
    return said.model_dump()


def _cells(said: dict) -> dict[str, str]:
    return {**said, "columns": json.dumps(said["columns"], ensure_ascii=False)}


def _mapping(one) -> dict:
    more = {name: getattr(one, name) for name in ("version", "operator", "happened_at", "entry")}
    return {**one.cells, "columns": json.loads(one.cells["columns"]), **more}


def _file(one: FileRow) -> dict:
    return {**vars(one), "received_at": instant(one.received_at)}


def _tried(tried: FileTried) -> dict:
    return {**vars(tried), "wrong": [vars(row) for row in tried.wrong]}
