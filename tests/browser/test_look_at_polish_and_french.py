"""Floor screens in Polish and French in a real browser: chosen at the foot of the page, nothing cut, nothing wider than the window."""

import pytest
from test_look_at_the_floor import floor  # noqa: F401
from test_look_at_the_pages import WIDTHS, chromium, faults, served  # noqa: F401

SEEN = {
    "Polski": ("pl", "Gotowe", "Skanuj tutaj"),
    "Français": ("fr", "Fait", "Scanner ici"),
}
PLACES = ("/station/?step=PRINT&side=top&unit=B1", "/rework/?unit=B3")
# text that its box cuts, and buttons of more than two lines
CUT = """
  [...document.querySelectorAll("main button, main .btn, main label, main th, main .chip, header a, header summary, footer button")]
    .filter((one) => one.offsetParent && (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline"
      || one.matches("button, .btn") && one.getClientRects()[0].height > 3.2 * parseFloat(getComputedStyle(one).fontSize) + 40))
    .map((one) => one.textContent.trim())
"""


@pytest.mark.parametrize("language", SEEN)
def test_what_an_operator_presses_fits(floor, language):  # noqa: F811
    code, done, scan = SEEN[language]
    floor.goto("/station/")
    floor.locator("footer").get_by_role("button", name=language).click()
    floor.wait_for_selector(f"html[lang={code}]")
    assert floor.url.endswith("/station/"), "the choice keeps the page"
    found = []
    for place in PLACES:
        floor.goto(place)
        assert scan in floor.inner_text("label[for=scan]")
        for width, height in WIDTHS:
            floor.set_viewport_size({"width": width, "height": height})
            found += [(place, width, text) for text in floor.evaluate(CUT)]
            if floor.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((place, width, "wider than the window"))
    assert found == []
    floor.goto(PLACES[0])
    assert floor.get_by_role("button", name=done).is_visible() and faults(floor) == []
