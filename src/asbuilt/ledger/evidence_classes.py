"""Classes of evidence and their retention rules, read from a dated data file, never written into the code.

A class says whether its bytes are kept encrypted (personal data or bulk), for how many years the law wants them, and
why. The years run from the newest entry that rests on the evidence: the law's clocks start with a unit placed on the
market or an update issued, which is never earlier than what the evidence tells of.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Invalid

_FILE = Path(__file__).with_name("data") / "evidence-classes.json"


@dataclass(frozen=True)
class EvidenceClass:
    """One class: encrypted or not, the rule that keeps it and for how many years, where the rule stands."""

    name: str
    encrypted: bool
    rule: str
    years: int
    why: str
    source: str

    def kept_until(self, recorded_at: int) -> int:
        """Until which instant evidence of an entry recorded then must be kept, UTC microseconds."""
        at = datetime.fromtimestamp(recorded_at // 1_000_000, UTC)
        day = 28 if (at.month, at.day) == (2, 29) else at.day
        return int(at.replace(year=at.year + self.years, day=day).timestamp()) * 1_000_000


@cache
def _file() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def rule_set() -> str:
    """The id of the rules in force; entries that erase name it."""
    return _file()["rule_set"]


def evidence_class(name: str) -> EvidenceClass:
    """The class of this name; Invalid where there is none."""
    known = _file()["classes"]
    if name not in known:
        raise Invalid(
            "ledger.evidence_class_unknown",
            f"There is no class of evidence called {name}.",
            {"evidence_class": name},
            f"Classes are {', '.join(sorted(known))}.",
        )
    return EvidenceClass(name, **known[name])


def check_erasure_rule(rule: str) -> None:
    """Invalid where no rule of this name allows an erasure."""
    known = _file()["erasure_rules"]
    if rule not in known:
        raise Invalid(
            "ledger.erasure_rule_unknown",
            f"There is no rule {rule} that something is erased under.",
            {"rule": rule},
            f"Rules are {', '.join(sorted(known))}.",
        )
