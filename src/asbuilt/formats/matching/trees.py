"""Applicability trees as NVD defines them: AND, OR and negate over criteria, with three values.

A finding is about one subject. Its own criteria are yes, no or unsure; criteria of other products are surroundings (the
platform it runs on, a product beside it). Where nothing that is known to stand beside the subject is called so they are
unsure, never no: `busybox < 1.35 AND runs on X` is unsure for a busybox 1.34 until an SBOM or the hardware names X. What is named
decides: yes, or no where it is named and lies outside of what is asked for. A tree concerns the subject only where one of its
vulnerable criteria can make it hold, and of alternatives only those count that name it.
Source: NVD CVE API 2.0, configurations; Kleene's strong logic for the third value.
"""

from collections.abc import Callable, Container
from functools import lru_cache

from asbuilt.formats.versions.matches import Match, all_of, any_of, negated

DEPTH_MAX = 32

Leaf = Callable[[int], Match]


def holds(tree, leaf: Leaf, depth: int = 0) -> Match:
    """The value of the tree where `leaf` gives the value of a criterion by its place. A node without children is NO."""
    if depth > DEPTH_MAX:
        return Match.UNSURE
    values = [leaf(child) if isinstance(child, int) else holds(child, leaf, depth + 1) for child in tree.children]
    if not values:
        return Match.NO
    value = all_of(values) if tree.operator == "AND" else any_of(values)
    return negated(value) if tree.negate else value


def applies(
    tree, own: dict[int, Match], vulnerable: Callable[[int], bool], around: dict[int, Match] | None = None
) -> Match:
    """Whether the tree says that the subject is affected. `own` are the values of the criteria that name the subject, `around`
    those of criteria that name something known to stand beside it; whatever is in neither is unsure."""
    if not own or not _concerned(tree, own, vulnerable, False):
        return Match.NO
    known = {**around, **own} if around else own
    mine = {place for place in own if vulnerable(place)}
    return _of_subject(tree, lambda place: known.get(place, Match.UNSURE), mine, False, 0)


def _of_subject(tree, leaf: Leaf, mine: set[int], negating: bool, depth: int) -> Match:
    """The value as far as it speaks of the subject: where a branch of alternatives names it and may hold, the others speak of others."""
    if depth > DEPTH_MAX:
        return Match.UNSURE
    negating ^= tree.negate
    values, of_mine = [], []
    for child in tree.children:
        if isinstance(child, int):
            value, named = leaf(child), child in mine
        else:
            value, named = _of_subject(child, leaf, mine, negating, depth + 1), names_any(child, mine)
        values.append(value)
        if named:
            of_mine.append(value)
    if not values:
        return Match.NO
    all_wanted = tree.operator == "AND"
    # below a negation it is the AND that names alternatives
    against = Match.YES if negating else Match.NO
    if all_wanted == negating and any(value != against for value in of_mine):
        values = of_mine
    value = all_of(values) if all_wanted else any_of(values)
    return negated(value) if tree.negate else value


def names_any(tree, places: Container[int]) -> bool:
    """Whether a criterion at one of these places stands in the tree."""
    return any(child in places if isinstance(child, int) else names_any(child, places) for child in tree.children)


@lru_cache(20_000)
def asks_for_others(tree) -> bool:
    """Whether what stands beside a subject can count: several have to hold, or something must not."""
    if tree.negate or (tree.operator == "AND" and len(tree.children) > 1):
        return True
    return any(asks_for_others(child) for child in tree.children if not isinstance(child, int))


def _concerned(tree, own: dict[int, Match], vulnerable, negating: bool) -> bool:
    """Whether a vulnerable criterion of the subject speaks for the tree rather than against it."""
    negating ^= tree.negate
    for child in tree.children:
        if not isinstance(child, int):
            if _concerned(child, own, vulnerable, negating):
                return True
        elif child in own and vulnerable(child):
            value = negated(own[child]) if negating else own[child]
            if value != Match.NO:
                return True
    return False
