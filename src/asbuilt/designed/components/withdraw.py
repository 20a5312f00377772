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
        's.file, s.sha256, s.operator, s.happened_at, s.entry, s."row", s.until_entry FROM components_sbom s '
        "LEFT JOIN catalog_product p ON p.tenant = s.tenant AND p.number = s.product "
        "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.revision "
        "LEFT JOIN catalog_product rp ON rp.tenant = r.tenant AND rp.number = r.product "
        "LEFT JOIN catalog_part pa ON pa.tenant = s.tenant AND pa.number = s.part WHERE s.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
