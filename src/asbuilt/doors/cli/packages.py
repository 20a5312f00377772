"""`asbuilt package`: may it be mounted, quarantine, release, reject; what happened to it; how long it lasts."""

from dataclasses import asdict
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
CODES = typer.Argument(help="Codes of packages.")
REASON = typer.Option(help="Why; every door shows it.")
AT = typer.Option("--at", help="When it was so, with offset; else now.")
FORMAT = typer.Option(help="How to print.")


@app.command()
def show(
    code: Annotated[str, typer.Argument(help="Code of the package.")], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """What it is, its status, how long its material lasts, what happened to it."""
    actor = open_record()
    from asbuilt.access.rights import RECORD_READ
    from asbuilt.built.supply.package_file import package_file
    from asbuilt.ledger import clock

    actor.require(RECORD_READ)
    found = package_file(actor.tenant, code, clock.now())
    if format is Format.json:
        print_json({**_plain(asdict(found)), "may_mount": found.may_mount, "why_not": found.why_not})
        return
    rows = [(name, getattr(found, name)) for name in ("package", "part", "maker", "mpn", "lot_code", "date_code")]
    rows += [("status", found.standing.status), ("material", found.life.state), ("may be mounted", found.may_mount)]
    rows += [
        ("silicon", f"{one.silicon_revision} ({one.known_from}, of {one.of or 'its lot'}), fact {one.fact}")
        for one in found.silicon
    ]
    print_table(("field", "value"), rows)
    for line in (found.why_not, found.remedy):
        if line:
            say(line)


def _plain(value, name: str = ""):
    """JSON values; instants as tables write them."""
    from asbuilt.kernel.instants import format_instant

    if isinstance(value, dict):
        return {key: _plain(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if type(value) is int and (name.endswith("_at") or name == "since"):
        return format_instant(value)
    return value


@app.command()
def quarantine(
    codes: Annotated[list[str], CODES], reason: Annotated[str, REASON], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Stop packages: they cannot be mounted until they are released."""
    actor = open_record()
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    _said(quarantine_packages(actor, packages=codes, reason=reason), f"{len(codes)} in quarantine.", format)


@app.command()
def release(
    codes: Annotated[list[str], CODES], reason: Annotated[str, REASON], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Let packages be mounted; refused while an inspection is due or has rejected them."""
    actor = open_record()
    from asbuilt.built.supply.actions.statuses import release_packages

    _said(release_packages(actor, packages=codes, reason=reason), f"{len(codes)} released.", format)


@app.command()
def reject(
    codes: Annotated[list[str], CODES], reason: Annotated[str, REASON], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Reject packages: they go back or away."""
    actor = open_record()
    from asbuilt.built.supply.actions.statuses import reject_packages

    _said(reject_packages(actor, packages=codes, reason=reason), f"{len(codes)} rejected.", format)


@app.command()
def event(
    event: Annotated[
        str,
        typer.Argument(help="opened sealed dry_in dry_out baked thawing applied removed cooled discarded dry_stored."),
    ],
    codes: Annotated[list[str], CODES],
    reading: Annotated[
        list[str] | None, typer.Option(help="name=number, such as temperature_c=125 or hours=48.")
    ] = None,
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What happened to packages: opened, dried, baked, thawed."""
    readings = numbers(reading or [])
    actor = open_record()
    from asbuilt.answers.gate.handling import handle_packages

    done = handle_packages(actor, packages=codes, event=event, readings=readings, happened_at=instant(at))
    _said(done, f"Recorded for {len(codes)}.", format)


@app.command()
def split(
    code: Annotated[str, typer.Argument(help="Code of the package.")],
    quantity: Annotated[int, typer.Argument(help="How many pieces leave it.")],
    new: Annotated[str, typer.Option(help="Code of the new package; empty: the next own one.")] = "",
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Pieces go into a package of their own, of the same lot, with status and clocks."""
    actor = open_record()
    from asbuilt.built.supply.actions.splits import split_package

    done = split_package(actor, package=code, quantity=quantity, new=new, happened_at=instant(at))
    if format is Format.json:
        print_json({"package": done.package, "entry": done.entry, "facts": list(done.facts)})
        return
    say(f"{quantity:,} pieces are in {done.package} now, entry {done.entry}.")


@app.command()
def silicon(
    revision: Annotated[str, typer.Argument(help="As it is written: 3.1, B0.")],
    known_from: Annotated[str, typer.Option("--from", help="label, maker or device.")],
    package: Annotated[str, typer.Option(help="Of this package.")] = "",
    part: Annotated[str, typer.Option(help="Of a lot, as lots.csv has it: part,")] = "",
    mpn: Annotated[str, typer.Option(help="maker's part number,")] = "",
    manufacturer: Annotated[str, typer.Option(help="maker,")] = "",
    lot_code: Annotated[str, typer.Option(help="lot code,")] = "",
    date_code: Annotated[str, typer.Option(help="date code.")] = "",
    said_by: Annotated[str, typer.Option(help="Which letter, whose reading.")] = "",
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Of which revision the silicon of a package or a lot is; errata name revisions."""
    actor = open_record()
    from asbuilt.built.supply.actions.telling_silicon import say_silicon

    lot = {"part": part, "mpn": mpn, "manufacturer": manufacturer, "lot_code": lot_code, "date_code": date_code}
    said = {"silicon_revision": revision, "known_from": known_from, "said_by": said_by}
    done = say_silicon(actor, package=package, **lot, **said, happened_at=instant(at))
    _said(done, "Recorded.", format)


@app.command()
def life(
    part: Annotated[str, typer.Option(help="Say it of every package of this part.")] = "",
    package: Annotated[str, typer.Option(help="Say it of this package.")] = "",
    set: Annotated[
        list[str] | None, typer.Option(help="msl=3, expires_on=2027-12-31, sealed_on=…, floor_hours_max=168 …")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """How long material lasts: moisture level, dates, hours; a package's word goes before its part's."""
    from asbuilt.doors.cli.facts import cells

    said = cells(set or [])
    actor = open_record()
    from asbuilt.built.supply.actions.handling import say_lives
    from asbuilt.built.supply.standing import LIFE_CELLS

    unknown = [name for name in said if name not in LIFE_CELLS]
    if unknown or not said:
        raise Invalid(
            "cli.life_unknown",
            f"Lives have no {unknown[0][:40]}." if unknown else "Nothing is said.",
            {"names": unknown},
            f"Say one of {', '.join(LIFE_CELLS)}.",
        )
    _said(say_lives(actor, part=part, package=package, **said), "Recorded.", format)


@app.command()
def sample(
    code: Annotated[str, typer.Argument(help="Code of the package.")],
    quantity: Annotated[int, typer.Option(help="Pieces that are kept.")],
    place: Annotated[str, typer.Option(help="Where they lie.")],
    until: Annotated[str, typer.Option(help="Until which day, 2030-12-31.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Keep pieces of a package as a sample."""
    actor = open_record()
    from asbuilt.built.supply.actions.inspecting import keep_sample

    _said(keep_sample(actor, package=code, quantity=quantity, place=place, until_on=until), "Kept.", format)


@app.command()
def label(
    codes: Annotated[list[str], CODES],
    printer: Annotated[str, typer.Option(help="Print it there, a name of ASBUILT_PRINTERS.")] = "",
    out: Annotated[str, typer.Option(help="Write one label to this file instead: .svg, .png or .zpl.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The label of packages: to a printer, or as a file."""
    actor = open_record()
    if out:
        _write_label(actor, codes, out)
        return
    from asbuilt.built.supply.actions.printing import print_labels, states
    from asbuilt.storage import outbox

    done = print_labels(actor, packages=codes, printer=printer)
    outbox.send_due(actor.tenant)
    found = states(actor.tenant, done)
    if format is Format.json:
        print_json({"entry": done.entry, "labels": [{"state": one.state, "error": one.error} for one in found]})
        return
    for code, one in zip(codes, found, strict=False):
        say(f"{code}: {one.state}{', tried again: ' + one.error if one.error else ''}.")


def _write_label(actor, codes: list[str], out: str) -> None:
    from pathlib import Path

    from asbuilt.access.rights import RECORD_READ
    from asbuilt.built.supply.label_texts import package_label
    from asbuilt.formats import package_labels

    actor.require(RECORD_READ)
    kinds = {".svg": package_labels.svg, ".png": package_labels.png, ".zpl": package_labels.zpl}
    draw = kinds.get(Path(out).suffix.lower())
    if draw is None or len(codes) != 1:
        remedy = "Give one package and a file that ends in .svg, .png or .zpl."
        raise Invalid("cli.label_file", f"{out[:80]} is no file for one label.", {"file": out[:80]}, remedy)
    content = draw(package_label(actor.tenant, codes[0]))
    try:
        Path(out).write_bytes(content)
    except OSError as refusal:
        raise Invalid(
            "cli.label_file", f"{out[:80]} cannot be written: {refusal.strerror}.", {"file": out[:80]}
        ) from None
    say(f"{out} is written.")


def numbers(given: list[str]) -> dict[str, float]:
    """`name=number` words as a mapping; Invalid for a word of another form."""
    found = {}
    for word in given:
        name, sign, value = word.partition("=")
        try:
            found[name] = float(value) if "." in value else int(value)
        except ValueError:
            sign = ""
        if not sign or not name:
            raise Invalid(
                "cli.reading_malformed", f"{word[:80]} is not name=number.", {"word": word[:80]}, "Write hours=48."
            )
    return found


def instant(text: str) -> int | None:
    """The instant of a text with offset; None for an empty one."""
    from asbuilt.kernel.instants import parse_instant

    if not text:
        return None
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cli.time_wrong", f"{text[:40]}: {refusal}.", remedy="Write 2027-03-15T08:00:00+01:00.") from None


def _said(done, text: str, format: Format) -> None:
    for warning in done.warnings:
        say(warning)
    if format is Format.json:
        print_json({"entry": done.entry, "facts": list(done.facts)})
    else:
        say(f"{text} Entry {done.entry}.")
