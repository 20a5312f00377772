"""corrections.csv: rows withdraw facts or spans of them, all or nothing, with the line of each wrong row (design 7)."""

import pytest

from asbuilt.kernel.errors import Invalid, Refused


def correction(fact: str, **cells: str) -> dict[str, str]:
    said = {"fact": fact, "action": "withdraw", "reason": "reel mixed up", "person": "045"}
    return {**said, "decided_at": "2027-04-01T08:00:00+00:00", **cells}


def test_facts_and_spans_go(built, fact, load, ask):
    rows = [
        correction(fact("materials", 1)),
        correction(fact("processes", 0), first_serial="SN2", last_serial="WO-1#4"),
        correction(fact("units", 6), first_serial="WO-2#1", last_serial="WO-2#1"),
        correction(fact("tests", 2), first_serial="SN1", last_serial="SN1", product="box"),
    ]
    (report,) = load({"corrections": rows}, "more")
    assert (report.rows, report.stored, report.known) == (4, 4, 0)
    assert ask("lot:L1") == (3, 0, 6) and ask("passed:REFLOW unit:SN4") == (0, 0, 0)
    assert ask("ever:(test:FCT=pass) order:WO-3") == (0, 0, 0)


def test_the_same_rows_again_change_nothing(built, fact, load, actor):
    from asbuilt.storage import reading

    rows = [correction(fact("tests", n)) for n in range(2)]
    load({"corrections": rows[:1]}, "one")
    (report,) = load({"corrections": rows}, "two")
    assert (report.stored, report.known) == (1, 1)
    (report,) = load({"corrections": rows}, "two")
    assert report.already
    sql = "SELECT count(*) FROM ledger_withdrawal WHERE tenant = %s"
    assert reading.fetch_one(sql, (actor.tenant,))[0] == 2


def test_every_wrong_row_is_named_and_nothing_goes(built, fact, load, actor):
    from asbuilt.storage import reading

    rows = [
        correction("0" * 16),
        correction(fact("tests", 0)),
        correction(fact("units", 6)),
        correction(fact("processes", 0), first_serial="SN5", last_serial="WO-2#1"),
    ]
    with pytest.raises(Invalid) as refusal:
        load({"corrections": rows}, "wrong")
    assert [(row.line, row.code) for row in refusal.value.rows] == [(5, "production.span_outside_order")]
    with pytest.raises(Invalid) as refusal:
        load({"corrections": rows[:3]}, "wrong2")
    assert [(row.line, row.code) for row in refusal.value.rows] == [
        (2, "ledger.fact_unknown"),
        (4, "exchange.fact_ambiguous"),
    ]
    with pytest.raises(Refused):
        load({"corrections": [correction(fact("parties", 0))]}, "rests")
    assert reading.fetch_one("SELECT count(*) FROM ledger_withdrawal WHERE tenant = %s", (actor.tenant,))[0] == 0


def test_a_row_withdrawn_before_with_other_words(built, fact, load):
    load({"corrections": [correction(fact("tests", 0))]}, "one")
    with pytest.raises(Invalid) as refusal:
        load({"corrections": [correction(fact("tests", 0), reason="other words")]}, "two")
    assert refusal.value.rows[0].code == "exchange.withdrawn_before"
