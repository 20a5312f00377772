"""Changes: ECOs and processes under control, one ECO with its questions, approvals and boundary, two BOM versions side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from asbuilt.access import rights
from asbuilt.answers.gate.bounding import set_boundary
from asbuilt.answers.gate.controlling import control_process
from asbuilt.answers.gate.process_seen import controls_seen
from asbuilt.answers.portal.asking import ask_approval
from asbuilt.designed.changes.controlling import eco as words_of
from asbuilt.designed.changes.controlling.actions import deciding, proposing
from asbuilt.designed.changes.controlling.seen import ecos_told
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.questions.boms.compared import Named, compared, versions_to_compare
from asbuilt.questions.boms.difference_paper import difference_pdf, sections_of
from asbuilt.questions.genealogy.answering.changes_built import change_seen

STATES = {
    "draft": _("being written"), "waiting": _("waits for approval"), "approved": _("approved"), "in_force": _("in force"),
    "suspended": _("suspended"), "withdrawn": _("withdrawn"), "open": _("open"), "done": _("done"),
}  # fmt: skip
KINDS = {
    "bom": _("BOM version"), "part": _("maker's part"), "firmware": _("firmware"), "test_plan": _("test plan"), "process": _("process"),
}  # fmt: skip
ASPECTS = {
    "program": _("program or profile"), "program_revision": _("revision of the program"), "paste": _("paste"),
    "stencil": _("stencil"), "software": _("software"),
}  # fmt: skip
ANSWERS = {"yes": _("yes"), "no": _("no"), "not_applicable": _("not applicable")}
DECISIONS = {"refused": _("refused"), "revoked": _("taken back")}
BOUNDARIES = {"unit": _("a unit"), "order": _("a work order"), "date": _("a day")}
QUESTIONS = {
    "new_threat": _("Does the change bring a new threat vector?"),
    "new_attack_path": _("Does it open a new attack path or scenario?"),
    "changed_likelihood": _("Does it change how likely an attack is?"),
    "changed_impact": _("Does it change the impact of an attack?"),
    "changed_purpose": _("Does it change the intended purpose for which the product was assessed?"),
    "same_tls": _("Does the replacement give the same or higher security of communication (TLS versions, cipher suites, certificates)?"),
    "same_crypto": _("Does it give the same or higher security of cryptography (algorithms, key lengths, random numbers, accelerators)?"),
    "same_secure_boot": _("Does it give the same or higher security of secure boot and debug lock?"),
    "same_uid": _("Does it keep the unique identity of each unit (UID, key store) at the same or higher security?"),
}  # fmt: skip
TOLD = {
    "proposed": _("proposed"), "product": _("affects"), "change": _("changes"), "answer": _("answered"), "substantial": _("judged"),
    "contact": _("its contact"), "list": _("list"), "queued": _("left for sending"), "waits": _("waits to be sent"),
    "sent": _("sent"), "failed": _("not sent"), "no_address": _("no address"), "no_list": _("no address"), "asked": _("asked for"), "decision": _("decided"), "told": _("told"), "boundary": _("boundary"), "closed": _("withdrawn"),
}  # fmt: skip
_ALL = {**TOLD, **STATES, **KINDS, **ASPECTS, **ANSWERS, **DECISIONS, **BOUNDARIES, **QUESTIONS}


@words.filter
def eco_word(said: str) -> str:
    """A word of changes, as people say it."""
    return _ALL.get(said, said)


@require_http_methods(["GET", "HEAD", "POST"])
def ecos_page(request: HttpRequest) -> HttpResponse:
    """Every ECO and every controlled process; a POST asks for a change, or puts a process under control."""
    if request.method != "POST":
        return _ecos(request, {})
    form, actor = request.POST, request.actor
    actor.require(rights.CHANGE_READ)
    try:
        if form.get("verb") == "control":
            said = {name: form.get(name, "").strip() for name in ("product", "step", "side", "aspect", "value", "why")}
            control_process(actor, **said, on=form.get("off") != "yes", request_key=key_of(request))
            return redirect("ecos")
        said = {
            "title": form.get("title", ""),
            "why": form.get("why", ""),
            "products": form.get("products", "").split("\n"),
        }
        return redirect("eco", code=proposing.propose_eco(actor, **said, request_key=key_of(request)))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _ecos(request, {"error": refusal, "typed": form}, refusal.http_status)


def _ecos(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    may = request.actor.may
    shown = {
        "found": ecos_told(request.actor), "controls": controls_seen(request.actor), "aspects": ASPECTS,
        "may_propose": may(rights.CHANGE_WRITE), "may_control": may(rights.CHANGE_RELEASE), **said,
    }  # fmt: skip
    return render(request, "ecos.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def eco_page(request: HttpRequest, code: str) -> HttpResponse:
    """One ECO; a POST says or decides something of it. To a manufacturer's person the same, of his party's products alone."""
    if request.method != "POST":
        return _one(request, code, {})
    change_seen(request.actor, code)  # one that the reader does not see is not there
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        said = "This form says nothing that is known."
        raise Invalid("web.form_unknown", said, {"field": "verb"}, "Open the page anew.")
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "changes.unknown":
            raise
        return _one(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("eco", code=code)


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    one = change_seen(request.actor, code)
    actor = request.actor
    open_still = one["state"] not in ("withdrawn",)
    shown = {
        "one": one, "kinds": KINDS, "aspects": ASPECTS, "answers": ANSWERS, "boundaries": BOUNDARIES,
        "may_write": actor.may(rights.CHANGE_WRITE) and open_still and one["set"] is None,
        "may_tick": actor.may(rights.CHANGE_WRITE) and open_still,
        "may_decide": open_still and (bool(one["may_decide_as"]) or actor.party is not None),
        "asked_next": next((each["question"] for each in one["questions"] if each["answer"] is None), ""),
        "may_bound": actor.may(rights.CHANGE_RELEASE) and open_still, **said,
    }  # fmt: skip
    return render(request, "eco.html", shown, status=status)


def _form(request: HttpRequest, *names: str) -> dict:
    return {name: request.POST.get(name, "").strip() for name in names}


def _verb(function, *names: str):
    def act(request: HttpRequest, code: str) -> None:
        function(request.actor, eco=code, **_form(request, *names), request_key=key_of(request))

    return act


def _add(request: HttpRequest, code: str) -> None:
    said = _form(request, "kind", "product", "old", "new", "why")
    subject = _form(request, "subject", "side", "aspect")
    parts = list(subject.values()) if said["kind"] == words_of.PROCESS else [subject["subject"]]
    proposing.add_change(request.actor, eco=code, **said, subject=parts, request_key=key_of(request))


_VERBS = {
    "add": _add, "drop": _verb(proposing.drop_change, "change", "why"),
    "answer": _verb(proposing.answer_question, "question", "answer", "why"),
    "judge": _verb(proposing.judge_substantial, "answer", "why"), "need": _verb(proposing.ask_for, "what"),
    "tick": _verb(proposing.tick, "asked", "why"), "ask": _verb(ask_approval),
    "decide": _verb(deciding.decide, "decision", "role", "why"), "bound": _verb(set_boundary, "kind", "value", "why"),
    "withdraw": _verb(deciding.withdraw_eco, "why"),
}  # fmt: skip
_ASKED = ("product", "revision", "old", "new", "to_revision", "configuration", "to_configuration")


@require_GET
def compare_page(request: HttpRequest) -> HttpResponse:
    """Two BOM versions side by side; without both, the versions to choose from."""
    request.actor.require(rights.RECORD_READ)
    asked = {name: request.GET.get(name, "").strip() for name in _ASKED}
    said, status = {"asked": asked, "known": versions_to_compare(request.actor, asked["product"])}, 200
    if asked["product"] and asked["revision"] and asked["old"] and asked["new"]:
        try:
            found = _compared(request, asked)
            said |= {"found": found, "sections": sections_of(found)}
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said["error"], status = refusal, refusal.http_status
    return render(request, "bom_compare.html", said, status=status)


@require_GET
def compare_paper(request: HttpRequest) -> HttpResponse:
    """The same as PDF."""
    asked = {name: request.GET.get(name, "").strip() for name in _ASKED}
    return download(difference_pdf(_compared(request, asked)), "application/pdf", "bom-difference.pdf")


def _compared(request: HttpRequest, asked: dict) -> dict:
    old = Named(asked["revision"], asked["old"], asked["configuration"])
    new = Named(asked["to_revision"] or asked["revision"], asked["new"], asked["to_configuration"])
    return compared(request.actor, product=asked["product"], old=old, new=new)
