"""Sampling plans after ISO 2859-1 and for zero acceptance. Expectations: the standard's tables, read by hand, and counting."""

from itertools import combinations

import pytest

from asbuilt.built.supply.sampling import AQLS, LEVELS, c0_plan, code_letter, plan, severity_now
from asbuilt.kernel.errors import Invalid

YES, NO = True, False


@pytest.mark.parametrize(
    ("lot_size", "level", "letter"),
    [
        (2, "II", "A"), (8, "II", "A"), (9, "II", "B"), (15, "I", "A"), (16, "III", "D"), (50, "II", "D"), (51, "II", "E"),
        (90, "S-1", "B"), (150, "II", "F"), (280, "II", "G"), (500, "II", "H"), (1000, "II", "J"), (1200, "II", "J"),
        (3200, "II", "K"), (10_000, "II", "L"), (35_000, "II", "M"), (150_000, "II", "N"), (500_000, "II", "P"),
        (500_001, "II", "Q"), (500_001, "III", "R"), (500_001, "S-1", "D"), (500_001, "S-4", "K"), (1000, "I", "G"),
        (1000, "S-2", "C"), (1000, "S-3", "E"), (1000, "S-4", "F"), (3200, "I", "H"),
    ],
)  # fmt: skip
def test_code_letters_are_those_of_table_1(lot_size, level, letter):
    assert code_letter(lot_size, level) == letter


@pytest.mark.parametrize(
    ("lot_size", "aql", "letter", "n", "ac"),
    [
        (1000, "0.65", "J", 80, 1),
        # arrows: the other plan's own sample size, never the same n with Ac 0
        (400, "0.65", "J", 80, 1),
        (200, "0.65", "F", 20, 0),
        (8, "0.65", "F", 8, 0),
        (1000, "1.0", "J", 80, 2),
        (1000, "2.5", "J", 80, 5),
        (10_000, "4.0", "L", 200, 14),
        (35_000, "4.0", "M", 315, 21),
        (150_000, "4.0", "M", 315, 21),
        (1000, "0.10", "K", 125, 0),
        (600_000, "0.010", "Q", 1250, 0),
        (600_000, "0.015", "P", 800, 0),
        (600_000, "0.025", "R", 2000, 1),
        (500, "10", "H", 50, 10),
        (2, "10", "C", 2, 1),
    ],
)
def test_normal_plans_with_their_arrows(lot_size, aql, letter, n, ac):
    found = plan(lot_size=lot_size, level="II", aql=aql)
    assert (found.code_letter, found.sample_size, found.accept_max, found.reject_min) == (letter, n, ac, ac + 1)


@pytest.mark.parametrize(
    ("lot_size", "aql", "letter", "n", "ac"),
    [
        (1000, "1.0", "J", 80, 1),
        (1000, "2.5", "J", 80, 3),
        (1000, "0.65", "K", 125, 1),
        (280, "0.65", "G", 32, 0),
        (10_000, "4.0", "L", 200, 12),
        (10_000, "6.5", "L", 200, 18),
        (600_000, "0.025", "S", 3150, 1),
        (600_000, "0.010", "R", 2000, 0),
        (500, "10", "H", 50, 8),
    ],
)
def test_tightened_plans_with_their_arrows(lot_size, aql, letter, n, ac):
    found = plan(lot_size=lot_size, level="II" if aql != "0.010" else "III", aql=aql, severity="tightened")
    assert (found.code_letter, found.sample_size, found.accept_max) == (letter, n, ac)


def accepted(n: int, ac: int, p: float) -> float:
    """The chance that a lot of this quality is accepted (binomial)."""
    from math import comb

    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(ac + 1))


@pytest.mark.parametrize("aql", AQLS)
@pytest.mark.parametrize("level", LEVELS)
def test_no_plan_is_far_from_its_aql(aql, level):
    """ISO 2859-1: a lot of AQL quality is accepted most times, tightened inspection accepts less than normal."""
    for lot_size in (8, 90, 500, 3200, 35_000, 600_000):
        normal = plan(lot_size=10**9 if lot_size == 600_000 else lot_size, level=level, aql=aql)
        tight = plan(lot_size=10**9 if lot_size == 600_000 else lot_size, level=level, aql=aql, severity="tightened")
        quality = float(aql) / 100
        if normal.sample_size < lot_size and tight.sample_size < lot_size:
            chance = accepted(normal.sample_size, normal.accept_max, quality)
            assert 0.86 < chance < 0.999, (lot_size, normal)
            assert accepted(tight.sample_size, tight.accept_max, quality) < chance + 1e-12


@pytest.mark.parametrize("said", [{"level": "IV"}, {"aql": "0.66"}, {"aql": "15"}, {"lot_size": 1}])
def test_what_the_standard_does_not_have_is_refused(said):
    with pytest.raises(Invalid):
        plan(**{"lot_size": 1000, "level": "II", "aql": "0.65", **said})


def none_found(lot: int, wrong: int, looked_at: int) -> float:
    """Counted over every sample there is."""
    samples = list(combinations(range(lot), looked_at))
    return sum(min(sample) >= wrong for sample in samples) / len(samples)


@pytest.mark.parametrize(("lot_size", "quality"), [(8, 30.0), (10, 20.0), (12, 50.0), (13, 8.0), (6, 1.0)])
def test_zero_acceptance_is_the_fewest_pieces_that_find_it(lot_size, quality):
    from math import ceil

    found = c0_plan(lot_size=lot_size, limiting_quality=quality)
    wrong = max(1, ceil(lot_size * quality / 100))
    assert found.accept_max == 0
    assert none_found(lot_size, wrong, found.sample_size) <= 0.1
    assert found.sample_size == 1 or none_found(lot_size, wrong, found.sample_size - 1) > 0.1


def test_zero_acceptance_of_a_large_lot_is_near_the_binomial():
    # ln 0.1 / ln 0.99 = 229.1
    assert c0_plan(lot_size=1_000_000, limiting_quality=1.0).sample_size == 230


@pytest.mark.parametrize(
    ("accepted", "now"),
    [
        ([YES] * 9, "normal"),
        ([NO], "normal"),
        ([NO, YES, YES, YES, NO], "tightened"),
        ([NO, NO], "tightened"),
        ([NO, YES, YES, YES, YES, NO], "normal"),
    ],
)
def test_two_of_five_rejected_tighten_inspection(accepted, now):
    assert severity_now([("normal", one) for one in accepted]).severity == now


@pytest.mark.parametrize(
    ("accepted", "now", "stopped"),
    [
        ([YES] * 4, "tightened", NO),
        ([YES] * 5, "normal", NO),
        ([YES, YES, NO, YES, YES, YES, YES], "tightened", NO),
        ([YES, YES, NO, YES, YES, YES, YES, YES], "normal", NO),
        ([NO] * 4, "tightened", NO),
        ([NO] * 5, "tightened", YES),
        ([NO, YES, NO, YES, NO, YES, NO, YES, NO], "tightened", YES),
    ],
)
def test_five_accepted_in_a_row_end_it_and_five_rejected_stop_it(accepted, now, stopped):
    history = [("normal", NO), ("normal", NO)] + [("tightened", one) for one in accepted]
    found = severity_now(history)
    assert (found.severity, found.stopped) == (now, stopped)


def test_after_normal_inspection_came_back_it_counts_anew():
    history = [("normal", NO), ("normal", NO)] + [("tightened", YES)] * 5 + [("normal", NO)]
    assert severity_now(history).severity == "normal"
    assert severity_now([*history, ("normal", NO)]).severity == "tightened"
