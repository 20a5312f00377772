"""Holds and the floor screens in a real browser: axe finds nothing at both widths, and a scanner alone takes a unit through a step."""

import pytest
from line_and_box import factory
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in, wait_until  # noqa: F401


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
    context, page = signed_in(chromium, served, "brandt")
    yield page
    context.close()


TONES = """
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.tones.push(this.frequency.value); return start.apply(this, when); };
"""
# a screen, what is scanned there into which field, and what the stop says
REFUSALS = (
    ("/station/?step=PRINT&side=top", "#scan", "B3", "dropped in the rack"),
    ("/setup/?machine=P%261&order=WO", "#order", "NO-ORDER", "There is no order"),
    ("/setup/by-hand/?package=R1&refdes=R1", "#first", "B99", "B99"),
    ("/rework/", "#scan", "B99", "B99"),
    ("/assembly/?unit=X1", "#scan", "B3", "dropped in the rack"),
    ("/goods-in/", "#scan", "mumble", "STOP"),
    ("/store/", "#scan", "NONE", "NONE"),
    ("/holds/", "#u", "B3", "dropped in the rack"),
)
TABLETS = ((1280, 800), (800, 1280))
BIG_PX, THUMB_PX = 24, 44


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
        wait_until(floor, "document.activeElement.id === 'scan' || document.querySelector('[role=alert]')")
        floor.locator("#scan").press_sequentially(code)
        floor.keyboard.press("Enter")
        floor.wait_for_selector(f".verdict h2:has-text('{seen}')")
    floor.goto("/unit/B1/")
    assert "PRN-1" in floor.content()


def test_a_refusal_is_seen_and_heard_on_every_floor_screen_of_a_tablet(floor):
    """Three low tones, and letters to be read at arm's length; what is tapped is as high as a thumb, both ways up."""
    floor.context.add_init_script(TONES)
    for width, height in TABLETS:
        floor.set_viewport_size({"width": width, "height": height})
        for place, field, code, said in REFUSALS:
            floor.goto(place)
            floor.locator(field).press_sequentially(code)
            with floor.expect_navigation():
                floor.keyboard.press("Enter")
            stop = floor.locator("[role=alert]")
            assert said in stop.inner_text(), place
            assert floor.evaluate("window.tones") == [220, 220, 220], place
            assert (
                float(stop.locator(".say").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")) >= 20
            ), place
            assert stop.locator("h2").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= BIG_PX, place
            small = floor.evaluate(
                f"[...document.querySelectorAll('main :is(button, input:not([type=hidden], [type=checkbox]), select)')]"
                f".filter((one) => one.offsetParent && one.offsetHeight < {THUMB_PX}).map((one) => one.id || one.textContent)"
            )
            assert small == [] or place == "/holds/", (place, width, small)
            assert not floor.evaluate("document.documentElement.scrollWidth > innerWidth"), (place, width)


def test_a_scanner_ends_each_code_with_enter_and_fills_rework_field_by_field(floor):
    floor.goto("/rework/")
    floor.locator("#scan").press_sequentially("B1")
    floor.keyboard.press("Enter")
    floor.wait_for_selector("#refdes:focus")
    for code in ("R1", "R1", "R2"):
        floor.keyboard.type(code)
        floor.keyboard.press("Enter")
    floor.wait_for_selector("#reason:focus")
    floor.keyboard.type("solder bridge")
    floor.keyboard.press("Enter")
    floor.wait_for_selector(".verdict-ok:has-text('B1')")
    floor.goto("/unit/B1/")
    assert "R1 replaced" in floor.content()
