"""A depot where units of the stock are programmed again under a permit: releases and papers signed by the tests' signers, a station without a
network whose clock is the house's, emulated targets. Everything reaches the record by commands and a stick."""

import json
from hashlib import sha256, sha512

import signers
from emulated import Cortex, cortex_image
from journeys.commands import here, here_json
from station_floor import cortex_plan, key_of, scan

from asbuilt.kernel import keys, permits
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.instants import format_instant
from asbuilt.station import exchange
from asbuilt.station.agent import Station
from asbuilt.station.enrolment import accept, public_keys
from asbuilt.station.home import begin_home

HOUR = 3_600_000_000
GRANT = "01KB00000000000000000000G1"
STATION, SITE, EMS, BADGE = "DEPOT-1", "DE-DRESDEN", "Halden depot", "OP-7"


class Depot:
    """A house's depot: trust store, an operator with a badge, the issuer's key, a station."""

    def __init__(self, house, product: str, order: str):
        self.house, self.product, self.order = house, product, order
        self.folder = house.folder / "depot"
        self.folder.mkdir()
        store = signers.store()
        (self.folder / "trust.json").write_bytes(signers.store_file(store))
        here("firmware", "trust", "set", self.folder / "trust.json", "--pin", store.sha256)
        self.pin = store.sha256
        for signer in (signers.RELEASERS[0], signers.RELEASERS[2]):
            self._key(signer.holder, signer.private)
        self.badge = self._operator()

    def _key(self, name: str, private: bytes):
        file = self.folder / name.replace(" ", "-")
        file.write_text(keys.private_to_pem(private))
        file.chmod(0o600)
        return file

    def _operator(self) -> str:
        from asbuilt.access.actions import accept_link, invite
        from asbuilt.doors.cli.opening import open_record
        from asbuilt.ledger import keyring, origins

        actor = open_record()
        number, link = invite(actor, name="Eva", roles=["operator"], code=BADGE)
        accept_link(link, name="Eva", login="eva", password="correct horse battery")
        place = keyring.folder_of(origins.origin(actor.tenant)) / "issuer.pem"
        place.write_text(keys.private_to_pem(signers.ISSUER.private))
        return here_json("badge", "issue", number)["badge"]

    def release(self, version: str) -> str:
        """An image signed by two and released; its SHA-256."""
        self.image, self.version = cortex_image(version), version
        (self.folder / "app.bin").write_bytes(self.image)
        here("firmware", "add", self.product, version, self.folder / "app.bin", "--revision", "B")
        by = [word for one in ("release-1", "release-3") for word in ("--key", self.folder / one)]
        here("firmware", "sign", self.product, version, *by)
        here("firmware", "release", self.product, version)
        return sha256(self.image).hexdigest()

    def enrol(self) -> None:
        """The station makes its keys; two files carry the public ones here and the answer there."""
        place = self.folder / "station"
        anchor = self.folder / "anchor"
        anchor.mkdir()
        home = begin_home(place, {"station": STATION, "site": SITE, "ems": EMS, "server": "", "anchor": str(anchor), "sockets": []})  # fmt: skip
        public, transfer = public_keys(home)
        told = self.house.file("keys.json", json.dumps({"station": STATION, "public": public, "transfer": transfer}))
        answer = here("station", "enrol", STATION, "--site", SITE, "--ems", EMS, "--keys", told)
        accept(home, answer.encode(), self.pin)
        self.station = Station(place, clock=lambda: self.house.clock.now)
        self.station.start()

    def granted(self, units: int) -> dict:
        """The brand owner's grant is in the record, and the plan; what a draft of a permit says."""
        now = self.house.clock.now
        image = {
            "role": "app", "version": self.version, "length": len(self.image), "sha256": sha256(self.image).hexdigest(),
            "sha512": sha512(self.image).hexdigest(),
        }  # fmt: skip
        grant = {
            "schema": 1, "grant_id": GRANT, "brand_owner": "Halden Energy Systems", "ems": EMS, "site": SITE, "product": self.product,
            "revisions": ["B"], "images": [image], "units": units, "issued_at": format_instant(now),
            "not_after": format_instant(now + 240 * HOUR), "issuers": [key_of(signers.ISSUER.public)], "threshold": 1, "supersedes": None,
        }  # fmt: skip
        file = self.folder / "grant.json"
        file.write_bytes(signers.signed(permits.GRANT_TYPE, canonical_bytes(grant), [signers.BRAND]))
        here("permit", "grant", file)
        plan = here_json("permit", "plan", self.house.file("plan.json", json.dumps(cortex_plan(product=self.product))))
        return {
            "grant": GRANT, "order": self.order, "revisions": ["B"], "bom_version": "2", "not_before": format_instant(now),
            "not_after": format_instant(now + 200 * HOUR), "plan": plan["sha256"],
            "parts": [{"ref": "U1", "programmer": "gdbremote", "part": "lm3s6965", "part_id": "1073402e"}],
            "images": [{"role": "app", "version": self.version, "part": "U1", "region": "app"}],
            "tools": [{"tool": "gdbremote", "version_min": "1.0", "sha256_allowed": []}],
            "stations": [{"station": STATION, "units": units}],
        }  # fmt: skip

    def issue(self, draft: dict, expect: int = 0) -> dict:
        """The permit, or the refusal."""
        file = self.house.file("draft.json", json.dumps(draft))
        return json.loads(here("permit", "issue", file, "--format", "json", expect=expect))

    def program(self, units) -> list:
        """What the station says of each: by stick there, every unit in the socket, by stick back."""
        stick = self.folder / "stick"
        here("station", "export", stick)
        exchange.take_folder(self.station, stick)
        said = [self._one(unit) for unit in units]
        exchange.put_folder(self.station, stick)
        here("station", "import", stick)
        return said

    def _one(self, unit: str):
        target = Cortex(self.folder, f"{int(unit):016x}")
        try:
            file = self.station.home.folder / "station.json"
            said = {**json.loads(file.read_text()), "sockets": [{"name": "1", "position": 1, "places": [target.place()]}]}  # fmt: skip
            self.station.home.put("station.json", json.dumps(said).encode())
            self.station.settings = self.station.home.settings()
            return self.station.program(scan(unit, badge=self.badge, work_order=self.order), "1")
        finally:
            target.close()

    def close(self, permit: str) -> dict:
        """The end certificate by stick; the permit closed."""
        self.station.close(permit)
        stick = self.folder / "stick"
        exchange.put_folder(self.station, stick)
        here("station", "import", stick)
        return here_json("permit", "close", permit)
