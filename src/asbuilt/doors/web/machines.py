"""Machines: who speaks and how much; dead letters: what could not be recorded, seen as it came, and retried."""

import json
from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import DEAD_LETTER_RETRY, EVIDENCE_READ, FACT_WITHDRAW, MACHINE_NAME
from asbuilt.built.messages import dead_letters, refused_files
from asbuilt.built.messages.machines import machines, name_machine
from asbuilt.built.messages.rereading_messages import reread_messages
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotFound

PAGE = 50
SHOWN_CHARACTERS_MAX = 50_000


@require_safe
def machines_page(request: HttpRequest) -> HttpResponse:
    """Every machine, the one heard last first."""
    return _machines(request)


def _machines(request: HttpRequest, status: int = 200, **said) -> HttpResponse:
    found = machines(request.actor)
    said |= {
        "machines": found, "may_name": request.actor.may(MACHINE_NAME), "may_reread": request.actor.may(FACT_WITHDRAW),
        "open": sum(dead_letters.causes(request.actor).values()),
        "files_refused": refused_files.refused_total(request.actor),
    }  # fmt: skip
    return render(request, "machines.html", said, status=status)


@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """What the floor calls a machine."""
    typed = {field: request.POST.get(field, "").strip() for field in ("handle", "machine", "step")}
    try:
        name_machine(request.actor, **typed, request_key=key_of(request))
    except (Invalid, Conflict) as refusal:
        return _machines(request, refusal.http_status, error=refusal, typed=typed)
    return redirect("machines")


@require_POST
def reread(request: HttpRequest) -> HttpResponse:
    """Read tests and inspections anew by the reader of today."""
    typed = {field: request.POST.get(field, "").strip() for field in ("machine", "since", "until", "reason")}
    try:
        window = {name: moment_of(typed[name]) for name in ("since", "until")}
        done = reread_messages(request.actor, reason=typed["reason"], machine=typed["machine"], **window)
    except (Invalid, NotFound) as refusal:
        return _machines(request, refusal.http_status, error=refusal, again=typed)
    return _machines(request, done=done)


@require_safe
def dead_letters_page(request: HttpRequest) -> HttpResponse:
    """Those that are open, newest first, by cause if one is asked for."""
    return letters_page(request)


def letters_page(request: HttpRequest, status: int = 200, **said) -> HttpResponse:
    """The page of what could not be recorded: messages, and files beside them."""
    cause = request.GET.get("cause", "")[:80]
    found = dead_letters.open_dead_letters(request.actor, after=_after(request), limit=PAGE + 1, cause=cause)
    last = found[PAGE - 1] if len(found) > PAGE else None
    said |= {
        "letters": found[:PAGE], "causes": dead_letters.causes(request.actor), "cause": cause, "after": request.GET.get("after", ""),
        "older": f"{last.entry}-{last.place}" if last else "", "may_retry": request.actor.may(DEAD_LETTER_RETRY),
        "files": refused_files.machine_files(request.actor, use="refused", limit=PAGE), "may_see": request.actor.may(EVIDENCE_READ),
        "files_total": refused_files.refused_total(request.actor),
    }  # fmt: skip
    return render(request, "dead_letters.html", said, status=status)


def _after(request: HttpRequest) -> tuple[int, int] | None:
    entry, _, place = request.GET.get("after", "").partition("-")
    if entry.isdecimal() and place.isdecimal() and max(len(entry), len(place)) < 10:
        return int(entry), int(place)
    return None


@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Record those named anew, or all open ones."""
    named = request.POST.getlist("message") or None
    try:
        report = dead_letters.retry_dead_letters(request.actor, named, request_key=key_of(request))
    except (Invalid, Conflict) as refusal:
        return letters_page(request, refusal.http_status, error=refusal)
    return letters_page(request, report=report)


@require_safe
def dead_letter_page(request: HttpRequest, message: str) -> HttpResponse:
    """One dead letter: the cause, what to do, and the message as it came."""
    letter = dead_letters.dead_letter(request.actor, message)
    said = {"letter": letter, "may_retry": request.actor.may(DEAD_LETTER_RETRY) and letter.closed_by is None}
    said["detail"], _, said["remedy"] = letter.detail.partition("\n")
    if request.actor.may(EVIDENCE_READ):
        said |= _shown(request, message)
    return render(request, "dead_letter.html", said)


def _shown(request: HttpRequest, message: str) -> dict:
    try:
        text = dead_letters.raw_bytes(request.actor, message).decode("utf-8", "backslashreplace")
    except AsbuiltError as refusal:
        return {"refusal": refusal}
    with suppress(ValueError, RecursionError):  # what is no JSON is shown as it is
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    return {"text": text[:SHOWN_CHARACTERS_MAX], "more": len(text) > SHOWN_CHARACTERS_MAX, "may_see": True}


@require_safe
def raw(request: HttpRequest, message: str) -> HttpResponse:
    """The bytes as they came."""
    return download(
        dead_letters.raw_bytes(request.actor, message), "application/octet-stream", f"message-{message}.json"
    )
