"""A real station against a real server: enrolled by a code, it fetches its permits, works, and its records become the record."""

import http.client
import json

import pytest
import signers
from permit_floor import BADGES, LosesReplies, enrolled_by_name
from station_floor import scan

from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.ledger import clock
from asbuilt.station.enrolment import enrol
from asbuilt.station.outbox import signature_text
from asbuilt.station.sync import Server as Client
from asbuilt.station.sync import sync


def operator(unit: str, **changes):
    return scan(unit, badge=BADGES["OP-7"], **changes)


def asked(actor, question: str) -> dict:
    from asbuilt.questions.genealogy.answering.answers import ask

    found = ask(actor, question).affected
    return {
        "certain": len(found.certain),
        "possible": len(found.possible) - len(found.certain),
        "unrecorded": len(found.unrecorded) - len(found.possible),
    }


def test_a_station_enrols_fetches_programs_and_its_record_arrives_once(floor, server, cortex, tmp_path, actor):
    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    permit = floor.issue({"ST-01": 5})
    first = sync(station)
    assert first.sent == 0 and first.taken == 7  # trust store, grant, plan, release, image, permit, bulletin
    assert station.program(operator("SN-1"), "1").said == ""
    assert sync(station).sent == 1
    assert station.outbox.counts() == (0, 1)
    assert asked(actor, "firmware:2.3.1") == {"certain": 1, "possible": 0, "unrecorded": 0}
    assert asked(actor, "station:ST-01") == {"certain": 1, "possible": 0, "unrecorded": 0}
    from asbuilt.built.programming import telling

    told = telling.permit_seen(actor, permit.permit.permit_id)
    (share,) = told["stations"]
    assert (share["passed"], share["spent"], share["failed"], share["attempts"]) == (1, 1, 0, 1)


def test_a_code_that_bulletins_and_records_show_opens_nothing_and_a_lost_badge_ends(
    floor, server, cortex, tmp_path, actor
):
    """Who reads the station's disk finds codes and hashes: neither programs a unit or releases an alarm."""
    from asbuilt.access.actions import issue_badge
    from asbuilt.access.queries import person_by_code

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    told = {one.person: one.badge_sha256 for one in station.home.bulletin().operators}
    assert set(told) == {"OP-7", "OP-8", "QL-1"}
    stored = b"".join(file.read_bytes() for file in sorted(station.home.folder.rglob("*")) if file.is_file())
    assert not [secret for secret in BADGES.values() if secret.encode() in stored]
    for copied in ("OP-7", "QL-1", told["OP-7"], told["QL-1"]):
        assert station.program(scan("SN-1", badge=copied), "1").reason == "station.badge_unknown"
        with pytest.raises(Refused) as refusal:
            station.release_alarm(copied, "go on")
        assert refusal.value.code == "station.badge_unknown"
        station.release_alarm(BADGES["QL-1"], "a stranger was here")
    assert station.program(operator("SN-1"), "1").passed
    lost = BADGES["OP-7"]
    BADGES["OP-7"] = issue_badge(actor, person=person_by_code(actor.tenant, "OP-7"))
    sync(station)
    assert station.program(scan("SN-2", badge=lost), "1").reason == "station.badge_unknown"
    station.release_alarm(BADGES["QL-1"], "lost badge")
    stored = b"".join(file.read_bytes() for file in sorted(station.home.folder.rglob("*")) if file.is_file())
    assert not [secret for secret in (lost, *BADGES.values()) if secret.encode() in stored]


def test_an_alarm_reaches_the_page_and_its_release_travels_back(floor, server, cortex, tmp_path, actor):
    from asbuilt.built.programming import telling
    from asbuilt.built.programming.actions.stations import release_station_alarm

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    assert station.program(operator("SN-1", revision="C"), "1").reason == "station.wrong_revision"
    assert station.program(operator("SN-1"), "1").reason == "station.alarm_stands"
    sync(station)
    (alarm,) = telling.station_seen(actor, "ST-01")["alarms"]
    assert (alarm["code"], alarm["unit"], alarm["released"]) == ("station.wrong_revision", "SN-1", "")
    unit = rows(actor, "SELECT unit FROM production_unit_name WHERE tenant = %s AND value = 'SN-1'")[0][0]
    assert asked(actor, "alarm:station.wrong_revision") == {"certain": 1, "possible": 0, "unrecorded": 0}
    assert asked(actor, "unit:SN-2..SN-9 alarm:station.wrong_revision")["certain"] == 0
    with pytest.raises(AsbuiltError):
        asked(actor, "alarm:station.wrong_part")
    (told,) = telling.unit_records(actor, unit)  # the history of the unit names it too
    assert (told["result"], told["reason"]) == ("alarm", "station.wrong_revision")
    with pytest.raises(AsbuiltError):
        release_station_alarm(actor, station="ST-01", alarm="ST-01/-/-/0/99", reason="no such alarm")
    release_station_alarm(actor, station="ST-01", alarm=alarm["alarm"], reason="traveller was exchanged")
    assert station.program(operator("SN-1"), "1").reason == "station.alarm_stands"
    sync(station)
    assert station.program(operator("SN-1"), "1").passed
    (alarm,) = telling.station_seen(actor, "ST-01")["alarms"]
    assert alarm["released"] == "server"


def test_an_alarm_that_was_released_at_the_station_is_released_here(floor, server, cortex, tmp_path, actor):
    from asbuilt.built.programming import telling

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    station.program(operator("SN-1", work_order="WO-404"), "1")
    station.release_alarm(BADGES["QL-1"], "wrong sheet")
    sync(station)
    (alarm,) = telling.station_seen(actor, "ST-01")["alarms"]
    assert alarm["released"] == "station"


def test_three_of_ten_replies_lost_lose_and_double_nothing(floor, server, cortex, tmp_path, actor):
    """Row 23: the answer is lost after the record was stored; it is sent again and stored once."""
    proxy = LosesReplies(server.url, 0.3)
    try:
        station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
        floor.issue({"ST-01": 40})
        sync(station)
        for n in range(1, 131):
            station.program(operator(f"SN-{n % 40 + 1}", work_order="WO-404"), "1")
            station.release_alarm(BADGES["QL-1"], "wrong sheet")
        assert station.program(operator("SN-1"), "1").passed
        waiting = {one.key for one in station.outbox.waiting(1000)}
        assert len(waiting) == 261
        from asbuilt.station.sync import send_all

        through = Client(proxy.url, "ST-01", station.home.private_key())
        for _ in range(10):  # a drain takes three uploads, so it is repeated until replies were lost
            send_all(station, through)
            station.ledger.database().execute("UPDATE outgoing SET receipt = NULL, receipt_at = NULL")
        send_all(station, through)
        assert proxy.lost > 3 and station.outbox.counts() == (0, 261)
        kept = rows(actor, "SELECT key, count(*) FROM programming_station_record WHERE tenant = %s GROUP BY key")
        assert dict(kept) == dict.fromkeys(waiting, 1)
        assert rows(actor, "SELECT count(*) FROM programming_record WHERE tenant = %s") == [(1,)]
    finally:
        proxy.close()


def rows(actor, sql: str) -> list[tuple]:
    from asbuilt.storage import reading

    return reading.fetch(sql, (actor.tenant,))


def test_one_device_identity_at_two_offline_stations_holds_both_units(floor, server, cortex, tmp_path, actor):
    """Row 12: neither station can know of the other; at the sync both units are held, and both stations hear of it."""
    from asbuilt.questions.genealogy.seen.held import holds_page

    first = floor.station(tmp_path / "a", "ST-01", server.url, [cortex("aa00000000000001").place()])
    second = floor.station(tmp_path / "b", "ST-02", server.url, [cortex("aa00000000000001").place()])
    floor.issue({"ST-01": 5, "ST-02": 5})
    sync(first), sync(second)
    assert first.program(operator("SN-1"), "1").passed and second.program(operator("SN-2"), "1").passed
    sync(first)
    assert holds_page(actor)[0] == []
    sync(second)
    (hold,) = holds_page(actor)[0]
    assert hold.units == 2 and "aa00000000000001" in hold.reason
    assert asked(actor, "held unit:SN-1,SN-2")["certain"] == 2
    from asbuilt.built.programming.stations import not_heard

    entry = rows(actor, "SELECT max(entry) FROM production_hold WHERE tenant = %s")[0][0]
    assert not_heard(actor.tenant, entry) == ["ST-01"]
    sync(first)
    assert not_heard(actor.tenant, entry) == []
    assert first.program(operator("SN-1"), "1").reason == "station.unit_held"


def test_an_identity_that_a_unit_nobody_knows_bears_too_holds_the_known_one(floor, server, cortex, tmp_path, actor):
    """Row 12 where one of the two scans was of no unit of this record: the other is held all the same."""
    from asbuilt.questions.genealogy.seen.held import holds_page

    first = floor.station(tmp_path / "a", "ST-01", server.url, [cortex("aa00000000000001").place()])
    second = floor.station(tmp_path / "b", "ST-02", server.url, [cortex("aa00000000000001").place()])
    floor.issue({"ST-01": 5, "ST-02": 5})
    sync(first), sync(second)
    assert first.program(operator("SN-1"), "1").passed and second.program(operator("SN-9000"), "1").passed
    sync(first), sync(second)
    (hold,) = holds_page(actor)[0]
    assert hold.units == 1 and "aa00000000000001" in hold.reason
    assert asked(actor, "held unit:SN-1")["certain"] == 1


def test_a_certificate_that_says_less_than_the_records_gives_nothing_back(floor, server, cortex, tmp_path, actor):
    """A station whose ledger was rolled back signs for one unit; two of its records are here."""
    from asbuilt.built.programming.actions.permits import take_end
    from asbuilt.built.programming.permits import permit_of
    from asbuilt.kernel import envelope, permits
    from asbuilt.kernel.canonical import canonical_bytes

    places = [cortex("aa00000000000001").place(), cortex("aa00000000000002").place()]
    station = floor.station(tmp_path, "ST-01", server.url, places)
    permit = floor.issue({"ST-01": 5}).permit.permit_id
    sync(station)
    assert station.program(operator("SN-1"), "1").passed and station.program(operator("SN-2"), "2").passed
    sync(station)
    true = station.close(permit)
    said = json.loads(envelope.parse(true).payload)
    said["units"] = said["units"][:1]
    false = envelope.sign(permits.END_TYPE, canonical_bytes(said), station.home.private_key())
    with pytest.raises(Refused) as refusal:
        take_end(actor, document=false, station="ST-01")
    assert refusal.value.code == "programming.end_below_records"
    assert permit_of(actor.tenant, permit).ended == {}
    assert take_end(actor, document=true, station="ST-01")[0].spent == 2


def test_a_hold_of_more_units_than_a_bulletin_names_stops_the_whole_order(actor, tmp_path):
    from permit_floor import PermitFloor

    from asbuilt.answers.gate.permits import folder_of
    from asbuilt.answers.register.holds import hold
    from asbuilt.kernel import envelope
    from asbuilt.kernel.station_documents import parse_bulletin

    floor = PermitFloor(actor, b"\x7fASBUILT" * 40, units=5002)
    enrolled_by_name(floor, "ST-01")
    floor.issue({"ST-01": 5})

    def held() -> set[str]:
        return set(parse_bulletin(envelope.parse(folder_of(actor, "ST-01").bulletin()).payload).held_units)

    hold(actor, units=["SN-2..SN-5001"], reason="5,000 are named each")
    assert {"SN-2", "SN-5001", "WO-7#5001"} <= held() and "WO-7#*" not in held()
    hold(actor, units=["SN-5002"], reason="one more")
    assert "WO-7#*" in held() and "WO-8#*" not in held()


def test_a_station_has_not_heard_what_was_written_after_the_bulletin_that_it_got(floor, actor):
    """Two syncs of one station cross: what the first one fetched says nothing of a hold that the second one's list knows."""
    from asbuilt.answers.gate.permits import folder_of, not_heard_of
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.programming.contacts import BULLETIN, heard

    enrolled_by_name(floor, "ST-01")
    floor.issue({"ST-01": 5})
    folder_of(actor, "ST-01").places()
    fetched = folder_of(actor, "ST-01").file(BULLETIN)
    code = hold(actor, units=["SN-3"], reason="cold joint")
    folder_of(actor, "ST-01").places()
    heard(actor.tenant, "ST-01", fetched)
    assert not_heard_of(actor, code) == ["ST-01"]
    heard(actor.tenant, "ST-01", folder_of(actor, "ST-01").file(BULLETIN))
    assert not_heard_of(actor, code) == []


def test_a_hold_and_a_withdrawn_image_travel_with_the_sync(floor, server, cortex, tmp_path, actor):
    from asbuilt.answers.register.holds import hold
    from asbuilt.designed.firmware.actions import withdraw_release

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    hold(actor, units=["SN-3..SN-4"], reason="cold joint")
    sync(station)
    assert station.program(operator("SN-3"), "1").reason == "station.unit_held"
    station.release_alarm(BADGES["QL-1"], "set aside")
    assert station.program(operator("WO-7#4"), "1").reason == "station.unit_held"
    station.release_alarm(BADGES["QL-1"], "set aside")
    withdraw_release(actor, product="WIDGET", role="app", version="2.3.1", reason="bricks")
    sync(station)
    assert station.program(operator("SN-5"), "1").reason == "station.image_withdrawn"


def test_a_revoked_permit_stops_its_station_at_the_next_contact_and_its_share_stays_spent(
    floor, server, cortex, tmp_path, actor
):
    from asbuilt.built.programming import permits
    from asbuilt.built.programming.actions.permits import close_permit, revoke_permit

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    issued = floor.issue({"ST-01": 30})
    sync(station)
    assert station.program(operator("SN-1"), "1").passed
    revoke_permit(actor, permit_id=issued.permit.permit_id, reason="wrong line")
    sync(station)
    assert station.program(operator("SN-2"), "1").reason == "station.permit_revoked"
    with pytest.raises(Refused) as refusal:
        floor.issue({"ST-01": 30})
    assert (
        refusal.value.code == "programming.permit_over_order" or refusal.value.code == "kernel.permit_split_over_units"
    )
    with pytest.raises(Refused) as refusal:
        close_permit(actor, permit_id=issued.permit.permit_id)
    assert refusal.value.code == "programming.permit_share_open"
    station.close(issued.permit.permit_id)
    sync(station)
    seen = permits.permit_of(actor.tenant, issued.permit.permit_id)
    assert seen.ended["ST-01"].spent == 1
    assert permits.grant_of(actor.tenant, issued.permit.grant_id).left == 49
    assert close_permit(actor, permit_id=issued.permit.permit_id).state == "closed"
    second = floor.issue({"ST-01": 30})
    assert second.permit.revocation_epoch == 1
    station.release_alarm(BADGES["QL-1"], "new permit")
    sync(station)
    assert station.program(operator("SN-2"), "1").reason != "station.permit_revoked"


def test_after_a_restore_the_server_asks_for_what_it_lacks(floor, server, cortex, tmp_path, actor):
    """The record goes back to before the upload; the station has receipts, and sends again what the server asks for."""
    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    assert station.program(operator("SN-1"), "1").passed
    sync(station)
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    # what a restore does to these tables: the rows of later entries are not there
    with write_tx(actor.tenant):
        bulk.run("DELETE FROM programming_station_record WHERE tenant = %s", (actor.tenant,))
        bulk.run("DELETE FROM programming_record WHERE tenant = %s", (actor.tenant,))
        bulk.run("DELETE FROM programming_firmware_run WHERE tenant = %s", (actor.tenant,))
        bulk.run("DELETE FROM ledger_fact_index WHERE tenant = %s AND shape = 235", (actor.tenant,))
    assert asked(actor, "firmware:2.3.1")["certain"] == 0
    assert sync(station).sent == 1
    assert asked(actor, "firmware:2.3.1")["certain"] == 1


def test_a_code_works_once_ends_and_is_voided_by_a_newer_one(floor, server, tmp_path, actor):
    code = floor.code("ST-01")
    (tmp_path / "x").mkdir()
    newer = floor.code("ST-01")
    with pytest.raises(Refused) as refusal:
        enrol(tmp_path / "a", server.url, code, tmp_path / "x")
    assert "404" in refusal.value.message  # who has nothing to show is told nothing
    enrol(tmp_path / "b", server.url, newer, tmp_path / "x")
    with pytest.raises(Refused):
        enrol(tmp_path / "c", server.url, newer, tmp_path / "x")


def test_codes_cannot_be_guessed_fast(floor, server, tmp_path):
    (tmp_path / "x").mkdir()
    said = []
    for n in range(24):
        with pytest.raises(AsbuiltError) as refusal:
            enrol(tmp_path / f"{n}", server.url, "asbs_1_" + "A" * 43, tmp_path / "x")
        said.append(refusal.value.message)
    assert any("429" in one for one in said[20:])


def test_another_key_and_an_old_signature_open_nothing(floor, server, cortex, tmp_path, actor):
    station = floor.station(tmp_path, "ST-01", server.url, [])
    with pytest.raises(Refused) as refusal:
        Client(server.url, "ST-01", b"\x07" * 32).folder()
    assert "401" in refusal.value.message
    with pytest.raises(Refused):
        Client(server.url, "ST-99", station.home.private_key()).folder()
    import asbuilt.station.sync as syncing

    now = syncing.system_clock
    try:
        syncing.system_clock = lambda: now() - 3_600_000_000
        with pytest.raises(Refused) as refusal:
            Client(server.url, "ST-01", station.home.private_key()).folder()
    finally:
        syncing.system_clock = now
    assert "station_clock" in refusal.value.message


def test_a_record_of_a_unit_that_nobody_knows_is_kept_and_shown(floor, server, cortex, tmp_path, actor):
    from asbuilt.built.programming import telling

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    assert station.program(operator("SN-9000"), "1").passed
    sync(station)
    assert station.outbox.counts() == (0, 1)
    told = telling.station_seen(actor, "ST-01")
    assert told["unplaced"] == 1 and "SN-9000" in told["records"][0]["problem"]
    assert asked(actor, "firmware:2.3.1")["certain"] == 0


def test_the_log_holds_after_all_of_it(floor, server, cortex, tmp_path, actor):
    from asbuilt.ledger.verifying import verify

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    station.program(operator("SN-1"), "1")
    station.program(operator("SN-2", revision="C"), "1")
    sync(station)
    assert verify(actor.tenant).findings == []


def test_a_copied_station_shows_at_the_sync_and_its_units_are_held(floor, server, cortex, tmp_path, actor):
    """Disk and second place copied together: both copies start, spend one share twice, and claim the same places of one chain."""
    import shutil
    from contextlib import suppress

    from asbuilt.questions.genealogy.seen.held import holds_page
    from asbuilt.station.agent import Station

    first = floor.station(tmp_path, "ST-01", server.url, [cortex("ab00000000000001").place()])
    floor.issue({"ST-01": 1})
    sync(first)
    shutil.copytree(tmp_path / "ST-01", tmp_path / "copy")
    shutil.copytree(tmp_path / "ST-01-anchor", tmp_path / "copy-anchor")
    file = tmp_path / "copy" / "station.json"
    said = json.loads(file.read_text())
    said["anchor"] = str(tmp_path / "copy-anchor")
    said["sockets"][0]["places"] = [cortex("ab00000000000002").place()]
    file.write_text(json.dumps(said))
    copy = Station(tmp_path / "copy")
    copy.start()
    first.start()
    assert first.program(operator("SN-1"), "1").passed and copy.program(operator("SN-2"), "1").passed
    sync(first)
    assert holds_page(actor)[0] == []
    with suppress(AsbuiltError):  # the copy may learn from the receipt that it is one
        sync(copy)
    (hold,) = holds_page(actor)[0]
    assert hold.units == 2 and "copied" in hold.reason
    assert asked(actor, "held unit:SN-1,SN-2")["certain"] == 2


def test_a_serial_number_that_two_products_share_names_the_unit_of_the_permits_product(
    floor, server, cortex, tmp_path, actor, load
):
    """Another product has a unit SN-1 too: the upload is taken, and the record is of the widget."""
    line = {
        "product": "GADGET",
        "revision": "A",
        "bom_version": "1",
        "line": "1",
        "part": "R",
        "quantity": "1",
        "refdes": "R1",
    }
    order = {
        "order": "WO-G",
        "product": "GADGET",
        "revision": "A",
        "bom_version": "1",
        "quantity": "1",
        "opened_at": "",
    }
    load({"bom": [line], "orders": [order], "units": [{"order": "WO-G", "serial": "SN-1"}]})
    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    floor.issue({"ST-01": 5})
    sync(station)
    assert station.program(operator("SN-1"), "1").passed
    sync(station)
    assert station.outbox.counts() == (0, 1)
    assert asked(actor, "firmware:2.3.1 order:WO-7#1")["certain"] == 1
    assert asked(actor, "firmware:2.3.1")["certain"] == 1
    assert rows(actor, "SELECT count(*) FROM programming_station_record WHERE tenant = %s AND unit IS NOT NULL") == [
        (1,)
    ]


def test_an_ordinary_rotation_of_the_brand_owners_key_stops_no_station(floor, server, cortex, tmp_path, actor):
    """Grant and release were recorded before the keys' terms ended; the bulletin says so, and the permit goes on."""
    from asbuilt.designed.firmware.actions import set_trust_store

    station = floor.station(tmp_path, "ST-01", server.url, [cortex().place()])
    permit = floor.issue({"ST-01": 5}).permit
    ended = clock.now()
    first = signers.store()
    rotated = {who.public.key_id: signers.key_of(who, until_at=ended) for who in (signers.BRAND, *signers.RELEASERS)}
    store = signers.store(version=2, previous=first.sha256, issued_at=ended, keys={**first.keys, **rotated})
    set_trust_store(actor, document=signers.store_file(store))
    sync(station)
    told = {one.sha256: one.at for one in station.home.bulletin().recorded}
    assert set(told) == {permit.grant_sha256, permit.images[0].release_sha256}
    assert all(floor.now <= at < ended for at in told.values())
    assert station.program(operator("SN-1"), "1").said == ""


def test_a_bulletin_names_each_withdrawn_image_of_its_station_or_is_none(floor, server, tmp_path, actor, monkeypatch):
    """Those of other stations take no room; where there is too little nothing is left out in silence."""
    from asbuilt.answers.gate.permits import folder_of
    from asbuilt.built.programming.actions.stations import station_actor
    from asbuilt.designed.firmware.actions import withdraw_release

    station = floor.station(tmp_path, "ST-01", server.url)
    floor.issue({"ST-01": 5})
    floor.release("9.9.9", b"of no permit at all")
    for version in ("2.3.1", "9.9.9"):
        withdraw_release(actor, product="WIDGET", role="app", version=version, reason="hole")
    sync(station)
    assert station.home.bulletin().withdrawn_images == (floor.images[0]["sha256"],)
    monkeypatch.setattr(documents, "WITHDRAWN_MAX", 0)
    with pytest.raises(Refused) as refusal:
        folder_of(station_actor(actor.tenant, "ST-01"), "ST-01").bulletin()
    assert (refusal.value.code, refusal.value.facts["needed"]) == ("programming.bulletin_full", 1)


def test_a_body_is_read_of_an_enrolled_station_only(floor, server, tmp_path):
    """40 MB are announced and never sent: a server that waited for them would not answer."""
    station = floor.station(tmp_path, "ST-01", server.url)
    private, digest = station.home.private_key(), "ab" * 32
    path, now = "/api/v1/stations/ST-01/records", clock.now()

    def answered(path=path, *, signature=None, digest=digest, at=now, length=40_000_000, body=b"") -> int:
        signature = signature or signature_text(private, "POST", path, at, digest)
        asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        asked.putrequest("POST", path)
        for name, value in (
            ("Content-Length", length), ("Asbuilt-Station-At", at), ("Asbuilt-Station-Body", digest),
            ("Asbuilt-Station-Signature", signature),
        ):  # fmt: skip
            asked.putheader(name, str(value))
        asked.endheaders(body or None)
        status = asked.getresponse().status
        asked.close()
        return status

    assert answered(signature="AAAA") == 401
    assert answered("/api/v1/stations/ST-99/records") == 401
    assert answered(digest="") == 401
    assert answered(at=now - 3_600_000_000) == 401
    assert answered(length=60_000_000) == 413
    # the signature is right, what comes is not what it is over
    assert answered(length=2, body=b"{}") == 401
