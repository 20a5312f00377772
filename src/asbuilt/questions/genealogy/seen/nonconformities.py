"""Nonconformities as people read them: units by name, people by badge (without one by name), how many units wait, what is due.

A party reader sees those with units of his own, or of products whose manufacturer his party is: code, state, his units, and the dispositions that are about his units alone, so that he can
agree to them. Causes, actions, holds, words and people stay with the company that keeps the record, unless every unit is his: then the words
are his too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.queries import names_of as people_named
from asbuilt.built.quality.concessions import recorded_by
from asbuilt.built.quality.nonconformities import (
    Action,
    Cause,
    Check,
    Disposition,
    NonconformityRow,
    Result,
    Stated,
    Step,
    codes_about,
    nonconformities,
    nonconformity,
)
from asbuilt.built.quality.open_nonconformities import CLOSED
from asbuilt.built.quality.units_of_parties import units_of_party
from asbuilt.kernel.distributions import share_limits
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

LIST_MAX, UNITS_SHOWN_MAX = 500, 50
MILLION = 1_000_000
STATES = ("raised", "contained", "decided", "closed")


@dataclass(frozen=True)
class DispositionSeen:
    """A disposition with the first names of its units and, step by step, who decided."""

    row: Disposition
    units: int
    names: tuple[str, ...]
    by: tuple[str, ...]

    @property
    def steps(self) -> tuple[tuple[Step, str], ...]:
        """Each step with who took it; nobody where the reader may not see people."""
        return tuple(zip(self.row.steps, self.by, strict=True))

    @property
    def proposed_reason(self) -> str:
        """Why it was proposed."""
        return self.row.steps[0].reason


@dataclass(frozen=True)
class ActionSeen:
    """An action with its owner by badge, and whether it is late."""

    row: Action
    owner: str
    late: bool


@dataclass(frozen=True)
class ResultSeen:
    """What a check counted over units begun after `since`, with the share it speaks for and its exact limits, in parts per million."""

    row: Result
    ppm: float
    ppm_low: float
    ppm_high: float
    since: int | None


@dataclass(frozen=True)
class NonconformitySeen:
    """A nonconformity; `units` those the reader may see, `waiting` those of them that may not go on. `whole`: nothing is held back."""

    code: str
    state: str
    severity: str
    source: str
    product: str
    defect: str
    party: str
    question: str
    description: str
    by: str
    raised_at: int
    units: int
    waiting: int
    names: tuple[str, ...]
    holds: tuple[str, ...]
    next_due: str
    late: bool
    whole: bool
    causes: tuple[Cause, ...] = ()
    dispositions: tuple[DispositionSeen, ...] = ()
    actions: tuple[ActionSeen, ...] = ()
    states: tuple[tuple[Stated, str], ...] = ()
    check: Check | None = None
    results: tuple[ResultSeen, ...] = ()
    undecided: int = 0


def nonconformities_seen(actor: Actor, *, closed: bool = False, unit: str = "") -> list[NonconformitySeen]:
    """Those that are open, all of them and the most urgent first, or the 500 closed ones raised last; with `unit` all about that unit."""
    return nonconformities_page(actor, LIST_MAX, closed=closed, unit=unit)[0]


def nonconformities_page(
    actor: Actor, limit: int, *, closed: bool = False, unit: str = "", after: tuple[int, ...] | None = None
) -> tuple[list[NonconformitySeen], tuple[int, ...] | None]:
    """(nonconformities, the place to go on after; None after the last). What is open, or about a unit, is on the first page, all of it."""
    with reading.snapshot():
        view = view_of(actor)
        if unit:
            found = nonconformities(view.tenant, codes_about(view.tenant, unit_of(view, unit)))
        else:
            found = [one for one in nonconformities(view.tenant) if one.closed == closed]
        mine = _mine(view)
        found = [one for one in found if _visible(one, mine)]  # raised last first
        place = None
        if closed and not unit:
            found = [one for one in found if after is None or _place(one) < after]
            place = _place(found[limit - 1]) if len(found) > limit else None
            found = found[:limit]
        seen = [_seen(view, one, mine, short=True) for one in found]
    seen.sort(key=lambda one: (one.state == CLOSED, not one.next_due, one.next_due, -one.raised_at))
    return seen, place


def _place(one: NonconformityRow) -> tuple[int, ...]:
    return one.raised_at, one.entry, one.row


def of_unit(view: View, unit: int) -> list[NonconformitySeen]:
    """Those about a unit, open ones first."""
    codes = codes_about(view.tenant, unit)
    found = nonconformities(view.tenant, codes) if codes else []
    mine = _mine(view) if found else None
    return sorted((_seen(view, one, mine, short=True) for one in found), key=lambda one: one.state == CLOSED)


def nonconformity_seen(actor: Actor, code: str) -> NonconformitySeen:
    """One, with everything that the reader may see of it. NotFound where that is nothing."""
    with reading.snapshot():
        view = view_of(actor)
        found = nonconformity(view.tenant, code)
        mine = _mine(view)
        if found is None or not _visible(found, mine):
            remedy = "The page Nonconformities and `asbuilt ncr list` show them."
            said = f"There is no nonconformity {code[:60]}."
            raise NotFound("quality.nonconformity_unknown", said, {"nonconformity": code[:60]}, remedy)
        return _seen(view, found, mine)


def _mine(view: View) -> BitMap | None:
    """The units of a party reader, with those of the products that his party makes for whoever ordered them; None where all may be seen."""
    party = view.actor.party
    return None if party is None else view.visible | units_of_party(view.tenant, party, clock.now())


def _visible(one: NonconformityRow, mine: BitMap | None) -> bool:
    return mine is None or bool(one.units & mine)


def _seen(view: View, one: NonconformityRow, mine: BitMap | None, *, short: bool = False) -> NonconformitySeen:
    ours = mine is None
    units, waiting = (one.units, one.waiting) if ours else (one.units & mine, one.waiting & mine)
    whole = ours or units == one.units
    people = _people(view, one) if ours else {}
    today = _today(view)
    said = {
        "code": one.code, "state": one.state, "severity": one.severity, "source": one.source if ours else "",
        "product": one.product if whole else "", "defect": one.defect if whole else "", "party": one.party if ours else "",
        "question": one.question if ours else "", "description": one.description if whole else "",
        "by": people.get(one.operator, ""), "raised_at": one.raised_at, "units": len(units), "waiting": len(waiting),
        "names": () if short else _names(view, units), "holds": tuple(one.holds) if ours else (),
        "next_due": one.next_due if ours else "", "late": bool(ours and one.next_due and one.next_due < today), "whole": whole,
    }  # fmt: skip
    if short:
        return NonconformitySeen(**said)
    decided = [each for each in one.dispositions if ours or (each.units and not each.units - units)]
    acted = _acted(view, decided) if ours else {}
    said["dispositions"] = tuple(_disposition(view, each, people, acted) for each in decided)
    if ours:
        said |= {
            "causes": tuple(sorted(one.causes, key=_cause_order)), "check": one.check, "undecided": len(one.undecided),
            "actions": tuple(ActionSeen(each, people.get(each.person, ""), each.overdue(today)) for each in one.actions),
            "states": tuple((each, people.get(each.operator, "")) for each in one.states),
            "results": tuple(_result(each, one.done_before(each.measured_at)) for each in one.results),
        }  # fmt: skip
    return NonconformitySeen(**said)


def _cause_order(cause: Cause) -> tuple:
    return cause.method, int(cause.place) if cause.place.isdigit() else 0, cause.place, cause.stated_at


def _acted(view: View, found: Sequence[Disposition]) -> dict[int, str]:
    """Entry -> the name of the person who took that step, with a badge or without."""
    recorded = recorded_by(view.tenant, {step.entry for one in found for step in one.steps})
    names = people_named(view.tenant, {who.person for who, _ in recorded.values()} - {None})
    return {entry: names.get(who.person, "") for entry, (who, _) in recorded.items()}


def _disposition(view: View, one: Disposition, people: dict[int, str], acted: dict[int, str]) -> DispositionSeen:
    by = tuple(people.get(step.operator, "") or acted.get(step.entry, "") for step in one.steps)
    return DispositionSeen(one, len(one.units), _names(view, one.units), by)


def _result(row: Result, since: int | None) -> ResultSeen:
    low, high = share_limits(row.failed, row.units)
    return ResultSeen(row, row.failed / row.units * MILLION if row.units else 0.0, low * MILLION, high * MILLION, since)


def _names(view: View, units: BitMap) -> tuple[str, ...]:
    shown = units[:UNITS_SHOWN_MAX]
    names = names_of(view, shown) if shown else {}
    return tuple(names[unit] for unit in shown)


def _people(view: View, one: NonconformityRow) -> dict[int, str]:
    said: Sequence = (*one.actions, *one.states, *(step for each in one.dispositions for step in each.steps))
    numbers = {one.operator, *(row.operator for row in said), *(row.person for row in one.actions)}
    return People(view.tenant, 0).codes(numbers)


def _today(view: View) -> str:
    return datetime.fromtimestamp(clock.now() / 1_000_000, UTC).astimezone(view.zone).date().isoformat()


def told(one: NonconformitySeen) -> dict:
    """As JSON: what command line and API say of it."""
    return {
        **{name: getattr(one, name) for name in (
            "code", "state", "severity", "source", "product", "defect", "party", "question", "description", "by", "units", "waiting",
            "undecided", "next_due", "late",
        )},
        "raised_at": format_instant(one.raised_at), "names": list(one.names), "holds": list(one.holds),
        "causes": [
            {"method": each.method, "place": each.place, "cause": each.cause, "root": each.root, "stated_at": format_instant(each.stated_at)}
            for each in one.causes
        ],
        "dispositions": [_told_disposition(each) for each in one.dispositions],
        "actions": [
            {"action": each.row.code, "kind": each.row.kind, "state": each.row.state, "due_on": each.row.due_on,
             "description": each.row.description, "owner": each.owner, "late": each.late}
            for each in one.actions
        ],
        "states": [
            {"state": each.state, "hold": each.hold, "reason": each.reason, "by": by, "decided_at": format_instant(each.decided_at)}
            for each, by in one.states
        ],
        "check": None if one.check is None else {
            "question": one.check.question, "among": one.check.among, "units_min": one.check.units_min,
            "failed_ppm_max": one.check.failed_ppm_max, "due_on": one.check.due_on,
        },
        "results": [
            {"units": each.row.units, "failed": each.row.failed, "ppm": each.ppm, "ppm_low": each.ppm_low, "ppm_high": each.ppm_high,
             "verdict": each.row.verdict, "answer": each.row.answer, "measured_at": format_instant(each.row.measured_at), "since": format_instant(each.since) if each.since else None}
            for each in one.results
        ],
    }  # fmt: skip


def _told_disposition(one: DispositionSeen) -> dict:
    steps = [
        {"step": step.step, "reason": step.reason, "party": step.party, "file": step.file, "sha256": step.sha256, "by": by,
         "decided_at": format_instant(step.decided_at)}
        for step, by in zip(one.row.steps, one.by, strict=True)
    ]  # fmt: skip
    return {"disposition": one.row.code, "decision": one.row.decision, "state": one.row.state, "clears": one.row.clears,
            "units": one.units, "names": list(one.names), "steps": steps}  # fmt: skip
