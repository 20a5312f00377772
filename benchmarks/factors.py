"""factors: what 500 failed units have in common, among 50,000: answer in seconds, and the faulty package comes first.

The factory of the other benches (117 lines with about four packages an order, two lines at once, splices, four process steps, panels of
four), a functional test of every unit. 480 units that carry one package at one line failed, 20 others too. Asked is what a person asks:
`test:FCT=fail` among all. The right answer is known, so the bench ends where the analysis does not put that package first.
"""

import csv
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import Factory
from ground.figures import Figures, arguments, engines, machine
from ground.homes import home
from ground.proof import load

FAILED, BY_PACKAGE, SECONDS_MAX, REPEATS = 500, 480, 3, 3
AT = "2026-06-01T08:00:00+00:00"
COLUMNS = (
    "serial",
    "plan",
    "plan_version",
    "station",
    "operator",
    "outcome",
    "started_at",
    "finished_at",
    "measurements",
    "product",
)


def tested(place, factory: Factory, folder: Path, chosen: random.Random) -> int:
    """A test run of every unit through the exchange door; returns the package that is at fault."""
    from asbuilt.built.exchange.actions import import_folder

    orders = list(factory.each_order())
    at_fault = next(run for run in orders[0].runs if len(run.certain) > BY_PACKAGE * 3 // 2)
    bad = set(chosen.sample(sorted(at_fault.certain & orders[0].built), BY_PACKAGE))
    others = [unit for order in orders[1:] for unit in order.built] or sorted(orders[0].built - at_fault.certain)
    bad |= set(chosen.sample(others, FAILED - BY_PACKAGE))
    folder.mkdir(parents=True)
    with open(folder / "tests.csv", "w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(COLUMNS)
        for order in orders:
            for unit in order.built:
                serial = f"{order.code}#{unit - order.first + 1}"
                said = "fail" if unit in bad else "pass"
                rows.writerow((serial, "FCT", "1", f"T{unit // 7 % 6}", f"{unit // 400 % 9:03}", said, AT, AT, "", ""))
    import_folder(place.actor, folder)
    return at_fault.package


def main() -> None:
    """Ask on each engine."""
    said = arguments(__doc__.split("\n")[0], 50_000, "units").parse_args()
    machine(said.seed)
    figures = Figures("factors")
    for engine in engines(said.engine):
        with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            from asbuilt.questions.genealogy.answering.factors import common_factors
            from asbuilt.storage import reading

            began = time.perf_counter()
            factory = Factory(said.scale, said.seed)
            load(place, factory, Path(folder), straight=True)
            package = tested(place, factory, Path(folder) / "tests", random.Random(said.seed))
            print(f"  {engine}: {factory.units:,} units made in {time.perf_counter() - began:.0f} s", flush=True)
            seconds = []
            for _ in range(REPEATS):
                began = time.perf_counter()
                found = common_factors(place.actor, failed="test:FCT=fail", among="test:FCT=pass or test:FCT=fail")
                seconds.append(time.perf_counter() - began)
            sql = "SELECT code FROM supply_package WHERE tenant = %s AND number = %s"
            code = reading.fetch_one(sql, (place.actor.tenant, package))[0]
            first = found.factors[0]
            if found.failed != FAILED or ("package", code) not in {(key.kind, key.value) for key in first.keys}:
                raise SystemExit(f"Not {code} comes first but {first}")
            print(
                f"  {engine}: {found.tested:,} sets compared, {first.failed_with} of {found.failed} with {code}",
                flush=True,
            )
            figures.most(
                f"{engine}: {found.failed} among {found.failed + found.passed:,} units",
                max(seconds),
                SECONDS_MAX,
                " s",
                2,
            )
    figures.finish()


if __name__ == "__main__":
    main()
