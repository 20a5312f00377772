"""Holds and the floor screens in a real browser: axe finds nothing at both widths, and a scanner alone takes a unit through a step."""

import pytest
from line_and_box import factory
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served  # noqa: F401


@pytest.fixture
def floor(served, chromium, home, load):  # noqa: F811
    """A page of a quality lead beside the line, with a hold placed and a routing in force."""
    from asbuilt.access.actions import accept_link, first_link, invite
    from asbuilt.access.actor import local_system
    from asbuilt.answers.register.holds import hold

    load(factory())
    hold(local_system(1), units=["B3"], reason="dropped in the rack")
    hold(local_system(1), question="lot:LR1 -unit:B1..B6", reason="marking differs from the sample")
    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, secret = invite(first, name="H. Brandt", roles=["quality_lead"])
    accept_link(secret, name="H. Brandt", login="brandt", password=PASSWORD)
    context = chromium.new_context(base_url=served)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#login", "brandt")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{served}/")
    yield page
    context.close()


PLACES = (
    "/holds/", "/holds/?unit=B3", "/holds/H-1/", "/holds/H-2/", "/unit/B3/", "/lot/LR1/", "/order/WO/", "/station/",
    "/station/?step=PRINT&side=top&machine=PRN-1", "/station/?step=PRINT&side=top&unit=B1", "/station/?step=PRINT&side=top&unit=B3",
    "/station/?step=SMT&side=top&unit=P1", "/rework/", "/rework/?unit=B3", "/assembly/", "/assembly/?unit=X1", "/order/WO/traveller/",
)  # fmt: skip


def test_axe_finds_nothing_on_the_floor(floor):
    said, found = [], []
    floor.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in PLACES:
        floor.goto(place)
        found += faults(floor)
    assert (found, said) == ([], [])


def test_a_scanner_alone_takes_a_unit_through(floor):
    floor.goto("/station/?step=PRINT&side=top&machine=PRN-1")
    for code, seen in (("B1", "OK"), ("PASS", "Recorded"), ("B3", "STOP"), ("B2", "OK"), ("FAIL", "Recorded")):
        floor.wait_for_function("document.activeElement.id === 'scan' || document.querySelector('[role=alert]')")
        floor.locator("#scan").press_sequentially(code)
        floor.keyboard.press("Enter")
        floor.wait_for_selector(f".verdict h2:has-text('{seen}')")
    floor.goto("/unit/B1/")
    assert "PRN-1" in floor.content()


def test_what_is_scanned_without_a_network_is_kept_shown_and_sent_once(floor, actor):
    from playwright.sync_api import expect

    from asbuilt.questions.genealogy.answers import ask
    from asbuilt.storage import reading

    recorded = "SELECT count(*) FROM production_process_run WHERE tenant = 1"
    before = reading.fetch_one(recorded)[0]
    floor.goto("/station/?step=PRINT&side=top&machine=PRN-1")
    kept = floor.locator(".queue li")

    def scan(*codes):
        for code in codes:
            floor.locator("#scan").press_sequentially(code)
            floor.keyboard.press("Enter")
            expect(floor.locator("#scan")).to_have_value("", timeout=PATIENCE_MS)

    floor.context.set_offline(True)
    scan("B1", "PASS", "B2", "pass", "B3", "PASS", "B4")
    expect(kept).to_have_count(3)
    assert "B4" in floor.inner_text(".queue [data-said]") and "waits" in floor.inner_text(".queue")
    assert reading.fetch_one(recorded)[0] == before
    floor.context.set_offline(False)
    # B3 is on hold: it is refused once it is asked for, and stays in sight until a person has seen it
    expect(kept).to_have_count(1, timeout=PATIENCE_MS)
    expect(kept).to_contain_text("dropped in the rack", timeout=PATIENCE_MS)
    assert faults(floor) == []
    assert reading.fetch_one(recorded)[0] == before + 2
    assert ask(actor, "passed:PRINT unit:B1..B2").affected.counts()["certain"] == 2
    floor.goto("/station/?step=PRINT&side=top&machine=PRN-1")
    kept.locator("button").click()
    expect(kept).to_have_count(0)
    # connected again it goes on as ever
    floor.locator("#scan").press_sequentially("B5")
    floor.keyboard.press("Enter")
    floor.wait_for_selector(".verdict h2:has-text('OK')")
