"""Who we are towards a product: the role decides which duties run. Held per product and party, never per company."""

from dataclasses import dataclass

from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.storage import reading

RECORD, PERSON = "record", "person"


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
    found = recorded_role(tenant, maker, own)
    if found is None:
        said = f"The record does not say what we are towards {product[:60]}."
        raise Refused(
            "cases.role_unknown", said, {"product": product[:60]}, "Say it: manufacturer, ems, importer or distributor."
        )
    return Held(found, maker, PERSON if manufacturer else RECORD)


def recorded_role(tenant: int, maker: int | None, own: int | None) -> str | None:
    """Manufacturer where that is us; else what our own party is by parties.csv: ems before distributor. None: nobody said."""
    if own is None:
        return None
    if maker == own:
        return "manufacturer"
    sql = "SELECT roles FROM parties_party WHERE tenant = %s AND number = %s ORDER BY entry DESC LIMIT 1"
    held = (reading.fetch_one(sql, (tenant, own)) or ("",))[0].split(";")
    return next((role for role in ("ems", "distributor") if role in held), None)
