"""`asbuilt portal`: what the people of a party are shown, seen with their eyes."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table


def portal(
    party: Annotated[str, typer.Argument(help="Code or name of the party.")],
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """What a party's people see first: its products, what waits for it, its orders and shipments. Nothing else is read than what they may see."""
    actor = open_record()
    from asbuilt.answers.portal.standing import portal, reader_of
    from asbuilt.kernel.plain import plain

    found = portal(reader_of(actor, party))
    if format is Format.json:
        print_json(plain(found))
        return
    products = [
        (one.code, one.planned, one.built, one.shipped, one.cases, len(one.vulnerabilities), one.reached)
        for one in found.products
    ]
    print_table(
        ("product", "planned", "built", "shipped", "open cases", "open vulnerabilities", "looked for in"),
        products,
        found.name,
    )
    waits = [(f"{one.kind} {one.code} {one.part}".strip(), one.about, ", ".join(one.products), one.units) for one in found.waits]  # fmt: skip
    print_table(("waits", "about", "products", "units"), waits)
    print_table(("order", "product", "planned", "built"), [(one.code, one.product, one.quantity, one.built) for one in found.orders])  # fmt: skip
    print_table(("shipment", "to", "country", "units"), [(one.code, one.customer, one.country, one.units) for one in found.shipments])  # fmt: skip
