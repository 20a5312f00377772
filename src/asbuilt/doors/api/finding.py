"""The find box and the completion of questions, for programs; both on what the caller may see."""

from typing import Annotated
from urllib.parse import quote

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.genealogy.answering.completion import complete
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.seen.finding import Hit, find, near

CODE_CHARACTERS_MAX = 400
TEXT_CHARACTERS_MAX = 10_000
PAGES = ("unit", "lot", "package", "order")  # the others are questions
router = Router(tags=["Find"], auth=Caller())


class HitShape(Shape):
    """One thing that has the code."""

    kind: str = Field(description="unit, lot, package, order, panel or shipment.")
    code: str = Field(description="How it is written.")
    label: str = Field(description="What tells it apart from others of the same code.")
    address: str = Field(description="Where its record stands, below /api/v1/.")


class Found(Shape):
    """Everything that has the code."""

    hits: list[HitShape] = Field(description="At most 50. A code that nothing has is 404 with the nearest codes.")


class SuggestionShape(Shape):
    """What may be typed next."""

    text: str = Field(description="Takes the place of characters start to end of the question.")
    hint: str = Field(description="What it is.")
    start: int = Field(description="From this character, counted from 0.")
    end: int = Field(description="Up to this character.")
    more: bool = Field(description="Whether a value follows it.")


class Suggestions(Shape):
    """Completions, the nearest beginnings first."""

    suggestions: list[SuggestionShape] = Field(description="At most 12 values, or 40 terms.")


Code = Annotated[str, Query(min_length=1, max_length=CODE_CHARACTERS_MAX, description="Any scanned or typed code.")]
Text = Annotated[str, Query(max_length=TEXT_CHARACTERS_MAX, description="The question so far.")]
Place = Annotated[int, Query(ge=0, le=TEXT_CHARACTERS_MAX, description="Characters before the cursor.")]


@router.get("/find", response=Found, operation_id="find", summary="What has this code")
def find_code(request: HttpRequest, code: Code):
    """Units, lots, packages, orders, panels and shipments of this code."""
    hits = find(request.actor, code)
    if not hits:
        raise errors.code_unknown(code, near(request.actor, code))
    return {"hits": [_said(hit) for hit in hits]}


@router.get("/complete", response=Suggestions, operation_id="complete_question", summary="Complete a question")
def complete_question(request: HttpRequest, text: Text, cursor: Place):
    """Terms and values that may stand at the cursor."""
    found = complete(request.actor, text, min(cursor, len(text)))
    names = ("text", "start", "end", "more")
    return {"suggestions": [{**{name: getattr(one, name) for name in names}, "hint": str(one.hint)} for one in found]}


def _said(hit: Hit) -> dict:
    code = str(hit.url_args["code"])
    page = (
        f"{hit.kind}s/{quote(code, safe='')}"
        if hit.kind in PAGES
        else f"ask?question={quote(written(hit.kind, code), safe='')}"
    )
    return {"kind": hit.kind, "code": hit.code, "label": hit.label, "address": page}
