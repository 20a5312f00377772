"""What was withdrawn does not come back with the next night's file, and another row may take its place.

Both are the way out that a Conflict names: withdraw the recorded fact, then load the row (design, section 7).
"""

import pytest

from asbuilt.kernel.errors import NotFound

CHANGED = [
    ("parties", 2, {"country": "BE"}), ("parts", 1, {"description": "Thin resistor"}), ("bom", 2, {"quantity": "2"}),
    ("lots", 1, {"coc": "CoC-1"}), ("units", 0, {"panel": "", "position": ""}), ("units", 2, {"state": "built"}),
    ("units", 5, {"serial": "SN66"}), ("names", 0, {"reason": "added"}), ("names", 1, {"reason": "smudged"}),
    ("materials", 1, {"feeder": "F9"}), ("processes", 0, {"program": "P8"}), ("replacements", 1, {"reason": "cold joint"}),
    ("assemblies", 0, {"position": "slot 2"}), ("programming", 1, {"station": "ST2"}), ("tests", 1, {"operator": "047"}),
    ("shipments", 1, {"country": "BE"}), ("sent_out", 1, {"transport": "bike"}), ("taken_back", 1, {"result": "completed"}),
    ("outside_papers", 0, {"kind": "other"}), ("nonconformity_units", 1, {"last_serial": "WO-1#1"}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "n", "cells"), CHANGED)
def test_another_row_takes_the_place_of_a_withdrawn_one(built, load, fact, withdraw, actor, table, n, cells):
    gone = [fact(table, n)]
    if table == "parties":
        gone += [fact("shipments", 0), fact("shipments", 1), fact("placings", 0), fact("placings", 1)]
    if table == "lots":
        gone += [fact("materials", 2), fact("materials", 4), fact("replacements", 0), fact("replacements", 1)]
        gone += [fact("handling", 0), fact("handling", 1), fact("inspections", 0), fact("inspection_checks", 0)]
        gone += [fact("silicon_revisions", 1)]  # of its lot, of which no other package stands
    assert withdraw(*gone).withdrawn == len(gone)
    rows = [dict(row) for row in built[table]]
    rows[n] |= cells
    (report,) = load({table: rows}, "mended")
    assert (report.stored, report.known) == (1, len(rows) - 1)
    _verify(actor)


@pytest.mark.parametrize(("table", "n"), [(table, n) for table, n, _ in CHANGED if table not in ("parties", "lots")])
def test_the_same_row_stays_withdrawn_and_the_report_says_so(built, load, fact, withdraw, actor, table, n):
    withdraw(fact(table, n))
    rows = [dict(row) for row in built[table]]
    (report,) = load({table: rows}, "again")
    assert report.already  # the very same bytes
    (report,) = load({table: rows}, "again", "\r\n")
    assert (report.stored, report.known) == (0, len(rows))
    assert [text for text in report.warnings if "withdrawn" in text] == [
        f"{table}.csv line {n + 2}: the row was withdrawn before and stays withdrawn."
    ]
    _verify(actor)


def test_what_was_corrected_to_and_fro_stands(built, load, fact, actor):
    from asbuilt.built.exchange.correcting import correct_fact

    def correct(one: str, **cells):
        said = {"reason": "typed wrong", "person": "045", "decided_at": 1_800_000_000_000_000}
        return correct_fact(actor, one, cells, **said).facts[0]

    correct(correct(fact("tests", 0), operator="099"), operator="045")
    (report,) = load({"tests": built["tests"]}, "again", "\r\n")
    assert (report.stored, report.known, [text for text in report.warnings if "withdrawn" in text]) == (0, 3, [])


def test_a_name_given_again_is_known_then_unknown_then_known(built, load, fact, withdraw, ask, advance, actor):
    first = advance()
    withdraw(fact("names", 0))
    between = advance()
    load({"names": [{**built["names"][0], "reason": "read again"}]}, "again")
    assert ask("unit:00:11:22") == (1, 0, 0) == ask("unit:00:11:22", first)
    assert ask("unit:00:11:22", between) == (0, 0, 0)
    _verify(actor)


def test_suggestions_leave_withdrawn_names_out(built, load, fact, withdraw, ask):
    withdraw(fact("units", 4))
    with pytest.raises(NotFound) as refusal:
        ask("unit:SN5")
    assert "SN5" not in refusal.value.remedy and "SN2" in refusal.value.remedy


def _verify(actor) -> None:
    from asbuilt.ledger.verifying import verify

    assert verify(actor.tenant).as_json()["findings"] == []
