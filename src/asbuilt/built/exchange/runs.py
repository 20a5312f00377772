"""Import runs: files dropped on a page are put aside, and loaded by a worker while the page may be left.

    waits -> runs -> done | refused | stopped

- The files of a run are loaded in the order of the tables, each whole or not at all (actions.import_file). After a
  refused one the rest is not begun.
- The run acts as the person who began it, with the rights of the moment each file is taken.
- How far a file is stands in a small file beside it, because the database has one writer and that is the import.
- A run whose process died is taken up again: what was loaded before changes nothing the second time.
"""

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.identity import actor_of_login
from asbuilt.access.queries import login_of_person
from asbuilt.access.rights import HISTORY_IMPORT
from asbuilt.built.exchange.actions import FILE_BYTES_MAX, FileReport, import_file
from asbuilt.built.exchange.matching_after import match_imported
from asbuilt.built.exchange.models import ImportRun
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound
from asbuilt.kernel.identifiers import is_ulid, new_ulid
from asbuilt.ledger import clock
from asbuilt.storage import databases
from asbuilt.storage.transactions import write_tx

WAITS, RUNS, DONE, REFUSED, STOPPED = "waits", "runs", "done", "refused", "stopped"
READING, STORED, KNOWN, LEFT, NOT_BEGUN = "reading", "stored", "known", "left", "not_begun"
FILES_MAX = 100
WARNINGS_KEPT = 100
ERRORS_KEPT = 2_000  # wrong rows of a file: a page shows the first, its CSV all that are kept
PROGRESS_SECONDS = 0.25
_log = logging.getLogger(__name__)


@dataclass
class FileState:
    """One file of a run: waits, reading, stored, known (nothing changed), refused, left (no table), not_begun."""

    name: str
    table: str
    size: int
    state: str = WAITS
    rows: int = 0
    stored: int = 0
    entry: int | None = None
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    warnings_total: int = 0
    error: dict | None = None

    @property
    def table_order(self) -> int:
        """The place of the table in the order of loading."""
        return list(TABLES).index(self.table) if self.table else len(TABLES)


@dataclass
class Run:
    """An import run as pages show it."""

    tenant: int
    ulid: str
    folder: str
    state: str
    begun_at: int
    finished_at: int | None
    person: int | None
    files: list[FileState]
    read: int = 0
    of: int = 0

    @property
    def open(self) -> bool:
        """Whether a worker has it yet to finish."""
        return self.state in (WAITS, RUNS)


def begin_run(actor: Actor, *, folder: str, files: Iterable[tuple[str, Iterable[bytes]]]) -> str:
    """Put the files (name, pieces of bytes) aside and queue their import; returns the run's ULID."""
    actor.require(HISTORY_IMPORT)
    ulid = new_ulid(clock.now(), os.urandom(10))
    place = _place(ulid)
    place.mkdir(parents=True, mode=0o700)
    try:
        states = [_put_aside(place, name, pieces) for name, pieces in files]
        _refuse_none(states)
        # firmware.csv names images by a path below its folder, and browsers send bare names
        (place / "images").symlink_to(".")
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    states.sort(key=lambda state: (state.table_order, state.name))
    said = {"state": WAITS, "begun_at": clock.now(), "person": actor.person, "files": _as_json(states)}
    with write_tx(actor.tenant):
        ImportRun.objects.create(tenant=actor.tenant, ulid=ulid, folder=folder[:200], **said)
    return ulid


def _put_aside(place: Path, name: str, pieces: Iterable[bytes]) -> FileState:
    name = PurePosixPath(name.replace("\\", "/")).name[:200].strip()
    if not name or name.startswith(".") or not name.isprintable():
        raise Invalid(
            "exchange.file_name", "A file has no name that can be kept.", remedy="Rename it, then drop it again."
        )
    if len(list(place.iterdir())) >= FILES_MAX or (place / name).exists():
        raise Invalid(
            "exchange.files_at_once",
            f"{name} comes twice, or there are more than {FILES_MAX} files.",
            {"file": name},
            "Drop each file once, in several runs where there are many.",
        )
    size = 0
    with open(place / name, "xb") as out:
        for piece in pieces:
            size += len(piece)
            if size > FILE_BYTES_MAX:
                raise Invalid("exchange.file_too_large", f"{name} is larger than 2 GiB.", remedy="Load it in parts.")
            out.write(piece)
    table = name.removesuffix(".csv") if name.endswith(".csv") else ""
    known = table in TABLES
    return FileState(name, table if known else "", size, WAITS if known else LEFT)


def _refuse_none(states: list[FileState]) -> None:
    if not any(state.table for state in states):
        names = ", ".join(f"{name}.csv" for name in TABLES)
        raise Invalid("exchange.no_tables", "No table is among these files.", remedy=f"Tables are {names}.")


def run_of(actor: Actor, ulid: str) -> Run:
    """The run with how far it is; NotFound for another tenant's."""
    actor.require(HISTORY_IMPORT)
    row = ImportRun.objects.of(actor.tenant).filter(ulid=ulid).first() if is_ulid(ulid) else None
    if row is None:
        raise NotFound("exchange.run_unknown", "There is no such import.", remedy="Look at the page Import.")
    return _run(row)


def newest_runs(actor: Actor, limit: int = 10) -> list[Run]:
    """The last runs of the tenant, newest first."""
    actor.require(HISTORY_IMPORT)
    return [_run(row) for row in ImportRun.objects.of(actor.tenant).order_by("-ulid")[:limit]]


def stop_run(actor: Actor, ulid: str) -> None:
    """No further file is begun; the one being read is finished."""
    run = run_of(actor, ulid)
    if run.open and _place(ulid).is_dir():
        (_place(ulid) / ".stop").touch()


def work_run(tenant: int, ulid: str) -> None:
    """Load what is left of a run; whoever calls holds the tenant's worker lock."""
    row = ImportRun.objects.of(tenant).get(ulid=ulid)
    run = _run(row)
    if not run.open:
        return
    _save(run, RUNS)
    for state in run.files:
        if state.state not in (WAITS, READING):
            continue
        if (_place(ulid) / ".stop").exists():
            state.state, run.state = NOT_BEGUN, STOPPED
        elif run.state == REFUSED:
            state.state = NOT_BEGUN
        else:
            state.state = READING
            _save(run, RUNS)
            _load(run, state)
            if state.state == REFUSED:
                run.state = REFUSED
            else:
                _save(run, RUNS)
    _match(run)
    run.finished_at = clock.now()
    _save(run, DONE if run.state == RUNS else run.state)
    shutil.rmtree(_place(ulid), ignore_errors=True)


def _load(run: Run, state: FileState) -> None:
    place = _place(run.ulid)
    try:
        report = import_file(
            _actor(run), place / state.name, state.table, progress=_progress(place), folder=place, name=state.name,
            errors_named=ERRORS_KEPT, match=False,
        )  # fmt: skip
    except AsbuiltError as refusal:
        state.state, state.error = REFUSED, refusal.as_problem()
    except Exception:
        # one broken file must not keep the worker from the runs behind it
        _log.exception("import run %s: %s", run.ulid, state.name)
        state.state, state.error = REFUSED, _broken(run).as_problem()
    else:
        _take_report(state, report)


def _match(run: Run) -> None:
    """Match what came in. Where that breaks the files are in all the same, and the next feed or SBOM catches up."""
    tables = [state.table for state in run.files if state.state in (STORED, KNOWN)]
    try:
        match_imported(_actor(run), tables)
    except Exception:
        _log.exception("import run %s: matching", run.ulid)


def _broken(run: Run) -> AsbuiltError:
    remedy = f"Tell support: import {run.ulid}."
    return AsbuiltError(
        "exchange.broken", "Something broke on our side. Nothing of this file was recorded.", remedy=remedy
    )


def _take_report(state: FileState, report: FileReport) -> None:
    state.state = KNOWN if report.already or (report.rows and not report.stored) else STORED
    state.rows, state.stored, state.entry = report.rows, report.stored, report.entry
    state.seconds = round(report.seconds, 3)
    state.warnings, state.warnings_total = report.warnings[:WARNINGS_KEPT], report.warnings_total


def _actor(run: Run) -> Actor:
    if run.person is None:
        return local_system(run.tenant)
    login = login_of_person(run.tenant, run.person)
    if login is None:
        raise NotAllowed(
            "exchange.person_gone", "Who began this import has no login any more.", remedy="Begin it again."
        )
    return actor_of_login(login)


def _progress(place: Path):
    last = 0.0

    def note(_name: str, read: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            beside = place / ".progress.new"
            beside.write_text(json.dumps([read, of]))
            beside.replace(place / ".progress")

    return note


def _run(row: ImportRun) -> Run:
    files = [FileState(**said) for said in json.loads(row.files)]
    run = Run(row.tenant, row.ulid, row.folder, row.state, row.begun_at, row.finished_at, row.person, files)
    if run.open:
        with suppress(OSError, ValueError):
            run.read, run.of = json.loads((_place(row.ulid) / ".progress").read_text())
    return run


def _save(run: Run, state: str) -> None:
    run.state = state
    changed = {"state": state, "files": _as_json(run.files), "finished_at": run.finished_at}
    with write_tx(run.tenant):
        ImportRun.objects.of(run.tenant).filter(ulid=run.ulid).update(**changed)
    (_place(run.ulid) / ".progress").unlink(missing_ok=True)


def _as_json(states: list[FileState]) -> str:
    return json.dumps([asdict(state) for state in states], ensure_ascii=False)


def _place(ulid: str) -> Path:
    return databases.home() / "incoming" / ulid
