"""Entries against tiles against signed heads.

One walk over all entries, 256 at a time beside their tile, gives the root that the entries have and the root that the
tiles have at every size that a head was signed for. Which of the two the signed root agrees with tells whether an
entry or a tile was changed. Where both agree with each other but not with a head kept elsewhere, history was
rewritten.
"""

import copy
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from asbuilt.kernel import canonical, certificates, merkle, tiles
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import INSTANT_MAX, format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.checks.report import Report
from asbuilt.storage import reading

PAGE_ENTRIES = 1024
PENDING_US = 60 * 1_000_000
LISTED_MAX = 1000
_ZERO = bytes(merkle.HASH_BYTES)

Page = list[tuple[int, dict]]
"""Entries of a page that could be read: number and what the entry says."""


@dataclass
class Walked:
    """What the walk leaves behind: roots and times by size, positions where entry and tile differ, restores."""

    head_size: int
    upper: int = 0
    roots: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)
    changed_total: int = 0
    first_of_log: dict[str, tuple[int, dict]] = field(default_factory=dict)


class Walk:
    """The walk. `sizes` are those that a head was signed for."""

    def __init__(self, tenant: int, origin: str, head_size: int, sizes: Iterable[int], report: Report):
        self.tenant, self.origin, self.report = tenant, origin, report
        self.seen = Walked(head_size)
        self.sizes = sorted(set(sizes))
        self.wanted = frozenset(self.sizes)
        self.by_entries, self.by_tiles = merkle.Frontier(), merkle.Frontier()
        self.nodes: list[tuple[bytes, bytes]] = []
        self.get_tile = sequencing.tile_reader(tenant)
        self.last_at = 0

    def run(self, take_page: Callable[[int, int, Page], None]) -> Walked:
        """Walk over everything; `take_page(first, until, page)` gets each page, entry numbers [first, until)."""
        size = self.seen.head_size
        sql = "SELECT count(*) FROM ledger_entry WHERE tenant = %s AND number > %s"
        self.seen.upper = size + reading.fetch_one(sql, (self.tenant, size))[0]
        self.seen.roots[0] = (merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
        for first in range(0, self.seen.upper, PAGE_ENTRIES):
            until = min(first + PAGE_ENTRIES, self.seen.upper)
            take_page(first + 1, until + 1, self._page(first, until))
        self._entries_out_of_place()
        self._pending()
        self._upper_tiles()
        return self.seen

    def _page(self, first: int, until: int) -> Page:
        sql = (
            "SELECT number, ulid, type, recorded_at, request_key, content, body FROM ledger_entry "
            "WHERE tenant = %s AND number > %s AND number <= %s"
        )
        rows = {row[0]: row for row in reading.fetch(sql, (self.tenant, first, until))}
        self._leaves(first, until)
        page: Page = []
        for block in range(first, until, merkle.BLOCK):
            block_until = min(block + merkle.BLOCK, until)
            hashes = [self._hash(rows, position) for position in range(block, block_until)]
            self._beside_tile(block, hashes)
        for number in sorted(rows):
            said = self._columns(rows[number])
            self.report.counts["entries"] += 1
            if said is not None:
                page.append((number, said))
        return page

    def _hash(self, rows: dict, position: int) -> bytes | None:
        row = rows.get(position + 1)
        if row is not None:
            if position + 1 in self.wanted:
                self.seen.times[position + 1] = row[3]
            return merkle.leaf_hash(row[6].encode("utf-8", "surrogateescape"))
        what = f"Entry {position + 1} is missing."
        self.report.add("ledger.entry_missing", what, table="ledger_entry", entry=position + 1, index=position)
        return None

    def _leaves(self, first: int, until: int) -> None:
        sql = "SELECT position, entry FROM ledger_leaf WHERE tenant = %s AND position >= %s AND position < %s"
        there = dict(reading.fetch(sql, (self.tenant, first, until)))
        for position in range(first, until):
            entry = there.get(position)
            if position >= self.seen.head_size:
                if entry is not None:
                    what = f"Leaf {position} lies behind the head of {self.seen.head_size} entries."
                    self.report.add("ledger.leaf_unrecorded", what, table="ledger_leaf", index=position)
            elif entry is None:
                what = f"The place {position} of entry {position + 1} is missing in ledger_leaf."
                self.report.add("ledger.leaf_missing", what, table="ledger_leaf", index=position, entry=position + 1)
            elif entry != position + 1:
                what = f"Place {position} names entry {entry} instead of {position + 1}."
                self.report.add("ledger.leaf_changed", what, table="ledger_leaf", index=position, entry=entry)

    def _beside_tile(self, first: int, by_entries: list[bytes | None]) -> None:
        """Compare a block of leaf hashes with its tile, and note the roots of both at every size asked for."""
        width = max(0, min(merkle.BLOCK, self.seen.head_size - first))
        stored = self.get_tile(0, first // merkle.BLOCK) if width else b""
        if len(stored) != width * merkle.HASH_BYTES:
            self._tile_finding(0, first // merkle.BLOCK, "has another length than the log's size says")
        ours, theirs = [], []
        for place, entry_hash in enumerate(by_entries):
            tile_hash = stored[place * 32 : place * 32 + 32] if place < width else b""
            tile_hash = tile_hash if len(tile_hash) == 32 else (entry_hash or _ZERO)
            entry_hash = entry_hash or tile_hash
            ours.append(entry_hash)
            theirs.append(tile_hash)
            if entry_hash != tile_hash:
                self.seen.changed_total += 1
                if len(self.seen.changed) < LISTED_MAX:
                    self.seen.changed.append(first + place)
        for size in self.sizes[bisect_right(self.sizes, first) : bisect_right(self.sizes, first + len(ours))]:
            cut = size - first
            self.seen.roots[size] = (_root(self.by_entries, ours[:cut]), _root(self.by_tiles, theirs[:cut]))
        if len(ours) == merkle.BLOCK:
            node = merkle.root(ours), merkle.root(theirs)
            self.by_entries.append(node[0])
            self.by_tiles.append(node[1])
            if width == merkle.BLOCK:
                self.nodes.append(node)

    def _columns(self, row: tuple) -> dict | None:
        number, ulid, kind, recorded_at, request_key, content, body = row
        try:
            said = canonical.checked_entry(body.encode("utf-8", "surrogateescape"))
        except Invalid as refusal:
            what = f"Entry {number} cannot be read: {refusal.message}"
            self.report.add("ledger.entry_unreadable", what, table="ledger_entry", entry=number)
            return None
        at = format_instant(recorded_at) if 0 <= recorded_at <= INSTANT_MAX else None
        columns = {
            "ulid": (ulid, said.get("id")),
            "type": (kind, said.get("type")),
            "recorded_at": (at, said.get("at")),
            "request_key": (request_key, said.get("key") or None),
            "content": (bytes(content).hex() if content is not None else "", said.get("content")),
        }
        for column, (found, recorded) in columns.items():
            if found != recorded:
                what = f"Entry {number}: {column} is not what the entry says."
                self.report.add("ledger.entry_column_changed", what, table="ledger_entry", entry=number, column=column)
        log = said.get("log")
        if not isinstance(log, str) or not certificates.same_log(log, self.origin):
            what = f"Entry {number} belongs to another log."
            self.report.add("ledger.entry_other_log", what, table="ledger_entry", entry=number)
        else:
            self.seen.first_of_log.setdefault(log, (number, said))
        if recorded_at < self.last_at:
            what = f"Entry {number} was recorded before the entry before it."
            self.report.add("ledger.time_backwards", what, table="ledger_entry", entry=number)
        self.last_at = max(self.last_at, recorded_at)
        return said

    def _entries_out_of_place(self) -> None:
        sql = (
            "SELECT number FROM ledger_entry WHERE tenant = %s AND (number > %s OR number < 1) ORDER BY number LIMIT %s"
        )
        for (number,) in reading.fetch(sql, (self.tenant, self.seen.upper, LISTED_MAX)):
            what = f"Entry {number} has a number that was never given."
            self.report.add("ledger.entry_out_of_place", what, table="ledger_entry", entry=number)
        sql = "SELECT position FROM ledger_leaf WHERE tenant = %s AND (position >= %s OR position < 0) LIMIT %s"
        for (position,) in reading.fetch(sql, (self.tenant, self.seen.upper, LISTED_MAX)):
            what = f"Leaf {position} lies behind the head of {self.seen.head_size} entries."
            self.report.add("ledger.leaf_unrecorded", what, table="ledger_leaf", index=position)

    def _pending(self) -> None:
        size = self.seen.head_size
        waits = {
            number for (number,) in reading.fetch("SELECT entry FROM ledger_pending WHERE tenant = %s", (self.tenant,))
        }
        for number in sorted(waits):
            if number <= size:
                what = f"Entry {number} waits for a place, which it has already."
                self.report.add("ledger.pending_wrong", what, table="ledger_pending", entry=number)
            elif number > self.seen.upper:
                what = f"Entry {number} waits for its place, and is missing."
                self.report.add("ledger.entry_missing", what, table="ledger_entry", entry=number)
        sql = "SELECT number, ulid, recorded_at FROM ledger_entry WHERE tenant = %s AND number > %s ORDER BY number"
        unplaced = reading.fetch(sql, (self.tenant, size))
        for number, ulid, _ in unplaced:
            if number not in waits:
                what = f"Entry {number} has no place in the log and does not wait for one."
                self.report.add("ledger.entry_never_sequenced", what, table="ledger_pending", entry=number, id=ulid)
        if unplaced:
            self.report.counts["pending"] = len(unplaced)
            age_us = clock.now() - min(row[2] for row in unplaced)
            what = f"{len(unplaced)} entries wait for their place, the oldest for {max(age_us, 0) // 1_000_000} s."
            (self.report.add if age_us > PENDING_US else self.report.tell)(
                "ledger.pending_old", what, entry=unplaced[0][0]
            )

    def _upper_tiles(self) -> None:
        """Tiles above the lowest level hold the roots of full tiles below; and no tile is there that should not be."""
        level, nodes = 1, self.nodes
        while nodes:
            above = []
            for n, first in enumerate(range(0, len(nodes), tiles.WIDTH)):
                block, stored = nodes[first : first + tiles.WIDTH], self.get_tile(level, n)
                if len(stored) != len(block) * merkle.HASH_BYTES:
                    self._tile_finding(level, n, "has another length than the log's size says")
                    stored = b"".join(ours for ours, _ in block)
                hashes = [stored[at : at + 32] for at in range(0, len(stored), 32)]
                for place, (node, pair) in enumerate(zip(hashes, block, strict=True)):
                    if node not in pair:
                        self._tile_finding(level, n, f"differs at hash {place}")
                if len(block) == tiles.WIDTH:
                    above.append((merkle.root([ours for ours, _ in block]), merkle.root(hashes)))
            level, nodes = level + 1, above
        there = reading.fetch("SELECT level, n FROM ledger_tile WHERE tenant = %s", (self.tenant,))
        wanted = {(level, n) for level, n, _ in tiles.tiles_of(self.seen.head_size)}
        for level, n in sorted(set(there) - wanted):
            self._tile_finding(level, n, "belongs to no log of this size")
        self.report.counts["tiles"] = len(there)

    def _tile_finding(self, level: int, n: int, said: str) -> None:
        what = f"Tile {n} of level {level} {said}."
        self.report.add("ledger.tile_changed", what, table="ledger_tile", level=level, tile=n)


def _root(frontier: merkle.Frontier, hashes: list[bytes]) -> bytes:
    grown = copy.deepcopy(frontier)
    grown.append(merkle.root(hashes))
    return grown.root()
