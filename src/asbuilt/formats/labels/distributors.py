"""Distributors' own notations: LCSC's braces, TME's words and TME's Data Matrix with blanks.

    {pbn:PICK2605120009,on:GB2605120143,pc:C844554,pm:CRCW060334K8FKEA,qty:100,mc:R11, R19,cc:1,pdi:213419394}
    QTY:1000 PN:SMD0603-5K1-1% PO:32723349/7 MFR:ROYALOHM MPN:0603SAF5101T5E CoO:TH RoHS https://www.tme.eu/…
    PWBP-302 1PMPNWBP-302 Q1 K19361337/1

A value ends only where a known name begins: values hold commas and signs. A known name inside a value, or a value that
the distributor cannot have printed there, shows a lost separator: that field is left empty.
"""

import re

from asbuilt.formats.labels.label import END_CHANGED, OWN_IDENTIFIER, RAN_TOGETHER, Label, Reading
from asbuilt.kernel.errors import Invalid

_LCSC_NAMES = "pbn|on|pc|pm|qty|mc|cc|pdi|hp|wc"
_LCSC_SPLIT = re.compile(rf",(?=(?:{_LCSC_NAMES}):)")
_LCSC_INSIDE = re.compile(r"(?:pbn|on|pc|pm|qty|mc|cc|pdi|hp|wc):|,[a-z]{2,3}:")
_LCSC_CODE = re.compile(r"C\d+", re.ASCII)
_LCSC_ORDER = ("pbn", "on", "pc", "pm", "qty", "mc", "cc", "pdi", "hp", "wc")

_TME_NAMES = "QTY|PN|PO|CPO|MFR|MPN|CoO"
_TME_BEGIN = re.compile(rf"(?:{_TME_NAMES}):")
_TME_SPLIT = re.compile(rf" +(?=(?:{_TME_NAMES}):|RoHS\b|[Hh][Tt][Tt][Pp][Ss]?://)")
_TME_INSIDE = re.compile(rf"(?:{_TME_NAMES}):|RoHS| |https?://", re.IGNORECASE)
_TME_FIELDS = {"PN": "order_code", "MPN": "mpn", "MFR": "manufacturer"}
_TME_MATRIX = re.compile(r"P(\S+) +1P(\S+) +Q(\S+) +K(\S+)", re.ASCII)


def is_lcsc(text: str) -> bool:
    """Whether the text is a label of LCSC, whole or damaged."""
    return text.startswith("{") and len(_LCSC_SPLIT.findall(text)) >= 2


def read_lcsc(text: str) -> Label:
    """The label of LCSC: no lot, no date code, no country."""
    inner = text.strip("{}")
    parts = [part.partition(":") for part in _LCSC_SPLIT.split(inner)]
    said: dict[str, str] = {}
    reading = Reading("lcsc")
    reading.printed = tuple((name, value) for name, _, value in parts)
    for name, _, value in parts:
        value = value.lstrip(":").rstrip(",")
        if said.setdefault(name, value) != value:
            raise _twice(name)
    _take_lcsc_text(reading, said, "pc", "order_code")
    _take_lcsc_text(reading, said, "pm", "mpn")
    _take_lcsc_text(reading, said, "mc", "customer_part")
    code = reading.values.get("order_code")
    if code and not _LCSC_CODE.fullmatch(str(code)):
        reading.drop("order_code", RAN_TOGETHER, value=str(code))
    reading.take_quantity(said.get("qty", ""))
    if not text.endswith("}"):
        _doubt_end(reading, parts[-1][0], {"pc": "order_code", "pm": "mpn", "mc": "customer_part", "qty": "quantity"})
    return reading.label()


def _take_lcsc_text(reading: Reading, said: dict[str, str], name: str, field: str) -> None:
    value = said.get(name, "")
    if value in ("", "null"):
        return
    after = _LCSC_ORDER[_LCSC_ORDER.index(name) + 1]
    # a comma is part of many values; where the next name is gone it may as well have been its separator
    if _LCSC_INSIDE.search(value) or ("," in value and after not in said):
        reading.drop(field, RAN_TOGETHER, value=value)
    else:
        reading.take(field, value)


def is_tme(text: str) -> bool:
    """Whether the text is a QR code of TME: it begins with one of its names and has two more."""
    return bool(_TME_BEGIN.match(text)) and len(_TME_BEGIN.findall(text)) >= 3


def read_tme(text: str) -> Label:
    """The QR code of TME: no lot, no date code."""
    said: dict[str, str] = {}
    reading = Reading("tme")
    parts = [part.partition(":") for part in _TME_SPLIT.split(text)]
    reading.printed = tuple((name, value) for name, sign, value in parts if sign and name in _TME_NAMES.split("|"))
    for name, value in reading.printed:
        value = value.lstrip(":").strip()
        if said.setdefault(name, value) != value:
            raise _twice(name)
    for name, field in _TME_FIELDS.items():
        value = said.get(name, "")
        if _TME_INSIDE.search(value):
            reading.drop(field, RAN_TOGETHER, value=value)
        else:
            reading.take(field, value)
    reading.take_quantity(said.get("QTY", ""))
    reading.take_country(said.get("CoO", ""))
    if parts[-1][0] in said:
        _doubt_end(reading, parts[-1][0], {**_TME_FIELDS, "QTY": "quantity", "CoO": "country"})
    return reading.label()


def read_tme_matrix(text: str) -> Label | None:
    """The Data Matrix of TME, None where the text is none: four fields with blanks between, `MPN` before the part."""
    found = _TME_MATRIX.fullmatch(text)
    if not found:
        return None
    reading = Reading("tme")
    reading.printed = tuple(zip(("P", "1P", "Q", "K"), found.groups(), strict=True))
    part = found[2].removeprefix("MPN")
    for name, field, value in (("P", "customer_part", found[1]), ("1P", "mpn", part)):
        reading.take(field, value)
        if value.startswith(name):
            reading.warn(field, OWN_IDENTIFIER, value=value, identifier=name)
    reading.take_quantity(found[3])
    return reading.label()


def _doubt_end(reading: Reading, name: str, fields: dict[str, str]) -> None:
    if name in fields and reading.values.get(fields[name]) is not None:
        reading.warn(fields[name], END_CHANGED, value=str(reading.values[fields[name]]))


def _twice(name: str) -> Invalid:
    return Invalid(
        "labels.field_twice",
        f"The label says {name} twice, and differently.",
        {"field": name},
        "Scan the label again; if it says the same, type what is printed on it.",
    )
