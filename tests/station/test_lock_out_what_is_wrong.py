"""What is wrong is refused before power is on: nothing is written, no unit is spent, the station stands with an alarm."""

from hashlib import sha256

import pytest
import signers
from emulated import cortex_image, free_port
from station_floor import (
    BRAND,
    GRANT_ID,
    HOUR,
    ISSUER,
    PERMIT_ID,
    SECOND_ISSUER,
    SERVER,
    StationKey,
    key_of,
    records,
    scan,
    signed,
)

from asbuilt.kernel import permits, sealing, trust
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.station import exchange

UID = "0102030405060708"
OTHER_PERMIT = "01KB00000000000000000000P9"


def nowhere() -> dict:
    """A socket in which nothing answers: whoever powers it on fails otherwise than by the refusal expected."""
    return {"ref": "U1", "target": f"127.0.0.1:{free_port()}", "console": "", "seconds": 1, "options": []}


def stands(station, outcome, code: str) -> None:
    """Refused with that code, nothing spent, an alarm in the outbox."""
    assert (outcome.result, outcome.reason) == ("refused", code)
    assert station.ledger.spent(PERMIT_ID) == set()
    assert station.ledger.of_kind("WRITING") == []
    assert station.alarm().code == code
    assert [(one.result, one.reason) for one in records(station)][-1] == ("alarm", code)


def share_of(station, units=10, name="ST-01", rework=0):
    return {"station": name, "key": key_of(station.own_key), "units": units, "rework_units": rework}


def with_permit(floor, station, *, by=(ISSUER,), **changes):
    floor.give(station.home, floor.permit_document([share_of(station)], **changes), "ST-01", by=by)


@pytest.mark.parametrize("change", ["older release", "one bit"])
def test_an_image_that_is_not_the_permits_is_refused(floor, change):
    """Rows 1 and 2."""
    station = floor.station([nowhere()])
    right = floor.image
    wrong = cortex_image("1.3.9") if change == "older release" else right[:100] + bytes([right[100] ^ 1]) + right[101:]
    transfer = sealing.SealingKey.from_pem((station.home.folder / "transfer.pem").read_text()).public
    station.home.put(f"images/{sha256(right).hexdigest()}", sealing.seal(wrong, transfer, sealing.IMAGE))
    stands(station, station.program(scan("SN-1"), "1"), "station.image_hash")


def test_a_sealed_image_with_one_changed_byte_is_refused(floor):
    station = floor.station([nowhere()])
    file = station.home.folder / "images" / sha256(floor.image).hexdigest()
    sealed = bytearray(file.read_bytes())
    sealed[-20] ^= 1
    file.write_bytes(sealed)
    stands(station, station.program(scan("SN-1"), "1"), "kernel.sealed_changed")


def test_an_image_is_never_in_clear_on_the_stations_disk(floor):
    station = floor.station([nowhere()])
    piece = floor.image[:64]
    assert not [file for file in station.home.folder.rglob("*") if file.is_file() and piece in file.read_bytes()]


@pytest.mark.parametrize("who", ["foreign key", "brand owner", "edited"])
def test_a_permit_that_no_named_issuer_signed_is_refused(floor, who):
    """Row 4."""
    station = floor.station([nowhere()])
    if who == "edited":
        file = station.home.folder / "permits" / f"{PERMIT_ID}.json"
        signatures = signers.envelope.parse(file.read_bytes()).signatures
        payload = canonical_bytes(floor.permit_document([share_of(station, units=99)]))
        file.write_bytes(
            signers.envelope.envelope_bytes(signers.envelope.Envelope(permits.PERMIT_TYPE, payload, signatures))
        )
    else:
        with_permit(floor, station, by=[signers.Ed25519("foreign") if who == "foreign key" else BRAND])
    stands(station, station.program(scan("SN-1"), "1"), "kernel.permit_signature")


def test_a_threshold_of_two_issuers_is_not_met_by_one(floor):
    floor.grant["threshold"] = 2
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1"), "1"), "kernel.permit_signature")
    station.release_alarm("QL-1", "second signature got")
    with_permit(floor, station, by=[ISSUER, SECOND_ISSUER])
    assert station.program(scan("SN-1"), "1").reason == "station.no_target"


def test_a_permit_of_a_revoked_issuer_is_refused_whatever_date_it_bears(floor):
    """A stolen key dates its permits back; from the trust store that revokes it on, none of them counts."""
    station = floor.station([nowhere()])
    revoked = {ISSUER.public.key_id: trust.Revocation(ISSUER.public.key_id, 1, floor.now - HOUR, "stolen")}
    second = signers.store(version=2, previous=signers.store().sha256, epoch=1, revoked=revoked)
    exchange.take(station, "trust/0002.json", signers.store_file(second))
    stands(station, station.program(scan("SN-1"), "1"), "kernel.permit_signature")


def rotated(floor, station, who, *, revoked_from=None):
    """The next trust store: the term of this key ended an hour ago; or it was revoked from then on."""
    first = signers.store()
    key_id = who.public.key_id
    known = {**first.keys, key_id: signers.key_of(who, until_at=floor.now - HOUR)}
    revoked = {} if revoked_from is None else {key_id: trust.Revocation(key_id, 1, revoked_from, "lost")}
    second = signers.store(version=2, previous=first.sha256, epoch=len(revoked), keys=known, revoked=revoked)
    exchange.take(station, "trust/0002.json", signers.store_file(second))


def told_recorded(floor, station, epoch: int, payload: bytes, at: int):
    """The server's bulletin says when its log recorded the payload."""
    said = [{"sha256": sha256(payload).hexdigest(), "at": format_instant(at)}]
    document = floor.bulletin_document("ST-01", epoch=epoch, recorded=said)
    station.home.take_bulletin(signed(documents.BULLETIN_TYPE, canonical_bytes(document), SERVER))


@pytest.mark.parametrize("of", ["grant", "release"])
def test_an_ended_term_refuses_nothing_that_the_log_recorded_within_it(floor, of):
    """An ordinary rotation. What no log dates is judged by today: a date that the document bears its signer could choose."""
    station = floor.station([nowhere()])
    who = BRAND if of == "grant" else signers.RELEASERS[0]
    payload = canonical_bytes(floor.grant_document()) if of == "grant" else floor.statement().payload
    rotated(floor, station, who)
    unproved = "kernel.permit_signature" if of == "grant" else "ledger.trust_threshold"
    stands(station, station.program(scan("SN-1"), "1"), unproved)
    station.release_alarm("QL-1", "asked the server")
    told_recorded(floor, station, 2, payload, floor.now - HOUR + 1)  # after the term: too late
    stands(station, station.program(scan("SN-1"), "1"), unproved)
    station.release_alarm("QL-1", "asked the server")
    told_recorded(floor, station, 3, payload, floor.now - HOUR - 1)
    assert station.program(scan("SN-1"), "1").reason == "station.no_target"


@pytest.mark.parametrize("of", ["grant", "release"])
def test_a_revoked_key_counts_for_nothing_whenever_the_log_recorded_it(floor, of):
    station = floor.station([nowhere()])
    who = BRAND if of == "grant" else signers.RELEASERS[0]
    payload = canonical_bytes(floor.grant_document()) if of == "grant" else floor.statement().payload
    rotated(floor, station, who, revoked_from=floor.now - HOUR)
    told_recorded(floor, station, 2, payload, floor.now - 24 * HOUR)
    refused = "kernel.permit_signature" if of == "grant" else "ledger.trust_threshold"
    stands(station, station.program(scan("SN-1"), "1"), refused)


def test_a_bulletin_of_before_that_dates_nothing_still_holds(floor):
    station = floor.station([nowhere()])
    document = floor.bulletin_document("ST-01", epoch=2)
    del document["recorded"]
    station.home.take_bulletin(signed(documents.BULLETIN_TYPE, canonical_bytes(document), SERVER))
    assert station.program(scan("SN-1"), "1").reason == "station.no_target"


def test_a_grant_needs_as_many_brand_owners_keys_as_the_trust_store_wants(floor):
    station = floor.station([nowhere()])
    other = signers.Ed25519("brand 2")
    first = signers.store()
    roles = {**first.roles, "grant-issuer": trust.Role(frozenset([BRAND.public.key_id, other.public.key_id]), 2)}
    known = {**first.keys, other.public.key_id: signers.key_of(other)}
    second = signers.store(version=2, previous=first.sha256, roles=roles, keys=known)
    exchange.take(station, "trust/0002.json", signers.store_file(second))
    stands(station, station.program(scan("SN-1"), "1"), "ledger.trust_threshold")
    station.release_alarm("QL-1", "second signature got")
    grant = signed(permits.GRANT_TYPE, canonical_bytes(floor.grant_document()), BRAND, other)
    station.home.put(f"grants/{GRANT_ID}.json", grant)
    assert station.program(scan("SN-1"), "1").reason == "station.no_target"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"not_after": -1}, "station.permit_expired"),
        ({"not_before": 1}, "station.permit_not_yet"),
        ({"grace_offline_hours": 0}, "station.offline_too_long"),
    ],
)
def test_a_permit_holds_in_its_window_and_while_the_server_was_heard(floor, changes, code):
    """Rows 5 and 22."""
    station = floor.station([nowhere()])
    times = {
        name: format_instant(floor.now + hours * HOUR) for name, hours in changes.items() if name.startswith("not")
    }
    with_permit(floor, station, **{**changes, **times})
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("refused", code)
    assert station.ledger.spent(PERMIT_ID) == set()


def test_a_clock_that_was_set_back_is_refused_and_raises_no_alarm(floor):
    """Row 5."""
    hour = [0]
    station = floor.station([nowhere()], clock=lambda: floor.now + hour[0])
    hour[0] = -HOUR
    assert station.program(scan("SN-1"), "1").reason == "station.clock"
    hour[0] = 60_000_000
    assert station.program(scan("SN-1"), "1").reason != "station.clock"


@pytest.mark.parametrize(("behind", "reason"), [(61, ""), (63, "station.clock"), (180, "station.clock")])
def test_a_clock_that_was_never_right_is_refused_by_what_the_server_said(floor, behind, reason):
    """The server wrote the bulletin an hour ago; a station whose clock had always been three hours late worked on, and its tests were told as of before."""
    station = floor.station([nowhere()], clock=lambda: floor.now - behind * 60_000_000)
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.reason == "station.clock") == bool(reason)
    if reason:
        assert outcome.result == "refused" and station.ledger.spent(PERMIT_ID) == set()


def test_the_share_is_spent_unit_by_unit_and_says_who_extends_it(floor, cortex):
    """Row 6."""
    uids = [f"{number:016x}" for number in range(1, 4)]
    station = floor.station([cortex(uid).place() for uid in uids], units=2)
    found = [station.program(scan(f"SN-{at}"), str(at)) for at in (1, 2, 3)]
    assert [one.reason for one in found] == ["", "", "station.quota_exhausted"]
    assert "EMS-1" in found[2].remedy
    assert station.alarm().code == "station.quota_exhausted"


def test_another_stations_permit_is_refused(floor):
    """Row 8: the name alone does not do, the key counts."""
    station = floor.station([nowhere()])
    other = StationKey(b"\x07" * 32)
    share = {**share_of(station), "key": key_of(other.public)}
    floor.give(station.home, floor.permit_document([share]), "ST-01")
    stands(station, station.program(scan("SN-1"), "1"), "station.wrong_station")


def test_another_sites_permit_is_refused(floor):
    floor.grant["site"] = floor.permit["site"] = "PL-LODZ"
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1"), "1"), "station.wrong_site")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"badge": "NOBODY"}, "station.badge_unknown"),
        ({"badge": "GUEST"}, "station.operator_not_allowed"),
        ({"second_badge": "OP-7"}, "station.same_person"),
        ({"second_badge": "NOBODY"}, "station.badge_unknown"),
        ({"second_badge": "GUEST"}, "station.operator_not_allowed"),
    ],
)
def test_people_without_the_right_are_refused(floor, changes, code):
    """Row 9."""
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1", **changes), "1"), code)


def test_a_badge_that_ended_is_refused(floor):
    station = floor.station([nowhere()])
    ended = [
        {**one, "until_at": format_instant(floor.now - HOUR)} for one in floor.bulletin_document("ST-01")["operators"]
    ]
    floor.tell(station.home, "ST-01", operators=ended)
    stands(station, station.program(scan("SN-1"), "1"), "station.badge_expired")


def test_another_part_is_refused_with_nothing_written(floor, cortex):
    """Row 10."""
    floor.part_id = "deadbeef"
    station = floor.station([cortex(UID).place()])
    stands(station, station.program(scan("SN-1"), "1"), "station.wrong_part")


def test_a_revision_that_was_scanned_or_strapped_otherwise_is_refused(floor, cortex):
    """Row 11: once by the scan, once by what the board itself says."""
    station = floor.station([cortex(UID, "A").place()])
    stands(station, station.program(scan("SN-1", revision="A"), "1"), "station.wrong_revision")
    station.release_alarm("QL-1", "other board in the socket")
    stands(station, station.program(scan("SN-1"), "1"), "station.wrong_revision")


def test_a_release_for_another_revision_is_refused(floor):
    """The permit allows revision B, the signed release does not."""
    floor.statement = lambda **changes: signers.statement(floor.image, version="2.3.1", revisions=("C",))
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1"), "1"), "station.release_revision")


def test_an_identity_that_passed_before_is_refused(floor, cortex):
    """Row 12."""
    target = cortex(UID)
    station = floor.station([target.place(), target.place()])
    assert station.program(scan("SN-1"), "1").passed
    outcome = station.program(scan("SN-2"), "1")
    assert outcome.reason == "station.duplicate_uid"
    assert station.ledger.spent(PERMIT_ID) == {UID}


@pytest.mark.parametrize("uid", ["00" * 8, "ff" * 8, "deadbeef" * 2, "0123456789abcdef", "0300000078563412", "aa" * 8])
def test_an_identity_that_is_blank_or_a_known_test_value_is_none(floor, cortex, uid):
    """Row 13."""
    station = floor.station([cortex(uid).place()])
    stands(station, station.program(scan("SN-1"), "1"), "station.uid_invalid")


def test_held_units_and_withdrawn_images_travel_with_the_bulletin(floor, cortex):
    station = floor.station([cortex(UID).place()])
    for changes, code in (
        ({"held_units": ["SN-1"]}, "station.unit_held"),
        ({"held_units": ["WO-7#*"]}, "station.unit_held"),
        ({"held_uids": [UID]}, "station.unit_held"),
        ({"held_save": [{"permits": [OTHER_PERMIT], "units": ["SN-1"], "uids": []}]}, "station.unit_held"),
        ({"held_save": [{"permits": [OTHER_PERMIT], "units": [], "uids": [UID]}]}, "station.unit_held"),
        ({"withdrawn_images": [sha256(floor.image).hexdigest()]}, "station.image_withdrawn"),
        ({"revoked_permits": [PERMIT_ID]}, "station.permit_revoked"),
    ):
        floor.tell(station.home, "ST-01", **changes)
        stands(station, station.program(scan("SN-1"), "1"), code)
        station.release_alarm("QL-1", "looked at")


def test_a_unit_that_is_held_save_under_this_permit_is_programmed_and_stands_where_another_hold_says_so(floor, cortex):
    """Each group of a bulletin speaks for itself: to be in one is not enough where another lacks the permit."""
    station = floor.station([cortex(UID).place()])
    save = {"permits": [PERMIT_ID], "units": ["SN-1"], "uids": [UID]}
    floor.tell(station.home, "ST-01", held_save=[save, {**save, "permits": [OTHER_PERMIT]}])
    stands(station, station.program(scan("SN-1"), "1"), "station.unit_held")
    station.release_alarm("QL-1", "looked at")
    floor.tell(station.home, "ST-01", held_save=[save])
    assert station.program(scan("SN-1"), "1").result == "pass"


def test_a_permit_newer_than_the_known_revocations_waits_for_a_bulletin(floor):
    station = floor.station([nowhere()])
    with_permit(floor, station, revocation_epoch=4)
    stands(station, station.program(scan("SN-1"), "1"), "station.bulletin_behind")


def test_an_older_bulletin_cannot_be_played_back(floor):
    station = floor.station([nowhere()])
    floor.tell(station.home, "ST-01", epoch=5)
    old = signed(documents.BULLETIN_TYPE, canonical_bytes(floor.bulletin_document("ST-01", epoch=4)), SERVER)
    with pytest.raises(Refused) as refusal:
        station.home.take_bulletin(old)
    assert refusal.value.code == "station.bulletin_old"


@pytest.mark.parametrize("rule", [{"version_min": "99.0"}, {"sha256_allowed": ["0" * 64]}])
def test_a_tool_that_was_replaced_is_refused(floor, rule):
    """Row 27."""
    floor.permit["tools"] = [{"tool": "gdbremote", "version_min": "1.0", "sha256_allowed": [], **rule}]
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1"), "1"), "station.tool_not_allowed")


def test_another_version_of_the_plan_is_refused(floor):
    """Row 28."""
    station = floor.station([nowhere()])
    named = sha256(canonical_bytes(floor.plan)).hexdigest()
    station.home.put(f"plans/{named}.json", canonical_bytes({**floor.plan, "version": 2}))
    stands(station, station.program(scan("SN-1"), "1"), "kernel.plan_hash")


def test_an_order_without_permit_is_refused(floor):
    station = floor.station([nowhere()])
    stands(station, station.program(scan("SN-1", work_order="WO-8"), "1"), "station.no_permit")


def test_only_a_person_with_the_right_releases_an_alarm(floor):
    station = floor.station([nowhere()])
    station.program(scan("SN-1", work_order="WO-8"), "1")
    with pytest.raises(Refused) as refusal:
        station.release_alarm("OP-7", "go on")
    assert refusal.value.code == "station.may_not_release"
    with pytest.raises(Refused) as refusal:
        station.release_alarm("QL-1", " ")
    assert refusal.value.code == "station.release_reason"
    alarm = station.alarm().alarm
    station.release_alarm("QL-1", "order sheet swapped")
    assert station.alarm() is None
    assert alarm == records(station)[0].key
    assert records(station)[1].lines == (alarm,)
    assert [(one.result, one.operator) for one in records(station)] == [("alarm", ""), ("release", "petra")]


def test_the_server_releases_an_alarm_by_its_bulletin(floor):
    station = floor.station([nowhere()])
    station.program(scan("SN-1", work_order="WO-8"), "1")
    floor.tell(station.home, "ST-01", epoch=2, released_alarms=[station.alarm().alarm])
    assert station.alarm() is None


def test_rework_has_a_share_of_its_own_and_needs_two_people(floor, cortex):
    station = floor.station([cortex(UID).place()], rework=1)
    assert station.program(scan("SN-1"), "1").passed
    assert station.program(scan("SN-1", rework=True), "1").reason == "station.second_person"
    station.release_alarm("QL-1", "two people")
    assert station.program(scan("SN-1", rework=True, second_badge="OP-8"), "1").passed
    assert station.program(scan("SN-1", rework=True, second_badge="OP-8"), "1").reason == "station.quota_exhausted"
    assert station.ledger.spent(PERMIT_ID) == {UID}


@pytest.mark.parametrize("unit", ["", "x" * 65, "SN\x1b[2J", "SN\n1", "SN-1 ", " SN-1"])
def test_what_is_no_name_of_a_unit_is_refused_without_an_alarm(floor, unit):
    station = floor.station([nowhere()])
    assert station.program(scan(unit), "1").reason == "station.unit_name"
    assert station.alarm() is None
