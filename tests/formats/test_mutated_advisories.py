"""Mutated documents of every kind of feed: each ends in advisories or broken records, never in a crash, in little time.

Bytes are changed, cut and doubled; values are exchanged for others of any type. 150 of each kind by default;
`ASBUILT_MUTATIONS=5000` for all of them.
"""

import json
import os
import random
import time
from dataclasses import asdict

import pytest

from asbuilt.formats.advisory.reading import read_advisories
from asbuilt.formats.advisory.records import Advisory, BrokenRecord

MUTATIONS = int(os.environ.get("ASBUILT_MUTATIONS", "150"))
SEED = 20_261_129
SECONDS_EACH_MAX = 2.0
DOCUMENT_BYTES = 60_000
ODD = (None, True, -1, 0, 1.5, 2**70, "", "x", "\x00", "\ud800", "2018-13-45T99:00:00", "é" * 300, [], {}, [[]], [None], {"a": 1}, ["x"],
       "cpe:2.3:a:\\", "pkg:", "CVE-2024-1111", "9999-12-31T23:59:59Z", float("nan"), [{}] * 20)  # fmt: skip
FOLDERS = {
    "nvd": ["nvd2/*.json", "nvd2-embedded/*.json", "nvd2-overrides/*.json"],
    "cve5": ["cve5/**/*.json"],
    "osv": ["osv/**/*.json", "osv/**/*.yaml"],
    "csaf": ["csaf/**/*.json"],
    "openvex": ["vex/openvex/*.json"],
    "cyclonedx": ["vex/cyclonedx/*"],
    "epss": ["epss/*.csv"],
}
MADE = {
    "kev": [{"vulnerabilities": [{"cveID": "CVE-2025-48384", "vendorProject": "Git", "product": "Git", "dateAdded": "2025-08-25", "cwes": ["CWE-59"]}] * 3}],
    "euvd": [{"items": [{"id": "EUVD-1", "aliases": "CVE-2025-1\n", "dateUpdated": "Apr 15, 2025, 7:30:58 PM", "epss": 1.5, "baseScore": 5,
                         "enisaIdProduct": [{"product": {"name": "x"}, "product_version": "<2"}], "enisaIdVendor": [{"vendor": {"name": "v"}}]}]}],
    "own": [{"id": "OWN-1", "title": "t", "severity": [{"vector": "CVSS:3.1/AV:N", "score": 5}], "exploited": False,
             "affected": [{"maker": "m", "mpn": "p", "lots": ["a"], "versions": "<2"}, {"purl": "pkg:generic/x"}]}],
}  # fmt: skip


def exchanged(rng: random.Random, node):
    """The structure with one value, somewhere in it, exchanged for an odd one."""
    if isinstance(node, dict) and node and rng.random() < 0.9:
        key = rng.choice(list(node))
        if rng.random() < 0.1:
            return {name: value for name, value in node.items() if name != key}
        return {**node, key: exchanged(rng, node[key])}
    if isinstance(node, list) and node and rng.random() < 0.9:
        place = rng.randrange(len(node))
        return [*node[:place], exchanged(rng, node[place]), *node[place + 1 :]]
    return rng.choice(ODD)


def mutated(rng: random.Random, original: bytes) -> bytes:
    if rng.random() < 0.6 and original.lstrip()[:1] in (b"{", b"["):
        node = json.loads(original)
        for _ in range(rng.randint(1, 4)):
            node = exchanged(rng, node)
        return json.dumps(node).encode()
    changed = bytearray(original)
    for _ in range(rng.randint(1, 8)):
        place = rng.randrange(len(changed)) if changed else 0
        kind = rng.random()
        if kind < 0.5 and changed:
            changed[place] = rng.randrange(256)
        elif kind < 0.8:
            del changed[place : place + rng.randint(1, 200)]
        else:
            changed[place:place] = changed[place : place + rng.randint(1, 200)]
    return bytes(changed)


@pytest.mark.parametrize("kind", [*FOLDERS, *MADE])
def test_no_mutation_crashes(kind, shared_data):
    rng = random.Random(SEED)
    found = [file.read_bytes() for pattern in FOLDERS.get(kind, []) for file in sorted(shared_data.glob(pattern))]
    originals = [one for one in found if len(one) < DOCUMENT_BYTES] + [
        json.dumps(one).encode() for one in MADE.get(kind, [])
    ]
    assert originals
    read = broken = 0
    for n in range(MUTATIONS):
        document = mutated(rng, originals[n % len(originals)])
        begun = time.monotonic()
        for one in read_advisories(document, kind):
            if isinstance(one, BrokenRecord):
                broken += 1
                assert one.reason and len(one.raw) <= 1 << 16 or len(one.raw) <= len(document), one
            else:
                read += 1
                stored(one)
        assert time.monotonic() - begun < SECONDS_EACH_MAX, (kind, n)
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
