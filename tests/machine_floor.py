"""A line that speaks CFX, small enough to count by hand, and a machine's mouth: functions that make messages.

Product BRD, revision A, BOM 1: R1 R2 R3 (P-RES), C1 C2 (P-CAP), U1 (P-IC), glue as line #40 (P-GLUE). Order WO-1 has 12 planned
units without names, WO-2 has 4 units SN1 … SN4. Packages: RES-1, RES-2 of lots LR1, LR2; CAP-1 (LC1); IC-1, IC-2 (LI1, LI2);
GLUE-1 (LG1); PASTE-1 is of a part that no BOM asks for.
"""

import itertools
import json
import uuid

PLACER, OVEN, PRINTER, AOI = "Acme.Placer.P1", "Acme.Oven.O1", "Acme.Printer.D1", "Acme.Aoi.A1"
START = "2027-03-01T08:{:02d}:{:02d}.0000000+01:00"
_numbers = itertools.count(1)


def tables() -> dict[str, list[dict]]:
    """The tables that were loaded before the line begins."""
    part = {"description": "", "lifecycle": "active", "msl": "1"}
    bom = {"product": "BRD", "revision": "A", "bom_version": "1"}
    lot = {"package_kind": "reel", "supplier": "SUPP", "quantity": "1000", "received_at": "2027-02-01T08:00:00Z", "delivery": "D1",
           "coc": "", "status": "released", "date_code": "2701"}  # fmt: skip
    packages = [
        ("RES-1", "P-RES", "LR1"), ("RES-2", "P-RES", "LR2"), ("CAP-1", "P-CAP", "LC1"), ("IC-1", "P-IC", "LI1"),
        ("IC-2", "P-IC", "LI2"), ("GLUE-1", "P-GLUE", "LG1"), ("PASTE-1", "P-PASTE", "LP1"),
    ]  # fmt: skip
    return {
        "parties": [
            {"party": "BRAND", "name": "Brand One", "roles": "manufacturer", "country": "AT"},
            {"party": "SUPP", "name": "Supp GmbH", "roles": "supplier", "country": "DE"},
        ],
        "parts": [
            {"part": name, "mpn": f"M-{name}", "manufacturer": "ACME", **part}
            for name in ("P-RES", "P-CAP", "P-IC", "P-GLUE", "P-PASTE")
        ],
        "bom": [
            {**bom, "line": "10", "part": "P-RES", "quantity": "3", "refdes": "R1 R2 R3"},
            {**bom, "line": "20", "part": "P-CAP", "quantity": "2", "refdes": "C1 C2"},
            {**bom, "line": "30", "part": "P-IC", "quantity": "1", "refdes": "U1"},
            {**bom, "line": "40", "part": "P-GLUE", "quantity": "1", "refdes": ""},
        ],
        "lots": [
            {"package": code, "part": name, "mpn": f"M-{name}", "manufacturer": "ACME", "lot_code": lot_code, **lot}
            for code, name, lot_code in packages
        ],
        "orders": [
            {**bom, "order": "WO-1", "quantity": "12", "customer": "BRAND", "opened_at": "2027-02-20T08:00:00Z", "batch": "B-77"},
            {**bom, "order": "WO-2", "quantity": "4", "customer": "BRAND", "opened_at": "2027-02-20T08:00:00Z", "batch": ""},
        ],
        "units": [{"order": "WO-2", "serial": f"SN{n}", "panel": "", "position": "", "state": "planned"} for n in range(1, 5)],
        "firmware": [
            {"product": "BRD", "version": "1.0.0", "role": "app", "image": "", "sha256": "ab" * 32, "revisions": "A",
             "released_at": "2027-01-10T08:00:00Z", "security_relevant": "false"},
        ],
    }  # fmt: skip


def at(minute: int, second: int = 0) -> str:
    """A time of the shift, as .NET writes it."""
    return START.format(minute, second)


def envelope(
    name: str, body: dict, *, source: str = PLACER, time: str = at(0), unique: str | None = None, **more
) -> dict:
    """An envelope; its UniqueID is a new one unless given."""
    return {
        "MessageName": f"CFX.{name}", "Version": "2.1", "TimeStamp": time, "UniqueID": str(uuid.UUID(int=next(_numbers) << 64 | 7)) if unique is None else unique,
        "Source": source, "Target": None, "RequestID": None, "MessageBody": body, **more,
    }  # fmt: skip


def started(
    transaction: str, panel: str | None = None, count: int = 4, order: str | None = "WO-1", skip=(), **more
) -> dict:
    """WorkStarted on a panel of `count` positions."""
    units = [
        {
            "UnitIdentifier": panel,
            "PositionNumber": n,
            "PositionName": f"CIRCUIT{n}",
            "Status": "Skip" if n in skip else "Pass",
        }
        for n in range(1, count + 1)
    ]
    body = {
        "PrimaryIdentifier": panel, "TransactionID": transaction, "Lane": 1, "UnitCount": count, "Units": units,
        "RecipeName": "BRD-TOP", "Revision": "3", "RelevantSurface": "PrimarySurface",
        "WorkOrderIdentifier": {"WorkOrderId": order, "Batch": None} if order else None,
    }  # fmt: skip
    return envelope("Production.WorkStarted", body, **more)


def completed(transaction: str, result: str = "Completed", **more) -> dict:
    """WorkCompleted."""
    return envelope("Production.WorkCompleted", {"TransactionID": transaction, "Result": result, "Units": []}, **more)


def material(package: str, *refdes: str, unit: str | None = None, position: int = 0, **more) -> dict:
    """One of InstalledMaterials."""
    return {
        "UnitIdentifier": unit, "UnitPositionNumber": position, "QuantityInstalled": float(len(refdes)), "QuantityNonInstalled": 0.0,
        "Material": {"UniqueIdentifier": package, "InternalPartNumber": "P", "Quantity": 887.0, **more},
        "CarrierLocation": {"LocationIdentifier": "L45", "LocationName": "SLOT45", "CarrierInformation": None},
        "InstalledComponents": [{"ReferenceDesignator": one, "InstallationTime": None} for one in refdes],
    }  # fmt: skip


def installed(transaction: str, *materials: dict, **more) -> dict:
    """MaterialsInstalled."""
    body = {"TransactionId": transaction, "InstalledMaterials": list(materials)}
    return envelope("Production.Assembly.MaterialsInstalled", body, **more)


def panel_run(
    n: int, panel: str, packages=("RES-1", "CAP-1", "IC-1"), count: int = 4, order: str = "WO-1", **more
) -> list[dict]:
    """A whole pass: begun, everything placed on each position, ended."""
    transaction = str(uuid.UUID(int=0xABC0000 + n))
    res, cap, chip = packages
    return [
        started(transaction, panel, count, order, time=at(n), **more),
        installed(
            transaction,
            *(
                one
                for position in range(1, count + 1)
                for one in (
                    material(res, "R1", "R2", "R3", unit=panel, position=position),
                    material(cap, "C1", "C2", unit=panel, position=position),
                    material(chip, "U1", unit=panel, position=position),
                )
            ),
            time=at(n, 20),
            **more,
        ),
        completed(transaction, time=at(n, 40), **more),
    ]


def payload(*messages: dict) -> bytes:
    """One message, or an array of them."""
    return json.dumps(messages[0] if len(messages) == 1 else list(messages)).encode()
