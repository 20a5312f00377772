"""A server with a product, signed releases, a grant and its issuer's key; stations that enrol at it; a proxy that loses replies.

Everything goes through the doors that people and stations use: verbs of the rooms here, HTTP for stations.
"""

import json
import random
import socket
import threading
import time
import urllib.request
from contextlib import suppress
from hashlib import sha256, sha512
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import signers
from emulated import free_port
from forked import servers
from station_floor import cortex_plan, key_of

from asbuilt.kernel import keys, permits
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, keyring, origins
from asbuilt.station.agent import Station
from asbuilt.station.enrolment import enrol
from asbuilt.station.home import StationHome

HOUR = 3_600_000_000
GRANT_ID = "01KB00000000000000000000G1"
SITE, EMS = "CZ-BRNO", "EMS-1"
# code of a person -> the secret of the badge that was issued last
BADGES: dict[str, str] = {}


class Server:
    """The product's own server on a port of this machine."""

    def __init__(self, place):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        env = place.env() if callable(place.env) else place.env
        self.process = servers().serve(["serve", "--port", str(self.port)], env)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/health/", timeout=5):
                return
            assert self.process.poll() is None, "the server ended"
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def close(self):
        self.process.stop()


class LosesReplies:
    """A proxy that passes every request on, and then loses some of the answers; it counts what the server was asked."""

    def __init__(self, target: str, share: float, seed: int = 7):
        self.requests = self.lost = 0
        chance, turn, outer = random.Random(seed), threading.Lock(), self

        class Handler(BaseHTTPRequestHandler):
            def _pass(self, body):
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")
                }
                request = urllib.request.Request(target + self.path, data=body, headers=headers, method=self.command)
                try:
                    with urllib.request.urlopen(request, timeout=60) as answer:
                        status, content = answer.status, answer.read()
                except urllib.error.HTTPError as error:
                    status, content = error.code, error.read()
                with turn:
                    outer.requests += 1
                    lose = chance.random() < share
                    outer.lost += lose
                if lose:
                    self.close_connection = True
                    with suppress(OSError):
                        self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self._pass(None)

            def do_POST(self):
                self._pass(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *words):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.handle_error = lambda *words: None
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()


def grant_for(product: str, revision: str, image: bytes, version: str, order: str) -> tuple[bytes, dict, dict]:
    """(signed grant, draft of a permit without its plan, plan) for two units of some other product."""
    now = clock.now()
    said = {
        "schema": 1, "grant_id": GRANT_ID, "brand_owner": "ACME", "ems": EMS, "site": SITE, "product": product,
        "revisions": [revision], "images": [PermitFloor.image_of(image, version)], "units": 2,
        "issued_at": format_instant(now - HOUR), "not_after": format_instant(now + 90 * HOUR),
        "issuers": [key_of(signers.ISSUER.public)], "threshold": 1, "supersedes": None,
    }  # fmt: skip
    draft = {
        "grant": GRANT_ID, "order": order, "revisions": [revision], "not_before": format_instant(now - HOUR),
        "not_after": format_instant(now + 80 * HOUR),
        "parts": [{"ref": "U1", "programmer": "gdbremote", "part": "lm3s6965", "part_id": ""}],
        "images": [{"role": "app", "version": version, "part": "U1", "region": "app"}],
        "tools": [{"tool": "gdbremote", "version_min": "1.0", "sha256_allowed": []}],
        "stations": [{"station": "ST-01", "units": 2}],
    }  # fmt: skip
    grant = signers.signed(permits.GRANT_TYPE, canonical_bytes(said), [signers.BRAND])
    return grant, draft, cortex_plan(product=product)


class PermitFloor:
    """What the company has before a permit is issued. `image` is released as WIDGET app 2.3.1 for revisions B and C."""

    def __init__(self, actor, image: bytes, *, plan: dict | None = None, units: int = 60, more=()):
        """`more` are further releases of the grant: (version, image, role)."""
        self.actor, self.image, self.plan = actor, image, plan or cortex_plan()
        self.now = clock.now()
        self._product(units)
        self.release("2.3.1", image)
        for version, content, role in more:
            self.release(version, content, role=role)
        folder = keyring.folder_of(origins.origin(actor.tenant))
        (folder / "issuer.pem").write_text(keys.private_to_pem(signers.ISSUER.private))
        from asbuilt.built.programming.actions.grants import record_grant, record_plan

        self.images = [
            self.image_of(image, "2.3.1"),
            *(self.image_of(one, version, role) for version, one, role in more),
        ]
        record_grant(actor, document=self.grant())
        self.plan_sha256 = record_plan(actor, document=json.dumps(self.plan).encode()).sha256

    def _product(self, units: int) -> None:
        from asbuilt.built.production.intake.orders import OrdersIntake
        from asbuilt.built.production.intake.units import UnitsIntake
        from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
        from asbuilt.designed.firmware.actions import set_trust_store
        from asbuilt.ledger.one_row import checked_rows, state_rows
        from asbuilt.ledger.recording import recording

        said = {"product": "WIDGET", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}
        with recording(self.actor, "test.made") as entry:
            state_rows(entry, PartsIntake, checked_rows("parts", [{"part": "R"}]))
            state_rows(entry, BomIntake, checked_rows("bom", [{**said, "revision": code} for code in ("B", "C")]))
            orders = [
                {"order": order, "product": "WIDGET", "revision": revision, "bom_version": "1", "quantity": str(units)}
                for order, revision in (("WO-7", "B"), ("WO-8", "C"), ("WO-9", "B"), ("WO-10", "B"))
            ]
            state_rows(entry, OrdersIntake, checked_rows("orders", orders))
            named = [{"order": "WO-7", "serial": f"SN-{n}"} for n in range(1, units + 1)]
            state_rows(entry, UnitsIntake, checked_rows("units", named))
        store = signers.store()
        set_trust_store(self.actor, document=signers.store_file(store), pin=store.sha256)

    def release(self, version: str, image: bytes, revisions=("B", "C"), role: str = "app") -> None:
        """Add, sign and release an image."""
        from asbuilt.designed.firmware.actions import Draft, add_release, release_firmware, sign_release

        found = add_release(self.actor, draft=Draft("WIDGET", role, version, revisions), image=image)
        of = {"product": "WIDGET", "role": role, "version": version}
        sign_release(self.actor, **of, document=signers.release_file(found.statement))
        release_firmware(self.actor, **of)

    @staticmethod
    def image_of(image: bytes, version: str, role: str = "app") -> dict:
        """An image as grants write it."""
        return {
            "role": role, "version": version, "length": len(image), "sha256": sha256(image).hexdigest(),
            "sha512": sha512(image).hexdigest(),
        }  # fmt: skip

    def grant(self, by=(signers.BRAND,), **changes) -> bytes:
        """The grant as the brand owner signs it."""
        said = {
            "schema": 1, "grant_id": GRANT_ID, "brand_owner": "ACME", "ems": EMS, "site": SITE, "product": "WIDGET",
            "revisions": ["B", "C"], "images": self.images, "units": 50, "issued_at": format_instant(self.now - HOUR),
            "not_after": format_instant(self.now + 240 * HOUR), "issuers": [key_of(signers.ISSUER.public)], "threshold": 1,
            "supersedes": None, **changes,
        }  # fmt: skip
        return signers.signed(permits.GRANT_TYPE, canonical_bytes(said), by)

    def draft(self, shares: dict[str, int], **changes) -> dict:
        """A permit for these stations and units of WO-7, revision B."""
        said = {
            "grant": GRANT_ID, "order": "WO-7", "revisions": ["B"], "bom_version": "1",
            "not_before": format_instant(self.now - HOUR), "not_after": format_instant(self.now + 100 * HOUR),
            "plan": self.plan_sha256,
            "parts": [{"ref": "U1", "programmer": "gdbremote", "part": "lm3s6965", "part_id": "1073402e"}],
            "images": [{"role": "app", "version": "2.3.1", "part": "U1", "region": "app"}],
            "tools": [{"tool": "gdbremote", "version_min": "1.0", "sha256_allowed": []}],
            "stations": [{"station": name, "units": units} for name, units in shares.items()],
        }  # fmt: skip
        return {**said, **changes}

    def issue(self, shares: dict[str, int], **changes):
        """Issue it, as the doors do."""
        from asbuilt.answers.gate.permits import issue
        from asbuilt.built.programming.drafts import read_draft

        return issue(self.actor, read_draft(json.dumps(self.draft(shares, **changes)).encode()))

    def person(self, badge: str, role: str) -> None:
        """A person with this code, a login and a badge (`BADGES[code]`), as the page People makes them."""
        from asbuilt.access.actions import accept_link, invite, issue_badge

        number, link = invite(self.actor, name=badge.title(), roles=[role], party=None, code=badge)
        accept_link(link, name=badge.title(), login=f"login-{badge}", password="correct horse battery")
        BADGES[badge] = issue_badge(self.actor, person=number)

    def code(self, name: str) -> str:
        """A one-time code for a station."""
        from asbuilt.built.programming.actions.stations import open_enrolment

        return open_enrolment(self.actor, station=name, site=SITE, ems=EMS)

    def station(self, folder: Path, name: str, url: str, places: list[dict] = (), **more) -> Station:
        """Enrol a station over HTTP, give it sockets, start it."""
        second = folder / f"{name}-anchor"
        second.mkdir(parents=True)
        home: StationHome = enrol(folder / name, url, self.code(name), second)
        settings = json.loads((home.folder / "station.json").read_text())
        settings["sockets"] = [
            {"name": str(at), "position": at, "places": [place]} for at, place in enumerate(places, 1)
        ]
        home.put("station.json", json.dumps(settings).encode())
        station = Station(home.folder, **more)
        station.start()
        return station


def enrolled_by_name(floor, name: str) -> None:
    """A station whose key is made of its name, enrolled without a network."""
    from asbuilt.built.programming.actions.stations import enrol as take_code
    from asbuilt.kernel.sealing import SealingKey

    public = keys.public_to_pem(signers.Ed25519(name).public)
    take_code(floor.code(name), public=public, transfer=keys.public_to_pem(SealingKey.new().public))
