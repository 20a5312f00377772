"""Every statement of a question finds spans by its keys: no table of spans is walked, none is hashed on the tenant alone.

The statements are those that questions really send, caught on the connection; the factory is the benches' own, large enough
that a planner has a reason to go wrong (reference/scale.md, A2: 135 ms became 1,000).
"""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connections

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))  # last: a bench has a package's name

# rows grow with units; whoever walks one of them walks the factory
SPANS = {
    "production_material_run", "production_material_hole", "production_process_run", "production_replacement",
    "production_unit_name", "production_panel", "production_assembly", "programming_firmware_run", "programming_record",
    "quality_outcome_run", "quality_test_run", "shipping_line", "supply_package",
}  # fmt: skip
LARGE = {"production_material_run", "production_unit_name"}  # so many rows here that a key is worth its while


@pytest.fixture
def factory(actor, home, tmp_path):
    """60 orders of 200 units, 117 lines each; measured by the engine where it measures."""
    from ground.factory import Factory
    from ground.proof import load

    made = Factory(12_000, 3, 200)
    load(SimpleNamespace(actor=actor), made, tmp_path, straight=True)
    if home.url:
        with connections["default"].cursor() as cursor:
            cursor.execute("ANALYZE")
    return made


@pytest.fixture
def sent(home):
    """The statements that the reader's connection sends, with the parameters that they take."""
    from ground.sent import sent

    with sent() as found:
        yield found


def questions(factory) -> list[str]:
    order = factory.order(7)
    part, lot = factory.lots[factory.packages[order.runs[0].package - 1]]
    serial = order.serials[3]
    return [
        f"lot:{lot}",
        f"lot:{lot} firmware:<1.3.0 product:{order.product.code} passed:REFLOW@2025-12-01..2025-12-20 -reworked",
        f"(lot:{lot} at:{order.product.positions[order.runs[0].line][0]})",
        f"part:P-{part:05d} customer:C001",
        f"ever:(lot:{lot}) or unit:{serial}",
        "datecode:2503..2504 in:shipped",
        "package:PK00000007",
        f"contains:(lot:{lot})",
        "shipment:" + order.lines[0][0] if order.lines else "in:stock",
    ]


def plan_of(home, sql: str, params, walking: bool = True):
    """The engine's plan; with walking=False PostgreSQL walks a table only where no key serves, however few rows there are."""
    with connections["reader"].cursor() as cursor:
        if not home.url:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
            return [row[3] for row in cursor.fetchall()]
        cursor.execute(f"SET enable_seqscan = {'on' if walking else 'off'}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        said = cursor.fetchone()[0]
        cursor.execute("SET enable_seqscan = on")
        return (said if isinstance(said, list) else json.loads(said))[0]["Plan"]


def nodes(plan: dict):
    if plan["Node Type"] == "Limit":
        return  # one row of many costs nothing
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def hashed(plan: dict):
    """Tables that are walked to be hashed."""
    for node in nodes(plan):
        if node["Node Type"] == "Hash":
            yield from (below["Relation Name"] for below in nodes(node) if below["Node Type"] == "Seq Scan")


def faults_on_postgresql(home, sql: str, params) -> list[str]:
    joins = (node for node in nodes(plan_of(home, sql, params)) if "Hash Cond" in node or "Merge Cond" in node)
    conditions = [node.get("Hash Cond") or node["Merge Cond"] for node in joins]
    found = [f"joins on {said}" for said in conditions if set(re.findall(r"(\w+) = ", said)) <= {"tenant"}]
    found += [
        f"hashes all of {table}"
        for table in hashed(plan_of(home, sql, params))
        if table in SPANS or table == "supply_lot"
    ]
    for node in nodes(plan_of(home, sql, params, walking=False)):
        table, condition = node.get("Relation Name"), node.get("Index Cond", "")
        alone = condition and set(re.findall(r"(\w+)\)?(?:::\w+)? (?:[<>=]|= ANY)", condition)) <= {"tenant"}
        if table in SPANS and (node["Node Type"] == "Seq Scan" or (alone and table in LARGE)):
            found.append(f"walks {table} {condition}")
    return found


def faults_on_sqlite(home, sql: str) -> list[str]:
    if re.search(r"LIMIT 1$", sql):
        return []
    steps = plan_of(home, sql, None)
    names = {
        alias or table for table, alias in re.findall(r"(?:FROM|JOIN)\s+(\w+)(?:\s+AS\s+(\w+))?", sql) if table in SPANS
    }
    walked = [step for step in steps if (match := re.match(r"SCAN (\w+)", step)) and match[1] in names]
    tenant_alone = [step for step in steps if re.search(r"\(tenant=\?\)", step) and step.split()[1] in names]
    # where spans are given, rows are found by where they lie, not by what else is known of them
    spans = re.findall(r"(\w+)\.(first_unit|unit|child) >= s\.first_unit", sql)
    elsewhere = [
        step
        for step in steps
        for alias, column in spans
        if step.startswith(f"SEARCH {alias} ") and f"{column}>" not in step
    ]
    return walked + tenant_alone + elsewhere


def check(home, sent, said: str) -> int:
    """No statement sent has a bad plan; returns how many were looked at."""
    statements = [(sql, params) for sql, params in sent if sql.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
    assert statements, said
    for sql, params in {(sql, repr(params)): (sql, params) for sql, params in statements}.values():
        faults = faults_on_postgresql(home, sql, params) if home.url else faults_on_sqlite(home, sql)
        assert faults == [], f"{said}\n{sql}\n{json.dumps(plan_of(home, sql, params), indent=1)}"
    return len(statements)


def test_no_statement_of_a_question_walks_the_factory(home, actor, factory, sent):
    from asbuilt.questions.genealogy.answering.answers import ask

    asked = 0
    for question in questions(factory):
        sent.clear()
        ask(actor, question, serials=True)
        asked += check(home, sent, question)
    assert asked > 100


def test_the_customers_of_a_lot_are_found_without_walking_the_factory(home, actor, factory, sent):
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    for question in questions(factory)[:2]:
        sent.clear()
        customers(actor, question)
        check(home, sent, question)


def test_what_a_unit_carries_is_read_without_walking_the_factory(home, actor, factory, sent):
    from asbuilt.built.production.carried import packages_on

    order = factory.order(7)
    replaced = {unit for unit, *_ in order.replacements}
    for unit in (min(set(order.built) - replaced), min(replaced)):
        sent.clear()
        assert packages_on(actor.tenant, unit)
        check(home, sent, f"unit {unit}")


def test_what_is_held_now_is_found_without_what_was_lifted(home, actor, factory, sent):
    """The story: each verdict read all holds ever lifted, twice; 1.9 ms of a packer's 20 after 780 of them."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.production.actions.holds import lift_hold

    for _ in range(40):
        lift_hold(actor, hold=hold(actor, question="order:WO-00059", reason="look"), reason="looked at")
    hold(actor, question="order:WO-00058", reason="look")
    if home.url:
        with connections["default"].cursor() as cursor:
            cursor.execute("ANALYZE production_hold")
    sent.clear()
    may_leave(actor, "WO-00059#61")
    said = [(sql, params) for sql, params in sent if "FROM production_hold h" in sql]
    assert said
    for sql, params in said:
        plan = json.dumps(plan_of(home, sql, params, walking=False))
        assert "production_hold_open" in plan and "production_hold_unit" not in plan, plan


def test_spans_given_to_a_statement_cost_a_step_a_span(home):
    """The story: two lists joined by their keys cost SQLite a step for each two spans, 138 ms where an answer has 2,000 blocks."""
    from asbuilt.storage import reading

    sql = f"SELECT s.first_unit, s.until_unit FROM {reading.integers_table('s', 'first_unit', 'until_unit')}"
    wide = f"SELECT s.a, s.b, s.c FROM {reading.integers_table('s', 'a', 'b', 'c')}"
    spans = [(7 * number, 7 * number + 3) for number in range(3_000)] + [(2_147_483_646, 2_147_483_647)]
    assert sorted(reading.fetch(sql, reading.integer_rows(spans))) == spans
    rows = [(0, 2_147_483_647, 5), (3, 4, 0)]
    assert sorted(reading.fetch(wide, reading.integer_rows(rows))) == rows
    if home.url:  # PostgreSQL unnests lists side by side
        return
    few, many = (_steps(sql, reading.integer_rows(spans[:count])) for count in (300, 3_000))
    assert many < 15 * few


def _steps(sql: str, params: tuple) -> int:
    """Instructions of SQLite's machine, in hundreds."""
    counted = [0]

    def count():
        counted[0] += 1

    raw = connections["reader"].connection
    raw.set_progress_handler(count, 100)
    try:
        raw.execute(sql.replace("%s", "?"), params).fetchall()
    finally:
        raw.set_progress_handler(None, 0)
    return counted[0]
