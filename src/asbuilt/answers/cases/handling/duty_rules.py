"""Duties as dated rule sets: which reports somebody owes, from which date on, and from which moment each clock runs.

    rules_on(day)            -> RuleSet in force on that day (YYYY-MM-DD)
    rules_named("asbuilt.duties/2026-11-29")

Articles, deadlines and dates stand in `data/duties.json` with their source and the day it was read; nothing of them is in the code.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import NotFound

_FILE = Path(__file__).with_name("data") / "duties.json"


@dataclass(frozen=True)
class Counter:
    """What the platform counts to where that is another time than the law's; `none`: it shows no counter."""

    source: str
    starts: str = ""
    hours: int = 0
    utc_months: int = 0
    none: bool = False


@dataclass(frozen=True)
class Stage:
    """One report of a duty: the moment that starts its clock, and the period. Without one it is due without undue delay."""

    stage: str
    starts: str
    source: str
    hours: int | None = None
    days: int | None = None
    months: int | None = None
    without_undue_delay: bool = False
    estimate_from: str = ""
    counter: Counter | None = None


@dataclass(frozen=True)
class Duty:
    """Who owes reports, to whom, from which date (YYYY-MM-DD; empty: ever) on. `when`: a role towards the product, or `said`."""

    duty: str
    name: str
    kinds: tuple[str, ...]
    when: str
    applies_from: str
    to: str
    source: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True)
class Ground:
    """Why a duty is, or is not, to be followed in a case; no duties: of any. `evidence`: not without some."""

    ground: str
    decision: str
    duties: tuple[str, ...]
    evidence: bool
    says: str
    source: str


@dataclass(frozen=True)
class Telling:
    """In cases of which kinds, and of which role of ours (empty: any), users who hold affected units are told; `settled_by`: grounds on which they are not."""

    kinds: tuple[str, ...]
    when: str
    applies_from: str
    settled_by: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class RuleSet:
    """All duties as read on a day, with the time zone that months end in where a case names none."""

    rule_set: str
    in_force_from: str
    read_on: str
    zone: str
    arithmetic: str
    duties: tuple[Duty, ...]
    grounds: tuple[Ground, ...]
    telling: tuple[Telling, ...]

    def grounds_of(self, duty: str) -> list[Ground]:
        """The grounds that a decision about this duty may rest on."""
        return [one for one in self.grounds if not one.duties or duty in one.duties]

    def duty(self, name: str) -> Duty:
        """The duty of this name; NotFound with the names there are."""
        found = next((one for one in self.duties if one.duty == name), None)
        if found is None:
            names = ", ".join(one.duty for one in self.duties)
            raise NotFound("cases.duty_unknown", f"There is no duty {name[:40]}.", {"duty": name[:40]}, f"Say {names}.")
        return found


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set, the oldest first."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"]
    return tuple(sorted((_rule_set(one) for one in read), key=lambda one: one.in_force_from))


def rules_on(day: str) -> RuleSet:
    """The rules of a day; before the first file was written its rules hold, and each duty says from when it applies."""
    held = [one for one in rule_sets() if one.in_force_from <= day]
    return held[-1] if held else rule_sets()[0]


def rules_named(name: str) -> RuleSet:
    """The rule set that a record was judged under."""
    found = next((one for one in rule_sets() if one.rule_set == name), None)
    if found is None:
        said = f"There is no rule set {name[:60]}."
        raise NotFound("cases.rule_set_unknown", said, {"rule_set": name[:60]}, "Install the version that brings it.")
    return found


def _rule_set(said: dict) -> RuleSet:
    duties = tuple(
        Duty(**{**one, "kinds": tuple(one["kinds"]), "stages": tuple(_stage(stage) for stage in one["stages"])})
        for one in said["duties"]
    )
    names = ("rule_set", "in_force_from", "read_on", "zone", "arithmetic")
    grounds = tuple(Ground(**{**one, "duties": tuple(one["duties"])}) for one in said["grounds"])
    telling = tuple(
        Telling(**{**one, "kinds": tuple(one["kinds"]), "settled_by": tuple(one["settled_by"])})
        for one in said["telling"]
    )
    return RuleSet(**{name: said[name] for name in names}, duties=duties, grounds=grounds, telling=telling)


def _stage(said: dict) -> Stage:
    counter = said.get("counter")
    return Stage(**{**said, "counter": Counter(**counter) if counter else None})
