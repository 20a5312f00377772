"""The pages in a real browser: axe finds nothing, nothing overflows, keys and scanner work, and so does no script."""

import os
import shutil
import socket
import time
import urllib.request
from contextlib import contextmanager, suppress

import pytest
from forked import servers
from playwright.sync_api import Error as Gone
from playwright.sync_api import TimeoutError as NotInTime

WIDTHS = ((1280, 800), (390, 844))
PATIENCE_MS = 90_000  # two cores are shared with the rest of the suite
PASSWORD = "nine reels of solder"
WRONG = "party,name,roles,country\nA,First,ems,PL\nA,Second,ems,PL\nB,Third,juggler,PL\n"


def wait_until(page, expression: str) -> None:
    """Wait until an expression holds on a page. Playwright's own waiting evaluates inside the page from the second look on, which our CSP forbids."""
    for _ in range(PATIENCE_MS // 20):
        with suppress(Gone):  # a page that is being left
            if page.evaluate(expression):
                return
        page.wait_for_timeout(20)
    raise AssertionError(f"{page.url}: not in {PATIENCE_MS} ms: {expression}")


@contextmanager
def serving(env: dict):
    """The address of a server on a home, with its worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["gunicorn", "-k", "gthread", "--threads", "16", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    server = servers().serve([*command, "asbuilt.site.wsgi"], env)
    address = f"http://127.0.0.1:{port}"
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{address}/health/", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    try:
        yield address
    finally:
        server.stop()


@pytest.fixture
def served(home):
    """The address of a server on this test's home, with its worker."""
    with serving(home.env()) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium: the machine's where there is one, else Playwright's own."""
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; the record is still used from this one thread only
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        path = os.environ.get("ASBUILT_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


def signed_in(chromium, served: str, login: str, **options):
    """(context, page) of a person who signed in with a form and stands on the first page."""
    context = chromium.new_context(base_url=served, **options)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{served}/")
    return context, page


@pytest.fixture
def inside(served, chromium):
    """A page of the first administrator, who is an engineer too."""
    from asbuilt.access.actions import accept_link, first_link

    accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    context, page = signed_in(chromium, served, "ada")
    page.goto(f"{served}/import/")
    yield page
    context.close()


@contextmanager
def lead_and_engineer(served, chromium):
    """A signed-in page of the quality lead, and Eva, an engineer."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    people = []
    for name, role in (("ben", "quality_lead"), ("eva", "engineer")):
        _, link = invite(first, name=name, roles=[role], code=f"badge-{name}")
        people.append(accept_link(link, name=name, login=name, password=PASSWORD))
    context, page = signed_in(chromium, served, "ben")
    yield page, people[1]
    context.close()


def faults(page, schemes: tuple[str, ...] = ("light", "dark")) -> list:
    """What axe finds and what is wider than the window, at both widths, light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for width, height in WIDTHS:
        for scheme in schemes:
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(50)
            violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            found += [(page.url, width, scheme, one["id"], one["nodes"][0]["html"]) for one in violations]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((page.url, width, scheme, "wider than the window", ""))
    return found


def test_axe_finds_nothing_at_the_entrance(served, chromium, home):
    from asbuilt.access.actions import first_link

    page = chromium.new_context(base_url=served).new_page()
    page.set_default_timeout(PATIENCE_MS)
    found = []
    for place in ("/sign-in/", f"/welcome/{first_link()}/", "/welcome/asbl_1_never/"):
        page.goto(place)
        found += faults(page)
    assert found == []


def test_axe_finds_nothing_inside(inside, tmp_path):
    (tmp_path / "parties.csv").write_text(WRONG)
    said = []
    inside.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    found = []
    inside.set_input_files("#files", [tmp_path / "parties.csv"])
    inside.wait_for_selector("p.pager[role=status]")
    found += faults(inside)
    for place in ("/import/", "/log/", "/log/entries/1/", "/people/", "/people/1/", "/you/", "/nothing/"):
        inside.goto(place)
        found += faults(inside)
    inside.goto("/people/")
    inside.fill("#name", "H. Brandt")
    inside.check("input[value=operator]")
    with inside.expect_navigation():
        inside.get_by_role("button", name="Make the one-time link").click()
    found += faults(inside)
    assert (found, said) == ([], [])


def test_a_wrong_file_is_refused_under_the_eyes_of_who_dropped_it(inside, tmp_path):
    (tmp_path / "parties.csv").write_text(WRONG)
    inside.set_input_files("#files", [tmp_path / "parties.csv"])
    inside.wait_for_selector("text=juggler is none of")
    assert inside.locator("tbody tr").count() == 2
    inside.goto("/import/")
    assert inside.locator("text=Refused").count() == 1


def test_keys_and_scanner(inside):
    inside.goto("/you/")
    inside.keyboard.press("/")
    assert inside.evaluate("document.activeElement.name") == "code"
    inside.evaluate("document.activeElement.blur()")
    inside.keyboard.press("g")
    inside.wait_for_timeout(200)
    inside.keyboard.press("l")
    inside.wait_for_url("**/log/")
    inside.wait_for_timeout(200)
    # a scanner's pace, which key presses sent one by one from here do not reach on a busy machine
    inside.evaluate(
        "for (const key of [...'lg10842', 'Enter'])"
        " document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}))"
    )
    inside.wait_for_url("**/find/?code=lg10842")


def test_the_list_of_keys_and_their_switch(inside):
    inside.goto("/people/")
    inside.keyboard.press("?")
    inside.wait_for_selector("#keys[open]")
    assert faults(inside) == []
    inside.keyboard.press("Escape")
    inside.keyboard.press("a")
    inside.wait_for_selector("#q:focus")
    inside.goto("/log/")
    with inside.expect_download() as head:
        inside.keyboard.press("e")
    assert head.value.suggested_filename.endswith(".checkpoint")
    inside.goto("/you/")
    inside.uncheck("input[name=keys]")
    inside.get_by_role("button", name="Keep these settings").click()
    inside.goto("/log/")
    for key in ("?", "/", "a"):
        inside.keyboard.press(key)
    inside.wait_for_timeout(300)
    assert inside.url.endswith("/log/") and not inside.locator("#keys[open]").count()
    assert inside.evaluate("document.activeElement.tagName") == "BODY"


def chooser_by_enter(page):
    """The file chooser that Enter on the drop field opens; a loaded machine's Chromium lets a first key pass unheard."""
    for patience_ms in (5_000, 15_000, 60_000):
        page.bring_to_front()
        page.focus("#files")
        try:
            with page.expect_file_chooser(timeout=patience_ms) as chooser:
                page.keyboard.press("Enter")
            return chooser.value
        except NotInTime:
            continue
    raise AssertionError("Enter on the drop field opens no chooser")


def test_the_drop_field_is_one_button_and_says_what_was_refused_before_it_began(inside, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    chooser = chooser_by_enter(inside)
    assert not inside.get_by_role("button", name="Import these files").is_visible()
    chooser.set_files([tmp_path / "notes.txt"])
    inside.wait_for_selector("text=No table is among these files.")
    assert inside.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert not inside.locator("[data-busy]").is_visible()


def test_everything_works_without_script(served, chromium, tmp_path, home):
    from asbuilt.access.actions import accept_link, first_link

    accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    (tmp_path / "parties.csv").write_text("party,name,roles,country\nA,First,ems,PL\n")
    page = chromium.new_context(base_url=served, java_script_enabled=False).new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/import/")
    page.fill("#login", "ada")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.set_input_files("#files", [tmp_path / "parties.csv"])
    page.click("main form.drop button")
    for _ in range(30):
        if page.locator("text=All files are in.").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert page.locator("text=1 row in").count() == 1
    page.goto("/you/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/log/")
    assert "/sign-in/" in page.url
