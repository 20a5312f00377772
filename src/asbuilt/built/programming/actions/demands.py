"""Say which release an order or a hardware revision takes, and with which release a maker's modules come.

    demand_firmware(actor, order="WO-7", version="2.3.1")
    demand_firmware(actor, product="PSU-48", revision="B", configuration="EU", version="2.3.1-eu")
    demand_firmware(actor, order="WO-7", configuration="EU")
    demand_firmware(actor, product="PSU-48", revision="B", part="U-7", version="2.3.1")     # U-7 comes programmed
    say_modules(actor, manufacturer="Espressif", mpn="ESP32-WROOM-32E", date_code_from="2327", product="PSU-48", role="radio",
                version="1.4.0", source="PCN 2023-17")

Refused: what the tables refuse.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PROGRAMMING_ORDER
from asbuilt.built.programming import events
from asbuilt.built.programming.preprogrammed_intakes import INTAKES
from asbuilt.built.supply.actions.stating import Stated, moment, state


def demand_firmware(
    actor: Actor,
    *,
    order: str = "",
    product: str = "",
    revision: str = "",
    part: str = "",
    of_product: str = "",
    role: str = "",
    version: str = "",
    configuration: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """From then on the order, or the revision, takes this release; `part` comes programmed with it. Invalid: a name is not known.

    With a configuration: that of the revision takes it, or, with the order and nothing else, the order is of this configuration.
    """
    cells = {
        "order": order, "product": product, "revision": revision, "part": part, "of_product": of_product, "role": role,
        "version": version,
    }  # fmt: skip
    if configuration:
        cells["configuration"] = configuration
        return _stated(actor, "configurations", events.CONFIGURED, cells, happened_at, request_key)
    return _stated(actor, "firmware_demands", events.DEMANDED, cells, happened_at, request_key)


def say_modules(
    actor: Actor,
    *,
    manufacturer: str,
    mpn: str,
    product: str,
    version: str,
    role: str = "",
    lot_code: str = "",
    date_code_from: str = "",
    date_code_until: str = "",
    source: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """Lots of this maker's part came with the release. Conflict: a row recorded before speaks of the same lots."""
    cells = {
        "manufacturer": manufacturer, "mpn": mpn, "lot_code": lot_code, "date_code_from": date_code_from,
        "date_code_until": date_code_until, "product": product, "role": role, "version": version, "source": source,
    }  # fmt: skip
    return _stated(actor, "module_firmware", events.MODULES_SAID, cells, happened_at, request_key)


def _stated(
    actor: Actor, table: str, type: str, cells: dict, happened_at: int | None, request_key: str | None
) -> Stated:
    actor.require(PROGRAMMING_ORDER)

    def rows(_entry):
        return {table: [{**cells, "operator": badge(actor), "happened_at": moment(happened_at)}]}

    said = {**cells, "happened_at": happened_at}
    return state(actor, type, said, rows, intakes=INTAKES, request_key=request_key)
