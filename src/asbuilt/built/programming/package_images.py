"""With which images packages came: programmed by order or by a supplier, else as the maker's modules are said to come.

    images_of(tenant, ["PK-1"])["PK-1"]["app"] -> PackageImage(…)
    label_lines(tenant, "PK-1")                -> ["PSU-48 app 2.3.1 3fa94c12"]

The last successful programming of a role counts; without one, what module_firmware.csv says of the package's lot.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.built.programming.modules import lot_images
from asbuilt.built.programming.queries import came_programmed
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.firmware.queries import APP
from asbuilt.storage import reading

DIGEST_SHOWN = 8


@dataclass(frozen=True)
class PackageImage:
    """An image in a package's devices: its release, when it was written (None: it came so from the maker), the entry that says so.

    `revisions` are the hardware revisions that the release names, as written. Not `sure`: the lot may be another.
    """

    release: int
    product: str
    role: str
    version: str
    sha256: str
    revisions: str
    since: int | None
    source: str
    entry: int
    sure: bool = True

    @property
    def name(self) -> str:
        """`PSU-48 app 2.3.1`."""
        return f"{self.product} {self.role} {self.version}"


def images_of(tenant: int, codes: Iterable[str]) -> dict[str, dict[str, PackageImage]]:
    """Package code -> role -> image. A handful of statements for all of them."""
    packages = PackageFinder(tenant).find(codes)
    by_number = {row.number: row for row in packages.values()}
    said: dict[str, list[tuple]] = {code: [] for code in packages}
    modules = lot_images(tenant)
    for row in packages.values():
        for image in modules.get(row.lot, ()):
            said[row.code].append((image.release, None, "maker", image.said.entry, image.sure))
    for row in came_programmed(tenant, by_number):
        if row.result == "pass":
            told = (row.release, row.happened_at, row.source or "station", row.entry, True)
            said[by_number[row.package].code].append(told)
    releases = _releases(tenant, {row[0] for rows in said.values() for row in rows})
    return {code: _last(rows, releases) for code, rows in said.items()}


def _last(rows: list[tuple], releases: dict[int, tuple]) -> dict[str, PackageImage]:
    found: dict[str, PackageImage] = {}
    for release, since, source, entry, sure in rows:
        product, role, version, sha256, revisions = releases[release]
        before = found.get(role)
        if before and before.since is None and since is None:
            sure = False  # two rows of the maker may hold of a lot that is not known
        found[role] = PackageImage(release, product, role, version, sha256, revisions, since, source, entry, sure)
    return found


def _releases(tenant: int, numbers: set[int]) -> dict[int, tuple]:
    sql = (
        "SELECT r.number, p.code, r.role, r.version, r.sha256, r.revisions FROM firmware_release r JOIN catalog_product p "
        "ON p.tenant = r.tenant AND p.number = r.product WHERE r.tenant = %s AND "
    ) + reading.any_of("r.number")
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(numbers)))) if numbers else []
    return {
        number: (product, role or APP, version, bytes(sha256).hex(), revisions)
        for number, product, role, version, sha256, revisions in rows
    }


def label_lines(tenant: int, package: str) -> list[str]:
    """One line for each image of the package: product, role, version and the first digits of its SHA-256."""
    images = images_of(tenant, [package]).get(package, {})
    return [f"{one.name} {one.sha256[:DIGEST_SHOWN]}" for one in images.values() if one.sure]
