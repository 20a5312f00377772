"""The pages of notices: contacts, draft, preview, review, send, and the customer's own page; strangers find nothing, hostile words stay words."""

# ruff: noqa: F811

import re

import pytest
from case_floor import AT
from cast import cast, cast_home  # noqa: F401


@pytest.fixture
def case(cast):
    """A case about both brands' units, of which ten each were shipped; Alpina is a customer of Boreal's here and the other way round."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    ours = local_system(cast.tenant["cara"])
    code = opening.open_case(ours, kind="aev", title="Overflow")
    saying.add_product(ours, case=code, product="A-LAMP", role="ems", manufacturer="ALPINA")
    deciding.freeze(ours, case=code, question="order:WO-ALP or order:WO-BOR", why="all")
    return code


@pytest.fixture
def makers(cast, tmp_path):
    """Who is the manufacturer of which product, and that we are neither."""
    from cast import write_tables

    from asbuilt.access.actor import local_system
    from asbuilt.built.exchange.actions import import_folder

    rows = [("", "OSTWERK", "own"), ("A-LAMP", "ALPINA", "manufacturer"), ("B-PROBE", "BOREAL", "manufacturer")]
    keys = ("product", "party", "role")
    said = [
        {**dict(zip(keys, row, strict=True)), "operator": "045", "happened_at": "2026-01-01T00:00:00Z"} for row in rows
    ]
    write_tables(tmp_path / "roles", {"product_roles": said})
    import_folder(local_system(cast.tenant["cara"]), tmp_path / "roles")


def post(client, place: str, /, **said):
    return client.post(place, said)


def page(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_from_a_contact_to_the_page_of_the_customer(cast, case, makers):
    cara, alpina, boreal = (cast.browser(who) for who in ("cara", "brand_a_reader", "brand_b_reader"))
    set_it = {"verb": "set", "party": "ALPINA", "channel": "mail", "address": "psirt@alpina.example", "language": "de"}
    assert post(cara, "/contacts/", **set_it).status_code == 302
    assert "psirt@alpina.example" in page(cara, "/contacts/")
    assert "psirt@alpina.example" not in page(cast.browser("olga"), "/contacts/")  # the auditor need not know it
    drafted = post(cara, f"/case/{case}/notices/", **{"kind": "upward", "contact-": "call <b>us</b>"})
    assert drafted.status_code == 302 and drafted["Location"] == "/notice/N-1/"
    shown = page(cara, "/notice/N-1/")
    assert "Alpina Light" in shown and "Boreal Sensors: no address is set." in shown
    preview = page(cara, "/notice/N-1/preview/?customer=ALPINA")
    assert "call &lt;b&gt;us&lt;/b&gt;" in preview and "Mitteilung an den Hersteller: A-LAMP" in preview
    assert "ALP-0001" in preview and "BOR-0" not in preview
    assert post(cara, "/notice/N-1/", verb="send", version="1").status_code == 409  # nobody read it
    for verb in ("review", "send"):
        assert post(cara, "/notice/N-1/", verb=verb, version="1").status_code == 302
    assert "taken" not in page(cara, "/notice/N-1/") and "queued" in page(cara, "/notice/N-1/")
    # let go, and waiting for a mail server: its own state says so, and not that it is sent
    assert (
        '<span class="chip chip-warn">queued</span>'
        in page(cara, "/notice/N-1/").partition("h-id")[2].partition("</section>")[0]
    )
    mine = page(alpina, "/own-notices/")
    assert "Mitteilung an den Hersteller: A-LAMP" in mine and "B-PROBE" not in mine and "C-1" not in mine
    opened = page(alpina, "/own-notices/N-1/")
    assert "12 sicher betroffen" in opened and "opened" in page(cara, "/notice/N-1/")
    units = alpina.get("/own-notices/N-1/units.csv").content.decode()
    assert units.count("\r\n") == 13 and "ALP-0012" in units and "BOR" not in units
    assert alpina.post("/own-notices/N-1/").status_code == 302
    assert "acknowledged" in page(cara, "/notice/N-1/") and "acknowledged" in page(alpina, "/own-notices/N-1/")
    assert "B-PROBE" in page(boreal, "/own-notices/") and "A-LAMP" not in page(boreal, "/own-notices/N-1/")
    timeline = page(cara, f"/case/{case}/")
    for said in ("notice drafted", "notice sent", "notice opened", "notice acknowledged", "N-1 has not reached Boreal"):
        assert (said in timeline) == (not said.endswith("Boreal")), said  # Boreal opened its page a moment ago


def test_a_held_notice_is_read_by_whom_it_names_and_by_no_customer(cast, case, makers):
    cara, carl = cast.browser("cara"), cast.browser("carl")
    said = {"kind": "upward", "contact-": "call us", "happened-": "the secret words", "readers": "psirt", "why": "w"}
    assert post(cara, f"/case/{case}/notices/", **said).status_code == 302
    assert "the secret words" in page(cara, "/notice/N-1/preview/?customer=ALPINA")
    for who in ("carl", "ben", "olga", "eva"):
        client = cast.browser(who)
        assert "the secret words" not in page(client, "/notice/N-1/")
        assert client.get("/notice/N-1/preview/?customer=ALPINA").status_code == 404, who
        assert "the secret words" not in page(client, f"/case/{case}/")
    assert post(carl, "/notice/N-1/", verb="let_go", why="w").status_code == 403
    for verb in ("review", "send"):
        assert post(cara, "/notice/N-1/", verb=verb, version="1").status_code == 302
    alpina = cast.browser("brand_a_reader")
    assert alpina.get("/own-notices/N-1/").status_code == 404 and "A-LAMP" not in page(alpina, "/own-notices/")
    assert post(cara, "/notice/N-1/", verb="let_go", why="the update is out").status_code == 302
    assert "the secret words" in page(alpina, "/own-notices/N-1/")
    assert "the secret words" in page(carl, "/notice/N-1/preview/?customer=ALPINA")


def test_strangers_and_customers_find_nothing_of_the_house(cast, case, makers):
    cara = cast.browser("cara")
    post(cara, f"/case/{case}/notices/", **{"kind": "upward", "contact-": "c"})
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("anna", 403)):
        client = cast.browser(who)
        for address in (f"/case/{case}/notices/", "/notice/N-1/", "/notice/N-1/preview/?customer=ALPINA"):
            assert client.get(address).status_code == status, (who, address)
    assert cast.browser("brand_a_reader").get("/contacts/").status_code == 404
    assert cast.browser("brand_a_reader").get("/own-notices/N-1/").status_code == 404  # it was not sent
    assert cast.browser("cara").get("/own-notices/").status_code == 404
    assert post(cast.browser("ben"), "/notice/N-1/", verb="send", version="1").status_code == 403
    assert "psirt" not in page(cast.browser("dan"), "/contacts/")


def test_a_returned_mail_is_read_on_the_page(cast, case, makers):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = SimpleUploadedFile("a.eml", b"Subject: hello\r\n\r\n<script>", "message/rfc822")
    assert cast.browser("cara").post("/contacts/reports/", {"file": sent}).status_code == 302
    assert cast.browser("olga").post("/contacts/reports/", {"file": sent}).status_code == 403


def test_the_api_says_the_same(cast, case, makers):
    cara, alpina = cast.program("cara"), cast.program("brand_a_reader")
    said = {"kind": "upward", "texts": {"": {"contact": "c"}}}
    drafted = cara.post(f"/api/v1/cases/{case}/notices", said, "application/json")
    assert drafted.status_code == 201, drafted.content
    assert {one["party"]: one["certain"] for one in drafted.json()["recipients"]} == {"ALPINA": 12, "BOREAL": 12}
    for verb in ("reviews", "send"):
        done = cara.post(f"/api/v1/notices/N-1/{verb}", {"version": 1}, "application/json")
        assert done.status_code == 200, done.content
    at = {"customer": "BOREAL", "means": "phone", "at": "2026-11-20T08:00:00Z", "why": "spoke with Aino"}
    told = cara.post("/api/v1/notices/N-1/told", at, "application/json").json()
    assert {one["party"]: one["state"] for one in told["recipients"]} == {"ALPINA": "no_address", "BOREAL": "told"}
    (mine,) = alpina.get("/api/v1/own-notices").json()["notices"]
    assert (mine["certain"], mine["opened_at"]) == (12, None)
    assert re.fullmatch("AN-[0-9A-F]{10}", mine["reference"])
    acknowledged = alpina.post("/api/v1/own-notices/N-1/acknowledgement").json()
    assert acknowledged["acknowledged_at"] and AT
    assert alpina.get("/api/v1/notices/N-1").status_code == 404


def test_a_serial_number_with_a_comma_stands_in_its_column_of_the_preview_and_certainty_in_words(
    load, actor, signed_in
):
    """The list was cut at each comma, and said *certain* in German."""
    import re

    import notice_floor

    told = notice_floor.tables()
    told["units"] = [
        {**row, "serial": 'WO,"1"' if row["serial"] == "WO-1-1" else row["serial"]} for row in told["units"]
    ]
    told["shipments"] = [notice_floor.shipment("SH-1", "HAL", 'WO,"1"', "WO-1-2")]
    load(told)
    case = notice_floor.open_case(actor)
    notice_floor.contacts(actor, HAL="psirt@halden.example")
    code = notice_floor.drafted(actor, case)
    client = signed_in("psirt")
    shown = client.get(f"/notice/{code}/preview/?customer=HAL", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    rows = [re.sub(r"<[^>]+>", "|", row).strip("|") for row in re.findall(r"<tr><td.*?</tr>", shown)]
    assert len(rows) == 2 and rows[0].count("WO,&quot;1&quot;") == 2 and all(row.endswith("sicher") for row in rows)


def test_no_two_ways_from_a_partys_portal_have_one_name(cast):
    """In German nonconformities and deviations were both *Abweichungen*, side by side."""
    import re

    for language in ("en", "de"):
        page = cast.browser("brand_a_reader").get("/portal/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        ways = re.findall(r'<a href="(/[a-z-]+/)">([^<]+)</a>', page[page.index("<main") : page.index("<footer")])
        names = [name for _place, name in dict(ways).items()]
        assert len(names) == len(set(names)) and len(names) > 5, names
