"""Reads of SBOMs, their components and package versions, for this room's doors and the rooms above.

The current SBOM of a binding is the newest that stands. An SBOM is named by its ULID, or by a beginning of it that names one.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from asbuilt.designed.components import errors
from asbuilt.designed.components.bindings import Binding
from asbuilt.designed.components.images import images_of
from asbuilt.designed.components.package_versions import name_key
from asbuilt.kernel.errors import Invalid
from asbuilt.storage import reading

LOOKED_UP_AT_ONCE = 5_000
SBOMS_MAX = 20_000
_SBOM = (
    "SELECT s.number, s.ulid, p.code, s.role, s.version, rp.code, r.code, pa.code, s.lot, s.image, s.bound_by, s.place, s.file, s.sha256, s.format, "
    's.spec_version, s.serialisation, s.reader, s.components, s.document, s.operator, s.happened_at, s.entry, s."row", '
    "s.until_entry, s.product, s.revision, s.part FROM components_sbom s "
    "LEFT JOIN catalog_product p ON p.tenant = s.tenant AND p.number = s.product "
    "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision "
    "LEFT JOIN catalog_product rp ON rp.tenant = r.tenant AND rp.number = r.product "
    "LEFT JOIN catalog_part pa ON pa.tenant = s.tenant AND pa.number = s.part WHERE s.tenant = %s"
)
_BINDING = "product, role, version, revision, part, lot"
OF_IMAGE = "(s.image IS NULL OR s.image = {release}.sha256)"
"""Whether SBOM `s` is of the image of a firmware release, whose alias stands for `release`."""
NO_OTHER_IMAGE = (
    "(s.image IS NULL OR NOT EXISTS (SELECT 1 FROM firmware_release fi WHERE fi.tenant = s.tenant AND fi.product = s.product "
    "AND fi.role = s.role AND fi.version = s.version AND fi.until_entry IS NULL AND fi.sha256 <> s.image))"
)
"""Whether SBOM `s` is of no other image than the standing release of its name has."""
CURRENT = f"SELECT max(number) FROM components_sbom WHERE tenant = %s AND until_entry IS NULL GROUP BY {_BINDING}"
"""The numbers of the current SBOMs; takes the tenant."""
CURRENT_AS_OF = (
    "SELECT max(number) FROM components_sbom WHERE tenant = %s AND entry <= %s AND (until_entry IS NULL OR until_entry > %s) "
    f"GROUP BY {_BINDING}"
)
"""The same as of an entry; takes tenant, entry, entry."""


@dataclass(frozen=True, slots=True)
class Sbom:
    """An SBOM. `product`, `revision` and `part` are numbers, None where it is of something else; the words stand in `binding`."""

    number: int
    ulid: str
    binding: Binding
    image: str  # SHA-256 of the release's image that it is of, in hex; empty where it was bound by name alone
    bound_by: str  # name, image, document: who named the image
    place: int  # 1, 2, 3 … of its binding
    file: str
    sha256: str
    format: str
    spec_version: str
    serialisation: str
    reader: int
    components: int
    document: dict
    operator: int | None
    happened_at: int
    entry: int
    row: int
    until_entry: int | None
    product: int | None
    revision: int | None
    part: int | None


@dataclass(frozen=True, slots=True)
class PackageVersion:
    """A component as matching sees it: once for all SBOMs. `purl` as written, `purl_canonical` empty where it is none; `further` as its
    row has it."""

    number: int
    purl: str
    purl_canonical: str
    cpe: str
    group: str
    name: str
    version: str
    maker: str
    commit: str
    vcs: str
    kind: str
    further: str = ""

    @property
    def purls(self) -> tuple[str, ...]:
        """Every purl, canonical, the first one first."""
        return tuple(filter(None, (self.purl_canonical, *self._further("purl"))))

    @property
    def cpes(self) -> tuple[str, ...]:
        """Every CPE as written, the first one first."""
        return tuple(filter(None, (self.cpe, *self._further("cpe"))))

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """(repository, commit) of every source that it names, the first one first; the commit empty where none is said."""
        more = tuple(tuple(text.rpartition("@")[::2]) for text in self._further("vcs"))
        return ((self.vcs, self.commit), *more) if self.vcs else more

    def _further(self, kind: str) -> tuple[str, ...]:
        return tuple(value for of, value in json.loads(self.further) if of == kind) if self.further else ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a package version stands: in which current SBOM, and what that SBOM is of.

    `release` is the number of the firmware release, None for a draft and for what is no release.
    """

    package_version: int
    sbom: int
    binding: Binding
    release: int | None
    product: int | None
    revision: int | None
    part: int | None
    lot: str
    ref: str
    place: int


@dataclass(frozen=True, slots=True)
class ListedComponent:
    """A component of an SBOM with what the document says of it. `parent` is a place, -1 at the top; `place` 0 the subject."""

    place: int
    parent: int
    ref: str
    kind: str
    scope: str
    supplier: str
    licences: tuple[str, ...]
    hashes: tuple[tuple[str, str], ...]
    said: dict = field(hash=False)
    package: PackageVersion = None


_PACKAGE = 'v.number, v.purl, v.purl_canonical, v.cpe, v."group", v.name, v.version, v.maker, v."commit", v.vcs, v.kind, v.further '


def current_sboms(tenant: int, as_of: int | None = None) -> list[Sbom]:
    """The SBOMs that no later one supersedes, in the order of recording; as of entry `as_of`. One statement."""
    among, values = (CURRENT, (tenant,)) if as_of is None else (CURRENT_AS_OF, (tenant, as_of, as_of))
    sql = f"{_SBOM} AND s.number IN ({among}) ORDER BY s.number LIMIT %s"
    return [_sbom(row) for row in reading.fetch(sql, (tenant, *values, SBOMS_MAX))]


def sboms_of(tenant: int, binding: Binding) -> list[Sbom]:
    """Every standing SBOM of a binding, the newest first. One statement."""
    said = {
        "release": (" AND p.code = %s AND s.role = %s AND s.version = %s", (binding.product, binding.role or "app", binding.version)),
        "revision": (" AND rp.code = %s AND r.code = %s", (binding.product, binding.revision)),
        "part": (" AND pa.code = %s AND s.lot = %s", (binding.part, binding.lot)),
    }[binding.kind]  # fmt: skip
    sql = f"{_SBOM} AND s.until_entry IS NULL{said[0]} ORDER BY s.number DESC"
    return [_sbom(row) for row in reading.fetch(sql, (tenant, *said[1]))]


def documents_of_release(tenant: int, product: str, role: str, version: str) -> list[Sbom]:
    """Every standing SBOM of a release or draft, the newest first, from the newest that is of its image on. Three statements."""
    kept = sboms_of(tenant, Binding(product, role, version))
    images = images_of(tenant, product, role, version) if any(one.image for one in kept) else set()
    return [] if kept and not is_of(kept[0], images) else kept


def is_of(sbom: Sbom, images: Collection[str]) -> bool:
    """Whether an SBOM is of one of these images; where no release stands, it is of none that it could contradict."""
    return not sbom.image or not images or sbom.image in images


def sbom_named(tenant: int, name: str) -> Sbom:
    """The standing SBOM with this ULID or beginning of one. NotFound where there is none, Invalid where several are."""
    wanted = name.strip().upper()
    if not (4 <= len(wanted) <= 26 and wanted.isascii() and wanted.isalnum()):
        raise errors.unknown_sbom(name)
    sql = f"{_SBOM} AND s.ulid LIKE %s AND s.until_entry IS NULL ORDER BY s.number LIMIT 2"
    rows = reading.fetch(sql, (tenant, wanted + "%"))
    if not rows:
        raise errors.unknown_sbom(name)
    if len(rows) > 1:
        raise Invalid(
            "components.sbom_several",
            f"Several SBOMs begin with {name[:30]}.",
            {"sbom": name[:30]},
            "Give more of the name.",
        )
    return _sbom(rows[0])


def _sbom(row: tuple) -> Sbom:
    number, ulid, product, role, version, of_revision, revision, part, lot, image, bound_by, *said = row
    binding = Binding(product or of_revision or "", role, version, revision or "", part or "", lot)
    place, file, sha256, form, spec, serial, reader, components, document, *rest = said
    return Sbom(
        number,
        ulid,
        binding,
        bytes(image or b"").hex(),
        bound_by,
        place,
        file,
        sha256,
        form,
        spec,
        serial,
        reader,
        components,
        json.loads(document),
        *rest,
    )


def package_versions_of(tenant: int, sbom: int) -> list[PackageVersion]:
    """The package versions that an SBOM lists, each once, the subject too. One statement."""
    sql = (
        f"SELECT DISTINCT {_PACKAGE} FROM components_sbom_component c JOIN components_package_version v "
        "ON v.tenant = c.tenant AND v.number = c.package_version WHERE c.tenant = %s AND c.sbom = %s ORDER BY v.number"
    )
    return [PackageVersion(*row) for row in reading.fetch(sql, (tenant, sbom))]


LISTED = "({component}.place > 0 OR s.components = 0)"
"""What counts when it is asked how much of SBOM `s` can be matched: its components, whose alias stands for `component`. What it is of (place 0) is our own, and no feed need name
it, but where it lists nothing else."""


def listed_versions(tenant: int, sbom: int | None = None) -> list[int]:
    """The package versions that an SBOM, or any current one, lists: numbers, each once. One statement."""
    among, params = ("s.number = %s", (sbom,)) if sbom is not None else (f"s.number IN ({CURRENT})", (tenant,))
    sql = (
        "SELECT DISTINCT c.package_version FROM components_sbom s JOIN components_sbom_component c ON c.tenant = s.tenant "
        f"AND c.sbom = s.number WHERE s.tenant = %s AND {among} AND {LISTED.format(component='c')} ORDER BY c.package_version"
    )
    return [number for (number,) in reading.fetch(sql, (tenant, *params))]


def package_versions(tenant: int, numbers: Iterable[int]) -> dict[int, PackageVersion]:
    """Number -> package version. A statement per 5,000."""
    wanted, found = list(dict.fromkeys(numbers)), {}
    sql = f"SELECT {_PACKAGE} FROM components_package_version v WHERE v.tenant = %s AND " + reading.any_of("v.number")
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        part = reading.list_param(wanted[start : start + LOOKED_UP_AT_ONCE])
        found.update((row[0], PackageVersion(*row)) for row in reading.fetch(sql, (tenant, part)))
    return found


def distinct_package_versions(tenant: int, after: int = 0, limit: int = LOOKED_UP_AT_ONCE) -> list[PackageVersion]:
    """The package versions with a number past `after`, in order, at most `limit`: to be walked in pieces. One statement."""
    sql = f"SELECT {_PACKAGE} FROM components_package_version v WHERE v.tenant = %s AND v.number > %s ORDER BY v.number LIMIT %s"
    return [PackageVersion(*row) for row in reading.fetch(sql, (tenant, after, limit))]


def components_matching(
    tenant: int, name: str, accepts: Callable[[PackageVersion], bool] | None = None
) -> list[PackageVersion]:
    """The package versions of this name, blind to case: by their own name or the one in their purl, those that `accepts` admits.

    How versions compare is the caller's business. One statement.
    """
    key = name_key(name)
    sql = (
        f"SELECT {_PACKAGE} FROM components_package_version v WHERE v.tenant = %s AND v.number IN "
        "(SELECT number FROM components_package_version WHERE tenant = %s AND name_key = %s UNION "
        "SELECT number FROM components_package_version WHERE tenant = %s AND purl_name_key = %s) ORDER BY v.number"
    )
    rows = reading.fetch(sql, (tenant, tenant, key, tenant, key))
    found = [PackageVersion(*row) for row in rows]
    return [one for one in found if accepts is None or accepts(one)]


def components_beginning(tenant: int, text: str, limit: int) -> list[PackageVersion]:
    """The package versions whose name, or name in the purl, begins so, blind to case; at most `limit`. One statement."""
    begins = re.sub(r"([\\%_])", r"\\\1", name_key(text)) + "%"
    sql = (
        f"SELECT {_PACKAGE} FROM components_package_version v WHERE v.tenant = %s "
        "AND (v.name_key LIKE %s ESCAPE '\\' OR v.purl_name_key LIKE %s ESCAPE '\\') ORDER BY v.name_key, v.number LIMIT %s"
    )
    return [PackageVersion(*row) for row in reading.fetch(sql, (tenant, begins, begins, limit))]


def places_of(tenant: int, package_versions: Iterable[int], as_of: int | None = None) -> list[Place]:
    """Where these package versions stand in current SBOMs. A statement per 5,000."""
    wanted, found = list(dict.fromkeys(package_versions)), []
    among, values = (CURRENT, (tenant,)) if as_of is None else (CURRENT_AS_OF, (tenant, as_of, as_of))
    sql = (
        "SELECT c.package_version, c.sbom, p.code, s.role, s.version, rp.code, r.code, pa.code, s.lot, f.number, s.product, "
        "s.revision, s.part, c.ref, c.place FROM components_sbom_component c "
        "JOIN components_sbom s ON s.tenant = c.tenant AND s.number = c.sbom "
        "LEFT JOIN catalog_product p ON p.tenant = s.tenant AND p.number = s.product "
        "LEFT JOIN firmware_release f ON f.tenant = s.tenant AND f.product = s.product AND f.role = s.role "
        f"AND f.version = s.version AND f.until_entry IS NULL AND {OF_IMAGE.format(release='f')} "
        "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision "
        "LEFT JOIN catalog_product rp ON rp.tenant = r.tenant AND rp.number = r.product "
        "LEFT JOIN catalog_part pa ON pa.tenant = s.tenant AND pa.number = s.part "
        f"WHERE c.tenant = %s AND {reading.any_of('c.package_version')} AND c.sbom IN ({among}) "
        "ORDER BY c.package_version, c.sbom, c.place"
    )
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        part = reading.list_param(wanted[start : start + LOOKED_UP_AT_ONCE])
        for row in reading.fetch(sql, (tenant, part, *values)):
            number, sbom, product, role, version, of_revision, revision, code, lot, *rest = row
            binding = Binding(product or of_revision or "", role, version, revision or "", code or "", lot)
            release, at_product, at_revision, at_part, ref, place = rest
            found.append(Place(number, sbom, binding, release, at_product, at_revision, at_part, lot, ref, place))
    return found


def components_of(tenant: int, sbom: int, first: int = 0, limit: int = LOOKED_UP_AT_ONCE) -> list[ListedComponent]:
    """The components of an SBOM from place `first` on, in the document's order. One statement."""
    sql = (
        f"SELECT c.place, c.parent, c.ref, c.kind, c.scope, c.supplier, c.licences, c.hashes, c.said, {_PACKAGE} "
        "FROM components_sbom_component c JOIN components_package_version v ON v.tenant = c.tenant "
        "AND v.number = c.package_version WHERE c.tenant = %s AND c.sbom = %s AND c.place >= %s ORDER BY c.place LIMIT %s"
    )
    return [_listed(row) for row in reading.fetch(sql, (tenant, sbom, first, limit))]


def _listed(row: tuple) -> ListedComponent:
    *plain, licences, hashes, said = row[:9]
    pairs = tuple((alg, value) for alg, value in json.loads(hashes))
    return ListedComponent(*plain, tuple(json.loads(licences)), pairs, json.loads(said), PackageVersion(*row[9:]))


def dependencies_of(tenant: int, sbom: int) -> list[tuple[int, int]]:
    """(place, the place it depends on) of an SBOM. One statement."""
    sql = "SELECT place, on_place FROM components_sbom_dependency WHERE tenant = %s AND sbom = %s ORDER BY place, on_place"
    return reading.fetch(sql, (tenant, sbom))


def each_component(tenant: int, sbom: int) -> Iterator[ListedComponent]:
    """Every component of an SBOM with flat memory."""
    first = 0
    while listed := components_of(tenant, sbom, first):
        yield from listed
        first = listed[-1].place + 1
