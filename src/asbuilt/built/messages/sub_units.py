"""What a test report says of units inside the unit (WATS sub-units): assemblies, where both are units here.

    SubUnits(entry, "r.json", errors, contradictions, warn).take(found.inside)   -> how many links are new

A sub-unit is a unit here where its part number is a product of ours and one unit of it has the serial number, or where the report gives no part
number and one unit has it; a bought module is none, and stays with the run. What the record has already does nothing, whatever the moment.
Else the unit is inside from when the report began, until it was next built in elsewhere. Inside another unit at that moment: a contradiction,
and nothing of the file is stored. A repair report is not asked, for it names what came out too.
"""

from collections.abc import Callable, Sequence

from asbuilt.built.production.intake.assemblies import AssembliesIntake
from asbuilt.built.production.orders import UnitFinder, products_of
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.formats.machine_files import Inside
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger.one_row import checked_rows, named
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

SAID_MAX = 5
FOREVER = 1 << 62
Link = tuple[int, int, int]  # (since, until, parent), in the order in which they began


class SubUnits:
    """The sub-units of the reports of one file. `warn` is told of those that are no units here."""

    def __init__(
        self,
        entry: Entry,
        file: str,
        errors: ErrorList,
        contradictions: ErrorList,
        warn: Callable[[str], None],
    ):
        self.tenant, self.file, self.warn = entry.tenant, file, warn
        self.intake = AssembliesIntake(entry, file, errors, contradictions, warn)
        self.products: dict[int, str] = {}

    def take(self, inside: Sequence[Inside]) -> int:
        """Record them; returns how many links are new. Four statements, and those of the intake where one is new."""
        found = UnitFinder(self.tenant).find({name for one in inside for name in (one.parent, one.serial)})
        of = products_of(self.tenant, {unit for units in found.values() for unit in units})
        self.products = product_codes(self.tenant)
        units = [
            (
                one,
                self._unit(found[one.parent], of, one.product, True),
                self._unit(found[one.serial], of, one.part, False),
            )
            for one in inside
        ]
        self._tell(units)
        # whom the tests do not know is refused by them
        known = sorted(
            ((parse_instant(one.at), one, parent, child) for one, parent, child in units if parent and child and parent != child),
            key=lambda each: each[0],
        )  # fmt: skip
        links = self._links({child for *_, child in known})
        rows: list[tuple[int, dict[str, str]]] = []
        for at, one, parent, child in known:
            row = self._row(at, one, parent, links.setdefault(child, []), of[child], of[parent])
            if row:
                rows.append((one.line, row))
                links[child] = sorted(
                    [*links[child], (at, parse_instant(row["removed_at"]) if row["removed_at"] else FOREVER, parent)]
                )
        if rows:
            self.intake.take([line for line, _ in rows], checked_rows("assemblies", [row for _, row in rows]))
            self.intake.finish()
        return self.intake.stored

    def _unit(self, units: Sequence[int], of: dict[int, int], product: str, any_product: bool) -> int | None:
        """The one unit that is meant. `any_product`: a part number that is no product of ours says nothing, as for the test itself."""
        ours = product in self.products.values()
        if product and (ours or not any_product):
            units = [unit for unit in units if self.products.get(of.get(unit, 0)) == product]
        return units[0] if len(units) == 1 else None

    def _tell(self, units: list[tuple[Inside, int | None, int | None]]) -> None:
        strange: dict[int, list[str]] = {}
        for one, _, child in units:
            if child is None:
                strange.setdefault(one.line, []).append(f"{one.serial} ({one.part})" if one.part else one.serial)
        for line, names in strange.items():
            said = ", ".join(names[:SAID_MAX]) + (" …" if len(names) > SAID_MAX else "")
            self.warn(f"{self.file} record {line}: inside the unit, and no unit here: {said}. Kept with the run.")

    def _links(self, children: set[int]) -> dict[int, list[Link]]:
        """Child -> where it was built in, from when. One statement."""
        sql = (
            "SELECT child, happened_at, removed_at, parent FROM production_assembly WHERE tenant = %s AND until_entry IS NULL AND "
            + reading.any_of("child")
            + " ORDER BY happened_at"
        )
        found: dict[int, list[Link]] = {}
        for child, since, until, parent in reading.fetch(sql, (self.tenant, reading.list_param(sorted(children)))):
            found.setdefault(child, []).append((since, until or FOREVER, parent))
        return found

    def _row(
        self, at: int, one: Inside, parent: int, links: list[Link], inner: int, outer: int
    ) -> dict[str, str] | None:
        """The row of assemblies.csv; None where the record says so already. What contradicts it is for the intake to say."""
        later = [link for link in links if link[0] > at]
        if (later and later[0][2] == parent) or any(link[0] <= at < link[1] and link[2] == parent for link in links):
            return None
        until = format_instant(later[0][0]) if later else ""
        codes = self.products.get(outer, ""), self.products.get(inner, "")
        return named("assemblies", [one.parent, one.serial, one.position, one.at, until, *codes])
