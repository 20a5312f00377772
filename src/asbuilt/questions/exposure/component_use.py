"""Where a component is used, and on how many units: by version, in which releases, hardware revisions and parts, how many are in the field.

    component_use(actor, "mbedtls")   -> what `where_used` of the SBOMs says, each version and place with its units

The three numbers are those of the question `component:` for that version; `in_field` counts the units among them that were shipped. Units behind
each place are read once.
"""

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.designed.components.queries import PackageVersion, Place
from asbuilt.designed.components.telling import used, used_told
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.exposure.reach import behind, in_the_field
from asbuilt.questions.exposure.ways import AFFECTED, Way
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def component_use(actor: Actor, name: str) -> dict:
    """For programs and pages. NotFound for a party's person, as for all SBOMs."""
    with reading.snapshot():
        exact, more, rows = used(actor, name)
        said = used_told(actor, name, exact, more, rows)
        if not rows:
            return said
        view = view_of(actor)
        known = _behind_places(view, rows)
        whole = BitMap().union(*(units.unrecorded for units in known.values()))
        away = in_the_field(view, view.without_skipped(whole)) if whole else BitMap()
        for (_, places), one in zip(rows, said["components"], strict=True):
            of_version = UnitSet.none()
            for place, told in zip(places, one["places"], strict=True):
                units = known[_key(place)]
                of_version |= units
                told |= _counted(view, units, away)
            one |= _counted(view, of_version, away)
        return said


def _behind_places(view: View, rows: list[tuple[PackageVersion, list[Place]]]) -> dict[tuple, UnitSet]:
    found: dict[tuple, UnitSet] = {}
    for place in (place for _, places in rows for place in places):
        if _key(place) not in found:
            way = Way("", AFFECTED, "", "", 0, place.binding, place.release, place.revision, place.part, place.lot)
            found[_key(place)] = behind(view, [way], False)
    return found


def _key(place: Place) -> tuple:
    return place.release, place.revision, place.part, place.lot


def _counted(view: View, units: UnitSet, away: BitMap) -> dict:
    found = units.within(view.without_skipped(units.unrecorded)) if units.unrecorded else units
    return {"units": found.counts(), "in_field": len(found.unrecorded & away)}
