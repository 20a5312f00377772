"""gate: may it leave, for one unit and for an order of 5,000, among ten million units recorded.

The factory of bench genealogy, written straight; then one order gets what leaving asks for through the product's own doors: a route, an approved
test plan, a firmware demand, a test run of each unit, a calibrated tester, a hold on twenty units and a nonconformity on ten. The verdict of the
order is asked seven times, after once; that of single units of this order and of others, in random order, each from the scan to the words.
What the verdicts must say is counted from what was written.
"""

import csv
import json
import random
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import STEPS, VERSIONS, Factory
from ground.figures import Figures, arguments, engines, machine, percentile, spread
from ground.homes import home
from ground.proof import load
from ground.weight import settle

UNIT_P95_MS, ORDER_S = 20, 1.5
HELD, NONCONFORMING, UNTESTED = 20, 10, 30
AT = "2026-01-01T00:00:00Z"


def plan(product: str) -> str:
    """The document of the test plan."""
    step = {"name": "u_3v3", "kind": "numeric", "comparison": "GELE", "low": "3.0", "high": "3.6", "unit": "V", "expected": "",
            "criticality": "major", "proves": [], "needed": True}  # fmt: skip
    said = {
        "every": 1,
        "plan": "FCT",
        "product": product,
        "revisions": [],
        "rules": "",
        "schema": 1,
        "steps": [step],
        "version": "3",
    }
    from asbuilt.kernel.canonical import canonical_bytes

    return canonical_bytes(said).decode()


def write(folder: Path, tables: dict[str, list[dict]]) -> None:
    """These tables as a folder; cells that a row leaves out are empty."""
    from asbuilt.formats.tables import TABLES

    folder.mkdir()
    for name, rows in tables.items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            columns = [one for one in TABLES[name].columns if one in rows[0] or one in TABLES[name].required]
            writer = csv.DictWriter(out, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)


def finish(place, order, folder: Path) -> dict[str, int]:
    """What leaving asks for, of this order; returns what must be missing, and of how many units."""
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.exchange.actions import import_folder

    product, document = order.product.code, plan(order.product.code)
    revision = revision_of(place, product)
    names = [f"{order.code}#{unit - order.first + 1}" for unit in order.built]
    later, begun = "2030-01-01T00:00:00Z", "2029-12-31T23:59:00Z"
    tests = [
        {"serial": name, "plan": "FCT", "plan_version": "3", "station": "FCT-1", "operator": "", "outcome": "pass", "started_at": begun,
         "finished_at": later, "measurements": json.dumps({"u_3v3": 3.3})}
        for name in names[UNTESTED:]
    ]  # fmt: skip
    steps = [
        {"product": product, "revision": revision, "routing": "1", "from_at": AT, "place_in_route": str(n), "step": step, "side": "", "place": "",
         "optional": "", "limits": "", "instruction": ""}
        for n, step in enumerate(dict.fromkeys(step for step, *_ in order.passes) or STEPS, 1)
    ]  # fmt: skip
    demand = {"order": order.code, "product": "", "revision": "", "part": "", "of_product": "", "role": "", "version": VERSIONS[order.version],
              "operator": "", "happened_at": AT}  # fmt: skip
    decided = {"plan": "FCT", "version": "3", "sha256": sha256(document.encode()).hexdigest(), "decision": "approved", "reason": "", "operator": "",
               "decided_at": AT}  # fmt: skip
    calibrated = {"instrument": "FCT-1", "kind": "tester", "station": "", "as_found": "in_tolerance", "as_left": "in_tolerance", "certificate": "",
                  "laboratory": "", "file": "", "sha256": "", "valid_until": "2035-01-01", "operator": "", "calibrated_at": AT}  # fmt: skip
    ncr = {"nonconformity": "NCR-1", "source": "inspection", "severity": "major", "product": product, "defect": "", "party": "", "question": "",
           "description": "void", "operator": "", "raised_at": AT}  # fmt: skip
    about = {"nonconformity": "NCR-1", "order": order.code, "first_serial": names[100], "last_serial": names[100 + NONCONFORMING - 1],
             "disposition": "", "operator": "", "stated_at": AT}  # fmt: skip
    write(folder, {
        "routings": steps, "test_plans": [{"plan": "FCT", "version": "3", "product": product, "document": document, "changes": "", "operator": "", "happened_at": AT}],
        "test_plan_approvals": [decided], "firmware_demands": [demand], "calibrations": [calibrated], "tests": tests,
        "nonconformities": [ncr], "nonconformity_units": [about],
    })  # fmt: skip
    import_folder(place.actor, folder)
    hold(place.actor, units=[f"{names[200]}..{names[200 + HELD - 1]}"], reason="look at them")
    return {
        "gate.test_missing": UNTESTED,
        "gate.nonconformity": NONCONFORMING,
        "gate.held": HELD,
        "gate.firmware_other": len(order.again),
    }


def keep_here(place, order) -> None:
    """The order is finished and did not leave yet."""
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    with write_tx(place.actor.tenant):
        sql = "DELETE FROM shipping_line WHERE tenant = %s AND first_unit >= %s AND first_unit < %s"
        bulk.run(sql, (place.actor.tenant, order.first, order.until))


def revision_of(place, product: str) -> str:
    """Its hardware revision."""
    from asbuilt.designed.catalog.queries import standing_revisions

    return next(iter(standing_revisions(place.actor.tenant, product)))


def run(engine: str, scale: int, seed: int, count: int, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(scale, seed)
    chosen = random.Random(seed)
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.answers.gate.leaving import may_leave, order_may_leave

        began = time.monotonic()
        load(place, factory, Path(folder), straight=True)
        order = factory.order(factory.orders - 1)
        keep_here(place, order)
        expected = finish(place, order, Path(folder) / "more")
        settle()
        print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        found = order_may_leave(place.actor, order.code)
        counted = {one.code: one.count for one in found.missing}
        waiting = {code: n for code, n in expected.items() if n}
        if counted != waiting:
            raise SystemExit(f"the verdict says {counted}, written were {waiting}")
        took = []
        for _ in range(7):
            began = time.perf_counter()
            order_may_leave(place.actor, order.code)
            took.append(time.perf_counter() - began)
        print(
            f"  {engine} order of {found.units:,} units still here, {found.go:,} may go: {min(took):.2f} to {max(took):.2f} s",
            flush=True,
        )
        figures.most(f"{engine} order of {factory.order_units:,}", sorted(took)[3], ORDER_S, " s", 2)
        names = [f"{order.code}#{chosen.randrange(1, factory.order_units + 1)}" for _ in range(count // 2)]
        for _ in range(count // 2):
            names.append(f"WO-{chosen.randrange(factory.orders):05d}#{chosen.randrange(1, factory.order_units + 1)}")
        chosen.shuffle(names)
        for name in names[:20]:
            may_leave(place.actor, name)
        times = []
        for name in names:
            began = time.perf_counter()
            may_leave(place.actor, name)
            times.append((time.perf_counter() - began) * 1000)
        print(f"  {engine} one unit: {spread(times)}", flush=True)
        figures.most(f"{engine} one unit p95", percentile(times, 0.95), UNIT_P95_MS, " ms")


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--questions", type=int, default=400, help="single units that are asked for")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("gate")
    for engine in engines(said.engine):
        run(engine, said.scale, said.seed, said.questions, figures)
    figures.finish()


if __name__ == "__main__":
    main()
