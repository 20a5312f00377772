"""Documents of every kind of feed with something wrong in them: bytes changed, cut, doubled; values exchanged for others."""

import json
import random

from soak import drawn

# 5,000 of each kind with ASBUILT_SOAK=1, or as many as ASBUILT_MUTATIONS says
ASKED = drawn(0, "ASBUILT_MUTATIONS")
SEED = 20_261_129
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


def originals(shared_data, kind: str) -> list[bytes]:
    """Good documents of this kind, none so large that mutating it takes long."""
    found = [file.read_bytes() for pattern in FOLDERS.get(kind, []) for file in sorted(shared_data.glob(pattern))]
    return [one for one in found if len(one) < DOCUMENT_BYTES] + [
        json.dumps(one).encode() for one in MADE.get(kind, [])
    ]
