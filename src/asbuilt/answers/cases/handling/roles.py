"""Who we are towards a product: the role decides which duties run. Held per product and party, never per company."""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.designed.parties.product_roles import ProductRoleRow, holders, manufacturer_of, own_party, roles_of
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.storage import reading

RECORD, PERSON = "record", "person"
OURS = frozenset({"ems", "importer", "distributor"})


@dataclass(frozen=True)
class Held:
    """Our role towards a product, its manufacturer's number, and whether the record or a person says so."""

    role: str
    party: int | None
    by: str


def party_named(tenant: int, name: str) -> int:
    """The number of the party with this code or name; NotFound with the nearest ones."""
    known = numbers_by_name(tenant)
    if name not in known:
        remedy = did_you_mean(name, known) or "Add the party to parties.csv first."
        raise NotFound("parties.unknown", f"No party is called {name[:60]}.", {"party": name[:60]}, remedy)
    return known[name]


def role_towards(tenant: int, product: str, at: int, *, role: str = "", manufacturer: str = "") -> Held:
    """Our role as the record has it at that time, or as a person says. Refused: nobody knows the manufacturer, or us."""
    maker = party_named(tenant, manufacturer) if manufacturer else manufacturer_of(tenant, product, at)
    own = own_party(tenant, at)
    if maker is None and role == "manufacturer":
        maker = own
    if maker is None:
        said = f"Nobody said who is the manufacturer of {product[:60]}."
        remedy = "Name the manufacturer, or load product_roles.csv."
        raise Refused("cases.manufacturer_unknown", said, {"product": product[:60]}, remedy)
    if role:
        return Held(role, maker, PERSON)
    found = recorded_role(tenant, maker, own, said_of_us(roles_of(tenant, [product]), own, at).get(product, ""))
    if found is None:
        said = f"The record does not say what we are towards {product[:60]}."
        raise Refused(
            "cases.role_unknown", said, {"product": product[:60]}, "Say it: manufacturer, ems, importer or distributor."
        )
    return Held(found, maker, PERSON if manufacturer else RECORD)


def recorded_role(tenant: int, maker: int | None, own: int | None, said: str = "") -> str | None:
    """Manufacturer where that is us; else what product_roles.csv says that we are towards this product; else what our own party is by
    parties.csv: ems before distributor. None: nobody said."""
    if own is None:
        return None
    if maker == own:
        return "manufacturer"
    if said:
        return said
    sql = "SELECT roles FROM parties_party WHERE tenant = %s AND number = %s ORDER BY entry DESC LIMIT 1"
    held = (reading.fetch_one(sql, (tenant, own)) or ("",))[0].split(";")
    return next((role for role in ("ems", "distributor") if role in held), None)


def said_of_us(rows: Iterable[ProductRoleRow], own: int | None, at: int) -> dict[str, str]:
    """Product -> the role that product_roles.csv gave us towards it last, other than manufacturer; a role that passed to another party is
    not ours any more, save where several can hold it."""
    rows = list(rows)
    found = {}
    for row in rows:
        if row.party == own and row.role in OURS and row.happened_at <= at:
            found[row.product] = row.role
    held = {role: holders(rows, role, at) for role in set(found.values())}
    return {product: role for product, role in found.items() if own in held[role].get(product, [])}
