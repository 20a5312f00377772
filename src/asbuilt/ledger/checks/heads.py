"""Signed heads against the log: our own, those handed out, those kept elsewhere."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError

from asbuilt.kernel import certificates, notes
from asbuilt.kernel.errors import AsbuiltError, Unavailable
from asbuilt.ledger import keyring, origins
from asbuilt.ledger.checks.chain import Walked
from asbuilt.ledger.checks.report import Report
from asbuilt.storage import reading

RESTORED = "ledger.restored"
HEAD, CHECKPOINT, NEWEST, ANCHOR = "head", "checkpoint", "newest head", "anchor"
_TABLES = {HEAD: "ledger_head", CHECKPOINT: "ledger_checkpoint"}


@dataclass(frozen=True)
class SignedHead:
    """A head with a signature that holds; `name` says which one it is, `signed_at` what its row says (None: no row)."""

    kind: str
    name: str
    origin: str
    size: int
    root: bytes
    signed_at: int | None = None
    since: int = 0


Newest = notes.Checkpoint | AsbuiltError | None


def newest_signed(tenant: int) -> dict[str, Newest]:
    """By origin the newest head that was ever signed, by the file beside the keys, or why it cannot be believed. Read it before the snapshot of
    the verification: what it covers is in the snapshot then, in its place or waiting for one; a head that is signed meanwhile need not be."""
    try:
        origin = origins.origin(tenant)
    except (LookupError, DatabaseError, sqlite3.DatabaseError):
        return {}  # the verification names it
    return {origin: _newest(origin)}


def _newest(origin: str) -> Newest:
    try:
        return keyring.newest_head(origin)
    except AsbuiltError as refusal:
        return refusal


def signed_heads(
    tenant: int,
    origin: str,
    before: dict[str, Newest],
    anchors: Iterable[str | bytes],
    report: Report,
) -> list[SignedHead]:
    """Every head that can be checked, from tables, the file beside the keys (`before`: newest_signed), and the anchors given."""
    try:
        vkeys = keyring.vkeys(origin)
    except Unavailable as missing:
        report.not_checked.append(f"Signatures of heads: {missing.message}")
        return []
    found = []
    sql = "SELECT origin, size, root, signed_at, note, since FROM ledger_head WHERE tenant = %s ORDER BY since, origin"
    for row in reading.fetch(sql, (tenant,)):
        found += _row_head(HEAD, *row, vkeys, report)
    sql = "SELECT origin, size, signed_at, note FROM ledger_checkpoint WHERE tenant = %s ORDER BY size, origin"
    for name, size, signed_at, note in reading.fetch(sql, (tenant,)):
        found += _row_head(CHECKPOINT, name, size, None, signed_at, note, 0, vkeys, report)
    newest = before[origin] if origin in before else _newest(origin)
    if isinstance(newest, AsbuiltError):
        report.add(
            "ledger.newest_head_changed", f"The file newest_head is not ours: {newest.message}", file="newest_head"
        )
    elif newest:
        found.append(SignedHead(NEWEST, "newest_head", newest.origin, newest.size, newest.root))
    given = 0
    for given, anchor in enumerate(anchors, 1):
        try:
            head = notes.verify_checkpoint(anchor, vkeys)
        except AsbuiltError as refusal:
            report.add("ledger.anchor_not_ours", f"Anchor {given} is not ours: {refusal.message}", anchor=given)
        else:
            found.append(SignedHead(ANCHOR, f"anchor {given}", head.origin, head.size, head.root))
    if not given:
        report.not_checked.append(
            "Heads kept elsewhere: none was given, so a log cut or rewritten and signed again would not show."
        )
    report.counts["heads"] = len(found)
    return found


def _row_head(kind, origin, size, root, signed_at, note, since, vkeys, report: Report) -> list[SignedHead]:
    where = {"table": _TABLES[kind], "size": size, "origin": origin}
    try:
        said = notes.verify_checkpoint(note, vkeys)
    except AsbuiltError as refusal:
        report.add(
            "ledger.checkpoint_not_ours", f"The {kind} of {size} entries is not ours: {refusal.message}", **where
        )
        return []
    if (said.origin, said.size) != (origin, size) or (root is not None and bytes(root) != said.root):
        report.add("ledger.checkpoint_row_changed", f"The {kind} of {size} entries is not what was signed.", **where)
    name = f"{kind} of {said.size} entries"
    return [SignedHead(kind, name, said.origin, said.size, said.root, signed_at, since)]


def judge(heads: list[SignedHead], seen: Walked, report: Report) -> None:
    """Say what the walk and the heads together show."""
    own = [head for head in heads if head.kind == HEAD and head.size == seen.head_size]
    signed = own[-1].root if own else None
    by_entries, by_tiles = seen.roots.get(seen.head_size, (b"", b""))
    for position in seen.changed:
        _blame(position, signed == by_entries, signed == by_tiles, report)
    if seen.changed_total > len(seen.changed):
        report.tell("ledger.more_changed", f"{seen.changed_total} entries or tile hashes differ in all.")
    fitting = 0
    for head in sorted(heads, key=lambda head: head.size):
        _times_and_origin(head, seen, report)
        if _lost_by_restore(head, seen, report):
            continue
        if head.size not in seen.roots:
            first = seen.upper + 1
            what = f"The log is shorter than the {head.name}: entries {first} to {head.size} are lost."
            report.add("ledger.log_shorter", what, head=head.kind, size=head.size, first_lost=first)
        elif head.root in seen.roots[head.size]:
            fitting = head.size
        else:
            what = f"The {head.name} does not fit: history was rewritten after entry {fitting}."
            report.add("ledger.history_rewritten", what, head=head.kind, size=head.size, fits_until=fitting)


def _blame(position: int, entries_fit: bool, tiles_fit: bool, report: Report) -> None:
    number = position + 1
    if tiles_fit and not entries_fit:
        what = f"Entry {number} was changed; the tiles still give the signed root."
        report.add("ledger.entry_changed", what, table="ledger_entry", entry=number, index=position)
    elif entries_fit:
        what = (
            f"Tile {position // 256} of level 0 was changed at entry {number}; the entries still give the signed root."
        )
        report.add("ledger.tile_changed", what, table="ledger_tile", level=0, tile=position // 256, index=position)
    else:
        what = f"Entry {number} or its tile was changed."
        report.add("ledger.entry_or_tile_changed", what, table="ledger_entry", entry=number, index=position)


def _times_and_origin(head: SignedHead, seen: Walked, report: Report) -> None:
    if head.signed_at is None:
        return
    recorded = 0 if head.size == 0 else seen.times.get(head.size)
    where = {"table": _TABLES[head.kind], "size": head.size, "origin": head.origin}
    if recorded is not None and recorded != head.signed_at:
        report.add("ledger.head_time_changed", f"The time of the {head.name} is not that of its newest entry.", **where)
    if head.kind != HEAD:
        return
    first = seen.first_of_log.get(head.origin)
    restored = first is not None and first[1].get("type") == RESTORED
    said = first[1].get("facts", {}).get("size") if restored else 0
    if head.since != (said or 0) or (head.since and not restored):
        report.add(
            "ledger.head_since_changed", f"Where the origin {head.origin} begins is not what was recorded.", **where
        )


def _lost_by_restore(head: SignedHead, seen: Walked, report: Report) -> bool:
    """Whether an entry of a later origin says that the log went on from a backup older than this head."""
    for log, (number, said) in seen.first_of_log.items():
        facts = said.get("facts", {})
        if said.get("type") != RESTORED or log == head.origin or not certificates.same_log(head.origin, log):
            continue
        if facts.get("size", 0) < head.size <= (facts.get("signed") or 0):
            what = f"The {head.name} reaches behind the backup that entry {number} restored."
            report.tell("ledger.lost_by_restore", what, entry=number, size=head.size)
            return True
    return False
