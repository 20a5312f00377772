"""Boxes, pallets and shipments: opened, filled, emptied, closed, opened again. `put_in` is called by the gate alone.

    open_container(actor, kind="box")                            -> Acted(BOX-1, …)
    put_in(actor, container="BOX-1", units=…, said=…)            what the gate let pass
    take_out(actor, container="BOX-1", units=…, reason="scratched")
    close_container(actor, code="BOX-1")

A box holds units, a pallet and a shipment hold units, boxes and pallets. What was shipped is changed no more. An SSCC is given to a box or pallet
where the house has a GS1 company prefix (ASBUILT_SSCC_PREFIX); its last digits count on.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACK
from asbuilt.built.production.orders import Orders
from asbuilt.built.shipping import events
from asbuilt.built.shipping.packing import (
    CLOSED,
    KINDS,
    OPEN,
    SHIPMENT,
    SHIPPED,
    ContainerSeen,
    container_of,
    free_code,
)
from asbuilt.built.shipping.packing_intake import INTAKES
from asbuilt.built.supply.actions.stating import Rows, moment, state
from asbuilt.formats.countries import tidy
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.kernel.gs1 import mod10
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

EXTENSION = "3"


@dataclass(frozen=True)
class Acted:
    """The container as it is now, and the entry."""

    container: ContainerSeen
    entry: int


def open_container(
    actor: Actor,
    *,
    kind: str,
    code: str = "",
    customer: str = "",
    country: str = "",
    sscc: str = "",
    note: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Acted:
    """A new box, pallet or shipment; without a code the next. A shipment names its customer and its country."""
    actor.require(PACK)
    country = tidy(country)
    if kind not in KINDS:
        raise Invalid(
            "shipping.container_kind",
            f"{kind[:40]!a} is no container.",
            {"field": "kind"},
            f"One of {', '.join(KINDS)}.",
        )

    def rows(entry: Entry) -> Rows:
        given = sscc or ("" if kind == SHIPMENT else free_sscc(entry.tenant))
        cells = {"kind": kind, "event": "opened", "sscc": given, "customer": customer, "country": country, "note": note}
        return {
            "containers": [_signed(actor, {"container": code or free_code(entry.tenant, kind), **cells}, happened_at)]
        }

    said = ["open", kind, code, customer, country, sscc, note, happened_at]
    done = state(actor, events.OPENED, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT container FROM shipping_container WHERE tenant = %s AND entry = %s"
    return _acted(actor.tenant, reading.fetch_one(sql, (actor.tenant, done.entry))[0], done.entry)


def free_sscc(tenant: int) -> str:
    """The next SSCC of the house; empty where it has no GS1 company prefix. One statement."""
    prefix = os.environ.get("ASBUILT_SSCC_PREFIX", "")
    if not (prefix.isascii() and prefix.isdigit() and 4 <= len(prefix) <= 12):
        return ""
    width = 16 - len(prefix)
    sql = "SELECT max(sscc) FROM shipping_container WHERE tenant = %s AND sscc LIKE %s"
    last = reading.fetch_one(sql, (tenant, f"{EXTENSION}{prefix}%"))[0]
    number = int(last[1 + len(prefix) : 17]) + 1 if last else 1
    body = f"{EXTENSION}{prefix}{number:0{width}d}"
    if len(body) != 17:
        raise Refused(
            "shipping.sscc_used_up", "Every SSCC of the company prefix is given.", {}, "Set a further prefix."
        )
    return body + mod10(body)


def put_in(
    actor: Actor,
    *,
    container: str,
    units: BitMap,
    contents: Sequence[str] = (),
    said: object,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """These units and containers go into the container; returns the entry. Called by the gate, which asked for all of them."""
    actor.require(PACK)

    def rows(entry: Entry) -> Rows:
        return {"packed": _moved(actor, entry.tenant, container, units, contents, "in", "", happened_at)}

    return state(actor, events.PUT_IN, said, rows, intakes=INTAKES, request_key=request_key).entry


def take_out(
    actor: Actor,
    *,
    container: str,
    units: BitMap,
    contents: Sequence[str] = (),
    reason: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """These units and containers come out again; returns the entry. Refused: what is not in it, a container that was shipped."""
    actor.require(PACK)
    if not reason.strip():
        raise Invalid("shipping.reason_missing", "No reason is given.", {"field": "reason"}, "Say why.")

    def rows(entry: Entry) -> Rows:
        from asbuilt.built.shipping.packing import inside_of, packed_in

        found = container_known(entry.tenant, container)
        refuse_state(found, OPEN, CLOSED)
        inside = packed_in(entry.tenant, units)
        strange = [unit for unit in units if inside.get(unit) != found.code]
        around = inside_of(entry.tenant, contents)
        strange += [code for code in contents if around.get(code) != found.code]
        if strange or not (units or contents):
            said = f"{len(strange)} of these are not in {found.code}." if strange else "Nothing is named."
            raise Refused("shipping.not_inside", said, {"container": found.code}, "Look at what is in it.")
        return {"packed": _moved(actor, entry.tenant, found.code, units, contents, "out", reason, happened_at)}

    said = ["out", container, list(units), list(contents), reason, happened_at]
    return state(actor, events.TAKEN_OUT, said, rows, intakes=INTAKES, request_key=request_key).entry


def close_container(
    actor: Actor, *, code: str, happened_at: int | None = None, request_key: str | None = None
) -> Acted:
    """Nothing goes in any more. Refused: not open, or nothing in it."""

    def check(tenant: int, found: ContainerSeen) -> None:
        from asbuilt.built.shipping.packing import directly_in

        refuse_state(found, OPEN)
        if not any(directly_in(tenant, [found.code])):
            raise Refused(
                "shipping.container_empty",
                f"Nothing is in {found.code}.",
                {"container": found.code},
                "Put something in first.",
            )

    return _change(actor, events.CLOSED, code, "closed", "", check, happened_at, request_key)


def reopen_container(
    actor: Actor, *, code: str, reason: str, happened_at: int | None = None, request_key: str | None = None
) -> Acted:
    """It is open again. Refused: not closed, no reason."""
    if not reason.strip():
        raise Invalid("shipping.reason_missing", "No reason is given.", {"field": "reason"}, "Say why.")

    def check(tenant: int, found: ContainerSeen) -> None:
        refuse_state(found, CLOSED)

    return _change(actor, events.REOPENED, code, "reopened", reason, check, happened_at, request_key)


def _change(
    actor: Actor,
    type: str,
    code: str,
    event: str,
    note: str,
    check: Callable[[int, ContainerSeen], None],
    happened_at: int | None,
    request_key: str | None,
) -> Acted:
    actor.require(PACK)

    def rows(entry: Entry) -> Rows:
        found = container_known(entry.tenant, code)
        check(entry.tenant, found)
        return {"containers": [event_row(actor, found, event, note, happened_at)]}

    done = state(actor, type, [event, code, note, happened_at], rows, intakes=INTAKES, request_key=request_key)
    return _acted(actor.tenant, code, done.entry)


def event_row(actor: Actor, found: ContainerSeen, event: str, note: str, happened_at: int | None) -> dict[str, str]:
    """A row of containers.csv about a container that is there."""
    cells = {"container": found.code, "kind": found.kind, "event": event, "note": note}
    return _signed(actor, {**cells, "sscc": "", "customer": "", "country": ""}, happened_at)


def container_known(tenant: int, code: str) -> ContainerSeen:
    """The container with this code or SSCC; NotFound with the nearest."""
    found = container_of(tenant, code)
    if found is None:
        sql = "SELECT DISTINCT container FROM shipping_container WHERE tenant = %s AND until_entry IS NULL LIMIT 5000"
        known = [name for (name,) in reading.fetch(sql, (tenant,))]
        remedy = did_you_mean(code, known) or "Open a box, pallet or shipment first."
        raise NotFound(
            "shipping.container_unknown", f"There is no container {code[:60]}.", {"container": code[:60]}, remedy
        )
    return found


def refuse_state(found: ContainerSeen, *wanted: str) -> None:
    """Refused where the container is in none of these states."""
    if found.state in wanted:
        return
    facts = {"container": found.code, "state": found.state}
    remedy = "Open it again with a reason." if found.state == CLOSED else "Use another one."
    kind = Conflict if found.state == SHIPPED else Refused
    raise kind("shipping.container_state", f"{found.code} is {found.state}.", facts, remedy)


def places_of(tenant: int, units: BitMap) -> list[str]:
    """The units as ORDER#n, in the order of the axis."""
    orders, found = Orders(tenant), []
    for unit in units:
        order = orders.of_unit(unit)
        found.append(f"{order.code}#{order.place_of(unit)}")
    return found


def _moved(
    actor: Actor, tenant: int, container: str, units: BitMap, contents, action: str, reason: str, at
) -> list[dict[str, str]]:
    common = {
        "container": container,
        "action": action,
        "reason": reason,
        "operator": badge(actor),
        "happened_at": moment(at),
    }
    rows = [{"serial": place, "content": "", **common} for place in places_of(tenant, units)]
    return rows + [{"serial": "", "content": code, **common} for code in contents]


def _signed(actor: Actor, cells: dict[str, str], happened_at: int | None) -> dict[str, str]:
    return {**cells, "operator": badge(actor), "happened_at": moment(happened_at)}


def _acted(tenant: int, code: str, entry: int) -> Acted:
    return Acted(container_known(tenant, code), entry)
