"""Subcontractors and the delivery note in a real browser: axe finds nothing at both widths, a scanner and the keyboard take units out
and back."""

import pytest
from boards_outside import CERTIFICATE, MEASURED, factory
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in, wait_until  # noqa: F401


@pytest.fixture
def clerk(served, chromium, home, load):  # noqa: F811
    """A page of somebody at goods-in."""
    from asbuilt.access.actions import accept_link, first_link, invite

    load(factory())
    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Gus Goods", roles=["operator"], code="045")
    accept_link(link, name="Gus Goods", login="gus", password=PASSWORD)
    context, page = signed_in(chromium, served, "gus")
    yield page
    context.close()


def test_axe_finds_nothing(clerk, actor):
    from asbuilt.answers.gate.outside import send_out, take_back

    said, found = [], []
    clerk.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    clerk.goto("/outside/")
    found += faults(clerk)
    send_out(actor, codes=["S1..S4"], step="COATING", transport="Spedition Kaltenbach, 2 boxes, 14 kg")
    take_back(
        actor,
        note="DN-1",
        codes=["S1"],
        papers=[("certificate", "coc.pdf", CERTIFICATE), ("measurements", "t.csv", MEASURED)],
    )
    send_out(actor, codes=["S5"], step="COATING", note="A-very-long-number-of-a-delivery-note-2026/000017")
    for place in (
        "/outside/", "/outside/?note=DN-1", "/outside/?scan=S2", "/outside/?scan=S9", "/outside/?scan=NOBODY", "/outside/notes/DN-1/",
        "/unit/S2/", "/unit/S1/", "/order/WO/", "/station/?step=FCT&unit=S2", "/station/?step=COATING&unit=S9",
    ):  # fmt: skip
        clerk.goto(place)
        found += faults(clerk)
    assert (found, said) == ([], [])


def test_out_and_back_with_scanner_and_keyboard(clerk, tmp_path):
    (tmp_path / "coc.pdf").write_bytes(CERTIFICATE)
    (tmp_path / "t.csv").write_bytes(MEASURED)

    def scan(code):
        wait_until(clerk, "document.activeElement.id === 'scan'")
        clerk.locator("#scan").press_sequentially(code)
        with clerk.expect_navigation():
            clerk.keyboard.press("Enter")

    clerk.goto("/outside/")
    scan("S1")
    scan("PN2")
    assert clerk.input_value("#s-codes").split() == ["S1", "PN2"]
    clerk.locator("#s-step").press_sequentially("COATING")
    with clerk.expect_navigation():
        clerk.keyboard.press("Enter")
    assert clerk.url.endswith("/outside/notes/DN-1/") and "5 units outside" in clerk.inner_text("main")
    clerk.goto("/outside/")
    scan("DN-1")
    scan("S1")
    scan("S5")
    assert clerk.input_value("#b-codes").split() == ["S1", "S5"]
    clerk.set_input_files("#b-certificate", tmp_path / "coc.pdf")
    clerk.set_input_files("#b-measurements", tmp_path / "t.csv")
    clerk.focus("#b-started")
    with clerk.expect_navigation():
        clerk.keyboard.press("Enter")
    said = clerk.inner_text("main")
    assert "DN-1: 2" in said and "Still outside: S6 S7 S8" in said
