"""Report, its copying page and Coordinators in a real browser: axe finds nothing, nothing overflows; a report is copied by keys alone, and by
hand where no script runs."""

import pytest
from case_floor import AT, TABLES
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served, signed_in, wait_until  # noqa: F401

WHICH = {"duty": "cra.aev", "stage": "early_warning"}
PLACE = "/case/C-1/report/cra.aev/early_warning/"


@pytest.fixture
def case(load, actor, monkeypatch):
    """An exploited vulnerability of OWN-1 and of a second product of ours, with a frozen answer that was overtaken since a person wrote."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying
    from asbuilt.answers.cases.reporting.actions.writing import fill
    from asbuilt.answers.cases.reporting.coordinator import determine

    load(TABLES)
    code = opening.open_case(actor, kind="aev", title="Remote takeover through the update client of two products")
    saying.add_product(actor, case=code, product="OWN-1")
    saying.add_product(actor, case=code, product="LOOSE", role="manufacturer", manufacturer="OW")
    saying.state_moment(actor, case=code, moment="aware_at", at=AT, why="logs")
    first = deciding.freeze(actor, case=code, question="order:WO-1", why="w")
    texts = {
        "member_states": "AT, DE",
        "product_version": "2.3.1\n---\n1.0",
        "title": "x" * 300,
        "sensitivity": "TLP:AMBER",
    }
    fill(actor, case=code, **WHICH, texts=texts, why="by hand")
    deciding.freeze(actor, case=code, question="order:WO-1 or order:WO-2", why="more", supersedes=first)
    saying.state_measure(actor, case=code, kind="mitigating", at=AT + 1, why="Switch remote maintenance off.")
    determine(
        actor, manufacturer="OW", member_state="DE", rule="main_establishment", csirt="BSI", why="Dresden decides"
    )
    return code


@pytest.fixture
def psirt(served, chromium, home, case):  # noqa: F811
    """A page of somebody of product security."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Cara Novak", roles=["psirt"])
    accept_link(link, name="Cara Novak", login="cara", password=PASSWORD)
    context, page = signed_in(chromium, served, "cara", permissions=["clipboard-read", "clipboard-write"])
    yield page
    context.close()


def test_axe_finds_nothing(psirt):
    said, found = [], []
    psirt.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in (PLACE, f"{PLACE}copy/", "/coordinators/", "/coordinators/?manufacturer=HAL", "/case/C-1/"):
        psirt.goto(place)
        found += faults(psirt)
    assert (found, said) == ([], [])


def test_a_time_of_the_timeline_keeps_clear_of_what_happened_then(psirt):
    times = "[...document.querySelectorAll('.tl-moments > li > time')]"
    for width in (1280, 390):
        psirt.set_viewport_size({"width": width, "height": 900})
        psirt.goto("/case/C-1/")
        assert psirt.evaluate(f"{times}.length") > 5
        assert psirt.evaluate(f"{times}.filter(time => time.scrollWidth > time.clientWidth).length") == 0


def test_a_report_is_copied_by_keys_and_what_was_copied_stays_marked(psirt):
    psirt.goto(f"{PLACE}copy/")
    cells = psirt.locator("[data-copy]").count()
    psirt.keyboard.press("c")
    wait_until(psirt, "document.querySelector('[data-copy-left]').textContent.startsWith('1 /')")
    assert psirt.evaluate("navigator.clipboard.readText()") == "vulnerability"
    # the focus is at the next button: Enter copies it, and so on
    psirt.keyboard.press("Enter")
    wait_until(psirt, f"document.querySelector('[data-copy-left]').textContent === '2 / {cells}'")
    assert psirt.evaluate("navigator.clipboard.readText()") == "x" * 300
    psirt.reload()
    assert psirt.locator("[data-copied]:visible").count() == 2
    psirt.get_by_role("button", name="Take all marks off").click()
    assert psirt.locator("[data-copied]:visible").count() == 0
    # two products, one after the other, in the order of the form
    names = psirt.locator("section.copy h2").all_inner_texts()
    blocks = [name for name in names if name.startswith(("6 ", "7 "))]
    assert blocks == [
        "6 Product name 1", "7 Product version, release, build, model or firmware 1",
        "6 Product name 2", "7 Product version, release, build, model or firmware 2",
    ]  # fmt: skip


def test_lengths_are_counted_while_typing_and_the_draft_is_kept(psirt):
    psirt.goto(PLACE)
    wait_until(psirt, "document.querySelector('#n-title').textContent.includes('300')")
    psirt.fill("#f-title", "y" * 256)
    assert (
        psirt.locator("#n-title").inner_text() == "256 / 255" and psirt.locator(".field[data-wrong] #f-title").count()
    )
    psirt.fill("#f-title", "Remote takeover")
    assert not psirt.locator(".field[data-wrong] #f-title").count()
    psirt.fill("#why", "shorter")
    psirt.get_by_role("button", name="Keep what was written").click()
    wait_until(psirt, "document.querySelector('#f-title')?.value === 'Remote takeover'")


def test_without_a_script_the_texts_are_there_to_select(psirt, served, chromium):  # noqa: F811
    context = chromium.new_context(
        base_url=served, java_script_enabled=False, storage_state=psirt.context.storage_state()
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{PLACE}copy/")
    assert page.locator("[data-text]").first.inner_text() == "vulnerability"
    assert page.get_by_role("button", name="Copy").count() == 0  # a button that does nothing is not shown
    context.close()
