"""Which version of a test plan is asked of which units: the one in force, save where the boundary of an ECO says which holds for them.

    plans_held(view, group, version, versions, now)   -> Asked(version, units, bounded), …

A version that was approved takes the place of the earlier one everywhere; an ECO that brings it says from where on. Before the boundary the earlier one
is asked, behind it the later one; a version that was withdrawn is asked of nobody. A run by another version that an ECO speaks of is the boundary's to
stop (`changed`), and is not said twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.answers.gate.changed import begun_of, segments
from asbuilt.answers.gate.groups import Group
from asbuilt.designed.catalog.test_plans import Version
from asbuilt.designed.changes.controlling.chains import Chain
from asbuilt.designed.changes.controlling.eco import TEST_PLAN
from asbuilt.designed.changes.controlling.queries import in_force
from asbuilt.questions.genealogy.evaluating.view import View


@dataclass(frozen=True)
class AskedPlan:
    """A version that is asked of these units; `bounded` are versions of it that hold on the other side of a boundary."""

    version: Version
    units: BitMap
    bounded: frozenset[str] = frozenset()


def plan_chains(view: View, products: Sequence[str]) -> dict[tuple[str, str], Chain]:
    """(product, plan) -> the changes of it that have a boundary. Nothing is read where no ECO has one."""
    if not view.recorded.changes:
        return {}
    return {one.key[::2]: one for one in in_force(view.tenant, products) if one.key[1] == TEST_PLAN}


def plans_held(
    view: View, group: Group, version: Version, versions: Sequence[Version], chain: Chain | None, now: int
) -> Iterator[AskedPlan]:
    """What is asked of a group of units, whose version in force is `version`."""
    if chain is None or not group.units:
        yield AskedPlan(version, group.units)
        return
    approved = {one.version: one for one in versions if one.approval(now) and one.is_for(group.revision)}
    begun = begun_of(view, group.units) if chain.by_date else {}
    for wanted, units in segments(chain, group.units, begun, now):
        yield AskedPlan(approved.get(wanted.value, version), units, chain.values - {wanted.value})
