"""Saying of which revision the silicon of a lot or a package is: an erratum of silicon names revisions, and a label, a letter or a device tells them.

say_silicon(actor, package="PK-004388", silicon_revision="3.0", known_from="device")
say_silicon(actor, part="MCU", mpn="ESP32-D0WD", manufacturer="Espressif", lot_code="L1", silicon_revision="3.1", known_from="maker", said_by="PCN 2027-3")
"""

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import Stated, moment, state
from asbuilt.ledger.recording import Entry


def say_silicon(
    actor: Actor,
    *,
    silicon_revision: str,
    known_from: str,
    package: str = "",
    part: str = "",
    mpn: str = "",
    manufacturer: str = "",
    lot_code: str = "",
    date_code: str = "",
    said_by: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """Of one package, or of the lot that lots.csv names by these five cells; `known_from` label, maker or device. NotFound where it is not
    there, Invalid where it names both or a lot without a code."""
    actor.require(PACKAGE_RECEIVE)
    said = {
        "package": package, "part": part, "mpn": mpn, "manufacturer": manufacturer, "lot_code": lot_code, "date_code": date_code,
        "silicon_revision": silicon_revision, "known_from": known_from, "said_by": said_by,
    }  # fmt: skip

    def rows(entry: Entry):
        return {"silicon_revisions": [{**said, "operator": badge(actor), "happened_at": moment(happened_at)}]}

    return state(actor, events.SILICON_SAID, {**said, "happened_at": happened_at}, rows, request_key=request_key)
