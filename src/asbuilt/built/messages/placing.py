"""MaterialsInstalled, MaterialsUninstalled, MaterialsApplied: which package went where, and what came off again.

- Parts that were not installed (rejected) are not counted.
- `GreyZone` above 0: the part is from the package or from the one it was spliced behind; both are possible.
- What came off leaves the position empty until something is placed there again.
- Paste, glue and coating go to the BOM line without designators that asks for their part, else to the readings of a
  process run: `paste`, `paste_lot`, `paste_quantity`. Paste that might not be used then (cold, spent, expired, quarantine, hold) is
  recorded all the same, with `paste_unfit`: an alarm, which proposes a hold.
"""

from pyroaring import BitMap

from asbuilt.built.messages import passes
from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.mounted import materials
from asbuilt.built.messages.passes import Pass
from asbuilt.built.messages.starting import process_rows, the_pass
from asbuilt.built.messages.work import Work
from asbuilt.built.production.intake.placements import Placement
from asbuilt.built.production.limits import PASTE_UNFIT
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.unfit import why_unfit
from asbuilt.built.supply.queries import PackageRow
from asbuilt.designed.catalog.queries import bom_lines
from asbuilt.formats.cfx import bodies
from asbuilt.formats.cfx.bodies import Installed
from asbuilt.kernel.errors import NotFound, Refused

APPLIED = "APPLY"


def package(work: Work, code: str) -> PackageRow:
    """The package with this code; NotFound where the record has none."""
    finder = materials(work).packages
    found = finder.find([code]).get(code)
    if found is None:
        raise NotFound(
            "supply.package_unknown", f"There is no package {code}.", {"package": code}, finder.explain(code)
        )
    return found


def package_codes(said: object) -> set[str]:
    """The codes of packages that a message speaks of, to be looked up together."""
    codes = set()
    for one in (*getattr(said, "installed", ()), *getattr(said, "applied", ())):
        codes.add(one.package.code)
        if one.package.grey > 0:
            codes.update(one.package.leading)
    codes.update(one.package for one in getattr(said, "uninstalled", ()) if one.package)
    return codes


def materials_installed(work: Work, said: bodies.MaterialsInstalled) -> str:
    """Placements of one pass."""
    known = work.pass_of(said.transaction)
    placed: list[tuple[Installed, tuple[int, ...]]] = []
    for one in said.installed:
        if one.positions:
            placed.append((one, _units(work, one, known)))
    if not any(units for _, units in placed):
        return KEPT
    turn = the_pass(work, said.transaction, tuple(unit for _, units in placed for unit in units))
    taken, found = materials(work), []
    for one, units in placed:
        candidates = _candidates(work, one)
        for unit in units:
            order = work.order_of(unit)
            taken.check(order, one.positions)
            found += [
                Placement(
                    work.at, order, unit, one.positions, candidate, certain, work.machine.machine, one.feeder,
                    one.at.at if one.at else work.when, turn,
                )
                for candidate, certain in candidates
            ]  # fmt: skip
    taken.place(found)
    if not turn.did & passes.PLACED:
        turn.did, turn.changed = turn.did | passes.PLACED, True
    return USED


def _units(work: Work, one: Installed, known: Pass | None) -> tuple[int, ...]:
    """The units of a placement. Of a whole panel only where the count says that each unit got one at each position."""
    units = work.units_of(one.place, known)
    if len(units) > 1 and one.quantity not in (None, 0, len(units) * len(one.positions)):
        raise Refused(
            "messages.which_unit",
            f"{one.package.code} was placed {one.quantity:g} times on a panel of {len(units)} units at "
            f"{len(one.positions)} positions, and no position of the panel is named.",
            {"package": one.package.code, "units": len(units)},
            "Have the machine name the unit by its position on the panel.",
        )
    return units


def _candidates(work: Work, one: Installed) -> list[tuple[PackageRow, int]]:
    """The packages that a placement may be of, and whether it is sure."""
    own = package(work, one.package.code)
    if one.package.grey <= 0:
        return [(own, 1)]
    finder = materials(work).packages
    others = finder.find(one.package.leading)
    for code in one.package.leading:
        if code not in others:
            raise NotFound(
                "supply.package_unknown", f"There is no package {code}.", {"package": code}, finder.explain(code)
            )
    return [(own, 0), *((other, 0) for other in others.values())]


def materials_uninstalled(work: Work, said: bodies.MaterialsUninstalled) -> str:
    """Removals of one pass: replacements with nothing known that went in."""
    known = work.pass_of(said.transaction)
    taken, found = materials(work), []
    for one in said.uninstalled:
        removed = package(work, one.package) if one.package else None
        for unit in work.units_of(one.place, known):
            taken.check(work.order_of(unit), one.positions)
            at = one.at.at if one.at else work.when
            found += [(unit, position, removed, one.reason or "removed", at) for position in one.positions]
    badge = work.badge(known.operator if known else work.machine.operator)
    for unit, position, removed, reason, at in found:
        taken.replacements.replace(unit, work.text_of(unit), position, removed, None, badge, reason, at)
    return USED if found else KEPT


def materials_applied(work: Work, said: bodies.MaterialsApplied) -> str:
    """Paste, glue and coating: a material run at its BOM line, else readings of a process run."""
    known = work.pass_of(said.transaction)
    placed = [(one, work.units_of(one.place, known)) for one in said.applied]
    every = tuple(unit for _, units in placed for unit in units)
    if not every:
        return KEPT
    turn = the_pass(work, said.transaction, every)
    runs, readings = [], {}
    for one, units in placed:
        found = package(work, one.package.code)
        unfit = why_unfit(work.tenant, found, work.when - work.machine.clock_off)
        for unit in units:
            order = work.order_of(unit)
            positions = one.positions or _line_of(work, order, found)
            if positions:
                materials(work).check(order, positions)
                runs.append(
                    Placement(work.at, order, unit, positions, found, 1, work.machine.machine, "", work.when, turn)
                )
            if unfit or not positions:
                key = (found.code, found.lot_code, one.quantity, one.measure, unfit)
                readings.setdefault(key, BitMap()).add(unit)
    materials(work).place(runs)
    _apply(work, turn, readings)
    if runs:
        turn.did, turn.changed = turn.did | passes.PLACED, True
    return USED


def _line_of(work: Work, order: OrderRow, found: PackageRow) -> tuple[str, ...]:
    """The position of the one BOM line without designators that asks for this part; none where none or several do."""
    groups = materials(work).groups
    lines = [groups.positions(line.group) for line in bom_lines(work.tenant, order.bom) if line.part == found.part]
    lines = [positions for positions in lines if positions == (positions[0],) and positions[0].startswith("#")]
    return lines[0] if len(lines) == 1 else ()


def _apply(work: Work, turn: Pass, readings: dict) -> None:
    for (code, lot, quantity, measure, unfit), units in readings.items():
        told = {"paste": code, "paste_lot": lot, "paste_quantity": quantity, "paste_unit": measure, PASTE_UNFIT: unfit}
        told = {key: value for key, value in told.items() if value not in (None, "")}
        process_rows(work, turn, work.machine.step or APPLIED, "completed", told, units)
        turn.did, turn.changed = turn.did | passes.PROCESSED, True
