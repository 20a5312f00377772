"""What declarations, user information and requests consist of, by dated rule sets, with their standing phrases in four languages.

    papers_on("2027-12-11")   -> the rule set in force on that day

Points, phrases, years and languages stand in `data/papers.json` with source and the day they were read; nothing of them is in the code.
"""

from dataclasses import dataclass
from functools import cache

from asbuilt.answers.compliance.filing.file_rules import newest_on, worded

OFFICIAL = "official"


@dataclass(frozen=True)
class PaperPoint:
    """A point of an annex: whether it is always needed, its name by language, a standing phrase, the field that answers it."""

    key: str
    law: str
    needed: bool
    names: dict[str, str]
    asks: dict[str, str]
    phrases: dict[str, str]
    field: str
    texts: bool
    origins: dict[str, str]  # language -> whose words the phrase is: official, reference, ours
    names_law: str  # the number of the law that it has to name, in whatever language
    unless_route: str  # needed where the class of a product does not allow this conformity route

    def origin(self, language: str) -> str:
        """Whose words the phrase in that language is; empty where there is none, or the official text."""
        said = self.origins.get(language, "") if language in self.phrases else ""
        return "" if said == OFFICIAL else said

    @property
    def name(self) -> str:
        """What it is called, in the reader's language."""
        return worded(self.names)


@dataclass(frozen=True)
class PaperRules:
    """A rule set as it was read on a day."""

    rule_set: str
    read_on: str
    source: str
    languages: tuple[str, ...]
    title: dict[str, str]  # language -> what a declaration calls itself
    traceability_years: int
    traceability_source: str
    request_bases: tuple[str, ...]
    declaration: tuple[PaperPoint, ...]
    simplified: tuple[PaperPoint, ...]
    information: tuple[PaperPoint, ...]


@cache
def papers_on(on: str) -> PaperRules:
    """The rules of that day."""
    said = newest_on("papers.json", on)
    return PaperRules(
        said["rule_set"], said["read_on"], said["source"], tuple(said["languages"]), said["title"], said["traceability_years"],
        said["traceability_source"], tuple(said["request_bases"]), *(_points(said[name]) for name in ("declaration", "simplified", "information")),
    )  # fmt: skip


def _points(listed: list[dict]) -> tuple[PaperPoint, ...]:
    return tuple(
        PaperPoint(
            one["point"], one["law"], one["needed"], one["name"], one["asks"], one.get("phrase", {}), one.get("field", ""), one.get("texts", False),
            one.get("origin", {}), one.get("names_law", ""), one.get("unless_route", ""),
        )
        for one in listed
    )  # fmt: skip
