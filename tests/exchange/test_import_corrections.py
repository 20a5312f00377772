"""corrections.csv: rows withdraw or correct facts or spans of them, all or nothing, with the line of each wrong row (design 7)."""

import json

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


def right(fact: str, cells: dict | str, **more: str) -> dict[str, str]:
    text = cells if isinstance(cells, str) else json.dumps(cells)
    return correction(fact, action="correct", cells=text, **more)


def test_rows_are_corrected_by_a_file_in_one_entry(built, fact, load, ask, advance, actor, another_home, tmp_path):
    """The story: a reel was swapped over a run of orders and a customer mistyped; forty rows were to be mended one by one. Counted by hand."""
    from test_names_of_withdrawn_facts import export_into

    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    before = advance()
    rows = [
        right(fact("materials", 0), {"package": "P9", "last_serial": "SN3"}),
        right(fact("processes", 0), {"program": "P8"}, first_serial="SN2", last_serial="WO-1#4", reason="seen on the screen"),
        right(fact("lots", 1), {"lot_code": "L2-B"}),
        right(fact("shipments", 0), {"country": "PT"}),
        correction(fact("tests", 0)),
    ]  # fmt: skip
    (report,) = load({"corrections": rows}, "more")
    assert (report.rows, report.stored, report.known) == (5, 5, 0)
    assert all(
        warning.startswith("corrections.csv line ") and "correction line" not in warning for warning in report.warnings
    )
    expected = {
        "lot:L1": (2, 0, 5),
        "(lot:L9 at:R2)": (2, 0, 1),
        "passed:REFLOW(program=P8)": (2, 0, 0),
        "country:PT": (2, 0, 0),
    }
    expected["lot:L2-B"] = (4, 1, 0)
    assert {text: ask(text) for text in expected} == expected
    assert ask("lot:L1", before) == (4, 0, 5) and ask("country:FR", before) == (4, 0, 0)
    sql = "SELECT path, value FROM ledger_hidden WHERE tenant = %s AND entry = %s ORDER BY path"
    assert dict(reading.fetch(sql, (actor.tenant, report.entry))) == {
        "reason/1": "reel mixed up",
        "reason/2": "seen on the screen",
    }
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []
    (again,) = load({"corrections": rows[::-1]}, "again")
    assert (again.stored, again.known) == (0, 5)
    there = export_into(actor, another_home, tmp_path / "out")
    from asbuilt.questions.genealogy.answering.answers import ask as asked

    counts = {text: tuple(asked(there, text).affected.counts().values()) for text in expected}
    assert counts == expected


def test_every_row_that_cannot_be_corrected_is_named(built, fact, load, actor):
    from asbuilt.storage import reading

    for n, (cells, code) in enumerate((("", "cells_malformed"), ('["P9"]', "cells_malformed"), ({"quantity": 5}, "cells_malformed"))):  # fmt: skip
        with pytest.raises(Invalid) as refusal:
            load({"corrections": [right(fact("tests", 0), cells)]}, f"cells{n}")
        assert [(row.line, row.column, row.code) for row in refusal.value.rows] == [(2, "cells", f"exchange.{code}")]
    with pytest.raises(Invalid) as refusal:
        load({"corrections": [correction(fact("tests", 0), cells='{"plan": "X"}')]}, "both")
    assert refusal.value.rows[0].code == "exchange.cells_malformed"
    rows = [
        right(fact("materials", 1), {"feeder": "F9"}),
        right(fact("materials", 0), {"package": "P77"}),
        right(fact("lots", 0), {"quantity": "many", "part": "R9"}),
        right("0" * 16, {"plan": "X"}),
        right(fact("tests", 1), {"colour": "red"}),
        right(fact("parties", 1), {"party": "other"}),
        right(fact("materials", 1), {"feeder": "F8"}),
    ]
    with pytest.raises(Invalid) as refusal:
        load({"corrections": rows}, "wrong")
    assert [(row.line, row.column, row.code) for row in refusal.value.rows] == [
        (3, "package", "supply.package_unknown"), (4, "quantity", "tables.cell_not_a_count"), (5, "fact", "ledger.fact_unknown"),
        (6, "fact", "exchange.column_unknown"), (7, "fact", "exchange.fact_rested_on"), (8, "fact", "exchange.withdrawn_before"),
    ]  # fmt: skip
    assert reading.fetch_one("SELECT count(*) FROM ledger_withdrawal WHERE tenant = %s", (actor.tenant,))[0] == 0


def test_names_of_one_hold_and_lines_of_one_shipment_are_corrected_by_a_file(built, fact, load, ask, actor):
    """Each row goes on from what those before it made: a hold names two lots that both were typed wrong; a shipment has two lines."""
    from asbuilt.ledger.verifying import verify

    line = built["shipments"][0] | {"first_serial": "SN5", "last_serial": "SN5"}
    question = built["holds"][1] | {"hold": "H-7", "question": "lot:L1,L9"}
    load({"shipments": [line], "holds": [question]}, "beside")
    held = ask("held")
    rows = [
        right(fact("lots", 0), {"lot_code": "L1-B"}), right(fact("lots", 3), {"lot_code": "L9-B"}),
        right(fact("shipments", 0), {"country": "PT"}), right(fact("shipments", 0, line), {"country": "PT"}),
    ]  # fmt: skip
    (report,) = load({"corrections": rows}, "more")
    assert (report.stored, report.known) == (3, 1)
    assert ask("held") == held and ask("lot:L1-B,L9-B")[0] > 0 and ask("country:PT") == (3, 0, 0)
    assert [(found.code, found.what) for found in verify(actor.tenant).findings] == []
