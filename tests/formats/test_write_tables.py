"""What is written is read back the same, whatever printable text stands in the cells."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.formats.tables import TABLES, ErrorList, read_table, write_table
from asbuilt.kernel.errors import Invalid

# Everything but control characters and halves of characters: what a cell may hold.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30)
NAME = TEXT.filter(bool)


def read_back(table: str, content: bytes) -> list[tuple[str, ...]]:
    errors = ErrorList()
    chunks = list(read_table(TABLES[table], io.BytesIO(content), file=f"{table}.csv", errors=errors))
    errors.raise_if_any(f"{table}.csv")
    return [row for chunk in chunks for row in chunk.rows]


@given(st.lists(st.tuples(NAME, NAME, TEXT, TEXT, st.sampled_from(["", "active", "obsolete"]), TEXT), max_size=20))
def test_any_text_comes_back_unchanged(rows):
    out = io.BytesIO()
    assert write_table(TABLES["parts"], rows, out) == len(rows)
    assert read_back("parts", out.getvalue()) == rows


@given(st.lists(st.tuples(NAME, NAME, TEXT, st.integers(0, 10**18 - 1).map(str), st.just("")), max_size=20))
def test_quoted_crlf_and_mark_give_the_same_cells(rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([TABLES["units"].columns, *rows])
    assert read_back("units", b"\xef\xbb\xbf" + text.getvalue().encode()) == rows


def test_the_form_is_rfc_4180_with_line_feeds():
    out = io.BytesIO()
    write_table(TABLES["parties"], [("P1", 'Meyer "Nord", GmbH', "ems;supplier", "DE"), ("=2", "+x", "", "")], out)
    assert out.getvalue() == b'party,name,roles,country\nP1,"Meyer ""Nord"", GmbH",ems;supplier,DE\n=2,+x,,\n'


def test_all_columns_are_written():
    out = io.BytesIO()
    write_table(TABLES["assemblies"], [], out)
    assert (
        out.getvalue() == b"parent_serial,child_serial,position,happened_at,removed_at,parent_product,child_product\n"
    )


@pytest.mark.parametrize("cell", ["a\nb", "a\tb", "\x00", "\x85", "\ud800", "x" * 131_073])
def test_a_cell_that_would_not_be_read_is_not_written(cell):
    with pytest.raises(Invalid) as caught:
        write_table(TABLES["parties"], [("P1", cell, "", "")], io.BytesIO())
    assert caught.value.code == "tables.cell_unwritable"
    assert (caught.value.rows[0].line, caught.value.rows[0].column) == (2, "name")
