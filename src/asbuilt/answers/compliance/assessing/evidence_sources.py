"""Which evidence speaks for which requirement: a dated file, one a date.

sources_on("2026-12-01")   -> Sources("asbuilt.annex-i-evidence/2026-11-29", {"I.2.j": ["tests"], …})
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Sources:
    """A file: its id, from which day on it is used, requirement -> names of sources; `beside` those of them that show something of a requirement
    and not all that it asks: they can leave it open, and prove it never."""

    evidence_set: str
    in_force_from: str
    by_requirement: dict[str, list[str]]
    beside: dict[str, list[str]]


@cache
def _files() -> list[Sources]:
    read = [json.loads(file.read_text(encoding="utf-8")) for file in _FOLDER.glob("evidence-*.json")]
    found = [Sources(one["evidence_set"], one["in_force_from"], one["sources"], one.get("beside", {})) for one in read]
    return sorted(found, key=lambda one: one.in_force_from)


def sources_on(day: str) -> Sources:
    """The file of a day; before the first one was written it holds."""
    held = [one for one in _files() if one.in_force_from <= day]
    return held[-1] if held else _files()[0]
