"""Work orders: how far, what of, what runs on it, how it tested, where it went. The twin of the pages Orders."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query
from pydantic import Field

from asbuilt.doors.api.asking import AnswerShape
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.cursors import Cursor, cursor_of, numbers_of
from asbuilt.doors.api.planning import router  # verbs first: a code may hold slashes, so reading one comes last
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen.orders import order_facts, order_page, orders_page

__all__ = ["router"]
OrderCode = Annotated[str, Path(min_length=1, max_length=400, description="Code of the work order.")]


class OrderWords(Shape):
    """What an order is, and how far. Counts are of the units that the caller may see."""

    code: str = Field(description="Its code.")
    batch: str = Field(description="The batch number printed on its units, or empty.")
    quantity: int = Field(description="Units ordered.")
    product: str = Field(description="The product.")
    revision: str = Field(description="The hardware revision it began with.")
    bom_version: str = Field(description="The BOM version it began with.")
    owner: str = Field(description="Who ordered it.")
    opened_at: str | None = Field(description="When it was opened.")
    closed_at: str | None = Field(description="When it was closed: no more units since then.")
    begun: int = Field(description="Units begun.")
    built: int = Field(description="Units built.")
    scrapped: int = Field(description="Units scrapped.")
    skipped: int = Field(description="Positions skipped: no units.")


class OrderPageShape(Shape):
    """Orders, newest first."""

    orders: list[OrderWords] = Field(description="This page, at most 100.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class OrderShape(Shape):
    """Everything of one order."""

    order: OrderWords = Field(description="What it is.")
    question: str = Field(description="The question that asks for its units.")
    steps: list[dict] = Field(description="By step: units through it, units in a run that failed, first and last time.")
    lines: list[dict] = Field(description="By BOM line: lots used, and units without a sure or complete record.")
    firmware: list[dict] = Field(description="role, version, units that run it.")
    tests: list[dict] = Field(description="By plan: passed, failed, other, passed first time.")
    answer: AnswerShape = Field(description="Who has its units.")
    facts: list[dict] = Field(description="The facts that say so, the first hundred of a kind.")
    facts_more: bool = Field(description="Whether there are more.")
    holds: list[dict] = Field(description="The open holds on its units, each with how many of them it holds.")


@router.get("/orders", response=OrderPageShape, auth=Caller(), operation_id="list_orders", summary="Work orders")
def orders(request: HttpRequest, cursor: Cursor = None):
    """The newest first."""
    after = numbers_of(cursor)
    found, older = orders_page(request.actor, after[0] if after else None)
    return {"orders": plain(found), "next": None if older is None else cursor_of(older)}


class OrderFactsShape(Shape):
    """Facts of one table over an order's units, in the order of recording."""

    facts: list[dict] = Field(description="This page, at most 100.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


@router.get(
    "/orders/{path:code}/facts",
    response=OrderFactsShape,
    auth=Caller(),
    operation_id="list_order_facts",
    summary="Facts over a work order",
)
def facts(
    request: HttpRequest,
    code: OrderCode,
    table: Annotated[str, Query(max_length=40, description="blocks, materials, processes or shipments.")] = "materials",
    cursor: Cursor = None,
):
    """What can be withdrawn or corrected; facts of one unit stand with the unit."""
    after = numbers_of(cursor)
    page = order_facts(request.actor, code, table, after[0] if after else 0)
    return {"facts": plain(page.facts, "facts"), "next": None if page.older is None else cursor_of(page.older)}


@router.get(
    "/orders/{path:code}",
    response=OrderShape,
    auth=Caller(),
    operation_id="get_order",
    summary="A work order",
    exclude_unset=True,
)
def order(request: HttpRequest, code: OrderCode):
    """Steps, lines, firmware, tests, customers, facts."""
    page = order_page(request.actor, code)
    said = {
        name: plain(getattr(page, name), name) for name in OrderShape.model_fields if name not in ("answer", "firmware")
    }
    runs = [{"role": role, "version": version, "units": units} for role, version, units in page.firmware]
    return {**said, "firmware": runs, "facts_more": bool(page.facts_more), "answer": page.answer.as_dict()}
