"""A field action holds its units until they are mended; the release that it names is programmed through that hold, and nothing else is.

SN-1 to SN-6 of WO-7 run 2.3.1. Version 2.3.2 mends it, 2.3.3 is another release of the same grant. Only the floor is built here: one house a test.
"""

from dataclasses import replace

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused

PLENTY = {f"2.3.{n}": b"\x7fASBUILT" * (40 + n) for n in (1, 2, 3)}
ROUTE = ("PROGRAM", "FCT", "PACK")


@pytest.fixture
def line(actor, load):
    """Six units that run 2.3.1, a route, a station, and a case."""
    from permit_floor import PermitFloor, enrolled_by_name

    from asbuilt.answers.cases.handling.actions.opening import open_case

    floor = PermitFloor(actor, PLENTY["2.3.1"], units=6, more=[(one, PLENTY[one], "app") for one in ("2.3.2", "2.3.3")])
    enrolled_by_name(floor, "ST-01")
    route = [
        {"product": "WIDGET", "revision": "B", "routing": "R", "place_in_route": str(n), "step": step, "from_at": "2026-01-01T00:00:00Z"}
        for n, step in enumerate(ROUTE, 1)
    ]  # fmt: skip
    load({"routings": route, "programming": [floor_row(floor, f"SN-{n}", "2.3.1") for n in range(1, 7)]})
    assert open_case(actor, kind="vulnerability", title="Overflow") == "C-1"
    return floor


def floor_row(floor, serial: str, version: str, at: str = "2026-02-02T08:00:00Z") -> dict:
    from hashlib import sha256

    return {
        "serial": serial, "product": "WIDGET", "version": version, "sha256": sha256(PLENTY[version]).hexdigest(), "result": "pass",
        "happened_at": at, "role": "app",
    }  # fmt: skip


def begin(actor, **said) -> str:
    from asbuilt.answers.cases.acting.actions import start_action

    usual = {"case": "C-1", "kind": "update", "title": "To 2.3.2", "question": "firmware:2.3.1", "remedy": "firmware:2.3.2", "why": "CVE-2027-1"}  # fmt: skip
    return start_action(actor, **{**usual, **said})


def order(actor, **said) -> int:
    from asbuilt.answers.cases.acting.ordering import order_work

    return order_work(actor, **{"action": "F-1", "why": "2.3.2 is out", **said})


def seen(actor) -> dict:
    from asbuilt.answers.cases.acting.seen import action_seen

    return action_seen(actor, "F-1")


def stops(actor, serial: str, step: str = "") -> list[str]:
    from asbuilt.answers.gate.verdicts import verdicts

    (one,) = verdicts(actor, serial, step)
    return [stop.facts["hold"] for stop in one.stops if stop.code == "gate.held"]


def permit(floor, version: str, **changes):
    image = {"role": "app", "version": version, "part": "U1", "region": "app"}
    return floor.issue({"ST-01": 2}, images=[image], **changes)


def told(actor, permit_id: str) -> set[str]:
    """What the station hears to be held under this permit."""
    from asbuilt.answers.gate.permits import folder_of
    from asbuilt.kernel import envelope
    from asbuilt.kernel.station_documents import parse_bulletin

    return parse_bulletin(envelope.parse(folder_of(actor, "ST-01").bulletin()).payload).units_held(permit_id)


def test_the_release_that_an_action_names_goes_through_its_own_hold_and_through_no_other(line, actor, load, tmp_path):
    from asbuilt.answers.register.holds import hold, lift

    old = permit(line, "2.3.1").permit.permit_id
    begin(actor)
    held = seen(actor)["hold"]
    with pytest.raises(Refused) as refused:
        permit(line, "2.3.2")
    assert refused.value.code == "gate.order_held"
    order(actor, releases=["WIDGET app/2.3.2"], steps=["PROGRAM", "FCT"], request_key="K")
    assert order(actor, releases=["WIDGET app/2.3.2"], steps=["PROGRAM", "FCT"], request_key="K")
    found = seen(actor)
    assert [(one["product"], one["role"], one["version"]) for one in found["releases"]] == [("WIDGET", "app", "2.3.2")]
    assert found["steps"] == ["PROGRAM", "FCT"] and "action_ordered" in [one["kind"] for one in found["timeline"]]
    # another release of the same grant is not what mends them
    with pytest.raises(Refused) as refused:
        permit(line, "2.3.3")
    assert refused.value.code == "gate.order_held" and refused.value.facts["holds"] == [held]
    mended = permit(line, "2.3.2").permit.permit_id
    # the station hears it of that permit alone: under an older one the same units stand
    assert "SN-1" not in told(actor, mended) and {"SN-1", "SN-6", "WO-7#1"} <= told(actor, old)
    # at the bench: steps that are named, and no other; packing never
    assert (stops(actor, "SN-1", "PROGRAM"), stops(actor, "SN-1", "FCT")) == ([], [])
    assert stops(actor, "SN-1") == stops(actor, "SN-1", "PACK") == stops(actor, "SN-1", "RE-LABEL") == [held]
    # a second hold is not the action's to open
    other = hold(actor, units=["SN-1"], reason="dropped")
    assert stops(actor, "SN-1", "PROGRAM") == [other] and "SN-1" in told(actor, mended)
    assert "SN-2" not in told(actor, mended)
    every = hold(actor, units=["SN-1..SN-6"], reason="rack fell")
    with pytest.raises(Refused) as refused:
        permit(line, "2.3.2")
    assert refused.value.facts["holds"] == [other, every] or refused.value.facts["holds"] == [every, other]
    for code in (other, every):
        lift(actor, code=code, reason="looked at")
    # what runs it by the record is held no more, at once; what was written back is held again
    load({"programming": [floor_row(line, "SN-1", "2.3.2", "2026-03-01T08:00:00Z")]}, "mended")
    assert (stops(actor, "SN-1"), stops(actor, "SN-1", "PACK"), stops(actor, "SN-2", "PACK")) == ([], [], [held])
    assert {one["standing"]: one["units"] for one in seen(actor)["standings"] if one["units"]} == {
        "updated": 1,
        "in_house": 5,
    }
    from asbuilt.questions.genealogy.seen.held import hold_page

    assert hold_page(actor, held)[0].units == 5
    load({"programming": [floor_row(line, "SN-1", "2.3.1", "2026-03-02T08:00:00Z")]}, "back")
    assert stops(actor, "SN-1", "PACK") == [held]
    rebuilt(actor)
    exported(actor, tmp_path, held)


def rebuilt(actor) -> None:
    """The log agrees with the tables."""
    from asbuilt.built.exchange.rebuilding import rebuild_plans

    assert list(rebuild_plans(actor.tenant)) == []


def exported(actor, folder, held: str) -> None:
    """What it lets through leaves with the tables."""
    import csv
    import json

    from asbuilt.built.exchange.exporting import export_folder

    export_folder(actor, folder / "out")
    with open(folder / "out" / "holds.csv", newline="", encoding="utf-8") as file:
        rows = [
            (row["kind"], row["question"])
            for row in csv.DictReader(file)
            if (row["hold"], row["action"]) == (held, "allow")
        ]
    assert {kind: text for kind, text in rows if kind != "step"}["done"] == "firmware:2.3.2"
    assert [text for kind, text in rows if kind == "step"] == ["PROGRAM", "FCT"]
    assert [json.loads(text)[:3] for kind, text in rows if kind == "release"] == [["WIDGET", "app", "2.3.2"]]


def test_an_action_that_names_its_release_from_the_start_closes_when_all_are_mended(line, actor, load):
    from asbuilt.answers.cases.acting.actions import close_action

    begin(actor, releases=["WIDGET 2.3.2"], steps=["FCT"])
    permit(line, "2.3.2")
    with pytest.raises(Refused) as refused:
        close_action(actor, action="F-1", why="done")
    assert refused.value.code == "cases.action_open"
    load({"programming": [floor_row(line, f"SN-{n}", "2.3.2", "2026-03-01T08:00:00Z") for n in range(1, 7)]}, "mended")
    close_action(actor, action="F-1", why="done")
    assert seen(actor)["state"] == "closed" and stops(actor, "SN-3") == []
    with pytest.raises(Refused) as refused:
        order(actor, releases=["WIDGET 2.3.3"])
    assert refused.value.code == "cases.action_closed"


def test_what_may_not_be_ordered_is_refused_and_a_wrong_release_goes_with_its_row(line, actor):
    begin(actor)
    line.release("2.4.0", PLENTY["2.3.1"] + b"4", role="app")
    from asbuilt.designed.firmware.actions import withdraw_release

    withdraw_release(actor, product="WIDGET", role="app", version="2.4.0", reason="bricks")
    wrong = {
        "cases.action_release_words": {"releases": ["2.3.2"]}, "cases.action_step": {"steps": ["Packing"]},
        "cases.action_release_state": {"releases": ["WIDGET app/2.4.0"]}, "firmware.release_unknown": {"releases": ["WIDGET app/9"]},
        "cases.action_orders_it": {}, "cases.action_orders_many": {"steps": [f"S{n}" for n in range(21)]},
        "cases.action_unknown": {"action": "F-9", "steps": ["FCT"]},
    }  # fmt: skip
    for code, said in wrong.items():
        with pytest.raises((Invalid, Refused, NotFound)) as refused:
            order(actor, **said)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        order(replace(actor, party=1), steps=["FCT"])
    with pytest.raises(NotAllowed):
        order(replace(actor, rights=frozenset()), steps=["FCT"])
    with pytest.raises(Refused) as refused:
        begin(actor, kind="recall", steps=["FCT"])
    assert refused.value.code == "cases.action_takes_back"
    with pytest.raises(Invalid) as refused:
        begin(actor, hold_rest=False, steps=["FCT"])
    assert refused.value.code == "cases.action_orders_unheld"
    order(actor, releases=["WIDGET 2.3.3"])
    with pytest.raises(Refused) as refused:
        order(actor, releases=["WIDGET 2.3.3"])
    assert refused.value.code == "cases.action_orders_it"
    permit(line, "2.3.3")
    taken_back(actor)
    with pytest.raises(Refused) as refused:
        permit(line, "2.3.3")
    assert refused.value.code == "gate.order_held" and seen(actor)["releases"] == []
    rebuilt(actor)


def taken_back(actor) -> None:
    """The row that let 2.3.3 through is withdrawn."""
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts
    from asbuilt.ledger import clock
    from asbuilt.ledger.facts import all_facts, fact_id

    (row,) = [one for one in all_facts(actor.tenant, "production.hold/1") if one.values[2] == "release"]
    fact = fact_id(actor.tenant, row.entry, "production.hold/1", row.row)
    withdraw_facts(actor, [Withdraw(fact, "the wrong one", "045", clock.now())])
