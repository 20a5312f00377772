"""Machines tell what happened, whatever they ran by: the pass is recorded, and units that ran by what was not approved go on no more, until they
pass again by what is, or a concession is agreed to. By CFX over the wire, by a file of an oven, by a table; the page counts them."""

import json
from datetime import UTC, datetime

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


def reflow(line, unit: str, program: str, n: int) -> None:
    """The oven tells of a pass of this unit by this profile."""
    begun = started(f"T-{n}", None, 1, None, source=OVEN, time=now())
    begun["MessageBody"] |= {"PrimaryIdentifier": unit, "RecipeName": program, "Revision": None, "Units": [
        {"UnitIdentifier": unit, "PositionNumber": 1, "PositionName": "C1", "Status": "Pass"}
    ]}  # fmt: skip
    assert send(line.url, begun, completed(f"T-{n}", source=OVEN, time=now())) == ["accepted", "accepted"]


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
    assert may(line, "B3") == (0, "OK") and REASON not in leaving("B3") and REASON in leaving("B4")
    (control,) = here_json("change", "controls")["controls"]
    assert {(one["value"], one["units"], one["conceded"]) for one in control["otherwise"]} == {("P6", 1, 1), ("", 1, 0)}
    assert here_json("ledger", "verify")["findings"] == []
