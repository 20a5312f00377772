"""Records leave a station once and are kept until the server has signed; documents come by network and by USB stick."""

import json
import random
import shutil
import threading
import time
from hashlib import sha256

import pytest
import signers
from station_floor import (
    HOUR,
    PERMIT_ID,
    SERVER,
    Floor,
    receipt,
    records,
    scan,
    signed,
)
from station_server import StationServer

from asbuilt.kernel import permits, sealing
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.station import exchange
from asbuilt.station.agent import Station
from asbuilt.station.enrolment import enrol
from asbuilt.station.outbox import KEPT_US
from asbuilt.station.sync import Server, keep_in_touch, send_all, sync

NOWHERE = {"ref": "U1", "target": "127.0.0.1:1", "console": "", "seconds": 1, "options": []}


@pytest.fixture
def station(floor) -> Station:
    return floor.station([NOWHERE], units=40)


@pytest.fixture
def server(station):
    found = StationServer("ST-01", station.own_key, random.Random(7))
    yield found
    found.close()


def client(station, server) -> Server:
    return Server(server.url, "ST-01", station.home.private_key(), seconds=5)


def refuse_orders(station, count: int) -> None:
    """So many alarms with their releases: two records each."""
    for number in range(count):
        station.program(scan(f"SN-{number}", work_order="WO-404"), "1")
        station.release_alarm("QL-1", "wrong order sheet")


def test_a_day_without_network_loses_nothing_and_doubles_nothing(station, server):
    """Rows 22 and 23: away, then back with three of ten answers lost after the record was kept."""
    refuse_orders(station, 100)
    gone = Server("http://127.0.0.1:1", "ST-01", station.home.private_key(), seconds=1)
    with pytest.raises(Unavailable):
        send_all(station, gone)
    assert station.outbox.counts() == (200, 0)
    server.lost_share = 0.3
    keys = {record.key for record in records(station)}
    assert len(keys) == 200
    send_all(station, client(station, server))
    assert station.outbox.counts() == (0, 200)
    assert set(server.kept) == keys


def test_a_receipt_that_the_server_did_not_sign_counts_for_nothing(station):
    refuse_orders(station, 1)
    digests = [waiting.payload_sha256 for waiting in station.outbox.waiting()]
    with pytest.raises(Tampered):
        station.outbox.take_receipt(receipt("ST-01", digests, 1, signers.Ed25519("somebody")), [SERVER.public])
    with pytest.raises(Refused):
        station.outbox.take_receipt(receipt("ST-02", digests, 1), [SERVER.public])
    assert station.outbox.counts() == (2, 0)
    assert station.outbox.take_receipt(receipt("ST-01", digests, 1), [SERVER.public]) == 2


def test_a_receipt_for_an_entry_that_the_ledger_lacks_shows_a_roll_back(station):
    """The server is a further anchor: it names the last entry it has seen and that entry's hash."""
    refuse_orders(station, 1)
    head = station.ledger.head()
    digests = [waiting.payload_sha256 for waiting in station.outbox.waiting()]
    for seq, chain in ((head.seq + 5, "ab" * 32), (head.seq, "ab" * 32)):
        with pytest.raises(Tampered) as refusal:
            station.outbox.take_receipt(receipt("ST-01", digests, 1, seq=seq, chain=chain), [SERVER.public])
        assert refusal.value.code == "station.receipt_chain"
    right = receipt("ST-01", digests, 1, seq=head.seq, chain=head.chain)
    assert station.outbox.take_receipt(right, [SERVER.public]) == 2


def test_a_trust_store_that_breaks_the_chain_is_not_kept(station):
    good = (station.home.folder / "trust" / "0001.json").read_bytes()
    foreign = signers.store_file(signers.store(store="other"))
    for place in ("trust/0001.json", "trust/0002.json"):
        with pytest.raises(Tampered):
            exchange.take(station, place, foreign)
    assert [file.read_bytes() for file in (station.home.folder / "trust").glob("*.json")] == [good]
    second = signers.store(version=2, previous=signers.store().sha256)
    exchange.take(station, "trust/0002.json", signers.store_file(second))
    assert station.home.trust().version == 2


def test_a_broken_permit_of_another_order_does_not_stop_this_one(floor, cortex):
    station = floor.station([cortex().place()])
    (station.home.folder / "permits" / "01KB00000000000000000000ZZ.json").write_bytes(b"{broken")
    other = floor.permit_document([{"station": "ST-01", "key": _key(station), "units": 1, "rework_units": 0}],
                                  permit_id="01KB00000000000000000000P9", work_order="WO-9", site="PL-LODZ")  # fmt: skip
    payload = canonical_bytes(other)
    station.home.put("permits/01KB00000000000000000000P9.json", signed(permits.PERMIT_TYPE, payload, signers.ISSUER))
    assert station.program(scan("SN-1"), "1").passed


def test_a_station_of_many_years_still_sees_its_newest_permit(floor, station):
    """2,000 permits of finished orders lie in its folder: what does not fit is the oldest, never the one just fetched."""
    for number in range(2_000):
        (station.home.folder / "permits" / f"01JA0000000000000000{number:06d}.json").write_bytes(b"{}")
    assert len(station.home.permit_ids()) == 2_000
    assert station.program(scan("SN-1"), "1").reason == "station.no_target"


def test_records_stay_thirty_days_after_their_receipt_and_without_one_for_good(station):
    refuse_orders(station, 2)
    now = station.ledger.now()
    waiting = station.outbox.waiting()
    station.outbox.take_receipt(receipt("ST-01", [waiting[0].payload_sha256], now), [SERVER.public])
    assert station.outbox.forget(now + KEPT_US - 1) == 0
    assert station.outbox.forget(now + KEPT_US + 1) == 1
    assert station.outbox.counts() == (3, 0)


def test_after_a_restore_the_server_asks_for_what_it_lacks(station, server):
    refuse_orders(station, 2)
    sync(station, client(station, server))
    lost = list(server.kept)[1]
    payload = server.kept.pop(lost)
    server.wanted = [lost, "ST-01/unknown"]
    assert sync(station, client(station, server)).sent == 1
    assert server.kept[lost] == payload


def test_sync_brings_holds_and_takes_each_file_once(station, server, floor):
    bulletin = floor.bulletin_document("ST-01", epoch=7, held_units=["SN-9"])
    server.files = {"bulletin.json": signed(documents.BULLETIN_TYPE, canonical_bytes(bulletin), SERVER)}
    assert sync(station, client(station, server)).taken == 1
    assert sync(station, client(station, server)).taken == 0
    assert station.program(scan("SN-9"), "1").reason == "station.unit_held"


@pytest.mark.parametrize("path", ["../station.pem", "trust/pinned", "server/1.pem", "station.json", "images/../x"])
def test_what_the_server_may_not_write_is_refused_by_name(station, server, path):
    server.files = {path: b"{}"}
    before = (station.home.folder / "station.pem").read_bytes()
    with pytest.raises(AsbuiltError) as refusal:
        sync(station, client(station, server))
    assert refusal.value.code in ("station.exchange_file", "station.server_refuses")
    assert (station.home.folder / "station.pem").read_bytes() == before


def test_a_request_of_another_station_is_not_answered(station, server):
    with pytest.raises(Refused) as refusal:
        sync(station, Server(server.url, "ST-01", b"\x09" * 32))
    assert refusal.value.code == "station.server_refuses"


def test_a_server_without_https_is_refused():
    with pytest.raises(Invalid):
        Server("http://asbuilt.example", "ST-01", b"\x09" * 32)


def test_enrolment_with_a_one_time_code(tmp_path, server):
    anchor = tmp_path / "second"
    anchor.mkdir()
    home = enrol(tmp_path / "new", server.url, "CODE-1", anchor)
    assert (home.settings().station, home.settings().site) == ("ST-01", "CZ-BRNO")
    assert "PUBLIC KEY" in server.enrolled["public"] and "PRIVATE" not in json.dumps(server.enrolled)
    assert (tmp_path / "new" / "station.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(Refused):
        enrol(tmp_path / "other", server.url, "CODE-1", anchor)


def stick_for(floor: Floor, station: Station, stick, **changes) -> None:
    """What a server writes for the station: a permit of the same grant, everything it names, a bulletin."""
    folder = stick / "asbuilt" / "ST-01" / "in"
    for place in ("grants", "permits", "plans", "releases", "images"):
        shutil.copytree(station.home.folder / place, folder / place)
    bulletin = floor.bulletin_document("ST-01", epoch=3, **changes)
    (folder / "bulletin.json").write_bytes(signed(documents.BULLETIN_TYPE, canonical_bytes(bulletin), SERVER))


def test_a_stick_carries_permits_in_and_records_out(floor, cortex, tmp_path):
    """A station that never sees a network programs from what the stick brought, and its receipt comes by the next stick."""
    donor = floor.station([cortex().place()])
    stick = tmp_path / "stick"
    stick_for(floor, donor, stick)
    for place in ("grants", "permits", "plans", "releases", "images"):
        shutil.rmtree(donor.home.folder / place)
    assert donor.program(scan("SN-1"), "1").reason == "station.no_permit"
    donor.release_alarm("QL-1", "stick was missing")
    exchange.take_folder(donor, stick)
    assert donor.program(scan("SN-1"), "1").passed
    written = exchange.put_folder(donor, stick)
    batch = json.loads(next(file for file in written if file.name.startswith("records-")).read_bytes())
    assert len(batch["records"]) == 3
    end = permits.open_end(
        next(file for file in written if file.name == f"end-{PERMIT_ID}.json").read_bytes(),
        permit=donor.home.permit(PERMIT_ID, donor.ledger.now()),
    )
    assert (end.closed, end.spent) == (False, 1)
    receipts = stick / "asbuilt" / "ST-01" / "in" / "receipts"
    receipts.mkdir()
    digests = [waiting.payload_sha256 for waiting in donor.outbox.waiting()]
    (receipts / "r1.json").write_bytes(receipt("ST-01", digests, donor.ledger.now()))
    exchange.take_folder(donor, stick)
    assert donor.outbox.counts() == (0, 3)


def test_a_stick_with_an_image_for_another_station_is_refused(floor, station, tmp_path):
    stick = tmp_path / "stick"
    stick_for(floor, station, stick)
    other = sealing.SealingKey.new().public
    name = sha256(floor.image).hexdigest()
    (stick / "asbuilt" / "ST-01" / "in" / "images" / name).write_bytes(sealing.seal(floor.image, other, sealing.IMAGE))
    with pytest.raises(Invalid) as refusal:
        exchange.take_folder(station, stick)
    assert refusal.value.code == "station.exchange_image"


def test_a_stick_whose_folder_leads_elsewhere_is_refused_and_overwrites_nothing(station, tmp_path):
    """Links on the stick: one instead of the folder, one under the name of a file that is about to be written."""
    key = station.home.folder / "station.pem"
    kept = key.read_bytes()
    refuse_orders(station, 1)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "out").mkdir(parents=True)
    stick = tmp_path / "stick"
    (stick / "asbuilt").mkdir(parents=True)
    (stick / "asbuilt" / "ST-01").symlink_to(elsewhere)
    for call in (exchange.take_folder, exchange.put_folder):
        with pytest.raises(Refused) as refusal:
            call(station, stick)
        assert refusal.value.code == "station.exchange_link"
    assert list((elsewhere / "out").iterdir()) == []
    (stick / "asbuilt" / "ST-01").unlink()
    out = stick / "asbuilt" / "ST-01" / "out"
    out.mkdir(parents=True)
    (out / f"end-{PERMIT_ID}.new").symlink_to(key)
    (out / f"end-{PERMIT_ID}.json").symlink_to(key)
    assert len(exchange.put_folder(station, stick)) == 2
    assert key.read_bytes() == kept
    assert not (out / f"end-{PERMIT_ID}.json").is_symlink()


def test_offline_work_ends_with_the_grace_of_the_permit(floor, station):
    """Row 22: the station heard of its server an hour ago; 72 h are allowed."""
    late = Station(station.home.folder, clock=lambda: floor.now + 71 * HOUR - HOUR)
    permit = floor.permit_document([
        {"station": "ST-01", "key": _key(station), "units": 4, "rework_units": 0}
    ], not_after=format_instant(floor.now + 200 * HOUR))  # fmt: skip
    floor.give(station.home, permit, "ST-01")
    assert late.program(scan("SN-1"), "1").reason == "station.no_target"
    late.release_alarm("QL-1", "nothing in the socket")
    later = Station(station.home.folder, clock=lambda: floor.now + 72 * HOUR)
    assert later.program(scan("SN-1"), "1").reason == "station.offline_too_long"


def test_the_agent_keeps_in_touch_while_the_network_comes_and_goes(station, server):
    """The server is away at first; the background thread sends what waits when it is back."""
    refuse_orders(station, 2)
    said = json.loads((station.home.folder / "station.json").read_text())
    stop = threading.Event()
    station.home.put("station.json", json.dumps({**said, "server": "http://127.0.0.1:1"}).encode())
    toucher = threading.Thread(
        target=keep_in_touch, args=(station.home.folder,), kwargs={"every_seconds": 0.1, "stop": stop}
    )
    toucher.start()
    try:
        time.sleep(0.3)
        assert station.outbox.counts() == (4, 0)
        station.home.put("station.json", json.dumps({**said, "server": server.url}).encode())
        until = time.monotonic() + 20
        while station.outbox.counts()[0] and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        stop.set()
        toucher.join()
    assert station.outbox.counts() == (0, 4)


def _key(station: Station) -> dict:
    from station_floor import key_of

    return key_of(station.own_key)
