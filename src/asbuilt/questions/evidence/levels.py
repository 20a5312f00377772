"""What the levels mean, from the dated file beside this code, and how units are put into levels by bitmaps.

A level holds for a unit where all that it and the levels below it need is met (`data/ipc-1782.json`); a unit's level is the lowest of
its positions (material) or of the steps of its route (process). Needs are met by what this room finds in the record:

| need | met where |
|---|---|
| order_receipt | some package recorded on the order for the BOM line has its receipt (delivery, or day it came in) |
| order_lot | every package recorded on the order for the line has receipt and lot code, or those that may stand on the unit have |
| own_set | every package that may stand there is known, with receipt and lot code |
| own_exact | exactly one package stands there |
| step_recorded | a run of the step, or a test run of the plan of that name, covers the unit |
| route_known | a routing of the revision was in force |
| tool_named | a run names machine and program; without a machine, who did it |
| readings_kept | that run has every reading that the routing limits, as a number |
| raw_kept | that run came in a machine's message whose bytes are kept |
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pyroaring import BitMap

from asbuilt.questions.genealogy.words.terms import gettext_noop as _

LEVELS = (1, 2, 3, 4)
_FILE = Path(__file__).with_name("data") / "ipc-1782.json"
# the file's own words, for the translators
MEANINGS = (
    _("No receipt of the part is listed against the work order."),
    _("Part and receipt are listed against the work order."),
    _("Packages with their lots are listed against the work order."),
    _("Each unit has its set of packages."),
    _("Each position of each unit has exactly one package."),
    _("A step of the route is not recorded."),
    _("Each step of the route is recorded with its result."),
    _("Machine and program, or who did it by hand, are named; the route is known."),
    _("Every reading that the route limits is recorded."),
    _("The machine's own record is kept."),
)


@dataclass(frozen=True)
class Level:
    """A level: what it means, and what it needs beside the levels below it."""

    level: int
    means: str
    needs: tuple[str, ...]


@cache
def _rules() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def rule_set() -> str:
    """The id of the definitions in force."""
    return _rules()["rule_set"]


def source() -> str:
    """Where the definitions are from, and how sure that is."""
    return _rules()["source"]


@cache
def definitions(letter: str) -> tuple[Level, ...]:
    """The levels of material (M) or process (P), 0 first."""
    said = _rules()["material" if letter == "M" else "process"]
    return tuple(Level(one["level"], one["means"], tuple(one["needs"])) for one in said)


@cache
def level_of_need(letter: str, need: str) -> int:
    """The level that a need belongs to."""
    return next(one.level for one in definitions(letter) if need in one.needs)


def reach(letter: str, met: dict[str, BitMap], units: BitMap) -> list[BitMap]:
    """The units at or above each level, 0 first: a level holds where its needs and those of the levels below are met."""
    found = [units]
    for one in definitions(letter)[1:]:
        here = found[-1]
        for need in one.needs:
            here = here & met[need]
        found.append(here)
    return found


@dataclass
class Reached:
    """Units at or above each level (0 first) of one letter, narrowed by each position or step that is judged."""

    units: BitMap
    at_least: list[BitMap] = field(default_factory=list)

    def __post_init__(self):
        self.at_least = self.at_least or [BitMap(self.units) for _ in range(len(LEVELS) + 1)]

    def narrow(self, reached: list[BitMap], among: BitMap) -> None:
        """A position or step of the units `among` reaches these levels; the lowest of all counts."""
        outside = self.units - among
        self.at_least = [mine & (here | outside) for mine, here in zip(self.at_least, reached, strict=True)]

    def counts(self) -> tuple[int, ...]:
        """How many units stand at exactly each level, 0 first."""
        sizes = [*map(len, self.at_least), 0]
        return tuple(here - above for here, above in zip(sizes, sizes[1:], strict=False))

    def lowest(self) -> int | None:
        """The level that every unit reaches; None where there is no unit."""
        if not self.units:
            return None
        return max(level for level, units in enumerate(self.at_least) if len(units) == len(self.units))

    def below(self, level: int) -> BitMap:
        """Units that do not reach it."""
        return self.units - self.at_least[level]
