"""Permits and stations at the gate: no permit for an order that is held, and what a station must know of what is held.

    choices(actor, "WO-7")                 -> what may be chosen for it, as the gate will judge it
    issue(actor, draft, request_key=…)     -> the permit; Refused where every unit of the order is held
    folder_of(actor, station)              -> what the station may fetch, its bulletin naming what is held of its orders, and which
                                              names sampled plans do not draw as their unit
    not_heard_of(actor, hold)              -> stations that do not know of a hold yet

One held unit does not stop the others: it is named to the stations, which refuse it. A hold does not stop the release that it orders itself
(`ordered`): a permit for it is issued, and its stations learn that the units are held save under that permit. In the same way they learn of units
that a permit may not program any more, by an ECO whose boundary was set, or whose approval was taken back, after it was issued.
"""

from collections.abc import Sequence
from dataclasses import replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import PERMIT_ISSUE, RECORD_READ
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.changed import firmware_bounded, permit_stops, units_against, versions_bounded
from asbuilt.answers.gate.draws import drawn_otherwise
from asbuilt.answers.gate.ordered import images_asked, images_of, lets_images
from asbuilt.built.production.holds import hold_of
from asbuilt.built.production.orders import Orders
from asbuilt.built.programming import permit_choices
from asbuilt.built.programming.actions.permits import issue_permit
from asbuilt.built.programming.contacts import Folder, Held
from asbuilt.built.programming.drafts import PermitDraft
from asbuilt.built.programming.permits import PermitSeen
from asbuilt.built.programming.stations import not_heard
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.spans import bitmap_of
from asbuilt.kernel.station_documents import HELD_SAVE_MAX, HELD_SAVE_PERMITS_MAX, HeldSave
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.holds import holding
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

UNITS_NAMED_MAX = 5_000
# a bulletin names 20,000; what is left of them is for orders
NAMES_MAX = 19_000


def choices(actor: Actor, order: str) -> dict:
    """What may be chosen for a permit of this order (`permit_choices`), firmware as the boundaries of ECOs have it. NotFound: there is no such order."""
    actor.require(PERMIT_ISSUE)
    with reading.snapshot():
        row = Orders(actor.tenant).by_code(order) if actor.party is None else None
        bounded = firmware_bounded(actor.tenant, row) if row is not None else {}
        return permit_choices.choices(actor, order, bounded)


def issue(actor: Actor, draft: PermitDraft, *, request_key: str | None = None) -> PermitSeen:
    """Issue the permit; raises what `issue_permit` raises, Refused where the whole order is held."""
    actor.require(PERMIT_ISSUE)
    with write_tx(actor.tenant):
        if not was_recorded(actor.tenant, request_key):
            _refuse_held(actor.tenant, draft)
            refuse_stopped(permit_stops(actor.tenant, draft))
        bounded = versions_bounded(actor.tenant, draft)
        found = issue_permit(actor, draft=draft, bounded=bounded, request_key=request_key)
    sequencing.after_commit(actor.tenant)
    return found


def _refuse_held(tenant: int, draft: PermitDraft) -> None:
    code = draft.order
    order = Orders(tenant).by_code(code)
    units = bitmap_of(order.blocks) if order else BitMap()
    holds = list(holding(View(local_system(tenant)), units, units_of)) if units else []
    if any(hold.releases for hold, _ in holds):
        asked = images_asked(tenant, draft)
        holds = [(hold, found) for hold, found in holds if not lets_images(hold.releases, asked)]
    held = BitMap.union(BitMap(), *(found & units for _, found in holds))
    if units and held == units:
        names = [hold.code for hold, found in holds if found & units]
        raise Refused(
            "gate.order_held",
            f"Every unit of order {code} is held by {', '.join(names[:5])}.",
            {"order": code, "holds": names[:50]},
            "Have the hold lifted, or permit another order.",
        )


def folder_of(actor: Actor, station: str) -> Folder:
    """The folder of a station."""

    def known(permits: list[PermitSeen]) -> Held:
        return replace(_held(actor.tenant, permits), drawn=drawn_otherwise(actor.tenant, permits))

    return Folder(actor, station, known)


def not_heard_of(actor: Actor, hold: str) -> list[str]:
    """Enrolled stations that have not heard of the hold yet: what they program may be held."""
    actor.require(RECORD_READ)
    found = hold_of(actor.tenant, hold)
    if found is None or found.lifted is not None or actor.party is not None:
        return []
    return not_heard(actor.tenant, found.entry)


def _held(tenant: int, permits: list[PermitSeen]) -> Held:
    orders = Orders(tenant)
    spans = []
    for code in {one.permit.work_order for one in permits}:
        order = orders.by_code(code)
        spans += order.blocks if order else ()
    units = bitmap_of(spans)
    if not units:
        return Held((), ())
    held: dict[tuple[str, ...], BitMap] = {}
    for hold, some in holding(View(local_system(tenant)), units, units_of):
        through = tuple(
            sorted(one.permit.permit_id for one in permits if lets_images(hold.releases, images_of(one.permit)))
        )
        key = through if len(through) <= HELD_SAVE_PERMITS_MAX else ()
        held[key] = held.get(key, BitMap()) | (some & units)
    for key, some in _against_changes(tenant, orders, permits).items():
        held[key] = held.get(key, BitMap()) | some
    while len(held) > HELD_SAVE_MAX:
        key = next(key for key in held if key)
        held[()] = held.get((), BitMap()) | held.pop(key)
    stopped = held.pop((), BitMap())
    uids, named = _named(tenant, orders, stopped, NAMES_MAX)
    save, room = [], NAMES_MAX - max(len(uids), len(named))
    for through, some in held.items():
        mine = _named(tenant, orders, some - stopped, max(room, 0))
        room -= max(map(len, mine))
        if any(mine):
            save.append(HeldSave(through, tuple(mine[1]), tuple(mine[0])))
    return Held(uids, named, save)


def _against_changes(tenant: int, orders: Orders, permits: Sequence[PermitSeen]) -> dict[tuple[str, ...], BitMap]:
    """Units that a permit which was issued before may not program (any more), by an ECO: permits of the order that still may -> units."""
    found: dict[tuple[str, ...], BitMap] = {}
    for code in sorted({one.permit.work_order for one in permits}):
        mine, order = [one.permit for one in permits if one.permit.work_order == code], orders.by_code(code)
        wrong = {one.permit_id: units_against(tenant, order, one) for one in mine} if order is not None else {}
        left = BitMap().union(*wrong.values())
        while left:
            # the units that the same permits may not program as the first of them
            not_by = {name for name, units in wrong.items() if left.min() in units}
            some = left & BitMap.intersection(*(wrong[name] for name in not_by))
            some -= BitMap().union(*(units for name, units in wrong.items() if name not in not_by))
            key = tuple(sorted(name for name in wrong if name not in not_by))
            key = key if len(key) <= HELD_SAVE_PERMITS_MAX else ()
            found[key] = found.get(key, BitMap()) | some
            left -= some
    return found


def _named(tenant: int, orders: Orders, held: BitMap, most: int) -> tuple[list[str], list[str]]:
    """(device identities, names) of held units, at most so many; what cannot be named unit by unit is named as the whole order: a station
    programs none of it."""
    listed = list(held)[:UNITS_NAMED_MAX]
    named, uids = _names(tenant, orders, listed), _uids(tenant, listed)
    every = len(named) > most or len(uids) > most
    left = {order.code for unit in (held if every else held - BitMap(listed)) if (order := orders.of_unit(unit))}
    return uids[:most], [*(f"{code}#*" for code in sorted(left)), *named[:most]]


def _uids(tenant: int, units: list[int]) -> list[str]:
    sql = (
        "SELECT DISTINCT uid FROM programming_station_record WHERE tenant = %s AND uid <> '' AND until_entry IS NULL AND "
        + reading.any_of("unit")
    )
    return sorted(uid for (uid,) in reading.fetch(sql, (tenant, reading.list_param(units))))


def _names(tenant: int, orders: Orders, units: list[int]) -> list[str]:
    """Every way in which a scanner may read these units: serial number and other names, ORDER#n, PANEL/position."""
    sql = "SELECT value FROM production_unit_name WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "unit"
    )
    found = {value for (value,) in reading.fetch(sql, (tenant, reading.list_param(units)))}
    sql = (
        "SELECT first_unit, until_unit, code, positions FROM production_panel WHERE tenant = %s AND first_unit < %s "
        "AND until_unit > %s AND until_entry IS NULL"
    )
    for unit in units:
        for first, until, code, positions in reading.fetch(sql, (tenant, unit + 1, unit)):
            places = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
            found.add(f"{code}/{places[unit - first]}")
        order = orders.of_unit(unit)
        if order:
            found.add(f"{order.code}#{order.place_of(unit)}")
    return sorted(name for name in found if len(name) <= 200)
