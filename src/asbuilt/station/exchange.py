"""Exchange: how documents reach a station and records leave it, by network or by a folder on a USB stick.

Both carry the same tree. In:

    trust/0002.json  grants/ID.json  permits/ID.json  plans/SHA256.json  tests/SHA256.json  releases/SHA256.json
    images/SHA256  comparing/SHA256  receipts/NAME.json  wanted.json (keys of records that the server lacks)  bulletin.json, taken last

Out: `records-FIRST-LAST.json`, at most 100 records each, and `end-PERMIT.json`, the end certificates.

Nothing that comes in is believed for coming in: names are of this form and no other, sizes have limits, an image must be sealed
for this station and named by its digest, a receipt signed, a bulletin newer; the rest is checked at each use. The pinned hash
of the trust store and the server's keys never come this way.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from asbuilt.kernel import sealing
from asbuilt.kernel.documents import fields, many, read, text
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Refused
from asbuilt.station.agent import Station
from asbuilt.station.outbox import Waiting, batch_bytes, batches

FILES_MAX = 5_000
DOCUMENT_BYTES_MAX = 8 * 1024 * 1024
IMAGE_BYTES_MAX = sealing.CLEAR_BYTES_MAX + 64 * 1024
WANTED_MAX = 500
ULID, HEX = r"[0-7][0-9A-HJKMNP-TV-Z]{25}", r"[0-9a-f]{64}"
# in the order in which they are taken: what is checked comes after what checks it
PLACES = (
    re.compile(r"trust/[0-9]{4}\.json"),
    re.compile(rf"grants/{ULID}\.json"),
    re.compile(rf"plans/{HEX}\.json"),
    re.compile(rf"tests/{HEX}\.json"),
    re.compile(rf"releases/{HEX}\.json"),
    re.compile(rf"images/{HEX}"),
    re.compile(rf"comparing/{HEX}"),
    re.compile(rf"permits/{ULID}\.json"),
    re.compile(r"receipts/[A-Za-z0-9_-]{1,80}\.json"),
    re.compile(r"wanted\.json"),
    re.compile(r"bulletin\.json"),
)
IN, OUT = "in", "out"
_WANTED = fields(keys=many(text(least=1), most=WANTED_MAX))


def rank(place: str) -> int | None:
    """Where a name stands in the order of taking; None for a name that is none of ours."""
    return next((at for at, pattern in enumerate(PLACES) if pattern.fullmatch(place)), None)


def take(station: Station, place: str, content: bytes) -> list[Waiting]:
    """Take one file in; returns the records that the server asks for."""
    if rank(place) is None or len(content) > (IMAGE_BYTES_MAX if place.startswith("images/") else DOCUMENT_BYTES_MAX):
        raise Invalid(
            "station.exchange_file", f"{place[:80]} does not belong into a station's folder.", {"file": place[:80]},
            "Take the folder as the server wrote it.",
        )  # fmt: skip
    home = station.home
    if place == "bulletin.json":
        home.take_bulletin(content)
    elif place.startswith("receipts/"):
        station.outbox.take_receipt(content, home.server_keys())
    elif place == "wanted.json":
        return station.outbox.wanted(read(content, _WANTED, bytes_max=DOCUMENT_BYTES_MAX)["keys"])
    elif place.startswith("trust/"):
        home.take_trust(place, content)
    elif place.startswith(("images/", "comparing/")):
        _take_sealed(station, place, content)
    else:
        _refuse_other_bytes(place, content)
        home.put(place, content)
    return []


def take_folder(station: Station, stick: Path) -> list[Waiting]:
    """Take in what the server put on a stick (`STICK/asbuilt/STATION/in`); returns the records that it asks for."""
    folder = _inside(stick, station.settings.station, IN)
    if not folder.is_dir():
        raise NotFound(
            "station.no_folder", f"There is no folder {folder}.", {"folder": str(folder)},
            "Put the stick in that was written for this station.",
        )  # fmt: skip
    files = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    found = list(islice(files, FILES_MAX + 1))
    places = [file.relative_to(folder).as_posix() for file in found]
    wanted: list[Waiting] = []
    for place in in_order(places):
        if (folder / place).stat().st_size > IMAGE_BYTES_MAX:
            raise Invalid(
                "station.exchange_file", f"{place} is too long.", {"file": place}, "Take the folder as written."
            )
        wanted += take(station, place, (folder / place).read_bytes())
    return wanted


def put_folder(station: Station, stick: Path, wanted: list[Waiting] | None = None) -> list[Path]:
    """Write what waits, and what the server asked for, to `STICK/asbuilt/STATION/out`; nothing is forgotten by it."""
    folder = _inside(stick, station.settings.station, OUT)
    folder.mkdir(parents=True, exist_ok=True)
    waiting = [*station.outbox.waiting(FILES_MAX), *(wanted or [])]
    written = []
    for batch in batches(waiting):
        name = hashlib.sha256(b"".join(one.payload_sha256.encode() for one in batch)).hexdigest()[:16]
        written.append(_put(folder / f"records-{name}.json", batch_bytes(batch)))
    for permit_id in station.home.permit_ids():
        try:
            written.append(_put(folder / f"end-{permit_id}.json", station.end_certificate(permit_id)))
        except AsbuiltError:
            # a permit that does not hold has no certificate; what it did lies in the records
            continue
    return written


def _inside(stick: Path, station: str, name: str) -> Path:
    """The station's folder on the stick; Refused where a link or its name leads elsewhere."""
    path = stick / "asbuilt" / station / name
    if path.resolve() != stick.resolve() / "asbuilt" / station / name:
        raise Refused(
            "station.exchange_link", f"The folder {path} leads elsewhere.", {"folder": str(path)},
            "Take a stick without links.",
        )  # fmt: skip
    return path


def in_order(places: Iterable[str]) -> list[str]:
    """The names in the order of taking, those that are none of ours last."""
    known = list(places)
    if len(known) > FILES_MAX:
        raise Invalid(
            "station.exchange_files", f"The folder has more than {FILES_MAX:,} files.", {}, "Take it as written."
        )
    return sorted(known, key=lambda place: (len(PLACES) if rank(place) is None else rank(place), place))


def _take_sealed(station: Station, place: str, content: bytes) -> None:
    found, image = sealing.parse(content), place.startswith("images/")
    own = sealing.SealingKey.from_pem((station.home.folder / "transfer.pem").read_text("ascii")).public
    named = found.sha256 == place.removeprefix("images/") if image else found.purpose == sealing.COMPARISON_KEY
    if not named or found.key_id != own.key_id:
        raise Invalid(
            "station.exchange_image", "The file is sealed for another station, or has another name.", {"file": place},
            "Take the folder that was written for this station.",
        )  # fmt: skip
    station.home.put(place, content)


def _refuse_other_bytes(place: str, content: bytes) -> None:
    named = place.rpartition("/")[2].removesuffix(".json")
    if place.startswith(("plans/", "tests/")) and hashlib.sha256(content).hexdigest() != named:
        raise Invalid(
            "station.exchange_plan", "The plan is not the one of its name.", {"file": place}, "Take it again."
        )
    if not place.startswith(("plans/", "tests/")):
        try:
            json.loads(content)
        except (ValueError, RecursionError):
            raise Invalid("station.exchange_json", f"{place} is not JSON.", {"file": place}, "Take it again.") from None


def _put(file: Path, content: bytes) -> Path:
    beside = file.with_suffix(".new")
    # what lies there may be a link to a file of this machine
    beside.unlink(missing_ok=True)
    with open(beside, "xb") as out:
        out.write(content)
    beside.replace(file)
    return file
