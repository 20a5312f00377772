"""exposure: from a CVE to units and customers, on the ten-million-unit factory of bench genealogy.

Each firmware release of each product gets an SBOM of fifty components, half of them shared by all; feeds speak of vulnerabilities in a third
of the components. Both go in through the product's own doors, and are matched. Then each vulnerability that comes in somewhere is followed
once, in random order, to releases, units, finished products, customers, countries, states and what was remediated, coverage included; a count
over the factory as it was planned says how many units there must be. Beside it the bare question `cve:`, and the list of what is open.
"""

import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import VERSIONS, Factory
from ground.figures import Figures, arguments, engines, machine, percentile, spread
from ground.homes import home
from ground.proof import load
from ground.weight import settle

P50_MS = 300
COMPONENTS, SHARED, VULNERABILITIES = 50, 25, 200


def sbom(product: str, place: int) -> bytes:
    """An SBOM: shared components in the version of the release's place, the others of the product alone."""
    listed = []
    for n in range(COMPONENTS):
        name = f"lib{n}" if n < SHARED else f"{product.lower()}-lib{n}"
        version = f"1.{place}.{n}"
        listed.append(
            {
                "type": "library",
                "bom-ref": name,
                "name": name,
                "version": version,
                "purl": f"pkg:generic/{name}@{version}",
            }
        )
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed}).encode()


def advisory(n: int, chosen: random.Random, products: list[str]) -> tuple[dict, str, int]:
    """A record about a component before the version of a place: (record, component, place)."""
    number = chosen.randrange(COMPONENTS)
    name = f"lib{number}" if number < SHARED else f"{chosen.choice(products).lower()}-lib{number}"
    place = chosen.randrange(1, len(VERSIONS) + 1)
    said = {
        "schema_version": "1.6.0", "id": f"CVE-2026-{10_000 + n}", "modified": "2026-10-01T00:00:00Z", "published": "2026-10-01T00:00:00Z", "summary": f"Flaw in {name}",
        "affected": [{"package": {"ecosystem": "", "name": name, "purl": f"pkg:generic/{name}"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": f"1.{place}.0"}]}]}],
    }  # fmt: skip
    return said, name, place


def secure(place, factory: Factory, seed: int, folder: Path) -> dict[str, tuple[str, int]]:
    """SBOMs of every release and a feed; returns vulnerability -> (component, place)."""
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    for product in factory.products:
        for n, version in enumerate(VERSIONS):
            add_sbom(
                place.actor,
                binding=Binding(product.code, "", version),
                content=sbom(product.code, n),
                file_name="sbom.json",
            )
    chosen, found = random.Random(f"{seed}/advisories"), {}
    folder.mkdir()
    codes = [product.code for product in factory.products]
    for n in range(VULNERABILITIES):
        record, name, before = advisory(n, chosen, codes)
        (folder / f"{record['id']}.json").write_text(json.dumps(record))
        found[record["id"]] = (name, before)
    set_feed(place.actor, name="osv", kind="osv", source=str(folder))
    take_feed(place.actor, "osv")
    catch_up(place.actor)
    return found


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


def run(engine: str, scale: int, seed: int, count: int, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(scale, seed)
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.questions.exposure.exposure import exposure
        from asbuilt.questions.exposure.inbox import inbox
        from asbuilt.questions.genealogy.answers import ask

        began = time.monotonic()
        load(place, factory, Path(folder), straight=True)
        said = secure(place, factory, seed, Path(folder) / "osv")
        settle()
        print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        running = units_running(factory)
        names = [name for name, (component, before) in said.items() if expected(running, component, before)][:count]
        random.Random(seed).shuffle(names)
        whole, bare, sizes, wrong = [], [], [], 0
        for name in names:
            started = time.perf_counter()
            found = exposure(place.actor, name)
            whole.append((time.perf_counter() - started) * 1000)
            sizes.append(len(found.answer.affected.certain))
            wrong += sizes[-1] != expected(running, *said[name])
            started = time.perf_counter()
            ask(place.actor, f"cve:{name}")
            bare.append((time.perf_counter() - started) * 1000)
        started = time.perf_counter()
        listed = len(inbox(place.actor).listed)
        open_ms = (time.perf_counter() - started) * 1000
        print(
            f"  followed to customers {spread(whole)}; bare question {spread(bare)}; {min(sizes):,} to {max(sizes):,} units each"
        )
        print(f"  what is open: {listed} of {len(said)} in {open_ms:,.0f} ms; wrong counts: {wrong} of {len(names)}")
        figures.most(f"{engine} CVE to customers p50", percentile(whole, 0.5), P50_MS, " ms", 0)
        figures.most(f"{engine} counts that differ from the plan", wrong, 0, "", 0)


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--questions", type=int, default=100, help="vulnerabilities that are followed")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("exposure")
    for engine in engines(said.engine):
        run(engine, said.scale, said.seed, said.questions, figures)
    figures.finish()


if __name__ == "__main__":
    main()
