"""Sampling by attributes: how many pieces of a lot are looked at, how many may be wrong, when inspection is tightened.

    plan(lot_size=1000, level="II", aql="0.65")        code letter J: 80 pieces, 1 may be wrong, 2 reject
    plan(lot_size=400, level="II", aql="0.65")         H has an arrow down, so J: 80 pieces, 1 may be wrong

- The tables are a dated data file with its source (data/iso-2859-1.json); an arrow leads to the first plan in its
  direction, with that plan's own sample size (ISO 2859-1, 10.3). A sample as large as the lot is all of it.
- Switching (9.3, 9.4): normal becomes tightened when 2 of 5 or fewer lots in a row are rejected on original inspection;
  tightened becomes normal after 5 accepted in a row; when 5 lots were rejected on tightened inspection, inspection stops
  until the supplier has acted. Reduced inspection is not offered; the data file says why.
- Zero acceptance (`c0_plan`): the fewest pieces of which none may be wrong, so that a lot with the limiting percentage wrong
  is accepted in at most one case of ten; counted exactly, without replacement.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Invalid

NORMAL, TIGHTENED = "normal", "tightened"
CONSUMERS_RISK = 0.10
_FILE = Path(__file__).with_name("data") / "iso-2859-1.json"


@cache
def _rules() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


AQLS: tuple[str, ...] = tuple(_rules()["normal"])
LEVELS: tuple[str, ...] = tuple(_rules()["levels"])


@dataclass(frozen=True)
class Plan:
    """How a lot is judged: pieces to look at, how many may be wrong, the code letter whose plan it is, the rule set."""

    sample_size: int
    accept_max: int
    code_letter: str
    severity: str
    rule_set: str

    @property
    def reject_min(self) -> int:
        """From how many wrong pieces on the lot is rejected."""
        return self.accept_max + 1


def code_letter(lot_size: int, level: str) -> str:
    """The code letter of Table 1; Invalid for a lot of fewer than 2 pieces or an unknown level."""
    if level not in LEVELS or lot_size < 2:
        raise Invalid(
            "supply.lot_size_wrong",
            f"A lot of {lot_size} pieces has no code letter at level {level}.",
            {"lot_size": lot_size, "level": level},
            "Inspect a single piece by itself.",
        )
    for line in _rules()["code_letters"]:
        if line["lot_size_max"] is None or lot_size <= line["lot_size_max"]:
            return line["letters"][LEVELS.index(level)]
    raise AssertionError("the last line has no end")


def plan(*, lot_size: int, level: str, aql: str, severity: str = NORMAL) -> Plan:
    """The single sampling plan of ISO 2859-1 for this lot; Invalid where level or AQL are none of the standard's."""
    rules = _rules()
    if aql not in AQLS:
        raise Invalid(
            "supply.aql_unknown", f"{aql} is no AQL of the standard.", {"aql": aql}, f"AQLs are {', '.join(AQLS)}."
        )
    letters = list(rules["sample_sizes"])
    column = dict(zip(letters, rules[severity][aql].split(), strict=False))
    letter = _follow(column, code_letter(lot_size, level))
    size = min(rules["sample_sizes"][letter], lot_size)
    return Plan(size, int(column[letter]), letter, severity, rules["rule_set"])


def _follow(column: dict[str, str], letter: str) -> str:
    """The letter whose plan is used: the first in the arrow's direction, else the nearest above."""
    letters = list(column)
    at = letters.index(letter)
    below = [one for one in letters[at:] if column[one].isdigit()]
    above = [one for one in letters[at::-1] if column[one].isdigit()]
    return below[0] if column[letter] != "^" and below else above[0]


def c0_plan(*, lot_size: int, limiting_quality: float) -> Plan:
    """The fewest pieces of which none may be wrong; see the module."""
    wrong = max(1, math.ceil(lot_size * limiting_quality / 100 - 1e-9))
    low, high = 1, lot_size
    while low < high:
        middle = (low + high) // 2
        if _none_found(lot_size, wrong, middle) <= CONSUMERS_RISK:
            high = middle
        else:
            low = middle + 1
    return Plan(low, 0, "", "", f"c0/{CONSUMERS_RISK}")


def _none_found(lot_size: int, wrong: int, looked_at: int) -> float:
    """The chance that none of the wrong pieces is among those looked at."""
    if looked_at > lot_size - wrong:
        return 0.0
    # the same number either way round: the shorter product is taken
    few, many = sorted((wrong, looked_at))
    return math.exp(sum(math.log1p(-many / (lot_size - n)) for n in range(few)))


@dataclass(frozen=True)
class Severity:
    """How strictly the next lot is inspected, or that inspection has stopped, and why in a word."""

    severity: str
    stopped: bool = False
    changed_after: int | None = None


def severity_now(history: Sequence[tuple[str, bool]], begin: str = NORMAL) -> Severity:
    """How the next lot is inspected after these, oldest first: (severity under which it was judged, accepted)."""
    rule = _rules()["switching"]
    now, since = begin, 0
    changed: int | None = None
    for at, _ in enumerate(history):
        done = history[since : at + 1]
        if now == NORMAL:
            recent = [accepted for severity, accepted in done if severity == NORMAL][-rule["of_lots"] :]
            if recent.count(False) >= rule["tightened_after_rejected"]:
                now, since, changed = TIGHTENED, at + 1, at
            continue
        strict = [accepted for severity, accepted in done if severity == TIGHTENED]
        if strict.count(False) >= rule["stopped_after_rejected"]:
            return Severity(TIGHTENED, True, at)
        last = strict[-rule["normal_after_accepted"] :]
        if len(last) == rule["normal_after_accepted"] and all(last):
            now, since, changed = NORMAL, at + 1, at
    return Severity(now, False, changed)
