"""A board of the corpus, built 400 times from goods-in labels and machine messages alone; every number is counted by hand.

Glasgow revC3 as KiCad wrote its BOM; a panel holds 4 boards, so panel 1 is boards 1 to 4, panel 61 boards 241 to 244. The capacitor
C1 … C92 (4u7, 14 a board) comes from two reels: lot FIRST on boards 1 to 240, its splice lies on panel 61, lot SECOND from board 245
on. The reel of C87 was in quarantine while panel 80 (boards 317 to 320) was placed from it. Board 5 gets one capacitor of the second
reel at the bench. Boards 237 to 246 go into ten boxes.
"""

import csv
import json
from datetime import UTC, datetime, timedelta

import pytest
from cast import PASSWORD, pages
from commands import run, run_json
from machine_floor import envelope, material

GS, RS, EOT = "\x1d", "\x1e", "\x04"
JSON = "application/json"
BOARDS, PANEL = 400, 4
SPLICE, FIRST, SECOND = "LMK107BJ475KAHT", "LOT-FIRST", "LOT-SECOND"
BULK = "A765EB157M1ALAE022"  # C87, one a board
SHIFT = datetime(2026, 9, 1, 6, tzinfo=UTC)
ENCLOSURE = "Reference,Quantity,Value,Footprint,MPN,Mfg\nH1,1,Case,Case,CASE-7,Polycase\n"


def label(mpn: str, lot: str, quantity: int) -> str:
    """What stands on a maker's reel, as ISO 15434 has it."""
    return f"[)>{RS}06{GS}1P{mpn}{GS}Q{quantity}{GS}1T{lot}{GS}10D2620{RS}{EOT}"


def at(panel: int, second: int = 0) -> str:
    return (SHIFT + timedelta(minutes=panel, seconds=second)).isoformat()


class Factory:
    """A home, a client of its API, and the packages that came in: MPN -> codes in the order of their labels."""

    def __init__(self, home, shared, folder):
        self.home, self.folder = home, folder
        self.board = shared / "ems/boms/dev/glasgow-revC3"
        self.packages: dict[str, list[str]] = {}
        with open(self.board / "bom.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, skipinitialspace=True))
        self.positions = {row[6]: row[0].split() for row in rows[1:] if row[6] and row[-1].strip() != "DNP"}

    def api(self, address: str, said: dict) -> dict:
        answer = self.client.post(f"/api/v1/{address}", said, JSON)
        assert answer.status_code in (200, 201), answer.content
        return answer.json()

    def let_in(self) -> None:
        from django.test import Client

        from asbuilt.access.actions import accept_link, first_link, give_roles, issue_token

        self.home.enter()
        adam = accept_link(first_link(), name="Adam", login="adam", password=PASSWORD)
        give_roles(adam, person=adam.person, roles=["administrator", "operator", "quality_lead", "engineer"])
        token = issue_token(adam, name="journey", person=adam.person)[1]
        self.client = Client(headers={"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def receive(self, mpn: str, lot: str, quantity: int) -> None:
        said = {"label": label(mpn, lot, quantity), "delivery": "DN-1", "received_at": "2026-08-03T08:00:00Z"}
        answer = self.client.post("/api/v1/packages", {"packages": [said]}, JSON)
        if answer.status_code == 409:
            said["confirmed"] = [one["id"] for one in answer.json()["facts"]["questions"]]
            answer = self.client.post("/api/v1/packages", {"packages": [said]}, JSON)
        assert answer.status_code == 201, answer.content
        self.packages.setdefault(mpn, []).append(answer.json()["packages"][0]["package"])

    def machines_say(self, name: str, messages: list[dict]) -> dict:
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps(messages), encoding="utf-8")
        (report,) = run_json(self.home, "import", file, "--kind", "cfx")["files"]
        return report

    def ask(self, question: str) -> tuple[int, int, int]:
        said = run_json(self.home, "ask", question)["affected"]
        return said["certain"], said["possible"], said["unrecorded"]

    def go(self, code: str) -> bool:
        return self.client.get(f"/api/v1/units/{code}/verdict").json()["go"]


def opened(order: str, product: str, revision: str, quantity: int) -> dict:
    new = {"WorkOrderIdentifier": {"WorkOrderId": order, "Batch": None}, "PartNumber": product, "PartRevision": revision,
           "Quantity": float(quantity), "CreatedDate": at(0), "Customer": None}  # fmt: skip
    name = "InformationSystem.WorkOrderManagement.WorkOrdersCreated"
    return envelope(name, {"NewOrders": [new]}, source="Mes.1", time=at(0))


def begun(order: str, transaction: str, panel: str, count: int, minute: int, source: str = "Placer.1") -> dict:
    units = [
        {"UnitIdentifier": panel, "PositionNumber": n, "PositionName": f"N{n}", "Status": "Pass"}
        for n in range(1, count + 1)
    ]
    body = {"PrimaryIdentifier": panel, "TransactionID": transaction, "Lane": 1, "UnitCount": count, "Units": units,
            "RecipeName": "GLASGOW-TOP", "Revision": "1", "WorkOrderIdentifier": {"WorkOrderId": order, "Batch": None}}  # fmt: skip
    return envelope("Production.WorkStarted", body, source=source, time=at(minute))


def named(transaction: str, panel: str, names: list[str], minute: int) -> dict:
    said = [
        {
            "UnitIdentifier": panel,
            "UnitPositionNumber": n,
            "Characteristics": [{"Name": "Serial Number", "Value": name}],
        }
        for n, name in enumerate(names, 1)
    ]
    body = {"TransactionId": transaction, "PersonalizedUnits": said}
    return envelope("Production.Assembly.UnitsPersonalized", body, source="Placer.1", time=at(minute, 20))


def done(transaction: str, minute: int) -> dict:
    body = {"TransactionID": transaction, "Result": "Completed", "Units": []}
    return envelope("Production.WorkCompleted", body, source="Placer.1", time=at(minute, 50))


def placed(factory: Factory, panel: int) -> dict:
    """Everything that the placer put on the boards of a panel; the splice lies on panel 61."""
    found = []
    for position in range(1, PANEL + 1):
        for mpn, refdes in factory.positions.items():
            packages, more = factory.packages[mpn], {}
            package = packages[-1] if mpn == SPLICE and panel >= 61 else packages[0]
            if mpn == SPLICE and panel == 61:
                more = {"GreyZone": 40.0, "LeadingMaterialPackage": {"UniqueIdentifier": packages[0]}}
            if mpn == BULK and panel == 80:
                package = packages[-1]
            found.append(material(package, *refdes, unit=f"P{panel:03}", position=position, **more))
    body = {"TransactionId": f"T-{panel:03}", "InstalledMaterials": found}
    return envelope("Production.Assembly.MaterialsInstalled", body, source="Placer.1", time=at(panel, 40))


def panel_messages(factory: Factory, panel: int) -> list[dict]:
    names = [f"G{4 * panel - 4 + n:04}" for n in range(1, PANEL + 1)]
    transaction = f"T-{panel:03}"
    return [
        begun("WO-GLASGOW", transaction, f"P{panel:03}", PANEL, panel),
        named(transaction, f"P{panel:03}", names, panel),
        placed(factory, panel),
        done(transaction, panel),
    ]


@pytest.fixture
def factory(empty_home, shared_data, tmp_path):
    """Designed, received, nothing built yet."""
    made = Factory(empty_home, shared_data, tmp_path)
    run(empty_home, "init")
    words = ("--revision", "C3", "--bom-version", "1", "--add-parts")
    checked = ("--placement", made.board / "pos.csv")
    run(empty_home, "import", made.board / "bom.csv", "--kind", "bom", "--product", "GLASGOW", *words, *checked)
    case = tmp_path / "case.csv"
    case.write_text(ENCLOSURE, encoding="utf-8")
    run(empty_home, "import", case, "--kind", "bom", "--product", "BOX", *(words[0], "A", *words[2:]))
    with pages():
        made.let_in()
        for number, (mpn, refdes) in enumerate(made.positions.items()):
            if mpn != SPLICE:
                made.receive(mpn, f"LOT-{number:02}", len(refdes) * BOARDS + 1_000)
        made.receive(BULK, "LOT-DOUBTFUL", 500)
        made.receive(SPLICE, FIRST, 4_000)
        made.receive(SPLICE, SECOND, 4_000)
        yield made


def test_four_hundred_boards_a_splice_a_rework_a_quarantined_reel_and_ten_boxes(factory):
    doubtful = factory.packages[BULK][-1]
    run(factory.home, "package", "quarantine", doubtful, "--reason", "seal broken")
    messages = [opened("WO-GLASGOW", "GLASGOW", "C3", BOARDS), opened("WO-BOX", "BOX", "A", 10)]
    for panel in range(1, 101):
        messages += panel_messages(factory, panel)
    boxes = [f"BOX-{n:02}" for n in range(1, 11)]
    for n, name in enumerate(boxes, 1):
        messages += [begun("WO-BOX", f"B-{n:02}", f"B{n:02}", 1, 200 + n), named(f"B-{n:02}", f"B{n:02}", [name], 200 + n), done(f"B-{n:02}", 200 + n)]  # fmt: skip
    report = factory.machines_say("shift", messages)
    # two orders; begun, named, placed, done of 100 panels; begun, named, done of 10 boxes
    assert (report["used"], report["dead_letters"], report["flags"]) == (2 + 400 + 30, 0, {}), report

    # a lot over a splice: 60 panels, one of which nobody knows which capacitor, 39 panels
    assert factory.ask(f"lot:{FIRST}") == (240, 4, 0)
    assert factory.ask(f"lot:{SECOND}") == (156, 4, 0)
    assert factory.ask("order:WO-GLASGOW -in:planned") == (400, 0, 0)
    assert factory.ask("unit:G0241 lot:LOT-FIRST") == (0, 1, 0)

    # the quarantined reel: a machine cannot be refused what it did, but nothing of it goes on until quality has decided
    assert factory.ask("lot:LOT-DOUBTFUL") == (4, 0, 0)
    assert [factory.go(f"G{n:04}") for n in (316, 317, 320, 321)] == [True, False, False, True]
    run(factory.home, "package", "release", doubtful, "--reason", "dried and measured")
    assert factory.go("G0317") and factory.go("G0320")

    # one capacitor of board 5 is replaced from the second reel: it carries both lots now
    second = factory.packages[SPLICE][1]
    position = factory.positions[SPLICE][0]
    factory.api("units/G0005/replacements", {"refdes": position, "installed": second, "reason": "cracked"})
    assert factory.ask(f"lot:{SECOND}") == (157, 4, 0)
    assert factory.ask(f"lot:{FIRST}") == (240, 4, 0)
    assert factory.ask(f"(lot:{FIRST} at:{position})") == (239, 4, 0)
    assert factory.ask(f"ever:(lot:{FIRST} at:{position})") == (240, 4, 0)

    # boards 237 to 240 are of the first lot, 241 to 244 of nobody knows which, 245 and 246 of the second
    for n, box in enumerate(boxes):
        factory.api(f"units/G{237 + n:04}/put-in", {"parent": box, "position": "1"})
    assert factory.ask(f"contains:(lot:{FIRST})") == (4, 4, 0)
    said = run_json(factory.home, "ask", f"lot:{FIRST}")
    assert (said["finished"]["certain"], said["finished"]["possible"]) == (
        240,
        4,
    )  # 236 loose boards and 4 boxes; 4 boxes
    assert run_json(factory.home, "ledger", "verify")["findings"] == []

    # the same messages again change nothing
    assert factory.machines_say("again", messages)["already_there"] == 432
    assert factory.ask(f"lot:{FIRST}") == (240, 4, 0)
