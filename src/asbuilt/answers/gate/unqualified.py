"""What a boundary cannot bring in: an alternate that no run qualified, where a sheet names it and parts.csv did not approve it; and names that the
record does not have. A value that is typed wrong is found on no unit, and so would stop none.

refuse_unqualified(tenant, eco)
refuse_unknown(tenant, eco)
"""

from collections.abc import Iterator

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.supply.queries import lots_of_parts
from asbuilt.designed.catalog.queries import BomFinder, approved, part_numbers
from asbuilt.designed.catalog.test_plans import versions_of
from asbuilt.designed.changes.controlling.eco import BOM, FIRMWARE, PART, TEST_PLAN, Change, Eco
from asbuilt.designed.changes.qualifying.sheets import QUALIFIED, RUNNING, STATED, alternates, sheets_of_parts
from asbuilt.designed.firmware.queries import standing_release
from asbuilt.designed.firmware.register import registered
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
    known = approved(tenant, part_numbers(tenant, [change.subject[0]]).values())
    maker, _, mpn = change.new.casefold().partition("/")
    return any((one.casefold(), of.casefold()) == (mpn, maker) for some in known.values() for one, of in some)


def refuse_unknown(tenant: int, eco: Eco) -> None:
    """Refused: what an ECO changes from or to is a BOM version, maker's part, release or test plan that nothing names."""
    for change in eco.changes.values():
        for value, what in _unknown(tenant, change):
            said = f"{eco.code} changes {change.kind} of {change.product}, and there is no {what}."
            facts = {"eco": eco.code, "change": change.code, "kind": change.kind, "value": value}
            remedy = "Load it first; where it is typed wrong, drop the change and say it anew."
            raise Refused("gate.boundary_unknown", said, facts, remedy)


def _unknown(tenant: int, change: Change) -> Iterator[tuple[str, str]]:
    """(value, what is not there)."""
    subject, values = change.subject[0], (change.old, change.new)
    if change.kind == BOM:
        finder = BomFinder(tenant)
        for value in values:
            if finder.recorded(change.product, subject, value) is None:
                yield value, f"BOM version {value} of {change.product} {subject}"
    elif change.kind == PART:
        numbers = list(part_numbers(tenant, [subject]).values())
        known = {pair for some in approved(tenant, numbers).values() for pair in some}
        known |= {(one.mpn, one.maker) for one in lots_of_parts(tenant, numbers)}
        known |= {key for sheet in sheets_of_parts(tenant, [subject]) for key in sheet.candidates}
        known = {(mpn.casefold(), maker.casefold()) for mpn, maker in known}
        for value in values:
            maker, _, mpn = value.casefold().partition("/")
            if known.isdisjoint({(mpn, maker), (mpn, ""), ("", maker)}):  # parts.csv may leave one of them open
                yield value, f"maker's part {value} of {subject}"
    elif change.kind == FIRMWARE:
        drafted = {one.cells[1:3] for one in registered(tenant, change.product)}
        for value in values:
            if (subject, value) not in drafted and standing_release(tenant, change.product, subject, value) is None:
                yield value, f"firmware {subject} {value} of {change.product}"
    elif change.kind == TEST_PLAN:
        known = {one.version for one in versions_of(tenant, subject).values() if one.product == change.product}
        if known and change.new not in known:
            yield change.new, f"version {change.new} of test plan {subject}"
        elif not known and subject not in FloorNames(tenant).known("plan"):
            yield change.new, f"test plan {subject}"
