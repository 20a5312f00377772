"""A unit is programmed: read back, provisioned, read back again, started; its record says what proves it."""

from hashlib import sha256

from station_floor import cortex_plan, kinds, records, scan

UID = "0102030405060708"


def test_a_good_unit_passes_and_its_record_says_why(floor, cortex):
    station = floor.station([cortex(UID).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.said) == ("pass", "")
    assert kinds(station, UID) == ["RESERVE", "WRITING", "COMMIT"]
    (record,) = records(station)
    assert (record.result, record.grade, record.uid, record.unit, record.revision) == ("pass", "read-back", UID, "SN-1", "B")
    (image,) = record.images
    assert image.read_back_sha256 == sha256(floor.image).hexdigest() == image.sha256
    assert record.lines == ("BOOT fw=2.3.1 hw=B", "PROVISIONED", "SELFTEST PASS")
    assert [one.name for one in record.given] == ["device-key"]
    assert record.operator == "eva"
