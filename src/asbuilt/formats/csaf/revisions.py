"""Tests of versions and the revision history: 6.1.14, 6.1.16 to 6.1.22 and 6.1.30.

A version is an integer or a semantic version (SemVer 2.0.0); the schema has seen to its form.
"""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from asbuilt.formats.csaf.document import CsafDocument
from asbuilt.formats.csaf.findings import Findings, quoted
from asbuilt.kernel.errors import Invalid

HISTORY = ("document", "tracking", "revision_history")
VERSION = ("document", "tracking", "version")
DRAFT = "draft"
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)


_DAYS_400_YEARS = 146_097
VERSION_CHARACTERS_MAX, FRACTION_CHARACTERS = 1_000, 40
"""How long a version may be, and how much of an instant's seconds is compared."""


@dataclass(frozen=True, slots=True)
class Version:
    """`numbers` is one for integer versioning, three for semantic versioning; `pre` and `build` are empty where there are none."""

    numbers: tuple[int, ...]
    pre: str = ""
    build: str = ""

    @property
    def integer(self) -> bool:
        """Whether this is integer versioning."""
        return len(self.numbers) == 1

    @property
    def early(self) -> bool:
        """0 or 0.y.z."""
        return self.numbers[0] == 0

    def order(self) -> tuple:
        """By what versions are ordered: SemVer 2.0.0, section 11."""
        parts = [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in self.pre.split(".")] if self.pre else []
        return (self.numbers, not self.pre, parts)


@lru_cache(4_096)
def version_of(text: str) -> Version:
    """A version that the schema has passed. Invalid past the limit."""
    if len(text) > VERSION_CHARACTERS_MAX:
        said = f"A version has {len(text):,} characters, the most is {VERSION_CHARACTERS_MAX:,}."
        raise Invalid(
            "csaf.too_large", said, {"count": len(text), "most": VERSION_CHARACTERS_MAX}, "Number revisions 1, 2, 3."
        )
    core, _, build = text.partition("+")
    core, _, pre = core.partition("-")
    return Version(tuple(int(one) for one in core.split(".")), pre, build)


@lru_cache(4_096)
def moment(text: str) -> Fraction:
    """Seconds of an RFC 3339 instant, to compare; fractions of any length, leap seconds too."""
    year, month, day, hour, minute, seconds, sign, by_hours, by_minutes = _INSTANT.fullmatch(text).groups()
    # the calendar repeats every 400 years; year 0 is none of Python's
    days = date(int(year) % 400 + 400, int(month), int(day)).toordinal() + int(year) // 400 * _DAYS_400_YEARS
    offset = (int(by_hours) * 60 + int(by_minutes)) * (-1 if sign == "-" else 1) if sign else 0
    return Fraction(seconds[:FRACTION_CHARACTERS]) + 60 * (days * 1_440 + int(hour) * 60 + int(minute) - offset)


def in_order(document: CsafDocument) -> list[tuple[int, Version]]:
    """The history sorted by date, of one instant by number: place in the list, version."""
    listed = [
        (moment(one["date"]), version_of(one["number"]), at)
        for at, one in enumerate(document.tracking["revision_history"])
    ]
    listed.sort(key=lambda one: (one[0], one[1].order()))
    return [(at, version) for _, version, at in listed]


def history_is_sorted(document: CsafDocument, found: Findings) -> None:
    """6.1.14 Sorted Revision History."""
    listed = in_order(document)
    for (_, before), (at, version) in zip(listed, listed[1:], strict=False):
        if version.order() < before.order():
            said = (
                f"By date, {quoted(document.tracking['revision_history'][at]['number'])} comes after a higher number."
            )
            found.add("6.1.14", (*HISTORY, at, "number"), said)


def version_is_the_latest(document: CsafDocument, found: Findings) -> None:
    """6.1.16 Latest Document Version."""
    own, last = version_of(document.tracking["version"]), in_order(document)[-1][1]
    draft = document.tracking["status"] == DRAFT
    if own.numbers != last.numbers or (own.pre != last.pre and not draft):
        said = f"The version is {quoted(document.tracking['version'])}, the last revision by date is another."
        found.add("6.1.16", VERSION, said)


def early_versions_are_drafts(document: CsafDocument, found: Findings) -> None:
    """6.1.17 Document Status Draft."""
    own = version_of(document.tracking["version"])
    if (own.early or own.pre) and document.tracking["status"] != DRAFT:
        said = f"The version {quoted(document.tracking['version'])} is one of a draft; the status is not draft."
        found.add("6.1.17", ("document", "tracking", "status"), said)


def released_history_is_released(document: CsafDocument, found: Findings) -> None:
    """6.1.18 Released Revision History."""
    if document.tracking["status"] == DRAFT:
        return
    for at, version in in_order(document):
        if version.early:
            said = "A revision 0 or 0.y.z stands in the history of a document that is no draft."
            found.add("6.1.18", (*HISTORY, at, "number"), said)


def history_has_no_pre_releases(document: CsafDocument, found: Findings) -> None:
    """6.1.19 Revision History Entries for Pre-release Versions."""
    for at, version in in_order(document):
        if version.pre:
            found.add(
                "6.1.19", (*HISTORY, at, "number"), f"The revision has the pre-release part {quoted(version.pre)}."
            )


def version_is_no_pre_release(document: CsafDocument, found: Findings) -> None:
    """6.1.20 Non-draft Document Version."""
    own = version_of(document.tracking["version"])
    if own.pre and document.tracking["status"] != DRAFT:
        said = f"The version has the pre-release part {quoted(own.pre)}; the document is no draft."
        found.add("6.1.20", VERSION, said)


def history_has_no_gaps(document: CsafDocument, found: Findings) -> None:
    """6.1.21 Missing Item in Revision History: each number, of semantic versions each major one; from 0 or 1."""
    before = None
    for at, version in in_order(document):
        major = version.numbers[0]
        if before is None and major > 1:
            found.add("6.1.21", (*HISTORY, at, "number"), "The history begins neither with 0 nor with 1.")
        elif before is not None and major > before + 1:
            found.add("6.1.21", (*HISTORY, at, "number"), f"Between {before} and {major} a revision is missing.")
        before = major


def revisions_are_listed_once(document: CsafDocument, found: Findings) -> None:
    """6.1.22 Multiple Definition in Revision History."""
    seen = set()
    for at, one in enumerate(document.tracking["revision_history"]):
        if one["number"] in seen:
            found.add("6.1.22", (*HISTORY, at, "number"), f"The revision {quoted(one['number'])} stands twice.")
        seen.add(one["number"])


def versions_are_of_one_kind(document: CsafDocument, found: Findings) -> None:
    """6.1.30 Mixed Integer and Semantic Versioning."""
    integer = version_of(document.tracking["version"]).integer
    for at, one in enumerate(document.tracking["revision_history"]):
        if version_of(one["number"]).integer != integer:
            said = f"The revision {quoted(one['number'])} and the version are of two kinds, integer and semantic."
            found.add("6.1.30", (*HISTORY, at, "number"), said)
