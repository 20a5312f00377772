"""Every broken table of the corpus is refused where and how its story says; nothing of it is taken silently."""

import time
import tomllib
from io import BytesIO
from pathlib import Path

import pytest

from asbuilt.formats.tables import TABLES, ErrorList, Limits, read_table
from asbuilt.kernel.errors import Invalid

BAD = Path(__file__).resolve().parents[1] / "corpus" / "bad"
STORIES = tomllib.loads((BAD / "expected.toml").read_text())


def refusal(table: str, content, limits: Limits | None = None) -> Invalid:
    """The Invalid that reading to the end gives."""
    errors = ErrorList()
    stream = content if hasattr(content, "read") else BytesIO(content)
    with pytest.raises(Invalid) as caught:
        for _ in read_table(TABLES[table], stream, file=f"{table}.csv", errors=errors, limits=limits):
            pass
        errors.raise_if_any(f"{table}.csv")
    return caught.value


@pytest.mark.parametrize("name", sorted(STORIES))
def test_it_names_line_and_column(name):
    story = STORIES[name]
    error = refusal(story["table"], (BAD / name).read_bytes())
    places = [(row.code, row.line, row.column) for row in error.rows]
    assert (story["code"], story["line"], story.get("column")) in places
    assert all(row.file == f"{story['table']}.csv" and row.reason and row.remedy for row in error.rows)
    assert error.exit_code == 2


def test_every_file_of_the_corpus_has_a_story():
    assert {path.name for path in BAD.glob("*.csv")} == set(STORIES)


class Endless:
    """A hundred million bytes of one line, given out as asked for and counted."""

    def __init__(self, begin: bytes):
        self.begin, self.given, self.left = begin, 0, 100_000_000

    def read(self, wanted: int) -> bytes:
        piece = (self.begin + b"A" * wanted)[:wanted] if not self.given else b"A" * min(wanted, self.left)
        self.given += len(piece)
        self.left -= len(piece)
        return piece


@pytest.mark.parametrize(
    ("begin", "line"), [(b"", 1), (b"order,serial,panel,position\n", 2), (b"order,serial,panel,position\nWO,", 2)]
)
def test_one_line_of_100_mb_is_refused_after_the_limit(begin, line):
    stream = Endless(begin)
    error = refusal("units", stream)
    assert error.code == "tables.line_too_long"
    assert error.rows[0].line == line
    assert stream.given <= len(begin) + (1 << 20) + 2


def test_a_line_at_the_limit_is_taken_and_one_byte_more_is_not():
    header = b"party,name,roles,country\n"
    limits = Limits(line_bytes=100)
    fits = b"P1," + b"n" * 95 + b",,\n"
    errors = ErrorList()
    [chunk] = read_table(TABLES["parties"], BytesIO(header + fits), file="p", errors=errors, limits=limits)
    assert errors.total == 0
    assert len(chunk.rows) == 1
    for end in (b"\n", b"\r\n", b""):
        error = refusal("parties", header + b"P1," + b"n" * 96 + b",," + end, limits)
        assert (error.code, error.rows[0].line) == ("tables.line_too_long", 2)


def test_cells_have_a_limit():
    content = b"party,name,roles,country\nP1," + b"n" * 200_000 + b",,\nP2,ok,,\n"
    error = refusal("parties", content)
    assert [(row.code, row.line) for row in error.rows] == [("tables.cell_too_long", 2)]
    error = refusal("parties", b"party,name,roles,country\nP1,12345,,\nP2,123456,,\n", Limits(cell_characters=5))
    assert [(row.code, row.line, row.column) for row in error.rows] == [("tables.cell_too_long", 3, "name")]


def test_a_header_of_half_a_million_columns_is_refused_at_once():
    begun = time.process_time()
    assert refusal("parties", b"party" + b",x" * 500_000).code == "tables.header"
    assert time.process_time() - begun < 2


def test_a_cell_of_eighteen_thousand_designators_is_refused_at_once():
    begun = time.process_time()
    cell = " ".join([f"R{at:x}" for at in range(18_000)] + ["R1", "C1"])
    error = refusal("bom", f"product,revision,bom_version,line,part,quantity,refdes\nP,A,1,1,X,1,{cell}\n".encode())
    assert error.rows[0].reason == "names R1 twice"
    assert time.process_time() - begun < 2


def test_rows_have_a_limit():
    content = b"party,name,roles,country\n" + b"P,n,,\n" * 4
    assert refusal("parties", content, Limits(rows=3)).code == "tables.too_many_rows"
    errors = ErrorList()
    chunks = read_table(TABLES["parties"], BytesIO(content), file="p", errors=errors, limits=Limits(rows=4))
    assert sum(len(chunk.rows) for chunk in chunks) == 4


def test_all_errors_are_counted_and_the_first_200_named():
    rows = [f"WO-1,{'' if at % 2 else f'SN{at}'},P1,x" for at in range(1702)]
    error = refusal("units", ("order,serial,panel,position\n" + "\n".join(rows)).encode())
    assert error.message == "units.csv: 1,702 rows are wrong, none of 1,702 was stored."
    assert error.total == 1702 + 851
    assert len(error.rows) == 200
    assert error.rows[0].line == 2


def test_one_wrong_row_is_told_in_the_singular():
    error = refusal("units", b"order,serial,panel,position\nWO,,P1,1\nWO,SN1,P1,1\n")
    assert error.message == "units.csv: 1 row is wrong, none of 2 was stored."


def test_a_time_without_offset_shows_how_to_write_it():
    story = "time_without_offset.csv"
    [row] = refusal("tests", (BAD / story).read_bytes()).rows
    assert row.reason == "a time needs its offset"
    assert row.remedy == "Write it as 2027-03-15T08:00:00+01:00."


def test_windows_1252_is_guessed_in_the_remedy():
    [row] = refusal("parties", (BAD / "cp1252_umlaut.csv").read_bytes()).rows
    assert row.value == "Müller GmbH"
    assert 'that byte is "ü"' in row.remedy


def test_columns_are_suggested():
    error = refusal("units", b"order,serail,panel,pos\n")
    told = {row.column: row.remedy for row in error.rows}
    assert told["serail"] == "Did you mean serial?"
    assert told["pos"] == "Did you mean position?"
    assert "serial" in told and "position" in told


def test_wrong_bytes_behind_the_first_block_have_their_line():
    rows = b"".join(b"WO-1,SN%07d,P1,1\n" % at for at in range(60_000))
    error = refusal("units", b"order,serial,panel,position\n" + rows + b"WO-1,SN\xff,P1,1\n")
    assert (error.rows[0].line, error.rows[0].column) == (60_002, "serial")
