"""The as-built package of a shipment: its units, what they carry, what was tested, what they run, under which concessions,
deviations and dispositions, as alternates of which qualification runs; signed.

    shipment_package(actor, "SH-7")      -> the ZIP (kernel.shipment_packages)
    conformity(actor, "SH-7")            -> what the certificate of conformity prints: evidence and gaps, as counts

It is made for the customer of the shipment and tells of its units alone, and what is inside them: no other customer's unit, no package that
another customer owns (it is counted, not named), no supplier, no person. Lots stand with their maker, part number, lot code and date code. Packages
that are only possible are marked so, and positions without a record are counted: a gap is reported, never filled. It never says more than the record.
It is of the moment at which the shipment left through the gate: what was recorded by that entry, however often and late it is asked for; what a
unit went through since (a return, another test) is another shipment's to tell. Of a shipment that came with tables nobody here knows that moment:
it tells what is recorded now. Which of the two it is stands in it (`recorded_by`).
A party reader gets the shipments that went to his party or hold its units alone; another one does not exist for him.
"""

import csv
import io
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.production.approved_makers import meant_for, unapproved_among
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.other_parts import wanted_at
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.quality.concessions import APPROVED, ConcessionSeen, concessions_over
from asbuilt.built.quality.nonconformities import REPAIR, USE_AS_IS, left_as_they_were
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.built.shipping.events import SHIPPED
from asbuilt.built.shipping.packing import packed_in, tree_of
from asbuilt.built.shipping.queries import ShipmentRow, lines_of_shipment, shipment_by_code
from asbuilt.built.supply.queries import PackageRow
from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.designed.catalog.queries import part_codes, product_codes
from asbuilt.designed.catalog.test_plans import Version, plans_for
from asbuilt.designed.changes.qualifying.deviations import Deviation
from asbuilt.designed.changes.qualifying.sheets import REVOKED, alternates, was_meant
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.kernel import envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import bitmap_of, opened, spans_of
from asbuilt.ledger import clock, keyring, sequencing
from asbuilt.questions.genealogy.answering.alternates_carried import CarriedAlternate, qualified_on
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.serials import drawn_as, names_of
from asbuilt.questions.genealogy.evaluating.deviations_over import deviations_over
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.questions.genealogy.seen.packing import goes_to
from asbuilt.questions.genealogy.seen.shipped_firmware import Runs, runs_of
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


@dataclass
class _Shipment:
    """What is read of a shipment once: its outer units and everything inside them. `left_by` is the entry with which it left through the gate."""

    view: View
    row: ShipmentRow
    shipped_at: int
    recorded_at: int
    left_by: int | None
    outer: BitMap
    units: BitMap
    names: dict[int, str]


def _read(actor: Actor, code: str) -> _Shipment:
    actor.require(RECORD_READ)
    row = shipment_by_code(actor.tenant, code)
    lines = lines_of_shipment(actor.tenant, row.number) if row else []
    reader = view_of(actor)
    if not lines or not goes_to(reader, row.customer, lines):
        raise unknown("shipment", code, ())
    sql = "SELECT max(recorded_at), min(type), max(type) FROM ledger_entry WHERE tenant = %s AND "
    entries = sorted({line.entry for line in lines})
    said = reading.fetch_one(sql + reading.any_of("number"), (actor.tenant, reading.list_param(entries)))
    recorded_at, *types = said
    left_by = entries[-1] if types == [SHIPPED, SHIPPED] else None
    view = View(local_system(actor.tenant), left_by)
    outer = bitmap_of((line.first_unit, line.until_unit) for line in lines)
    outer = view.without_skipped(outer)
    # a unit inside that another party ordered is no more in the package than on the reader's pages
    units = reader.limit(outer | view.descendants(outer))
    shipped_at = max(line.shipped_at for line in lines)
    return _Shipment(view, row, shipped_at, recorded_at, left_by, outer, units, names_of(view, units))


def shipment_package(actor: Actor, code: str) -> bytes:
    """The signed package of what left with a shipment. NotFound: no such shipment, or none of the reader's party."""
    with reading.snapshot():
        found = _read(actor, code)
        origin, _size, _root, note = sequencing.head(actor.tenant)
        files = {
            "units.csv": _csv(("serial", "order", "place", "product", "revision", "bom_version", "inside", "packed_in"), _units(found)),
            "materials.csv": _csv(
                ("order", "first_place", "last_place", "refdes", "maker", "mpn", "lot_code", "date_code", "certainty"), _materials(found)
            ),
            "tests.csv": _csv(("serial", "plan", "plan_version", "outcome", "started_at", "finished_at", "measurements"), _tests(found)),
            "firmware.csv": _csv(("serial", "product", "role", "version", "sha256", "programmed_at"), _firmware(found)),
            "concessions.csv": _csv(("serial", "concession", "allows", "subject", "reason", "until_at", "agreed_by"), _concessions(found)),
            "deviations.csv": _csv(("serial", "deviation", "kind", "subject", "why", "granted_at", "ended_at", "agreed_by"), _deviations(found)),
            "alternates.csv": _csv(("serial", "run", "state", "maker", "mpn", "certainty"), _alternates(found)),
            "dispositions.csv": _csv(
                ("serial", "nonconformity", "disposition", "decision", "reason", "agreed_by", "decided_at"), _dispositions(found)
            ),
            "conformity.txt": conformity_text(_conformity(found)).encode(),
        }  # fmt: skip
        customer = parties_named(actor.tenant, [found.row.customer]).get(found.row.customer, "")
        said = {
            "shipment": found.row.code, "customer": customer, "country": found.row.country,
            "shipped_at": format_instant(found.shipped_at), "units": len(found.outer), "made_at": format_instant(clock.now()),
            "recorded_by": found.left_by, "checkpoint": note,
        }  # fmt: skip
    private = keyring.record_private(origin)
    return packages.build(said, files, lambda manifest: envelope.sign(packages.PACKAGE_TYPE, manifest, private))


def conformity(actor: Actor, code: str) -> Conformity:
    """What the certificate of conformity of a shipment prints."""
    with reading.snapshot():
        return _conformity(_read(actor, code))


def _csv(header: tuple[str, ...], rows: Iterable[tuple]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


# ---- the tables


def _blocks(found: _Shipment) -> Iterator[tuple[tuple, BitMap]]:
    """((order, product, revision, BOM version), units) of each block. Two statements."""
    view = found.view
    reaches = view.reaches(found.units)
    sql = (
        (
            "SELECT b.first_unit, o.code, c.code, r.code, m.version FROM production_block b "
            "JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
            "JOIN catalog_product c ON c.tenant = b.tenant AND c.number = b.product "
            "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
            "JOIN catalog_bom m ON m.tenant = b.tenant AND m.number = b.bom WHERE b.tenant = %s AND "
            + reading.any_of("b.first_unit")
        )
        + view.seen("b")
        + view.seen("o")
    )
    firsts = reading.list_param(sorted({block.first for block, _, _ in reaches}))
    named = {row[0]: row[1:] for row in reading.fetch(sql, (view.tenant, firsts))}
    for block, low, until in reaches:
        yield named[block.first], found.units & BitMap(range(low, until))


def _units(found: _Shipment) -> Iterator[tuple]:
    orders = Orders(found.view.tenant, found.view.entry)
    tenant, then = found.view.tenant, found.left_by
    mine = tree_of(tenant, found.row.code, then)  # of tables: what came back may be in another party's box by now
    packed = {unit: box for unit, box in packed_in(tenant, found.outer, then).items() if box in mine}
    outside = found.view.parents(found.units) if found.view.has_assemblies else {}
    for (order, product, revision, version), units in _blocks(found):
        for unit in units:
            place = orders.of_unit(unit).place_of(unit)
            inside = found.names.get(outside.get(unit, 0), "")
            yield found.names[unit], order, place, product, revision, version, inside, packed.get(unit, "")


def _carried(found: _Shipment) -> Iterator[tuple[BitMap, tuple[str, ...], int, bool]]:
    """(units, positions, package, certain): runs, less what was replaced, and what was put in instead."""
    view = found.view
    replaced: dict[str, BitMap] = defaultdict(BitMap)
    now: dict[tuple[str, int | None], BitMap] = defaultdict(BitMap)
    sql = "SELECT r.unit, r.refdes, r.installed FROM production_replacement r WHERE r.tenant = %s AND r.unit >= %s AND r.unit < %s"
    last: dict[tuple[int, str], int | None] = {}
    for low, high in joined(found.units):
        for unit, refdes, installed in reading.fetch(
            f"{sql}{view.seen('r')} ORDER BY r.happened_at, r.entry", (view.tenant, low, high)
        ):
            if unit in found.units:
                last[unit, refdes] = installed
    for (unit, refdes), installed in last.items():
        replaced[refdes].add(unit)
        now[refdes, installed].add(unit)
    columns = 't."group", t.first_unit, t.until_unit, t.package, t.certain, t.units'
    for group, first, until, package, certain, packed in view.rows_reached(
        columns, "production_material_run", view.reaches(found.units)
    ):
        units = BitMap(opened(first, until, packed)) & found.units
        positions = view.groups.positions(group)
        alone = [one for one in positions if replaced.get(one) and replaced[one] & units]
        kept = tuple(one for one in positions if one not in alone)
        if units and kept:
            yield units, kept, package, bool(certain)
        for one in alone:
            if left := units - replaced[one]:
                yield left, (one,), package, bool(certain)
    for (refdes, installed), units in now.items():
        if installed is not None:
            yield units, (refdes,), installed, True


def _materials(found: _Shipment) -> Iterator[tuple]:
    orders = Orders(found.view.tenant, found.view.entry)
    carried = list(_carried(found))
    known = packages_of(found.view.tenant, {package for _, _, package, _ in carried})
    rows = []
    for units, positions, package, certain in carried:
        row = known[package]
        said = _lot(found, row)
        for first, until in spans_of(units):
            low = first
            while low < until:
                order = orders.of_unit(low)
                high = min(until, next(end for start, end in order.blocks if start <= low < end))
                place = order.place_of(low)
                grade = "certain" if certain else "possible"
                rows.append((order.code, place, place + high - low - 1, " ".join(positions), *said, grade))
                low = high
    return iter(sorted(set(rows), key=lambda row: (row[0], row[1], row[3], row[4:])))


def _lot(found: _Shipment, row: PackageRow) -> tuple[str, str, str, str]:
    """Maker, part number, lot and date code; of another customer's package nothing."""
    if row.owner is not None and row.owner != found.row.customer:
        return ("", "", "not shown: another party's material", "")
    return (row.maker, row.mpn, row.lot_code, row.date_code)


def _tests(found: _Shipment) -> Iterator[tuple]:
    view = found.view
    sql = (
        (
            "SELECT t.unit, t.plan, t.plan_version, t.outcome, t.started_at, t.finished_at, t.measurements FROM quality_test_run t "
            "WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
        )
        + view.seen("t")
        + ' ORDER BY t.unit, t.finished_at, t.entry, t."row"'
    )
    names = {number: name for name, number in FloorNames(view.tenant).known("plan").items()}
    for low, high in joined(found.units):
        for unit, plan, version, outcome, began, ended, measured in reading.fetch(sql, (view.tenant, low, high)):
            if unit in found.units:
                times = (format_instant(began), format_instant(ended))
                yield found.names[unit], names[plan], version, OUTCOME_WORDS[outcome], *times, measured


def _firmware(found: _Shipment) -> Iterator[tuple]:
    for (unit, role), one in sorted(_runs(found, list(_carried(found))).items()):
        at = "" if one.at is None else format_instant(one.at)
        yield found.names[unit], one.product, role, one.version, one.sha256, at


def _runs(found: _Shipment, carried: list[tuple[BitMap, tuple[str, ...], int, bool]]) -> dict[tuple[int, str], Runs]:
    return runs_of(found.view, found.units, [(units, package) for units, _, package, _ in carried])


def _conceded(found: _Shipment) -> list[ConcessionSeen]:
    """The concessions that held when it left: everybody had agreed who has to, and none was over. Of what came with tables: as they say."""
    tenant, codes = found.view.tenant, product_codes(found.view.tenant)

    def agreed(one: ConcessionSeen) -> bool:
        if not one.ours:
            return any(said.decision == APPROVED for said in one.decisions)
        products = {codes[block.product] for block in found.view.blocks_over(one.units & found.units)}
        return not one.missing(tenant, products, max(found.shipped_at, found.recorded_at))

    return [one for one in concessions_over(tenant, found.units) if not one.over(found.shipped_at) and agreed(one)]


def _agreed_by(one: ConcessionSeen) -> str:
    return UNCHECKED if one.by_document else "people" if one.ours else "a table says so"


def _concessions(found: _Shipment) -> Iterator[tuple]:
    for one in _conceded(found):
        said = (one.code, one.allows, one.subject, one.reason, format_instant(one.until_at), _agreed_by(one))
        for unit in one.units & found.units:
            yield found.names[unit], *said


def _printed(found: _Shipment, one: ConcessionSeen) -> Conceded:
    serials = tuple(found.names[unit] for unit in one.units & found.units)
    return Conceded(one.code, one.allows, one.subject, one.reason, one.until_at, len(serials), serials, _agreed_by(one))


def _deviations_over(found: _Shipment) -> list[tuple[Deviation, BitMap]]:
    codes = product_codes(found.view.tenant)
    products = {codes[block.product] for block in found.view.blocks_over(found.units)}
    over = deviations_over(found.view, found.units, products)
    return [one for one in over if found.left_by is None or one[0].granted_at <= found.recorded_at]


def _deviations(found: _Shipment) -> Iterator[tuple]:
    for one, units in _deviations_over(found):
        times = (format_instant(one.granted_at), format_instant(one.ends_at))
        agreed = UNCHECKED if one.by_document else "people"
        for unit in units:
            yield found.names[unit], one.code, one.kind, one.subject, one.why, *times, agreed


def _alternates_over(found: _Shipment) -> list[CarriedAlternate]:
    """Alternates that a run had qualified when it left, marked where that was revoked since; not those whose packages all belong to another party."""
    known = packages_of(found.view.tenant, {package for _, _, package, _ in _carried(found)})
    shown = {_lot(found, row)[1].casefold() for row in known.values()}
    carried = qualified_on(found.view, found.units, revoked=found.left_by is None)
    mine = [each for each in carried if each.one.mpn.casefold() in shown]
    now = alternates(found.view.tenant, {each.part for each in mine}) if mine and found.left_by is not None else {}
    revoked = {(part, one.mpn, one.maker) for part, some in now.items() for one in some if one.state == REVOKED}
    return [
        replace(each, one=replace(each.one, state=REVOKED)) if (each.part, each.one.mpn, each.one.maker) in revoked else each
        for each in mine
    ]  # fmt: skip


def _alternates(found: _Shipment) -> Iterator[tuple]:
    for each in _alternates_over(found):
        for grade, units in (("certain", each.certain), ("possible", each.possible)):
            for unit in units:
                yield found.names[unit], each.one.run, each.one.state, each.one.maker, each.one.mpn, grade


def _dispositions(found: _Shipment) -> Iterator[tuple]:
    for one in left_as_they_were(found.view.tenant, found.units, found.left_by):
        agreed = f"{one.party} ({UNCHECKED})" if one.by_document else one.party
        said = (one.nonconformity, one.disposition, one.decision, one.reason, agreed, format_instant(one.decided_at))
        for unit in one.units:
            yield found.names[unit], *said


# ---- the certificate of conformity


def _not_tested(found: _Shipment, last: Mapping[str, Mapping[str, tuple[str, str]]]) -> tuple[int, int]:
    """(how many units have no test at all because each plan in force for them draws others, how many have tests and lack one that a plan in force
    draws them for). One statement for each product and revision."""
    drawn_out = lacking = 0
    plans: dict[tuple[str, str], list[Version]] = {}
    tested = {serial for units in last.values() for serial in units}
    for (_, product, revision, _), units in _blocks(found):
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


def _conformity(found: _Shipment) -> Conformity:
    tenant = found.view.tenant
    products: dict[tuple[str, str], int] = defaultdict(int)
    for (_, product, revision, _), units in _blocks(found):
        products[product, revision] += len(units & found.outer)
    last: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for serial, plan, version, outcome, *_ in _tests(found):
        last[plan][serial] = (version, outcome)
    tested = {serial for units in last.values() for serial in units}
    drawn_out, lacking = _not_tested(found, last)
    not_passed = {serial for units in last.values() for serial, (_, outcome) in units.items() if outcome != "pass"}
    carried = list(_carried(found))
    firmware = _runs(found, carried)
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
    conceded, left = _conceded(found), left_as_they_were(tenant, found.units, found.left_by)
    otherwise = _deviations_over(found)
    by_document = [
        *(one.code for one in conceded if one.by_document),
        *(one.code for one, _ in otherwise if one.by_document),
        *(one.nonconformity for one in left if one.by_document),
    ]
    return Conformity(
        found.row.code, names.get(own, "") if own else "", names.get(found.row.customer, ""), found.row.country, found.shipped_at,
        len(found.outer), tuple((*key, count) for key, count in sorted(products.items()) if count), tuple(passed),
        tuple(Counted(what, count, len(found.units)) for what, count in sorted(runs.items())),
        len({row.lot for row in known.values()}),
        tuple(_printed(found, one) for one in conceded),
        tuple((one.code, f"{one.subject}: {one.why}", len(units)) for one, units in otherwise),
        tuple(
            (each.one.run, f"{each.one.maker} {each.one.mpn}".strip(), each.one.state == REVOKED, len(each.certain), len(each.possible))
            for each in _alternates_over(found)
        ),
        tuple(
            (one.nonconformity, one.decision, one.reason, len(one.units)) for one in left
        ),
        tuple(by_document),
        tuple(one for one in gaps if one.units), tuple(found.names[unit] for unit in found.outer), origin, size, bytes(root).hex(),
        found.left_by,
    )  # fmt: skip


def _unapproved(found: _Shipment, carried: list[tuple]) -> BitMap:
    """Units that carry, or may, a maker's part that nobody had approved or that nobody knows, and that no deviation let be built so."""
    tenant = found.view.tenant
    packages = {package for _, _, package, _ in carried}
    against = {
        one.package.number: one for one in unapproved_among(tenant, packages, as_of=found.left_by, unqualified=True)
    }
    over = _deviations_over(found) if against else []
    units = BitMap()
    for mine, _, package, _ in carried:
        if one := against.get(package):
            said = (one.part, one.package.mpn, one.package.maker)
            for each, some in over:
                mine = mine - some if each.allows_part(*said) else mine
            units |= mine
    return units


def _other_parts(found: _Shipment, carried: list[tuple]) -> BitMap:
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


def _not_meant(found: _Shipment, mine: BitMap, package: PackageRow, parts: frozenset[int]) -> BitMap:
    codes = part_codes(found.view.tenant, parts)
    named = meant_for(found.view.tenant, codes, package, as_of=found.left_by)
    if named is None or any(was_meant(one, found.left_by) for one in named):
        return BitMap()
    for each, some in _deviations_over(found):
        if package.mpn and any(each.allows_part(part, package.mpn, package.maker) for part in codes.values()):
            mine = mine - some
    return mine


def _without_record(found: _Shipment) -> BitMap:
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
