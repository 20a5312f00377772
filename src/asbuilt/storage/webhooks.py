"""Webhooks: one HTTPS POST with a signed body. It must not be a way into our own network.

    check("https://psirt.example/asbuilt")        the address itself; Invalid where it may not be used
    code = post(url, body, key=…, token=…)        the server's answer, 200 to 299; Refusal with the code, OSError where nobody answers

Only https, no password in the address, no redirect followed. The name is looked up once, every address it has must be public, and the
connection goes to the very one that was looked at. From a drill nothing is posted. ASBUILT_WEBHOOK_CA names a file of certificates of the house's
own authority. ASBUILT_WEBHOOK_HOSTS names hosts (`name` or `name:port`) that may lie in our own network.
Signature: Standard Webhooks 1.0, `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,` base64 of HMAC-SHA-256 over `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import os
import socket
import ssl
import time
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit

from asbuilt.kernel.errors import Invalid
from asbuilt.storage.drills import refuse_outside

SECONDS = 20
ANSWER_BYTES_MAX = 65_536
PORT = 443


class Refusal(Exception):
    """The server answered, and did not take it. `code` is its status."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


def own_hosts() -> set[str]:
    """Hosts of the own network that may be called."""
    return {one.strip().lower() for one in os.environ.get("ASBUILT_WEBHOOK_HOSTS", "").split(",") if one.strip()}


def check(address: str, characters_max: int) -> str:
    """The address, as it may be called later; Invalid otherwise. Nobody is asked for it: names change."""
    address = address.strip()
    parts, why = _parts(address), ""
    if len(address) > characters_max:
        why = f"has more than {characters_max:,} characters"
    elif parts is None or parts.scheme != "https" or not parts.hostname or not address.isascii():
        why = "is no https address"
    elif any(letter <= " " for letter in address) or parts.fragment:
        why = "holds blanks or a fragment"
    elif parts.username is not None or parts.password is not None:
        why = "carries a password"
    elif not _named(parts) and _literal(parts.hostname) and not _public(parts.hostname):
        why = "leads into a network that is not public"
    if why:
        remedy = "Write one such as https://psirt.example.com/asbuilt, or name its host in ASBUILT_WEBHOOK_HOSTS."
        raise Invalid("storage.webhook_refused", f"address: {why}.", {"field": "address"}, remedy)
    return address


def post(address: str, body: bytes, *, key: bytes, token: str, at: int | None = None) -> int:
    """Send it once; `at` in seconds. OSError where nobody answers, Refusal where the answer is no 2xx."""
    refuse_outside()
    parts = urlsplit(check(address, len(address)))
    port = parts.port or PORT
    place = _looked_up(parts, port)
    stamp = str(int(time.time()) if at is None else at)
    headers = {
        "Content-Type": "application/json", "User-Agent": "asbuilt", "webhook-id": token, "webhook-timestamp": stamp,
        "webhook-signature": signature(key, token, stamp, body),
    }  # fmt: skip
    own = os.environ.get("ASBUILT_WEBHOOK_CA", "")
    connection = http.client.HTTPSConnection(
        parts.hostname, port, timeout=SECONDS, context=ssl.create_default_context(cafile=own or None)
    )
    connection._create_connection = lambda _, timeout, source=None: socket.create_connection((place, port), timeout)
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES_MAX)
    except http.client.HTTPException as broken:
        raise OSError(f"It answered nothing that is HTTP: {type(broken).__name__}.") from None
    finally:
        with suppress(OSError):
            connection.close()
    if not 200 <= answer.status < 300:
        raise Refusal(answer.status)
    return answer.status


def signature(key: bytes, token: str, stamp: str, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA-256 over id, time and body."""
    signed = hmac.digest(key, f"{token}.{stamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        return parts if parts.port is None or 0 < parts.port < 65_536 else None
    except ValueError:
        return None


def _named(parts: SplitResult) -> bool:
    host = (parts.hostname or "").lower()
    return bool({host, f"{host}:{parts.port or PORT}"} & own_hosts())


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return True


def _public(place: str) -> bool:
    try:
        found = ipaddress.ip_address(place.partition("%")[0])
    except ValueError:
        return False
    # an IPv4 address inside an IPv6 one is judged by what it leads to
    found = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    return found.is_global and not found.is_multicast


def _looked_up(parts: SplitResult, port: int) -> str:
    """The first address of the host; OSError where one of them is not public and the host is not named."""
    try:
        found = [row[4][0] for row in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    except UnicodeError:
        raise OSError("The host has no name that can be looked up.") from None
    if not _named(parts) and not all(map(_public, found)):
        raise OSError("The host leads into a network that is not public.")
    return found[0]
