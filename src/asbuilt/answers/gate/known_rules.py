"""What the gate does with known vulnerabilities on a day: a rule set of a dated file, never a date in the code.

    rules_on(now)   -> Rules: placing warns or stops, going back shows, releasing stops, releasing what has no SBOM shows; each with why and its source

A house that wants to be stopped before the law does so sets ASBUILT_MARKET_GATE to `stop`; nothing makes it laxer than the file. With
ASBUILT_RELEASE_GATE=stop a release without an SBOM waits for a risk decision: a waiver of `unrecorded`.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant

_FILE = Path(__file__).with_name("data") / "known-vulnerabilities.json"
WARN, STOP, SHOW = "warn", "stop", "show"


@dataclass(frozen=True)
class Rule:
    """What happens to a unit or release with an open vulnerability, and why."""

    verdict: str
    why: str


@dataclass(frozen=True)
class Rules:
    """The rule set of a day."""

    rule_set: str
    source: str
    placing: Rule
    going_back: Rule
    releasing: Rule
    releasing_unrecorded: Rule


@cache
def _file() -> list[dict]:
    return json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"]


def rules_on(now: int) -> Rules:
    """The rules at an instant (UTC µs). Invalid where a setting of the house is malformed."""
    day = format_instant(now)[:10]
    # before the first file was written its rules hold too: nothing was stricter
    found = [one for one in _file() if one["in_force_from"] <= day] or _file()[:1]
    said = max(found, key=lambda one: one["in_force_from"])
    placing = max((one for one in said["placing"] if one["from"] <= day), key=lambda one: one["from"])
    rule = Rule(placing["verdict"], placing["why"])
    if (
        _house("ASBUILT_MARKET_GATE", os.environ.get("ASBUILT_MARKET_GATE", ""), "gate.market_setting") == STOP
        and rule.verdict != STOP
    ):
        rule = Rule(STOP, "The house stops them before the law does (ASBUILT_MARKET_GATE).")
    back, release, silent = (
        Rule(said[name]["verdict"], said[name]["why"]) for name in ("going_back", "releasing", "releasing_unrecorded")
    )
    if (
        _house("ASBUILT_RELEASE_GATE", os.environ.get("ASBUILT_RELEASE_GATE", ""), "gate.release_setting") == STOP
        and silent.verdict != STOP
    ):
        silent = Rule(STOP, "The house releases nothing without an SBOM or a risk decision (ASBUILT_RELEASE_GATE).")
    return Rules(said["rule_set"], said["source"], rule, back, release, silent)


def _house(setting: str, asked: str, code: str) -> str:
    if asked not in ("", STOP):
        said = f"{setting} holds {asked[:40]!a}."
        raise Invalid(code, said, {}, "Set it to stop, or leave it out: the rule set decides.")
    return asked
