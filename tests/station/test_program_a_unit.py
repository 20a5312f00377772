"""A unit is programmed: read back, provisioned, read back again, started; its record says what proves it."""

import json
from base64 import b64encode
from hashlib import sha256

from emulated import Wire, cortex_image
from station_floor import PERMIT_ID, kinds, records, scan

from asbuilt.station.agent import Station
from asbuilt.station.programmers.rsp import Remote

UID = "0102030405060708"


def test_a_good_unit_passes_and_its_record_says_why(floor, cortex):
    station = floor.station([cortex(UID).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.said) == ("pass", "")
    assert kinds(station, UID) == ["RESERVE", "WRITING", "COMMIT"]
    (record,) = records(station)
    assert (record.result, record.grade, record.uid, record.unit, record.revision) == (
        "pass",
        "read-back",
        UID,
        "SN-1",
        "B",
    )
    (image,) = record.images
    assert image.read_back_sha256 == sha256(floor.image).hexdigest() == image.sha256
    assert record.lines == ("BOOT fw=2.3.1 hw=B", "PROVISIONED", "SELFTEST PASS")
    assert [one.name for one in record.given] == ["device-key"]
    assert record.operator == "eva"


def test_a_permit_for_a_wrong_version_is_caught_by_the_banner(floor, cortex):
    """Row 3: the bytes are 1.3.9, the permit says 2.3.1; only the unit itself can tell."""
    floor.image = cortex_image("1.3.9")
    station = floor.station([cortex(UID).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "version")
    assert "BOOT fw=1.3.9 hw=B" in outcome.said
    assert station.ledger.spent(PERMIT_ID) == {UID}
    assert station.alarm().code == "station.version"
    assert station.program(scan("SN-2"), "1").reason == "station.alarm_stands"


def test_power_cut_in_the_middle_of_a_write_costs_no_second_unit(floor, cortex):
    """Row 14: link lost within the limit, the unit is not safe; the same unit is written anew as attempt 2."""
    target = cortex(UID)
    written = []

    def cut(packet: bytes, number: int) -> bytes:
        written.extend([number] if packet.startswith(b"M") else [])
        if len(written) == 8:
            target.power_off()
        return packet

    station = floor.station([Wire(target, cut).place()], units=1)
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason, outcome.attempt) == ("fail", "link_lost", 1)
    again = cortex(UID)
    station = moved(floor, station, again.place())
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.attempt) == ("pass", 2)
    assert station.ledger.spent(PERMIT_ID) == {UID}
    assert [(one.result, one.attempt) for one in records(station)] == [("fail", 1), ("pass", 2)]


def test_what_differs_on_reading_back_fails_three_times_and_then_for_good(floor, cortex):
    """Row 16: a target whose memory loses a bit after every write."""

    def flipped(packet: bytes, answer: bytes) -> bytes:
        return b"0" + answer[1:] if packet == b"m400,400" and answer[:1] != b"0" else answer

    image = bytearray(floor.image)
    assert image[0x400] >> 4, "the byte that is hurt must not be 0x0…"
    station = floor.station([Wire(cortex(UID), answered=flipped).place()])
    found = [station.program(scan("SN-1"), "1") for _ in range(4)]
    assert [one.reason for one in found] == [*["readback_mismatch"] * 3, "station.attempts_exhausted"]
    assert [one.attempt for one in found] == [1, 2, 3, 0]
    assert station.ledger.spent(PERMIT_ID) == {UID}
    assert station.alarm() is None


def test_a_secret_written_over_the_image_is_caught_after_provisioning(floor, cortex):
    """Row 17: each write of the tool says OK; the plan's factory region lies over unmapped memory or the image is hurt."""
    floor.plan["parts"][0]["regions"][1] = {"name": "factory", "start": 0xF0000000, "length": 256, "kind": "factory"}
    station = floor.station([cortex(UID).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert outcome.result == "fail"
    assert outcome.reason in ("protected", "secret_mismatch")


def test_a_failed_self_test_spends_the_unit_and_its_secret(floor, cortex):
    """Row 20: the next attempt gets another credential; the first stays recorded as given."""
    floor.image = cortex_image("2.3.1", "SELFTEST_FAILS")
    station = floor.station([cortex(UID).place()])
    found = [station.program(scan("SN-1"), "1") for _ in range(2)]
    assert [one.reason for one in found] == ["self_test", "self_test"]
    first, second = (record.given[0].public_sha256 for record in records(station))
    assert first != second
    assert station.ledger.spent(PERMIT_ID) == {UID}


def test_a_changed_image_must_not_start_on_sampled_units(floor, cortex):
    """Row 21: on the first and each second unit; the good image is back afterwards."""
    floor.plan["boot"]["negative_every"] = 2
    uids = [f"{number:016x}" for number in range(1, 4)]
    places = [cortex(uid).place() for uid in uids]
    station = floor.station(places)
    assert [station.program(scan(f"SN-{at}"), str(at)).result for at in (1, 2, 3)] == ["pass"] * 3
    tried = ["changed image: SECUREBOOT REJECT" in record.lines for record in records(station)]
    assert tried == [True, False, True]
    assert all(one.images[0].read_back_sha256 == one.images[0].sha256 for one in records(station))


def test_a_unit_that_starts_a_changed_image_stops_the_line(floor, cortex):
    floor.image = cortex_image("2.3.1", "BOOTS_ANYTHING")
    floor.plan["boot"]["negative_every"] = 1
    station = floor.station([cortex(UID).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "boots_changed_image")
    assert station.alarm().code == "station.boots_changed_image"


def test_a_part_that_is_not_read_attests_its_image(floor, cortex):
    floor.plan["parts"][0]["evidence"] = "attested"
    station = floor.station([cortex(UID).place()])
    assert station.program(scan("SN-1"), "1").result == "pass"
    (record,) = records(station)
    assert (record.grade, record.images[0].read_back_sha256) == ("attested", "")


def test_a_device_that_answers_with_another_image_does_not_pass(floor, cortex):
    """The device runs what it attests; the plan's image is 16 KiB, the permit's another build of the same version."""
    floor.plan["parts"][0]["evidence"] = "attested"
    other = cortex_image("2.3.1", "BOOTS_ANYTHING")

    def exchanged(packet: bytes, number: int) -> bytes:
        """Somebody on the wire puts another build of the same version into the device."""
        if not packet.startswith(b"M") or int(packet[1 : packet.index(b",")], 16) >= len(other):
            return packet
        start, size = (int(part, 16) for part in packet[1 : packet.index(b":")].split(b","))
        return packet[: packet.index(b":") + 1] + other[start : start + size].hex().encode()

    station = floor.station([Wire(cortex(UID), exchanged).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "attestation")


def test_what_was_attested_is_attested_again_after_the_changed_image(floor, cortex):
    """The sampled negative test puts the good image back by the tool's word; what runs then must prove itself anew."""
    floor.plan["parts"][0]["evidence"] = "attested"
    floor.plan["boot"]["negative_every"] = 1
    other, begun = cortex_image("2.3.1", "BOOTS_ANYTHING"), []

    def exchanged(packet: bytes, number: int) -> bytes:
        begun.extend([number] if packet.startswith(b"M0,") else [])
        if len(begun) < 3 or not packet.startswith(b"M") or int(packet[1 : packet.index(b",")], 16) >= len(other):
            return packet
        start, size = (int(part, 16) for part in packet[1 : packet.index(b":")].split(b","))
        return packet[: packet.index(b":") + 1] + other[start : start + size].hex().encode()

    station = floor.station([Wire(cortex(UID), exchanged).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert len(begun) == 3, outcome
    assert (outcome.result, outcome.reason) == ("fail", "attestation")
    assert records(station)[0].grade == ""


def test_a_target_that_speaks_nonsense_fails_and_the_agent_goes_on(floor, cortex):
    nonsense = Wire(cortex(UID), answered=lambda packet, answer: b"Ozz" if packet.startswith(b"qRcmd") else answer)
    odd = {**cortex("0102030405060709").place(), "options": [{"name": "uid_at", "value": "nowhere"}]}
    station = floor.station([nonsense.place(), odd])
    first = station.program(scan("SN-1"), "1")
    assert (first.result, first.reason) == ("fail", "protected")
    second = station.program(scan("SN-2"), "2")
    assert (second.result, second.reason) == ("refused", "station.no_target")
    assert station.ledger.spent(PERMIT_ID) == {UID}


def test_the_tools_word_alone_needs_two_people_and_says_so(floor, cortex):
    floor.plan["parts"][0]["evidence"] = "tool-only"
    floor.permit["two_person_for"] = ["tool-only"]
    station = floor.station([cortex(UID).place()])
    alone = station.program(scan("SN-1"), "1")
    assert alone.reason == "station.second_person"
    station.release_alarm("QL-1", "two people now")
    assert station.program(scan("SN-1", second_badge="OP-8"), "1").result == "pass"
    record = records(station)[-1]
    assert (record.grade, record.second_operator) == ("tool-only", "jan")


def test_no_secret_is_in_ledger_records_files_or_words(floor, cortex):
    """The credential that reached the device is found nowhere at the station."""
    target = cortex(UID)
    station = floor.station([target.place()])
    assert station.program(scan("SN-1"), "1").passed
    remote = Remote("127.0.0.1", target.stub, 5)
    secret = remote.read(0x3F004, 32)
    remote.close()
    assert len(set(secret)) > 8
    kept = b"".join(file.read_bytes() for file in floor.folder.rglob("*") if file.is_file())
    for form in (secret, secret.hex().encode(), secret.hex().upper().encode(), b64encode(secret)):
        assert form not in kept


def test_four_sockets_take_a_panel_at_once(floor, cortex):
    uids = [f"{number:016x}" for number in range(1, 5)]
    station = floor.station([cortex(uid).place() for uid in uids])
    found = station.program_panel(scan(""), "PNL-1")
    assert [(one.unit, one.result) for one in found] == [(f"PNL-1/{at}", "pass") for at in (1, 2, 3, 4)]
    assert station.ledger.spent(PERMIT_ID) == set(uids)


def test_two_devices_with_one_identity_on_a_panel_pass_once(floor, cortex):
    """Row 12, in the worst moment: a clone in the neighbouring socket."""
    station = floor.station([cortex(UID).place(), cortex(UID).place()])
    found = sorted(one.result for one in station.program_panel(scan(""), "PNL-1"))
    assert found == ["pass", "refused"]
    assert station.alarm().code in ("station.unit_in_work", "station.duplicate_uid")


def moved(floor, station, place):
    """The same station with another device in its socket."""
    folder = floor.homes["ST-01"]
    said = json.loads((folder / "station.json").read_text())
    said["sockets"][0]["places"] = [place]
    station.home.put("station.json", json.dumps(said).encode())
    again = Station(folder)
    again.start()
    return again
