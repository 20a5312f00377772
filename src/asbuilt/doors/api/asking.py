"""Ask: which units, which customers. The twin of the page Ask; the JSON is that of `asbuilt ask --format json`."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.cursors import PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.limits import limit
from asbuilt.doors.api.shapes import Certainty, Shape
from asbuilt.questions.genealogy.answering.answers import Answer, ask
from asbuilt.questions.genealogy.answering.customers_alone import customers
from asbuilt.questions.genealogy.answering.serials import serials_of

QUESTION_CHARACTERS_MAX = 100_000
AS_OF = (
    "As known at this day (its end, in the tenant's time zone) or instant: 2027-03-15, 2027-03-15T08:00:00Z. A party's reader sees units that were "
    "its party's by then and are by what is known today: what was recorded for it by mistake is not shown again."
)
router = Router(tags=["Ask"], auth=Caller())


class Counts(Shape):
    """The three numbers. A unit counts once, under its grade."""

    certain: int = Field(description="Units of which the record is sure.")
    possible: int = Field(description="Units that may be concerned: grey zones of splices, overlapping runs.")
    unrecorded: int = Field(description="Units of which the record says nothing: neither concerned nor excluded.")


class Checkpoint(Shape):
    """The head of the log that the answer was read under."""

    size: int = Field(description="Entries of the log.")
    root: str = Field(description="Root of the Merkle tree, hex.")


class NamedUnit(Shape):
    """A unit by its name."""

    serial: str = Field(description="Serial number now, ORDER#n where the unit has none.")
    certainty: Certainty = Field(description="How sure.")


class AnswerShape(Shape):
    """An answer, as the page and the command give it."""

    question: str = Field(description="The question as it was asked.")
    as_of: str | None = Field(description="As known when; null: now.")
    affected: Counts = Field(description="The units that the terms speak of.")
    finished: Counts = Field(description="The outermost units that contain them: what a customer holds.")
    by: dict[str, list[dict]] = Field(
        description="customer and state count finished units; owner, order and firmware count affected ones. A row names "
        "its key (null: not shipped, unknown) and the three numbers."
    )
    spans: list[tuple[int, int, Certainty]] = Field(description="Half-open spans of unit numbers with their grade.")
    gaps: list[str] = Field(description="What the record does not know about these units.")
    notes: list[str] = Field(description="What the question could mean besides, and narrower forms.")
    checkpoint: Checkpoint = Field(description="What it was read under.")
    elapsed_ms: float = Field(description="Milliseconds inside the process.")
    serials: list[NamedUnit] = Field([], description="All affected units in axis order, where asked for.")


class Asked(Shape):
    """A question."""

    question: str = Field(max_length=QUESTION_CHARACTERS_MAX, description="In the question language.")
    as_of: str | None = Field(None, max_length=40, description=AS_OF)
    serials: bool = Field(False, description="List the affected units too, up to 100,000.")


class SerialsPage(Shape):
    """Affected units, a page of them. The record may grow between pages: compare the checkpoints, or give as_of."""

    serials: list[NamedUnit] = Field(description="In axis order.")
    affected: Counts = Field(description="All of them.")
    checkpoint: Checkpoint = Field(description="What this page was read under.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class CustomerCounts(Counts):
    """The units of a customer."""

    customer: str | None = Field(description="Name of the customer; null: not shipped.")


class ByCustomer(Shape):
    """The one grouping of this answer."""

    customer: list[CustomerCounts] = Field(description="Finished units, most first, those not shipped last.")


class CustomersShape(Shape):
    """Who must be told: the numbers of the whole answer, without its other groupings, spans and serial numbers."""

    question: str = Field(description="The question as it was asked.")
    as_of: str | None = Field(description="As known when; null: now.")
    affected: Counts = Field(description="The units that the terms speak of.")
    finished: Counts = Field(description="The outermost units that contain them: what a customer holds.")
    by: ByCustomer = Field(description="By customer alone.")
    gaps_found: int = Field(
        description="How much the record does not know about these units; the whole answer names each."
    )
    notes: list[str] = Field(description="What the question could mean besides, and narrower forms.")
    checkpoint: Checkpoint = Field(description="What it was read under.")
    elapsed_ms: float = Field(description="Milliseconds inside the process.")


Question = Annotated[str, Query(max_length=QUESTION_CHARACTERS_MAX, description="In the question language.")]
AsOf = Annotated[str | None, Query(max_length=40, description=AS_OF)]


@router.get("/ask", response=AnswerShape, operation_id="ask", summary="Ask a question", exclude_unset=True)
def ask_by_address(request: HttpRequest, question: Question, as_of: AsOf = None, serials: bool = False):
    """The answer: how many units are concerned, who has them, and what the record does not know."""
    return _answered(request, question, as_of, serials)


@router.post("/ask", response=AnswerShape, operation_id="ask_long", summary="Ask a long question", exclude_unset=True)
def ask_by_body(request: HttpRequest, asked: Asked):
    """As GET, for questions too long for an address. Records nothing."""
    return _answered(request, asked.question, asked.as_of, asked.serials)


@router.get("/ask/serials", response=SerialsPage, operation_id="ask_serials", summary="List the affected units")
def ask_serials(
    request: HttpRequest, question: Question, as_of: AsOf = None, cursor: Cursor = None, limit: PageSize = PAGE
):
    """The affected units page by page, without an upper limit."""
    after = numbers_of(cursor)
    answer = ask(request.actor, question, as_of=as_of)
    size = page_size(limit)
    found = list(serials_of(answer.view, answer.affected, limit=size + 1, after=after[0] if after else 0))
    said = answer.as_dict()
    return {
        "serials": [{"serial": name, "certainty": grade} for _, name, grade in found[:size]],
        "affected": said["affected"],
        "checkpoint": said["checkpoint"],
        "next": cursor_of(found[size - 1][0]) if len(found) > size else None,
    }


@router.get(
    "/ask/customers", response=CustomersShape, operation_id="ask_customers", summary="Ask which customers, and no more"
)
def ask_customers(request: HttpRequest, question: Question, as_of: AsOf = None):
    """Who has the units of an answer, with the same numbers as the whole of it, and sooner."""
    return customers(request.actor, question, as_of=as_of).as_dict()


def _answered(request: HttpRequest, question: str, as_of: str | None, serials: bool) -> dict:
    answer: Answer = ask(request.actor, question, as_of=as_of)
    if serials:
        found, most = len(answer.affected.unrecorded), limit("API_SERIALS_MAX")
        if found > most:
            raise errors.too_many_serials(found, most)
        answer.with_serials = True
    return answer.as_dict()
