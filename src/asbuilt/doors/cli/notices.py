"""`asbuilt case notices`, `asbuilt case contacts`: who is told of what happened, by whom it was read, and what became of it."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
contacts_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
NOTICE = typer.Argument(help="Code of the notice, such as N-1.")
CASE = typer.Argument(help="Code of the case, such as C-1.")
CUSTOMER = typer.Argument(help="Code or name of the party.")
VERSION = typer.Option(help="The version that was read.")
WHY = typer.Option(help="Why; it stands in the case for good.")
TEXTS = typer.Option(
    help='JSON file: language (en, de, pl, fr, "" for all) -> happened, measures, update, contact -> words.'
)
READER = typer.Option(help="Hold it, and let this role or badge code read it before; several times.")
UNTIL = typer.Option(help="Held until then, such as 2026-12-24T17:30:00+01:00; empty: until it is let go.")
TEXT_BYTES_MAX = 8 * 1024**2
MESSAGE_FILE_BYTES_MAX = 64 * 1024**2


@contacts_app.command("list")
def contacts(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Every party with how it is told."""
    actor = open_record()
    from asbuilt.answers.cases.telling.contacts import contacts_told

    found = contacts_told(actor)
    if format is Format.json:
        print_json({"parties": found})
        return
    rows = [
        (one["party"], one["name"], one["language"], each["channel"], "erased" if each["erased"] else each["address"])
        for one in found
        for each in one["contacts"] or [{"channel": "none", "address": "", "erased": False}]
    ]
    print_table(("party", "name", "language", "channel", "address"), rows)


@contacts_app.command("set")
def contact_set(
    party: Annotated[str, CUSTOMER],
    channel: Annotated[str, typer.Argument(help="mail or webhook.")],
    file: Annotated[
        Path | None, typer.Option(help="File that holds the address; without it it is read from standard input.")
    ] = None,
    language: Annotated[str, typer.Option(help="en, de, pl or fr.")] = "en",
) -> None:
    """Say where a party is told. The address is no argument: what is typed there, every user of the machine sees."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.contacts import set_contact

    address = (_read(file) if file else typer.get_text_stream("stdin").readline(2_000)).strip()
    set_contact(actor, party=party, channel=channel, address=address, language=language)
    say(f"{party} is told by {channel}, in {language}.")


@contacts_app.command("load")
def contact_load(
    file: Annotated[Path, typer.Argument(help="CSV with the columns party, channel, address, language.")],
) -> None:
    """Set many contacts at once, all or none."""
    import csv
    import io

    from asbuilt.kernel.errors import Invalid

    actor = open_record()
    from asbuilt.answers.cases.telling.actions.contacts import set_contacts

    columns = ("party", "channel", "address", "language")
    table = csv.DictReader(io.StringIO(_read(file).removeprefix("\ufeff")))
    if set(table.fieldnames or ()) != set(columns):
        raise Invalid("cases.contacts_columns", f"{file.name} has other columns.", {"file": file.name}, "Write party, channel, address, language.")  # fmt: skip
    rows = [tuple((row[name] or "").strip() for name in columns) for row in table]
    set_contacts(actor, contacts=rows)
    say(f"{len(rows)} contacts are set.")


@contacts_app.command("remove")
def contact_remove(
    party: Annotated[str, CUSTOMER],
    channel: Annotated[str, typer.Argument(help="mail or webhook.")],
    why: Annotated[str, WHY],
) -> None:
    """A party is no longer told there."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.contacts import remove_contact

    remove_contact(actor, party=party, channel=channel, why=why)
    say(f"{party} is no longer told by {channel}.")


@contacts_app.command("erase")
def contact_erase(party: Annotated[str, CUSTOMER]) -> None:
    """Destroy every address that a party ever had; the log stays whole."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.contacts import erase_contacts

    say(f"{erase_contacts(actor, party=party)} addresses of {party} are erased.")


@contacts_app.command("secret")
def contact_secret(party: Annotated[str, CUSTOMER]) -> None:
    """The secret that a party checks the signature of its webhook with."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.contacts import webhook_secret

    typer.echo(webhook_secret(actor, party=party))


@app.command()
def draft(
    case: Annotated[str, CASE],
    kind: Annotated[
        str,
        typer.Option(
            help="users: who holds the units; upward: the manufacturers whose products we build; empty: these first where the case did not tell them."
        ),
    ] = "",
    answer: Annotated[str, typer.Option(help="ULID of the frozen answer; empty: the newest of the case.")] = "",
    texts: Annotated[Path | None, TEXTS] = None,
    why: Annotated[str, WHY] = "",
    reader: Annotated[list[str] | None, READER] = None,
    until: Annotated[str, UNTIL] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Draft a notice from a frozen answer; with --reader it is held from its first moment."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.writing import draft_notice

    said = {"kind": kind, "answer": answer, "texts": _texts(texts), "why": why}
    _show(actor, draft_notice(actor, case=case, readers=reader, until=_until(until), **said), format)


@app.command("list")
def list_notices(case: Annotated[str, CASE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """The notices of a case."""
    actor = open_record()
    from asbuilt.answers.cases.telling.seen import notices_told

    found = notices_told(actor, case)
    if format is Format.json:
        print_json({"notices": found})
        return
    columns = ("notice", "version", "kind", "state", "held")
    standing = [", ".join(f"{count} {state}" for state, count in sorted(one["standing"].items())) for one in found]
    print_table((*columns, "parties"), [[*(one[name] for name in columns), said] for one, said in zip(found, standing, strict=True)])  # fmt: skip
    if not found:
        say("There is none.")


@app.command()
def show(notice: Annotated[str, NOTICE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """A notice: who gets it, and what became of it at each."""
    _show(open_record(), notice, format)


@app.command()
def preview(
    notice: Annotated[str, NOTICE],
    customer: Annotated[str, CUSTOMER],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The notice as one party will read it."""
    actor = open_record()
    from asbuilt.answers.cases.telling.seen import preview as read

    found = read(actor, notice, customer)
    if format is Format.json:
        print_json(found)
        return
    typer.echo(f"{found['subject']}\n\n{found['text']}\n{found['units_csv']}")
    for gap in found["gaps"]:
        say(f"Not in {found['language']}: {gap}")


@app.command()
def revise(
    notice: Annotated[str, NOTICE],
    why: Annotated[str, WHY],
    texts: Annotated[Path | None, TEXTS] = None,
    answer: Annotated[str, typer.Option(help="ULID of the frozen answer; empty: the newest of the case.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A new version; what was read of the old one counts no more."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.writing import revise_notice

    revise_notice(actor, notice=notice, texts=_texts(texts) if texts else None, answer=answer, why=why)
    _show(actor, notice, format)


@app.command()
def review(
    notice: Annotated[str, NOTICE],
    version: Annotated[int, VERSION],
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say that this version was read, in every language it goes out in."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.writing import review_notice

    review_notice(actor, notice=notice, version=version, why=why)
    _show(actor, notice, format)


@app.command()
def approve(
    notice: Annotated[str, NOTICE],
    version: Annotated[int, VERSION],
    why: Annotated[str, WHY] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Approve this version, where the house asks for another person."""
    actor = open_record_as(token)
    from asbuilt.answers.cases.telling.actions.writing import approve_notice

    approve_notice(actor, notice=notice, version=version, why=why)
    _show(actor, notice, format)


@app.command()
def hold(
    notice: Annotated[str, NOTICE],
    why: Annotated[str, WHY],
    reader: Annotated[list[str], READER],
    until: Annotated[str, UNTIL] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Embargo: nothing of it leaves, and only whom you name reads it."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.holding import hold_notice

    hold_notice(actor, notice=notice, readers=reader, until=_until(until), why=why)
    _show(actor, notice, format)


@app.command("let-go")
def let_go(
    notice: Annotated[str, NOTICE], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """It is held no more; what was queued leaves."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.holding import let_go as verb

    verb(actor, notice=notice, why=why)
    _show(actor, notice, format)


@app.command()
def send(
    notice: Annotated[str, NOTICE],
    version: Annotated[int, VERSION],
    why: Annotated[str, typer.Option(help="Why it goes out although its answer was overtaken.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Queue it for everybody who can be reached; `deliver`, or the worker beside `serve`, sends it."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.queuing import send_notice

    send_notice(actor, notice=notice, version=version, why=why)
    _show(actor, notice, format)


@app.command()
def again(
    notice: Annotated[str, NOTICE],
    customer: Annotated[str, CUSTOMER],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Once more to a party where it bounced or failed."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.queuing import send_again

    send_again(actor, notice=notice, customer=customer, why=why)
    _show(actor, notice, format)


@app.command()
def deliver(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Send what is due now; the worker beside `serve` does the same by itself."""
    actor = open_record()
    from asbuilt.answers.cases.telling.desk import wait_because
    from asbuilt.answers.cases.telling.sending import send_due

    taken = send_due(actor.tenant)
    if format is Format.json:
        print_json({"accepted": taken})
        return
    say(f"{taken} were taken by a server.")
    for why, count in wait_because(actor.tenant).items():
        say(f"{tell_number(count)} wait: {why}")


@app.command()
def reports(
    place: Annotated[
        Path, typer.Argument(help="A folder of messages (.eml, or a Maildir), or a mailbox file.", exists=True)
    ],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take delivery reports (bounces) that came back by mail; taking them twice changes nothing."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.bouncing import take_reports

    taken = take_reports(actor, _messages(place))
    if format is Format.json:
        print_json({"reports": taken.reports, "new": taken.new, "others": taken.others})
    else:
        say(f"{taken.reports} reports of notices, {taken.new} new; {taken.others} other messages were left alone.")


@app.command()
def told(
    notice: Annotated[str, NOTICE],
    customer: Annotated[str, CUSTOMER],
    means: Annotated[str, typer.Argument(help="phone, letter, visit or other.")],
    at: Annotated[str, typer.Option(help="When, such as 2026-12-24T17:30:00+01:00.")],
    why: Annotated[str, typer.Option(help="With whom, what was said.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say how a party was told by other means."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.acknowledging import tell_otherwise

    tell_otherwise(actor, notice=notice, customer=customer, means=means, at=_instant("at", at), why=why)
    _show(actor, notice, format)


@app.command()
def acknowledged(
    notice: Annotated[str, NOTICE],
    customer: Annotated[str, CUSTOMER],
    at: Annotated[str, typer.Option(help="When, such as 2026-12-24T17:30:00+01:00.")],
    why: Annotated[str, typer.Option(help="How it said so.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say that a party acknowledged it in another way than on its page."""
    actor = open_record()
    from asbuilt.answers.cases.telling.actions.acknowledging import record_acknowledgement

    record_acknowledgement(actor, notice=notice, customer=customer, at=_instant("at", at), why=why)
    _show(actor, notice, format)


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.answers.cases.telling.seen import notice_seen

    found = notice_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("notice", "version", "case", "kind", "state", "held")
    print_table(columns, [[found[name] for name in columns]])
    columns = ("party", "language", "certain", "possible", "unrecorded", "state", "waits_because")
    print_table(columns, [[one[name] for name in columns] for one in found["recipients"]])
    for note in found["notes"]:
        say(note)
    for gap in found["gaps"]:
        say(f"Gap: {gap}")


def _messages(place: Path):
    from asbuilt.formats.delivery_reports import split_mbox

    files = sorted(file for file in place.rglob("*") if file.is_file()) if place.is_dir() else [place]
    for file in files:
        yield from split_mbox(_bytes(file, MESSAGE_FILE_BYTES_MAX))


def _bytes(file: Path, most: int) -> bytes:
    from asbuilt.doors.cli.signing import read_file

    return read_file(file, most)


def _read(file: Path) -> str:
    return _bytes(file, TEXT_BYTES_MAX).decode("utf-8", "replace")


def _texts(file: Path | None) -> dict:
    import json

    from asbuilt.kernel.errors import Invalid

    try:
        said = json.loads(_read(file)) if file else {}
        if isinstance(said, dict):
            return said
    except (ValueError, RecursionError):
        pass
    raise Invalid("cases.notice_texts", "texts: is no table of fields by language.", {"field": "texts"}, "Write language -> field -> words.")  # fmt: skip


def _until(text: str) -> int | None:
    return _instant("until", text) if text else None


def _instant(field: str, text: str) -> int:
    from asbuilt.kernel.errors import Invalid
    from asbuilt.kernel.instants import parse_instant

    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cases.time_wrong", f"{field}: {refusal}.", {"field": field}, "Write the time so.") from None
