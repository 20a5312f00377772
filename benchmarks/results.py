"""results: OpenHTF records taken in, one file a unit, as a tester drops them: measurements judged against an approved plan, raw bytes kept.

Each record has 20 measurements with limits and units in four phases, and a log attached; one in fifty fails. Files are read from disk, each
is evidence of its own under its SHA-256, each run a row and a fact of the log. Records a second from the first byte read to the last entry in
the tree; afterwards the record must answer how many passed and failed, and the same files again must change nothing.
"""

import base64
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, engines, machine
from ground.homes import home
from ground.tables import write_table

TARGET_A_SECOND = 500
PHASES, MEASUREMENTS = 4, 5
DAY = 1_780_272_000_000  # 2026-06-01 in milliseconds
HANDED_OVER = 1_000


def write_line(folder: Path, units: int) -> None:
    """The tables of the line: a board, one order of named units."""
    opened = "2026-05-01T08:00:00+02:00"
    write_table(folder / "parties.csv", "party name roles country", [["BRAND", "Brand owner", "manufacturer", "DE"]])
    write_table(
        folder / "parts.csv",
        "part description mpn manufacturer lifecycle msl",
        [["P-1", "", "M-1", "Maker", "active", ""]],
    )
    write_table(
        folder / "bom.csv",
        "product revision bom_version line part quantity refdes",
        [["BOARD", "A", "1", "1", "P-1", "1", "R1"]],
    )
    columns = "order product revision bom_version quantity customer opened_at"
    write_table(folder / "orders.csv", columns, [["WO-1", "BOARD", "A", "1", str(units), "BRAND", opened]])
    write_table(
        folder / "units.csv",
        "order serial panel position state",
        (["WO-1", f"SN{n:07}", "", "", "built"] for n in range(units)),
    )


def name(phase: int, number: int) -> str:
    """What a measurement is called."""
    return f"p{phase}_m{number}"


def plan() -> bytes:
    """The test plan: every measurement needed, in volts."""
    steps = [
        {"name": name(phase, number), "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": "3.4", "unit": "V", "expected": "",
         "criticality": "major", "proves": [], "needed": True}
        for phase in range(PHASES) for number in range(MEASUREMENTS)
    ]  # fmt: skip
    said = {
        "schema": 1,
        "plan": "FCT",
        "version": "1",
        "product": "BOARD",
        "revisions": ["A"],
        "every": 1,
        "rules": "",
        "steps": steps,
    }
    return json.dumps(said).encode()


def record(unit: int, rng: random.Random) -> tuple[dict, bool]:
    """A record of one unit, as OpenHTF writes it, and whether it passed."""
    at, failed = DAY + unit * 12_000, rng.random() < 0.02
    phases = []
    for phase in range(PHASES):
        measurements = {}
        for number in range(MEASUREMENTS):
            bad = failed and (phase, number) == (2, 3)
            measurements[name(phase, number)] = {
                "name": name(phase, number), "outcome": "FAIL" if bad else "PASS", "validators": ["3.2 <= x <= 3.4"],
                "units": {"name": "volt", "code": "VLT", "suffix": "V"}, "measured_value": 3.6 if bad else round(rng.gauss(3.3, 0.01), 6),
            }  # fmt: skip
        log = base64.b64encode(rng.randbytes(150)).decode()
        phases.append({
            "name": f"phase_{phase}", "outcome": "FAIL" if failed and phase == 2 else "PASS", "start_time_millis": at, "end_time_millis": at + 900,
            "measurements": measurements, "attachments": {"log": {"mimetype": "text/plain", "sha1": "", "data": log}} if not phase else {},
            "result": {"phase_result": "CONTINUE"}, "options": {"name": None, "timeout_s": None}, "codeinfo": {"name": "", "docstring": None},
        })  # fmt: skip
    said = {
        "dut_id": f"SN{unit:07}", "start_time_millis": at, "end_time_millis": at + 9_000, "outcome": "FAIL" if failed else "PASS",
        "station_id": f"FCT-{unit % 4}", "metadata": {"test_name": "FCT", "test_version": "1", "operator_id": "045"}, "phases": phases, "log_records": [],
    }  # fmt: skip
    return said, not failed


def write_records(folder: Path, units: int, seed: int) -> int:
    """One file a unit; returns how many passed."""
    rng, passed = random.Random(seed), 0
    for unit in range(units):
        said, right = record(unit, rng)
        (folder / f"SN{unit:07}.json").write_text(json.dumps(said))
        passed += right
    return passed


def take(actor, folder: Path) -> list:
    """All files of the folder, a thousand at a time."""
    from asbuilt.built.messages.file_groups import record_files

    seen, files = [], sorted(folder.iterdir())
    for start in range(0, len(files), HANDED_OVER):
        seen += record_files(
            actor, [(path.name, path.read_bytes()) for path in files[start : start + HANDED_OVER]], kind="openhtf"
        )
    return seen


def run(engine: str, units: int, seed: int, figures: Figures) -> None:
    """One engine."""
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as temporary:
        from asbuilt.access.actor import person_actor
        from asbuilt.built.exchange.actions import import_folder
        from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan
        from asbuilt.ledger import clock
        from asbuilt.questions.genealogy.answering.answers import ask

        tables, records = Path(temporary) / "tables", Path(temporary) / "records"
        tables.mkdir()
        records.mkdir()
        write_line(tables, units)
        passed = write_records(records, units, seed)
        actor = place.actor
        import_folder(actor, tables)
        clock.set_clock(lambda: (DAY - 86_400_000) * 1_000)
        one, other = (person_actor(actor.tenant, n, frozenset({"quality_lead"}), None) for n in (1, 2))
        propose_test_plan(one, document=plan())
        decide_test_plan(other, plan="FCT", version="1", decision="approved")
        clock.set_clock(None)
        began = time.monotonic()
        seen = take(actor, records)
        seconds = time.monotonic() - began
        if any(one.use != "taken" or one.stored != 1 for one in seen):
            raise SystemExit(f"not taken: {next(one for one in seen if one.use != 'taken' or one.stored != 1)}")
        found = [len(ask(actor, f"test:FCT={outcome}").affected.certain) for outcome in ("pass", "fail")]
        if found != [passed, units - passed]:
            raise SystemExit(f"{passed} passed, the record answers {found}")
        if any(not one.already for one in take(actor, records)):
            raise SystemExit("the same files again were not known")
        print(
            f"  {engine}: {units:,} records in {seconds:.1f} s, {units * PHASES * MEASUREMENTS / seconds:,.0f} measurements a second",
            flush=True,
        )
        figures.least(f"{engine}", units / seconds, TARGET_A_SECOND, " records/s")


def main() -> None:
    """Both engines, one after the other."""
    said = arguments(__doc__.split("\n")[0], 5_000, "records").parse_args()
    machine(said.seed)
    figures = Figures("results")
    for engine in engines(said.engine):
        run(engine, said.scale, said.seed, figures)
    figures.finish()


if __name__ == "__main__":
    main()
