"""Compliance: what products are in the sense of the law, their risk assessment and matrix, support and retention. The twin of the pages Compliance."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import File, Form, Path, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from asbuilt.access.rights import COMPLIANCE_ASSESS, COMPLIANCE_DECIDE, COMPLIANCE_READ
from asbuilt.answers.compliance.assessing import actions as assessing
from asbuilt.answers.compliance.assessing.revising import draft_revision, review_revision
from asbuilt.answers.compliance.assessing.seen import assessment_told, revision_told
from asbuilt.answers.compliance.judging import actions as judging
from asbuilt.answers.compliance.judging.classes import classify
from asbuilt.answers.compliance.judging.decision import Answers
from asbuilt.answers.compliance.judging.seen import changes_told, judgement_told, products_told, rules_told
from asbuilt.answers.compliance.keeping.actions import set_support
from asbuilt.answers.compliance.keeping.report import retention_report
from asbuilt.answers.compliance.keeping.seen import support_told, unit_clocks
from asbuilt.answers.compliance.keeping.terms import state_update_terms
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.filing import attached
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Compliance"], auth=Caller())
Product = Annotated[str, Path(min_length=1, max_length=200, description="Code of the product.")]
Revision = Annotated[str, Path(min_length=1, max_length=20, description="Number of the revision.")]
Words = Annotated[str, Field(max_length=4_000)]
Day = Annotated[str, Field(max_length=10)]
Name = Annotated[str, Field(max_length=200)]
Key = IdempotencyKey
READS, ASSESSES, DECIDES = needs(COMPLIANCE_READ), needs(COMPLIANCE_ASSESS), needs(COMPLIANCE_DECIDE)
WHY = "Why; it stands for good."


class StandardIn(Shape):
    """A standard that was applied."""

    reference: Name = Field(description="Such as EN 40000-1-2:2027.")
    extent: Literal["part", "full"] = Field(description="Applied in full or in part.")
    requirements: list[Name] = Field(
        [], max_length=100, description="Of which requirements; empty: all that it covers."
    )


class JudgementIn(Shape):
    """Answers about scope and class; an empty text leaves a question open."""

    digital_elements: Literal["", "yes", "no"] = Field(
        "", description="Software or hardware with its remote processing."
    )
    connection: Literal["", "direct", "indirect", "none"] = Field("", description="Connection to a device or network.")
    market: Literal["", "yes", "no"] = Field(
        "", description="Made available on the EU market in a commercial activity."
    )
    edges: dict[str, dict[str, str]] = Field({}, description="Exclusion or allowance -> its evidence, field to text.")
    functions: list[Name] = Field([], max_length=50, description="Keys of core functions; default: no listed one.")
    foss: bool = Field(False, description="Open source with public technical documentation.")
    standards: list[StandardIn] = Field([], max_length=100, description="What was applied.")
    on: Day = Field("", description="For which day; empty: today.")
    why: Words = Field("", description=WHY)
    rule_set: Name = Field("", description="The rule set that the caller saw; another one in force is refused.")


class RoleIn(Shape):
    """What a party does with the product."""

    party: Name = Field(description="Code or name of the party.")
    facts: list[Name] = Field([], max_length=20, description="Keys of facts, as the rules list them.")
    why: Words = Field("", description=WHY)
    rule_set: Name = Field("", description="The rule set that the caller saw; another one in force is refused.")


class ContextIn(Shape):
    """For what and how the product is used."""

    purpose: Words = Field(description="Intended purpose.")
    foreseeable_use: Words = Field("", description="Foreseeable use.")
    conditions: Words = Field("", description="Operating conditions.")
    expected_years: int | None = Field(None, ge=1, le=100, description="For how many years it is expected to be used.")
    why: Words = Field("", description=WHY)


class AssetIn(Shape):
    """Something worth protecting."""

    words: Words = Field(description="What.")
    asset: Name = Field("", description="Code of one that this supersedes.")
    gone: bool = Field(False, description="It is none any more.")


class ThreatIn(Shape):
    """What may happen."""

    words: Words = Field(description="What.")
    likelihood: Literal["low", "medium", "high"] = Field(description="Before measures.")
    impact: Literal["low", "medium", "high"] = Field(description="Before measures.")
    assets: list[Name] = Field([], max_length=100, description="Codes of the assets it is about.")
    threat: Name = Field("", description="Code of one that this supersedes.")
    gone: bool = Field(False, description="It is none any more.")


class ThreatMeasureIn(Shape):
    """What is done about threats."""

    words: Words = Field(description="What.")
    threats: list[Name] = Field([], max_length=100, description="Codes of the threats.")
    requirements: list[Name] = Field([], max_length=50, description="Requirements that it serves.")
    measure: Name = Field("", description="Code of one that this supersedes.")
    gone: bool = Field(False, description="It is none any more.")


class ResidualIn(Shape):
    """What is left of a threat."""

    threat: Name = Field(description="Its code.")
    likelihood: Literal["low", "medium", "high"] = Field(description="After the measures.")
    impact: Literal["low", "medium", "high"] = Field(description="After the measures.")
    accepted: bool = Field(description="Whether it is accepted.")
    why: Words = Field(description=WHY)


class RequirementIn(Shape):
    """What is said of a requirement of Annex I."""

    requirement: Name = Field(description="Its key, such as I.2.j.")
    applies: Literal["yes", "no"] = Field(description="Whether it applies.")
    how: Words = Field("", description="How it is met.")
    why: Words = Field("", description="Why it does not apply.")
    questions: list[Words] = Field([], max_length=20, description="Questions whose units prove it.")


class DraftIn(Shape):
    """A revision to draft."""

    why: Words = Field(description=WHY)


class ReviewIn(Shape):
    """A review."""

    approved: bool = Field(description="Whether.")
    why: Words = Field(description=WHY)


class SupportIn(Shape):
    """A support period."""

    start_on: Day = Field(description="First day.")
    end_on: Day = Field(description="Last day.")
    expected_years: int | None = Field(None, ge=1, le=100, description="For how many years it is expected to be used.")
    why: Words = Field(description="Everything that was taken into account.")


class ClassShape(Shape):
    """Class and routes."""

    class_: str = Field(alias="class", description="default, important-I, important-II or critical.")
    routes: list[dict] = Field(description="route, allowed by the law, available in fact.")
    rule_set: str = Field(description="By which rules.")
    sources: list[str] = Field(description="Where they stand.")


class ProductList(Shape):
    """Products with what was judged of them."""

    products: list[dict] = Field(description="product, scope, class, routes, judged_on, rule_set, difference (today's rules; null: none).")  # fmt: skip


class ChangeList(Shape):
    """Products whose result is another one today."""

    changes: list[dict] = Field(description="product, judged_on, rule_set, now, changed, before, after.")


class RulesShape(Shape):
    """Questions and keys of the rules in force."""

    rule_set: str = Field(description="Its id.")
    applies_from: str = Field(description="From which day on the whole law applies.")
    dates: list[dict] = Field(description="on, name, source, reached: what applies from which day on.")
    functions: list[dict] = Field(description="key, legal, class, name.")
    edges: list[dict] = Field(description="key, kind, name, source, evidence.")
    facts: list[dict] = Field(description="key, name: what a party does.")
    requirements: list[dict] = Field(description="key, name, says, always.")
    operators: dict = Field(
        description="Duties of importers, distributors and others (duty, role, law, asks), the highest fines (penalty, law, eur_max, turnover_percent_max, of), and from which day on they apply."
    )


class JudgementShape(Shape):
    """A product's judgement."""

    product: str = Field(description="Its code.")
    rule_set: str = Field(description="The rules in force.")
    applies_from: str = Field(description="From which day on the whole law applies.")
    judgement: dict | None = Field(description="on, rule_set, answers, rests_on (the same in sentences), scope, out, open, class, routes, requirements, gaps, why, by.")  # fmt: skip
    roles: list[dict] = Field(
        description="party, role, facts, source, rule_set, why, duties (duty, law, asks; those of a manufacturer stand in the technical file)."
    )
    changed: dict | None = Field(description="What today's rules make of the same answers; null: the same.")
    gaps: list[str] = Field(description="What is not known.")
    history: list[dict] = Field(description="Every judgement, the earliest first.")


class AssessmentShape(Shape):
    """A risk assessment with its matrix."""

    product: str = Field(description="Its code.")
    rule_set: str = Field(description="The rules in force.")
    context: dict | None = Field(description="purpose, foreseeable_use, conditions, expected_years.")
    assets: list[dict] = Field(description="asset, words.")
    threats: list[dict] = Field(description="threat, words, assets, likelihood, impact, risk, measures, residual.")
    measures: list[dict] = Field(description="measure, words, threats, requirements.")
    matrix: list[dict] = Field(description="key, name, applies, how, why, evidence (source, says, proved, failed, without, of, question), state.")  # fmt: skip
    counts: dict[str, int] = Field(description="State -> number of requirements.")
    revisions: list[dict] = Field(description="revision, state, drafted_at, drafted_by, reviewed_by; the newest first.")
    gaps: list[str] = Field(description="What is not known.")


class RevisionShape(Shape):
    """A revision as it was frozen."""

    product: str = Field(description="Its product.")
    revision: str = Field(description="Its number.")
    state: str = Field(description="draft, approved or refused.")
    matrix: list[dict] = Field(description="As it was.")
    risks: list[dict] = Field(description="As they were.")
    answers: dict[str, str] = Field(description="Question -> ULID of its frozen answer.")
    sha256: str = Field(description="Of all of it, RFC 8785.")


class SupportShape(Shape):
    """Support and clocks of a product."""

    product: str = Field(description="Its code.")
    rule_set: str = Field(description="The rules of support and retention in force.")
    periods: list[dict] = Field(description="start_on, end_on, expected_years, why, set_on, by; the newest first.")
    units: int = Field(description="Units of the product.")
    placed: int = Field(description="Of these, placed on the market.")
    not_placed: int = Field(description="Of these, not placed, or nobody said so.")
    changes_on: str = Field(description="From which day on units fall under the whole law.")
    by_day: list[dict] = Field(
        description="placed_on, units, spans, regime, support_end_on, short; modified_on and eco where modified substantially since."
    )
    regimes: list[dict] = Field(
        description="regime, name, units, modified (of these, modified substantially), first_on, last_on, source."
    )
    documents: dict | None = Field(description="last_placed_on, left_on (that day it left, and nobody said when it was placed; empty: it was said), support_end_on, until, source; null: no unit under the whole law.")  # fmt: skip
    updates: list[dict] = Field(description="release, issued_on, until, source.")
    terms: dict | None = Field(
        description="Whether security updates are free: free (yes, agreed, no), until_on, why, file, sha256, manufacturer, by_document, said_on, by; null: nobody said."
    )
    gaps: list[str] = Field(description="What is not known or does not fit.")


class UnitClocks(Shape):
    """Clocks of one unit."""

    serial: str = Field(description="As it was asked.")
    product: str = Field(description="Its product.")
    placed_on: str | None = Field(description="When it was placed on the market; null: not recorded.")
    regime: str | None = Field(description="before or after.")
    modified_on: str = Field(
        description="When an ECO modified it substantially, after it was placed under the old law; empty: not."
    )
    eco: str = Field(description="Which ECO.")


class RetentionShape(Shape):
    """A year's retention."""

    year: int = Field(description="Which.")
    rule_set: str = Field(description="The rules of support and retention in force.")
    products: list[dict] = Field(description="product, placed, placed_in_year, first_on, last_on, not_said (left, and nobody said when they were placed), regimes, support_end_on, documents_until.")  # fmt: skip
    updates: list[dict] = Field(description="product, release, issued_on, until.")
    supplies: list[dict] = Field(description="way, party, count, last_on, until.")
    erased: list[dict] = Field(description="entry, what, rule, on.")
    ending: list[dict] = Field(description="clock, of, on.")
    gaps: list[str] = Field(description="What is not known.")


@router.get("/classify", response=ClassShape, auth=READS, operation_id="classify", summary="Class and routes", by_alias=True)  # fmt: skip
def classified(
    request: HttpRequest,
    function: Annotated[list[str], Query(max_length=50, description="Keys of core functions.")],
    on: Annotated[str, Query(max_length=10, description="On which day.")],
    foss: Annotated[bool, Query(description="Open source with public technical documentation.")] = False,
    standards: Annotated[str, Query(max_length=10, description="full, part or none.")] = "none",
):
    """Nothing is stored."""
    return classify(functions=function, foss=foss, standards=standards, on=on)


@router.get("/compliance", response=ProductList, auth=READS, operation_id="list_compliance", summary="Products and their class")  # fmt: skip
def products(request: HttpRequest):
    """Every product that stands."""
    return {"products": products_told(request.actor)}


@router.get("/compliance-changes", response=ChangeList, auth=READS, operation_id="list_compliance_changes", summary="What newer rules change")  # fmt: skip
def changes(request: HttpRequest):
    """Judgements keep their rules; this shows what today's would say."""
    return {"changes": changes_told(request.actor)}


@router.get("/compliance-rules", response=RulesShape, auth=READS, operation_id="get_compliance_rules", summary="Rules in force")  # fmt: skip
def rules(request: HttpRequest):
    """Keys that judgements and assessments take, in the caller's language."""
    return rules_told(request.actor)


@router.get("/compliance-retention", response=RetentionShape, auth=READS, operation_id="get_retention", summary="Retention of a year")  # fmt: skip
def retention(request: HttpRequest, year: Annotated[int, Query(ge=1970, le=9000, description="Which year.")]):
    """Which clocks run, which end in it, what was erased."""
    return retention_report(request.actor, year)


@router.get("/compliance-units/{serial}", response=UnitClocks, auth=READS, operation_id="get_unit_clocks", summary="Clocks of a unit")  # fmt: skip
def unit(request: HttpRequest, serial: Annotated[str, Path(min_length=1, max_length=200, description="Its serial number.")]):  # fmt: skip
    """Placing day, regime, substantial modification, end of support."""
    return unit_clocks(request.actor, serial)


@router.get("/compliance/{product}", response=JudgementShape, auth=READS, operation_id="get_judgement", summary="A product's judgement")  # fmt: skip
def judgement(request: HttpRequest, product: Product):
    """With what newer rules change."""
    return judgement_told(request.actor, product)


@router.post("/compliance/{product}/judgements", response={201: JudgementShape}, auth=DECIDES, operation_id="judge_product", summary="Judge scope and class")  # fmt: skip
def judge(request: HttpRequest, product: Product, said: JudgementIn, idempotency_key: Key = None):
    """An exclusion is refused without its evidence."""
    given = said.model_dump(include={"digital_elements", "connection", "market", "edges", "functions", "foss"})
    standards = [one.model_dump(include={"reference", "extent", "requirements"}) for one in said.standards]
    more = said.model_dump(include={"on", "why", "rule_set"})
    key = request_key(request, idempotency_key)
    judging.judge(
        request.actor, product=product, answers=Answers(**given, standards=standards), request_key=key, **more
    )
    return Status(201, judgement_told(request.actor, product))


@router.post("/compliance/{product}/roles", response={201: JudgementShape}, auth=DECIDES, operation_id="judge_role", summary="Judge a party's role")  # fmt: skip
def role(request: HttpRequest, product: Product, said: RoleIn, idempotency_key: Key = None):
    """The role follows from what the party does."""
    return Status(201, _said(request, product, judging.judge_role, said, idempotency_key, judgement_told))


@router.get("/compliance/{product}/assessment", response=AssessmentShape, auth=READS, operation_id="get_assessment", summary="Risk assessment and matrix")  # fmt: skip
def assessment(request: HttpRequest, product: Product):
    """With evidence as the record has it now."""
    return assessment_told(request.actor, product)


@router.post("/compliance/{product}/context", response=AssessmentShape, auth=ASSESSES, operation_id="say_context", summary="Say purpose and use")  # fmt: skip
def context(request: HttpRequest, product: Product, said: ContextIn, idempotency_key: Key = None):
    """A later one supersedes."""
    return _said(request, product, assessing.say_context, said, idempotency_key)


@router.post("/compliance/{product}/assets", response=AssessmentShape, auth=ASSESSES, operation_id="say_asset", summary="Say an asset")  # fmt: skip
def asset(request: HttpRequest, product: Product, said: AssetIn, idempotency_key: Key = None):
    """Something worth protecting."""
    return _said(request, product, assessing.say_asset, said, idempotency_key)


@router.post("/compliance/{product}/threats", response=AssessmentShape, auth=ASSESSES, operation_id="say_threat", summary="Say a threat")  # fmt: skip
def threat(request: HttpRequest, product: Product, said: ThreatIn, idempotency_key: Key = None):
    """Before measures."""
    return _said(request, product, assessing.say_threat, said, idempotency_key)


@router.post("/compliance/{product}/measures", response=AssessmentShape, auth=ASSESSES, operation_id="say_measure", summary="Say a measure")  # fmt: skip
def measure(request: HttpRequest, product: Product, said: ThreatMeasureIn, idempotency_key: Key = None):
    """Against threats, for requirements."""
    return _said(request, product, assessing.say_measure, said, idempotency_key)


@router.post("/compliance/{product}/residual-risks", response=AssessmentShape, auth=ASSESSES, operation_id="say_residual_risk", summary="Say what is left of a threat")  # fmt: skip
def residual(request: HttpRequest, product: Product, said: ResidualIn, idempotency_key: Key = None):
    """And whether it is accepted."""
    return _said(request, product, assessing.say_residual, said, idempotency_key)


@router.post("/compliance/{product}/requirements", response=AssessmentShape, auth=ASSESSES, operation_id="say_requirement", summary="Say whether a requirement applies")  # fmt: skip
def requirement(request: HttpRequest, product: Product, said: RequirementIn, idempotency_key: Key = None):
    """How it is met, or why it does not apply."""
    return _said(request, product, assessing.say_requirement, said, idempotency_key)


@router.post("/compliance/{product}/revisions", response={201: RevisionShape}, auth=ASSESSES, operation_id="draft_revision", summary="Draft a revision")  # fmt: skip
def draft(request: HttpRequest, product: Product, said: DraftIn, idempotency_key: Key = None):
    """Freezes the matrix with its numbers, and the answers behind them."""
    key = request_key(request, idempotency_key)
    number = draft_revision(request.actor, product=product, why=said.why, request_key=key)
    return Status(201, revision_told(request.actor, product, number))


@router.get("/compliance/{product}/revisions/{revision}", response=RevisionShape, auth=READS, operation_id="get_revision", summary="A revision")  # fmt: skip
def one_revision(request: HttpRequest, product: Product, revision: Revision):
    """Word for word."""
    return revision_told(request.actor, product, revision)


@router.post("/compliance/{product}/revisions/{revision}/review", response=RevisionShape, auth=DECIDES, operation_id="review_revision", summary="Review a revision")  # fmt: skip
def review(request: HttpRequest, product: Product, revision: Revision, said: ReviewIn, idempotency_key: Key = None):
    """By another person than the one who drafted it."""
    key = request_key(request, idempotency_key)
    review_revision(
        request.actor, product=product, revision=revision, approved=said.approved, why=said.why, request_key=key
    )
    return revision_told(request.actor, product, revision)


@router.get("/compliance/{product}/support", response=SupportShape, auth=READS, operation_id="get_support", summary="Support and clocks")  # fmt: skip
def support(request: HttpRequest, product: Product):
    """Units by the day they were placed on the market."""
    return support_told(request.actor, product)


@router.post("/compliance/{product}/support", response={201: SupportShape}, auth=DECIDES, operation_id="set_support", summary="Set a support period")  # fmt: skip
def new_support(request: HttpRequest, product: Product, said: SupportIn, idempotency_key: Key = None):
    """Refused where it is shorter than the rule of the day allows."""
    return Status(201, _said(request, product, set_support, said, idempotency_key, support_told))


@router.post("/compliance/{product}/update-terms", response={201: SupportShape}, auth=needs(COMPLIANCE_DECIDE, "API_IMPORT_BYTES_MAX"), operation_id="state_update_terms", summary="Say what security updates cost")  # fmt: skip
def new_terms(
    request: HttpRequest,
    product: Product,
    free: str = Form(max_length=10, description="yes, agreed (tailor-made, with a business user) or no."),
    why: str = Form(max_length=4_000, description="What users are told."),
    until_on: str = Form("", max_length=10, description="Until when, as 2035-12-31; of no left out."),
    file: UploadedFile = File(..., description="The paper that shows it."),  # noqa: B008
    idempotency_key: Key = None,
):
    """By a person; where the house is not the manufacturer, by the paper of whoever is."""
    content, name = attached(file)
    state_update_terms(
        request.actor, product=product, free=free, why=why, until_on=until_on, content=content, name=name,
        request_key=request_key(request, idempotency_key),
    )  # fmt: skip
    return Status(201, support_told(request.actor, product))


def _said(request: HttpRequest, product: str, verb, said: Shape, idempotency_key: str | None, told=assessment_told):
    cells = said.model_dump(include=set(type(said).model_fields))
    verb(request.actor, product=product, request_key=request_key(request, idempotency_key), **cells)
    return told(request.actor, product)
