"""`asbuilt vuln feed trust|distrust|keys|propose`: whose signatures count for a feed, and whose bundles are taken in."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.firmware_keys import read_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.vulnerabilities import feed_app

FORMAT = typer.Option(help="How to print.")
OF_FEED = typer.Option("--feed", help="Name of the feed; none: of bundles.")


@feed_app.command("trust")
def trust(
    key: Annotated[
        Path, typer.Argument(help="File of the public key: OpenPGP for a feed, public.keys or PEM for bundles.")
    ],
    fingerprint: Annotated[str, typer.Option(help="Its fingerprint, as its owner told you by another way.")],
    feed: Annotated[str, OF_FEED] = "",
    name: Annotated[str, typer.Option(help="Whose it is.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Trust a key for a feed's files, or for bundles."""
    content = read_file(key)
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds import trusting

    _tell(trusting.trust(actor, content=content, fingerprint=fingerprint, feed=feed, name=name), format)


@feed_app.command("distrust")
def distrust(
    fingerprint: Annotated[str, typer.Argument(help="Fingerprint of the key.")],
    feed: Annotated[str, OF_FEED] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Trust a key no more; what it signed before stays."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds import trusting

    _tell(trusting.distrust(actor, fingerprint=fingerprint, feed=feed), format)


@feed_app.command("keys")
def list_keys(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Every key that was trusted, for which feed."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds import trusting

    found = trusting.keys_seen(actor)
    if format is Format.json:
        print_json([_shown(row) for row in found])
    else:
        rows = [
            (row.feed or "bundles", row.fingerprint, row.name, "no more" if row.closed else "trusted") for row in found
        ]
        print_table(("of", "fingerprint", "whose", "state"), rows)


@feed_app.command("propose")
def propose(
    metadata: Annotated[Path, typer.Argument(help="A provider-metadata.json of CSAF.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The keys that a provider names: compare and trust them yourself. Stores nothing."""
    content = read_file(metadata)
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds import trusting

    found = trusting.keys_proposed(actor, content)
    if format is Format.json:
        print_json([asdict(one) for one in found])
    else:
        print_table(("fingerprint", "where it says that the key is"), [(one.fingerprint, one.url) for one in found])


def _shown(row) -> dict:
    return {"feed": row.feed, "form": row.form, "fingerprint": row.fingerprint, "name": row.name, "closed": row.closed}


def _tell(row, format: Format) -> None:
    if format is Format.json:
        print_json(_shown(row))
    else:
        words = "is trusted no more" if row.closed else "is trusted"
        say(f"The key {row.fingerprint} {words} for {f'the feed {row.feed}' if row.feed else 'bundles'}.")
