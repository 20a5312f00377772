"""programming.csv -> programming records of units, and of packages whose devices came programmed. A time ahead of the clock: `running`.

A row names a unit or a package, never both. Its release must be known, and the image hash in the row must be that of
the release. Only a pass changes what a unit runs. A unit of another product than the release's is history, listed as a
warning.
"""

from hashlib import sha256
from itertools import count, repeat
from json.encoder import encode_basestring as quoted

from pyroaring import BitMap

from asbuilt.access.models import Person
from asbuilt.access.people import People
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.models import FloorName
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.unit_records import Records, Stored, UnitRecordsIntake, instants, range_or_list
from asbuilt.built.programming.came_programmed import CameProgrammed
from asbuilt.built.programming.events import PROGRAMMING
from asbuilt.built.programming.releases import ReleaseCells
from asbuilt.built.programming.running import AHEAD_US, FIRMWARE, PASS, ReleaseRoles, laid_at, restate
from asbuilt.built.programming.uids import UidCheck, uid_column
from asbuilt.designed.catalog.limits import lengths
from asbuilt.designed.catalog.queries import product_number
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import bitmap_of
from asbuilt.storage import bulk, reading

RESULTS = {"pass": PASS, "fail": 1, "aborted": 2}
SOURCES = {"": 0, "station": 1, "supplier": 2, "field": 3}
COLUMNS = (
    "tenant", "unit", "happened_at", "release", "entry", "row", "result", "source", "uid", "station", "operator", "laid_at",
)  # fmt: skip
PACKAGE, SERIAL = 10, 0
AHEAD_UNITS = 256


class ProgrammingIntake(UnitRecordsIntake):
    """Each row is one attempt to write an image."""

    table = "programming"
    shape = PROGRAMMING
    record_table = "programming_record"
    standing = FIRMWARE

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.releases = ReleaseCells(self)
        self.floor = FloorNames(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.group_of = ReleaseRoles(self.tenant)
        self.uids = UidCheck(self.tenant, self.entry.number)
        self.packages = CameProgrammed(self)
        self.longest = (*lengths(FloorName, ("name",)), *lengths(Person, ("code",)))
        self.ahead = True
        self.next_unit: int | None = None
        self.laid, self.unsure = BitMap(), BitMap()  # a record lies ahead of when it was recorded; one of several does
        self._of_product: dict[int, BitMap] = {}

    def take(self, lines, rows):
        """Rows of units are taken column by column, rows of packages one by one."""
        if any(row[PACKAGE] for row in rows):
            lines, rows = self._without_packages(lines, rows)
        if not rows:
            return
        cells = [(row[1], row[2], row[3], row[9]) for row in rows]
        releases = self.releases.resolve(lines, cells)
        units = self._resolve(lines, rows)
        if None in units or len(releases) < len(set(cells)):
            good = [n for n, unit in enumerate(units) if unit is not None and cells[n] in releases]
            lines, rows, cells, units = ([column[n] for n in good] for column in (lines, rows, cells, units))
        if rows:
            self._take_units(lines, rows, cells, units, releases)

    def _resolve(self, lines, rows) -> list[int | None]:
        """The unit of each row. Files mostly follow the axis, so the names of the next units are read first."""
        serials, products = [row[SERIAL] for row in rows], [row[1] for row in rows]
        near = self._names_ahead(serials[0], products[0], len(rows)) if len(set(products)) == 1 else {}
        units = [near.get(text) for text in serials]
        left = [n for n, unit in enumerate(units) if unit is None]
        if near:
            self.ahead = len(left) * 2 < len(rows)
        if left:
            named = ([column[n] for n in left] for column in (lines, serials, products))
            here, texts, codes = named
            for n, unit in zip(left, self.units.resolve(here, "serial", texts, codes), strict=True):
                units[n] = unit
        self.next_unit = units[-1] or self.next_unit
        return units

    def _names_ahead(self, text: str, code: str, count: int) -> dict[str, int]:
        """Serial number -> unit for the next units that are of this product; there, a serial number is unique."""
        product = product_number(self.tenant, code)
        if not self.ahead or product is None:
            return {}
        if self.next_unit is None:
            self.next_unit = next(iter(self.units.spans.finder.find([text])[text]), 0)
        sql = (
            "SELECT value, unit FROM production_unit_name WHERE tenant = %s AND unit >= %s AND unit < %s AND kind = 0 "
            "AND until_entry IS NULL ORDER BY unit"
        )
        near = reading.fetch(sql, (self.tenant, self.next_unit, self.next_unit + count + AHEAD_UNITS))
        mine = self._units_of(product)
        if near and mine.range_cardinality(near[0][1], near[-1][1] + 1) == near[-1][1] + 1 - near[0][1]:
            return dict(near)
        return {value: unit for value, unit in near if unit in mine}

    def _without_packages(self, lines, rows):
        found, left = [], []
        for line, row in zip(lines, rows, strict=True):
            if not row[PACKAGE]:
                left.append((line, row))
            elif row[SERIAL]:
                reason = "A row names a unit or a package, not both."
                remedy = "Make two rows: one of the unit, one of the package whose devices came programmed."
                self.wrong(line, "package", row[PACKAGE], "programming.unit_and_package", reason, remedy)
            else:
                found.append((line, row))
        if found:
            self.packages.take([line for line, _ in found], [row for _, row in found])
        return [line for line, _ in left], [row for _, row in left]

    def _take_units(self, lines, rows, cells, units, releases):
        _, _, _, _, uids, stations, operators, results, times, _, _, sources = zip(*rows, strict=True)
        at = instants(times, self.minutes)
        number = {found: release.number for found, release in releases.items()}
        release = [number[found] for found in cells]
        key = {found: (release.number,) for found, release in releases.items()}
        role = {found: release.role for found, release in releases.items()}
        station = self.numbers(lines, "station", stations, self.longest[0], self.station_number)
        person = self.numbers(lines, "operator", operators, self.longest[1], self.people.number)
        uid = uid_column(uids)
        columns = (
            units, at, release, [RESULTS[text] for text in results], [SOURCES[text] for text in sources], uid,
            [station[text] for text in stations], [person[text] for text in operators],
        )  # fmt: skip
        records = Records(
            lines,
            units,
            list(zip(units, at, release, strict=True)),
            [role[found] for found in cells],
            [key[found] if text == "pass" else None for found, text in zip(cells, results, strict=True)],
            at,
            lambda n: tuple(column[n] for column in columns[3:]),
        )
        self._warn_of_products(lines, units, cells, releases)
        kept = self.sort_out(records)
        if kept is not None:
            rows, cells = [rows[n] for n in kept], [cells[n] for n in kept]
            columns = tuple([column[n] for n in kept] for column in columns)
        if rows:
            self._write(rows, cells, columns)

    def _again(self, records, group, where, stored):
        kept = super()._again(records, group, where, stored)
        ahead = BitMap(n for n in where if records.ats[n] - self.entry.recorded_at > AHEAD_US)
        self.unsure |= (self.laid | BitMap(records.units[n] for n in ahead)) & BitMap(records.units[n] for n in kept)
        return kept

    @staticmethod
    def codes_of(result: str, source: str) -> tuple[int, int]:
        """The numbers that the words result and source are stored as."""
        return RESULTS[result], SOURCES[source]

    def station_number(self, name: str) -> int | None:
        """The station with this name; it begins with its first mention."""
        return self.floor.number("station", name)

    def _write(self, rows, cells, columns):
        units, at, release, result, source, uid, station, operator = columns
        tenant, entry = repeat(self.tenant), repeat(self.entry.number)
        row, recorded_at = count(self.facts.count), self.entry.recorded_at
        laid = [laid_at(one, recorded_at) for one in at] if max(at) - recorded_at > AHEAD_US else repeat(None)
        written = zip(
            tenant, units, at, release, entry, row, result, source, uid, station, operator, laid, strict=False
        )
        bulk.insert_rows("programming_record", COLUMNS, written)
        head = {found: f"{quoted(found[0])},{quoted(found[1])},{quoted(found[2])}," for found in set(cells)}
        serials, _, _, _, uids, stations, operators, results, times, roles, _, sources = zip(*rows, strict=True)
        place = {name: quoted(name) for name in set(stations)}
        who = {code: quoted(code) for code in set(operators)}
        end = {pair: f'{quoted(pair[0])},"","{pair[1]}"]' for pair in set(zip(roles, sources, strict=True))}
        texts, ids = [], []
        for unit, serial, found, told, name, code, person, outcome, time, role, channel in zip(
            units, serials, cells, uids, stations, operators, operator, results, times, roles, sources, strict=True
        ):
            before = f"{head[found]}{quoted(told)},{place[name]},"
            after = f',"{outcome}","{time}",{end[role, channel]}'
            texts.append(f"[{unit},{before}{'null' if person is None else person}{after}".encode())
            ids.append(sha256(f'["programming",{quoted(serial)},{before}{who[code]}{after}'.encode()).digest()[:8])
        self.commit(texts, ids, min(units), max(units) + 1)
        self.states.begun_units(BitMap(units))
        self.uids.take(units, uid)

    def _warn_of_products(self, lines, units, cells, releases):
        by_product: dict[int, list[int]] = {}
        product = {found: release.product for found, release in releases.items()}
        if len(set(product.values())) == 1:
            by_product[next(iter(product.values()))] = units
        else:
            for unit, found in zip(units, cells, strict=True):
                by_product.setdefault(product[found], []).append(unit)
        strange = BitMap()
        for wanted, there in by_product.items():
            strange |= BitMap(there) - self._units_of(wanted)
        if strange:
            for line, unit, found in zip(lines, units, cells, strict=True):
                if unit in strange and unit not in self._units_of(product[found]):
                    self.warn(f"{self.file} line {line}: {found[0]} is not the product of this unit.")

    def _units_of(self, product: int) -> BitMap:
        if product not in self._of_product:
            sql = (
                "SELECT first_unit, until_unit FROM production_block WHERE tenant = %s AND product = %s "
                "AND until_entry IS NULL"
            )
            self._of_product[product] = bitmap_of(reading.fetch(sql, (self.tenant, product)))
        return self._of_product[product]

    def recorded(self, units):
        condition, params = range_or_list(units)
        sql = (
            "SELECT unit, happened_at, release, entry, until_entry, result, source, uid, station, operator, laid_at "
            f"FROM programming_record WHERE tenant = %s AND {condition}"
        )
        for unit, at, release, entry, until, result, source, uid, station, operator, laid in reading.fetch(
            sql, (self.tenant, *params)
        ):
            key = (release,)
            said = (result, source, bytes(uid) if uid is not None else None, station, operator)
            counts = key if result == PASS else None
            if laid is not None:
                self.laid.add(unit)
            yield Stored((unit, at, release), entry, until is not None, self.group_of(key), counts, at, said)

    def name_of(self, ident):
        when = format_instant(ident[1])
        return "happened_at", when, f"The programming of this unit with this release at {when}"

    def finish(self):
        """What units run now, then which UIDs stand on several units."""
        super().finish()
        if self.errors.total or self.contradictions.total:
            return
        restate(self.tenant, self.entry.number, self.unsure)
        for uid, units in self.uids.doubled(self.any_before):
            orders = self.units.spans.orders
            said = [f"{order.code}#{order.place_of(unit)}" for unit in units[:5] if (order := orders.of_unit(unit))]
            shown = uid.hex() if len(uid) <= 40 else uid[:40].hex() + "…"
            self.warn(f"{self.file}: UID {shown} stands on {len(units)} units: {', '.join(said)}.")
