"""Reads of firmware releases, and the order they stand in.

Releases of a product and an image role stand in SemVer order where all their versions are SemVer; otherwise in the
order of `released_at`, then of recording. A release without `released_at` takes the place it was recorded at.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.versions import semver_key
from asbuilt.storage import reading

APP = "app"
NAMES_MAX = 5_000
REMEMBERED_MAX = 100_000


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A firmware release; `sha256` is that of its image, 32 bytes."""

    number: int
    product: int
    role: str
    version: str
    sha256: bytes


class ReleaseFinder:
    """Releases by product and version; remembers what it read, so use one for one recording or question."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._known: dict[tuple[int, str], list[ReleaseRow]] = {}

    def find(self, product: int, version: str, sha256: bytes | None, role: str | None) -> list[ReleaseRow]:
        """The releases that fit, in order of recording; None and an empty role leave the role open, None the image.

        One statement for each product and version not asked for before.
        """
        key = (product, version)
        if key not in self._known:
            if len(self._known) >= REMEMBERED_MAX:
                self._known.clear()
            self._known[key] = _rows(self.tenant, "product = %s AND version = %s", product, version)
        return [
            row
            for row in self._known[key]
            if (not role or row.role == role) and (sha256 is None or row.sha256 == sha256)
        ]

    def nearest(self, product: int, version: str) -> str:
        """ "Did you mean …?" for a version that the product has no release of, or "". One statement."""
        sql = (
            "SELECT version FROM firmware_release WHERE tenant = %s AND product = %s AND until_entry IS NULL "
            "ORDER BY number DESC LIMIT %s"
        )
        return did_you_mean(version, [text for (text,) in reading.fetch(sql, (self.tenant, product, NAMES_MAX))])


def releases_of_version(tenant: int, version: str) -> list[ReleaseRow]:
    """The releases of this version, of every product and role. One statement."""
    return _rows(tenant, "version = %s", version)


def releases_of_image(tenant: int, sha256: bytes) -> list[ReleaseRow]:
    """The releases whose image has this SHA-256. One statement."""
    return _rows(tenant, "sha256 = %s", sha256)


def _rows(tenant: int, condition: str, *values) -> list[ReleaseRow]:
    sql = (
        "SELECT number, product, role, version, sha256 FROM firmware_release WHERE tenant = %s "
        f"AND {condition} AND until_entry IS NULL ORDER BY number"
    )
    rows = reading.fetch(sql, (tenant, *values))
    return [ReleaseRow(*row[:4], bytes(row[4])) for row in rows]


def ranks(tenant: int, product: int, role: str, as_of: int | None = None) -> dict[int, int]:
    """Release -> its place in the release order of product and role, from 1; as of entry `as_of`. One statement.

    Releases of equal precedence (they differ in build metadata only) share a place.
    """
    of = "FROM firmware_release WHERE tenant = %s AND product = %s AND role = %s AND"
    if as_of is None:
        sql = f"SELECT number, version, released_at {of} until_entry IS NULL ORDER BY number"
        return ranks_of(reading.fetch(sql, (tenant, product, role)))
    sql = f'SELECT number, version, released_at, until_entry, entry, "row" {of} entry <= %s ORDER BY number'
    return ranks_of(stated_then(reading.fetch(sql, (tenant, product, role, as_of)), as_of))


def stated_then(rows: list[tuple], as_of: int) -> list[tuple]:
    """Rows (number, …) of releases as they were stated at an entry, out of rows (number, …, end, entry, row) recorded by then."""
    stated: dict[tuple, list[tuple]] = defaultdict(list)
    for *said, until, entry, row in sorted(rows):
        stated[entry, row].append((*said, until))
    found = []
    for (number, *said, until), *before in stated.values():
        if until is None or until > as_of:
            # what was said of it before a correction stands under later numbers, each up to its end: `withdraw.keep_number`
            then = [one for one in before if one[-1] > as_of]
            found.append((number, *(min(then, key=itemgetter(-1))[1:-1] if then else said)))
    return sorted(found)


def ranks_of(releases: list[tuple[int, str, int | None]]) -> dict[int, int]:
    """Number -> place, from 1, of (number, version, released_at) in the order of recording."""
    keys = [semver_key(version) for _, version, _ in releases]
    if None in keys:
        keys = _moments(releases)
    placed = sorted(zip(keys, (number for number, *_ in releases), strict=True))
    found = {}
    for place, (_, same) in enumerate(groupby(placed, key=lambda pair: pair[0]), 1):
        found.update((number, place) for _, number in same)
    return found


def _moments(releases: list[tuple[int, str, int | None]]) -> list[tuple[int, int]]:
    keys, last = [], 0
    for at, (_, _, released_at) in enumerate(releases):
        last = last if released_at is None else released_at
        keys.append((last, at))
    return keys


def standing_release(tenant: int, product: str, role: str, version: str) -> ReleaseRow | None:
    """The firmware release of this product (code), role and version that stands, or None. One statement."""
    sql = (
        "SELECT r.number, r.product, r.role, r.version, r.sha256 FROM firmware_release r JOIN catalog_product p "
        "ON p.tenant = r.tenant AND p.number = r.product WHERE r.tenant = %s AND p.code = %s AND r.role = %s "
        "AND r.version = %s AND r.until_entry IS NULL"
    )
    row = reading.fetch_one(sql, (tenant, product, role, version))
    return ReleaseRow(*row[:4], bytes(row[4])) if row else None


def release_revisions(tenant: int, product: str, role: str, version: str) -> frozenset[str]:
    """The hardware revisions that a release or draft is for; none where nobody said. One statement."""
    sql = (
        "SELECT d.revisions FROM firmware_release_draft d WHERE d.tenant = %s AND d.product = %s AND d.role = %s AND d.version = %s "
        "AND d.until_entry IS NULL UNION SELECT r.revisions FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant "
        "AND p.number = r.product WHERE r.tenant = %s AND p.code = %s AND r.role = %s AND r.version = %s AND r.until_entry IS NULL"
    )
    cells = reading.fetch(sql, (tenant, product, role or APP, version) * 2)
    return frozenset().union(*(revisions_in(text) for (text,) in cells))


def revisions_in(text: str) -> frozenset[str]:
    """The hardware revisions of a cell; one of `A B` may be the two or one called so."""
    cells = [part.strip() for part in text.split(";")]
    return frozenset(code for cell in cells for code in (cell, *cell.split()) if code)


def withdrawn_releases(tenant: int) -> set[tuple[str, str, str]]:
    """(product, role, version) of the releases that the register has withdrawn. One statement."""
    sql = (
        "SELECT product, role, version FROM firmware_release_state WHERE tenant = %s AND state = 'withdrawn' "
        "AND until_entry IS NULL"
    )
    return {(product, role or APP, version) for product, role, version in reading.fetch(sql, (tenant,))}
