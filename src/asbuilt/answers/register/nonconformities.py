"""Nonconformities as people name them: units by their names or a question; contained by a hold; its check of effectiveness measured.

    open_nonconformity(actor, source="test", severity="major", description="…", units=["SN1..SN40"])          -> "NCR-7"
    open_nonconformity(actor, …, question="passed:REFLOW@2027-03-15", contain=True)                      the same, and a hold
    contain_nonconformity(actor, nonconformity="NCR-7")                                              -> "H-12"
    measure_effect(actor, nonconformity="NCR-7")                                                     -> the check's result

Containing places a hold by the very question where there is one, so that later units that match are held too, else on its units; hold and
nonconformity stand or fall together. The check of effectiveness asks its standing question now, over later units: those of `among` that were begun
after the last action was done, in which the tests that the question speaks of were made, and that the nonconformity is not about; the answer is
frozen, and what it found is counted from it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ANSWER_FREEZE, HOLD_PLACE, NONCONFORMITY_RAISE, NONCONFORMITY_WORK
from asbuilt.answers.register.actions import freeze_answer
from asbuilt.answers.register.holds import hold, spans_named
from asbuilt.built.production.orders import named_spans
from asbuilt.built.quality.actions import dispositions
from asbuilt.built.quality.actions.nonconformities import (
    add_units,
    contain,
    known,
    raise_nonconformity,
    record_result,
    still_open,
)
from asbuilt.built.quality.nonconformities import OPEN, NonconformityRow
from asbuilt.kernel.distributions import share_limits
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import UNRECORDED, bitmap_of, spans_of
from asbuilt.ledger import clock, sequencing
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.looked_for import looked_for
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

MILLION = 1_000_000


def open_nonconformity(
    actor: Actor,
    *,
    source: str,
    severity: str,
    description: str,
    units: Sequence[str] = (),
    question: str = "",
    product: str = "",
    defect: str = "",
    party: str = "",
    held: bool = False,
    request_key: str | None = None,
) -> str:
    """Raise it about these units (`SN` or `SN1..SN2`) and those that the question certainly or possibly gives now; `held` contains it at once.

    Returns its code. Raises what `raise_nonconformity`, `ask` and `hold` raise.
    """
    actor.require(NONCONFORMITY_RAISE)
    with write_tx(actor.tenant):
        now = spans_of(units_of(View(actor), language.parse(question)).possible) if question else []
        code = raise_nonconformity(
            actor,
            source=source,
            severity=severity,
            description=description,
            spans=spans_named(actor, units),
            matching=now,
            product=product,
            defect=defect,
            party=party,
            question=question,
            request_key=request_key,
        )
        if held and not still_open(actor, code).holds:
            contain_nonconformity(actor, nonconformity=code, reason=description[:2_000])
    sequencing.after_commit(actor.tenant)
    return code


def add_to_nonconformity(
    actor: Actor, *, nonconformity: str, units: Sequence[str], request_key: str | None = None
) -> int:
    """It is about these units too; returns the entry."""
    actor.require(NONCONFORMITY_RAISE)
    return add_units(actor, nonconformity=nonconformity, spans=spans_named(actor, units), request_key=request_key).entry


def propose(
    actor: Actor,
    *,
    nonconformity: str,
    decision: str,
    reason: str,
    units: Sequence[str] = (),
    request_key: str | None = None,
) -> str:
    """Propose what becomes of these units, by name; of all that wait where none is named. Returns the disposition's code."""
    actor.require(NONCONFORMITY_WORK)
    return dispositions.propose_disposition(
        actor,
        nonconformity=nonconformity,
        decision=decision,
        reason=reason,
        spans=spans_named(actor, units),
        request_key=request_key,
    )


def contain_nonconformity(actor: Actor, *, nonconformity: str, reason: str = "", request_key: str | None = None) -> str:
    """Hold what it is about: by its question and its units; returns the hold's code. Refused where it is about nothing."""
    actor.require(NONCONFORMITY_RAISE)
    actor.require(HOLD_PLACE)
    with write_tx(actor.tenant):
        found = still_open(actor, nonconformity)
        if not found.question and not found.units:
            raise Refused(
                "register.nothing_to_contain",
                f"{nonconformity} is about no unit and no question.",
                {"nonconformity": nonconformity},
                "Add units to it, or hold the lot.",
            )
        said = reason.strip() or f"{found.code}: {found.description}"[:2_000]
        keys = (None, None) if request_key is None else (f"{request_key}/hold"[:200], request_key)
        names = [first if first == last else f"{first}..{last}" for first, last in _names(actor, found)]
        code = hold(actor, units=names, question=found.question, reason=said, request_key=keys[0])
        contain(actor, nonconformity=nonconformity, hold=code, reason=said, request_key=keys[1])
    sequencing.after_commit(actor.tenant)
    return code


def _names(actor: Actor, found: NonconformityRow) -> list[tuple[str, str]]:
    return named_spans(actor.tenant, spans_of(found.units))


@dataclass(frozen=True)
class Effect:
    """What a check counted: of `units` later units, begun after `since`, `failed` were found; between which shares the true one lies; the verdict."""

    units: int
    failed: int
    ppm: float
    ppm_low: float
    ppm_high: float
    verdict: str
    answer: str
    since: int | None


def measure_effect(actor: Actor, *, nonconformity: str, request_key: str | None = None) -> Effect:
    """Ask the standing question of the check now, freeze its answer, and record what it counted.

    Refused: no check is planned, an action is open, none was done. Too few later units give no verdict but `too_few`.
    """
    actor.require(NONCONFORMITY_WORK)
    actor.require(ANSWER_FREEZE)
    found = still_open(actor, nonconformity)
    check = found.check
    if check is None:
        raise Refused(
            "register.no_check",
            f"{nonconformity} has no check of effectiveness.",
            {"nonconformity": nonconformity},
            "Plan one: which units, what they are asked, how many may be found.",
        )
    since = _done_since(found)
    key = f"{request_key}/answer"[:200] if request_key else None
    answer = freeze_answer(actor, f"({check.among}) ({check.question})", request_key=key)
    # what may be found counts as found: a doubt is no proof that the actions helped
    spans = json.loads(answer.answer)["spans"]
    failed = bitmap_of((first, until) for first, until, grade in spans if grade != UNRECORDED) - found.units
    view = View(actor)
    among = BitMap(units_of(view, language.parse(check.among)).certain - found.units - failed)
    looked_at = looked_for(view, language.parse(check.question), among, BitMap(found.units | failed))
    later = begun_after(view, looked_at | failed, since)
    failed &= later
    allowed = len(failed) * MILLION <= check.failed_ppm_max * len(later)
    enough = len(later) >= max(1, check.units_min)
    cells = {
        "question": check.question, "among": check.among, "units": str(len(later)), "failed": str(len(failed)),
        "verdict": ("effective" if allowed else "not_effective") if enough else "too_few", "answer": answer.ulid,
    }  # fmt: skip
    entry = record_result(actor, nonconformity=nonconformity, cells=cells, request_key=request_key).entry
    (said,) = (one for one in known(actor.tenant, nonconformity).results if one.entry == entry)
    return effect(said.units, said.failed, said.verdict, said.answer, since)


def _done_since(found: NonconformityRow) -> int:
    """When the last of its actions was done. Refused while one is open, and where none was done: nothing could have helped."""
    waiting = [one.code for one in found.actions if one.state == OPEN]
    if waiting:
        said = f"{found.code} has open actions: {', '.join(waiting[:10])}; units of now say nothing of their effect."
        facts = {"nonconformity": found.code, "actions": waiting[:10]}
        raise Refused(
            "register.action_open", said, facts, "Say that they are done, then measure over units begun since."
        )
    since = found.done_before(clock.now())
    if since is None:
        said = f"{found.code} has no action that was done; there is no effect to measure."
        raise Refused(
            "register.no_action",
            said,
            {"nonconformity": found.code},
            "State the corrective action, and that it is done.",
        )
    return since


def begun_after(view: View, units: BitMap, since: int) -> BitMap:
    """Those of these units that were begun after then: no run of a process or a test on them began before, and one did since. A statement, and
    one for each joined span."""
    if not units:
        return units
    before, after = BitMap(), BitMap()
    columns = "t.first_unit, t.until_unit, t.started_at"
    for first, until, at in view.rows_reached(columns, "production_process_run", view.reaches(units)):
        (after if at > since else before).add_range(first, until)
    sql = (
        "SELECT t.unit, min(t.started_at) FROM quality_test_run t WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
        + view.seen("t")
        + " GROUP BY t.unit"
    )
    for low, high in joined(units):
        for unit, at in reading.fetch(sql, (view.tenant, low, high)):
            (after if at > since else before).add(unit)
    return units & after - before


def effect(units: int, failed: int, verdict: str, answer: str, since: int | None = None) -> Effect:
    """The counts with the share they speak for and its exact limits, in parts per million."""
    low, high = share_limits(failed, units)
    share = failed / units if units else 0.0
    return Effect(units, failed, share * MILLION, low * MILLION, high * MILLION, verdict, answer, since)
