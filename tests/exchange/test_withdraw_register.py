"""Withdraw and correct rows of the release register: nothing stays on what is gone, and a signed draft is not changed."""

import pytest

from asbuilt.kernel.errors import Refused

SAID = {"reason": "wrong", "person": "046", "decided_at": 1_800_000_000_000_000}


def refused(call, *arguments, **said) -> str:
    with pytest.raises(Refused) as refusal:
        call(*arguments, **said)
    assert refusal.value.code == "exchange.fact_rested_on"
    return f"{refusal.value.facts['what']} carries {refusal.value.facts['rests']}"


def test_what_carries_something_stays(built, fact, withdraw):
    assert refused(withdraw, fact("release_drafts", 0)) == "A release draft carries signatures"
    assert refused(withdraw, fact("trust_stores", 0)) == "A version of the trust store carries signatures and releases"
    # two have to sign, and what was withdrawn was released
    assert refused(withdraw, fact("release_signatures", 0)) == "A signature carries states of releases"
    assert refused(withdraw, fact("release_states", 0)) == "The release of a draft carries its withdrawal"
    states = fact("release_states", 0), fact("release_states", 1)
    assert refused(withdraw, *states) == "The state of a release carries rows of firmware.csv"


def test_all_of_it_goes_together(built, fact, withdraw, actor):
    from asbuilt.designed.firmware.register import registered, trust_chain
    from asbuilt.ledger.verifying import verify

    names = (
        ("release_drafts", 0),
        ("release_signatures", 0),
        ("release_signatures", 1),
        ("release_states", 0),
        ("release_states", 1),
    )
    withdraw(*(fact(*name) for name in names), fact("firmware", 2), fact("trust_stores", 0))
    assert registered(actor.tenant) == [] and trust_chain(actor.tenant) == []
    assert verify(actor.tenant).as_json()["findings"] == []


def test_a_withdrawal_that_was_a_mistake(built, fact, withdraw, actor):
    from asbuilt.designed.firmware.register import permittable, release

    assert release(actor.tenant, "board", "app", "2.0.0").state == "withdrawn"
    withdraw(fact("release_states", 1))
    assert permittable(actor.tenant, "board", "app", "2.0.0").state == "released"


def test_a_draft_is_corrected_until_somebody_signed_it(built, fact, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.designed.firmware.actions import Draft, add_release
    from asbuilt.designed.firmware.register import release
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger.verifying import verify

    message = refused(correct_fact, actor, fact("release_drafts", 0), {"built_by": "somebody else"}, **SAID)
    assert message == "A release draft carries signatures"
    add_release(actor, draft=Draft("board", "app", "3.0.0", ("A",)), image=b"an image")
    row = list(rows_of(actor.tenant, "release_drafts"))[-1]
    correct_fact(actor, fact_id(TABLES["release_drafts"], row), {"change_log": '["Two","lines"]'}, **SAID)
    assert release(actor.tenant, "board", "app", "3.0.0").statement.change_log == "Two\nlines"
    assert verify(actor.tenant).as_json()["findings"] == []


@pytest.mark.parametrize(
    ("table", "cells", "code"),
    [
        ("trust_stores", {"version": "2"}, "ledger.trust_chain"),
        ("trust_stores", {"version": "2", "document": "{}"}, "kernel.envelope_malformed"),
        ("trust_stores", {"document": "{}"}, "tables.contradicts"),
        ("release_drafts", {"version": "9", "product": "GHOST"}, "catalog.product_unknown"),
        ("release_drafts", {"version": "9", "revisions": "Z"}, "catalog.revision_unknown"),
        ("release_drafts", {"version": "9", "boot": '{"a": 1}'}, "firmware.cell_wrong"),
        ("release_drafts", {"version": "9", "change_log": '{"a": 1}'}, "firmware.cell_wrong"),
        ("release_signatures", {"key_id": "0" * 16}, "firmware.signer_unknown"),
        ("release_signatures", {"version": "9"}, "firmware.release_unknown"),
        ("release_signatures", {"trust_version": "7"}, "tables.contradicts"),
        ("release_states", {"version": "9"}, "firmware.release_unknown"),
        ("release_states", {"version": "9", "state": "withdrawn"}, "firmware.release_unknown"),
    ],
)
def test_wrong_rows_are_named(built, load, table, cells, code):
    from asbuilt.kernel.errors import AsbuiltError

    first = built[table][0]
    with pytest.raises(AsbuiltError) as refusal:
        load({table: [first | cells]}, "wrong")
    assert code in {row.code for row in refusal.value.rows}
