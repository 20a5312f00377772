"""Labels of boxes: the SSCC as GS1 has it, read back by a reader of its own; counted on from the house's prefix."""

import re

import pytest

SSCC = "340123450000000017"  # 3 4012345 000000001 and its check digit, by hand


def symbols(pixels) -> dict[str, str]:
    """What a reader that knows nothing of the label finds: symbology identifier -> text."""
    import zxingcpp

    return {one.symbology_identifier: one.text for one in zxingcpp.read_barcodes(pixels)}


def painted(drawing: bytes, points_a_mm: int = 12):
    """A drawing as a grey picture: its paths of whole modules, and nothing that is not drawn."""
    from PIL import Image

    text = drawing.decode()
    size = [float(one) * points_a_mm for one in re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', text).groups()]
    picture = Image.new("L", tuple(map(round, size)), 255)
    for left, top, scale, path in re.findall(r'translate\(([\d.]+) ([\d.]+)\) scale\(([\d. ]+)\)" d="([^"]+)"', text):
        wide, high = (float(one) for one in (scale.split() * 2)[:2])
        for x, y, w, h in (map(int, one) for one in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h", path)):
            corners = (
                float(left) + x * wide,
                float(top) + y * high,
                float(left) + (x + w) * wide,
                float(top) + (y + h) * high,
            )
            picture.paste(0, tuple(round(one * points_a_mm) for one in corners))
    return picture


def test_a_box_without_an_sscc_has_its_code(actor):
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.built.shipping.labels import container_label, drawn

    open_container(actor, kind="box", code="BOX-1")
    label = container_label(actor.tenant, "BOX-1")
    assert symbols(painted(drawn(label, "svg"))) == {"]d1": "BOX-1"} and b"^FDBOX_2D1^FS" in drawn(label, "zpl")


def test_a_logistic_label_says_its_sscc_in_bars_in_a_matrix_and_in_letters(actor, load, monkeypatch):
    """GS1-128 with FNC1 (]C1) as GS1 asks of a logistic label: the label had a Data Matrix alone, which scanners of bars at a gate do not read."""
    from io import BytesIO

    from PIL import Image
    from shipping_floor import finished, run

    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.shipping.actions.packing import close_container, open_container
    from asbuilt.built.shipping.labels import container_label, drawn

    load({**finished(1), "tests": [run("S0000")]})
    monkeypatch.setenv("ASBUILT_SSCC_PREFIX", "4012345")
    open_container(actor, kind="box", code="BOX-1", note="PO 4711")
    open_container(actor, kind="shipment", code="SH-1", customer="SHOP", country="FR")
    put_in(actor, container="BOX-1", codes=["S0000"])
    close_container(actor, code="BOX-1")
    put_in(actor, container="SH-1", codes=["BOX-1"])
    label = container_label(actor.tenant, "BOX-1")
    both = {"]C1": f"(00){SSCC}", "]d2": f"(00){SSCC}"}
    drawing = drawn(label, "svg")
    assert symbols(painted(drawing)) == both
    assert symbols(Image.open(BytesIO(drawn(label, "png")))) == {"]C1": f"(00){SSCC}"}
    said = re.findall(r'<text x="[\d.]+" y="([\d.]+)" font-size="([\d.]+)"[^>]*>([^<]+)<', drawing.decode())
    words = ["FROM", "Our Works", "TO", "Shop X", "FR", "BOX", "BOX-1", "1 unit", "PO 4711", "SSCC", both["]C1"]]
    assert [text for *_, text in said] == words
    assert all(float(high) >= 4.2 for _, high, _ in said), "capitals of 3 mm"
    left, top, module, high = map(
        float, re.search(r"translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+) (\d+)\)", drawing.decode()).groups()
    )
    assert 0.495 <= module <= 0.94 and high >= 31.75 and left >= 10 * module and left + (156 + 10) * module <= 105
    assert float(said[-1][0]) > top + high, "what it says stands below the bars"
    program = drawn(label, "zpl")
    assert f"^BY4^BCN,256,N,N,N^FD>;>800{SSCC}^FS".encode() in program and f"^FD~100{SSCC}^FS".encode() in program
    assert f"^FD_2800_29{SSCC}^FS".encode() in program


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
