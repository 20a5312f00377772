"""Drills: a home that is a copy of the record for an exercise. Nothing leaves it: no mail, no webhook, no label. Nothing comes into it by itself.

The copy says that it is one by a file in its folder, which is written before anything else is, so that not even what waited in the outbox of the
record can go out of the copy. Whoever sends asks `refuse_outside` first; whoever takes what machines, stations, feeds or mail servers bring asks
`refuse_intake`: what the copy acknowledged, or moved out of a folder, the record would never get.
"""

import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.storage.databases import DRILL_MARKER as MARKER
from asbuilt.storage.databases import home

SCENARIO_CHARACTERS_MAX = 200


@dataclass(frozen=True)
class Drill:
    """What is exercised, and since when (UTC µs)."""

    scenario: str
    started_at: int


def drill() -> Drill | None:
    """The drill that this home is for; None for a record."""
    return _drill(home())


@cache
def _drill(folder: Path) -> Drill | None:
    try:
        said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Drill(said["scenario"], parse_instant(said["started_at"]))


def mark(folder: Path, scenario: str, now: int, *, copy: bool = False) -> None:
    """Make a folder the home of a drill, before anything else is in it; FileExistsError where it is one. A `copy` is read from this folder
    alone, whatever database is named."""
    said = json.dumps({"scenario": scenario[:SCENARIO_CHARACTERS_MAX], "started_at": format_instant(now), "copy": copy})
    with open(os.open(folder / MARKER, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(said)
        out.flush()
        os.fsync(out.fileno())
    _drill.cache_clear()


def begin(folder: Path, now: int) -> None:
    """The exercise begins now. The folder is a drill's before, during and after this."""
    said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
    beside = folder / f".{MARKER}"
    beside.write_text(json.dumps({**said, "started_at": format_instant(now)}), encoding="utf-8")
    os.replace(beside, folder / MARKER)
    _drill.cache_clear()


def refuse_outside() -> None:
    """OSError in a drill: what was to be sent stays where it is."""
    if drill() is not None:
        raise OSError("This is a drill: nothing leaves it.")


def refuse_intake() -> None:
    """Refused in a drill: what others bring stays with them, for the record."""
    if drill() is not None:
        said = "This is a drill: it takes nothing from outside."
        remedy = "Let the record take it; in a drill say by hand what is exercised, or load it from a file."
        raise Refused("storage.drill_takes_nothing", said, {}, remedy)
