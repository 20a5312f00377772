"""Stations without a network: the same documents and records by a folder on a USB stick.

    export_folder(actor, folder)    writes FOLDER/asbuilt/STATION/in for every enrolled station
    import_folder(actor, folder)    takes FOLDER/asbuilt/STATION/out: records and end certificates; receipts go with the next export

What a station has heard by a stick is known only when it says so over the network: until then it counts as not having heard.
"""

import re
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import STATION_SYNC
from asbuilt.answers.gate.permits import folder_of
from asbuilt.built.programming import stations
from asbuilt.built.programming.actions.permits import take_end
from asbuilt.built.programming.actions.records import BATCH_BYTES_MAX, keep_receipt
from asbuilt.built.quality.station_runs import take_station_records
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Refused

FILES_MAX = 5_000
_RECORDS = re.compile(r"records-[0-9A-Za-z_-]{1,64}\.json")
_END = re.compile(r"end-[0-7][0-9A-HJKMNP-TV-Z]{25}\.json")


@dataclass(frozen=True)
class Carried:
    """What became of a station's folder: files written or taken, and those that were refused, with why."""

    station: str
    files: int
    refused: tuple[tuple[str, str], ...] = ()


def export_folder(actor: Actor, folder: Path) -> list[Carried]:
    """Write what every enrolled station may have. A folder that is there is written anew whole."""
    actor.require(STATION_SYNC)
    found = []
    for one in stations.stations(actor.tenant):
        if one.state != stations.ENROLLED:
            continue
        source = folder_of(actor, one.station)
        target = _inside(folder, one.station, "in")
        beside = target.with_name("in.new")
        shutil.rmtree(beside, ignore_errors=True)
        places = source.places(with_receipts=True)
        for place in places:
            file = beside / place.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(source.file(place.path))
        shutil.rmtree(target, ignore_errors=True)
        beside.rename(target)
        found.append(Carried(one.station, len(places)))
    return found


def import_folder(actor: Actor, folder: Path) -> list[Carried]:
    """Take what stations wrote; a file that is refused does not stop the others."""
    actor.require(STATION_SYNC)
    root = folder / "asbuilt"
    if not root.is_dir():
        raise NotFound("gate.no_stick", f"There is no folder {root}.", {"folder": str(root)}, "Put the stick in.")
    found = []
    for one in stations.stations(actor.tenant):
        out = _inside(folder, one.station, "out")
        if out.is_dir():
            found.append(_taken(actor, one.station, out))
    return found


def _inside(folder: Path, station: str, name: str) -> Path:
    """A station's folder on the stick; Refused where a link or the station's name leads elsewhere."""
    path = folder / "asbuilt" / station / name
    expected = folder.resolve() / "asbuilt" / station / name
    beside = path.with_name(f"{name}.new")
    if path.resolve() != expected or beside.is_symlink() or station in (".", "..") or "/" in station:
        raise Refused(
            "gate.stick_link",
            f"The folder of station {station[:40]} on this stick leads elsewhere.",
            {"station": station[:40]},
            "Take a stick without links.",
        )
    return path


def _taken(actor: Actor, station: str, out: Path) -> Carried:
    files = sorted(file for file in out.iterdir() if file.is_file() and not file.is_symlink())
    if len(files) > FILES_MAX:
        raise Invalid("gate.stick_files", f"{out} has more than {FILES_MAX:,} files.", {}, "Take it as written.")
    taken, refused = 0, []
    # certificates last: they sum up what the records say
    for file in sorted(files, key=lambda file: _END.fullmatch(file.name) is not None):
        try:
            taken += _take(actor, station, file)
        except AsbuiltError as refusal:
            refused.append((file.name, refusal.message))
    return Carried(station, taken, tuple(refused))


def _take(actor: Actor, station: str, file: Path) -> int:
    if file.stat().st_size > BATCH_BYTES_MAX:
        raise Invalid("gate.stick_file", f"{file.name} is too long.", {"file": file.name}, "Take it as written.")
    content = file.read_bytes()
    if _RECORDS.fullmatch(file.name):
        receipt = take_station_records(actor, station=station, document=content)
        keep_receipt(actor.tenant, station, sha256(content).hexdigest()[:32], receipt)
        return 1
    if _END.fullmatch(file.name):
        take_end(actor, document=content, station=station)
        return 1
    return 0
