"""Known vulnerabilities at the gate: which units may not be placed on the market today, which leave with a warning, which a waiver lets pass.

    judged(view, asked, groups, loaded, customer, …) -> Judged(stops, warned, conceded, rule_set, and what is not known)
    release_stops(tenant, product, role, version)    -> what stops the release of a draft

A vulnerability is open on a unit where a finding stands (`unsure` too) that no standing decision says is not affected or fixed. It is asked
anew for each unit on each day. A waiver counts while it holds: two people, and the manufacturer where that is another party.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from pyroaring import BitMap

from asbuilt.access.queries import time_zone_of
from asbuilt.answers.gate.groups import Group
from asbuilt.answers.gate.known_rules import SHOW, STOP, Rules, rules_on
from asbuilt.answers.gate.missing import Around, Missing, plain
from asbuilt.answers.gate.not_known import gaps, waived
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.quality.waivers import UNRECORDED, WaiverSeen, waivers_in_force
from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage_on_units import ComeTo, CoverageOn, coverage_on
from asbuilt.questions.exposure.on_units import OpenOn, open_on
from asbuilt.questions.genealogy.evaluating.evaluate import still_meant
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.states import returned_now
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

REASON = "vulnerability"
REMEDY = "Load a release without it, decide about it on the page of the vulnerability, or have a waiver agreed to."


@dataclass(frozen=True)
class Judged:
    """What is known against units, and what is not known of them: `stops` stop them, `warned` is said, `conceded` pass under (code, what).
    `known` is how much stands behind it, `rules` and `now` what it was judged by."""

    stops: tuple[Missing, ...]
    warned: tuple[Missing, ...]
    conceded: tuple[tuple[str, Missing], ...]
    known: CoverageOn
    rules: Rules
    now: int
    by_document: frozenset[str] = frozenset()


def judged(
    view: View, asked: Around, groups: Sequence[Group], loaded: Iterable[tuple], customer: int | None,
    read: tuple[ComeTo, list[str]],
) -> Judged:  # fmt: skip
    """The judgement over these units and what is inside them; `loaded` are the firmware runs over them, `read` how far feeds came (`how_far`) and
    which parts they speak of (`parts_spoken_of`). One statement where nothing was ever found, and nothing would be stopped for what is not known."""
    now, (come_to, parts) = clock.now(), read
    rules = rules_on(now, view.zone)
    about, found = reading.at_once(
        lambda: coverage_on(view, asked.all, loaded, come_to),
        lambda: open_on(view, asked.all, loaded, parts) if come_to.found else [],
    )

    @cache
    def back() -> BitMap:
        return _going_back(view, asked.units, customer)

    known = about.over(asked.outer)
    unrecorded: list[WaiverSeen] = []
    silent = gaps(known, rules, now, _unrecorded(view, now, unrecorded), back)
    stops, warned, conceded = list(silent.stops), [], list(silent.conceded)
    waivers = waivers_in_force(view.tenant, {one.vulnerability for one in found}, now) if found else ()
    for one in found:
        left = one.units
        for waiver in (each for each in waivers if each.vulnerability == one.vulnerability):
            mine = _under(view, waiver, left, groups, one)
            if outer := asked.outer(mine):
                conceded.append((waiver.code, _missing(one, outer, rules, rules.placing.why)))
                left = left - mine
        outer = asked.outer(left)
        for units, rule in ((outer - back(), rules.placing), (outer & back(), rules.going_back)):
            if units:
                (stops if rule.verdict == STOP else warned).append(_missing(one, units, rules, rule.why))
    unchecked = frozenset(one.code for one in (*waivers, *unrecorded) if one.by_document)
    return Judged(tuple(stops), (*warned, *silent.warned), tuple(conceded), known, rules, now, unchecked)


def _unrecorded(view: View, now: int, met: list[WaiverSeen]) -> Callable:
    """Waivers of `unrecorded`, read when something would be stopped without them, and then added to `met`."""

    @cache
    def in_force() -> list[WaiverSeen]:
        met.extend(waivers_in_force(view.tenant, [UNRECORDED], now))
        return met

    def meant(question: str, units: BitMap) -> BitMap:
        return _certainly(view, question, units)

    return lambda place, units: waived(in_force(), meant)(place, units)


def _going_back(view: View, units: BitMap, customer: int | None) -> BitMap:
    """Units that came back and go to whoever had them; with another customer they are made available anew."""
    back = returned_now(view, units)
    if customer is None or not back:
        return back
    return BitMap().union(*(mine for line, mine in last_lines(view, back) if line.customer == customer)) & back


def _under(view: View, waiver: WaiverSeen, units: BitMap, groups: Sequence[Group], one: OpenOn) -> BitMap:
    of_product = BitMap().union(*(group.units for group in groups if group.product == waiver.product)) & units
    if waiver.version:
        of_product &= one.of_release(waiver.product, waiver.role, waiver.version)
    if waiver.question and of_product:
        return _certainly(view, waiver.question, of_product)
    return of_product


def _certainly(view: View, question: str, units: BitMap) -> BitMap:
    """Which of the units a waiver's question certainly means; none where it has no answer any more."""
    meant = still_meant(view, language.parse(question), units)
    return BitMap(meant.certain & units) if meant else BitMap()


def _missing(one: OpenOn, units: BitMap, rules: Rules, why: str) -> Missing:
    said = f"{{unit}}: {plain(one.vulnerability)} is open, through {plain(one.through)}. {plain(why)}"
    facts = {
        "vulnerability": one.vulnerability, "through": one.through, "state": one.state, "why": why,
        "rule_set": rules.rule_set, "source": rules.source, "exploited": one.exploited,
    }  # fmt: skip
    return Missing(REASON, one.vulnerability, BitMap(units), said, REMEDY, facts)


def release_stops(tenant: int, product: str, role: str, version: str) -> list[Stop]:
    """What is known against a release: each open vulnerability that no waiver of the release lets pass."""
    found = open_in_release(tenant, product, role, version)
    now = clock.now()
    rules = rules_on(now, time_zone_of(tenant))
    if not found or rules.releasing.verdict == SHOW:
        return []
    waived = waivers_in_force(tenant, {one.vulnerability for one in found}, now)
    passed = {one.vulnerability for one in waived if one.of_release(product, role, version)}
    stops = []
    for name, through in _by_vulnerability(found, passed):
        said = f"{product} {version}: {name} is open, through {through}. {rules.releasing.why}"
        facts = {"vulnerability": name, "through": through, "rule_set": rules.rule_set, "source": rules.source}
        stops.append(Stop("gate.vulnerability_in_release", said, facts, "Decide about it, or have a waiver agreed to."))
    return stops


def _by_vulnerability(found: Iterable, passed: set[str]) -> list[tuple[str, str]]:
    through: dict[str, list[str]] = {}
    for one in found:
        if one.vulnerability not in passed:
            through.setdefault(one.vulnerability, []).append(one.label)
    return [(name, ", ".join(sorted(set(labels))[:5])) for name, labels in sorted(through.items())]
