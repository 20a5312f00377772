"""Outside: units leave for a subcontractor with a delivery note and come back. Scanner first; the note is a page to be printed.

A scan of a note, or of a unit that is outside, puts the note in front, to take back: what is scanned of it, or all of it. Any other
unit waits to be sent.
"""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import EVIDENCE_READ, OUTSIDE_SEND, OUTSIDE_TAKE_BACK
from asbuilt.answers.gate.outside import RESULTS, send_out, take_back
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of, lines_of, moment_of
from asbuilt.formats.marks import Content, matrix_of, path_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed
from asbuilt.questions.genealogy.seen.outside import note_of, note_seen, open_notes, steps_outside

SENT = ("step", "side", "party", "note", "transport")
KINDS = ("certificate", "measurements", "other")


@require_safe
def outside_page(request: HttpRequest) -> HttpResponse:
    """The open notes, and what is scanned: a note in front, or units that wait to be sent."""
    scan, codes = request.GET.get("scan", "").strip(), lines_of(request.GET.get("codes", ""))
    said = {name: request.GET.get(name, "") for name in ("done", "left", "held")}
    before = note = request.GET.get("note", "").strip()
    back_codes = lines_of(request.GET.get("back", ""))
    if scan:
        try:
            note = "" if ".." in scan else note_of(request.actor, scan)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said = {"error": refusal, "codes": codes, "back_codes": back_codes}
            return _page(request, said, before, refusal.http_status)
        if not note and scan not in codes:
            codes.append(scan)
        if note != before:
            back_codes = []
        if note and scan != note and scan not in back_codes:
            back_codes.append(scan)
    return _page(request, {"codes": codes, "back_codes": back_codes, **said}, note)


def _page(request: HttpRequest, said: dict, note: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor
    said = {
        "open": open_notes(actor), "front": note_seen(actor, note) if note else None, "may_send": actor.may(OUTSIDE_SEND),
        "may_take_back": actor.may(OUTSIDE_TAKE_BACK), "results": RESULTS, "kinds": KINDS, **said,
    }  # fmt: skip
    if said["may_send"]:
        said |= {"steps": steps_outside(actor), "parties": codes_and_names(actor.tenant)}
    return render(request, "outside.html", said, status=status)


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """The scanned units leave; their note follows, to be printed."""
    request.actor.require(OUTSIDE_SEND)
    typed, codes = {name: request.POST.get(name, "").strip() for name in SENT}, []
    try:
        codes = lines_of(request.POST.get("codes", ""))
        sent = send_out(request.actor, codes=codes, request_key=key_of(request), **typed)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, {"error": refusal, "typed": typed, "codes": codes}, status=refusal.http_status)
    return redirect("outside_note", note=sent.note)


@require_POST
def back(request: HttpRequest, note: str) -> HttpResponse:
    """Units of the note came back, all that are outside where none is scanned."""
    request.actor.require(OUTSIDE_TAKE_BACK)
    typed, codes = {name: request.POST.get(name, "").strip() for name in ("result", "started_at", "finished_at")}, []
    note_seen(request.actor, note)  # a note that he may not see is none
    try:
        codes = lines_of(request.POST.get("codes", ""))
        papers = [
            (kind, file.name or kind, paper_bytes(file)) for kind in KINDS for file in request.FILES.getlist(kind)
        ]
        times = {name: moment_of(typed[name]) for name in ("started_at", "finished_at")}
        done = take_back(
            request.actor,
            note=note,
            codes=codes,
            result=typed["result"],
            papers=papers,
            request_key=key_of(request),
            **times,
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        said = {"error": refusal, "typed": typed, "back_codes": codes}
        return _page(request, said, note, refusal.http_status)
    said = {"done": f"{note}: {done.units}", "left": " ".join(done.outside[:20])}
    held = sorted({str(stop.facts["unit"]) for stop in done.still_held})
    said |= {"held": " ".join(held[:20]), "note": note if done.outside else ""}
    return redirect(f"{reverse('outside')}?{urlencode({name: value for name, value in said.items() if value})}")


@require_safe
def note_page(request: HttpRequest, note: str) -> HttpResponse:
    """The delivery note, to be printed and to go with its units; what came back with what."""
    found = note_seen(request.actor, note, request.GET.get("as_of", "").strip() or None)
    symbol = matrix_of(Content(found.note))
    said = {
        "one": found, "symbol": {"size": len(symbol), "path": path_of(symbol)},
        "may_take_back": request.actor.may(OUTSIDE_TAKE_BACK), "may_download": request.actor.may(EVIDENCE_READ),
    }  # fmt: skip
    return render(request, "delivery_note.html", said)
