"""What everybody sees: the provider's folder as a stranger checks it, security.txt, the record, the policy, the form for reports and hostile intake."""

# ruff: noqa: F811

import hashlib
import io
import json
import re
import zipfile

import pytest
from cast import cast, cast_home, pages  # noqa: F401
from django.core.files.uploadedfile import SimpleUploadedFile
from publishing_floor import HOST, PUBLISHER, published, set_up
from pysequoia import Cert, Sig, verify
from vulnerable_factory import MBEDTLS, Security, component, osv

pytestmark = pytest.mark.once

CSAF = "/.well-known/csaf/"
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def ours(cast, tmp_path, monkeypatch):
    """The house publishes under psirt.brand.example; Alpina's lamp has a flaw in 1.4.0."""
    from asbuilt.access.actor import local_system

    monkeypatch.setenv("ASBUILT_PUBLIC", f"{HOST}=main,other.example=elsewhere")
    actor = local_system(cast.tenant["cara"])
    folder = tmp_path / "security"
    folder.mkdir()
    security = Security(actor, folder)
    security.sbom(component("mbedtls", "2.28.7"), product="A-LAMP", version="1.4.0")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    set_up(actor)
    return actor


@pytest.fixture
def anybody(cast, ours):
    """anybody() -> a client on the public host that nobody is signed in with; anybody("other.example") on another one."""
    from django.test import Client

    from asbuilt.doors.web import public

    public.RATES.__init__()
    with pages(ALLOWED_HOSTS=["*"], PUBLIC_TIPS_PER_MINUTE=1_000):
        yield lambda host=HOST, **more: Client(headers={"host": host, **more}, raise_request_exception=False)


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_folder_is_served_and_every_file_proves_itself(ours, anybody):
    code = published(ours, vulnerabilities=(MBEDTLS,))
    from asbuilt.answers.cases.publishing.seen import document_of

    identity, content = document_of(ours, code, 1)
    client = anybody()
    metadata = json.loads(client.get(CSAF + "provider-metadata.json").content)
    base = f"https://{HOST}{CSAF}"
    assert metadata["canonical_url"] == base + "provider-metadata.json" and metadata["role"] == "csaf_trusted_provider"
    (path,) = client.get(CSAF + "white/index.txt").content.decode().split()
    assert path == f"{path[:4]}/{identity.lower()}.json"
    assert client.get(CSAF + "white/changes.csv").content.decode().startswith(f'"{path}",')
    feed = json.loads(client.get(CSAF + "white/feed-tlp-white.json").content)["feed"]
    assert [one["id"] for one in feed["entry"]] == [identity]
    served = client.get(CSAF + "white/" + path)
    assert served.content == content and served["Content-Type"] == "application/json"
    assert served["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in served and not served.cookies
    for kind in ("sha256", "sha512"):
        said = client.get(f"{CSAF}white/{path}.{kind}").content.decode().split()[0]
        assert said == hashlib.new(kind, content).hexdigest()
    key = metadata["public_openpgp_keys"][0]["url"].removeprefix(f"https://{HOST}")
    certificate = Cert.from_bytes(client.get(key).content)
    signature = Sig.from_bytes(client.get(f"{CSAF}white/{path}.asc").content)
    assert verify(bytes=content, store=lambda _: [certificate], signature=signature).valid_sigs
    again = anybody(**{"If-None-Match": served["ETag"]}).get(CSAF + "white/" + path)
    assert again.status_code == 304 and again.content == b""


def test_a_stranger_finds_nothing_that_is_not_published(ours, anybody):
    from asbuilt.answers.cases.publishing.actions import advising
    from asbuilt.answers.cases.publishing.seen import advisory_seen

    published(ours, vulnerabilities=(MBEDTLS,))
    draft = advising.draft_advisory(ours, kind="advisory", vulnerabilities=(MBEDTLS,))
    amber = advising.draft_advisory(ours, kind="vex", vulnerabilities=(MBEDTLS,))
    advising.edit_texts(ours, advisory=amber, texts={}, tlp="AMBER")
    advising.approve_advisory(ours, advisory=amber, draft=advisory_seen(ours, amber)["draft"])
    advising.publish_advisory(ours, advisory=amber, summary="For customers.")
    client = anybody()
    names = [advisory_seen(ours, one)["identity"] for one in (draft, amber)]
    year = names[0].split("-")[2]
    listed = client.get(CSAF + "white/index.txt").content.decode() + client.get("/advisories/").content.decode()
    for name in names:
        assert name not in listed and name.lower() not in listed
        for path in (f"{CSAF}white/{year}/{name.lower()}.json", f"/advisories/{name}/"):
            assert client.get(path).status_code == 404, path
    for path in (
        "",
        "white/",
        "white/2020/x.json",
        "../../etc/passwd",
        "openpgp/" + "0" * 40 + ".asc",
        "white/index.txt/",
    ):
        assert client.get(CSAF + path).status_code == 404, path
    assert client.post(CSAF + "provider-metadata.json").status_code == 405
    # another tenant's host, and hosts that are set nowhere, know nothing of it
    for host in ("other.example", "testserver", "evil.example"):
        for path in (CSAF + "provider-metadata.json", "/.well-known/security.txt", "/advisories/", "/vulnerability-policy/", "/report-vulnerability/", "/report-status/"):  # fmt: skip
            answer = anybody(host).get(path)
            assert answer.status_code == 404 and b"Brand" not in answer.content, (host, path)


def test_a_session_is_not_even_looked_at(cast, ours, anybody):
    cara = cast.browser("cara", host=HOST)
    page = cara.get("/advisories/").content.decode()
    assert "Cara" not in page and "/log/" not in page and "csrf" not in page and "<script" not in page


def test_who_asks_too_often_waits(ours, anybody):
    from asbuilt.doors.web import public

    public.RATES.__init__()
    with pages(ALLOWED_HOSTS=["*"], PUBLIC_REQUESTS_PER_MINUTE=2):
        answers = [anybody().get("/vulnerability-policy/") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429] and int(answers[2]["Retry-After"]) >= 1


def test_security_txt_is_signed_and_keeps_to_rfc_and_profile(ours, anybody):
    from asbuilt.answers.cases.publishing.actions.presenting import renew_security_txt
    from asbuilt.answers.cases.publishing.keys import public_keys

    client = anybody()
    assert client.get("/.well-known/security.txt").status_code == 404
    renew_security_txt(ours)
    served = client.get("/.well-known/security.txt")
    assert served["Content-Type"] == "text/plain; charset=utf-8"
    known = public_keys(ours.tenant)[0]
    signed = verify(bytes=served.content, store=lambda _: [Cert.from_bytes(known.public)])
    assert signed.valid_sigs
    fields = [line.split(": ", 1) for line in signed.bytes.decode().splitlines()]
    key = f"https://{HOST}/.well-known/csaf/openpgp/{known.fingerprint}.asc"
    assert [tuple(one) for one in fields if one[0] != "Expires"] == [
        ("Canonical", f"https://{HOST}/.well-known/security.txt"), ("Contact", "mailto:psirt@brand.example"),
        ("Contact", "mailto:csirt@brand.example"), ("Contact", f"https://{HOST}/report-vulnerability/"), ("Encryption", key),
        ("Encryption", "https://brand.example/csirt.asc"), ("Preferred-Languages", "en, de"),
        ("Policy", f"https://{HOST}/vulnerability-policy/"), ("Acknowledgments", f"https://{HOST}/advisories/"),
        ("CSAF", f"https://{HOST}/.well-known/csaf/provider-metadata.json"),
    ]  # fmt: skip
    assert client.get(key.removeprefix(f"https://{HOST}")).content == known.public  # also before the first advisory


def test_the_record_lists_what_fixes_newest_first_and_so_does_atom(ours, anybody):
    from xml.etree import ElementTree

    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    client = anybody()
    assert "None is published." in client.get("/advisories/").content.decode()
    published(ours, vulnerabilities=(MBEDTLS,))
    page = client.get("/advisories/").content.decode()
    assert MBEDTLS in page and "no fix yet" in page
    decide(ours, vulnerability=MBEDTLS, scope=Scope(product="A-LAMP", version="1.4.0"), status="fixed")
    published(ours, vulnerabilities=(MBEDTLS,))
    page = client.get("/advisories/").content.decode()
    second, first = re.findall(r"BRAND-SA-\d{4}-000\d(?=</a>)", page)
    assert (second[-1], first[-1]) == ("2", "1")
    assert "A-LAMP 1.4.0" in page
    atom = ElementTree.fromstring(client.get("/advisories/feed.atom").content)
    space = {"a": "http://www.w3.org/2005/Atom"}
    titles = [one.text.split(" ")[0] for one in atom.findall("a:entry/a:title", space)]
    assert titles == [second, first]
    detail = client.get(f"/advisories/{second}/").content.decode()
    assert MBEDTLS in detail and "Fixed in" in detail and "First issue." in detail


def test_the_policy_says_what_is_said_in_both_languages_and_hides_gaps(cast, ours, anybody):
    from asbuilt.answers.cases.publishing.actions.presenting import say_publisher
    from asbuilt.answers.cases.publishing.seen import publisher_seen

    client = anybody()
    english = client.get("/vulnerability-policy/?language=en").content.decode()
    german = client.get("/vulnerability-policy/?language=de").content.decode()
    for said in (
        "We take no legal steps.",
        "within 3 days",
        "90 days",
        "CERT-Bund",
        "+49 30 1234567",
        "psirt@brand.example",
    ):
        assert said in english, said
    assert "Wir gehen nicht rechtlich vor." in german and "3 Tagen" in german and 'lang="de"' in german
    assert publisher_seen(ours)["gaps"] == []
    texts = {point: said for point, said in PUBLISHER["texts"].items() if point != "assurance"}
    texts["scope"] = {"en": HOSTILE}
    say_publisher(
        ours, content=json.dumps({**PUBLISHER, "texts": texts, "embargo_days": 0, "review_on": "2020-01-01"}).encode()
    )
    page = client.get("/vulnerability-policy/").content.decode()
    assert "What we promise reporters" not in page and "&lt;script&gt;" in page and HOSTILE not in page
    gaps = publisher_seen(ours)["gaps"]
    assert (
        len(gaps) == 5
        and any("What we promise reporters" in one for one in gaps)
        and any("Scope: no text in German" in one for one in gaps)
    )
    told = cast.browser("cara").get("/publishing/").content.decode()
    assert "When it becomes public: Days that we ask to wait is not said." in told


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 5_000_000)
    return out.getvalue()


def upload(name: str, content: bytes):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


def sent(client, **said):
    return client.post("/report-vulnerability/", {"words": "An overflow.", **said})


def test_a_report_becomes_a_signal_that_waits_and_no_case(cast, ours, anybody):
    client = anybody()
    form = client.get("/report-vulnerability/")
    assert "<script" not in form.content.decode() and not form.cookies
    bomb = zip_bomb()
    answer = sent(
        client, words=f"An overflow. {HOSTILE}", product=HOSTILE, contact="Mallory <m@example.com>",
        files=[upload("x.html.txt", b"<script>alert(2)</script>"), upload("../../bomb.zip", bomb)],
    )  # fmt: skip
    assert answer.status_code == 201 and "csrf" not in answer.content.decode()
    reference, secret = re.findall(r'<dd class="code(?: wrap)?">([A-Z0-9-]+)</dd>', answer.content.decode())
    assert reference == "TIP-1" and len(secret) == 26
    cara = cast.browser("cara")
    listed = cara.get("/cases/").content.decode()
    assert "None is open." in listed and "S-1" in listed and "Tip TIP-1 came through the public form" in listed
    assert "Mallory" not in listed and "alert(1)" not in listed
    page = cara.get("/publishing/tips/TIP-1/").content.decode()
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        and HOSTILE not in page
        and "Mallory &lt;m@example.com&gt;" in page
    )
    file = cara.get("/publishing/tips/TIP-1/files/1/")
    assert body(file) == b"<script>alert(2)</script>"
    assert file["Content-Disposition"] == 'attachment; filename="x.html.txt.unopened"'
    assert file["Content-Type"] == "application/octet-stream" and file["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in file["Content-Security-Policy"]
    assert body(cara.get("/publishing/tips/TIP-1/files/2/")) == bomb and "bomb.zip" in page and "../" not in page
    assert cara.get("/publishing/tips/TIP-1/files/3/").status_code == 404


def test_the_reporter_sees_how_it_stands_with_his_code_alone(cast, ours, anybody):
    from django.urls import reverse

    from asbuilt.answers.cases.publishing.hosts import ADVISORY_PAGE, STATUS_PAGE

    assert reverse("public_status") == STATUS_PAGE
    assert reverse("public_advisory", args=["A"]) == ADVISORY_PAGE.format(identity="A")
    client = anybody()
    reference, secret = re.findall(r'<dd class="code(?: wrap)?">([A-Z0-9-]+)</dd>', sent(client).content.decode())
    ask = lambda **said: client.post("/report-status/", {"reference": reference, "code": secret, **said})  # noqa: E731
    page = ask().content.decode()
    assert "not yet" in page and "An overflow." not in page
    for wrong in ({"code": "A" * 26}, {"reference": "TIP-2"}, {"code": ""}, {"reference": "C-1"}):
        assert ask(**wrong).status_code == 404, wrong
    cara = cast.browser("cara")
    assert cara.post("/publishing/tips/TIP-1/", {"words": "Thank you & <b>wait</b>."}).status_code == 302
    page = ask().content.decode()
    assert "Thank you &amp; &lt;b&gt;wait&lt;/b&gt;." in page and "not yet" not in page
    assert "acknowledged" in cara.get("/cases/").content.decode()


def test_what_came_is_encrypted_at_rest_and_can_be_erased(cast, ours, anybody):
    from asbuilt.answers.cases.publishing.actions.taking_tips import erase_tip
    from asbuilt.answers.cases.publishing.tips import tip_seen
    from asbuilt.ledger.verifying import verify as verify_log
    from asbuilt.storage.databases import home

    words, file = "The secret of Mallory 4711", b"attached by Mallory 4711"
    said = {"words": words, "contact": "mallory@example.com"}
    sent(anybody(), **said, files=[upload("a.txt", file)])
    sent(anybody(), **said, files=[upload("a.txt", file)])  # the same again is another report, with bytes of its own
    everything = b"".join(path.read_bytes() for path in home().rglob("*") if path.is_file())
    assert b"Mallory 4711" not in everything and b"mallory@example.com" not in everything
    erase_tip(ours, tip="TIP-1", rule="gdpr.17-1")
    assert tip_seen(ours, "TIP-1")["erased"] and tip_seen(ours, "TIP-2")["sent"]["words"] == words
    cara = cast.browser("cara")
    assert "It was erased." in cara.get("/publishing/tips/TIP-1/").content.decode()
    assert cara.get("/publishing/tips/TIP-1/files/1/").status_code == 409
    assert body(cara.get("/publishing/tips/TIP-2/files/1/")) == file
    assert verify_log(ours.tenant).findings == []


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        ({"words": " "}, 422, "is empty"), ({"words": "x" * 20_001}, 422, "20,001"), ({"contact": "c" * 201}, 422, "201"),
        ({"files": [("x.exe", b"MZ")]}, 422, "no kind"), ({"files": [("x.html", b"<b>")]}, 422, "no kind"), ({"files": [("x.svg", b"<svg/>")]}, 422, "no kind"),
        ({"files": [("noending", b"x")]}, 422, "no kind"), ({"files": [("x.txt", b"x")] * 6}, 422, "At most 5"),
        ({"files": [("x.bin", b"\0" * (10 * 1024**2 + 1))]}, 413, "more than the form takes"), ({"files": [("x.txt", b"")]}, 422, "0 bytes"),
        ({"words": "w" * 1_100_000}, 413, "more than the form takes"),
    ],
    ids=lambda said: str(said)[:40],
)  # fmt: skip
def test_too_much_or_another_kind_is_refused_and_nothing_is_kept(cast, ours, anybody, said, status, told):
    from asbuilt.answers.cases.handling.seen import signals_told

    files = [upload(*one) for one in said.get("files", ())]
    answer = sent(anybody(), **{**said, **({"files": files} if files else {})})
    assert answer.status_code == status and told in answer.content.decode()
    assert signals_told(ours) == []


def test_a_gigabyte_is_refused_before_it_is_read(ours, anybody):
    class Endless:
        taken = 0

        def read(self, size=-1):
            self.taken += size
            return b"x" * min(size, 1024**2)

        readline = read

    stream = Endless()
    answer = anybody().generic(
        "POST", "/report-vulnerability/", b"x", content_type="multipart/form-data; boundary=b",
        **{"wsgi.input": stream, "CONTENT_LENGTH": str(1024**3)},
    )  # fmt: skip
    assert answer.status_code == 413 and stream.taken < 1024**2


def test_spam_is_slowed_and_ends_at_what_a_day_takes(ours, anybody, monkeypatch):
    from asbuilt.answers.cases.publishing.actions import taking_tips
    from asbuilt.doors.web import public

    public.RATES.__init__()
    with pages(ALLOWED_HOSTS=["*"], PUBLIC_TIPS_PER_MINUTE=2):
        assert [sent(anybody()).status_code for _ in range(3)] == [201, 201, 429]
    public.RATES.__init__()
    monkeypatch.setattr(taking_tips, "TIPS_A_DAY_MAX", 3)
    assert [sent(anybody()).status_code for _ in range(2)] == [201, 503]


def test_the_same_form_sent_twice_is_one_report_with_one_code(ours, anybody):
    key = {"request_key": "01K000000000000000000000AA"}
    first, second = sent(anybody(), **key).content.decode(), sent(anybody(), **key).content.decode()
    pair = re.findall(r'<dd class="code(?: wrap)?">([A-Z0-9-]+)</dd>', first)
    assert pair == re.findall(r'<dd class="code(?: wrap)?">([A-Z0-9-]+)</dd>', second) and pair[0] == "TIP-1"
    assert sent(anybody(), words="Something else.", **key).status_code == 409


def test_an_encrypted_text_is_kept_as_it_is(cast, ours, anybody):
    from asbuilt.answers.cases.publishing.tips import tip_seen

    message = "-----BEGIN PGP MESSAGE-----\n\nwV4D\n-----END PGP MESSAGE-----"
    sent(anybody(), words=message.replace("\n", "\r\n"))
    found = tip_seen(ours, "TIP-1")["sent"]
    assert found["words"] == message and found["encrypted"]
    assert "Open it where the key is" in cast.browser("cara").get("/publishing/tips/TIP-1/").content.decode()


def test_the_acknowledgement_has_a_clock_and_it_runs_out(cast, ours, anybody):
    from asbuilt.answers.cases.publishing.tips import tips_told
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    sent(anybody())
    (one,) = tips_told(ours)
    assert (
        parse_instant(one["ack_due_at"]) - parse_instant(one["received_at"]) == 3 * 86_400_000_000 and not one["late"]
    )
    due = parse_instant(one["ack_due_at"])
    clock.set_clock(lambda: due + 3_600_000_000)
    try:
        (one,) = tips_told(ours)
        assert one["late"] and one["left_s"] == -3_600
        page = cast.browser("cara").get("/publishing/").content.decode()
        assert "-1:00" in page and "late" in page
    finally:
        clock.set_clock(None)


def test_who_may_not_read_reports_does_not(cast, ours, anybody):
    sent(anybody(), contact="m@example.com")
    for who, status in (("ben", 403), ("eva", 403), ("brand_a_reader", 404), ("dan", 404), ("olga", 403)):
        for path in ("/publishing/tips/TIP-1/", "/publishing/tips/TIP-1/files/1/"):
            assert cast.browser(who).get(path).status_code == status, (who, path)
    assert cast.browser("brand_a_reader").get("/publishing/").status_code == 404
    assert "TIP-1" not in cast.browser("dan").get("/publishing/").content.decode()
    assert "m@example.com" not in cast.browser("eva").get("/publishing/").content.decode()


def test_the_house_says_who_it_is_makes_its_key_and_erases_a_tip_by_forms(cast, ours, anybody):
    from asbuilt.answers.cases.publishing.publisher import publisher_of

    carl = cast.browser("carl")
    texts = {f"{point}.{code}": said for point, by in PUBLISHER["texts"].items() for code, said in by.items()}
    lines = {name: value for name, value in PUBLISHER.items() if name != "texts"}
    typed = {**lines, **texts, "name": "Andere AG", "scope.de": "", "ack_days": "x", "security_txt_days": "180"}
    wrong = carl.post("/publishing/publisher/", typed)
    assert wrong.status_code == 422 and "ack_days" in wrong.content.decode() and "Andere AG" in wrong.content.decode()
    assert carl.post("/publishing/publisher/", {**typed, "ack_days": "5"}).status_code == 302
    found = publisher_of(ours.tenant)
    assert (found.name, found.ack_days, found.languages, found.texts["scope"]) == (
        "Andere AG", 5, ("en", "de"), {"en": PUBLISHER["texts"]["scope"]["en"]},
    )  # fmt: skip
    assert "Andere AG" in carl.get("/publishing/publisher/").content.decode()
    before = carl.get("/publishing/publisher/").content.decode().count('<code class="wrap">')
    for _ in range(2):  # the same form twice makes one key
        assert carl.post("/publishing/publisher/key/", {"verb": "make", "request_key": "K"}).status_code == 302
    assert carl.get("/publishing/publisher/").content.decode().count('<code class="wrap">') == before + 1
    file = SimpleUploadedFile("key.asc", b"no key")
    assert carl.post("/publishing/publisher/key/", {"verb": "take", "key": file}).status_code == 422
    sent(anybody(), words="Call me at home")
    assert "Call me at home" in carl.get("/publishing/tips/TIP-1/").content.decode()
    assert cast.browser("cara").post("/publishing/tips/TIP-1/erase/").status_code == 403
    assert carl.post("/publishing/tips/TIP-1/erase/").status_code == 302
    page = carl.get("/publishing/tips/TIP-1/").content.decode()
    assert "Call me at home" not in page and "It was erased." in page


def test_a_host_that_is_in_no_setting_is_told_so_and_not_that_it_sends_too_much(web):
    from django.test import Client

    page = Client(headers={"host": "psirt.nobody.example"}, raise_request_exception=False).get("/report-vulnerability/")
    assert (
        page.status_code == 400
        and "web.host_unknown" in page.content.decode()
        and "ASBUILT_HOSTS" in page.content.decode()
    )
