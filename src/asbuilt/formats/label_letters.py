"""Letters on labels of our own: lines that end before the label does, and text that gives a printer no command.

Letters get smaller, then narrower, and what is left out says so (…). For a printer every character that is no letter or digit
goes as a hex escape (ZPL II, `^FH_`), so that no code can end a field or give a command.
"""

import unicodedata
from html import escape

CHARACTERS_MAX = 40
DOTS_A_MM = 8  # a printer of 203 dpi


def drawn_line(
    text: str, left: float, at: float, room: float, usual_mm: float, least_mm: float, *, bold: bool = False
) -> str:
    """A line of a drawing in mm, no wider than the room."""
    ems = ems_of(text) * (1.12 if bold else 1)
    size = usual_mm if ems * usual_mm <= room else max(least_mm, room / ems)
    narrower = f' textLength="{room:g}" lengthAdjust="spacingAndGlyphs"' if ems * size > room + 0.001 else ""
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{left:g}" y="{at:g}" font-size="{size:.2f}"{weight}{narrower}>{escape(text)}</text>'


def printed_line(text: str, left: int, top: int, room: int, high: int, usual: int) -> str:
    """A field of a printer's program in dots, its letters (font 0, narrower than those of a drawing) no wider than the room."""
    wide = min(usual, max(8, int(room / max(ems_of(text), 1))))
    return f"^FO{left},{top}^A0N,{high},{wide}^FH_^FD{in_hex(text)}^FS"


def ems_of(text: str) -> float:
    """How wide a line is at most in letters' heights, whatever sans-serif draws it (measured on DejaVu Sans, a wide one)."""
    return sum(
        1.0 if unicodedata.east_asian_width(letter) in "WF" or letter in "WMm@%" else 0.8 if letter.isupper() or letter in "w&+=<>~" else 0.64
        for letter in text
    )  # fmt: skip


def in_hex(text: str) -> str:
    """The text as field data: letters and digits as they are, every other byte of its UTF-8 as _XX."""
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else f"_{byte:02X}" for byte in text.encode("utf-8", "replace")
    )


def short(text: str) -> str:
    """What is printed of it: all, or as much as fits and a sign that there is more."""
    text = printable(text)
    return text if len(text) <= CHARACTERS_MAX else f"{text[: CHARACTERS_MAX - 1]}…"


def printable(text: str) -> str:
    """The text without signs that no printer has."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
