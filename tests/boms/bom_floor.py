"""One order of 5,000 boards with everything that a record can be unsure of, small enough to count by hand.

R1 R2   reel A on 1..2990 certain, A or B on 2991..3010, reel B on 3011..5000       U1   tray T on 1..4999, nothing on 5000, T2 put in on 7
#90     four screws of box S on all
Tray T came with boot 1.0; boards 1..100 had app 2.0 written to them. T2's lot and date code nobody noted. Box S belongs to OTHER.
"""

DAY = "2026-03-{:02d}T08:00:00Z"
APP, BOOT = "a2" * 32, "b1" * 32
UNITS = 5_000


def serial(place: int) -> str:
    return f"S{place:04d}"


def _run(refdes: str, package: str, first: int, last: int, certainty: str = "certain") -> dict:
    return {"order": "WO", "refdes": refdes, "package": package, "first_serial": serial(first), "last_serial": serial(last),
            "certainty": certainty, "machine": "M1", "feeder": "F1", "happened_at": DAY.format(2)}  # fmt: skip


def _lot(package: str, part: str, mpn: str, maker: str, lot: str, date: str, owner: str = "") -> dict:
    return {"package": package, "package_kind": "reel", "part": part, "mpn": mpn, "manufacturer": maker, "supplier": "SUP", "lot_code": lot,
            "date_code": date, "quantity": "50000", "received_at": DAY.format(1), "delivery": "", "coc": "", "status": "released", "owner": owner}  # fmt: skip


def tables() -> dict[str, list[dict]]:
    """The exchange tables."""
    programmed = {"product": "board", "version": "2.0", "sha256": APP, "uid": "", "station": "PG1", "operator": "", "result": "pass",
                  "happened_at": DAY.format(3), "role": "app", "package": "", "source": "station"}  # fmt: skip
    return {
        "parties": [{"party": code, "name": name, "roles": roles, "country": "DE"} for code, name, roles in (
            ("EMS", "Our Works", "ems"), ("BRAND", "Brand Owner", "manufacturer;customer"), ("SHOP", "Shop X", "customer"),
            ("SUP", "Secret Supplies", "supplier"), ("OTHER", "Other Brand", "manufacturer;customer"))],
        "product_roles": [{"product": product, "party": party, "role": role, "operator": "", "happened_at": DAY.format(1)}
                          for product, party, role in (("", "EMS", "own"), ("board", "BRAND", "manufacturer"))],
        "parts": [{"part": part, "description": "", "mpn": mpn, "manufacturer": maker, "lifecycle": "", "msl": ""} for part, mpn, maker in (
            ("RES", "M-RES", "Acme"), ("MCU", "STM32G0", "ST"), ("SCREW", "M3X8", "Bolts"))],
        "bom": [{"product": "board", "revision": "A", "bom_version": "1", "line": line, "part": part, "quantity": quantity, "refdes": refdes}
                for line, part, quantity, refdes in (("10", "RES", "2", "R1 R2"), ("20", "MCU", "1", "U1"), ("90", "SCREW", "4", ""))],
        "lots": [_lot("A", "RES", "M-RES", "Acme", "LA", "2601"), _lot("B", "RES", "M-RES", "Acme", "LB", "2602"),
                 _lot("T", "MCU", "STM32G0", "ST", "LT", "2548"), _lot("T2", "MCU", "STM32G0", "ST", "", ""),
                 _lot("S", "SCREW", "M3X8", "Bolts", "LS", "2540", "OTHER")],
        "orders": [{"order": "WO", "product": "board", "revision": "A", "bom_version": "1", "quantity": str(UNITS), "customer": "BRAND",
                    "opened_at": DAY.format(1)}],
        "units": [{"order": "WO", "serial": serial(n), "panel": "", "position": "", "state": "built"} for n in range(1, UNITS + 1)],
        "materials": [_run("R1 R2", "A", 1, 2990), _run("R1 R2", "A", 2991, 3010, "possible"), _run("R1 R2", "B", 2991, 3010, "possible"),
                      _run("R1 R2", "B", 3011, UNITS), _run("U1", "T", 1, 4999), _run("#90", "S", 1, UNITS)],
        "replacements": [{"serial": serial(7), "refdes": "U1", "removed_package": "T", "installed_package": "T2", "operator": "045",
                          "reason": "lifted pad", "happened_at": DAY.format(4)}],
        "firmware": [{"product": "board", "version": version, "role": role, "image": "", "sha256": digest, "revisions": "A",
                      "released_at": DAY.format(1), "security_relevant": "false"} for version, role, digest in (("2.0", "app", APP), ("1.0", "boot", BOOT))],
        "programming": [{**programmed, "serial": serial(n)} for n in range(1, 101)]
        + [{**programmed, "serial": "", "version": "1.0", "sha256": BOOT, "role": "boot", "package": "T", "source": "supplier", "happened_at": DAY.format(1)}],
        "shipments": [{"shipment": "SH", "customer": "SHOP", "country": "FR", "first_serial": serial(3), "last_serial": serial(12),
                       "shipped_at": DAY.format(9), "placed_on_market_at": ""}],
    }  # fmt: skip


def parts(document) -> list:
    """The hardware components of an as-built BOM."""
    return [one for one in document.components if one.ref.startswith("part:")]


def said(one, name: str) -> list[str]:
    """The values of a property, with those that stand as identifiers of the part."""
    names = {"lot": "lot", "mpn": "mpn", "sku": "sku"}
    if name in names:
        return [value for kind, value in one.more_identifiers if kind == name]
    return [value for key, value in one.properties if key == name]
