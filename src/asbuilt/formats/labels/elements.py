"""GS1 element strings: application identifiers and their values, as a GS1 DataMatrix, GS1-128 or GS1 QR code holds them.

    01 04150123456782 10 1A234B5 GS 17 151231 21 1234567890123456

An element whose length is fixed is followed at once by the next one, any other by GS (the FNC1 of the symbol) or the end.
Written for people the identifiers stand in brackets. Standard: GS1 General Specifications, section 3 (identifiers) and
7.9 (check digits). Refused: an identifier that does not exist, a value too short or too long, as a lost separator leaves
them. A wrong check digit leaves the field empty; an impossible date makes all fields doubtful.
"""

import re
from dataclasses import dataclass

from asbuilt.formats.labels.date_codes import read_date_code
from asbuilt.formats.labels.envelope import GS
from asbuilt.formats.labels.label import (
    CHECK_DIGIT,
    IMPOSSIBLE_DATE,
    MANUFACTURERS_NUMBER,
    NO_COUNTRY,
    OWN_IDENTIFIER,
    RAN_TOGETHER,
    Label,
    Reading,
)
from asbuilt.kernel.errors import Invalid

GS1_SYMBOLS = ("]C1", "]d2", "]Q3", "]e0", "]J1")


@dataclass(frozen=True, slots=True)
class _Rule:
    """How short and how long the value of an identifier may be, and whether it ends without a separator."""

    shortest: int
    longest: int
    fixed: bool


def _rules() -> dict[str, _Rule]:
    rules = {}

    def add(names: str, shortest: int, longest: int, fixed: bool = False) -> None:
        for name in names.split():
            rules[name] = _Rule(shortest, longest, fixed)

    # these end without a separator: table 7.8.5-2 of the specification
    add("00", 18, 18, True)
    add("01 02 03", 14, 14, True)
    add("11 12 13 15 16 17", 6, 6, True)
    add("20", 2, 2, True)
    for measure in (*range(310, 317), *range(320, 338), *range(340, 358), *range(360, 370)):
        add(" ".join(f"{measure}{point}" for point in range(6)), 6, 6, True)
    add("410 411 412 413 414 415 416 417", 13, 13, True)
    add("10 21 22 243 254 8012 710 711 712 713 714 715 7020 7021 420", 1, 20)
    add("235 8011", 1, 28)
    add("240 241 250 251 400 401 403 8002 8004 8010 90", 1, 30)
    add("242", 1, 6)
    add("253 255", 13, 30)
    add("30 37", 1, 8)
    add("402", 17, 17)
    add("421", 4, 12)
    add("422 424 426", 3, 3)
    add("423 425", 3, 15)
    add("427", 1, 3)
    add("7003 7011", 6, 10)
    add("8003", 14, 30)
    add("8005", 6, 6)
    add("8006 8026", 18, 18)
    add("8008", 8, 12)
    add("8013 8020", 1, 25)
    add("8200", 1, 70)
    add("91 92 93 94 95 96 97 98 99", 1, 90)
    return rules


RULES = _rules()
_DATES = ("11", "12", "13", "15", "16", "17")
_BRACKETED = re.compile(r"\((\d{2,4})\)([^()]*)", re.ASCII)
_NUMBERED = re.compile(r"00(\d{18})|0[12](\d{14})", re.ASCII)
_BEGINS = re.compile(r"(?:00|0[12])[!-~]{14}")
# a date or a serial number behind a lot shows a separator that was lost
_INSIDE_LOT = re.compile(r"1[13567](\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))(?:$|21|30|37|10)", re.ASCII)


def check_digit_fits(number: str) -> bool:
    """Whether the last digit of a GTIN, SSCC or GLN is the check digit of the others (weights 3 and 1 from the right)."""
    if not (number.isascii() and number.isdigit()):
        return False
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[1::2]) * 3 + sum(digits[2::2]) + digits[0]) % 10 == 0


def is_element_string(text: str) -> bool:
    """Whether the text is one, as far as its beginning tells: in brackets, with GS, or a number with its check digit."""
    if _BRACKETED.match(text):
        return True
    text = text.lstrip(GS)
    if GS in text:
        return _BEGINS.match(text) is not None
    found = _NUMBERED.match(text)
    return bool(found) and len(text) > found.end() and check_digit_fits(found[1] or found[2])


def read_elements(text: str) -> Label:
    """The label of a GS1 element string. Raises Invalid `labels.elements_damaged`."""
    elements = _bracketed(text) if text.startswith("(") else _elements(text)
    reading = Reading()
    reading.printed = tuple(elements)
    said: dict[str, str] = {}
    for name, value in elements:
        if said.setdefault(name, value) != value:
            raise _damaged(name)
    _take(reading, said)
    for name in _DATES:
        if name in said and not read_date_code(said[name], "YYMMDD").year:
            # a lost separator leaves such dates: nothing around it is sure
            for field in ("order_code", "mpn", "customer_part", "lot_code", "quantity"):
                if reading.values.get(field) is not None:
                    reading.warn(field, IMPOSSIBLE_DATE, identifier=name, value=said[name])
    return reading.label()


def _take(reading: Reading, said: dict[str, str]) -> None:
    trade_number = said.get("01") or said.get("02")
    if trade_number:
        if check_digit_fits(trade_number):
            reading.take("order_code", trade_number)
        else:
            reading.drop("order_code", CHECK_DIGIT, value=trade_number)
    for name, field in (("240", "mpn"), ("241", "customer_part"), ("10", "lot_code")):
        value = said.get(name)
        if not value:
            continue
        if field == "lot_code" and _INSIDE_LOT.search(value):
            reading.drop(field, RAN_TOGETHER, value=value)
            continue
        reading.take(field, value)
        if value.startswith(name):
            reading.warn(field, OWN_IDENTIFIER, value=value, identifier=name)
        if field == "mpn":
            reading.warn(field, MANUFACTURERS_NUMBER, value=value)
    if "11" in said:
        reading.take_date(said["11"], "YYMMDD")
    pieces = said.get("30") or said.get("37")
    if pieces:
        reading.take_quantity(pieces)
    if "422" in said:
        reading.drop("country", NO_COUNTRY, value=said["422"])


def _bracketed(text: str) -> list[tuple[str, str]]:
    found, end = [], 0
    for part in _BRACKETED.finditer(text):
        if part.start() != end:
            raise _damaged(text[end:])
        name, value, end = part[1], part[2].rstrip(GS), part.end()
        if name not in RULES or not RULES[name].shortest <= len(value) <= RULES[name].longest:
            raise _damaged(text[part.start() :])
        found.append((name, value))
    if end != len(text):
        raise _damaged(text[end:])
    return found


def _elements(text: str) -> list[tuple[str, str]]:
    found, at, end = [], 0, len(text)
    while at < end:
        if text[at] == GS:
            at += 1
            continue
        name = next((text[at : at + size] for size in (2, 3, 4) if text[at : at + size] in RULES), None)
        if name is None:
            raise _damaged(text[at:])
        rule, begin = RULES[name], at + len(name)
        stop = text.find(GS, begin) if not rule.fixed else begin + rule.longest
        stop = end if stop < 0 else stop
        value = text[begin:stop]
        if GS in value or not rule.shortest <= len(value) <= rule.longest:
            raise _damaged(text[at:])
        found.append((name, value))
        at = stop
    if not found:
        raise _damaged(text)
    return found


def _damaged(rest: str) -> Invalid:
    return Invalid(
        "labels.elements_damaged",
        f"This GS1 element string cannot be read from {rest[:30]!r} on: a separator may be lost.",
        {"rest": rest[:80]},
        "Scan the label again; if it says the same, switch on that the scanner sends control characters (FNC1 as GS).",
    )
