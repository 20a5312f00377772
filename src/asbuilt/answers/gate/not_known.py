"""What nobody knows of units that want to leave, so that no finding does not look like nothing: said with every verdict, in words and in fields.

    gaps(known, rules, now, under, going_back)   -> Gaps(stops, warned, conceded): what the rule set of the day makes of each gap
    said(known, rules, now)                      -> Coverage, for programs and pages

A unit whose release has no SBOM, or one that lists nothing, is unrecorded: by the rule set or the setting of the house it is stopped, unless a
waiver of `unrecorded` for the release, or a concession of `no_sbom` for the units, lets it pass: two people and the manufacturer. Old or missing feeds and a matching that is behind are said of units in
which the record knows of software; components without a name that feeds use are counted. A verdict is never silent about its coverage.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.answers.gate.known_rules import FEEDS, NO_SBOM, NOT_MATCHABLE, NOT_MATCHED, SHOW, STOP, Rules
from asbuilt.answers.gate.missing import Missing, plain
from asbuilt.built.quality.waivers import WaiverSeen
from asbuilt.kernel.instants import DAY_US, minute_in
from asbuilt.questions.exposure.coverage_on_units import PART, CoverageOn, PlaceKnown

SAID_MAX = 20


@dataclass(frozen=True)
class Coverage:
    """How far one can trust that nothing is found: package versions that SBOMs list of what the units run, how many were matched by a name that
    feeds use, how many have none, how many wait to be matched; releases without an SBOM; the feed that was taken longest ago, how many whole
    days ago (None: never, or there is no feed), how many days the rule set allows; whether no feed ever brought a record; whether feeds, confirmed
    names or later hashes brought what is not matched yet; purchased parts whose SBOMs are counted, module parts with firmware of which there is none."""

    components: int = 0
    matched: int = 0
    not_matchable: int = 0
    not_matched: int = 0
    without_sbom: tuple[str, ...] = ()
    feeds: int = 0
    oldest_feed: str = ""
    oldest_feed_at: int | None = None
    oldest_feed_days: int | None = None
    feed_days_max: int = 0
    feeds_empty: bool = True
    matching_behind: bool = False
    rule_set: str = ""
    words: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    modules_without_sbom: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gaps:
    """What is made of them: `stops` stop units, `warned` is said, `conceded` passes under (code, what)."""

    stops: tuple[Missing, ...] = ()
    warned: tuple[Missing, ...] = ()
    conceded: tuple[tuple[str, Missing], ...] = ()


def gaps(
    known: CoverageOn, rules: Rules, now: int, under: Callable[[PlaceKnown, BitMap], Iterator[tuple[str, BitMap]]],
    going_back: Callable[[], BitMap],
) -> Gaps:  # fmt: skip
    """The gaps by the rules of the day; `known` speaks of the units that leave. `under` gives waivers of `unrecorded` with the units that each
    lets pass, `going_back` the units that are not placed again; both are asked only where something would be stopped."""
    stops, warned, conceded = [], [], []
    for gap in _found(known, rules, now):
        verdict = rules.not_known[gap.reason].verdict
        if verdict == SHOW:
            continue
        left = gap.units
        if verdict == STOP:
            place = next((one for one in known.places if one.name == gap.subject and not one.listed), None)
            for code, mine in under(place, left) if place else ():
                conceded.append((code, gap.within(mine)))
                left = left - mine
            back = left & going_back() if left else BitMap()
            if left - back:
                stops.append(gap.within(left - back))
            left = back
        if left:
            warned.append(gap.within(left))
    return Gaps(tuple(stops), tuple(warned), tuple(conceded))


def waived(waivers: Sequence[WaiverSeen], meant: Callable[[str, BitMap], BitMap]):
    """What `gaps` asks about waivers: those of this release, of every release of its product, or of units that a question means."""

    def under(place: PlaceKnown, units: BitMap) -> Iterator[tuple[str, BitMap]]:
        for one in waivers:
            if not replace(one, question="").of_release(place.product, place.role, place.version):
                continue
            mine = meant(one.question, units) if one.question else units
            if mine:
                yield one.code, mine
            units = units - mine

    return under


def _found(known: CoverageOn, rules: Rules, now: int) -> Iterator[Missing]:
    source = {"rule_set": rules.rule_set, "source": rules.source}

    def gap(reason: str, subject: str, units: BitMap, words: str, remedy: str, **facts) -> Missing:
        why = rules.not_known[reason].why
        return Missing(reason, subject, BitMap(units), plain(f"{words} {why}"), remedy, {**facts, "why": why, **source})

    for one in (place for place in known.places if not place.listed):
        remedy = "Add its SBOM (`asbuilt sbom add`), or have a waiver of `unrecorded` or a concession of `no_sbom` agreed to."
        words = f"{one.name} has no SBOM{_through(one)}."
        yield gap(NO_SBOM, one.name, one.units, words, remedy, release=one.name, modules=list(one.modules))
    units = known.units
    if units and (words := _feed_words(known, rules, now)):
        oldest = known.oldest
        facts = {"feed": oldest.name if oldest else "", "days": _days(known, now), "days_max": rules.feed_days_max}
        yield gap(FEEDS, facts["feed"], units, words, "Take the feeds (`asbuilt vuln feed take --all`).", **facts)
    if some := units if known.behind else BitMap().union(*(one.units for one in known.places if one.unmatched)):
        words = "Matching has not come to the newest records and components yet."
        yield gap(NOT_MATCHED, "", some, words, "Match them (`asbuilt vuln match`).")
    for one in (place for place in known.places if place.listed and place.nameless):
        words = f"Of {one.name} {one.nameless} of {one.components} components have no name that feeds use."
        facts = {"release": one.name, "count": one.nameless, "total": one.components}
        yield gap(NOT_MATCHABLE, one.name, one.units, words, "Say what they are (`asbuilt vuln suggest`).", **facts)


def _through(place: PlaceKnown) -> str:
    """Which module parts came with it."""
    return f"; with it came module part {', '.join(place.modules)}" if place.modules else ""


def _days(known: CoverageOn, now: int) -> int | None:
    oldest = known.oldest
    return None if oldest is None or oldest.taken_at is None else max(0, now - oldest.taken_at) // DAY_US


def _feed_words(known: CoverageOn, rules: Rules, now: int) -> str:
    """What is wrong with the feeds; empty where each is young enough and one brought something."""
    oldest, days = known.oldest, _days(known, now)
    if oldest is None:
        return "There is no feed: that nothing is found says nothing."
    if days is None:
        return f"Feed {oldest.name} was never taken: that nothing is found says nothing."
    if not known.fed:
        return "The feeds are empty: that nothing is found says nothing."
    if now - oldest.taken_at > rules.feed_days_max * DAY_US:
        return f"Feed {oldest.name} was taken {minute_in(oldest.taken_at, rules.zone)}; {rules.feed_days_max} days are the most."
    return ""


def said(known: CoverageOn, rules: Rules, now: int) -> Coverage:
    """The same in fields and words, whatever the rules make of it."""
    oldest = known.oldest
    without = tuple(sorted({one.name for one in known.places if not one.listed}))
    modules = tuple(sorted({code for one in known.places for code in one.modules}))
    parts = tuple(sorted({one.name for one in known.places if one.kind == PART and one.listed}))
    words_of_parts = [f"Among them what the SBOMs of {', '.join(parts[:SAID_MAX])} list."] if parts else []
    total, nameless, waiting = (
        sum(getattr(one, name) for one in known.places if one.listed)
        for name in ("components", "nameless", "unmatched")
    )
    words = [f"{total - nameless} of {total} components have a name that feeds use.", *words_of_parts] if total else []
    more = f" and {len(without) - SAID_MAX} more" if len(without) > SAID_MAX else ""
    words += [f"No SBOM: {', '.join(without[:SAID_MAX])}{more}."] if without else []
    words += [f"Module parts with firmware and no SBOM: {', '.join(modules[:SAID_MAX])}."] if modules else []
    words += [] if total or without else ["The record knows of no software in them."]
    fault = _feed_words(known, rules, now)
    words.append(fault or f"Oldest feed: {oldest.name}, taken {minute_in(oldest.taken_at, rules.zone)}.")
    if known.behind or waiting:
        words.append("Matching has not come to the newest records and components yet.")
    return Coverage(
        total, max(0, total - nameless - waiting), nameless, waiting, without[:SAID_MAX], len(known.feeds), oldest.name if oldest else "",
        oldest.taken_at if oldest else None, _days(known, now), rules.feed_days_max, not known.fed, known.behind or waiting > 0, rules.rule_set,
        tuple(words), parts[:SAID_MAX], modules[:SAID_MAX],
    )  # fmt: skip
