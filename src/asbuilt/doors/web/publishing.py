"""Publishing: advisories from draft to publication, what the policy and security.txt lack, and what strangers reported."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import rights
from asbuilt.answers.cases.publishing.actions import advising, presenting, taking_tips
from asbuilt.answers.cases.publishing.editing import texts_of
from asbuilt.answers.cases.publishing.policy_words import POINTS
from asbuilt.answers.cases.publishing.seen import (
    advisories_told,
    advisory_seen,
    document_of,
    failing,
    publisher_seen,
)
from asbuilt.answers.cases.publishing.tips import attached, tip_seen, tips_told
from asbuilt.doors.web.downloads import download, saved_as
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import BRIEFLY, WAYS
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed

KINDS = {"advisory": _("security advisory"), "vex": _("VEX"), "informational": _("informational document")}
ERASED_UNDER = "gdpr.17-1"
_WORDS = {
    **KINDS, **POINTS, "draft": _("draft"), "approved": _("approved"), "published": _("published"), "drafted": _("drafted"),
    "edited": _("edited"), "title": _("title"), "note": _("note"), "remedy": _("remedy"), "threat": _("threat"), "waiting": _("waiting"),
    "answered": _("answered"), "final": _("final"), "interim": _("interim"),
}  # fmt: skip
# what the public form refuses, in the reporter's language
BRIEFLY |= {
    "cases.tip_empty": _("The text is empty."), "cases.tip_long": _("What you typed is longer than the form takes."),
    "cases.tip_files": _("Too many files."), "cases.tip_kind": _("A file is of no kind that is taken."),
    "cases.tip_file_size": _("A file is empty or too large."), "cases.tips_many": _("More reports came today than this form takes."),
    "cases.tip_status_unknown": _("There is no report with this reference and code."),
}  # fmt: skip
WAYS |= {
    "cases.tip_empty": _("Say what you found."), "cases.tip_long": _("Attach it as a file."),
    "cases.tip_files": _("Put them into one archive."), "cases.tip_kind": _("Send another kind."),
    "cases.tip_file_size": _("Send less at once."), "cases.tips_many": _("Write to the mail address of the policy."),
    "cases.tip_status_unknown": _("Look at both again."),
}  # fmt: skip


@words.filter
def policy_word(said: str) -> str:
    """A word of publishing, as people say it."""
    return _WORDS.get(said, said)


@require_safe
def publishing_page(request: HttpRequest) -> HttpResponse:
    """Advisories, tips, and what is missing."""
    return _list(request, {})


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Draft one out of a case or of vulnerabilities."""
    request.actor.require(rights.ADVISORY_WRITE)
    form = request.POST
    try:
        code = advising.draft_advisory(
            request.actor, kind=form.get("kind", ""), case=form.get("case", "").strip(), language=form.get("language", "en"),
            vulnerabilities=tuple(form.get("vulnerabilities", "").split()), request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        return _refused(refusal, lambda said: _list(request, {"error": said, "typed": form}, said.http_status))
    return redirect("publishing_advisory", code=code)


@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Write and sign security.txt anew."""
    request.actor.require(rights.ADVISORY_PUBLISH)
    try:
        presenting.renew_security_txt(request.actor, request_key=key_of(request))
    except AsbuiltError as refusal:
        return _refused(refusal, lambda said: _list(request, {"error": said}, said.http_status))
    return redirect("publishing")


@require_http_methods(["GET", "HEAD", "POST"])
def advisory_page(request: HttpRequest, code: str) -> HttpResponse:
    """One advisory; a POST edits, approves or publishes it."""
    if request.method != "POST":
        return _one(request, code, {})
    verb = {"edit": _edit, "anew": _anew, "approve": _approve, "publish": _publish}.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    advisory_seen(request.actor, code)
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        return _refused(refusal, lambda said: _one(request, code, {"error": said}, said.http_status))
    return redirect("publishing_advisory", code=code)


def _edit(request: HttpRequest, code: str) -> None:
    form = request.POST
    texts = {name.removeprefix("text."): value for name, value in form.items() if name.startswith("text.")}
    advising.edit_texts(
        request.actor, advisory=code, texts=texts, status=form.get("status", ""), tlp=form.get("tlp", ""), base=form.get("base", ""),
        request_key=key_of(request),
    )  # fmt: skip


def _anew(request: HttpRequest, code: str) -> None:
    advising.redraft_advisory(
        request.actor, advisory=code, base=request.POST.get("base", ""), request_key=key_of(request)
    )


def _approve(request: HttpRequest, code: str) -> None:
    advising.approve_advisory(
        request.actor, advisory=code, draft=request.POST.get("base", ""), why=request.POST.get("why", ""), request_key=key_of(request)
    )  # fmt: skip


def _publish(request: HttpRequest, code: str) -> None:
    advising.publish_advisory(
        request.actor, advisory=code, summary=request.POST.get("summary", ""), why=request.POST.get("why", ""),
        request_key=key_of(request),
    )  # fmt: skip


@require_safe
def document(request: HttpRequest, code: str) -> HttpResponse:
    """The document as a file: of a version, or what the draft would be."""
    asked = request.GET.get("version", "")
    if asked:
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
        identity, content = document_of(request.actor, code, number)
    else:
        identity, content = code, advising.preview(request.actor, code)
    return download(content, "application/json", f"{identity}.json")


@require_http_methods(["GET", "HEAD", "POST"])
def tip_page(request: HttpRequest, code: str) -> HttpResponse:
    """What a stranger reported; a POST answers him."""
    if request.method != "POST":
        return _tip(request, code, {})
    tip_seen(request.actor, code)
    try:
        taking_tips.answer_tip(
            request.actor, tip=code, words=request.POST.get("words", ""), request_key=key_of(request)
        )
    except AsbuiltError as refusal:
        return _refused(refusal, lambda said: _tip(request, code, {"error": said}, said.http_status))
    return redirect("publishing_tip", code=code)


@require_POST
def tip_erase(request: HttpRequest, code: str) -> HttpResponse:
    """All that the reporter sent is erased, for good."""
    taking_tips.erase_tip(request.actor, tip=code, rule=ERASED_UNDER)
    return redirect("publishing_tip", code=code)


@require_safe
def tip_file(request: HttpRequest, code: str, number: int) -> StreamingHttpResponse:
    """A file that a stranger sent: a download of no kind, so that no browser opens it here."""
    name, pieces = attached(request.actor, code, number)
    return StreamingHttpResponse(
        pieces, content_type="application/octet-stream",
        headers={
            "Content-Disposition": saved_as(f"{name}.unopened"), "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        },
    )  # fmt: skip


def _refused(refusal: AsbuiltError, shown: Callable[[AsbuiltError], HttpResponse]) -> HttpResponse:
    if isinstance(refusal, NotAllowed):
        raise refusal
    return shown(refusal)


def _list(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    may = request.actor.may
    shown = {
        "found": advisories_told(request.actor), "house": publisher_seen(request.actor), "tips": tips_told(request.actor),
        "kinds": KINDS, "may_write": may(rights.ADVISORY_WRITE), "may_publish": may(rights.ADVISORY_PUBLISH), "may_handle": may(rights.TIP_HANDLE),
        **said,
    }  # fmt: skip
    return render(request, "publishing.html", shown, status=status)


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    may, one = request.actor.may, advisory_seen(request.actor, code)
    shown = {
        "one": one, "texts": texts_of(one["description"]), "failing": failing(request.actor, code) if may(rights.ADVISORY_WRITE) else [],
        "statuses": advising.STATUSES, "labels": advising.LABELS, "may_write": may(rights.ADVISORY_WRITE),
        "may_publish": may(rights.ADVISORY_PUBLISH), **said,
    }  # fmt: skip
    return render(request, "publishing_advisory.html", shown, status=status)


def _tip(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    shown = {"one": tip_seen(request.actor, code), "may_erase": request.actor.may(rights.PERSON_ERASE), **said}
    return render(request, "publishing_tip.html", shown, status=status)
