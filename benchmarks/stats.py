"""stats: how far our statistics lie from SciPy and from certified data sets; at most 1e-9, absolute.

Control-chart factors of subgroups of 2 to 25 (d2, d3, c4 and what follows from them) against the integrals of the normal distribution, by
NumPy's Gauss-Legendre points; Fisher's exact test, Clopper-Pearson limits, quantiles of chi square and the limits of Cp and Cpk against SciPy;
mean and standard deviation against NIST's Statistical Reference Datasets NumAcc1 to NumAcc3, whose certified values are exact.
"""

import argparse
import math
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy
from ground.figures import Figures, machine
from scipy import special, stats

from asbuilt.kernel import capability
from asbuilt.kernel.control_charts import constants
from asbuilt.kernel.distributions import chi_square_quantile, fisher_exact, share_limits

MOST = 1e-9
TABLES, SAMPLES = 400, 60
# name, first value, then the two that alternate; certified mean, standard deviation (NIST StRD, univariate)
CERTIFIED = (
    ("NumAcc1", (10_000_001.0, 10_000_003.0, 10_000_002.0), 10_000_002.0, 1.0),
    ("NumAcc2", (1.2, *(1.1, 1.3) * 500), 1.2, 0.1),
    ("NumAcc3", (1_000_000.2, *(1_000_000.1, 1_000_000.3) * 500), 1_000_000.2, 0.1),
)


def range_moments_by_numpy(n: int) -> tuple[float, float]:
    """d2 and d3: mean and standard deviation of the range of n standard normal values, from P(range > w)."""
    points, weights = numpy.polynomial.legendre.leggauss(400)
    w, of_w = 7 * (points + 1), 7 * weights  # 0 to 14
    x, of_x = 10 * points, 10 * weights  # -10 to 10
    inside = special.ndtr(x[None, :] + w[:, None]) - special.ndtr(x)[None, :]
    density = numpy.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    beyond = 1 - n * (inside ** (n - 1) * density * of_x).sum(axis=1)
    mean, square = (beyond * of_w).sum(), (2 * w * beyond * of_w).sum()
    return float(mean), math.sqrt(square - mean * mean)


def factors() -> float:
    """The largest difference of a factor."""
    worst = 0.0
    for n in range(2, 26):
        d2, d3 = range_moments_by_numpy(n)
        c4 = math.sqrt(2 / (n - 1)) * math.exp(special.gammaln(n / 2) - special.gammaln((n - 1) / 2))
        ours, spread = constants(n), 3 * math.sqrt(1 - c4 * c4) / c4
        pairs = (
            (ours.d2, d2), (ours.d3, d3), (ours.c4, c4), (ours.a2, 3 / (d2 * math.sqrt(n))), (ours.a3, 3 / (c4 * math.sqrt(n))),
            (ours.big_d3, max(0, 1 - 3 * d3 / d2)), (ours.big_d4, 1 + 3 * d3 / d2), (ours.b3, max(0, 1 - spread)),
            (ours.b4, 1 + spread), (ours.e2, 3 / d2),
        )  # fmt: skip
        worst = max(worst, *(abs(one - other) for one, other in pairs))
    return worst


def fisher(chosen: random.Random) -> float:
    """The largest difference of a p value."""
    worst = 0.0
    for _ in range(TABLES):
        a, b = chosen.randrange(40), chosen.randrange(500)
        c, d = chosen.randrange(400), chosen.randrange(50_000)
        worst = max(worst, abs(fisher_exact(a, b, c, d) - stats.fisher_exact([[a, b], [c, d]])[1]))
    return worst


def limits(chosen: random.Random) -> float:
    """The largest difference of an index or one of its limits, of a quantile, of a limit of a share."""
    worst = 0.0
    for _ in range(SAMPLES):
        n = chosen.randrange(25, 400)
        values = [chosen.gauss(10, 0.4) for _ in range(n)]
        said = capability.capability(values, low=8.4, high=11.2, within=0.37)
        mean, s = numpy.mean(values), numpy.std(values, ddof=1)
        tails = [math.sqrt(stats.chi2.ppf(p, n - 1) / (n - 1)) for p in (0.025, 0.975)]
        for index, sigma in ((said.cp, 0.37), (said.pp, s)):
            value = 2.8 / (6 * sigma)
            worst = max(
                worst, abs(index.value - value), abs(index.low - value * tails[0]), abs(index.high - value * tails[1])
            )
        for index, sigma in ((said.cpk, 0.37), (said.ppk, s)):
            value = min(mean - 8.4, 11.2 - mean) / (3 * sigma)
            reach = stats.norm.ppf(0.975) * math.sqrt(1 / (9 * n) + value**2 / (2 * (n - 1)))
            worst = max(
                worst, abs(index.value - value), abs(index.low - value + reach), abs(index.high - value - reach)
            )
        p, freedom = chosen.random(), chosen.randrange(1, 500)
        quantile = stats.chi2.ppf(p, freedom)
        worst = max(worst, abs(chi_square_quantile(p, freedom) - quantile) / max(1, quantile))
        hits = chosen.randrange(n + 1)
        share = stats.binomtest(hits, n).proportion_ci(method="exact")
        worst = max(
            worst,
            *(abs(one - other) for one, other in zip(share_limits(hits, n), (share.low, share.high), strict=True)),
        )
    return worst


def certified() -> float:
    """The largest difference of a mean or standard deviation from its certified value."""
    worst = 0.0
    for _, values, mean, spread in CERTIFIED:
        said = capability.capability(values, low=None, high=None, within=1.0)
        worst = max(worst, abs(said.mean - mean), abs(said.sigma_overall - spread))
    return worst


def main() -> None:
    """Compare all of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=20261123)
    seed = parser.parse_args().seed
    machine(seed)
    figures = Figures("stats")
    for label, found in (
        ("chart factors", factors()), ("Fisher", fisher(random.Random(seed))), ("indices and limits", limits(random.Random(seed))),
        ("NIST data sets", certified()),
    ):  # fmt: skip
        figures.most(label, found, MOST, digits=13)
    figures.finish()


if __name__ == "__main__":
    main()
