"""Deviations as their lines say them: units of a product, an order or places of an order may be built otherwise, until an end.

A deviation is planned: it speaks of what is built from when it is granted, and never of a unit that left. It is in force from the line that
grants it, which is written with the last approval that it needs (`answers.gate.deviating`), until its end or until somebody ended it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asbuilt.designed.changes.said.lines import Line, codes_of, lines_named, lines_of
from asbuilt.designed.changes.said.stating import CODE_CHARACTERS_MAX, unknown

PREFIX, DEVIATION = "DEV-", "deviation"
PROPOSED, AGREED, GRANTED, ENDED = "deviation_proposed", "deviation_agreed", "deviation_granted", "deviation_ended"
PART, PROCESS, DOCUMENT, TEST, OTHER = "part", "process", "document", "test", "other"
KINDS = (PART, PROCESS, DOCUMENT, TEST, OTHER)
DEVIATIONS_MAX = 1_000
UNCHECKED = "a party agreed by a document whose signature Asbuilt did not check"
"""What is said wherever something passes on such a document."""


@dataclass
class Deviation:
    """A deviation with what was said of it. `first` and `last` are places in the order, 0 for all; `subject` what deviates (for a part: its MPN)."""

    code: str
    product: str
    order: str
    first: int
    last: int
    kind: str
    subject: str
    part: str
    maker: str
    why: str
    until_at: int
    proposed_at: int
    proposed_by: int | None
    entry: int
    lines: Sequence[Line]
    agreed: list[Line] = field(default_factory=list)
    granted_at: int | None = None
    ended: Line | None = None

    def over(self, at: int) -> bool:
        """Whether it came to its end, or was ended, by an instant."""
        return at >= self.until_at or (self.ended is not None and self.ended.happened_at <= at)

    def in_force(self, at: int) -> bool:
        """Whether units may be built so at an instant."""
        return self.granted_at is not None and self.granted_at <= at and not self.over(at)

    @property
    def ends_at(self) -> int:
        """When it ends or ended."""
        return min(self.until_at, self.ended.happened_at) if self.ended is not None else self.until_at

    @property
    def by_document(self) -> bool:
        """Whether a party agreed by a document, whose signature nobody here checked."""
        return any(line.party is not None and "sha256" in line.said for line in self.agreed)

    def allows_part(self, part: str, mpn: str, maker: str) -> bool:
        """Whether it lets this maker's part be mounted for that part."""
        same = self.kind == PART and self.part == part and self.subject.casefold() == mpn.casefold()
        return same and (not self.maker or not maker or self.maker.casefold() == maker.casefold())


def deviation_of(lines: Sequence[Line]) -> Deviation:
    """The deviation of these lines, the earliest first; the first one proposed it."""
    first, said = lines[0], lines[0].said
    found = Deviation(
        first.about, first.name, said.get("order", ""), said.get("first", 0), said.get("last", 0), said["kind"], said["subject"],
        said.get("part", ""), said.get("maker", ""), first.why, first.at, first.happened_at, first.person, first.entry, lines,
    )  # fmt: skip
    for line in lines[1:]:
        if line.kind == AGREED:
            found.agreed.append(line)
        elif line.kind == GRANTED:
            found.granted_at = line.happened_at
        elif line.kind == ENDED:
            found.ended = line
    return found


def standing_deviation(tenant: int, code: str) -> Deviation:
    """The deviation with this code. NotFound: there is none. One statement."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != PROPOSED:
        raise unknown(DEVIATION, code)
    return deviation_of(lines)


def standing_deviations(tenant: int) -> list[Deviation]:
    """The newest 1,000 deviations, the newest first. Two statements."""
    codes = codes_of(tenant, PROPOSED, DEVIATIONS_MAX)
    lines = lines_of(tenant, codes)
    return [deviation_of(lines[code]) for code in codes]


def granted_for(tenant: int, products: Iterable[str]) -> list[Deviation]:
    """The deviations of these products that were ever granted, the earliest first. One statement where there is none, else two."""
    codes = {line.about for line in lines_named(tenant, GRANTED, products)}
    found = [deviation_of(lines) for lines in lines_of(tenant, codes).values()]
    return sorted(found, key=lambda one: one.entry)
