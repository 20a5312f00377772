"""Mutated documents of every kind of feed: each ends in advisories or broken records, never in a crash, in little time.

Bytes are changed, cut and doubled; values are exchanged for others of any type. 150 of each kind by default;
`ASBUILT_SOAK=1` for the 5,000 of each kind, `ASBUILT_MUTATIONS` for another number.
"""

import random
import time
from dataclasses import asdict

import pytest
from feed_mutations import ASKED, FOLDERS, MADE, SEED, mutated, originals

from asbuilt.formats.advisory.reading import read_advisories
from asbuilt.formats.advisory.records import Advisory, BrokenRecord

MUTATIONS = ASKED or 150
SECONDS_EACH_MAX = 2.0


@pytest.mark.parametrize("kind", [*FOLDERS, *MADE])
def test_no_mutation_crashes(kind, shared_data, capsys):
    rng = random.Random(SEED)
    good = originals(shared_data, kind)
    read = broken = 0
    for n in range(MUTATIONS):
        document = mutated(rng, good[n % len(good)])
        begun = time.monotonic()
        for one in read_advisories(document, kind):
            if isinstance(one, BrokenRecord):
                broken += 1
                assert one.reason and len(one.raw) <= 1 << 16 or len(one.raw) <= len(document), one
            else:
                read += 1
                stored(one)
        assert time.monotonic() - begun < SECONDS_EACH_MAX, (kind, n)
    with capsys.disabled():
        print(f"\n{kind}: {MUTATIONS} mutated with seed {SEED}: {read} records read, {broken} named as broken")
    assert read and broken  # the mutations neither spoil everything nor nothing


def stored(one: Advisory) -> None:
    """What both databases must be able to take: text without NUL and halves of pairs, instants in range."""
    for text in texts(asdict(one)):
        assert "\0" not in text and text == text.encode().decode(), text
    assert one.vulnerability and len(one.vulnerability) <= 300 and len(one.title) <= 500
    for instant in (one.published_at, one.modified_at, one.withdrawn_at, one.exploited_since):
        assert instant is None or 0 <= instant < 253_402_300_800_000_000
    assert all(place < len(one.criteria) for tree in one.trees for place in places(tree))


def texts(node):
    """Every text in it, at any depth."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list | tuple):
        for child in node.values() if isinstance(node, dict) else node:
            yield from texts(child)


def places(tree):
    for child in tree.children:
        if isinstance(child, int):
            yield child
        else:
            yield from places(child)
