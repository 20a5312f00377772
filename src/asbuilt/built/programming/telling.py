"""Grants, permits and stations as programs and pages read them: plain values, instants as text."""

import json

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.programming import permits, stations
from asbuilt.built.programming.errors import refuse_party
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import evidence
from asbuilt.storage import reading


def grants_told(actor: Actor) -> list[dict]:
    """The grants, newest first, with the units left."""
    _whole(actor)
    with reading.snapshot():
        return [grant_told(one) for one in permits.grants(actor.tenant)]


def grant_told(seen: permits.GrantSeen) -> dict:
    """A grant: what it allows, what is left."""
    grant = seen.grant
    return {
        "grant": grant.grant_id, "brand_owner": grant.brand_owner, "ems": grant.ems, "site": grant.site,
        "product": grant.product, "revisions": list(grant.revisions),
        "images": [{"role": image.role, "version": image.version, "sha256": image.sha256} for image in grant.images],
        "units": grant.units, "left": seen.left, "not_after": format_instant(grant.not_after),
        "issuers": [key.key_id for key in grant.issuers], "permits": [one.permit.permit_id for one in seen.permits],
    }  # fmt: skip


def permits_told(actor: Actor) -> list[dict]:
    """The permits, newest first, each with its counters."""
    _whole(actor)
    with reading.snapshot():
        return [permit_told(actor.tenant, one) for one in permits.issued_permits(actor.tenant)]


def permit_seen(actor: Actor, permit_id: str) -> dict:
    """One permit; NotFound where there is none."""
    _whole(actor)
    with reading.snapshot():
        return permit_told(actor.tenant, permits.permit_of(actor.tenant, permit_id))


def permit_told(tenant: int, seen: permits.PermitSeen) -> dict:
    """A permit with what each station did of its share, as far as its records arrived."""
    permit = seen.permit
    people = People(tenant, 0).codes([seen.operator])
    return {
        "permit": permit.permit_id, "grant": permit.grant_id, "order": permit.work_order, "product": permit.product,
        "revisions": list(permit.revisions), "state": seen.state, "reason": seen.reason, "units": permit.units,
        "images": [
            {"role": image.role, "version": image.version, "sha256": image.sha256, "part": image.part, "region": image.region}
            for image in permit.images
        ],
        "plan": permit.plan, "plan_version": permit.plan_version, "plan_sha256": permit.plan_sha256,
        "tests": [{"plan": test.plan, "version": test.version, "sha256": test.sha256} for test in permit.tests],
        "tools": [{"tool": rule.tool, "version_min": rule.version_min} for rule in permit.tools],
        "issued_at": format_instant(permit.issued_at), "not_before": format_instant(permit.not_before),
        "not_after": format_instant(permit.not_after), "grace_offline_hours": permit.grace_offline_hours,
        "attempts_per_unit": permit.attempts_per_unit, "revocation_epoch": permit.revocation_epoch,
        "supersedes": permit.supersedes, "issued_by": people.get(seen.operator, ""),
        "stations": [_counted(one) for one in permits.counters(tenant, seen)],
    }  # fmt: skip


def _counted(one: permits.Counted) -> dict:
    ended = one.ended
    return {
        "station": one.station, "units": one.units, "rework_units": one.rework_units, "passed": one.passed,
        "failed": one.failed, "spent": ended.spent if ended else one.spent, "rework": one.rework, "attempts": one.attempts,
        "last_at": format_instant(one.last_at) if one.last_at is not None else None,
        "ended_at": format_instant(ended.happened_at) if ended else None,
        "end_certificate": ended.sha256 if ended else None,
        "returned": one.units - ended.spent if ended else 0,
    }  # fmt: skip


def permit_document(actor: Actor, permit_id: str) -> bytes:
    """The permit as its issuer signed it."""
    _whole(actor)
    return permits.permit_of(actor.tenant, permit_id).document


def grant_document(actor: Actor, grant_id: str) -> bytes:
    """The grant as the brand owner signed it."""
    _whole(actor)
    return permits.grant_of(actor.tenant, grant_id).document


def end_certificate(actor: Actor, permit_id: str, station: str) -> bytes:
    """A station's end certificate as it signed it; NotFound where none came."""
    _whole(actor)
    ended = permits.permit_of(actor.tenant, permit_id).ended.get(station)
    if ended is None:
        raise NotFound(
            "programming.end_unknown", f"No end certificate of station {station[:40]} came.", {"station": station[:40]},
            "Close the permit at the station, then sync.",
        )  # fmt: skip
    return b"".join(evidence.open_evidence(actor.tenant, ended.sha256))


def stations_told(actor: Actor) -> list[dict]:
    """Every station by name."""
    _whole(actor)
    with reading.snapshot():
        standing: dict[str, int] = {}
        for alarm in stations.alarms(actor.tenant):
            standing[alarm.station] = standing.get(alarm.station, 0) + 1
        return [
            station_told(actor.tenant, one, standing.get(one.station, 0)) for one in stations.stations(actor.tenant)
        ]


def station_told(tenant: int, seen: stations.StationSeen, standing: int) -> dict:
    """A station as a list shows it."""
    return {
        "station": seen.station, "state": seen.state, "site": seen.site, "ems": seen.ems, "key_id": seen.public.key_id,
        "enrolled_at": format_instant(seen.enrolled_at),
        "seen_at": format_instant(seen.seen_at) if seen.seen_at is not None else None, "waiting": seen.waiting,
        "heard_at": format_instant(seen.heard_at) if seen.heard_at is not None else None,
        "tools": [{"tool": tool, "version": version} for tool, version in stations.tools_of(tenant, seen.station)],
        "alarms_open": standing, "unplaced": stations.unplaced(tenant, seen.station),
    }  # fmt: skip


def station_seen(actor: Actor, name: str) -> dict:
    """One station with its alarms, permits and last records; NotFound where there is none."""
    _whole(actor)
    with reading.snapshot():
        tenant = actor.tenant
        seen = stations.station_of(tenant, name)
        found = stations.alarms(tenant, name, open_only=False, limit=50)
        mine = permits.of_station(permits.issued_permits(tenant), name)
        return {
            **station_told(tenant, seen, sum(not alarm.released for alarm in found)),
            "alarms": [
                {
                    "alarm": alarm.alarm, "code": alarm.code, "said": alarm.said, "unit": alarm.scanned,
                    "at": format_instant(alarm.at), "released": alarm.released,
                }
                for alarm in found
            ],
            "permits": [{"permit": one.permit.permit_id, "order": one.permit.work_order, "state": one.state} for one in mine],
            "records": records_told(tenant, station=name, limit=50),
        }  # fmt: skip


def unit_records(actor: Actor, unit: int) -> list[dict]:
    """What stations told of a unit, newest first; nothing for a party's person, whose page says what the unit runs."""
    actor.require(RECORD_READ)
    return [] if actor.party is not None else records_told(actor.tenant, unit=unit)


def records_told(tenant: int, *, station: str = "", unit: int | None = None, limit: int = 200) -> list[dict]:
    """Signed records of a station, or of a unit, newest first; the operator by badge."""
    where, value = ("station = %s", station) if unit is None else ("unit = %s", unit)
    sql = (
        "SELECT station, permit, scanned, uid, attempt, rework, result, reason, said, grade, images, evidence, problem, "
        f"payload_sha256, happened_at, operator FROM programming_station_record WHERE tenant = %s AND {where} "
        f"AND until_entry IS NULL ORDER BY happened_at DESC, seq DESC LIMIT {int(limit)}"
    )
    names = ("role", "version", "sha256", "read_back_sha256", "grade")
    rows = reading.fetch(sql, (tenant, value))
    people = People(tenant, 0).codes(row[15] for row in rows)
    return [
        {
            "station": row[0], "permit": row[1] or None, "unit": row[2], "uid": row[3], "attempt": row[4],
            "rework": row[5] == "true", "result": row[6], "reason": row[7], "said": row[8], "grade": row[9],
            "images": [dict(zip(names, image, strict=True)) for image in json.loads(row[10])], "evidence": row[11],
            "problem": row[12], "record": row[13], "happened_at": format_instant(row[14]),
            "operator": people.get(row[15], ""),
        }
        for row in rows
    ]  # fmt: skip


def _whole(actor: Actor) -> None:
    actor.require(RECORD_READ)
    refuse_party(actor)
