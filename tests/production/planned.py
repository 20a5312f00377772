"""What the tests of live orders share: a floor, and who may not plan."""

from dataclasses import replace

NEW = {"order": "WO-9", "product": "board", "revision": "A", "bom_version": "1", "quantity": 5}


def operator(actor):
    """The same tenant's operator."""
    from asbuilt.access.rights import ROLES

    return replace(actor, label="person:7", rights=ROLES["operator"])


def stranger():
    """Somebody with all rights in another tenant."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant

    return local_system(open_tenant("elsewhere", "Elsewhere").number)


def blocks(sql) -> list[tuple]:
    """(order, first, until) of the blocks that stand, along the axis."""
    return sql(
        "SELECT o.code, b.first_unit, b.until_unit FROM production_order o JOIN production_block b "
        "ON b.tenant = o.tenant AND b.work_order = o.number WHERE b.until_entry IS NULL AND o.until_entry IS NULL "
        "AND b.tenant = 1 ORDER BY b.first_unit"
    )
