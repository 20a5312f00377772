"""Control charts, rules, indices and yields: against data sets in print, SciPy, and by hand."""

import math
import random

import pytest
from scipy import stats

from asbuilt.kernel import capability, control_charts
from asbuilt.kernel.control_charts import NELSON, WESTERN_ELECTRIC, Panel, broken, constants

# ASTM MNL 7 (Manual on Presentation of Data and Control Chart Analysis), table of factors: n, A2, A3, c4, B3, B4, d2, d3, D3, D4
FACTORS = [
    (2, 1.880, 2.659, 0.7979, 0, 3.267, 1.128, 0.853, 0, 3.267),
    (3, 1.023, 1.954, 0.8862, 0, 2.568, 1.693, 0.888, 0, 2.575),
    (4, 0.729, 1.628, 0.9213, 0, 2.266, 2.059, 0.880, 0, 2.282),
    (5, 0.577, 1.427, 0.9400, 0, 2.089, 2.326, 0.864, 0, 2.114),
    (6, 0.483, 1.287, 0.9515, 0.030, 1.970, 2.534, 0.848, 0, 2.004),
    (7, 0.419, 1.182, 0.9594, 0.118, 1.882, 2.704, 0.833, 0.076, 1.924),
    (8, 0.373, 1.099, 0.9650, 0.185, 1.815, 2.847, 0.820, 0.136, 1.864),
    (9, 0.337, 1.032, 0.9693, 0.239, 1.761, 2.970, 0.808, 0.184, 1.816),
    (10, 0.308, 0.975, 0.9727, 0.284, 1.716, 3.078, 0.797, 0.223, 1.777),
    (15, 0.223, 0.789, 0.9823, 0.428, 1.572, 3.472, 0.756, 0.347, 1.653),
    (20, 0.180, 0.680, 0.9869, 0.510, 1.490, 3.735, 0.729, 0.415, 1.585),
    (25, 0.153, 0.606, 0.9896, 0.565, 1.435, 3.931, 0.708, 0.459, 1.541),
]
# NIST/SEMATECH e-Handbook 6.3.2.2: flow rates of ten batches
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# the same, 6.3.3.2: chips out of register on thirty wafers of fifty
WAFERS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]


@pytest.mark.parametrize("row", FACTORS, ids=lambda row: f"n={row[0]}")
def test_factors_are_those_in_print(row):
    said = constants(row[0])
    found = (said.a2, said.a3, said.c4, said.b3, said.b4, said.d2, said.d3, said.big_d3, said.big_d4)
    assert found == pytest.approx(row[1:], abs=1e-3)


def test_c4_is_its_gamma_functions():
    for n in (2, 5, 25):
        assert constants(n).c4 == pytest.approx(
            math.sqrt(2 / (n - 1)) * math.gamma(n / 2) / math.gamma((n - 1) / 2), abs=1e-12
        )


def test_individuals_of_nist():
    values, ranges = control_charts.individuals(FLOW)
    assert (values.centre, ranges.centre) == (pytest.approx(50.81, abs=1e-9), pytest.approx(16.9 / 9, abs=1e-9))
    assert values.upper[0] == pytest.approx(50.81 + 3 * (16.9 / 9) * math.sqrt(math.pi) / 2, abs=1e-9)
    assert (values.upper[0], values.lower[0]) == pytest.approx((55.8041, 45.8159), abs=2e-3)  # printed with d2 = 1.128
    assert len(ranges.points) == 9 and broken(values, NELSON) == broken(ranges, NELSON) == []


def test_proportions_of_nist():
    panel = control_charts.proportions(WAFERS, [50] * 30)
    assert (panel.centre, panel.upper[0], panel.lower[0]) == pytest.approx((0.2313, 0.4102, 0.0524), abs=5e-5)
    assert [(one.rule, one.point) for one in broken(panel, ("nelson_1",))] == [("nelson_1", 14), ("nelson_1", 22)]


def test_limits_of_shares_are_as_wide_as_the_sample_is_small():
    panel = control_charts.proportions([1, 4], [10, 90])  # centre 5 of 100
    assert panel.lower == (0.0, 0.0)
    assert panel.upper == pytest.approx(
        (0.05 + 3 * math.sqrt(0.0475 / 10), 0.05 + 3 * math.sqrt(0.0475 / 90)), abs=1e-12
    )


def test_defects_per_unit():
    panel = control_charts.defects_per_unit([4, 8, 24], [2, 4, 6])  # 36 on 12: 3 a unit
    assert (panel.points, panel.centre) == ((2, 2, 4), 3)
    assert panel.upper == pytest.approx(
        (3 + 3 * math.sqrt(1.5), 3 + 3 * math.sqrt(0.75), 3 + 3 * math.sqrt(0.5)), abs=1e-12
    )
    assert panel.lower == pytest.approx((0, 3 - 3 * math.sqrt(0.75), 3 - 3 * math.sqrt(0.5)), abs=1e-12)


def test_means_and_ranges():
    means, ranges = control_charts.xbar_r([[10, 12, 11], [9, 13, 11], [10, 10, 13]])
    assert means.points == (11, 11, 11) and ranges.points == (2, 4, 3)
    assert ranges.upper[0] == pytest.approx(3 * constants(3).big_d4, abs=1e-12) and ranges.lower[0] == 0
    assert means.upper[0] == pytest.approx(11 + 1.023327 * 3, abs=1e-5)


def chart(*z):
    return Panel(tuple(map(float, z)), 0.0, (-3.0,) * len(z), (3.0,) * len(z), (1.0,) * len(z))


CALM = (0.1, -0.1, 0.2, -0.3)


@pytest.mark.parametrize(
    ("rule", "points", "at"),
    [
        ("we_1", (0, 3.01, 0), [1]),
        ("we_1", (0, 3.0, -3.0), []),
        ("we_2", (2.1, 0, 2.2, 0, 0), [2]),
        ("we_2", (2.1, 0, -2.2), []),
        (
            "we_2",
            (2.1, 2.2, 0),
            [1],
        ),  # named at the point that completes it, not after; the first two of a chart are two of three
        ("we_3", (1.1, 1.2, 0, 1.3, 1.4), [4]),
        ("we_3", (1.1, 1.2, 0, 0, 1.4), []),
        ("we_4", (0.1,) * 8, [7]),
        ("we_4", (*(0.1,) * 7, 0, 0.1), []),  # on the centre is on no side
        ("nelson_2", (-0.1,) * 10, [8, 9]),
        ("nelson_2", (-0.1,) * 8, []),
        ("nelson_3", (-0.5, -0.3, 0, 0.1, 0.2, 0.3), [5]),
        ("nelson_3", (-0.5, -0.3, 0, 0, 0.2, 0.3), []),
        ("nelson_4", (0.1, 0.5) * 7, [13]),
        ("nelson_4", (0.1, 0.5) * 6, []),
        ("nelson_5", (-2.5, -0.1, -2.5), [2]),
        ("nelson_6", (-1.1, 0, -1.1, -1.1, -1.1), [4]),
        ("nelson_7", (0.9, -0.9, 0.1) * 5, [14]),
        ("nelson_7", (*(0.5,) * 14, 1.0), []),
        ("nelson_8", (1.1, -1.1) * 4, [7]),
        ("nelson_8", (1.1,) * 8, []),  # on both sides of the centre, says the rule; one side is nelson_6
        ("nelson_8", (1.1, -1.1, 1.0, -1.1, 1.1, -1.1, 1.1, -1.1), []),
    ],
)
def test_each_rule_at_the_point_that_completes_it(rule, points, at):
    assert [one.point for one in broken(chart(*points), (rule,))] == at


def test_a_signal_says_where_it_began():
    (found,) = broken(chart(0, 0, *(0.1,) * 8), ("we_4",))
    assert (found.first, found.point) == (2, 9)


def test_false_alarms_come_as_often_as_they_must():
    """Of normal values one in 370 lies beyond three standard deviations."""
    draw = random.Random(7)
    found = len(broken(chart(*(draw.gauss(0, 1) for _ in range(40_000))), ("we_1",)))
    assert abs(found - 40_000 * 2 * stats.norm.sf(3)) < 4 * math.sqrt(108)


def test_nothing_that_varies_is_no_signal():
    flat, ranges = control_charts.individuals([5.0] * 30)
    assert broken(flat, NELSON) == broken(flat, WESTERN_ELECTRIC) == broken(ranges, WESTERN_ELECTRIC) == []
    for value in (0.1, 0.2, 1 / 3, 4.7e-12, -2.9):  # means of such values may be off in their last digit
        for panel in (*control_charts.individuals([value] * 49), *control_charts.xbar_r([[value] * 3] * 20)):
            assert broken(panel, (*NELSON, *WESTERN_ELECTRIC)) == []
    for panel in (
        control_charts.proportions([0] * 20, [9] * 20),
        control_charts.proportions([9] * 20, [9] * 20),
        control_charts.defects_per_unit([0] * 20, [3] * 20),
    ):
        assert broken(panel, (*NELSON, *WESTERN_ELECTRIC)) == []


def test_without_spread_a_point_off_the_centre_is_outside():
    """Subgroups without any range, of means 5, 5, 5 and 6: each of them lies off the centre of 5.25, and no zone is there to lie in."""
    means, _ = control_charts.xbar_r([[5.0, 5.0]] * 12 + [[6.0, 6.0]] * 4)
    assert [(one.rule, one.point) for one in broken(means, NELSON)] == [("nelson_1", n) for n in range(16)]


def test_indices_of_a_process_against_scipy():
    values = [10 + 0.1 * stats.norm.ppf((n + 0.5) / 50) for n in range(50)]
    said = capability.capability(values, low=9.6, high=10.5, within=0.08)
    s = stats.tstd(values)
    assert (said.mean, said.sigma_overall) == pytest.approx((10, s), abs=1e-9)
    assert said.cp.value == pytest.approx(0.9 / 0.48, abs=1e-9) and said.cpk.value == pytest.approx(
        0.4 / 0.24, abs=1e-9
    )
    assert said.pp.value == pytest.approx(0.9 / (6 * s), abs=1e-9) and said.ppk.value == pytest.approx(
        0.4 / (3 * s), abs=1e-9
    )
    low, high = (math.sqrt(stats.chi2.ppf(p, 49) / 49) for p in (0.025, 0.975))
    assert (said.cp.low, said.cp.high) == pytest.approx((said.cp.value * low, said.cp.value * high), abs=1e-9)
    reach = stats.norm.ppf(0.975) * math.sqrt(1 / 450 + said.cpk.value**2 / 98)
    assert (said.cpk.low, said.cpk.high) == pytest.approx((said.cpk.value - reach, said.cpk.value + reach), abs=1e-9)


def test_indices_of_nist():
    """e-Handbook 6.1.6: limits 8 and 20, mean 16, sigma 2: Cp 1.0, Cpk 0.6667."""
    values = [14.0, 18.0] * 20
    said = capability.capability(values, low=8, high=20, within=2)
    assert (said.cp.value, said.cpk.value) == pytest.approx((1.0, 0.6667), abs=5e-5)


def test_one_limit_gives_no_cp_and_few_values_no_index():
    said = capability.capability([1.0, 2.0] * 20, low=None, high=4, within=0.5)
    assert said.cp is None and said.cpk.value == pytest.approx(2.5 / 1.5)
    few = capability.capability([1.0, 2.0] * 12, low=0, high=4, within=0.5)
    assert few.too_few and few.cpk is None and few.mean == 1.5


def test_what_does_not_vary_has_no_index():
    said = capability.capability([1.0] * 30, low=0, high=2, within=0.0)
    assert (said.cp, said.cpk, said.ppk) == (None, None, None)


def test_yields_and_defects_per_million():
    assert capability.first_pass_yield(97, 100) == 0.97 and capability.first_pass_yield(0, 0) is None
    assert capability.rolled_throughput_yield([0.9, 0.9, 0.5]) == pytest.approx(0.405)
    assert capability.defects_per_million(3, 1_500) == 2_000 and capability.defects_per_million(0, 0) is None


def test_holm_by_hand():
    """Holm 1979: the smallest times all, the next times one fewer; never smaller than the one before."""
    assert capability.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert capability.holm([0.5, 0.9]) == [1.0, 1.0] and capability.holm([]) == []
