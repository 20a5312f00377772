"""A gateway with a Wi-Fi module: what the tests of changes share.

`gateway` (manufacturer BRAND, kept by EMS) takes RES at R1 and WIFI at U1; `house` (manufacturer EMS) takes RES alone. WIFI is approved as W-1 of
Radio. Order WO-1 has 8 gateways: G1 to G4 carry reel W-OLD (date code 2610), G5 to G7 W-NEW (2645), of G8 nobody recorded the module; G1, G2 and G5
were shipped to SHOP. WO-2 has 10 and WO-Q 60 gateways that nobody began. Reel W-ALT holds W-2, which nobody approved.
"""

import io
import json
import zipfile
from hashlib import sha256

from asbuilt.kernel.canonical import canonical_bytes

AT = "2026-03-{:02d}T{:02d}:00:00Z"
NAMESPACE = "http://www.smartpcn.org/images/files/VDMA24903Schema/PCNbody"


def at(day: int, hour: int = 8) -> str:
    return AT.format(day, hour)


def plan(name: str, *, proves: tuple[str, ...] = ()) -> str:
    """The document of a test plan of the gateway."""
    step = {"name": "v", "kind": "verdict", "comparison": "LOG", "low": "", "high": "", "unit": "", "expected": "", "criticality": "major",
            "proves": list(proves), "needed": True}  # fmt: skip
    return canonical_bytes({"schema": 1, "plan": name, "version": "1", "product": "gateway", "revisions": ["A"], "every": 1, "rules": "cra-annex-i/1",
                            "steps": [step]}).decode()  # fmt: skip


plan.__test__ = False


def test_run(serial: str, plan: str, outcome: str = "pass", day: int = 6) -> dict:
    """A row of tests.csv."""
    return {"serial": serial, "plan": plan, "plan_version": "1", "station": "BENCH", "operator": "045", "outcome": outcome, "started_at": at(day),
            "finished_at": at(day, 9), "measurements": json.dumps({"v": outcome == "pass"})}  # fmt: skip


test_run.__test__ = False


def lot(package: str, part: str, mpn: str, lot_code: str, date_code: str, maker: str = "Radio") -> dict:
    return {"package": package, "package_kind": "reel", "part": part, "mpn": mpn, "manufacturer": maker, "supplier": "Parts House", "lot_code": lot_code,
            "date_code": date_code, "quantity": "500", "received_at": at(1), "delivery": "", "coc": "", "status": "released"}  # fmt: skip


def material(order: str, first: str, last: str, refdes: str, package: str, day: int = 2) -> dict:
    return {"order": order, "refdes": refdes, "package": package, "first_serial": first, "last_serial": last, "certainty": "certain", "machine": "M1",
            "feeder": "", "happened_at": at(day)}  # fmt: skip


def ran(order: str, first: str, last: str, day: int = 3) -> dict:
    return {"order": order, "step": "SMT", "machine": "M1", "program": "", "first_serial": first, "last_serial": last, "started_at": at(day),
            "finished_at": at(day, 9), "operator": "045", "result": "completed", "readings": ""}  # fmt: skip


def tables() -> dict[str, list[dict]]:
    """The tables of the factory."""
    board = {"product": "gateway", "revision": "A", "bom_version": "1"}
    plans = {name: plan(name, proves=("I.2.e",) if name == "SEC" else ()) for name in ("FCT", "SEC")}
    orders = {"WO-1": ("G", 8), "WO-Q": ("Q", 60), "WO-2": ("H", 10)}
    return {
        "parties": [{"party": code, "name": name, "roles": roles, "country": "DE"} for code, name, roles in (
            ("EMS", "Our Works", "ems"), ("BRAND", "Brand Owner", "manufacturer;customer"), ("OTHER", "Other Brand", "manufacturer;customer"),
            ("SHOP", "Shop X", "customer"), ("PH", "Parts House", "supplier"))],
        "product_roles": [{"product": product, "party": party, "role": role, "operator": "", "happened_at": at(1)} for product, party, role in (
            ("", "EMS", "own"), ("gateway", "BRAND", "manufacturer"), ("house", "EMS", "manufacturer"))],
        "parts": [{"part": part, "description": "", "mpn": mpn, "manufacturer": maker, "lifecycle": "active", "msl": ""} for part, mpn, maker in (
            ("RES", "R-1", "Acme"), ("WIFI", "W-1", "Radio"))],
        "bom": [{**board, "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"}, {**board, "line": "2", "part": "WIFI", "quantity": "1", "refdes": "U1"},
                {**board, "product": "house", "line": "1", "part": "RES", "quantity": "1", "refdes": "R1"}],
        "test_plans": [{"plan": name, "version": "1", "product": "gateway", "document": document, "changes": "", "operator": "045", "happened_at": at(1)}
                       for name, document in plans.items()],
        "test_plan_approvals": [{"plan": name, "version": "1", "sha256": sha256(document.encode()).hexdigest(), "decision": "approved", "reason": "",
                                 "operator": "046", "decided_at": at(1)} for name, document in plans.items()],
        "lots": [lot("W-OLD", "WIFI", "W-1", "L10", "2610"), lot("W-NEW", "WIFI", "W-1", "L45", "2645"), lot("W-NODATE", "WIFI", "W-1", "L99", ""),
                 lot("W-ALT", "WIFI", "W-2", "LA", "2646"), lot("R-1", "RES", "R-1", "LR", "2601", "Acme")],
        "orders": [{"order": order, **board, "quantity": str(count), "customer": "BRAND", "opened_at": at(1)} for order, (_, count) in orders.items()],
        "units": [{"order": order, "serial": f"{letter}{n}", "panel": "", "position": "", "state": "built" if order == "WO-1" else "planned"}
                  for order, (letter, count) in orders.items() for n in range(1, count + 1)],
        "materials": [material("WO-1", "G1", "G4", "U1", "W-OLD"), material("WO-1", "G5", "G7", "U1", "W-NEW"), material("WO-1", "G1", "G8", "R1", "R-1")],
        "processes": [ran("WO-1", "G1", "G8")],
        "placements": [{"product": "gateway", "revision": "A", "placement": "gw.pos", "refdes": refdes, "x_mm": x, "y_mm": "10", "rotation": "0", "side": "top", "footprint": ""}
                       for refdes, x in (("R1", "10"), ("U1", "20"))],
        "shipments": [{"shipment": shipment, "customer": "SHOP", "country": "DE", "first_serial": first, "last_serial": last, "shipped_at": at(9),
                       "placed_on_market_at": ""} for shipment, first, last in (("S-1", "G1", "G2"), ("S-2", "G5", "G5"))],
    }  # fmt: skip


def pcn_body(
    *, maker="Radio", number="PCN-17", mpns=("W-1",), identification="Date code 2640 and later", cycle=""
) -> bytes:
    """A PCNbody.xml."""
    parts = "".join(
        f"<ItemNumber><itemMfrNumber>{mpn}</itemMfrNumber><itemMfrTypeIdent>Module</itemMfrTypeIdent><itemRev>2</itemRev>"
        f'<itemCategory>IC</itemCategory><itemChanges><itemChange itemChangeType="SEM-FW-01"/></itemChanges></ItemNumber>'
        for mpn in mpns
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><PCNbody xmlns="{NAMESPACE}"><masterData><pcnMfrName>{maker}</pcnMfrName>'
        f"<pcnNumber>{number}</pcnNumber><pcnTitle>New flash</pcnTitle><pcnIssueDate>2026-10-01</pcnIssueDate></masterData>"
        f"<difference><pcnChangeTitle>Flash</pcnChangeTitle><pcnChangeDetail>Another flash inside</pcnChangeDetail>"
        f"<pcnChangeIdentificationMethod>{identification}</pcnChangeIdentificationMethod></difference>"
        f"<pcnLifeCycleData>{cycle}</pcnLifeCycleData><ItemNumbers>{parts}</ItemNumbers></PCNbody>"
    ).encode()


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as box:
        for name, content in members.items():
            box.writestr(name, content)
    return out.getvalue()


def pcn(**said) -> bytes:
    """A .pcn archive."""
    return archive(
        {"PCNbody.xml": pcn_body(**said), "Attachments.xml": b"<Attachments/>", "files/notice.pdf": b"%PDF-1.4"}
    )


def people(tenant: int) -> dict:
    """ada and ben (quality leads), eva (engineer), opal (operator), olga (auditor), and persons of BRAND and OTHER."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    party = numbers_by_name(tenant)
    roles = {"ada": "quality_lead", "ben": "quality_lead", "eva": "engineer", "opal": "operator", "olga": "auditor"}
    found = {
        name: person_actor(tenant, 100 + n, frozenset({role}), None) for n, (name, role) in enumerate(roles.items())
    }
    for n, (name, code) in enumerate({"brand": "BRAND", "other": "OTHER"}.items()):
        found[name] = person_actor(tenant, 200 + n, frozenset({"party_reader"}), party[code])
    return found


CRITERIA = (
    {"key": "function", "field": "functional", "kind": "tests", "words": "FCT passes on 60", "plan": "FCT", "units_min": 60, "failed_max": 1},
    {"key": "security", "field": "security", "kind": "tests", "words": "SEC passes on 60", "plan": "SEC", "units_min": 60, "failed_max": 0},
    {"key": "cycling", "field": "accelerated", "kind": "result", "words": "500 cycles without a failure"},
)  # fmt: skip


def deviate(house: dict, *, until_days: int = 10) -> str:
    """DEV-1 lets W-2 into WO-2; ada agreed, and what BRAND is said to have signed is kept by ben."""
    from asbuilt.answers.gate.deviating import agree_deviation, propose_deviation
    from asbuilt.designed.catalog.actions import set_program
    from asbuilt.ledger import clock

    said = {"product": "gateway", "kind": "part", "part": "WIFI", "subject": "W-2", "maker": "Radio", "order": "WO-2"}
    until = clock.now() + until_days * 86_400_000_000
    code = propose_deviation(house["eva"], **said, why="W-1 is late", until_at=until)
    agree_deviation(house["ada"], deviation=code)
    agree_deviation(house["ben"], deviation=code, party="BRAND", content=b"%PDF-1.4", name="agreed.pdf")
    feeders = [{"feeder": "1", "refdes": "U1", "grey_pieces": "2"}]
    where = {"product": "gateway", "revision": "A", "side": "top", "machine": "PP", "program": "P"}
    set_program(house["eva"], **where, feeders=feeders)
    return code
