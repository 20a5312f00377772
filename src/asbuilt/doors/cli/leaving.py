"""`asbuilt pack`, `shipment`, `return`, `concession`: may a unit leave, boxes and shipments, placing on the market, returns, concessions."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.inspections import file_bytes
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.packages import instant
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.plain import plain

pack = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
shipment = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
returns = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
concession = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CONTAINER = typer.Argument(help="Code or SSCC of the box, pallet or shipment.")
SHIPMENT = typer.Argument(help="Code of the shipment.")
CODES = typer.Argument(help="Units, panels, boxes or pallets.")
CONCESSION = typer.Argument(help="Code of the concession.")
OUT = typer.Option("--out", help="The file to write; - is standard output.")


@pack.command()
def check(
    code: Annotated[str, typer.Argument(help="Unit or panel; with --order a work order.")],
    order: Annotated[bool, typer.Option("--order", help="All units of a work order.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """May it leave: everything that is missing, in words. Exit 4 where something is."""
    actor = open_record()
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave

    if order:
        whole = order_may_leave(actor, code)
        if format is Format.json:
            print_json(plain(whole))
        else:
            say(f"{tell_number(whole.go)} of {tell_number(whole.units)} units of {whole.order} may leave.")
            rows = [(one.count, one.message, one.remedy, " ".join(one.first[:5])) for one in whole.missing]
            print_table(("units", "what", "to do", "first"), rows)
            print_table(("units", "known, or not known"), [(one.count, one.message) for one in whole.warned])
            passed = [(one["count"], one["concession"], one["code"], one["note"]) for one in whole.conceded]
            print_table(("units", "go by", "although", "note"), passed)
            _coverage([whole.coverage])
        _leave(whole.go == whole.units)
        return
    found = may_leave(actor, code)
    if format is Format.json:
        print_json({"units": [plain(one) for one in found]})
    else:
        rows = [
            (one.name, "GO" if one.go else "STOP", stop.message, stop.remedy)
            for one in found
            for stop in one.stops or (_Nothing,)
        ]
        print_table(("unit", "verdict", "why", "to do"), rows)
        print_table(
            ("unit", "known, or not known"), [(one.name, said.message) for one in found for said in one.warnings]
        )
        passed = [
            (one.name, said["concession"], said["message"], said["note"]) for one in found for said in one.conceded
        ]
        print_table(("unit", "goes by", "although", "note"), passed)
        _coverage([one.coverage for one in found])
    _leave(all(one.go for one in found))


def _coverage(found: list) -> None:
    """What stands behind it, each sentence once."""
    for words in dict.fromkeys(words for one in found for words in one.words):
        say(words)


class _Nothing:
    message = remedy = ""


def _leave(go: bool) -> None:
    if not go:
        sys.exit(Refused.exit_code)


@pack.command("open")
def open_(
    kind: Annotated[str, typer.Argument(help="box, pallet or shipment.")],
    code: Annotated[str, typer.Option(help="Its code; empty: the next.")] = "",
    customer: Annotated[str, typer.Option(help="Of a shipment: who receives it.")] = "",
    country: Annotated[str, typer.Option(help="Of a shipment: where, such as DE.")] = "",
    sscc: Annotated[str, typer.Option(help="Its SSCC; empty: the next, where the house has a prefix.")] = "",
    note: Annotated[str, typer.Option(help="Anything else.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A new box, pallet or shipment."""
    actor = open_record()
    from asbuilt.built.shipping.actions.packing import open_container

    done = open_container(actor, kind=kind, code=code, customer=customer, country=country, sscc=sscc, note=note)
    if format is Format.json:
        print_json({"code": done.container.code, "sscc": done.container.sscc, "entry": done.entry})
        return
    say(
        f"{done.container.code} is open{f', SSCC {done.container.sscc}' if done.container.sscc else ''}, entry {done.entry}."
    )


@pack.command("in")
def into(
    container: Annotated[str, CONTAINER],
    codes: Annotated[list[str], CODES],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Put units, boxes or pallets in. What the gate stops is refused, all of it."""
    actor = open_record()
    from asbuilt.answers.gate.packing import put_in

    done = put_in(actor, container=container, codes=codes)
    if format is Format.json:
        print_json(plain(done))
        return
    say(f"{done.container}: {tell_number(done.units)} put in, entry {done.entry}.")
    for words in dict.fromkeys(known.message for one in done.verdicts for known in one.warnings):
        say(words)


@pack.command()
def out(
    container: Annotated[str, CONTAINER],
    codes: Annotated[list[str], CODES],
    reason: Annotated[str, typer.Option(help="Why.")],
) -> None:
    """Take units, boxes or pallets out."""
    actor = open_record()
    from asbuilt.answers.gate.packing import take_out

    done = take_out(actor, container=container, codes=codes, reason=reason)
    say(f"{done.container}: {tell_number(done.units + len(done.contents))} taken out, entry {done.entry}.")


@pack.command()
def close(container: Annotated[str, CONTAINER]) -> None:
    """Nothing goes in any more."""
    actor = open_record()
    from asbuilt.built.shipping.actions.packing import close_container

    say(f"{container} is closed, entry {close_container(actor, code=container).entry}.")


@pack.command()
def reopen(container: Annotated[str, CONTAINER], reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Open it again."""
    actor = open_record()
    from asbuilt.built.shipping.actions.packing import reopen_container

    say(f"{container} is open, entry {reopen_container(actor, code=container, reason=reason).entry}.")


@pack.command()
def show(container: Annotated[str, CONTAINER], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What is in it."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.packing import container_seen

    found = container_seen(actor, container)
    if format is Format.json:
        print_json(plain(found))
        return
    say(
        f"{found.code}, {found.kind}, {found.state}: {tell_number(found.total)} units. {found.customer} {found.country}".rstrip()
    )
    print_table(("unit", "place", "product"), [(one.name, one.code, one.product) for one in found.units])
    print_table(
        ("inside", "kind", "state", "units"), [(one.code, one.kind, one.state, one.units) for one in found.within]
    )


@pack.command()
def label(
    container: Annotated[str, CONTAINER],
    out: Annotated[Path, OUT],
    kind: Annotated[str, typer.Option(help="svg, png or zpl.")] = "svg",
) -> None:
    """Write its label."""
    actor = open_record()
    from asbuilt.built.shipping.labels import container_label, drawn

    _write(out, drawn(container_label(actor.tenant, container), kind))


@shipment.command("list")
def list_(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Shipments: those being packed first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.packing import shipments_seen

    found = shipments_seen(actor)
    if format is Format.json:
        print_json({"shipments": [plain(one) for one in found]})
        return
    rows = [(one.code, one.customer, one.country, one.state, one.units, plain(one)["at"]) for one in found]
    print_table(("shipment", "customer", "country", "state", "units", "left"), rows)


@shipment.command()
def ship(code: Annotated[str, SHIPMENT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """It leaves; every unit is asked for again."""
    actor = open_record()
    from asbuilt.answers.gate.packing import ship as go

    done = go(actor, shipment=code)
    if format is Format.json:
        print_json(plain(done))
        return
    say(f"{done.shipment} left with {tell_number(done.units)} units, entry {done.entry}.")


@shipment.command()
def place(
    code: Annotated[str, SHIPMENT],
    party: Annotated[str, typer.Option(help="Which party placed it.")],
    decided_by: Annotated[str, typer.Option(help="Whose decision it was.")],
    codes: Annotated[list[str] | None, typer.Argument(help="Units; without any the whole shipment.")] = None,
    basis: Annotated[str, typer.Option(help="sale, transfer or other.")] = "sale",
    reason: Annotated[str, typer.Option(help="Anything else.")] = "",
    at: Annotated[str, typer.Option(help="Since when, with offset; empty: now.")] = "",
    file: Annotated[Path | None, typer.Option(help="The paper that says so.")] = None,
) -> None:
    """Placed on the market: a dated fact with its basis."""
    content = file_bytes(str(file)) if file else None
    when = instant(at)
    actor = open_record()
    from asbuilt.answers.gate.packing import Decision, place_on_market

    decision = Decision(party, decided_by, basis, reason, when, file.name if file else "", content)
    done = place_on_market(actor, shipment=code, decision=decision, codes=codes or ())
    say(f"{tell_number(done.units)} units of {done.shipment} are placed on the market, entry {done.entry}.")


@shipment.command()
def package(
    code: Annotated[str, SHIPMENT],
    out: Annotated[Path, OUT],
    part: Annotated[str, typer.Option(help="Of a large one a part, such as 2/3: a package of its own.")] = "1/1",
) -> None:
    """Write the signed as-built package; `asbuilt verify` checks it anywhere."""
    actor = open_record()
    from asbuilt.kernel.errors import Invalid
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    number, _, parts = part.partition("/")
    if not all(one.isascii() and one.isdigit() and len(one) < 7 for one in (number, parts)):
        raise Invalid(
            "cli.part", f"{part[:20]!a} is no part.", {"part": part[:20]}, "Write it as 2/3, the second of three."
        )
    _write(out, shipment_package(actor, code, (int(number), int(parts))))


@shipment.command()
def conformity(code: Annotated[str, SHIPMENT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Print the certificate of conformity: evidence and gaps."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.conformity import conformity as read
    from asbuilt.questions.genealogy.seen.conformity import conformity_text

    found = read(actor, code)
    if format is Format.json:
        print_json(plain(found))
        return
    print(conformity_text(found), end="")


@returns.command()
def receive(
    codes: Annotated[list[str], CODES],
    rma: Annotated[str, typer.Option(help="Its number; empty: the next.")] = "",
    said: Annotated[str, typer.Option(help="What the customer says.")] = "",
    party: Annotated[str, typer.Option(help="From whom.")] = "",
) -> None:
    """Units that left are back."""
    actor = open_record()
    from asbuilt.answers.gate.returning import receive_returns

    number, entry = receive_returns(actor, codes=codes, rma=rma, said=said, party=party)
    say(f"{number}: {tell_number(len(codes))} scanned, entry {entry}.")


@returns.command()
def record(
    code: Annotated[str, typer.Argument(help="The unit.")],
    event: Annotated[str, typer.Argument(help="found, repaired, tested, no_fault or replaced.")],
    said: Annotated[str, typer.Option(help="In words.")] = "",
    replacement: Annotated[str, typer.Option(help="Of replaced: the unit that stands for it.")] = "",
) -> None:
    """What happened to a unit that is back."""
    actor = open_record()
    from asbuilt.answers.gate.returning import record_return

    say(f"Recorded, entry {record_return(actor, code=code, event=event, said=said, replacement=replacement)}.")


@returns.command("show")
def show_return(
    rma: Annotated[str, typer.Argument(help="Its number; empty: all.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A return and its units, or the list."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.returns import open_returns, return_seen

    if not rma:
        rows = open_returns(actor)
        if format is Format.json:
            print_json({"returns": [dict(zip(("rma", "units", "here"), row, strict=False)) for row in rows]})
            return
        print_table(("return", "units", "still here"), [row[:3] for row in rows])
        return
    found = return_seen(actor, rma)
    if format is Format.json:
        print_json(plain(found))
        return
    rows = [(one.name, one.state, "yes" if one.here else "", one.said[-1].said, one.replacement) for one in found.units]
    print_table(("unit", "state", "here", "said last", "replaced by"), rows)


@concession.command()
def propose(
    codes: Annotated[list[str], CODES],
    allows: Annotated[str, typer.Option(help="What may be missing, such as test_missing.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    until: Annotated[str, typer.Option(help="Its end, with offset.")],
    subject: Annotated[str, typer.Option(help="Which: the test plan, the package; empty: any.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """Propose one, with a token: on the terminal nobody is signed in, and the system account proposes none."""
    end = instant(until)
    actor = open_record_as(token)
    from asbuilt.answers.gate.conceding import propose_concession

    code, entry = propose_concession(
        actor, codes=codes, allows=allows, subject=subject, reason=reason, until_at=end or 0
    )
    say(f"{code} is proposed, entry {entry}.")


@concession.command()
def approve(
    code: Annotated[str, CONCESSION],
    party: Annotated[str, typer.Option(help="With a file: whose it is.")] = "",
    file: Annotated[Path | None, typer.Option(help="What that party signed.")] = None,
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """Agree to it, with a token; or record what the manufacturer signed."""
    content = file_bytes(str(file)) if file else None
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.concessions import approve_concession

    name = file.name if file else ""
    say(f"Recorded, entry {approve_concession(actor, concession=code, party=party, content=content, name=name)}.")


@concession.command("end")
def end_(
    code: Annotated[str, CONCESSION],
    reason: Annotated[str, typer.Option(help="Why.")],
    token: Annotated[Path | None, TOKEN] = None,
) -> None:
    """It lets nothing pass any more."""
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.concessions import end_concession

    say(f"{code} is ended, entry {end_concession(actor, concession=code, reason=reason)}.")


@concession.command("list")
def list_concessions(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Concessions, the newest first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.concessions import concessions_seen

    found = concessions_seen(actor)
    if format is Format.json:
        print_json({"concessions": [plain(one) for one in found]})
        return
    rows = [
        (one.code, one.state, one.allows, one.subject, one.total, one.reason, " ".join(one.missing)) for one in found
    ]
    print_table(("concession", "state", "allows", "which", "units", "why", "missing"), rows)


def _write(out: Path, content: bytes) -> None:
    if str(out) == "-":
        sys.stdout.buffer.write(content)
        return
    out.write_bytes(content)
    say(f"{out}: {tell_number(len(content))} bytes.")
