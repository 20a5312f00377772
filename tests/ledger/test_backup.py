"""Backup and restore: the same root, the restore an entry; nothing into a home in use; no damaged file."""

import io
import json
import shutil
import zipfile

import pytest

from asbuilt.kernel.errors import NotFound, Refused, Tampered


@pytest.fixture
def filled(actor, record, home):
    """A home with entries, facts, evidence and a hidden value."""
    from asbuilt.ledger import evidence, sequencing

    record(units=range(1, 301), runs=[(1, 301, "R")], hide={"operator": "Jo"})
    record(rest_on=evidence.keep(actor.tenant, io.BytesIO(b"a,b\n" * 1000), "a.csv", "import"))
    sequencing.sequence(actor.tenant)
    return home


def all_rows():
    from asbuilt.ledger import dumping
    from asbuilt.storage import reading

    with reading.snapshot():
        return {table: sorted(dumping.lines(table, fields)) for table, fields in dumping.tables().items()}


def restore_beside(home, empty, file):
    """Restore into the empty home, with the keys of the first one."""
    from asbuilt.ledger import backup

    empty.enter()
    shutil.copytree(home.keys, empty.keys, dirs_exist_ok=True)
    return backup.restore(file)


GROWN = ("ledger_entry", "ledger_leaf", "ledger_tile", "ledger_head", "ledger_pending")


def test_the_same_record_and_the_restore_as_next_entry(filled, empty_home_apart, tmp_path, actor):
    from asbuilt.ledger import backup, sequencing
    from asbuilt.ledger.verifying import verify

    filled.enter()
    before, head = all_rows(), sequencing.head(actor.tenant)
    manifest = backup.backup(tmp_path / "b.zip")
    assert [entry["size"] for entry in manifest["heads"]] == [2]
    (told,) = restore_beside(filled, empty_home_apart, tmp_path / "b.zip")
    after = all_rows()
    assert {t: rows for t, rows in after.items() if t not in GROWN} == {
        t: rows for t, rows in before.items() if t not in GROWN
    }
    assert set(before["ledger_entry"]) < set(after["ledger_entry"])
    assert (told["origin"], told["size"], told["root"], told["entry"]) == (head[0], 2, head[2].hex(), 3)
    from asbuilt.kernel import tiles

    assert tiles.root_at(2, sequencing.tile_reader(actor.tenant)) == head[2]
    assert sequencing.head(actor.tenant)[:2] == (head[0], 3)
    last = json.loads(json.loads(sorted(set(after["ledger_entry"]) - set(before["ledger_entry"]))[0])[-1])
    assert last["type"] == "ledger.restored" and last["facts"]["size"] == 2
    assert verify(actor.tenant, [head[3]]).findings == []


def test_a_new_origin_where_a_larger_head_was_signed(filled, record, empty_home_apart, tmp_path, actor):
    from asbuilt.ledger import backup, checkpoints, sequencing
    from asbuilt.ledger.recording import recording
    from asbuilt.ledger.verifying import verify

    filled.enter()
    kept = checkpoints.checkpoint(actor)
    backup.backup(tmp_path / "b.zip")
    record(said={"lost": 1})
    lost = checkpoints.checkpoint(actor)
    origin = lost.split("\n")[0]
    (told,) = restore_beside(filled, empty_home_apart, tmp_path / "b.zip")
    assert told["origin"] == f"{origin}/2"
    for n in range(3):
        with recording(actor, "test.after") as entry:
            entry.notes = {"n": n}
    sequencing.sequence(actor.tenant)
    assert sequencing.head(actor.tenant)[:2] == (f"{origin}/2", 6)
    report = verify(actor.tenant, [kept, lost])
    assert report.findings == []
    assert [(f.code, f.where) for f in report.information] == [("ledger.lost_by_restore", {"entry": 3, "size": 3})] * 1
    assert len((empty_home_apart.keys / "main" / "public.keys").read_text().splitlines()) == 3


def test_lost_keys_mean_new_keys_and_a_new_origin(filled, empty_home_apart, tmp_path, actor):
    from asbuilt.ledger import backup, sequencing
    from asbuilt.ledger.verifying import verify

    filled.enter()
    origin, _, _, note = sequencing.head(actor.tenant)
    backup.backup(tmp_path / "b.zip")
    empty_home_apart.enter()
    (told,) = backup.restore(tmp_path / "b.zip")
    assert told["origin"] == f"{origin}/2"
    assert verify(actor.tenant, [note]).findings == []


def test_no_private_key_and_no_sign_in_travels(filled, tmp_path):
    from asbuilt.ledger import backup

    backup.backup(tmp_path / "b.zip")
    secrets = [
        file.read_bytes().strip()
        for file in filled.keys.rglob("*")
        if file.name in ("log.key", "record.key", "django.secret")
    ]
    assert len(secrets) == 3
    with zipfile.ZipFile(tmp_path / "b.zip") as source:
        for name in source.namelist():
            content = source.read(name)
            assert b"PRIVATE" not in content
            assert not any(secret in content for secret in secrets)
        assert "tables/django_session.jsonl" not in source.namelist()
        assert {"tables/access_tenant.jsonl", "tables/ledger_entry.jsonl"} < set(source.namelist())


def test_only_into_an_empty_home(filled, tmp_path):
    from asbuilt.ledger import backup

    backup.backup(tmp_path / "b.zip")
    with pytest.raises(Refused) as refusal:
        backup.restore(tmp_path / "b.zip")
    assert refusal.value.code == "ledger.home_not_empty"
    with pytest.raises(NotFound):
        backup.restore(tmp_path / "none.zip")


def test_a_damaged_backup_is_refused_whole(filled, empty_home_apart, tmp_path):
    from asbuilt.ledger import backup
    from asbuilt.storage import reading

    filled.enter()
    file = tmp_path / "b.zip"
    backup.backup(file)
    whole = file.read_bytes()
    empty_home_apart.enter()
    places = [len(whole) * n // 23 for n in range(1, 23)]
    for place in places:
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(Tampered):
            backup.restore(file)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Tampered):
        backup.restore(file)
    file.write_bytes(whole)
    backup.restore(file)
    assert reading.fetch_one("SELECT count(*) FROM ledger_segment")[0] == 2


def test_a_part_swapped_and_sealed_again_is_refused(filled, empty_home_apart, tmp_path):
    """Whoever seals the file anew still has to make every part agree with the manifest."""
    import hashlib

    from asbuilt.ledger import backup

    filled.enter()
    backup.backup(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as source, zipfile.ZipFile(tmp_path / "c.zip", "w") as into:
        for name in source.namelist():
            content = source.read(name)
            into.writestr(
                name, content.replace(b"test.recorded", b"test.rewritte") if "ledger_entry" in name else content
            )
        into.comment = b"0" * 64
    raw = (tmp_path / "c.zip").read_bytes()[:-64]
    (tmp_path / "c.zip").write_bytes(raw + hashlib.sha256(raw).hexdigest().encode())
    empty_home_apart.enter()
    with pytest.raises(Tampered) as refusal:
        backup.restore(tmp_path / "c.zip")
    assert "ledger_entry" in refusal.value.message


def _truth_values(tenant):
    """Rows with truth values and bytes, which the engines store differently."""
    from asbuilt.designed.firmware.models import Release

    for number, value in ((1, True), (2, False)):
        said = {"ulid": "01J", "product": 1, "role": "app", "version": "2.3.1", "revisions": "", "entry": 1, "row": 0}
        Release(tenant=tenant, number=number, sha256=bytes(32), security_relevant=value, **said).save(force_insert=True)


def test_across_engines_and_back(filled, empty_home_apart, tmp_path, actor):
    """On PostgreSQL: into SQLite and back again. On SQLite the same way twice. Every row arrives as it left."""
    from asbuilt.ledger import backup, sequencing
    from asbuilt.ledger.verifying import verify

    filled.enter()
    _truth_values(actor.tenant)
    before, note = all_rows(), sequencing.head(actor.tenant)[3]
    backup.backup(tmp_path / "one.zip")
    between = type(filled)(tmp_path / "between", "")
    between.folder.parent.mkdir()
    restore_beside(filled, between, tmp_path / "one.zip")
    assert verify(actor.tenant, [note], projections=False).findings == []
    backup.backup(tmp_path / "two.zip")
    restore_beside(between, empty_home_apart, tmp_path / "two.zip")
    assert verify(actor.tenant, [note], projections=False).findings == []
    after = all_rows()
    for table in set(before) - set(GROWN):
        assert before[table] == after[table], table
    assert sequencing.head(actor.tenant)[1] == 4
