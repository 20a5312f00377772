"""Asking in a real browser: completion by keyboard alone, axe on every page of the record, and all of it without script."""

import pytest
from boards_and_boxes import tables
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served, wait_until  # noqa: F401

PLACES = (
    "/", "/?q=lot:LB", "/?q=lot:LB+custmer:X", "/?q=shipment:S-9", "/?q=reworked+customer:Nordlicht", "/?q=lot:LA&as_of=2099-01-01",
    "/unit/B-02/", "/unit/B-10/", "/unit/X-1/", "/lot/LB/", "/lot/LA/", "/package/PK-B/", "/orders/", "/order/WB/", "/answers/",
)  # fmt: skip


@pytest.fixture
def engineer(served, chromium, load):  # noqa: F811
    """engineer(script=True) -> a page of an engineer over the small factory, behind the sign-in."""
    from asbuilt.access.actions import accept_link, first_link

    load(tables())
    accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
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


def test_axe_finds_nothing_on_the_pages_of_the_record(engineer):
    page, said, found = engineer(), [], []
    page.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in PLACES:
        page.goto(place)
        found += faults(page)
    fact = page.goto("/unit/B-02/") and page.locator("a[href^='/facts/']").first.get_attribute("href")
    page.goto(fact)
    found += faults(page)
    page.goto("/?q=lot:LB")
    page.get_by_role("button", name="Freeze this answer").click()
    page.wait_for_url("**/answers/*/")
    found += faults(page)
    assert (found, said) == ([], [])


def test_a_question_is_typed_by_keyboard_alone(engineer):
    page = engineer()
    page.wait_for_selector("#q:focus")
    page.keyboard.type("lo")
    page.wait_for_selector("#q-list [role=option]")
    page.keyboard.press("Tab")
    wait_until(page, "document.querySelector('#q').value === 'lot:'")
    page.keyboard.type("L")
    page.wait_for_selector("#q-list [data-text=LB]")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#q-list [data-text=LA][aria-selected=true]")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("#q-list [data-text=LB][aria-selected=true]")
    chosen = page.get_attribute("#q", "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "data-text") == "LB"
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.keyboard.press("Tab")
    wait_until(page, "document.querySelector('#q').value === 'lot:LB'")
    assert page.get_attribute("#q", "aria-expanded") == "false"
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=lot%3ALB**")
    assert page.locator("dd.n").all_inner_texts() == ["4", "2", "1"]


LATE = """
const quick = window.fetch;
window.fetch = async (...asked) => {
  const answer = await quick(...asked), text = answer.text.bind(answer);
  if (String(asked[0]).includes("q=lot%3A&")) {
    answer.text = async () => { window.waits = true; while (!window.letGo) await new Promise((go) => setTimeout(go, 10)); return text(); };
  }
  return answer;
};
"""


def test_a_list_whose_end_comes_late_does_not_take_the_place_of_what_was_typed_since(engineer):
    page = engineer()
    page.add_init_script(LATE)
    page.goto("/")
    page.wait_for_selector("#q:focus")
    page.keyboard.type("lot:")
    wait_until(page, "window.waits === true")
    page.keyboard.type("L")
    page.evaluate("window.letGo = true")
    page.wait_for_selector("#q-list [data-text=LB]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    wait_until(page, "document.querySelector('#q').value === 'lot:LB'")


def test_escape_closes_the_list_and_the_up_arrow_brings_earlier_questions(engineer):
    page = engineer()
    page.fill("#q", "in:stock")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=in%3Astock**")
    page.goto("/")
    page.wait_for_selector("#q:focus")
    page.keyboard.press("ArrowUp")
    wait_until(page, "document.querySelector('#q').value === 'in:stock'")


def test_every_code_leads_somewhere_from_any_page(engineer):
    page = engineer()
    for code, place in (
        ("B-01", "/unit/B-01/"),
        ("PK-B", "/package/PK-B/"),
        ("WB", "/order/WB/"),
        ("S-1", "/shipment/S-1/"),
    ):
        page.keyboard.press("Escape")
        page.fill("[data-find] input", code)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{place}**")


def test_asking_withdrawing_and_freezing_work_without_script(engineer):
    page = engineer(script=False)
    page.fill("#q", "lot:LB")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=lot%3ALB**")
    page.click("text=B-05")
    page.wait_for_url("**/unit/B-05/")
    page.locator("a[href^='/facts/']").first.click()
    page.fill("#w-reason", "mixed up")
    page.click("text=Withdraw this fact")
    # a click does not wait for the page that a form brings
    page.locator(".banner:visible").first.wait_for()
    page.goto("/?q=order:WX")
    page.click("text=Freeze this answer")
    page.locator("text=It rests at log head").wait_for()
