"""The technical file of a product: gaps first, point by point; baseline and plan; what people state; as PDF and as signed package."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from asbuilt.access import rights
from asbuilt.answers.compliance.filing import actions as verbs
from asbuilt.answers.compliance.filing.baseline import baseline_told
from asbuilt.answers.compliance.filing.configuration_plan import plan_told
from asbuilt.answers.compliance.filing.package import technical_package
from asbuilt.answers.compliance.filing.paper import on_paper
from asbuilt.answers.compliance.filing.technical_file import (
    EVIDENCE,
    GAPS,
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    technical_file,
    told,
)
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, NotAllowed

STATES = {MISSING: _("missing"), GAPS: _("has gaps"), NOTHING: _("nothing recorded"), EVIDENCE: _("evidence, no gap known"), NOT_APPLICABLE: _("does not apply")}  # fmt: skip
SOURCES = {
    "stated": _("stated by people"), "firmware": _("release register"), "catalog": _("catalog"), "production": _("production"), "quality": _("quality"),
    "shipping": _("shipping"), "supply": _("supply"), "components": _("SBOMs"), "publishing": _("publishing"), "vulnerability": _("vulnerabilities"),
    "cases": _("cases"), "declarations": _("declarations"), "judging": _("scope and class"), "assessing": _("risk assessment"),
    "keeping": _("support and retention"), "changes": _("changes"),
}  # fmt: skip
KNOWN = {"known": _("known"), "partly": _("known in part"), "unknown": _("not known")}
_ALL = {**STATES, **SOURCES, **KNOWN}
FIELDS = {
    "point": ("point", "words", "why", "file_state", "known_from_on"),
    "baseline": ("matter", "known", "why", "known_from_on"),
    "keep": ("why",),
}
VERBS = {"point": verbs.state_point, "baseline": verbs.state_baseline, "keep": verbs.keep_revision}


@words.filter
def filing_word(said: str) -> str:
    """A word of a technical file, as people say it."""
    return _ALL.get(said, said)


@require_http_methods(["GET", "HEAD", "POST"])
def file_page(request: HttpRequest, code: str) -> HttpResponse:
    """The file; a form states a point or a matter of the baseline, or keeps a revision."""
    if request.method != "POST":
        return _file(request, code, {})
    technical_file(request.actor, code)  # a product that the reader does not see is not there
    verb = request.POST.get("verb", "point")
    verb = verb if verb in VERBS else "point"
    request.actor.require(rights.FILING_DECIDE if verb == "keep" else rights.FILING_WRITE)
    said = {name: request.POST.get(name, "").strip() for name in FIELDS[verb]}
    said = {name: text for name, text in said.items() if text or name != "file_state"}
    if verb != "keep" and (file := request.FILES.get("file")):
        said |= {"content": file.read(), "name": file.name or "file"}
    try:
        VERBS[verb](request.actor, product=code, request_key=key_of(request), **said)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _file(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("technical_file", code=code)


def _file(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = told(technical_file(request.actor, code))
    base = baseline_told(request.actor, code)
    said = {
        "one": found, "base": base, "may_write": request.actor.may(rights.FILING_WRITE), "may_keep": request.actor.may(rights.FILING_DECIDE),
        "may_download": request.actor.may(rights.EVIDENCE_READ), "known": KNOWN, "typed": {}, **said,
    }  # fmt: skip
    return render(request, "technical_file.html", said, status=status)


@require_GET
def plan_page(request: HttpRequest, code: str) -> HttpResponse:
    """The configuration management plan."""
    return render(request, "configuration_plan.html", {"one": plan_told(request.actor, code)})


@require_GET
def paper(request: HttpRequest, code: str, volume: int) -> HttpResponse:
    """The file as PDF; a volume of it where it is too large for one."""
    with on_paper(technical_file(request.actor, code)) as found:
        if not 1 <= volume <= len(found):
            return render(request, "not_found.html", status=404)
        content = found[volume - 1].read_bytes()
    return download(content, "application/pdf", f"technical-file-{code}-{volume}.pdf")


@require_GET
def package(request: HttpRequest, code: str) -> HttpResponse:
    """The signed package."""
    return download(technical_package(request.actor, code), "application/zip", f"technical-file-{code}.zip")
