"""How good the record of a hardware revision is to be: a level of material (M1 to M4) and one of process (P1 to P4).

What the levels mean stands in `questions/evidence`. Of several demands that one is in force which is from the latest time that has
come; ties go to the one recorded later. Level 0: not demanded.
"""

from dataclasses import dataclass

from asbuilt.storage import reading

MATERIAL, PROCESS = "M", "P"
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True)
class RecordDemand:
    """What is demanded of each unit of a revision, and where that was agreed (a contract, a quality plan; may be empty)."""

    material: int = 0
    process: int = 0
    agreed_in: str = ""
    from_at: int | None = None

    def of(self, letter: str) -> int:
        """The level demanded of material (M) or process (P)."""
        return self.material if letter == MATERIAL else self.process


def level_number(cell: str) -> int:
    """M3 -> 3, as the table writes it; empty: 0."""
    return int(cell[1:]) if cell else 0


def record_demand(tenant: int, revision: int, at: int, as_of: int | None = None) -> RecordDemand:
    """What is demanded of a revision at a moment, as known at an entry (None: now). One statement."""
    stands = "until_entry IS NULL"
    if as_of is not None:
        stands = f"entry <= {int(as_of)} AND (until_entry IS NULL OR until_entry > {int(as_of)})"
    sql = (
        "SELECT material_level, process_level, agreed_in, from_at FROM catalog_record_demand WHERE tenant = %s AND revision = %s "
        f'AND from_at <= %s AND {stands} ORDER BY from_at DESC, entry DESC, "row" DESC LIMIT 1'
    )
    row = reading.fetch_one(sql, (tenant, revision, at))
    return RecordDemand(*row) if row else RecordDemand()


def demands_kept(tenant: int) -> list[tuple]:
    """Every row of the table with the codes of product and revision, for rebuilding. One statement."""
    sql = (
        'SELECT p.code, r.code, t.material_level, t.process_level, t.agreed_in, t.from_at, t.entry, t."row", t.until_entry '
        "FROM catalog_record_demand t JOIN catalog_revision r ON r.tenant = t.tenant AND r.number = t.revision "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE t.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
