"""`asbuilt permit grant|plan|issue|revoke|close|show`, beside `permit sign`: what rests on the record."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.acting import TOKEN, open_record_as
from asbuilt.doors.cli.firmware_keys import write_file
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.permissions import app
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import read_file

FORMAT = typer.Option(help="How to print.")
PERMIT = typer.Argument(help="Id of the permit.")


@app.command("grant")
def grant(
    file: Annotated[Path, typer.Argument(help="The grant as the brand owner signed it.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take a signed grant into the record."""
    document = read_file(file)
    actor = open_record()
    from asbuilt.built.programming.actions.grants import record_grant
    from asbuilt.built.programming.telling import grants_told

    found = record_grant(actor, document=document)
    told = next(one for one in grants_told(actor) if one["grant"] == found.grant_id)
    if format is Format.json:
        print_json(told)
    else:
        say(f"Grant {found.grant_id}: {told['units']} units of {found.product}, {told['left']} left.")


@app.command("plan")
def plan(
    file: Annotated[Path, typer.Argument(help="The plan as JSON.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Take a plan into the record; permits name it by its SHA-256."""
    document = read_file(file)
    actor = open_record()
    from asbuilt.built.programming.actions.grants import record_plan

    found = record_plan(actor, document=document)
    if format is Format.json:
        print_json({"plan": found.plan, "version": found.version, "product": found.product, "sha256": found.sha256})
    else:
        say(f"Plan {found.plan} version {found.version} has the SHA-256 {found.sha256}.")


@app.command("issue")
def issue(
    draft: Annotated[Path, typer.Argument(help="What is asked, as JSON: grant, order, revisions, plan, stations …")],
    token: Annotated[Path | None, TOKEN] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Split a permit from its grant, signed by the issuer's key in ASBUILT_KEYS or in a token."""
    from asbuilt.built.programming.drafts import read_draft

    asked = read_draft(read_file(draft))
    actor = open_record_as(token)
    from asbuilt.answers.gate.permits import issue as issue_at_gate
    from asbuilt.built.programming.telling import permit_told

    _tell(permit_told(actor.tenant, issue_at_gate(actor, asked)), format)


@app.command("revoke")
def revoke(
    permit: Annotated[str, PERMIT],
    reason: Annotated[str, typer.Option(help="Why.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Its stations stop when they hear of it."""
    actor = open_record()
    from asbuilt.built.programming.actions.permits import revoke_permit
    from asbuilt.built.programming.telling import permit_told

    _tell(permit_told(actor.tenant, revoke_permit(actor, permit_id=permit, reason=reason)), format)


@app.command("close")
def close(
    permit: Annotated[str, PERMIT],
    certificate: Annotated[
        list[Path] | None, typer.Option(help="A station's end certificate; may stand several times.")
    ] = None,
    reason: Annotated[str, typer.Option(help="A remark.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Close a permit once an end certificate of each station is there."""
    documents = [read_file(file) for file in certificate or ()]
    actor = open_record()
    from asbuilt.built.programming.actions.permits import close_permit, take_end
    from asbuilt.built.programming.telling import permit_told

    for document in documents:
        take_end(actor, document=document)
    _tell(permit_told(actor.tenant, close_permit(actor, permit_id=permit, reason=reason)), format)


@app.command("show")
def show(
    permit: Annotated[str, typer.Argument(help="Id of the permit; without it all are listed.")] = "",
    output: Annotated[
        Path | None, typer.Option(help="Write grant, permit and end certificates into this new folder.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A permit and how far each station is, or all of them; with --output what `asbuilt verify` needs."""
    actor = open_record()
    from asbuilt.built.programming import telling

    if not permit:
        found = telling.permits_told(actor)
        if format is Format.json:
            print_json({"permits": found})
            return
        rows = [
            (one["permit"], one["order"], one["product"], one["state"], one["units"], _passed(one)) for one in found
        ]
        print_table(("permit", "order", "product", "state", "units", "passed"), rows)
        return
    told = telling.permit_seen(actor, permit)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        write_file(output / "grant.json", telling.grant_document(actor, told["grant"]))
        write_file(output / "permit.json", telling.permit_document(actor, permit))
        for share in told["stations"]:
            if share["end_certificate"]:
                content = telling.end_certificate(actor, permit, share["station"])
                write_file(output / f"end-{share['station']}.json", content)
    _tell(told, format)


def _passed(told: dict) -> int:
    return sum(share["passed"] for share in told["stations"])


def _tell(told: dict, format: Format) -> None:
    if format is Format.json:
        print_json(told)
        return
    say(f"Permit {told['permit']} for {told['order']}, {told['product']}: {told['state']}, until {told['not_after']}.")
    columns = ("station", "units", "spent", "passed", "failed", "last_at", "ended_at")
    print_table(columns, [tuple(share[column] for column in columns) for share in told["stations"]])
