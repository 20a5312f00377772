"""How far one can trust that nothing is found on given units: which of their releases nobody wrote an SBOM of, how many of their components no
feed can name, how old the feeds are, whether matching has come to the newest of them. For the gate, which asks it with every verdict.

    coverage_on(view, units, loaded)   -> CoverageOn, as known now

What is of a release is counted once, however many units run it; so is what the SBOM of a purchased part lists that is on one of them. A release
without an SBOM says which module parts came with it. Two statements; those of packages beside them, where any came programmed or a part has
an SBOM.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.components.queries import LISTED, OF_IMAGE
from asbuilt.designed.vulnerability.feeds.covering import COVERED
from asbuilt.designed.vulnerability.matching.behind import (
    FEEDS,
    IDENTITIES,
    LATER_HASHES,
    behind_of,
    ends_sql,
    ends_values,
)
from asbuilt.designed.vulnerability.matching.queries import spoken_of, spoken_params
from asbuilt.formats.advisory.records import MARKING, OWN
from asbuilt.kernel.spans import opened
from asbuilt.questions.exposure.reach import look_at_positions, of_part
from asbuilt.questions.genealogy.evaluating.came_with import Came, came_with, packages_on
from asbuilt.questions.genealogy.evaluating.few_units import of_few
from asbuilt.questions.genealogy.evaluating.firmware import units_of_releases
from asbuilt.questions.genealogy.evaluating.material import carrying
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

RELEASE, REVISION, PART = "release", "revision", "part"
_FEED, _FOUND, _MATCHED, _PARTS, _SPOKEN = "feed", "found", "matched", "parts", "spoken"
_END = f"'{{what}}', '{_MATCHED}', {{at}}, 0"
_LISTED = "components_sbom_component k ON k.tenant = s.tenant AND k.sbom = s.number"
_NEWEST = (
    "s.number = (SELECT max(n.number) FROM components_sbom n WHERE n.tenant = s.tenant AND n.until_entry IS NULL AND "
)


@dataclass(frozen=True)
class PlaceKnown:
    """A firmware release that units run, the hardware revision that they are built to, or a purchased part on them that has an SBOM: whether
    that lists something, how many package versions, how many of those that were matched have no name of which a feed here speaks, how many were not
    matched yet. `units` run it at least possibly, or are not known not to carry it. Of a release without SBOM `modules` are the parts that came with it."""

    kind: str
    product: str
    role: str
    version: str
    listed: bool
    components: int
    nameless: int
    unmatched: int
    units: BitMap = field(hash=False)
    part: str = ""
    lot: str = ""
    modules: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`board app 1.0.0`; of a hardware revision `board revision A`; of a part `part MOD`, `part MOD lot L7`."""
        if self.kind == PART:
            return f"part {self.part} lot {self.lot}" if self.lot else f"part {self.part}"
        return " ".join(word for word in (self.product, self.role, self.version) if word)


@dataclass(frozen=True)
class FeedTaken:
    """A feed that is not closed: when it was last covered (feeds.covering; UTC µs, None: never), whether it ever brought a record by which
    something can be found."""

    name: str
    taken_at: int | None
    fed: bool


@dataclass(frozen=True)
class CoverageOn:
    """What stands behind an answer about units. `behind` says that a feed brought something that is not matched yet."""

    places: tuple[PlaceKnown, ...] = ()
    feeds: tuple[FeedTaken, ...] = ()
    behind: bool = False
    found: bool = False

    @property
    def fed(self) -> bool:
        """Whether any feed ever brought a record: without one, nothing can be found."""
        return any(one.fed for one in self.feeds)

    @property
    def oldest(self) -> FeedTaken | None:
        """The feed that was taken longest ago; one that never was goes before all. None without feeds."""
        return min(self.feeds, key=lambda one: (one.taken_at is not None, one.taken_at or 0), default=None)

    def over(self, outer: Callable[[BitMap], BitMap]) -> "CoverageOn":
        """The same of other units, such as those that the units asked for are inside of; places that are on none of them are left out."""
        moved = (replace(one, units=outer(one.units)) for one in self.places)
        return replace(self, places=tuple(one for one in moved if one.units))

    @property
    def units(self) -> BitMap:
        """Units of which the record knows that software is in them."""
        return BitMap().union(*(one.units for one in self.places))

    @property
    def reached(self) -> BitMap:
        """Units of which *nothing is found* says something: all that is known to run on them has an SBOM whose components feeds can name and that is matched.
        None where no feed ever brought a record, or matching is behind."""
        if not self.fed or self.behind:
            return BitMap()
        bare = (one.units for one in self.places if not one.listed or one.nameless or one.unmatched)
        return self.units - BitMap().union(*bare)


def coverage_on(view: View, units: BitMap, loaded: Iterable[tuple], come_to: "ComeTo | None" = None) -> CoverageOn:
    """What is known of what these units run; `loaded` are the firmware runs over them (`runs_over`), `come_to` what `how_far` read. As known now."""
    come_to = come_to or how_far(view.tenant)
    has_parts = come_to.parts
    recorded = view.recorded.package_programmed or view.recorded.module_firmware
    few = of_few(view, units) if units and has_parts else None
    packages = packages_on(view, units) if units and (recorded or (has_parts and few is None)) else set()
    running: dict[int, BitMap] = defaultdict(BitMap)
    for release, *run in loaded:
        running[release] |= opened(*run) & units
    came = came_with(view, packages) if recorded and packages else {}
    for release, some in _by_package(view, units, came).items():
        running[release] |= some
    revisions: dict[int, BitMap] = defaultdict(BitMap)
    for block, low, until in view.reaches(units):
        revisions[block.revision] |= units & BitMap(range(low, until))
    places = list(_places(view.tenant, running, revisions, come_to)) if running or revisions else []
    if few is not None:
        parts = list(_parts(few, units, sorted(few.few.material.packages_by("part")), come_to))
    else:
        parts = list(_parts(view, units, _parts_of(view, packages), come_to)) if has_parts and packages else []
    named = _with_modules(
        view.tenant, [place for _, place in places], {number: place for number, place in places if number}, came
    )
    return CoverageOn((*named, *parts), tuple(come_to.feeds), come_to.behind, come_to.found)


def _by_package(view: View, units: BitMap, came: dict[int, list[Came]]) -> dict[int, BitMap]:
    """Release -> units that may run it because a package on them came with it. No statement where none ever did."""
    releases = {one.release for ones in came.values() for one in ones}
    found = {release: units_of_releases(view, [release], False, units).possible & units for release in sorted(releases)}
    return {release: BitMap(some) for release, some in found.items() if some}


class ComeTo(NamedTuple):
    """How far feeds and matching came: feeds, the last package version that was matched, whether anything was ever found, whether a part has
    an SBOM, whether matching is behind, the kinds of name that feeds speak of."""

    feeds: list[FeedTaken]
    until_package: int
    found: bool
    parts: bool
    behind: bool
    spoken: set[tuple[str, str]]

    @property
    def counted(self) -> str:
        """What is counted of the package versions `k`: all, those that no feed could find, those that are not matched yet. What an SBOM is of
        (its place 0) is our own, and no feed need name it, but where the SBOM lists nothing else."""
        mine = LISTED.format(component="k")
        return (
            f"count(DISTINCT CASE WHEN {mine} THEN k.package_version END), "
            f"count(DISTINCT CASE WHEN {mine} AND k.package_version <= %s AND NOT "
            f"({spoken_of('k', 'k.package_version')}) THEN k.package_version END), "
            f"count(DISTINCT CASE WHEN {mine} AND k.package_version > %s THEN k.package_version END) "
        )

    @property
    def params(self) -> tuple:
        """The parameters of `counted`."""
        return self.until_package, *spoken_params(self.spoken), self.until_package


def how_far(tenant: int) -> ComeTo:
    """How far feeds and matching came. One statement, from the ends of indexes."""
    sql = (
        f"SELECT '{_FEED}', f.name, (SELECT t.taken_at FROM vulnerability_feed_take t WHERE t.tenant = f.tenant AND t.feed = f.number "
        f"AND {COVERED} ORDER BY t.taken_at DESC LIMIT 1), CASE WHEN EXISTS (SELECT 1 FROM vulnerability_feed_take t WHERE t.tenant = f.tenant AND t.feed = f.number "
        f"AND t.fresh + t.unchanged > 0) AND f.kind NOT IN ({', '.join(map(repr, MARKING))}) THEN 1 ELSE 0 END "
        "FROM vulnerability_feed f WHERE f.tenant = %s AND NOT f.closed AND f.kind <> %s "
        f"UNION ALL SELECT '{_FOUND}', '', NULL, CASE WHEN EXISTS (SELECT 1 FROM vulnerability_finding WHERE tenant = %s) THEN 1 ELSE 0 END "
        f"UNION ALL SELECT '{_PARTS}', '', NULL, CASE WHEN EXISTS (SELECT 1 FROM components_sbom WHERE tenant = %s AND part > 0) THEN 1 ELSE 0 END "
        f"UNION ALL SELECT '{_SPOKEN}', kind || ' ' || type, NULL, 0 FROM vulnerability_criterion_kind WHERE tenant = %s "
        f"UNION ALL {ends_sql(_END)}"
    )
    feeds, said, ends, spoken = [], {}, [], set()
    for what, name, at, more in reading.fetch(sql, (tenant, OWN, tenant, tenant, tenant, *ends_values(tenant))):
        if what == _FEED:
            feeds.append(FeedTaken(name, at, bool(more)))
        elif what == _SPOKEN:
            spoken.add(tuple(name.split(" ", 1)))
        elif name == _MATCHED:
            ends.append((what, at))
        else:
            said[what] = more
    until_package = next((at for what, at in ends if what == "until package"), 0)
    silent = bool(behind_of(ends) & {FEEDS, IDENTITIES, LATER_HASHES})
    feeds.sort(key=lambda one: one.name)
    return ComeTo(feeds, until_package, bool(said[_FOUND]), bool(said[_PARTS]), silent, spoken)


def _places(
    tenant: int, running: dict[int, BitMap], revisions: dict[int, BitMap], come_to: ComeTo
) -> Iterable[tuple[int, PlaceKnown]]:
    """The releases with their numbers, and (with 0) the revisions that have an SBOM, with what their current SBOM lists. One statement."""
    sql = (
        f"SELECT '{RELEASE}', f.number, p.code, f.role, f.version, max(s.components), {come_to.counted}FROM firmware_release f "
        "JOIN catalog_product p ON p.tenant = f.tenant AND p.number = f.product LEFT JOIN components_sbom s ON s.tenant = f.tenant "
        f"AND s.product = f.product AND s.role = f.role AND s.version = f.version AND {_NEWEST}n.product = s.product AND n.role = s.role "
        f"AND n.version = s.version) AND {OF_IMAGE.format(release='f')} LEFT JOIN {_LISTED} WHERE f.tenant = %s "
        f"AND {reading.any_of('f.number')} GROUP BY f.number, p.code, f.role, f.version "
        f"UNION ALL SELECT '{REVISION}', r.number, p.code, 'revision', r.code, max(s.components), {come_to.counted}FROM components_sbom s "
        "JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision JOIN catalog_product p ON p.tenant = r.tenant "
        f"AND p.number = r.product LEFT JOIN {_LISTED} WHERE s.tenant = %s AND {reading.any_of('s.revision')} AND {_NEWEST}"
        "n.revision = s.revision) GROUP BY r.number, p.code, r.code ORDER BY 1, 3, 4, 5"
    )
    asked = [(*come_to.params, tenant, reading.list_param(sorted(one))) for one in (running, revisions)]
    for kind, number, product, role, version, has, *counts in reading.fetch(sql, (*asked[0], *asked[1])):
        units = running[number] if kind == RELEASE else revisions[number]
        if kind == RELEASE or has:
            place = PlaceKnown(kind, product, role, version, bool(has), *counts, units)
            yield (number if kind == RELEASE else 0), place


def _parts_of(view: View, packages: set[int]) -> list[int]:
    return sorted({row.part for row in packages_of(view.tenant, packages).values()})


def _parts(view: View, units: BitMap, parts: list[int], come_to: ComeTo) -> Iterator[PlaceKnown]:
    """Those of these purchased parts that have an SBOM and are on the units, of all lots or of one; where nobody wrote of which lot a package is, it
    may be of that one, as in what is open. One statement, and some for each, but of few units."""
    if not parts:
        return
    sql = (
        f"SELECT s.part, p.code, s.lot, max(s.components), {come_to.counted}FROM components_sbom s JOIN catalog_part p ON p.tenant = s.tenant "
        f"AND p.number = s.part LEFT JOIN {_LISTED} WHERE s.tenant = %s AND {reading.any_of('s.part')} AND {_NEWEST}n.part = s.part "
        "AND n.lot = s.lot) GROUP BY s.part, p.code, s.lot ORDER BY 2, 3"
    )
    rows = reading.fetch(sql, (*come_to.params, view.tenant, reading.list_param(parts)))
    if view.few is not None and rows:
        by_part = view.few.material.packages_by("part")
        look_at_positions(view, (package for row in rows for package in by_part.get(row[0], ())))
    for part, code, lot, has, *counts in rows:
        on = carrying(view, of_part(view, part, lot, False), units).unrecorded & units
        if on:
            yield PlaceKnown(PART, "", "", "", bool(has), *counts, BitMap(on), code, lot)


def _with_modules(
    tenant: int, places: list[PlaceKnown], of_release: dict[int, PlaceKnown], came: dict[int, list[Came]]
) -> list[PlaceKnown]:
    """The places; of a release that has no SBOM with the parts that came with it. Two statements where there is such a release."""
    silent = {number for number, place in of_release.items() if not place.listed}
    packages = {package for package, ones in came.items() if any(one.release in silent for one in ones)}
    if not packages:
        return places
    rows = packages_of(tenant, packages)
    codes = part_codes(tenant, {row.part for row in rows.values()})
    named: dict[PlaceKnown, set[str]] = defaultdict(set)
    for package in packages & rows.keys():
        for one in came[package]:
            if one.release in silent:
                named[of_release[one.release]].add(codes[rows[package].part])
    return [replace(place, modules=tuple(sorted(named[place]))) if place in named else place for place in places]
