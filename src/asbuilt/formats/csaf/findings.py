"""What a test finds: the number of the test in the standard, the place in the document, a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.formats.csaf.limits import FINDINGS_TOLD_MAX

SCHEMA = "schema"
SENTENCE_CHARACTERS_MAX, PLACE_CHARACTERS_MAX, VALUE_CHARACTERS_MAX = 300, 300, 80


@dataclass(frozen=True, slots=True)
class Finding:
    """`test` is "schema" or the number in the standard, such as 6.1.27.9; `place` a JSON pointer (RFC 6901)."""

    test: str
    place: str
    sentence: str

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"test": self.test, "place": self.place, "sentence": self.sentence}


@dataclass
class Findings:
    """Collects what the tests find; `told` holds the first ones, `failed` and `total` count all."""

    told: list[Finding] = field(default_factory=list)
    total: int = 0
    _failed: set[str] = field(default_factory=set)

    def add(self, test: str, place: str | Sequence[str | int], sentence: str) -> None:
        """Name one place; parts of a path are made into a pointer. Of each test the first place is told, whatever was found before."""
        self.total += 1
        if test in self._failed and len(self.told) >= FINDINGS_TOLD_MAX:
            return
        self._failed.add(test)
        where = place if isinstance(place, str) else pointer(place)
        if len(sentence) > SENTENCE_CHARACTERS_MAX:
            sentence = sentence[:SENTENCE_CHARACTERS_MAX] + "…"
        self.told.append(Finding(test, where[:PLACE_CHARACTERS_MAX], sentence))

    @property
    def failed(self) -> tuple[str, ...]:
        """Numbers of the tests that fail, in the order of the standard."""
        return tuple(sorted(self._failed, key=numbered))


def numbered(test: str) -> tuple[int, ...]:
    """By what tests are ordered: 6.1.9 before 6.1.10; the schema first."""
    return () if test == SCHEMA else tuple(int(part) for part in test.split("."))


def pointer(parts: Sequence[str | int]) -> str:
    """The JSON pointer of a path; empty for the whole document, as RFC 6901 has it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def quoted(value: object) -> str:
    """A value of the document inside a sentence: short, nothing that a terminal obeys."""
    text = str(value)
    return ascii(text if len(text) <= VALUE_CHARACTERS_MAX else text[:VALUE_CHARACTERS_MAX] + "…")
