"""package_names.csv -> further names of packages: the EPC of an RFID tag, a customer's number. A name finds one package."""

from asbuilt.built.supply.events import PACKAGE_NAME
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.designed.catalog.limits import refuse_long
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "value", "code", "entry", "row", "kind", "from_at", "reason")


class PackageNamesIntake(TableIntake):
    """Each row gives a package a further name."""

    table = "package_names"
    shape = PACKAGE_NAME

    def __init__(self, *args):
        super().__init__(*args)
        self.packages = PackageFinder(self.tenant)
        self.lines: dict[str, int] = {}

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        there = self.packages.find([row[0] for row in rows])
        held = self._held([row[2] for row in rows])
        written, texts, taken, first = [], [], [], self.facts.count
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before:
                self.known += 1
            elif self._check(line, row, there, held):
                place = (self.entry.number, first + len(written))
                written.append((self.tenant, row[2], row[0], *place, row[1], parse_instant(row[3]), row[4]))
                texts.append(row_text(row))
                taken.append(fact)
        self.commit(texts, taken)
        bulk.insert_rows("supply_package_name", COLUMNS, written)

    def _held(self, values) -> dict[str, str]:
        """Value -> the package that has it as its code or as a name."""
        found = {code: code for code in self.packages.find(values)}
        sql = (
            "SELECT value, code FROM supply_package_name WHERE tenant = %s AND until_entry IS NULL AND "
            + reading.any_of("value", "text")
        )
        return found | dict(reading.fetch(sql, (self.tenant, reading.list_param(sorted(set(values))))))

    def _check(self, line: int, row: tuple, there: dict, held: dict[str, str]) -> bool:
        package, kind, value = row[:3]
        if refuse_long(self, line, ("kind", "value"), (kind, value), (60, 200)):
            return False
        if package not in there:
            remedy = self.packages.explain(package)
            self.wrong(line, "package", package, "supply.package_unknown", f"There is no package {package}.", remedy)
            return False
        if self.lines.setdefault(value, line) != line:
            reason = f"{value} stands on line {self.lines[value]} too."
            self.wrong(line, "value", value, "supply.name_doubled", reason, "Give each package its own.")
            return False
        if value in held:
            self.contradicts(line, "value", value, f"{value} is the package {held[value]}.")
            return False
        return True
