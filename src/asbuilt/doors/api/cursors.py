"""Pages of lists: `next` is given back as `cursor`; what it says is ours to change."""

import base64
import binascii
from typing import Annotated

from ninja import Query

from asbuilt.doors.api import errors
from asbuilt.doors.api.limits import DEFAULTS, limit

NUMBER_MAX = 2**31 - 1
_SPLIT = 10**9  # an instant is two numbers of a cursor
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before; without it, the first.")]
PageSize = Annotated[int, Query(ge=1, le=DEFAULTS["API_PAGE_MAX"], description="Rows of this page at most.")]
PAGE = 50
PAGE_MAX = DEFAULTS["API_PAGE_MAX"]


def cursor_of(*numbers: int) -> str:
    """The cursor that stands for these numbers."""
    return base64.urlsafe_b64encode("/".join(map(str, numbers)).encode()).decode().rstrip("=")


def numbers_of(cursor: str | None, count: int = 1) -> tuple[int, ...] | None:
    """The numbers of a cursor, None without one; Invalid for anything that `cursor_of` did not make."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    parts = text.split("/")
    if len(parts) != count or not all(part.isdecimal() and len(part) <= 10 for part in parts):
        raise _wrong(cursor)
    numbers = tuple(map(int, parts))
    if max(numbers) > NUMBER_MAX:
        raise _wrong(cursor)
    return numbers


def place_of(cursor: str | None, *, more: int = 1) -> tuple[int, ...] | None:
    """(instant, numbers) of a cursor that `place_cursor` made; None without one."""
    numbers = numbers_of(cursor, 2 + more)
    return None if numbers is None else (numbers[0] * _SPLIT + numbers[1], *numbers[2:])


def place_cursor(place: tuple[int, ...] | None) -> str | None:
    """The cursor of a place in a list by time: an instant (UTC microseconds), and the numbers that tell what stands there apart."""
    return None if place is None else cursor_of(*divmod(place[0], _SPLIT), *place[1:])


def page_size(wanted: int) -> int:
    """How many rows this page has at most."""
    return min(wanted, limit("API_PAGE_MAX"))


def _wrong(cursor: str) -> Exception:
    return errors.field_wrong("cursor", "is not one of ours", "Give back `next` as it came.", cursor)
