"""Permits are split from a grant: each reason for which one is refused, and what the grant has left."""

import json

import pytest
import signers
from permit_floor import EMS, GRANT_ID, HOUR, SITE, PermitFloor

from asbuilt.kernel import keys, permits
from asbuilt.kernel.envelope import parse
from asbuilt.kernel.errors import AsbuiltError, Conflict, NotAllowed, NotFound, Refused, Tampered, Unavailable
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.sealing import SealingKey
from asbuilt.ledger import keyring, origins

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 20


@pytest.fixture
def floor(actor) -> PermitFloor:
    return PermitFloor(actor, IMAGE)


@pytest.fixture
def enrolled(floor):
    """enrolled("ST-01") enrols a station whose key is made of its name."""

    def made(*names: str):
        from asbuilt.built.programming.actions.stations import enrol

        for name in names:
            public = keys.public_to_pem(signers.Ed25519(name).public)
            enrol(floor.code(name), public=public, transfer=keys.public_to_pem(SealingKey.new().public))

    made("ST-01", "ST-02")
    return made


def refused(floor, code: str, shares=None, kind=Refused, **changes):
    with pytest.raises(kind) as refusal:
        floor.issue(shares or {"ST-01": 5}, **changes)
    assert refusal.value.code == code, refusal.value
    return refusal.value


def test_a_permit_checks_down_from_the_brand_owners_key_alone(floor, enrolled):
    issued = floor.issue({"ST-01": 20, "ST-02": 10})
    grant = permits.open_grant(floor.grant(), brand_owner_keys=[signers.BRAND.public])
    permit = permits.open_permit(issued.document, grant=grant)
    assert (permit.units, permit.work_order, permit.site, permit.revisions) == (30, "WO-7", SITE, ("B",))
    assert permit.images[0].sha256 == floor.images[0]["sha256"]
    assert [share.key for share in permit.stations] == [signers.Ed25519(name).public for name in ("ST-01", "ST-02")]


def test_splits_above_the_grant_are_refused_one_by_one_and_together(floor, enrolled):
    """50 units are granted, the order has 60."""
    refused(floor, "kernel.permit_split_over_units", {"ST-01": 51})
    floor.issue({"ST-01": 30})
    refused(floor, "kernel.permit_split_over_units", {"ST-02": 21})
    floor.issue({"ST-02": 20})
    refused(floor, "kernel.permit_split_over_units", {"ST-02": 1})


def test_more_units_than_the_order_has_are_refused(floor, enrolled, actor):
    from asbuilt.built.programming.actions.grants import record_grant

    record_grant(actor, document=floor.grant(grant_id="01KB00000000000000000000G2", units=500))
    refused(floor, "programming.permit_over_order", {"ST-01": 61}, grant="01KB00000000000000000000G2")


def test_an_image_that_is_a_draft_or_withdrawn_is_refused(floor, enrolled, actor):
    from asbuilt.designed.firmware.actions import Draft, add_release, withdraw_release

    draft = add_release(actor, draft=Draft("WIDGET", "app", "9.0.0", ("B",)), image=b"draft")
    assert draft.state == "draft"
    image = {"role": "app", "version": "9.0.0", "part": "U1", "region": "app"}
    refused(floor, "firmware.release_not_released", images=[image])
    withdraw_release(actor, product="WIDGET", role="app", version="2.3.1", reason="bricks")
    refused(floor, "firmware.release_withdrawn")


def test_an_image_that_the_grant_lacks_is_refused(floor, enrolled):
    floor.release("3.1.5", b"another image")
    image = {"role": "app", "version": "3.1.5", "part": "U1", "region": "app"}
    refused(floor, "kernel.permit_split_beyond", images=[image])


def test_a_revision_that_the_matrix_does_not_admit_is_refused(floor, enrolled):
    floor.release("2.4.0", b"only for B", revisions=("B",))
    image = {"role": "app", "version": "2.4.0", "part": "U1", "region": "app"}
    refused(floor, "programming.permit_revision", order="WO-8", revisions=["C"], images=[image])
    refused(floor, "programming.permit_order_revision", revisions=["C"])


def test_an_order_that_is_held_as_a_whole_is_refused_one_held_unit_is_not(floor, enrolled, actor):
    from asbuilt.answers.register.holds import hold

    hold(actor, units=["SN-1"], reason="cold joint")
    floor.issue({"ST-01": 5})
    hold(actor, units=["SN-1..SN-60"], reason="wrong solder")
    refused(floor, "gate.order_held")


def test_issuers_that_the_grant_or_the_trust_store_does_not_name(floor, enrolled, actor):
    file = keyring.folder_of(origins.origin(actor.tenant)) / "issuer.pem"
    file.write_text(keys.private_to_pem(signers.RELEASERS[0].private))
    refused(floor, "programming.permit_one_key_two_roles")
    file.write_text(keys.private_to_pem(signers.Ed25519("somebody").private))
    refused(floor, "programming.permit_issuer_untrusted")
    file.unlink()
    refused(floor, "programming.issuer_key_missing", kind=Unavailable)


def test_a_person_who_released_the_image_issues_no_permit_for_it(floor, enrolled, actor):
    from dataclasses import replace

    from asbuilt.access.actor import person_actor
    from asbuilt.access.queries import person_by_code
    from asbuilt.designed.firmware.actions import Draft, add_release, release_firmware, sign_release

    floor.person("BOTH", "release_signer")
    person = person_by_code(actor.tenant, "BOTH")
    both = person_actor(actor.tenant, person, frozenset({"release_signer", "permit_issuer"}), None)
    found = add_release(actor, draft=Draft("WIDGET", "app", "2.5.0", ("B",)), image=b"x")
    of = {"product": "WIDGET", "role": "app", "version": "2.5.0"}
    sign_release(actor, **of, document=signers.release_file(found.statement))
    release_firmware(both, **of)
    image = {"role": "app", "version": "2.5.0", "part": "U1", "region": "app"}
    floor.actor = replace(both)
    refused(floor, "programming.permit_same_person", images=[image])


def test_stations_that_are_unknown_closed_or_elsewhere(floor, enrolled, actor):
    from asbuilt.built.programming.actions.stations import close_station, enrol, open_enrolment

    refused(floor, "programming.station_unknown", {"ST-99": 1}, NotFound)
    close_station(actor, station="ST-02", reason="sold")
    refused(floor, "programming.permit_station_closed", {"ST-02": 1})
    code = open_enrolment(actor, station="ST-03", site="PL-LODZ", ems=EMS)
    enrol(
        code,
        public=keys.public_to_pem(signers.Ed25519("ST-03").public),
        transfer=keys.public_to_pem(SealingKey.new().public),
    )
    refused(floor, "programming.permit_station_site", {"ST-03": 1})


def test_a_window_that_ends_after_the_grant_and_an_unknown_plan(floor, enrolled):
    refused(floor, "kernel.permit_split_beyond", not_after=format_instant(floor.now + 241 * HOUR))
    refused(floor, "programming.plan_unknown", kind=NotFound, plan="ab" * 32)


def test_a_grant_is_taken_only_from_a_brand_owners_key(floor, actor):
    from asbuilt.built.programming.actions.grants import record_grant

    with pytest.raises(Tampered):
        record_grant(actor, document=floor.grant(by=[signers.ISSUER], grant_id="01KB00000000000000000000G3"))
    with pytest.raises(Conflict):
        record_grant(actor, document=floor.grant(units=5_000))
    assert record_grant(actor, document=floor.grant()).units == 50  # the same again


def test_the_same_request_twice_is_one_permit_and_a_stranger_finds_nothing(floor, enrolled, actor):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.answers.gate.permits import issue
    from asbuilt.built.programming import telling
    from asbuilt.built.programming.drafts import read_draft

    draft = read_draft(json.dumps(floor.draft({"ST-01": 5})).encode())
    first = issue(actor, draft, request_key="k1")
    assert issue(actor, draft, request_key="k1").permit.permit_id == first.permit.permit_id
    assert len(telling.permits_told(actor)) == 1
    stranger = local_system(open_tenant("elsewhere", "Elsewhere").number)
    with pytest.raises(NotFound):
        telling.permit_seen(stranger, first.permit.permit_id)
    assert telling.stations_told(stranger) == [] and telling.grants_told(stranger) == []
    from asbuilt.access.actor import person_actor

    with pytest.raises(NotAllowed):
        issue(person_actor(actor.tenant, 1, frozenset({"operator"}), None), draft)


def test_an_unknown_field_of_a_draft_is_refused(floor, enrolled):
    with pytest.raises(AsbuiltError) as refusal:
        floor.issue({"ST-01": 1}, force=True)
    assert refusal.value.code == "kernel.document_field"


def test_twelve_issuers_at_once_do_not_exceed_the_grant(floor, enrolled, home):
    """The quota race: 50 units, twelve permits of 10 at the same time; five are issued."""
    import subprocess
    import sys
    from pathlib import Path

    draft = home.folder / "draft.json"
    draft.write_text(json.dumps(floor.draft({"ST-01": 10})))
    command = [str(Path(sys.executable).with_name("asbuilt")), "permit", "issue", str(draft), "--format", "json"]
    begun = [
        subprocess.Popen(command, env=home.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(12)
    ]
    ended = [(one.communicate(), one.returncode) for one in begun]
    assert sorted(code for _, code in ended) == [0] * 5 + [4] * 7
    assert len(parse(json.dumps(json.loads(_document(home, ended))).encode()).signatures) == 1


def _document(home, ended) -> str:
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.programming.permits import grant_of, permit_of

    permit = next(json.loads(out)["permit"] for (out, _), code in ended if code == 0)
    tenant = tenant_of_slug("main").number
    assert grant_of(tenant, GRANT_ID).left == 0
    return permit_of(tenant, permit).document.decode()
