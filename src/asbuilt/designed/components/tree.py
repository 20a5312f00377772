"""The components of an SBOM as a tree: what contains or needs what, each component once, at the first place it is met.

Cycles and components that several need end at that first place; what nothing leads to stands at the top. No recursion, so a
chain of a hundred thousand is a list like any other.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

DEPTH_SHOWN_MAX = 8


def tree(parents: Sequence[tuple[int, int]], edges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(place, depth) in the order of a walk. `parents` are (place, place of the container or -1), `edges` (place, needed)."""
    below: dict[int, list[int]] = defaultdict(list)
    led_to = set()
    for place, parent in parents:
        if parent >= 0:
            below[parent].append(place)
            led_to.add(place)
    for place, needed in edges:
        below[place].append(needed)
        if place != needed:
            led_to.add(needed)
    known = [place for place, _ in parents]
    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    # what nothing leads to first; then what is left, which only circles lead to
    for roots in ([place for place in known if place not in led_to], known):
        for root in roots:
            waiting = [(root, 0)]
            while waiting:
                place, depth = waiting.pop()
                if place in seen:
                    continue
                seen.add(place)
                found.append((place, depth))
                waiting += [(each, depth + 1) for each in reversed(below.get(place, ())) if each not in seen]
    return found
