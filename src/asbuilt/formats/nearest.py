"""Nearest names: what somebody probably meant when a column, word, lot or serial number is not known.

Distance is optimal string alignment (Damerau-Levenshtein with adjacent swaps), blind to case: the slips of a hand on a
keyboard. Work is limited in the length of the name and in how many known names are looked at, so that a list of a
million lots cannot slow an error message. Says nothing rather than something far-fetched.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

NAME_CHARACTERS_MAX = 64
KNOWN_NAMES_MAX = 5_000
NAMES_SHOWN = 3


def nearest(name: str, known: Iterable[str], *, count: int = NAMES_SHOWN) -> list[str]:
    """Up to `count` of the known names that lie near `name`, nearest first, ties in alphabetical order.

    Near is: a third of the characters off at most (at least one), or one name standing inside the other. Only the first
    5,000 known names are looked at: pass those that the reader may see, the likeliest first.
    """
    wanted = name[:NAME_CHARACTERS_MAX].casefold()
    if not wanted:
        return []
    letters = Counter(wanted)
    found: list[tuple[int, str]] = []
    for candidate in islice(known, KNOWN_NAMES_MAX):
        folded = candidate[:NAME_CHARACTERS_MAX].casefold()
        limit = max(1, max(len(wanted), len(folded)) // 3)
        gap = _distance_within(wanted, folded, letters, limit)
        if gap is None and _one_inside_the_other(wanted, folded):
            gap = limit + 1
        if gap is not None:
            found.append((gap, candidate))
    return [candidate for _, candidate in sorted(set(found))[:count]]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence such as "Did you mean serial or station?", or "" where nothing is near."""
    names = nearest(name, known)
    if not names:
        return ""
    return f"Did you mean {names[0] if len(names) == 1 else ', '.join(names[:-1]) + ' or ' + names[-1]}?"


def _one_inside_the_other(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) >= 3 and short in long


def _distance_within(left: str, right: str, letters: Counter[str], limit: int) -> int | None:
    """The distance where it is at most `limit`, else None."""
    longer = max(len(left), len(right))
    if abs(len(left) - len(right)) > limit:
        return None
    # Each edit mends at most one character that only one of the names has: a cheap bound before the table is filled.
    if longer - (letters & Counter(right)).total() > limit:
        return None
    distance = _alignment_distance(left, right)
    return distance if distance <= limit else None


def _alignment_distance(left: str, right: str) -> int:
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
