"""Numbers of the typed tables turned into what facts call them, and back, as of an entry; for rebuilding only."""

from collections import defaultdict
from functools import cached_property

from asbuilt.built.production.judged_anew import Judged
from asbuilt.built.production.limits import LimitsInForce
from asbuilt.designed.catalog.positions import PositionGroups, label_of
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.parties.queries import Called
from asbuilt.storage import reading


class Names:
    """The names of one tenant, read once a kind."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self.groups = PositionGroups(tenant)
        self.limits = LimitsInForce(tenant)
        self.judged = Judged(tenant, self.limits)
        self._labels: dict[int, str] = {}
        self._recorded: dict[int, int] = {}

    def _all(self, sql: str) -> list[tuple]:
        return reading.fetch(sql + " WHERE tenant = %s", (self.tenant,))

    def recorded_at(self, entry: int) -> int:
        """When an entry was recorded."""
        if entry not in self._recorded:
            sql = "SELECT recorded_at FROM ledger_entry WHERE tenant = %s AND number = %s"
            self._recorded[entry] = (reading.fetch_one(sql, (self.tenant, entry)) or (0,))[0]
        return self._recorded[entry]

    @cached_property
    def floor(self) -> dict[int, tuple[str, str]]:
        """Number -> kind and name."""
        return {
            number: (kind, name)
            for number, kind, name in self._all("SELECT number, kind, name FROM production_floor_name")
        }

    def floor_name(self, kind: str, number: int | None) -> str | tuple:
        """The name of this kind, "" for None; what cannot be is shown as it is."""
        if number is None:
            return ""
        found = self.floor.get(number)
        return found[1] if found and found[0] == kind else (kind, number)

    @cached_property
    def parts(self) -> dict[int, str]:
        """Number -> code."""
        return dict(self._all("SELECT number, code FROM catalog_part"))

    @cached_property
    def products(self) -> dict[int, str]:
        """Number -> code."""
        return dict(self._all("SELECT number, code FROM catalog_product"))

    @cached_property
    def boms(self) -> dict[int, tuple]:
        """BOM version -> product, revision, version as texts, and the numbers of product and revision."""
        sql = "SELECT number, product, code FROM catalog_revision"
        revisions = {number: (product, code) for number, product, code in self._all(sql)}
        found = {}
        for number, revision, version in self._all("SELECT number, revision, version FROM catalog_bom"):
            product, code = revisions.get(revision, (None, ("revision", revision)))
            found[number] = ((self.products.get(product), code, version), product, revision)
        return found

    def bom(self, number: int) -> tuple:
        """Product, revision and version of a BOM version."""
        return self.boms[number][0] if number in self.boms else ("bom", number)

    @cached_property
    def _packages(self) -> dict[int, tuple]:
        rows = self._all("SELECT number, code, entry, until_entry FROM supply_package")
        return {number: tuple(row) for number, *row in rows}

    def package(self, number: int | None, entry: int, until: int | None) -> str | tuple:
        """The code of a package that is visible from the entry up to another, "" for None."""
        return "" if number is None else _visible(self._packages, number, entry, until)

    @cached_property
    def _orders(self) -> dict[int, tuple]:
        rows = self._all("SELECT number, code, entry, until_entry FROM production_order")
        return {number: tuple(row) for number, *row in rows}

    def order(self, number: int, entry: int, until: int | None) -> str | tuple:
        """The code of an order that is visible from the entry up to another."""
        return _visible(self._orders, number, entry, until)

    @cached_property
    def _parties(self) -> Called:
        return Called(self.tenant)

    def party(self, text: str, entry: int) -> int | None:
        """The number that a party's code or name meant at the entry; None for the empty text."""
        return self._parties.at(text, entry)

    @cached_property
    def _releases(self) -> dict[tuple, list[tuple]]:
        sql = "SELECT number, product, role, version, sha256, entry, until_entry FROM firmware_release"
        found = defaultdict(list)
        for number, product, role, version, sha256, entry, until in self._all(sql):
            found[self.products.get(product), version].append((number, role, bytes(sha256).hex(), entry, until))
        return found

    @cached_property
    def roles(self) -> dict[int, str]:
        """Release -> image role."""
        return {number: role or APP for number, role in self._all("SELECT number, role FROM firmware_release")}

    def release(self, product: str, version: str, sha256: str, role: str, entry: int) -> int:
        """The release that the cells of a programming row meant at the entry, -1 where none fits."""
        known = self._releases.get((product, version), ())
        fits = [row for row in known if sha256 in ("", row[2]) and role in ("", row[1])]
        fits = [row for row in fits if row[3] <= entry and (row[4] is None or entry < row[4])] or fits
        if len(fits) > 1:
            fits = [row for row in fits if row[1] == APP] or fits
        return min(fits)[0] if fits else -1

    def label(self, group: int) -> str | tuple:
        """The positions of a group in natural order."""
        if group not in self._labels:
            try:
                self._labels[group] = self.groups.label(group)
            except LookupError:
                return ("group", group)
        return self._labels[group]

    @staticmethod
    def positions(cell: str) -> str:
        """What `label` gives for these positions."""
        return label_of(cell.split())


def _visible(rows: dict[int, tuple], number: int, entry: int, end: int | None) -> str | tuple:
    code, since, until = rows.get(number, (None, 0, 0))
    right = since <= entry and (until is None or (end is not None and entry < end <= until))
    return code if right else (code, number)
