"""Processes, tools, operators, repairs, applications: what machines say of passes, on machine_floor's line."""

import json

import pytest
from machine_floor import OVEN, PRINTER, at, completed, envelope, installed, material, started

T1, T2 = "11111111-0000-0000-0000-000000000001", "22222222-0000-0000-0000-000000000002"


def zone(number: int, top: float) -> dict:
    return {
        "Zone": {"ReflowZoneType": "Reflow", "StageSequence": number, "StageName": f"Zone{number}", "StageType": "Work"},
        "Setpoints": [{"SubZone": "Top", "SetpointType": "Temperature", "Setpoint": 260.0}],
        "Readings": [
            {"SubZone": "Top", "ReadingType": "Temperature", "ReadingValue": top},
            {"SubZone": "Bottom", "ReadingType": "Temperature", "ReadingValue": top - 9},
        ],
    }  # fmt: skip


def processed(
    transaction: str, common: dict | None, units: list | None = None, result: str = "Succeeded", **more
) -> dict:
    body = {
        "TransactionId": transaction,
        "OverallResult": result,
        "CommonProcessData": common,
        "UnitProcessData": units or [],
    }
    return envelope("Production.Processing.UnitsProcessed", body, source=more.pop("source", OVEN), **more)


def reflow(top: float) -> dict:
    kind = "CFX.Structures.SolderReflow.ReflowProcessData, CFX"
    return {"$type": kind, "ConveyorSpeed": 60.0, "ZoneData": [zone(4, 240.0), zone(5, top)]}


def through_the_oven(transaction: str, panel: str, top: float, minute: int) -> list[dict]:
    return [
        started(transaction, panel, source=OVEN, time=at(minute)),
        processed(transaction, reflow(top), time=at(minute, 50)),
        completed(transaction, source=OVEN, time=at(minute, 55)),
    ]


def test_reflow_readings_are_asked_for(say, ask, verified):
    say(*through_the_oven(T1, "PNL-1", 261.5, 10), *through_the_oven(T2, "PNL-2", 258.0, 20))
    assert ask(f"reading:{OVEN}.zone5>260") == (4, 0, 0)
    assert ask("reading:REFLOW.zone5>250") == (8, 0, 0)
    assert ask("reading:REFLOW.zone5_bottom_temperature>250") == (4, 0, 0)
    assert ask("passed:REFLOW(program=BRD-TOP side=top)@2027-03-01T08:10:00+01:00..2027-03-01T08:10:30+01:00") == (
        0,
        4,
        0,
    )
    assert ask("passed:REFLOW@2027-03-01") == (8, 0, 0)
    assert verified() == []


def test_a_process_told_of_is_one_run(say, sql):
    say(*through_the_oven(T1, "PNL-1", 261.5, 10))
    assert sql("SELECT count(*), min(result) FROM production_process_run") == [(1, "completed")]


def test_what_single_units_saw_is_a_run_of_theirs(say, ask):
    one = {"UnitIdentifier": "PNL-1", "UnitPositionNumber": 2, "UnitResult": "Failed", "UnitProcessData": {
        "$type": "CFX.Structures.Coating.CoatingProcessData, CFX",
        "Readings": [{"MeasurementType": "FluidVolume", "MeasurementName": "FluidVolume", "ActualValue": 1.4}]}}  # fmt: skip
    say(started(T1, "PNL-1"), processed(T1, None, [one], source="Acme.Coater.C1"))
    assert ask("reading:COATING.fluid_volume>1.3") == (1, 0, 0)
    assert ask("passed:COATING(result=failed)") == (1, 0, 0)
    assert ask("panel:PNL-1 passed:Acme.Coater.C1") == (4, 0, 0)


def test_a_process_without_a_pass_or_units_is_a_dead_letter(say):
    assert dict(say(processed(T1, reflow(250.0))).causes) == {"messages.pass_unknown": 1}


@pytest.mark.parametrize("word", ["Failed", "Aborted", "Skipped", "Odd"])
def test_how_a_pass_ended(say, ask, word):
    report = say(started(T1, "PNL-1"), completed(T1, word))
    if word == "Odd":
        assert dict(report.causes) == {"cfx.field": 1}
    elif word == "Skipped":
        assert ask("order:WO-1 in:planned") == (12, 0, 0)
    else:
        assert ask(f"passed:WORK(result={word.lower()})") == (4, 0, 0)


def test_tools_are_told_when_the_pass_ends(say, sql):
    tool = {"UnitIdentifier": "PNL-1", "UnitPositionNumber": 1, "UsageCycles": 3,
            "Tool": {"UniqueIdentifier": "NZ-7", "Name": "Nozzle45"}}  # fmt: skip
    used = envelope(
        "Production.ToolsUsed", {"TransactionId": T1, "UsedTools": [tool, {**tool, "UnitPositionNumber": 2}]}
    )
    say(started(T1, "PNL-1"), used)
    assert sql("SELECT count(*) FROM production_process_run") == [(0,)]
    say(completed(T1))
    ((readings,),) = sql("SELECT readings FROM production_process_run")
    assert json.loads(readings)["tools"] == {"NZ-7": {"name": "Nozzle45", "cycles": 6}}


def test_the_revision_of_the_program_is_kept_with_the_run(say, sql, verified):
    """As WorkStarted says it."""
    bare = started(T2, "PNL-2")
    bare["MessageBody"]["Revision"] = None
    say(started(T1, "PNL-1"), completed(T1), bare, completed(T2, time=at(9)))
    rows = sql("SELECT f.name, p.readings FROM production_process_run p JOIN production_floor_name f ON f.number = p.program "
               "AND f.tenant = p.tenant ORDER BY p.number")  # fmt: skip
    assert [(name, json.loads(text or "{}").get("program_revision")) for name, text in rows] == [
        ("BRD-TOP", "3"),
        ("BRD-TOP", None),
    ]
    assert verified() == []


def test_an_operator_is_of_the_passes_after_it(say, ask):
    def operator(kind: str, badge: str) -> dict:
        who = {
            "OperatorIdentifier": badge,
            "ActorType": "Human",
            "LastName": "Smith",
            "FirstName": "Bill",
            "LoginName": "bill",
        }
        return envelope(f"Production.{kind}", {"Operator": who})

    say(started(T1, "PNL-1"), operator("OperatorActivated", "045"), completed(T1))
    say(started(T2, "PNL-2"), operator("OperatorDeactivated", "045"), completed(T2, time=at(9)))
    assert ask("operator:045") == (4, 0, 0)
    assert ask("operator:045 panel:PNL-2") == (4, 0, 0)


def repaired(*repairs: tuple[str, str], place=("PNL-1", 1)) -> dict:
    found = [{
        "RepairName": name, "RepairStartTime": at(30), "RepairEndTime": at(31), "Comments": "",
        "ComponentOfInterest": {"ReferenceDesignator": refdes}, "Result": "RepairSuccessful"} for name, refdes in repairs]  # fmt: skip
    unit = {
        "UnitIdentifier": place[0],
        "UnitPositionNumber": place[1],
        "OverallResult": "RepairSuccessful",
        "Repairs": found,
    }
    who = {"OperatorIdentifier": "046", "ActorType": "Human"}
    body = {"TransactionId": T2, "RepairOperator": who, "RepairedUnits": [unit]}
    return envelope("Production.ReworkAndRepair.UnitsRepaired", body, source="Bench.1", time=at(32))


def test_a_repair_that_replaced_is_a_replacement(say, ask, verified):
    say(started(T1, "PNL-1"), installed(T1, *(material("IC-1", "U1", position=n) for n in range(1, 5))), completed(T1))
    say(repaired(("Component replaced", "U1.4")))
    assert ask("reworked") == (1, 0, 0)
    assert ask("lot:LI1") == (3, 0, 1)  # what went in was not said
    assert ask("operator:046") == (1, 0, 0)
    assert verified() == []


def test_a_repair_of_a_joint_replaces_nothing(say, ask):
    say(started(T1, "PNL-1"), installed(T1, *(material("IC-1", "U1", position=n) for n in range(1, 5))), completed(T1))
    say(repaired(("Joint Repair", "U1.4"), ("Joint Repair", "R2.1")))
    assert ask("reworked") == (0, 0, 0) and ask("lot:LI1") == (4, 0, 0)
    assert ask("passed:REPAIR") == (1, 0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "Component not replaced", "nicht getauscht", "Kein Bauteil getauscht", "No part was replaced", "Replacement not possible",
        "Austausch war nicht nötig", "Part wasn't replaced", "pas remplacé", "nie wymieniono", "cleaned without replacing it",
    ],
)  # fmt: skip
def test_a_repair_that_says_that_nothing_was_replaced_is_none(say, ask, name):
    say(started(T1, "PNL-1"), installed(T1, *(material("IC-1", "U1", position=n) for n in range(1, 5))), completed(T1))
    say(repaired((name, "U1.4")))
    assert ask("reworked") == (0, 0, 0) and ask("lot:LI1") == (4, 0, 0)
    assert ask("passed:REPAIR") == (1, 0, 0)


@pytest.mark.parametrize(
    "name", ["Replaced not working IC", "IC not ok, replaced", "getauscht", "wymieniono", "remplacé", "Swap"]
)
def test_a_repair_that_replaced_may_say_no_of_something_else(say, ask, name):
    say(started(T1, "PNL-1"), installed(T1, *(material("IC-1", "U1", position=n) for n in range(1, 5))), completed(T1))
    say(repaired((name, "U1.4")))
    assert ask("reworked") == (1, 0, 0) and ask("lot:LI1") == (3, 0, 1)


def applied(transaction: str, package: str, *positions: int, **more) -> dict:
    found = [{
        "$type": "CFX.Structures.AppliedMaterial, CFX", "UnitIdentifier": None, "UnitPositionNumber": n,
        "Material": {"UniqueIdentifier": package}, "InstalledComponents": [],
        "QuantityApplied": {"Value": 3.5, "ValueUnits": "g"}} for n in positions]  # fmt: skip
    return envelope(
        "Production.Application.MaterialsApplied", {"TransactionId": transaction, "AppliedMaterials": found}, **more
    )


def test_glue_goes_to_the_line_that_asks_for_it(say, ask, verified):
    say(started(T1, "PNL-1"), applied(T1, "GLUE-1", 1, 2))
    assert ask('(lot:LG1 at:"#40")') == (2, 0, 0)
    assert verified() == []


def test_paste_is_a_reading(say, ask, sql):
    say(started(T1, "PNL-1", source=PRINTER), applied(T1, "PASTE-1", 0, source=PRINTER))
    assert ask("passed:APPLY(paste_lot=LP1)") == (4, 0, 0)
    assert ask("reading:APPLY.paste_quantity>=3.5") == (4, 0, 0)


def test_the_published_examples_go_in_or_are_named(say, actor, shared_data, verified):
    """Examples speak of units that nobody knows: each is recorded, kept or a dead letter, and the record is whole."""
    files = sorted((shared_data / "ems" / "cfx").glob("*.json"))
    for file in files:
        report = say(raw=file.read_bytes())
        assert report.messages == 1, file.name
    assert verified() == []


@pytest.fixture
def mirrored(line, load):
    """A panel of 2 by 2; turned over, each row is seen from the other end."""
    load(
        {
            "panel_places": [
                {"product": "BRD", "revision": "A", "panel": "P", "side": side, "machine_position": str(n + 1),
                 "position": str(unit), "x_mm": str(n % 2 * 30), "y_mm": str(n // 2 * 40), "rotation": "0", "flip": "false"}
                for side, units in (("top", (1, 2, 3, 4)), ("bottom", (2, 1, 4, 3)))
                for n, unit in enumerate(units)
            ]
        },
        "map",
    )  # fmt: skip


def turned(message: dict) -> dict:
    message["MessageBody"]["RelevantSurface"] = "SecondarySurface"
    return message


def test_a_panel_turned_over_is_read_by_its_map(mirrored, say, ask, sql, verified):
    say(started(T1, "PNL-1", time=at(1)), turned(started(T2, "PNL-1", time=at(5))))
    say(
        installed(T1, material("RES-1", "R1", unit="PNL-1", position=1)),
        installed(T2, material("RES-2", "R2", unit="PNL-1", position=1)),
    )
    said = sql("SELECT first_unit, until_unit FROM production_material_run ORDER BY first_unit")
    assert said == [(1, 2), (2, 3)]
    assert verified() == []


def test_a_panel_begun_bottom_side_first(mirrored, say, sql):
    say(turned(started(T1, "PNL-1", skip=(1,))), started(T2, "PNL-1"))
    say(
        installed(T2, material("RES-1", "R1", unit="PNL-1", position=1)),
        installed(T1, material("RES-2", "R2", unit="PNL-1", position=2)),
    )
    assert sql("SELECT DISTINCT first_unit, until_unit FROM production_material_run") == [(1, 2)]
    assert sql("SELECT first_unit, until_unit, positions FROM production_panel WHERE code = 'PNL-1'") == [(1, 5, None)]


def test_a_circuit_that_the_map_does_not_have(mirrored, say, sql):
    say(started(T1, "PNL-1", 5))
    assert sql("SELECT cause FROM messages_dead_letter") == [("messages.place_unmapped",)]
    assert sql("SELECT count(*) FROM production_panel WHERE code = 'PNL-1'") == [(0,)]
