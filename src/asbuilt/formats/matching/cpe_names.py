"""CPE 2.3 names: read from a formatted string (or the URI of 2.2) and compared attribute by attribute.

`*` is any value, `-` not applicable. Inside a value, `*` and `?` without a backslash are wildcards, at its beginning or end
only; a backslash takes any punctuation literally. Case does not count.
Standards: NISTIR 7695, sections 5.3, 6.1 and 6.2; NISTIR 7696, section 6 (table 6-2 of attribute relations, 6-4 of names).
"""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from asbuilt.formats.percent_encoding import decoded

ATTRIBUTES = ("part", "vendor", "product", "version", "update", "edition", "language", "sw_edition", "target_sw", "target_hw", "other")  # fmt: skip
ANY, NA = "*", "-"
CHARACTERS_MAX = 2_000
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")


class Relation(Enum):
    """How the source relates to the target, in the words of NISTIR 7696."""

    DISJOINT = "disjoint"
    SUBSET = "subset"
    SUPERSET = "superset"
    EQUAL = "equal"
    UNDEFINED = "undefined"


@dataclass(frozen=True, slots=True)
class CpeName:
    """The eleven attributes, lower case, with a backslash before each punctuation that is meant literally."""

    part: str
    vendor: str
    product: str
    version: str
    update: str
    edition: str
    language: str
    sw_edition: str
    target_sw: str
    target_hw: str
    other: str

    def values(self) -> tuple[str, ...]:
        """The attributes in the order of the formatted string."""
        return tuple(getattr(self, attribute) for attribute in ATTRIBUTES)

    @property
    def key(self) -> str:
        """`part:vendor:product`, without backslashes."""
        return ":".join(map(plain, (self.part, self.vendor, self.product)))


@lru_cache(200_000)
def read_cpe(text: str) -> CpeName | None:
    """The name that a text binds; None where it is none. Attributes left out at the end are any value."""
    if len(text) > CHARACTERS_MAX:
        return None
    lower = text.strip().lower()
    if lower.startswith("cpe:2.3:"):
        parts = [_normal(part) for part in _split(lower[8:])]
    elif lower.startswith("cpe:/"):
        parts = [_from_uri(part) for part in lower[5:].split(":")]
    else:
        return None
    if len(parts) > len(ATTRIBUTES) or len(parts) < 3 or None in parts:
        return None
    if parts[0] not in ("a", "o", "h", ANY, NA):
        return None
    return CpeName(*parts, *[ANY] * (len(ATTRIBUTES) - len(parts)))


def _split(text: str) -> list[str]:
    parts, held, escaped = [], [], False
    for character in text:
        if character == ":" and not escaped:
            parts.append("".join(held))
            held = []
            continue
        held.append(character)
        escaped = character == "\\" and not escaped
    return [*parts, "".join(held)]


def _normal(part: str) -> str | None:
    """One attribute with backslashes only where they say something; None where a wildcard stands inside."""
    if part in (ANY, NA):
        return part
    if not part:
        return ANY
    said, escaped = [], False
    for character in part:
        if escaped:
            said.append(character if character in _PLAIN else "\\" + character)
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            said.append(character if character in _PLAIN or character in "*?" else "\\" + character)
    text = "".join(said)
    if text == NA:  # a lone hyphen with its backslash is the letter, not `not applicable`
        return "\\-"
    inner = re.sub(r"\\.", "", text).strip("*?")
    return None if "*" in inner or "?" in inner else text or ANY


def _from_uri(part: str) -> str | None:
    if part in ("", NA):
        return part or ANY
    # %01 and %02 are how the URI writes ? and *; whatever else it holds is literal
    text = decoded(part.replace("%01", "\x01").replace("%02", "\x02"))
    marked = "".join(
        {"\x01": "?", "\x02": "*"}.get(character, character if character in _PLAIN else "\\" + character)
        for character in text
    )
    return _normal(marked)


def plain(value: str) -> str:
    """A value without backslashes, as people write it."""
    return re.sub(r"\\(.)", r"\1", value) if "\\" in value else value


def has_wildcard(value: str) -> bool:
    """Whether a value other than ANY stands for several."""
    if value == ANY or ("*" not in value and "?" not in value):
        return False
    return bool(re.search(r"[*?]", re.sub(r"\\.", "", value)))


def compare_values(source: str, target: str) -> Relation:
    """Table 6-2 of NISTIR 7696 for one attribute."""
    if source == ANY:
        if target == ANY:
            return Relation.EQUAL
        return Relation.UNDEFINED if has_wildcard(target) else Relation.SUPERSET
    if target == ANY:
        return Relation.SUBSET
    if has_wildcard(target):
        return Relation.UNDEFINED
    if source == target:
        return Relation.EQUAL
    if NA in (source, target):
        return Relation.DISJOINT
    if has_wildcard(source):
        return Relation.SUPERSET if _pattern(source).fullmatch(target) else Relation.DISJOINT
    return Relation.DISJOINT


@lru_cache(10_000)
def _pattern(source: str) -> re.Pattern:
    signs = re.findall(r"\\.|.", source)
    first = 0
    while first < len(signs) and signs[first] in ("*", "?"):
        first += 1
    last = len(signs)
    while last > first and signs[last - 1] in ("*", "?"):
        last -= 1
    middle = re.escape("".join(signs[first:last]))
    return re.compile(_ends("".join(signs[:first])) + middle + _ends("".join(signs[last:])))


def _ends(wild: str) -> str:
    # a ? stands for one character or none; one that is written with a backslash counts once
    return r"(?:\\?.)*" if "*" in wild else rf"(?:\\?.){{0,{len(wild)}}}"


def compare_names(source: CpeName, target: CpeName) -> Relation:
    """How two names relate as wholes (table 6-4)."""
    relations = {compare_values(*pair) for pair in zip(source.values(), target.values(), strict=True)}
    if Relation.DISJOINT in relations:
        return Relation.DISJOINT
    if relations == {Relation.EQUAL}:
        return Relation.EQUAL
    if relations <= {Relation.SUBSET, Relation.EQUAL}:
        return Relation.SUBSET
    if relations <= {Relation.SUPERSET, Relation.EQUAL}:
        return Relation.SUPERSET
    return Relation.UNDEFINED
