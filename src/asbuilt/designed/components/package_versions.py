"""Package versions: a component is one row however many SBOMs list it, so that it is matched once.

What tells two apart is the canonical purl, CPE, group, name, version, maker, commit and its further purls, CPEs and commits; the kind does
not, since tools call the same thing library and application.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from json import JSONEncoder

from packageurl import PackageURL

from asbuilt.designed.catalog.intake import numbers_after
from asbuilt.designed.components.models import NAME_KEY_CHARACTERS
from asbuilt.formats.sbom.identifiers import canonical_purl, sources_in, with_upstream
from asbuilt.formats.sbom.model import SbomComponent
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "number", "key", "purl", "purl_canonical", "cpe", "group", "name", "version", "maker", "commit", "vcs", "kind",
    "name_key", "purl_name_key", "further",
)  # fmt: skip
LOOKED_UP_AT_ONCE = 5_000
_encode = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def commit_of(component: SbomComponent) -> str:
    """The commit that a component names as its own source, or empty."""
    return next((value for kind, value in component.more_identifiers if kind == "commit"), "")


def canonical_of(component: SbomComponent) -> str:
    """The canonical purl, with the source package that it was built from where the SBOM says it beside the purl; empty without one.

    Flaws of distributions are named by the source: two SBOMs of which one knows it list two package versions.
    """
    source = next((value for kind, value in component.more_identifiers if kind == "upstream"), "")
    return with_upstream(canonical_purl(component.purl), source) if component.purl else ""


def further_of(component: SbomComponent) -> list[tuple[str, str]]:
    """The purls (canonical), CPEs and repositories (ADDRESS@COMMIT) that the component has beside the first of each, each once, in order;
    what is none is left out."""
    first = {("purl", canonical_of(component)), ("purl", canonical_purl(component.purl)), ("cpe", component.cpe)}
    found = {
        (kind, canonical_purl(value) if kind == "purl" else value)
        for kind, value in component.more_identifiers
        if kind in ("purl", "cpe")
    }
    found |= {("vcs", f"{address}@{commit}") for address, commit in sources_in(component.more_identifiers)[1:]}
    return sorted(one for one in found - first if one[1])


def key_of(component: SbomComponent) -> bytes:
    """What tells this component from others, 32 bytes."""
    purl = canonical_of(component) or component.purl
    said = (
        purl, component.cpe, component.group, component.name, component.version, component.maker, commit_of(component)
    )  # fmt: skip
    further = further_of(component)
    return sha256(_encode((*said, further) if further else said).encode()).digest()


def name_key(name: str) -> str:
    """A name as it is looked up."""
    return name.lower()[:NAME_KEY_CHARACTERS]


def numbered(tenant: int, components: Sequence[SbomComponent]) -> list[int]:
    """The package version of each component, those not met before recorded; inside a write transaction."""
    keys = [key_of(one) for one in components]
    known = _known(tenant, keys)
    numbers = numbers_after("components_package_version", tenant)

    def fresh() -> Iterator[tuple]:
        for key, one in zip(keys, components, strict=True):
            if key not in known:
                known[key] = next(numbers)
                yield (tenant, known[key], key, *_said(one))

    bulk.insert_rows("components_package_version", COLUMNS, fresh())
    return [known[key] for key in keys]


def _said(one: SbomComponent) -> tuple:
    canonical = canonical_of(one)
    purl_name = PackageURL.from_string(canonical).name if canonical else ""
    vcs = next((value for kind, value in one.more_identifiers if kind == "vcs"), "")
    written = (one.purl, canonical, one.cpe, one.group, one.name, one.version, one.maker, commit_of(one), vcs, one.kind)
    further = further_of(one)
    return (*written, name_key(one.name), name_key(purl_name), _encode(further) if further else "")


def _known(tenant: int, keys: Iterable[bytes]) -> dict[bytes, int]:
    wanted, found = list(dict.fromkeys(keys)), {}
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        part = wanted[start : start + LOOKED_UP_AT_ONCE]
        if reading.vendor() == "sqlite":
            # a list of bytes is no JSON; hex of the column would miss the index
            marks = ",".join(["%s"] * len(part))
            sql, values = (
                f"SELECT key, number FROM components_package_version WHERE tenant = %s AND key IN ({marks})",
                part,
            )
        else:
            sql = "SELECT key, number FROM components_package_version WHERE tenant = %s AND key = ANY(%s::bytea[])"
            values = [part]
        found.update((bytes(key), number) for key, number in reading.fetch(sql, (tenant, *values)))
    return found
