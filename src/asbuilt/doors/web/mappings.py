"""Mappings: how files of machines that speak no CFX are read; a file is tried before a mapping is said. And refused files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import MACHINE_MAP
from asbuilt.built.messages import refused_files
from asbuilt.built.messages.machine_files import FileTried, try_file
from asbuilt.built.messages.mapping import columns_of, draft, machine_mappings, say_mapping
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.machines import letters_page
from asbuilt.formats.columns import MAPPINGS
from asbuilt.formats.machine_files import FILE_BYTES_MAX
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotAllowed

ROWS_SHOWN = 8
WRONG_SHOWN = 50
FIELDS = (
    "machine", "pattern", "becomes", "format", "encoding", "delimiter", "header", "decimal", "time_format", "time_zone", "rows_at",
)  # fmt: skip
NEW = {
    "becomes": "processes", "format": "csv", "encoding": "utf-8", "delimiter": "semicolon", "header": "1", "decimal": "point",
    "time_format": "%d.%m.%Y %H:%M:%S", "time_zone": "Europe/Vienna",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def mappings_page(request: HttpRequest) -> HttpResponse:
    """The mappings that stand; a form to say one, or another in place of one; what a file would give."""
    if request.method == "POST":
        return _said(request)
    machine = request.GET.get("machine", "")[:200]
    found = machine_mappings(request.actor, machine)
    change = next((one for one in found if one.version == request.GET.get("change", "")), None)
    typed = {**change.cells, "columns": change.lines} if change else {**NEW, "machine": machine}
    return _page(request, {"found": found, "change": change, "typed": typed, "machine": machine})


def _page(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    said = {"found": machine_mappings(request.actor), **said}
    said |= {"may_map": request.actor.may(MACHINE_MAP), "encodings": MAPPINGS.rules["encoding"].words}
    return render(request, "mappings.html", said, status=status)


def _said(request: HttpRequest) -> HttpResponse:
    request.actor.require(MACHINE_MAP)
    form = request.POST
    typed = {name: form.get(name, "").strip() for name in FIELDS}
    typed |= {"columns": form.get("columns", ""), "reason": form.get("reason", "").strip()}
    change = next((one for one in machine_mappings(request.actor) if one.version == form.get("change", "")), None)
    page = {"typed": typed, "change": change}
    try:
        cells = {**{name: typed[name] for name in FIELDS}, "columns": columns_of(typed["columns"])}
        if typed["format"] == "json":
            cells |= {"delimiter": "", "header": ""}
        if form.get("act") == "try":
            return _page(request, {**page, "tried": _tried(request, cells)})
        say_mapping(request.actor, cells, reason=typed["reason"], request_key=form.get("request_key") or None)
    except NotAllowed:
        raise
    except AsbuiltError as refusal:
        wrong = refusal.facts.get("field")
        return _page(
            request, {**page, "error": refusal, "wrong": wrong, "rows": refusal.rows[:WRONG_SHOWN]}, refusal.http_status
        )
    return redirect("machine_mappings")


def _tried(request: HttpRequest, cells: dict[str, str]) -> dict:
    """What the page shows of a file that was tried: the columns that are filled, the first rows, what is wrong."""
    mapping, file = draft(cells), request.FILES.get("file")
    if file is None:
        raise Invalid(
            "web.no_sample", "No file was chosen.", {"field": "file"}, "Choose a file of the machine, then try."
        )
    found: FileTried = try_file(
        request.actor, file.name or "", file.read(FILE_BYTES_MAX + 1), mapping=mapping, most=ROWS_SHOWN
    )
    shown = [n for n, _ in enumerate(found.header) if any(row[n] for row in found.rows)]
    rows = [(line, [row[n] for n in shown]) for line, row in zip(found.lines, found.rows, strict=True)]
    used = {column for source in mapping.read().columns.values() for column in source.columns}
    return {
        "name": found.name, "becomes": found.becomes, "header": [found.header[n] for n in shown], "rows": rows,
        "columns": [(column, column in used) for column in found.columns[:100]], "wrong": found.wrong[:WRONG_SHOWN],
        "wrong_total": found.wrong_total, "warnings": found.warnings[:WRONG_SHOWN], "fits": mapping.fits(found.name),
    }  # fmt: skip


@require_POST
def retry_refused(request: HttpRequest) -> HttpResponse:
    """Take those named anew, or the oldest refused ones."""
    try:
        report = refused_files.retry_files(request.actor, request.POST.getlist("file") or None)
    except (Invalid, Conflict) as refusal:
        return letters_page(request, refusal.http_status, error=refusal)
    return letters_page(request, files_report=report)


@require_safe
def raw(request: HttpRequest, file: str) -> HttpResponse:
    """The bytes of a file as they came."""
    one = refused_files.machine_file(request.actor, file)
    return download(refused_files.file_bytes(request.actor, one.file), "application/octet-stream", one.name)
