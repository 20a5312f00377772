"""Labels of boxes, pallets and shipments: as those of packages are, and with an SSCC the GS1 Data Matrix that every receiver's scanner reads.

Standard: GS1 General Specifications, AI 00 (SSCC).
"""

from asbuilt.built.shipping.actions.packing import container_known
from asbuilt.built.shipping.packing import units_in
from asbuilt.designed.parties.queries import names_of
from asbuilt.formats.package_labels import PackageLabel


def container_label(tenant: int, code: str) -> PackageLabel:
    """What the label of this container says. NotFound: no such container."""
    found = container_known(tenant, code)
    customer = names_of(tenant, [found.customer]).get(found.customer, "") if found.customer is not None else ""
    lines = [
        f"{found.kind}  {len(units_in(tenant, found.code)):,} units",
        f"(00){found.sscc}" if found.sscc else "",
        f"{customer} {found.country}".strip(),
        found.note,
    ]
    return PackageLabel(found.code, tuple(line for line in lines if line), f"(00){found.sscc}" if found.sscc else "")
