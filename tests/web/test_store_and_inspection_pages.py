"""Store, incoming inspection and deliveries on the page: one task each, the verdict in words, what it needs beside it."""

import pytest

pytestmark = pytest.mark.once

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


def upload(name: str, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content, content_type="text/html")


@pytest.fixture
def lead(signed_in, load, actor):
    """A quality lead over one package of a part that is inspected."""
    from asbuilt.built.supply.actions.inspecting import plan_inspection
    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.receipts import Receipt

    part = {
        "part": "U-7",
        "description": "",
        "mpn": "ATECC608B",
        "manufacturer": "Microchip",
        "lifecycle": "active",
        "msl": "3",
    }
    load(
        {
            "parties": [{"party": "DIGI", "name": "Digi", "roles": "supplier", "country": "US"}],
            "parts": [part],
        }
    )
    plan_inspection(actor, standard="iso2859", level="II", aql="0.65", part="U-7", checks=["marking"])
    said = {"part": "U-7", "mpn": "ATECC608B", "lot_code": "A1", "date_code": "2701", "quantity": "1000"}
    receive_packages(actor, [Receipt(**said, supplier="DIGI", delivery="DN-1")])
    return signed_in("quality_lead")


def test_a_package_in_quarantine_stops_and_is_released_after_its_inspection(lead):
    page = lead.get("/store/?code=PK-000001").content.decode()
    assert "STOP" in page and "is in quarantine" in page and "Its incoming inspection is due." in page
    refused = lead.send("/store/", {"package": "PK-000001", "act": "release", "reason": "fine"})
    assert refused.status_code == 409 and "supply.inspection_due" in refused.content.decode()
    page = lead.get("/inspection/").content.decode()
    assert "PK-000001" in page
    page = lead.get("/inspection/?package=PK-000001").content.decode()
    assert ">80<" in page.replace('<b class="num">80</b>', ">80<") and 'name="verdict_marking"' in page
    said = {
        "package": "PK-000001",
        "nonconforming": "1",
        "verdict_marking": "pass",
        "picture_marking": upload("m.png", PNG),
    }
    done = lead.send("/inspection/", said)
    assert done.status_code == 302 and "verdict=accepted" in done["Location"]
    assert "Inspection IN-000001 is recorded." in lead.get(done["Location"]).content.decode()
    assert lead.send("/store/", {"package": "PK-000001", "act": "release", "reason": "IN-000001"}).status_code == 302
    page = lead.get("/store/?code=PK-000001").content.decode()
    assert "PK-000001, U-7, may be mounted." in page and "P. quality_lead" in page


def test_a_rejected_lot_says_so(lead):
    said = {"package": "PK-000001", "nonconforming": "2", "verdict_marking": "pass"}
    done = lead.send("/inspection/", said)
    page = lead.get(done["Location"]).content.decode()
    assert "Rejected" in page and "red shelf" in page and 'role="alert"' in page


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"nonconforming": "1"}, 409, "supply.check_missing"),
        ({"nonconforming": "many", "verdict_marking": "pass"}, 422, "web.number_wrong"),
        ({"nonconforming": "0", "verdict_marking": "pass", "sample_size": "3"}, 409, "supply.sample_too_small"),
        ({"nonconforming": "0", "picture_xray": PNG, "verdict_marking": "pass"}, 422, "web.check_without_verdict"),
    ],
)
def test_what_an_inspection_lacks_is_said_on_the_page(lead, said, status, code):
    if "picture_xray" in said:
        said = {**said, "picture_xray": upload("x.png", PNG)}
    answer = lead.send("/inspection/", {"package": "PK-000001", **said})
    assert answer.status_code == status and code in answer.content.decode()


def test_what_happens_to_a_package_runs_its_clock(lead):
    assert lead.send("/store/", {"package": "PK-000001", "act": "opened"}).status_code == 302
    page = lead.get("/store/?code=PK-000001").content.decode()
    assert "Opened" in page and "open at the floor" in page
    wrong = lead.send(
        "/store/", {"package": "PK-000001", "act": "baked", "baked_temperature_c": "hot", "baked_hours": "48"}
    )
    assert wrong.status_code == 422
    baked = {"package": "PK-000001", "act": "baked", "baked_temperature_c": "125", "baked_hours": "48,5"}
    assert lead.send("/store/", baked).status_code == 302
    assert "48.5" in lead.get("/store/?code=PK-000001").content.decode()
    assert lead.get("/store/?code=PK-9").status_code == 404


def test_papers_are_recorded_and_never_shown(lead, actor):
    html = b"<html><script>alert(1)</script></html>"
    said = {"kind": "coc", "supplier": "DIGI", "delivery": "DN-1", "said_by": "QA", "valid_until": "2029-01-01"}
    done = lead.send("/deliveries/", {**said, "file": upload("evil.html", html)})
    assert done.status_code == 302
    page = lead.get(done["Location"]).content.decode()
    assert "Certificate of conformity" in page and "2029-01-01" in page and "alert(1)" not in page
    from hashlib import sha256

    answer = lead.get(f"/api/v1/evidence/{sha256(html).hexdigest()}")
    assert answer["Content-Type"] == "application/octet-stream" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")
    wrong = lead.send("/deliveries/", {**said, "kind": "doc"})
    assert wrong.status_code == 422 and "supply.file_missing" in wrong.content.decode()


def test_a_file_beyond_its_limit_is_refused_while_it_arrives(signed_in, load, settings_of_django):
    one = signed_in("operator")
    with settings_of_django(UPLOAD_PAPER_BYTES_MAX=1000):
        answer = one.send(
            "/deliveries/", {"kind": "coc", "supplier": "X", "file": upload("a.pdf", b"%PDF-" + b"x" * 2000)}
        )
    assert answer.status_code in (400, 413)


@pytest.fixture
def settings_of_django():
    from django.test import override_settings

    return override_settings


def test_operators_decide_nothing(lead, signed_in):
    from asbuilt.access.actions import accept_link, invite

    _, secret = invite(signed_in.first, name="Anna", roles=["operator"])
    accept_link(secret, name="Anna", login="anna", password="nine reels of solder")
    client = type(lead)(enforce_csrf_checks=True, raise_request_exception=False)
    client.send("/sign-in/", {"login": "anna", "password": "nine reels of solder", "company": "main"})
    page = client.get("/store/?code=PK-000001").content.decode()
    assert "Put it into quarantine" in page and "Release it" not in page
    assert client.send("/store/", {"package": "PK-000001", "act": "release", "reason": "x"}).status_code == 403
    assert client.send("/inspection/plan/", {"standard": "none"}).status_code == 403
    assert "Plan an inspection" not in client.get("/inspection/").content.decode()


def test_a_plan_is_made_on_the_page(lead):
    said = {"standard": "c0", "limiting_quality": "2.5", "level": "II", "aql": "0.65", "severity": "normal"}
    assert lead.send("/inspection/plan/", said).status_code == 302
    assert "zero acceptance" in lead.get("/inspection/").content.decode()
    wrong = lead.send("/inspection/plan/", {**said, "limiting_quality": "much"})
    assert wrong.status_code == 422 and "supply.limiting_quality_wrong" in wrong.content.decode()


@pytest.mark.parametrize("address", ["/store/?code=PK-000001", "/inspection/?package=PK-000001", "/deliveries/"])
def test_they_speak_german(lead, address):
    page = lead.get(address, headers={"accept-language": "de"}).content.decode()
    assert any(word in page for word in ("Hier scannen", "Lieferungen"))


def test_a_stop_is_said_in_german_too(lead):
    german = {"headers": {"accept-language": "de"}}
    page = lead.get("/store/?code=PK-000001", **german).content.decode()
    assert "STOPP" in page and "Gebinde PK-000001 ist in Quarantäne seit" in page and "Ins rote Regal" in page
    refused = lead.send("/store/", {"package": "PK-000001", "act": "release", "reason": "x"}, **german)
    assert "Gebinde PK-000001 ist noch nicht geprüft." in refused.content.decode()


def test_paste_that_may_not_be_used_is_not_put_on_the_stencil(lead, load, actor):
    from asbuilt.built.supply.actions.handling import say_lives
    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.actions.statuses import quarantine_packages
    from asbuilt.built.supply.receipts import Receipt

    paste = dict.fromkeys(("description", "lifecycle", "msl", "mpn", "manufacturer"), "")
    load({"parts": [{**paste, "part": "PASTE"}]}, "paste")
    said = {"part": "PASTE", "lot_code": "A2", "date_code": "2701", "quantity": "1000"}
    code = receive_packages(actor, [Receipt(**said, package="JAR")]).packages[0].package
    say_lives(actor, package=code, thaw_hours_min="4")
    refused = lead.send("/store/", {"package": "JAR", "act": "applied"})
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "STOP" in page and "JAR is not thawed" in page and "Take it out of the cold" in page
    quarantine_packages(actor, packages=["JAR"], reason="seal broken")
    refused = lead.send("/store/", {"package": "JAR", "act": "applied"})
    assert refused.status_code == 409 and "JAR is in quarantine" in refused.content.decode()
    assert lead.send("/store/", {"package": "JAR", "act": "thawing"}).status_code == 302


def test_a_package_is_split_by_the_store(lead):
    said = lead.send("/store/", {"package": "PK-000001", "act": "split", "pieces": "400", "new": "PK-B"})
    assert said.status_code == 302 and said["Location"].endswith("code=PK-B")
    page = lead.get("/store/?code=PK-B").content.decode()
    assert "PK-B is in quarantine" in page and "A1" in page and "400" in page
    page = lead.send("/store/", {"package": "PK-000001", "act": "split", "pieces": "601"})
    assert page.status_code == 409 and "PK-000001 holds 600 pieces at most" in page.content.decode()
    wrong = lead.send("/store/", {"package": "PK-000001", "act": "split", "pieces": "some"})
    assert wrong.status_code == 422 and 'value="some"' in wrong.content.decode()


def test_the_silicon_of_a_package_and_of_its_lot_is_said_at_the_store(lead, actor):
    from asbuilt.built.supply.package_file import package_file
    from asbuilt.ledger import clock

    said = {"package": "PK-000001", "act": "silicon", "known_from": "device", "said_by": "bench 4"}
    assert lead.send("/store/", {**said, "silicon_revision": "3.0"}).status_code == 302
    of_lot = {"silicon_revision": "3.1", "of": "lot", "known_from": "maker", "said_by": "PCN 7"}
    assert lead.send("/store/", {**said, **of_lot, "request_key": "k"}).status_code == 302
    assert lead.send("/store/", {**said, **of_lot, "request_key": "k"}).status_code == 302
    rows = package_file(actor.tenant, "PK-000001", clock.now()).silicon
    assert [row[:4] for row in map(_cells, rows)] == [
        ("PK-000001", "3.0", "device", "bench 4"),
        ("", "3.1", "maker", "PCN 7"),
    ]
    for address in ("/store/?code=PK-000001", "/lot/A1/"):
        page = lead.get(address).content.decode()
        assert "read from a device: bench 4" in page and "said by the maker: PCN 7" in page
        assert all(f"/facts/{row.fact}/" in page for row in rows) and "withdraw or correct" in page
    wrong = lead.send("/store/", {**said, "silicon_revision": "", "said_by": "nobody"})
    assert wrong.status_code == 422 and 'value="nobody"' in wrong.content.decode()


def _cells(row):
    return (row.of, row.silicon_revision, row.known_from, row.said_by)


def test_who_may_not_receive_says_nothing_of_silicon(lead, signed_in):
    auditor = signed_in("auditor")
    page = auditor.get("/lot/A1/").content.decode()
    assert "Nobody said it yet." in page and "Say which silicon it is" not in page
    said = {"package": "PK-000001", "act": "silicon", "known_from": "device", "silicon_revision": "3.0"}
    assert auditor.send("/store/", said).status_code == 403


def test_why_a_word_of_silicon_is_refused_is_said_in_german(lead, actor):
    from asbuilt.built.supply.actions.telling_silicon import say_silicon

    fact = say_silicon(actor, silicon_revision="3.0", known_from="label", package="PK-000001").facts[0]
    asked = {"reason": "x", "person": "045", "decided_at": "2027-01-01T00:00:00Z"}
    german = {"headers": {"accept-language": "de"}}
    assert "Siliziumstand" in lead.get("/store/?code=PK-000001", **german).content.decode()
    both = lead.send(f"/facts/{fact}/correct/", {**asked, "cell_mpn": "ATECC608B"}, **german).content.decode()
    assert "nennt ein Gebinde und ein Los" in both and "Je Zeile eines davon nennen." in both
    none = lead.send(
        f"/facts/{fact}/correct/", {**asked, "cell_package": "", "cell_part": "U-7"}, **german
    ).content.decode()
    assert "hat weder Los- noch Datumscode" in none and "Die Gebinde nennen." in none
    other = lead.send(
        f"/facts/{fact}/correct/", {**asked, "cell_package": "", "cell_part": "U-7", "cell_lot_code": "Z"}, **german
    )
    assert "Diese Charge gibt es nicht." in other.content.decode()
