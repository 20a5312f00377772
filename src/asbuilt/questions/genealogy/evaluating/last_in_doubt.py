"""Firmware of which nobody knows whether it was the last: a record whose time lay ahead of when it was recorded stands beside an older one.

Such a unit runs each release that may be the last possibly (`programming.running`): the ones stand under MAYBE, and only there is looked.
"""

from collections import defaultdict
from collections.abc import Collection

from pyroaring import BitMap

from asbuilt.built.production.standing import MAYBE
from asbuilt.built.programming.running import ReleaseRoles
from asbuilt.kernel.spans import opened, united
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def may_run(view: View, units: BitMap) -> dict[int, BitMap]:
    """Release -> those of the units that may run it or another one. One statement, none where no record lies ahead."""
    found: dict[int, BitMap] = defaultdict(BitMap)
    if not units or not view.recorded.last_in_doubt:
        return found
    sql = (
        "SELECT t.release, t.first_unit, t.until_unit, t.units FROM programming_firmware_run t "
        f"WHERE t.tenant = %s AND t.standing = {MAYBE} AND t.first_unit <= %s AND t.until_unit > %s" + view.seen("t")
    )
    for release, *run in reading.fetch(sql, (view.tenant, units.max(), units.min())):
        found[release] |= opened(*run) & units
    return {release: some for release, some in found.items() if some}


def certainly_run(view: View, loaded: dict[int, BitMap], releases: Collection[int]) -> BitMap:
    """Units that run one of the releases whichever was the last; `loaded` is release -> units that run it or may. Two statements at most."""
    units = united(loaded.values())
    maybe = may_run(view, units)
    if not maybe:
        return units
    role_of = ReleaseRoles(view.tenant)
    others: dict[str, BitMap] = defaultdict(BitMap)
    for release, some in maybe.items():
        if release not in releases:
            others[role_of((release,))] |= some
    sure = [some - maybe.get(release, BitMap()) for release, some in loaded.items()]
    sure += [some - others[role_of((release,))] for release, some in maybe.items() if release in releases]
    return united(sure)
