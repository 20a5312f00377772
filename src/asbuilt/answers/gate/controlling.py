"""Putting a step's process under control, and taking it out again: the room's verb, after a look at what passed the step.

    control_process(actor, product="AB-100", step="REFLOW", side="top", aspect="program", value="P7", why="validated in V-12")
    control_process(actor, …, on=False, why="typed wrong")

Refused: out of control again, once a unit of another party's product passed the step under it: from then on only an ECO changes it, and the
manufacturer agrees to that. What nobody used yet was typed wrong, and may go.
"""

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import CHANGE_RELEASE
from asbuilt.answers.gate.ran_by import rows_since
from asbuilt.designed.changes.controlling.actions import bounding
from asbuilt.designed.changes.controlling.process_revisions import Control, controls_of
from asbuilt.designed.changes.controlling.queries import parties_asked
from asbuilt.kernel.errors import Refused
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.evaluating.evaluate import what_is_meant
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.saying import quoted
from asbuilt.storage.transactions import write_tx


def control_process(
    actor: Actor, *, product: str, step: str, aspect: str, value: str = "", side: str = "", why: str, on: bool = True,
    request_key: str | None = None,
) -> int:  # fmt: skip
    """From now on the step runs by this value until an ECO changes it; `on=False` takes it out of control. Returns the entry."""
    actor.require(CHANGE_RELEASE)
    with write_tx(actor.tenant):
        if not on and not was_recorded(actor.tenant, request_key):
            _refuse_used(actor.tenant, product, (step.strip(), side.strip(), aspect))
        entry = bounding.control_process(
            actor,
            product=product,
            step=step,
            aspect=aspect,
            value=value,
            side=side,
            why=why,
            on=on,
            request_key=request_key,
        )
    sequencing.after_commit(actor.tenant)
    return entry


def _refuse_used(tenant: int, product: str, named: tuple[str, str, str]) -> None:
    controls = [one for one in controls_of(tenant, product) if (one.step, one.side, one.aspect) == named]
    if not controls or not parties_asked(tenant, [product]):
        return
    passed = _passed(View(local_system(tenant)), controls[0])
    if passed:
        said = f"{len(passed):,} units of {product} passed {named[0]} under control: it stays so."
        facts = {"product": product, "step": named[0], "side": named[1], "aspect": named[2], "units": len(passed)}
        raise Refused("gate.control_used", said, facts, "Propose an ECO for what it shall run by.")


def _passed(view: View, control: Control) -> BitMap:
    """Units of the product that passed the step since it is under control."""
    found = BitMap()
    for _step, first, until, side, *_rest in rows_since(view, [control]):
        if control.side in ("", side) or not side:
            found.add_range(first, until)
    return found and found & what_is_meant(view, f"product:{quoted(control.product)}", found).certain
