"""Files that a page hands out to be saved: one way for their names, whatever a code or a kept file is called."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header

NAME_CHARACTERS_MAX = 120


def download(content: bytes | str | Iterable, kind: str, name: str) -> HttpResponse | StreamingHttpResponse:
    """A file of this media type to be saved under this name; what comes in pieces is sent so."""
    whole = isinstance(content, bytes | str)
    answer = HttpResponse(content, content_type=kind) if whole else StreamingHttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = saved_as(name)
    return answer


def saved_as(name: str) -> str:
    """The header for a name; what a file system refuses is `_`, and of a long name the end counts: it says the kind."""
    shown = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in name)
    return content_disposition_header(True, shown[-NAME_CHARACTERS_MAX:])
