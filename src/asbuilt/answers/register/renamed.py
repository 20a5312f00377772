"""What a hold asks when a name in its question was corrected: it follows what was called so.

lot:2EKR1  ->  lot:2EKRI            the last package of 2EKR1 is of 2EKRI: nothing is called 2EKR1 any more
lot:2EKR1  ->  lot:2EKR1,2EKRI      one of several, and nothing else is called 2EKRI: the hold stands on both
lot:2EKR1                           one of several turns out to be of a lot that is known besides: it was never of this one
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from asbuilt.access.actor import local_system
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.names_gone import is_known
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Outcome, Pass, Range, Reading, Release, Term, Value
from asbuilt.questions.genealogy.words.saying import unparse

MARKS = ("#", "/")
"""What parts a code from the place in it: WO-1#3, PANEL/2, MACHINE/FEEDER."""


class Followed:
    """Which names of these questions were known before the correction; `now` asks again."""

    def __init__(self, tenant: int, changed: Mapping[str, str], questions: Sequence[str]):
        self.tenant, self.changed = tenant, changed
        self.trees = {text: language.parse(text) for text in questions}
        view = View(local_system(tenant))
        self.before = {
            (term, new): _known(view, term, new)
            for tree in self.trees.values()
            for term in _terms(tree)
            for value in term.values
            for new in (value, *self._called(value))
        }

    def now(self) -> dict[str, str]:
        """Question -> what it asks since, where that is another."""
        view = View(local_system(self.tenant))
        anew = {text: unparse(self._renamed(view, tree)) for text, tree in self.trees.items()}
        return {text: new for text, new in anew.items() if new != unparse(self.trees[text])}

    def _renamed(self, view: View, node):
        if not isinstance(node, Term):
            if parts := getattr(node, "parts", None):
                return replace(node, parts=tuple(self._renamed(view, part) for part in parts))
            return replace(node, part=self._renamed(view, node.part))
        values = list(dict.fromkeys(one for value in node.values for one in self._values(view, node, value)))
        return replace(node, values=tuple(values))

    def _values(self, view: View, term: Term, value) -> Iterator:
        stands = _known(view, term, value)
        new = [one for one in self._called(value) if _known(view, term, one)]
        if stands and isinstance(value, Value | Release):  # others mean one thing by themselves
            yield from (value, *(one for one in new if not self.before[term, one]))
        elif stands or not self.before[term, value]:
            yield value
        else:
            yield from new or [value]

    def _called(self, value) -> list:
        """The value with a name in it called as it is called since; none where it does not speak of it."""
        return [new for old, called in self.changed.items() if (new := _with(value, old, called)) is not None]


def _with(value, old: str, new: str):
    match value:
        case Value(text):
            called = _text(text, old, new)
            return None if called is None else Value(called)
        case Range(low, high):
            ends = [end and (_with(end, old, new) or end) for end in (low, high)]
            return None if ends == [low, high] else Range(*ends)
        case Pass(steps, conditions, _):
            named = tuple(_with(step, old, new) or step for step in steps)
            asked = tuple(
                replace(one, matches=tuple(_with(match, old, new) or match for match in one.matches))
                for one in conditions
            )
            return None if (named, asked) == (steps, conditions) else replace(value, steps=named, conditions=asked)
        case Reading(step, _):
            called = _with(step, old, new)
            return None if called is None else replace(value, step=called)
        case Outcome(plan, _):
            called = plan and _with(plan, old, new)
            return None if called is None else replace(value, plan=called)
        case Release(_, match):
            called = _with(match, old, new)
            return None if called is None else replace(value, match=called)
    return None


def _text(text: str, old: str, new: str) -> str | None:
    if text.casefold() == old.casefold():
        return new
    for mark in MARKS:
        head, found, tail = text.rpartition(mark) if mark == "#" else text.partition(mark)
        if found and head.casefold() == old.casefold():
            return f"{new}{mark}{tail}"
        if found and mark == "/" and tail.casefold() == old.casefold():
            return f"{head}{mark}{new}"
    return None


def _known(view: View, term: Term, value) -> bool:
    try:
        return is_known(view, term, value, units_of)
    except AsbuiltError:  # it has no meaning by itself: it is left as it stands
        return True


def _terms(node) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    else:
        for part in getattr(node, "parts", None) or (node.part,):
            yield from _terms(part)
