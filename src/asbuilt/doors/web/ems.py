"""What an EMS is asked: our answers counted from the record, certificates, other EMSs beside us."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from asbuilt.access import rights
from asbuilt.answers.compliance.filing import ems_actions as verbs
from asbuilt.answers.compliance.filing.ems import comparison_told, questionnaire_told, refuse_party_reader
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, NotAllowed, Refused

WORDS = {
    "record": _("from the record"), "stated": _("stated"), "none": _("no answer"), "valid": _("in date"), "over": _("over"), "not_yet": _("not yet"),
    "minimum": _("minimum"), "recommended": _("recommended"), "required": _("required"), "if applicable": _("if applicable"),
    "%": "%", "years": _("years"), "days": _("days"), "faults": _("faults"), "count": "", "traceability": _("Traceability"), "retention": _("Retention"),
    "firmware": _("Firmware"), "tests": _("Tests"), "components": _("Components"), "support": _("Support"), "experience": _("Experience"),
    "security": _("Security"), "people": _("People"), "response": _("Response"),
}  # fmt: skip


@words.filter
def ems_word(said: str) -> str:
    """A word of the questionnaire, as people say it."""
    return WORDS.get(said, said)


@words.filter
def of_party(held: dict, code: str) -> dict:
    """What a party answered, of answers by party."""
    return held.get(code, {})


@require_http_methods(["GET", "HEAD", "POST"])
def ems_page(request: HttpRequest) -> HttpResponse:
    """Our answers and the comparison; a form states an answer or a certificate, or takes in a report."""
    if request.method != "POST":
        return _ems(request, {})
    refuse_party_reader(request.actor)
    verb = request.POST.get("verb", "answer")
    request.actor.require(rights.FILING_DECIDE if verb == "take" else rights.FILING_WRITE)
    try:
        {"certificate": _certificate, "take": _take}.get(verb, _answer)(request)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _ems(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("ems")


def _ems(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    try:
        one = questionnaire_told(request.actor)
    except Refused as nobody:  # a record that was just begun: nothing went wrong, something is to be said first
        return render(request, "ems_nobody.html", {"error": nobody}, status=status)
    may = {"may_write": rights.FILING_WRITE, "may_take": rights.FILING_DECIDE, "may_download": rights.EVIDENCE_READ}
    said = {
        "one": one, "others": comparison_told(request.actor), "typed": {},
        **{name: request.actor.may(right) for name, right in may.items()}, **said,
    }  # fmt: skip
    return render(request, "ems.html", said, status=status)


def _file(request: HttpRequest) -> dict:
    file = request.FILES.get("file")
    return {"content": file.read(), "name": file.name or "file"} if file else {}


def _answer(request: HttpRequest) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("question", "words")}
    verbs.answer_question(request.actor, **said, **_file(request), request_key=key_of(request))


def _certificate(request: HttpRequest) -> None:
    names = ("standard", "number", "issuer", "from_on", "until_on", "scope")
    said = {name: request.POST.get(name, "").strip() for name in names}
    verbs.state_certificate(request.actor, **said, **_file(request), request_key=key_of(request))


def _take(request: HttpRequest) -> None:
    given, keys = _file(request), request.FILES.get("keys")
    verbs.take_report(
        request.actor, party=request.POST.get("party", "").strip(), content=given.get("content", b""), keys=keys.read() if keys else b"",
        name=given.get("name", ""), request_key=key_of(request),
    )  # fmt: skip


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """The signed report."""
    return download(verbs.ems_report(request.actor), "application/zip", "ems-report.zip")
