"""Machines tell what happened, whatever they ran by: the pass is recorded, and units that ran by what was not approved go on no more, until they
pass again by what is, or a concession is agreed to. By CFX over the wire, by a file of an oven, by a table; the page counts them."""

import json
from datetime import UTC, datetime, timedelta

import change_floor
import pytest
from cast import pages
from foreign_machines import OVEN as OVEN_FILE
from foreign_machines import OVEN_COLUMNS, OVEN_MAPPING
from foreign_machines import oven as oven_file
from journeys.commands import here, here_json
from machine_floor import AOI, OVEN, completed, envelope, started
from machines.conftest import start_door  # noqa: F401
from machines.mouth import ask, send

CODE, REASON = 15, "gate.process_revision_run"


@pytest.fixture
def line(home, load, actor, start_door):  # noqa: F811
    """The house where boards change, its oven and its AOI on the wire, the reflow profile under control; B1 to B4 went as far as the oven."""
    from asbuilt.answers.gate.actions import StepDone, pass_step
    from asbuilt.built.messages.machines import name_machine

    load(change_floor.tables())
    for handle, name, step in ((OVEN, "oven 1", "REFLOW"), (AOI, "aoi 1", "AOI")):
        name_machine(actor, handle=handle, machine=name, step=step)
    for unit in ("B1", "B2", "B3", "B4"):
        for step in ("PRINT", "SMT"):
            pass_step(actor, code=unit, done=StepDone(step, "top"))
    here("change", "control", "board", "REFLOW", "program", "P7", "--side", "top", "--why", "validated in V-12")
    return start_door(home)


def now() -> str:
    return datetime.now(UTC).isoformat()


def reflow(line, unit: str, program: str, n: int, time: str = "") -> None:
    """The oven tells of a pass of this unit by this profile, now or when its clock says."""
    time = time or now()
    begun = started(f"T-{n}", None, 1, None, source=OVEN, time=time)
    begun["MessageBody"] |= {"PrimaryIdentifier": unit, "RecipeName": program, "Revision": None, "Units": [
        {"UnitIdentifier": unit, "PositionNumber": 1, "PositionName": "C1", "Status": "Pass"}
    ]}  # fmt: skip
    assert send(line.url, begun, completed(f"T-{n}", source=OVEN, time=time)) == ["accepted", "accepted"]


def may(line, unit: str, source: str = AOI, **more) -> tuple[int, str]:
    """What a machine is told when it asks whether this unit may go on at it."""
    body = {
        "Validations": ["UnitRouteValidation"],
        "PrimaryIdentifier": None,
        "Units": [{"UnitIdentifier": unit, "PositionNumber": 0}],
        **more,
    }
    name = "InformationSystem.UnitValidation.ValidateUnitsRequest"
    said = ask(line.url, envelope(name, body, source=source, RequestID="R-1"))[1]["MessageBody"]["PrimaryResult"]
    return said["FailureCode"], said["Message"]


def leaving(unit: str) -> list[str]:
    """What `asbuilt pack check` says against it."""
    (one,) = json.loads(here("pack", "check", unit, "--format", "json", expect=4))["units"]
    return [stop["code"] for stop in one["stops"]]


def seen(person) -> str:
    """The page Changes, as this person sees it."""
    from django.test import Client

    from asbuilt.access import sessions
    from asbuilt.access.queries import login_of_person

    with pages():
        browser, session = Client(), sessions.SessionStore()
        sessions.begin(session, login_of_person(person.tenant, person.person))
        session.save()
        browser.cookies["asbuilt_session"] = session.session_key
        answer = browser.get("/ecos/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_an_oven_whose_clock_lags_hides_no_profile(line):
    """By its own clock it ran B1 a month before the profile was under control."""
    reflow(line, "B1", "P6", 1, (datetime.now(UTC) - timedelta(days=30)).isoformat())
    reflow(line, "B2", "P7", 2, (datetime.now(UTC) - timedelta(days=30)).isoformat())
    code, words = may(line, "B1")
    assert code == CODE and "passed REFLOW top program by P6, which was not approved. Approved is P7." in words
    assert may(line, "B2") == (0, "OK")
    assert REASON in leaving("B1") and REASON not in leaving("B2")


def test_units_that_ran_by_what_was_not_approved_go_on_no_more(line, home, load, actor, people):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.messages.mapping import say_mapping
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.ledger import clock

    # the machine that asks before is refused, by the profile that it names
    assert may(line, "B1", OVEN, RecipeName="P7") == (0, "OK")
    code, words = may(line, "B1", OVEN, RecipeName="P6")
    assert code == CODE and "P6 was not approved" in words
    assert may(line, "B1", OVEN) == (0, "OK")  # it says nothing: the pass itself will
    assert may(line, "B1", OVEN, RecipeName=6)[0] == 0  # nor does this

    # by CFX: recorded as it happened, and stopped from then on
    reflow(line, "B1", "P6", 1)
    reflow(line, "B2", "P7", 2)
    assert here_json("ask", "passed:REFLOW(program=P6)")["affected"]["certain"] == 1
    code, words = may(line, "B1")
    assert code == CODE and "passed REFLOW top program by P6, which was not approved. Approved is P7." in words
    assert may(line, "B2") == (0, "OK")
    assert REASON in leaving("B1") and REASON not in leaving("B2")

    # by a file of an oven, and by a table
    columns = {**OVEN_COLUMNS, "program": {"text": "P6"}, "side": {"text": "top"}}
    say_mapping(actor, {**OVEN_MAPPING, "columns": json.dumps(columns, ensure_ascii=False)})
    file = home.folder / "OFEN_1.csv"
    file.write_bytes(oven_file(OVEN_FILE.replace("SN1;WO-2", "B3;WO").split("SN2;")[0]))
    here("import", file, "--kind", "machine")
    run = {"order": "WO", "step": "REFLOW", "machine": "oven 1", "program": "", "first_serial": "B4", "last_serial": "B4", "started_at": now(),
           "finished_at": now(), "operator": "", "result": "completed", "readings": "", "side": "top", "pass": ""}  # fmt: skip
    load({"processes": [run]}, "tables")
    assert may(line, "B3")[0] == CODE and "nothing says by what" in may(line, "B4")[1]

    # somebody sees it: page, command line, API alike; a party's person is told nothing of what units ran by
    eva, hal = people("eva", "engineer"), people("hal", "party_reader", party="HAL")
    (control,) = here_json("change", "controls")["controls"]
    rows = {one["value"]: one for one in control["otherwise"]}
    assert {value: (one["units"], one["first"], one["approved"]) for value, one in rows.items()} == {
        "P6": (2, ["B1", "B3"], "P7"), "": (1, ["B4"], "P7"),
    }  # fmt: skip
    assert here_json("ask", rows["P6"]["question"], "--serials")["affected"]["certain"] == 2
    page = seen(eva)
    assert "2 units passed REFLOW top otherwise." in page and "P6, approved is P7" in page and "passed%3AREFLOW" in page
    assert "passed REFLOW" not in seen(hal)

    # a later pass by what is approved ends it, and is let through by the gate; so does a concession that all agreed to
    assert may(line, "B1", OVEN, RecipeName="P7") == (0, "OK")
    reflow(line, "B1", "P7", 3)
    assert may(line, "B1") == (0, "OK") and REASON not in leaving("B1")
    said = {"codes": ["B3"], "allows": "process_revision_run", "subject": "REFLOW top program", "reason": "P6 is P7 with a slower belt", "until_at": clock.now() + 10**12}  # fmt: skip
    name, _ = propose_concession(eva, **said)
    assert may(line, "B3")[0] == CODE
    approve_concession(people("ben", "quality_lead"), concession=name)
    approve_concession(hal, concession=name)
    code, words = may(line, "B3")
    assert (code, words.startswith(f"OK By {name}, although: B3 passed REFLOW top program by P6")) == (0, True)
    assert REASON not in leaving("B3") and REASON in leaving("B4")
    (control,) = here_json("change", "controls")["controls"]
    assert {(one["value"], one["units"], one["conceded"]) for one in control["otherwise"]} == {("P6", 1, 1), ("", 1, 0)}
    assert here_json("ledger", "verify")["findings"] == []


def test_what_holds_behind_a_boundary_is_what_is_approved_there(house, load, people, stops, ask_names):
    """Unit by unit, and by day; units of the control before it, and of other products, are nobody's matter."""
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.answers.gate.leaving import order_may_leave
    from asbuilt.answers.gate.process_seen import controls_seen
    from asbuilt.designed.changes.controlling.actions.bounding import control_process
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    def passes(key: str, step: str, side: str, *runs: tuple[str, str, dict]) -> None:
        """(unit, program, readings) of passes, a second after each other, as a table tells them."""
        rows = [
            {"order": "WX" if unit[0] == "X" else "WO", "step": step, "machine": "M", "program": program, "first_serial": unit, "last_serial": unit,
             "started_at": at, "finished_at": at, "operator": "", "result": "completed", "readings": json.dumps(said) if said else "", "side": side, "pass": ""}
            for n, (unit, program, said) in enumerate(runs) for at in [(datetime.now(UTC) + timedelta(seconds=n)).isoformat()]
        ]  # fmt: skip
        load({"processes": rows}, key)

    eva, ben, kim, hal = people("eva", "engineer"), people("ben", "quality_lead"), people("kim", "engineer"), people("hal", "party_reader", party="HAL")  # fmt: skip
    passes("before", "REFLOW", "top", ("B1", "P1", {}))
    control_process(ben, product="board", step="REFLOW", side="top", aspect="program", value="P7", why="validated")
    control_process(ben, product="board", step="PRINT", side="", aspect="paste", value="MCU", why="of this part")
    code = propose_eco(eva, title="P8", why="voids", products=["board"])
    add_change(eva, eco=code, kind="process", product="board", subject=["REFLOW", "top", "program"], old="P7", new="P8")
    change_floor.assess(eva, code)
    change_floor.agree(code, (hal, ""), (ben, "quality_lead"), (kim, "engineer"))
    set_boundary(ben, eco=code, kind="unit", value="B4", why="after today")

    passes(
        "run", "REFLOW", "top", ("B2", "P7", {}), ("B3", "P8", {}), ("B4", "P8", {}), ("B5", "P7", {}), ("X1", "P1", {})
    )
    passes("print", "PRINT", "top", ("B6", "", {"paste": "U1"}), ("B7", "", {"paste": "R1"}))
    run = [name for name in ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "X1") if "process_revision_run" in stops(name)]
    assert run == ["B3", "B5", "B7"]  # B3 before its boundary, B5 behind it, B7 with a paste of another part
    # where the step is to be done yet, or again, its pass stops nothing; a later one does
    assert "process_revision_run" not in stops("B5", "REFLOW", "top") and "process_revision_run" not in stops(
        "B5", "PRINT", "top"
    )
    assert "process_revision_run" in stops("B5", "FCT") and "process_revision_run" in stops("B7", "SMT", "top")
    missing = [one for one in order_may_leave(house, "WO").missing if one.code == REASON]
    assert sorted((one.subject, one.count, one.first) for one in missing) == [
        ("PRINT paste", 1, ("B7",)), ("REFLOW top program", 1, ("B3",)), ("REFLOW top program", 1, ("B5",)),
    ]  # fmt: skip
    told = {
        (one["step"], each["value"], each["approved"]): each["first"]
        for one in controls_seen(house)
        for each in one["otherwise"]
    }
    assert told == {("REFLOW", "P8", "P7"): ["B3"], ("REFLOW", "P7", "P8"): ["B5"], ("PRINT", "RES", "MCU"): ["B7"]}
    assert controls_seen(hal)[0]["otherwise"] == []

    # the approval is taken back: what ran by it waits too
    assert "change_suspended" not in stops("B4")
    decide(hal, eco=code, decision="revoked", why="cracks")
    assert "change_suspended" in stops("B4") and "change_suspended" not in stops("B2")
