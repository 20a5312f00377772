"""The record level counted the slow way: every unit, every position, every step, from docs/work/record-level.md and nothing else.

It stands on the tables as `brute_force.Factory` reads them and imports nothing of the product.
"""

import json

from brute_force import Factory, instant

LEVELS = range(5)


class Records:
    """What docs/work/record-level.md says of the units of a factory."""

    def __init__(self, tables):
        self.tables = tables
        self.factory = Factory(tables)
        self.lot = {row["package"]: row for row in tables["lots"]}

    def units(self, order):
        """Units begun and not skipped."""
        factory = self.factory
        return [unit for unit in factory.units if unit[0] == order and self.begun(unit)]

    def begun(self, unit):
        factory = self.factory
        if factory.stated[unit] in ("built", "scrapped"):
            return True
        spans = [span for _, span in factory.materials + factory.processes + factory.sent_out]
        rows = (factory.replacements, factory.programming, factory.tests)
        return unit in factory.assembled or any(unit in each for each in rows) or any(unit in span for span in spans)

    # ---- material

    def candidates(self, unit, position):
        return self.factory.history(unit, position)[-1]

    def received(self, package):
        return bool(self.lot[package]["received_at"] or self.lot[package].get("delivery"))

    def good(self, package):
        return self.received(package) and bool(self.lot[package]["lot_code"])

    def on_order(self, order, positions):
        """Packages that stand at some position of the line on some judged unit of the order."""
        found = set()
        for unit in self.units(order):
            for position in positions:
                found |= set(self.candidates(unit, position)) - {None}
        return found

    def lines(self, order):
        row = self.factory.orders[order]
        same = ("product", "revision", "bom_version")
        mine = [line for line in self.tables["bom"] if all(line[name] == row[name] for name in same)]
        return [line["refdes"].split() or [f"#{line['line']}"] for line in mine]

    def material(self, order):
        """Unit -> level."""
        found = dict.fromkeys(self.units(order), 4)
        for positions in self.lines(order):
            listed = self.on_order(order, positions)
            for unit in found:
                for position in positions:
                    found[unit] = min(found[unit], self.material_at(self.candidates(unit, position), listed))
        return found

    def material_at(self, candidates, listed):
        known = None not in candidates
        if known and len(candidates) == 1 and self.good(candidates[0]):
            return 4
        if known and all(self.good(one) for one in candidates):
            return 3
        if listed and all(self.good(one) for one in listed):
            return 2
        return 1 if any(self.received(one) for one in listed) else 0

    # ---- process

    def runs(self, unit):
        """(step, side or None for a test, machine, program, operator, readings)."""
        found = []
        for row, span in self.factory.processes:
            if unit in span:
                said = json.loads(row["readings"] or "{}")
                found.append((row["step"], row["side"], row["machine"], row["program"], row["operator"], said))
        for row in self.factory.tests.get(unit, ()):
            said = json.loads(row["measurements"] or "{}")
            found.append((row["plan"], None, row["station"], row["plan_version"], row["operator"], said))
        return found

    def route(self, order):
        """The steps in force when the first run began; None without."""
        begun = [instant(row["started_at"]) for row, span in self.factory.processes if span & set(self.units(order))]
        for unit in self.units(order):
            begun += [instant(row["started_at"]) for row in self.factory.tests.get(unit, ())]
        row = self.factory.orders[order]
        mine = [
            one
            for one in self.tables["routings"]
            if (one["product"], one["revision"]) == (row["product"], row["revision"])
        ]
        mine = [one for one in mine if not begun or instant(one["from_at"]) <= min(begun)]
        return [one for one in mine if one["optional"] != "true"] if mine else None

    def process(self, order):
        """Unit -> level."""
        units, route = self.units(order), self.route(order)
        if route is None:
            steps = {run[:2] for unit in units for run in self.runs(unit) if run[1] is not None}
            return {unit: int(bool(steps) and steps <= {run[:2] for run in self.runs(unit)}) for unit in units}
        return {unit: min((self.process_at(unit, step) for step in route), default=4) for unit in units}

    def process_at(self, unit, step):
        limits = json.loads(step["limits"] or "{}")
        best = 0
        for name, side, machine, program, operator, said in self.runs(unit):
            if name != step["step"] or not (side is None or step["side"] in ("", side)):
                continue
            named = program if machine else operator
            measured = all(isinstance(said.get(one), int | float) for one in limits)
            best = max(best, 3 if named and measured else 2 if named else 1)
        return best  # no table comes in a machine's message

    # ---- doubts

    def placed(self):
        """Package -> pieces that are certainly placed, with those that replacements put in."""
        found = dict.fromkeys(self.lot, 0)
        places = set()
        for row, span in self.factory.materials:
            if row["certainty"] == "certain":
                places |= {(row["package"], unit, position) for unit in span for position in row["refdes"].split()}
        for package, unit, position in places:
            if self.factory.stated[unit] != "skipped":
                found[package] += self.pieces(unit[0], position)
        for rows in self.factory.replacements.values():
            for row in rows:
                if row["installed_package"]:
                    found[row["installed_package"]] += 1
        return found

    def pieces(self, order, position):
        if not position.startswith("#"):
            return 1
        row = self.factory.orders[order]
        same = ("product", "revision", "bom_version")
        return next(
            int(line["quantity"])
            for line in self.tables["bom"]
            if line["line"] == position[1:] and all(line[name] == row[name] for name in same)
        )
