"""File mappings: what a machine's files are named, how they are written, and which of their columns becomes which of ours.

A mapping is a row of mappings.csv. Its cell `columns` is a JSON object; each name is a column of processes.csv or tests.csv,
or `readings.NAME`, `measurements.NAME`; what stands behind it says where the cell comes from:

    {"first_serial": {"from": "Seriennummer"},           a column of the file (its number where there is no header)
     "step": {"text": "REFLOW"},                         the same text in every row
     "serial": {"text": "{panel}/{position}"},           put together from columns
     "order": {"from": "@order"},                        a part of the file's name: pattern OVEN_{order}_*.csv
     "outcome": {"from": "Ergebnis", "words": {"i.O.": "pass", "n.i.O.": "fail"}},
     "readings.zone5": {"from": "Zone 5 [°C]"},          a number, by the mapping's decimal sign
     "readings.belt": {"from": "Band", "as": "text"},
     "measurement.name": {"from": "Step"},               of tests, where each row of the file is one step or one defect:
     "defect.at": {"from": "RefDes"}}                    rows of one run become one run (formats.rows_gathered)

People write it a line a column: `first_serial = Seriennummer`, `step = "REFLOW"`, `outcome = Ergebnis | i.O.=pass, n.i.O.=fail`,
`readings.belt = Band | as text`. In JSON files a column is a dotted path, from the record, or with `$.` before it from the top.
"""

import json
import re
from codecs import lookup
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from asbuilt.formats.cells import CellRefused
from asbuilt.formats.columns import TABLES
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.rows_gathered import NUMBERS, TOLD

COLUMNS_MAX = 200
PATTERN_CHARACTERS_MAX = 200
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
DECIMALS = {"point": ".", "comma": ","}
MEASURED = {"processes": "readings", "tests": "measurements"}
FILLED = {
    "processes": {"order", "machine", "last_serial", "started_at", "finished_at"},
    "tests": {"station", "started_at", "finished_at"},
}
"""Columns that a mapping may leave out: the order of the unit, the machine's name, the first unit, the other time."""
ISO, UNIX, UNIX_MS = "iso", "unix", "unix_ms"
_DIRECTIVES = set("YymdHIMSfpzbB%")
_NAME = re.compile(r"[^\s(){}\"]{1,60}")
_PART = re.compile(r"\{([a-z_]{1,40})\}")
_FIELD = re.compile(r"\{([^{}]+)\}")
_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")


@dataclass(frozen=True)
class Source:
    """Where a cell comes from: `column` of the file, or `text` with `{column}` in it; words put in place of others."""

    column: str = ""
    text: str | None = None
    words: Mapping[str, str] = field(default_factory=dict, hash=False)
    number: bool = False

    @property
    def columns(self) -> list[str]:
        """The columns of the file that it needs."""
        return [self.column] if self.text is None else _FIELD.findall(self.text)


@dataclass(frozen=True)
class FileMapping:
    """A mapping that was read: for whom, how its files are written, the source of each column."""

    machine: str
    pattern: str
    becomes: str
    format: str
    encoding: str
    delimiter: str
    header: int
    decimal: str
    time_format: str
    zone: tzinfo
    rows_at: str
    columns: Mapping[str, Source] = field(hash=False)

    @property
    def gathers(self) -> bool:
        """Whether several rows may tell of one run."""
        return any(name.partition(".")[0] in TOLD for name in self.columns)

    def parts_of(self, name: str) -> dict[str, str] | None:
        """The named parts of a file's name, with `@` before them; None where the name does not fit the pattern."""
        found = pattern_of(self.pattern).fullmatch(name)
        return {"@file": name} | {f"@{part}": text for part, text in found.groupdict().items()} if found else None


def pattern_of(pattern: str) -> re.Pattern:
    """The expression of a file-name pattern: `*` any characters, `?` one, `{name}` a named part; capitals are no matter.

    Each place ends at the first fit of the text behind it, and is never tried again: no name takes long.
    """
    pieces = [piece for piece in re.split(r"(\*|\{[a-z_]{1,40}\})", pattern) if piece]
    out, place = "", ""
    for at, piece in enumerate(pieces):
        part = _PART.fullmatch(piece)
        if piece == "*" or part:
            out += f"(?>{place}?))" if place else ""
            place = f"(?P<{part[1]}>.+" if part else "(?:.*"
            continue
        text = ".".join(re.escape(word) for word in piece.split("?"))
        if place:
            out += f"{place}){text}" if at == len(pieces) - 1 else f"(?>{place}?){text})"
        else:
            out += text
        place = ""
    return re.compile(out + (f"{place})" if place else ""), re.IGNORECASE | re.DOTALL)


def columns_from_text(text: str) -> str:
    """The JSON of `columns` from lines as people write them; CellRefused names the line that cannot be read."""
    found: dict[str, dict] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, sign, said = (part.strip() for part in line.partition("="))
        if not sign or not name or not said:
            raise _columns(f"line {number} has no = with a name before and a column behind it", "Write step = Column.")
        if name in found:
            raise _columns(f"line {number}: {name} is given twice", "Keep one of the lines.")
        found[name] = _source_from_text(number, said)
    return json.dumps(found, ensure_ascii=False)


def _source_from_text(number: int, said: str) -> dict:
    if said.startswith('"'):
        end = said.rfind('"')
        if end == 0 or said[end + 1 :].strip():
            raise _columns(f"line {number}: the quote does not end", 'Write step = "REFLOW".')
        return {"text": said[1:end]}
    column, sign, more = (part.strip() for part in said.partition(" | "))
    if not sign:
        return {"from": column}
    if more == "as text":
        return {"from": column, "as": "text"}
    words = {}
    for pair in more.split(","):
        word, sign, becomes = (part.strip() for part in pair.partition("="))
        if not sign or not word:
            raise _columns(f"line {number}: {pair.strip()[:40]} puts no word in place of another", "Write | OK=pass.")
        words[word] = becomes
    return {"from": column, "words": words}


def columns_as_text(columns: str) -> str:
    """The lines that people read and write, of the JSON of `columns`."""
    lines = []
    for name, said in json.loads(columns).items():
        if "text" in said:
            lines.append(f'{name} = "{said["text"]}"')
            continue
        words = ", ".join(f"{word}={becomes}" for word, becomes in said.get("words", {}).items())
        more = " | as text" if said.get("as") == "text" else f" | {words}" if words else ""
        lines.append(f"{name} = {said['from']}{more}")
    return "\n".join(lines)


def mapping_of(cells: Mapping[str, str]) -> FileMapping:
    """The mapping that a row of mappings.csv says; ValueError where `mistakes` would name one."""
    wrong = next(mistakes(cells), None)
    if wrong is not None:
        raise ValueError(f"{wrong[0]}: {wrong[1].reason}")
    return FileMapping(
        cells["machine"], cells["pattern"], cells["becomes"], cells["format"], cells["encoding"],
        DELIMITERS.get(cells["delimiter"], ""), int(cells["header"] or 0), DECIMALS[cells["decimal"]], cells["time_format"],
        zone_of(cells["time_zone"]), cells["rows_at"],
        {name: _source(name, said) for name, said in json.loads(cells["columns"]).items()},
    )  # fmt: skip


def _source(name: str, said: dict) -> Source:
    number = "." in name and said.get("as") != "text" and (name.partition(".")[0] not in TOLD or name in NUMBERS)
    return Source(said.get("from", ""), said.get("text"), said.get("words", {}), number and "text" not in said)


def zone_of(name: str) -> tzinfo:
    """A zone such as Europe/Vienna, UTC, or an offset +01:00; ValueError where there is none."""
    if found := _OFFSET.fullmatch(name):
        minutes = int(found[2]) * 60 + int(found[3])
        return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError(f"there is no time zone {name[:60]}") from None


def mistakes(cells: Mapping[str, str]) -> Iterator[tuple[str, CellRefused]]:
    """What is wrong with a row of mappings.csv whose cells its own rules have taken: (column, why). Nothing where it holds."""
    yield from (("pattern", refusal) for refusal in _wrong_pattern(cells["pattern"]))
    yield from _wrong_form(cells)
    yield from (("time_format", refusal) for refusal in _wrong_time_format(cells["time_format"]))
    try:
        zone_of(cells["time_zone"])
    except ValueError as lack:
        remedy = "Write it as Europe/Vienna, UTC or +01:00."
        yield "time_zone", CellRefused("mappings.time_zone", str(lack), remedy)
    yield from (("columns", refusal) for refusal in _wrong_columns(cells))


def _wrong_pattern(pattern: str) -> Iterator[CellRefused]:
    parts = _PART.findall(pattern)
    rest = _PART.sub("", pattern)
    if "{" in rest or "}" in rest or "/" in rest or "\\" in rest or len(set(parts)) != len(parts) or "file" in parts:
        reason = "is no pattern of a file's name: no folders, each {part} once, in small letters, not file"
        yield CellRefused("mappings.pattern", reason, "Write it as OVEN_*.csv or OVEN_{order}_*.csv.")
    if len(pattern) > PATTERN_CHARACTERS_MAX or len(re.findall(r"[*{]", pattern)) > 8:
        yield CellRefused("mappings.pattern", "is too long, or has more than 8 places", "Shorten it.")


def _wrong_form(cells: Mapping[str, str]) -> Iterator[tuple[str, CellRefused]]:
    if cells["format"] == "json":
        for column in ("delimiter", "header"):
            if cells[column]:
                yield column, CellRefused("mappings.form", "says nothing of a JSON file", "Leave it empty.")
        return
    for column, remedy in (("delimiter", "One of: comma semicolon tab pipe."), ("header", "0 where there is none.")):
        if not cells[column]:
            yield column, CellRefused("mappings.form", "is empty, and a CSV file has one", remedy)
    if len(cells["header"]) > 3:
        yield "header", CellRefused("mappings.form", "is a line far down the file", "Give a line up to 999.")
    if cells["rows_at"]:
        yield "rows_at", CellRefused("mappings.form", "says nothing of a CSV file", "Leave it empty.")


def _wrong_time_format(form: str) -> Iterator[CellRefused]:
    if form in (ISO, UNIX, UNIX_MS):
        return
    used = re.findall(r"%(.?)", form)
    remedy = "Write it as %d.%m.%Y %H:%M:%S, iso, unix or unix_ms."
    if not {"d", "m", "H", "M"} <= set(used) | ({"m"} if {"b", "B"} & set(used) else set()) and not {"I", "p"} <= set(
        used
    ):
        yield CellRefused("mappings.time_format", "does not say day, month, hour and minute", remedy)
    elif not {"Y", "y"} & set(used) or set(used) - _DIRECTIVES:
        yield CellRefused("mappings.time_format", "has no year, or a sign that is none", remedy)
    else:
        try:
            datetime.strptime(datetime(2027, 3, 1).strftime(form), form)
        except ValueError:
            yield CellRefused("mappings.time_format", "cannot be read back", remedy)


def _wrong_columns(cells: Mapping[str, str]) -> Iterator[CellRefused]:
    said, table = json.loads(cells["columns"]), TABLES[cells["becomes"]]
    if not isinstance(said, dict) or not 1 <= len(said) <= COLUMNS_MAX:
        yield _columns(f"is not an object of 1 to {COLUMNS_MAX} columns", 'Write it as {"step": {"text": "REFLOW"}}.')
        return
    if any("\ud800" <= letter <= "\udfff" for letter in json.dumps(said, ensure_ascii=False)):
        yield _columns("holds half a character", "Write it anew.")
        return
    measured = MEASURED[cells["becomes"]]
    known = [column for column in table.columns if column != measured]
    parts = {"@file", *(f"@{part}" for part in _PART.findall(cells["pattern"]))}
    for name, source in said.items():
        head, dot, rest = name.partition(".")
        told = cells["becomes"] == "tests" and rest in TOLD.get(head, ())
        if dot and not told and not (head == measured and _NAME.fullmatch(rest)):
            hint = (
                f"Of a step: {', '.join(TOLD[head])}."
                if head in TOLD
                else f"Write it as {measured}.NAME, without blanks."
            )
            yield _columns(f"{name[:60]} is no name of a value", hint)
        elif not dot and name not in known:
            hint = did_you_mean(name, known) or f"Columns are {', '.join(known)} and {measured}.NAME."
            yield _columns(f"{table.name}.csv has no column {name[:60]}", hint)
        else:
            yield from _wrong_source(cells, name, source, parts)
    if any(name.startswith("measurement.") for name in said) and "measurement.name" not in said:
        yield _columns("measurement.name comes from nowhere", "Say which column names the step.")
    needed = [name for name, rule in table.rules.items() if rule.required and name not in said]
    if missing := [name for name in needed if name not in FILLED[cells["becomes"]]]:
        yield _columns(f"{', '.join(missing)} comes from nowhere", "Say of each the file's column, or a text.")
    if not {"started_at", "finished_at"} & said.keys():
        yield _columns("no column gives the time", "Say where started_at or finished_at stands.")


def _wrong_source(cells: Mapping[str, str], name: str, said: object, parts: set[str]) -> Iterator[CellRefused]:
    remedy = 'Write {"from": COLUMN} or {"text": TEXT}.'
    if (
        not isinstance(said, dict)
        or set(said) - {"from", "text", "words", "as"}
        or ("from" in said) == ("text" in said)
    ):
        yield _columns(f"{name} says neither a column nor a text", remedy)
        return
    words = said.get("words", {})
    plain = all(isinstance(said.get(key, ""), str) for key in ("from", "text"))
    if not plain or not (said.get("from", "-") and said.get("text", "-")):
        yield _columns(f"{name} has an empty source, or one that is no text", remedy)
    elif not isinstance(words, dict) or not all(isinstance(word, str) for word in words.values()):
        yield _columns(f"{name} has words that are no texts", 'Write "words": {"OK": "pass"}.')
    elif said.get("as", "number") not in ("number", "text") or ("as" in said and "." not in name):
        yield _columns(f"{name} is said to be {str(said.get('as'))[:20]}", "A value is number or text.")
    else:
        for column in _source(name, said).columns:
            if column.startswith("@") and column not in parts:
                yield _columns(
                    f"{name} needs {column[:40]}, which the pattern does not have", "Name it in the pattern."
                )
            elif cells["format"] == "csv" and cells["header"] == "0" and not _is_number(column):
                yield _columns(f"{name} needs column {column[:40]} of a file without a header", "Give its number.")


def _is_number(column: str) -> bool:
    digits = column.isascii() and column.isdecimal() and len(column) <= 4
    return column.startswith("@") or (digits and 0 < int(column) <= 1000)


def _columns(reason: str, remedy: str) -> CellRefused:
    return CellRefused("mappings.columns", reason, remedy)


def known_encoding(name: str) -> str:
    """The codec of an encoding of the table."""
    return lookup("utf-8-sig" if name == "utf-8" else name).name
