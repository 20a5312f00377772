"""`asbuilt instrument`, `qualification`, `area`, `alarm`: calibrations, people, the air, runs out of limits."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.inspections import file_bytes
from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.packages import instant
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number
from asbuilt.kernel.plain import plain

instruments = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
qualifications = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
areas = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
alarms = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
AT = typer.Option("--at", help="When it was so, with offset; else now.")
UNTIL = typer.Option("--until", help="The last day on which it holds, such as 2028-03-01; empty: without an end.")
FILE = typer.Option(help="The certificate; kept byte for byte.")
INSTRUMENT = typer.Argument(help="Code of the instrument or tester.")
ALARM = typer.Argument(help="Number of the alarm, as the list shows it.")


@instruments.command()
def calibrate(
    instrument: Annotated[str, INSTRUMENT],
    as_found: Annotated[str, typer.Option(help="in_tolerance, out_of_tolerance or not_checked.")],
    as_left: Annotated[str, typer.Option(help="in_tolerance or out_of_tolerance.")] = "in_tolerance",
    kind: Annotated[str, typer.Option(help="What it is, such as multimeter.")] = "",
    station: Annotated[str, typer.Option(help="Where it is used; empty: it is a station or machine itself.")] = "",
    certificate: Annotated[str, typer.Option(help="Number of the certificate.")] = "",
    laboratory: Annotated[str, typer.Option(help="Who calibrated it.")] = "",
    until: Annotated[str, UNTIL] = "",
    file: Annotated[Path | None, FILE] = None,
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record a calibration: how the instrument was found, how it was left, until when that holds."""
    content = file_bytes(str(file)) if file is not None else None
    actor = open_record()
    from asbuilt.built.production.actions.process_record import calibrate as record_calibration

    done = record_calibration(
        actor, instrument=instrument, as_found=as_found, as_left=as_left, kind=kind, station=station, certificate=certificate,
        laboratory=laboratory, valid_until=until, content=content, name=file.name if file else "certificate",
        calibrated_at=instant(at),
    )  # fmt: skip
    _said(done, f"{instrument} is calibrated.", format)
    if as_found == "out_of_tolerance" and format is Format.table:
        say(f"It was found out of tolerance. See what that puts in doubt: asbuilt instrument doubt {instrument}")


@instruments.command("list")
def list_instruments(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Every instrument by its last calibration; those that want attention come first."""
    actor = open_record()
    from asbuilt.built.production.process_record import instruments_seen

    found = instruments_seen(actor)
    if format is Format.json:
        print_json({"instruments": [{"instrument": one.name, "state": one.state, **plain(one.last)} for one in found]})
        return
    columns = ("instrument", "state", "valid until", "as found", "as left", "used at", "calibrated", "certificate")
    rows = [
        (
            one.name, one.state, one.last.valid_until, one.last.as_found, one.last.as_left, one.last.place,
            _at(one.last.calibrated_at), one.last.certificate,
        )
        for one in found
    ]  # fmt: skip
    print_table(columns, rows)


@instruments.command()
def doubt(
    instrument: Annotated[str, INSTRUMENT],
    at: Annotated[str, typer.Option("--at", help="The finding of this time; else the last one.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Found out of tolerance: which results, which units since its last good calibration, and the question that asks for them."""
    actor = open_record()
    from asbuilt.questions.genealogy.answering.out_of_tolerance import out_of_tolerance

    found = out_of_tolerance(actor, instrument, instant(at))
    if format is Format.json:
        print_json(plain(found))
        return
    since = (
        _at(found.doubt.since)
        if found.doubt.since is not None
        else "the beginning: it was never left in tolerance before"
    )
    until = _at(found.doubt.until) if found.doubt.until is not None else "now: it was not left in tolerance again"
    say(f"{instrument} cannot be believed from {since} to {until}.")
    print_table(
        ("at", "unit", "plan", "station", "outcome"),
        [(_at(one.started_at), one.unit, one.plan, one.station, one.outcome) for one in found.tests],
    )
    print_table(
        ("at", "step", "machine", "first", "last", "units"),
        [(_at(one.started_at), one.step, one.machine, one.first, one.last, one.units) for one in found.passes],
    )
    say(f"{tell_number(found.tests_total)} test runs, {tell_number(found.passes_total)} process runs.")
    if found.question:
        say(
            f"{tell_number(found.certain)} units certain, {tell_number(found.possible)} possible: asbuilt ask '{found.question}'"
        )
    else:
        say(f"Nothing was recorded at {', '.join(found.doubt.places)}.")


@qualifications.command()
def grant(
    person: Annotated[str, typer.Argument(help="Badge of the person.")],
    qualification: Annotated[str, typer.Argument(help="Such as IPC-A-610, J-STD-001, ESD.")],
    until: Annotated[str, UNTIL] = "",
    level: Annotated[str, typer.Option(help="Such as CIS.")] = "",
    certificate: Annotated[str, typer.Option(help="Number of the certificate.")] = "",
    issuer: Annotated[str, typer.Option(help="Who issued it.")] = "",
    file: Annotated[Path | None, FILE] = None,
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record that a person has a qualification, or that it was renewed."""
    content = file_bytes(str(file)) if file is not None else None
    actor = open_record()
    from asbuilt.built.production.actions.process_record import qualify

    done = qualify(
        actor, person=person, qualification=qualification, valid_until=until, level=level, certificate=certificate,
        issuer=issuer, content=content, name=file.name if file else "certificate", granted_at=instant(at),
    )  # fmt: skip
    _said(done, f"{person} has {qualification}{f' until {until}' if until else ''}.", format)


@qualifications.command("list")
def list_qualifications(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Who holds what until when."""
    actor = open_record()
    from asbuilt.built.production.process_record import qualifications_seen

    found = qualifications_seen(actor)
    if format is Format.json:
        rows = [{"fact": one.fact, "holds": one.holds, **plain(one.row), "person": one.person} for one in found]
        print_json({"qualifications": rows})
        return
    columns = ("person", "qualification", "level", "valid until", "holds", "granted", "certificate", "fact")
    rows = [
        (
            one.person, one.row.qualification, one.row.level, one.row.valid_until, "yes" if one.holds else "no",
            _at(one.row.granted_at), one.row.certificate, one.fact,
        )
        for one in found
    ]  # fmt: skip
    print_table(columns, rows)


@areas.command("say")
def say_area(
    machine: Annotated[str, typer.Argument(help="The machine or station.")],
    area: Annotated[str, typer.Argument(help="Where it stands; empty: in none.")],
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """From then on the machine stands in this area."""
    actor = open_record()
    from asbuilt.built.production.actions.process_record import say_area as record_area

    done = record_area(actor, machine=machine, area=area, from_at=instant(at))
    _said(done, f"{machine} stands in {area or 'no area'}.", format)


@areas.command()
def measure(
    area: Annotated[str, typer.Argument(help="The area.")],
    temperature: Annotated[str, typer.Option(help="°C, such as 22.5.")] = "",
    humidity: Annotated[str, typer.Option(help="Relative, percent.")] = "",
    cleanroom: Annotated[str, typer.Option(help="Class, such as ISO 8.")] = "",
    sensor: Annotated[str, typer.Option(help="What measured it.")] = "",
    at: Annotated[str, AT] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Record what was measured in an area."""
    actor = open_record()
    from asbuilt.built.production.actions.process_record import measure as record_measurement

    done = record_measurement(
        actor, area=area, temperature_c=temperature, humidity_percent=humidity, cleanroom_class=cleanroom, sensor=sensor,
        measured_at=instant(at),
    )  # fmt: skip
    _said(done, f"Measured in {area}.", format)


@areas.command("list")
def list_areas(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Where machines stand, and what was measured last."""
    actor = open_record()
    from asbuilt.built.production.process_record import areas_seen, measured_seen

    placed, measured = areas_seen(actor), measured_seen(actor)
    if format is Format.json:
        rows = [{"fact": one.fact, "now": one.holds, **plain(one.row)} for one in placed]
        print_json({"areas": rows, "environment": [{"fact": one.fact, **plain(one.row)} for one in measured]})
        return
    print_table(
        ("machine", "area", "from", "now"),
        [(one.row.machine, one.row.area, _at(one.row.from_at), "yes" if one.holds else "") for one in placed],
    )
    rows = [
        (
            one.row.area,
            one.row.temperature_c,
            one.row.humidity_percent,
            one.row.cleanroom_class,
            _at(one.row.measured_at),
        )
        for one in measured
    ]
    print_table(("area", "°C", "% humidity", "class", "measured"), rows)


@alarms.command("list")
def list_alarms(
    order: Annotated[str, typer.Option(help="Only those of this order.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Process runs out of the limits of their step; those that wait for a decision come first."""
    actor = open_record()
    from asbuilt.built.production.process_record import alarms_seen

    found = alarms_seen(actor, order)
    if format is Format.json:
        print_json({"alarms": [_alarm(one) for one in found]})
        return
    columns = ("alarm", "order", "step", "machine", "out of limits", "units", "first", "last", "ended", "decided")
    rows = [
        (
            one.alarm.number, one.alarm.order, f"{one.alarm.step} {one.alarm.side}".strip(), one.alarm.machine,
            one.alarm.outside, one.alarm.units, one.first, one.last, _at(one.alarm.finished_at), _decided(one),
        )
        for one in found
    ]  # fmt: skip
    print_table(columns, rows)
    if not found:
        say("No run lies out of its limits.")


@alarms.command("hold")
def hold_units(
    alarm: Annotated[int, ALARM],
    reason: Annotated[str, typer.Option(help="Why; empty: what lay out of limits.")] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Place the proposed hold on the units of the run."""
    actor = open_record()
    from asbuilt.answers.register.alarms import hold_alarm

    code = hold_alarm(actor, alarm=alarm, reason=reason)
    if format is Format.json:
        print_json({"hold": code})
    else:
        say(f"{code} holds the units of alarm {alarm}.")


@alarms.command()
def dismiss(
    alarm: Annotated[int, ALARM],
    reason: Annotated[str, typer.Option(help="Why no hold is needed.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Decide that no hold is needed, and say why."""
    actor = open_record()
    from asbuilt.answers.register.alarms import dismiss_alarm

    _said(dismiss_alarm(actor, alarm=alarm, reason=reason), f"Alarm {alarm} is dismissed.", format)


def _alarm(one) -> dict:
    said = {"alarm": one.alarm.number, "first": one.first, "last": one.last, "proposed_units": one.span}
    return {**said, "proposed_reason": one.reason, **plain(one.alarm)}


def _decided(one) -> str:
    closing = one.alarm.closing
    return f"{closing.decision} {closing.hold}".strip() if closing else ""


def _at(at: int) -> str:
    from asbuilt.kernel.instants import format_instant

    return format_instant(at)


def _said(done, text: str, format: Format) -> None:
    for warning in done.warnings:
        say(warning)
    if format is Format.json:
        print_json({"entry": done.entry, "facts": list(done.facts)})
    else:
        say(f"{text} Entry {done.entry}.")
