"""Contacts, notices, a preview and a customer's own page in a real browser, 390 and 1280 wide: axe finds nothing, nothing overflows; read, sent and
acknowledged by keyboard."""

import notice_floor
import pytest
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served  # noqa: F401


@pytest.fixture
def people(served, chromium, home):  # noqa: F811
    """people("psirt"), people("party_reader", party) -> a page of somebody with this role."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first, contexts = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD), []

    def page_of(role: str, party: int | None = None):
        _, link = invite(first, name="P. Erson", roles=[role], party=party)
        accept_link(link, name="P. Erson", login=role, password=PASSWORD)
        context = chromium.new_context(base_url=served)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto("/sign-in/")
        page.fill("#login", role)
        page.fill("#password", PASSWORD)
        with page.expect_navigation():
            page.click("main button")
        return page

    yield page_of
    for context in contexts:
        context.close()


def press(page, name: str) -> None:
    """The button of this name, by keyboard."""
    page.get_by_role("button", name=name).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_axe_finds_nothing_and_a_notice_is_read_sent_and_acknowledged_by_keyboard(people, actor, load):
    from asbuilt.answers.cases.telling.actions.writing import draft_notice
    from asbuilt.designed.parties.queries import numbers_by_name

    load(notice_floor.tables())
    notice_floor.contacts(actor, HAL="psirt.with.a.very.long.name.indeed.and.more@a.very.long.domain.halden.example de")
    case, said, found = notice_floor.open_case(actor), [], []
    draft_notice(
        actor, case=case, texts={"": {"contact": "psirt@ostwerk.example", "happened": "A line of words. " * 40}}
    )
    psirt = people("psirt")
    psirt.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in (
        "/contacts/",
        f"/case/{case}/notices/",
        "/notice/N-1/",
        "/notice/N-1/preview/?customer=HAL",
        f"/case/{case}/",
    ):
        psirt.goto(place)
        found += faults(psirt)
    psirt.goto("/notice/N-1/")
    press(psirt, "I have read it")
    press(psirt, "Send to 2")
    found += faults(psirt)
    halden = people("party_reader", numbers_by_name(actor.tenant)["HAL"])
    halden.goto("/own-notices/")
    found += faults(halden)
    halden.get_by_role("link", name="Sicherheitsmitteilung: OWN-1").focus()
    with halden.expect_navigation():
        halden.keyboard.press("Enter")
    found += faults(halden)
    press(halden, "I have read this notice")
    assert "acknowledged" in halden.content()
    assert (found, said) == ([], [])
