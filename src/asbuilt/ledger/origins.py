"""Origins: the name a tenant's log is signed under, `<site>/log/<tenant ULID>`, or `…/2` and so on after a restore.

The newest row of `ledger_head` says which. The first is written when the tenant is opened.
"""

from asbuilt.storage import reading


def origin(tenant: int) -> str:
    """The origin that new entries of the tenant name."""
    sql = "SELECT origin FROM ledger_head WHERE tenant = %s ORDER BY since DESC, origin DESC LIMIT 1"
    row = reading.fetch_one(sql, (tenant,))
    if row is None:
        raise LookupError(f"tenant {tenant} has no log")
    return row[0]
