"""The as-built BOM of one unit: who it is, what it runs and what is in that, who may see what. Counted by hand from `bom_floor`."""

import json

import pytest
from bom_floor import APP, parts, said

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound

SBOM = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "metadata": {"component": {"type": "firmware", "bom-ref": "fw", "name": "board-app", "version": "2.0", "licenses": [{"expression": "MIT"}]}},
    "components": [
        {"type": "library", "bom-ref": "part:1", "name": "mbedtls", "version": "2.28.3", "purl": "pkg:generic/mbedtls@2.28.3"},
        {"type": "library", "bom-ref": "lwip", "name": "lwip", "version": "2.1.2"},
    ],
    "dependencies": [{"ref": "fw", "dependsOn": ["part:1"]}, {"ref": "part:1", "dependsOn": ["lwip"]}],
    "compositions": [{"aggregate": "complete", "assemblies": ["fw"]}],
}  # fmt: skip


def bom_of(actor, code: str, **more):
    from asbuilt.questions.boms.assembling import as_built_bom

    return as_built_bom(actor, "unit", code, **more)


def add_sbom(actor, document: dict):
    from asbuilt.designed.components.actions import add_sbom as add
    from asbuilt.designed.components.bindings import Binding

    add(actor, binding=Binding("board", "app", "2.0"), content=json.dumps(document).encode(), file_name="app.cdx.json")


def test_who_it_is_and_what_stands_where(floor, actor):
    bom = bom_of(actor, "S2999")
    subject = bom.document.subject
    assert (subject.name, subject.version, subject.maker, subject.kind) == ("board", "A", "Brand Owner", "device")
    assert said(subject, "cdx:device:serialNumber") == ["S2999"] and said(subject, "asbuilt:unit") == ["WO#2999"]
    assert bom.pieces == {"certain": 1 + 4, "possible": 2, "unrecorded": 0} and bom.units == 1
    assert {(one.name, *said(one, "cdx:device:quantity"), one.parent) for one in parts(bom.document)} == {
        ("M-RES", "2", "subject"), ("STM32G0", "1", "subject"), ("M3X8", "4", "subject"),
    }  # fmt: skip
    assert all(one.kind == "device" and not said(one, "asbuilt:units") for one in parts(bom.document))
    assert bom.document.authors == ("Our Works",) and dict(bom.document.completeness)["subject"] == "incomplete"


def test_its_software_is_what_the_current_sbom_of_its_image_lists(floor, actor):
    assert bom_of(actor, "S0001").software == 0
    add_sbom(actor, {**SBOM, "components": SBOM["components"][:1]})
    add_sbom(actor, SBOM)
    bom = bom_of(actor, "S0001")
    found = {one.name: one for one in bom.document.components}
    depends = dict(bom.document.dependencies)
    image = found["board app"]
    assert (bom.software, image.version, image.hashes, image.licences) == (2, "2.0", (("SHA-256", APP),), ("MIT",))
    assert found["mbedtls"].parent == image.ref and found["mbedtls"].purl == "pkg:generic/mbedtls@2.28.3"
    assert depends[image.ref] == (found["mbedtls"].ref,) and depends[found["mbedtls"].ref] == (found["lwip"].ref,)
    # a library that its SBOM calls part:1 is not the part of that ref
    assert len({one.ref for one in bom.document.components}) == len(bom.document.components)
    assert dict(bom.document.completeness)[image.ref] == "complete"
    assert [gap.text() for gap in bom.gaps] == ["board boot 1.0 has no SBOM: what is in it is not listed."]


def test_the_same_unit_is_one_document_and_a_later_record_a_later_version(floor, actor):
    first, again = bom_of(actor, "S0001").document, bom_of(actor, "S0001").document
    assert (first.identity, first.document_version) == (again.identity, again.document_version)
    add_sbom(actor, SBOM)
    later = bom_of(actor, "S0001").document
    assert later.identity == first.identity and int(later.document_version) > int(first.document_version)
    assert bom_of(actor, "S0002").document.identity != first.identity
    assert bom_of(actor, "S0001", reader="public").document.identity != first.identity


@pytest.mark.parametrize(
    ("reader", "shown", "hidden"),
    [
        ("house", ("Secret Supplies", "LT", "2548", "MCU", "LS", "WO#3"), ("another party",)),
        ("customer", ("LT", "2548", "MCU", "STM32G0", "another party", "WO#3"), ("Secret Supplies", "SUP", '"T"', "LS")),
        ("public", ("STM32G0", "Acme", "M-RES"), ("Secret Supplies", "LT", "2548", "MCU", "WO", "LS", '"T"')),
    ],
)  # fmt: skip
def test_each_reader_gets_what_is_his(floor, actor, reader, shown, hidden):
    from asbuilt.formats.sbom.writing import FORMS, write_sbom

    for form in FORMS:
        text = write_sbom(bom_of(actor, "S0003", reader=reader).document, form).decode()
        assert all(word in text for word in shown), (form, [word for word in shown if word not in text])
        assert not any(word in text for word in hidden), (form, [word for word in hidden if word in text])


def test_a_customer_is_certain_of_a_lot_where_the_house_is_not_of_the_package(floor, load, actor):
    from bom_floor import _lot, _run

    load(
        {
            "lots": [_lot("T3", "MCU", "STM32G0", "ST", "LT", "2548")],
            "materials": [_run("U1", "T3", 4999, 4999, "possible")],
        },
        "more",
    )

    def mcu(reader):
        return next(
            one
            for one in parts(bom_of(actor, "S4999", reader=reader).document)
            if said(one, "cdx:device:location") == ["U1"]
        )

    assert said(mcu("house"), "asbuilt:certainty") == ["possible"] and said(mcu("house"), "lot") == ["LT"]
    assert said(mcu("customer"), "asbuilt:certainty") == ["certain"] and said(mcu("customer"), "lot") == ["LT"]


def test_a_party_reader_gets_his_units_as_a_customer_and_the_software_of_his_own(floor, actor, reader, stranger):
    add_sbom(actor, SBOM)
    brand = bom_of(reader("BRAND"), "S0003")
    assert brand.asked.reader == "customer" and brand.software == 2
    shop = bom_of(reader("SHOP"), "S0003")
    assert shop.software == 0 and "What is in board app 2.0 is not shown to this reader." in [
        gap.text() for gap in shop.gaps
    ]
    assert bom_of(reader("SHOP"), "S0003", reader="public").asked.reader == "public"
    with pytest.raises(NotAllowed) as refused:
        bom_of(reader("BRAND"), "S0003", reader="house")
    assert refused.value.code == "question.bom_of_the_house"
    for who, code in ((reader("SHOP"), "S0001"), (reader("OTHER"), "S0003"), (stranger, "S0003"), (actor, "S9999")):
        with pytest.raises(NotFound):
            bom_of(who, code)


def test_words_that_are_none(floor, actor):
    for more, code in (({"reader": "friend"}, "question.bom_reader"), ({"profile": "iso"}, "sbom.profile_unknown")):
        with pytest.raises((Invalid, NotFound)) as refused:
            bom_of(actor, "S0001", **more)
        assert refused.value.code == code and refused.value.remedy
