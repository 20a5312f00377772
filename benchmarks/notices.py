"""notices: 5,000 mails to a real mail server of this machine, none lost; then once more, with the sender killed in the middle.

As many customers with two units each; one case, one frozen answer, one notice. Only the sending is timed, from the first connection to the last entry of the log.
The server is aiosmtpd in a process of its own, which keeps each mail as a file. The second time the sender is a command, killed with -9 after a
third; the next one goes on. What must have come is counted from what was made: each customer once, with its own two serial numbers.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from email import message_from_bytes, policy
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, engines, machine
from ground.homes import home

ROOT = Path(__file__).resolve().parents[1]
SECONDS, AGAIN = 60, 1
UNITS = 2


def tables(count: int) -> dict[str, list[dict]]:
    """So many customers, each with two units of one product."""
    at = "2026-05-05T08:00:00Z"
    part = {
        "part": "R-10K",
        "description": "",
        "mpn": "RC0402",
        "manufacturer": "Yageo",
        "lifecycle": "active",
        "msl": "1",
    }
    bom = {
        "product": "EG-200",
        "revision": "A",
        "bom_version": "1",
        "line": "10",
        "part": "R-10K",
        "quantity": "1",
        "refdes": "R1",
    }
    order = {
        "order": "WO-1",
        "product": "EG-200",
        "revision": "A",
        "bom_version": "1",
        "quantity": str(count * UNITS),
        "customer": "OW",
        "opened_at": at,
    }
    customers = [
        {"party": f"P-{n}", "name": f"Customer {n}", "roles": "customer", "country": "DE"} for n in range(count)
    ]
    return {
        "parties": [{"party": "OW", "name": "Ostwerk", "roles": "ems;manufacturer", "country": "DE"}, *customers],
        "parts": [part], "bom": [bom], "orders": [order],
        "units": [{"order": "WO-1", "serial": f"SN-{n:06}", "panel": "", "position": "", "state": "built"} for n in range(count * UNITS)],
        "shipments": [
            {"shipment": f"SH-{n}", "customer": f"P-{n}", "country": "DE", "first_serial": f"SN-{n * UNITS:06}",
             "last_serial": f"SN-{n * UNITS + UNITS - 1:06}", "shipped_at": at, "placed_on_market_at": ""}
            for n in range(count)
        ],
    }  # fmt: skip


def prepared(place, folder: Path, count: int) -> str:
    """Everything up to the notice that was read; returns its code."""
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.telling.actions import contacts, writing
    from asbuilt.built.exchange.actions import import_folder

    folder.mkdir()
    for name, rows in tables(count).items():
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    import_folder(place.actor, folder)
    languages = ("en", "de", "pl", "fr")
    told = [(f"P-{n}", "mail", f"c{n}@customer.example", languages[n % 4]) for n in range(count)]
    contacts.set_contacts(place.actor, contacts=told)
    case = opening.open_case(place.actor, kind="aev", title="Bench")
    deciding.freeze(place.actor, case=case, question="product:EG-200", why="bench")
    began = time.perf_counter()
    code = writing.draft_notice(place.actor, case=case, texts={"": {"contact": "psirt@ostwerk.example"}})
    print(f"  drafted to {count:,} customers in {time.perf_counter() - began:.1f} s", flush=True)
    writing.review_notice(place.actor, notice=code, version=1)
    return code


def server(folder: Path) -> tuple[subprocess.Popen, int]:
    """A real mail server, and its port."""
    folder.mkdir()
    command = [sys.executable, ROOT / "tests" / "mail_server.py", folder]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return started, int(started.stdout.readline())


def wrong(folder: Path, count: int, most: int) -> str:
    """What is not as it must be of the mails that came: each customer's own units, nobody left out, at most so many twice."""
    ids: Counter = Counter()
    for file in folder.glob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        number = int(str(mail["To"]).partition("@")[0][1:])
        (attached,) = mail.iter_attachments()
        held = [row["serial_number"] for row in csv.DictReader(attached.get_content().splitlines())]
        if held != [f"SN-{number * UNITS + n:06}" for n in range(UNITS)]:
            return f"customer {number} was told of {held[:5]}"
        ids[number, mail["Message-ID"]] += 1
    twice = sum(times - 1 for times in ids.values())
    if len({number for number, _ in ids}) != count or len(ids) != count or twice > most:
        return f"{len(ids):,} messages to {count:,} customers, {twice} twice"
    return ""


def standing(place, code: str) -> Counter:
    """How the customers stand by the record."""
    from asbuilt.answers.cases.telling.seen import notice_seen

    return Counter(one["state"] for one in notice_seen(place.actor, code)["recipients"])


def once(place, folder: Path, code: str, count: int) -> float:
    """All mails without trouble; returns the seconds."""
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.sending import send_due

    send_notice(place.actor, notice=code, version=1)
    mails, port = server(folder)
    os.environ["ASBUILT_MAIL_SERVER"] = f"127.0.0.1:{port}"
    try:
        began, own = time.perf_counter(), time.process_time()
        taken = send_due(place.actor.tenant)
        seconds, own = time.perf_counter() - began, time.process_time() - own
    finally:
        mails.kill()
    print(
        f"  of these {own:.1f} s of processor are the sender's; {len(list(folder.glob('*.eml'))):,} mails came",
        flush=True,
    )
    said = wrong(folder, count, 0)
    if said or taken != count or standing(place, code) != {"accepted": count}:
        sys.exit(f"wrong: {said or taken} {standing(place, code)}")
    return seconds


def killed(place, folder: Path, code: str, count: int) -> int:
    """All mails again, the sender killed after a third; returns how many went twice."""
    from asbuilt.answers.cases.telling.actions import queuing, writing
    from asbuilt.answers.cases.telling.seen import notice_seen

    writing.revise_notice(place.actor, notice=code, why="again")
    writing.review_notice(place.actor, notice=code, version=2)
    queuing.send_notice(place.actor, notice=code, version=2)
    mails, port = server(folder)
    command = [Path(sys.executable).with_name("asbuilt"), "case", "notices", "deliver"]
    env = {**place.env, "ASBUILT_MAIL_SERVER": f"127.0.0.1:{port}"}
    try:
        first = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        while len(list(folder.glob("*.to"))) < count // 3:
            time.sleep(0.05)
        first.kill()
        first.wait()
        subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=True)
    finally:
        mails.kill()
    if said := wrong(folder, count, AGAIN):
        sys.exit(f"wrong after the kill: {said}")
    twice = len(list(folder.glob("*.eml"))) - count
    events = [event for one in notice_seen(place.actor, code)["recipients"] for event in one["events"]]
    unsure = sum(event["state"] == "unknown" and event["version"] == 2 for event in events)
    if unsure < twice or standing(place, code) != {"accepted": count}:
        sys.exit(f"the record says {unsure} in doubt where {twice} went twice; {standing(place, code)}")
    return twice


def main() -> None:
    """Each engine: the notice once, and once with a kill."""
    said = arguments(__doc__.split("\n")[0], 5_000, "mails").parse_args()
    machine(said.seed)
    os.environ["ASBUILT_MAIL_FROM"] = "notices@ostwerk.example"
    figures = Figures("notices")
    for engine in engines(said.engine):
        print(f"{engine}:", flush=True)
        with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            code = prepared(place, Path(folder) / "tables", said.scale)
            seconds = once(place, Path(folder) / "once", code, said.scale)
            figures.most(f"{engine} {said.scale:,} mails", seconds, SECONDS, " s")
            figures.most(f"{engine} twice after a kill", killed(place, Path(folder) / "killed", code, said.scale), AGAIN, digits=0)  # fmt: skip
    figures.finish()


if __name__ == "__main__":
    main()
