"""`asbuilt setup …`: programs, packages at feeders, the state of a machine or line; `asbuilt place`: parts placed by hand."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
MACHINE = typer.Argument(help="The machine as the floor calls it.")
FEEDER = typer.Argument(help="The feeder position.")
PACKAGE = typer.Argument(help="Code of the package.")
ORDER = typer.Option(help="The work order that is set up.")
SIDE = typer.Option(help="top or bottom; needed where the machine has programs for both.")
PROGRAM = typer.Option(help="The program; else the one recorded last.")
STATION = typer.Option(help="Where it was scanned.")
FORMAT = typer.Option(help="How to print.")


@app.command("program")
def program(
    product: Annotated[str, typer.Argument(help="The product.")],
    revision: Annotated[str, typer.Argument(help="Its hardware revision.")],
    bom_version: Annotated[str, typer.Argument(help="The BOM version that says which part lies where.")],
    side: Annotated[str, typer.Argument(help="top or bottom.")],
    machine: Annotated[str, MACHINE],
    program: Annotated[str, typer.Argument(help="Name of the program.")],
    placement: Annotated[Path, typer.Option(help="Placement file: KiCad, JLC or Altium.")],
    feeders: Annotated[Path, typer.Option(help="Feeder list: columns feeder, part and, if wanted, grey_pieces.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Make a machine program from a placement file and a feeder list; programs.csv takes ready ones."""
    contents = {"placement": _bytes(placement), "feeders": _bytes(feeders)}
    actor = open_record()
    from asbuilt.designed.catalog.actions import set_program
    from asbuilt.designed.catalog.program_files import feeders_from

    names = {"placement_file": placement.name, "feeders_file": feeders.name}
    rows = feeders_from(actor.tenant, product, revision, bom_version, side, **contents, **names)
    entry = set_program(
        actor, product=product, revision=revision, side=side, machine=machine, program=program, feeders=rows
    )
    if format is Format.json:
        print_json({"entry": entry, "feeders": rows})
        return
    print_table(("feeder", "places"), [(row["feeder"], row["refdes"]) for row in rows])
    say(f"Program {program} of {machine} has {len(rows)} feeders.")


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("cli.file_missing", f"There is no file {path}.", {"file": str(path)}, "Check the name.")
    return path.read_bytes()


@app.command("mount")
def mount(
    machine: Annotated[str, MACHINE],
    feeder: Annotated[str, FEEDER],
    package: Annotated[str, PACKAGE],
    order: Annotated[str, ORDER],
    side: Annotated[str, SIDE] = "",
    program: Annotated[str, PROGRAM] = "",
    station: Annotated[str, STATION] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A package is put onto a feeder. Refused for the wrong part, quarantine, floor life, holds, another customer."""
    actor = open_record()
    from asbuilt.answers.gate.mounting import mount_package

    done = mount_package(
        actor, machine=machine, feeder=feeder, package=package, order=order, side=side, program=program, station=station
    )
    _said(done, "is mounted at", format)


@app.command("splice")
def splice(
    machine: Annotated[str, MACHINE],
    feeder: Annotated[str, FEEDER],
    package: Annotated[str, PACKAGE],
    order: Annotated[str, ORDER],
    old: Annotated[str, typer.Option(help="The package it is spliced behind, as a check.")] = "",
    grey_pieces: Annotated[
        int | None, typer.Option(help="Pieces that may be of either; else as the program says, else 10.")
    ] = None,
    side: Annotated[str, SIDE] = "",
    program: Annotated[str, PROGRAM] = "",
    station: Annotated[str, STATION] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A package is spliced behind the one at the feeder; in the grey zone both are possible."""
    actor = open_record()
    from asbuilt.answers.gate.mounting import splice_package

    done = splice_package(
        actor, machine=machine, feeder=feeder, package=package, order=order, old=old, grey_pieces=grey_pieces, side=side,
        program=program, station=station,
    )  # fmt: skip
    _said(done, f"is spliced with a grey zone of {done.grey_pieces} pieces at", format)


@app.command("remove")
def remove(
    machine: Annotated[str, MACHINE],
    feeder: Annotated[str, FEEDER],
    package: Annotated[str, typer.Option(help="The package that comes off, as a check.")] = "",
    station: Annotated[str, STATION] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What is at a feeder comes off; it keeps its code and its count."""
    actor = open_record()
    from asbuilt.built.production.actions.mounting import remove_package

    done = remove_package(actor, machine=machine, feeder=feeder, package=package, station=station)
    _said(done, "is off", format)


def _said(done, what: str, format: Format) -> None:
    if format is Format.json:
        left = None if done.left is None else {"least": done.left.least, "most": done.left.most}
        print_json({**asdict(done), "left": left})
        return
    say(f"{done.package} {what} feeder {done.feeder} of {done.machine}.")
    _say_under(done.under)
    if done.left is not None and done.left.most is not None:
        say(f"{_pieces(done.left)} pieces are left.")


def _say_under(under) -> None:
    for one in under:
        say(f"Under {one['concession']}: {one['message']}" + (f" ({one['note']})" if one["note"] else ""))


def _pieces(left) -> str:
    return f"{left.most:,}" if left.least == left.most else f"{left.least:,} to {left.most:,}"


@app.command("show")
def show(
    machine: Annotated[str, typer.Argument(help="The machine; without it every machine of the order.")] = "",
    order: Annotated[str, ORDER] = "",
    side: Annotated[str, SIDE] = "",
    program: Annotated[str, PROGRAM] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What is at each feeder, what is left, and what stops it; of a machine, or of the line for an order."""
    actor = open_record()
    from asbuilt.built.production.setups import line_of, machines_to_set_up, setup_of

    if not machine and not order:
        names = machines_to_set_up(actor)
        print_json({"machines": names}) if format is Format.json else print_table(
            ("machine",), [(one,) for one in names]
        )
        return
    if machine:
        setups = [setup_of(actor, machine=machine, order=order, side=side, program=program)]
    else:
        setups = line_of(actor, order=order)
    if format is Format.json:
        print_json(setups[0].as_dict() if machine else {"order": order, "setups": [one.as_dict() for one in setups]})
        return
    for one in setups:
        _print_setup(one)


def _print_setup(one) -> None:
    rows = [
        (
            feeder.feeder, feeder.state, feeder.part, " ".join(feeder.positions)[:60], feeder.package, feeder.lot_code,
            _pieces(feeder.left) if feeder.left is not None and feeder.left.most is not None else "",
        )
        for feeder in one.feeders
    ]  # fmt: skip
    heading = " ".join(part for part in (one.machine, one.program, one.side, one.order) if part)
    print_table(("feeder", "state", "part", "places", "package", "lot", "left"), rows, heading)
    for feeder in one.feeders:
        for stop in feeder.stops:
            say(f"{stop.message} {stop.remedy}")
        _say_under(feeder.under)
        for spliced in feeder.behind:
            say(f"Feeder {feeder.feeder}: the next {spliced.grey_pieces:,} pieces may be of {spliced.package}.")
    if one.program:
        say(f"{one.machine} is {'ready' if one.ready else f'not ready: {one.wanting} feeders want something'}.")


def place(
    package: Annotated[str, PACKAGE],
    first: Annotated[str, typer.Argument(help="The unit or panel, or the first unit.")],
    last: Annotated[str, typer.Argument(help="The last unit along the order.")] = "",
    at: Annotated[str, typer.Option("--at", help="Positions, blank-separated.")] = "",
    station: Annotated[str, STATION] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Parts were placed by hand: a package at positions of units. Checked as at a feeder."""
    actor = open_record()
    from asbuilt.answers.gate.placing import place_by_hand

    done = place_by_hand(actor, first=first, last=last, refdes=at.split(), package=package, station=station)
    if format is Format.json:
        print_json({"entry": done.entry, "units": done.units, "under": list(done.under)})
        return
    say(f"{package} is at {' '.join(at.split())} of {done.units:,} units.")
    _say_under(done.under)
