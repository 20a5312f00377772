"""Firmware, tests, names and shipping of the example factory: the tables that follow a unit out of the door."""

import hashlib
import json
from datetime import timedelta

from factory_floor import Unit, iso, moment, seeded
from factory_life import OPERATORS
from factory_supply import Store

# product, role, version, revisions, released, security relevant
RELEASES = """
EG-200|app|2.2.4|B|01-14 10:00|false
EG-200|app|2.3.0|B|02-22 15:00|false
EG-200|app|2.3.1|B|03-01 18:30|true
EG-200|app|2.4.0|B|04-12 11:00|true
MB-200|boot|1.0|A;B|01-11 09:00|false
RB-50|radio|1.7.9|A|01-18 09:00|false
RB-50|radio|1.8.0|A|02-23 14:00|true
"""
SHIPPED = [(10000, 11499, "S-0311"), (11500, 11999, "S-0319"), (12000, 12999, "S-0318"), (13000, 13219, "S-0319")]
SHIPPED += [(13300, 13799, "S-0318"), (14000, 14479, "S-0322"), (14480, 14739, "S-0325")]
SHIPMENTS = {
    "S-0311": ("DISTX", "DE", "03-16 14:00", "03-18 10:00"),
    "S-0318": ("DISTX", "DE", "03-29 14:00", "03-31 10:00"),
    "S-0319": ("BALTIC", "PL", "03-30 13:30", "04-01 09:00"),
    "S-0322": ("VELDHUIS", "NL", "04-06 14:00", "04-07 12:00"),
    "S-0325": ("RESEAU", "FR", "04-08 15:00", ""),
}
EARLY = 10320  # SN 10000 up to here were programmed with 2.3.0 before 2.3.1 was there
STILL_FAILED = range(14991, 14996)  # on the repair bench on the last day
OLD_RADIO_UNTIL = moment("03-04 00:00")  # radio chips taken before this came programmed with 1.7.9
RELABELLED = [("WO-1031", 700), ("WO-1033", 310), ("WO-1035", 52), ("WO-1037", 990), ("WO-1039", 471)]
NAMED_LATER = 4


def image(product: str, role: str, version: str) -> bytes:
    """One and a half kilobytes that stand for an image: a readable head and a body drawn from it."""
    head = f"OSTWERK EXAMPLE IMAGE\n{product} {role} {version}\n".encode()
    return head + b"".join(hashlib.sha256(head + bytes([n])).digest() for n in range(48))


def firmware() -> tuple[list[list[str]], dict[str, bytes]]:
    """Rows of firmware.csv and the images by path."""
    rows, images = [], {}
    for release in RELEASES.strip().split("\n"):
        product, role, version, revisions, released, relevant = release.split("|")
        path = f"images/{product.replace('-', '').lower()}-{role}-{version}.bin"
        images[path] = image(product, role, version)
        digest = hashlib.sha256(images[path]).hexdigest()
        rows.append([product, version, role, path, digest, revisions, iso(moment(released)), relevant])
    return rows, images


def _digests() -> dict[tuple[str, str], str]:
    return {(row[0], row[1]): row[4] for row in firmware()[0]}


def _uid(unit: Unit, digits: int) -> str:
    return hashlib.sha256(f"uid {unit.serial}".encode()).hexdigest()[:digits]


def programming(made: list[Unit], store: Store) -> list[list[str]]:
    """Rows of programming.csv: chips that came programmed, radio boards brought up to date, every gateway."""
    digest, rows = _digests(), []
    for part, role, product in (("IC-STM32H743", "boot", "MB-200"), ("IC-NRF52840", "radio", "RB-50")):
        for package in store.by_part[part]:
            old = package.first_used_at < OLD_RADIO_UNTIL
            version, day = ("1.7.9", "02-02 10:00") if old else ("1.8.0", "02-25 10:00")
            version, day = ("1.0", "01-25 10:00") if role == "boot" else (version, day)
            sha256, at = digest[product, version], iso(moment(day))
            rows.append(["", product, version, sha256, "", "", "", "pass", at, role, package.code, "supplier"])
    for unit in made:
        if unit.order == "WO-1034" and unit.n <= 450 and unit.state == "built":
            at = iso(unit.placed_at + timedelta(hours=20))
            cells = ["RB-50", "1.8.0", digest["RB-50", "1.8.0"], _uid(unit, 16), "PROG-3", "031", "pass", at]
            rows.append([unit.serial, *cells, "radio", "", "station"])
    return rows + _gateways(made, digest)


def _gateways(made: list[Unit], digest: dict) -> list[list[str]]:
    """Every gateway passes with 2.3.1; the early ones had 2.3.0, some needed a second attempt."""
    chance, rows = seeded("programming"), []
    for unit in (u for u in made if u.product == "EG-200"):
        serial, at = int(unit.serial), unit.placed_at + timedelta(minutes=25)
        station, operator = f"PROG-{1 + serial % 2}", OPERATORS[serial // 100 % len(OPERATORS)]

        def attempt(version, result, at, unit=unit, station=station, operator=operator):
            cells = [unit.serial, "EG-200", version, digest["EG-200", version], _uid(unit, 24), station, operator]
            rows.append([*cells, result, iso(at), "app", "", ""])

        if serial < EARLY:
            attempt("2.3.0", "pass", at)
            at = moment("03-03 06:30") + timedelta(minutes=2 * (serial - 10000))
        if chance.random() < 0.018:
            attempt("2.3.1", chance.choice(["fail", "fail", "aborted"]), at - timedelta(minutes=3))
        attempt("2.3.1", "pass", at)
    return rows


def tests(made: list[Unit], replaced: list[list[str]]) -> list[list[str]]:
    """Rows of tests.csv: AOI where it found something, SEC and EOL of every gateway."""
    chance, rows = seeded("tests"), []
    reworked = {row[0]: row[1] for row in replaced}

    def run(unit, plan, version, station, outcome, at, seconds, measured=None):
        text = json.dumps(measured, separators=(",", ":")) if measured else ""
        times = [iso(at), iso(at + timedelta(seconds=seconds))]
        operator = OPERATORS[unit.n // 90 % len(OPERATORS)]
        rows.append([unit.serial, plan, version, station, operator, outcome, *times, text])

    for unit in made:
        if unit.product == "EG-200":
            _gateway_tests(unit, chance, run)
        elif unit.state == "scrapped":
            run(unit, "AOI", "5", f"AOI-{unit.line}", "fail", unit.placed_at + timedelta(minutes=20), 9)
        elif unit.state == "built" and (unit.serial in reworked or chance.random() < 0.008):
            found = {"found_at": reworked[unit.serial]} if unit.serial in reworked else None
            run(unit, "AOI", "5", f"AOI-{unit.line}", "fail", unit.placed_at + timedelta(minutes=20), 9, found)
            run(unit, "AOI", "5", f"AOI-{unit.line}", "pass", unit.placed_at + timedelta(minutes=330), 9)
    return rows


def _gateway_tests(unit: Unit, chance, run) -> None:
    """SEC, then EOL; a failed run is repeated after repair, except on the last day's bench."""
    serial, at = int(unit.serial), unit.placed_at + timedelta(minutes=35)
    if serial < EARLY:
        at = moment("03-03 06:40") + timedelta(minutes=2 * (serial - 10000))
    if chance.random() < 0.004:
        run(unit, "SEC", "2", "TS-1", chance.choice(["fail", "error"]), at - timedelta(minutes=5), 20)
    run(unit, "SEC", "2", "TS-1", "pass", at, 21)
    at += timedelta(minutes=5)
    current = round(138 + chance.random() * 9, 1)
    failed = serial in STILL_FAILED
    if failed or chance.random() < 0.012:
        run(unit, "EOL", "3", "TS-2", "fail", at, 40, {"ma": round(current + 60, 1)})
        at += timedelta(minutes=130)
    if not failed:
        run(unit, "EOL", "3", "TS-2", "pass", at, 48, {"ma": current})


def names(made: list[Unit]) -> list[list[str]]:
    """Rows of names.csv: MAC addresses, a customer's numbers, labels printed anew, boards named late."""
    rows, by_place = [], {(unit.order, unit.n): unit for unit in made}
    shipped_to_baltic = [range(first, last + 1) for first, last, code in SHIPPED if code == "S-0319"]
    for unit in (u for u in made if u.product == "EG-200"):
        serial = int(unit.serial)
        mac = f"80:1F:12:{0x4A0000 + serial:06X}"
        mac = ":".join([mac[:9] + mac[9:11], mac[11:13], mac[13:15]])
        rows.append([unit.serial, "mac", mac, iso(unit.placed_at + timedelta(minutes=25)), "", ""])
        if any(serial in box for box in shipped_to_baltic):
            number = f"BM27-{serial - 11499 if serial < 12000 else serial - 12499:04d}"
            rows.append([unit.serial, "customer-number", number, iso(moment("03-30 10:00")), "", ""])
    for place in RELABELLED:
        unit = by_place[place]
        at = iso(unit.placed_at + timedelta(hours=5))
        rows.append([unit.serial, "serial", f"{unit.serial}R", at, unit.serial, "label torn at depanelling"])
    last = max(int(u.serial[3:]) for u in made if u.product == "MB-200" and u.serial != "-")
    for n in range(NAMED_LATER):
        unit = by_place["WO-1098", 161 + n]
        rows.append([unit.address, "serial", f"MB-{last + 1 + n:06d}", iso(moment("04-14 09:00")), "", ""])
    return rows


def shipments() -> list[list[str]]:
    """Rows of shipments.csv: one row a box of at most 50."""
    rows = []
    for first, last, code in SHIPPED:
        customer, country, shipped, placed = SHIPMENTS[code]
        times = [iso(moment(shipped)), iso(moment(placed)) if placed else ""]
        for begin in range(first, last + 1, 50):
            rows.append([code, customer, country, str(begin), str(min(last, begin + 49)), *times])
    return rows
