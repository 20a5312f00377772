"""Going on: a step, through the gate. The lock is taken, the verdict asked, and production's verb called, in one transaction.

    pass_step(actor, code="SN-000017", done=StepDone("REFLOW", side="top", machine="OV1"), request_key=key)   -> Passed

A panel's code stands for its units; one of them that is stopped stops the panel. Refused: with the first thing that stops the unit,
and all of them in the facts. The same request again is answered as before, whatever was held since.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.people import badge
from asbuilt.access.rights import STEP_RECORD
from asbuilt.answers.gate.changed import fed_stops, process_stops
from asbuilt.answers.gate.paste import paste_stops
from asbuilt.answers.gate.setups import setup_stops
from asbuilt.answers.gate.stops import Stop, units_of_code
from asbuilt.answers.gate.verdicts import Verdict, verdict_of
from asbuilt.built.production.actions.steps import StepDone, feeding_of, record_step
from asbuilt.designed.catalog.routings import outside
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage.transactions import write_tx


@dataclass(frozen=True)
class Passed:
    """What went on: the entry, how many units, and the verdicts as they were asked (as they are now where it was recorded before), and
    readings outside of the limits of the step: recorded as they are, for somebody to act on."""

    entry: int
    units: int
    verdicts: tuple[Verdict, ...]
    outside: tuple[str, ...] = ()


def pass_step(actor: Actor, *, code: str, done: StepDone, request_key: str | None = None) -> Passed:
    """The unit or panel with this code did the step. Raises what `verdicts` and `record_step` raise, Refused where it is stopped."""
    actor.require(STEP_RECORD)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        units = units_of_code(view, code)
        before = was_recorded(actor.tenant, request_key)
        operator = done.operator or badge(actor)
        asked = [] if before else [verdict_of(view, unit, done.step, done.side, operator) for unit in units]
        refuse_stopped(stop for one in asked for stop in one.stops)
        spans = spans_of(BitMap(units))
        feeding = {} if before else feeding_of(actor.tenant, spans, done)
        refuse_stopped(setup_stops(actor.tenant, feeding, done))
        refuse_stopped(fed_stops(view, units, feeding))
        if not before and done.result == "completed":
            refuse_stopped(paste_stops(actor.tenant, spans, done.step, done.readings, done.finished_at))
            refuse_stopped(process_stops(view, units, done, feeding))
        applied = {"routing": asked[0].routing, **asked[0].documents} if asked and asked[0].routing else None
        needed = {name: None for one in asked for name in one.qualifications}
        entry = record_step(
            actor,
            spans=spans,
            done=done,
            applied=applied,
            needed=tuple(needed),
            feeding=feeding,
            request_key=request_key,
        )
        if before:  # its answer was lost: who asks again still reads under what the units go
            asked = [verdict_of(view, unit, done.step, done.side, operator) for unit in units]
    sequencing.after_commit(actor.tenant)
    found = outside(asked[0].limits, done.readings or {}) if asked else []
    return Passed(entry, len(units), tuple(asked), tuple(found))


def refuse_stopped(stops: Iterable[Stop]) -> None:
    """Raise the first stop as a refusal; the facts hold all of them."""
    found = list(stops)
    if found:
        first = found[0]
        said = [
            {"code": stop.code, "message": stop.message, "remedy": stop.remedy, "facts": stop.facts} for stop in found
        ]
        raise Refused(first.code, first.message, {**first.facts, "stops": said}, first.remedy)
