"""Packages whose devices came programmed: rows of programming.csv with a package and no unit."""

from collections.abc import Sequence

from asbuilt.built.programming.running import laid_at
from asbuilt.built.supply.queries import PackageFinder
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger.intake import fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = ("tenant", "package", "happened_at", "release", "entry", "result", "source", "station", "operator", "laid_at")
RESULT, AT, PACKAGE, SOURCE = 7, 8, 10, 11


class CameProgrammed:
    """Takes the package rows of a chunk for the intake of the table."""

    def __init__(self, intake):
        self.intake = intake
        self.tenant = intake.tenant
        self.finder = PackageFinder(self.tenant)

    def take(self, lines: Sequence[int], rows: Sequence[tuple]) -> None:
        """Check, store and commit to these rows."""
        intake = self.intake
        cells = [(row[1], row[2], row[3], row[9]) for row in rows]
        releases = intake.releases.resolve(lines, cells)
        packages = self.finder.find(row[PACKAGE] for row in rows)
        station = intake.numbers(lines, "station", [row[5] for row in rows], intake.longest[0], intake.station_number)
        person = intake.numbers(lines, "operator", [row[6] for row in rows], intake.longest[1], intake.people.number)
        stored = self._stored(package.number for package in packages.values())
        taken, texts, ids = [], [], []
        for line, row, found in zip(lines, rows, cells, strict=True):
            package = packages.get(row[PACKAGE])
            if package is None:
                self._unknown(line, row[PACKAGE])
            if package is None or found not in releases:
                continue
            ident = (package.number, parse_instant(row[AT]), releases[found].number)
            said = (*intake.codes_of(row[RESULT], row[SOURCE]), station[row[5]], person[row[6]])
            if not self._is_new(line, ident, said, stored):
                continue
            taken.append((self.tenant, *ident, intake.entry.number, *said, laid_at(ident[1], intake.entry.recorded_at)))
            texts.append(row_text([None, *row[1:6], person[row[6]], *row[7:]]))
            ids.append(fact_bytes(intake.table, row))
        bulk.insert_rows("programming_package", COLUMNS, taken)
        intake.commit(texts, ids)

    def _stored(self, packages) -> dict[tuple, list[tuple]]:
        sql = (
            "SELECT package, happened_at, release, entry, until_entry, result, source, station, operator "
            "FROM programming_package WHERE tenant = %s AND " + reading.any_of("package")
        )
        found: dict[tuple, list[tuple]] = {}
        for row in reading.fetch(sql, (self.tenant, reading.list_param(packages))):
            if self.intake.anew and row[4] is not None:
                continue  # a correction states it again
            found.setdefault(row[:3], []).append((row[3], row[4] is not None, row[5:]))
        return found

    def _is_new(self, line: int, ident: tuple, said: tuple, stored: dict) -> bool:
        intake, words = self.intake, "The programming of this package with this release at this time"
        known = stored.setdefault(ident, [])
        if (intake.entry.number, False, said) in known:
            intake.warn(f"{intake.file} line {line}: {words} stands twice in this file; it counts once.")
        elif any(entry == intake.entry.number for entry, _, _ in known):
            reason = f"{words} stands twice in this file, with different content."
            remedy = "Keep the row that is right, or give each its own time."
            intake.wrong(line, "happened_at", format_instant(ident[1]), "programming.doubled", reason, remedy)
        elif any(old == said for _, _, old in known):
            intake.known += 1
        elif any(not withdrawn for _, withdrawn, _ in known):
            reason = f"{words} was recorded before with other content."
            intake.contradicts(line, "happened_at", format_instant(ident[1]), reason)
        else:
            known.append((intake.entry.number, False, said))
            intake.warn_ahead(line, ident[1])
            return True
        return False

    def _unknown(self, line: int, code: str) -> None:
        sql = "SELECT code FROM supply_package WHERE tenant = %s AND code >= %s AND until_entry IS NULL ORDER BY code"
        known = [row[0] for row in reading.fetch(f"{sql} LIMIT 20", (self.tenant, code[: max(1, len(code) - 2)]))]
        remedy = did_you_mean(code, known) or "Add the package to lots.csv first."
        self.intake.wrong(line, "package", code, "programming.package_unknown", f"There is no package {code}.", remedy)
