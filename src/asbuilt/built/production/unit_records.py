"""Records of single units that come by the million: programming records and test runs.

Each record has an identity within its unit (which release when, which plan when), belongs to a group (image role, test
plan) and may say what now holds of the unit (a key of `standing`). What happened last says what holds now; ties go to
the later entry, then to the later row. Rules shared by these tables:

- a row given twice in one file, word for word, counts once and is listed as a warning; two rows of one moment that differ
  are two records, told apart by their row
- a row recorded before is passed over where it is equal, else it contradicts; what was withdrawn may be recorded anew
- records of skipped positions and of times ahead of our clock are taken and listed as warnings

Memory does not grow with the file but for bitmaps of units.
"""

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.standing import Key, Standing
from asbuilt.built.production.states import SKIPPED, units_with_state
from asbuilt.built.production.stating import StateWriter
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake
from asbuilt.storage import reading

SKIPPED_REGION_UNITS = 1 << 20
MINUTES_REMEMBERED_MAX = 100_000


class Stored(NamedTuple):
    """A record in the table already. `key` is None where it says nothing of what holds."""

    ident: tuple
    entry: int
    withdrawn: bool
    group: Hashable
    key: Key | None
    at: int
    said: tuple


@dataclass
class Records:
    """The records of a chunk, column by column: ident[n] begins with the unit; `said(n)` gives its other columns."""

    lines: Sequence[int]
    units: Sequence[int]
    idents: Sequence[tuple]
    groups: Sequence[Hashable]
    keys: Sequence[Key | None]
    ats: Sequence[int]
    said: Callable[[int], tuple]


@dataclass
class LastSaid:
    """What a file says of its units, kept as bitmaps until it is written at the end of the file."""

    now: dict[Key, BitMap] = field(default_factory=dict)
    ever: dict[Key, BitMap] = field(default_factory=dict)
    seen: dict[Hashable, BitMap] = field(default_factory=lambda: defaultdict(BitMap))
    keys: dict[Hashable, set[Key]] = field(default_factory=lambda: defaultdict(set))

    def first(self, group: Hashable, key: Key, units: BitMap) -> None:
        """Units of which nothing was said before in this group."""
        self.keys[group].add(key)
        self.now[key] = self.now[key] | units if key in self.now else units
        self.said(key, units)

    def said(self, key: Key, units: Iterable[int]) -> None:
        """It held once."""
        self.ever[key] = self.ever.get(key, BitMap()) | BitMap(units)

    def moved(self, group: Hashable, last: dict[int, Key]) -> None:
        """These units are under these keys now, and under no other of the group."""
        units = BitMap(last.keys())
        for key in self.keys[group]:
            self.now[key] -= units
        for unit, key in last.items():
            self.keys[group].add(key)
            self.now.setdefault(key, BitMap()).add(unit)


class UnitRecordsIntake(TableIntake, ABC):
    """Base of the intake of such a table. Subclasses name `record_table`, `standing` and read what is stored."""

    record_table: str
    standing: Standing
    group_of: Callable[[Key], Hashable]  # the group of a key of `standing`: a method, or what is called like one
    refuses_contradictions = True  # where False, another record of one moment is one more record

    def __init__(self, *args):
        super().__init__(*args)
        self.last = LastSaid()
        self.states = StateWriter(self.tenant, self.entry.number)
        sql = f"SELECT 1 FROM {self.record_table} WHERE tenant = %s LIMIT 1"
        self.any_before = reading.fetch_one(sql, (self.tenant,)) is not None
        self.minutes: dict[str, int] = {}
        self._skipped, self._skipped_over = BitMap(), range(0)

    @abstractmethod
    def recorded(self, units: BitMap) -> Iterable[Stored]:
        """Records of these units in the table, withdrawn ones and those of this entry too."""

    @abstractmethod
    def name_of(self, ident: tuple) -> tuple[str, str, str]:
        """(column, value, words) of an identity, for messages."""

    def numbers(
        self, lines: Sequence[int], column: str, cells: Sequence[str], most: int, number: Callable[[str], int | None]
    ) -> dict[str, int | None]:
        """Cell -> the number of the name in it; names longer than `most` characters are mistakes on their lines."""
        found = {cell: number(cell) if len(cell) <= most else None for cell in set(cells)}
        for cell in found:
            if len(cell) > most:
                reason = f"has {len(cell):,} characters, the most is {most}"
                for line in (line for line, there in zip(lines, cells, strict=True) if there == cell):
                    self.wrong(line, column, cell, "tables.cell_too_long", reason, "Shorten it.")
        return found

    def sort_out(self, records: Records) -> list[int] | None:
        """Which rows of the chunk are to be stored: None for all. Names doubled rows and contradictions."""
        units = BitMap(records.units)
        self._warn_of(records, units)
        by_group = self._by_group(records.groups)
        mentioned = {group: BitMap(self._at(records.units, where)) for group, where in by_group.items()}
        look = units if self.any_before else BitMap()
        for group, found in mentioned.items():
            look |= found & self.last.seen[group]
        stored = list(self.recorded(look)) if look else []
        spoken_of: dict[Hashable, BitMap] = {}
        for record in stored:
            spoken_of.setdefault(record.group, BitMap()).add(record.ident[0])
        kept: list[int] = []
        for group, where in by_group.items():
            kept += self._take_group(records, group, where, mentioned[group], spoken_of.get(group), stored)
            self.last.seen[group] |= mentioned[group]
        return None if len(kept) == len(records.units) else sorted(kept)

    @staticmethod
    def _by_group(groups: Sequence[Hashable]) -> dict[Hashable, Sequence[int]]:
        if len(set(groups)) == 1:
            return {groups[0]: range(len(groups))}
        found: dict[Hashable, list[int]] = defaultdict(list)
        for place, group in enumerate(groups):
            found[group].append(place)
        return found

    @staticmethod
    def _at(column: Sequence, where: Sequence[int]) -> Sequence:
        return column if isinstance(where, range) else [column[place] for place in where]

    def _take_group(self, records: Records, group, where, units: BitMap, spoken_of, stored) -> Sequence[int]:
        again = (units & spoken_of) if spoken_of else BitMap()
        if len(units) != len(where):
            counted = Counter(self._at(records.units, where))
            again |= BitMap([unit for unit, times in counted.items() if times > 1])
        if not again:
            self._first(records, group, where)
            return where
        fresh = [place for place in where if records.units[place] not in again]
        self._first(records, group, fresh)
        slow = [place for place in where if records.units[place] in again]
        return fresh + self._again(records, group, slow, [record for record in stored if record.group == group])

    def _first(self, records: Records, group, where: Sequence[int]) -> None:
        keys = self._at(records.keys, where)
        units = self._at(records.units, where)
        by_key: dict[Key | None, Sequence[int]] = {}
        if len(set(keys)) == 1:
            by_key[keys[0]] = units
        else:
            for key, unit in zip(keys, units, strict=True):
                by_key.setdefault(key, []).append(unit)
        for key, found in by_key.items():
            if key is not None:
                self.last.first(group, key, BitMap(found))

    def _again(self, records: Records, group, where: Sequence[int], stored: list[Stored]) -> list[int]:
        """Rows of units that have other records of the group, one after the other."""
        known: dict[tuple, list[Stored]] = {}
        latest: dict[int, int] = {}
        for record in stored:
            known.setdefault(record.ident, []).append(record)
            if record.key is not None and not record.withdrawn:
                unit = record.ident[0]
                latest[unit] = max(latest.get(unit, record.at), record.at)
        here: dict[tuple, list[tuple]] = defaultdict(list)
        kept, moved, said = [], {}, defaultdict(list)
        for place in where:
            ident, unit, key, at = records.idents[place], records.units[place], records.keys[place], records.ats[place]
            if not self._is_new(records, place, known.get(ident, ()), here):
                continue
            kept.append(place)
            if key is not None:
                said[key].append(unit)
                if at >= latest.get(unit, at):
                    latest[unit] = at
                    moved[unit] = key
        for key, units in said.items():
            self.last.said(key, units)
        self.last.moved(group, moved)
        return kept

    def _is_new(self, records: Records, place: int, known: Sequence[Stored], here: dict) -> bool:
        ident, said = records.idents[place], records.said(place)
        line = records.lines[place]
        if said in here[ident] or any(old.said == said for old in known if old.entry == self.entry.number):
            words = self.name_of(ident)[2]
            self.warn(f"{self.file} line {line}: {words} stands twice in this file; it counts once.")
            return False
        if any(old.said == said for old in known):
            self.known += 1
            return False
        if self.refuses_contradictions and any(not old.withdrawn for old in known if old.entry != self.entry.number):
            column, value, words = self.name_of(ident)
            self.contradicts(line, column, value, f"{words} was recorded before with other content.")
            return False
        here[ident].append(said)
        return True

    def _warn_of(self, records: Records, units: BitMap) -> None:
        skipped = self._skipped_units(units) & units
        if skipped:
            for line, unit in zip(records.lines, records.units, strict=True):
                if unit in skipped:
                    self.warn(f"{self.file} line {line}: the unit is a skipped position (X-out).")
        if max(records.ats) > self.entry.recorded_at:
            for line, at in zip(records.lines, records.ats, strict=True):
                self.warn_ahead(line, at)

    def _skipped_units(self, units: BitMap) -> BitMap:
        low, high = units.min(), units.max()
        if low not in self._skipped_over or high not in self._skipped_over:
            low = min(low, self._skipped_over.start or low) // SKIPPED_REGION_UNITS * SKIPPED_REGION_UNITS
            high = (max(high, self._skipped_over.stop) // SKIPPED_REGION_UNITS + 1) * SKIPPED_REGION_UNITS
            self._skipped = units_with_state(self.tenant, low, high, SKIPPED)
            self._skipped_over = range(low, high)
        return self._skipped

    def finish(self):
        """Write what holds now, and that something happened to these units."""
        if self.errors.total or self.contradictions.total:
            return
        last = self.last
        self.standing.apply(self.tenant, self.entry.number, last.now, last.ever, self.group_of)
        self.states.finish()


def instants(texts: Sequence[str], minutes: dict[str, int]) -> list[int]:
    """A column of times in the form of `format_instant`; `minutes` remembers the minutes read before."""
    found = []
    for text in texts:
        minute = text[:17]
        if minute not in minutes:
            if len(minutes) > MINUTES_REMEMBERED_MAX:
                minutes.clear()
            minutes[minute] = parse_instant(f"{minute}00.000000Z")
        found.append(minutes[minute] + int(text[17:19] + text[20:26]))
    return found


def range_or_list(units: BitMap) -> tuple[str, tuple]:
    """A condition on the column `unit` for these units, with its parameters: a range where they lie close together."""
    low, high = units.min(), units.max()
    if high - low < 4 * len(units):
        return "unit >= %s AND unit <= %s", (low, high)
    return reading.any_of("unit"), (reading.list_param(units),)


def last_and_ever(
    said: Iterable[tuple[int, Key]], group_of: Callable[[Key], Hashable]
) -> tuple[dict[Key, BitMap], dict[Key, BitMap]]:
    """From (unit, key) in order: key -> units it holds of now (the last in its group), key -> units it ever held of."""
    last: dict[tuple, Key] = {}
    ever: dict[Key, BitMap] = {}
    for unit, key in said:
        last[unit, group_of(key)] = key
        ever.setdefault(key, BitMap()).add(unit)
    now: dict[Key, BitMap] = {}
    for (unit, _), key in last.items():
        now.setdefault(key, BitMap()).add(unit)
    return now, ever
