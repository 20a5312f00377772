"""Board map and record level in a real browser: axe finds nothing at both widths, and the board is walked by keys."""

import pytest
import real_board
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401


@pytest.fixture
def inside(served, chromium, home, load, actor, shared_data):  # noqa: F811
    """A page of an engineer, with forty real boards recorded."""
    from asbuilt.access.actions import accept_link, first_link
    from asbuilt.designed.catalog.actions import set_record_demand

    real_board.build(load, actor, shared_data)
    set_record_demand(actor, **real_board.NAMED, material="M4", process="P2", agreed_in="QP-12")
    accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    context, page = signed_in(chromium, served, "ada")
    yield page
    context.close()


PLACES = (
    "/unit/G011/", "/unit/G035/?map=certainty&side=top&zoom=4&at=R12", "/order/WO-G/", "/order/WO-G/?map=lots", "/product/GLASGOW/",
    "/product/GLASGOW/record/",
)  # fmt: skip


def test_axe_finds_nothing_on_the_board(inside):
    said, found = [], []
    inside.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in PLACES:
        inside.goto(place)
        found += faults(inside)
    assert (found, said) == ([], [])


def test_the_board_is_walked_by_keys(inside):
    inside.goto("/unit/G011/")
    assert inside.locator("[data-board]").first.locator("a[tabindex='0']").count() == 1
    inside.locator("[data-board]").first.locator("a[tabindex='0']").focus()
    first = inside.locator("[data-board-says]").text_content()
    assert ":" in first
    seen = {first}
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"):
        inside.keyboard.press(key)
        seen.add(inside.locator("[data-board-says]").text_content())
    assert len(seen) > 2
    inside.keyboard.press("+")
    inside.wait_for_url("**zoom=2**")
    assert inside.locator("[data-board]").count() == 1
    inside.locator("[data-board] a[tabindex='0']").focus()
    inside.keyboard.press("Enter")
    inside.wait_for_url("**#bm-*")
