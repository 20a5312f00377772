"""dossier: the technical file of one product with a million units, 200 orders and 30 releases, each with its SBOM: read, on paper, as signed package.

Each runs as the command that people use, in a process of its own. Memory is what that process and those it starts hold together, looked at twenty times a
second. What must come out is counted from the factory as it was planned; and paper of 5,000 pages is set from a file with as many lines.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import VERSIONS, Factory
from ground.figures import Figures, arguments, engines, machine
from ground.homes import home, keep
from ground.proof import load
from ground.secured import sbom
from ground.tables import write_table
from ground.weight import settle

SECONDS, MEBIBYTES, RELEASES, PAGES = 30, 500, 30, 5_000
LONG_SECONDS = 600
LOOK_SECONDS = 0.05


class OneProduct(Factory):
    """The factory with every order for its first product."""

    def product_of(self, order: int):
        """The first one."""
        return self.products[0]


def held(pid: int) -> int:
    """Bytes that a process and those it started hold now; 0 where it is gone."""
    total = 0
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            total += held(int(child))
    except (OSError, IndexError, ValueError):
        pass
    return total


def _own() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def watched(command: list[str], place) -> tuple[float, float, float]:
    """(seconds, most mebibytes, own processor seconds) of a command."""
    began, own, most = time.perf_counter(), _own(), 0
    with subprocess.Popen(command, env=place.env, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            most = max(most, held(running.pid))
            time.sleep(LOOK_SECONDS)
    if running.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    return time.perf_counter() - began, most / 2**20, _own() - own


def released(place, product: str, folder: Path) -> None:
    """As many releases as are wanted, each with its SBOM."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    versions = [f"2.{n}.0" for n in range(RELEASES - len(VERSIONS))]
    rows = [[product, version, "app", f"{version}.bin", f"{n:064x}", "A", f"2026-01-{n % 28 + 1:02}T08:00:00Z", "true"] for n, version in enumerate(versions, 1)]  # fmt: skip
    folder.mkdir()
    write_table(folder / "firmware.csv", "product version role image sha256 revisions released_at security_relevant", rows)  # fmt: skip
    import_folder(place.actor, folder)
    for n, version in enumerate([*VERSIONS, *versions]):
        add_sbom(place.actor, binding=Binding(product, "app", version), content=sbom(product, n), file_name=f"{version}.json")  # fmt: skip


def long_paper(folder: Path) -> tuple[int, int, float, float]:
    """(pages, PDFs, seconds, most mebibytes of the process that writes it) of a file whose one table has as many lines as the pages want."""
    program = Path(__file__).with_name("ground") / "long_paper.py"
    began = time.perf_counter()
    done = subprocess.run([sys.executable, str(program), str(folder), str(PAGES)], capture_output=True, text=True, check=True)  # fmt: skip
    said = json.loads(done.stdout)
    return said["pages"], said["files"], time.perf_counter() - began, said["mebibytes"]


def run(engine: str, options, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = OneProduct(options.scale, options.seed)
    product = factory.products[0].code
    kept = Path(options.kept) / f"dossier-{engine}-{factory.units}-{options.seed}" if options.kept else None
    with home(engine, kept) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as made:
        folder = Path(made)
        began = time.monotonic()
        if place.first:
            load(place, factory, folder, straight=True, tests=True)
            released(place, product, folder / "more")
            keep(place)
        settle()
        print(f"  {engine}: {factory.units:,} units, {factory.orders} orders in {time.monotonic() - began:,.0f} s", flush=True)  # fmt: skip
        command = [str(Path(sys.executable).with_name("asbuilt")), "dossier", product, "--out"]
        spent = {kind: watched([*command, str(folder / f"file.{kind}")], place) for kind in ("json", "pdf", "zip")}
        for kind, (seconds, mebibytes, own) in spent.items():
            print(
                f"  {engine} as {kind}: {seconds:.1f} s ({own:.1f} s of processor), {mebibytes:.0f} MiB; load {os.getloadavg()[0]:.1f}"
            )
        found = json.loads((folder / "file.json").read_text())
        tables = {table["heading"]: table for point in found["points"] for part in point["parts"] for table in part["tables"]}  # fmt: skip
        tested = sum(int(row[2].replace(",", "")) for row in tables["Outcomes of tests"]["rows"])
        built = sum(len(factory.order(number).built) for number in range(factory.orders))
        print(f"  {engine}: {tested:,} outcomes, {built:,} units built, {len(found['gaps'])} gaps")
        figures.most(f"{engine} technical file", max(seconds for seconds, *_rest in spent.values()), SECONDS, " s")
        figures.most(f"{engine} memory", max(mebibytes for _, mebibytes, _own in spent.values()), MEBIBYTES, " MiB", 0)
        figures.least(f"{engine} releases in it", tables["Firmware releases"]["count"], RELEASES)
        figures.most(f"{engine} SBOMs too few or many", abs(RELEASES - tables["SBOMs in force"]["count"]), 0, "", 0)
        figures.most(f"{engine} outcomes that differ from the plan", abs(tested - built), 0, "", 0)


def main() -> None:
    """Both engines, one after the other; the long paper once."""
    parser = arguments(__doc__.split("\n")[0], 1_000_000, "units")
    parser.add_argument("--kept", default="", help="a folder in which the factory stays for the next run")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("dossier")
    for engine in engines(said.engine):
        run(engine, said, figures)
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        pages, pdfs, seconds, mebibytes = long_paper(Path(folder))
    figures.least("pages of the long paper", pages, PAGES)
    figures.most("PDFs that it comes as", pdfs, 1, "", 0)
    figures.most("memory while it is written", mebibytes, MEBIBYTES, " MiB", 0)
    figures.most("seconds while it is written", seconds, LONG_SECONDS, " s", 0)
    figures.finish()


if __name__ == "__main__":
    main()
