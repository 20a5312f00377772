"""`asbuilt ncr` and `asbuilt factors`: nonconformities, what becomes of their units, what else is touched."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.inspections import file_bytes
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.instants import format_instant

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
CODE = typer.Argument(help="Code of the nonconformity, such as NCR-7.")
DISPOSITION = typer.Argument(help="Code of the disposition, such as D-1.")
REASON = typer.Option(help="Why.")
UNITS = typer.Option("--unit", help="A unit, or SN1..SN2; several times.")


@app.command("list")
def list_them(
    closed: Annotated[bool, typer.Option("--closed", help="The closed ones.")] = False,
    unit: Annotated[str, typer.Option(help="Only those about this unit.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Nonconformities, the most urgent first."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.nonconformities import nonconformities_seen, told

    found = nonconformities_seen(actor, closed=closed, unit=unit)
    if format is Format.json:
        print_json({"nonconformities": [told(one) for one in found]})
        return
    columns = ("code", "state", "severity", "units", "waiting", "next due", "what")
    rows = [
        (
            one.code,
            one.state,
            one.severity,
            one.units,
            one.waiting,
            f"{one.next_due}{' late' if one.late else ''}",
            one.description,
        )
        for one in found
    ]
    print_table(columns, rows)
    if not found:
        say("There is none.")


@app.command()
def show(code: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """One, with causes, dispositions, actions and checks."""
    _show(open_record(), code, format)


@app.command("raise")
def raise_one(
    description: Annotated[str, typer.Argument(help="What is wrong.")],
    source: Annotated[str, typer.Option(help="gate, test, inspection, complaint, supplier or process.")] = "test",
    severity: Annotated[str, typer.Option(help="critical, major or minor.")] = "major",
    unit: Annotated[list[str] | None, UNITS] = None,
    question: Annotated[str, typer.Option(help="Units that this question gives.")] = "",
    product: Annotated[str, typer.Option(help="Code of the product.")] = "",
    defect: Annotated[str, typer.Option(help="Defect code.")] = "",
    party: Annotated[str, typer.Option(help="Supplier or customer.")] = "",
    hold: Annotated[bool, typer.Option("--hold", help="Hold its units at once.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Raise a nonconformity: from now on its units do not leave."""
    actor = open_record()
    from asbuilt.answers.register.nonconformities import open_nonconformity

    code = open_nonconformity(
        actor, source=source, severity=severity, description=description, units=unit or (), question=question, product=product,
        defect=defect, party=party, held=hold,
    )  # fmt: skip
    _show(actor, code, format)


@app.command("from")
def raise_from(
    about: Annotated[str, typer.Argument(help="gate, test, package or return.")],
    of: Annotated[str, typer.Argument(help="The unit, package or RMA number that was refused.")],
    severity: Annotated[str, typer.Option(help="critical, major or minor.")] = "major",
    hold: Annotated[bool, typer.Option("--hold", help="Hold its units at once.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Raise one out of what was refused, with the refusal as its evidence."""
    actor = open_record()
    from asbuilt.answers.gate.raising import raise_proposed

    _show(actor, raise_proposed(actor, about=about, code=of, severity=severity, held=hold), format)


@app.command()
def add(
    code: Annotated[str, CODE], unit: Annotated[list[str], UNITS], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """It is about these units too."""
    actor = open_record()
    from asbuilt.answers.register.nonconformities import add_to_nonconformity

    add_to_nonconformity(actor, nonconformity=code, units=unit)
    _show(actor, code, format)


@app.command()
def hold(
    code: Annotated[str, CODE], reason: Annotated[str, REASON] = "", format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Hold what it is about, by its question and its units."""
    actor = open_record()
    from asbuilt.answers.register.nonconformities import contain_nonconformity

    contain_nonconformity(actor, nonconformity=code, reason=reason)
    _show(actor, code, format)


@app.command()
def cause(
    code: Annotated[str, CODE],
    place: Annotated[
        str, typer.Argument(help="1 to 10 of five whys, or man machine material method measurement environment.")
    ],
    words: Annotated[str, typer.Argument(help="The cause.")],
    root: Annotated[bool, typer.Option("--root", help="It has to be mended.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """State a cause."""
    actor = open_record()
    from asbuilt.built.quality.actions.nonconformities import state_cause

    method = "five_why" if place.isdigit() else "ishikawa"
    state_cause(actor, nonconformity=code, method=method, place=place, cause=words, root=root)
    _show(actor, code, format)


@app.command()
def propose(
    code: Annotated[str, CODE],
    decision: Annotated[str, typer.Argument(help="use_as_is, rework, repair, return or scrap.")],
    reason: Annotated[str, REASON],
    unit: Annotated[list[str] | None, UNITS] = None,
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Propose what becomes of units; without --unit of all that are undecided."""
    actor = open_record_as(token)
    from asbuilt.answers.register.nonconformities import propose as propose_disposition

    propose_disposition(actor, nonconformity=code, decision=decision, reason=reason, units=unit or ())
    _show(actor, code, format)


@app.command()
def agree(
    code: Annotated[str, CODE],
    disposition: Annotated[str, DISPOSITION],
    party: Annotated[str, typer.Option(help="Who agreed; empty: the party of the token.")] = "",
    file: Annotated[Path | None, typer.Option(help="Its signed document; kept byte for byte.")] = None,
    reason: Annotated[str, REASON] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The manufacturer agrees: in writing, or by a token of its own person."""
    content, name = (file_bytes(str(file)), file.name) if file else (None, "")
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.dispositions import agree_to_disposition

    agree_to_disposition(
        actor, nonconformity=code, disposition=disposition, party=party, content=content, name=name, reason=reason
    )
    _show(actor, code, format)


@app.command()
def approve(
    code: Annotated[str, CODE],
    disposition: Annotated[str, DISPOSITION],
    reason: Annotated[str, REASON] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Approve a disposition as the second person; with a token, as the system account is none."""
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.dispositions import approve_disposition

    approve_disposition(actor, nonconformity=code, disposition=disposition, reason=reason)
    _show(actor, code, format)


@app.command()
def refuse(
    code: Annotated[str, CODE],
    disposition: Annotated[str, DISPOSITION],
    reason: Annotated[str, REASON],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """It shall not be so."""
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.dispositions import refuse_disposition

    refuse_disposition(actor, nonconformity=code, disposition=disposition, reason=reason)
    _show(actor, code, format)


@app.command("carry-out")
def carry_out(
    code: Annotated[str, CODE],
    disposition: Annotated[str, DISPOSITION],
    reason: Annotated[str, typer.Option(help="What was done.")],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What was approved is done."""
    actor = open_record_as(token)
    from asbuilt.built.quality.actions.dispositions import carry_out_disposition

    carry_out_disposition(actor, nonconformity=code, disposition=disposition, reason=reason)
    _show(actor, code, format)


@app.command()
def action(
    code: Annotated[str, CODE],
    words: Annotated[str, typer.Argument(help="What is done; empty with --action: as before.")] = "",
    action: Annotated[str, typer.Option(help="Code of one that is there, such as A-1.")] = "",
    kind: Annotated[str, typer.Option(help="corrective or preventive.")] = "",
    owner: Annotated[str, typer.Option(help="Badge of who owns it.")] = "",
    due: Annotated[str, typer.Option(help="Until which day.")] = "",
    state: Annotated[str, typer.Option(help="open, done or cancelled.")] = "open",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Plan an action, or say how one stands."""
    actor = open_record()
    from asbuilt.built.quality.actions.nonconformities import state_action

    said = {"kind": kind or ("" if action else "corrective"), "description": words, "owner": owner, "due_on": due}
    state_action(actor, nonconformity=code, action=action, state=state, **said)
    _show(actor, code, format)


@app.command()
def check(
    code: Annotated[str, CODE],
    among: Annotated[str, typer.Option(help="The units looked at (a question).")],
    question: Annotated[str, typer.Option(help="Which of them are found (a question).")],
    units: Annotated[int, typer.Option(help="So many units at least.")],
    ppm: Annotated[int, typer.Option(help="So many of a million may be found.")],
    due: Annotated[str, typer.Option(help="Until which day.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Plan how it will be seen whether the actions helped."""
    actor = open_record()
    from asbuilt.built.quality.actions.nonconformities import plan_check

    plan_check(
        actor, nonconformity=code, among=among, question=question, units_min=units, failed_ppm_max=ppm, due_on=due
    )
    _show(actor, code, format)


@app.command()
def measure(code: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Ask the question of its check now, and freeze the answer."""
    actor = open_record()
    from asbuilt.answers.register.nonconformities import measure_effect

    measure_effect(actor, nonconformity=code)
    _show(actor, code, format)


@app.command()
def close(
    code: Annotated[str, CODE], reason: Annotated[str, REASON], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Nothing is left to do."""
    actor = open_record()
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity

    close_nonconformity(actor, nonconformity=code, reason=reason)
    _show(actor, code, format)


@app.command()
def reopen(
    code: Annotated[str, CODE], reason: Annotated[str, REASON], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """It was not settled after all."""
    actor = open_record()
    from asbuilt.built.quality.actions.nonconformities import reopen_nonconformity

    reopen_nonconformity(actor, nonconformity=code, reason=reason)
    _show(actor, code, format)


def factors(
    failed: Annotated[str, typer.Argument(help="Units that failed (a question), such as test:FCT=fail.")],
    among: Annotated[str, typer.Option(help="Among which units (a question); empty: those of the same orders.")] = "",
    kind: Annotated[list[str] | None, typer.Option(help="Only this kind, such as lot; several times.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What failed units have in common more often than the others: where to look, never what the cause is."""
    actor = open_record()
    from asbuilt.questions.genealogy.answering.factors import common_factors, told

    found = common_factors(actor, failed=failed, among=among, kinds=kind or ())
    if format is Format.json:
        print_json(told(found))
        return
    rows = [
        (
            "; ".join(f"{key.kind} {key.value}{f' ({key.context})' if key.context else ''}" for key in one.keys), one.failed_with, one.passed_with,
            f"{one.failed_share:.1%}", f"{one.passed_share:.1%}", f"{one.p_corrected:.2g}", one.verdict.replace("_", " "),
        )
        for one in found.factors[:40]
    ]  # fmt: skip
    print_table(("in common", "failed", "others", "of failed", "of others", "p corrected", "reading"), rows)
    say(
        f"{tell_number(found.failed)} failed, {tell_number(found.passed)} others, {tell_number(found.tested)} values compared. Fisher's exact test, corrected by Holm. None of it is a cause."
    )
    if found.untested:
        say(f"{tell_number(found.untested)} units were left out: they neither failed nor passed these tests.")
    for one in found.silent:
        say(
            f"{one.kind}: nothing is recorded of {tell_number(one.failed)} failed and {tell_number(one.passed)} other units."
        )


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.seen.nonconformities import nonconformity_seen, told

    found = nonconformity_seen(actor, code)
    if format is Format.json:
        print_json(told(found))
        return
    columns = ("code", "state", "what", "units", "may not go on", "undecided", "held by", "next due")
    row = (
        found.code,
        found.state,
        found.description,
        found.units,
        found.waiting,
        found.undecided,
        " ".join(found.holds),
        found.next_due,
    )
    print_table(columns, [row])
    for heads, rows in (
        (
            ("place", "cause", "to be mended"),
            [(one.place, one.cause, "yes" if one.root else "") for one in found.causes],
        ),
        (
            ("disposition", "decision", "state", "units"),
            [(one.row.code, one.row.decision, one.row.state, one.units) for one in found.dispositions],
        ),
        (
            ("action", "kind", "state", "due", "owner", "what"),
            [
                (one.row.code, one.row.kind, one.row.state, one.row.due_on, one.owner, one.row.description)
                for one in found.actions
            ],
        ),
        (
            ("verdict", "found", "of", "begun after", "ppm from", "ppm to", "answer"),
            [
                (
                    one.row.verdict,
                    one.row.failed,
                    one.row.units,
                    format_instant(one.since)[:16] + "Z" if one.since else "",
                    f"{one.ppm_low:.0f}",
                    f"{one.ppm_high:.0f}",
                    one.row.answer,
                )
                for one in found.results
            ],
        ),
    ):
        if rows:
            print_table(heads, rows)
