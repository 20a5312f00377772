"""Where makers' parts are approved for a part, a package of which nobody knows the maker's part is none of them."""

import pytest
from sourcing_floor import lot

from asbuilt.kernel.errors import Refused


def test_a_reel_without_an_mpn_is_not_mounted_where_makers_parts_are_approved(stops, load, actor):
    from asbuilt.answers.gate.placing import place_by_hand

    load(
        {"lots": [lot("W-BARE", "WIFI", "", "LB", "2646"), lot("W-NOBODY", "WIFI", "", "LN", "2646", maker="")]}, "bare"
    )
    assert stops("WO-2", "W-BARE") == stops("WO-2", "W-NOBODY") == ["production.maker_unknown"]
    with pytest.raises(Refused) as refused:
        place_by_hand(actor, first="H1", refdes=["U1"], package="W-BARE")
    assert refused.value.code == "production.maker_unknown"
    assert refused.value.facts["approved"] == "W-1" and "label" in refused.value.remedy


def test_a_reel_without_an_mpn_is_mounted_where_all_of_its_maker_is_approved(stops, load):
    load(
        {"lots": [lot("W-BARE", "WIFI", "", "LB", "2646"), lot("W-NOVA", "WIFI", "", "LN", "2646", maker="Nova")]},
        "bare",
    )
    part = {"description": "", "lifecycle": "active", "msl": ""}
    load({"parts": [{**part, "part": "WIFI", "mpn": "", "manufacturer": "Radio"}]}, "all of Radio's")
    assert stops("WO-2", "W-BARE") == [] and stops("WO-2", "W-NOVA") == ["production.maker_unknown"]


def test_a_reel_without_an_mpn_is_mounted_where_no_makers_part_is_approved(stops, load, actor):
    """What nobody approved makers for is the internal part alone."""
    from asbuilt.answers.gate.placing import place_by_hand

    bare = {"part": "GLUE", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "active", "msl": ""}
    line = {
        "product": "gateway",
        "revision": "B",
        "bom_version": "1",
        "line": "1",
        "part": "GLUE",
        "quantity": "1",
        "refdes": "X1",
    }
    order = {
        "order": "WO-B",
        "product": "gateway",
        "revision": "B",
        "bom_version": "1",
        "quantity": "1",
        "customer": "BRAND",
        "opened_at": "",
    }
    load({"parts": [bare], "bom": [line], "lots": [lot("GLUE-1", "GLUE", "", "LG", "", maker="")], "orders": [{**order, "opened_at": "2026-03-01T08:00:00Z"}],
          "units": [{"order": "WO-B", "serial": "GB1", "panel": "", "position": "", "state": "planned"}]}, "glue")  # fmt: skip
    place_by_hand(actor, first="GB1", refdes=["X1"], package="GLUE-1")


def test_a_reel_without_a_maker_is_mounted_by_its_mpn_unless_another_maker_has_that_number(stops, load):
    load({"lots": [lot("W-LABEL", "WIFI", "W-1", "LB", "2646", maker="")]}, "label")  # labels seldom say the maker
    assert stops("WO-2", "W-LABEL") == []
    load({"lots": [lot("W-COPY", "WIFI", "W-1", "LC", "2646", maker="Copycat")]}, "copy")
    assert stops("WO-2", "W-LABEL") == ["production.maker_unknown"]
    assert stops("WO-2", "W-COPY") == ["production.not_approved"] and stops("WO-2", "W-NEW") == []
