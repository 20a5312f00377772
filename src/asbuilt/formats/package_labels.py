"""Labels of our own for packages: a Data Matrix with the package's code and a few lines beside it, as SVG, PNG and ZPL II.

    drawn = PackageLabel("PK-000123", ("U-7  ATECC608B", "Lot 2EKQ7  2701", "1,000"))
    svg(drawn), png(drawn), zpl(drawn)

The symbol holds the code alone, so that one scan finds the package; `marks` makes it. PNG is the symbol alone, for label
programs of others. ZPL is for a label of 50 x 25 mm at 203 dpi; every character that is no letter or digit goes as a hex escape,
so that no code can end a field or give a command. What stands beside the symbol fits the label: letters get smaller, then narrower, and what is
left out says so (…); a number that the symbol holds is there whole for who has to type it (GS1 General Specifications, 4.14: the text beside a symbol).
"""

import unicodedata
from dataclasses import dataclass
from html import escape

from asbuilt.formats import marks
from asbuilt.kernel.errors import Invalid

CODE_CHARACTERS_MAX = 200
LINES_MAX = 4
LINE_CHARACTERS_MAX = 40
WIDTH_MM, HEIGHT_MM = 50, 25
DOTS_A_MM = 8
SYMBOL_MM, SYMBOL_MM_MAX, MODULE_MM_MIN = 15.0, 22.0, 0.4
MARGIN_MM = 1.5
CODE_MM, LINE_MM, LETTERS_MM_MIN = 4.0, 2.6, 1.6  # letters no printer makes legible below


@dataclass(frozen=True)
class PackageLabel:
    """What a label says: the package's code and up to four lines, each of 40 characters at most. `gs1` is what the symbol holds instead of the
    code where the package has a number of GS1, such as (00)340123450000000017."""

    code: str
    lines: tuple[str, ...] = ()
    gs1: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines as they are printed."""
        return tuple(_short(line) for line in self.lines[:LINES_MAX])

    @property
    def code_shown(self) -> str:
        """The code as it is printed."""
        return _short(self.code)


def modules(code: str, gs1: str = "") -> marks.Matrix:
    """The symbol of a package's code, or of its GS1 number; quiet zone included. Invalid where no label holds it."""
    if not 1 <= len(code) <= CODE_CHARACTERS_MAX:
        raise _unwritable(
            code, f"A label holds a code of 1 to {CODE_CHARACTERS_MAX} characters, this one has {len(code)}."
        )
    try:
        return marks.matrix_of(marks.Content(gs1, gs1=True) if gs1 else marks.Content(code))
    except Invalid as refusal:
        raise _unwritable(code, refusal.message) from None


def _unwritable(code: str, why: str) -> Invalid:
    return Invalid("labels.unwritable", why, {"code": code[:80]}, "Give the package a shorter code.")


def svg(label: PackageLabel) -> bytes:
    """The label as a drawing in mm."""
    matrix = modules(label.code, label.gs1)
    size = _symbol_mm(len(matrix))
    left = size + 2 * MARGIN_MM
    texts = [_text(label.code_shown, left, 5.5, CODE_MM, bold=True)]
    texts += [_text(line, left, 10 + n * 4, LINE_MM) for n, line in enumerate(label.shown)]
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">',
        f"<title>{escape(_printable(label.code))}</title>",
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>',
        f'<path transform="translate({MARGIN_MM} {MARGIN_MM}) scale({size / len(matrix):.5f})" d="{marks.path_of(matrix)}" fill="#000"/>',
        *texts,
        "</svg>",
        "",
    ]
    return "\n".join(drawn).encode()


def _symbol_mm(modules_a_side: int) -> float:
    """How wide the symbol is: no wider than it must be to be read, so that the text beside it has room."""
    return min(SYMBOL_MM_MAX, max(SYMBOL_MM, modules_a_side * MODULE_MM_MIN))


def _text(text: str, left: float, at: float, usual_mm: float, *, bold: bool = False) -> str:
    """A line of the drawing that ends before the label does."""
    room = WIDTH_MM - MARGIN_MM - left
    ems = _ems(text) * (1.12 if bold else 1)
    size = usual_mm if ems * usual_mm <= room else max(LETTERS_MM_MIN, room / ems)
    narrower = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' if ems * size > room + 0.001 else ""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{left:g}" y="{at:g}" font-size="{size:.2f}"{weight}{narrower}>{escape(text)}</text>'


def _ems(text: str) -> float:
    """How wide a line is at most in letters' heights, whatever sans-serif draws it (measured on DejaVu Sans, a wide one)."""
    return sum(
        1.0 if unicodedata.east_asian_width(letter) in "WF" or letter in "WMm@%" else 0.8 if letter.isupper() or letter in "w&+=<>~" else 0.64
        for letter in text
    )  # fmt: skip


def png(label: PackageLabel) -> bytes:
    """The symbol as a grey picture."""
    return marks.png(modules(label.code, label.gs1))


def zpl(label: PackageLabel) -> bytes:
    """The label as a ZPL II program for a printer of 203 dpi."""
    side = len(modules(label.code, label.gs1))
    module = max(2, int(_symbol_mm(side) * DOTS_A_MM) // side)
    left = int((_symbol_mm(side) + 2 * MARGIN_MM) * DOTS_A_MM)
    fields = [
        "^XA^CI28",
        f"^PW{WIDTH_MM * DOTS_A_MM}^LL{HEIGHT_MM * DOTS_A_MM}",
        f"^FO16,16^BXN,{module},200,,,,~,1^FH_^FD{_symbol(label)}^FS",
        f"^FO{left},20^A0N,34,{_dots(label.code_shown, left, 30)}^FH_^FD{_hex(label.code_shown)}^FS",
    ]
    fields += [
        f"^FO{left},{64 + n * 32}^A0N,24,{_dots(line, left, 20)}^FH_^FD{_hex(line)}^FS"
        for n, line in enumerate(label.shown)
    ]
    return "\n".join([*fields, "^XZ", ""]).encode("ascii")


def _dots(text: str, left: int, usual: int) -> int:
    """How wide the printer's letters (font 0, narrower than those of the drawing) are made, in dots."""
    room = (WIDTH_MM * DOTS_A_MM) - int(MARGIN_MM * DOTS_A_MM) - left
    return min(usual, max(8, int(room / max(_ems(text), 1))))


def _symbol(label: PackageLabel) -> str:
    """What the printer puts into the symbol: of GS1 the FNC1 sign (ZPL's escape ~ with 1) and the digits without brackets."""
    return f"~1{_hex(label.gs1.translate({40: None, 41: None}))}" if label.gs1 else _hex(label.code)


def _hex(text: str) -> str:
    """The text as field data: letters and digits as they are, every other byte of its UTF-8 as _XX."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"_{byte:02X}" for byte in text.encode("utf-8", "replace")
    )


def _short(text: str) -> str:
    """What is printed of it: all, or as much as fits and a sign that there is more."""
    text = _printable(text)
    return text if len(text) <= LINE_CHARACTERS_MAX else f"{text[: LINE_CHARACTERS_MAX - 1]}…"


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
