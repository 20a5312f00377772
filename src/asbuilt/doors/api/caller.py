"""Who asks: a bearer token, or the signed-in session of a page with its form secret. Everything else is refused.

The check comes before the request is read, so that nobody without the right can send a large file; rooms check again.
"""

from django.conf import settings
from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from asbuilt.access import sessions
from asbuilt.access.actor import Actor
from asbuilt.access.identity import actor_of_login, actor_of_token
from asbuilt.doors.api import errors
from asbuilt.doors.api.bodies import refuse_nul
from asbuilt.doors.api.limits import RATES, limit

SAFE = ("GET", "HEAD", "OPTIONS")


class Caller(AuthBase):
    """Sets `request.actor`. With `right`, who lacks it is refused before the body is read."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, right: str | None = None, body_bytes_max: str = "API_BODY_BYTES_MAX"):
        super().__init__()
        self.right, self.body_bytes_max = right, body_bytes_max

    def __call__(self, request: HttpRequest) -> Actor:
        actor = request.actor = _actor(request)
        slow_down(f"{actor.tenant}/{actor.label}")
        refuse_large(request, limit(self.body_bytes_max))
        refuse_nul("address", request.path)
        if self.right is not None:
            actor.require(self.right)
        return actor


def needs(right: str, body_bytes_max: str = "API_BODY_BYTES_MAX") -> Caller:
    """The check of an address that asks for a right."""
    return Caller(right, body_bytes_max)


def _actor(request: HttpRequest) -> Actor:
    said = request.headers.get("Authorization")
    if said is not None:
        scheme, _, secret = said.partition(" ")
        if scheme.lower() == "bearer":
            try:
                return actor_of_token(secret.strip())
            except errors.NotSignedIn:
                slow_down(f"address/{address_of(request)}")
                raise
        raise errors.not_signed_in()
    login = sessions.login_of(request.session)
    if login is None:
        slow_down(f"address/{address_of(request)}")
        raise errors.not_signed_in()
    if request.method not in SAFE and check_csrf(request) is not None:
        raise errors.forged()
    return actor_of_login(login)


def slow_down(subject: str) -> None:
    """Take one request of this subject; 429 where none is left in this minute."""
    seconds = RATES.take(subject, limit("API_REQUESTS_PER_MINUTE"))
    if seconds:
        raise errors.too_many(seconds)


def refuse_large(request: HttpRequest, bytes_max: int) -> None:
    """413 where the body says that it is larger."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > bytes_max:
        raise errors.too_large(bytes_max)


def address_of(request: HttpRequest) -> str:
    """The address that the request came from."""
    if getattr(settings, "BEHIND_PROXY", False):
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")
