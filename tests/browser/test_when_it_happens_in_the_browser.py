"""The three stories of a case by the forms a person uses, on the example factory, in one served home: an exploited firmware until it is published and
counted; then, in the same home as a drill, a compromised signing server and a wrong oven. Every form is sent by keyboard. The numbers are those of
examples/README.md; tests/journeys/test_when_it_happens.py counts them."""

import json
import time
from datetime import UTC, datetime

import pytest
import signers
from cast import write_tables
from journeys.conftest import copy_of, example_loaded  # noqa: F401
from journeys.reprogrammed import STATION, Depot
from notice_floor import mail_server
from publishing_floor import PUBLISHER
from station_floor import cortex_plan
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, serving  # noqa: F401

from asbuilt.kernel import permits
from asbuilt.ledger import clock

CVE = "CVE-2027-21417"
RUNS = "firmware:2.3.1 product:EG-200"
SIGNED = f"{RUNS} or firmware:radio/1.8.0 product:RB-50"
OVEN = "passed:OVEN-2@2027-03-15..2027-03-17"
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
CUSTOMERS = {"DISTX": ("de", 3000), "BALTIC": ("pl", 720), "VELDHUIS": ("en", 480), "RESEAU": ("fr", 260)}
COUNTRIES = ("DE 3,000", "PL 720", "NL 480", "FR 260")


class Desk:
    """A person at a browser, Carl of compliance if not said otherwise: signed in, sends forms, reads pages."""

    def __init__(self, browser, address: str, login: str = "carl"):
        self.context = browser.new_context(base_url=address)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.page.goto("/sign-in/")
        self.send(login=login, password=PASSWORD)

    def send(self, **cells: str) -> None:
        """Fill the form that holds these fields, by id with or without its dashes, and press its button."""
        first = self._place(next(iter(cells)))
        form = self.page.locator(f"form:has({first})")
        closed = self.page.locator(f"details:not([open]):has({first}) > summary")
        if closed.count():
            closed.first.press("Enter")
        for name, said in cells.items():
            self._fill(form.locator(self._place(name)), said)
        with self.page.expect_navigation():
            form.locator("button[type=submit], button:not([type])").last.press("Enter")
        assert not self.page.locator("#refusal").count(), self.page.locator("#refusal").inner_text()

    @staticmethod
    def _place(name: str) -> str:
        return f"[id='{name if '-' in name else name.replace('_', '-')}']"

    @staticmethod
    def _fill(field, said: str) -> None:
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(said)
        elif field.get_attribute("type") == "file":
            field.set_input_files(said)
        else:
            field.fill(said)

    def press(self, name: str) -> None:
        """The button or link of this name."""
        target = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first
        target.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def says(self, *texts: str, part: str = "main") -> None:
        """Each text stands on the page."""
        shown = " ".join(self.page.locator(part).first.inner_text().split())
        missing = [text for text in texts if text.lower() not in shown.lower()]
        assert not missing, (missing, self.page.url, shown[:3000])

    def value(self, field: str) -> str:
        """What stands in a field of a form."""
        return self.page.locator(f"[id='{field}']").input_value()


@pytest.fixture
def home_of_stories(example_loaded, copy_of, tmp_path):  # noqa: F811
    """A copy of the example, with who makes what, and somebody of compliance."""
    from django.db import connections

    from asbuilt.access.actions import accept_link, first_link, invite
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.exchange.actions import import_folder

    with copy_of(example_loaded, tmp_path / "example") as place:
        place.enter()
        roles = [("", "OSTWERK", "own"), ("EG-200", "HALDEN", "manufacturer"), ("RB-50", "OSTWERK", "manufacturer")]
        said = {"operator": "", "happened_at": "2026-10-01T08:00:00Z"}
        rows = [{"product": product, "party": party, "role": role, **said} for product, party, role in roles]
        write_tables(tmp_path / "roles", {"product_roles": rows})
        import_folder(local_system(tenant_of_slug("main").number), tmp_path / "roles")
        ada = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
        for name, roles in {"Carl Berg": ["psirt", "compliance"], "Petra Holm": ["permit_issuer"]}.items():
            login = name.split()[0].lower()
            accept_link(invite(ada, name=name, roles=roles, code=login)[1], name=name, login=login, password=PASSWORD)
        yield place
        connections.close_all()


def opened(desk: Desk, title: str, kind: str, signal: tuple[str, str, str]) -> None:
    """A signal is noted and becomes a case; the browser is on its page."""
    code, source, words = signal
    desk.page.goto("/cases/")
    desk.send(g_w=words, g_s=source)
    desk.says(code, words)
    desk.send(c_t=title, c_k=kind, c_s=code)


def approved(desk: Desk, report: str, reference: str) -> None:
    """The draft that is open is approved and was submitted."""
    desk.send(ap_w="not known yet")
    desk.send(s_r=reference)
    desk.says("submitted", reference)


def test_the_three_stories_are_told_by_forms(home_of_stories, chromium, tmp_path):  # noqa: F811
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.storage import drills

    began = datetime.now(UTC)
    place = home_of_stories
    with mail_server(tmp_path / "mails") as (port, mails):
        env = {**place.env(), "ASBUILT_PUBLIC": "127.0.0.1=main", "ASBUILT_MAIL_FROM": "psirt@house.example", "ASBUILT_MAIL_SERVER": f"127.0.0.1:{port}"}  # fmt: skip
        with serving(env) as address:
            desk = Desk(chromium, address)
            an_exploited_firmware(desk, tmp_path, mails)
            seen_by_everybody(chromium, address)
            assert looked_at(desk, "/publishing/", "/publishing/publisher/", "/publishing/tips/TIP-1/", "/cases/", "/field-action/F-1/") == []  # fmt: skip
            the_three_numbers_fit_the_hand(desk)
            desk.context.close()
        drills.mark(place.folder, "two more stories", parse_instant(began.isoformat(timespec="seconds")))
        with serving(env) as address:
            desk = Desk(chromium, address)
            a_compromised_signing_server(desk)
            a_wrong_oven(desk, mails)
            desk.page.goto("/drill/")
            desk.says("C-1", "C-2", "C-3", "submitted early warning", "in time", "field action")
            assert faults(desk.page) == []
            desk.context.close()


def looked_at(desk: Desk, *places: str) -> list:
    """What axe finds on these pages."""
    found = []
    for place in places:
        desk.page.goto(place)
        found += faults(desk.page)
    return found


# ---- 1


def an_exploited_firmware(desk: Desk, folder, mails) -> None:
    page = desk.page
    opened(desk, f"{CVE} in the update client", "aev", ("S-1", "kev", f"{CVE} is on the list"))
    desk.send(p_p="EG-200", p_r="manufacturer", p_m="HALDEN")
    desk.send(m_m="aware_at", m_w="a shell in the logs")
    desk.send(f_q=RUNS, f_w="early warning")
    desk.says("5,001", *COUNTRIES[:1][0].split()[:1], part="#h-aff >> xpath=ancestor::section")
    desk.send(d_d="cra.aev HALDEN", d_g="reportable exploited_in_product", d_w="logs of a customer")
    desk.says("reportable", "23 h")
    desk.press("early warning")
    assert desk.value("f-member_states") == "DE, FR, NL, PL" and CVE in desk.value("f-cve")
    assert all(country in desk.value("f-summary") for country in COUNTRIES)
    approved(desk, "early warning", "SRP-1")
    customers_are_told(desk, mails)
    an_advisory_is_published(desk)
    page.goto("/case/C-1/")
    desk.send(x_k="mitigating", x_w="Close port 8883.")
    desk.says("13 d 23 h", part="[aria-label='final report']")
    page.goto("/case/C-1/")
    desk.press("Begin a field action")
    desk.send(n_k="update", n_t="All to 2.4.1", n_r="firmware:>=2.4.0", n_s="FUNCTION TEST; BURN-IN", n_w=CVE)
    desk.says("Its hold lets through", "FUNCTION TEST, BURN-IN")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    (folder / "distx.csv").write_text("serial,state,at,note\n" + "".join(f"{n},updated,{now},\n" for n in range(10000, 10060)))  # fmt: skip
    desk.send(r_f=str(folder / "distx.csv"), r_fs="customer")
    desk.says("60 of 5,001 units are accounted for; 4,941 are still to do.")
    the_update_is_permitted_and_counted(desk, folder)


def the_update_is_permitted_and_counted(desk: Desk, folder) -> None:
    """The action orders its release; the brand's grant and a permit of it are made by forms; two of the stock are programmed and counted."""
    depot = Depot(Now(folder), "EG-200", "WO-1042")
    depot.release("2.4.1")
    depot.enrol()
    desk.send(o_r="EG-200 app/2.4.1", o_w="2.4.1 is out")
    petra = Desk(desk.page.context.browser, desk.page.url.partition("/field-action/")[0], "petra")
    page = petra.page
    page.goto("/permits/new-grant/?product=EG-200")
    for box in (f"issuer {signers.ISSUER.public.key_id}", "application 2.4.1 B", "B"):
        page.get_by_role("checkbox", name=box, exact=True).check()
    page.fill("#g-units", "2")
    page.fill("#g-owner", "Halden Energy Systems")
    with page.expect_download() as download:
        page.get_by_role("button", name="Grant to sign").press("Enter")
    signed = signers.signed(permits.GRANT_TYPE, download.value.path().read_bytes(), [signers.BRAND])
    (folder / "grant.json").write_bytes(signed)
    (folder / "plan.json").write_text(json.dumps(cortex_plan(product="EG-200")))
    page.goto("/permits/")
    petra.send(g_file=str(folder / "grant.json"))
    petra.send(l_file=str(folder / "plan.json"))
    page.goto("/permits/new/?order=WO-1042")
    petra.says("2 of 2 units of the grant left")
    part = {"n-p-U1": "gdbremote", "n-n-U1": "lm3s6965", "n-d-U1": "1073402e", "n-t-U1": "1.0"}
    petra.send(**{f"n-u-{STATION}": "2"}, **part)
    petra.says("Permit for WO-1042", "0 / 2")
    done = depot.program(["13800", "13801"])
    assert [(one.result, one.reason) for one in done] == [("pass", "")] * 2
    page.reload()
    petra.says("2 / 2")
    petra.context.close()
    desk.page.reload()
    desk.says("62 of 5,001 units are accounted for; 4,939 are still to do.")


class Now:
    """What a depot asks of its house: a folder, files in it, and the hour, which is the server's."""

    def __init__(self, folder):
        self.folder, self.clock = folder, self

    @property
    def now(self) -> int:
        return clock.now()

    def file(self, name: str, content: str):
        (self.folder / name).write_text(content, encoding="utf-8")
        return self.folder / name


def customers_are_told(desk: Desk, mails) -> None:
    for party, (language, _) in CUSTOMERS.items():
        desk.page.goto("/contacts/")
        desk.send(s_p=party, s_c="mail", s_a=f"psirt@{party.lower()}.example", s_l=language)
    desk.page.goto("/case/C-1/notices/")
    desk.send(d_k="users", d_c="psirt@halden.example")
    desk.says(*(f"{units:,}" for _, units in CUSTOMERS.values()))
    desk.press("I have read it")
    desk.press("Send to 4")
    until = time.monotonic() + 60
    while len(mails.all()) < 4 and time.monotonic() < until:
        time.sleep(0.2)
    assert {one["To"] for one in mails.all()} == {f"psirt@{party.lower()}.example" for party in CUSTOMERS}


def an_advisory_is_published(desk: Desk) -> None:
    page = desk.page
    page.goto("/publishing/")
    desk.press("Who publishes")
    named = ("name", "namespace", "prefix", "psirt_mail", "ack_days", "owner")
    desk.send(**{f"w-{name}": str(PUBLISHER[name]) for name in named})
    desk.press("Who publishes")
    desk.press("Make a key")
    page.goto("/feeds/")
    desk.send(**{"n-title": "Overflow in the update client", "n-cve": CVE})
    page.goto("/publishing/")
    desk.send(d_c="C-1")
    desk.says("All pass.", "2.3.1", "10000–15000")
    assert faults(page) == []
    desk.press("Approve this draft")
    desk.send(p_s="First issue.")
    desk.says("published")


def the_three_numbers_fit_the_hand(desk: Desk) -> None:
    """On a phone nobody has to push the table aside to learn of how many units the record does not know."""
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.page.goto("/case/C-1/")
    wide = "[...document.querySelectorAll('.three')].map(one => one.parentElement.scrollWidth - one.parentElement.clientWidth)"
    assert desk.page.evaluate(wide) == [0]


def seen_by_everybody(browser, address: str) -> None:
    """A stranger finds the advisory, sends a tip and sees how it stands."""
    context = browser.new_context(base_url=address)
    page, found = context.new_page(), []
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/advisories/")
    found += faults(page)
    page.get_by_role("link", name="BRAND-SA-").press("Enter")
    page.wait_for_selector(f"text={CVE}")
    found += faults(page)
    for place in ("/vulnerability-policy/", "/report-status/", "/report-vulnerability/"):
        page.goto(place)
        found += faults(page)
    page.fill("#r-w", "A second hole")
    page.get_by_role("button", name="Send the report").press("Enter")
    page.wait_for_selector("text=Keep these two")
    found += faults(page)
    context.close()
    assert found == []


# ---- 2


def a_compromised_signing_server(desk: Desk) -> None:
    opened(desk, "Signing server compromised", "incident", ("S-3", "station_alarm", "A login that nobody made"))
    desk.send(p_p="EG-200", p_r="ems", p_m="HALDEN")
    desk.send(p_p="RB-50", p_r="manufacturer", p_m="OSTWERK")
    desk.send(m_m="aware_at", m_w="a key was exported")
    desk.send(u_d="contract", u_h="12", u_p="HALDEN", u_w="frame contract")
    desk.send(f_q=SIGNED, f_w="what it signed since March")
    desk.send(d_d="contract HALDEN", d_g="reportable contract_asks", d_w="keys may be out")
    desk.send(d_d="cra.incident OSTWERK", d_g="reportable severe_incident", d_w="keys may be out")
    # each duty has its clock: the contract's hours towards Halden, the law's for the house's own radio board
    desk.says("11 h 5", part="[aria-label='notice']")
    desk.says("23 h 5", part="[aria-label='early warning']")
    desk.page.goto("/contacts/")
    desk.send(s_p="HALDEN", s_c="mail", s_a="psirt@halden.example", s_l="en")
    desk.page.goto("/case/C-2/notices/")
    desk.send(d_k="upward", d_c="psirt@ostwerk.example")
    desk.says("Halden Energy Systems", "5,001")
    desk.press("I have read it")
    desk.press("Send to 1")
    desk.page.goto("/case/C-2/")
    desk.press("early warning")
    assert "3,298 units certainly, 4 possibly" in desk.value("f-summary") and desk.value("f-product_name") == "RB-50"
    desk.send(**{"f-malicious_suspected": "yes", "why": "the login came from outside"})
    approved(desk, "early warning", "SRP-2")


# ---- 3


def a_wrong_oven(desk: Desk, mails) -> None:
    opened(desk, "Wrong reflow profile on OVEN-2", "quality", ("S-4", "customer", "Boards let go of their module"))
    desk.send(p_p="RB-50", p_r="manufacturer", p_m="OSTWERK")
    desk.says("No duty runs.")
    desk.send(f_q=OVEN, f_w="15 to 17 March")
    desk.says("1,249", "529", part="#h-aff >> xpath=ancestor::section")
    desk.press("Begin a field action")
    assert faults(desk.page) == []
    desk.send(n_k="recall", n_t="Boards of OVEN-2", n_w="wrong profile")
    desk.says("of 1,778 units")
    assert len(mails.all()) == 4  # nothing left the drill
