"""Rule sets: what a step of a test plan may prove. Law is a dated file with its source (data/requirements.json), never code."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "requirements.json"


@dataclass(frozen=True)
class RuleSet:
    """Requirements as one document states them: key -> a few words. Days as text."""

    rule_set: str
    title: str
    source: str
    read_on: str
    applies_from: str
    keys: dict[str, str]


@cache
def rule_sets() -> dict[str, RuleSet]:
    """Every rule set by its id."""
    found = (RuleSet(**one) for one in json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"])
    return {one.rule_set: one for one in found}
