"""The reference pages that are written from the code: questions, exchange tables, settings, evidence.

    .venv/bin/python tests/policy/generated_pages.py      writes them into docs/reference

What the code knows (terms, columns, words, limits, classes) is read from it; what it does not say (an example, how sure
an answer is, who meets a limit) stands in `described.py`. `test_docs.py` compares the pages, and refuses a term, a table or a
variable that nobody described; limits that nobody described are listed by `asbuilt check` alone.
"""

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from described import (
    API_LIMITS,
    EVIDENCE_HEAD,
    LIMITS,
    OPENING,
    QUESTIONS_HEAD,
    SURE,
    TABLES_HEAD,
    VALUES,
    VARIABLES,
    WEB_LIMITS,
)

from asbuilt.formats import cells
from asbuilt.formats.columns import TABLES, Table
from asbuilt.questions.genealogy.words import terms

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "asbuilt"
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- written from the code by tests/policy/generated_pages.py; change it there -->\n\n"


def questions() -> str:
    """The page of the question language."""
    lines = [NOTE + QUESTIONS_HEAD, "## Values", "", "| value | written | example |", "|---|---|---|"]
    for kind, (name, written) in VALUES.items():
        lines.append(f"| {name} | {written} | `{terms.EXAMPLES[kind]}` |")
    lines += ["", "## Terms", "", "| term | value | units | example | how sure |", "|---|---|---|---|---|"]
    for rule in terms.TERMS.values():
        example, sure = SURE[rule.name]
        meaning = rule.meaning
        lines.append(f"| `{rule.written}` | {VALUES[rule.kind][0]} | {meaning} | `{example}` | {sure}. |")
    limits = terms.Limits()
    lines += [
        "",
        f"States of `in:` — {' '.join(terms.STATES)}. Outcomes of `test:` — {' '.join(terms.OUTCOME_WORDS)}, and "
        f"`{terms.FAILED}`.",
        "",
        f"A question has at most {limits.characters:,} characters, {limits.terms} terms, {limits.values:,} values a term "
        f"and brackets {limits.depth} deep. An unknown term is an error with exit 2, a name that nothing has one with "
        "exit 3, each with the nearest names. A range that matches nothing is an answer of 0.",
    ]
    return "\n".join(lines) + "\n"


def _rule_words(rule: cells.Text) -> str:
    match rule:
        case cells.Word():
            return "one of: " + " ".join(f"`{word}`" for word in rule.words)
        case cells.Words():
            one_of = " of: " + " ".join(f"`{word}`" for word in rule.words) if rule.words else ""
            return f"words separated by `;`{one_of}"
        case cells.Positions():
            return "reference designators separated by blanks, or one `#LINE`"
        case cells.Count():
            return "whole number from 0"
        case cells.Instant():
            return "time with offset, ISO 8601" + ("; or a day" if rule.or_date else "")
        case cells.Json():
            return f"JSON object or list, nested {cells.JSON_NESTING_MAX} deep at most"
        case cells.Hex():
            return f"{rule.digits} hex digits in lower case"
    return "text"


def _table_lines(table: Table) -> Iterator[str]:
    yield f"## {table.name}.csv"
    yield ""
    yield OPENING[table.name]
    yield ""
    yield "| column | holds | may be |"
    yield "|---|---|---|"
    for column, rule in table.rules.items():
        may = "left out" if column in table.optional else ("" if rule.required else "empty")
        if column in table.optional and rule.required:
            may = "left out, not empty"
        finds = "; finds the unit" if column in table.finders else ""
        yield f"| `{column}` | {_rule_words(rule)}{finds} | {may} |"
    if table.one_of:
        yield ""
        yield "A row needs at least one of " + ", ".join(f"`{column}`" for column in table.one_of) + "."
    if table.together:
        yield ""
        yield " and ".join(f"`{column}`" for column in table.together) + " are both filled or both empty."
    yield ""


def exchange_tables() -> str:
    """The page of the exchange tables."""
    lines = [NOTE + TABLES_HEAD]
    for table in TABLES.values():
        lines += _table_lines(table)
    lines += [
        "## The id of a fact",
        "",
        "The first 16 hex digits of the SHA-256 over the row's RFC 8785 array: the table's name, then its cells as text in the column "
        "order above without the finder columns; missing optional ones empty, instants in UTC with microseconds. "
        "`asbuilt unit SERIAL --format json` and `asbuilt facts TABLE` show it, `corrections.csv` and `asbuilt withdraw` take it.",
    ]
    return "\n".join(lines) + "\n"


def variables_in_code() -> set[str]:
    """Every ASBUILT_ variable that the package reads from its environment."""
    read = re.compile(r"""environ(?:\.get\(|\[)\s*["'](ASBUILT_[A-Z_]+)["']""")
    return {name for file in SOURCE.rglob("*.py") for name in read.findall(file.read_text(encoding="utf-8"))}


def _value(place: str):
    module, _, name = place.partition(":")
    found = importlib.import_module(f"asbuilt.{module}")
    for part in name.split("."):
        # a field of a dataclass has its default as a class attribute
        found = getattr(found, part)
    return found


def settings() -> str:
    """The page of variables and limits."""
    from asbuilt.doors.api.limits import DEFAULTS
    from asbuilt.site import web_settings

    lines = [
        NOTE + "# Settings",
        "",
        "Read from the environment when a process starts. Nothing else has to be set.",
        "",
    ]
    lines += ["| variable | what it says | without it |", "|---|---|---|"]
    lines += [f"| `{name}` | {says} | {without} |" for name, (says, without) in VARIABLES.items()]
    lines += ["", "`ASBUILT_TEST_…` variables belong to `script/test`.", "", "## Limits", ""]
    lines += ["What goes beyond one is refused by name, and nothing of it is kept.", ""]
    lines += ["| at most | of | where |", "|--:|---|---|"]
    for place, what in LIMITS.items():
        module, _, name = place.partition(":")
        lines.append(f"| {_value(place):,} | {what} | `{module}` `{name}` |")
    lines += [
        "",
        "The web's own stand in `site/web_settings.py`, those of the API take a line of the same name there:",
        "",
    ]
    lines += ["| at most | of | setting |", "|--:|---|---|"]
    lines += [f"| {getattr(web_settings, name):,} | {what} | `{name}` |" for name, what in WEB_LIMITS.items()]
    lines += [f"| {DEFAULTS[name]:,} | {what} | `{name}` |" for name, what in API_LIMITS.items()]
    lines += [
        "",
        "Smaller ones (what a message names, what is remembered) are listed by `asbuilt check`, each with its module.",
    ]
    return "\n".join(lines) + "\n"


def evidence() -> str:
    """The page of evidence classes."""
    said = json.loads((SOURCE / "ledger" / "data" / "evidence-classes.json").read_text(encoding="utf-8"))
    lines = [NOTE + EVIDENCE_HEAD, f"Rule set `{said['rule_set']}`, in force from {said['in_force_from']}.", ""]
    lines += [
        "## Classes",
        "",
        "| class | encrypted | kept at least | rule | why | source |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in said["classes"].items():
        years = f"{one['years']} years" if one["years"] else "as long as needed"
        crypted = "yes" if one["encrypted"] else "no"
        lines.append(f"| `{name}` | {crypted} | {years} | `{one['rule']}` | {one['why']} | {one['source']} |")
    lines += ["", "## Rules to erase under", "", "| rule | when | source |", "|---|---|---|"]
    lines += [f"| `{name}` | {one['why']} | {one['source']} |" for name, one in said["erasure_rules"].items()]
    return "\n".join(lines) + "\n"


def readings() -> str:
    """The page of well-known readings."""
    from asbuilt.designed.catalog.readings import WELL_KNOWN

    lines = [NOTE + "# Readings of process runs", ""]
    lines += [
        "`readings` of [processes.csv](exchange-tables.md) holds what was read as JSON, under any names. These mean the same from every",
        "door: limits of [routings.csv](exchange-tables.md), [questions](questions.md) and pages rest on them. A question asks for any",
        "reading, `reading:PRINT.stencil_cycles>50000`; limits too. A name with dots goes into what is nested, `*` is any name there:",
        "`tools.*.cycles`.",
        "",
        "| name | what | asked by |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {what} | {' '.join(f'`{term}`' for term in terms_.split())} |"
        for name, (what, terms_) in WELL_KNOWN.items()
    ]
    return "\n".join(lines) + "\n"


PAGES = {
    "questions.md": questions,
    "readings.md": readings,
    "exchange-tables.md": exchange_tables,
    "settings.md": settings,
    "evidence.md": evidence,
}


def main() -> None:
    """Write every page."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    import django

    django.setup()
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
