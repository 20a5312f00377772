"""import: units.csv and programming.csv of a million rows through the exchange door, every check and commitment on.

Rows a second on each engine, from the call to the committed and sequenced entry, and whether memory stays flat: the peak
size of the whole process at a quarter of the rows and at all of them (mapped pages of the database file apart). Units have random serial numbers of 14
characters on panels of four, 0.3 % are skipped; each built unit is programmed once, in the order of the axis, 1 % fail and are
programmed again, with a UID of 12 bytes, a station and an operator.
"""

import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, engines, machine
from ground.homes import ROOT, home

TARGET_ROWS_A_SECOND = 50_000
GROWTH_MAX = 1.25  # "flat": four times the rows may cost a quarter more memory
ORDER_UNITS = 5_000
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SHA256 = "ab" * 32


def write_tables(folder: Path, rows: int, seed: int) -> None:
    """The tables of a factory with this many units, and as many programming rows."""
    random_ = random.Random(seed)
    orders = -(-rows // ORDER_UNITS)
    _write(
        folder / "parties.csv", ["party", "name", "roles", "country"], [["BRAND", "Brand owner", "manufacturer", "DE"]]
    )
    columns = ["part", "description", "mpn", "manufacturer", "lifecycle", "msl"]
    _write(folder / "parts.csv", columns, [["P-1", "Controller", "MCU-1", "Maker", "active", "3"]])
    columns = ["product", "revision", "bom_version", "line", "part", "quantity", "refdes"]
    _write(folder / "bom.csv", columns, [["BOARD", "A", "1", "10", "P-1", "1", "U1"]])
    columns = ["order", "product", "revision", "bom_version", "quantity", "customer", "opened_at"]
    opened = "2026-01-01T08:00:00+01:00"
    listed = (
        [f"WO-{n}", "BOARD", "A", "1", min(ORDER_UNITS, rows - n * ORDER_UNITS), "BRAND", opened] for n in range(orders)
    )
    _write(folder / "orders.csv", columns, listed)
    columns = ["product", "version", "role", "image", "sha256", "revisions", "released_at", "security_relevant"]
    _write(folder / "firmware.csv", columns, [["BOARD", "1.0.0", "app", "", SHA256, "A", opened, "false"]])
    serials = [f"{n:06X}"[-4:] + "".join(random_.choices(ALPHABET, k=10)) for n in range(rows)]
    built = []
    with open(folder / "units.csv", "w", newline="") as out:
        out.write("order,serial,panel,position,state\n")
        for n, serial in enumerate(serials):
            skipped = random_.random() < 0.003
            if not skipped:
                built.append(serial)
            named = "-,{},{},skipped" if skipped else serial + ",{},{},built"
            out.write(f"WO-{n // ORDER_UNITS},{named.format(f'PN{n // 4:07d}', n % 4 + 1)}\n")
    _write_programming(folder / "programming.csv", rows, built, random_)


def _write_programming(path: Path, rows: int, built: list[str], random_: random.Random) -> None:
    at, written = datetime(2026, 1, 5, 6, tzinfo=UTC), 0
    with open(path, "w", newline="") as out:
        out.write("serial,product,version,sha256,uid,station,operator,result,happened_at\n")
        for number, serial in enumerate(built):
            uid, station = random_.randbytes(12).hex(), number // 200 % 8
            failed = random_.random() < 0.01
            for result in ("fail", "pass") if failed else ("pass",):
                at += timedelta(seconds=11)
                said = f"{serial},BOARD,1.0.0,{SHA256},{uid},ST-{station},{station * 7:03d},{result},{at.isoformat()}\n"
                out.write(said)
                written += 1
                if written == rows:
                    return


def _write(path: Path, header, rows) -> None:
    with open(path, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def load(engine: str, rows: int, seed: int) -> dict:
    """Load one factory in this process; seconds and rows of the two tables, peak resident size in MiB."""
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as tables, home(engine) as place:
        # made by a child, so that our own peak is the import's alone
        said = [sys.executable, __file__, "--write", tables, "--scale", str(rows), "--seed", str(seed)]
        subprocess.run(said, check=True)
        from asbuilt.built.exchange.actions import import_folder

        found = {}
        with _own_memory() as own:
            for report in import_folder(place.actor, Path(tables)):
                if report.warnings_total:
                    raise SystemExit(f"{report.file} has {report.warnings_total} warnings: {report.warnings[0]}")
                found[report.table] = {"rows": report.rows, "stored": report.stored, "seconds": report.seconds}
        _refuse_pending(place.actor.tenant)
        found["resident_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found["own_mib"] = max(own)
        return found


@contextmanager
def _own_memory():
    """Peak of the memory that is the process's own, in MiB: without the database file's pages that SQLite maps."""
    seen, done = [0.0], threading.Event()

    def watch():
        while not done.wait(0.05):
            with open("/proc/self/status") as lines:
                seen[0] = max(seen[0], *(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield seen
    done.set()
    watcher.join()


def _refuse_pending(tenant: int) -> None:
    from asbuilt.storage import reading

    pending = reading.fetch_one("SELECT count(*) FROM ledger_pending WHERE tenant = %s", (tenant,))[0]
    if pending:
        raise SystemExit(f"{pending} entries wait for the sequencer: the figure would leave out their cost.")


def main() -> None:
    """Load both sizes on each engine, each in a process of its own."""
    parser = arguments(__doc__.split("\n")[0], 1_000_000, "rows of each table")
    parser.add_argument("--write", type=Path, help="only write the tables into this folder")
    parser.add_argument("--load", type=int, help="only load this many rows and print the figures as JSON")
    said = parser.parse_args()
    if said.write:
        return write_tables(said.write, said.scale, said.seed)
    if said.load:
        return print(json.dumps(load(said.engine, said.load, said.seed)))
    machine(said.seed)
    figures = Figures("import")
    for engine in engines(said.engine):
        found = {}
        for rows in (said.scale // 4, said.scale):
            command = [sys.executable, __file__, "--load", str(rows), "--engine", engine, "--seed", str(said.seed)]
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ)
            found[rows] = json.loads(done.stdout.splitlines()[-1])
            for table in ("units", "programming"):
                one = found[rows][table]
                if one["stored"] != one["rows"]:
                    raise SystemExit(f"{table}: {one['stored']} of {one['rows']} rows were stored.")
                speed = one["rows"] / one["seconds"]
                print(
                    f"  {engine} {table}: {one['rows']:,} rows in {one['seconds']:.1f} s, {speed:,.0f} rows/s",
                    flush=True,
                )
            own, resident = found[rows]["own_mib"], found[rows]["resident_mib"]
            print(f"  {engine} peak: {own:.0f} MiB of its own, {resident:.0f} MiB with mapped files", flush=True)
        few, many = found[said.scale // 4], found[said.scale]
        for table in ("units", "programming"):
            figures.least(
                f"{engine} {table}", many[table]["rows"] / many[table]["seconds"], TARGET_ROWS_A_SECOND, " rows/s"
            )
        figures.most(f"{engine} memory at four times the rows", many["own_mib"] / few["own_mib"], GROWTH_MAX, " x", 2)
    figures.finish()


if __name__ == "__main__":
    main()
