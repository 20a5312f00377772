"""A floor with stations for tests: people with keys, a trust store, grant, permit, plan, releases, bulletin, in folders.

`Floor` has sensible documents of one product; a test changes what it is about, then sets a station up with `station(…)`.
"""

import json
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from pathlib import Path

import signers

from asbuilt.kernel import envelope, keys, permits, sealing
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.notes import base64_text
from asbuilt.station.agent import Station, system_clock
from asbuilt.station.home import begin_home
from asbuilt.station.lockout import Scanned

BRAND = signers.BRAND
ISSUER, SECOND_ISSUER = signers.ISSUER, signers.Ed25519("second issuer")
SERVER = signers.Ed25519("server")
HOUR = 3_600_000_000
GRANT_ID, PERMIT_ID = "01KB00000000000000000000G1", "01KB00000000000000000000P1"
BADGES = {"OP-7": ("eva", ["programmer"]), "OP-8": ("jan", ["programmer"]), "QL-1": ("petra", ["quality-lead"]),
          "GUEST": ("guest", ["visitor"])}  # fmt: skip


class StationKey:
    """A station's key as a signer."""

    def __init__(self, private: bytes):
        self.private, self.public = private, keys.PublicKey(keys.ED25519, keys.public_of(private))

    def sign(self, message):
        return keys.sign_ed25519(self.private, message)


def signed(kind: str, payload: bytes, *people) -> bytes:
    """An envelope around these bytes."""
    return signers.signed(kind, payload, people)


def key_of(public: keys.PublicKey) -> dict:
    """A key as documents write it."""
    return {"algorithm": public.algorithm, "public": base64_text(public.raw)}


def image_of(content: bytes, version: str, role: str = "app") -> dict:
    """An image as grants write it."""
    return {
        "role": role, "version": version, "length": len(content), "sha256": sha256(content).hexdigest(),
        "sha512": sha512(content).hexdigest(),
    }  # fmt: skip


@dataclass
class Floor:
    """What is true on the floor before a station is set up; each field may be changed by a test."""

    folder: Path
    image: bytes
    version: str = "2.3.1"
    programmer: str = "gdbremote"
    part: str = "lm3s6965"
    part_id: str = "1073402e"
    tool_min: str = "1.0"
    plan: dict = field(default_factory=dict)
    grant: dict = field(default_factory=dict)
    permit: dict = field(default_factory=dict)
    bulletin: dict = field(default_factory=dict)
    now: int = 0

    def __post_init__(self):
        self.now = self.now or system_clock()
        self.plan = {**cortex_plan(), **self.plan}
        self.homes: dict[str, Path] = {}

    # -- documents

    def grant_document(self, **changes) -> dict:
        """The brand owner's grant."""
        said = {
            "schema": 1, "grant_id": GRANT_ID, "brand_owner": "ACME", "ems": "EMS-1", "site": "CZ-BRNO", "product": "WIDGET",
            "revisions": ["B", "C"], "images": [image_of(self.image, self.version)], "units": 100,
            "issued_at": format_instant(self.now - 48 * HOUR), "not_after": format_instant(self.now + 240 * HOUR),
            "issuers": [key_of(ISSUER.public), key_of(SECOND_ISSUER.public)], "threshold": 1, "supersedes": None,
        }  # fmt: skip
        return {**said, **self.grant, **changes}

    def permit_document(self, shares: list[dict], grant: dict | None = None, **changes) -> dict:
        """A permit of that grant for these shares."""
        statement = self.statement()
        said = {
            "schema": 1, "permit_id": PERMIT_ID, "grant_id": GRANT_ID,
            "grant_sha256": sha256(canonical_bytes(grant or self.grant_document())).hexdigest(), "work_order": "WO-7",
            "brand_owner": "ACME", "ems": "EMS-1", "site": "CZ-BRNO", "product": "WIDGET", "revisions": ["B"],
            "bom_version": "3", "issued_at": format_instant(self.now - 24 * HOUR),
            "not_before": format_instant(self.now - 24 * HOUR), "not_after": format_instant(self.now + 48 * HOUR),
            "grace_offline_hours": 72,
            "parts": [{"ref": "U1", "programmer": self.programmer, "part": self.part, "part_id": self.part_id}],
            "images": [{
                **image_of(self.image, self.version), "part": "U1", "region": "app",
                "release_sha256": sha256(statement.payload).hexdigest(), "image_digest": "", "security_counter": None,
            }],
            "plan": self.plan["plan"], "plan_version": self.plan["version"],
            "plan_sha256": sha256(canonical_bytes(self.plan)).hexdigest(),
            "tools": [{"tool": self.programmer, "version_min": self.tool_min, "sha256_allowed": []}],
            "units": sum(share["units"] for share in shares), "attempts_per_unit": 3, "stations": shares,
            "operator_roles": ["programmer"], "two_person_for": ["otp", "rework"], "provision": "", "lock": "none",
            "supersedes": None, "revocation_epoch": 0, "end_certificate_to": "acme",
        }  # fmt: skip
        return {**said, **self.permit, **changes}

    def statement(self, **changes):
        """The release statement of the image."""
        return signers.statement(self.image, version=self.version, created_at=signers.AT, **changes)

    def bulletin_document(self, station: str, **changes) -> dict:
        """What the server says of people, holds and revocations."""
        until = format_instant(self.now + 2400 * HOUR)
        people = [
            {"person": person, "badge_sha256": documents.badge_sha256(badge), "roles": roles, "until_at": until}
            for badge, (person, roles) in BADGES.items()
        ]
        said = {
            "schema": 1, "station": station, "epoch": 1, "issued_at": format_instant(self.now - HOUR), "revocation_epoch": 0,
            "operators": people, "revoked_permits": [], "withdrawn_images": [], "held_uids": [], "held_units": [],
            "released_alarms": [], "recorded": [],
        }  # fmt: skip
        return {**said, **self.bulletin, **changes}

    # -- stations

    def station(
        self, places: list[dict], *, name: str = "ST-01", units: int = 10, rework: int = 0, clock=None
    ) -> Station:
        """A station with one socket for each place, its permit and all that it names; started."""
        folder = self.folder / name
        second = self.folder / f"{name}-anchor"
        second.mkdir(parents=True, exist_ok=True)
        sockets = [{"name": str(at), "position": at, "places": [place]} for at, place in enumerate(places, 1)]
        settings = {"station": name, "site": "CZ-BRNO", "ems": "EMS-1", "server": "", "anchor": str(second),
                    "sockets": sockets}  # fmt: skip
        home = begin_home(folder, settings)
        self.homes[name] = folder
        own = StationKey(home.private_key())
        share = {"station": name, "key": key_of(own.public), "units": units, "rework_units": rework}
        self.give(home, self.permit_document([share]), name)
        station = Station(folder, clock=clock or (lambda: max(self.now, system_clock())))
        station.start()
        return station

    def give(self, home, permit: dict, name: str, *, by=None) -> None:
        """Put everything into a station's folder, as enrolment and sync do; two sign what cannot be undone."""
        final = self.plan["burns"] or self.plan["locks"]
        by = by or ((ISSUER, SECOND_ISSUER) if final else (ISSUER,))
        store = signers.store()
        home.put("trust/pinned", store.sha256.encode())
        home.put("trust/0001.json", signers.store_file(store))
        home.put("server/server.pem", keys.public_to_pem(SERVER.public).encode())
        home.put(
            f"grants/{permit['grant_id']}.json",
            signed(permits.GRANT_TYPE, canonical_bytes(self.grant_document()), BRAND),
        )
        home.put(f"permits/{permit['permit_id']}.json", signed(permits.PERMIT_TYPE, canonical_bytes(permit), *by))
        plan = canonical_bytes(self.plan)
        home.put(f"plans/{sha256(plan).hexdigest()}.json", plan)
        statement = self.statement()
        home.put(f"releases/{sha256(statement.payload).hexdigest()}.json", signers.release_file(statement))
        transfer = sealing.SealingKey.from_pem((home.folder / "transfer.pem").read_text()).public
        sealed = sealing.seal(self.image, transfer, sealing.IMAGE)
        home.put(f"images/{sha256(self.image).hexdigest()}", sealed)
        self.tell(home, name)

    def tell(self, home, name: str, **changes) -> None:
        """A bulletin, whatever the station has."""
        payload = canonical_bytes(self.bulletin_document(name, **changes))
        home.put("bulletin.json", signed(documents.BULLETIN_TYPE, payload, SERVER))


def cortex_plan(**changes) -> dict:
    """Image at 0, secret in the factory page, identity page with UID and revision, boot with self-test."""
    said = {
        "schema": 1, "plan": "eol-widget", "version": 1, "product": "WIDGET",
        "identity": {"uid_from": "region", "uid_bytes": 8, "part": "U1", "region": "identity", "revision_from": "region"},
        "parts": [{
            "ref": "U1", "evidence": "read-back",
            "regions": [{"name": "app", "start": 0, "length": 0x4000, "kind": "app"},
                        {"name": "factory", "start": 0x3F000, "length": 0x100, "kind": "factory"},
                        {"name": "identity", "start": 0x3F800, "length": 12, "kind": "identity"}],
        }],
        "secrets": [{"name": "device-key", "part": "U1", "region": "factory", "kind": "random", "length": 32,
                     "marker": b"PROV".hex()}],
        "burns": [], "locks": [],
        "boot": {"banner": "BOOT fw={version} hw={revision}", "self_test": "SELFTEST PASS", "reject": "SECUREBOOT REJECT",
                 "timeout_ms": 3000, "negative_every": 0},
    }  # fmt: skip
    return {**said, **changes}


def flash_plan(**changes) -> dict:
    """A memory chip: image and a region for secrets, no identity of its own, nothing that could start."""
    said = cortex_plan(
        identity={"uid_from": "unit", "uid_bytes": 1, "part": "", "region": "", "revision_from": "operator"},
        parts=[{"ref": "U1", "evidence": "read-back",
                "regions": [{"name": "app", "start": 0, "length": 0x10000, "kind": "app"},
                            {"name": "factory", "start": 0x20000, "length": 0x1000, "kind": "factory"}]}],
        secrets=[], boot=None,
    )  # fmt: skip
    return {**said, **changes}


def scan(unit: str, **changes) -> Scanned:
    """Eva scans a unit of the order."""
    return Scanned(**{"badge": "OP-7", "work_order": "WO-7", "unit": unit, "revision": "B", **changes})


def records(station: Station) -> list[documents.ProgrammingRecord]:
    """What waits in the outbox, each checked against the station's key."""
    found = []
    for waiting in station.outbox.waiting(1000):
        payload = envelope.verify(envelope.parse(waiting.document), [station.own_key])
        assert sha256(payload).hexdigest() == waiting.payload_sha256
        found.append(documents.parse_record(payload))
    return found


def kinds(station: Station, uid: str) -> list[str]:
    """The steps of a device in the ledger."""
    return [entry.kind for entry in station.ledger.of_unit(uid)]


def receipt(station: str, payloads: list[str], at: int, signer=SERVER, seq: int = 0, chain: str = "") -> bytes:
    """A server's receipt."""
    said = {
        "schema": 1,
        "station": station,
        "received_at": format_instant(at),
        "records": payloads,
        "seq": seq,
        "chain": chain,
    }
    return signed(documents.RECEIPT_TYPE, canonical_bytes(said), signer)


def as_json(document: bytes) -> dict:
    """The payload of an envelope."""
    return json.loads(envelope.parse(document).payload)
