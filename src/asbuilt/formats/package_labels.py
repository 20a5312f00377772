"""Labels of our own for packages: a Data Matrix with the package's code and a few lines beside it, as SVG, PNG and ZPL II.

    drawn = PackageLabel("PK-000123", ("U-7  ATECC608B", "Lot 2EKQ7  2701", "1,000"))
    svg(drawn), png(drawn), zpl(drawn)

The symbol holds the code alone, so that one scan finds the package; `marks` makes it. PNG is the symbol alone, for label
programs of others. ZPL is for a label of 50 x 25 mm at 203 dpi; every character that is no letter or digit goes as a hex escape,
so that no code can end a field or give a command.
"""

from dataclasses import dataclass
from html import escape

from asbuilt.formats import marks
from asbuilt.kernel.errors import Invalid

CODE_CHARACTERS_MAX = 200
LINES_MAX = 4
LINE_CHARACTERS_MAX = 40
WIDTH_MM, HEIGHT_MM = 50, 25
DOTS_A_MM = 8


@dataclass(frozen=True)
class PackageLabel:
    """What a label says: the package's code and up to four lines, each cut at 40 characters. `gs1` is what the symbol holds instead of the
    code where the package has a number of GS1, such as (00)340123450000000017."""

    code: str
    lines: tuple[str, ...] = ()
    gs1: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """The lines as they are printed."""
        return tuple(_printable(line)[:LINE_CHARACTERS_MAX] for line in self.lines[:LINES_MAX])


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
    size = HEIGHT_MM - 3
    left = size + 3
    texts = [f'<text x="{left}" y="5.5" font-size="4" font-weight="bold">{escape(_printable(label.code)[:24])}</text>']
    texts += [
        f'<text x="{left}" y="{10 + n * 4}" font-size="2.6">{escape(line)}</text>' for n, line in enumerate(label.shown)
    ]
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_MM}mm" height="{HEIGHT_MM}mm" '
        f'viewBox="0 0 {WIDTH_MM} {HEIGHT_MM}" font-family="sans-serif">',
        f"<title>{escape(_printable(label.code))}</title>",
        f'<rect width="{WIDTH_MM}" height="{HEIGHT_MM}" fill="#fff"/>',
        f'<path transform="translate(1.5 1.5) scale({size / len(matrix):.5f})" d="{marks.path_of(matrix)}" fill="#000"/>',
        *texts,
        "</svg>",
        "",
    ]
    return "\n".join(drawn).encode()


def png(label: PackageLabel) -> bytes:
    """The symbol as a grey picture."""
    return marks.png(modules(label.code, label.gs1))


def zpl(label: PackageLabel) -> bytes:
    """The label as a ZPL II program for a printer of 203 dpi."""
    module = max(2, (HEIGHT_MM - 4) * DOTS_A_MM // len(modules(label.code, label.gs1)))
    left = HEIGHT_MM * DOTS_A_MM
    fields = [
        "^XA^CI28",
        f"^PW{WIDTH_MM * DOTS_A_MM}^LL{HEIGHT_MM * DOTS_A_MM}",
        f"^FO16,16^BXN,{module},200,,,,~,1^FH_^FD{_symbol(label)}^FS",
        f"^FO{left},20^A0N,34,30^FH_^FD{_hex(_printable(label.code)[:24])}^FS",
    ]
    fields += [f"^FO{left},{64 + n * 32}^A0N,24,20^FH_^FD{_hex(line)}^FS" for n, line in enumerate(label.shown)]
    return "\n".join([*fields, "^XZ", ""]).encode("ascii")


def _symbol(label: PackageLabel) -> str:
    """What the printer puts into the symbol: of GS1 the FNC1 sign (ZPL's escape ~ with 1) and the digits without brackets."""
    return f"~1{_hex(label.gs1.translate({40: None, 41: None}))}" if label.gs1 else _hex(label.code)


def _hex(text: str) -> str:
    """The text as field data: letters and digits as they are, every other byte of its UTF-8 as _XX."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"_{byte:02X}" for byte in text.encode("utf-8", "replace")
    )


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
