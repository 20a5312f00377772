"""Field matrices as dated files: which fields a report has, in the recipient's order, what is asked of each in which stage, how long it may be.

    matrix_on("cra.aev", "early_warning", "2026-11-29")   -> Matrix with its fields
    matrix.of("cra.aev", "early_warning")                 -> [Field, …] in the platform's order

What is known of the platform stands in `data/fields.json` with its source and the day it was read; a record keeps the matrix it was written by.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

from asbuilt.kernel.errors import NotFound

_FILE = Path(__file__).with_name("data") / "fields.json"
REQUIRED, OPTIONAL, COPIED, IF_AVAILABLE, NONE = "required", "optional", "copied", "if_available", ""
PRODUCT, ITSELF = "product", "field"  # what an entry of a field repeats with
STATES = "states"  # the kind of a field that takes codes of Member States
BREAK = "---"  # a line of its own between the entries of a field
INTERMEDIATE = "intermediate"


@dataclass(frozen=True)
class Field:
    """One field. `most`: characters of an entry; `choices`: words it takes, others too where `free`; `repeats`: with each product, or by itself;
    `fact`: what of a product it takes (product_facts.py), `words`: the recipient's word for each value, where it has words of its own;
    `needed_with`: texts of other fields with which it has to be filled, though the stage does not ask for it; `names`: its name by language, where the
    matrix has no language of its own."""

    field: str
    number: int | None
    name: str
    duties: tuple[str, ...]
    stages: dict[str, str]
    kind: str
    source: str
    most: int | None = None
    choices: tuple[str, ...] = ()
    repeats: str = ""
    free: bool = False
    fact: str = ""
    words: dict[str, str] = field(default_factory=dict)
    needed_with: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def called(self) -> str:
        """Its name in the reader's language, where the matrix has one: the recipient's own name else."""
        return self.names.get((get_language() or "").partition("-")[0], self.name)

    def owed(self, stage: str) -> str:
        """What a stage asks of it: required, optional, copied, if_available; empty: nothing."""
        return self.stages.get(base_of(stage), NONE)

    def needed(self, stage: str, texts: Mapping[str, str]) -> bool:
        """Whether a report with these texts cannot do without: required there, copied from a stage that required it, or asked for by another field."""
        owed = self.owed(stage)
        if self.needed_with and all(texts.get(name) == text for name, text in self.needed_with.items()):
            return True
        if owed != COPIED:
            return owed == REQUIRED
        before = list(self.stages)[: list(self.stages).index(base_of(stage))]
        return any(self.stages[one] == REQUIRED for one in before)


@dataclass(frozen=True)
class Matrix:
    """The fields of one recipient as read on a day; `language`: the one that the recipient reads, empty where that is the reader's own."""

    matrix: str
    in_force_from: str
    read_on: str
    source: str
    language: str
    fields: tuple[Field, ...] = field(repr=False)

    def of(self, duty: str, stage: str) -> list[Field]:
        """The fields of a report, in the recipient's order."""
        return [one for one in self.fields if duty in one.duties and one.owed(stage)]


def base_of(stage: str) -> str:
    """intermediate_2 -> intermediate; others as they are."""
    return INTERMEDIATE if stage.startswith(f"{INTERMEDIATE}_") else stage


@cache
def _read() -> dict:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@cache
def matrices() -> tuple[Matrix, ...]:
    """Every matrix, those in force last at the end."""
    found = []
    for said in _read()["matrices"]:
        fields = tuple(_field(one) for one in said["fields"])
        found.append(Matrix(**{**said, "fields": fields}))
    return tuple(sorted(found, key=lambda one: one.in_force_from))


def _field(said: dict) -> Field:
    return Field(**{**said, "duties": tuple(said["duties"]), "choices": tuple(said.get("choices", ()))})


@cache
def member_states() -> frozenset[str]:
    """ISO codes of the Member States."""
    return frozenset(_read()["member_states"]["codes"])


def matrix_on(duty: str, stage: str, day: str) -> Matrix:
    """The matrix in force on a day (YYYY-MM-DD); before the first one it holds too. NotFound: nobody knows fields of such a report."""
    fitting = [one for one in matrices() if one.of(duty, stage)]
    if not fitting:
        said = f"No fields are known for {stage[:40]} of {duty[:40]}."
        raise NotFound("cases.fields_unknown", said, {"duty": duty[:40], "stage": stage[:40]}, "Look at the case.")
    held = [one for one in fitting if one.in_force_from <= day]
    return held[-1] if held else fitting[0]


def matrix_named(name: str) -> Matrix:
    """The matrix that a draft was written by."""
    found = next((one for one in matrices() if one.matrix == name), None)
    if found is None:
        said = f"There is no field matrix {name[:60]}."
        raise NotFound("cases.matrix_unknown", said, {"matrix": name[:60]}, "Install the version that brings it.")
    return found


@cache
def field_named(field: str, duty: str) -> str:
    """What the recipient of a duty calls a field, as its readers read it, by the newest matrix that has it; empty where none has."""
    fields = (
        one for matrix in reversed(matrices()) for one in matrix.fields if one.field == field and duty in one.duties
    )
    return next((one.called for one in fields), "")


def entries(one: Field, text: str) -> list[str]:
    """The entries of a field that repeats, one text else; an empty field has one empty entry."""
    if not one.repeats:
        return [text]
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() == BREAK:
            found.append([])
        else:
            found[-1].append(line)
    return ["\n".join(lines).strip() for lines in found]


def joined(texts: list[str]) -> str:
    """Entries as one text."""
    return f"\n{BREAK}\n".join(texts)


def wrong(one: Field, text: str) -> str:
    """Why the recipient would not take this text: `long`, `choice`, `states`, `instant`; empty where it would."""
    for entry in entries(one, text):
        if not entry:
            continue
        if one.most is not None and length(entry) > one.most:
            return "long"
        if one.kind == STATES and not {code.strip() for code in entry.split(",")} <= member_states():
            return "states"
        if one.kind == "choice" and not one.free and entry not in one.choices:
            return "choice"
        if one.kind == "choices" and not {line.strip() for line in entry.split("\n")} <= set(one.choices):
            return "choice"
        if one.kind == "instant" and not _is_minute(entry):
            return "instant"
    return ""


def length(text: str) -> int:
    """Characters as forms in browsers count them: UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def _is_minute(text: str) -> bool:
    from datetime import datetime

    try:
        datetime.strptime(text, "%Y-%m-%d %H:%M UTC")
    except ValueError:
        return False
    return True
