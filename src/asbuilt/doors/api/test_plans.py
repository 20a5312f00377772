"""Test plans and the test history of a unit: what pages Test plans and Unit do."""

import json
from dataclasses import asdict
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import EVIDENCE_READ, TEST_PLAN_APPROVE, TEST_PLAN_PROPOSE, TEST_PLAN_READ
from asbuilt.designed.catalog import test_plan_actions as actions
from asbuilt.designed.catalog import test_plans as plans
from asbuilt.doors.api.asking import AsOf
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape, instant
from asbuilt.doors.api.units import UnitCode
from asbuilt.questions.genealogy.seen.attached import attached
from asbuilt.questions.genealogy.seen.tests import test_history

router = Router(tags=["Tests"], auth=Caller())
PlanName = Annotated[str, Path(min_length=1, max_length=80, description="Name of the plan.")]
VersionName = Annotated[str, Path(min_length=1, max_length=60, description="Version of the plan.")]


class PlanDecisionShape(Shape):
    """What was decided about a version."""

    decision: str = Field(description="approved or withdrawn.")
    reason: str = Field(description="Why, or empty.")
    operator: int | None = Field(description="The person's number.")
    decided_at: str = Field(description="When.")


class PlanVersion(Shape):
    """A version of a test plan."""

    plan: str = Field(description="Name of the plan.")
    version: str = Field(description="Its version.")
    product: str = Field(description="The product it tests.")
    revisions: list[str] = Field(description="Hardware revisions it is for; none: all.")
    every: int = Field(description="1: each unit, 50: every fiftieth.")
    rules: str = Field(description="The rule set of what its steps prove, or empty.")
    state: str = Field(description="proposed, in_force, replaced or withdrawn.")
    steps: int = Field(description="How many steps.")
    changes: str = Field(description="What changed, and why.")
    sha256: str = Field(description="SHA-256 of its canonical bytes; a permit names it so.")
    operator: int | None = Field(description="Who proposed it: the person's number.")
    happened_at: str = Field(description="When it was proposed.")
    entry: int = Field(description="The entry of the log.")
    decisions: list[PlanDecisionShape] = Field(description="In order.")


class PlanWhole(PlanVersion):
    """A version with its steps."""

    steps_of: list[dict] = Field(
        description="name, kind, comparison, low, high, unit, expected, criticality, proves, needed, limits in words."
    )
    document: str = Field(description="Its canonical bytes.")


class PlanList(Shape):
    """Test plans."""

    plans: list[PlanVersion] = Field(description="By plan, the version recorded last first.")


class ChangeShape(Shape):
    """One thing that differs."""

    where: str = Field(description="What differs.")
    before: str = Field(description="What stood there; empty: nothing.")
    after: str = Field(description="What stands there.")


class PlanChangeList(Shape):
    """What a version changes."""

    since: str | None = Field(description="The older version; null: it is the first.")
    changes: list[ChangeShape] = Field(description="Steps by their names.")


class Proposal(Shape):
    """A version to be recorded."""

    document: dict = Field(description="The plan (docs/reference: kernel.test_plans).")
    changes: str = Field("", max_length=10_000, description="What changed, and why; of every version but the first.")


class PlanDecisionIn(Shape):
    """A decision about a version."""

    decision: Literal["approved", "withdrawn"] = Field(description="From now on.")
    reason: str = Field("", max_length=2_000, description="Why; needed to withdraw.")


class TestHistoryShape(Shape):
    """The test history of a unit."""

    __test__ = False

    unit: str = Field(description="Its serial number, or ORDER#n.")
    product: str = Field(description="Its product.")
    revision: str = Field(description="Its hardware revision.")
    runs: list[dict] = Field(
        description="Newest first: plan, version, outcome, times, station, number, last, steps with values and limits, defects, sub_units "
        "(recorded: whether the record has them inside, now or once), attachments, source file, doubts."
    )
    not_sampled: list[dict] = Field(
        description="Plans in force that test one of `every` units and draw others: plan, version, every."
    )


@router.get(
    "/test-plans", response=PlanList, auth=needs(TEST_PLAN_READ), operation_id="list_test_plans", summary="Test plans"
)
def list_plans(request: HttpRequest):
    """Every version with its state."""
    return {"plans": [_said(one) for one in plans.plans_told(request.actor)]}


@router.post("/test-plans", response={201: PlanWhole}, auth=needs(TEST_PLAN_PROPOSE), operation_id="propose_test_plan", summary="Propose a version of a test plan")  # fmt: skip
def propose(request: HttpRequest, said: Proposal, idempotency_key: IdempotencyKey = None):
    """Kept in its canonical form. It may be used once somebody else has approved it."""
    document = json.dumps(said.document, ensure_ascii=False).encode()
    found = actions.propose_test_plan(
        request.actor, document=document, changes=said.changes, request_key=request_key(request, idempotency_key)
    )
    return Status(201, _said(plans.plan_told(request.actor, found.plan, found.version)))


@router.get("/test-plans/{plan}/{version}", response=PlanWhole, auth=needs(TEST_PLAN_READ), operation_id="get_test_plan", summary="A version of a test plan")  # fmt: skip
def one_plan(request: HttpRequest, plan: PlanName, version: VersionName):
    """Its steps, and the document that its SHA-256 names."""
    return _said(plans.plan_told(request.actor, plan, version))


@router.get("/test-plans/{plan}/{version}/changes", response=PlanChangeList, auth=needs(TEST_PLAN_READ), operation_id="compare_test_plans", summary="What a version changes")  # fmt: skip
def changes(
    request: HttpRequest,
    plan: PlanName,
    version: VersionName,
    since: Annotated[str, Query(max_length=60, description="The older version; empty: the one recorded before.")] = "",
):
    """Against another version."""
    before, found = plans.changes_since(request.actor, plan, version, since)
    return {"since": before or None, "changes": [asdict(one) for one in found]}


@router.post("/test-plans/{plan}/{version}/decisions", response={201: PlanWhole}, auth=needs(TEST_PLAN_APPROVE), operation_id="decide_test_plan", summary="Approve or withdraw a version")  # fmt: skip
def decide(
    request: HttpRequest,
    plan: PlanName,
    version: VersionName,
    said: PlanDecisionIn,
    idempotency_key: IdempotencyKey = None,
):
    """From now on. Nobody approves what he proposed."""
    key = request_key(request, idempotency_key)
    actions.decide_test_plan(
        request.actor, plan=plan, version=version, decision=said.decision, reason=said.reason, request_key=key
    )
    return Status(201, _said(plans.plan_told(request.actor, plan, version)))


@router.get("/units/{path:code}/test-runs", response=TestHistoryShape, operation_id="get_unit_test_runs", summary="The test history of a unit")  # fmt: skip
def runs(request: HttpRequest, code: UnitCode, as_of: AsOf = None):
    """Values with limits, defects with places, and what speaks against a run."""
    found = test_history(request.actor, code, as_of)
    told = [
        asdict(one) | {"started_at": instant(one.started_at), "finished_at": instant(one.finished_at)}
        for one in found.runs
    ]
    return {
        "unit": found.who.name,
        "product": found.who.product,
        "revision": found.who.revision,
        "runs": told,
        "not_sampled": [asdict(one) for one in found.not_sampled],
    }


@router.get("/units/{path:code}/attachments/{sha256}", auth=needs(EVIDENCE_READ), operation_id="get_unit_attachment", summary="A picture, log or file of a test run")  # fmt: skip
def piece(
    request: HttpRequest, code: UnitCode,
    sha256: Annotated[str, Path(pattern="^[0-9a-fA-F]{64}$", description="SHA-256, as the run names it.")],
):  # fmt: skip
    """Its bytes, out of the evidence."""
    found = attached(request.actor, code, sha256)
    answer = HttpResponse(found.content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return answer


def _said(told: dict) -> dict:
    decisions = [{**one, "decided_at": instant(one["decided_at"])} for one in told["decisions"]]
    return {**told, "happened_at": instant(told["happened_at"]), "decisions": decisions}
