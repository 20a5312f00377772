"""Notices: where parties are told, the notices of a case, one notice with who gets it and what became of it; and a party's own."""

import csv
import io
from collections.abc import Callable
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access import rights
from asbuilt.answers.cases.handling.seen import case_seen
from asbuilt.answers.cases.telling import own
from asbuilt.answers.cases.telling.actions import acknowledging, bouncing, contacts, holding, queuing, writing
from asbuilt.answers.cases.telling.contacts import contacts_told
from asbuilt.answers.cases.telling.seen import notice_seen, notices_told, preview
from asbuilt.doors.web.cases import LINES
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.ledger import clock

KINDS = {
    "": _("the manufacturers first, where we are not; else who holds the units"),
    "users": _("to who holds the units"),
    "upward": _("to the manufacturers of the products"),
}
LANGUAGES = {"en": "English", "de": "Deutsch", "pl": "Polski", "fr": "Français"}
CHANNELS = {
    "mail": _("mail"), "webhook": _("webhook"), "portal": _("own page"), "other": _("otherwise"), "phone": _("phone"),
    "letter": _("letter"), "visit": _("visit"),
}  # fmt: skip
MEANS = ("phone", "letter", "visit", "other")
STATES = {
    "no_address": _("no address"), "draft": _("draft"), "reviewed": _("reviewed"), "approved": _("approved"), "sent": _("sent"),
    "queued": _("queued"), "accepted": _("taken by the server"), "delivered": _("delivered"), "bounced": _("bounced"),
    "failed": _("failed"), "unknown": _("in doubt, sent again"), "opened": _("opened"), "acknowledged": _("acknowledged"),
    "told": _("told otherwise"),
}  # fmt: skip
FIELDS = {
    "happened": _("What happened"), "measures": _("What users can do now"), "update": _("The update"), "contact": _("Whom to ask"),
}  # fmt: skip
WENT_WELL, WENT_WRONG = ("acknowledged", "told", "opened", "delivered", "accepted"), ("no_address", "bounced", "failed")
_ALL = {**KINDS, **CHANNELS, **STATES, **LINES, **LANGUAGES, **FIELDS}
ROWS_SHOWN = 100
MESSAGES_BYTES_MAX = 16 * 1024**2


@words.filter
def notice_word(said: str) -> str:
    """A word of a notice, as people say it."""
    return _ALL.get(said, said)


@words.filter
def notice_state(one: dict) -> str:
    """The state of a notice; `queued` where it was let go and still waits for some of its parties."""
    waits = any(each["state"] in ("queued", "unknown") for each in one["recipients"])
    return "queued" if one["state"] == "sent" and waits else one["state"]


@words.filter
def standing_chip(state: str) -> str:
    """The class of the chip for how a party stands; a word says the same."""
    return "chip-ok" if state in WENT_WELL else "chip-stop" if state in WENT_WRONG else "chip-warn"


@require_http_methods(["GET", "HEAD", "POST"])
def contacts_page(request: HttpRequest) -> HttpResponse:
    """Every party with how it is told; a POST sets or removes a contact, or erases addresses."""
    said, status = {}, 200
    if request.method == "POST":
        verb = _CONTACT_VERBS.get(request.POST.get("verb", ""))
        if verb is None:
            raise _unknown_form()
        contacts_told(request.actor)
        try:
            verb(request)
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said, status = {"error": refusal, "typed": request.POST}, refusal.http_status
        else:
            return redirect("contacts")
    may = request.actor.may
    shown = {
        "found": contacts_told(request.actor), "spoken": LANGUAGES, "channels": ("mail", "webhook"),
        "may_set": may(rights.CONTACT_SET), "may_erase": may(rights.PERSON_ERASE), **said,
    }  # fmt: skip
    return render(request, "contacts.html", shown, status=status)


def _set(request: HttpRequest) -> None:
    request.actor.require(rights.CONTACT_SET)
    cells = {name: request.POST.get(name, "").strip() for name in ("party", "channel", "address", "language")}
    contacts.set_contact(request.actor, **cells, request_key=key_of(request))


def _remove(request: HttpRequest) -> None:
    request.actor.require(rights.CONTACT_SET)
    cells = {name: request.POST.get(name, "").strip() for name in ("party", "channel", "why")}
    contacts.remove_contact(request.actor, **cells, request_key=key_of(request))


def _erase(request: HttpRequest) -> None:
    request.actor.require(rights.PERSON_ERASE)
    contacts.erase_contacts(request.actor, party=request.POST.get("party", "").strip())


_CONTACT_VERBS: dict[str, Callable[[HttpRequest], None]] = {"set": _set, "remove": _remove, "erase": _erase}


@require_http_methods(["GET", "HEAD", "POST"])
def notices_page(request: HttpRequest, code: str) -> HttpResponse:
    """The notices of a case; a POST drafts one."""
    said, status = {}, 200
    one = case_seen(request.actor, code)  # one that the reader does not see is not there
    if request.method == "POST":
        request.actor.require(rights.NOTICE_WRITE)
        form = request.POST
        try:
            readers = form.get("readers", "").split() or None
            cells = {"kind": form.get("kind", ""), "answer": form.get("answer", ""), "why": form.get("why", "")}
            notice = writing.draft_notice(
                request.actor, case=code, texts=_texts(request), readers=readers, request_key=key_of(request), **cells
            )
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said, status = {"error": refusal, "typed": form}, refusal.http_status
        else:
            return redirect("notice", notice=notice)
    may = request.actor.may
    shown = {
        "one": one, "found": notices_told(request.actor, code), "kinds": KINDS,
        "may_write": may(rights.NOTICE_WRITE), "may_hold": may(rights.NOTICE_SEND), **said,
    }  # fmt: skip
    return render(request, "notices.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def notice_page(request: HttpRequest, notice: str) -> HttpResponse:
    """One notice; a POST does something with it."""
    if request.method != "POST":
        return _one(request, notice, {})
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise _unknown_form()
    notice_seen(request.actor, notice)
    request.actor.require(verb[0])
    try:
        verb[1](request, notice)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _one(request, notice, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("notice", notice=notice)


def _one(request: HttpRequest, notice: str, said: dict, status: int = 200) -> HttpResponse:
    may, found = request.actor.may, notice_seen(request.actor, notice)
    shown = {
        "one": found, "may_write": may(rights.NOTICE_WRITE), "may_send": may(rights.NOTICE_SEND), "means": MEANS,
        "approval": writing.approval_needed(),
        "written": [(language, word, [(field, label, (found["texts"] or {}).get(language, {}).get(field, "")) for field, label in FIELDS.items()])
                    for language, word in {"": _("every language"), **LANGUAGES}.items()],
        **said,
    }  # fmt: skip
    return render(request, "notice.html", shown, status=status)


@require_http_methods(["GET", "HEAD"])
def preview_page(request: HttpRequest, notice: str) -> HttpResponse:
    """The notice as one party will read it."""
    found = preview(request.actor, notice, request.GET.get("customer", "")[:200])
    rows = list(islice(csv.reader(io.StringIO(found["units_csv"])), ROWS_SHOWN + 1))
    return render(request, "notice_preview.html", {"one": found, "rows": rows[1:], "more": found["units_csv"].count("\n") - len(rows)})  # fmt: skip


@require_POST
def reports_form(request: HttpRequest) -> HttpResponse:
    """A message that came back by mail, as it came."""
    request.actor.require(rights.NOTICE_WRITE)
    sent = request.FILES.getlist("file")[:500]
    if sum(file.size for file in sent) > MESSAGES_BYTES_MAX:
        raise Invalid("web.messages_large", f"The files have more than {MESSAGES_BYTES_MAX:,} bytes.", {"field": "file"}, "Send fewer at once.")  # fmt: skip
    bouncing.take_reports(request.actor, (file.read() for file in sent))
    return redirect("contacts")


@require_http_methods(["GET", "HEAD"])
def own_notices_page(request: HttpRequest) -> HttpResponse:
    """Notices of the reader's party."""
    return render(request, "own_notices.html", {"found": own.own_notices(request.actor)})


@require_http_methods(["GET", "HEAD", "POST"])
def own_notice_page(request: HttpRequest, notice: str) -> HttpResponse:
    """One of them; reading it first is recorded, a POST acknowledges it."""
    if request.method == "POST":
        acknowledging.acknowledge_own(request.actor, notice=notice, request_key=key_of(request))
        return redirect("own_notice", notice=notice)
    return render(request, "own_notice.html", {"one": acknowledging.open_own(request.actor, notice=notice)})


@require_http_methods(["GET", "HEAD"])
def own_units(request: HttpRequest, notice: str) -> HttpResponse:
    """The list of the party's own units."""
    return download(own.own_units(request.actor, notice), "text/csv; charset=utf-8", "units.csv")


def _unknown_form() -> Invalid:
    return Invalid(
        "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
    )


def _texts(request: HttpRequest) -> dict:
    """Words of the fields `happened-de` and so on; those for every language end with the dash."""
    found: dict[str, dict[str, str]] = {}
    for language in ("", *LANGUAGES):
        for field in FIELDS:
            if said := request.POST.get(f"{field}-{language}", "").strip():
                found.setdefault(language, {})[field] = said
    return found


def _version(request: HttpRequest) -> int:
    said = request.POST.get("version", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0


def _revise(request: HttpRequest, notice: str) -> None:
    writing.revise_notice(
        request.actor,
        notice=notice,
        texts=_texts(request),
        why=request.POST.get("why", ""),
        request_key=key_of(request),
    )


def _of_version(verb: Callable) -> Callable:
    def act(request: HttpRequest, notice: str) -> None:
        cells = {"version": _version(request), "why": request.POST.get("why", "")}
        verb(request.actor, notice=notice, **cells, request_key=key_of(request))

    return act


def _hold(request: HttpRequest, notice: str) -> None:
    form = request.POST
    until = moment_of(form.get("until", "").strip())
    holding.hold_notice(
        request.actor, notice=notice, readers=form.get("readers", "").split(), until=until, why=form.get("why", ""),
        request_key=key_of(request),
    )  # fmt: skip


def _let_go(request: HttpRequest, notice: str) -> None:
    holding.let_go(request.actor, notice=notice, why=request.POST.get("why", ""), request_key=key_of(request))


def _again(request: HttpRequest, notice: str) -> None:
    cells = {name: request.POST.get(name, "").strip() for name in ("customer", "why")}
    queuing.send_again(request.actor, notice=notice, **cells, request_key=key_of(request))


def _told(request: HttpRequest, notice: str) -> None:
    form, at = request.POST, moment_of(request.POST.get("at", "").strip()) or clock.now()
    cells = {"customer": form.get("customer", "").strip(), "at": at, "why": form.get("why", "")}
    if form.get("means") == "acknowledged":
        acknowledging.record_acknowledgement(request.actor, notice=notice, **cells, request_key=key_of(request))
    else:
        acknowledging.tell_otherwise(
            request.actor, notice=notice, means=form.get("means", ""), **cells, request_key=key_of(request)
        )


_VERBS: dict[str, tuple[str, Callable[[HttpRequest, str], None]]] = {
    "revise": (rights.NOTICE_WRITE, _revise),
    "review": (rights.NOTICE_WRITE, _of_version(writing.review_notice)),
    "approve": (rights.NOTICE_SEND, _of_version(writing.approve_notice)),
    "send": (rights.NOTICE_SEND, _of_version(queuing.send_notice)),
    "hold": (rights.NOTICE_SEND, _hold),
    "let_go": (rights.NOTICE_SEND, _let_go),
    "again": (rights.NOTICE_SEND, _again),
    "told": (rights.NOTICE_WRITE, _told),
}
