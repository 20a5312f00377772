"""Decisions, the frozen answer of affected units, and what was submitted.

    decide(actor, case="C-1", reportable=False, ground="not_reachable", why="…", vex="VEX-1")
    freeze(actor, case="C-1", question="cve:CVE-2027-1 in:shipped", why="for the early warning")      -> ULID
    submit(actor, case="C-1", duty="cra.aev", stage="early_warning", at=…, reference="SRP-DE-V-2027-1", content=b"…", name="sent.json")
    say_why_late(actor, case="C-1", duty="cra.aev", stage="early_warning", why="…")

A decision that nothing is to be reported rests on a ground of the rule set and on evidence where the ground asks for it. A deadline that is
past stops nothing: what was submitted late is recorded as late, and a reason that is missing is shown as a gap. Refused: a ground that is not of
that duty, a stage that was submitted before (unless it is said that it was sent again), a report of a duty that does not run.
"""

import json

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ANSWER_FREEZE, CASE_DECIDE, CASE_WORK
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.attaching import file_said, kept_file
from asbuilt.answers.cases.handling.actions.saying import runs_named
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, not_ahead, state, text
from asbuilt.answers.cases.handling.affected import astray_of, counts_said
from asbuilt.answers.cases.handling.case_file import CaseFile, Run, submissions
from asbuilt.answers.cases.handling.computing import plain, refuse_before_aware
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.register.actions import freeze_answer
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.designed.vulnerability.deciding.decisions import decisions
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

SUBMISSIONS_MAX = 50
REPORTABLE, NOT_REPORTABLE = "reportable", "not_reportable"


def decide(
    actor: Actor,
    *,
    case: str,
    reportable: bool,
    ground: str,
    why: str,
    duty: str = "",
    manufacturer: str = "",
    vex: str = "",
    answer: str = "",
    content: bytes | None = None,
    name: str = "evidence",
    request_key: str | None = None,
) -> int:
    """Whether it has to be reported, to each duty named (all that run where none is); a later decision supersedes. Returns the entry."""
    why = text("why", why)
    decision = REPORTABLE if reportable else NOT_REPORTABLE

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        found = []
        if vex and not decisions(entry.tenant, codes=[vex]):
            said = f"There is no decision {vex[:20]}."
            raise NotFound("vulnerability.decision_unknown", said, {"decision": vex[:20]}, "Look at the decisions.")
        for run in runs_named(before, entry.tenant, duty, manufacturer):
            _refuse_ground(run, decision, ground, bool(vex or answer or content))
            said = {"decision": decision, "ground": ground, "rule_set": run.rules.rule_set, **proof}
            found.append(New(case, kinds.DECISION, why, party=run.party, duty=run.duty.duty, said=said))
        return found

    if answer:
        frozen_answer(actor, answer)
    with kept_file(actor.tenant, content, name) as kept:
        proof = {key: said for key, said in (("vex", vex), ("answer", answer), *file_said(kept)) if said}
        asked = ["decide", decision, ground, why, duty, manufacturer, sorted(proof.items())]
        return state(
            actor, events.DECIDED, CASE_DECIDE, asked, lines, case=case, attached=kept, request_key=request_key
        )


def _refuse_ground(run: Run, decision: str, ground: str, proved: bool) -> None:
    known = [one for one in run.rules.grounds_of(run.duty.duty) if one.decision == decision]
    found = next((one for one in known if one.ground == ground), None)
    names = ", ".join(one.ground for one in known)
    if found is None:
        said = f"{ground[:40]} is no ground for {decision.replace('_', ' ')} of {run.duty.duty}."
        raise Invalid("cases.ground_unknown", said, {"field": "ground", "duty": run.duty.duty}, f"Say {names}.")
    if found.evidence and not proved:
        said = f"{ground}: rests on evidence, and none is named."
        remedy = "Name a VEX decision or a frozen answer, or attach a file."
        raise Refused("cases.evidence_missing", said, {"ground": ground, "duty": run.duty.duty}, remedy)


def freeze(
    actor: Actor, *, case: str, question: str, why: str, supersedes: str | None = None, request_key: str | None = None
) -> str:
    """Ask which units are affected, freeze the answer and link it to the case, in one transaction; returns its ULID."""
    actor.require(ANSWER_FREEZE)
    found = case_file(actor, case)  # refused before anything is asked
    if found.closed:
        raise Refused("cases.closed", f"{case} is closed.", {"case": case}, "Reopen it first.")
    actor.require(CASE_WORK)
    key = request_key and f"{request_key}/case"

    def link(frozen: FrozenAnswer) -> None:
        _link(actor, case, frozen, text("why", why), key)

    return freeze_answer(actor, question, supersedes=supersedes, then=link, request_key=request_key).ulid


def link_answer(actor: Actor, *, case: str, answer: str, why: str, request_key: str | None = None) -> int:
    """The case rests on this frozen answer from now on; earlier ones stay with it. Returns the entry."""
    return _link(actor, case, frozen_answer(actor, answer), text("why", why), request_key)


def _link(actor: Actor, case: str, frozen: FrozenAnswer, why: str, request_key: str | None) -> int:
    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        if any(line.name == frozen.ulid for line in before.answers):
            said = f"{case} has this answer."
            raise Conflict("cases.answer_linked", said, {"answer": frozen.ulid}, "Nothing is to do.")
        answer = json.loads(frozen.answer)
        counts = counts_said(answer, astray_of(actor, answer, frozen.entry))
        said = {"sha256": bytes(frozen.sha256).hex(), "question": frozen.question, **counts}
        return [New(case, kinds.ANSWER, why, name=frozen.ulid, said=said)]

    return state(actor, events.ANSWER_LINKED, CASE_WORK, [frozen.ulid, why], lines, case=case, request_key=request_key)


def submit(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    at: int,
    reference: str = "",
    manufacturer: str = "",
    why: str = "",
    again: bool = False,
    content: bytes | None = None,
    name: str = "submitted",
    capture: bytes | None = None,
    capture_name: str = "screen",
    request_key: str | None = None,
) -> int:
    """This report was submitted at that time, with this very text, seen so on the screen; `why`: why late, or why again. Returns the entry."""
    why = text("why", why, needed=again)
    reference = text("reference", reference, NAME_CHARACTERS_MAX, needed=False)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("at", at, entry)
        run = _one_run(before, entry.tenant, duty, manufacturer)
        clock = _stage(run, stage)
        if run.aware is not None:
            refuse_before_aware("at", at, run.aware.at)
        _refuse_repeated(before, run, stage, again)
        said = (
            {"reference": reference} | dict(file_said(kept)) | {f"capture_{key}": cell for key, cell in file_said(seen)}
        )
        if clock.due_at is not None:
            said |= {"due_at": plain(clock.due_at), "late": "yes" if at > clock.due_at else "no"}
        said = {key: cell for key, cell in said.items() if cell}
        return [New(case, kinds.SUBMITTED, why, party=run.party, duty=duty, name=stage, at=at, said=said)]

    with kept_file(actor.tenant, content, name) as kept, kept_file(actor.tenant, capture, capture_name) as seen:
        asked = [duty, stage, at, reference, manufacturer, why, again, *file_said(kept), *file_said(seen)]
        files = [*kept, *seen]
        return state(
            actor, events.SUBMITTED, CASE_WORK, asked, lines, case=case, attached=files, request_key=request_key
        )


def say_why_late(
    actor: Actor, *, case: str, duty: str, stage: str, why: str, manufacturer: str = "", request_key: str | None = None
) -> int:
    """Why this report is or was late; returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        run = _one_run(before, entry.tenant, duty, manufacturer)
        _stage(run, stage)
        return [New(case, kinds.LATE, why, party=run.party, duty=duty, name=stage)]

    asked = ["late", duty, stage, why, manufacturer]
    return state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def _one_run(case: CaseFile, tenant: int, duty: str, manufacturer: str) -> Run:
    found = runs_named(case, tenant, duty, manufacturer)
    if len(found) > 1:
        said = f"{duty} runs towards {len(found)} parties."
        raise Invalid("cases.party_needed", said, {"field": "manufacturer"}, "Name the one that is meant.")
    return found[0]


def _stage(run: Run, stage: str):
    found = run.clock(stage)
    if found is None:
        names = ", ".join(one.stage for one in run.duty.stages)
        said = f"{run.duty.duty} has no report {stage[:40]!a}."
        raise Invalid("cases.stage_unknown", said, {"field": "stage"}, f"Say {names}.")
    return found


def _refuse_repeated(case: CaseFile, run: Run, stage: str, again: bool) -> None:
    sent = [one for one in submissions(case.lines) if (*run.key, stage) == (one.party, one.duty, one.name)]
    if sent and not again:
        said = f"This report was submitted at {plain(sent[0].at)}."
        facts = {"case": case.code, "duty": run.duty.duty, "stage": stage}
        raise Conflict("cases.submitted_before", said, facts, "Say that it was sent again, and why.")
    if len(sent) >= SUBMISSIONS_MAX:
        said = f"A report is submitted at most {SUBMISSIONS_MAX} times."
        raise Refused("cases.submissions_many", said, {"stage": stage}, "Write a note to the case.")
