"""Layouts: which data identifiers the labels of one printer carry, and what shows that one of them was damaged.

MH10.8.2 leaves open which fields a label has and in which order. Known printers keep to their own layout, so a field that
is always there and now is not, one that was never there, or an identifier inside the value before it tells of a lost
separator or a misread identifier. Corpus: labels of Digi-Key, Mouser, Farnell, Würth Elektronik, automotive parts and
pharma (IFA); EIGP 114 for all others.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# how a value begins whose identifier follows another value without a separator
_INSIDE = {
    "Q": r"[Qq]\d{1,9}$", "4L": r"4[Ll][A-Z]{2}$", "10D": r"10D\d{4}$", "16D": r"16D\d{8}$", "3P": r"3P\d+$",
    "14Q": r"14Q\d+$", "9D": r"9D\d{4}", "1T": r"1T.{2}", "30P": r"30P.{3}", "1P": r"1P.", "D": r"D\d{6}$",
}  # fmt: skip


def _inside(**after: str) -> dict[str, tuple[tuple[str, re.Pattern], ...]]:
    """Identifier -> (identifier that may have slid into its value, how that looks) …; `_` before a digit is dropped."""
    return {
        name.removeprefix("_"): tuple((one, re.compile(_INSIDE.get(one, one))) for one in inside.split())
        for name, inside in after.items()
    }


@dataclass(frozen=True)
class Layout:
    """One printer's layout: always there, sometimes there (None: anything may be), what may slide into what."""

    name: str
    vendor: str | None
    always: frozenset[str]
    sometimes: frozenset[str] | None
    inside: Mapping[str, tuple[tuple[str, re.Pattern], ...]] = field(repr=False)

    def admits(self, name: str) -> bool:
        """Whether a field with this identifier belongs on such a label; 30P is a distributor's alone."""
        if self.sometimes is None:
            return name != "30P"
        return name in self.always or name in self.sometimes


def _layout(name: str, vendor: str | None, always: str, sometimes: str | None, **after: str) -> Layout:
    known = None if sometimes is None else frozenset(sometimes.split())
    return Layout(name, vendor, frozenset(always.split()), known, _inside(**after))


DIGIKEY = _layout(
    "Digi-Key", "digikey", "P 1P K 1K 10K 11K 4L Q 11Z 12Z 13Z 20Z", "30P 9D 1T",
    P="1P 30P", _1P="30P K", _30P="1P K", _1T="11K",
)  # fmt: skip
MOUSER = _layout("Mouser", "mouser", "K 14K 1P Q 11K 4L 1V", "", _1P="Q", _1V="4L Q")
FARNELL = _layout("Farnell", "farnell", "K P 1P 3P Q 9D 1T 4L 4K", "", P="1P", _1P="3P", _3P="Q", _1T="4L")
AUTOMOTIVE = _layout("automotive", None, "V P S E T", "", P="S")
PHARMA = _layout("pharma", None, "9N 1T D S", "", _1T="D")
_EIGP = "1P Q 1T 9D 10D 16D 3P 30P 4L 14Q"
EIGP = _layout(
    "EIGP 114", None, "1P Q", None, P=_EIGP, _1P=_EIGP, _1T=_EIGP, _1V=_EIGP, _3P=_EIGP, _30P=_EIGP, _31P=_EIGP
)
_WUERTH = _layout("Würth Elektronik", "wurth-eisos", "1P Q 1T 16D", "")
_YAGEO = _layout("Yageo", "yageo", "31P 32P 1T Q 9D", "", _31P="32P 1T", _1T="Q")

_OF_DIGIKEY = frozenset(("11Z", "12Z", "13Z", "20Z", "30P"))
_OF_MOUSER = frozenset(("14K", "11K", "1V"))
_OF_YAGEO = frozenset(("31P", "32P", "1T", "Q", "9D"))
_OF_WUERTH = ["1P", "Q", "1T", "16D"]


def layout_of(said: Mapping[str, str]) -> Layout:
    """The layout of a label by the identifiers on it, in the order in which they stand; one may be damaged."""
    names = said.keys()
    if len(names & _OF_DIGIKEY) >= 2:
        return DIGIKEY
    if "3P" in said:
        return FARNELL
    if len(names & _OF_MOUSER) >= 2:
        return MOUSER
    if list(said) == _OF_WUERTH:
        return _WUERTH
    if "31P" in said and names <= _OF_YAGEO:
        return _YAGEO
    if "V" in said and "T" in said:
        return AUTOMOTIVE
    return PHARMA if "9N" in said else EIGP
