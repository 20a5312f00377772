"""`Idempotency-Key` of writes: the same key with the same content gives the same answer, with other content a Conflict.

The key is kept under the name of who sent it, so that callers cannot take or guess each other's.
"""

from typing import Annotated

from django.http import HttpRequest
from ninja import Header

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=120,
        pattern="^[!-~]+$",
        description="Makes sending this request again safe: up to 120 visible ASCII characters, new for each change.",
    ),
]


def request_key(request: HttpRequest, key: str | None) -> str | None:
    """The request key that the room's verb gets."""
    return None if key is None else f"{request.actor.label}/{key}"
