"""Questions as text: written again as they are asked, and said back in plain words, so that a person sees what was understood."""

import re
from collections.abc import Callable
from datetime import datetime

from asbuilt.questions.genealogy.words import terms
from asbuilt.questions.genealogy.words.language import (
    And,
    Bracket,
    Comparison,
    Component,
    Condition,
    Contains,
    Ever,
    Inside,
    Match,
    Moment,
    Not,
    Or,
    Outcome,
    Pass,
    Question,
    Range,
    Reading,
    Release,
    Term,
    Value,
    Window,
    same,
)
from asbuilt.questions.genealogy.words.terms import TERMS

SAID_VALUES_MAX = 5

_ = terms.gettext_noop


_BARE = re.compile(r"""(?![.<>])(?!.*\.\.)[^\s"()\\,<>=@]+(?<!\.)""")


def _written(part, also: str = "") -> str:
    """A value, range, comparison, release, window … as it stands in a question; `also` must be quoted too."""
    match part:
        case Value(text):
            if _BARE.fullmatch(text) and not any(character in text for character in also):
                return text
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case Range(low, high):
            return (_written(low, also) if low else "") + ".." + (_written(high, also) if high else "")
        case Comparison(sign, value):
            return sign + _written(value, also)
        case Release(role, match):
            return (f"{role}/" if role else "") + _written(match, "/")
        case Window(low, high, after, before):
            if after or before:
                return f">{low.text}" if after else f"<{high.text}"
            return low.text if low and low == high else f"{low.text if low else ''}..{high.text if high else ''}"
        case Condition(name, matches):
            return _written(name, also) + _tail(matches)
        case Pass(steps, conditions, window):
            held = "(" + " ".join([_written(condition) for condition in conditions]) + ")" if conditions else ""
            return ",".join([_written(step) for step in steps]) + held + (f"@{_written(window)}" if window else "")
        case Reading(step, condition):
            return _written(step, ".") + "." + _written(condition, ".")
        case Outcome(plan, outcome):
            return f"{_written(plan)}={outcome}" if plan else outcome
        case Component(name, matches):
            return _written(name) + (_tail(matches) if matches else "")
    raise TypeError(f"no part of a question: {part!r}")


def written(match: Match) -> str:
    """A value, range or comparison as it stands in a question."""
    return _written(match)


def quoted(text: str) -> str:
    """A code as a question writes it: bare where that is read back as the same, else in quotes."""
    if _BARE.fullmatch(text) and text.lower() not in ("or", "not", "and"):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tail(matches: tuple) -> str:
    """The conditions of one reading: its sign is written where it compares, `=` before all else."""
    return ("" if isinstance(matches[0], Comparison) else "=") + ",".join([_written(match) for match in matches])


def unparse(question: Question) -> str:
    """The question as text: `parse(unparse(tree)) == tree` for every tree that `parse` gives."""
    match question:
        case Term(name, ()):
            return name
        case Term(name, values):
            return f"{name}:" + ",".join([_written(value) for value in values])
        case And(parts) | Or(parts):
            texts = []
            for part in parts:
                loose = isinstance(part, Or) or type(part) is type(question)
                texts.append(f"({unparse(part)})" if loose else unparse(part))
            return (" " if isinstance(question, And) else " or ").join(texts)
        case Not(part):
            return f"-({unparse(part)})" if isinstance(part, And | Or) else "-" + unparse(part)
        case Bracket(part):
            return f"({unparse(part)})"
        case Ever(part) | Inside(part) | Contains(part):
            return f"{type(question).__name__.lower()}:({unparse(part)})"
    raise TypeError(f"no part of a question: {question!r}")


_MONTHS = (
    *(_("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun")),
    *(_("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec")),
)


class _Words:
    """Says parts of a question in plain words, in the language of `gettext`."""

    def __init__(self, gettext: Callable[[str], str]):
        self.gettext = gettext

    def fill(self, text: str, **words: str) -> str:
        return self.gettext(text).format(**words)

    def any_of(self, parts: list[str]) -> str:
        if len(parts) > SAID_VALUES_MAX + 1:
            more = self.fill(_("{count} more"), count=str(len(parts) - SAID_VALUES_MAX))
            parts = [*parts[:SAID_VALUES_MAX], more]
        return self.joined(parts, _("{first} or {last}"))

    def joined(self, parts: list[str], last: str) -> str:
        return self.fill(last, first=", ".join(parts[:-1]), last=parts[-1]) if len(parts) > 1 else parts[0]

    def moment(self, moment: Moment) -> str:
        when = moment.when
        day = f"{when.day} {self.gettext(_MONTHS[when.month - 1])} {when.year}"
        return day + ", " + moment.text.partition("T")[2] if isinstance(when, datetime) else day

    def value(self, part) -> str:
        """One value of a term."""
        match part:
            case Value(text):
                return text
            case Range(low, high):
                return self.span(low and low.text, high and high.text)
            case Comparison(sign, value):
                words = {"<": _("before {x}"), "<=": _("up to {x}"), ">": _("after {x}"), ">=": _("from {x} on")}
                return self.fill(words[sign], x=value.text)
            case Release(role, match):
                return f"{role} {self.value(match)}" if role else self.value(match)
            case Window(low, high, after, before):
                if after or before:
                    return self.fill(_("after {x}") if after else _("before {x}"), x=self.moment(low or high))
                if low and low == high:
                    return self.fill(_("on {x}"), x=self.moment(low))
                return self.span(low and self.moment(low), high and self.moment(high), _("from {low} to {high}"))
            case Condition(name, matches):
                return self.condition(name.text, matches)
            case Pass(steps, conditions, window):
                return self.passing(steps, conditions, window)
            case Reading(step, condition):
                return self.fill(_("{reading} at {step}"), reading=self.value(condition), step=step.text)
            case Outcome(plan, outcome):
                return self.fill(_("{outcome} in {plan}"), outcome=outcome, plan=plan.text) if plan else outcome
            case Component(name, matches):
                return self.condition(name.text, matches) if matches else name.text
        raise TypeError(f"no part of a question: {part!r}")

    def condition(self, name: str, matches: tuple) -> str:
        if isinstance(matches[0], Comparison):
            return f"{name} {matches[0].sign} {matches[0].value.text}"
        return f"{name} {self.any_of([self.value(match) for match in matches])}"

    def passing(self, steps: tuple, conditions: tuple, window: Window | None) -> str:
        said = self.any_of([step.text for step in steps])
        if conditions:
            held = self.joined([self.value(condition) for condition in conditions], _("{first} and {last}"))
            said = self.fill(_("{step} with {conditions}"), step=said, conditions=held)
        return f"{said} {self.value(window)}" if window else said

    def span(self, low: str | None, high: str | None, both: str = _("{low} to {high}")) -> str:
        if low and high:
            return self.fill(both, low=low, high=high)
        return self.fill(_("from {x} on"), x=low) if low else self.fill(_("up to {x}"), x=high)

    def clause(self, question: Question, ever: bool = False) -> str:
        """What follows "Units that …"."""
        match question:
            case Term(name, values):
                rule = TERMS[name]
                text = rule.ever if ever and rule.ever else rule.now
                return self.fill(text, value=self.any_of([self.value(value) for value in values]) if values else "")
            case And(parts):
                positive = [self.clause(part, ever) for part in parts if not isinstance(part, Not)]
                negative = [self.clause(part.part, ever) for part in parts if isinstance(part, Not)]
                if not negative:
                    return self.joined(positive, _("{first} and {last}"))
                none = self.joined(negative, _("{first} nor those that {last}"))
                if not positive:
                    return self.fill(_("are not among those that {clause}"), clause=none)
                held = self.joined(positive, _("{first} and {last}"))
                return self.fill(_("{held}, but not those that {clause}"), held=held, clause=none)
            case Or(parts):
                said = [self.clause(Bracket(part) if isinstance(part, And) else part, ever) for part in parts]
                return self.joined(said, _("{first} or {last}"))
            case Not(part):
                return self.fill(_("are not among those that {clause}"), clause=self.clause(part, ever))
            case Bracket(part):
                return f"({self.clause(part, ever)})"
            case Ever(part):
                said = self.clause(part, True)
                return said if isinstance(part, Term) else f"({said})"
            case Inside(part) | Contains(part):
                rule = TERMS[type(question).__name__.lower()]
                return self.fill(rule.now, clause=self.clause(part, ever))
        raise TypeError(f"no part of a question: {question!r}")


def readback(question: Question, gettext: Callable[[str], str] = same) -> str:
    """The question in plain words: "Units of EG-200 that run firmware 2.3.1 now."

    `gettext` translates the marked texts; codes and values stand as they were typed.
    """
    words = _Words(gettext)
    while isinstance(question, Bracket):
        question = question.part
    parts = question.parts if isinstance(question, And) else (question,)
    products = [part for part in parts if isinstance(part, Term) and part.name == "product"]
    if len(products) != 1:
        return words.fill(_("Units that {clause}."), clause=words.clause(question))
    product = words.any_of([value.text for value in products[0].values])
    rest = tuple(part for part in parts if part is not products[0])
    if not rest:
        return words.fill(_("Units of {product}."), product=product)
    clause = words.clause(And(rest) if len(rest) > 1 else rest[0])
    return words.fill(_("Units of {product} that {clause}."), product=product, clause=clause)
