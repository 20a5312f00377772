"""The story of one order with a solder defect: what happens, in the numbers that everything else is counted from.

Order WO-7, 200 boards of WIDGET revision B on 20 panels of ten, numbered in the order of their panels. Placer P1 makes 1 to 100, P2 101 to 200.
P1 changes its program twice: TOP-1 for 1 to 40; TOP-2 for 41 to 60, where the MCU moves from feeder 13 to 14; TOP-3 for 61 to 100, where
C1 moves from feeder 12 to 22, on the same reel. Feeder 12 puts C1 down askew, so 1 to 60 are what it touched:

    AOI rejects 20 boards for solder at C1: 18 of feeder 12, and 77 and 150, which have nothing to do with it; 5 more calls are false
    FCT fails 16 of those 20: of the other four the joint still conducts
    SEC, a plan for every 40th unit, is due on 1, 41, 81, 121 and 161: 81 speaks TLS 1.0, 121 listens on telnet, 161 takes a default
    password
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from permit_floor import PermitFloor
from result_files import measured, openhtf

ORDER, LATER, BOARDS, PANEL = "WO-7", "WO-8", 200, 10
LATER_BOARDS = 40
ASKEW = (2, 5, 9, 12, 15, 18, 22, 25, 29, 32, 36, 39, 43, 46, 50, 53, 57, 60)
REJECTED = (*ASKEW, 77, 150)
FALSE_CALLS = (7, 70, 120, 130, 190)
CONDUCTS = (9, 29, 50, 150)
FAILED = tuple(n for n in REJECTED if n not in CONDUCTS)
OF_FEEDER_12 = range(1, 61)
CHANCE = Random(6)
EVERY = 40
RIPPLES = tuple(round(CHANCE.gauss(22, 2.5), 1) for _ in range(BOARDS))  # of boards that pass FCT, mV
# whom the plan draws follows from its hash, and with it from the keys of this run: `secured_bench.plan_of` says who it is
SAMPLED: tuple[int, ...] = ()
OLD_TLS = TELNET = PASSWORD = 0
INSECURE: tuple[int, ...] = ()
GS, RS, EOT = "\x1d", "\x1e", "\x04"
JSON = "application/json"
IMAGE = b"firmware of the widget, version 2.3.1\n" * 400
# (program, machine, feeder -> designators)
PROGRAMS = {
    "TOP-1": ("P1", {"11": "R1 R2", "12": "C1", "13": "U1"}),
    "TOP-2": ("P1", {"11": "R1 R2", "12": "C1", "14": "U1"}),
    "TOP-3": ("P1", {"11": "R1 R2", "22": "C1", "14": "U1"}),
    "TOP-9": ("P2", {"31": "R1 R2", "32": "C1", "33": "U1"}),
}
PART_AT = {"R1 R2": "RES", "C1": "CAP", "U1": "MCU"}
PEOPLE = {
    "adam": ("Adam", ["administrator", "permit_issuer"]),
    "eva": ("Eva Test", ["engineer"]),
    "ben": ("Ben Lead", ["quality_lead"]),
    "pia": ("Pia Pack", ["operator"]),
    "ida": ("Ida Acme", ["party_reader"]),
}


def serial(n: int) -> str:
    """The serial number of board n of WO-7."""
    return f"SN-{n}"


def later(n: int) -> str:
    """The serial number of board n of WO-8."""
    return f"LT-{n}"


def label(mpn: str, lot: str, quantity: int) -> str:
    """What stands on a maker's reel, as ISO 15434 has it."""
    return f"[)>{RS}06{GS}1P{mpn}{GS}Q{quantity}{GS}1T{lot}{GS}10D2620{RS}{EOT}"


def moment() -> datetime:
    """Now, as testers stamp what they measured."""
    return datetime.now(UTC)


def tables() -> dict[str, list[dict]]:
    """What engineering and sales had said before the order: parties, parts, BOM, route, where components sit."""
    at = "2026-03-01T08:00:00Z"
    board = {"product": "WIDGET", "revision": "B"}
    parties = (("EMS-1", "Ostwerk", "ems", "DE"), ("ACME", "Acme Instruments", "manufacturer;customer", "AT"),
               ("SHOP", "Nordlicht Retail", "customer", "FR"))  # fmt: skip
    parts = (("RES", "1", "2", "R1 R2"), ("CAP", "2", "1", "C1"), ("MCU", "3", "1", "U1"))
    route = (("10", "SMT", "top", "line 1"), ("20", "REFLOW", "top", "oven"), ("30", "PACK", "", "packing"))
    places = (("R1", 6, 10, "R_0402_1005Metric"), ("R2", 6, 16, "R_0402_1005Metric"), ("C1", 12.5, 3.25, "C_0805_2012Metric"),
              ("U1", 20, 12, "QFN-48_7x7mm"))  # fmt: skip
    return {
        "parties": [{"party": code, "name": name, "roles": roles, "country": country} for code, name, roles, country in parties],
        "parts": [{"part": part, "description": "", "mpn": f"M-{part}", "manufacturer": "Murata", "lifecycle": "active", "msl": ""} for part, *_ in parts],
        "bom": [
            {"product": "WIDGET", "revision": revision, "bom_version": "1", "line": line, "part": part, "quantity": quantity, "refdes": refdes}
            for revision in ("B", "C") for part, line, quantity, refdes in parts
        ],
        "product_roles": [
            {"product": product, "party": party, "role": role, "operator": "", "happened_at": at}
            for product, party, role in (("", "EMS-1", "own"), ("WIDGET", "ACME", "manufacturer"))
        ],
        "routings": [
            {**board, "routing": "1", "from_at": at, "place_in_route": place, "step": step, "side": side, "place": where, "optional": "",
             "limits": '{"zone5": [235, 255]}' if step == "REFLOW" else "", "instruction": ""}
            for place, step, side, where in route
        ],
        "placements": [
            {**board, "placement": "widget-b.pos", "refdes": refdes, "x_mm": str(x), "y_mm": str(y), "rotation": "0", "side": "top", "footprint": shape}
            for refdes, x, y, shape in places
        ],
    }  # fmt: skip


def test_plans(security: dict | None) -> list[dict]:
    """AOI and FCT for every unit, and the security plan for every 40th where there is a bench."""
    step = {"kind": "numeric", "comparison": "GELE", "expected": "", "criticality": "major", "needed": True}
    plan = {"schema": 1, "version": "1", "product": "WIDGET", "revisions": ["B"], "every": 1, "rules": "cra-annex-i/1"}
    return [
        {**plan, "plan": "AOI", "steps": [{**step, "name": "height", "low": "60", "high": "140", "unit": "um", "proves": []}]},
        {**plan, "plan": "FCT", "steps": [{**step, "name": "ripple", "low": "0", "high": "50", "unit": "mV", "proves": ["I.2.h"]}]},
        *([security] if security else []),
    ]  # fmt: skip


test_plans.__test__ = False


class WidgetFloor(PermitFloor):
    """Releases, grant and issuer of the story; the product itself stands in `tables`."""

    def _product(self, units: int) -> None:
        import signers

        from asbuilt.designed.firmware.actions import set_trust_store

        store = signers.store()
        set_trust_store(self.actor, document=signers.store_file(store), pin=store.sha256)

    def grant(self, *given, **changes) -> bytes:
        return super().grant(*given, **{"units": 300, **changes})


@dataclass
class Factory:
    """The home of the story and everybody in it, as clients of its API; `packages` are codes by name, in the order of the labels."""

    actor: object
    client: dict = field(default_factory=dict)
    person: dict = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    mounted: dict[str, tuple[str, str]] = field(default_factory=dict)

    def get(self, who: str, address: str, **said) -> dict:
        """What this one reads."""
        answer = self.client[who].get(f"/api/v1/{address}", said)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, who: str, address: str, said: dict | None = None, *, expect: tuple[int, ...] = (200, 201)) -> dict:
        """What this one does; a refusal only where one of its codes is expected."""
        answer = self.client[who].post(f"/api/v1/{address}", said or {}, JSON)
        assert answer.status_code in expect, answer.content
        return answer.json()

    def file(self, name: str, content: bytes, **said) -> dict:
        """A machine sends a file."""
        answer = self.client["machine"].generic(
            "POST", "/api/v1/machine-files", content, query_params={"name": name, **said}
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["use"] == "taken", answer.json()
        return answer.json()

    def ask(self, question: str) -> int:
        """How many units certainly match; none may be in doubt."""
        said = self.get("eva", "ask", question=question)["affected"]
        assert (said["possible"], said["unrecorded"]) == (0, 0), (question, said)
        return said["certain"]

    def browser(self, who: str):
        """A client that is signed in as this person."""
        from django.test import Client

        from asbuilt.access import sessions
        from asbuilt.access.queries import login_of_person

        client, session = Client(), sessions.SessionStore()
        sessions.begin(session, login_of_person(self.actor.tenant, self.person[who].person))
        session.save()
        client.cookies["asbuilt_session"] = session.session_key
        return client

    def verified(self) -> list:
        """What the ledger finds wrong with itself."""
        from asbuilt.ledger.verifying import verify

        return verify(self.actor.tenant).findings


def opened(load, actor) -> Factory:
    """The design is loaded and everybody has come in; nothing was bought or built."""
    from django.test import Client

    from asbuilt.access.actions import accept_link, first_link, give_roles, invite, issue_token
    from asbuilt.designed.parties.queries import numbers_by_name

    load(tables())
    factory, first = Factory(actor), None
    acme = numbers_by_name(actor.tenant)["ACME"]
    for who, (name, roles) in PEOPLE.items():
        link = first_link() if first is None else None
        if first is not None:
            _, link = invite(first, name=name, roles=roles, party=acme if who == "ida" else None, code=f"badge-{who}")
        person = accept_link(link, name=name, login=who, password="nine reels of solder")
        if first is None:
            first = person
            give_roles(first, person=person.person, roles=roles)
        factory.person[who] = person
        secret = issue_token(person, name="story", person=person.person)[1]
        factory.client[who] = Client(headers={"Authorization": f"Bearer {secret}", "Accept": JSON})
    secret = issue_token(first, name="AOI and FCT", roles=["machine"])[1]
    factory.client["machine"] = Client(headers={"Authorization": f"Bearer {secret}", "Accept": JSON})
    return factory


def planned(factory: Factory, security: dict | None = None) -> None:
    """Orders, panels, serial numbers; test plans proposed by one and approved by another; testers calibrated; how AOI files are read."""
    for order, count in ((ORDER, BOARDS), (LATER, LATER_BOARDS)):
        said = {
            "order": order,
            "product": "WIDGET",
            "revision": "B",
            "bom_version": "1",
            "quantity": count,
            "owner": "ACME",
        }
        factory.post("eva", "orders", said)
        name = serial if order == ORDER else later
        listed = "serial\n" + "".join(f"{name(n)}\n" for n in range(1, count + 1))
        answer = factory.client["eva"].post(
            f"/api/v1/orders/{order}/serial-list", {"file": SimpleUploadedFile("acme.csv", listed.encode())}
        )
        assert answer.status_code == 200, answer.content
    for plan in test_plans(security):
        factory.post("eva", "test-plans", {"document": plan})
        factory.post("eva", f"test-plans/{plan['plan']}/1/decisions", {"decision": "approved"}, expect=(403,))
        assert (
            factory.post("ben", f"test-plans/{plan['plan']}/1/decisions", {"decision": "approved"})["state"]
            == "in_force"
        )
    for tester in ("AOI-1", "FCT-1", "FCT-2", "ST-01"):
        said = {
            "instrument": tester,
            "station": tester,
            "as_found": "in_tolerance",
            "as_left": "in_tolerance",
            "valid_until": "2099-01-01",
        }
        answer = factory.client["eva"].post("/api/v1/calibrations", said)
        assert answer.status_code == 201, answer.content
    columns = {
        "serial": {"from": "Barcode"}, "plan": {"text": "AOI"}, "plan_version": {"from": "Programm"}, "started_at": {"from": "Zeit"},
        "outcome": {"from": "Ergebnis", "words": {"OK": "pass", "NOK": "fail"}}, "measurements.height": {"from": "Höhe"},
        "defect.code": {"from": "Fehler"}, "defect.at": {"from": "Bauteil"}, "defect.x": {"from": "X"}, "defect.y": {"from": "Y"},
        "defect.picture": {"from": "Bild"},
        "defect.verification": {"from": "Nachkontrolle", "words": {"Pseudofehler": "DefectRejected", "echt": "DefectConfirmed"}},
    }  # fmt: skip
    said = {"machine": "AOI-1", "pattern": "AOI_*.csv", "becomes": "tests", "format": "csv", "encoding": "cp1252", "delimiter": "semicolon",
            "header": "1", "decimal": "comma", "time_format": "iso", "time_zone": "Europe/Vienna", "columns": columns}  # fmt: skip
    factory.post("eva", "mappings", said)


def received(factory: Factory) -> None:
    """Reels from the makers' labels: two of each part, one lot a part, and a third of capacitors for rework; MCU reels are programmed."""
    for name in ("RES-1", "RES-2", "CAP-1", "CAP-2", "CAP-3", "MCU-1", "MCU-2"):
        part = name[:3]
        said = {
            "label": label(f"M-{part}", f"L{part}-2620", 2_000),
            "delivery": "DN-1",
            "received_at": "2026-08-03T08:00:00Z",
        }
        found = factory.post("pia", "packages", {"packages": [said]}, expect=(201, 409))
        if "packages" not in found:
            said["confirmed"] = [one["id"] for one in found["facts"]["questions"]]
            found = factory.post("pia", "packages", {"packages": [said]})
        factory.packages[name] = found["packages"][0]["package"]


def programmed(factory: Factory) -> None:
    """The MCU comes programmed with 2.3.1, whoever places another is refused; samples of each reel are read back."""
    factory.post("eva", "firmware-demands", {"product": "WIDGET", "revision": "B", "part": "MCU", "version": "2.3.1"})
    for reel in ("MCU-1", "MCU-2"):
        said = {"package": factory.packages[reel], "product": "WIDGET", "version": "2.3.1", "read_backs": 2}
        order = factory.post("eva", "programming-orders", said)
        of = f"programming-orders/{order['code']}"
        answer = factory.client["pia"].post(f"/api/v1/{of}/done", {"quantity": "2000", "machine": "GANG-1"})
        assert answer.status_code == 201, answer.content
        for _ in range(2):
            factory.post("pia", f"{of}/read-backs", {"sha256": order["image"]})
        factory.post("eva", f"{of}/close")


def set_up(factory: Factory, program: str, order: str = ORDER) -> None:
    """The program is recorded, what its feeders need is mounted, and what stood elsewhere is taken off first."""
    machine, feeders = PROGRAMS[program]
    said = {"product": "WIDGET", "revision": "B", "side": "top", "machine": machine, "program": program}
    factory.post(
        "eva",
        "programs",
        {**said, "feeders": [{"feeder": feeder, "refdes": refdes} for feeder, refdes in feeders.items()]},
    )
    here = {"machine": machine, "order": order, "side": "top", "program": program}
    for feeder, refdes in feeders.items():
        reel = factory.packages[f"{PART_AT[refdes]}-{machine[1]}"]
        before = factory.mounted.get(reel)
        if before == (machine, feeder):
            continue
        if before:
            factory.post("pia", "setup/removals", {"machine": before[0], "feeder": before[1]})
        factory.post("pia", "setup/mounts", {**here, "feeder": feeder, "package": reel})
        factory.mounted[reel] = (machine, feeder)
    assert factory.get("pia", "setup", machine=machine, order=order, side="top", program=program)["ready"]


def placed(factory: Factory, program: str, panels: range, order: str = ORDER) -> None:
    """Panels with these numbers go through placer and oven, whose zone 5 varies by half a degree."""
    machine = PROGRAMS[program][0]
    for panel in panels:
        code = f"{order}-P{panel}"
        factory.post("pia", f"orders/{order}/panels", {"panel": code, "positions": PANEL})
        factory.post(
            "pia", "steps", {"code": code, "step": "SMT", "side": "top", "machine": machine, "program": program}
        )
        readings = {"zone5": 245.0 + panel % 2 * 0.4 + panel % 5 * 0.1}
        factory.post(
            "pia", "steps", {"code": code, "step": "REFLOW", "side": "top", "machine": "OVEN-1", "readings": readings}
        )


def built(factory: Factory) -> None:
    """All 200 boards."""
    for program, panels in (
        ("TOP-1", range(1, 5)),
        ("TOP-2", range(5, 7)),
        ("TOP-3", range(7, 11)),
        ("TOP-9", range(11, 21)),
    ):
        set_up(factory, program)
        placed(factory, program, panels)


def built_later(factory: Factory) -> None:
    """Forty boards of WO-8 on P1, from feeder 12 after it was mended."""
    set_up(factory, "TOP-1", LATER)
    placed(factory, "TOP-1", range(1, 5), LATER)


def aoi_file(boards: dict[str, tuple[str, ...]]) -> bytes:
    """What the AOI writes of these boards: serial number -> verifications of calls at C1; a row a call, one of a board without any."""
    rows = ["Barcode;Zeit;Programm;Ergebnis;Höhe;Bauteil;Fehler;X;Y;Nachkontrolle;Bild"]
    for board, calls in boards.items():
        head = f"{board};{moment().isoformat()};1"
        for call in calls or ("",):
            said = f"C1;INSUFFICIENT;12,5;3,25;{call};{board}-C1.png" if call else ";;;;;"
            rows.append(f"{head};{'NOK' if call else 'OK'};{'61,5' if call == 'echt' else '98,0'};{said}")
    return "\r\n".join(rows).encode("cp1252")


def inspected(factory: Factory) -> None:
    """The AOI's file of the order: 20 boards rejected, 5 calls that a person rejected in turn."""
    calls = dict.fromkeys(REJECTED, ("echt",)) | dict.fromkeys(FALSE_CALLS, ("Pseudofehler",))
    said = factory.file("AOI_1.csv", aoi_file({serial(n): calls.get(n, ()) for n in range(1, BOARDS + 1)}))
    assert (said["rows"], said["machine"]) == (BOARDS, "AOI-1")


def functional(unit: str, millivolts: float, station: str) -> dict:
    """What the functional tester of line 1 writes (OpenHTF)."""
    outcome, now = "PASS" if millivolts <= 50 else "FAIL", int(moment().timestamp() * 1000) + 1
    said = openhtf(
        unit, outcome, at=now, measurements=[measured("ripple", millivolts, 0, 50, "mV", outcome)], station=station
    )
    said["end_time_millis"] = said["phases"][0]["end_time_millis"] = now
    return said


def functional_of_line_2(unit: str, millivolts: float) -> dict:
    """What the functional tester of line 2 writes (WATS WSJF)."""
    result, at = "P" if millivolts <= 50 else "F", moment().isoformat()
    one = {"compOp": "GELE", "status": result, "unit": "mV", "value": millivolts, "lowLimit": 0, "highLimit": 50}
    step = {"stepType": "ET_NLT", "name": "ripple", "status": result, "numericMeas": [one]}
    root = {
        "stepType": "SequenceCall",
        "name": "Main",
        "status": result,
        "seqCall": {"name": "fct.seq", "version": "1"},
        "steps": [step],
    }
    return {"type": "T", "id": f"{unit}-{at}", "pn": "WIDGET", "sn": unit, "rev": "B", "processCode": 10, "processName": "FCT", "result": result,
            "machineName": "FCT-2", "start": at, "uut": {"user": "badge-pia", "execTime": 0}, "root": root}  # fmt: skip


def functional_result(n: int) -> dict:
    """What the tester of its line writes of board n: 16 boards ripple too much."""
    millivolts = 71.5 if n in FAILED else RIPPLES[n - 1]
    return functional(serial(n), millivolts, "FCT-1") if n <= 100 else functional_of_line_2(serial(n), millivolts)


def functional_files(folder: Path) -> None:
    """A file a board: line 1 as OpenHTF, line 2 as WSJF."""
    folder.mkdir()
    for n in range(1, BOARDS + 1):
        (folder / f"{serial(n)}.json").write_text(json.dumps(functional_result(n)), encoding="utf-8")
