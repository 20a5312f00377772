"""Refusals as pages: code, sentence, remedy, request id; for programs the same as problem+json (RFC 9457).

Not found and not allowed look the same to a stranger: a party's reader, or one who has no right at all. What nobody
foresaw is logged with its request id; the page shows that id and nothing else.
"""

import logging

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from asbuilt.kernel.errors import AsbuiltError, NotAllowed, NotFound
from asbuilt.ledger.recording import AlreadyRecorded

ROWS_SHOWN = 200
OWN_WORDS = ("web.form_expired",)  # says nothing about what exists
_log = logging.getLogger(__name__)


class Problems:
    """Innermost middleware: an exception of a view becomes an answer."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        """AsbuiltError and a repeated request become pages; the rest goes to Django, which calls `broken`."""
        if isinstance(error, AsbuiltError):
            return respond(request, error)
        if isinstance(error, AlreadyRecorded):
            return _repeated(request, error.number)
        return None


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: it takes JSON and no page."""
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def respond(request: HttpRequest, error: AsbuiltError) -> HttpResponse:
    """The answer that a refusal gets."""
    if isinstance(error, NotAllowed) and error.code not in OWN_WORDS and _stranger(request):
        error = NotFound("web.not_found", _("Nothing here under this code for you."))
    if error.http_status >= 500:
        _log.error("request %s: %s %s", _id(request), error.code, error.message)
    if wants_json(request):
        problem = error.as_problem(f"/requests/{_id(request)}")
        return JsonResponse(problem, status=error.http_status, content_type="application/problem+json")
    if isinstance(error, NotFound) and error.code == "web.not_found":
        return _page(request, "not_found.html", error)
    return _page(request, "problem.html", error)


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    """No such page, or nothing there for this reader."""
    return respond(request, NotFound("web.not_found", _("Nothing here under this code for you.")))


def not_allowed(request: HttpRequest, exception=None) -> HttpResponse:
    """Django's own refusals."""
    return respond(request, NotAllowed("web.not_allowed", _("This request was refused.")))


def forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its secret: sent from elsewhere, or from a page of an older session."""
    remedy = _("Go back, load the page again, and send the form again.")
    return respond(request, NotAllowed("web.form_expired", _("This form is no longer valid."), remedy=remedy))


def bad_request(request: HttpRequest, exception=None) -> HttpResponse:
    """A request that breaks a limit or is no proper request."""
    if isinstance(exception, DisallowedHost):
        said = _("These pages do not answer to this name.")
        error = AsbuiltError("web.host_unknown", said, remedy=_("An administrator adds it to ASBUILT_HOSTS."))
        error.http_status = 400
        return respond(request, error)
    error = AsbuiltError("web.bad_request", _("This request breaks a limit."), remedy=_("Send less at once."))
    error.http_status = 400
    return respond(request, error)


def broken(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw."""
    _log.error("request %s broke", _id(request))
    error = AsbuiltError("web.broken", _("Something broke on our side. Nothing was recorded."))
    error.remedy = _("Tell support: request %(id)s.") % {"id": _id(request)}
    return respond(request, error)


def _repeated(request: HttpRequest, entry: int) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"already_recorded": True, "entry": entry})
    return render(request, "recorded.html", {"entry": entry})


def _page(request: HttpRequest, template: str, error: AsbuiltError) -> HttpResponse:
    rows = getattr(error, "rows", ())[:ROWS_SHOWN]
    page = render(request, template, {"error": error, "rows": rows, "total": getattr(error, "total", 0)})
    page.status_code = error.http_status
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds:
        page["Retry-After"] = str(seconds)
    return page


def _stranger(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return actor is None or actor.party is not None or actor.sees_nothing


def _id(request: HttpRequest) -> str:
    return getattr(request, "id", "")
