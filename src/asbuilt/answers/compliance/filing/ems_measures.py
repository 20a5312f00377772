"""What the record itself answers of the questions to an EMS: counts and percentages over everything that was built, each with the figures behind it.

    MEASURES["lot_linkage"](tenant, now)   -> Measured(value, of, words)

A measure without anything to count gives None as its value: nothing was recorded, which is not the same as nought.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.answers.compliance.assessing.unit_evidence import ProductUnits
from asbuilt.answers.compliance.filing.parts import day_of, named, number
from asbuilt.built.exchange.verify_runs import last_result
from asbuilt.built.production.calibrations import instruments
from asbuilt.built.production.holes import holes
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.qualifications import qualifications
from asbuilt.built.production.runs import runs_of_order
from asbuilt.built.production.states import built_units
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.test_plans import all_versions
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.eco import AGREED, IN_FORCE, eco_of
from asbuilt.designed.changes.controlling.queries import asked_of
from asbuilt.designed.changes.controlling.statements import codes_of, lines_of
from asbuilt.kernel.instants import DAY_US
from asbuilt.kernel.spans import opened
from asbuilt.ledger.evidence_classes import evidence_class
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

ECOS_MAX = 100_000


@dataclass(frozen=True)
class Measured:
    """A figure: a percentage, years, days or a count; None where nothing of the kind is recorded. `words` say what was counted."""

    value: float | None
    words: str


def _share(part: int, whole: int, words: str) -> Measured:
    said = words % {"n": number(part), "of": number(whole)}
    # rounded down: 99.99 of a hundred are not all
    return Measured(None if not whole else int(part * 10_000 / whole) / 100, said)


def _units(tenant: int) -> tuple[View, BitMap]:
    view = View(local_system(tenant))
    return view, view.built()


def lot_linkage(tenant: int, now: int) -> Measured:
    """Units with a certain package of a known lot at every position of their BOM; one of several possible packages is none, nor is one whose lot
    nobody noted."""
    _view, units = _units(tenant)
    sql = "SELECT first_unit, until_unit, units FROM production_material_hole WHERE tenant = %s"
    lacking = BitMap()
    for row in reading.fetch(sql, (tenant,)):
        lacking |= opened(*row)
    sql = (
        "SELECT o.code, min(m.certain) FROM production_material_run m JOIN production_order o ON o.tenant = m.tenant AND o.number = m.work_order "
        "AND o.until_entry IS NULL WHERE m.tenant = %s AND m.until_entry IS NULL GROUP BY o.code"
    )
    certain = dict(reading.fetch(sql, (tenant,)))
    sql = (
        "SELECT b.first_unit, b.until_unit, o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
        "AND o.until_entry IS NULL WHERE b.tenant = %s AND b.until_entry IS NULL"
    )
    for first, until, order in reading.fetch(sql, (tenant,)):
        if order not in certain:
            lacking.add_range(first, until)
    lacking |= _only_possible(tenant, sorted(order for order, least in certain.items() if not least))
    lacking |= _of_no_lot(tenant)
    return _share(len(units - lacking), len(units), _("%(n)s of %(of)s units have a certain package of a known lot at every position"))  # fmt: skip


def _of_no_lot(tenant: int) -> BitMap:
    """Units on which packages of an unknown lot were mounted or put in. Two statements."""
    package = (
        "JOIN supply_package p ON p.tenant = t.tenant AND p.number = t.{} JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
        "WHERE t.tenant = %s AND t.until_entry IS NULL AND l.lot_code = ''"
    )
    sql = "SELECT t.first_unit, t.until_unit, t.units FROM production_material_run t " + package.format("package")
    found = BitMap().union(*(opened(*row) for row in reading.fetch(sql, (tenant,))))
    sql = "SELECT DISTINCT t.unit FROM production_replacement t " + package.format("installed")
    return found | BitMap(unit for (unit,) in reading.fetch(sql, (tenant,)))


def _only_possible(tenant: int, codes: Sequence[str]) -> BitMap:
    """Units of these orders without a certain package at some position: what the record keeps as holes counts two possible ones as an answer."""
    orders, groups, lacking = Orders(tenant), PositionGroups(tenant), BitMap()
    for order in filter(None, map(orders.by_code, codes)):
        sure = [run for run in runs_of_order(tenant, order.number) if run.certain]
        for _part, _positions, missing in holes(tenant, order, sure, groups, built_units(tenant, order.blocks)):
            lacking |= missing
    return lacking


def lots_known(tenant: int, now: int) -> Measured:
    """Packages of which maker, lot code and supplier are known."""
    sql = (
        "SELECT count(*), sum(CASE WHEN l.maker <> '' AND l.lot_code <> '' AND p.supplier IS NOT NULL THEN 1 ELSE 0 END) FROM supply_package p "
        "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot WHERE p.tenant = %s AND p.until_entry IS NULL"
    )
    whole, known = reading.fetch_one(sql, (tenant,))
    return _share(int(known or 0), whole, _("of %(of)s packages %(n)s have maker, lot code and supplier"))


def serial_numbers(tenant: int, now: int) -> Measured:
    """Built units with a serial number; one that is only planned may have its name already, and does not count."""
    _view, units = _units(tenant)
    sql = "SELECT DISTINCT unit FROM production_unit_name WHERE tenant = %s AND kind = 0 AND until_entry IS NULL"
    named_units = BitMap(unit for (unit,) in reading.stream(sql, (tenant,)))
    return _share(len(named_units & units), len(units), _("%(n)s of %(of)s units have a serial number"))


def retention(tenant: int, now: int) -> Measured:
    """For how many years evidence of traceability is kept, by the rule in force."""
    kind = evidence_class("traceability")
    return Measured(kind.years, _("evidence of traceability is kept %(years)s years; erasure is refused before (%(source)s)") % {"years": kind.years, "source": kind.source})  # fmt: skip


def record_age(tenant: int, now: int) -> Measured:
    """Since when there is a record."""
    first = reading.fetch_one("SELECT min(recorded_at) FROM ledger_entry WHERE tenant = %s", (tenant,))[0]
    value = None if first is None else (now - first) // DAY_US
    return Measured(value, _("the first entry of the log is of %(day)s") % {"day": day_of(first) or "–"})


def log_verified(tenant: int, now: int) -> Measured:
    """What the last whole verification found."""
    found = last_result(tenant)
    if found is None:
        return Measured(None, _("the record was never verified as a whole here"))
    at, faults = found
    return Measured(faults, _("verified on %(day)s, %(n)s faults found") % {"day": day_of(at), "n": number(faults)})


def permits(tenant: int, now: int) -> Measured:
    """Units programmed by a station under a permit, of those programmed at all."""
    sql = "SELECT first_unit, until_unit, units FROM programming_firmware_run WHERE tenant = %s AND standing = 1 AND until_entry IS NULL"
    programmed = BitMap()
    for row in reading.fetch(sql, (tenant,)):
        programmed |= opened(*row)
    sql = "SELECT DISTINCT unit FROM programming_station_record WHERE tenant = %s AND until_entry IS NULL AND unit IS NOT NULL AND permit <> '' AND result = 'pass'"
    under = BitMap(unit for (unit,) in reading.fetch(sql, (tenant,)))
    return _share(len(under & programmed), len(programmed), _("%(n)s of %(of)s programmed units were programmed by a station under a permit"))  # fmt: skip


def signed_releases(tenant: int, now: int) -> Measured:
    """Releases under signatures, of all."""
    sql = (
        "SELECT count(*), sum(CASE WHEN EXISTS (SELECT 1 FROM firmware_release_signature s WHERE s.tenant = r.tenant AND s.product = p.code "
        "AND s.role = r.role AND s.version = r.version AND s.until_entry IS NULL) THEN 1 ELSE 0 END) FROM firmware_release r "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE r.tenant = %s AND r.until_entry IS NULL"
    )
    whole, signed = reading.fetch_one(sql, (tenant,))
    return _share(int(signed or 0), whole, _("%(n)s of %(of)s firmware releases stand under signatures"))


def read_back(tenant: int, now: int) -> Measured:
    """Attempts of stations whose grade is read-back or better."""
    sql = (
        "SELECT count(*), sum(CASE WHEN grade IN ('read-back', 'attested') THEN 1 ELSE 0 END) FROM programming_station_record "
        "WHERE tenant = %s AND until_entry IS NULL AND result = 'pass'"
    )
    whole, read = reading.fetch_one(sql, (tenant,))
    return _share(int(read or 0), whole, _("of %(of)s attempts that passed %(n)s were read back or attested"))


def security_tests(tenant: int, now: int) -> Measured:
    """Units whose last run of a plan that shows a requirement was passed, by a version that shows one: a run by another version proves nothing."""
    _view, units = _units(tenant)
    plans = all_versions(tenant).values()
    products = sorted(
        {one.product for versions in plans for one in versions if any(step.proves for step in one.content.steps)}
    )
    passed = BitMap().union(*(ProductUnits(local_system(tenant), product).passed() for product in products))
    return _share(len(passed & units), len(units), _("%(n)s of %(of)s units passed a test that shows a security requirement"))  # fmt: skip


def calibration(tenant: int, now: int) -> Measured:
    """Instruments whose last calibration holds."""
    found = instruments(tenant, now)
    good = [one for one in found if one.state == "good"]
    measured = _share(len(good), len(found), _("%(n)s of %(of)s instruments have a calibration in date"))
    late = [one.name for one in found if one.state != "good"]
    return Measured(measured.value, f"{measured.words}: {named(late)}" if late else measured.words)


def inspected(tenant: int, now: int) -> Measured:
    """Packages that were in an incoming inspection; names of packages that the record does not have are none."""
    sql = "SELECT packages FROM supply_inspection WHERE tenant = %s AND until_entry IS NULL"
    seen = {code for (cell,) in reading.fetch(sql, (tenant,)) for code in json.loads(cell)}
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND until_entry IS NULL"
    known = {code for (code,) in reading.fetch(sql, (tenant,))}
    return _share(len(seen & known), len(known), _("%(n)s of %(of)s packages were inspected"))


def declared(tenant: int, now: int) -> Measured:
    """Parts with a declaration of their supplier; a declaration for a part that the catalogue does not have is none."""
    sql = "SELECT DISTINCT part FROM supply_declaration WHERE tenant = %s AND until_entry IS NULL"
    said = {part for (part,) in reading.fetch(sql, (tenant,))}
    known = {code for (code,) in reading.fetch("SELECT code FROM catalog_part WHERE tenant = %s", (tenant,))}
    return _share(len(said & known), len(known), _("for %(n)s of %(of)s parts a declaration is on file"))


def eco_count(tenant: int, now: int) -> Measured:
    """Engineering changes with every approval that they ask for, of all that were proposed."""
    codes = codes_of(tenant, kinds.PROPOSED, ECOS_MAX)
    found = [eco_of(lines) for lines in lines_of(tenant, codes).values()]
    agreed = [one for one in found if one.state(asked_of(tenant, one)) in (AGREED, IN_FORCE)]
    words = _("%(n)s of %(of)s engineering changes have every approval that they ask for")
    return Measured(len(agreed) if found else None, words % {"n": number(len(agreed)), "of": number(len(found))})


def qualified(tenant: int, now: int) -> Measured:
    """People with a qualification that holds."""
    rows = [row for row in qualifications(tenant) if row.holds(now)]
    people = {row.person for row in rows}
    names = named(sorted({row.qualification for row in rows}))
    return Measured(len(people) or None, _("%(n)s people hold one: %(names)s") % {"n": number(len(people)), "names": names or "–"})  # fmt: skip


MEASURES: dict[str, Callable[[int, int], Measured]] = {
    "lot_linkage": lot_linkage, "lots_known": lots_known, "serial_numbers": serial_numbers, "retention": retention, "record_age": record_age,
    "log_verified": log_verified, "permits": permits, "signed_releases": signed_releases, "read_back": read_back, "security_tests": security_tests,
    "calibration": calibration, "inspected": inspected, "declared": declared, "ecos": eco_count, "qualified": qualified,
}  # fmt: skip
