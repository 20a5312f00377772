"""Frozen answers: kept word for word with the question and the log's head. The twin of the proof panel of the page Ask."""

import json
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status
from pydantic import Field

from asbuilt.access.rights import ANSWER_FREEZE
from asbuilt.answers.register.actions import answer_document, freeze_answer
from asbuilt.answers.register.queries import frozen_answer, frozen_answers
from asbuilt.doors.api.asking import AS_OF, QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cursors import PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape, instant

DSSE_JSON = "application/vnd.dsse+json"
router = Router(tags=["Answers"], auth=Caller())
Ulid = Annotated[str, Path(min_length=26, max_length=26, description="The ULID of the frozen answer.")]


class Freeze(Shape):
    """What to ask and keep."""

    question: str = Field(max_length=QUESTION_CHARACTERS_MAX, description="In the question language.")
    as_of: str | None = Field(None, max_length=40, description=AS_OF)
    supersedes: str | None = Field(None, max_length=26, description="ULID of the older answer that this one replaces.")


class FrozenShape(Shape):
    """A frozen answer without its body."""

    ulid: str = Field(description="Names the answer.")
    question: str = Field(description="What was asked.")
    sha256: str = Field(description="Of the answer's RFC 8785 bytes, hex.")
    frozen_at: str = Field(description="When.")
    entry: int = Field(description="The entry of the log that recorded it.")
    overtaken_by: int | None = Field(description="The entry since which the record says otherwise; null: it stands.")


class FrozenWhole(FrozenShape):
    """A frozen answer with its body."""

    answer: dict = Field(description="The answer as it was, every serial number in it.")


class FrozenPage(Shape):
    """Frozen answers, newest first."""

    answers: list[FrozenShape] = Field(description="This page.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


@router.post(
    "/answers",
    response={201: FrozenWhole},
    auth=needs(ANSWER_FREEZE),
    operation_id="freeze_answer",
    summary="Freeze an answer",
)
def freeze(request: HttpRequest, asked: Freeze, idempotency_key: IdempotencyKey = None):
    """Ask now and keep the answer with every serial number; it is never recomputed."""
    frozen = freeze_answer(
        request.actor,
        asked.question,
        as_of=asked.as_of,
        supersedes=asked.supersedes,
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, _whole(frozen))


@router.get("/answers", response=FrozenPage, operation_id="list_answers", summary="List frozen answers")
def list_answers(request: HttpRequest, cursor: Cursor = None, limit: PageSize = PAGE):
    """The newest first."""
    before, size = numbers_of(cursor), min(page_size(limit), 99)
    found = frozen_answers(request.actor, before=before[0] if before else None, limit=size + 1)
    more = len(found) > size
    return {
        "answers": [_said(one) for one in found[:size]],
        "next": cursor_of(found[size - 1].number) if more else None,
    }


@router.get("/answers/{ulid}", response=FrozenWhole, operation_id="get_answer", summary="One frozen answer")
def one_answer(request: HttpRequest, ulid: Ulid):
    """The answer as it was frozen."""
    return _whole(frozen_answer(request.actor, ulid))


@router.get("/answers/{ulid}/document", operation_id="get_answer_document", summary="A frozen answer, signed")
def document(request: HttpRequest, ulid: Ulid):
    """A DSSE envelope that `asbuilt verify FILE` checks without a database."""
    frozen_answer(request.actor, ulid)
    answer = HttpResponse(answer_document(request.actor, ulid), content_type=DSSE_JSON)
    answer["Content-Disposition"] = f'attachment; filename="answer-{ulid}.json"'
    return answer


def _said(frozen) -> dict:
    return {
        "ulid": frozen.ulid,
        "question": frozen.question,
        "sha256": bytes(frozen.sha256).hex(),
        "frozen_at": instant(frozen.frozen_at),
        "entry": frozen.entry,
        "overtaken_by": frozen.overtaken_by,
    }


def _whole(frozen) -> dict:
    return {**_said(frozen), "answer": json.loads(frozen.answer)}
