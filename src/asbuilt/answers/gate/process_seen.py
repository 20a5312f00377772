"""What is controlled of the process, with the units that passed by something else: for the page Changes, the API and the command line.

    controls_seen(actor)             -> what `controls_told` says, with `otherwise`: rows of value, units, since, first, conceded, question

Machines and tables tell what happened, whatever they ran by: here somebody sees it. To a party's person it is told what is controlled, and nothing
of what other parties' units ran by.
"""

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import CHANGE_READ
from asbuilt.answers.gate.leaving import conceding
from asbuilt.answers.gate.missing import Missing
from asbuilt.answers.gate.ran_by import REASON, Ran, rows_since, runs_judged
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.changes.controlling.eco import PROCESS, Change
from asbuilt.designed.changes.controlling.process_revisions import controls_of
from asbuilt.designed.changes.controlling.queries import in_force
from asbuilt.designed.changes.controlling.seen import controls_told
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.genealogy.answering.changes_built import question_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, SKIPPED, View
from asbuilt.storage import reading

NAMED_MAX = 20


def controls_seen(actor: Actor, product: str = "") -> list[dict]:
    """What is controlled, by product, and what passed otherwise. NotFound for nobody; a party's person reads what is controlled of his products."""
    actor.require(CHANGE_READ)
    with reading.snapshot():
        told = controls_told(actor, product)
        if actor.party is not None:
            return [{**one, "otherwise": []} for one in told]
        view = View(local_system(actor.tenant))
        found: dict[tuple[str, ...], list[dict]] = {}
        for code in sorted({one["product"] for one in told}):
            for one in _otherwise(view, code):
                found.setdefault(one.control.key, []).append(_told(view, one))
        return [
            {**one, "otherwise": found.get((one["product"], PROCESS, one["step"], one["side"], one["aspect"]), [])}
            for one in told
        ]


def _otherwise(view: View, product: str) -> list[Ran]:
    """Units of the product that passed by something else and are not scrapped, what began first in front."""
    controls = controls_of(view.tenant, product)
    rows = rows_since(view, controls) if controls else []
    units = BitMap()
    for _step, first, until, *_ in rows:
        units.add_range(first, until)
    codes = product_codes(view.tenant)
    mine = BitMap()
    for block, low, until in view.reaches(units):
        if codes[block.product] == product:
            mine |= units & BitMap(range(low, until))
    if not mine:
        return []
    mine -= view.state_units(SCRAPPED, SKIPPED, over=mine)
    found = [one for one in runs_judged(view, controls, in_force(view.tenant, [product]), rows, mine) if one.otherwise]
    return sorted(found, key=lambda one: (one.since_at, one.side, one.value))


def _told(view: View, one: Ran) -> dict:
    left, _ = conceding(view, one.units, [Missing(REASON, one.control.name, one.units, "", "")])
    stopped = BitMap().union(*(each.units for each in left)) if left else BitMap()
    names = names_of(view, BitMap(one.units[:NAMED_MAX]))
    return {
        "value": one.value, "approved": one.wanted.value, "side": one.side, "units": len(one.units), "conceded": len(one.units) - len(stopped),
        "since": format_instant(one.since_at), "first": [names[unit] for unit in one.units[:NAMED_MAX]],
        "question": _question(view, one),
    }  # fmt: skip


def _question(view: View, one: Ran) -> str:
    """Which units those are, in the question language; empty where no term asks for it."""
    if not one.value:
        return ""
    control = one.control
    change = Change("", PROCESS, control.product, (control.step, one.side, control.aspect), one.value, one.value, "")
    return question_of(view, change, one.value)
