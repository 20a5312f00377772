"""Embargo and approval: while a notice is held nothing of it leaves; where the house asks for it another person approves."""

import pytest
from cast import cast, cast_home  # noqa: F401
from notice_floor import WORDS, contacts, drafted, open_case

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from asbuilt.kernel.instants import parse_instant

HOUR = 3_600_000_000
# long after what the house is loaded at: the record does not go back in time
NOON = parse_instant("2036-11-29T12:00:00Z")


def holding():
    from asbuilt.answers.cases.telling.actions import holding

    return holding


def send(actor, code: str):
    from asbuilt.answers.cases.telling.actions.queuing import send_notice

    send_notice(actor, notice=code, version=1)


def due(actor) -> int:
    from asbuilt.answers.cases.telling.sending import send_due

    return send_due(actor.tenant)


@pytest.fixture
def clock(told):
    from asbuilt.ledger import clock

    clock.set_clock(lambda: NOON)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    return lambda hours: clock.set_clock(lambda: NOON + int(hours * HOUR))


def test_while_it_is_held_nothing_leaves_and_what_waits_goes_when_it_is_let_go(told, mails, clock):
    code = drafted(told, open_case(told))
    holding().hold_notice(told, notice=code, readers=["psirt"], why="no update yet")
    send(told, code)
    assert due(told) == 0 and mails.raw() == []
    clock(24)
    assert due(told) == 0 and mails.raw() == []
    holding().let_go(told, notice=code, why="the update is out")
    assert due(told) == 2 and len(mails.raw()) == 2
    with pytest.raises(Refused) as nothing:
        holding().let_go(told, notice=code, why="again")
    assert nothing.value.code == "cases.notice_not_held"


def test_held_until_a_moment_it_leaves_at_that_moment(told, mails, clock):
    code = drafted(told, open_case(told), readers=["psirt"], until=NOON + HOUR, why="coordinated")
    send(told, code)
    clock(0.99)
    assert due(told) == 0 and mails.raw() == []
    clock(1)
    assert due(told) == 2


def test_a_hold_also_stops_what_was_queued_before(told, mails, clock):
    code = drafted(told, open_case(told))
    send(told, code)
    holding().hold_notice(told, notice=code, readers=["psirt"], why="exploited widely")
    assert due(told) == 0 and mails.raw() == []


def test_nobody_is_told_otherwise_of_what_is_held(told, clock):
    from asbuilt.answers.cases.telling.actions.acknowledging import tell_otherwise

    code = drafted(told, open_case(told), readers=["psirt"], why="w")
    send(told, code)
    with pytest.raises(Refused) as held:
        tell_otherwise(told, notice=code, customer="HAL", means="phone", at=NOON, why="w")
    assert held.value.code == "cases.notice_is_held"


@pytest.mark.parametrize(
    ("said", "error", "code"),
    [
        ({"readers": ["nobody-known"]}, NotFound, "cases.reader_unknown"),
        ({"readers": ["operator"]}, Invalid, "cases.reader_blind"),  # sees no cases: the hold would name nobody
        ({"readers": ["psirt"], "until": NOON - 1}, Invalid, "cases.hold_past"),
        ({"readers": [f"r{n}" for n in range(51)]}, Invalid, "cases.readers_many"),
        ({"readers": ["psirt"], "why": " "}, Invalid, "cases.words_missing"),
        ({"readers": ["psirt"], "notice": "N-9"}, NotFound, "cases.notice_unknown"),
    ],
)
def test_what_is_wrong_is_refused_by_name(told, clock, said, error, code):
    notice = drafted(told, open_case(told))
    with pytest.raises(error) as refused:
        holding().hold_notice(told, **{"notice": notice, "why": "w", **said})
    assert refused.value.code == code


def test_who_may_not_read_it_does_nothing_with_it(cast, tmp_path):  # noqa: F811
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.telling.actions import queuing, writing
    from asbuilt.answers.cases.telling.notices import notice_file
    from asbuilt.answers.cases.telling.seen import notice_seen, preview

    cara, carl = cast.actor["cara"], cast.actor["carl"]
    ours = local_system(cara.tenant)
    case = opening.open_case(ours, kind="aev", title="t")
    deciding.freeze(ours, case=case, question="order:WO-ALP", why="w")
    code = writing.draft_notice(
        cara, case=case, texts={"": {"contact": "c", "happened": "hush"}}, readers=["badge-cara"], why="w"
    )
    assert notice_seen(cara, code)["texts"][""]["happened"] == "hush" and notice_seen(cara, code)["readers"] == [
        "badge-cara"
    ]
    assert notice_seen(carl, code)["texts"] is None
    with pytest.raises(NotFound):
        preview(carl, code, "NORDLICHT")
    for act in (
        lambda: writing.review_notice(carl, notice=code, version=1),
        lambda: writing.revise_notice(carl, notice=code, texts={}, why="w"),
        lambda: writing.approve_notice(carl, notice=code, version=1),
        lambda: queuing.send_notice(carl, notice=code, version=1),
        lambda: holding().hold_notice(carl, notice=code, readers=["compliance"], why="let me in"),
        lambda: holding().let_go(carl, notice=code, why="w"),
    ):
        with pytest.raises(NotAllowed) as hidden:
            act()
        assert hidden.value.code == "cases.notice_held"
    assert notice_file(cara, code).newest.version == 1 and len(notice_file(cara, code).lines) == 2


def test_where_the_house_asks_for_it_another_person_approves(cast, monkeypatch):  # noqa: F811
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.telling.actions import queuing, writing

    monkeypatch.setenv("ASBUILT_NOTICE_APPROVAL", "another")
    cara, carl, ben = (cast.actor[who] for who in ("cara", "carl", "ben"))
    ours = local_system(cara.tenant)
    case = opening.open_case(ours, kind="aev", title="t")
    deciding.freeze(ours, case=case, question="order:WO-ALP", why="w")
    code = writing.draft_notice(cara, case=case, texts=WORDS)
    writing.review_notice(cara, notice=code, version=1)
    with pytest.raises(Refused) as nobody:
        queuing.send_notice(cara, notice=code, version=1)
    assert nobody.value.code == "cases.notice_not_approved"
    for who in (cara, ours):  # its author, and the system account, which is no person
        with pytest.raises(Refused) as same:
            writing.approve_notice(who, notice=code, version=1)
        assert same.value.code == "cases.notice_same_person"
    with pytest.raises(NotAllowed):
        writing.approve_notice(ben, notice=code, version=1)
    writing.approve_notice(carl, notice=code, version=1)
    with pytest.raises(Conflict):
        writing.approve_notice(carl, notice=code, version=1)
    writing.revise_notice(carl, notice=code, texts=WORDS, why="a comma")
    writing.review_notice(cara, notice=code, version=2)
    for who in (cara, carl):  # both wrote some of it now
        with pytest.raises(Refused):
            writing.approve_notice(who, notice=code, version=2)
    with pytest.raises(Refused):
        queuing.send_notice(cara, notice=code, version=2)
