"""gate: may it leave, for one unit and for an order of 5,000, among ten million units recorded.

The factory of bench genealogy, written straight; then one order gets what leaving asks for through the product's own doors: a route, an approved
test plan, a firmware demand, a test run of each unit, a calibrated tester, a hold on twenty units and a nonconformity on ten. The verdict of the
order is asked seven times, after once; that of single units of this order and of others, in random order, each from the scan to the words.
What the verdicts must say is counted from what was written.
"""

import csv
import json
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import STEPS, VERSIONS, Factory
from ground.figures import Clock, Figures, arguments, engines, machine, percentile, spread
from ground.homes import home, keep
from ground.proof import load
from ground.secured import parts_spoken_of, secured
from ground.tables import package_code, plan_of
from ground.weight import settle
from pyroaring import BitMap

UNIT_P95_MS, ORDER_S = 20, 1.5
HELD, NONCONFORMING, UNTESTED, OTHER_NCRS = 20, 10, 30, 30
QUESTIONS_HELD = (20, 60)
AT = "2026-01-01T00:00:00Z"


def plan(product: str, version: str) -> str:
    """The document of a version of its test plan."""
    step = {"name": "u_3v3", "kind": "numeric", "comparison": "GELE", "low": "3.0", "high": f"3.{version}5", "unit": "V", "expected": "",
            "criticality": "major", "proves": [], "needed": True}  # fmt: skip
    said = {
        "every": 1,
        "plan": f"FCT-{product}",
        "product": product,
        "revisions": [],
        "rules": "",
        "schema": 1,
        "steps": [step],
        "version": version,
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


def meant(place, factory: Factory, order) -> dict[str, list[dict]]:
    """What is meant in the factory: each product's route, its test plan in three versions, the firmware of its revision; eight testers
    calibrated three times. The order under question demands a release of its own."""
    from asbuilt.designed.catalog.queries import standing_revisions

    found: dict[str, list[dict]] = {
        name: [] for name in ("routings", "test_plans", "test_plan_approvals", "firmware_demands", "calibrations")
    }
    for product in (one.code for one in factory.products):
        revision = next(iter(standing_revisions(place.actor.tenant, product)))
        for n, step in enumerate(STEPS, 1):
            found["routings"].append({"product": product, "revision": revision, "routing": "1", "from_at": AT, "place_in_route": str(n), "step": step,
                                      "side": "", "place": "", "optional": "", "limits": "", "instruction": ""})  # fmt: skip
        for version in ("1", "2", "3"):
            document = plan(product, version)
            named = {"plan": f"FCT-{product}", "version": version, "operator": ""}
            found["test_plans"].append(
                {
                    **named,
                    "product": product,
                    "document": document,
                    "changes": "" if version == "1" else "limits",
                    "happened_at": AT,
                }
            )
            decided_at = f"2026-01-0{version}T00:00:00Z"
            found["test_plan_approvals"].append({**named, "sha256": sha256(document.encode()).hexdigest(), "decision": "approved", "reason": "",
                                                 "decided_at": decided_at})  # fmt: skip
        found["firmware_demands"].append({"order": "", "product": product, "revision": revision, "part": "", "of_product": "", "role": "",
                                          "version": VERSIONS[order.version], "operator": "", "happened_at": AT})  # fmt: skip
    found["firmware_demands"].append(
        {**found["firmware_demands"][-1], "order": order.code, "product": "", "revision": ""}
    )
    for tester in range(1, 9):
        for year in (2023, 2024, 2025):
            found["calibrations"].append({"instrument": f"FCT-{tester}", "kind": "tester", "station": "", "as_found": "in_tolerance", "as_left": "in_tolerance",
                                          "certificate": "", "laboratory": "", "file": "", "sha256": "", "valid_until": "2035-01-01", "operator": "",
                                          "calibrated_at": f"{year}-06-01T00:00:00Z"})  # fmt: skip
    return found


def against(factory: Factory, order, chosen: random.Random) -> dict[str, list[dict]]:
    """Nonconformities: one on units of the order, some on units of others."""
    names = [f"{order.code}#{unit - order.first + 1}" for unit in order.built]
    spans = [(order, names[100], names[100 + NONCONFORMING - 1])]
    for _ in range(OTHER_NCRS):
        other = factory.order(chosen.randrange(factory.orders - 1))
        spans.append((other, f"{other.code}#11", f"{other.code}#20"))
    raised, about = [], []
    for n, (where, first, last) in enumerate(spans, 1):
        raised.append({"nonconformity": f"NCR-{n}", "source": "inspection", "severity": "major", "product": where.product.code, "defect": "", "party": "",
                       "question": "", "description": "void", "operator": "", "raised_at": AT})  # fmt: skip
        about.append({"nonconformity": f"NCR-{n}", "order": where.code, "first_serial": first, "last_serial": last, "disposition": "", "operator": "",
                      "stated_at": AT})  # fmt: skip
    return {"nonconformities": raised, "nonconformity_units": about}


def finish(place, factory: Factory, order, folder: Path, chosen: random.Random) -> None:
    """What leaving asks for, through the product's own doors; the order's units are tested but for some, some are held."""
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.exchange.actions import import_folder

    names = [f"{order.code}#{unit - order.first + 1}" for unit in order.built]
    later, begun = "2026-11-02T00:00:00Z", "2026-11-01T23:59:00Z"
    tests = [
        {"serial": name, "plan": plan_of(order), "plan_version": "3", "station": "FCT-1", "operator": "", "outcome": "pass", "started_at": begun,
         "finished_at": later, "measurements": json.dumps({"u_3v3": 3.3})}
        for name in names[UNTESTED:]
    ]  # fmt: skip
    write(folder, {**meant(place, factory, order), "tests": tests, **against(factory, order, chosen)})
    import_folder(place.actor, folder)
    hold(place.actor, units=[f"{names[150]}..{names[150 + HELD - 1]}"], reason="look at them")


def expected(order) -> dict[str, int]:
    """What must be missing in the order, and of how many units, before any question is held."""
    other = len(order.again)
    said = {
        "gate.test_missing": UNTESTED,
        "gate.nonconformity": NONCONFORMING,
        "gate.held": HELD,
        "gate.firmware_other": other,
    }
    return {code: n for code, n in said.items() if n}


def keep_here(place, order) -> None:
    """The order is finished and did not leave yet."""
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    with write_tx(place.actor.tenant):
        sql = "DELETE FROM shipping_line WHERE tenant = %s AND first_unit >= %s AND first_unit < %s"
        bulk.run(sql, (place.actor.tenant, order.first, order.until))


def build(place, factory: Factory, order, seed: int) -> None:
    """The factory with everything that is recorded of it."""
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        load(place, factory, Path(folder), straight=True, tests=True, records=True, untested=[order.number])
        keep_here(place, order)
        finish(place, factory, order, Path(folder) / "more", random.Random(f"{seed}/finish"))
    settle()
    keep(place)


# ---- holds by question


def held_questions(factory: Factory, order, seed: int) -> list[str]:
    """What quality holds by question: mostly lots, also windows of machines and testers, firmware, parts, single packages."""
    chosen, found = random.Random(f"{seed}/holds"), []
    shapes = (
        lambda lot, day, other: f"lot:{lot}",
        lambda lot, day, other: f"passed:REFLOW-{chosen.randrange(1, 5)}@{day}..{day}",
        lambda lot, day, other: f"lot:{lot} product:{other.product.code}",
        lambda lot, day, other: f"product:{other.product.code} firmware:<{VERSIONS[1]}",
        lambda lot, day, other: f"(lot:{lot} at:{chosen.choice(chosen.choice(other.product.positions))})",
        lambda lot, day, other: f"package:{package_code(other.runs[0].package)}",
        lambda lot, day, other: f"tested:FCT-1@{day}..{day}",
        lambda lot, day, other: f"lot:{lot} passed:REFLOW@{day}..{day} -reworked",
        lambda lot, day, other: f"test:{plan_of(other)}=fail",
        lambda lot, day, other: (
            f"(part:P-{other.product.parts[3]:05d} datecode:2501..2520 at:{other.product.positions[3][0]})"
        ),
    )
    for n in range(QUESTIONS_HELD[-1]):
        # of the order under question and its neighbours: what is held is what is on the floor
        other = factory.order(factory.orders - 1 - n % 7 if n % 2 else chosen.randrange(factory.orders))
        lot = factory.lots[factory.packages[chosen.choice(other.runs).package - 1]][1]
        day = datetime.fromtimestamp(other.begins / 1_000_000, UTC).date().isoformat()
        found.append(shapes[n % len(shapes)](lot, day, other))
    return found


class Held:
    """The holds by question that are open; what they hold is what the same questions answer over the whole record."""

    def __init__(self, place, questions: list[str]):
        self.place, self.questions = place, questions
        self.codes: list[str] = []
        self.units = BitMap()

    def until(self, count: int) -> None:
        """So many are open."""
        from asbuilt.answers.register.holds import hold
        from asbuilt.questions.genealogy.answering.answers import ask

        for question in self.questions[len(self.codes) : count]:
            self.codes.append(hold(self.place.actor, question=question, reason="look at them"))
            self.units |= ask(self.place.actor, question).affected.possible

    def lift(self) -> None:
        """None is open."""
        from asbuilt.answers.register.holds import lift

        for code in self.codes:
            lift(self.place.actor, code=code, reason="looked at")


# ---- the verdicts


def ask_order(place, order) -> tuple[list[float], object]:
    """Seconds of seven verdicts over the order, after one; and what the last said."""
    from asbuilt.answers.gate.leaving import order_may_leave

    found, took = order_may_leave(place.actor, order.code), []
    for _ in range(7):
        began = time.perf_counter()
        found = order_may_leave(place.actor, order.code)
        took.append(time.perf_counter() - began)
    return took, found


def unit_names(factory: Factory, order, chosen: random.Random, count: int) -> list[str]:
    """Half of them of the order, half of any."""
    names = [f"{order.code}#{chosen.randrange(1, factory.order_units + 1)}" for _ in range(count // 2)]
    for _ in range(count // 2):
        names.append(f"WO-{chosen.randrange(factory.orders):05d}#{chosen.randrange(1, factory.order_units + 1)}")
    chosen.shuffle(names)
    return names


def ask_units(place, names: list[str], held: BitMap) -> Clock:
    """Milliseconds of the verdict of each, after a few; ends the bench where a unit that a question gives is not held."""
    from asbuilt.answers.gate.leaving import may_leave

    actor = place.actor  # who asks is known before the scan
    for name in names[:20]:
        may_leave(actor, name)
    took = Clock()
    for name in names:
        with took:
            (found,) = may_leave(actor, name)
        stopped = {stop.code for stop in found.stops}
        if found.unit in held and not stopped & {"gate.held", "gate.skipped_position"}:
            raise SystemExit(f"{name} is held by a question, the verdict says {sorted(stopped)}")
    return took


def findings(place, factory: Factory, seed: int, parts: bool) -> None:
    """SBOMs of every release and vulnerabilities in a third of their components, as bench exposure writes them; and of makers' parts."""
    from asbuilt.answers.gate.leaving import order_may_leave

    secured(place, factory, seed)
    if parts:
        parts_spoken_of(place, seed)
    order = factory.order(factory.orders - 1)
    found = order_may_leave(place.actor, order.code)
    known = {one.subject: one.count for one in (*found.missing, *found.warned) if one.code == "gate.vulnerability"}
    print(f"  {len(known)} vulnerabilities are open on units of the order", flush=True)
    if not known:
        raise SystemExit("vulnerabilities were written, the verdict knows of none")


def statements(place, name: str) -> int:
    """How many statements the verdict of this unit takes."""
    from ground.sent import sent

    from asbuilt.answers.gate.leaving import may_leave

    with sent() as found:
        may_leave(place.actor, name)
    return len(found)


def run(engine: str, said, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(said.scale, said.seed)
    kept = Path(said.kept) / f"{engine}-{factory.units}-{said.seed}" if said.kept else None
    with home(engine, kept) as place:
        began, order = time.monotonic(), factory.order(factory.orders - 1)
        if place.first:
            build(place, factory, order, said.seed)
            print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        took, found = ask_order(place, order)
        counted = {one.code: one.count for one in found.missing}
        if counted != expected(order):
            raise SystemExit(f"the verdict says {counted}, written were {expected(order)}")
        told = f"  {engine} order of {found.units:,} units still here, {found.go:,} may go: {min(took):.2f} to {max(took):.2f} s"
        print(told, flush=True)
        figures.most(f"{engine} order of {factory.order_units:,}", sorted(took)[3], ORDER_S, " s", 2)
        if said.findings or said.parts:
            findings(place, factory, said.seed, said.parts)
        names = unit_names(factory, order, random.Random(said.seed), said.questions)
        held = Held(place, held_questions(factory, order, said.seed))
        try:
            for count in (0, *QUESTIONS_HELD):
                held.until(count)
                beside = f", {count} questions held" if count else ""
                times = ask_units(place, names, held.units)
                print(
                    f"  {engine} one unit{beside}: {spread(times.wall)}; own processor time p50 {percentile(times.own, 0.5):.2f} "
                    f"p95 {percentile(times.own, 0.95):.2f} ms; {statements(place, names[0])} statements; load {os.getloadavg()[0]:.1f}",
                    flush=True,
                )
                figures.most(f"{engine} one unit{beside} p95", percentile(times.wall, 0.95), UNIT_P95_MS, " ms")
            took, _ = ask_order(place, order)
            figures.most(f"{engine} order, {count} questions held", sorted(took)[3], ORDER_S, " s", 2)
        finally:
            held.lift()


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--questions", type=int, default=400, help="single units that are asked for")
    parser.add_argument("--kept", default="", help="a folder in which the factory stays for the next run")
    parser.add_argument("--findings", action="store_true", help="with vulnerabilities in the record")
    parser.add_argument("--parts", action="store_true", help="with vulnerabilities of makers' parts beside them")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("gate")
    for engine in engines(said.engine):
        run(engine, said, figures)
    figures.finish()


if __name__ == "__main__":
    main()
