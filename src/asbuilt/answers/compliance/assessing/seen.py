"""A risk assessment as pages, commands and the API show it.

assessment_told(actor, "AB-100")      -> context, assets, threats, measures, the matrix with live evidence, revisions, gaps
revision_told(actor, "AB-100", "1")   -> a revision as it was frozen, with its review
"""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.answers.compliance.assessing.matrix import UNANSWERED, matrix_of
from asbuilt.answers.compliance.assessing.revising import APPROVED
from asbuilt.answers.compliance.assessing.risks import risk_of
from asbuilt.answers.compliance.assessing.unit_evidence import MISSING, PARTLY
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.judging.rule_sets import rules_on
from asbuilt.answers.compliance.lines import ASSET, CONTEXT, MEASURE, RESIDUAL, REVIEW, REVISION, THREAT, Line, standing
from asbuilt.answers.compliance.stating import read_product
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

DRAFT = "draft"


def assessment_told(actor: Actor, product: str) -> dict:
    """Everything that stands, with evidence as the record has it now. NotFound: no such product, or not for this reader."""
    with reading.snapshot():
        lines = read_product(actor, product)
        rules = rules_on(today())
        rows = matrix_of(actor, product, lines, rules)
        held = standing(lines)
        context = held.get((CONTEXT, None, ""))
        threats = [_threat(line, held) for line in _of(held, THREAT)]
        revisions = _revisions(actor.tenant, lines)
        return {
            "product": product, "rule_set": rules.rule_set,
            "context": {**context.said, "why": context.why} if context else None,
            "assets": [{"asset": line.name, "words": line.said["words"]} for line in _of(held, ASSET)], "threats": threats,
            "measures": [{"measure": line.name, **_without_gone(line.said)} for line in _of(held, MEASURE)],
            "matrix": rows, "counts": dict(Counter(row["state"] for row in rows)), "revisions": revisions,
            "gaps": _gaps(rows, context, threats, revisions, rules.rule_set),
        }  # fmt: skip


def revision_told(actor: Actor, product: str, revision: str) -> dict:
    """A revision word for word; `answers` are ULIDs of the register. NotFound where there is none."""
    lines = read_product(actor, product)
    found = next((line for line in lines if line.kind == REVISION and line.name == revision), None)
    if found is None:
        said = f"{product} has no revision {revision[:20]}."
        raise NotFound("compliance.revision_unknown", said, {"revision": revision[:20]}, "Look at its revisions.")
    head = next(one for one in _revisions(actor.tenant, lines) if one["revision"] == revision)
    return {"product": product, **head, **found.said}


def _of(held: dict, kind: str) -> list[Line]:
    return [line for (of, _party, _name), line in held.items() if of == kind and not line.said.get("gone")]


def _without_gone(said: dict) -> dict:
    return {name: cell for name, cell in said.items() if name != "gone"}


def _threat(line: Line, held: dict) -> dict:
    left = held.get((RESIDUAL, None, line.name))
    measures = [one.name for one in _of(held, MEASURE) if line.name in one.said["threats"]]
    found = {
        "threat": line.name,
        **_without_gone(line.said),
        "risk": risk_of(line.said["likelihood"], line.said["impact"]),
    }
    residual = left and {**left.said, "risk": risk_of(left.said["likelihood"], left.said["impact"]), "why": left.why}
    return {**found, "measures": measures, "residual": residual}


def _revisions(tenant: int, lines: Sequence[Line]) -> list[dict]:
    """The newest first."""
    people = People(tenant, 0).codes({line.person for line in lines if line.person})
    reviews = {line.name: line for line in lines if line.kind == REVIEW}
    found = []
    for line in lines:
        if line.kind != REVISION:
            continue
        review = reviews.get(line.name)
        found.append(
            {
                "revision": line.name, "state": review.said["decision"] if review else DRAFT, "drafted_at": format_instant(line.happened_at),
                "drafted_by": people.get(line.person, ""), "why": line.why, "reviewed_at": format_instant(review.happened_at) if review else "",
                "reviewed_by": people.get(review.person, "") if review else "", "review_why": review.why if review else "",
                "rule_set": line.said["rule_set"], "sha256": line.said["sha256"], "entry": line.entry,
            }
        )  # fmt: skip
    return found[::-1]


def _gaps(
    rows: Sequence[dict], context: Line | None, threats: Sequence[dict], revisions: Sequence[dict], rule_set: str
) -> list[str]:
    """What is missing, in words of the reader's language; gaps before everything else."""
    found = []
    if context is None:
        found.append(_("Nobody said the intended purpose and foreseeable use."))
    elif context.said["expected_years"] is None:
        found.append(_("Nobody said for how many years it is expected to be used."))
    if open_ := [row["key"] for row in rows if row["state"] == UNANSWERED]:
        found.append(_("Not said whether they apply: {keys}.").format(keys=", ".join(open_)))
    for state, words in (
        (MISSING, _("Without evidence: {keys}.")),
        (PARTLY, _("Evidence of some units only: {keys}.")),
    ):
        if keys := [row["key"] for row in rows if row["state"] == state]:
            found.append(words.format(keys=", ".join(keys)))
    if not threats:
        found.append(_("No threat is assessed."))
    if bare := [one["threat"] for one in threats if one["residual"] is None]:
        found.append(_("Without a residual risk: {names}.").format(names=", ".join(bare)))
    approved = next((one for one in revisions if one["state"] == APPROVED), None)
    if approved is None:
        found.append(_("No revision is approved."))
    elif approved["rule_set"] != rule_set:
        found.append(_("Revision {revision} was approved under {old}; {new} is in force.").format(
            revision=approved["revision"], old=approved["rule_set"], new=rule_set
        ))  # fmt: skip
    return found
