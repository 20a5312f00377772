"""Reads of declarations: what a supplier or maker said of a delivery or a part, until when it holds, its keys."""

from dataclasses import dataclass

from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.keys import PublicKey, public_from_pem
from asbuilt.ledger.evidence import open_evidence
from asbuilt.storage import reading

LIST_MAX = 200
_COLUMNS = (
    "supplier, delivery, part, manufacturer, kind, file, sha256, said_by, valid_until, finding, operator, happened_at"
)


@dataclass(frozen=True)
class DeclarationRow:
    """One paper; `sha256` names its file, empty where it has none."""

    supplier: int | None
    delivery: str
    part: str
    manufacturer: str
    kind: str
    file: str
    sha256: str
    said_by: str
    valid_until: str
    finding: str
    operator: int | None
    happened_at: int


def declarations(
    tenant: int, *, supplier: int | None = None, delivery: str = "", part: str = "", kind: str = ""
) -> list[DeclarationRow]:
    """Papers that stand, the newest first, narrowed by what is given, up to 200. One statement."""
    sql = f"SELECT {_COLUMNS} FROM supply_declaration WHERE tenant = %s AND until_entry IS NULL"
    params: list = [tenant]
    for column, value in (("supplier", supplier), ("delivery", delivery), ("part", part), ("kind", kind)):
        if value:
            sql += f" AND {column} = %s"
            params.append(value)
    sql += ' ORDER BY happened_at DESC, entry DESC, "row" DESC LIMIT %s'
    return [DeclarationRow(*row) for row in reading.fetch(sql, (*params, LIST_MAX))]


def supplier_keys(tenant: int, supplier: int | None) -> list[PublicKey]:
    """The public keys that this supplier gave; those whose file cannot be opened any more are left out."""
    if supplier is None:
        return []
    found = []
    for row in declarations(tenant, supplier=supplier, kind="key"):
        try:
            found.append(public_from_pem(b"".join(open_evidence(tenant, row.sha256)).decode("ascii", "replace")))
        except AsbuiltError:
            continue
    return found
