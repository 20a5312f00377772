"""The few distributions that quality needs: hypergeometric tails, the binomial share, chi-square, the range of normal samples.

Pure Python, exact to about 1e-12; the tests compare with SciPy and with published tables. SciPy itself is no run-time dependency: it is
120 MB and a second of start for what stands on this page.

Sources: hypergeometric test after R. A. Fisher; incomplete gamma and beta by series and continued fraction (Lentz), Abramowitz and Stegun
6.5.29, 6.5.31 and 26.5.8; the range of n normal values by its density, ISO 7870-2 annex.
"""

import math
from collections.abc import Callable
from functools import lru_cache
from statistics import NormalDist

NORMAL = NormalDist()
_TINY, _EPSILON = 1e-300, 1e-16
TOLERANCE = 1e-7  # tables as likely as the one seen, but for rounding, count as extreme too (as R and SciPy do)


@lru_cache(1 << 17)
def _log_factorial(n: int) -> float:
    return math.lgamma(n + 1)


def log_choose(n: int, k: int) -> float:
    """Natural logarithm of the number of ways to choose k of n."""
    return _log_factorial(n) - _log_factorial(k) - _log_factorial(n - k)


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Two-sided p of the table [[a, b], [c, d]]: how often chance alone gives one as unlikely, all four sums as they are.

    Starts at the table seen and walks each tail until what is left cannot matter, so large tables cost hundreds of steps, not thousands.
    """
    row, column, total = a + b, a + c, a + b + c + d
    low, high = max(0, row + column - total), min(row, column)
    if low == high:
        return 1.0
    mode = min(max((row + 1) * (column + 1) // (total + 2), low), high)
    whole = log_choose(total, column)

    def probability(x: int) -> float:
        return math.exp(log_choose(row, x) + log_choose(total - row, column - x) - whole)

    limit = probability(a) * (1 + TOLERANCE)
    parts = []
    for end, step in ((low, 1), (high, -1)):
        start = _first_within(probability, limit, end, mode, step)
        if start is not None:
            parts += _tail(row, column, total, start, end, probability(start))
    return min(1.0, math.fsum(parts))


def _first_within(probability: Callable[[int], float], limit: float, end: int, mode: int, step: int) -> int | None:
    """From the mode towards the end: the first table that is as unlikely, by halving; None where none is."""
    if probability(end) > limit:
        return None
    far, near = end, mode
    if probability(near) <= limit:
        return near if step == 1 else (near + 1 if near < end else None)
    while abs(far - near) > 1:
        middle = (far + near) // 2
        if probability(middle) <= limit:
            far = middle
        else:
            near = middle
    return far


def _tail(row: int, column: int, total: int, start: int, end: int, first: float) -> list[float]:
    """Probabilities from `start` out to `end`, each from the one before, until they do not matter."""
    parts, x, p = [first], start, first
    while x != end and p > first * _EPSILON:
        if end < start:
            p *= x * (total - row - column + x) / ((row - x + 1) * (column - x + 1))
            x -= 1
        else:
            p *= (row - x) * (column - x) / ((x + 1) * (total - row - column + x + 1))
            x += 1
        parts.append(p)
    return parts


def gamma_below(s: float, x: float) -> float:
    """The regularised incomplete gamma function P(s, x)."""
    if x <= 0:
        return 0.0
    front = math.exp(s * math.log(x) - x - math.lgamma(s))
    if x < s + 1:
        term = added = 1 / s
        n = s
        while term > added * _EPSILON:
            n += 1
            term *= x / n
            added += term
        return min(1.0, front * added)
    b = x + 1 - s
    c, d = 1 / _TINY, 1 / b
    h = d
    for n in range(1, 100_000):
        an = -n * (n - s)
        b += 2
        d = 1 / _away(an * d + b)
        c = _away(b + an / c)
        h *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return max(0.0, 1 - front * h)


def beta_below(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _beta_fraction(b, a, 1 - x) / b
    return front * _beta_fraction(a, b, x) / a


def _beta_fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    h = d
    for m in range(1, 100_000):
        for up in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                   -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):  # fmt: skip
            d = 1 / _away(1 + up * d)
            c = _away(1 + up / c)
            h *= d * c
        if abs(d * c - 1) < _EPSILON:
            break
    return h


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _inverse(rises: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function has this value, by halving to the last bit."""
    for _ in range(400):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rises(middle) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def chi_square_quantile(p: float, freedom: float) -> float:
    """The value that a chi-square variable with so many degrees of freedom stays below with probability p."""
    high = freedom + 10
    while gamma_below(freedom / 2, high / 2) < p:
        high *= 2
    return _inverse(lambda x: gamma_below(freedom / 2, x / 2), p, 0.0, high)


def share_limits(hits: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Between which the true share lies, exactly (Clopper and Pearson 1934); (0, 1) of nothing."""
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else _inverse(lambda x: beta_below(hits, of - hits + 1, x), tail, 0.0, 1.0)
    high = 1.0 if hits == of else _inverse(lambda x: beta_below(hits + 1, of - hits, x), 1 - tail, 0.0, 1.0)
    return low, high


@lru_cache(64)
def range_moments(n: int) -> tuple[float, float]:
    """(d2, d3): mean and standard deviation of the range of n standard normal values, n from 2 to 50."""
    if n == 2:
        return 2 / math.sqrt(math.pi), math.sqrt(2 - 4 / math.pi)
    mean = _gauss(lambda w: 1 - _range_below(n, w), 0.0, 16.0)
    square = _gauss(lambda w: 2 * w * (1 - _range_below(n, w)), 0.0, 16.0)
    return mean, math.sqrt(square - mean * mean)


def _range_below(n: int, w: float) -> float:
    """P(range <= w) = n times the integral of phi(x) (Phi(x + w) - Phi(x))^(n-1); the trapezoid rule is exact to rounding here."""
    step, points = 0.08, 113
    phi = [math.exp(-0.5 * x * x) for x in (step * (k - points) for k in range(2 * points + 1))]
    added = 0.0
    for k, density in enumerate(phi):
        x = step * (k - points)
        added += density * (_phi_between(x, x + w)) ** (n - 1)
    return min(1.0, n * step / math.sqrt(2 * math.pi) * added)


def _phi_between(low: float, high: float) -> float:
    if low > 0:
        return 0.5 * (math.erfc(low / math.sqrt(2)) - math.erfc(high / math.sqrt(2)))
    return 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))


def _gauss(of: Callable[[float], float], low: float, high: float) -> float:
    """Gauss-Legendre with 16 points on 32 pieces."""
    pieces = 32
    width = (high - low) / pieces
    parts = []
    for n in range(pieces):
        middle = low + (n + 0.5) * width
        for x, weight in _LEGENDRE:
            parts.append(weight * (of(middle + x * width / 2) + of(middle - x * width / 2)))
    return math.fsum(parts) * width / 2


def _legendre(points: int) -> tuple[tuple[float, float], ...]:
    """The positive nodes and the weights, by Newton's method."""
    found = []
    for k in range(points // 2):
        x = math.cos(math.pi * (k + 0.75) / (points + 0.5))
        for _ in range(100):
            before, value = 0.0, 1.0
            for n in range(points):
                before, value = value, ((2 * n + 1) * x * value - n * before) / (n + 1)
            slope = points * (x * value - before) / (x * x - 1)
            x, last = x - value / slope, x
            if abs(x - last) < 1e-16:
                break
        found.append((x, 2 / ((1 - x * x) * slope * slope)))
    return tuple(found)


_LEGENDRE = _legendre(16)
