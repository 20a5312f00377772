"""Cases: signals, what happened, who must be told by when, what was decided and submitted. The twin of the pages Cases."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import ANSWER_FREEZE, CASE_DECIDE, CASE_READ, CASE_WORK, SIGNAL_NOTE
from asbuilt.answers.cases.handling.actions import deciding, opening, saying, turning, working
from asbuilt.answers.cases.handling.affected import affected
from asbuilt.answers.cases.handling.computing import computed
from asbuilt.answers.cases.handling.seen import case_seen, cases_told, signals_told
from asbuilt.doors.api.asking import QUESTION_CHARACTERS_MAX
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Done, Shape
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant

router = Router(tags=["Cases"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Code of the case, such as C-1.")]
SignalCode = Annotated[str, Path(min_length=1, max_length=20, description="Code of the signal, such as S-1.")]
Words = Annotated[str, Field(max_length=4_000)]
Instant = Annotated[str, Field(max_length=60)]
TEXT_CHARACTERS_MAX = 200_000
Key = IdempotencyKey
WHY = "Why; it stands in the case for good."


class CaseSignalIn(Shape):
    """What reached us."""

    source: str = Field(max_length=40, description="feed, kev, mail, customer, supplier, authority, station_alarm, log_tamper or other.")  # fmt: skip
    words: Words = Field(description="What it says.")
    received_at: Instant = Field(description="When it reached us.")
    reference: str = Field("", max_length=200, description="What the sender calls it.")


class WhyIn(Shape):
    """A reason."""

    why: Words = Field(description=WHY)


class CloseIn(Shape):
    """The end of a case."""

    why: Words = Field(description=WHY)
    left_open: dict[str, Words] = Field(
        {}, max_length=200, description="Of each thing in open_ends: why it stays open."
    )


class OpenIn(Shape):
    """A case to open."""

    kind: str = Field(max_length=40, description="aev, incident, vulnerability, quality, supplier or authority.")
    title: str = Field(max_length=200, description="What happened, in a line.")
    why: Words = Field("", description=WHY)
    signals: list[str] = Field([], max_length=100, description="Codes of signals that speak of it.")
    zone: str = Field("", max_length=60, description="Time zone in which its months end; empty: the tenant's.")


class TakeIn(Shape):
    """A signal that speaks of the case."""

    signal: str = Field(max_length=20, description="Code of the signal.")
    why: Words = Field("", description=WHY)


class ProductIn(Shape):
    """A product that the case is about."""

    product: str = Field(max_length=200, description="Code of the product.")
    role: str = Field("", max_length=20, description="Ours towards it: manufacturer, ems, importer, distributor; none takes it off; empty: as recorded.")  # fmt: skip
    manufacturer: str = Field("", max_length=200, description="Its manufacturer's code; empty: as recorded.")
    versions: str = Field("", max_length=200, description="Which versions.")
    why: Words = Field("", description=WHY)


class DutyIn(Shape):
    """A duty that the house says it has here."""

    duty: str = Field(max_length=40, description="nis2, gdpr or contract.")
    why: Words = Field(description=WHY)
    on: bool = Field(True, description="False: it has not.")
    hours: int | None = Field(None, ge=1, le=8_784, description="Hours that the contract gives.")
    party: str = Field("", max_length=200, description="The brand owner whose contract it is; empty: all.")


class MomentIn(Shape):
    """When something was."""

    moment: str = Field(max_length=40, description="aware_at, signal_received_at, assessment_started_at, assessment_concluded_at, detected_at or occurred_at.")  # fmt: skip
    at: Instant = Field(description="When.")
    why: Words = Field(description=WHY)
    duty: str = Field("", max_length=40, description="Of aware_at: which duty; empty: all that run.")
    manufacturer: str = Field("", max_length=200, description="Of aware_at: towards whom; empty: all.")


class KindIn(Shape):
    """What a case turned out to be."""

    kind: Literal["aev", "incident", "vulnerability", "quality", "supplier", "authority"] = Field(description="What.")
    at: Instant = Field(description="Since when we are aware of that: the duties that it starts run from then.")
    why: Words = Field(description=WHY)


class MeasureIn(Shape):
    """A measure that users can have."""

    kind: Literal["mitigating", "corrective"] = Field(description="A workaround, or a fix.")
    at: Instant | None = Field(description="Since when; null: the measure named is none.")
    why: Words = Field(description=WHY)
    measure: str = Field("", max_length=20, description="Code of one that was stated, which this supersedes.")
    manufacturer: str = Field("", max_length=200, description="Only of this one's products; empty: of all.")


class DecisionIn(Shape):
    """Whether it has to be reported."""

    reportable: bool = Field(description="Whether.")
    ground: str = Field(max_length=60, description="A ground of the rule set; a wrong one is answered with those there are.")  # fmt: skip
    why: Words = Field(description=WHY)
    duty: str = Field("", max_length=40, description="Which duty; empty: all that run.")
    manufacturer: str = Field("", max_length=200, description="Towards whom; empty: all.")
    vex: str = Field("", max_length=20, description="A VEX decision that proves it.")
    answer: str = Field("", max_length=26, description="A frozen answer that proves it.")
    evidence: str = Field("", max_length=TEXT_CHARACTERS_MAX, description="Text that proves it, kept as evidence.")


class AnswerIn(Shape):
    """Affected units."""

    question: str = Field("", max_length=QUESTION_CHARACTERS_MAX, description="Ask and freeze this now.")
    answer: str = Field("", max_length=26, description="Or: the ULID of an answer that is frozen.")
    why: Words = Field(description=WHY)
    supersedes: str | None = Field(None, max_length=26, description="ULID of the answer that a new one replaces.")


class SubmissionIn(Shape):
    """A report that was submitted."""

    duty: str = Field(max_length=40, description="Which duty.")
    stage: str = Field(max_length=40, description="Which report.")
    at: Instant = Field(description="When it was submitted.")
    reference: str = Field("", max_length=200, description="What the recipient calls it.")
    manufacturer: str = Field("", max_length=200, description="Towards whom, where the duty runs several times.")
    why: Words = Field("", description="Why late, or why again.")
    again: bool = Field(False, description="It was submitted before, and is again.")
    sent: str = Field("", max_length=TEXT_CHARACTERS_MAX, description="The exact text, kept as evidence.")


class LateIn(Shape):
    """Why a report is late."""

    duty: str = Field(max_length=40, description="Which duty.")
    stage: str = Field(max_length=40, description="Which report.")
    why: Words = Field(description=WHY)
    manufacturer: str = Field("", max_length=200, description="Towards whom, where the duty runs several times.")


class FindingIn(Shape):
    """What is known, or not."""

    words: Words = Field(description="What.")
    known: bool = Field(description="Whether it is known.")
    finding: str = Field("", max_length=20, description="Code of one that this supersedes.")


class TaskIn(Shape):
    """A task, or what changed of one."""

    words: str = Field("", max_length=200, description="What is to be done; empty with `task`: as it was.")
    owner: str = Field("", max_length=40, description="Badge of who does it.")
    due_at: str = Field("", max_length=60, description="Until when.")
    state: str = Field("", max_length=20, description="todo, doing, done or dropped.")
    task: str = Field("", max_length=20, description="Code of one that is there.")


class AffectedShape(Shape):
    """Affected units then and now."""

    now: dict | None = Field(description="question, certain, possible, unrecorded, outside, here, by_customer, countries, gaps (what the record does not know); null where nothing was frozen.")  # fmt: skip
    frozen: list[dict] = Field(description="answer, question, why, at, reports submitted with it, and its numbers.")
    changed: dict | None = Field(description="certain, possible, unrecorded: now against the newest frozen answer.")


class NoteIn(Shape):
    """A note."""

    words: Words = Field(description="For whoever reads the case later.")


class CaseShape(Shape):
    """A case as it stands, and everything that was said of it."""

    case: str = Field(description="Its code.")
    kind: str = Field(description="What kind of event it was opened as.")
    kinds: list[str] = Field(description="That, and what it turned out to be.")
    title: str = Field(description="What happened.")
    state: str = Field(description="open or closed.")
    opened_at: str = Field(description="When.")
    zone: str = Field(description="Time zone in which its months end where no coordinator's does.")
    moments: dict = Field(description="Moment -> at, why, by, recorded_at; those that hold.")
    products: list[dict] = Field(description="product, role, by, versions, manufacturer.")
    measures: list[dict] = Field(description="measure, kind, available_at, manufacturer, why.")
    signals: list[str] = Field(description="Codes of its signals.")
    answers: list[dict] = Field(description="answer, sha256, question, why, linked_at; the newest last.")
    duties: list[dict] = Field(description="duty, manufacturer, source, rule_set, zone (of its local times), months_end_in (zone, of: coordinator or case; null: no month is counted), aware, decided, decision, ended (the line by which the house said that it has it no more), clocks; none is merged with another.")  # fmt: skip
    findings: list[dict] = Field(description="finding, words, known, by, at.")
    tasks: list[dict] = Field(description="task, words, owner, due_at, state, late; the open ones first.")
    open_ends: list[dict] = Field(description="name, words: what would fall silent if the case were closed.")
    gaps: list[str] = Field(description="What is not known.")
    next: str = Field(description="The next step.")
    timeline: list[dict] = Field(description="Every line, the earliest first; lines `shown` say what clocks showed then.")  # fmt: skip


class CaseList(Shape):
    """Cases, those with the nearest deadline first."""

    cases: list[dict] = Field(
        description="case, kind, kinds, title, state, opened_at, zone, next_due_at, late, products."
    )


class SignalList(Shape):
    """Signals, those that wait first."""

    signals: list[dict] = Field(description="signal, source, words, reference, received_at, state, case, why.")


class SignalNoted(Shape):
    """A signal that was noted."""

    signal: str = Field(description="Its code.")


class ClocksShape(Shape):
    """Clocks of reports, computed from the times given."""

    duty: str = Field(description="Which duty.")
    rule_set: str = Field(description="By which rules.")
    source: str = Field(description="Where the duty stands.")
    clocks: list[dict] = Field(description="stage, state, due_at, estimate_at, local, platform, source, note.")


@router.get("/case-clocks", response=ClocksShape, auth=needs(CASE_READ), operation_id="compute_clocks", summary="Compute clocks")  # fmt: skip
def clocks(
    request: HttpRequest,
    kind: Annotated[str, Query(max_length=40, description="aev or incident.")],
    aware: Annotated[str, Query(max_length=60, description="When it was known.")],
    measure: Annotated[list[str], Query(max_length=100, description="When a measure was there.")] = [],  # noqa: B006
    notified: Annotated[str, Query(max_length=60, description="When the notification was submitted.")] = "",
    warned: Annotated[str, Query(max_length=60, description="When the early warning was submitted.")] = "",
    zone: Annotated[str, Query(max_length=60, description="Time zone of the maker.")] = "",
):
    """Nothing is stored."""
    return computed(kind=kind, aware=aware, measures=measure, notified=notified, warned=warned, zone=zone)


@router.get("/signals", response=SignalList, operation_id="list_signals", summary="Signals")
def list_signals(request: HttpRequest):
    """The newest 500."""
    return {"signals": signals_told(request.actor)}


@router.post("/signals", response={201: SignalNoted}, auth=needs(SIGNAL_NOTE), operation_id="note_signal", summary="Note a signal")  # fmt: skip
def note_signal(request: HttpRequest, said: CaseSignalIn, idempotency_key: Key = None):
    """It waits until a person dismisses it or takes it into a case."""
    cells = {**known_cells(said), "received_at": at_instant("received_at", said.received_at)}
    code = opening.note_signal(request.actor, **cells, request_key=request_key(request, idempotency_key))
    return Status(201, {"signal": code})


@router.post("/signals/{signal}/dismiss", response=Done, auth=needs(CASE_WORK), operation_id="dismiss_signal", summary="Dismiss a signal")  # fmt: skip
def dismiss_signal(request: HttpRequest, signal: SignalCode, said: WhyIn, idempotency_key: Key = None):
    """It is nothing for a case."""
    key = request_key(request, idempotency_key)
    opening.dismiss_signal(request.actor, signal=signal, why=said.why, request_key=key)
    return Done()


@router.get("/cases", response=CaseList, operation_id="list_cases", summary="Cases")
def list_cases(
    request: HttpRequest,
    closed: Annotated[bool, Query(description="The closed ones instead of the open ones.")] = False,
):
    """Of the newest 500."""
    return {"cases": cases_told(request.actor, closed=closed)}


@router.post("/cases", response={201: CaseShape}, auth=needs(CASE_WORK), operation_id="open_case", summary="Open a case")  # fmt: skip
def open_case(request: HttpRequest, said: OpenIn, idempotency_key: Key = None):
    """A person begins to assess what happened."""
    key = request_key(request, idempotency_key)
    code = opening.open_case(request.actor, **known_cells(said), request_key=key)
    return Status(201, case_seen(request.actor, code))


@router.get("/cases/{code}", response=CaseShape, operation_id="get_case", summary="A case")
def one_case(request: HttpRequest, code: Code):
    """With its clocks now, and its timeline."""
    return case_seen(request.actor, code)


@router.post("/cases/{code}/signals", response=CaseShape, auth=needs(CASE_WORK), operation_id="take_signal", summary="Take a signal into a case")  # fmt: skip
def take_signal(request: HttpRequest, code: Code, said: TakeIn, idempotency_key: Key = None):
    """It speaks of the same event."""
    return _said(request, code, opening.take_signal, said, idempotency_key)


@router.post("/cases/{code}/products", response=CaseShape, auth=needs(CASE_WORK), operation_id="add_case_product", summary="Say which product")  # fmt: skip
def product(request: HttpRequest, code: Code, said: ProductIn, idempotency_key: Key = None):
    """Our role towards it says which duties run."""
    return _said(request, code, saying.add_product, said, idempotency_key)


@router.post("/cases/{code}/duties", response=CaseShape, auth=needs(CASE_WORK), operation_id="say_case_duty", summary="Say a duty of the house")  # fmt: skip
def duty(request: HttpRequest, code: Code, said: DutyIn, idempotency_key: Key = None):
    """Its clocks run beside the others."""
    return _said(request, code, saying.say_duty, said, idempotency_key)


@router.post("/cases/{code}/moments", response=CaseShape, auth=needs(CASE_WORK), operation_id="state_case_moment", summary="State a moment")  # fmt: skip
def moment(request: HttpRequest, code: Code, said: MomentIn, idempotency_key: Key = None):
    """A later one supersedes, and both stay. Awareness needs the right to decide."""
    return _said(request, code, saying.state_moment, said, idempotency_key, at=at_instant("at", said.at))


@router.post("/cases/{code}/kinds", response=CaseShape, auth=needs(CASE_DECIDE), operation_id="add_case_kind", summary="Say what a case turned out to be")  # fmt: skip
def kind(request: HttpRequest, code: Code, said: KindIn, idempotency_key: Key = None):
    """Its duties begin; nothing that was said is changed."""
    return _said(request, code, turning.add_kind, said, idempotency_key, at=at_instant("at", said.at))


@router.post("/cases/{code}/measures", response=CaseShape, auth=needs(CASE_WORK), operation_id="state_case_measure", summary="State a measure")  # fmt: skip
def measure(request: HttpRequest, code: Code, said: MeasureIn, idempotency_key: Key = None):
    """The first one that is available starts the clock of a final report."""
    at = None if said.at is None else at_instant("at", said.at)
    return _said(request, code, saying.state_measure, said, idempotency_key, at=at)


@router.post("/cases/{code}/decisions", response=CaseShape, auth=needs(CASE_DECIDE), operation_id="decide_case", summary="Decide whether to report")  # fmt: skip
def decision(request: HttpRequest, code: Code, said: DecisionIn, idempotency_key: Key = None):
    """With its ground, and its evidence where the ground asks for some."""
    cells = {one: cell for one, cell in known_cells(said).items() if one != "evidence"}
    content = said.evidence.encode() if said.evidence else None
    key = request_key(request, idempotency_key)
    deciding.decide(request.actor, case=code, **cells, content=content, name="evidence.txt", request_key=key)
    return case_seen(request.actor, code)


@router.post("/cases/{code}/answers", response=CaseShape, auth=needs(ANSWER_FREEZE), operation_id="freeze_case_answer", summary="Freeze affected units")  # fmt: skip
def answer(request: HttpRequest, code: Code, said: AnswerIn, idempotency_key: Key = None):
    """Ask and freeze, or link an answer that is frozen."""
    if bool(said.question) == bool(said.answer):
        raise Invalid("api.answer_which", "Give question or answer, one of them.", {"field": "question"}, "Leave one out.")  # fmt: skip
    key, actor = request_key(request, idempotency_key), request.actor
    if said.answer:
        deciding.link_answer(actor, case=code, answer=said.answer, why=said.why, request_key=key)
    else:
        cells = said.model_dump(include={"question", "why", "supersedes"})
        deciding.freeze(actor, case=code, **cells, request_key=key)
    return case_seen(actor, code)


@router.post("/cases/{code}/submissions", response=CaseShape, auth=needs(CASE_WORK), operation_id="record_submission", summary="Record what was submitted")  # fmt: skip
def submission(request: HttpRequest, code: Code, said: SubmissionIn, idempotency_key: Key = None):
    """A past deadline stops nothing; the report is recorded as late."""
    cells = {**{one: cell for one, cell in known_cells(said).items() if one != "sent"}, "at": at_instant("at", said.at)}
    content = said.sent.encode() if said.sent else None
    key = request_key(request, idempotency_key)
    deciding.submit(request.actor, case=code, **cells, content=content, name="submitted.txt", request_key=key)
    return case_seen(request.actor, code)


@router.post("/cases/{code}/late-reasons", response=CaseShape, auth=needs(CASE_WORK), operation_id="say_why_late", summary="Say why a report is late")  # fmt: skip
def late(request: HttpRequest, code: Code, said: LateIn, idempotency_key: Key = None):
    """Until somebody does, it is a gap."""
    return _said(request, code, deciding.say_why_late, said, idempotency_key)


@router.get("/cases/{code}/affected", response=AffectedShape, auth=needs(CASE_READ), operation_id="get_case_affected", summary="Affected units of a case")  # fmt: skip
def affected_units(request: HttpRequest, code: Code):
    """As its answers were frozen, and as the newest question answers now."""
    return affected(request.actor, code)


@router.post("/cases/{code}/findings", response=CaseShape, auth=needs(CASE_WORK), operation_id="state_finding", summary="Say what is known")  # fmt: skip
def finding(request: HttpRequest, code: Code, said: FindingIn, idempotency_key: Key = None):
    """Or what is not known yet."""
    return _said(request, code, working.state_finding, said, idempotency_key)


@router.post("/cases/{code}/tasks", response=CaseShape, auth=needs(CASE_WORK), operation_id="set_case_task", summary="Give a task")  # fmt: skip
def task(request: HttpRequest, code: Code, said: TaskIn, idempotency_key: Key = None):
    """Or say how one stands."""
    cells = {one: cell for one, cell in known_cells(said).items() if one not in ("due_at", "state")}
    due = at_instant("due_at", said.due_at) if said.due_at else None
    key = request_key(request, idempotency_key)
    working.set_task(request.actor, case=code, due_at=due, task_state=said.state, **cells, request_key=key)
    return case_seen(request.actor, code)


@router.post("/cases/{code}/notes", response=CaseShape, auth=needs(CASE_WORK), operation_id="note_case", summary="Write a note")  # fmt: skip
def note(request: HttpRequest, code: Code, said: NoteIn, idempotency_key: Key = None):
    """For whoever reads the case later."""
    return _said(request, code, saying.note, said, idempotency_key)


@router.post("/cases/{code}/close", response=CaseShape, auth=needs(CASE_DECIDE), operation_id="close_case", summary="Close a case")  # fmt: skip
def close(request: HttpRequest, code: Code, said: CloseIn, idempotency_key: Key = None):
    """Nothing is left to do, or somebody says of each thing that is open why it stays so."""
    return _said(request, code, opening.close_case, said, idempotency_key)


@router.post("/cases/{code}/reopen", response=CaseShape, auth=needs(CASE_DECIDE), operation_id="reopen_case", summary="Reopen a case")  # fmt: skip
def reopen(request: HttpRequest, code: Code, said: WhyIn, idempotency_key: Key = None):
    """Everything that was said of it stands."""
    return _said(request, code, opening.reopen_case, said, idempotency_key)


def _said(request: HttpRequest, code: str, verb, said: Shape, idempotency_key: str | None, **more) -> dict:
    verb(request.actor, case=code, request_key=request_key(request, idempotency_key), **{**known_cells(said), **more})
    return case_seen(request.actor, code)


def known_cells(said: Shape) -> dict:
    """The fields that the description names: what else a request brings is no argument of a verb."""
    return said.model_dump(include=set(type(said).model_fields))


def at_instant(field: str, text: str) -> int:
    """A time of a request in UTC µs; Invalid for what is none."""
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cases.time_wrong", f"{field}: {refusal}.", {"field": field}, "Write the time so.") from None
