"""A report as people and programs read it: every field with text, source, length, gap; what is approved, submitted, answered; what would change.

report_seen(actor, case="C-1", duty="cra.aev", stage="early_warning", manufacturer="")   -> dict for JSON; pages, PDF and commands show the same
reports_told(actor, "C-1")                                                                -> a line for each report of the case
"""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.answers.cases.handling.case_file import Run
from asbuilt.answers.cases.handling.computing import clock_told, plain
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import NOT_SUBMITTED, Line
from asbuilt.answers.cases.reporting import field_rules
from asbuilt.answers.cases.reporting.coordinator import coordinator_told
from asbuilt.answers.cases.reporting.drafts import (
    ANSWERED,
    APPROVED,
    BASIS,
    DRAFT,
    FIELD,
    SUBMITTED,
    UPDATED,
    Cell,
    Draft,
    draft_of,
    lines_of_stage,
    one_run,
)
from asbuilt.designed.parties.queries import code_of
from asbuilt.storage import reading

BEGUN = "begun"
WORDS_SHOWN = 200


def report_seen(actor: Actor, *, case: str, duty: str, stage: str, manufacturer: str = "") -> dict:
    """One report, whole. NotFound: no such case for this reader; Invalid: no such stage, or the duty runs towards several."""
    with reading.snapshot():
        found = case_file(actor, case)
        draft = draft_of(actor, found, one_run(found, actor.tenant, duty, manufacturer), stage)
        return _report(actor, draft)


def _report(actor: Actor, draft: Draft) -> dict:
    run, written = draft.run, [one.written for one in draft.cells if one.written is not None]
    lines = [
        one for one in (draft.basis, draft.approved, draft.answered, *draft.submitted, *written) if one is not None
    ]
    people = People(actor.tenant, 0).codes(line.person for line in lines)
    through_platform = draft.matrix.matrix.startswith("srp/")
    coordinator = coordinator_told(actor.tenant, run.party) if through_platform else None
    gaps = [_empty(draft, one) for one in draft.lacking]
    gaps += [_unplaced(said, count) for said, count in draft.unplaced.items()]
    gaps += [_since(one) for one in draft.cells if one.since]
    if through_platform and coordinator is None:
        gaps.append(_("No coordinator CSIRT is determined for this manufacturer."))
    elif through_platform and coordinator["otherwise"]:
        gaps.append(_("Coordinator CSIRT: %(said)s") % {"said": coordinator["otherwise"]})
    if not draft.answer:
        gaps.append(_("No answer of affected units is frozen."))
    elif draft.answer_overtaken and not draft.overtaken:
        gaps.append(_("The frozen answer was overtaken: freeze a newer one for the case."))
    return {
        "case": draft.case.code, "title": draft.case.title, "closed": draft.case.closed, "duty": run.duty.duty, "to": run.duty.to,
        "manufacturer": code_of(actor.tenant, run.party) if run.party is not None else None, "stage": draft.stage, "state": draft.state,
        "clock": clock_told(draft.clock, run.zone), "zone": run.zone_name, "matrix": draft.matrix.matrix, "matrix_source": draft.matrix.source,
        "read_on": draft.matrix.read_on, "language": draft.matrix.language, "coordinator": coordinator, "needs_coordinator": through_platform,
        "answer": draft.answer or None, "begun_at": plain(draft.basis.happened_at) if draft.basis else None,
        "superseded": _superseded(draft), "fields": [_cell(draft, one, people) for one in draft.cells], "gaps": gaps,
        "wrong": [{"field": one.field, "why": why} for one, why in draft.wrong], "sha256": draft.sha256, "stands": draft.stands,
        "approved": _approved(draft.approved, people), "submitted": [_submitted(one, people) for one in draft.submitted],
        "answered": _answered(draft.answered, people), "seen": draft.last_entry, "next": _next(draft),
    }  # fmt: skip


def _empty(draft: Draft, one: Cell) -> str:
    """A required field that is empty, or is so for some of several products."""
    empty, of = draft.empty(one), draft.products
    if empty and one.text:
        return _("%(field)s: required and empty for %(n)s of %(of)s products.") % {
            "field": one.field.called,
            "n": empty,
            "of": of,
        }
    return _("%(field)s: required and empty.") % {"field": one.field.called}


def _unplaced(said: str, count: int) -> str:
    """Units that may be in a Member State that the draft does not name."""
    if not said:
        return _("Member States: of %(count)s shipped units the record names no country.") % {"count": _number(count)}
    told = {"count": _number(count), "said": said}
    return _("Member States: %(count)s units went to “%(said)s”, which is no country code.") % told


def _number(count: int) -> str:
    """With the mark for thousands of the reader's language."""
    return number_format(count, use_l10n=True, force_grouping=True)


def _since(one: Cell) -> str:
    """A copied field of which the record says something else by now."""
    told = {"field": one.field.called, "text": _short(one.text), "now": _short(one.since)}
    return _("%(field)s: submitted was “%(text)s”, by the record it is “%(now)s” by now.") % told


def _short(text: str) -> str:
    text = " / ".join(text.split("\n"))
    return text if len(text) <= WORDS_SHOWN else f"{text[:WORDS_SHOWN]}…"


def _superseded(draft: Draft) -> dict | None:
    """What the record gives otherwise by now, and whether a newer answer is why; None where nothing would change."""
    if draft.basis is None or not (draft.overtaken or draft.changed):
        return None
    return {
        "answer": draft.answer or None, "newest": draft.newest or None, "overtaken": draft.overtaken,
        "changes": [{"field": one.field.field, "name": one.field.called, "then": one.drafted, "now": one.now} for one in draft.changed],
    }  # fmt: skip


def _cell(draft: Draft, one: Cell, people: dict) -> dict:
    rule, stage = one.field, draft.stage
    parts = field_rules.entries(rule, one.text)
    written = one.written
    return {
        "field": rule.field, "number": rule.number, "name": rule.called, "owed": rule.owed(stage), "kind": rule.kind, "most": rule.most,
        "choices": list(rule.choices), "free": rule.free, "repeats": rule.repeats, "source_of_field": rule.source, "text": one.text,
        "entries": parts, "lengths": [field_rules.length(each) for each in parts], "by": one.by, "drafted": one.drafted,
        "sources": [dict(zip(("kind", "which", "what"), each, strict=True)) for each in one.sources],
        "written": None if written is None else _who(written, people), "gap": one in draft.lacking,
        "wrong": field_rules.wrong(rule, one.text), "changed": one.now is not None,
        "since": one.since or None,
    }  # fmt: skip


def _who(line: Line, people: dict) -> dict:
    return {"by": people.get(line.person), "why": line.why, "at": plain(line.happened_at), "entry": line.entry}


def _approved(line: Line | None, people: dict) -> dict | None:
    if line is None:
        return None
    return {
        **_who(line, people),
        "sha256": line.said["sha256"],
        "gaps": line.said["gaps"],
        "answer": line.said["answer"] or None,
    }


def _submitted(line: Line, people: dict) -> dict:
    said = line.said
    return {
        **_who(line, people), "submitted_at": plain(line.at), "reference": said.get("reference", ""), "sha256": said.get("sha256"),
        "capture_sha256": said.get("capture_sha256"), "late": said.get("late") == "yes",
    }  # fmt: skip


def _answered(line: Line | None, people: dict) -> dict | None:
    if line is None:
        return None
    return {
        **_who(line, people),
        "said": line.said["said"],
        "answered_at": plain(line.at),
        "reference": line.said.get("reference", ""),
    }


def _next(draft: Draft) -> str:
    """What to do with the report, in one sentence."""
    if draft.state != DRAFT:
        words = {
            APPROVED: _("Copy it field by field, then record that it was submitted."),
            SUBMITTED: _("Record what the platform says to it."),
            UPDATED: _("Record what the platform says to it."),
            "returned": _("Mend it, approve it, and submit it again."),
        }
        return words.get(draft.state, _("Nothing is to do."))
    if draft.overtaken:
        return _("A newer answer is frozen: look at what changed, and take it over or not.")
    if draft.wrong:
        return _("Mend the fields that the recipient would not take.")
    if draft.states_open:
        return _("See to the units without a country code: write the Member States, or approve with the reason.")
    if draft.states_missing:
        told = {"states": ", ".join(draft.states_missing)}
        return _("See to %(states)s: write the Member States, or approve with the reason.") % told
    if draft.gaps:
        return _("Fill %(count)s required fields, then approve it.") % {"count": len(draft.gaps)}
    return _("Read it, and approve it.")


def reports_told(actor: Actor, code: str) -> list[dict]:
    """The reports of a case: duty, towards whom, stage, state. Two statements."""
    with reading.snapshot():
        case = case_file(actor, code)
        return [
            {
                "duty": run.duty.duty, "manufacturer": code_of(actor.tenant, run.party) if run.party is not None else None,
                "stage": clock.stage, "state": _state(case, run, clock.stage), "due_at": plain(clock.due_at),
            }
            for run in case.runs
            for clock in run.clocks
        ]  # fmt: skip


def _state(case, run: Run, stage: str) -> str:
    """The state without working the text out: for lists. `begun`: somebody wrote in it."""
    found, sent, text = "", 0, ""
    for line in lines_of_stage(case, run, stage):
        if line.kind in (BASIS, FIELD):
            found = text = BEGUN
        elif line.kind == APPROVED:
            found = text = APPROVED
        elif line.kind == ANSWERED:
            found = line.said["said"]
        elif line.kind == NOT_SUBMITTED:
            found, sent = text, 0
        else:
            sent += 1
            found = SUBMITTED if sent == 1 else UPDATED
    return found or DRAFT
