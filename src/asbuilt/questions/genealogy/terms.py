"""The terms of the question language: their names, what they ask, which values they take, whether a table answers them.

One rule a term, in the order of the design (section 6). Completion, the error for an unknown term and the read-back all
speak from this list; a term that is not here does not exist. It refuses nothing itself: the parser does.

Texts are marked with `gettext_noop` and translated where they are shown.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

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
    answerable: bool = True

    @property
    def written(self) -> str:
        """As it begins in a question: `lot:`, `reworked`."""
        return self.name if self.kind == WORD else self.name + ":"


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
    TermRule("reading", READINGS, _("Units whose pass had such a reading."), _("had a reading {value}")),
    TermRule("paste", CODES, _("Units printed with this paste lot."), _("were made with paste {value}"), "", False),
    TermRule("stencil", CODES, _("Units printed with this stencil."), _("were made with stencil {value}"), "", False),
    TermRule("tool", CODES, _("Units made with this tool."), _("were made with tool {value}"), "", False),
    TermRule("station", CODES, _("Units handled at this station."), _("were handled at station {value}")),
    TermRule("operator", CODES, _("Units handled by this operator."), _("were handled by operator {value}")),
    TermRule("alarm", CODES, _("Units that raised this alarm."), _("raised alarm {value}"), "", False),
    TermRule(
        "test",
        OUTCOMES,
        _("Units whose last test run of a plan ended so."),
        _("have the last test result {value}"),
        _("ever had the test result {value}"),
    ),
    TermRule("defect", CODES, _("Units with this defect code."), _("have defect {value}"), "", False),
    TermRule("reworked", WORD, _("Units that were reworked."), _("were reworked")),
    TermRule("held", WORD, _("Units on hold."), _("are on hold"), "", False),
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
        "",
        False,
    ),
    TermRule("cve", CODES, _("Units exposed to this vulnerability."), _("are exposed to {value}"), "", False),
    TermRule("ever", SCOPE, _("Counts what was true at any time: replaced parts, earlier firmware."), ""),
    TermRule("inside", SCOPE, _("Units inside such units, at any depth."), _("are inside units that {clause}")),
    TermRule("contains", SCOPE, _("Units that contain such units, at any depth."), _("contain units that {clause}")),
)

TERMS: dict[str, TermRule] = {rule.name: rule for rule in _RULES}


def nearest(name: str, known=None) -> list[str]:
    """The words nearest to a mistyped one, best first, at most two: of the terms, as they are written, or of `known`."""
    # loaded only when somebody mistypes: the command line counts milliseconds
    from difflib import get_close_matches

    words = list(TERMS) if known is None else list(known)
    found = get_close_matches(name.casefold(), words, NEAREST_MAX, NEAREST_RATIO_MIN)
    return [TERMS[word].written for word in found] if known is None else found


class Completion(NamedTuple):
    """At the cursor stands a "term" or a "value" of `term`; `prefix` is typed before it, [start, end) is to be replaced."""

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
            or (text[at].isspace() and not (depth and name == "passed"))
            or (text[at] == ")" and not depth)
        ):
            return None, at
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 2 if text.startswith("..", at) and cursor >= at + 2 else 1


def unescape(quoted: str) -> str:
    """The text between double quotes without its escapes: a backslash before a quote or a backslash."""
    return re.sub(r'\\(["\\])', r"\1", quoted)
