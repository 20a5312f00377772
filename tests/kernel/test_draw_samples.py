"""Which units a sampled plan draws, and commitments to secrets: worked out by other programs, counted by hand."""

import json
import subprocess

import pytest
from quality.test_what_a_pass_says import plan

from asbuilt.kernel import commitments, test_plans


def sampled(every: int) -> test_plans.TestPlan:
    said = json.loads(plan().document)
    return test_plans.parse_test_plan(json.dumps({**said, "every": every}).encode())


def by_openssl(text: bytes, *words: str) -> str:
    done = subprocess.run(["openssl", "dgst", "-sha256", *words, "-r"], input=text, capture_output=True, check=True)
    return done.stdout.decode()[:64]


def test_a_plan_draws_by_the_hash_of_itself_and_the_name():
    found = sampled(7)
    for name in ("SN-1", "SN-2", "WO-7#3", "Gerät 5"):
        digest = by_openssl(f"asbuilt/sample\n{found.sha256}\n{name}".encode())
        assert found.samples(name) == (int(digest[:16], 16) % 7 == 0), name


def test_one_of_fifty_is_about_one_of_fifty_and_another_version_draws_anew():
    """Of 20,000 names 400 are expected; five standard deviations (99) to either side are one in two million."""
    first, second = sampled(50), sampled(51)
    names = [f"SN{n:05}" for n in range(20_000)]
    drawn = {name for name in names if first.samples(name)}
    assert 301 < len(drawn) < 499
    assert len(drawn & {name for name in names if second.samples(name)}) < 30
    assert all(sampled(1).samples(name) for name in names[:100])


def test_a_commitment_is_an_hmac_and_of_no_use_without_its_key():
    master = bytes(range(32))
    key = commitments.comparison_key(master, "WIDGET")
    assert key.hex() == by_openssl(b"asbuilt/compare\nWIDGET", "-mac", "HMAC", "-macopt", f"hexkey:{master.hex()}")
    said = commitments.of_secret(key, "password", "pässword 1")
    text = "asbuilt/secret\npassword\npässword 1".encode()
    assert said == by_openssl(text, "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}")
    others = [
        commitments.of_secret(key, "password", "pässword 2"),
        commitments.of_secret(key, "pin", "pässword 1"),
        commitments.of_secret(commitments.comparison_key(master, "OTHER"), "password", "pässword 1"),
        by_openssl(text),
    ]
    assert len({said, *others}) == 5
    with pytest.raises(ValueError):
        commitments.of_secret(b"short", "password", "x")
