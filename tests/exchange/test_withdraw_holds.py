"""holds.csv withdrawn and corrected: what was never placed holds nothing, what was lifted stands again; each wrong row is named."""

import pytest

from asbuilt.kernel.errors import AsbuiltError, Refused

AT = "2027-03-14T08:00:00+00:00"


def test_what_holds_hold(built, ask):
    # L1 is on SN1, SN2, SN4 and SN5's R2. H-1 holds silence too: SN6 (R2 has no record), and WO-2, whose four units have none at R1
    assert ask("held") == (9, 0, 0)
    assert ask("held unit:SN3") == (0, 0, 0)  # an X-out is not built


def test_a_lifting_taken_back_holds_again(built, fact, withdraw, ask, advance):
    withdraw(fact("holds", 0))
    before = advance()
    withdraw(fact("holds", 5))
    assert ask("held order:WO-2") == (2, 0, 0) and ask("held order:WO-2", before) == (0, 0, 0)


def test_what_placed_goes_only_with_what_lifts(built, fact, withdraw, ask):
    with pytest.raises(Refused) as refused:
        withdraw(fact("holds", 4))
    assert refused.value.code == "exchange.fact_rested_on" and refused.value.facts["names"] == ["H-3"]
    withdraw(fact("holds", 4), fact("holds", 5))
    withdraw(fact("holds", 0))
    assert ask("held") == (4, 0, 0)  # SN1, SN4, SN5, SN6 of H-2; SN2 was let go
    withdraw(fact("holds", 1), fact("holds", 2), fact("holds", 3))
    assert ask("held") == (0, 0, 0)


def test_a_part_of_the_units_goes(built, fact, withdraw, ask):
    withdraw(fact("holds", 0), fact("holds", 5))
    withdraw(fact("holds", 4), span=(8, 9))
    assert ask("held order:WO-2") == (1, 0, 0)


def test_a_row_is_corrected(built, fact, actor, withdraw, ask):
    from asbuilt.built.exchange.correcting import correct_fact

    said = {"reason": "wrong", "person": "046", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, fact("holds", 4), {"last_serial": "WO-2#4"}, **said)
    withdraw(fact("holds", 0))
    assert ask("held order:WO-2") == (0, 0, 0)  # the hold is lifted all the same
    withdraw(fact("holds", 5))
    assert ask("held order:WO-2") == (4, 0, 0)


@pytest.mark.parametrize("changed", ["lifted = 1 WHERE code = 'H-1'", "lifted = 0 WHERE code = 'H-3'"])
def test_a_hold_that_only_its_mark_lifts_is_named(built, actor, withdraw, fact, changed):
    """What is held now is found by that mark: who writes it beside the record would let units go."""
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    withdraw(fact("holds", 3))
    assert verify(actor.tenant).findings == []
    with write_tx(1):
        assert bulk.run(f"UPDATE production_hold SET {changed}")
    assert any("production_hold" in one.what for one in verify(actor.tenant).findings)


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ({"hold": "H-3", "action": "place", "kind": "units", "first_serial": "WO-2#1", "last_serial": "WO-2#1"}, "production.hold_lifted", "hold"),
        ({"hold": "H-9", "action": "lift"}, "production.hold_unknown", "hold"),
        ({"hold": "H-9", "action": "place"}, "production.hold_kind", "kind"),
        ({"hold": "H-1", "action": "lift", "kind": "question", "question": "reworked"}, "production.hold_kind", "kind"),
        ({"hold": "H-9", "action": "place", "kind": "units"}, "production.serial_missing", "first_serial"),
        ({"hold": "H-9", "action": "place", "kind": "units", "first_serial": "WO-2#2", "last_serial": "WO-2#1"}, "production.span_backwards", "last_serial"),
        ({"hold": "H-9", "action": "place", "kind": "units", "first_serial": "WO-1#6", "last_serial": "WO-2#1"}, "production.span_outside_order", "last_serial"),
        ({"hold": "H-9", "action": "place", "kind": "units", "first_serial": "ZZ", "last_serial": "ZZ"}, "production.serial_unknown", "first_serial"),
        ({"hold": "H-9", "action": "place", "kind": "lot", "part": "R1", "lot_code": "L1"}, "supply.lot_unknown", "lot_code"),
        ({"hold": "H-9", "action": "place", "kind": "question"}, "production.hold_question", "question"),
        ({"hold": "H-9", "action": "allow", "kind": "step", "question": "FCT"}, "production.hold_unknown", "hold"),
        ({"hold": "H-1", "action": "allow", "kind": "lot"}, "production.hold_kind", "kind"),
        ({"hold": "H-1", "action": "allow", "kind": "step"}, "production.hold_step", "question"),
        ({"hold": "H-1", "action": "allow", "kind": "done", "question": "held"}, "register.hold_of_held", "question"),
        ({"hold": "H-1", "action": "allow", "kind": "release", "question": "2.3.2"}, "production.hold_release", "question"),
        ({"hold": "H-9", "action": "place", "kind": "question", "question": "lot:"}, "question.value_missing", "question"),
        ({"hold": "H-9", "action": "place", "kind": "question", "question": "-held"}, "register.hold_of_held", "question"),
    ],
)  # fmt: skip
def test_wrong_rows_are_named(built, load, row, code, column):
    with pytest.raises(AsbuiltError) as caught:
        load({"holds": [{"reason": "r", "decided_at": AT, **row}]}, "wrong")
    assert (code, 2, column) in [(one.code, one.line, one.column) for one in caught.value.rows]


def test_the_same_folder_changes_nothing(built, load, ask):
    before = ask("held")
    assert all(report.already or report.stored == 0 for report in load(built))
    assert ask("held") == before
