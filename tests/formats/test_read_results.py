"""Result files of testers: what each format says, counted by hand; what is refused, by file, record and field; damaged files by the thousand."""

import json
from datetime import UTC
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
import result_files
from result_files import openhtf, wsjf, wsjf_repair

from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results.reading import KINDS, kind_of, result_rows, source_of, without_source
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant

RECEIVED = parse_instant("2027-03-02T08:00:00Z")
SOURCE = sha256(b"file").hexdigest()


def rows(payload, kind, *, zone=UTC, received=RECEIVED, name="file"):
    errors = ErrorList()
    payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    found = result_rows(payload, name, kind, source=SOURCE, zone=zone, received_at=received, errors=errors)
    return found, errors


def one(payload, kind, **more):
    found, errors = rows(payload, kind, **more)
    assert not errors.total, errors.rows
    (row,) = found.rows
    return row, json.loads(row[8])


def refused(payload, kind):
    found, errors = rows(payload, kind)
    assert not found.rows
    (error,) = errors.rows
    return error.line, error.column


def _uncounted(name: str) -> bytes:
    """A suite that counts one failure (or error) of which none of its cases tells: it was a pass."""
    cases = '<properties><property name="serial" value="SN1"/></properties><testcase name="a"/>'
    return (
        f'<testsuite name="FCT" tests="2" {name}="1" timestamp="2027-03-01T08:00:00+00:00">{cases}</testsuite>'.encode()
    )


def test_a_real_record_of_openhtf(shared_data):
    payload = (shared_data / "ems/test/openhtf_SN00042.json").read_bytes()
    assert kind_of(payload, "x") == "openhtf"
    row, said = one(payload, "openhtf")
    assert row[:6] == ("SN00042", "FCT AB-100", "1.2", "vm", "", "fail")
    assert row[6:8] == ("2026-11-23T07:37:41.210000Z", "2026-11-23T07:37:41.222000Z")
    assert said["vdd_3v3"] == {
        "value": 3.312,
        "units": "V",
        "min": 3.2,
        "max": 3.4,
        "comparison": "GELE",
        "result": "pass",
        "step": "power",
    }
    assert said["idd_sleep"] == {
        "value": 7.1e-06,
        "units": "A",
        "max": 5e-06,
        "comparison": "LE",
        "result": "fail",
        "step": "power",
    }
    assert said["fw_version"] == {"value": "1.4.2", "result": "pass", "step": "program"}
    (log,) = said["$run"]["attachments"]
    assert (log["name"], log["bytes"], log["sha256"]) == ("log", 9, sha256(b"flash ok\n").hexdigest())


def test_a_sample_of_wats(shared_data):
    payload = (shared_data / "ems/test/wsjf_sample.json").read_bytes()
    assert kind_of(payload, "x") == "wsjf"
    row, said = one(payload, "wsjf")
    assert row[:8] == (
        "SN00042",
        "FCT",
        "",
        "FCT-01",
        "BADGE489499",
        "pass",
        "2026-03-02T09:00:00.000000Z",
        "2026-03-02T09:00:10.500000Z",
    )
    assert row[9] == "AB-100" and said["SelfTest"] == {"result": "pass"}
    assert said["$run"]["sub_units"] == [{"kind": "Module", "part": "ESP32-WROOM-32E", "serial": "7C9EBD123456"}]


def test_steps_of_wats_nest_and_compare_in_its_words():
    row, said = one(wsjf(), "wsjf")
    assert row[2] == "2" and said["Power/VDD_3V3"]["value"] == 3.31
    assert said["Power/RAILS/1V8"] == {"value": 1801, "units": "mV", "min": 1750, "comparison": "GE", "result": "pass"}
    assert said["Power/RAILS/5V"] == {"value": 5.0, "units": "V", "max": 5.25, "comparison": "LT", "result": "pass"}
    assert said["FW"] == {"value": "1.4.2", "expected": "1.4.2", "comparison": "CASESENSIT", "result": "pass"}
    assert (
        said["Skip me"] == {"result": "skipped"}
        and said["$run"]["notes"] == {"humidity": "40"}
        and said["$run"]["fixture"] == "FX-3"
    )


def test_a_repair_of_wats_is_a_process_run():
    found, errors = rows(wsjf_repair(), "wsjf")
    assert found.columns == ["repairs"] and not errors.total
    (row,) = found.rows
    assert row[:6] == ("", "REPAIR", "RW-1", "Repair", "SN1", "SN1") and row[8:10] == ("046", "completed")
    said = json.loads(row[10])
    assert said["repair1"] == {
        "name": "COLD_JOINT",
        "category": "Solder",
        "at": "R1",
        "words": "pin 2",
        "part": "R-10K",
        "step": 2,
    }
    assert said["$run"]["of_report"] == "r-1"


def test_junit_with_measurements_as_properties():
    row, said = one(result_files.JUNIT.encode(), "junit")
    assert row[:8] == (
        "SN1",
        "FCT",
        "3",
        "B9",
        "",
        "fail",
        "2027-03-01T08:00:00.000000Z",
        "2027-03-01T08:00:12.500000Z",
    )
    assert (
        said["vdd_3v3"] == {"value": 3.31, "units": "V", "min": 3.2, "max": 3.4, "step": "rail"}
        and said["fw"]["value"] == "1.4.2"
    )
    assert (
        said["ping"] == {"result": "fail", "words": "no answer", "step": "net"} and said["ipv6"]["result"] == "skipped"
    )


def test_a_genuine_looking_i3070_log(shared_data):
    payload = (shared_data / "ems/test/i3070_sample.log").read_bytes()
    assert kind_of(payload, "x") == "i3070"
    row, said = one(payload, "i3070", zone=ZoneInfo("Europe/Vienna"))
    assert row[:6] == ("5016338409302", "501-6338-02", "RevA", "solmb3t1", "", "pass")
    assert (
        row[6] == "2004-01-07T09:53:53.000000Z" and row[7] == "2004-01-07T09:59:43.000000Z"
    )  # an hour behind Vienna's winter
    assert said["polarity_check"] == {"value": 3.478301, "units": "Ohm", "min": 0.0, "max": 8.0, "result": "pass"}
    assert said["swprobe1"] == {"value": -7630803.0, "units": "Ohm", "min": 10000.0, "result": "pass"}
    assert said["vr1/in"]["value"] == 12.01013 and said["vr1/out"]["max"] == 3.63 and said["pins"] == {"result": "pass"}
    assert said["$run"]["fixture"] == "12"


def test_a_panel_of_boards_in_one_i3070_log():
    found, errors = rows(result_files.I3070.encode(), "i3070")
    assert not errors.total and [(row[0], row[5], line) for line, row in zip(found.lines, found.rows, strict=True)] == [
        ("SN1", "pass", 1),
        ("SN2", "fail", 2),
    ]
    first = json.loads(found.rows[0][8])
    assert first["r1"] == {
        "value": 10000.0,
        "units": "Ohm",
        "expected": 10000.0,
        "min": 9500.0,
        "max": 10500.0,
        "result": "pass",
    }
    assert first["shorts"] == {"result": "pass"} and "max" not in first["vr1/in"]
    assert json.loads(found.rows[1][8])["r1"]["result"] == "fail"


@pytest.mark.parametrize("lost", ["}\n{@BTEST|SN2", "}}\n}\n{@TS", "}\n{@BLOCK|vr1"])
def test_a_board_behind_a_record_that_lost_its_brace_is_not_swallowed(lost):
    """SN2 failed; its record lay inside SN1's, the file was taken with one board, and nothing said that there was another."""
    assert result_files.I3070.count(lost) == 1
    with pytest.raises(Invalid) as refused:
        rows(result_files.I3070.replace(lost, lost[1:]).encode(), "i3070")
    assert "has a BTEST inside another record" in str(refused.value)


def test_atml_of_teststand():
    row, said = one(result_files.ATML.encode(), "atml")
    assert row[:6] == ("SN1", "FCT", "", "ATE-2", "045", "fail") and row[9] == "AB-100"
    assert said["Power/VDD_3V3"] == {
        "value": 3.31,
        "units": "V",
        "min": 3.2,
        "max": 3.4,
        "comparison": "GELE",
        "result": "pass",
    }
    assert said["Power/IDD"] == {"value": 7.1, "units": "uA", "max": 5, "comparison": "LE", "result": "fail"}
    assert said["FW"] == {"value": "1.4.2", "expected": "1.4.2", "comparison": "EQ", "result": "pass"} and said[
        "Clean up"
    ] == {"result": "skipped"}


def test_a_file_is_known_by_what_stands_in_it():
    assert {kind: kind_of(payload, "any.txt") for kind, (_, payload) in result_files.whole_files().items()} == {
        kind: kind for kind in KINDS
    }
    assert [kind_of(payload, "x") for payload in (b"", b"{", b"[]", b"<a/>", b"a;b", b'{"a":1}', b"[" * 5000)] == [
        ""
    ] * 7


@pytest.mark.parametrize(
    ("payload", "kind", "where"),
    [
        (openhtf(measurements=[result_files.measured("vdd", float("nan"), 3, 4)]), "openhtf", (1, "phases[0].measurements.vdd.measured_value")),
        (openhtf(measurements=[result_files.measured("vdd", float("inf"), 3, 4)]), "openhtf", (1, "phases[0].measurements.vdd.measured_value")),
        (openhtf() | {"dut_id": None}, "openhtf", (1, "dut_id")),
        (openhtf() | {"outcome": "GREAT"}, "openhtf", (1, "outcome")),
        (openhtf() | {"end_time_millis": result_files.DAY_MILLIS - 1}, "openhtf", (1, "end_time_millis")),
        (openhtf() | {"start_time_millis": 10**30}, "openhtf", (1, "start_time_millis")),
        ([openhtf(), 7], "openhtf", None),
        (wsjf(value="3.3"), "wsjf", (1, "root.steps[0].steps[0].numericMeas[0].value")),
        (wsjf() | {"start": "yesterday"}, "wsjf", (1, "start")),
        (wsjf(result="Q"), "wsjf", (1, "result")),
        (result_files.JUNIT.replace('"3.31"', '"NaN"').encode(), "junit", (1, "testsuite[1].testcase[0].properties.vdd_3v3")),
        (result_files.JUNIT.replace('name="serial"', 'name="other"').encode(), "junit", (1, "testsuite[1].properties.serial")),
        (_uncounted("failures"), "junit", (1, "testsuite[1].failures")),
        (_uncounted("errors"), "junit", (1, "testsuite[1].errors")),
        (result_files.ATML.replace('"7.1"', '"NaN"').encode(), "atml", (1, "TestResults[1].ResultSet.Power.IDD.TestData")),
        (result_files.ATML.replace("<c:SerialNumber>SN1</c:SerialNumber>", "").encode(), "atml", (1, "TestResults[1].UUT.SerialNumber")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_record_and_field(payload, kind, where):
    if where is None:  # one record of two is none
        found, errors = rows(payload, kind)
        assert [(error.line, error.column) for error in errors.rows] == [(2, None)] and len(found.rows) == 1
    else:
        assert refused(payload, kind) == where


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><testsuite name="&x;"><testcase name="a"/></testsuite>', "junit"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><TestResults/>', "atml"),
        (b"<a>" * 100 + b"</a>" * 100, "atml"),
        (b"<testsuite", "junit"),
        (b"[" * 100_000, "openhtf"),
        (b'{"dut_id": "a", "phases": [], "x": ' + b"[" * 80 + b"]" * 80 + b"}", "openhtf"),
        (b"\xff\xfe", "wsjf"),
        (b"{@BATCH|a}", "i3070"),
        (b"{@BTEST|a}}", "i3070"),
        (b"{@BTEST|" * 50, "i3070"),
        (b"", "openhtf"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(payload, kind):
    with pytest.raises(Invalid) as refusal:
        rows(payload, kind)
    assert refusal.value.code == "results.unreadable" and refusal.value.rows[0].file == "file"


def test_a_clock_ahead_is_laid_to_when_the_file_came():
    row, said = one(openhtf(at=result_files.DAY_MILLIS + 20 * 86_400_000), "openhtf")
    assert row[7] == "2027-03-02T08:00:00.000000Z" and row[6] == "2027-03-02T07:59:50.000000Z"
    assert said["$run"]["said_at"] == ["2027-03-21T08:00:00.000000Z", "2027-03-21T08:00:10.000000Z"]
    assert said["$run"]["clock_off_seconds"] == 19 * 86_400 + 10


def test_times_without_an_offset_are_of_the_factory():
    plain = result_files.JUNIT.replace("+00:00", "").encode()
    found, _ = rows(plain, "junit", zone=ZoneInfo("Europe/Vienna"))
    assert found.rows[0][6] == "2027-03-01T07:00:00.000000Z" and "offset" in found.warnings[0]


def test_which_file_a_result_came_from_is_no_part_of_what_it_says():
    row, _ = one(openhtf(), "openhtf")
    assert source_of(row[8]) == SOURCE[:16] and without_source(row[8]) == without_source(
        row[8].replace(SOURCE[:16], "0" * 16)
    )
    assert "source" not in json.loads(without_source(row[8]))["$run"]
    bare = '{"$run":{"source":"0123456789abcdef"}}'
    assert (
        without_source(bare) == "{}"
        and without_source('{"a":1,' + bare[1:]) == '{"a":1}'
        and without_source('{"a":1}') == '{"a":1}'
    )
