"""Webhooks: JSON by HTTPS POST to addresses of the house by name, signed, through the outbox.

`ASBUILT_WEBHOOKS` names them, `oncall=https://hooks.example.com/asbuilt`; nobody can send to an address that is not named there, and no address stands
in the record. Each message carries `Asbuilt-Signature: t=UNIX-SECONDS,v1=HEX`: HMAC-SHA256 with `ASBUILT_WEBHOOK_SECRET` over `t`, a dot and the
body; without the secret nothing is sent. A redirect is followed nowhere. An address that is not public is refused unless `ASBUILT_WEBHOOK_PRIVATE`
is `1`; the connection goes to the very address that was looked at. `ASBUILT_WEBHOOK_CA` names a file of certificates of the house's own authority.

A message may arrive twice; its `id` stays the same. Standards: RFC 2104, RFC 9110.
"""

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

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage.outbox import CHANNELS

CHANNEL = "webhook"
SECONDS = 20
SECRET_CHARACTERS_MIN = 16


def webhooks() -> dict[str, str]:
    """Name -> address of every webhook of the house; Invalid where the setting is malformed."""
    found = {}
    for part in os.environ.get("ASBUILT_WEBHOOKS", "").split(","):
        if not part.strip():
            continue
        name, _, address = part.strip().partition("=")
        if not name or _parts(address) is None:
            # the address may carry a token in its path: only the name is said
            said = f"ASBUILT_WEBHOOKS: {name[:60] or 'a part'} has no https address without a password."
            remedy = "Write name=https://host/path, several with commas."
            raise Invalid("storage.webhooks_malformed", said, {"webhook": name[:60]}, remedy)
        found[name] = address
    return found


def webhook_known(name: str) -> str:
    """The name itself; NotFound where the house has no such webhook."""
    known = webhooks()
    if name not in known:
        facts = {"webhook": name[:60], "webhooks": sorted(known)}
        remedy = f"Webhooks are {', '.join(sorted(known))}." if known else "Name it in ASBUILT_WEBHOOKS."
        raise NotFound("storage.webhook_unknown", f"There is no webhook {name[:60]}.", facts, remedy)
    return name


def signature(secret: str, at: int, body: bytes) -> str:
    """The value of the header for a body sent at that second."""
    proof = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={proof}"


def send(name: str, body: bytes) -> None:
    """Post a body to a webhook; OSError where it is not set, not reached, not public, or does not take it."""
    secret = os.environ.get("ASBUILT_WEBHOOK_SECRET", "")
    parts = _parts(webhooks().get(name, ""))
    if parts is None or len(secret) < SECRET_CHARACTERS_MIN:
        raise OSError(
            f"The webhook in ASBUILT_WEBHOOKS and ASBUILT_WEBHOOK_SECRET ({SECRET_CHARACTERS_MIN} characters or more) are needed."
        )
    connection = _connection(parts)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/json", "User-Agent": "asbuilt"}
    headers["Asbuilt-Signature"] = signature(secret, int(time.time()), body)
    try:
        connection.request("POST", target, body, headers)
        status = connection.getresponse().status
    except http.client.HTTPException as broken:
        raise OSError(f"The webhook did not answer in HTTP: {type(broken).__name__}.") from None
    finally:
        with suppress(OSError):
            connection.close()
    if not 200 <= status < 300:  # a redirect too: what is behind it was not named
        raise OSError(f"The webhook answered {status}.")


def _parts(address: str) -> SplitResult | None:
    """The parts of an address that may be named; None for another scheme, a password, or no address."""
    try:
        parts = urlsplit(address)
        named = parts.scheme == "https" and parts.hostname and (parts.port or 443)
    except ValueError:
        return None
    clean = not parts.username and not parts.password and not parts.fragment
    return parts if named and clean and not any(letter.isspace() for letter in address) else None


def _connection(parts: SplitResult) -> http.client.HTTPSConnection:
    """A connection to an address that was looked at: what the host's name says a second time is not asked."""
    host, port = parts.hostname or "", parts.port or 443
    found = [row[4][0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    public = all(ipaddress.ip_address(place.partition("%")[0]).is_global for place in found)
    if not public and os.environ.get("ASBUILT_WEBHOOK_PRIVATE", "") != "1":
        raise OSError("The webhook's address is not public; ASBUILT_WEBHOOK_PRIVATE=1 allows it.")
    own = os.environ.get("ASBUILT_WEBHOOK_CA", "")
    context = ssl.create_default_context(cafile=own or None)
    connection = http.client.HTTPSConnection(host, port, timeout=SECONDS, context=context)
    connection._create_connection = lambda _, timeout, source=None: socket.create_connection((found[0], port), timeout)
    return connection


CHANNELS[CHANNEL] = send
