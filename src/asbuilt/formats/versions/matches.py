"""Yes, no, or not to be told: three values with Kleene's rules, so that a condition nobody can check never becomes a no."""

from collections.abc import Iterable
from enum import IntEnum


class Match(IntEnum):
    """Ordered so that AND is the lowest and OR the highest."""

    NO = 0
    UNSURE = 1
    YES = 2


def all_of(matches: Iterable[Match]) -> Match:
    """AND: the lowest; YES of nothing."""
    return min(matches, default=Match.YES)


def any_of(matches: Iterable[Match]) -> Match:
    """OR: the highest; NO of nothing."""
    return max(matches, default=Match.NO)


def negated(match: Match) -> Match:
    """NOT: YES and NO swap, UNSURE stays."""
    return Match(Match.YES - match)
