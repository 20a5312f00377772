"""The text of one scan -> what the label says, whichever notation it has.

The notations in the order in which they are tried: ISO 15434 (formats 05, 06 and 12), LCSC, GS1 element string, TME,
makers' reels. An AIM symbology identifier (`]d1`) before the text is left out. What is none of them is refused with what
to do: nothing is read by similarity.
"""

import re

from asbuilt.formats.labels.distributors import is_lcsc, is_tme, read_lcsc, read_tme, read_tme_matrix
from asbuilt.formats.labels.elements import GS1_SYMBOLS, is_element_string, read_elements
from asbuilt.formats.labels.envelope import GS, has_envelope, open_envelope
from asbuilt.formats.labels.identifiers import Said, read_identifiers
from asbuilt.formats.labels.label import Label
from asbuilt.formats.labels.reels import read_reel
from asbuilt.kernel.errors import Invalid

LABEL_BYTES_MAX = 7089  # what the largest QR code holds
FIELDS_MAX = 200

_SYMBOL = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_BLANKS = " \t\r\n\ufeff"


def decode_label(content: bytes) -> str:
    """The text of the bytes that a scanner sent. Raises Invalid `labels.too_long`, `labels.not_text`."""
    if len(content) > LABEL_BYTES_MAX:
        raise _too_long(len(content))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(
            "labels.not_text",
            f"The label is no text: byte {error.start + 1} is not UTF-8.",
            {"byte": error.start + 1},
            "Set the scanner to send UTF-8 or ASCII.",
        ) from None


def read_label(text: str) -> Label:
    """What a label says; see `Label`.

    Raises Invalid: `labels.empty`, `labels.not_a_label`, `labels.number_only` for what is no label; `labels.separators_lost`,
    `labels.header_damaged`, `labels.header_lost`, `labels.elements_damaged`, `labels.field_twice`, `labels.format_unknown`,
    `labels.several`, `labels.too_long`, `labels.too_many_fields` for one that cannot be read.
    """
    if len(text) > LABEL_BYTES_MAX:
        raise _too_long(len(text))
    text = text.strip(_BLANKS)
    if not any(map(str.isalnum, text)):
        raise Invalid("labels.empty", "Nothing was scanned.", remedy="Scan the label again.")
    symbol = _SYMBOL.match(text)
    if symbol:
        text = text[symbol.end() :]
    if has_envelope(text):
        return _read_envelope(text)
    if is_lcsc(text):
        return read_lcsc(text)
    if (symbol and symbol[0] in GS1_SYMBOLS) or is_element_string(text):
        return read_elements(text)
    if is_tme(text):
        return read_tme(text)
    label = read_tme_matrix(text) or read_reel(text)
    if label is None:
        raise _no_label(text)
    return label


def _read_envelope(text: str) -> Label:
    envelope = open_envelope(text)
    fields = [one for format_ in envelope.formats if format_.number == "06" for one in format_.fields]
    if len(fields) > FIELDS_MAX:
        raise Invalid(
            "labels.too_many_fields",
            f"The label has more than {FIELDS_MAX} fields.",
            {"fields": len(fields)},
            "Scan the label again; if it says the same, type what is printed on it.",
        )
    said = Said(fields, envelope.typed)
    if said.values:
        return read_identifiers(said, envelope.end_changed)
    for format_ in envelope.formats:
        if format_.number == "05":
            return read_elements(format_.text)
        if format_.number == "12":
            said = Said.of_text_elements(format_.fields)
            if said.values:
                return read_identifiers(said, envelope.end_changed)
    raise Invalid(
        "labels.not_a_label",
        "The message holds no field of a label.",
        remedy="Scan the label again; if it says the same, type what is printed on it.",
    )


def _no_label(text: str) -> Invalid:
    if text.isascii() and text.isdigit():
        return Invalid(
            "labels.number_only",
            f"{text[:40]} is a number alone; only whoever printed it knows what it means.",
            remedy="Scan the Data Matrix or QR code of the label instead.",
        )
    if GS in text:
        return Invalid(
            "labels.header_lost",
            "The text has the separators of a label and not its header.",
            remedy="Scan the label again; if it says the same, type what is printed on it.",
        )
    return Invalid(
        "labels.not_a_label",
        "This is no label that can be read.",
        {"begins": text[:40]},
        "Scan the Data Matrix or QR code of the package; if it has none, type what is printed on it.",
    )


def _too_long(size: int) -> Invalid:
    return Invalid(
        "labels.too_long",
        f"The text has {size:,} bytes, more than any label ({LABEL_BYTES_MAX:,}).",
        {"bytes": size, "most": LABEL_BYTES_MAX},
        "Scan one label at a time.",
    )
