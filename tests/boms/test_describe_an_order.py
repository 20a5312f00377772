"""The as-built BOM of an order of 5,000 boards: grouped by spans, every grade, counted by hand from `bom_floor`."""

import json

import pytest
from bom_floor import UNITS, parts, said

from asbuilt.kernel.errors import Invalid, NotFound


@pytest.fixture
def bom(floor, actor):
    from asbuilt.questions.boms.assembling import as_built_bom

    return as_built_bom(actor, "order", "WO")


def rows(document) -> set[tuple]:
    """(positions, certainty, lot, units) of each hardware component."""
    return {
        (*said(one, "cdx:device:location"), *said(one, "asbuilt:certainty"), "".join(said(one, "lot")), tuple(said(one, "asbuilt:units")))
        for one in parts(document)
    }  # fmt: skip


def test_five_thousand_boards_are_seven_components(bom):
    assert rows(bom.document) == {
        ("R1 R2", "certain", "LA", ("WO#1..WO#2990",)),
        ("R1 R2", "possible", "", ("WO#2991..WO#3010",)),
        ("R1 R2", "certain", "LB", ("WO#3011..WO#5000",)),
        ("U1", "certain", "LT", ("WO#1..WO#6", "WO#8..WO#4999")),
        ("U1", "certain", "", ("WO#7",)),
        ("U1", "unrecorded", "", ("WO#5000",)),
        ("#90", "certain", "LS", ("WO#1..WO#5000",)),
    }
    # 2*(2990+1990) resistors, 4998+1 controllers, 4*5000 screws; 2*20 resistors between the reels; one controller
    assert bom.pieces == {"certain": 9_960 + 4_999 + 20_000, "possible": 40, "unrecorded": 1}
    assert (bom.units, bom.parts, bom.images) == (UNITS, 7, 2)


def test_the_candidates_of_a_splice_are_named_and_what_they_share_is_said(bom):
    (splice,) = [one for one in parts(bom.document) if said(one, "asbuilt:certainty") == ["possible"]]
    named = [json.loads(text) for text in said(splice, "asbuilt:candidate")]
    assert [(one["lot_code"], one["date_code"], one["package"]) for one in named] == [
        ("LA", "2601", "A"),
        ("LB", "2602", "B"),
    ]
    assert (splice.name, splice.maker, said(splice, "mpn"), said(splice, "lot")) == ("M-RES", "Acme", ["M-RES"], [])
    assert said(splice, "asbuilt:date_code") == [] and said(splice, "asbuilt:units_count") == ["20"]


def test_an_unrecorded_position_names_the_part_and_no_maker(bom):
    (silent,) = [one for one in parts(bom.document) if said(one, "asbuilt:certainty") == ["unrecorded"]]
    assert (silent.name, silent.maker, silent.supplier, said(silent, "mpn")) == ("MCU", "", "", [])


def test_the_gaps_say_where_and_how_many(bom):
    assert [gap.text() for gap in bom.gaps] == [
        "Of U1 nothing is recorded on 1 units.",
        "At R1 R2 one of several stands on 20 units; the candidates are named.",
        "The lot or date code of what stands at U1 is not known on 1 units.",
        "No firmware is recorded on 1 units of board.",
        "board app 2.0 has no SBOM: what is in it is not listed.",
        "board boot 1.0 has no SBOM: what is in it is not listed.",
    ]  # fmt: skip
    assert [value for key, value in bom.document.subject.properties if key == "asbuilt:gap"] == [
        gap.text() for gap in bom.gaps
    ]


def test_firmware_stands_on_its_units_and_under_the_parts_that_brought_it(bom):
    """Boards 7 and 5000 carry nothing of tray T; 7 had app 2.0 written to it, so 5000 alone runs nothing that is known."""
    images = {one.name: one for one in bom.document.components if one.kind == "firmware"}
    assert set(images) == {"board app", "board boot"}
    assert said(images["board app"], "asbuilt:units") == ["WO#1..WO#100"]
    assert said(images["board boot"], "asbuilt:units") == ["WO#1..WO#6", "WO#8..WO#4999"]
    assert images["board boot"].hashes == (("SHA-256", "b1" * 32),)
    depends = dict(bom.document.dependencies)
    trays = [one.ref for one in parts(bom.document) if said(one, "lot") == ["LT"]]
    assert [ref for ref, to in depends.items() if images["board boot"].ref in to] == trays
    (board,) = [one.ref for one in bom.document.components if one.name == "board"]
    assert images["board app"].ref in depends[board]


def test_nothing_begun_and_nothing_there(floor, load, actor, stranger):
    from asbuilt.questions.boms.assembling import as_built_bom

    load({"orders": [{"order": "NEXT", "product": "board", "revision": "A", "bom_version": "1", "quantity": "3", "customer": "BRAND",
                      "opened_at": "2026-03-01T08:00:00Z"}],
          "units": [{"order": "NEXT", "serial": "-", "panel": "", "position": "", "state": "planned"}] * 3}, "next")  # fmt: skip
    with pytest.raises(NotFound) as planned:
        as_built_bom(actor, "order", "NEXT")
    assert planned.value.code == "question.bom_nothing_built"
    for who, code in ((actor, "WO-99"), (stranger, "WO")):
        with pytest.raises(NotFound):
            as_built_bom(who, "order", code)


def test_too_many_units_are_refused_with_a_way(floor, actor, monkeypatch):
    from asbuilt.questions.boms import asked
    from asbuilt.questions.boms.assembling import as_built_bom

    monkeypatch.setattr(asked, "UNITS_MAX", UNITS - 1)
    with pytest.raises(Invalid) as refused:
        as_built_bom(actor, "order", "WO")
    assert refused.value.code == "question.bom_too_many_units" and "shipment" in refused.value.remedy


def test_too_many_components_are_refused(floor, actor, monkeypatch):
    from asbuilt.questions.boms import assembling

    monkeypatch.setattr(assembling, "COMPONENTS_MAX", 6)
    with pytest.raises(Invalid) as refused:
        assembling.as_built_bom(actor, "order", "WO")
    assert refused.value.code == "question.bom_too_large"


@pytest.mark.parametrize(
    ("own", "kind", "code", "reader", "software"),
    [
        ("EMS", "shipment", "SH", "house", 2),
        ("EMS", "shipment", "SH", "customer", 0),  # SHOP received what BRAND ordered
        ("EMS", "shipment", "SH", "public", 0),
        ("EMS", "order", "WO", "customer", 2),  # BRAND ordered them all
        ("EMS", "order", "WO", "public", 0),
        ("BRAND", "shipment", "SH", "customer", 2),  # the house is the maker: it is its own to give
        ("BRAND", "unit", "S0003", "public", 2),
    ],
)
def test_what_is_in_the_image_of_another_maker_stands_in_no_file_for_others(
    floor, load, actor, own, kind, code, reader, software
):
    """A file that the house made for a customer held the SBOM of the brand owner's firmware; the customer who made it himself was not shown it."""
    from boms.test_describe_a_unit import SBOM, add_sbom

    from asbuilt.questions.boms.assembling import as_built_bom

    add_sbom(actor, SBOM)
    if own != "EMS":
        role = {"product": "", "party": own, "role": "own", "operator": "", "happened_at": "2026-03-05T08:00:00Z"}
        load({"product_roles": [role]}, "own")
    bom = as_built_bom(actor, kind, code, reader)
    assert bom.software == software
    assert any(one.name == "mbedtls" for one in bom.document.components) == bool(software)
    hidden = "What is in board app 2.0 is not shown to this reader."
    assert (hidden in [gap.text() for gap in bom.gaps]) == (not software)
