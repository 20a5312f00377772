"""Distributions against SciPy and against figures that stand in print."""

import math
import random

import numpy
import pytest
from scipy import integrate, stats

from asbuilt.kernel.distributions import (
    beta_below,
    chi_square_quantile,
    fisher_exact,
    gamma_below,
    range_moments,
    share_limits,
)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((3, 1, 1, 3), 34 / 70),  # R. A. Fisher's tea, The Design of Experiments 1935: 2 (1 + 16) / 70
        ((1, 9, 11, 3), 0.002759456185220088),  # as R's fisher.test says
        ((0, 5, 5, 0), 2 / 252),
        ((0, 0, 3, 9), 1.0),
        ((5, 0, 7, 0), 1.0),
    ],
)
def test_fisher_by_hand(table, p):
    assert fisher_exact(*table) == pytest.approx(p, abs=1e-12)


def test_fisher_of_many_tables_is_what_scipy_says():
    draw = random.Random(20261128)
    reach = (8, 60, 700, 50_000)
    for _ in range(400):
        a, b, c, d = (draw.randint(0, draw.choice(reach)) for _ in range(4))
        if a + b and c + d and a + c and b + d:
            assert fisher_exact(a, b, c, d) == pytest.approx(stats.fisher_exact([[a, b], [c, d]])[1], abs=1e-9), (
                a,
                b,
                c,
                d,
            )


def test_fisher_is_the_same_from_every_side():
    assert fisher_exact(12, 5, 29, 2) == pytest.approx(fisher_exact(29, 2, 12, 5), abs=1e-12)
    assert fisher_exact(12, 5, 29, 2) == pytest.approx(fisher_exact(12, 29, 5, 2), abs=1e-12)


def test_quantiles_of_chi_square_are_those_of_scipy():
    for p in (0.001, 0.025, 0.5, 0.975, 0.999):
        for freedom in (1, 2, 5, 24, 99, 500, 5_000):
            assert chi_square_quantile(p, freedom) == pytest.approx(stats.chi2.ppf(p, freedom), rel=1e-9)
    assert chi_square_quantile(0.95, 10) == pytest.approx(18.307, abs=5e-4)  # NIST/SEMATECH 1.3.6.7.4


def test_incomplete_gamma_and_beta_are_those_of_scipy():
    for a in (0.5, 1, 7.5, 120):
        for x in (0.0, 0.01, 0.4, 0.99, 1.0):
            assert beta_below(a, 3.5, x) == pytest.approx(stats.beta.cdf(x, a, 3.5), abs=1e-9)
        for x in (0, 0.1, 5, 130):
            assert gamma_below(a, x) == pytest.approx(stats.gamma.cdf(x, a), abs=1e-9)


@pytest.mark.parametrize(("hits", "of"), [(0, 1), (1, 1), (0, 300), (3, 300), (300, 300), (17, 50_000)])
def test_limits_of_a_share_are_those_of_clopper_and_pearson(hits, of):
    said = stats.binomtest(hits, of).proportion_ci(0.95, method="exact")
    assert share_limits(hits, of) == pytest.approx((said.low, said.high), abs=1e-9)


def test_nothing_says_nothing_of_a_share():
    assert share_limits(0, 0) == (0.0, 1.0)
    assert share_limits(0, 299)[1] == pytest.approx(1 - 0.025 ** (1 / 299), abs=1e-12)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 25])
def test_mean_range_is_what_order_statistics_give(n):
    below = stats.norm.cdf
    whole = integrate.quad(lambda x: 1 - below(x) ** n - stats.norm.sf(x) ** n, -12, 12, epsabs=1e-12, limit=200)[0]
    assert range_moments(n)[0] == pytest.approx(whole, abs=1e-9)


def test_spread_of_the_range_of_two_and_three_is_known_in_closed_form():
    assert range_moments(2)[1] == pytest.approx(math.sqrt(2 - 4 / math.pi), abs=1e-12)
    square = 2 + 3 * math.sqrt(3) / math.pi  # E of the squared range of three (Harter 1960: d3 = 0.88837)
    assert range_moments(3)[1] == pytest.approx(math.sqrt(square - (3 / math.sqrt(math.pi)) ** 2), abs=1e-9)


@pytest.mark.parametrize("n", range(2, 26))
def test_both_moments_of_the_range_are_those_of_its_distribution(n):
    """From P(range > w) = 1 - n * integral of phi(x) (Phi(x + w) - Phi(x))^(n-1), by NumPy's points: d2 and d3 of every chart."""
    points, weights = numpy.polynomial.legendre.leggauss(250)
    w, of_w, x, of_x = 7 * (points + 1), 7 * weights, 9 * points, 9 * weights
    inside = stats.norm.cdf(x[None, :] + w[:, None]) - stats.norm.cdf(x)[None, :]
    beyond = 1 - n * (inside ** (n - 1) * stats.norm.pdf(x) * of_x).sum(axis=1)
    mean, square = (beyond * of_w).sum(), (2 * w * beyond * of_w).sum()
    assert range_moments(n) == pytest.approx((mean, math.sqrt(square - mean * mean)), abs=1e-9)


def test_spread_of_the_range_of_five_by_tippetts_integral():
    phi, n = stats.norm.cdf, 5

    def inside(x, y):  # L. H. C. Tippett 1925
        return 1 - phi(y) ** n - (1 - phi(x)) ** n + (phi(y) - phi(x)) ** n

    square = 2 * integrate.dblquad(inside, -7, 7, -7, lambda y: y, epsabs=1e-8)[0]
    mean, spread = range_moments(n)
    assert spread == pytest.approx(math.sqrt(square - mean * mean), abs=1e-8)
