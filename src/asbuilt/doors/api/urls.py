"""Addresses of the API. Whatever lies below /api/ and is none of them is the same problem, to everybody."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import etag

from asbuilt.doors.api import errors, problems
from asbuilt.doors.api.document import PREFIX, api, text

ROOT = PREFIX.lstrip("/")


def _entity(request: HttpRequest) -> str:
    from hashlib import sha256

    return f'"{sha256(text().encode()).hexdigest()[:32]}"'


@csrf_exempt
@etag(_entity)
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API; it holds nothing of anybody's record, so everybody may read it."""
    if request.method not in ("GET", "HEAD"):
        return problems.respond(request, errors.method_unknown(request.method, ["GET"]))
    return HttpResponse(text(), content_type="application/json")


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    """No such address."""
    return problems.nothing_there(request)


def _as_problem(view: Callable) -> Callable:
    """What ninja answers or raises outside of its handlers, in the one form of refusals."""

    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except Exception as error:
            return problems.broken(request, error)
        if isinstance(answer, HttpResponseNotAllowed):
            allowed = answer["Allow"]
            answer = problems.respond(request, errors.method_unknown(request.method, allowed.split(", ")))
            answer["Allow"] = allowed
        return answer

    answered.csrf_exempt = True  # sessions are checked by `caller`
    answered.view = view
    return answered


def _patterns() -> list[URLPattern]:
    found = [pattern for pattern in api.urls[0] if pattern.name != "api-root"]
    for pattern in found:
        pattern.callback = _as_problem(pattern.callback)
    return found


_described = path(ROOT + "openapi.json", openapi, name="openapi")
urlpatterns = [
    _described,
    path(ROOT, ((_patterns()), "ninja", "api")),
    re_path("^api/", unknown, name="api_unknown"),
]
