"""The operator's screen, driven by Textual's pilot: scans in the one field, PASS and STOP as words, counters, queue."""

import asyncio
import os
import subprocess
import sys

import pytest
from emulated import cortex_image
from line_floor import Device, LineFloor, plan, records_of, step
from station_floor import scan
from textual.widgets import Input, Static

from asbuilt.station.screen import StationScreen
from asbuilt.station.words import use_language


def text(app: StationScreen, name: str) -> str:
    return str(app.query_one(f"#{name}", Static).content)


async def scanned(pilot, *codes: str) -> None:
    """Types codes as a scanner does, and waits for what each begins."""
    for code in codes:
        await pilot.press(*("space" if letter == " " else letter for letter in code), "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def drive(station, steps, size=(100, 30)) -> None:
    """Runs the screen for these steps."""

    async def run():
        app = StationScreen(station)
        async with app.run_test(size=size) as pilot:
            await steps(app, pilot)

    asyncio.run(run())


def test_badge_order_unit_pass(floor, cortex):
    station = floor.station([cortex().place()], units=7)

    async def steps(app, pilot):
        assert text(app, "ask") == "Scan your badge"
        assert app.query_one("#scan", Input).password
        await scanned(pilot, "OP-7")
        assert not app.query_one("#scan", Input).password
        await scanned(pilot, "WO-7 B")
        assert text(app, "ask") == "Scan the unit"
        assert text(app, "units") == "Units 0 / 7"
        await scanned(pilot, "SN-1")
        assert text(app, "result") == "PASS · SN-1"
        assert app.query_one("#result").has_class("pass")
        assert (text(app, "units"), text(app, "passed"), text(app, "queue")) == ("Units 1 / 7", "PASS 1", "Queue 1")

    drive(station, steps)


def test_wrong_revision_stops_until_somebody_with_the_right_says_why(floor, cortex):
    station = floor.station([cortex().place()])

    async def steps(app, pilot):
        await scanned(pilot, "OP-7", "WO-7 A", "SN-1")
        assert text(app, "result") == "STOP · SN-1\nWrong hardware revision"
        assert app.query_one("#result").has_class("stop")
        assert "The unit is of revision A, the permit is for B." in text(app, "said")
        assert text(app, "ask").startswith("Alarm")
        await scanned(pilot, "OP-8", "go on")
        assert "may not release" in text(app, "said")
        await scanned(pilot, "QL-1")
        assert text(app, "ask") == "Reason"
        await scanned(pilot, "wrong traveller")
        assert text(app, "result") == "Released"
        await pilot.press("escape")
        await scanned(pilot, "OP-7", "WO-7", "B", "SN-1")
        assert text(app, "result") == "PASS · SN-1"

    drive(station, steps)


def test_a_failed_unit_says_what_to_do(floor, cortex):
    floor.image = cortex_image("2.3.1", "SELFTEST_FAILS")
    station = floor.station([cortex().place()])

    async def steps(app, pilot):
        await scanned(pilot, "OP-7", "WO-7 B", "SN-1")
        assert text(app, "result") == "STOP · SN-1\nSelf-test failed"
        assert "self-test" in text(app, "said") and "Not to be shipped" in text(app, "said")

    drive(station, steps)


def test_a_panel_scan_gives_every_socket_its_unit(floor, cortex):
    station = floor.station([cortex(f"{number:016x}").place() for number in (1, 2)])

    async def steps(app, pilot):
        await scanned(pilot, "OP-7", "WO-7 B", "PANEL:P1")
        assert text(app, "result") == "PASS · P1/1, P1/2"

    drive(station, steps)


def test_an_alarm_that_stands_is_there_after_a_restart(floor, cortex):
    station = floor.station([cortex().place()])
    station.program(scan("SN-1", work_order="WO-8"), "1")

    async def steps(app, pilot):
        assert text(app, "result") == "STOP\nNo permit for this order"
        assert "No permit here is for work order WO-8." in text(app, "said")

    drive(station, steps, size=(60, 20))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Falsche Hardware-Revision | Einheit scannen"),
        ("pl", "Zła rewizja sprzętu | Zeskanuj wyrób"),
        ("fr", "Mauvaise révision matérielle | Scanner l'unité"),
    ],
)
def test_an_operator_reads_the_reason_in_their_language(language, said):
    """In a process of its own, since a language is chosen once."""
    code = "from asbuilt.station.words import gettext, in_short; print(in_short('station.wrong_revision'), '|', gettext('Scan the unit'))"
    env = {**os.environ, "LANGUAGE": language}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd="/")
    assert done.stdout.strip() == said, done.stderr


def test_a_plan_is_shown_run_by_run_and_a_unit_that_fails_says_why_and_what_to_do(tmp_path):
    """Two runs: the first is shown while the unit is asked, the second finds the fault."""
    device = Device("vcc=3.3 V", "ram=FAIL")
    line = LineFloor(tmp_path)
    steps = [step("power.vcc", "numeric", low="3.2", high="3.4", unit="V"), step("memory.ram")]
    station = line.station([plan(steps, [device.run("power"), device.run("memory")])], [{"network": "127.0.0.1"}])
    shown = []

    async def work(app, pilot):
        told = station.progress
        station.progress = lambda unit, where: (
            told(unit, where),
            shown.append((text(app, "result"), text(app, "said"))),
        )
        await scanned(pilot, "OP-7", "WO-7 B", "SN-1")
        assert text(app, "result") == "STOP · SN-1\nThe unit's own test failed"
        assert text(app, "said") == (
            "memory.ram is FAIL. Not to be shipped. Look at what the unit measured; repair it, then test it again."
        )
        device.said[1] = "ram=PASS"
        await scanned(pilot, "SN-1")
        assert text(app, "result") == "PASS · SN-1"

    drive(station, work)
    assert shown[:2] == [("Testing · SN-1", "SEC 1 / 2: power\n□□"), ("Testing · SN-1", "SEC 2 / 2: memory\n■□")]
    assert [record.outcome for record in records_of(station)] == ["fail", "pass"]


def test_the_same_in_german(tmp_path):
    device = Device("vcc=2.9 V")
    line = LineFloor(tmp_path)
    station = line.station(
        [plan([step("power.vcc", "numeric", low="3.2", high="3.4", unit="V")], [device.run("power")])],
        [{"network": "127.0.0.1"}],
    )
    use_language("de")
    try:

        async def work(app, pilot):
            await scanned(pilot, "OP-7", "WO-7 B", "SN-1")
            assert text(app, "result") == "STOP · SN-1\nEigener Test der Einheit nicht bestanden"
            assert text(app, "said") == (
                "power.vcc ist 2.9 V, nicht 3.2 to 3.4 V. Nicht ausliefern. Ansehen, was die Einheit gemessen hat; reparieren, dann neu prüfen."
            )

        drive(station, work)
    finally:
        use_language("")
    assert records_of(station)[0].said == "power.vcc is 2.9 V, not 3.2 to 3.4 V."
