"""What has no SBOM, or none since it changed: told as it is, never filled.

- a firmware release, loaded or in the register, that is not withdrawn, and has no SBOM, or one that lists nothing
- a firmware release whose SBOM is of another image than it has now
- a hardware revision without one
- a hardware revision whose BOM got a new version after its newest SBOM was recorded
"""

from collections import defaultdict
from dataclasses import dataclass

from asbuilt.designed.components.bindings import Binding
from asbuilt.designed.components.queries import current_sboms, is_of
from asbuilt.designed.firmware.queries import withdrawn_releases
from asbuilt.storage import reading

NO_SBOM, BOM_CHANGED, OTHER_IMAGE = "no_sbom", "bom_changed", "other_image"
GAPS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing: no_sbom, other_image or bom_changed, of what, and the BOM version that changed it."""

    kind: str
    binding: Binding
    bom_version: str = ""


def missing_sboms(tenant: int) -> list[Gap]:
    """The gaps of a tenant, releases first. Five statements, however many releases there are."""
    listed = {one.binding: one for one in current_sboms(tenant) if one.components}
    newest = {binding: one.entry for binding, one in listed.items()}
    gone = withdrawn_releases(tenant)
    found = []
    for (product, role, version), images in sorted(_releases(tenant).items()):
        binding = Binding(product, role, version)
        if (product, role, version) in gone:
            continue
        if binding not in newest:
            found.append(Gap(NO_SBOM, binding))
        elif listed[binding].image and not is_of(listed[binding], images):
            found.append(Gap(OTHER_IMAGE, binding))
    for product, revision, bom_version, entry in _newest_boms(tenant):
        binding = Binding(product, revision=revision)
        if binding not in newest:
            found.append(Gap(NO_SBOM, binding))
        elif newest[binding] < entry:
            found.append(Gap(BOM_CHANGED, binding, bom_version))
    return found


def _releases(tenant: int) -> dict[tuple[str, str, str], set[str]]:
    """(product, role, version) -> SHA-256 of the image of the standing release, or of the draft where there is no release yet, as `images_of` has it."""
    sql = (
        "SELECT product, role, version, sha256 FROM firmware_release_draft WHERE tenant = %s AND until_entry IS NULL "
        "ORDER BY product, role, version LIMIT %s"
    )
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for *name, digest in reading.fetch(sql, (tenant, GAPS_MAX)):
        found[tuple(name)].add(digest)
    sql = (
        "SELECT p.code, r.role, r.version, r.sha256 FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant "
        "AND p.number = r.product WHERE r.tenant = %s AND r.until_entry IS NULL ORDER BY p.code, r.role, r.version LIMIT %s"
    )
    for *name, digest in reading.fetch(sql, (tenant, GAPS_MAX)):
        found[tuple(name)] = {bytes(digest).hex()}
    return found


def _newest_boms(tenant: int) -> list[tuple[str, str, str, int]]:
    """(product, revision, its BOM version that began last, the entry it began with) of each revision that has a BOM."""
    sql = (
        "SELECT p.code, r.code, b.version, min(l.entry), r.number FROM catalog_bom b "
        "JOIN catalog_bom_line l ON l.tenant = b.tenant AND l.bom = b.number AND l.until_entry IS NULL "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE b.tenant = %s "
        "GROUP BY p.code, r.code, b.version, r.number, b.number ORDER BY p.code, r.code, min(l.entry), b.number LIMIT %s"
    )
    last = {(row[0], row[1]): row[:4] for row in reading.fetch(sql, (tenant, GAPS_MAX))}
    return list(last.values())
