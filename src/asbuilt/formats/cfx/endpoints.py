"""What a machine says of itself: EndpointConnected, Heartbeat, GetEndpointInformationResponse.

The standard has no field for the version of the machine's software; makers put it beside the others, into `EndpointInformation`, or into
`Metadata` and its `ExtendedMetadata`, where names are free. Standard: IPC-2591, section CFX.
"""

import re
from dataclasses import dataclass

from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import get

SOFTWARE_CHARACTERS_MAX = 200
_PLACES = ("", "EndpointInformation", "Metadata", "ExtendedMetadata")
_NAMED = re.compile(
    r"^(machine|equipment|device|application)?_?(software|firmware|sw|fw)_?(version|revision|release|rev)$"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[ -]+")


@dataclass(frozen=True)
class Endpoint:
    """The version of a machine's software, "" where it does not say one."""

    software: str


def endpoint(envelope: Envelope) -> Endpoint:
    """Reads the messages in which a machine speaks of itself."""
    return Endpoint(software_in(envelope.body))


def software_in(body: dict) -> str:
    """The version of the software in what a machine says of itself; the first that stands there."""
    pending, found = [body], ""
    for one in pending:
        for name, value in one.items():
            if _NAMED.match("_".join(_HUMP.split(name)).lower()) and isinstance(value, str | int | float):
                found = found or " ".join(str(value).split())
        inner = [get(one, place) for place in _PLACES[1:]]
        pending += [said for said in inner if isinstance(said, dict)] if len(pending) < 10 else []
    return found if found.isprintable() and len(found) <= SOFTWARE_CHARACTERS_MAX else ""
