"""The report of a drill: how many minutes it took to each answer, read off what was said of the cases in the copy.

drill_report(actor)   ->  {"scenario", "started_at", "cases": [{"case", "steps": [{"step", "at", "minutes", "in_time"}], "missing": […]}]}
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_READ
from asbuilt.answers.cases.handling.case_file import CaseFile, submissions
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.happenings import HAPPENINGS, Happened
from asbuilt.answers.cases.handling.queries import case_files, refuse_party
from asbuilt.answers.cases.handling.statements import SUBMITTED, Line
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import drills

MINUTE_US = 60_000_000
STEPS = (
    "opened", "product", "aware_at", "answer", "decision", "approved", "submitted", "notice_queued", "advisory_published", "measure", "task",
    "field_action", "closed",
)  # fmt: skip
"""What an exercise is asked for, in the order in which the first hour wants it: lines of the case, and what other rooms know of it."""
OF_REPORTS = ("approved", "submitted")
OF_DUTIES = ("aware_at", "decision", *OF_REPORTS)
NO_ADVISORY = ("quality", "authority")  # kinds of cases about which no advisory is written


@dataclass(frozen=True)
class Step:
    """A step that was reached: which, when, with what."""

    step: str
    at: int
    words: str
    in_time: bool | None = None


def drill_report(actor: Actor) -> dict:
    """Of every case that began since the drill did. NotFound: this home is no drill."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    found = drills.drill()
    if found is None:
        raise NotFound("cases.no_drill", "This is the record, no drill.", {}, "Start one: asbuilt drill start FOLDER.")
    cases = [*case_files(actor), *case_files(actor, closed=True)]
    mine = [case for case in cases if case.opened_at >= found.started_at]
    return {
        "scenario": found.scenario, "started_at": plain(found.started_at),
        "cases": [_case(actor.tenant, case, found.started_at) for case in sorted(mine, key=lambda one: one.opened_at)],
    }  # fmt: skip


def _case(tenant: int, case: CaseFile, started_at: int) -> dict:
    steps = steps_of(case, [one for known in HAPPENINGS.values() for one in known(tenant, case.code).happened])
    reached = {one.step.partition(" ")[0] for one in steps}
    return {
        "case": case.code, "kind": case.kind, "title": case.title,
        "steps": [
            {"step": one.step, "at": plain(one.at), "minutes": round((one.at - started_at) / MINUTE_US, 1), "words": one.words, "in_time": one.in_time}
            for one in steps
        ],
        "missing": [name for name in STEPS if name not in reached and _asked(case, name)],
    }  # fmt: skip


def steps_of(case: CaseFile, happened: Iterable[Happened] = ()) -> list[Step]:
    """The first time that each step was reached, in the order of time; a submitted report says whether it was in time.

    `happened`: what rooms above the file know of the case, such as that an advisory was published.
    """
    found: dict[str, Step] = {}
    standing = {(line.entry, line.row) for line in submissions(case.lines)}
    for line in case.lines:
        if line.kind == SUBMITTED and (line.entry, line.row) not in standing:  # taken back since
            continue
        name = _name(line)
        if name and name not in found:
            late = line.said.get("late")
            found[name] = Step(name, line.happened_at, line.why or line.name, None if late is None else late == "no")
    for one in happened:
        if one.kind in STEPS and one.recorded_at < found.get(one.kind, Step("", sys.maxsize, "")).at:
            found[one.kind] = Step(one.kind, one.recorded_at, one.why or one.name)
    return sorted(found.values(), key=lambda one: one.at)


def _asked(case: CaseFile, step: str) -> bool:
    """Whether the case asks for this step: where a product is named and no duty runs, nobody has to be told by a report."""
    if step in OF_DUTIES:
        return bool(case.runs) or not case.products
    return step != "advisory_published" or case.gravest not in NO_ADVISORY


def _name(line: Line) -> str:
    if line.kind == "moment":
        return line.name if line.name in STEPS else ""
    if line.kind in OF_REPORTS:
        return f"{line.kind} {line.name}"
    return line.kind if line.kind in STEPS else ""
