"""`asbuilt machines`: who speaks, what could not be recorded, what the floor calls a machine."""

import json
import os
import sys
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli import mappings
from asbuilt.doors.cli.instants import instant_of
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Invalid, NotFound, Unavailable
from asbuilt.storage.drills import refuse_intake

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(mappings.app, name="map", help="Mappings: how the files of a machine are read.")
for _name, _command in (
    ("try", mappings.try_machine_file), ("files", mappings.files), ("retry-files", mappings.retry_refused), ("reread", mappings.reread),
):  # fmt: skip
    app.command(_name)(_command)
CAUSES_SHOWN = 10


@app.command("list")
def list_machines(format: Annotated[Format, typer.Option(help="How to print.")] = Format.table) -> None:
    """Every machine that sent a message: when last, how many, how many flagged, how many dead letters."""
    actor = open_record()
    from asbuilt.built.messages.machines import machines
    from asbuilt.kernel.instants import format_instant

    found = machines(actor)
    if format is Format.json:
        print_json({"machines": [_as_json(one, format_instant) for one in found]})
        return
    columns = ("machine", "handle", "step", "last message", "at", "used", "kept", "dead letters", "flagged")
    rows = [
        (
            one.machine, one.handle, one.step, one.last_name.rpartition(".")[2],
            format_instant(one.received_at)[:19] if one.received_at else "", one.uses["used"], one.uses["kept"],
            one.dead_letters, one.flagged,
        )
        for one in found
    ]  # fmt: skip
    print_table(columns, rows)


def _as_json(one, instant) -> dict:
    said = asdict(one)
    said["messages"] = [{"name": name, "use": use, "count": count} for name, use, count in said.pop("names")]
    said["uses"] = dict(one.uses)
    for name in ("last_at", "received_at"):
        said[name] = instant(said[name]) if said[name] else None
    return said


@app.command("name")
def name(
    handle: Annotated[str, typer.Argument(help="The Source of its messages.")],
    machine: Annotated[str, typer.Option(help="What the floor calls it; empty: the handle.")] = "",
    step: Annotated[str, typer.Option(help="Its step, such as REFLOW; empty: from its messages.")] = "",
) -> None:
    """From now on the record calls a machine so."""
    actor = open_record()
    from asbuilt.built.messages.machines import name_machine

    named = name_machine(actor, handle=handle, machine=machine, step=step)
    say(f"{named.handle} is {named.machine}{f', step {named.step}' if named.step else ''} from now on.")


@app.command("dead-letters")
def dead_letters(
    cause: Annotated[str, typer.Option(help="Only those of this cause.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Messages that could not be recorded, newest first, with the cause."""
    actor = open_record()
    from asbuilt.built.messages.dead_letters import causes, open_dead_letters

    found, counted = open_dead_letters(actor, cause=cause), causes(actor)
    if format is Format.json:
        print_json({"dead_letters": [asdict(one) for one in found], "causes": counted, "total": sum(counted.values())})
        return
    print_table(("cause", "open"), list(counted.items()))
    columns = ("message", "what", "machine", "cause", "why")
    print_table(
        columns, [(one.message, one.name.rpartition(".")[2], one.handle, one.cause, _line(one.detail)) for one in found]
    )


def _line(detail: str) -> str:
    return detail.partition("\n")[0].partition(" [")[0]


@app.command("show")
def show(message: Annotated[str, typer.Argument(help="The id of a dead letter, 32 hex digits.")]) -> None:
    """The bytes of a dead letter, as they came."""
    actor = open_record()
    from asbuilt.built.messages.dead_letters import raw_bytes

    sys.stdout.buffer.write(raw_bytes(actor, message) + b"\n")


@app.command("retry")
def retry(
    messages: Annotated[list[str] | None, typer.Argument(help="Ids of dead letters; all open ones without.")] = None,
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Record dead letters anew, now that the record knows more."""
    actor = open_record()
    from asbuilt.built.messages.dead_letters import retry_dead_letters

    report = retry_dead_letters(actor, messages or None)
    if format is Format.json:
        print_json({**asdict(report), "causes": dict(report.causes)})
        return
    say(f"{report.mended} recorded, {report.still} are dead letters still.")
    for cause, count in report.causes.most_common(CAUSES_SHOWN):
        say(f"{count} x {cause}")


@app.command("reread-messages")
def reread_tests(
    reason: Annotated[str, typer.Option(help="Why, such as what the older reader took otherwise.")],
    machine: Annotated[str, typer.Option(help="Its handle, or what the floor calls it; every machine without.")] = "",
    since: Annotated[str, typer.Option(help="Messages received from then on, such as 2027-03-01T00:00:00Z.")] = "",
    until: Annotated[str, typer.Option(help="Messages received before then.")] = "",
    format: Annotated[Format, typer.Option(help="How to print.")] = Format.table,
) -> None:
    """Read tests and inspections of messages anew by the reader of today: runs that an older one took otherwise are withdrawn and recorded as they are."""
    actor = open_record()
    from asbuilt.built.messages.rereading_messages import reread_messages

    window = {name: instant_of(name, text) for name, text in (("since", since), ("until", until)) if text}
    done = reread_messages(actor, reason=reason, machine=machine, **window)
    if format is Format.json:
        print_json(asdict(done))
        return
    say(
        f"{done.messages} messages read by {done.reader}: {done.withdrawn} runs withdrawn, {done.stored} recorded, {done.left} left to people, "
        f"{done.refused} refused, {done.lost} not found again."
    )
    for text in done.told:
        say(text)


@app.command("listen")
def listen(
    at: Annotated[str, typer.Option(help="HOST:PORT of an AMQP 1.0 endpoint of our own, such as 127.0.0.1:5672.")] = "",
    broker: Annotated[str, typer.Option(help="A broker to receive from: amqp://USER@HOST:PORT, or amqps://.")] = "",
    source: Annotated[
        list[str] | None,
        typer.Option("--from", help="An address of the broker, such as /queue/cfx-in; may be repeated."),
    ] = None,
    handle: Annotated[
        str, typer.Option(help="Our own handle: what comes back from it is dropped.")
    ] = "Asbuilt.Record.1",
) -> None:
    """Record what machines send over AMQP until it is stopped; a message is acknowledged once it is recorded."""
    if not at and not broker:
        raise Invalid(
            "cli.listen_where", "Nothing says where to listen.", {}, "Give --at HOST:PORT, or --broker and --from."
        )
    if bool(broker) != bool(source):
        raise Invalid(
            "cli.listen_from", "A broker needs an address to receive from.", {}, "Give --broker and --from together."
        )
    if find_spec("proton") is None:
        raise Unavailable(
            "cli.no_proton", "AMQP needs python-qpid-proton.", {}, "Run: pip install 'asbuilt[machines]'.", None
        )
    open_record()
    refuse_intake()  # before it says that it listens
    asked = {"at": at, "broker": broker, "sources": source or [], "handle": handle}
    say(f"Asbuilt listens to machines at {' and '.join(part for part in (at, broker) if part)}. Ctrl-C stops it.")
    _become(asked)


@app.command("watch")
def watch(
    folder: Annotated[Path, typer.Argument(help="The folder that machines drop their files into.")],
    machine: Annotated[str, typer.Option(help="Only by the mappings of this machine.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Take what lies there and end.")] = False,
    settle: Annotated[float, typer.Option(min=0.05, max=3600, help="Seconds that a file must stay the same.")] = 2.0,
) -> None:
    """Record files once they stopped growing, then move them to FOLDER/taken or FOLDER/refused; until it is stopped."""
    if not folder.is_dir():
        said = f"There is no folder {folder}."
        raise NotFound("cli.no_file", said, {"file": str(folder)}, "Look at its name and place.")
    open_record()
    refuse_intake()
    if not once:
        say(f"Asbuilt watches {folder}. Ctrl-C stops it.")
    _become({"watch": str(folder), "machine": machine, "once": once, "settle": settle})


def _become(asked: dict) -> None:
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "asbuilt.doors.machines", json.dumps(asked)])
