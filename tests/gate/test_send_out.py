"""Units leave for a subcontractor's step with a delivery note: what stops a unit, who does the step, and what is outside then."""

import pytest
from boards_outside import factory, step

from asbuilt.answers.gate import reworking
from asbuilt.answers.gate.outside import Sent, send_out, take_back
from asbuilt.built.production.actions.holds import place_hold
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def shop(load):
    load(factory())


@pytest.fixture
def send(actor):
    def out(*codes, step="COATING", by=None, key=None, **said) -> Sent:
        return send_out(by or actor, codes=codes, step=step, request_key=key, **said)

    return out


def refusal(kind, verb, *words, **said):
    with pytest.raises(kind) as caught:
        verb(*words, **said)
    return caught.value


def test_forty_boards_leave_with_a_note_of_the_rule(shop, send, ask, actor):
    from asbuilt.questions.genealogy.seen.outside import note_seen, open_notes

    sent = send("WO#1..#40", transport="Spedition K, 2 boxes")
    assert (sent.note, sent.party, sent.units) == ("DN-1", "COAT", 40)
    assert ask("in:outside") == [f"S{n}" for n in range(1, 41)] and ask("in:production") == []
    note = note_seen(actor, "DN-1")
    assert (note.order, note.product, note.revision) == ("WO", "board", "A")
    assert (note.party, note.party_code, note.step_name) == ("Coat GmbH", "COAT", "COATING")
    assert (note.transport, len(note.outside), note.back, note.papers) == ("Spedition K, 2 boxes", 40, [], ())
    (still,) = open_notes(actor, order="WO")
    assert (still.note, still.party, still.sent, still.outside) == ("DN-1", "Coat GmbH", 40, 40)
    assert open_notes(actor, order="WX") == []


def test_a_scan_a_panel_and_a_stretch_leave_together(shop, send, ask):
    assert send("S1", "PN2", "S9..S11").units == 8
    assert ask("in:outside") == ["S1", "S5", "S6", "S7", "S8", "S9", "S10", "S11"]
    assert send("S2").note == "DN-2"


def test_a_given_number_and_the_next_one_of_the_rule(shop, send):
    assert send("S1", note="DN-17").note == "DN-17" and send("S2", note="LS 2026/4").note == "LS 2026/4"
    assert send("S3").note == "DN-18"


def test_in_outside_as_of_before_is_production(shop, send, actor):
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.answering import answers

    before = clock.now()
    send("S1")
    from asbuilt.kernel.instants import format_instant

    found = answers.ask(actor, "in:outside", as_of=format_instant(before), serials=True).as_dict()["serials"]
    assert found == []


# ---- what stops


def test_a_held_unit_does_not_leave_and_none_of_its_note_does(shop, send, ask, actor):
    from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of

    unit = unit_of(view_of(actor), "S7")
    place_hold(actor, spans=[(unit, unit + 1)], reason="joints at R1")
    error = refusal(Refused, send, "WO#1..#40")
    assert error.code == "gate.held" and "S7" in error.message and "joints at R1" in error.message
    assert [stop["code"] for stop in error.facts["stops"]] == ["gate.held"]
    assert ask("in:outside") == []


def test_a_unit_that_lacks_an_earlier_step_does_not_leave(load, send):
    tables = factory()
    tables["processes"][0]["last_serial"] = "S39"
    load(tables)
    error = refusal(Refused, send, "S39", "S40")
    assert error.code == "gate.step_skipped" and "S40" in error.message and "SMT" in error.remedy


def test_a_scrapped_unit_does_not_leave(shop, send, actor):
    reworking.scrap(actor, code="S3", reason="cracked")
    assert refusal(Refused, send, "S3").code == "gate.scrapped"
    assert send("PN1").units == 3  # a panel's code leaves out what was scrapped


def test_a_unit_that_is_outside_does_not_leave_again(shop, send):
    send("S1", note="LS-1")
    error = refusal(Refused, send, "S1", "S2")
    assert error.code == "gate.outside" and "COAT" in error.message and "LS-1" in error.message
    assert error.facts["note"] == "LS-1" and error.facts["since"].startswith("20")


def test_what_is_inside_another_unit_does_not_leave(shop, send, actor):
    reworking.put_in(actor, parent="X1", child="S1")
    assert refusal(Refused, send, "S1").code == "gate.inside_already"


def test_units_of_two_orders_do_not_leave_with_one_note(shop, send):
    error = refusal(Refused, send, "S1", "X1")
    assert error.code == "gate.note_two_orders" and "WO" in error.message and "WX" in error.message


def test_the_routing_says_who_does_the_step(shop, send):
    error = refusal(Refused, send, "S1", party="LACK")
    assert error.code == "gate.other_subcontractor" and error.facts["subcontractor"] == "COAT"
    assert send("S1", party="Coat GmbH").party == "COAT"


def test_a_step_of_our_own_is_not_done_outside(shop, send):
    assert refusal(Refused, send, "S1", step="SMT", party="LACK").code == "gate.step_in_house"


def test_a_step_that_is_not_on_the_route(shop, send):
    assert refusal(Refused, send, "S1", step="PLATING", party="COAT").code == "gate.step_not_on_route"


def test_the_party_must_exist(shop, send):
    error = refusal(NotFound, send, "S1", party="COATT")
    assert error.code == "parties.unknown" and "COAT" in error.remedy


def test_without_a_routing_the_subcontractor_is_named(shop, send):
    assert refusal(Invalid, send, "X1", step="PLATING").code == "gate.subcontractor_missing"
    assert send("X1", step="PLATING", party="LACK").party == "LACK"


def test_an_unknown_unit_is_not_found(shop, send):
    assert refusal(NotFound, send, "S41").code == "question.unknown_name"


def test_nothing_scanned_and_no_step(shop, send):
    assert refusal(Invalid, send).code == "gate.codes"
    assert refusal(Invalid, send, "S1", step=" ").code == "gate.step_missing"


# ---- twice, who may, whose


def test_the_same_request_twice_is_one_note(shop, send, actor):
    first = send("S1..S3", key="k-1")
    assert send("S1..S3", key="k-1") == first
    assert refusal(Conflict, send, "S1..S4", key="k-1").code == "ledger.request_key_reused"


def test_the_same_note_twice_is_idempotent_and_another_content_is_refused(shop, send):
    first = send("S1..S3", note="LS-1", transport="van")
    assert send("S1..S3", note="LS-1", transport="van") == first
    assert refusal(Refused, send, "S1..S4", note="LS-1", transport="van").code == "gate.note_taken"
    assert refusal(Refused, send, "S1..S3", note="LS-1", transport="bike").code == "gate.note_taken"


def test_who_may(shop, send, person, stranger):
    operator, auditor = person("operator"), person("auditor")
    assert send("S1", by=operator).units == 1
    for verb in (lambda: send("S2", by=auditor), lambda: take_back(auditor, note="DN-1")):
        with pytest.raises(NotAllowed):
            verb()
    with pytest.raises(NotFound):
        send("S2", by=stranger)
    with pytest.raises(NotFound):
        take_back(stranger, note="DN-1")


# ---- while outside


def test_a_unit_outside_passes_no_step_is_not_reworked_nor_built_in(shop, send, go, stopped, actor):
    send("S1")
    assert stopped("S1", "FCT")[0] == "outside"
    assert refusal(Refused, go, "S1", "SMT").code == "gate.outside"
    error = refusal(Refused, reworking.replace_part, actor, code="S1", refdes="R1", reason="cold joint", removed="X")
    assert error.code == "gate.outside"
    assert refusal(Refused, reworking.put_in, actor, parent="X1", child="S1").code == "gate.outside"
    assert refusal(Refused, reworking.put_in, actor, parent="S1", child="X1").code == "gate.outside"
    from asbuilt.answers.gate.placing import place_by_hand

    assert refusal(Refused, place_by_hand, actor, first="S1", refdes=["R1"], package="P").code == "gate.outside"


def test_what_is_inside_a_unit_that_is_outside_goes_nowhere(shop, send, go, stopped, actor, ask):
    reworking.put_in(actor, parent="X1", child="S1")
    send("X1", step="PLATING", party="LACK")
    assert stopped("S1", "SMT") == ["outside"]
    assert refusal(Refused, reworking.take_out, actor, child="S1", reason="dark").code == "gate.outside"
    assert ask("in:outside") == ["S1", "X1"]  # terms about place look at the outermost unit


def test_a_subcontractors_step_is_not_done_here(shop, go, stopped):
    assert stopped("S1", "COATING") == ["step_outside"]
    assert refusal(Refused, go, "S1", "COATING").code == "gate.step_outside"


def test_a_unit_scrapped_at_the_subcontractor_is_scrapped_and_the_note_closes(shop, send, ask, actor):
    from asbuilt.questions.genealogy.seen.outside import open_notes

    send("S1", "S2")
    reworking.scrap(actor, code="S1", reason="broken at COAT")
    assert ask("in:outside") == ["S2"] and ask("in:scrapped") == ["S1"]
    assert [(one.sent, one.outside) for one in open_notes(actor)] == [(2, 1)]
    reworking.scrap(actor, code="S2", reason="broken too")
    assert open_notes(actor) == []
    assert refusal(Refused, take_back, actor, note="DN-1").code == "gate.note_closed"


@pytest.mark.parametrize(("since", "leaves"), [("2026-02-15T08:00:00Z", False), ("2026-03-02T08:00:00Z", True)])
def test_the_step_is_asked_of_the_routing_that_was_in_force_when_units_were_begun(load, send, since, leaves):
    """A later routing that coats here: units begun under it do not leave any more, those begun before go their way."""
    tables = factory()
    first = [row | {"from_at": "2026-02-01T08:00:00Z"} for row in tables["routings"]]
    later = [row | {"routing": "2", "from_at": since} for row in (step("10", "SMT"), step("20", "COATING"))]
    load(tables | {"routings": [*first, *later]})
    if leaves:
        assert send("S1").party == "COAT"
    else:
        assert refusal(Refused, send, "S1", party="COAT").code == "gate.step_in_house"
