"""BOM versions compared, ECOs, processes under control. The twin of the pages Changes."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import CHANGE_READ, CHANGE_RELEASE, CHANGE_WRITE, RECORD_READ
from asbuilt.answers.gate.bounding import set_boundary
from asbuilt.answers.gate.controlling import control_process
from asbuilt.answers.gate.process_seen import controls_seen
from asbuilt.answers.portal.asking import ask_approval
from asbuilt.designed.changes.controlling.actions import deciding, proposing
from asbuilt.designed.changes.controlling.seen import ecos_told
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey as Key
from asbuilt.doors.api.keys import request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.boms.compared import Named, compared
from asbuilt.questions.boms.difference_paper import difference_pdf
from asbuilt.questions.genealogy.answering.changes_built import change_seen

router = Router(tags=["Changes"], auth=Caller())
Code = Annotated[str, Path(min_length=1, max_length=20, description="Code of the ECO, such as ECO-1.")]
Name = Annotated[str, Field(max_length=200)]
Words = Annotated[str, Field(max_length=4_000)]
WHY = "Why; it stands there for good."
_PDF = {"responses": {200: {"description": "PDF/A-2b", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}}}  # fmt: skip


class EcoIn(Shape):
    """A change to ask for."""

    title: Name = Field(description="What changes, in a line.")
    why: Words = Field(description=WHY)
    products: list[Name] = Field(max_length=50, description="The products that it affects.")


class ChangeIn(Shape):
    """One thing that an ECO changes."""

    kind: str = Field(max_length=40, description="bom, part, firmware, test_plan or process.")
    product: Name = Field(description="Of which product.")
    subject: list[Name] = Field(max_length=3, description="Which: hardware revision, part, image role, plan; of a process step, side, aspect.")  # fmt: skip
    old: Name = Field(description="What it was; of a part MAKER/MPN.")
    new: Name = Field(description="What it becomes.")
    why: Words = Field("", description="Why this.")


class ChangeReasonIn(Shape):
    """A reason."""

    why: Words = Field(description=WHY)


class ChangeAnswerIn(Shape):
    """An answer to a question on security functions."""

    question: Name = Field(description="Which question, such as new_threat.")
    answer: str = Field(max_length=40, description="yes, no or not_applicable.")
    why: Words = Field(description=WHY)


class SubstantialIn(Shape):
    """Whether it is a substantial modification."""

    substantial: str = Field(max_length=3, description="yes or no.")
    why: Words = Field(description=WHY)


class NeedIn(Shape):
    """A test or a qualification that is asked for."""

    what: Words = Field(description="What has to be done before the boundary may be set.")


class SheetDecisionIn(Shape):
    """A decision about an ECO."""

    decision: str = Field(max_length=40, description="approved, refused or revoked.")
    role: str = Field("", max_length=40, description="For which role of the house; empty: the only one of yours that is asked.")  # fmt: skip
    why: Words = Field("", description="Why; needed for a refusal.")


class BoundaryIn(Shape):
    """From where on it holds."""

    kind: str = Field(max_length=40, description="unit, order or date.")
    value: Name = Field(description="A unit, a work order, or a day such as 2027-03-15.")
    why: Words = Field(description=WHY)


class ControlIn(Shape):
    """A process to put under control, or to take out of it."""

    product: Name = Field(description="The product.")
    step: Name = Field(description="The step.")
    side: str = Field("", max_length=20, description="Of which side; empty: any.")
    aspect: str = Field(max_length=40, description="program, program_revision, paste, stencil or software.")
    value: Name = Field("", description="What it runs by today.")
    why: Words = Field(description=WHY)
    on: bool = Field(True, description="False: out of control.")


class EcoLine(Shape):
    """An ECO in a line."""

    eco: str = Field(description="Its code.")
    title: str = Field(description="What changes.")
    state: str = Field(description="draft, waiting, approved, in_force, suspended or withdrawn.")
    proposed_at: str = Field(description="When it was asked for.")
    products: list[str] = Field(description="Products that it affects, as far as the reader may know.")
    substantial: bool | None = Field(description="Whether it was judged a substantial modification; null: not yet.")
    boundary: str | None = Field(description="From where on it holds.")
    waits_for_you: bool = Field(description="Whether it waits for the reader's decision.")
    waits_since: str = Field(
        description="Since when it is as it is: its changes, answers and judgement, and what the reader's own party decided."
    )


class EcoShape(EcoLine):
    """An ECO, and what was built of it."""

    why: str = Field(description="Why it was asked for.")
    by: str | None = Field(description="Who asked, by badge; null for a party's reader.")
    rule_set: str = Field(description="The rules that it is judged by.")
    affects: list[dict] = Field(description="product, manufacturer.")
    changes: list[dict] = Field(description="change, kind, product, subject, old, new, why.")
    questions: list[dict] = Field(description="question, group, asks, source, answer, why, by, touches_security.")
    judgement: dict | None = Field(description="substantial, why, by, at, means, source.")
    asked: list[dict] = Field(description="code, what, state, evidence, by.")
    approvals: list[dict] = Field(
        description="role or party, decision, holds, outdated, why, at, by, told (to, whom, state, sent_at, error)."
    )
    roles_needed: list[str] = Field(description="Roles of the house that have to agree.")
    may_decide_as: list[str] = Field(description="Of these, the reader's.")
    set: dict | None = Field(description="kind, value, at, set_at, by, why of the boundary.")
    withdrawn: dict | None = Field(description="at, why.")
    timeline: list[dict] = Field(
        description="Everything that was said, the earliest first; empty for a party's reader."
    )
    notices: list[dict] = Field(
        description="Change notices that it answers: notice, kind, maker, number, title, dates."
    )
    alternates: list[dict] = Field(description="Of each maker's part that it brings in and a sheet names: change, part, mpn, maker, state, lower, unknown, units; to the house sheet, run, order.")  # fmt: skip
    built: list[dict] = Field(description="change, first_new, last_old, new_units, old_units, tried_units (of qualification runs, counted in neither), unclear_units (of which nobody knows for certain which way, counted in neither), new_before_last_old, old_behind_first_new, old_question, new_question.")  # fmt: skip


class EcoList(Shape):
    """ECOs, the newest first."""

    ecos: list[EcoLine] = Field(description="The newest 500 that the reader may see.")


class ControlList(Shape):
    """Processes under control."""

    controls: list[dict] = Field(description="product, step, side, aspect, value, since, why, changes (eco, value, boundary, approved), otherwise (value, approved, side, units, conceded, since, first, question): what passed by something else.")  # fmt: skip


class DifferenceShape(Shape):
    """What differs between two BOM versions, by meaning."""

    product: str = Field(description="Of which product.")
    old: dict = Field(description="revision, bom_version, configuration, lines, pieces, makers_as_of_entry, units (a question).")  # fmt: skip
    new: dict = Field(description="The same of the new one.")
    same: bool = Field(description="Whether both mean the same.")
    added: list[dict] = Field(description="part, old_quantity, new_quantity, refdes_gained, refdes_lost.")
    removed: list[dict] = Field(description="The same of parts that went.")
    quantities: list[dict] = Field(description="The same of parts of which there are more or fewer.")
    replaced: list[dict] = Field(description="old_part, new_part, refdes.")
    swapped: list[dict] = Field(description="part, refdes, other_part, other_refdes: where each stands now.")
    moved: list[dict] = Field(description="part, old_refdes, new_refdes.")
    makers: list[dict] = Field(description="part, substituted, gone, new, kept (maker, mpn).")
    firmware: list[dict] = Field(description="product, role, old_version, new_version.")


class Sides(Shape):
    """Which two BOM versions."""

    product: Name = Field(description="The product's code.")
    revision: Name = Field(
        description="The hardware revision of the old one, and of the new one where nothing else is said."
    )
    old: Name = Field(description="The old BOM version.")
    new: Name = Field(description="The new BOM version.")
    to_revision: Name = Field("", description="The hardware revision of the new one.")
    configuration: Name = Field("", description="The configuration of the old one, whose firmware is compared.")
    to_configuration: Name = Field("", description="The configuration of the new one.")


def _compared(request: HttpRequest, said: Sides) -> dict:
    old = Named(said.revision, said.old, said.configuration)
    new = Named(said.to_revision or said.revision, said.new, said.to_configuration)
    return compared(request.actor, product=said.product, old=old, new=new)


@router.get("/bom-differences", response=DifferenceShape, auth=needs(RECORD_READ), operation_id="compare_boms", summary="Two BOM versions compared")  # fmt: skip
def differences(request: HttpRequest, said: Query[Sides]):
    """By meaning: parts, places, quantities, makers of the same number, firmware of the configurations."""
    return _compared(request, said)


@router.get("/bom-differences/paper", auth=needs(RECORD_READ), operation_id="get_bom_difference_paper", summary="The same as PDF", openapi_extra=_PDF)  # fmt: skip
def difference_paper(request: HttpRequest, said: Query[Sides]):
    """On paper."""
    return HttpResponse(difference_pdf(_compared(request, said)), content_type="application/pdf")


@router.get("/ecos", response=EcoList, auth=needs(CHANGE_READ), operation_id="list_ecos", summary="ECOs")
def list_ecos(request: HttpRequest):
    """The newest first; a manufacturer's person reads those of his party's products."""
    return {"ecos": ecos_told(request.actor)}


@router.post("/ecos", response={201: EcoShape}, auth=needs(CHANGE_WRITE), operation_id="propose_eco", summary="Ask for a change")  # fmt: skip
def propose(request: HttpRequest, said: EcoIn, idempotency_key: Key = None):
    """It is described and assessed next."""
    key = request_key(request, idempotency_key)
    code = proposing.propose_eco(request.actor, title=said.title, why=said.why, products=said.products, request_key=key)
    return Status(201, change_seen(request.actor, code))


@router.get("/ecos/{code}", response=EcoShape, auth=needs(CHANGE_READ), operation_id="get_eco", summary="An ECO")
def one_eco(request: HttpRequest, code: Code):
    """With the first unit that was built so, and the last one built the old way."""
    return change_seen(request.actor, code)


def _done(request: HttpRequest, verb, code: str, key: str | None, **said):
    verb(request.actor, eco=code, **said, request_key=request_key(request, key))
    return change_seen(request.actor, code)


@router.post("/ecos/{code}/changes", response=EcoShape, operation_id="add_eco_change", summary="Say what it changes")
def add(request: HttpRequest, code: Code, said: ChangeIn, idempotency_key: Key = None):
    """One thing more; approvals are asked for anew."""
    return _done(request, proposing.add_change, code, idempotency_key, **_cells(said))


@router.post("/ecos/{code}/changes/{change}/drop", response=EcoShape, operation_id="drop_eco_change", summary="Take a change out")  # fmt: skip
def drop(request: HttpRequest, code: Code, change: Annotated[str, Path(max_length=10, description="Number of the change.")], said: ChangeReasonIn, idempotency_key: Key = None):  # fmt: skip
    """It stays in the timeline."""
    return _done(request, proposing.drop_change, code, idempotency_key, change=change, why=said.why)


@router.post("/ecos/{code}/answers", response=EcoShape, operation_id="answer_eco_question", summary="Answer a question")
def answer(request: HttpRequest, code: Code, said: ChangeAnswerIn, idempotency_key: Key = None):
    """A later answer takes the place of an earlier one."""
    return _done(request, proposing.answer_question, code, idempotency_key, **_cells(said))


@router.post("/ecos/{code}/judgement", response=EcoShape, operation_id="judge_eco", summary="Substantial modification or not")  # fmt: skip
def judge(request: HttpRequest, code: Code, said: SubstantialIn, idempotency_key: Key = None):
    """By a person, once every question is answered."""
    return _done(request, proposing.judge_substantial, code, idempotency_key, answer=said.substantial, why=said.why)


@router.post("/ecos/{code}/needs", response=EcoShape, operation_id="ask_of_eco", summary="Ask for a test or a qualification")  # fmt: skip
def need(request: HttpRequest, code: Code, said: NeedIn, idempotency_key: Key = None):
    """Before the boundary may be set."""
    return _done(request, proposing.ask_for, code, idempotency_key, what=said.what)


@router.post("/ecos/{code}/needs/{asked}/done", response=EcoShape, operation_id="tick_of_eco", summary="It is done")
def tick(request: HttpRequest, code: Code, asked: Annotated[str, Path(max_length=10, description="Its code, such as T-1.")], said: ChangeReasonIn, idempotency_key: Key = None):  # fmt: skip
    """The reason names the evidence."""
    return _done(request, proposing.tick, code, idempotency_key, asked=asked, why=said.why)


@router.post("/ecos/{code}/requests", response=EcoShape, operation_id="ask_eco_approval", summary="Tell whoever has not agreed")  # fmt: skip
def ask(request: HttpRequest, code: Code, idempotency_key: Key = None):
    """People of the role or the party who have a mail address, else the party's contact, else the lists eco-ROLE and eco-PARTY."""
    return _done(request, ask_approval, code, idempotency_key)


@router.post("/ecos/{code}/decisions", response=EcoShape, operation_id="decide_eco", summary="Agree, refuse, take back")
def decide(request: HttpRequest, code: Code, said: SheetDecisionIn, idempotency_key: Key = None):
    """For a role of the house, or for one's own party."""
    return _done(request, deciding.decide, code, idempotency_key, **_cells(said))


@router.post("/ecos/{code}/boundary", response=EcoShape, operation_id="set_eco_boundary", summary="Set from where on it holds")  # fmt: skip
def boundary(request: HttpRequest, code: Code, said: BoundaryIn, idempotency_key: Key = None):
    """Refused behind units that were begun."""
    return _done(request, set_boundary, code, idempotency_key, **_cells(said))


@router.post("/ecos/{code}/withdrawal", response=EcoShape, operation_id="withdraw_eco", summary="Withdraw it")
def withdraw(request: HttpRequest, code: Code, said: ChangeReasonIn, idempotency_key: Key = None):
    """Before its boundary is set."""
    return _done(request, deciding.withdraw_eco, code, idempotency_key, why=said.why)


@router.get("/process-controls", response=ControlList, auth=needs(CHANGE_READ), operation_id="list_process_controls", summary="Processes under control")  # fmt: skip
def list_controls(request: HttpRequest, product: Annotated[str, Query(max_length=200, description="Only of this product.")] = ""):  # fmt: skip
    """What steps of products may run by."""
    return {"controls": controls_seen(request.actor, product)}


@router.post("/process-controls", response=ControlList, auth=needs(CHANGE_RELEASE), operation_id="control_process", summary="Put a process under control")  # fmt: skip
def control(request: HttpRequest, said: ControlIn, idempotency_key: Key = None):
    """From now on only an ECO changes it."""
    control_process(request.actor, **_cells(said), request_key=request_key(request, idempotency_key))
    return {"controls": controls_seen(request.actor, said.product)}


def _cells(said: Shape) -> dict:
    return said.model_dump(include=set(type(said).model_fields))
