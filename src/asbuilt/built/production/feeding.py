"""What a pass places: each feeder of the program in force puts its positions from the package that is mounted there then.

    fed_by(tenant, order, program, started_at, finished_at)   -> [Fed(feeder 1, (R1, R2), …, ("PK-1",)), …]

Of a feeder with one package that is certain. Several packages are possible where a change lies within the pass, and inside the
grey zone of a splice, until passes since have placed its pieces. The pass is the smallest step: within a panel nobody knows
which unit got the first piece of the new package, so all of them may have either. An empty feeder places nothing.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.mounting_checks import Stop, Use, stops_of
from asbuilt.built.production.mounts import REMOVED, Spliced, happened_at_feeders, standing_at
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.programs import Feeder, Program, program_in_force, programs_of
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.storage import reading

LATEST = 2**62  # later than anything that happened: the feeders as they are now
RECENT_PASSES = 50  # read at once; only a grey zone that they do not use up is looked at further back
ARRIVED_READ = 5_000  # of a machine whose clock was wrong at times; a grey zone that they do not use up runs on
CLOCK_OFF = "clock_off_seconds"
PASSES_READ = 500  # at a time, until a grey zone is used up


@dataclass(frozen=True)
class Fed:
    """A feeder in a pass: the positions it places, the parts that the BOM takes there, and its packages: one is certain."""

    feeder: Feeder
    positions: tuple[str, ...]
    parts: frozenset[int]
    packages: tuple[str, ...]


@dataclass(frozen=True)
class FedPass:
    """A pass of this entry that placed and is not in the table of process runs yet."""

    machine: str
    started_at: int
    finished_at: int
    order: int
    side: str
    program: str
    units: int


def parts_at(tenant: int, bom: int) -> dict[str, int]:
    """Position -> part of a BOM version. Two statements."""
    groups, lines = PositionGroups(tenant), bom_lines(tenant, bom)
    groups.look_at(line.group for line in lines)
    return {position: line.part for line in lines for position in groups.positions(line.group)}


def fed_by(
    tenant: int, order: OrderRow, program: Program, started_at: int, finished_at: int, waiting: Sequence[FedPass] = (),
    *, corrected: bool = False,
) -> list[Fed]:  # fmt: skip
    """What each feeder of the program holds during a pass; those whose positions the order's BOM does not have are left out.

    `waiting` are passes that count for grey zones too; `corrected`: the machine's clock was wrong at times (`GreyZones`).
    """
    parts, found = parts_at(tenant, order.bom), []
    happened = happened_at_feeders(tenant, program.machine, [one.feeder for one in program.feeders], finished_at)
    zones = GreyZones(tenant, program.machine, finished_at, waiting, corrected=corrected)
    for feeder in program.feeders:
        positions = tuple(position for position in feeder.positions if position in parts)
        if not positions:
            continue
        told = happened.get(feeder.feeder, [])
        before = standing_at(feeder.feeder, [one for one in told if one.happened_at <= started_at])
        packages = [before.package] if before.package else []
        packages += [one.package for one in told if one.happened_at > started_at and one.what != REMOVED]
        packages += [one.package for one in before.behind if zones.running(one, feeder.feeder)]
        wanted = frozenset(parts[position] for position in positions)
        found.append(Fed(feeder, positions, wanted, tuple(dict.fromkeys(packages))))
    return found


class GreyZones:
    """How many pieces feeders of a machine placed since a splice, counted from the passes recorded there by an instant.

    `corrected`: its clock was wrong at times, so that passes are read in the order in which they arrived, and their times less
    what their readings say that the clock was off.
    """

    def __init__(
        self, tenant: int, machine: str, until: int, waiting: Sequence[FedPass] = (), *, corrected: bool = False
    ):
        self.corrected = corrected
        self.tenant, self.machine, self.until = tenant, machine, until
        self.waiting = [one for one in waiting if one.machine == machine and one.finished_at <= until]
        self.number = FloorNames(tenant).known("machine").get(machine)
        self._latest: list[tuple] | None = None
        self._known: dict[tuple, int] = {}
        self._programs: dict[int, list[Program]] = {}
        self._orders: dict[int, tuple[int, Mapping[str, int]]] = {}

    def running(self, splice: Spliced, feeder: str) -> bool:
        """Whether the next piece may still be of the package that was spliced out."""
        return splice.grey_pieces > 0 and self.left(splice, feeder) > 0

    def left(self, splice: Spliced, feeder: str) -> int:
        """Pieces of the grey zone that are not placed yet."""
        recent = self._recent()
        since = [one for one in recent if one[0] >= splice.since]
        used = sum(self._of_pass(one, feeder) for one in since)
        if used < splice.grey_pieces and len(since) == len(recent) == RECENT_PASSES and not self.corrected:
            used = self._used_since(splice, feeder)
        used += sum(
            one.units * self._pieces(one.order, one.side, one.program, feeder)
            for one in self.waiting
            if one.started_at >= splice.since
        )
        return max(0, splice.grey_pieces - used)

    def _of_pass(self, row: tuple, feeder: str) -> int:
        """Pieces that a pass took from the feeder."""
        _, _, order, side, program, first, until = row
        return (until - first) * self._pieces(order, side, program, feeder)

    def _recent(self) -> list[tuple]:
        """The last passes at the machine: enough for most grey zones, read once."""
        if self._latest is None and self.corrected:
            self._latest = self._arrived()
        if self._latest is None:
            self._latest = self._read("", "started_at DESC, number DESC", RECENT_PASSES)
        return self._latest

    def _used_since(self, splice: Spliced, feeder: str) -> int:
        """Pieces placed since a splice that lies further back; counted until its grey zone is used up."""
        used, at, last = 0, splice.since, -1
        after = "(started_at > %s OR (started_at = %s AND number > %s)) AND "
        while rows := self._read(after, "started_at, number", PASSES_READ, at, at, last):
            at, last = rows[-1][:2]
            used += sum(self._of_pass(one, feeder) for one in rows)
            if used >= splice.grey_pieces:
                break
        return used

    def _arrived(self) -> list[tuple]:
        """The passes that arrived last, with corrected times."""
        if self.number is None:
            return []
        sql = (
            "SELECT started_at, number, work_order, side, program, first_unit, until_unit, finished_at, readings "
            "FROM production_process_run WHERE tenant = %s AND machine = %s AND result = 'completed' AND until_entry IS NULL "
            "ORDER BY number DESC LIMIT %s"
        )
        rows = reading.fetch(sql, (self.tenant, self.number, ARRIVED_READ))
        names, found = FloorNames(self.tenant).names({row[4] for row in rows}), []
        for began, number, order, side, program, first, until, ended, readings in rows:
            off = json.loads(readings).get(CLOCK_OFF, 0) * 1_000_000 if CLOCK_OFF in readings else 0
            if ended - off <= self.until:
                found.append((began - off, number, order, side, names.get(program, ""), first, until))
        return found

    def _read(self, condition: str, order: str, limit: int, *values) -> list[tuple]:
        """(started at, number, order, side, program's name, first unit, until unit) of completed passes at the machine."""
        if self.number is None:
            return []
        sql = (
            "SELECT started_at, number, work_order, side, program, first_unit, until_unit FROM production_process_run "
            f"WHERE tenant = %s AND machine = %s AND {condition}finished_at <= %s AND result = 'completed' "
            f"AND until_entry IS NULL ORDER BY {order} LIMIT %s"
        )
        rows = reading.fetch(sql, (self.tenant, self.number, *values, self.until, limit))
        names = FloorNames(self.tenant).names({row[4] for row in rows})
        return [(*row[:4], names.get(row[4], ""), *row[5:]) for row in rows]

    def _pieces(self, order: int, side: str, program: str, feeder: str) -> int:
        """Pieces a unit that passes take from the feeder; one that names no program ran the one in force."""
        key = (order, side, program, feeder)
        if key not in self._known:
            self._known[key] = self._counted(*key)
        return self._known[key]

    def _counted(self, order: int, side: str, program: str, feeder: str) -> int:
        if order not in self._orders:
            sql = "SELECT revision, bom FROM production_block WHERE tenant = %s AND work_order = %s ORDER BY until_entry IS NULL DESC LIMIT 1"
            revision, bom = reading.fetch_one(sql, (self.tenant, order)) or (0, 0)
            self._orders[order] = (revision, parts_at(self.tenant, bom))
        revision, parts = self._orders[order]
        if revision not in self._programs:
            self._programs[revision] = programs_of(self.tenant, revision, self.machine)
        for one in self._programs[revision]:
            if program in ("", one.name) and (not side or one.side == side):
                here = one.feeder(feeder)
                return sum(position in parts for position in here.positions) if here else 0
        return 0


def program_of_step(tenant: int, order: OrderRow, machine: str, side: str, program: str) -> Program | None:
    """The program that a step at a machine runs for the order, or None where the machine has none for it."""
    return program_in_force(tenant, order.revision, machine, side, program) if machine else None


def feeder_stops(tenant: int, order: OrderRow, machine: str, fed: Sequence[Fed], at: int) -> list[Stop]:
    """What stops a pass at a machine: feeders with nothing mounted, and packages that may not feed this order at an instant."""
    rows = PackageFinder(tenant).find(code for one in fed for code in one.packages)
    stops, uses = [], []
    for one in fed:
        place = f"feeder {one.feeder.feeder} of {machine}"
        if not one.packages:
            stops.append(empty_feeder(machine, one))
        uses += [Use(rows[code], place, one.parts) for code in one.packages if code in rows]
    return stops + [stop for found in stops_of(tenant, order, uses, at) for stop in found]


def empty_feeder(machine: str, fed: Fed) -> Stop:
    """Nothing is mounted at a feeder that the program needs."""
    said = f"Nothing is mounted at feeder {fed.feeder.feeder} of {machine}."
    facts = {"machine": machine, "feeder": fed.feeder.feeder, "refdes": list(fed.positions)}
    return Stop("production.feeder_empty", said, facts, "Mount a package there, then scan the unit again.")
