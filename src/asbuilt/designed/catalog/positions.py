"""Position groups: the positions that a BOM line or a material run speaks of, each set of them kept once.

A group is known by its label: the positions in natural order (C2 before C10), separated by blanks, each once. A
position is a reference designator, or `#LINE` where a BOM line has no designators. A factory has some hundred groups a
product and millions of runs, so runs carry the number of a group.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from asbuilt.storage import bulk, reading

# half of the characters that a cell of an exchange table may hold
POSITIONS_MAX = 65_536
POSITION_CHARACTERS_MAX = 120
REMEMBERED_MAX = 100_000

_PIECES = re.compile(r"([0-9]+)")


def natural_key(position: str) -> tuple:
    """What sorts positions as people read them: R2, R10, R10A. Equal only for equal texts."""
    pieces = _PIECES.split(position)
    numbers = [(int(piece), piece) for piece in pieces[1::2]]
    return (pieces[0], *(part for pair in zip(numbers, pieces[2::2], strict=True) for part in pair))


def label_of(positions: Iterable[str]) -> str:
    """The label of the group of these positions."""
    return " ".join(sorted(set(positions), key=natural_key))


class PositionGroups:
    """The groups of a tenant, by number and by positions. Use one for one recording or one question."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._numbers: dict[tuple[str, ...], int] = {}
        self._labels: dict[int, str] = {}
        self._positions: dict[int, tuple[str, ...]] = {}
        self._held: dict[int, frozenset[str]] = {}

    def intern(self, positions: Sequence[str]) -> int:
        """The number of the group of these positions; written the first time, inside the open write transaction.

        Raises ValueError for no position, too many, or a text that is no position: rows are checked before.
        """
        key = tuple(positions)
        number = self._numbers.get(key)
        if number is None:
            self._forget_many()
            number = self._numbers[key] = self._intern(key)
        return number

    def known(self, positions: Sequence[str]) -> int | None:
        """The number of the group of these positions, or None. One statement."""
        return self._read(_digest(label_of(positions)))

    def positions(self, number: int) -> tuple[str, ...]:
        """The positions of a group in natural order. One statement the first time."""
        if number not in self._positions:
            self._positions[number] = tuple(self.label(number).split(" "))
        return self._positions[number]

    def held(self, number: int) -> frozenset[str]:
        """The positions of a group as a set."""
        if number not in self._held:
            self._held[number] = frozenset(self.positions(number))
        return self._held[number]

    def look_at(self, numbers: Iterable[int]) -> None:
        """Have the labels of these groups at hand. One statement for those not looked at yet."""
        missing = [number for number in numbers if number not in self._labels]
        if missing:
            self._labels.update(self.labels(missing))

    def told(self, labels: dict[int, str]) -> None:
        """Take the labels of groups that were read elsewhere."""
        self._labels.update(labels)

    def label(self, number: int) -> str:
        """The positions of a group, separated by blanks; LookupError where there is no such group."""
        if number not in self._labels:
            self._forget_many()
            sql = "SELECT label FROM catalog_position_group WHERE tenant = %s AND number = %s"
            row = reading.fetch_one(sql, (self.tenant, number))
            if row is None:
                raise LookupError(f"there is no position group {number}")
            self._labels[number] = row[0]
        return self._labels[number]

    def labels(self, numbers: Iterable[int]) -> dict[int, str]:
        """Number -> label of these groups. One statement."""
        wanted = sorted(set(numbers))
        sql = "SELECT number, label FROM catalog_position_group WHERE tenant = %s AND " + reading.any_of("number")
        return dict(reading.fetch(sql, (self.tenant, reading.list_param(wanted)))) if wanted else {}

    def at(self, position: str) -> list[int]:
        """The groups that hold this position, ascending. One statement."""
        sql = 'SELECT "group" FROM catalog_group_position WHERE tenant = %s AND refdes = %s ORDER BY "group"'
        return [number for (number,) in reading.fetch(sql, (self.tenant, position))]

    def _intern(self, key: tuple[str, ...]) -> int:
        label = label_of(key)
        if not label or len(key) > POSITIONS_MAX:
            raise ValueError(f"a position group has 1 to {POSITIONS_MAX} positions")
        if any(not p or p.split() != [p] or len(p) > POSITION_CHARACTERS_MAX for p in key):
            raise ValueError(f"a position has no blanks and at most {POSITION_CHARACTERS_MAX} characters")
        digest = _digest(label)
        return self._read(digest) or self._write(label, digest)

    def _read(self, digest: bytes) -> int | None:
        sql = "SELECT number FROM catalog_position_group WHERE tenant = %s AND digest = %s"
        row = reading.fetch_one(sql, (self.tenant, digest))
        return row[0] if row else None

    def _write(self, label: str, digest: bytes) -> int:
        sql = "SELECT max(number) FROM catalog_position_group WHERE tenant = %s"
        number = (reading.fetch_one(sql, (self.tenant,))[0] or 0) + 1
        positions = label.split(" ")
        columns = ("tenant", "number", "digest", "label", "count")
        row = (self.tenant, number, digest, label, len(positions))
        bulk.insert_rows("catalog_position_group", columns, [row])
        rows = ((self.tenant, position, number) for position in positions)
        bulk.insert_rows("catalog_group_position", ("tenant", "refdes", "group"), rows)
        return number

    def _forget_many(self) -> None:
        for remembered in (self._numbers, self._labels, self._positions, self._held):
            if len(remembered) >= REMEMBERED_MAX:
                remembered.clear()


def _digest(label: str) -> bytes:
    return sha256(label.encode()).digest()[:16]
