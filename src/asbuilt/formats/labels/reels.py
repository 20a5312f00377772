"""Makers' reels without a standard: fields by their position, as Lite-On, Samsung, Stackpole, KEMET and others print them.

Each shape was taken from labels of the corpus. A shape fits where it has as many fields and all but at most one
look as they should, so that one misread character does not hide the rest; anything else is refused. Yageo separates
data identifiers by CR and has no header.
"""

import re
from collections.abc import Callable, Iterable

from asbuilt.formats.labels.countries import MADE_IN
from asbuilt.formats.labels.identifiers import Said, read_identifiers
from asbuilt.formats.labels.label import BY_POSITION, NO_QUANTITY, OWN_IDENTIFIER, Label, Reading

# name of the field, then the identifier printed before its value -> how it looks
_PART = r"[A-Z0-9][A-Z0-9./+#_-]{4,39}"
_SAMSUNG = {"lot_code": r"[A-Z0-9]{7}", "mpn": r"[A-Z0-9]{8,30}", "date_code": r"\d{4}", "quantity": r"\d{7}"}
_LITEON = {
    "first": "", "second": "", "mpn": _PART, "lot_code": r"\d{10}", "quantity": r"\d{1,7}", "bin": r"\S+",
    "number": r"\w{8,20}", "date_code": r"\d{4}", "country": r"MADE IN .+",
}  # fmt: skip
_STACKPOLE = {
    "mpn 1P": r"1P" + _PART, "quantity Q": r"Q\d{1,7}", "lot_code 1T": r"1T\S{4,20}", "date_code": r"\d\d/\d\d",
    "country": r"[A-Z]{2}",
}  # fmt: skip
_LINES = re.compile(r"[\r\n]+")
_OF_YAGEO = re.compile(r"31P|32P|1T|Q|9D")
_IDENTIFIED = re.compile(r"(?:31P|32P|1P|P|1T|Q|9D|10D|4L|16D)\S", re.ASCII)

# maker's token labels: three letters, then the value up to the next of them
_TOKENS = ("UID", "PID", "TIM", "SPL", "LID", "SPN", "QTY", "DCD", "MSD", "COO", "ESD", "ROH", "SER")
_TOKEN_LABEL = re.compile("".join(f"{token}(.*?)" for token in _TOKENS[:-1]) + r"SER(.*)", re.ASCII)
_KEMET = re.compile(r"(\S{9}) (\S{5})(\S{8,30}) (\S{7})", re.ASCII)
_KEMET_SHAPES = (r"\d{9}", r"[A-Z]\d{4}", r"[A-Z]\d{4}[A-Z0-9]{3,25}", r"\d{7}")


def read_reel(text: str) -> Label | None:
    """The label of a maker's reel, None where the text has none of the known shapes."""
    for read in _SHAPES:
        label = read(text)
        if label:
            return label
    return None


def _read_by_position(text: str, vendor: str, separator: str, shapes: dict[str, str]) -> Reading | None:
    """The named fields between the separators, taken by what they are; None where the shapes do not fit."""
    values = text.split(separator)
    if len(values) != len(shapes):
        return None
    if _misfits(values, shapes.values()) > 1:
        return None
    reading = Reading(vendor)
    reading.printed = tuple(zip(shapes, values, strict=True))
    for name, value in reading.printed:
        field, _, identifier = name.partition(" ")
        if not value.startswith(identifier):
            return None
        fits = re.fullmatch(shapes[name], value, re.ASCII) is not None
        _take(reading, field, value.removeprefix(identifier), identifier, fits)
    return reading


def _misfits(values: Iterable[str], shapes: Iterable[str]) -> int:
    return sum(not re.fullmatch(shape, value, re.ASCII) for shape, value in zip(shapes, values, strict=True))


def _take(reading: Reading, field: str, value: str, identifier: str, fits: bool) -> None:
    if field == "quantity" and not fits:
        reading.drop("quantity", NO_QUANTITY, value=value)
    elif field == "quantity":
        reading.take_quantity(value)
    elif field == "date_code":
        reading.take_date(value)
    elif field == "country":
        reading.take_country(MADE_IN.get(value.removeprefix("MADE IN ").strip(), value))
    elif field == "lot_code":
        reading.take_lot(value)
    elif field == "mpn":
        reading.take("mpn", value)
    if field in ("mpn", "lot_code"):
        if identifier and value.startswith(identifier):
            reading.warn(field, OWN_IDENTIFIER, value=value, identifier=identifier)
        if not fits:
            reading.warn(field, BY_POSITION, value=value)


def _read_lines(text: str) -> Label | None:
    fields = [line for line in _LINES.split(text) if line.strip()]
    if len(fields) < 4 or sum(bool(_IDENTIFIED.match(field)) for field in fields) < 3:
        return None
    if any(field.startswith("31P") for field in fields):
        # Yageo's other lines have a place and no identifier
        fields = [field for field in fields if _OF_YAGEO.match(field)]
    return read_identifiers(Said(fields))


def _read_samsung(text: str) -> Label | None:
    reading = _read_by_position(text, "samsung", "/", _SAMSUNG)
    return reading and reading.label()


def _read_liteon(text: str) -> Label | None:
    reading = _read_by_position(text, "liteon", ";", _LITEON) if text.startswith(";;") else None
    return reading and reading.label()


def _read_stackpole(text: str) -> Label | None:
    reading = _read_by_position(text, "stackpole", ",", _STACKPOLE)
    return reading and reading.label()


def _read_kemet(text: str) -> Label | None:
    found = _KEMET.fullmatch(text)
    if not found or _misfits(found.groups(), _KEMET_SHAPES) > 1:
        return None
    reading = Reading("kemet")
    reading.printed = tuple(zip(("lot", "code", "part", "quantity"), found.groups(), strict=True))
    reading.take("lot_code", found[1])
    reading.take("mpn", found[3])
    reading.warn("mpn", BY_POSITION, value=found[3])
    reading.take_quantity(found[4])
    return reading.label()


def _read_tokens(text: str) -> Label | None:
    # a token that stands twice could divide the text in two ways, and looking for all of them would take for ever
    if not text.startswith("UID") or any(text.count(token) != 1 for token in _TOKENS):
        return None
    found = _TOKEN_LABEL.fullmatch(text)
    if not found:
        return None
    said = dict(zip(_TOKENS, found.groups(), strict=True))
    reading = Reading()
    reading.printed = tuple(said.items())
    reading.take("mpn", said["SPN"])
    reading.take_quantity(said["QTY"])
    reading.take_date(said["DCD"])
    reading.take_country(said["COO"])
    return reading.label()


_SHAPES: tuple[Callable[[str], Label | None], ...] = (
    _read_lines, _read_tokens, _read_samsung, _read_liteon, _read_stackpole, _read_kemet,
)  # fmt: skip
