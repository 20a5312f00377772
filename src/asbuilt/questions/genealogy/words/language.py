"""The question language: one line of text becomes a tree, and the tree becomes text or plain words again.

    lot:A,B (order:WO#1..WO#40 or -reworked) passed:REFLOW(program=P7 side=top)@2027-03-15..2027-03-17

`parse` knows no database: whether a lot exists is the evaluator's matter. Blanks mean AND, which binds tighter than
`or`; `-` or `not` binds tightest. Parentheses stay in the tree as `Bracket`: one bracket speaks of one position. Those
of `ever:(…)`, `inside:(…)` and `contains:(…)` are brackets too, and so is the whole question.

It refuses with `Invalid`, code `question.*`, and points at the character: an unknown term, a missing value, an open
bracket or quote, a value that its term cannot take, a window that runs backwards, and questions longer, deeper or wider
than `Limits`. Standard: none; design, section 6.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from pathlib import Path

from lark import Lark, Transformer, UnexpectedToken, v_args
from lark.lexer import Lexer

from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.words import terms
from asbuilt.questions.genealogy.words.terms import Completion, Limits, Mistake, Scanner, complete_at

__all__ = ["Completion", "LIMITS", "Limits", "caret", "complete_at", "parse"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HALF_DAY = 14 * 3_600_000_000  # how far a zone may lie from UTC
LIMITS = Limits()
PARSED_REMEMBERED_MAX = 1_000
YEAR_MIN, YEAR_MAX = 1900, 2999
SHOWN_CHARACTERS_MAX = 40
CARET_COLUMNS_MAX = 100

_ = terms.gettext_noop


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
    position: int = _place()

    def bounds(self, zone: tzinfo) -> tuple[int, int]:
        """[start, until) in UTC microseconds since 1970: the whole day, or the one microsecond."""
        if isinstance(self.when, datetime):
            instant = self.when if self.when.tzinfo else self.when.replace(tzinfo=zone)
            start = (instant - _EPOCH) // _MICROSECOND
            return start, start + 1
        return _day(self.when, zone)


@lru_cache(PARSED_REMEMBERED_MAX)
def _day(day: date, zone: tzinfo) -> tuple[int, int]:
    start, until = (
        (datetime.combine(one, time(), zone) - _EPOCH) // _MICROSECOND for one in (day, day + timedelta(days=1))
    )
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


@dataclass(frozen=True)
class Nothing:
    """No unit: what stands where every name of a term was withdrawn since the question was recorded. Nobody can write it."""


Question = Term | And | Or | Not | Bracket | Ever | Inside | Contains
SCOPES = {"ever": Ever, "inside": Inside, "contains": Contains}

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,3})?", re.ASCII)
_ORDER_UNIT = re.compile(r".+#\d{1,12}", re.ASCII | re.DOTALL)


def _moment(value: Value | None) -> Moment | None:
    if value is None:
        return None
    try:
        if not _MOMENT.fullmatch(value.text):
            raise ValueError
        when = (datetime if "T" in value.text else date).fromisoformat(value.text)
        if not YEAR_MIN <= when.year <= YEAR_MAX:
            raise ValueError
    except ValueError:
        raise _unfit(value, _("a day or an instant"), "2027-03-15, 2027-03-15T08:00+01:00")
    return Moment(when, value.text, value.position)


def _unfit(value: Value, expected: str, example: str) -> Mistake:
    start = value.position - 1
    text, remedy = _("found {found}, expected {expected}."), _("Write it as in {example}")
    return Mistake("value", start, start + value.length, text, remedy, expected, example=example)


@v_args(inline=True)
class _Tree(Transformer):
    """What each rule of the grammar becomes, called by Lark while it parses, so that no depth of nesting recurses."""

    def value(self, token):
        return Value(str(token), token.start_pos + 1, token.end_pos - token.start_pos)

    def range(self, *ends):
        low = ends[0] if isinstance(ends[0], Value) else None
        high = ends[-1] if isinstance(ends[-1], Value) else None
        return Range(low, high)

    def comparison(self, sign, value):
        return Comparison(str(sign), value)

    def release(self, *parts):
        return Release(str(parts[0]) if len(parts) == 2 else None, parts[-1])

    def window(self, match):
        if isinstance(match, Value):
            return Window(_moment(match), _moment(match))
        if isinstance(match, Range):
            return Window(_moment(match.low), _moment(match.high))
        moment = _moment(match.value)
        if match.sign[0] == ">":
            return Window(moment, None, after=match.sign == ">")
        return Window(None, moment, before=match.sign == "<")

    def outcome(self, *parts):
        outcome = parts[-1]
        if len(parts) == 1:
            if outcome.text != terms.FAILED:
                raise _unfit(outcome, _("failed, or a test plan with its outcome"), "test:failed, test:ICT=pass")
            return Outcome(None, terms.FAILED)
        if outcome.text not in terms.OUTCOME_WORDS:
            raise _unfit(outcome, ", ".join(terms.OUTCOME_WORDS), "test:ICT=pass")
        return Outcome(parts[0], outcome.text)

    def tail(self, *matches):
        return matches

    def condition(self, name, matches):
        for match in matches:
            if isinstance(match, Comparison) and not _NUMBER.fullmatch(match.value.text):
                raise _unfit(match.value, _("a number"), f"{name.text}{match.sign}260")
        return Condition(name, matches)

    def steps(self, *values):
        return values

    def conditions(self, *conditions):
        return conditions

    def went(self, steps, *rest):
        window = rest[-1] if rest and isinstance(rest[-1], Window) else None
        return Pass(steps, rest[0] if rest and isinstance(rest[0], tuple) else (), window)

    def reading(self, step, condition):
        return Reading(step, condition)

    def component(self, name, matches=()):
        return Component(name, matches)

    def term(self, token, *values):
        if token == "in":
            for value in values:
                if value.text not in terms.STATES:
                    near = terms.nearest(value.text, terms.STATES) or ["stock"]
                    raise _unfit(value, ", ".join(terms.STATES), "in:" + near[0])
        elif token == "order":
            ends = [end for value in values if isinstance(value, Range) for end in (value.low, value.high) if end]
            for end in ends:
                if not _ORDER_UNIT.fullmatch(end.text):
                    raise _unfit(end, _("an order and a unit number"), terms.EXAMPLES[terms.STRETCHES])
        return Term(str(token), values, token.start_pos + 1, token.end_pos - token.start_pos)

    def negation(self, part):
        return Not(part)

    def bracket(self, part):
        return part if isinstance(part, Bracket) else Bracket(part)

    def scope(self, name, part):
        return SCOPES[name](part.part if isinstance(part, Bracket) else part)

    def both(self, *parts):
        return And(parts) if len(parts) > 1 else parts[0]

    def either(self, *parts):
        return Or(parts) if len(parts) > 1 else parts[0]


class _Tokens(Lexer):
    """Hands Lark the tokens that `Scanner` found."""

    __future_interface__ = 2

    def __init__(self, conf):
        pass

    def lex(self, state, parser_state):
        yield from state.text


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Tokens, transformer=_Tree())


def make_ready() -> None:
    """Build the grammar now (some 90 ms), so that the first question of a process does not wait for it."""
    _parser()


def same(text: str) -> str:
    """The text itself: what stands in for gettext where nobody passes one."""
    return text


def parse(
    question: str,
    *,
    limits: Limits = LIMITS,
    gettext: Callable[[str], str] = same,
) -> Question:
    """The tree of a question.

    Raises Invalid: code question.<reason>, facts question (at most `limits.characters`), position (from 1), length,
    found, expected, and nearest for an unknown term.
    """
    try:
        if len(question) > limits.characters:
            text = _("the question is longer than {limit} characters.")
            remedy = _("Write ranges and lists, or ask in several questions.")
            at = limits.characters
            raise Mistake("too_long", at, at + 1, text, remedy, limit=at)
        if not question.strip():
            text, remedy = _("there is no question."), _("Begin with the name of a term: {example}")
            raise Mistake("empty", 0, 1, text, remedy, _("a term"), example=terms.EXAMPLES[terms.CODES])
        return _parsed(question, limits)
    except Mistake as mistake:
        raise _invalid(mistake, question[: limits.characters], gettext) from None


@lru_cache(PARSED_REMEMBERED_MAX)
def _parsed(question: str, limits: Limits) -> Question:
    # holds ask the same questions at every gate; a tree is never changed
    tokens = Scanner(question, limits).tokens()
    try:
        return _parser().parse(tokens)
    except UnexpectedToken as error:
        raise _unexpected(error, tokens, question) from None


_EXPECTED = (
    ("TEXT", _("a value")),
    ("_EQUALS", _("= or a comparison")),
    ("_COMMA", _("a comma or a blank")),
    ("_AT", _("@ and a window, or a blank")),
)


def _unexpected(error: UnexpectedToken, tokens: list, question: str) -> Mistake:
    """Say in words what the grammar did not take, with an example of the term in which it stood."""
    token = error.token
    at_end = token.type == "$END"
    start = len(question.rstrip()) if at_end else token.start_pos
    until = start + 1 if at_end else token.end_pos
    inside = None
    for earlier in tokens:
        if earlier is token:
            break
        if earlier.type in terms.EXAMPLES:
            inside = earlier
    wanted = error.accepts or error.expected
    outside = "CODES" in wanted and token.type not in ("TEXT", "RANGE", "SIGN", "_COMMA", "_EQUALS", "_AT")
    expected = _("a term") if outside else next((words for kind, words in _EXPECTED if kind in wanted), _("a blank"))
    text = _("found {found}, expected {expected}.")
    if inside is None or outside:
        return Mistake(
            "syntax", start, until, text, _("Begin with the name of a term: {example}"), expected, example="lot:A"
        )
    if token.type in ("RANGE", "SIGN"):
        remedy = _("Write it as in {example}; put a code that has these characters in double quotes.")
    else:
        remedy = _("Write it as in {example}")
    return Mistake("syntax", start, until, text, remedy, expected, example=terms.EXAMPLES[inside.type])


_COUNTED = re.compile(r"(.*?)(\d{1,18})", re.ASCII | re.DOTALL)


def refuse_backwards(question: str, *, gettext: Callable[[str], str] = same) -> None:
    """Invalid where a window or a stretch of units runs backwards: nothing lies in it, and "no units" would be taken for an answer. Questions
    that were recorded are not asked this."""
    mistake = _backwards(question)
    if mistake is not None:
        raise _invalid(mistake, question, gettext)


@lru_cache(PARSED_REMEMBERED_MAX)
def _backwards(question: str) -> Mistake | None:
    for one in _walked(_parsed(question, LIMITS)):
        if isinstance(one, Window) and _ends_before(one.low, one.high):
            until = one.high.position + len(one.high.text)
        elif isinstance(one, Range) and _counts_down(one.low, one.high):
            until = one.high.position + one.high.length
        else:
            continue
        text, remedy = _("{found} runs backwards."), _("Write it as in {example}")
        example = f"{one.high.text}..{one.low.text}"
        return Mistake("backwards", one.low.position - 1, until - 1, text, remedy, example=example)
    return None


def _ends_before(low: Moment | None, high: Moment | None) -> bool:
    if low is None or high is None:
        return False
    # a day or an instant without offset is of the tenant's zone: beside one with an offset it may be half a day off
    alike = getattr(low.when, "tzinfo", None) is None and getattr(high.when, "tzinfo", None) is None
    both = getattr(low.when, "tzinfo", None) is not None and getattr(high.when, "tzinfo", None) is not None
    slack = 0 if alike or both else _HALF_DAY
    return low.bounds(UTC)[0] - slack >= high.bounds(UTC)[1]


def _counts_down(low: Value | None, high: Value | None) -> bool:
    if (
        low is None
        or high is None
        or any(_NUMBER.fullmatch(end.text) and not end.text.isdigit() for end in (low, high))
    ):
        return False  # 2.10 is above 2.9 as a version, and below it as a reading
    first, last = _COUNTED.fullmatch(low.text), _COUNTED.fullmatch(high.text)
    return bool(first and last and first[1] == last[1] and int(first[2]) > int(last[2]))


def _walked(tree) -> Iterator:
    """Everything that a question is made of, in the order in which it is written."""
    left = [tree]
    while left:
        one = left.pop()
        yield one
        if isinstance(one, tuple):
            left += reversed(one)
        elif is_dataclass(one):
            left += [getattr(one, part.name) for part in reversed(fields(one))]


def _invalid(mistake: Mistake, question: str, gettext: Callable[[str], str]) -> Invalid:
    shown = question.encode("utf-8", "replace").decode("utf-8")
    found = shown[mistake.at : mistake.until] or gettext(_("the end"))
    if len(found) > SHOWN_CHARACTERS_MAX:
        found = found[: SHOWN_CHARACTERS_MAX - 1] + "…"
    expected = gettext(mistake.expected) if mistake.expected else ""
    words = {"found": found, "expected": expected, **mistake.facts}
    # the texts are translated sentence by sentence; what they quote from the question is filled in afterwards
    said = gettext(mistake.text).format(**words)
    message = gettext(_("Character {position}: {text}")).format(position=mistake.at + 1, text=said)
    facts = {"question": shown, "position": mistake.at + 1, "length": mistake.until - mistake.at, **words}
    return Invalid(f"question.{mistake.reason}", message, facts, gettext(mistake.remedy).format(**words))


def caret(question: str, position: int, length: int = 1) -> str:
    """Two lines: the question's line around character `position` (1 to len + 1), and carets under the place."""
    at = max(0, min(position - 1, len(question)))
    start = question.rfind("\n", 0, at) + 1
    end = question.find("\n", at)
    end = len(question) if end < 0 else end
    start = max(start, at - CARET_COLUMNS_MAX // 2)
    end = min(end, start + CARET_COLUMNS_MAX)
    line = "".join(character if character.isprintable() else " " for character in question[start:end])
    columns = [1 + (unicodedata.east_asian_width(character) in "WF") for character in line]
    length = max(1, min(length, end - at))
    return line + "\n" + " " * sum(columns[: at - start]) + "^" * max(1, sum(columns[at - start : at - start + length]))
