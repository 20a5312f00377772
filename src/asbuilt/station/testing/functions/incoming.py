"""Incoming: what other testers and cameras leave in the socket's folder: results of a boundary scan, a picture.

The name says the unit. A file is taken when it is young enough and whole; whoever holds the ledger refuses one that was taken before.
"""

import fnmatch
import hashlib
import re
import time
from datetime import UTC
from pathlib import Path

from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results.reading import KINDS, read_results
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.station.testing.functions.consoles import take_lines
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

BYTES_MAX = 8 * 1024 * 1024
PICTURE_BYTES_MAX = 512 * 1024
AGE_SECONDS_MAX = 3_600
SETTLED_SECONDS = 0.2
MEDIA = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
WORDS = {"passed": "PASS", "failed": "FAIL", "pass": "PASS", "fail": "FAIL", "error": "ERROR"}


def file(about: About, parameters: dict[str, str]) -> Taken:
    """Results in a file: lines `name value unit`, or a report that the server reads too (JUnit, OpenHTF, WATS, ATML, i3070)."""
    taken, kind = Taken(), parameters.get("kind") or "lines"
    found, content = newest(about, parameters["name"], BYTES_MAX)
    taken.used_files.append(hashlib.sha256(content).hexdigest())
    taken.note(f"{found.name}, {len(content)} bytes, sha256 {taken.used_files[0]}")
    if kind == "lines":
        text = content.decode("utf-8", "replace")
        taken.log += text.splitlines()[:200]
        take_lines(text.splitlines(), parameters, taken)
        return taken
    if kind not in KINDS:
        raise NotCarriedOut("plan_wrong", f"Files of kind {kind[:40]} are not read here.")
    errors = ErrorList(20)
    try:
        said = read_results(content, found.name, kind, zone=UTC, received_at=int(time.time() * 1e6), errors=errors)
    except AsbuiltError as refusal:
        raise NotCarriedOut("file_wrong", refusal.message) from None
    if errors.total or len(said.results) != 1:
        raise NotCarriedOut("file_wrong", f"{found.name} does not hold the result of one unit.")
    (result,) = said.results
    if result.serial != about.unit:
        raise NotCarriedOut("file_other_unit", f"{found.name} holds the result of {result.serial[:60]}.")
    for name, step in result.steps.items():
        verdict = WORDS.get(str(step.get("result", "")).lower(), "")
        taken.value(name[:80], step.get("value", verdict), unit=str(step.get("units", ""))[:40])
        if verdict:
            taken.measures[name[:80]]["verdict"] = verdict
    taken.verdict("outcome", result.outcome == "pass", f"The tester says {result.outcome}.")
    return taken


def picture(about: About, parameters: dict[str, str]) -> Taken:
    """A picture of the unit, PNG or JPEG."""
    taken = Taken()
    found, content = newest(about, parameters["name"], PICTURE_BYTES_MAX)
    media = next((media for head, media in MEDIA.items() if content.startswith(head)), "")
    if not media:
        raise NotCarriedOut("file_wrong", f"{found.name} is no PNG or JPEG.")
    taken.used_files.append(hashlib.sha256(content).hexdigest())
    taken.pictures.append({"path": str(found), "media": media, "sha256": taken.used_files[0]})
    taken.verdict("taken", True)
    return taken


def newest(about: About, name: str, most: int) -> tuple[Path, bytes]:
    """The newest file of this name in the folder; waits for it until the run's time is over."""
    if not about.incoming:
        raise NotCarriedOut("no_folder", "The socket has no folder for incoming files in station.json.")
    if "/" in name or "{unit}" not in name or any(letter in about.unit for letter in '/*?["\\'):
        raise NotCarriedOut("plan_wrong", "The name of a file holds the place of the unit and no folder.")
    folder, names = Path(about.incoming), _names(name, about.unit)
    while True:
        young = time.time() - AGE_SECONDS_MAX
        files = [
            (file.stat().st_mtime, file)
            for file in folder.iterdir()
            if names.fullmatch(file.name) and file.is_file() and not file.is_symlink()
        ]
        fresh = [one for one in files if one[0] > young]
        if fresh:
            changed, found = max(fresh, key=lambda one: one[0])
            if time.time() - changed < SETTLED_SECONDS:
                time.sleep(SETTLED_SECONDS)
                continue
            if found.stat().st_size > most:
                raise NotCarriedOut("file_wrong", f"{found.name} has more than {most >> 10:,} KiB.")
            return found, found.read_bytes()
        time.sleep(0.1)


def _names(name: str, unit: str) -> re.Pattern:
    """Names that a file of this unit has. Where the plan leaves open what stands beside the unit's number, no letter and no digit does:
    `scan-*{unit}*.txt` of unit 12 is not that of 4123."""
    left = "" if re.search(r"(^|[^*?\]]){unit}", name) else r"(?<![A-Za-z0-9])"
    right = "" if re.search(r"{unit}($|[^*?\[])", name) else r"(?![A-Za-z0-9])"
    shape = fnmatch.translate(name.replace("{unit}", "\0"))
    return re.compile(shape.replace("\0", left + re.escape(unit) + right))
