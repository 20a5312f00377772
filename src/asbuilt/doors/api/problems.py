"""Refusals as problem+json (RFC 9457): type, title, status, detail, code, facts, remedy, errors, instance.

Not found and not allowed look the same to a stranger: a party's reader, or one who has no right at all. What nobody
foresaw is logged with its request id; the answer shows that id and nothing else.
"""

import json
import logging

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import HttpError, ValidationError

from asbuilt.doors.api import errors
from asbuilt.doors.api.limits import limit
from asbuilt.kernel.errors import AsbuiltError, NotAllowed, NotSignedIn, RowError
from asbuilt.ledger.recording import AlreadyRecorded

PROBLEM_JSON = "application/problem+json"
ERRORS_SHOWN = 200
OWN_WORDS = ("api.form_secret",)  # says nothing about what exists
_log = logging.getLogger(__name__)


def respond(request: HttpRequest, error: AsbuiltError) -> HttpResponse:
    """The answer that a refusal gets."""
    if isinstance(error, NotAllowed) and error.code not in OWN_WORDS and _stranger(request):
        error = errors.not_found()
    if error.http_status >= 500 and error.http_status != 503:
        _log.error("request %s: %s %s", request_id(request), error.code, error.message)
    problem = error.as_problem(f"/requests/{request_id(request)}")
    body = json.dumps(problem, cls=DjangoJSONEncoder)
    answer = HttpResponse(body, status=error.http_status, content_type=PROBLEM_JSON)
    seconds = getattr(error, "retry_after_seconds", None)
    if seconds:
        answer["Retry-After"] = str(seconds)
    if isinstance(error, NotSignedIn):
        answer["WWW-Authenticate"] = 'Bearer realm="asbuilt"'
    return answer


def request_id(request: HttpRequest) -> str:
    """The id that the request got when it came in."""
    return getattr(request, "id", "")


def refused(request: HttpRequest, error: AsbuiltError) -> HttpResponse:
    """A room refused."""
    return respond(request, error)


def repeated(request: HttpRequest, known: AlreadyRecorded) -> HttpResponse:
    """The same request was recorded before: nothing was done, and secrets are shown once only."""
    return JsonResponse({"already_recorded": True, "entry": known.number})


def fields_wrong(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Parts of the request do not fit its description."""
    rows = []
    for wrong in error.errors[:ERRORS_SHOWN]:
        where = [str(part) for part in wrong["loc"]]
        reason = wrong["msg"][:1].lower() + wrong["msg"][1:]
        rows.append(RowError("api.fields_wrong", where[0], None, ".".join(where[1:]) or where[0], "", reason))
    return respond(request, errors.fields_wrong(rows, len(error.errors)))


def not_proper(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja could not read; a body that our own parser refused keeps its words."""
    if isinstance(error.__cause__, AsbuiltError):
        return respond(request, error.__cause__)
    if isinstance(error.__cause__, RequestDataTooBig):
        return respond(request, errors.too_large(limit("API_BODY_BYTES_MAX")))
    return respond(request, errors.bad_request(f"{error}."))


def suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """The request breaks a limit of the framework."""
    if isinstance(error, RequestDataTooBig):
        return respond(request, errors.too_large(limit("API_BODY_BYTES_MAX")))
    return respond(request, errors.bad_request("This request breaks a limit."))


def nothing_there(request: HttpRequest, error: Exception | None = None) -> HttpResponse:
    """No such address."""
    return respond(request, errors.not_found())


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """What nobody foresaw."""
    _log.error("request %s broke", request_id(request), exc_info=error)
    return respond(request, errors.broken(request_id(request)))


HANDLERS = {
    AsbuiltError: refused,
    AlreadyRecorded: repeated,
    ValidationError: fields_wrong,
    HttpError: not_proper,
    SuspiciousOperation: suspicious,
    Http404: nothing_there,
    Exception: broken,
}


def _stranger(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return actor is None or actor.party is not None or actor.sees_nothing
