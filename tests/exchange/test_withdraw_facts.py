"""Withdraw facts of every table. Expectations are counted by hand on the factory of conftest (design 2.5 and 7).

Units: WO-1 has 1 to 6 (3 skipped), WO-2 7 to 10, WO-3 11 and 12.
"""

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused


def test_a_material_fact_goes_as_far_as_no_other_says_the_same(built, fact, withdraw, ask):
    assert ask("lot:L1") == (4, 0, 5)  # SN1 SN2 SN4 SN5; silent: SN6 (R1 is in doubt, R2 empty) and R1 of WO-2
    withdraw(fact("materials", 1))  # SN4..SN5; SN4 stands in the other row too
    assert ask("lot:L1") == (3, 0, 6)
    withdraw(fact("materials", 0), span=(1, 2))
    assert ask("lot:L1") == (2, 0, 7)
    withdraw(fact("materials", 0))
    assert ask("lot:L1") == (0, 0, 9)


def test_what_was_known_before_is_still_answered(built, fact, withdraw, ask, actor, advance):
    before = advance()
    withdraw(fact("materials", 0), fact("materials", 1))
    assert ask("lot:L1", before) == (4, 0, 5)
    assert ask("lot:L1") == (0, 0, 9)


def test_nothing_stays_on_what_is_gone(built, fact, withdraw, ask):
    with pytest.raises(Refused) as refusal:
        withdraw(fact("replacements", 0))  # the second took out what the first put in
    assert refusal.value.code == "exchange.fact_rested_on" and refusal.value.facts["names"] == ["WO-1#5 R1"]
    assert ask("lot:L9") == (1, 0, 5)
    assert withdraw(fact("replacements", 1), fact("replacements", 0)).withdrawn == 2
    assert ask("lot:L9") == (0, 0, 5)
    assert ask("(lot:L1 at:R1)") == (4, 0, 5)


@pytest.mark.parametrize(
    ("table", "n", "by"),
    [
        ("parties", 0, "orders"), ("parties", 1, "packages"), ("parties", 2, "shipments"), ("parts", 2, "packages"),
        ("parts", 3, "BOM lines"), ("bom", 0, "material runs"), ("bom", 3, "orders"), ("lots", 0, "material runs"),
        ("lots", 3, "replacements"), ("orders", 0, "rows of"), ("orders", 2, "rows of"), ("firmware", 0, "programming"),
        ("firmware", 1, "programming"),
    ],
)  # fmt: skip
def test_what_others_rest_on_is_refused_with_their_names(built, fact, withdraw, table, n, by):
    with pytest.raises(Refused) as refusal:
        withdraw(fact(table, n))
    assert refusal.value.code == "exchange.fact_rested_on"
    assert refusal.value.facts["rests"].startswith(by) and refusal.value.facts["names"] and refusal.value.remedy
    assert withdraw(*[]).withdrawn == 0


def test_everything_goes_together(built, fact, withdraw, actor):
    from asbuilt.storage import reading

    ids = {fact(table, n) for table, rows in built.items() for n in range(len(rows))}
    alike = fact("units", 6)  # two units of WO-2 without a name are one text
    withdraw(alike, span=(7, 9))
    assert withdraw(*(ids - {alike})).withdrawn == len(ids) - 1
    for table in (
        "parties_party", "catalog_manufacturer_part", "catalog_bom_line", "supply_package", "production_order",
        "production_block", "production_unit_name", "production_panel", "production_unit_state", "production_material_run",
        "production_process_run", "production_replacement", "production_assembly", "firmware_release",
        "programming_record", "programming_package", "programming_firmware_run", "quality_test_run", "quality_outcome_run",
        "shipping_line",
    ):  # fmt: skip
        sql = f"SELECT count(*) FROM {table} WHERE tenant = %s AND until_entry IS NULL"
        assert reading.fetch_one(sql, (actor.tenant,))[0] == 0, table
    assert reading.fetch_one("SELECT count(*) FROM production_material_hole WHERE tenant = %s", (actor.tenant,))[0] == 0


def test_names_and_states(built, fact, withdraw, ask):
    assert ask("in:scrapped") == (2, 0, 0)  # BX2, and SN6 inside it
    withdraw(fact("units", 9))  # BX2 was scrapped; it was assembled and shipped, so it is there all the same
    with pytest.raises(NotFound):
        ask("unit:BX2")
    assert ask("in:scrapped") == (0, 0, 0) and ask("customer:cx unit:WO-3#2") == (1, 0, 0)
    withdraw(fact("units", 2))  # skipped no more, and certain material lies on it
    assert ask("lot:L1") == (5, 0, 5) and ask("panel:PN1") == (2, 0, 0)
    with pytest.raises(Refused) as refusal:
        withdraw(fact("units", 3))  # SN4, which SN4-NEW replaced
    assert refusal.value.facts["names"] == ["SN4-NEW in place of SN4 on WO-1#4"]
    withdraw(fact("names", 1))
    with pytest.raises(NotFound):
        ask("unit:SN4-NEW")
    assert ask("unit:SN4") == (1, 0, 0)


def test_processes_tests_firmware_and_shipments(built, fact, withdraw, ask):
    assert ask("passed:REFLOW") == (7, 0, 0)
    withdraw(fact("processes", 0), span=(2, 5))
    assert ask("passed:REFLOW") == (5, 0, 0) and ask("passed:REFLOW unit:SN4") == (0, 0, 0)
    assert ask("firmware:1.1.0") == (1, 0, 0) and ask("firmware:1.0.0 -unit:SN5") == (0, 0, 0)
    withdraw(fact("programming", 1))
    assert ask("firmware:1.1.0") == (0, 0, 0) and ask("firmware:1.0.0 unit:SN6") == (1, 0, 0)
    assert ask("firmware:1.0.0 unit:SN5") == (1, 0, 0)  # it carries P9, whose devices came programmed
    withdraw(fact("programming", 3))
    assert ask("firmware:1.0.0 unit:SN5") == (0, 0, 0)
    assert ask("test:FCT=pass unit:SN2") == (1, 0, 0)
    withdraw(fact("tests", 1))
    assert ask("test:failed") == (1, 0, 0)
    assert ask('customer:"Shop X"') == (4, 0, 0)  # SN1 SN2 and BX2 with SN6 inside
    withdraw(fact("shipments", 0), span=(2, 3))
    assert ask('customer:"Shop X"') == (3, 0, 0)
    withdraw(fact("assemblies", 0))
    assert ask('customer:"Shop X"') == (2, 0, 0) and ask("contains:(unit:SN6)") == (0, 0, 0)


def test_the_same_request_changes_nothing(built, fact, withdraw, actor):
    from asbuilt.storage import reading

    assert withdraw(fact("tests", 0)).withdrawn == 1
    entries = reading.fetch("SELECT count(*) FROM ledger_entry WHERE tenant = %s", (actor.tenant,))
    again = withdraw(fact("tests", 0))
    assert (again.entry, again.withdrawn, again.known) == (None, 0, 1)
    assert reading.fetch("SELECT count(*) FROM ledger_entry WHERE tenant = %s", (actor.tenant,)) == entries
    with pytest.raises(Refused) as refusal:
        withdraw(fact("tests", 0), reason="another reason")
    assert refusal.value.code == "exchange.withdrawn_before"


def test_what_is_refused(built, fact, withdraw, actor):
    from dataclasses import replace

    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    with pytest.raises(NotFound):
        withdraw("0" * 16)
    with pytest.raises(Refused) as refusal:
        withdraw(fact("units", 6))
    assert refusal.value.code == "exchange.fact_ambiguous"
    with pytest.raises(Invalid) as invalid:
        withdraw(fact("processes", 0), span=(6, 8))
    assert invalid.value.code == "exchange.span_outside_fact"
    with pytest.raises(Invalid):
        withdraw("xyz")
    with pytest.raises(Invalid):
        withdraw(fact("tests", 0), reason=" ")
    with pytest.raises(Refused):
        withdraw(fact("tests", 0), fact("tests", 0))
    with pytest.raises(NotAllowed):
        withdraw_facts(replace(actor, rights=frozenset()), [Withdraw(fact("tests", 0), "r", "045", 0)])


def test_reason_and_person_can_be_erased(built, fact, withdraw, actor):
    from asbuilt.storage import reading

    entry = withdraw(fact("tests", 0), reason="Mr Miller mixed them up", person="045").entry
    body = reading.fetch_one("SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s", (actor.tenant, entry))[
        0
    ]
    assert "Miller" not in body and "reason/1" in body
    sql = "SELECT value FROM ledger_hidden WHERE tenant = %s AND entry = %s AND path = 'reason/1'"
    assert reading.fetch_one(sql, (actor.tenant, entry)) == ("Mr Miller mixed them up",)


def test_rooms_above_are_told(built, fact, withdraw):
    from asbuilt.built.exchange.withdrawing import AFTER_WITHDRAWAL

    told = []
    AFTER_WITHDRAWAL["test"] = lambda entry, facts: told.append((entry.number, [one.shape for one in facts]))
    try:
        entry = withdraw(fact("tests", 0), fact("units", 2)).entry
    finally:
        del AFTER_WITHDRAWAL["test"]
    assert told == [(entry, ["quality.test_run/1", "production.unit/1"])]
