"""Packages, lots and what they fed: lots.csv and materials.csv of the example factory.

Each position is walked in the order in which units were placed, package by package, as a feeder does. Where a reel was
spliced or a tray topped up, the two to four units around the change have both packages, each `possible`. Neighbours
with the same candidates make one row.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from factory_floor import ORDERS, Unit, iso, moment, seeded
from factory_parts import BOMS, BomLine

# Scripted packages, in the order in which they were taken: (lot code, date code, pieces, maker of the line's list).
SECURE_ELEMENTS = [
    ("2EKQ7", "2647", 1000, 0),
    ("2EKQ7", "2647", 530, 0),
    ("2EKR1", "2651", 1000, 0),
    ("2EKR1", "2651", 790, 0),
]
SECURE_ELEMENTS += [("2ELA4", "2703", 1000, 0)] * 2
REFERENCES = [
    ("6B14", "2640", 1300, 0),
    ("6B15", "2644", 1500, 0),
    ("6B15", "2644", 1500, 0),
    ("6C02", "2702", 1500, 1),
]
SCRIPT = {("IC-SE-608B", place): package for place, package in enumerate(SECURE_ELEMENTS)} | {
    ("RES-12K1-0603", place): package for place, package in enumerate(REFERENCES)
}
# One bare code on two lots of different makers, and a bag that came without any code.
SCRIPT |= {("RES-10K-0402", 2): ("27A0418", "2701", 10000, 0), ("CAP-10N-0402", 1): ("27A0418", "2650", 10000, 0)}
SCRIPT |= {("FB-600R-0603", 1): ("", "", 960, 0)}
NO_RECORD = {("WO-1035", n, "R12") for n in range(401, 441)}
SUPPLIERS = ["ARROW", "FUTURE", "ELEKTROSIL"]
DIRECT = {
    "KSG": "KSG",
    "AT&S": "ATS",
    "Bopla": "BOPLA",
    "Mean Well": "MEANWELL",
    "Würth Elektronik": "WUERTH",
    "Würth": "WUERTH",
}
# A lot of these is one package: chips that come programmed, and the doubled code.
ALONE = {"IC-NRF52840", "IC-STM32H743", "RES-10K-0402", "CAP-10N-0402"}
SMALL = {"hand": (6, 20), "box": (4, 16)}


@dataclass
class Package:
    """One reel, tray, tube, bag or box as lots.csv tells it."""

    code: str
    line: BomLine
    mpn: str
    maker: str
    lot_code: str
    date_code: str
    pieces: int
    first_used_at: datetime
    status: str = "released"


class Store:
    """Hands out packages part by part; a lot lasts one to three packages."""

    def __init__(self):
        self.chance = seeded("store")
        self.packages: list[Package] = []
        self.by_part: dict[str, list[Package]] = {}

    def take(self, line: BomLine, at: datetime) -> Package:
        """Open the next package of the line's part."""
        earlier = self.by_part.setdefault(line.part, [])
        scripted = SCRIPT.get((line.part, len(earlier)))
        pieces = line.pieces
        if scripted:
            lot_code, date_code, pieces, choice = scripted
            mpn, maker = line.makers[choice]
        elif earlier and earlier[-1].lot_code and self.chance.random() < 0.4 and line.part not in ALONE:
            last = earlier[-1]
            mpn, maker, lot_code, date_code = last.mpn, last.maker, last.lot_code, last.date_code
        else:
            other = len(line.makers) > 1 and self.chance.random() < 0.3
            mpn, maker = line.makers[self.chance.randrange(1, len(line.makers)) if other else 0]
            lot_code = f"{self.chance.choice('ABCDEFHKLMNPRT')}{self.chance.randrange(10**5, 10**6)}"
            date_code = self.chance.choice(["26", "26", "27"])
            date_code += f"{self.chance.randrange(30, 53) if date_code == '26' else self.chance.randrange(1, 4):02d}"
        package = Package(f"PK-{3801 + len(self.packages):06d}", line, mpn, maker, lot_code, date_code, pieces, at)
        self.packages.append(package)
        earlier.append(package)
        return package


def _feed(line: BomLine, begun: list[Unit], store: Store, chance, fed: dict) -> None:
    """Walk one part's units in time, each SMT line with a feeder of its own; fed[order, n] becomes the candidates."""
    streams, current, grey = {}, {}, []
    board = line.part.startswith("PCB")
    for unit in begun:
        stream = streams.setdefault(unit.line, [])
        package, left = current.get(unit.line, (None, 0))
        whole_panel = board and unit.position not in ("", "1")
        if package is None or (left < line.quantity and not whole_panel):
            before, package = package, store.take(line, unit.placed_at - timedelta(minutes=25))
            left = package.pieces
            if before and not board and chance.random() < 0.75:
                width = chance.randint(*SMALL.get(line.side, (2, 4)))
                begin = max(0, len(stream) - width // 2)
                grey.append((stream, begin, begin + width, before, package))
        left -= line.quantity if unit.state != "skipped" or board else 0
        stream.append(unit)
        current[unit.line] = (package, left)
        fed[unit.order, unit.n] = (package,)
    for stream, begin, end, before, after in grey:
        for unit in stream[begin:end]:
            if len(fed[unit.order, unit.n]) == 1:
                fed[unit.order, unit.n] = (before, after)


def feed_all(made: list[Unit], store: Store) -> dict:
    """{(product, part): {(order, n): candidates}} over every unit that was begun."""
    kinds = {work.code: (work.product, work.revision, work.bom_version) for work in ORDERS}
    fed_all = {}
    for product in ("MB-200", "RB-50", "EG-200"):
        begun = sorted((u for u in made if u.product == product and u.placed_at), key=lambda u: u.placed_at)
        parts = {}
        for kind, lines in BOMS.items():
            for line in lines if kind[0] == product else ():
                parts.setdefault(line.part, (line, set()))[1].add(kind)
        for part, (line, wanted) in parts.items():
            fed, chance = fed_all.setdefault((product, part), {}), seeded(f"feed {product} {part}")
            stream = [u for u in begun if kinds[u.order] in wanted]
            stream = _late_hands(stream) if line.side == "hand" and product == "MB-200" else stream
            _feed(line, stream, store, chance, fed)
    return fed_all


def _late_hands(stream: list[Unit]) -> list[Unit]:
    """Boards of the open order that have no name yet were not at the hand places."""
    return [u for u in stream if u.serial != "-" or u.state == "skipped"]


def materials(made: list[Unit], fed_all: dict) -> list[list[str]]:
    """Rows of materials.csv: neighbours of one order with the same candidates in one run, one row a candidate."""
    of_order: dict[str, list[Unit]] = {}
    for unit in made:
        of_order.setdefault(unit.order, []).append(unit)
    rows = []
    for work in ORDERS:
        for line in BOMS[work.product, work.revision, work.bom_version]:
            rows += _runs(line, of_order[work.code], fed_all[work.product, line.part])
    return rows


def _runs(line: BomLine, ordered: list[Unit], fed: dict) -> list[list[str]]:
    """The runs of one position of one order."""
    rows, run, position = [], [], line.position
    for unit in [*ordered, None]:
        found = unit and fed.get((unit.order, unit.n))
        if unit and (unit.order, unit.n, position) in NO_RECORD:
            found = None
        same = run and unit and found == run[-1][1] and unit.line == run[-1][0].line
        if run and not same:
            first, last = run[0][0], run[-1][0]
            for package in run[0][1]:
                certainty = "certain" if len(run[0][1]) == 1 else "possible"
                machine = {"hand": "HAND-1", "box": "BENCH-1"}.get(line.side, f"NXT-{first.line}")
                feeder = "" if line.side in SMALL else f"{first.line}-{int(line.line) // 10:02d}"
                happened_at = iso(first.placed_at - timedelta(minutes=20))
                ends = [first.address, last.address]
                rows.append([first.order, position, package.code, *ends, certainty, machine, feeder, happened_at])
            run = []
        if found:
            run.append((unit, found))
    return rows


def lots(store: Store) -> list[list[str]]:
    """Rows of lots.csv, with two packages that never reached a feeder."""
    spare = [store.packages[0], store.by_part["IC-SE-608B"][-1]]
    for status, like in zip(("quarantine", "rejected"), spare, strict=True):
        code = f"PK-{3801 + len(store.packages):06d}"
        late = moment("04-09 08:00")
        lot_code = {"quarantine": "X770412", "rejected": "2EM09"}[status]
        store.packages.append(
            Package(code, like.line, like.mpn, like.maker, lot_code, "2709", like.pieces, late, status)
        )
    chance, received, first_used, rows = seeded("deliveries"), {}, {}, []
    keys = [(p.maker, p.mpn, p.lot_code, p.date_code) for p in store.packages]
    for key, p in zip(keys, store.packages, strict=True):
        first_used[key] = min(p.first_used_at, first_used.get(key, p.first_used_at))
    for key, p in zip(keys, store.packages, strict=True):
        if key not in received:
            supplier = DIRECT.get(p.maker) or chance.choice(SUPPLIERS)
            day = (
                first_used[key] - timedelta(days=chance.randint(*((3, 5) if p.line.part in ALONE else (4, 20))))
            ).replace(hour=9, minute=30, second=0)
            received[key] = (supplier, day, f"DN-{supplier[:3]}-{day:%m%d}", f"CoC-{chance.randrange(10**4, 10**5)}")
        supplier, day, delivery, coc = received[key]
        owner = "HALDEN" if p.line.part == "IC-SE-608B" else ""
        known = coc if p.lot_code else ""
        row = [
            p.code,
            p.line.kind,
            p.line.part,
            p.mpn,
            p.maker,
            supplier,
            p.lot_code,
            p.date_code,
            str(p.pieces),
            iso(day),
        ]
        rows.append([*row, delivery, known, p.status, owner])
    return rows
