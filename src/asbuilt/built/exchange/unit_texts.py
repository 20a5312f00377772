"""Unit numbers turned back into what a table takes: a serial number, ORDER#17, PANEL/3.

A unit may be written in several ways. All that name it are given, the serial numbers first, the oldest of them before
those of a re-labelling, so that a cell can be written as it once stood.
"""

from collections.abc import Iterable

from asbuilt.built.production.orders import Orders, UnitFinder, products_of
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.storage import reading

PART = 5_000


class UnitTexts:
    """The texts of units, read many at a time; use one for one export or correction."""

    def __init__(self, tenant: int, *, without_relabelled: bool = False):
        """`without_relabelled` leaves out serial numbers that names.csv gave: names.csv itself cannot use them."""
        self.tenant = tenant
        self.orders = Orders(tenant)
        self._finder = UnitFinder(tenant, self.orders)
        self._relabelled = self._entries_of_names() if without_relabelled else frozenset()
        self._texts: dict[int, tuple[str, ...]] = {}
        self._units: dict[str, tuple[int, ...]] = {}
        self._products: dict[int, str] | None = None

    def _entries_of_names(self) -> frozenset[int]:
        sql = "SELECT entry FROM ledger_entry_facts WHERE tenant = %s AND shape = 'production.name/1'"
        return frozenset(entry for (entry,) in reading.fetch(sql, (self.tenant,)))

    def load(self, units: Iterable[int]) -> None:
        """Read what these units are called; forgets what was read before. Three statements per 5,000 units."""
        self._texts, self._units = {}, {}
        wanted = sorted(set(units))
        for start in range(0, len(wanted), PART):
            self._load(wanted[start : start + PART])
        texts = {text for found in self._texts.values() for text in found}
        self._units = self._finder.find(texts)

    def _load(self, units: list[int]) -> None:
        serials: dict[int, list[str]] = {unit: [] for unit in units}
        sql = (
            "SELECT unit, value, entry FROM production_unit_name WHERE tenant = %s AND kind = 0 AND until_entry IS NULL "
            "AND " + reading.any_of("unit") + " ORDER BY entry, value"
        )
        for unit, value, entry in reading.fetch(sql, (self.tenant, reading.list_param(units))):
            if entry not in self._relabelled:
                serials[unit].append(value)
        panels = self._panels(units)
        for unit in units:
            self._texts[unit] = (*serials[unit], *self._places(unit), *panels.get(unit, ()))

    def _places(self, unit: int) -> tuple[str, ...]:
        order = self.orders.of_unit(unit)
        return (f"{order.code}#{order.place_of(unit)}",) if order else ()

    def _panels(self, units: list[int]) -> dict[int, tuple[str, ...]]:
        sql = (
            "SELECT first_unit, until_unit, code, positions FROM production_panel WHERE tenant = %s AND first_unit <= %s "
            "AND until_unit > %s AND until_entry IS NULL"
        )
        wanted, found = set(units), {}
        for first, until, code, positions in reading.fetch(sql, (self.tenant, units[-1], units[0])):
            names = positions.split("\n") if positions is not None else None
            for unit in range(first, until):
                name = names[unit - first] if names else str(unit - first + 1)
                if unit in wanted and name:
                    found[unit] = (f"{code}/{name}",)
        return found

    def of(self, unit: int) -> list[tuple[str, bool]]:
        """(text, whether it names this unit only) for each way to write a loaded unit that finds it."""
        found = []
        for text in self._texts[unit]:
            units = self._units[text]
            if unit in units:
                found.append((text, len(units) == 1))
        return found

    def inside_order(self, unit: int) -> list[str]:
        """The ways to write a loaded unit beside its order's code."""
        order = self.orders.of_unit(unit)
        return [
            text
            for text in self._texts[unit]
            if [other for other in self._units[text] if order and order.place_of(other)] == [unit]
        ]

    def product(self, unit: int) -> str:
        """The code of the unit's product."""
        if self._products is None:
            self._products = product_codes(self.tenant)
        return self._products[products_of(self.tenant, [unit])[unit]]
