"""Unit marks: what is written is read again by zxing-cpp, out of PNG, and out of SVG and DXF drawn on paper by this test."""

import re
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from asbuilt.formats.marks import Content, Placed, dxf, matrix_of, png, read_picture, rectangles, svg
from asbuilt.kernel.errors import Invalid

GS1 = Content("(01)09506000134352(21)AB-12345", True)


def as_png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def drawn(boxes: list[tuple[float, float, float, float]], per_mm: int = 24) -> bytes:
    """Rectangles (x, y, width, height in mm, y up) on white paper with a margin."""
    high_x, high_y = max(x + w for x, _, w, _ in boxes) + 2, max(y + h for _, y, _, h in boxes) + 2
    paper = Image.new("L", (round((high_x + 2) * per_mm), round((high_y + 2) * per_mm)), 255)
    pen = ImageDraw.Draw(paper)
    for x, y, w, h in boxes:
        left, top = round((x + 2) * per_mm), round((high_y - y - h) * per_mm)
        pen.rectangle((left, top, left + round(w * per_mm) - 1, top + round(h * per_mm) - 1), fill=0)
    return as_png(paper)


def boxes_of_svg(drawing: bytes) -> list[tuple[float, float, float, float]]:
    height = float(re.search(rb'height="([0-9.]+)mm"', drawing)[1])
    found = re.findall(rb"M([0-9.]+) ([0-9.]+)h([0-9.]+)v([0-9.]+)h-[0-9.]+z", drawing)
    return [(x, height - y - h, w, h) for x, y, w, h in (map(float, one) for one in found)]


def boxes_of_dxf(drawing: bytes) -> list[tuple[float, float, float, float]]:
    lines = drawing.decode("ascii").split("\r\n")
    pairs = list(zip(lines[::2], lines[1::2], strict=False))
    polygons, found = [], []
    for code, value in pairs:
        if (code, value) == ("0", "POLYLINE"):
            polygons.append([])
        elif code == "10":
            polygons[-1].append([float(value)])
        elif code == "20":
            polygons[-1][-1].append(float(value))
    for corners in polygons:
        xs, ys = zip(*corners, strict=True)
        assert len(corners) == 4
        found.append((min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))
    assert pairs[-1] == ("0", "EOF")
    return found


@pytest.mark.parametrize("content", [Content("SN00042"), Content("4711"), Content("Größe-Ω/7"), Content('a b;"c'), GS1])
def test_a_picture_is_read_again(content):
    (mark,) = read_picture(png(matrix_of(content)))
    said = "010950600013435221AB-12345" if content.gs1 else content.text
    assert (mark.text, mark.gs1) == (said, content.gs1)


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60))
def test_any_serial_number_is_read_again(text):
    assert [mark.text for mark in read_picture(png(matrix_of(Content(text))))] == [text]


def test_sizes_are_those_of_the_standard():
    """ECC 200: 10 digits fit into 12 x 12 modules, 11 letters and digits into 14 x 14 to 16 x 16; one module of quiet zone on each side."""
    assert len(matrix_of(Content("1234567890"))) == 12 + 2
    assert len(matrix_of(Content("123456"))) == 10 + 2
    matrix = matrix_of(Content("AB100-00042"))
    assert len(matrix) == len(matrix[0]) and 16 <= len(matrix) <= 18
    assert not any(matrix[0]) and not any(row[-1] for row in matrix)


@pytest.mark.parametrize("boxes_of", [(svg, boxes_of_svg), (dxf, boxes_of_dxf)], ids=["svg", "dxf"])
@pytest.mark.parametrize("content", [Content("SN00042"), GS1], ids=["plain", "gs1"])
def test_a_laser_file_draws_the_mark(boxes_of, content):
    write, boxes = boxes_of
    found = boxes(write([Placed(matrix_of(content), 250)]))
    (mark,) = read_picture(drawn(found))
    assert mark.gs1 == content.gs1 and mark.text.endswith(content.text[-5:])


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_marks_stand_at_their_places_and_turn(rotation):
    """An L-shaped finder has its full edges left and below; turned anticlockwise by 90° they lie below and right."""
    mark = Placed(matrix_of(Content("SN00042")), 250, 10_000, 5_000, rotation)
    boxes = rectangles(mark)
    size = (len(mark.matrix) - 2) * 250
    edges = {
        "left": sum(h for x, _, _, h in boxes if x == 10_250), "below": sum(w for _, y, w, _ in boxes if y == 5_250),
        "right": sum(h for x, _, w, h in boxes if x + w == 10_250 + size),
        "above": sum(w for _, y, w, _ in boxes if y == 5_250 + size - 250),
    }  # fmt: skip
    full = {edge for edge, length in edges.items() if length == size}
    assert (
        full
        == {0: {"left", "below"}, 90: {"below", "right"}, 180: {"right", "above"}, 270: {"above", "left"}}[rotation]
    )
    several = [mark, Placed(matrix_of(Content("SN00043")), 250, 30_000, 5_000, rotation)]
    for write, boxes_of in ((svg, boxes_of_svg), (dxf, boxes_of_dxf)):
        assert sorted(mark.text for mark in read_picture(drawn(boxes_of(write(several))))) == ["SN00042", "SN00043"]


def test_a_turned_and_blurred_photograph_is_read():
    picture = Image.open(BytesIO(png(matrix_of(Content("SN00042")), 6)))
    paper = Image.new("L", (300, 300), 255)
    paper.paste(picture, (80, 80))
    out = BytesIO()
    paper.rotate(17, fillcolor=255, resample=Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(1)).save(
        out, "JPEG"
    )
    assert [mark.text for mark in read_picture(out.getvalue())] == ["SN00042"]


def test_an_empty_picture_has_no_mark():
    assert read_picture(as_png(Image.new("L", (200, 200), 255))) == []


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, b"GIF89a" + b"\x00" * 40, b"<svg/>"]
)
def test_what_is_no_picture(content):
    with pytest.raises(Invalid) as caught:
        read_picture(content)
    assert caught.value.code == "marks.no_picture" and caught.value.remedy


def test_a_picture_beyond_the_limits():
    for content in (b"\x89PNG" + b"\x00" * (16 * 1024**2), as_png(Image.new("1", (10_000, 5_001)))):
        with pytest.raises(Invalid, match="larger|points"):
            read_picture(content)


def test_what_no_symbol_holds():
    for content in (Content("x" * 3_000), Content("(99)", True), Content("12345", True)):
        with pytest.raises(Invalid) as caught:
            matrix_of(content)
        assert caught.value.code == "marks.unwritable"
