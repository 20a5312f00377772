"""A part split off a package came programmed as its source did: rows of programming.csv of the source, anew under the part's code."""

from asbuilt.access.people import People
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.programming.queries import came_programmed
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

_RELEASES = (
    "SELECT r.number, p.code, r.role, r.version, r.sha256 FROM firmware_release r JOIN catalog_product p "
    "ON p.tenant = r.tenant AND p.number = r.product WHERE r.tenant = %s AND "
)


def programmed_before(
    tenant: int, source: str, new: str, at: int
) -> tuple[type[ProgrammingIntake], list[tuple[str, ...]]]:
    """What was written into the source's devices by then, as rows of the part. Five statements."""
    package = PackageFinder(tenant).find([source]).get(source)
    rows = [one for one in came_programmed(tenant, [package.number]) if one.happened_at <= at] if package else []
    if not rows:
        return ProgrammingIntake, []
    numbers = sorted({one.release for one in rows})
    sql = _RELEASES + reading.any_of("r.number")
    releases = {row[0]: row[1:] for row in reading.fetch(sql, (tenant, reading.list_param(numbers)))}
    stations = FloorNames(tenant).names(one.station for one in rows if one.station is not None)
    people = People(tenant, 0).codes(one.operator for one in rows)
    found = []
    for one in rows:
        product, role, version, sha256 = releases[one.release]
        who = (stations.get(one.station, ""), people.get(one.operator, ""))
        end = (one.result, format_instant(one.happened_at), role, new, one.source)
        found.append(("", product, version, bytes(sha256).hex(), "", *who, *end))
    return ProgrammingIntake, found
