"""Files of machines: taken whole and once, or kept with the cause and taken by a retry; the entry says by which mapping."""

import json

import pytest
from foreign_machines import AOI, AOI_MAPPING, OVEN, OVEN_COLUMNS, OVEN_MAPPING, aoi, oven

from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.built.messages.machine_files import record_file, try_file
from asbuilt.built.messages.mapping import draft, say_mapping
from asbuilt.built.messages.refused_files import file_bytes, machine_file, machine_files, refused_total, retry_files
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound

NAME = "OFEN_17.csv"


@pytest.fixture
def mapped(line, actor):
    """Both machines have a mapping."""
    return [say_mapping(actor, one) for one in (OVEN_MAPPING, AOI_MAPPING)]


def entries(sql) -> int:
    return sql("SELECT count(*) FROM ledger_entry")[0][0]


def test_an_oven_file_becomes_process_runs(mapped, actor, ask, sql, verified):
    seen = record_file(actor, NAME, oven())
    assert (seen.use, seen.machine, seen.rows, seen.stored, seen.already) == ("taken", "OVEN-2", 3, 3, False)
    assert seen.mapping == mapped[0].version
    assert ask("reading:OVEN-2.zone5>260") == (1, 0, 0)
    assert ask("reading:REFLOW.zone5>235") == (3, 0, 0)
    assert ask('passed:REFLOW(program="Löt-1/P7")@2027-03-01') == (3, 0, 0)
    ((body,),) = sql("SELECT body FROM ledger_entry WHERE number = %s", seen.entry)
    said = json.loads(body)
    assert (said["type"], said["facts"]["mapping"], said["facts"]["file"]) == (
        "messages.file_taken",
        seen.mapping,
        NAME,
    )
    assert [one["sha256"] for one in said["evidence"]] == [seen.file] and file_bytes(actor, seen.file) == oven()
    assert verified() == []


def test_an_aoi_file_becomes_test_runs(mapped, actor, ask, verified):
    seen = record_file(actor, "board.json", aoi())
    assert (seen.use, seen.becomes, seen.stored) == ("taken", "tests", 2)
    assert ask("test:AOI=fail") == (1, 0, 0) and ask("test:AOI=pass") == (1, 0, 0)
    assert verified() == []


def test_the_same_file_does_nothing_twice(mapped, actor, sql):
    first = record_file(actor, NAME, oven())
    before = entries(sql)
    again = record_file(actor, "OFEN_other.csv", oven())
    assert again.already and (again.use, again.entry, again.name) == ("taken", first.entry, NAME)
    assert entries(sql) == before and sql("SELECT count(*) FROM production_process_run") == [(3,)]


def test_a_file_that_grew_adds_what_is_new(mapped, actor, sql, verified):
    record_file(actor, NAME, oven())
    more = "SN4;WO-2;01.03.2027 08:13:00;01.03.2027 08:18:30;i.O.;235,9;82;Löt-1;045;\r\n"
    seen = record_file(actor, NAME, oven(OVEN + more))
    assert (seen.rows, seen.stored, seen.known) == (4, 1, 3)
    assert sql("SELECT count(*) FROM production_process_run") == [(4,)]
    assert verified() == []


def test_without_an_order_the_unit_says_it(line, actor, sql):
    columns = {name: said for name, said in OVEN_COLUMNS.items() if name != "order"}
    say_mapping(actor, {**OVEN_MAPPING, "columns": json.dumps(columns)})
    seen = record_file(actor, NAME, oven(OVEN.replace("SN3;", "WO-1#7;")))
    assert seen.stored == 3
    named = "SELECT o.code FROM production_process_run p JOIN production_order o ON o.number = p.work_order ORDER BY p.number"
    assert [code for (code,) in sql(named)] == ["WO-2", "WO-2", "WO-1"]


@pytest.mark.parametrize(
    ("name", "payload", "cause"),
    [
        ("17.csv", oven(), "messages.mapping_unknown"),
        (NAME, oven(OVEN.replace("235,40", "hot")), "tables.rows_refused"),
        (NAME, oven(OVEN.replace("SN2;", "SN9;")), "tables.rows_refused"),
        (NAME, oven(OVEN.replace("WO-2", "WO-8")), "tables.rows_refused"),
        (NAME, oven(OVEN.replace("08:16:30", "08:10:30")), "tables.rows_refused"),
        (NAME, OVEN.encode(), "mappings.header"),
        (NAME, b"", "mappings.empty"),
        ("a.json", b"{", "mappings.json"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_kept_with_its_cause(mapped, actor, sql, verified, name, payload, cause):
    seen = record_file(actor, name, payload)
    assert (seen.use, seen.cause) == ("refused", cause) and seen.detail
    (one,) = machine_files(actor, use="refused")
    assert (one.name, one.size, one.taken_by) == (name, len(payload), None) and refused_total(actor) == 1
    assert file_bytes(actor, one.file) == payload
    assert sql("SELECT count(*) FROM production_process_run") == [(0,)]
    assert sql("SELECT count(*) FROM quality_test_run") == [(0,)]
    before = entries(sql)
    assert record_file(actor, name, payload).already and entries(sql) == before
    assert retry_files(actor).still == 1 and entries(sql) == before
    assert verified() == []


def test_nothing_of_a_refused_file_is_applied_and_every_wrong_cell_is_named(mapped, actor):
    seen = record_file(actor, NAME, oven(OVEN.replace("235,40", "hot").replace("SN3", "SN9")))
    assert "line 4" in seen.detail and "Zone 5 [°C]" in seen.detail and "2 rows are wrong" in seen.detail


def test_a_mended_mapping_takes_it_on_retry(line, actor, ask, verified):
    say_mapping(actor, {**OVEN_MAPPING, "decimal": "point"})
    refused = record_file(actor, NAME, oven())
    assert refused.use == "refused"
    mended = say_mapping(actor, OVEN_MAPPING, reason="the oven writes commas")
    report = retry_files(actor)
    assert (report.taken, report.still) == (1, 0)
    one = machine_file(actor, refused.file[:12])
    assert (one.use, one.mapping, one.taken_by, one.cause) == ("taken", mended.version, report.entries[0], "")
    assert one.entry == refused.entry and ask("reading:OVEN-2.zone5>260") == (1, 0, 0)
    assert refused_total(actor) == 0 and retry_files(actor, [one.file]).taken == 0
    assert verified() == []


def test_a_unit_that_was_named_meanwhile(mapped, actor, load, ask, verified):
    record_file(actor, NAME, oven(OVEN.replace("SN3", "SN77")))
    load({"names": [{"unit": "WO-1#1", "kind": "serial", "value": "SN77", "from_at": "2027-03-01T06:00:00Z"}]}, "later")
    report = retry_files(actor)
    assert (report.taken, report.still) == (0, 1)  # SN77 is of WO-1, the file says WO-2
    assert "WO-2" in machine_files(actor)[0].detail
    load(
        {
            "names": [
                {"unit": "SN4", "kind": "serial", "value": "SN4b", "from_at": "2027-03-01T06:00:00Z", "replaces": "SN4"}
            ]
        },
        "more",
    )
    record_file(actor, "OFEN_18.csv", oven(OVEN.replace("SN3", "SN4b")))
    assert ask("reading:OVEN-2.zone5>260") == (1, 0, 0) and refused_total(actor) == 1
    assert verified() == []


def test_rows_that_contradict_the_record_refuse_the_file(mapped, actor, verified):
    record_file(actor, "a.json", aoi())
    changed = json.loads(json.dumps(AOI))
    changed["boards"][0]["verdict"] = "NG"
    seen = record_file(actor, "b.json", aoi(changed))
    assert (seen.use, seen.cause) == ("refused", "tables.contradicts")
    assert verified() == []


def test_several_mappings_ask_for_the_machine(mapped, actor):
    say_mapping(actor, {**OVEN_MAPPING, "machine": "OVEN-3"})
    seen = record_file(actor, NAME, oven())
    assert (seen.use, seen.cause) == ("refused", "messages.mapping_several") and "OVEN-3" in seen.detail
    seen = record_file(actor, NAME, oven(), machine="OVEN-3")
    assert (seen.use, seen.machine) == ("taken", "OVEN-3")
    assert record_file(actor, "x.csv", b"x", machine="OVEN-9").cause == "messages.mapping_unknown"


def test_withdrawn_rows_stay_withdrawn(mapped, actor, ask, verified):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger import clock
    from asbuilt.ledger.facts import fact_ids

    seen = record_file(actor, NAME, oven())
    fact = fact_ids(actor.tenant, seen.entry, "production.process/1", 2, 1).hex()
    withdraw_facts(actor, [Withdraw(fact, "zone 5 was wrong", "045", clock.now())])
    assert ask("reading:OVEN-2.zone5>260") == (0, 0, 0)
    again = record_file(actor, NAME, oven(OVEN + "\r\n"))
    assert (again.stored, again.known) == (0, 3) and any("stays withdrawn" in text for text in again.warnings)
    assert ask("reading:OVEN-2.zone5>260") == (0, 0, 0) and verified() == []


def test_what_stands_wrong_in_the_list_is_found(mapped, actor, sql, verified):
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    record_file(actor, NAME, oven())
    with write_tx(actor.tenant):
        bulk.run("UPDATE messages_file SET rows = 7 WHERE tenant = %s", (actor.tenant,))
        bulk.run(
            "UPDATE production_file_mapping SET decimal = 'point' WHERE tenant = %s AND machine = 'OVEN-2'",
            (actor.tenant,),
        )
    codes = {(code, what.partition(" ")[0].strip(":")) for code, what in verified()}
    assert ("ledger.projection_row_changed", "messages_file") in codes
    assert any(table.startswith("production_file_mapping") for _, table in codes)


def test_a_try_stores_nothing(mapped, actor, sql):
    before = entries(sql)
    tried = try_file(actor, NAME, oven(OVEN.replace("236,10", "hot")))
    assert (tried.machine, tried.becomes, tried.lines, tried.wrong_total) == ("OVEN-2", "processes", [4, 6], 1)
    assert tried.rows[0][:5] == ("WO-2", "REFLOW", "OVEN-2", "Löt-1/P7", "SN1") and tried.header[0] == "order"
    assert "Band [cm/min]" in tried.columns and tried.wrong[0].line == 5
    assert len(try_file(actor, NAME, oven(), most=1).rows) == 1
    other = draft({**OVEN_MAPPING, "machine": "OVEN-5"})
    assert try_file(actor, NAME, oven(), mapping=other).machine == "OVEN-5"
    with pytest.raises(NotFound):
        try_file(actor, "17.csv", oven())
    with pytest.raises(Invalid):
        try_file(actor, NAME, OVEN.encode("utf-16"))
    assert entries(sql) == before and sql("SELECT count(*) FROM messages_file") == [(0,)]


def test_names_and_sizes_that_are_not_taken(mapped, actor, sql):
    for name, payload in (("", b"x"), ("a\nb", b"x"), ("a" * 201, b"x"), (NAME, b"x" * ((16 << 20) + 1))):
        with pytest.raises(Invalid):
            record_file(actor, name, payload)
    assert sql("SELECT count(*) FROM messages_file") == [(0,)]


def test_who_may(mapped, actor):
    seen = record_file(actor, NAME, b"")
    anna = person_actor(actor.tenant, 1, frozenset({"operator"}), None)
    assert len(machine_files(anna)) == 1
    for verb in (lambda: record_file(anna, NAME, b"x"), lambda: retry_files(anna), lambda: file_bytes(anna, seen.file)):
        with pytest.raises(NotAllowed):
            verb()
    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    assert machine_files(stranger) == [] and refused_total(stranger) == 0
    for verb in (lambda: machine_file(stranger, seen.file), lambda: retry_files(stranger, [seen.file])):
        with pytest.raises(NotFound):
            verb()
    with pytest.raises(NotFound):
        machine_file(actor, "zz")
