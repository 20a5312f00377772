"""A random factory recorded in several steps, so that a question may be asked as of each of them.

Each row gets the step in which it is loaded. What a row rests on comes no later than the row itself: replacements after
the runs at their position and after the replacement before them, assemblies of a child in their order. Rows of one
table and order are cut anywhere, so that runs grow, and units of an order may become known only later; therefore
every unit is written ORDER#n.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime

from brute_force import Factory
from factories import COLUMNS, OPTIONAL, factories, questions
from hypothesis import strategies as st

STEPS = 3
GROWING = (
    "materials",
    "processes",
    "replacements",
    "assemblies",
    "programming",
    "module_firmware",
    "tests",
    "shipments",
    "holds",
    "sent_out",
    "taken_back",
)
SERIALS = ("first_serial", "last_serial", "serial", "parent_serial", "child_serial")
DAY = 86_400_000_000


@st.composite
def recorded_factories(draw, most=6):
    """Draw (tables, [question tree, …]); each row has a cell `loaded_in`, 0 to STEPS - 1, and rows stand in step order."""
    tables = draw(factories())
    trees = draw(st.lists(questions(tables), min_size=1, max_size=most))
    factory, chance = Factory(tables), draw(st.randoms(use_true_random=False))
    plain = {name: [plainly(factory, row) for row in rows] for name, rows in tables.items()}
    late_units = draw(st.booleans())
    for name, rows in plain.items():
        for row in rows:
            row["loaded_in"] = chance.randrange(STEPS) if name in GROWING else 0
    for order in plain["orders"] if late_units else ():
        mine = [row for row in plain["units"] if row["order"] == order["order"]]
        if any(row["serial"] == "-" and not row["panel"] for row in mine):
            continue  # rows that say nothing of their own cannot be told from the same rows loaded again
        for row, step in zip(mine, sorted(chance.randrange(STEPS) for _ in mine), strict=True):
            row["loaded_in"] = step
    after_what_they_rest_on(plain, factory)
    return {name: sorted(rows, key=lambda row: row["loaded_in"]) for name, rows in plain.items()}, trees


def plainly(factory, row):
    """The row with every unit written ORDER#n; a row of units.csv gives the name itself."""
    if "state" in row:
        return dict(row)
    places = {cell: factory.unit_of(row[cell], row.get("product")) for cell in SERIALS if row.get(cell)}
    return row | {cell: f"{order}#{n}" for cell, (order, n) in places.items()}


def after_what_they_rest_on(tables, factory):
    """Push rows to the step of what they rest on."""
    at_position, last = defaultdict(int), defaultdict(int)
    for row in tables["materials"]:
        for unit in factory.span(row):
            for position in row["refdes"].split():
                at_position[unit, position] = max(at_position[unit, position], row["loaded_in"])
    for row in tables["replacements"]:
        place = factory.unit_of(row["serial"]), row["refdes"]
        row["loaded_in"] = at_position[place] = max(at_position[place], row["loaded_in"])
    for row in tables["sent_out"]:
        last[row["note"]] = max(last[row["note"]], row["loaded_in"])
    for row in tables["taken_back"]:
        row["loaded_in"] = max(last[row["note"]], row["loaded_in"])
    for row in tables["assemblies"]:
        child = row["child_serial"]
        row["loaded_in"] = last[child] = max(last[child], row["loaded_in"])
    for row in tables[
        "holds"
    ]:  # what a question names is recorded by then; a row that lifts comes after those that place
        step = STEPS - 1 if row["kind"] == "question" else row["loaded_in"]
        row["loaded_in"] = last[row["hold"]] = max(last[row["hold"]], step)
    together = {}
    for row in tables["programming"]:  # attempts of one instant: the page tells them apart in one file only
        attempt = row["serial"], row.get("package"), row["product"], row["version"], row["happened_at"]
        row["loaded_in"] = together.setdefault(attempt, row["loaded_in"])


def moment(base, step):
    """ISO text of the moment of a step, from `base` in microseconds since 1970."""
    return datetime.fromtimestamp((base + step * DAY) // 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def with_moments(tables, base):
    """The tables as the brute force reads them: each row knows when it was recorded."""
    return {
        name: [row | {"recorded_at": moment(base, row["loaded_in"])} for row in rows] for name, rows in tables.items()
    }


def write_step(tables, folder, step):
    """The rows of one step as files of a folder of their own."""
    folder.mkdir()
    for name, columns in COLUMNS.items():
        mine = [row for row in tables[name] if row["loaded_in"] == step]
        kept = [column for column in columns if (name, column) not in OPTIONAL or any(row.get(column) for row in mine)]
        if mine:
            with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(kept)
                writer.writerows([row.get(column, "") for column in kept] for row in mine)
    return folder
