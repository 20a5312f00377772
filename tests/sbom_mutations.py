"""SBOMs of every form with something wrong in them: bytes flipped, cut, doubled, moved; values exchanged for others of any type."""

import json
import random
from collections.abc import Iterator

KINDS = {
    "CycloneDX JSON": "cyclonedx-vectors/1.6/valid-bom-1.6.json",
    "CycloneDX XML": "cyclonedx-vectors/1.6/valid-bom-1.6.xml",
    "SPDX 2.3 JSON": "spdx/2.x-formats/SPDXJSONExample-v2.3.spdx.json",
    "SPDX tag-value": "spdx/2.x-formats/SPDXTagExample-v2.3.spdx",
    "SPDX YAML": "spdx/2.x-formats/SPDXYAMLExample-v2.3.spdx.yaml",
    "SPDX XML": "spdx/2.x-formats/SPDXXMLExample-v2.3.spdx.xml",
    "SPDX RDF": "spdx/2.x-formats/SPDXRdfExample-v2.3.spdx.rdf.xml",
    "SPDX 3.0.1": "spdx/3.0/example9_appbomination.spdx3.json",
    "SWID": "swid/swid_test.xml",
}
SEED = "asbuilt"


def mutated_bytes(content: bytes, rng: random.Random) -> bytes:
    """One to four changes of bytes: flipped, cut, doubled, moved."""
    made = bytearray(content)
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(made)), rng.choice((1, 1, 2, 8, 64, 512))
        what = rng.randrange(5)
        if what == 0:
            made[at] = rng.randrange(256)
        elif what == 1:
            del made[at : at + length]
        elif what == 2:
            made[at:at] = made[at : at + length]
        elif what == 3:
            made[at:at] = bytes(rng.randrange(256) for _ in range(length))
        else:
            made = made[: at + 1]
        if not made:
            made = bytearray(b"x")
    return bytes(made)


VALUES = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\x00",
    "é" * 50,
    [],
    {},
    [[]],
    {"a": None},
    ["x"] * 3,
    "urn:uuid:0",
    "%zz",
    "2999-01-01T00:00:00Z",
)


def mutated_json(document, rng: random.Random):
    """One to four values anywhere in the tree replaced, taken out, doubled or put elsewhere."""
    made = json.loads(json.dumps(document))
    for _ in range(rng.randint(1, 4)):
        places = []
        waiting = [made]
        while waiting:
            one = waiting.pop()
            for key in list(one) if isinstance(one, dict) else range(len(one)):
                places.append((one, key))
                if isinstance(one[key], dict | list):
                    waiting.append(one[key])
        if not places:
            break
        one, key = rng.choice(places)
        what = rng.randrange(4)
        if what == 0:
            one[key] = rng.choice(VALUES)
        elif what == 1:
            del one[key]
        elif what == 2 and isinstance(one, list):
            one.append(one[key])
        else:
            other, at = rng.choice(places)
            try:
                one[key] = json.loads(json.dumps(other[at]))
            except (KeyError, IndexError):
                one[key] = None
    return made


def mutations(shared_data, kind: str, count: int) -> Iterator[bytes]:
    """So many of a kind; of JSON every other one with its structure changed."""
    content = (shared_data / KINDS[kind]).read_bytes()
    rng = random.Random(f"{SEED} {kind}")
    document = json.loads(content) if kind.endswith(("JSON", "3.0.1")) else None
    for number in range(count):
        if document is not None and number % 2:
            yield json.dumps(mutated_json(document, rng)).encode()
        else:
            yield mutated_bytes(content, rng)
