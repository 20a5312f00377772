"""Sequencing: entries get their place in the log, and the log a new signed head.

A recorded entry waits in `pending`. A round takes those that wait, in the order of their numbers, and reads, hashes,
builds tiles and signs before it takes its turn to write; the write itself is short (reference/log.md, section 2). One
sequencer works for a tenant at a time; nobody waits for another one: whoever finds the place taken leaves, and the one
inside looks once more after it let go, so that nothing stays behind.

Entry *n* is leaf *n - 1*, since numbers are given without gaps by one writer at a time. A gap means that an entry was
taken away: the sequencer then refuses to grow the log, and so it does where the tiles no longer give the signed root.
"""

import logging

from django.db import connections

from asbuilt.kernel import merkle, tiles
from asbuilt.kernel.errors import AsbuiltError, Tampered
from asbuilt.ledger import keyring
from asbuilt.storage import bulk, reading
from asbuilt.storage.databases import WRITER
from asbuilt.storage.transactions import try_lock, write_tx

ROUND_ENTRIES = 2048
ROUND_BYTES = 32 << 20

_log = logging.getLogger(__name__)


def after_commit(tenant: int) -> None:
    """Put in order what waits. Doors call it once their verb is committed: what goes wrong is logged, never raised.

    A verb that another one called inside its transaction is not committed yet: the outer one calls this.
    """
    if connections[WRITER].in_atomic_block:
        return
    try:
        sequence(tenant)
    except AsbuiltError as refusal:  # keys that are away, a record that was changed: said in words, no bug
        _log.error("tenant %s: entries wait unsequenced: %s", tenant, refusal)
    except Exception:
        _log.exception("tenant %s: entries wait unsequenced", tenant)


def sequence(tenant: int) -> int:
    """Put all waiting entries of the tenant in order; returns how many this call did.

    Tampered where an entry is missing or the tiles do not give the signed root; Refused by the signer (keyring).
    """
    if connections[WRITER].in_atomic_block:
        raise RuntimeError("entries are put in order after their commit, never inside it")
    done = 0
    while _waiting(tenant):
        with try_lock(f"sequencer.{tenant}") as ours:
            if not ours:
                break
            done += _round(tenant)
    return done


def _waiting(tenant: int) -> bool:
    return reading.fetch_one("SELECT 1 FROM ledger_pending WHERE tenant = %s LIMIT 1", (tenant,)) is not None


def tile_reader(tenant: int) -> tiles.TileReader:
    """The reader `get_tile(level, n)` over the tenant's tiles; b"" where there is none."""

    def get_tile(level: int, n: int) -> bytes:
        sql = "SELECT hashes FROM ledger_tile WHERE tenant = %s AND level = %s AND n = %s"
        row = reading.fetch_one(sql, (tenant, level, n))
        return bytes(row[0]) if row else b""

    return get_tile


def head(tenant: int) -> tuple[str, int, bytes, str]:
    """(origin, size, root, signed note) of the present head."""
    sql = "SELECT origin, size, root, note FROM ledger_head WHERE tenant = %s ORDER BY since DESC, origin DESC LIMIT 1"
    row = reading.fetch_one(sql, (tenant,))
    if row is None:
        raise LookupError(f"tenant {tenant} has no log")
    return row[0], row[1], bytes(row[2]), row[3]


def _round(tenant: int) -> int:
    origin, size, root, _ = head(tenant)
    bodies, signed_at = _take(tenant, size)
    if not bodies:
        return 0
    stored = tile_reader(tenant)
    if tiles.root_at(size, stored) != root:
        raise Tampered(
            "ledger.tiles_changed",
            "The tiles do not give the root of the head, so the log is not grown.",
            {"origin": origin, "size": size},
            "Run `asbuilt ledger verify`.",
        )
    changed, new_root = tiles.append(size, [merkle.leaf_hash(body) for body in bodies], stored)

    def grown(level: int, n: int) -> bytes:
        return changed.get((level, n)) or stored(level, n)

    new_size = size + len(bodies)
    note = keyring.sign_head(origin, new_size, new_root, lambda at: tiles.root_at(at, grown))
    _store(tenant, origin, size, new_size, new_root, note, signed_at, changed)
    return len(bodies)


def _take(tenant: int, size: int) -> tuple[list[bytes], int]:
    """The texts of the next entries, and the time of the last of them."""
    sql = (
        "SELECT p.entry, e.recorded_at, e.body FROM ledger_pending p LEFT JOIN ledger_entry e ON e.tenant = p.tenant "
        "AND e.number = p.entry WHERE p.tenant = %s AND p.entry > %s ORDER BY p.entry LIMIT %s"
    )
    bodies: list[bytes] = []
    signed_at, taken, after = 0, 0, 0
    while len(bodies) < ROUND_ENTRIES and taken < ROUND_BYTES:
        rows = reading.fetch(sql, (tenant, after, 256))
        for number, recorded_at, body in rows:
            if number != size + len(bodies) + 1 or body is None:
                raise Tampered(
                    "ledger.entry_missing",
                    f"Entry {size + len(bodies) + 1} should be next in the log, and is not there.",
                    {"entry": size + len(bodies) + 1, "found": number},
                    "Run `asbuilt ledger verify`.",
                )
            bodies.append(body.encode())
            signed_at, after = recorded_at, number
            taken += len(body)
        if len(rows) < 256:
            break
    return bodies, signed_at


def _store(tenant: int, origin: str, size: int, new_size: int, root: bytes, note: str, signed_at: int, changed) -> None:
    with write_tx(tenant):
        now = head(tenant)
        if now[:2] != (origin, size):
            raise Tampered(
                "ledger.head_moved",
                "The head of the log changed while this one was made.",
                {"origin": origin, "size": size, "found": now[1]},
                "Run `asbuilt ledger verify`.",
            )
        leaves = ((tenant, position, position + 1) for position in range(size, new_size))
        bulk.insert_rows("ledger_leaf", ("tenant", "position", "entry"), leaves)
        bulk.run("DELETE FROM ledger_pending WHERE tenant = %s AND entry <= %s", (tenant, new_size))
        bulk.run_many(
            "INSERT INTO ledger_tile (tenant, level, n, hashes) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (tenant, level, n) DO UPDATE SET hashes = excluded.hashes",
            [(tenant, level, n, hashes) for (level, n), hashes in changed.items()],
        )
        bulk.run(
            "UPDATE ledger_head SET size = %s, root = %s, signed_at = %s, note = %s WHERE tenant = %s AND origin = %s",
            (new_size, root, signed_at, note, tenant, origin),
        )
