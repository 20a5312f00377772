"""What an EMS is asked, answered from the record; certificates; signed reports of ours and of others."""

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import EVIDENCE_READ, FILING_DECIDE, FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import ems_actions as verbs
from asbuilt.answers.compliance.filing.ems import comparison_told, questionnaire_told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cases import Key
from asbuilt.doors.api.filing import ZIP, RecordedEntry, attached
from asbuilt.doors.api.keys import request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["EMS"], auth=Caller())


class QuestionnaireShape(Shape):
    """Our answers now."""

    party: str = Field(description="Code of the party that keeps this record.")
    name: str = Field(description="Its name.")
    made_at: str = Field(description="When it was counted.")
    rule_set: str = Field(description="Which list of questions.")
    source: str = Field(description="Where they come from.")
    answers: list[dict] = Field(description="question, section, name, source (record, stated, none), value, unit, words, stated, file, sha256, asked_by.")  # fmt: skip
    certificates: list[dict] = Field(description="standard, name, asked, state (valid, over, not_yet, none), number, issuer, from_on, until_on, scope, file, sha256.")  # fmt: skip
    gaps: list[str] = Field(description="Questions without an answer, and required certificates that do not hold.")


class ComparisonShape(Shape):
    """EMS beside EMS."""

    rule_set: str = Field(description="Which list of questions.")
    parties: list[dict] = Field(description="party, name, made_at, sha256, origin, ours.")
    questions: list[dict] = Field(description="question, name, answers by party: source, value, unit, words.")
    certificates: list[dict] = Field(description="standard, and by party: state, from_on, until_on.")


@router.get("/ems/questionnaire", response=QuestionnaireShape, auth=needs(FILING_READ), operation_id="get_questionnaire", summary="Our answers to what an EMS is asked")  # fmt: skip
def questionnaire(request: HttpRequest):
    """Counted now."""
    return questionnaire_told(request.actor)


@router.get("/ems/comparison", response=ComparisonShape, auth=needs(FILING_READ), operation_id="compare_ems", summary="EMS beside EMS")  # fmt: skip
def comparison(request: HttpRequest):
    """Ours, and the newest report that was taken of each other one."""
    return comparison_told(request.actor)


@router.get("/ems/report", auth=needs(EVIDENCE_READ), operation_id="get_ems_report", summary="Our answers as a signed report", openapi_extra=ZIP)  # fmt: skip
def report(request: HttpRequest):
    """`asbuilt verify` checks it."""
    return HttpResponse(verbs.ems_report(request.actor), content_type="application/zip")


@router.post("/ems/answers", response={201: RecordedEntry}, auth=needs(FILING_WRITE, "API_IMPORT_BYTES_MAX"), operation_id="answer_question", summary="State an answer")  # fmt: skip
def answer(
    request: HttpRequest,
    question: str = Form(max_length=60, description="Key of the question."),
    words: str = Form(max_length=4_000, description="The answer."),
    file: UploadedFile | None = File(None, description="A document that shows it."),  # noqa: B008
    idempotency_key: Key = None,
):
    """What the record measures stays beside it."""
    content, name = attached(file)
    key = request_key(request, idempotency_key)
    entry = verbs.answer_question(request.actor, question=question, words=words, content=content, name=name, request_key=key)  # fmt: skip
    return Status(201, {"entry": entry})


@router.post("/ems/certificates", response={201: RecordedEntry}, auth=needs(FILING_WRITE, "API_IMPORT_BYTES_MAX"), operation_id="state_certificate", summary="State a certificate")  # fmt: skip
def certificate(
    request: HttpRequest,
    standard: str = Form(max_length=200, description="Such as ISO 9001."),
    number: str = Form(max_length=200, description="Its number."),
    issuer: str = Form(max_length=200, description="Who issued it."),
    from_on: str = Form(max_length=10, description="First day."),
    until_on: str = Form(max_length=10, description="Last day."),
    scope: str = Form("", max_length=200, description="For what it holds."),
    file: UploadedFile | None = File(None, description="The certificate."),  # noqa: B008
    idempotency_key: Key = None,
):
    """It counts on the days between."""
    content, name = attached(file)
    entry = verbs.state_certificate(
        request.actor, standard=standard, number=number, issuer=issuer, from_on=from_on, until_on=until_on, scope=scope, content=content, name=name,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})


@router.post("/ems/reports", response={201: RecordedEntry}, auth=needs(FILING_DECIDE, "API_IMPORT_BYTES_MAX"), operation_id="take_ems_report", summary="Take in the report of another EMS")  # fmt: skip
def take(
    request: HttpRequest,
    party: str = Form(max_length=200, description="Code or name of that EMS."),
    file: UploadedFile = File(..., description="Its signed report."),  # noqa: B008
    keys: UploadedFile = File(..., description="The public.keys that it handed out."),  # noqa: B008
    idempotency_key: Key = None,
):
    """Checked with its keys; what does not hold is not kept."""
    content, name = attached(file)
    entry = verbs.take_report(
        request.actor, party=party, content=content or b"", keys=keys.read(), name=name,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, {"entry": entry})
