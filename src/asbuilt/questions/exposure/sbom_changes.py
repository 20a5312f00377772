"""What SBOMs changed: a vulnerability known for long comes in with a new SBOM, or goes with the one that was superseded or withdrawn.

    through_sboms(view, then, now)   -> (ways that came, ways that went), each with when

A finding is of a component, however many SBOMs list it: that a further release lists it is no new finding, and news all the same.
"""

from collections.abc import Iterable

from asbuilt.designed.components.queries import CURRENT, CURRENT_AS_OF
from asbuilt.questions.exposure.ways import Way, ways_through
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

_SAME = " AND ".join(
    f"coalesce(s.{one}, 0) = coalesce(n.{one}, 0)" if one in ("product", "revision", "part") else f"s.{one} = n.{one}"
    for one in ("product", "role", "version", "revision", "part", "lot")
)
Moved = list[tuple[Way, int]]


def through_sboms(view: View, then: int, now: int) -> tuple[Moved, Moved]:
    """Ways that SBOMs recorded after entry `then` up to `now` brought, or that went with those which they superseded, or that were withdrawn."""
    before, after = View(view.actor, then), view
    changed = dict(_changed(after, then, now, CURRENT, (view.tenant,)))
    ended = dict(_changed(after, then, now, CURRENT_AS_OF, (view.tenant, then, then)))
    if not changed and not ended:
        return [], []
    new, old = ways_through(after, changed), ways_through(before, ended)
    there, gone = {_named(way) for way, _ in new}, {_named(way) for way, _ in old}
    came = [(way, changed[sbom]) for way, sbom in new if _named(way) not in gone]
    went = [(way, ended[sbom]) for way, sbom in old if _named(way) not in there]
    return came, went


def _named(way: Way) -> tuple[str, str, str]:
    return way.vulnerability, way.label, way.place_words


def _changed(view: View, then: int, now: int, current: str, params: tuple) -> Iterable[tuple[int, int]]:
    """(SBOM, when) of the current ones of whatever another SBOM was recorded for, or withdrawn of. One statement."""
    sql = (
        "SELECT s.number, max(e.recorded_at) FROM components_sbom n JOIN components_sbom s ON s.tenant = n.tenant AND "
        f"{_SAME} JOIN ledger_entry e ON e.tenant = n.tenant AND e.number IN (n.entry, n.until_entry) WHERE n.tenant = %s "
        f"AND e.number > %s AND e.number <= %s AND s.number IN ({current}) GROUP BY s.number"
    )
    return reading.fetch(sql, (view.tenant, then, now, *params))
