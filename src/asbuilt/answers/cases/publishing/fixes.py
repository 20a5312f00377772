"""Which releases no longer have a vulnerability: newer than every affected one of their product and role, with an SBOM that has no finding.

A release without an SBOM, or whose SBOM lists nothing, is silent and never proposed.
"""

from collections.abc import Iterable

from asbuilt.designed.firmware.queries import APP, ranks, withdrawn_releases
from asbuilt.questions.exposure.reach import unlisted
from asbuilt.questions.exposure.ways import ways_of_vulnerability
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

Place = tuple[str, str, str]


def fixed_releases(view: View, vulnerability: str, affected: Iterable[Place]) -> list[Place]:
    """(product, role, version), the oldest first of each product. Three statements, two a product and role."""
    wanted: dict[tuple[str, str], set[str]] = {}
    for product, role, version in affected:
        wanted.setdefault((product, role or APP), set()).add(version)
    if not wanted:
        return []
    having = {way.release for way in ways_of_vulnerability(view, vulnerability) if way.release is not None}
    silent, gone = set(unlisted(view)), withdrawn_releases(view.tenant)
    found = []
    for (product, role), versions in wanted.items():
        sql = (
            "SELECT f.number, f.product, f.version FROM firmware_release f JOIN catalog_product p ON p.tenant = f.tenant "
            "AND p.number = f.product WHERE f.tenant = %s AND p.code = %s AND f.role = %s" + view.seen("f")
        )
        rows = reading.fetch(sql, (view.tenant, product, role))
        if not rows:
            continue
        places = ranks(view.tenant, rows[0][1], role)
        newest = max((places[number] for number, _, version in rows if version in versions), default=0)
        later = [
            (places[number], version)
            for number, _, version in rows
            if places[number] > newest and number not in having and number not in silent and (product, role, version) not in gone
        ]  # fmt: skip
        found += [(product, role, version) for _, version in sorted(later)]
    return found
