"""Foreign: the text files of other tools (CAD, distributors, machines) as named cells, taken as they are written.

Our own tables are strict; what KiCad, Altium or a spreadsheet writes cannot be changed by who has to read it. Taken
here: UTF-8, UTF-16, Windows-1252, comma, semicolon or tab, title lines before the header, cells that run over several
lines. What was guessed stands in the warnings. Refused: binary files, NUL, an unclosed quote, a file without a header
that names what is needed.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asbuilt.formats.lines import CONTROL, binary_kind
from asbuilt.kernel.errors import Invalid, RowError

FILE_BYTES_MAX = 16 << 20
ROWS_MAX = 100_000
TITLE_LINES_MAX = 80
ERRORS_NAMED_MAX = 200
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}


@dataclass(frozen=True)
class Dialect:
    """How a foreign file was written: its tool as far as its columns tell, encoding, delimiter, line of the header."""

    tool: str
    encoding: str
    delimiter: str
    header_line: int


@dataclass(frozen=True)
class ForeignRow:
    """One row: the line where it begins, and its cells by the role of their column; a missing cell is ""."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, role: str) -> str:
        return self.cells.get(role, "")


@dataclass(frozen=True)
class ForeignTable:
    """A whole file: columns as written by role, rows, title lines, and what was guessed or left aside."""

    file: str
    encoding: str
    delimiter: str
    header_line: int
    columns: Mapping[str, str]
    titles: tuple[str, ...]
    rows: tuple[ForeignRow, ...]
    warnings: tuple[str, ...]


def read_text(content: bytes, *, file: str) -> tuple[str, str, list[str]]:
    """(text with LF line ends, encoding, warnings) of a foreign file; raises Invalid `foreign.encoding` and the
    like.
    """
    if len(content) > FILE_BYTES_MAX:
        raise refusal("foreign.too_large", file, None, f"is larger than {FILE_BYTES_MAX >> 20} MiB", "Split it.")
    if binary := binary_kind(content[:4096]):
        raise refusal("foreign.not_text", file, None, f"is {binary[0]}", binary[1])
    text, encoding, warnings = _decoded(content, file)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if found := re.search("[\x00-\x08\x0b-\x1f\x7f]", text):
        line = text.count("\n", 0, found.start()) + 1
        reason = f"holds a control character (U+{ord(found[0]):04X})"
        raise refusal("foreign.control_character", file, line, reason, "Export the file again.")
    return text, encoding, warnings


def _decoded(content: bytes, file: str) -> tuple[str, str, list[str]]:
    utf16 = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    if not utf16 and b"\x00" in content:
        # Without a mark, Latin text shows its order of bytes by where the NULs stand.
        odd, even = content[1::2].count(0), content[::2].count(0)
        utf16 = "utf-16-le" if odd * 3 > len(content) // 2 else "utf-16-be" if even * 3 > len(content) // 2 else ""
    try:
        if utf16:
            return content.decode(utf16), "UTF-16", ["The file is UTF-16, not UTF-8; it was read so."]
        return content.decode("utf-8"), "UTF-8", []
    except UnicodeDecodeError as error:
        wrong = error
    if not utf16:
        try:
            warning = "The file is not UTF-8 and was read as Windows-1252: check letters such as µ, Ω and ü."
            return content.decode("cp1252"), "Windows-1252", [warning]
        except UnicodeDecodeError:
            pass
    line = content.count(b"\n", 0, wrong.start) + 1
    reason = "is broken UTF-16" if utf16 else f"is neither UTF-8 nor Windows-1252 at byte {wrong.start + 1}"
    raise refusal("foreign.encoding", file, line, reason, "Export the file again as UTF-8.")


def read_foreign(
    content: bytes,
    *,
    file: str,
    roles: Mapping[str, str],
    needed: Sequence[str],
    kind: str,
    begin_after: str = "",
    by_blanks: bool = False,
) -> ForeignTable:
    """The rows of a foreign file under the roles of its columns.

    `roles` gives the role of each column name that is known (names as `plain_name` makes them), `needed` the roles
    without which a line is no header, `kind` what the file is in a sentence. `begin_after` is a title after which the
    wanted section begins, where the file has it. `by_blanks` also takes columns set with blanks, as Altium's text
    reports are.
    """
    text, encoding, warnings = read_text(content, file=file)
    lines = text.split("\n")
    begin = next((at + 1 for at, line in enumerate(lines) if begin_after and begin_after in line.strip(' ",;\t')), 0)
    at, delimiter, names = _find_header(lines, begin, roles, needed, by_blanks)
    if not names:
        remedy = f"It needs columns for {', '.join(needed)}."
        raise refusal("foreign.header", file, None, f"has no line that looks like the header of {kind}", remedy)
    found: dict[int, str] = {}
    for place, name in enumerate(names):
        role = role_of(name, roles)
        if role and role not in found.values():
            found[place] = role
    if delimiter == " ":
        rows = list(_rows_by_blanks(lines, at, found))
    else:
        rows = list(_rows(lines, at, delimiter, found, len(names), file))
    columns = {role: names[place].strip() for place, role in found.items()}
    titles = tuple(line for line in lines[:at] if line.strip(' ",;\t'))
    return ForeignTable(
        file, encoding, DELIMITERS.get(delimiter, "blanks"), at + 1, columns, titles, tuple(rows), tuple(warnings)
    )


def plain_name(name: str) -> str:
    """A column name without case, blanks and signs: `JLCPCB Part ＃（optional）` becomes `jlcpcbpart#`."""
    plain = re.sub(r"[^a-z0-9#]", "", unicodedata.normalize("NFKC", name).casefold())
    return plain.removesuffix("optional")


def role_of(name: str, roles: Mapping[str, str]) -> str:
    """The role of a column, "" where it has none. `#` counts where it makes a difference (`manf` and `manf#`)."""
    plain = plain_name(name)
    return roles.get(plain) or roles.get(plain.replace("#", ""), "")


def refusal(code: str, file: str, line: int | None, reason: str, remedy: str) -> Invalid:
    """The whole foreign file is refused for one reason."""
    place = file if line is None else f"{file} line {line}"
    row = RowError(code, file, line, None, "", reason, remedy)
    return Invalid(code, f"{place} {reason}; nothing was stored.", {"file": file}, remedy, [row])


def refuse_rows(code: str, file: str, errors: Sequence[RowError]) -> None:
    """Raise Invalid with the wrong rows, up to 200 by name; nothing where there are none."""
    if errors:
        wrong = len({error.line for error in errors})
        said = "1 line is wrong" if wrong == 1 else f"{wrong:,} lines are wrong"
        named = errors[:ERRORS_NAMED_MAX]
        raise Invalid(code, f"{file}: {said}, nothing was stored.", {"file": file}, rows=named, total=len(errors))


def _find_header(
    lines: list[str], begin: int, roles: Mapping[str, str], needed: Sequence[str], by_blanks: bool
) -> tuple[int, str, list[str]]:
    """(index of the line, delimiter, column names) of the line that names most roles; the first of equals."""
    best: tuple[int, int, str, list[str]] = (0, 0, "", [])
    for at, line in enumerate(lines[begin : begin + TITLE_LINES_MAX], begin):
        for delimiter in [*DELIMITERS, *([" "] if by_blanks else [])]:
            if delimiter not in line or len(line) > 100_000:
                continue
            if delimiter == " ":
                names = line.removeprefix("#").split()
            else:
                names = next(csv.reader([line], delimiter=delimiter, skipinitialspace=delimiter != "\t"), [])
            known = {role_of(name, roles) for name in names} - {""}
            if known.issuperset(needed) and len(known) > best[0]:
                best = (len(known), at, delimiter, names)
    return best[1:]


def _rows(lines: list[str], at: int, delimiter: str, found: Mapping[int, str], width: int, file: str):
    stream = io.StringIO("\n".join(lines[at:]), newline="")
    reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True)
    next(reader)
    count = 0
    while True:
        line = at + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"has a quote that does not match ({error})"
            raise refusal("foreign.quotes", file, line, reason, "Export the file again.") from None
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[width:]):
            reason = f"has {len(cells)} cells where the header has {width}"
            raise refusal("foreign.row_width", file, line, reason, "Put cells that hold the delimiter into quotes.")
        count += 1
        if count > ROWS_MAX:
            raise refusal("foreign.too_large", file, line, f"is beyond the limit of {ROWS_MAX:,} rows", "Split it.")
        yield ForeignRow(line, {role: _tidy(cells[place]) for place, role in found.items() if place < len(cells)})


def _rows_by_blanks(lines: list[str], at: int, found: Mapping[int, str]):
    """Columns set with blanks: Altium's begin where their names begin in the header line.

    KiCad's header opens with `#`, its numbers end under their names and no cell has a blank: words are counted, the
    last columns from the right.
    """
    if lines[at].startswith("#"):
        width = len(lines[at].removeprefix("#").split())
        for number, line in enumerate(lines[at + 1 : at + 1 + ROWS_MAX], at + 2):
            words = line.split()
            if words and not line.startswith("#"):
                words = [words[0], *[""] * (width - len(words)), *words[1:]]
                yield ForeignRow(number, {role: words[place - width if place else 0] for place, role in found.items()})
        return
    begins = [match.start() for match in re.finditer(r"\S+", lines[at])]
    ends = [*begins[1:], None]
    for number, line in enumerate(lines[at + 1 : at + 1 + ROWS_MAX], at + 2):
        if line.strip():
            cells = {role: _tidy(line[begins[place] : ends[place]].strip().strip('"')) for place, role in found.items()}
            yield ForeignRow(number, cells)


def _tidy(cell: str) -> str:
    """One line without doubled blanks: what a CAD tool wrapped inside a cell belongs together."""
    return " ".join(CONTROL.sub(" ", cell).split())
