"""`asbuilt filing`: declarations, user information, requests of authorities, who supplied whom."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.filing import FILE, FORMAT, PRODUCT, WHY, app, read_file
from asbuilt.doors.cli.instants import instant_of
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.doors.cli.verifying import read_at_most

CASE = typer.Argument(help="Code of the case, such as C-7.")
LANGUAGE = typer.Argument(help="en, de, pl or fr.")
POINT = typer.Argument(help="Which point, such as AII.4.")
DRAFT_BYTES_MAX = 1024**2


@app.command()
def declare(
    file: Annotated[Path, typer.Argument(help="JSON: products, said, languages, texts; as in the work page.")],
    why: Annotated[str, WHY],
    declaration: Annotated[str, typer.Option(help="Of a later version: its code, such as D-1.")] = "",
    signed: Annotated[Path | None, typer.Option(help="The signed copy; it is kept as evidence.")] = None,
) -> None:
    """Issue a declaration, or a later version of one; refused while a point of Annex V or a language is missing."""
    written = read_at_most(file, DRAFT_BYTES_MAX)
    content, name = read_file(signed)
    actor = open_record()
    from asbuilt.answers.compliance.filing.declaring import declare as issue
    from asbuilt.answers.compliance.filing.drafted import draft_of

    code, version = issue(
        actor, **vars(draft_of(written)), why=why, declaration=declaration, content=content, name=name
    )
    say(f"{code}, version {version}, is issued.")


@app.command()
def sent(
    declaration: Annotated[str, typer.Argument(help="Its code, such as D-1.")],
    version: Annotated[str, typer.Argument(help="Which version.")],
    shipments: Annotated[list[str], typer.Argument(help="Shipments that it went with.")],
    form: Annotated[str, typer.Option(help="full or simplified.")] = "full",
    why: Annotated[str, WHY] = "",
) -> None:
    """Say with which shipments a version of a declaration went."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.declaring import send_declaration

    entry = send_declaration(actor, declaration=declaration, version=version, shipments=shipments, form=form, why=why)
    say(f"Recorded, entry {entry}.")


@app.command()
def declarations(product: Annotated[str, PRODUCT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Declarations of a product with what each lacks, and which went with which shipment."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.declarations import declarations_told

    found = declarations_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    rows = [(one["declaration"], one["version"], one["issued_at"], " ".join(one["languages"]), "; ".join(one["gaps"])) for one in found["declarations"]]  # fmt: skip
    print_table(("declaration", "version", "issued", "languages", "lacks"), rows)
    for one in found["declarations"]:
        if one["not_official"]:
            say(
                f"{one['declaration']} {one['version']}: not the text of the Official Journal, to be compared with it: {'; '.join(one['not_official'])}."
            )
    columns = ("shipment", "shipped_at", "country", "declaration", "version", "form")
    print_table(columns, [[one[name] or "not said" for name in columns] for one in found["shipments"]])


@app.command("declaration-paper")
def declaration_paper(
    declaration: Annotated[str, typer.Argument(help="Its code, such as D-1.")],
    version: Annotated[str, typer.Argument(help="Which version.")],
    language: Annotated[str, LANGUAGE],
    out: Annotated[Path, typer.Option(help="Write the PDF to this file.")],
    form: Annotated[str, typer.Option(help="full or simplified.")] = "full",
) -> None:
    """A declaration in one language as PDF."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.declarations import declaration_paper as paper

    content = paper(actor, declaration, version, language, form)
    out.write_bytes(content)
    say(f"{out}: {tell_number(len(content))} bytes.")


@app.command()
def text(
    product: Annotated[str, PRODUCT],
    point: Annotated[str, POINT],
    language: Annotated[str, LANGUAGE],
    words: Annotated[str, typer.Option(help="The text.")],
    why: Annotated[str, WHY] = "",
) -> None:
    """Write a text of the user information; somebody else checks it, signed in."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.information import write_text

    entry = write_text(actor, product=product, point=point, language=language, words=words, why=why)
    say(f"Recorded, entry {entry}.")


@app.command("check-text")
def check_text(
    product: Annotated[str, PRODUCT], point: Annotated[str, POINT], language: Annotated[str, LANGUAGE]
) -> None:
    """Say that a text is right. On the terminal of the machine nobody is signed in: this needs a person, and is refused."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.information import check_text as check

    say(f"Recorded, entry {check(actor, product=product, point=point, language=language)}.")


@app.command()
def information(product: Annotated[str, PRODUCT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """User information by point and language; what is missing or unchecked."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.information import information_told

    found = information_told(actor, product)
    if format is Format.json:
        print_json(found)
        return
    rows = [(one["point"], one["name"], *(one["texts"][language]["state"] for language in found["languages"])) for one in found["points"]]  # fmt: skip
    print_table(("point", "name", *found["languages"]), rows)
    for gap in found["gaps"]:
        say(gap)


@app.command()
def request(
    case: Annotated[str, CASE],
    product: Annotated[str, typer.Option(help="Of which product.")],
    authority: Annotated[str, typer.Option(help="Who asked.")],
    state: Annotated[str, typer.Option(help="Its Member State, such as DE.")],
    basis: Annotated[str, typer.Option(help="13(22), 13(25), 19(7), 20(5), AVII.8 or other.")],
    words: Annotated[str, typer.Option(help="What is asked.")],
    demand: Annotated[list[str], typer.Option(help="Which points of the technical file, such as AVII.2.b.")],
    due: Annotated[str, typer.Option(help="By when it is to be answered.")],
    received: Annotated[str, typer.Option(help="When it came, such as 2027-12-12T08:00:00+01:00; empty: now.")] = "",
    language: Annotated[str, typer.Option(help="In which language.")] = "en",
    file: Annotated[Path | None, FILE] = None,
) -> None:
    """Note what an authority asked; the case is of kind authority."""
    content, name = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.answering import note_request
    from asbuilt.ledger import clock

    number = note_request(
        actor, case=case, authority=authority, member_state=state, legal_basis=basis, words=words, product=product, demanded=demand,
        received_at=instant_of("received", received) if received else clock.now(), due_at=instant_of("due", due), language=language, content=content, name=name,
    )  # fmt: skip
    say(f"Request {number} of {case}.")


@app.command()
def answer(
    case: Annotated[str, CASE],
    request: Annotated[str, typer.Argument(help="Number of the request.")],
    to: Annotated[str, typer.Option(help="To whom it went.")],
    at: Annotated[str, typer.Option(help="When, such as 2027-12-13T08:00:00+01:00.")],
    why: Annotated[str, WHY] = "",
    file: Annotated[
        Path | None,
        typer.Option(help="What was sent; else a package of the points asked for, as they are now, is made and kept."),
    ] = None,
) -> None:
    """Record what was sent, with its hash and its gaps."""
    content, name = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.answering import send_answer

    sent_at = instant_of("at", at)
    entry = send_answer(actor, case=case, request=request, to=to, sent_at=sent_at, why=why, content=content, name=name)
    say(f"Recorded, entry {entry}.")


@app.command()
def requests(case: Annotated[str, CASE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Requests of a case: asked, due, sent."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.requests import requests_told

    found = requests_told(actor, case)
    if format is Format.json:
        print_json(found)
        return
    rows = [(one["request"], one["authority"], one["due_at"], " ".join(one["demanded"]), "; ".join(each["sha256"] for each in one["sent"])) for one in found["requests"]]  # fmt: skip
    print_table(("request", "authority", "due", "demanded", "sent"), rows)


@app.command()
def trade(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Who supplied us and whom we supplied, each with the day until which it has to be shown."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.trade import trade_told

    found = trade_told(actor)
    if format is Format.json:
        print_json(found)
        return
    columns = ("party", "name", "address", "paper", "at", "shown_until")
    for title in ("supplied_us", "we_supplied"):
        print_table(columns, [[one[name] or "" for name in columns] for one in found[title]], title)
    for gap in found["gaps"]:
        say(gap)


@app.command()
def address(
    party: Annotated[str, typer.Argument(help="Code or name of the party.")],
    name: Annotated[str, typer.Option(help="Its name as on papers.")],
    address: Annotated[str, typer.Option(help="Its postal address.")],
) -> None:
    """State name and address of a party."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.trade import state_address

    say(f"Recorded, entry {state_address(actor, party=party, name=name, address=address)}.")
