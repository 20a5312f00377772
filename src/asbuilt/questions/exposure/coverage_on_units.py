"""How far one can trust that nothing is found on given units: which of their releases nobody wrote an SBOM of, how many of their components no
feed can name, how old the feeds are, whether matching has come to the newest of them. For the gate, which asks it with every verdict.

    coverage_on(view, units, loaded)   -> CoverageOn, as known now

What is of a release is counted once, however many units run it. Bought parts' own SBOMs are not counted: which packages a unit carries is a
question of its own. Two statements; those of packages that came programmed beside them, where any ever did.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.designed.components.queries import OF_IMAGE
from asbuilt.designed.vulnerability.matching.evaluating import RULES
from asbuilt.formats.advisory.records import OWN
from asbuilt.formats.matching.subjects import HASH
from asbuilt.kernel.spans import opened
from asbuilt.questions.genealogy.came_with import came_with, packages_on
from asbuilt.questions.genealogy.firmware import units_of_releases
from asbuilt.questions.genealogy.view import View
from asbuilt.storage import reading

RELEASE, REVISION = "release", "revision"
_FEED, _FOUND, _CHANGED, _MATCHED = "feed", "found", "changed", "matched"


@dataclass(frozen=True)
class PlaceKnown:
    """A firmware release that units run, or the hardware revision that they are built to: whether an SBOM lists something of it, how many
    package versions, how many of those that were matched have no name that feeds use, how many were not matched yet. `units` run it at least possibly."""

    kind: str
    product: str
    role: str
    version: str
    listed: bool
    components: int
    nameless: int
    unmatched: int
    units: BitMap = field(hash=False)

    @property
    def name(self) -> str:
        """`board app 1.0.0`; of a hardware revision `board revision A`."""
        return " ".join(word for word in (self.product, self.role, self.version) if word)


@dataclass(frozen=True)
class FeedTaken:
    """A feed that is not closed: when it was last read to its end (UTC µs, None: never), whether it ever brought a record."""

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


def coverage_on(view: View, units: BitMap, loaded: Iterable[tuple]) -> CoverageOn:
    """What is known of what these units run; `loaded` are the firmware runs over them (`runs_over`). As known now."""
    running: dict[int, BitMap] = defaultdict(BitMap)
    for release, *run in loaded:
        running[release] |= opened(*run) & units
    for release, some in _by_package(view, units).items():
        running[release] |= some
    revisions: dict[int, BitMap] = defaultdict(BitMap)
    for block, low, until in view.reaches(units):
        revisions[block.revision] |= units & BitMap(range(low, until))
    feeds, changed, matched, until_package, found = _come_to(view.tenant)
    places = _places(view.tenant, running, revisions, until_package) if running or revisions else ()
    return CoverageOn(tuple(places), tuple(feeds), changed > matched, found)


def _by_package(view: View, units: BitMap) -> dict[int, BitMap]:
    """Release -> units that may run it because a package on them came with it. No statement where none ever did."""
    if not units or not (view.recorded.package_programmed or view.recorded.module_firmware):
        return {}
    releases = {one.release for ones in came_with(view, packages_on(view, units)).values() for one in ones}
    found = {release: units_of_releases(view, [release], False, units).possible & units for release in sorted(releases)}
    return {release: BitMap(some) for release, some in found.items() if some}


def _come_to(tenant: int) -> tuple[list[FeedTaken], int, int, int, bool]:
    """Feeds; the last entry that changed what is said of a vulnerability, the last that was matched, the last package version that was;
    whether anything was ever found. One statement, from the ends of indexes."""
    sql = (
        f"SELECT '{_FEED}', f.name, (SELECT t.taken_at FROM vulnerability_feed_take t WHERE t.tenant = f.tenant AND t.feed = f.number "
        "AND t.ended = '' ORDER BY t.entry DESC LIMIT 1), CASE WHEN EXISTS (SELECT 1 FROM vulnerability_feed_take t WHERE t.tenant = f.tenant "
        "AND t.feed = f.number AND t.fresh > 0) THEN 1 ELSE 0 END FROM vulnerability_feed f WHERE f.tenant = %s AND NOT f.closed AND f.kind <> %s "
        f"UNION ALL SELECT '{_CHANGED}', '', max(v.changed_entry), 0 FROM vulnerability_vulnerability v WHERE v.tenant = %s "
        f"UNION ALL SELECT '{_MATCHED}', '', m.changed_entry, m.package_version FROM vulnerability_matched_until m WHERE m.tenant = %s AND m.rules = %s "
        f"UNION ALL SELECT '{_FOUND}', '', NULL, CASE WHEN EXISTS (SELECT 1 FROM vulnerability_finding WHERE tenant = %s) THEN 1 ELSE 0 END"
    )
    feeds, said = [], {}
    for what, name, at, more in reading.fetch(sql, (tenant, OWN, tenant, tenant, RULES, tenant)):
        if what == _FEED:
            feeds.append(FeedTaken(name, at, bool(more)))
        else:
            said[what] = (at or 0, more)
    matched, until_package = said.get(_MATCHED, (0, 0))
    return sorted(feeds, key=lambda one: one.name), said[_CHANGED][0], matched, until_package, bool(said[_FOUND][1])


def _places(
    tenant: int, running: dict[int, BitMap], revisions: dict[int, BitMap], until_package: int
) -> Iterable[PlaceKnown]:
    """The releases, and the revisions that have an SBOM, with what their current SBOM lists. One statement."""
    counted = (
        "count(DISTINCT k.package_version), count(DISTINCT CASE WHEN k.package_version <= %s AND NOT EXISTS (SELECT 1 FROM "
        "vulnerability_match_key m WHERE m.tenant = k.tenant AND m.package_version = k.package_version AND m.part = '' "
        f"AND m.kind <> '{HASH}') THEN k.package_version END), count(DISTINCT CASE WHEN k.package_version > %s THEN k.package_version END) "
    )
    listed = "components_sbom_component k ON k.tenant = s.tenant AND k.sbom = s.number"
    newest = "s.number = (SELECT max(n.number) FROM components_sbom n WHERE n.tenant = s.tenant AND n.until_entry IS NULL AND "
    sql = (
        f"SELECT '{RELEASE}', f.number, p.code, f.role, f.version, max(s.components), {counted}FROM firmware_release f "
        "JOIN catalog_product p ON p.tenant = f.tenant AND p.number = f.product LEFT JOIN components_sbom s ON s.tenant = f.tenant "
        f"AND s.product = f.product AND s.role = f.role AND s.version = f.version AND {newest}n.product = s.product AND n.role = s.role "
        f"AND n.version = s.version) AND {OF_IMAGE.format(release='f')} LEFT JOIN {listed} WHERE f.tenant = %s AND {reading.any_of('f.number')} "
        "GROUP BY f.number, p.code, f.role, f.version "
        f"UNION ALL SELECT '{REVISION}', r.number, p.code, 'revision', r.code, max(s.components), {counted}FROM components_sbom s "
        "JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision JOIN catalog_product p ON p.tenant = r.tenant "
        f"AND p.number = r.product LEFT JOIN {listed} WHERE s.tenant = %s AND {reading.any_of('s.revision')} AND {newest}"
        "n.revision = s.revision) GROUP BY r.number, p.code, r.code ORDER BY 1, 3, 4, 5"
    )
    asked = [(until_package, until_package, tenant, reading.list_param(sorted(one))) for one in (running, revisions)]
    for kind, number, product, role, version, has, *counts in reading.fetch(sql, (*asked[0], *asked[1])):
        units = running[number] if kind == RELEASE else revisions[number]
        if kind == RELEASE or has:
            yield PlaceKnown(kind, product, role, version, bool(has), *counts, units)
