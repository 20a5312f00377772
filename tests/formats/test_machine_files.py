"""Machine files: what a mapping reads out of CSV and JSON, and what it refuses with line, column and remedy."""

import json

import pytest
from foreign_machines import AOI, AOI_COLUMNS, AOI_MAPPING, OVEN, OVEN_COLUMNS, OVEN_MAPPING, aoi, oven
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.formats.file_mappings import columns_as_text, columns_from_text, mapping_of, mistakes, pattern_of
from asbuilt.formats.machine_files import read_machine_file
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import Invalid


def read(mapping: dict, payload: bytes, file: str = "OFEN_17.csv", **changed):
    errors = ErrorList()
    found = read_machine_file(payload, file, mapping_of({**mapping, **changed}), errors)
    return found, errors


def columns(of: dict, **changed) -> str:
    return json.dumps({name: said for name, said in {**of, **changed}.items() if said is not None}, ensure_ascii=False)


def test_a_german_oven():
    found, errors = read(OVEN_MAPPING, oven())
    assert errors.total == 0 and found.warnings == [] and found.lines == [4, 5, 6]
    assert found.rows[0] == (
        "WO-2", "REFLOW", "OVEN-2", "Löt-1/P7", "SN1", "SN1", "2027-03-01T07:10:00.000000Z", "2027-03-01T07:15:30.000000Z",
        "045", "completed", '{"zone5":235.4,"belt":82,"soldered_at":"Löt-1"}', "", "", "",
    )  # fmt: skip
    assert [row[9] for row in found.rows] == ["completed", "completed", "failed"]
    assert found.columns[5] == "Zone 5 [°C]" and len(found.columns) == 9


def test_an_aoi_in_json():
    found, errors = read(AOI_MAPPING, aoi(), "a.json")
    assert errors.total == 0
    assert found.rows == [
        ("SN1", "AOI", "", "Koh-7", "", "pass", "2027-03-01T08:30:00.000000Z", "2027-03-01T08:30:00.000000Z",
         '{"height_um":121.5,"defects":0}', ""),
        ("SN2", "AOI", "", "Koh-7", "", "fail", "2027-03-01T08:30:00.000000Z", "2027-03-01T08:30:00.000000Z",
         '{"height_um":98,"defects":2,"note":"C71 lifted"}', ""),
    ]  # fmt: skip
    assert {"barcode", "height.um", "$.machine.name", "$.end"} <= set(found.columns)


@pytest.mark.parametrize(
    ("was", "is_", "line", "column", "code"),
    [
        ("235,40", "235.40", 4, "Zone 5 [°C]", "mappings.cell_not_a_number"),
        ("235,40", "1.235,40", 4, "Zone 5 [°C]", "mappings.cell_not_a_number"),
        ("236,10", "---", 5, "Zone 5 [°C]", "mappings.cell_not_a_number"),
        ("236,10", "1e999", 5, "Zone 5 [°C]", "mappings.cell_not_a_number"),
        ("236,10", "nan", 5, "Zone 5 [°C]", "mappings.cell_not_a_number"),
        ("01.03.2027 08:12:00", "03/01/2027 08:12", 6, "Start", "mappings.cell_not_a_time"),
        ("01.03.2027 08:12:00", "31.02.2027 08:12:00", 6, "Start", "mappings.cell_not_a_time"),
        ("01.03.2027 08:12:00", "", 6, "Start", "tables.cell_empty"),
        ("SN2;", ";", 5, "Seriennr.", "tables.cell_empty"),
        ("n.i.O.", "NG", 6, "Ergebnis", "tables.cell_not_a_word"),
        ("SN2;WO-2;", "SN2;", 5, None, "mappings.width"),
        ("SN2;WO-2;", "SN2;WO-2;x;", 5, None, "mappings.width"),
        ("Löt-1;045;\r\nSN3", "Löt\t1;045;\r\nSN3", 5, "Gerät", "mappings.cell_control"),
    ],
)
def test_a_wrong_cell_is_named(was, is_, line, column, code):
    assert was in OVEN
    _, errors = read(OVEN_MAPPING, oven(OVEN.replace(was, is_, 1)))
    wrong = {(row.line, row.column, row.code) for row in errors.rows}
    assert (line, column, code) in wrong and {one[0] for one in wrong} == {line}
    assert errors.rows[0].reason and errors.rows[0].remedy


def test_an_empty_value_is_left_out_and_words_may_mean_nothing():
    found, errors = read(OVEN_MAPPING, oven(OVEN.replace("235,40", "")))
    assert json.loads(found.rows[0][10]) == {"belt": 82, "soldered_at": "Löt-1"} and errors.total == 0
    said = columns(OVEN_COLUMNS, **{"readings.zone5": {"from": "Zone 5 [°C]", "words": {"---": ""}}})
    found, errors = read(OVEN_MAPPING, oven(OVEN.replace("235,40", "---")), columns=said)
    assert "zone5" not in found.rows[0][10] and errors.total == 0


@pytest.mark.parametrize(
    ("payload", "changed", "code"),
    [
        (b"", {}, "mappings.empty"),
        (b" \r\n", {}, "mappings.empty"),
        (b"PK\x03\x04xl/", {}, "mappings.not_text"),
        (oven(), {"encoding": "utf-8"}, "mappings.encoding"),
        (oven(), {"encoding": "ascii"}, "mappings.encoding"),
        (OVEN.encode("utf-16"), {}, "mappings.encoding"),
        (oven(), {"header": "1"}, "mappings.header"),
        (oven(), {"header": "40"}, "mappings.header"),
        (oven(), {"delimiter": "comma"}, "mappings.header"),
        (oven(OVEN.replace("SN2;", '"SN2;')), {}, "mappings.quotes"),
        (oven(OVEN.replace("Zone 5 [°C]", "Zone 6 [°C]")), {}, "mappings.header"),
        (oven(OVEN.replace("Gerät;Prüfer", "Prüfer;Gerät;Prüfer")), {}, "mappings.header"),
        (oven(OVEN + "x" * (16 << 20)), {}, "mappings.too_large"),
    ],
)
def test_a_file_that_is_written_otherwise_is_refused(payload, changed, code):
    with pytest.raises(Invalid) as refused:
        read(OVEN_MAPPING, payload, **changed)
    assert refused.value.code == code and refused.value.remedy


def test_other_encodings_say_the_same():
    expected = read(OVEN_MAPPING, oven())[0].rows
    for encoding in ("utf-8", "utf-16", "iso-8859-15", "cp850"):
        assert read(OVEN_MAPPING, OVEN.encode(encoding), encoding=encoding)[0].rows == expected
    assert read(OVEN_MAPPING, b"\xef\xbb\xbf" + OVEN.encode(), encoding="utf-8")[0].rows == expected
    tabs = OVEN.replace(";", "\t").replace("\r\n", "\n")
    assert read(OVEN_MAPPING, oven(tabs), delimiter="tab")[0].rows == expected


def test_a_file_without_a_header_is_read_by_number():
    body = "\r\n".join(OVEN.split("\r\n")[3:])
    names = OVEN.split("\r\n")[2].split(";")
    said = {
        name: {**one, "from": str(names.index(one["from"]) + 1)} if "from" in one else one
        for name, one in OVEN_COLUMNS.items()
    }
    said["program"] = {"text": "{8}/P7"}
    found, errors = read(OVEN_MAPPING, oven(body), header="0", columns=json.dumps(said))
    assert found.rows == read(OVEN_MAPPING, oven())[0].rows and found.lines == [1, 2, 3] and errors.total == 0


def test_parts_of_the_name():
    said = columns(OVEN_COLUMNS, order={"from": "@order"}, program={"text": "{@file}"})
    found, _ = read(OVEN_MAPPING, oven(), "ofen_WO-2_17.CSV", columns=said, pattern="OFEN_{order}_*.csv")
    assert (found.rows[0][0], found.rows[0][3]) == ("WO-2", "ofen_WO-2_17.CSV")


@pytest.mark.parametrize(
    ("pattern", "name", "parts"),
    [
        ("OVEN_*.csv", "oven_1.CSV", {}),
        ("OVEN_{order}_*.csv", "OVEN_WO-1_2_3.csv", {"order": "WO-1"}),
        ("{a}-{b}.txt", "1-2-3.txt", {"a": "1", "b": "2-3"}),
        ("a?c*", "abc", {}),
        ("[1]+.csv", "[1]+.csv", {}),
        ("_*_", "_x_", {}),
        ("OVEN_*.csv", "OVEN_1.csv.tmp", None),
        ("*.csv", "x.csv\n", None),
        ("{a}_{b}", "_x", None),
        ("*a*a*a*a*a*a*a*b", "a" * 255, None),
    ],
)
def test_patterns_of_names(pattern, name, parts):
    found = pattern_of(pattern).fullmatch(name)
    assert (found.groupdict() if found else None) == parts


@pytest.mark.parametrize(
    ("zone", "text", "utc"),
    [
        ("Europe/Vienna", "01.07.2027 08:10:00", "2027-07-01T06:10:00.000000Z"),
        ("Europe/Vienna", "28.03.2027 02:30:00", None),  # the clocks went from 2 to 3
        ("+01:00", "28.03.2027 02:30:00", "2027-03-28T01:30:00.000000Z"),
        ("-05:30", "01.07.2027 08:10:00", "2027-07-01T13:40:00.000000Z"),
        ("Europe/Vienna", "31.10.2027 02:30:00", "2027-10-31T00:30:00.000000Z"),  # twice: the first
    ],
)
def test_local_times(zone, text, utc):
    changed = OVEN.replace("01.03.2027 08:10:00", text)
    found, errors = read(OVEN_MAPPING, oven(changed), time_zone=zone)
    if utc is None:
        assert [(row.line, row.code) for row in errors.rows] == [(4, "mappings.time_skipped")]
    else:
        assert found.rows[0][6] == utc
    assert bool(found.warnings) == (text.startswith("31.10."))


@pytest.mark.parametrize(
    ("form", "text", "utc"),
    [
        ("iso", "2027-03-01T08:30:00+01:00", "2027-03-01T07:30:00.000000Z"),
        ("iso", "2027-03-01 08:30:00.25", "2027-03-01T08:30:00.250000Z"),
        ("unix_ms", "1803889800250", "2027-03-01T08:30:00.250000Z"),
        ("unix", "1803889800.25", "2027-03-01T08:30:00.250000Z"),
        ("%m/%d/%y %I:%M %p", "03/01/27 08:30 PM", "2027-03-01T20:30:00.000000Z"),
        ("unix", "-1", None), ("unix", "1e300", None), ("iso", "0001-01-01T00:00:00+23:00", None), ("unix", "soon", None),
    ],
)  # fmt: skip
def test_forms_of_times(form, text, utc):
    found, errors = read(AOI_MAPPING, aoi({**AOI, "end": text}), "a.json", time_format=form)
    assert [row[7] for row in found.rows] == ([utc, utc] if utc else [])
    assert {row.code for row in errors.rows} == (set() if utc else {"mappings.cell_not_a_time"})


@pytest.mark.parametrize(
    "payload",
    [
        b"{", b"[1", b"7", b'"x"', b'{"boards": 7}', b'{"boards": [7]}', b'{"boards": [{"a": 1, "a": 2}]}', b"[" * 100_000,
        b'{"boards": [{"x": NaN}]}', b'{"boards": [{"x": ' + b"9" * 9_000 + b"}]}", b"\xff{}", b'{"boards": null}',
    ],
)  # fmt: skip
def test_a_broken_json_is_refused(payload):
    with pytest.raises(Invalid) as refused:
        read(AOI_MAPPING, payload, "a.json")
    assert refused.value.code.startswith("mappings.") and "boards" not in refused.value.code


def test_a_wrong_value_in_json_names_record_and_path():
    document = {**AOI, "boards": [AOI["boards"][0], {**AOI["boards"][1], "height": {"um": "high"}, "barcode": ["SN2"]}]}
    _, errors = read(AOI_MAPPING, aoi(document), "a.json")
    assert [(row.line, row.column, row.value, row.code) for row in errors.rows] == [
        (2, "barcode", "", "mappings.cell_not_a_value"),
        (2, "height.um", "high", "mappings.cell_not_a_number"),
    ]


def test_half_a_character_is_refused():
    _, errors = read(AOI_MAPPING, aoi().replace(b"C71", b"\\ud800"), "a.json")
    assert [(row.line, row.code) for row in errors.rows] == [(2, "mappings.cell_control")]
    assert list(mistakes({**AOI_MAPPING, "columns": AOI_MAPPING["columns"].replace("height_um", "\\ud800")}))


def test_a_list_and_a_single_record_are_read_too():
    flat = columns(AOI_COLUMNS, station=None, finished_at={"from": "end"})
    boards = [{**board, "end": 1803889800} for board in AOI["boards"]]
    for document, count in ((boards, 2), (boards[0], 1)):
        found, errors = read(AOI_MAPPING, aoi(document), "a.json", rows_at="", columns=flat)
        assert len(found.rows) == count and errors.total == 0 and found.rows[0][3] == "AOI-1"


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"pattern": "a/b.csv"}, "pattern"),
        ({"pattern": "{file}.csv"}, "pattern"),
        ({"pattern": "{a}{a}.csv"}, "pattern"),
        ({"pattern": "{A}.csv"}, "pattern"),
        ({"pattern": "*" * 9}, "pattern"),
        ({"delimiter": ""}, "delimiter"),
        ({"header": ""}, "header"),
        ({"header": "1000"}, "header"),
        ({"rows_at": "x"}, "rows_at"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_format": "%d.%m. %H:%M"}, "time_format"),
        ({"time_format": "%Y"}, "time_format"),
        ({"time_format": "today"}, "time_format"),
        ({"columns": "[]"}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step=None)}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, started_at=None, finished_at=None)}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, stepp={"text": "x"})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, readings={"text": "x"})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, **{"measurements.x": {"from": "x"}})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, **{"readings.a b": {"from": "x"}})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={"from": "a", "text": "b"})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={"from": 7})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={"from": ""})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step="a")}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={"from": "a", "as": "text"})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, step={"from": "a", "words": {"a": 1}})}, "columns"),
        ({"columns": columns(OVEN_COLUMNS, order={"from": "@order"})}, "columns"),
        ({"header": "0"}, "columns"),
    ],
)
def test_a_wrong_mapping_is_refused(changed, column):
    assert list(mistakes(OVEN_MAPPING)) == [] and list(mistakes(AOI_MAPPING)) == []
    found = list(mistakes({**OVEN_MAPPING, **changed}))
    assert {name for name, _ in found} == {column} and all(one.reason and one.code for _, one in found)


def test_lines_as_people_write_them():
    text = columns_as_text(OVEN_MAPPING["columns"])
    assert 'step = "REFLOW"\n' in text and "result = Ergebnis | i.O.=completed, n.i.O.=failed\n" in text
    assert text.endswith("readings.soldered_at = Gerät | as text")
    assert json.loads(columns_from_text(text)) == OVEN_COLUMNS
    assert json.loads(columns_from_text(columns_as_text(AOI_MAPPING["columns"]))) == AOI_COLUMNS


@pytest.mark.parametrize("line", ["step", "= x", "step =", 'step = "x', 'step = "x" y', "a = b | c", "a = b\na = c"])
def test_a_line_that_cannot_be_read(line):
    with pytest.raises(ValueError, match="line [12]"):
        columns_from_text("order = Auftrag\n" + line if "\n" not in line else line)


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(payload):
    for mapping, file in ((OVEN_MAPPING, "OFEN_1.csv"), (AOI_MAPPING, "a.json")):
        try:
            read(mapping, payload, file)
        except Invalid as refused:
            assert refused.remedy


@given(st.integers(0, len(OVEN) - 1), st.characters(max_codepoint=255))
def test_a_changed_character_breaks_nothing(at, letter):
    try:
        found, errors = read(OVEN_MAPPING, (OVEN[:at] + letter + OVEN[at + 1 :]).encode("cp1252", "replace"))
        assert len(found.rows) + len({row.line for row in errors.rows}) <= 4
    except Invalid as refused:
        assert refused.remedy
