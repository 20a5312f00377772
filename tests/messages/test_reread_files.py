"""A taken file is read anew by a corrected mapping: its rows of then go, its rows of now come, in one entry."""

import json

import pytest
from foreign_machines import AOI_COLUMNS, AOI_MAPPING, OVEN, OVEN_COLUMNS, OVEN_MAPPING, aoi, oven

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
from asbuilt.built.messages.machine_files import record_file
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.built.messages.refused_files import machine_file
from asbuilt.built.messages.rereading import reread_file
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.facts import fact_ids

SWAPPED = json.dumps({
    **OVEN_COLUMNS, "readings.zone5": {"from": "Band [cm/min]"}, "readings.belt": {"from": "Zone 5 [°C]"}
}, ensure_ascii=False)  # fmt: skip


@pytest.fixture
def swapped(line, actor):
    """The oven's file, taken by a mapping that took the belt for zone 5."""
    say_mapping(actor, {**OVEN_MAPPING, "columns": SWAPPED})
    return record_file(actor, "OFEN_1.csv", oven())


def mend(actor) -> str:
    return say_mapping(actor, OVEN_MAPPING, reason="zone 5 was the belt").version


def test_rows_go_and_come(swapped, actor, ask, sql, verified):
    assert ask("reading:OVEN-2.zone5>200") == (0, 0, 0) and ask("reading:OVEN-2.zone5>80") == (3, 0, 0)
    version = mend(actor)
    done = reread_file(actor, swapped.file, reason="zone 5 was the belt")
    assert (done.withdrawn, done.stored, done.mapping) == (3, 3, version)
    assert ask("reading:OVEN-2.zone5>260") == (1, 0, 0) and ask("reading:OVEN-2.zone5>200") == (3, 0, 0)
    row = machine_file(actor, swapped.file)
    assert (row.mapping, row.taken_by, row.entry) == (version, done.entry, swapped.entry)
    assert sql("SELECT count(*) FROM production_process_run WHERE until_entry IS NULL") == [(3,)]
    assert verified() == []


def test_the_same_mapping_does_nothing(swapped, actor, sql):
    mend(actor)
    reread_file(actor, swapped.file, reason="r")
    before = sql("SELECT max(number) FROM ledger_entry")
    assert reread_file(actor, swapped.file, reason="r").entry is None
    assert sql("SELECT max(number) FROM ledger_entry") == before


def test_there_and_back(swapped, actor, ask, verified):
    mend(actor)
    reread_file(actor, swapped.file, reason="r")
    say_mapping(actor, {**OVEN_MAPPING, "columns": SWAPPED}, reason="it was right before")
    done = reread_file(actor, swapped.file, reason="it was right before")
    assert (done.withdrawn, done.stored) == (3, 3) and ask("reading:OVEN-2.zone5>200") == (0, 0, 0)
    assert verified() == []


def test_rows_that_are_the_same_stay(line, actor, verified):
    words = {**OVEN_COLUMNS, "result": {"from": "Ergebnis", "words": {"i.O.": "completed", "n.i.O.": "aborted"}}}
    say_mapping(actor, {**OVEN_MAPPING, "columns": json.dumps(words)})
    seen = record_file(actor, "OFEN_1.csv", oven())
    mend(actor)
    done = reread_file(actor, seen.file, reason="n.i.O. is failed")
    assert (done.withdrawn, done.stored) == (1, 1) and verified() == []


def test_tests_are_read_anew_too(line, actor, ask, verified):
    wrong = {**AOI_COLUMNS, "outcome": {"from": "verdict", "words": {"GOOD": "fail", "NG": "pass"}}}
    say_mapping(actor, {**AOI_MAPPING, "columns": json.dumps(wrong)})
    seen = record_file(actor, "a.json", aoi())
    assert ask("unit:SN1 test:AOI=fail") == (1, 0, 0)
    say_mapping(actor, AOI_MAPPING, reason="the words were exchanged")
    assert reread_file(actor, seen.file, reason="the words were exchanged").stored == 2
    assert ask("unit:SN1 test:AOI=fail") == (0, 0, 0) and ask("unit:SN1 test:AOI=pass") == (1, 0, 0)
    assert verified() == []


def test_rows_shared_with_a_file_that_grew_are_not_doubled(swapped, actor, sql, verified):
    more = "SN4;WO-2;01.03.2027 08:13:00;01.03.2027 08:18:30;i.O.;235,9;82;Löt-1;045;\r\n"
    grown = record_file(actor, "OFEN_1.csv", oven(OVEN + more))
    mend(actor)
    done = reread_file(actor, grown.file, reason="r")
    assert (done.withdrawn, done.stored) == (4, 4)
    done = reread_file(actor, swapped.file, reason="r")
    assert (done.withdrawn, done.stored) == (0, 0)
    assert sql("SELECT count(*) FROM production_process_run WHERE until_entry IS NULL") == [(4,)] and verified() == []


def test_what_a_person_withdrew_does_not_come_back(swapped, actor, sql, verified):
    fact = fact_ids(actor.tenant, swapped.entry, "production.process/1", 0, 1).hex()
    withdraw_facts(actor, [Withdraw(fact, "never ran", "045", clock.now())])
    words = {**json.loads(SWAPPED), "program": {"from": "Gerät"}}
    say_mapping(actor, {**OVEN_MAPPING, "columns": json.dumps(words)}, reason="the program's name")
    done = reread_file(actor, swapped.file, reason="the program's name")
    assert (done.withdrawn, done.stored, done.left) == (2, 2, 1)
    assert sql("SELECT count(*) FROM production_process_run WHERE until_entry IS NULL") == [(2,)] and verified() == []


def test_a_mapping_that_cannot_read_it_changes_nothing(swapped, actor, ask, verified):
    say_mapping(actor, {**OVEN_MAPPING, "decimal": "point"}, reason="wrong")
    with pytest.raises(Invalid):
        reread_file(actor, swapped.file, reason="r")
    assert ask("reading:OVEN-2.zone5>80") == (3, 0, 0) and verified() == []


def test_who_may_and_what_not(swapped, actor):
    mend(actor)
    with pytest.raises(NotAllowed):
        reread_file(person_actor(actor.tenant, 1, frozenset({"operator"}), None), swapped.file, reason="r")
    with pytest.raises(NotFound):
        reread_file(local_system(open_tenant("elsewhere", "Elsewhere").number), swapped.file, reason="r")
    with pytest.raises(Invalid):
        reread_file(actor, swapped.file, reason=" ")
    refused = record_file(actor, "OFEN_2.csv", b"x")
    with pytest.raises(Refused):
        reread_file(actor, refused.file, reason="r")
