"""Logistic labels of boxes, pallets and shipments with an SSCC, as SVG and ZPL II of A6 (105 x 148 mm), and the bars alone as PNG.

    drawn = LogisticLabel("340123450000000017", "PAL-7", "pallet", "EMS Nord", ("Shop X", "FR"), ("200 units", "PO 4711"))
    svg(drawn), zpl(drawn), png(drawn)

GS1 General Specifications, 5.4 and 6.6, and the GS1 Logistic Label Guideline: a GS1-128 symbol with AI 00, its bars upright, at the
foot of the label; modules of 0.495 to 0.94 mm, bars 31.75 mm high, quiet zones of 10 modules; under it what it says, whole, the AI in
brackets, in letters of 3 mm; over it the data title SSCC. Who sends, who receives and what is in it stand above, in letters no lower
than 3 mm. The same number as GS1 Data Matrix stands beside them for scanners that read pictures. Nothing is laid over a quiet zone.
"""

from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO

from asbuilt.formats import marks
from asbuilt.formats.label_letters import DOTS_A_MM, drawn_line, printable, printed_line, short

WIDTH_MM, HEIGHT_MM, MARGIN_MM = 105, 148, 6
MODULE_DOTS = 4  # 0.5 mm
QUIET_MODULES = 10
BAR_MM, BAR_TOP_MM = 32, 104
SYMBOL_MM = 20
LETTERS_MM = 4.2  # capitals of 3 mm
NAME_MM, CODE_MM = 6.5, 9.0
LINES_MAX = 3
PNG_SCALE, PNG_MODULES_HIGH = 4, 64
SEGMENTS_MM = (36, 66, 97)  # where one segment ends and the next begins


@dataclass(frozen=True)
class LogisticLabel:
    """What a label says: the SSCC's 18 digits, the container's code and kind, who sends, who receives, what is in it (three lines each)."""

    sscc: str
    code: str
    kind: str
    sender: str = ""
    receiver: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """What the symbol holds, as people read it."""
        return f"(00){self.sscc}"

    def lines(self) -> list[tuple[str, float, float, bool]]:
        """(text, its lower edge and the height of its letters in mm, whether it is bold), from the top."""
        found = [("FROM", 11, LETTERS_MM, False), (self.sender, 20, NAME_MM, True)]
        found += [("TO", SEGMENTS_MM[0] + 6, LETTERS_MM, False)]
        found += [
            (one, SEGMENTS_MM[0] + 14 + n * 7.5, NAME_MM, True) for n, one in enumerate(self.receiver[:LINES_MAX])
        ]
        found += [
            (self.kind.upper(), SEGMENTS_MM[1] + 6, LETTERS_MM, False),
            (self.code, SEGMENTS_MM[1] + 15, CODE_MM, True),
        ]
        found += [
            (one, SEGMENTS_MM[1] + 21 + n * 4.6, LETTERS_MM, False)
            for n, one in enumerate(self.contents[: LINES_MAX - 1])
        ]
        found += [("SSCC", BAR_TOP_MM - 1.5, LETTERS_MM, False), (self.says, BAR_TOP_MM + BAR_MM + 6, 5.0, False)]
        return [(short(text), at, high, bold) for text, at, high, bold in found if text]


@cache
def bars(sscc: str) -> tuple[bool, ...]:
    """The modules of the GS1-128 symbol, dark ones true, without quiet zones. The SSCC was checked when it was recorded."""
    import zxingcpp

    symbol = zxingcpp.create_barcode(f"(00){sscc}", zxingcpp.BarcodeFormat.Code128, gs1=True)
    row = memoryview(symbol.to_image(scale=1, add_quiet_zones=False)).tolist()[0]
    return tuple(point < 128 for point in row)


def data_matrix(sscc: str) -> marks.Matrix:
    """The GS1 Data Matrix of the same number, quiet zone included."""
    return marks.matrix_of(marks.Content(f"(00){sscc}", gs1=True))


def svg(label: LogisticLabel) -> bytes:
    """The label as a drawing in mm."""
    module, left = MODULE_DOTS / DOTS_A_MM, _bars_left_dots(label) / DOTS_A_MM
    matrix = data_matrix(label.sscc)
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">',
        f"<title>{escape(printable(label.code))} {label.says}</title>",
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>',
        *(f'<path d="M{MARGIN_MM} {at}H{WIDTH_MM - MARGIN_MM}" stroke="#000" stroke-width="0.3"/>' for at in SEGMENTS_MM),
        f'<path transform="translate({_symbol_left():g} {MARGIN_MM}) scale({SYMBOL_MM / len(matrix):.5f})" d="{marks.path_of(matrix)}" fill="#000"/>',
        f'<path transform="translate({left:g} {BAR_TOP_MM}) scale({module} {BAR_MM})" d="{_path(bars(label.sscc))}" fill="#000"/>',
        *(drawn_line(text, MARGIN_MM, at, _room(at), high, LETTERS_MM, bold=bold) for text, at, high, bold in label.lines()),
        "</svg>",
        "",
    ]  # fmt: skip
    return "\n".join(drawn).encode()


def zpl(label: LogisticLabel) -> bytes:
    """The label as a ZPL II program for a printer of 203 dpi: the printer makes both symbols of the number."""
    across = (WIDTH_MM - 2 * MARGIN_MM) * DOTS_A_MM
    module = SYMBOL_MM * DOTS_A_MM // len(data_matrix(label.sscc))
    fields = [
        "^XA^CI28",
        f"^PW{WIDTH_MM * DOTS_A_MM}^LL{HEIGHT_MM * DOTS_A_MM}",
        *(f"^FO{MARGIN_MM * DOTS_A_MM},{at * DOTS_A_MM}^GB{across},2,2^FS" for at in SEGMENTS_MM),
        f"^FO{int(_symbol_left() * DOTS_A_MM)},{MARGIN_MM * DOTS_A_MM}^BXN,{module},200,,,,~,1^FH_^FD~100{label.sscc}^FS",
        # code set C (>;), FNC1 (>8), then twenty digits; what it says is printed below by a field of its own
        f"^FO{_bars_left_dots(label)},{BAR_TOP_MM * DOTS_A_MM}^BY{MODULE_DOTS}^BCN,{BAR_MM * DOTS_A_MM},N,N,N^FD>;>800{label.sscc}^FS",
    ]
    for text, at, high, _bold in label.lines():
        dots = int(high * DOTS_A_MM)
        top, room = int(at * DOTS_A_MM) - int(dots * 0.8), int(_room(at) * DOTS_A_MM)
        fields.append(printed_line(text, MARGIN_MM * DOTS_A_MM, top, room, dots, int(dots * 0.9)))
    return "\n".join([*fields, "^XZ", ""]).encode("ascii")


def png(label: LogisticLabel) -> bytes:
    """The bars as a grey picture, quiet zones included, for label programs of others: they print what it says below."""
    from PIL import Image

    row = (False,) * QUIET_MODULES + bars(label.sscc) + (False,) * QUIET_MODULES
    picture = Image.frombytes("L", (len(row), 1), bytes(0 if dark else 255 for dark in row))
    out = BytesIO()
    size = (len(row) * PNG_SCALE, PNG_MODULES_HIGH * PNG_SCALE)
    picture.resize(size, Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


def _bars_left_dots(label: LogisticLabel) -> int:
    """Where the first bar begins: the symbol is in the middle, so that both quiet zones have room."""
    return (WIDTH_MM * DOTS_A_MM - len(bars(label.sscc)) * MODULE_DOTS) // 2


def _symbol_left() -> float:
    return WIDTH_MM - MARGIN_MM - SYMBOL_MM


def _room(at: float) -> float:
    """How wide a line may be; beside the Data Matrix less."""
    return WIDTH_MM - 2 * MARGIN_MM - (SYMBOL_MM + 3 if at < SEGMENTS_MM[0] else 0)


def _path(modules: tuple[bool, ...]) -> str:
    """The dark stretches as one path, a module wide and one high."""
    found, start = [], None
    for place, dark in enumerate((*modules, False)):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            found.append(f"M{start} 0h{place - start}v1h-{place - start}z")
            start = None
    return "".join(found)
