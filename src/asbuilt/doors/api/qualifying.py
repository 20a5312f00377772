"""Alternates of parts, their qualification runs, deviations and design reviews. The twin of the pages of these names."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import RECORD_READ, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.answers.gate import deviating, qualifying
from asbuilt.answers.gate.review_pdf import report_of
from asbuilt.designed.changes.qualifying.actions import alternates, reviewing
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import WhyIn, at_instant
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.doors.api.sourcing import Code, named_file
from asbuilt.questions.genealogy.seen.deviations import deviation_seen, deviations_seen
from asbuilt.questions.genealogy.seen.qualifying import review_seen, reviews_seen, sheet_seen, sheets_seen

router = Router(tags=["Changes"], auth=Caller())
Key = IdempotencyKey
Words = Annotated[str, Field(max_length=4_000)]


class SheetIn(Shape):
    """A sheet to open."""

    part: str = Field(max_length=200, description="The internal part.")
    title: str = Field(max_length=200, description="What it is, in a line.")
    notice: str = Field("", max_length=20, description="The change notice that is why; empty: none.")


class CandidateIn(Shape):
    """What a maker's part can do."""

    mpn: str = Field(max_length=200, description="Its order code.")
    maker: str = Field(max_length=200, description="Who makes it.")
    role: str = Field("alternate", max_length=20, description="alternate, or current: the one in use.")
    properties: dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=400)]] = Field(max_length=100, description="Key of a property -> yes, no or words.")  # fmt: skip
    words: Words = Field("", description="By which datasheet.")


class SheetShape(Shape):
    """A sheet with its candidates."""

    sheet: str = Field(description="Its code.")
    part: str = Field(description="The internal part.")
    title: str = Field(description="What it is.")
    notice: str = Field(description="The change notice; empty: none.")
    opened_at: str = Field(description="When it was opened.")
    version: str = Field(description="Version of the list of properties.")
    candidates: list[dict] = Field(description="mpn, maker, role, state, run, order, properties, words, file, sha256, lower, unknown.")  # fmt: skip
    compared: list[dict] = Field(description="key, words, annex, current, alternates: value, and lower, same, higher, different or unknown.")  # fmt: skip
    timeline: list[dict] = Field(description="Everything that was said, the earliest first.")


class SheetList(Shape):
    """Sheets, the newest first."""

    sheets: list[dict] = Field(description="As one, without what is compared.")


class CriterionIn(Shape):
    """What has to be shown."""

    key: str = Field(max_length=60, description="Its name in this run.")
    field: str = Field(max_length=20, description="functional, security, environmental, accelerated or process.")
    kind: str = Field(max_length=20, description="tests: counted from the record; result: from outside, with its file.")
    words: str = Field(max_length=1_000, description="What has to be shown, in words.")
    plan: str = Field("", max_length=80, description="Of tests: the test plan.")
    units_min: int = Field(1, description="Of tests: on how many units it has to pass.")
    failed_max: int = Field(0, description="Of tests: how many units may ever have failed it.")


class QualificationRunIn(Shape):
    """A run to start."""

    sheet: str = Field(max_length=20, description="The alternates sheet.")
    mpn: str = Field(max_length=200, description="The candidate.")
    order: str = Field(max_length=200, description="An order of 50 to 100 units that nobody has begun.")
    criteria: list[CriterionIn] = Field(max_length=alternates.CRITERIA_MAX, description="Set now, and for good.")
    why: Words = Field(description="Why; it stands there for good.")


class VerdictIn(Shape):
    """A verdict."""

    verdict: str = Field(max_length=20, description="qualified, not_qualified, or revoked.")
    why: Words = Field(description="Why; it stands there for good.")


class QualificationRunShape(Shape):
    """A run with what its criteria show."""

    run: str = Field(description="Its code.")
    order: str = Field(description="Its order.")
    sheet: str = Field(description="Its sheet.")
    part: str = Field(description="The internal part.")
    mpn: str = Field(description="The candidate.")
    maker: str = Field(description="Who makes it.")
    units: int = Field(description="Units of the order when it started.")
    state: str = Field(description="running, qualified, not_qualified or revoked.")
    why: str = Field(description="Why it was started.")
    started_at: str = Field(description="When.")
    by: str | None = Field(description="By whom.")
    criteria: list[dict] = Field(description="key, field, kind, words, met; of tests plan, units_min, failed_max, carry, passed, failed, questions; of a result verdict, words, file, sha256, at.")  # fmt: skip
    met: bool = Field(description="Whether every criterion is met.")
    asked_at: str = Field(description="When the record was asked.")
    judged: dict | None = Field(description="verdict, why, by, at.")
    timeline: list[dict] = Field(description="Everything that was said, the earliest first.")


class QualificationRunList(Shape):
    """Runs, the newest first."""

    runs: list[dict] = Field(description="run, order, sheet, part, mpn, maker, units, state.")


class DeviationIn(Shape):
    """A deviation to propose."""

    product: str = Field(max_length=200, description="Of which product.")
    kind: str = Field(max_length=20, description="part, process, document, test or other.")
    subject: str = Field(max_length=200, description="What deviates; of a part: the maker's order code.")
    why: Words = Field(description="Why, and what is done instead.")
    until_at: str = Field(max_length=60, description="Its end, an instant with an offset.")
    order: str = Field("", max_length=200, description="Of which order alone; empty: all.")
    first: int = Field(0, ge=0, le=10_000_000, description="From which place of the order; 0: all.")
    last: int = Field(0, ge=0, le=10_000_000, description="To which place.")
    part: str = Field("", max_length=200, description="Of a part: the internal one.")
    maker: str = Field("", max_length=200, description="Of a part: its maker; empty: any.")


class DeviationHead(Shape):
    """A deviation in a line."""

    deviation: str = Field(description="Its code.")
    state: str = Field(description="open (approvals are missing), in_force or over.")
    product: str = Field(description="Of which product.")
    order: str = Field(description="Of which order; empty: all.")
    first: int = Field(description="From which place; 0: all.")
    last: int = Field(description="To which place.")
    kind: str = Field(description="part, process, document, test or other.")
    subject: str = Field(description="What deviates.")
    part: str = Field(description="Of a part: the internal one.")
    maker: str = Field(description="Of a part: its maker.")
    why: str = Field(description="Why.")
    proposed_at: str = Field(description="When it was proposed.")
    by: str | None = Field(description="By whom.")
    granted_at: str | None = Field(description="Since when it is in force.")
    until_at: str = Field(description="Its end.")
    ended_at: str | None = Field(description="When somebody ended it.")
    missing: list[str] = Field(description="Approvals that are missing.")
    by_document: bool = Field(description="Whether a party agreed by a document whose signature nobody here checked.")


class DeviationShape(DeviationHead):
    """A deviation with the units built under it."""

    units: int = Field(description="Units that were or are built under it.")
    timeline: list[dict] = Field(description="Everything that was said, the earliest first.")


class DeviationList(Shape):
    """Deviations, the newest first."""

    deviations: list[DeviationHead] = Field(description="The newest 1,000.")


class DesignReviewIn(Shape):
    """A review to open."""

    product: str = Field(max_length=200, description="Of which product.")
    revision: str = Field(max_length=60, description="Of which hardware revision.")
    title: str = Field(max_length=200, description="What for, in a line.")


class PointAnswerIn(Shape):
    """What the review says of a point."""

    point: str = Field(max_length=70, description="Key of the list, or own.… for a point of one's own.")
    verdict: str = Field(max_length=20, description="ok, finding or not_applicable.")
    words: Words = Field(description="What was seen.")
    refdes: list[Annotated[str, Field(max_length=120)]] = Field([], max_length=reviewing.PLACES_MAX, description="Where on the board.")  # fmt: skip
    action: Words = Field("", description="Of a finding: what is done.")
    owner: str = Field("", max_length=200, description="By whom.")
    due_on: str = Field("", max_length=20, description="Until which day.")
    state: str = Field("open", max_length=20, description="open, done or accepted.")
    plan: str = Field("", max_length=80, description="Which test plan shows it.")
    step: str = Field("", max_length=200, description="Which of its steps.")
    annex: list[Annotated[str, Field(max_length=10)]] = Field([], max_length=30, description="Requirements of Annex I that it bears on, besides the point's own.")  # fmt: skip


class ReviewShape(Shape):
    """A review with every point."""

    review: str = Field(description="Its code.")
    product: str = Field(description="Of which product.")
    revision: str = Field(description="Of which revision.")
    title: str = Field(description="What for.")
    version: str = Field(description="Version of the list of points.")
    state: str = Field(description="open or closed.")
    findings: int = Field(description="How many points are findings.")
    to_do: list[str] = Field(description="Findings whose action is open.")
    unanswered: list[str] = Field(description="Points that nobody answered.")
    opened_at: str = Field(description="When it was opened.")
    by: str | None = Field(description="By whom.")
    points: list[dict] = Field(description="point, group, words, annex, test, answer.")
    evidence: list[dict] = Field(description="annex, points: what bears on each requirement.")
    closed: dict | None = Field(description="by, at, why.")


class ReviewList(Shape):
    """Reviews, the newest first."""

    reviews: list[dict] = Field(description="review, product, revision, title, version, state, findings, to_do, unanswered.")  # fmt: skip


@router.get("/alternates", response=SheetList, auth=needs(RECORD_READ), operation_id="list_alternates", summary="Alternates sheets")  # fmt: skip
def list_sheets(request: HttpRequest):
    """Of the house; for a party's person there is none."""
    return {"sheets": sheets_seen(request.actor)}


@router.post("/alternates", response={201: SheetShape}, auth=needs(SOURCING_WORK), operation_id="open_alternates", summary="Open an alternates sheet")  # fmt: skip
def open_sheet(request: HttpRequest, said: SheetIn, idempotency_key: Key = None):
    """One for each part."""
    cells = said.model_dump(include=set(SheetIn.model_fields))
    code = alternates.open_sheet(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, sheet_seen(request.actor, code))


@router.get("/alternates/{code}", response=SheetShape, auth=needs(RECORD_READ), operation_id="get_alternates", summary="An alternates sheet")  # fmt: skip
def one_sheet(request: HttpRequest, code: Code):
    """Property by property."""
    return sheet_seen(request.actor, code)


@router.post("/alternates/{code}/candidates", response=SheetShape, auth=needs(SOURCING_WORK), operation_id="state_candidate", summary="Say what a candidate can do")  # fmt: skip
def state_candidate(request: HttpRequest, code: Code, said: CandidateIn, idempotency_key: Key = None):
    """Said again, the later word holds."""
    cells = said.model_dump(include=set(CandidateIn.model_fields))
    alternates.state_candidate(request.actor, sheet=code, **cells, request_key=request_key(request, idempotency_key))
    return sheet_seen(request.actor, code)


@router.get("/qualification-runs", response=QualificationRunList, auth=needs(RECORD_READ), operation_id="list_qualification_runs", summary="Qualification runs")  # fmt: skip
def list_runs(request: HttpRequest):
    """Of the house; for a party's person there is none."""
    return {"runs": qualifying.runs_seen(request.actor)}


@router.post("/qualification-runs", response={201: QualificationRunShape}, auth=needs(SOURCING_WORK), operation_id="start_qualification_run", summary="Start a qualification run")  # fmt: skip
def start_run(request: HttpRequest, said: QualificationRunIn, idempotency_key: Key = None):
    """From then on the candidate may be mounted in its order, and nowhere else."""
    cells = said.model_dump(include=set(QualificationRunIn.model_fields))
    code = qualifying.start_run(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, qualifying.run_seen(request.actor, code))


@router.get("/qualification-runs/{code}", response=QualificationRunShape, auth=needs(RECORD_READ), operation_id="get_qualification_run", summary="A qualification run")  # fmt: skip
def one_run(request: HttpRequest, code: Code):
    """What its criteria show now, or showed when it was judged."""
    return qualifying.run_seen(request.actor, code)


@router.post("/qualification-runs/{code}/results", response=QualificationRunShape, auth=needs(SOURCING_WORK, "API_IMPORT_BYTES_MAX"), operation_id="take_run_result", summary="Take a result from outside")  # fmt: skip
def take_result(
    request: HttpRequest,
    code: Code,
    file: UploadedFile = File(..., description="What the chamber or laboratory wrote."),  # noqa: B008
    criterion: str = Form(max_length=60, description="Which criterion."),
    verdict: str = Form(max_length=20, description="pass or fail."),
    words: str = Form(max_length=4_000, description="What it says."),
    idempotency_key: Key = None,
):
    """A later result supersedes an earlier one, and both stay."""
    alternates.take_result(
        request.actor, run=code, criterion=criterion, verdict=verdict, words=words, content=file.read(), name=named_file(file),
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return qualifying.run_seen(request.actor, code)


@router.post("/qualification-runs/{code}/verdict", response=QualificationRunShape, auth=needs(SOURCING_DECIDE), operation_id="judge_qualification_run", summary="Judge a qualification run")  # fmt: skip
def judge(request: HttpRequest, code: Code, said: VerdictIn, idempotency_key: Key = None):
    """By another person than who started it; qualified only where every criterion is met."""
    key = request_key(request, idempotency_key)
    qualifying.judge_run(request.actor, run=code, verdict=said.verdict, why=said.why, request_key=key)
    return qualifying.run_seen(request.actor, code)


@router.get("/deviations", response=DeviationList, auth=needs(RECORD_READ), operation_id="list_deviations", summary="Deviations")  # fmt: skip
def list_deviations(request: HttpRequest):
    """To a party's person those of products that it is the manufacturer of."""
    return {"deviations": deviations_seen(request.actor)}


@router.post("/deviations", response={201: DeviationShape}, auth=needs(SOURCING_WORK), operation_id="propose_deviation", summary="Propose a deviation")  # fmt: skip
def propose(request: HttpRequest, said: DeviationIn, idempotency_key: Key = None):
    """Of what is still to be built; in force once everybody agreed."""
    cells = {
        **said.model_dump(include=set(DeviationIn.model_fields)),
        "until_at": at_instant("until_at", said.until_at),
    }
    code = deviating.propose_deviation(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, deviation_seen(request.actor, code))


@router.get("/deviations/{code}", response=DeviationShape, auth=needs(RECORD_READ), operation_id="get_deviation", summary="A deviation")  # fmt: skip
def one_deviation(request: HttpRequest, code: Code):
    """What is missing, and how many units were built under it."""
    return deviation_seen(request.actor, code)


@router.post("/deviations/{code}/approvals", response=DeviationShape, auth=needs(RECORD_READ, "API_IMPORT_BYTES_MAX"), operation_id="agree_to_deviation", summary="Agree to a deviation")  # fmt: skip
def agree(
    request: HttpRequest,
    code: Code,
    why: str = Form("", max_length=4_000, description="Anything to add."),
    party: str = Form(
        "", max_length=200, description="The party whose signed document this is; empty: you agree yourself."
    ),
    document: UploadedFile | None = File(None, description="What that party signed."),  # noqa: B008
    idempotency_key: Key = None,
):
    """A second person of the house, and the manufacturer's own or what it signed."""
    content = document.read() if document is not None else None
    deviating.agree_deviation(
        request.actor, deviation=code, why=why, party=party, content=content, name=named_file(document) if document is not None else "",
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return deviation_seen(request.actor, code)


@router.post("/deviations/{code}/end", response=DeviationShape, auth=needs(SOURCING_DECIDE), operation_id="end_deviation", summary="End a deviation")  # fmt: skip
def end(request: HttpRequest, code: Code, said: WhyIn, idempotency_key: Key = None):
    """What was built so shows it for good."""
    key = request_key(request, idempotency_key)
    deviating.end_deviation(request.actor, deviation=code, why=said.why, request_key=key)
    return deviation_seen(request.actor, code)


@router.get("/design-reviews", response=ReviewList, auth=needs(RECORD_READ), operation_id="list_design_reviews", summary="Design reviews")  # fmt: skip
def list_reviews(request: HttpRequest):
    """Of the house; for a party's person there is none."""
    return {"reviews": reviews_seen(request.actor)}


@router.post("/design-reviews", response={201: ReviewShape}, auth=needs(SOURCING_WORK), operation_id="open_design_review", summary="Open a design review")  # fmt: skip
def open_review(request: HttpRequest, said: DesignReviewIn, idempotency_key: Key = None):
    """By the list of today."""
    cells = said.model_dump(include=set(DesignReviewIn.model_fields))
    code = reviewing.open_review(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, review_seen(request.actor, code))


@router.get("/design-reviews/{code}", response=ReviewShape, auth=needs(RECORD_READ), operation_id="get_design_review", summary="A design review")  # fmt: skip
def one_review(request: HttpRequest, code: Code):
    """Every point with its last answer."""
    return review_seen(request.actor, code)


@router.get("/design-reviews/{code}/report", auth=needs(RECORD_READ), operation_id="get_design_review_report", summary="A design review as PDF",
    openapi_extra={"responses": {200: {"description": "PDF/A-2b", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}})  # fmt: skip
def review_report(
    request: HttpRequest,
    code: Code,
    language: Annotated[str, Query(max_length=2, pattern="^(en|de)$", description="en or de.")] = "en",
):
    """PDF/A-2b, findings drawn on the board where it has a placement."""
    return HttpResponse(report_of(request.actor, code, language), content_type="application/pdf")


@router.post("/design-reviews/{code}/answers", response=ReviewShape, auth=needs(SOURCING_WORK), operation_id="answer_review_point", summary="Answer a point of a design review")  # fmt: skip
def answer(request: HttpRequest, code: Code, said: PointAnswerIn, idempotency_key: Key = None):
    """The last word holds, all stay."""
    cells = said.model_dump(include=set(PointAnswerIn.model_fields))
    cells["words_said"], cells["state_now"] = cells.pop("words"), cells.pop("state")
    reviewing.answer_point(request.actor, review=code, **cells, request_key=request_key(request, idempotency_key))
    return review_seen(request.actor, code)


@router.post("/design-reviews/{code}/close", response=ReviewShape, auth=needs(SOURCING_DECIDE), operation_id="close_design_review", summary="Close a design review")  # fmt: skip
def close(request: HttpRequest, code: Code, said: WhyIn, idempotency_key: Key = None):
    """Every point answered, every action done or accepted; by another person than who opened it."""
    key = request_key(request, idempotency_key)
    reviewing.close_review(request.actor, review=code, why=said.why, request_key=key)
    return review_seen(request.actor, code)
