"""Sub-units of WATS reports: units here are recorded as inside, once; what is none stays with the run; a contradiction stores nothing.

The line of machine_floor: boards SN1 to SN4 of WO-2, and two boxes BX1, BX2 of WO-9 that boards go into. The report begins at 08:00 UTC.
"""

import json
import random

import pytest
from result_files import mutated, wsjf, wsjf_repair
from soak import drawn, seed

from asbuilt.built.messages.file_groups import record_files
from asbuilt.built.messages.machine_files import record_file
from asbuilt.built.messages.refused_files import retry_files
from asbuilt.built.messages.rereading import reread_file
from asbuilt.formats.results import reading as formats
from asbuilt.questions.genealogy.seen.tests import test_history as history_of

BEGAN = "2027-03-01T08:00:00+00:00"


@pytest.fixture
def boxes(line, load):
    bom = {"product": "BOX", "revision": "A", "bom_version": "1"}
    load(
        {
            "bom": [{**bom, "line": "10", "part": "P-GLUE", "quantity": "1", "refdes": ""}],
            "orders": [
                {
                    **bom,
                    "order": "WO-9",
                    "quantity": "2",
                    "customer": "BRAND",
                    "opened_at": "2027-02-20T08:00:00Z",
                    "batch": "",
                }
            ],
            "units": [
                {"order": "WO-9", "serial": f"BX{n}", "panel": "", "position": "", "state": "planned"} for n in (1, 2)
            ],
        },
        "boxes",
    )


def sub(serial, part="BRD", **more):
    return {"partType": "Board", "pn": part, "sn": serial, "rev": "A", **more}


def report(*inside, serial="BX1", part="BOX", **more) -> bytes:
    return json.dumps(wsjf(serial, part=part, subUnits=list(inside), **more)).encode()


def links(sql):
    """(child, parent) places on the axis, with when each began and ended."""
    named = "SELECT value FROM production_unit_name n WHERE n.tenant = a.tenant AND n.unit = a.{} AND n.kind = 0"
    return sql(
        f"SELECT ({named.format('child')}), ({named.format('parent')}), a.position, a.happened_at, a.removed_at FROM production_assembly a "
        "WHERE a.until_entry IS NULL ORDER BY 1, a.happened_at"
    )


def micros(text):
    from asbuilt.kernel.instants import parse_instant

    return parse_instant(text)


def test_units_here_are_inside_and_bought_modules_stay_with_the_run(boxes, actor, ask, sql, verified):
    seen = record_file(
        actor,
        "r.json",
        report(sub("SN1", position=2), sub("SN2", part=""), sub("7C9E", part="ESP32"), sub("BX1", "BOX")),
    )
    assert seen.use == "taken", seen.detail
    began = micros(BEGAN)
    assert links(sql) == [("SN1", "BX1", "2", began, None), ("SN2", "BX1", "", began, None)]
    assert ask("inside:(unit:BX1)") == (2, 0, 0) and ask("contains:(unit:SN1)") == (1, 0, 0)
    assert seen.warnings == ["r.json record 1: inside the unit, and no unit here: 7C9E (ESP32). Kept with the run."]
    told = {one["serial"]: one["recorded"] for one in history_of(actor, "BX1").runs[0].sub_units}
    assert told == {"SN1": True, "SN2": True, "7C9E": False, "BX1": False}
    assert verified() == []


def test_what_the_record_has_already_does_nothing(boxes, actor, sql, verified):
    assert record_file(actor, "a.json", report(sub("SN1"))).use == "taken"
    again = report(sub("SN1"), start="2027-03-01T12:00:00+01:00")
    before = report(sub("SN1"), start="2027-03-01T08:00:00+01:00")
    same = json.dumps(json.loads(report(sub("SN1"))), indent=1).encode()
    assert [one.use for one in record_files(actor, [("b.json", again), ("c.json", before), ("d.json", same)])] == [
        "taken"
    ] * 3
    assert links(sql) == [("SN1", "BX1", "", micros(BEGAN), None)] and verified() == []


def test_inside_another_unit_is_a_contradiction_and_nothing_is_stored(boxes, actor, load, sql, verified):
    held = {"parent_serial": "BX2", "child_serial": "SN1", "position": "", "happened_at": "2027-02-28T08:00:00Z"}
    load({"assemblies": [held]}, "held")
    seen = record_file(actor, "r.json", report(sub("SN2"), sub("SN1")))
    assert (seen.use, seen.cause) == ("refused", "tables.contradicts")
    assert "SN1 is inside WO-9#2 since 2027-02-28" in seen.detail
    assert sql("SELECT count(*) FROM quality_test_run") == [(0,)]
    assert [row[:2] for row in links(sql)] == [("SN1", "BX2")]
    # a person mends the record, and the kept file goes in
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.built.production.events import ASSEMBLY
    from asbuilt.ledger import clock
    from asbuilt.ledger.facts import fact_ids

    (entry,) = sql("SELECT entry FROM production_assembly WHERE until_entry IS NULL")[0]
    fact = fact_ids(actor.tenant, entry, ASSEMBLY.name, 0, 1).hex()
    withdraw_facts(actor, [Withdraw(fact, "it never was", "045", clock.now())])
    assert retry_files(actor).taken == 1
    assert [row[:2] for row in links(sql)] == [("SN1", "BX1"), ("SN2", "BX1")] and verified() == []


def test_a_late_report_ends_where_the_unit_was_next_built_in(boxes, actor, load, sql, verified):
    later = {"parent_serial": "BX2", "child_serial": "SN1", "position": "", "happened_at": "2027-03-01T10:00:00Z"}
    load({"assemblies": [later]}, "later")
    assert record_file(actor, "r.json", report(sub("SN1"))).use == "taken"
    ended = micros("2027-03-01T10:00:00Z")
    assert [row[1:] for row in links(sql)] == [("BX1", "", micros(BEGAN), ended), ("BX2", "", ended, None)]
    assert verified() == []


def test_two_units_in_one_file_that_say_they_hold_the_same(boxes, actor, sql):
    two = [json.loads(report(sub("SN1"), serial=f"BX{n}")) | {"start": f"2027-03-01T09:0{n}:00+01:00"} for n in (1, 2)]
    seen = record_file(actor, "r.json", json.dumps(two).encode())
    assert seen.use == "refused" and "SN1 is inside WO-9#1" in seen.detail
    assert links(sql) == [] and sql("SELECT count(*) FROM quality_test_run") == [(0,)]


def test_a_unit_inside_itself_is_refused(boxes, actor, sql):
    assert record_file(actor, "a.json", report(sub("SN1"))).use == "taken"
    seen = record_file(actor, "b.json", report(sub("BX1", "BOX"), serial="SN1", part="BRD"))
    assert seen.use == "refused" and "inside itself" in seen.detail and len(links(sql)) == 1


def test_a_part_number_that_is_not_ours_or_a_number_of_two_units_names_none(boxes, actor, load, sql):
    # SN1 is a board here, and some maker's module has the same number; BX1 is a number of two products
    row = {"unit": "WO-1#1", "kind": "serial", "value": "BX2", "from_at": "2027-02-25T08:00:00Z"}
    load({"names": [row]}, "same number")
    seen = record_file(actor, "r.json", report(sub("SN1", part="ESP32"), sub("BX2", part=""), sub("BX2", part="BRD")))
    assert seen.use == "taken" and "SN1 (ESP32), BX2." in seen.warnings[0]
    assert [row[1:2] for row in links(sql)] == [("BX1",)]


def test_a_repair_report_puts_nothing_in(boxes, actor, sql):
    repair = wsjf_repair("BX1")
    repair["subUnits"] += [{"idx": 1, "pn": "BRD", "sn": "SN1", "rev": "A", "failures": []}]
    assert record_file(actor, "r.json", json.dumps(repair).encode()).use == "taken" and links(sql) == []


def test_a_file_that_the_reader_before_took_is_read_anew(boxes, actor, monkeypatch, sql, verified):
    from dataclasses import replace

    now = formats.KINDS["wsjf"]

    def blind(content, file):
        return [lambda times, one=one: _without(one(times)) for one in now.records(content, file)]

    def _without(result):
        result.run["told"], result.run["sub_units"] = result.run["sub_units"], []
        return result

    monkeypatch.setitem(formats.KINDS, "wsjf", replace(now, version="wsjf/1", records=blind))
    seen = record_file(actor, "r.json", report(sub("SN1")))
    assert seen.use == "taken" and links(sql) == []
    monkeypatch.setitem(formats.KINDS, "wsjf", now)
    done = reread_file(actor, seen.file, reason="sub-units are read now")
    assert (done.mapping, done.withdrawn, done.stored) == ("wsjf/3", 1, 2)
    assert [row[:2] for row in links(sql)] == [("SN1", "BX1")] and verified() == []


def test_damaged_reports_put_units_in_whole_or_not_at_all(boxes, actor, sql, verified):
    begun, count = seed(), drawn(60, "ASBUILT_FUZZ_STORED")
    print(f"ASBUILT_FUZZ_SEED={begun} ASBUILT_FUZZ_STORED={count} (5000 with ASBUILT_SOAK=1)")
    chance, whole = random.Random(begun), report(sub("SN1"), sub("SN2", part=""))
    given = [(f"{n}.json", content) for n in range(count) if (content := mutated(chance, whole))]
    seen = record_files(actor, given, kind="wsjf")
    assert {one.use for one in seen} <= {"taken", "refused"}
    entries = {one.entry for one in seen if one.use == "taken"}
    assert {entry for (entry,) in sql("SELECT entry FROM production_assembly")} <= entries
    assert all(one.detail for one in seen if one.use == "refused") and verified() == []
