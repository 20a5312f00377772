"""What answers look like: the parts that several addresses share. Instants are RFC 3339 in UTC, hashes hex."""

from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from asbuilt.kernel.instants import format_instant

Certainty = Literal["certain", "possible", "unrecorded"]


class Shape(Schema):
    """Base of every answer. What a room adds later is passed on and named in the next description."""

    model_config = ConfigDict(extra="allow")


class Refusal(Shape):
    """One wrong row or part of a request."""

    code: str = Field(description="`room.reason`; never changes.")
    file: str = Field(description="The file, or which part of the request.")
    line: int | None = Field(description="Line of the file; the header is line 1.")
    column: str | None = Field(description="Column of the file, or name of the part.")
    value: str = Field(description="What stood there, at most 80 characters.")
    reason: str = Field(description="Why it is wrong.")
    remedy: str = Field(description="What to do.")


class Problem(Shape):
    """A refusal, RFC 9457."""

    type: str = Field(description="Address that names the code.")
    title: str = Field(description="The kind of refusal.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What and where, in one sentence.")
    code: str = Field(description="`room.reason`; never changes; explained in docs/reference/errors.md.")
    facts: dict = Field(description="What a program may want to read.")
    remedy: str = Field(description="What to do.")
    errors: list[Refusal] = Field(description="Wrong rows or parts, the first 200.")
    instance: str = Field(description="The request, as in the header X-Request-ID.")


class AlreadyRecorded(Shape):
    """The same `Idempotency-Key` was recorded before with the same content; nothing was done again."""

    already_recorded: Literal[True] = Field(description="Always true here.")
    entry: int = Field(description="The entry of the log that recorded it.")


class Done(Shape):
    """A change without anything to show."""

    done: Literal[True] = Field(True, description="Always true; a refusal is a problem.")


def instant(microseconds: int | None) -> str | None:
    """An instant as the API writes it."""
    return None if microseconds is None else format_instant(microseconds)
