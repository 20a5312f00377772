"""A field action as its lines say it: what is done, to which units, what people said became of them. Pure over lines.

The reach only grows: a unit that was updated no longer answers the question, and is still one that had to be updated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.answers.cases.handling.statements import Line
from asbuilt.kernel.spans import bitmap_of, spans_of

PREFIX = "F-"
# kinds of lines
STARTED, REACHED, REPORTED, COUNTED, FREED, REST, CLOSED, ORDERED = (
    "action_started", "action_reached", "action_reported", "action_counted", "action_freed", "action_rest", "action_closed",
    "action_ordered",
)  # fmt: skip
LINKED = "field_action"  # a line of the case

UPDATE, REPROGRAMMING, RECALL, WITHDRAWAL = "update", "reprogramming", "recall", "withdrawal"
KINDS = (UPDATE, REPROGRAMMING, RECALL, WITHDRAWAL)
CHANGING = (UPDATE, REPROGRAMMING)
"""Those that change units where they are; the others take them back."""

UPDATED, REPLACED, SCRAPPED, RETURNED, IN_HOUSE, MENDED, FOUND, UNREACHABLE, OPEN = (
    "updated", "replaced", "scrapped", "returned", "in_house", "mended", "found", "unreachable", "open",
)  # fmt: skip
REPORTABLE = (UPDATED, REPLACED, SCRAPPED, RETURNED, FOUND, UNREACHABLE)
"""What people, customers and files may say of a unit; that one is in house, or mended, the record knows alone."""

_CHANGING = (UPDATED, REPLACED, SCRAPPED, RETURNED, IN_HOUSE, FOUND, UNREACHABLE)
_TAKING_BACK = (REPLACED, SCRAPPED, RETURNED, IN_HOUSE, MENDED, UPDATED, FOUND, UNREACHABLE)
ORDER = {UPDATE: _CHANGING, REPROGRAMMING: _CHANGING, RECALL: _TAKING_BACK, WITHDRAWAL: _TAKING_BACK}
"""By kind: of two standings of a unit the earlier one counts."""

ACCOUNTED = {
    UPDATE: frozenset({UPDATED, REPLACED, SCRAPPED}),
    REPROGRAMMING: frozenset({UPDATED, REPLACED, SCRAPPED}),
    RECALL: frozenset({REPLACED, SCRAPPED, RETURNED, IN_HOUSE, MENDED}),
    WITHDRAWAL: frozenset({REPLACED, SCRAPPED, RETURNED, IN_HOUSE, MENDED}),
}
"""By kind: the standings with which nothing is left to do for a unit."""


@dataclass
class FieldAction:
    """A field action with what was said of it. `reach` are unit numbers; `said` standing -> units, the last word on each."""

    code: str
    case: str
    kind: str
    title: str
    question: str
    silent: bool
    remedy: str
    hold: str
    started_at: int
    lines: Sequence[Line]
    reach: BitMap = field(default_factory=BitMap)
    grown: list[tuple[int, int, str]] = field(default_factory=list)  # (when, units, why)
    said: dict[str, BitMap] = field(default_factory=dict)
    since: dict[str, list[tuple[int, BitMap]]] = field(
        default_factory=dict
    )  # standing -> since when somebody says it of which units
    counts: list[Line] = field(default_factory=list)
    freed: BitMap = field(default_factory=BitMap)
    rest: Line | None = None
    closed: Line | None = None

    @property
    def accounted(self) -> frozenset[str]:
        """The standings with which nothing is left to do."""
        return ACCOUNTED[self.kind]

    @property
    def justified(self) -> BitMap:
        """The units that were left open with a reason."""
        return spans_said(self.rest) if self.rest is not None else BitMap()


def spans_said(line: Line) -> BitMap:
    """The units that a line speaks of."""
    return bitmap_of([first, until] for first, until in line.said.get("spans", []))


def as_spans(units: BitMap) -> list[list[int]]:
    """Units as a line holds them."""
    return [[first, until] for first, until in spans_of(units)]


def action_of(lines: Sequence[Line]) -> FieldAction:
    """The field action of these lines, the earliest first; the first one started it."""
    first, said = lines[0], lines[0].said
    action = FieldAction(
        first.about, said["case"], first.name, said["title"], said["question"], said["silent"] == "yes", said.get("remedy", ""),
        said.get("hold", ""), first.happened_at, lines,
    )  # fmt: skip
    reported = []
    for line in lines:
        if line.kind in (STARTED, REACHED):
            units = spans_said(line) - action.reach
            action.grown.append((line.happened_at, len(units), line.why))
            action.reach |= units
        elif line.kind == REPORTED:
            reported.append(line)
        elif line.kind == COUNTED:
            action.counts.append(line)
        elif line.kind == FREED:
            action.freed |= spans_said(line)
        elif line.kind == REST:
            action.rest = line
        elif line.kind == CLOSED:
            action.closed = line
    action.said, action.since = _last_said(reported)
    return action


def _last_said(reported: Sequence[Line]) -> tuple[dict[str, BitMap], dict[str, list[tuple[int, BitMap]]]]:
    """Standing -> units, by what was said to have happened last; of two at one time, by what was recorded last. And of each standing since when."""
    found: dict[str, BitMap] = {name: BitMap() for name in REPORTABLE}
    since: dict[str, list[tuple[int, BitMap]]] = {name: [] for name in REPORTABLE}
    for line in sorted(reported, key=lambda one: (one.at, one.entry, one.row)):
        units = spans_said(line)
        for name in REPORTABLE:
            found[name] -= units
        found[line.name] |= units
        since = {name: [(at, left) for at, before in told if (left := before - units)] for name, told in since.items()}
        since[line.name].append((line.at, units))
    return found, since
