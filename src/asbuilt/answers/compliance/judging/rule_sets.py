"""The law as dated files, one a date; an older one stays, because judgements were made under it.

    rules_on("2026-12-01")           -> RuleSet in force on that day
    newest()                         -> the one in force latest
    rules_named("asbuilt.cra/2026-11-23")

Besides the files of this version, a house may keep newer ones in the folder that ASBUILT_RULE_SETS names: a standard that was cited or withdrawn, a
body that was notified. A judgement keeps the hash of the file, so that one that was changed shows. Pure: no Django, no database.
"""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from asbuilt.kernel.errors import Invalid, NotFound

_FOLDER = Path(__file__).with_name("data")
FILES_MAX = 200
FILE_BYTES_MAX = 4 * 1024**2
EXTENTS = ("none", "part", "full")


@dataclass(frozen=True)
class RuleSet:
    """One file: its id, from which day on it is used, its hash, and everything in it by name."""

    rule_set: str
    in_force_from: str
    sha256: str
    said: dict

    def part(self, name: str) -> list[dict]:
        """A list of the file, such as `functions`."""
        return self.said[name]

    def by_key(self, name: str) -> dict[str, dict]:
        """The same by key."""
        return {one["key"]: one for one in self.said[name]}

    @property
    def requirements(self) -> list[str]:
        """Keys of Annex I, in its order."""
        return [one["key"] for one in self.said["requirements"]]

    @property
    def applies_from(self) -> str:
        """From which day on the whole law applies."""
        return self.said["law"]["applies_from"]

    def standing_standards(self, day: str) -> dict[str, dict]:
        """Reference -> standard that is cited on a day and not withdrawn."""
        return {
            one["reference"]: one
            for one in self.said["standards"]
            if one["cited_on"] <= day and not (one.get("withdrawn_on") and one["withdrawn_on"] <= day)
        }


def rule_sets() -> list[RuleSet]:
    """Every rule set, the oldest first. Invalid: a file of the house that is none, or two of one date."""
    files = sorted(_FOLDER.glob("cra-*.json"))
    own = os.environ.get("ASBUILT_RULE_SETS", "")
    if own:
        files += sorted(Path(own).glob("cra-*.json"))[:FILES_MAX]
    found = [_read(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    if len({one.in_force_from for one in found}) < len(found) or len({one.rule_set for one in found}) < len(found):
        said = "Two rule sets have the same date or name."
        raise Invalid("compliance.rule_set_doubled", said, {"folder": own[:200]}, "Give each file a date of its own.")
    return sorted(found, key=lambda one: one.in_force_from)


def rules_on(day: str) -> RuleSet:
    """The rules of a day (YYYY-MM-DD). Invalid before the law was there."""
    known = rule_sets()
    held = [one for one in known if one.in_force_from <= day]
    if not held:
        said = f"The law was not in force on {day}."
        remedy = f"Name a day from {known[0].in_force_from} on."
        raise Invalid("compliance.before_the_law", said, {"field": "on", "on": day}, remedy)
    return held[-1]


def newest() -> RuleSet:
    """The rule set with the latest date."""
    return rule_sets()[-1]


def rules_named(name: str) -> RuleSet:
    """The rule set that something was judged under; NotFound where its file is not here."""
    found = next((one for one in rule_sets() if one.rule_set == name), None)
    if found is None:
        said = f"There is no rule set {name[:60]}."
        remedy = "Put its file into the folder of ASBUILT_RULE_SETS, or install the version that brings it."
        raise NotFound("compliance.rule_set_unknown", said, {"rule_set": name[:60]}, remedy)
    return found


@lru_cache(FILES_MAX)
def _read(path: str, _changed: int, size: int) -> RuleSet:
    name = Path(path).name
    if size > FILE_BYTES_MAX:
        raise _wrong(name, f"has {size:,} bytes, the most is {FILE_BYTES_MAX:,}")
    content = Path(path).read_bytes()
    try:
        said = json.loads(content)
        found = RuleSet(said["rule_set"], said["in_force_from"], sha256(content).hexdigest(), said)
        missing = [key for key in _PARTS if key not in said]
    except (ValueError, KeyError, TypeError) as wrong:
        raise _wrong(name, f"is no rule set ({type(wrong).__name__})") from None
    if missing:
        raise _wrong(name, f"lacks {', '.join(missing)}")
    return found


_PARTS = (
    "law", "dates", "classes", "functions", "routes", "allowed", "foss", "availability", "standards", "edges", "market", "party_facts", "roles",
    "requirements",
)  # fmt: skip


def _wrong(name: str, why: str) -> Invalid:
    said = f"{name} {why}."
    return Invalid("compliance.rule_set_wrong", said, {"file": name}, "Mend the file, or take it out of the folder.")
