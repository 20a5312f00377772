"""Backup and restore: the whole home, every tenant, in one file that both engines read.

The file is a zip: `tables/<name>.jsonl` (dumping), `blobs/<sha256>`, `public/<n>.keys` and `manifest.json` with the
SHA-256 of each of them; its last 64 bytes, the zip's comment, are the SHA-256 of everything before. It is one moment
of the record. It holds no private key: those are kept apart.

`restore` takes a file into an empty home only, after every hash in it was checked, all in one transaction. The log
then has the same root at the size that was backed up, and the restore is its next entry. Where a larger head was
signed since, or the keys are lost, the log goes on under a new origin, whose first entry that is (reference/log.md,
section 5).
"""

import hashlib
import json
import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from asbuilt.kernel.errors import NotFound, Refused, Tampered, Unavailable
from asbuilt.ledger import checkpoints, clock, dumping, keyring, origins, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import blobs, bulk, databases, drills, reading
from asbuilt.storage.databases import READER, WRITER
from asbuilt.storage.statistics import pin_statistics
from asbuilt.storage.transactions import write_tx

FORMAT = "asbuilt.backup/1"
MANIFEST = "manifest.json"
SEAL_BYTES = 64
RESTORED = "ledger.restored"


@dataclass(frozen=True)
class _Restorer:
    """Who the restore is recorded as: the owner of the home, before anybody can sign in."""

    tenant: int
    label: str = "system:local"


def backup(file: Path) -> dict:
    """Write the backup; returns its manifest. The file appears whole or not at all. Refused in a drill: restored elsewhere it would be a record,
    whose outbox sends."""
    if drills.drill() is not None:
        said = "This is a drill: a copy of the record for an exercise, and nothing to keep."
        raise Refused("ledger.backup_of_drill", said, {}, "Back up the home of the record.")
    for tenant in _tenants():
        sequencing.after_commit(tenant)
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as into, reading.snapshot():
                manifest = _write_all(into)
                into.comment = b"0" * SEAL_BYTES
            seal = _seal(out)
            out.seek(-SEAL_BYTES, os.SEEK_END)
            out.write(seal)
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def _tenants() -> list[int]:
    return [tenant for (tenant,) in reading.fetch("SELECT DISTINCT tenant FROM ledger_head ORDER BY tenant")]


def _write_all(into: zipfile.ZipFile) -> dict:
    members, columns = {}, {}
    for table, fields in dumping.tables().items():
        columns[table] = [field.column for field in fields]
        members[f"tables/{table}.jsonl"] = _write(into, f"tables/{table}.jsonl", dumping.lines(table, fields))
    heads = []
    for number, tenant in enumerate(_tenants()):
        origin, size, root, _ = sequencing.head(tenant)
        heads.append({"tenant": tenant, "origin": origin, "size": size, "root": root.hex()})
        name = f"public/{number}.keys"
        members[name] = _write(into, name, [keyring.public_keys(origin).encode()])
    for file in sorted((databases.home() / "blobs").glob("??/*")):
        name = f"blobs/{file.parent.name}{file.name}"
        members[name] = _write(into, name, _pieces(file), zipfile.ZIP_STORED)
    manifest = {
        "format": FORMAT,
        "at": clock.now(),
        "migrations": _migrations(READER),
        "columns": columns,
        "heads": heads,
        "members": members,
    }
    into.writestr(MANIFEST, json.dumps(manifest, sort_keys=True))
    return manifest


def _seal(stream: BinaryIO) -> bytes:
    """The SHA-256 of the file but for its last bytes, in hex."""
    left = stream.seek(0, os.SEEK_END) - SEAL_BYTES
    stream.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (piece := stream.read(min(left, blobs.PIECE_BYTES))):
        digest.update(piece)
        left -= len(piece)
    return digest.hexdigest().encode()


def _pieces(file: Path) -> Iterator[bytes]:
    with open(file, "rb") as stream:
        yield from blobs.pieces(stream)


def _write(into: zipfile.ZipFile, name: str, pieces: Iterable[bytes], how: int = zipfile.ZIP_DEFLATED) -> str:
    digest = hashlib.sha256()
    member = zipfile.ZipInfo(name)
    member.compress_type, member.external_attr = how, 0o600 << 16
    with into.open(member, "w", force_zip64=True) as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


def _migrations(alias: str) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connections[alias]).applied_migrations())


def restore(file: Path) -> list[dict]:
    """Restore into an empty home; returns what became of each log: origin, size, root, entry that says so.

    NotFound without the file, Tampered where a hash in it does not hold, Refused where the home is not empty or the
    backup was made by another version.
    """
    if not file.is_file():
        raise NotFound("ledger.backup_missing", f"There is no file {file}.", {"file": str(file)})
    try:
        with open(file, "rb") as stream:
            if _seal(stream) != stream.read():
                raise _damaged("its last bytes are not the hash of the others")
        with zipfile.ZipFile(file) as source:
            manifest = _checked(source)
            _empty_home(manifest)
            with transaction.atomic(using=WRITER):
                _load(source, manifest)
                told = [_go_on(source, number, head) for number, head in enumerate(manifest["heads"])]
    except (zipfile.BadZipFile, EOFError, OSError, UnicodeDecodeError) as error:
        raise _damaged(f"it cannot be read: {error}") from None
    for head in manifest["heads"]:
        sequencing.sequence(head["tenant"])
    return told


def _damaged(reason: str) -> Tampered:
    return Tampered("ledger.backup_damaged", f"The backup is damaged: {reason}.", remedy="Take an older backup.")


def _checked(source: zipfile.ZipFile) -> dict:
    """The manifest, once every byte of the file agrees with it."""
    names = set(source.namelist())
    if MANIFEST not in names:
        raise _damaged("it has no manifest")
    manifest = json.loads(source.read(MANIFEST))
    if manifest["format"] != FORMAT:
        raise Refused("ledger.backup_format", "The backup has a format that this version does not read.")
    if names != {*manifest["members"], MANIFEST}:
        raise _damaged("a part of it is missing or too many")
    for name, sha256 in manifest["members"].items():
        with source.open(name) as stream:
            digest = hashlib.sha256()
            for piece in blobs.pieces(stream):
                digest.update(piece)
        if digest.hexdigest() != sha256 or (name.startswith("blobs/") and name != f"blobs/{sha256}"):
            raise _damaged(f"{name} was changed")
    return manifest


def _empty_home(manifest: dict) -> None:
    """Bring the database up to date and refuse one that holds anything, or that has other tables than the backup."""
    databases.home().mkdir(parents=True, exist_ok=True)
    connection = connections[WRITER]
    there = set(connection.introspection.table_names())
    for table in dumping.tables():
        if table in there:
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')
                if cursor.fetchone():
                    raise Refused(
                        "ledger.home_not_empty",
                        "The home holds a record already.",
                        {"table": table},
                        "Point ASBUILT_HOME at an empty folder, or ASBUILT_DATABASE_URL at an empty database.",
                    )
    call_command("migrate", verbosity=0, interactive=False)
    pin_statistics()
    columns = {table: [field.column for field in fields] for table, fields in dumping.tables().items()}
    if _migrations(WRITER) != manifest["migrations"] or columns != manifest["columns"]:
        raise Refused(
            "ledger.backup_version",
            "The backup was made by another version of Asbuilt.",
            remedy="Restore it with that version, then bring it up to date.",
        )


def _load(source: zipfile.ZipFile, manifest: dict) -> None:
    for table, fields in dumping.tables().items():
        with source.open(f"tables/{table}.jsonl") as stream:
            bulk.insert_rows(table, [field.column for field in fields], dumping.rows(stream, fields))
    _reset_sequences()
    for name in manifest["members"]:
        if name.startswith("blobs/"):
            with source.open(name) as stream:
                _store_blob(stream, name.removeprefix("blobs/"))


def _store_blob(stream: BinaryIO, sha256: str) -> None:
    if blobs.store(blobs.pieces(stream))[0] != sha256:
        raise _damaged(f"blob {sha256} was changed")


def _reset_sequences() -> None:
    from django.apps import apps
    from django.core.management.color import no_style

    connection = connections[WRITER]
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in dumping.tables()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _go_on(source: zipfile.ZipFile, number: int, head: dict) -> dict:
    """Record the restore as the next entry of a log, under a new origin where one is needed."""
    tenant, origin, size, root = head["tenant"], head["origin"], head["size"], bytes.fromhex(head["root"])
    with write_tx(tenant):
        try:
            newest = keyring.newest_head(origin)
        except Unavailable:
            new_origin, newest = keyring.renew_keys(origin, source.read(f"public/{number}.keys").decode()), None
        else:
            new_origin = _new_origin(origin, size, root, newest)
        if new_origin:
            at = reading.fetch_one(
                "SELECT signed_at FROM ledger_head WHERE tenant = %s AND origin = %s", (tenant, origin)
            )
            checkpoints.insert_head(tenant, new_origin, size, size, root, at[0])
        signed = max(size, newest.size if newest else size)
        with recording(_Restorer(tenant), RESTORED) as entry:
            entry.notes = {"origin": origin, "root": root.hex(), "signed": signed, "size": size}
        return {
            "tenant": tenant,
            "origin": origins.origin(tenant),
            "size": size,
            "root": root.hex(),
            "entry": entry.number,
        }


def _new_origin(origin: str, size: int, root: bytes, newest) -> str | None:
    """The origin to go on under, None where the newest head ever signed is the one restored, or an older one."""
    if newest is None or (
        newest.origin == origin and (newest.size < size or (newest.size, newest.root) == (size, root))
    ):
        return None
    new_origin = keyring.next_origin(newest.origin)
    keyring.add_origin(origin, new_origin)
    return new_origin
