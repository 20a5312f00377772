"""Sync: the station and its server over HTTPS. A network that is gone changes nothing: units go on, records wait.

Each request carries the station's name, its time, its body's SHA-256 and its signature over them (`outbox.request_message`), no password and no token.
Records go in batches with an idempotency key; what comes back is a signed receipt. Files come as the server lists them, only
those that are not here yet. HTTP is taken only from this machine, for rehearsals.

    GET  /api/v1/stations/NAME/folder                   files with SHA-256 and bytes; keys of records that it lacks
    GET  /api/v1/stations/NAME/folder/PLACE             one of them
    POST /api/v1/stations/NAME/records                  {"records": [envelope …]} → receipt
    POST /api/v1/stations/NAME/end-certificates         envelope
"""

import hashlib
import sys
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from asbuilt.kernel.documents import SHA256, fields, many, read, text, whole
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused, Unavailable
from asbuilt.station import exchange
from asbuilt.station.agent import Station, system_clock
from asbuilt.station.outbox import Waiting, batch_bytes, batches, signature_text

SECONDS = 20.0
EVERY_SECONDS = 30.0
LIST_BYTES_MAX = 4 * 1024 * 1024
ROUNDS_MAX = 1_000


_FILE = fields(path=text(120, least=1), sha256=SHA256, bytes=whole(0, exchange.IMAGE_BYTES_MAX))
_FOLDER = fields(files=many(_FILE, most=exchange.FILES_MAX), wanted=many(text(least=1), most=exchange.WANTED_MAX))


@dataclass(frozen=True)
class Synced:
    """What a sync did: records sent, files taken."""

    sent: int
    taken: int


class Server:
    """The server as one station sees it."""

    def __init__(self, url: str, station: str, private: bytes, *, seconds: float = SECONDS):
        place = urlsplit(url)
        local = place.scheme == "http" and place.hostname in ("127.0.0.1", "localhost", "::1")
        if place.scheme != "https" and not local:
            raise Invalid(
                "station.server_url", "The server is reached by https.", {"server": url[:200]},
                "Put its https address into station.json.",
            )  # fmt: skip
        self._url, self._station, self._private, self._seconds = url.rstrip("/"), station, private, seconds
        self.waiting: int | None = None

    def folder(self) -> tuple[list[dict], list[str]]:
        """(files as the server lists them, keys of records that it lacks)."""
        found = read(self._ask("GET", "folder", b"", LIST_BYTES_MAX), _FOLDER, bytes_max=LIST_BYTES_MAX)
        return list(found["files"]), list(found["wanted"])

    def file(self, place: str, most: int) -> bytes:
        """A file of the folder."""
        return self._ask("GET", f"folder/{quote(place)}", b"", most)

    def send(self, records: list[Waiting]) -> bytes:
        """Records; the receipt, unchecked."""
        return self._ask("POST", "records", batch_bytes(records), LIST_BYTES_MAX)

    def end_certificate(self, document: bytes) -> None:
        """An end certificate."""
        self._ask("POST", "end-certificates", document, LIST_BYTES_MAX)

    def _ask(self, method: str, what: str, body: bytes, most: int) -> bytes:
        path = f"/api/v1/stations/{self._station}/{what}"
        digest, at = hashlib.sha256(body).hexdigest(), system_clock()
        headers = {
            "Asbuilt-Station-At": str(at),
            "Asbuilt-Station-Body": digest,
            "Asbuilt-Station-Signature": signature_text(self._private, method, path, at, digest),
            "Idempotency-Key": digest,
            "Content-Type": "application/json",
        }
        if self.waiting is not None:
            headers["Asbuilt-Station-Waiting"] = str(self.waiting)
        return request(self._url + path, method, body, headers, most, self._seconds)


def sync(station: Station, server: Server | None = None) -> Synced:
    """Send what waits, then take what is new; raises Unavailable where the network is gone, with what was sent kept."""
    server = server or Server(station.settings.server, station.settings.station, station.home.private_key())
    sent = send_all(station, server)
    for permit_id in station.closed():
        server.end_certificate(station.end_certificate(permit_id))
    server.waiting = station.outbox.counts()[0]
    files, wanted = server.folder()
    lacking = station.outbox.wanted(wanted)
    for batch in batches(lacking):
        station.outbox.take_receipt(server.send(batch), station.home.server_keys())
    places = {file["path"]: file for file in files}
    taken = 0
    # what the server lists under a name of its own making is refused by name, not looked over
    for place in exchange.in_order(places):
        if _have(station, place, places[place]["sha256"]):
            continue
        content = server.file(place, places[place]["bytes"])
        if hashlib.sha256(content).hexdigest() != places[place]["sha256"]:
            raise Invalid("station.sync_file", f"{place[:80]} arrived damaged.", {"file": place[:80]}, "Sync again.")
        exchange.take(station, place, content)
        taken += 1
    station.outbox.forget(station.ledger.now())
    return Synced(sent + len(lacking), taken)


def keep_in_touch(folder: Path, *, every_seconds: float = EVERY_SECONDS, stop: threading.Event | None = None) -> None:
    """Sync now and then until told to stop; what fails is tried again, and the units go on meanwhile.

    It has a station of its own on the same folder: a ledger's connection belongs to its thread.
    """
    stop = stop or threading.Event()
    while True:
        try:
            sync(Station(folder))
        except (AsbuiltError, OSError) as error:
            print(f"sync: {error}", file=sys.stderr)
        if stop.wait(every_seconds):
            return


def send_all(station: Station, server: Server) -> int:
    """Send until nothing waits; what has no receipt stays. A lost answer is sent again, at most twenty times in a row."""
    sent, lost = 0, 0
    for _ in range(ROUNDS_MAX):
        waiting = station.outbox.waiting()
        if not waiting:
            break
        try:
            # what is left of a long batch comes in the next round
            marked = station.outbox.take_receipt(server.send(batches(waiting)[0]), station.home.server_keys())
        except Unavailable:
            lost += 1
            if lost > 20:
                raise
            continue
        if not marked:
            raise Refused(
                "station.receipt_empty", "The server's receipt names none of the records sent.", {},
                "Tell whoever runs the server; the records stay here.",
            )  # fmt: skip
        sent, lost = sent + marked, 0
    return sent


def _have(station: Station, place: str, digest: str) -> bool:
    file = station.home.folder / place
    if exchange.rank(place) is None or place.startswith(("receipts/", "wanted")) or not file.is_file():
        return False
    return hashlib.sha256(file.read_bytes()).hexdigest() == digest


def request(url: str, method: str, body: bytes, headers: dict, most: int, seconds: float) -> bytes:
    """The answer of at most so many bytes; Unavailable where the server is not there, Refused where it says no."""
    asked = urllib.request.Request(url, data=body if method == "POST" else None, headers=headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=seconds) as answer:
            content = answer.read(most + 1)
    except urllib.error.HTTPError as error:
        said = error.read(4096).decode("utf-8", "replace")
        if error.code >= 500 or error.code == 429:
            raise _gone(f"it answers {error.code}") from None
        raise Refused(
            "station.server_refuses", f"The server refuses: {error.code} {' '.join(said.split())[:200]}",
            {"status": error.code}, "Look at the station's page on the server.",
        ) from None  # fmt: skip
    except (OSError, ValueError) as error:
        raise _gone(str(getattr(error, "reason", error))[:120]) from None
    if len(content) > most:
        raise Invalid("station.answer_too_long", "The server's answer is too long.", {"limit": most}, "Sync again.")
    return content


def _gone(why: str) -> Unavailable:
    return Unavailable(
        "station.network", f"The server cannot be reached: {why}.", {}, "Work goes on; sync again when it is back.", 30
    )
