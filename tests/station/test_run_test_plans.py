"""A station runs the test plan that its permit names: runs apart and stopped in time, tries, golden units, fixtures, evidence, crashes."""

import json
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import duts
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from drawn import drawn
from duts import lines, serve
from emulated import Esp32, free_port
from line_floor import Device, LineFloor, Papers, plan, records_of, run, step
from station.test_program_with_real_tools import session
from station_floor import scan

from asbuilt.station.agent import Station
from asbuilt.station.outbox import SEND_BYTES_MAX, Waiting, batches

PNG = b"\x89PNG\r\n\x1a\n" + b"picture of a board" * 20


@pytest.fixture
def line(tmp_path):
    return LineFloor(tmp_path)


VCC = step("bist.vcc", "numeric", low="3.2", high="3.4", unit="V")
HERE = [{"network": "127.0.0.1"}]


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def kinds(station: Station, unit: str) -> list[str]:
    return [entry.kind for entry in station.ledger.of_unit(f"test/{unit}")]


def test_a_unit_is_measured_in_the_plans_unit_and_its_record_names_plan_fixture_and_files(line):
    device = Device("vcc=3310 mV", "ram=PASS")
    station = line.station(
        [plan([VCC, step("bist.ram")], [device.run()], fixture="SEC-BENCH")],
        [HERE[0] | {"fixture": "FX-1"}],
        fixtures=[line.fixture()],
    )
    seen = []
    station.progress = lambda unit, where: seen.append((unit, where.plan, where.number, where.of, where.run))
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.plans, outcome.said) == ("pass", ("SEC",), "")
    assert seen == [("SN-1", "SEC", 1, 1, "bist")]
    (record,) = records_of(station)
    assert (record.outcome, record.unit, record.operator, record.fixture, record.fixture_cycles, record.attempt) == (
        "pass",
        "SN-1",
        "eva",
        "FX-1",
        1,
        1,
    )
    vcc, ram = record.measures
    assert (vcc.step, vcc.value, vcc.unit, vcc.limits, vcc.result) == ("bist.vcc", "3310", "mV", "3.2 to 3.4 V", "pass")
    assert (ram.step, ram.kind, ram.value, ram.result) == ("bist.ram", "verdict", "PASS", "pass")
    ((_, log),) = station.outbox.waiting()[0].files
    assert log == b"vcc=3310 mV\nram=PASS\nEND"
    assert kinds(station, "SN-1") == ["TESTING", "TESTED"]


def test_a_run_that_hangs_is_stopped_with_everything_that_it_started(line):
    tarpit = socket.create_server(("127.0.0.1", 0))  # takes connections, says nothing
    port = tarpit.getsockname()[1]
    station = line.station(
        [plan([step("ssh.policy")], [run("ssh", "ssh", port=port, policy='name = "W";version = 1', seconds=1)])], HERE
    )
    began = time.monotonic()
    outcome = station.take(scan("SN-1"), "1")
    assert time.monotonic() - began < 5
    assert (outcome.result, outcome.reason) == ("error", "timeout")
    assert outcome.said == "Run ssh: The check did not end within 1 s and was stopped."
    until = time.monotonic() + 5  # what was killed is there until the system has taken it away
    while left := [
        one for one in Path("/proc").glob("[0-9]*/cmdline") if _holds(one, b"ssh-audit", str(port).encode())
    ]:
        assert time.monotonic() < until, left
        time.sleep(0.05)
    (record,) = records_of(station)
    assert (record.outcome, record.measures[0].result) == ("error", "error")
    tarpit.close()


def _holds(file: Path, *words: bytes) -> bool:
    try:
        return all(word in file.read_bytes() for word in words)
    except OSError:
        return False


def test_what_could_not_be_looked_at_is_tried_again_and_every_try_is_recorded(line):
    tries, port = [], free_port()

    def talk(link):
        tries.append(link)
        if len(tries) == 3:  # the unit has started at last
            lines(["vcc=3.3 V", "END"])(link)

    serve("127.0.0.1", port, talk)
    asked = run("bist", "console", port=port, ask="bist", until="END", milliseconds=1500, tries=5)
    station = line.station([plan([VCC], [asked])], HERE)
    assert station.take(scan("SN-1"), "1").passed
    (record,) = records_of(station)
    assert [(one.step, one.result) for one in record.measures] == [
        ("bist.vcc", "error"),
        ("bist.vcc~2", "error"),
        ("bist.vcc~3", "pass"),
    ]
    assert [file.name for file in record.files] == [
        "bist-1.log",
        "bist-2.log",
        "bist-3.log",
    ] and record.outcome == "pass"


@pytest.mark.parametrize(("again_on", "tries"), [("error", 1), ("fail", 3)])
def test_a_unit_that_failed_is_measured_again_only_where_the_plan_says_so(line, again_on, tries):
    device = Device("vcc=2.9 V")
    station = line.station([plan([VCC], [device.run(tries=3, again_on=again_on)])], HERE)
    assert station.take(scan("SN-1"), "1").reason == "device_test"
    (record,) = records_of(station)
    assert len(record.measures) == tries


def test_a_unit_comes_as_often_as_the_plan_allows(line):
    device = Device("vcc=2.9 V")
    station = line.station([plan([VCC], [device.run()], retests=2)], HERE)
    assert [station.take(scan("SN-1"), "1").result for _ in range(3)] == ["fail", "fail", "refused"]
    refused = station.take(scan("SN-1"), "1")
    assert (
        refused.reason == "station.retests_exhausted"
        and "tested 2 times" in refused.said
        and "nonconformity" in refused.remedy
    )
    assert station.alarm() is None and [record.attempt for record in records_of(station)] == [1, 2]


def test_golden_units_good_and_bad_have_to_show_their_outcome_first(line):
    device = Device("vcc=3.3 V")
    golden = [{"unit": "GOLD", "outcome": "pass"}, {"unit": "RED", "outcome": "fail"}]
    station = line.station([plan([VCC], [device.run()], golden=golden, golden_hours=8)], HERE)
    due = station.take(scan("SN-1"), "1")
    assert (due.reason, due.remedy) == ("station.golden_due", "Scan golden unit GOLD and put it into the socket.")
    assert station.take(scan("GOLD"), "1").passed
    assert "RED has to show FAIL" in station.take(scan("SN-1"), "1").said
    assert station.take(scan("RED"), "1").passed  # a bench that sees nothing wrong in it is blind
    assert "RED has to show FAIL" in station.take(scan("SN-1"), "1").said
    device.said[0] = "vcc=2.9 V"
    assert station.take(scan("RED"), "1").result == "fail"
    device.said[0] = "vcc=3.3 V"
    assert station.take(scan("SN-1"), "1").passed
    assert [(record.unit, record.golden) for record in records_of(station)] == [
        ("GOLD", True),
        ("RED", True),
        ("RED", True),
        ("SN-1", False),
    ]
    station._clock = station.ledger._clock = lambda: line.floor.now + 9 * 3_600_000_000
    assert station.take(scan("SN-2"), "1").reason == "station.golden_due"


def test_a_fixture_without_calibration_worn_out_or_of_another_kind_tests_nothing(line):
    device = Device("vcc=3.3 V")
    wanted = plan([VCC], [device.run()], fixture="SEC-BENCH")
    socket_of = [HERE[0] | {"fixture": "FX-1"}]
    station = line.station([wanted], socket_of, fixtures=[line.fixture(cycles_max=2)])
    assert [station.take(scan(unit), "1").result for unit in ("SN-1", "SN-2", "SN-3")] == ["pass", "pass", "refused"]
    worn = station.take(scan("SN-3"), "1")
    assert worn.reason == "station.fixture_worn" and "made 2 cycles" in worn.said and station.alarm() is None
    settings = json.loads((station.home.folder / "station.json").read_text())
    for change, reason in (
        ({"fixtures": [line.fixture(hours=-1)]}, "station.fixture_calibration"),
        ({"fixtures": [line.fixture(kind="ICT-BENCH")]}, "station.fixture_other"),
        ({"fixtures": []}, "station.fixture_other"),
    ):
        station.home.put("station.json", json.dumps(settings | change).encode())
        again = Station(station.home.folder)
        assert again.take(scan("SN-4"), "1").reason == reason
        if again.alarm():
            again.release_alarm("QL-1", "right fixture")
    assert len(records_of(station)) == 2


def test_a_pass_without_the_picture_that_the_plan_demands_is_none(line, tmp_path):
    shots = tmp_path / "shots"
    shots.mkdir()
    wanted = plan(
        [step("photo.taken", needed=False)],
        [run("photo", "picture", name="{unit}-*.png", seconds=1, evidence=("picture",))],
    )
    station = line.station([wanted], [{"network": "127.0.0.1", "incoming": str(shots)}])
    assert (station.take(scan("SN-1"), "1").result, records_of(station)[0].outcome) == ("error", "error")
    (shots / "SN-1-top.png").write_bytes(PNG)
    time.sleep(0.25)
    assert station.take(scan("SN-1"), "1").passed
    record = records_of(station)[1]
    picture = next(file for file in record.files if file.kind == "picture")
    assert (picture.media, picture.bytes) == ("image/png", len(PNG))
    assert dict(station.outbox.waiting()[1].files)[picture.sha256] == PNG
    used = station.take(scan("SN-1"), "1")
    assert (used.result, used.reason) == ("error", "file_used")


JUNIT = (
    '<testsuite name="bscan" timestamp="2026-11-28T10:00:00" time="1"><properties><property name="serial" value="{unit}"/></properties>'
    '<testcase name="interconnect" time="0.2"/><testcase name="u7_pins" time="0.1">{more}</testcase></testsuite>'
)


@pytest.mark.parametrize(
    ("unit", "more", "steps", "result", "reason"),
    [
        ("SN-1", "", ("interconnect", "u7_pins", "outcome"), "pass", ""),
        ("SN-1", '<failure message="pin 4 open"/>', ("interconnect", "u7_pins", "outcome"), "fail", "file_result"),
        # the plan picks out what was good
        ("SN-1", '<failure message="pin 4 open"/>', ("interconnect",), "fail", "file_result"),
        ("SN-2", "", ("outcome",), "error", "file_other_unit"),
    ],
)
def test_results_of_a_boundary_scan_are_taken_from_its_file(line, tmp_path, unit, more, steps, result, reason):
    wanted = plan(
        [step(f"jtag.{name}") for name in steps],
        [run("jtag", "file", name="{unit}.xml", kind="junit", seconds=2)],
    )
    station = line.station([wanted], [{"incoming": str(tmp_path)}])
    (tmp_path / "SN-1.xml").write_text(JUNIT.format(unit=unit, more=more))
    time.sleep(0.25)
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == (result, reason), outcome


def test_a_file_of_plain_lines_is_taken_with_the_plans_limits(line, tmp_path):
    wanted = plan(
        [step("ict.r12", "numeric", low="28.0", high="28.4", unit="kOhm")],
        [run("ict", "file", name="{unit}.txt", seconds=2)],
    )
    station = line.station([wanted], [{"incoming": str(tmp_path)}])
    (tmp_path / "SN-1.txt").write_text("r12 28300 Ohm\n")
    time.sleep(0.25)
    assert station.take(scan("SN-1"), "1").passed
    (tmp_path / "SN-2.txt").write_text("r12 NaN Ohm\n")
    time.sleep(0.25)
    assert station.take(scan("SN-2"), "1").result == "fail"


def test_what_is_not_measured_of_a_needed_step_fails_and_of_another_does_not(line):
    device = Device("vcc=3.3 V")
    station = line.station([plan([VCC, step("bist.ram", needed=False)], [device.run()])], HERE)
    assert station.take(scan("SN-1"), "1").passed
    other = plan([VCC, step("bist.ram")], [device.run()], name="MORE")
    again = LineFloor(made(line.folder / "b"))
    station = again.station([other], HERE)
    failed = station.take(scan("SN-1"), "1")
    assert (failed.result, failed.said) == ("fail", "bist.ram was not measured.")


def test_a_plan_that_was_edited_at_the_station_stops_it(line):
    device = Device("vcc=2.9 V")
    station = line.station([plan([VCC], [device.run()])], HERE)
    (file,) = (station.home.folder / "tests").iterdir()
    file.write_bytes(file.read_bytes().replace(b'"low":"3.2"', b'"low":"2.2"'))
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("refused", "station.test_plan_other")
    assert station.alarm().code == "station.test_plan_other"
    assert station.take(scan("SN-1"), "1").reason == "station.alarm_stands"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"badge": "NOBODY"}, "station.badge_unknown"),
        ({"badge": "GUEST"}, "station.operator_not_allowed"),
        ({"revision": "C"}, "station.wrong_revision"),
        ({"work_order": "WO-404"}, "station.no_permit"),
        ({"unit": "SN-HELD"}, "station.unit_held"),
    ],
)
def test_who_may_not_program_here_may_not_test_either(line, change, reason):
    line.floor.bulletin["held_units"] = ["SN-HELD"]
    device = Device("vcc=3.3 V")
    station = line.station([plan([VCC], [device.run()])], HERE)
    assert station.take(replace(scan("SN-1"), **change), "1").reason == reason
    assert records_of(station) == []


def test_a_permit_without_a_test_plan_and_a_socket_without_a_network_test_nothing(line):
    station = line.station([], HERE)
    assert station.take(scan("SN-1"), "1").reason == "station.no_test_plan"
    other = LineFloor(made(line.folder / "c"))
    station = other.station(
        [plan([step("web.versions", "text", expected="TLSv1.3")], [run("web", "tls", port=443)])], [{}]
    )
    assert station.take(scan("SN-1"), "1").reason == "no_network"


def drawn_at(station: Station, every: int) -> tuple[list[str], list[str]]:
    """(units that its plan draws, others) by the rule as the documentation says it."""
    (named,) = station.home.permit_for("WO-7", station.ledger.now()).tests
    units = [f"SN-{n}" for n in range(1, 60)]
    return [u for u in units if drawn(named.sha256, u, every)], [u for u in units if not drawn(named.sha256, u, every)]


def test_a_sampled_plan_tests_the_units_that_it_draws_in_whatever_order_they_come(line):
    """The gate asks for the same ones. Who is passed over is told so, and is passed over again when it comes again."""
    station = line.station([plan([VCC], [Device("vcc=3.3 V").run()], every=5)], HERE)
    asked, others = drawn_at(station, 5)
    for unit in (others[0], asked[1], others[1], others[0], asked[0]):
        outcome = station.take(scan(unit), "1")
        said = "" if unit in asked else "SEC tests one of 5 units; this one is not drawn."
        assert (outcome.result, outcome.plans, outcome.said) == ("pass", ("SEC",) if unit in asked else (), said)
    assert [record.unit for record in records_of(station)] == [asked[1], asked[0]]


def test_a_drawn_unit_that_failed_is_tested_again_until_it_passes(line):
    device = Device("vcc=2.9 V")
    station = line.station([plan([VCC], [device.run()], every=2)], HERE)
    asked, others = drawn_at(station, 2)
    assert station.take(scan(asked[0]), "1").result == "fail" == station.take(scan(asked[0]), "1").result
    assert station.take(scan(others[0]), "1").plans == ()
    device.said[0] = "vcc=3.3 V"
    assert station.take(scan(asked[0]), "1").plans == ("SEC",)


def test_a_test_that_a_crash_cut_off_is_told_as_aborted_and_counts_as_a_try(line):
    tarpit = socket.create_server(("127.0.0.1", 0))
    slow = run("bist", "console", port=tarpit.getsockname()[1], until="END", milliseconds=60_000)
    station = line.station([plan([VCC], [slow], retests=2)], HERE, start=False)
    words = [sys.executable, "-m", "asbuilt.station.main", "--home", str(station.home.folder), "run"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.write(
        json.dumps({"badge": "OP-7", "order": "WO-7", "revision": "B", "unit": "SN-1"}).encode() + b"\n"
    )
    process.stdin.flush()
    link, _ = tarpit.accept()  # the run is at the unit
    process.kill()
    process.wait(10)
    link.settimeout(5)
    while link.recv(100):  # the run ends with its agent: nobody tests a unit that nobody watches
        pass
    again = Station(station.home.folder)
    again.start()
    tarpit.close()
    outcome = again.take(scan("SN-1"), "1")
    assert outcome.reason == "no_answer"
    cut, ended = records_of(again)
    assert (cut.outcome, cut.attempt, cut.reason, cut.said) == (
        "aborted",
        1,
        "interrupted",
        "The station stopped in the middle of this test.",
    )
    assert (ended.outcome, ended.attempt) == ("error", 2)
    assert again.take(scan("SN-1"), "1").reason == "station.retests_exhausted"
    process.stdin.close(), process.stdout.close()


def test_evidence_is_bounded_however_much_a_unit_says(line):
    device = Device("vcc=3.3 V", *("x" * 190 for _ in range(395)))
    station = line.station([plan([VCC], [device.run()])], HERE)
    assert station.take(scan("SN-1"), "1").passed
    ((_, log),) = station.outbox.waiting()[0].files
    assert 50_000 < len(log) <= 64 * 1024


def test_telnet_with_a_default_password_is_found_and_a_good_one_is_not(line):
    port, good = free_port(), free_port()
    serve("127.0.0.1", port, duts.telnet)
    serve("127.0.0.1", good, lambda link: duts.telnet(link, b"Kx9-4711-zz"))
    steps = [step("login.accepted", "numeric", expected="0")]
    own = plan(steps, [run("login", "credentials", over="telnet", port=good)], name="OWN")
    wanted = plan(steps, [run("login", "credentials", over="telnet", port=port)])
    station = line.station([own, wanted], HERE)
    outcome = station.take(scan("SN-1"), "1")
    assert [record.outcome for record in records_of(station)] == ["pass", "fail"]
    assert (outcome.reason, outcome.said) == (
        "default_password",
        f"The unit lets in with default password no. 6 at port {port}.",
    )


def test_a_unit_that_speaks_the_newest_tls_alone_is_no_unit_without_tls(line):
    port = free_port()
    duts.Web("127.0.0.1", Papers(line.folder).web("SN-1") | {"oldest": "1.3"}, port)
    steps = [step("web.versions", "text", expected="TLSv1.3"), step("web.least_strength", "text", expected="A")]
    station = line.station([plan(steps, [run("web", "tls", port=port)])], HERE)
    assert station.take(scan("SN-1"), "1").passed


def test_what_a_hostile_unit_says_reaches_screen_and_record_without_its_control_characters(line, tmp_path):
    (tmp_path / "SN-1.txt").write_text("name \x1b[2J\u202e1.4.2 \u2066V\nEND\n")
    wanted = plan([step("dut.name", "text", expected="1.4.2")], [run("dut", "file", name="{unit}.txt", seconds=2)])
    station = line.station([wanted], [{"incoming": str(tmp_path)}])
    time.sleep(0.25)
    outcome = station.take(scan("SN-1"), "1")
    (record,) = records_of(station)
    assert outcome.result == "fail" and outcome.said.isprintable()
    assert record.measures[0].value.isprintable() and record.measures[0].unit.isprintable()


def test_a_silent_unit_without_power_proves_nothing(line):
    quiet = [run("diag", "silent", port=free_port(), alive=free_port(), milliseconds=100)]
    station = line.station([plan([step("diag.silent")], quiet)], HERE)
    assert (station.take(scan("SN-1"), "1").result, records_of(station)[0].measures[0].result) == ("error", "error")


def test_programmed_and_tested_in_one_turn_with_the_certificate_that_it_was_given(floor, cortex, tmp_path):
    """The station programs the unit, which starts and refuses a changed image; then the unit shows that very certificate."""
    from station.test_give_certificates import certified, given_to, make_authority

    certified(floor)
    floor.plan["boot"]["negative_every"] = 1
    target = cortex()
    line = LineFloor(made(tmp_path / "line"))
    line.floor = floor
    web = free_port()
    authority = make_authority(line.folder / "ST-01")
    ca = b64encode(authority.public_bytes(Encoding.DER)).decode()
    steps = [
        step("made.booted"),
        step("made.secure_boot"),
        step("cert.as_given"),
        step("cert.chain"),
        step("cert.names_unit"),
        step("cert.unique"),
    ]
    wanted = plan(steps, [run("made", "programmed"), run("cert", "certificate", port=web, ca=ca, given="device-key")])
    station = line.station([wanted], [{"network": "127.0.0.1", "places": [target.place()]}], does="both")
    early = station.take(scan("SN-1"), "1")  # programmed; nobody answers for the certificate yet
    assert (early.result, early.reason) == ("error", "no_answer"), early
    key, certificate = given_to(target)
    papers = Papers(tmp_path)
    said = papers.web("SN-1")
    served = duts.Web("127.0.0.1", said, web)
    other = station.take(scan("SN-1"), "1")  # a key that this station did not give it
    assert (other.result, other.reason) == ("fail", "certificate_other"), other
    assert other.said == "The certificate is another one than the unit was given."
    Path(said["cert"]).write_bytes(certificate.public_bytes(Encoding.PEM))
    Path(said["key"]).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    served.context.load_cert_chain(said["cert"], said["key"])
    done = station.take(scan("SN-1"), "1")  # tested again, not programmed again
    assert done.passed, done
    assert [record.outcome for record in records_of(station)] == ["error", "fail", "pass"]
    assert [entry.kind for entry in station.ledger.of_kind("COMMIT")] == ["COMMIT"]


@pytest.mark.parametrize(
    ("boot", "reason", "said"),
    [
        (None, "not_booted", "The unit's programming here did not start it."),
        (0, "secure_boot_not_shown", "No changed image was tried on this unit, so secure boot was not shown."),
    ],
)
def test_a_unit_that_was_programmed_without_showing_its_start_or_its_secure_boot_does_not_pass(
    floor, cortex, tmp_path, boot, reason, said
):
    if boot is None:
        floor.plan["boot"] = None
    else:
        floor.plan["boot"]["negative_every"] = boot
    line = LineFloor(made(tmp_path / "line"))
    line.floor = floor
    wanted = plan([step("made.booted"), step("made.secure_boot")], [run("made", "programmed")])
    station = line.station([wanted], [{"network": "127.0.0.1", "places": [cortex().place()]}], does="both")
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason, outcome.said) == ("fail", reason, said), outcome


def test_a_unit_that_was_not_programmed_here_has_shown_no_start(line):
    station = line.station([plan([step("made.booted")], [run("made", "programmed")])], HERE)
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.reason, outcome.said) == ("not_booted", "This unit was not programmed at this station.")


def test_a_long_queue_is_sent_in_parts():
    waiting = [Waiting(str(number), b"{}", "", ((str(number), b"x" * 1_000_000),)) for number in range(20)]
    parts = batches(waiting)
    assert [one.key for part in parts for one in part] == [str(number) for number in range(20)]
    assert all(
        sum(len(content) * 4 // 3 for one in part for _, content in one.files) <= SEND_BYTES_MAX for part in parts
    )
    assert len(parts) == 4 and batches([]) == []


def test_the_agent_opens_no_port_while_it_tests(line):
    device = Device("vcc=3.3 V")
    station = line.station([plan([VCC], [device.run()])], HERE)
    before, during = _listening(), []
    station.progress = lambda unit, where: during.append(_listening())
    assert station.take(scan("SN-1"), "1").passed
    assert during == [before] and _listening() == before and len(before) >= 1


def _listening() -> set[str]:
    """Inodes of this process's sockets that listen, of which the unit's console is one."""
    own = {
        os.readlink(one)[8:-1]
        for one in Path("/proc/self/fd").iterdir()
        if one.is_symlink() and os.readlink(one).startswith("socket:")
    }
    rows = [row.split() for kind in ("tcp", "tcp6") for row in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[3] == "0A"} & own


def test_a_lock_is_probed_through_the_programmer_too(line, tmp_path, targets):
    """Real espefuse on virtual fuses: the open part is found, the locked one passes, and a part of another kind proves nothing."""
    targets.append(target := Esp32(tmp_path))
    probe = run("debug", "debug", programmer="esptool", part="esp32", ref="U1", probe="read")
    station = line.station([plan([step("debug.locked")], [probe])], [{"places": [target.place()]}])
    found = station.take(scan("SN-1"), "1")
    assert (found.reason, found.said) == ("debug_open", "U1 is open: a read goes through."), found
    session("esptool", target.place(), "esp32").lock("debug")
    assert station.take(scan("SN-1"), "1").passed
    wrong = plan(
        [step("debug.locked")],
        [run("debug", "debug", programmer="esptool", part="esp32", ref="U2", probe="read")],
        name="OTHER",
    )
    again = LineFloor(made(tmp_path / "other")).station([wrong], [{"places": [target.place()]}])
    assert again.take(scan("SN-1"), "1").result == "error"


def test_sockets_at_work_together_count_a_fixtures_cycles_and_a_shared_key_once(line):
    """Four sockets of one fixture at once, on one device: its key is the first one's, and a finding on the three others."""
    papers, port = Papers(line.folder), free_port()
    duts.Web("127.0.0.1", papers.web("P"), port)
    ca = b64encode(papers.ca_der).decode()
    wanted = plan([step("cert.unique")], [run("cert", "certificate", port=port, ca=ca)], fixture="SEC-BENCH")
    station = line.station([wanted], [HERE[0] | {"fixture": "FX-1"}] * 4, fixtures=[line.fixture(cycles_max=4)])
    outcomes = station.program_panel(scan(""), "P")
    assert sorted(one.reason for one in outcomes) == ["", "key_shared", "key_shared", "key_shared"]
    assert sorted(record.fixture_cycles for record in records_of(station)) == [1, 2, 3, 4]
    assert station.take(scan("SN-9"), "1").reason == "station.fixture_worn"
