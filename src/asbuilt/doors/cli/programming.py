"""`asbuilt programming …`: reels and trays programmed before they are placed; which version is demanded; makers' modules."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
ORDER = typer.Argument(help="Code of the programming order.")
PRODUCT = typer.Option(help="The product whose release it is.")
ROLE = typer.Option(help="The image role; app unless said.")
MACHINE = typer.Option(help="The machine as the floor calls it.")
FORMAT = typer.Option(help="How to print.")
COLUMNS = ("programming order", "package", "image", "pieces", "read back", "state", "result")


@app.command("open")
def open_(
    package: Annotated[str, typer.Argument(help="Code of the package.")],
    product: Annotated[str, PRODUCT],
    version: Annotated[str, typer.Option(help="The version to program.")],
    role: Annotated[str, ROLE] = "",
    read_backs: Annotated[int, typer.Option(help="How many samples are read back.")] = 1,
    quantity: Annotated[int | None, typer.Option(help="Pieces; else all of the package.")] = None,
    supplier: Annotated[str, typer.Option(help="The supplier that programs it; else we do.")] = "",
    code: Annotated[str, typer.Option(help="Code of the order; else the next one.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Order that a package is programmed. Refused: not released, withdrawn, mounted, in hand, part of a package."""
    actor = open_record()
    from asbuilt.built.programming.actions.programming_orders import open_order

    done = open_order(
        actor, package=package, product=product, version=version, role=role, quantity=quantity, read_backs=read_backs,
        supplier=supplier, code=code,
    )  # fmt: skip
    _told(done, format)


@app.command("done")
def done(
    order: Annotated[str, ORDER],
    quantity: Annotated[int, typer.Option(help="How many pieces were programmed.")],
    machine: Annotated[str, MACHINE] = "",
    certificate: Annotated[Path | None, typer.Option(help="The supplier's certificate, kept as evidence.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """It was programmed: at a machine of ours, or by the supplier, whose certificate says so."""
    content = None if certificate is None else _bytes(certificate)
    actor = open_record()
    from asbuilt.built.programming.actions.programming_orders import order_done

    name = certificate.name if certificate else "certificate"
    _told(order_done(actor, order=order, quantity=quantity, machine=machine, content=content, name=name), format)


@app.command("read-back")
def read_back(
    order: Annotated[str, ORDER],
    file: Annotated[Path | None, typer.Option(help="What was read back of the sample.")] = None,
    sha256: Annotated[str, typer.Option(help="Or its SHA-256.")] = "",
    sample: Annotated[int | None, typer.Option(help="Number of the sample; else the next one.")] = None,
    machine: Annotated[str, MACHINE] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A sample was read back. Another image than ordered puts the package into quarantine; the exit status is 0 then too."""
    if (file is None) == (not sha256):
        raise Invalid(
            "cli.read_back_of_what", "Give the file that was read back, or its SHA-256.", {}, "Give one of both."
        )
    if file is not None:
        from hashlib import sha256 as digest

        sha256 = digest(_bytes(file)).hexdigest()
    actor = open_record()
    from asbuilt.built.programming.actions.programming_orders import read_back as record

    taken = record(actor, order=order, sha256=sha256, machine=machine, sample=sample)
    _told(taken, format)
    if format is Format.table and not taken.order.read_backs[-1].right:
        say(f"Not {taken.order.name}: package {taken.order.package} is in quarantine.")


@app.command("close")
def close(
    order: Annotated[str, ORDER],
    result: Annotated[str, typer.Option(help="pass, fail or aborted.")] = "pass",
    reason: Annotated[str, typer.Option(help="Why, where it did not pass.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """All samples are read back and right: the package is programmed. Or it failed, or was never begun."""
    actor = open_record()
    from asbuilt.built.programming.actions.programming_orders import close_order

    _told(close_order(actor, order=order, result=result, reason=reason), format)


@app.command("show")
def show(
    order: Annotated[str, typer.Argument(help="Code of a programming order; else all that are open.")] = "",
    package: Annotated[str, typer.Option(help="Those of this package.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Programming orders: how far each is."""
    actor = open_record()
    from asbuilt.built.programming.programming_orders import order_seen, orders_seen

    found = [order_seen(actor, order)] if order else orders_seen(actor, package=package, everything=everything)
    if format is Format.json:
        print_json({"programming_orders": [one.as_dict() for one in found]})
        return
    print_table(COLUMNS, [_row(one) for one in found])


@app.command("demand")
def demand(
    order: Annotated[str, typer.Option(help="The work order; else product and revision.")] = "",
    product: Annotated[str, typer.Option(help="The product, with --revision.")] = "",
    revision: Annotated[str, typer.Option(help="Its hardware revision.")] = "",
    version: Annotated[str, typer.Option(help="The version demanded; empty: any that is released for it.")] = "",
    role: Annotated[str, ROLE] = "",
    part: Annotated[str, typer.Option(help="The part that comes programmed with it.")] = "",
    of_product: Annotated[str, typer.Option(help="The product whose release it is, where it is another one.")] = "",
    configuration: Annotated[str, typer.Option(help="Of this configuration; with --order: the order's.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Which release an order or a hardware revision takes. Without any option: what is demanded."""
    actor = open_record()
    if not (order or product):
        from asbuilt.built.programming.demands import demands_seen

        found = [one.as_dict() for one in demands_seen(actor)]
        names = ("order", "product", "revision", "role", "version", "part", "of_product", "configuration", "from_at")
        _listed("demands", names, found, format)
        return
    from asbuilt.built.programming.actions.demands import demand_firmware

    said = demand_firmware(
        actor,
        order=order,
        product=product,
        revision=revision,
        part=part,
        of_product=of_product,
        role=role,
        version=version,
        configuration=configuration,
    )
    _recorded(said, format)


@app.command("module")
def module(
    manufacturer: Annotated[str, typer.Argument(help="The maker.")] = "",
    mpn: Annotated[str, typer.Argument(help="The maker's part number.")] = "",
    product: Annotated[str, PRODUCT] = "",
    version: Annotated[str, typer.Option(help="The version that these lots came with.")] = "",
    role: Annotated[str, ROLE] = "",
    lot: Annotated[str, typer.Option(help="One lot; else date codes, else all.")] = "",
    date_code_from: Annotated[str, typer.Option(help="First date code, such as 2327.")] = "",
    date_code_until: Annotated[str, typer.Option(help="Last date code.")] = "",
    source: Annotated[str, typer.Option(help="Which paper says so.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """With which firmware a maker's modules came. Without a maker: what is said of them."""
    actor = open_record()
    if not manufacturer:
        from asbuilt.built.programming.modules import modules_seen

        found = [one.as_dict() for one in modules_seen(actor)]
        names = (
            "manufacturer",
            "mpn",
            "lot_code",
            "date_code_from",
            "date_code_until",
            "product",
            "role",
            "version",
            "source",
        )
        _listed("modules", names, found, format)
        return
    from asbuilt.built.programming.actions.demands import say_modules

    said = say_modules(
        actor, manufacturer=manufacturer, mpn=mpn, product=product, version=version, role=role, lot_code=lot,
        date_code_from=date_code_from, date_code_until=date_code_until, source=source,
    )  # fmt: skip
    _recorded(said, format)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("cli.file_missing", f"There is no file {path}.", {"file": str(path)}, "Check the name.")
    return path.read_bytes()


def _row(one) -> tuple:
    read = f"{len(one.read_backs)} of {one.asked}" + (f", {len(one.wrong)} wrong" if one.wrong else "")
    return (one.code, one.package, one.name, one.quantity, read, one.state, one.closed.result if one.closed else "")


def _told(acted, format: Format) -> None:
    if format is Format.json:
        print_json(acted.as_dict())
        return
    print_table(COLUMNS, [_row(acted.order)])
    for text in acted.warnings:
        say(text)


def _recorded(stated, format: Format) -> None:
    if format is Format.json:
        print_json({"entry": stated.entry, "facts": list(stated.facts), "warnings": list(stated.warnings)})
        return
    say(f"Recorded in entry {stated.entry}.")


def _listed(name: str, columns: tuple[str, ...], found: list[dict], format: Format) -> None:
    if format is Format.json:
        print_json({name: found})
        return
    print_table(columns, [tuple(one[column] for column in columns) for one in found])
