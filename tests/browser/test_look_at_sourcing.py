"""Sourcing in a real browser: axe finds nothing at both widths, a notice is amended and decided about with the keyboard alone."""

import pytest
import sourcing_floor
from test_look_at_the_pages import WIDTHS, chromium, faults, lead_and_engineer, served, signed_in  # noqa: F401


@pytest.fixture
def lead(served, chromium, home, load):  # noqa: F811
    """A page of the quality lead, and Eva, who takes notices and compares parts."""
    load(sourcing_floor.tables())
    with lead_and_engineer(served, chromium) as both:
        yield both


def records(eva) -> None:
    """A notice, a sheet with a run, a deviation and a review with a finding."""
    from asbuilt.answers.gate.deviating import propose_deviation
    from asbuilt.answers.gate.qualifying import start_run
    from asbuilt.designed.changes.qualifying.actions import alternates, reviewing
    from asbuilt.designed.changes.sourcing.actions import take_smart_pcn
    from asbuilt.ledger import clock

    take_smart_pcn(eva, content=sourcing_floor.pcn(), name="PCN-17.pcn")
    alternates.open_sheet(eva, part="WIFI", title="Wi-Fi module", notice="CN-1")
    for mpn, role, boot in (("W-1", "current", "yes"), ("W-2", "alternate", "no")):
        said = {"secure_boot": boot, "tls": "1.2, 1.3"}
        alternates.state_candidate(eva, sheet="ALT-1", mpn=mpn, maker="Radio", role=role, properties=said)
    start_run(eva, sheet="ALT-1", mpn="W-2", order="WO-Q", criteria=sourcing_floor.CRITERIA, why="W-1 ends")
    until = clock.now() + 86_400_000_000
    propose_deviation(
        eva, product="gateway", order="WO-2", kind="process", subject="P7", why="oven 2 is down", until_at=until
    )
    reviewing.open_review(eva, product="gateway", revision="A", title="before the pilot")
    said = {
        "verdict": "finding",
        "words_said": "SWD stays open",
        "refdes": ["U1"],
        "action": "cover it",
        "owner": "045",
    }
    reviewing.answer_point(eva, review="DR-1", point="sec.debug", **said)


def test_axe_finds_nothing_and_the_keyboard_is_enough(lead):
    page, eva = lead
    said, found = [], []
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    records(eva)
    for place in (
        "/change-notices/", "/change-notice/CN-1/", "/life-cycles/", "/alternates/", "/alternates/ALT-1/", "/qualification-run/QR-1/",
        "/deviations/", "/deviations/DEV-1/", "/design-reviews/", "/design-reviews/DR-1/",
    ):  # fmt: skip
        page.goto(place)
        found += faults(page)
    assert (found, said) == ([], [])

    page.goto("/change-notice/CN-1/")
    assert page.input_value("#a-f") == "2640"  # what the maker's words name is offered, not taken
    page.focus("#a-w")
    page.keyboard.type("by phone")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "part:W-1 datecode:>=2640" in page.inner_text("main")
    page.focus("#d-w")
    page.keyboard.type("enough in stock")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "enough in stock" in page.inner_text("main")


def test_in_german_nothing_is_wider_than_the_window_and_no_word_stays_english(lead, served, chromium):  # noqa: F811
    """A quality lead's bar holds thirteen places, and German ones are long."""
    _page, eva = lead
    records(eva)
    context, page = signed_in(chromium, served, "ben", locale="de-DE")
    wide = []
    for place in (
        "/change-notice/CN-1/",
        "/alternates/ALT-1/",
        "/qualification-run/QR-1/",
        "/deviations/DEV-1/",
        "/design-reviews/DR-1/",
    ):
        page.goto(place)
        for width, height in WIDTHS:
            page.set_viewport_size({"width": width, "height": height})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append((place, width))
    assert wide == []
    page.goto("/alternates/ALT-1/")
    boot = page.locator("tr", has_text="Secure Boot, in Hardware verankert").inner_text().split()
    assert "ja" in boot and "nein" in boot and "yes" not in boot
    page.goto("/design-reviews/DR-1/")
    assert "Befund" in page.locator("tr", has_text="sec.debug").inner_text()
    context.close()
