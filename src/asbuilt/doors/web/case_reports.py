"""Reports of a case: the draft field by field, the page to copy it from, PDF and JSON, and which CSIRT is coordinator."""

from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import rights
from asbuilt.answers.cases.handling.clocks import zone_named
from asbuilt.answers.cases.reporting.actions import submitting, writing
from asbuilt.answers.cases.reporting.coordinator import coordinators_told, determine
from asbuilt.answers.cases.reporting.report_pdf import report_pdf
from asbuilt.answers.cases.reporting.seen import report_seen
from asbuilt.answers.cases.reporting.words import STATES, source_said
from asbuilt.doors.web.downloads import download, saved_as
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound
from asbuilt.ledger import clock

MANUFACTURER_CHARACTERS_MAX = 200
OWED = {
    "required": _("required"), "optional": _("optional"), "copied": _("as in the report before"), "if_available": _("if available"),
}  # fmt: skip
WRONG = {
    "long": _("longer than the recipient takes"), "choice": _("none of the words that the field takes"),
    "states": _("codes of Member States with commas: DE, PL"), "instant": _("written as 2026-11-20 08:00 UTC"),
}  # fmt: skip
RULES = {
    "main_establishment": _("main establishment"), "most_employees": _("most employees"),
    "authorised_representative": _("authorised representative"), "importer": _("importer"), "distributor": _("distributor"),
    "users": _("most users"),
}  # fmt: skip
_ALL = {**STATES, **OWED, **WRONG, **RULES}
WAS_CHARACTERS = 16


@words.filter
def report_said(said: str) -> str:
    """A word of a report, as people say it."""
    return _ALL.get(said, said)


@words.filter
def source_words(source: dict, zone: str) -> dict[str, str]:
    """What a field's text comes from, in three parts as people say them."""
    return dict(zip(("kind", "which", "what"), source_said(source, zone_named(zone)), strict=True))


@words.filter
def was(text: str) -> str:
    """Stands for a text that a form showed, so that only what was changed is written."""
    return sha256(text.replace("\r\n", "\n").strip().encode()).hexdigest()[:WAS_CHARACTERS]


@words.filter
def lines_high(text: str) -> int:
    """How many lines a field of a form is high: 2 to 12."""
    return min(12, max(2, sum(1 + len(line) // 80 for line in text.split("\n"))))


def _which(request: HttpRequest, code: str, duty: str, stage: str) -> dict[str, str]:
    said = request.POST if request.method == "POST" else request.GET
    return {"case": code, "duty": duty, "stage": stage, "manufacturer": said.get("manufacturer", "")[:200]}


@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: HttpRequest, code: str, duty: str, stage: str) -> HttpResponse:
    """The draft of a report; a POST writes in it, approves it or says what the recipient said."""
    which = _which(request, code, duty, stage)
    if request.method != "POST":
        return _page(request, which, {})
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    return _done(request, which, verb)


@require_POST
def submission_form(request: HttpRequest, code: str, duty: str, stage: str) -> HttpResponse:
    """The approved text was submitted, with a picture of the screen where one is sent."""
    return _done(request, _which(request, code, duty, stage), _submit)


def _done(request: HttpRequest, which: dict, verb: Callable[[HttpRequest, dict], object]) -> HttpResponse:
    report_seen(request.actor, **which)  # one that the reader does not see is not there
    request.actor.require(rights.CASE_WORK)
    try:
        verb(request, which)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "cases.unknown":
            raise
        return _page(request, which, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect(_address("case_report", which))


def _address(name: str, which: dict) -> str:
    place = reverse(name, args=[which["case"], which["duty"], which["stage"]])
    return f"{place}?{urlencode({'manufacturer': which['manufacturer']})}" if which["manufacturer"] else place


def _page(request: HttpRequest, which: dict, said: dict, status: int = 200) -> HttpResponse:
    found = report_seen(request.actor, **which)
    typed = said.get("typed", {})
    for one in found["fields"]:
        one["typed"] = typed.get(f"f-{one['field']}", one["text"])
    may = request.actor.may
    shown = {
        "one": found, "which": which, "may_work": may(rights.CASE_WORK) and not found["closed"],
        "may_decide": may(rights.CASE_DECIDE) and not found["closed"], **said,
    }  # fmt: skip
    return render(request, "case_report.html", shown, status=status)


@require_safe
def copy_page(request: HttpRequest, code: str, duty: str, stage: str) -> HttpResponse:
    """The report to be copied field by field, in the recipient's order."""
    which = _which(request, code, duty, stage)
    found = report_seen(request.actor, **which)
    return render(request, "case_report_copy.html", {"one": found, "which": which, "cells": copied_cells(found)})


def copied_cells(report: dict) -> list[dict]:
    """One cell for each thing to copy: products one after the other, each with its fields; entries of a field that repeats."""
    found: list[dict] = []
    group: list[dict] = []
    for one in [*report["fields"], {"repeats": ""}]:
        if one["repeats"] == "product":
            group.append(one)
            continue
        many = max((len(each["entries"]) for each in group), default=0)
        for n in range(many):
            found += [_cell(each, n, many) for each in group]
        group = []
        if "field" in one:
            many = len(one["entries"])
            found += [_cell(one, n, many) for n in range(many)]
    return found


def _cell(one: dict, n: int, many: int) -> dict:
    text = one["entries"][n] if n < len(one["entries"]) else ""
    length = one["lengths"][n] if n < len(one["lengths"]) else 0
    over = one["most"] is not None and length > one["most"]
    return {
        **one,
        "text": text,
        "gap": one["gap"] and not text,
        "length": length,
        "over": over,
        "nth": n + 1 if many > 1 else None,
        "key": f"{one['field']}-{n}",
    }


@require_safe
def report_paper(request: HttpRequest, code: str, duty: str, stage: str) -> HttpResponse:
    """The report as PDF."""
    which = _which(request, code, duty, stage)
    return download(report_pdf(report_seen(request.actor, **which)), "application/pdf", f"{_file_name(which)}.pdf")


@require_safe
def report_json(request: HttpRequest, code: str, duty: str, stage: str) -> HttpResponse:
    """The report as JSON, as the API gives it."""
    which = _which(request, code, duty, stage)
    answer = JsonResponse(report_seen(request.actor, **which), json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = saved_as(f"{_file_name(which)}.json")
    return answer


def _file_name(which: dict) -> str:
    return f"{which['case']}-{which['duty']}-{which['stage']}"


@require_http_methods(["GET", "HEAD", "POST"])
def coordinators_page(request: HttpRequest) -> HttpResponse:
    """Which CSIRT is coordinator for whom, and why; a POST determines one."""
    if request.method != "POST":
        return _coordinators(request, {})
    request.actor.require(rights.CASE_DECIDE)
    names = ("manufacturer", "member_state", "through", "rule", "csirt", "why", "not_before")
    try:
        determine(request.actor, **_text(request, *names), request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _coordinators(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("coordinators")


def _coordinators(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    asked = request.GET.get("manufacturer", "").strip()[:MANUFACTURER_CHARACTERS_MAX]
    try:
        found = coordinators_told(request.actor, asked)
    except NotFound as refusal:
        if not asked or refusal.code != "parties.unknown":
            raise
        found, status = coordinators_told(request.actor), refusal.http_status
        said = {"error": refusal, "typed": {"manufacturer": asked}, **said}
    shown = {"found": found, "asked": asked, "may_decide": request.actor.may(rights.CASE_DECIDE), **said}
    return render(request, "coordinators.html", shown, status=status)


def _text(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _fill(request: HttpRequest, which: dict) -> None:
    """Only fields whose text is another one than the form showed."""
    texts = {
        name.removeprefix("f-"): said
        for name, said in request.POST.items()
        if name.startswith("f-") and was(said) != request.POST.get(f"was-{name.removeprefix('f-')}", "")
    }
    seen = request.POST.get("seen", "")
    back = request.POST.get("back", "")
    if back:
        texts = {back: None}
    writing.fill(
        request.actor, **which, texts=texts, why=request.POST.get("why", ""), seen=int(seen) if seen.isascii() and seen.isdigit() else None,
        request_key=key_of(request),
    )  # fmt: skip


def _anew(request: HttpRequest, which: dict) -> None:
    writing.draft_anew(request.actor, **which, **_text(request, "why"), request_key=key_of(request))


def _approve(request: HttpRequest, which: dict) -> None:
    request.actor.require(rights.CASE_DECIDE)
    writing.approve(request.actor, **which, **_text(request, "sha256", "why"), request_key=key_of(request))


def _submit(request: HttpRequest, which: dict) -> None:
    said: dict = _text(request, "reference", "why", "sha256")
    said["at"] = moment_of(request.POST.get("at", "").strip()) or clock.now()
    capture = request.FILES.get("capture")
    if capture is not None:
        content = capture.read(submitting.CAPTURE_BYTES_MAX + 1)
        said |= {"capture": content, "capture_name": capture.name or "screen"}
    again = request.POST.get("again", "") == "yes"
    submitting.submit_report(request.actor, **which, **said, again=again, request_key=key_of(request))


def _answered(request: HttpRequest, which: dict) -> None:
    said: dict = _text(request, "said", "reference", "why")
    said["at"] = moment_of(request.POST.get("at", "").strip()) or clock.now()
    submitting.platform_said(request.actor, **which, **said, request_key=key_of(request))


def _not_submitted(request: HttpRequest, which: dict) -> None:
    submitting.take_back(request.actor, **which, why=request.POST.get("why", ""), request_key=key_of(request))


_VERBS: dict[str, Callable[[HttpRequest, dict], object]] = {
    "fill": _fill, "anew": _anew, "approve": _approve, "answered": _answered, "not_submitted": _not_submitted,
}  # fmt: skip
