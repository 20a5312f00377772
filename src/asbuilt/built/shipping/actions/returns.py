"""Returns: a unit comes back, is looked at, repaired, tested, and goes back, or another stands for it; in the shape of returns.csv.

    receive(actor, codes=…, rma="", said="no light", party="Shop X")    -> RMA-1
    record(actor, unit=…, event="found", said="R1 open")                what was found, repaired or tested, or that no fault was found
    replace(actor, unit=…, replacement=…)                                which unit stands for it from then on

What a repair changed is recorded as everywhere else (replacements, programming, tests); the page of a return shows what happened to the unit since
it came back. It goes back, and its replacement leaves, through packing and shipping, which ask the gate.
Refused: a unit that never left, one that is back already, an event of a unit that is not back, one out of its order; a replacement of another product
that the reason does not name; a moment before the unit left, or before it came back. Invalid: a moment that is still to come.
"""

import re
from collections.abc import Callable, Mapping

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import RETURN_RECORD
from asbuilt.built.production.orders import Orders
from asbuilt.built.shipping import events, returns
from asbuilt.built.shipping.actions.packing import places_of
from asbuilt.built.shipping.packing_intake import INTAKES
from asbuilt.built.shipping.queries import line_of_unit
from asbuilt.built.shipping.returns import FOUND, NO_FAULT, RECEIVED, REPAIRED, REPLACED, SENT_BACK, TESTED, ReturnRow
from asbuilt.built.supply.actions.stating import Rows, moment, state
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry

STEPS = (FOUND, REPAIRED, TESTED, NO_FAULT)
SAID_CHARACTERS_MAX = 2_000


def receive(
    actor: Actor,
    *,
    units: BitMap,
    rma: str = "",
    said: str = "",
    party: str = "",
    left_inside: Mapping[int, int] | None = None,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> tuple[str, int]:
    """These units came back, for that reason, from that party; returns the RMA number and the entry. `left_inside` says of units that left inside
    another, and are inside it no more, when they were taken out of it."""

    def rows(entry: Entry) -> Rows:
        back = returns.received(entry.tenant)
        for unit in units:
            line = line_of_unit(entry.tenant, unit)
            name = places_of(entry.tenant, BitMap([unit]))[0]
            sent_at, out_at = line.shipped_at if line else -1, (left_inside or {}).get(unit, -1)
            left_at = max(sent_at, out_at)
            if left_at < 0 and unit not in back:
                raise Refused(
                    "shipping.never_left", f"{name} never left.", {"unit": name}, "Look which unit came back."
                )
            if back.get(unit, -1) >= left_at:
                raise Refused("shipping.back_already", f"{name} is back already.", {"unit": name}, "Scan the next one.")
            if out_at > sent_at:
                out = "it was taken out of the unit in which it left"
                _refuse_moment(entry, happened_at, out_at, "shipping.back_before_taken_out", name, out)
            _refuse_moment(entry, happened_at, sent_at, "shipping.back_before_left", name, "it left")
        code = rma or returns.free_rma(entry.tenant)
        return {"returns": _rows(actor, entry.tenant, units, None, code, RECEIVED, said, party, "", happened_at)}

    _refuse_said(said)
    what = [RECEIVED, list(units), rma, said, party, happened_at]
    entry = _state(actor, what, rows, request_key)
    row = next(one for one in returns.rows_of_units(actor.tenant, units) if one.entry == entry)
    return row.rma, entry


def record(
    actor: Actor,
    *,
    unit: int,
    event: str,
    said: str,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """What was found, repaired or tested on a unit that is back; returns the entry."""
    if event not in STEPS:
        words = ", ".join(STEPS)
        raise Invalid(
            "shipping.return_event",
            f"{event[:40]!a} is nothing that is said of a return.",
            {"field": "event"},
            f"One of {words}.",
        )
    _refuse_said(said, needed=True)

    def rows(entry: Entry) -> Rows:
        last = _back(entry, unit, happened_at)
        return {"returns": _rows(actor, entry.tenant, BitMap([unit]), None, last.rma, event, said, "", "", happened_at)}

    return _state(actor, [event, unit, said, happened_at], rows, request_key)


def replace(
    actor: Actor,
    *,
    unit: int,
    replacement: int,
    said: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """Another unit stands for this one from now on; returns the entry. Refused: it stands for another one already, or left and is not back, or
    is of another product that `said` does not name."""
    _refuse_said(said)

    def rows(entry: Entry) -> Rows:
        last = _back(entry, unit, happened_at)
        name = places_of(entry.tenant, BitMap([replacement]))[0]
        back = returns.received(entry.tenant)  # what was before a unit came back is over for it
        since_of, since_other = (
            f"{returns.NOW} AND t.happened_at >= {back.get(one, -1)}" for one in (unit, replacement)
        )
        if (
            returns.replaced_by(entry.tenant, replacement, since_other)[1] is not None
            or returns.replaced_by(entry.tenant, unit, since_of)[0] is not None
        ):
            raise Refused(
                "shipping.replaced_already",
                f"{name} or the unit has its part in a replacement already.",
                {"unit": name},
                "Look at both units.",
            )
        line = line_of_unit(entry.tenant, replacement)
        if replacement == unit or (line is not None and back.get(replacement, -1) < line.shipped_at):
            raise Refused(
                "shipping.replacement_left", f"{name} was shipped already.", {"unit": name}, "Take a unit out of stock."
            )
        _refuse_other_product(entry.tenant, unit, replacement, name, said)
        row = _rows(actor, entry.tenant, BitMap([unit]), replacement, last.rma, REPLACED, said, "", "", happened_at)
        return {"returns": row}

    return _state(actor, [REPLACED, unit, replacement, said, happened_at], rows, request_key)


def _refuse_other_product(tenant: int, unit: int, replacement: int, name: str, said: str) -> None:
    """A customer gets what he or she sent, or what somebody says by its code that is given instead."""
    orders, codes = Orders(tenant), product_codes(tenant)
    mine, other = (
        codes.get(order.product, "") if (order := orders.of_unit(one)) else "" for one in (unit, replacement)
    )
    if mine != other and not re.search(rf"(?<![\w-]){re.escape(other)}(?![\w-])", said):
        raise Refused(
            "shipping.replacement_product",
            f"{name} is a {other}, and stands for a {mine}.",
            {"unit": name, "product": mine, "other": other},
            f"Take a {mine}; where another product is meant, say why, and name {other}.",
        )


def sent_back_rows(
    actor: Actor, tenant: int, units: BitMap, shipment: str, happened_at: int | None
) -> list[dict[str, str]]:
    """Rows of returns.csv that say which of the units that leave go back to where they came from."""
    found = []
    for unit in BitMap(returns.received(tenant)) & units:
        last = returns.rows_of_units(tenant, BitMap([unit]))[-1]
        found += _rows(actor, tenant, BitMap([unit]), None, last.rma, SENT_BACK, "", "", shipment, happened_at)
    return found


def _back(entry: Entry, unit: int, happened_at: int | None) -> ReturnRow:
    """The last that happened to a unit that is back; Refused where it is not, or was not at that moment."""
    tenant = entry.tenant
    rows = returns.rows_of_units(tenant, BitMap([unit]))
    line = line_of_unit(tenant, unit)
    at = returns.received(tenant).get(unit)
    name = places_of(tenant, BitMap([unit]))[0]
    if at is None or (line is not None and line.shipped_at > at):
        raise Refused("shipping.not_back", f"{name} is not back.", {"unit": name}, "Receive it first.")
    _refuse_moment(entry, happened_at, at, "shipping.said_before_back", name, "it came back")
    return rows[-1]


def _refuse_moment(entry: Entry, at: int | None, since: int, code: str, name: str, what: str) -> None:
    """What is said to have happened to a unit lies between that moment of it and now: told earlier it would count as if it had never been. The
    present moment is asked for nothing: a table may tell of a shipment that is ahead of the clock here."""
    if at is None:
        return
    if at > entry.recorded_at:
        when = {"unit": name, "field": "happened_at"}
        remedy = "Look at the time and its offset; leave it out for the present moment."
        raise Invalid("shipping.ahead", f"happened_at: {format_instant(at)} lies in the future.", when, remedy)
    if at < since:
        told, before = format_instant(at), format_instant(since)
        facts = {"unit": name, "at": told, "since": before}
        remedy = "Look at the time and its offset, and at what is recorded of the unit."
        raise Refused(code, f"{name}: {told} is before {what}, {before}.", facts, remedy)


def _rows(actor, tenant, units, replacement, rma, event, said, party, shipment, at) -> list[dict[str, str]]:
    other = places_of(tenant, BitMap([replacement]))[0] if replacement is not None else ""
    common = {
        "replacement_serial": other, "rma": rma, "event": event, "said": said, "party": party, "shipment": shipment,
        "operator": badge(actor), "happened_at": moment(at),
    }  # fmt: skip
    return [{"serial": place, **common} for place in places_of(tenant, units)]


def _state(actor: Actor, said: list, rows: Callable[[Entry], Rows], request_key: str | None) -> int:
    actor.require(RETURN_RECORD)
    return state(actor, events.RETURNED, said, rows, intakes=INTAKES, request_key=request_key).entry


def _refuse_said(said: str, *, needed: bool = False) -> None:
    if len(said) > SAID_CHARACTERS_MAX or (needed and not said.strip()):
        words = f"Say it in 1 to {SAID_CHARACTERS_MAX:,} characters."
        raise Invalid(
            "shipping.return_said", "What happened is not said, or at too great length.", {"field": "said"}, words
        )
