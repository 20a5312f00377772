"""tag_unit: an SGTIN-96 is one more name of a unit."""

import pytest
from planned import NEW, operator, stranger

from asbuilt.built.production.actions.naming import name_units
from asbuilt.built.production.actions.orders import open_order
from asbuilt.built.production.actions.tags import tag_unit
from asbuilt.designed.catalog.actions import set_mark_rule, set_serial_rule
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused

# GS1 EPC Tag Data Standard: urn:epc:tag:sgtin-96:3.0614141.812345.6789
EPC, GTIN = "3074257BF7194E4000001A85", "80614141123458"


@pytest.fixture
def named(stage, actor):
    """Boards 6788 to 6792 as WO-9."""
    stage()
    open_order(actor, **NEW)
    set_serial_rule(actor, product="board", prefix="", width=4, first=6788)
    name_units(actor, order="WO-9")


def test_the_tag_that_is_read_names_the_unit(named, actor, ask, findings, moved):
    tagged = tag_unit(actor, unit="6789", epc=EPC.lower())
    assert (tagged.unit, tagged.epc, tagged.uri) == ("WO-9#2", EPC, "urn:epc:id:sgtin:0614141.812345.6789")
    assert list(ask(f"unit:{EPC}")) == ["6789"] and findings() == []
    moved()
    assert list(ask(f"unit:{EPC}")) == ["6789"] and findings() == []


def test_a_tag_is_made_of_gtin_and_serial_number(named, actor):
    set_mark_rule(actor, product="board", content="gs1", gtin=GTIN, company_digits=7)
    # as the standard's example, with filter 1 (a single trade item) in place of 3: 001 in place of 011
    assert tag_unit(actor, unit="WO-9#2").epc == "3034257BF7194E4000001A85"


def test_a_tag_names_one_unit_until_it_is_withdrawn(named, actor, refused, withdraw):
    tag_unit(actor, unit="6789", epc=EPC)
    refused(Refused, "production.epc_taken", tag_unit, actor, unit="6790", epc=EPC)
    refused(Refused, "production.epc_taken", tag_unit, actor, unit="6789", epc=EPC)
    withdraw("names", value=EPC)
    assert tag_unit(actor, unit="6790", epc=EPC).unit == "WO-9#3"


def test_the_same_request_twice(named, actor, refused):
    first = tag_unit(actor, unit="6789", epc=EPC, request_key="k")
    assert tag_unit(actor, unit="6789", epc=EPC, request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", tag_unit, actor, unit="6790", epc=EPC, request_key="k")


def test_refusals(named, actor, refused):
    refused(NotFound, "production.serial_unknown", tag_unit, actor, unit="NONE", epc=EPC)
    refused(Invalid, "production.epc_wrong", tag_unit, actor, unit="6789", epc="3174257BF7194E4000001A85")
    refused(Invalid, "production.epc_wrong", tag_unit, actor, unit="6789", epc="30")
    refused(Refused, "production.epc_without_gtin", tag_unit, actor, unit="6789")
    set_mark_rule(actor, product="board", content="plain", gtin="09506000134352", company_digits=7)
    refused(Refused, "production.epc_of_other_product", tag_unit, actor, unit="6789", epc=EPC)
    refused(Refused, "production.epc_unfit", tag_unit, actor, unit="B3")
    refused(Refused, "production.unit_unnamed", tag_unit, actor, unit="WO-2#1")
    refused(NotFound, "production.serial_unknown", tag_unit, stranger(), unit="6789", epc=EPC)
    assert tag_unit(operator(actor), unit="6791").unit == "WO-9#4"
