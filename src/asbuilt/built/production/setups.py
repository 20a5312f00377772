"""How a machine is set up for an order: what its program needs at each feeder, what is there, how much is left, what is wrong.

    setup_of(actor, machine="P&P-1", order="WO-7", side="top")     one machine
    line_of(actor, order="WO-7")                                   every machine that has a program for the order's revision

A feeder is ready; or low, where what is left lasts for fewer than 20 units; or empty; or stopped, with the reasons of
`mounting_checks`. A machine is ready where no feeder is empty or stopped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from asbuilt.access.actor import Actor
from asbuilt.access.rights import GATE_ASK
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.feeding import LATEST, Fed, GreyZones, empty_feeder, parts_at
from asbuilt.built.production.mounting_checks import Stop, Use, stops_of
from asbuilt.built.production.mounts import (
    AtFeeder,
    Mounting,
    Spliced,
    at_feeders,
    feeders_used,
    machines_mounted,
    place_of_package,
)
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.production.remaining import Left, left_in
from asbuilt.built.supply.queries import PackageFinder, PackageRow
from asbuilt.designed.catalog.programs import Program, machines_with_programs, program_in_force, programs_of
from asbuilt.designed.catalog.queries import part_codes, product_codes, revision_codes
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

LOW_UNITS = 20
READY, LOW, EMPTY, STOPPED, UNUSED = "ready", "low", "empty", "stopped", "unused"


@dataclass(frozen=True)
class FeederSeen:
    """A feeder: what it places and takes, what is there since when, by whom (a person's number), what is left, what stops it.

    `unused`: a package is there that the program does not place. `lasts_units` is for how many units what is left suffices; `under` are
    the deviation or qualification run without which the package might not be there (concession, message, note).
    """

    feeder: str
    state: str
    positions: tuple[str, ...] = ()
    part: str = ""
    package: str = ""
    lot_code: str = ""
    since: int | None = None
    operator: int | None = None
    left: Left | None = None
    lasts_units: int | None = None
    behind: tuple[Spliced, ...] = ()
    stops: tuple[Stop, ...] = field(default=(), hash=False)
    under: tuple[dict, ...] = field(default=(), hash=False)

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        left = None
        if self.left is not None:
            left = {"quantity": self.left.quantity, "least": self.left.least, "most": self.left.most}
        behind = [{"package": one.package, "grey_pieces_left": one.grey_pieces} for one in self.behind]
        return {
            "feeder": self.feeder, "state": self.state, "refdes": list(self.positions), "part": self.part,
            "package": self.package, "lot_code": self.lot_code,
            "since": None if self.since is None else format_instant(self.since), "left": left,
            "lasts_units": self.lasts_units, "behind": behind, "stops": [vars(stop) for stop in self.stops],
            "under": list(self.under),
        }  # fmt: skip


@dataclass(frozen=True)
class Setup:
    """A machine set up for an order. Without an order only what is mounted is known: `program` is empty."""

    machine: str
    order: str
    product: str
    revision: str
    side: str
    program: str
    feeders: tuple[FeederSeen, ...]

    @property
    def ready(self) -> bool:
        """Whether a step may be done with it."""
        return bool(self.program) and not any(one.state in (EMPTY, STOPPED) for one in self.feeders)

    @property
    def wanting(self) -> int:
        """How many feeders keep it from being ready."""
        return sum(one.state in (EMPTY, STOPPED) for one in self.feeders)

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        named = {name: getattr(self, name) for name in ("machine", "order", "product", "revision", "side", "program")}
        return {**named, "ready": self.ready, "feeders": [one.as_dict() for one in self.feeders]}


def package_use(tenant: int, code: str) -> tuple[Mounting | None, Left | None]:
    """Where a package is mounted (None: nowhere), and its pieces (None: no such package). Seven statements."""
    found = PackageFinder(tenant).find([code]).get(code)
    left = left_in(tenant, [found.number])[found.number] if found else None
    return place_of_package(tenant, code), left


def machines_to_set_up(actor: Actor) -> list[str]:
    """The machines that have a program or ever had a package at a feeder, by name. Two statements."""
    actor.require(GATE_ASK)
    return sorted({*machines_with_programs(actor.tenant), *machines_mounted(actor.tenant)})


def setup_of(actor: Actor, *, machine: str, order: str = "", side: str = "", program: str = "") -> Setup:
    """One machine. NotFound: no such order, no such machine, no program for it; Refused: which side is open."""
    actor.require(GATE_ASK)
    with reading.snapshot():
        if not order:
            if machine not in machines_to_set_up(actor):
                said = f"No machine {machine[:80]} has a program or a package at a feeder."
                raise NotFound("production.machine_unknown", said, {"machine": machine[:80]}, "Scan the machine again.")
            return _without_order(actor.tenant, machine)
        found = _order(actor.tenant, order)
        chosen = program_in_force(actor.tenant, found.revision, machine, side, program)
        if chosen is None:
            said = f"{machine[:80]} has no program for the product and revision of {order}."
            facts = {"machine": machine[:80], "order": order}
            raise NotFound(
                "production.program_missing",
                said,
                facts,
                "Load its rows of programs.csv first, or scan the right order.",
            )
        return _setup(actor.tenant, found, chosen)


def line_of(actor: Actor, *, order: str) -> list[Setup]:
    """Every machine and side that has a program for the order's revision, by machine. NotFound: no such order."""
    actor.require(GATE_ASK)
    with reading.snapshot():
        found = _order(actor.tenant, order)
        in_force: dict[tuple[str, str], Program] = {}
        for one in programs_of(actor.tenant, found.revision):
            in_force.setdefault((one.machine, one.side), one)
        return [_setup(actor.tenant, found, in_force[key]) for key in sorted(in_force)]


def _order(tenant: int, code: str) -> OrderRow:
    found = Orders(tenant).by_code(code)
    if found is None:
        raise order_unknown(code)
    return found


def _setup(tenant: int, order: OrderRow, program: Program) -> Setup:
    parts = parts_at(tenant, order.bom)
    needed = {one.feeder: tuple(position for position in one.positions if position in parts) for one in program.feeders}
    needed = {feeder: positions for feeder, positions in needed.items() if positions}
    there = at_feeders(tenant, program.machine, [*needed, *feeders_used(tenant, program.machine)])
    seen = _seen(tenant, order, program, needed, there, parts)
    products, revisions = product_codes(tenant), revision_codes(tenant)
    return Setup(
        program.machine, order.code, products[order.product], revisions[order.revision], program.side, program.name,
        tuple(seen),
    )  # fmt: skip


def _seen(
    tenant: int, order: OrderRow, program: Program, needed: dict, there: dict[str, AtFeeder], parts: dict
) -> list[FeederSeen]:
    packages = PackageFinder(tenant).find(one.package for one in there.values() if one.package)
    left = left_in(tenant, [one.number for one in packages.values()])
    wanted = {feeder: frozenset(parts[position] for position in positions) for feeder, positions in needed.items()}
    codes = part_codes(
        tenant, {part for some in wanted.values() for part in some} | {one.part for one in packages.values()}
    )
    used = [feeder for feeder in needed if there[feeder].package in packages]
    uses = [
        Use(packages[there[feeder].package], f"feeder {feeder} of {program.machine}", wanted[feeder]) for feeder in used
    ]
    rests: list[tuple[dict, ...]] = []
    stops = dict(zip(used, stops_of(tenant, order, uses, clock.now(), rests=rests), strict=True))
    under = dict(zip(used, rests, strict=True)) if rests else {}
    zones, seen = GreyZones(tenant, program.machine, LATEST), []
    for feeder, positions in needed.items():
        here = there[feeder]
        package = packages.get(here.package)
        if package is None:
            fed = Fed(program.feeder(feeder), positions, wanted[feeder], ())
            stops[feeder] = [empty_feeder(program.machine, fed)]
        named = ", ".join(sorted(codes[part] for part in wanted[feeder]))
        mine = _feeder(here, positions, named, package, left, stops[feeder], zones)
        seen.append(replace(mine, under=under.get(feeder, ())))
    for feeder, here in there.items():
        package = packages.get(here.package)
        if feeder not in needed and package is not None:
            seen.append(_feeder(here, (), codes[package.part], package, left, [], None))
    return seen


def _feeder(
    here: AtFeeder, positions: Sequence[str], part: str, package: PackageRow | None, left: dict[int, Left],
    stops: list[Stop], zones: GreyZones | None,
) -> FeederSeen:  # fmt: skip
    if package is None:
        return FeederSeen(here.feeder, EMPTY, tuple(positions), part, stops=tuple(stops))
    pieces = left[package.number]
    lasts = None if pieces.least is None or not positions else max(pieces.least, 0) // len(positions)
    state = STOPPED if stops else LOW if lasts is not None and lasts < LOW_UNITS else READY
    behind = (
        ()
        if zones is None
        else tuple(
            Spliced(one.package, zones.left(one, here.feeder), one.since)
            for one in here.behind
            if zones.running(one, here.feeder)
        )
    )
    return FeederSeen(
        here.feeder, state if positions else UNUSED, tuple(positions), part, package.code, package.lot_code,
        here.last.happened_at, here.last.operator, pieces, lasts, behind, tuple(stops),
    )  # fmt: skip


def _without_order(tenant: int, machine: str) -> Setup:
    there = at_feeders(tenant, machine, feeders_used(tenant, machine))
    packages = PackageFinder(tenant).find(one.package for one in there.values() if one.package)
    left, codes = (
        left_in(tenant, [one.number for one in packages.values()]),
        part_codes(tenant, {one.part for one in packages.values()}),
    )
    seen = []
    for here in there.values():
        package = packages.get(here.package)
        if package is not None:
            seen.append(_feeder(here, (), codes[package.part], package, left, [], None))
    return Setup(machine, "", "", "", "", "", tuple(seen))
