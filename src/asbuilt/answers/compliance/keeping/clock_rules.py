"""Rules of support and retention as dated files, and the days that follow from them. Pure.

    rules_on("2027-12-11")                    -> Rules
    rules.documents_until("2029-03-01", "2033-01-31")   -> "2039-03-01": ten years after the last unit was placed, or the end of support
    plus_years("2028-02-29", 10)              -> "2038-02-28"

A day is a text YYYY-MM-DD; what is kept until a day is kept on that day too.
"""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("data")
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Rules:
    """One file: its id, from which day on it is used, and its parts."""

    rule_set: str
    in_force_from: str
    said: dict

    def regime(self, placed_on: str) -> str:
        """before or after: which law a unit falls under that was placed, or modified substantially, on that day."""
        return AFTER if placed_on >= self.said["regimes"]["changes_on"] else BEFORE

    @property
    def modified_from(self) -> str | None:
        """From which day on a substantial modification brings a unit under the whole law; None by rules that do not say it."""
        return self.said["modified"]["counts_from"] if "modified" in self.said else None

    def support_least(self, start_on: str, expected_years: int | None) -> str:
        """The earliest day on which support that starts so may end."""
        rule = self.said["support"]
        years = rule["years_min"]
        if rule["unless_expected_use_is_shorter"] and expected_years is not None:
            years = min(years, expected_years)
        return plus_years(start_on, years)

    def documents_until(self, last_placed_on: str, support_end_on: str) -> str:
        """Until when technical documentation and declaration are kept."""
        return self._longer("documents", last_placed_on, support_end_on)

    def updates_until(self, issued_on: str, support_end_on: str) -> str:
        """Until when a security update stays available."""
        return self._longer("updates", issued_on, support_end_on)

    def supply_until(self, supplied_on: str) -> str:
        """Until when it can be shown who supplied, and who was supplied."""
        return plus_years(supplied_on, self.said["supply"]["years"])

    def source(self, part: str) -> str:
        """Where a rule stands."""
        return self.said[part]["source"]

    def _longer(self, part: str, from_on: str, support_end_on: str) -> str:
        rule = self.said[part]
        until = plus_years(from_on, rule["years"])
        return max(until, support_end_on) if rule["or_support_period"] else until


@cache
def _files() -> list[Rules]:
    read = [json.loads(file.read_text(encoding="utf-8")) for file in _FOLDER.glob("keeping-*.json")]
    return sorted(
        (Rules(one["rule_set"], one["in_force_from"], one) for one in read), key=lambda one: one.in_force_from
    )


def rules_on(day: str) -> Rules:
    """The rules of a day; before the first file was written it holds."""
    held = [one for one in _files() if one.in_force_from <= day]
    return held[-1] if held else _files()[0]


def plus_years(day: str, years: int) -> str:
    """The same day so many years later; 29 February becomes the 28th where there is none. The calendar ends with 9999."""
    at = date.fromisoformat(day)
    year = min(at.year + years, 9999)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return at.replace(year=year, day=28 if (at.month, at.day) == (2, 29) and not leap else at.day).isoformat()
