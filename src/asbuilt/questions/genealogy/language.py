"""The question language: one line of text becomes a tree, and the tree becomes text or plain words again.

    lot:A,B (order:WO#1..WO#40 or -reworked) passed:REFLOW(program=P7 side=top)@2027-03-15..2027-03-17

`parse` knows no database: whether a lot exists is the evaluator's matter. Blanks mean AND, which binds tighter than `or`;
`-` or `not` binds tightest. Parentheses stay in the tree as `Bracket`, because one bracket speaks of one position; the
brackets of `ever:(…)`, `inside:(…)` and `contains:(…)` are brackets too, and so is the whole question.

It refuses with `Invalid`, code `question.*`, and points at the character: an unknown term, a missing value, an open bracket
or quote, a value that its term cannot take, a term whose tables are not there yet, and questions longer, deeper or wider
than `Limits`. Standard: none; design, section 6.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy import terms as t
from asbuilt.questions.genealogy.terms import TERMS, Completion, complete_at, nearest

__all__ = ["Completion", "complete_at", "caret", "parse", "readback", "unparse"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
YEAR_MIN, YEAR_MAX = 1900, 2999
SHOWN_MAX = 40

_ = t.gettext_noop


@dataclass(frozen=True)
class Limits:
    """The largest question that is read: characters, nested brackets and negations, terms, values of one term."""

    characters: int = 10_000
    depth: int = 100
    terms: int = 500
    values: int = 1_000


def _place():
    return field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Value:
    """A code as it was meant, without quotes. `position` is its first character in the question, from 1."""

    text: str
    position: int = _place()
    length: int = _place()


@dataclass(frozen=True)
class Range:
    """`low..high`, both ends included; None is an open end, never both."""

    low: Value | None
    high: Value | None


@dataclass(frozen=True)
class Comparison:
    """`sign` is < <= > >=."""

    sign: str
    value: Value


Match = Value | Range | Comparison


@dataclass(frozen=True)
class Release:
    """Of `firmware:`; role None where none was written (the evaluator takes app)."""

    role: str | None
    match: Match


@dataclass(frozen=True)
class Moment:
    """A day or an instant as written; an instant without offset has no tzinfo and is meant in the tenant's zone."""

    when: date | datetime
    text: str = field(compare=False)

    def bounds(self, zone: tzinfo) -> tuple[int, int]:
        """[start, until) in UTC microseconds since 1970: the whole day, or the one microsecond."""
        if isinstance(self.when, datetime):
            instant = self.when if self.when.tzinfo else self.when.replace(tzinfo=zone)
            start = (instant - _EPOCH) // _MICROSECOND
            return start, start + 1
        days = (self.when, self.when + timedelta(days=1))
        start, until = ((datetime.combine(day, time(), zone) - _EPOCH) // _MICROSECOND for day in days)
        return start, until


@dataclass(frozen=True)
class Window:
    """From `low` to `high`, both included unless `after` (low itself is out) or `before` (high itself is out)."""

    low: Moment | None
    high: Moment | None
    after: bool = False
    before: bool = False

    def bounds(self, zone: tzinfo) -> tuple[int | None, int | None]:
        """[start, until) in UTC microseconds since 1970, None where open; until <= start: nothing lies in it."""
        start = self.low.bounds(zone)[self.after] if self.low else None
        until = self.high.bounds(zone)[not self.before] if self.high else None
        return start, until


@dataclass(frozen=True)
class Condition:
    """`name` is a column of the pass (program side …) or a reading; it holds if any of `matches` does."""

    name: Value
    matches: tuple[Match, ...]


@dataclass(frozen=True)
class Pass:
    """Of `passed:`: any of the steps or machines, all conditions in one pass, in the window."""

    steps: tuple[Value, ...]
    conditions: tuple[Condition, ...] = ()
    window: Window | None = None


@dataclass(frozen=True)
class Reading:
    """Of `reading:`: the step or machine and the reading's condition."""

    step: Value
    condition: Condition


@dataclass(frozen=True)
class Outcome:
    """Of `test:`; plan None and outcome "failed" for `test:failed`, else pass, fail, error or aborted."""

    plan: Value | None
    outcome: str


@dataclass(frozen=True)
class Component:
    """Of `component:`; without matches any version."""

    name: Value
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True)
class Term:
    """One term: any of `values`, whose class follows `TERMS[name].kind`; none for a word such as reworked."""

    name: str
    values: tuple = ()
    position: int = _place()
    length: int = _place()


@dataclass(frozen=True)
class And:
    """Two parts or more, all of which must hold."""

    parts: tuple


@dataclass(frozen=True)
class Or:
    """Two parts or more, one of which must hold."""

    parts: tuple


@dataclass(frozen=True)
class Not:
    """The part must not hold."""

    part: "Question"


@dataclass(frozen=True)
class Bracket:
    """Parentheses: what stands in them speaks of one position. Doubled parentheses are one Bracket."""

    part: "Question"


@dataclass(frozen=True)
class Ever:
    """`ever:(…)`, a bracket: what was true at any time. Its part is never itself a Bracket; so for the next two."""

    part: "Question"


@dataclass(frozen=True)
class Inside:
    """`inside:(…)`, a bracket: units inside such units."""

    part: "Question"


@dataclass(frozen=True)
class Contains:
    """`contains:(…)`, a bracket: units that contain such units."""

    part: "Question"


Question = Term | And | Or | Not | Bracket | Ever | Inside | Contains
SCOPES = {"ever": Ever, "inside": Inside, "contains": Contains}
