"""Apart: one run of a plan in its own process group, with a hard time limit; the group is killed whole, whatever it started.

Where `setpriv` is there, the kernel kills the child as well when the agent dies. What it writes is read up to a limit; a child that ends
otherwise than with one line of JSON has shown nothing.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from asbuilt.station.programmers.running import leash
from asbuilt.station.testing.functions.taken import NotCarriedOut

ANSWER_BYTES_MAX = 1024 * 1024
KILL_SECONDS = 2.0


def carry_out(uses: str, parameters: dict[str, str], about: dict, *, seconds: float, work: Path) -> dict:
    """What the function took; NotCarriedOut where it could not, or did not end in time."""
    words = [*leash(), sys.executable, "-I", "-m", "asbuilt.station.testing.child"]
    asked = json.dumps({"uses": uses, "parameters": parameters, "about": about}).encode()
    process = subprocess.Popen(
        words, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        env=_environment(),
    )  # fmt: skip
    try:
        out, _ = process.communicate(asked, timeout=seconds)
    except subprocess.TimeoutExpired:
        _kill_group(process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=KILL_SECONDS)
        raise NotCarriedOut("timeout", f"The check did not end within {seconds:.0f} s and was stopped.") from None
    finally:
        # what it started may hold a port of the unit
        _kill_group(process.pid)
    return _read(out, process.returncode)


def _read(out: bytes, code: int) -> dict:
    try:
        said = json.loads(out) if len(out) <= ANSWER_BYTES_MAX else None
        if isinstance(said, dict) and "error" in said:
            raise NotCarriedOut(str(said["error"])[:40], str(said["said"]))
        return said["taken"]
    except (ValueError, TypeError, KeyError):
        raise NotCarriedOut("broke_off", f"The check broke off (exit {code}).") from None


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "LANGUAGE": "C"}
