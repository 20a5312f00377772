"""A station that never sees a network: a stick carries its permits there and its records back; the end certificate holds offline."""

import json
import subprocess
import sys
from pathlib import Path

import signers
from station_floor import scan

from asbuilt.kernel import keys
from asbuilt.station import exchange


def command(home, *words: str):
    program = str(Path(sys.executable).with_name("asbuilt"))
    return subprocess.run([program, *words], env=home.env(), capture_output=True, text=True, timeout=120)


def test_a_stick_carries_permits_out_and_records_back_and_the_certificate_holds_offline(
    floor, server, cortex, tmp_path, home, actor
):
    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    permit = floor.issue({"ST-01": 5}).permit.permit_id
    server.close()
    stick = tmp_path / "stick"
    assert command(home, "station", "export", str(stick)).returncode == 0
    exchange.take_folder(station, stick)
    assert station.program(scan("SN-1", badge="OP-7"), "1").passed
    station.close(permit)
    exchange.put_folder(station, stick)
    done = command(home, "station", "import", str(stick), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"stations": [{"station": "ST-01", "files": 2, "refused": []}]}
    assert command(home, "station", "import", str(stick)).returncode == 0  # the same again
    counted = json.loads(command(home, "permit", "show", permit, "--format", "json").stdout)
    (share,) = counted["stations"]
    assert (share["passed"], share["spent"], share["returned"]) == (1, 1, 4)
    assert command(home, "station", "export", str(stick)).returncode == 0
    exchange.take_folder(station, stick)
    assert station.outbox.counts() == (0, 1)
    assert command(home, "permit", "close", permit).returncode == 0

    out = tmp_path / "papers"
    assert command(home, "permit", "show", permit, "--output", str(out)).returncode == 0
    key = tmp_path / "brand.pem"
    key.write_text(keys.public_to_pem(signers.BRAND.public))
    papers = ["--with", str(out / "grant.json"), "--with", str(out / "permit.json"), "--key", str(key)]
    alone = {**home.env(), "ASBUILT_HOME": str(tmp_path / "nowhere"), "ASBUILT_KEYS": str(tmp_path / "nowhere")}
    alone.pop("ASBUILT_DATABASE_URL", None)
    program = str(Path(sys.executable).with_name("asbuilt"))
    words = [program, "verify", str(out / "end-ST-01.json"), *papers, "--format", "json"]
    said = subprocess.run(words, env=alone, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["closed"], told["units spent"], told["pass"]) == (True, 1, 1)
    damaged = (out / "end-ST-01.json").read_bytes().replace(b'"sig":"', b'"sig":"A', 1)
    (out / "end-ST-01.json").write_bytes(damaged)
    assert subprocess.run(words, env=alone, capture_output=True).returncode in (2, 7)
