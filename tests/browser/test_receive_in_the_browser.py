"""Goods-in, store and inspection in a real browser: a scanner's keystrokes, keyboard alone, both widths, axe, no script."""

import pytest
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served  # noqa: F401

GS, RS, EOT = "\x1d", "\x1e", "\x04"


@pytest.fixture
def receiver(served, chromium, load):  # noqa: F811
    """receiver(script=True) -> a page of an operator who is a quality lead too, over two parts."""
    from asbuilt.access.actions import accept_link, first_link, give_roles

    part = {"description": "", "manufacturer": "Microchip", "lifecycle": "active"}
    load(
        {
            "parties": [{"party": "DIGI", "name": "Digi", "roles": "supplier", "country": "US"}],
            "parts": [
                {**part, "part": "U-7", "mpn": "ATECC608B", "msl": "3"},
                {**part, "part": "U-8", "mpn": "KSZ8081", "msl": "1"},
            ],
        }
    )
    ada = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    give_roles(ada, person=ada.person, roles=["administrator", "quality_lead"])
    opened = []

    def enter(script: bool = True):
        context = chromium.new_context(base_url=served, java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/sign-in/")
        page.fill("#login", "ada")
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{served}/")
        return page

    yield enter
    for context in opened:
        context.close()


def scan(page, *fields: str) -> None:
    """A keyboard wedge: letters as keys, separators as Control-^, Control-] and Control-D, then Enter."""
    page.keyboard.type("[)>")
    page.keyboard.press("Control+^")
    page.keyboard.type("06")
    for field in fields:
        page.keyboard.press("Control+]")
        page.keyboard.type(field)
    page.keyboard.press("Control+^")
    page.keyboard.press("Control+d")
    page.keyboard.press("Enter")


def test_a_scanner_and_a_keyboard_are_enough(receiver):
    page = receiver()
    page.goto("/goods-in/")
    page.fill("#supplier", "DIGI")
    page.fill("#delivery", "DN-1")
    page.focus("#scan")
    scan(page, "1PATECC608B", "Q1000")
    page.wait_for_selector("#f-lot_code")
    # the cursor stands where something is missing
    page.wait_for_selector("#f-lot_code:focus")
    page.keyboard.type("2EKQ7")
    page.keyboard.press("Tab")
    page.keyboard.type("2701")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=PK-000001**")
    assert "PK-000001 is U-7." in page.inner_text(".verdict-ok")
    page.wait_for_selector("#scan:focus")
    assert page.input_value("#delivery") == "DN-1"
    # a whole label: one scan and Enter
    scan(page, "1PKSZ8081", "Q2500", "1TB7", "10D2702")
    page.wait_for_selector("text=Receive this package")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=PK-000002**")


def test_what_looks_wrong_is_confirmed_by_keyboard(receiver):
    page = receiver()
    page.goto("/goods-in/")
    scan(page, "1PATECC608B", "Q478", "1TA1", "10D2701")
    page.wait_for_selector("text=478 pieces is no usual pack size")
    page.focus("input[type=checkbox][name=confirmed]")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=PK-000001**")


def test_axe_finds_nothing_and_nothing_is_too_wide(receiver):
    page, said, found = receiver(), [], []
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    page.goto("/goods-in/")
    found += faults(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/goods-in/")
    page.focus("#scan")
    scan(page, "1PATECC608B", "Q478")
    page.wait_for_selector("#f-lot_code")
    found += faults(page)
    page.fill("#f-lot_code", "A1")
    page.fill("#f-date_code", "2701")
    page.check("input[type=checkbox][name=confirmed]")
    page.click("text=Receive this package")
    page.wait_for_url("**done=PK-000001**")
    found += faults(page)
    for place in (
        "/goods-in/?by_hand=1", "/store/", "/store/?code=PK-000001", "/store/?code=NONE", "/inspection/",
        "/inspection/?package=PK-000001", "/deliveries/",
    ):  # fmt: skip
        page.goto(place)
        found += faults(page)
    page.goto("/inspection/")
    page.click("summary:has-text('Plan an inspection')")
    page.check("input[name=checks][value=marking]")
    page.click("text=Plan it")
    page.wait_for_selector("text=ISO 2859-1")
    page.goto("/inspection/?package=PK-000001")
    page.click("summary:has-text('Further checks')")
    found += faults(page)
    assert (found, said) == ([], [])


def test_it_works_without_script(receiver):
    page = receiver(script=False)
    page.goto("/goods-in/?by_hand=1&supplier=DIGI")
    for name, value in (
        ("part", "U-7"),
        ("mpn", "ATECC608B"),
        ("lot_code", "A1"),
        ("date_code", "-"),
        ("quantity", "1000"),
    ):
        page.fill(f"#f-{name}", value)
    page.click("text=Receive this package")
    page.wait_for_url("**done=PK-000001**")
    page.goto("/store/?code=PK-000001")
    page.click("button[value=opened]")
    page.wait_for_selector("text=open at the floor")
    page.fill("#reason", "bag is torn")
    page.click("text=Put it into quarantine")
    page.locator(".verdict-stop").wait_for()


def test_what_was_received_fits_a_phone(receiver, load):
    lot = {"package_kind": "reel", "mpn": "ATECC608B-MAHDA-T", "manufacturer": "Microchip", "supplier": "DIGI", "date_code": "2627",
           "quantity": "10000", "received_at": "2026-09-01T08:00:00Z", "delivery": "", "coc": "", "status": "quarantine"}  # fmt: skip
    page = receiver()
    load(
        {
            "lots": [
                {"package": f"PK-{n:06}", "part": "U-7", "lot_code": f"LOT-X770412-{n:06}", **lot} for n in range(12)
            ]
        },
        "lots",
    )
    for place in ("/goods-in/", "/store/", "/inspection/", "/deliveries/"):
        page.goto(place)
        assert faults(page) == []
