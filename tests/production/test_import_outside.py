"""sent_out.csv, taken_back.csv and outside_papers.csv: history as it was, each wrong row named; withdrawn, corrected, as of a time."""

import pytest
from boards_outside import AT, factory

from asbuilt.kernel.errors import Refused

LATER, LAST = "2026-03-05T08:00:00Z", "2026-03-09T08:00:00Z"
OUT = {
    "note": "LS-1",
    "order": "WO",
    "party": "COAT",
    "step": "COATING",
    "first_serial": "S1",
    "last_serial": "S4",
    "sent_at": AT,
}
BACK = {
    "note": "LS-1", "order": "WO", "first_serial": "S1", "last_serial": "S2", "result": "completed", "started_at": AT,
    "finished_at": LATER, "back_at": LATER,
}  # fmt: skip
PAPER = {"note": "LS-1", "kind": "certificate", "file": "files/c.pdf", "sha256": "ab" * 32, "kept_at": LATER}
SAID = {"reason": "wrong", "person": "046", "decided_at": 1_800_000_000_000_000}


def full(table: str, row: dict) -> dict:
    from asbuilt.formats.tables import TABLES

    return {column: row.get(column, "") for column in TABLES[table].columns}


@pytest.fixture
def shop(load):
    load(factory(), "shop")


@pytest.fixture
def tell(load):
    def these(name="told", **tables):
        return load({table: [full(table, row) for row in rows] for table, rows in tables.items()}, name)

    return these


@pytest.fixture
def wrong(refusal):
    return lambda table, *rows: refusal(table, [full(table, row) for row in rows])


def test_history_is_read_and_asked(shop, tell, ask, actor):
    from asbuilt.questions.genealogy.seen.outside import note_seen

    reports = tell(sent_out=[OUT], taken_back=[BACK], outside_papers=[PAPER])
    assert [report.stored for report in reports] == [1, 1, 1]
    assert list(ask("in:outside")) == ["S3", "S4"]
    note = note_seen(actor, "LS-1")
    assert [unit.name for unit in note.back] == ["S1", "S2"] and [paper.kind for paper in note.papers] == [
        "certificate"
    ]
    reports = tell("again", sent_out=[OUT], taken_back=[BACK], outside_papers=[PAPER])
    assert [(report.stored, report.known) for report in reports if not report.already] in ([], [(0, 1)] * 3)


def test_each_wrong_row_of_what_left_is_named(shop, tell, wrong):
    assert wrong("sent_out", OUT | {"party": "COATT"}) == ("Invalid", [("parties.unknown", 2, "party")])
    assert wrong("sent_out", OUT | {"order": "WZ"}) == ("Invalid", [("production.order_unknown", 2, "order")])
    assert wrong("sent_out", OUT | {"last_serial": "S99"})[1] == [("production.serial_unknown", 2, "last_serial")]
    assert wrong("sent_out", OUT, OUT | {"first_serial": "S4", "last_serial": "S5"})[1] == [
        ("production.sent_twice", 3, "first_serial")
    ]
    for column, value in (("party", "LACK"), ("step", "PLATING"), ("side", "top")):
        other = OUT | {"first_serial": "S5", "last_serial": "S5", column: value}
        assert wrong("sent_out", OUT, other) == ("Invalid", [("production.note_other", 3, column)])
    other = OUT | {"order": "WX", "first_serial": "X1", "last_serial": "X1"}
    assert wrong("sent_out", OUT, other) == ("Invalid", [("production.note_other", 3, "order")])
    assert wrong("sent_out", OUT | {"note": "L" * 61})[1] == [("tables.cell_too_long", 2, "note")]
    tell(sent_out=[OUT])
    assert wrong("sent_out", OUT | {"transport": "van"}) == ("Conflict", [("tables.contradicts", 2, "first_serial")])


def test_each_wrong_row_of_what_came_back_is_named(shop, tell, wrong):
    assert wrong("taken_back", BACK)[1] == [("production.note_unknown", 2, "note")]
    tell(sent_out=[OUT])
    assert wrong("taken_back", BACK | {"last_serial": "S5"})[1] == [("production.not_on_note", 2, "first_serial")]
    assert wrong("taken_back", BACK, BACK | {"first_serial": "S2"})[1] == [("production.back_twice", 3, "first_serial")]
    assert wrong("taken_back", BACK | {"finished_at": "2026-02-01T00:00:00Z"})[1] == [
        ("production.times_backwards", 2, "finished_at")
    ]
    early = {
        "started_at": "2026-02-01T00:00:00Z",
        "finished_at": "2026-02-01T00:00:00Z",
        "back_at": "2026-02-02T00:00:00Z",
    }
    assert wrong("taken_back", BACK | early)[1] == [("production.back_before_sent", 2, "back_at")]
    assert wrong("taken_back", BACK | {"result": "fine"})[1] == [("tables.cell_not_a_word", 2, "result")]
    tell("back", taken_back=[BACK])
    assert wrong("taken_back", BACK | {"result": "failed"}) == ("Conflict", [("tables.contradicts", 2, "first_serial")])


def test_a_paper_of_no_note_is_named(shop, wrong):
    assert wrong("outside_papers", PAPER) == ("Invalid", [("production.note_unknown", 2, "note")])


def test_two_notes_open_are_recorded_with_a_warning(shop, tell, ask):
    tell(sent_out=[OUT])
    (report,) = tell(
        "second",
        sent_out=[OUT | {"note": "LS-2", "party": "LACK", "step": "PLATING", "last_serial": "S1", "sent_at": LATER}],
    )
    assert [text for text in report.warnings if "LS-1" in text] == [
        "sent_out.csv line 2: 1 of these units did not come back with note LS-1 yet."
    ]
    assert list(ask("in:outside")) == ["S1", "S2", "S3", "S4"]


def shipment(at, first="S1", last="S1"):
    return {"shipment": f"SH-{first}", "customer": "SHOP", "country": "DE", "first_serial": first, "last_serial": last, "shipped_at": at,
            "placed_on_market_at": ""}  # fmt: skip


def test_a_shipment_of_a_unit_that_is_outside_is_recorded_with_a_warning_and_what_happened_last_counts(
    shop, tell, load, ask
):
    tell(sent_out=[OUT | {"sent_at": LATER}])
    (report,) = load({"shipments": [shipment(LAST), shipment(AT, "S2", "S2")]}, "shipped")
    assert [text for text in report.warnings if "outside" in text] == [
        "shipments.csv line 2: 1 of these units are outside, by delivery note LS-1, from WO#1 on.",
        "shipments.csv line 3: 1 of these units are outside, by delivery note LS-1, from WO#2 on.",
    ]
    # S1 was shipped after it left, S2 left after it was shipped: back from a customer, say
    assert list(ask("in:shipped")) == ["S1"] and list(ask("in:outside")) == ["S2", "S3", "S4"]


def test_each_unit_is_in_one_state(shop, tell, load, actor):
    from asbuilt.questions.genealogy.answering import answers

    tell(sent_out=[OUT], taken_back=[BACK])
    load({"shipments": [shipment(LATER, "S5", "S6")]}, "shipped")
    by = answers.ask(actor, "order:WO").as_dict()["by"]["state"]
    assert {row["state"]: row["certain"] for row in by} == {"outside": 2, "shipped": 2, "production": 36}
    states = ("planned", "production", "outside", "stock", "shipped", "scrapped")
    found = [answers.ask(actor, f"order:WO in:{state}").as_dict()["affected"]["certain"] for state in states]
    assert found == [0, 36, 2, 0, 2, 0]


def fact_of(table: str, row: dict) -> str:
    from asbuilt.formats.tables import TABLES
    from asbuilt.kernel.instants import format_instant, parse_instant
    from asbuilt.ledger.intake import fact_bytes

    said = full(table, row)
    return fact_bytes(
        table, [format_instant(parse_instant(said[c])) if c.endswith("_at") else said[c] for c in TABLES[table].columns]
    ).hex()


@pytest.fixture
def withdraw(actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    return lambda *asked: withdraw_facts(actor, [Withdraw(fact, **SAID, **span) for fact, span in asked])


def test_a_return_that_was_wrong_is_withdrawn_and_the_units_are_outside_again(shop, tell, ask, withdraw, findings):
    tell(sent_out=[OUT], taken_back=[BACK])
    withdraw((fact_of("taken_back", BACK), {"first_unit": 1, "until_unit": 2}))
    assert list(ask("in:outside")) == ["S1", "S3", "S4"] and findings() == []
    withdraw((fact_of("taken_back", BACK), {"first_unit": 2, "until_unit": 3}))
    assert list(ask("in:outside")) == ["S1", "S2", "S3", "S4"] and findings() == []


def test_what_left_is_not_withdrawn_under_what_came_back(shop, tell, ask, withdraw, findings):
    tell(sent_out=[OUT], taken_back=[BACK], outside_papers=[PAPER])
    out, back, paper = fact_of("sent_out", OUT), fact_of("taken_back", BACK), fact_of("outside_papers", PAPER)
    with pytest.raises(Refused) as caught:
        withdraw((out, {}))
    assert caught.value.code == "exchange.fact_rested_on" and "LS-1" in caught.value.message
    withdraw((out, {"first_unit": 3, "until_unit": 5}))  # the half that did not come back
    assert list(ask("in:outside")) == []
    with pytest.raises(Refused):
        withdraw((out, {}), (back, {}))
    withdraw((out, {}), (back, {}), (paper, {}))
    assert findings() == [] and len(ask("in:production")) == 40


def test_a_note_is_corrected(shop, tell, actor, findings, ask):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.questions.genealogy.seen.outside import note_seen

    tell(sent_out=[OUT], taken_back=[BACK])
    correct_fact(actor, fact_of("sent_out", OUT), {"party": "LACK", "transport": "van"}, **SAID)
    note = note_seen(actor, "LS-1")
    assert (note.party_code, note.transport, len(note.outside)) == ("LACK", "van", 2) and findings() == []


def test_a_withdrawn_note_leaves_planned_units_planned(load, tell, withdraw, ask, findings):
    tables = factory()
    del tables["processes"]
    load(tables, "planned")
    tell(sent_out=[OUT])
    assert list(ask("in:outside")) == ["S1", "S2", "S3", "S4"] == list(ask("-in:planned"))
    withdraw((fact_of("sent_out", OUT), {}))
    assert len(ask("in:planned")) == 42 and findings() == []


def test_an_order_with_units_outside_is_not_withdrawn_nor_split(load, tell, actor, sql):
    from asbuilt.built.production.actions.orders import split_order

    tables = factory()
    del tables["processes"]
    load(tables, "planned")
    tell(sent_out=[OUT | {"first_serial": "S40", "last_serial": "S40"}])
    with pytest.raises(Exception) as caught:
        split_order(actor, order="WO", new_order="WO-2", quantity=1)
    assert caught.value.code.startswith("production.")


def test_as_of_before_the_return_it_was_outside(shop, tell, actor):
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.questions.genealogy.answering import answers
    from asbuilt.questions.genealogy.seen.life import unit_life
    from asbuilt.questions.genealogy.seen.outside import note_seen, open_notes

    tell(sent_out=[OUT])
    then = format_instant(clock.now())
    tell("back", taken_back=[BACK | {"last_serial": "S4"}])
    assert answers.ask(actor, "in:outside").as_dict()["affected"]["certain"] == 0
    assert answers.ask(actor, "in:outside", as_of=then).as_dict()["affected"]["certain"] == 4
    assert open_notes(actor) == [] and [one.outside for one in open_notes(actor, as_of=then)] == [4]
    assert (len(note_seen(actor, "LS-1").outside), len(note_seen(actor, "LS-1", then).outside)) == (0, 4)
    where = unit_life(actor, "S1", then).where
    assert (where.state, where.party, where.note, where.step) == ("outside", "Coat GmbH", "LS-1", "COATING")
    assert unit_life(actor, "S1").where.state == "production"
    kinds = [event.kind for event in unit_life(actor, "S1").events]
    assert "sent_out" in kinds and "taken_back" in kinds


def test_the_birth_certificate_holds_the_notes(shop, tell, actor):
    import json
    from base64 import b64decode

    from asbuilt.questions.genealogy.answering.lookup import unit_document

    tell(sent_out=[OUT], taken_back=[BACK])
    envelope = json.loads(unit_document(actor, "S1"))
    entries = json.loads(b64decode(envelope["payload"]))["entries"]
    shapes = [row["shape"] for entry in entries for row in entry["rows"]]
    assert "production.sent_out/1" in shapes and "production.taken_back/1" in shapes
