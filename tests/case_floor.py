"""A small house: Ostwerk builds for two brand owners and has a product of its own; moments of a day in November 2026."""

from asbuilt.kernel.instants import parse_instant

AT = parse_instant("2026-11-20T08:00:00Z")
HOUR = 3_600_000_000


def bom(product: str) -> dict:
    row = {"product": product, "revision": "A", "bom_version": "1", "line": "10", "part": "R-10K", "quantity": "1"}
    return {**row, "refdes": "R1"}


def order(code: str, product: str, customer: str) -> dict:
    row = {"order": code, "product": product, "revision": "A", "bom_version": "1", "quantity": "3"}
    return {**row, "customer": customer, "opened_at": "2026-02-02T08:00:00Z"}


def role(product: str, party: str, role: str = "manufacturer", at: str = "2026-01-01T00:00:00Z") -> dict:
    return {"product": product, "party": party, "role": role, "operator": "045", "happened_at": at}


TABLES = {
    "parties": [
        {"party": "OW", "name": "Ostwerk", "roles": "ems;manufacturer", "country": "DE"},
        {"party": "HAL", "name": "Halden", "roles": "manufacturer;customer", "country": "NO"},
        {"party": "ALP", "name": "Alpina", "roles": "manufacturer;customer", "country": "AT"},
    ],
    "parts": [
        {"part": "R-10K", "description": "", "mpn": "RC0402", "manufacturer": "Yageo", "lifecycle": "active", "msl": "1"}
    ],
    "bom": [bom("OWN-1"), bom("HAL-1"), bom("HAL-2"), bom("ALP-1"), bom("LOOSE")],
    "orders": [order("WO-1", "OWN-1", "OW"), order("WO-2", "HAL-1", "HAL")],
    "units": [
        {"order": order, "serial": f"{order}-{n}", "panel": "", "position": "", "state": "built"}
        for order in ("WO-1", "WO-2")
        for n in (1, 2, 3)
    ],
    "product_roles": [
        role("", "OW", "own"),
        role("OWN-1", "OW"), role("HAL-1", "HAL"), role("HAL-2", "HAL"), role("ALP-1", "ALP"),
    ],
}  # fmt: skip


def due(run: dict) -> dict[str, str | None]:
    """Report -> deadline of a duty as seen."""
    return {one["stage"]: one["due_at"] for one in run["clocks"]}
