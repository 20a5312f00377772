"""Units under test for the station's security functions: small daemons, good and bad, each on a loopback address of its own.

    python duts.py SPEC.json COMMAND…     starts the daemons of every unit in SPEC, then runs COMMAND beside them and ends with it

`bench()` starts that in a network namespace of its own, where nothing else listens; without the right to make one, on the same
addresses of this machine. A unit of the spec: {"host", "web": {"cert", "key", "oldest", "password", "version", "cipher"}, "ssh": {…},
"telnet": bool, "debug": "locked"|"open", "diagnostic": "off"|"open", "console": [lines], "udp": {port: "answers"|"silent"}}, each but the
host may be left out. `accounts` of the spec (user -> password) are those of the namespace's own list of people, which real sshds ask; at `wire` hangs nobody: 10.99.0.2.
"""

import base64
import ctypes
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SSH, TELNET, DEBUG, WEB, DIAGNOSTIC, CONSOLE = 20022, 20023, 20333, 20443, 20555, 20777
KEY = bytes(range(32))
SSHD = "/usr/sbin/sshd"
CIPHERS = {"1.0": "ALL:@SECLEVEL=0", "weak": "ECDHE+AESGCM:eNULL:@SECLEVEL=0"}


# -- what the test process uses ----------------------------------------------------------------------------------------


def namespace(mounts: str = "") -> list[str]:
    """Words before a command that put it into a network (and file system) of its own; none where this is not allowed. Who is not root
    looks like root in there."""
    words = [
        "unshare",
        "-nm" if os.geteuid() == 0 else "-Urnm",
        "--",
        "sh",
        "-c",
        f'ip link set lo up{mounts} && exec "$@"',
        "sh",
    ]
    done = subprocess.run([*words, "true"], capture_output=True)
    return words if done.returncode == 0 else []


def people(accounts: dict[str, str], folder: Path) -> str:
    """Mounts of lists of people that have these users too, each with its password."""
    hashed = ctypes.CDLL("libcrypt.so.1").crypt
    hashed.restype = ctypes.c_char_p
    for name, row in (
        ("passwd", "{user}:x:" + f"{os.geteuid()}:{os.getegid()}::/:/bin/sh"),
        ("shadow", "{user}:{word}:20000:0:99999:7:::"),
    ):
        rows = [
            row.format(user=user, word=hashed(word.encode(), b"$6$asbuilt$").decode())
            for user, word in accounts.items()
        ]
        (folder / name).write_text(
            Path("/etc/passwd").read_text() + "\n".join(rows) + "\n" if name == "passwd" else "\n".join(rows) + "\n"
        )
    return "".join(f" && mount --bind {folder}/{name} /etc/{name}" for name in ("passwd", "shadow"))


def bench(spec: dict, folder: Path, command: list[str]) -> subprocess.Popen:
    """The units of a spec and a command beside them; its standard input and output are pipes."""
    file = folder / "duts.json"
    file.write_text(json.dumps(spec))
    mounts = people(spec["accounts"], folder) if spec.get("accounts") else ""
    if spec.get("wire"):
        # a cable at whose other end nobody answers
        mounts += " && ip link add wire type veth peer name end && ip addr add 10.99.0.1/24 dev wire && ip link set wire up && ip link set end up"
    words = ["setpriv", "--pdeathsig", "KILL", "--", *namespace(mounts), sys.executable, __file__, str(file), *command]
    log = (folder / "duts.log").open("wb")
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True)


def end(process: subprocess.Popen) -> None:
    """Stop it and everything that it started."""
    process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def without_seal(body: bytes, encrypts: bool) -> bytes:
    """AES-CTR: another cipher each time, but nobody sees that it was changed."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    nonce, body = (os.urandom(16), body) if encrypts else (body[:16], body[16:])
    end = Cipher(algorithms.AES(KEY), modes.CTR(nonce)).encryptor()
    return (nonce if encrypts else b"") + end.update(body) + end.finalize()


# what a unit's cipher may be that is none
UNCHECKED = {
    "ctr": without_seal,
    "clear": lambda body, encrypts: os.urandom(12) + body if encrypts else body[12:],
    "lossy": lambda body, encrypts: without_seal(body, encrypts)[: None if encrypts else -1],
}


# -- daemons -----------------------------------------------------------------------------------------------------------


class Web:
    """HTTPS with Basic authentication, /version, /encrypt and /decrypt."""

    def __init__(self, host: str, said: dict, port: int = WEB):
        outer, self.said = self, said

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.get(self)

            def do_POST(self):
                outer.post(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *words):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def get_request(self):
                link, address = super().get_request()
                link.settimeout(5)
                return link, address

            def finish_request(self, request, client_address):
                with context.wrap_socket(request, server_side=True) as wrapped:
                    super().finish_request(wrapped, client_address)

            def handle_error(self, *words):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        oldest = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
        context.minimum_version = oldest[said["oldest"]]
        context.set_ciphers(CIPHERS.get(said.get("ciphers", said["oldest"]), "ECDHE+AESGCM:ECDHE+CHACHA20"))
        # kept, so that a test may give the unit another certificate
        self.context = context
        context.load_cert_chain(said["cert"], said["key"])
        server = Server((host, port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def get(self, handler) -> None:
        if handler.path == "/version":
            return self.say(handler, 200, json.dumps({"firmware": self.said["version"]}).encode())
        wanted = "Basic " + base64.b64encode(self.said["password"].encode()).decode()
        given = handler.headers.get("Authorization")
        right = given == wanted or (given is not None and self.said["password"].endswith(":*"))
        return self.say(handler, 200 if right else 401, b"hello" if right else b"")

    def post(self, handler, body: bytes) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if self.said["cipher"] == "xor":  # no cipher at all: always the same, changed ones taken
            return self.say(handler, 200, bytes(byte ^ 0x55 for byte in body))
        if self.said["cipher"] in UNCHECKED:
            return self.say(handler, 200, UNCHECKED[self.said["cipher"]](body, handler.path == "/encrypt"))
        if handler.path == "/encrypt":
            nonce = os.urandom(12)
            return self.say(handler, 200, nonce + AESGCM(KEY).encrypt(nonce, body, None))
        try:
            return self.say(handler, 200, AESGCM(KEY).decrypt(body[:12], body[12:], None))
        except InvalidTag:
            return self.say(handler, 400, b"")

    @staticmethod
    def say(handler, status: int, content: bytes) -> None:
        handler.send_response(status)
        if status == 401:
            handler.send_header("WWW-Authenticate", 'Basic realm="unit"')
        handler.send_header("Content-Length", str(len(content)))
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True


def start_ssh(host: str, said: dict, folder: Path) -> subprocess.Popen:
    """A real sshd."""
    mapped = Path("/proc/self/uid_map").read_text().split()
    words = []
    if mapped[2] == "1":
        # sshd run by somebody who only looks like root wants rights that he has not
        words = ["unshare", "-U", f"--map-user={mapped[1]}", f"--map-group={os.getgid() or mapped[1]}", "--"]
    elif os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    config = folder / f"sshd-{host}.conf"
    lines = [
        f"ListenAddress {host}:{said.get('port', SSH)}", f"HostKey {said['key']}", "UsePAM no", f"PidFile {folder}/sshd-{host}.pid",
        f"PasswordAuthentication {said['passwords']}", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password" if said["passwords"] == "no" else "PermitRootLogin yes",
        f"KexAlgorithms {said['kex']}", "Ciphers aes256-gcm@openssh.com", "MACs hmac-sha2-256-etm@openssh.com", "StrictModes no",
    ]  # fmt: skip
    config.write_text("\n".join(lines) + "\n")
    return subprocess.Popen([*words, SSHD, "-D", "-e", "-f", str(config)], stdin=subprocess.DEVNULL, stdout=sys.stderr)


def serve(host: str, port: int, talk) -> None:
    """Each connection to a thread of `talk`."""
    listening = socket.create_server((host, port))

    def accept():
        while True:
            link, _ = listening.accept()
            link.settimeout(5)
            threading.Thread(target=guarded, args=(link,), daemon=True).start()

    def guarded(link):
        try:
            with link:
                talk(link)
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()


def telnet(link, password: bytes = b"root") -> None:
    """A login that takes root and this password."""
    link.sendall(b"\xff\xfb\x01unit login: ")
    user = link.recv(100).strip()
    link.sendall(b"Password: ")
    word = link.recv(100).strip()
    link.sendall(b"\r\n# " if (user, word) == (b"root", password) else b"\r\nLogin incorrect\r\nunit login: ")
    link.recv(100)


def stub(locked: bool):
    """A GDB stub that gives memory out, or does not."""

    def talk(link):
        pending = b""
        while more := link.recv(1000):
            pending += more
            while b"#" in pending and len(pending) >= pending.index(b"#") + 3:
                end = pending.index(b"#")
                packet, pending = pending[pending.index(b"$") + 1 : end], pending[end + 3 :]
                answer = b"E01" if locked else b"ab" * int(packet.partition(b",")[2], 16)
                link.sendall(b"+$%b#%02x" % (answer, sum(answer) & 255))

    return talk


def lines(said: list[str]):
    """A console that tells its own test when asked."""

    def talk(link):
        if link.recv(100).strip() == b"bist":
            link.sendall("".join(f"{line}\r\n" for line in said).encode())
            link.recv(100)

    return talk


def prompt(link) -> None:
    """A diagnostic shell."""
    while link.recv(100):
        link.sendall(b"diag> ")


def start_udp(host: str, port: int, answers: bool) -> None:
    """A service that answers whatever it is asked, or takes it and says nothing."""
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end.bind((host, port))

    def take():
        while True:
            said, whom = end.recvfrom(2_000)
            if answers:
                end.sendto(said[:20] or b"-", whom)

    threading.Thread(target=take, daemon=True).start()


def locking(host: str, port: int, to: int, tries: int) -> None:
    """A port before another one that hangs up on everybody after so many connections, as units do that lock themselves."""
    seen = []

    def talk(link):
        seen.append(link)
        if len(seen) > tries:
            return
        with socket.create_connection((host, to), timeout=5) as behind:
            threading.Thread(target=carry, args=(behind, link), daemon=True).start()
            carry(link, behind)

    def carry(one, other):
        with suppress(OSError):
            while more := one.recv(4_096):
                other.sendall(more)
            other.shutdown(socket.SHUT_WR)

    serve(host, port, talk)


def start(unit: dict, folder: Path) -> list[subprocess.Popen]:
    """The daemons of one unit."""
    host = unit["host"]
    if unit.get("web"):
        Web(host, unit["web"])
    for port, how in unit.get("udp", {}).items():
        start_udp(host, int(port), how == "answers")
    if unit.get("telnet"):
        serve(host, TELNET, telnet)
    if unit.get("debug"):
        serve(host, DEBUG, stub(unit["debug"] == "locked"))
    if unit.get("diagnostic") == "open":
        serve(host, DIAGNOSTIC, prompt)
    if unit.get("console"):
        serve(host, CONSOLE, lines(unit["console"]))
    if unit.get("ssh", {}).get("port"):
        locking(host, SSH, unit["ssh"]["port"], unit["ssh"]["tries"])
    return [start_ssh(host, unit["ssh"], folder)] if unit.get("ssh") else []


def answers(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
        return True
    except OSError:
        return False


def main() -> None:
    """Daemons, then the command; leave with its exit code."""
    file = Path(sys.argv[1])
    spec = json.loads(file.read_text())
    children = [child for unit in spec["units"] for child in start(unit, file.parent)]
    until = time.monotonic() + 20
    for unit in spec["units"]:
        while unit.get("ssh") and not answers(unit["host"], unit["ssh"].get("port", SSH)) and time.monotonic() < until:
            time.sleep(0.02)
    try:
        sys.exit(subprocess.run(sys.argv[2:]).returncode)
    finally:
        for child in children:
            child.kill()
            child.wait()


if __name__ == "__main__":
    main()
