"""What the gate does with known vulnerabilities, and with what is not known, on a day: a rule set of a dated file, never a date in the code.

    rules_on(now, zone)   -> Rules: placing warns or stops, going back shows, releasing stops, releasing what has no SBOM shows; each with why and its source

`not_known` says the same of gaps of knowledge about units that are placed: no SBOM, feeds missing or older than so many days, matching that
is behind, components without a name that feeds use.

A house that wants to be stopped before the law does so sets ASBUILT_MARKET_GATE to `stop`; nothing makes it laxer than the file. With
ASBUILT_MARKET_UNRECORDED=stop a unit that runs a release without an SBOM waits, with ASBUILT_RELEASE_GATE=stop such a release itself does: for
the SBOM, or for a risk decision, a waiver of `unrecorded`.
"""

import json
import os
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import day_in

_FILE = Path(__file__).with_name("data") / "known-vulnerabilities.json"
WARN, STOP, SHOW = "warn", "stop", "show"
NO_SBOM, FEEDS, NOT_MATCHED, NOT_MATCHABLE = GAPS = ("no_sbom", "feeds", "not_matched", "not_matchable")


@dataclass(frozen=True)
class Rule:
    """What happens to a unit or release with an open vulnerability, or a gap of knowledge, and why."""

    verdict: str
    why: str


@dataclass(frozen=True)
class Rules:
    """The rule set of a day. `not_known` has a rule for each of GAPS; a feed is old after `feed_days_max` days. `zone` is
    that of the house, in which times are said."""

    rule_set: str
    source: str
    placing: Rule
    going_back: Rule
    releasing: Rule
    releasing_unrecorded: Rule
    not_known: dict[str, Rule]
    feed_days_max: int
    zone: tzinfo


@cache
def _file() -> list[dict]:
    return json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"]


def rules_on(now: int, zone: tzinfo) -> Rules:
    """The rules at an instant (UTC µs): those of the day that it is in the zone of the house. Invalid where a setting of the house is malformed."""
    day = day_in(now, zone)
    # before the first file was written its rules hold too: nothing was stricter
    found = [one for one in _file() if one["in_force_from"] <= day] or _file()[:1]
    said = max(found, key=lambda one: one["in_force_from"])
    placing, gaps = (_from(said[name], day) for name in ("placing", "not_known"))
    rules = Rules(
        said["rule_set"],
        said["source"],
        _rule(placing),
        *(_rule(said[name]) for name in ("going_back", "releasing", "releasing_unrecorded")),
        {gap: _rule(gaps[gap]) for gap in GAPS},
        gaps["feed_days_max"],
        zone,
    )
    return _of_the_house(rules)


def _from(listed: list[dict], day: str) -> dict:
    return max((one for one in listed if one["from"] <= day), key=lambda one: one["from"])


def _rule(said: dict) -> Rule:
    return Rule(said["verdict"], said["why"])


def _of_the_house(rules: Rules) -> Rules:
    """The rules with what the house stops before they do."""
    if _stops("ASBUILT_MARKET_GATE", os.environ.get("ASBUILT_MARKET_GATE", ""), "gate.market_setting", rules.placing):
        why = "The house stops them before the law does (ASBUILT_MARKET_GATE)."
        rules = replace(rules, placing=Rule(STOP, why))
    said = os.environ.get("ASBUILT_MARKET_UNRECORDED", "")
    if _stops("ASBUILT_MARKET_UNRECORDED", said, "gate.market_unrecorded_setting", rules.not_known[NO_SBOM]):
        why = "The house places nothing without an SBOM or a risk decision (ASBUILT_MARKET_UNRECORDED)."
        rules = replace(rules, not_known=rules.not_known | {NO_SBOM: Rule(STOP, why)})
    said, silent = os.environ.get("ASBUILT_RELEASE_GATE", ""), rules.releasing_unrecorded
    if _stops("ASBUILT_RELEASE_GATE", said, "gate.release_setting", silent):
        why = "The house releases nothing without an SBOM or a risk decision (ASBUILT_RELEASE_GATE)."
        rules = replace(rules, releasing_unrecorded=Rule(STOP, why))
    return rules


def _stops(setting: str, asked: str, code: str, rule: Rule) -> bool:
    """Whether the house asks for a stop where the file has none."""
    if asked not in ("", STOP):
        said = f"{setting} holds {asked[:40]!a}."
        raise Invalid(code, said, {}, "Set it to stop, or leave it out: the rule set decides.")
    return asked == STOP and rule.verdict != STOP
