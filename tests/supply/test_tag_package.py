"""tag_package and package_names.csv: a tag is one more name of a package, found wherever a package is scanned."""

from dataclasses import replace

import pytest

from asbuilt.built.supply.package_file import package_file
from asbuilt.built.supply.queries import package_scanned
from asbuilt.built.supply.tagging import tag_package
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, NotAllowed, NotFound

EPC = "3074257BF7194E4000001A85"  # GS1 EPC Tag Data Standard, urn:epc:tag:sgtin-96:3.0614141.812345.6789


@pytest.fixture
def reels(load):
    part = {"part": "RES", "description": "", "mpn": "RC", "manufacturer": "Yageo", "lifecycle": "", "msl": ""}
    lot = {
        "package_kind": "reel",
        "part": "RES",
        "mpn": "RC",
        "manufacturer": "Yageo",
        "lot_code": "L1",
        "status": "released",
    }
    load({"parts": [part], "lots": [{"package": code, **lot} for code in ("P1", "P2")]}, "reels")


def code_of(error) -> str:
    return error.value.code


def test_a_tag_finds_the_package(reels, actor):
    from asbuilt.ledger.verifying import verify
    from asbuilt.questions.genealogy.seen.finding import find

    tagged = tag_package(actor, package="P1", epc=EPC.lower())
    assert (tagged.package, tagged.epc, tagged.uri) == ("P1", EPC, "urn:epc:id:sgtin:0614141.812345.6789")
    assert [package_scanned(actor.tenant, text) for text in (EPC, "P2", "P9")] == ["P1", "P2", None]
    assert [(hit.kind, hit.code) for hit in find(actor, EPC)] == [("package", "P1")]
    assert package_file(actor.tenant, EPC, 0).package == "P1"
    assert verify(actor.tenant).findings == []


def test_the_same_request_twice(reels, actor):
    first = tag_package(actor, package="P1", epc=EPC, request_key="k")
    assert tag_package(actor, package="P1", epc=EPC, request_key="k") == first
    with pytest.raises(Conflict) as caught:
        tag_package(actor, package="P2", epc=EPC, request_key="k")
    assert code_of(caught) == "ledger.request_key_reused"


def test_refusals(reels, actor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    tag_package(actor, package="P1", epc=EPC)
    other = local_system(open_tenant("elsewhere", "Elsewhere").number)
    for who, package, epc, kind, code in (
        (actor, "P2", EPC, Conflict, "tables.contradicts"), (actor, "P9", EPC[:-1] + "6", NotFound, "supply.package_unknown"),
        (actor, "P2", "30", Invalid, "supply.epc_wrong"), (other, "P1", EPC, NotFound, "supply.package_unknown"),
        (replace(actor, rights=frozenset()), "P1", EPC, NotAllowed, "access.right_missing"),
    ):  # fmt: skip
        with pytest.raises(AsbuiltError) as caught:
            tag_package(who, package=package, epc=epc)
        assert (type(caught.value), code_of(caught)) == (kind, code)


def test_rows_that_are_refused(reels, load):
    row = {"kind": "customer", "from_at": "2027-03-01T08:00Z"}
    rows = [{"package": "P1", "value": "K1", **row}, {"package": "P2", "value": "K1", **row}, {"package": "P9", "value": "K2", **row},
            {"package": "P1", "value": "x" * 201, **row}]  # fmt: skip
    with pytest.raises(Invalid) as caught:
        load({"package_names": rows}, "refused")
    assert [(one.code, one.line) for one in caught.value.rows] == [
        ("supply.name_doubled", 3), ("supply.package_unknown", 4), ("tables.cell_too_long", 5)
    ]  # fmt: skip
    with pytest.raises(Conflict):
        load({"package_names": [{"package": "P1", "value": "P2", **row}]}, "taken")


def test_a_tag_goes_before_its_package(reels, actor):
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.verifying import verify

    tag_package(actor, package="P1", epc=EPC)
    gone = {
        table: fact_id(TABLES[table], next(row for row in rows_of(actor.tenant, table) if row[0] == "P1"))
        for table in ("lots", "package_names")
    }

    def withdraw(*tables):
        withdraw_facts(actor, [Withdraw(gone[table], "wrong", "045", 1_800_000_000_000_000) for table in tables])

    with pytest.raises(Refused) as caught:
        withdraw("lots")
    assert code_of(caught) == "exchange.fact_rested_on"
    withdraw("lots", "package_names")
    assert (
        package_scanned(actor.tenant, EPC) is package_scanned(actor.tenant, "P1") is None
        and verify(actor.tenant).findings == []
    )
