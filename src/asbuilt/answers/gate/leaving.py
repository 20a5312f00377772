"""May units leave: be packed, shipped, placed on the market? One verdict over a set of units, for the packer's scan, the API and machines.

    leaving(view, BitMap([4711]))           -> Leaving: which units may go, what stops the others, what a concession lets pass
    may_leave(actor, "SN-000017")           -> the verdict of one unit, or of the units of a panel
    order_may_leave(actor, "WO-7")          -> the verdict of an order, thing by thing with the units it stops

What is inside a unit leaves with it and is asked for too. A concession lets one missing thing pass for the units that it names, while it holds
and everybody agreed who has to; it is shown with the verdict, and a hold, a scrapped unit or one that is elsewhere is never conceded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import GATE_ASK
from asbuilt.answers.gate.changed import changed
from asbuilt.answers.gate.groups import Group, groups_of
from asbuilt.answers.gate.known import REASON, Judged, judged
from asbuilt.answers.gate.known_rules import GAPS
from asbuilt.answers.gate.missing import (
    Around,
    Missing,
    around,
    held,
    nonconforming,
    not_released,
    stopped_where_they_are,
)
from asbuilt.answers.gate.not_asked import NOT_ASKED
from asbuilt.answers.gate.not_known import Coverage, said
from asbuilt.answers.gate.ran_by import ran_otherwise
from asbuilt.answers.gate.returned import shipped_or_back
from asbuilt.answers.gate.shown import unshown
from asbuilt.answers.gate.stops import Stop, units_of_code
from asbuilt.answers.gate.unapproved import unapproved
from asbuilt.answers.gate.untried import Rests, untried
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.quality.concession_intake import ALLOWED
from asbuilt.built.quality.concessions import ConcessionSeen, concessions_over, products_of
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage_on_units import how_far
from asbuilt.questions.exposure.ways import parts_spoken_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.few_units import are_few
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.holds import holds_over
from asbuilt.questions.genealogy.evaluating.naming import numbers
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

NAMED_MAX, INSIDE_NAMED_MAX = 20, 1_000
NEVER: Mapping[int, BitMap] = {}


@dataclass(frozen=True)
class Conceded:
    """What a concession, waiver, deviation or qualification run lets pass; `note` says what nobody checked of it."""

    concession: str
    missing: Missing
    note: str = ""


@dataclass(frozen=True)
class Leaving:
    """The verdict over a set of units: `go` may leave; `missing` is what stops the others, each with its units. `known` is what stands behind
    what is said of vulnerabilities."""

    units: BitMap
    go: BitMap
    missing: tuple[Missing, ...]
    conceded: tuple[Conceded, ...] = ()
    groups: tuple[Group, ...] = ()
    warned: tuple[Missing, ...] = ()
    known: Judged | None = None

    def stops(self, unit: int, name: str) -> list[Stop]:
        """What stops this unit, in words."""
        return [stop_of(one, unit, name) for one in self.missing if unit in one.units]

    @property
    def judgement(self) -> dict:
        """What the log keeps of it: the rule set, what was known and stopped nothing, what was not known, what passed under which waiver.
        Empty where nothing was known, and nothing that the rule set asks for not known."""
        known = sorted({one.subject for one in self.warned if one.reason == REASON})
        gaps = sorted({f"{one.reason} {one.subject}".strip() for one in self.warned if one.reason in GAPS})
        passed = sorted({one.concession for one in self.conceded if one.missing.reason in (REASON, *GAPS)})
        if not (known or gaps or passed):
            return {}
        found = {"rule_set": self.known.rules.rule_set, "known": known[:NAMED_MAX], "waived": passed[:NAMED_MAX]}
        return found | ({"not_known": gaps[:NAMED_MAX]} if gaps else {})

    def coverage(self, units: BitMap) -> Coverage:
        """How far one can trust that nothing is found on these of the units."""
        if self.known is None:
            return Coverage()
        return said(self.known.known.over(lambda mine: mine & units), self.known.rules, self.known.now)

    def passes(self, unit: int, name: str) -> list[dict]:
        """Under which concession or waiver this unit goes: concession, message (what it lets pass), note (what nobody checked of it)."""
        return [passed_of(one, unit, name) for one in self.conceded if unit in one.missing.units]

    def warnings(self, unit: int, name: str) -> list[Stop]:
        """What is known against this unit and stops it not, in words."""
        return [stop_of(one, unit, name) for one in self.warned if unit in one.units]


@dataclass(frozen=True)
class UnitMayLeave:
    """Whether a unit may leave, in words; `conceded` says which concession or waiver lets what pass, `warnings` what is known, or not known, and
    stops nothing today, `coverage` how much no finding is worth."""

    unit: int = field(repr=False)
    name: str
    order: str
    product: str
    revision: str
    go: bool
    stops: tuple[Stop, ...]
    conceded: tuple[dict, ...] = ()
    warnings: tuple[Stop, ...] = ()
    coverage: Coverage = Coverage()


@dataclass(frozen=True)
class MissingSeen:
    """One thing that stops units of an order: how many, and the first of them by name."""

    code: str
    subject: str
    count: int
    first: tuple[str, ...]
    message: str
    remedy: str


@dataclass(frozen=True)
class OrderMayLeave:
    """How many units of an order may leave, and what stops the others."""

    order: str
    units: int
    go: int
    missing: tuple[MissingSeen, ...]
    conceded: tuple[dict, ...] = ()
    warned: tuple[MissingSeen, ...] = ()
    coverage: Coverage = Coverage()


def leaving(
    view: View,
    units: BitMap,
    *,
    elsewhere: bool = True,
    customer: int | None = None,
    left: Mapping[int, BitMap] = NEVER,
) -> Leaving:
    """The verdict over these units; `elsewhere` False leaves out where they are (a placing on the market speaks of what was shipped).

    `left` says when which of them left before: a concession that held then still lets them go on where its time ran out since.
    `customer` is who receives them, where that is known: a unit that came back and goes to its owner is not placed again; one that the review
    board returns goes to the party that supplied it.
    """
    if not units:
        return Leaving(units, units, ())
    asked = around(view, units)
    groups, loaded, conceded_by = reading.at_once(
        lambda: groups_of(view, asked.all),
        lambda: runs_over(view, asked.all),
        lambda: concessions_over(view.tenant, units),
    )
    known, told, under = _all_missing(view, asked, groups, loaded, customer)
    found = [one for one in told if one.reason not in NOT_ASKED]
    warned = (*known.warned, *(one for one in told if one.reason in NOT_ASKED))
    if not elsewhere:
        found = [one for one in found if one.reason not in ("shipped_already", "inside")]
    conceded = [Conceded(code, one, UNCHECKED if code in known.by_document else "") for code, one in known.conceded]
    conceded += rested(under)
    for one in _holding(view, conceded_by, units, left) if found else ():
        found, passed = _concede(found, one)
        conceded += passed
    stopped = BitMap().union(*(one.units for one in found)) if found else BitMap()
    return Leaving(units, units - stopped, tuple(found), tuple(conceded), tuple(groups), warned, known)


def _all_missing(
    view: View, asked: Around, groups: list[Group], loaded: set[tuple], customer: int | None
) -> tuple[Judged, list[Missing], Rests]:
    """What is known against the units, everything that stops them, what deviations and runs let pass."""
    tried, approved = Rests(), Rests()

    def known_and_held() -> tuple[Judged, list[Missing], list[Missing], list[Missing]]:
        come_to, parts, holds = reading.at_once(
            lambda: how_far(view.tenant), lambda: parts_spoken_of(view), lambda: holds_over(view, asked.all)
        )
        some = are_few(view, asked.all) and (parts or come_to.parts or any(one.questions or one.done for one in holds))
        about = replace(asked, by_material=bool(some))
        (kept_back, others), known, kept = reading.at_once(
            lambda: ([*not_released(view, about)], [*unapproved(view, about, approved)]),
            lambda: judged(view, about, groups, loaded, customer, (come_to, parts)),
            lambda: [*held(view, about, holds)],
        )
        return known, kept, kept_back, others

    where, (known, kept, kept_back, others), raised, bare, changes = reading.at_once(
        lambda: [*stopped_where_they_are(view, asked), *shipped_or_back(view, asked, groups)],
        known_and_held,
        lambda: [*nonconforming(view, asked, customer)],
        lambda: [*unshown(view, asked, groups, loaded)],
        lambda: [*changed(view, asked), *ran_otherwise(view, asked), *untried(view, asked, under=tried)],
    )
    told = [*where, *kept, *kept_back, *raised, *bare, *known.stops, *changes, *others]
    return known, _naming(view, asked, told), Rests(tried.found + approved.found)


def rested(under: Rests) -> list[Conceded]:
    """What deviations and qualification runs let pass."""
    return [Conceded(code, missing, note) for code, note, missing in under.found]


def conceding(view: View, units: BitMap, found: list[Missing]) -> tuple[list[Missing], list[Conceded]]:
    """What of this no concession lets pass, and what one does."""
    passed: list[Conceded] = []
    for one in _holding(view, concessions_over(view.tenant, units), units):
        found, more = _concede(found, one)
        passed += more
    return found, passed


def _holding(
    view: View, concessions: Iterable[ConcessionSeen], units: BitMap, left: Mapping[int, BitMap] = NEVER
) -> Iterator[ConcessionSeen]:
    """Those of these concessions that hold now, or held when units left, for these."""
    now = clock.now()
    for one in concessions:
        products = products_of(view.tenant, one.units & units)
        if not one.over(now) and not one.missing(view.tenant, products, now):
            yield one
            continue
        gone = [some for at, some in left.items() if one.let_go(view.tenant, products, at, now)]
        if gone and (mine := one.units & BitMap().union(*gone)):
            yield replace(one, units=mine)


def _concede(found: list[Missing], concession: ConcessionSeen) -> tuple[list[Missing], list[Conceded]]:
    left, passed = [], []
    for one in found:
        mine = one.units & concession.units
        if one.since > concession.agreed_by:  # asked for, or stopped, after they had agreed
            mine = BitMap()
        if one.came:  # what happened to a unit after they had agreed is looked into again
            mine -= BitMap(unit for unit, entry in one.came.items() if entry > concession.agreed_by)
        if not mine or one.reason not in ALLOWED or not concession.covers(one.reason, one.subject):
            left.append(one)
            continue
        passed.append(Conceded(concession.code, one.within(mine), UNCHECKED if concession.by_document else ""))
        if rest := one.units - mine:
            left.append(one.within(rest))
    return left, passed


def stop_of(missing: Missing, unit: int, name: str) -> Stop:
    """The same in words about one unit."""
    facts = {"unit": name, **missing.facts}
    if inner := missing.called.get(unit):
        facts |= {"unit": inner[0], "outer": name}
    said = missing.message.format(unit=missing.of(unit, name))
    return Stop(f"gate.{missing.reason}", said, facts, missing.remedy)


def passed_of(one: Conceded, unit: int, name: str) -> dict:
    """The same of what a concession lets pass."""
    said = one.missing.message.format(unit=one.missing.of(unit, name))
    return {"concession": one.concession, "message": said, "note": one.note}


def _naming(view: View, asked: Around, told: list[Missing]) -> list[Missing]:
    """The same, with the names of units inside that it is about. One statement where there are some."""
    inside = BitMap().union(*(one.inside for one in told)) if asked.top else BitMap()
    names = names_of(view, BitMap(inside[:INSIDE_NAMED_MAX])) if inside else {}
    for one in told if inside else ():
        for unit in one.inside & BitMap(names):
            one.called.setdefault(asked.top[unit], []).append(names[unit])
    return told


def refuse_leaving(view: View, found: Leaving) -> None:
    """Raise the first thing that stops the first unit, with everything that stops any of them in the facts."""
    stopped = found.units - found.go
    if not stopped:
        return
    names = names_of(view, BitMap(stopped[:NAMED_MAX]))
    stops = [stop for unit, name in sorted(names.items()) for stop in found.stops(unit, name)]
    said = [{"code": one.code, "message": one.message, "remedy": one.remedy, "facts": one.facts} for one in stops]
    first = stops[0]
    raise Refused(first.code, first.message, {**first.facts, "stops": said, "stopped": len(stopped)}, first.remedy)


def may_leave(actor: Actor, code: str) -> list[UnitMayLeave]:
    """A verdict for the unit with this code, or for each unit of the panel. NotFound, Invalid as for the page Unit."""
    actor.require(GATE_ASK)
    with reading.snapshot(plans_kept=True):
        view = View(local_system(actor.tenant))
        return seen_units(view, leaving(view, BitMap(units_of_code(view, code))))


def seen_units(view: View, found: Leaving) -> list[UnitMayLeave]:
    """The verdict unit by unit."""
    names = names_of(view, found.units)
    said = {unit: group for group in found.groups for unit in group.units & found.units}
    seen = []
    for unit in found.units:
        group, name = said[unit], names[unit]
        passed = tuple(found.passes(unit, name))
        stops = tuple(found.stops(unit, name))
        warnings = tuple(found.warnings(unit, name))
        seen.append(
            UnitMayLeave(
                unit,
                name,
                group.order,
                group.product,
                group.revision,
                not stops,
                stops,
                passed,
                warnings,
                found.coverage(BitMap([unit])),
            )  # fmt: skip
        )
    return seen


def order_may_leave(actor: Actor, order: str) -> OrderMayLeave:
    """The verdict over all units of an order but its skipped positions and what was scrapped or shipped. NotFound: no such order."""
    actor.require(GATE_ASK)
    with reading.snapshot():
        view = View(local_system(actor.tenant))
        number = numbers(view, "order", order, "production_order", ("code",))[0]
        sql = "SELECT b.first_unit, b.until_unit, o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
        sql += "AND o.number = b.work_order WHERE b.tenant = %s AND b.work_order = %s" + view.seen("b")
        rows = reading.fetch(sql, (view.tenant, number))
        found = leaving(view, bitmap_of(row[:2] for row in rows))
        code = rows[0][2] if rows else order
        away = BitMap().union(*(one.units for one in found.missing if one.reason in _NOT_WAITING))
        missing, warned = (tuple(_waiting(listed, away)) for listed in (found.missing, found.warned))
        passed = tuple(
            replace(one, missing=one.missing.within(left))
            for one in found.conceded
            if (left := one.missing.units - away)
        )
        found = Leaving(found.units - away, found.go, missing, passed, (), warned, found.known)
        return _order_seen(view, code, found)


_NOT_WAITING = ("skipped_position", "scrapped", "shipped_already")


def _waiting(missing: Iterable[Missing], away: BitMap) -> Iterator[Missing]:
    for one in missing:
        if one.reason not in _NOT_WAITING and (left := one.units - away):
            yield one.within(left)


def _order_seen(view: View, order: str, found: Leaving) -> OrderMayLeave:
    listed = (*found.missing, *found.warned)
    shown = BitMap().union(*(BitMap(one.units[:NAMED_MAX]) for one in listed)) if listed else BitMap()
    names = names_of(view, shown)

    def seen(one: Missing) -> MissingSeen:
        first = tuple(names[unit] for unit in one.units[:NAMED_MAX])
        words = one.message.format(unit=one.of(one.units[0], first[0]) if first else "")
        return MissingSeen(f"gate.{one.reason}", one.subject, len(one.units), first, words, one.remedy)

    passed = tuple(
        {
            "concession": one.concession,
            "code": f"gate.{one.missing.reason}",
            "count": len(one.missing.units),
            "note": one.note,
        }
        for one in found.conceded
    )
    missing, warned = (tuple(seen(one) for one in several) for several in (found.missing, found.warned))
    coverage = found.coverage(found.units)
    return OrderMayLeave(order, len(found.units), len(found.go), missing, passed, warned, coverage)
