"""Security functions on real daemons, good and bad, in a network of their own: each bad unit is refused by name, with what to do."""

import pytest
from line_floor import Bench, LineFloor, Papers, records_of, security_plan

BIST = ["ram=PASS", "vcc=3.31 V", "flash=OK", "BIST END"]
# unit -> what is wrong with it: (reason, the step that says so, words of the sentence, words of what to do)
BAD = {
    "OLD-TLS": ("tls_version", "web.versions", "TLSv1.0, TLSv1.1 at port 20443", "Turn the old version off"),
    "TELNET": ("port_open", "ports.unexpected", "Port 20023 is open", "turn it off"),
    "PASSWORD": ("default_password", "login.accepted", "default password no. 17", "Take the default password out"),
    "WEAK-SSH": ("ssh_policy", "ssh.policy", "diffie-hellman-group14-sha1", "as its golden unit"),
    "SSH-PASSWORD": ("ssh_password", "ssh.methods", "password, publickey", "Turn passwords off"),
    "SHARED-KEY": ("key_shared", "cert.unique", "is also on unit GOOD", "Hold both units"),
    "EXPIRED": ("certificate_chain", "cert.chain", "certificate has expired", "program it again"),
    "OTHER-VERSION": ("version_says", "fw.as_permitted", "2.2.9, the order has 2.3.1", "Program the unit again"),
    "XOR": ("encryption", "crypt.fresh", "same bytes to the same cipher", "Set the unit aside"),
    "DEBUG-OPEN": ("debug_open", "debug.locked", "reads the unit's memory at 0x1000", "Lock the unit's debug interface"),
    "DIAGNOSTIC": ("diagnostic_open", "diag.silent", "The diagnostic port answers: 'diag> '", "Turn the diagnostic port off"),
    "NO-SSH": ("port_missing", "ports.missing", "Port 20022 has to be open", "Find why its service does not run"),
    "BIST": ("device_test", "bist.vcc", "bist.vcc is 2.9 V, not 3.2 to 3.4 V", "Look at what the unit measured"),
}  # fmt: skip


def units(papers: Papers) -> list[dict]:
    found = []
    for number, name in enumerate(["GOOD", *BAD], 1):
        unit = {
            "host": f"127.0.9.{number}",
            "web": papers.web(name),
            "ssh": papers.ssh(name),
            "debug": "locked",
            "console": BIST,
        }
        web, ssh = unit["web"], unit["ssh"]
        if name == "OLD-TLS":
            web["oldest"] = "1.0"
        elif name == "TELNET":
            unit["telnet"] = True
        elif name == "PASSWORD":
            web["password"] = "widget:widget"  # the product's own, which its plan names
        elif name == "WEAK-SSH":
            ssh["kex"] = "diffie-hellman-group14-sha1"
        elif name == "SSH-PASSWORD":
            ssh["passwords"] = "yes"
        elif name == "SHARED-KEY":
            web |= {key: found[0]["web"][key] for key in ("cert", "key")}
        elif name == "EXPIRED":
            unit["web"] = papers.web(name, days=-1)
        elif name == "OTHER-VERSION":
            web["version"] = "2.2.9"
        elif name == "XOR":
            web["cipher"] = "xor"
        elif name == "DEBUG-OPEN":
            unit["debug"] = "open"
        elif name == "DIAGNOSTIC":
            unit["diagnostic"] = "open"
        elif name == "NO-SSH":
            del unit["ssh"]
        elif name == "BIST":
            unit["console"] = ["ram=PASS", "vcc=2.9 V", "flash=OK", "BIST END"]
        found.append(unit)
    return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Every unit scanned once at its socket, the good one first: name -> (outcome, record)."""
    folder = tmp_path_factory.mktemp("line")
    papers, line = Papers(folder), LineFloor(folder)
    made = units(papers)
    line.station([security_plan(papers.ca_der)], [{"network": unit["host"]} for unit in made], start=False)
    bench = Bench(folder, folder / "ST-01", made)
    try:
        outcomes = {}
        for number, name in enumerate(["GOOD", *BAD], 1):
            bench.scan(unit=name, socket=str(number))
            outcomes[name] = bench.outcome()
    finally:
        bench.close()
    from asbuilt.station.agent import Station

    found = {record.unit: record for record in records_of(Station(folder / "ST-01"))}
    return {name: (outcome, found.get(name)) for name, outcome in outcomes.items()}


def test_a_good_unit_passes_every_security_function(shown):
    outcome, record = shown["GOOD"]
    assert outcome["result"] == "pass", outcome
    assert record.outcome == "pass" and len(record.measures) == 22
    assert {one.result for one in record.measures} == {"pass"}
    said = {one.step: one.value for one in record.measures}
    assert (said["web.versions"], said["web.least_strength"], said["ssh.methods"], said["bist.vcc"]) == (
        "TLSv1.2 TLSv1.3",
        "A",
        "publickey",
        "3.31",
    )
    assert [file.name for file in record.files if file.run == "ssh"] == ["ssh-1.log"] and len(record.files) == 10


@pytest.mark.parametrize("unit", BAD)
def test_a_bad_unit_is_refused_by_name_with_what_to_do(shown, unit):
    reason, step, said, to_do = BAD[unit]
    outcome, record = shown[unit]
    assert (outcome["result"], outcome["reason"]) == ("fail", reason), outcome
    wrong = {one.step: one for one in record.measures if one.result != "pass"}
    assert said in wrong[step].said + outcome["said"], (wrong, outcome)
    assert to_do in outcome["remedy"] and outcome["remedy"].startswith("Not to be shipped.")
    assert record.outcome == "fail" and record.reason == reason and record.said == outcome["said"]


def test_no_record_holds_a_password(shown):
    for _, record in shown.values():
        assert "widget:widget" not in repr(record) and "Kx9-4711-zz" not in repr(record)
