"""Passes: a machine at work on a panel, from WorkStarted to WorkCompleted, known by the transaction that messages repeat.

A pass says which units a message of its transaction speaks of, when they came in, with which program, on which side, and
who was there. It is no fact: the facts hold the units. So only the last thousand of each machine are kept.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from pyroaring import BitMap

from asbuilt.storage import bulk, reading

KEPT_PASSES_MAX = 1_000
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
        self._last: int | None = None

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
        if self._last is None:
            sql = "SELECT max(number) FROM messages_pass WHERE tenant = %s"
            self._last = reading.fetch_one(sql, (self.tenant,))[0] or 0
        self._last += 1
        self.load([transaction])
        key = transaction_key(transaction)
        one = Pass(self._last, handle, key, work_order, dict(units), self.entry, started_at, changed=True)
        self._known.setdefault(key, []).append(one)
        return one

    def placed_before(self, unit: int, entry: int, but: Pass) -> bool:
        """Whether another pass that this entry opened placed material on the unit before the given one."""
        for one in (one for listed in self._known.values() for one in listed):
            earlier = one.entry == entry and one.number < but.number and one.did & PLACED
            if earlier and unit in one.units.values():
                return True
        sql = (
            "SELECT 1 FROM messages_pass WHERE tenant = %s AND entry = %s AND number < %s AND first_unit <= %s "
            "AND until_unit > %s AND did IN (1, 3, 5, 7) LIMIT 1"
        )
        return reading.fetch_one(sql, (self.tenant, entry, but.number, unit, unit)) is not None

    def store(self) -> None:
        """Write what changed, and let go what is older than the last thousand passes of its machine."""
        passes = [one for listed in self._known.values() for one in listed if one.changed]
        changed = [one for one in passes if one.stored]
        sets = ", ".join(f"{name} = %s" for name in _FIELDS[1:])
        sql = f"UPDATE messages_pass SET {sets} WHERE tenant = %s AND number = %s"
        bulk.run_many(sql, [(*one.row()[1:], self.tenant, one.number) for one in changed])
        fresh = sorted((one.row() for one in passes if not one.stored), key=lambda row: row[0])
        bulk.insert_rows("messages_pass", COLUMNS, ((self.tenant, *row) for row in fresh))
        for handle in sorted({one.handle for one in passes if not one.stored}):
            self._let_go(handle)

    def _let_go(self, handle: str) -> None:
        sql = (
            "SELECT number FROM messages_pass WHERE tenant = %s AND handle = %s ORDER BY number DESC LIMIT 1 OFFSET %s"
        )
        row = reading.fetch_one(sql, (self.tenant, handle, KEPT_PASSES_MAX))
        if row:
            bulk.run(
                "DELETE FROM messages_pass WHERE tenant = %s AND handle = %s AND number <= %s",
                (self.tenant, handle, row[0]),
            )
