"""A series under permit, end to end: two releases and a radio image signed, permits for orders on revision B, forty units on three
emulated kinds of target by two stations, one of them without a network for half of its units; wrong version and wrong revision locked
out; power cut and recovered; records uploaded; which units, at which customers; end certificates verified with nothing but the papers.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import signers
from emulated import Avr, Chip, Cortex, avr_image, cortex_image
from permit_floor import BADGES, PermitFloor, Server
from station_floor import flash_plan, scan

from asbuilt.kernel import keys, sealing
from asbuilt.station.programmers.gdbremote import GdbSession
from asbuilt.station.sync import sync

RADIO = bytes(range(256)) * 24
AVR_PLAN = flash_plan(
    plan="eol-avr",
    parts=[{"ref": "U1", "evidence": "read-back", "regions": [{"name": "app", "start": 0, "length": 0x7E00, "kind": "app"}]}],
    boot={"banner": "BOOT fw={version} hw={revision}", "self_test": "SELFTEST PASS", "reject": "", "timeout_ms": 6000,
          "negative_every": 0},
)  # fmt: skip
CUSTOMERS = {
    "parties": [
        {"party": f"shop-{one}", "name": f"Shop {one.upper()}", "roles": "customer", "country": "DE"} for one in ("x", "y")
    ],
    "shipments": [
        {"shipment": "S1", "customer": "shop-x", "country": "DE", "first_serial": "SN-1", "last_serial": "SN-20",
         "shipped_at": "2026-11-28T08:00:00Z", "placed_on_market_at": ""},
        {"shipment": "S2", "customer": "shop-y", "country": "DE", "first_serial": "SN-21", "last_serial": "SN-30",
         "shipped_at": "2026-11-28T08:00:00Z", "placed_on_market_at": ""},
    ],
}  # fmt: skip


class Line:
    """The factory of this journey."""

    def __init__(self, home, actor, folder: Path):
        self.home, self.actor, self.folder, self.targets = home, actor, folder, []
        more = (("3.1.5", avr_image("3.1.5"), "app"), ("3.1.5", RADIO, "radio"))
        self.floor = PermitFloor(actor, cortex_image("2.3.1"), more=more)
        for badge, role in (("OP-7", "operator"), ("QL-1", "quality_lead")):
            self.floor.person(badge, role)
        self.server = Server(home)

    def close(self):
        self.server.close()
        for target in self.targets:
            target.close()

    def permit(self, shares, order, plan, version, role, programmer, part, part_id, tool_min):
        """A permit for another kind of target."""
        from asbuilt.built.programming.actions.grants import record_plan

        sha = record_plan(self.actor, document=json.dumps(plan).encode()).sha256
        issued = self.floor.issue(
            shares, order=order, plan=sha, images=[{"role": role, "version": version, "part": "U1", "region": "app"}],
            parts=[{"ref": "U1", "programmer": programmer, "part": part, "part_id": part_id}],
            tools=[{"tool": programmer, "version_min": tool_min, "sha256_allowed": []}],
        )  # fmt: skip
        return issued.permit.permit_id

    def program(self, station, target, unit: str, order: str = "WO-7", revision: str = "B"):
        """Put the unit's target into the socket and scan."""
        self.targets.append(target)
        file = station.home.folder / "station.json"
        said = json.loads(file.read_text())
        said["sockets"] = [{"name": "1", "position": 1, "places": [target.place()]}]
        station.home.put("station.json", json.dumps(said).encode())
        station.settings = station.home.settings()
        outcome = station.program(scan(unit, badge=BADGES["OP-7"], work_order=order, revision=revision), "1")
        target.close()
        return outcome

    def series(self, station, numbers) -> None:
        """Blank Cortex-M units, each with its own identity."""
        for number in numbers:
            outcome = self.program(station, Cortex(self.folder, f"{number:016x}"), f"SN-{number}")
            assert outcome.passed, outcome

    def command(self, *words: str, alone: bool = False):
        """A command of the product; `alone` knows no home and no keys."""
        env = self.home.env()
        if alone:
            env |= {"ASBUILT_HOME": str(self.folder / "nowhere"), "ASBUILT_KEYS": str(self.folder / "nowhere")}
            env.pop("ASBUILT_DATABASE_URL", None)
        program = str(Path(sys.executable).with_name("asbuilt"))
        done = subprocess.run([program, *words], env=env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def line(home, actor, tmp_path):
    made = Line(home, actor, tmp_path)
    yield made
    made.close()


def test_a_series_is_programmed_under_permit(line, load):
    first = line.floor.station(line.folder / "a", "ST-01", line.server.url)
    second = line.floor.station(line.folder / "b", "ST-02", line.server.url)
    cortex = line.floor.issue({"ST-01": 18, "ST-02": 16}).permit.permit_id
    avr = line.permit({"ST-02": 2}, "WO-9", AVR_PLAN, "3.1.5", "app", "avrdude", "m328p", "1e950f", "7.1")
    chip = line.permit({"ST-01": 4}, "WO-10", flash_plan(), "3.1.5", "radio", "flashrom", "W25Q128.V", "ef4018", "1.0")
    sync(first), sync(second)

    line.series(first, range(1, 11))
    _wrong_revision_is_locked_out(line, first)
    _wrong_version_is_locked_out(line, first)
    _power_is_cut_and_the_unit_recovers(line, first, 11)
    line.series(first, range(12, 19))
    line.series(second, range(19, 27))
    sync(second)
    line.series(second, range(27, 35))  # without a network from here on
    for number in (1, 2):
        outcome = line.program(second, Avr(line.folder), f"WO-9#{number}", "WO-9")
        assert outcome.passed, outcome
    for number in range(1, 5):
        outcome = line.program(first, Chip(line.folder, f"chip{number}"), f"WO-10#{number}", "WO-10")
        assert outcome.passed, outcome

    assert second.outbox.counts()[0] == 10
    for station, permits in ((first, (cortex, chip)), (second, (cortex, avr))):
        for permit in permits:
            station.close(permit)
        sync(station)
        assert station.outbox.counts()[0] == 0
    load(CUSTOMERS)
    _which_units_at_which_customers(line)
    for permit, spent in ((cortex, {"ST-01": 18, "ST-02": 16}), (avr, {"ST-02": 2}), (chip, {"ST-01": 4})):
        _papers_hold_alone(line, permit, spent)


def _wrong_revision_is_locked_out(line, station):
    from asbuilt.built.programming import telling
    from asbuilt.built.programming.actions.stations import release_station_alarm

    outcome = line.program(station, Cortex(line.folder, "c0" * 8, revision="C"), "SN-40")
    assert outcome.reason == "station.wrong_revision"
    sync(station)
    (alarm,) = [one for one in telling.station_seen(line.actor, "ST-01")["alarms"] if not one["released"]]
    assert alarm["code"] == "station.wrong_revision"
    release_station_alarm(line.actor, station="ST-01", alarm=alarm["alarm"], reason="unit of another order")
    sync(station)


def _wrong_version_is_locked_out(line, station):
    """An older release lies at the station under the name of the permitted one."""
    place = f"images/{line.floor.images[0]['sha256']}"
    right = (station.home.folder / place).read_bytes()
    key = sealing.SealingKey.from_pem((station.home.folder / "transfer.pem").read_text()).public
    station.home.put(place, sealing.seal(cortex_image("2.2.0"), key, sealing.IMAGE))
    assert line.program(station, Cortex(line.folder, "d0" * 8), "SN-11").reason == "station.image_hash"
    station.release_alarm(BADGES["QL-1"], "old file on the disk")
    station.home.put(place, right)


def _power_is_cut_and_the_unit_recovers(line, station, number):
    target, write = Cortex(line.folder, f"{number:016x}"), GdbSession.write

    def cut(self, region, content):
        target.power_off()
        return write(self, region, content)

    GdbSession.write = cut
    try:
        outcome = line.program(station, target, f"SN-{number}")
    finally:
        GdbSession.write = write
    assert outcome.result == "fail", outcome
    again = line.program(station, Cortex(line.folder, f"{number:016x}"), f"SN-{number}")
    assert (again.result, again.attempt) == ("pass", 2)


def _which_units_at_which_customers(line):
    said = json.loads(line.command("ask", "firmware:2.3.1", "--format", "json"))
    assert said["affected"] == {"certain": 34, "possible": 0, "unrecorded": 0}
    # SN-1 to SN-20 went to Shop X, SN-21 to SN-30 to Shop Y
    by = {row["customer"]: row["certain"] for row in said["by"]["customer"]}
    assert by == {"Shop X": 20, "Shop Y": 10, None: 4}
    said = json.loads(line.command("ask", "firmware:3.1.5 or firmware:radio/3.1.5", "--format", "json"))
    assert said["affected"]["certain"] == 6
    said = json.loads(line.command("ask", "station:ST-02", "--format", "json"))
    assert said["affected"]["certain"] == 18


def _papers_hold_alone(line, permit, spent):
    line.command("permit", "close", permit)
    papers = line.folder / f"papers-{permit}"
    line.command("permit", "show", permit, "--output", str(papers))
    key = papers / "brand.pem"
    key.write_text(keys.public_to_pem(signers.BRAND.public))
    beside = ["--with", str(papers / "grant.json"), "--with", str(papers / "permit.json"), "--key", str(key)]
    for station, units in spent.items():
        said = json.loads(
            line.command("verify", str(papers / f"end-{station}.json"), *beside, "--format", "json", alone=True)
        )
        assert (said["closed"], said["units spent"], said["pass"]) == (True, units, units)
