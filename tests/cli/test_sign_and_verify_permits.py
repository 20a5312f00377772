"""`asbuilt permit sign` and `asbuilt verify` on grants, permits, end certificates: offline, without a home, by exit codes."""

import json
import os
import subprocess
import sys

import pytest
from signers import BRAND, Ed25519, signed
from station_floor import Floor, StationKey, key_of

from asbuilt.kernel import keys, permits
from asbuilt.kernel.canonical import canonical_bytes

OWNER, ISSUER = Ed25519("owner's own key"), Ed25519("issuer")
STATION = StationKey(b"\x05" * 32)


def asbuilt(folder, *words: str) -> subprocess.CompletedProcess:
    program = [sys.executable, "-m", "asbuilt.doors.cli.main", *map(str, words)]
    env = {**os.environ, "ASBUILT_HOME": str(folder / "no-home"), "ASBUILT_KEYS": str(folder / "no-keys")}
    return subprocess.run(program, capture_output=True, text=True, env=env, cwd=folder, timeout=60)


@pytest.fixture
def desk(tmp_path) -> Floor:
    """A folder with keys, a grant and a permit as plain JSON."""
    floor = Floor(tmp_path, b"image")
    for name, who in (("owner", OWNER), ("issuer", ISSUER), ("foreign", Ed25519("foreign"))):
        (tmp_path / f"{name}.key").write_text(keys.private_to_pem(who.private))
        (tmp_path / f"{name}.pem").write_text(keys.public_to_pem(who.public))
    (tmp_path / "grant.json").write_bytes(canonical_bytes(floor.grant_document()))
    write_permit(floor, "permit.json", 60)
    return floor


def write_permit(floor: Floor, name: str, units: int, **changes) -> None:
    share = {"station": "ST-01", "key": key_of(STATION.public), "units": units, "rework_units": 0}
    (floor.folder / name).write_bytes(canonical_bytes(floor.permit_document([share], **changes)))


def sign_both(desk: Floor) -> None:
    folder = desk.folder
    assert (
        asbuilt(folder, "permit", "sign", "grant.json", "--key", "owner.key", "--output", "grant.signed").returncode
        == 0
    )
    words = [
        "permit",
        "sign",
        "permit.json",
        "--key",
        "issuer.key",
        "--output",
        "permit.signed",
        "--grant",
        "grant.signed",
    ]
    done = asbuilt(folder, *words)
    assert done.returncode == 0, done.stderr


def test_a_grant_and_a_permit_are_signed_and_verified_with_the_owners_key_alone(desk):
    sign_both(desk)
    done = asbuilt(
        desk.folder, "verify", "permit.signed", "--with", "grant.signed", "--key", "owner.pem", "--format", "json"
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["kind"], said["order"], said["units"]) == ("permit", "WO-7", 60)
    whole = asbuilt(
        desk.folder, "verify", "grant.signed", "--with", "permit.signed", "--key", "owner.pem", "--format", "json"
    )
    assert json.loads(whole.stdout)["left for further permits"] == 40
    assert not (desk.folder / "no-home").exists()


def test_the_signed_documents_are_what_the_kernel_opens(desk):
    sign_both(desk)
    grant = permits.open_grant((desk.folder / "grant.signed").read_bytes(), brand_owner_keys=[OWNER.public])
    assert permits.open_permit((desk.folder / "permit.signed").read_bytes(), grant=grant).units == 60


def test_another_owners_key_does_not_verify(desk):
    sign_both(desk)
    done = asbuilt(desk.folder, "verify", "grant.signed", "--key", "foreign.pem")
    assert (done.returncode, "kernel.permit_signature" in done.stderr) == (7, True)


def test_permits_above_the_grant_are_refused_together(desk):
    sign_both(desk)
    write_permit(desk, "second.json", 41, permit_id="01KB00000000000000000000P2")
    words = [
        "permit",
        "sign",
        "second.json",
        "--key",
        "issuer.key",
        "--output",
        "second.signed",
        "--grant",
        "grant.signed",
    ]
    assert asbuilt(desk.folder, *words).returncode == 0
    beside = ["--with", "permit.signed", "--with", "second.signed"]
    done = asbuilt(desk.folder, "verify", "grant.signed", "--key", "owner.pem", *beside)
    assert (done.returncode, "kernel.permit_split_over_units" in done.stderr) == (4, True)


def test_nobody_signs_a_permit_above_its_grant_or_with_a_key_that_it_does_not_name(desk):
    sign_both(desk)
    write_permit(desk, "more.json", 101)
    sign = ["permit", "sign", "more.json", "--grant", "grant.signed", "--output", "x.signed", "--key"]
    assert asbuilt(desk.folder, *sign, "issuer.key").returncode == 4
    sign[2] = "permit.json"
    assert asbuilt(desk.folder, *sign, "foreign.key").returncode == 2
    assert (
        asbuilt(desk.folder, "permit", "sign", "permit.json", "--key", "issuer.key", "--output", "x.signed").returncode
        == 3
    )
    assert not (desk.folder / "x.signed").exists()


def test_a_further_signature_is_added_to_the_same_bytes(desk):
    sign_both(desk)
    done = asbuilt(desk.folder, "permit", "sign", "grant.signed", "--key", "foreign.key", "--output", "two.signed")
    assert done.returncode == 0, done.stderr
    found = json.loads((desk.folder / "two.signed").read_bytes())
    assert len(found["signatures"]) == 2
    assert found["payload"] == json.loads((desk.folder / "grant.signed").read_bytes())["payload"]


def test_an_unknown_field_and_an_existing_file_are_refused(desk):
    said = json.loads((desk.folder / "grant.json").read_bytes())
    (desk.folder / "odd.json").write_bytes(canonical_bytes({**said, "extra": 1}))
    done = asbuilt(desk.folder, "permit", "sign", "odd.json", "--key", "owner.key", "--output", "odd.signed")
    assert (done.returncode, "extra is not known here" in done.stderr) == (2, True)
    (desk.folder / "grant.signed").write_text("kept")
    done = asbuilt(desk.folder, "permit", "sign", "grant.json", "--key", "owner.key", "--output", "grant.signed")
    assert (done.returncode, (desk.folder / "grant.signed").read_text()) == (4, "kept")


def test_an_end_certificate_is_checked_down_from_the_grant(desk):
    sign_both(desk)
    grant = permits.open_grant((desk.folder / "grant.signed").read_bytes(), brand_owner_keys=[OWNER.public])
    permit = permits.open_permit((desk.folder / "permit.signed").read_bytes(), grant=grant)
    unit = {"unit": "SN-1", "uid": "0102030405060708", "state": "pass", "attempts": 1, "rework": False}
    said = {
        "schema": 1, "permit_id": permit.permit_id, "permit_sha256": permit.sha256, "grant_id": grant.grant_id,
        "station": "ST-01", "closed": True, "created_at": "2026-11-28T10:00:00Z", "units": [unit], "records_first": 1,
        "records_last": 5, "chain_first": "aa" * 32, "chain_last": "bb" * 32,
    }  # fmt: skip
    (desk.folder / "end.signed").write_bytes(signed(permits.END_TYPE, canonical_bytes(said), [STATION]))
    (desk.folder / "foreign.signed").write_bytes(signed(permits.END_TYPE, canonical_bytes(said), [BRAND]))
    beside = ["--with", "permit.signed", "--with", "grant.signed", "--key", "owner.pem"]
    done = asbuilt(desk.folder, "verify", "end.signed", *beside, "--format", "json")
    assert (done.returncode, json.loads(done.stdout)["units spent"]) == (0, 1)
    assert asbuilt(desk.folder, "verify", "foreign.signed", *beside).returncode == 7
    assert asbuilt(desk.folder, "verify", "end.signed", "--with", "grant.signed", "--key", "owner.pem").returncode == 3


def test_signing_loads_no_django():
    code = (
        "import sys; from asbuilt.doors.cli import permissions; import asbuilt.kernel.permits; "
        "print(sorted(m for m in sys.modules if m.split('.')[0] in ('django', 'ninja')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    assert done.stdout.strip() == "[]", done.stderr


def test_what_burns_fuses_is_signed_by_two_and_the_plan_says_whether_it_does(desk):
    """The grant's threshold is 1; the permit locks nothing, only its plan says that a fuse is burnt."""
    second = Ed25519("second")
    desk.grant["issuers"] = [key_of(ISSUER.public), key_of(second.public)]
    burn = {"part": "U1", "field": "KEY", "value": "", "secret": "device-key"}
    desk.plan["burns"] = [burn]
    (desk.folder / "plan.json").write_bytes(canonical_bytes(desk.plan))
    (desk.folder / "second.key").write_text(keys.private_to_pem(second.private))
    (desk.folder / "grant.json").write_bytes(canonical_bytes(desk.grant_document()))
    write_permit(desk, "permit.json", 60)
    sign_both(desk)
    verify = ["--with", "grant.signed", "--key", "owner.pem", "--format", "json"]
    alone = asbuilt(desk.folder, "verify", "permit.signed", *verify)
    assert "give its plan" in json.loads(alone.stdout)["cannot_prove"]
    done = asbuilt(desk.folder, "verify", "permit.signed", *verify, "--with", "plan.json")
    assert (done.returncode, "kernel.permit_two_issuers" in done.stderr) == (4, True)
    sign = [
        "permit",
        "sign",
        "permit.signed",
        "--key",
        "second.key",
        "--output",
        "both.signed",
        "--grant",
        "grant.signed",
    ]
    assert asbuilt(desk.folder, *sign).returncode == 0
    for beside in ((), ("--with", "plan.json")):
        done = asbuilt(desk.folder, "verify", "both.signed", *verify, *beside)
        assert (done.returncode, json.loads(done.stdout)["cannot_prove"]) == (0, "")
