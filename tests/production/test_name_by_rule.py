"""name_units: serial numbers from the product's rule; never one twice, whoever asks and whatever is killed."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from floor import rows
from planned import NEW, operator, stranger

from asbuilt.built.production.actions.naming import name_units
from asbuilt.built.production.actions.orders import grow_order, open_order
from asbuilt.designed.catalog.actions import set_serial_rule
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def ruled(stage, actor):
    """The floor with an order of 5 more boards, and a rule for boards: AB- and four digits, checked after Luhn."""
    stage()
    open_order(actor, **NEW)
    set_serial_rule(actor, product="board", prefix="AB-", width=4, check="luhn")


def names(sql) -> list[tuple]:
    return sql(
        "SELECT DISTINCT unit, value FROM production_unit_name WHERE kind = 0 AND unit >= 15 AND until_entry IS NULL ORDER BY unit"
    )


def test_units_are_numbered_along_the_order(ruled, actor, sql, ask, findings, moved):
    named = name_units(actor, order="WO-9", count=3)
    # Luhn by hand: 0001 -> 1*2=2 -> 8; 0002 -> 4 -> 6; 0003 -> 6 -> 4
    assert (named.count, named.first, named.last) == (3, "AB-00018", "AB-00034")
    assert names(sql) == [(15, "AB-00018"), (16, "AB-00026"), (17, "AB-00034")]
    assert list(ask("unit:AB-00018..AB-00034")) == ["AB-00018", "AB-00026", "AB-00034"]
    named = name_units(actor, order="WO-9")
    assert (named.count, named.first, named.last) == (2, "AB-00042", "AB-00059")
    assert findings() == []
    moved()
    assert list(ask("order:WO-9")) == ["AB-00018", "AB-00026", "AB-00034", "AB-00042", "AB-00059"] and findings() == []
    grow_order(actor, order="WO-9", quantity=1)
    assert name_units(actor, order="WO-9").first == "AB-00067"  # the counter went along


def test_a_withdrawn_number_is_never_given_again(ruled, actor, sql, withdraw, findings):
    name_units(actor, order="WO-9", count=2)
    withdraw("names", value="AB-00026")
    assert name_units(actor, order="WO-9", count=1).first == "AB-00034"
    assert names(sql) == [(15, "AB-00018"), (16, "AB-00034")]
    withdraw("numberings", first_counter="1")
    assert name_units(actor, order="WO-9", count=1).first == "AB-00042" and findings() == []


def test_a_number_that_a_unit_has_is_passed_over(ruled, load, actor):
    load({"units": rows("order|serial|panel|position", "WO-2|AB-00018||", "WO-2|AB-00034||")}, "later")
    named = name_units(actor, order="WO-9", count=2)
    assert (named.first, named.last) == ("AB-00026", "AB-00042")


def test_rows_of_units_that_say_the_same_number_go_in(ruled, load, actor, sql, ask, findings, withdraw, refusal):
    name_units(actor, order="WO-9", count=2)
    header = "order|serial|panel|position"
    load({"units": rows(header, "WO-9|AB-00018|PN9|1", "WO-9|-|PN9|2")}, "later")
    assert names(sql) == [(15, "AB-00018"), (16, "AB-00026")] and findings() == []
    assert refusal("units", rows(header, "WO-9|AB-00026|PN9|3"))[0] == "Conflict"
    assert list(ask("unit:AB-00018")) == ["AB-00018"] and list(ask("unit:PN9/1")) == ["AB-00018"]
    withdraw("units", serial="AB-00018")
    assert names(sql) == [(15, "AB-00018"), (16, "AB-00026")] and findings() == []


def test_skipped_positions_get_none(ruled, load, actor, sql):
    load({"units": rows("order|serial|panel|position|state", "WO-9|-|P|1|planned", "WO-9|-|P|2|skipped")}, "later")
    name_units(actor, order="WO-9", count=2)
    assert [unit for unit, _ in names(sql)] == [15, 17]


def test_the_rule_recorded_last_is_in_use(ruled, actor, withdraw, findings):
    set_serial_rule(actor, product="board", prefix="X", width=2, first=7)
    assert name_units(actor, order="WO-9", count=1).first == "X07"
    withdraw("serial_rules", prefix="X")
    assert name_units(actor, order="WO-9", count=1).first == "AB-00018" and findings() == []


def test_the_counter_ends(ruled, actor, refused):
    set_serial_rule(actor, product="board", prefix="X", width=1, first=8)
    refused(Refused, "production.serials_exhausted", name_units, actor, order="WO-9")
    assert name_units(actor, order="WO-9", count=2).last == "X9"
    refused(Refused, "production.serials_exhausted", name_units, actor, order="WO-9", count=1)


def test_the_same_request_twice(ruled, actor, refused):
    first = name_units(actor, order="WO-9", count=2, request_key="k")
    assert name_units(actor, order="WO-9", count=2, request_key="k") == first
    refused(Conflict, "ledger.request_key_reused", name_units, actor, order="WO-9", count=1, request_key="k")


def test_refusals(ruled, actor, refused):
    refused(NotFound, "production.order_unknown", name_units, actor, order="WO-X")
    refused(Refused, "production.no_unit_waits", name_units, actor, order="WO-1")
    refused(Refused, "production.no_unit_waits", name_units, actor, order="WO-9", count=6)
    refused(Invalid, "production.named_at_once", name_units, actor, order="WO-9", count=0)
    open_order(actor, order="WO-B", product="box", revision="A", bom_version="1", quantity=1)
    refused(Refused, "production.serial_rule_missing", name_units, actor, order="WO-B")
    refused(NotAllowed, "access.right_missing", name_units, operator(actor), order="WO-9")
    refused(NotFound, "production.order_unknown", name_units, stranger(), order="WO-9")


@pytest.mark.parametrize(
    ("changed", "kind", "code"),
    [
        ({"product": "bored"}, NotFound, "catalog.product_unknown"),
        ({"width": 0}, Invalid, "catalog.counter_width"),
        ({"width": 13}, Invalid, "catalog.counter_width"),
        ({"check": "mod9"}, Invalid, "tables.cell_not_a_word"),
        ({"first": -1}, Invalid, "tables.cell_not_a_count"),
        ({"first": 10_000}, Invalid, "catalog.counter_begins_late"),
        ({"prefix": "x" * 61}, Invalid, "tables.cell_too_long"),
        ({"prefix": "a\x00"}, Invalid, "tables.cell_unwritable"),
    ],
)
def test_rules_that_are_none(stage, actor, refused, changed, kind, code):
    stage()
    refused(kind, code, set_serial_rule, actor, **{"product": "board", "prefix": "AB-", "width": 4, **changed})


def test_an_operator_and_a_stranger_set_no_rule(stage, actor, refused):
    stage()
    rule = {"product": "board", "prefix": "AB-", "width": 4}
    refused(NotAllowed, "access.right_missing", set_serial_rule, operator(actor), **rule)
    refused(NotFound, "catalog.product_unknown", set_serial_rule, stranger(), **rule)


WORKER = """
import sys, django
django.setup()
from asbuilt.access.actor import local_system
from asbuilt.built.production.actions.naming import name_units
from asbuilt.kernel.errors import Refused
actor = local_system(1)
try:
    for _ in range(1000):
        named = name_units(actor, order="WO-M", count=3)
        print(named.first, named.last, flush=True)
except Refused:
    pass
"""


@pytest.fixture
def many(stage, actor):
    """An order of 240 units to be named, three at a time, by several processes."""
    stage()
    open_order(actor, **{**NEW, "order": "WO-M", "quantity": 240})
    set_serial_rule(actor, product="board", prefix="M", width=5)


def begin(home) -> subprocess.Popen:
    env = {**home.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"}
    return subprocess.Popen([sys.executable, "-c", WORKER], stdout=subprocess.PIPE, text=True, env=env)


def given(sql) -> list[str]:
    return [
        value
        for (value,) in sql(
            "SELECT value FROM production_unit_name WHERE kind = 0 AND value LIKE %s ORDER BY unit", "M%"
        )
    ]


def test_four_processes_give_no_number_twice(many, home, sql, findings):
    workers = [begin(home) for _ in range(4)]
    said = [line.split() for worker in workers for line in worker.communicate(timeout=120)[0].splitlines()]
    assert [worker.returncode for worker in workers] == [0] * 4
    assert given(sql) == [f"M{n:05}" for n in range(1, 241)]  # along the order, each once, without a gap
    assert sorted(first for first, _ in said) == [f"M{n:05}" for n in range(1, 241, 3)]
    assert findings() == []


def test_a_kill_leaves_no_number_twice_and_no_half_entry(many, home, sql, findings, actor):
    acknowledged = []
    for n in range(6):
        worker = begin(home)
        lines = [worker.stdout.readline() for _ in range(2)]
        time.sleep(0.005 * n)
        os.kill(worker.pid, signal.SIGKILL)
        acknowledged += re.findall(r"^(M\d{5}) (M\d{5})$", "".join(lines) + worker.stdout.read(), re.MULTILINE)
        worker.wait()
    name_units(actor, order="WO-M", count=3)
    numbers = given(sql)
    assert numbers == [f"M{n:05}" for n in range(1, len(numbers) + 1)] and len(numbers) % 3 == 0
    assert len(acknowledged) >= 12 and {last for _, last in acknowledged} <= set(numbers)
    assert findings() == []
