"""Changes in a real browser: axe finds nothing at both widths, an ECO is asked for, decided and bounded with the keyboard alone."""

import change_floor
import pytest
from test_look_at_the_pages import chromium, faults, lead_and_engineer, served  # noqa: F401


@pytest.fixture
def lead(served, chromium, home, load):  # noqa: F811
    """A page of the quality lead, and Eva, who proposes."""
    load(change_floor.tables())
    with lead_and_engineer(served, chromium) as both:
        yield both


def test_axe_finds_nothing_and_the_keyboard_is_enough(lead):
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, ask_for, propose_eco

    page, eva = lead
    said, found = [], []
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    page.goto("/ecos/")
    found += faults(page)
    code = propose_eco(
        eva, title="A module of another maker, " * 5, why="PCN 2026-17 of the maker", products=["board", "box"]
    )
    change = {"product": "board", "subject": ["A"], "kind": "bom", "old": "1", "new": "2"}
    add_change(eva, eco=code, **change)
    add_change(
        eva,
        eco=code,
        product="board",
        kind="process",
        subject=["REFLOW", "top", "program"],
        old="PROFILE-7",
        new="PROFILE-8",
    )
    ask_for(eva, eco=code, what="qualification run of 60 units with environmental tests")
    page.goto(f"/eco/{code}/")
    found += faults(page)
    change_floor.assess(eva, code, same_tls="no")
    for place in (
        f"/eco/{code}/",
        "/ecos/",
        "/bom-compare/",
        "/bom-compare/?product=board&revision=A&old=1&new=2",
        "/bom-compare/?product=board&revision=A&old=1&new=9",
    ):
        page.goto(place)
        found += faults(page)
    assert (found, said) == ([], [])

    page.goto("/ecos/")
    page.focus("#p-p")
    for text in ("board", "REFLOW", "top"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # the profile is what is offered first
    page.keyboard.type("PROFILE-7")
    page.keyboard.press("Tab")
    page.keyboard.type("validated")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "PROFILE-7" in page.inner_text("main")
    page.goto(f"/eco/{code}/")
    page.focus("#d-w")
    page.keyboard.type("the stock is used up")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "the stock is used up" in page.inner_text("main") and "badge-ben" in page.inner_text("main")
    page.focus("#u-v")
    page.keyboard.type("N1")
    page.keyboard.press("Tab")
    page.keyboard.type("w")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "is not approved" in page.inner_text("main")  # psirt, Halden and Alpina have not agreed
