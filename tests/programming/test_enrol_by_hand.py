"""A station without a network is enrolled by two files: its public keys go to the server, the server's answer comes back."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import signers
from forked import asbuilt
from permit_floor import BADGES

from asbuilt.station.agent import Station
from asbuilt.station.home import StationHome


class Hands:
    """Whoever carries files between the two machines; every step is a command there or here."""

    def __init__(self, home, folder: Path):
        self.record, self.folder, self.station = home, folder, folder / "ST-05"

    def server(self, *words: str) -> subprocess.CompletedProcess:
        return asbuilt(list(words), self.record.env())

    def agent(self, *words: str, given: str = "") -> subprocess.CompletedProcess:
        program = [str(Path(sys.executable).with_name("asbuilt-station")), "--home", str(self.station), *words]
        return subprocess.run(program, input=given, capture_output=True, text=True, timeout=60, cwd="/")

    def init(self, name: str = "ST-05") -> Path:
        words = ["--station", name, "--site", "CZ-BRNO", "--ems", "EMS-1", "--anchor", str(self.folder / "second")]
        done = self.agent("init", *words)
        assert done.returncode == 0, done.stderr
        keys = self.folder / "keys.json"
        keys.write_text(done.stdout)
        return keys

    def enrol(self, keys: Path, name: str = "ST-05", site: str = "CZ-BRNO") -> subprocess.CompletedProcess:
        return self.server("station", "enrol", name, "--site", site, "--ems", "EMS-1", "--keys", str(keys))

    def answer(self, content: str) -> Path:
        file = self.folder / "answer.json"
        file.write_text(content)
        return file


@pytest.fixture
def hands(home, floor, tmp_path):
    return Hands(home, tmp_path)


def pin() -> str:
    """As the brand's people tell it: the hash of the store that the floor set, made anew from its bytes."""
    return signers.store().sha256


def test_two_files_and_a_pin_make_a_station_that_programs(hands, floor, cortex, actor):
    keys = hands.init()
    answered = hands.enrol(keys)
    assert answered.returncode == 0, answered.stderr
    taken = hands.agent("accept", str(hands.answer(answered.stdout)), "--pin", pin())
    assert taken.returncode == 0, taken.stderr
    from asbuilt.ledger import keyring, origins

    server = keyring.record_public(origins.origin(actor.tenant)).key_id
    assert json.loads(taken.stdout) == {"station": "ST-05", "server_keys": [server]}

    home = StationHome(hands.station)
    said = json.loads((hands.station / "station.json").read_text())
    said["sockets"] = [{"name": "1", "position": 1, "places": [cortex().place()]}]
    home.put("station.json", json.dumps(said).encode())
    permit = floor.issue({"ST-05": 2}).permit.permit_id
    stick = hands.folder / "stick"
    assert hands.server("station", "export", str(stick)).returncode == 0
    assert hands.agent("exchange", str(stick)).returncode == 0
    scan = {"badge": BADGES["OP-7"], "order": "WO-7", "unit": "SN-1", "revision": "B"}
    outcome = json.loads(hands.agent("run", given=json.dumps(scan) + "\n").stdout)
    assert (outcome["result"], outcome["said"]) == ("pass", "")
    assert hands.agent("exchange", str(stick)).returncode == 0
    assert hands.server("station", "import", str(stick)).returncode == 0
    told = json.loads(hands.server("permit", "show", permit, "--format", "json").stdout)
    assert [(share["station"], share["passed"]) for share in told["stations"]] == [("ST-05", 1)]


def test_the_answer_is_taken_only_with_the_pin_that_was_told(hands):
    answer = hands.answer(hands.enrol(hands.init()).stdout)
    done = hands.agent("accept", str(answer), "--pin", "0" * 64)
    assert done.returncode == 4 and "station.answer_pin" in done.stderr
    assert not (hands.station / "trust").exists() and not (hands.station / "server").exists()
    assert hands.agent("accept", str(answer)).returncode == 2  # no pin, no trust


def test_an_answer_for_another_station_site_or_of_no_form_is_refused(hands):
    said = json.loads(hands.enrol(hands.init()).stdout)
    for field in ("station", "site", "ems"):
        done = hands.agent("accept", str(hands.answer(json.dumps({**said, field: "OTHER"}))), "--pin", pin())
        assert done.returncode == 4 and "station.answer_other" in done.stderr
    for wrong in (
        "",
        "{",
        json.dumps({**said, "more": 1}),
        json.dumps({**said, "server_keys": ["no key"]}),
        "x" * 70_000,
    ):
        done = hands.agent("accept", str(hands.answer(wrong)), "--pin", pin())
        assert done.returncode == 2 and "Traceback" not in done.stderr
    assert hands.agent("accept", str(hands.folder / "nowhere.json"), "--pin", pin()).returncode == 6


def test_what_was_accepted_is_not_exchanged_by_a_later_file(hands):
    content = hands.enrol(hands.init()).stdout
    assert hands.agent("accept", str(hands.answer(content)), "--pin", pin()).returncode == 0
    assert hands.agent("accept", str(hands.answer(content)), "--pin", pin()).returncode == 0  # the same again
    from asbuilt.kernel import keys

    other = {**json.loads(content), "server_keys": [keys.public_to_pem(signers.Ed25519("another server").public)]}
    done = hands.agent("accept", str(hands.answer(json.dumps(other))), "--pin", pin())
    assert done.returncode == 4 and "station.enrolled_already" in done.stderr
    assert Station(hands.station).home.server_keys() == [keys.public_from_pem(json.loads(content)["server_keys"][0])]


def test_the_server_takes_keys_only_under_the_name_that_made_them(hands):
    keys = hands.init()
    done = hands.enrol(keys, name="ST-06")
    assert done.returncode == 2 and "cli.station_keys" in done.stderr
    keys.write_text(json.dumps({"station": "ST-05", "public": "no key", "transfer": ""}))
    assert hands.enrol(keys).returncode == 2
    keys.write_text("[]")
    assert hands.enrol(keys).returncode == 2
    assert json.loads(hands.server("station", "list", "--format", "json").stdout) == {"stations": []}


def test_no_private_key_leaves_the_station(hands):
    keys = hands.init()
    answered = hands.enrol(keys)
    assert "PRIVATE" not in keys.read_text() + answered.stdout
    assert {(hands.station / one).stat().st_mode & 0o777 for one in ("station.pem", "transfer.pem")} == {0o600}


def test_setting_up_again_keeps_keys_and_fixture_and_another_name_is_refused(hands):
    first = hands.init().read_text()
    settings = hands.station / "station.json"
    said = json.loads(settings.read_text())
    place = {"ref": "U1", "target": "127.0.0.1:1", "console": "", "seconds": 5, "options": []}
    fixture = {"sockets": [{"name": "1", "position": 1, "places": [place]}], "language": "de"}
    settings.write_text(json.dumps({**said, **fixture}))
    assert hands.init().read_text() == first
    assert json.loads(settings.read_text()) == {**said, **fixture}
    words = ["--station", "ST-06", "--site", "CZ-BRNO", "--ems", "EMS-1", "--anchor", str(hands.folder / "second")]
    done = hands.agent("init", *words)
    assert done.returncode == 4 and "station.set_up_already" in done.stderr
    assert json.loads(settings.read_text()) == {**said, **fixture}


def test_a_code_that_is_none_leaves_a_working_station_as_it_is(hands, server):
    hands.init()
    before = {file.name: file.read_bytes() for file in hands.station.iterdir() if file.is_file()}
    words = ["--server", server.url, "--anchor", str(hands.folder / "second")]
    done = hands.agent("enrol", *words, given="no code\n")
    assert done.returncode == 4 and "station.server_refuses" in done.stderr
    assert {file.name: file.read_bytes() for file in hands.station.iterdir() if file.is_file()} == before


def test_a_badge_is_printed_once_and_its_drawing_reads_as_it(hands, floor, actor):
    from asbuilt.access.queries import person_by_code
    from asbuilt.built.programming.contacts import _operators
    from asbuilt.ledger import clock

    person, drawing = str(person_by_code(actor.tenant, "OP-7")), hands.folder / "badge.svg"
    issued = hands.server("badge", "issue", person, "--svg", str(drawing))
    badge = issued.stdout.strip()
    assert issued.returncode == 0 and badge.startswith("asbb_1_") and badge not in issued.stderr
    assert read_svg(drawing.read_text()) == badge and drawing.stat().st_mode & 0o777 == 0o600
    told = {one["person"]: one["badge_sha256"] for one in _operators(actor.tenant, clock.now())}
    assert told["OP-7"] == sha256(b"asbuilt station badge\n" + badge.encode()).hexdigest()
    assert hands.server("badge", "revoke", person).returncode == 0
    assert "OP-7" not in {one["person"] for one in _operators(actor.tenant, clock.now())}
    assert hands.server("badge", "issue", "999").returncode == 3


def read_svg(text: str) -> str:
    """What a reader sees in the drawing: its boxes, in mm, painted as points, twenty to a mm."""
    import zxingcpp
    from PIL import Image, ImageDraw

    wide, high = (round(float(number) * 20) for number in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', text).groups())
    picture = Image.new("L", (wide, high), 255)
    pen = ImageDraw.Draw(picture)
    for box in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z", text):
        x, y, right, down = (round(float(number) * 20) for number in box)
        pen.rectangle((x, y, x + right - 1, y + down - 1), fill=0)
    return zxingcpp.read_barcode(picture).text
