"""The answer counted the slow way: every unit, every position, straight from the exchange tables.

This is the second opinion that the question room is checked against. It is written from sections 6 and 7 of the design
and from nothing else; it imports nothing of the product. Tables are `{name without .csv: [row, …]}`, a row is a dict of
the CSV cells as text. A question is a small tree of tuples (`to_text` writes it in the question language):

    ('and', a, b, …) ('or', a, b, …) ('not', a) ('bracket', a, …) ('ever', a, …) ('inside', a, …) ('contains', a, …)
    ('lot', ['X', 'Y']) ('feeder', f or 'M/f') ('package', p) ('part', p) ('maker', m) ('supplier', s) ('datecode', low, high) ('at', 'C12')
    ('order', o) ('order_range', o, 1, 40) ('product', p) ('revision', r) ('bom', b) ('panel', p) ('unit', sn)
    ('unit_range', a, b) ('firmware', role or None, version) ('firmware_cmp', op, product or None, version)
    ('image', sha) ('passed', step or machine, {condition: value}, (from, to) or None)
    ('reading', step or machine, key, op, number)
    ('alarm', code) ('station', s) ('operator', o) ('test_failed',) ('test', plan, outcome) ('reworked',) ('held',) ('scrapped',) ('in', state)
    ('customer', c) ('owner', o) ('country', c) ('shipment', s) ('placed', from, to)

A value may be a list (any of them); an end of a range may be None (open). Codes compare exactly here.
It refuses (ValueError) what the page leaves without a meaning rather than guess: `at:` without a material term beside
it or beside a negated one, a comparison of a version that several products have.
A row of `holds` that holds by question carries its tree, as JSON, in the cell `tree`, which is no column of the exchange.
A row may carry the cells `recorded_at` and `withdrawn_at`, which are no columns either: `as_of` leaves out what came later, or was gone.
"""

import json
import operator
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta

NO, UNRECORDED, POSSIBLE, CERTAIN = GRADES = ("no", "unrecorded", "possible", "certain")  # lowest to highest
MATERIAL = ("lot", "package", "part", "maker", "supplier", "datecode", "feeder")
BY_HAND = "by hand"  # what a replacement put in came through no feeder
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
STATES = ("planned", "production", "outside", "stock", "shipped", "returned", "scrapped")
SEMVER = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
# A planned unit carries nothing yet and is not silent: docs/design/genealogy.md names this reading of the page.
PLANNED_UNITS_ARE_SILENT = False


def answer(tables, question, as_of=None):
    """Grade every unit that is not skipped: {(order, place in it from 1): 'certain', 'possible', 'unrecorded' or 'no'}.

    `as_of` is an ISO 8601 instant or None.
    """
    factory = Factory(tables, as_of)
    return {unit: factory.grade(question, unit) for unit in factory.units}


def roll_up(tables, grades, as_of=None):
    """Count grades as the JSON of section 6 does: {'affected': …, 'finished': …, 'by': {…}}; null keys come last."""
    factory = Factory(tables, as_of)
    affected = {unit: grade for unit, grade in grades.items() if grade != NO}
    finished = {}
    for unit, grade in affected.items():
        top = factory.outermost(unit)
        finished[top] = highest([finished.get(top, NO), grade])
    return {
        "affected": three_numbers(affected.values()),
        "finished": three_numbers(finished.values()),
        "by": {
            "customer": grouped("customer", finished, factory.customer_name),
            "owner": grouped("owner", affected, factory.owner_name),
            "order": grouped("order", affected, lambda unit: unit[0]),
            "firmware": factory.by_firmware(affected),
            "state": grouped("state", finished, factory.own_state),
        },
    }


def three_numbers(grades):
    """{'certain': n, 'possible': n, 'unrecorded': n} of some grades."""
    grades = list(grades)
    return {grade: grades.count(grade) for grade in (CERTAIN, POSSIBLE, UNRECORDED)}


def grouped(name, graded, key_of):
    """Rows {name: key, 'certain': n, …} of graded units, sorted by key, null last."""
    groups = defaultdict(list)
    for unit, grade in graded.items():
        groups[key_of(unit)].append(grade)
    keys = sorted(groups, key=lambda key: (key is None, key or ""))
    return [{name: key, **three_numbers(groups[key])} for key in keys]


def lowest(grades):
    """What `and` takes."""
    return min(grades, key=GRADES.index)


def highest(grades):
    """What `or` takes; `no` of nothing."""
    return max(grades, key=GRADES.index, default=NO)


def sure(truth):
    """Certain or no."""
    return CERTAIN if truth else NO


def any_of(value):
    """The values of a term as a list: `lot:A,B` is any of them."""
    return list(value) if isinstance(value, list | tuple) else [value]


def instant(text):
    """An aware instant; text without an offset is UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Window:
    """A range of dates or instants, both ends in it; a date is the whole day in UTC; None is an open end."""

    def __init__(self, first, last):
        self.begin = instant(first) if first else datetime.min.replace(tzinfo=UTC)
        self.end = instant(last) if last else datetime.max.replace(tzinfo=UTC)
        self.ends_on_date = bool(last) and len(last) == 10
        if self.ends_on_date:
            self.end += timedelta(days=1)

    def holds(self, moment):
        """Midnight after the last date is outside, the last instant itself is inside."""
        return self.begin <= moment and (moment < self.end or (moment == self.end and not self.ends_on_date))

    def overlaps(self, started, finished):
        """A pass that starts before the end of the window and ends at or after its beginning."""
        return started < self.end and finished >= self.begin


def version_key(version):
    """SemVer 2.0.0 precedence, or None where the text is no SemVer."""
    found = SEMVER.fullmatch(version)
    if not found:
        return None
    before = found[4].split(".") if found[4] else []
    parts = [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in before]
    return int(found[1]), int(found[2]), int(found[3]), not before, parts


class Factory:
    """One set of exchange tables, read row by row at each question."""

    def __init__(self, tables, as_of=None):
        self.tables = defaultdict(list)
        for name, rows in tables.items():
            self.tables[name] = [row for row in rows if self.recorded_by(row, as_of)]
        self.orders = {row["order"]: row for row in self.tables["orders"]}
        self.stated, self.names = {}, defaultdict(set)
        self.number_units()
        self.units = [unit for unit in self.stated if self.stated[unit] != "skipped"]
        self.lots = defaultdict(list)
        for row in self.tables["lots"]:
            self.lots[row["package"]].append(row)
        self.lots = dict(self.lots)
        self.materials = [(row, self.span(row)) for row in self.tables["materials"]]
        self.processes = [(row, self.span(row)) for row in self.tables["processes"]]
        shipped = sorted(self.tables["shipments"], key=lambda row: instant(row["shipped_at"]))
        self.shipments = [(row, self.span(row)) for row in shipped]
        self.sent_out = [(row, self.span(row)) for row in self.tables["sent_out"]]
        self.taken_back = [(row, self.span(row)) for row in self.tables["taken_back"]]
        self.replacements = self.rows_of_units("replacements", "happened_at")
        self.programming = self.rows_of_units("programming", "happened_at")
        # a station's record of an attempt; an alarm, or an attempt at a unit that nobody knows, names none
        told = [row for row in self.tables.get("station_records", ()) if row["serial"]]
        self.station_records = defaultdict(list)
        for row in told:
            self.station_records[self.unit_of(row["serial"], None)].append(row)
        self.tests = self.rows_of_units("tests", "finished_at")
        self.returns = self.rows_of_units("returns", "happened_at")
        self.parents, self.assembled = {}, set()
        for row in self.tables["assemblies"]:
            parent = self.unit_of(row["parent_serial"], row.get("parent_product"))
            child = self.unit_of(row["child_serial"], row.get("child_product"))
            self.assembled |= {parent, child}
            if not row.get("removed_at"):
                self.parents[child] = parent

    @staticmethod
    def recorded_by(row, as_of):
        if as_of is None:
            return not row.get("withdrawn_at")
        gone = row.get("withdrawn_at") and instant(row["withdrawn_at"]) <= instant(as_of)
        return not gone and (not row.get("recorded_at") or instant(row["recorded_at"]) <= instant(as_of))

    def number_units(self):
        """Units of an order are its rows in units.csv, then as many as its quantity still promises."""
        rows = defaultdict(list)
        for row in self.tables["units"]:
            rows[row["order"]].append(row)
        self.panels = {}
        for order, described in self.orders.items():
            for n in range(1, max(int(described["quantity"] or 0), len(rows[order])) + 1):
                unit = (order, n)
                row = rows[order][n - 1] if n <= len(rows[order]) else None
                # no state cell = built; no row = planned
                self.stated[unit] = (row.get("state") or "built") if row else "planned"
                self.names[f"{order}#{n}"].add(unit)
                if row and row["serial"] != "-":
                    self.names[row["serial"]].add(unit)
                if row and row["panel"]:
                    self.panels[unit] = row["panel"]
                    self.names[f"{row['panel']}/{row['position']}"].add(unit)
        for row in self.tables["names"]:
            self.names[row["value"]].add(self.unit_of(row["unit"]))

    def unit_of(self, cell, product=None):
        """The one unit that a serial cell names."""
        found = {unit for unit in self.names.get(cell, ()) if not product or self.product(unit) == product}
        if len(found) != 1:
            raise ValueError(f"{cell!r} names {len(found)} units")
        return found.pop()

    def span(self, row):
        """The units first_serial..last_serial, along the axis of their order."""
        order, first = self.unit_of(row["first_serial"], row.get("product"))
        last_order, last = self.unit_of(row["last_serial"], row.get("product"))
        if order != last_order or first > last or row.get("order", order) != order:
            raise ValueError(f"no span: {row}")
        return {(order, n) for n in range(first, last + 1)}

    def rows_of_units(self, table, column):
        """{unit: its rows, by what happened last, ties by row order}."""
        found = defaultdict(list)
        for row in self.tables[table]:
            if not row["serial"]:
                continue  # devices that came programmed: asked where packages are
            found[self.unit_of(row["serial"], row.get("product"))].append(row)
        return {unit: sorted(rows, key=lambda row: instant(row[column])) for unit, rows in found.items()}

    # ---- what a unit is

    def product(self, unit):
        return self.orders[unit[0]]["product"]

    def party(self, text):
        """A party's id, from its id or name; the text itself where no party has it."""
        for column in ("party", "name"):
            for row in self.tables["parties"]:
                if row[column] == text:
                    return row["party"]
        return text

    def party_name(self, text):
        """A party's name, or None for an empty cell."""
        names = [row["name"] for row in self.tables["parties"] if row["party"] == self.party(text)]
        return names[0] if names else text or None

    def owner_name(self, unit):
        return self.party_name(self.orders[unit[0]]["customer"])

    def outermost(self, unit):
        while unit in self.parents:
            unit = self.parents[unit]
        return unit

    def shipment(self, unit):
        """The row that ships this very unit last by shipped_at, or None."""
        rows = [row for row, span in self.shipments if unit in span]
        return rows[-1] if rows else None

    def customer_name(self, unit):
        row = self.shipment(unit)
        return self.party_name(row["customer"]) if row else None

    def own_state(self, unit):
        """One state a unit. A scrapped unit is scrapped wherever it was sent."""
        if self.stated[unit] in ("scrapped", "skipped"):
            return self.stated[unit]
        if self.is_outside(unit):
            return "outside"
        if self.is_back(unit):
            return "returned"
        if self.shipment(unit):
            return "shipped"
        if self.stated[unit] == "built":
            return "stock"
        touched = unit in self.assembled or any(
            unit in rows for rows in (self.replacements, self.programming, self.tests)
        )
        touched = touched or any(unit in span for _, span in self.materials + self.processes + self.sent_out)
        return "production" if touched else "planned"

    def is_outside(self, unit):
        """It left with a note that did not bring it back, and was not shipped at that time or later: what happened last counts."""
        back = {row["note"] for row, span in self.taken_back if unit in span}
        left = [instant(row["sent_at"]) for row, span in self.sent_out if unit in span and row["note"] not in back]
        shipped = self.shipment(unit)
        return any(not shipped or instant(shipped["shipped_at"]) < moment for moment in left)

    def is_back(self, unit):
        """It came back at or after its last shipment, and was not sent back since. A module that left inside another unit has none of its own."""
        back = None
        for row in self.returns.get(unit, ()):
            if row["event"] == "received":
                back = instant(row["happened_at"])
            elif row["event"] == "sent_back":
                back = None
        shipped = self.shipment(unit)
        return back is not None and (shipped is None or back >= instant(shipped["shipped_at"]))

    # ---- what a unit carries

    def positions(self, unit):
        """{position: parts that the unit's BOM admits there}; a line without designators is the position `#LINE`."""
        order, found = self.orders[unit[0]], defaultdict(set)
        for row in self.tables["bom"]:
            if all(row[column] == order[column] for column in ("product", "revision", "bom_version")):
                for position in row["refdes"].split() or [f"#{row['line']}"]:
                    found[position].add(row["part"])
        return found

    def candidates_when_built(self, unit, position):
        """(package, its row) of the material rows over the unit at the position; (None, None) is the unknown candidate."""
        here = [row for row, span in self.materials if unit in span and position in row["refdes"].split()]
        packages = sorted({row["package"] for row in here})
        candidates = [(row["package"], row) for row in here]
        if not packages:
            return [(None, None)]
        # Rows of one package are one candidate, certain if any row is. A lone possible one stands beside the unknown.
        # A certain row beside possible rows of other packages does not exclude them: all are candidates.
        if len(packages) == 1 and all(row["certainty"] != "certain" for row in here):
            return [*candidates, (None, None)]
        return candidates

    def history(self, unit, position):
        """[packages when built, after the first replacement, …, now]."""
        return [sorted({package for package, _ in epoch}, key=str) for epoch in self.placed(unit, position)]

    def placed(self, unit, position):
        """[candidates (package, the row that placed it, or BY_HAND) when built, after the first replacement, …, now]."""
        epochs = [self.candidates_when_built(unit, position)]
        for row in self.replacements.get(unit, ()):
            if position in row["refdes"].split():
                if row["removed_package"]:
                    # what came out was certainly there; the others are excluded
                    out, hand = row["removed_package"], None if len(epochs) == 1 else BY_HAND
                    epochs[-1] = [one for one in epochs[-1] if one[0] == out] or [(out, hand)]
                epochs.append([(row["installed_package"] or None, BY_HAND)])
        return epochs

    def admits(self, term, parts):
        """Do the parts that a position admits hold one that the term asks for?"""
        wanted = any_of(term[1])
        if term[0] in ("supplier", "datecode"):
            return True
        if term[0] == "this_lot":
            return term[1] in parts
        if term[0] == "feeder":  # parts that ever came through it
            fed = {row["package"] for row, _ in self.materials if self.came_through(row, wanted) == CERTAIN}
            return bool({row["part"] for row in self.tables["lots"] if row["package"] in fed} & parts)
        column = {"lot": "lot_code", "package": "package", "part": "mpn", "maker": "manufacturer"}[term[0]]
        asked = {row["part"] for row in self.tables["lots"] if row[column] in wanted}
        if term[0] in ("part", "maker"):
            asked |= {row["part"] for row in self.tables["parts"] if row[column] in wanted}
        if term[0] == "part":
            asked |= set(wanted)
        return bool(asked & parts)

    def came_through(self, row, wanted):
        """Does a row of materials.csv name one of the feeders, F or M/F? Without the machine or the feeder it does not say."""
        grades = []
        for name in wanted:
            machine, _, feeder = name.rpartition("/")
            cells = [(row["machine"], machine)] * bool(machine) + [(row["feeder"], feeder)]
            grades.append(lowest([sure(cell == asked) if cell else UNRECORDED for cell, asked in cells]))
        return highest(grades)

    def fits(self, term, lot, parts, row=None):
        """Is the candidate (a row of lots.csv, or None, and what placed it) what the term asks for? Not known: `unrecorded`."""
        kind, wanted = term[0], any_of(term[1])
        silent = UNRECORDED if self.admits(term, parts) else NO
        if kind == "feeder":
            found = NO if row == BY_HAND else self.came_through(row, wanted) if row else UNRECORDED
            return silent if found == UNRECORDED else found
        if lot is None:
            return silent
        if kind == "this_lot":  # as for `lot:`, a package whose lot code is not known may be of any lot of the part
            cells = tuple(lot[name] for name in ("part", "manufacturer", "mpn", "lot_code", "date_code"))
            return sure(cells == term[1:]) if cells == term[1:] or lot["lot_code"] else silent
        if kind == "lot":
            return sure(lot["lot_code"] in wanted) if lot["lot_code"] else silent
        if kind == "datecode":
            low, high = term[1:]
            if not lot["date_code"]:
                return silent
            week = int(lot["date_code"])
            return sure((low is None or week >= int(low)) and (high is None or week <= int(high)))
        if kind == "supplier":
            return sure(self.party(lot["supplier"]) in [self.party(name) for name in wanted])
        columns = {"package": ["package"], "part": ["part", "mpn"], "maker": ["manufacturer"]}[kind]
        return sure(any(lot[column] in wanted for column in columns))

    def carries(self, terms, unit, ever, places=()):
        """The grade of material terms that speak of the same package at one position."""
        grades = []
        for position, parts in self.positions(unit).items():
            if any(position not in any_of(place[1]) for place in places):
                continue
            history = self.placed(unit, position)
            for candidates in history if ever else history[-1:]:
                lots = [
                    (lot, row) for package, row in candidates for lot in (self.lots[package] if package else [None])
                ]
                fitting = [lowest([self.fits(term, lot, parts, row) for term in terms]) for lot, row in lots]
                if all(fit == CERTAIN for fit in fitting):
                    grades.append(CERTAIN)
                elif CERTAIN in fitting:
                    grades.append(POSSIBLE)
                elif UNRECORDED in fitting and (PLANNED_UNITS_ARE_SILENT or self.own_state(unit) != "planned"):
                    grades.append(UNRECORDED)
        return highest(grades)

    # ---- the question

    def grade(self, tree, unit, ever=False):
        """The grade of one unit for one question; `ever` is on inside an ever:(…) bracket."""
        kind, *rest = tree
        if kind in ("and", "bracket"):
            return self.all_of(rest, unit, ever)
        if kind == "or":
            return highest([self.grade(part, unit, ever) for part in rest])
        if kind == "not":
            # `not` ranges over what was begun: stock, production, outside, shipped or scrapped by its own state
            if self.own_state(unit) == "planned":
                return NO
            inner = self.grade(rest[0], unit, ever)
            return {CERTAIN: NO, NO: CERTAIN}.get(inner, inner)
        if kind == "ever":
            return self.all_of(rest, unit, True)
        if kind == "inside":
            return highest([self.all_of(rest, other, ever) for other in self.units if self.is_inside(unit, other)])
        if kind == "contains":
            return highest([self.all_of(rest, other, ever) for other in self.units if self.is_inside(other, unit)])
        if kind in MATERIAL:
            return self.carries([tree], unit, ever)
        if kind == "passed":
            return self.passed(unit, *rest)
        if kind in ("firmware", "firmware_cmp", "image"):
            return self.runs(kind, rest, unit, ever)
        return sure(self.holds(kind, rest, unit, ever))

    def is_weak(self, unit, row):
        """Whether a station's record of this attempt names the image role as one of which only the tool's word is known."""
        return any(
            told["result"] == "pass"
            and (row.get("role") or "app") in told["tool_only"].split()
            and instant(told["happened_at"]) == instant(row["happened_at"])
            for told in self.station_records.get(unit, ())
        )

    def all_of(self, parts, unit, ever):
        """`and`: the lowest; material terms beside an `at:` speak of one package at that position."""
        places = [part for part in parts if part[0] == "at"]
        if not places:
            return lowest([self.grade(part, unit, ever) for part in parts])
        material = [part for part in parts if part[0] in MATERIAL]
        if not material or any(part[0] == "not" and part[1][0] in MATERIAL for part in parts):
            raise ValueError("the page gives no meaning to this use of at:")
        others = [part for part in parts if part not in places and part not in material]
        return lowest([self.carries(material, unit, ever, places), *[self.grade(part, unit, ever) for part in others]])

    def is_inside(self, unit, other):
        """Is the unit inside the other, at any depth, now?"""
        while unit in self.parents:
            unit = self.parents[unit]
            if unit == other:
                return True
        return False

    def passed(self, unit, name, conditions, window):
        """Every result counts: the unit went through. Conditions speak of one pass."""
        grades = []
        for row, span in self.processes:
            through = unit in span and name in (row["step"], row["machine"])
            if not through or any(row.get(column, "") != value for column, value in conditions.items()):
                continue
            if window is None:
                return CERTAIN
            limits, started, finished = Window(*window), instant(row["started_at"]), instant(row["finished_at"])
            if limits.overlaps(started, finished):
                inside = limits.holds(started) and limits.holds(finished)
                grades.append(CERTAIN if inside or len(span) == 1 else POSSIBLE)
        return highest(grades)

    def holds(self, kind, rest, unit, ever):
        """Terms that are certain or no."""
        about = getattr(self, f"about_{kind}", None)
        if about:
            return about(unit, *rest)
        if kind in ("test", "test_failed"):
            return self.tested(kind, rest, unit, ever)
        return self.is_there(kind, rest, unit)

    def about_order(self, unit, name):
        row = self.orders[unit[0]]
        return any(text in any_of(name) for text in (row["order"], row.get("batch")) if text)

    def about_order_range(self, unit, order, first, last):
        return unit[0] == order and (first or 1) <= unit[1] <= (last or unit[1])

    def about_product(self, unit, name):
        return self.product(unit) in any_of(name)

    def about_revision(self, unit, name):
        return self.orders[unit[0]]["revision"] in any_of(name)

    def about_bom(self, unit, name):
        return self.orders[unit[0]]["bom_version"] in any_of(name)

    def about_panel(self, unit, name):
        return self.panels.get(unit) in any_of(name)

    def about_owner(self, unit, name):
        owner = self.orders[unit[0]]["customer"]
        return bool(owner) and self.party(owner) in [self.party(text) for text in any_of(name)]

    def about_unit(self, unit, name):
        return any(unit in self.names.get(text, ()) for text in any_of(name))

    def about_unit_range(self, unit, first, last):
        """The order printed on labels: same prefix, number between, one product."""
        ends = [re.fullmatch(r"(.*?)(\d+)", text) if text else None for text in (first, last)]
        prefixes = {end[1] for end in ends if end}
        named = [{self.product(other) for other in self.names[text]} for text in (first, last) if text]
        products = set.union(*named)  # an end that nobody named yet says nothing of it
        if len(prefixes) != 1 or len(products) != 1:
            raise ValueError(f"no range of labels: {first}..{last}")
        for name, units in self.names.items():
            label = re.fullmatch(r"(.*?)(\d+)", name)
            if unit in units and label and label[1] in prefixes and {self.product(unit)} == products:
                number = int(label[2])
                if (not ends[0] or number >= int(ends[0][2])) and (not ends[1] or number <= int(ends[1][2])):
                    return True
        return False

    def about_reading(self, unit, name, key, sign, number):
        for row, span in self.processes:
            if unit in span and name in (row["step"], row["machine"]) and row["readings"]:
                value = json.loads(row["readings"]).get(key)
                if isinstance(value, int | float) and COMPARE[sign](value, float(number)):
                    return True
        return False

    def about_alarm(self, unit, name):
        """A run over it raised the alarm: the machine's code, or the reading that lay outside the limits of its step then."""
        return any(unit in span and self.alarms(row) & set(any_of(name)) for row, span in self.processes)

    def alarms(self, row):
        """The codes of the alarms of a process run."""
        said = json.loads(row["readings"] or "{}")
        order = self.orders[self.unit_of(row["first_serial"], row.get("product"))[0]]
        found = {said["alarm"]} if "alarm" in said else set()
        for step in self.tables["routings"]:
            same = (
                all(step[column] == order[column] for column in ("product", "revision")) and step["step"] == row["step"]
            )
            sided = not step["side"] or not row["side"] or step["side"] == row["side"]
            if same and sided and instant(step["from_at"]) <= instant(row["finished_at"]):
                for reading, (low, high) in json.loads(step["limits"] or "{}").items():
                    value = said.get(reading)
                    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
                        found.add(reading)
        return found

    def about_station(self, unit, name):
        rows = [*self.programming.get(unit, ()), *self.tests.get(unit, ())]
        return any(row["station"] in any_of(name) for row in rows)

    def about_operator(self, unit, name):
        rows = [row for table in (self.programming, self.tests, self.replacements) for row in table.get(unit, ())]
        rows += [row for row, span in self.processes if unit in span]
        return any(row["operator"] in any_of(name) for row in rows)

    def about_reworked(self, unit):
        """Reworked is: something on it was replaced."""
        return unit in self.replacements

    def about_held(self, unit):
        """Some hold that is not lifted holds it: as a span, by its lot, by its question; and no row lets it go."""
        rows = self.tables["holds"]
        lifted = {row["hold"] for row in rows if row["action"] == "lift" and not row["kind"]}
        for row in rows:
            if row["action"] == "place" and row["hold"] not in lifted and self.held_by(row, unit):
                free = [
                    one for one in rows if (one["hold"], one["action"], one["kind"]) == (row["hold"], "lift", "units")
                ]
                if not any(unit in self.span(one) for one in free):
                    return True
        return False

    def held_by(self, row, unit):
        """What one row of a hold holds: carried or answered certainly or possibly; where it says so, silence too."""
        enough = [CERTAIN, POSSIBLE] + ([UNRECORDED] if row["silent"] == "true" else [])
        if row["kind"] == "units":
            return unit in self.span(row)
        if row["kind"] == "question":
            return self.grade(json.loads(row["tree"]), unit) in enough
        named = ("part", "manufacturer", "mpn", "lot_code", "date_code")
        return self.carries([("this_lot", *(row[name] for name in named))], unit, False) in enough

    def about_scrapped(self, unit):
        return self.own_state(unit) == "scrapped"

    def running(self, unit, role, ever):
        """Successful programming rows of a role: the last by happened_at, or all of them for ever:."""
        rows = [row for row in self.programming.get(unit, ()) if row["result"] == "pass"]
        rows = [row for row in rows if (row.get("role") or "app") == role]
        return rows if ever else rows[-1:]

    def by_firmware(self, affected):
        """Rows by app version: units that certainly run it; a unit may stand in several, with two packages of their own."""
        versions = sorted({row["version"] for row in self.tables["firmware"] if (row["role"] or "app") == "app"})
        groups, left = [], dict(affected)
        for version in versions:
            mine = [
                unit for unit in affected
                if self.runs_one_of(unit, "app", lambda row: row["version"] == version, False) == CERTAIN  # noqa: B023
            ]  # fmt: skip
            left = {unit: grade for unit, grade in left.items() if unit not in mine}
            if mine:
                groups.append({"firmware": version, **three_numbers(affected[unit] for unit in mine)})
        return groups + ([{"firmware": None, **three_numbers(left.values())}] if left else [])

    def image_of(self, row):
        """The SHA-256 of the release that a row names."""
        key = (row["product"], row["version"], row.get("role") or "app")
        same = [one for one in self.tables["firmware"] if (one["product"], one["version"], one["role"] or "app") == key]
        return same[0]["sha256"]

    def module_grade(self, package, role, wanted):
        """Did a package come with a wanted release from its maker? A row of its lot goes before rows of date codes."""
        grades = []
        for lot in self.lots[package]:
            rows = [
                row for row in self.tables["module_firmware"]
                if (row["manufacturer"].lower(), row["mpn"].lower(), row["role"] or "app")
                == (lot["manufacturer"].lower(), lot["mpn"].lower(), role)
            ]  # fmt: skip
            named = [row for row in rows if row["lot_code"] and row["lot_code"] == lot["lot_code"]]
            surely, maybe = named[:1], []
            for row in rows if not named else ():
                low, high = row["date_code_from"], row["date_code_until"]
                if row["lot_code"]:
                    maybe += [] if lot["lot_code"] else [row]
                elif not low and not high:
                    surely.append(row)
                elif not lot["date_code"]:
                    maybe.append(row)
                elif (not low or int(low) <= int(lot["date_code"])) and (
                    not high or int(lot["date_code"]) <= int(high)
                ):
                    surely.append(row)
            if maybe:
                grades.append(POSSIBLE if any(map(wanted, surely + maybe)) else NO)
            else:
                grades.append(sure(any(map(wanted, surely))))
        if all(grade == CERTAIN for grade in grades):
            return CERTAIN
        return POSSIBLE if any(grade != NO for grade in grades) else NO

    def came_with(self, package, role, wanted, ever, own):
        """Did the devices of a package come with a wanted release, and did nothing overtake it since?"""
        rows = [
            row for row in self.tables["programming"]
            if not row["serial"] and row["package"] == package and row["result"] == "pass"
            and (row.get("role") or "app") == role
        ]  # fmt: skip
        rows.sort(key=lambda row: instant(row["happened_at"]))
        if ever:
            return highest([self.module_grade(package, role, wanted), sure(any(map(wanted, rows)))])
        if not rows:
            return NO if own else self.module_grade(package, role, wanted)
        overtaken = own and instant(own[-1]["happened_at"]) >= instant(rows[-1]["happened_at"])
        return sure(wanted(rows[-1]) and not overtaken)

    def runs_one_of(self, unit, role, wanted, ever):
        """The grade of running a wanted release in a role: by an own record, or inside a package; the later one counts."""
        own = self.running(unit, role, ever)
        # a row of which only a tool's word is known says it possibly
        grades = [POSSIBLE if self.is_weak(unit, row) else CERTAIN for row in own if wanted(row)]
        for position in self.positions(unit):
            history = self.history(unit, position)
            for packages in history if ever else history[-1:]:
                came = [self.came_with(one, role, wanted, ever, own) if one else NO for one in packages]
                if all(grade == CERTAIN for grade in came):
                    grades.append(CERTAIN)
                elif any(grade != NO for grade in came):
                    grades.append(POSSIBLE)
        return highest(grades)

    def runs(self, kind, rest, unit, ever):
        """The grade of what a term about firmware asks."""
        if kind == "firmware":
            role, version = rest
            return self.runs_one_of(unit, role or "app", lambda row: row["version"] in any_of(version), ever)
        if kind == "image":
            roles = {row["role"] or "app" for row in self.tables["firmware"]}

            def fits(row):
                return self.image_of(row) in any_of(rest[0])

            return highest([self.runs_one_of(unit, role, fits, ever) for role in sorted(roles)])
        sign, product, version = rest
        releases = [row for row in self.tables["firmware"] if (row["role"] or "app") == "app"]
        owners = {product} if product else {row["product"] for row in releases if row["version"] == version}
        if len(owners) != 1:
            raise ValueError(f"{version} is a version of {len(owners)} products")
        if product and self.product(unit) != product:
            return NO  # its text names the product beside the comparison
        # release order: SemVer where both are, else the order in which the product released them
        mine = sorted(
            (row for row in releases if row["product"] in owners), key=lambda row: instant(row["released_at"])
        )
        released = [row["version"] for row in mine]

        def compares(row):
            if row["product"] not in owners:
                return False
            keys = [version_key(row["version"]), version_key(version)]
            if None in keys:
                keys = [released.index(row["version"]), released.index(version)]
            return COMPARE[sign](*keys)

        return self.runs_one_of(unit, "app", compares, ever)

    def tested(self, kind, rest, unit, ever):
        """The last run of each plan (all runs for ever:); only the outcome `fail` is failed."""
        rows = self.tests.get(unit, [])
        if not ever:
            rows = list({row["plan"]: row for row in rows}.values())
        if kind == "test_failed":
            return any(row["outcome"] == "fail" for row in rows)
        return any((row["plan"], row["outcome"]) == tuple(rest) for row in rows)

    def is_there(self, kind, rest, unit):
        """Terms about place look at the outermost unit that contains the unit."""
        top = self.outermost(unit)
        row, value = self.shipment(top), rest[0]
        if kind == "in":
            return self.own_state(top) in any_of(value)
        if kind not in ("customer", "country", "shipment", "placed"):
            raise ValueError(f"unknown term {kind}")
        if row is None:
            return False
        if kind == "customer":
            return self.party(row["customer"]) in [self.party(text) for text in any_of(value)]
        if kind == "placed":
            placed = row["placed_on_market_at"]
            return bool(placed) and Window(*rest).holds(instant(placed))
        return row[kind] in any_of(value)


def to_text(tree):
    """Write a question tree in the question language of section 6."""
    kind, *rest = tree
    if kind == "and":
        return " ".join(nested(part) for part in rest)
    if kind == "or":
        return " or ".join(nested(part) for part in rest)
    if kind == "not":
        return f"-({to_text(rest[0])})" if rest[0][0] == "not" else f"-{nested(rest[0])}"
    if kind == "bracket":
        return f"({to_text(('and', *rest))})"
    if kind in ("ever", "inside", "contains"):
        return f"{kind}:({to_text(('and', *rest)) if len(rest) > 1 else to_text(rest[0])})"
    if kind == "order_range":
        order, first, last = rest
        return f"order:{spelled(f'{order}#{first}')}..{spelled(f'{order}#{last}')}"
    if kind in ("datecode", "unit_range", "placed"):
        return f"{kind.removesuffix('_range')}:{between(*rest)}"
    if kind == "firmware":
        role, version = rest
        return f"firmware:{role}/{spelled(version)}" if role else f"firmware:{spelled(version)}"
    if kind == "firmware_cmp":
        sign, product, version = rest
        compared = f"firmware:{sign}{spelled(version)}"
        return f"(product:{spelled(product)} {compared})" if product else compared
    if kind == "passed":
        name, conditions, window = rest
        bracket = " ".join(f"{column}={spelled(value)}" for column, value in conditions.items())
        return f"passed:{spelled(name)}{f'({bracket})' if bracket else ''}{f'@{between(*window)}' if window else ''}"
    if kind == "reading":
        name, key, sign, number = rest
        return f"reading:{spelled(name)}.{key}{sign}{number}"
    if kind == "test_failed":
        return "test:failed"
    if kind == "test":
        return f"test:{spelled(rest[0])}={rest[1]}"
    if kind in ("reworked", "held", "scrapped"):
        return kind
    return f"{kind}:{','.join(spelled(value) for value in any_of(rest[0]))}"


def nested(tree):
    """Inside another operator `and` and `or` get parentheses, so that no rule of binding is leaned on."""
    return f"({to_text(tree)})" if tree[0] in ("and", "or") else to_text(tree)


def between(low, high):
    """`a..b`, `a..`, `..b`, or `a` where both ends are the same."""
    if low == high:
        return spelled(low)
    return f"{spelled(low) if low else ''}..{spelled(high) if high else ''}"


def spelled(value):
    """A value as written: in double quotes where it holds anything that the grammar could read."""
    text = str(value)
    if re.fullmatch(r"[A-Za-z0-9#][A-Za-z0-9_.:+/#-]*", text) and ".." not in text:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
