"""Terms about what happened and where: passes, readings, firmware, tests, stations, people, states and places."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from operator import itemgetter

from pyroaring import BitMap

from asbuilt.access.queries import may_ask_by_operator, person_by_code
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import Invalid, NotAllowed
from asbuilt.kernel.spans import UnitSet, bitmap_of, unpack
from asbuilt.questions.genealogy.evaluating.borne import HANDLED, borne, borne_floor, handled_by, not_gone
from asbuilt.questions.genealogy.evaluating.naming import numbers, unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Comparison, Condition, Pass, Range, Term, Value
from asbuilt.questions.genealogy.words.saying import written
from asbuilt.storage import reading

OUTCOMES = {"pass": 0, "fail": 1, "error": 2, "aborted": 3}
BLOCKS_FEW = 200  # so many blocks are looked into one by one sooner than a table is read through
READINGS_TRIED_MAX = 20
NAMES_LOOKED_AT_MAX = 200
COLUMNS = {"program": "program", "machine": "machine", "step": "step"}
TEXTS = {"side": 8, "pass": 9, "result": 10}
WORDS = {"side": {"top", "bottom"}, "result": {"completed", "failed", "aborted"}}


def floor_numbers(view: View, text: str, *kinds: str) -> dict[str, list[int]]:
    """Kind -> numbers of the floor names with this text; exactly, else case-blind where one fits.

    None for a step that a routing has and nobody went through yet, and for a programming station that was enrolled or stood
    with an alarm and made no unit: an answer of none, no unknown name. A name that only withdrawn rows mention is unknown.
    """
    if (text, kinds) not in view.floor_found:  # each pass of a question asks for it
        view.floor_found[text, kinds] = _floor_numbers(view, text, kinds)
    return view.floor_found[text, kinds]


def _floor_numbers(view: View, text: str, kinds: tuple[str, ...]) -> dict[str, list[int]]:
    for condition in ("name = %s", "lower(name) = lower(%s)"):
        sql = f"SELECT kind, number, name FROM production_floor_name WHERE tenant = %s AND {condition}"
        known = view.floor.get(text) if condition == "name = %s" else None
        rows = [row for row in known or reading.fetch(sql, (view.tenant, text)) if row[0] in kinds]
        # of few units it is enough that nothing on them mentions it
        if rows := rows if known else borne_floor(view, rows):
            found: dict[str, list[int]] = {}
            for kind, number, *_ in rows:
                found.setdefault(kind, []).append(number)
            return found
    known: list[str] = []
    if view.visible is None:
        routed = "SELECT t.step FROM catalog_routing_step t WHERE t.tenant = %s AND lower(t.step) = lower(%s)"
        if "step" in kinds and reading.fetch(routed + view.seen("t") + " LIMIT 1", (view.tenant, text)):
            return {}
        known = [name for _, name in floor_names(view, kinds)]
        if "station" in kinds:
            agents = _programming_stations(view)
            if text.lower() in map(str.lower, agents):
                return {}
            known += agents
    raise unknown(" or ".join(kinds), text, known)


def floor_names(view: View, kinds: Iterable[str]) -> list[tuple[str, str]]:
    """(kind, name) of the floor names of these kinds that something mentions which stands; of more than 200 all. A statement or two a name."""
    sql = "SELECT kind, number, name FROM production_floor_name WHERE tenant = %s AND "
    sql += reading.any_of("kind", "text") + " ORDER BY name"
    rows = reading.fetch(sql, (view.tenant, reading.list_param(kinds)))
    standing = {number for _, number in borne_floor(view, rows)} if len(rows) <= NAMES_LOOKED_AT_MAX else None
    return [(kind, name) for kind, number, name in rows if standing is None or number in standing]


def _programming_stations(view: View) -> list[str]:
    """Stations that were enrolled, and those that are only known by a record of theirs."""
    tables = ("programming_station", "programming_station_record")
    each = (f"SELECT DISTINCT t.station FROM {table} t WHERE t.tenant = %s" + view.seen("t") for table in tables)
    return [name for (name,) in reading.fetch(" UNION ".join(each), (view.tenant,) * len(tables))]


# ---- passes and readings


def passed(view: View, asked: Pass, within: BitMap | None = None) -> UnitSet:
    """Units that went through the step or machine, so, in the window; only those of `within` where given."""
    window = asked.window.bounds(view.zone) if asked.window else (None, None)
    _refuse_unknown_programs(view, asked.conditions)
    certain, possible = BitMap(), BitMap()
    columns = RUN_COLUMNS if asked.conditions else RUN_TIMES
    for row in _runs(view, asked.steps, window, within, columns=columns):
        if asked.conditions and not all(_meets(view, row, condition) for condition in asked.conditions):
            continue
        first, until, started, finished = row[:4]
        inside = (window[0] is None or started >= window[0]) and (window[1] is None or finished < window[1])
        target = certain if inside or until - first == 1 else possible
        target.add_range(first, until)
    if not certain and not possible:
        for condition in asked.conditions:
            _refuse_unknown_condition(view, asked.steps, condition)
    return UnitSet.nested(view.limit(certain), view.limit(possible), BitMap())


def reading_of(view: View, step: Value, condition: Condition, within: BitMap | None = None) -> UnitSet:
    """Units with a pass whose reading meets the condition; only those of `within` where given."""
    units = BitMap()
    for row in _runs(view, (step,), (None, None), within):
        if _meets(view, row, condition):
            units.add_range(row[0], row[1])
    if not units:
        _refuse_unknown_condition(view, (step,), condition)
    return UnitSet.sure(view.limit(units))


RUN_TIMES = "t.first_unit, t.until_unit, t.started_at, t.finished_at"
RUN_COLUMNS = RUN_TIMES + ", t.step, t.machine, t.program, t.work_order, t.side, t.pass_number, t.result, t.readings"


def _refuse_unknown_programs(view: View, conditions: Iterable[Condition]) -> None:
    for condition in conditions:
        if condition.name.text in COLUMNS:
            for match in condition.matches:
                if isinstance(match, Value):
                    floor_numbers(view, match.text, condition.name.text)


def _refuse_unknown_condition(view: View, steps: Iterable[Value], condition: Condition) -> None:
    """A reading or a side that no pass of these steps ever had is a name that nothing has, not an answer of none."""
    name = condition.name.text
    if name in COLUMNS or name == "pass":
        return
    if name in TEXTS:
        if all(isinstance(match, Value) and match.text in WORDS.get(name, ()) for match in condition.matches):
            return  # known without a look at any pass
        known = {row[TEXTS[name]] for row in _runs(view, steps, (None, None), ever=True)} | WORDS[name]
        for match in condition.matches:
            text = match.text if isinstance(match, Value) else written(match)
            if text not in known:
                raise unknown(name, text, known - {""} if view.visible is None else ())
        return
    if _is_reading(view, steps, name):
        return
    known = set()
    for row in _runs(view, steps, (None, None), ever=True):
        if _reading(row[11], name) is not None:
            return
        known.update(_reading_names(row[11]))
    raise unknown("reading", name, known if view.visible is None else ())


def _is_reading(view: View, steps: Iterable[Value], name: str) -> bool:
    """Whether one of the first passes of these steps whose readings hold the name has such a reading: mostly so, and found at once."""
    sql = "SELECT t.readings FROM production_process_run t WHERE t.tenant = %s AND "
    for value in steps:
        for kind, found in floor_numbers(view, value.text, "step", "machine").items():
            # a name is written in JSON as it is, or with escapes; those are found by reading all
            where = (
                f"{reading.any_of('t.' + kind)} AND t.readings LIKE %s{not_gone(view, 't')} LIMIT {READINGS_TRIED_MAX}"
            )
            params = (view.tenant, reading.list_param(found), f'%"{name.rpartition(".")[2]}"%')
            if any(_reading(text, name) is not None for (text,) in reading.fetch(sql + where, params)):
                return True
    return False


def _reading_names(text: str) -> Iterable[str]:
    said = json.loads(text) if text else {}
    return said if isinstance(said, dict) else ()


def _runs(
    view: View,
    steps: Iterable[Value],
    window,
    within: BitMap | None = None,
    ever: bool = False,
    columns: str = RUN_COLUMNS,
) -> Iterable[tuple]:
    """Passes of the steps or machines that overlap the window; with `ever` those not yet known too.

    Where few blocks are left of the answer, those are looked into instead of the whole window.
    """
    blocks = view.blocks_over(within) if within is not None else []
    for value in steps:
        for kind, found in floor_numbers(view, value.text, "step", "machine").items():
            if view.few is not None and within is not None and not ever:
                yield from _of_few(view.few.passes, 4 if kind == "step" else 5, found, window)
                continue
            few = within is not None and len(blocks) <= BLOCKS_FEW
            # the sign keeps SQLite from walking the whole history of the step for each block, in place of the block
            column = f"{'+' if few else ''}t.{kind}"
            more, params = f" AND {reading.any_of(column)}", [reading.list_param(found)]
            if window[1] is not None:
                more += " AND t.started_at < %s"
                params.append(window[1])
            if window[0] is not None:
                more += " AND t.finished_at >= %s"
                params.append(window[0])
            if few:
                yield from view.rows_by_block(columns, "production_process_run", blocks, more, params)
                continue
            more += not_gone(view, "t") if ever else view.seen("t")
            sql = f"SELECT {columns} FROM production_process_run t WHERE t.tenant = %s{more}"
            yield from reading.fetch(sql, (view.tenant, *params))


def _of_few(passes: Iterable[tuple], column: int, found: list[int], window) -> Iterable[tuple]:
    for row in passes:
        begins, ends = row[2], row[3]
        if (
            row[column] in found
            and (window[1] is None or begins < window[1])
            and (window[0] is None or ends >= window[0])
        ):
            yield row


def _meets(view: View, row: tuple, condition: Condition) -> bool:
    name = condition.name.text
    if name in COLUMNS and not any(isinstance(match, Comparison) for match in condition.matches):
        number = row[{"step": 4, "machine": 5, "program": 6}[name]]
        return any(number in floor_numbers(view, match.text, name).get(name, ()) for match in condition.matches)
    if name == "pass":
        return any(_number_fits(row[TEXTS[name]], match) for match in condition.matches)
    if name in TEXTS:
        return any(isinstance(match, Value) and row[TEXTS[name]] == match.text for match in condition.matches)
    found = _reading(row[11], name)
    return found is not None and any(_number_fits(found, match) for match in condition.matches)


def _reading(text: str, name: str):
    try:
        said = json.loads(text) if text else {}
    except ValueError:
        return None
    for key in [name] if isinstance(said, dict) and name in said else name.split("."):
        if not isinstance(said, dict) or key not in said:
            return None
        said = said[key]
    return said


def _number_fits(found, match) -> bool:
    if isinstance(match, Value):
        number, wanted = _decimal(found), _decimal(match.text)
        return str(found) == match.text or (number is not None and number == wanted)
    number = _decimal(found)
    if number is None:
        return False
    if isinstance(match, Range):
        low, high = (_decimal(end.text) if end else None for end in (match.low, match.high))
        return (low is None or number >= low) and (high is None or number <= high)
    wanted = _decimal(match.value.text)
    return {"<": number < wanted, "<=": number <= wanted, ">": number > wanted, ">=": number >= wanted}[match.sign]


def _decimal(value) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


# ---- tests, rework, stations, people


def tested(view: View, term: Term, ever: bool) -> UnitSet:
    """Units whose last run of a plan ended so; with `ever`, any run."""
    units = BitMap()
    for asked in term.values:
        if asked.plan is None:
            where, params = "", ()
            outcome = OUTCOMES["fail"]
        else:
            found = floor_numbers(view, asked.plan.text, "plan")["plan"]
            where, params = " AND " + reading.any_of("t.plan"), (reading.list_param(found),)
            outcome = OUTCOMES[asked.outcome]
        if view.few is not None:
            units |= _tested_of_few(view, params and found, outcome, ever)
            continue
        sql = (
            "SELECT t.first_unit, t.until_unit, t.units FROM quality_outcome_run t WHERE t.tenant = %s AND t.standing = %s "
            "AND t.outcome = %s"
        )
        rows = reading.fetch(sql + where + view.seen("t"), (view.tenant, 0 if ever else 1, outcome, *params))
        for row in rows:
            units |= unpack(*row)
    return UnitSet.sure(view.limit(units))


def plans_failed(view: View, units: BitMap) -> list[str]:
    """The plans that some of these units ever failed, by name. One statement."""
    if not units:
        return []
    sql = (
        "SELECT f.name, t.first_unit, t.until_unit, t.units FROM quality_outcome_run t JOIN production_floor_name f ON f.tenant = t.tenant "
        "AND f.number = t.plan WHERE t.tenant = %s AND t.outcome = %s AND t.standing = 0 AND t.first_unit <= %s AND t.until_unit > %s"
    )
    rows = reading.fetch(sql + view.seen("t"), (view.tenant, OUTCOMES["fail"], units.max(), units.min()))
    return sorted({name for name, *run in rows if unpack(*run) & units})


def _tested_of_few(view: View, plans, outcome: int, ever: bool) -> BitMap:
    """Units of the few whose last run (with `ever` any) of one of the plans (none: of any plan) ended so."""
    last: dict[tuple, int] = {}
    for unit, plan, _, ended, *_ in view.few.tests:
        last[(unit, plan, ended) if ever else (unit, plan)] = ended
    return BitMap(key[0] for key, ended in last.items() if ended == outcome and (not plans or key[1] in plans))


def reworked(view: View, within: BitMap | None = None) -> UnitSet:
    """Units on which something was replaced; only those of `within` where given."""
    if view.few is not None:
        return UnitSet.sure(view.few.material.replaced)
    if within is not None and len(spans := view.spans_over(within)) <= BLOCKS_FEW:
        rows = view.rows_by_block("t.unit", "production_replacement", spans, unit="unit")
        return UnitSet.sure(view.limit(BitMap([row[0] for row in rows])))
    sql = "SELECT DISTINCT r.unit FROM production_replacement r WHERE r.tenant = %s" + view.seen("r")
    return UnitSet.sure(view.limit(BitMap([row[0] for row in reading.fetch(sql, (view.tenant,))])))


def at_station(view: View, term: Term) -> UnitSet:
    """Units programmed or tested at the station. Reads every record of it."""
    found = [n for value in term.values for n in floor_numbers(view, value.text, "station").get("station", ())]
    if view.few is not None:
        handled = (*view.few.programmed, *((row[0], row[2]) for row in view.few.tests))
        return UnitSet.sure(BitMap(unit for unit, station, *_ in handled if station in found))
    return UnitSet.sure(view.limit(_units_where(view, "station", found, ("programming_record", "quality_test_run"))))


def by_operator(view: View, term: Term) -> UnitSet:
    """Units handled by the person. Needs a right of its own, and the tenant must have turned such questions on."""
    if not may_ask_by_operator(view.actor):
        remedy = "Ask an administrator to turn them on for the tenant, and for the right."
        raise NotAllowed("question.operator", "Questions by operator are turned off.", {}, remedy)
    found = []
    for value in term.values:
        person = person_by_code(view.tenant, value.text)
        if person is None or not handled_by(view, person):
            raise unknown("operator", value.text, ())
        found.append(person)
    if view.few is not None:
        return UnitSet.sure(_handled_of_few(view, set(found)))
    units = _units_where(view, "operator", found, tuple(name for name in HANDLED if name != "production_process_run"))
    sql = "SELECT p.first_unit, p.until_unit FROM production_process_run p WHERE p.tenant = %s AND " + reading.any_of(
        "p.operator"
    )
    units |= bitmap_of(reading.fetch(sql + view.seen("p"), (view.tenant, reading.list_param(found))))
    return UnitSet.sure(view.limit(units))


def _handled_of_few(view: View, people: set[int]) -> BitMap:
    handled = (
        *((row[0], row[2]) for row in view.few.programmed),
        *((row[0], row[6]) for row in view.few.tests),
        *view.few.replacers,
    )
    units = BitMap(unit for unit, person in handled if person in people)
    passes = bitmap_of(row[:2] for row in view.few.passes if row[12] in people)
    return units | passes


def _units_where(view: View, column: str, found: list[int], tables: Iterable[str]) -> BitMap:
    units = BitMap()
    for table in tables:
        sql = f"SELECT DISTINCT t.unit FROM {table} t WHERE t.tenant = %s AND {reading.any_of('t.' + column)}"
        units.update(row[0] for row in reading.fetch(sql + view.seen("t"), (view.tenant, reading.list_param(found))))
    return units


# ---- places: the outermost unit that contains the unit decides


def at_place(view: View, outer: Callable[[], BitMap]) -> UnitSet:
    """Units whose outermost unit is one of these."""
    units = outer()
    if view.has_assemblies and units:
        units = units - BitMap(view.parents(units))
        units |= view.descendants(units)
    return UnitSet.sure(view.limit(units))


def shipped(view: View, where: str = "", params: Iterable = ()) -> BitMap:
    """Units whose last shipment meets the condition on shipment `s` and line `l`; all shipped units without one."""
    columns = "l.first_unit, l.until_unit, l.shipped_at, l.entry"
    base = (
        f"SELECT {columns} FROM {view.shipments} s JOIN shipping_line l ON l.tenant = s.tenant AND l.shipment = s.number "
        "WHERE s.tenant = %s"
    ) + view.seen("l")
    rows = reading.fetch(base + where, (view.tenant, *params))
    units = bitmap_of(row[:2] for row in rows)
    if where and units and _shipped_twice(view):
        units = _by_last_shipment(view, units, set(rows))
    return units


def _shipped_twice(view: View) -> bool:
    sql = "SELECT l.first_unit, l.until_unit FROM shipping_line l WHERE l.tenant = %s" + view.seen("l")
    rows = reading.fetch(sql, (view.tenant,))
    return sum(until - first for first, until in rows) != len(bitmap_of(rows))


def _by_last_shipment(view: View, units: BitMap, wanted: set[tuple]) -> BitMap:
    found = BitMap()
    for line, mine in last_lines(view, units):
        if (line.first, line.until, line.shipped_at, line.entry) in wanted:
            found |= mine
    return found


class LineRow:
    """A shipment line with what an answer says of it."""

    __slots__ = ("country", "customer", "entry", "first", "placed_at", "shipment", "shipped_at", "until")

    def __init__(self, first, until, shipment, customer, country, shipped_at, placed_at, entry):
        self.first, self.until, self.shipment, self.customer = first, until, shipment, customer
        self.country, self.shipped_at, self.placed_at, self.entry = country, shipped_at, placed_at, entry


LINE_COLUMNS = "t.first_unit, t.until_unit, t.shipment, t.shipped_at, t.placed_at, t.entry"


def last_lines(view: View, units: BitMap) -> list[tuple[LineRow, BitMap]]:
    """The shipment lines that say where these units are now, with the units each speaks of. Two statements."""
    return _last_of(view, view.rows_reached(LINE_COLUMNS, "shipping_line", view.reaches(units)), units)


def lines_of(view: View, units: BitMap) -> list[LineRow]:
    """Every shipment line that speaks of one of these units, whichever came last. Two statements."""
    rows = view.rows_reached(LINE_COLUMNS, "shipping_line", view.reaches(units))
    codes = _shipments(view, {row[2] for row in rows})
    return [LineRow(first, until, *codes[shipment], *more) for first, until, shipment, *more in rows]


SENT_SPANS = "t.shipment, min(t.first_unit) AS first_unit, max(t.until_unit) AS until_unit, sum(t.until_unit - t.first_unit) AS units"
SENT_LINES = "t.shipment, t.first_unit, t.until_unit, t.until_unit - t.first_unit AS units"


def sent_to(view: View, units: BitMap) -> dict[str, BitMap]:
    """Name of a customer -> units whose last shipment went there: those of these units, and others of the same lines.

    One statement; another where a shipment leaves out units between its lines, two more where a unit was shipped twice.
    """
    # boxes are filled along the axis: the lines of a shipment in an order are mostly one span
    rows = _sent(view, units, SENT_SPANS, " GROUP BY s.first_unit, t.shipment")
    # a shipment holds a unit once, so lines that are as long together as from end to end leave nothing out
    if any(until - first != length for _name, first, until, length in rows):
        rows = _sent(view, units, SENT_LINES, "")
    rows.sort(key=itemgetter(1))
    found: dict[str, BitMap] = {}
    behind = 0
    for customer, first, until, _length in rows:
        if first < behind:  # one unit shipped twice: its lines are weighed against each other
            return _by_last_lines(view, units)
        behind = until
        if customer not in found:
            found[customer] = BitMap()
        found[customer].add_range(first, until)
    return found


def _sent(view: View, units: BitMap, columns: str, grouped: str) -> list[tuple]:
    """(customer, first, until, units of the lines between) of what was sent of these units. One statement."""
    reaches = view.reaches(units)
    if columns is SENT_SPANS and view.at_once is not None and view.at_once.reach(reaches):
        return view.at_once.sent
    shipment = reading.each("c", view.shipments, "c.tenant = %s AND c.number = g.shipment")
    if view.entry is not None:  # parties by what they were called then
        around = f"SELECT c.customer, g.first_unit, g.until_unit, g.units FROM ({{}}{grouped}) g {shipment}"
        rows = view.rows_reached(columns, "shipping_line", reaches, params=(view.tenant,), around=around)
        names = names_of(view.tenant, {row[0] for row in rows}, view.entry)
        return [(names.get(customer, "?"), *said) for customer, *said in rows]
    customer = reading.each("p", "parties_party", "p.tenant = c.tenant AND p.number = c.customer")
    around = f"SELECT p.name, g.first_unit, g.until_unit, g.units FROM ({{}}{grouped}) g {shipment} {customer}"
    return view.rows_reached(columns, "shipping_line", reaches, params=(view.tenant,), around=around)


def _by_last_lines(view: View, units: BitMap) -> dict[str, BitMap]:
    lines = last_lines(view, units)
    names = names_of(view.tenant, {line.customer for line, _ in lines}, view.entry)
    found: dict[str, BitMap] = {}
    for line, mine in lines:
        found.setdefault(names.get(line.customer, "?"), BitMap()).update(mine)
    return found


def _last_of(view: View, rows: list[tuple], units: BitMap) -> list[tuple[LineRow, BitMap]]:
    codes = _shipments(view, {row[2] for row in rows})
    rows.sort(key=lambda row: (row[3], row[5]), reverse=True)
    left = BitMap(units)
    found = []
    for first, until, shipment, shipped_at, placed_at, entry in rows:
        mine = left & BitMap(range(first, until)) if left.range_cardinality(first, until) else None
        if mine:
            left -= mine
            code, customer, country = codes[shipment]
            found.append((LineRow(first, until, code, customer, country, shipped_at, placed_at, entry), mine))
    return found


def _shipments(view: View, found: set[int]) -> dict[int, tuple[str, int, str]]:
    sql = (
        f"SELECT s.number, s.code, s.customer, s.country FROM {view.shipments} s WHERE s.tenant = %s AND "
        + reading.any_of("s.number")
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(found))) if found else []
    return {row[0]: row[1:] for row in rows}


def placed(view: View, windows) -> BitMap:
    """Units placed on the market in a window."""
    units = BitMap()
    for window in windows:
        start, until = window.bounds(view.zone)
        where, params = " AND l.placed_at IS NOT NULL", []
        if start is not None:
            where, params = where + " AND l.placed_at >= %s", [*params, start]
        if until is not None:
            where, params = where + " AND l.placed_at < %s", [*params, until]
        units |= shipped(view, where, params)
        units |= _decided(view, start, until)
    return units


def _decided(view: View, start: int | None, until: int | None) -> BitMap:
    """Units that a row of placings.csv places in the window: those that it names, or all of its shipment. Two statements at most."""
    sql = "SELECT t.unit, t.shipment FROM shipping_placing t WHERE t.tenant = %s AND t.placed_at >= %s AND t.placed_at < %s"
    ends = (-(2**62) if start is None else start, 2**62 if until is None else until)
    rows = reading.fetch(sql + view.seen("t"), (view.tenant, *ends))
    whole = sorted({shipment for unit, shipment in rows if unit is None})
    found = BitMap(unit for unit, _ in rows if unit is not None)
    if whole:
        found |= shipped(view, " AND " + reading.any_of("s.code", "text"), [reading.list_param(whole)])
    return found


def to_customer(view: View, values) -> BitMap:
    """Units that these customers received."""
    parties = [n for v in values for n in numbers(view, "customer", v.text, "parties_party", ("code", "name"))]
    return shipped(view, " AND " + reading.any_of("s.customer"), [reading.list_param(parties)])


def in_country(view: View, values) -> BitMap:
    """Units shipped to these countries; a country is a code, so a code that no shipment has is unknown."""
    return shipped(
        view, " AND " + reading.any_of("s.country", "text"), [reading.list_param(country_codes(view, values))]
    )


def country_codes(view: View, values) -> list[str]:
    """The codes as shipments and parties have them that stand. NotFound for one that none has. Two statements, three as of a moment."""
    known, tables = set(), ["shipping_shipment", "parties_party"]
    if view.entry is not None:  # then, or since
        tables.append("shipping_former_address")
    for table in tables:
        stands = borne(view, table) or not_gone(view, "t")
        sql = f"SELECT DISTINCT t.country FROM {table} t WHERE t.tenant = %s{stands}"
        known |= {country for (country,) in reading.fetch(sql, (view.tenant,))}
    wanted = []
    for value in values:
        same = [code for code in known if code == value.text] or [c for c in known if c.lower() == value.text.lower()]
        if not value.text or len(same) != 1:
            raise unknown("country", value.text, known if view.visible is None else ())
        wanted += same
    return wanted


def in_shipment(view: View, values) -> BitMap:
    """Units of these shipments."""
    found = [n for v in values for n in numbers(view, "shipment", v.text, "shipping_shipment", ("code",))]
    return shipped(view, " AND " + reading.any_of("s.number"), [reading.list_param(found)])


def refuse_bare_at(term: Term) -> None:
    """`at:` alone says nothing."""
    raise Invalid(
        "question.at_alone",
        f"Character {term.position}: at: stands without a material term in its bracket.",
        {"position": term.position},
        "Write (lot:X at:C12).",
    )
