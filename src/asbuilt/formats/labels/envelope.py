"""The envelope of ISO/IEC 15434: header, formats and their fields, as scanners deliver them.

    [)> RS 06 GS field GS field … RS EOT        RS, GS, EOT are the characters 30, 29 and 4

Scanners and printers leave parts out or write them as something else. Read as they are:
  * the header without RS, with `>` before it or without `[`; no trailer; letters or a word where EOT belongs;
  * control characters as pictures (␞ ␝ ␄), as `^^ ^] ^D`, or as keyboard wedges send them: `^` for RS, `]` for GS,
    `^d` for EOT and some identifiers in small letters;
  * another control character in the place of a separator; separators twice; several formats in one message.

Refused, never guessed: separators that are gone, a broken header, another label behind the first, an unknown format.
Where a message that began whole has no trailer, `end_changed` says so: the last field may have lost or gained a character.
"""

import re
from dataclasses import dataclass

from asbuilt.kernel.errors import Invalid

RS, GS, EOT = "\x1e", "\x1d", "\x04"
GARBAGE_CHARACTERS = 3  # a letter or the word EOT behind the last RS is no field

_HEADER = re.compile(r">?\[?\)>(\x1e*)(\d\d)")
_CARET_HEADER = re.compile(r">?\[?\)>(\^*)(\d\d)\]")
_HAT_HEADER = re.compile(r">?\[?\)>(?:\^\^)?\d\d\^\]")
_NEXT_FORMAT = re.compile(r"\x1e(05|06|12)\x1d")
_SEPARATOR = re.compile(r"[\x00-\x1f\x7f]+")
_PICTURES = str.maketrans("␝␞␄", GS + RS + EOT)
_CARETS = str.maketrans("]^", GS + RS)


@dataclass(frozen=True, slots=True)
class Format:
    """One format of a message: its two digits, the text of its fields, and the fields."""

    number: str
    text: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message: its formats, whether letters were sent as a keyboard wedge sends them, whether its end was changed."""

    formats: tuple[Format, ...]
    typed: bool
    end_changed: bool


def has_envelope(text: str) -> bool:
    """Whether the text begins as a message of ISO 15434 does, whole or damaged."""
    return ")>" in text[:6]


def open_envelope(text: str) -> Envelope:
    """The formats and fields of a message. Raises Invalid `labels.separators_lost`, `labels.header_damaged`,
    `labels.several` or `labels.format_unknown`.
    """
    if not text.isascii():
        text = text.translate(_PICTURES)
    if _HAT_HEADER.match(text):
        text = text.replace("^]", GS).replace("^^", RS).replace("^D", EOT)
    if text.find("[)>", 3) > 0:
        raise Invalid("labels.several", "The text holds more than one label.", remedy="Scan one label at a time.")
    typed, with_rs = False, False
    found = _CARET_HEADER.match(text)
    if found and GS not in text[: found.end() + 1]:
        typed, with_rs = True, bool(found[1])
        number, body = found[2], text[found.end() :].translate(_CARETS)
    else:
        found = _HEADER.match(text)
        if not found:
            raise _header_damaged()
        with_rs = bool(found[1])
        number, body = found[2], text[found.end() :]
    inner, end_changed = _without_trailer(body, with_rs)
    if not _SEPARATOR.search(inner) and not (typed or body[:1] in (GS, RS)):
        raise _separators_lost()
    formats = tuple(_formats(number, inner))
    return Envelope(formats, typed, end_changed)


def _formats(number: str, body: str):
    """The first format and those that begin behind an RS; re.split gives text, number, text, …"""
    texts = _NEXT_FORMAT.split(body)
    for format_number, text in zip([number, *texts[1::2]], texts[::2], strict=True):
        if format_number not in ("05", "06", "12"):
            raise Invalid(
                "labels.format_unknown",
                f"Format {format_number} of ISO 15434 does not describe parts.",
                {"format": format_number},
                "Scan the label again; if it says the same, type what is printed on it.",
            )
        yield Format(format_number, text, tuple(field for field in _SEPARATOR.split(text) if field.strip()))


def _without_trailer(body: str, trailer_expected: bool) -> tuple[str, bool]:
    """(the fields, whether their end was changed)"""
    at = body.rfind(RS)
    tail = body[at + 1 :]
    if at >= 0 and GS not in tail and len(tail.strip(EOT)) <= GARBAGE_CHARACTERS:
        return body[:at], False
    inner = body.rstrip(EOT + RS + GS)
    # EOT without RS: the RS is gone, or something else stands in its place
    alone = inner != body and body[len(inner)] == EOT
    return inner, alone or trailer_expected


def _separators_lost() -> Invalid:
    return Invalid(
        "labels.separators_lost",
        "The scanner left out the separators between the fields, so nobody can tell where one ends.",
        remedy="Switch on that the scanner sends control characters (also called function key mapping, Ctrl mapping or "
        "control character output), or switch it from keyboard to serial (COM), and scan again.",
    )


def _header_damaged() -> Invalid:
    return Invalid(
        "labels.header_damaged",
        "The label begins like ISO 15434, and its header is damaged.",
        remedy="Scan the label again; if it says the same, type what is printed on it.",
    )
