"""A field action: how far it is, customer by customer, what is left, and what people say became of units."""

import csv
import io

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from asbuilt.access import rights
from asbuilt.answers.cases.acting import action_file as words_of
from asbuilt.answers.cases.acting import actions as verbs
from asbuilt.answers.cases.acting.ordering import order_work
from asbuilt.answers.cases.acting.seen import action_seen, actions_told, all_units_told
from asbuilt.answers.cases.handling.seen import case_seen
from asbuilt.doors.web.asking import defused
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of, moment_of, names_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.ledger import clock

KINDS = {
    "update": _("update"),
    "reprogramming": _("reprogramming"),
    "recall": _("recall"),
    "withdrawal": _("withdrawal"),
}
STANDINGS = {
    "updated": _("updated"), "replaced": _("replaced"), "scrapped": _("scrapped"), "returned": _("came back"), "in_house": _("in house"), "mended": _("mended"),
    "found": _("found, not done"), "unreachable": _("unreachable"), "open": _("nothing known"), "left": _("still to do"),
}  # fmt: skip
SOURCES = {
    "customer": _("customer"), "telemetry": _("telemetry"), "service": _("service"), "distributor": _("distributor"), "other": _("somebody else"),
}  # fmt: skip
LINES = {
    "action_started": _("began"), "action_reached": _("more units match"), "action_reported": _("reported"), "action_freed": _("let go"),
    "action_rest": _("rest justified"), "action_closed": _("closed"), "action_ordered": _("work ordered"),
}  # fmt: skip
_ALL = {**KINDS, **STANDINGS, **SOURCES, **LINES}
FILE_BYTES_MAX = 16 * 1024**2
WIDTH, HEIGHT, LEFT, TOP = 640, 180, 8, 10


@words.filter
def action_word(said: str) -> str:
    """A word of a field action, as people say it."""
    return _ALL.get(said, said)


@require_POST
def start(request: HttpRequest, code: str) -> HttpResponse:
    """A field action of a case begins."""
    case_seen(request.actor, code)  # a case that the reader does not see is not there
    request.actor.require(rights.CASE_DECIDE)
    form = request.POST
    said = {name: form.get(name, "").strip() for name in ("kind", "title", "question", "remedy", "why")}
    try:
        action = verbs.start_action(
            request.actor, case=code, **said, releases=_lines(form.get("releases", "")), steps=_lines(form.get("steps", "")), silent=form.get("silent") == "yes", hold_rest=form.get("hold") == "yes",
            request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return render(
            request,
            "field_action_new.html",
            {"error": refusal, "typed": form, "case": code, "kinds": KINDS},
            status=refusal.http_status,
        )
    return redirect("field_action", code=action)


@require_GET
def new(request: HttpRequest, code: str) -> HttpResponse:
    """The form that begins one."""
    found = case_seen(request.actor, code)
    request.actor.require(rights.CASE_DECIDE)
    question = found["answers"][-1]["question"] if found["answers"] else ""
    said = {"case": code, "kinds": KINDS, "typed": {"question": question, "hold": "yes"}}
    return render(request, "field_action_new.html", said)


@require_GET
def actions_page(request: HttpRequest) -> HttpResponse:
    """Every field action, the open ones first."""
    found = sorted(actions_told(request.actor), key=lambda one: one["state"] == "closed")
    return render(request, "field_actions.html", {"found": found})


@require_http_methods(["GET", "HEAD", "POST"])
def action_page(request: HttpRequest, code: str) -> HttpResponse:
    """One field action; a POST says something of it."""
    if request.method != "POST":
        return _one(request, code, {})
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    return _done(request, code, verb)


@require_POST
def report_file(request: HttpRequest, code: str) -> HttpResponse:
    """What became of units, from a file."""
    return _done(request, code, _report_file)


def _done(request: HttpRequest, code: str, verb) -> HttpResponse:
    action_seen(request.actor, code)  # one that the reader does not see is not there
    request.actor.require(rights.CASE_WORK)
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "cases.action_unknown":
            raise
        return _one(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("field_action", code=code)


@require_GET
def units_csv(request: HttpRequest, code: str, standing: str) -> HttpResponse:
    """The units that stand so, as a file; cells that a spreadsheet would compute are defused."""
    rows = all_units_told(request.actor, code, standing=standing)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("serial", "customer"))
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return download(out.getvalue(), "text/csv; charset=utf-8", f"{code}-{standing}.csv")


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    one = action_seen(request.actor, code)
    may = request.actor.may
    shown = {
        "one": one, "curve": curve_of(one["curve"]), "may_work": may(rights.CASE_WORK), "may_decide": may(rights.CASE_DECIDE),
        "may_lift": may(rights.HOLD_LIFT) and bool(one["hold"]), "may_order": one["kind"] in words_of.CHANGING,
        "reportable": {name: STANDINGS[name] for name in words_of.REPORTABLE}, "sources": SOURCES, **said,
    }  # fmt: skip
    return render(request, "field_action.html", shown, status=status)


def curve_of(counts: list[dict]) -> dict:
    """The completion curve as numbers for an SVG: steps, because nothing is known between two counts."""
    from asbuilt.kernel.instants import parse_instant

    times = [parse_instant(one["at"]) for one in counts]
    until = max(clock.now(), times[-1] + 1)
    most = max(1, *(one["units"] for one in counts))
    across, down = WIDTH - 2 * LEFT, HEIGHT - 2 * TOP

    def path(name: str) -> str:
        points, last = [], None
        for at, one in zip(times, counts, strict=True):
            x = LEFT + across * (at - times[0]) / (until - times[0])
            y = TOP + down * (1 - one[name] / most)
            points.append(f"M{x:.1f} {y:.1f}" if last is None else f"H{x:.1f} V{y:.1f}")
            last = y
        return " ".join([*points, f"H{LEFT + across:.1f}"])

    return {"done": path("accounted"), "of": path("units"), "width": WIDTH, "height": HEIGHT}


def _report(request: HttpRequest, code: str) -> None:
    form = request.POST
    verbs.report_units(
        request.actor, action=code, standing=form.get("standing", ""), units=names_of(form.get("units", "")),
        at=moment_of(form.get("at", "").strip()) or clock.now(), source=form.get("source", ""), why=form.get("why", ""),
        request_key=key_of(request),
    )  # fmt: skip


def _report_file(request: HttpRequest, code: str) -> None:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("web.file_missing", "No file was chosen.", {"field": "file"}, "Choose a file of reports.")
    if file.size > FILE_BYTES_MAX:
        said = f"The file has more than {FILE_BYTES_MAX >> 20} MiB."
        raise Invalid("web.file_large", said, {"field": "file"}, "Split it.")
    name = "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "reports.csv"
    source, key = request.POST.get("source", ""), key_of(request)
    verbs.report_file(request.actor, action=code, content=file.read(), name=name, source=source, request_key=key)


def _verb(function):
    def act(request: HttpRequest, code: str) -> None:
        function(request.actor, action=code, why=request.POST.get("why", ""), request_key=key_of(request))

    return act


def _lines(typed: str) -> list[str]:
    """What stands in the lines of a box, or between its semicolons."""
    return [one for line in typed.splitlines() for part in line.split(";") if (one := part.strip())]


def _order(request: HttpRequest, code: str) -> None:
    form = request.POST
    order_work(
        request.actor, action=code, releases=_lines(form.get("releases", "")), steps=_lines(form.get("steps", "")),
        why=form.get("why", ""), request_key=key_of(request),
    )  # fmt: skip


def _look(request: HttpRequest, code: str) -> None:
    verbs.look_again(request.actor, action=code, request_key=key_of(request))


_VERBS = {
    "report": _report, "look": _look, "free": _verb(verbs.let_go), "justify": _verb(verbs.justify_rest), "close": _verb(verbs.close_action),
    "order": _order,
}  # fmt: skip
