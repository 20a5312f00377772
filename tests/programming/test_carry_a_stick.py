"""A station that never sees a network: a stick carries its permits there and its records back; the end certificate holds offline."""

import json

import pytest
import signers
from forked import asbuilt
from permit_floor import BADGES
from station_floor import scan

from asbuilt.kernel import keys
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.kernel.notes import base64_text
from asbuilt.kernel.sealing import SealingKey
from asbuilt.station import exchange


def command(home, *words: str):
    return asbuilt(list(words), home.env())


def test_a_stick_carries_permits_out_and_records_back_and_the_certificate_holds_offline(
    floor, server, cortex, tmp_path, home, actor
):
    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    permit = floor.issue({"ST-01": 5}).permit.permit_id
    server.close()
    stick = tmp_path / "stick"
    assert command(home, "station", "export", str(stick)).returncode == 0
    exchange.take_folder(station, stick)
    assert station.program(scan("SN-1", badge=BADGES["OP-7"]), "1").passed
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
    words = ["verify", str(out / "end-ST-01.json"), *papers, "--format", "json"]
    said = asbuilt(words, alone)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["closed"], told["units spent"], told["pass"]) == (True, 1, 1)
    damaged = (out / "end-ST-01.json").read_bytes().replace(b'"sig":"', b'"sig":"A', 1)
    (out / "end-ST-01.json").write_bytes(damaged)
    assert asbuilt(words, alone).returncode in (2, 7)


@pytest.mark.parametrize("link", ["ST-01", "ST-01/in", "ST-01/in.new", "ST-01/out"])
def test_a_stick_whose_folders_lead_elsewhere_is_refused_and_what_lies_there_stays(floor, actor, tmp_path, link):
    """Export writes a station's folder anew whole: behind a link that would delete what is not on the stick."""
    from asbuilt.answers.gate.sticks import export_folder, import_folder
    from asbuilt.built.programming.actions.stations import enrol

    public = keys.public_to_pem(signers.Ed25519("ST-01").public)
    enrol(floor.code("ST-01"), public=public, transfer=keys.public_to_pem(SealingKey.new().public))
    elsewhere, place = tmp_path / "elsewhere", tmp_path / "stick" / "asbuilt" / link
    (elsewhere / "in").mkdir(parents=True)
    (elsewhere / "in" / "kept").touch()
    (elsewhere / "out").mkdir()
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere)
    call = import_folder if link.endswith("out") else export_folder
    with pytest.raises(Refused) as refusal:
        call(actor, tmp_path / "stick")
    assert refusal.value.code == "gate.stick_link"
    assert sorted(file.name for file in elsewhere.rglob("*")) == ["in", "kept", "out"]


@pytest.mark.parametrize("name", ["../../x", "a/b", "..", "enrol"])
def test_a_table_enrols_no_station_whose_name_is_a_path(actor, floor, name):
    from asbuilt.built.programming.kept_intakes import StationsIntake
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    key = signers.Ed25519("x").public
    row = {
        "station": name, "state": "enrolled", "site": "S", "ems": "E", "public": f"ed25519 {base64_text(key.raw)}",
        "transfer": f"x25519 {base64_text(SealingKey.new().public.raw)}", "operator": "", "happened_at": "2026-11-01T08:00:00Z",
    }  # fmt: skip
    with pytest.raises(AsbuiltError) as refusal, recording(actor, "test.made") as entry:
        state_rows(entry, StationsIntake, checked_rows("stations", [row]))
    assert "station" in refusal.value.message.lower()
