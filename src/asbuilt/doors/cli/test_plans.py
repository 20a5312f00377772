"""`asbuilt plan propose|approve|withdraw|show|diff`: versions of test plans, who approved them, what differs."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.firmware_keys import read_file, write_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
PLAN = typer.Argument(help="Name of the plan.")
VERSION = typer.Argument(help="Its version.")


@app.command("propose")
def propose(
    file: Annotated[Path, typer.Argument(help="The plan as JSON.")],
    changes: Annotated[str, typer.Option(help="What changed, and why; of every version but the first.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record a version of a test plan. It may be used once somebody else has approved it."""
    document = read_file(file)
    actor = open_record_as(token)
    from asbuilt.designed.catalog.test_plan_actions import propose_test_plan

    found = propose_test_plan(actor, document=document, changes=changes)
    said = {
        "plan": found.plan,
        "version": found.version,
        "product": found.product,
        "steps": len(found.steps),
        "sha256": found.sha256,
    }
    if format is Format.json:
        print_json(said)
    else:
        say(
            f"Version {found.version} of {found.plan} for {found.product} has {len(found.steps)} steps, and the SHA-256 {found.sha256}."
        )


@app.command("approve")
def approve(
    plan: Annotated[str, PLAN],
    version: Annotated[str, VERSION],
    reason: Annotated[str, typer.Option(help="Why, where there is more to say.")] = "",
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Let a version be used from now on, in place of the one before."""
    _decide(plan, version, "approved", reason, token, format)


@app.command("withdraw")
def withdraw(
    plan: Annotated[str, PLAN],
    version: Annotated[str, VERSION],
    reason: Annotated[str, typer.Option(help="Why.")],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take an approval back: from now on no version is in force, and units wait until one is approved."""
    _decide(plan, version, "withdrawn", reason, token, format)


def _decide(plan: str, version: str, decision: str, reason: str, token: Path | None, format: Format) -> None:
    actor = open_record_as(token)
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan

    found = decide_test_plan(actor, plan=plan, version=version, decision=decision, reason=reason)
    if format is Format.json:
        print_json({"plan": found.plan, "version": found.version, "sha256": found.sha256, "decision": decision})
    else:
        say(f"Version {version} of {plan} is {decision}.")


@app.command("show")
def show(
    plan: Annotated[str, typer.Argument(help="One plan; all without.")] = "",
    version: Annotated[str, typer.Argument(help="One version, with its steps.")] = "",
    out: Annotated[Path | None, typer.Option(help="Write its document to this file.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Test plans with their versions, or one version with its steps."""
    actor = open_record()
    from asbuilt.designed.catalog.test_plans import plan_told, plans_told, test_plan

    if version:
        found = test_plan(actor, plan, version)
        if out:
            write_file(out, found.document.encode())
        if format is Format.json:
            print_json(plan_told(actor, plan, version))
            return
        rows = [
            (one.name, one.kind, one.limits, one.criticality, " ".join(one.proves), "needed" if one.needed else "")
            for one in found.content.steps
        ]
        print_table(("step", "kind", "limits", "criticality", "proves", ""), rows)
        say(f"SHA-256 {found.sha256}")
        return
    told = [one for one in plans_told(actor) if plan in ("", one["plan"])]
    if format is Format.json:
        print_json({"plans": told})
        return
    columns = ("plan", "version", "product", "revisions", "state", "steps", "changes", "sha256")
    print_table(
        columns,
        [
            (
                *(one[name] for name in columns[:3]),
                " ".join(one["revisions"]),
                *(one[name] for name in columns[4:7]),
                one["sha256"][:16],
            )
            for one in told
        ],
    )


@app.command("diff")
def diff(
    plan: Annotated[str, PLAN],
    version: Annotated[str, VERSION],
    since: Annotated[str, typer.Option(help="The older version; the one recorded before without.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """What a version changes."""
    actor = open_record()
    from asbuilt.designed.catalog.test_plans import changes_since

    before, found = changes_since(actor, plan, version, since)
    if format is Format.json:
        print_json(
            {"plan": plan, "version": version, "since": before or None, "changes": [asdict(one) for one in found]}
        )
        return
    print_table(
        ("what", f"version {before}", f"version {version}"), [(one.where, one.before, one.after) for one in found]
    )
    if not found:
        say("Nothing differs." if before else "It is the first version.")
