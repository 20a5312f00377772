"""A board of the corpus built 400 times on the floor screens, by two people with scanners; every number is counted by hand.

Glasgow revC3, four boards a panel: panel 1 is boards 1 to 4, panel 61 boards 241 to 244. The machine Placer.1 says itself what it
places. P&P-2 says nothing: feeder 1 puts C1 … (4u7, 14 a board), feeder 2 puts C87 (one a board), and what is there is what was
scanned. Lot FIRST is on boards 1 to 240; the splice has a grey zone of 40 pieces and a panel takes 56, so panel 61 may have either,
and lot SECOND is on boards 245 to 400. Panel 80 (boards 317 to 320) gets C87 from the reel that quality quarantines right after.
"""

import csv
import json
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from machine_floor import envelope, material
from playwright.sync_api import expect
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, served, wait_until  # noqa: F401

BOARDS, PANEL = 400, 4
SPLICE, BULK = "LMK107BJ475KAHT", "A765EB157M1ALAE022"
FIRST, SECOND, DOUBTFUL = "LOT-FIRST", "LOT-SECOND", "LOT-DOUBTFUL"
UNSAID, ODD = "TC-1109DE-B-F", "JF4024M00009T8188070"  # a label without its lot; a reel of 1,234 pieces
SHIFT = datetime(2026, 9, 1, 6, tzinfo=UTC)
STATION = "/station/?step=SMT&side=top&machine=P%26P-2"
SETUP = "/setup/?machine=P%26P-2&order=WO-GLASGOW&side=top"
ENCLOSURE = {
    "product": "BOX",
    "revision": "A",
    "bom_version": "1",
    "line": "1",
    "part": "CASE-7",
    "quantity": "1",
    "refdes": "H1",
}


class Floor:
    """Two people before their screens: Anna, operator; Eva, engineer and quality lead. Packages by MPN, as goods-in named them."""

    def __init__(self, address, chromium, board):  # noqa: F811
        self.address, self.chromium, self.packages = address, chromium, {}
        with open(board / "bom.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, skipinitialspace=True))
        self.positions = {row[6]: row[0].split() for row in rows[1:] if row[6] and row[-1].strip() != "DNP"}

    def enter(self, login, width):
        context = self.chromium.new_context(base_url=self.address, viewport={"width": width, "height": 800})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/sign-in/")
        page.wait_for_selector("#login:focus")
        page.keyboard.type(login)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    def machine_says(self, token, messages) -> dict:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/messages", json.dumps(messages).encode(), headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


@pytest.fixture
def floor(served, chromium, home, load, actor, shared_data):  # noqa: F811
    """Designed, nothing received, nothing planned: BOMs, the program of P&P-2, people, and a token for the machine Placer.1."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token
    from asbuilt.built.exchange.boms import import_bom

    board = shared_data / "ems" / "boms" / "dev" / "glasgow-revC3"
    import_bom(actor, board / "bom.csv", product="GLASGOW", revision="C3", bom_version="1", add_parts=True)
    made = Floor(served, chromium, board)
    row = {"product": "GLASGOW", "revision": "C3", "side": "top", "machine": "P&P-2", "program": "TOP-2"}
    feeders = (("1", SPLICE, "40"), ("2", BULK, ""))
    case = {
        "part": "CASE-7",
        "description": "",
        "mpn": "CASE-7",
        "manufacturer": "Polycase",
        "lifecycle": "",
        "msl": "",
    }
    programs = [
        {**row, "feeder": one, "refdes": " ".join(made.positions[mpn]), "grey_pieces": grey}
        for one, mpn, grey in feeders
    ]
    load({"parts": [case], "bom": [ENCLOSURE], "programs": programs})
    ada = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    for name, roles in (("anna", ["operator"]), ("eva", ["engineer", "quality_lead"])):
        accept_link(
            invite(ada, name=name.title(), roles=roles, code=name)[1], name=name.title(), login=name, password=PASSWORD
        )
    made.token = issue_token(ada, name="Placer.1", roles=["machine"])[1]
    made.anna, made.eva = made.enter("anna", 1280), made.enter("eva", 1280)
    yield made
    for page in (made.anna, made.eva):
        page.context.close()


def scan(page, *codes, until=""):
    """What a scanner types, also while a stop has the focus; then a verdict that says so."""
    for code in codes:
        wait_until(
            page, "document.activeElement.id === 'scan' || document.activeElement.getAttribute('role') === 'alert'"
        )
        with page.expect_navigation():
            page.keyboard.type(code)
            page.keyboard.press("Enter")
    if until:
        page.wait_for_selector(f".verdict:has-text('{until}')")


def scan_label(page, *fields):
    """A maker's label as a keyboard wedge types it: separators are keys with Control."""
    wait_until(page, "document.activeElement.id === 'scan'")
    page.keyboard.insert_text("[)>")
    page.keyboard.press("Control+^")
    page.keyboard.insert_text("06")
    for field in fields:
        page.keyboard.press("Control+]")
        page.keyboard.insert_text(field)
    page.keyboard.press("Control+^")
    page.keyboard.press("Control+d")
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page, button, **fields):
    """A form by its fields' ids, then its button."""
    for name, text in fields.items():
        box = page.locator(f"#{name.replace('_', '-')}")
        box.select_option(label=text) if box.evaluate("one => one.tagName") == "SELECT" else box.fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()


def ask(page, question) -> tuple[int, int, int]:
    """The three numbers that the page Ask shows."""
    page.goto("/")
    page.fill("#q", question)
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return tuple(int(text.replace(",", "")) for text in page.locator("dd.n").all_inner_texts())


# ---- goods-in


def receive_all(floor):
    """Every reel is scanned; one label lacks its lot, one holds an odd number of pieces."""
    page = floor.anna
    page.goto("/goods-in/")
    page.fill("#delivery", "DN-1")
    page.focus("#scan")
    reels = [(mpn, f"LOT-{n:02}") for n, mpn in enumerate(floor.positions) if mpn != SPLICE]
    for mpn, lot in [*reels, (BULK, DOUBTFUL), (SPLICE, FIRST), (SPLICE, SECOND)]:
        pieces = "1234" if mpn == ODD else "50000"
        scan_label(page, f"1P{mpn}", f"Q{pieces}", *([] if mpn == UNSAID else [f"1T{lot}"]), "10D2620")
        if mpn == UNSAID:
            wait_until(page, "document.activeElement.id === 'f-lot_code'")
            page.keyboard.type(lot)
        elif mpn == ODD:
            assert "1234 pieces is no usual pack size" in page.inner_text("main")
            page.focus("input[type=checkbox][name=confirmed]")
            page.keyboard.press("Space")
        else:
            wait_until(page, "document.activeElement.tagName === 'BUTTON'")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        floor.packages.setdefault(mpn, []).append(page.locator(".verdict-ok .say").inner_text().split(" is ")[0])


# ---- planning


def plan(floor):
    """Eva opens both orders, says how a panel lies and how units are numbered, and numbers them."""
    page = floor.eva
    page.goto("/product/GLASGOW/")
    page.click("summary:has-text('Set the rule') >> nth=0")
    fill(page, "Number units so from now on", r_prefix="G", r_width="4", r_first="1")
    page.locator("details:has(#p-columns) > summary").click()
    fill(page, "Translate positions so from now on", p_panel="2x2", p_columns="2", p_rows="2", p_x="60", p_y="60")
    page.goto("/product/BOX/")
    page.click("summary:has-text('Set the rule') >> nth=0")
    fill(page, "Number units so from now on", r_prefix="BOX-", r_width="2", r_first="1")
    for order, quantity, builds in (("WO-GLASGOW", BOARDS, "GLASGOW revision C3, BOM version 1"), ("WO-BOX", 10, "BOX revision A, BOM version 1")):  # fmt: skip
        page.goto("/orders/open/")
        fill(page, "Open the order", o_order=order, o_quantity=str(quantity), o_builds=builds)
        page.click("summary:has-text('Serial numbers') >> nth=0")
        fill(page, "Number them")
    page.goto("/unit/G0400/")
    fill(page, "Compare", k_read="G0400")
    assert "its own" in page.inner_text("#mark")


# ---- what the machine Placer.1 says


def placer_says(floor, panels):
    """Each panel: begun, everything placed but what P&P-2 places, ended."""
    messages = []
    for panel in panels:
        code, work = f"P{panel:03}", f"T-{panel:03}"
        at = (SHIFT + timedelta(minutes=panel)).isoformat()
        units = [
            {"UnitIdentifier": code, "PositionNumber": n, "PositionName": f"N{n}", "Status": "Pass"}
            for n in range(1, PANEL + 1)
        ]
        begun = {"PrimaryIdentifier": code, "TransactionID": work, "Lane": 1, "UnitCount": PANEL, "Units": units,
                 "RecipeName": "GLASGOW-1", "Revision": "1", "WorkOrderIdentifier": {"WorkOrderId": "WO-GLASGOW", "Batch": None}}  # fmt: skip
        placed = [
            material(floor.packages[mpn][0], *refdes, unit=code, position=n)
            for n in range(1, PANEL + 1)
            for mpn, refdes in floor.positions.items()
            if mpn not in (SPLICE, BULK)
        ]
        said = (
            ("Production.WorkStarted", begun),
            ("Production.Assembly.MaterialsInstalled", {"TransactionId": work, "InstalledMaterials": placed}),
            ("Production.WorkCompleted", {"TransactionID": work, "Result": "Completed", "Units": []}),
        )
        messages += [envelope(name, body, source="Placer.1", time=at) for name, body in said]
    told = floor.machine_says(floor.token, messages)
    assert (told["used"], told["dead"]) == (len(messages), 0), told


# ---- the floor


def pass_without_network(page, panels):
    """The network is gone for a while; the panels go on, and are sent when it is back."""
    page.context.set_offline(True)
    page.focus("#scan")
    for panel in panels:
        for code in (f"P{panel:03}", "PASS"):
            page.keyboard.insert_text(code)
            page.keyboard.press("Enter")
            expect(page.locator("#scan")).to_have_value("", timeout=PATIENCE_MS)
    expect(page.locator("[data-count]")).to_have_text(str(len(panels)), timeout=PATIENCE_MS)
    page.context.set_offline(False)
    expect(page.locator("[data-said]")).to_have_text("Everything is sent.", timeout=PATIENCE_MS)


def set_up(floor):
    """P&P-2 gets its two reels; a wrong reel is stopped."""
    page, (first, _), (bulk, _) = floor.anna, floor.packages[SPLICE], floor.packages[BULK]
    page.goto("/setup/")
    wait_until(page, "document.activeElement.id === 'order'")
    page.keyboard.type("WO-GLASGOW")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.click("table.pos a")
    scan(page, "1", bulk, until="STOP")
    scan(page, first, until="Mounted")
    scan(page, "2", bulk, until="The machine is ready.")


def build(floor):
    """The shift at P&P-2: 60 panels, the splice, the doubtful reel on panel 80, its quarantine, the rest."""
    page, (first, second), (bulk, doubtful) = floor.anna, floor.packages[SPLICE], floor.packages[BULK]
    page.goto(STATION)
    pass_without_network(page, range(1, 61))
    assert ask(floor.eva, f"lot:{FIRST}") == (240, 0, 160)  # the others have no 4u7 yet: the record is silent
    page.goto(SETUP)
    scan(page, "1", first, second, until="The next 40 pieces may be of either package.")
    page.goto(STATION)
    scan(page, "P061", until="OK")
    scan(page, "PASS", until="Recorded")
    pass_without_network(page, range(62, 80))
    page.goto(SETUP)
    scan(page, "2", "OFF", until="Taken off")
    scan(page, "2", doubtful, until="Mounted")
    page.goto(STATION)
    scan(page, "P080", "PASS", until="Recorded")
    floor.eva.goto(f"/store/?code={doubtful}")
    fill(floor.eva, "Put it into quarantine", reason="seal broken")
    scan(page, "P081", until="OK")
    scan(page, "PASS", until="STOP")  # what is mounted is not released any more
    page.goto(SETUP)
    assert "seal broken" in page.inner_text("main")
    scan(page, "2", "OFF", until="Taken off")
    scan(page, "2", doubtful, until="STOP")
    assert "seal broken" in page.inner_text(".verdict-stop")
    scan(page, bulk, until="Mounted")
    page.goto(STATION)
    pass_without_network(page, range(81, 101))


def inspect(floor):
    """At AOI panel 80 goes on the red shelf until quality released the reel; a held board stops its panel until the hold is lifted."""
    page, doubtful = floor.anna, floor.packages[BULK][1]
    page.goto("/station/?step=AOI")
    scan(page, "P079", "PASS", until="Recorded")
    scan(page, "P080", until="Put it on the red shelf.")
    floor.eva.goto(f"/store/?code={doubtful}")
    fill(floor.eva, "Release it", reason="dried and measured")
    scan(page, "P080", until="OK")
    scan(page, "PASS", until="Recorded")
    floor.eva.goto("/holds/")
    fill(floor.eva, "Place the hold", what="G0100", reason="dropped in the rack")
    scan(page, "P025", until="G0100 is on hold: dropped in the rack")
    assert ask(floor.eva, "held") == (1, 0, 0)
    floor.eva.goto("/holds/H-1/")
    fill(floor.eva, "Lift the hold", reason="looked at, sound")
    scan(page, "P025", "PASS", until="Recorded")


def rework(floor):
    """One capacitor of board 5 comes from the second reel now."""
    page = floor.anna
    page.goto("/rework/")
    scan(page, "G0005")
    wait_until(page, "document.activeElement.id === 'refdes'")
    for text in (floor.positions[SPLICE][0], "", floor.packages[SPLICE][1], "cracked"):
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".verdict-ok:has-text('G0005')")


def put_into_boxes(floor):
    """Ten boxes are built, boards 237 to 246 go into them: four of the first lot, four of nobody knows which, two of the second."""
    page = floor.anna
    page.goto("/station/?step=BOX")
    for n in range(1, 11):
        scan(page, f"BOX-{n:02}", "PASS", until="Recorded")
    for n in range(1, 11):
        page.goto("/assembly/")
        scan(page, f"BOX-{n:02}", f"G{236 + n:04}", until="Recorded")
    scan(page, "G0246", until="STOP")
    assert "inside BOX-10 already" in page.inner_text(".verdict-stop")


def test_four_hundred_boards_on_the_screens(floor):
    receive_all(floor)
    plan(floor)
    placer_says(floor, range(1, 101))
    set_up(floor)
    build(floor)
    inspect(floor)
    rework(floor)
    put_into_boxes(floor)

    page, position = floor.eva, floor.positions[SPLICE][0]
    assert ask(page, "order:WO-GLASGOW -in:planned") == (400, 0, 0)
    # 60 panels, the panel of the splice, 39 panels; board 5 has one of the second reel too
    assert ask(page, f"lot:{FIRST}") == (240, 4, 0)
    assert ask(page, f"lot:{SECOND}") == (157, 4, 0)
    assert ask(page, "unit:G0241 lot:LOT-FIRST") == (0, 1, 0)
    assert ask(page, f"(lot:{FIRST} at:{position})") == (239, 4, 0)
    assert ask(page, f"ever:(lot:{FIRST} at:{position})") == (240, 4, 0)
    assert ask(page, f"lot:{DOUBTFUL}") == (4, 0, 0)
    # panels 79, 80 and 25
    assert ask(page, "passed:AOI") == (12, 0, 0)
    # boxes 1 to 4, and 5 to 8
    assert ask(page, f"contains:(lot:{FIRST})") == (4, 4, 0)
    page.goto("/unit/G0241/")
    assert "BOX-05" in page.inner_text("main")
