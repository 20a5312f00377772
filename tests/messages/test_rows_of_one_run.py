"""Machines that write a row a component (AOI, SPI, AXI, ICT, flying probe): rows of one run become one run. Counted by hand."""

import json

import pytest

from asbuilt.built.messages.machine_files import record_file
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.kernel.errors import Invalid

HEAD = {"format": "csv", "encoding": "cp1252", "delimiter": "semicolon", "header": "1", "time_zone": "Europe/Vienna", "rows_at": "", "becomes": "tests",
        "time_format": "%d.%m.%Y %H:%M:%S"}  # fmt: skip
AOI = {**HEAD, "machine": "AOI-7", "pattern": "AOI_*.csv", "decimal": "comma", "columns": json.dumps({
    "serial": {"from": "Barcode"}, "plan": {"text": "AOI"}, "plan_version": {"from": "Programm"}, "started_at": {"from": "Zeit"},
    "outcome": {"from": "Ergebnis", "words": {"OK": "pass", "NOK": "fail"}},
    "defect.code": {"from": "Fehler"}, "defect.at": {"from": "Bauteil"}, "defect.x": {"from": "X"}, "defect.y": {"from": "Y"}, "defect.picture": {"from": "Bild"},
    "defect.verification": {"from": "Nachkontrolle", "words": {"Pseudofehler": "DefectRejected", "echt": "DefectConfirmed"}},
    "defect.kind": {"from": "Art", "words": {"Marking": "marking"}},
})}  # fmt: skip
AOI_FILE = (
    "Barcode;Zeit;Programm;Ergebnis;Bauteil;Fehler;X;Y;Nachkontrolle;Bild;Art\r\n"
    "SN1;01.03.2027 08:00:00;7;NOK;R1;BRIDGE;12,5;3,25;Pseudofehler;r1.png;\r\n"
    "SN1;01.03.2027 08:00:00;7;OK;;;;;;;\r\n"
    "SN2;01.03.2027 08:01:00;7;NOK;R2;BRIDGE;14;3;echt;r2.png;\r\n"
    "SN2;01.03.2027 08:01:00;7;NOK;U1;WRONG_MARK;20;8;;u1.png;Marking\r\n"
    "SN2;01.03.2027 08:01:00;7;OK;;;;;;;\r\n"
)
ICT = {**HEAD, "machine": "FP-1", "pattern": "FP_*.csv", "decimal": "point", "columns": json.dumps({
    "serial": {"from": "sn"}, "plan": {"text": "FLYING-PROBE"}, "started_at": {"from": "start"}, "outcome": {"from": "verdict", "words": {"P": "pass", "F": "fail"}},
    "measurement.name": {"from": "step"}, "measurement.value": {"from": "value"}, "measurement.units": {"from": "unit"}, "measurement.min": {"from": "lo"},
    "measurement.max": {"from": "hi"}, "measurement.result": {"from": "verdict", "words": {"P": "pass", "F": "fail"}},
})}  # fmt: skip
ICT_FILE = (
    "sn;start;step;value;unit;lo;hi;verdict\r\n"
    "SN3;01.03.2027 09:00:00;R1;10010;Ohm;9900;10100;P\r\n"
    "SN3;01.03.2027 09:00:00;C1;101.5;nF;90;110;P\r\n"
    "SN3;01.03.2027 09:00:00;R2;4900;Ohm;4950;5050;F\r\n"
    "SN3;01.03.2027 09:00:00;R2;5001;Ohm;4950;5050;P\r\n"
    "SN4;01.03.2027 09:01:00;R1;9999;Ohm;9900;10100;P\r\n"
)


@pytest.fixture
def mapped(line, actor):
    return [say_mapping(actor, one) for one in (AOI, ICT)]


def cells(sql, serial):
    sql_text = "SELECT t.outcome, t.measurements, t.plan_version FROM quality_test_run t JOIN production_unit_name n ON n.unit = t.unit WHERE n.value = %s"
    ((outcome, measured, version),) = sql(sql_text, serial)
    return outcome, json.loads(measured), version


def test_an_aoi_with_a_row_a_defect(mapped, actor, ask, sql, verified):
    seen = record_file(actor, "AOI_1.csv", AOI_FILE.encode("cp1252"))
    assert (seen.use, seen.rows, seen.stored, seen.machine) == ("taken", 2, 2, "AOI-7"), seen.detail
    outcome, said, version = cells(sql, "SN1")
    assert (outcome, version) == (0, "7")  # the only defect was a false call
    assert said["defects"] == [
        {"code": "BRIDGE", "at": "R1", "x": 12.5, "y": 3.25, "picture": "r1.png", "verification": "DefectRejected"}
    ]
    outcome, said, _ = cells(sql, "SN2")
    assert outcome == 1 and [(one["code"], one["at"], one.get("kind")) for one in said["defects"]] == [
        ("BRIDGE", "R2", None),
        ("WRONG_MARK", "U1", "marking"),
    ]
    assert (
        ask("defect:BRIDGE") == (1, 0, 0)
        and ask("defect:WRONG_MARK") == (1, 0, 0)
        and ask("test:AOI=fail") == (1, 0, 0)
    )
    assert verified() == []


def test_a_flying_probe_with_a_row_a_step(mapped, actor, ask, sql, verified):
    seen = record_file(actor, "FP_1.csv", ICT_FILE.encode())
    assert (seen.use, seen.rows) == ("taken", 2), seen.detail
    outcome, said, _ = cells(sql, "SN3")
    assert outcome == 1 and said["R1"] == {"value": 10010, "units": "Ohm", "min": 9900, "max": 10100, "result": "pass"}
    assert said["C1"]["value"] == 101.5 and said["R2"]["result"] == "fail" and said["R2#2"]["value"] == 5001
    assert cells(sql, "SN4")[0] == 0 and verified() == []


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [("measurement.colour", {"from": "step"}, "measurement.colour"), ("defect.name", {"from": "step"}, "defect.name"), ("measurement.name", None, "measurement.name")],
)  # fmt: skip
def test_a_mapping_that_says_no_such_thing_is_refused(line, actor, name, value, word):
    columns = json.loads(ICT["columns"])
    if value is None:
        del columns[name]
    else:
        columns[name] = value
    with pytest.raises(Invalid) as refusal:
        say_mapping(actor, {**ICT, "columns": json.dumps(columns)})
    assert word in refusal.value.message


def test_a_value_that_is_no_number_names_its_line(mapped, actor):
    seen = record_file(actor, "FP_2.csv", ICT_FILE.replace("101.5", "NaN").encode())
    assert seen.use == "refused" and "line 3" in seen.detail and "value" in seen.detail


STEPS = {
    "measurement.name": {"from": "what"}, "measurement.value": {"from": "value"}, "measurement.units": {"from": "unit"},
    "measurement.min": {"from": "lo"}, "measurement.max": {"from": "hi"},
}  # fmt: skip
DEFECTS = {
    "defect.code": {"from": "what"},
    "defect.at": {"from": "at"},
    "defect.x": {"from": "x"},
    "defect.y": {"from": "y"},
}
WORDS = {"P": "pass", "F": "fail"}
# machine -> (delimiter, columns of its own, head, rows as its export has them)
OTHERS = {
    "SPI": ("comma", STEPS, "board,time,verdict,what,value,unit,lo,hi",
            ["SN1,01.03.2027 08:00:00,P,R1.1 volume,97.5,%,60,140", "SN1,01.03.2027 08:00:00,P,R1.2 volume,101,%,60,140",
             "SN2,01.03.2027 08:00:30,F,R1.1 volume,41,%,60,140"]),
    "AXI": ("tab", DEFECTS, "board\ttime\tverdict\twhat\tat\tx\ty",
            ["SN1\t01.03.2027 08:00:00\tP\t\t\t\t", "SN2\t01.03.2027 08:00:30\tF\tVOID\tU1\t20.5\t8"]),
    "ICT": ("semicolon", STEPS, "board;time;verdict;what;value;unit;lo;hi",
            ["SN1;01.03.2027 08:00:00;P;R1;10010;Ohm;9.9e3;10.1e3", "SN2;01.03.2027 08:00:30;F;R1;28300;Ohm;9900;10100"]),
}  # fmt: skip


@pytest.mark.parametrize("machine", OTHERS)
def test_a_paste_inspection_an_x_ray_and_an_in_circuit_tester(line, actor, ask, sql, verified, machine):
    delimiter, own, head, rows = OTHERS[machine]
    common = {
        "serial": {"from": "board"},
        "plan": {"text": machine},
        "started_at": {"from": "time"},
        "outcome": {"from": "verdict", "words": WORDS},
    }
    say_mapping(
        actor, {**HEAD, "machine": machine, "pattern": f"{machine}_*.txt", "decimal": "point", "delimiter": delimiter, "columns": json.dumps({**common, **own})}
    )  # fmt: skip
    seen = record_file(actor, f"{machine}_1.txt", "\r\n".join([head, *rows, ""]).encode())
    assert (seen.use, seen.rows, seen.machine) == ("taken", 2, machine), seen.detail
    assert ask(f"test:{machine}=fail") == (1, 0, 0) == ask(f"test:{machine}=pass") and verified() == []
    said = cells(sql, "SN2")[1]
    if machine == "SPI":
        assert (
            said["R1.1 volume"] == {"value": 41, "units": "%", "min": 60, "max": 140} and len(cells(sql, "SN1")[1]) == 2
        )
    elif machine == "AXI":
        assert said["defects"] == [{"code": "VOID", "at": "U1", "x": 20.5, "y": 8}] and ask("defect:VOID") == (1, 0, 0)
    else:
        assert said["R1"] == {"value": 28300, "units": "Ohm", "min": 9900, "max": 10100}
