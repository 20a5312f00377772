"""Labels of our own for packages: a Data Matrix with the package's code and a few lines beside it, as SVG, PNG and ZPL II.

    drawn = PackageLabel("PK-000123", ("U-7  ATECC608B", "Lot 2EKQ7  2701", "1,000"))
    svg(drawn), png(drawn), zpl(drawn)

The symbol holds the code alone, so that one scan finds the package; `marks` makes it. PNG is the symbol alone, for label
programs of others. ZPL is for a label of 50 x 25 mm at 203 dpi. What stands beside the symbol fits the label (`label_letters`).
"""

from dataclasses import dataclass
from html import escape

from asbuilt.formats import marks
from asbuilt.formats.label_letters import DOTS_A_MM, drawn_line, in_hex, printable, printed_line, short
from asbuilt.kernel.errors import Invalid

CODE_CHARACTERS_MAX = 200
LINES_MAX = 4
WIDTH_MM, HEIGHT_MM = 50, 25
SYMBOL_MM, SYMBOL_MM_MAX, MODULE_MM_MIN = 15.0, 22.0, 0.4
MARGIN_MM = 1.5
CODE_MM, LINE_MM, LETTERS_MM_MIN = 4.0, 2.6, 1.6  # letters no printer makes legible below


@dataclass(frozen=True)
class PackageLabel:
    """What a label says: the package's code and up to four lines, each of 40 characters at most."""

    code: str
    lines: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines as they are printed."""
        return tuple(short(line) for line in self.lines[:LINES_MAX])

    @property
    def code_shown(self) -> str:
        """The code as it is printed."""
        return short(self.code)


def modules(code: str) -> marks.Matrix:
    """The symbol of a package's code, quiet zone included. Invalid where no label holds it."""
    if not 1 <= len(code) <= CODE_CHARACTERS_MAX:
        raise _unwritable(
            code, f"A label holds a code of 1 to {CODE_CHARACTERS_MAX} characters, this one has {len(code)}."
        )
    try:
        return marks.matrix_of(marks.Content(code))
    except Invalid as refusal:
        raise _unwritable(code, refusal.message) from None


def _unwritable(code: str, why: str) -> Invalid:
    return Invalid("labels.unwritable", why, {"code": code[:80]}, "Give the package a shorter code.")


def svg(label: PackageLabel) -> bytes:
    """The label as a drawing in mm."""
    matrix = modules(label.code)
    size = _symbol_mm(len(matrix))
    left = size + 2 * MARGIN_MM
    room = WIDTH_MM - MARGIN_MM - left
    texts = [drawn_line(label.code_shown, left, 5.5, room, CODE_MM, LETTERS_MM_MIN, bold=True)]
    texts += [drawn_line(one, left, 10 + n * 4, room, LINE_MM, LETTERS_MM_MIN) for n, one in enumerate(label.shown)]
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">',
        f"<title>{escape(printable(label.code))}</title>",
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


def png(label: PackageLabel) -> bytes:
    """The symbol as a grey picture."""
    return marks.png(modules(label.code))


def zpl(label: PackageLabel) -> bytes:
    """The label as a ZPL II program for a printer of 203 dpi."""
    side = len(modules(label.code))
    module = max(2, int(_symbol_mm(side) * DOTS_A_MM) // side)
    left = int((_symbol_mm(side) + 2 * MARGIN_MM) * DOTS_A_MM)
    room = (WIDTH_MM * DOTS_A_MM) - int(MARGIN_MM * DOTS_A_MM) - left
    fields = [
        "^XA^CI28",
        f"^PW{WIDTH_MM * DOTS_A_MM}^LL{HEIGHT_MM * DOTS_A_MM}",
        f"^FO16,16^BXN,{module},200,,,,~,1^FH_^FD{in_hex(label.code)}^FS",
        printed_line(label.code_shown, left, 20, room, 34, 30),
    ]
    fields += [printed_line(line, left, 64 + n * 32, room, 24, 20) for n, line in enumerate(label.shown)]
    return "\n".join([*fields, "^XZ", ""]).encode("ascii")
