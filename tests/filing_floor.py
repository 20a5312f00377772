"""A product with half its history missing: ten units with firmware and tests, five more of an order of which only their names are known."""

from case_floor import TABLES, bom, order, role


def release(version: str, security: str) -> dict:
    said = {"image": f"{version}.bin", "sha256": version[2] * 64, "revisions": "A", "security_relevant": security}
    return {"product": "OWN-1", "version": version, "role": "app", "released_at": "2026-01-01T00:00:00Z", **said}


def programmed(serial: str) -> dict:
    said = {"serial": serial, "product": "OWN-1", "version": "1.0.0", "result": "pass", "role": "app"}
    return {**said, "happened_at": "2026-02-02T08:00:00Z"}


def tested(serial: str, outcome: str) -> dict:
    times = {"started_at": "2026-02-02T09:00:00Z", "finished_at": "2026-02-02T09:01:00Z"}
    return {"serial": serial, "plan": "EOL", "plan_version": "1", "station": "TS-1", "outcome": outcome, **times}


def shipment(code: str, customer: str, country: str, first: str, last: str, placed: str = "") -> dict:
    ends = {"first_serial": first, "last_serial": last, "product": "OWN-1", "placed_on_market_at": placed}
    return {"shipment": code, "customer": customer, "country": country, "shipped_at": "2026-03-01T08:00:00Z", **ends}


def delivery(package: str, at: str) -> dict:
    said = {
        "package": package,
        "package_kind": "reel",
        "part": "R-10K",
        "mpn": "RC0402",
        "manufacturer": "Yageo",
        "supplier": "SUP",
    }
    return {**said, "lot_code": f"L-{package}", "quantity": "100", "received_at": at, "delivery": "D-1", "status": "released"}  # fmt: skip


UNITS = [f"SN-{n}" for n in range(10)]
FLOOR = {
    "parties": [*TABLES["parties"], {"party": "SUP", "name": "Supplier", "roles": "supplier", "country": "PL"}],
    "parts": TABLES["parts"],
    "bom": [bom("OWN-1"), bom("HAL-1")],
    "lots": [delivery("REEL-1", "2026-01-10T08:00:00Z"), delivery("REEL-2", "2014-01-10T08:00:00Z")],
    "orders": [{**order("WO-1", "OWN-1", "OW"), "quantity": "10"}, {**order("WO-2", "OWN-1", "OW"), "quantity": "5"}],
    "units": [
        {"order": code, "serial": serial, "panel": "", "position": "", "state": "built"}
        for code, serials in (("WO-1", UNITS), ("WO-2", [f"OLD-{n}" for n in range(5)]))
        for serial in serials
    ],
    "product_roles": [role("", "OW", "own"), role("OWN-1", "OW"), role("HAL-1", "HAL")],
    "firmware": [release("1.0.0", "true"), release("1.1.0", "false")],
    "programming": [programmed(serial) for serial in UNITS],
    "tests": [tested(serial, "fail" if serial == "SN-9" else "pass") for serial in UNITS],
    "shipments": [
        shipment("S-1", "HAL", "NO", "SN-0", "SN-3", "2026-03-02T08:00:00Z"),
        shipment("S-2", "ALP", "AT", "SN-4", "SN-6"),
    ],
}  # fmt: skip
