"""`asbuilt case`: clocks of reports; cases, their moments, decisions and what was submitted."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli import field_actions, notices
from asbuilt.doors.cli.instants import instant_of
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(
    notices.app, name="notices", help="Notices to customers: draft, read, approve, hold, send, what came back."
)
app.add_typer(notices.contacts_app, name="contacts", help="Where parties are told: set, remove, erase an address.")
FORMAT = typer.Option(help="How to print.")
app.add_typer(
    field_actions.app,
    name="action",
    help="Updates, recalls and withdrawals of units that are out; what became of each.",
)
CODE = typer.Argument(help="Code of the case, such as C-1.")
WHY = typer.Option(help="Why; it stands in the case for good.")
AT = typer.Option(help="When, such as 2026-12-24T17:30:00+01:00.")
DUTY = typer.Option(help="Which duty, such as cra.aev; empty: all that run.")
TOWARDS = typer.Option("--manufacturer", help="Towards whom, by code; empty: all.")
STAGE = typer.Argument(help="Which report, such as early_warning.")
FILE_BYTES_MAX = 32 * 1024**2
CLOCK_COLUMNS = ("report", "due (UTC)", "local", "platform shows", "state", "rule")


@app.command()
def clock(
    kind: Annotated[str, typer.Option(help="aev (actively exploited vulnerability) or incident.")],
    aware: Annotated[str, typer.Option(help="When it was known, such as 2026-12-24T17:30:00+01:00.")],
    measure: Annotated[
        list[str] | None, typer.Option(help="When a workaround or fix was there; several times, the first counts.")
    ] = None,
    notified: Annotated[str, typer.Option(help="When the 72-hour notification was submitted.")] = "",
    warned: Annotated[
        str, typer.Option(help="When the early warning was submitted: the platform counts from it.")
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of the maker, such as Europe/Berlin.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Compute when reports are due; nothing is stored and no record is needed."""
    from asbuilt.answers.cases.handling.computing import computed

    said = computed(kind=kind, aware=aware, measures=measure or (), notified=notified, warned=warned, zone=zone)
    if format is Format.json:
        print_json(said)
        return
    print_clocks(said["clocks"])
    say(f"Local times are those of {said['zone']}.")
    say(f"{said['name']}, {said['source']}. Rules {said['rule_set']}, read on {said['read_on']}.")


def print_clocks(clocks: list[dict]) -> None:
    """Clocks as a table, with what is to be known of each below it."""
    print_table(CLOCK_COLUMNS, [_clock_row(one) for one in clocks])
    for one in clocks:
        if one["note"]:
            say(f"{one['stage']}: {one['note']}")


def _clock_row(one: dict) -> tuple:
    due = one["due_at"] or (f"estimate {one['estimate_at']}" if one["estimate_at"] else "")
    shown = one["platform"]["shown_at"] or ""
    return (
        one["stage"].replace("_", " "), due, one["local"] or "", f"{shown} (other)" if one["platform"]["differs"] else shown,
        _clock_state(one), one["source"],
    )  # fmt: skip


def _clock_state(one: dict) -> str:
    """What was submitted runs no more; what is late is not just running."""
    if one.get("returned"):
        return f"returned {one['returned']['at']}" + (", late" if one["late"] else "")
    if one.get("submitted_at"):
        late = ", late" if one["late"] else ""
        return " ".join(filter(None, (f"submitted {one['submitted_at']}", one["reference"]))) + late
    return "late" if one.get("late") else one["state"].replace("_", " ")


@app.command()
def signal(
    words: Annotated[str, typer.Argument(help="What it says.")],
    source: Annotated[
        str, typer.Option(help="feed, kev, mail, customer, supplier, authority, station_alarm, log_tamper or other.")
    ],
    received: Annotated[str, typer.Option(help="When it reached us, such as 2026-12-24T17:30:00+01:00.")],
    reference: Annotated[str, typer.Option(help="What the sender calls it.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Note that something may have happened; nobody's case yet."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import note_signal

    at = instant_of("received", received)
    code = note_signal(actor, source=source, words=words, received_at=at, reference=reference)
    if format is Format.json:
        print_json({"signal": code})
    else:
        say(f"{code} waits to be taken into a case or dismissed.")


@app.command()
def signals(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Signals, those that wait first."""
    actor = open_record()
    from asbuilt.answers.cases.handling.seen import signals_told

    found = signals_told(actor)
    if format is Format.json:
        print_json({"signals": found})
        return
    columns = ("signal", "state", "source", "received_at", "case", "words")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("There is none.")


@app.command()
def dismiss(
    signal: Annotated[str, typer.Argument(help="Code of the signal, such as S-1.")], why: Annotated[str, WHY]
) -> None:
    """A signal is nothing for a case."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import dismiss_signal

    dismiss_signal(actor, signal=signal, why=why)
    say(f"{signal} is dismissed.")


@app.command("list")
def list_cases(
    closed: Annotated[bool, typer.Option("--closed", help="The closed ones.")] = False,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Cases, those with the nearest deadline first."""
    actor = open_record()
    from asbuilt.answers.cases.handling.seen import cases_told

    found = cases_told(actor, closed=closed)
    if format is Format.json:
        print_json({"cases": found})
        return
    columns = ("case", "kind", "next_due_at", "late", "title")
    print_table(columns, [[one[name] for name in columns] for one in found])
    if not found:
        say("There is none.")


@app.command("open")
def open_one(
    title: Annotated[str, typer.Argument(help="What happened, in a line.")],
    kind: Annotated[str, typer.Option(help="aev, incident, vulnerability, quality, supplier or authority.")],
    signal: Annotated[list[str] | None, typer.Option(help="A signal that speaks of it; several times.")] = None,
    zone: Annotated[str, typer.Option(help="Time zone in which its months end; empty: the tenant's.")] = "",
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Open a case: a person begins to assess what happened."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import open_case

    _show(actor, open_case(actor, kind=kind, title=title, why=why, signals=signal or (), zone=zone), format)


@app.command()
def show(case: Annotated[str, CODE], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """A case: clocks, gaps, the next step, timeline."""
    _show(open_record(), case, format)


@app.command()
def take(
    case: Annotated[str, CODE],
    signal: Annotated[str, typer.Argument(help="Code of the signal.")],
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A signal speaks of the same event."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import take_signal

    take_signal(actor, case=case, signal=signal, why=why)
    _show(actor, case, format)


@app.command()
def product(
    case: Annotated[str, CODE],
    product: Annotated[str, typer.Argument(help="Code of the product.")],
    role: Annotated[
        str, typer.Option(help="Ours: manufacturer, ems, importer, distributor; none takes it off; empty: as recorded.")
    ] = "",
    manufacturer: Annotated[str, typer.Option(help="Code of its manufacturer; empty: as recorded.")] = "",
    versions: Annotated[str, typer.Option(help="Which versions.")] = "",
    why: Annotated[str, WHY] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say which product it is about: our role towards it says which duties run."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.saying import add_product

    add_product(actor, case=case, product=product, role=role, manufacturer=manufacturer, versions=versions, why=why)
    _show(actor, case, format)


@app.command()
def duty(
    case: Annotated[str, CODE],
    duty: Annotated[str, typer.Argument(help="nis2, gdpr or contract.")],
    why: Annotated[str, WHY],
    off: Annotated[bool, typer.Option("--off", help="The house has it not.")] = False,
    hours: Annotated[int | None, typer.Option(help="Hours that the contract gives.")] = None,
    party: Annotated[str, typer.Option(help="The brand owner whose contract it is; empty: all.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say that the house has a duty of its own here; its clocks run beside the others."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.saying import say_duty

    say_duty(actor, case=case, duty=duty, why=why, on=not off, hours=hours, party=party)
    _show(actor, case, format)


@app.command()
def moment(
    case: Annotated[str, CODE],
    moment: Annotated[
        str,
        typer.Argument(
            help="aware_at, signal_received_at, assessment_started_at, assessment_concluded_at, detected_at or occurred_at."
        ),
    ],
    at: Annotated[str, AT],
    why: Annotated[str, WHY],
    duty: Annotated[str, DUTY] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """State when something was; a later statement supersedes, and both stay."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.saying import state_moment

    said = {"moment": moment, "at": instant_of("at", at), "why": why, "duty": duty, "manufacturer": manufacturer}
    state_moment(actor, case=case, **said)
    _show(actor, case, format)


@app.command()
def kind(
    case: Annotated[str, CODE],
    kind: Annotated[str, typer.Argument(help="aev, incident, vulnerability, quality, supplier or authority.")],
    at: Annotated[str, typer.Option(help="Since when we are aware of that; its duties run from then.")],
    why: Annotated[str, WHY],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say that it turned out to be this too: its duties begin, and nothing that was said is changed."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.turning import add_kind

    add_kind(actor, case=case, kind=kind, at=instant_of("at", at), why=why)
    _show(actor, case, format)


@app.command()
def measure(
    case: Annotated[str, CODE],
    kind: Annotated[str, typer.Argument(help="mitigating or corrective.")],
    why: Annotated[str, WHY],
    at: Annotated[str, typer.Option(help="Since when users can have it; empty with --measure: it is none.")] = "",
    measure: Annotated[str, typer.Option(help="Code of one that was stated, which this supersedes.")] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """State a workaround or a fix: the first one starts the clock of a final report."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.saying import state_measure

    since = instant_of("at", at) if at else None
    state_measure(actor, case=case, kind=kind, why=why, at=since, measure=measure, manufacturer=manufacturer)
    _show(actor, case, format)


@app.command()
def decide(
    case: Annotated[str, CODE],
    decision: Annotated[str, typer.Argument(help="reportable or not_reportable.")],
    ground: Annotated[str, typer.Option(help="A ground of the rules; a wrong one is answered with those there are.")],
    why: Annotated[str, WHY],
    duty: Annotated[str, DUTY] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    vex: Annotated[str, typer.Option(help="A VEX decision that proves it, such as VEX-1.")] = "",
    answer: Annotated[str, typer.Option(help="A frozen answer that proves it.")] = "",
    file: Annotated[Path | None, typer.Option(help="A file that proves it.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Decide whether it has to be reported."""
    from asbuilt.answers.cases.handling.actions.stating import one_of

    reportable = one_of("decision", decision, ("reportable", "not_reportable")) == "reportable"
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.deciding import decide as decide_case

    said = {"ground": ground, "why": why, "duty": duty, "manufacturer": manufacturer, "vex": vex, "answer": answer}
    decide_case(actor, case=case, reportable=reportable, **said, **_file(file))
    _show(actor, case, format)


@app.command()
def freeze(
    case: Annotated[str, CODE],
    question: Annotated[str, typer.Argument(help="Which units are affected; or the ULID of a frozen answer.")],
    why: Annotated[str, WHY],
    supersedes: Annotated[str | None, typer.Option(help="ULID of the answer that this one replaces.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Ask which units are affected, and keep the answer with the case."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions import deciding

    if len(question) == 26 and question.isalnum():
        deciding.link_answer(actor, case=case, answer=question, why=why)
    else:
        deciding.freeze(actor, case=case, question=question, why=why, supersedes=supersedes)
    _show(actor, case, format)


@app.command()
def submit(
    case: Annotated[str, CODE],
    duty: Annotated[str, typer.Argument(help="Which duty, such as cra.aev.")],
    stage: Annotated[str, STAGE],
    at: Annotated[str, AT],
    reference: Annotated[str, typer.Option(help="What the recipient calls it.")] = "",
    manufacturer: Annotated[str, TOWARDS] = "",
    why: Annotated[str, typer.Option(help="Why late, or why again.")] = "",
    again: Annotated[bool, typer.Option("--again", help="It was submitted before, and is again.")] = False,
    file: Annotated[Path | None, typer.Option(help="What was sent, byte for byte.")] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record what was submitted; a past deadline stops nothing."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.deciding import submit as record

    said = {"duty": duty, "stage": stage, "reference": reference, "manufacturer": manufacturer, "why": why}
    record(actor, case=case, at=instant_of("at", at), again=again, **said, **_file(file))
    _show(actor, case, format)


@app.command()
def late(
    case: Annotated[str, CODE],
    duty: Annotated[str, typer.Argument(help="Which duty, such as cra.aev.")],
    stage: Annotated[str, STAGE],
    why: Annotated[str, WHY],
    manufacturer: Annotated[str, TOWARDS] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say why a report is late."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.deciding import say_why_late

    say_why_late(actor, case=case, duty=duty, stage=stage, why=why, manufacturer=manufacturer)
    _show(actor, case, format)


@app.command()
def finding(
    case: Annotated[str, CODE],
    words: Annotated[str, typer.Argument(help="What is known, or what is not.")],
    unknown: Annotated[bool, typer.Option("--unknown", help="It is not known yet.")] = False,
    finding: Annotated[str, typer.Option(help="Code of one that this supersedes, such as K-1.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Say what is known, or not known yet."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.working import state_finding

    state_finding(actor, case=case, words=words, known=not unknown, finding=finding)
    _show(actor, case, format)


@app.command()
def task(
    case: Annotated[str, CODE],
    words: Annotated[str, typer.Argument(help="What is to be done; empty with --task: as it was.")] = "",
    owner: Annotated[str, typer.Option(help="Badge of who does it.")] = "",
    due: Annotated[str, typer.Option(help="Until when, such as 2026-12-24T17:30:00+01:00.")] = "",
    state: Annotated[str, typer.Option(help="todo, doing, done or dropped.")] = "",
    task: Annotated[str, typer.Option(help="Code of one that is there, such as T-1.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Give somebody a task, or say how it stands."""
    due_at = instant_of("due", due) if due else None
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.working import set_task

    set_task(actor, case=case, words=words, owner=owner, due_at=due_at, task_state=state, task=task)
    _show(actor, case, format)


@app.command()
def note(
    case: Annotated[str, CODE],
    words: Annotated[str, typer.Argument(help="For whoever reads the case later.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write a note into the case."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.saying import note as note_case

    note_case(actor, case=case, words=words)
    _show(actor, case, format)


@app.command()
def close(
    case: Annotated[str, CODE],
    why: Annotated[str, WHY],
    left_open: Annotated[
        list[str],
        typer.Option(
            help="NAME=WHY: why a duty, field action, notice or customers without one stay open; repeat it for each."
        ),
    ] = [],  # noqa: B006 - typer takes no other default for a list
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Nothing is left to do, or somebody says of each thing that is open why it stays so."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import close_case

    reasons = dict(each.partition("=")[::2] for each in left_open)
    close_case(actor, case=case, why=why, left_open=reasons)
    _show(actor, case, format)


@app.command()
def reopen(
    case: Annotated[str, CODE], why: Annotated[str, WHY], format: Annotated[Format, FORMAT] = Format.table
) -> None:
    """It was not over."""
    actor = open_record()
    from asbuilt.answers.cases.handling.actions.opening import reopen_case

    reopen_case(actor, case=case, why=why)
    _show(actor, case, format)


def _say_affected(actor, code: str) -> None:
    """How many units, at whom and where: now, and in each frozen answer."""
    from asbuilt.answers.cases.handling.affected import affected

    found = affected(actor, code)
    for when, one in (("now", found["now"]), *((one["answer"], one) for one in found["frozen"])):
        if not one or "certain" not in one:
            continue
        countries = ", ".join(f"{name} {count:,}" for name, count in one.get("countries", {}).items())
        reports = f" Reports: {', '.join(one['reports']).replace('_', ' ')}." if one.get("reports") else ""
        numbers = f"{one['certain']:,} certain, {one['possible']:,} possible, {one['unrecorded']:,} unrecorded"
        say(
            f"Affected {when}: {numbers}; {one['customers']} customers.{f' Finished units in {countries}.' if countries else ''}{reports}"
        )
    for gap in (found["now"] or {}).get("gaps", []):
        say(f"The record does not know: {gap}")


def _show(actor, code: str, format: Format) -> None:
    from asbuilt.answers.cases.handling.seen import case_seen

    found = case_seen(actor, code)
    if format is Format.json:
        print_json(found)
        return
    columns = ("case", "kind", "state", "title", "opened_at", "zone")
    print_table(columns, [[found[name] for name in columns]])
    for one in found["duties"]:
        say(f"{one['name']} {one['manufacturer'] or ''}: {(one['decided'] or 'not decided').replace('_', ' ')}")
        print_clocks(one["clocks"])
        say(_zone_said(one))
    columns = ("recorded_at", "by", "kind", "name", "at", "manufacturer", "why")
    print_table(columns, [[one[name] for name in columns] for one in found["timeline"] if one["kind"] != "shown"])
    _say_affected(actor, code)
    for gap in found["gaps"]:
        say(f"Not known: {gap}")
    say(f"Next: {found['next']}")


def _zone_said(duty: dict) -> str:
    """Whose clock on the wall the local times of a duty are, and where its months end."""
    whose = {"coordinator": "of its coordinator", "case": "of the case"}[duty["zone"]["of"]]
    said = f"Local times are those of {duty['zone']['zone']}, the zone {whose}"
    return f"{said}; months end there, or in UTC where that is earlier." if duty["months_end_in"] else f"{said}."


def _file(file: Path | None) -> dict:
    from asbuilt.doors.cli.signing import read_file

    return {} if file is None else {"content": read_file(file, FILE_BYTES_MAX), "name": file.name}
