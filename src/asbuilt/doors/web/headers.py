"""Each request gets an id, each answer the headers that keep browsers strict."""

import os

from django.conf import settings

from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger import clock

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class RequestHeaders:
    """Outermost middleware: `request.id` (a ULID) and the security headers, on errors too."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = new_ulid(clock.now(), os.urandom(10))
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response["X-Request-ID"] = request.id
        if not request.path.startswith(settings.STATIC_URL):
            # a page shows what this person may see now; no cache keeps it for the next one
            response.headers.setdefault("Cache-Control", "no-store")
        return response
