"""What units run: the release of the last successful record of each image role, kept as runs of units.

A record whose time lies more than AHEAD_SECONDS ahead of when it was recorded was written by a clock that is wrong: nothing is told before
it happened. It is kept as it was told, and laid to when it was recorded (`laid_at`), as a machine's pass is (`messages.clocks`), so that it
hides nothing that happens later. When it happened before that nobody knows:

- records that lie ahead keep their own order among themselves, whoever recorded them when: a history may lie ahead as a whole
- against one that does not, such a record is surely older where that one happened once it was recorded; else either may be the last
- where passes that may be the last wrote different releases, the unit runs each of them possibly (standing MAYBE)
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.production.standing import MAYBE, Key, Standing
from asbuilt.built.production.unit_records import range_or_list
from asbuilt.formats.results.said import AHEAD_SECONDS
from asbuilt.storage import reading

FIRMWARE = Standing("programming_firmware_run", ("release",))
APP = "app"
PASS = 0
AHEAD_US = AHEAD_SECONDS * 1_000_000


class Pass(NamedTuple):
    """A successful record: its own time, entry and row, in the order of what happened last; the release; when it was recorded, where its
    own time lay ahead of that, else None."""

    at: int
    entry: int
    row: int
    key: Key
    laid_at: int | None


def laid_at(at: int, recorded_at: int) -> int | None:
    """When a record counts as having happened, where its own time lies ahead of when it was recorded; None where it does not."""
    return recorded_at if at - recorded_at > AHEAD_US else None


def may_be_last(passes: Sequence[Pass]) -> list[Pass]:
    """Those passes of one image role of a unit of which none is surely older than another one: one, or two. The last counts as what is now."""
    plain = max((one for one in passes if one.laid_at is None), default=None)
    ahead = (one for one in passes if one.laid_at is not None and (plain is None or one.laid_at > plain.at))
    return [one for one in (plain, max(ahead, default=None)) if one is not None]


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


class Runs(NamedTuple):
    """Release -> units that run it, that ever did, and of which nobody knows whether this or another one was last."""

    now: dict[Key, BitMap]
    ever: dict[Key, BitMap]
    maybe: dict[Key, BitMap]


def said_by_records(tenant: int, units: BitMap) -> Runs:
    """What these units run, counted anew from the records that stand. Two statements."""
    role_of, by_role = ReleaseRoles(tenant), defaultdict(list)
    runs = Runs(defaultdict(BitMap), defaultdict(BitMap), defaultdict(BitMap))
    for unit, one in _passes(tenant, units):
        runs.ever[one.key].add(unit)
        by_role[unit, role_of(one.key)].append(one)
    for (unit, _), passes in by_role.items():
        now, maybe = last_of(passes)
        runs.now[now].add(unit)
        for key in maybe:
            runs.maybe[key].add(unit)
    return runs


def last_of(passes: Sequence[Pass]) -> tuple[Key, set[Key]]:
    """(the key that holds now, all keys that may hold where that is not sure) of the passes of one role of a unit, at least one."""
    last = may_be_last(passes)
    keys = {one.key for one in last}
    return last[-1].key, keys if len(keys) > 1 else set()


def _passes(tenant: int, units: BitMap) -> Iterable[tuple[int, Pass]]:
    """(unit, pass) of the successful records that stand."""
    if not units:
        return
    condition, params = range_or_list(units)
    sql = (
        "SELECT unit, happened_at, entry, row, release, laid_at FROM programming_record "
        f"WHERE tenant = %s AND {condition} AND result = 0 AND until_entry IS NULL"
    )
    for unit, at, entry, row, release, laid in reading.fetch(sql, (tenant, *params)):
        if unit in units:
            yield unit, Pass(at, entry, row, (release,), laid)


def restate(tenant: int, entry: int, units: BitMap) -> None:
    """Count anew what these units run: after records of theirs were withdrawn, or where a record's time lies ahead."""
    runs = said_by_records(tenant, units)
    FIRMWARE.restate(tenant, entry, units, runs.now, runs.ever, {MAYBE: runs.maybe})
