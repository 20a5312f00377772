"""How an SBOM is refused: the place in the file (JSON pointer, line, XPath), what is wrong there, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.formats.sbom.limits import PLACES_TOLD_MAX
from asbuilt.kernel.errors import Invalid, RowError

FILE = "sbom"
REASON_CHARACTERS_MAX, PLACE_CHARACTERS_MAX = 300, 300
"""How much a refusal repeats of what stands in the file."""
SUPPLIER = "Ask whoever made the file to write it by the specification; the file itself is never mended here."


@dataclass
class Wrongs:
    """Collects what is wrong in one file, each with its place; `total` counts those past the ones that are told."""

    code: str = "sbom.not_by_the_schema"
    rows: list[RowError] = field(default_factory=list)
    total: int = 0

    def add(self, place: str, reason: str, value: str = "", line: int | None = None) -> None:
        """Name one place. The value is shortened."""
        self.total += 1
        if len(self.rows) < PLACES_TOLD_MAX:
            said = reason if len(reason) <= REASON_CHARACTERS_MAX else f"{reason[:REASON_CHARACTERS_MAX]}…"
            self.rows.append(RowError(self.code, FILE, line, (place or "/")[-PLACE_CHARACTERS_MAX:], value, said, ""))

    def raise_if_any(self) -> None:
        """Invalid that tells the first place in words and all told places as rows."""
        if not self.total:
            return
        first = self.rows[0]
        where = first.column if first.line is None else f"line {first.line}, {first.column}"
        more = f" ({self.total - 1:,} more)" if self.total > 1 else ""
        reason = first.reason.rstrip(".")
        raise Invalid(
            self.code, f"{where}: {reason}{more}.", {"place": where}, SUPPLIER, rows=self.rows, total=self.total
        )


def refused(code: str, place: str, reason: str, remedy: str = SUPPLIER, facts: dict | None = None) -> Invalid:
    """A refusal of the whole file, to be raised; the place comes first in the sentence."""
    if len(reason) > REASON_CHARACTERS_MAX:
        reason = f"{reason[:REASON_CHARACTERS_MAX]}…"
    return Invalid(code, f"{place}: {reason}", {"place": place, **(facts or {})}, remedy)


def too_large(what: str, count: int, most: int, place: str = "/") -> Invalid:
    """The file breaks a limit."""
    return refused(
        "sbom.too_large",
        place,
        f"{count:,} {what}, the most is {most:,}.",
        "Split the SBOM by product, or raise the limit where this is truly one.",
        {"count": count, "most": most},
    )


def pointer(parts: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path; `/` for the whole document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts) or "/"
