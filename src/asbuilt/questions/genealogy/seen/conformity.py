"""The certificate of conformity of a shipment: what the record shows of it and what it does not, as counts.

    conformity(actor, "SH-7")     -> Conformity
    conformity_text(…)            -> the same as a text of plain lines

Positions without a record are counted: a gap is reported, never filled. It never says more than the record.
"""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.approved_makers import meant_for, unapproved_among
from asbuilt.built.production.other_parts import wanted_at
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.quality.concessions import ConcessionSeen
from asbuilt.built.quality.nonconformities import REPAIR, USE_AS_IS, left_as_they_were
from asbuilt.built.supply.queries import PackageRow
from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.designed.catalog.test_plans import Version, plans_for
from asbuilt.designed.changes.qualifying.sheets import REVOKED, was_meant
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import opened
from asbuilt.ledger import clock, sequencing
from asbuilt.questions.genealogy.answering.serials import drawn_as
from asbuilt.questions.genealogy.seen.shipped_tables import test_rows
from asbuilt.questions.genealogy.seen.shipped_units import (
    ShippedUnits,
    agreed_by,
    alternates_told,
    blocks,
    carried_by,
    conceded,
    deviations_told,
    read_shipment,
    runs_told,
)
from asbuilt.storage import reading

SERIALS_PRINTED_MAX = 20
_AS = {USE_AS_IS: "used as they are", REPAIR: "repaired"}


@dataclass(frozen=True)
class Counted:
    """A line of evidence: what, how many units of how many."""

    what: str
    units: int
    of: int


@dataclass(frozen=True)
class Conceded:
    """A concession on the certificate: what it lets go (a reason of the gate, and which one: empty for any), why, until when, for which units of the
    shipment, and who agreed."""

    code: str
    allows: str
    subject: str
    reason: str
    until_at: int
    units: int
    serials: tuple[str, ...]
    agreed_by: str


@dataclass(frozen=True)
class Conformity:
    """What the certificate of conformity prints. `by_document` are concessions, deviations and dispositions to which a party agreed by a document alone, `gaps` is what the record does not show; `alternates` say run, maker and number, whether that
    was revoked since, units that carry it for certain, and that only may."""

    shipment: str
    issuer: str
    customer: str
    country: str
    shipped_at: int
    units: int
    products: tuple[tuple[str, str, int], ...]
    tests: tuple[Counted, ...]
    firmware: tuple[Counted, ...]
    lots: int
    concessions: tuple[Conceded, ...]
    deviations: tuple[tuple[str, str, int], ...]
    alternates: tuple[tuple[str, str, bool, int, int], ...]
    dispositions: tuple[tuple[str, str, str, int], ...]
    by_document: tuple[str, ...]
    gaps: tuple[Counted, ...]
    serials: tuple[str, ...]
    origin: str
    size: int
    root: str
    recorded_by: int | None


def conformity(actor: Actor, code: str) -> Conformity:
    """What the certificate of conformity of a shipment prints."""
    with reading.snapshot():
        return conformity_of(read_shipment(actor, code))


def _printed(found: ShippedUnits, one: ConcessionSeen) -> Conceded:
    serials = tuple(found.names[unit] for unit in one.units & found.units)
    return Conceded(one.code, one.allows, one.subject, one.reason, one.until_at, len(serials), serials, agreed_by(one))


def _not_tested(found: ShippedUnits, last: Mapping[str, Mapping[str, tuple[str, str]]]) -> tuple[int, int]:
    """(how many units have no test at all because each plan in force for them draws others, how many have tests and lack one that a plan in force
    draws them for). One statement for each product and revision."""
    drawn_out = lacking = 0
    plans: dict[tuple[str, str], list[Version]] = {}
    tested = {serial for units in last.values() for serial in units}
    for (_, product, revision, _), units in blocks(found):
        if (product, revision) not in plans:
            at = clock.now() if found.left_by is None else found.recorded_at
            plans[product, revision] = plans_for(found.view.tenant, product, revision, at)
        asked = plans[product, revision]
        here = units & found.units if asked else BitMap()
        called = drawn_as(found.view, here)
        for unit in here:
            name = found.names[unit]
            missing = [one for one in asked if name not in last.get(one.plan, {}) and one.content.samples(called[unit])]
            lacking += bool(missing) and name in tested
            drawn_out += not missing and name not in tested
    return drawn_out, lacking


def conformity_of(found: ShippedUnits) -> Conformity:
    tenant = found.view.tenant
    products: dict[tuple[str, str], int] = defaultdict(int)
    for (_, product, revision, _), units in blocks(found):
        products[product, revision] += len(units & found.outer)
    last: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for serial, plan, version, outcome, *_ in test_rows(found):
        last[plan][serial] = (version, outcome)
    tested = {serial for units in last.values() for serial in units}
    drawn_out, lacking = _not_tested(found, last)
    not_passed = {serial for units in last.values() for serial, (_, outcome) in units.items() if outcome != "pass"}
    carried = list(carried_by(found))
    firmware = runs_told(found, carried)
    runs = Tally(f"{one.product} {role} {one.version}" for (_, role), one in firmware.items())
    loaded = BitMap(unit for unit, _ in firmware)
    known = packages_of(tenant, {package for _, _, package, _ in carried})
    possible = BitMap().union(*(units for units, _, _, certain in carried if not certain)) if carried else BitMap()
    silent = _without_record(found)
    own = own_party(tenant, clock.now())
    names = parties_named(tenant, {number for number in (own, found.row.customer) if number})
    origin, size, root, _ = sequencing.head(tenant)
    passed = [
        Counted(
            f"{plan} {version}".strip(), sum(said == (version, "pass") for said in units.values()), len(found.units)
        )
        for plan, units in sorted(last.items())
        for version in sorted({version for version, _ in units.values()})
    ]
    gaps = (
        Counted("positions without a material record", len(silent), len(found.units)),
        Counted("material that is only possible", len(possible), len(found.units)),
        Counted("a part neither approved nor qualified", len(_unapproved(found, carried)), len(found.units)),
        Counted("another part than the BOM asks for", len(_other_parts(found, carried)), len(found.units)),
        Counted("no test recorded", len(found.units) - len(tested) - drawn_out, len(found.units)),
        Counted("a test in force without a run", lacking, len(found.units)),
        Counted("the last run of a test did not pass", len(not_passed), len(found.units)),
        Counted("not in the sample of a test", drawn_out, len(found.units)),
        Counted("no programming recorded", len(found.units - loaded), len(found.units)),
    )
    let_go, left = conceded(found), left_as_they_were(tenant, found.units, found.left_by)
    otherwise = deviations_told(found)
    by_document = [
        *(one.code for one in let_go if one.by_document),
        *(one.code for one, _ in otherwise if one.by_document),
        *(one.nonconformity for one in left if one.by_document),
    ]
    return Conformity(
        found.row.code, names.get(own, "") if own else "", names.get(found.row.customer, ""), found.row.country, found.shipped_at,
        len(found.outer), tuple((*key, count) for key, count in sorted(products.items()) if count), tuple(passed),
        tuple(Counted(what, count, len(found.units)) for what, count in sorted(runs.items())),
        len({row.lot for row in known.values()}),
        tuple(_printed(found, one) for one in let_go),
        tuple((one.code, f"{one.subject}: {one.why}", len(units)) for one, units in otherwise),
        tuple(
            (each.one.run, f"{each.one.maker} {each.one.mpn}".strip(), each.one.state == REVOKED, len(each.certain), len(each.possible))
            for each in alternates_told(found)
        ),
        tuple(
            (one.nonconformity, one.decision, one.reason, len(one.units)) for one in left
        ),
        tuple(by_document),
        tuple(one for one in gaps if one.units), tuple(found.names[unit] for unit in found.outer), origin, size, bytes(root).hex(),
        found.left_by,
    )  # fmt: skip


def _unapproved(found: ShippedUnits, carried: list[tuple]) -> BitMap:
    """Units that carry, or may, a maker's part that nobody had approved or that nobody knows, and that no deviation let be built so."""
    tenant = found.view.tenant
    packages = {package for _, _, package, _ in carried}
    against = {
        one.package.number: one for one in unapproved_among(tenant, packages, as_of=found.left_by, unqualified=True)
    }
    over = deviations_told(found) if against else []
    units = BitMap()
    for mine, _, package, _ in carried:
        if one := against.get(package):
            said = (one.part, one.package.mpn, one.package.maker)
            for each, some in over:
                mine = mine - some if each.allows_part(*said) else mine
            units |= mine
    return units


def _other_parts(found: ShippedUnits, carried: list[tuple]) -> BitMap:
    """Units that carry, or may, another part of ours than their BOM version takes there: what nobody had approved and no run qualified for it, and
    no deviation let be built so."""
    view, units = found.view, BitMap()
    known = packages_of(view.tenant, {package for _, _, package, _ in carried})
    built: dict[int, BitMap] = defaultdict(BitMap)
    for block, low, until in view.reaches(found.units):
        built[block.bom].update(range(low, until))
    for bom, here in built.items():
        wanted = wanted_at(view.tenant, bom, view.groups, found.left_by)
        for mine, positions, package, _ in carried:
            meant = {frozenset(wanted[one]) for one in positions if known[package].part not in wanted.get(one, {known[package].part})}  # fmt: skip
            for parts in meant if mine & here else ():
                units |= _not_meant(found, mine & here, known[package], parts)
    return units


def _not_meant(found: ShippedUnits, mine: BitMap, package: PackageRow, parts: frozenset[int]) -> BitMap:
    codes = part_codes(found.view.tenant, parts)
    named = meant_for(found.view.tenant, codes, package, as_of=found.left_by)
    if named is None or any(was_meant(one, found.left_by) for one in named):
        return BitMap()
    for each, some in deviations_told(found):
        if package.mpn and any(each.allows_part(part, package.mpn, package.maker) for part in codes.values()):
            mine = mine - some
    return mine


def _without_record(found: ShippedUnits) -> BitMap:
    """Units with a position that has no certain record. One statement."""
    orders = sorted({block.order for block, _, _ in found.view.reaches(found.units)})
    sql = "SELECT h.first_unit, h.until_unit, h.units FROM production_material_hole h WHERE h.tenant = %s AND "
    rows = reading.fetch(sql + reading.any_of("h.work_order"), (found.view.tenant, reading.list_param(orders)))
    return BitMap().union(*(BitMap(opened(*row)) for row in rows)) & found.units if rows else BitMap()


def _alternate_line(run: str, part: str, revoked: bool, certain: int, possible: int) -> str:
    since, maybe = ", revoked since" if revoked else "", f", possibly {possible} more" if possible else ""
    return f"  alternate {part}, qualified in {run}{since}, on {certain} units{maybe}"


def _concession_lines(one: Conceded) -> Iterator[str]:
    what = f"{one.allows.replace('_', ' ')} {one.subject or '(any)'}"
    shown, more = " ".join(one.serials[:SERIALS_PRINTED_MAX]), len(one.serials) - SERIALS_PRINTED_MAX
    yield f"  concession {one.code} for {one.units} units: {one.reason}"
    yield f"    lets go: {what}; until {format_instant(one.until_at)[:16]}Z; {shown}{f' and {more} more, in concessions.csv' if more > 0 else ''}"


def conformity_text(said: Conformity) -> str:
    """The certificate of conformity as a text of plain lines: what the record shows, and what it does not."""
    lines = [
        f"CERTIFICATE OF CONFORMITY   shipment {said.shipment}",
        f"Issued by {said.issuer or 'the keeper of this record'} for {said.customer}, {said.country}; shipped {format_instant(said.shipped_at)[:10]}.",
        "",
        f"{said.units} units:",
        *(f"  {count} × {product} {revision}" for product, revision, count in said.products),
        "",
        "What the record shows of them and of what is inside them:",
        *(f"  passed {one.what}: {one.units} of {one.of}" for one in said.tests),
        *(f"  runs {one.what}: {one.units} of {one.of}" for one in said.firmware),
        f"  material of {said.lots} lots, by position, in materials.csv",
        *(line for one in said.concessions for line in _concession_lines(one)),
        *(f"  deviation {code} for {count} units: {reason}" for code, reason, count in said.deviations),
        *(_alternate_line(*each) for each in said.alternates),
        *(f"  {code}, {_AS[decision]}, {count} units: {reason}" for code, decision, reason, count in said.dispositions),
        *(f"  {code}: {UNCHECKED}" for code in said.by_document),
        "",
        "What it does not show:",
        *(f"  {one.what}: {one.units} of {one.of}" for one in said.gaps),
        *(() if said.gaps else ("  no gap is known",)),
        "",
        _moment(said),
        f"Log {said.origin}, {said.size} entries, head {said.root}.",
        "",
    ]
    return "\n".join(lines)


def _moment(said: Conformity) -> str:
    if said.recorded_by is None:
        return "The shipment came with tables: this is what is recorded now."
    return f"This is what was recorded when it left, by entry {said.recorded_by} of the log; nothing of later."
