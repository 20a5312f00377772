"""`asbuilt compliance …`: the risk assessment of a product, its matrix of Annex I, revisions and their review."""

from typing import Annotated

import typer

from asbuilt.doors.cli.compliance import FORMAT, PRODUCT, WHY, YEARS, app, say_gaps
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

WORDS = typer.Argument(help="What, in a few words.")
LEVEL = typer.Option(help="low, medium or high.")
GONE = typer.Option("--gone", help="It is none any more.")


@app.command()
def matrix(product: Annotated[str, PRODUCT], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Risk assessment and matrix of a product, with evidence as the record has it now."""
    _show(open_record(), product, format)


@app.command()
def context(
    product: Annotated[str, PRODUCT],
    purpose: Annotated[str, typer.Option(help="Intended purpose.")],
    use: Annotated[str, typer.Option(help="Foreseeable use.")] = "",
    conditions: Annotated[str, typer.Option(help="Operating conditions.")] = "",
    years: Annotated[int | None, YEARS] = None,
    why: Annotated[str, WHY] = "",
) -> None:
    """Say for what and how a product is used."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_context

    said = {"purpose": purpose, "foreseeable_use": use, "conditions": conditions, "expected_years": years, "why": why}
    say_context(actor, product=product, **said)
    say(f"Said of {product}.")


@app.command()
def asset(
    product: Annotated[str, PRODUCT],
    words: Annotated[str, WORDS],
    code: Annotated[str, typer.Option(help="Code of one that this supersedes.")] = "",
    gone: Annotated[bool, GONE] = False,
) -> None:
    """Say what is worth protecting."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_asset

    say(f"{say_asset(actor, product=product, words=words, asset=code, gone=gone)} is said.")


@app.command()
def threat(
    product: Annotated[str, PRODUCT],
    words: Annotated[str, WORDS],
    likelihood: Annotated[str, LEVEL],
    impact: Annotated[str, LEVEL],
    asset: Annotated[list[str] | None, typer.Option(help="Code of an asset; several times.")] = None,
    code: Annotated[str, typer.Option(help="Code of one that this supersedes.")] = "",
    gone: Annotated[bool, GONE] = False,
) -> None:
    """Say what may happen, before measures."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_threat

    said = {"words": words, "likelihood": likelihood, "impact": impact, "assets": asset or ()}
    say(f"{say_threat(actor, product=product, threat=code, gone=gone, **said)} is said.")


@app.command()
def measure(
    product: Annotated[str, PRODUCT],
    words: Annotated[str, WORDS],
    threat: Annotated[list[str] | None, typer.Option(help="Code of a threat; several times.")] = None,
    requirement: Annotated[list[str] | None, typer.Option(help="Key of a requirement; several times.")] = None,
    code: Annotated[str, typer.Option(help="Code of one that this supersedes.")] = "",
    gone: Annotated[bool, GONE] = False,
) -> None:
    """Say what is done about threats."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_measure

    said = {"words": words, "threats": threat or (), "requirements": requirement or ()}
    say(f"{say_measure(actor, product=product, measure=code, gone=gone, **said)} is said.")


@app.command()
def residual(
    product: Annotated[str, PRODUCT],
    threat: Annotated[str, typer.Argument(help="Code of the threat, such as TH-1.")],
    likelihood: Annotated[str, LEVEL],
    impact: Annotated[str, LEVEL],
    why: Annotated[str, WHY],
    accept: Annotated[bool, typer.Option("--accept/--refuse", help="Whether it is accepted.")] = True,
) -> None:
    """Say what is left of a threat after the measures."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_residual

    said = {"likelihood": likelihood, "impact": impact, "accepted": accept, "why": why}
    say_residual(actor, product=product, threat=threat, **said)
    say(f"Said of {threat}.")


@app.command()
def requirement(
    product: Annotated[str, PRODUCT],
    requirement: Annotated[str, typer.Argument(help="Its key, such as I.2.j.")],
    applies: Annotated[str, typer.Option(help="yes or no.")],
    how: Annotated[str, typer.Option(help="How it is met.")] = "",
    why: Annotated[str, typer.Option(help="Why it does not apply.")] = "",
    question: Annotated[list[str] | None, typer.Option(help="A question whose units prove it; several times.")] = None,
) -> None:
    """Say whether a requirement of Annex I applies, and how it is met or why it does not."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.actions import say_requirement

    said = {"applies": applies, "how": how, "why": why, "questions": question or ()}
    say_requirement(actor, product=product, requirement=requirement, **said)
    say(f"Said of {requirement}.")


@app.command()
def draft(
    product: Annotated[str, PRODUCT], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """Freeze the assessment as it stands as a revision, with the answers behind its numbers."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.revising import draft_revision

    number = draft_revision(actor, product=product, why=why)
    if format is Format.json:
        print_json({"revision": number})
    else:
        say(f"Revision {number} waits for the review of another person.")


@app.command()
def review(
    product: Annotated[str, PRODUCT],
    revision: Annotated[str, typer.Argument(help="Number of the revision.")],
    why: Annotated[str, WHY],
    approve: Annotated[bool, typer.Option("--approve/--refuse", help="What comes out.")] = True,
) -> None:
    """Review a revision."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.revising import review_revision

    review_revision(actor, product=product, revision=revision, approved=approve, why=why)
    say(f"Revision {revision} is {'approved' if approve else 'refused'}.")


@app.command()
def revision(
    product: Annotated[str, PRODUCT],
    revision: Annotated[str, typer.Argument(help="Number of the revision.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A revision as it was frozen."""
    actor = open_record()
    from asbuilt.answers.compliance.assessing.seen import revision_told

    _print(revision_told(actor, product, revision), format)


def _show(actor, product: str, format: Format) -> None:
    from asbuilt.answers.compliance.assessing.seen import assessment_told

    found = assessment_told(actor, product)
    _print(found, format)
    if format is Format.table:
        columns = ("threat", "risk", "words")
        print_table(columns, [[one[name] for name in columns] for one in found["threats"]])
        columns = ("revision", "state", "drafted_at", "why")
        print_table(columns, [[one[name] for name in columns] for one in found["revisions"]])
        say_gaps(found["gaps"])


def _print(found: dict, format: Format) -> None:
    if format is Format.json:
        print_json(found)
        return
    rows = [
        (one["key"], one["state"], one["name"], " ".join(each["says"] for each in one["evidence"]) or one["why"])
        for one in found["matrix"]
    ]
    print_table(("key", "state", "requirement", "evidence"), rows)
