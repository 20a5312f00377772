"""Shell: the unit's SSH, judged by ssh-audit against the plan's policy; how it lets people in; whose host keys it has.

The policy is that of `ssh-audit -M policy.txt golden-unit`, its lines joined with ` ; `: it is part of the plan and signed with it.
"""

import hashlib
import json
import re
import tempfile
from base64 import b64decode
from functools import cache
from pathlib import Path

from asbuilt.station.testing.functions.reaching import connect, port_of, run, tool
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

SECONDS = 30
# ssh ends so where it was not let in; every other number is the unit's
OWN_FAULT = 255
NOTHING = "none"
# nobody's key is offered, nobody's settings are read
PLAIN = (
    "-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "GlobalKnownHostsFile=/dev/null", "-o",
    "ConnectTimeout=5", "-o", "IdentityFile=none", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-T",
)  # fmt: skip
# what the unit would ask for is all that is wanted
BARE = ("-o", "BatchMode=yes", "-o", "PreferredAuthentications=none")
ONE_PASSWORD = ("-o", "NumberOfPasswordPrompts=1", "-o", "PubkeyAuthentication=no", "-o", "LogLevel=VERBOSE")
# gives what stands on its standard input, which is that of ssh, and leaves a mark that it was asked: without it no password was tried
ASKPASS = '#!/bin/sh\nhead -n 1 && : > "$0.asked"\n'
REFUSED = ("Permission denied (", "Too many authentication failures")


def ssh(about: About, parameters: dict[str, str]) -> Taken:
    """Policy, methods, host keys."""
    port, taken = port_of(parameters), Taken()
    connect(about.host, port).close()
    _policy(about.host, port, parameters["policy"], taken)
    found = methods(about.host, port, parameters.get("user") or "root", taken)
    taken.value("methods", " ".join(found), f"SSH at port {port} lets people in by {', '.join(found)}.")
    code, out, _ = run([tool("ssh-keyscan"), "-T", "5", "-p", str(port), about.host], seconds=SECONDS)
    keys = sorted({line.split()[2] for line in out.splitlines() if len(line.split()) == 3 and line[:1] != "#"})
    if not keys:
        taken.verdict("unique", False, f"Port {port} shows no host key (ssh-keyscan ended with {code}).")
    for key in keys:
        digest = hashlib.sha256(b64decode(key)).hexdigest()
        taken.note(f"host key sha256 {digest}")
        taken.claim("unique", "host-key", digest)
    return taken


def _policy(host: str, port: int, policy: str, taken: Taken) -> None:
    with tempfile.TemporaryDirectory(prefix="asbuilt-ssh-") as folder:
        file = Path(folder) / "policy.txt"
        file.write_text("\n".join(line.strip() for line in policy.split(";")) + "\n")
        words = [tool("ssh-audit"), "-j", "-P", str(file), "-p", str(port), host]
        code, out, errors = run(words, seconds=SECONDS)
    try:
        said = json.loads(out)
        wrong = [f"{one['mismatched_field']}: {', '.join(one['actual'])}" for one in said["errors"]]
        passed = said["passed"] is True and code == 0
    except (ValueError, KeyError, TypeError):
        raise NotCarriedOut(
            "tool_failed", f"The tool ssh-audit ended with {code}: {' '.join((errors or out).split())[:160]}"
        ) from None
    taken.note(out[:20_000])
    taken.verdict("policy", passed, f"SSH at port {port} breaks the policy: {'; '.join(wrong)[:200]}")


@cache
def _plain() -> tuple[str, ...]:
    """What every call says. All that this ssh can do is allowed: an old unit is spoken to too, and found bad for what it is."""
    words = list(PLAIN)
    for option, query in (
        ("KexAlgorithms", "kex"),
        ("HostKeyAlgorithms", "key"),
        ("Ciphers", "cipher"),
        ("MACs", "mac"),
    ):
        _, out, _ = run([tool("ssh"), "-Q", query], seconds=SECONDS)
        if out.split():
            words += ["-o", f"{option}=+{','.join(out.split())}"]
    return tuple(words)


def methods(host: str, port: int, user: str, taken: Taken) -> list[str]:
    """How this user would be let in, in the unit's words; `none` where nothing is asked for, `unknown` where it does not say."""
    code, _, errors = run(
        [tool("ssh"), *_plain(), *BARE, "-p", str(port), "-l", _named(user), host, "exit"], seconds=SECONDS
    )
    taken.note(errors)
    if 0 <= code != OWN_FAULT:
        return [NOTHING]
    # a banner of the unit stands before what ssh says itself
    found = re.findall(r"Permission denied \(([a-z0-9,-]+)\)", errors)
    return sorted(found[-1].split(",")) if found else ["unknown"]


def ways_of_passwords(found: list[str]) -> list[str]:
    """The methods by which a password would be given; none where none is asked for."""
    if found == ["unknown"]:
        raise NotCarriedOut("no_answer", "SSH does not say how it lets people in, so no password can be tried.")
    return [one for one in ("password", "keyboard-interactive") if one in found]


def lets_in(host: str, port: int, pair: tuple[str, str], way: str) -> bool:
    """Whether SSH takes this user and password: one connection, one try. The password goes through a pipe, and stands in no command, no
    environment and no file. NotCarriedOut where the unit hangs up: whoever is locked out did not learn whether it was right."""
    with tempfile.TemporaryDirectory(prefix="asbuilt-ssh-") as folder:
        asking = Path(folder) / "password"
        asking.write_text(ASKPASS)
        asking.chmod(0o700)
        words = [
            tool("ssh"),
            *_plain(),
            *ONE_PASSWORD,
            "-o",
            f"PreferredAuthentications={way}",
            "-p",
            str(port),
            "-l",
            _named(pair[0]),
            host,
            "exit",
        ]
        settings = {"SSH_ASKPASS": str(asking), "SSH_ASKPASS_REQUIRE": "force"}
        code, _, errors = run(words, seconds=SECONDS, content=pair[1].encode() + b"\n", settings=settings)
        asked = Path(f"{asking}.asked").exists()
    if 0 <= code != OWN_FAULT or re.search(r"^Authenticated to ", errors, re.MULTILINE):
        return True
    if not any(word in errors for word in REFUSED):
        raise NotCarriedOut("no_answer", f"SSH at port {port} hangs up before it says whether a password is right.")
    if not asked:
        raise NotCarriedOut("tool_failed", "The tool ssh did not take the password from this station.")
    return False


def _named(user: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", user):
        raise NotCarriedOut("plan_wrong", "The plan's user is none.")
    return user
