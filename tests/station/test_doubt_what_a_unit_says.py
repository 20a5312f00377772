"""Units that would look good to somebody who does not look twice: what they answer is neither yes nor no, comes late, half, in other
words, or from another one. Each is found bad, or was not looked at; none passes."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import duts
import pytest
from emulated import free_port
from line_floor import LineFloor, Papers, plan, records_of, run, step
from station_floor import scan

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.test_plans import parse_test_plan
from asbuilt.station.testing.child import carry_out

ROOT = (b"root", b"root")
BASIC = 'WWW-Authenticate: Basic realm="unit"\r\n'
REALM, NONCE = "unit", "dcd98b7102dd2f0e"


def at(talk) -> int:
    """The port of a service."""
    port = free_port()
    duts.serve("127.0.0.1", port, talk)
    return port


def heard(link, most: int = 4_096) -> bytes:
    """What comes next; OSError, which ends a service's thread, where nobody is there any more."""
    if not (said := link.recv(most)):
        raise ConnectionResetError
    return said


# -- services ----------------------------------------------------------------------------------------------------------


def telnet(
    right: bytes, wrong: bytes = b"\r\nLogin incorrect\r\nunit login: ", pause: float = 0.0, greets: bytes = b""
):
    """A login that says `right` to root/root, after a while, and `wrong` to all others."""
    waits = [greets] if greets else []

    def talk(link):
        link.sendall(greets)
        # whoever comes first is asked nothing before the options are answered
        if waits and waits.pop() and heard(link, 20)[:1] != b"\xff":
            return
        link.sendall(b"unit login: ")
        user = heard(link, 100).strip()
        link.sendall(b"Password: ")
        word = heard(link, 100).strip()
        right_one = (user, word) == ROOT
        time.sleep(pause if right_one else 0)
        link.sendall(right if right_one else wrong)
        # a unit that waits for more, but not long: a test has no time
        link.settimeout(1)
        link.recv(100)

    return talk


def web(answer):
    """A web server that answers a request's Authorization by (status, more headers)."""

    def talk(link):
        said = b""
        while b"\r\n\r\n" not in said:
            said += heard(link)
        found = re.search(rb"^authorization: (.*?)\r$", said, re.IGNORECASE | re.MULTILINE)
        status, more = answer(found[1].decode() if found else "")
        link.sendall(f"HTTP/1.1 {status} -\r\n{more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())

    return talk


def if_admin(status: int):
    """What admin/admin is told by a page that asks as it should; all others are refused."""
    word = "Basic " + b64encode(b"admin:admin").decode()
    return web(lambda given: (status, "") if given == word else (401, BASIC))


def digest(given: str):
    """RFC 7616 by its own words: admin/admin is right."""
    asks = f'WWW-Authenticate: Digest realm="{REALM}", qop="auth", algorithm=SHA-256, nonce="{NONCE}", opaque="x"\r\n'
    said = dict(re.findall(r'(\w+)="?([^",]*)"?', given))

    def made(*parts: str) -> str:
        return hashlib.sha256(":".join(parts).encode()).hexdigest()

    middle = (NONCE, said.get("nc", ""), said.get("cnonce", ""), "auth")
    right = made(made("admin", REALM, "admin"), *middle, made("GET", "/"))
    return (200, "") if said.get("response") == right and said.get("opaque") == "x" else (401, asks)


def stub(answer):
    """A debugger that answers each packet so."""

    def talk(link):
        pending = b""
        while more := link.recv(1_000):
            pending += more
            while found := re.search(rb"\$([^#]*)#..", pending):
                pending, said = pending[found.end() :], answer(found[1])
                link.sendall(b"+$%b#%02x" % (said, sum(said) & 255))

    return talk


def says(word: bytes, after: float = 0.0):
    """A port that says something once it is spoken to."""

    def talk(link):
        link.recv(100)
        time.sleep(after)
        link.sendall(word)
        link.recv(100)

    return talk


def slow_old(papers: dict):
    """Takes TLS 1.0, after a while."""
    contexts = []
    for oldest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1):
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        contexts[-1].minimum_version = oldest
        contexts[-1].set_ciphers("ALL:@SECLEVEL=0")
        contexts[-1].load_cert_chain(papers["cert"], papers["key"])

    def talk(link):
        link.settimeout(20)
        old = link.recv(4_096, 2)[9:11] == b"\x03\x01"
        time.sleep(7 if old else 0)
        with contexts[old].wrap_socket(link, server_side=True) as wrapped:
            wrapped.recv(10)

    return talk


def in_turn(*papers: dict):
    """Shows another certificate at each connection."""
    contexts = []
    for one in papers:
        contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        contexts[-1].load_cert_chain(one["cert"], one["key"])

    def talk(link):
        contexts.append(contexts.pop(0))
        with contexts[-1].wrap_socket(link, server_side=True) as wrapped:
            wrapped.recv(10)

    return talk


def coder(encode, decode):
    """/encrypt and /decrypt of something that is no cipher, with a checksum that refuses what was changed."""

    def talk(link):
        head, body = b"", b""
        while b"\r\n\r\n" not in head:
            head += heard(link)
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
        while len(body) < length:
            body += heard(link)
        if b"/encrypt" in head:
            inner = encode(body)
            said = b64encode(inner + zlib.crc32(inner).to_bytes(4))
        else:
            inner = base64.b64decode(body + b"==")
            said = decode(inner[:-4]) if zlib.crc32(inner[:-4]).to_bytes(4) == inner[-4:] else b""
        link.sendall(b"HTTP/1.1 %d -\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (200 if said else 400, len(said), said))  # fmt: skip

    return talk


def by_a_byte(body: bytes) -> bytes:
    key = os.urandom(1)
    return key + bytes(byte ^ key[0] for byte in body)


# -- what is found -------------------------------------------------------------------------------------------------------


def results(line: LineFloor, runs: list[dict], steps: list[dict], **socket) -> dict[str, tuple[str, str]]:
    """One unit, every run: step -> (result, what was said)."""
    station = line.station([plan(steps, [one | {"stop": False} for one in runs])], [{"network": "127.0.0.1", **socket}])
    station.take(scan("SN-1"), "1")
    (record,) = records_of(station)
    return {one.step: (one.result, one.said) for one in record.measures}


@pytest.fixture
def line(tmp_path):
    return LineFloor(tmp_path)


def test_a_password_counts_as_refused_only_where_the_unit_refuses_it(line):
    """A login that greets with the failed logins of before, asks the terminal where it stands, wants another password, waits, hangs up or
    is none; pages that forbid, redirect, are missing, ask by Digest or not at all."""
    wanted = {
        "options": ("pass", telnet(b"\r\nSorry.\r\nlogin: ", b"\r\nSorry.\r\nlogin: ", greets=b"\xff\xfd\x18\xff\xfb\x01")),
        "greets": ("fail", telnet(b"\r\n5 failed login attempts since the last successful login.\r\nroot@unit:~# ")),
        "terminal": ("fail", telnet(b"\r\n\x1b[1m~ # \x1b[0m\x1b[6n")),
        "change": ("fail", telnet(b"\r\nYou must change your password.\r\nNew password: ")),
        "slow": ("fail", telnet(b"\r\n# ", pause=4)),
        "menu": ("error", telnet(b"\r\n1) network\r\n2) restart\r\nChoose: ")),
        "silent": ("error", telnet(b"", b"")),
        "mail": ("error", lambda link: link.sendall(b"220 mail ready\r\n")),
    }  # fmt: skip
    pages = {
        "basic": ("pass", web(lambda given: (401, BASIC))), "digest": ("fail", web(digest)),
        "forbids": ("error", web(lambda given: (403, ""))), "leads": ("error", web(lambda given: (302, "Location: /login\r\n"))),
        "mute": ("error", web(lambda given: (401, ""))), "token": ("error", web(lambda given: (401, "WWW-Authenticate: Bearer\r\n"))),
        "opens": ("fail", if_admin(302)), "missing": ("error", if_admin(404)), "closed": ("error", if_admin(403)),
    }  # fmt: skip
    locks = []

    def locking(given: str):
        locks.append(given)
        right = given == "Basic " + b64encode(b"widget:widget").decode() and len(locks) < 7
        return (200, "") if right else (401, BASIC)

    runs = [run(name, "credentials", over="telnet", port=at(talk)) for name, (_, talk) in wanted.items()]
    runs += [run(name, "credentials", over="http", port=at(talk)) for name, (_, talk) in pages.items()]
    runs.append(run("locks", "credentials", over="http", port=at(web(locking)), pairs="widget:widget"))
    said = results(line, runs, [step(f"{one['name']}.accepted", "numeric", expected="0") for one in runs])
    expected = {name: result for name, (result, _) in [*wanted.items(), *pages.items()]} | {"locks": "fail"}
    assert {name.partition(".")[0]: result for name, (result, _) in said.items()} == expected, said
    assert "default password no. 17" in said["locks.accepted"][1] and "no. 1 " in said["digest.accepted"][1]
    assert "a login form is tried where the plan names it" in said["leads.accepted"][1]


def test_a_lock_is_shown_by_an_error_and_silence_by_a_line_that_stays(line):
    powered, other = at(says(b"")), {"alive": None}
    debug = {
        "locked": ("pass", stub(lambda packet: b"E01")), "words": ("pass", stub(lambda packet: b"E.locked")),
        "hidden": ("pass", stub(lambda packet: b"E01" if packet[:1] == b"m" else b"x" * 64)),
        "part": ("fail", stub(lambda packet: b"abcdef01")),
        "unmapped": ("fail", stub(lambda packet: b"E01" if packet[:1] == b"m" else b"0123456789abcdef" * 8)),
        "nothing": ("error", stub(lambda packet: b"")), "nonsense": ("error", stub(lambda packet: b"OK")),
    }  # fmt: skip
    quiet = {
        "quiet": ("pass", lambda link: time.sleep(3), {"milliseconds": 300}), "bytes": ("fail", says(b"\x80\x81\xff"), {}),
        "newline": ("fail", says(b"\r\n"), {}), "late": ("fail", says(b"diag> ", 1.2), {"milliseconds": ""}),
        "hangs_up": ("error", lambda link: None, {}), "no_power_shown": ("error", says(b"", 1.0), other),
    }  # fmt: skip
    runs = [run(name, "debug", port=at(talk), address="0x1000") for name, (_, talk) in debug.items()]
    for name, (_, talk, more) in quiet.items():
        given = {"port": at(talk), "alive": powered, "milliseconds": 1_000} | more
        runs.append(run(name, "silent", **{key: value for key, value in given.items() if value}))
    runs.append(run("no_port", "silent", port="none", alive=powered))
    steps = [step(f"{one['name']}.{'locked' if one['uses'] == 'debug' else 'silent'}") for one in runs]
    said = {name.partition(".")[0]: result for name, (result, _) in results(line, runs, steps).items()}
    expected = {name: result for name, (result, *_) in [*debug.items(), *quiet.items()]} | {"no_port": "error"}
    assert said == expected


def test_a_certificate_a_cipher_and_a_version_are_no_better_for_coming_in_turn_or_late(line, tmp_path):
    (tmp_path / "others").mkdir()
    papers, others = Papers(tmp_path), Papers(tmp_path / "others")
    good, ca = papers.web("SN-1"), b64encode(papers.ca_der).decode()
    services = {"chain": in_turn(good), "turns": in_turn(others.web("SN-1"), good)}
    runs = [run(name, "certificate", port=at(talk), ca=ca) for name, talk in services.items()]
    codes = {"text": (lambda body: os.urandom(9) + body, lambda body: body[9:]),
             "byte": (by_a_byte, lambda body: bytes(byte ^ body[0] for byte in body[1:]))}  # fmt: skip
    for name, both in codes.items():
        runs.append(run(name, "round_trip", port=at(coder(*both)), encrypt="/encrypt", decrypt="/decrypt", over="http"))
    runs.append(run("web", "tls", port=at(slow_old(good))))
    steps = [step(f"{name}.chain") for name in services] + [
        step(f"{name}.{what}") for name in codes for what in ("returns", "hidden", "fresh", "tamper_refused")
    ]
    said = results(line, runs, [*steps, step("web.versions", "text", expected="TLSv1.2 TLSv1.3")])
    assert {name: result for name, (result, _) in said.items() if result != "pass"} == {
        "turns.chain": "fail", "text.hidden": "fail", "byte.hidden": "fail", "web.versions": "error",
    }, said  # fmt: skip
    assert said["turns.chain"][1].endswith("the unit shows more than one.")


def test_an_open_port_that_is_too_busy_to_answer_at_once_is_asked_again(line):
    """Its queue is full, so that the system drops whoever knocks: to a scan it looks as if a rule dropped it."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy:
        port, waiting = busy.getsockname()[1], []
        for _ in range(3):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(("127.0.0.1", port))

        def relieve():
            time.sleep(0.8)
            busy.settimeout(5)
            with suppress(OSError):
                while True:
                    busy.accept()[0].close()

        threading.Thread(target=relieve, daemon=True).start()
        runs = [run("tcp", "ports", allowed="none", range=f"{max(1, port - 5)}-{min(65_535, port + 5)}")]
        said = results(line, runs, [step("tcp.unexpected", "text", expected="none")])
        for one in waiting:
            one.close()
    assert said["tcp.unexpected"] == ("fail", f"Port {port} is open and may not be.")


def test_a_port_that_opens_long_after_the_unit_answers_is_seen_where_the_plan_lets_it_settle():
    """On an address of its own: an allowed service and a telnet that start late, and one that is there only while the unit starts."""
    host = "127.0.9.77"
    about = {
        "unit": "SN-1",
        "revision": "B",
        "host": host,
        "console": "",
        "incoming": "",
        "began": 0.0,
        "versions": {},
        "given": {},
        "places": [],
    }
    asked = {"uses": "ports", "about": about, "parameters": {"allowed": "20822 20880", "range": "20800-20899"}}
    early = [socket.create_server((host, port)) for port in (20880, 20855)]

    def measured(settle: str = "") -> dict[str, str]:
        said = carry_out(asked | {"parameters": asked["parameters"] | ({"settle": settle} if settle else {})})
        return {name: one["value"] for name, one in said["taken"]["measures"].items()}

    def starts():
        time.sleep(3)
        early.extend(socket.create_server((host, port)) for port in (20822, 20823))
        early[1].close()

    assert measured() == {"unexpected": "20855", "missing": "20822"}
    late = threading.Thread(target=starts)
    late.start()
    try:
        assert measured("5") == {"unexpected": "20823 20855", "missing": "none"}
        assert measured() == {"unexpected": "20823", "missing": "none"}
        for wrong in ("0", "60", "soon"):
            runs = [run("tcp", "ports", allowed="none", settle=wrong)]
            with pytest.raises(Invalid, match="settles for"):
                parse_test_plan(json.dumps(plan([step("tcp.missing", "text", expected="none")], runs)).encode())
    finally:
        late.join()
        for one in early:
            one.close()


def test_a_key_that_is_too_short_holds_no_chain(line, tmp_path):
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    papers = Papers(tmp_path)
    key, files = (
        rsa.generate_private_key(65_537, 1_024),
        {"cert": tmp_path / "short.crt", "key": tmp_path / "short.key"},
    )
    files["cert"].write_bytes(papers._certificate("SN-1", key.public_key(), days=3_000).public_bytes(Encoding.PEM))
    files["key"].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(files["cert"], files["key"])

    def talk(link):
        with context.wrap_socket(link, server_side=True) as wrapped:
            wrapped.recv(10)

    runs = [run("cert", "certificate", port=at(talk), ca=b64encode(papers.ca_der).decode())]
    assert results(line, runs, [step("cert.chain")])["cert.chain"][1].endswith("its key has 1024 bits, not 2048.")


def test_a_file_of_another_unit_is_not_taken_for_this_ones(line, tmp_path):
    """`scan-*{unit}*.txt` of SN-1 finds no file of SN-17 nor of XSN-1."""
    for name, value in (("SN-17", "3.3"), ("XSN-1", "3.3"), ("a-SN-1", "2.9")):
        (tmp_path / f"scan-{name}-end.txt").write_text(f"vcc {value} V\n")
        os.utime(tmp_path / f"scan-{name}-end.txt", (time.time() - 1 - 10 * (value == "2.9"),) * 2)
    runs = [run("dut", "file", name="scan-*{unit}*.txt", seconds=5)]
    said = results(line, runs, [step("dut.vcc", "numeric", low="3.2", high="3.4", unit="V")], incoming=str(tmp_path))
    assert said["dut.vcc"][0] == "fail"


def test_a_tool_dies_with_the_agent(tmp_path):
    """Whoever kills the agent leaves no scan behind that holds a port of the unit."""
    port = at(lambda link: (link.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), time.sleep(15)))
    asked = f"""
import asbuilt.station.testing.apart as apart, pathlib, time
about = dict(unit="SN-1", revision="B", host="127.0.0.1", console="", incoming="", began=0.0, versions={{}}, given={{}}, places=[])
apart.carry_out("credentials", {{"over": "ssh", "port": "{port}"}}, about, seconds=20, work=pathlib.Path({str(tmp_path)!r}))
"""
    agent = subprocess.Popen([sys.executable, "-c", asked])

    def tools() -> list[str]:
        return [str(one) for one in Path("/proc").glob("[0-9]*/cmdline") if f"\0{port}\0" in _words(one)]

    until = time.monotonic() + 10
    while not tools() and time.monotonic() < until:
        time.sleep(0.05)
    assert tools()
    agent.send_signal(signal.SIGKILL)
    agent.wait()
    until = time.monotonic() + 3
    while tools() and time.monotonic() < until:
        time.sleep(0.05)
    assert not tools()


def _words(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
