"""Change notices of makers and life cycles of their parts: what arrived, where it reaches, what was decided."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access.rights import EVIDENCE_READ, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.changes.controlling.actions.answering import decide_notice
from asbuilt.designed.changes.sourcing import actions as verbs
from asbuilt.designed.changes.sourcing import notice_file as words_of
from asbuilt.designed.changes.sourcing.notice_file import NoticePart
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.questions.genealogy.seen.sourcing import life_cycles_seen, notice_seen, notices_seen

KINDS = {"pcn": _("change (PCN)"), "pdn": _("end of life (PDN)")}
DATES = {
    "answer_by": _("answer by"), "first_ship": _("changed product ships from"), "last_buy": _("last order"), "last_ship": _("last delivery"),
    "first_made": _("changed product made from"), "last_made": _("last made"), "last_service": _("last service"),
}  # fmt: skip
CHANGES = {
    "design": _("design"), "process": _("process"), "material": _("material"), "test": _("test"), "site": _("site"), "package": _("package"),
    "datasheet": _("datasheet"), "marking": _("marking"), "firmware": _("firmware"), "end_of_life": _("end of life"), "other": _("something else"),
}  # fmt: skip
DECISIONS = {
    "not_affected": _("not affected"), "accepted": _("accepted"), "change_order": _("change order"), "last_buy": _("last buy"),
    "alternate": _("another part"), "objected": _("objected"), "reopened": _("opened again"),
}  # fmt: skip
LINES = {
    "notice_taken": _("taken"), "notice_amended": _("amended"), "notice_decided": _("decided"), "notice_warned": _("last days told"),
}  # fmt: skip
STATES = {
    "open": _("open"),
    "decided": _("decided"),
    "changed": _("changed"),
    "unchanged": _("unchanged"),
    "unknown": _("not known"),
}
CYCLES = {"active": _("active"), "nrnd": _("not for new designs"), "eol": _("end of life"), "obsolete": _("obsolete")}
_ALL = {**KINDS, **DATES, **CHANGES, **DECISIONS, **LINES, **STATES, **CYCLES}
PARTS_CHARACTERS_MAX = 100_000


@words.filter
def sourcing_word(said: str) -> str:
    """A word of a change notice, as people say it."""
    return _ALL.get(said, said)


@require_http_methods(["GET", "HEAD", "POST"])
def notices_page(request: HttpRequest) -> HttpResponse:
    """Change notices, the newest first; a POST takes one as a person read it."""
    if request.method != "POST":
        return _notices(request, {})
    return _took(request, _by_hand)


@require_POST
def archive(request: HttpRequest) -> HttpResponse:
    """Take a maker's smartPCN archive."""
    return _took(request, _of_archive)


def _took(request: HttpRequest, verb) -> HttpResponse:
    request.actor.require(SOURCING_WORK)
    try:
        code = verb(request)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _notices(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("sourcing_notice", code=code)


def _by_hand(request: HttpRequest) -> str:
    form, paper = request.POST, request.FILES.get("paper")
    said = {
        name: form.get(name, "").strip()
        for name in ("kind", "number", "maker", "title", "issued_on", "supplier", "detail")
    }
    listed = form.get("parts", "")[:PARTS_CHARACTERS_MAX].splitlines()
    parts = [
        NoticePart(mpn.strip(), replacement=other.strip())
        for mpn, _sign, other in (one.partition("=") for one in listed if one.strip())
    ]
    return verbs.take_notice(
        request.actor, **said, parts=parts, changes=form.getlist("changes"), identification=_identification(form), dates=_dates(form),
        content=paper_bytes(paper) if paper else None, name=paper.name if paper else "", request_key=key_of(request),
    )  # fmt: skip


def _identification(form) -> dict:
    said = {name: form.get(name, "").strip() for name in ("date_code_from", "date_code_until")}
    said["lots"] = form.get("lots", "").split()
    return {name: value for name, value in said.items() if value}


def _dates(form) -> dict[str, str]:
    return {name: day for name in words_of.DATES if (day := form.get(name, "").strip())}


def _of_archive(request: HttpRequest) -> str:
    file = _file(request)
    supplier = request.POST.get("supplier", "").strip()
    return verbs.take_smart_pcn(
        request.actor, content=paper_bytes(file), name=file.name, supplier=supplier, request_key=key_of(request)
    )


def _file(request: HttpRequest):
    file = request.FILES.get("file")
    if file is None:
        raise Invalid("web.file_missing", "No file was chosen.", {"field": "file"}, "Choose a file.")
    return file


def _notices(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    own = request.actor.party is None
    shown = {
        "found": notices_seen(request.actor), "may_work": request.actor.may(SOURCING_WORK) and own, "of_house": own, "kinds": KINDS,
        "changes": CHANGES, "days": [(name, DATES[name]) for name in ("answer_by", "first_ship", "last_buy", "last_ship")],
        "parties": codes_and_names(request.actor.tenant) if own else (), **said,
    }  # fmt: skip
    return render(request, "sourcing_notices.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_page(request: HttpRequest, code: str) -> HttpResponse:
    """One change notice and where it reaches; a POST amends it or decides."""
    one = notice_seen(request.actor, code)
    if request.method != "POST":
        return _notice(request, one, {})
    deciding = request.POST.get("verb") == "decide"
    request.actor.require(SOURCING_DECIDE if deciding else SOURCING_WORK)
    form, why = request.POST, request.POST.get("why", "")
    try:
        if deciding:
            decision, eco = form.get("decision", ""), form.get("eco", "")
            decide_notice(request.actor, notice=code, decision=decision, eco=eco, why=why, request_key=key_of(request))
        else:
            told, dates = _identification(form), _dates(form)
            verbs.amend_notice(
                request.actor, notice=code, identification=told, dates=dates, why=why, request_key=key_of(request)
            )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _notice(request, one, {"error": refusal, "typed": form}, refusal.http_status)
    return redirect("sourcing_notice", code=code)


def _notice(request: HttpRequest, one: dict, said: dict, status: int = 200) -> HttpResponse:
    may, own = request.actor.may, request.actor.party is None
    asked = [(name, one["used"]["questions"][name], found) for name, found in one["used"]["units"].items()]
    shown = {
        "one": one, "asked": asked, "of_house": own, "may_work": may(SOURCING_WORK) and own, "may_decide": may(SOURCING_DECIDE) and own,
        "may_download": may(EVIDENCE_READ), "decisions": DECISIONS, "replaced": next((part for each in one["used"]["parts"] for part in each["parts"]), ""),
        "dates": [(DATES[name], one["dates"][name]) for name in words_of.DATES if name in one["dates"]],
        "days": [(name, DATES[name]) for name in ("answer_by", "last_buy", "last_ship")], **said,
    }  # fmt: skip
    return render(request, "sourcing_notice.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def cycles_page(request: HttpRequest) -> HttpResponse:
    """Life cycles of makers' parts; a POST takes a distributor's file."""
    said, status = {}, 200
    if request.method == "POST":
        request.actor.require(SOURCING_WORK)
        try:
            file = _file(request)
            said["taken"] = verbs.take_life_cycles(
                request.actor, content=paper_bytes(file), name=file.name, source=request.POST.get("source", ""), request_key=key_of(request)
            )  # fmt: skip
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said, status = {"error": refusal, "typed": request.POST}, refusal.http_status
    found = life_cycles_seen(request.actor)
    shown = {"found": found, "may_work": request.actor.may(SOURCING_WORK), "of_house": True, **said}
    return render(request, "sourcing_cycles.html", shown, status=status)
