"""Enrolment: how a station comes to know whom it obeys, and the server whose records these are.

    enrol     over the network: a one-time code, used up; the server answers with name, site, EMS and what to trust
    accept    by hand: `asbuilt-station init` made the keys, `asbuilt station enrol --keys` on the server answered with a file

Over the network the code proves both ends to each other. A file proves nothing, so by hand a person gives the SHA-256 of the
first trust store (`--pin`), told on another way than the file, and is shown the ids of the server's keys to compare.
What was accepted once is never exchanged by a later file: a station that is to obey another server is set up anew.
"""

import json
import os
from pathlib import Path

from asbuilt.kernel import keys
from asbuilt.kernel.documents import SHA256, fields, many, name, read, text, wrong
from asbuilt.kernel.errors import Conflict, Refused
from asbuilt.kernel.sealing import SealingKey
from asbuilt.station.home import StationHome, begin_home, make_keys
from asbuilt.station.sync import LIST_BYTES_MAX, SECONDS, Server, request

ANSWER_BYTES_MAX = 64 * 1024


def _pem(value: object, path: str) -> str:
    if type(value) is not str or len(value) > keys.PEM_CHARACTERS_MAX:
        raise wrong(path, "is a public key in PEM")
    keys.public_from_pem(value)
    return value


_ENROLLED = fields(
    station=name(40), site=name(), ems=text(least=1), pinned=SHA256, server_keys=many(_pem, least=1, most=8)
)  # fmt: skip


def enrol(folder: Path, url: str, code: str, anchor: Path) -> StationHome:
    """Make keys, tell the server the public ones with the one-time code, keep what it says of this station."""
    Server(url, "enrol", os.urandom(keys.PRIVATE_KEY_BYTES))
    home = make_keys(folder)
    public, transfer = public_keys(home)
    body = json.dumps({"code": code, "public": public, "transfer": transfer}).encode()
    headers = {"Content-Type": "application/json"}
    said = request(url.rstrip("/") + "/api/v1/stations/enrol", "POST", body, headers, LIST_BYTES_MAX, SECONDS)
    found = read(said, _ENROLLED, bytes_max=LIST_BYTES_MAX)
    names = {name: found[name] for name in ("station", "site", "ems")}
    begin_home(folder, {**names, "server": url, "anchor": str(anchor), "sockets": []})
    _keep(home, found)
    return home


def accept(home: StationHome, answer: bytes, pin: str) -> list[keys.PublicKey]:
    """Keep what the server answered by file; returns its keys. Refused where the file is for another station or does not
    name the trust store of `pin`, Conflict where this station obeys another one already."""
    found = read(answer, _ENROLLED, bytes_max=ANSWER_BYTES_MAX)
    settings = home.settings()
    for field in ("station", "site", "ems"):
        if found[field] != getattr(settings, field):
            raise Refused(
                "station.answer_other",
                f"The file is for {field} {found[field]}, here is {getattr(settings, field)}.",
                {"field": field, "found": found[field], "here": getattr(settings, field)},
                "Take the file that the server wrote for this station, or set the station up with that name.",
            )
    if found["pinned"] != pin.strip().lower():
        raise Refused(
            "station.answer_pin",
            "The file names another trust store than the SHA-256 that you were told.",
            {"found": found["pinned"]},
            "Ask the server's people for the SHA-256 again, on another way than the file; give it with --pin.",
        )
    kept = [file.read_text("ascii") for file in sorted((home.folder / "server").glob("*.pem"))]
    pinned = home.folder / "trust" / "pinned"
    if pinned.exists() and (pinned.read_text("ascii").strip(), kept) != (found["pinned"], list(found["server_keys"])):
        raise Conflict(
            "station.enrolled_already",
            "This station obeys another trust store or server already.",
            {"pinned": pinned.read_text("ascii").strip()},
            "Set a station up in a new folder; this one keeps its ledger and what it was told.",
        )
    _keep(home, found)
    return home.server_keys()


def public_keys(home: StationHome) -> tuple[str, str]:
    """The public halves of a station's two keys in PEM: the one that signs, the one that images are sealed for."""
    public = keys.PublicKey(keys.ED25519, keys.public_of(home.private_key()))
    transfer = SealingKey.from_pem((home.folder / "transfer.pem").read_text("ascii")).public
    return keys.public_to_pem(public), keys.public_to_pem(transfer)


def _keep(home: StationHome, found: dict) -> None:
    # the pin last: without it the station obeys nobody
    for number, pem in enumerate(found["server_keys"], 1):
        home.put(f"server/{number}.pem", pem.encode())
    home.put("trust/pinned", found["pinned"].encode())
