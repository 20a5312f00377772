"""A change notice as its lines say it. Pure over lines: of two lines about the same the later one holds, and both stay."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.designed.changes.said.lines import Line

PREFIX = "CN-"
NOTICE = "change notice"
# kinds of lines
TAKEN, PART, AMENDED, DECIDED, WARNED = (
    "notice_taken",
    "notice_part",
    "notice_amended",
    "notice_decided",
    "notice_warned",
)

PCN, PDN = "pcn", "pdn"
KINDS = (PCN, PDN)
DATES = ("first_made", "first_ship", "last_buy", "last_made", "last_ship", "last_service", "answer_by")
"""first ship of the changed product; last order, last make, last ship of the unchanged or ended one; until when the maker wants an answer."""
WARNING_DATES = ("answer_by", "last_buy", "last_ship")
CHANGES = (
    "design", "process", "material", "test", "site", "package", "datasheet", "marking", "firmware", "end_of_life", "other",
)  # fmt: skip
DECISIONS = ("not_affected", "accepted", "change_order", "last_buy", "alternate", "objected", "reopened")
REOPENED = "reopened"

_DATE_CODE = re.compile(r"(?:date\s*-?\s*code|\bD/?C\b)[^0-9]{0,40}([0-9]{4})(?![0-9])", re.IGNORECASE)


@dataclass(frozen=True)
class NoticePart:
    """A maker's part that the notice is about; `replacement` what the maker offers for it."""

    mpn: str
    revision: str = ""
    replacement: str = ""
    replacement_maker: str = ""
    changes: tuple[str, ...] = ()


@dataclass
class ChangeNotice:
    """A change notice with what was said of it. `identification` is how changed product is told apart; `dates` name -> day (YYYY-MM-DD)."""

    code: str
    kind: str
    number: str
    maker: str
    title: str
    issued_on: str
    supplier: int | None
    source: str
    taken_at: int
    lines: Sequence[Line]
    parts: list[NoticePart] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    words: str = ""
    identification: dict = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    file: dict[str, str] = field(default_factory=dict)
    decision: Line | None = None
    warned: set[tuple[str, str, int]] = field(default_factory=set)

    @property
    def open(self) -> bool:
        """Whether a decision is wanted."""
        return self.decision is None or self.decision.name == REOPENED

    @property
    def eco(self) -> str:
        """The change order that the decision names; empty where there is none."""
        return self.decision.said.get("eco", "") if self.decision is not None else ""

    @property
    def suggested(self) -> str:
        """A date code that the maker's words name, where nobody said one yet: for a person to confirm, never used by itself."""
        if self.identification.get("date_code_from") or self.identification.get("lots"):
            return ""
        found = _DATE_CODE.search(self.identification.get("words", ""))
        return found[1] if found else ""


def notice_of(lines: Sequence[Line]) -> ChangeNotice:
    """The notice of these lines, the earliest first; the first one took it."""
    first, said = lines[0], lines[0].said
    found = ChangeNotice(
        first.about, said["kind"], first.name, said["maker"], said["title"], said.get("issued_on", ""), first.party, said["source"],
        first.happened_at, lines, changes=said.get("changes", []), words=said.get("words", ""),
        identification=dict(said.get("identification", {})), dates=dict(said.get("dates", {})),
        attachments=said.get("attachments", []),
        file={key: said[key] for key in ("file", "sha256") if key in said},
    )  # fmt: skip
    for line in lines[1:]:
        if line.kind == PART:
            more = line.said
            found.parts.append(
                NoticePart(
                    line.name,
                    more.get("revision", ""),
                    more.get("replacement", ""),
                    more.get("replacement_maker", ""),
                    tuple(more.get("changes", ())),
                )  # fmt: skip
            )
        elif line.kind == AMENDED:
            found.identification.update(line.said.get("identification", {}))
            found.dates.update(line.said.get("dates", {}))
        elif line.kind == DECIDED:
            found.decision = line
        elif line.kind == WARNED:
            found.warned.add((line.name, line.said["day"], int(line.said["percent"])))
    found.dates = {name: day for name, day in found.dates.items() if day}
    return found
