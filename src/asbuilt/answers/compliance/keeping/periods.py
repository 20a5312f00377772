"""Support periods of a product as they were set: which one a unit has that was placed on a day."""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.answers.compliance.lines import SUPPORT, Line, lines_of
from asbuilt.kernel.instants import format_instant


@dataclass(frozen=True)
class Period:
    """A support period: first and last day, for how many years the product is expected to be used, why, set on which day."""

    start_on: str
    end_on: str
    expected_years: int | None
    why: str
    rule_set: str
    set_on: str
    line: Line


def periods_of(lines: Sequence[Line]) -> list[Period]:
    """Every period that was set, the earliest first."""
    return [
        Period(
            line.said["start_on"], line.said["end_on"], line.said["expected_years"], line.why, line.said["rule_set"],
            format_instant(line.happened_at)[:10], line,
        )
        for line in lines if line.kind == SUPPORT
    ]  # fmt: skip


def end_for(periods: Sequence[Period], placed_on: str) -> str:
    """Until when a unit is supported that was placed on a day: what was said then (the first period where none was), or longer where a later one is.
    A shorter period that was set afterwards takes nothing from it. Empty where none was set."""
    if not periods:
        return ""
    then = [place for place, one in enumerate(periods) if one.set_on <= placed_on]
    return max(one.end_on for one in periods[(then[-1] if then else 0) :])


def supported_until(tenant: int, product: str) -> str:
    """The latest end of support that was ever said of a product; an empty text where none was. One statement."""
    lines = lines_of(tenant, [product], [SUPPORT]).get(product, [])
    return max((one.end_on for one in periods_of(lines)), default="")
