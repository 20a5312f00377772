"""The pages of cases: open one, see clocks and timeline, say things; hostile words stay words; strangers find nothing."""

# ruff: noqa: F811

import pytest
from boards_and_boxes import tables
from case_floor import AT
from cast import cast, cast_home  # noqa: F401
from django.core.files.uploadedfile import SimpleUploadedFile


@pytest.fixture
def case(cast):
    """An exploited vulnerability in Alpina's lamp, known since 20 November, 08:00 UTC; a hostile signal waits."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import opening, saying

    ours = local_system(cast.tenant["cara"])
    opening.note_signal(ours, source="mail", words="<script>alert(1)</script>", received_at=AT)
    code = opening.open_case(ours, kind="aev", title="Overflow <b>now</b>")
    saying.add_product(ours, case=code, product="A-LAMP", role="manufacturer", manufacturer="ALPINA")
    saying.state_moment(ours, case=code, moment="aware_at", at=AT, why="seen & proved")
    return code


def test_a_case_shows_clocks_and_timeline_and_words_stay_words(cast, case):
    page = cast.browser("cara").get(f"/case/{case}/").content.decode()
    assert "Overflow &lt;b&gt;now&lt;/b&gt;" in page and "<b>now</b>" not in page
    for said in (
        "Article 14(2)(a)",
        "2026-11-21T08:00:00",
        "2026-11-23T08:00:00",
        "seen &amp; proved",
        "clocks showed",
    ):
        assert said in page, said
    listed = cast.browser("cara").get("/cases/").content.decode()
    assert "&lt;script&gt;alert(1)" in listed and "<script>alert" not in listed


def test_cases_are_opened_and_said_things_of_on_the_page(cast, case):
    cara = cast.browser("cara")
    opened = cara.post("/cases/", {"kind": "quality", "title": "Profile", "signals": "S-1"})
    assert opened.status_code == 302 and opened["Location"] == "/case/C-2/"
    assert cara.post("/case/C-2/", {"verb": "note", "words": "oven two"}).status_code == 302
    assert cara.post("/case/C-2/", {"verb": "freeze", "question": "order:WO-ALP", "why": "all"}).status_code == 302
    page = cara.get("/case/C-2/").content.decode()
    assert "oven two" in page and "order:WO-ALP" in page
    wrong = cara.post("/case/C-2/", {"verb": "product", "product": "NONE"})
    assert wrong.status_code == 404 and "NONE" in wrong.content.decode()
    assert cara.post("/case/C-2/", {"verb": "close", "why": "done"}).status_code == 409
    # a customer holds units of that order, and nobody wrote to it
    told = {"verb": "close", "why": "done", "left.customers": "Alpina was here and saw it"}
    assert 'name="left.customers"' in page and cara.post("/case/C-2/", told).status_code == 302
    assert cara.post("/case/C-2/", {"verb": "note", "words": "x"}).status_code == 409
    assert "C-2" in cara.get("/cases/?closed=yes").content.decode()


def test_a_signal_is_noted_a_duty_said_and_decided_on_the_page(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.seen import case_seen, signals_told

    cara, ours = cast.browser("cara"), local_system(cast.tenant["cara"])
    noted = {"verb": "note", "words": "A shell on a lamp", "source": "customer", "at": "2026-11-20T09:00:00Z"}
    assert cara.post("/cases/signals/", noted).status_code == 302
    (one,) = [one for one in signals_told(ours) if one["source"] == "customer"]
    assert (one["words"], one["received_at"]) == ("A shell on a lamp", "2026-11-20T09:00:00Z")
    refused = cara.post("/cases/signals/", {**noted, "source": "nobody"})
    assert refused.status_code == 422 and "A shell on a lamp" in refused.content.decode()
    duty = {"verb": "duty", "duty": "nis2", "on": "yes", "why": "essential entity"}
    assert cara.post(f"/case/{case}/", duty).status_code == 302
    assert cara.post(f"/case/{case}/", {**duty, "hours": "x"}).status_code == 422
    page = cara.get(f"/case/{case}/").content.decode()
    assert "not exploited in our product" in page and "no risk to people" not in page  # grounds of what runs alone
    run = {"run": "cra.aev ALPINA", "why": "logs"}
    bare = cara.post(f"/case/{case}/decision/", {**run, "ground": "not_reportable not_exploited_in_product"})
    assert bare.status_code == 409 and "cases.evidence_missing" in bare.content.decode()
    file = SimpleUploadedFile("logs.txt", b"no shell")
    proved = {**run, "ground": "not_reportable not_exploited_in_product", "evidence": file}
    assert cara.post(f"/case/{case}/decision/", proved).status_code == 302
    assert {one["duty"]: one["decided"] for one in case_seen(ours, case)["duties"]} == {
        "cra.aev": "not_reportable", "nis2": None,
    }  # fmt: skip
    assert cara.post(f"/case/{case}/decision/", {**run, "ground": "reportable exploited_in_product"}).status_code == 302
    assert cast.browser("ben").post(f"/case/{case}/decision/", {**run, "ground": "reportable exploited_in_product"}).status_code == 403  # fmt: skip


def test_who_may_not_see_cases_finds_none(cast, case):
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("anna", 403)):
        assert cast.browser(who).get(f"/case/{case}/").status_code == status, who
    assert cast.browser("brand_a_reader").get("/cases/").status_code == 404
    assert "Overflow" not in cast.browser("dan").get("/cases/").content.decode()
    assert cast.browser("eva").post("/cases/", {"kind": "aev", "title": "t"}).status_code == 403
    ben = cast.browser("ben")  # works on cases, decides nothing
    assert ben.post(f"/case/{case}/", {"verb": "moment", "moment": "aware_at", "why": "w"}).status_code == 403
    assert ben.post(f"/case/{case}/", {"verb": "moment", "moment": "detected_at", "why": "w"}).status_code == 302


def test_every_page_of_a_drill_says_so_and_the_record_has_no_such_page(cast, case):
    from asbuilt.storage import databases, drills

    cara = cast.browser("cara")
    assert cara.get("/drill/").status_code == 404 and "DRILL" not in cara.get("/cases/").content.decode()
    drills.mark(databases.home(), "wrong <profile>", 0)
    cara.post("/cases/", {"kind": "quality", "title": "Exercise"})
    for place in ("/you/", "/cases/", f"/case/{case}/"):
        page = cara.get(place).content.decode()
        assert "DRILL" in page and "wrong &lt;profile&gt;" in page and 'data-drill="yes"' in page, place
    report = cara.get("/drill/").content.decode()
    assert "Exercise" in report and "Not reached" in report
    assert cast.browser("brand_a_reader").get("/drill/").status_code == 404


def test_a_case_turns_out_to_be_more_and_closes_only_with_a_reason_for_what_is_open_on_page_and_api(cast, case):
    cara, program = cast.browser("cara"), cast.program("cara")
    assert "It turned out to be more" in cara.get(f"/case/{case}/").content.decode()
    said = {"verb": "kind", "kind": "incident", "at": "2026-11-21T08:00:00Z", "why": "the build server too"}
    assert cara.post(f"/case/{case}/", said).status_code == 302
    assert cara.post(f"/case/{case}/", said).status_code == 409
    page = cara.get(f"/case/{case}/").content.decode()
    assert "severe incident" in page and "turned out to be" in page and "2026-11-22T08:00:00" in page
    assert 'name="left.cra.aev/ALPINA"' in page and "Why it stays open: Severe incident, ALPINA" in page
    silent = cara.post(f"/case/{case}/", {"verb": "close", "why": "over"})
    assert silent.status_code == 409 and "cra.aev/ALPINA" in silent.content.decode()
    api = {"kind": "quality", "at": "2026-11-21T08:00:00Z", "why": "the housing too"}
    assert cast.program("eva").post(f"/api/v1/cases/{case}/kinds", api, "application/json").status_code == 403
    found = program.post(f"/api/v1/cases/{case}/kinds", api, "application/json").json()
    assert found["kinds"] == ["aev", "incident", "quality"]
    names = [one["name"] for one in found["open_ends"]]
    assert names == ["cra.aev/ALPINA", "cra.incident/ALPINA"]
    close = f"/api/v1/cases/{case}/close"
    refused = program.post(close, {"why": "over"}, "application/json")
    assert refused.json()["code"] == "cases.open_ends" and list(refused.json()["facts"]["open"]) == names
    left = {"verb": "close", "why": "over", **{f"left.{name}": "taken over by the parent" for name in names}}
    assert cara.post(f"/case/{case}/", left).status_code == 302
    assert "taken over by the parent" in cara.get(f"/case/{case}/").content.decode()


def test_a_returned_report_stands_on_the_war_room_page_as_owed(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions.deciding import submit
    from asbuilt.answers.cases.reporting.actions.submitting import platform_said

    ours = local_system(cast.tenant["cara"])
    which = {"case": case, "duty": "cra.aev", "stage": "early_warning", "manufacturer": "ALPINA"}
    submit(ours, at=AT + 1, reference="SRP-1", **which)
    platform_said(ours, said="returned", at=AT + 2, why="wrong <i>CSIRT</i>", **which)
    page = cast.browser("cara").get(f"/case/{case}/").content.decode()
    assert "early warning was returned: wrong &lt;i&gt;CSIRT&lt;/i&gt;" in page and ">returned</span>" in page


def test_with_two_manufacturers_awareness_and_a_measure_are_stated_of_one_and_a_late_report_gets_its_reason(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.answers.cases.handling.seen import case_seen

    cara, ours = cast.browser("cara"), local_system(cast.tenant["cara"])
    assert 'name="manufacturer"><option value="">of all' not in cara.get(f"/case/{case}/").content.decode()
    saying.add_product(ours, case=case, product="B-PROBE", role="manufacturer", manufacturer="BOREAL")
    page = cara.get(f"/case/{case}/").content.decode()
    assert "of all: it stands in every report and notice" in page and "all that run" in page
    at = {"verb": "moment", "moment": "aware_at", "at": "2026-11-21T08:00:00Z", "why": "later"}
    assert cara.post(f"/case/{case}/", {**at, "run": "cra.aev BOREAL"}).status_code == 302
    stated = {"verb": "measure", "kind": "mitigating", "at": "2026-11-21T09:00:00Z", "why": "unplug"}
    assert cara.post(f"/case/{case}/", {**stated, "manufacturer": "BOREAL"}).status_code == 302
    duties = {one["manufacturer"]: one for one in case_seen(ours, case)["duties"]}
    assert [duties[name]["aware"]["at"] for name in ("ALPINA", "BOREAL")] == ["2026-11-20T08:00:00Z", "2026-11-21T08:00:00Z"]  # fmt: skip
    assert [duties[name]["clocks"][2]["due_at"] for name in ("ALPINA", "BOREAL")] == [None, "2026-12-05T09:00:00Z"]
    assert duties["ALPINA"]["clocks"][0]["late"] and 'value="early_warning cra.aev ALPINA"' in page
    said = {"verb": "late", "late": "early_warning cra.aev ALPINA", "why": "the log came late"}
    assert cara.post(f"/case/{case}/", said).status_code == 302
    page = cara.get(f"/case/{case}/").content.decode()
    assert "the log came late" in page and 'value="early_warning cra.aev ALPINA"' not in page
    assert cara.post(f"/case/{case}/", {**said, "late": "noon"}).status_code in (409, 422)


def test_a_measure_that_is_none_is_withdrawn_on_the_page_and_starts_no_clock_any_more(cast, case):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.seen import case_seen

    cara, ours = cast.browser("cara"), local_system(cast.tenant["cara"])
    assert "measure_off" not in cara.get(f"/case/{case}/").content.decode()  # nothing to withdraw
    stated = {
        "verb": "measure",
        "kind": "corrective",
        "at": "2026-11-21T09:00:00Z",
        "why": "2.3.2",
        "manufacturer": "ALPINA",
    }
    assert cara.post(f"/case/{case}/", stated).status_code == 302
    page = cara.get(f"/case/{case}/").content.decode()
    assert 'value="measure_off"' in page and '<option value="M-1">' in page
    assert case_seen(ours, case)["duties"][0]["clocks"][2]["due_at"] == "2026-12-05T09:00:00Z"
    off = {"verb": "measure_off", "measure": "M-1", "why": "2.3.2 does not mend it"}
    assert cara.post(f"/case/{case}/", {**off, "why": ""}).status_code == 422
    assert cara.post(f"/case/{case}/", {**off, "measure": "M-9"}).status_code == 404
    assert cara.post(f"/case/{case}/", off).status_code == 302
    (one,), duty = case_seen(ours, case)["measures"], case_seen(ours, case)["duties"][0]
    assert (one["kind"], one["manufacturer"], one["available_at"]) == ("corrective", "ALPINA", None)
    assert (duty["clocks"][2]["state"], duty["clocks"][2]["due_at"]) == ("not_started", None)
    page = cara.get(f"/case/{case}/").content.decode()
    assert "2.3.2 does not mend it" in page and "withdrawn" in page and 'value="measure_off"' not in page


def test_the_war_room_shows_all_three_numbers_of_every_answer(cast, case, tmp_path):
    """Nobody scanned what is on C1 of two more lamps: of them it is unrecorded whether they carry the common lot."""
    import re

    from cast import write_tables

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.affected import affected
    from asbuilt.built.exchange.actions import import_folder

    order = {
        "order": "WO-GAP",
        "product": "A-LAMP",
        "revision": "B",
        "bom_version": "1",
        "quantity": "2",
        "customer": "ALPINA",
    }
    units = [{"order": "WO-GAP", "serial": f"GAP-{n}", "panel": "", "position": "", "state": "built"} for n in (1, 2)]
    write_tables(tmp_path / "gap", {"orders": [{**order, "opened_at": "2026-02-02T08:00:00Z"}], "units": units})
    import_folder(local_system(cast.tenant["cara"]), tmp_path / "gap")
    cara = cast.browser("cara")
    assert (
        cara.post(f"/case/{case}/", {"verb": "freeze", "question": "lot:LOT-COMMON", "why": "all"}).status_code == 302
    )
    now = affected(local_system(cast.tenant["cara"]), case)["now"]
    page = cara.get(f"/case/{case}/").content.decode()
    panel = page[page.index('id="h-aff"') : page.index('id="h-cu"')]
    heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<span[^>]*></span> )?([^<]*)</th>", panel)
    assert heads == ["Answer", "Certain", "Possible", "Unrecorded", "Outside", "Here", "Log head"]
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in panel.split("<tr>")[2:]]
    assert len(rows) == 2 and now["unrecorded"] == 2
    for row in rows:
        assert row[:3] == [f"{now[name]:,}" for name in ("certain", "possible", "unrecorded")]


def test_a_clock_that_runs_says_in_german_how_much_is_left_and_a_note_is_no_delivery_note(cast, case):
    """It said *gegangen*, the word for a box that left the house, behind the hours that a report still has; and *Lieferschein* over a note."""
    import re

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.ledger import clock

    ours = local_system(cast.tenant["cara"])
    saying.state_moment(ours, case=case, moment="aware_at", at=clock.now(), why="seen again")
    page = cast.browser("cara").get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert page.count("<small>übrig</small>") == 2 and not re.search(r"\bgegangen", page)
    assert "Lieferschein" not in page and ">Bemerkung<" in page


def test_the_war_room_says_times_fields_and_open_ends_in_words_of_its_reader(cast, case):
    """The next step named an instant of records, the timeline `early_warning/impact`, the form that closes a case `cra.aev/ALPINA`."""
    import re

    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.reporting.actions.writing import fill

    ours = local_system(cast.tenant["cara"])
    fill(ours, case=case, duty="cra.aev", stage="early_warning", texts={"sensitivity": "TLP:AMBER"}, why="ongoing")
    for language, words in {
        "en": ("Submit: early warning, Actively exploited vulnerability (ALPINA), by 21 Nov 2026, 09:00 +01:00 (Europe/Berlin).", "early warning: Considered sensitivity", "Actively exploited vulnerability, ALPINA, early warning due 21 Nov 2026, 09:00"),
        "de": ("Einreichen: Frühwarnung, Aktiv ausgenutzte Schwachstelle (ALPINA), bis 21 Nov 2026, 09:00 +01:00 (Europe/Berlin).", "Frühwarnung: Considered sensitivity", "Aktiv ausgenutzte Schwachstelle, ALPINA, Frühwarnung"),
    }.items():  # fmt: skip
        page = cast.browser("cara").get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        for said in words:
            assert said in page, said
        shown = re.sub(r"<[^>]*>", " ", page)
        assert "early_warning" not in shown and "cra.aev/" not in shown
        assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown)


def test_the_form_that_closes_a_case_stands_below_its_timeline(cast, case):
    """On a phone it stood above everything that had happened."""
    page = cast.browser("cara").get(f"/case/{case}/").content.decode()
    assert 0 < page.index('id="h-t"') < page.index('value="close"')


def test_a_clock_that_does_not_run_says_why_on_the_page_in_german_too(cast, case):
    """It said *not started* and *estimate*, and *does not apply*, and not why; the reasons stood in the API alone."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import saying, turning
    from asbuilt.kernel.instants import parse_instant

    ours, cara = local_system(cast.tenant["cara"]), cast.browser("cara")
    turning.add_kind(ours, case=case, kind="incident", at=AT, why="it came through the update server")

    def clocks(language: str) -> str:
        page = cara.get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        return page[page.index('id="h-k1"') : page.index('id="h-aff"')]

    english, german = clocks("en"), clocks("de")
    assert "No workaround and no fix is available: the first one starts it." in english
    assert "submitted earlier, this report is due earlier." in english
    assert "Es gibt weder Abhilfe noch Behebung: Die erste startet sie." in german
    assert "Wird sie früher eingereicht, ist dieser Bericht früher fällig." in german
    long_ago = parse_instant("2026-09-01T08:00:00Z")
    saying.state_moment(ours, case=case, moment="aware_at", at=long_ago, why="older logs")
    assert "Diese Pflicht gilt ab 2026-09-11; bekannt war es vor diesem Tag." in clocks("de")


def test_reasons_typed_into_a_close_that_is_refused_stay_in_its_form(cast, case):
    """One of several was missing, and all the others were gone."""
    cara = cast.browser("cara")
    assert (
        cara.post(f"/case/{case}/", {"verb": "duty", "duty": "nis2", "on": "yes", "why": "an entity"}).status_code
        == 302
    )
    said = {"verb": "close", "why": "over & done", "left.nis2": "the <b>other</b> house reports"}
    refused = cara.post(f"/case/{case}/", said)
    page = refused.content.decode()
    assert refused.status_code == 409 and 'value="over &amp; done"' in page
    assert 'name="left.nis2" value="the &lt;b&gt;other&lt;/b&gt; house reports"' in page
    other = cara.post(f"/case/{case}/", {"verb": "moment", "moment": "aware_at", "at": "never", "why": "seen it"})
    assert other.status_code == 422 and 'name="why" value="seen it"' not in other.content.decode()


def test_the_timeline_says_what_the_recipient_said_of_a_report(cast, case):
    """It said that it had said something."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding
    from asbuilt.answers.cases.reporting.actions.submitting import platform_said

    ours, which = local_system(cast.tenant["cara"]), {"case": case, "duty": "cra.aev", "stage": "early_warning"}
    deciding.submit(ours, **which, at=AT + 1)
    platform_said(ours, **which, said="acknowledged", at=AT + 2)
    page = cast.browser("cara").get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "bestätigt" in page[page.index('id="h-t"') :]


def test_a_duty_that_the_house_has_no_more_is_shown_as_ended_by_whom_and_why(cast, case):
    cara = cast.browser("cara")
    said = {"verb": "duty", "duty": "nis2", "why": "we are an entity"}
    assert cara.post(f"/case/{case}/", {**said, "on": "yes"}).status_code == 302
    moment = {"verb": "moment", "moment": "aware_at", "at": "2026-11-20T08:00:00Z", "why": "seen", "run": "nis2"}
    assert cara.post(f"/case/{case}/", moment).status_code == 302
    assert cara.post(f"/case/{case}/", {**said, "on": "no", "why": "too small for one"}).status_code == 302
    page = cara.get(f"/case/{case}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    clocks = page[page.index('id="h-k2"') : page.index('id="h-aff"')]
    assert clocks.count('<span class="chip">beendet</span>') == 3 and clocks.count("too small for one") == 3
    assert "zu spät" not in clocks and "2026-11-21T08:00:00" in clocks
    assert "Wir haben sie nicht mehr" in page


def test_german_pages_say_what_one_english_word_means_there(cast, case):
    """Closed cases were called locked, open vulnerabilities *to open*, the day on which a shipment left its *rest*, keys *signs*."""
    import re

    def heads(who: str, place: str) -> str:
        page = cast.browser(who).get(place, HTTP_ACCEPT_LANGUAGE="de")
        assert page.status_code == 200, place
        shown = page.content.decode()
        return " ".join(re.findall(r"<(?:h2|th|dt|label|button|a|span)\b[^>]*>\s*([^<]+?)\s*<", shown))

    closed = heads("cara", "/cases/?closed=yes")
    assert "Geschlossen" in closed and "Gesperrt" not in closed
    vulnerabilities = heads("cara", "/vulnerabilities/")
    assert "Offen" in vulnerabilities and "Öffnen" not in vulnerabilities
    shipments = heads("cara", "/shipments/")
    assert "Ausgeliefert" in shipments and "Rest" not in shipments
    publishing = heads("cara", "/publishing/")
    assert "Schlüssel" in publishing and "Zeichen" not in publishing
    qualifications = heads("ben", "/qualifications/")
    assert "Stufe" in qualifications and "Prüfniveau" not in qualifications
    boms = heads("cara", "/sboms/")
    assert re.search(r"\bZu\b", boms) and "Über" not in boms


def test_the_page_says_in_german_what_the_record_does_not_know_of_its_units(signed_in, load):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening

    said = tables()
    for row, out in zip(said["assemblies"], ("2027-04-01T08:00:00Z", ""), strict=True):
        row["removed_at"] = out
    load(said)
    ours = local_system(1)
    code = opening.open_case(ours, kind="quality", title="Boards")
    deciding.freeze(ours, case=code, question="unit:B-01", why="all")
    page = signed_in("psirt").get(f"/case/{code}/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Nordlicht: 1 Einheit aus dem ausgebaut, was damals dort war; wohin, ist nicht verzeichnet" in page
