"""Log: the head, what was handed out, what the last verification found, the entries newest first."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access import log_reading
from asbuilt.access.queries import names_of
from asbuilt.access.rights import LOG_READ, LOG_VERIFY, RECORD_READ
from asbuilt.built.exchange import verify_runs
from asbuilt.doors.web.downloads import download
from asbuilt.ledger import checkpoints, sequencing

FINDINGS_SHOWN = 200


@require_safe
def log_page(request: HttpRequest) -> HttpResponse:
    """Head, checks, entries; `before` is the cursor."""
    actor = request.actor
    actor.require(LOG_READ)
    before = request.GET.get("before", "")
    entries = log_reading.entries(
        actor, before=int(before) if before.isdecimal() and len(before) < 10 else None, limit=log_reading.PAGE + 1
    )
    origin, size, root, note = sequencing.head(actor.tenant)
    handed_out = log_reading.checkpoints(actor)
    said = {
        "origin": origin,
        "size": size,
        "root": root.hex(),
        "note": note,
        "entries": entries[: log_reading.PAGE],
        "older": entries[log_reading.PAGE - 1].number if len(entries) > log_reading.PAGE else None,
        "cursor": before,
        "handed_out": handed_out,
        "anchor": _anchor(handed_out, origin, size),
        "may_verify": actor.may(LOG_VERIFY),
        "may_see_facts": actor.party is None and actor.may(RECORD_READ),
    }
    return render(request, "log.html", {**said, **_verification(request)})


def _anchor(handed_out: list[tuple[int, str, int]], origin: str, size: int) -> dict | None:
    """The largest head of this log that was handed out, and how many entries came since; None where there is none."""
    newest = next(((held, at) for held, of, at in handed_out if of == origin), None)
    return {"size": newest[0], "at": newest[1], "since": max(0, size - newest[0])} if newest else None


@require_safe
def entry_page(request: HttpRequest, number: int) -> HttpResponse:
    """One entry, its text as it stands in the log."""
    entry = log_reading.entry(request.actor, number)
    shown = json.dumps(json.loads(entry.body), indent=2, ensure_ascii=False)
    return render(request, "log_entry.html", {"entry": entry, "shown": shown})


def verification(request: HttpRequest) -> HttpResponse:
    """POST begins a verification; GET is the part of the page that shows how it stands."""
    if request.method == "POST":
        verify_runs.begin_verification(request.actor)
        return redirect("log")
    request.actor.require(LOG_READ)
    said = {"may_verify": request.actor.may(LOG_VERIFY), **_verification(request)}
    check = said["check"]
    if check is None or not check.open:
        return render(request, "log_verification.html", said, status=286)
    if request.GET.get("seen") == str(check.percent):
        return HttpResponse(status=204)
    return render(request, "log_verification.html", said)


@require_POST
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Hand out the present head as a file: kept elsewhere, it shows a log that was cut or rewritten."""
    note = checkpoints.checkpoint(request.actor)
    size = note.splitlines()[1]
    return download(note, "text/plain; charset=utf-8", f"asbuilt-{size}.checkpoint")


def _verification(request: HttpRequest) -> dict:
    tenant = request.actor.tenant
    check = verify_runs.newest(tenant)
    result = check if check is None or not check.open else verify_runs.newest(tenant, finished=True)
    people = [one.person for one in (check, result) if one is not None and one.person is not None]
    names = names_of(tenant, people)
    return {
        "check": check,
        "result": result,
        "findings": result.report.get("findings", [])[:FINDINGS_SHOWN] if result else [],
        "checked_by": names.get(result.person, "") if result else "",
    }
