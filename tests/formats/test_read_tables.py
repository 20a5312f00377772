"""Exchange tables are read as they stand, in any order of columns, with flat memory."""

import csv
import io
import re
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.formats.tables import TABLES, ErrorList, read_table


def rows_of(table: str, content: bytes) -> list[tuple[str, ...]]:
    errors = ErrorList()
    chunks = list(read_table(TABLES[table], io.BytesIO(content), file=f"{table}.csv", errors=errors))
    errors.raise_if_any(f"{table}.csv")
    return [row for chunk in chunks for row in chunk.rows]


HEADER = b"order,serial,panel,position\n"


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"WO,SN1,P1,1\nWO,SN2,P1,2\n",
        b"\xef\xbb\xbf" + HEADER + b"WO,SN1,P1,1\nWO,SN2,P1,2\n",
        (HEADER + b"WO,SN1,P1,1\nWO,SN2,P1,2\n").replace(b"\n", b"\r\n"),
        HEADER + b"WO,SN1,P1,1\nWO,SN2,P1,2",
        HEADER + b"WO,SN1,P1,1\nWO,SN2,P1,2\n\n\r\n\n",
        HEADER + b'"WO","SN1",P1,1\nWO,SN2,"P1",2\n',
        b"position,panel,serial,order\n1,P1,SN1,WO\n2,P1,SN2,WO\n",
        b"order,serial,panel,position,state\nWO,SN1,P1,1,\nWO,SN2,P1,2,\n",
    ],
    ids=["plain", "mark", "crlf", "no_last_break", "empty_last_lines", "quotes", "any_order", "optional_column"],
)
def test_the_same_rows_in_every_dress(content):
    assert rows_of("units", content) == [("WO", "SN1", "P1", "1", ""), ("WO", "SN2", "P1", "2", "")]


def test_a_header_alone_is_a_table_of_no_rows():
    assert rows_of("units", HEADER) == []
    assert rows_of("units", HEADER.rstrip()) == []


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 30", "-", "@SUM(A1)", " blanks ", "007", "Ω 5 %", 'a "b" c', "a,b", "\u2028", "\ufeff"]
)
def test_a_cell_is_text_as_it_stands(cell):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("order", "serial", "panel", "position"), ("WO", cell, "", "")])
    assert rows_of("units", text.getvalue().encode()) == [("WO", cell, "", "", "")]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2027-03-15T08:00:00+01:00", "2027-03-15T07:00:00.000000Z"),
        ("2027-03-15T08:00:00Z", "2027-03-15T08:00:00.000000Z"),
        ("2027-03-15T08:00Z", "2027-03-15T08:00:00.000000Z"),
        ("2027-03-15 08:00:00.5-05:30", "2027-03-15T13:30:00.500000Z"),
        ("2027-03-15T08:00:00,25+01", "2027-03-15T07:00:00.250000Z"),
        ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00.000000Z"),
        ("2018-03-26T16:52:25.3769532-04:00", "2018-03-26T20:52:25.376953Z"),
        ("2027-03-15T08:00+01:00", "2027-03-15T07:00:00.000000Z"),
    ],
)
def test_times_become_utc(written, kept):
    content = f'order,product,revision,bom_version,quantity,customer,opened_at\nWO,P,A,1,5,,"{written}"\n'
    assert rows_of("orders", content.encode())[0][6] == kept


@pytest.mark.parametrize(
    "written",
    [
        "2027-03-15T08:00:60Z",
        "2027-03-15T24:00:00Z",
        "2027-03-15T08:00:00+99:00",
        "2027-W11-1T08:00:00Z",
        "20270315T080000Z",
        "Z",
        "+01:00",
        "2027-03-15+01:00",
        "08:00:00+01:00",
        "٢٠٢٧-03-15T08:00:00Z",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:00",
        "2027-03-15T08:00:00 Z",
        "2027-03-15T08:00:17:00+01",
        "2027-03-15T08:00:17:00.5Z",
        "2027-03-15T08:00:17X",
    ],
)
def test_what_is_no_time_is_refused(written):
    content = f"order,product,revision,bom_version,quantity,customer,opened_at\nWO,P,A,1,5,,{written}\n"
    errors = ErrorList()
    chunks = list(read_table(TABLES["orders"], io.BytesIO(content.encode()), file="orders.csv", errors=errors))
    assert chunks == []
    assert [(row.code, row.line, row.column) for row in errors.rows] == [("tables.cell_not_a_time", 2, "opened_at")]


def test_a_day_is_taken_where_the_law_asks_for_one():
    header = b"shipment,customer,country,first_serial,last_serial,shipped_at,placed_on_market_at\n"
    rows = rows_of(
        "shipments",
        header
        + b"S,X,DE,SN1,SN2,2027-03-15T08:00:00Z,2027-12-11\n"
        + b"S,X,DE,SN3,SN4,2027-03-15T08:00:00Z,2027-12-11T01:00:00+01:00\n"
        + b"S,X,DE,SN5,SN6,2027-03-15T08:00:00Z,\n",
    )
    assert [row[6] for row in rows] == ["2027-12-11", "2027-12-11T00:00:00.000000Z", ""]


def test_lines_of_the_rows_that_passed_are_kept():
    content = HEADER + b"WO,SN1,P1,1\nWO,,P1,2\nWO,SN3,P1,x\nWO,SN4\nWO,SN5,P1,5\n"
    errors = ErrorList()
    [chunk] = read_table(TABLES["units"], io.BytesIO(content), file="units.csv", errors=errors)
    assert list(chunk.lines) == [2, 6]
    assert [row[1] for row in chunk.rows] == ["SN1", "SN5"]
    assert sorted((row.line, row.column) for row in errors.rows if row.column) == [(3, "serial"), (4, "position")]
    assert errors.total == 3
    assert errors.rows_read == 5


def test_rows_over_many_blocks_are_those_of_plain_csv():
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["order", "serial", "panel", "position"])
    expected = [
        (f"WO-{at % 7}", f"SN{at:09d}" + ("é" * (at % 3)), f'P "{at}"' if at % 1000 == 0 else "", "")
        for at in range(50_000)
    ]
    writer.writerows(expected)
    errors = ErrorList()
    chunks = list(read_table(TABLES["units"], io.BytesIO(text.getvalue().encode()), file="units.csv", errors=errors))
    assert errors.total == 0
    assert [row[:4] for chunk in chunks for row in chunk.rows] == expected
    assert [line for chunk in chunks for line in chunk.lines] == list(range(2, 50_002))


class Line:
    """A file of many rows that never stands in memory as a whole."""

    def __init__(self, rows: int):
        self.pieces = (b"WO-1,SN%09d,P%07d,%d\n" % (at, at // 10, at % 10) for at in range(rows))
        self.held = HEADER

    def read(self, wanted: int) -> bytes:
        while len(self.held) < wanted and (piece := next(self.pieces, b"")):
            self.held += piece
        piece, self.held = self.held[:wanted], self.held[wanted:]
        return piece


def peak_bytes(rows: int) -> int:
    tracemalloc.start()
    count = sum(len(chunk.rows) for chunk in read_table(TABLES["units"], Line(rows), file="u", errors=ErrorList()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == rows
    return peak


def test_memory_does_not_grow_with_the_file():
    assert peak_bytes(90_000) < 1.2 * peak_bytes(30_000)


# tables of later capabilities: "each later capability adds the tables of its nouns" (design, section 7)
ADDED = (
    "documents", "routings", "panels", "holds", "serial_rules", "mark_rules", "panel_places", "placements", "record_demands", "test_plans", "test_plan_approvals", "package_names", "blocks",
    "numberings", "mark_readings", "closings",
    "lives", "declarations", "inspection_plans", "inspections", "inspection_checks", "samples", "statuses", "handling", "silicon_revisions", "programs", "mounts", "calibrations", "qualifications", "areas", "environment", "mappings", "alarm_closings",
    "sent_out", "taken_back", "outside_papers",
    "nonconformities", "nonconformity_units", "nonconformity_causes", "dispositions", "nonconformity_actions",
    "nonconformity_states", "effectiveness_checks", "effectiveness_results",
    "trust_stores", "release_drafts", "release_signatures", "release_states", "sboms", "component_identities", "own_entries", "vex_decisions", "upstream_reports", "build_configurations", "waivers", "waiver_decisions",
    "grants", "station_plans", "stations", "permits", "permit_states", "station_records", "alarm_releases",
    "product_roles", "concessions", "concession_decisions", "containers", "packed", "placings", "returns",
    "firmware_demands", "configurations", "module_firmware", "programming_orders", "programming_order_states", "read_backs",
)  # fmt: skip


# "correct for every fact of the tables" (issue 3) by a file too: a row that corrects says its right cells
WIDENED = {"corrections": ["cells"]}


@pytest.mark.parametrize("name", [name for name in TABLES if name not in ADDED])
def test_the_columns_are_those_of_the_design(name, shared_data):
    line = next(
        line
        for line in (shared_data.parent / "design.md").read_text().splitlines()
        if line.startswith(f"| {name}.csv |")
    )
    # notes stand in round brackets or after a semicolon or colon, optional columns in square ones
    words = re.sub(r"\([^)]*\)", "", line.split("|")[2]).split(";")[0]
    words = re.sub(r":[^\],]*", "", words)
    said = [word.strip() for word in re.sub(r"[\[\]]", "", words).split(",")]
    bracketed = {word.strip() for part in re.findall(r"\[([^\]]*)\]", words) for word in part.split(",")}
    table = TABLES[name]
    assert list(table.columns[: table.fact_width]) == said + WIDENED.get(name, [])
    assert set(said) - table.required == bracketed
    assert not table.required & set(WIDENED.get(name, []))
    assert set(table.finders) <= {"product", "parent_product", "child_product"}


def test_tables_stand_in_load_order(shared_data):
    said = re.findall(r"^\| (\w+)\.csv \|", (shared_data.parent / "design.md").read_text(), re.M)
    assert [name for name in TABLES if name not in ADDED] == said


OFFSET = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1), timezones=OFFSET),
            st.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_any_time_is_the_same_instant_in_utc(times):
    header = "order,product,revision,bom_version,quantity,customer,opened_at\n"
    written, expected = [], []
    for moment, spec, in_utc in times:
        if in_utc:
            moment = moment.astimezone(UTC)
        text = moment.isoformat(timespec=spec)
        written.append(text.replace("+00:00", "Z"))
        expected.append(datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    rows = rows_of("orders", (header + "".join(f"WO,P,A,1,5,,{text}\n" for text in written)).encode())
    assert [row[6] for row in rows] == expected
