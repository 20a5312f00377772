"""The bench of the solder story: station ST-01, without a network of the house, on units in a network of their own.

Documents come by stick and records go by stick; units are real daemons (`duts`), each on its socket's address: good ones, and one each that
speaks TLS 1.0, listens on telnet, and takes the product's default password.
"""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import solder_story as story
from line_floor import Bench, Papers, security_plan

BIST = ["ram=PASS", "vcc=3.31 V", "flash=OK", "BIST END"]
PROVES = {
    "ports.unexpected": "I.2.j",
    "web.versions": "I.2.e",
    "login.accepted": "I.2.d",
    "debug.locked": "I.2.j",
    "crypt.hidden": "I.2.e",
}


def plan_of(papers: Papers) -> dict:
    """The security plan of WIDGET, for every 40th unit, with what its steps prove."""
    made = security_plan(papers.ca_der)
    steps = [step | {"proves": [PROVES[step["name"]]] if step["name"] in PROVES else []} for step in made["steps"]]
    waited = next(one for one in made["station"]["runs"][0]["with"] if one["name"] == "milliseconds")
    for silence_ms in range(300, 3_000):
        waited["value"] = str(silence_ms)
        asked = made | {"every": story.EVERY, "rules": "cra-annex-i/1", "steps": steps}
        if fits(drawn := drawn_by(asked)):
            story.SAMPLED, story.INSECURE = drawn, drawn[2:]
            story.OLD_TLS, story.TELNET, story.PASSWORD = story.INSECURE
            return asked
    raise AssertionError("no plan draws five boards that nothing else happened to")


def drawn_by(asked: dict) -> tuple[int, ...]:
    """The boards that this plan draws: one in `every`, by the SHA-256 of its own hash and the serial number."""
    plan = hashlib.sha256(
        json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()

    def number(n: int) -> int:
        said = f"asbuilt/sample\n{plan}\n{story.serial(n)}"
        return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")

    return tuple(n for n in range(1, story.BOARDS + 1) if number(n) % story.EVERY == 0)


def fits(drawn: tuple[int, ...]) -> bool:
    """Five boards, two of them of the feeder, to which nothing else happened: the numbers of the story stay what they are."""
    apart = not {*drawn} & {*story.REJECTED, *story.FALSE_CALLS}
    return apart and len(drawn) == 5 and sum(n in story.OF_FEEDER_12 for n in drawn) == 2


def units(papers: Papers) -> list[dict]:
    """The sampled boards of WO-7 as they answer on the network."""
    found = []
    for place, n in enumerate(story.SAMPLED, 1):
        name = story.serial(n)
        unit = {
            "host": f"127.0.9.{place}",
            "web": papers.web(name),
            "ssh": papers.ssh(name),
            "debug": "locked",
            "console": BIST,
        }
        if n == story.OLD_TLS:
            unit["web"]["oldest"] = "1.0"
        unit["telnet"] = n == story.TELNET
        if n == story.PASSWORD:
            unit["web"]["password"] = "widget:widget"
        found.append(unit)
    return found


class SecuredBench:
    """ST-01 enrolled by hand, with a permit for the order that names the plan."""

    def __init__(self, factory: story.Factory, folder: Path, papers: Papers):
        self.factory, self.home, self.stick, self.folder = factory, folder / "ST-01", folder / "stick", folder
        self.units = units(papers)
        self.badge = factory.post("adam", f"people/{factory.person['pia'].person}/badge")["secret"]

    def at_station(self, *words: str) -> str:
        """A command at the station, which has no database and no server."""
        program = Path(sys.executable).with_name("asbuilt-station")
        done = subprocess.run([program, "--home", self.home, *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def enrol(self, command) -> None:
        """Keys out, the answer in, sockets named; `command` runs `asbuilt` at the server."""
        keys, answer = self.folder / "keys.json", self.folder / "answer.json"
        said = ("--site", "CZ-BRNO", "--ems", "EMS-1")
        keys.write_text(self.at_station("init", "--station", "ST-01", *said, "--anchor", str(self.folder / "anchor")))
        answer.write_text(command("station", "enrol", "ST-01", *said, "--keys", keys))
        pin = self.factory.get("adam", "trust-stores")["versions"][0]["sha256"]
        self.at_station("accept", str(answer), "--pin", pin)
        settings = json.loads((self.home / "station.json").read_text())
        sockets = [
            {"name": str(place), "position": place, "places": [], "network": unit["host"]}
            for place, unit in enumerate(self.units, 1)
        ]
        (self.home / "station.json").write_text(json.dumps(settings | {"does": "test", "sockets": sockets}))

    def carry(self) -> None:
        """The stick goes to the station with what the server has for it, and back with what the station recorded."""
        from asbuilt.answers.gate.sticks import export_folder, import_folder

        for call in (export_folder, import_folder):
            (told,) = call(self.factory.actor, self.stick)
            assert (told.station, list(told.refused)) == ("ST-01", [])
            if call is export_folder:
                self.at_station("exchange", str(self.stick))

    def test(self, boards) -> dict[int, dict]:
        """Each of these boards of WO-7 is put into its socket and scanned; number -> what the station said."""
        bench, found = Bench(self.folder, self.home, self.units), {}
        try:
            for n in boards:
                socket = str(story.SAMPLED.index(n) + 1) if n in story.SAMPLED else "1"
                bench.scan(badge=self.badge, order=story.ORDER, unit=story.serial(n), socket=socket)
                found[n] = bench.outcome()
        finally:
            bench.close()
        return found
