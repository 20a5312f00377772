"""`asbuilt vuln feed add|take|list|show`, `vuln show`, `vuln note`: what the world says of vulnerabilities, and what reached us."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.firmware_keys import read_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import AsbuiltError, Invalid
from asbuilt.kernel.instants import format_instant, minute_in
from asbuilt.kernel.plain import plain

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
feed_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    feed_app, name="feed", help="Feeds: add one, take from it, see how old each is and what it could not give."
)
FORMAT = typer.Option(help="How to print.")
FEED = typer.Argument(help="Name of the feed.")


def when(actor) -> Callable[[int | None], str]:
    """How times are said to people: in the zone of the house, with its name."""
    from asbuilt.access.queries import time_zone_of

    zone = time_zone_of(actor.tenant)
    return lambda instant: "never" if instant is None else minute_in(instant, zone)


@feed_app.command("add")
def add(
    name: Annotated[str, FEED],
    kind: Annotated[str, typer.Option(help="osv nvd cve5 kev epss euvd csaf openvex cyclonedx own")],
    source: Annotated[str, typer.Option(help="Folder, file or address that it is taken from.")] = "",
    key: Annotated[str, typer.Option(help="minisign public key that its files must be signed with.")] = "",
    close: Annotated[bool, typer.Option("--close", help="Take from it no more; its records stay.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Add a feed, or set one anew."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.setting import set_feed

    if source and "://" not in source:
        source = str(Path(source).absolute())
    found = set_feed(actor, name=name, kind=kind, source=source, key=key, closed=close)
    if format is Format.json:
        print_json({"feed": found.name, "kind": found.kind, "source": found.source, "closed": found.closed})
    else:
        say(f"The feed {found.name} ({found.kind}) is {'closed' if close else 'set'}.")


@feed_app.command("take")
def take(
    name: Annotated[str, typer.Argument(help="Name of the feed; none with --all.")] = "",
    path: Annotated[Path | None, typer.Argument(help="File or folder, in place of the feed's source.")] = None,
    all: Annotated[bool, typer.Option("--all", help="Every open feed that has a source, one after another.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="You say that nothing of the feed is missing in PATH.")
    ] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Read a feed: what is new or changed is recorded, what cannot be read is named, the rest is passed over."""
    if all == bool(name):
        raise Invalid(
            "cli.feed_or_all", "Give the name of one feed, or --all.", {}, "`asbuilt vuln feed list` names them."
        )
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.covering import PART
    from asbuilt.designed.vulnerability.feeds.queries import feeds
    from asbuilt.designed.vulnerability.feeds.taking import take_feed

    names = [name] if name else [row.name for row in feeds(actor.tenant) if row.source and not row.closed]
    taken, refused = [], None
    for one in names:
        try:
            taken.append(take_feed(actor, one, path, whole=whole))
        except AsbuiltError as refusal:
            if not all:
                raise
            say(f"{one}: {refusal.message}")
            refused = refused or refusal
    if format is Format.json:
        print_json([plain(asdict(one)) for one in taken] if all else plain(asdict(taken[0])))
    for one in taken if format is Format.table else ():
        say(
            f"{one.feed}: {one.fresh:,} new, {one.changed:,} changed, {one.unchanged:,} as before, {one.broken:,} broken; "
            f"{one.signature}."
        )
        if one.ended:
            say(f"{one.ended} The feed is as old as before.")
        elif one.covers == PART:
            say(
                f"It is a part of the {one.records:,} records that stand: the feed is as old as before. With --whole you say that nothing is missing."
            )
        if one.broken:
            say(f"`asbuilt vuln feed show {one.feed}` says which, where and why.")
    if refused:
        raise refused


@feed_app.command("list")
def list_feeds(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Every feed with its age, its records and what it could not give."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.seen import feeds_seen

    found, at = feeds_seen(actor), when(actor)
    if format is Format.json:
        print_json([plain(asdict(one)) for one in found])
        return
    rows = [
        (one.feed, one.kind, "closed" if one.closed else at(one.taken_at), at(one.newest_at), f"{one.records:,}", f"{one.broken:,}", one.source)
        for one in found
    ]  # fmt: skip
    print_table(("feed", "kind", "taken", "newest change", "records", "broken", "source"), rows)


@feed_app.command("show")
def show_feed(name: Annotated[str, FEED], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """A feed's takes, and the records that the last one could not read."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.seen import feed_seen

    feed, takes, broken = feed_seen(actor, name)
    at = when(actor)
    if format is Format.json:
        print_json({**plain(asdict(feed)), "takes": [plain(asdict(one)) for one in takes], "broken_records": [plain(asdict(one)) for one in broken]})  # fmt: skip
        return
    say(
        f"{feed.feed} ({feed.kind}), {feed.records:,} records, taken {at(feed.taken_at)}, newest change {at(feed.newest_at)}."
    )
    if feed.part_at is not None:
        say(f"A part alone was taken since, the last {at(feed.part_at)}.")
    rows = [
        (at(one.taken_at), f"{one.fresh:,}", f"{one.changed:,}", f"{one.unchanged:,}", f"{one.broken:,}", one.covers or "–", one.ended or one.signature)
        for one in takes
    ]  # fmt: skip
    print_table(("taken", "new", "changed", "as before", "broken", "covers", "signature"), rows)
    if broken:
        print_table(
            ("record", "document", "place", "why"),
            [(one.record, one.document, one.place, one.reason) for one in broken],
        )


@app.command("show")
def show(
    vulnerability: Annotated[str, typer.Argument(help="A CVE id, or any other name of it.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What every feed says of a vulnerability: affected versions, scores, exploitation, and how old the feeds are."""
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.seen import vulnerability_seen

    found, at = vulnerability_seen(actor, vulnerability), when(actor)
    if format is Format.json:
        print_json(plain(asdict(found)))
        return
    threat = found.threat
    said = [
        f"score {threat.score} {threat.vector}".strip() if threat.score is not None else "",
        "" if threat.exploited_at is None else f"exploited since {at(threat.exploited_at or None)}",
        "" if threat.probability is None else f"EPSS {threat.probability:.5f}",
        "withdrawn" if threat.withdrawn else "",
    ]
    say(f"{found.vulnerability} {threat.title}".strip())
    say("; ".join(filter(None, said)) or "No score is known.")
    if found.aliases:
        say(f"Also {', '.join(found.aliases)}.")
    for one in found.advisories:
        say(
            f"{one.feed}, {one.record}, changed {at(one.modified_at)}{', withdrawn' if one.withdrawn_at is not None else ''}"
        )
        for line in (*one.affected, *one.statements, *(f"note: {note}" for note in one.notes)):
            say(f"  {line}")
    for age in found.feed_ages:
        say(f"Feed {age.feed}: taken {at(age.taken_at)}, newest change {at(age.newest_at)}, {age.broken:,} broken.")


@app.command("note")
def note(
    file: Annotated[Path | None, typer.Argument(help="The entry as JSON; or say it with the options.")] = None,
    id: Annotated[str, typer.Option(help="Of an entry that is changed.")] = "",
    vulnerability: Annotated[str, typer.Option(help="The CVE id, where it has one.")] = "",
    title: Annotated[str, typer.Option(help="What it is.")] = "",
    text: Annotated[str, typer.Option(help="What was told or found.")] = "",
    purl: Annotated[str, typer.Option(help="The software that it is in.")] = "",
    cpe: Annotated[str, typer.Option(help="Or its CPE name.")] = "",
    maker: Annotated[str, typer.Option(help="Or the maker of a part,")] = "",
    mpn: Annotated[str, typer.Option(help="with its part number.")] = "",
    versions: Annotated[str, typer.Option(help='Which versions: "<2.28.8", ">=3 <3.6"; none: not known.')] = "",
    lot: Annotated[list[str] | None, typer.Option(help="Of a part: its lots.")] = None,
    vector: Annotated[str, typer.Option(help="CVSS vector.")] = "",
    told_by: Annotated[str, typer.Option(help="Who told us; kept encrypted.")] = "",
    paper: Annotated[Path | None, typer.Option(help="The mail or report, kept encrypted.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="It was none; the entry stays as withdrawn.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Enter what reached us otherwise: a researcher's mail, a test finding."""
    record = _record(file) if file else {}
    affected = {"purl": purl, "cpe": cpe, "maker": maker, "mpn": mpn, "versions": versions, "lots": lot or []}
    affected = {name: value for name, value in affected.items() if value}
    more = {"id": id, "vulnerability": vulnerability, "title": title, "text": text, "told_by": told_by}
    record |= {name: value for name, value in more.items() if value}
    if affected:
        record["affected"] = [*record.get("affected", []), affected]
    if vector:
        record["severity"] = [{"vector": vector}]
    if withdraw:
        record["withdrawn"] = _now()
    content = (paper.name, read_file(paper)) if paper else None
    actor = open_record()
    from asbuilt.designed.vulnerability.feeds.noting import note as noted

    found = noted(actor, record=record, paper=content)
    if format is Format.json:
        print_json(asdict(found))
    else:
        say(f"Entry {found.record} of {found.vulnerability} names {found.affected} affected.")


def _now() -> str:
    from asbuilt.ledger import clock

    return format_instant(clock.now())


def _record(file: Path) -> dict:
    try:
        record = json.loads(read_file(file))
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise Invalid(
            "cli.note_no_json", f"{file.name} is no entry in JSON.", {"file": file.name}, "See docs/work/feeds.md."
        )
    return record
