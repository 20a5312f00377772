"""Reaching a unit: TLS contexts that do not refuse for the unit, HTTP with limits, tools of this machine within our process group."""

import http.client
import os
import shutil
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from asbuilt.formats.xml_elements import Element, XmlRefused, elements_of
from asbuilt.station.programmers.running import leash
from asbuilt.station.testing.functions.taken import NotCarriedOut

SECONDS = 5.0
BODY_BYTES_MAX = 256 * 1024
TOOL_BYTES_MAX = 4 * 1024 * 1024
# a station's own OpenSSL would refuse old protocols, and an old unit would look like a good one
ANY_CIPHER = "ALL:@SECLEVEL=0"
TOOL_RIGHTS = "The tool nmap has no right to send raw packets, without which nobody hears whether a UDP port is closed."
NO_RIGHTS = ("Operation not permitted", "requires root privileges", "Permission denied")


def port_of(parameters: dict[str, str], name: str = "port") -> int:
    """A port number of a plan."""
    text = parameters.get(name, "")
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise NotCarriedOut("plan_wrong", f"The plan's {name} is no port number.")
    return int(text)


def connect(host: str, port: int, seconds: float = SECONDS) -> socket.socket:
    """A TCP connection; NotCarriedOut where nothing answers."""
    if not host:
        raise NotCarriedOut("no_network", "The socket of the fixture has no network address in station.json.")
    try:
        return socket.create_connection((host, port), timeout=seconds)
    except OSError as error:
        raise NotCarriedOut("no_answer", f"Nothing answers at port {port}: {error.strerror or error}") from None


def lenient_context() -> ssl.SSLContext:
    """Speaks to a unit whatever its certificate and age: what is wrong with them is measured elsewhere."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(ANY_CIPHER)
    return context


@dataclass(frozen=True)
class Answer:
    """Status, at most so many bytes of the body, how it asks who is there (WWW-Authenticate)."""

    status: int
    body: bytes
    challenges: tuple[str, ...] = ()


def ask_web(
    host: str, port: int, path: str, *, tls: bool, authorization: str = "", body: bytes | None = None
) -> Answer:
    """One HTTP request; NotCarriedOut where there is no answer that is HTTP."""
    headers = {"Connection": "close"}
    if authorization:
        headers["Authorization"] = authorization
    connect(host, port).close()
    if tls:
        link = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=lenient_context())
    else:
        link = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        link.request("GET" if body is None else "POST", path or "/", body=body, headers=headers)
        answer = link.getresponse()
        asks = tuple(answer.headers.get_all("WWW-Authenticate") or ())
        return Answer(answer.status, answer.read(BODY_BYTES_MAX), asks)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotCarriedOut(
            "no_answer", f"Port {port} does not answer as a web server: {type(error).__name__}"
        ) from None
    finally:
        link.close()


def tool(name: str) -> str:
    """The path of a tool of this machine; NotCarriedOut where it is missing: a check that cannot be made is not passed."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise NotCarriedOut("tool_missing", f"The tool {name} is not installed at this station.")
    return found


def run(
    words: list[str], *, seconds: float, content: bytes = b"", settings: dict[str, str] | None = None
) -> tuple[int, str, str]:
    """(exit code, output, errors) of a tool in this process's group, which is killed whole when the run's time is over, and dies with this
    process where the agent does. No secret stands in its words or its environment (`settings` adds to it): `content` is its standard input."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C",
        "NO_COLOR": "1",
        "HOME": os.environ.get("HOME", "/"),
        **(settings or {}),
    }
    try:
        done = subprocess.run([*leash(), *words], input=content, capture_output=True, timeout=seconds, env=environment)
    except subprocess.TimeoutExpired:
        raise NotCarriedOut("timeout", f"{Path(words[0]).name} did not end within {seconds:.0f} s.") from None
    except OSError as error:
        raise NotCarriedOut("tool_missing", f"The tool {Path(words[0]).name} does not run: {error.strerror}") from None
    out, errors = (part[:TOOL_BYTES_MAX].decode("utf-8", "replace") for part in (done.stdout, done.stderr))
    return done.returncode, out, errors


def nmap(words: list[str], *, seconds: float = 1_800, asks_first: bool = False) -> list[Element]:
    """Every element of what nmap found at the last word's address, in the order of its report. Its own empty document type is left out, any other refused.
    `asks_first`: whether anybody is there at all."""
    how = ["-n", *([] if asks_first else ["-Pn"]), *(["-6"] if ":" in words[-1] else [])]
    code, out, errors = run([tool("nmap"), *how, "-oX", "-", *words], seconds=seconds)
    try:
        found = [elements_of(out.replace("<!DOCTYPE nmaprun>", "", 1).encode())]
    except XmlRefused:
        refuse_without_rights(errors)
        raise NotCarriedOut(
            "tool_failed", f"The tool nmap ended with {code}: {' '.join(errors.split())[:120]}"
        ) from None
    for one in found:
        found += one.children
    return found


def refuse_without_rights(errors: str) -> None:
    """NotCarriedOut where nmap says that the system did not let it."""
    if any(word in errors for word in NO_RIGHTS):
        raise NotCarriedOut("rights_missing", TOOL_RIGHTS)
