"""Forty boards that are coated by a subcontractor between SMT and the function test: what tests of units outside share."""

AT = "2026-03-01T08:00:00Z"
CERTIFICATE = b"%PDF-1.7 coating certificate 4711"
MEASURED = b"board;thickness_um\nS1;48\n"


def step(position: str, name: str, **said) -> dict:
    """A row of routings.csv."""
    common = {"product": "board", "revision": "A", "routing": "1", "from_at": AT}
    return common | {"place_in_route": position, "step": name, "side": "", "place": "", **said}


def factory() -> dict:
    """Order WO of forty boards S1 to S40 on panels PN1 to PN10, four a panel; order WX of two boxes X1, X2. All have done SMT.

    The route of the board: SMT, COATING by COAT with a certificate and measurements, FCT. The boxes have none.
    """
    order = {"revision": "A", "bom_version": "1", "customer": "", "opened_at": AT}
    return {
        "parties": [
            {"party": "COAT", "name": "Coat GmbH", "roles": "supplier", "country": "DE"},
            {"party": "LACK", "name": "Lackwerk", "roles": "supplier", "country": "AT"},
            {"party": "SHOP", "name": "Shop X", "roles": "customer", "country": "DE"},
        ],
        "parts": [{"part": "RES", "description": "", "mpn": "M-RES", "manufacturer": "Acme", "lifecycle": "", "msl": ""}],
        "bom": [
            {"product": "board", "revision": "A", "bom_version": "1", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"},
            {"product": "box", "revision": "A", "bom_version": "1", "line": "1", "part": "RES", "quantity": "1", "refdes": ""},
        ],
        "routings": [
            step("10", "SMT"),
            step("20", "COATING", place="Coat GmbH", subcontractor="COAT", evidence="certificate;measurements"),
            step("30", "FCT"),
        ],
        "orders": [{"order": "WO", "product": "board", "quantity": "40", **order}, {"order": "WX", "product": "box", "quantity": "2", **order}],
        "units": [
            *({"order": "WO", "serial": f"S{n}", "panel": f"PN{(n + 3) // 4}", "position": str((n - 1) % 4 + 1), "state": "planned"} for n in range(1, 41)),
            *({"order": "WX", "serial": f"X{n}", "panel": "", "position": "", "state": "planned"} for n in (1, 2)),
        ],
        "processes": [
            {"order": "WO", "step": "SMT", "machine": "M1", "program": "", "first_serial": "S1", "last_serial": "S40", "started_at": AT,
             "finished_at": AT, "operator": "", "result": "completed", "readings": ""},
        ],
    }  # fmt: skip


PAPERS = (("certificate", "coc.pdf", CERTIFICATE), ("measurements", "thickness.csv", MEASURED))
