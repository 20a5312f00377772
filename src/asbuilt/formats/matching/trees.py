"""Applicability trees as NVD defines them: AND, OR and negate over criteria, with three values.

A finding is about one subject. Its own criteria are yes, no or unsure; criteria of other products are surroundings (the
platform it runs on, a product beside it) that the subject cannot tell: unsure, never no. So `busybox < 1.35 AND runs on X`
is unsure for a busybox 1.34. A tree concerns the subject only where one of its vulnerable criteria can make it hold.
Source: NVD CVE API 2.0, configurations; Kleene's strong logic for the third value.
"""

from collections.abc import Callable

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


def applies(tree, own: dict[int, Match], vulnerable: Callable[[int], bool]) -> Match:
    """Whether the tree says that the subject is affected. `own` are the values of the criteria that name the subject."""
    if not own:
        return Match.NO
    value = holds(tree, lambda place: own.get(place, Match.UNSURE))
    return value if _concerned(tree, own, vulnerable, False) else Match.NO


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
