"""Which version of a test plan, or of firmware, is asked of which units: the one in force or demanded, save where the boundary of an ECO says which
holds for them.

    plans_held(view, group, version, versions, chain, now)   -> AskedPlan(version, units, bounded), …
    demands_held(view, group, demand, chain, now)            -> AskedFirmware(demand, units, bounded), …

A version that was approved, or that a hardware revision demands, takes the place of the earlier one everywhere; an ECO that brings it says from where
on. Before the boundary the earlier one is asked, behind it the later one; a plan's version that was withdrawn is asked of nobody. Units with another
version that an ECO speaks of are the boundary's to stop (`changed`), and it is not said twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.answers.gate.changed import begun_of, segments
from asbuilt.answers.gate.groups import Group
from asbuilt.built.programming.demands import Demand
from asbuilt.designed.catalog.test_plans import Version
from asbuilt.designed.changes.controlling.chains import Chain
from asbuilt.designed.changes.controlling.queries import in_force
from asbuilt.questions.genealogy.evaluating.view import View


@dataclass(frozen=True)
class AskedPlan:
    """A version that is asked of these units; `bounded` are versions of it that hold on the other side of a boundary."""

    version: Version
    units: BitMap
    bounded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AskedFirmware:
    """What is demanded of these units; `bounded` as of a plan."""

    demand: Demand
    units: BitMap
    bounded: frozenset[str] = frozenset()


def chains_of(view: View, products: Sequence[str], kind: str) -> dict[tuple[str, str], Chain]:
    """(product, plan or image role) -> the changes of it that have a boundary. Nothing is read where no ECO has one."""
    if not view.recorded.changes:
        return {}
    return {one.key[::2]: one for one in in_force(view.tenant, products) if one.key[1] == kind}


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


def demands_held(view: View, group: Group, demand: Demand, chain: Chain | None, now: int) -> Iterator[AskedFirmware]:
    """What is asked of a group of units of which `demand` demands a version in general; one of a part that comes programmed is no matter of an ECO."""
    if chain is None or not group.units or demand.part or demand.of_product != group.product:
        yield AskedFirmware(demand, group.units)
        return
    begun = begun_of(view, group.units) if chain.by_date else {}
    for wanted, units in segments(chain, group.units, begun, now):
        by = wanted.by or wanted.next
        held = replace(demand, version=wanted.value, by=by.eco) if demand.version != wanted.value else demand
        yield AskedFirmware(held, units, chain.values - {wanted.value})
