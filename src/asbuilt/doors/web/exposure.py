"""Vulnerabilities and our units: what is open, one with its path to customers and its decisions, what changed, waivers, watch lists.

What feeds say of one, and the feeds themselves: the page Feeds.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import CONCESSION_AGREE, EVIDENCE_READ, VEX_DECIDE, WAIVER_APPROVE, WAIVER_PROPOSE
from asbuilt.answers.register.watching import unwatch, watch, watched
from asbuilt.built.quality.actions.waivers import approve_waiver, end_waiver, propose_waiver
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.designed.vulnerability.deciding.decisions import Scope
from asbuilt.designed.vulnerability.deciding.proposing import proposals_of
from asbuilt.designed.vulnerability.deciding.stating import decide, report_upstream
from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product
from asbuilt.doors.web import pictures
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import count
from asbuilt.doors.web.words import register as words
from asbuilt.formats.vex.statements import JUSTIFICATIONS, STATUSES
from asbuilt.kernel.errors import AsbuiltError, NotAllowed
from asbuilt.kernel.instants import DAY_US
from asbuilt.ledger import clock
from asbuilt.questions.exposure.changes import changes_between
from asbuilt.questions.exposure.exposure import exposure
from asbuilt.questions.exposure.inbox import inbox
from asbuilt.questions.exposure.waivers_seen import waiver_page as one_waiver
from asbuilt.questions.exposure.waivers_seen import waivers_seen
from asbuilt.storage.mail import mail_lists

_ = gettext_lazy
DAYS_MAX = 90
SCOPE = ("product", "revision", "role", "version", "part", "question")
STATEMENT = ("status", "justification", "impact", "action", "vector", "review_on", "source")
REPORT = ("component", "event", "recipient", "channel", "reference", "said")
WAIVER = ("vulnerability", "product", "role", "version", "question", "reason")
PROPOSED = {"build": _("not in the build"), "sbom": _("said by the SBOM"), "supplier": _("said by a supplier")}
EVENTS = ("reported", "answered", "not_reported")
WORDS = {
    "not_affected": _("not affected"), "affected": _("affected"), "fixed": _("fixed"), "under_investigation": _("under investigation"),
    "unsure": _("unsure"), "open": _("open"), "closed": _("closed"), "holds": _("holds"), "over": _("over"),
    "found": _("found"), "gone": _("gone"), "exploited": _("exploited"), "decided": _("decided"), "lapsed": _("lapsed"),
    "reported": _("reported"), "answered": _("answered"), "not_reported": _("not reported"),
    "may be exploited": _("may be exploited"), "likely to be exploited": _("likely to be exploited"),
    "critical": _("critical"), "high": _("high"), "medium": _("medium"), "low": _("low"), "none": _("severity none"), "no score": _("no score"),
    "optional component": _("optional component"),
    "component_not_present": _("the component is not there"), "vulnerable_code_not_present": _("the flawed code is not there"),
    "vulnerable_code_not_in_execute_path": _("the flawed code is never run"),
    "vulnerable_code_cannot_be_controlled_by_adversary": _("no attacker gets at the flawed code"),
    "inline_mitigations_already_exist": _("something else prevents it"),
}  # fmt: skip


@words.filter
def proposal_word(kind: str) -> str:
    """Who proposes a decision."""
    return PROPOSED.get(kind, kind)


@words.filter
def security_word(said: str) -> str:
    """A word of vulnerabilities, as people say it."""
    return WORDS.get(said, said)


@require_safe
def inbox_page(request: HttpRequest) -> HttpResponse:
    """What is open, what matters most first."""
    return render(request, "vulnerabilities.html", {"found": inbox(request.actor, gettext, count)})


@require_safe
def exposure_page(request: HttpRequest, name: str) -> HttpResponse:
    """One vulnerability: the path to units, decisions, reports to makers."""
    return _exposure(request, name, {})


def _exposure(request: HttpRequest, name: str, said: dict, status: int = 200) -> HttpResponse:
    as_of = request.GET.get("as_of", "").strip()[:40] or None
    found = exposure(request.actor, name, as_of=as_of, pictured=True, gettext=gettext, number=count)
    may = request.actor.may(VEX_DECIDE)
    said = {
        "one": found, "counts": found.answer.affected.counts(), "finished": found.answer.finished.counts(), "flow": pictures.draw(found.flow) if found.flow else None,
        "may_decide": may, "may_waive": request.actor.may(WAIVER_PROPOSE), "statuses": STATUSES, "justifications": JUSTIFICATIONS,
        "proposals": proposals_of(request.actor, found.vulnerability, gettext) if may else (), "events": EVENTS, "typed": request.POST,
        "may_download": request.actor.may(EVIDENCE_READ), "ours": request.actor.party is None, "as_of": as_of, **said,
    }  # fmt: skip
    return render(request, "exposure.html", said, status=status)


@require_POST
def exposure_decide(request: HttpRequest, name: str) -> HttpResponse:
    """A decision about it, or a step of telling a maker."""
    request.actor.require(VEX_DECIDE)
    file = request.FILES.get("file")
    try:
        content = paper_bytes(file) if file else None
        evidence = {"name": file.name if file else "", "content": content, "request_key": key_of(request)}
        if "event" in request.POST:
            given = {field: request.POST.get(field, "").strip() for field in REPORT}
            report_upstream(request.actor, vulnerability=name, **given, **evidence)
        else:
            scope = Scope(**{field: request.POST.get(field, "").strip() for field in SCOPE})
            given = {field: request.POST.get(field, "").strip() for field in STATEMENT}
            decide(request.actor, vulnerability=name, scope=scope, **given, **evidence)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _exposure(request, name, {"error": refusal}, refusal.http_status)
    return redirect("exposure", name=name)


@require_safe
def changes_page(request: HttpRequest) -> HttpResponse:
    """What changed in the last days."""
    text = request.GET.get("days", "1")
    days = min(max(int(text), 1), DAYS_MAX) if text.isascii() and text.isdigit() and len(text) < 4 else 1
    now = clock.now()
    said = {
        "found": changes_between(request.actor, now - days * DAY_US, now, gettext=gettext),
        "days": days,
        "spans": (1, 7, 30, DAYS_MAX),
    }
    return render(request, "changes.html", said)


@require_http_methods(["GET", "HEAD", "POST"])
def watches_page(request: HttpRequest) -> HttpResponse:
    """Products on watch lists, and how they stand."""
    said: dict = {"typed": request.POST}
    status = 200
    if request.method == "POST":
        request.actor.require(VEX_DECIDE)
        verb = unwatch if request.POST.get("what") == "off" else watch
        given = {field: request.POST.get(field, "").strip() for field in ("product", "mail_list")}
        try:
            verb(request.actor, **given, request_key=key_of(request))
            return redirect("watches")
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    said |= {"found": watched(request.actor), "may_watch": request.actor.may(VEX_DECIDE), "lists": sorted(mail_lists())}
    return render(request, "watches.html", said, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def waivers_page(request: HttpRequest) -> HttpResponse:
    """Waivers, and proposing one."""
    said: dict = {"typed": request.POST or request.GET}
    status = 200
    if request.method == "POST":
        request.actor.require(WAIVER_PROPOSE)
        given = {field: request.POST.get(field, "").strip() for field in WAIVER}
        try:
            until_at = moment_of(request.POST.get("until_at", "").strip()) or 0
            code, _entry = propose_waiver(request.actor, until_at=until_at, request_key=key_of(request), **given)
            return redirect("waiver", code=code)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    said |= {"found": waivers_seen(request.actor), "may_propose": request.actor.may(WAIVER_PROPOSE)}
    return render(request, "waivers.html", said, status=status)


@require_safe
def waiver_page(request: HttpRequest, code: str) -> HttpResponse:
    """A waiver: what it lets pass, who agreed, who has to."""
    return _waiver(request, code, {})


def _waiver(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = one_waiver(request.actor, code)
    agree = CONCESSION_AGREE if request.actor.party is not None else WAIVER_APPROVE
    said = {
        "one": found, "may_agree": request.actor.may(agree) and found.state != "over", "may_end": request.actor.may(WAIVER_APPROVE) and found.state != "over",
        "of_party": request.actor.party is not None, "may_download": request.actor.may(EVIDENCE_READ),
        "parties": codes_and_names(request.actor.tenant) if request.actor.party is None else (), **said,
    }  # fmt: skip
    return render(request, "waiver.html", said, status=status)


@require_POST
def waiver_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Agree, keep what the manufacturer signed, or end it."""
    one_waiver(request.actor, code)
    reason, key = request.POST.get("reason", "").strip(), key_of(request)
    try:
        if request.POST.get("what") == "end":
            request.actor.require(WAIVER_APPROVE)
            end_waiver(request.actor, waiver=code, reason=reason, request_key=key)
        else:
            file = request.FILES.get("file")
            content = paper_bytes(file) if file else None
            party = request.POST.get("party", "").strip()
            approve_waiver(
                request.actor,
                waiver=code,
                reason=reason,
                party=party,
                content=content,
                name=file.name if file else "",
                request_key=key,
            )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _waiver(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("waiver", code=code)


@require_safe
def vex_file(request: HttpRequest, product: str, form: str) -> HttpResponse:
    """What we say about vulnerabilities in a product, as a file."""
    name, kind, document = vex_of_product(request.actor, product, form)
    return download(document, kind, name)
