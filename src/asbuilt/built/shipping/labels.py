"""Labels of boxes, pallets and shipments: with an SSCC the logistic label of GS1, else as those of packages are.

    container_label(tenant, "BOX-1")          -> what its label says
    drawn(container_label(…), "svg")          -> the label; `zpl` for a printer, `png` its symbol alone
    symbol_of(container_label(…))             -> the Data Matrix for a page

Standards: GS1 General Specifications (AI 00), GS1 Logistic Label Guideline.
"""

from asbuilt.built.shipping.actions.packing import container_known
from asbuilt.built.shipping.packing import above, containers, units_in
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import names_of
from asbuilt.formats import logistic_labels, package_labels
from asbuilt.formats.logistic_labels import LogisticLabel
from asbuilt.formats.marks import Matrix
from asbuilt.formats.package_labels import PackageLabel
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock

FORMATS = ("svg", "png", "zpl")


def container_label(tenant: int, code: str) -> PackageLabel | LogisticLabel:
    """What the label of this container says. NotFound: no such container."""
    found = container_known(tenant, code)
    goes_to = found
    if found.customer is None:  # a box goes where its shipment does
        around = containers(tenant, above(tenant, found.code)) if found.inside else []
        goes_to = next((one for one in around if one.customer is not None), found)
    own = own_party(tenant, clock.now())
    names = names_of(tenant, [number for number in (goes_to.customer, own) if number is not None])
    customer = names.get(goes_to.customer, "")
    total = len(units_in(tenant, found.code))
    units = f"{total:,} unit{'' if total == 1 else 's'}"
    if found.sscc:
        receiver = tuple(said for said in (customer, goes_to.country) if said)
        contents = tuple(said for said in (units, found.note) if said)
        return LogisticLabel(found.sscc, found.code, found.kind, names.get(own, ""), receiver, contents)
    lines = (f"{found.kind}  {units}", f"{customer} {goes_to.country}".strip(), found.note)
    return PackageLabel(found.code, tuple(line for line in lines if line))


def drawn(label: PackageLabel | LogisticLabel, kind: str) -> bytes:
    """The label as SVG or ZPL, or its symbol as PNG."""
    if kind not in FORMATS:
        raise Invalid("labels.kind", f"{kind[:20]!a} is no kind of label.", {"kind": kind[:20]}, "Say svg, png or zpl.")
    of = logistic_labels if isinstance(label, LogisticLabel) else package_labels
    return {"svg": of.svg, "png": of.png, "zpl": of.zpl}[kind](label)


def symbol_of(label: PackageLabel | LogisticLabel) -> Matrix:
    """The Data Matrix of the container: its SSCC as GS1 has it, else its code."""
    if isinstance(label, LogisticLabel):
        return logistic_labels.data_matrix(label.sscc)
    return package_labels.modules(label.code)
