"""What the law asks of importers, distributors and representatives, who else has a manufacturer's duties, and what a breach may cost: dated data.

    operators_on("2026-12-01")                 -> Operators
    operators_on("2026-12-01").asked("importer")    -> its duties, in the words of the reader's language

The duties of a manufacturer stand with the technical file, each beside the points that show evidence for it (filing, `technical-file.json`).
Nothing here says that a duty is met or was broken.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.answers.compliance.judging.wording import local

_FILE = Path(__file__).with_name("data") / "operators.json"


@dataclass(frozen=True)
class Operators:
    """One rule set: its id, from which day on these articles apply, everything in it by name."""

    rule_set: str
    applies_from: str
    said: dict

    def asked(self, role: str) -> list[dict]:
        """duty, law, asks of a role."""
        return [_worded(one, "duty", "role", "law") for one in self.said["duties"] if one["role"] == role]

    def told(self) -> dict:
        """All duties and fines, with the day from which they apply and where that stands."""
        fines = [
            {
                **{name: one[name] for name in ("penalty", "law", "eur_max", "turnover_percent_max")},
                "of": local(one["of"]),
            }
            for one in self.said["penalties"]
        ]
        return {
            "rule_set": self.rule_set, "applies_from": self.applies_from, "applies_source": self.said["applies_source"],
            "duties": [_worded(one, "duty", "role", "law") for one in self.said["duties"]], "penalties": fines,
            "penalties_note": local(self.said["penalties_note"]),
        }  # fmt: skip


def _worded(one: dict, *names: str) -> dict:
    return {**{name: one[name] for name in names}, "asks": local(one["asks"])}


@cache
def _rule_sets() -> list[Operators]:
    listed = json.loads(_FILE.read_text(encoding="utf-8"))["rule_sets"]
    return sorted(
        (Operators(one["rule_set"], one["applies_from"], one) for one in listed),
        key=lambda one: one.said["in_force_from"],
    )


def operators_on(day: str) -> Operators:
    """The rule set in force on a day (YYYY-MM-DD); before the first one the first."""
    held = [one for one in _rule_sets() if one.said["in_force_from"] <= day]
    return held[-1] if held else _rule_sets()[0]
