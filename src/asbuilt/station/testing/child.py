"""Child: one run of a plan in a process of its own. One JSON line in on standard input, one out on standard output.

    {"uses": "tls", "parameters": {…}, "about": {…}}   ->   {"taken": {…}} or {"error": "no_answer", "said": "…"}

It holds no key and no ledger; what it may not know is not given to it. Parameters never stand among a command's words.
"""

import dataclasses
import json
import sys
from importlib import import_module

from asbuilt.station.testing.functions.taken import LOG_CHARACTERS_MAX, About, NotCarriedOut, Taken

MEASURES_MAX = 400


MODULES = {
    "tls": "web", "certificate": "web", "credentials": "credentials", "version": "web", "round_trip": "web", "ssh": "shell", "ports": "ports",
    "udp_ports": "ports",
    "debug": "debugger", "silent": "consoles", "console": "consoles", "file": "incoming", "picture": "incoming",
    "own_password": "passwords",
}  # fmt: skip


def carry_out(asked: dict) -> dict:
    """What one function found, as JSON takes it."""
    try:
        # only what this run needs is loaded: a unit waits for it
        module = import_module(f"asbuilt.station.testing.functions.{MODULES[asked['uses']]}")
        taken: Taken = getattr(module, asked["uses"])(About(**asked["about"]), asked["parameters"])
    except NotCarriedOut as failed:
        return {"error": failed.reason, "said": failed.said}
    except (OSError, ValueError, ArithmeticError, LookupError, TypeError) as error:
        # a unit may answer anything at all; whatever it broke, nothing was shown
        return {"error": "unexpected", "said": f"The check broke off: {type(error).__name__}"}
    said = dataclasses.asdict(taken)
    said["measures"] = dict(list(taken.measures.items())[:MEASURES_MAX])
    said["log"] = "\n".join(taken.log)[:LOG_CHARACTERS_MAX]
    return {"taken": said}


def main() -> None:
    """Read, do, write."""
    print(json.dumps(carry_out(json.loads(sys.stdin.read()))), flush=True)


if __name__ == "__main__":
    main()
