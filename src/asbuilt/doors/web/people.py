"""People: who may enter, with which roles. For administrators; the verbs are access's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import actions, queries
from asbuilt.access.rights import PEOPLE_MANAGE, PERSON_ERASE, PERSON_ROLES, PROGRAM_ROLES, SETTINGS_MANAGE
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.doors.web.posted import key_of
from asbuilt.formats.marks import Content, matrix_of, path_of
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotFound
from asbuilt.ledger import clock

PAGE = 100


def _lists(request: HttpRequest) -> dict:
    after = request.GET.get("after", "")
    rows = queries.people(request.actor, after=int(after) if after.isdecimal() else 0, limit=PAGE + 1)
    parties = party_names(request.actor.tenant)
    return {
        "people": [(row, parties.get(row.party, "")) for row in rows[:PAGE]],
        "next_after": rows[PAGE - 1].number if len(rows) > PAGE else None,
        "roles": PERSON_ROLES,
        "program_roles": PROGRAM_ROLES,
        "parties": sorted(parties.items(), key=lambda party: party[1]),
        "tokens": [token for token in queries.tokens(request.actor) if token.person is None],
        "now": clock.now(),
        "days": (7, 30, 90, 366),
        "may_set": request.actor.may(SETTINGS_MANAGE),
        "operator_questions": request.tenant.operator_questions,
        "time_zones": actions.time_zones() if request.actor.may(SETTINGS_MANAGE) else (),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def people_page(request: HttpRequest) -> HttpResponse:
    """The list, and the invitation of a new person; the link of the new one is shown once."""
    request.actor.require(PEOPLE_MANAGE)
    said: dict = {}
    status = 200
    if request.method == "POST":
        said["typed"] = {"name": request.POST.get("name", "")[:200], "code": request.POST.get("code", "")[:120]}
        said["chosen"] = request.POST.getlist("roles")
        try:
            _number, secret = actions.invite(
                request.actor,
                name=request.POST.get("name", ""),
                roles=said["chosen"],
                party=_party(request),
                code=request.POST.get("code", "").strip() or None,
                request_key=key_of(request),
            )
            said |= {"link": _address_of(request, secret), "link_for": said.pop("typed")["name"], "chosen": []}
        except (Invalid, Conflict) as refusal:
            said, status = {**said, "error": refusal, "wrong": _field(refusal)}, refusal.http_status
    return render(request, "people.html", {**_lists(request), **said}, status=status)


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """A token for a station or a machine; the secret is shown once."""
    request.actor.require(PEOPLE_MANAGE)
    days = request.POST.get("days", "")
    _number, secret = actions.issue_token(
        request.actor,
        name=request.POST.get("name", ""),
        roles=request.POST.getlist("role"),
        days=int(days) if days.isdecimal() else 0,
        request_key=key_of(request),
    )
    return render(request, "people.html", {**_lists(request), "secret": secret})


@require_POST
def settings(request: HttpRequest) -> HttpResponse:
    """Questions by operator: on or off from now on."""
    key = key_of(request)
    actions.set_operator_questions(request.actor, on=request.POST.get("operator_questions") == "on", request_key=key)
    return redirect("people")


@require_POST
def time_zone(request: HttpRequest) -> HttpResponse:
    """The zone in which a day is a day from now on."""
    try:
        actions.set_time_zone(request.actor, zone=request.POST.get("time_zone", ""), request_key=key_of(request))
    except Invalid as refusal:
        said = {"error": refusal, "wrong": _field(refusal)}
        return render(request, "people.html", {**_lists(request), **said}, status=refusal.http_status)
    return redirect("people")


@require_safe
def person_page(request: HttpRequest, person: int, **said) -> HttpResponse:
    """One person: roles, login, link, badge, erasure."""
    return _person(request, person, {})


def _person(request: HttpRequest, person: int, said: dict, status: int = 200) -> HttpResponse:
    rows = queries.people(request.actor, after=person - 1, limit=1)
    if not rows or rows[0].number != person:
        raise NotFound("web.not_found", _("Nothing here under this code for you."))
    parties = party_names(request.actor.tenant)
    said = {
        "row": rows[0],
        "roles": PERSON_ROLES,
        "parties": sorted(parties.items(), key=lambda party: party[1]),
        "may_erase": request.actor.may(PERSON_ERASE),
        **said,
    }
    return render(request, "person.html", said, status=status)


@require_POST
def person_change(request: HttpRequest, person: int) -> HttpResponse:
    """One of the person's verbs: roles, link, badge, mail, close, open, erase. What is refused stands on the same page."""
    verb, key = request.POST.get("verb", ""), key_of(request)
    request.actor.require(PERSON_ERASE if verb == "erase" else PEOPLE_MANAGE)
    try:
        if verb == "link":
            secret = actions.renew_link(request.actor, person=person, request_key=key)
            return _person(request, person, {"link": _address_of(request, secret)})
        if verb == "badge":
            badge = actions.issue_badge(request.actor, person=person, request_key=key)
            symbol = matrix_of(Content(badge))
            return _person(request, person, {"badge": badge, "symbol": {"size": len(symbol), "path": path_of(symbol)}})
        if verb == "badge_revoke":
            actions.revoke_badge(request.actor, person=person, request_key=key)
        elif verb == "roles":
            roles = request.POST.getlist("roles")
            actions.give_roles(request.actor, person=person, roles=roles, party=_party(request), request_key=key)
        elif verb == "mail":
            actions.set_mail(request.actor, person=person, address=request.POST.get("mail", ""), request_key=key)
        elif verb in ("close", "open"):
            act = actions.close_login if verb == "close" else actions.open_login
            act(request.actor, person=person, request_key=key)
        elif verb == "erase":
            _refuse_untyped(request, person)
            actions.erase_person(request.actor, person=person, request_key=key)
        else:
            raise Invalid(
                "web.verb_unknown",
                _("There is no such step here."),
                {"verb": verb[:40]},
                _("Use the buttons of the page."),
            )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotFound):
            raise
        return _person(request, person, {"error": refusal}, refusal.http_status)
    return redirect("person", person=person)


def _refuse_untyped(request: HttpRequest, person: int) -> None:
    if request.POST.get("typed", "").strip() != str(person):
        raise Invalid(
            "web.number_not_typed",
            _("Nothing was erased: the number of the person was not typed."),
            {"field": "typed"},
            _("Type %(n)s into the field beside the button.") % {"n": person},
        )


def _party(request: HttpRequest) -> int | None:
    wanted = request.POST.get("party", "")
    if not wanted:
        return None
    if not wanted.isdecimal() or int(wanted) not in party_names(request.actor.tenant):
        raise Invalid(
            "web.party_unknown", _("There is no such party."), {"field": "party"}, _("Choose one of the list.")
        )
    return int(wanted)


def _address_of(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(reverse("open_link", args=[secret]))


def _field(refusal: AsbuiltError) -> str:
    return str(refusal.facts.get("field", "code" if isinstance(refusal, Conflict) else "roles"))
