"""What every page of the gate stands on: a stop in words, the units of a scan, which steps are the packing itself."""

from dataclasses import dataclass

from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.questions.genealogy.answering.lookup import unit_of
from asbuilt.questions.genealogy.evaluating.axis import of_panel
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, SKIPPED, View
from asbuilt.questions.genealogy.words.language import Value

UNITS_MAX = 500
PACKING_STEPS = frozenset({"PACK", "PACKING", "SHIP", "SHIPPING"})
"""Steps of a route, case-blind, that are the packing itself: whoever asks for one, a person or a machine, asks whether the unit may leave."""


def is_packing(step: str) -> bool:
    """Whether a step of a route is the packing itself."""
    return step.upper() in PACKING_STEPS


@dataclass(slots=True)  # not frozen, as `Missing`
class Stop:
    """One thing that stops a unit: its code (`gate.reason`), what, and what to do. `facts` are for programs and pages."""

    code: str
    message: str
    facts: dict
    remedy: str


def units_of_code(view: View, code: str) -> list[int]:
    """The unit with this code; where none has it, the units of the panel: not its skipped positions, nor what was scrapped."""
    try:
        return [unit_of(view, code)]
    except NotFound as unknown:
        try:
            found = of_panel(view, [Value(code)])
        except NotFound:
            raise unknown from None
        units = found - view.state_units(SKIPPED, SCRAPPED, over=found)
        if not units or len(units) > UNITS_MAX:
            said = f"Panel {code} has {len(units)} units that could go on; a panel has 1 to {UNITS_MAX}."
            raise Refused("gate.panel_units", said, {"panel": code, "units": len(units)}, "Scan the units one by one.")
        return list(units)
