"""Soldering, rework and box build of the example factory: processes.csv, replacements.csv and assemblies.csv."""

import json
from datetime import timedelta

from factory_floor import HOT, ORDERS, Unit, iso, seeded
from factory_parts import BOMS
from factory_supply import Store

PROGRAMS = {"OVEN-1": "P6", "OVEN-2": "P7"}
OPERATORS = ["007", "012", "019", "023", "031", "045", "058", "064"]
REASONS = ["solder bridge", "tombstone", "wrong polarity", "no boot", "too little solder", "damaged part"]
REWORK_SHARE = 0.005
# Scripted rework: (order, n). Of the last secure element nobody wrote down what went in.
SECURE_ELEMENT_REWORK = [("WO-1031", 1190), ("WO-1033", 54), ("WO-1033", 902), ("WO-1035", 610), ("WO-1035", 733)]
REFERENCE_REWORK = [("WO-1033", 90), ("WO-1035", 700)]
# From this box on, the line took boards from two pallets in turn: what was left of one order, and the next order.
MIXED_FROM = 13150
SWAPPED = {11234: 26, 13950: 30, 14200: 28}  # SN whose radio board was changed, hours after assembly


def _row(work, ends: list[Unit], step, machine, program, times, operator, readings, side) -> list[str]:
    text = json.dumps(readings, separators=(",", ":")) if readings else ""
    span = [ends[0].address, ends[1].address, iso(times[0]), iso(times[1])]
    return [work.code, step, machine, program, *span, operator, "completed", text, side]


def processes(made: list[Unit]) -> list[list[str]]:
    """Rows of processes.csv, order by order."""
    by_place = {(unit.order, unit.n): unit for unit in made}
    rows = []
    for work in ORDERS:
        for slot in work.slots:
            if work.product == "EG-200":
                ends = [by_place[work.code, n] for n in (slot.first, slot.last)]
                times = (slot.start, slot.end)
                rows.append(_row(work, ends, "BOXBUILD", "BENCH-1", "EG200-BOX-r3", times, "058", None, ""))
            else:
                rows += _smt_steps(work, slot, by_place)
    return rows


def _smt_steps(work, slot, by_place) -> list[list[str]]:
    """PRINT, PLACE, REFLOW and AOI of a slot; boards with a bottom side went through OVEN-1 first."""
    line = slot.oven[-1]
    name = f"{work.product.replace('-', '')}-{work.revision}"
    operator = OPERATORS[(slot.first + int(line)) % len(OPERATORS)]
    ends = [by_place[work.code, n] for n in (slot.first, slot.last)]

    def step(step, machine, program, shift, readings=None, side="top"):
        times = [time + timedelta(minutes=shift) for time in (slot.start, slot.end)]
        return _row(work, ends, step, machine, program, times, operator, readings, side)

    rows = []
    if work.product == "MB-200":
        rows.append(step("PRINT", f"DEK-{line}", f"{name}-BOT-r4", -720, side="bottom"))
        rows.append(step("PLACE", f"NXT-{line}", f"{name}-BOT-r4", -715, side="bottom"))
        rows.append(step("REFLOW", "OVEN-1", "P5", -705, {"zone5": 243.5, "peak": 240.2}, "bottom"))
    rows.append(step("PRINT", f"DEK-{line}", f"{name}-TOP-r7", -25))
    rows.append(step("PLACE", f"NXT-{line}", f"{name}-TOP-r7", -20))
    rows += _reflow(work, slot, operator, by_place)
    rows.append(step("AOI", f"AOI-{line}", f"{name}-AOI-r5", 15))
    return rows


def _reflow(work, slot, operator, by_place) -> list[list[str]]:
    """One row a run, a panel or a unit, as the oven reported it; a board takes six minutes through the oven."""
    count = slot.last - slot.first + 1
    size = {"run": count, "panel": 4, "unit": 1}[slot.report]
    rows = []
    for first in range(slot.first, slot.last + 1, size):
        start = slot.at(first)
        end = slot.end if size == count else start + timedelta(minutes=6)
        zone5 = round(slot.zone5 + first * 7 % 13 / 10, 1)
        readings = {"zone5": zone5, "peak": round(zone5 - (14 if slot.zone5 == HOT else 4), 1)}
        ends = [by_place[work.code, n] for n in (first, first + size - 1)]
        times = (start, end)
        rows.append(_row(work, ends, "REFLOW", slot.oven, PROGRAMS[slot.oven], times, operator, readings, "top"))
    return rows


def replacements(made: list[Unit], fed: dict, store: Store) -> list[list[str]]:
    """Half a percent of the boards had one part changed some hours after soldering."""
    chance, rows = seeded("rework"), []
    by_place = {(unit.order, unit.n): unit for unit in made}
    lines = {work.code: BOMS[work.product, work.revision, work.bom_version] for work in ORDERS}
    scripted = [(*place, "IC-SE-608B") for place in SECURE_ELEMENT_REWORK]
    scripted += [(*place, "RES-12K1-0603") for place in REFERENCE_REWORK]
    boards = [u for u in made if u.product != "EG-200" and u.state == "built"]
    taken = {(order, n) for order, n, _ in scripted}
    for order, n, part in scripted:
        line = next(ln for ln in lines[order] if ln.part == part)
        unknown = (order, n) == SECURE_ELEMENT_REWORK[-1]
        rows.append(_replacement(by_place[order, n], line, chance, fed, store, "none" if unknown else "known"))
    for place in sorted(chance.sample(range(len(boards)), int(len(boards) * REWORK_SHARE) - len(rows))):
        unit = boards[place]
        free = [ln for ln in lines[unit.order] if ln.refdes and ln.side != "hand"]
        free = [ln for ln in free if ln.part not in ("IC-SE-608B", "RES-12K1-0603")]
        if (unit.order, unit.n) not in taken:
            rows.append(_replacement(unit, chance.choice(free), chance, fed, store, ""))
    return sorted(rows, key=lambda row: row[-1])


def _replacement(unit, line, chance, fed, store, installed_is: str) -> list[str]:
    """One row; the removed package is left empty in a grey zone, where nobody could tell which it was."""
    there = fed[unit.product, line.part][unit.order, unit.n]
    at = unit.placed_at + timedelta(hours=3, minutes=chance.randrange(120))
    here = [p for p in store.by_part[line.part] if p.first_used_at - timedelta(days=2) < at]
    others = [p for p in here if p not in there and p.lot_code != there[0].lot_code] or [there[0]]
    removed = "" if len(there) > 1 or chance.random() < 0.2 else there[0].code
    unknown = installed_is == "none" or (not installed_is and chance.random() < 0.06)
    installed = "" if unknown else chance.choice(others).code
    refdes, operator, reason = (chance.choice(among) for among in (line.refdes, OPERATORS[5:], REASONS))
    return [unit.address, refdes, removed, installed, operator, reason, iso(at)]


def _pallets(made: list[Unit], product: str, mixed: tuple[str, str], count: int) -> list[Unit]:
    """Boards in the order in which box build took them: by order, from MIXED_FROM on from two orders in turn."""
    chance = seeded(f"pallets {product}")
    good = [u for u in made if u.product == product and u.state == "built" and u.order < "WO-1040"]
    before = MIXED_FROM - 10000
    queue = good[:before]
    rest = [u for u in good[before:] if u.order == mixed[0]]
    following = [u for u in good[before:] if u.order != mixed[0]]
    while rest or following:
        queue += rest[:10] + following[:10]
        rest, following = rest[10:], following[10:]
    for place in range(0, count - 8, 8):
        tray = queue[place : place + 8]
        chance.shuffle(tray)
        queue[place : place + 8] = tray
    return queue


def assemblies(made: list[Unit]) -> list[list[str]]:
    """Rows of assemblies.csv: one main board and one radio board a box; three radio boards were changed."""
    boxes = [u for u in made if u.product == "EG-200"]
    mains = _pallets(made, "MB-200", ("WO-1035", "WO-1037"), len(boxes))
    radios = _pallets(made, "RB-50", ("WO-1036", "WO-1038"), len(boxes))
    spare, rows = [radios.pop(place) for place in (500, 499, 498)], []
    for place, box in enumerate(boxes):
        main, radio, at = mains[place], radios[place], box.placed_at
        if max(main.placed_at, radio.placed_at) + timedelta(hours=6) > at:
            raise SystemExit(f"SN {box.serial} was built before its boards {main.serial}, {radio.serial}.")
        rows.append([box.serial, main.serial, "MAIN", iso(at), ""])
        hours = SWAPPED.get(int(box.serial))
        removed_at = at + timedelta(hours=hours) if hours else None
        rows.append([box.serial, radio.serial, "RADIO", iso(at), iso(removed_at) if removed_at else ""])
        if removed_at:
            rows.append([box.serial, spare.pop().serial, "RADIO", iso(removed_at + timedelta(minutes=20)), ""])
    return rows
