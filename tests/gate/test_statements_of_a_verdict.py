"""How many statements a verdict sends, on both engines, and that none of them walks the factory: a packer waits for each of them.

The factory is the benches' own: 60 orders of 200 units, 117 packages on each. What a verdict may send is counted from what it has to know.
"""

import csv
import random
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connections

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests" / "questions")]  # last: a bench has a package's name

# name, serial again as ORDER#n, kinds of facts, blocks, order, states, shipments, holds, packages, their status, nonconformities, passes, tests,
# names of the floor, route, loaded, calibrations, plans, firmware, releases, feeds, SBOMs, demands, names, makers' parts that nobody approved,
# parts that advisories speak of, concessions (both asked beside others, sooner than behind them)
UNIT_MOST = 28
# beside them for questions: names of lots, packages, parts, products, orders, floor; material, replacements, holes, packages' lots; passes,
# releases, firmware; a statement a question about tests
ONCE_MOST, TESTED = 14, 2


@pytest.fixture
def factory(actor, home, tmp_path):
    """60 orders of 200 units; the last one has a tested unit, a plan, a route, a demand and a calibrated tester."""
    import importlib.util

    # by its place: `gate` is also the folder of these tests
    spec = importlib.util.spec_from_file_location("bench_of_the_gate", ROOT / "benchmarks" / "gate.py")
    bench = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(bench)
    sys.path[:] = path  # it puts its own folder first, where a bench has a package's name
    finish, keep_here = bench.finish, bench.keep_here
    from ground.factory import Factory
    from ground.proof import load

    made = Factory(12_000, 3, 200)
    place = SimpleNamespace(actor=actor)
    load(place, made, tmp_path, straight=True, tests=True, records=True, untested=[59])
    order = made.order(59)
    keep_here(place, order)
    finish(place, made, order, tmp_path / "more", random.Random(1))
    if home.url:
        with connections["default"].cursor() as cursor:
            cursor.execute("ANALYZE")
    return made


def by_question(factory) -> list[str]:
    """Four questions of each kind that quality asks; none about the last order, but for the reflow of all."""
    found = []
    for number in range(4):
        order = factory.order(number)
        part, lot = factory.lots[factory.packages[order.runs[number].package - 1]]
        product = order.product.code
        found += [
            f"lot:{lot}", f"lot:{lot} product:{product}", f"package:PK{number + 1:08d}", f"part:P-{part:05d} lot:{lot} -reworked",
            f"passed:REFLOW-{number + 1}@2025-12-01..2025-12-02", f"product:{product} firmware:<1.1.0", f"order:{order.code}",
            f"(lot:{lot} datecode:2501..2510 at:{order.product.positions[order.runs[number].line][0]})",
        ]  # fmt: skip
    return found


def import_holds(actor, folder: Path, questions: list[str], first: int) -> None:
    """The holds as a table that names no unit."""
    from asbuilt.built.exchange.actions import import_folder

    folder.mkdir()
    columns = "hold action kind part manufacturer mpn lot_code date_code first_serial last_serial question silent lifted_by reason person decided_at product"
    with open(folder / "holds.csv", "w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, columns.split(), restval="")
        writer.writeheader()
        for n, question in enumerate(questions, first):
            writer.writerow(
                {
                    "hold": f"Q-{n}",
                    "action": "place",
                    "kind": "question",
                    "question": question,
                    "reason": "look",
                    "decided_at": "2026-01-01T00:00:00Z",
                }
            )
    import_folder(actor, folder)


def test_a_verdict_sends_few_statements_and_questions_held_hardly_more(home, actor, factory, tmp_path):
    from ground.sent import sent
    from test_plans import check

    from asbuilt.answers.gate.leaving import may_leave

    name = "WO-00059#61"
    with sent() as said:
        (found,) = may_leave(actor, name)
        few = [sql for sql, _ in said if sql.lstrip("( ").upper().startswith(("SELECT", "WITH"))]
        check(home, said, name)
    assert found.go
    assert len(few) <= UNIT_MOST, few
    counts = []
    questions = by_question(factory)
    for half, part in enumerate((questions[:16], questions[16:])):
        import_holds(actor, tmp_path / f"holds-{half}", part, 1 + half * 16)
        with sent() as said:
            (found,) = may_leave(actor, name)
            check(home, said, name)
        assert found.go
        counts.append(sum(sql.lstrip("( ").upper().startswith(("SELECT", "WITH")) for sql, _ in said))
    assert counts[0] <= UNIT_MOST + ONCE_MOST
    assert counts[1] == counts[0]  # twice the questions, not one statement more


def test_an_order_is_asked_in_as_many_statements_as_a_unit(actor, factory):
    from ground.sent import sent

    from asbuilt.answers.gate.leaving import order_may_leave

    with sent() as said:
        found = order_may_leave(actor, "WO-00059")
    assert found.units > 190
    assert len([sql for sql, _ in said if sql.lstrip().upper().startswith(("SELECT", "WITH"))]) <= UNIT_MOST + 4


def test_a_held_units_verdict_reads_no_more_of_the_hold_than_speaks_of_it(actor, factory):
    """The story: one statement brought every span of every open hold, and looked for each of them whether its hold was lifted: seconds."""
    from ground.sent import sent

    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.register.holds import hold
    from asbuilt.storage import reading

    hold(actor, question="-reworked", reason="look")
    spans = reading.fetch_one("SELECT count(*) FROM production_hold WHERE first_unit IS NOT NULL")[0]
    assert spans > 100
    with sent() as said:
        (found,) = may_leave(actor, "WO-00059#61")
    assert [stop.code for stop in found.stops] == ["gate.held"]
    read = 0
    for sql, params in said:
        if "FROM production_hold h" in sql:
            read += len(
                reading.fetch(sql, params)
                if params is not None
                else connections["reader"].connection.execute(sql).fetchall()
            )
    assert 0 < read < 10
