"""What is asked of every ECO and who has to agree, as dated rule sets.

    rules_on("2026-11-29")          -> RuleSet in force on that day
    rules_named("asbuilt.changes/2026-11-29")

Questions, roles and their sources stand in `data/change-rules.json` with the day they were read; an ECO keeps the rule set it was proposed under.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import NotFound

_FILE = Path(__file__).with_name("data") / "change-rules.json"
RISK, SAFE = "risk", "safe"


@dataclass(frozen=True)
class Question:
    """A question on security functions; `yes_is` says what a yes means: a risk, or that it is safe."""

    key: str
    group: str
    asks: str
    yes_is: str
    source: str

    def touches(self, answer: str) -> bool:
        """Whether this answer says that security is touched."""
        return answer == ("yes" if self.yes_is == RISK else "no")


@dataclass(frozen=True)
class Approval:
    """A role that has to agree, and when: always, or where an ECO changes process, firmware, security, or is substantial."""

    when: str
    role: str
    source: str


@dataclass(frozen=True)
class RuleSet:
    """All of it, as read on a day."""

    rule_set: str
    in_force_from: str
    read_on: str
    questions: tuple[Question, ...]
    answers: tuple[str, ...]
    approvals: tuple[Approval, ...]
    manufacturer_source: str
    substantial_means: str
    substantial_source: str


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set, the oldest first."""
    read = json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"]
    return tuple(sorted((_rule_set(one) for one in read), key=lambda one: one.in_force_from))


def rules_on(day: str) -> RuleSet:
    """The rules of a day (YYYY-MM-DD); before the first was written its rules hold."""
    held = [one for one in rule_sets() if one.in_force_from <= day]
    return held[-1] if held else rule_sets()[0]


def rules_named(name: str) -> RuleSet:
    """The rule set that an ECO was proposed under."""
    found = next((one for one in rule_sets() if one.rule_set == name), None)
    if found is None:
        said = f"There is no rule set {name[:60]}."
        raise NotFound("changes.rule_set_unknown", said, {"rule_set": name[:60]}, "Install the version that brings it.")
    return found


def _rule_set(said: dict) -> RuleSet:
    return RuleSet(
        said["rule_set"], said["in_force_from"], said["read_on"], tuple(Question(**one) for one in said["questions"]),
        tuple(said["answers"]), tuple(Approval(**one) for one in said["approvals"]), said["manufacturer"]["source"],
        said["substantial_means"], said["substantial_source"],
    )  # fmt: skip
