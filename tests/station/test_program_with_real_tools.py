"""flashrom, avrdude, esptool and espefuse program emulated targets; what they say is never enough."""

import json
import os
import re
import shutil
import signal
import time
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path

import pytest
from emulated import Avr, Chip, Esp32, avr_image
from station_floor import ISSUER, PERMIT_ID, Floor, flash_plan, kinds, records, scan, signed

from asbuilt.kernel import envelope, permits
from asbuilt.kernel.plans import Region
from asbuilt.station.agent import Station
from asbuilt.station.programmers import running
from asbuilt.station.programmers.avrdude import AvrdudeSession
from asbuilt.station.programmers.esp import EspSession
from asbuilt.station.programmers.known import PROGRAMMERS
from asbuilt.station.programmers.protocol import Address, Fault, ToolFailed

APP = Region("app", 0, 0x10000, "app")
# bytes that no tool takes for erased memory, the same in each run
PAYLOAD = b"".join(sha256(bytes([number])).digest() for number in range(200))


@pytest.fixture
def chips(tmp_path) -> Floor:
    """A floor for a memory chip that flashrom writes."""
    floor = Floor(tmp_path, PAYLOAD, programmer="flashrom", part="W25Q128.V", part_id="ef4018")
    floor.plan = flash_plan()
    return floor


@pytest.fixture
def avrs(tmp_path, targets) -> tuple[Floor, Avr]:
    """A floor for an AVR and one of them."""
    floor = Floor(tmp_path, avr_image("2.3.1"), programmer="avrdude", part="m328p", part_id="1e950f", tool_min="7.1")
    floor.plan = flash_plan(
        parts=[{"ref": "U1", "evidence": "read-back",
                "regions": [{"name": "app", "start": 0, "length": 0x7E00, "kind": "app"}]}],
        boot={"banner": "BOOT fw={version} hw={revision}", "self_test": "SELFTEST PASS", "reject": "", "timeout_ms": 6000,
              "negative_every": 0},
    )  # fmt: skip
    target = Avr(tmp_path)
    targets.append(target)
    return floor, target


def esps(tmp_path, target: Esp32, **changes) -> Floor:
    """A floor for an ESP32: UID from its MAC, a key block and a debug fuse that are burnt."""
    floor = Floor(tmp_path, PAYLOAD, programmer="esptool", part="esp32", part_id="204016", tool_min="5.6")
    floor.plan = flash_plan(
        identity={"uid_from": "tool", "uid_bytes": 6, "part": "U1", "region": "", "revision_from": "operator"},
        secrets=[{"name": "hmac", "part": "U1", "region": "factory", "kind": "random", "length": 32, "marker": ""}],
        burns=[{"part": "U1", "field": "BLOCK_KEY1/HMAC_UP", "value": "", "secret": "hmac"}],
        locks=[{"part": "U1", "kind": "debug", "probe": "read"}],
    )  # fmt: skip
    floor.permit["lock"] = "debug"
    floor.plan.update(changes)
    return floor


def session(programmer: str, place: dict, part: str, part_id: str = ""):
    options = {one["name"]: one["value"] for one in place["options"]}
    address = Address(place["target"], place["console"], place["seconds"], options)
    return PROGRAMMERS[programmer].open(address, part, part_id, None)


def fault_of(call, *words) -> Fault:
    with pytest.raises(ToolFailed) as failed:
        call(*words)
    return failed.value.fault


# -- flashrom


def test_flashrom_writes_a_chip_and_the_file_holds_the_image(chips, tmp_path):
    chip = Chip(tmp_path)
    station = chips.station([chip.place()])
    assert station.program(scan("SN-1"), "1").result == "pass"
    assert chip.file.read_bytes()[: len(PAYLOAD)] == PAYLOAD
    (record,) = records(station)
    assert (record.grade, record.uid, record.images[0].read_back_sha256) == (
        "read-back",
        "SN-1",
        sha256(PAYLOAD).hexdigest(),
    )
    said = [call.phrase for call in record.tools]
    assert any("VERIFIED." in phrase for phrase in said)
    assert all(call.tool_sha256 and call.exit_code == 0 for call in record.tools)
    assert not {word for call in record.tools for word in call.words} & {"-n", "-F", "--force"}
    # the same unit passes once
    assert station.program(scan("SN-1"), "1").reason == "station.duplicate_uid"


def test_flashrom_refuses_another_chip_before_anything_is_written(chips, tmp_path):
    """Row 10."""
    chip = Chip(tmp_path, emulate="MX25L6436")
    station = chips.station([chip.place()])
    assert station.program(scan("SN-1"), "1").reason == "station.wrong_part"
    assert station.ledger.spent(PERMIT_ID) == set()
    assert station.alarm().code == "station.wrong_part"


def test_a_write_protected_chip_fails_and_spends_its_unit(chips, tmp_path):
    """Row 18."""
    chip = Chip(tmp_path, more=",spi_status=0x9c,hwwp=yes")
    station = chips.station([chip.place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "protected")
    assert station.ledger.spent(PERMIT_ID) == {"SN-1"}


def test_a_chip_that_is_wrong_though_the_tool_says_verified_is_written_anew_as_the_same_unit(
    chips, tmp_path, monkeypatch
):
    """Rows 14, 16 and 17: behind the real flashrom something hurts the chip's second half; the tool said VERIFIED, the
    station's own read-back shows it, and the next attempt writes all of it."""
    chip = Chip(tmp_path)
    folder = tmp_path / "bin"
    folder.mkdir()
    hurting = folder / "flashrom"
    hurting.write_text(
        f'#!/bin/sh\n/usr/sbin/flashrom "$@"; code=$?\ncase "$*" in *\'-w \'*) [ -e {tmp_path}/hurt ] && '
        f"printf '\\377' | dd of={chip.file} bs=1 seek=3200 conv=notrunc 2>/dev/null;; esac\nexit $code\n"
    )
    hurting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/sbin:/usr/bin:/bin")
    (tmp_path / "hurt").touch()
    station = chips.station([chip.place()], units=1)
    torn = station.program(scan("SN-1"), "1")
    assert (torn.result, torn.reason) == ("fail", "readback_mismatch")
    assert "first at byte 3,200" in torn.said
    assert any("VERIFIED." in call.phrase for call in records(station)[0].tools)
    (tmp_path / "hurt").unlink()
    again = station.program(scan("SN-1"), "1")
    assert (again.result, again.attempt) == ("pass", 2)
    assert station.ledger.spent(PERMIT_ID) == {"SN-1"}


def test_a_secrets_region_of_the_chip_differs_per_unit_and_leaves_the_image_alone(chips, tmp_path):
    chips.plan["secrets"] = [
        {"name": "key", "part": "U1", "region": "factory", "kind": "random", "length": 32, "marker": "50524f56"}
    ]
    first, second = Chip(tmp_path, "one"), Chip(tmp_path, "two")
    station = chips.station([first.place(), second.place()])
    assert [one.result for one in station.program_panel(scan(""), "PNL")] == ["pass", "pass"]
    given = [chip.file.read_bytes()[0x20000:0x20024] for chip in (first, second)]
    assert given[0][:4] == given[1][:4] == b"PROV" and given[0] != given[1]
    kept = b"".join(file.read_bytes() for file in station.home.folder.rglob("*") if file.is_file())
    assert given[0][4:] not in kept and given[0][4:].hex().encode() not in kept


def test_flashrom_on_no_programmer_and_an_unknown_chip(tmp_path):
    place = Chip(tmp_path).place()
    assert fault_of(session("flashrom", place, "W25Q999.V").identify) is Fault.tool_config
    place["target"] = "nosuchprogrammer"
    with pytest.raises(ToolFailed) as failed:
        session("flashrom", place, "W25Q128.V").identify()
    # flashrom's words for it stand in no table of ours: unknown, which fails
    assert failed.value.fault in (Fault.unknown, Fault.no_target)


# -- avrdude


def test_avrdude_programs_starts_and_reads_back_a_real_boot_loaders_part(avrs):
    floor, target = avrs
    station = floor.station([target.place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.said) == ("pass", "")
    (record,) = records(station)
    assert record.lines == ("BOOT fw=2.3.1 hw=B", "SELFTEST PASS")
    assert record.images[0].read_back_sha256 == sha256(floor.image).hexdigest()
    target.stop()
    assert target.flash.read_bytes()[: len(floor.image)] == floor.image


def test_avrdude_refuses_another_part_and_no_port(avrs):
    """Row 10: an ATmega328P where the permit says 168; nothing is written, no unit is spent."""
    floor, target = avrs
    floor.part = "m168"
    station = floor.station([target.place()])
    assert station.program(scan("SN-1"), "1").reason == "station.wrong_part"
    assert (station.ledger.spent(PERMIT_ID), station.alarm().code) == (set(), "station.wrong_part")
    place = {**target.place(), "target": "net:127.0.0.1:1"}
    assert fault_of(session("avrdude", place, "m328p").identify) is Fault.no_target


def test_avrdude_that_hangs_on_a_power_cut_is_stopped_with_its_group(avrs):
    """Row 14: avrdude alone goes on for 40 s; the station ends it after the seconds of its socket."""
    floor, target = avrs
    opened = session("avrdude", target.place(seconds=2), "m328p")
    target.process.send_signal(19)
    began = time.monotonic()
    assert fault_of(opened.write, APP, floor.image) is Fault.timeout
    assert time.monotonic() - began < 4
    opened.close()


def test_avrdude_on_a_part_that_loses_power_in_the_middle_fails_and_the_same_unit_passes_later(avrs, tmp_path, targets):
    """Row 14: the part stands still after its signature was read; one unit is spent, the next attempt writes all of it."""
    floor, target = avrs
    floor.plan["identity"]["uid_from"] = "unit"
    station = floor.station([target.place(seconds=4)], units=1)
    write, AvrdudeSession.write = AvrdudeSession.write, stopped(target, AvrdudeSession.write)
    try:
        outcome = station.program(scan("SN-1"), "1")
    finally:
        AvrdudeSession.write = write
    assert (outcome.result, outcome.reason) == ("fail", "timeout")
    assert station.ledger.spent(PERMIT_ID) == {"SN-1"}
    target.process.send_signal(signal.SIGCONT)
    target.stop()
    targets.append(again := Avr(tmp_path))
    said = json.loads((station.home.folder / "station.json").read_text())
    said["sockets"][0]["places"] = [again.place()]
    station.home.put("station.json", json.dumps(said).encode())
    station = Station(station.home.folder)
    station.start()
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.attempt, outcome.said) == ("pass", 2, "")
    assert station.ledger.spent(PERMIT_ID) == {"SN-1"}
    assert [record.result for record in records(station)] == ["fail", "pass"]


def stopped(target, write):
    """The tool's write, at a part whose power is cut right before."""

    def call(self, region, content):
        target.process.send_signal(signal.SIGSTOP)
        return write(self, region, content)

    return call


def test_a_plan_that_gives_secrets_through_a_boot_loader_is_refused(avrs):
    """Row 17: Optiboot's write to the EEPROM says OK and hurts the flash, so the station never asks for it."""
    floor, target = avrs
    floor.plan["parts"][0]["regions"] = [
        {"name": "app", "start": 0, "length": 0x7000, "kind": "app"},
        {"name": "eeprom", "start": 0x7000, "length": 64, "kind": "factory"},
    ]
    floor.plan["secrets"] = [
        {"name": "key", "part": "U1", "region": "eeprom", "kind": "random", "length": 16, "marker": ""}
    ]
    station = floor.station([target.place()])
    assert station.program(scan("SN-1"), "1").reason == "station.programmer_lacks"
    assert station.ledger.spent(PERMIT_ID) == set()


# -- esptool, espefuse


def test_esptool_writes_burns_locks_and_the_lock_is_probed(tmp_path, targets):
    targets.append(target := Esp32(tmp_path))
    floor = esps(tmp_path, target)
    station = floor.station([target.place()])
    outcome = station.program(scan("SN-1", second_badge="OP-8"), "1")
    assert (outcome.result, outcome.said) == ("pass", "")
    assert kinds(station, "a4cf12345678") == ["RESERVE", "WRITING", "BURNING", "NOTE", "BURNING", "COMMIT"]
    (record,) = records(station)
    assert (record.uid, record.grade) == ("a4cf12345678", "read-back")
    assert any(call.words[-3:] == ("burn-efuse", "DIS_PAD_JTAG", "1") for call in record.tools)
    assert not any("part.bin" in word and "memory" in word for call in record.tools for word in call.words)


def test_fuses_need_two_people_where_the_permit_says_so(tmp_path, targets):
    targets.append(target := Esp32(tmp_path))
    station = esps(tmp_path, target).station([target.place()])
    assert station.program(scan("SN-1"), "1").reason == "station.second_person"


@pytest.mark.parametrize(
    ("steps", "lock"),
    [
        ({}, "debug"),  # fuses and a lock
        ({"locks": []}, "none"),  # fuses alone: only the plan says so
        ({"burns": [], "secrets": []}, "debug"),  # a lock alone
    ],
)
def test_what_cannot_be_undone_needs_two_issuers_whatever_the_grants_threshold(tmp_path, targets, steps, lock):
    targets.append(target := Esp32(tmp_path))
    floor = esps(tmp_path, target, **steps)
    floor.permit["lock"] = lock
    assert floor.grant_document()["threshold"] == 1
    station = floor.station([target.place()])
    (file,) = (station.home.folder / "permits").glob("*.json")
    permit = envelope.parse(file.read_bytes()).payload
    station.home.put(f"permits/{file.name}", signed(permits.PERMIT_TYPE, permit, ISSUER))
    outcome = station.program(scan("SN-1", second_badge="OP-8"), "1")
    assert (outcome.result, outcome.reason) == ("refused", "kernel.permit_two_issuers")
    assert not target.flash.exists() or set(target.flash.read_bytes()) == {0xFF}  # nothing was written


def test_a_fuse_that_holds_another_key_is_a_conflict_and_no_retry(tmp_path, targets):
    """Row 19: the block was burnt before with another key."""
    targets.append(target := Esp32(tmp_path))
    opened = session("esptool", target.place(), "esp32")
    opened.burn("BLOCK_KEY1/HMAC_UP", b"\x5a" * 32)
    opened.close()
    station = esps(tmp_path, target).station([target.place()])
    outcome = station.program(scan("SN-1", second_badge="OP-8"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "fuse_conflict")
    assert "scrap" in outcome.said
    assert kinds(station, "a4cf12345678") == ["RESERVE", "WRITING", "BURNING", "FAIL"]


def test_a_key_that_espefuse_prints_is_in_no_record(tmp_path, targets):
    """Of a block that can be read it prints what it would hold: the key that was there with the new one in it."""
    targets.append(target := Esp32(tmp_path))
    opened = session("esptool", target.place(), "esp32")
    opened.burn("BLOCK_KEY1/USER", b"\x5a" * 32)
    burn = {"part": "U1", "field": "BLOCK_KEY1/USER", "value": "", "secret": "hmac"}
    floor = esps(tmp_path, target, burns=[burn], locks=[])
    floor.permit["lock"] = "none"
    station = floor.station([target.place()])
    with pytest.raises(ToolFailed) as failed:
        opened.burn("BLOCK_KEY1/USER", b"\xa5" * 32)
    assert re.search("(ff){32}", failed.value.evidence.text), "espefuse prints keys no more: look at this test"
    opened.close()
    assert station.program(scan("SN-1", second_badge="OP-8"), "1").result == "fail"
    (record,) = records(station)
    said = [call.phrase for call in record.tools]
    assert any("cannot be cleared" in phrase and "…" in phrase for phrase in said)
    assert not [phrase for phrase in said if re.search("[0-9a-f]{32}", phrase)]


def test_a_lock_that_did_not_close_is_found_by_its_probe(tmp_path, targets):
    """A probe that goes through fails the unit: first the probe of an open and of a closed part, then a cycle in which the
    lock says OK and does nothing."""
    targets.append(target := Esp32(tmp_path))
    opened = session("esptool", target.place(), "esp32")
    opened.attempt("debug", "read")
    station = esps(tmp_path, target).station([target.place()])
    lock, EspSession.lock = EspSession.lock, lambda self, kind: None
    try:
        outcome = station.program(scan("SN-1", second_badge="OP-8"), "1")
    finally:
        EspSession.lock = lock
    assert (outcome.result, outcome.reason) == ("fail", "lock_open")
    opened.lock("debug")
    assert fault_of(opened.attempt, "debug", "read") is Fault.protected
    opened.close()


@pytest.mark.parametrize(
    ("words", "fault"), [(("--flips",), Fault.verify_failed), (("--dies-at", "3"), Fault.link_lost)]
)
def test_esptool_on_flash_that_loses_bits_or_power(tmp_path, targets, words, fault):
    """Rows 14 and 16, and the whole of it: no pass, one unit spent, the record says why."""
    targets.append(target := Esp32(tmp_path, *words))
    floor = esps(tmp_path, target, secrets=[], burns=[], locks=[])
    floor.permit["lock"] = "none"
    station = floor.station([target.place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", str(fault))
    assert station.ledger.spent(PERMIT_ID) == {"a4cf12345678"}
    (record,) = records(station)
    assert (record.result, record.reason, record.grade) == ("fail", str(fault), "")


def test_esptool_refuses_another_chip_and_a_mac_of_zeros(tmp_path, targets):
    """Rows 10 and 13."""
    targets.append(target := Esp32(tmp_path, mac="00" * 6))
    assert fault_of(session("esptool", target.place(), "esp32c3").identify) is Fault.wrong_part
    station = esps(tmp_path, target).station([target.place()])
    assert station.program(scan("SN-1", second_badge="OP-8"), "1").reason == "station.uid_invalid"


def test_a_changed_package_behind_esptool_is_another_tool(tmp_path, monkeypatch):
    """Row 27: the file that is started only calls a package; its SHA-256 alone would prove nothing of what runs."""
    at = Path(distribution("esptool").locate_file(""))
    for folder in [*at.glob("esptool*"), at / "espefuse", at / "espsecure"]:
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.syspath_prepend(tmp_path)
    assert Path(distribution("esptool").locate_file("")) == tmp_path
    before = PROGRAMMERS["esptool"].probe()
    assert PROGRAMMERS["esptool"].probe() == before
    with open(tmp_path / "espefuse" / "efuse" / "base_fields.py", "a") as file:
        file.write("# somebody was here\n")
    after = PROGRAMMERS["esptool"].probe()
    assert (after.version, after.path) == (before.version, before.path) and after.sha256 != before.sha256


# -- any tool


def test_a_tool_that_was_exchanged_is_refused_though_size_and_time_are_the_same(chips, tmp_path, monkeypatch):
    """Row 27 with the real tool: the permit names the SHA-256 of flashrom's file; somebody puts another one in its place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool = folder / "flashrom"
    real = Path("/usr/sbin/flashrom").read_bytes()
    tool.write_bytes(real)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/sbin:/usr/bin:/bin")
    allowed = {"tool": "flashrom", "version_min": "1.0", "sha256_allowed": [sha256(real).hexdigest()]}
    chips.permit["tools"] = [allowed]
    chip = Chip(tmp_path)
    station = chips.station([chip.place()])
    assert station.program(scan("SN-1"), "1").passed
    about = tool.stat()
    with open(tool, "r+b") as file:
        file.seek(-1, 2)
        file.write(bytes([real[-1] ^ 1]))
    os.utime(tool, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert (tool.stat().st_size, tool.stat().st_mtime_ns) == (about.st_size, about.st_mtime_ns)
    assert station.program(scan("SN-2"), "1").reason == "station.tool_not_allowed"
    assert station.ledger.spent(PERMIT_ID) == {"SN-1"}


def test_no_tool_can_be_told_to_force(tmp_path):
    tool = PROGRAMMERS["flashrom"].probe()
    phrases = running.Phrases("VERIFIED", ())
    for words in (["-n"], ["--force"], ["--force-write-always"], ["-w", "x", "--noverify"], ["-F"], ["-f"]):
        with pytest.raises(ToolFailed) as failed:
            running.run_tool(tool, words, phrases, seconds=5, work=tmp_path)
        assert failed.value.fault is Fault.tool_config


def test_a_text_that_no_table_knows_fails_although_the_tool_ended_with_0(tmp_path):
    tool = running.find_tool("echo", [], "", version="1")
    phrases = running.Phrases("VERIFIED", ())
    with pytest.raises(ToolFailed) as failed:
        running.run_tool(tool, ["all is well"], phrases, seconds=5, work=tmp_path)
    assert failed.value.fault is Fault.unknown


def test_the_children_of_a_tool_end_with_it(tmp_path):
    """A tool that leaves a child behind: the whole group is gone when the time is over."""
    tool = running.find_tool("sh", [], "", version="1")
    sign = tmp_path / "alive"
    script = f"(while :; do date > {sign}; sleep 0.1; done) & sleep 60"
    with pytest.raises(ToolFailed) as failed:
        running.run_tool(tool, ["-c", script], running.Phrases("x", ()), seconds=0.5, work=tmp_path)
    assert failed.value.fault is Fault.timeout
    sign.unlink()
    time.sleep(0.4)
    assert not sign.exists()
