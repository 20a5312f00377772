"""machines: CFX MaterialsInstalled through AMQP into the record, 100 reference designators each.

A machine (a process of its own, nothing of ours but the wire's library) sends gzip messages to `asbuilt machines listen`;
each tells of one unit, ten packages at ten positions, every placement with its own time; a package is changed every few
hundred units. Messages a second from the first byte to the last acknowledgement, which is given once the message is
recorded; the listener's own memory at a quarter of the messages and at all of them; and what the record grew by over the
last three quarters, in bytes a placement. The kept messages (evidence) are told beside it.

The full form is --scale 100000.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, engines, machine
from ground.homes import ROOT, home
from ground.tables import write_table
from ground.weight import weigh

TARGET_A_SECOND = 300
BYTES_A_PLACEMENT_MAX = 1
GROWTH_MAX = 1.25  # "flat": four times the messages may cost a quarter more memory
LINES, POSITIONS = 10, 10
PLACEMENTS = LINES * POSITIONS


def write_line(folder: Path, units: int) -> None:
    """The tables of the line: a board of 100 positions, its packages, one order of named units."""
    opened = "2026-01-01T08:00:00+01:00"
    write_table(folder / "parties.csv", "party name roles country", [["BRAND", "Brand owner", "manufacturer", "DE"]])
    parts = [[f"P-{n}", "", f"MPN-{n}", "Maker", "active", "1"] for n in range(LINES)]
    write_table(folder / "parts.csv", "part description mpn manufacturer lifecycle msl", parts)
    bom = [["BOARD", "A", "1", str(n), f"P-{n}", str(POSITIONS), " ".join(refs(n))] for n in range(LINES)]
    write_table(folder / "bom.csv", "product revision bom_version line part quantity refdes", bom)
    reels = [
        [f"REEL-{n}-{k}", "reel", f"P-{n}", f"MPN-{n}", "Maker", "", f"LOT-{n}-{k}", "2601", "", "", "", "", "released"]
        for n in range(LINES)
        for k in range(units // 300 + 2)
    ]
    columns = "package package_kind part mpn manufacturer supplier lot_code date_code quantity received_at delivery coc status"
    write_table(folder / "lots.csv", columns, reels)
    order = [["WO-1", "BOARD", "A", "1", str(units), "BRAND", opened]]
    write_table(folder / "orders.csv", "order product revision bom_version quantity customer opened_at", order)
    rows = (["WO-1", f"SN{n:07}", "", "", "planned"] for n in range(units))
    write_table(folder / "units.csv", "order serial panel position state", rows)


def refs(n: int) -> list[str]:
    """The designators of a line of the BOM."""
    return [f"{'RCULDQJYFT'[n]}{k}" for k in range(1, POSITIONS + 1)]


def write_messages(folder: Path, units: int, seed: int) -> None:
    """One message a unit, gzip, each behind its length; the first quarter in a file of its own."""
    rng, at = random.Random(seed), datetime(2026, 1, 5, 6, tzinfo=UTC)
    reel, left = [0] * LINES, [rng.randint(300, 900) for _ in range(LINES)]
    with open(folder / "messages-1", "wb") as early, open(folder / "messages-2", "wb") as late:
        for unit in range(units):
            at += timedelta(seconds=9)
            materials = []
            for n in range(LINES):
                if not left[n]:
                    reel[n], left[n] = reel[n] + 1, rng.randint(300, 900)
                left[n] -= 1
                materials.append(_material(f"REEL-{n}-{reel[n]}", unit, n, at, rng))
            said = {
                "MessageName": "CFX.Production.Assembly.MaterialsInstalled", "Version": "2.1", "TimeStamp": _time(at, rng),
                "UniqueID": f"{rng.getrandbits(128):032x}", "Source": "Acme.Placer.P1", "Target": None, "RequestID": None,
                "MessageBody": {"TransactionId": f"{rng.getrandbits(128):032x}", "InstalledMaterials": materials},
            }  # fmt: skip
            body = gzip.compress(json.dumps(said).encode(), 6)
            (early if unit < units // 4 else late).write(len(body).to_bytes(4, "big") + body)


def _material(package: str, unit: int, n: int, at: datetime, rng: random.Random) -> dict:
    return {
        "UnitIdentifier": f"SN{unit:07}", "UnitPositionNumber": 0, "QuantityInstalled": float(POSITIONS), "QuantityNonInstalled": 0.0,
        "Material": {"UniqueIdentifier": package, "InternalPartNumber": f"P-{n}", "Quantity": float(rng.randint(0, 5000))},
        "CarrierLocation": {"LocationIdentifier": f"UID{n}", "LocationName": f"SLOT{n}", "CarrierInformation": {
            "$type": "CFX.Structures.SMTPlacement.SMDTapeFeeder, CFX", "BaseUniqueIdentifier": "123334", "BaseName": None, "LaneNumber": 1,
            "TapeWidth": 8.0, "TapePitch": 8.0, "UniqueIdentifier": f"F{n}", "Name": f"TAPEFEEDER8mm{n}"}},
        "InstalledComponents": [{"ReferenceDesignator": ref, "InstallationTime": _time(at, rng)} for ref in refs(n)],
    }  # fmt: skip


def _time(at: datetime, rng: random.Random) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{rng.randrange(10_000_000):07}+01:00"


def send(url: str, path: Path) -> None:
    """Be the machine: send the file's messages, end when all are acknowledged; says when it began and ended."""
    from proton import Message
    from proton.handlers import MessagingHandler
    from proton.reactor import Container

    class Mouth(MessagingHandler):
        def __init__(self):
            super().__init__()
            self.file, self.sent, self.done, self.over, self.refused = open(path, "rb"), 0, 0, False, 0  # noqa: SIM115

        def on_start(self, event):
            self.connection = event.container.connect(url, reconnect=False)
            event.container.create_sender(self.connection, "cfx")
            self.began = time.monotonic()

        def on_sendable(self, event):
            while event.sender.credit and not self.over:
                head = self.file.read(4)
                if not head:
                    self.over = True
                    return
                body = self.file.read(int.from_bytes(head, "big"))
                event.sender.send(Message(body=body, inferred=True, durable=True, content_encoding="gzip"))
                self.sent += 1

        def on_settled(self, event):
            self.done += 1
            if self.over and self.done == self.sent:
                self.connection.close()

        def on_released(self, event):
            self.refused += 1

        on_rejected = on_released

    mouth = Mouth()
    Container(mouth).run()
    print(json.dumps({"sent": mouth.sent, "refused": mouth.refused, "seconds": time.monotonic() - mouth.began}))


@contextmanager
def listening(place):
    """The listener as people start it; yields its address and the process."""
    command = [sys.executable, "-m", "asbuilt.doors.cli.main", "machines", "listen", "--at", "127.0.0.1:25681"]
    process = subprocess.Popen(command, env=place.env, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        yield f"amqp://{json.loads(process.stdout.readline())['listens']}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


class Memory:
    """The listener's own memory (RssAnon) over time, in MiB."""

    def __init__(self, pid: int):
        self.pid, self.seen, self._done = pid, [], threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(0.25):
            with open(f"/proc/{self.pid}/status") as lines:
                line = next(line for line in lines if line.startswith("RssAnon"))
            self.seen.append((time.monotonic(), int(line.split()[1]) / 1024))

    def peak(self) -> float:
        """The most so far."""
        return max(mib for _, mib in self.seen)

    def stop(self) -> float:
        """The most in all."""
        self._done.set()
        self._thread.join()
        return self.peak()


def blobs(place) -> int:
    """Bytes of kept evidence."""
    return sum(file.stat().st_size for file in (place.folder / "home" / "blobs").rglob("*") if file.is_file())


def told_by(url: str, path: Path, place, count: int) -> float:
    """Have a machine send the file; returns the seconds until the last acknowledgement."""
    command = [sys.executable, __file__, "--send", url, "--messages", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=place.env, cwd=ROOT)
    told = json.loads(done.stdout.splitlines()[-1])
    if (told["sent"], told["refused"]) != (count, 0):
        raise SystemExit(f"{told} instead of {count} messages taken")
    return told["seconds"]


def run(engine: str, messages: int, seed: int, figures: Figures, work: Path) -> None:
    """One engine: load the line, send a quarter, weigh, send the rest, weigh, ask."""
    with home(engine) as place:
        from asbuilt.built.exchange.actions import import_folder
        from asbuilt.questions.genealogy.answering import answers

        import_folder(place.actor, work / "line")
        with listening(place) as (url, process):
            memory, quarter = Memory(process.pid), messages // 4
            first = told_by(url, work / "messages-1", place, quarter)
            early, before, kept = memory.peak(), weigh(), blobs(place)
            rest = told_by(url, work / "messages-2", place, messages - quarter)
            peak = memory.stop()
        counted = answers.ask(place.actor, "(part:P-0 at:R1)").affected.counts()["certain"]
        if counted != messages:
            raise SystemExit(f"{counted} of {messages} units carry what was placed on them")
        grown, placements = weigh() - before, (messages - quarter) * PLACEMENTS
        for table, size in grown.most_common(6):
            print(f"    {table:28} {size / placements:7.3f} B a placement", flush=True)
        evidence = (blobs(place) - kept) / placements
        print(
            f"  {engine}: {messages:,} messages in {first + rest:.1f} s; evidence {evidence:.1f} B a placement",
            flush=True,
        )
        figures.least(f"{engine}", messages / (first + rest), TARGET_A_SECOND, " messages/s")
        figures.most(f"{engine} record", sum(grown.values()) / placements, BYTES_A_PLACEMENT_MAX, " B a placement", 2)
        print(f"  {engine} memory: {early:.0f} MiB in the first quarter, {peak:.0f} MiB in all", flush=True)
        figures.most(f"{engine} memory at four times the messages", peak / early, GROWTH_MAX, " x", 2)


def main() -> None:
    """Send on each engine."""
    parser = arguments(__doc__.split("\n")[0], 10_000, "messages")
    parser.add_argument("--send", help="only be the machine: send to this address")
    parser.add_argument("--messages", type=Path, help="the file of messages to send")
    said = parser.parse_args()
    if said.send:
        return send(said.send, said.messages)
    machine(said.seed)
    figures = Figures("machines")
    with tempfile.TemporaryDirectory(prefix="asbuilt-bench-", dir=os.environ.get("ASBUILT_BENCH_FOLDER")) as work:
        work = Path(work)
        (work / "line").mkdir()
        write_line(work / "line", said.scale)
        write_messages(work, said.scale, said.seed)
        for engine in engines(said.engine):
            run(engine, said.scale, said.seed, figures, work)
    figures.finish()


if __name__ == "__main__":
    main()
