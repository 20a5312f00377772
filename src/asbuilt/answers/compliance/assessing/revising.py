"""Revisions of a risk assessment: what was said and proved at one moment, frozen; and the review of another person.

    draft_revision(actor, product="AB-100", why="…")                               -> "1"
    review_revision(actor, product="AB-100", revision="1", approved=True, why="…")  -> the entry

A revision keeps the matrix with its numbers, the risks, the rule set and evidence set, and answers frozen in the register: the units that lack a proof, by name.
Refused: a review by whoever drafted it (an approval by the system account of what it drafted), of one that is settled, that lacks an answer to a requirement, or that was drafted under other rules than are in force now.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ANSWER_FREEZE, COMPLIANCE_ASSESS, COMPLIANCE_DECIDE
from asbuilt.answers.compliance.assessing.evidence_sources import sources_on
from asbuilt.answers.compliance.assessing.matrix import UNANSWERED, matrix_of
from asbuilt.answers.compliance.events import DRAFTED, REVIEWED
from asbuilt.answers.compliance.judging.actions import refuse_moved, today
from asbuilt.answers.compliance.judging.rule_sets import rules_on
from asbuilt.answers.compliance.lines import (
    ASSET,
    CONTEXT,
    MEASURE,
    RESIDUAL,
    REVIEW,
    REVISION,
    THREAT,
    Line,
    New,
    standing,
)
from asbuilt.answers.compliance.stating import read_product, refuse_party, state, text
from asbuilt.answers.register.actions import freeze_answer
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.ledger.recording import Entry, digest, was_recorded
from asbuilt.storage import reading

APPROVED, REFUSED = "approved", "refused"
FROZEN_MAX = 40
RISK_KINDS = (CONTEXT, ASSET, THREAT, MEASURE, RESIDUAL)


def draft_revision(actor: Actor, *, product: str, why: str, request_key: str | None = None) -> str:
    """Freeze the assessment as it stands; returns the number of the revision. Answers are frozen first and stand also where the revision is refused."""
    refuse_party(actor, product)
    actor.require(COMPLIANCE_ASSESS)
    actor.require(ANSWER_FREEZE)
    why = text("why", why)
    lines = read_product(actor, product)
    rules = rules_on(today())
    if was_recorded(actor.tenant, request_key):
        rows, answers = [], {}
    else:
        rows = matrix_of(actor, product, lines, rules)
        answers = _frozen(actor, rows, request_key)
    risks = [
        {"kind": line.kind, "name": line.name, "said": line.said, "why": line.why}
        for line in standing(lines).values() if line.kind in RISK_KINDS
    ]  # fmt: skip
    said = {
        "rule_set": rules.rule_set, "rule_set_sha256": rules.sha256, "evidence_set": sources_on(today()).evidence_set,
        "matrix": rows, "risks": risks, "answers": answers,
    }  # fmt: skip
    said["sha256"] = sha256(canonical_bytes(json.loads(json.dumps(said)))).hexdigest()

    def new(_: Entry, before: list[Line]) -> list[New]:
        number = str(sum(line.kind == REVISION for line in before) + 1)
        return [New(product, REVISION, name=number, why=why, said=said)]

    entry = state(actor, DRAFTED, COMPLIANCE_ASSESS, product, ["revision", why], new, request_key=request_key)
    sql = "SELECT name FROM compliance_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    return reading.fetch_one(sql, (actor.tenant, entry, REVISION))[0]


def review_revision(
    actor: Actor, *, product: str, revision: str, approved: bool, why: str, request_key: str | None = None
) -> int:
    """Another person approves or refuses a revision; returns the entry."""
    refuse_party(actor, product)
    why = text("why", why)

    def new(_: Entry, before: list[Line]) -> list[New]:
        drafted = next((line for line in before if line.kind == REVISION and line.name == revision), None)
        if drafted is None:
            said = f"{product} has no revision {revision[:20]}."
            raise NotFound("compliance.revision_unknown", said, {"revision": revision[:20]}, "Look at its revisions.")
        if any(line.kind == REVIEW and line.name == revision for line in before):
            said = f"Revision {revision} was reviewed."
            raise Refused("compliance.revision_settled", said, {"revision": revision}, "Draft another one.")
        # the system account is one somebody, whoever sits before it: it may refuse its own draft, and approves what another drafted
        if drafted.person == actor.person and (actor.person is not None or approved):
            said = f"Revision {revision} is your own."
            raise Refused("compliance.revision_own", said, {"revision": revision}, "Let another person review it.")
        if approved:
            refuse_moved(rules_on(today()), drafted.said["rule_set"])
            _refuse_unanswered(drafted)
        return [New(product, REVIEW, name=revision, why=why, said={"decision": APPROVED if approved else REFUSED})]

    asked = ["review", revision, approved, why]
    return state(actor, REVIEWED, COMPLIANCE_DECIDE, product, asked, new, request_key=request_key)


def _refuse_unanswered(drafted: Line) -> None:
    open_ = [row["key"] for row in drafted.said["matrix"] if row["state"] == UNANSWERED]
    if open_:
        said = f"Revision {drafted.name} does not say whether {', '.join(open_)} apply."
        remedy = "Article 13(3) asks it of each point: say it, and draft another revision."
        raise Refused("compliance.matrix_incomplete", said, {"requirements": open_}, remedy)


def _frozen(actor: Actor, rows: Sequence[dict], request_key: str | None) -> dict[str, str]:
    """Question -> ULID of its frozen answer: for every proof that some units lack, which ones."""
    wanted = dict.fromkeys(
        one["question"]
        for row in rows
        for one in row["evidence"]
        if one["question"] and (one["without"] or one["failed"])
    )
    found = {}
    for question in list(wanted)[:FROZEN_MAX]:
        key = request_key and f"{request_key}/{digest(question.encode()).hex()[:16]}"
        found[question] = freeze_answer(actor, question, request_key=key).ulid
    return found
