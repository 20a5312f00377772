"""Which party has which role for which product (product_roles.csv): roles are held per product, never per company.

    manufacturer_of(tenant, "AB-100", at)   -> the party that says so last, or None where nobody said
    own_party(tenant, at)                   -> the party that keeps this record
    holders(roles_of(tenant), "importer", at)   -> product -> the parties that hold the role

The manufacturer is who markets the product under its own name; an EMS usually is not. A role holds from its time on, until a later row
gives it to another party; a product may have several importers and distributors, and one that is none any more is a row withdrawn. `own` is
said without a product, every other role with one.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asbuilt.access.people import People
from asbuilt.designed.parties.events import PRODUCT_ROLE
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

OWN, MANUFACTURER = "own", "manufacturer"
SEVERAL = frozenset({"importer", "distributor"})  # roles that parties hold beside each other
NAME_CHARACTERS_MAX = 200
COLUMNS = ("tenant", "product", "party", "role", "operator", "happened_at", "entry", "row")


@dataclass(frozen=True)
class ProductRoleRow:
    """A role of a party, by its number."""

    product: str
    party: int
    role: str
    happened_at: int
    entry: int


def roles_of(tenant: int, products: Iterable[str] | None = None) -> list[ProductRoleRow]:
    """The rows that stand of these products (None: all), the earliest first. One statement."""
    sql = "SELECT product, party, role, happened_at, entry FROM parties_product_role WHERE tenant = %s AND until_entry IS NULL"
    params: tuple = (tenant,)
    if products is not None:
        sql, params = (
            sql + " AND " + reading.any_of("product", "text"),
            (tenant, reading.list_param(sorted(set(products)))),
        )
    return [ProductRoleRow(*row) for row in reading.fetch(sql + ' ORDER BY happened_at, entry, "row"', params)]


def manufacturer_of(tenant: int, product: str, at: int) -> int | None:
    """The number of the manufacturer of a product at an instant; None where nobody said. One statement."""
    return _last(roles_of(tenant, [product]), MANUFACTURER, at)


def own_party(tenant: int, at: int) -> int | None:
    """The number of the party that keeps this record; None where nobody said. One statement."""
    return _last(roles_of(tenant, [""]), OWN, at)


def named_otherwise(tenant: int, cells: Mapping[str, str]) -> bool:
    """Whether the record ever named another party than a row of product_roles.csv does in its role of its product, withdrawn since or not."""
    sql = "SELECT 1 FROM parties_product_role WHERE tenant = %s AND product = %s AND role = %s AND party <> %s LIMIT 1"
    number = numbers_by_name(tenant).get(cells["party"], -1)
    return reading.fetch_one(sql, (tenant, cells["product"], cells["role"], number)) is not None


def recorders_of(tenant: int, product: str, role: str, party: int, at: int) -> list[str]:
    """Who recorded that this party has the role at an instant (`person:12`). One statement."""
    sql = (
        "SELECT e.body FROM parties_product_role r JOIN ledger_entry e ON e.tenant = r.tenant AND e.number = r.entry WHERE r.tenant = %s "
        "AND r.product = %s AND r.role = %s AND r.party = %s AND r.happened_at <= %s AND r.until_entry IS NULL"
    )
    return [json.loads(body)["actor"] for (body,) in reading.fetch(sql, (tenant, product, role, party, at))]


def holders(rows: Iterable[ProductRoleRow], role: str, at: int) -> dict[str, list[int]]:
    """Product -> the parties that hold the role at an instant: the last that was named, or all where several can."""
    found: dict[str, list[int]] = {}
    for row in rows:
        if row.role == role and row.happened_at <= at:
            before = found.get(row.product, []) if role in SEVERAL else []
            found[row.product] = [*(one for one in before if one != row.party), row.party]
    return found


def _last(rows: list[ProductRoleRow], role: str, at: int) -> int | None:
    held = [row.party for row in rows if row.role == role and row.happened_at <= at]
    return held[-1] if held else None


class ProductRolesIntake(TableIntake):
    """Each row gives a party a role for a product."""

    table = "product_roles"
    shape = PRODUCT_ROLE

    def __init__(self, *args):
        super().__init__(*args)
        self.parties = numbers_by_name(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.said: set[bytes] = set()

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        taken, facts = [], []
        for line, row, fact in zip(lines, rows, ids, strict=True):
            if fact in before or fact in self.said:
                self.known += 1
            elif self._right(line, row):
                self.said.add(fact)
                taken.append((*row[:3], self.people.number(row[3]), row[4]))
                facts.append(fact)
        first = self.commit([row_text(row) for row in taken], facts)
        stored = [
            (self.tenant, product, self.parties[party], role, operator, parse_instant(at), self.entry.number, first + n)
            for n, (product, party, role, operator, at) in enumerate(taken)
        ]
        bulk.insert_rows("parties_product_role", COLUMNS, stored)

    def _right(self, line: int, row: tuple[str, ...]) -> bool:
        before = self.errors.total
        product, party, role = row[:3]
        if (role == OWN) != (not product):
            reason = "own is said of no product, every other role of one"
            self.wrong(line, "product", product, "parties.role_product", reason, "Fill or empty product.")
        if len(product) > NAME_CHARACTERS_MAX:
            reason = f"has {len(product):,} characters, the most is {NAME_CHARACTERS_MAX}"
            self.wrong(line, "product", product, "tables.cell_too_long", reason, "Shorten it.")
        if party not in self.parties:
            remedy = did_you_mean(party, self.parties) or "Add the party to parties.csv first."
            self.wrong(line, "party", party, "parties.unknown", f"No party is called {party}.", remedy)
        return self.errors.total == before
