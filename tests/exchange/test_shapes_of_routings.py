"""Routings recorded before their table got columns: a fact of the first shape is read, rebuilt, exported, withdrawn and corrected
beside those of the second, and no column list that hashes rest on ever changes."""

import csv

import pytest

AT = "2026-03-01T08:00:00.000000Z"
OLD = ("board", "A", "1", "10", "SMT", "", "line 1", "", "", "", "", "", AT)
OLDER_STILL = ("board", "A", "1", "20", "FCT", "", "", "", "", "", "true", "", AT, "ESD")  # of the weeks of 14 values
NEW = ("board", "A", "1", "30", "COATING", "", "", "", "", "", "", "", AT, "", "COAT", "certificate")
SAID = {"reason": "wrong", "person": "046", "decided_at": 1_800_000_000_000_000}


@pytest.fixture
def record(load, actor):
    """Two steps as they were recorded before the columns were there, one recorded now."""
    from asbuilt.designed.catalog.events import ROUTING_STEP_1
    from asbuilt.designed.catalog.queries import standing_revisions
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.intake import fact_bytes, row_text
    from asbuilt.ledger.recording import recording
    from asbuilt.storage import bulk

    load({
        "parties": [{"party": "COAT", "name": "Coat GmbH", "roles": "supplier", "country": "DE"}],
        "parts": [{"part": "R", "description": "", "mpn": "M", "manufacturer": "Y", "lifecycle": "", "msl": ""}],
        "bom": [{"product": "board", "revision": "A", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}],
    }, "design")  # fmt: skip
    revision = standing_revisions(actor.tenant, "board")["A"]
    columns = (
        "tenant", "hardware_revision", "routing", "place_in_route", "step", "side", "place", "instruction", "criteria",
        "procedure", "optional", "limits", "from_at", "qualifications", "entry", "row",
    )  # fmt: skip
    with recording(actor, "exchange.routings_imported", request_key=None, content=b"old") as entry:
        rows = (OLD, OLDER_STILL)
        entry.facts(ROUTING_STEP_1).add([row_text(row) for row in rows], [fact_bytes("routings", row) for row in rows])
        bulk.insert_rows("catalog_routing_step", columns, [
            (entry.tenant, revision, row[2], int(row[3]), *row[4:10], row[10] == "true", row[11], parse_instant(row[12]),
             row[13] if len(row) > 13 else "", entry.number, n)
            for n, row in enumerate(rows)
        ])  # fmt: skip
    sequencing.after_commit(actor.tenant)
    load({"routings": [cells(NEW)]}, "now")


def cells(row) -> dict:
    from asbuilt.formats.tables import TABLES

    return dict(zip(TABLES["routings"].columns, (*row, "", "", "")[:16], strict=True))


def id_of(row) -> str:
    from asbuilt.ledger.intake import fact_bytes

    return fact_bytes("routings", row).hex()


@pytest.fixture
def findings(actor):
    from asbuilt.ledger.verifying import verify

    return lambda: [f"{one.code} {one.what}" for one in verify(actor.tenant).findings]


@pytest.fixture
def steps(actor):
    """(step, what is needed, whether a subcontractor does it) of the routing in force."""
    from asbuilt.designed.catalog.queries import standing_revisions
    from asbuilt.designed.catalog.routings import routing_in_force
    from asbuilt.ledger import clock

    def of():
        found = routing_in_force(actor.tenant, standing_revisions(actor.tenant, "board")["A"], clock.now())
        return [(one.step, one.qualifications, one.subcontractor is not None, one.evidence) for one in found.steps]

    return of


def exported(actor, folder) -> list[tuple]:
    from asbuilt.built.exchange.exporting import export_folder

    export_folder(actor, folder)
    with open(folder / "routings.csv", encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def test_the_column_lists_are_those_that_hashes_rest_on():
    from asbuilt.designed.catalog.events import ROUTING_STEP, ROUTING_STEP_1

    assert (ROUTING_STEP_1.name, ROUTING_STEP_1.code) == ("catalog.routing_step/1", 142)
    assert ROUTING_STEP_1.columns == (
        "product", "revision", "routing", "place_in_route", "step", "side", "place", "instruction", "criteria", "procedure",
        "optional", "limits", "from_at",
    )  # fmt: skip
    assert (ROUTING_STEP.name, ROUTING_STEP.code) == ("catalog.routing_step/2", 196)
    assert ROUTING_STEP.columns == (*ROUTING_STEP_1.columns, "qualifications", "subcontractor", "evidence")


def test_every_shape_of_a_table_only_adds_columns_at_the_end():
    """What reads older facts with the columns of the newest rests on it."""
    from asbuilt.built.exchange.intakes import INTAKES

    several = [intake for intake in INTAKES.values() if intake.older]
    assert "routings" in [intake.table for intake in several]
    for intake in several:
        for older in intake.older:
            assert intake.shape.columns[: len(older.columns)] == older.columns


def test_steps_of_both_shapes_are_one_routing(record, steps, findings):
    assert steps() == [("SMT", "", False, ""), ("FCT", "ESD", False, ""), ("COATING", "", True, "certificate")]
    assert findings() == []


def test_a_changed_cell_of_an_old_step_is_found(record, findings, actor):
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    with write_tx(actor.tenant):
        bulk.run(
            "UPDATE catalog_routing_step SET subcontractor = 1 WHERE tenant = %s AND step = 'SMT'", (actor.tenant,)
        )
    assert any("catalog_routing_step" in finding for finding in findings())


def test_loading_the_same_rows_again_changes_nothing(record, load):
    (report,) = load({"routings": [cells(row) for row in (OLD, OLDER_STILL, NEW)]}, "again")
    assert (report.stored, report.known) == (0, 3)


def test_the_same_place_with_a_new_cell_contradicts(record, load):
    from asbuilt.kernel.errors import Conflict

    with pytest.raises(Conflict):
        load({"routings": [cells(OLD) | {"subcontractor": "COAT"}]}, "other")


def test_what_comes_out_goes_in_again(record, actor, tmp_path, steps):
    rows = exported(actor, tmp_path / "first")
    assert rows == [(*OLD, "", "", ""), (*OLDER_STILL, "", ""), NEW]


def test_old_facts_are_withdrawn_by_the_id_they_were_recorded_under(record, actor, steps, findings, load, tmp_path):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts

    report = withdraw_facts(actor, [Withdraw(id_of(OLD), **SAID), Withdraw(id_of(OLDER_STILL), **SAID)])
    assert report.withdrawn == 2
    assert [one[0] for one in steps()] == ["COATING"] and findings() == []
    (again,) = load({"routings": [cells(row) for row in (OLD, OLDER_STILL)]}, "night")
    assert (again.stored, again.known) == (0, 2)
    assert [text for text in again.warnings if "withdrawn" in text] == [
        f"routings.csv line {line}: the row was withdrawn before and stays withdrawn." for line in (2, 3)
    ]
    assert exported(actor, tmp_path / "left") == [NEW]


def test_an_old_step_is_corrected_into_the_new_shape(record, actor, steps, findings):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger.facts import find_fact

    done = correct_fact(actor, id_of(OLD), {"subcontractor": "Coat GmbH", "evidence": "measurements"}, **SAID)
    assert steps()[0] == ("SMT", "", True, "measurements") and findings() == []
    assert find_fact(actor.tenant, done.facts[0]).shape == "catalog.routing_step/2"
    back = correct_fact(actor, done.facts[0], {"subcontractor": "", "evidence": ""}, **SAID)
    assert steps()[0] == ("SMT", "", False, "") and findings() == [] and back.facts[0] != id_of(OLD)


def test_a_party_that_does_a_step_stays(record, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.intake import fact_bytes

    party = fact_bytes("parties", ("COAT", "Coat GmbH", "supplier", "DE")).hex()
    with pytest.raises(Refused) as caught:
        withdraw_facts(actor, [Withdraw(party, **SAID)])
    assert (
        caught.value.code == "exchange.fact_rested_on"
        and "30" in str(caught.value.facts)
        or "COATING" in caught.value.message
    )
