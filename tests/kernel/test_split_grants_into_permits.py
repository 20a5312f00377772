"""A grant is split into permits, never above it; permits, grants and end certificates are refused by name when anything is off.

Documents are written here by hand, as reference/station.md, section 14 lists their fields.
"""

import json
import random
from hashlib import sha256, sha512

import pytest
from signers import ISSUER, P256, RELEASERS, Ed25519, signed

from asbuilt.kernel import permits
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused, Tampered
from asbuilt.kernel.notes import base64_text

BRAND = P256("brand")
SECOND = Ed25519("second issuer")
STATIONS = {"ST-01": Ed25519("station 1"), "ST-02": Ed25519("station 2")}
IMAGE = b"firmware 2.3.1"
GRANT = "01KB00000000000000000000G1"


def key(of) -> dict:
    return {"algorithm": of.public.algorithm, "public": base64_text(of.public.raw)}


def image(**changes) -> dict:
    said = {"role": "app", "version": "2.3.1", "length": len(IMAGE), "sha256": sha256(IMAGE).hexdigest(),
            "sha512": sha512(IMAGE).hexdigest()}  # fmt: skip
    return {**said, **changes}


def grant_payload(**changes) -> bytes:
    said = {
        "schema": 1, "grant_id": GRANT, "brand_owner": "ACME", "ems": "EMS-1", "site": "CZ-BRNO", "product": "WIDGET",
        "revisions": ["B", "C"], "images": [image(), image(version="2.3.2")], "units": 100,
        "issued_at": "2026-11-01T08:00:00Z", "not_after": "2027-02-01T00:00:00Z", "issuers": [key(ISSUER), key(SECOND)],
        "threshold": 1, "supersedes": None,
    }  # fmt: skip
    return canonical_bytes({**said, **changes})


def grant_of(**changes) -> permits.Grant:
    document = signed(permits.GRANT_TYPE, grant_payload(**changes), [BRAND])
    return permits.open_grant(document, brand_owner_keys=[BRAND.public])


def permit_payload(shares: dict[str, int], number: int = 1, grant: permits.Grant | None = None, **changes) -> bytes:
    placed = {**image(), "part": "U1", "region": "app", "release_sha256": "a1" * 32, "image_digest": "",
              "security_counter": None}  # fmt: skip
    said = {
        "schema": 1, "permit_id": f"01KB0000000000000000000P{number:02d}", "grant_id": GRANT,
        "grant_sha256": (grant or grant_of()).sha256, "work_order": "WO-7", "brand_owner": "ACME", "ems": "EMS-1",
        "site": "CZ-BRNO", "product": "WIDGET", "revisions": ["B"], "bom_version": "3",
        "issued_at": "2026-11-02T08:00:00Z", "not_before": "2026-11-02T08:00:00Z", "not_after": "2026-12-01T00:00:00Z",
        "grace_offline_hours": 72, "parts": [{"ref": "U1", "programmer": "flashrom", "part": "W25Q128.V", "part_id": "ef4018"}],
        "images": [placed], "plan": "eol", "plan_version": 1, "plan_sha256": "b2" * 32,
        "tools": [{"tool": "flashrom", "version_min": "1.3", "sha256_allowed": []}], "units": sum(shares.values()),
        "attempts_per_unit": 3,
        "stations": [
            {"station": name, "key": key(STATIONS[name]), "units": units, "rework_units": 1} for name, units in shares.items()
        ],
        "operator_roles": ["programmer"], "two_person_for": ["otp"], "provision": "", "lock": "none", "supersedes": None,
        "revocation_epoch": 0, "end_certificate_to": "acme",
    }  # fmt: skip
    return canonical_bytes({**said, **changes})


def permit_of(shares: dict[str, int], number: int = 1, grant: permits.Grant | None = None, **changes) -> permits.Permit:
    grant = grant or grant_of()
    document = signed(permits.PERMIT_TYPE, permit_payload(shares, number, grant, **changes), [ISSUER])
    return permits.open_permit(document, grant=grant)


def end_payload(permit: permits.Permit, units: list[tuple], **changes) -> bytes:
    said = {
        "schema": 1, "permit_id": permit.permit_id, "permit_sha256": permit.sha256, "grant_id": GRANT, "station": "ST-01",
        "closed": True, "created_at": "2026-11-20T12:00:00Z",
        "units": [
            {"unit": f"SN-{number}", "uid": f"{number:016x}", "state": state, "attempts": 1, "rework": rework}
            for number, (state, rework) in enumerate(units)
        ],
        "records_first": 1, "records_last": 40, "chain_first": "c3" * 32, "chain_last": "d4" * 32,
    }  # fmt: skip
    return canonical_bytes({**said, **changes})


def end_of(permit, units, **changes) -> permits.EndCertificate:
    return permits.open_end(
        signed(permits.END_TYPE, end_payload(permit, units, **changes), [STATIONS["ST-01"]]), permit=permit
    )


def code_of(kind, call, *words, **more) -> str:
    with pytest.raises(kind) as refusal:
        call(*words, **more)
    assert refusal.value.remedy
    return refusal.value.code


def test_the_chain_from_the_brand_owner_to_the_station_holds():
    permit = permit_of({"ST-01": 60, "ST-02": 40})
    assert (permit.share_of("ST-02").units, permit.share_of("ST-03")) == (40, None)
    end = end_of(permit, [("pass", False), ("fail", False), ("void", False), ("open", False), ("pass", True)])
    assert (end.spent, end.counted("pass"), end.counted("open")) == (3, 2, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"revisions": ["B", "D"]},
        {"product": "GADGET"},
        {"site": "PL-LODZ"},
        {"ems": "EMS-2"},
        {"brand_owner": "OTHER"},
        {"not_after": "2027-02-01T00:00:01Z"},
        {"issued_at": "2026-10-31T08:00:00Z"},
        {"grant_sha256": "00" * 32},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_permit_beyond_its_grant_is_refused_with_the_field(changes):
    with pytest.raises(Refused) as refusal:
        permit_of({"ST-01": 10}, **changes)
    assert refusal.value.code == "kernel.permit_split_beyond"
    assert refusal.value.facts["field"] == next(iter(changes))


def test_an_image_that_the_grant_lacks_is_refused_also_with_one_other_digest():
    placed = {**image(sha512="00" * 64), "part": "U1", "region": "app", "release_sha256": "a1" * 32, "image_digest": "",
              "security_counter": None}  # fmt: skip
    with pytest.raises(Refused) as refusal:
        permit_of({"ST-01": 10}, images=[placed])
    assert refusal.value.facts["field"] == "images"


def test_permits_together_never_exceed_the_grant():
    """100 granted: 60 and 40 fit, one more does not; a closed share of 60 that spent 12 gives 48 back."""
    grant = grant_of()
    first, second, third = (permit_of({"ST-01": units}, number) for number, units in ((1, 60), (2, 40), (3, 1)))
    assert permits.check_split(grant, [first]) == 40
    assert permits.check_split(grant, [first, second]) == 0
    assert code_of(Refused, permits.check_split, grant, [first, second, third]) == "kernel.permit_split_over_units"
    assert code_of(Refused, permits.check_split, grant, [first, first]) == "kernel.permit_split_twice"
    end = end_of(first, [("pass", False)] * 11 + [("open", False), ("void", False)])
    assert permits.check_split(grant, [first, second, third], [end]) == 47
    still_open = end_of(first, [("pass", False)], closed=False)
    assert (
        code_of(Refused, permits.check_split, grant, [first, second, third], [still_open])
        == "kernel.permit_split_over_units"
    )


def test_one_permit_above_its_grant_is_refused_when_it_is_opened():
    with pytest.raises(Refused) as refusal:
        permit_of({"ST-01": 60, "ST-02": 41})
    assert refusal.value.code == "kernel.permit_split_over_units"


def test_shares_add_up_and_stations_share_no_key():
    assert code_of(Invalid, permits.parse_permit, permit_payload({"ST-01": 5}, units=6)) == "kernel.document_field"
    shares = json.loads(permit_payload({"ST-01": 5, "ST-02": 5}))["stations"]
    shares[1]["key"] = shares[0]["key"]
    assert code_of(Invalid, permits.parse_permit, permit_payload({"ST-01": 5, "ST-02": 5}, stations=shares))


def test_rework_of_all_permits_never_exceeds_what_the_grant_lets_be_built():
    """100 granted: 60 + 40 units of rework fit, one more does not. Without an identity rework could be a new unit."""

    def reworking(number: int, units: int) -> permits.Permit:
        share = {"station": "ST-01", "key": key(STATIONS["ST-01"]), "units": 1, "rework_units": units}
        return permit_of({"ST-01": 1}, number, stations=[share])

    grant = grant_of()
    first, second, third = reworking(1, 60), reworking(2, 40), reworking(3, 1)
    assert permits.check_split(grant, [first, second]) == 98
    found = code_of(Refused, permits.check_split, grant, [first, second, third])
    assert found == "kernel.permit_split_over_rework"


def test_a_revoked_issuer_does_not_count_towards_the_threshold():
    two = grant_of(threshold=2)
    document = signed(permits.PERMIT_TYPE, permit_payload({"ST-01": 5}, grant=two), [ISSUER, SECOND])
    found = code_of(Tampered, permits.open_permit, document, grant=two, revoked_keys=[SECOND.public])
    assert found == "kernel.permit_signature"


def test_only_the_grants_issuers_count_and_as_many_as_it_wants():
    two = grant_of(threshold=2)
    payload = permit_payload({"ST-01": 5}, grant=two)
    for people in ([ISSUER], [ISSUER, Ed25519("foreign")], [BRAND]):
        document = signed(permits.PERMIT_TYPE, payload, people)
        assert code_of(Tampered, permits.open_permit, document, grant=two) == "kernel.permit_signature"
    permits.open_permit(signed(permits.PERMIT_TYPE, payload, [ISSUER, SECOND]), grant=two)


@pytest.mark.parametrize("lock", ["debug", "readout"])
def test_a_lock_needs_two_issuers_whatever_the_grants_threshold(lock):
    payload = permit_payload({"ST-01": 5}, lock=lock)
    one = signed(permits.PERMIT_TYPE, payload, [ISSUER])
    assert code_of(Refused, permits.open_permit, one, grant=grant_of()) == "kernel.permit_two_issuers"
    # one that the grant does not name is no second issuer
    foreign = signed(permits.PERMIT_TYPE, payload, [ISSUER, Ed25519("foreign")])
    assert code_of(Refused, permits.open_permit, foreign, grant=grant_of()) == "kernel.permit_two_issuers"
    both = signed(permits.PERMIT_TYPE, payload, [ISSUER, SECOND])
    assert permits.open_permit(both, grant=grant_of()).issuers_signed == 2
    revoked = {"grant": grant_of(), "revoked_keys": [SECOND.public]}
    assert code_of(Refused, permits.open_permit, both, **revoked) == "kernel.permit_two_issuers"


def test_whoever_signs_releases_issues_no_permits():
    grant = grant_of(issuers=[key(ISSUER), key(RELEASERS[0])])
    document = signed(permits.PERMIT_TYPE, permit_payload({"ST-01": 5}, grant=grant), [ISSUER])
    keys = [one.public for one in RELEASERS]
    found = code_of(Refused, permits.open_permit, document, grant=grant, release_keys=keys)
    assert found == "kernel.permit_one_key_two_roles"


def test_a_grant_of_another_brand_owner_is_refused():
    document = signed(permits.GRANT_TYPE, grant_payload(), [Ed25519("somebody")])
    assert code_of(Tampered, permits.open_grant, document, brand_owner_keys=[BRAND.public]) == "kernel.permit_signature"


def test_one_document_does_not_pass_for_another():
    document = signed(permits.PERMIT_TYPE, permit_payload({"ST-01": 5}), [BRAND])
    assert code_of(Invalid, permits.open_grant, document, brand_owner_keys=[BRAND.public]) == "kernel.permit_type"


def test_an_end_certificate_above_its_share_or_of_another_station_is_refused():
    permit = permit_of({"ST-01": 2})
    assert code_of(Refused, end_of, permit, [("pass", False)] * 3) == "kernel.permit_end_over_share"
    assert code_of(Refused, end_of, permit, [("pass", True)] * 2) == "kernel.permit_end_over_share"
    assert code_of(Refused, end_of, permit, [], station="ST-02") == "kernel.permit_end_other_permit"
    foreign = signed(permits.END_TYPE, end_payload(permit, []), [STATIONS["ST-02"]])
    assert code_of(Tampered, permits.open_end, foreign, permit=permit) == "kernel.permit_signature"


@pytest.mark.parametrize("where", ["top", "parts", "stations", "images"])
def test_an_unknown_field_is_refused_by_its_name(where):
    said = json.loads(permit_payload({"ST-01": 5}))
    (said if where == "top" else said[where][0])["only_on_mondays"] = True
    with pytest.raises(Invalid) as refusal:
        permits.parse_permit(canonical_bytes(said))
    assert refusal.value.facts["field"].endswith("only_on_mondays")


@pytest.mark.parametrize("gone", sorted(json.loads(permit_payload({"ST-01": 5}))))
def test_a_missing_field_is_refused_by_its_name(gone):
    said = json.loads(permit_payload({"ST-01": 5}))
    del said[gone]
    with pytest.raises(Invalid) as refusal:
        permits.parse_permit(canonical_bytes(said))
    assert refusal.value.facts["field"] == gone


def test_a_permit_over_64_kb_is_refused():
    said = json.loads(permit_payload({"ST-01": 5}))
    said["images"] = [
        {**said["images"][0], "region": f"r{number}-{'x' * 30}", "sha512": f"{number:0128x}", "version": "9" * 80}
        for number in range(40)
    ]
    said["tools"] = [
        {"tool": f"t{number}", "version_min": "1", "sha256_allowed": ["ab" * 32] * 20} for number in range(20)
    ]
    said["stations"] = said["stations"] * 150
    payload = canonical_bytes(said)
    assert len(payload) > permits.PERMIT_BYTES_MAX
    assert code_of(Invalid, permits.parse_permit, payload) == "kernel.permit_too_long"


def test_ten_thousand_mutated_permits_are_refused_by_name():
    """Bytes of a signed permit are changed, cut, doubled, inserted: each is refused with a code, none is taken for another.

    A change that leaves payload and signature what they were (blanks, key ids) may still hold.
    """
    draw = random.Random(20261128)
    grant = grant_of()
    document = signed(permits.PERMIT_TYPE, permit_payload({"ST-01": 60, "ST-02": 40}, grant=grant), [ISSUER])
    good = permits.open_permit(document, grant=grant)
    codes: dict[str, int] = {}
    for _ in range(10_000):
        changed = bytearray(document)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(changed))
            how = draw.randrange(5)
            if how == 0:
                changed[at] ^= 1 << draw.randrange(8)
            elif how == 1:
                changed[at] = draw.randrange(256)
            elif how == 2:
                del changed[at : at + draw.randint(1, 30)]
            elif how == 3:
                changed[at:at] = changed[at : at + draw.randint(1, 30)]
            else:
                changed[at:at] = draw.randbytes(draw.randint(1, 8))
        try:
            assert permits.open_permit(bytes(changed), grant=grant) == good
        except AsbuiltError as refusal:
            codes[refusal.code] = codes.get(refusal.code, 0) + 1
    assert sum(codes.values()) > 9_900
    assert codes["kernel.permit_signature"] > 1_000


def test_ten_thousand_mutated_payloads_under_a_good_signature_are_refused_or_say_the_same_kind():
    """The issuer's own mistake: whatever it signs, the reader answers with a permit within the grant or a refusal by name."""
    draw = random.Random(1128)
    grant = grant_of()
    payload = permit_payload({"ST-01": 60, "ST-02": 40}, grant=grant)
    taken = 0
    for _ in range(10_000):
        changed = bytearray(payload)
        changed[draw.randrange(len(changed))] = draw.choice(b'0123456789abcXYZ"{}[],:-+ \x00\xff')
        try:
            permit = permits.parse_permit(bytes(changed))
            permits.check_split(grant, [permit])
            taken += 1
            assert sum(share.units for share in permit.stations) == permit.units <= grant.units
        except AsbuiltError as refusal:
            assert refusal.code.startswith("kernel.")
    assert taken < 4_000
