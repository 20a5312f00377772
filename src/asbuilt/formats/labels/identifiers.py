"""Data identifiers of ANS MH10.8.2 as EIGP 114 uses them: the fields of a message -> the fields of a label.

    P customer's part · 1P manufacturer's part · 30P, 31P, 3P order code · 1T lot · 1V manufacturer · 4L country
    Q quantity · 9D date code, free · 10D YYWW · 11D YYYYWW · 12D, 16D YYYYMMDD · 17D DDMMYYYY

One identifier with two different values, or one that stands inside the value before it, leaves the field empty. Text
element identifiers (format 12) say the same in words: `MFR`, `PNO`, `LOT`, `QTY`, `DMF`.
"""

import re
from collections.abc import Iterable, Mapping

from asbuilt.formats.labels.countries import COUNTRIES
from asbuilt.formats.labels.label import (
    DATES_DIFFER,
    DIFFERENT_TWICE,
    END_CHANGED,
    INCOMPLETE,
    NO_NAME,
    NOT_OF_LAYOUT,
    OWN_IDENTIFIER,
    RAN_TOGETHER,
    Label,
    Reading,
)
from asbuilt.formats.labels.layouts import DIGIKEY, EIGP, Layout, layout_of

_FIELD = re.compile(r"(\d{0,3}[A-Z])(.*)", re.ASCII | re.DOTALL)
_TYPED_FIELD = re.compile(r"(\d{0,3}[A-Za-z])(.*)", re.ASCII | re.DOTALL)
_TEXT_ELEMENT = re.compile(r"([A-Z]{3}) +(.*)", re.ASCII | re.DOTALL)

NAMES = {
    "1P": "mpn", "P": "customer_part", "30P": "order_code", "3P": "order_code", "31P": "order_code",
    "1V": "manufacturer", "1T": "lot_code", "4L": "country", "Q": "quantity", "9D": "date_code", "10D": "date_code",
    "11D": "date_code", "12D": "date_code", "16D": "date_code", "17D": "date_code",
}  # fmt: skip
OPTIONAL = ("P", "3P", "31P", "1V")
TEXTS = ("1P", "P", "30P", "3P", "31P", "1V", "1T")
DATE_FORMS = {"10D": "YYWW", "9D": "", "11D": "YYYYWW", "16D": "YYYYMMDD", "12D": "YYYYMMDD", "17D": "DDMMYYYY"}
OF_TEXT_ELEMENTS = {"MFR": "1V", "PNO": "1P", "PNR": "1P", "LOT": "1T", "QTY": "Q", "DMF": "16D"}


class Said:
    """Identifier -> value of one label; identifiers with different values; all fields as printed, "" where one has no
    identifier.
    """

    def __init__(self, fields: Iterable[str], typed: bool = False):
        self.values: dict[str, str] = {}
        self.different: dict[str, list[str]] = {}
        self.printed: list[tuple[str, str]] = []
        shape = _TYPED_FIELD if typed else _FIELD
        for text in fields:
            found = shape.fullmatch(text)
            if found:
                self._add(found[1].upper() if typed else found[1], found[2])
            else:
                self.printed.append(("", text))

    @classmethod
    def of_text_elements(cls, fields: Iterable[str]) -> "Said":
        """The same from text element identifiers; those that have no counterpart are left out."""
        said = cls(())
        for text in fields:
            found = _TEXT_ELEMENT.fullmatch(text)
            name = OF_TEXT_ELEMENTS.get(found[1]) if found else None
            if name:
                said._add(name, found[2])
        return said

    def _add(self, name: str, value: str) -> None:
        self.printed.append((name, value))
        before = self.values.setdefault(name, value)
        if before != value:
            self.different.setdefault(name, [before]).append(value)


def read_identifiers(said: Said, end_changed: bool = False) -> Label:
    """The label that these fields make."""
    layout = layout_of(said.values)
    reading = Reading(layout.vendor)
    reading.printed = tuple(said.printed)
    values = {name: value for name, value in said.values.items() if name not in said.different}
    for name, several in said.different.items():
        if name in NAMES:
            reading.drop(NAMES[name], DIFFERENT_TWICE, value=" | ".join(several))
    _take_texts(reading, values, layout)
    if "Q" in values:
        reading.take_quantity(values["Q"])
    if "4L" in values:
        reading.take_country(values["4L"])
    _take_dates(reading, values)
    _doubt(reading, said, layout)
    if end_changed and said.printed and said.printed[-1][0] in NAMES:
        name, value = said.printed[-1]
        reading.warn(NAMES[name], END_CHANGED, value=value)
    return reading.label()


def _take_texts(reading: Reading, values: Mapping[str, str], layout: Layout) -> None:
    for name in TEXTS:
        value = values.get(name)
        if not value:
            continue
        field = NAMES[name]
        if name == "31P" and "1P" not in values:
            field = "mpn"  # makers that print no 1P print what they sell as 31P
        if any(one not in values and shape.search(value) for one, shape in layout.inside.get(name, ())):
            reading.drop(field, RAN_TOGETHER, value=value)
            continue
        if field == "lot_code":
            reading.take_lot(value)
        elif not reading.values.get(field):
            reading.take(field, value)
        if value.startswith(name):
            reading.warn(field, OWN_IDENTIFIER, value=value, identifier=name)


def _take_dates(reading: Reading, values: Mapping[str, str]) -> None:
    """The date code that the identifier prescribes an order for before the free one."""
    named = [name for name in DATE_FORMS if values.get(name, "").strip()]
    if not named or "date_code" in reading.values:
        return
    reading.take_date(values[named[0]], DATE_FORMS[named[0]])
    if len(named) > 1 and "10D" in named and "9D" in named and values["10D"] != values["9D"]:
        reading.warn("date_code", DATES_DIFFER, value=" | ".join(values[name] for name in named))


def _doubt(reading: Reading, said: Said, layout: Layout) -> None:
    """Name the fields that this layout never has; and what may stand in the wrong place where one it always has is gone."""
    lacking = [name for name in sorted(layout.always) if name not in said.values]
    if layout is DIGIKEY and "1T" in said.values and "9D" not in said.values:
        lacking.append("9D")  # it prints both or neither
    elsewhere = lacking or (_lacking_lot_or_date(said) if layout is EIGP else [])
    for name, value in said.values.items():
        if name not in NAMES or name in said.different or not value:
            continue
        if not layout.admits(name):
            reading.warn(NAMES[name], NOT_OF_LAYOUT, identifier=name)
        elif (lacking and name in TEXTS) or (elsewhere and name in OPTIONAL):
            reading.warn(NAMES[name], INCOMPLETE, identifier=", ".join(elsewhere))
        elif name == "1V" and not any(map(str.isalpha, value)):
            reading.warn("manufacturer", NO_NAME, value=value)
        elif name in TEXTS and value in COUNTRIES and "4L" not in said.values:
            reading.warn(NAMES[name], INCOMPLETE, identifier="4L")


def _lacking_lot_or_date(said: Said) -> list[str]:
    """EIGP 114 wants both on every package of components; a label without may have them under another identifier."""
    lacking = [] if "1T" in said.values else ["1T"]
    return lacking if said.values.keys() & DATE_FORMS.keys() else [*lacking, "9D"]
