"""What machines said of tests is read anew by a newer reader: the runs of then go, those of now come, and nothing is lost."""

import json

import pytest
from machine_floor import AOI, at, envelope, started
from test_record_judgements import T1, judged
from test_result_files import plan

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
from asbuilt.built.messages import passes
from asbuilt.built.messages.rereading_messages import reread_messages
from asbuilt.formats.cfx import testing
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound
from asbuilt.kernel.test_plans import parse_test_plan
from asbuilt.ledger import clock
from asbuilt.ledger.facts import fact_ids

WHY = "a repaired finding is no false call"


def look(word: str, minute: int = 0) -> list[dict]:
    """An AOI's inspection with one finding that a person verified so."""
    finding = {"DefectCode": "BRIDGE", "Verification": word, "ComponentOfInterest": {"ReferenceDesignator": "R2"}}
    run = {"InspectionName": "TOP", "Result": "Failed", "DefectsFound": [finding]}
    return [run | ({"InspectionStartTime": at(minute), "InspectionEndTime": at(minute, 20)} if minute else {})]


@pytest.fixture
def older(monkeypatch):
    """older(function) runs it with the reader of a version before, which took a finding that was repaired and closed for a false call."""

    def then(function):
        with monkeypatch.context() as patched:
            patched.setattr(testing, "NO_DEFECT", ("DefectRejected", "DefectAccepted", "DefectClosed"))
            patched.setattr(testing, "VERSION", "cfx/1")
            return function()

    return then


@pytest.fixture
def closed(say, older):
    """Four units of a panel: their findings were rejected, closed, confirmed, closed; read by the older reader."""
    words = ("DefectRejected", "DefectClosed", "DefectConfirmed", "DefectClosed")
    runs = [(n, "Failed", look(word)) for n, word in enumerate(words, 1)]
    say(started(T1, "PNL-1", source=AOI))
    return older(lambda: say(judged("UnitsInspected", "InspectedUnits", *runs)))


def stand(sql):
    return [
        (unit, outcome)
        for unit, outcome in sql("SELECT unit, outcome FROM quality_test_run WHERE until_entry IS NULL ORDER BY unit")
    ]


def test_a_newer_reader_corrects_what_an_older_one_took_for_a_false_call(closed, actor, ask, sql, verified):
    """Two units stood as passed whose findings had been repaired: after a newer version they stood so for good, as no message was read a second time."""
    assert stand(sql) == [(1, 0), (2, 0), (3, 1), (4, 0)] and ask("test:failed") == (1, 0, 0)
    before = f"entry:{closed.entries[0]}"
    bytes_before = sql("SELECT plan, station, operator, plan_version FROM quality_test_run ORDER BY unit")
    done = reread_messages(actor, reason=WHY)
    assert (done.messages, done.withdrawn, done.stored, done.left, done.lost, done.refused) == (1, 2, 2, 0, 0, 0)
    assert stand(sql) == [(1, 0), (2, 1), (3, 1), (4, 1)] and ask("test:failed") == (3, 0, 0)
    assert ask("defect:BRIDGE") == (3, 0, 0) and ask("test:failed", "2027-03-02T07:00:00Z") == (0, 0, 0)
    now = "SELECT plan, station, operator, plan_version FROM quality_test_run WHERE until_entry IS NULL ORDER BY unit"
    assert sql(now) == bytes_before, before  # what the message does not say stays
    assert sql("SELECT count(*) FROM quality_test_run") == [(6,)]  # the old reading stays in the history
    ((body,),) = sql("SELECT body FROM ledger_entry WHERE number = %s", done.entries[0])
    assert json.loads(body)["facts"] == {"reader": testing.VERSION, "recorded": 2, "withdrawn": 2}
    assert reread_messages(actor, reason=WHY).entries == [] and verified() == []


def test_it_finds_the_runs_though_their_pass_is_forgotten(say, older, actor, sql, verified, monkeypatch):
    """A thousand passes later nobody knows which units a transaction was of: its runs are found by their times and their place among those of
    the same times. The plan, which only the pass told, stays."""
    monkeypatch.setattr(passes, "KEPT_PASSES_MAX", 1)
    runs = [(n, "Failed", look(word)) for n, word in enumerate(("DefectRejected", "DefectClosed"), 1)]
    timed = [(n, "Failed", look("DefectClosed", n)) for n in (3, 4)]
    say(started(T1, "PNL-1", source=AOI))
    told = [judged("UnitsInspected", "InspectedUnits", *some, identifier="") for some in (runs, timed)]
    older(lambda: say(*told))
    say(started("22222222-0000-0000-0000-000000000002", "PNL-2", source=AOI))
    assert passes.Passes(actor.tenant, 0).find(AOI, T1) is None
    done = reread_messages(actor, reason=WHY)
    assert (done.messages, done.withdrawn, done.stored, done.lost) == (2, 3, 3, 0), done.told
    assert stand(sql) == [(1, 0), (2, 1), (3, 1), (4, 1)] and verified() == []
    plans = "SELECT DISTINCT f.name FROM quality_test_run t JOIN production_floor_name f ON f.tenant = t.tenant AND f.number = t.plan"
    assert sql(plans) == [("BRD-TOP",)]


def test_there_and_back_and_a_reader_that_drops_a_run(closed, actor, older, sql, verified, monkeypatch):
    """Each reading rests on the one before it; what a reader no longer takes for a run goes, and comes back with the next."""
    reread_messages(actor, reason=WHY)
    back = older(lambda: reread_messages(actor, reason="it was right before"))
    assert (back.withdrawn, back.stored) == (0, 0)  # by the version that read them there is nothing to read anew
    with monkeypatch.context() as patched:
        patched.setattr(testing, "VERSION", "cfx/99")
        patched.setitem(testing.OUTCOMES, "Failed", "")
        patched.setattr(testing, "NO_DEFECT", ())
        gone = reread_messages(actor, reason="they were skipped")
        assert (gone.withdrawn, gone.stored, gone.lost) == (4, 0, 0) and stand(sql) == []
    patched = reread_messages(actor, reason="they were not")
    assert (patched.stored, patched.lost) == (0, 4) and len(patched.told) == 4 and verified() == []


def test_what_people_withdrew_stays_and_one_of_two_machines_is_read(say, older, closed, actor, sql, verified):
    """A run that a person took back does not come again. Of another machine nothing is read where one is named; of a day when none spoke, nothing."""
    mine = fact_ids(actor.tenant, closed.entries[0], "quality.test_run/1", 1, 1).hex()
    withdraw_facts(actor, [Withdraw(mine, "the wrong board", "045", clock.now())])
    body = {
        "InspectionMethod": "AOI",
        "InspectedUnits": [
            {"UnitIdentifier": "SN1", "OverallResult": "Failed", "Inspections": look("DefectClosed", 5)}
        ],
    }
    older(lambda: say(envelope("Production.TestAndInspection.UnitsInspected", body, source="Acme.Aoi.A2")))
    assert reread_messages(actor, reason=WHY, until=clock.now() - 3_600_000_000).messages == 0
    done = reread_messages(actor, reason=WHY, machine=AOI)
    assert (done.messages, done.withdrawn, done.stored, done.left) == (1, 1, 1, 1)
    assert stand(sql) == [(1, 0), (3, 1), (4, 1), (13, 0)]
    assert reread_messages(actor, reason=WHY).stored == 1 and stand(sql)[-1] == (13, 1) and verified() == []


def test_a_pass_without_evidence_is_told_and_the_rest_goes(say, older, actor, load, sql, verified, monkeypatch):
    """An older reader knew no false calls: two units failed. By today's both pass, but one of them would pass a plan of which it shows nothing."""
    body = {
        "InspectionMethod": "AOI",
        "InspectedUnits": [
            {"UnitIdentifier": "SN1", "OverallResult": "Failed", "Inspections": look("DefectRejected", 5)}
        ],
    }
    panel = judged("UnitsInspected", "InspectedUnits", (1, "Failed", look("DefectRejected", 1)))
    free = envelope("Production.TestAndInspection.UnitsInspected", body, source=AOI)
    monkeypatch.setattr(testing, "NO_DEFECT", ())
    older_told = [started(T1, "PNL-1", source=AOI), panel, free]
    with monkeypatch.context() as patched:
        patched.setattr(testing, "VERSION", "cfx/1")
        say(*older_told)
    monkeypatch.undo()
    said = parse_test_plan(plan("3", name="BRD-TOP"))
    proposed = {
        "plan": said.plan,
        "version": "3",
        "product": said.product,
        "document": said.document.decode(),
        "changes": "",
    }
    decided = {"plan": said.plan, "version": "3", "sha256": said.sha256, "decision": "approved", "operator": "046"}
    when = "2027-02-21T08:00:00Z"
    load({
        "test_plans": [proposed | {"operator": "045", "happened_at": when}],
        "test_plan_approvals": [decided | {"decided_at": when}],
    }, "plan")  # fmt: skip
    done = reread_messages(actor, reason=WHY)
    assert (done.messages, done.stored, done.refused, done.lost) == (2, 1, 1, 0), done.told
    assert "without vdd_3v3" in done.told[0] and stand(sql) == [(1, 1), (13, 0)] and verified() == []


def test_who_may_and_what_not(closed, actor):
    with pytest.raises(NotAllowed):
        reread_messages(person_actor(actor.tenant, 1, frozenset({"operator"}), None), reason=WHY)
    with pytest.raises(Invalid):
        reread_messages(actor, reason=" ")
    with pytest.raises(NotFound):
        reread_messages(actor, reason=WHY, machine="Acme.Aoi.A7")
    assert reread_messages(local_system(open_tenant("elsewhere", "Elsewhere").number), reason=WHY).messages == 0
