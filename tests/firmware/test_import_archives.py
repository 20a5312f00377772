"""An archive is taken into another home: whole, once, refused by name where anything differs; it proves itself from there too."""

import json
import shutil
from datetime import date

import pytest
import signers
from elsewhere import another_home  # noqa: F401

from asbuilt.kernel import trust
from asbuilt.kernel.errors import AsbuiltError

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 40  # the one of conftest
OTHER = b"the next image"
PIN = signers.store().sha256
PROVENANCE = {
    "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1",
    "predicate": {"buildDefinition": {"buildType": "https://build.example/v1"}, "runDetails": {"builder": {"id": "ci"}}},
}  # fmt: skip


def bom(revisions=("B", "C")):
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    actor = local_system(tenant_of_slug("main").number)
    line = {"product": "WIDGET", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}
    with recording(actor, "test.made") as entry:
        state_rows(entry, PartsIntake, checked_rows("parts", [{"part": "R"}]))
        state_rows(entry, BomIntake, checked_rows("bom", [{**line, "revision": code} for code in revisions]))
    return actor


@pytest.fixture
def archive(released, add, actor, tmp_path):
    """2.3.1 stands, 2.4.0 is withdrawn, 9.0.0 is a draft and stays at home."""
    from hashlib import sha256

    from asbuilt.designed.firmware.actions import withdraw_release
    from asbuilt.designed.firmware.archive import write_archive

    said = {**PROVENANCE, "subject": [{"digest": {"sha256": sha256(IMAGE).hexdigest()}}]}
    released(provenance=json.dumps(said).encode(), supported_until="2040-12-31")
    released("2.4.0", OTHER, security_relevant=False, change_log="")
    withdraw_release(actor, product="WIDGET", role="app", version="2.4.0", reason="bricks")
    add("9.0.0", b"only a draft")
    folder = tmp_path / "archive"
    write_archive(actor, folder)
    return folder


def taken(actor, folder, **said):
    from asbuilt.designed.firmware.archive_import import import_archive

    return import_archive(actor, folder, **{"recovery": signers.RECOVERY, "pin": PIN, **said})


def refused(code, actor, folder, **said):
    with pytest.raises(AsbuiltError) as refusal:
        taken(actor, folder, **said)
    assert refusal.value.code == code, refusal.value
    return refusal.value


def told(actor):
    """The register as a reader sees it, without who recorded it."""
    from asbuilt.designed.firmware import telling

    return {one["version"]: one for one in telling.releases_seen(actor)}


@pytest.fixture
def elsewhere(archive, actor, another_home):  # noqa: F811
    """(folder, what the first home told, an actor of an empty home with the product's BOM)."""
    before = told(actor)
    another_home()
    return archive, before, bom()


def test_what_was_released_there_is_released_here(elsewhere):
    from asbuilt.designed.firmware import images, register, telling
    from asbuilt.designed.firmware.archive import verify_register

    folder, before, here = elsewhere
    found = taken(here, folder)
    assert (found.trust_versions, found.releases, found.images, found.known, found.left) == (1, 2, 2, 0, [])
    del before["9.0.0"]
    assert told(here) == before
    assert before["2.4.0"]["withdrawn_reason"] == "bricks" and before["2.3.1"]["state"] == "released"
    for content in (IMAGE, OTHER):
        from hashlib import sha256

        assert images.open_image(here.tenant, sha256(content).hexdigest()) == content
    verified = verify_register(here)
    assert (verified.findings, verified.releases, verified.signatures, verified.images) == ([], 2, 4, 2)
    assert register.permittable(here.tenant, "WIDGET", "app", "2.3.1").name == "WIDGET app 2.3.1"
    assert json.loads(telling.provenance_bytes(here, "WIDGET", "app", "2.3.1"))["predicate"] == PROVENANCE["predicate"]


def test_the_second_time_takes_nothing(elsewhere):
    from asbuilt.storage import reading

    folder, _, here = elsewhere
    taken(here, folder)
    before = reading.fetch_one("SELECT count(*) FROM ledger_entry", ())
    found = taken(here, folder, pin="")  # the trust store of this home is the pin
    assert (found.trust_versions, found.releases, found.images, found.known) == (0, 0, 0, 2)
    assert reading.fetch_one("SELECT count(*) FROM ledger_entry", ()) == before


def test_the_log_and_the_projection_hold_afterwards(elsewhere):
    from asbuilt.ledger.verifying import verify

    folder, _, here = elsewhere
    taken(here, folder)
    assert verify(here.tenant).findings == []


def test_it_is_archived_again_with_the_proof_of_the_first_log(elsewhere, tmp_path):
    """Signatures are judged by when the first log recorded the release, so its proof goes along, byte for byte."""
    from asbuilt.designed.firmware.archive import verify_folder, write_archive

    folder, _, here = elsewhere
    taken(here, folder)
    write_archive(here, tmp_path / "again")
    for number in (1, 2):
        proof = f"releases/{number}/log-proof.txt"
        assert (tmp_path / "again" / proof).read_bytes() == (folder / proof).read_bytes()
    found = verify_folder(tmp_path / "again", pin=PIN, recovery=signers.RECOVERY)
    assert (found.findings, found.releases, found.images) == ([], 2, 2)
    assert verify_folder(tmp_path / "again", pin=PIN, at=date(2020, 1, 1)).releases == 0


def test_a_home_that_has_the_tables_alone_gets_images_and_proofs(archive, actor, another_home, tmp_path):  # noqa: F811
    """Register rows came by trust_stores.csv and its sisters: they say nothing that a log proves, and have no bytes."""
    from hashlib import sha256

    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.designed.firmware import images
    from asbuilt.designed.firmware.archive import verify_folder, write_archive

    export_folder(actor, tmp_path / "tables")
    another_home()
    here = bom()
    import_folder(here, tmp_path / "tables")
    with pytest.raises(AsbuiltError) as refusal:
        write_archive(here, tmp_path / "unproved")
    assert refusal.value.code == "firmware.archive_no_proof" and not (tmp_path / "unproved").exists()
    found = taken(here, archive)
    assert (found.trust_versions, found.releases, found.images, found.known) == (0, 0, 2, 0)
    assert images.open_image(here.tenant, sha256(IMAGE).hexdigest()) == IMAGE
    assert taken(here, archive).known == 2
    write_archive(here, tmp_path / "again")
    verified = verify_folder(tmp_path / "again", pin=PIN, recovery=signers.RECOVERY)
    assert (verified.findings, verified.releases, verified.images) == ([], 2, 2)


def test_each_changed_file_is_refused_by_name_and_nothing_is_taken(elsewhere):
    from asbuilt.designed.firmware import register

    folder, _, here = elsewhere
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        before = file.read_bytes()
        file.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(AsbuiltError) as refusal:
            taken(here, folder)
        name = str(file.relative_to(folder))
        named = [one["of"] for one in refusal.value.facts.get("findings", ())]
        assert name in named or name in ("index.json", "keys.txt"), (name, refusal.value)
        file.write_bytes(before)
    assert register.registered(here.tenant) == [] and register.trust_documents(here.tenant) == []
    assert taken(here, folder).releases == 2


def test_who_does_not_say_whose_archive_it_is_gets_none(elsewhere):
    folder, _, here = elsewhere
    refused("firmware.archive_pin_missing", here, folder, pin="")
    refused("firmware.archive_differs", here, folder, pin="0" * 64)
    from asbuilt.kernel.sealing import SealingKey

    finding = refused("firmware.archive_differs", here, folder, recovery=SealingKey.new()).facts["findings"][0]
    assert finding["code"] == "firmware.archive_key_unfit"


def test_products_without_a_bom_here_are_named(archive, another_home):  # noqa: F811
    another_home()
    here = bom(("B",))
    refusal = refused("firmware.archive_product_unknown", here, archive)
    assert refusal.facts["products"] == {"WIDGET": ["C"]}
    assert "bom.csv" in refusal.remedy


def test_another_trust_store_here_is_a_conflict(elsewhere):
    from asbuilt.designed.firmware.actions import set_trust_store

    folder, _, here = elsewhere
    own = signers.store(store="other")
    set_trust_store(here, document=signers.store_file(own), pin=own.sha256)
    refused("firmware.archive_other_trust", here, folder)
    refused("firmware.archive_differs", here, folder, pin="")


def test_a_second_version_that_differs_is_named(archive, actor, another_home, tmp_path):  # noqa: F811
    from asbuilt.designed.firmware.actions import set_trust_store
    from asbuilt.designed.firmware.archive import write_archive

    def second(at):
        return signers.store(version=2, previous=PIN, issued_at=signers.AT + at, epoch=1)

    set_trust_store(actor, document=signers.store_file(second(1)))
    write_archive(actor, tmp_path / "newer")
    another_home()
    here = bom()
    set_trust_store(here, document=signers.store_file(signers.store()), pin=PIN)
    set_trust_store(here, document=signers.store_file(second(2)))
    refusal = refused("firmware.archive_other_trust", here, tmp_path / "newer")
    assert refusal.facts["version"] == 2
    assert taken(here, archive).releases == 2  # the older one has no such version


def test_another_release_of_the_same_version_is_a_conflict(elsewhere):
    from asbuilt.designed.firmware import actions, register

    folder, _, here = elsewhere
    actions.set_trust_store(here, document=signers.store_file(signers.store()), pin=PIN)
    actions.add_release(here, draft=actions.Draft("WIDGET", "app", "2.4.0", ("B",)), image=b"built elsewhere")
    refusal = refused("firmware.archive_other_release", here, folder)
    assert refusal.facts == {"release": "WIDGET app 2.4.0", "differs": ["statement"]}
    assert [one.key[2] for one in register.registered(here.tenant)] == ["2.4.0"]  # 2.3.1 was not taken either


def test_history_without_signatures_is_a_conflict(elsewhere, load):
    folder, _, here = elsewhere
    row = {"product": "WIDGET", "version": "2.3.1", "role": "", "image": "", "sha256": "a" * 64, "revisions": "B",
           "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    load({"firmware": [row]}, "history")
    refused("firmware.release_in_history", here, folder)


def test_a_withdrawal_here_stays_and_one_there_arrives(archive, actor, another_home, tmp_path):  # noqa: F811
    """The home takes the older archive, withdraws 2.3.1 itself, and takes the archive again."""
    from asbuilt.designed.firmware.actions import withdraw_release

    another_home()
    here = bom()
    taken(here, archive)
    withdraw_release(here, product="WIDGET", role="app", version="2.3.1", reason="ours")
    assert taken(here, archive).known == 2
    assert told(here)["2.3.1"]["withdrawn_reason"] == "ours"
    assert told(here)["2.4.0"]["withdrawn_reason"] == "bricks"


def test_who_may_not_import_history_takes_no_archive(elsewhere):
    from asbuilt.access.actor import person_actor

    folder, _, here = elsewhere
    refused("access.right_missing", person_actor(here.tenant, 1, frozenset({"operator"}), None), folder)
    refused("access.right_missing", person_actor(here.tenant, 1, frozenset({"auditor"}), None), folder)


def test_by_command_into_a_home_with_keys_of_its_own(archive, tmp_path):
    """Another installation: its own log, its own keys; checked, taken, verified, archived again and checked with no home."""
    import os

    from forked import asbuilt

    own = {name: value for name, value in os.environ.items() if not name.startswith(("ASBUILT_", "DJANGO_"))}
    env = {**own, "ASBUILT_HOME": str(tmp_path / "h"), "ASBUILT_KEYS": str(tmp_path / "k")}
    (tmp_path / "safe").write_text(signers.RECOVERY.to_pem())

    def run(*said, code=0):
        done = asbuilt([*map(str, said)], env)
        assert done.returncode == code, done.stderr
        return done.stdout

    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "parts.csv").write_text("part,description,mpn,manufacturer,lifecycle,msl\nR,,,,,\n")
    lines = "".join(f"WIDGET,{code},1,1,R,1,R1\n" for code in "BC")
    (tables / "bom.csv").write_text("product,revision,bom_version,line,part,quantity,refdes\n" + lines)
    run("init")
    run("import", tables)
    here = ("firmware", "archive", "import", archive, "--recovery-key", tmp_path / "safe", "--format", "json")
    assert json.loads(run(*here, "--pin", "0" * 64, code=7))["code"] == "firmware.archive_differs"
    found = json.loads(run(*here, "--pin", PIN))
    assert (found["releases"], found["images"], found["trust_versions"]) == (2, 2, 1)
    assert json.loads(run(*here))["known"] == 2
    assert json.loads(run("firmware", "archive", "verify", "--format", "json"))["images"] == 2
    run("firmware", "archive", "write", tmp_path / "again")
    shutil.rmtree(tmp_path / "h")
    shutil.rmtree(tmp_path / "k")
    said = ("--pin", PIN, "--recovery-key", tmp_path / "safe", "--format", "json")
    found = json.loads(run("firmware", "archive", "verify", tmp_path / "again", *said))
    assert (found["holds"], found["releases"], found["signatures"], found["images"]) == (True, 2, 4, 2)
    assert trust.open_chain([(tmp_path / "again/trust/1.json").read_bytes()], PIN)[0].version == 1
