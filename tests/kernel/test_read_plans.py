"""Plans: what a permit names by hash; every rule between their fields, and between plan and permit."""

import json
import random
from hashlib import sha256

import pytest
from station_floor import Floor, cortex_plan, flash_plan

from asbuilt.kernel import permits, plans
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused


def parsed(said: dict) -> plans.Plan:
    return plans.parse_plan(canonical_bytes(said))


def wrong(said: dict) -> str:
    with pytest.raises(Invalid) as refusal:
        parsed(said)
    return refusal.value.facts["field"]


def changed(path: str, value, said: dict | None = None) -> dict:
    said = json.loads(json.dumps(said or cortex_plan()))
    at = said
    *before, last = path.split(".")
    for step in before:
        at = at[int(step)] if step.isdigit() else at[step]
    at[int(last) if last.isdigit() else last] = value
    return said


def test_a_plan_is_named_by_the_hash_of_its_bytes():
    assert parsed(cortex_plan()).sha256 == sha256(canonical_bytes(cortex_plan())).hexdigest()
    assert parsed(cortex_plan()).part("U1").region("factory").start == 0x3F000


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("parts.0.regions.1.start", 0x3FFF, "parts.U1"),
        ("secrets.0.region", "nowhere", "secrets.0"),
        ("identity.part", "U9", "identity.region"),
        ("locks", [{"part": "U9", "kind": "debug", "probe": "read"}], "locks.0"),
        ("burns", [{"part": "U1", "field": "KEY", "value": "", "secret": "none"}], "burns.0"),
        ("burns", [{"part": "U1", "field": "KEY", "value": "00", "secret": "device-key"}], "burns.0"),
        ("parts.0.evidence", "hope", "parts.0.evidence"),
        ("boot.negative_every", -1, "boot.negative_every"),
        ("parts.0.ref", "-F", "parts.0.ref"),
        ("boot.banner", "READY hw={revision}", "boot.banner"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(path, value, field):
    assert wrong(changed(path, value)) == field


def test_a_revision_that_the_banner_should_tell_must_stand_in_it():
    said = changed("identity.revision_from", "banner")
    assert parsed(said).identity.revision_from == "banner"
    assert wrong(changed("boot.banner", "BOOT fw={version}", said)) == "identity.revision_from"
    assert wrong(changed("boot", None, said)) == "identity.revision_from"


def test_a_negative_test_needs_the_line_of_the_refusal():
    assert wrong(changed("boot.negative_every", 5, changed("boot.reject", ""))) == "boot.negative_every"


def test_attestation_needs_a_secret_and_a_boot():
    assert wrong(changed("parts.0.evidence", "attested", flash_plan())) == "parts"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"plan_sha256": "00" * 32}, "kernel.plan_hash"),
        ({"plan_version": 2}, "kernel.plan_hash"),
        ({"lock": "debug"}, "kernel.plan_lock"),
    ],
)
def test_a_plan_that_is_not_the_permits_is_refused(tmp_path, change, code):
    floor = Floor(tmp_path, b"image")
    share = {"station": "ST-01", "key": floor.grant_document()["issuers"][0], "units": 1, "rework_units": 0}
    permit = permits.parse_permit(canonical_bytes(floor.permit_document([share], **change)))
    with pytest.raises(Refused) as refusal:
        plans.check_plan(parsed(floor.plan), permit)
    assert refusal.value.code == code


def test_an_image_longer_than_its_region_is_refused(tmp_path):
    floor = Floor(tmp_path, b"x" * 0x4001)
    share = {"station": "ST-01", "key": floor.grant_document()["issuers"][0], "units": 1, "rework_units": 0}
    permit = permits.parse_permit(canonical_bytes(floor.permit_document([share])))
    with pytest.raises(Refused) as refusal:
        plans.check_plan(parsed(floor.plan), permit)
    assert refusal.value.code == "kernel.plan_region"


def test_mutated_plans_and_bulletins_are_refused_by_name_or_read(tmp_path):
    draw = random.Random(7)
    floor = Floor(tmp_path, b"image")
    for payload, read in (
        (canonical_bytes(cortex_plan()), plans.parse_plan),
        (canonical_bytes(floor.bulletin_document("ST-01")), documents.parse_bulletin),
    ):
        refused = 0
        for _ in range(3_000):
            bad = bytearray(payload)
            bad[draw.randrange(len(bad))] = draw.randrange(256)
            try:
                read(bytes(bad))
            except AsbuiltError as refusal:
                refused += 1
                assert refusal.code.startswith("kernel.")
        assert refused > 1_500
