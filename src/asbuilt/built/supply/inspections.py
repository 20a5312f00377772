"""Reads of incoming inspection: which plan holds for a part and supplier, what the next inspection asks for, what is due.

The plan is the most specific one that stands (part and supplier, part, supplier, any), of those the one said last. Lots are
counted from the plan on: a new plan begins a new series, with the severity it says.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.built.supply.lineage import sources_of
from asbuilt.built.supply.sampling import NORMAL, Plan, Severity, c0_plan, plan, severity_now
from asbuilt.built.supply.standing import QUARANTINE, RELEASED
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.storage import reading

NO_INSPECTION = "none"


@dataclass(frozen=True)
class InspectionPlanRow:
    """How packages of a part and supplier are inspected; an empty part or supplier number means any."""

    part: str
    supplier: int | None
    standard: str
    level: str
    aql: str
    limiting_quality: str
    severity: str
    checks: tuple[str, ...]
    happened_at: int


@dataclass(frozen=True)
class InspectionRow:
    """One inspection as it was recorded."""

    inspection: str
    packages: tuple[str, ...]
    standard: str
    level: str
    aql: str
    limiting_quality: str
    severity: str
    code_letter: str
    lot_size: int
    sample_size: int
    accept_max: int
    nonconforming: int
    verdict: str
    rule_set: str
    reason: str
    operator: int | None
    happened_at: int


@dataclass(frozen=True)
class CheckRow:
    """A check within an inspection; `sha256` names its picture or report, empty where it has none."""

    kind: str
    verdict: str
    readings: str
    file: str
    sha256: str
    operator: int | None
    happened_at: int


@dataclass(frozen=True)
class Asked:
    """What the next inspection of these packages asks for."""

    part: str
    supplier: int | None
    lot_size: int
    plan: InspectionPlanRow
    severity: Severity
    sampling: Plan


_PLAN = "part, supplier, standard, level, aql, limiting_quality, severity, checks, happened_at"
_INSPECTION = (
    "inspection, packages, standard, level, aql, limiting_quality, severity, code_letter, lot_size, sample_size, accept_max, "
    "nonconforming, verdict, rule_set, reason, operator, happened_at"
)


def plan_of(tenant: int, part: str, supplier: int | None) -> InspectionPlanRow | None:
    """The plan that holds for the part from this supplier, None where there is none. One statement."""
    sql = (
        f"SELECT {_PLAN} FROM supply_inspection_plan WHERE tenant = %s AND until_entry IS NULL AND (part = %s OR part = '') "
        'ORDER BY happened_at, entry, "row"'
    )
    found = [row for row in reading.fetch(sql, (tenant, part)) if row[1] is None or row[1] == supplier]
    best = max(enumerate(found), key=lambda one: (bool(one[1][0]), one[1][1] is not None, one[0]), default=None)
    if best is None:
        return None
    *cells, checks, at = best[1]
    return InspectionPlanRow(*cells, tuple(checks.split(";")) if checks else (), at)


def status_at_first(tenant: int, part: str, supplier: int | None) -> str:
    """The status in which a package of the part from this supplier comes: in quarantine where it is to be inspected."""
    plan = plan_of(tenant, part, supplier)
    return RELEASED if plan is None or plan.standard == NO_INSPECTION else QUARANTINE


def plans(tenant: int) -> list[InspectionPlanRow]:
    """Every plan that stands, the newest first, up to 500. One statement."""
    sql = f"SELECT {_PLAN} FROM supply_inspection_plan WHERE tenant = %s AND until_entry IS NULL ORDER BY happened_at DESC LIMIT 500"
    rows = reading.fetch(sql, (tenant,))
    return [InspectionPlanRow(*row[:-2], tuple(row[-2].split(";")) if row[-2] else (), row[-1]) for row in rows]


def asked_of(tenant: int, packages: Sequence[str]) -> Asked:
    """What an inspection of these packages, together one lot, asks for.

    NotFound: a package is not known. Refused: no plan, no inspection wanted, or it has stopped. Invalid: they are of several
    parts or suppliers, or a quantity is not known.
    """
    part, supplier, lot_size = _submitted(tenant, packages)
    found = plan_of(tenant, part, supplier)
    if found is None or found.standard == NO_INSPECTION:
        raise Refused(
            "supply.no_inspection_plan",
            f"No inspection is planned for part {part} from this supplier.",
            {"part": part},
            "Plan it first.",
        )
    history = [(one.severity, one.verdict == "accepted") for one in series(tenant, part, supplier, found.happened_at)]
    severity = severity_now(history, found.severity or NORMAL)
    if found.standard == "iso2859":
        if severity.stopped:
            raise Refused(
                "supply.inspection_stopped",
                f"Five lots of {part} were rejected on tightened inspection: inspection has stopped.",
                {"part": part},
                "The supplier acts first; then a quality lead plans its inspection anew, tightened.",
            )
        sampling = plan(lot_size=lot_size, level=found.level, aql=found.aql, severity=severity.severity)
    else:
        sampling = c0_plan(lot_size=lot_size, limiting_quality=float(found.limiting_quality))
    return Asked(part, supplier, lot_size, found, severity, sampling)


def _submitted(tenant: int, packages: Sequence[str]) -> tuple[str, int | None, int]:
    sql = (
        "SELECT p.code, c.code, p.supplier, p.quantity FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant "
        "AND c.number = p.part WHERE p.tenant = %s AND p.until_entry IS NULL AND "
    )
    rows = reading.fetch(sql + reading.any_of("p.code", "text"), (tenant, reading.list_param(list(packages))))
    missing = sorted(set(packages) - {row[0] for row in rows})
    if missing or not rows:
        raise NotFound(
            "supply.package_unknown",
            f"There is no package {(missing or [''])[0][:80]}.",
            {"packages": missing[:20], "package": (missing or [""])[0][:80]},
            "Look at its code.",
        )
    if len({row[1:3] for row in rows}) > 1:
        raise Invalid(
            "supply.inspection_mixed",
            "An inspection is of packages of one part from one supplier.",
            {"packages": [row[0] for row in rows][:20]},
            "Inspect them one kind after the other.",
        )
    unknown = [row[0] for row in rows if row[3] is None]
    if unknown:
        raise Invalid(
            "supply.quantity_unknown",
            f"How many pieces package {unknown[0]} holds is not known.",
            {"packages": unknown[:20]},
            "Count them and correct the package first.",
        )
    return rows[0][1], rows[0][2], sum(row[3] for row in rows)


def naming(alias: str, condition: str) -> str:
    """A condition on an inspection: one of the packages that it names, `j.value`, is so. The database looks, row by row."""
    each = f"json_each({alias}.packages) AS j"
    if reading.vendor() != "sqlite":
        each = f"json_array_elements_text({alias}.packages::json) AS j(value)"
    return f"EXISTS (SELECT 1 FROM {each} WHERE {condition})"


def series(tenant: int, part: str, supplier: int | None, since: int) -> list[InspectionRow]:
    """Inspections of the part from this supplier since then, the first of each set of packages only, oldest first."""
    of_part = (
        "EXISTS (SELECT 1 FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        "WHERE p.tenant = i.tenant AND p.code = j.value AND c.code = %s AND p.until_entry IS NULL)"
    )
    sql = (
        f"SELECT {_INSPECTION} FROM supply_inspection i WHERE tenant = %s AND until_entry IS NULL AND happened_at >= %s "
        f'AND {naming("i", of_part)} ORDER BY happened_at, entry, "row"'
    )
    rows = [_inspection(row) for row in reading.fetch(sql, (tenant, since, part))]
    theirs = _of_kind(tenant, {code for row in rows for code in row.packages}, part, supplier)
    seen: set[str] = set()
    found = []
    for row in rows:
        # a lot that is shown again after it was rejected is no original inspection
        if set(row.packages) <= theirs and not seen & set(row.packages):
            found.append(row)
        seen |= set(row.packages)
    return found


def _of_kind(tenant: int, codes: Iterable[str], part: str, supplier: int | None) -> set[str]:
    sql = (
        "SELECT p.code, p.supplier FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        "WHERE p.tenant = %s AND c.code = %s AND p.until_entry IS NULL AND "
    )
    rows = reading.fetch(sql + reading.any_of("p.code", "text"), (tenant, part, reading.list_param(sorted(codes))))
    return {code for code, of in rows if of == supplier}


def _inspection(row: tuple) -> InspectionRow:
    return InspectionRow(row[0], tuple(json.loads(row[1])), *row[2:])


def inspections_of(tenant: int, package: str) -> list[InspectionRow]:
    """The inspections of a package, oldest first; with those of what it was split off, as far as they were before."""
    until = {package: None, **dict(sources_of(tenant, package))}
    return [one for one in _naming(tenant, until) if _covers(one, until)]


def _naming(tenant: int, codes: Iterable[str]) -> list[InspectionRow]:
    """The inspections that name one of these packages, oldest first. One statement."""
    sql = (
        f"SELECT {_INSPECTION} FROM supply_inspection i WHERE tenant = %s AND until_entry IS NULL "
        f'AND {naming("i", reading.any_of("j.value", "text"))} ORDER BY happened_at, entry, "row"'
    )
    wanted = sorted(set(codes))
    return [_inspection(row) for row in reading.fetch(sql, (tenant, reading.list_param(wanted)))] if wanted else []


def _covers(one: InspectionRow, until: dict[str, int | None]) -> bool:
    """Whether the inspection was of one of these packages, before pieces left it (None: whenever)."""
    return any(code in until and (until[code] is None or one.happened_at <= until[code]) for code in one.packages)


def checks_of(tenant: int, inspection: str) -> list[CheckRow]:
    """The checks of an inspection, in their order. One statement."""
    sql = (
        "SELECT kind, verdict, readings, file, sha256, operator, happened_at FROM supply_inspection_check WHERE tenant = %s "
        'AND inspection = %s AND until_entry IS NULL ORDER BY happened_at, entry, "row"'
    )
    return [CheckRow(*row) for row in reading.fetch(sql, (tenant, inspection))]


def inspection_due(tenant: int, packages: Sequence[str]) -> dict[str, str]:
    """Package -> `due` where its plan asks for an inspection that is not recorded, or the number of the last that rejected it.

    A part split off was inspected with what it was split off."""
    sql = (
        "SELECT p.code, c.code, p.supplier FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        "WHERE p.tenant = %s AND p.until_entry IS NULL AND "
    )
    rows = reading.fetch(sql + reading.any_of("p.code", "text"), (tenant, reading.list_param(list(packages))))
    covering = {row[0]: {row[0]: None, **dict(sources_of(tenant, row[0]))} for row in rows}
    wanted = {code for until in covering.values() for code in until}
    last: dict[str, InspectionRow] = {}
    for one in _naming(tenant, wanted):
        last |= {code: one for code, until in covering.items() if _covers(one, until)}
    found = {}
    for code, part, supplier in rows:
        planned = plan_of(tenant, part, supplier)
        if code in last and last[code].verdict != "accepted":
            found[code] = last[code].inspection
        elif code not in last and planned is not None and planned.standard != NO_INSPECTION:
            found[code] = "due"
    return found


def waiting(tenant: int) -> list[tuple[str, str, str, str, int | None]]:
    """Packages that an inspection is due of: (package, part, lot code, delivery, quantity), oldest first, up to 100."""
    sql = (
        "SELECT p.code, c.code, l.lot_code, p.delivery, p.quantity FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant "
        "AND l.number = p.lot JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part WHERE p.tenant = %s "
        "AND p.until_entry IS NULL AND p.status = 'quarantine' ORDER BY p.number DESC LIMIT 500"
    )
    rows = reading.fetch(sql, (tenant,))
    due = inspection_due(tenant, [row[0] for row in rows])
    return [row for row in reversed(rows) if due.get(row[0]) == "due"][:100]
