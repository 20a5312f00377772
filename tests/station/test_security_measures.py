"""What the other file's plan does not ask, on real daemons in a network of their own: UDP, passwords over SSH, each way in which a
certificate, a cipher or a key is wrong, versions by console. Every measure has a unit that keeps it and one that does not."""

import gc
from base64 import b64encode
from collections import Counter

import duts
import pytest
from line_floor import POLICY, Bench, LineFloor, Papers, plan, records_of, run, security_plan, step
from station.test_compare_passwords import give_key
from station.test_security_functions import BAD as BAD_FUNCTIONS

from asbuilt.kernel.planned_runs import FUNCTIONS
from asbuilt.station.agent import Station
from asbuilt.station.testing.findings import FINDINGS

LOCKING = 20099
UDP_RANGE = "20050-20060,20161,20514,20700-20709"
ACCOUNTS = {"admin": "admin", "fitter": "Zx3-own-word"}
# unit -> what is wrong with it: (reason, the step that says so, words of the sentence)
BAD = {
    "UDP-OPEN": ("port_open", "udp.unexpected", "UDP port 20700 20701(open|filtered) is not closed and may not be open"),
    "UDP-CLOSED": ("port_missing", "udp.missing", "UDP port 20053 20514 has to be open and does not answer"),
    "SSH-DEFAULT": ("default_password", "shell.accepted", "default password no. 1, 17 at port 20022"),
    "OTHER-CA": ("certificate_chain", "cert.chain", "does not hold: certificate signature failure"),
    "OTHER-NAME": ("certificate_name", "cert.names_unit", "The certificate is of ANOTHER"),
    "ENDS-SOON": ("certificate_ends", "cert.days_left", "ends "),
    "HOST-KEY": ("key_shared", "ssh.unique", "is also on unit GOOD"),
    "WEAK-CIPHER": ("tls_cipher", "web.least_strength", "The weakest cipher at port 20443 has grade F"),
    "CLEAR": ("encryption", "crypt.hidden", "still holds what was to be hidden"),
    "UNSEALED": ("encryption", "crypt.tamper_refused", "takes a cipher that was changed"),
    "LOSSY": ("encryption", "crypt.returns", "does not come back as it was"),
    "CLI-VERSION": ("version_says", "fw.as_permitted", "2.2.9, the order has 2.3.1"),
}  # fmt: skip
LOCKED = "LOCKS-ITSELF"


def measures_plan(ca: bytes) -> dict:
    """What this file's units are asked, beside what the other plan asks."""
    runs = [
        run("cert", "certificate", port=duts.WEB, ca=b64encode(ca).decode()),
        run("crypt", "round_trip", port=duts.WEB, encrypt="/encrypt", decrypt="/decrypt"),
        run(
            "fw",
            "version",
            over="console",
            port=duts.CONSOLE,
            ask="bist",
            until="BIST END",
            pattern="firmware ([0-9.]+)",
        ),
        run("udp", "udp_ports", allowed="20053", silent="20514", range=UDP_RANGE),
        run("web", "tls", port=duts.WEB),
        run("shell", "credentials", over="ssh", port=duts.SSH, pairs="fitter:Zx3-own-word admin:Zx3-own-word"),
        run("ssh", "ssh", port=duts.SSH, policy=POLICY),
    ]
    steps = [
        step("udp.unexpected", "text", expected="none"), step("udp.missing", "text", expected="none"),
        step("shell.accepted", "numeric", expected="0"), step("cert.chain"), step("cert.names_unit"), step("cert.unique"),
        step("cert.days_left", "numeric", low="365", unit="d"), step("crypt.returns"), step("crypt.hidden"), step("crypt.fresh"),
        step("crypt.tamper_refused"), step("fw.as_permitted"), step("fw.says", "text", expected="2.3.1"),
        step("ssh.policy"), step("ssh.unique"),
        step("web.versions", "text", expected="TLSv1.2 TLSv1.3"), step("web.least_strength", "text", expected="A"),
    ]  # fmt: skip
    return plan(steps, runs)


def unit_of(number: int, name: str, papers: Papers, others: Papers, good: dict | None) -> dict:
    """A good unit, and what is changed of it."""
    version = "firmware 2.2.9" if name == "CLI-VERSION" else "firmware 2.3.1"
    web, ssh, udp = papers.web(name), papers.ssh(name), {"20053": "answers", "20514": "silent"}
    if name in ("OTHER-CA", "OTHER-NAME", "ENDS-SOON"):
        web |= {
            "OTHER-CA": others.web(name),
            "OTHER-NAME": papers.web("ANOTHER"),
            "ENDS-SOON": papers.web(name, days=30),
        }[name]
    elif name.startswith("SSH-") or name == LOCKED:
        ssh["passwords"] = "yes"
        ssh |= {"port": LOCKING, "tries": 3} if name == LOCKED else {}
    elif name == "HOST-KEY":
        ssh["key"] = good["ssh"]["key"]
    elif name == "WEAK-CIPHER":
        web["ciphers"] = "weak"
    web["cipher"] = {"CLEAR": "clear", "UNSEALED": "ctr", "LOSSY": "lossy"}.get(name, "gcm")
    if name.startswith("UDP-"):
        udp = (
            {"20053": "silent", "20514": "silent", "20700": "answers", "20701": "silent"} if name == "UDP-OPEN" else {}
        )
    return {"host": f"127.0.8.{number}", "web": web, "ssh": ssh, "udp": udp, "console": [version, "BIST END"]}


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Every unit scanned once at its socket, the good one first: name -> (outcome, record), and the folder."""
    folder = tmp_path_factory.mktemp("line")
    (folder / "others").mkdir()
    papers, others, line = Papers(folder), Papers(folder / "others"), LineFloor(folder)
    names, made = ["GOOD", *BAD, LOCKED], []
    for number, name in enumerate(names, 1):
        made.append(unit_of(number, name, papers, others, made[0] if made else None))
    line.station([measures_plan(papers.ca_der)], [{"network": unit["host"]} for unit in made], start=False)
    bench = Bench(folder, folder / "ST-01", made, accounts=ACCOUNTS)
    try:
        outcomes = {}
        for number, name in enumerate(names, 1):
            bench.scan(unit=name, socket=str(number))
            outcomes[name] = bench.outcome()
    finally:
        bench.close()
    found = {record.unit: record for record in records_of(Station(folder / "ST-01"))}
    return {name: (outcome, found.get(name)) for name, outcome in outcomes.items()}, folder


def test_a_good_unit_keeps_every_measure(shown):
    outcome, record = shown[0]["GOOD"]
    assert outcome["result"] == "pass", outcome
    assert len(record.measures) == 17 and {one.result for one in record.measures} == {"pass"}


@pytest.mark.parametrize("unit", BAD)
def test_a_bad_unit_is_refused_by_the_step_that_says_why(shown, unit):
    reason, where, said = BAD[unit]
    outcome, record = shown[0][unit]
    assert (outcome["result"], outcome["reason"], record.outcome) == ("fail", reason, "fail"), outcome
    wrong = {one.step: one for one in record.measures if one.result != "pass"}
    assert next(iter(wrong)) == where and said in wrong[where].said, wrong
    assert outcome["said"] == wrong[where].said and outcome["remedy"].startswith("Not to be shipped. ")


def test_a_udp_port_that_says_nothing_is_neither_open_nor_closed(shown):
    said = {one.step: (one.value, one.result) for one in shown[0]["UDP-OPEN"][1].measures if one.step.startswith("udp")}
    assert said == {
        "udp.unexpected": ("20700 20701(open|filtered)", "fail"),
        "udp.missing": ("20053(open|filtered)", "fail"),
    }


def test_a_unit_that_locks_itself_while_passwords_are_tried_has_not_passed(shown):
    outcome, record = shown[0][LOCKED]
    said = {one.step: one.result for one in record.measures}
    assert (outcome["result"], outcome["reason"], said["shell.accepted"]) == ("error", "no_answer", "error"), outcome


def test_few_passwords_are_tried_and_none_where_none_is_asked_for(shown):
    """A unit's own log says how often somebody came: sshd writes one line a try."""
    said, folder = shown
    log = (folder / "duts.log").read_text()
    # whoever locks itself after three connections has let the plan's own in before
    assert log.count("Accepted password for fitter") == 2 and log.count("Accepted password for admin") == 1
    failed = Counter(line.split(" from ")[0].split()[-1] for line in log.splitlines() if line.startswith("Failed "))
    assert failed["root"] == 3 and failed["admin"] == 1 and max(failed.values()) == 3
    assert "Zx3-own-word" not in log


def test_no_password_stands_in_a_record_or_a_file_of_the_station(shown):
    _, folder = shown
    gc.collect()  # a ledger that nobody holds any more takes its -wal and -shm away: not between listing and reading
    kept = [path for part in ("ST-01", "anchor") for path in (folder / part).rglob("*") if path.is_file()]
    plans = [path for path in kept if path.parent.name == "tests"]
    assert len(plans) == 1 and b"Zx3-own-word" in plans[0].read_bytes()
    assert not [path for path in kept if path not in plans and b"Zx3-own-word" in path.read_bytes()]
    for waiting in Station(folder / "ST-01").outbox.waiting(100):
        assert not any(
            b"Zx3-own-word" in content for content in (waiting.document, *(file for _, file in waiting.files))
        )


BARE_PLAN = plan(
    [step(f"{run}.{way}", "text", expected="none") for run in ("tcp", "udp") for way in ("unexpected", "missing")],
    [
        run("tcp", "ports", allowed="none", range="20000-20999"),
        run("udp", "udp_ports", allowed="none", range=UDP_RANGE),
    ],
)


def scanned(folder, units: list[dict], names: list[str], asked: dict | None = None, **bench) -> dict[str, dict]:
    """Each unit scanned at its socket by a station of its own folder: name -> outcome."""
    folder.mkdir()
    sockets = [{"network": unit["host"]} for unit in units]
    give_key(LineFloor(folder).station([asked or BARE_PLAN], sockets, start=False))
    running = Bench(folder, folder / "ST-01", [unit for unit in units if not unit.get("away")], **bench)
    try:
        outcomes = {}
        for number, name in enumerate(names, 1):
            running.scan(unit=name, socket=str(number))
            outcomes[name] = running.outcome()
        return outcomes
    finally:
        running.close()


def test_a_unit_without_any_open_port_passes_one_with_a_port_does_not_and_one_that_is_away_proves_nothing(tmp_path):
    units = [
        {"host": "127.0.7.1"}, {"host": "127.0.7.2", "telnet": True}, {"host": "127.0.7.3", "udp": {"20161": "answers"}},
        {"host": "10.99.0.2", "away": True},
    ]  # fmt: skip
    found = scanned(tmp_path / "line", units, ["BARE", "TELNET", "SNMP", "AWAY"], wire=True)
    assert found["BARE"]["result"] == "pass", found
    assert (found["TELNET"]["reason"], found["TELNET"]["said"]) == ("port_open", "Port 20023 is open and may not be.")
    assert (found["SNMP"]["reason"], found["SNMP"]["said"]) == (
        "port_open", "UDP port 20161 is not closed and may not be open.",
    )  # fmt: skip
    assert (found["AWAY"]["result"], found["AWAY"]["reason"]) == ("error", "no_answer"), found


@pytest.mark.parametrize(
    ("before", "reason", "said"),
    [
        (
            ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw", "--"],
            "rights_missing",
            "Run udp: The tool nmap has no right",
        ),
        (["env", "PATH=/nowhere"], "tool_missing", "Run tcp: The tool nmap is not installed"),
    ],
)
def test_where_the_station_cannot_look_the_step_says_so_and_never_passes(tmp_path, before, reason, said):
    found = scanned(tmp_path / "line", [{"host": "127.0.7.1"}], ["BARE"], before=before)["BARE"]
    assert (found["result"], found["reason"]) == ("error", reason) and found["said"].startswith(said), found
    station = Station(tmp_path / "line" / "ST-01")
    (record,) = records_of(station)
    assert record.outcome == "error" and "pass" not in {
        one.result for one in record.measures if one.step.startswith("udp")
    }


OWN_PASSWORD = plan(
    [step("own.works"), step("own.needed"), step("own.characters", "numeric", low="8"), step("own.unique")],
    [run("own", "own_password", over="ssh", port=duts.SSH, user="fitter", console=duts.CONSOLE, ask="bist", until="BIST END",
         pattern="^password is (.+)$", **{"from": "console"})],
)  # fmt: skip


def test_a_units_own_password_is_tried_over_ssh_too(tmp_path):
    papers, units = Papers(tmp_path), []
    for number, (name, passwords) in enumerate({"OWN": "yes", "SHARED": "yes", "KEY-ONLY": "no"}.items(), 1):
        told = f"password is {'another-word' if name == 'KEY-ONLY' else ACCOUNTS['fitter']}"
        ssh = papers.ssh(name) | {"passwords": passwords}
        units.append({"host": f"127.0.7.{number}", "ssh": ssh, "console": [told, "BIST END"]})
    found = scanned(tmp_path / "line", units, ["OWN", "SHARED", "KEY-ONLY"], OWN_PASSWORD, accounts=ACCOUNTS)
    assert {name: (one["result"], one["reason"]) for name, one in found.items()} == {
        "OWN": ("pass", ""), "SHARED": ("fail", "password_shared"), "KEY-ONLY": ("fail", "password_other"),
    }, found  # fmt: skip


# findings whose bad units stand in tests/station/test_run_test_plans.py and test_compare_passwords.py
ELSEWHERE = {
    ("programmed", "booted"), ("programmed", "secure_boot"), ("certificate", "as_given"), ("own_password", "works"),
    ("own_password", "needed"), ("own_password", "characters"), ("own_password", "unique"), ("file", ""), ("picture", "taken"),
}  # fmt: skip


def test_every_finding_has_a_unit_that_shows_it(shown):
    """By what really failed here, and by what the other file asks of its units: no finding is without a bad unit."""
    plans = [(security_plan(b"ca"), {where for _, where, *_ in BAD_FUNCTIONS.values()})]
    failed = {one.step for _, record in shown[0].values() for one in record.measures if one.result == "fail"}
    plans.append((measures_plan(b"ca"), failed))
    found = set(ELSEWHERE)
    for asked, steps in plans:
        uses = {one["name"]: one["uses"] for one in asked["station"]["runs"]}
        for name in steps:
            head, _, measure = name.partition(".")
            found.add((uses[head], measure if FUNCTIONS[uses[head]].measures else ""))
    assert set(FINDINGS) <= found, set(FINDINGS) - found
