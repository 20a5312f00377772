"""The packer's screen refuses a board of the solder story and says why, then takes a good one; and what quality sees of the same story: the
nonconformity beside what its boards have in common, yield, Pareto, a control chart, a board's tests. At 1280 and 390 pixels, by keyboard.

The pictures of the documentation are these very pages:  ASBUILT_PICTURES=docs/pictures script/test tests/browser/test_refuse_at_packing.py
"""

import json
import os
from pathlib import Path

import pytest
import solder_story as story
from cast import pages
from test_look_at_the_pages import PATIENCE_MS, WIDTHS, chromium, faults, served, wait_until  # noqa: F401

PICTURE_HEIGHT = 1800  # of a long page its beginning


@pytest.fixture
def factory(home, load, actor):
    """The story up to its nonconformity; this house has no bench for security."""
    from asbuilt.built.messages.file_groups import record_files

    with pages():
        made = story.opened(load, actor)
        story.WidgetFloor(actor, story.IMAGE)
        story.planned(made)
        story.received(made)
        story.programmed(made)
        story.built(made)
        story.inspected(made)
        results = [(f"{story.serial(n)}.json", story.functional_result(n)) for n in range(1, story.BOARDS + 1)]
        record_files(actor, [(name, json.dumps(said).encode()) for name, said in results], kind="")
        said = {"description": "Too little solder at C1", "source": "inspection", "severity": "major", "question": "test:AOI=fail",
                "held": True, "product": "WIDGET", "defect": "INSUFFICIENT"}  # fmt: skip
        made.post("eva", "nonconformities", said)
        made.post(
            "eva",
            "nonconformities/NCR-1/causes",
            {"method": "five_why", "place": "1", "cause": "C1 lies askew", "root": False},
        )
        action = {
            "kind": "corrective",
            "description": "New pawl in feeder 12",
            "owner": "badge-eva",
            "due_on": "2099-01-31",
        }
        made.post("eva", "nonconformities/NCR-1/actions", action)
        made.post(
            "eva",
            "nonconformities/NCR-1/dispositions",
            {"decision": "rework", "reason": "new capacitor by hand, tested again"},
        )
        yield made


@pytest.fixture
def signed_in(served, chromium, factory):  # noqa: F811
    """signed_in("pia") -> a page of hers."""
    contexts = []

    def made(who: str):
        context = chromium.new_context(base_url=served)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto("/sign-in/")
        page.fill("#login", who)
        page.fill("#password", "nine reels of solder")
        page.click("main button")
        page.wait_for_url(f"{served}/")
        return page

    yield made
    for context in contexts:
        context.close()


def picture(page, name: str) -> None:
    """A picture for the documentation, where somebody asked for it."""
    if folder := os.environ.get("ASBUILT_PICTURES"):
        page.emulate_media(color_scheme="light")
        width, height = page.viewport_size["width"], page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, PICTURE_HEIGHT)}
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True, clip=clip)


def scan(page, code: str) -> None:
    """As a scanner types: wherever the focus is, also on the STOP of the scan before."""
    wait_until(page, "document.activeElement.id === 'scan' || document.activeElement.getAttribute('role') === 'alert'")
    page.keyboard.type(code)
    assert page.input_value("#scan") == code
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_the_packers_screen_refuses_a_board_and_quality_sees_why(signed_in):
    _it_says_why_and_takes_a_good_one(signed_in)
    _quality_sees_what_it_has_in_common(signed_in)


def _it_says_why_and_takes_a_good_one(signed_in):
    packer = signed_in("pia")
    for (width, height), good in zip(WIDTHS, (101, 102), strict=True):
        packer.set_viewport_size({"width": width, "height": height})
        packer.goto("/packing/")
        packer.focus("#n-code")
        packer.locator("#n-code").press_sequentially(f"BOX-{width}")
        with packer.expect_navigation():
            packer.click("button:has-text('Open'):not([name])")
        scan(packer, story.serial(2))
        said = packer.inner_text(".verdict-stop")
        assert "STOP" in said
        for why in (
            "SN-2 is on hold",
            "NCR-1",
            "SN-2: The last test AOI failed.",
            "SN-2: The last test FCT failed.",
        ):
            assert why in said
        assert "H-1 is lifted by" in said and packer.inner_text("section.panel header .strong") == "0"
        assert not packer.evaluate("document.documentElement.scrollWidth > innerWidth")
        picture(packer, "packing-stop")
        scan(packer, story.serial(good))
        assert story.serial(good) in packer.inner_text(".verdict-ok") and "GO" in packer.inner_text(".verdict-ok")
        assert packer.inner_text("section.panel header .strong") == "1" and not packer.locator(".verdict-stop").count()
        picture(packer, "packing-go")
    assert faults(packer) == []


def _quality_sees_what_it_has_in_common(signed_in):
    lead = signed_in("ben")
    today = story.moment().date().isoformat()
    for name, place, says in (
        ("nonconformity", "/nonconformities/NCR-1/", ("Too little solder at C1", "contained", "20")),
        ("factors", "/factors/?failed=test:AOI%3Dfail&among=order:WO-7", ("12", "P1", "18", "42")),
        ("yield", f"/yield/?day={today}", ("90", "92")),
        ("defects", "/defects/?order=WO-7", ("INSUFFICIENT", "C1", "20")),
        ("spc", "/control/?step=FCT&name=ripple&machine=FCT-2", ("Cpk",)),
        ("unit-tests", "/unit/SN-2/tests/", ("INSUFFICIENT", "71.5", "0 to 50 mV", "SN-2-C1.png")),
    ):
        for width, height in WIDTHS:
            lead.set_viewport_size({"width": width, "height": height})
            lead.goto(place)
            said = lead.inner_text("main")
            assert all(word in said for word in says), (place, said)
            assert not lead.evaluate("document.documentElement.scrollWidth > innerWidth"), (place, width)
            picture(lead, name)
