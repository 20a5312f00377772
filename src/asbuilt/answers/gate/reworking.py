"""Rework, assembly and scrap through the gate.

    replace_part(actor, code="B7", refdes="U7", removed="PK-1", installed="PK-2", reason="solder bridge")   -> Reworked
    put_in(actor, parent="X1", child="B7", position="slot 1") · take_out(actor, child="B7", reason="display dark")
    scrap(actor, code="B7", reason="cracked")

Units that a subcontractor has may be scrapped alone. Held units may be reworked, taken out and scrapped: that is how a hold ends
well, and the hold stays. They may not be built in, and
nothing is built into them. What goes in must be released by now and alive (a part whose floor
life is over cracks under a hot iron as in an oven, J-STD-033), not on hold, by question neither, of a part that the BOM admits at the position, of a
maker's part that is approved, qualified or let in by a deviation as at a feeder, and not of another customer. A link ends, and a stated unit becomes scrapped, by a correction of its row in one entry.
"""

from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.people import badge
from asbuilt.access.queries import login_of_person
from asbuilt.access.rights import CONCESSION_APPROVE, FACT_WITHDRAW, REWORK, SCRAP
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.material_stops import material_stops
from asbuilt.answers.gate.stops import Stop
from asbuilt.answers.gate.verdicts import held_stops, outside_stops, quarantine_stops, retest_due, state_stops
from asbuilt.built.exchange.correcting import correct_fact
from asbuilt.built.exchange.withdrawing import REASON_CHARACTERS_MAX
from asbuilt.built.production.actions import assembly, rework
from asbuilt.built.production.actions.scrap import scrap_unstated
from asbuilt.built.production.events import ASSEMBLY, UNIT
from asbuilt.built.production.mounting_checks import maker_stops, rests_of
from asbuilt.built.production.orders import Orders
from asbuilt.built.supply.queries import PackageFinder, code_scanned
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines, part_codes
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import FactRow, fact_id, facts_of_units, standing
from asbuilt.ledger.recording import digest, was_recorded
from asbuilt.questions.genealogy.answering.lookup import Identity, identity_of, unit_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage.transactions import write_tx

KNOWN_FACT = "0" * 16  # stands for a fact that need not be looked up: the request was recorded before


@dataclass(frozen=True)
class Reworked:
    """What was recorded: the entry, the unit's name, test plans that ran before the rework, and holds that still stop it; `under`: the deviation or
    qualification run that lets the part be there (concession, message, note)."""

    entry: int
    name: str
    retest_due: tuple[str, ...]
    still_held: tuple[Stop, ...]
    under: tuple[dict, ...] = ()


def replace_part(
    actor: Actor,
    *,
    code: str,
    refdes: str,
    removed: str = "",
    installed: str = "",
    reason: str,
    operator: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Reworked:
    """A part of the unit with this code was replaced. Raises what production's verb raises; Refused for what may not go in."""
    actor.require(REWORK)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        removed, installed = (code_scanned(actor.tenant, text) for text in (removed, installed))
        at = clock.now() if happened_at is None else happened_at
        if not was_recorded(actor.tenant, request_key):
            refuse_stopped(
                [
                    *state_stops(view, unit, who),
                    *outside_stops(view, unit, who),
                    *_package_stops(view, unit, who, refdes, installed, at),
                ]
            )
        entry = rework.replace_part(
            actor, unit=unit, refdes=refdes, removed=removed, installed=installed, reason=reason, operator=operator,
            happened_at=happened_at, request_key=request_key,
        )  # fmt: skip
        under = _rests(view, unit, installed, at)
        found = Reworked(entry, who.name, retest_due(view, unit), tuple(held_stops(view, unit, who)), under)
    sequencing.after_commit(actor.tenant)
    return found


def _rests(view: View, unit: int, code: str, at: int) -> tuple[dict, ...]:
    package = PackageFinder(view.tenant).find([code]).get(code) if code else None
    order = Orders(view.tenant).of_unit(unit) if package else None
    return rests_of(view.tenant, order, package, at, [(unit, unit + 1)]) if order else ()


def _package_stops(view: View, unit: int, who: Identity, refdes: str, code: str, at: int):
    """Why the package with this code may not go onto the unit; an unknown code is production's to refuse."""
    package = PackageFinder(view.tenant).find([code]).get(code) if code else None
    if package is None:
        return
    facts = {"package": code, "unit": who.name, "refdes": refdes}
    order = Orders(view.tenant).of_unit(unit)
    yield from material_stops(view, package, order, facts)
    if package.owner is not None and package.owner != who.owner_number:
        said = f"Package {code} belongs to another customer."
        yield Stop("gate.package_of_another", said, facts, "Take one that is ours, or of the customer of this order.")
    groups = PositionGroups(view.tenant)
    there = {line.part for line in bom_lines(view.tenant, who.bom) if refdes in groups.positions(line.group)}
    if there and package.part not in there:
        parts = part_codes(view.tenant, [package.part, *there])
        wanted = ", ".join(sorted(parts[part] for part in there))
        said = f"Package {code} is of part {parts[package.part]}; {refdes} of {who.name} takes {wanted}."
        yield Stop(
            "gate.wrong_part",
            said,
            facts | {"part": parts[package.part], "wanted": wanted},
            f"Take a package of {wanted}.",
        )
    elif order is not None:
        yield from maker_stops(view.tenant, order, package, at, [(unit, unit + 1)], facts)


def put_in(
    actor: Actor,
    *,
    parent: str,
    child: str,
    position: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Reworked:
    """The child is inside the parent from now on, or from then. Refused: held, scrapped, in quarantine, inside something, inside itself."""
    actor.require(REWORK)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        outer, inner = unit_of(view, parent), unit_of(view, child)
        who = identity_of(view, inner)
        if not was_recorded(actor.tenant, request_key):
            refuse_stopped(stop for unit in (inner, outer) for stop in _assembly_stops(view, unit))
            refuse_stopped(inside_already(view, inner, who))
        entry = assembly.put_in(
            actor, parent=outer, child=inner, position=position, happened_at=happened_at, request_key=request_key
        )
        found = Reworked(entry, who.name, retest_due(view, inner), ())
    sequencing.after_commit(actor.tenant)
    return found


def _assembly_stops(view: View, unit: int):
    who = identity_of(view, unit)
    yield from state_stops(view, unit, who)
    yield from outside_stops(view, unit, who)
    yield from held_stops(view, unit, who)
    yield from quarantine_stops(view, unit, who)


def inside_already(view: View, unit: int, who: Identity):
    """What is inside another unit does not go anywhere by itself."""
    outer = view.parents(BitMap([unit])).get(unit)
    if outer is not None:
        name = names_of(view, BitMap([outer]))[outer]
        said = f"{who.name} is inside {name} already."
        yield Stop("gate.inside_already", said, {"unit": who.name, "inside": name}, f"Take it out of {name} first.")


def take_out(actor: Actor, *, child: str, reason: str, operator: str = "", request_key: str | None = None) -> Reworked:
    """The child is inside nothing any more: its link ends now. Refused where it is inside nothing."""
    actor.require(REWORK)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        unit = unit_of(view, child)
        who = identity_of(view, unit)
        again = was_recorded(actor.tenant, request_key)
        link = (
            None if again else _standing(actor.tenant, unit, ASSEMBLY.name, lambda row: row[1] == unit and not row[4])
        )
        if link is None and not again:
            said, remedy = f"{who.name} is inside nothing.", "Scan the unit that comes out."
            raise Refused("gate.inside_nothing", said, {"unit": who.name}, remedy)
        if not again:
            refuse_stopped(outside_stops(view, unit, who))
        content = digest(b"take_out", str(unit).encode(), reason.encode(), operator.encode())
        entry = _corrected(
            actor, REWORK, link, {"removed_at": format_instant(clock.now())}, reason, operator, request_key, content
        )
        found = Reworked(entry, who.name, retest_due(view, unit), tuple(held_stops(view, unit, who)))
    sequencing.after_commit(actor.tenant)
    return found


def scrap(actor: Actor, *, code: str, reason: str, operator: str = "", request_key: str | None = None) -> Reworked:
    """The unit is scrapped for good. Refused where it is already, or is inside another unit."""
    actor.require(SCRAP)
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX:
        remedy = f"Say why in up to {REASON_CHARACTERS_MAX:,} characters."
        raise Invalid("gate.scrap_reason", "Scrapping needs a reason.", {}, remedy)
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        again = was_recorded(actor.tenant, request_key)
        if not again:
            refuse_stopped([*state_stops(view, unit, who), *inside_already(view, unit, who)])
        row = _standing(actor.tenant, unit, UNIT.name, lambda row: row[0] == unit)
        if row is None:
            entry = scrap_unstated(actor, unit=unit, reason=reason, request_key=request_key)
        else:
            content = digest(b"scrap", str(unit).encode(), reason.encode(), operator.encode())
            entry = _corrected(
                actor, SCRAP, None if again else row, {"state": "scrapped"}, reason, operator, request_key, content
            )
        found = Reworked(entry, who.name, (), ())
    sequencing.after_commit(actor.tenant)
    return found


def _standing(tenant: int, unit: int, shape: str, wanted) -> FactRow | None:
    """The fact of this shape about the unit that stands and is wanted, or None."""
    facts = facts_of_units(tenant, unit, unit + 1, [shape])
    return next((fact for fact, _ in standing(tenant, facts) if wanted(fact.values)), None)


def _corrected(
    actor: Actor, right: str, row: FactRow | None, cells: dict, reason: str, operator: str, request_key, content: bytes
) -> int:
    """Correct the row on the strength of the right to do this, which is narrower than the right to correct."""
    actor.require(right)
    fact = fact_id(actor.tenant, row.entry, row.shape, row.row) if row else KNOWN_FACT
    # what comes out or is scrapped stops more than before: nothing is let go that asks for whoever agrees for the house
    allowed = replace(actor, rights=actor.rights | {FACT_WITHDRAW, CONCESSION_APPROVE})
    unit = row.values[0] if row and row.shape == UNIT.name else None
    report = correct_fact(
        allowed, fact, cells, reason=reason, person=operator or _code_of(actor), decided_at=clock.now(), first_unit=unit,
        until_unit=None if unit is None else unit + 1, request_key=request_key, content=content,
    )  # fmt: skip
    return report.entry


def _code_of(actor: Actor) -> str:
    """Who acts, as a person's code: badge, else login, else what entries say."""
    login = login_of_person(actor.tenant, actor.person) if actor.person is not None else None
    return badge(actor) or (login.name if login else actor.label)
