"""The entrance: sign in, sign out, the one-time link, the person's own page, theme, language, health."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import sessions
from asbuilt.access.actions import accept_link, issue_token, link_open, revoke_token, sign_in
from asbuilt.access.queries import login_of_person, person_name, tenants, tokens
from asbuilt.doors.web.frame import THEMES, landing
from asbuilt.doors.web.identity import client_address
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid
from asbuilt.ledger import clock
from asbuilt.storage import reading

YEAR_SECONDS = 365 * 86_400
LINK, LINK_COOKIE_SECONDS = "asbuilt_link", 3600


def _way_on(request: HttpRequest, fallback: str) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        return wanted
    return fallback


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Login and password; with several tenants also which one."""
    if request.actor is not None:
        return redirect(_way_on(request, landing(request.actor)))
    companies = tenants()
    said = {"companies": companies, "next": _way_on(request, ""), "login": request.POST.get("login", "")[:120]}
    said["company"] = (
        request.POST.get("company") or request.GET.get("company") or request.COOKIES.get("asbuilt_company", "")
    )
    if len(companies) == 1:
        said["company"] = companies[0].slug
    if request.method == "GET":
        return render(request, "sign_in.html", said)
    try:
        login = sign_in(
            tenant=said["company"],
            login=request.POST.get("login", ""),
            password=request.POST.get("password", ""),
            address=client_address(request),
        )
    except AsbuiltError as refusal:
        page = render(request, "sign_in.html", {**said, "error": refusal}, status=refusal.http_status)
        return page
    response = _enter(request, login)
    if len(companies) > 1:
        _remember(request, response, "asbuilt_company", said["company"])
    return response


def _enter(request: HttpRequest, login) -> HttpResponse:
    from asbuilt.access.identity import actor_of_login

    sessions.begin(request.session, login)
    return redirect(_way_on(request, landing(actor_of_login(login))))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    request.session.flush()
    return redirect("sign_in")


@require_safe
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The address on the link: it moves into a cookie at once, so that no later address or referrer holds it."""
    link_open(secret)
    response = redirect("welcome")
    response.set_signed_cookie(
        LINK,
        secret,
        max_age=LINK_COOKIE_SECONDS,
        path=reverse("welcome"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """What the link is for: name, login, password."""
    secret = request.get_signed_cookie(LINK, "", max_age=LINK_COOKIE_SECONDS)
    link = link_open(secret)
    login = login_of_person(link.tenant, link.person) if link.person is not None else None
    said = {"link": link, "name": person_name(link.tenant, link.person) if link.person is not None else ""}
    said["login"] = login.name if login else ""
    if request.method == "GET":
        return render(request, "welcome.html", said)
    said |= {"name": request.POST.get("name", "")[:200], "login": request.POST.get("login", "")[:120]}
    try:
        if request.POST.get("password") != request.POST.get("again"):
            raise Invalid("web.passwords_differ", _("The two passwords differ."), {"field": "again"})
        actor = accept_link(secret, name=said["name"], login=said["login"], password=request.POST.get("password", ""))
    except (Invalid, Conflict) as refusal:
        field = refusal.facts.get("field", "login" if isinstance(refusal, Conflict) else "")
        return render(request, "welcome.html", {**said, "error": refusal, "wrong": field}, status=refusal.http_status)
    response = _enter(request, login_of_person(actor.tenant, actor.person))
    response.delete_cookie(LINK, path=reverse("welcome"))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def you(request: HttpRequest) -> HttpResponse:
    """The person's own page: roles, tokens, theme, language, sign out."""
    said = {"days": (7, 30, 90, 366)}
    if request.method == "POST":
        days = request.POST.get("days", "")
        _number, said["secret"] = issue_token(
            request.actor,
            name=request.POST.get("name", ""),
            person=request.actor.person,
            days=int(days) if days.isdigit() else 0,
            request_key=key_of(request),
        )
    said["now"] = clock.now()
    said["tokens"] = [token for token in tokens(request.actor) if token.person == request.actor.person]
    return render(request, "you.html", said)


@require_POST
def revoke(request: HttpRequest, number: int) -> HttpResponse:
    """Revoke a token and go back to where its list stands."""
    revoke_token(request.actor, number=number, request_key=key_of(request))
    return redirect(_way_on(request, reverse("you")))


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or as the system says; letter keys on or off."""
    response = redirect(_way_on(request, "/"))
    if "theme" in request.POST:
        wanted = request.POST["theme"]
        _remember(request, response, "asbuilt_theme", wanted if wanted in THEMES else "")
        _remember(request, response, "asbuilt_keys", "" if request.POST.get("keys") == "on" else "off")
    return response


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    if value:
        response.set_cookie(name, value, YEAR_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax")
    else:
        response.delete_cookie(name)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the process answers and the database reads; says nothing else."""
    reading.fetch_one("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")
