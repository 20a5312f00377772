"""Holds on lots, units and answers: what `held` says then, who may place and lift, what is refused, the same request twice."""

import pytest
from floor import rows

from asbuilt.access.actor import person_actor
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

MATERIALS = "order|refdes|package|first_serial|last_serial|certainty|machine|feeder|happened_at"


def place(actor, **said):
    from asbuilt.built.production.actions.holds import place_hold

    return place_hold(actor, **{"reason": "cold joints at R1", **said})


def lift(actor, **said):
    from asbuilt.built.production.actions.holds import lift_hold

    return lift_hold(actor, **{"reason": "sorted", **said})


def answer(actor, **said):
    from asbuilt.answers.register.holds import hold

    return hold(actor, **{"reason": "zone 5 too hot", **said})


def person(*roles, tenant=1):
    return person_actor(tenant, 901, frozenset(roles), None)


@pytest.fixture
def mounted(stage, load):
    """B1 to B4 carry P1 of lot L1 certainly, B5 and B6 P1 or P2, B7 and B8 P2 of lot L2; all at R1 and R2."""
    stage()
    said = [
        f"WO-1|R1 R2|{package}|B{first}|B{last}|{grade}|M1|F1|2027-03-02T08:00Z"
        for package, first, last, grade in (
            ("P1", 1, 4, "certain"), ("P1", 5, 6, "possible"), ("P2", 5, 6, "possible"), ("P2", 7, 8, "certain"),
        )
    ]  # fmt: skip
    load({"materials": rows(MATERIALS, *said)}, "mounted")


@pytest.fixture
def lot(actor):
    """lot("L1") -> its number."""
    from asbuilt.built.supply.queries import lots_by_code

    return lambda code: lots_by_code(actor.tenant, code)[0].number


def boards(first, last):
    return [f"B{n}" for n in range(first, last + 1)]


def test_a_lot_is_held_with_the_units_that_carry_it(mounted, actor, lot, ask):
    assert place(actor, lots=[lot("L1")]) == "H-1"
    assert ask("held") == dict.fromkeys(boards(1, 6), "certain")
    lift(actor, hold="H-1")
    assert ask("held") == {}


def test_units_are_held_and_some_of_them_let_go(mounted, actor, ask):
    assert place(actor, spans=[(2, 6), (8, 9)]) == "H-1"
    assert list(ask("held")) == [*boards(2, 5), "B8"]
    lift(actor, hold="H-1", spans=[(3, 5)])
    assert list(ask("held")) == ["B2", "B5", "B8"]
    assert list(ask("-held")) == ["B1", "B3", "B4", "B6", "B7", "X1"]  # the box called B1 stands under its name once


def test_the_answer_of_a_question_is_held_and_what_matches_later(mounted, actor, load, ask):
    assert answer(actor, question="lot:L2") == "H-1"
    assert list(ask("held")) == boards(5, 8)
    header = "serial|refdes|removed_package|installed_package|operator|reason|happened_at"
    said = ["WO-1#1|R1|P1|P2|045|crack|2027-03-05T08:00Z", "B7|R1|P2|P1|045|crack|2027-03-05T08:00Z",
            "B7|R2|P2|P1|045|crack|2027-03-05T08:01Z"]  # fmt: skip
    load({"replacements": rows(header, *said)}, "rework")
    assert list(ask("lot:L2")) == ["B1", "B5", "B6", "B8"]
    assert list(ask("held")) == ["B1", *boards(5, 8)]  # B1 came to match, B7 was held when the hold was placed
    lift(actor, hold="H-1", spans=[(7, 8)])
    assert list(ask("held")) == ["B1", "B5", "B6", "B8"]
    lift(actor, hold="H-1")
    assert ask("held") == {}


def test_silence_is_held_where_the_hold_says_so(mounted, actor, ask):
    # B1 has no record at #20, a position that admits the part of no resistor lot: only the bare board's lot is silent there
    answer(actor, question="package:P3")
    assert ask("held") == {}
    answer(actor, question="package:P3", silent=True)
    assert list(ask("held")) == boards(1, 8)


def test_it_was_held_as_of_then(mounted, actor, ask):
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.answering import answers

    hour = 3_600_000_000
    began = clock.now() + hour
    for n, act in enumerate(
        (lambda: place(actor, spans=[(1, 3)]), lambda: lift(actor, hold="H-1"), lambda: place(actor, spans=[(4, 5)]))
    ):
        clock.set_clock(lambda at=began + n * hour: at)
        act()

    def counted(minutes):
        from asbuilt.kernel.instants import format_instant

        return answers.ask(actor, "held", as_of=format_instant(began + minutes * 60_000_000)).affected.counts()[
            "certain"
        ]

    assert [counted(minutes) for minutes in (-1, 1, 61, 121)] == [0, 2, 0, 1]


def test_the_same_request_twice(mounted, actor, ask):
    assert place(actor, spans=[(1, 3)], request_key="k1") == place(actor, spans=[(1, 3)], request_key="k1") == "H-1"
    assert (
        answer(actor, question="lot:L2", request_key="k2")
        == answer(actor, question="lot:L2", request_key="k2")
        == "H-2"
    )
    assert lift(actor, hold="H-1", request_key="k3") == lift(actor, hold="H-1", request_key="k3")
    with pytest.raises(Conflict):
        place(actor, spans=[(1, 4)], request_key="k1")


def test_who_places_and_who_lifts(mounted, actor):
    for roles in (["operator"], ["auditor"], ["administrator"], ["party_reader"], []):
        with pytest.raises(NotAllowed):
            place(person(*roles), spans=[(1, 2)])
    assert place(person("engineer"), spans=[(1, 2)]) == "H-1"
    assert place(person("psirt"), spans=[(1, 2)], lifted_by="psirt") == "H-2"
    with pytest.raises(NotAllowed):
        lift(person("engineer"), hold="H-1")
    with pytest.raises(NotAllowed) as refused:
        lift(person("quality_lead"), hold="H-2")
    assert refused.value.code == "production.hold_lifter_other"
    lift(person("quality_lead"), hold="H-1")
    lift(person("psirt"), hold="H-2")


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        ({}, Invalid, "production.hold_empty"),
        ({"spans": [(1, 2)], "lifted_by": "operator"}, Invalid, "production.hold_lifter"),
        ({"spans": [(1, 2)], "reason": " "}, Invalid, "production.hold_reason"),
        ({"lots": [99]}, NotFound, "supply.lot_unknown"),
        ({"question": "lot:"}, Invalid, "question.value_missing"),
        ({"question": "order:WO-1 -(reworked or held)"}, Invalid, "register.hold_of_held"),
    ],
)
def test_what_is_no_hold(mounted, actor, said, kind, code):
    with pytest.raises(kind) as refused:
        (answer if "question" in said and code != "x" else place)(actor, **said)
    assert refused.value.code == code
    with pytest.raises(NotFound):
        lift(actor, hold="H-1")


def test_a_hold_is_lifted_once(mounted, actor):
    place(actor, spans=[(1, 2)])
    lift(actor, hold="H-1")
    with pytest.raises(Refused) as refused:
        lift(actor, hold="H-1", reason="again")
    assert refused.value.code == "production.hold_lifted"


def test_two_hundred_holds_by_question(mounted, actor, load):
    header = "hold|action|kind|question|reason|decided_at"
    load(
        {
            "holds": rows(
                header,
                *(f"Q{n}|place|question|unit:B{n % 8 + 1} product:board|r|2027-03-05T08:00Z" for n in range(200)),
            )
        },
        "many",
    )
    with pytest.raises(Refused) as refused:
        answer(actor, question="lot:L2")
    assert refused.value.code == "production.holds_by_question"
    lift(actor, hold="Q7")
    answer(actor, question="lot:L2")


def test_a_stranger_has_no_such_hold(mounted, actor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    place(actor, spans=[(1, 2)])
    with pytest.raises(NotFound):
        lift(local_system(open_tenant("elsewhere", "Elsewhere").number), hold="H-1")
