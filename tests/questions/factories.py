"""Small random factories as exchange tables, and random questions about what is in them.

A factory builds one to three products in one to four work orders of up to twelve units, and does to them what floors
do: splices, lone doubtful reels, gaps, two lines at once, partial designator sets, rework with and without known
packages, boards in boxes in racks, passes around a window, failed and repeated programming, repeated tests, units
shipped twice.
All of it is valid by section 7 of the design: no certain rows of two packages at one position, a replacement only of
what may be there, no cycle, a unit inside one unit at a time. Drawn on purpose: one lot code of two makers, codes with
blanks, commas and quotes, serial numbers that run against the axis, units without a name or without a row.
Not drawn, because the page leaves it open: see `brute_force` and the notes at each step.
"""

import csv
import json
from datetime import UTC, datetime, timedelta
from random import Random

from brute_force import Factory, to_text
from hypothesis import strategies as st

TABLES = {  # section 7, optional columns in brackets
    "parties": "party name roles country",
    "parts": "part description mpn manufacturer lifecycle msl",
    "bom": "product revision bom_version line part quantity refdes",
    "documents": "document revision kind title file sha256 valid_from_at",
    "routings": """product revision routing place_in_route step side place instruction criteria procedure [optional]
                   [limits] from_at""",
    "lots": """package package_kind part mpn manufacturer supplier lot_code date_code quantity received_at delivery coc
               status [owner]""",
    "orders": "order product revision bom_version quantity customer opened_at [batch]",
    "units": "order serial panel position [state]",
    "names": "unit kind value from_at replaces reason",
    "materials": "order refdes package first_serial last_serial certainty machine feeder happened_at [product]",
    "processes": """order step machine program first_serial last_serial started_at finished_at operator result readings
                    [side] [pass] [product]""",
    "sent_out": "note order party step side first_serial last_serial transport operator sent_at",
    "taken_back": "note order first_serial last_serial result started_at finished_at operator back_at",
    "replacements": "serial refdes removed_package installed_package operator reason happened_at [product]",
    "assemblies": "parent_serial child_serial position happened_at [removed_at] [parent_product] [child_product]",
    "firmware": "product version role image sha256 revisions released_at security_relevant",
    "module_firmware": """manufacturer mpn lot_code date_code_from date_code_until product role version source operator
                          happened_at""",
    "programming": """serial product version sha256 uid station operator result happened_at [role] [package]
                      [source]""",
    "station_records": """serial key station permit scanned uid attempt rework result reason said grade tool_only images tools
                          revision seq chain alarm payload_sha256 evidence problem operator happened_at""",
    "tests": "serial plan plan_version station operator outcome started_at finished_at measurements [product]",
    "shipments": "shipment customer country first_serial last_serial shipped_at placed_on_market_at [product]",
    "returns": "serial replacement_serial rma event said party shipment operator happened_at [product]",
    "holds": """hold action kind part manufacturer mpn lot_code date_code first_serial last_serial question silent lifted_by
                reason person decided_at [product]""",
    "corrections": "fact action reason person decided_at [first_serial] [last_serial]",
}
COLUMNS = {name: [column.strip("[]") for column in columns.split()] for name, columns in TABLES.items()}
OPTIONAL = {(name, column[1:-1]) for name, columns in TABLES.items() for column in columns.split() if column[0] == "["}
MAKERS = ("Acme", "Bolt & Nut", "Zinc")
LOT_CODES = ("L1", "L1", "L2", "C 1", 'Q"7,a', "")
WEEKS = ("2325", "2327", "2330", "2401", "")
BRANDS = ("own", "Brand Two", "")
CUSTOMERS = ("cx", "Distributor X", "cy", 'Shop "Y", Ltd')
WINDOW_EDGES = ("2027-03-14", "2027-03-15", "2027-03-16", "2027-03-17", None)
INSTANT_EDGES = ("2027-03-15T06:30:30Z", "2027-03-16T12:30:30+01:00", None)  # never the instant of a pass


def write_folder(tables, path):
    """Write {table: rows} as CSV files into a folder; what is empty and optional is left out."""
    for name, columns in COLUMNS.items():
        rows = tables.get(name)
        if not rows:
            continue
        kept = [
            column for column in columns if (name, column) not in OPTIONAL or any(cells.get(column) for cells in rows)
        ]
        with open(path / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(kept)
            writer.writerows([cells.get(column, "") for column in kept] for cells in rows)


def row(table, **cells):
    """A full row of a table; every cell is text, cells not named are empty."""
    assert set(cells) <= set(COLUMNS[table]), (table, cells)
    return {column: str(cells.get(column, "")) for column in COLUMNS[table]}


def at(day, minutes=0, offset=0):
    """An instant of March 2027 as ISO text, written with an offset in hours."""
    moment = datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=day - 1, minutes=minutes, hours=offset)
    return moment.replace(tzinfo=None).isoformat() + (f"+0{offset}:00" if offset else "Z")


class Floor:
    """A factory while it is being drawn."""

    def __init__(self, draw):
        self.draw = draw
        self.tables = {name: [] for name in COLUMNS}
        self.random = Random(draw(st.integers(0, 2**32)))  # for the many small choices: drawing each is slow

    def pick(self, choices):
        return self.draw(st.sampled_from(list(choices)))

    def whim(self, choices):
        return self.random.choice(list(choices))

    def number(self, low, high):
        return self.draw(st.integers(low, high))

    def chance(self):
        return self.draw(st.booleans())

    def add(self, table, **cells):
        """Add a row, unless the very same row is there: a fact is told once."""
        made = row(table, **cells)
        if made not in self.tables[table]:
            self.tables[table].append(made)

    def span(self, count):
        first = self.number(1, count)
        return first, self.number(first, count)

    def cell(self, order, n):
        """One of the ways to write a unit: its serial number, ORDER#n, PANEL/position."""
        mine = [unit for unit in self.tables["units"] if unit["order"] == order]
        ways = [f"{order}#{n}"]
        if n <= len(mine):
            unit = mine[n - 1]
            ways += [unit["serial"]] * 2 if unit["serial"] != "-" else []
            ways += [f"{unit['panel']}/{unit['position']}"] if unit["panel"] else []
        return self.whim(ways)

    def ends(self, order, first, last):
        return {"first_serial": self.cell(order, first), "last_serial": self.cell(order, last)}

    def states(self, order, count):
        """The stated state of each place, `planned` where there is no row."""
        mine = [unit["state"] or "built" for unit in self.tables["units"] if unit["order"] == order]
        return mine + ["planned"] * (count - len(mine))

    def begun(self, refused=("skipped",)):
        """Places (order, n) that a fact about one unit may name."""
        places = []
        for order in self.tables["orders"]:
            states = self.states(order["order"], int(order["quantity"]))
            places += [(order["order"], n) for n, state in enumerate(states, 1) if state not in refused]
        return places


@st.composite
def factories(draw):
    """Draw one factory: {table: rows}, every table present, some empty."""
    floor = Floor(draw)
    for party, name, roles, country in (
        ("ems", "Our House", "ems;manufacturer", "DE"),
        ("own", "Brand One", "manufacturer;customer", "DE"),
        ("two", "Brand Two", "manufacturer", "FR"),
        ("s1", "Supply One", "supplier", "NL"),
        ("s2", "Supply, Two", "supplier", "PL"),
        ("cx", "Distributor X", "distributor;customer", "AT"),
        ("cy", 'Shop "Y", Ltd', "customer", "FR"),
    ):
        floor.add("parties", party=party, name=name, roles=roles, country=country)
    design(floor)
    supply(floor)
    for index in range(1, floor.number(1, 4) + 1):
        plan(floor, f"WO-{index}", index)
    for order in floor.tables["orders"]:
        mount(floor, order)
        process(floor, order)
    assemble(floor)
    rework(floor)
    program(floor)
    come_programmed(floor)
    test(floor)
    ship(floor)
    outside(floor)
    come_back(floor)
    hold(floor)
    return floor.tables


def hold(floor):
    """Holds on spans, lots and questions; some let units go, some are lifted. Codes stand in the order of placing."""
    for number in range(1, floor.number(0, 4) + 1):
        said = {"hold": f"H-{number}", "reason": "why not", "person": "045", "decided_at": at(21, number), "silent": ""}
        kind = floor.pick(("units", "lot", "question"))
        order = floor.pick(floor.tables["orders"])
        low, high = floor.span(int(order["quantity"]))
        if kind == "units":
            floor.add("holds", **said, action="place", kind=kind, **floor.ends(order["order"], low, high))
        if kind == "lot":
            lot = floor.pick([lot for lot in floor.tables["lots"] if lot["lot_code"]] or floor.tables["lots"])
            named = {name: lot[name] for name in ("part", "manufacturer", "mpn", "lot_code", "date_code")}
            floor.add("holds", **said | {"silent": floor.pick(("true", ""))}, action="place", kind=kind, **named)
        if kind == "question":
            tree = floor.draw(questions(floor.tables, depth=1))
            tree = ("reworked",) if "'held'" in str(tree) else tree
            made = row(
                "holds",
                **said | {"silent": floor.pick(("true", ""))},
                action="place",
                kind=kind,
                question=to_text(tree),
            )
            floor.tables["holds"].append(made | {"tree": json.dumps(tree)})
        if floor.chance():
            free = floor.span(int(order["quantity"]))
            floor.add("holds", **said, action="lift", kind="units", **floor.ends(order["order"], *free))
        if floor.pick((False, False, True)):
            floor.add("holds", **said, action="lift")


def design(floor):
    """Products with one or two BOM versions; a part stands on one line of a BOM, and on several products."""
    for index, maker in enumerate((*MAKERS, MAKERS[0]), 1):
        floor.add(
            "parts", part=f"P{index}", description="a part", mpn=f"M-{index}", manufacturer=maker, lifecycle="active"
        )
    for product in ("B1", "B2", "BOX")[: floor.number(1, 3)]:
        for revision, version in (("A", "1"), ("B", "2"))[: floor.number(1, 2)]:
            lines = draw_lines(floor)
            if floor.chance():
                limits = floor.pick(
                    ('{"zone5": [256, 260]}', '{"zone5": [null, 260]}', '{"zone5": [255, null], "peak": [1, 2]}')
                )
                cells = {"routing": "L", "place_in_route": "1", "step": floor.pick(("REFLOW", "SMT")), "limits": limits}
                said = {"side": floor.pick(("", "top")), "from_at": at(floor.pick((1, 15)))}
                floor.add("routings", product=product, revision=revision, **cells, **said)
            for (number, refdes, quantity), part in zip(lines, floor.draw(st.permutations(range(1, 5))), strict=False):
                cells = {"product": product, "revision": revision, "bom_version": version, "line": number}
                floor.add("bom", **cells, part=f"P{part}", quantity=quantity, refdes=refdes)


def draw_lines(floor):
    """Two to four BOM lines (line, designators, quantity); at most one is without designators."""
    lines = [("10", "R1 R2 R3"[: floor.pick((2, 5, 8))], 0), ("20", floor.pick(("C1", "C1 C2")), 0), ("30", "U1", 0)]
    lines = lines[: floor.number(1, 3)]
    if len(lines) == 1 or floor.chance():
        lines.append(("40", "", floor.number(1, 2)))
    return [(number, refdes, len(refdes.split()) or quantity) for number, refdes, quantity in lines]


def supply(floor):
    """Two to four packages a part; some of another maker with a part number of its own, some of unknown lot."""
    for part in list(floor.tables["parts"]):
        for n in range(1, floor.number(2, 4) + 1):
            other = floor.whim((False, False, True))
            floor.add(
                "lots",
                package=f"{part['part']}-{n}",
                package_kind="reel",
                part=part["part"],
                mpn=f"{part['mpn']}-ALT" if other else part["mpn"],
                manufacturer="Zinc" if other and part["manufacturer"] != "Zinc" else part["manufacturer"],
                supplier=floor.whim(("s1", "Supply One", "s2")),
                lot_code=floor.whim(LOT_CODES),
                date_code=floor.whim(WEEKS),
                quantity=5000,
                received_at=at(1, 60 * n),
                status=floor.whim(("released", "released", "quarantine")),
            )


def plan(floor, order, index):
    """A work order, its panels, its serial numbers (with or against the axis, or none) and stated states."""
    built = floor.pick(
        sorted({(line["product"], line["revision"], line["bom_version"]) for line in floor.tables["bom"]})
    )
    count = floor.number(1, 12)
    cells = dict(zip(("product", "revision", "bom_version"), built, strict=True))
    batch = f"BATCH{index}" if floor.chance() else ""
    floor.add("orders", order=order, **cells, quantity=count, customer=floor.pick(BRANDS), opened_at=at(2), batch=batch)
    panel, backwards, named = floor.pick((0, 2, 4)), floor.chance(), floor.pick((True, True, False))
    stated = floor.number(0, count) if floor.pick((False, False, True)) else count
    for n in range(1, stated + 1):
        state = floor.whim(("", "", "built", "", "planned", "scrapped", "skipped"))
        serial = f"S{index}-{(count + 1 - n) if backwards else n:03d}"
        place = {"panel": f"PN{index}{(n - 1) // panel:02d}", "position": (n - 1) % panel + 1} if panel else {}
        floor.add("units", order=order, serial=serial if named and state != "skipped" else "-", state=state, **place)


def mount(floor, order):
    """Material rows of one order, line by line; a designator set may be split between two feeders."""
    lines = [
        line
        for line in floor.tables["bom"]
        if all(line[column] == order[column] for column in ("product", "revision", "bom_version"))
    ]
    for line in lines:
        refdes = line["refdes"].split() or [f"#{line['line']}"]
        cut = floor.number(1, len(refdes))
        for group in (refdes[:cut], refdes[cut:]):
            if group:
                packages = [lot["package"] for lot in floor.tables["lots"] if lot["part"] == line["part"]]
                first, second, third = (floor.pick(packages) for _ in range(3))
                drawn = runs(floor, int(order["quantity"]), first, second, third)
                for package, low, high, certainty in dict.fromkeys(drawn):
                    floor.add(
                        "materials",
                        order=order["order"],
                        refdes=" ".join(group),
                        package=package,
                        **floor.ends(order["order"], low, high),
                        certainty=certainty,
                        machine=floor.whim(("PP-1", "PP-2", "")),
                        feeder=floor.whim(("F1", "F2", "F1", "")),
                        happened_at=at(3, floor.random.randint(0, 600)),
                    )


def runs(floor, count, first, second, third):
    """Runs (package, first, last, certainty) of one position group; certain ones never overlap another certain one."""
    low, high = floor.span(count)
    shape = floor.pick(("whole", *["splice", "grey", "lone", "two lines"] * 2, "none", "gap", "doubt", "double"))
    before = [(first, 1, low - 1, "certain")] if low > 1 else []
    after = [(third, high + 1, count, "certain")] if high < count else []
    if shape == "none":
        return []
    if shape == "whole":
        return [(first, 1, count, "certain")]
    if shape == "gap":
        return before + after
    if shape == "splice":
        return [*before, (first, low, high, "possible"), (third, low, high, "possible"), *after]
    if shape == "grey":
        return [*before, *[(package, low, high, "possible") for package in (first, second, third)]]
    if shape == "lone":
        return [*before, (second, low, high, "possible"), *after]
    if shape == "doubt":
        return [(first, 1, count, "certain"), (second, low, high, "possible")]
    if shape == "double":
        return [(first, 1, count, "certain"), (first, low, high, "possible")]
    step = floor.number(1, 3)  # two lines at once, in blocks
    blocks = [(begin, min(begin + step - 1, count)) for begin in range(1, count + 1, step)]
    return [((first, second)[place % 2], begin, end, "certain") for place, (begin, end) in enumerate(blocks)]


def process(floor, order):
    """Passes of one and of many units, around and exactly at the edges of whole days."""
    count = int(order["quantity"])
    states = floor.states(order["order"], count)
    for _ in range(floor.number(0, 3)):
        low, high = floor.span(count)
        real = [n for n in range(low, high + 1) if states[n - 1] != "skipped"]
        # A run over one real unit and skipped ones may or may not be "of one unit": the page is silent.
        if len(real) == 1:
            low = high = real[0]
        begin = floor.pick((0, 390, 719, 1380)) + 1440 * floor.number(0, 3)
        readings = {"zone5": floor.pick((255, 260, 260.5, 262))} if floor.chance() else {}
        readings |= {"alarm": floor.pick(("E-1", "E-2"))} if readings and floor.chance() else {}
        offset = floor.whim((0, 2))
        floor.add(
            "processes",
            order=order["order"],
            step=floor.whim(("REFLOW", "SMT")),
            machine=floor.whim(("OVEN-1", "OVEN-2")),
            program=floor.whim(("P7", "P8")),
            **floor.ends(order["order"], low, high),
            started_at=at(14, begin, offset),
            finished_at=at(14, begin + floor.pick((1, 60, 1440, 3000)), offset),
            operator=floor.whim(("045", "046", "")),
            result=floor.whim(("completed", "completed", "failed", "aborted")),
            readings=json.dumps(readings) if readings else "",
            side=floor.whim(("top", "bottom", "")),
        )


def assemble(floor):
    """Later orders contain units of earlier ones, so there is no cycle; some children were elsewhere before."""
    places = floor.begun(refused=("skipped", "planned", "scrapped"))
    floor.parented = set()
    for child in places:
        parents = [place for place in places if place[0] > child[0]]
        if not parents or not floor.chance():
            continue
        stays = floor.pick((True, True, False))
        moved = [(5, 7)] if not stays or floor.chance() else []
        for number, (inside, removed) in enumerate(moved + ([(8, None)] if stays else [])):
            floor.add(
                "assemblies",
                parent_serial=floor.cell(*floor.pick(parents)),
                child_serial=floor.cell(*child),
                position=f"{child[0]}-{child[1]}-{number}",
                happened_at=at(inside, 30),
                removed_at=at(removed) if removed else "",
            )


def rework(floor):
    """Replacements of what may be there, at designators and one-piece lines; one empty cell at most."""
    places = floor.begun()
    for minute in range(floor.number(0, 5) if places else 0):
        unit = floor.pick(places)
        factory = Factory(floor.tables)
        single = {f"#{line['line']}" for line in floor.tables["bom"] if line["refdes"] or line["quantity"] == "1"}
        positions = factory.positions(unit)
        position = floor.pick(sorted(name for name in positions if name[0] != "#" or name in single) or ["#40"])
        known = [package for package in factory.history(unit, position)[-1] if package]
        fresh = [lot["package"] for lot in floor.tables["lots"] if lot["part"] in positions[position]]
        removed = floor.pick([*known, ""])
        floor.add(
            "replacements",
            serial=floor.cell(*unit),
            refdes=position,
            removed_package=removed,
            installed_package=floor.pick([*fresh, ""] if removed else fresh),
            operator=floor.whim(("045", "047")),
            reason="solder bridge",
            happened_at=at(9, minute),
        )


def program(floor):
    """Two or three app releases a product (some not SemVer) and a boot loader; failures, repeats, ties in time."""
    for number, product in enumerate(sorted({line["product"] for line in floor.tables["bom"]})):
        versions = floor.pick((("2.9.0", "2.10.0-rc.1", "2.10.0"), ("R9", "R10"), ("2.10.0", "2.9.1")))
        releases = [(version, "app") for version in versions] + [("0.1.0", "boot")]
        for day, (version, role) in enumerate(releases, 1):
            sha = f"{number}{day}".rjust(64, "a")
            cells = {"product": product, "version": version, "role": role, "sha256": sha}
            floor.add("firmware", **cells, released_at=at(day), security_relevant="false")
    for order, n in floor.begun():
        product = next(row["product"] for row in floor.tables["orders"] if row["order"] == order)
        releases = [row for row in floor.tables["firmware"] if row["product"] == product]
        known = set()
        for _ in range(floor.whim((0, 1, 1, 2, 3))):
            release, minute = floor.whim(releases), floor.random.randint(0, 3)
            result = floor.whim(("pass", "pass", "pass", "fail", "aborted"))
            if (told := (release["version"], result, minute)) in known:
                continue
            known.add(told)
            floor.add(
                "programming",
                serial=floor.cell(order, n),
                **{column: release[column] for column in ("product", "version", "sha256")},
                role=floor.whim(("app", "")) if release["role"] == "app" else release["role"],
                uid=f"{order[3:]}{n:02d}".rjust(16, "0"),
                station=floor.whim(("PG-1", "PG-2")),
                operator="045",
                result=result,
                happened_at=at(10, minute),
            )
            if floor.whim((True, False, False)):
                told_by_a_station(floor, order, n, release["role"], result, at(10, minute))


def told_by_a_station(floor, order, n, role, result, happened_at):
    """The station's own record of the attempt, now and then with nothing but the tool's word."""
    seq = len(floor.tables["station_records"]) + 1
    weak = floor.whim((role, role, "", "boot")) if result == "pass" else ""
    floor.add(
        "station_records", serial=f"{order}#{n}", key=f"PG-1/-/-/1/{seq}", station="PG-1", scanned=f"{order}#{n}", attempt="1",
        rework="false", result=result, grade="tool-only" if weak else "read-back", tool_only=weak, images="[]", tools="[]",
        seq=str(seq), chain=f"{seq}".rjust(64, "c"), payload_sha256=f"{seq}".rjust(64, "d"), operator="045",
        happened_at=happened_at,
    )  # fmt: skip


def come_programmed(floor):
    """Packages that came programmed, some anew, some in vain; modules of makers, by lot, by date code, or all of them."""
    for number, lot in enumerate(floor.tables["lots"]):
        for n in range(floor.whim((0, 0, 0, 0, 1, 2))):
            release = floor.whim(floor.tables["firmware"])
            floor.add(
                "programming",
                package=lot["package"],
                **{column: release[column] for column in ("product", "version", "role")},
                result=floor.whim(("pass", "pass", "pass", "fail")),
                source=floor.whim(("supplier", "station")),
                happened_at=at(floor.whim((3, 10)), n * 2 + number % 2),
            )
    makers = sorted(
        {(lot["manufacturer"], lot["mpn"]) for lot in floor.tables["lots"] if lot["manufacturer"] and lot["mpn"]}
    )
    for maker, mpn in makers:
        ranges = floor.whim(((), (), ("L1..",), ("..",), ("L1..", ".."), ("2325..2327", "2330.."), ("L2..", "..2327")))
        role = floor.whim(("app", "boot", "boot"))
        for said in ranges:
            low, high = said.split("..")
            release = floor.whim([row for row in floor.tables["firmware"] if row["role"] == role])
            floor.add(
                "module_firmware",
                manufacturer=floor.whim((maker, maker.upper())),
                mpn=mpn,
                lot_code=low if low.startswith("L") else "",
                date_code_from="" if low.startswith("L") else low,
                date_code_until=high,
                **{column: release[column] for column in ("product", "version", "role")},
                happened_at=at(2),
            )


def test(floor):
    """Test runs, repeated, not always in the order of their rows; two runs of a unit never end at the same instant."""
    for order, n in floor.begun():
        for minute in floor.random.sample(range(10), floor.whim((0, 0, 1, 2, 3))):
            floor.add(
                "tests",
                serial=floor.cell(order, n),
                plan=floor.whim(("ICT", "FCT")),
                plan_version="1",
                station=floor.whim(("T-1", "PG-1")),
                operator=floor.whim(("045", "046")),
                outcome=floor.whim(("pass", "pass", "fail", "error", "aborted")),
                started_at=at(11, minute),
                finished_at=at(11, minute + 1),
                measurements="{}",
            )


def ship(floor):
    """Shipments of spans, some units twice. The page is silent on a scrapped unit's shipment: none is shipped."""
    for number in range(1, floor.number(0, 3) + 1):
        shared = {
            "shipment": f"SH{number}",
            "customer": floor.pick(CUSTOMERS),
            "country": floor.pick(("DE", "FR", "AT")),
            "shipped_at": at(20 + floor.number(0, 1) * 5, number),
            "placed_on_market_at": floor.pick(("", at(26), at(27, 600, 2))),
        }
        for _ in range(floor.number(1, 2)):
            order = floor.pick(floor.tables["orders"])
            states = floor.states(order["order"], int(order["quantity"]))
            low, high = floor.span(len(states))
            places = [n for n in range(low, high + 1) if states[n - 1] not in ("skipped", "scrapped")]
            taken = Factory(floor.tables).shipments
            mine = [span for cells, span in taken if cells["shipment"] == shared["shipment"]]
            places = [n for n in places if not any((order["order"], n) in span for span in mine)]
            for first, last in pieces(places):
                floor.add("shipments", **shared, **floor.ends(order["order"], first, last))


def outside(floor):
    """Delivery notes of spans, of which some came back, in pieces, before or after shipments; some units have two notes open."""
    for number in range(1, floor.number(0, 2) + 1):
        order = floor.pick(floor.tables["orders"])["order"]
        states = floor.states(order, int(next(o["quantity"] for o in floor.tables["orders"] if o["order"] == order)))
        low, high = floor.span(len(states))
        places = [n for n in range(low, high + 1) if states[n - 1] != "skipped"]
        shared = {"note": f"DN-{number}", "order": order}
        left_at = at(19 + floor.number(0, 1) * 5, number)
        for first, last in pieces(places):
            ends = {"first_serial": f"{order}#{first}", "last_serial": f"{order}#{last}"}
            floor.add(
                "sent_out", **shared, **ends, party=floor.tables["parties"][0]["party"], step="COAT", sent_at=left_at
            )
        times = {"started_at": left_at, "finished_at": at(26), "back_at": at(27)}
        for first, last in pieces([n for n in places if floor.whim((True, True, False))]):
            ends = {"first_serial": f"{order}#{first}", "last_serial": f"{order}#{last}"}
            floor.add("taken_back", **shared, **ends, **times, result=floor.whim(("completed", "failed")))


def come_back(floor):
    """Some units that were shipped came back, before or after another shipment; some went out again as they were. None that a note took
    outside: the page says nothing of what comes back to a house that it is not at."""
    factory = Factory(floor.tables)
    noted = set().union(*(span for _, span in factory.sent_out))
    for number, (order, n) in enumerate(factory.units):
        if (order, n) in noted or not factory.shipment((order, n)) or not floor.whim((True, False, False)):
            continue
        events = floor.whim((("received",), ("received", "found"), ("received", "sent_back"), ("received", "sent_back", "received")))  # fmt: skip
        day = floor.whim((22, 28))
        for place, event in enumerate(events):
            said = {"rma": "RMA-1", "event": event, "said": "no light", "operator": "045"}
            floor.add("returns", serial=floor.cell(order, n), happened_at=at(day, number * 5 + place), **said)


def pieces(places):
    """Runs of neighbouring places: [1, 2, 4] becomes (1, 2), (4, 4)."""
    found = []
    for n in places:
        if found and found[-1][1] == n - 1:
            found[-1] = (found[-1][0], n)
        else:
            found.append((n, n))
    return found


def names_of(tables, table, *columns):
    """Sorted distinct cells of a table, without empty ones."""
    return sorted({cells[column] for cells in tables[table] for column in columns if cells[column]})


def parties_in(tables, table, column):
    """Ids and names of the parties that a column mentions by either."""
    mentioned = names_of(tables, table, column)
    both = [(cells["party"], cells["name"]) for cells in tables["parties"]]
    return sorted({text for pair in both if set(pair) & set(mentioned) for text in pair})


def terms(tables):
    """A strategy for single terms over the names that exist in a factory (no `at:`: that stands in a bracket)."""
    one = {
        "product": names_of(tables, "orders", "product"),
        "order": names_of(tables, "orders", "order", "batch"),
        "revision": names_of(tables, "orders", "revision"),
        "bom": names_of(tables, "orders", "bom_version"),
        "panel": names_of(tables, "units", "panel"),
        "unit": [name for name in names_of(tables, "units", "serial") if name != "-"],
        "image": names_of(tables, "firmware", "sha256"),
        "station": names_of(tables, "programming", "station") + names_of(tables, "tests", "station"),
        "operator": names_of(tables, "processes", "operator"),
        "in": ["planned", "production", "outside", "stock", "shipped", "returned", "scrapped"],
        "customer": parties_in(tables, "shipments", "customer"),
        "owner": parties_in(tables, "orders", "customer"),
        "country": names_of(tables, "shipments", "country"),
        "shipment": names_of(tables, "shipments", "shipment"),
    }
    factory = Factory(tables)
    raised = sorted({code for cells, _ in factory.processes for code in factory.alarms(cells)})
    plain = [st.tuples(st.just(kind), st.sampled_from(found)) for kind, found in one.items() if found]
    plain += [st.tuples(st.just("alarm"), st.sampled_from(raised))] * 3 if raised else []
    plain += [st.sampled_from([("test_failed",), ("reworked",), ("scrapped",)])]
    plain += [st.just(("held",))] * (3 if tables["holds"] else 1)
    edges = st.sampled_from(WINDOW_EDGES)
    window = st.one_of(st.tuples(edges, edges), st.tuples(*[st.sampled_from(INSTANT_EDGES)] * 2)).filter(forwards)
    placed = st.sampled_from([("2027-03-26", "2027-03-26"), ("2027-03-27", None), (None, "2027-03-26")])
    plain.append(placed.map(lambda found: ("placed", *found)))
    orders = st.sampled_from([cells["order"] for cells in tables["orders"]])
    sizes = {cells["order"]: int(cells["quantity"]) for cells in tables["orders"]}
    plain.append(orders.flatmap(lambda order: places_of(order, sizes[order])))
    plain.append(label_ranges(one["unit"]))
    plain += [firmware_terms(tables)] * 3
    if tables["processes"]:
        step = st.sampled_from(names_of(tables, "processes", "step", "machine"))
        found = {
            name: st.sampled_from(names)
            for name in ("program", "side")
            if (names := names_of(tables, "processes", name))
        }
        some = st.fixed_dictionaries({}, optional=found)
        plain += [st.tuples(st.just("passed"), step, some, either([st.none(), window, window, window]))] * 4
        sign, number = st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(["255", "260", "260.5"])
        if any(cells["readings"] for cells in tables["processes"]):
            measured = [cells for cells in tables["processes"] if cells["readings"]]
            step = st.sampled_from(names_of({"processes": measured}, "processes", "step", "machine"))
            plain.append(st.tuples(st.just("reading"), step, st.just("zone5"), sign, number))
    if tables["tests"]:
        plans = st.sampled_from(names_of(tables, "tests", "plan"))
        plain.append(st.tuples(st.just("test"), plans, st.sampled_from(["pass", "fail", "error", "aborted"])))
    return either([material_terms(tables)] * 14 + [found for found in plain if found is not None])


def either(strategies):
    """One of the strategies, each as likely (`one_of` would weigh those highest that are made of many)."""
    return st.sampled_from(strategies).flatmap(lambda chosen: chosen)


def forwards(window):
    """A range that runs backwards is an error, and so is one without an end."""
    low, high = window
    if low and low == high:
        return len(low) <= 10  # one date is a day, one instant is no window
    return (low or high) is not None and (not low or not high or low[:10] <= high[:10])


def places_of(order, count):
    ends = st.tuples(st.integers(1, count), st.integers(1, count)).map(sorted)
    return ends.map(lambda found: ("order_range", order, *found))


def label_ranges(serials):
    """Ranges of printed labels between two numbers of one prefix."""
    pairs = [(low, high) for low in serials for high in serials if low <= high and low[:3] == high[:3]]
    return st.sampled_from(pairs).map(lambda pair: ("unit_range", *pair)) if pairs else None


def firmware_terms(tables):
    """Versions by role, and comparisons that name a product where several have the version."""
    apps = [(cells["product"], cells["version"]) for cells in tables["firmware"] if cells["role"] == "app"]
    versions = [version for _, version in apps]
    compared = [(None if versions.count(version) == 1 else product, version) for product, version in apps] + apps
    signs = st.sampled_from(["<", "<=", ">", ">="])
    return st.one_of(
        st.tuples(st.just("firmware"), st.sampled_from([None, "app"]), st.sampled_from(versions)),
        st.just(("firmware", "boot", "0.1.0")),
        st.tuples(signs, st.sampled_from(compared)).map(lambda found: ("firmware_cmp", found[0], *found[1])),
    )


def material_terms(tables):
    """Terms about what a unit carries."""
    packages = names_of(tables, "lots", "package")
    packages += [name for name in names_of(tables, "materials", "package") if name in packages] * 2  # mounted ones
    codes, weeks = names_of(tables, "lots", "lot_code"), ["2325", "2326", "2330", "2401", None]
    kinds = [
        st.tuples(st.just("package"), st.sampled_from(packages)),
        st.tuples(st.just("part"), st.sampled_from(names_of(tables, "lots", "part", "mpn"))),
        st.tuples(st.just("maker"), st.sampled_from(names_of(tables, "lots", "manufacturer"))),
        st.tuples(st.just("supplier"), st.sampled_from(parties_in(tables, "lots", "supplier"))),
        st.tuples(st.just("datecode"), *[st.sampled_from(weeks)] * 2).filter(lambda term: forwards(term[1:])),
    ]
    through = {name for cells in tables["materials"] if (name := cells["feeder"])}
    through |= {
        f"{cells['machine']}/{cells['feeder']}" for cells in tables["materials"] if cells["machine"] and cells["feeder"]
    }
    if through:
        kinds += [st.tuples(st.just("feeder"), st.sampled_from(sorted(through)))] * 2
    if codes:
        kinds += [st.tuples(st.just("lot"), st.lists(st.sampled_from(codes), min_size=1, max_size=2, unique=True))] * 3
    return either(kinds)


def questions(tables, depth=2):
    """A strategy for question trees over the names that exist in a factory."""
    single = terms(tables)
    positions = sorted({name for cells in tables["bom"] for name in cells["refdes"].split() or [f"#{cells['line']}"]})
    bracket = st.sampled_from(positions).flatmap(lambda name: brackets(tables, name))
    return tree_of(either([single, single, bracket]), depth)


def brackets(tables, position):
    """Material terms at a position, mostly about the parts that stand there in some BOM."""
    standing = {
        cells["part"] for cells in tables["bom"] if position in (cells["refdes"].split() or [f"#{cells['line']}"])
    }
    near = tables | {"lots": [cells for cells in tables["lots"] if cells["part"] in standing]}
    asked = st.lists(either([material_terms(near)] * 3 + [material_terms(tables)]), min_size=1, max_size=2)
    return asked.map(lambda found: ("bracket", *found, ("at", position)))


@st.composite
def tree_of(draw, leaves, depth):
    """Join leaves by and, or, not and the bracket terms, at most `depth` deep."""
    shape = draw(st.sampled_from([*["leaf", "not", "and", "or"] * 2, "ever", "inside", "contains"]))
    if depth == 0 or shape == "leaf":
        return draw(leaves)
    count = draw(st.sampled_from([2, 2, 3])) if shape in ("and", "or") else 1
    return (shape, *[draw(tree_of(leaves, depth - 1)) for _ in range(count)])


@st.composite
def factories_with_questions(draw, most=8):
    """Draw (tables, [question tree, …]): a factory costs more to load than a question to ask."""
    tables = draw(factories())
    return tables, draw(st.lists(questions(tables), min_size=1, max_size=most))
