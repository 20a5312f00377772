"""How well a process fits between its limits, with how sure that is; and what went through at the first go.

    capability(values, low=3.2, high=3.4, within=0.02)   -> Cp, Cpk from the spread within subgroups, Pp, Ppk from all values
    first_pass_yield(97, 100) · rolled_throughput_yield([0.97, 0.99]) · defects_per_million(5, 12_000)

Cp = (high - low) / 6 sigma, Cpk = the nearer limit in 3 sigma; one limit alone gives Cpk only. Limits of confidence: Cp and Pp by chi-square (exact
for Pp of normal values; the spread within subgroups knows a little less), Cpk and Ppk after A. F. Bissell, Applied Statistics 39 (1990): k ± z
sqrt(1/(9n) + k²/(2(n-1))). Under 25 values no index is given. NIST/SEMATECH e-Handbook 6.1.6; ISO 22514-2. Yields and DPMO as IPC-7912 and IPC-9261
count them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.kernel.distributions import NORMAL, chi_square_quantile

VALUES_LEAST = 25
MILLION = 1_000_000


@dataclass(frozen=True)
class Index:
    """A capability index with its limits of confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Capability:
    """What is known of a process against its limits; an index is None where a limit is missing or nothing varies."""

    count: int
    mean: float
    sigma_within: float
    sigma_overall: float
    cp: Index | None
    cpk: Index | None
    pp: Index | None
    ppk: Index | None

    @property
    def too_few(self) -> bool:
        """Whether there are too few values for an index."""
        return self.count < VALUES_LEAST


def capability(
    values: Sequence[float], *, low: float | None, high: float | None, within: float, confidence: float = 0.95
) -> Capability:
    """Of two values or more; `within` is the standard deviation inside subgroups, as a control chart estimates it."""
    n = len(values)
    mean = math.fsum(values) / n
    overall = math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (n - 1))
    if n < VALUES_LEAST:
        return Capability(n, mean, within, overall, None, None, None, None)
    two = low is not None and high is not None
    cp, pp = (_spread(high - low, sigma, n, confidence) if two else None for sigma in (within, overall))
    cpk, ppk = (_nearest(mean, sigma, low, high, n, confidence) for sigma in (within, overall))
    return Capability(n, mean, within, overall, cp, cpk, pp, ppk)


def _spread(width: float, sigma: float, n: int, confidence: float) -> Index | None:
    if sigma <= 0:
        return None
    value, tail = width / (6 * sigma), (1 - confidence) / 2
    ends = (math.sqrt(chi_square_quantile(p, n - 1) / (n - 1)) for p in (tail, 1 - tail))
    return Index(value, *(value * end for end in ends))


def _nearest(
    mean: float, sigma: float, low: float | None, high: float | None, n: int, confidence: float
) -> Index | None:
    rooms = [
        room
        for room in (None if low is None else mean - low, None if high is None else high - mean)
        if room is not None
    ]
    if sigma <= 0 or not rooms:
        return None
    value = min(rooms) / (3 * sigma)
    reach = NORMAL.inv_cdf((1 + confidence) / 2) * math.sqrt(1 / (9 * n) + value**2 / (2 * (n - 1)))
    return Index(value, value - reach, value + reach)


def first_pass_yield(passed: int, began: int) -> float | None:
    """The share that passed at the first run; None of nothing."""
    return passed / began if began else None


def rolled_throughput_yield(yields: Iterable[float]) -> float:
    """The share that passes every step at the first go, the steps taken as independent."""
    return math.prod(yields)


def defects_per_million(defects: int, opportunities: int) -> float | None:
    """DPMO; None without opportunities."""
    return defects / opportunities * MILLION if opportunities else None


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values that keep the chance of even one false alarm among all of them (S. Holm 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, worst = [1.0] * len(p_values), 0.0
    for rank, at in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = worst
    return adjusted
