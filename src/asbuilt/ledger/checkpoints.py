"""Checkpoints: signed heads, handed out so that others can hold us to them.

A head that is kept elsewhere is the only thing that shows a log that was cut, or rewritten and signed again. So each
head handed out is remembered, can be written to a folder (one file a head, never overwritten) and compared with any
later one. The time of a head is that of the newest entry it covers: it can be checked, a clock reading could not.

Standards: C2SP tlog-checkpoint, signed-note, tlog-tiles.
"""

from pathlib import Path

from asbuilt.kernel import merkle, notes, tiles
from asbuilt.kernel.errors import Invalid, Tampered
from asbuilt.ledger import keyring, origins, sequencing
from asbuilt.storage import bulk, reading
from asbuilt.storage.transactions import write_tx

LOG_READ = "log.read"  # the right's name in access.rights, a floor above this room


def open_log(tenant: int, ulid: str, slug: str, site: str) -> str:
    """Make the tenant's keys and its first head, of no entries, where they are missing; returns the origin."""
    origin = keyring.make_keys(ulid, slug, site)
    with write_tx(tenant):
        if reading.fetch_one("SELECT 1 FROM ledger_head WHERE tenant = %s", (tenant,)) is None:
            insert_head(tenant, origin, 0, 0, merkle.EMPTY_ROOT, 0)
    return origin


def insert_head(tenant: int, origin: str, since: int, size: int, root: bytes, signed_at: int) -> None:
    """The first head under an origin; inside a write transaction. Its root is what the tiles give."""
    reader = sequencing.tile_reader(tenant)
    note = keyring.sign_head(origin, size, root, lambda at: tiles.root_at(at, reader))
    columns = ("tenant", "origin", "since", "size", "root", "signed_at", "note")
    bulk.insert_rows("ledger_head", columns, [(tenant, origin, since, size, root, signed_at, note)])


def checkpoint(actor) -> str:
    """The signed note of the log as it is now, remembered as handed out. What waits is put in order first."""
    actor.require(LOG_READ)
    sequencing.sequence(actor.tenant)
    with write_tx(actor.tenant):
        sql = (
            "SELECT origin, size, signed_at, note FROM ledger_head WHERE tenant = %s "
            "ORDER BY since DESC, origin DESC LIMIT 1"
        )
        origin, size, signed_at, note = reading.fetch_one(sql, (actor.tenant,))
        bulk.run(
            "INSERT INTO ledger_checkpoint (tenant, size, origin, signed_at, note) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, size, origin) DO NOTHING",
            (actor.tenant, size, origin, signed_at, note),
        )
    return note


def read_checkpoint(tenant: int, note: str | bytes) -> notes.Checkpoint:
    """The head in a note, once its signature by one of this log's keys is checked."""
    return notes.verify_checkpoint(note, keyring.vkeys(origins.origin(tenant)))


def export_checkpoint(actor, folder: Path) -> Path:
    """Write the present head into the folder as a file of its own; returns the file. One that is there is compared."""
    note = checkpoint(actor)
    found = read_checkpoint(actor.tenant, note)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{found.origin.replace('/', '_')}-{found.size:012}.checkpoint"
    if not file.exists():
        with open(file, "x", encoding="utf-8") as out:
            out.write(note)
    elif file.read_text(encoding="utf-8") != note:
        raise Tampered(
            "ledger.anchor_differs",
            f"{file.name} holds another head of the same size.",
            {"file": str(file), "size": found.size},
            "Run `asbuilt ledger verify --anchor` with this file.",
        )
    return file


def consistency(tenant: int, old_note: str | bytes, new_note: str | bytes) -> list[bytes]:
    """The proof that the head in `old_note` is the beginning of the one in `new_note`, checked before it is returned.

    Tampered where it is not. Invalid from size 0, which proves nothing, and where the sizes do not ascend up to the
    present one.
    """
    old, new = read_checkpoint(tenant, old_note), read_checkpoint(tenant, new_note)
    size = sequencing.head(tenant)[1]
    if not 0 < old.size <= new.size <= size:
        raise Invalid(
            "ledger.consistency_sizes",
            f"No proof leads from {old.size} to {new.size} entries in a log of {size}.",
            {"old": old.size, "new": new.size, "size": size},
            "Give the older head first; a head of no entries proves nothing.",
        )
    proof = tiles.consistency_proof(old.size, new.size, sequencing.tile_reader(tenant))
    if not merkle.verify_consistency(old.size, new.size, proof, old.root, new.root):
        raise Tampered(
            "ledger.history_rewritten",
            f"The head of {new.size} entries does not contain the one of {old.size}.",
            {"old": old.size, "new": new.size},
            "Run `asbuilt ledger verify` with both heads as anchors.",
        )
    return proof


def publish(tenant: int, folder: Path) -> int:
    """Write the log as tlog-tiles files: `checkpoint`, `tile/…`, `tile/entries/…`; returns how many files were written.

    Full tiles that are there already are left; the checkpoint comes last, so that a reader never misses a tile.
    """
    with reading.snapshot():
        _, size, _, note = sequencing.head(tenant)
        reader, written = sequencing.tile_reader(tenant), 0
        for level, n, width in tiles.tiles_of(size):
            file = folder / tiles.tile_path(level, n, width)
            if not file.exists():
                written += _write(file, reader(level, n)[: width * merkle.HASH_BYTES])
            if level == 0 and not (file := folder / tiles.entries_path(n, width)).exists():
                written += _write(file, tiles.entry_bundle(_bodies(tenant, n, width)))
    return written + _write(folder / "checkpoint", note.encode())


def _bodies(tenant: int, n: int, width: int) -> list[bytes]:
    sql = (
        "SELECT e.body FROM ledger_leaf l JOIN ledger_entry e ON e.tenant = l.tenant AND e.number = l.entry "
        "WHERE l.tenant = %s AND l.position >= %s AND l.position < %s ORDER BY l.position"
    )
    first = n * tiles.WIDTH
    return [body.encode() for (body,) in reading.fetch(sql, (tenant, first, first + width))]


def _write(file: Path, content: bytes) -> int:
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")
    beside.write_bytes(content)
    beside.replace(file)
    return 1
