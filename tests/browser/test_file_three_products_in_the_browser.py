"""A sensor, a router and a firewall judged by forms; the firewall from its risks to the declaration and the answer to an authority, sent by keyboard.

tests/journeys/test_file_three_products.py claims the numbers; here are the forms that people fill, and axe at both widths. The clock is today's.
"""

from pathlib import Path

import pytest
from compliance_floor import in_force
from test_look_at_the_pages import PASSWORD, WIDTHS, chromium, faults, serving  # noqa: F401
from test_refuse_at_packing import picture
from test_when_it_happens_in_the_browser import Desk

EXAMPLE = Path(__file__).parents[2] / "examples" / "three-products"
PRODUCTS = {
    "TS-10": ("default", "Class default"), "RT-20": ("routers-modems-switches", "Class important, class I"),
    "FW-30": ("firewalls-ids-ips", "Class important, class II"),
}  # fmt: skip
PAPERS = {
    "manufacturer": "Nordwind Instruments GmbH", "address": "Kai 7, Kiel", "url": "https://nordwind.example/doc/fw-30", "laws": "Regulation (EU) 2024/2847",
    "st": "none applied", "place": "Kiel", "signed_on": "2026-11-25", "signatory": "N. Wind", "function": "Head of products",
}  # fmt: skip
LIGHT = ("light",)  # the technical file is looked at in the dark too; the other pages have no other marks
LANGUAGES = ("en", "de", "pl", "fr")


@pytest.fixture
def filing_home(home):
    """Nordwind with what it made and sold; Carl of compliance, and Cara who reviews. Of the firewall most requirements are answered."""
    from asbuilt.access.actions import accept_link, first_link, invite
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.answers.compliance.assessing.actions import say_requirement
    from asbuilt.answers.compliance.judging.rule_sets import newest
    from asbuilt.built.exchange.actions import import_folder

    home.enter()
    system = local_system(tenant_of_slug("main").number)
    for folder in ("made", "sold"):
        import_folder(system, EXAMPLE / folder)
    in_force(system, (EXAMPLE / "plans" / "sec-fw.json").read_bytes())
    for one in newest().part("requirements"):
        if one["key"] != "I.2.j":
            say_requirement(system, product="FW-30", requirement=one["key"], applies="yes", how=f"see {one['key']}")
    ada = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    for name, login, roles in (("Carl Berg", "carl", ["psirt", "compliance"]), ("Cara Novak", "cara", ["psirt"])):
        _, link = invite(ada, name=name, roles=roles, code=login)
        accept_link(link, name=name, login=login, password=PASSWORD)
    return home


def test_three_products_are_judged_filed_and_declared_by_forms(filing_home, chromium):  # noqa: F811
    with serving(filing_home.env()) as address:
        desk = Desk(chromium, address)
        found = []
        for product in PRODUCTS:
            is_judged(desk, product)
        found += faults(desk.page, LIGHT)
        is_assessed(desk, Desk(chromium, address, "cara"))
        found += faults(desk.page, LIGHT)
        desk.page.goto("/compliance/FW-30/support/")
        desk.send(**{"p-s": "2026-12-10", "p-e": "2033-12-31", "p-w": "used for seven years"})
        desk.says("2033-12-31")
        found += faults(desk.page, LIGHT)
        is_declared(desk)
        found += faults(desk.page, LIGHT)
        is_filed(desk)
        found += faults(desk.page)
        pictures(desk.page, "technical-file")
        an_authority_is_answered(desk)
        found += faults(desk.page, LIGHT)
        assert found == []
        desk.context.close()


def is_judged(desk: Desk, product: str) -> None:
    function, class_ = PRODUCTS[product]
    desk.page.goto("/compliance/")
    desk.press(product)
    desk.says("Nobody judged it yet.")
    desk.page.locator(f"input[name=functions][value='{function}']").press("Space")
    desk.send(**{"j-d": "yes", "j-c": "direct", "j-m": "yes", "j-w": "its core function as a whole"})
    desk.says(class_, "not available yet", *([] if product == "TS-10" else ["No conformity route is available yet."]))
    desk.page.locator("summary", has_text="Judge the role").press("Enter")
    for fact in ("makes", "own_name"):
        desk.page.locator(f"input[name=facts][value={fact}]").press("Space")
    desk.send(**{"r-p": "NORDWIND"})
    desk.says("Nordwind Instruments manufacturer")


def is_assessed(desk: Desk, other: Desk) -> None:
    desk.press("Risks and Annex I")
    desk.send(c_p="Filters the traffic of a plant", c_y="7")
    desk.send(s_w="update key")
    desk.send(t_w="firmware read out", t_a="AS-1", t_l="medium", t_i="high")
    desk.send(m_w="debug port locked", m_t="TH-1", m_r="I.2.j")
    desk.send(l_t="TH-1", l_l="low", l_i="high", l_w="needs a laboratory")
    desk.send(**{"a-I.2.j": "yes", "h-I.2.j": "fuses are burnt at the station"})
    desk.says("SEC-FW: 3 of 4 units passed, 1 without a test.", part="[aria-labelledby='q-I.2.j']")
    desk.says("SBOMs and feeds reach 0 of 4 units.", part="[aria-labelledby='q-I.2.a']")
    desk.send(d_w="first")
    other.page.goto("/compliance/FW-30/revision/1/")
    other.page.fill("#v-w", "read against the plan")
    other.press("Approve")
    other.says("Revision 1 approved")
    other.context.close()
    desk.page.reload()


def is_declared(desk: Desk) -> None:
    """Without a body a firewall is not declared; what was typed stays, and the version that names one is issued and goes with its shipment."""
    desk.press("Declarations and user information")
    desk.send(t_p="AII.4", t_l="en", t_w="Filters the traffic of a plant")
    texts = {f"d-t{language}": "FW-30" for language in LANGUAGES}
    cells = {f"d-{name}": said for name, said in PAPERS.items()}
    form = desk.page.locator("form:has(#d-laws)")
    for name, said in {**cells, **texts, "d-w": "first"}.items():
        form.locator(f"[id='{name}']").fill(said)
    with desk.page.expect_navigation():
        form.locator("button").press("Enter")
    desk.says("AV.7: FW-30 may not be declared by route A alone, and no body or certificate is named")
    assert desk.value("d-place") == "Kiel" and desk.value("d-tpl") == "FW-30"
    desk.send(**{"d-body": "Prüfhaus Nord, 9999", "d-procedure": "B+C", "d-certificate": "CRA-2027-014"})
    desk.says("D-1 1", "nobody said")
    desk.send(e_w="D-1/1", e_f="simplified", e_s="S-4")
    desk.says("D-1 1 simplified")


def is_filed(desk: Desk) -> None:
    desk.press("Technical file")
    desk.says("No conformity route is available yet.", "No revision was kept.")
    desk.send(s_i="AVII.2.a", s_w="One board, two ports, one secure element")
    desk.send(k_w="before the first shipment")
    desk.says("before the first shipment")


def pictures(page, name: str) -> None:
    for width, height in WIDTHS:
        page.set_viewport_size({"width": width, "height": height})
        picture(page, name)


def an_authority_is_answered(desk: Desk) -> None:
    desk.page.goto("/cases/")
    desk.send(c_t="Papers of the firewall", c_k="authority")
    desk.press("Requests of authorities")
    for point in ("AVII.3", "AVII.7"):
        desk.page.locator(f"input[name=demanded][value='{point}']").press("Space")
    asked = {"n_a": "BNetzA", "n_m": "DE", "n_b": "13(22)", "n_p": "FW-30", "n_w": "Risks and declaration"}
    desk.send(**asked, n_d="2099-12-31T08:00:00Z")
    desk.says("not answered", "AVII.3, AVII.7")
    desk.send(a_t1="cra@bnetza.example")
    desk.says("answered", "technical-file-FW-30.zip", "Gaps that were declared", "AVII.3: Without evidence: I.2.a, I.2.c, II.1, II.2, II.5, II.6, II.7, II.8.")  # fmt: skip
