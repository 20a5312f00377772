"""Calibrations, qualifications, areas and alarms by command."""

import json

import pytest

AT = "2026-03-0{}T08:00:00Z"


@pytest.fixture
def line(asbuilt, actor, load):
    from line_and_box import factory

    load(factory())
    run = {"order": "WO", "step": "PRINT", "machine": "PR1", "program": "", "first_serial": "B1", "last_serial": "B2",
           "started_at": AT.format(4), "finished_at": AT.format(4), "operator": "", "result": "completed",
           "readings": json.dumps({"pressure": 0.4}), "side": "top"}  # fmt: skip
    test = {"serial": "B3", "plan": "ICT", "plan_version": "", "station": "ICT1", "operator": "", "outcome": "pass",
            "started_at": AT.format(4), "finished_at": AT.format(4), "measurements": ""}  # fmt: skip
    load({"processes": [run], "tests": [test]}, "runs")


def said(asbuilt, *words):
    done = asbuilt(*words, "--format", "json")
    assert done.code == 0, done.err
    return done.document


def test_a_bad_instrument(asbuilt, line, tmp_path):
    (tmp_path / "17.pdf").write_bytes(b"%PDF-1.7")
    calibrate = ("instrument", "calibrate", "ICT1", "--as-found")
    first = said(
        asbuilt,
        *calibrate,
        "in_tolerance",
        "--at",
        AT.format(3),
        "--file",
        str(tmp_path / "17.pdf"),
        "--until",
        "2027-03-03",
    )
    assert len(first["facts"]) == 1
    done = asbuilt(*calibrate, "out_of_tolerance", "--at", AT.format(5))
    assert done.code == 0 and "asbuilt instrument doubt ICT1" in done.err
    doubt = said(asbuilt, "instrument", "doubt", "ICT1")
    question = "tested:ICT1@2026-03-03T08:00:00Z..2026-03-05T08:00:00Z"
    assert (doubt["question"], doubt["certain"], [one["unit"] for one in doubt["tests"]]) == (question, 1, ["B3"])
    assert said(asbuilt, "ask", question)["affected"] == {"certain": 1, "possible": 0, "unrecorded": 0}
    table = asbuilt("instrument", "doubt", "ICT1")
    assert "B3" in table.out and f"asbuilt ask '{question}'" in table.err
    (listed,) = said(asbuilt, "instrument", "list")["instruments"]
    assert (listed["instrument"], listed["state"], listed["as_found"]) == ("ICT1", "good", "out_of_tolerance")
    assert asbuilt("instrument", "doubt", "NONE").code == 3
    assert asbuilt(*calibrate, "perhaps").code == 2
    assert asbuilt(*calibrate, "in_tolerance", "--file", str(tmp_path / "none.pdf")).code == 3
    assert asbuilt("withdraw", first["facts"][0], "--reason", "other instrument").code == 0
    assert said(asbuilt, "instrument", "doubt", "ICT1")["question"] == "tested:ICT1@..2026-03-05T08:00:00Z"
    assert asbuilt("ledger", "verify").code == 0


def test_people(asbuilt, line):
    said(asbuilt, "qualification", "grant", "045", "IPC-A-610", "--until", "2099-01-01", "--level", "CIS")
    said(asbuilt, "qualification", "grant", "045", "ESD", "--until", "2026-01-01", "--at", "2025-01-01T00:00:00Z")
    found = said(asbuilt, "qualification", "list")["qualifications"]
    assert sorted((one["person"], one["qualification"], one["holds"]) for one in found) == [
        ("045", "ESD", False), ("045", "IPC-A-610", True),
    ]  # fmt: skip
    assert "2099-01-01" in asbuilt("qualification", "list").out


def test_areas(asbuilt, line):
    said(asbuilt, "area", "say", "PR1", "hall 2", "--at", AT.format(1))
    said(asbuilt, "area", "measure", "hall 2", "--temperature", "22.5", "--humidity", "41", "--at", AT.format(4))
    found = said(asbuilt, "area", "list")
    assert [(one["machine"], one["area"], one["now"]) for one in found["areas"]] == [("PR1", "hall 2", True)]
    assert [(one["temperature_c"], one["humidity_percent"]) for one in found["environment"]] == [("22.5", "41")]
    assert asbuilt("area", "measure", "hall 2").code == 2


def test_alarms(asbuilt, line):
    (found,) = said(asbuilt, "alarm", "list")["alarms"]
    assert (found["outside"], found["proposed_units"]) == ("pressure 0.4 (0.1 to 0.3)", "WO#1..WO#2")
    assert (
        "pressure 0.4" in asbuilt("alarm", "list").out
        and said(asbuilt, "alarm", "list", "--order", "WX")["alarms"] == []
    )
    assert said(asbuilt, "alarm", "hold", str(found["alarm"])) == {"hold": "H-1"}
    assert asbuilt("alarm", "dismiss", str(found["alarm"]), "--reason", "r").code == 4
    assert asbuilt("alarm", "hold", "99").code == 3
    assert [one["code"] for one in said(asbuilt, "hold", "list", "--unit", "B2")["holds"]] == ["H-1"]
