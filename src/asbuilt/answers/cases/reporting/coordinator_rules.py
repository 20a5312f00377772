"""By which rules a manufacturer's coordinator is determined, in their order: `data/coordinators.json`, dated.

rules()     -> name of the rule set, its note, its rules; the first rule that decides counts
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "coordinators.json"
PRODUCTS, USERS = "products", "users"


@dataclass(frozen=True)
class Rule:
    """A rule of the order; `established`: of manufacturers with an establishment in the Union. `role`: whose place it is, where it is a
    party's; `counts`: what the party or the place has most of."""

    rule: str
    established: bool
    says: str
    asks: str
    source: str
    role: str = ""
    counts: str = ""


@cache
def rules() -> tuple[str, str, tuple[Rule, ...]]:
    """Name of the newest rule set, its note, its rules in their order."""
    newest = max(
        json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"],
        key=lambda one: (one["in_force_from"], one["read_on"]),
    )
    return newest["rule_set"], newest["note"], tuple(Rule(**one) for one in newest["rules"])
