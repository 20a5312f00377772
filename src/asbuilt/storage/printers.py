"""Printers: label printers of the house by name, reached over TCP (raw, port 9100 as a rule).

`ASBUILT_PRINTERS` names them, `goods-in=192.0.2.7:9100,line-2=printer2:9100`. Nobody can send to an address that is not named
there, so that a page cannot be made to talk to other machines.
"""

import os
import socket

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage.outbox import CHANNELS

CHANNEL = "printer"
SECONDS = 5


def printers() -> dict[str, str]:
    """Name -> host:port of every printer of the house; Invalid where the setting is malformed."""
    found = {}
    for part in os.environ.get("ASBUILT_PRINTERS", "").split(","):
        if not part.strip():
            continue
        name, _, address = part.strip().partition("=")
        host, _, port = address.rpartition(":")
        if not name or not host or not port.isdigit() or not 0 < int(port) < 65_536:
            raise Invalid(
                "storage.printers_malformed",
                f"ASBUILT_PRINTERS holds {part.strip()[:60]}.",
                {"part": part.strip()[:60]},
                "Write name=host:port, several with commas.",
            )
        found[name] = address
    return found


def address_of(name: str) -> str:
    """host:port of the printer with this name; NotFound where the house has none."""
    known = printers()
    if name not in known:
        raise NotFound(
            "storage.printer_unknown",
            f"There is no printer {name[:60]}.",
            {"printer": name[:60], "printers": sorted(known)},
            f"Printers are {', '.join(sorted(known))}." if known else "Name it in ASBUILT_PRINTERS.",
        )
    return known[name]


def send(address: str, content: bytes) -> None:
    """Send the bytes to a printer; OSError where it is not reached within five seconds."""
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as printer:
        printer.sendall(content)
        printer.shutdown(socket.SHUT_WR)


CHANNELS[CHANNEL] = send
