"""`asbuilt outside send|back|open|note`: units leave for a subcontractor with a delivery note and come back with its evidence."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.inspections import file_bytes
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.packages import instant
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.plain import plain

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
AS_OF = typer.Option(help="As known then: a day, or an instant with offset; empty: now.")
CODES = "Units, panels, or A..B, a stretch of the order such as WO-7#1..WO-7#40."
UNITS_SHOWN_MAX = 20


@app.command()
def send(
    codes: Annotated[list[str], typer.Argument(help=CODES)],
    step: Annotated[str, typer.Option(help="The step that is done outside.")],
    side: Annotated[str, typer.Option(help="Its side, if the routing has one.")] = "",
    party: Annotated[str, typer.Option(help="The subcontractor; empty: as the routing says.")] = "",
    note: Annotated[str, typer.Option(help="Number of the delivery note; empty: the next.")] = "",
    transport: Annotated[str, typer.Option(help="How it travels, such as carrier and boxes.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Units of one order leave with a delivery note. Held units and those that lack an earlier step are refused."""
    actor = open_record()
    from asbuilt.answers.gate.outside import send_out

    done = send_out(actor, codes=codes, step=step, side=side, party=party, note=note, transport=transport)
    if format is Format.json:
        print_json({"entry": done.entry, "note": done.note, "party": done.party, "units": done.units})
        return
    say(f"{tell_number(done.units)} units left for {done.party} with delivery note {done.note}, entry {done.entry}.")


@app.command()
def back(
    note: Annotated[str, typer.Argument(help="Code of the delivery note.")],
    codes: Annotated[list[str] | None, typer.Argument(help=f"{CODES} Without any: all that are outside.")] = None,
    result: Annotated[str, typer.Option(help="How the step ended there: completed, failed or aborted.")] = "completed",
    certificate: Annotated[list[Path] | None, typer.Option(help="A certificate; kept byte for byte.")] = None,
    measurements: Annotated[list[Path] | None, typer.Option(help="A file of measurements.")] = None,
    other: Annotated[list[Path] | None, typer.Option(help="Any other paper.")] = None,
    started: Annotated[str, typer.Option(help="When it began there, with offset; empty: when the units left.")] = "",
    finished: Annotated[str, typer.Option(help="When it ended there, with offset; empty: now.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Units came back: the step is recorded as done there, what is missing stays outside and is listed."""
    given = {"certificate": certificate, "measurements": measurements, "other": other}
    papers = [(kind, file.name, file_bytes(str(file))) for kind, files in given.items() for file in files or ()]
    times = {"started_at": instant(started), "finished_at": instant(finished)}
    actor = open_record()
    from asbuilt.answers.gate.outside import take_back

    done = take_back(actor, note=note, codes=codes or (), result=result, papers=papers, **times)
    held = sorted({stop.facts["unit"] for stop in done.still_held})
    if format is Format.json:
        outside = list(done.outside)
        print_json({"entry": done.entry, "note": note, "units": done.units, "outside": outside, "held": held})
        return
    say(f"{tell_number(done.units)} units came back with note {note}, entry {done.entry}.")
    if done.outside:
        shown = " ".join(done.outside[:UNITS_SHOWN_MAX])
        more = len(done.outside) - UNITS_SHOWN_MAX
        say(f"{tell_number(len(done.outside))} still outside: {shown}{f' and {more} more' if more > 0 else ''}")
    if held:
        say(f"On hold, into the hold cage: {' '.join(held)}")


@app.command("open")
def open_ones(
    order: Annotated[str, typer.Option(help="Only those of this order.")] = "",
    as_of: Annotated[str, AS_OF] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Delivery notes of which units are outside."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.outside import open_notes

    found = open_notes(actor, order, as_of or None)
    if format is Format.json:
        print_json({"notes": [plain(one) for one in found]})
        return
    rows = [(one.note, one.party, one.step, one.order, plain(one)["sent_at"], one.outside, one.sent) for one in found]
    print_table(("note", "subcontractor", "step", "order", "since", "outside", "of"), rows)
    if not found:
        say("Nothing is outside.")


@app.command()
def note(
    note: Annotated[str, typer.Argument(help="Code of the delivery note.")],
    as_of: Annotated[str, AS_OF] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A delivery note: its units one by one, what came back, the papers."""
    actor = open_record()
    from asbuilt.questions.genealogy.seen.outside import note_seen

    found = note_seen(actor, note, as_of or None)
    whole = plain(found)
    if format is Format.json:
        print_json(whole)
        return
    say(f"{found.note}: {found.order} to {found.party} for {found.step_name} at {whole['sent_at']}. {found.transport}")
    print_table(
        ("unit", "place", "state", "back"),
        [
            (one["name"], one["code"], "outside" if one["outside"] else one["result"], one["back_at"])
            for one in whole["units"]
        ],
    )
    print_table(("paper", "file", "sha256", "came"), [tuple(one.values()) for one in whole["papers"]])
