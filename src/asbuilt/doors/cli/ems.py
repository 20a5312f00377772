"""`asbuilt ems`: what an EMS is asked, answered from the record; certificates; signed reports of ours and of others."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.filing import FILE, FORMAT, read_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.doors.cli.verifying import FILE_BYTES_MAX, KEY_BYTES_MAX, read_at_most

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
DAY = "A day, such as 2026-12-31."


@app.command()
def show(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Our answers as the record gives them now, certificates, and what is missing."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems import questionnaire_told

    found = questionnaire_told(actor)
    if format is Format.json:
        print_json(found)
        return
    rows = [(one["question"], one["source"], "" if one["value"] is None else f"{one['value']} {one['unit']}", one["words"] or one["stated"]) for one in found["answers"]]  # fmt: skip
    print_table(("question", "from", "figure", "words"), rows)
    columns = ("standard", "asked", "state", "number", "issuer", "from_on", "until_on")
    print_table(columns, [[one[name] for name in columns] for one in found["certificates"]])
    for gap in found["gaps"]:
        say(f"Without an answer: {gap}")


@app.command()
def answer(
    question: Annotated[str, typer.Argument(help="Key of the question, such as regulated.")],
    words: Annotated[str, typer.Argument(help="The answer.")],
    file: Annotated[Path | None, FILE] = None,
) -> None:
    """State an answer; what the record measures stays beside it."""
    content, name = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems_actions import answer_question

    say(f"Recorded, entry {answer_question(actor, question=question, words=words, content=content, name=name)}.")


@app.command()
def certificate(
    standard: Annotated[str, typer.Argument(help="Such as ISO 9001.")],
    number: Annotated[str, typer.Option(help="Its number.")],
    issuer: Annotated[str, typer.Option(help="Who issued it.")],
    since: Annotated[str, typer.Option(help=DAY)],
    until: Annotated[str, typer.Option(help=DAY)],
    scope: Annotated[str, typer.Option(help="For what it holds.")] = "",
    file: Annotated[Path | None, FILE] = None,
) -> None:
    """State a certificate of the house with its first and last day."""
    content, name = read_file(file)
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems_actions import state_certificate

    entry = state_certificate(
        actor, standard=standard, number=number, issuer=issuer, from_on=since, until_on=until, scope=scope,
        content=content, name=name,
    )  # fmt: skip
    say(f"Recorded, entry {entry}.")


@app.command()
def report(out: Annotated[Path, typer.Option(help="Write the signed ZIP to this file.")]) -> None:
    """Our answers as a signed report that `asbuilt verify` checks."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems_actions import ems_report

    content = ems_report(actor)
    out.write_bytes(content)
    say(f"{out}: {tell_number(len(content))} bytes.")


@app.command()
def take(
    file: Annotated[Path, typer.Argument(help="The signed report of another EMS.")],
    party: Annotated[str, typer.Option(help="Code or name of that EMS.")],
    key: Annotated[Path, typer.Option(help="The public.keys that it handed out.")],
) -> None:
    """Check the report of another EMS and keep it for the comparison."""
    content, keys = read_at_most(file, FILE_BYTES_MAX), read_at_most(key, KEY_BYTES_MAX)
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems_actions import take_report

    say(f"It holds. Recorded, entry {take_report(actor, party=party, content=content, keys=keys, name=file.name)}.")


@app.command()
def compare(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """EMS beside EMS, question by question."""
    actor = open_record()
    from asbuilt.answers.compliance.filing.ems import comparison_told

    found = comparison_told(actor)
    if format is Format.json:
        print_json(found)
        return
    codes = [one["party"] for one in found["parties"]]
    rows = [(one["question"], *(_short(one["answers"].get(code, {})) for code in codes)) for one in found["questions"]]
    print_table(("question", *codes), rows)
    held = [(one["standard"], *(one["parties"][code]["state"] for code in codes)) for one in found["certificates"]]
    print_table(("certificate", *codes), held)


def _short(one: dict) -> str:
    figure = "" if one.get("value") is None else f"{one['value']} {one['unit']}"
    return " ".join(part for part in (figure, one.get("words", "")) if part) or "-"
