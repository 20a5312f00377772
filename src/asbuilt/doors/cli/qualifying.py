"""`asbuilt alternate`, `qualification-run`, `deviation`, `design-review`: other parts, building otherwise, and boards looked at before."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

alternates = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
runs = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
deviations = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
reviews = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
WHY = typer.Option(help="Why; it stands there for good.")
SHEET = typer.Argument(help="Code of the sheet, such as ALT-1.")
RUN = typer.Argument(help="Code of the run, such as QR-1.")
DEVIATION = typer.Argument(help="Code of the deviation, such as DEV-1.")
REVIEW = typer.Argument(help="Code of the review, such as DR-1.")
FILE_BYTES_MAX = 32 * 1024**2


def _list(found: list[dict], name: str, columns: tuple[str, ...], format: Format) -> None:
    if format is Format.json:
        print_json({name: found})
        return
    print_table(columns, [[_cell(one[column]) for column in columns] for one in found])
    if not found:
        say("There is none.")


def _cell(value):
    return len(value) if isinstance(value, list) else value


@alternates.command("list")
def list_sheets(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Alternates sheets, the newest first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.qualifying import sheets_seen

    _list(sheets_seen(actor), "sheets", ("sheet", "part", "title", "notice", "candidates"), format)


@alternates.command("open")
def open_sheet(
    part: Annotated[str, typer.Argument(help="The internal part.")],
    title: Annotated[str, typer.Argument(help="What it is, in a line.")],
    notice: Annotated[str, typer.Option(help="The change notice that is why.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Begin to compare alternates of a part."""
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import alternates as verbs

    _sheet(actor, verbs.open_sheet(actor, part=part, title=title, notice=notice), format)


@alternates.command()
def candidate(
    sheet: Annotated[str, SHEET],
    mpn: Annotated[str, typer.Argument(help="The maker's order code.")],
    maker: Annotated[str, typer.Option(help="Who makes it.")],
    property: Annotated[
        list[str] | None, typer.Option(help="KEY=VALUE, such as secure_boot=yes; several times.")
    ] = None,
    current: Annotated[bool, typer.Option("--current", help="It is the one in use.")] = False,
    words: Annotated[str, typer.Option(help="By which datasheet.")] = "",
    file: Annotated[Path | None, typer.Option(help="The datasheet, kept as evidence.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say what a maker's part can do."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file, FILE_BYTES_MAX) if file else None
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import alternates as verbs

    said = {key: value for key, _, value in (one.partition("=") for one in property or ())}
    verbs.state_candidate(
        actor, sheet=sheet, mpn=mpn, maker=maker, role="current" if current else "alternate", properties=said, words=words,
        content=content, name=file.name if file else "",
    )  # fmt: skip
    _sheet(actor, sheet, format)


@alternates.command("show")
def show_sheet(sheet: Annotated[str, SHEET], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Candidates, property by property."""
    _sheet(open_record(), sheet, format)


def _sheet(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.seen.qualifying import sheet_seen

    found = sheet_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("sheet", "part", "title", "notice")
    print_table(columns, [[found[name] for name in columns]])
    rows = [
        (one["mpn"], one["maker"], one["role"], one["state"], one["run"], " ".join(one["lower"]))
        for one in found["candidates"]
    ]
    print_table(("mpn", "maker", "role", "state", "run", "lower in"), rows)
    rows = [
        (row["key"], row["current"], *(f"{one['value']} ({one['compares']})" for one in row["alternates"]))
        for row in found["compared"]
    ]
    named = [one["mpn"] for one in found["candidates"] if one["role"] == "alternate"]
    print_table(("property", "in use", *named), rows)


@runs.command("list")
def list_runs(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Qualification runs, the newest first."""
    actor = open_record()
    from asbuilt.answers.gate.qualifying import runs_seen

    _list(runs_seen(actor), "runs", ("run", "order", "part", "mpn", "units", "state"), format)


@runs.command("start")
def start_run(
    sheet: Annotated[str, SHEET],
    mpn: Annotated[str, typer.Argument(help="The candidate.")],
    order: Annotated[str, typer.Argument(help="An order of 50 to 100 units that nobody has begun.")],
    criteria: Annotated[Path, typer.Argument(help="JSON list: key, field, kind, words, plan, units_min, failed_max.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Qualify a candidate; its criteria are set now, and for good."""
    from asbuilt.doors.cli.signing import read_file
    from asbuilt.kernel.errors import Invalid

    try:
        said = json.loads(read_file(criteria))
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            raise ValueError("is no list of criteria")
    except (ValueError, RecursionError) as refusal:
        raise Invalid("cli.criteria", f"{criteria.name}: {refusal}.", {}, "Write a JSON list.") from None
    actor = open_record()
    from asbuilt.answers.gate import qualifying

    _run(actor, qualifying.start_run(actor, sheet=sheet, mpn=mpn, order=order, criteria=said, why=why), format)


@runs.command("result")
def take_result(
    run: Annotated[str, RUN],
    criterion: Annotated[str, typer.Argument(help="Which criterion.")],
    verdict: Annotated[str, typer.Argument(help="pass or fail.")],
    file: Annotated[Path, typer.Argument(help="What the chamber or laboratory wrote.")],
    words: Annotated[str, typer.Option(help="What it says.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A result from outside, with its file."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file, FILE_BYTES_MAX)
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import alternates as verbs

    verbs.take_result(
        actor, run=run, criterion=criterion, verdict=verdict, words=words, content=content, name=file.name
    )
    _run(actor, run, format)


@runs.command("judge")
def judge_run(
    run: Annotated[str, RUN],
    verdict: Annotated[str, typer.Argument(help="qualified, not_qualified or revoked.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The verdict, by a person who did not start it: the system account of this command is refused; judge on the page."""
    actor = open_record()
    from asbuilt.answers.gate import qualifying

    qualifying.judge_run(actor, run=run, verdict=verdict, why=why)
    _run(actor, run, format)


@runs.command("show")
def show_run(run: Annotated[str, RUN], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What its criteria show."""
    _run(open_record(), run, format)


def _run(actor, code: str, format: Format) -> None:
    from asbuilt.answers.gate.qualifying import run_seen

    found = run_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("run", "order", "part", "mpn", "maker", "units", "state", "met")
    print_table(columns, [[found[name] for name in columns]])
    rows = [
        (
            one["key"],
            one["field"],
            one["met"],
            one.get("carry", ""),
            one.get("passed", ""),
            one.get("failed", ""),
            one["words"],
        )
        for one in found["criteria"]
    ]
    print_table(("criterion", "field", "met", "carry it", "passed", "ever failed", "what"), rows)


@deviations.command("list")
def list_deviations(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Deviations, the newest first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.deviations import deviations_seen

    columns = ("deviation", "state", "product", "order", "kind", "subject", "until_at", "why")
    _list(deviations_seen(actor), "deviations", columns, format)


@deviations.command()
def propose(
    product: Annotated[str, typer.Argument(help="Of which product.")],
    kind: Annotated[str, typer.Argument(help="part, process, document, test or other.")],
    subject: Annotated[str, typer.Argument(help="What deviates; of a part: the maker's order code.")],
    until: Annotated[str, typer.Option(help="Its end, such as 2027-03-15T08:00:00+01:00.")],
    why: Annotated[str, WHY],
    order: Annotated[str, typer.Option(help="Of which order alone.")] = "",
    first: Annotated[int, typer.Option(help="From which place of the order.")] = 0,
    last: Annotated[int, typer.Option(help="To which place.")] = 0,
    part: Annotated[str, typer.Option(help="Of a part: the internal one.")] = "",
    maker: Annotated[str, typer.Option(help="Of a part: its maker.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What is still to be built may be built so, once everybody agreed."""
    from asbuilt.doors.cli.instants import instant_of

    until_at = instant_of("until", until)
    actor = open_record_as(token)
    from asbuilt.answers.gate import deviating

    code = deviating.propose_deviation(
        actor, product=product, kind=kind, subject=subject, why=why, until_at=until_at, order=order, first=first, last=last, part=part, maker=maker
    )  # fmt: skip
    _deviation(actor, code, format)


@deviations.command()
def agree(
    deviation: Annotated[str, DEVIATION],
    party: Annotated[str, typer.Option(help="The party whose signed document this is.")] = "",
    file: Annotated[Path | None, typer.Option(help="What it signed.")] = None,
    why: Annotated[str, typer.Option(help="Anything to add.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Agree to it, with a token; or keep what a party signed."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file, FILE_BYTES_MAX) if file else None
    actor = open_record_as(token)
    from asbuilt.answers.gate import deviating

    deviating.agree_deviation(
        actor, deviation=deviation, why=why, party=party, content=content, name=file.name if file else ""
    )
    _deviation(actor, deviation, format)


@deviations.command()
def end(
    deviation: Annotated[str, DEVIATION],
    why: Annotated[str, WHY],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Nothing more is built so."""
    actor = open_record_as(token)
    from asbuilt.answers.gate import deviating

    deviating.end_deviation(actor, deviation=deviation, why=why)
    _deviation(actor, deviation, format)


@deviations.command("show")
def show_deviation(deviation: Annotated[str, DEVIATION], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """What is missing, and how many units were built under it."""
    _deviation(open_record(), deviation, format)


def _deviation(actor, code: str, format: Format) -> None:
    from asbuilt.built.quality.approvals import UNCHECKED
    from asbuilt.questions.genealogy.seen.deviations import deviation_seen

    found = deviation_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("deviation", "state", "product", "order", "kind", "subject", "granted_at", "until_at", "units")
    print_table(columns, [[found[name] for name in columns]])
    print_table(("missing",), [[one] for one in found["missing"]])
    if found["by_document"]:
        say(f"{code}: {UNCHECKED}.")


@reviews.command("list")
def list_reviews(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Design reviews, the newest first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.qualifying import reviews_seen

    columns = ("review", "product", "revision", "state", "findings", "to_do", "unanswered", "title")
    _list(reviews_seen(actor), "reviews", columns, format)


@reviews.command("open")
def open_review(
    product: Annotated[str, typer.Argument(help="Of which product.")],
    revision: Annotated[str, typer.Argument(help="Of which hardware revision.")],
    title: Annotated[str, typer.Argument(help="What for, in a line.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Begin to review a board, by the list of today."""
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import reviewing as verbs

    _review(actor, verbs.open_review(actor, product=product, revision=revision, title=title), format)


@reviews.command()
def answer(
    review: Annotated[str, REVIEW],
    point: Annotated[str, typer.Argument(help="Key of the list, or own.… for your own.")],
    verdict: Annotated[str, typer.Argument(help="ok, finding or not_applicable.")],
    words: Annotated[str, typer.Argument(help="What was seen.")],
    at: Annotated[list[str] | None, typer.Option(help="Where on the board, such as TP4; several times.")] = None,
    action: Annotated[str, typer.Option(help="Of a finding: what is done.")] = "",
    owner: Annotated[str, typer.Option(help="By whom.")] = "",
    due: Annotated[str, typer.Option(help="Until which day.")] = "",
    state: Annotated[str, typer.Option(help="open, done or accepted.")] = "open",
    plan: Annotated[str, typer.Option(help="Which test plan shows it.")] = "",
    step: Annotated[str, typer.Option(help="Which of its steps.")] = "",
    annex: Annotated[
        list[str] | None, typer.Option(help="Requirement of Annex I, such as I.2.d; several times.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A picture or paper, kept as evidence.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What the review says of a point; the last word holds, all stay."""
    from asbuilt.doors.cli.signing import read_file

    content = read_file(file, FILE_BYTES_MAX) if file else None
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import reviewing as verbs

    verbs.answer_point(
        actor, review=review, point=point, verdict=verdict, words_said=words, refdes=at or (), action=action, owner=owner, due_on=due,
        state_now=state, plan=plan, step=step, annex=annex or (), content=content, name=file.name if file else "",
    )  # fmt: skip
    _review(actor, review, format)


@reviews.command("close")
def close_review(
    review: Annotated[str, REVIEW], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """By a person who did not open it: the system account of this command is refused; close it on the page."""
    actor = open_record()
    from asbuilt.designed.changes.qualifying.actions import reviewing as verbs

    verbs.close_review(actor, review=review, why=why)
    _review(actor, review, format)


@reviews.command("show")
def show_review(review: Annotated[str, REVIEW], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Every point with its last answer."""
    _review(open_record(), review, format)


@reviews.command("report")
def report_review(
    review: Annotated[str, REVIEW],
    out: Annotated[Path, typer.Option("--out", help="The file to write; - is standard output.")],
    language: Annotated[str, typer.Option(help="en or de.")] = "en",
) -> None:
    """The review as PDF/A, its findings on the board."""
    actor = open_record()
    from asbuilt.answers.gate.review_pdf import report_of

    content = report_of(actor, review, language)
    if str(out) == "-":
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)


def _review(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.seen.qualifying import review_seen

    found = review_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("review", "product", "revision", "state", "findings", "title")
    print_table(columns, [[found[name] for name in columns]])
    rows = []
    for one in found["points"]:
        said = one["answer"] or {"verdict": "", "refdes": [], "state": "", "words": one["words"].get("en", "")}
        rows.append((one["point"], said["verdict"], said["state"], " ".join(said["refdes"]), said["words"]))
    print_table(("point", "verdict", "action", "at", "words"), rows)
