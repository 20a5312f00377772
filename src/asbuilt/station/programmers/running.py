"""Running a tool: its own process group, a time limit, C locale, no standard input, no force flag.

The group is killed whole when the time is over or the agent stops; where `setpriv` is there, the kernel kills the tool as
well when the agent dies, so that nothing goes on writing a part that nobody watches. What the tool says is kept up to a
limit; what decides is an exit code, a phrase of success and a table of phrases of failure. A text that is in no table fails.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from asbuilt.station.programmers.protocol import Evidence, Fault, Tool, ToolFailed

OUTPUT_BYTES_MAX = 256 * 1024
KILL_SECONDS = 2.0
# every flag of every tool here that writes past a check; a builder makes none of them, and none gets past this line
FORBIDDEN = frozenset(
    [
        "-F",
        "-f",
        "--force",
        "-n",
        "--noverify",
        "--noverify-all",
        "-N",
        "-V",
        "--no-verify",
        "--force-write-always",
        "-D",
    ]
)
# as tools print bytes: 5a5a…, or 5a 5a …
_HEX = re.compile(r"(0x)?([0-9a-fA-F]{2}[ :]?){8,}")
ALLOWED_OF = {"flashrom": frozenset(["-N", "-V"]), "avrdude": frozenset(), "openocd": frozenset(["-f"])}


@dataclass(frozen=True)
class Phrases:
    """What success looks like, and what each failure says: pattern → fault, tried in this order."""

    success: str
    failures: tuple[tuple[str, Fault], ...]


@lru_cache(maxsize=32)
def _file_sha256(path: str, size: int, written_ns: int, changed_ns: int, inode: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def find_tool(name: str, version_words: Sequence[str], pattern: str, *, version: str = "", named: str = "") -> Tool:
    """The tool on this machine; ToolFailed where it is not there or does not say its version."""
    path = named or shutil.which(name, path=_search_path())
    if not path or not os.access(path, os.X_OK):
        raise ToolFailed(Fault.tool_missing, f"{name} is not installed")
    path = os.path.realpath(path)
    about = os.stat(path)
    # whoever exchanges a file can give it the old one's size and time, not its change time
    sha256 = _file_sha256(path, about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
    return Tool(name, version or _said_version(path, sha256, tuple(version_words), pattern), path, sha256)


def _search_path() -> str:
    """PATH, and beside each bin its sbin: Debian puts flashrom where only root looks."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    beside = [f"{folder[:-4]}/sbin" for folder in folders if folder.endswith("/bin")]
    return os.pathsep.join([*folders, *beside])


@lru_cache(maxsize=32)
def _said_version(path: str, sha256: str, words: tuple[str, ...], pattern: str) -> str:
    try:
        done = subprocess.run(
            [path, *words], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, env=_environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        raise ToolFailed(Fault.tool_missing, f"{path} does not run") from None
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""


def run_tool(
    tool: Tool, words: Sequence[str], phrases: Phrases, *, seconds: float, work: Path, hidden: Sequence[str] = ()
) -> Evidence:
    """Run it; the evidence where it succeeded, ToolFailed with the evidence where it did not.

    Words listed in `hidden` (paths of secrets) stand as `…` in the evidence, and so does what its phrase has in hex: a tool was
    seen to print the key that it could not burn.
    """
    _refuse_force(tool.name, words)
    shown = tuple("…" if any(secret in word for secret in hidden) else word for word in words)
    began = time.monotonic()
    code, text = _run([tool.path, *words], seconds, work)
    taken = time.monotonic() - began
    if code is None:
        evidence = Evidence(tool.name, shown, None, f"stopped after {seconds:.0f} s", taken, text)
        raise ToolFailed(Fault.timeout, f"{tool.name} did not end within {seconds:.0f} s", evidence)
    for pattern, fault in phrases.failures:
        found = re.search(pattern, text, re.IGNORECASE)
        # also beside the phrase of success: tools were seen to say both
        if found:
            evidence = Evidence(tool.name, shown, code, _line_of(text, found, hidden), taken, text)
            raise ToolFailed(fault, evidence.phrase, evidence)
    said = re.search(phrases.success, text)
    if code == 0 and said:
        return Evidence(tool.name, shown, code, _line_of(text, said, hidden), taken, text)
    phrase = _without_secret((text.strip().splitlines() or ["it said nothing"])[-1], hidden)
    evidence = Evidence(tool.name, shown, code, phrase, taken, text)
    raise ToolFailed(Fault.unknown, f"{tool.name} ended with {code}: {phrase}", evidence)


def _refuse_force(name: str, words: Sequence[str]) -> None:
    found = (set(words) & FORBIDDEN) - ALLOWED_OF.get(name, frozenset())
    found |= {word for word in words if word.startswith("--force")}
    if found:
        raise ToolFailed(Fault.tool_config, f"{name} is never told {', '.join(sorted(found))}")


def _run(argv: Sequence[str], seconds: float, work: Path) -> tuple[int | None, str]:
    process = subprocess.Popen(
        [*leash(), *argv], cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, env=_environment(),
    )  # fmt: skip
    code: int | None
    try:
        said, _ = process.communicate(timeout=seconds)
        code = process.returncode
    except subprocess.TimeoutExpired:
        said, code = _kill(process), None
    except BaseException:
        _kill(process)
        raise
    finally:
        # a tool may leave children behind that hold the port
        _kill_group(process.pid)
    return code, said[-OUTPUT_BYTES_MAX:].decode("utf-8", "replace")


def _kill(process: subprocess.Popen) -> bytes:
    _kill_group(process.pid)
    try:
        return process.communicate(timeout=KILL_SECONDS)[0] or b""
    except subprocess.TimeoutExpired:
        return b""


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


@lru_cache(maxsize=1)
def leash() -> tuple[str, ...]:
    found = shutil.which("setpriv")
    return (found, "--pdeathsig", "KILL", "--") if found else ()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "LC_ALL": "C", "LANGUAGE": "C", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "400"}


def _line_of(text: str, found: re.Match, hidden: Sequence[str]) -> str:
    begin = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    return _without_secret(" ".join(text[begin : end if end >= 0 else len(text)].split()), hidden)[:200]


def _without_secret(phrase: str, hidden: Sequence[str]) -> str:
    return _HEX.sub("…", phrase) if hidden else phrase
