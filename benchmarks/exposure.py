"""exposure: from a CVE to units and customers, on the ten-million-unit factory of bench genealogy.

Each firmware release of each product gets an SBOM of fifty components, half of them shared by all; feeds speak of vulnerabilities in a third
of the components. Both go in through the product's own doors, and are matched. Then each vulnerability that comes in somewhere is followed
once, in random order, to releases, units, finished products, customers, countries, states and what was remediated, coverage included; a count
over the factory as it was planned says how many units there must be. Beside it the bare question `cve:`, and the list of what is open.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import Factory
from ground.figures import Clock, Figures, arguments, engines, machine, percentile, spread
from ground.homes import home, keep
from ground.proof import load
from ground.secured import secured
from ground.weight import settle

P50_MS = 300


def units_running(factory: Factory) -> dict[tuple[str, int], int]:
    """(product, place of the version) -> units that run it at last, counted from the plan."""
    found: dict[tuple[str, int], int] = {}
    for number in range(factory.orders):
        order = factory.order(number)
        code = order.product.code
        again = len(order.again)
        found[code, order.version] = found.get((code, order.version), 0) + len(order.built) - again
        found[code, order.version + 1] = found.get((code, order.version + 1), 0) + again
    return found


def expected(running: dict[tuple[str, int], int], name: str, before: int) -> int:
    """Units that must be exposed: they run a release whose component is older than 1.`before`.0."""
    own = name.rpartition("-lib")[0]
    return sum(count for (code, place), count in running.items() if place < before and own in ("", code.lower()))


def run(engine: str, options, figures: Figures) -> None:
    """The whole bench on one engine."""
    seed = options.seed
    factory = Factory(options.scale, seed)
    kept = Path(options.kept) / f"{engine}-{factory.units}-{seed}" if options.kept else None
    with home(engine, kept) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.questions.exposure.exposure import exposure
        from asbuilt.questions.exposure.inbox import inbox
        from asbuilt.questions.genealogy.answering.answers import ask

        began = time.monotonic()
        if place.first:
            load(place, factory, Path(folder), straight=True)
            keep(place)
        said = secured(place, factory, seed)
        settle()
        print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        running = units_running(factory)
        names = [name for name, (component, before) in said.items() if expected(running, component, before)]
        names = names[: options.questions]
        random.Random(seed).shuffle(names)
        whole, bare, sizes, wrong = Clock(), Clock(), [], 0
        for name in names:
            with whole:
                found = exposure(place.actor, name)
            sizes.append(len(found.answer.affected.certain))
            wrong += sizes[-1] != expected(running, *said[name])
            with bare:
                ask(place.actor, f"cve:{name}")
        started = time.perf_counter()
        listed = len(inbox(place.actor).listed)
        open_ms = (time.perf_counter() - started) * 1000
        print(
            f"  followed to customers {spread(whole.wall)}, own processor time p50 {percentile(whole.own, 0.5):.0f} ms; bare question "
            f"{spread(bare.wall)}; {min(sizes):,} to {max(sizes):,} units each; load {os.getloadavg()[0]:.1f}"
        )
        print(f"  what is open: {listed} of {len(said)} in {open_ms:,.0f} ms; wrong counts: {wrong} of {len(names)}")
        figures.most(f"{engine} CVE to customers p50", percentile(whole.wall, 0.5), P50_MS, " ms", 0)
        figures.most(f"{engine} counts that differ from the plan", wrong, 0, "", 0)


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--questions", type=int, default=100, help="vulnerabilities that are followed")
    parser.add_argument(
        "--kept", default="", help="a folder in which the factory stays for the next run; that of bench gate will do"
    )
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("exposure")
    for engine in engines(said.engine):
        run(engine, said, figures)
    figures.finish()


if __name__ == "__main__":
    main()
