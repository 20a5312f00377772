"""One record of a feed against one subject: affected, unsure or not, and on which grounds.

A record names a thing by several criteria. Those of one key are one word about one identifier of the subject: a range that holds the version beats what is said
of every version; a range that says mended beats an affected one that cannot be compared, never one that holds. Criteria in
applicability trees count through their tree. Over keys, identifiers and trees the worst word counts, and all of them are kept: text and
CPE of one record may disagree, and both are shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from asbuilt.formats.matching import grounds as why
from asbuilt.formats.matching import subjects
from asbuilt.formats.matching.criteria import word_of
from asbuilt.formats.matching.grounds import Ground
from asbuilt.formats.matching.masks import fits
from asbuilt.formats.matching.subjects import Subject
from asbuilt.formats.matching.trees import applies
from asbuilt.formats.versions.matches import Match

SAFE = frozenset(("fixed", "not_affected"))
OPEN_STATES = frozenset(("unknown", "under_investigation"))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one record says of a subject: YES affected, UNSURE not to be told; NO with grounds where it named the subject."""

    match: Match
    grounds: tuple[Ground, ...]


def judge(
    record: str,
    criteria: Sequence[tuple[int, object]],
    trees: Sequence,
    subject: Subject,
    around: dict[int, Match] | None = None,
) -> Judgement:
    """`criteria` are (place in the record, criterion) of those whose key the subject has; `trees` are alternatives. `around`
    are values, by place, of criteria that name what is known to stand beside the subject."""
    treed = frozenset().union(*map(_places, trees))
    said = [(place, criterion, word_of(record, criterion, subject)) for place, criterion in criteria]
    said = [(place, criterion, words) for place, criterion, words in said if words]
    matches, grounds = [Match.NO], []
    for group in _by_key((criterion, words) for place, criterion, words in said if place not in treed).values():
        match, ground = _together(group)
        matches.append(match)
        grounds.append(ground)
    own = {place: max(word.match for word in words) for place, _, words in said if place in treed}
    if own:
        match, ground = _by_trees(own, said, trees, around)
        matches.append(match)
        grounds.append(ground)
    return Judgement(max(matches), tuple(grounds))


@lru_cache(20_000)
def _places(tree) -> frozenset[int]:
    found = set()
    for child in tree.children:
        found.update((child,) if isinstance(child, int) else _places(child))
    return frozenset(found)


def _by_key(said) -> dict[tuple[str, str, str], list]:
    """What is said under one key of one identifier; that one CPE is mended says nothing of another."""
    found = defaultdict(list)
    for criterion, words in said:
        for identifier in dict.fromkeys(word.identifier for word in words):
            mine = [word for word in words if word.identifier == identifier]
            found[criterion.kind, criterion.key, identifier].append((criterion, mine))
    return found


def _together(group) -> tuple[Match, Ground]:
    """One word of all criteria of one key, and the ground that decided; of pieces of a part, all that it names."""
    match, ground = _decided(group)
    if match == Match.NO or not ground.pieces:
        return match, ground
    named = (
        word.pieces
        for criterion, words in group
        if criterion.status not in SAFE
        for word in words
        if word.match != Match.NO
    )
    return match, replace(ground, pieces=tuple(dict.fromkeys(piece for pieces in named for piece in pieces)))


def _decided(group) -> tuple[Match, Ground]:
    affected, safe, every = [], [], []
    for criterion, words in group:
        for word in words:
            if criterion.status in OPEN_STATES and word.match == Match.YES:
                word = replace(word, match=Match.UNSURE, cause=why.STATUS_UNKNOWN)
            if word.bounded:
                (safe if criterion.status in SAFE else affected).append(word)
            else:
                every.append((criterion.status in SAFE, word))
    worst = max(affected, key=lambda word: word.match, default=None)
    mended = max(safe, key=lambda word: word.match, default=None)
    if worst is not None and worst.match == Match.YES:
        return worst.match, worst
    if mended is not None and mended.match == Match.YES:
        return Match.NO, replace(mended, match=Match.NO, cause=why.SAID_SAFE)
    if worst is not None and worst.match == Match.UNSURE:
        return worst.match, worst
    said_affected = max((word for is_safe, word in every if not is_safe), key=lambda word: word.match, default=None)
    if said_affected is not None and said_affected.match != Match.NO:
        if mended is not None and mended.match == Match.UNSURE:
            return Match.UNSURE, mended
        return said_affected.match, said_affected
    return Match.NO, worst or mended and replace(mended, match=Match.NO) or replace(every[0][1], match=Match.NO)


def _by_trees(own: dict[int, Match], said, trees, around: dict[int, Match] | None) -> tuple[Match, Ground]:
    vulnerable = {place: criterion.vulnerable for place, criterion, _ in said}

    def over_trees(beside: dict[int, Match] | None) -> Match:
        return max(applies(tree, _of_tree(own, tree), lambda place: vulnerable[place], beside) for tree in trees)

    match = over_trees(around)
    words = [word for place, criterion, found in said if place in own and criterion.vulnerable for word in found]
    words = words or [word for place, _, found in said if place in own for word in found]
    best = max(words, key=lambda word: word.match)
    if around and match != Match.UNSURE and over_trees(None) != match:
        return match, replace(best, match=match, cause=why.SURROUNDINGS_NAMED if match else why.SURROUNDINGS_OTHER)
    if match == best.match:
        return match, best
    if match != Match.NO and match < best.match:
        return match, replace(best, match=match, cause=why.SURROUNDINGS)
    return match, replace(best, match=match)


def _of_tree(own: dict[int, Match], tree) -> dict[int, Match]:
    places = _places(tree)
    return {place: match for place, match in own.items() if place in places}


def named_by(criterion_key: tuple[str, str], subject: Subject) -> bool:
    """Whether a criterion with this kind and key speaks of the subject."""
    kind, key = criterion_key
    for own_kind, own in subjects.keys_of(subject):
        if own_kind == kind and own == key:
            return True
        if own_kind == subjects.CPE_OPEN and kind == subjects.CPE and key.startswith(own):
            return True
    return kind == subjects.MASK and any(fits(key, part) for part in subject.parts)
