"""The terms of the question language: what each asks, how it is written, and how terms are found in a line of text.

One rule a term, in the order of the design (section 6). Completion, the error for an unknown term and the read-back all
speak from this list; a term that is not here does not exist. `Scanner` cuts a question into the tokens of grammar.lark,
`complete_at` says what is being typed. A value runs to the next blank or unmatched `)`; commas, `..` and the signs that
its kind of value knows cut it; in double quotes nothing does.

The scanner refuses, with the character: unknown terms, missing values, open quotes and brackets, control characters,
more than the limits allow.

Texts are marked with `gettext_noop` and translated where they are shown.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from lark import Token

# how the value of a term is written; each is a terminal of grammar.lark
WORD = "WORD"  # stands alone: reworked
CODES = "CODES"  # lot:A,B,"C 1"
STRETCHES = "STRETCHES"  # unit:SN1..SN2
ORDERED = "ORDERED"  # datecode:2327..2330, datecode:>=2327
RELEASES = "RELEASES"  # firmware:boot/1.0, firmware:<2.3.2
WINDOWS = "WINDOWS"  # placed:2027-12-11..
OUTCOMES = "OUTCOMES"  # test:failed, test:PLAN=pass
PASSES = "PASSES"  # passed:REFLOW(program=P7 side=top)@2027-03-15..
READINGS = "READINGS"  # reading:REFLOW.zone5>260
COMPONENTS = "COMPONENTS"  # component:mbedtls<2.28.8
SCOPE = "SCOPE"  # ever:(…)

EXAMPLES = {
    WORD: "reworked",
    CODES: 'lot:A,B,"C 1"',
    STRETCHES: "order:WO#1..WO#40",
    ORDERED: "datecode:2327..2330",
    RELEASES: "firmware:<2.3.2",
    WINDOWS: "placed:2027-12-11..",
    OUTCOMES: "test:ICT=pass",
    PASSES: "passed:REFLOW(program=P7 side=top)@2027-03-15..2027-03-17",
    READINGS: "reading:REFLOW.zone5>260",
    COMPONENTS: "component:mbedtls<2.28.8",
    SCOPE: "ever:(lot:A)",
}

# how each term is written, where the example of its kind would speak of another term
EXAMPLE_OF = {
    "package": "package:PK-004001",
    "part": "part:ATECC608B-SSHDA-T",
    "maker": "maker:Murata",
    "supplier": 'supplier:"Part House"',
    "feeder": "feeder:P1/12",
    "at": "(lot:A at:C12)",
    "product": "product:EG-200",
    "revision": "revision:B",
    "bom": "bom:3",
    "panel": "panel:P-000017",
    "unit": "unit:SN1..SN2",
    "image": "image:SHA256",
    "tested": "tested:ICT-1(outcome=fail)@2027-03-15..2027-03-17",
    "station": "station:PROG-3",
    "operator": "operator:045",
    "scrapped": "scrapped",
    "in": "in:stock,shipped",
    "customer": 'customer:"Distributor X"',
    "owner": 'owner:"Brand House"',
    "country": "country:DE",
    "shipment": "shipment:S-0311",
    "cve": "cve:CVE-2024-23170",
    "inside": "inside:(lot:A)",
    "contains": "contains:(lot:A)",
}

STATES = ("planned", "production", "outside", "stock", "shipped", "returned", "scrapped")
OUTCOME_WORDS = ("pass", "fail", "error", "aborted")
FAILED = "failed"

NEAREST_MAX = 2
NEAREST_RATIO_MIN = 0.5


def gettext_noop(text: str) -> str:
    """Mark a text for the translators and leave it as it is."""
    return text


_ = gettext_noop


@dataclass(frozen=True)
class TermRule:
    """One term: `name` as typed, `meaning` for completion, `kind` of value, `now` and `ever` for the read-back."""

    name: str
    kind: str
    meaning: str
    now: str
    ever: str = ""

    @property
    def written(self) -> str:
        """As it begins in a question: `lot:`, `reworked`."""
        return self.name if self.kind == WORD else self.name + ":"

    @property
    def example(self) -> str:
        """The term with a value, as it stands in a question."""
        return EXAMPLE_OF.get(self.name, EXAMPLES[self.kind])


_RULES = (
    TermRule(
        "lot", CODES, _("Units that carry this lot now."), _("carry lot {value} now"), _("ever carried lot {value}")
    ),
    TermRule(
        "package",
        CODES,
        _("Units that carry parts of this package now."),
        _("carry package {value} now"),
        _("ever carried package {value}"),
    ),
    TermRule(
        "part",
        CODES,
        _("Units that carry this part, by own number or MPN, now."),
        _("carry part {value} now"),
        _("ever carried part {value}"),
    ),
    TermRule(
        "maker",
        CODES,
        _("Units that carry parts of this maker now."),
        _("carry parts made by {value} now"),
        _("ever carried parts made by {value}"),
    ),
    TermRule(
        "supplier",
        CODES,
        _("Units that carry parts from this supplier now."),
        _("carry parts from {value} now"),
        _("ever carried parts from {value}"),
    ),
    TermRule(
        "datecode",
        ORDERED,
        _("Units that carry parts with this date code now."),
        _("carry parts of date code {value} now"),
        _("ever carried parts of date code {value}"),
    ),
    TermRule(
        "feeder",
        CODES,
        _("Units that carry what came through this feeder, as FEEDER or MACHINE/FEEDER."),
        _("carry what came through feeder {value}"),
        _("ever carried what came through feeder {value}"),
    ),
    TermRule(
        "at", CODES, _("Narrows the bracket to these positions."), _("have it at {value}"), _("had it at {value}")
    ),
    TermRule("order", STRETCHES, _("Units of this work order."), _("are of order {value}")),
    TermRule("product", CODES, _("Units of this product."), _("are of product {value}")),
    TermRule("revision", CODES, _("Units of this hardware revision."), _("are of hardware revision {value}")),
    TermRule("bom", CODES, _("Units built to this BOM version."), _("are built to BOM version {value}")),
    TermRule("panel", CODES, _("Units of this panel."), _("are of panel {value}")),
    TermRule("unit", STRETCHES, _("These units, by any of their names."), _("are named {value}")),
    TermRule(
        "firmware",
        RELEASES,
        _("Units that run this firmware now."),
        _("run firmware {value} now"),
        _("ever ran firmware {value}"),
    ),
    TermRule(
        "image",
        CODES,
        _("Units that run the image with this SHA-256 now."),
        _("run image {value} now"),
        _("ever ran image {value}"),
    ),
    TermRule("passed", PASSES, _("Units that went through this step or machine."), _("went through {value}")),
    TermRule("tested", PASSES, _("Units tested at this station or by this plan."), _("were tested at {value}")),
    TermRule("reading", READINGS, _("Units whose pass had such a reading."), _("had a reading {value}")),
    TermRule("paste", CODES, _("Units printed with this paste lot."), _("were made with paste {value}")),
    TermRule("stencil", CODES, _("Units printed with this stencil."), _("were made with stencil {value}")),
    TermRule("tool", CODES, _("Units made with this tool."), _("were made with tool {value}")),
    TermRule("station", CODES, _("Units handled at this station."), _("were handled at station {value}")),
    TermRule("operator", CODES, _("Units handled by this operator."), _("were handled by operator {value}")),
    TermRule("alarm", CODES, _("Units of a run that raised this alarm."), _("raised alarm {value}")),
    TermRule(
        "test",
        OUTCOMES,
        _("Units whose last test run of a plan ended so."),
        _("have the last test result {value}"),
        _("ever had the test result {value}"),
    ),
    TermRule(
        "defect",
        CODES,
        _("Units on which the last run of a plan found this defect."),
        _("have defect {value}"),
        _("ever had defect {value}"),
    ),
    TermRule("reworked", WORD, _("Units that were reworked."), _("were reworked")),
    TermRule("held", WORD, _("Units on hold."), _("are on hold")),
    TermRule("scrapped", WORD, _("Units that were scrapped."), _("were scrapped")),
    TermRule("in", CODES, _("Units in this state: planned, production, stock, shipped …"), _("are in state {value}")),
    TermRule("customer", CODES, _("Units this customer received."), _("went to customer {value}")),
    TermRule("owner", CODES, _("Units this brand owner ordered."), _("were ordered by {value}")),
    TermRule("country", CODES, _("Units shipped to this country."), _("are in country {value}")),
    TermRule("shipment", CODES, _("Units of this shipment."), _("went out with shipment {value}")),
    TermRule("placed", WINDOWS, _("Units placed on the market then."), _("were placed on the market {value}")),
    TermRule(
        "component",
        COMPONENTS,
        _("Units that run firmware with this component."),
        _("run firmware with component {value}"),
        _("ever ran firmware with component {value}"),
    ),
    TermRule(
        "cve",
        CODES,
        _("Units exposed to this vulnerability."),
        _("are exposed to {value}"),
        _("ever were exposed to {value}"),
    ),
    TermRule("ever", SCOPE, _("Counts what was true at any time: replaced parts, earlier firmware."), ""),
    TermRule("inside", SCOPE, _("Units inside such units, at any depth."), _("are inside units that {clause}")),
    TermRule("contains", SCOPE, _("Units that contain such units, at any depth."), _("contain units that {clause}")),
)

TERMS: dict[str, TermRule] = {rule.name: rule for rule in _RULES}


def nearest(name: str, known=None) -> list[str]:
    """The words nearest to a mistyped one, best first, at most two: of the terms as they are written, or of `known`."""
    # loaded only when somebody mistypes: the command line counts milliseconds
    from difflib import get_close_matches

    words = list(TERMS) if known is None else list(known)
    found = get_close_matches(name.casefold(), words, NEAREST_MAX, NEAREST_RATIO_MIN)
    return [TERMS[word].written for word in found] if known is None else found


class Completion(NamedTuple):
    """At the cursor stands a "term" or a "value" of `term`; `prefix` is typed before it, [start, end) gives way."""

    kind: str
    term: str | None
    prefix: str
    start: int
    end: int


_NAME = re.compile(r'[^\s:()"]*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"?', re.DOTALL)
_BARE = re.compile(r'(?:(?!\.\.)[^\s()",@=])*')
_SIGN = re.compile(r"<=|>=|<|>")


def complete_at(text: str, cursor: int) -> Completion:
    """What is being typed at `cursor` (0 to len(text)), also in a question that is not yet well formed."""
    cursor = max(0, min(cursor, len(text)))
    at = 0
    while at < cursor:
        if text[at].isspace() or text[at] in '()"-:':
            at += 1
            continue
        end = _NAME.match(text, at).end()
        if end >= cursor:
            return Completion("term", None, text[at:cursor], at, end)
        if text[end] != ":":
            at = end
            continue
        name = text[at:end]
        at = end + 1
        if name in TERMS and TERMS[name].kind == SCOPE:
            continue
        found, at = _complete_value(text, at, cursor, name)
        if found:
            return found
    return Completion("term", None, "", cursor, cursor)


def _complete_value(text: str, at: int, cursor: int, name: str) -> tuple[Completion | None, int]:
    """The completion where the cursor stands in this term's values, else None and where the values end."""
    depth = 0
    while True:
        sign = _SIGN.match(text, at)
        start = sign.end() if sign and sign.end() <= cursor else at
        quoted = _QUOTED.match(text, start)
        end = (quoted or _BARE.match(text, start)).end()
        if cursor <= end:
            prefix = text[start:cursor]
            if quoted:
                prefix = unescape(prefix.removeprefix('"').removesuffix('"'))
            return Completion("value", name, prefix, start, end), end
        at = end
        if (
            at >= len(text)
            or (text[at].isspace() and not (depth and name in ("passed", "tested")))
            or (text[at] == ")" and not depth)
        ):
            return None, at
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 2 if text.startswith("..", at) and cursor >= at + 2 else 1


def unescape(quoted: str) -> str:
    """The text between double quotes without its escapes: a backslash before a quote or a backslash."""
    return re.sub(r'\\(["\\])', r"\1", quoted)


@dataclass(frozen=True)
class Limits:
    """The largest question that is read: characters, nested brackets and negations, terms, values of one term."""

    characters: int = 10_000
    depth: int = 100
    terms: int = 500
    values: int = 1_000


class Mistake(Exception):
    """Inside the parser: what is wrong at characters [at, until) (from 0); `parse` makes an `Invalid` of it.

    `text` and `remedy` are marked texts with {found}, {expected} and what else `facts` holds.
    """

    def __init__(self, reason: str, at: int, until: int, text: str, remedy: str, expected: str = "", **facts):
        super().__init__(reason)
        self.reason, self.at, self.until, self.text, self.remedy = reason, at, until, text, remedy
        self.expected, self.facts = expected, facts


_CONDITION = "CONDITION"  # one condition of passed:R(…)
_COMPARES = (_CONDITION, COMPONENTS, READINGS)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_HEAD = re.compile(r"""("(?:[^"\\]|\\.)*"|[^\s()",<>=]+)\.("(?:[^"\\]|\\.)*"|[^\s()",<>=.]+)(?=[<>=])""", re.DOTALL)
_ROLE = re.compile(r"""((?:(?!\.\.)[^\s()",/<>])+)/""")
_TYPES = {",": "_COMMA", "..": "RANGE", "=": "_EQUALS", "@": "_AT", "(": "_OPENS"}
_TYPES |= dict.fromkeys(("<", "<=", ">", ">="), "SIGN")
_COMPLETE = ("TEXT", "RANGE", "_CLOSES")


@cache
def _patterns(kind: str) -> tuple[re.Pattern, re.Pattern]:
    """The marks where a value may begin; what ends a bare one: a mark, or (no such group) a bracket, blank or quote."""
    marks = r",|\.\."
    if kind in _COMPARES:
        marks += "|<=|>=|<|>|="
    elif kind == OUTCOMES:
        marks += "|="
    elif kind == PASSES:
        marks += r"|@|\("
    return re.compile(f"(?P<mark>{marks}|<=|>=|<|>)"), re.compile(rf"""(?P<mark>{marks})|[\s()"]""")


class Scanner:
    """One question, cut into tokens of grammar.lark; `tokens()` once."""

    def __init__(self, text: str, limits: Limits):
        self.text, self.limits = text, limits
        self.found: list[Token] = []
        self.at = 0
        self.matched = 0  # parentheses open inside the current value
        self.open: list[tuple[int, int]] = []  # brackets: where, and how many levels with the negations before it
        self.levels = 0
        self.negations = 0
        self.terms = 0

    def tokens(self) -> list[Token]:
        """All tokens; a `Mistake` at the first thing that is none. One pass: time grows with the length only."""
        if forbidden := _FORBIDDEN.search(self.text):
            raise Mistake("character", *forbidden.span(), _("this is a control character."), _("Take it out."))
        while self._skip_blanks():
            character = self.text[self.at]
            if character == "(":
                self._open()
            elif character == ")":
                self._close()
            elif character == "-":
                self._negate(1)
            else:
                self._name()
        if self.open:
            raise self._unclosed(self.open[-1][0])
        return self.found

    def _skip_blanks(self) -> bool:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.at < len(self.text)

    def _emit(self, kind: str, start: int, until: int, text: str | None = None) -> None:
        value = self.text[start:until] if text is None else text
        self.found.append(Token(kind, value, start_pos=start, end_pos=until))
        self.at = until

    def _deeper(self, levels: int) -> None:
        if self.levels + levels > self.limits.depth:
            text = _("the question is nested deeper than {limit} levels.")
            remedy = _("Take brackets out, or ask in two questions.")
            raise Mistake("too_deep", self.at, self.at + 1, text, remedy, limit=self.limits.depth)

    def _negate(self, length: int) -> None:
        self.negations += 1
        self._deeper(self.negations)
        self._emit("_NOT", self.at, self.at + length)

    def _open(self, kind: str = "_OPEN", start: int | None = None, text: str | None = None) -> None:
        levels = self.negations + 1
        self._deeper(levels)
        self.open.append((self.at, levels))
        self.levels += levels
        self.negations = 0
        self._emit(kind, self.at if start is None else start, self.at + 1, text)

    def _close(self) -> None:
        if not self.open:
            text = _("there is no open bracket for this one.")
            raise Mistake("bracket", self.at, self.at + 1, text, _("Take it out, or open a bracket before it."))
        self.levels -= self.open.pop()[1]
        self.negations = 0
        self._emit("_CLOSE", self.at, self.at + 1)

    def _unclosed(self, at: int) -> Mistake:
        text = _("this bracket is never closed.")
        return Mistake("bracket", at, at + 1, text, _("Add a closing bracket, or take this one out."), ")")

    def _name(self) -> None:
        start, until = _NAME.match(self.text, self.at).span()
        name = self.text[start:until]
        followed = self.text[until : until + 1]
        if name == "or" and followed != ":":
            self._emit("_OR", start, until)
        elif name == "not" and followed != ":":
            self._negate(3)
            return
        elif not name:
            text = _("found {found}, expected {expected}.")
            remedy = _("Begin with the name of a term: {example}")
            raise Mistake("syntax", start, start + 1, text, remedy, _("a term"), example=EXAMPLES[CODES])
        else:
            self._term(name, start, until, followed == ":")
        self.negations = 0

    def _term(self, name: str, start: int, until: int, with_value: bool) -> None:
        rule = TERMS.get(name)
        if rule is None:
            raise _unknown(name, start, until, with_value)
        self.terms += 1
        if self.terms > self.limits.terms:
            text = _("the question has more than {limit} terms.")
            remedy = _("Write several values in one term, as in {example}, or ask in two questions.")
            raise Mistake(
                "too_many_terms", start, until, text, remedy, limit=self.limits.terms, example=EXAMPLES[CODES]
            )
        if rule.kind == WORD:
            if with_value:
                text = _("{found} stands alone and takes no value.")
                raise Mistake("value", start, until, text, _("Write {example}."), example=name)
            self._emit(WORD, start, until)
        elif not with_value:
            raise self._value_missing(name, start, until)
        elif rule.kind == SCOPE:
            self.at = until + 1
            if not self._skip_blanks() or self.text[self.at] != "(":
                raise self._value_missing(name, self.at, self.at + 1)
            self._open(SCOPE, start, name)
        else:
            self._emit(rule.kind, start, until + 1, name)
            token = self.found[-1]
            if rule.kind == READINGS:
                self._head(name)
            self._values(rule.kind, name)
            token.end_pos = self.at

    def _value_missing(self, name: str, at: int, until: int) -> Mistake:
        text, remedy = _("{term} needs a value here."), _("Write it as in {example}")
        rule = TERMS[name]
        said = {"term": rule.written, "example": rule.example}
        return Mistake("value_missing", at, until, text, remedy, _("a value"), **said)

    def _values(self, kind: str, name: str) -> None:
        """Values of one term (or condition) up to a blank or unmatched bracket, with the marks between them."""
        begin, end = _patterns(kind)
        self.matched = 0
        commas, fresh = 0, kind != READINGS
        while self.at < len(self.text):
            character = self.text[self.at]
            if character.isspace() or (character == ")" and not self.matched):
                break
            if character == '"':
                self._quoted()
                fresh = False
            elif kind == RELEASES and fresh and (role := _ROLE.match(self.text, self.at)):
                self._emit("ROLE", self.at, role.end(), role[1])
            elif (mark := (begin if fresh else end).match(self.text, self.at)) and mark["mark"]:
                self._emit(_TYPES[mark[0]], *mark.span())
                commas, fresh = commas + (mark[0] == ","), True
                if mark[0] == "(":
                    self._conditions(name)
                    fresh = False
            else:
                self._bare(end)
                fresh = False
            if commas >= self.limits.values:
                raise self._too_many(name)
        if self.found[-1].type not in _COMPLETE:
            raise self._value_missing(name, self.at, self.at + 1)

    def _too_many(self, name: str) -> Mistake:
        text = _("{term} has more than {limit} values.")
        remedy = _("Ask in several questions, or for a range.")
        facts = {"term": TERMS[name].written, "limit": self.limits.values}
        return Mistake("too_many_values", self.at, self.at + 1, text, remedy, **facts)

    def _bare(self, end: re.Pattern) -> None:
        start = self.at
        for stop in end.finditer(self.text, start):
            if stop["mark"] is None and stop[0] == "(":
                self.matched += 1
            elif stop[0] == ")" and self.matched:
                self.matched -= 1
            else:
                until = stop.start()
                break
        else:
            until = len(self.text)
        self._emit("TEXT", start, until)

    def _quoted(self, kind: str = "TEXT") -> None:
        quoted = _QUOTED.match(self.text, self.at)
        if len(quoted[0]) < 2 or quoted.end(1) == quoted.end():
            text, remedy = _("this quote is never closed."), _("Add a double quote after the value.")
            raise Mistake("quote", self.at, self.at + 1, text, remedy, '"')
        if not quoted[1]:
            raise Mistake("value_missing", *quoted.span(), _("there is nothing in these quotes."), _("Write a value."))
        self._emit(kind, *quoted.span(), unescape(quoted[1]))

    def _head(self, name: str) -> None:
        """STEP.READING before the sign; the last dot outside quotes divides them."""
        head = _HEAD.match(self.text, self.at)
        if head is None:
            raise self._value_missing(name, self.at, self.at + 1)
        for part in (1, 2):
            if head[part].startswith('"'):
                self._quoted()
            else:
                self._emit("TEXT", *head.span(part))
            if part == 1:
                self._emit("_DOT", self.at, self.at + 1)

    def _conditions(self, name: str) -> None:
        bracket, count = self.at - 1, 0
        while self._skip_blanks() and self.text[self.at] != ")":
            if count:
                # without it the open end of `a=1.. b=2` would take b for its high end
                self._emit("_NEXT", self.at, self.at)
            self._values(_CONDITION, name)
            count += 1
            if count > self.limits.values:
                raise self._too_many(name)
        if self.at >= len(self.text):
            raise self._unclosed(bracket)
        self._emit("_CLOSES", self.at, self.at + 1)


def _unknown(name: str, start: int, until: int, with_value: bool) -> Mistake:
    if name.casefold() == "and":
        text = _("there is no word {found}: terms side by side must all hold.")
        return Mistake("unknown_term", start, until, text, _("Leave {found} out."), nearest=[])
    if name == "OR":
        return Mistake("unknown_term", start, until, _("or is written in small letters."), _("Write or."), nearest=[])
    near = nearest(name)
    text = _("there is no term {found}.") if with_value else _("there is no word {found}.")
    if len(near) == 2:
        text, remedy = text + " " + _("Did you mean {first} or {second}?"), _("Write {first} or {second} in its place.")
        return Mistake("unknown_term", start, until, text, remedy, nearest=near, first=near[0], second=near[1])
    if near:
        text, remedy = text + " " + _("Did you mean {first}?"), _("Write {first} in its place.")
        return Mistake("unknown_term", start, until, text, remedy, nearest=near, first=near[0])
    remedy = _("Begin with the name of a term: {example}")
    return Mistake("unknown_term", start, until, text, remedy, nearest=[], example="unit:SN1, lot:A, order:WO")
