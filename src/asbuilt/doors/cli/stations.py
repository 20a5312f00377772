"""`asbuilt station`: programming stations: enrol, list, alarms, and the folder that stations without a network get."""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.doors.cli.signing import read_file
from asbuilt.kernel.errors import Invalid

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
FORMAT = typer.Option(help="How to print.")
STATION = typer.Argument(help="The station's name.")
FOLDER = typer.Argument(help="The stick, or a folder that is carried.")


@app.command("enrol")
def enrol(
    station: Annotated[str, STATION],
    site: Annotated[str, typer.Option(help="Its site, as grants write it.")],
    ems: Annotated[str, typer.Option(help="Whose site that is, as grants write it.")],
    keys: Annotated[
        Path | None, typer.Option(help="Of a station without a network: what `asbuilt-station init` printed.")
    ] = None,
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Print a one-time code for the station, once; it ends after a day."""
    given = read_file(keys) if keys else b""
    actor = open_record()
    from asbuilt.built.programming.actions.stations import enrol_by_hand, open_enrolment

    if keys:
        from asbuilt.kernel.canonical import parse_strict

        said = parse_strict(given, bytes_max=64 * 1024, nesting_max=4)
        said = said if isinstance(said, dict) else {}
        if said.get("station") != station:
            raise Invalid(
                "cli.station_keys", f"The file holds the keys of {str(said.get('station', 'no station'))[:40]}.",
                {"station": station}, "Give what `asbuilt-station init` printed for this station.",
            )  # fmt: skip
        found = enrol_by_hand(
            actor, station=station, site=site, ems=ems, public=str(said.get("public", "")),
            transfer=str(said.get("transfer", "")),
        )  # fmt: skip
        say(f"Station {station} is enrolled. It takes what stands below: asbuilt-station accept FILE --pin SHA256")
        print_json({**vars(found), "server_keys": list(found.server_keys)})
        return
    code = open_enrolment(actor, station=station, site=site, ems=ems)
    if format is Format.json:
        print_json({"station": station, "code": code})
    else:
        say(f"Give this code to station {station} within a day (`asbuilt-station enrol`); it is shown once:")
        print(code)


@app.command("list")
def list_stations(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Stations: when each was here, what waits there, its open alarms."""
    actor = open_record()
    from asbuilt.built.programming.telling import stations_told

    found = stations_told(actor)
    if format is Format.json:
        print_json({"stations": found})
        return
    columns = ("station", "state", "site", "seen_at", "waiting", "alarms_open", "unplaced")
    print_table(columns, [tuple(one[column] for column in columns) for one in found])


@app.command("show")
def show(station: Annotated[str, STATION], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """A station: tools, alarms, permits, what it did last."""
    actor = open_record()
    from asbuilt.built.programming.telling import station_seen

    told = station_seen(actor, station)
    if format is Format.json:
        print_json(told)
        return
    say(f"{station} at {told['site']}: {told['state']}, last here {told['seen_at'] or 'never'}.")
    print_table(("tool", "version"), [(one["tool"], one["version"]) for one in told["tools"]])
    columns = ("at", "code", "unit", "said", "released", "alarm")
    print_table(columns, [tuple(one[column] for column in columns) for one in told["alarms"]])
    rows = [
        (one["unit"], _versions(one), one["happened_at"], one["operator"], one["result"], one["said"])
        for one in told["records"]
    ]
    print_table(("unit", "version", "happened_at", "operator", "result", "said"), rows)


def _versions(record: dict) -> str:
    return ", ".join(f"{image['role']} {image['version']}" for image in record["images"])


@app.command("release")
def release(
    station: Annotated[str, STATION],
    alarm: Annotated[str, typer.Argument(help="The alarm, as `station show` prints it.")],
    reason: Annotated[str, typer.Option(help="Why the station may go on.")],
) -> None:
    """Release an alarm; the release travels with the station's next sync or folder."""
    actor = open_record()
    from asbuilt.built.programming.actions.stations import release_station_alarm

    release_station_alarm(actor, station=station, alarm=alarm, reason=reason)
    say(f"Station {station} may go on once it has heard of it.")


@app.command("close")
def close(station: Annotated[str, STATION], reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """The station is not one any more."""
    actor = open_record()
    from asbuilt.built.programming.actions.stations import close_station

    close_station(actor, station=station, reason=reason)
    say(f"Station {station} is closed.")


@app.command("export")
def export(folder: Annotated[Path, FOLDER], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Write what every station may have: FOLDER/asbuilt/STATION/in."""
    actor = open_record()
    from asbuilt.answers.gate.sticks import export_folder

    _carried(export_folder(actor, folder), format)


@app.command("import")
def import_(folder: Annotated[Path, FOLDER], format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Take what stations wrote: FOLDER/asbuilt/STATION/out; receipts go with the next export."""
    actor = open_record()
    from asbuilt.answers.gate.sticks import import_folder

    _carried(import_folder(actor, folder), format)


def _carried(found, format: Format) -> None:
    if format is Format.json:
        print_json({"stations": [{**vars(one), "refused": [list(pair) for pair in one.refused]} for one in found]})
    else:
        print_table(("station", "files", "refused"), [(one.station, one.files, len(one.refused)) for one in found])
        for one in found:
            for name, why in one.refused:
                say(f"{one.station}/{name}: {why}")
    if any(one.refused for one in found):
        raise typer.Exit(4)
