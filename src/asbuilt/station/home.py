"""Station's folder: what it was told, and its keys.

    station.json                       name, site, EMS, server, second place, sockets
    station.pem  transfer.pem          its signing key and the key that images are sealed for; readable by its user alone
    trust/pinned  trust/0001.json …    SHA-256 of the first trust store, and its versions (grant issuers, release signers)
    server/*.pem                       keys that sign bulletins and receipts
    grants/ID.json  permits/ID.json    signed documents · plans/ tests/ releases/SHA256.json  what permits name
    images/SHA256                      sealed for transfer.pem; never in clear on this disk
    comparing/SHA256                   by product: the key by which passwords are compared, sealed for transfer.pem
    bulletin.json                      the last one · ledger.sqlite3

The pinned hash and the server's keys come in by hand or at the enrolment, never with the documents that they check. Everything is read anew for each
unit: a file that was exchanged meanwhile is checked like the first.
"""

import json
import os
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from asbuilt.kernel import keys, permits, plans, releases, sealing, test_plans, trust
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.canonical import parse_strict
from asbuilt.kernel.documents import LeftOut, fields, instant, into, many, name, once_each, one_of, read, text, whole
from asbuilt.kernel.envelope import parse as parse_envelope
from asbuilt.kernel.envelope import verify as verify_envelope
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Refused
from asbuilt.station.programmers.protocol import Address

SETTINGS_BYTES_MAX = 64 * 1024
FILES_MAX = 2_000
DOCUMENT_BYTES_MAX = 2 * releases.STATEMENT_BYTES_MAX
LANGUAGES = ("en", "de")
PROGRAM, TEST, BOTH = "program", "test", "both"


@dataclass(frozen=True)
class Place:
    """Where a socket reaches a part: reference designator, target, console (or empty), seconds, options."""

    ref: str
    target: str
    console: str
    seconds: int
    options: tuple[dict, ...]

    @property
    def address(self) -> Address:
        """As a programmer takes it."""
        chosen = {option["name"]: option["value"] for option in self.options}
        return Address(self.target, self.console, float(self.seconds), chosen)


@dataclass(frozen=True)
class Socket:
    """A socket of the fixture: its name, the position of a panel that it takes, its parts. For tests: the unit's network address, its
    console (host:port), the folder of files that come in, the fixture that stands there."""

    name: str
    position: int
    places: tuple[Place, ...]
    network: str = ""
    console: str = ""
    incoming: str = ""
    fixture: str = ""


@dataclass(frozen=True)
class Fixture:
    """A fixture: its name, its kind, until when its calibration holds (UTC microseconds), how many cycles it may make."""

    fixture: str
    kind: str
    calibrated_until: int
    cycles_max: int


@dataclass(frozen=True)
class Settings:
    """What station.json says. `does` is what becomes of a unit here: program, test, both. `authority` is the URI of the line authority's key in a token, `language` that of the
    operator's sentences (en, de; empty: as the environment says); both may be left out."""

    station: str
    site: str
    ems: str
    server: str
    anchor: str
    sockets: tuple[Socket, ...]
    authority: str
    language: str
    does: str
    fixtures: tuple[Fixture, ...]


_PLACE = into(
    Place,
    fields(
        ref=name(40), target=text(400, least=1), console=text(120), seconds=whole(1, 3_600),
        options=once_each(many(fields(name=name(40), value=text()), most=20), lambda option: option["name"]),
    ),
)  # fmt: skip
_SOCKET = into(
    Socket,
    fields(
        name=name(20), position=whole(1, 10_000),
        places=once_each(many(_PLACE, most=20), lambda place: place.ref), network=LeftOut("", text(120)),
        console=LeftOut("", text(120)), incoming=LeftOut("", text(400)), fixture=LeftOut("", text(80)),
    ),
)  # fmt: skip
_FIXTURE = into(
    Fixture,
    fields(fixture=name(80), kind=name(80), calibrated_until=instant, cycles_max=whole(1, 100_000_000)),
)
_SETTINGS = into(
    Settings,
    fields(
        station=name(40), site=name(), ems=text(least=1), server=text(), anchor=text(400, least=1),
        sockets=once_each(many(_SOCKET, most=64), lambda socket: socket.name), authority=text(400), language=one_of("", *LANGUAGES),
        does=one_of(PROGRAM, TEST, BOTH), fixtures=once_each(many(_FIXTURE, most=64), lambda fixture: fixture.fixture),
    ),
)  # fmt: skip
_USUAL = {"authority": "", "language": "", "does": PROGRAM, "fixtures": []}


def read_settings(content: bytes) -> Settings:
    """The settings in these bytes; Invalid names the field that is wrong."""
    said = parse_strict(content, decimals=False, bytes_max=SETTINGS_BYTES_MAX, nesting_max=8)
    whole_of = json.dumps({**_USUAL, **said}, ensure_ascii=False).encode() if type(said) is dict else content
    return read(whole_of, _SETTINGS, bytes_max=2 * SETTINGS_BYTES_MAX)


@lru_cache(maxsize=8)
def _opened(versions: tuple[bytes, ...], pinned: str) -> trust.TrustStore:
    # remembered by the very bytes, so that a file that was exchanged is checked like the first
    return trust.open_chain(list(versions), pinned)[-1]


@lru_cache(maxsize=2)
def _told(document: bytes, server_keys: tuple[keys.PublicKey, ...]) -> documents.Bulletin:
    signed = parse_envelope(document, bytes_max=2 * documents.BULLETIN_BYTES_MAX)
    if signed.payload_type != documents.BULLETIN_TYPE:
        raise Invalid("station.bulletin_type", "This is no bulletin.", remedy="Give the file that the server wrote.")
    return documents.parse_bulletin(verify_envelope(signed, server_keys))


class StationHome:
    """The folder of a station."""

    def __init__(self, folder: Path):
        self.folder = folder

    def settings(self) -> Settings:
        """station.json."""
        return read_settings(self._bytes("station.json"))

    def set_up_as(self) -> dict:
        """What station.json says, as it stands there; nothing where there is none."""
        try:
            said = parse_strict(
                self._bytes("station.json"), decimals=False, bytes_max=SETTINGS_BYTES_MAX, nesting_max=8
            )
        except NotFound:
            return {}
        return said if type(said) is dict else {}

    def private_key(self) -> bytes:
        """The station's signing key, 32 bytes."""
        return keys.private_from_pem(self._bytes("station.pem").decode("ascii", "replace"))

    def trust(self) -> trust.TrustStore:
        """The newest version of the trust store, its chain checked from the pinned one on."""
        pinned = self._bytes("trust/pinned").decode("ascii", "replace").strip()
        return _opened(tuple(file.read_bytes() for file in self._files("trust", "*.json")), pinned)

    def server_keys(self) -> list[keys.PublicKey]:
        """Keys that sign bulletins and receipts."""
        return [keys.public_from_pem(file.read_text("ascii")) for file in self._files("server", "*.pem")]

    def grant(self, grant_id: str, now: int) -> permits.Grant:
        """A grant, checked against the keys that might grant when the log recorded it and are not revoked now."""
        store, document = self.trust(), self._bytes(f"grants/{grant_id}.json")
        at, gone = self._signed_by_then(document, now), set(store.revoked_at(now))
        trusted = [key.key for key in store.keys_of(trust.GRANT_ISSUER, at) if key.key not in gone]
        found = permits.open_grant(document, brand_owner_keys=trusted)
        permits.check_grant_threshold(document, store, at, revoked_by=now)
        return found

    def _signed_by_then(self, document: bytes, now: int) -> int:
        """By when the document was signed, as the server's log proves; now where the last bulletin does not say.

        An ended term refuses nothing that was recorded within it. A date of the document itself its signer could choose."""
        if not (self.folder / "bulletin.json").exists():
            return now
        payload = parse_envelope(document, bytes_max=DOCUMENT_BYTES_MAX).payload
        return self.bulletin().recorded_at(sha256(payload).hexdigest(), now)

    def permit(self, permit_id: str, now: int) -> permits.Permit:
        """A permit, checked down from its grant."""
        document = self._bytes(f"permits/{permit_id}.json")
        unchecked = permits.parse_permit(parse_envelope(document, bytes_max=128 * 1024).payload)
        store = self.trust()
        return permits.open_permit(
            document, grant=self.grant(unchecked.grant_id, now),
            release_keys=[key.key for key in store.keys_of(trust.RELEASE_SIGNER)], revoked_keys=store.revoked_at(now),
        )  # fmt: skip

    def permit_ids(self) -> list[str]:
        """Ids of the permits here, the newest where there are too many: an id begins with its time."""
        return sorted(file.stem for file in (self.folder / "permits").glob("*.json"))[-FILES_MAX:]

    def permit_for(self, work_order: str, now: int) -> permits.Permit:
        """The newest permit here for a work order; a superseded one does not count. NotFound where there is none."""
        said = {permit_id: self._order_of(permit_id) for permit_id in self.permit_ids()}
        # a permit of another order, whatever is wrong with it, does not stop this one
        found = [self.permit(permit_id, now) for permit_id, order in said.items() if order == work_order]
        gone = {permit.supersedes for permit in found}
        fitting = [one for one in found if one.permit_id not in gone]
        if not fitting:
            raise NotFound(
                "station.no_permit",
                f"No permit here is for work order {work_order}.",
                {"work_order": work_order, "known": sorted({order for order in said.values() if order})[:20]},
                "Fetch the permits, or ask the issuer for one.",
            )
        return max(fitting, key=lambda permit: permit.issued_at)

    def _order_of(self, permit_id: str) -> str:
        """What a permit says of its order, unchecked; empty where it cannot be read."""
        try:
            document = self._bytes(f"permits/{permit_id}.json")
            return permits.parse_permit(parse_envelope(document, bytes_max=128 * 1024).payload).work_order
        except AsbuiltError:
            return ""

    def take_trust(self, place: str, document: bytes) -> None:
        """Keep a version of the trust store; Tampered where the chain from the pinned one does not hold with it."""
        kept = {f"trust/{file.name}": file.read_bytes() for file in self._files("trust", "*.json")}
        versions = [content for _, content in sorted({**kept, place: document}.items())]
        trust.open_chain(versions, self._bytes("trust/pinned").decode("ascii", "replace").strip())
        self.put(place, document)

    def plan(self, permit: permits.Permit) -> plans.Plan:
        """The plan that a permit names."""
        plan = plans.parse_plan(self._bytes(f"plans/{permit.plan_sha256}.json"))
        plans.check_plan(plan, permit)
        return plan

    def test_plan(self, named: permits.PermittedTest, permit: permits.Permit) -> test_plans.TestPlan:
        """A test plan that a permit names; Refused where it is another one, of another product, or not to be run at a station."""
        content = self._bytes(f"tests/{named.sha256}.json")
        plan = test_plans.parse_test_plan(content)
        same = sha256(content).hexdigest() == plan.sha256 == named.sha256 and (plan.plan, plan.version) == (
            named.plan,
            named.version,
        )
        allowed = not plan.revisions or set(permit.revisions) <= set(plan.revisions)
        if not same or plan.product != permit.product or not allowed or plan.station is None:
            raise Refused(
                "station.test_plan_other",
                f"Test plan {named.plan} version {named.version} is not the one that the permit names.",
                {"plan": named.plan, "version": named.version, "sha256": named.sha256},
                "Fetch the plan again, or ask for another permit.",
            )
        return plan

    def image(self, image: permits.PlacedImage) -> bytes:
        """The bytes of an image, opened in memory; Refused where they are not the permit's."""
        sealed = self._bytes(f"images/{image.sha256}")
        key = sealing.SealingKey.from_pem(self._bytes("transfer.pem").decode("ascii", "replace"))
        clear = key.open(sealed, sealing.IMAGE)
        if len(clear) != image.length or sha256(clear).hexdigest() != image.sha256:
            raise Refused(
                "station.image_hash",
                f"The image {image.role} {image.version} is not the one that the permit names.",
                {"role": image.role, "version": image.version, "expected": image.sha256},
                "Fetch the image again; the station stays locked until a person with the right releases it.",
            )
        return clear

    def comparison_key(self, product: str) -> bytes:
        """The key by which secrets of a product's units are compared, opened in memory; NotFound where the server gave none yet."""
        sealed = self._bytes(f"comparing/{sha256(product.encode()).hexdigest()}")
        key = sealing.SealingKey.from_pem(self._bytes("transfer.pem").decode("ascii", "replace"))
        return key.open(sealed, sealing.COMPARISON_KEY)

    def check_release(
        self, image: permits.PlacedImage, product: str, revision: str, now: int
    ) -> releases.ReleaseStatement:
        """What was released; Refused unless the release that the permit names is signed, of this image, and for this
        revision."""
        document = self._bytes(f"releases/{image.release_sha256}.json")
        at = self._signed_by_then(document, now)
        statement, signed, _ = releases.check(document, self.trust(), at, revoked_by=now)
        same = sha256(signed.payload).hexdigest() == image.release_sha256
        about = (statement.role, statement.version, statement.sha256, statement.length, statement.product)
        if not same or about != (image.role, image.version, image.sha256, image.length, product):
            raise Refused(
                "station.release_differs",
                f"The release of {image.role} {image.version} is of another image.",
                {"version": image.version, "release_sha256": image.release_sha256},
                "Fetch the release again, or ask for another permit.",
            )
        if revision not in statement.revisions:
            raise Refused(
                "station.release_revision",
                f"Release {image.role} {image.version} is not for revision {revision}.",
                {"version": image.version, "revision": revision, "allowed": list(statement.revisions)},
                "Take the unit out; ask for a permit with a release for its revision.",
            )
        return statement

    def bulletin(self) -> documents.Bulletin:
        """The last bulletin, checked against the server's keys."""
        return self.check_bulletin(self._bytes("bulletin.json"))

    def check_bulletin(self, document: bytes) -> documents.Bulletin:
        """A bulletin of a server that this station knows."""
        return _told(document, tuple(self.server_keys()))

    def take_bulletin(self, document: bytes) -> documents.Bulletin:
        """Keep a newer bulletin; Refused for another station's or an older one."""
        found = self.check_bulletin(document)
        if found.station != self.settings().station:
            raise Refused(
                "station.bulletin_other", f"The bulletin is for station {found.station}.", {"station": found.station},
                "Take the folder that was written for this station.",
            )  # fmt: skip
        kept = self.bulletin() if (self.folder / "bulletin.json").exists() else None
        if kept is not None and found.epoch < kept.epoch:
            raise Refused(
                "station.bulletin_old",
                f"The bulletin is number {found.epoch}, this station has number {kept.epoch}.",
                {"epoch": found.epoch, "kept": kept.epoch},
                "Take a newer one: an old bulletin would bring back what was revoked.",
            )
        self.put("bulletin.json", document)
        return found

    def put(self, place: str, content: bytes) -> None:
        """Write a file of the folder whole or not at all."""
        file = self.folder / place
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_name(file.name + ".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb", closefd=False) as out:
                out.write(content)
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(beside, file)

    def _files(self, folder: str, pattern: str) -> list[Path]:
        return sorted((self.folder / folder).glob(pattern))[:FILES_MAX]

    def _bytes(self, place: str) -> bytes:
        file = self.folder / place
        try:
            return file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(
                "station.no_file",
                f"{file.parent.name}/{file.name} is not at this station.",
                {"file": place},
                "Fetch it: connect the station, or take in the folder from the USB stick.",
            ) from None


def begin_home(folder: Path, settings: dict) -> StationHome:
    """Make the folder with keys, where there are none, and these settings. Of settings that are there, what the fixture is
    (sockets, fixtures, what it does, line authority, language) is kept, and everything where these are the same."""
    home = make_keys(folder)
    kept = home.set_up_as()
    mine = {name: kept[name] for name in ("sockets", *_USUAL) if name in kept}
    said = {**settings, **mine}
    read_settings(json.dumps(said).encode())
    if said != kept:
        home.put("station.json", json.dumps(said, indent=2).encode() + b"\n")
    return home


def make_keys(folder: Path) -> StationHome:
    """The folder with the station's two keys; keys that are there stay."""
    home = StationHome(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "station.pem").exists():
        home.put("transfer.pem", sealing.SealingKey.new().to_pem().encode())
        home.put("station.pem", keys.private_to_pem(os.urandom(keys.PRIVATE_KEY_BYTES)).encode())
    return home
