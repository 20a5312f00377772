"""kill -9 in the middle of publishing: what is shown to everybody is what the record says was published, whole and signed; nothing of what was cut off."""

import json
import random

import pytest
from publishing_floor import set_up
from pysequoia import Cert, Sig, verify
from test_kill_9 import BEGIN, check_blobs, check_log, nursery  # noqa: F401
from vulnerable_factory import MBEDTLS, secured

ROUNDS = 8
PUBLISHES = (
    BEGIN
    + """
from asbuilt.answers.cases.publishing.actions import advising
from asbuilt.answers.cases.publishing.seen import advisory_seen
for n in range(first, first + 100):
    code = advising.draft_advisory(actor, kind="advisory", vulnerabilities=('FLAW',), request_key=f"d{n}")
    advising.approve_advisory(actor, advisory=code, draft=advisory_seen(actor, code)["draft"], request_key=f"a{n}")
    advising.publish_advisory(actor, advisory=code, summary="First issue.", request_key=f"p{n}")
    done("published", advisory_seen(actor, code)["identity"])
"""
).replace("FLAW", MBEDTLS)


@pytest.fixture
def house(actor, load, tmp_path, monkeypatch):
    """Boards with a flaw; the house publishes under psirt.brand.example."""
    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.brand.example=main")
    secured(actor, load, tmp_path / "security")
    set_up(actor)
    return actor


def test_killed_while_publishing(house, home, nursery, tmp_path):  # noqa: F811
    from asbuilt.answers.cases.publishing.public import public_file, public_record

    chance, heads, acknowledged = random.Random(29), [], []
    for number in range(ROUNDS):
        folder = tmp_path / f"round{number}"
        folder.mkdir()
        acknowledged += [one[1] for one in nursery.kill_one(PUBLISHES, number * 1_000, folder, chance)]
        check_log(house, heads, False)
        shown = {one.identity for one in public_record(house.tenant)}
        assert set(acknowledged) <= shown and len(shown - set(acknowledged)) <= number + 1
    check_log(house, heads, True)
    check_blobs(home)
    the_tree_is_the_record(house, shown)
    key = Cert.from_bytes(public_file(house.tenant, f"openpgp/{fingerprint(house)}.asc").content)
    for path in public_file(house.tenant, "white/index.txt").content.decode().split():
        document = public_file(house.tenant, f"white/{path}").content
        signature = public_file(house.tenant, f"white/{path}.asc").content
        verify(document, lambda _ids: [key], signature=Sig.from_bytes(signature))


def fingerprint(house) -> str:
    from asbuilt.answers.cases.publishing.keys import public_keys

    return public_keys(house.tenant)[0].fingerprint


def the_tree_is_the_record(house, shown: set[str]) -> None:
    """Index, changes and feed name the published documents, and those alone."""
    from asbuilt.answers.cases.publishing.public import public_file
    from asbuilt.storage import reading

    sql = "SELECT count(*) FROM cases_statement WHERE tenant = %s AND kind = 'advisory_published'"
    assert reading.fetch_one(sql, (house.tenant,))[0] == len(shown) > ROUNDS
    feed = json.loads(public_file(house.tenant, "white/feed-tlp-white.json").content)["feed"]["entry"]
    index = public_file(house.tenant, "white/index.txt").content.decode().split()
    assert {one["id"] for one in feed} == shown and len(index) == len(feed)
    assert len(public_file(house.tenant, "white/changes.csv").content.splitlines()) == len(index)
