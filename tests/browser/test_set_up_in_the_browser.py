"""Setup in a real browser: by keyboard alone a machine is set up, an order of 20 units runs with a splice, and the numbers fit.

Counted by hand: boards 1 to 8 before the splice, a grey zone of 7 pieces at three a board, so boards 9, 10 and 11 may have either
reel, boards 12 to 20 have the new one.
"""

import pytest
from mounted_line import line
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served, wait_until  # noqa: F401


@pytest.fixture
def operator(served, chromium, load):  # noqa: F811
    """operator(script=True) -> a page of an operator beside the line."""
    from asbuilt.access.actions import accept_link, first_link, invite

    load(line())
    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, secret = invite(first, name="H. Brandt", roles=["operator"], code="045")
    accept_link(secret, name="H. Brandt", login="brandt", password=PASSWORD)
    opened = []

    def enter(script: bool = True):
        context = chromium.new_context(base_url=served, java_script_enabled=script)
        opened.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto("/sign-in/")
        page.focus("#login")
        page.keyboard.type("brandt")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{served}/")
        return page

    yield enter
    for context in opened:
        context.close()


def scan(page, *codes: str, until: str) -> None:
    """Scans, one after the other, into the field that has the focus; then a verdict that says so."""
    for code in codes:
        wait_until(page, "document.activeElement.id === 'scan'")
        with page.expect_navigation():
            page.keyboard.type(code)
            page.keyboard.press("Enter")
    page.wait_for_selector(f".verdict:has-text('{until}')")


def test_a_line_is_set_up_and_runs_by_keyboard_alone(operator):
    from asbuilt.access.actor import local_system
    from asbuilt.questions.genealogy.answering import answers

    page = operator()
    page.goto("/setup/")
    wait_until(page, "document.activeElement.id === 'order'")
    page.keyboard.type("WO")
    page.keyboard.press("Tab")
    page.keyboard.type("M1")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")  # the side: top
    with page.expect_navigation():
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    scan(page, "1", "R-1", until="Mounted")
    scan(page, "2", "C-1", until="The machine is ready.")
    setup, station = page.url, "/station/?step=SMT&side=top&machine=M1"
    page.goto(station)
    for n in range(1, 9):
        scan(page, f"B{n}", "PASS", until="Recorded")
    page.goto(setup)
    scan(page, "1", "R-1", "R-2", until="The next 7 pieces may be of either package.")
    page.goto(station)
    for n in range(9, 21):
        scan(page, f"B{n}", "PASS", until="Recorded")
    for lot, certain, possible in (("LR1", 8, 3), ("LR2", 9, 3), ("LC1", 20, 0)):
        found = answers.ask(local_system(1), f"lot:{lot}").as_dict()["affected"]
        assert found == {"certain": certain, "possible": possible, "unrecorded": 0}, lot
    page.goto(setup)
    scan(page, "1", "OFF", until="Taken off")


def test_a_stop_takes_the_focus_and_the_next_scan_still_goes_to_the_field(operator):
    page = operator()
    page.goto("/setup/?machine=M1&order=WO&side=top")
    scan(page, "1", "C-1", until="STOP")
    wait_until(page, "document.activeElement.getAttribute('role') === 'alert'")
    with page.expect_navigation():
        page.keyboard.type("R-60", delay=1)
        page.keyboard.press("Enter")
    page.wait_for_selector(".verdict-stop:has-text('There is no package R-60.')")


def test_by_hand_by_keyboard_alone(operator):
    page = operator()
    page.goto("/setup/by-hand/")
    wait_until(page, "document.activeElement.id === 'package'")
    for text in ("X-1", "X1 X2", "B1", "B4"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector(".verdict-ok:has-text('4 units')")
    page.wait_for_selector("#first:focus")


def test_without_script_it_works_too(operator):
    page = operator(script=False)
    page.goto("/setup/?machine=M1&order=WO&side=top&feeder=1")
    page.fill("#scan", "R-1")
    page.press("#scan", "Enter")
    page.wait_for_selector(".verdict-ok:has-text('Mounted')")


PLACES = (
    "/setup/", "/setup/?order=WO", "/setup/?machine=M1&order=WO&side=top", "/setup/?machine=M1&order=WO&side=top&feeder=1",
    "/setup/?machine=M1&order=WO&side=bottom", "/setup/?machine=M9&order=WO", "/setup/by-hand/",
)  # fmt: skip


def test_axe_finds_nothing(operator, tmp_path):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.gate.mounting import mount_package, splice_package
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    here = {"machine": "M1", "order": "WO", "side": "top"}
    mount_package(local_system(1), feeder="1", package="R-1", **here)
    splice_package(local_system(1), feeder="1", package="R-2", **here)
    mount_package(local_system(1), feeder="2", package="C-1", **here)
    quarantine_packages(local_system(1), packages=["C-1"], reason="cracks seen in the sample")
    page, said, found = operator(), [], []
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in PLACES:
        page.goto(place)
        found += faults(page)
    assert (found, said) == ([], [])


def test_the_setup_keeps_within_a_phone_in_every_language_of_the_floor(operator):
    """In German the column of what is left stood beside the screen."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.gate.mounting import mount_package

    here = {"machine": "M1", "order": "WO", "side": "top"}
    mount_package(local_system(1), feeder="1", package="R-1", **here)
    page, over = operator(), {}
    page.set_viewport_size({"width": 390, "height": 844})
    for language in ("en", "de", "pl", "fr"):
        page.set_extra_http_headers({"Accept-Language": language})
        page.goto("/setup/?machine=M1&order=WO&side=top")
        assert page.get_attribute("html", "lang") == language
        over[language] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over == dict.fromkeys(over, 0)
