"""What one unit carries, position by position: the candidates of each position, now and before each replacement.

All material runs that cover the unit at a position are its candidates. Where only one package is said, and only as
possible, an unknown candidate stands beside it. After a replacement the position holds what went in; what came out was
certainly there before, and the other candidates of a grey zone are out (design, section 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.built.production.orders import OF_UNIT, OrderRow, Orders
from asbuilt.built.production.runs import units_as_of
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.spans import packed_holds
from asbuilt.storage import reading


@dataclass(frozen=True)
class Stage:
    """What a position held for a while: candidate packages (None: one that is not known) from `since` on (None: as built)."""

    candidates: frozenset[int | None]
    since: int | None = None

    @property
    def certain(self) -> bool:
        """Whether exactly one known package can be there."""
        return len(self.candidates) == 1 and None not in self.candidates


@dataclass(slots=True)
class Position:
    """One position of a unit through time; the last stage is now. No stages: nothing was ever recorded."""

    refdes: str
    stages: list[Stage] = field(default_factory=list)
    replacements: list["ReplacementRow"] = field(default_factory=list)

    @property
    def now(self) -> Stage | None:
        """What it holds now, or None where nothing is recorded."""
        return self.stages[-1] if self.stages else None


@dataclass(frozen=True)
class ReplacementRow:
    """A replacement on a unit."""

    refdes: str
    removed: int | None
    installed: int | None
    happened_at: int
    entry: int
    operator: int | None
    reason: str


def replacements_of(tenant: int, unit: int, as_of: int | None = None) -> list[ReplacementRow]:
    """Replacements on a unit in the order in which they happened. One statement."""
    sql = (
        "SELECT refdes, removed, installed, happened_at, entry, operator, reason FROM production_replacement "
        "WHERE tenant = %s AND unit = %s AND entry <= %s AND (until_entry IS NULL OR until_entry > %s) "
        "ORDER BY happened_at, entry"
    )
    limit = as_of if as_of is not None else 2**31 - 1
    return [ReplacementRow(*row) for row in reading.fetch(sql, (tenant, unit, limit, limit))]


def candidates_as_built(
    tenant: int, order: OrderRow, unit: int, groups: PositionGroups, as_of: int | None = None
) -> dict[str, frozenset[int | None]]:
    """Position -> candidate packages by the material runs alone. One statement, two where groups are new to `groups`."""
    limit = as_of if as_of is not None else 2**31 - 1
    sql = (
        'SELECT "group", package, certain, first_unit, until_unit, units, growth FROM production_material_run '
        "WHERE tenant = %s AND work_order = %s AND first_unit <= %s AND until_unit > %s AND entry <= %s "
        "AND (until_entry IS NULL OR until_entry > %s)"
    )
    of_group: dict[int, dict[int, bool]] = {}
    for group, package, certain, first, until, packed, growth in reading.fetch(
        sql, (tenant, order.number, unit, unit, limit, limit)
    ):
        if (packed is None and as_of is None) or _covers(first, until, packed, growth, unit, as_of):
            there = of_group.setdefault(group, {})
            there[package] = there.get(package, False) or bool(certain)
    groups.look_at(of_group)
    found: dict[str, frozenset[int | None]] = {}
    shared: set[str] = set()
    for group, there in of_group.items():
        positions = groups.positions(group)
        if not found.keys().isdisjoint(positions):
            shared.update(found.keys() & set(positions))
        found.update(dict.fromkeys(positions, with_unknown(there)))
    for refdes in shared:  # runs of several groups speak of this position
        said: dict[int, bool] = {}
        for group, there in of_group.items():
            for package, certain in there.items() if refdes in groups.held(group) else ():
                said[package] = said.get(package, False) or certain
        found[refdes] = with_unknown(said)
    return found


def _covers(first: int, until: int, packed: bytes | None, growth: bytes | None, unit: int, as_of: int | None) -> bool:
    """Whether a stored run whose ends enclose the unit holds it."""
    if as_of is not None and growth:
        return unit in units_as_of(first, until, packed, growth, as_of)
    return packed is None or packed_holds(first, bytes(packed), unit)


def with_unknown(packages: dict[int, bool]) -> frozenset[int | None]:
    """Candidates of a position: the packages, and None beside a lone possible one."""
    if len(packages) == 1 and not next(iter(packages.values())):
        return frozenset({*packages, None})
    return frozenset(packages)


def positions_of_unit(
    tenant: int, order: OrderRow, unit: int, groups: PositionGroups, wanted: Iterable[str], as_of: int | None = None
) -> dict[str, Position]:
    """Every wanted position of the unit with its stages, natural order of `wanted` kept. Three statements."""
    positions = {refdes: Position(refdes) for refdes in wanted}
    stage = None
    for refdes, candidates in candidates_as_built(tenant, order, unit, groups, as_of).items():
        if stage is None or stage.candidates is not candidates:  # positions of one group follow each other
            stage = Stage(candidates)
        positions[refdes] = Position(refdes, [stage])
    for row in replacements_of(tenant, unit, as_of):
        apply_replacement(positions.setdefault(row.refdes, Position(row.refdes)), row)
    return positions


def packages_on(tenant: int, unit: int) -> frozenset[int]:
    """The packages that a unit carries now, certainly or possibly. One statement; five where something on it was replaced."""
    sql = (
        "SELECT r.package, r.first_unit, r.units FROM production_material_run r "
        f"WHERE r.tenant = %s AND r.work_order = {OF_UNIT} AND r.first_unit <= %s AND r.until_unit > %s "
        "AND r.until_entry IS NULL UNION ALL SELECT NULL, NULL, NULL WHERE EXISTS (SELECT 1 FROM production_replacement p "
        "WHERE p.tenant = %s AND p.unit = %s AND p.until_entry IS NULL)"
    )
    rows = reading.fetch(sql, (tenant, tenant, unit, unit, unit, unit, tenant, unit))
    if any(package is None for package, *_ in rows):  # something was replaced
        order = Orders(tenant).of_unit(unit)
        found = positions_of_unit(tenant, order, unit, PositionGroups(tenant), ()) if order else {}
        return frozenset(package for position in found.values() for package in position.now.candidates if package)
    return frozenset(
        package for package, first, packed in rows if packed is None or packed_holds(first, bytes(packed), unit)
    )


def apply_replacement(position: Position, row: ReplacementRow) -> None:
    """The replacement happened: what came out was certainly there, what went in is there."""
    if row.removed is not None:
        since = position.stages[-1].since if position.stages else None
        if position.stages:
            position.stages.pop()
        position.stages.append(Stage(frozenset({row.removed}), since))
    position.stages.append(Stage(frozenset({row.installed}), row.happened_at))
    position.replacements.append(row)
