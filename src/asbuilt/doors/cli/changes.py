"""`asbuilt change`: two BOM versions side by side; ECOs from what is asked to the boundary; processes under control.

Who agrees is a person: decisions are made signed in, on the page or by the API, and have no command.
"""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
ECO = typer.Argument(help="Code of the ECO, such as ECO-1.")
WHY = typer.Option(help="Why; it stands there for good.")


@app.command()
def diff(
    product: Annotated[str, typer.Argument(help="The product.")],
    revision: Annotated[str, typer.Argument(help="Its hardware revision.")],
    old: Annotated[str, typer.Argument(help="The old BOM version.")],
    new: Annotated[str, typer.Argument(help="The new BOM version.")],
    to_revision: Annotated[str, typer.Option(help="Hardware revision of the new one, where it is another.")] = "",
    configuration: Annotated[str, typer.Option(help="Configuration of the old one.")] = "",
    to_configuration: Annotated[str, typer.Option(help="Configuration of the new one.")] = "",
    pdf: Annotated[Path | None, typer.Option(help="Write it as PDF into this file.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What differs between two BOM versions by meaning: parts, places, quantities, makers, firmware."""
    actor = open_record()
    from asbuilt.questions.boms.compared import Named, compared
    from asbuilt.questions.boms.difference_paper import difference_pdf, sections_of

    sides = Named(revision, old, configuration), Named(to_revision or revision, new, to_configuration)
    found = compared(actor, product=product, old=sides[0], new=sides[1])
    if pdf is not None:
        pdf.write_bytes(difference_pdf(found))
    if format is Format.json:
        print_json(found)
        return
    for section in sections_of(found):
        print_table(section["columns"], section["rows"], section["title"])
    if found["same"]:
        say("Both mean the same.")
    say(f"Units by the old one: asbuilt ask '{found['old']['units']}'")


@app.command("list")
def list_ecos(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """ECOs, the newest first."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.seen import ecos_told

    found = ecos_told(actor)
    if format is Format.json:
        print_json({"ecos": found})
        return
    columns = ("eco", "state", "products", "boundary", "title")
    print_table(columns, [[*(one[name] for name in columns[:2]), " ".join(one["products"]), one["boundary"], one["title"]] for one in found])  # fmt: skip


@app.command()
def show(eco: Annotated[str, ECO], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """One ECO: what it changes, its assessment, who agreed, and what was built either way."""
    _show(open_record(), eco, format)


@app.command()
def propose(
    title: Annotated[str, typer.Argument(help="What changes, in a line.")],
    product: Annotated[list[str], typer.Option(help="A product that it affects; several times.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Ask for a change."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import propose_eco

    _show(actor, propose_eco(actor, title=title, why=why, products=product), format)


@app.command()
def add(
    eco: Annotated[str, ECO],
    kind: Annotated[str, typer.Argument(help="bom, part, firmware, test_plan or process.")],
    product: Annotated[str, typer.Argument(help="Of which product.")],
    old: Annotated[str, typer.Argument(help="What it was; of a part MAKER/MPN.")],
    new: Annotated[str, typer.Argument(help="What it becomes.")],
    subject: Annotated[
        list[str],
        typer.Option(
            help="Which: hardware revision, part, image role, plan; of a process step, side, aspect, each once."
        ),
    ],
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say one thing more that it changes."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import add_change

    add_change(actor, eco=eco, kind=kind, product=product, subject=subject, old=old, new=new, why=why)
    _show(actor, eco, format)


@app.command()
def drop(
    eco: Annotated[str, ECO],
    change: Annotated[str, typer.Argument(help="Number of the change.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """It no longer changes that."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import drop_change

    drop_change(actor, eco=eco, change=change, why=why)
    _show(actor, eco, format)


@app.command()
def answer(
    eco: Annotated[str, ECO],
    question: Annotated[str, typer.Argument(help="Which question, such as new_threat.")],
    answer: Annotated[str, typer.Argument(help="yes, no or not_applicable.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Answer a question on security functions."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import answer_question

    answer_question(actor, eco=eco, question=question, answer=answer, why=why)
    _show(actor, eco, format)


@app.command()
def judge(
    eco: Annotated[str, ECO],
    substantial: Annotated[str, typer.Argument(help="yes or no.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say whether it is a substantial modification."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import judge_substantial

    judge_substantial(actor, eco=eco, answer=substantial, why=why)
    _show(actor, eco, format)


@app.command()
def need(
    eco: Annotated[str, ECO],
    what: Annotated[str, typer.Argument(help="A test or a qualification.")],
    done: Annotated[str, typer.Option(help="Code of one that was asked for before: it is done.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Ask for something before the boundary may be set; with --done, say where the evidence is."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.proposing import ask_for, tick

    if done:
        tick(actor, eco=eco, asked=done, why=what)
    else:
        ask_for(actor, eco=eco, what=what)
    _show(actor, eco, format)


@app.command()
def ask(eco: Annotated[str, ECO], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Tell whoever has not agreed yet: people with an address, else the party's contact, else the lists eco-ROLE and eco-PARTY."""
    actor = open_record()
    from asbuilt.answers.portal.asking import ask_approval

    ask_approval(actor, eco=eco)
    _show(actor, eco, format)


@app.command()
def boundary(
    eco: Annotated[str, ECO],
    kind: Annotated[str, typer.Argument(help="unit, order or date.")],
    value: Annotated[str, typer.Argument(help="A unit, a work order, or a day such as 2027-03-15.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Set from where on it holds."""
    actor = open_record()
    from asbuilt.answers.gate.bounding import set_boundary

    set_boundary(actor, eco=eco, kind=kind, value=value, why=why)
    _show(actor, eco, format)


@app.command()
def withdraw(
    eco: Annotated[str, ECO], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """It is not followed."""
    actor = open_record()
    from asbuilt.designed.changes.controlling.actions.deciding import withdraw_eco

    withdraw_eco(actor, eco=eco, why=why)
    _show(actor, eco, format)


@app.command()
def control(
    product: Annotated[str, typer.Argument(help="The product.")],
    step: Annotated[str, typer.Argument(help="The step.")],
    aspect: Annotated[str, typer.Argument(help="program, program_revision, paste, stencil or software.")],
    value: Annotated[str, typer.Argument(help="What it runs by today; - takes it out of control.")],
    why: Annotated[str, WHY],
    side: Annotated[str, typer.Option(help="Of which side; empty: any.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Put the process of a step under control: from now on only an ECO changes it."""
    actor = open_record()
    from asbuilt.answers.gate.controlling import control_process

    off = value == "-"
    control_process(
        actor, product=product, step=step, side=side, aspect=aspect, value="" if off else value, why=why, on=not off
    )
    _controls(actor, product, format)


@app.command()
def controls(
    product: Annotated[str, typer.Option(help="Only of this product.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What is controlled, and what is approved."""
    _controls(open_record(), product, format)


def _controls(actor, product: str, format: Format) -> None:
    from asbuilt.answers.gate.process_seen import controls_seen

    found = controls_seen(actor, product)
    if format is Format.json:
        print_json({"controls": found})
        return
    rows = []
    for one in found:
        ahead = "; ".join(f"{each['value']} from {each['boundary']} ({each['eco']})" for each in one["changes"])
        rows.append([one["product"], one["step"], one["side"], one["aspect"], one["value"], ahead])
    print_table(("product", "step", "side", "aspect", "value", "changes"), rows)
    rows = [
        [one["product"], one["step"], each["side"], each["value"], each["approved"], each["units"], each["conceded"], each["since"], each["question"]]
        for one in found for each in one["otherwise"]
    ]  # fmt: skip
    if rows:
        print_table(("product", "step", "side", "passed by", "approved", "units", "conceded", "since", "which"), rows)


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.questions.genealogy.answering.changes_built import change_seen

    found = change_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("eco", "state", "title", "boundary")
    print_table(columns, [[found[name] for name in columns]])
    rows = [[one["change"], one["kind"], one["product"], " ".join(one["subject"]), one["old"], one["new"]] for one in found["changes"]]  # fmt: skip
    print_table(("change", "kind", "product", "which", "old", "new"), rows)
    rows = [[one["notice"], one["maker"], one["number"], one["title"]] for one in found["notices"]]
    print_table(("notice", "maker", "number", "title"), rows)
    rows = [[one["change"], one["mpn"], one["maker"], one["state"], one["run"], len(one["lower"])] for one in found["alternates"]]  # fmt: skip
    print_table(("change", "alternate", "maker", "state", "run", "lower in"), rows)
    rows = [[one["question"], one["answer"], "yes" if one["touches_security"] else "", one["why"]] for one in found["questions"]]  # fmt: skip
    print_table(("question", "answer", "touches security", "why"), rows)
    rows = [[one["role"] or one["party"], one["decision"], one["holds"], one["by"], one["at"]] for one in found["approvals"]]  # fmt: skip
    print_table(("who", "decision", "holds", "by", "at"), rows)
    rows = [[one["role"] or one["party"], f"{each['to']} {each['whom']}", each["state"], each["sent_at"], each["error"]] for one in found["approvals"] for each in one["told"]]  # fmt: skip
    print_table(("who", "told", "state", "sent", "error"), rows)
    rows = [[one["change"], one["first_new"], one["last_old"], one["new_units"], one["old_units"], one["tried_units"], one["unclear_units"], one["new_before_last_old"], one["old_behind_first_new"]] for one in found["built"]]  # fmt: skip
    print_table(("change", "first unit built so", "last unit built the old way", "new", "old", "tried", "not clear", "new before", "old behind"), rows)  # fmt: skip
