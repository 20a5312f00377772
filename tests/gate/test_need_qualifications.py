"""A step that needs a qualification refuses whoever lacks it, in words: who lacks what, until when it was valid, who can renew it."""

import pytest
from line_and_box import factory

from asbuilt.kernel.errors import Invalid, NotAllowed, Refused
from asbuilt.kernel.instants import parse_instant

NOW = "2026-06-15T12:00:00Z"


@pytest.fixture
def route(load, home):
    """PRINT needs IPC-A-610 and ESD, the other steps nothing. The clock stands at NOW."""
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant(NOW))
    tables = factory()
    for row in tables["routings"]:
        row["qualifications"] = "IPC-A-610;ESD" if row["step"] == "PRINT" else ""
    load(tables)


@pytest.fixture
def qualify(actor):
    from asbuilt.built.production.actions.process_record import qualify

    def one(badge, name, until="", granted="2026-01-01T00:00:00Z", by=None, **said):
        return qualify(
            by or actor, person=badge, qualification=name, valid_until=until, granted_at=parse_instant(granted), **said
        )

    return one


@pytest.fixture
def stops(actor):
    from asbuilt.answers.gate.verdicts import verdicts

    return lambda operator, step="PRINT", side="top": [
        (stop.code, stop.facts["qualification"], stop.facts["until"])
        for stop in verdicts(actor, "B1", step, side, operator)[0].stops
    ]


def test_who_lacks_what_until_when_and_who_can_renew_it(route, go, qualify, actor):
    qualify("045", "ESD")
    qualify("045", "IPC-A-610", "2026-05-31")
    with pytest.raises(Refused) as caught:
        go("B1", "PRINT", "top", operator="045")
    assert caught.value.code == "gate.not_qualified"
    assert caught.value.message == "PRINT top: 045 lacks IPC-A-610: it was valid until 2026-05-31."
    assert "quality lead" in caught.value.remedy and "IPC-A-610" in caught.value.remedy
    from asbuilt.storage import reading

    assert reading.fetch("SELECT 1 FROM production_process_run WHERE tenant = %s", (actor.tenant,)) == []
    qualify("045", "IPC-A-610", "2028-05-31", "2026-06-01T00:00:00Z")
    assert go("B1", "PRINT", "top", operator="045").units == 1


def test_every_lack_is_named(route, qualify, stops):
    assert stops("045") == [("gate.not_qualified", "IPC-A-610", ""), ("gate.not_qualified", "ESD", "")]
    qualify("045", "ESD", "2026-06-15")  # its last day
    assert stops("045") == [("gate.not_qualified", "IPC-A-610", "")]
    qualify("046", "IPC-A-610")
    assert [lack[1] for lack in stops("045")] == ["IPC-A-610"] and [lack[1] for lack in stops("046")] == ["ESD"]


@pytest.mark.parametrize(
    ("until", "granted", "holds"),
    [
        ("", "2026-01-01T00:00:00Z", True),
        ("2026-06-15", "2026-01-01T00:00:00Z", True),
        ("2026-06-14", "2026-01-01T00:00:00Z", False),
        ("2027-01-01", "2026-06-15T12:00:00Z", True),
        ("2027-01-01", "2026-06-15T12:00:01Z", False),
    ],
)
def test_it_holds_from_its_grant_to_the_end_of_its_last_day(route, qualify, stops, until, granted, holds):
    qualify("045", "ESD")
    qualify("045", "IPC-A-610", until, granted)
    assert (stops("045") == []) is holds


def test_nobody_named(route, go, stops):
    with pytest.raises(Refused) as caught:
        go("B1", "PRINT", "top")
    assert caught.value.code == "gate.operator_unnamed" and "badge" in caught.value.remedy
    assert [code for code, *_ in stops("")] == ["gate.operator_unnamed"] * 2


def test_a_verdict_that_names_no_operator_does_not_ask(route, stopped, stops):
    assert stopped("B1", "PRINT", "top") == [] and stops("045", "") == []


def test_a_step_that_needs_nothing(route, go, qualify):
    qualify("045", "IPC-A-610")
    qualify("045", "ESD")
    go("B1", "PRINT", "top", operator="045")
    assert go("B1", "SMT", "top").units == 1


def test_the_badge_of_who_is_signed_in_counts(route, go, qualify, person):
    anna = person("operator")
    with pytest.raises(Refused, match="badge-operator lacks IPC-A-610"):
        go("B1", "PRINT", "top", by=anna)
    for name in ("IPC-A-610", "ESD"):
        qualify("badge-operator", name)
    assert go("B1", "PRINT", "top", by=anna).units == 1


def test_the_verb_itself_refuses(route, actor):
    from asbuilt.answers.gate.actions import StepDone
    from asbuilt.built.production.actions.steps import record_step

    done = StepDone("PRINT", "top", operator="045")
    with pytest.raises(Refused) as caught:
        record_step(actor, spans=[(1, 2)], done=done, needed=("ESD",))
    assert caught.value.code == "production.not_qualified"
    with pytest.raises(Refused) as caught:
        record_step(actor, spans=[(1, 2)], done=StepDone("PRINT", "top"), needed=("ESD",))
    assert caught.value.code == "production.operator_unnamed"


def test_the_same_request_is_answered_as_before_when_it_ran_out(route, go, qualify):
    from asbuilt.ledger import clock

    for name in ("IPC-A-610", "ESD"):
        qualify("045", name, "2026-06-20")
    first = go("B1", "PRINT", "top", key="k1", operator="045")
    clock.set_clock(lambda: parse_instant("2026-07-01T00:00:00Z"))
    assert go("B1", "PRINT", "top", key="k1", operator="045").entry == first.entry
    with pytest.raises(Refused, match="valid until 2026-06-20"):
        go("B2", "PRINT", "top", operator="045")


def test_tables_tell_history(route, load, ask):
    load({"processes": [{"order": "WO", "step": "PRINT", "machine": "", "program": "", "first_serial": "B1", "last_serial": "B2",
                         "started_at": NOW, "finished_at": NOW, "operator": "099", "result": "completed", "readings": "", "side": "top"}]}, "old")  # fmt: skip
    assert ask("passed:PRINT") == ["B1", "B2"]


def test_withdrawn_it_does_not_hold(route, qualify, stops, actor):
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts
    from asbuilt.ledger import clock
    from asbuilt.ledger.verifying import verify

    qualify("045", "ESD")
    (fact,) = qualify("045", "IPC-A-610").facts
    assert stops("045") == []
    withdraw_facts(actor, [Withdraw(fact, "other person", "046", clock.now())])
    assert stops("045") == [("gate.not_qualified", "IPC-A-610", "")]
    assert verify(actor.tenant).as_json()["findings"] == []


def test_who_may_grant_it_and_what_is_refused(route, qualify, person):
    for role in ("operator", "engineer"):
        with pytest.raises(NotAllowed):
            qualify("045", "ESD", by=person(role))
    qualify("045", "ESD", by=person("quality_lead"))
    for badge, name, until in (("", "ESD", ""), ("045", "", ""), ("045", "ESD", "31.05.2027")):
        with pytest.raises(Invalid):
            qualify(badge, name, until)


def test_another_tenants_people_are_nobody_here(route, stops, stranger):
    from asbuilt.built.production.actions.process_record import qualify

    for name in ("IPC-A-610", "ESD"):
        qualify(stranger, person="045", qualification=name)
    assert [code for code, *_ in stops("045")] == ["gate.not_qualified"] * 2
