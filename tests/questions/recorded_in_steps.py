"""A random factory recorded in several steps, so that a question may be asked as of each of them.

Each row gets the step in which it is loaded. What a row rests on comes no later than the row itself: replacements after
the runs at their position and after the replacement before them, assemblies of a child in their order. Rows of one
table and order are cut anywhere, so that runs grow, and units of an order may become known only later; therefore
every unit is written ORDER#n.
"""

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime
from hashlib import sha256

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
def recorded_factories(draw, most=6, shipped_again=False):
    """Draw (tables, [question tree, …]); each row has a cell `loaded_in`, 0 to STEPS - 1, and rows stand in step order.

    With `shipped_again` some shipments are withdrawn, in the step `withdrawn_in`, and recorded anew for another customer and country.
    """
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
    if shipped_again:
        send_again(plain, chance)
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


def send_again(tables, chance):
    """Withdraw all lines of some shipments in a later step than the last of them, and record them anew for somebody else."""
    customers = sorted(row["party"] for row in tables["parties"] if "customer" in row["roles"].split(";"))
    for code in sorted({row["shipment"] for row in tables["shipments"]}):
        lines = [row for row in tables["shipments"] if row["shipment"] == code]
        last = max(row["loaded_in"] for row in lines)
        # a row that was withdrawn does not come back by loading it again: no country twice
        left = {"DE", "FR", "AT", "PT"} - {row["country"] for row in lines}
        for step in range(last + 1, STEPS):
            if chance.random() < 0.5:
                country = chance.choice(sorted(left))
                left.discard(country)
                shared = {"customer": chance.choice(customers), "country": country, "loaded_in": step}
                anew = [row | shared for row in lines]
                for row in lines:
                    row["withdrawn_in"] = step
                tables["shipments"] += anew
                lines = anew


def with_moments(tables, base):
    """The tables as the brute force reads them: each row knows when it was recorded, and when it was withdrawn."""
    cells = (("recorded_at", "loaded_in"), ("withdrawn_at", "withdrawn_in"))
    return {
        name: [row | {at: moment(base, row[step]) for at, step in cells if step in row} for row in rows]
        for name, rows in tables.items()
    }


def write_withdrawals(tables, folder, step):
    """The rows that are withdrawn in a step, as corrections.csv in a folder of its own; None where there are none."""
    gone = [(name, row) for name, rows in tables.items() for row in rows if row.get("withdrawn_in") == step]
    if not gone:
        return None
    folder.mkdir()
    with open(folder / "corrections.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["fact", "action", "reason", "person", "decided_at"])
        for name, row in gone:
            writer.writerow([fact_of(name, row), "withdraw", "sent elsewhere", "045", "2027-04-01T08:00:00Z"])
    return folder


def fact_of(name, row):
    """The id of a row as section 7 of the design makes it; the optional column `product` is no part of it."""
    cells = [row.get(column, "") for column in COLUMNS[name] if column != "product"]
    for place, column in enumerate(column for column in COLUMNS[name] if column != "product"):
        if column.endswith("_at") and len(cells[place]) > 10:
            at = datetime.fromisoformat(cells[place]).astimezone(UTC)
            cells[place] = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = json.dumps([name, *cells], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:16]


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
