"""A package is found by its tag wherever it is scanned: at a feeder, by hand, on the bench, at the store. Facts name its code."""

import pytest
from gate.test_place_by_hand import carried  # noqa: F401
from mounted_line import setup  # noqa: F401

from asbuilt.kernel.errors import Conflict, Refused

EPCS = {f"3074257BF7194E400000{n:04X}": code for n, code in enumerate(("R-1", "R-2", "X-1"), 0x1A85)}
R1, R2, X1 = EPCS


@pytest.fixture
def tagged(setup, actor):  # noqa: F811
    from asbuilt.built.supply.tagging import tag_package

    for epc, code in EPCS.items():
        tag_package(actor, package=code, epc=epc)
    return setup


def test_at_a_feeder(tagged, carried):  # noqa: F811
    assert tagged.mount("1", R1).package == "R-1"
    tagged.mount("2", "C-1")
    tagged.go("B1")
    assert tagged.splice("1", R2, old=R1).package == "R-2"
    with pytest.raises(Refused) as refusal:
        tagged.off("1", R1)
    assert refusal.value.facts["there"] == "R-2"
    assert tagged.off("1", R2).package == "R-2"
    assert carried("package:R-1") == ["B1"]


def test_a_quarantined_one_is_stopped_by_its_tag_too(tagged, actor):
    from asbuilt.built.supply.actions.statuses import quarantine_packages
    from asbuilt.built.supply.queries import standing_of

    quarantine_packages(actor, packages=[R1], reason="torn")
    assert standing_of(actor.tenant, "R-1").status == "quarantine"
    with pytest.raises(Refused) as refusal:
        tagged.mount("1", R1)
    assert refusal.value.code == "production.package_not_released"


def test_by_hand_on_the_bench_and_at_the_store(tagged, actor, carried):  # noqa: F811
    from asbuilt.answers.gate.handling import handle_packages
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.answers.gate.reworking import replace_part
    from asbuilt.built.supply.actions.splits import split_package
    from asbuilt.built.supply.package_file import package_file

    place_by_hand(actor, first="B1", refdes=["X1"], package=X1)
    replace_part(actor, code="B2", refdes="R1", installed=R2, reason="cracked")
    assert carried("package:X-1") == ["B1"] and carried("package:R-2") == ["B2"]
    handle_packages(actor, packages=[R1], event="opened")
    assert [row.event for row in package_file(actor.tenant, "R-1", 2**50).handling] == ["opened"]
    assert split_package(actor, package=R1, quantity=5, new="R-1B").package == "R-1B"


def test_the_same_request_twice(tagged):
    first = tagged.mount("1", R1, request_key="k")
    assert tagged.mount("1", R1, request_key="k").entry == first.entry
    with pytest.raises(Conflict):
        tagged.mount("1", R2, request_key="k")
