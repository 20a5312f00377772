"""`asbuilt facts`, `withdraw`, `correct` and `erase`: a wrong fact is found and withdrawn by a later one, personal data goes for good."""

import getpass
import re
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid

FACT = typer.Argument(help="The fact's id, 16 hex digits; `asbuilt unit SERIAL` and `asbuilt facts TABLE` show them.")
REASON = typer.Option(help="Why the fact is wrong.")
PERSON = typer.Option(help="Badge or login code of who decided; else your login on this machine.")
FIRST = typer.Option(help="Only from this unit on, such as ORDER#17 or a serial number.")
LAST = typer.Option(help="Only up to this unit, included.")
FILE = typer.Option(
    help="The right file of the row, where it has one, such as that of an own entry; its hash is told by its bytes."
)
FORMAT = typer.Option(help="How to print.")

erasing = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


TABLE = typer.Argument(help="An exchange table, such as parties or parts.")
HOLDING = typer.Argument(help="What the row holds, whatever its case.")
AFTER = typer.Option(help="Go on behind this place, as it was said.")
_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})").fullmatch


def find(
    table: Annotated[str, TABLE],
    text: Annotated[str, HOLDING] = "",
    after: Annotated[str | None, AFTER] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Find facts of a table that stand, with their ids; those of units, orders and lots stand on their pages too."""
    place = _PLACE(after) if after else None
    if after and place is None:
        raise Invalid("cli.place", f"{after[:40]} is no place.", remedy="Write it as it was said, such as 4.100.")
    actor = open_record()
    from asbuilt.built.exchange.finding import find_facts

    found = find_facts(actor, table, text, after=(int(place[1]), int(place[2])) if place else None)
    go_on = ".".join(map(str, found.after)) if found.after else None
    if format is Format.json:
        print_json({"facts": [asdict(one) for one in found.facts], "after": go_on})
        return
    columns = list(found.facts[0].cells) if found.facts else []
    print_table(["fact", "entry", *columns], [[one.fact, one.entry, *one.cells.values()] for one in found.facts])
    if not found.facts:
        say("No fact of this table holds that." if go_on is None else "None among these.")
    if go_on:
        say(f"More: add --after {go_on}")


def withdraw(
    fact: Annotated[str, FACT],
    reason: Annotated[str, REASON],
    person: Annotated[str | None, PERSON] = None,
    first_serial: Annotated[str | None, FIRST] = None,
    last_serial: Annotated[str | None, LAST] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Withdraw a fact, or a span of it: from now on questions leave it out; nothing is deleted."""
    if (first_serial is None) != (last_serial is None):
        remedy = "Give --first-serial and --last-serial, or neither."
        raise Invalid("cli.half_a_span", "A span has two ends.", remedy=remedy)
    actor = open_record()
    from asbuilt.built.exchange.resolving import Withdraw
    from asbuilt.built.exchange.withdrawing import withdraw_facts
    from asbuilt.ledger import clock

    person = person or getpass.getuser()
    if first_serial is None:
        report = withdraw_facts(actor, [Withdraw(fact, reason, person, clock.now())])
        _said(format, report.entry, "Withdrawn.", withdrawn=report.withdrawn)
        return
    cells = [fact, "withdraw", reason, person, _now(), first_serial, last_serial]
    report = _as_row(actor, cells)
    _said(format, report.entry, "Withdrawn.", withdrawn=report.stored)


def _now() -> str:
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    return format_instant(clock.now())


def _as_row(actor, cells: list[str]):
    """A span is named as in corrections.csv, so it goes in as a row of that table."""
    from asbuilt.built.exchange.actions import import_file
    from asbuilt.formats.tables import TABLES, write_table

    table = TABLES["corrections"]
    with tempfile.NamedTemporaryFile(prefix="asbuilt-", suffix=".csv") as file:
        write_table(table, [[*cells, *[""] * (len(table.columns) - len(cells))]], file)
        file.flush()
        return import_file(actor, Path(file.name), "corrections", name="corrections.csv")


def correct(
    fact: Annotated[str, FACT],
    reason: Annotated[str, REASON],
    set: Annotated[list[str] | None, typer.Option(help="column=value, once for each cell to change.")] = None,
    file: Annotated[Path | None, FILE] = None,
    person: Annotated[str | None, PERSON] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Withdraw a fact and record it anew with other cells, in one step."""
    changes = cells(set or [])
    content = _content(file) if file else None
    actor = open_record()
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger import clock

    person = person or getpass.getuser()
    report = correct_fact(actor, fact, changes, reason=reason, person=person, decided_at=clock.now(), file=content)
    for warning in report.warnings:
        say(warning)
    _said(format, report.entry, f"Corrected; the fact is now {', '.join(report.facts)}.", facts=report.facts)


def _content(path: Path) -> bytes:
    from asbuilt.built.exchange.file_given import FILE_BYTES_MAX
    from asbuilt.kernel.errors import NotFound

    if not path.is_file():
        said = {"file": str(path)}
        raise NotFound("exchange.no_file", f"There is no file {path}.", said, "Look at its name and place.")
    if (size := path.stat().st_size) > FILE_BYTES_MAX:
        said = f"{path.name} is larger than {FILE_BYTES_MAX >> 20} MiB."
        raise Invalid("exchange.file_too_large", said, {"bytes": size}, "Load it in parts.")
    return path.read_bytes()


def cells(given: list[str]) -> dict[str, str]:
    """`column=value` words as a mapping; Invalid for a word of another form."""
    found = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not sign or not name or name in found:
            said = f"--set {word[:80]} is not column=value, or names a column twice."
            raise Invalid(
                "cli.cell_malformed", said, {"word": word[:80]}, "Write --set quantity=500, each column once."
            )
        found[name] = value
    return found


@erasing.command("person")
def erase_person(
    person: Annotated[int, typer.Argument(help="The number of the person, as the page People shows it.")],
    rule: Annotated[str, typer.Option(help="The rule that it is done under.")] = "gdpr.17-1",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Erase who stands behind a number: name, badge, login and tokens go, the number stays."""
    actor = open_record()
    from asbuilt.access import actions

    _said(format, actions.erase_person(actor, person=person, rule=rule), f"Person {person} is erased.")


@erasing.command("hidden")
def erase_hidden(
    entry: Annotated[int, typer.Argument(help="The number of the entry.")],
    path: Annotated[str, typer.Argument(help="The name of the hidden value in it.")],
    rule: Annotated[str, typer.Option(help="The rule that it is done under.")] = "gdpr.17-1",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Erase one hidden value of an entry; its salted hash stays."""
    actor = open_record()
    from asbuilt.ledger import erasure, sequencing

    number = erasure.erase_hidden(actor, entry=entry, path=path, rule=rule)
    sequencing.after_commit(actor.tenant)
    _said(format, number, f"The value {path} of entry {entry} is erased.")


@erasing.command("evidence")
def erase_evidence(
    sha256: Annotated[str, typer.Argument(help="The SHA-256 of the bytes as they arrived.")],
    rule: Annotated[str, typer.Option(help="The rule that it is done under.")] = "gdpr.17-1",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Erase a piece of evidence by destroying its key; refused while a legal retention runs."""
    actor = open_record()
    from asbuilt.ledger import erasure, sequencing

    number = erasure.erase_evidence(actor, sha256=sha256.lower(), rule=rule)
    sequencing.after_commit(actor.tenant)
    _said(format, number, f"The evidence {sha256[:16]}… is erased.")


def _said(format: Format, entry: int | None, text: str, **more) -> None:
    if format is Format.json:
        print_json({"entry": entry, **more})
    else:
        say(text + (f" Entry {entry}." if entry else " Nothing was new."))
