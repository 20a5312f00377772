"""station: what the agent adds to the tools' own time, per unit, with its durable ledger; and four sockets at once.

Units are Cortex-M targets in QEMU behind their stub: identified, written, read back, provisioned, read back, started. A unit's time less that
of its tools and of the unit's own console is the agent's: permit, plan, release and image checked and opened anew, reservation and steps
in the ledger (synchronous=FULL) with the head anchored in a second place, the record signed and queued. Then four sockets take a panel of
four chips of flashrom's dummy programmer at once, against the same four chips one after the other.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from emulated import Chip, Cortex, cortex_image  # noqa: E402
from ground.figures import machine, percentile  # noqa: E402
from station_floor import Floor, flash_plan, scan  # noqa: E402

UNITS, P95_MS_MAX, SOCKETS = 60, 100.0, 4
FASTER_MIN = 1.2


def overheads(folder: Path, units: int) -> list[float]:
    """Milliseconds of the agent for each unit."""
    floor = Floor(folder, cortex_image("2.3.1"))
    found = []
    target = Cortex(folder, f"{1:016x}")
    station = floor.station([target.place()], units=100)
    for number in range(1, units + 1):
        place = station.settings.sockets[0].places[0]
        if number > 1:
            target = Cortex(folder, f"{number:016x}")
            stub, console = target.place()["target"], target.place()["console"]
            object.__setattr__(place, "target", stub)
            object.__setattr__(place, "console", console)
        try:
            outcome = station.program(scan(f"SN-{number}"), "1")
        finally:
            target.close()
        assert outcome.passed, outcome
        found.append((outcome.seconds - outcome.tool_seconds) * 1000)
    return found


def panels(folder: Path) -> tuple[float, float]:
    """Seconds for four chips: one after the other, and at once."""
    floor = Floor(folder, bytes(range(256)) * 64, programmer="flashrom", part="W25Q128.V", part_id="ef4018")
    floor.plan = flash_plan()
    chips = [Chip(folder, f"chip{number}") for number in range(2 * SOCKETS)]
    station = floor.station([chip.place() for chip in chips[:SOCKETS]], units=100)
    began = time.monotonic()
    assert all(station.program(scan(f"ONE/{number}"), str(number)).passed for number in range(1, SOCKETS + 1))
    one_by_one = time.monotonic() - began
    for socket, chip in zip(station.settings.sockets, chips[SOCKETS:], strict=True):
        object.__setattr__(socket.places[0], "target", chip.words)
    began = time.monotonic()
    assert all(outcome.passed for outcome in station.program_panel(scan(""), "ALL"))
    return one_by_one, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--units", type=int, default=UNITS, help="units programmed")
    asked = parser.parse_args()
    machine(0)
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        (Path(folder) / "units").mkdir()
        (Path(folder) / "panels").mkdir()
        found = overheads(Path(folder) / "units", asked.units)
        one_by_one, at_once = panels(Path(folder) / "panels")
    p50, p95 = percentile(found, 0.5), percentile(found, 0.95)
    print(f"{asked.units} units: agent p50 {p50:.1f} ms, p95 {p95:.1f} ms")
    print(f"{SOCKETS} sockets: one by one {one_by_one:.2f} s, at once {at_once:.2f} s")
    ratio = one_by_one / at_once
    holds = p95 <= P95_MS_MAX and ratio >= FASTER_MIN
    print(
        f"station: agent p95 {p95:.1f} ms a unit, four sockets {ratio:.2f} x as fast as one "
        f"(<= {P95_MS_MAX:.0f} ms, >= {FASTER_MIN} x) {'holds' if holds else 'short'}"
    )
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
