"""The checklist of a policy for reporters and the profile of security.txt: dated data, never constants."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("data") / "cvd-policy.json"


@dataclass(frozen=True)
class Point:
    """A point of the checklist: which fields of the publisher answer it, or that a text in each language does."""

    point: str
    fields: tuple[str, ...]
    texts: bool
    needed: bool


@dataclass(frozen=True)
class SecurityTxtProfile:
    """Days and years that a security.txt and its key keep to."""

    expires_days_max: int
    review_days: int
    warn_days: int
    key_years_max: int


@cache
def _file() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


def rule_set() -> str:
    """The id of the checklist in force."""
    return _file()["rule_set"]


@cache
def points() -> tuple[Point, ...]:
    """The checklist, in the order of the page."""
    return tuple(
        Point(one["point"], tuple(one.get("fields", ())), one.get("texts", False), one["needed"])
        for one in _file()["points"]
    )


@cache
def profile() -> SecurityTxtProfile:
    """What a security.txt keeps to."""
    said = {name: value for name, value in _file()["security_txt"].items() if name != "source"}
    return SecurityTxtProfile(**said)
