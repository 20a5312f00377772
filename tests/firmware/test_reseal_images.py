"""Recovery keys set later: older images are sealed for them, and open with the new key, the files and nothing else."""

import pytest
import signers

from asbuilt.kernel import trust
from asbuilt.kernel.errors import AsbuiltError, NotAllowed, Refused
from asbuilt.kernel.sealing import SealingKey

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40  # the one of conftest
SAFE, SECOND_SAFE = SealingKey.new(), SealingKey.new()


def next_store(*recovery, **changes):
    """Version 2, with these recovery keys alone."""
    first = signers.store()
    keys = {key_id: key for key_id, key in first.keys.items() if key_id != signers.RECOVERY.public.key_id}
    keys |= {one.public.key_id: trust.TrustKey(one.public, f"safe {n}") for n, one in enumerate(recovery)}
    named = {**first.roles, "recovery": trust.Role(frozenset(one.public.key_id for one in recovery), 1)}
    said = {
        "version": 2,
        "previous": first.sha256,
        "issued_at": signers.AT + 1,
        "epoch": 1,
        "keys": keys,
        "roles": named,
    }
    return signers.store(**{**said, **changes})


@pytest.fixture
def old(released, actor):
    """Three images sealed for the first recovery key; then the trust store names two others."""
    from asbuilt.designed.firmware.actions import set_trust_store

    released()
    released("2.4.0", b"the next image")
    released("2.5.0", b"the next image")  # the same bytes: one image
    set_trust_store(actor, document=signers.store_file(next_store(SAFE, SECOND_SAFE)))


def opened(folder, key):
    from asbuilt.designed.firmware.archive import verify_folder

    return verify_folder(folder, pin=signers.store().sha256, recovery=key)


def test_older_images_open_with_each_new_key_alone(old, actor, tmp_path):
    from asbuilt.designed.firmware import archive, recovery

    archive.write_archive(actor, tmp_path / "before")
    assert opened(tmp_path / "before", SAFE).images == 0
    assert recovery.waiting(actor.tenant) == 2
    done = recovery.reseal_images(actor)
    assert (done.sealed, done.known) == (2, 0)
    assert set(done.keys) == {SAFE.public.key_id, SECOND_SAFE.public.key_id}
    archive.write_archive(actor, tmp_path / "after")
    for key in (SAFE, SECOND_SAFE):
        found = opened(tmp_path / "after", key)
        assert (found.findings, found.images) == ([], 2)
    # the old key opens what was written before, and nothing that is written now
    assert opened(tmp_path / "before", signers.RECOVERY).images == 2
    assert opened(tmp_path / "after", signers.RECOVERY).images == 0


def test_without_the_home_the_new_key_and_the_files_are_enough(old, actor, tmp_path):
    """No keys folder any more: the bytes come out of the files."""
    from asbuilt.designed.firmware import archive, recovery
    from asbuilt.ledger import keyring, origins

    recovery.reseal_images(actor)
    archive.write_archive(actor, tmp_path / "archive")
    (keyring.folder_of(origins.origin(actor.tenant)) / "image.key").unlink()
    from hashlib import sha256

    assert archive.open_archived(tmp_path / "archive", sha256(IMAGE).hexdigest(), SAFE) == IMAGE


def test_it_is_recorded_and_done_once(old, actor):
    import json

    from asbuilt.designed.firmware import images, recovery
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    recovery.reseal_images(actor)
    again = recovery.reseal_images(actor)
    assert (again.sealed, again.known, recovery.waiting(actor.tenant)) == (0, 2, 0)
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND type = %s ORDER BY number"
    said = [json.loads(body)["facts"] for (body,) in reading.fetch(sql, (actor.tenant, "firmware.image_sealed_anew"))]
    assert len({one["image"] for one in said}) == len(said) == 2
    assert all(set(one["recovery"]) == {SAFE.public.key_id, SECOND_SAFE.public.key_id} for one in said)
    assert list(images.changed_images(actor.tenant)) == []
    assert verify(actor.tenant).findings == []


def test_a_seal_that_somebody_exchanges_later_is_found(old, actor):
    from asbuilt.designed.firmware import images, recovery
    from asbuilt.storage import bulk

    recovery.reseal_images(actor)
    bulk.run("UPDATE firmware_image SET recovery = '[]' WHERE tenant = %s", (actor.tenant,))
    assert len(list(images.changed_images(actor.tenant))) == 2


def test_it_goes_on_where_an_image_did_not_open(old, actor):
    """The key-encryption key is away: nothing is sealed for anybody; with it back all are."""
    from asbuilt.designed.firmware import recovery
    from asbuilt.ledger import keyring, origins

    file = keyring.folder_of(origins.origin(actor.tenant)) / "image.key"
    away = file.rename(file.with_name("away"))
    with pytest.raises(AsbuiltError) as refusal:
        recovery.reseal_images(actor)
    assert refusal.value.code == "firmware.image_key_missing" and recovery.waiting(actor.tenant) == 2
    away.rename(file)
    assert recovery.reseal_images(actor).sealed == 2


def test_a_trust_store_without_recovery_key_takes_no_seal_away(released, actor):
    from asbuilt.designed.firmware import images, recovery
    from asbuilt.designed.firmware.actions import set_trust_store

    found = released()
    roles = {name: role for name, role in signers.store().roles.items() if name != "recovery"}
    set_trust_store(actor, document=signers.store_file(next_store(roles=roles)))
    with pytest.raises(Refused) as refusal:
        recovery.reseal_images(actor)
    assert refusal.value.code == "firmware.recovery_key_missing" and recovery.waiting(actor.tenant) == 0
    assert len(images.kept_image(actor.tenant, found.statement.sha256).recovery) == 1


def test_an_erased_image_is_left_alone_and_who_may_not(old, actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.firmware import recovery
    from asbuilt.storage import bulk, reading

    sql = "SELECT min(sha256) FROM firmware_image WHERE tenant = %s"
    (sha256,) = reading.fetch_one(sql, (actor.tenant,))
    bulk.run(
        "UPDATE firmware_image SET wrapped_key = NULL, recovery = '', erased_by = 1 WHERE tenant = %s AND sha256 = %s",
        (actor.tenant, sha256),
    )
    with pytest.raises(NotAllowed):
        recovery.reseal_images(person_actor(actor.tenant, 1, frozenset({"engineer"}), None))
    assert recovery.reseal_images(actor).sealed == 1


def test_by_command(old, actor, home, tmp_path):
    import json
    import subprocess
    import sys
    from pathlib import Path

    (tmp_path / "safe").write_text(SAFE.to_pem())

    def run(*said):
        command = [str(Path(sys.executable).with_name("asbuilt")), "firmware", "archive", *map(str, said)]
        done = subprocess.run(command, capture_output=True, text=True, env=home.env(), timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert json.loads(run("reseal", "--format", "json"))["sealed"] == 2
    run("write", tmp_path / "archive")
    pin = signers.store().sha256
    said = ("--pin", pin, "--recovery-key", tmp_path / "safe", "--format", "json")
    found = json.loads(run("verify", tmp_path / "archive", *said))
    assert (found["holds"], found["releases"], found["signatures"], found["images"]) == (True, 3, 6, 2)
