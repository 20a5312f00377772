"""Imports: one table while the request waits, or many files as a run that goes on without it. The twin of Import."""

import tempfile
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Annotated

from django.http import HttpRequest
from ninja import File, Form, Path, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import HISTORY_IMPORT
from asbuilt.built.exchange import runs
from asbuilt.built.exchange.actions import FileReport, import_file
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.shapes import Done, Shape, instant

PIECE_BYTES = 1024**2
router = Router(tags=["Import"], auth=needs(HISTORY_IMPORT))
RUN = needs(HISTORY_IMPORT, "API_RUN_BYTES_MAX")
Ulid = Annotated[str, Path(max_length=26, description="The ULID of the run.")]


class Imported(Shape):
    """What became of a file. Warnings tell of history that a gate would refuse today."""

    file: str = Field(description="Its name.")
    table: str = Field(description="The table it was read as.")
    sha256: str = Field(description="Of its bytes; they are kept as evidence.")
    size: int = Field(description="Bytes.")
    rows: int = Field(description="Rows read.")
    stored: int = Field(description="Rows that were new.")
    known: int = Field(description="Rows that were recorded before.")
    already: bool = Field(description="These very bytes were loaded before; nothing changed.")
    entry: int | None = Field(description="The entry of the log.")
    warnings: list[str] = Field(description="The first thousand.")
    warnings_total: int = Field(description="All of them.")


class FileOfRun(Shape):
    """One file of a run."""

    name: str = Field(description="Its name.")
    table: str = Field(description="The table it is read as; empty: none, the file is left alone.")
    size: int = Field(description="Bytes.")
    state: str = Field(description="waits, reading, stored, known, refused, left or not_begun.")
    rows: int = Field(description="Rows read.")
    stored: int = Field(description="Rows that were new.")
    entry: int | None = Field(description="The entry of the log.")
    warnings: list[str] = Field(description="The first hundred.")
    warnings_total: int = Field(description="All of them.")
    error: dict | None = Field(description="The problem that refused it, each wrong row named.")


class RunShape(Shape):
    """An import run."""

    ulid: str = Field(description="Names the run.")
    state: str = Field(description="waits, runs, done, refused or stopped.")
    begun_at: str = Field(description="When it was begun.")
    finished_at: str | None = Field(description="When it ended; null: it has not.")
    read: int = Field(description="Bytes read of the present file.")
    of: int = Field(description="Bytes of the present file.")
    files: list[FileOfRun] = Field(description="In the order of loading.")


class ImportBegun(Shape):
    """A run was begun."""

    ulid: str = Field(description="Look at /api/v1/import-runs/ULID.")


class RunList(Shape):
    """The newest runs."""

    runs: list[RunShape] = Field(description="Newest first, at most ten.")


@router.post(
    "/imports",
    response=Imported,
    auth=needs(HISTORY_IMPORT, "API_IMPORT_BYTES_MAX"),
    operation_id="import_table",
    summary="Import one table",
)
def import_table(
    request: HttpRequest,
    file: UploadedFile = File(..., description="The table as CSV, UTF-8, up to 64 MiB."),  # noqa: B008
    kind: str = Form(..., max_length=40, description="Which table: parties, parts, bom, lots, orders, units, …"),
):
    """Whole or not at all; the same bytes again change nothing. Larger files and firmware images: /import-runs."""
    # images are looked for beside the table, and there is nothing beside an upload
    with tempfile.TemporaryDirectory(prefix="asbuilt-import-") as place:
        path = FilePath(place) / "upload"
        with open(path, "xb") as out:
            for piece in file.chunks(PIECE_BYTES):
                out.write(piece)
        report = import_file(request.actor, path, kind, folder=FilePath(place) / "none", name=_name(file, kind))
    return _said(report)


@router.post(
    "/import-runs",
    response={202: ImportBegun},
    auth=RUN,
    operation_id="begin_import_run",
    summary="Import files in the back",
)
def begin(request: HttpRequest, files: list[UploadedFile] = File(..., description="Tables and firmware images.")):  # noqa: B008
    """Files are taken in the order of the tables; the first one refused ends the run. Names say the tables."""
    ulid = runs.begin_run(request.actor, folder="", files=[(_name(file, ""), _pieces(file)) for file in files])
    return Status(202, {"ulid": ulid})


@router.get("/import-runs", response=RunList, operation_id="list_import_runs", summary="The newest import runs")
def newest(request: HttpRequest):
    """Ten at most."""
    return {"runs": [_run(run) for run in runs.newest_runs(request.actor)]}


@router.get("/import-runs/{ulid}", response=RunShape, operation_id="get_import_run", summary="One import run")
def one_run(request: HttpRequest, ulid: Ulid):
    """How far it is, and every wrong row."""
    return _run(runs.run_of(request.actor, ulid))


@router.post("/import-runs/{ulid}/stop", response=Done, operation_id="stop_import_run", summary="Stop an import run")
def stop(request: HttpRequest, ulid: Ulid):
    """No further file is begun; the one being read is finished."""
    runs.stop_run(request.actor, ulid)
    return {"done": True}


def _name(file: UploadedFile, kind: str) -> str:
    name = "".join(letter for letter in file.name or "" if letter.isprintable())[:200]
    return name or f"{kind}.csv"


def _pieces(file: UploadedFile) -> Iterator[bytes]:
    return file.chunks(PIECE_BYTES)


def _said(report: FileReport) -> dict:
    return {name: getattr(report, name) for name in Imported.model_fields}


def _run(run: runs.Run) -> dict:
    said = {name: getattr(run, name) for name in ("ulid", "state", "read", "of")}
    said["files"] = [{name: getattr(file, name) for name in FileOfRun.model_fields} for file in run.files]
    return {**said, "begun_at": instant(run.begun_at), "finished_at": instant(run.finished_at)}
