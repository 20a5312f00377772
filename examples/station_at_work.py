"""A programming station at work, shown by `script/run`: from the brand owner's grant to what each unit runs.

    station_at_work.py FOLDER     with ASBUILT_HOME and ASBUILT_KEYS of a home that holds the example factory

Every step is a command that is printed as it runs; only the two people are let in by the verbs behind the page People. The
target is real flashrom's emulated SPI flash, the W25Q128 at U2 of the board MB-200. Keys, badges and the image are made here
and now, in FOLDER; the station has no network, so a stick carries its permit there and its records back. Run again it
programs nothing more and shows what the record says. A home whose trust store is another's is left alone.
"""

import base64
import json
import os
import secrets
import shlex
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512
from io import StringIO
from pathlib import Path

BIN = Path(sys.executable).parent
STATION, SITE, EMS = "PROG-9", "RIGA-1", "Ostwerk Electronics"
PRODUCT, REVISION, ORDER, VERSION = "MB-200", "B", "WO-1098", "4.0.0"
PART, CHIP, CHIP_ID, CHIP_BYTES = "U2", "W25Q128.V", "ef4018", 16 * 1024 * 1024
# unit, its hardware revision as its mark says: the third is a board of another order, of the revision before
SCANS = (("MB-061068", "B"), ("MB-061069", "B"), ("MB-056001", "A"), ("MB-061070", "B"))
PLAN = {
    "schema": 1, "plan": "mb200-flash", "version": 1, "product": PRODUCT,
    "identity": {"uid_from": "unit", "uid_bytes": 1, "part": "", "region": "", "revision_from": "operator"},
    "parts": [{
        "ref": PART, "evidence": "read-back", "regions": [{"name": "app", "start": 0, "length": 0x10000, "kind": "app"}],
    }],
    "secrets": [], "burns": [], "locks": [], "boot": None,
}  # fmt: skip


class Show:
    """The demonstration in its folder: people's keys, papers, the station and its target."""

    def __init__(self, folder: Path):
        self.folder, self.station, self.stick = folder, folder / "station", folder / "stick"
        self.badges: dict[str, str] = {}
        self.codes: dict[str, str] = {}

    # -- commands

    def asbuilt(self, *words: str, quiet: bool = False) -> str:
        """A command of the product, in this process; its output. Its error ends the show as it ends the command."""
        from asbuilt.doors.cli.main import main

        if not quiet:
            print(f"    asbuilt {shlex.join(self._shown(words))}", flush=True)
        said = StringIO()
        try:
            with redirect_stdout(said), redirect_stderr(StringIO() if quiet else sys.stderr):
                main(list(words))
        except SystemExit as leaving:
            if leaving.code:
                raise
        return said.getvalue()

    def agent(self, *words: str, given: str = "", quiet: bool = False) -> str:
        """A command of the station, a program of its own."""
        if not quiet:
            print(f"    asbuilt-station {shlex.join(self._shown(words))}", flush=True)
        program = [str(BIN / "asbuilt-station"), "--home", str(self.station), *words]
        done = subprocess.run(program, input=given, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise SystemExit(done.returncode)
        return done.stdout

    def _shown(self, words) -> list[str]:
        return [word.replace(f"{self.folder}/", "") for word in words]

    def key(self, name: str, *more: str) -> Path:
        """A new key pair of a person; the private half stays in this folder."""
        self.asbuilt("firmware", "keygen", str(self.folder / name), *more, quiet=True)
        return self.folder / name

    def paper(self, name: str, said: dict) -> str:
        """A document on its way."""
        (self.folder / name).write_text(json.dumps(said, indent=1))
        return str(self.folder / name)

    # -- who there is

    def people_and_trust(self) -> str:
        """The keys of everybody who signs, the trust store, two people with badges; returns the store's SHA-256."""
        names = ("root", "release-1", "release-2", "issuer", "brand")
        for name in names:
            self.key(name)
        self.key("safe", "--sealing")
        roles = {
            "root": ["root"], "release-signer": ["release-1", "release-2"], "permit-issuer": ["issuer"],
            "grant-issuer": ["brand"], "recovery": ["safe"],
        }  # fmt: skip
        told = {
            role: {"threshold": len(holders), "keys": [{"key": f"{one}.pub", "holder": one} for one in holders]}
            for role, holders in roles.items()
        }
        store = str(self.folder / "trust-1.json")
        self.asbuilt("firmware", "trust", "make", self.paper("trust.json", {"store": "example", "roles": told}), store)
        self.asbuilt("firmware", "sign-file", store, "--key", str(self.folder / "root"))
        pin = sha256(base64.b64decode(json.loads(Path(store).read_text())["payload"])).hexdigest()
        self.asbuilt("firmware", "trust", "set", store, "--pin", pin)
        for role in ("operator", "quality_lead"):
            self.badges[role] = self._person(role)
        return pin

    def _person(self, role: str) -> str:
        from asbuilt.access.actions import accept_link, invite
        from asbuilt.doors.cli.opening import open_record

        code, name = f"{role[:2].upper()}-{secrets.token_hex(3)}", role.replace("_", " ")
        number, link = invite(open_record(), name=name, roles=[role], code=code)
        # nobody signs in as this person: the password is forgotten at once
        accept_link(link, name=name, login=code, password=secrets.token_urlsafe(24))
        told = self.asbuilt("badge", "issue", str(number), "--format", "json")
        self.codes[role] = code
        return json.loads(told)["badge"]

    def release(self) -> bytes:
        """An image of the board, signed by two and released."""
        image = f"{PRODUCT} {VERSION}\n".encode() + secrets.token_bytes(40_000)
        (self.folder / "app.bin").write_bytes(image)
        self.asbuilt("firmware", "add", PRODUCT, VERSION, str(self.folder / "app.bin"), "--revision", REVISION)
        keys = [word for one in ("release-1", "release-2") for word in ("--key", str(self.folder / one))]
        self.asbuilt("firmware", "sign", PRODUCT, VERSION, *keys)
        self.asbuilt("firmware", "release", PRODUCT, VERSION)
        return image

    def enrol(self, pin: str) -> None:
        """The station makes its keys; two files carry the public ones there and the server's answer back."""
        where = ("--site", SITE, "--ems", EMS)
        made = self.agent("init", "--station", STATION, *where, "--anchor", str(self.folder / "anchor"))
        (self.folder / "keys.json").write_text(made)
        answer = self.asbuilt("station", "enrol", STATION, *where, "--keys", str(self.folder / "keys.json"))
        (self.folder / "answer.json").write_text(answer)
        self.agent("accept", str(self.folder / "answer.json"), "--pin", pin)
        place = {"ref": PART, "target": self._target(), "console": "", "seconds": 30, "options": []}
        settings = json.loads((self.station / "station.json").read_text())
        settings["sockets"] = [{"name": "1", "position": 1, "places": [place]}]
        (self.station / "station.json").write_text(json.dumps(settings, indent=2))

    def permit(self, image: bytes) -> str:
        """The brand owner's grant, signed where their key is; then a permit split from it. Returns the permit's id."""
        grant_id = _ulid()
        now = datetime.now(UTC)
        until = (now + timedelta(days=30)).isoformat(timespec="seconds")
        public = (self.folder / "issuer.pub").read_text()
        grant = {
            "schema": 1, "grant_id": grant_id, "brand_owner": "Halden Energy Systems", "ems": EMS, "site": SITE,
            "product": PRODUCT, "revisions": [REVISION], "units": 40, "issued_at": now.isoformat(timespec="seconds"),
            "not_after": until, "issuers": [_as_documents_write(public)], "threshold": 1, "supersedes": None,
            "images": [{
                "role": "app", "version": VERSION, "length": len(image), "sha256": sha256(image).hexdigest(),
                "sha512": sha512(image).hexdigest(),
            }],
        }  # fmt: skip
        signed = str(self.folder / "grant.signed.json")
        key = str(self.folder / "brand")
        self.asbuilt("permit", "sign", self.paper("grant.json", grant), "--key", key, "--output", signed)
        self.asbuilt("permit", "grant", signed)
        told = self.asbuilt("permit", "plan", self.paper("plan.json", PLAN), "--format", "json")
        draft = {
            "grant": grant_id, "order": ORDER, "revisions": [REVISION], "bom_version": "4",
            "not_before": now.isoformat(timespec="seconds"), "not_after": until, "plan": json.loads(told)["sha256"],
            "parts": [{"ref": PART, "programmer": "flashrom", "part": CHIP, "part_id": CHIP_ID}],
            "images": [{"role": "app", "version": VERSION, "part": PART, "region": "app"}],
            "tools": [{"tool": "flashrom", "version_min": "1.0", "sha256_allowed": []}],
            "stations": [{"station": STATION, "units": 10}],
        }  # fmt: skip
        self._issuer_key_in_place()
        told = self.asbuilt("permit", "issue", self.paper("draft.json", draft), "--format", "json")
        return json.loads(told)["permit"]

    def _issuer_key_in_place(self) -> None:
        from asbuilt.doors.cli.opening import open_record
        from asbuilt.ledger import keyring, origins

        place = keyring.folder_of(origins.origin(open_record().tenant)) / "issuer.pem"
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        place.write_bytes((self.folder / "issuer").read_bytes())

    # -- the floor

    def fetch(self) -> None:
        """By the stick to the station: trust store, grant, permit, plan, release, image sealed for it, receipts."""
        self.asbuilt("station", "export", str(self.stick))
        self.agent("exchange", str(self.stick))

    def upload(self) -> None:
        """By the stick from the station: its signed records; then the receipts go there."""
        self.agent("exchange", str(self.stick))
        self.asbuilt("station", "import", str(self.stick))
        self.fetch()

    def program(self, scans) -> None:
        """Scan after scan, each with a blank chip in the socket; PASS or STOP as the agent says."""
        print(f"    asbuilt-station run     # badge of {self.codes['operator']}, order {ORDER}", flush=True)
        program = [str(BIN / "asbuilt-station"), "--home", str(self.station), "run"]
        with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
            for unit, revision in scans:
                (self.folder / "chip.bin").write_bytes(b"\xff" * CHIP_BYTES)
                said = {"badge": self.badges["operator"], "order": ORDER, "unit": unit, "revision": revision}
                running.stdin.write(json.dumps(said) + "\n")
                running.stdin.flush()
                outcome = json.loads(running.stdout.readline())
                _tell(unit, outcome)
            running.stdin.close()
        (self.folder / "chip.bin").unlink()
        if running.returncode:
            raise SystemExit(running.returncode)

    def _target(self) -> str:
        return f"dummy:emulate=W25Q128FV,bus=spi,image={self.folder / 'chip.bin'}"


def _tell(unit: str, outcome: dict) -> None:
    if outcome["result"] == "pass":
        print(f"        PASS  {unit}  {outcome['seconds']:.1f} s", flush=True)
    else:
        print(f"        STOP  {unit}  {outcome['said']} {outcome['remedy']}", flush=True)


def _as_documents_write(pem: str) -> dict:
    from asbuilt.kernel import keys
    from asbuilt.kernel.notes import base64_text

    public = keys.public_from_pem(pem)
    return {"algorithm": public.algorithm, "public": base64_text(public.raw)}


def _ulid() -> str:
    from asbuilt.kernel.identifiers import new_ulid

    return new_ulid(time.time_ns() // 1000, secrets.token_bytes(10))


def _trusts_somebody(show: Show) -> bool:
    return bool(json.loads(show.asbuilt("firmware", "trust", "list", "--format", "json", quiet=True))["versions"])


def _hindrance(show: Show) -> str:
    """Why there is no show; empty where nothing stands in its way."""
    if show.folder.exists():
        return f"This home and {show.folder} do not go together. To see the station, begin with an empty home and without it."
    if _trusts_somebody(show):
        return "No station is set up here: this home has a trust store of its own, which stays as it is."
    known = [json.loads(line) for line in show.agent("programmers", quiet=True).splitlines()]
    if any(one["programmer"] == "flashrom" and not one["version"] for one in known):
        return "A station at work needs flashrom, which is not here; on Debian or Ubuntu: sudo apt-get install flashrom"
    return ""


def main(folder: Path) -> None:
    """The whole show, once in a home; afterwards what the record says of it."""
    show, done = Show(folder), folder / "done"
    known = json.loads(show.asbuilt("station", "list", "--format", "json", quiet=True))["stations"]
    if not done.exists() or STATION not in [one["station"] for one in known]:
        if hindrance := _hindrance(show):
            print(hindrance)
            return
        folder.mkdir(mode=0o700, parents=True)
        pin = show.people_and_trust()
        image = show.release()
        show.enrol(pin)
        show.permit(image)
        show.fetch()
        show.program(SCANS[:3])
        why = "board of another order, put back"
        show.agent("release", "--why", why, given=show.badges["quality_lead"] + "\n")
        show.program(SCANS[3:])
        show.upload()
        done.touch()
    print(show.asbuilt("station", "show", STATION), end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
