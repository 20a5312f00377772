"""What units run: the release of the last successful record of each image role, kept as runs of units."""

from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.built.production.standing import Key, Standing
from asbuilt.built.production.unit_records import last_and_ever, range_or_list
from asbuilt.storage import reading

FIRMWARE = Standing("programming_firmware_run", ("release",))
APP = "app"
PASS = 0


class ReleaseRoles:
    """The image role of each release, read once; a release without a role is an app."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._roles: dict[int, str] = {}

    def __call__(self, key: Key) -> str:
        """The role of the release of this key: the group within which a unit runs one release."""
        if key[0] not in self._roles:
            sql = "SELECT number, role FROM firmware_release WHERE tenant = %s"
            self._roles = {number: role or APP for number, role in reading.fetch(sql, (self.tenant,))}
        return self._roles[key[0]]


def said_by_records(tenant: int, units: BitMap) -> tuple[dict[Key, BitMap], dict[Key, BitMap]]:
    """(now, ever) of these units, counted anew from the records that stand. Two statements."""
    return last_and_ever(_passes(tenant, units), ReleaseRoles(tenant))


def _passes(tenant: int, units: BitMap) -> Iterable[tuple[int, Key]]:
    """(unit, key) of the successful records that stand, in order of what happened last."""
    if not units:
        return []
    condition, params = range_or_list(units)
    sql = (
        f"SELECT unit, release FROM programming_record WHERE tenant = %s AND {condition} AND result = 0 "
        "AND until_entry IS NULL ORDER BY happened_at, entry, row"
    )
    return [(unit, (release,)) for unit, release in reading.fetch(sql, (tenant, *params)) if unit in units]


def restate(tenant: int, entry: int, units: BitMap) -> None:
    """Count anew what these units run: after records of theirs were withdrawn."""
    now, ever = said_by_records(tenant, units)
    FIRMWARE.restate(tenant, entry, units, now, ever)
