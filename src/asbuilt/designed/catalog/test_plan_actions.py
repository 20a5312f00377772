"""Verbs of test plans: propose a version, approve it or take the approval back. What is approved is the very document, by its SHA-256.

    propose_test_plan(actor, document=b"{…}", changes="limit of vdd_3v3 raised")
    decide_test_plan(actor, plan="FCT", version="2", decision="approved")

Two people are named: who proposes, and another one who approves, for an approval is a second look. The system account is neither. Refused too:
a decision that changes nothing. Where the version in force was withdrawn, none is: a successor is approved, or an older version anew.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import TEST_PLAN_APPROVE, TEST_PLAN_PROPOSE
from asbuilt.designed.catalog import events
from asbuilt.designed.catalog.test_plan_intake import TestPlanApprovalsIntake, TestPlansIntake
from asbuilt.designed.catalog.test_plans import APPROVED, WITHDRAWN, Version, taken_back, test_plan, versions_of
from asbuilt.kernel import test_plans
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import reading

NOT_THERE = frozenset({"catalog.product_unknown", "catalog.revision_unknown"})


def propose_test_plan(
    actor: Actor, *, document: bytes, changes: str = "", request_key: str | None = None
) -> test_plans.TestPlan:
    """Record a version of a plan in its canonical form. The same document again changes nothing.

    Invalid names the field of the document that is wrong; NotFound: no such product or revision; Conflict: that version is there otherwise;
    Refused: the system account.
    """
    actor.require(TEST_PLAN_PROPOSE)
    _refuse_nobody(actor, "proposed")
    plan = test_plans.parse_test_plan(document)
    known = versions_of(actor.tenant, plan.plan).get(plan.version)
    if known is None or known.sha256 != plan.sha256:
        row = {
            "plan": plan.plan,
            "version": plan.version,
            "product": plan.product,
            "document": plan.document.decode(),
            "changes": changes,
        }
        _state(actor, events.TEST_PLAN_PROPOSED, TestPlansIntake, row, "happened_at", request_key)
    return plan


def decide_test_plan(
    actor: Actor, *, plan: str, version: str, decision: str, reason: str = "", request_key: str | None = None
) -> Version:
    """Let a version be used from now on (approved), or no longer (withdrawn, with a reason); returns it with its decisions.

    NotFound: no such version. Refused: an approval by whom it was proposed or by the system account, or so decided already.
    """
    actor.require(TEST_PLAN_APPROVE)
    if decision not in (APPROVED, WITHDRAWN):
        said = f"{decision[:40]!a} is no decision."
        raise Invalid("catalog.test_plan_decision", said, {"field": "decision"}, "Say approved or withdrawn.")
    found = test_plan(actor, plan, version)
    if decision == APPROVED:
        _refuse_nobody(actor, "approved")
    row = {"plan": plan, "version": version, "sha256": found.sha256, "decision": decision, "reason": reason}
    _state(
        actor, events.TEST_PLAN_DECIDED, TestPlanApprovalsIntake, row, "decided_at", request_key,
        lambda: _refuse(actor, versions_of(actor.tenant, plan, gone=True), version, decision),
    )  # fmt: skip
    return test_plan(actor, plan, version)


def _refuse(actor: Actor, known: Mapping[str, Version], version: str, decision: str) -> None:
    found, now = known[version], clock.now()
    facts = {"plan": found.plan, "version": found.version}
    holds = found.approval(now) is not None
    versions = list(known.values())
    if decision == APPROVED and any(taken_back(versions, one, now) for one in _revisions(found, versions)):
        holds = (
            False  # its approval holds, and a later version was withdrawn: it is in force only once it is approved anew
        )
    if holds == (decision == APPROVED):
        said = "is approved already" if holds else "is not approved"
        raise Refused(
            "catalog.test_plan_decided", f"Version {found.version} of {found.plan} {said}.", facts, "Nothing is to do."
        )
    if decision == APPROVED and _proposed_by(actor, found):
        raise Refused(
            "catalog.test_plan_own_approval",
            f"You proposed version {found.version} of {found.plan}.",
            facts,
            "Have somebody else approve it.",
        )


def _refuse_nobody(actor: Actor, done: str) -> None:
    """Refuse who is no person: with the system account, one could propose and approve."""
    if actor.person is None:
        raise Refused(
            "catalog.test_plan_no_person",
            f"A test plan is {done} by a person; the system account is nobody.",
            {},
            "Sign in, or name yourself with --token FILE (a token of page People).",
        )


def _revisions(found: Version, versions: Sequence[Version]) -> set[str]:
    """The revisions of a version; of one for all, those that any version names, and one that none does."""
    named = {revision for one in versions for revision in one.content.revisions}
    return set(found.content.revisions) or named | {""}


def _proposed_by(actor: Actor, found: Version) -> bool:
    """Whether the row names the actor, or the actor brought it in; who has no badge stands in no row."""
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s"
    brought = json.loads(reading.fetch_one(sql, (actor.tenant, found.entry))[0])["actor"]
    return actor.person == found.operator or actor.label == brought


def _state(
    actor: Actor,
    type: str,
    intake: type[TableIntake],
    row: dict[str, str],
    at: str,
    request_key: str | None,
    refuse: Callable[[], None] = lambda: None,
) -> None:
    content = digest(type.encode(), *(cell.encode() for cell in row.values()))
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            refuse()
            stated = {**row, "operator": badge(actor), at: format_instant(entry.recorded_at)}
            state_rows(entry, intake, checked_rows(intake.table, [stated]), missing=NOT_THERE)
            entry.notes = {"plan": row["plan"], "version": row["version"]}
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)
