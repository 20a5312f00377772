"""Mappings: said by a verb, corrected with a reason, loaded and written as mappings.csv, withdrawn, rebuilt by verify."""

import json

import pytest
from foreign_machines import AOI_MAPPING, OVEN_COLUMNS, OVEN_MAPPING, row_of

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
from asbuilt.built.messages.mapping import columns_of, draft, machine_mappings, say_mapping
from asbuilt.formats.tables import TABLES, fact_id
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed
from asbuilt.ledger import clock

NINE = json.dumps({**OVEN_COLUMNS, "readings.zone9": {"from": "Zone 9"}}, ensure_ascii=False)


def test_a_mapping_is_said_and_found(line, actor, verified):
    said = say_mapping(actor, OVEN_MAPPING, request_key="k1")
    (one,) = machine_mappings(actor)
    assert one.cells == OVEN_MAPPING and one.version == said.version and len(one.version) == 16 and not said.corrected
    assert one.fits("ofen_17.CSV") and not one.fits("17.csv")
    assert machine_mappings(actor, "AOI-1") == []
    assert verified() == []


def test_the_same_again_does_nothing(line, actor, sql):
    first = say_mapping(actor, OVEN_MAPPING)
    before = sql("SELECT max(number) FROM ledger_entry")
    assert say_mapping(actor, OVEN_MAPPING) == first
    assert sql("SELECT max(number) FROM ledger_entry") == before


def test_another_one_needs_a_reason_and_has_another_version(line, actor, verified):
    first = say_mapping(actor, OVEN_MAPPING)
    with pytest.raises(Invalid) as refused:
        say_mapping(actor, {**OVEN_MAPPING, "columns": NINE})
    assert refused.value.code == "messages.mapping_reason"
    second = say_mapping(actor, {**OVEN_MAPPING, "columns": NINE}, reason="a ninth zone")
    assert second.corrected and second.version != first.version
    (one,) = machine_mappings(actor)
    assert (one.version, one.cells["columns"]) == (second.version, NINE)
    back = say_mapping(actor, OVEN_MAPPING, reason="the ninth zone went out")
    assert machine_mappings(actor)[0].cells == OVEN_MAPPING and back.corrected
    assert verified() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"machine": ""}, "tables.cell_empty"),
        ({"encoding": "utf-7"}, "tables.cell_not_a_word"),
        ({"columns": "{"}, "tables.cell_not_json"),
        ({"columns": "{}"}, "mappings.columns"),
        ({"pattern": "a/b"}, "mappings.pattern"),
        ({"time_zone": "Europe/Wien"}, "mappings.time_zone"),
        ({"machine": "M" * 201}, "tables.cell_too_long"),
        ({"time_format": "%d.%m.%Y %H:%M" + "-" * 80}, "tables.cell_too_long"),
    ],
)
def test_a_wrong_mapping_is_refused(line, actor, sql, changed, code):
    with pytest.raises(Invalid) as refused:
        say_mapping(actor, {**OVEN_MAPPING, **changed})
    assert refused.value.code == code
    assert sql("SELECT count(*) FROM production_file_mapping") == [(0,)]
    if code != "tables.cell_too_long":
        with pytest.raises(Invalid) as refused:
            draft({**OVEN_MAPPING, **changed})
        assert refused.value.code == code


def test_lines_that_cannot_be_read():
    with pytest.raises(Invalid) as refused:
        columns_of("step")
    assert refused.value.facts == {"field": "columns"}


def test_as_a_table(line, actor, load, tmp_path, verified):
    from asbuilt.built.exchange.exporting import export_folder

    rows = [row_of(OVEN_MAPPING), row_of(AOI_MAPPING)]
    (report,) = load({"mappings": rows}, "mapped")
    assert (report.stored, report.known) == (2, 0)
    (report,) = load({"mappings": rows}, "again", "\r\n")
    assert (report.stored, report.known) == (0, 2)
    export_folder(actor, tmp_path / "out")
    text = (tmp_path / "out" / "mappings.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0].split(",") == list(TABLES["mappings"].columns)
    assert text.count("\n") == 3 and "Zone 5 [°C]" in text and "2027-02-28T08:00:00.000000Z" in text
    with pytest.raises(Conflict):
        load({"mappings": [row_of(OVEN_MAPPING, header="4")]}, "other")
    with pytest.raises(Invalid):
        load(
            {"mappings": [row_of(AOI_MAPPING, machine="AOI-2"), row_of(AOI_MAPPING, machine="AOI-2", rows_at="b")]},
            "twice",
        )
    assert verified() == []


def test_withdrawn_it_reads_nothing_any_more(line, actor, load, verified):
    load({"mappings": [row_of(OVEN_MAPPING)]}, "mapped")
    (one,) = machine_mappings(actor)
    row = tuple(row_of(OVEN_MAPPING, happened_at="2027-02-28T08:00:00.000000Z").values())
    assert one.version == fact_id(TABLES["mappings"], row)
    withdraw_facts(actor, [Withdraw(one.version, "wrong machine", "045", clock.now())])
    assert machine_mappings(actor) == []
    say_mapping(actor, OVEN_MAPPING)
    assert len(machine_mappings(actor)) == 1 and verified() == []


def test_who_may(line, actor):
    anna = person_actor(actor.tenant, 1, frozenset({"operator"}), None)
    assert machine_mappings(anna) == []
    with pytest.raises(NotAllowed):
        say_mapping(anna, OVEN_MAPPING)
    with pytest.raises(NotAllowed):
        machine_mappings(person_actor(actor.tenant, 1, frozenset({"psirt"}), None))
    ben = person_actor(actor.tenant, 1, frozenset({"engineer"}), None)
    say_mapping(ben, OVEN_MAPPING)
    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    assert machine_mappings(stranger) == []
