"""What a technical file holds, by dated rule sets: the points of Annex VII, the duties that they show evidence for, the matters of a baseline.

    rules_on("2027-12-11")   -> the rule set in force on that day

Articles, names and questions stand in `data/technical-file.json` with source and the day it was read; nothing of them is in the code.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from asbuilt.kernel.errors import Invalid

_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Asked:
    """An point of the file, or a duty, or a matter of a baseline: its key, the law, what it is called, what is asked, where evidence stands."""

    key: str
    law: str
    names: dict[str, str]
    asks: dict[str, str]
    points: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called, in the reader's language."""
        return worded(self.names)

    @property
    def question(self) -> str:
        """What is asked, in the reader's language."""
        return worded(self.asks)


@dataclass(frozen=True)
class FileRules:
    """A rule set as it was read on a day."""

    rule_set: str
    in_force_from: str
    read_on: str
    source: str
    points: tuple[Asked, ...]
    duties: tuple[Asked, ...]
    matters: tuple[Asked, ...]


def worded(words: dict[str, str], language: str = "") -> str:
    """The words in this language (default: the reader's), else in English."""
    wanted = language or (get_language() or "en").partition("-")[0]
    return words.get(wanted) or words.get("en", "")


@cache
def data_named(name: str) -> dict:
    """One file of dated data, as it stands."""
    return json.loads((_DATA / name).read_text(encoding="utf-8"))


def newest_on(name: str, on: str) -> dict:
    """The rule set of that file in force on a day (YYYY-MM-DD); before the first one the first."""
    sets = data_named(name)["rule_sets"]
    return max((one for one in sets if one["in_force_from"] <= on), key=lambda one: one["in_force_from"], default=sets[0])  # fmt: skip


@cache
def rules_on(on: str) -> FileRules:
    """What a technical file holds by the rules of that day."""
    said = newest_on("technical-file.json", on)
    return FileRules(
        said["rule_set"], said["in_force_from"], said["read_on"], said["source"],
        tuple(Asked(one["point"], one["law"], one["name"], one["asks"]) for one in said["points"]),
        tuple(Asked(one["duty"], one["law"], {}, one["asks"], tuple(one["points"])) for one in said["duties"]),
        tuple(Asked(one["matter"], "", one["name"], {}) for one in said["matters"]),
    )  # fmt: skip


def known_key(field: str, key: str, known: tuple[Asked, ...]) -> str:
    """A key of the rules. Invalid: an unknown one, with all there are."""
    keys = [one.key for one in known]
    if key not in keys:
        raise Invalid(
            "compliance.key_unknown", f"{field}: {key[:40]!a} is not one.", {"field": field}, f"Say {', '.join(keys)}."
        )
    return key
