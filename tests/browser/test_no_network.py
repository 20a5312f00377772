"""The network goes while people scan: what they scan is kept, shown, sent once in its order; what is refused then stays in sight.

Every count is of rows in the record, before and after; every scan is made with the network cut in a real browser.
"""

import pytest
from mounted_line import line
from playwright.sync_api import Error, expect
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served  # noqa: F401

GS, RS, EOT = "\x1d", "\x1e", "\x04"
TONES = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tones.push(this.frequency.value); return start.apply(this, when); };
"""


@pytest.fixture
def floor(served, chromium, home, load):  # noqa: F811
    """A page of H. Brandt, operator and quality lead, beside the placer M1; B20 is built and X1 takes boards in."""
    from asbuilt.access.actions import accept_link, first_link, give_roles, invite

    tables = line()
    board = {"revision": "A", "bom_version": "1"}
    tables["bom"].append({"product": "box", **board, "line": "1", "part": "CON", "quantity": "1", "refdes": "H1"})
    tables["orders"].append({"order": "WX", "product": "box", **board, "quantity": "2", "opened_at": "2026-03-01T08:00:00Z", "customer": ""})  # fmt: skip
    tables["units"] += [
        {"order": "WX", "serial": f"X{n}", "panel": "", "position": "", "state": "built"} for n in (1, 2)
    ]
    load(tables)
    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    give_roles(first, person=first.person, roles=["administrator", "operator"])
    _, secret = invite(first, name="H. Brandt", roles=["operator", "quality_lead"], code="045")
    accept_link(secret, name="H. Brandt", login="brandt", password=PASSWORD)
    context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(TONES)
    page = context.new_page()
    sign_in(page, "brandt")
    yield page
    context.close()


def sign_in(page, login):
    page.goto("/sign-in/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda address: "sign-in" not in address)


def scan(page, *codes, field="#scan"):
    """Into the field, then Enter; the field is empty again at once."""
    for code in codes:
        page.locator(field).press_sequentially(code)
        page.keyboard.press("Enter")
        expect(page.locator(field)).to_have_value("", timeout=PATIENCE_MS)


def scan_label(page, **said):
    """A wedge types a label: separators are keys with Control."""
    page.locator("#scan").press_sequentially("[)>")
    page.keyboard.press("Control+^")
    page.keyboard.type("06")
    for identifier, value in said.items():
        page.keyboard.press("Control+]")
        page.keyboard.type(f"{identifier.lstrip('_')}{value}")
    page.keyboard.press("Control+^")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")
    expect(page.locator("#scan")).to_have_value("", timeout=PATIENCE_MS)


def waits(page, count):
    expect(page.locator(".queue li")).to_have_count(count, timeout=PATIENCE_MS)


def rows(table, where="1 = 1"):
    from asbuilt.storage import reading

    return reading.fetch_one(f"SELECT count(*) FROM {table} WHERE tenant = 1 AND {where}")[0]


def back(page):
    """The network is back, and the browser finds out by itself."""
    page.context.set_offline(False)


def sent(page):
    expect(page.locator("[data-said]")).to_have_text("Everything is sent.", timeout=PATIENCE_MS)


def certain(question):
    from asbuilt.access.actor import local_system
    from asbuilt.questions.genealogy.answering.answers import ask

    return ask(local_system(1), question).affected.counts()["certain"]


def test_steps(floor):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.register.holds import hold

    hold(local_system(1), units=["B3"], reason="dropped in the rack")
    floor.goto("/station/?step=PRINT&side=top")
    floor.context.set_offline(True)
    scan(floor, "PASS")
    assert "scan the unit first" in floor.inner_text("[data-said]")
    scan(floor, "B1", "PASS", "B2", "pass", "B3", "PASS", "B4")
    waits(floor, 3)
    assert "B4" in floor.inner_text("[data-said]") and "waits" in floor.inner_text(".queue")
    assert rows("production_process_run") == 0
    back(floor)
    # B3 is on hold: it is refused once it is asked for, loudly, and stays in sight until a person has seen it
    stop = floor.locator(".queue-refused")
    expect(stop).to_contain_text("B3 PASS", timeout=PATIENCE_MS)
    expect(stop).to_contain_text("dropped in the rack")
    waits(floor, 0)
    assert floor.evaluate("window.tones.filter((one) => one === 220).length") == 6  # PASS without a unit; the refusal
    assert faults(floor) == []
    assert (rows("production_process_run"), certain("passed:PRINT unit:B1..B2")) == (2, 2)
    floor.goto("/setup/")
    stop.locator("button").click()
    expect(floor.locator(".queue")).to_be_hidden()
    floor.goto("/station/?step=PRINT&side=top")
    scan(floor, "B5")
    floor.wait_for_selector(".verdict h2:has-text('OK')")


def test_a_machine_is_set_up_and_its_units_pass_in_the_order_of_the_scans(floor):
    """R-1 and C-1 are mounted, then R-2 is spliced behind R-1; on the way back the network is gone at the station too."""
    station = floor.context.new_page()
    station.goto("/station/?step=SMT&side=top&machine=M1")
    floor.goto("/setup/?machine=M1&order=WO&side=top")
    floor.context.set_offline(True)
    scan(floor, "9")
    assert "9 is no feeder of this list" in floor.inner_text("[data-said]")
    scan(floor, "1", "R-1", "2", "C-1")
    waits(floor, 2)
    scan(station, "B1", "PASS", "B2", "PASS")
    scan(floor, "1", "R-3")
    assert "holds R-1" in floor.inner_text("[data-said]")
    scan(floor, "R-1", "R-2")
    waits(floor, 5)
    assert [text.split(" · ")[0] for text in floor.locator(".queue li").all_inner_texts()] == ["1", "2", "3", "4", "5"]
    assert rows("production_mount") == 0
    back(floor)
    waits(floor, 0)
    waits(station, 0)
    assert floor.locator(".queue-refused").count() == station.locator(".queue-refused").count() == 0
    assert (rows("production_mount"), rows("production_process_run")) == (3, 2)
    # both boards passed before the splice: they have the first reel, and the new one is there now
    assert (certain("lot:LR1"), certain("lot:LR2"), certain("lot:LC1")) == (2, 0, 2)
    floor.goto("/setup/?machine=M1&order=WO&side=top")
    assert "R-2" in floor.inner_text("tr:has-text('R1 R2 R3')")


def test_the_network_comes_back_between_two_scans(floor):
    floor.goto("/station/?step=PRINT&side=top")
    floor.context.set_offline(True)
    scan(floor, "B1")
    expect(floor.locator("[data-said]")).to_contain_text("Scanned: B1", timeout=PATIENCE_MS)
    back(floor)
    expect(floor.locator("[data-gone-say]")).to_be_hidden(timeout=PATIENCE_MS)
    scan(floor, "PASS")
    floor.wait_for_selector(".verdict-ok:has-text('B1 completed')")
    floor.goto("/setup/?machine=M1&order=WO&side=top")
    floor.context.set_offline(True)
    scan(floor, "1")
    expect(floor.locator("[data-said]")).to_contain_text("Feeder 1: scan the package.", timeout=PATIENCE_MS)
    back(floor)
    expect(floor.locator("[data-gone-say]")).to_be_hidden(timeout=PATIENCE_MS)
    scan(floor, "R-1")
    floor.wait_for_selector(".verdict-ok:has-text('Mounted')")
    assert (rows("production_process_run"), rows("production_mount")) == (1, 1)


def test_what_quality_stopped_meanwhile_is_refused_at_the_feeder(floor):
    from asbuilt.access.actor import local_system
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    floor.goto("/setup/?machine=M1&order=WO&side=top")
    floor.context.set_offline(True)
    scan(floor, "1", "R-1")
    quarantine_packages(local_system(1), packages=["R-1"], reason="cracks seen in the sample")
    scan(floor, "1", "OFF", "1", "R-2", "2", "C-1")
    waits(floor, 4)
    back(floor)
    stop = floor.locator(".queue-refused")
    # 1: the reel is in quarantine; 2: so nothing was there to take off; 3 and 4 are mounted
    expect(stop).to_have_count(2, timeout=PATIENCE_MS)
    waits(floor, 0)
    assert "1 R-1" in stop.nth(0).inner_text() and "cracks seen in the sample" in stop.nth(0).inner_text()
    assert "OFF R-1" in stop.nth(1).inner_text()
    assert rows("production_mount") == 2


def test_parts_placed_by_hand(floor):
    floor.goto("/setup/by-hand/?package=X-1&refdes=X1+X2")
    floor.context.set_offline(True)
    floor.fill("#last", "B3")
    scan(floor, "B1", field="#first")
    scan(floor, "B7", field="#first")
    waits(floor, 2)
    back(floor)
    sent(floor)
    assert [certain(f"lot:LX1 unit:{units}") for units in ("B1..B3", "B7", "B4..B6", "B8..B20")] == [3, 1, 0, 0]


def test_labels_at_goods_in(floor):
    """Two labels say all of it; one lacks its lot and is answered by a person; one is no label."""
    floor.goto("/goods-in/")
    before = rows("supply_package")
    floor.fill("#supplier", "")
    floor.fill("#delivery", "DN-7")
    floor.context.set_offline(True)
    scan_label(floor, _1P="M-RES", Q=2500, _1T="A1", _10D=2702)
    scan_label(floor, _1P="M-CAP", Q=1000)
    scan_label(floor, _1P="M-MCU", Q=500, _1T="B7", _10D=2702)
    scan(floor, "mumble")
    waits(floor, 4)
    assert floor.input_value("#delivery") == "DN-7" and rows("supply_package") == before
    back(floor)
    expect(floor.locator(".queue-asked")).to_have_count(1, timeout=PATIENCE_MS)
    expect(floor.locator(".queue-refused")).to_contain_text("mumble", timeout=PATIENCE_MS)
    # which reel got which number stays in sight until somebody has labelled it
    waits(floor, 2)
    assert "PK-000011 is RES." in floor.inner_text(".queue") and "PK-000012 is MCU." in floor.inner_text(".queue")
    assert rows("supply_package") == before + 2
    assert faults(floor) == []
    floor.set_viewport_size({"width": 1280, "height": 800})
    floor.click("text=Answer now")
    floor.fill("#f-lot_code", "C9")
    floor.fill("#f-date_code", "2703")
    floor.keyboard.press("Enter")
    floor.wait_for_url("**done=PK-000013**")
    expect(floor.locator(".queue-asked")).to_have_count(0)
    assert rows("supply_package") == before + 3
    for _ in range(3):
        floor.locator(".queue button:has-text('Seen')").first.click()
    expect(floor.locator(".queue")).to_be_hidden()


def test_rework_and_assembly(floor):
    floor.goto("/rework/?unit=B20")
    floor.context.set_offline(True)
    for name, text in (("refdes", "R1"), ("installed", "R-1"), ("reason", "cracked")):
        floor.fill(f"#{name}", text)
    floor.keyboard.press("Enter")
    waits(floor, 1)
    assert floor.input_value("#refdes") == "" and "B20" in floor.inner_text(".queue li")
    # another unit cannot be opened without the network, and the page says so; nothing is taken for the wrong unit
    floor.locator("#scan").press_sequentially("B1")
    floor.keyboard.press("Enter")
    expect(floor.locator("[data-said]")).to_contain_text("What you typed stays.", timeout=PATIENCE_MS)
    assert floor.input_value("#scan") == "B1" and "unit=B20" in floor.url
    back(floor)
    sent(floor)
    assert (rows("production_replacement"), certain("(lot:LR1 at:R1) unit:B20")) == (1, 1)
    floor.goto("/assembly/?unit=X1")
    floor.context.set_offline(True)
    floor.fill("#position", "1")
    scan(floor, "B20")
    floor.fill("#position", "2")
    scan(floor, "B20")
    waits(floor, 2)
    back(floor)
    expect(floor.locator(".queue-refused")).to_contain_text("B20 is inside X1 already", timeout=PATIENCE_MS)
    assert certain("inside:(unit:X1)") == 1


def test_a_page_that_needs_the_network_says_so_and_the_way_back_stays_open(floor):
    floor.goto("/store/")
    floor.context.set_offline(True)
    expect(floor.locator(".queue")).to_contain_text("This page needs it", timeout=PATIENCE_MS)
    floor.locator("#scan").press_sequentially("R-1")
    floor.keyboard.press("Enter")
    expect(floor.locator("[data-said]")).to_contain_text("What you typed stays.", timeout=PATIENCE_MS)
    assert floor.input_value("#scan") == "R-1"
    assert floor.evaluate("window.tones").count(220) == 3
    floor.locator(".floor-top a:has-text('At the line')").first.click()
    expect(floor.locator("[data-said]")).to_contain_text("The other page opens when it is back.", timeout=PATIENCE_MS)
    back(floor)
    expect(floor.locator("[data-gone-say]")).to_be_hidden(timeout=PATIENCE_MS)
    floor.focus("#scan")
    floor.keyboard.press("Enter")
    floor.wait_for_selector(".verdict-ok:has-text('R-1')")


def test_a_page_loaded_anew_without_a_network_keeps_what_waits(floor):
    floor.goto("/station/?step=PRINT&side=top")
    floor.context.set_offline(True)
    scan(floor, "B1", "PASS", "B2", "PASS")
    waits(floor, 2)
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        floor.reload()
    back(floor)
    floor.goto("/store/")  # any floor screen sends it
    sent(floor)
    assert rows("production_process_run") == 2
    floor.reload()
    floor.wait_for_timeout(500)
    assert rows("production_process_run") == 2


def test_an_answer_that_got_lost_is_asked_for_again_and_records_nothing_twice(floor):
    floor.goto("/station/?step=PRINT&side=top")
    floor.context.set_offline(True)
    scan(floor, "B1", "PASS")
    waits(floor, 1)
    lost = []

    def lose(route):
        lost.append(route.fetch())  # the server records it …
        if len(lost) == 1:
            route.abort()  # … and the answer never arrives
        else:
            route.fulfill(response=lost[-1])

    floor.route("**/station/queued/", lose)
    back(floor)
    sent(floor)
    assert len(lost) == 2 and rows("production_process_run") == 1


def test_scans_of_one_person_are_not_sent_as_another(floor):
    floor.goto("/station/?step=PRINT&side=top")
    floor.context.set_offline(True)
    scan(floor, "B1", "PASS")
    waits(floor, 1)
    floor.context.clear_cookies()
    back(floor)
    expect(floor.locator("[data-said]")).to_contain_text("sign in again", timeout=PATIENCE_MS)
    sign_in(floor, "ada")
    floor.goto("/station/?step=PRINT&side=top")
    expect(floor.locator(".queue li")).to_contain_text("waits for H. Brandt to sign in here", timeout=PATIENCE_MS)
    floor.wait_for_timeout(6_000)
    assert rows("production_process_run") == 0
    floor.context.clear_cookies()
    sign_in(floor, "brandt")
    floor.goto("/station/?step=PRINT&side=top")
    sent(floor)
    assert rows("production_process_run") == 1
