"""A line with a route, a board on it, and a box: what the tests of the gate share."""

AT = "2026-03-01T08:00:00Z"


def lot(package, part, lot_code, status="released"):
    said = {
        "package": package,
        "package_kind": "reel",
        "part": part,
        "mpn": f"M-{part}",
        "manufacturer": "Acme",
        "supplier": "",
    }
    return said | {
        "lot_code": lot_code,
        "date_code": "2601",
        "quantity": "500",
        "received_at": AT,
        "delivery": "",
        "coc": "",
        "status": status,
    }


def factory():
    """Order WO of eight boards B1 to B8 on panels P1 and P2 (B8 an X-out), all with reel R1 at R1 and U1 at U1; order WX of two boxes.

    The route of the board: PRINT top, SMT top, REFLOW top, AOI (optional), REFLOW bottom, FCT.
    """
    order = {"revision": "A", "bom_version": "1", "customer": "", "opened_at": AT}
    run = {
        "order": "WO",
        "first_serial": "B1",
        "last_serial": "B8",
        "certainty": "certain",
        "machine": "M1",
        "feeder": "F1",
        "happened_at": AT,
    }
    step = {"product": "board", "revision": "A", "routing": "1", "from_at": AT}
    route = (("10", "PRINT", "top", "printer 1"), ("20", "SMT", "top", "line 1"), ("30", "REFLOW", "top", "oven 1"), ("35", "AOI", "", "desk 3"),
             ("40", "REFLOW", "bottom", "oven 2"), ("50", "FCT", "", "bench 9"))  # fmt: skip
    return {
        "parts": [
            {"part": part, "description": "", "mpn": f"M-{part}", "manufacturer": "Acme", "lifecycle": "", "msl": ""} for part in ("RES", "MCU", "BRD")
        ],
        "bom": [
            {"product": "board", "revision": "A", "bom_version": "1", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"},
            {"product": "board", "revision": "A", "bom_version": "1", "line": "2", "part": "MCU", "quantity": "1", "refdes": "U1"},
            {"product": "box", "revision": "A", "bom_version": "1", "line": "1", "part": "BRD", "quantity": "1", "refdes": ""},
        ],
        "documents": [
            {"document": "WI-3", "revision": "C", "kind": "instruction", "title": "Print", "file": "", "sha256": "ab" * 32, "valid_from_at": AT},
        ],
        "routings": [
            step | dict(zip(("place_in_route", "step", "side", "place"), one, strict=True))
            | {"optional": "true" if one[1] == "AOI" else "", "limits": '{"pressure": [0.1, 0.3], "speed": [20, null]}' if one[1] == "PRINT" else "",
                "instruction": "WI-3@C" if one[1] == "PRINT" else ""}
            for one in route
        ],
        "lots": [lot("R1", "RES", "LR1"), lot("R2", "RES", "LR2"), lot("U1", "MCU", "LU1"), lot("U2", "MCU", "LU2", "quarantine")],
        "orders": [{"order": "WO", "product": "board", "quantity": "8", **order}, {"order": "WX", "product": "box", "quantity": "2", **order}],
        "units": [
            *({"order": "WO", "serial": f"B{n}", "panel": f"P{(n + 3) // 4}", "position": str((n - 1) % 4 + 1), "state": "skipped" if n == 8 else "planned"} for n in range(1, 9)),
            *({"order": "WX", "serial": f"X{n}", "panel": "", "position": "", "state": "planned"} for n in (1, 2)),
        ],
        "materials": [run | {"refdes": "R1", "package": "R1"}, run | {"refdes": "U1", "package": "U1"}],
    }  # fmt: skip
