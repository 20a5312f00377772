"""`asbuilt case draft` and what follows a draft: fill, approve, submit, what the recipient said; coordinators; clocks that call out."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.cases import AT, CODE, FILE_BYTES_MAX, TOWARDS, WHY, app
from asbuilt.doors.cli.instants import instant_of
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import read_file

DUTY = typer.Option(help="Which duty, such as cra.aev.")
STAGE = typer.Option(help="Which report, such as early_warning.")
FORMAT = typer.Option(help="How to print.")
FIELDS_MAX = 60
COUNTED_MAX = 5


class Paper(StrEnum):
    """How a report is printed."""

    table = "table"
    json = "json"
    pdf = "pdf"


@app.command()
def draft(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    manufacturer: Annotated[str, TOWARDS] = "",
    anew: Annotated[bool, typer.Option("--anew", help="Take over what the record gives now; with --why.")] = False,
    why: Annotated[str, WHY] = "",
    out: Annotated[Path | None, typer.Option(help="File for the PDF.")] = None,
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """A report field by field in the recipient's order, drafted from the record, with its gaps."""
    actor = open_record()
    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    if anew:
        from asbuilt.answers.cases.reporting.actions.writing import draft_anew

        draft_anew(actor, **which, why=why)
    _show(actor, which, format, out)


@app.command()
def fill(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    text: Annotated[list[str], typer.Option(help="FIELD=TEXT, or FIELD=@FILE; several times.")],
    why: Annotated[str, WHY],
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """Write fields of a report; what was drafted stays beside it."""
    texts = dict(_cell(one) for one in text[: FIELDS_MAX + 1])
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.writing import fill as write

    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    write(actor, **which, texts=texts, why=why)
    _show(actor, which, format, None)


@app.command()
def approve(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    sha256: Annotated[str, typer.Option(help="Of the text that you read, as the draft shows it.")],
    why: Annotated[str, typer.Option(help="Why required fields stay empty, where some do.")] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """Approve the exact text of a report."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.writing import approve as freeze

    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    freeze(actor, **which, sha256=sha256, why=why)
    _show(actor, which, format, None)


@app.command("submit-report")
def submit_report(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    at: Annotated[str, AT],
    reference: Annotated[str, typer.Option(help="What the recipient calls it.")] = "",
    capture: Annotated[Path | None, typer.Option(help="A picture of the screen.")] = None,
    again: Annotated[bool, typer.Option("--again", help="It was submitted before, and is again.")] = False,
    why: Annotated[str, typer.Option(help="Why late, or why again.")] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """Record that the approved text was submitted."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.submitting import submit_report as record

    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    picture = {} if capture is None else {"capture": read_file(capture, FILE_BYTES_MAX), "capture_name": capture.name}
    record(actor, **which, at=instant_of("at", at), reference=reference, again=again, why=why, **picture)
    _show(actor, which, format, None)


@app.command()
def answered(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    said: Annotated[str, typer.Argument(help="acknowledged or returned.")],
    at: Annotated[str, AT],
    reference: Annotated[str, typer.Option(help="What the recipient calls it.")] = "",
    why: Annotated[str, typer.Option(help="Why it was returned.")] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """Record what the recipient said to a report."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.submitting import platform_said

    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    platform_said(actor, **which, said=said, at=instant_of("at", at), reference=reference, why=why)
    _show(actor, which, format, None)


@app.command("not-submitted")
def not_submitted(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    stage: Annotated[str, STAGE],
    why: Annotated[str, typer.Option(help="Why it was recorded as submitted and was not.")],
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Paper, FORMAT] = Paper.table,
) -> None:
    """Take back that a report was submitted, or when: it is owed again; both lines stay."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.submitting import take_back

    which = {"case": case, "duty": duty, "stage": stage, "manufacturer": manufacturer}
    take_back(actor, **which, why=why)
    _show(actor, which, format, None)


@app.command()
def asked(
    case: Annotated[str, CODE],
    duty: Annotated[str, DUTY],
    words: Annotated[str, typer.Argument(help="What the authority asks for.")],
    at: Annotated[str, typer.Option(help="When it asked.")],
    due: Annotated[str, typer.Option(help="Until when.")],
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """An authority asks for a report in between: it gets a clock of its own."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.actions.submitting import ask_report

    times = {"asked_at": instant_of("at", at), "due_at": instant_of("due", due)}
    stage = ask_report(actor, case=case, duty=duty, words=words, manufacturer=manufacturer, **times)
    if format is Format.json:
        print_json({"stage": stage})
    else:
        say(f"{case} has a report {stage}, due {due}.")


@app.command()
def coordinator(
    manufacturer: Annotated[str, typer.Argument(help="Code of the manufacturer; empty: show all.")] = "",
    state: Annotated[str, typer.Option(help="Member State by ISO code, such as DE; empty: as the record has it.")] = "",
    csirt: Annotated[str, typer.Option(help="The CSIRT that this Member State designated.")] = "",
    rule: Annotated[str, typer.Option(help="Which rule decides; a wrong one is answered with those there are.")] = "",
    through: Annotated[
        str, typer.Option(help="The representative, importer or distributor whose place decides; empty: as recorded.")
    ] = "",
    why: Annotated[str, WHY] = "",
    not_before: Annotated[str, typer.Option(help="Why no earlier rule decides.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Which CSIRT is coordinator for a manufacturer, determined beforehand with the reason; without --rule what the record says to each rule."""
    actor = open_record()
    from asbuilt.answers.cases.reporting.coordinator import coordinators_told, determine

    if rule:
        said = {"member_state": state, "csirt": csirt, "rule": rule, "why": why, "not_before": not_before}
        determine(actor, manufacturer=manufacturer, through=through, **said)
    found = coordinators_told(actor, manufacturer)
    if format is Format.json:
        print_json(found)
        return
    columns = ("manufacturer", "member_state", "csirt", "rule", "through", "why")
    print_table(columns, [[one[name] for name in columns] for one in found["coordinators"]])
    for one in found["coordinators"]:
        if one["otherwise"]:
            say(f"{one['manufacturer']}: {one['otherwise']}")
    if not found["coordinators"] and not manufacturer:
        for one in found["rules"]:
            say(f"{one['rule']}: {one['asks']}")
    if found["record"] is not None:
        _show_record(found["record"])


def _show_record(found: dict) -> None:
    """Rule by rule what the record counts, and what it does not know."""
    rows = [
        (one["rule"], (one["member_state"] or "") if one["decides"] else "not decided", one["through"] or "",
         ", ".join(f"{each['name']} {each['count']:,}" for each in one["counted"][:COUNTED_MAX]))
        for one in found["rules"]
    ]  # fmt: skip
    print_table(("rule", "by the record", "through", "most"), rows)
    for one in found["rules"]:
        if one["gap"]:
            say(f"{one['rule']}: {one['gap']}")


@app.command()
def escalate(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Tell the list and the webhook of the house what clocks have to say now; the worker does so each minute."""
    actor = open_record()
    from asbuilt.answers.cases.reporting import escalating
    from asbuilt.ledger import clock

    told = escalating.whom()
    count = escalating.escalate(actor.tenant, clock.now())
    if format is Format.json:
        print_json({"called": count, "told": told})
    elif not told:
        say("Nobody is told: set ASBUILT_ESCALATION_LIST or ASBUILT_ESCALATION_WEBHOOK.")
    else:
        say(f"{count} clocks called {', '.join(told.values())}.")


def _show(actor, which: dict, format: Paper, out: Path | None) -> None:
    from asbuilt.answers.cases.reporting.seen import report_seen

    found = report_seen(actor, **which)
    if format is Paper.json:
        print_json(found)
        return
    if format is Paper.pdf:
        from asbuilt.answers.cases.reporting.report_pdf import report_pdf

        target = out or Path(f"{which['case']}-{which['stage']}.pdf")
        target.write_bytes(report_pdf(found))
        say(f"{target} is written.")
        return
    rows = [
        (one["number"] or "", one["field"], one["owed"].replace("_", " "), _length(one), one["by"] or ("GAP" if one["gap"] else ""), " / ".join(one["text"].split("\n")))
        for one in found["fields"]
    ]  # fmt: skip
    print_table(("nr", "field", "owed", "length", "by", "text"), rows)
    for gap in found["gaps"]:
        say(f"Gap: {gap}")
    if found["superseded"]:
        say("The record gives something else by now: `asbuilt case draft … --anew --why …` takes it over.")
    say(f"{found['state']}, SHA-256 {found['sha256']}. {found['next']}")


def _length(one: dict) -> str:
    longest = max(one["lengths"], default=0)
    return f"{longest}/{one['most']}" if one["most"] else str(longest)


def _cell(said: str) -> tuple[str, str]:
    name, equals, text = said.partition("=")
    if not equals or not name:
        from asbuilt.kernel.errors import Invalid

        raise Invalid("cases.field_form", f"{said[:40]!a} names no field.", {"field": "text"}, "Write FIELD=TEXT.")
    if text.startswith("@"):
        text = read_file(Path(text[1:]), FILE_BYTES_MAX).decode("utf-8", "replace")
    return name, text
