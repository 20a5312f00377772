"""Unit marks: a Data Matrix written as SVG, PNG or DXF, and read back out of a picture (ISO/IEC 16022, ECC 200; zxing-cpp does both).

A mark is square and has its quiet zone of one module around it. Lengths are whole µm; a laser file holds several marks, each at its place,
as closed rectangles that a marking program fills; DXF is R12 in mm, y up. What was read is given as its text, with separators of GS1 and
control characters shown as pictures (␝), and whether the symbol says that it is GS1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO

from asbuilt.kernel.errors import Invalid

TEXT_CHARACTERS_MAX = 400
IMAGE_BYTES_MAX = 16 * 1024**2
IMAGE_PIXELS_MAX = 50_000_000
MARKS_MAX = 2_000
PNG_SCALE = 8
Matrix = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True)
class Content:
    """What a mark holds; GS1 content is written with its AIs in brackets: (01)09506000134352(21)12345."""

    text: str
    gs1: bool = False


@dataclass(frozen=True)
class Placed:
    """A mark at a place: its lower left corner in µm, quiet zone included, turned anticlockwise."""

    matrix: Matrix
    module_um: int
    x_um: int = 0
    y_um: int = 0
    rotation: int = 0


@dataclass(frozen=True)
class ReadMark:
    """A symbol found in a picture."""

    text: str
    gs1: bool


def matrix_of(content: Content) -> Matrix:
    """The modules of the mark, dark ones true, the highest row first, quiet zone included. Invalid where no symbol holds it."""
    import zxingcpp

    try:
        symbol = zxingcpp.create_barcode(
            content.text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True, **({"gs1": True} if content.gs1 else {})
        )
    except ValueError as refusal:
        raise Invalid(
            "marks.unwritable",
            f"No Data Matrix holds {content.text[:60]}: {str(refusal)[:120]}.",
            {"text": content.text[:200]},
            "Use a shorter serial number, or the plain mark.",
        ) from None
    rows = memoryview(symbol.to_image(scale=1, add_quiet_zones=False)).tolist()
    width = len(rows[0]) + 2
    edge = (False,) * width
    return (edge, *((False, *(point < 128 for point in row), False) for row in rows), edge)


def path_of(matrix: Matrix) -> str:
    """The dark stretches as one SVG path of whole modules, y down: for a page that draws the symbol itself."""
    size = len(matrix)
    found = rectangles(Placed(matrix, 1))
    return "".join(f"M{x} {size - y - high}h{wide}v{high}h-{wide}z" for x, y, wide, high in found)


def png(matrix: Matrix, scale: int = PNG_SCALE) -> bytes:
    """A picture of so many points a module."""
    from PIL import Image

    points = bytes(0 if dark else 255 for row in matrix for dark in row)
    picture = Image.frombytes("L", (len(matrix[0]), len(matrix)), points)
    out = BytesIO()
    picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def svg(marks: Sequence[Placed]) -> bytes:
    """One drawing of all marks, in mm."""
    boxes = [(rectangles(mark), mark) for mark in marks]
    low_x, low_y, high_x, high_y = _bounds(marks)
    width, height = _mm(high_x - low_x), _mm(high_y - low_y)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for found, _ in boxes:
        path = "".join(f"M{_mm(x - low_x)} {_mm(high_y - y - h)}h{_mm(w)}v{_mm(h)}h{_mm(-w)}z" for x, y, w, h in found)
        lines.append(f'<path d="{path}" fill="#000"/>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def dxf(marks: Sequence[Placed]) -> bytes:
    """All marks as closed polylines on the layer MARK (AutoCAD R12, mm)."""
    out = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1009", "9", "$INSUNITS", "70", "4", "0", "ENDSEC"]
    out += ["0", "SECTION", "2", "ENTITIES"]
    for mark in marks:
        for x, y, w, h in rectangles(mark):
            out += ["0", "POLYLINE", "8", "MARK", "66", "1", "70", "1"]
            for corner_x, corner_y in ((x, y), (x + w, y), (x + w, y + h), (x, y + h)):
                out += ["0", "VERTEX", "8", "MARK", "10", _mm(corner_x), "20", _mm(corner_y)]
            out += ["0", "SEQEND"]
    return "\r\n".join([*out, "0", "ENDSEC", "0", "EOF", ""]).encode("ascii")


def rectangles(mark: Placed) -> list[tuple[int, int, int, int]]:
    """(x, y, width, height) in µm of the dark stretches of a mark, y up. Dark modules side by side are one rectangle."""
    matrix, size = _turned(mark.matrix, mark.rotation), mark.module_um
    found = []
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate((*modules, False)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                y = mark.y_um + (len(matrix) - 1 - row) * size
                found.append((mark.x_um + start * size, y, (column - start) * size, size))
                start = None
    return found


def read_picture(content: bytes) -> list[ReadMark]:
    """Every Data Matrix in a PNG or JPEG; Invalid where the bytes are no such picture or beyond a limit."""
    import zxingcpp
    from PIL import Image

    if len(content) > IMAGE_BYTES_MAX:
        raise _no_picture(f"is larger than {IMAGE_BYTES_MAX // 1024**2} MiB")
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > IMAGE_PIXELS_MAX:
                raise _no_picture(f"has more than {IMAGE_PIXELS_MAX:,} points")
            grey = picture.convert("L")
    except Invalid:
        raise
    except Exception:  # a picture library meets broken bytes in many ways
        raise _no_picture("is no PNG or JPEG that can be opened") from None
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.DataMatrix, text_mode=zxingcpp.TextMode.Plain)
    return [ReadMark(shown(one.text), one.symbology_identifier == "]d2") for one in found]


def shown(text: str) -> str:
    """A read text as it can be kept and shown: control characters as pictures, no longer than the limit."""
    plain = "".join(
        chr(0x2400 + ord(letter)) if ord(letter) < 32 else letter for letter in text.replace("\x7f", "\u2421")
    )
    return "".join(letter for letter in plain if not 0x80 <= ord(letter) < 0xA0)[:TEXT_CHARACTERS_MAX]


def _no_picture(why: str) -> Invalid:
    remedy = "Send a PNG or JPEG of the mark, up to 16 MiB."
    return Invalid("marks.no_picture", f"The picture {why}.", {"field": "picture"}, remedy)


def _turned(matrix: Matrix, rotation: int) -> Matrix:
    for _ in range(rotation // 90 % 4):
        matrix = tuple(zip(*matrix, strict=True))[::-1]
    return matrix


def _bounds(marks: Iterable[Placed]) -> tuple[int, int, int, int]:
    corners = [
        (m.x_um, m.y_um, m.x_um + len(m.matrix[0]) * m.module_um, m.y_um + len(m.matrix) * m.module_um) for m in marks
    ]
    lows, highs = [corner[:2] for corner in corners], [corner[2:] for corner in corners]
    return (*map(min, zip(*lows, strict=True)), *map(max, zip(*highs, strict=True)))


def _mm(length_um: int) -> str:
    text = f"{length_um / 1000:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
