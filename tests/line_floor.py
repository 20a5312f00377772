"""A floor whose station runs test plans on units in a network of their own: plans, certificates, keys, a bench that takes scans.

`security_plan()` asks for all that a good unit has; a test changes one thing of a unit, never the plan.
"""

import json
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import duts
import emulated
from station_floor import HOUR, PERMIT_ID, Floor, StationKey, key_of

from asbuilt.kernel import envelope, test_records
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.instants import format_instant
from asbuilt.station.agent import Station
from asbuilt.station.home import begin_home

KEX = "curve25519-sha256"
POLICY = (
    f'name = "WIDGET";version = 1;host keys = ssh-ed25519;key exchanges = {KEX}, kex-strict-s-v00@openssh.com;'
    "ciphers = aes256-gcm@openssh.com;macs = hmac-sha2-256-etm@openssh.com"
)
RANGE = "20000-20999"


def step(
    name: str, kind: str = "verdict", *, expected: str = "", low: str = "", high: str = "", unit: str = "", **more
) -> dict:
    """A step of a plan: equal to what is expected, or between limits."""
    comparison = (
        "EQ"
        if expected
        else {(False, False): "LOG", (True, False): "GE", (False, True): "LE", (True, True): "GELE"}[
            bool(low), bool(high)
        ]
    )
    said = {"name": name, "kind": kind, "comparison": comparison, "low": low, "high": high, "unit": unit, "expected": expected,
            "criticality": "critical", "proves": [], "needed": True}  # fmt: skip
    return said | more


def run(
    name: str,
    uses: str,
    /,
    *,
    seconds: int = 60,
    tries: int = 1,
    again_on: str = "error",
    stop: bool = True,
    evidence=("log",),
    **given,
) -> dict:
    """A run of a plan's line."""
    return {"name": name, "uses": uses, "with": [{"name": key, "value": str(value)} for key, value in given.items()],
            "seconds": seconds, "tries": tries, "again_on": again_on, "stop": stop, "evidence": list(evidence)}  # fmt: skip


def plan(
    steps: list[dict], runs: list[dict], *, name: str = "SEC", version: str = "1", every: int = 1, **at_station
) -> dict:
    """A test plan of WIDGET that a station carries out."""
    usual = {"fixture": "", "retests": 3, "golden": [], "golden_hours": 0, "runs": runs}
    return {"schema": 1, "plan": name, "version": version, "product": "WIDGET", "revisions": ["B"], "every": every, "rules": "",
            "steps": steps, "station": {**usual, **at_station}}  # fmt: skip


def security_plan(ca: bytes, **at_station) -> dict:
    """Every security function that a unit on the network can show."""
    runs = [
        run("diag", "silent", port=duts.DIAGNOSTIC, alive=duts.WEB, milliseconds=300),
        run("ports", "ports", allowed=f"{duts.SSH} {duts.WEB} {duts.DEBUG} {duts.CONSOLE}", range=RANGE),
        run("cert", "certificate", port=duts.WEB, ca=b64encode(ca).decode()),
        run("login", "credentials", over="https", port=duts.WEB, pairs="widget:widget"),
        run("fw", "version", over="https", port=duts.WEB, path="/version", pattern='"firmware": "([^"]+)"'),
        run("crypt", "round_trip", port=duts.WEB, encrypt="/encrypt", decrypt="/decrypt"),
        run("debug", "debug", port=duts.DEBUG, address="0x1000"),
        run("bist", "console", port=duts.CONSOLE, ask="bist", until="BIST END"),
        run("ssh", "ssh", port=duts.SSH, policy=POLICY),
        run("web", "tls", port=duts.WEB),
    ]
    steps = [
        step("ports.unexpected", "text", expected="none"), step("ports.missing", "text", expected="none"),
        step("web.versions", "text", expected="TLSv1.2 TLSv1.3"), step("web.least_strength", "text", expected="A"),
        step("cert.chain"), step("cert.unique"), step("cert.days_left", "numeric", low="365", unit="d"), step("cert.names_unit"),
        step("login.accepted", "numeric", expected="0"), step("ssh.policy"), step("ssh.methods", "text", expected="publickey"),
        step("ssh.unique"), step("fw.as_permitted"), step("crypt.returns"), step("crypt.hidden"), step("crypt.fresh"),
        step("crypt.tamper_refused"), step("debug.locked"), step("diag.silent"), step("bist.ram", "text", expected="PASS"),
        step("bist.vcc", "numeric", low="3.2", high="3.4", unit="V"), step("bist.flash"),
    ]  # fmt: skip
    return plan(steps, runs, **at_station)


class Device:
    """A unit whose console tells what stands in `said` when asked."""

    def __init__(self, *said: str):
        self.said, self.port = [*said, "END"], emulated.free_port()
        duts.serve("127.0.0.1", self.port, duts.lines(self.said))

    def run(self, name: str = "bist", **more) -> dict:
        """A run that asks it."""
        return run(name, "console", port=self.port, ask="bist", until="END", milliseconds=1500, **more)


class Papers:
    """A CA, certificates and SSH host keys in a folder."""

    def __init__(self, folder: Path):
        from cryptography.hazmat.primitives.asymmetric import ec

        self.folder, self._ca_key = folder, ec.generate_private_key(ec.SECP256R1())
        self.ca = self._certificate("Line CA", self._ca_key.public_key(), days=4000, ca=True)

    @property
    def ca_der(self) -> bytes:
        """The CA's certificate."""
        from cryptography.hazmat.primitives.serialization import Encoding

        return self.ca.public_bytes(Encoding.DER)

    def web(self, unit: str, *, days: int = 3650) -> dict:
        """Files of a certificate that names the unit, and its key."""
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(unit, key.public_key(), days=days)
        cert, private = self.folder / f"{unit}.crt", self.folder / f"{unit}.key"
        cert.write_bytes(certificate.public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return {
            "cert": str(cert),
            "key": str(private),
            "oldest": "1.2",
            "password": "admin:Kx9-4711-zz",
            "version": "2.3.1",
            "cipher": "gcm",
        }

    def ssh(self, unit: str) -> dict:
        """A host key."""
        file = self.folder / f"{unit}.ssh"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
        return {"key": str(file), "passwords": "no", "kex": KEX}

    def _certificate(self, name: str, public, *, days: int, ca: bool = False):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes
        from cryptography.x509.oid import NameOID

        now = datetime.now(UTC)
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, "Line CA")]
        begin, until = now - timedelta(days=30), now + timedelta(days=days)
        made = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(public)
        made = made.serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(until)
        made = made.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return made.sign(self._ca_key, hashes.SHA256())


class LineFloor:
    """A floor of WIDGET whose station `ST-01` tests; units have addresses 127.0.9.N."""

    def __init__(self, folder: Path, image: bytes = b"image of no test" * 8):
        self.floor = Floor(folder, image)
        self.folder = folder
        self.papers: Papers | None = None

    def station(
        self, plans: list[dict], sockets: list[dict], *, does: str = "test", fixtures=(), start: bool = True, **more
    ) -> Station:
        """A station that tests by these plans, at these sockets."""
        name, second = "ST-01", self.folder / "anchor"
        second.mkdir(exist_ok=True)
        listed = [{"name": str(at), "position": at, "places": [], **one} for at, one in enumerate(sockets, 1)]
        settings = {"station": name, "site": "CZ-BRNO", "ems": "EMS-1", "server": "", "anchor": str(second), "sockets": listed,
                    "does": does, "fixtures": list(fixtures)}  # fmt: skip
        home = begin_home(self.folder / name, settings)
        share = {"station": name, "key": key_of(StationKey(home.private_key()).public), "units": 50, "rework_units": 0}
        named = []
        for one in plans:
            document = canonical_bytes(one)
            named.append({"plan": one["plan"], "version": one["version"], "sha256": sha256(document).hexdigest()})
            home.put(f"tests/{named[-1]['sha256']}.json", document)
        self.floor.give(home, self.floor.permit_document([share], tests=named, **more), name)
        station = Station(home.folder)
        if start:
            station.start()
        return station

    def fixture(self, *, hours: int = 24, cycles_max: int = 1000, kind: str = "SEC-BENCH") -> dict:
        """A fixture of a station's settings."""
        return {
            "fixture": "FX-1",
            "kind": kind,
            "calibrated_until": format_instant(self.floor.now + hours * HOUR),
            "cycles_max": cycles_max,
        }


class Bench:
    """Units and a headless station beside them; a scan in, an outcome out."""

    def __init__(self, folder: Path, home: Path, units: list[dict], words=(), *, before=(), **spec):
        command = [*before, sys.executable, "-m", "asbuilt.station.main", "--home", str(home), *words, "run"]
        self.process = duts.bench({"units": units, **spec}, folder, command)

    def scan(self, **said) -> None:
        """Give a scan in."""
        usual = {"badge": "OP-7", "order": "WO-7", "revision": "B"}
        self.process.stdin.write(json.dumps(usual | said).encode() + b"\n")
        self.process.stdin.flush()

    def outcome(self) -> dict:
        """The next line out."""
        line = self.process.stdout.readline()
        assert line, "the bench ended"
        return json.loads(line)

    def close(self) -> None:
        """Stop all of it."""
        duts.end(self.process)


def records_of(station: Station) -> list[test_records.TestRecord]:
    """The test records that wait in the outbox, each checked against the station's key and the bytes of its files."""
    found = []
    for waiting in station.outbox.waiting(1000):
        signed = envelope.parse(waiting.document)
        if signed.payload_type == test_records.TEST_RECORD_TYPE:
            record = test_records.parse_test_record(envelope.verify(signed, [station.own_key]))
            assert {file.sha256 for file in record.files} == {digest for digest, _ in waiting.files}
            assert all(sha256(content).hexdigest() == digest for digest, content in waiting.files)
            assert record.permit_id == PERMIT_ID
            found.append(record)
    return found
