"""What nobody asks of units that leave. Where nothing was ever asked, a verdict says so and stops nothing; where a test plan asked once and was
taken back without a successor, its units stay: taking a plan back opens no gate.

A successor is a later version of the plan, or another plan for the same units that asks for at least as much: as often, every requirement that
the old one proved; where that proved none, every step that it needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.answers.gate.groups import Group
from asbuilt.answers.gate.missing import Around, Missing, plain
from asbuilt.designed.catalog.test_plans import WITHDRAWN as TAKEN_BACK
from asbuilt.designed.catalog.test_plans import Decision, Version, in_force_for, taken_back

NO_TEST_PLAN, NO_ROUTE, CALIBRATION_UNKNOWN = NOT_ASKED = ("no_test_plan", "no_route", "calibration_unknown")
"""Reasons that are said with a verdict and stop nothing."""
WITHDRAWN = "test_plan_withdrawn"
REASON_SHOWN = 200


@dataclass(frozen=True)
class PlansOf:
    """What test plans ask of a group of units: the versions in force for it, those taken back without a later one for it, and by plan all that
    speak of its product."""

    held: list[Version]
    gone: list[Version]
    versions: dict[str, list[Version]]


def plans_of(group: Group, known: Mapping[str, Sequence[Version]], at: int) -> PlansOf:
    """Of a group, at an instant; `known` are all versions by plan."""
    versions = {name: [one for one in several if one.product == group.product] for name, several in known.items()}
    held = (in_force_for(several, group.revision, at) for several in versions.values())
    gone = (taken_back(several, group.revision, at) for several in versions.values())
    return PlansOf([one for one in held if one], [one for one in gone if one], versions)


def of_plans(
    asked: Around, group: Group, held: Sequence[Version], gone: Sequence[Version], called: dict[int, str]
) -> Iterator[Missing]:
    """What is to be said of a group by its plans in force (`held`) and those taken back without a later version of their own (`gone`)."""
    left = [one for one in gone if not any(_succeeds(other, one) for other in held)]
    for version in left:
        needed = group.units
        if version.content.every > 1:
            needed = BitMap(unit for unit in needed if version.content.samples(called[unit]))
        if found := asked.outer(needed):
            yield replace(_taken_back(version, found), inside=asked.inside(needed))
    if not held and not left and (found := asked.outer(group.units)):
        what = f"{group.product} {group.revision}"
        said = f"No test plan is in force for {plain(what)}: nothing was asked of {{unit}} that a test shows."
        remedy = f"Have a test plan of {group.product} approved, if its units are to be tested."
        facts = {"product": group.product, "revision": group.revision}
        yield Missing(NO_TEST_PLAN, what, found, said, remedy, facts, inside=asked.inside(group.units))


def no_route(asked: Around, group: Group) -> Iterator[Missing]:
    """The revision has no routing in force."""
    if found := asked.outer(group.units):
        what = f"{group.product} {group.revision}"
        said = f"{plain(what)} has no route: nothing says which steps {{unit}} has to go through."
        remedy = f"Add the routing of {what} to routings.csv, if its units have a way to go."
        facts = {"product": group.product, "revision": group.revision}
        yield Missing(NO_ROUTE, what, found, said, remedy, facts, inside=asked.inside(group.units))


def _succeeds(other: Version, gone: Version) -> bool:
    """Whether a plan in force asks for all that one which was taken back asked for; when it was approved does not matter."""
    if other.content.every > gone.content.every:
        return False
    proved = _proves(gone)
    return proved <= _proves(other) if proved else _needed(gone) <= _needed(other)


def _needed(version: Version) -> set[str]:
    return {step.name for step in version.content.needed}


def _withdrawal(version: Version) -> Decision:
    return next(one for one in reversed(version.decisions) if one.decision == TAKEN_BACK)


def _proves(version: Version) -> set[str]:
    return {key for step in version.content.steps for key in step.proves}


def _taken_back(version: Version, units: BitMap) -> Missing:
    plan, why = version.plan, _withdrawal(version).reason
    named = f"{plan} {version.version}"
    said = f"Test plan {plain(named)} was taken back, and none took its place ({plain(why[:REASON_SHOWN])}): "
    said += "what {unit} has to pass is not known."
    remedy = f"Have a version of {plan} approved, or a concession of {WITHDRAWN} agreed to."
    facts = {"plan": plan, "version": version.version, "detail": why[:REASON_SHOWN]}
    return Missing(WITHDRAWN, plan, units, said, remedy, facts, since=_withdrawal(version).entry)
