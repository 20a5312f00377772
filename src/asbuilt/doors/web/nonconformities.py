"""Nonconformities: the board of what is open and due, one with its causes, dispositions, actions and check, and what else is touched."""

from collections.abc import Callable
from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import rights
from asbuilt.answers.gate.raising import proposed
from asbuilt.answers.register import nonconformities as register
from asbuilt.built.quality.actions import dispositions
from asbuilt.built.quality.actions import nonconformities as verbs
from asbuilt.built.quality.nonconformity_intake import WHYS_MAX
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import as_typed, key_of, names_of
from asbuilt.doors.web.words import REFUSALS
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.questions.genealogy.answering.factor_sources import KINDS
from asbuilt.questions.genealogy.answering.factors import common_factors
from asbuilt.questions.genealogy.seen import nonconformities as seen

SOURCES = {
    "test": _("test"), "gate": _("gate"), "inspection": _("inspection"), "process": _("process"), "complaint": _("complaint"),
    "supplier": _("supplier"),
}  # fmt: skip
SEVERITIES = {"critical": _("critical"), "major": _("major"), "minor": _("minor")}
STATES = {
    "raised": _("raised"), "contained": _("contained"), "decided": _("decided"), "closed": _("closed"), "reopened": _("reopened"),
    "open": _("open"), "done": _("done"), "cancelled": _("cancelled"), "proposed": _("proposed"), "agreed": _("agreed"),
    "approved": _("approved"), "refused": _("refused"), "carried_out": _("carried out"), "corrective": _("corrective"),
    "preventive": _("preventive"), "effective": _("effective"), "not_effective": _("not effective"), "too_few": _("too few units"),
}  # fmt: skip
DECISIONS = {
    "use_as_is": _("use as is"), "rework": _("rework"), "repair": _("repair"), "return": _("return"), "scrap": _("scrap"),
}  # fmt: skip
BRANCH_WORDS = {
    "man": _("man"), "machine": _("machine"), "material": _("material"), "method": _("method"), "measurement": _("measurement"),
    "environment": _("environment"),
}  # fmt: skip
KIND_WORDS = {
    "lot": _("lot"), "package": _("package"), "supplier": _("supplier"), "datecode": _("date code"), "feeder": _("feeder"),
    "machine": _("machine"), "program": _("program"), "operator": _("operator"), "time": _("time"), "firmware": _("firmware"),
    "position": _("panel position"), "station": _("station"),
}  # fmt: skip
VERDICT_WORDS = {
    "more_often": _("failed units have it more often"), "less_often": _("failed units have it less often"),
    "no_difference": _("no difference shown"),
}  # fmt: skip
REFUSALS |= {
    "quality.manufacturer_unknown": _("Nobody said who is the manufacturer of %(product)s."),
    "quality.approval_of_manufacturer": _("%(party)s is the manufacturer of %(product)s and has not agreed."),
    "quality.document_second_person": _(
        "What %(party)s signed was recorded by somebody who proposed or approved the same thing."
    ),
    "quality.manufacturer_third_person": _(
        "That we are the manufacturer of %(product)s was recorded by somebody who proposed or approved the same thing."
    ),
}
_ALL = {**SOURCES, **SEVERITIES, **STATES, **DECISIONS, **BRANCH_WORDS, **KIND_WORDS, **VERDICT_WORDS}


@words.filter
def quality_word(said: str) -> str:
    """A word of a nonconformity, as people say it."""
    return _ALL.get(said, said)


@words.filter
def percent(share) -> str:
    """0.0312 -> 3.12 %."""
    from django.utils.formats import number_format

    return "–" if share is None else f"{number_format(round(share * 100, 2), 2, use_l10n=True)} %"


@words.filter
def p_value(p) -> str:
    """Two digits that say something; what is very small is said to be."""
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


@require_http_methods(["GET", "HEAD", "POST"])
def board_page(request: HttpRequest) -> HttpResponse:
    """What is open, the most urgent first; a POST raises one."""
    if request.method != "POST":
        return _board(request, _typed(request))
    request.actor.require(rights.NONCONFORMITY_RAISE)
    form = request.POST
    try:
        code = register.open_nonconformity(
            request.actor,
            units=names_of(form.get("units", "")),
            held=form.get("held") == "on",
            request_key=key_of(request),
            **{
                name: form.get(name, "").strip()
                for name in ("source", "severity", "description", "question", "product", "defect", "party")
            },
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _board(request, {"error": refusal, "typed": form}, refusal.http_status)
    return redirect("nonconformity", code=code)


def _typed(request: HttpRequest) -> dict:
    """What the form begins with: what the address says, or what was refused (`?about=gate&of=SN-000017`)."""
    about, of = request.GET.get("about", ""), request.GET.get("of", "")[:400]
    if not about:
        return {"typed": request.GET}
    try:
        found = asdict(proposed(request.actor, about, of))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return {"typed": request.GET, "error": refusal}
    return {"typed": {**found, "units": as_typed(found["units"])}}


def _board(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    closed = request.GET.get("closed") == "yes"
    said = {
        "found": seen.nonconformities_seen(request.actor, closed=closed), "closed": closed, "sources": SOURCES,
        "severities": SEVERITIES, "may_raise": request.actor.may(rights.NONCONFORMITY_RAISE), **said,
    }  # fmt: skip
    return render(request, "nonconformities.html", said, status=status)


@require_safe
def nonconformity_page(request: HttpRequest, code: str) -> HttpResponse:
    """One."""
    return _one(request, code, {})


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    found = seen.nonconformity_seen(request.actor, code)
    may = request.actor.may
    said = {
        "one": found, "may_work": may(rights.NONCONFORMITY_WORK), "may_decide": may(rights.NONCONFORMITY_DECIDE),
        "may_agree": may(rights.DISPOSITION_AGREE) and request.actor.party is not None, "may_raise": may(rights.NONCONFORMITY_RAISE),
        "may_hold": may(rights.HOLD_PLACE), "branches": BRANCH_WORDS, "whys": [str(n) for n in range(1, WHYS_MAX + 1)], "decisions": DECISIONS,
        "factors": _factors_address(found), **said,
    }  # fmt: skip
    return render(request, "nonconformity.html", said, status=status)


def _factors_address(found: seen.NonconformitySeen) -> str:
    """What else is touched: the units of its question, else those that failed a test."""
    return f"{reverse('factors')}?{urlencode({'failed': found.question or 'test:failed'})}"


@require_POST
def say(request: HttpRequest, code: str) -> HttpResponse:
    """A form of the page: which verb it is stands in it."""
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    right, act = verb
    request.actor.require(right)
    seen.nonconformity_seen(request.actor, code)  # one that the reader does not see is not there
    try:
        act(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _one(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("nonconformity", code=code)


def _text(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _whole(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Invalid("web.number_wrong", f"{text[:40]} is no number.", {"field": name}, "Type a count.")
    return int(text)


def _said(function: Callable, *names: str, **fixed) -> Callable:
    """A verb that takes cells of the form as they are."""

    def act(request: HttpRequest, code: str) -> None:
        function(request.actor, nonconformity=code, request_key=key_of(request), **_text(request, *names), **fixed)

    return act


def _units(request: HttpRequest, code: str) -> None:
    units = names_of(request.POST.get("units", ""))
    register.add_to_nonconformity(request.actor, nonconformity=code, units=units, request_key=key_of(request))


def _cause(request: HttpRequest, code: str) -> None:
    method, mark, place = request.POST.get("place", "").partition(":")
    root = request.POST.get("root") == "on"
    said = {"method": method, "place": place, "root": root, **_text(request, "cause")}
    verbs.state_cause(request.actor, nonconformity=code, request_key=key_of(request), **said)


def _propose(request: HttpRequest, code: str) -> None:
    units = names_of(request.POST.get("units", ""))
    said = _text(request, "decision", "reason")
    register.propose(request.actor, nonconformity=code, units=units, request_key=key_of(request), **said)


def _agree(request: HttpRequest, code: str) -> None:
    said: dict = _text(request, "disposition", "reason")
    if request.actor.party is None:
        file = request.FILES.get("file")
        said |= {**_text(request, "party"), "content": None if file is None else paper_bytes(file)}
        said |= {"name": file.name or "agreement"} if file is not None else {}
    dispositions.agree_to_disposition(request.actor, nonconformity=code, request_key=key_of(request), **said)


def _check(request: HttpRequest, code: str) -> None:
    counts = {name: _whole(request, name) for name in ("units_min", "failed_ppm_max")}
    said = _text(request, "question", "among", "due_on")
    verbs.plan_check(request.actor, nonconformity=code, request_key=key_of(request), **said, **counts)


_STEP = ("disposition", "reason")
_VERBS: dict[str, tuple[str, Callable[[HttpRequest, str], None]]] = {
    "units": (rights.NONCONFORMITY_RAISE, _units),
    "hold": (rights.HOLD_PLACE, _said(register.contain_nonconformity, "reason")),
    "cause": (rights.NONCONFORMITY_WORK, _cause),
    "propose": (rights.NONCONFORMITY_WORK, _propose),
    "agree": (rights.RECORD_READ, _agree),
    "approve": (rights.NONCONFORMITY_DECIDE, _said(dispositions.approve_disposition, *_STEP)),
    "refuse": (rights.NONCONFORMITY_DECIDE, _said(dispositions.refuse_disposition, *_STEP)),
    "carry_out": (rights.NONCONFORMITY_WORK, _said(dispositions.carry_out_disposition, *_STEP)),
    "action": (
        rights.NONCONFORMITY_WORK,
        _said(verbs.state_action, "kind", "description", "owner", "due_on", "action", "state"),
    ),
    "check": (rights.NONCONFORMITY_WORK, _check),
    "measure": (rights.NONCONFORMITY_WORK, _said(register.measure_effect)),
    "close": (rights.NONCONFORMITY_DECIDE, _said(verbs.close_nonconformity, "reason")),
    "reopen": (rights.NONCONFORMITY_DECIDE, _said(verbs.reopen_nonconformity, "reason")),
}


@require_safe
def factors_page(request: HttpRequest) -> HttpResponse:
    """What failed units have in common more often than the others."""
    failed, among = (request.GET.get(name, "").strip()[:10_000] for name in ("failed", "among"))
    kinds = [kind for kind in request.GET.getlist("kind") if kind]
    said: dict = {"failed": failed, "among": among, "kinds": KIND_WORDS, "chosen": kinds, "all_kinds": KINDS}
    status = 200
    if failed:
        try:
            said["found"] = common_factors(request.actor, failed=failed, among=among, kinds=kinds)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed) or refusal.code == "question.factors_none":
                raise
            said["error"], status = refusal, refusal.http_status
    elif request.actor.party is not None:
        common_factors(request.actor, failed="test:failed")
    else:
        request.actor.require(rights.RECORD_READ)
    return render(request, "factors.html", said, status=status)
