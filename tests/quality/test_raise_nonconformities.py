"""A nonconformity from the day it is raised to the day it is closed, and opened again."""

import json

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def test_it_stands_on_its_units_and_nowhere_else(raised, blocked, seen):
    assert raised("B2..B3", "B5") == "NCR-1" and raised("X1") == "NCR-2"
    assert blocked() == {"NCR-1": ["B2", "B3", "B5"], "NCR-2": ["X1"]}
    assert blocked(3, 5) == {"NCR-1": ["B3"]} and blocked(6, 8) == {}
    assert (seen("NCR-1").state, sorted(seen("NCR-1").units)) == ("raised", [2, 3, 5])


def test_the_gate_asks_one_statement(raised, actor, monkeypatch):
    from asbuilt.built.quality.open_nonconformities import open_nonconformities
    from asbuilt.storage import reading

    raised("B2..B3")
    asked, fetch = [], reading.fetch
    monkeypatch.setattr(reading, "fetch", lambda *said: asked.append(said) or fetch(*said))
    (found,) = open_nonconformities(actor.tenant, 2, 3)
    assert len(asked) == 1
    assert (found.severity, found.description, sorted(found.units)) == ("major", "Void under U1", [2])


def test_a_question_says_which_units(raised, seen, blocked):
    code = raised(question="unit:B1 or unit:B4")
    assert (seen(code).question, sorted(seen(code).units)) == ("unit:B1 or unit:B4", [1, 4])
    with pytest.raises(Invalid):
        raised(question="unitt:B1")
    assert list(blocked()) == [code]


def test_the_same_request_twice_is_one(raised, blocked):
    assert raised("B1", request_key="k") == raised("B1", request_key="k") == "NCR-1"
    with pytest.raises(Conflict):
        raised("B2", request_key="k")
    assert blocked() == {"NCR-1": ["B1"]}


def test_units_come_later_and_only_once(raised, actor, blocked):
    from asbuilt.answers.register.nonconformities import add_to_nonconformity

    code = raised("B1")
    add_to_nonconformity(actor, nonconformity=code, units=["B3..B4"])
    assert blocked() == {code: ["B1", "B3", "B4"]}
    with pytest.raises(Conflict):
        add_to_nonconformity(actor, nonconformity=code, units=["B4..B5"])
    with pytest.raises(NotFound):
        add_to_nonconformity(actor, nonconformity="NCR-9", units=["B5"])
    with pytest.raises(Invalid):
        add_to_nonconformity(actor, nonconformity=code, units=[])


def test_containing_holds_by_the_very_question(raised, actor, seen, load):
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.answers.register.nonconformities import contain_nonconformity
    from asbuilt.built.production.holds import hold_of

    code = raised("B1", question="panel:P2")
    hold = contain_nonconformity(actor, nonconformity=code, request_key="c")
    assert contain_nonconformity(actor, nonconformity=code, request_key="c") == hold
    placed = hold_of(actor.tenant, hold)
    assert placed.questions == [("panel:P2", False)] and placed.reason == f"{code}: Void under U1"
    assert (seen(code).state, seen(code).holds) == ("contained", [hold])
    assert not verdicts(actor, "B1")[0].go and not verdicts(actor, "B6")[0].go


def test_contained_as_it_is_raised_or_not_at_all(raised, actor, seen, person):
    code = raised("B1", held=True)
    assert seen(code).holds == ["H-1"]
    with pytest.raises(NotAllowed):  # an operator raises, and may not hold: nothing of it is kept
        raised("B2", held=True, by=person("operator"))
    assert seen("NCR-2") is None


def test_nothing_is_no_thing_to_contain(raised, actor):
    from asbuilt.answers.register.nonconformities import contain_nonconformity

    code = raised(source="supplier", party="BRAND")
    with pytest.raises(Refused) as empty:
        contain_nonconformity(actor, nonconformity=code)
    assert empty.value.code == "register.nothing_to_contain"


def test_whys_and_branches(raised, actor, seen):
    from asbuilt.built.quality.actions.nonconformities import state_cause

    code = raised("B1")
    for place, cause in (("1", "solder did not wet"), ("2", "the paste was too old")):
        state_cause(actor, nonconformity=code, method="five_why", place=place, cause=cause, root=place == "2")
    state_cause(actor, nonconformity=code, method="ishikawa", place="material", cause="jar open for 30 h")
    assert [(one.method, one.place, one.cause, one.root) for one in seen(code).causes] == [
        ("five_why", "1", "solder did not wet", False),
        ("five_why", "2", "the paste was too old", True),
        ("ishikawa", "material", "jar open for 30 h", False),
    ]
    for method, place in (("five_why", "material"), ("ishikawa", "2"), ("five_why", "11"), ("guess", "1")):
        with pytest.raises(Invalid):
            state_cause(actor, nonconformity=code, method=method, place=place, cause="x")
    with pytest.raises(Invalid):
        state_cause(actor, nonconformity=code, method="five_why", place="3", cause=" ")


def test_actions_have_an_owner_a_day_and_a_state(raised, actor, seen):
    from asbuilt.built.quality.actions.nonconformities import state_action

    code = raised("B1")
    said = {
        "nonconformity": code,
        "kind": "corrective",
        "description": "Scan jars",
        "owner": "046",
        "due_on": "2027-04-01",
    }
    assert state_action(actor, **said) == "A-1" and state_action(actor, **said | {"due_on": "2027-03-01"}) == "A-2"
    assert seen(code).next_due == "2027-03-01"
    assert state_action(actor, nonconformity=code, action="A-2", state="done") == "A-2"
    one, two = seen(code).actions
    assert (one.state, two.state, two.description, two.due_on) == ("open", "done", "Scan jars", "2027-03-01")
    assert one.person == two.person is not None and seen(code).next_due == "2027-04-01"
    assert one.overdue("2027-04-02") and not one.overdue("2027-04-01") and not two.overdue("2099-01-01")
    for wrong in ({"owner": ""}, {"due_on": ""}, {"description": " "}, {"due_on": "1.4.2027"}, {"kind": "hopeful"}):
        with pytest.raises(Invalid):
            state_action(actor, **said | wrong)
    with pytest.raises(NotFound):
        state_action(actor, nonconformity=code, action="A-9", state="done")


def test_it_closes_when_nothing_is_left(raised, actor, seen, blocked, person):
    from asbuilt.answers.register.nonconformities import propose
    from asbuilt.built.quality.actions import dispositions
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity, reopen_nonconformity, state_action

    code = raised("B1..B2")
    state_action(actor, nonconformity=code, kind="preventive", description="d", owner="046", due_on="2027-04-01")
    with pytest.raises(Refused) as unfinished:
        close_nonconformity(actor, nonconformity=code, reason="done")
    assert unfinished.value.facts["left"] == ["2 units wait for their disposition", "action A-1 is open"]
    propose(person("engineer"), nonconformity=code, decision="use_as_is", reason="below the limit")
    dispositions.approve_disposition(person("quality_lead"), nonconformity=code, disposition="D-1")
    assert blocked() == {} and seen(code).state == "decided"
    state_action(actor, nonconformity=code, action="A-1", state="cancelled")
    close_nonconformity(actor, nonconformity=code, reason="settled")
    assert seen(code).state == "closed"
    for late in (lambda: state_action(actor, nonconformity=code, action="A-1", state="open"),
                 lambda: close_nonconformity(actor, nonconformity=code, reason="again")):  # fmt: skip
        with pytest.raises(Refused) as closed:
            late()
        assert closed.value.code == "quality.nonconformity_closed"
    reopen_nonconformity(actor, nonconformity=code, reason="seen again")
    assert seen(code).state == "decided"
    with pytest.raises(Refused):
        reopen_nonconformity(actor, nonconformity=code, reason="seen again")


def test_whether_it_helped_is_asked_of_later_units(raised, actor, seen, load):
    from asbuilt.answers.register.nonconformities import measure_effect
    from asbuilt.answers.register.queries import frozen_answer
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity, plan_check, state_action
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.seen.nonconformities import nonconformity_seen, told

    def tests(day, failed, plan="FCT"):
        """B1 to B6 tested on that day of March, one an hour from one o'clock on."""
        return [
            {"serial": f"B{n}", "plan": plan, "plan_version": "1", "station": "", "operator": "", "outcome": "fail" if n in failed else "pass",
             "started_at": f"2027-03-0{day}T0{n}:00:00Z", "finished_at": f"2027-03-0{day}T0{n}:10:00Z", "measurements": ""}
            for n in range(1, 7)
        ]  # fmt: skip

    def refused():
        with pytest.raises(Refused) as caught:
            measure_effect(actor, nonconformity=code)
        return caught.value.code

    clock.set_clock(lambda: parse_instant("2027-03-02T02:30:00Z"))
    code = raised("B1..B2", source="process")
    assert refused() == "register.no_check"
    plan = {
        "nonconformity": code,
        "question": "test:FCT=fail",
        "among": "test:FCT=pass or test:FCT=fail",
        "due_on": "2027-06-01",
    }
    plan_check(actor, units_min=1, failed_ppm_max=0, **plan)
    assert refused() == "register.no_action"
    new = {"nonconformity": code, "description": "new stencil", "owner": "045", "due_on": "2027-06-01"}
    action = state_action(actor, kind="corrective", **new)
    load({"tests": tests(2, {3, 5})}, "tested")
    assert refused() == "register.action_open"
    state_action(actor, nonconformity=code, action=action, state="done")
    clock.set_clock(lambda: parse_instant("2027-03-09T00:00:00Z"))
    done = parse_instant("2027-03-02T02:30:00Z")
    # B3 to B6 were begun after half past two, of them B3 and B5 failed; B1 and B2 do not count
    for units_min, ppm, verdict in ((5, 500_000, "too_few"), (4, 500_000, "effective"), (4, 499_999, "not_effective")):
        plan_check(actor, units_min=units_min, failed_ppm_max=ppm, **plan)
        said = measure_effect(actor, nonconformity=code)
        assert (said.units, said.failed, said.ppm, said.verdict, said.since) == (4, 2, 500_000, verdict, done)
        assert (round(said.ppm_low), round(said.ppm_high)) == (67_586, 932_414)  # Clopper-Pearson of two in four
        assert frozen_answer(actor, said.answer).question == "(test:FCT=pass or test:FCT=fail) (test:FCT=fail)"
    # B4 was printed the day before, and tested since: it is no later unit
    ran = {"order": "WO", "step": "PRINT", "machine": "PR1", "program": "", "first_serial": "B4", "last_serial": "B4", "started_at": "2027-03-01T09:00:00Z",
           "finished_at": "2027-03-01T09:00:00Z", "operator": "", "result": "completed", "readings": "", "side": "top"}  # fmt: skip
    load({"processes": [ran]}, "printed")
    said = measure_effect(actor, nonconformity=code)
    assert (said.units, said.failed) == (3, 2)
    seen_now = told(nonconformity_seen(actor, code))
    assert [(one["units"], one["since"]) for one in seen_now["results"][-1:]] == [(3, "2027-03-02T02:30:00.000000Z")]
    assert seen(code).result.verdict == "too_few" and seen(code).next_due == "2027-06-01"
    with pytest.raises(Refused):
        close_nonconformity(actor, nonconformity=code, reason="done")


def test_units_that_nobody_tested_show_no_effect(raised, actor, load):
    """The story: five later units were printed, and two of them tested; the check counted five without the failure, and was effective."""
    from asbuilt.answers.register.nonconformities import measure_effect
    from asbuilt.built.quality.actions.nonconformities import plan_check, state_action
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    def test(n, outcome="pass", plan="AOI", day=3, **said):
        return {"serial": f"B{n}", "plan": plan, "plan_version": "1", "station": "", "operator": "", "outcome": outcome, "started_at": f"2027-03-0{day}T0{n}:00:00Z",
                "finished_at": f"2027-03-0{day}T0{n}:10:00Z", "measurements": json.dumps(said) if said else ""}  # fmt: skip

    clock.set_clock(lambda: parse_instant("2027-03-02T02:30:00Z"))
    code = raised("B1..B2", source="process")
    printed = [{"order": "WO", "step": "PRINT", "machine": "PR1", "program": "", "first_serial": "B3", "last_serial": "B8", "started_at": "2027-03-03T01:00:00Z",
                "finished_at": "2027-03-03T01:00:00Z", "operator": "", "result": "completed", "readings": "", "side": "top"}]  # fmt: skip
    void = {"defects": [{"code": "void", "at": "U1"}]}
    load(
        {
            "processes": printed,
            "tests": [
                test(1, "fail", day=1, **void),
                test(3),
                test(4, "fail", defects=[{"code": "lifted"}]),
                test(5, plan="FCT"),
            ],
        },
        "later",
    )
    new = {"nonconformity": code, "description": "new stencil", "owner": "045", "due_on": "2027-06-01"}
    state_action(actor, nonconformity=code, action=state_action(actor, kind="corrective", **new), state="done")
    clock.set_clock(lambda: parse_instant("2027-03-09T00:00:00Z"))

    def measured(question, units_min=3):
        plan = {"among": "passed:PRINT", "due_on": "2027-06-01", "failed_ppm_max": 0}
        plan_check(actor, nonconformity=code, question=question, units_min=units_min, **plan)
        said = measure_effect(actor, nonconformity=code)
        return said.units, said.failed, said.verdict

    assert measured("defect:void") == (2, 0, "too_few")  # AOI looked at B3 and B4, whatever it found else
    assert measured("test:AOI=fail", 2) == (2, 1, "not_effective")
    assert measured("test:failed", 2) == (2, 1, "not_effective")
    assert measured("test:FCT=fail") == (1, 0, "too_few")
    assert measured("reworked") == (5, 0, "effective")  # of what is no test every unit tells; B8 is a skipped position


@pytest.mark.parametrize(
    "wrong",
    [{"source": "mood"}, {"severity": "huge"}, {"description": " "}, {"product": "moon"}, {"units": ("B99",)}],
    ids=lambda one: next(iter(one)),
)
def test_what_is_refused(raised, seen, wrong):
    units = wrong.pop("units", ("B1",)) if "units" in wrong else ("B1",)
    with pytest.raises((Invalid, NotFound)):
        raised(*units, **wrong)
    assert seen("NCR-1") is None


def test_who_may_do_what(raised, person, seen):
    from asbuilt.answers.register.nonconformities import propose
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity, state_cause

    code = raised("B1", by=person("operator"))
    assert seen(code).operator is not None
    for role, verb in (
        ("auditor", lambda one: raised("B2", by=one)),
        ("machine", lambda one: raised("B2", by=one)),
        ("psirt", lambda one: state_cause(one, nonconformity=code, method="five_why", place="1", cause="c")),
        ("compliance", lambda one: propose(one, nonconformity=code, decision="scrap", reason="r")),
        ("psirt", lambda one: close_nonconformity(one, nonconformity=code, reason="r")),
    ):
        from asbuilt.access.actor import Actor
        from asbuilt.access.rights import ROLES

        with pytest.raises(NotAllowed):
            verb(Actor(1, "person:99", ROLES[role], 99, roles=frozenset({role})))


def test_a_stranger_finds_nothing(raised, stranger):
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity, state_cause
    from asbuilt.built.quality.nonconformities import nonconformities

    code = raised("B1")
    assert nonconformities(stranger.tenant) == []
    for verb in (
        lambda: state_cause(stranger, nonconformity=code, method="five_why", place="1", cause="c"),
        lambda: close_nonconformity(stranger, nonconformity=code, reason="r"),
    ):
        with pytest.raises(NotFound):
            verb()


def test_it_moves_is_withdrawn_and_rebuilt(raised, actor, moved, withdraw, findings, blocked):
    from asbuilt.built.quality.actions.nonconformities import state_cause

    code = raised("B1..B3", held=True)
    state_cause(actor, nonconformity=code, method="five_why", place="1", cause="c")
    assert findings() == []
    moved()
    assert blocked() == {code: ["B1", "B2", "B3"]} and findings() == []
    with pytest.raises(Refused):  # its units, cause and hold rest on it
        withdraw("nonconformities", nonconformity=code)
