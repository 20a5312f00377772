"""Passes: a machine at work on a panel, from WorkStarted to WorkCompleted, known by the transaction that messages repeat.

A pass says which units a message of its transaction speaks of, when they came in, with which program, on which side, and
who was there. It is no fact: the facts hold the units. So only the last thousand of each machine are kept, and the last
twenty that nobody began.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from pyroaring import BitMap

from asbuilt.storage import bulk, reading

KEPT_PASSES_MAX = 1_000
KEPT_UNBEGUN_MAX = 20
PASSES_AN_ENTRY_MAX = 1_000_000  # so that numbers grow from entry to entry
LOOKED_UP = 500
# what a pass did: material was placed in it, a process run was recorded of it; nobody began it, a message only named it
PLACED, PROCESSED, UNBEGUN = 1, 2, 4
_FIELDS = (
    "number", "handle", "transaction_key", "work_order", "first_unit", "until_unit", "panel", "places", "program", "revision",
    "side", "operator", "started_at", "finished_at", "did", "tools", "entry",
)  # fmt: skip
COLUMNS = ("tenant", *_FIELDS)


@dataclass
class Pass:
    """One pass: its order and the unit at each position; `names` are identifiers of units that the record does not know."""

    number: int
    handle: str
    transaction: bytes
    work_order: int
    units: dict[int, int]
    entry: int
    started_at: int
    panel: str = ""
    names: dict[str, int] = field(default_factory=dict)
    skipped: BitMap = field(default_factory=BitMap)
    program: str = ""
    revision: str = ""
    side: str = ""
    operator: int | None = None
    finished_at: int | None = None
    did: int = 0
    tools: dict[str, dict] = field(default_factory=dict)
    changed: bool = False
    stored: bool = False

    @property
    def built(self) -> BitMap:
        """Its units without the skipped places."""
        return BitMap(self.units.values()) - self.skipped

    def row(self) -> tuple:
        """As stored."""
        listed = list(self.units.items())
        first = min(self.units.values())
        plain = listed == [(n + 1, first + n) for n in range(len(listed))] and not self.names and not self.skipped
        places = None
        if not plain:
            places = json.dumps([listed, self.names, list(self.skipped)], ensure_ascii=False, separators=(",", ":"))
        tools = json.dumps(self.tools, ensure_ascii=False, separators=(",", ":")) if self.tools else ""
        return (
            self.number, self.handle, self.transaction, self.work_order, first, max(self.units.values()) + 1, self.panel,
            places, self.program, self.revision, self.side, self.operator, self.started_at, self.finished_at, self.did, tools,
            self.entry,
        )  # fmt: skip


def _opened(row: tuple) -> Pass:
    (number, handle, transaction, order, first, until, panel, places, program, revision, side, operator, started, finished,
     did, tools, entry) = row  # fmt: skip
    if places is None:
        units, names, skipped = {n + 1: first + n for n in range(until - first)}, {}, []
    else:
        listed, names, skipped = json.loads(places)
        units = dict(map(tuple, listed))
    said = json.loads(tools) if tools else {}
    return Pass(
        number, handle, bytes(transaction), order, units, entry, started, panel, names, BitMap(skipped), program, revision,
        side, operator, finished, did, said, stored=True,
    )  # fmt: skip


def transaction_key(transaction: str) -> bytes:
    """The 16 bytes of a transaction; machines write GUIDs in either case."""
    return sha256(transaction.lower().encode()).digest()[:16]


class Passes:
    """The passes that a group speaks of; read together, written once at its end."""

    def __init__(self, tenant: int, entry: int):
        self.tenant, self.entry = tenant, entry
        self._known: dict[bytes, list[Pass]] = {}
        self._opened = 0

    def load(self, transactions: Iterable[str]) -> None:
        """Read the passes of these transactions. A statement per 500."""
        keys = {transaction_key(text) for text in transactions if text} - self._known.keys()
        listed = sorted(keys)
        for start in range(0, len(listed), LOOKED_UP):
            part = listed[start : start + LOOKED_UP]
            marks = ",".join(["%s"] * len(part))
            sql = f"SELECT {', '.join(_FIELDS)} FROM messages_pass WHERE tenant = %s AND transaction_key IN ({marks})"
            for key in part:
                self._known[key] = []
            for row in reading.fetch(sql, (self.tenant, *part)):
                one = _opened(row)
                self._known[one.transaction].append(one)

    def find(self, handle: str, transaction: str, *, begun: bool = True) -> Pass | None:
        """The pass of this transaction at this machine; else the only one of it at any. `begun`: not one that was only
        named, whose positions nobody told."""
        if not transaction:
            return None
        self.load([transaction])
        found = [one for one in self._known[transaction_key(transaction)] if not (begun and one.did & UNBEGUN)]
        mine = [one for one in found if one.handle == handle] or (found if len(found) == 1 else [])
        return mine[-1] if mine else None

    def open(self, handle: str, transaction: str, work_order: int, units: dict[int, int], started_at: int) -> Pass:
        """A new pass."""
        self._opened += 1
        self.load([transaction])
        key = transaction_key(transaction)
        one = Pass(
            self.entry * PASSES_AN_ENTRY_MAX + self._opened,
            handle,
            key,
            work_order,
            dict(units),
            self.entry,
            started_at,
            changed=True,
        )
        self._known.setdefault(key, []).append(one)
        return one

    def placed_before(self, unit: int, entry: int, but: Pass) -> bool:
        """Whether another pass that this entry opened placed material on the unit before the given one."""
        for one in (one for listed in self._known.values() for one in listed):
            earlier = one.entry == entry and one.number < but.number and one.did & PLACED
            if earlier and unit in one.units.values():
                return True
        # a thousand passes a machine, looked through where two packages meet at a position and one entry saw both
        sql = "SELECT first_unit, until_unit, did FROM messages_pass WHERE tenant = %s AND entry = %s AND number < %s"
        rows = reading.fetch(sql, (self.tenant, entry, but.number))
        return any(first <= unit < until and did & PLACED for first, until, did in rows)

    def store(self) -> None:
        """Write what changed, and let go what is older than the last thousand passes of its machine."""
        passes = [one for listed in self._known.values() for one in listed if one.changed]
        changed = [one for one in passes if one.stored]
        sets = ", ".join(f"{name} = %s" for name in _FIELDS[2:])
        sql = f"UPDATE messages_pass SET {sets} WHERE tenant = %s AND handle = %s AND number = %s"
        bulk.run_many(sql, [(*one.row()[2:], self.tenant, one.handle, one.number) for one in changed])
        fresh: dict[tuple[str, bool], list[Pass]] = {}
        for one in sorted((one for one in passes if not one.stored), key=lambda one: one.number):
            fresh.setdefault((one.handle, bool(one.did & UNBEGUN)), []).append(one)
        for (handle, unbegun), opened in fresh.items():
            most = KEPT_UNBEGUN_MAX if unbegun else KEPT_PASSES_MAX
            rows = ((self.tenant, *one.row()) for one in opened[-most:])
            bulk.insert_rows("messages_pass", COLUMNS, rows)
            self._let_go(handle, "did >= 4" if unbegun else "did < 4", most)

    def _let_go(self, handle: str, which: str, most: int) -> None:
        of = f"tenant = %s AND handle = %s AND {which}"
        sql = f"SELECT number FROM messages_pass WHERE {of} ORDER BY number DESC LIMIT 1 OFFSET %s"
        row = reading.fetch_one(sql, (self.tenant, handle, most))
        if row:
            bulk.run(f"DELETE FROM messages_pass WHERE {of} AND number <= %s", (self.tenant, handle, row[0]))
