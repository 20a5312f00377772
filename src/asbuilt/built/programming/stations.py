"""Reads of stations: who is enrolled with which keys, when they were here, what they told of themselves, open alarms."""

import json
from dataclasses import dataclass

from asbuilt.built.programming.permits import key_of_text
from asbuilt.kernel.documents import name
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.keys import PublicKey
from asbuilt.storage import reading

ENROLLED, CLOSED = "enrolled", "closed"
RELEASED_SHOWN_MAX = 1_000


@dataclass(frozen=True)
class Alarm:
    """Why a station stood or stands: named by the key of its record; `released` by station or server."""

    station: str
    alarm: str
    seq: int
    code: str
    said: str
    scanned: str
    at: int
    released: str = ""


@dataclass(frozen=True)
class StationSeen:
    """A station: keys, site, when it was last here (µs), how many records wait there, up to which entry it has heard."""

    station: str
    state: str
    site: str
    ems: str
    public: PublicKey
    transfer: PublicKey
    enrolled_at: int
    entry: int
    seen_at: int | None
    waiting: int | None
    epoch: int
    heard_entry: int
    heard_at: int | None


_SQL = (
    "SELECT s.station, s.state, s.site, s.ems, s.public, s.transfer, s.happened_at, s.entry, c.seen_at, c.waiting, c.epoch, "
    "c.heard_entry, c.heard_at FROM programming_station s LEFT JOIN programming_station_contact c ON c.tenant = s.tenant "
    "AND c.station = s.station WHERE s.tenant = %s AND s.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM "
    "programming_station n WHERE n.tenant = s.tenant AND n.station = s.station AND n.until_entry IS NULL AND "
    '(n.entry > s.entry OR (n.entry = s.entry AND n."row" > s."row")))'
)


def check_name(station: str) -> None:
    """Invalid for what is no name of a station: it stands in addresses and is a folder on a stick."""
    name(40)(station, "station")
    if "/" in station or "#" in station or station == "enrol":
        raise Invalid(
            "programming.station_name", f"A station is not called {station}.", {"field": "station"}, "Write ST-01."
        )


def stations(tenant: int) -> list[StationSeen]:
    """Every station by name, closed ones too. One statement."""
    return [_seen(row) for row in reading.fetch(_SQL + " ORDER BY s.station", (tenant,))]


def station_of(tenant: int, name: str) -> StationSeen:
    """A station; NotFound where there is none. One statement."""
    row = reading.fetch_one(_SQL + " AND s.station = %s", (tenant, name))
    if row is None:
        raise NotFound(
            "programming.station_unknown", f"No station is called {name[:40]}.", {"station": name[:40]},
            "`asbuilt station list` shows them.",
        )  # fmt: skip
    return _seen(row)


def tenants_of(name: str) -> list[int]:
    """Tenants that have an enrolled station of this name: its signature says which one it is. One statement."""
    sql = "SELECT DISTINCT tenant FROM programming_station WHERE station = %s AND until_entry IS NULL ORDER BY tenant"
    return [tenant for (tenant,) in reading.fetch(sql, (name,))]


def _seen(row: tuple) -> StationSeen:
    name, state, site, ems, public, transfer, at, entry, seen_at, waiting, epoch, heard, heard_at = row
    return StationSeen(
        name, state, site, ems, key_of_text(public), key_of_text(transfer, sealing=True), at, entry, seen_at, waiting,
        epoch or 0, heard or 0, heard_at,
    )  # fmt: skip


def not_heard(tenant: int, entry: int) -> list[str]:
    """Enrolled stations that have no bulletin written after this entry was recorded. One statement."""
    return [one.station for one in stations(tenant) if one.state == ENROLLED and one.heard_entry < entry]


def alarms(tenant: int, station: str | None = None, *, open_only: bool = True, limit: int = 200) -> list[Alarm]:
    """Alarms, newest first; one is released by a person at the station or from here. Two statements."""
    where, params = (" AND station = %s", (station,)) if station else ("", ())
    sql = (
        "SELECT station, key, seq, reason, said, scanned, happened_at FROM programming_station_record r WHERE tenant = %s "
        f"AND result = 'alarm' AND until_entry IS NULL{where} ORDER BY happened_at DESC, seq DESC"
    )
    found = [Alarm(*row) for row in reading.fetch(sql, (tenant, *params))]
    sql = (
        f"SELECT alarm, 'station' FROM programming_station_record WHERE tenant = %s AND result = 'release' "
        f"AND until_entry IS NULL{where} UNION ALL SELECT alarm, 'server' FROM programming_alarm_release WHERE tenant = %s "
        f"AND until_entry IS NULL{where}"
    )
    released = dict(reading.fetch(sql, (tenant, *params, tenant, *params))) if found else {}
    told = [Alarm(**{**vars(one), "released": released.get(one.alarm, "")}) for one in found]
    return [one for one in told if not (open_only and one.released)][:limit]


def released_here(tenant: int, station: str) -> list[str]:
    """Alarms that were released from here, newest first: what a bulletin carries. One statement."""
    sql = (
        "SELECT alarm FROM programming_alarm_release WHERE tenant = %s AND station = %s AND until_entry IS NULL "
        f'ORDER BY entry DESC, "row" DESC LIMIT {RELEASED_SHOWN_MAX}'
    )
    return [alarm for (alarm,) in reading.fetch(sql, (tenant, station))]


def head_of(tenant: int, station: str, since_entry: int = 0) -> tuple[int, str]:
    """(last place, its hash) of the station's chain as it arrived since it was enrolled by that entry. One statement."""
    sql = (
        "SELECT seq, chain FROM programming_station_record WHERE tenant = %s AND station = %s AND entry >= %s "
        "AND until_entry IS NULL ORDER BY seq DESC LIMIT 1"
    )
    return reading.fetch_one(sql, (tenant, station, since_entry)) or (0, "")


def tools_of(tenant: int, station: str) -> list[tuple[str, str]]:
    """(tool, version) as the last attempts of the station had them. One statement."""
    sql = (
        "SELECT tools FROM programming_station_record WHERE tenant = %s AND station = %s AND tools <> '[]' "
        "AND until_entry IS NULL ORDER BY seq DESC LIMIT 20"
    )
    found: dict[str, str] = {}
    for (text,) in reading.fetch(sql, (tenant, station)):
        for tool, version in json.loads(text):
            found.setdefault(tool, version)
    return sorted(found.items())


def unplaced(tenant: int, station: str | None = None) -> int:
    """How many attempts name no unit of this record, or could not be recorded for it. One statement."""
    where, params = (" AND station = %s", (station,)) if station else ("", ())
    sql = (
        "SELECT count(*) FROM programming_station_record WHERE tenant = %s AND problem <> '' AND until_entry IS NULL"
        + where
    )
    return reading.fetch_one(sql, (tenant, *params))[0]
