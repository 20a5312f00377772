"""Programming in a real browser: a reel is programmed by scanner alone, numbers fit, axe finds nothing at both widths."""

import pytest
from preprogrammed_line import V10, V11, came, line_floor  # noqa: F401
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served, wait_until  # noqa: F401


@pytest.fixture
def engineer(served, chromium, line_floor):  # noqa: F811
    """engineer() -> a page of an engineer beside the programmer."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, secret = invite(first, name="E. Kern", roles=["engineer"], code="045")
    accept_link(secret, name="E. Kern", login="kern", password=PASSWORD)
    opened = []

    def enter(script: bool = True):
        context = chromium.new_context(base_url=served, java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/sign-in/")
        page.fill("#login", "kern")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url(f"{served}/")
        return page

    yield enter
    for context in opened:
        context.close()


def scanned(page, field: str, code: str, until: str) -> None:
    wait_until(page, f"document.activeElement.id === '{field}'")
    with page.expect_navigation():
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    page.wait_for_selector(f".verdict:has-text('{until}')")


@pytest.mark.parametrize("script", [True, False])
def test_by_scanner_alone(engineer, line_floor, script):  # noqa: F811
    line_floor.opened(read_backs=2)
    page = engineer(script)
    page.goto("/programming/")
    if not script:
        page.focus("#scan")
        page.keyboard.type("U-1")
        page.keyboard.press("Enter")
        page.wait_for_selector(".verdict:has-text('Ordered')")
        return
    scanned(page, "scan", "U-1", "Ordered")
    scanned(page, "machine", "GANG-1", "0 of 2 samples read back.")
    scanned(page, "sha256", V11, "1 of 2 samples read back.")
    scanned(page, "sha256", V11, "2 of 2 samples read back.")
    with page.expect_navigation():
        page.click("text=Passed: the package is programmed")
    page.wait_for_selector(".verdict-ok:has-text('board app 1.1.0')")


def test_a_wrong_sample_takes_the_focus(engineer, line_floor):  # noqa: F811
    line_floor.opened(read_backs=2)
    line_floor.done()
    page = engineer()
    page.goto("/programming/?code=PG-1")
    scanned(page, "sha256", V10, "STOP")
    wait_until(page, "document.activeElement.getAttribute('role') === 'alert'")


PLACES = ("/programming/", "/programming/?code=PG-1", "/programming/?code=PG-2", "/programming/?code=PG-3", "/programming/?code=U-4",
          "/programming/?code=NONE", "/field-reports/", "/unit/B1/", "/product/board/")  # fmt: skip


def test_axe_finds_nothing(engineer, line_floor, load):  # noqa: F811
    line_floor.opened("U-1")
    line_floor.opened("U-2")
    line_floor.done("PG-2")
    line_floor.read("PG-2", sha256=V10)
    line_floor.opened("U-3", read_backs=1)
    line_floor.done("PG-3")
    line_floor.read("PG-3")
    line_floor.closed("PG-3")
    material = {
        "order": "WO",
        "refdes": "U1",
        "package": "U-3",
        "first_serial": "B1",
        "last_serial": "B5",
        "certainty": "certain",
    }
    field = came("", "1.0.0", source="field") | {"serial": "B1"}
    load(
        {
            "materials": [material | {"machine": "", "feeder": "", "happened_at": field["happened_at"]}],
            "programming": [field],
        },
        "more",
    )
    page = engineer()
    found = {place: what for place in PLACES for what in [(page.goto(place), faults(page))[1]] if what}
    assert found == {}


@pytest.mark.parametrize("language", ["en", "de"])
def test_nothing_is_wider_than_a_phone(engineer, line_floor, language):  # noqa: F811
    line_floor.opened("U-1")
    line_floor.opened("U-2")
    line_floor.done("PG-2")
    line_floor.read("PG-2", sha256=V10)
    page = engineer()
    page.context.set_extra_http_headers({"Accept-Language": language})
    page.set_viewport_size({"width": 390, "height": 844})
    for place in PLACES:
        page.goto(place)
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), place
        cut = page.evaluate(
            "[...document.querySelectorAll('.verdict *')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth).length"
        )
        assert cut == 0, place
