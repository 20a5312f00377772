"""Reports of cases: drafts field by field, what people wrote, approvals, submissions, what the recipient said; coordinators. The twin of the pages Report."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import CASE_DECIDE, CASE_WORK
from asbuilt.answers.cases.reporting.actions import submitting, writing
from asbuilt.answers.cases.reporting.coordinator import coordinators_told, determine
from asbuilt.answers.cases.reporting.report_pdf import report_pdf
from asbuilt.answers.cases.reporting.seen import report_seen, reports_told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import WHY, Code, Instant, Words, at_instant, known_cells
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Cases"], auth=Caller())
Duty = Annotated[str, Path(min_length=1, max_length=40, description="Which duty, such as cra.aev.")]
Stage = Annotated[str, Path(min_length=1, max_length=40, description="Which report, such as early_warning.")]
Towards = Annotated[str, Query(max_length=200, description="Towards whom, where the duty runs several times.")]
Key = IdempotencyKey
TOWARDS = "Towards whom, where the duty runs several times."
FIELD_CHARACTERS_MAX = 40_000
PLACE = "/cases/{code}/reports/{duty}/{stage}"


class CaseReportShape(Shape):
    """A report of a stage, field by field in the recipient's order."""

    case: str = Field(description="Code of the case.")
    title: str = Field(description="What happened.")
    closed: bool = Field(description="Whether the case is closed.")
    duty: str = Field(description="Which duty.")
    to: str = Field(description="Who gets it.")
    manufacturer: str | None = Field(description="Towards whom the duty runs, by code.")
    stage: str = Field(description="Which report.")
    state: str = Field(description="draft, approved, submitted, updated, acknowledged or returned.")
    clock: dict = Field(description="When it is due, as in the case.")
    zone: str = Field(description="In whose time the clock's local time is, and months end.")
    matrix: str = Field(description="The field matrix.")
    matrix_source: str = Field(description="Where the matrix comes from.")
    read_on: str = Field(description="When that was read.")
    language: str = Field(description="The language that the recipient takes; empty: the reader's own.")
    coordinator: dict | None = Field(description="The CSIRT that is coordinator, with rule and reason; null is a gap.")
    needs_coordinator: bool = Field(description="Whether it goes to one.")
    answer: str | None = Field(description="ULID of the frozen answer that it rests on.")
    begun_at: str | None = Field(
        description="Since when somebody writes in it; before it is drafted anew at each look."
    )
    superseded: dict | None = Field(description="answer, newest, overtaken, changes (field, name, then, now); null where the record gives the same.")  # fmt: skip
    fields: list[dict] = Field(description="field, number, name, owed, kind, most, choices, text, entries, lengths, by, drafted, sources, written, gap, wrong, changed, since (of a copied field what the record gives by now).")  # fmt: skip
    gaps: list[str] = Field(description="What is not known.")
    wrong: list[dict] = Field(description="field, why: long, choice, states or instant.")
    sha256: str = Field(description="Of the exact text that stands.")
    stands: bool = Field(description="Whether that text is approved.")
    approved: dict | None = Field(description="The last approval: by, at, why, sha256, gaps.")
    submitted: list[dict] = Field(
        description="submitted_at, reference, sha256, capture_sha256, by, late; the earliest first."
    )
    answered: dict | None = Field(description="What the recipient said last: said, answered_at, reference, why.")
    seen: int = Field(description="Last entry of the draft: send it with texts.")
    next: str = Field(description="The next step.")


class CaseReportList(Shape):
    """The reports of a case."""

    reports: list[dict] = Field(description="duty, manufacturer, stage, state (begun: somebody wrote in it), due_at.")


class ReportTextsIn(Shape):
    """Texts of fields."""

    texts: dict[Annotated[str, Field(max_length=60)], Annotated[str, Field(max_length=FIELD_CHARACTERS_MAX)] | None] = (
        Field(
            max_length=60,
            description="Field -> text; null: back to the drafted one. Entries stand apart by a line ---.",
        )
    )
    why: Words = Field(description=WHY)
    manufacturer: str = Field("", max_length=200, description=TOWARDS)
    seen: int | None = Field(
        None, description="Last entry of the draft that was read: a field written since is a conflict."
    )


class ReportAnewIn(Shape):
    """To take over what the record gives now."""

    why: Words = Field(description=WHY)
    manufacturer: str = Field("", max_length=200, description=TOWARDS)


class ReportApprovalIn(Shape):
    """The text that is approved."""

    sha256: str = Field(min_length=64, max_length=64, description="Of the text that was read.")
    why: Words = Field("", description="Why required fields stay empty, where some do.")
    manufacturer: str = Field("", max_length=200, description=TOWARDS)


class NotSubmittedIn(Shape):
    """What was recorded as submitted was not."""

    why: str = Field(max_length=4_000, description="Why it was recorded as submitted and was not.")
    manufacturer: str = Field("", max_length=200, description=TOWARDS)


class ReportAnswerIn(Shape):
    """What the recipient said."""

    said: str = Field(max_length=20, description="acknowledged or returned.")
    at: Instant = Field(description="When.")
    reference: str = Field("", max_length=200, description="What the recipient calls it.")
    why: Words = Field("", description="Why it was returned.")
    manufacturer: str = Field("", max_length=200, description=TOWARDS)


class AskedReportIn(Shape):
    """A report that an authority asks for in between."""

    duty: str = Field(max_length=40, description="Of which duty.")
    asked_at: Instant = Field(description="When it asked.")
    due_at: Instant = Field(description="Until when.")
    words: Words = Field(description="What it asks for.")
    manufacturer: str = Field("", max_length=200, description=TOWARDS)


class AskedReportShape(Shape):
    """The report that was asked for."""

    stage: str = Field(description="Its name: it has a clock and a draft of its own.")


class CoordinatorIn(Shape):
    """The coordinator CSIRT of a manufacturer."""

    manufacturer: str = Field(max_length=200, description="Code of the manufacturer.")
    member_state: str = Field("", max_length=2, description="Member State by ISO code; empty: as the record has it.")
    through: str = Field("", max_length=200, description="The representative, importer or distributor whose place decides; empty: as recorded.")  # fmt: skip
    csirt: str = Field(max_length=200, description="The CSIRT that it designated.")
    rule: str = Field(max_length=40, description="The rule that decides; a wrong one is answered with those there are.")
    why: Words = Field(description=WHY)
    not_before: Words = Field("", description="Why no earlier rule decides.")


class CoordinatorsShape(Shape):
    """Coordinators, and the rules that determine them."""

    rule_set: str = Field(description="By which rules.")
    note: str = Field(description="What is to be known of them.")
    rules: list[dict] = Field(
        description="rule, established, says, asks, source, role, counts; the first that decides counts."
    )
    coordinators: list[dict] = Field(description="manufacturer, member_state, csirt, rule, through, why, not_before, determined_at, by, otherwise (where the record says so).")  # fmt: skip
    history: list[dict] = Field(description="Every determination, the earliest first.")
    record: dict | None = Field(description="Of the manufacturer asked for: rules (rule, decides, member_state, through, counted, of, gap), decides, member_state.")  # fmt: skip


@router.get(
    "/cases/{code}/reports", response=CaseReportList, operation_id="list_case_reports", summary="Reports of a case"
)
def reports(request: HttpRequest, code: Code):
    """Of every duty that runs."""
    return {"reports": reports_told(request.actor, code)}


@router.get(PLACE, response=CaseReportShape, operation_id="get_case_report", summary="A report")
def report(request: HttpRequest, code: Code, duty: Duty, stage: Stage, manufacturer: Towards = ""):
    """Drafted from the record, with sources and gaps."""
    return report_seen(request.actor, case=code, duty=duty, stage=stage, manufacturer=manufacturer)


@router.get(PLACE + "/paper", operation_id="get_case_report_paper", summary="A report as PDF",
    openapi_extra={"responses": {200: {"description": "PDF/A-2b", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}})  # fmt: skip
def paper(request: HttpRequest, code: Code, duty: Duty, stage: Stage, manufacturer: Towards = ""):
    """The same on paper."""
    found = report_seen(request.actor, case=code, duty=duty, stage=stage, manufacturer=manufacturer)
    return HttpResponse(report_pdf(found), content_type="application/pdf")


@router.post(PLACE + "/texts", response=CaseReportShape, auth=needs(CASE_WORK), operation_id="fill_case_report", summary="Write fields of a report")  # fmt: skip
def texts(request: HttpRequest, code: Code, duty: Duty, stage: Stage, said: ReportTextsIn, idempotency_key: Key = None):
    """What was drafted stays beside it."""
    return _said(request, code, duty, stage, writing.fill, known_cells(said), idempotency_key)


@router.post(PLACE + "/anew", response=CaseReportShape, auth=needs(CASE_WORK), operation_id="draft_case_report_anew", summary="Take over what the record gives now")  # fmt: skip
def anew(request: HttpRequest, code: Code, duty: Duty, stage: Stage, said: ReportAnewIn, idempotency_key: Key = None):
    """Texts of people stay over it."""
    return _said(request, code, duty, stage, writing.draft_anew, known_cells(said), idempotency_key)


@router.post(PLACE + "/approval", response=CaseReportShape, auth=needs(CASE_DECIDE), operation_id="approve_case_report", summary="Approve a report")  # fmt: skip
def approval(
    request: HttpRequest, code: Code, duty: Duty, stage: Stage, said: ReportApprovalIn, idempotency_key: Key = None
):
    """The exact text of this hash is frozen."""
    return _said(request, code, duty, stage, writing.approve, known_cells(said), idempotency_key)


@router.post(PLACE + "/submission", response=CaseReportShape, auth=needs(CASE_WORK, "API_IMPORT_BYTES_MAX"), operation_id="submit_case_report", summary="Record that a report was submitted")  # fmt: skip
def submission(
    request: HttpRequest,
    code: Code,
    duty: Duty,
    stage: Stage,
    at: str = Form(max_length=60, description="When it was submitted."),
    reference: str = Form("", max_length=200, description="What the recipient calls it."),
    sha256: str = Form("", max_length=64, description="The text that was meant; another one is a conflict."),
    why: str = Form("", max_length=4_000, description="Why late, or why again."),
    again: bool = Form(False, description="It was submitted before, and is again."),
    manufacturer: str = Form("", max_length=200, description=TOWARDS),
    capture: UploadedFile | None = File(None, description="A picture of the screen, up to 32 MiB."),  # noqa: B008
    idempotency_key: Key = None,
):
    """The approved text, with a picture of the screen where one is sent."""
    cells = {"at": at_instant("at", at), "reference": reference, "sha256": sha256, "why": why, "again": again}
    if capture is not None:
        content = capture.read(submitting.CAPTURE_BYTES_MAX + 1)
        cells |= {"capture": content, "capture_name": capture.name or "screen"}
    cells["manufacturer"] = manufacturer
    return _said(request, code, duty, stage, submitting.submit_report, cells, idempotency_key)


@router.post(PLACE + "/answer", response=CaseReportShape, auth=needs(CASE_WORK), operation_id="record_report_answer", summary="Record what the recipient said")  # fmt: skip
def answer(
    request: HttpRequest, code: Code, duty: Duty, stage: Stage, said: ReportAnswerIn, idempotency_key: Key = None
):
    """It acknowledged the report, or returned it."""
    cells = {**known_cells(said), "at": at_instant("at", said.at)}
    return _said(request, code, duty, stage, submitting.platform_said, cells, idempotency_key)


@router.post(PLACE + "/not-submitted", response=CaseReportShape, auth=needs(CASE_DECIDE), operation_id="take_back_report", summary="A report was not submitted after all")  # fmt: skip
def not_submitted(
    request: HttpRequest, code: Code, duty: Duty, stage: Stage, said: NotSubmittedIn, idempotency_key: Key = None
):
    """It was recorded by mistake, or with a wrong time: the report is owed again, both lines stay."""
    return _said(request, code, duty, stage, submitting.take_back, known_cells(said), idempotency_key)


@router.post("/cases/{code}/asked-reports", response={201: AskedReportShape}, auth=needs(CASE_WORK), operation_id="ask_case_report", summary="A report is asked for in between")  # fmt: skip
def asked(request: HttpRequest, code: Code, said: AskedReportIn, idempotency_key: Key = None):
    """It gets a clock of its own."""
    times = {name: at_instant(name, getattr(said, name)) for name in ("asked_at", "due_at")}
    key = request_key(request, idempotency_key)
    return Status(201, {"stage": submitting.ask_report(request.actor, case=code, **{**known_cells(said), **times}, request_key=key)})  # fmt: skip


@router.get("/coordinators", response=CoordinatorsShape, operation_id="list_coordinators", summary="Coordinator CSIRTs")
def coordinators(
    request: HttpRequest,
    manufacturer: Annotated[
        str, Query(max_length=200, description="Whose; with what the record says to each rule.")
    ] = "",
):
    """Of every manufacturer, with the reason."""
    return coordinators_told(request.actor, manufacturer)


@router.post("/coordinators", response=CoordinatorsShape, auth=needs(CASE_DECIDE), operation_id="determine_coordinator", summary="Determine a coordinator")  # fmt: skip
def coordinator(request: HttpRequest, said: CoordinatorIn, idempotency_key: Key = None):
    """Beforehand, in writing."""
    determine(request.actor, **known_cells(said), request_key=request_key(request, idempotency_key))
    return coordinators_told(request.actor)


def _said(
    request: HttpRequest, code: str, duty: str, stage: str, verb, cells: dict, idempotency_key: str | None
) -> dict:
    which = {"case": code, "duty": duty, "stage": stage}
    verb(request.actor, **which, **cells, request_key=request_key(request, idempotency_key))
    return report_seen(request.actor, **which, manufacturer=cells.get("manufacturer", ""))
