"""What the floor shows: process runs and calibrations, tests, identification of units, shipments, what was checked of parts."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, day_of, named, number, source
from asbuilt.answers.compliance.keeping.placed import placed_days
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.built.production.alarms import alarms
from asbuilt.built.production.calibrations import instruments
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.designed.catalog.routings import routing_in_force
from asbuilt.designed.catalog.rules import GS1, MarkRule, mark_rule, serial_rule
from asbuilt.designed.catalog.test_plans import in_force, plans_of_products
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.spans import opened
from asbuilt.questions.genealogy.evaluating.states import in_state
from asbuilt.storage import reading

PRODUCTION, QUALITY, SHIPPING, SUPPLY = "production", "quality", "shipping", "supply"
PASS = 0


@dataclass
class _Step:
    """What is recorded of a step: runs, those of them out of limits, when, and over which units."""

    runs: int = 0
    outside: int = 0
    first: int | None = None
    last: int | None = None
    units: BitMap = field(default_factory=BitMap)


@source("AVII.2.c")
def process_runs(asking: Asking) -> Part:
    """Monitoring of production: runs by step, units without a run, runs out of limits."""
    held = _steps(asking)
    total = number(len(asking.units))
    rows = sorted(
        (
            step,
            number(one.runs),
            number(one.outside),
            number(len(one.units)),
            total,
            day_of(one.first),
            day_of(one.last),
        )
        for step, one in held.items()
    )
    columns = (_("step"), _("runs"), _("out of limits"), _("units"), _("of"), _("first"), _("last"))
    if not rows:
        return Part(PRODUCTION, (), (), (), (_("No process run of this product is recorded."),))
    gaps = []
    bare = asking.units - BitMap().union(*(one.units for one in held.values()))
    if bare:
        gaps.append(_("%(n)s of %(of)s units have no process run.") % {"n": number(len(bare)), "of": total})
    for step, missing in _not_run(asking, held, bare):
        gaps.append(
            _("%(step)s is in the routing, and %(n)s units have no run of it.") % {"step": step, "n": number(missing)}
        )
    if never := _never_run(asking, held):
        said = _(
            "In the routing, and no unit has a run of it: %(names)s. A test or a firmware load may be recorded instead."
        )
        gaps.append(said % {"names": named(never)})
    open_, decided = _out_of_limits(asking, held)
    if open_:
        gaps.append(_("Runs out of limits of which nobody decided anything: %(names)s.") % {"names": named(open_)})
    words = (
        (_("Of %(n)s runs out of limits it is decided what they mean.") % {"n": number(decided)},) if decided else ()
    )
    return Part(PRODUCTION, words, (Table(_("Process runs"), columns, len(rows), lambda: rows),), (), tuple(gaps))


def _steps(asking: Asking) -> dict[str, _Step]:
    """Step -> its runs over units of this product; runs that belong to other products are left out by the orders. One statement for each order."""
    held: dict[int, _Step] = defaultdict(_Step)
    sql = (
        "SELECT step, outside, started_at, finished_at, first_unit, until_unit FROM production_process_run "
        "WHERE tenant = %s AND until_entry IS NULL AND work_order = %s"
    )
    for order in sorted({block[2] for block in asking.blocks}):
        for step, outside, began, ended, first, until in reading.stream(sql, (asking.tenant, order)):
            one = held[step]
            one.runs += 1
            one.outside += outside != ""
            one.first = began if one.first is None else min(one.first, began)
            one.last = ended if one.last is None else max(one.last, ended)
            one.units.add_range(first, until)
    names = FloorNames(asking.tenant).names(held)
    for one in held.values():
        one.units &= asking.units
    return {names[step]: one for step, one in held.items()}


def _not_run(asking: Asking, held: dict[str, _Step], bare: BitMap) -> list[tuple[str, int]]:
    """(step, units of the revision without a run of it) for steps of routings in force. Steps that no unit has a run of: `_never_run`."""
    missing: dict[str, BitMap] = defaultdict(BitMap)
    for revision in sorted({block[3] for block in asking.blocks}):
        routing = routing_in_force(asking.tenant, revision, asking.now)
        units = BitMap()
        for block in asking.blocks:
            if block[3] == revision:
                units.add_range(block[0], block[1])
        for row in routing.steps if routing else ():
            if row.step in held and not row.optional:
                missing[row.step] |= (units & asking.units) - held[row.step].units - bare
    return [(step, len(units)) for step, units in sorted(missing.items()) if units]


def _never_run(asking: Asking, held: dict[str, _Step]) -> list[str]:
    """Steps of routings in force that no unit has a run of."""
    revisions = sorted({block[3] for block in asking.blocks})
    routings = [routing_in_force(asking.tenant, revision, asking.now) for revision in revisions]
    steps = [row.step for routing in routings if routing for row in routing.steps if not row.optional]
    return [step for step in dict.fromkeys(steps) if step not in held]


def _out_of_limits(asking: Asking, held: dict[str, _Step]) -> tuple[list[str], int]:
    """Steps with how many runs lay out of their limits without a decision; and how many were decided about."""
    most = sum(one.outside for one in held.values())
    if not most:
        return [], 0
    orders = reading.list_param(sorted({block[2] for block in asking.blocks}))
    sql = "SELECT DISTINCT code FROM production_order WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("number")  # fmt: skip
    codes = [code for (code,) in reading.fetch(sql, (asking.tenant, orders))]
    found = [one for code in sorted(codes) for one in alarms(asking.tenant, order=code, limit=most)]
    open_ = Counter(one.step for one in found if one.closing is None)
    return [f"{step} ({number(count)})" for step, count in sorted(open_.items())], len(found) - open_.total()


@source("AVII.2.c")
def calibration(asking: Asking) -> Part:
    """Whether what measured these units was calibrated, and still is."""
    places = _stations(asking)
    words = {"good": _("holds"), "due": _("over"), "bad": _("out of tolerance")}
    mine = [one for one in instruments(asking.tenant, asking.now) if one.last.place in places]
    rows = [
        (one.name, one.last.place, day_of(one.last.calibrated_at), one.last.valid_until, one.last.as_found, one.last.certificate, words[one.state])
        for one in mine
    ]  # fmt: skip
    columns = (
        _("instrument"),
        _("station"),
        _("calibrated"),
        _("holds until"),
        _("as found"),
        _("certificate"),
        _("now"),
    )
    bare = sorted(places - {row[1] for row in rows})
    gaps = [_("No calibration is recorded at: %(names)s.") % {"names": named(bare)}] if bare else []
    late = [one.name for one in mine if one.state != "good"]
    if late:
        gaps.append(_("Calibration over, or out of tolerance: %(names)s.") % {"names": named(late)})
    return Part(
        PRODUCTION, (), (Table(_("Calibrations"), columns, len(rows), lambda: rows),) if rows else (), (), tuple(gaps)
    )


def _stations(asking: Asking) -> set[str]:
    """Where units of this product were tested, of the newest hundred thousand runs."""
    if not asking.units:
        return set()
    sql = (
        "SELECT DISTINCT station FROM (SELECT station FROM quality_test_run WHERE tenant = %s AND unit >= %s AND unit <= %s "
        "AND until_entry IS NULL AND station IS NOT NULL LIMIT 100000) AS looked_at"
    )
    found = reading.fetch(sql, (asking.tenant, asking.units.min(), asking.units.max()))
    return set(FloorNames(asking.tenant).names(station for (station,) in found).values())


@source("AVII.6")
def test_results(asking: Asking) -> Part:
    """The last outcome of each test plan, unit by unit, as counts; which requirements each plan shows."""
    outcomes: dict[tuple[int, int], BitMap] = defaultdict(BitMap)
    if asking.units:
        sql = (
            "SELECT plan, outcome, first_unit, until_unit, units FROM quality_outcome_run WHERE tenant = %s AND standing = 1 "
            "AND until_entry IS NULL AND until_unit > %s AND first_unit <= %s"
        )
        for plan, outcome, first, until, packed in reading.fetch(sql, (asking.tenant, asking.units.min(), asking.units.max())):  # fmt: skip
            outcomes[plan, outcome] |= opened(first, until, packed) & asking.units
    names = FloorNames(asking.tenant).names({plan for plan, _outcome in outcomes})
    rows = sorted(
        (names[plan], spoken(OUTCOME_WORDS[outcome]), number(len(units)), number(len(asking.units)))
        for (plan, outcome), units in outcomes.items()
        if units
    )
    plans = plans_of_products(asking.tenant, [asking.product])
    specified = []
    for plan, versions in sorted(plans.items()):
        for one in versions:
            shows = sorted({key for step in one.content.steps for key in step.proves})
            specified.append((plan, one.version, spoken(one.state(asking.now, versions)), one.sha256, named(shows, 40)))
    gaps = _untested(asking, names, outcomes)
    ran = {names[plan] for (plan, _outcome), units in outcomes.items() if units}
    idle = sorted(plan for plan, versions in plans.items() if in_force(versions, asking.now) and plan not in ran)
    if idle and asking.units:
        gaps.append(_("In force, and no unit was tested by them: %(names)s.") % {"names": named(idle)})
    unknown = sorted(set(names.values()) - set(plans))
    if unknown:
        gaps.append(_("Tests were run by plans that are not on file: %(names)s.") % {"names": named(unknown)})
    tables = []
    if rows:
        columns = (_("test plan"), _("last outcome"), _("units"), _("of"))
        tables.append(Table(_("Outcomes of tests"), columns, len(rows), lambda: rows))
    if specified:
        columns = (_("test plan"), _("version"), _("state"), "SHA-256", _("requirements it shows"))
        tables.append(Table(_("Test plans"), columns, len(specified), lambda: specified))
    return Part(QUALITY, (), tuple(tables), (), tuple(gaps))


def _untested(asking: Asking, names: dict[int, str], outcomes: dict) -> list[str]:
    gaps = []
    tested = BitMap().union(*outcomes.values()) if outcomes else BitMap()
    total = len(asking.units)
    if total > len(tested):
        gaps.append(_("%(n)s of %(of)s units have no test result.") % {"n": number(total - len(tested)), "of": number(total)})  # fmt: skip
    for plan, name in sorted(names.items(), key=lambda one: one[1]):
        failed = BitMap().union(
            *(units for (one, outcome), units in outcomes.items() if one == plan and outcome != PASS)
        )
        if failed:
            gaps.append(_("%(plan)s: the last run of %(n)s units did not pass.") % {"plan": name, "n": number(len(failed))})  # fmt: skip
    if not total:
        gaps.append(_("No unit of this product is recorded."))
    return gaps


@source("identity")
def identification(asking: Asking) -> Part:
    """How units are named and marked, whose product it is."""
    words, gaps = [], []
    rule, mark = serial_rule(asking.tenant, asking.number), mark_rule(asking.tenant, asking.number)
    if rule is not None:
        words.append(_("Serial numbers: prefix %(prefix)s, %(width)s digits.") % {"prefix": rule.prefix or "–", "width": rule.width})  # fmt: skip
    if mark != MarkRule():  # of a product without a rule nobody said what its units bear
        gs1 = _("Mark on the unit: GTIN %(gtin)s and serial number (GS1).") % {"gtin": mark.gtin}
        words.append(gs1 if mark.content_kind == GS1 else _("Mark on the unit: its serial number."))
    if mark.read_back:
        words.append(_("The mark is read back before a unit goes on from %(step)s.") % {"step": mark.read_back})
    unnamed = asking.units - _named_units(asking)
    if asking.units:
        said = {"n": number(len(asking.units) - len(unnamed)), "of": number(len(asking.units))}
        words.append(_("%(n)s of %(of)s units have a serial number.") % said)
    if unnamed:
        gaps.append(_("%(n)s of %(of)s units have no serial number.") % {"n": number(len(unnamed)), "of": number(len(asking.units))})  # fmt: skip
    maker = manufacturer_of(asking.tenant, asking.product, asking.now)
    if maker is None:
        gaps.append(_("Nobody said who the manufacturer of this product is."))
    else:
        words.append(_("Manufacturer: %(name)s.") % {"name": names_of(asking.tenant, [maker]).get(maker, "")})
    return Part(PRODUCTION, tuple(words), (), (), tuple(gaps))


def _named_units(asking: Asking) -> BitMap:
    sql = (
        "SELECT DISTINCT unit FROM production_unit_name WHERE tenant = %s AND kind = 0 AND until_entry IS NULL "
        "AND unit >= %s AND unit < %s"
    )
    return BitMap(
        unit for first, until, *_rest in asking.blocks for (unit,) in reading.stream(sql, (asking.tenant, first, until))
    )


@source("market")
def shipments(asking: Asking) -> Part:
    """Where units went, and whether somebody said when they were placed on the market."""
    states = {kind: count for kind, count in asking.count("state") if count}
    customers = [(name or _("not shipped"), number(count)) for name, count in asking.count("customer")]
    shipped, silent = _away(asking)
    gaps = []
    if silent:
        gaps.append(_("%(n)s of %(of)s shipped units: nobody said whether and when they were placed on the market.") % {"n": number(len(silent)), "of": number(len(shipped))})  # fmt: skip
    if not shipped:
        gaps.append(_("No unit of this product was shipped."))
    words = tuple(_("%(n)s units are %(state)s.") % {"n": number(count), "state": spoken(state)} for state, count in states.items())  # fmt: skip
    tables = (Table(_("Where units went"), (_("customer"), _("units")), len(customers), lambda: customers),) if customers else ()  # fmt: skip
    return Part(SHIPPING, words, tables, (), tuple(gaps))


def _away(asking: Asking) -> tuple[BitMap, BitMap]:
    """Units that are away, and those of them whose outermost unit no shipment and no decision says to be placed on the market."""
    view, units = asking.view, BitMap(asking.units)
    if not units:
        return BitMap(), BitMap()
    tops = view.outermost(units)
    away = BitMap(in_state(view, "shipped", (units - BitMap(tops)) | BitMap(tops.values())))
    placed = BitMap().union(*(one.units for one in placed_days(view, away)))

    def of_product(outermost: BitMap) -> BitMap:
        inside = BitMap(unit for unit, top in tops.items() if top in outermost)
        return ((units - BitMap(tops)) & outermost) | inside

    return of_product(away), of_product(away - placed)


@source("suppliers")
def checked_parts(asking: Asking) -> Part:
    """Which parts of the product have an approved maker, a declaration of their supplier, an incoming inspection."""
    sql = (
        "SELECT DISTINCT p.number, p.code FROM catalog_bom m JOIN catalog_revision r ON r.tenant = m.tenant AND r.number = m.revision "
        "JOIN catalog_bom_line l ON l.tenant = m.tenant AND l.bom = m.number AND l.until_entry IS NULL "
        "JOIN catalog_part p ON p.tenant = l.tenant AND p.number = l.part WHERE m.tenant = %s AND r.product = %s ORDER BY p.code"
    )
    parts = reading.fetch(sql, (asking.tenant, asking.number))
    numbers = reading.list_param(sorted(number for number, _code in parts))
    sql = "SELECT part, maker, mpn FROM catalog_manufacturer_part WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("part")  # fmt: skip
    makers = defaultdict(list)
    for part, maker, mpn in reading.fetch(sql, (asking.tenant, numbers)) if parts else ():
        makers[part].append(f"{maker} {mpn}".strip())
    sql = "SELECT part, count(*), max(happened_at) FROM supply_declaration WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("part", "text") + " GROUP BY part"  # fmt: skip
    codes = reading.list_param([code for _number, code in parts])
    declared = {part: (count, at) for part, count, at in reading.fetch(sql, (asking.tenant, codes))} if parts else {}
    rows = [
        (code, named(makers[part], 6), number(declared.get(code, (0, 0))[0]), day_of(declared[code][1]) if code in declared else "")
        for part, code in parts
    ]  # fmt: skip
    bare = [row[0] for row in rows if row[2] == number(0)]
    gaps = (_("%(n)s of %(of)s parts have no declaration of their supplier: %(names)s.") % {"n": number(len(bare)), "of": number(len(rows)), "names": named(bare)},) if bare else ()  # fmt: skip
    columns = (_("part"), _("approved maker and part number"), _("declarations"), _("newest"))
    return Part(SUPPLY, (), (Table(_("Parts"), columns, len(rows), lambda: rows),) if rows else (), (), gaps)
