"""What an alternate has to be before a boundary brings it in: qualified, where a sheet names it and parts.csv did not approve it.

refuse_unqualified(tenant, eco)
"""

from asbuilt.designed.catalog.queries import approved, part_numbers
from asbuilt.designed.changes.controlling.eco import PART, Change, Eco
from asbuilt.designed.changes.qualifying.sheets import QUALIFIED, RUNNING, STATED, alternates
from asbuilt.kernel.errors import Refused


def refuse_unqualified(tenant: int, eco: Eco) -> None:
    """Refused: a sheet names what an ECO changes to, no run qualified it, and parts.csv did not approve it before."""
    for change in (one for one in eco.changes.values() if one.kind == PART):
        known = alternates(tenant, [change.subject[0]]).get(change.subject[0], ())
        one = next((each for each in known if f"{each.maker}/{each.mpn}".casefold() == change.new.casefold()), None)
        if one is None or one.state == QUALIFIED or (one.state in (STATED, RUNNING) and _approved(tenant, change)):
            continue
        said = f"{change.new} is an alternate for {change.subject[0]} that is not qualified."
        facts = {"eco": eco.code, "part": change.subject[0], "mpn": one.mpn, "state": one.state, "run": one.run}
        remedy = (
            f"Have {one.run} judged first."
            if one.state == RUNNING
            else "Have it qualified on an order of its own first."
        )
        raise Refused("gate.boundary_unqualified", said, facts, remedy)


def _approved(tenant: int, change: Change) -> bool:
    maker, _, mpn = change.new.casefold().partition("/")
    known = approved(tenant, part_numbers(tenant, [change.subject[0]]).values())
    pairs = {(one.casefold(), of.casefold()) for some in known.values() for one, of in some}
    return (mpn, maker) in pairs
