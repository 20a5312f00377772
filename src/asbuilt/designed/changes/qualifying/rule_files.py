"""The dated lists that this sub-room asks by: security properties of parts, points of a design review."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("data")
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Property:
    """A security property of a part: answered yes or no, or in words; `annex` the requirements of Annex I that it bears on."""

    key: str
    kind: str
    words: dict[str, str]
    annex: tuple[str, ...]


@dataclass(frozen=True)
class Point:
    """A point of a design review; `test` is what a test plan can measure of it, empty for nothing."""

    key: str
    group: str
    words: dict[str, str]
    annex: tuple[str, ...]
    test: str


def _words(one: dict) -> dict[str, str]:
    return {language: one[language] for language in ("en", "de")}


@cache
def properties() -> tuple[str, tuple[Property, ...]]:
    """(version of the list, its properties)."""
    found = json.loads((_DATA / "security_properties.json").read_text(encoding="utf-8"))
    listed = tuple(Property(one["key"], one["kind"], _words(one), tuple(one["annex"])) for one in found["properties"])
    return found["version"], listed


@cache
def review_points() -> tuple[str, tuple[Point, ...]]:
    """(version of the list, its points in order)."""
    found = json.loads((_DATA / "design_review.json").read_text(encoding="utf-8"))
    listed = tuple(
        Point(one["key"], one["group"], _words(one), tuple(one["annex"]), one.get("test", ""))
        for one in found["points"]
    )
    return found["version"], listed
