"""`asbuilt change-notice` and `life-cycle`: what makers tell of their parts, where those are used, what was decided."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number

notices = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
cycles = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CODE = typer.Argument(help="Code of the change notice, such as CN-1.")
WHY = typer.Option(help="Why; it stands there for good.")
FILE_BYTES_MAX = 32 * 1024**2


@notices.command("list")
def list_notices(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Change notices, the newest first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.sourcing import notices_seen

    found = notices_seen(actor)
    if format is Format.json:
        print_json({"notices": found})
        return
    rows = [
        (one["notice"], one["kind"], one["maker"], one["number"], one["dates"].get("last_buy", ""), one["state"], one["decision"], one["title"])
        for one in found
    ]  # fmt: skip
    print_table(("notice", "kind", "maker", "number", "last buy", "state", "decision", "title"), rows)
    if not found:
        say("There is none.")


@notices.command()
def take(
    file: Annotated[
        Path | None, typer.Argument(help="A smartPCN archive (.pcn); else say it with the options.")
    ] = None,
    kind: Annotated[str, typer.Option(help="pcn (change) or pdn (end of life).")] = "",
    number: Annotated[str, typer.Option(help="The maker's number of it.")] = "",
    maker: Annotated[str, typer.Option(help="Who makes the parts.")] = "",
    title: Annotated[str, typer.Option(help="What it is about, in a line.")] = "",
    part: Annotated[list[str] | None, typer.Option(help="MPN, or MPN=REPLACEMENT; several times.")] = None,
    date: Annotated[
        list[str] | None, typer.Option(help="NAME=DAY: first_ship, last_buy, last_ship, answer_by, …; several times.")
    ] = None,
    date_code_from: Annotated[str, typer.Option(help="Changed product begins with this date code.")] = "",
    lot: Annotated[list[str] | None, typer.Option(help="Or it is these lots; several times.")] = None,
    change: Annotated[
        list[str] | None, typer.Option(help="design, process, firmware, end_of_life, …; several times.")
    ] = None,
    detail: Annotated[str, typer.Option(help="What changes, in the maker's words.")] = "",
    issued_on: Annotated[str, typer.Option(help="When the maker issued it, a day.")] = "",
    supplier: Annotated[str, typer.Option(help="Which party sent it.")] = "",
    paper: Annotated[Path | None, typer.Option(help="The paper that it came on, kept as evidence.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take a notice: a maker's archive, or what a person read."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file or paper, FILE_BYTES_MAX) if file or paper else None
    actor = open_record()
    from asbuilt.designed.changes.sourcing.actions import take_notice, take_smart_pcn
    from asbuilt.designed.changes.sourcing.notice_file import NoticePart

    if file is not None:
        _show(actor, take_smart_pcn(actor, content=content, name=file.name, supplier=supplier), format)
        return
    parts = [NoticePart(mpn, replacement=other) for mpn, _, other in (one.partition("=") for one in part or ())]
    told: dict = {"date_code_from": date_code_from} if date_code_from else {}
    told |= {"lots": lot} if lot else {}
    code = take_notice(
        actor, kind=kind, number=number, maker=maker, title=title, parts=parts, issued_on=issued_on, supplier=supplier,
        changes=change or (), detail=detail, identification=told, dates=_dates(date), content=content, name=paper.name if paper else "",
    )  # fmt: skip
    _show(actor, code, format)


def _dates(said: list[str] | None) -> dict[str, str]:
    return {name: day for name, _, day in (one.partition("=") for one in said or ())}


@notices.command()
def show(notice: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Where its parts are used: products, stock, orders, units, customers."""
    _show(open_record(), notice, format)


@notices.command()
def amend(
    notice: Annotated[str, CODE],
    why: Annotated[str, WHY],
    date: Annotated[list[str] | None, typer.Option(help="NAME=DAY; several times.")] = None,
    date_code_from: Annotated[str, typer.Option(help="Changed product begins with this date code.")] = "",
    date_code_until: Annotated[str, typer.Option(help="And ends with this one.")] = "",
    lot: Annotated[list[str] | None, typer.Option(help="Or it is these lots; several times.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What the maker said later, or a person read from its words."""
    actor = open_record()
    from asbuilt.designed.changes.sourcing.actions import amend_notice

    told = {"date_code_from": date_code_from, "date_code_until": date_code_until, "lots": lot or []}
    told = {name: value for name, value in told.items() if value}
    amend_notice(actor, notice=notice, identification=told, dates=_dates(date), why=why)
    _show(actor, notice, format)


@notices.command()
def decide(
    notice: Annotated[str, CODE],
    decision: Annotated[
        str, typer.Argument(help="not_affected, accepted, change_order, last_buy, alternate, objected, reopened.")
    ],
    why: Annotated[str, WHY],
    eco: Annotated[str, typer.Option(help="By which change order; needed for change_order.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What the house does about it."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.answering import decide_notice

    decide_notice(actor, notice=notice, decision=decision, eco=eco, why=why)
    _show(actor, notice, format)


@notices.command()
def warn() -> None:
    """Tell whose last days are near; the worker does it every ten minutes."""
    actor = open_record()
    from asbuilt.answers.register.last_days import warn as tell
    from asbuilt.ledger import clock

    say(f"{tell(actor.tenant, clock.now())} dates were told.")


@cycles.command("list")
def list_cycles(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Of each maker's part what a file said last."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.sourcing import life_cycles_seen

    found = life_cycles_seen(actor)
    if format is Format.json:
        print_json({"parts": found})
        return
    columns = ("mpn", "maker", "state", "said", "last_buy", "source", "at")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("Nobody said anything yet.")


@cycles.command("take")
def take_cycles(
    file: Annotated[Path, typer.Argument(help="CSV with columns for MPN and state.")],
    source: Annotated[str, typer.Option(help="Whose it is, such as the distributor.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take a distributor's file of life cycle states; what changed is told."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file, FILE_BYTES_MAX)
    actor = open_record()
    from asbuilt.designed.changes.sourcing.actions import take_life_cycles

    found = take_life_cycles(actor, content=content, name=file.name, source=source)
    changed = [{"mpn": mpn, "before": before, "now": now} for mpn, before, now in found.changed]
    if format is Format.json:
        print_json({"taken": found.code, "rows": found.rows, "kept": found.kept, "changed": changed})
        return
    say(f"{found.code}: {tell_number(found.rows)} rows, {tell_number(found.kept)} about parts of ours.")
    print_table(("mpn", "before", "now"), [tuple(one.values()) for one in changed])


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.seen.sourcing import notice_seen

    found = notice_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("notice", "kind", "maker", "number", "state", "decision", "eco", "title")
    print_table(columns, [[found[name] for name in columns]])
    print_table(("date", "day"), list(found["dates"].items()))
    used = found["used"]
    columns = ("product", "revision", "bom_version", "line", "part", "quantity", "manufacturer")
    print_table(columns, [[one[name] for name in columns] for one in used["products"]])
    columns = ("package", "mpn", "lot_code", "date_code", "status", "least", "most", "changed")
    print_table(columns, [[one[name] for name in columns] for one in used["stock"]])
    columns = ("order", "units", "begun", "open")
    print_table(columns, [[one[name] for name in columns] for one in used["orders"]])
    rows = [
        (name, used["questions"][name], *(one["affected"][grade] for grade in ("certain", "possible", "unrecorded")))
        for name, one in used["units"].items()
    ]
    print_table(("units", "question", "certain", "possible", "unrecorded"), rows)
    if found["suggested_date_code"]:
        say(f"The maker's words name date code {found['suggested_date_code']}; amend the notice where that is so.")
