"""Signed heads: handed out, compared, written to files that others can check."""

import base64
import os
import stat

import pytest

from asbuilt.kernel import merkle, notes, tiles
from asbuilt.kernel.errors import Invalid, NotAllowed, Tampered


def test_keys_are_private_and_made_once(home, actor):
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.ledger import keyring

    folder = home.keys / "main"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for name in ("log.key", "record.key"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    tenant = tenant_of_slug("main")
    keyring.make_keys(tenant.ulid, "main", "asbuilt.example")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    log, record = (folder / "public.keys").read_text().splitlines()
    assert notes.parse_vkey(log).name == f"asbuilt.example/log/{tenant.ulid}"
    word, key_id, key = record.split(" ")
    assert word == "record" and len(bytes.fromhex(key_id)) == 8 and len(base64.b64decode(key)) == 32


@pytest.mark.parametrize(
    ("origin", "after"),
    [("a.example/log/01J", "a.example/log/01J/2"), ("a.example/log/01J/2", "a.example/log/01J/3")],
)
def test_next_origin(origin, after):
    from asbuilt.ledger import keyring

    assert keyring.next_origin(origin) == after


def test_a_checkpoint_holds_and_is_remembered(actor, record, home):
    from asbuilt.ledger import checkpoints
    from asbuilt.storage import reading

    record()
    note = checkpoints.checkpoint(actor)
    vkey = notes.parse_vkey((home.keys / "main" / "public.keys").read_text().splitlines()[0])
    assert notes.verify_checkpoint(note, [vkey]).size == 1
    assert checkpoints.checkpoint(actor) == note
    assert reading.fetch("SELECT size, note FROM ledger_checkpoint WHERE tenant = %s", (actor.tenant,)) == [(1, note)]


def test_a_checkpoint_needs_the_right_to_read_the_log(actor):
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import LOG_READ
    from asbuilt.ledger import checkpoints

    assert checkpoints.LOG_READ == LOG_READ
    with pytest.raises(NotAllowed):
        checkpoints.checkpoint(Actor(actor.tenant, "person:1"))


def test_consistency_leads_from_an_older_head_to_a_newer(actor, record):
    from asbuilt.ledger import checkpoints

    heads = []
    for count in (1, 4, 300):
        for _ in range(count):
            record()
        heads.append(checkpoints.checkpoint(actor))
    old, new = (checkpoints.read_checkpoint(actor.tenant, heads[n]) for n in (1, 2))
    proof = checkpoints.consistency(actor.tenant, heads[1], heads[2])
    assert merkle.verify_consistency(old.size, new.size, proof, old.root, new.root)
    with pytest.raises(Invalid):
        checkpoints.consistency(actor.tenant, heads[2], heads[1])


def test_consistency_from_nothing_proves_nothing(actor, record):
    from asbuilt.ledger import checkpoints

    empty = checkpoints.checkpoint(actor)
    record()
    with pytest.raises(Invalid):
        checkpoints.consistency(actor.tenant, empty, checkpoints.checkpoint(actor))


def test_a_foreign_head_is_refused(actor, record, home):
    from asbuilt.ledger import checkpoints

    record()
    note = checkpoints.checkpoint(actor)
    forged = notes.sign_checkpoint(note.split("\n")[0], 1, bytes(32), os.urandom(32))
    with pytest.raises(Tampered):
        checkpoints.consistency(actor.tenant, note, forged)


def test_one_file_a_head(actor, record, tmp_path):
    from asbuilt.ledger import checkpoints

    record()
    first = checkpoints.export_checkpoint(actor, tmp_path / "heads")
    assert checkpoints.export_checkpoint(actor, tmp_path / "heads") == first
    record()
    second = checkpoints.export_checkpoint(actor, tmp_path / "heads")
    assert len(list((tmp_path / "heads").iterdir())) == 2
    second.write_text(first.read_text())
    with pytest.raises(Tampered):
        checkpoints.export_checkpoint(actor, tmp_path / "heads")


def test_published_files_are_a_tiled_log(actor, record, tmp_path):
    """A stranger with the files alone recomputes the root from the entry bundles and from the tiles."""
    from asbuilt.ledger import checkpoints, sequencing

    for n in range(300):
        record(said={"n": n})
    sequencing.sequence(actor.tenant)
    checkpoints.publish(actor.tenant, tmp_path)
    size, root = (tmp_path / "checkpoint").read_text().split("\n")[1:3]
    assert int(size) == 300
    entries = tiles.bundle_entries((tmp_path / "tile/entries/000").read_bytes())
    entries += tiles.bundle_entries((tmp_path / "tile/entries/001.p/44").read_bytes())
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    assert base64.b64encode(merkle.root(leaves)).decode() == root
    assert (tmp_path / "tile/0/000").read_bytes() == b"".join(leaves[:256])
    assert (tmp_path / "tile/0/001.p/44").read_bytes() == b"".join(leaves[256:])
    assert (tmp_path / "tile/1/000.p/1").read_bytes() == merkle.root(leaves[:256])
    assert {str(f.relative_to(tmp_path)) for f in tmp_path.rglob("*") if f.is_file() and "tile/" in str(f)} == {
        "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"
    }  # fmt: skip
