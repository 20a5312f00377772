"""A person at the store splits a package: same lot, status and clocks; what is left in the source; refusals."""

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

AT = 1_803_859_200_000_000  # 2027-03-01T00:00:00Z
HOUR = 3_600_000_000


@pytest.fixture
def split(actor):
    from asbuilt.built.supply.actions.splits import split_package

    def one(package, quantity, new="", key=None, by=None, at=None):
        return split_package(by or actor, package=package, quantity=quantity, new=new, happened_at=at, request_key=key)

    return one


@pytest.fixture
def reel(receive):
    """1,000 pieces of U-7, level 3."""
    said = {"part": "U-7", "mpn": "ATECC608B", "lot_code": "A1", "date_code": "2701", "quantity": "1000"}
    return receive(**said, supplier="DIGI", delivery="DN-1", received_at="2027-02-01T00:00:00Z").packages[0].package


def test_it_takes_lot_status_and_clock_with_it_and_the_source_holds_less(reel, split, actor):
    from asbuilt.built.production.setups import package_use
    from asbuilt.built.supply.actions.handling import handle_packages
    from asbuilt.built.supply.actions.statuses import quarantine_packages
    from asbuilt.built.supply.queries import PackageFinder, floor_life, standing_of
    from asbuilt.ledger.verifying import verify

    handle_packages(actor, packages=[reel], event="opened", happened_at=AT)
    quarantine_packages(actor, packages=[reel], reason="marking differs", happened_at=AT)
    part = split(reel, 300, "PK-B", at=AT + HOUR)
    assert part.package == "PK-B"
    rows = PackageFinder(actor.tenant).find([reel, "PK-B"])
    assert rows["PK-B"].lot == rows[reel].lot
    assert standing_of(actor.tenant, "PK-B").reason == "marking differs"
    assert floor_life(actor.tenant, "PK-B", AT + 2 * HOUR).ends_at == AT + 168 * HOUR
    left = {code: package_use(actor.tenant, code)[1] for code in (reel, "PK-B")}
    assert (left[reel].most, left["PK-B"].most) == (700, 300)
    assert [finding.code for finding in verify(actor.tenant).findings] == []


def test_without_a_code_it_gets_the_next_own_one(reel, split):
    assert (split(reel, 100).package, split(reel, 100).package) == ("PK-000002", "PK-000003")


def test_no_more_leaves_than_there_is(reel, split):
    split(reel, 900)
    with pytest.raises(Refused) as refusal:
        split(reel, 101)
    assert (refusal.value.code, refusal.value.facts["left"]) == ("supply.split_too_many", 100)
    assert split(reel, 100).entry


def test_refusals(reel, split, person, stranger):
    for quantity in (0, -1, 10**12):
        with pytest.raises(Invalid, match="no part"):
            split(reel, quantity)
    with pytest.raises(Conflict):
        split(reel, 1, reel)
    with pytest.raises(NotFound):
        split("PK-9", 1)
    with pytest.raises(NotFound):
        split(reel, 1, by=stranger)
    with pytest.raises(NotAllowed):
        split(reel, 1, by=person("auditor"))
    assert split(reel, 1, by=person("operator")).entry


def test_the_same_request_twice_is_one_package(reel, split):
    first = split(reel, 100, key="k-1")
    assert split(reel, 100, key="k-1") == first
    with pytest.raises(Conflict):
        split(reel, 101, key="k-1")
