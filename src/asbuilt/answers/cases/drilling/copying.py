"""The copy that a drill runs on: a backup of the record, restored into a folder of its own with keys of its own.

start(folder, scenario="exploited vulnerability")   ->  folder/home and folder/keys; the clock starts when the copy is there
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from asbuilt.kernel.errors import Invalid, Refused, Unavailable
from asbuilt.ledger import clock
from asbuilt.ledger.backup import backup
from asbuilt.storage import drills

RESTORE = (
    "import os, pathlib, sys, django\n"
    "os.environ['DJANGO_SETTINGS_MODULE'] = 'asbuilt.site.settings'\n"
    "django.setup()\n"
    "from asbuilt.ledger.backup import restore\n"
    "restore(pathlib.Path(sys.argv[1]))\n"
)


def start(folder: Path, *, scenario: str) -> Path:
    """Copy the record into a folder that is not there yet; returns its home. Refused: in a drill. Invalid: the folder is there."""
    if drills.drill() is not None:
        raise Refused("cases.drill_in_drill", "This is a drill already.", {}, "Start it from the record.")
    if not scenario.strip() or len(scenario) > drills.SCENARIO_CHARACTERS_MAX:
        said = f"scenario: 1 to {drills.SCENARIO_CHARACTERS_MAX} characters."
        raise Invalid("cases.drill_scenario", said, {"field": "scenario"}, "Say what is exercised, in a line.")
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        said = f"{folder} is there already."
        raise Invalid(
            "cases.drill_folder", said, {"folder": str(folder)[:200]}, "Name a folder that is not there."
        ) from None
    home, keys = folder / "home", folder / "keys"
    home.mkdir(mode=0o700)
    keys.mkdir(mode=0o700)
    drills.mark(
        home, scenario.strip(), clock.now(), copy=True
    )  # before the copy: what waits in its outbox never goes out
    with tempfile.TemporaryDirectory(dir=folder) as place:
        file = Path(place) / "record.backup"
        backup(file)
        _restore(file, home, keys)
    drills.begin(home, clock.now())  # the exercise begins now, not while the record was copied
    return home


def _restore(file: Path, home: Path, keys: Path) -> None:
    said = {**os.environ, "ASBUILT_HOME": str(home), "ASBUILT_KEYS": str(keys)}
    # a process of its own: the database and the keys of this one are those of the record
    command = [sys.executable, "-c", RESTORE, str(file)]
    done = subprocess.run(command, env=said, capture_output=True, text=True, check=False)
    if done.returncode:
        remedy = done.stderr.strip()[-400:] or "Try `asbuilt restore` by hand."
        raise Unavailable("cases.drill_copy", "The copy could not be made.", {"exit": done.returncode}, remedy)
