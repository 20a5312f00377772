"""Control charts: limits from the values themselves, and the rules that say when a process is not what it was.

    xbar_r([[5.1, 5.3, 4.9], …])   -> two panels: means and ranges
    individuals([49.6, 47.6, …])   -> two panels: values and moving ranges
    proportions([12, 15, …], [50, 50, …]) · defects_per_unit([…], […])   -> one panel, limits as wide as each sample is small
    broken(panel, NELSON)          -> [Signal("nelson_2", 17, …)]

Limits lie three standard deviations from the centre, estimated within subgroups (ISO 7870-2; NIST/SEMATECH e-Handbook 6.3.2, 6.3.3). Rules:
Western Electric, Statistical Quality Control Handbook 1956; L. S. Nelson, Journal of Quality Technology 16 (1984). A rule is named at the
point that completes it. Constants come from the distribution of the range, not from a table. Where nothing varied there are no zones, so no
rule but the limits is asked: a point off the centre line.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asbuilt.kernel.distributions import range_moments

SUBGROUP_MAX = 25
SIGMAS = 3
_ROUNDING = 1e-9
WESTERN_ELECTRIC = ("we_1", "we_2", "we_3", "we_4")
NELSON = tuple(f"nelson_{number}" for number in range(1, 9))
RULE_SETS = {"western_electric": WESTERN_ELECTRIC, "nelson": NELSON}


@dataclass(frozen=True)
class Constants:
    """The factors of charts for subgroups of n values."""

    n: int
    d2: float
    d3: float
    c4: float

    @property
    def a2(self) -> float:
        """Mean range to three standard deviations of a mean."""
        return SIGMAS / (self.d2 * math.sqrt(self.n))

    @property
    def a3(self) -> float:
        """Mean standard deviation to three standard deviations of a mean."""
        return SIGMAS / (self.c4 * math.sqrt(self.n))

    @property
    def big_d3(self) -> float:
        """Mean range to the lower limit of ranges."""
        return max(0.0, 1 - SIGMAS * self.d3 / self.d2)

    @property
    def big_d4(self) -> float:
        """Mean range to the upper limit of ranges."""
        return 1 + SIGMAS * self.d3 / self.d2

    @property
    def b3(self) -> float:
        """Mean standard deviation to the lower limit of standard deviations."""
        return max(0.0, 1 - SIGMAS * math.sqrt(1 - self.c4**2) / self.c4)

    @property
    def b4(self) -> float:
        """Mean standard deviation to the upper limit of standard deviations."""
        return 1 + SIGMAS * math.sqrt(1 - self.c4**2) / self.c4

    @property
    def e2(self) -> float:
        """Mean moving range to three standard deviations of a value."""
        return SIGMAS / self.d2


def constants(n: int) -> Constants:
    """For subgroups of 2 to 25 values."""
    c4 = math.sqrt(2 / (n - 1)) * math.exp(math.lgamma(n / 2) - math.lgamma((n - 1) / 2))
    return Constants(n, *range_moments(n), c4)


@dataclass(frozen=True)
class Panel:
    """A line of points with its centre and limits; `sigma` of each point. Ranges are judged by their limits alone (`symmetric` false)."""

    points: tuple[float, ...]
    centre: float
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    sigma: tuple[float, ...]
    symmetric: bool = True


@dataclass(frozen=True)
class Signal:
    """A rule that was broken, at the point (from 0) that completes it; `first` is the first point that belongs to it."""

    rule: str
    point: int
    first: int


def xbar_r(subgroups: Sequence[Sequence[float]]) -> tuple[Panel, Panel]:
    """Means and ranges of subgroups of one size, 2 to 25 values each."""
    n = len(subgroups[0])
    factors = constants(n)
    means = tuple(math.fsum(group) / n for group in subgroups)
    ranges = tuple(max(group) - min(group) for group in subgroups)
    centre, spread = math.fsum(means) / len(means), math.fsum(ranges) / len(ranges)
    sigma = spread / factors.d2
    top = _flat(means, centre, SIGMAS * sigma / math.sqrt(n))
    return top, _ranges(ranges, spread, factors)


def individuals(values: Sequence[float]) -> tuple[Panel, Panel]:
    """Single values and their moving ranges of two."""
    factors = constants(2)
    moved = tuple(abs(after - before) for before, after in zip(values, values[1:], strict=False))
    spread = math.fsum(moved) / len(moved)
    top = _flat(tuple(values), math.fsum(values) / len(values), SIGMAS * spread / factors.d2)
    return top, _ranges(moved, spread, factors)


def _flat(points: tuple[float, ...], centre: float, reach: float) -> Panel:
    n = len(points)
    return Panel(points, centre, (centre - reach,) * n, (centre + reach,) * n, (reach / SIGMAS,) * n)


def _ranges(points: tuple[float, ...], spread: float, factors: Constants) -> Panel:
    n = len(points)
    sigma = spread * factors.d3 / factors.d2
    return Panel(points, spread, (spread * factors.big_d3,) * n, (spread * factors.big_d4,) * n, (sigma,) * n, False)


def proportions(hits: Sequence[int], sizes: Sequence[int]) -> Panel:
    """Shares of units that failed, sample by sample (p chart); no sample is empty."""
    centre = sum(hits) / sum(sizes)
    return _rates(hits, sizes, centre, lambda size: math.sqrt(centre * (1 - centre) / size), 1.0)


def defects_per_unit(defects: Sequence[int], sizes: Sequence[float]) -> Panel:
    """Defects per unit, sample by sample (u chart); no sample is empty."""
    centre = sum(defects) / math.fsum(sizes)
    return _rates(defects, sizes, centre, lambda size: math.sqrt(centre / size), math.inf)


def _rates(counts, sizes, centre: float, sigma_of: Callable[[float], float], most: float) -> Panel:
    points = tuple(count / size for count, size in zip(counts, sizes, strict=True))
    sigma = tuple(sigma_of(size) for size in sizes)
    lower = tuple(max(0.0, centre - SIGMAS * one) for one in sigma)
    upper = tuple(min(most, centre + SIGMAS * one) for one in sigma)
    return Panel(points, centre, lower, upper, sigma)


def broken(panel: Panel, rules: Sequence[str]) -> list[Signal]:
    """The rules that are broken, point by point; of ranges only whether they leave their limits."""
    z = [_z(point, panel.centre, sigma) for point, sigma in zip(panel.points, panel.sigma, strict=True)]
    found = []
    for rule in rules:
        least, length, holds = _RULES[rule]
        if length == 1:
            found += [Signal(rule, n, n) for n in range(len(z)) if _outside(panel, n)]
        elif panel.symmetric:
            for n in range(least - 1, len(z)):
                first = max(0, n - length + 1)
                if all(panel.sigma[first : n + 1]) and holds(z[first : n + 1]):
                    found.append(Signal(rule, n, first))
    return sorted(found, key=lambda one: (one.point, one.rule))


def _outside(panel: Panel, n: int) -> bool:
    point = panel.points[n]
    # a mean of equal values may differ from them in its last digit
    near = not panel.sigma[n] and math.isclose(point, panel.centre, rel_tol=_ROUNDING)
    return not near and not panel.lower[n] <= point <= panel.upper[n]


def _z(point: float, centre: float, sigma: float) -> float:
    return (point - centre) / sigma if sigma > 0 else 0.0


def _same_side(z: Sequence[float]) -> bool:
    return all(x > 0 for x in z) or all(x < 0 for x in z)


def _beyond(z: Sequence[float], needed: int, reach: float) -> bool:
    """So many on one side beyond `reach`, the last among them."""
    side = math.copysign(1, z[-1])
    return z[-1] * side > reach and sum(x * side > reach for x in z) >= needed


def _both_sides(z: Sequence[float]) -> bool:
    """None in zone C, and not all on one side."""
    return all(abs(x) > 1 for x in z) and not _same_side(z)


def _trend(z: Sequence[float]) -> bool:
    steps = [after - before for before, after in zip(z, z[1:], strict=False)]
    return _same_side(steps)


def _alternates(z: Sequence[float]) -> bool:
    steps = [after - before for before, after in zip(z, z[1:], strict=False)]
    return all(before * after < 0 for before, after in zip(steps, steps[1:], strict=False))


# points that a signal needs at least, points it is looked for among: the first two of a chart are two of three
_RULES: dict[str, tuple[int, int, Callable[[Sequence[float]], bool]]] = {
    "we_1": (1, 1, bool),
    "we_2": (2, 3, lambda z: _beyond(z, 2, 2)),
    "we_3": (4, 5, lambda z: _beyond(z, 4, 1)),
    "we_4": (8, 8, _same_side),
    "nelson_1": (1, 1, bool),
    "nelson_2": (9, 9, _same_side),
    "nelson_3": (6, 6, _trend),
    "nelson_4": (14, 14, _alternates),
    "nelson_5": (2, 3, lambda z: _beyond(z, 2, 2)),
    "nelson_6": (4, 5, lambda z: _beyond(z, 4, 1)),
    "nelson_7": (15, 15, lambda z: all(abs(x) < 1 for x in z)),
    "nelson_8": (8, 8, _both_sides),
}
