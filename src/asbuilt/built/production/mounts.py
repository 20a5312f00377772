"""What is mounted where: packages at the feeders of machines, read from the facts of mounts.csv by their time.

    at_feeders(tenant, "P&P-1", ["1", "2"], at)["1"].package           "PK-004417"
    place_of_package(tenant, "PK-004417")                              where it is mounted now, or None

The last thing that happened at a feeder says what is there. A splice puts a package behind the one that is there; of the next
pieces, as many as its grey zone holds, nobody can say from which of the two they are. A package is in one place: where it is
the last one mounted or spliced. One that was spliced out is used up and in no place.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.built.production.events import MOUNT
from asbuilt.built.supply.kept import KeptTable
from asbuilt.storage import reading

MOUNTED, SPLICED, REMOVED = "mounted", "spliced", "removed"
MOUNTS = KeptTable("mounts", "production_mount", MOUNT, frozenset({"grey_pieces"}))
GREY_PIECES_USUAL = 10  # where neither the program nor who splices says another number
LOOKED_BACK = 8  # splices one after the other whose grey zones may still run
FEEDERS_A_STATEMENT = 100
_FIELDS = 'machine, feeder, package, what, "order", grey_pieces, station, operator, happened_at'


@dataclass(frozen=True)
class Mounting:
    """One thing that happened at a feeder; `operator` is a person's number."""

    machine: str
    feeder: str
    package: str
    what: str
    order: str
    grey_pieces: int | None
    station: str
    operator: int | None
    happened_at: int


@dataclass(frozen=True)
class Spliced:
    """A package that another was spliced behind: of how many pieces since when it may still be."""

    package: str
    grey_pieces: int
    since: int


@dataclass(frozen=True)
class AtFeeder:
    """What is at a feeder: `package` is empty where nothing is; `behind` are those that were spliced out before it, newest first."""

    feeder: str
    package: str = ""
    last: Mounting | None = None
    behind: tuple[Spliced, ...] = ()


def happened_at_feeders(
    tenant: int, machine: str, feeders: Iterable[str], at: int | None = None
) -> dict[str, list[Mounting]]:
    """Feeder -> the last things that happened there by an instant (None: now), oldest first. A statement per 100 feeders."""
    wanted = sorted(set(feeders))
    by_then = "" if at is None else " AND happened_at <= %s"
    one = (
        f'SELECT * FROM (SELECT {_FIELDS}, entry, "row" AS n FROM production_mount WHERE tenant = %s AND machine = %s '
        f'AND feeder = %s AND until_entry IS NULL{by_then} ORDER BY happened_at DESC, entry DESC, "row" DESC '
        f"LIMIT {LOOKED_BACK}) AS f"
    )
    found: dict[str, list[Mounting]] = defaultdict(list)
    for start in range(0, len(wanted), FEEDERS_A_STATEMENT):
        part = wanted[start : start + FEEDERS_A_STATEMENT]
        params = [value for feeder in part for value in (tenant, machine, feeder, *([] if at is None else [at]))]
        rows = reading.fetch(" UNION ALL ".join([one] * len(part)), params)
        for row in sorted(rows, key=lambda row: row[-3:]):
            found[row[1]].append(Mounting(*row[:-2]))
    return dict(found)


def at_feeders(tenant: int, machine: str, feeders: Iterable[str], at: int | None = None) -> dict[str, AtFeeder]:
    """Feeder -> what is there at an instant (None: now), empty ones too. A statement per 100 feeders."""
    asked = list(feeders)
    happened = happened_at_feeders(tenant, machine, asked, at)
    return {feeder: standing_at(feeder, happened.get(feeder, ())) for feeder in asked}


def standing_at(feeder: str, happened: Sequence[Mounting]) -> AtFeeder:
    """What is at a feeder after these things happened there, oldest first. Pure."""
    package, behind, last = "", [], None
    for one in happened:
        if one.what == SPLICED and package:
            behind.insert(0, Spliced(package, one.grey_pieces or 0, one.happened_at))
        elif one.what != SPLICED:
            behind = []
        package = "" if one.what == REMOVED else one.package
        last = one
    return AtFeeder(feeder, package, last, tuple(behind))


def feeders_used(tenant: int, machine: str) -> list[str]:
    """The feeders of a machine at which anything ever happened. One statement."""
    sql = "SELECT DISTINCT feeder FROM production_mount WHERE tenant = %s AND machine = %s AND until_entry IS NULL"
    return sorted(feeder for (feeder,) in reading.fetch(sql, (tenant, machine)))


def machines_mounted(tenant: int) -> list[str]:
    """The machines at which anything was ever mounted. One statement."""
    sql = "SELECT DISTINCT machine FROM production_mount WHERE tenant = %s AND until_entry IS NULL ORDER BY machine"
    return [machine for (machine,) in reading.fetch(sql, (tenant,))]


def place_of_package(tenant: int, package: str) -> Mounting | None:
    """Where a package is mounted now, or None. Two statements."""
    sql = (
        f"SELECT {_FIELDS} FROM production_mount WHERE tenant = %s AND package = %s AND until_entry IS NULL "
        'ORDER BY happened_at DESC, entry DESC, "row" DESC LIMIT 1'
    )
    row = reading.fetch_one(sql, (tenant, package))
    if row is None or row[3] == REMOVED:
        return None
    last = Mounting(*row)
    here = at_feeders(tenant, last.machine, [last.feeder])[last.feeder]
    return here.last if here.package == package else None


def naming_packages_gone(tenant: int, codes: Iterable[str]) -> list[str]:
    """Those of these packages that do not stand any more and that mounts still name. One statement."""
    sql = (
        "SELECT DISTINCT m.package FROM production_mount m WHERE m.tenant = %s AND m.until_entry IS NULL AND "
        + reading.any_of("m.package", "text")
        + " AND NOT EXISTS (SELECT 1 FROM supply_package p WHERE p.tenant = m.tenant AND p.code = m.package "
        "AND p.until_entry IS NULL)"
    )
    return _named(sql, tenant, codes)


def naming_orders(tenant: int, codes: Iterable[str]) -> list[str]:
    """Those of these orders that do not stand any more and that mounts still name. One statement."""
    sql = (
        'SELECT DISTINCT m."order" FROM production_mount m WHERE m.tenant = %s AND m.until_entry IS NULL AND '
        + reading.any_of('m."order"', "text")
        + ' AND NOT EXISTS (SELECT 1 FROM production_order o WHERE o.tenant = m.tenant AND o.code = m."order" '
        "AND o.until_entry IS NULL)"
    )
    return _named(sql, tenant, codes)


def _named(sql: str, tenant: int, codes: Iterable[str]) -> list[str]:
    wanted = sorted(set(codes))
    return [code for (code,) in reading.fetch(sql, (tenant, reading.list_param(wanted)))] if wanted else []
