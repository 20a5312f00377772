"""Nonconformities, what becomes of their units, and what else is touched: the twin of those pages."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import (
    HOLD_PLACE,
    NONCONFORMITY_DECIDE,
    NONCONFORMITY_RAISE,
    NONCONFORMITY_WORK,
    RECORD_READ,
)
from asbuilt.answers.gate.raising import raise_proposed
from asbuilt.answers.register import nonconformities as register
from asbuilt.built.quality.actions import dispositions
from asbuilt.built.quality.actions import nonconformities as verbs
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.doors.api import errors
from asbuilt.doors.api.asking import QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cursors import PAGE_MAX, Cursor, PageSize, page_size, place_cursor, place_of
from asbuilt.doors.api.holds import Span
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.genealogy.answering.factors import common_factors, told
from asbuilt.questions.genealogy.seen import nonconformities as seen

router = Router(tags=["Nonconformities"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=60, description="Code of the nonconformity, such as NCR-7.")]
DispositionCode = Annotated[str, Path(min_length=1, max_length=20, description="Code of the disposition, such as D-1.")]
Question = Annotated[str, Field(max_length=QUESTION_CHARACTERS_MAX)]
SOURCES = Literal["gate", "test", "inspection", "complaint", "supplier", "process"]


class Raising(Shape):
    """What is wrong, and at which units."""

    description: str = Field(min_length=1, max_length=2_000, description="What is wrong.")
    source: SOURCES = Field(description="Where it was found.")
    severity: Literal["critical", "major", "minor"] = Field(description="How bad it is.")
    units: list[Span] = Field([], max_length=1_000, description="Units by name.")
    question: Question = Field("", description="Units that it gives certainly or possibly now; contained by it later.")
    product: str = Field("", max_length=120, description="Code of the product.")
    defect: str = Field("", max_length=120, description="Defect code.")
    party: str = Field("", max_length=120, description="Supplier or customer.")
    held: bool = Field(False, description="Hold its units at once.")


class RefusedThing(Shape):
    """What was refused, and is to be raised with the refusal as evidence."""

    about: Literal["gate", "test", "package", "return"] = Field(description="What refused it.")
    code: str = Field(min_length=1, max_length=400, description="The unit or panel, the package, the RMA number.")
    severity: Literal["critical", "major", "minor"] = Field("major", description="How bad it is.")
    held: bool = Field(False, description="Hold its units at once.")


class UnitsIn(Shape):
    """Units by name."""

    units: list[Span] = Field(min_length=1, max_length=1_000, description="SN, or SN1..SN2.")


class ReasonIn(Shape):
    """Why."""

    reason: str = Field("", max_length=2_000, description="Why.")


class CauseIn(Shape):
    """A why, or a branch of Ishikawa's diagram."""

    method: Literal["five_why", "ishikawa"] = Field(description="Which method.")
    place: str = Field(max_length=20, description="1 to 10, or man machine material method measurement environment.")
    cause: str = Field(min_length=1, max_length=2_000, description="The cause.")
    root: bool = Field(False, description="Whether it has to be mended.")


class ProposalIn(Shape):
    """What becomes of units."""

    decision: Literal["use_as_is", "rework", "repair", "return", "scrap"] = Field(description="What becomes of them.")
    reason: str = Field(min_length=1, max_length=2_000, description="Why.")
    units: list[Span] = Field([], max_length=1_000, description="Which; empty: all that are undecided.")


class ActionIn(Shape):
    """An action; with its code, as it is from now on."""

    action: str = Field("", max_length=20, description="Code of one that is there; empty: a new one.")
    kind: Literal["", "corrective", "preventive"] = Field("", description="Which kind; needed for a new one.")
    description: str = Field("", max_length=2_000, description="What is done.")
    owner: str = Field("", max_length=200, description="Badge of who owns it.")
    due_on: str = Field("", max_length=10, description="Until which day.")
    state: Literal["open", "done", "cancelled"] = Field("open", description="How it stands.")


class EffectCheckIn(Shape):
    """How it will be seen whether the actions helped."""

    among: Question = Field(
        description="The units looked at: those begun after the last action was done; those of the nonconformity do not count."
    )
    question: Question = Field(description="Which of them are found.")
    units_min: int = Field(ge=0, le=1_000_000_000, description="So many units at least.")
    failed_ppm_max: int = Field(ge=0, le=1_000_000, description="So many of a million may be found.")
    due_on: str = Field(max_length=10, description="Until which day.")


class NonconformityShape(Shape):
    """A nonconformity. A party reader gets what is about its own units."""

    code: str = Field(description="Its code.")
    state: str = Field(description="raised, contained, decided or closed.")
    severity: str = Field(description="critical, major or minor.")
    source: str = Field(description="Where it was found.")
    product: str = Field(description="Code of the product, or empty.")
    defect: str = Field(description="Defect code, or empty.")
    party: str = Field(description="Supplier or customer, or empty.")
    question: str = Field(description="The question that contains it, or empty.")
    description: str = Field(description="What is wrong.")
    by: str = Field(description="Badge of who raised it, or empty.")
    raised_at: str = Field(description="When.")
    units: int = Field(description="Units it is about.")
    waiting: int = Field(description="Units that may not go on.")
    undecided: int = Field(description="Units in no disposition.")
    next_due: str = Field(description="The next day that something is due, or empty.")
    late: bool = Field(description="Whether that day is over.")
    names: list[str] = Field(description="The first units.")
    holds: list[str] = Field(description="Holds that contain it.")
    causes: list[dict] = Field(description="method, place, cause, root, stated_at.")
    dispositions: list[dict] = Field(description="disposition, decision, state, clears, units, names, steps.")
    actions: list[dict] = Field(description="action, kind, state, due_on, description, owner, late.")
    states: list[dict] = Field(description="state, hold, reason, by, decided_at.")
    check: dict | None = Field(description="question, among, units_min, failed_ppm_max, due_on; null: none is planned.")
    results: list[dict] = Field(
        description="units (begun after since), failed, ppm with limits, verdict, answer, measured_at, since: when the last action was done."
    )


class NonconformityList(Shape):
    """Nonconformities."""

    nonconformities: list[NonconformityShape] = Field(
        description="The most urgent first; without names and what is inside."
    )
    next: str | None = Field(description="The cursor of the next page; null after the last.")


class FactorsShape(Shape):
    """What failed units have in common more often than the others. Never a cause."""

    failed_question: str = Field(description="Units that failed.")
    among_question: str = Field(description="Among which; empty: those of the same orders.")
    failed: int = Field(description="How many failed.")
    others: int = Field(description="How many others there are.")
    left_out: int = Field(description="Units on no side, since the record is not certain.")
    untested: int = Field(description="Units on no side, since they did not pass a test that the question speaks of.")
    kinds: list[str] = Field(description="What was compared by.")
    without_operators: bool = Field(description="Operators were left out: that needs a right of its own.")
    tested: int = Field(description="Sets of units compared.")
    everywhere: int = Field(description="Values that all of the units have.")
    more: int = Field(description="Factors not shown.")
    method: str = Field(description="The statistic.")
    silent: list[dict] = Field(description="kind, failed, others: units of which nothing is recorded.")
    factors: list[dict] = Field(description="values, four counts, p, p_corrected, verdict; the clearest first.")
    elapsed_ms: float = Field(description="How long it took.")


@router.get("/nonconformities", response=NonconformityList, operation_id="list_nonconformities", summary="Nonconformities")  # fmt: skip
def list_them(
    request: HttpRequest,
    closed: Annotated[bool, Query(description="The closed ones instead of the open ones.")] = False,
    unit: Annotated[str, Query(max_length=400, description="Only those about this unit, open and closed.")] = "",
    cursor: Cursor = None,
    limit: PageSize = PAGE_MAX,
):
    """The open ones, all of them and the most urgent first; the closed ones as they were raised, the newest first, `limit` a page."""
    found, after = seen.nonconformities_page(
        request.actor, page_size(limit), closed=closed, unit=unit, after=place_of(cursor, more=2)
    )
    return {"nonconformities": [seen.told(one) for one in found], "next": place_cursor(after)}


@router.post("/nonconformities", response={201: NonconformityShape}, auth=needs(NONCONFORMITY_RAISE), operation_id="raise_nonconformity", summary="Raise a nonconformity")  # fmt: skip
def raise_one(request: HttpRequest, said: Raising, idempotency_key: IdempotencyKey = None):
    """From now on its units do not leave."""
    key = request_key(request, idempotency_key)
    code = register.open_nonconformity(request.actor, request_key=key, **said.model_dump())
    return Status(201, _one(request, code))


@router.post("/nonconformities/from-refusal", response={201: NonconformityShape}, auth=needs(NONCONFORMITY_RAISE), operation_id="raise_nonconformity_of_refusal", summary="Raise what was refused")  # fmt: skip
def raise_refused(request: HttpRequest, said: RefusedThing, idempotency_key: IdempotencyKey = None):
    """The gate's verdict, a failed test, a rejected package or a return becomes its description, units, product and party."""
    key = request_key(request, idempotency_key)
    return Status(201, _one(request, raise_proposed(request.actor, request_key=key, **said.model_dump())))


@router.get("/nonconformities/{code}", response=NonconformityShape, operation_id="get_nonconformity", summary="A nonconformity")  # fmt: skip
def one(request: HttpRequest, code: Code):
    """With its causes, dispositions, actions and checks."""
    return _one(request, code)


@router.post("/nonconformities/{code}/units", response=NonconformityShape, auth=needs(NONCONFORMITY_RAISE), operation_id="add_nonconforming_units", summary="Add units")  # fmt: skip
def add(request: HttpRequest, code: Code, said: UnitsIn, idempotency_key: IdempotencyKey = None):
    """It is about these too."""
    key = request_key(request, idempotency_key)
    register.add_to_nonconformity(request.actor, nonconformity=code, units=said.units, request_key=key)
    return _one(request, code)


@router.post("/nonconformities/{code}/hold", response=NonconformityShape, auth=needs(HOLD_PLACE), operation_id="contain_nonconformity", summary="Hold what it is about")  # fmt: skip
def contain(request: HttpRequest, code: Code, said: ReasonIn, idempotency_key: IdempotencyKey = None):
    """By its question, so that later units are held too, and its units."""
    key = request_key(request, idempotency_key)
    register.contain_nonconformity(request.actor, nonconformity=code, reason=said.reason, request_key=key)
    return _one(request, code)


@router.post("/nonconformities/{code}/causes", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="state_cause", summary="State a cause")  # fmt: skip
def cause(request: HttpRequest, code: Code, said: CauseIn, idempotency_key: IdempotencyKey = None):
    """Five whys, or Ishikawa's branches."""
    key = request_key(request, idempotency_key)
    verbs.state_cause(request.actor, nonconformity=code, request_key=key, **said.model_dump())
    return _one(request, code)


@router.post("/nonconformities/{code}/actions", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="state_action", summary="Plan or state an action")  # fmt: skip
def action(request: HttpRequest, code: Code, said: ActionIn, idempotency_key: IdempotencyKey = None):
    """With an owner and a day."""
    key = request_key(request, idempotency_key)
    verbs.state_action(request.actor, nonconformity=code, request_key=key, **said.model_dump())
    return _one(request, code)


@router.post("/nonconformities/{code}/dispositions", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="propose_disposition", summary="Propose a disposition")  # fmt: skip
def propose(request: HttpRequest, code: Code, said: ProposalIn, idempotency_key: IdempotencyKey = None):
    """A second person approves it; the manufacturer agrees where it is another party."""
    key = request_key(request, idempotency_key)
    register.propose(request.actor, nonconformity=code, request_key=key, **said.model_dump())
    return _one(request, code)


@router.post("/nonconformities/{code}/dispositions/{disposition}/agreements", response=NonconformityShape, operation_id="agree_to_disposition", summary="A party agrees")  # fmt: skip
def agree(
    request: HttpRequest,
    code: Code,
    disposition: DispositionCode,
    reason: str = Form("", max_length=2_000, description="Words beside it."),
    party: str = Form("", max_length=120, description="Whose document it is; a party's own person leaves it empty."),
    file: UploadedFile | None = File(None, description="The signed document, up to 32 MiB."),  # noqa: B008
    idempotency_key: IdempotencyKey = None,
):
    """By its own person, or by its signed document."""
    if file is not None and file.size > FILE_BYTES_MAX:
        raise errors.too_large(FILE_BYTES_MAX)
    said = {} if file is None else {"content": b"".join(file.chunks()), "name": file.name or "agreement"}
    dispositions.agree_to_disposition(
        request.actor, nonconformity=code, disposition=disposition, reason=reason, party=party,
        request_key=request_key(request, idempotency_key), **said,
    )  # fmt: skip
    return _one(request, code)


_STEPS = {
    "approve": dispositions.approve_disposition, "refuse": dispositions.refuse_disposition,
    "carry-out": dispositions.carry_out_disposition,
}  # fmt: skip


@router.post("/nonconformities/{code}/dispositions/{disposition}/{step}", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="decide_disposition", summary="Approve, refuse or carry out")  # fmt: skip
def step(
    request: HttpRequest,
    code: Code,
    disposition: DispositionCode,
    step: Annotated[Literal["approve", "refuse", "carry-out"], Path(description="What is done about it.")],
    said: ReasonIn,
    idempotency_key: IdempotencyKey = None,
):
    """Approved by another person than the one who proposed it."""
    key = request_key(request, idempotency_key)
    _STEPS[step](request.actor, nonconformity=code, disposition=disposition, reason=said.reason, request_key=key)
    return _one(request, code)


@router.post("/nonconformities/{code}/effect-check", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="plan_effect_check", summary="Plan a check of effectiveness")  # fmt: skip
def check(request: HttpRequest, code: Code, said: EffectCheckIn, idempotency_key: IdempotencyKey = None):
    """A standing question over later units."""
    key = request_key(request, idempotency_key)
    verbs.plan_check(request.actor, nonconformity=code, request_key=key, **said.model_dump())
    return _one(request, code)


@router.post("/nonconformities/{code}/effect", response=NonconformityShape, auth=needs(NONCONFORMITY_WORK), operation_id="measure_effect", summary="Measure the effect")  # fmt: skip
def measure(request: HttpRequest, code: Code, idempotency_key: IdempotencyKey = None):
    """Asks the question of the check now and freezes its answer."""
    register.measure_effect(request.actor, nonconformity=code, request_key=request_key(request, idempotency_key))
    return _one(request, code)


@router.post("/nonconformities/{code}/close", response=NonconformityShape, auth=needs(NONCONFORMITY_DECIDE), operation_id="close_nonconformity", summary="Close it")  # fmt: skip
def close(request: HttpRequest, code: Code, said: ReasonIn, idempotency_key: IdempotencyKey = None):
    """Refused while something is left to do."""
    key = request_key(request, idempotency_key)
    verbs.close_nonconformity(request.actor, nonconformity=code, reason=said.reason, request_key=key)
    return _one(request, code)


@router.post("/nonconformities/{code}/reopen", response=NonconformityShape, auth=needs(NONCONFORMITY_DECIDE), operation_id="reopen_nonconformity", summary="Open it again")  # fmt: skip
def reopen(request: HttpRequest, code: Code, said: ReasonIn, idempotency_key: IdempotencyKey = None):
    """It was not settled after all."""
    key = request_key(request, idempotency_key)
    verbs.reopen_nonconformity(request.actor, nonconformity=code, reason=said.reason, request_key=key)
    return _one(request, code)


@router.get("/common-factors", response=FactorsShape, auth=needs(RECORD_READ), operation_id="get_common_factors", summary="What else is touched")  # fmt: skip
def factors(
    request: HttpRequest,
    failed: Annotated[
        str, Query(min_length=1, max_length=QUESTION_CHARACTERS_MAX, description="Units that failed (a question).")
    ],
    among: Annotated[
        str, Query(max_length=QUESTION_CHARACTERS_MAX, description="Among which; empty: those of the same orders.")
    ] = "",
    kind: Annotated[list[str], Query(max_length=12, description="Only these kinds: lot package supplier …")] = [],  # noqa: B006
):
    """What failed units have in common more often than the others; where to look, never what the cause is."""
    return told(common_factors(request.actor, failed=failed, among=among, kinds=kind))


def _one(request: HttpRequest, code: str) -> dict:
    return seen.told(seen.nonconformity_seen(request.actor, code))
