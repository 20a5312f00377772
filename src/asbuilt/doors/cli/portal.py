"""`asbuilt portal`: what the people of a party are shown, seen with their eyes."""

from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say


def portal(
    party: Annotated[str, typer.Argument(help="Code or name of the party; without one: how all of them stand.")] = "",
    tell: Annotated[
        bool, typer.Option("--tell", help="Tell whom something new waits for, by mail, and send it.")
    ] = False,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """What a party's people see first: its products, what waits for it, its orders and shipments. Nothing else is read than what they may see.

    Without a party: every party whose people sign in, how much waits for it, and whether its people were told.
    """
    actor = open_record()
    if tell or not party:
        _parties(actor, tell, format)
        return
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


def _parties(actor, tell: bool, format: Format) -> None:
    from asbuilt.answers.portal import telling
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock
    from asbuilt.storage import outbox

    told = telling.tell(actor.tenant, clock.now()) if tell else 0
    sent = outbox.send_due(actor.tenant) if tell else 0
    found = telling.looks(actor)
    for one in found:
        one["told_at"] = format_instant(one["told_at"]) if one["told_at"] is not None else None
    if format is Format.json:
        print_json({"told": told, "sent": sent, "parties": found})
        return
    if tell:
        say(f"{told} parties told, {sent} mails sent.")
    rows = [[one["party"], one["name"], one["waits"], one["new"], one["state"], one["told_at"]] for one in found]
    print_table(("party", "name", "waits", "new", "state", "told"), rows)
