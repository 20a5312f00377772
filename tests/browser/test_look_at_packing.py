"""Packing and what leaves in a real browser: axe finds nothing at both widths, the packer's screen refuses a unit and says why, by scanner alone."""

import pytest
from shipping_floor import finished, run
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in, wait_until  # noqa: F401


@pytest.fixture
def packer(served, chromium, home, load):  # noqa: F811
    """A page of a quality lead who packs; S0003 was never tested."""
    from asbuilt.access.actions import accept_link, first_link, invite

    rows = finished(6)
    rows["tests"] = [run(f"S000{n}") for n in (0, 1, 2, 4, 5)]
    load(rows)
    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Pia Pack", roles=["quality_lead"], code="045")
    accept_link(link, name="Pia Pack", login="pia", password=PASSWORD)
    context, page = signed_in(chromium, served, "pia")
    yield page
    context.close()


def test_the_packers_screen_refuses_a_unit_and_says_why(packer):
    def scan(code):
        wait_until(packer, "document.activeElement.id === 'scan'")
        packer.locator("#scan").press_sequentially(code)
        with packer.expect_navigation():
            packer.keyboard.press("Enter")

    packer.goto("/packing/")
    packer.focus("#n-code")
    packer.locator("#n-code").press_sequentially("BOX-A")
    with packer.expect_navigation():
        packer.click("button:has-text('Open'):not([name])")
    scan("S0000")
    assert "GO" in packer.inner_text(".verdict-ok") and "S0000" in packer.inner_text(".verdict-ok")
    packer.locator("#scan").press_sequentially("S0003")
    with packer.expect_navigation():
        packer.keyboard.press("Enter")
    said = packer.inner_text(".verdict-stop")
    assert "STOP" in said and "S0003: Test FCT 2 is missing." in said
    assert packer.inner_text("section.panel header .strong") == "1"


def test_axe_finds_nothing(packer, actor):
    from asbuilt.answers.gate.packing import Decision, place_on_market, put_in, ship
    from asbuilt.answers.gate.returning import receive_returns, record_return
    from asbuilt.built.shipping.actions.packing import close_container, open_container

    said, found = [], []
    packer.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for place in ("/packing/", "/shipments/", "/leave/", "/returns/", "/concessions/"):
        packer.goto(place)
        found += faults(packer)
    open_container(
        actor,
        kind="box",
        code="A-long-code-of-a-box-in-the-year-2026/000017",
        note="on the blue pallet behind the door",
    )
    put_in(actor, container="A-long-code-of-a-box-in-the-year-2026/000017", codes=["S0000", "S0001"])
    close_container(actor, code="A-long-code-of-a-box-in-the-year-2026/000017")
    open_container(actor, kind="shipment", code="SH-1", customer="SHOP", country="FR")
    put_in(actor, container="SH-1", codes=["A-long-code-of-a-box-in-the-year-2026/000017", "S0002"])
    open_container(actor, kind="shipment", code="SH-2", customer="SHOP", country="FR")
    ship(actor, shipment="SH-1")
    place_on_market(
        actor, shipment="SH-1", decision=Decision("BRAND", "Ada Brand", "sale", "order 7", None, "o.pdf", b"%PDF-1.4")
    )
    receive_returns(actor, codes=["S0000", "S0001"], said="no light at all", party="SHOP")
    record_return(actor, code="S0000", event="replaced", replacement="S0004")
    packer.goto("/concessions/")
    packer.fill("#c-codes", "S0003")
    packer.fill("#c-reason", "the rig is down until Monday")
    packer.fill("#c-until", "2099-01-01T00:00:00Z")
    packer.click("main form button")
    packer.wait_for_url("**/concessions/CON-1/")
    for place in (
        "/packing/", "/packing/?box=SH-2", "/packing/?box=NONE", "/packing/?box=SH-2&done=S0005", "/container/SH-1/", "/shipments/", "/shipment/SH-1/",
        "/shipment/SH-2/", "/shipment/SH-1/conformity/", "/shipment/SH-1/note/", "/leave/?code=S0003", "/leave/?code=S0005", "/leave/?code=WO",
        "/returns/", "/returns/RMA-1/", "/concessions/", "/concessions/CON-1/", "/unit/S0000/", "/unit/S0003/",
    ):  # fmt: skip
        packer.goto(place)
        found += faults(packer)
    assert (found, said) == ([], [])
