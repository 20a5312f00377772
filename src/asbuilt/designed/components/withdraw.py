"""Withdrawing SBOMs: from an entry on they are not found any more, and the one before is current again."""

from collections.abc import Sequence

from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading


def withdraw_sboms(entry: Entry, facts: Sequence[FactRow]) -> None:
    """Close these SBOMs. Their components stay, as the bytes do, and no question reaches them any more."""
    sql = 'UPDATE components_sbom SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])


def sboms_kept(tenant: int) -> list[tuple]:
    """Every SBOM in the columns of its fact, then entry, row and end, for rebuilding. One statement."""
    sql = (
        "SELECT coalesce(p.code, rp.code, ''), s.role, s.version, coalesce(r.code, ''), coalesce(pa.code, ''), s.lot, "
        's.file, s.sha256, s.operator, s.happened_at, s.image, s.bound_by, s.entry, s."row", s.until_entry FROM components_sbom s '
        "LEFT JOIN catalog_product p ON p.tenant = s.tenant AND p.number = s.product "
        "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision "
        "LEFT JOIN catalog_product rp ON rp.tenant = r.tenant AND rp.number = r.product "
        "LEFT JOIN catalog_part pa ON pa.tenant = s.tenant AND pa.number = s.part WHERE s.tenant = %s"
    )
    return [(*row[:10], bytes(row[10] or b"").hex(), *row[11:]) for row in reading.fetch(sql, (tenant,))]


def sboms_left_hanging(tenant: int) -> list[tuple[str, str, list[str]]]:
    """SBOMs that stand of something that does not any more: (what, what rests on it, names). Three statements."""
    head = "SELECT DISTINCT p.code, s.role, s.version FROM components_sbom s JOIN catalog_product p "
    sql = (
        f"{head}ON p.tenant = s.tenant AND p.number = s.product WHERE s.tenant = %s AND s.until_entry IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM firmware_release f WHERE f.tenant = s.tenant AND f.product = s.product AND f.role = s.role "
        "AND f.version = s.version AND f.until_entry IS NULL) AND NOT EXISTS (SELECT 1 FROM firmware_release_draft d "
        "WHERE d.tenant = s.tenant AND d.product = p.code AND d.role = s.role AND d.version = s.version "
        "AND d.until_entry IS NULL) ORDER BY 1, 2, 3"
    )
    releases = [" ".join(row) for row in reading.fetch(sql, (tenant,))]
    sql = (
        "SELECT DISTINCT p.code, r.code FROM components_sbom s JOIN catalog_revision r ON r.tenant = s.tenant "
        "AND r.number = s.revision JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE s.tenant = %s AND s.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM catalog_bom b JOIN catalog_bom_line l "
        "ON l.tenant = b.tenant AND l.bom = b.number AND l.until_entry IS NULL WHERE b.tenant = r.tenant "
        "AND b.revision = r.number) ORDER BY 1, 2"
    )
    revisions = [" ".join(row) for row in reading.fetch(sql, (tenant,))]
    sql = (
        "SELECT DISTINCT p.code FROM components_sbom s JOIN catalog_part p ON p.tenant = s.tenant AND p.number = s.part "
        "WHERE s.tenant = %s AND s.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM catalog_manufacturer_part m "
        "WHERE m.tenant = p.tenant AND m.part = p.number AND m.until_entry IS NULL) ORDER BY 1"
    )
    parts = [code for (code,) in reading.fetch(sql, (tenant,))]
    return [
        ("A firmware release", "SBOMs", releases),
        ("A hardware revision", "SBOMs", revisions),
        ("A part", "SBOMs", parts),
    ]
