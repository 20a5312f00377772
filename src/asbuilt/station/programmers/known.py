"""Which programmers there are, by the name that permits and sockets use."""

from asbuilt.station.programmers.avrdude import Avrdude
from asbuilt.station.programmers.esp import Esp
from asbuilt.station.programmers.flashrom import Flashrom
from asbuilt.station.programmers.gdbremote import GdbRemote
from asbuilt.station.programmers.protocol import Programmer
from asbuilt.station.programmers.unverified import COMMANDS, Unverified

PROGRAMMERS: dict[str, Programmer] = {
    programmer.name: programmer
    for programmer in (Flashrom(), Avrdude(), GdbRemote(), Esp(), *(Unverified(name) for name in COMMANDS))
}
