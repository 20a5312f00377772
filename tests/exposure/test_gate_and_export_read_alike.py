"""What the release gate holds open, exported VEX does not say is closed, and the other way, whatever was said in which order."""

import itertools
import json

import pytest
from vulnerable_factory import MBEDTLS

WORDS = {
    "release closed": {"status": "not_affected", "version": "1.0.0"},
    "release open": {"status": "affected", "version": "1.0.0"},
    "revision closed": {"status": "not_affected", "revision": "A"},
    "revision open": {"status": "affected", "revision": "A"},
    "other revision open": {"status": "affected", "revision": "B"},
    "other release open": {"status": "affected", "version": "1.1.0"},
}


def closed_by_hand(said) -> bool:
    """The rule in words: the last word about the release closes, and no later one about its revision opens."""
    of_release = [n for n, word in enumerate(said) if word.startswith("release")]
    if not of_release or said[of_release[-1]] != "release closed":
        return False
    # of the words about the revision the last one counts
    of_revision = [n for n, word in enumerate(said) if word.startswith("revision")]
    return not (of_revision and said[of_revision[-1]] == "revision open" and of_revision[-1] > of_release[-1])


@pytest.mark.parametrize("said", list(itertools.permutations(WORDS, 3))[::4], ids=", ".join)
def test_gate_and_export(security, decide, actor, load, said):
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    bom = {
        "product": "board",
        "revision": "B",
        "bom_version": "1",
        "line": "1",
        "part": "MOD",
        "quantity": "1",
        "refdes": "U1",
    }
    load({"bom": [bom]}, "b")
    for word in said:
        decide(**WORDS[word])
    is_open = bool(open_in_release(actor.tenant, "board", "", "1.0.0"))
    document = json.loads(vex_of_product(actor, "board", "openvex")[2])
    of_release = [one["status"] for one in document["statements"] if "board@1.0.0" in json.dumps(one["products"])]
    expected = closed_by_hand(said)
    assert is_open != expected and (of_release == ["not_affected"]) == expected, (MBEDTLS, of_release)
