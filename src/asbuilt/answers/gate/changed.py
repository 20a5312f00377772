"""ECOs at the gate: whether units are built the way that holds for them, and a step by the process revisions that were approved.

    changed(view, around(view, units))            -> what stops units at any step, at packing and when they leave
    process_stops(view, units, done)              -> what stops a step by its program, paste, stencil, software
    package_stops(tenant, package, order)         -> what stops a package at a feeder, for a whole order
    permit_stops(tenant, draft)                   -> what stops a permit, by its images and test plans

A unit behind the boundary of an ECO is built the new way, one before it the old way. A date speaks of units by when they were begun, of a process
by when the step is done. A unit that only possibly has the value of the other way (around a splice, interleaved, of a package without an MPN) is
stopped like one that has it: nobody can say that it is built as it has to be, and a concession lets it pass. An ECO whose approval was taken back holds up the units behind its
boundary. What no ECO speaks of is not judged.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.answers.gate.missing import Around, Missing, came_to, plain
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.production.actions.steps import Feeding, StepDone
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.programming.drafts import PermitDraft
from asbuilt.built.programming.permit_choices import Bounded
from asbuilt.built.supply.queries import PackageFinder, PackageRow
from asbuilt.designed.catalog.queries import part_codes, product_codes, revision_codes
from asbuilt.designed.changes.controlling.chains import Chain, Held, Step
from asbuilt.designed.changes.controlling.eco import (
    FIRMWARE,
    PART,
    PASTE,
    PROCESS,
    PROGRAM,
    TEST_PLAN,
)
from asbuilt.designed.changes.controlling.process_revisions import Control, controls_of, held
from asbuilt.designed.changes.controlling.queries import in_force
from asbuilt.kernel.permits import Permit
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UnitSet, bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.changes_built import graded_with, parts_of_packages
from asbuilt.questions.genealogy.evaluating.trial_units import tried, units_tried
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

ANY = "SELECT DISTINCT name FROM changes_line WHERE tenant = %s AND kind = 'boundary_of'"
WORDS = {"bom": "BOM version", "part": "part", "firmware": "firmware", "test_plan": "test plan version"}


def changed(view: View, asked: Around) -> Iterator[Missing]:
    """What stops these units. Nothing is read where no ECO has a boundary."""
    if not view.recorded.changes:
        return
    bounded = {name for (name,) in reading.fetch(ANY, (view.tenant,))}
    codes = product_codes(view.tenant)
    mine: dict[str, BitMap] = {}
    for block, low, until in view.reaches(asked.all):
        if codes[block.product] in bounded:
            mine.setdefault(codes[block.product], BitMap()).update(asked.all & BitMap(range(low, until)))
    for product, units in mine.items():
        for chain in in_force(view.tenant, [product]):
            if chain.key[1] != PROCESS:
                yield from _of_chain(view, asked, chain, units)


def _of_chain(view: View, asked: Around, chain: Chain, units: BitMap) -> Iterator[Missing]:
    begun = begun_of(view, units) if chain.by_date else {}
    now = clock.now()
    values = {chain.written(value): value for value in sorted(chain.values)}.values()
    have = {value: graded_with(view, chain.steps[0].change, value, units, unnamed=True) for value in values}
    if chain.key[1] == PART:
        have = {
            value: with_it.without(units_tried(view.tenant, value))
            for value, with_it in have.items()
            if with_it.possible
        }
    for wanted, some in segments(chain, units, begun, now):
        if wanted.by is not None and not wanted.by.approved and (found := asked.outer(some)):
            yield suspended(wanted.by, found)
        for value, with_it in have.items():
            if chain.differ(value, wanted.value):
                for one in _crossed(chain, wanted, value, with_it.within(some), asked):
                    step = wanted.by or wanted.next
                    came = {unit: step.boundary.side_since(unit, begun.get(unit, now)) for unit in some}
                    yield replace(one, came=came_to(asked, came))


def segments(chain: Chain, units: BitMap, begun: dict[int, int], now: int) -> Iterator[tuple[Held, BitMap]]:
    """The units by what holds for them; spans where boundaries are units, one by one where they are dates."""
    if not chain.by_date:
        ends = sorted({one.boundary.first_unit for one in chain.steps})
        for low, high in zip([0, *ends], [*ends, units.max() + 1], strict=True):
            if some := units & BitMap(range(low, max(low, high))):
                yield chain.at(some[0], now), some
        return
    found: dict[Held, BitMap] = {}
    for unit in units:
        found.setdefault(chain.at(unit, begun.get(unit, now)), BitMap()).add(unit)
    yield from found.items()


def begun_of(view: View, units: BitMap) -> dict[int, int]:
    """Unit -> when its first step began; one without a step is left out. One statement."""
    rows = view.rows_reached("t.first_unit, t.until_unit, t.started_at", "production_process_run", view.reaches(units))
    found: dict[int, int] = {}
    for first, until, at in rows:
        for unit in units & BitMap(range(first, until)):
            found[unit] = min(at, found.get(unit, at))
    return found


def _crossed(chain: Chain, wanted: Held, value: str, having: UnitSet, asked: Around) -> Iterator[Missing]:
    """Units of the wrong way: those that have the value, and those that may have it, of which nobody can say that they are built as they have to be."""
    product, kind, *subject = chain.key
    step = wanted.by or wanted.next
    where = "behind" if wanted.by is not None else "before"
    what = f"{WORDS[kind]} {' '.join(subject) + ' ' if kind != 'bom' else ''}"
    remedy = f"Build it with {plain(wanted.value)}, or have a concession agreed to."
    certain = asked.outer(having.certain)
    for grade, units, has in (
        (CERTAIN, certain, "has"),
        (POSSIBLE, asked.outer(having.possible) - certain, "possibly has"),
    ):
        if not units:
            continue
        said = (
            f"{{unit}} lies {where} the boundary of {step.eco} ({plain(step.boundary.value)}): it is built with {plain(what)}"
            f"{plain(wanted.value)}, and {has} {plain(value)}."
        )
        facts = {
            "eco": step.eco, "boundary": step.boundary.value, "product": product, "kind": kind, "subject": subject,
            "wanted": wanted.value, "found": value, "certainty": grade,
        }  # fmt: skip
        yield Missing("change_boundary", step.eco, BitMap(units), said, remedy, facts)


def suspended(step: Step, units: BitMap) -> Missing:
    """An ECO that is not approved any more stops the units behind its boundary."""
    said = f"{{unit}} lies behind the boundary of {step.eco}, which is not approved any more."
    remedy = f"Have {step.eco} approved again, or hold the units."
    return Missing("change_suspended", step.eco, units, said, remedy, {"eco": step.eco})


# ---- the process of a step


def process_stops(
    view: View, units: Sequence[int], done: StepDone, feeding: Feeding | None = None, *, before: bool = False
) -> Iterator[Stop]:
    """What stops the step by what it ran by, for the products that control it. Nothing is read where nothing is under control.

    `before`: it is asked before the step is done, and what nobody said yet is no reason to stop it.
    """
    if not view.recorded.changes:
        return
    codes = product_codes(view.tenant)
    products: dict[str, BitMap] = {}
    for block, low, until in view.reaches(BitMap(units)):
        products.setdefault(codes[block.product], BitMap()).update(BitMap(units) & BitMap(range(low, until)))
    for product, mine in products.items():
        controls = [
            one
            for one in controls_of(view.tenant, product)
            if one.step == done.step and (one.side in ("", done.side) or not done.side)
        ]
        chains = in_force(view.tenant, [product]) if controls else []
        for control in controls:
            said = ran_by(view.tenant, control.aspect, done, feeding)
            if said or not before:
                yield from _of_control(control, chains, mine, done, said)


def _of_control(control: Control, chains: Sequence[Chain], units: BitMap, done: StepDone, said: str) -> Iterator[Stop]:
    at = clock.now() if done.finished_at is None else done.finished_at
    for unit in units:
        wanted = held(control, chains, unit, at)
        by = wanted.by
        facts = {
            "product": control.product, "step": control.step, "side": control.side, "aspect": control.aspect,
            "approved": wanted.value, "found": said, "eco": by.eco if by else "",
        }  # fmt: skip
        if by is not None and not by.approved:
            told = f"{control.name} of {control.product}: {by.eco} is not approved any more."
            yield Stop("gate.change_suspended", told, facts, f"Have {by.eco} approved again.")
            return
        if said != wanted.value:
            ran = f"{said} was not approved" if said else "nothing says by which it ran"
            told = (
                f"{control.name} of {control.product}: {ran}. Approved is {wanted.value}{f' ({by.eco})' if by else ''}."
            )
            remedy = f"Set the machine to {wanted.value}, or propose an ECO for {said or 'another one'}."
            yield Stop("gate.process_revision", told, facts, remedy)
            return


def ran_by(tenant: int, aspect: str, done: StepDone, feeding: Feeding | None) -> str:
    """What a step says that it runs by; empty where it says nothing."""
    if aspect == PROGRAM:
        return done.program or next((one.program for one in (feeding or {}).values()), "")
    said = (done.readings or {}).get(aspect)
    said = said if isinstance(said, str) else ""
    if aspect == PASTE and said:
        return parts_of_packages(tenant, {said}).get(said, said)
    return said


def fed_stops(view: View, units: Sequence[int], feeding: Feeding) -> Iterator[Stop]:
    """What stops a step at a machine that places: a part at its feeders that one of these units may not have. Nothing is read without a setup."""
    for one in feeding.values():
        chains = _part_chains(view.tenant, one.order)
        packages = (
            PackageFinder(view.tenant).find(code for fed in one.feeders for code in fed.packages) if chains else {}
        )
        for package in packages.values():
            yield from _wrong_for(view, one.order, chains, package, units)


def hand_stops(view: View, units: Iterable[int], order: OrderRow, package: PackageRow) -> Iterator[Stop]:
    """What stops a package that is placed by hand: one of these units may not have its part."""
    yield from _wrong_for(view, order, _part_chains(view.tenant, order), package, units)


def _part_chains(tenant: int, order: OrderRow) -> list[Chain]:
    return [chain for chain in _chains(tenant, order) if chain.key[1] == PART]


def _wrong_for(
    view: View, order: OrderRow, chains: Sequence[Chain], package: PackageRow, units: Iterable[int]
) -> Iterator[Stop]:
    now = clock.now()
    part = part_codes(view.tenant, [package.part])[package.part] if chains else ""
    for chain in chains:
        values = _may_hold(view.tenant, chain, package, order) if chain.key[2] == part else []
        if not values:
            continue
        value = " or ".join(values)
        mine = BitMap(unit for unit in units if order.place_of(unit) is not None)
        begun = begun_of(view, mine) if chain.by_date else {}
        holds = [chain.at(unit, begun.get(unit, now)) for unit in mine]
        wrong = next((one for one in holds if _differs(chain, one, values)), None)
        if wrong is not None:
            yield _wrong_package(order, package, wrong, value)
        elif (held_up := next((one for one in holds if _taken_back(one)), None)) is not None:
            yield _held_up(order, held_up, value, f"Package {package.code}")


def _may_hold(tenant: int, chain: Chain, package: PackageRow, order: OrderRow) -> list[str]:
    """The maker's parts of a chain that a package may hold: what its lot does not say stands for any. Empty where no change speaks of it, or it is tried
    on this order."""
    if package.maker and package.mpn:
        value = f"{package.maker}/{package.mpn}"
        found = [value] if chain.speaks_of(value) else []
    else:
        parts = {value: value.casefold().partition("/") for value in sorted(chain.values)}
        found = [
            value
            for value, (maker, _, mpn) in parts.items()
            if package.maker.casefold() in ("", maker) and package.mpn.casefold() in ("", mpn)
        ]
    return [] if any(order.code in tried(tenant, value) for value in found) else found


def _differs(chain: Chain, held_so: Held, values: Sequence[str]) -> bool:
    """Whether one of the values is not what holds: of a package that may hold several nobody knows that it is the right one."""
    return any(chain.differ(held_so.value, value) for value in values)


def _wrong_package(order: OrderRow, package: PackageRow, wrong: Held, value: str) -> Stop:
    step = wrong.by or wrong.next
    facts = {"order": order.code, "eco": step.eco, "boundary": step.boundary.value, "wanted": wrong.value, "found": value, "package": package.code}  # fmt: skip
    said = f"Package {package.code} has {value}; by the boundary of {step.eco} ({step.boundary.value}) these units are built with {wrong.value}."
    return Stop("gate.change_boundary", said, facts, f"Mount a package of {wrong.value}.")


# ---- before a unit is at hand


def package_stops(tenant: int, package: PackageRow, order: OrderRow | None) -> Iterator[Stop]:
    """What stops a package at a feeder: it is of a maker's part that no unit of the order may have. Where the order lies on both sides each unit
    is asked at its step."""
    if order is None:
        return
    part = part_codes(tenant, [package.part])[package.part]
    for chain in _part_chains(tenant, order):
        values = _may_hold(tenant, chain, package, order) if chain.key[2] == part else []
        if values:
            yield from _whole_order(tenant, chain, order, values, f"Package {package.code}")


def permit_stops(tenant: int, draft: PermitDraft) -> Iterator[Stop]:
    """What stops a permit: its images or test plans are not those that hold for the units of the order. One that lies on both sides is split first."""
    order = Orders(tenant).by_code(draft.order)
    asked = {(FIRMWARE, one.role): one.version for one in draft.images} | {
        (TEST_PLAN, one.plan): one.version for one in draft.tests
    }
    for chain in _chains(tenant, order) if order is not None else ():
        value = asked.get(tuple(chain.key[1:3]))
        if value is not None and chain.speaks_of(value):
            yield from _whole_order(tenant, chain, order, [value], f"The permit for {order.code}", both=True)


def versions_bounded(tenant: int, draft: PermitDraft) -> frozenset[tuple[str, str, str]]:
    """(firmware or test_plan, role or plan, version) of a draft of which the boundary of an ECO says for which units they hold; that they hold for these
    is `permit_stops`."""
    order = Orders(tenant).by_code(draft.order)
    chains = {one.key[1:3]: one for one in _chains(tenant, order)} if order is not None else {}
    asked = [(FIRMWARE, one.role, one.version) for one in draft.images]
    asked += [(TEST_PLAN, one.plan, one.version) for one in draft.tests]
    return frozenset(one for one in asked if one[:2] in chains and chains[one[:2]].speaks_of(one[2]))


def firmware_bounded(tenant: int, order: OrderRow) -> dict[str, Bounded]:
    """Image role -> what ECOs say of it for this order. Nothing is read but that no ECO has a boundary where none has."""
    found = {}
    for chain in (one for one in _chains(tenant, order) if one.key[1] == FIRMWARE):
        holds = _by_begun(tenant, chain, order) if chain.by_date else _by_places(chain, order)
        held = {one.value: (one.by or one.next).eco for one in holds}
        # units on both sides of a date are in no two orders: each is asked at its step
        split = {(one.by or one.next).eco: None for one in holds} if len(held) > 1 and not chain.by_date else {}
        offered = frozenset() if split else {one.value for one in holds if not _taken_back(one)}
        found[chain.key[2]] = Bounded(tuple(held.items()), chain.values, frozenset(offered), tuple(split))
    return found


def _taken_back(one: Held) -> bool:
    return one.by is not None and not one.by.approved


def _held_up(order: OrderRow, one: Held, value: str, who: str) -> Stop:
    """Every unit that may have the value lies behind a boundary whose ECO is not approved any more."""
    step = one.by
    said = f"{who} has {value}; {step.eco} brings it, and is not approved any more."
    facts = {"order": order.code, "eco": step.eco, "boundary": step.boundary.value, "found": value}
    return Stop("gate.change_suspended", said, facts, f"Have {step.eco} approved again.")


def units_against(tenant: int, order: OrderRow, permit: Permit) -> BitMap:
    """Units of the order that a permit may not program (any more): they have another version by an ECO, or one that is not approved any more."""
    asked = {(FIRMWARE, one.role): one.version for one in permit.images} | {
        (TEST_PLAN, one.plan): one.version for one in permit.tests
    }
    units, found, now = bitmap_of(order.blocks), BitMap(), clock.now()
    for chain in _chains(tenant, order):
        if chain.key[1] not in (FIRMWARE, TEST_PLAN):
            continue
        value = asked.get(tuple(chain.key[1:3]))
        if value is None or not chain.speaks_of(value):
            continue
        begun = begun_of(View(local_system(tenant)), units) if chain.by_date else {}
        for held_so, some in segments(chain, units, begun, now):
            if chain.differ(held_so.value, value) or _taken_back(held_so):
                found |= some
    return found


def _chains(tenant: int, order: OrderRow) -> list[Chain]:
    if reading.fetch_one(ANY + " LIMIT 1", (tenant,)) is None:
        return []
    revision = revision_codes(tenant)[order.revision]
    found = in_force(tenant, [product_codes(tenant)[order.product]])
    return [one for one in found if one.key[1] != "bom" or one.key[2] == revision]


def _by_places(chain: Chain, order: OrderRow) -> list[Held]:
    """What holds for the units of the order, by boundaries that are units."""
    ends = {unit for first, until in order.blocks for unit in (first, until - 1)}
    ends |= {
        unit for one in chain.steps if one.boundary.first_unit is not None
        for unit in (one.boundary.first_unit - 1, one.boundary.first_unit) if any(first <= unit < until for first, until in order.blocks)
    }  # fmt: skip
    return [chain.at(unit, 0) for unit in sorted(ends)]


def _by_begun(tenant: int, chain: Chain, order: OrderRow) -> list[Held]:
    """What holds for the units of the order, by dates: by when they were begun; for those that are not, what holds now."""
    units = bitmap_of(order.blocks)
    begun = begun_of(View(local_system(tenant)), units)
    instants = set(begun.values()) | ({clock.now()} if len(begun) < len(units) else set())
    return [chain.at(units.min(), at) for at in sorted(instants)]


def _whole_order(
    tenant: int, chain: Chain, order: OrderRow, values: Sequence[str], who: str, *, both: bool = False
) -> Iterator[Stop]:
    """A stop where no unit of the order may have the value (one of the values), or those that may are held up; with `both` also where only some may,
    by where they lie."""
    value = " or ".join(values)
    holds = _by_begun(tenant, chain, order) if chain.by_date else _by_places(chain, order)
    wrong = [one for one in holds if _differs(chain, one, values)]
    fits = [one for one in holds if one not in wrong]
    if fits and all(_taken_back(one) for one in fits):
        yield _held_up(order, fits[0], value, who)
        return
    # units on both sides of a date are in no two orders: each is asked at its step
    if not wrong or (len(wrong) < len(holds) and (not both or chain.by_date)):
        return
    step = wrong[0].by or wrong[0].next
    facts = {
        "order": order.code,
        "eco": step.eco,
        "boundary": step.boundary.value,
        "wanted": wrong[0].value,
        "found": value,
    }
    if len(wrong) < len(holds):
        said = f"{who} has {value}, and {order.code} lies on both sides of the boundary of {step.eco} ({step.boundary.value})."
        yield Stop("gate.change_boundary", said, facts, "Split the order at the boundary, and permit each part.")
        return
    said = f"{who} has {value}; {order.code} is built with {wrong[0].value}, by the boundary of {step.eco} ({step.boundary.value})."
    yield Stop("gate.change_boundary", said, facts, f"Take {wrong[0].value}.")
