"""What decisions take out of an exposure: whole ways (a release, a part), or units (a hardware revision, a question).

A decision takes something out while it stands, says not affected or fixed, and looked at the component; where a question names its units,
those that are certainly meant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import local_system
from asbuilt.designed.vulnerability.deciding.decisions import (
    APP,
    PART,
    RELEASE,
    REVISION,
    Decision,
    Scope,
    decisions,
    newest,
)
from asbuilt.designed.vulnerability.deciding.premise import known_now
from asbuilt.designed.vulnerability.deciding.sentences import Sentence
from asbuilt.kernel.spans import UnitSet
from asbuilt.ledger import clock
from asbuilt.questions.exposure.ways import Way
from asbuilt.questions.genealogy import language
from asbuilt.questions.genealogy.evaluate import units_of
from asbuilt.questions.genealogy.narrowing import written
from asbuilt.questions.genealogy.view import View
from asbuilt.storage import reading


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
    """Ways that are open, and the decisions that take units out of what is behind them."""

    ways: tuple[Way, ...]
    without: tuple[Decision, ...] = field(default=())

    def left(self, view: View, found: UnitSet) -> UnitSet:
        """What of these units the decisions leave."""
        # a decision speaks for the whole record: its question may name what this reader does not see
        house = view if view.visible is None else view.beside(local_system(view.tenant))
        for decision in self.without:
            if found:
                found = found.without(
                    units_of(house, language.parse(question_of(decision.scope)), found.unrecorded).certain
                )
        return found


def standing(view: View, vulnerabilities: Iterable[str]) -> dict[str, list[Standing]]:
    """Vulnerability -> the decisions that count, each with whether it stands. Two statements."""
    names = sorted(set(vulnerabilities))
    counts = newest(decisions(view.tenant, names, view.entry))
    known = known_now(view.tenant, {name for name, _ in counts}, view.entry) if counts else {}
    now = moment(view)
    found: dict[str, list[Standing]] = {}
    for (name, _), decision in counts.items():
        found.setdefault(name, []).append(Standing(decision, decision.lapsed(known.get(name, ()), now)))
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
    of_units = [one.decision for one in said if one.closes and one.decision.scope.kind not in (RELEASE, PART)]
    found: dict[tuple[Decision, ...], list[Way]] = {}
    for way in ways:
        # a part has several names: what was said last of it counts, whichever name it was said under
        last = next((one for one in said if of_way(one.decision.scope, way)), None)
        if last is not None and last.closes and last.decision.speaks_of(way.label):
            continue
        units = tuple(decision for decision in of_units if decision.speaks_of(way.label))
        found.setdefault(units, []).append(way)
    return [Group(tuple(mine), units) for units, mine in found.items()]


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
