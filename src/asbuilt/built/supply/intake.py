"""lots.csv -> packages and the lots they are of.

Each row is a package; packages of one maker, MPN, lot code, date code and part are of one lot. An empty lot or date
code is taken and means that it is not known: packages that share all the rest, the empty cell too, share that lot's row.
A manufacturer part that is not approved for the part is history and enters with a warning.

Refuses: a package given twice in a file, an unknown part, an unknown supplier or owner.
"""

import os
from collections.abc import Sequence

from asbuilt.built.supply.events import PACKAGE
from asbuilt.built.supply.models import Lot, Package
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.intake import numbers_after
from asbuilt.designed.catalog.limits import lengths, refuse_large, refuse_long
from asbuilt.designed.catalog.queries import approved, known_part_codes, part_numbers
from asbuilt.designed.parties import queries as parties
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

LOT_COLUMNS = ("tenant", "number", "ulid", "part", "maker", "mpn", "lot_code", "date_code")
PACKAGE_COLUMNS = (
    "tenant", "number", "ulid", "code", "kind", "lot", "part", "supplier", "owner", "quantity", "received_at",
    "delivery", "coc", "status", "entry", "row",
)  # fmt: skip
MEASURED = ("package", "mpn", "manufacturer", "lot_code", "date_code", "delivery", "coc")

LotKey = tuple[int, str, str, str, str]


class LotsIntake(TableIntake):
    """Each row is a package. A package stands once."""

    table = "lots"
    shape = PACKAGE

    def __init__(self, *args):
        super().__init__(*args)
        self.parties = parties.numbers_by_name(self.tenant)
        self.party_hints = Hints(lambda: self.parties, "Add the party to parties.csv first.")
        self.part_hints = Hints(lambda: known_part_codes(self.tenant), "Add the part to parts.csv first.")
        self.lot_numbers = numbers_after("supply_lot", self.tenant)
        self.package_numbers = numbers_after("supply_package", self.tenant)
        self.lines: dict[str, int] = {}
        lot = lengths(Lot, ("mpn", "maker", "lot_code", "date_code"))
        self.most = (*lengths(Package, ("code",)), *lot, *lengths(Package, ("delivery", "coc")))

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        recorded = self._recorded({row[0] for row in rows})
        parts = part_numbers(self.tenant, [row[2] for row in rows])
        makers = approved(self.tenant, parts.values())
        taken = []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            package = row[0]
            if package in self.lines:
                reason = f"Package {package} stands on line {self.lines[package]} too"
                self.wrong(line, "package", package, "supply.package_doubled", reason, "Keep one row a package.")
                continue
            self.lines[package] = line
            if fact in before:
                self.known += 1
            elif package in recorded:
                self.contradicts(line, "package", package, f"Package {package} was recorded before with other content")
            elif self._right(line, row, parts):
                taken.append((row, fact, parts[row[2]]))
                self._warn_unapproved(line, row, makers.get(parts[row[2]], ()))
        self._write(taken)

    def _recorded(self, codes: set[str]) -> set[str]:
        sql = (
            "SELECT code FROM supply_package WHERE tenant = %s AND "
            + reading.any_of("code", "text")
            + " AND until_entry IS NULL"
        )
        return {code for (code,) in reading.fetch(sql, (self.tenant, reading.list_param(codes)))}

    def _right(self, line: int, row: tuple, parts: dict[str, int]) -> bool:
        package, _, part, mpn, maker, supplier, lot_code, date_code, quantity, _, delivery, coc, _, owner = row
        measured = (package, mpn, maker, lot_code, date_code, delivery, coc)
        wrong = refuse_long(self, line, MEASURED, measured, self.most)
        wrong |= refuse_large(self, line, "quantity", quantity)
        if part not in parts:
            reason = f"There is no part {part}"
            self.wrong(line, "part", part, "catalog.part_unknown", reason, self.part_hints.of(part))
            wrong = True
        for column, name in (("supplier", supplier), ("owner", owner)):
            if name and name not in self.parties:
                reason = f"No party is called {name}"
                self.wrong(line, column, name, "parties.unknown", reason, self.party_hints.of(name))
                wrong = True
        return not wrong

    def _warn_unapproved(self, line: int, row: tuple, makers: Sequence[tuple[str, str]]) -> None:
        """What a row or an approval leaves empty fits anything: a part that is only described approves every maker."""
        part, mpn, maker = row[2:5]
        for known_mpn, known_maker in makers:
            if (not mpn or known_mpn in ("", mpn)) and (not maker or known_maker in ("", maker)):
                return
        said = " of ".join(text for text in (f"MPN {mpn}" if mpn else "", maker) if text)
        self.warn(f"{self.file} line {line}: {said} is not approved for part {part}.")

    def _write(self, taken: Sequence[tuple]) -> None:
        first = self.commit([row_text(row) for row, *_ in taken], [fact for _, fact, _ in taken])
        keys = [(part, row[4], row[3], row[6], row[7]) for row, _, part in taken]
        lots = self._intern_lots(keys)
        written = []
        for place, ((row, _, part), key) in enumerate(zip(taken, keys, strict=True)):
            code, kind, supplier, quantity, received_at, delivery, coc, status, owner = row[0], row[1], row[5], *row[8:]
            written.append(
                (
                    self.tenant, next(self.package_numbers), self._ulid(), code, kind, lots[key], part,
                    self.parties[supplier] if supplier else None,
                    self.parties[owner] if owner else None,
                    int(quantity) if quantity else None,
                    parse_instant(received_at) if received_at else None,
                    delivery, coc, status, self.entry.number, first + place,
                )
            )  # fmt: skip
        bulk.insert_rows("supply_package", PACKAGE_COLUMNS, written)

    def _intern_lots(self, keys: Sequence[LotKey]) -> dict[LotKey, int]:
        """The numbers of these lots; those that are new are written."""
        select = "SELECT part, maker, mpn, lot_code, date_code, number FROM supply_lot WHERE tenant = %s AND "
        codes = {key[3] for key in keys if key[3]}
        rows = reading.fetch(select + reading.any_of("lot_code", "text"), (self.tenant, reading.list_param(codes)))
        nameless = {key[0] for key in keys if not key[3]}
        if nameless:
            sql = select + "lot_code = '' AND " + reading.any_of("part")
            rows += reading.fetch(sql, (self.tenant, reading.list_param(nameless)))
        numbers = {tuple(key): number for *key, number in rows}
        opened = []
        for key in keys:
            if key not in numbers:
                numbers[key] = next(self.lot_numbers)
                opened.append((self.tenant, numbers[key], self._ulid(), *key))
        bulk.insert_rows("supply_lot", LOT_COLUMNS, opened)
        return numbers

    def _ulid(self) -> str:
        return new_ulid(self.entry.recorded_at, os.urandom(10))
