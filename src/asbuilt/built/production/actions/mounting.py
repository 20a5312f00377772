"""At the feeders: mount a package, splice one behind another, take one off. What is refused is refused loudly, with what to do.

    mount_package(actor, machine="P&P-1", feeder="12", package="PK-004417", order="WO-7")   -> Mounted
    splice_package(actor, machine="P&P-1", feeder="12", package="PK-004418", order="WO-7")
    remove_package(actor, machine="P&P-1", feeder="12")

Refused at a mount and a splice: a feeder that the program in force does not have, and all that `mounting_checks` finds; a
package that is mounted elsewhere, also where two operators scan it at the same moment, since the tenant has one writer; a feeder
that is taken (mount) or empty (splice); what is said late of a feeder that was changed since. Each is one row of mounts.csv.
The gate calls these verbs; `held` is what it found besides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import SETUP_CHANGE
from asbuilt.built.production import events
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.feeding import parts_at
from asbuilt.built.production.intake.mounts import MountsIntake
from asbuilt.built.production.mounting_checks import Stop, Use, refuse_stopped, stops_of
from asbuilt.built.production.mounts import (
    GREY_PIECES_USUAL,
    MOUNTED,
    REMOVED,
    SPLICED,
    AtFeeder,
    at_feeders,
    place_of_package,
)
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.remaining import Left, left_in
from asbuilt.built.supply.queries import PackageFinder, PackageRow, code_scanned
from asbuilt.designed.catalog.programs import Feeder, Program, program_in_force
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

GREY_PIECES_MAX = 100_000
_NOT_THERE = frozenset({"supply.package_unknown", "production.order_unknown"})


@dataclass(frozen=True)
class Mounted:
    """What was recorded: the entry and its fact, where, which package, the pieces of the grey zone (None: not a splice), what is left; `under`: the
    deviation or qualification run that lets it be there (the gate says it)."""

    entry: int
    fact: str
    machine: str
    feeder: str
    package: str
    grey_pieces: int | None = None
    left: Left | None = None
    under: tuple[dict, ...] = ()


@dataclass(frozen=True)
class _Place:
    """A feeder of the program in force for an order, and what is there."""

    order: OrderRow
    program: Program
    feeder: Feeder
    there: AtFeeder


def mount_package(
    actor: Actor,
    *,
    machine: str,
    feeder: str,
    package: str,
    order: str,
    side: str = "",
    program: str = "",
    station: str = "",
    held: Sequence[Stop] = (),
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Mounted:
    """The package is at the feeder from now on, or from `happened_at`. NotFound, Refused with the first reason, all in `facts.stops`."""

    def row(entry: Entry) -> dict[str, str]:
        place = _place(actor.tenant, machine, feeder, order, side, program)
        _refuse_changed(place.there, machine, happened_at)
        if place.there.package:
            there = place.there.package
            said = f"Feeder {feeder} of {machine} holds {there}."
            facts = {"machine": machine, "feeder": feeder, "package": package, "there": there}
            remedy = "Splice the new one behind it, or take it off first."
            raise Refused("production.feeder_taken", said, facts, remedy)
        _refuse(actor.tenant, place, _package(actor.tenant, package), _moment(entry, happened_at), held)
        return {"package": package, "what": MOUNTED, "order": order}

    said = (machine, feeder, package, order, side, program, station)
    return _recorded(actor, events.PACKAGE_MOUNTED, said, row, happened_at, request_key)


def splice_package(
    actor: Actor,
    *,
    machine: str,
    feeder: str,
    package: str,
    order: str,
    old: str = "",
    grey_pieces: int | None = None,
    side: str = "",
    program: str = "",
    station: str = "",
    held: Sequence[Stop] = (),
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Mounted:
    """The package is spliced behind the one at the feeder: of the next `grey_pieces` pieces both are possible.

    `old` is the package that the operator scanned, refused where another one is there. Without a number the feeder's of the
    program counts, else 10.
    """

    def row(entry: Entry) -> dict[str, str]:
        place = _place(actor.tenant, machine, feeder, order, side, program)
        _refuse_changed(place.there, machine, happened_at)
        _refuse_other(place.there, machine, old)
        grey = place.feeder.grey_pieces if grey_pieces is None else grey_pieces
        grey = GREY_PIECES_USUAL if grey is None else grey
        if not 0 <= grey <= GREY_PIECES_MAX:
            said = f"A grey zone has 0 to {GREY_PIECES_MAX:,} pieces."
            raise Invalid("production.grey_pieces", said, {"field": "grey_pieces", "value": grey}, "Count again.")
        _refuse(actor.tenant, place, _package(actor.tenant, package), _moment(entry, happened_at), held)
        return {"package": package, "what": SPLICED, "order": order, "grey_pieces": str(grey)}

    said = (machine, feeder, package, order, old, grey_pieces, side, program, station)
    return _recorded(actor, events.PACKAGE_SPLICED, said, row, happened_at, request_key)


def remove_package(
    actor: Actor,
    *,
    machine: str,
    feeder: str,
    package: str = "",
    station: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Mounted:
    """What is at the feeder comes off; it keeps its code and its count, and may be mounted again.

    `package` is what the operator scanned, refused where another one is there. Refused: nothing is there.
    """

    def row(entry: Entry) -> dict[str, str]:
        there = at_feeders(actor.tenant, machine, [feeder])[feeder]
        _refuse_changed(there, machine, happened_at)
        _refuse_other(there, machine, code_scanned(actor.tenant, package))
        return {"package": there.package, "what": REMOVED, "order": there.last.order}

    said = (machine, feeder, package, station)
    return _recorded(actor, events.PACKAGE_TAKEN_OFF, said, row, happened_at, request_key)


# ---- what is there, and what is refused


def _moment(entry: Entry, happened_at: int | None) -> int:
    return entry.recorded_at if happened_at is None else happened_at


def _place(tenant: int, machine: str, feeder: str, order: str, side: str, name: str) -> _Place:
    found = Orders(tenant).by_code(order)
    if found is None:
        raise order_unknown(order)
    program = program_in_force(tenant, found.revision, machine, side, name)
    if program is None:
        said = f"{machine} has no program for the product and revision of {order}."
        facts = {"machine": machine, "order": order}
        raise NotFound(
            "production.program_missing", said, facts, "Load its rows of programs.csv first, or scan the right order."
        )
    position = program.feeder(feeder)
    if position is None:
        facts = {"machine": machine, "feeder": feeder[:80], "program": program.name}
        raise feeder_unknown(facts, [one.feeder for one in program.feeders])
    return _Place(found, program, position, at_feeders(tenant, machine, [feeder])[feeder])


def feeder_unknown(facts: dict[str, str], names: Sequence[str]) -> NotFound:
    """The program in force has no such feeder; the facts name machine, feeder and program."""
    said = f"Program {facts['program']} of {facts['machine']} has no feeder {facts['feeder']}."
    remedy = did_you_mean(facts["feeder"], names) or "Scan a feeder of the list."
    return NotFound("production.feeder_unknown", said, facts, remedy)


def _package(tenant: int, code: str) -> PackageRow:
    finder = PackageFinder(tenant)
    found = finder.find([code]).get(code)
    if found is None:
        facts = {"package": code[:200]}
        raise NotFound("supply.package_unknown", f"There is no package {code[:80]}.", facts, finder.explain(code))
    return found


def _refuse(tenant: int, place: _Place, package: PackageRow, at: int, held: Sequence[Stop]) -> None:
    """Raise all that speaks against this package at this feeder."""
    parts = parts_at(tenant, place.order.bom)
    wanted = frozenset(parts[position] for position in place.feeder.positions if position in parts)
    where = f"feeder {place.feeder.feeder} of {place.program.machine}"
    if not wanted:
        said = f"The BOM of order {place.order.code} has nothing at {where}."
        facts = {"order": place.order.code, "feeder": place.feeder.feeder}
        raise Refused("production.feeder_not_used", said, facts, "Leave this feeder empty for this order.")
    elsewhere = mounted_elsewhere(tenant, package.code)
    found = stops_of(tenant, place.order, [Use(package, where, wanted)], at)[0]
    refuse_stopped([*([elsewhere] if elsewhere else []), *found, *held])


def mounted_elsewhere(tenant: int, package: str) -> Stop | None:
    """Why a package that is mounted may not be mounted again; None where it is nowhere. Two statements."""
    there = place_of_package(tenant, package)
    if there is None:
        return None
    said = f"Package {package} is mounted at feeder {there.feeder} of {there.machine}."
    facts = {"package": package, "machine": there.machine, "feeder": there.feeder, "order": there.order}
    facts["since"] = format_instant(there.happened_at)
    return Stop(
        "production.package_mounted", said, facts, "Take it off there first, or scan the package in your hand again."
    )


def _refuse_changed(there: AtFeeder, machine: str, at: int | None) -> None:
    """What is said late may not slip in before what was said in the meantime: nobody could tell what the passes between had."""
    if at is None or there.last is None or there.last.happened_at <= at:
        return
    facts = {
        "machine": machine,
        "feeder": there.feeder,
        "package": there.last.package,
        "at": format_instant(there.last.happened_at),
    }
    said = f"Feeder {there.feeder} of {machine} was changed since, with {there.last.package}."
    raise Refused("production.feeder_changed", said, facts, "Look at the feeder, and scan what is there now.")


def _refuse_other(there: AtFeeder, machine: str, scanned: str) -> None:
    facts = {"machine": machine, "feeder": there.feeder, "package": scanned, "there": there.package}
    if not there.package:
        said = f"Nothing is mounted at feeder {there.feeder} of {machine}."
        raise Refused(
            "production.nothing_mounted", said, facts, "Scan the feeder again; mount the package if it is empty."
        )
    if scanned and scanned != there.package:
        said = f"Feeder {there.feeder} of {machine} holds {there.package}, not {scanned[:80]}."
        raise Refused("production.other_package_there", said, facts, "Scan feeder and package again.")


# ---- the record


def _recorded(
    actor: Actor,
    type: str,
    said: tuple,
    row: Callable[[Entry], dict[str, str]],
    happened_at: int | None,
    request_key: str | None,
) -> Mounted:
    actor.require(SETUP_CHANGE)
    machine, feeder, station = said[0], said[1], said[-1]
    _refuse_unsaid(machine=machine, feeder=feeder)
    content = digest(type.encode(), repr(said if happened_at is None else (*said, happened_at)).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            cells = {"machine": machine, "feeder": feeder, "station": station, "operator": badge(actor), **row(entry)}
            cells["happened_at"] = format_instant(_moment(entry, happened_at))
            taken = state_rows(entry, MountsIntake, checked_rows("mounts", [cells]), missing=_NOT_THERE)
            entry.notes = {"machine": machine, "feeder": feeder, "package": cells["package"]}
            number, fact = entry.number, taken.facts[0]
    except AlreadyRecorded as known:
        number, fact = known.number, ""
    sequencing.after_commit(actor.tenant)
    return _told(actor.tenant, number, fact)


def _refuse_unsaid(**given: str) -> None:
    for name, text in given.items():
        if not text.strip() or len(text) > 200:
            raise Invalid(
                "production.setup_text", f"{name} has 1 to 200 characters.", {"field": name}, "Scan it again."
            )


def _told(tenant: int, entry: int, fact: str) -> Mounted:
    sql = "SELECT machine, feeder, package, grey_pieces FROM production_mount WHERE tenant = %s AND entry = %s"
    machine, feeder, package, grey = reading.fetch_one(sql, (tenant, entry))
    found = PackageFinder(tenant).find([package]).get(package)
    left = left_in(tenant, [found.number])[found.number] if found else None
    return Mounted(entry, fact, machine, feeder, package, grey, left)
