"""Limits in force: whether a process run lay outside of the limits of its step, as judged when it was recorded.

The limits of a step stand in routings.csv, for readings by name. What counts for a run is the routing that was in force when the
run ended, among those that were known at its entry, of each hardware revision among its units. Limits that are changed later judge
later runs; those that were recorded late or wrong judge a run anew (`judged_anew`). Paste that a machine used and should not have is told first. A run without readings, a step off the route and a reading without limits raise nothing.
"""

import json
from collections import OrderedDict

from asbuilt.designed.catalog.routings import Limits, limits_of, outside
from asbuilt.storage import reading

PARTED = "; "
PASTE_UNFIT = "paste_unfit"  # a machine used paste that might not be used: an alarm without limits
ROUTES_KEPT_MAX = 256


class LimitsInForce:
    """The limits of steps as they were known at entries; remembers, so use one for one recording or rebuild."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._limited: tuple[int, frozenset[str]] = (-1, frozenset())
        self._revisions: OrderedDict[tuple[int, int, int], list[int]] = OrderedDict()
        self._routes: OrderedDict[tuple[int, int], list[tuple]] = OrderedDict()

    def outside(self, entry: int, units: tuple[int, int], step: str, side: str, readings: str, at: int) -> str:
        """The readings of a run over units [first, until) that ended at an instant and lie outside of their limits, in words;
        empty where none does. One statement an entry; at most two more, and those only for a run with readings of a step
        that has limits somewhere."""
        unfit = PASTE_UNFIT in readings
        said = json.loads(readings) if readings and (unfit or step in self._steps_limited(entry)) else None
        if not isinstance(said, dict) or not said:
            return ""
        why = said.get(PASTE_UNFIT)
        found: dict[str, None] = {why: None} if unfit and isinstance(why, str) and why else {}
        for revision in self.revisions_of(entry, units):
            found |= dict.fromkeys(outside(self._limits(entry, revision, step, side, at), said))
        return PARTED.join(found)

    def _steps_limited(self, entry: int) -> frozenset[str]:
        if self._limited[0] != entry:
            sql = (
                "SELECT DISTINCT step FROM catalog_routing_step WHERE tenant = %s AND limits <> '' AND entry <= %s "
                "AND (until_entry IS NULL OR until_entry > %s)"
            )
            found = reading.fetch(sql, (self.tenant, entry, entry))
            self._limited = (entry, frozenset(step for (step,) in found))
        return self._limited[1]

    def revisions_of(self, entry: int, units: tuple[int, int]) -> list[int]:
        """The hardware revisions among units [first, until), as known at the entry. One statement."""
        key = (entry, *units)
        if key not in self._revisions:
            sql = (
                "SELECT DISTINCT revision FROM production_block WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
                "AND entry <= %s AND (until_entry IS NULL OR until_entry > %s) ORDER BY revision"
            )
            rows = reading.fetch(sql, (self.tenant, units[1], units[0], entry, entry))
            _remember(self._revisions, key, [revision for (revision,) in rows])
        return self._revisions[key]

    def _limits(self, entry: int, revision: int, step: str, side: str, at: int) -> Limits:
        key = (entry, revision)
        if key not in self._routes:
            sql = (
                "SELECT routing, step, side, limits, from_at, entry FROM catalog_routing_step WHERE tenant = %s "
                "AND hardware_revision = %s AND entry <= %s AND (until_entry IS NULL OR until_entry > %s) "
                "ORDER BY place_in_route"
            )
            _remember(self._routes, key, reading.fetch(sql, (self.tenant, revision, entry, entry)))
        return _limits_of_step(_in_force(self._routes[key], at), step, side)


def _remember(kept: OrderedDict, key: tuple, value: list) -> None:
    kept[key] = value
    if len(kept) > ROUTES_KEPT_MAX:
        kept.popitem(last=False)


def _in_force(rows: list[tuple], at: int) -> list[tuple]:
    """The steps of that routing which came into force last by `at`; ties go to the one recorded later."""
    steps: dict[str, list[tuple]] = {}
    for row in rows:
        steps.setdefault(row[0], []).append(row)
    ranked = [(max(row[4] for row in mine), max(row[5] for row in mine), name) for name, mine in steps.items()]
    begun = [rank for rank in ranked if rank[0] <= at]
    return steps[max(begun)[2]] if begun else []


def _limits_of_step(rows: list[tuple], step: str, side: str) -> Limits:
    """As `Routing.step` finds it: of this name and side, or, where the name stands once, without its side too."""
    named = [row for row in rows if row[1] == step]
    exact = [row for row in named if row[2] == side]
    if len(exact) != 1:
        exact = named if len(named) == 1 and (not side or not named[0][2]) else []
    return (limits_of(exact[0][3]) or {}) if exact else {}
