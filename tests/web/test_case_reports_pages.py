"""The pages of a report: written in, approved, copied, submitted; hostile words stay words; strangers find nothing."""

# ruff: noqa: F811

import re
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from case_floor import AT, HOUR
from cast import cast, cast_home  # noqa: F401

pytestmark = pytest.mark.once

HOSTILE = '<script>alert(1)</script> & "quoted"'
PLACE = "/case/{}/report/cra.aev/early_warning/"


@pytest.fixture
def case(cast):
    """An exploited vulnerability in Alpina's lamp, known since 20 November."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import opening, saying

    ours = local_system(cast.tenant["cara"])
    code = opening.open_case(ours, kind="aev", title=HOSTILE)
    saying.add_product(ours, case=code, product="A-LAMP", role="manufacturer", manufacturer="ALPINA")
    saying.state_moment(ours, case=code, moment="aware_at", at=AT, why="seen")
    return code


def form(page: str) -> dict:
    """The fields of the draft's form as the page shows them; texts with nothing in them are empty."""
    from html import unescape

    found = dict(re.findall(r'name="(was-[a-z_]+|seen|sha256)" value="([^"]*)"', page))
    found |= {
        name: unescape(text)
        for name, text in re.findall(r'<textarea [^>]*name="(f-[a-z_]+)"[^>]*>([^<]*)</textarea>', page)
    }
    return found


def test_fields_without_a_recipients_own_form_are_asked_in_german(cast, case):
    """GDPR and NIS 2 have no form of the Union: their questions stood in English on German pages. The platform's names stay as it has them."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.answers.cases.reporting.field_rules import matrices

    ours = local_system(cast.tenant["cara"])
    for duty in ("gdpr", "nis2"):
        saying.say_duty(ours, case=case, duty=duty, why="names of people")

    def read(place: str) -> str:
        return cast.browser("cara").get(f"/case/{case}/report/{place}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()

    page = read("gdpr/notification")
    assert "Wahrscheinliche Folgen" in page and "Likely consequences" not in page
    assert "Wahrscheinliche Folgen" in read("gdpr/notification/copy")
    assert "Grenzüberschreitende Auswirkungen möglich" in read("nis2/early_warning")
    assert "Member States where available" in read("cra.aev/early_warning")
    place = f"/case/{case}/report/gdpr/notification/"
    typed = {**form(cast.browser("cara").get(place).content.decode()), "f-consequences": "none known", "verb": "fill", "why": "asked"}  # fmt: skip
    assert cast.browser("cara").post(place, typed).status_code == 302
    page = cast.browser("cara").get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Meldung: Wahrscheinliche Folgen" in page and "Likely consequences" not in page
    # and where the clocks stand in the law
    assert (
        "Artikel 14 Absatz 2 Buchstabe a" in page
        and "Verordnung (EU) 2016/679, Artikel 33 Absatz 1; Anwendung: Artikel 99 Absatz 2" in page
    )
    untold = [
        (each.matrix, one.field)
        for each in matrices()
        for one in each.fields
        if bool(one.names.get("de")) == bool(each.language)
    ]
    assert untold == []


def test_sources_of_the_law_are_cited_in_german_on_german_pages():
    """Rule files name them in English, word for word; German pages showed them so."""
    import json
    from pathlib import Path

    from django.utils.translation import override

    import asbuilt.answers
    from asbuilt.doors.web.law_words import law

    def sources(value) -> set[str]:
        if isinstance(value, dict):
            mine = {value[name] for name in ("source", "applies_source") if isinstance(value.get(name), str)}
            return mine.union(*map(sources, value.values()))
        return set().union(*map(sources, value)) if isinstance(value, list) else set()

    rooms = Path(asbuilt.answers.__file__).parent
    files = [*rooms.glob("compliance/*/data/*.json"), *rooms.glob("cases/handling/data/duties.json"), *rooms.glob("cases/reporting/data/coordinators.json")]  # fmt: skip
    said = {one for file in files for one in sources(json.loads(file.read_text("utf-8"))) if not one.startswith(("Seed article", "IPC"))}  # fmt: skip
    assert len(said) > 100
    with override("en"):
        assert [one for one in said if law(one) != one] == []
    with override("de"):
        english = re.compile(
            r"\b(and|to|of|the|is|are|not|points?|Articles?|Annex(es)?|Regulation|Directive|Part|class)\b"
        )
        assert [law(one) for one in sorted(said) if english.search(law(one))] == []
        assert (
            law("Regulation (EU) 2024/2847, Articles 3(15), 18")
            == "Verordnung (EU) 2024/2847, Artikel 3 Absatz 15, Artikel 18"
        )
        assert law("Article 14(7), third subparagraph, (a)") == "Artikel 14 Absatz 7, Unterabsatz 3 Buchstabe a"
        assert law("Directive (EU) 2022/2555, Article 23(4)(d)(iii)").endswith(
            "Artikel 23 Absatz 4 Buchstabe d Ziffer iii"
        )


def test_a_draft_is_written_in_approved_copied_and_submitted_on_its_pages(cast, case):
    from PIL import Image

    cara, place = cast.browser("cara"), PLACE.format(case)
    page = cara.get(place).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    typed = {**form(page), "f-member_states": "AT", "f-product_version": "all", "verb": "fill", "why": "by hand"}
    assert cara.post(place, typed).status_code == 302
    page = cara.get(place).content.decode()
    shown = form(page)
    assert shown["f-member_states"] == "AT" and "by hand" in page
    # what the form showed and nobody touched was not written: the title is still the drafted one
    assert page.count("written by a person") == 2
    assert "No coordinator CSIRT is determined" in page
    early = cara.post(place + "submission/", {"reference": "SRP-1", "at": "2026-11-21T04:00:00Z"})
    assert early.status_code == 409 and "not approved" in early.content.decode()
    assert cara.post(place, {"verb": "approve", "sha256": shown["sha256"]}).status_code == 302
    copied = cara.get(place + "copy/").content.decode()
    order = re.findall(r'<h2 id="c-[a-z_]+-0">(\d+)', copied)
    assert order == [
        str(n) for n in (*range(1, 18), 19, 20, 21, 22, 23, 24, 25, 26, 27, 30)
    ]  # 18, 28, 29 are no fields of it
    assert 'data-text tabindex="0"' in copied and "This text is not approved" not in copied
    assert "<script>alert" not in copied and "3 / 255" in copied and "6 / 255" in copied  # all, A-LAMP
    screen = BytesIO()
    Image.new("RGB", (2, 2)).save(screen, "PNG")
    screen.seek(0)
    screen.name = "screen.png"
    said = {"reference": "SRP-AT-V-2026-1", "at": "2026-11-21T04:00:00Z", "capture": screen, "sha256": shown["sha256"]}
    assert cara.post(place + "submission/", said).status_code == 302
    page = cara.get(place).content.decode()
    assert "SRP-AT-V-2026-1" in page and "Record what the platform says to it." in page
    said = {"verb": "answered", "said": "returned", "at": "2026-11-21T05:00:00Z", "why": "the wrong CSIRT"}
    assert cara.post(place, said).status_code == 302
    assert "the wrong CSIRT" in cara.get(place).content.decode()


def test_the_report_comes_as_pdf_and_json(cast, case):
    cara, place = cast.browser("cara"), PLACE.format(case)
    paper = cara.get(place + "paper/")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF-")
    told = cara.get(place + "json/").json()
    assert told["fields"][1]["text"] == HOSTILE and told["matrix"] == "srp/1.3-2026-09-10"


def test_two_people_in_one_field_the_second_keeps_what_was_typed_and_is_told(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.reporting.actions.writing import fill

    cara, place = cast.browser("cara"), PLACE.format(case)
    typed = {**form(cara.get(place).content.decode()), "f-sensitivity": "mine", "verb": "fill", "why": "w"}
    ours = local_system(cast.tenant["cara"])
    fill(ours, case=case, duty="cra.aev", stage="early_warning", texts={"sensitivity": "theirs"}, why="w")
    crossed = cara.post(place, typed)
    assert crossed.status_code == 409 and "mine" in crossed.content.decode()
    assert "theirs" in cara.get(place).content.decode()


def test_who_may_not_see_cases_finds_no_report(cast, case):
    place = PLACE.format(case)
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("anna", 403)):
        for end in ("", "copy/", "paper/", "json/"):
            assert cast.browser(who).get(place + end).status_code == status, (who, end)
    ben = cast.browser("ben")  # works on cases, decides nothing
    assert "Approve this text" not in ben.get(place).content.decode()
    assert ben.post(place, {"verb": "approve", "sha256": "0" * 64}).status_code == 403
    assert cast.browser("eva").post(place, {"verb": "fill", "f-title": "x", "why": "w"}).status_code == 403
    assert cast.browser("brand_a_reader").get("/coordinators/").status_code == 404


def test_the_coordinator_is_determined_on_its_page_and_an_authority_starts_a_clock(cast, case):
    cara = cast.browser("cara")
    said = {
        "manufacturer": "ALPINA",
        "rule": "main_establishment",
        "member_state": "AT",
        "csirt": "CERT.at",
        "why": "Linz decides",
    }
    assert cara.post("/coordinators/", {**said, "member_state": "XX"}).status_code == 422
    asked = cara.get("/coordinators/?manufacturer=ALPINA").content.decode()
    assert "What it does not know" in asked and "By parties.csv it is in AT" in asked
    assert cara.get("/coordinators/?manufacturer=%3Cb%3E").status_code == 404
    unnamed = cara.post("/coordinators/", {**said, "rule": "importer", "not_before": "none"})
    assert unnamed.status_code == 409 and "product_roles.csv" in unnamed.content.decode()
    assert cara.post("/coordinators/", said).status_code == 302
    assert "Linz decides" in cara.get("/coordinators/").content.decode()
    assert "CERT.at (AT)" in cara.get(PLACE.format(case)).content.decode()
    asked = {
        "verb": "asked",
        "run": "cra.aev ALPINA",
        "words": "How many?",
        "at": "2026-11-22T08:00:00Z",
        "due_at": "2026-11-23T08:00:00Z",
    }
    assert cara.post(f"/case/{case}/", asked).status_code == 302
    page = cara.get(f"/case/{case}/").content.decode()
    assert "/case/C-1/report/cra.aev/intermediate_1/" in page and "report in between, no. 1" in page
    assert "How many?" in cara.get(f"/case/{case}/report/cra.aev/intermediate_1/").content.decode()


def test_a_submission_that_was_none_is_taken_back_on_its_page(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding

    ours, cara, place = local_system(cast.tenant["cara"]), cast.browser("cara"), PLACE.format(case)
    said = {"verb": "not_submitted", "why": "<b>timed out</b>"}
    assert cara.post(place, said).status_code == 409 and "not then" not in cara.get(place).content.decode()
    deciding.submit(ours, case=case, duty="cra.aev", stage="early_warning", at=AT + HOUR, reference="SRP-7")
    assert "oder nicht dann" in cara.get(place, HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert cara.post(place, said).status_code == 302
    assert "SRP-7" not in cara.get(place).content.decode()
    page = cara.get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "wurde nicht eingereicht" in page and "&lt;b&gt;timed out&lt;/b&gt;" in page
    assert "Einreichen: Frühwarnung" in page


def test_several_products_are_copied_one_after_the_other():
    from asbuilt.doors.web.case_reports import copied_cells

    def cell(name, repeats, *entries):
        return {
            "field": name,
            "repeats": repeats,
            "entries": list(entries),
            "lengths": [len(one) for one in entries],
            "most": 3,
            "gap": False,
        }

    told = copied_cells({"fields": [cell("title", "", "t"), cell("name", "product", "A", "B"), cell("version", "product", "1", "2345"), cell("end", "", "e")]})  # fmt: skip
    assert [(one["field"], one["text"], one["over"]) for one in told] == [
        ("title", "t", False), ("name", "A", False), ("version", "1", False), ("name", "B", False), ("version", "2345", True),
        ("end", "e", False),
    ]  # fmt: skip


def test_a_manufacturer_whose_code_holds_an_ampersand_comes_back_to_its_report(cast, case, tmp_path):
    from cast import write_tables

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.built.exchange.actions import import_folder

    ours = local_system(cast.tenant["cara"])
    write_tables(tmp_path / "more", {"parties": [{"party": "R&D #1", "name": "Research", "roles": "manufacturer", "country": "DE"}]})  # fmt: skip
    import_folder(ours, tmp_path / "more")
    saying.add_product(ours, case=case, product="B-PROBE", role="manufacturer", manufacturer="R&D #1")
    cara, place = cast.browser("cara"), PLACE.format(case)
    page = cara.get(f"{place}?manufacturer=R%26D+%231").content.decode()
    typed = {**form(page), "f-product_version": "all", "verb": "fill", "why": "by hand", "manufacturer": "R&D #1"}
    done = cara.post(place, typed)
    assert done.status_code == 302
    assert "by hand" in cara.get(done["Location"]).content.decode()


def test_a_number_that_is_none_in_a_form_is_refused_not_broken(cast, case):
    cara, place = cast.browser("cara"), PLACE.format(case)
    typed = {
        **form(cara.get(place).content.decode()),
        "f-member_states": "AT",
        "verb": "fill",
        "why": "w",
        "seen": "\u00b2",
    }
    assert cara.post(place, typed).status_code == 302


def test_the_paper_of_a_report_of_several_products_shows_of_which_nothing_is_said():
    """One entry alone under two products could be of either."""
    from asbuilt.answers.cases.reporting.report_pdf import _field

    cell = {
        "number": 7,
        "name": "Version",
        "entries": ["", "revision A"],
        "lengths": [0, 10],
        "most": 255,
        "text": "\n---\nrevision A",
    }
    said = _field({**cell, "sources": [], "written": None, "gap": True}, ZoneInfo("UTC"))
    assert said["entries"] == ["–", "revision A"]
    assert (
        _field({**cell, "entries": [""], "text": "", "sources": [], "written": None, "gap": True}, ZoneInfo("UTC"))[
            "entries"
        ]
        == []
    )


def test_the_paper_of_a_report_says_state_sources_and_times_in_the_words_of_its_reader(cast, case):
    """In German it stood there as `begun`, drafted from `frozen_answer`, due at an instant of records."""
    from django.utils.translation import override

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.reporting.report_pdf import _said, report_pdf
    from asbuilt.answers.cases.reporting.seen import report_seen
    from asbuilt.answers.cases.reporting.words import SOURCES

    ours = local_system(cast.tenant["cara"])
    report = report_seen(ours, case=case, duty="cra.aev", stage="early_warning")
    assert report["state"] == "draft"
    # a title in letters that no font of ours has keeps no early warning from being written
    assert report_pdf({**report, "title": "\u56fd\u5de8"}).startswith(b"%PDF-")
    with override("de"):
        said = _said(report)
    facts = dict(said["facts"])
    assert facts["Zustand"] == "Entwurf" and facts["Gesetzliche Frist"] == "21 Nov 2026, 09:00 +01:00 (Europe/Berlin)"
    told = " ".join(one["sources"] for one in said["fields"])
    kinds = {each["kind"] for one in report["fields"] for each in one["sources"]}
    assert {"case", "rules"} <= kinds <= set(SOURCES)
    assert "Fall, Eintrag" in told and "Titel" in told and "rules " not in told


def test_a_report_page_says_its_state_sources_and_times_in_german_where_the_duty_is_counted(cast, case):
    """What was submitted was called *as submitted in*, sources stood as keys of the program, times in UTC beside those of the next step."""
    from django.utils.translation import override

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.reporting.words import source_said

    ours = local_system(cast.tenant["cara"])
    deciding.submit(ours, case=case, duty="cra.aev", stage="early_warning", at=AT + HOUR, reference="SRP-7")
    cara = cast.browser("cara")
    page = cara.get(f"/case/{case}/report/cra.aev/early_warning/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert '<span class="chip chip-ok">eingereicht</span>' in page
    assert ">21 Nov 2026, 09:00 +01:00<" in page and "21 Nov 2026, 08:00" not in page
    sources = " ".join(re.sub(r"<[^>]*>", "", one) for one in re.findall(r'<p class="source">(.*?)</p>', page))
    assert (
        "Fall, Eintrag" in sources
        and "Titel" in sources
        and not re.search(r"\b(title|names|aware_at|parties)\b", sources)
    )
    copied = {"kind": "submitted", "which": "early_warning", "what": "2026-11-20T09:00:00Z SRP-7"}
    with override("de"):
        assert source_said(copied, ZoneInfo("Europe/Berlin")) == (
            "wie eingereicht in", "Frühwarnung", "20 Nov 2026, 10:00 +01:00 (Europe/Berlin) SRP-7"
        )  # fmt: skip


def test_the_war_room_and_the_list_say_times_in_the_zone_of_the_case_with_the_offset(cast, case):
    """The next step said 09:00 (Europe/Berlin), the clock under it 08:00."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding

    cara = cast.browser("cara")
    page = cara.get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert page.count(">21 Nov 2026, 09:00 +01:00</time>") >= 2 and "21 Nov 2026, 08:00" not in page
    assert "Aware since" not in page and "Bekannt seit <time" in page and ">20 Nov 2026, 09:00 +01:00</time>" in page
    assert ">21 Nov 2026, 09:00 +01:00</time>" in cara.get("/cases/").content.decode()
    ours = local_system(cast.tenant["cara"])
    said = {"case": case, "duty": "cra.aev", "stage": "early_warning", "reference": "SRP-7"}
    deciding.submit(ours, **said, at=AT + 30 * HOUR, why="nobody was there")
    page = cara.get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    clock = page[page.index('id="h-k1"') : page.index('id="h-aff"')]
    assert "verspätet eingereicht" in clock and ">21 Nov 2026, 15:00 +01:00</time>: nobody was there" in clock
