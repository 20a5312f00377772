"""What units run: the release of the last successful record of each image role, kept as runs of units.

A record whose time lies more than AHEAD_SECONDS ahead of when it was recorded was written by a clock that is wrong: nothing is told before
it happened. It is kept as it was told, and laid to when it was recorded (`laid_at`), as a machine's pass is (`messages.clocks`), so that it
hides nothing that happens later. When it happened before that nobody knows:

- against a record that did not lie ahead it is surely older where that one happened once it was recorded; else either may be the last
- of one entry, records that lie ahead keep their own order; of several entries they do where order and times say the same
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
    """A successful record as what happened last is told by: compared by the moment it counts at, its own time, entry, row."""

    moment: int
    at: int
    entry: int
    row: int
    key: Key

    @property
    def ahead(self) -> bool:
        """Whether its own time lay ahead of when it was recorded."""
        return self.moment != self.at


def laid_at(at: int, recorded_at: int) -> int | None:
    """When a record counts as having happened, where its own time lies ahead of when it was recorded; None where it does not."""
    return recorded_at if at - recorded_at > AHEAD_US else None


def may_be_last(passes: Iterable[Pass]) -> list[Pass]:
    """Those passes of one image role of a unit of which none is surely older than another one; by the moment they count at."""
    plain = max((one for one in passes if not one.ahead), default=None)
    ahead = [one for one in passes if one.ahead and (plain is None or one.moment > plain.moment)]
    found, entry, latest = [plain] if plain else [], None, None
    for one in sorted(ahead, key=lambda one: (one.entry, one.at, one.row), reverse=True):
        if one.entry != entry and (latest is None or one.at > latest):
            found.append(one)
            latest = one.at
        entry = one.entry
    return sorted(found)


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
        "SELECT unit, coalesce(laid_at, happened_at), happened_at, entry, row, release FROM programming_record "
        f"WHERE tenant = %s AND {condition} AND result = 0 AND until_entry IS NULL"
    )
    for unit, *said, release in reading.fetch(sql, (tenant, *params)):
        if unit in units:
            yield unit, Pass(*said, (release,))


def restate(tenant: int, entry: int, units: BitMap) -> None:
    """Count anew what these units run: after records of theirs were withdrawn, or where a record's time lies ahead."""
    runs = said_by_records(tenant, units)
    FIRMWARE.restate(tenant, entry, units, runs.now, runs.ever, {MAYBE: runs.maybe})
