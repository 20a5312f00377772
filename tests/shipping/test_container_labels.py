"""Labels of boxes: the SSCC as GS1 has it, read back by a reader of its own; counted on from the house's prefix."""

import re

import pytest

SSCC = "340123450000000017"  # 3 4012345 000000001 and its check digit, by hand


def test_the_symbol_holds_the_sscc_as_gs1(tmp_path):
    from asbuilt.formats import package_labels
    from asbuilt.formats.marks import read_picture

    label = package_labels.PackageLabel("BOX-1", ("box  2 units",), f"(00){SSCC}")
    (read,) = read_picture(package_labels.png(label))
    assert read.gs1 and re.sub(r"\D", "", read.text) == f"00{SSCC}"
    plain = package_labels.PackageLabel("BOX-1", ("box  2 units",))
    (read,) = read_picture(package_labels.png(plain))
    assert (read.text, read.gs1) == ("BOX-1", False)
    assert f"^FD~100{SSCC}^FS".encode() in package_labels.zpl(label)
    assert b"BOX-1" in package_labels.svg(label)


def test_a_house_with_a_prefix_counts_its_sscc_on(actor, monkeypatch):
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.built.shipping.packing import container_of
    from asbuilt.kernel.errors import Invalid

    assert open_container(actor, kind="box").container.sscc == ""
    monkeypatch.setenv("ASBUILT_SSCC_PREFIX", "4012345")
    first = open_container(actor, kind="box").container
    assert first.sscc == SSCC
    assert open_container(actor, kind="pallet").container.sscc[:17] == "34012345000000002"
    for scan in (SSCC, f"(00){SSCC}", f"00{SSCC}", f"]d200{SSCC}"):
        assert container_of(actor.tenant, scan).code == first.code
    for wrong in ("340123450000000018", SSCC, "12"):
        with pytest.raises(Invalid):
            open_container(actor, kind="box", sscc=wrong)
