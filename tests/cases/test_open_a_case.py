"""Signals wait until a person takes or dismisses them; cases open, close and reopen; strangers find nothing."""

from dataclasses import replace

import pytest
from case_floor import AT, HOUR

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def verbs():
    from asbuilt.answers.cases.handling.actions import opening

    return opening


def test_a_signal_is_no_case_until_a_person_opens_one(house, seen):
    from asbuilt.answers.cases.handling.seen import cases_told, signals_told

    code = verbs().note_signal(
        house, source="mail", words="<b>Your box is hacked</b>", received_at=AT, reference="M-77"
    )
    later = verbs().note_signal(house, source="kev", words="listed", received_at=AT + HOUR)
    assert (code, later) == ("S-1", "S-2")
    assert cases_told(house) == []
    assert [one["state"] for one in signals_told(house)] == ["waiting", "waiting"]
    opened = verbs().open_case(house, kind="aev", title="Buffer overflow in OWN-1", signals=["S-2", "S-1"])
    found = seen(opened)
    assert (opened, found["state"], found["signals"]) == ("C-1", "open", ["S-2", "S-1"])
    assert found["moments"]["signal_received_at"]["at"] == "2026-11-20T08:00:00Z"  # the earlier of the two
    assert {one["state"] for one in signals_told(house)} == {"in_case"}
    assert found["duties"] == [] and "No product is named." in found["gaps"]


def test_an_earlier_signal_moves_when_the_first_was_received_and_both_stay(house, seen):
    first = verbs().note_signal(house, source="kev", words="listed", received_at=AT)
    code = verbs().open_case(house, kind="aev", title="t", signals=[first])
    older = verbs().note_signal(house, source="mail", words="lay in a mailbox", received_at=AT - 5 * HOUR)
    verbs().take_signal(house, case=code, signal=older, why="same flaw")
    said = [one["at"] for one in seen(code)["timeline"] if one["name"] == "signal_received_at"]
    assert said == ["2026-11-20T08:00:00Z", "2026-11-20T03:00:00Z"]
    assert seen(code)["moments"]["signal_received_at"]["at"] == said[1]


def test_a_signal_is_settled_once(house):
    from asbuilt.answers.cases.handling.seen import signals_told

    spam = verbs().note_signal(house, source="mail", words="buy now", received_at=AT)
    verbs().dismiss_signal(house, signal=spam, why="spam")
    assert [(one["state"], one["why"]) for one in signals_told(house)] == [("dismissed", "spam")]
    for again in (
        lambda: verbs().dismiss_signal(house, signal=spam, why="spam"),
        lambda: verbs().open_case(house, kind="aev", title="t", signals=[spam]),
    ):
        with pytest.raises(Refused) as refused:
            again()
        assert refused.value.code == "cases.signal_settled"
    with pytest.raises(NotFound):
        verbs().dismiss_signal(house, signal="S-9", why="w")


def test_a_case_closes_takes_nothing_more_and_reopens_with_all_that_was_said(house, seen):
    from asbuilt.answers.cases.handling.actions.saying import note
    from asbuilt.answers.cases.handling.seen import cases_told

    code = verbs().open_case(house, kind="quality", title="Wrong reflow profile")
    note(house, case=code, words="oven 2 only")
    verbs().close_case(house, case=code, why="all accounted for")
    assert seen(code)["state"] == "closed" and cases_told(house) == [] and len(cases_told(house, closed=True)) == 1
    for verb in (lambda: note(house, case=code, words="x"), lambda: verbs().close_case(house, case=code, why="x")):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.code == "cases.closed"
    verbs().reopen_case(house, case=code, why="a unit came back")
    with pytest.raises(Refused) as refused:
        verbs().reopen_case(house, case=code, why="x")
    assert refused.value.code == "cases.not_closed"
    kinds = [(one["kind"], one["why"]) for one in seen(code)["timeline"]]
    assert kinds == [
        ("opened", ""),
        ("note", "oven 2 only"),
        ("closed", "all accounted for"),
        ("reopened", "a unit came back"),
    ]
    note(house, case=code, words="oven 3 too")  # it is worked on as before
    assert [one["why"] for one in seen(code)["timeline"]][-1] == "oven 3 too" and len(cases_told(house)) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "earthquake"}, "cases.word_unknown"), ({"title": " "}, "cases.words_missing"),
        ({"title": "x" * 201}, "cases.words_long"), ({"title": "a\x1b[2J"}, "cases.words_control"),
        ({"zone": "Nowhere/Land"}, "cases.zone_unknown"), ({"signals": [f"S-{n}" for n in range(101)]}, "cases.signals_many"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name_and_nothing_is_kept(house, said, code):
    from asbuilt.answers.cases.handling.seen import cases_told

    with pytest.raises(Invalid) as refused:
        verbs().open_case(house, **{"kind": "aev", "title": "t", **said})
    assert refused.value.code == code and cases_told(house) == []


def test_a_time_ahead_of_the_clock_is_refused(house):
    with pytest.raises(Invalid) as refused:
        verbs().note_signal(house, source="mail", words="w", received_at=4_000_000_000_000_000)
    assert refused.value.code == "cases.ahead"


def test_the_same_request_twice_is_one_case(house):
    from asbuilt.answers.cases.handling.seen import cases_told

    said = {"kind": "aev", "title": "t", "request_key": "K"}
    assert verbs().open_case(house, **said) == verbs().open_case(house, **said) == "C-1"
    assert len(cases_told(house)) == 1
    with pytest.raises(Conflict):
        verbs().open_case(house, **{**said, "title": "other"})


def test_a_partys_person_and_another_tenant_find_no_case(cast):
    from asbuilt.access.actor import local_system
    from asbuilt.access.rights import ALL_RIGHTS
    from asbuilt.answers.cases.handling.seen import case_seen, cases_told, signals_told

    strangers = [replace(cast.actor["dan"], rights=ALL_RIGHTS), cast.actor["brand_a_reader"]]

    code = verbs().open_case(local_system(1), kind="aev", title="Alpina")
    assert case_seen(cast.actor["cara"], code)["title"] == "Alpina"
    for look in (lambda who: case_seen(who, code), cases_told, signals_told):
        with pytest.raises(NotFound):
            look(cast.actor["brand_a_reader"])
    with pytest.raises(NotFound):
        case_seen(strangers[0], code)
    assert cases_told(strangers[0]) == []
    for verb in (verbs().close_case, verbs().reopen_case):
        for who in strangers:
            with pytest.raises(NotFound):
                verb(who, case=code, why="w")
    with pytest.raises(NotAllowed):
        verbs().close_case(cast.actor["eva"], case=code, why="w")
    with pytest.raises(NotAllowed):
        cases_told(cast.actor["anna"])
    with pytest.raises(NotAllowed):
        verbs().open_case(replace(cast.actor["cara"], rights=frozenset()), kind="aev", title="t")


def test_verify_compares_case_files_with_the_log(house):
    from asbuilt.answers.cases.handling.statements import KEPT
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    verbs().note_signal(house, source="mail", words="w", received_at=AT)
    verbs().open_case(house, kind="aev", title="t", signals=["S-1"])
    assert list(KEPT.rebuild(house.tenant)) == []
    for sql, code in (
        (
            "UPDATE cases_statement SET at = at + 1 WHERE tenant = %s AND kind = 'moment'",
            "ledger.projection_row_changed",
        ),
        ("DELETE FROM cases_statement WHERE tenant = %s AND kind = 'moment'", "ledger.projection_row_missing"),
    ):
        with write_tx(house.tenant):
            bulk.run(sql, (house.tenant,))
        assert [one.code for one in KEPT.rebuild(house.tenant)] == [code]
