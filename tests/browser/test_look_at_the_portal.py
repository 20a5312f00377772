"""The portal of a brand in a real browser, 390 and 1280 wide: axe finds nothing, nothing overflows; by keyboard alone from signing in to what
waits, and it is agreed to there.

The pictures of the documentation are this very page:  ASBUILT_PICTURES=docs/pictures script/test tests/browser/test_look_at_the_portal.py
"""

import json
import tempfile
from pathlib import Path

import pytest
from cast import PASSWORD, cast_home, entered, pages, serial, write_tables  # noqa: F401
from test_look_at_the_pages import PATIENCE_MS, chromium, faults, served  # noqa: F401
from test_refuse_at_packing import picture
from vulnerable_factory import MBEDTLS, Security, component, osv


@pytest.fixture
def home(cast_home, tmp_path):  # noqa: F811
    """The factory of the two brands; Alpina makes its lamp, which has a flaw in the field, and is asked to let a unit go."""
    from asbuilt.access.actor import local_system
    from asbuilt.built.exchange.actions import import_folder

    place, cast = cast_home
    role = {
        "product": "A-LAMP",
        "party": "ALPINA",
        "role": "manufacturer",
        "operator": "045",
        "happened_at": "2026-01-01T00:00:00Z",
    }
    conceded = {
        "codes": [serial("ALP", 11)],
        "allows": "test_missing",
        "reason": "The tester is away.",
        "until_at": "2099-01-01T00:00:00Z",
    }
    with entered(place, tmp_path / "cast") as copied, pages(), tempfile.TemporaryDirectory() as folder:
        write_tables(Path(folder) / "t", {"product_roles": [role]})
        import_folder(local_system(1), Path(folder) / "t")
        security = Security(local_system(1), Path(folder))
        security.sbom(component("mbedtls", "2.28.7"), product="A-LAMP", version="1.4.0")
        security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
        assert (
            cast.program("eva").post("/api/v1/concessions", json.dumps(conceded), "application/json").status_code == 201
        )
        yield copied


def test_a_brand_sees_its_products_and_agrees_by_keyboard(served, chromium):  # noqa: F811
    context, said = chromium.new_context(base_url=served), []
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    page.goto("/sign-in/")
    page.fill("#company", "main")
    page.fill("#login", "brand_a_reader")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.press("#password", "Enter")
    assert page.url == f"{served}/portal/"  # where its people arrive
    found = faults(page)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        picture(page, "portal")
    text = page.inner_text("main")
    assert (
        "Alpina Light" in text
        and MBEDTLS in text
        and "A-LAMP" in text
        and "SHIP-ALP-1" in text
        and "Boreal" not in page.content()
    )
    page.get_by_role("link", name="concession CON-1").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Agree").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():  # home again
        page.locator("a.brand").focus()
        page.keyboard.press("Enter")
    assert "Nothing waits for you." in page.inner_text("main")
    page.locator("main #q").focus()
    page.keyboard.type("product:A-LAMP")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "12" in page.inner_text("main")
    context.close()
    assert (found, said) == ([], [])
