"""Import: drop files, see how far each is, see every wrong row; a run goes on when the page is left."""

import csv
import hashlib
import json
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.queries import names_of
from asbuilt.access.rights import HISTORY_IMPORT, MESSAGE_RECORD
from asbuilt.built.exchange import runs
from asbuilt.doors.web.downloads import download
from asbuilt.formats.results.reading import KINDS
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import Invalid, NotFound, RowError

HTMX_STOP_POLLING = 286
ROWS_SHOWN = 200
CSV_HEADER = ("file", "line", "column", "found", "why", "to mend it", "code")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    """The drop field and the last runs; a POST begins a run and leads to its page."""
    request.actor.require(HISTORY_IMPORT)
    said = {
        "tables": [f"{name}.csv" for name in TABLES],
        "kinds": list(KINDS),
        "may_send_results": request.actor.may(MESSAGE_RECORD),
    }
    status = 200
    if request.method == "POST":
        arrived = [(file.name, file.chunks(1 << 20)) for file in request.FILES.getlist("files")]
        try:
            return redirect("import", ulid=runs.begin_run(request.actor, folder="", files=arrived))
        except Invalid as refusal:
            said["error"], status = refusal, refusal.http_status
    known = runs.newest_runs(request.actor)
    names = names_of(request.actor.tenant, [run.person for run in known if run.person is not None])
    said["runs"] = [(run, names.get(run.person, ""), _summary(run)) for run in known]
    return render(request, "imports.html", said, status=status)


@require_safe
def import_page(request: HttpRequest, ulid: str) -> HttpResponse:
    """One run."""
    return render(request, "import.html", _said(request, ulid))


@require_safe
def import_files(request: HttpRequest, ulid: str) -> HttpResponse:
    """The part of the page that changes; nothing where nothing changed, and the last word once the run is over."""
    said = _said(request, ulid)
    if request.GET.get("seen") == said["seen"]:
        return HttpResponse(status=204)
    return render(request, "import_files.html", said, status=200 if said["run"].open else HTMX_STOP_POLLING)


@require_POST
def import_stop(request: HttpRequest, ulid: str) -> HttpResponse:
    """No further file is begun."""
    runs.stop_run(request.actor, ulid)
    return redirect("import", ulid=ulid)


@require_safe
def import_errors(request: HttpRequest, ulid: str) -> HttpResponse:
    """The wrong rows of one file as CSV, for people: cells that a spreadsheet would compute are defused."""
    run = runs.run_of(request.actor, ulid)
    wanted = request.GET.get("file", "")
    state = next((state for state in run.files if state.name == wanted and state.error), None)
    if state is None:
        raise NotFound("web.not_found", gettext("Nothing here under this code for you."))
    response = download(b"", "text/csv; charset=utf-8", f"errors-{run.ulid}.csv")
    writer = csv.writer(response)
    writer.writerow(CSV_HEADER)
    for row in _rows(state):
        cells = (row.file, row.line, row.column, row.value, row.reason, row.remedy, row.code)
        writer.writerow([_defused(cell) for cell in cells])
    return response


def _said(request: HttpRequest, ulid: str) -> dict:
    run = runs.run_of(request.actor, ulid)
    names = names_of(request.actor.tenant, [run.person] if run.person is not None else [])
    files = [(state, rows[:ROWS_SHOWN], len(rows)) for state in run.files for rows in (_rows(state),)]
    seen = hashlib.sha256(json.dumps(asdict(run)).encode()).hexdigest()[:16]
    return {"run": run, "who": names.get(run.person, ""), "files": files, "seen": seen, "summary": _summary(run)}


def _summary(run: runs.Run) -> dict:
    states = [state.state for state in run.files if state.state != runs.LEFT]
    done = sum(state in (runs.STORED, runs.KNOWN, runs.REFUSED) for state in states)
    return {"files": len(states), "done": done, "refused": states.count(runs.REFUSED)}


def _rows(state: runs.FileState) -> list[RowError]:
    rows = [RowError(**row) for row in (state.error or {}).get("errors", [])]
    return sorted(rows, key=lambda row: row.line or 0)


def _defused(cell) -> str:
    text = "" if cell is None else str(cell)
    return "'" + text if text.startswith(FORMULA_STARTS) else text
