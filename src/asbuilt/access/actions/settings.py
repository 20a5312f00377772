"""Settings of the tenant that an administrator turns: questions by operator, off until somebody answers for turning them on, and the
time zone in which a day is a day."""

from functools import cache
from zoneinfo import available_timezones

from asbuilt.access import errors, events
from asbuilt.access.actor import Actor
from asbuilt.access.models import Tenant
from asbuilt.access.rights import SETTINGS_MANAGE
from asbuilt.formats.nearest import did_you_mean
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording


def set_operator_questions(actor: Actor, *, on: bool, request_key: str | None = None) -> bool:
    """Allow or end questions by operator, for who holds that right; returns whether this changed anything.

    Work that names a person is looked into from then on, so each turn is an entry with who turned it. Turned to what it
    is already, nothing is recorded.
    """
    actor.require(SETTINGS_MANAGE)
    if Tenant.objects.filter(number=actor.tenant, operator_questions=on).exists():
        return False
    with recording(actor, events.OPERATOR_QUESTIONS_SET, request_key=request_key) as entry:
        Tenant.objects.filter(number=actor.tenant).update(operator_questions=on)
        entry.notes = {"on": on}
    sequencing.after_commit(actor.tenant)
    return True


@cache
def time_zones() -> tuple[str, ...]:
    """The names of the IANA time zone database that say a place, ascending."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


def set_time_zone(actor: Actor, *, zone: str, request_key: str | None = None) -> bool:
    """From now on a day of the tenant is a day in this zone, and pages say times in it; returns whether this changed anything.

    Nothing that is recorded changes: instants are kept in UTC. A question that names days is answered by the zone of the day it is asked;
    what was frozen stays as it was. Raises Invalid for a name that the IANA time zone database does not have.
    """
    actor.require(SETTINGS_MANAGE)
    zone = zone.strip()
    if zone not in time_zones():
        near = did_you_mean(zone, time_zones()) or "Europe/Berlin is one."
        raise errors.field_wrong("time_zone", f"{zone[:80] or 'Nothing'} is no time zone. {near}")
    if Tenant.objects.filter(number=actor.tenant, time_zone=zone).exists():
        return False
    with recording(actor, events.TIME_ZONE_SET, request_key=request_key) as entry:
        before = Tenant.objects.get(number=actor.tenant).time_zone
        Tenant.objects.filter(number=actor.tenant).update(time_zone=zone)
        entry.notes = {"zone": zone, "before": before}
    sequencing.after_commit(actor.tenant)
    return True
