"""`asbuilt ledger`: the signed head, proofs for others, and the check of the whole record."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import load_shapes, open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound

NOTE_BYTES_MAX = 64 * 1024
FINDINGS_SHOWN = 200
FORMAT = typer.Option(help="How to print.")
_FACT = re.compile(r"[0-9a-f]{16}").fullmatch

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.command()
def checkpoint(
    to: Annotated[Path | None, typer.Option(help="Write it into this folder, as a file of its own.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The signed head of the log as it is now; kept elsewhere, it shows a log that was cut or rewritten."""
    actor = open_record()
    from asbuilt.ledger import checkpoints

    file = checkpoints.export_checkpoint(actor, to) if to else None
    note = checkpoints.checkpoint(actor) if file is None else file.read_text(encoding="utf-8")
    head = checkpoints.read_checkpoint(actor.tenant, note)
    if format is Format.json:
        said = {"origin": head.origin, "size": head.size, "root": head.root.hex(), "note": note}
        print_json({**said, "file": str(file) if file else None})
    elif file:
        say(f"{head.size:,} entries, root {head.root.hex()}, written to {file}")
    else:
        sys.stdout.write(note)


@app.command()
def prove(
    what: Annotated[str, typer.Argument(help="The number of an entry, or the id of a fact.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The proof that an entry is in the log (C2SP tlog-proof), or a signed certificate of one fact."""
    actor = open_record()
    load_shapes()
    from asbuilt.ledger import proofs, sequencing

    sequencing.sequence(actor.tenant)
    if _FACT(what):
        row = proofs.find_fact(actor.tenant, what)
        sys.stdout.write(proofs.certificate(actor.tenant, {"fact": what}, [row]).decode() + "\n")
        return
    if not what.isascii() or not what.isdigit() or len(what) > 10:
        remedy = "Give the number of an entry, or the 16 hex digits of a fact."
        raise Invalid("cli.neither_entry_nor_fact", f"{what[:40]} is neither.", {"given": what[:40]}, remedy)
    if format is Format.json:
        _, _, _, note = sequencing.head(actor.tenant)
        print_json({**proofs.entry_proof(actor.tenant, int(what)), "checkpoint": note})
    else:
        sys.stdout.write(proofs.tlog_proof(actor.tenant, int(what)))


@app.command()
def verify(
    anchor: Annotated[list[Path] | None, typer.Option(help="A checkpoint kept elsewhere; may be given again.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Check entries, facts, evidence and every table against the log; what was changed is named."""
    actor = open_record()
    load_shapes()
    from asbuilt.access.rights import LOG_VERIFY
    from asbuilt.ledger import verifying

    actor.require(LOG_VERIFY)
    report = verifying.verify(actor.tenant, [_note(file) for file in anchor or ()])
    if format is Format.json and report.clean:
        print_json(report.as_json())
    elif format is Format.table:
        _show(report)
    _refuse(report)


def _refuse(report) -> None:
    try:
        report.refuse()
    except Exception as error:
        error.done = {"report": report.as_json()}
        raise


def _show(report) -> None:
    print_table(("checked", "number"), sorted(report.counts.items()))
    print_table(("not as it was recorded", "code"), [(f.what, f.code) for f in report.findings[:FINDINGS_SHOWN]])
    print_table(("to know", "code"), [(f.what, f.code) for f in report.information[:FINDINGS_SHOWN]])
    print_table(("not checked",), [(text,) for text in report.not_checked])
    if report.clean:
        say("The record is as it was recorded.")


@app.command()
def consistency(
    old: Annotated[Path, typer.Argument(help="The older checkpoint.")],
    new: Annotated[Path, typer.Argument(help="The newer checkpoint.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """The proof that one head is the beginning of another (RFC 6962)."""
    actor = open_record()
    from asbuilt.kernel.notes import base64_text
    from asbuilt.ledger import checkpoints

    notes = _note(old), _note(new)
    proof = [base64_text(node) for node in checkpoints.consistency(actor.tenant, *notes)]
    sizes = [checkpoints.read_checkpoint(actor.tenant, note).size for note in notes]
    if format is Format.json:
        print_json({"old_size": sizes[0], "new_size": sizes[1], "proof": proof})
    else:
        print("\n".join(proof))
        say(f"The log of {sizes[1]:,} entries begins with the {sizes[0]:,} of the older head.")


@app.command()
def publish(
    folder: Annotated[Path, typer.Argument(help="Where the tiles go (C2SP tlog-tiles).")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write the log as static files that anybody can mirror and check."""
    actor = open_record()
    from asbuilt.access.rights import LOG_READ
    from asbuilt.ledger import checkpoints, sequencing

    actor.require(LOG_READ)
    sequencing.sequence(actor.tenant)
    written = checkpoints.publish(actor.tenant, folder)
    if format is Format.json:
        print_json({"folder": str(folder), "files": written})
    else:
        say(f"{written:,} files written to {folder}")


def _note(file: Path) -> bytes:
    if not file.is_file():
        raise NotFound("cli.no_file", f"There is no file {file}.", {"file": str(file)}, "Look at its name and place.")
    if file.stat().st_size > NOTE_BYTES_MAX:
        said = f"{file} is larger than a checkpoint can be."
        raise Invalid("cli.file_too_large", said, {"bytes": file.stat().st_size}, "Give the checkpoint itself.")
    return file.read_bytes()
