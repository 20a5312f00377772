"""The archive: written whole, checked without a database, opened with the recovery key alone, and what a change does."""

import base64
import json
import random
import subprocess
import sys
from datetime import date

import pytest
import signers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from asbuilt.kernel import trust
from asbuilt.kernel.errors import AsbuiltError, Refused

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40  # the one of conftest


@pytest.fixture
def archive(released, add, actor, tmp_path):
    from asbuilt.designed.firmware.archive import write_archive

    released()
    released("2.4.0", b"the next image", security_relevant=False, supported_until="2040-12-31")
    add("9.0.0", b"only a draft")
    folder = tmp_path / "archive"
    write_archive(actor, folder)
    return folder


def checked(folder, **said):
    from asbuilt.designed.firmware.archive import verify_folder

    log, record = keys_told()
    known = {"pin": signers.store().sha256, "recovery": signers.RECOVERY, "log_keys": log, "record_keys": record}
    return verify_folder(folder, **{**known, **said})


def keys_told() -> tuple[list[str], list[str]]:
    """Public keys of log and record as the home that wrote the archive has them, not as the archive says."""
    from asbuilt.kernel.notes import base64_text
    from asbuilt.ledger import keyring, origins

    origin = origins.origin(1)
    log = [line for line in keyring.public_keys(origin).splitlines() if line and not line.startswith("record ")]
    return log, [base64_text(keyring.record_public(origin).raw)]


def test_keys_that_come_with_the_archive_are_said_to_be_unchecked(archive):
    said = checked(archive, log_keys=(), record_keys=()).not_checked
    assert [line.split(":")[0] for line in said] == [
        "Whose log it is, and so when each release was made", "Whose record wrote the index",
    ]  # fmt: skip
    assert len(checked(archive, log_keys=()).not_checked) == len(checked(archive, record_keys=()).not_checked) == 1


def test_an_archive_of_another_log_or_record_is_not_taken_for_ones_own(archive):
    """Somebody who holds neither key wrote index and proofs anew, and keys.txt with them."""
    from asbuilt.kernel import keys, notes

    private = b"\x07" * 32
    foreign = notes.format_vkey("elsewhere", keys.public_of(private))
    found = checked(archive, log_keys=[foreign])
    assert [one.of for one in found.findings] == ["WIDGET app 2.3.1", "WIDGET app 2.4.0"]
    with pytest.raises(AsbuiltError) as refusal:
        checked(archive, record_keys=[notes.base64_text(keys.public_of(private))])
    assert refusal.value.code == "ledger.envelope_signature"


def test_what_was_released_is_what_is_there(archive, actor):
    from asbuilt.designed.firmware.archive import verify_register

    for found in (checked(archive), verify_register(actor)):
        assert found.findings == []
        assert (found.releases, found.signatures, found.images) == (2, 4, 2)
        assert found.not_checked == []


def test_no_image_lies_open(archive):
    for file in archive.rglob("*"):
        if file.is_file():
            assert IMAGE[8:60] not in file.read_bytes()


def test_the_archive_opens_with_nothing_but_the_recovery_key_and_the_files(archive, tmp_path):
    """Another process, no home, no keys folder, no Django: kernel and files alone, by what VERIFY.txt says."""
    key = tmp_path / "recovery.pem"
    key.write_text(signers.RECOVERY.to_pem())
    program = """
import base64, hashlib, json, sys
from pathlib import Path
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from asbuilt.kernel.sealing import SealingKey
folder, key = Path(sys.argv[1]), SealingKey.from_pem(Path(sys.argv[2]).read_text())
index = json.loads(base64.b64decode(json.loads((folder / "index.json").read_text())["payload"]))
for one in index["releases"]:
    name = one["image"]
    image_key = key.open((folder / f"images/{name}.key-1").read_bytes(), "image-key")
    image = AESGCM(image_key).decrypt(bytes(12), (folder / f"images/{name}.enc").read_bytes(), name.encode())
    assert hashlib.sha256(image).hexdigest() == name
    print(one["name"], len(image))
assert "django" not in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(archive), str(key)], capture_output=True, text=True, env={}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"WIDGET app 2.3.1 {len(IMAGE)}", "WIDGET app 2.4.0 14"]


def test_another_recovery_key_opens_nothing(archive):
    from asbuilt.kernel.sealing import SealingKey

    found = checked(archive, recovery=SealingKey.new())
    assert {finding.code for finding in found.findings} == {"firmware.archive_key_unfit"}
    assert found.images == 0


def test_a_pin_of_somebody_else(archive):
    assert [finding.code for finding in checked(archive, pin="0" * 64).findings] == ["ledger.trust_not_pinned"]
    assert "no pin was given" in checked(archive, pin="").not_checked[0]


def test_the_index_says_until_when(archive):
    signed = json.loads((archive / "index.json").read_text())
    index = json.loads(base64.b64decode(signed["payload"]))
    first, second = index["releases"]
    year = int(first["released_at"][:4])
    assert first["keep_until"][:4] == str(year + 10) and first["keep_until"][4:10] == first["released_at"][4:10]
    assert second["keep_until"].startswith("2041-01-01T00:00:00")
    assert first["rule_set"] == "asbuilt.firmware-retention/2026-11-28"


def test_as_known_on_a_day(released, actor, named, tmp_path):
    """A key that was stolen before the release, told two years later: on a day before that nobody knew."""
    from asbuilt.designed.firmware import actions, archive
    from asbuilt.kernel.instants import format_instant

    found = released()
    at = found.last("released").happened_at
    key = signers.RELEASERS[0].public.key_id
    told = at + 730 * signers.DAY
    second = signers.store(
        version=2, previous=signers.store().sha256, issued_at=told, epoch=1,
        revoked={key: trust.Revocation(key, 1, at - 1, "stolen")},
    )  # fmt: skip
    actions.set_trust_store(actor, document=signers.store_file(second))
    archive.write_archive(actor, tmp_path / "archive")
    day = date.fromisoformat(format_instant(told)[:10])
    before, on = date(day.year, day.month, 1).replace(year=day.year - 1), day
    for verified in (
        lambda **said: archive.verify_register(actor, **said),
        lambda **said: checked(tmp_path / "archive", **said),
    ):
        assert verified(at=before).findings == []
        assert [finding.code for finding in verified(at=on).findings] == ["ledger.trust_threshold"]
        assert [finding.code for finding in verified().findings] == ["ledger.trust_threshold"]
        assert verified(at=date(2020, 1, 1)).releases == 0


def test_keys_that_ran_out_since_still_count(widget, add, sign, actor, named, tmp_path):
    from asbuilt.designed.firmware import actions, archive

    one, two = signers.RELEASERS[:2]
    first = signers.store()
    from asbuilt.ledger import clock

    soon = clock.now() + 60_000_000
    keys = {**first.keys, one.public.key_id: signers.key_of(one, until_at=soon)}
    second = signers.store(version=2, previous=first.sha256, issued_at=signers.AT + 1, epoch=1, keys=keys)
    actions.set_trust_store(actor, document=signers.store_file(second))
    sign(add())
    actions.release_firmware(actor, **named)
    archive.write_archive(actor, tmp_path / "archive")
    assert checked(tmp_path / "archive", at=date(2036, 1, 1)).findings == []


def test_each_changed_file_is_named(archive):
    for file in sorted(file for file in archive.rglob("*") if file.is_file()):
        before = file.read_bytes()
        file.write_bytes(before[:-3] + bytes([before[-3] ^ 1]) + before[-2:])
        try:
            found = checked(archive)
            assert found.findings, file
        except AsbuiltError as refused:
            assert file.name in ("index.json", "keys.txt") and refused.code
        file.write_bytes(before)
        file.rename(file.with_suffix(".away"))
        try:
            assert checked(archive).findings, file
        except AsbuiltError as refused:
            assert file.name in ("index.json", "keys.txt") and refused.code
        file.with_suffix(".away").rename(file)
    assert checked(archive).findings == []


def test_ten_thousand_mutated_images_are_refused_by_name(archive):
    from asbuilt.designed.firmware import images
    from asbuilt.kernel.sealing import IMAGE_KEY

    name = next((archive / "images").glob("*.enc")).stem
    sealed = (archive / f"images/{name}.enc").read_bytes()
    key = signers.RECOVERY.open((archive / f"images/{name}.key-1").read_bytes(), IMAGE_KEY)
    assert images.unwrapped(sealed, key, name) == AESGCM(key).decrypt(bytes(12), sealed, name.encode())
    chance = random.Random(11)
    for _ in range(10_000):
        broken = bytearray(sealed)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        with pytest.raises(AsbuiltError) as refused:
            images.unwrapped(bytes(broken), key, name)
        assert refused.value.code == "firmware.image_does_not_open"


def test_a_filled_folder_is_left_alone(archive, actor):
    from asbuilt.designed.firmware.archive import write_archive

    with pytest.raises(Refused) as refused:
        write_archive(actor, archive)
    assert refused.value.code == "firmware.archive_folder_filled"


def test_a_stranger_archives_nothing(archive, actor, home, tmp_path):
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import RECORD_EXPORT
    from asbuilt.designed.firmware.archive import verify_register

    assert verify_register(Actor(4711, "person:1", frozenset({RECORD_EXPORT}))).releases == 0


def test_evidence_of_an_image_is_not_erased_in_its_time(archive, actor):
    from asbuilt.designed.firmware.images import kept_image
    from asbuilt.ledger.erasure import erase_evidence
    from asbuilt.storage import reading

    (sha256,) = reading.fetch_one("SELECT max(sha256) FROM firmware_image WHERE tenant = %s", (actor.tenant,))
    for (sha256,) in reading.fetch("SELECT sha256 FROM firmware_release_draft WHERE version <> %s", ("9.0.0",)):
        stored = kept_image(actor.tenant, sha256).stored_sha256
        with pytest.raises(Refused) as refused:
            erase_evidence(actor, sha256=stored, rule="own.retention-over")
        assert refused.value.code == "firmware.retention_runs"
