"""The synthetic factory as exchange tables: one folder of what is meant and bought, then a folder an order."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pyroaring import BitMap

from ground.factory import CUSTOMERS, VERSIONS, Factory, OrderFacts

OPENED = "2025-11-20T08:00:00+00:00"


def write_common(factory: Factory, folder: Path) -> None:
    """parties, parts, bom, lots, orders, firmware."""
    folder.mkdir(parents=True, exist_ok=True)
    parties = [["BRAND", "Brand owner", "manufacturer", "DE"], ["SUPPLY", "Distributor", "supplier", "DE"]]
    parties += [[f"C{n:03d}", f"Customer {n:03d}", "customer", "DE"] for n in range(CUSTOMERS)]
    write_table(folder / "parties.csv", "party name roles country", parties)
    parts = (
        [f"P-{n:05d}", f"Part {n}", f"MPN-{n:05d}", f"Maker {n % 40}", "active", ""] for n in range(factory.part_count)
    )
    write_table(folder / "parts.csv", "part description mpn manufacturer lifecycle msl", parts)
    write_table(folder / "bom.csv", "product revision bom_version line part quantity refdes", _bom(factory))
    columns = "package package_kind part mpn manufacturer supplier lot_code date_code quantity received_at delivery coc status"
    write_table(folder / "lots.csv", columns, _lots(factory))
    orders = (
        [f"WO-{n:05d}", factory.product_of(n).code, "A", "1", factory.order_units, "BRAND", OPENED]
        for n in range(factory.orders)
    )
    write_table(folder / "orders.csv", "order product revision bom_version quantity customer opened_at", orders)
    columns = "product version role image sha256 revisions released_at security_relevant"
    write_table(folder / "firmware.csv", columns, _firmware(factory))


def image_hash(product: str, version: str) -> str:
    """The SHA-256 of a release's image, in hex."""
    return sha256(f"{product}/{version}".encode()).hexdigest()


def _bom(factory: Factory):
    for product in factory.products:
        for line, (part, positions) in enumerate(zip(product.parts, product.positions, strict=True), 1):
            yield [product.code, "A", "1", line * 10, f"P-{part:05d}", len(positions), " ".join(positions)]


def _lots(factory: Factory):
    for number, lot in enumerate(factory.packages, 1):
        part, code = factory.lots[lot]
        mine = [f"P-{part:05d}", f"MPN-{part:05d}", f"Maker {part % 40}", "SUPPLY", code, 2501 + lot % 40, 5000]
        yield [package_code(number), "reel", *mine, OPENED, f"DN-{number // 500:06d}", "", "released"]


def package_code(number: int) -> str:
    """The code of a package."""
    return f"PK{number:08d}"


def _firmware(factory: Factory):
    for product in factory.products:
        for version in VERSIONS:
            yield [product.code, version, "app", "", image_hash(product.code, version), "A", OPENED, "false"]


def write_order(factory: Factory, order: OrderFacts, folder: Path, tests: bool = False) -> None:
    """units, materials, processes, replacements, programming, shipments of one order; tests too where asked for."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "units.csv", "order serial panel position state", _units(order))
    columns = "order refdes package first_serial last_serial certainty machine feeder happened_at"
    write_table(folder / "materials.csv", columns, _materials(order))
    columns = "order step machine program first_serial last_serial started_at finished_at operator result readings"
    write_table(folder / "processes.csv", columns, _processes(order))
    columns = "serial refdes removed_package installed_package operator reason happened_at"
    write_table(folder / "replacements.csv", columns, _replacements(order))
    columns = "serial product version sha256 uid station operator result happened_at"
    write_table(folder / "programming.csv", columns, _programming(order))
    if tests:
        columns = "serial plan plan_version station operator outcome started_at finished_at measurements"
        write_table(folder / "tests.csv", columns, _tests(order))
    if order.lines:
        columns = "shipment customer country first_serial last_serial shipped_at placed_on_market_at"
        write_table(folder / "shipments.csv", columns, _shipments(order))


def _units(order: OrderFacts):
    for code, first, until in order.panels:
        for place, unit in enumerate(range(first, until), 1):
            skipped = unit in order.skipped
            serial = "-" if skipped else order.serials[unit - order.first]
            yield [order.code, serial, code, place, "skipped" if skipped else "built"]


def _materials(order: OrderFacts):
    for run in order.runs:
        refdes = " ".join(order.product.positions[run.line])
        for units, certainty in ((run.certain, "certain"), (run.possible, "possible")):
            for first, last in _spans(units):
                ends = [_place(order, first), _place(order, last)]
                yield [
                    order.code,
                    refdes,
                    package_code(run.package),
                    *ends,
                    certainty,
                    run.machine,
                    run.feeder,
                    _iso(run.at),
                ]


def _processes(order: OrderFacts):
    for step, machine, program, first, until, started, finished, readings in order.passes:
        ends = [_place(order, first), _place(order, until - 1)]
        yield [
            order.code,
            step,
            machine,
            program,
            *ends,
            _iso(started),
            _iso(finished),
            order.operator,
            "completed",
            readings,
        ]


def _replacements(order: OrderFacts):
    for unit, refdes, removed, installed, at in order.replacements:
        out = package_code(removed) if removed else ""
        yield [
            order.serials[unit - order.first],
            refdes,
            out,
            package_code(installed),
            order.operator,
            "damaged",
            _iso(at),
        ]


def _programming(order: OrderFacts):
    for units, step in ((order.built, 0), (order.again, 1)):
        version = VERSIONS[order.version + step]
        image = image_hash(order.product.code, version)
        for unit in units:
            cells = [order.serials[unit - order.first], order.product.code, version, image, order.uid(unit).hex()]
            yield [*cells, order.station, order.operator, "pass", _iso(order.programmed(unit, step))]


def plan_of(order: OrderFacts) -> str:
    """The test plan of the order's product."""
    return f"FCT-{order.product.code}"


def measured(unit: int) -> str:
    """What its test measured, as the column holds it."""
    return f'{{"u_3v3":3.{unit % 90 + 250},"i_idle_ma":{unit % 17 + 41}.2,"rssi_dbm":-{unit % 9 + 48}}}'


def _tests(order: OrderFacts):
    for unit in order.built:
        times = [_iso(order.tested(unit) + seconds * 1_000_000) for seconds in (0, 9)]
        cells = [order.serials[unit - order.first], plan_of(order), "3", "FCT-1", order.operator, "pass"]
        yield [*cells, *times, measured(unit)]


def _shipments(order: OrderFacts):
    for code, customer, first, until, at in order.lines:
        yield [code, f"C{customer:03d}", "DE", _place(order, first), _place(order, until - 1), _iso(at), ""]


def _place(order: OrderFacts, unit: int) -> str:
    return f"{order.code}#{unit - order.first + 1}"


def _spans(units: BitMap) -> Iterable[tuple[int, int]]:
    """(first, last) of each stretch, counted unit by unit."""
    first = last = None
    for unit in units:
        if last is not None and unit == last + 1:
            last = unit
            continue
        if first is not None:
            yield first, last
        first = last = unit
    if first is not None:
        yield first, last


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, UTC).isoformat()


def write_table(path: Path, columns: str, rows) -> None:
    """Rows under these blank-separated columns, as a CSV file."""
    with open(path, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns.split())
        writer.writerows(rows)
