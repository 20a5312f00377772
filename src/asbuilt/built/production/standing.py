"""What holds now of units, kept as runs: which firmware they run, what their last test of a plan said.

A table of this kind holds, per key and standing, runs of units: first_unit, until_unit and the packed bitmap between.
Standing 1 says that it holds now, standing 0 that it ever held, standing 2 that it may hold now: the record does not tell which of several
keys was last (firmware alone). Rules:

- keys fall into groups (all releases of one image role, all outcomes of one test plan); a unit stands under one key a
  group now
- a row is visible from `entry` and, where it is closed, up to `until_entry`; a changed row is closed and written anew,
  so that --as-of is exact; a row of the same entry is replaced
- a run is cut at gaps of more than 10,000 units and is never broader than 2^16 units, so that a look at a few units
  reads few rows
- small runs that lie close together become one, so that units recorded one by one do not leave a row each

It refuses to know why a unit stands where it stands: rooms above say who joins which key.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.kernel.spans import pack, spans_of, unpack
from asbuilt.storage import bulk, reading

NOW, EVER, MAYBE = 1, 0, 2
GAP_UNITS_MAX = 10_000
RUN_BREADTH_MAX = 1 << 16
WINDOW_UNITS = 4_096

Key = tuple[int, ...]
Place = tuple[Key, int]  # a key and a standing


@dataclass(frozen=True)
class Run:
    """One visible row with its units opened."""

    place: Place
    entry: int
    units: BitMap


def pieces(units: BitMap) -> list[BitMap]:
    """The units as runs may hold them: cut at wide gaps and at the greatest breadth."""
    if not units:
        return []
    low, high = units.min(), units.max()
    if high - low < RUN_BREADTH_MAX and high - low + 1 - len(units) <= GAP_UNITS_MAX:
        return [units]
    found: list[BitMap] = []
    for first, until in _gapless(spans_of(units)):
        for start in range(first, until, RUN_BREADTH_MAX):
            found.append(units & BitMap(range(start, min(until, start + RUN_BREADTH_MAX))))
    return [piece for piece in found if piece]


def _gapless(spans: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    low = high = None
    for first, until in spans:
        if low is None:
            low = first
        elif first - high > GAP_UNITS_MAX:
            yield low, high
            low = first
        high = until
    if low is not None:
        yield low, high


def shrunk(units: BitMap, leaving: BitMap) -> list[BitMap]:
    """What is left of a run. A broad run parts around few units that leave: next time only the middle is rewritten."""
    left, gone = units - leaving, units & leaving
    if not left:
        return []
    low = gone.min() // WINDOW_UNITS * WINDOW_UNITS
    high = (gone.max() // WINDOW_UNITS + 1) * WINDOW_UNITS
    if (high - low) * 4 > units.max() - units.min():
        return pieces(left)
    window = BitMap(range(low, high))
    before = left & BitMap(range(left.min(), max(low, left.min())))
    after = left - window - before
    return [*pieces(before), *pieces(left & window), *pieces(after)]


def settle(
    runs: Iterable[Run], joining: Mapping[Place, BitMap], leaving: Callable[[Place], BitMap | None]
) -> tuple[list[Run], list[tuple[Place, BitMap]]]:
    """The arithmetic of a change: (runs to close, runs to write), given all visible runs near the units that move.

    `leaving` gives the units that must not stand at a place any more, before `joining` adds its own.
    """
    closed: list[Run] = []
    written: list[tuple[Place, BitMap]] = []
    kept: dict[Place, list[Run]] = {}
    for run in runs:
        gone = leaving(run.place)
        gone = gone - joining.get(run.place, BitMap()) if gone else gone
        if gone and run.units.intersect(gone):
            closed.append(run)
            written.extend((run.place, piece) for piece in shrunk(run.units, gone))
        else:
            kept.setdefault(run.place, []).append(run)
    for place, units in joining.items():
        new = units.copy()
        for run in kept.get(place, ()):
            new -= run.units
        for there, piece in written:
            if there == place:
                new -= piece
        if new:
            absorbed = _absorb(new, kept.get(place, ()))
            closed.extend(absorbed)
            for run in absorbed:
                new |= run.units
            written.extend((place, piece) for piece in pieces(new))
    return closed, written


def _absorb(new: BitMap, runs: Iterable[Run]) -> list[Run]:
    # a run at most twice as large as what joins it is rewritten with it: each unit is rewritten a few times at most
    size, low, high = len(new), new.min() - GAP_UNITS_MAX, new.max() + GAP_UNITS_MAX
    absorbed = []
    for run in sorted(runs, key=lambda run: len(run.units)):
        if len(run.units) > 2 * size:
            break
        if run.units.max() >= low and run.units.min() <= high:
            absorbed.append(run)
            size += len(run.units)
    return absorbed


class Standing:
    """One table of runs under `key_columns`; `shared`: all keys of a group have the first of them in common."""

    def __init__(self, table: str, key_columns: tuple[str, ...], *, shared: bool = False):
        self.table, self.key_columns, self.shared = table, key_columns, shared
        self.width = len(key_columns)
        self._select = f"SELECT {', '.join(key_columns)}, standing, first_unit, until_unit, units, entry FROM {table} "

    def units(self, tenant: int, key: Key, standing: int = NOW, as_of_entry: int | None = None) -> BitMap:
        """The units under one key, as known now or by an entry. One statement."""
        visible, params = _visible(as_of_entry)
        named = " AND ".join(f"{column} = %s" for column in self.key_columns)
        sql = (
            f"SELECT first_unit, until_unit, units FROM {self.table} WHERE tenant = %s AND {named} "
            f"AND standing = %s AND {visible}"
        )
        found = BitMap()
        for first, until, packed in reading.fetch(sql, (tenant, *key, standing, *params)):
            found |= unpack(first, until, packed)
        return found

    def keys_over(
        self, tenant: int, first: int, until: int, standing: int = NOW, as_of_entry: int | None = None
    ) -> dict[Key, BitMap]:
        """Key -> its units of [first, until); keys without one are left out. One statement."""
        within = BitMap(range(first, until))
        found: dict[Key, BitMap] = {}
        for run in self._runs(tenant, first, until, None, standing, as_of_entry):
            units = run.units & within
            if units:
                key = run.place[0]
                found[key] = found[key] | units if key in found else units
        return found

    def apply(
        self,
        tenant: int,
        entry: int,
        now: Mapping[Key, BitMap],
        ever: Mapping[Key, BitMap],
        group_of: Callable[[Key], Hashable],
    ) -> None:
        """Units of `now[key]` leave the group's other keys and join `key`; `ever[key]` is added to what ever held."""
        moving: dict[Hashable, BitMap] = {}
        for key, units in now.items():
            group = group_of(key)
            before = moving.get(group, BitMap())
            if before.intersect(units):
                raise ValueError(f"{self.table}: a unit joins two keys of group {group}")
            moving[group] = before | units
        joining = {(key, NOW): units for key, units in now.items() if units}
        joining |= {(key, EVER): units for key, units in ever.items() if units}

        def leaving(place: Place) -> BitMap | None:
            return moving.get(group_of(place[0])) if place[1] == NOW else None

        shared = {key[0] for key, _ in joining} if self.shared else None
        self._change(tenant, entry, joining, leaving, BitMap(), shared)

    def restate(
        self,
        tenant: int,
        entry: int,
        units: BitMap,
        now: Mapping[Key, BitMap],
        ever: Mapping[Key, BitMap],
        more: Mapping[int, Mapping[Key, BitMap]] | None = None,
    ) -> None:
        """These units stand exactly where `now`, `ever` and `more` (by standing) say and nowhere else: after a fact was withdrawn."""
        joining = {
            (key, standing): found & units
            for standing, said in ({NOW: now, EVER: ever} | dict(more or {})).items()
            for key, found in said.items()
            if found.intersect(units)
        }
        self._change(tenant, entry, joining, lambda place: units, units, None)

    def _change(self, tenant, entry, joining, leaving, also: BitMap, shared) -> None:
        touched = [units for units in (*joining.values(), also) if units]
        if not touched:
            return
        low = min(units.min() for units in touched) - GAP_UNITS_MAX
        high = max(units.max() for units in touched) + GAP_UNITS_MAX + 1
        closed, written = settle(self._runs(tenant, low, high, shared), joining, leaving)
        named = " AND ".join(f"{column} = %s" for column in (*self.key_columns, "standing", "first_unit", "entry"))
        old = [(tenant, *run.place[0], run.place[1], run.units.min(), run.entry) for run in closed]
        sql = f"DELETE FROM {self.table} WHERE tenant = %s AND {named}"
        bulk.run_many(sql, [row for row in old if row[-1] == entry])
        sql = f"UPDATE {self.table} SET until_entry = %s WHERE tenant = %s AND {named}"
        bulk.run_many(sql, [(entry, *row) for row in old if row[-1] != entry])
        columns = ("tenant", *self.key_columns, "standing", "first_unit", "until_unit", "units", "entry")
        rows = (
            (tenant, *key, standing, units.min(), units.max() + 1, pack(units), entry)
            for (key, standing), units in written
        )
        bulk.insert_rows(self.table, columns, rows)

    def _runs(self, tenant, low, high, shared=None, standing=None, as_of_entry=None) -> list[Run]:
        """The visible runs that reach into [low, high); `shared` narrows to these values of the first key column."""
        visible, params = _visible(as_of_entry)
        # no run is broader than RUN_BREADTH_MAX, so the index need not be read from the start of the axis
        sql = (
            f"{self._select}WHERE tenant = %s AND first_unit < %s AND first_unit > %s AND until_unit > %s AND {visible}"
        )
        values = [tenant, high, low - RUN_BREADTH_MAX - 1, low, *params]
        if standing is not None:
            sql += " AND standing = %s"
            values.append(standing)
        if shared is not None:
            sql += " AND " + reading.any_of(self.key_columns[0])
            values.append(reading.list_param(sorted(shared)))
        width = self.width
        return [
            Run((tuple(row[:width]), row[width]), row[-1], unpack(row[width + 1], row[width + 2], row[width + 3]))
            for row in reading.fetch(sql, values)
        ]


def _visible(as_of_entry: int | None) -> tuple[str, tuple[int, ...]]:
    if as_of_entry is None:
        return "until_entry IS NULL", ()
    return "entry <= %s AND (until_entry IS NULL OR until_entry > %s)", (as_of_entry, as_of_entry)
