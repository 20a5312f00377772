"""GS1 numbers of a unit: GTIN with serial number as an element string, and as an RFID EPC (SGTIN-96).

GS1 General Specifications: a GTIN has 14 digits with a mod-10 check digit (7.9); AI 21 takes up to 20 characters of set 82 (7.11). GS1 EPC
Tag Data Standard: SGTIN-96 is header 48, filter, partition, company prefix, indicator with item reference, and a serial number below 2^38
without leading zeros (14.6.1). Example of the standard: urn:epc:tag:sgtin-96:3.0614141.812345.6789 is 3074257BF7194E4000001A85.
"""

import re
from dataclasses import dataclass

SERIAL_CHARACTERS_MAX = 20
GROUP = "\x1d"
_SET_82 = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}")
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
AIM = re.compile(r"^\](?:d[0-6]|C[0-4]|e0|Q[0-6]|J1)")
"""The symbology identifier that a scanner may put in front (ISO/IEC 15424)."""
_HEADER = 0x30
# digits of the company prefix -> partition, bits of prefix, bits of indicator and item reference (TDS table 14-2)
_PARTITIONS = {
    12: (0, 40, 4),
    11: (1, 37, 7),
    10: (2, 34, 10),
    9: (3, 30, 14),
    8: (4, 27, 17),
    7: (5, 24, 20),
    6: (6, 20, 24),
}


def mod10(digits: str) -> str:
    """The check digit of a GS1 number without it."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits in 14; ValueError with the reason where it is none."""
    if not _DIGITS.fullmatch(text) or len(text) not in (8, 12, 13, 14):
        raise ValueError("a GTIN has 8, 12, 13 or 14 digits")
    if mod10(text[:-1]) != text[-1]:
        raise ValueError(f"the check digit of {text} should be {mod10(text[:-1])}")
    return text.zfill(14)


def serial_fits(serial: str) -> bool:
    """Whether AI 21 takes this serial number."""
    return _SET_82.fullmatch(serial) is not None


def element_string(gtin: str, serial: str) -> str:
    """GTIN and serial number as people read them: (01)09506000134352(21)12345. ValueError where one does not fit."""
    if not serial_fits(serial):
        raise ValueError("AI 21 takes up to 20 letters, digits and signs of GS1's set 82")
    return f"(01){gtin14(gtin)}(21){serial}"


def same_elements(read: str, gtin: str, serial: str) -> bool:
    """Whether a scanner's text, with or without AIM identifier, brackets and final separator, says this GTIN and serial number."""
    plain = AIM.sub("", read, count=1).strip(GROUP)
    return plain in (f"01{gtin14(gtin)}21{serial}", f"(01){gtin14(gtin)}(21){serial}")


@dataclass(frozen=True)
class Sgtin:
    """What an SGTIN-96 tag says. `filter` 1 is a single trade item."""

    gtin: str
    serial: str
    company_digits: int
    filter: int = 1

    @property
    def uri(self) -> str:
        """The pure identity, urn:epc:id:sgtin:0614141.812345.6789."""
        company = self.gtin[1 : 1 + self.company_digits]
        return f"urn:epc:id:sgtin:{company}.{self.gtin[0]}{self.gtin[1 + self.company_digits : 13]}.{self.serial}"

    def tag(self) -> str:
        """The 24 hex digits that stand on the tag; ValueError where the serial number does not fit."""
        serial = self.serial
        if not _DIGITS.fullmatch(serial) or (serial[0] == "0" and serial != "0") or int(serial) >= 1 << 38:
            raise ValueError(f"SGTIN-96 takes serial numbers below {1 << 38} in digits, without leading zeros")
        if self.company_digits not in _PARTITIONS:
            raise ValueError("a GS1 company prefix has 6 to 12 digits")
        if not 0 <= self.filter < 8:
            raise ValueError("a filter is 0 to 7")
        gtin = gtin14(self.gtin)
        partition, company_bits, item_bits = _PARTITIONS[self.company_digits]
        number = _HEADER << 6 | self.filter << 3 | partition
        number = number << company_bits | int(gtin[1 : 1 + self.company_digits])
        number = number << item_bits | int(gtin[0] + gtin[1 + self.company_digits : 13])
        return f"{number << 38 | int(serial):024X}"


def read_tag(text: str) -> Sgtin:
    """What 24 hex digits of an SGTIN-96 tag say; ValueError where they are none."""
    if not re.fullmatch(r"[0-9A-Fa-f]{24}", text, re.ASCII) or int(text[:2], 16) != _HEADER:
        raise ValueError("an SGTIN-96 has 24 hex digits and begins with 30")
    number = int(text, 16)
    partition = number >> 82 & 7
    for digits, (own, company_bits, item_bits) in _PARTITIONS.items():
        if own == partition:
            company = number >> 38 + item_bits & (1 << company_bits) - 1
            reference = number >> 38 & (1 << item_bits) - 1
            if company < 10**digits and reference < 10 ** (13 - digits):
                indicated = f"{reference:0{13 - digits}}"
                body = f"{indicated[0]}{company:0{digits}}{indicated[1:]}"
                return Sgtin(body + mod10(body), str(number & (1 << 38) - 1), digits, number >> 85 & 7)
    raise ValueError("its partition, company prefix or item reference is none")
