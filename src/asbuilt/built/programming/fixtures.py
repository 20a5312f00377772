"""Fixtures: how many cycles each made at which station, as the stations' signed test records tell. A fixture that is carried from one station
to another takes its cycles along: each station's bulletin says those of the others.

    counted(tenant, station, records)         with an upload, in its transaction
    elsewhere(tenant, station, key_id)        what a bulletin tells a station

A row is the most that a station told of its own: records may come late, twice and in any order. It is no fact of the record; it can be made anew
from the uploads. A station is its key: one that was set up anew begins to count at nothing, and what the old one did is done elsewhere.
"""

from collections.abc import Iterable

from asbuilt.built.programming import models
from asbuilt.kernel.station_documents import FIXTURES_MAX
from asbuilt.kernel.test_records import TestRecord
from asbuilt.storage import reading


def counted(tenant: int, station: str, records: Iterable[tuple[TestRecord, str]]) -> None:
    """Note what these records of a station tell of its fixtures; each with the id of the key that signed it. Two statements a
    fixture."""
    told: dict[tuple[str, str], tuple[int, int]] = {}
    for record, key_id in records:
        if record.fixture:
            cycles, at = told.get((record.fixture, key_id), (0, 0))
            own = max(0, record.fixture_cycles - record.fixture_elsewhere)
            told[record.fixture, key_id] = max(cycles, own), max(at, record.finished_at)
    for (fixture, key_id), (cycles, at) in told.items():
        mine = {"fixture": fixture, "station": station, "key_id": key_id}
        row = models.FixtureCount.objects.of(tenant).filter(**mine)
        known = row.first()
        if known is None:
            models.FixtureCount(tenant=tenant, **mine, cycles=cycles, last_at=at).save(force_insert=True)
        elif cycles > known.cycles or at > known.last_at:
            row.update(cycles=max(cycles, known.cycles), last_at=max(at, known.last_at))


def elsewhere(tenant: int, station: str, key_id: str) -> list[dict] | None:
    """Fixture, cycles at other stations, when the last of them was (µs); those used last where there are too many. None where no station
    told of any fixture. One statement."""
    other = "CASE WHEN station = %s AND key_id = %s THEN 0 ELSE cycles END"
    sql = (
        f"SELECT fixture, sum({other}), max(last_at) FROM programming_fixture_count WHERE tenant = %s GROUP BY fixture "
        f"ORDER BY max(last_at) DESC, fixture LIMIT {FIXTURES_MAX}"
    )
    rows = reading.fetch(sql, (station, key_id, tenant))
    return [{"fixture": fixture, "cycles": int(cycles), "at": at} for fixture, cycles, at in rows] or None
