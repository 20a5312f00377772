"""Field actions: which units must be updated or taken back, what became of each. The twin of the pages Field action."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import CASE_DECIDE, CASE_READ, CASE_WORK, HOLD_LIFT
from asbuilt.answers.cases.acting import actions as verbs
from asbuilt.answers.cases.acting.ordering import order_work
from asbuilt.answers.cases.acting.seen import action_seen, actions_told, units_told
from asbuilt.doors.api.asking import QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import Code as CaseCode
from asbuilt.doors.api.cases import Instant, Key, WhyIn, Words, at_instant
from asbuilt.doors.api.cursors import PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Cases"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Code of the field action, such as F-1.")]
Named = Annotated[str, Field(max_length=400)]
RELEASES = "Releases that its hold lets be programmed onto its units: PRODUCT ROLE/VERSION."
STEPS = "Steps that its hold lets its units pass; never the packing."
Standing = Literal[
    "left", "updated", "replaced", "scrapped", "returned", "in_house", "mended", "found", "unreachable", "open"
]


class StartIn(Shape):
    """A field action to begin."""

    kind: str = Field(max_length=40, description="update, reprogramming, recall or withdrawal.")
    title: str = Field(max_length=200, description="What is done, in a line.")
    question: str = Field(max_length=QUESTION_CHARACTERS_MAX, description="Which units: a question.")
    why: Words = Field(description="Why; it stands there for good.")
    remedy: str = Field("", max_length=QUESTION_CHARACTERS_MAX, description="Which of them are updated: a question; needed for an update.")  # fmt: skip
    silent: bool = Field(False, description="Also units of which the record does not know.")
    hold_rest: bool = Field(True, description="Hold what matches and is in house, and what comes to match.")
    releases: list[Named] = Field([], max_length=20, description=RELEASES)
    steps: list[Named] = Field([], max_length=20, description=STEPS)


class OrderIn(Shape):
    """Work that a field action orders on its units."""

    releases: list[Named] = Field([], max_length=20, description=RELEASES)
    steps: list[Named] = Field([], max_length=20, description=STEPS)
    why: Words = Field(description="Why; it stands there for good.")


class ReportIn(Shape):
    """What became of units."""

    standing: str = Field(max_length=40, description="updated, replaced, scrapped, returned, found or unreachable.")
    units: list[Annotated[str, Field(max_length=400)]] = Field(max_length=1_000, description="Serial numbers, or SN1..SN2 along an order.")  # fmt: skip
    at: Instant = Field(description="When.")
    source: str = Field(max_length=40, description="customer, telemetry, service, distributor or other.")
    why: Words = Field("", description="What was said.")


class ActionShape(Shape):
    """A field action with its numbers now."""

    action: str = Field(description="Its code.")
    case: str = Field(description="Of which case.")
    kind: str = Field(description="update, reprogramming, recall or withdrawal.")
    title: str = Field(description="What is done.")
    state: str = Field(description="open or closed.")
    started_at: str = Field(description="When it began.")
    question: str = Field(description="Which units.")
    silent: bool = Field(description="Whether also units of which the record does not know.")
    remedy: str = Field(description="Which of them are updated.")
    hold: str = Field(description="The hold on what is in house; empty where there is none.")
    releases: list[dict] = Field(description="What its hold lets be programmed: product, role, version, sha256.")
    steps: list[str] = Field(description="The steps that its hold lets its units pass.")
    reach: dict = Field(description="units; of them certain, possible, unrecorded today, and those that answer the question no longer.")  # fmt: skip
    grown: list[dict] = Field(description="at, units, why: how the reach grew.")
    standings: list[dict] = Field(description="standing, units, recorded (by the record, not by words), accounted.")
    accounted: int = Field(description="Units for which nothing is left to do.")
    left: int = Field(description="Units for which something is.")
    justified: int = Field(description="Of those left, the ones with a reason.")
    customers: list[dict] = Field(description="customer (null: not shipped), units, accounted, left, standings.")
    curve: list[dict] = Field(description="at, units, accounted, customers: every count that was kept.")
    rest: dict | None = Field(description="Who said why the rest stays open.")
    closed: dict | None = Field(description="Who closed it.")
    timeline: list[dict] = Field(description="Everything that was said, the earliest first.")


class ActionList(Shape):
    """Field actions, the newest first."""

    actions: list[dict] = Field(
        description="action, case, kind, title, state, started_at, units, accounted, counted_at."
    )


class UnitList(Shape):
    """Units that stand so."""

    units: list[dict] = Field(description="serial, customer.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


@router.get("/field-actions", response=ActionList, auth=needs(CASE_READ), operation_id="list_field_actions", summary="Field actions")  # fmt: skip
def list_actions(
    request: HttpRequest, case: Annotated[str, Query(max_length=20, description="Only of this case.")] = ""
):
    """As counted last."""
    return {"actions": actions_told(request.actor, case=case)}


@router.post("/cases/{code}/field-actions", response={201: ActionShape}, auth=needs(CASE_DECIDE), operation_id="start_field_action", summary="Begin a field action")  # fmt: skip
def start(request: HttpRequest, code: CaseCode, said: StartIn, idempotency_key: Key = None):
    """Its units can only become more."""
    cells = said.model_dump(include=set(StartIn.model_fields))
    found = verbs.start_action(request.actor, case=code, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, action_seen(request.actor, found))


@router.get("/field-actions/{action}", response=ActionShape, auth=needs(CASE_READ), operation_id="get_field_action", summary="A field action")  # fmt: skip
def one_action(request: HttpRequest, action: Code):
    """Where its units stand now."""
    return action_seen(request.actor, action)


@router.get("/field-actions/{action}/units", response=UnitList, auth=needs(CASE_READ), operation_id="list_field_action_units", summary="Units of a field action")  # fmt: skip
def list_units(
    request: HttpRequest,
    action: Code,
    standing: Annotated[Standing, Query(description="How they stand; left: to be accounted for.")] = "left",
    cursor: Cursor = None,
    limit: PageSize = PAGE,
):
    """In the order in which they were built."""
    after, size = numbers_of(cursor)[0] if cursor else 0, page_size(limit)
    rows = units_told(request.actor, action, standing=standing, after=after, limit=size + 1)
    shown = rows[:size]
    more = cursor_of(shown[-1][0]) if len(rows) > size else None
    return {"units": [{"serial": serial, "customer": customer or None} for _, serial, customer in shown], "next": more}


@router.post("/field-actions/{action}/reports", response=ActionShape, auth=needs(CASE_WORK), operation_id="report_field_units", summary="Say what became of units")  # fmt: skip
def report(request: HttpRequest, action: Code, said: ReportIn, idempotency_key: Key = None):
    """A later word supersedes an earlier one, and both stay; the record goes before words."""
    cells = {**said.model_dump(include=set(ReportIn.model_fields)), "at": at_instant("at", said.at)}
    verbs.report_units(request.actor, action=action, **cells, request_key=request_key(request, idempotency_key))
    return action_seen(request.actor, action)


@router.post("/field-actions/{action}/report-files", response=ActionShape, auth=needs(CASE_WORK, "API_IMPORT_BYTES_MAX"), operation_id="report_field_file", summary="The same from a file")  # fmt: skip
def report_file(
    request: HttpRequest,
    action: Code,
    file: UploadedFile = File(..., description="CSV of serial number, state, time, note."),  # noqa: B008
    source: str = Form(max_length=40, description="customer, telemetry, service, distributor or other."),
    idempotency_key: Key = None,
):
    """Whole or not at all; every wrong row is named."""
    name = "".join(letter for letter in file.name or "" if letter.isprintable())[:200] or "reports.csv"
    key = request_key(request, idempotency_key)
    verbs.report_file(request.actor, action=action, content=file.read(), name=name, source=source, request_key=key)
    return action_seen(request.actor, action)


@router.post("/field-actions/{action}/look", response=ActionShape, auth=needs(CASE_WORK), operation_id="look_again", summary="Look again which units match")  # fmt: skip
def look(request: HttpRequest, action: Code, idempotency_key: Key = None):
    """The worker does it every ten minutes."""
    verbs.look_again(request.actor, action=action, request_key=request_key(request, idempotency_key))
    return action_seen(request.actor, action)


@router.post("/field-actions/{action}/order", response=ActionShape, auth=needs(CASE_DECIDE), operation_id="order_field_work", summary="Name the release that mends its units")  # fmt: skip
def order(request: HttpRequest, action: Code, said: OrderIn, idempotency_key: Key = None):
    """Its own hold lets it through, and no other hold."""
    cells = said.model_dump(include=set(OrderIn.model_fields))
    order_work(request.actor, action=action, **cells, request_key=request_key(request, idempotency_key))
    return action_seen(request.actor, action)


@router.post("/field-actions/{action}/free", response=ActionShape, auth=needs(HOLD_LIFT), operation_id="free_field_units", summary="Let updated units go")  # fmt: skip
def free(request: HttpRequest, action: Code, said: WhyIn, idempotency_key: Key = None):
    """What the record shows as updated leaves the action's hold."""
    return _said(request, action, verbs.let_go, said, idempotency_key)


@router.post("/field-actions/{action}/justify", response=ActionShape, auth=needs(CASE_DECIDE), operation_id="justify_rest", summary="Say why the rest stays open")  # fmt: skip
def justify(request: HttpRequest, action: Code, said: WhyIn, idempotency_key: Key = None):
    """Another person closes."""
    return _said(request, action, verbs.justify_rest, said, idempotency_key)


@router.post("/field-actions/{action}/close", response=ActionShape, auth=needs(CASE_DECIDE), operation_id="close_field_action", summary="Close a field action")  # fmt: skip
def close(request: HttpRequest, action: Code, said: WhyIn, idempotency_key: Key = None):
    """Every unit is accounted for, or its rest was justified by another person."""
    return _said(request, action, verbs.close_action, said, idempotency_key)


def _said(request: HttpRequest, action: str, verb, said: WhyIn, idempotency_key: str | None) -> dict:
    verb(request.actor, action=action, why=said.why, request_key=request_key(request, idempotency_key))
    return action_seen(request.actor, action)
