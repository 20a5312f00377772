"""upload: 10,000 records that queued at a station drain into a running server, three of ten of its replies lost on the way.

The records are passes of as many units, signed by an enrolled station and queued in its ledger as the agent queues them. They go
through a proxy that passes every request on and loses 30 % of the answers after the server has worked; the station sends again
until it holds a signed receipt for each. Then they are counted: each once, each a programming record.
"""

import hashlib
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from ground.figures import Figures, arguments, engines, machine  # noqa: E402
from ground.homes import home  # noqa: E402
from permit_floor import LosesReplies, PermitFloor, Server  # noqa: E402

SECONDS_MAX, LOST = 60, 0.3
IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 64


def queue(station, floor: PermitFloor, count: int) -> None:
    """So many signed passes, as the agent makes them of units SN-1, SN-2 …"""
    from asbuilt.kernel.instants import format_instant

    digest = hashlib.sha256(IMAGE).hexdigest()
    call = {
        "tool": "gdbremote", "version": "1.0", "tool_sha256": digest, "words": ["write", "127.0.0.1:3333", "app"],
        "exit_code": 0, "phrase": "OK", "milliseconds": 140,
    }  # fmt: skip
    image = {
        "part": "U1",
        "role": "app",
        "version": "2.3.1",
        "sha256": digest,
        "read_back_sha256": digest,
        "grade": "read-back",
    }
    ledger = station.ledger
    with ledger.writing() as db:
        for number in range(1, count + 1):
            uid = f"{number:016x}"
            entry = ledger._write(db, "NOTE", "", uid, 1, {"unit": f"SN-{number}"}, 0)
            record = station._bare(entry, "pass", "", "", "OP-7") | {
                "work_order": "WO-7", "product": "WIDGET", "revision": "B", "unit": f"SN-{number}", "uid": uid,
                "uid_from": "region", "attempt": 1, "grade": "read-back", "images": [image], "tools": [call] * 5,
                "lines": ["BOOT fw=2.3.1 hw=B", "PROVISIONED", "SELFTEST PASS"], "plan_sha256": digest,
                "finished_at": format_instant(floor.now + number),
            }  # fmt: skip
            ledger._queue(db, entry, *station._sign(record))


def drained(place, folder: Path, count: int, seed: int) -> tuple[float, int, int]:
    """(seconds, requests, replies lost) of a whole queue."""
    from asbuilt.station.sync import Server as Client
    from asbuilt.station.sync import send_all
    from asbuilt.storage import reading

    floor = PermitFloor(place.actor, IMAGE, units=count)
    server = Server(place)
    proxy = LosesReplies(server.url, LOST, seed)
    try:
        station = floor.station(folder, "ST-01", server.url)
        queue(station, floor, count)
        client = Client(proxy.url, "ST-01", station.home.private_key(), seconds=60)
        began = time.perf_counter()
        send_all(station, client)
        seconds = time.perf_counter() - began
        waiting, kept = station.outbox.counts()
    finally:
        proxy.close()
        server.close()
    sql = "SELECT count(*), count(DISTINCT key) FROM programming_station_record WHERE tenant = %s AND problem = ''"
    records = reading.fetch_one(sql, (place.actor.tenant,))
    sql = "SELECT count(*), count(DISTINCT unit) FROM programming_record WHERE tenant = %s"
    programmed = reading.fetch_one(sql, (place.actor.tenant,))
    if (waiting, kept, records, programmed) != (0, count, (count, count), (count, count)):
        raise SystemExit(f"lost or doubled: {waiting} wait, {kept} kept, records {records}, units {programmed}")
    return seconds, proxy.requests, proxy.lost


def main() -> None:
    """The queue, on each engine."""
    said = arguments(__doc__.split("\n")[0], 10_000, "records").parse_args()
    machine(said.seed)
    figures = Figures("upload")
    for engine in engines(said.engine):
        with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            seconds, requests, lost = drained(place, Path(folder), said.scale, said.seed)
            print(f"  {engine}: {requests} requests, {lost} replies lost", flush=True)
            figures.most(f"{engine}: {said.scale:,} records in", seconds, SECONDS_MAX, " s", 1)
    figures.finish()


if __name__ == "__main__":
    main()
