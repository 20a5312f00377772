"""Units come back from a subcontractor with the evidence that the routing asks for; the step counts, what is missing stays outside."""

import json
from hashlib import sha256

import pytest
from boards_outside import CERTIFICATE, PAPERS, factory

from asbuilt.answers.gate.outside import send_out, take_back
from asbuilt.answers.gate.verdicts import verdicts
from asbuilt.built.production.actions.holds import place_hold
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused


@pytest.fixture
def out(load, actor):
    """All forty boards left with note DN-1."""
    load(factory())
    return send_out(actor, codes=["WO#1..#40"], step="COATING")


@pytest.fixture
def back(actor):
    def come(*codes, note="DN-1", papers=PAPERS, key=None, **said):
        return take_back(actor, note=note, codes=codes, papers=papers, request_key=key, **said)

    return come


def refusal(kind, verb, *words, **said):
    with pytest.raises(kind) as caught:
        verb(*words, **said)
    return caught.value


def test_thirty_eight_of_forty_come_back_with_evidence_and_two_stay_outside(out, back, ask, go, stopped, actor):
    from asbuilt.ledger import evidence
    from asbuilt.questions.genealogy.seen.outside import note_seen, open_notes

    done = back("S1..S38")
    assert (done.note, done.units, done.outside, done.still_held) == ("DN-1", 38, ("S39", "S40"), ())
    assert ask("in:outside") == ["S39", "S40"] and len(ask("in:production")) == 38
    assert ask("passed:COATING") == [f"S{n}" for n in range(1, 39)] == ask("passed:COAT")
    note = note_seen(actor, "DN-1")
    assert len(note.back) == 38 and [unit.name for unit in note.outside] == ["S39", "S40"]
    assert {unit.result for unit in note.back} == {"completed"}
    assert [(paper.kind, paper.sha256) for paper in note.papers][0] == ("certificate", sha256(CERTIFICATE).hexdigest())
    assert b"".join(evidence.open_evidence(actor.tenant, note.papers[0].sha256)) == CERTIFICATE
    assert [(one.sent, one.outside) for one in open_notes(actor)] == [(40, 2)]
    # the step done outside counts: the function test may follow, not for those that are still there
    assert stopped("S1", "FCT") == [] and go("S1", "FCT").units == 1
    assert stopped("S40", "FCT")[0] == "outside"
    (verdict,) = verdicts(actor, "S2")
    assert [(one.name, one.state) for one in verdict.steps] == [("SMT", "done"), ("COATING", "done"), ("FCT", "open")]
    # the rest comes a day later
    rest = back()
    assert (rest.units, rest.outside) == (2, ()) and ask("in:outside") == [] and open_notes(actor) == []


def test_what_came_back_its_papers_and_the_run_are_one_entry(out, back, actor):
    from asbuilt.storage import reading

    done = back("S1")
    sql = "SELECT shape, count FROM ledger_entry_facts WHERE tenant = %s AND entry = %s ORDER BY shape"
    assert reading.fetch(sql, (actor.tenant, done.entry)) == [
        ("production.outside_paper/1", 2), ("production.process/1", 1), ("production.taken_back/1", 1),
    ]  # fmt: skip
    sql = "SELECT readings FROM production_process_run WHERE tenant = %s AND entry = %s"
    ((said,),) = reading.fetch(sql, (actor.tenant, done.entry))
    assert json.loads(said) == {"applied": {"routing": "1"}, "outside": {"note": "DN-1", "party": "COAT"}}


def test_without_the_papers_that_the_routing_asks_for_nothing_is_recorded(out, back, ask):
    error = refusal(Refused, back, "S1", papers=PAPERS[:1])
    assert error.code == "gate.evidence_missing" and error.facts["missing"] == ["measurements"]
    assert len(ask("in:outside")) == 40
    assert back("S1", papers=(), result="failed").units == 1  # nothing to certify


def test_where_the_routing_asks_for_no_paper_none_is_needed(load, actor, back):
    tables = factory()
    tables["routings"][1]["evidence"] = ""
    load(tables)
    send_out(actor, codes=["S1"], step="COATING")
    assert back(papers=()).units == 1


def test_a_failed_step_does_not_count(out, back, stopped, actor):
    back("S1", result="failed")
    assert stopped("S1", "FCT") == ["step_skipped"]
    assert send_out(actor, codes=["S1"], step="COATING").note == "DN-2"  # it goes out again
    back(note="DN-2")
    assert stopped("S1", "FCT") == []


def test_units_that_did_not_go_out_are_refused_by_name(load, actor, back):
    load(factory())
    send_out(actor, codes=["S1..S4"], step="COATING")
    error = refusal(Refused, back, "S4..S6")
    assert error.code == "gate.not_on_note" and error.facts["units"] == ["S5", "S6"]


def test_units_that_are_back_are_refused(out, back):
    back("S1..S2")
    error = refusal(Refused, back, "S2..S3")
    assert error.code == "gate.back_already" and error.facts["units"] == ["S2"]


def test_an_unknown_note(out, back):
    error = refusal(NotFound, back, note="DN-11")
    assert error.code == "production.note_unknown" and "DN-1" in error.remedy


def test_the_note_itself_may_be_scanned_first(out, back):
    assert back("DN-1").units == 40


def test_times_lie_between_leaving_and_coming_back(out, back):
    from asbuilt.ledger import clock

    assert refusal(Invalid, back, "S1", started_at=1).code == "gate.outside_times"
    assert refusal(Invalid, back, "S1", finished_at=clock.now() + 3_600_000_000).code == "gate.outside_times"


def test_a_result_and_a_kind_of_paper_that_are_none(out, back):
    assert refusal(Invalid, back, "S1", result="fine").code == "gate.result"
    assert refusal(Invalid, back, "S1", papers=(*PAPERS, ("photo", "p.png", b"x"))).code == "production.paper_kind"
    assert refusal(Invalid, back, "S1", papers=(("certificate", "c.pdf", b""), PAPERS[1])).code == "supply.file_empty"


def test_a_held_unit_comes_back_and_stays_held(out, back, actor):
    from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of

    unit = unit_of(view_of(actor), "S7")
    place_hold(actor, spans=[(unit, unit + 1)], reason="bad paste")
    done = back("S7", "S8")
    assert [stop.code for stop in done.still_held] == ["gate.held"] and "S7" in done.still_held[0].message


def test_the_same_request_twice_comes_back_once(out, back):
    first = back("S1..S38", key="k-2")
    again = back("S1..S38", key="k-2")
    assert (again.entry, again.units, again.outside) == (first.entry, 38, ("S39", "S40"))
    assert refusal(Conflict, back, "S1..S37", key="k-2").code == "ledger.request_key_reused"


def test_killed_in_the_middle_nothing_of_it_is_there(out, back, ask, actor, monkeypatch):
    """The run is the last that is written: where it fails, neither the units are back nor their papers kept."""
    from asbuilt.built.production.intake.processes import ProcessesIntake
    from asbuilt.questions.genealogy.seen.outside import note_seen

    def dies(self, lines, rows):
        raise OSError("no power")

    with monkeypatch.context() as power:
        power.setattr(ProcessesIntake, "take", dies)
        with pytest.raises(OSError):
            back("S1")
    assert len(ask("in:outside")) == 40 and note_seen(actor, "DN-1").papers == ()
    assert back("S1").units == 1


def test_ledger_verify_agrees(out, back, actor):
    from asbuilt.ledger.verifying import verify

    back("S1..S38")
    assert [f"{one.code} {one.what}" for one in verify(actor.tenant).findings] == []
