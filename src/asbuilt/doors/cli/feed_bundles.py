"""`asbuilt vuln feed bundle|take-bundle`: feeds collected on a connected machine, carried to one without a network, taken in there."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.vulnerabilities import feed_app
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.kernel.plain import plain

FORMAT = typer.Option(help="How to print.")


@feed_app.command("bundle")
def bundle(
    out: Annotated[Path, typer.Argument(help="The ZIP to write.")],
    names: Annotated[list[str] | None, typer.Argument(help="Feeds; none: every open one that has a source.")] = None,
    since: Annotated[
        str, typer.Option(help="Of NVD's API only what changed from then on, as the bundle before says it was fetched.")
    ] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Collect feeds into one signed ZIP for a machine without a network. Records nothing here."""
    try:
        moment = parse_instant(since) if since else None
    except ValueError as refusal:
        said = f"{since[:40]}: {refusal}."
        raise Invalid("cli.since_wrong", said, {"value": since[:40]}, "Write it as 2026-11-29T08:00:00Z.") from None
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.bundling import make_bundle

    made = make_bundle(actor, out, names or (), moment)
    if format is Format.json:
        print_json(plain(asdict(made)))
        return
    rows = [
        (one.feed, f"{one.files:,}", f"{one.size:,}", format_instant(one.fetched_at), one.signature)
        for one in made.feeds
    ]
    print_table(("feed", "files", "bytes", "fetched", "signature"), rows)
    for one in made.feeds:
        if one.refused:
            say(f"{one.feed}: {one.refused:,} files stayed out, as their signature does not hold.")
    for name in made.left_out:
        say(f"{name} has no source and stayed out.")
    say(f"{made.file}: {made.size:,} bytes, signed by {made.key}.")


@feed_app.command("take-bundle")
def take_bundle(
    file: Annotated[Path, typer.Argument(help="The bundle.")], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Take in a bundle: only when a key that is trusted here signed it, whole or not at all."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.unbundling import take_bundle as taken

    found = taken(actor, file)
    if format is Format.json:
        print_json(plain(asdict(found)))
        return
    for one in found.feeds:
        if one.taken is None:
            say(f"{one.feed}: passed over, {one.passed_over}.")
            continue
        counts = one.taken
        say(
            f"{one.feed}, fetched {format_instant(one.fetched_at)}: {counts.fresh:,} new, {counts.changed:,} changed, "
            f"{counts.unchanged:,} as before, {counts.broken:,} broken; {one.skipped:,} files read before."
        )
    say(f"Bundle of {found.made_by}, signed by {found.key}.")
