"""Evidence: byte for byte, encrypted where its class says so, checked on reading, gone where nothing came of it."""

import hashlib
import io
import os

import pytest

from asbuilt.kernel.errors import Invalid, NotFound, Tampered

MIB = 1 << 20


def stored(home):
    return sorted(file for file in (home.folder / "blobs").glob("??/*"))


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 17])
@pytest.mark.parametrize("evidence_class", ["import", "document"])
def test_bytes_come_back_as_they_went(actor, record, home, size, evidence_class):
    from asbuilt.ledger import evidence

    content = os.urandom(size)
    kept = evidence.keep(actor.tenant, io.BytesIO(content), "a.bin", evidence_class)
    record(rest_on=kept)
    assert (kept.sha256, kept.size) == (hashlib.sha256(content).hexdigest(), size)
    assert b"".join(evidence.open_evidence(actor.tenant, kept.sha256)) == content
    (file,) = stored(home)
    lies = file.read_bytes()
    assert (lies == content) == (evidence_class == "document")
    assert evidence_class == "document" or size < MIB - 1 or content[:64] not in lies


@pytest.mark.parametrize("evidence_class", ["import", "document"])
def test_many_that_are_stored_side_by_side_come_back_each_as_it_went(actor, record, home, evidence_class):
    from asbuilt.ledger import evidence

    contents = [os.urandom(size) for size in (0, 1, 700, MIB + 1, *range(2, 60))]
    kept = evidence.keep_together(
        actor.tenant, [(content, f"{n}.bin") for n, content in enumerate(contents)], evidence_class
    )
    assert [(one.sha256, one.size, one.file_name) for one in kept] == [
        (hashlib.sha256(content).hexdigest(), len(content), f"{n}.bin") for n, content in enumerate(contents)
    ]
    for one, content in zip(kept, contents, strict=True):
        record(rest_on=one)
        assert b"".join(evidence.open_evidence(actor.tenant, one.sha256)) == content
    assert len(stored(home)) == len(contents)
    assert list((home.folder / "blobs" / "incoming").iterdir()) == []


def test_one_that_cannot_be_written_leaves_none_half_written(home):
    from asbuilt.storage import blobs

    def broken():
        yield b"begun"
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        blobs.store_together([[b"one"], broken(), [b"three"]])
    assert list((home.folder / "blobs" / "incoming").iterdir()) == []


def test_what_no_entry_rests_on_is_removed(actor, record, home, tmp_path):
    from asbuilt.ledger import evidence

    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    with pytest.raises(ZeroDivisionError), evidence.incoming(actor.tenant, tmp_path / "a.csv", "a.csv", "import"):
        assert len(stored(home)) == 1
        raise ZeroDivisionError
    assert stored(home) == []
    with evidence.incoming(actor.tenant, tmp_path / "a.csv", "a.csv", "import") as kept:
        record(rest_on=kept)
    assert len(stored(home)) == 1
    with evidence.incoming(actor.tenant, tmp_path / "a.csv", "again.csv", "import") as again:
        record(rest_on=again)
    assert len(stored(home)) == 1
    assert evidence.evidence_row(actor.tenant, kept.sha256).file_name == "a.csv"


@pytest.mark.parametrize("evidence_class", ["import", "document"])
@pytest.mark.parametrize("place", [0, 100, MIB + 20, -1])
def test_one_changed_byte_is_not_handed_out(actor, record, home, evidence_class, place):
    from asbuilt.ledger import evidence

    kept = evidence.keep(actor.tenant, io.BytesIO(b"x" * (2 * MIB)), "a.csv", evidence_class)
    record(rest_on=kept)
    (file,) = stored(home)
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    with pytest.raises(Tampered):
        evidence.open_evidence(actor.tenant, kept.sha256)


def test_a_missing_blob_and_an_unknown_hash(actor, record, home):
    from asbuilt.ledger import evidence

    kept = evidence.keep(actor.tenant, io.BytesIO(b"x"), "a.csv", "import")
    record(rest_on=kept)
    stored(home)[0].unlink()
    with pytest.raises(Tampered):
        evidence.open_evidence(actor.tenant, kept.sha256)
    with pytest.raises(NotFound):
        evidence.open_evidence(actor.tenant, "0" * 64)
    with pytest.raises(NotFound):
        evidence.open_evidence(actor.tenant + 1, kept.sha256)


def test_an_unknown_class_is_refused(actor):
    from asbuilt.ledger import evidence

    with pytest.raises(Invalid):
        evidence.keep(actor.tenant, io.BytesIO(b"x"), "a.csv", "whatever")


def test_memory_stays_flat(actor, record):
    import tracemalloc

    from asbuilt.ledger import evidence

    class Long:
        left = 64 * MIB

        def read(self, size):
            size = min(size, self.left)
            self.left -= size
            return b"\0" * size

    evidence.keep(actor.tenant, io.BytesIO(b"warm"), "w", "import")
    tracemalloc.start()
    kept = evidence.keep(actor.tenant, Long(), "long.csv", "import")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept.size == 64 * MIB and peak < 16 * MIB


def test_half_written_blobs_are_swept(home, actor):
    from asbuilt.ledger import evidence

    folder = home.folder / "blobs" / "incoming"
    folder.mkdir(parents=True)
    (folder / "half").write_bytes(b"x")
    assert evidence.sweep() == 0
    assert evidence.sweep(older_than_seconds=-1) == 1
