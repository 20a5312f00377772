"""Who asks: the session's person becomes `request.actor`; without one, only the entrance is open.

The check comes before addresses are looked up, so that a stranger cannot tell which pages exist. The API has its own
door and its own check (tokens), so its addresses pass here without an actor.
"""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from asbuilt.access import sessions
from asbuilt.access.identity import actor_of_login
from asbuilt.access.queries import person_name, tenant_of_number
from asbuilt.doors.web import problems
from asbuilt.kernel.errors import NotSignedIn

OPEN = ("/static/", "/sign-in/", "/welcome/", "/health/", "/theme/", "/language/", "/api/", "/favicon.ico")
# for everybody, on hosts that are set: who asks is not even looked up
PUBLIC = ("/.well-known/", "/advisories/", "/vulnerability-policy/", "/report-vulnerability/", "/report-status/")


class Identity:
    """Sets `request.actor`, `request.tenant`, `request.person_name`; asks strangers to sign in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = request.tenant = None
        request.person_name = ""
        login = None if request.path.startswith(("/static/", "/api/", *PUBLIC)) else sessions.login_of(request.session)
        if login is not None:
            request.actor = actor_of_login(login)
            request.tenant = tenant_of_number(login.tenant)
            request.person_name = person_name(login.tenant, login.person)
            with timezone.override(ZoneInfo(request.tenant.time_zone)):
                return self.get_response(request)
        if request.path.startswith((*OPEN, *PUBLIC)):
            return self.get_response(request)
        return ask_to_sign_in(request)


def ask_to_sign_in(request: HttpRequest):
    """The way to the sign-in page and back; for programs the problem."""
    if request.method in ("GET", "HEAD") and not problems.wants_json(request) and "HX-Request" not in request.headers:
        there = "" if request.get_full_path() == "/" else "?" + urlencode({"next": request.get_full_path()})
        return redirect(reverse("sign_in") + there)
    refusal = NotSignedIn("web.not_signed_in", _("You are not signed in."), remedy=_("Sign in, then send this again."))
    return problems.respond(request, refusal)


def client_address(request: HttpRequest) -> str:
    """Where the request came from; behind a proxy that is set, what the proxy says."""
    from django.conf import settings

    if settings.BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or request.META["REMOTE_ADDR"]
    return request.META.get("REMOTE_ADDR", "")
