"""A finished line: boards with a route, a test plan, a firmware demand, calibrated and uncalibrated stations. What the tests of leaving share."""

import json
from hashlib import sha256

from asbuilt.kernel.canonical import canonical_bytes

AT = "2026-03-{:02d}T{:02d}:00:00Z"
IMAGES = {"1.0.0": "a1" * 32, "1.1.0": "a2" * 32}


def at(day: int, hour: int = 8) -> str:
    return AT.format(day, hour)


def plan(version: str = "2", *, name: str = "FCT", product: str = "board", proves=("I.2.h",), every: int = 1) -> str:
    """The document of a test plan."""
    step = {"name": "v", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": "3.4", "unit": "V", "expected": "",
            "criticality": "major", "proves": list(proves), "needed": True}  # fmt: skip
    return canonical_bytes({"schema": 1, "plan": name, "version": version, "product": product, "revisions": ["A"], "every": every,
                            "rules": "cra-annex-i/1", "steps": [step]}).decode()  # fmt: skip


plan.__test__ = False


def run(serial: str, *, version="2", outcome="pass", station="GOOD", day=5, hour=8, plan="FCT"):
    return {"serial": serial, "plan": plan, "plan_version": version, "station": station, "operator": "045", "outcome": outcome,
            "started_at": at(day, hour), "finished_at": at(day, hour), "measurements": json.dumps({"v": 3.3}) if outcome == "pass" else ""}  # fmt: skip


def loaded(serial: str, version: str = "1.1.0", *, day=4):
    return {"serial": serial, "product": "board", "version": version, "sha256": IMAGES[version], "uid": "", "station": "PG1", "operator": "",
            "result": "pass", "happened_at": at(day)}  # fmt: skip


def step(first: str, last: str, name: str, *, day=3, result="completed", order="WO"):
    return {"order": order, "step": name, "machine": name, "program": "", "first_serial": first, "last_serial": last, "started_at": at(day),
            "finished_at": at(day, 9), "operator": "045", "result": result, "readings": ""}  # fmt: skip


def material(first: str, last: str, package: str):
    return {"order": "WO", "refdes": "R1", "package": package, "first_serial": first, "last_serial": last, "certainty": "certain",
            "machine": "M1", "feeder": "F1", "happened_at": at(2)}  # fmt: skip


def names(count: int) -> list[str]:
    return [f"S{n:04d}" for n in range(count)]


def lot(package: str, status: str = "released"):
    return {"package": package, "package_kind": "reel", "part": "RES", "mpn": "M-RES", "manufacturer": "Acme", "supplier": "Secret Supplies",
            "lot_code": f"L{package}", "date_code": "2601", "quantity": "5000", "received_at": at(1), "delivery": "", "coc": "", "status": status}  # fmt: skip


def factory(count: int = 8, customer: str = "BRAND") -> dict[str, list[dict]]:
    """Order WO of so many boards, nothing done yet but placed with reel OK; their manufacturer is BRAND, this record is kept by EMS."""
    units, document = names(count), plan()
    decided = {
        "plan": "FCT",
        "version": "2",
        "sha256": sha256(document.encode()).hexdigest(),
        "decision": "approved",
        "reason": "",
        "operator": "046",
        "decided_at": at(1),
    }
    calibration = {
        "kind": "tester",
        "as_found": "in_tolerance",
        "as_left": "in_tolerance",
        "certificate": "C1",
        "laboratory": "Lab",
        "file": "",
        "sha256": "",
        "operator": "",
        "calibrated_at": at(1),
    }
    return {
        "parties": [{"party": code, "name": name, "roles": roles, "country": "DE"} for code, name, roles in (
            ("EMS", "Our Works", "ems"), ("BRAND", "Brand Owner", "manufacturer;customer"), ("SHOP", "Shop X", "customer"),
            ("SUP", "Secret Supplies", "supplier"), ("OTHER", "Other Brand", "manufacturer;customer"))],
        "product_roles": [{"product": product, "party": party, "role": role, "operator": "", "happened_at": at(1)} for product, party, role in (
            ("", "EMS", "own"), ("board", "BRAND", "manufacturer"), ("house", "EMS", "manufacturer"))],
        "parts": [{"part": "RES", "description": "", "mpn": "M-RES", "manufacturer": "Acme", "lifecycle": "", "msl": ""}],
        "bom": [{"product": product, "revision": "A", "bom_version": "1", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"} for product in ("board", "house")],
        "routings": [{"product": "board", "revision": "A", "routing": "1", "from_at": at(1), "place_in_route": str(n), "step": name, "side": "", "place": place,
                      "optional": optional, "limits": "", "instruction": ""} for n, name, place, optional in ((10, "SMT", "line 1", ""), (20, "AOI", "desk", "true"), (30, "BOXING", "bench", ""), (40, "PACK", "", ""))],
        "test_plans": [{"plan": "FCT", "version": "2", "product": "board", "document": document, "changes": "", "operator": "045", "happened_at": at(1)}],
        "test_plan_approvals": [decided],
        "lots": [lot("OK"), lot("BAD", "quarantine")],
        "orders": [{"order": "WO", "product": "board", "revision": "A", "bom_version": "1", "quantity": str(count), "customer": customer, "opened_at": at(1)}],
        "units": [{"order": "WO", "serial": name, "panel": "", "position": "", "state": "planned"} for name in units],
        "calibrations": [{"instrument": station, "station": station, "valid_until": until, **calibration} for station, until in (("GOOD", "2027-03-01"), ("STALE", "2026-03-02"))],
        "materials": [material(units[0], units[-1], "OK")],
        "processes": [],
        "firmware": [{"product": "board", "version": version, "role": "app", "image": "", "sha256": digest, "revisions": "A", "released_at": at(1), "security_relevant": "false"} for version, digest in IMAGES.items()],
        "firmware_demands": [{"order": "", "product": "board", "revision": "A", "part": "", "of_product": "", "role": "app", "version": "1.1.0", "operator": "", "happened_at": at(1)}],
        "programming": [],
        "tests": [],
        "mark_readings": [],
    }  # fmt: skip


def finished(count: int = 8, **more) -> dict[str, list[dict]]:
    """The same with everything shown for every board."""
    rows, units = factory(count, **more), names(count)
    rows["processes"] = [step(units[0], units[-1], "SMT"), step(units[0], units[-1], "BOXING")]
    rows["programming"] = [loaded(name) for name in units]
    rows["tests"] = [run(name) for name in units]
    return rows


def plan_rows(version: str, day: int, name: str = "FCT", **more) -> dict[str, list[dict]]:
    """A version of a plan for boards, proposed and approved on that day of March."""
    document = plan(version, name=name, **more)
    digest = sha256(document.encode()).hexdigest()
    return {
        "test_plans": [{"plan": name, "version": version, "product": "board", "document": document, "changes": "c", "operator": "045", "happened_at": at(day)}],
        "test_plan_approvals": [{"plan": name, "version": version, "sha256": digest, "decision": "approved", "reason": "", "operator": "046", "decided_at": at(day)}],
    }  # fmt: skip
