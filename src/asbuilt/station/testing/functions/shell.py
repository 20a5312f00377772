"""Shell: the unit's SSH, judged by ssh-audit against the plan's policy; how it lets people in; whose host keys it has.

The policy is that of `ssh-audit -M policy.txt golden-unit`, its lines joined with ` ; `: it is part of the plan and signed with it.
"""

import hashlib
import json
import re
import tempfile
from base64 import b64decode
from pathlib import Path

from asbuilt.station.testing.functions.reaching import connect, port_of, run, tool
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

SECONDS = 30
# nobody's key is offered: what the unit would ask for is all that is wanted
BARE = (
    "-F", "none", "-o", "BatchMode=yes", "-o", "PreferredAuthentications=none", "-o", "StrictHostKeyChecking=no", "-o",
    "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=5", "-o", "IdentityFile=none", "-o", "IdentitiesOnly=yes",
)  # fmt: skip


def ssh(about: About, parameters: dict[str, str]) -> Taken:
    """Policy, methods, host keys."""
    port, taken = port_of(parameters), Taken()
    connect(about.host, port).close()
    _policy(about.host, port, parameters["policy"], taken)
    _methods(about.host, port, parameters.get("user") or "root", taken)
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


def _methods(host: str, port: int, user: str, taken: Taken) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}", user):
        raise NotCarriedOut("plan_wrong", "The plan's user is none.")
    code, out, errors = run([tool("ssh"), *BARE, "-p", str(port), "-l", user, host, "exit"], seconds=SECONDS)
    taken.note(errors)
    found = re.search(r"Permission denied \(([a-z0-9,-]+)\)", errors)
    if code == 0:
        methods = "none"
    elif found:
        methods = " ".join(sorted(found[1].split(",")))
    else:
        methods = "unknown"
    taken.value("methods", methods, f"SSH at port {port} lets people in by {methods.replace(' ', ', ')}.")
