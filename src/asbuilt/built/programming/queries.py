"""Reads of programming. `as_of` is an entry's number: what was recorded up to and with it; without it, what stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.standing import EVER, MAYBE, NOW
from asbuilt.built.programming.running import FIRMWARE, ReleaseRoles
from asbuilt.storage import reading

RESULT_WORDS = ("pass", "fail", "aborted")
SOURCE_WORDS = ("", "station", "supplier", "field")


@dataclass(frozen=True, slots=True)
class ProgrammingRow:
    """One attempt on a unit: `result` and `source` as words, station and operator as numbers of their names."""

    unit: int
    happened_at: int
    release: int
    entry: int
    result: str
    source: str
    uid: bytes | None
    station: int | None
    operator: int | None
    ahead: bool = False  # its time lay ahead of when it was recorded


@dataclass(frozen=True, slots=True)
class CameProgrammedRow:
    """A package whose devices came programmed with a release; a time that lay ahead is that of its recording."""

    package: int
    happened_at: int
    release: int
    entry: int
    result: str
    source: str
    station: int | None
    operator: int | None


def stands(as_of: int | None) -> tuple[str, tuple[int, ...]]:
    """A condition for rows that stand now or stood as of an entry, with its parameters."""
    if as_of is None:
        return "until_entry IS NULL", ()
    return "entry <= %s AND (until_entry IS NULL OR until_entry > %s)", (as_of, as_of)


def records_of_unit(tenant: int, unit: int, as_of: int | None = None) -> list[ProgrammingRow]:
    """Every attempt on a unit, by time. One statement."""
    condition, params = stands(as_of)
    sql = (
        "SELECT unit, happened_at, release, entry, result, source, uid, station, operator, laid_at IS NOT NULL "
        "FROM programming_record "
        f"WHERE tenant = %s AND unit = %s AND {condition} ORDER BY happened_at, entry"
    )
    rows = reading.fetch(sql, (tenant, unit, *params))
    return [
        ProgrammingRow(
            *row[:4],
            RESULT_WORDS[row[4]],
            SOURCE_WORDS[row[5]],
            bytes(row[6]) if row[6] else None,
            *row[7:9],
            bool(row[9]),
        )
        for row in rows
    ]


def firmware_of_unit(tenant: int, unit: int, as_of: int | None = None) -> dict[str, int]:
    """Image role -> the release that the unit runs by its last successful record. Two statements."""
    roles = ReleaseRoles(tenant)
    found = FIRMWARE.keys_over(tenant, unit, unit + 1, NOW, as_of)
    return {roles(key): key[0] for key in found}


def may_run(tenant: int, unit: int, as_of: int | None = None) -> dict[str, set[int]]:
    """Image role -> releases of which nobody knows which was written last. One statement, one more where there are some."""
    roles = ReleaseRoles(tenant)
    found: dict[str, set[int]] = {}
    for key in FIRMWARE.keys_over(tenant, unit, unit + 1, MAYBE, as_of):
        found.setdefault(roles(key), set()).add(key[0])
    return found


def units_of_release(tenant: int, release: int, *, ever: bool = False, as_of: int | None = None) -> BitMap:
    """Units that run a release by their last successful record, or ever had it written. One statement."""
    return FIRMWARE.units(tenant, (release,), EVER if ever else NOW, as_of)


def releases_over(
    tenant: int, first: int, until: int, *, ever: bool = False, as_of: int | None = None
) -> dict[int, BitMap]:
    """Release -> its units of [first, until). One statement."""
    found = FIRMWARE.keys_over(tenant, first, until, EVER if ever else NOW, as_of)
    return {key[0]: units for key, units in found.items()}


def came_programmed(tenant: int, packages: Iterable[int], as_of: int | None = None) -> list[CameProgrammedRow]:
    """What these packages' devices came programmed with, by time. One statement."""
    condition, params = stands(as_of)
    sql = (
        "SELECT package, coalesce(laid_at, happened_at), release, entry, result, source, station, operator FROM programming_package "
        f"WHERE tenant = %s AND {reading.any_of('package')} AND {condition} ORDER BY coalesce(laid_at, happened_at), happened_at, entry"
    )
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(set(packages))), *params))
    return [CameProgrammedRow(*row[:4], RESULT_WORDS[row[4]], SOURCE_WORDS[row[5]], *row[6:]) for row in rows]


def packages_with_release(tenant: int, release: int, as_of: int | None = None) -> list[int]:
    """Packages whose devices came programmed with a release, successfully. One statement."""
    condition, params = stands(as_of)
    sql = (
        "SELECT DISTINCT package FROM programming_package WHERE tenant = %s AND release = %s AND result = 0 "
        f"AND {condition} ORDER BY package"
    )
    return [row[0] for row in reading.fetch(sql, (tenant, release, *params))]
