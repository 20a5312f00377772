"""Replace, put in, take out, scrap: through the gate, in the shapes of the tables; the record verifies afterwards."""

import pytest

from asbuilt.access.actor import person_actor
from asbuilt.answers.gate import reworking
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def replaced(actor, **said):
    return reworking.replace_part(
        actor, **{"code": "B1", "refdes": "R1", "removed": "R1", "installed": "R2", "reason": "bridge", **said}
    )


def refusal(kind, verb, *words, **said):
    with pytest.raises(kind) as caught:
        verb(*words, **said)
    return caught.value.code


def verified(actor):
    from asbuilt.ledger.verifying import verify

    return verify(actor.tenant).as_json()["findings"] == []


def test_a_part_is_replaced(floor, actor, ask, load):
    run = {
        "serial": "B1",
        "plan": "ICT",
        "plan_version": "1",
        "station": "",
        "operator": "",
        "outcome": "pass",
        "measurements": "",
    }
    load({"tests": [run | {"started_at": "2026-03-02T08:00:00Z", "finished_at": "2026-03-02T08:01:00Z"}]}, "tests")
    done = replaced(actor, operator="045")
    assert (done.name, done.retest_due, done.still_held) == ("B1", ("ICT",), ())
    assert ask("lot:LR2") == ["B1"] and "B1" not in ask("lot:LR1") and ask("reworked operator:045") == ["B1"]
    assert verified(actor)


def test_what_may_not_go_in(floor, actor, load):
    from asbuilt.answers.register.holds import hold

    assert refusal(Refused, replaced, actor, refdes="U1", removed="U1", installed="U2") == "gate.package_not_released"
    assert refusal(Refused, replaced, actor, refdes="U1", removed="U1", installed="R2") == "gate.wrong_part"
    assert refusal(Refused, replaced, actor, removed="R2") == "production.replacement_not_there"
    assert refusal(NotFound, replaced, actor, refdes="R9") == "production.position_unknown"
    assert refusal(NotFound, replaced, actor, installed="R7") == "supply.package_unknown"
    assert refusal(Invalid, replaced, actor, reason=" ") == "production.rework_reason"
    assert refusal(Invalid, replaced, actor, removed="", installed="") == "production.rework_empty"
    hold(actor, lot="LR2", reason="marking")
    assert refusal(Refused, replaced, actor) == "gate.package_held"


def test_a_held_unit_is_reworked_and_stays_held(floor, actor):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["B1"], reason="bridge seen")
    assert [stop.facts["hold"] for stop in replaced(actor).still_held] == ["H-1"]


def test_in_and_out_and_in_again(floor, actor, ask):
    assert reworking.put_in(actor, parent="X1", child="B1", position="slot 1").name == "B1"
    assert ask("inside:(unit:X1)") == ["B1"] and ask("contains:(unit:B1)") == ["X1"]
    assert refusal(Refused, reworking.put_in, actor, parent="X2", child="B1") == "gate.inside_already"
    assert refusal(Refused, reworking.put_in, actor, parent="B1", child="X1") == "production.assembly_cycle"
    assert refusal(Refused, reworking.put_in, actor, parent="B2", child="B2") == "production.assembly_cycle"
    reworking.take_out(actor, child="B1", reason="display dark")
    assert ask("inside:(unit:X1)") == []
    assert refusal(Refused, reworking.take_out, actor, child="B1", reason="again") == "gate.inside_nothing"
    reworking.put_in(actor, parent="X2", child="B1")
    assert ask("inside:(unit:X2)") == ["B1"] and verified(actor)


def test_what_may_not_be_built_in(floor, actor, load):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["B2", "X2"], reason="dropped")
    assert refusal(Refused, reworking.put_in, actor, parent="X1", child="B2") == "gate.held"
    assert refusal(Refused, reworking.put_in, actor, parent="X2", child="B1") == "gate.held"
    row = {
        "serial": "B3",
        "refdes": "U1",
        "removed_package": "U1",
        "installed_package": "U2",
        "operator": "",
        "reason": "r",
    }
    load({"replacements": [row | {"happened_at": "2026-03-02T08:00:00Z"}]}, "rework")
    assert refusal(Refused, reworking.put_in, actor, parent="X1", child="B3") == "gate.quarantine"
    assert refusal(Refused, reworking.put_in, actor, parent="X1", child="WO#8") == "gate.skipped_position"


def test_scrapped_for_good(floor, actor, ask):
    reworking.scrap(actor, code="B4", reason="cracked")
    assert ask("scrapped") == ["B4"]
    for verb, said in ((reworking.scrap, {"code": "B4"}), (replaced, {"code": "B4"})):
        assert refusal(Refused, verb, actor, **said, reason="r") == "gate.scrapped"
    assert refusal(Refused, reworking.put_in, actor, parent="X1", child="B4") == "gate.scrapped"
    reworking.put_in(actor, parent="X1", child="B5")
    assert refusal(Refused, reworking.scrap, actor, code="B5", reason="cracked") == "gate.inside_already"
    assert refusal(Invalid, reworking.scrap, actor, code="B6", reason="") == "gate.scrap_reason"
    assert verified(actor)


def test_a_unit_without_a_row_is_scrapped(floor, actor, ask, load):
    more = {
        "order": "W3",
        "product": "board",
        "revision": "A",
        "bom_version": "1",
        "quantity": "9",
        "customer": "",
        "opened_at": "2026-03-01T08:00:00Z",
    }
    load({"orders": [more]}, "more")
    reworking.scrap(actor, code="W3#4", reason="cracked")
    reworking.scrap(actor, code="W3#2", reason="cracked too")
    assert ask("scrapped") == ["W3#2", "W3#4"] and verified(actor)
    load({"units": [{"order": "W3", "serial": "C5", "panel": "", "position": "", "state": "built"}]}, "units")
    assert ask("unit:C5 order:W3#5..W3#5") == ["C5"]


def test_the_same_request_twice(floor, actor):
    for verb, said, other in (
        (replaced, {}, {"reason": "another"}), (reworking.put_in, {"parent": "X1", "child": "B2"}, {"position": "2"}),
        (reworking.take_out, {"child": "B2", "reason": "r"}, {"reason": "s"}), (reworking.scrap, {"code": "B3", "reason": "r"}, {"reason": "s"}),
    ):  # fmt: skip
        key = f"key-{verb.__name__}"
        assert verb(actor, **said, request_key=key).entry == verb(actor, **said, request_key=key).entry
        with pytest.raises(Conflict):
            verb(actor, **{**said, **other}, request_key=key)


def test_who_may(floor, actor):
    operator, auditor = (person_actor(1, 901, frozenset([role]), None) for role in ("operator", "auditor"))
    replaced(operator)
    reworking.put_in(operator, parent="X1", child="B2")
    reworking.take_out(operator, child="B2", reason="r")
    with pytest.raises(NotAllowed):
        reworking.scrap(operator, code="B3", reason="r")
    for verb, said in (
        (replaced, {}), (reworking.put_in, {"parent": "X1", "child": "B2"}), (reworking.take_out, {"child": "B2", "reason": "r"}),
        (reworking.scrap, {"code": "B3", "reason": "r"}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            verb(auditor, **said)


def test_a_stranger_finds_no_unit(floor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    other = local_system(open_tenant("elsewhere", "Elsewhere").number)
    for verb, said in (
        (replaced, {}), (reworking.put_in, {"parent": "X1", "child": "B2"}), (reworking.take_out, {"child": "B2", "reason": "r"}),
        (reworking.scrap, {"code": "B3", "reason": "r"}),
    ):  # fmt: skip
        assert refusal(NotFound, verb, other, **said) == "question.unknown_name"
