"""`asbuilt-station`: the agent's commands. Text for people goes to standard error, JSON to standard output.

    enrol      keys and folder of a station, with a one-time code
    init       the same by hand     accept FILE   then the server's answer, `asbuilt station enrol --keys`
    run        headless: a line of JSON for each scan in, a line for each outcome out
    screen     the operator's full screen
    sync       send records, fetch documents      exchange FOLDER   the same by a USB stick
    status · release · close · end-certificate · programmers

Exit codes as everywhere: 0 done, 2 not valid, 3 not found, 4 refused, 5 not allowed, 6 not available, 7 tampered.
"""

import argparse
import fcntl
import json
import os
import sys
import threading
from dataclasses import asdict, replace
from pathlib import Path

from asbuilt.kernel.documents import fields, read, text, yes_or_no
from asbuilt.kernel.errors import AsbuiltError, Conflict, Invalid, printable
from asbuilt.station.agent import Outcome, Station
from asbuilt.station.home import LANGUAGES, StationHome, begin_home
from asbuilt.station.lockout import Scanned
from asbuilt.station.words import gettext as _
from asbuilt.station.words import in_words, use_language
from asbuilt.tokens.keys import asked_pin

LINE_BYTES_MAX = 8 * 1024
_SCAN = fields(
    badge=text(), order=text(), unit=text(), panel=text(), revision=text(40), socket=text(20), second_badge=text(),
    rework=yes_or_no, progress=yes_or_no,
)  # fmt: skip
_EMPTY = {"unit": "", "panel": "", "second_badge": "", "rework": False, "socket": "", "progress": False}


def main(words: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; no traceback reaches the terminal."""
    use_language(_language(words))
    asked = _parser().parse_args(words)
    try:
        asked.call(asked)
    except AsbuiltError as error:
        said = f"{in_words(error.message)} [{error.code}]"
        print(printable(f"{said}\n{in_words(error.remedy)}" if error.remedy else said), file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        print(f"{error.filename or 'A file'}: {error.strerror or error} [station.file_unusable]", file=sys.stderr)
        sys.exit(6)


def _language(words: list[str] | None) -> str:
    """What `--language` or station.json says, before anything is put into words."""
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    _common(early)
    asked, _rest = early.parse_known_args(words)
    if asked.language:
        return asked.language
    try:
        return StationHome(asked.home).settings().language
    except (AsbuiltError, OSError):
        # whatever is wrong with the settings, the command says it itself
        return ""


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--home", type=Path, default=Path("var/station"), help=_("Folder of the station."))
    parser.add_argument("--language", choices=LANGUAGES, help=_("Language of the operator's sentences."))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="asbuilt-station", description=_("The programming station."))
    _common(parser)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, call, what: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=what)
        one.set_defaults(call=call)
        return one

    made = command("init", _init, _("Make keys and folder of a station."))
    for field in ("station", "site", "ems", "anchor"):
        made.add_argument(f"--{field}", required=True)
    accepted = command("accept", _accept, _("Of a station that was set up by hand: take the server's answer."))
    accepted.add_argument("file", type=Path)
    accepted.add_argument("--pin", required=True, help=_("SHA-256 of the first trust store, told on another way."))
    enrolled = command("enrol", _enrol, _("Enrol with a one-time code, read from standard input."))
    enrolled.add_argument("--server", required=True)
    enrolled.add_argument("--anchor", type=Path, required=True)
    command("run", _run, _("Headless: scans in, outcomes out, a line of JSON each."))
    command("screen", _screen, _("The operator's screen."))
    command("sync", _sync, _("Send records, fetch documents."))
    command("exchange", _exchange, _("The same by a USB stick.")).add_argument("folder", type=Path)
    command("status", _status, _("Counters, queue, alarm."))
    released = command("release", _release, _("Release the alarm; the badge is read from standard input."))
    released.add_argument("--why", required=True)
    command("close", _close, _("No more units under a permit; prints its end certificate.")).add_argument("permit")
    command("end-certificate", _end, _("The summary of a permit as it stands.")).add_argument("permit")
    command("programmers", _programmers, _("Programmers and their tools."))
    return parser


def _station(asked) -> Station:
    station = Station(asked.home)
    for entry in station.start():
        told = _("Begun and not ended: unit {unit}. It stays spent until it is presented again.")
        print(told.format(unit=entry.facts.get("unit") or entry.uid), file=sys.stderr)
    return station


def _init(asked) -> None:
    names = {"station": asked.station, "site": asked.site, "ems": asked.ems, "anchor": asked.anchor}
    known = StationHome(asked.home).set_up_as()
    if known and any(known.get(name) != value for name, value in names.items()):
        raise Conflict(
            "station.set_up_already", "This folder is set up as another station.",
            {"station": known.get("station")}, "Give another folder with --home.",
        )  # fmt: skip
    begin_home(asked.home, {**names, "server": known.get("server", ""), "sockets": []})
    Path(asked.anchor).mkdir(parents=True, exist_ok=True)
    from asbuilt.station.enrolment import public_keys

    public, transfer = public_keys(StationHome(asked.home))
    print(json.dumps({"station": asked.station, "public": public, "transfer": transfer}))


def _accept(asked) -> None:
    from asbuilt.station.enrolment import ANSWER_BYTES_MAX, accept

    with open(asked.file, "rb") as answer:
        trusted = accept(StationHome(asked.home), answer.read(ANSWER_BYTES_MAX + 1), asked.pin)
    print(
        json.dumps(
            {"station": StationHome(asked.home).settings().station, "server_keys": [key.key_id for key in trusted]}
        )
    )


def _enrol(asked) -> None:
    from asbuilt.station.enrolment import enrol

    # a code on the command line would stand in the list of processes
    code = sys.stdin.readline().strip()
    asked.anchor.mkdir(parents=True, exist_ok=True)
    print(json.dumps({"station": enrol(asked.home, asked.server, code, asked.anchor).settings().station}))


def _at_work(asked) -> Station:
    """A station that programs: one agent a folder, in touch with its server in the background.

    The lock's handle is never closed: it ends with the process, however that ends.
    """
    held = os.open(asked.home / "agent.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise Conflict(
            "station.agent_runs", "An agent works in this folder already.", {"folder": str(asked.home)},
            "Stop that one, or use its screen.",
        ) from None  # fmt: skip
    station = _station(asked)
    if station.settings.authority:
        station.token_pin = asked_pin(station.settings.authority, _("PIN of token {token}: "))
    if station.settings.server:
        from asbuilt.station.sync import keep_in_touch

        threading.Thread(target=keep_in_touch, args=(asked.home,), daemon=True).start()
    return station


def _run(asked) -> None:
    station = _at_work(asked)
    while line := sys.stdin.buffer.readline(LINE_BYTES_MAX + 1):
        if not line.strip():
            continue
        try:
            for outcome in _program(station, line):
                print(json.dumps(asdict(outcome), ensure_ascii=False), flush=True)
        except AsbuiltError as error:
            print(json.dumps({"result": "refused", "reason": error.code, "said": error.message}), flush=True)


def _program(station: Station, line: bytes) -> list[Outcome]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Invalid(
            "station.scan_line", "A scan is one line of JSON.", {}, "Write badge, order, unit, revision, socket."
        )
    asked = read(json.dumps({**_EMPTY, **given}).encode(), _SCAN, bytes_max=2 * LINE_BYTES_MAX)
    scanned = Scanned(
        asked["badge"], asked["order"], asked["unit"], asked["revision"], asked["second_badge"], asked["rework"]
    )
    station.progress = _tell_progress if asked["progress"] else lambda unit, where: None
    if asked["panel"]:
        return station.program_panel(scanned, asked["panel"])
    return [station.take(scanned, asked["socket"] or station.first_socket)]


def _tell_progress(unit: str, where) -> None:
    print(json.dumps({"unit": unit, "progress": asdict(where)}, ensure_ascii=False), flush=True)


def _screen(asked) -> None:
    from asbuilt.station.screen import StationScreen

    StationScreen(_at_work(asked)).run()


def _sync(asked) -> None:
    from asbuilt.station.sync import sync

    print(json.dumps(asdict(sync(_station(asked)))))


def _exchange(asked) -> None:
    from asbuilt.station.exchange import put_folder, take_folder

    station = _station(asked)
    written = put_folder(station, asked.folder, take_folder(station, asked.folder))
    print(json.dumps({"written": [file.name for file in written], "waiting": station.outbox.counts()[0]}))


def _status(asked) -> None:
    station = _station(asked)
    standing = station.alarm()
    print(json.dumps({
        "station": station.settings.station, "alarm": asdict(standing) if standing else None,
        "permits": [asdict(station.counters(permit)) for permit in station.home.permit_ids()],
        "waiting": station.outbox.counts()[0], "open": [entry.facts.get("unit") for entry in station.open],
        "fixtures": station.fixtures() if station.settings.fixtures else [],
    }))  # fmt: skip


def _release(asked) -> None:
    station = _station(asked)
    print(json.dumps(asdict(replace(station.release_alarm(sys.stdin.readline().strip(), asked.why)))))


def _close(asked) -> None:
    sys.stdout.buffer.write(_station(asked).close(asked.permit) + b"\n")


def _end(asked) -> None:
    sys.stdout.buffer.write(_station(asked).end_certificate(asked.permit) + b"\n")


def _programmers(asked) -> None:
    from asbuilt.station.programmers.known import PROGRAMMERS
    from asbuilt.station.programmers.protocol import ToolFailed

    for name, programmer in PROGRAMMERS.items():
        try:
            tool = programmer.probe()
            said = {"version": tool.version, "sha256": tool.sha256}
        except ToolFailed as failed:
            said = {"version": None, "lacks": failed.text}
        print(
            json.dumps(
                {"programmer": name, "note": "" if programmer.verified else _("not verified on hardware"), **said}
            )
        )


if __name__ == "__main__":
    main()
