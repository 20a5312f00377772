"""Applicability trees against the truth table of AND, OR and negate with three values, written from the specification.

NISTIR 7698 (applicability language), logical-test: AND is false where a part is false, else unknown where one is unknown; OR
is true where a part is true, else unknown where one is unknown; negate swaps true and false and leaves unknown.
"""

import itertools

import pytest

from asbuilt.formats.advisory.records import Tree
from asbuilt.formats.matching.trees import applies, holds
from asbuilt.formats.versions.matches import Match

N, U, Y = Match.NO, Match.UNSURE, Match.YES

AND = {(N, N): N, (N, U): N, (N, Y): N, (U, N): N, (U, U): U, (U, Y): U, (Y, N): N, (Y, U): U, (Y, Y): Y}
OR = {(N, N): N, (N, U): U, (N, Y): Y, (U, N): U, (U, U): U, (U, Y): Y, (Y, N): Y, (Y, U): Y, (Y, Y): Y}
NOT = {N: Y, U: U, Y: N}


@pytest.mark.parametrize("operator, negate", list(itertools.product(("AND", "OR"), (False, True))))
def test_the_whole_truth_table(operator, negate):
    table = AND if operator == "AND" else OR
    for values, said in table.items():
        expected = NOT[said] if negate else said
        assert holds(Tree(operator, negate, (0, 1)), values.__getitem__) is expected, values


def test_trees_within_trees():
    # (a OR b) AND NOT (c AND d), each of 81 ways
    tree = Tree("AND", False, (Tree("OR", False, (0, 1)), Tree("AND", True, (2, 3))))
    for values in itertools.product((N, U, Y), repeat=4):
        expected = AND[OR[values[:2]], NOT[AND[values[2:]]]]
        assert holds(tree, values.__getitem__) is expected, values


# criterion 0 is the subject's own and vulnerable; 1 is a platform that an SBOM does not tell
RUNS_ON = Tree("AND", False, (Tree("OR", False, (0,)), Tree("OR", False, (1,))))


def vulnerable(place: int) -> bool:
    return place == 0


def test_a_platform_that_is_not_known_is_unsure_and_never_no():
    assert applies(RUNS_ON, {0: Y}, vulnerable) is U
    assert applies(RUNS_ON, {0: U}, vulnerable) is U
    assert applies(RUNS_ON, {0: N}, vulnerable) is N


def test_a_platform_that_is_known_decides():
    assert applies(RUNS_ON, {0: Y, 1: Y}, vulnerable) is Y
    assert applies(RUNS_ON, {0: Y, 1: N}, vulnerable) is N


def test_the_platform_itself_is_not_what_is_vulnerable():
    assert applies(RUNS_ON, {1: Y}, vulnerable) is N


def test_one_of_several_vulnerable_products_is_enough():
    either = Tree("OR", False, (Tree("OR", False, (0, 1)),))
    assert applies(either, {0: Y}, lambda place: True) is Y
    assert applies(either, {0: N}, lambda place: True) is N  # what is said of the other product is not about this one
    assert applies(either, {0: U}, lambda place: True) is U


def test_two_vulnerable_products_that_have_to_meet():
    both = Tree("AND", False, (0, 1))
    assert applies(both, {0: Y}, lambda place: True) is U
    assert applies(both, {0: N}, lambda place: True) is N


def test_a_negated_node_speaks_of_what_is_not_in_the_range():
    other_than = Tree("OR", True, (0,))
    assert applies(other_than, {0: N}, vulnerable) is Y
    assert applies(other_than, {0: Y}, vulnerable) is N


def test_a_node_without_children_holds_for_nothing():
    assert holds(Tree("OR", False, ()), {}.get) is N
    assert holds(Tree("AND", False, ()), {}.get) is N


def test_a_tree_deeper_than_any_feed_writes_is_unsure():
    tree = Tree("OR", False, (0,))
    for _ in range(200):
        tree = Tree("OR", False, (tree,))
    assert holds(tree, lambda place: N) is U


# the truth table of `own AND platform` and of `own AND NOT platform` as NISTIR 7698 has them, the subject's own value first; a
# platform without a value is not known
PLATFORM_NO, PLATFORM_NOT_KNOWN, PLATFORM_YES = {1: N}, {}, {1: Y}
BESIDE = (PLATFORM_NO, PLATFORM_NOT_KNOWN, PLATFORM_YES)
ON = {N: (N, N, N), U: (N, U, U), Y: (N, U, Y)}
NOT_ON = {N: (N, N, N), U: (U, U, N), Y: (Y, U, N)}


@pytest.mark.parametrize("negate, table", [(False, ON), (True, NOT_ON)])
@pytest.mark.parametrize("own", [N, U, Y])
def test_what_is_known_to_stand_beside_the_subject(negate, table, own):
    tree = Tree("AND", False, (Tree("OR", False, (0,)), Tree("OR", negate, (1,))))
    assert tuple(applies(tree, {0: own}, vulnerable, around) for around in BESIDE) == table[own]


def test_one_of_several_platforms_is_enough():
    tree = Tree("AND", False, (Tree("OR", False, (0,)), Tree("OR", False, (1, 2))))
    expected = {(N, N): N, (N, Y): Y, (Y, N): Y, (Y, Y): Y, (N, None): U, (None, Y): Y, (None, None): U}
    for (first, second), said in expected.items():
        around = {place: value for place, value in ((1, first), (2, second)) if value is not None}
        assert applies(tree, {0: Y}, vulnerable, around) is said, (first, second)


@pytest.mark.parametrize("beside", [N, U, Y])
@pytest.mark.parametrize("own", [N, U, Y])
def test_another_product_that_is_vulnerable_says_nothing_of_this_one(own, beside):
    either = Tree("OR", False, (0, 1))
    assert applies(either, {0: own}, lambda place: True, {1: beside}) is own
    neither = Tree("AND", True, (0, 1))  # NOT (a AND b) is NOT a OR NOT b
    assert applies(neither, {0: own}, lambda place: True, {1: beside}) is NOT[own]


def test_two_vulnerable_products_that_both_stand_there():
    both = Tree("AND", False, (0, 1))
    assert [applies(both, {0: Y}, lambda place: True, {1: other}) for other in (N, U, Y)] == [N, U, Y]
    assert [applies(both, {0: U}, lambda place: True, {1: other}) for other in (N, U, Y)] == [N, U, U]
