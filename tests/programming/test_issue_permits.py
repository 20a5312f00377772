"""Permits are split from a grant: each reason for which one is refused, and what the grant has left."""

import json

import pytest
import signers
from permit_floor import EMS, GRANT_ID, HOUR, SITE, PermitFloor
from station_floor import cortex_plan, key_of

from asbuilt.kernel import keys, permits, trust
from asbuilt.kernel.canonical import canonical_bytes
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


SECOND = signers.Ed25519("second issuer")
BURN = {"part": "U1", "field": "KEY", "value": "", "secret": "device-key"}
LOCK = {"part": "U1", "kind": "debug", "probe": "read"}


def rows_of(floor, issued, by, *, at: int, **changes) -> dict:
    """permits.csv with the issued permit as these people sign it, with changes and a new id; recorded as of `at`."""
    said = {**json.loads(parse(issued.document).payload), "permit_id": issued.permit.permit_id[:-2] + "ZZ", **changes}
    document = signers.signed(permits.PERMIT_TYPE, canonical_bytes(said), by)
    row = {"permit": said["permit_id"], "grant": said["grant_id"], "document": document.decode()}
    return {"permits": [{**row, "operator": "", "happened_at": format_instant(at)}]}


@pytest.mark.parametrize(
    ("changes", "lock"),
    [({"burns": [BURN]}, "none"), ({"locks": [LOCK]}, "debug"), ({"burns": [BURN], "locks": [LOCK]}, "debug")],
)
def test_one_issuer_alone_permits_no_fuse_and_no_lock(floor, enrolled, actor, changes, lock):
    """The grant's threshold is 1: that is a rule about permits, this one is about what cannot be undone."""
    from asbuilt.built.programming.actions.grants import record_plan

    plan = record_plan(actor, document=json.dumps({**cortex_plan(), **changes}).encode()).sha256
    refused(floor, "kernel.permit_two_issuers", plan=plan, lock=lock)


def test_a_permit_with_fuses_comes_in_by_its_table_once_two_issuers_signed(floor, enrolled, actor, load):
    from asbuilt.built.programming.actions.grants import record_grant, record_plan
    from asbuilt.built.programming.permits import permit_of

    both = [key_of(signers.ISSUER.public), key_of(SECOND.public)]
    other = GRANT_ID[:-1] + "2"
    grant = record_grant(actor, document=floor.grant(grant_id=other, issuers=both))
    plan = record_plan(actor, document=json.dumps({**cortex_plan(), "burns": [BURN]}).encode())
    issued = floor.issue({"ST-01": 5})
    changes = {"grant_id": other, "grant_sha256": grant.sha256, "plan_sha256": plan.sha256}
    unknown = {**changes, "plan_sha256": "ab" * 32}
    for by, said, code in (
        ([signers.ISSUER], changes, "kernel.permit_two_issuers"),
        ([signers.ISSUER, signers.Ed25519("foreign")], changes, "kernel.permit_two_issuers"),
        ([signers.ISSUER], unknown, "programming.plan_unknown"),
    ):
        with pytest.raises(AsbuiltError) as refusal:
            load(rows_of(floor, issued, by, at=floor.now, **said))
        assert code in told(refusal.value), refusal.value
    load(rows_of(floor, issued, [signers.ISSUER, SECOND], at=floor.now, **changes))
    assert permit_of(actor.tenant, issued.permit.permit_id[:-2] + "ZZ").permit.plan_sha256 == plan.sha256


def test_no_date_in_a_table_reaches_back_behind_a_revocation(floor, enrolled, actor, load):
    """Both keys were stolen and revoked an hour ago; the tables say that all this was two days ago."""
    from asbuilt.designed.firmware.actions import set_trust_store

    issued = floor.issue({"ST-01": 5})
    before = floor.now - 48 * HOUR
    stolen = (signers.ISSUER.public.key_id, signers.BRAND.public.key_id)
    revoked = {key: trust.Revocation(key, 1, floor.now - HOUR, "stolen") for key in stolen}
    store = signers.store(version=2, previous=signers.store().sha256, epoch=1, revoked=revoked)
    set_trust_store(actor, document=signers.store_file(store))
    with pytest.raises(AsbuiltError) as refusal:
        load(rows_of(floor, issued, [signers.ISSUER], at=before))
    assert "kernel.permit_signature" in told(refusal.value), refusal.value
    other = GRANT_ID[:-1] + "2"
    row = {"grant": other, "document": floor.grant(grant_id=other).decode(), "operator": ""}
    with pytest.raises(AsbuiltError) as refusal:
        load({"grants": [{**row, "happened_at": format_instant(before)}]})
    assert "kernel.permit_signature" in told(refusal.value), refusal.value


def told(refusal: AsbuiltError) -> str:
    """Codes of the rows that a refusal names."""
    return " ".join(row.code for row in refusal.rows)


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


def demanded(actor, **said):
    from asbuilt.built.programming.actions.demands import demand_firmware

    demand_firmware(actor, **said)


@pytest.fixture
def two(floor, enrolled, actor):
    """WIDGET app 2.3.1 and 2.4.0 and boot 1.0.0 are released and granted; `two(...)` issues ten units of WO-7 with these."""
    from asbuilt.built.programming.actions.grants import record_grant

    floor.release("2.4.0", b"newer")
    floor.release("1.0.0", b"loader", role="boot")
    images = [*floor.images, floor.image_of(b"newer", "2.4.0"), floor.image_of(b"loader", "1.0.0", "boot")]
    grant = "01KB00000000000000000000G5"
    record_grant(actor, document=floor.grant(grant_id=grant, images=images))

    def asked(*named: str, **changes) -> dict:
        split = [name.split() for name in named]
        placed = [{"role": role, "version": version, "part": "U1", "region": role} for role, version in split]
        return {"grant": grant, "images": placed, **changes}

    return asked


def test_another_version_than_the_order_demands_is_refused_by_the_demanded_one(floor, two, actor):
    """Today the revision demands 2.3.1; the order goes before it, and a demand to come does not count yet."""
    demanded(actor, product="WIDGET", revision="B", version="2.3.1")
    refusal = refused(floor, "programming.permit_other_version", **two("app 2.4.0"))
    assert refusal.message == "WIDGET B demands WIDGET app 2.3.1, the permit has app 2.4.0."
    assert (refusal.facts["demanded"], refusal.facts["permitted"], refusal.facts["order"]) == (
        "2.3.1",
        ["2.4.0"],
        "WO-7",
    )
    assert "2.3.1" in refusal.remedy
    demanded(actor, order="WO-7", version="2.4.0")
    refusal = refused(floor, "programming.permit_other_version", **two("app 2.3.1"))
    assert refusal.message == "WO-7 demands WIDGET app 2.4.0, the permit has app 2.3.1."
    demanded(actor, order="WO-7", version="2.3.1", happened_at=floor.now + 1000 * HOUR)
    floor.issue({"ST-01": 5}, **two("app 2.4.0"))
    # another order of the revision takes what the revision takes
    refused(floor, "programming.permit_other_version", **two("app 2.4.0", order="WO-9"))


def test_the_demand_of_each_permitted_revision_is_asked(floor, two, actor):
    """WO-8 builds revision C; what B demands is no matter of it."""
    demanded(actor, product="WIDGET", revision="B", version="2.3.1")
    floor.issue({"ST-01": 5}, **two("app 2.4.0", order="WO-8", revisions=["C"]))
    demanded(actor, product="WIDGET", revision="C", version="2.3.1")
    refused(floor, "programming.permit_other_version", **two("app 2.4.0", order="WO-8", revisions=["C"]))


def test_an_image_that_is_demanded_and_not_permitted_is_missing(floor, two, actor):
    demanded(actor, order="WO-7", role="boot", version="1.0.0")
    refusal = refused(floor, "programming.permit_image_missing", **two("app 2.3.1"))
    assert refusal.message == "WO-7 demands WIDGET boot 1.0.0, the permit has no boot image."


def test_an_image_that_comes_programmed_in_a_part_may_be_left_out_but_in_no_other_version(floor, two, actor):
    floor.release("1.1.0", b"other loader", role="boot")
    demanded(actor, order="WO-7", role="boot", version="1.1.0", part="R")
    floor.issue({"ST-01": 5}, **two("app 2.3.1"))
    refused(floor, "programming.permit_other_version", **two("app 2.3.1", "boot 1.0.0"))


def test_a_demanded_release_that_was_withdrawn_is_refused_all_the_same(floor, two, actor):
    from asbuilt.designed.firmware.actions import withdraw_release

    demanded(actor, order="WO-7", version="2.4.0")
    withdraw_release(actor, product="WIDGET", role="app", version="2.4.0", reason="bricks")
    refused(floor, "firmware.release_withdrawn", **two("app 2.4.0"))
    refused(floor, "programming.permit_other_version", **two("app 2.3.1"))


def test_a_bom_version_that_the_order_does_not_build_is_refused(floor, enrolled):
    refusal = refused(floor, "programming.permit_order_bom", bom_version="7")
    assert refusal.message == "Order WO-7 builds BOM version 1, the permit names 7."
    floor.issue({"ST-01": 5}, bom_version="")


def test_a_permit_issued_before_its_order_demanded_another_version_is_answered_as_before(floor, two, actor):
    """The same request again is no new permit: what is demanded since then is not asked."""
    from asbuilt.answers.gate.permits import issue
    from asbuilt.built.programming.drafts import read_draft

    draft = read_draft(json.dumps(floor.draft({"ST-01": 5}, **two("app 2.3.1"))).encode())
    first = issue(actor, draft, request_key="k7")
    demanded(actor, order="WO-7", version="2.4.0")
    assert issue(actor, draft, request_key="k7").permit.permit_id == first.permit.permit_id


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


def test_twelve_issuers_at_once_do_not_exceed_the_grant(floor, enrolled, home, tmp_path):
    """The quota race: 50 units, twelve permits of 10 at the same time; five are issued."""
    from forked import commands

    draft = home.folder / "draft.json"
    draft.write_text(json.dumps(floor.draft({"ST-01": 10})))
    said = [tmp_path / f"said-{n}" for n in range(12)]
    begun = []
    for file in said:
        with open(file, "wb") as out:
            begun.append(commands().begin(["permit", "issue", str(draft), "--format", "json"], home.env(), out, out))
    codes = [one.wait(120) for one in begun]
    ended = [(file.read_bytes(), code) for file, code in zip(said, codes, strict=True)]
    assert sorted(code for _, code in ended) == [0] * 5 + [4] * 7
    assert len(parse(json.dumps(json.loads(_document(home, ended))).encode()).signatures) == 1


def _document(home, ended) -> str:
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.programming.permits import grant_of, permit_of

    permit = next(json.loads(out)["permit"] for out, code in ended if code == 0)
    tenant = tenant_of_slug("main").number
    assert grant_of(tenant, GRANT_ID).left == 0
    return permit_of(tenant, permit).document.decode()
