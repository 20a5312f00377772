"""What decisions take out of an exposure: whole ways (a release, a part), or units (a hardware revision, a question).

A decision takes something out while it stands, says not affected or fixed, and looked at the component; where a question names its units,
those that are certainly meant. One that says affected, or that it is looked into, takes back what was said before it of what both speak of,
whatever the scopes; of a question the units that it may mean. So of each unit and way the latest word counts (docs/work/finding-to-units.md).
What was said of units by their names was said of these pieces: only another word about units by their names takes it back.
What was said of hardware or of units takes nothing out that comes in through a release recorded after it: its author never looked at that one.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.designed.vulnerability.deciding.decisions import (
    APP,
    PART,
    RELEASE,
    REVISION,
    UNITS,
    Decision,
    Scope,
    decisions,
    newest,
)
from asbuilt.designed.vulnerability.deciding.premise import known_now
from asbuilt.designed.vulnerability.deciding.sentences import Sentence, sentence
from asbuilt.kernel.spans import UnitSet
from asbuilt.ledger import clock
from asbuilt.questions.exposure.reach import reached
from asbuilt.questions.exposure.ways import Way
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.evaluate import still_meant
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

WHOLE = (RELEASE, PART)
"""Scopes that are places: a decision about one speaks of all that is behind it."""


@dataclass(frozen=True)
class Standing:
    """The decision that counts of a scope; `lapsed` says why it no longer stands, false where it does."""

    decision: Decision
    lapsed: Sentence

    @property
    def closes(self) -> bool:
        """Whether what it speaks of is not open."""
        return self.decision.closes and not self.lapsed


@dataclass(frozen=True)
class Group:
    """Ways that are open on some units. `steps` are the decisions that take units out or take that back, the newest first; none: open on all."""

    ways: tuple[Way, ...]
    steps: tuple[Decision, ...] = field(default=())

    @property
    def taken_back(self) -> Decision | None:
        """The decision that opens again, on units, what a decision about the place had closed; None where none had."""
        closes = [one.closes and one.scope.kind in WHOLE for one in self.steps]
        return next((one for one in self.steps if not one.closes), None) if any(closes) else None

    def left(self, view: View, found: UnitSet) -> UnitSet:
        """What of these units the decisions leave."""
        return found.within(self.open_among(view, found.unrecorded)) if self.steps and found else found

    def open_among(self, view: View, units: BitMap) -> BitMap:
        """On which of these units the ways are open."""
        # a decision speaks for the whole record: its question may name what this reader does not see
        house = view if view.visible is None else view.beside(local_system(view.tenant))
        left, by_name = BitMap(units), BitMap()
        for decision in reversed(self.steps):
            if decision.scope.kind in WHOLE:
                left = BitMap() if decision.closes else units - by_name
                continue
            question = language.parse(question_of(decision.scope))
            meant = still_meant(house, question, units)
            if meant is None:  # nobody can tell which units it was said of: it closes none, and may open any
                left = left if decision.closes else units - by_name
            elif decision.closes:
                left = left - meant.certain
                by_name = by_name | meant.certain if names_units(question) else by_name
            else:
                by_name = by_name - meant.unrecorded if names_units(question) else by_name
                left = left | ((meant.unrecorded & units) - by_name)
        return BitMap(left)


def names_units(question) -> bool:
    """Whether a question means units by their names, or stretches of an order, and not by what they have in common."""
    if isinstance(question, language.Term):
        ranges = all(isinstance(one, language.Range) for one in question.values)
        return question.name == "unit" or (question.name == "order" and ranges)
    if isinstance(question, language.Bracket):
        return names_units(question.part)
    if isinstance(question, language.And | language.Or):
        together = any if isinstance(question, language.And) else all
        return together(map(names_units, question.parts))
    return False


def left_of(view: View, groups: Sequence[Group], ever: bool, within: BitMap | None) -> UnitSet:
    """The units that all these groups leave. Ways that are open on a unit count together, whichever group they are of: a position that holds
    one of two packages is sure where both came with an affected release."""
    ways = [way for group in groups for way in group.ways]
    whole = reached(view, ways, ever, within)
    if not whole or not any(group.steps for group in groups):
        return whole
    regions: list[tuple[BitMap, list[Way]]] = [(BitMap(whole.unrecorded), [])]
    for group in groups:
        mine = group.open_among(view, whole.unrecorded)
        parts = [(units & mine, [*of, *group.ways]) for units, of in regions]
        regions = [(units, of) for units, of in (*parts, *((units - mine, of) for units, of in regions)) if units]
    result = UnitSet.none()
    for units, of in regions:
        if of:
            result |= reached(view, of, ever, units).within(units)
    return result


def answerless(view: View, decision: Decision) -> bool:
    """Whether a decision is about the units of a question that has no answer any more."""
    return decision.scope.kind == UNITS and still_meant(view, language.parse(decision.scope.question)) is None


def standing(view: View, vulnerabilities: Iterable[str]) -> dict[str, list[Standing]]:
    """Vulnerability -> the decisions that count, each with whether it stands. Two statements."""
    names = sorted(set(vulnerabilities))
    counts = newest(decisions(view.tenant, names, view.entry))
    known = known_now(view.tenant, {name for name, _ in counts}, view.entry) if counts else {}
    now = moment(view)
    found: dict[str, list[Standing]] = {}
    for (name, _), decision in counts.items():
        found.setdefault(name, []).append(Standing(decision, decision.lapsed(known.get(name, ()), now, view.zone)))
    return found


def moment(view: View) -> int:
    """The instant that a view looks from: now, or when the last entry it knows was recorded."""
    if view.entry is None:
        return clock.now()
    row = reading.fetch_one(
        "SELECT recorded_at FROM ledger_entry WHERE tenant = %s AND number = %s", (view.tenant, view.entry)
    )
    return row[0] if row else clock.now()


def open_groups(view: View, vulnerability: str, ways: Sequence[Way]) -> list[Group]:
    """The ways of one vulnerability that no decision closes, with the decisions that take units out."""
    return groups_of(ways, standing(view, [vulnerability]).get(vulnerability, ())) if ways else []


def groups_of(ways: Iterable[Way], said: Sequence[Standing]) -> list[Group]:
    """The same from decisions read before, the newest first. No statement."""
    found: dict[tuple[Decision, ...], list[Way]] = {}
    for way in ways:
        steps = _steps(way, said)
        if steps is not None:
            found.setdefault(steps, []).append(way)
    return [Group(tuple(mine), steps) for steps, mine in found.items()]


def _steps(way: Way, said: Sequence[Standing]) -> tuple[Decision, ...] | None:
    """What of these, the newest first, speaks of units behind a way and can count; None where the way is closed whatever the unit."""
    # a part has several names: what was said last of it counts, whichever name it was said under
    last = next((one for one in said if of_way(one.decision.scope, way)), None)
    steps: list[Decision] = []
    for one in said:
        # what closed and lapsed says nothing; that something is open goes on until somebody says otherwise
        if (
            one.decision.parted
            or not one.decision.speaks_of(way.label)
            or (one.lapsed and one.decision.closes)
            or came_after(one.decision, way)
        ):
            continue
        if one is last and one.closes and all(step.closes for step in steps):
            return None
        if one is last or one.decision.scope.kind not in WHOLE:
            steps.append(one.decision)
    while steps and not steps[-1].closes:
        steps.pop()  # that it is open stands beneath the oldest
    return tuple(steps)


def came_after(decision: Decision, way: Way) -> bool:
    """Whether a way leads through a release that was recorded after a decision about hardware or units which would close it."""
    late = way.release is not None and way.recorded > decision.entry
    return late and decision.closes and decision.scope.kind not in WHOLE


def after_it(
    view: View, decision: Decision, ways: Iterable[Way], behind: Callable[[Way], BitMap] | None = None
) -> Sentence:
    """That a release came after a decision and brings in, on what it speaks of, what it would close; false where none does. `behind` gives the
    units of a way where somebody read them already."""
    late = [way for way in ways if came_after(decision, way) and decision.speaks_of(way.label)]
    for way in sorted(late, key=lambda one: -one.recorded):
        if _speaks_of_revision(decision.scope, way) or _meant_of(view, decision, way, behind):
            return sentence("release_after", {"release": way.place_words})
    return Sentence()


def _speaks_of_revision(scope: Scope, way: Way) -> bool:
    """Whether a release is for a hardware revision, whoever runs it as yet."""
    mine = scope.kind == REVISION and way.binding is not None and way.binding.product == scope.product
    return mine and (not way.made_for or scope.revision in way.made_for)


def _meant_of(view: View, decision: Decision, way: Way, behind: Callable[[Way], BitMap] | None) -> bool:
    house = view if view.visible is None else view.beside(local_system(view.tenant))
    units = behind(way) if behind is not None else BitMap(reached(house, [way], False).unrecorded)
    meant = still_meant(house, language.parse(question_of(decision.scope)), units) if units else None
    return meant is not None and bool(meant.certain & units)


def of_way(scope: Scope, way: Way) -> bool:
    """Whether a scope is the very place of a way: its release, or its part."""
    if scope.kind == RELEASE:
        binding = way.binding
        named = (scope.product, scope.role or APP, scope.version)
        return binding is not None and named == (binding.product, binding.role or APP, binding.version)
    if scope.kind == PART:
        names = (*way.part_names, way.binding.part if way.binding is not None else "")
        return scope.part.casefold() in {name.casefold() for name in names if name}
    return False


def question_of(scope: Scope) -> str:
    """The question that means the units of a scope."""
    if scope.kind == REVISION:
        return f"{written('product', scope.product)} {written('revision', scope.revision)}"
    return scope.question


def spoken_of(view: View, vulnerability: str) -> set[int]:
    """Releases, by number, of which a standing decision says that the vulnerability is not open: silence about their components is
    answered. One statement more where there is one."""
    said = standing(view, [vulnerability]).get(vulnerability, ())
    named = {
        (one.decision.scope.product, one.decision.scope.role or APP, one.decision.scope.version)
        for one in said
        if one.closes and one.decision.scope.kind == RELEASE
    }
    if not named:
        return set()
    sql = (
        "SELECT f.number, p.code, f.role, f.version FROM firmware_release f JOIN catalog_product p ON p.tenant = f.tenant "
        f"AND p.number = f.product WHERE f.tenant = %s AND {reading.any_of('f.version', 'text')}"
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted({version for *_, version in named}))))
    return {number for number, product, role, version in rows if (product, role or APP, version) in named}
