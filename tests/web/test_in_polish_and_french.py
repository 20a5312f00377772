"""Every floor page in Polish and French: no text of the English catalogue is left on it, and no refusal speaks English.

Each scene names the templates it has to show; together they are those of the floor. In English the same search finds hundreds.
"""

import html
import re
from functools import cache

import pytest
from boards_outside import CERTIFICATE, MEASURED
from boards_outside import factory as coated
from django.core.files.uploadedfile import SimpleUploadedFile
from floor_texts import OWN_NOTICES, TEMPLATES, catalog, english_refusals, files
from line_and_box import factory
from mounted_line import line
from preprogrammed_line import V11, line_floor, tables  # noqa: F401
from shipping_floor import finished, run

pytestmark = pytest.mark.once

FRAME = {"base.html", "sprite.html", "languages.html"}
FLOOR = FRAME | {"floor.html", "queue.html"}
# scene -> the templates that it shows
SHOWN = {
    "station": FLOOR | {"station.html", "station_choose.html", "station_chosen.html", "step_state.html", "stop.html", "stops.html", "verdict_stop.html"},
    "bench": FLOOR | {"rework.html", "assembly.html", "hold_banner.html", "verdict_stop.html"},
    "holds": FRAME | {"holds.html", "hold.html", "hold_what.html", "refusal.html", "traveller.html"},
    "setup": FLOOR | {"setup.html", "setup_choose.html", "setup_by_hand.html", "station_chosen.html"},
    "outside": FLOOR | {"outside.html", "delivery_note.html", "verdict_stop.html", "refusal.html"},
    "goods": FLOOR | {"goods_in.html", "raise_from.html", "store.html", "silicon.html", "fact_link.html", "inspection.html", "deliveries.html"},
    "programming": FLOOR | {"programming.html", "field_reports.html", "grade.html", "verdict_stop.html", "wrong_rows.html"},
    "packing": FLOOR | {"packing.html", "conceded.html", "raise_from.html", "container.html", "container_state.html", "stop.html", "stops.html", "verdict_stop.html", "refusal.html"},
    "frame": FRAME | {"sign_in.html", "you.html", "welcome.html", "problem.html", "not_found.html", "recorded.html", "secret.html",
                      "tokens_table.html", "unit_mark.html"},
}  # fmt: skip
SPOKEN = re.compile(r'\s(?:title|alt|placeholder|aria-label|data-l|data-t-[\w-]+)="([^"]*)"')
VALUE = re.compile(r"%\(\w+\)s|%%|\{\w*\}|…")
LANGUAGES = ("pl", "fr")


def test_the_scenes_show_every_template_of_the_floor():
    wanted = {file.name for file in files() if file.parent == TEMPLATES} - {*OWN_NOTICES}
    assert wanted - set().union(*SHOWN.values()) == set()


def pieces(text: str) -> list[str]:
    """A text without its marks: what stands between them."""
    return [" ".join(html.unescape(piece).split()) for piece in re.split(r"</?\w+[^>]*>", text)]


@cache
def english() -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Pieces of English texts that say no value -> the text, and of those that do a part that must be there, a pattern, the text."""
    from django.conf import settings

    bare, filled = {}, []
    for text in [key if isinstance(key, str) else key[0] for key in catalog("de")] + english_refusals():
        if text in dict(settings.LANGUAGES).values():  # a language calls itself by its own name on every page
            continue
        for piece in pieces(text):
            words = re.findall(r"[A-Za-z]{2,}", VALUE.sub(" ", piece))
            if not VALUE.search(piece) and words:
                bare[piece] = text
            elif len("".join(words)) > 8:
                parts = VALUE.split(piece)
                filled.append((max(parts, key=len), "(.+)".join(map(re.escape, parts)), text))
    return bare, filled


@cache
def own(language: str) -> set[str]:
    """What the language says itself: a word that is the same in English too is no English word left."""
    return {piece for text in catalog(language).values() for piece in pieces(text)}


@cache
def left(text: str, language: str) -> str:
    """The English text that this is, or an empty one."""
    bare, filled = english()
    if text in own(language):
        return ""
    return bare.get(text) or next(
        (said for part, pattern, said in filled if part in text and re.fullmatch(pattern, text)), ""
    )


def english_on(page: str, language: str) -> set[str]:
    """The texts of the English catalogue that a page says."""
    page = re.sub(r'<p class="who">.*?</p>', "", page, flags=re.DOTALL)  # names
    page = re.sub(
        r"<(script|style|svg|code|kbd)\b.*?</\1>|<datalist.*?</datalist>|<!--.*?-->", "\n", page, flags=re.DOTALL
    )
    spoken = [text for found in SPOKEN.findall(page) for text in pieces(found)]
    plain = [" ".join(html.unescape(text).split()) for text in re.sub(r"<[^>]*>", "\n", page).split("\n")]
    return {
        said for text in {*spoken, *plain} if (said := left(text.strip(" .:,;·()"), language) or left(text, language))
    }


@pytest.fixture
def show(monkeypatch):
    """show(scene, pages) -> each page in each language: no English on it; the templates of the scene were all shown."""
    from django.template.base import Template
    from django.test.signals import template_rendered
    from django.test.utils import instrumented_test_render

    shown = set()

    def seen(template=None, **_):
        shown.add(template.name)

    monkeypatch.setattr(Template, "_render", instrumented_test_render)
    template_rendered.connect(seen)

    def show_pages(scene, *pages, least, names=frozenset()):
        found = {}
        for language in LANGUAGES:
            for page in pages:
                answer = page(HTTP_ACCEPT_LANGUAGE=language)
                said = answer.content.decode()
                if "<html" in said:
                    assert f'<html lang="{language}"' in said and answer.status_code < 500
                if words := english_on(said, language) - names:
                    found[language, answer.request["PATH_INFO"], answer.request["QUERY_STRING"]] = words
        assert found == {}
        assert SHOWN[scene] - shown == set()
        in_english = set().union(
            *(english_on(page(HTTP_ACCEPT_LANGUAGE="en").content.decode(), "pl") for page in pages)
        )
        assert len(in_english) > least, "the search itself finds what is English"

    yield show_pages
    template_rendered.disconnect(seen)


def get(client, address, **said):
    return lambda **extra: client.get(address, said, **extra)


def post(client, address, **said):
    return lambda **extra: client.send(address, {name: fresh(value) for name, value in said.items()}, **extra)


def fresh(value):
    """A file anew for each time that it is sent."""
    return SimpleUploadedFile(*value) if isinstance(value, tuple) else value


def mark(page):
    """The parts of a unit's page that are of the floor: its mark, what was read of it, a refusal."""

    def parts(**extra):
        answer = page(**extra)
        found = re.findall(
            rb'<section class="panel" id="mark".*?</section>|<div class="banner.*?</div>', answer.content, re.DOTALL
        )
        assert found
        answer.content = b"".join(found)
        return answer

    return parts


def test_the_station(load, signed_in, show):
    load(factory())
    lead = signed_in("quality_lead")
    lead.send("/holds/", {"kind": "units", "what": "B3", "reason": "0815", "lifted_by": ""})
    lead.send("/rework/scrap/", {"unit": "B4", "reason": "0815"})
    at = {"step": "PRINT", "side": "top", "machine": "PRN-1"}
    kept = {**at, "card": "PASS", "at": "2026-03-02T08:00:00.000Z"}
    show(
        "station", get(lead, "/station/"), get(lead, "/station/", **at), get(lead, "/station/", **at, done="B1 completed 1"),
        get(lead, "/station/", **at, done="B1 failed 1"), *(get(lead, "/station/", **at, unit=unit) for unit in ("B1", "B3", "B4", "P1", "WO#8", "B99")),
        get(lead, "/station/", step="SMT", side="top", unit="B1"), get(lead, "/station/", step="GLUE", unit="B1"),
        post(lead, "/station/scan/", **at, scan="PASS", front="B3"), *(post(lead, "/station/queued/", **{**kept, "unit": unit}) for unit in ("B3", "", "B99")),
        post(lead, "/station/queued/", **{**kept, "at": "noon", "unit": "B1"}), least=60,
    )  # fmt: skip


def test_the_bench(load, signed_in, show):
    load(factory())
    lead = signed_in("quality_lead")
    lead.send("/holds/", {"kind": "units", "what": "B3", "reason": "0815", "lifted_by": ""})
    lead.send("/assembly/put-in/", {"unit": "X1", "child": "B1", "position": "1"})
    part = {"unit": "B1", "refdes": "R1", "removed": "R1", "installed": "R2", "reason": "r"}
    show(
        "bench", *(get(lead, "/rework/", **said) for said in ({}, {"unit": "B1"}, {"unit": "B3"}, {"unit": "B99"}, {"unit": "B1", "done": "B1", "due": "FCT"})),
        *(post(lead, "/rework/replace/", **{**part, **said}) for said in (
            {"installed": "U1"}, {"reason": ""}, {"removed": "", "installed": ""}, {"installed": "NONE"}, {"refdes": "R77"})),
        post(lead, "/rework/scrap/", unit="B1", reason=""), post(lead, "/rework/scrap/", unit="B1", reason="r"),
        *(get(lead, "/assembly/", **said) for said in ({}, {"unit": "X1"}, {"unit": "X2"}, {"unit": "X9"}, {"unit": "X1", "done": "B1"})),
        post(lead, "/assembly/put-in/", unit="X2", child="B1"), post(lead, "/assembly/put-in/", unit="X2", child="B3"),
        post(lead, "/assembly/put-in/", unit="X2", child="B2", position="p" * 999), post(lead, "/assembly/take-out/", unit="X2", child="B5", reason="r"),
        post(lead, "/rework/queued/", **{**part, "installed": "U1"}, at="2026-03-02T08:00:00Z"), least=50,
    )  # fmt: skip


def test_holds_and_the_traveller(load, signed_in, show):
    load(factory())
    lead = signed_in("quality_lead")
    for said in (
        {"kind": "units", "what": "B3"},
        {"kind": "lot", "what": "LR1"},
        {"kind": "question", "what": "lot:LR1 -unit:B1..B6", "silent": "on"},
    ):
        lead.send("/holds/", {**said, "reason": "0815", "lifted_by": ""})
    lead.send("/holds/H-1/lift/", {"part": "all", "reason": "0816"})
    hold = {"kind": "units", "what": "B2", "reason": "r", "lifted_by": "quality_lead"}
    show(
        "holds", *(get(lead, "/holds/", **said) for said in ({}, {"unit": "B1"}, {"unit": "B7"}, {"unit": "B99"})),
        *(get(lead, f"/holds/H-{n}/") for n in (1, 2, 3)), get(lead, "/holds/H-9/"), post(lead, "/holds/H-1/lift/", part="all", reason="r"),
        *(post(lead, "/holds/", **{**hold, **said}) for said in ({"reason": ""}, {"what": "B99"}, {"kind": "lot", "what": "NONE"}, {"what": "B5..B2"}, {"kind": "question", "what": "held"})),
        get(lead, "/order/WO/traveller/"), get(lead, "/order/WX/traveller/"), get(lead, "/order/NONE/traveller/"), get(lead, "/order/WO/traveller/", routing="9"), least=80,
        names={"Print"},
    )  # fmt: skip


def test_setup_and_by_hand(load, signed_in, actor, show):
    from asbuilt.answers.register.holds import hold
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    load(line())
    quarantine_packages(actor, packages=["R-2"], reason="0815")
    one = signed_in("operator")
    here = {"machine": "M1", "order": "WO", "side": "top"}
    one.send("/setup/scan/", {**here, "feeder": "1", "scan": "R-1"})
    hold(actor, lot="LC1", reason="0816")
    hand = {"package": "X-1", "refdes": "X1", "first": "B1"}
    show(
        "setup", get(one, "/setup/"), get(one, "/setup/", order="WO"), get(one, "/setup/", **here), get(one, "/setup/", **here, feeder="1"),
        get(one, "/setup/", **here, feeder="1", old="R-1"), get(one, "/setup/", **here, feeder="2"),
        *(get(one, "/setup/", **here, done=done, at="1", package="R-1", grey="7") for done in ("mounted", "spliced", "removed")),
        *(post(one, "/setup/scan/", **here, **said) for said in (
            {"scan": "99"}, {"scan": "R-2", "feeder": "1"}, {"scan": "R-3", "feeder": "1"}, {"scan": "C-1", "feeder": "2"}, {"scan": "R-1", "feeder": "2"},
            {"scan": "NONE", "feeder": "2"}, {"scan": "OFF", "feeder": "2"}, {"scan": "C-1", "feeder": "1", "old": "R-1"}, {"scan": "R-1", "feeder": "1", "old": "R-3"})),
        get(one, "/setup/", machine="M77", order="WO"), get(one, "/setup/", machine="M1", order="NONE"), get(one, "/setup/", machine="M1", order="WO"),
        post(one, "/setup/queued/", **here, feeder="2", what="mounted", package="R-1", at="2026-03-02T08:00:00Z"),
        post(one, "/setup/queued/", **here, feeder="2", what="?", package="R-1", at="2026-03-02T08:00:00Z"),
        get(one, "/setup/by-hand/"), get(one, "/setup/by-hand/", **hand),
        *(post(one, "/setup/by-hand/", **{**hand, **said}) for said in ({"package": "R-2"}, {"package": "NONE"}, {"refdes": "X77"}, {"first": "B99"}, {"first": "B5", "last": "B2"}, {"package": "R-1"}, {"refdes": ""})),
        least=80,
    )  # fmt: skip


def test_outside(load, signed_in, show):
    load(coated())
    one = signed_in("operator")
    for said in ({"codes": "S1\nS2", "step": "COATING", "transport": "0815"}, {"codes": "S3", "step": "COATING"}):
        one.send("/outside/send/", said)
    one.send(
        "/outside/notes/DN-1/back/",
        {
            "codes": "S1",
            "result": "completed",
            "certificate": fresh(("c.pdf", CERTIFICATE)),
            "measurements": fresh(("m.csv", MEASURED)),
        },
    )
    send, back = {"codes": "S9", "step": "COATING"}, {"codes": "S2", "result": "completed"}
    show(
        "outside", *(get(one, "/outside/", **said) for said in ({}, {"scan": "S9"}, {"scan": "DN-1"}, {"scan": "S2"}, {"scan": "S99"})),
        *(post(one, "/outside/send/", **{**send, **said}) for said in (
            {"codes": "S3"}, {"codes": ""}, {"step": ""}, {"step": "FCT"}, {"step": "GLUE"}, {"party": "LACK"}, {"party": "NOBODY"}, {"codes": "S9\nX1"}, {"note": "DN-1"}, {"codes": "S99"})),
        *(post(one, "/outside/notes/DN-1/back/", **{**back, **said}) for said in ({}, {"codes": "S3"}, {"codes": "S1"}, {"started_at": "2020-01-01T00:00:00Z"})),
        get(one, "/outside/notes/DN-1/"), get(one, "/outside/notes/DN-2/"), get(one, "/outside/notes/DN-9/"), get(one, "/station/", step="FCT", unit="S2"),
        get(one, "/station/", step="COATING", unit="S9"), least=60,
    )  # fmt: skip


def test_goods_in_store_inspection_deliveries(load, signed_in, actor, show):
    from asbuilt.built.supply.actions.inspecting import plan_inspection
    from asbuilt.built.supply.actions.receiving import receive_packages
    from asbuilt.built.supply.receipts import Receipt

    part = {"description": "", "manufacturer": "MURATA", "lifecycle": "active"}
    load({"parties": [{"party": "DIGI", "name": "Digi", "roles": "supplier", "country": "US"}],
          "parts": [{"part": "P-CAP", "mpn": "GRM188", "msl": "1", **part}, {"part": "U-7", "mpn": "ATECC", "msl": "3", **part}]})  # fmt: skip
    plan_inspection(actor, standard="iso2859", level="II", aql="0.65", part="U-7", checks=["marking"])
    for name in ("ALPHA", "B-77", "L2026"):
        said = {"part": "U-7", "mpn": "ATECC", "lot_code": name, "date_code": "2701", "quantity": "1000"}
        receive_packages(actor, [Receipt(**said, supplier="DIGI", delivery="DN-1")])
    lead = signed_in("quality_lead")
    lead.send("/inspection/", {"package": "PK-000001", "nonconforming": "0", "verdict_marking": "pass"})
    for said in (
        {"package": "PK-000001", "act": "release", "reason": "0815"},
        {"package": "PK-000001", "act": "opened"},
        {"package": "PK-000003", "act": "reject", "reason": "0815"},
        {"package": "PK-000003", "act": "silicon", "silicon_revision": "B0", "known_from": "device"},
    ):
        lead.send("/store/", said)
    lead.send(
        "/deliveries/",
        {"kind": "coc", "supplier": "DIGI", "delivery": "DN-1", "said_by": "QA", "file": fresh(("c.pdf", CERTIFICATE))},
    )
    bare = "[)>\x1e06\x1d1PGRM188\x1dQ4000\x1e\x04"
    whole = "[)>\x1e06\x1d1PGRM188\x1dQ478\x1d1TL-77\x1d10D2701\x1e\x04"
    look = {"package": "PK-000002", "nonconforming": "0", "verdict_marking": "pass"}
    receipt = {"supplier": "DIGI", "delivery": "DN-1"}
    show(
        "goods", get(lead, "/goods-in/"), get(lead, "/goods-in/", done="PK-000001", **receipt),
        *(post(lead, "/goods-in/", label=label, **receipt) for label in (bare, whole, "mumble", "12345678", "[)>\x1e061PGRM188Q4000", "[)>\x1e12\x1d1PGRM188\x1e\x04", "x" * 5000, "")),
        post(lead, "/goods-in/", label=whole, act="receive", **receipt), post(lead, "/goods-in/", label=bare, act="receive", **receipt),
        post(lead, "/goods-in/queued/", label=whole, at="2026-03-02T08:00:00Z", **receipt),
        get(lead, "/store/"), *(get(lead, "/store/", code=f"PK-00000{n}") for n in (1, 2, 3, 9)),
        post(lead, "/store/", package="PK-000002", act="release", reason="r"), post(lead, "/store/", package="PK-000002", act="baked", baked_hours="x"),
        post(lead, "/store/", package="PK-000002", act="quarantine", reason=""),
        get(lead, "/inspection/"), get(lead, "/inspection/", package="PK-000002"), get(lead, "/inspection/", done="IN-000001", verdict="accepted"),
        get(lead, "/inspection/", done="IN-000001", verdict="rejected"), get(lead, "/inspection/", package="PK-9"),
        *(post(lead, "/inspection/", **{**look, **said}) for said in ({"verdict_marking": ""}, {"nonconforming": "many"}, {"sample_size": "3"}, {"picture_xray": ("x.png", b"\x89PNG\r\n\x1a\n"), "verdict_xray": ""})),
        post(lead, "/inspection/plan/", standard="c0", limiting_quality="", level="II"), get(lead, "/deliveries/"), get(lead, "/deliveries/", supplier="DIGI"),
        post(lead, "/deliveries/", kind="doc", supplier="DIGI", said_by="QA"), post(lead, "/deliveries/", kind="coc", supplier="DIGI", said_by="QA", file=("c.pdf", b"")), least=130,
    )  # fmt: skip


def test_programming_and_field_reports(load, signed_in, line_floor, show):  # noqa: F811
    load(tables())
    one, psirt = signed_in("engineer"), signed_in("psirt")
    line_floor.demand(product="board", revision="A", part="MCU", version="1.1.0")
    line_floor.module(date_code_from="2601", date_code_until="2605")
    ask = {"act": "open", "product": "board", "version": "1.1.0"}
    one.send("/programming/", {"code": "U-1", **ask, "read_backs": "2"})
    one.send("/programming/", {"code": "PG-1", "act": "done", "quantity": "500", "machine": "GANG"})
    one.send("/programming/", {"code": "PG-1", "act": "read", "sha256": V11})
    one.send("/programming/", {"code": "U-2", **ask, "read_backs": "1"})
    one.send("/programming/", {"code": "PG-2", "act": "done", "quantity": "500", "machine": "GANG"})
    one.send("/programming/", {"code": "PG-2", "act": "read", "sha256": "0" * 64})
    one.send("/programming/", {"code": "U-4", **ask, "supplier": "PROG", "read_backs": "0"})
    csv = b"sn,version,time\nB1,1.1.0,2026-05-01T08:00:00Z\n"
    psirt.send("/field-reports/", {"file": fresh(("july.csv", csv)), "product": ""})
    where = {"machine": "M1", "order": "WO", "side": "bottom", "feeder": "7"}
    show(
        "programming", get(one, "/programming/"), *(get(one, "/programming/", code=code) for code in ("U-1", "U-3", "PG-1", "PG-2", "PG-3", "NONE")),
        *(post(one, "/programming/", **said) for said in (
            {"code": "U-1", **ask, "read_backs": "1"}, {"code": "U-3", **ask, "read_backs": "0"}, {"code": "U-3", **ask, "version": "9", "read_backs": "1"},
            {"code": "PG-1", "act": "pass"}, {"code": "PG-1", "act": "done", "quantity": "500"}, {"code": "PG-3", "act": "done", "quantity": "500"},
            {"code": "PG-3", "act": "read", "sha256": V11}, {"code": "PG-2", "act": "pass"}, {"code": "PG-9", "act": "pass"})),
        post(one, "/setup/scan/", **where, scan="U-1"), post(one, "/setup/scan/", **where, scan="U-3"), get(psirt, "/field-reports/"),
        post(psirt, "/field-reports/", file=("july.csv", csv)), post(psirt, "/field-reports/", file=("july.csv", csv.replace(b"B1", b"B77"))), post(psirt, "/field-reports/"), least=60,
    )  # fmt: skip


def test_packing(load, signed_in, show):
    rows = finished(6)
    rows["tests"] = [run(f"S000{n}") for n in range(5)]  # S0005 was never tested
    load(rows)
    one = signed_in("operator")

    def opened(kind, **said):
        return one.send("/packing/open/", {"kind": kind, **said})["Location"].partition("box=")[2]

    box, pallet, empty, shipment = (
        opened("box"), opened("pallet"), opened("box"), opened("shipment", customer="SHOP", country="FR")
    )  # fmt: skip
    for into, what in ((box, "S0000"), (empty, "S0002"), (shipment, "S0001")):
        one.send("/packing/scan/", {"box": into, "scan": what})
    one.send(f"/container/{box}/change/", {"what": "close"})
    one.send("/packing/scan/", {"box": pallet, "scan": box})
    at = "2026-11-01T08:00:00Z"
    show(
        "packing", get(one, "/packing/"), *(get(one, "/packing/", box=code) for code in (box, pallet, shipment, "NONE")),
        get(one, "/packing/", box=pallet, done=f"{box} (1)", conceded="CN-1", unchecked="CN-1"), *(get(one, f"/container/{code}/") for code in (box, pallet, empty, shipment, "NONE")),
        *(post(one, "/packing/scan/", box=empty, scan=scan) for scan in ("S0005", "S0000", "S9999")),
        post(one, "/packing/queued/", box=empty, scan="S0005", at=at), post(one, "/packing/queued/", box=empty, scan="", at=at),
        post(one, f"/container/{empty}/change/", what="?"), post(one, f"/container/{empty}/change/", what="out", codes="S0000", reason="r"),
        post(one, f"/container/{empty}/change/", what="reopen", reason="r"), post(one, f"/container/{box}/change/", what="close"), least=40,
    )  # fmt: skip


def test_who_signs_in_and_what_a_refusal_looks_like(load, signed_in, browser, show):
    from asbuilt.access.actions import invite

    load(factory())
    one, ada, stranger = signed_in("operator"), signed_in(), browser()
    number, secret = invite(signed_in.first, name="New", roles=["operator"])
    guest = browser()
    guest.get(f"/welcome/{secret}/")
    ada.send("/you/", {"name": "0815", "days": "7", "request_key": "k"})
    show(
        "frame", get(stranger, "/sign-in/"), post(stranger, "/sign-in/", login="ada", password="no", company="main"), get(guest, "/welcome/"),
        post(guest, "/welcome/", name="New", login="new", password="short", again="other"), get(one, "/you/"), get(ada, "/you/"), get(one, "/people/"),
        post(ada, "/you/", name="0815", days="7", request_key="k"), *(mark(get(one, f"/unit/{code}/")) for code in ("B1", "WO%238")),
        *(mark(post(one, "/unit/B1/mark-reading/", read=read)) for read in ("B1", "B2", "")), post(one, "/unit/B99/mark-reading/", read="B1"),
        get(stranger, "/welcome/unknown/"), get(one, "/nowhere/"), get(one, "/unit/B99/"), lambda **extra: one.post("/station/scan/", {}, **extra), least=60,
    )  # fmt: skip


def test_the_language_is_chosen_at_the_foot_and_kept(load, signed_in, browser):
    load(factory())
    one = signed_in("operator")
    page = one.get("/station/?step=PRINT&unit=B1").content.decode()
    foot = page[page.index("<footer") :]
    assert [name for name in ("English", "Deutsch", "Polski", "Français") if f">{name}</button>" in foot] == [
        "English",
        "Deutsch",
        "Polski",
        "Français",
    ]
    answer = one.send("/language/", {"language": "pl"}, HTTP_REFERER="http://testserver/station/?step=PRINT&unit=B1")
    assert answer["Location"] == "http://testserver/station/?step=PRINT&unit=B1"
    assert answer.cookies["asbuilt_language"]["max-age"] == 365 * 86_400
    page = one.get(answer["Location"], HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert '<html lang="pl"' in page and "Skanuj tutaj" in page and 'value="pl" lang="pl" aria-pressed="true"' in page
    assert one.send("/language/", {"language": "fr", "next": "https://elsewhere.example/"})["Location"] == "/"
    assert ">Polski</button>" in browser().get("/sign-in/").content.decode()
    # other pages fall back to English where Polish is not there
    assert "Freeze" in signed_in("engineer").get("/", {"q": "order:WO"}, HTTP_ACCEPT_LANGUAGE="pl").content.decode()


def test_numbers_have_the_marks_of_the_language():
    from django.utils.translation import override

    from asbuilt.doors.web.words import count, megabytes

    for language in LANGUAGES:
        with override(language):
            assert re.fullmatch(r"15\s001", count(15001)) and megabytes(2_450_000) == "2,5 MB"
