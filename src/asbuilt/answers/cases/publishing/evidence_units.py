"""Which units an advisory speaks of: those of a case's frozen answers, else those that are exposed today.

A frozen answer names its units and their serial numbers as they were then; what they are (revision, firmware) is looked up today.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.naming import vulnerabilities_named
from asbuilt.answers.cases.publishing.affected import UNITS_NAMED_MAX
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.built.production.orders import AS_GIVEN
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

VULNERABILITIES_MAX = 20
_ASKED = re.compile(r"\bcve:(?:\"([^\"]+)\"|([^\s()]+))", re.IGNORECASE)
_UNNAMED = re.compile(r"#[0-9]+$").search


@dataclass
class Spoken:
    """Units, by grade, with the serial numbers of those that have one (None: too many to be named); `answers` are the frozen ones that they come from."""

    units: UnitSet
    names: dict[int, str] | None = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def vulnerabilities_asked(case: CaseFile) -> list[str]:
    """The vulnerabilities that questions of the case ask for, in order; where none does, those that its title names."""
    found = []
    for line in case.answers:
        for quoted, plain in _ASKED.findall(line.said["question"]):
            found += [one.strip('"') for one in (quoted or plain).split(",") if one.strip('"')]
    return list(dict.fromkeys(found)) or vulnerabilities_named(case.title, VULNERABILITIES_MAX)


def frozen_units(actor: Actor, case: CaseFile, vulnerability: str) -> Spoken | None:
    """The units of the case's answers that ask for this vulnerability, of all its answers where none does; None without an answer."""
    asking = [line for line in case.answers if vulnerability and vulnerability in line.said["question"]]
    answers = [frozen_answer(actor, line.name) for line in asking or case.answers]
    standing = [one for one in answers if one.overtaken_by is None] or answers[-1:]
    if not standing:
        return None
    spoken = Spoken(UnitSet.none())
    for one in standing:
        _take(spoken, json.loads(one.answer))
        spoken.answers.append(one.ulid)
    return spoken


def _take(spoken: Spoken, answer: dict) -> None:
    units = UnitSet.of_graded(answer["spans"])
    spoken.units |= units
    named = (
        (unit, said["serial"]) for unit, said in zip(units.unrecorded, answer["serials"], strict=True)
    )  # both in axis order
    spoken.names = {**(spoken.names or {}), **{unit: serial for unit, serial in named if not _UNNAMED(serial)}}
    spoken.gaps += answer["gaps"]


def units_of_today(view: View, units: UnitSet, gaps: Iterable[str] = ()) -> Spoken:
    """These units with the serial numbers that they have now; too many are not named. A statement for each joined span."""
    everything = units.unrecorded
    names = _names(view, everything) if len(everything) <= UNITS_NAMED_MAX else None
    return Spoken(units, names, [], list(gaps))


def _names(view: View, units: BitMap) -> dict[int, str]:
    sql = (
        "SELECT n.unit, n.value FROM production_unit_name n WHERE n.tenant = %s AND n.unit >= %s AND n.unit < %s AND n.kind = 0"
        + view.seen("n")
        + f" ORDER BY {AS_GIVEN}"
    )
    found: dict[int, str] = {}
    for low, high in joined(units):
        found.update(row for row in reading.fetch(sql, (view.tenant, low, high)) if row[0] in units)
    return found
