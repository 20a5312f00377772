"""Declarations (Annexes V and VI), user information (Annex II), requests of authorities (13(22)), and who supplied whom (Article 23)."""

from dataclasses import replace

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.kernel.instants import parse_instant

ANNEX_V = [f"AV.{n}" for n in range(1, 9)]
ANNEX_VI = ["AVI.1", "AVI.2"]
ANNEX_II = [
    "AII.1", "AII.2", "AII.3", "AII.4", "AII.5", "AII.6", "AII.7", "AII.8.a", "AII.8.b", "AII.8.c", "AII.8.d", "AII.8.e", "AII.8.f", "AII.9",
]  # fmt: skip
SAID = {
    "manufacturer": "Ostwerk GmbH", "address": "Hafen 1, Hamburg", "url": "https://ostwerk.example/doc/own-1", "laws": ["Regulation (EU) 2024/2847"],
    "standards": ["none applied"], "place": "Hamburg", "signed_on": "2026-02-27", "signatory": "A. Ost", "function": "Head of products",
}  # fmt: skip
FAMILY = [{"product": "OWN-1", "variants": ["OWN-1-EU", "OWN-1-UK"]}]
AT = parse_instant("2026-11-20T08:00:00Z")


@pytest.fixture
def filed(filed):
    judged(filed, "OWN-1")
    return filed


def judged(actor, product: str) -> None:
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers

    answers = Answers(digital_elements="yes", connection="direct", market="yes", functions=["default"])
    judge(actor, product=product, answers=answers, why="A sensor")


def declared(filed, **other):
    from asbuilt.answers.compliance.filing.declaring import declare

    texts = {"en": "Sensor", "de": "Sensor", "pl": "Czujnik", "fr": "Capteur"}
    given = {"products": FAMILY, "said": SAID, "languages": ["en", "de", "pl", "fr"], "texts": texts, "why": "first"}
    return declare(filed, **{**given, **other})


def told(filed) -> dict:
    from asbuilt.answers.compliance.filing.declarations import declarations_told

    return declarations_told(filed, "OWN-1")


def test_a_declaration_has_every_point_of_annex_v_in_four_languages_or_is_not_issued(filed):
    assert declared(filed, request_key="d") == ("D-1", "1") == declared(filed, request_key="d")
    with pytest.raises(Conflict):
        declared(filed, request_key="d", why="other")
    (one,) = told(filed)["declarations"]
    assert one["gaps"] == [] and one["products"] == FAMILY
    for language in ("en", "de", "pl", "fr"):
        points = {each["point"]: each["text"] for each in one["texts"][language]}
        assert list(points) == ANNEX_V and "OWN-1 (OWN-1-EU, OWN-1-UK)" in points["AV.1"]
        assert "Hafen 1" in points["AV.2"] and points["AV.3"] and "2024/2847" in points["AV.5"]
        simple = {each["point"]: each["text"] for each in one["simplified"][language]}
        assert list(simple) == ANNEX_VI and "https://ostwerk.example/doc/own-1" in simple["AVI.2"]
    assert one["texts"]["fr"][2]["text"] != one["texts"]["pl"][2]["text"] != one["texts"]["en"][2]["text"]
    # which phrases are not the text of the law is said of each language: none was compared with the Official Journal
    assert one["not_official"] == [
        "AV.3 (en, de, pl, fr)",
        "AV.5 (en, de, pl, fr)",
        "AVI.1 (en, de, pl, fr)",
        "AVI.2 (en, de, pl, fr)",
    ]
    assert {each["point"]: each["origin"] for each in one["simplified"]["en"]} == {
        "AVI.1": "reference",
        "AVI.2": "ours",
    }
    # a missing translation, and each missing point, is named
    with pytest.raises(Refused) as refusal:
        declared(filed, texts={"en": "Sensor"}, said={**SAID, "address": "", "signatory": ""})
    assert refusal.value.code == "compliance.declaration_gaps"
    named = " ".join(refusal.value.facts["gaps"])
    assert all(part in named for part in ("AV.4 (de)", "AV.4 (pl)", "AV.4 (fr)", "AV.2 (en)", "AV.8 (en)"))
    for wrong, code in (
        ({"products": []}, "compliance.products_wrong"),
        ({"languages": ["xx"]}, "compliance.word_unknown"),
        ({"said": {**SAID, "signed_on": "soon"}}, "compliance.day_wrong"),
    ):
        with pytest.raises(Invalid) as refusal:
            declared(filed, **wrong)
        assert refusal.value.code == code
    with pytest.raises(NotFound):
        declared(filed, products=[{"product": "NOTHING"}])
    from asbuilt.answers.compliance.filing.declarations import declaration_paper

    # a declaration says in each language what it is; PDF/A keeps its title readable beside the page
    for language, title in (
        ("en", "EU declaration of conformity"), ("de", "EU-Konformitätserklärung"), ("pl", "Deklaracja zgodności UE"),
        ("fr", "Déclaration UE de conformité"),
    ):  # fmt: skip
        assert f"{title} D-1 1".encode() in declaration_paper(filed, "D-1", "1", language, "full"), language
    for language, form in (("xx", "full"), ("de", "short")):
        with pytest.raises(Invalid) as refusal:
            declaration_paper(filed, "D-1", "1", language, form)
        assert refusal.value.code == "compliance.word_unknown"
    assert declared(filed, declaration="D-1", why="new address", content=b"%PDF", name="signed.pdf") == ("D-1", "2")


def test_it_stands_which_declaration_went_with_which_shipment(filed):
    from asbuilt.answers.compliance.filing.declaring import send_declaration
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.compliance.filing.technical_file import told as file_told

    declared(filed)
    sent = {"declaration": "D-1", "version": "1", "form": "simplified"}
    send_declaration(filed, **sent, shipments=["S-1"])
    rows = {one["shipment"]: (one["declaration"], one["version"], one["form"]) for one in told(filed)["shipments"]}
    assert rows == {"S-1": ("D-1", "1", "simplified"), "S-2": (None, None, None)}
    gaps = {(one["point"], one["gap"]) for one in file_told(technical_file(filed, "OWN-1"))["gaps"]}
    assert any(point == "market" and "S-2" in gap and "S-1" not in gap for point, gap in gaps)
    assert any(point == "AVII.7" and "no signed copy" in gap for point, gap in gaps)
    declared(filed, said={**SAID, "url": ""}, declaration="D-1")
    for wrong, error, code in (
        ({"shipments": ["S-9"]}, Refused, "compliance.shipment_foreign"),
        ({"shipments": []}, Invalid, "compliance.shipments_wrong"),
        ({"version": "7"}, Invalid, "compliance.word_unknown"),
        ({"version": "2"}, Refused, "compliance.no_address"),
        ({"declaration": "D-9"}, NotFound, "compliance.declaration_unknown"),
    ):
        with pytest.raises(error) as refusal:
            send_declaration(filed, **{**sent, "shipments": ["S-1"], **wrong})
        assert refusal.value.code == code


def test_user_information_names_missing_and_unchecked_texts_by_point_and_language(filed):
    from asbuilt.answers.compliance.filing.information import check_text, information_told, write_text

    found = information_told(filed, "OWN-1")
    assert [one["point"] for one in found["points"]] == ANNEX_II and found["languages"] == ["en", "de", "pl", "fr"]
    # points that apply only in some cases are no gap before somebody begins them
    assert not any(gap.startswith(("AII.6", "AII.8.e", "AII.8.f", "AII.9")) for gap in found["gaps"])
    anna, ben = replace(filed, person=101), replace(filed, person=102)
    for language in ("en", "de"):
        write_text(anna, product="OWN-1", point="AII.4", language=language, words=f"Measures ({language})")
    write_text(anna, product="OWN-1", point="AII.9", language="en", words="On our site")
    check_text(ben, product="OWN-1", point="AII.4", language="de")
    gaps = information_told(filed, "OWN-1")["gaps"]
    assert any(gap.startswith("AII.4") and gap.endswith("no text in pl, fr.") for gap in gaps)
    assert any(gap.startswith("AII.4") and gap.endswith("not checked in en.") for gap in gaps)
    assert any(gap.startswith("AII.9") and gap.endswith("no text in de, pl, fr.") for gap in gaps)
    with pytest.raises(Refused) as refusal:
        check_text(anna, product="OWN-1", point="AII.4", language="en")
    assert refusal.value.code == "compliance.checked_alone"
    with pytest.raises(Refused):
        check_text(filed, product="OWN-1", point="AII.4", language="en")  # the account of the command line is no person
    with pytest.raises(NotFound) as refusal:
        check_text(ben, product="OWN-1", point="AII.4", language="fr")
    assert refusal.value.code == "compliance.text_missing"
    # words that changed are unchecked again
    write_text(anna, product="OWN-1", point="AII.4", language="de", words="Misst Luft")
    assert any("not checked in en, de" in gap for gap in information_told(filed, "OWN-1")["gaps"])
    with pytest.raises(NotFound):
        information_told(replace(filed, party=1), "OWN-1")


def test_a_request_of_an_authority_is_answered_with_its_gaps_and_stands_in_its_case(filed):
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.compliance.filing.answering import note_request, send_answer
    from asbuilt.answers.compliance.filing.requests import requests_told

    open_case(filed, kind="authority", title="Documents asked for")
    open_case(filed, kind="quality", title="Other")
    asked = {
        "case": "C-1", "authority": "Market surveillance", "member_state": "DE", "legal_basis": "13(22)", "words": "SBOM and risks",
        "product": "OWN-1", "demanded": ["AVII.5", "AVII.2.b", "AVII.3"], "received_at": AT, "due_at": AT + 14 * 86_400_000_000, "language": "de",
    }  # fmt: skip
    assert note_request(filed, **asked, content=b"letter", name="letter.pdf") == "1"
    assert any("is not answered" in gap for gap in case_seen(filed, "C-1")["gaps"])
    answer = {"case": "C-1", "request": "1", "to": "cra@authority.example", "sent_at": AT}
    entry = send_answer(filed, **answer, request_key="a")
    assert send_answer(filed, **answer, request_key="a") == entry
    (found,) = requests_told(filed, "C-1")["requests"]
    assert (found["authority"], found["member_state"], found["legal_basis"]) == ("Market surveillance", "DE", "13(22)")
    (sent,) = found["sent"]
    assert found["late"] is False
    assert len(sent["sha256"]) == 64 and sent["not_sent"] == ["AVII.2.b", "AVII.3"]
    assert any(gap.startswith("AVII.2.b: ") for gap in sent["gaps"])
    kinds = [one["kind"] for one in case_seen(filed, "C-1")["timeline"]]
    assert "request" in kinds and "request_sent" in kinds
    assert not any("is not answered" in gap for gap in case_seen(filed, "C-1")["gaps"])
    for wrong, error, code in (
        ({"case": "C-2"}, Refused, "compliance.case_other"),
        ({"member_state": "Germany"}, Invalid, "compliance.country_wrong"),
        ({"legal_basis": "99"}, Invalid, "compliance.word_unknown"),
        ({"demanded": []}, Invalid, "compliance.demanded_wrong"),
        ({"demanded": ["AVII.99"]}, Invalid, "compliance.word_unknown"),
        ({"due_at": AT - 1}, Invalid, "compliance.due_before"),
    ):
        with pytest.raises(error) as refusal:
            note_request(filed, **{**asked, **wrong})
        assert refusal.value.code == code
    with pytest.raises(NotFound) as refusal:
        send_answer(filed, **{**answer, "request": "9"})
    assert refusal.value.code == "compliance.request_unknown"
    with pytest.raises(Invalid):
        send_answer(filed, **{**answer, "sent_at": AT + 86_400_000_000}, content=b"x", name="x")
    with pytest.raises(Invalid) as refusal:
        send_answer(filed, **{**answer, "sent_at": AT - 1}, content=b"x", name="x")
    assert refusal.value.code == "compliance.sent_before"
    with pytest.raises(NotFound):
        requests_told(replace(filed, party=1), "C-1")


def test_who_supplied_us_and_whom_we_supplied_each_with_a_clock_of_its_own(filed):
    from asbuilt.answers.compliance.filing.trade import state_address, trade_told

    found = trade_told(filed)
    assert found["years"] == 10
    supplied = {(one["party"], one["at"][:10]): one for one in found["supplied_us"]}
    # one delivery note, two days: each has its own clock, and the older one is over
    assert list(supplied) == [("SUP", "2026-01-10"), ("SUP", "2014-01-10")]
    ends = [(one["packages"], one["shown_until"], one["over"]) for one in supplied.values()]
    assert ends == [(1, "2036-01-10", False), (1, "2024-01-10", True)]
    gone = {one["paper"]: (one["party"], one["units"], one["shown_until"]) for one in found["we_supplied"]}
    assert gone == {"S-1": ("HAL", 4, "2036-03-01"), "S-2": ("ALP", 3, "2036-03-01")}
    assert any("ALP, HAL, SUP" in gap for gap in found["gaps"])
    state_address(filed, party="Supplier", name="Supplier sp. z o.o.", address="ul. Portowa 1, Gdynia")
    found = trade_told(filed)
    assert found["supplied_us"][0]["address"] == "ul. Portowa 1, Gdynia"
    assert any("ALP, HAL." in gap for gap in found["gaps"])
    with pytest.raises(NotFound):
        state_address(filed, party="NOBODY", name="n", address="a")
    with pytest.raises(NotFound):
        trade_told(replace(filed, party=1))


def test_a_list_of_who_supplied_whom_that_is_cut_says_so_and_a_whole_one_does_not(filed, monkeypatch):
    """Two deliveries and two shipments are on record; the newest of each is listed where one row is the limit."""
    from asbuilt.answers.compliance.filing import trade

    words = [
        "Of deliveries the newest 1 are listed, and no more.",
        "Of shipments the newest 1 are listed, and no more.",
    ]
    monkeypatch.setattr(trade, "ROWS_MAX", 1)
    found = trade.trade_told(filed)
    assert [one["at"][:10] for one in found["supplied_us"]] == ["2026-01-10"] and len(found["we_supplied"]) == 1
    assert [gap for gap in found["gaps"] if "and no more" in gap] == words
    monkeypatch.setattr(trade, "ROWS_MAX", 2)  # as many as there are: nothing is cut off
    found = trade.trade_told(filed)
    assert len(found["supplied_us"]) == len(found["we_supplied"]) == 2
    assert [gap for gap in found["gaps"] if "and no more" in gap] == []


def test_what_nobody_said_of_who_supplied_us_is_counted_beyond_a_list_that_is_cut(filed, load, monkeypatch):
    """Five packages came of which nobody said from whom, three of them nobody said when; the one row that is listed is of a supplier that is named."""
    import filing_floor

    from asbuilt.answers.compliance.filing import trade

    silent = [
        {**filing_floor.delivery(f"REEL-{n}", at), "supplier": ""}
        for n, at in ((11, "2013-01-10T08:00:00Z"), (12, "2013-01-11T08:00:00Z"), (13, ""), (14, ""), (15, ""))
    ]
    load({"lots": silent}, "silent")
    whole = trade.trade_told(filed)["gaps"]
    said = ["Of 5 packages nobody said who supplied them.", "Of 3 packages nobody said when they came."]
    assert [gap for gap in whole if gap.startswith("Of ")] == said
    assert any(gap.endswith("ALP, HAL, SUP.") for gap in whole)
    monkeypatch.setattr(trade, "ROWS_MAX", 1)
    found = trade.trade_told(filed)
    assert [one["party"] for one in found["supplied_us"]] == ["SUP"] and len(found["we_supplied"]) == 1
    assert [gap for gap in found["gaps"] if "listed" not in gap] == whole


def test_a_shipment_of_two_products_went_with_a_declaration_of_each(load, actor):
    """One shipment holds units of OWN-1 and of HAL-1; D-1 is of the one, D-2 of the other. The later word is not one about the other product."""
    import filing_floor
    from case_floor import order

    from asbuilt.answers.compliance.filing.declarations import declarations_told
    from asbuilt.answers.compliance.filing.declaring import send_declaration
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.compliance.filing.technical_file import told as file_told
    from asbuilt.ledger import clock

    clock.set_clock(lambda: parse_instant("2026-11-20T12:00:00Z"))
    floor = dict(filing_floor.FLOOR)
    floor["orders"] = [*floor["orders"], {**order("WO-3", "HAL-1", "HAL"), "quantity": "1"}]
    floor["units"] = [*floor["units"], {"order": "WO-3", "serial": "HS-1", "panel": "", "position": "", "state": "built"}]  # fmt: skip
    other = {**filing_floor.shipment("S-1", "HAL", "NO", "HS-1", "HS-1"), "product": "HAL-1"}
    floor["shipments"] = [*floor["shipments"], other]
    load(floor)

    def sent(product: str) -> dict[str, str | None]:
        return {one["shipment"]: one["declaration"] for one in declarations_told(actor, product)["shipments"]}

    def gaps(product: str) -> str:
        return " ".join(
            one["gap"] for one in file_told(technical_file(actor, product))["gaps"] if one["point"] == "market"
        )

    for product in ("OWN-1", "HAL-1"):
        judged(actor, product)
        declared(actor, products=[{"product": product}])
    said = {"version": "1", "form": "full", "shipments": ["S-1"]}
    send_declaration(actor, declaration="D-2", **said)
    assert sent("OWN-1") == {"S-1": None, "S-2": None} and sent("HAL-1") == {"S-1": "D-2"}
    assert "which declaration went with: S-1, S-2" in gaps("OWN-1") and "which declaration" not in gaps("HAL-1")
    send_declaration(actor, declaration="D-1", **said)
    assert sent("OWN-1") == {"S-1": "D-1", "S-2": None} and sent("HAL-1") == {"S-1": "D-2"}
    # a version that no longer names HAL-1 says nothing of HAL-1
    declared(actor, declaration="D-2", products=[{"product": "OWN-1"}])
    send_declaration(actor, declaration="D-2", **{**said, "version": "2"})
    assert sent("OWN-1")["S-1"] == sent("HAL-1")["S-1"] == "D-2"


def test_a_product_that_nobody_judged_is_not_declared(filed):
    with pytest.raises(Refused) as refusal:
        declared(filed, products=[*FAMILY, {"product": "HAL-1"}])
    assert refusal.value.code == "compliance.declaration_gaps"
    assert refusal.value.facts["gaps"] == [
        "AV.7: nobody judged HAL-1, so nobody knows by which route it may be declared"
    ]
    judged(filed, "HAL-1")
    assert declared(filed, products=[*FAMILY, {"product": "HAL-1"}]) == ("D-1", "1")


def test_a_version_that_was_signed_later_did_not_go_with_what_had_left(filed):
    from asbuilt.answers.compliance.filing.declaring import send_declaration

    declared(filed, said={**SAID, "signed_on": "2026-03-02"})
    with pytest.raises(Refused) as refused:  # S-1 left on 1 March
        send_declaration(filed, declaration="D-1", version="1", form="full", shipments=["S-1"])
    assert (refused.value.code, refused.value.facts["shipments"]) == ("compliance.declaration_later", ["S-1"])
    assert told(filed)["shipments"][0]["declaration"] is None
    declared(filed, declaration="D-1", said={**SAID, "signed_on": "2026-03-01"})
    send_declaration(filed, declaration="D-1", version="2", form="full", shipments=["S-1"])


def test_a_standard_that_was_withdrawn_since_the_judgement_carries_no_declaration(filed, rules, on):
    """A router may be declared by route A where a standard covers it in full; the standard is withdrawn, and nobody judged it again."""
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers
    from asbuilt.answers.compliance.judging.rule_sets import newest

    standard = {
        "reference": "EN 1", "title": "t", "cited_on": "2026-11-25", "source": "OJ", "requirements": list(newest().requirements),
    }  # fmt: skip
    on("2026-12-02")
    rules("2026-12-01", standards=[standard])
    answers = Answers(
        digital_elements="yes", connection="direct", market="yes", functions=["routers-modems-switches"],
        standards=[{"reference": "EN 1", "extent": "full", "requirements": []}],
    )  # fmt: skip
    judge(filed, product="OWN-1", answers=answers, why="a router")
    assert declared(filed) == ("D-1", "1")
    on("2027-02-02")
    rules("2027-02-01", standards=[{**standard, "withdrawn_on": "2027-01-15"}])
    with pytest.raises(Refused) as refused:
        declared(filed, declaration="D-1", why="second")
    assert any("OWN-1 may not be declared by route A alone" in gap for gap in refused.value.facts["gaps"])
    judge(filed, product="OWN-1", answers=answers, why="again")
    with pytest.raises(Refused):
        declared(filed, declaration="D-1", why="second")


def test_an_answer_that_went_after_its_day_stays_late(filed, on):
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.compliance.filing.answering import note_request, send_answer
    from asbuilt.answers.compliance.filing.requests import requests_told

    open_case(filed, kind="authority", title="Documents asked for")
    day = 86_400_000_000
    note_request(
        filed, case="C-1", authority="A", member_state="DE", legal_basis="13(22)", words="w", product="OWN-1", demanded=["AVII.3"], received_at=AT,
        due_at=AT + day,
    )  # fmt: skip
    on("2026-11-25")
    assert requests_told(filed, "C-1")["requests"][0]["late"] is True
    send_answer(filed, case="C-1", request="1", to="a@b.example", sent_at=AT + 3 * day, content=b"x", name="x.pdf")
    assert requests_told(filed, "C-1")["requests"][0]["late"] is True


def sent_to_an_authority(filed, case: str, language: str) -> tuple[str, list[str]]:
    """(gaps.txt of the package that went to answer a request in this language, the gaps that were declared)."""
    import io
    import zipfile

    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.compliance.filing.answering import note_request, send_answer
    from asbuilt.answers.compliance.filing.requests import requests_told
    from asbuilt.ledger import evidence

    open_case(filed, kind="authority", title="Documents asked for")
    note_request(
        filed, case=case, authority="A", member_state="DE", legal_basis="13(22)", words="w", product="OWN-1", demanded=["AVII.2.b"], received_at=AT,
        due_at=AT, language=language,
    )  # fmt: skip
    send_answer(filed, case=case, request="1", to="a@b.example", sent_at=AT)
    (sent,) = requests_told(filed, case)["requests"][0]["sent"]
    with zipfile.ZipFile(io.BytesIO(b"".join(evidence.open_evidence(filed.tenant, sent["sha256"])))) as package:
        return package.read("gaps.txt").decode(), sent["gaps"]


def test_an_authority_reads_the_package_in_the_language_of_its_request(filed):
    from django.utils import translation

    text, gaps = sent_to_an_authority(filed, "C-1", "de-AT")  # asked in German of a server that speaks English
    assert (
        text.startswith("Dies ist ein Teil der technischen Dokumentation: AVII.2.b ")
        and "AVII.2.b: Noch nie wurde ein Feed gelesen." in gaps
    )
    with translation.override("de"):  # sent by somebody who reads German
        text, gaps = sent_to_an_authority(filed, "C-2", "en")
        assert translation.get_language() == "de"
    assert (
        text.startswith("This is part of the technical file: AVII.2.b ") and "AVII.2.b: No feed was ever taken." in gaps
    )


def test_that_a_package_is_not_in_the_language_asked_for_is_a_gap_of_it(filed):
    text, gaps = sent_to_an_authority(filed, "C-1", "pl")
    assert (
        text.startswith("This is part of the technical file: AVII.2.b ")
        and gaps[0] == "Asked for in pl; this file is in English."
    )


def answered(filed, *demanded: str, case: str = "C-1") -> tuple[bytes, dict]:
    """(the package that went to answer a request for these points of OWN-1, what the record says was sent)."""
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.compliance.filing.answering import note_request, send_answer
    from asbuilt.answers.compliance.filing.requests import requests_told
    from asbuilt.ledger import evidence

    open_case(filed, kind="authority", title="Documents asked for")
    asked = {
        "authority": "A",
        "member_state": "DE",
        "legal_basis": "13(22)",
        "words": "w",
        "product": "OWN-1",
        "received_at": AT,
        "due_at": AT,
    }
    note_request(filed, case=case, demanded=list(demanded), **asked)
    send_answer(filed, case=case, request="1", to="a@b.example", sent_at=AT)
    (sent,) = requests_told(filed, case)["requests"][0]["sent"]
    return b"".join(evidence.open_evidence(filed.tenant, sent["sha256"])), sent


def test_an_authority_gets_the_points_that_it_asked_for_and_what_it_did_not_ask_for_is_named(filed, tmp_path):
    """The story: a request for the SBOM was answered with schematics, risks, and what other authorities had asked."""
    import io
    import json
    import zipfile
    from base64 import b64decode

    from typer.testing import CliRunner

    from asbuilt.answers.compliance.filing.actions import state_point
    from asbuilt.doors.cli.commands import app

    for point, name in (("AVII.2.a", "schematic.pdf"), ("AVII.3", "risks.pdf")):
        state_point(filed, product="OWN-1", point=point, words=f"about {point}", content=name.encode(), name=name)
    content, _sent = answered(filed, "AVII.3", "AVII.2.b")
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        files = {name: box.read(name) for name in box.namelist()}
    assert [name for name in files if name.endswith(".pdf")] == [name for name in files if name.endswith("risks.pdf")]
    assert len([name for name in files if name.endswith("risks.pdf")]) == 1
    assert {name.rpartition("-")[0] for name in files if name.endswith(".csv")} <= {"AVII.3", "AVII.2.b"}
    assert not any(b"schematic" in body or b"about AVII.2.a" in body for body in files.values())
    said = json.loads(files["file.json"])
    assert {one["point"] for one in said["points"]} == {one["point"] for one in said["gaps"]} | {"AVII.3"} == {"AVII.2.b", "AVII.3"}  # fmt: skip
    assert len(said["not_part"]) == 20 and said["revisions"] == []  # of the 22 points of the rule set
    first, second, *_ = files["gaps.txt"].decode().splitlines()
    assert first.startswith("This is part of the technical file: ") and "AVII.3 Risk assessment" in first
    assert second.startswith("Not asked for, and not part of it: ") and "AVII.2.a Design and architecture" in second
    proved = json.loads(b64decode(json.loads(files["proofs.json"])["payload"]))
    assert [len(one["rows"]) for one in proved["entries"]] == [1]
    manifest = json.loads(files["manifest.json"])
    assert sorted(manifest["points"]) == ["AVII.2.b", "AVII.3"] and len(manifest["not_part"]) == 20
    path = tmp_path / "answer.zip"
    path.write_bytes(content)
    assert CliRunner().invoke(app, ["verify", str(path)]).exit_code == 0


def test_a_document_that_a_package_leaves_out_is_a_gap_by_its_name(filed, monkeypatch):
    """It stood by its hash in the manifest alone; who read the gaps took the package for whole."""
    import io
    import json
    import zipfile
    from hashlib import sha256

    from asbuilt.answers.compliance.filing import package
    from asbuilt.answers.compliance.filing.actions import state_point

    state_point(filed, product="OWN-1", point="AVII.3", content=b"r" * 900, name="risks.pdf")
    monkeypatch.setattr(package, "DOCUMENTS_BYTES_MAX", 800)
    content, sent = answered(filed, "AVII.3")
    digest = sha256(b"r" * 900).hexdigest()
    words = f"risks.pdf (SHA-256 {digest}) is not in this package: there is no room for it."
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        manifest, text = json.loads(box.read("manifest.json")), box.read("gaps.txt").decode()
        said = json.loads(box.read("file.json"))
        assert not any(name.endswith("risks.pdf") for name in box.namelist())
    assert manifest["left_out"] == [digest]
    assert f"AVII.3 Risk assessment: {words}" in text.splitlines()
    assert manifest["gaps"] == len(said["gaps"]) and said["gaps"][-1]["gap"] == words
    assert f"AVII.3: {words}" in sent["gaps"]


def test_a_declaration_that_does_not_name_the_law_it_is_declared_under_is_not_issued(filed):
    """It named the radio directive alone, and the file called Annex V, 5 answered."""
    for laws in (["Directive 2014/53/EU"], ["Regulation (EU) 2024/28470"]):
        with pytest.raises(Refused) as refused:
            declared(filed, said={**SAID, "laws": laws})
        assert refused.value.code == "compliance.declaration_gaps" and refused.value.facts["gaps"] == [
            f"AV.5 ({language}): does not name 2024/2847" for language in ("en", "de", "pl", "fr")
        ]
    assert declared(filed, said={**SAID, "laws": ["Directive 2014/53/EU", "Rozporządzenie (UE) 2024/2847"]}) == (
        "D-1",
        "1",
    )


def test_a_declaration_signed_on_a_day_that_has_not_come_or_without_a_real_address_is_not_issued(filed):
    for other, code in (
        ({"signed_on": "2026-11-22"}, "compliance.signed_ahead"),
        ({"signed_on": "2029-01-01"}, "compliance.signed_ahead"),
        ({"url": "ask our sales office"}, "compliance.url_wrong"),
        ({"url": "ftp://ostwerk.example/doc"}, "compliance.url_wrong"),
        ({"url": "https:///doc"}, "compliance.url_wrong"),
        ({"url": "https://ostwerk.example/a doc"}, "compliance.url_wrong"),
        ({"url": "https://[::1/doc"}, "compliance.url_wrong"),
    ):
        with pytest.raises(Invalid) as wrong:
            declared(filed, said={**SAID, **other})
        assert wrong.value.code == code, other
    assert told(filed)["declarations"] == []


def test_a_draft_that_is_none_is_named_and_nothing_is_made_of_its_letters(filed):
    """`laws` as one text became a law a letter; a product without a code was our fault."""
    for wrong in (
        {"products": ["OWN-1"]}, {"products": [{"variants": []}]}, {"products": [{"product": "OWN-1", "variants": "abc"}]}, {"products": {}},
        {"said": [1]}, {"said": {**SAID, "laws": "Regulation (EU) 2024/2847"}}, {"said": {**SAID, "standards": 5}}, {"said": {**SAID, "laws": [["a"]]}},
        {"said": {**SAID, "place": ["Hamburg"]}}, {"texts": {"en": 5}}, {"texts": ["en"]}, {"languages": "en"}, {"languages": [1]},
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            declared(filed, **wrong)
        assert refused.value.code == "compliance.draft_wrong", wrong
    assert told(filed)["declarations"] == []


def test_a_declaration_in_the_name_of_another_than_the_manufacturer_is_a_gap_of_the_file(filed):
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.compliance.filing.technical_file import told as file_told

    def gaps() -> list[str]:
        return [one["gap"] for one in file_told(technical_file(filed, "OWN-1"))["gaps"] if one["point"] == "AVII.7"]

    declared(filed)  # Ostwerk GmbH, of party Ostwerk
    assert not any("manufacturer" in one for one in gaps())
    declared(filed, declaration="D-1", said={**SAID, "manufacturer": "Alpina AG"})
    assert "D-1 2 is in the name of Alpina AG; the record calls Ostwerk the manufacturer." in gaps()


def test_a_product_that_is_out_of_scope_or_of_which_that_is_open_is_not_declared(filed):
    """Somebody had judged it, with a question left open, or that the law does not apply: the declaration was issued by no route at all."""
    from asbuilt.answers.compliance.judging.actions import judge
    from asbuilt.answers.compliance.judging.decision import Answers

    for answers, word in (
        (Answers(digital_elements="yes", connection="", market="yes", functions=["default"]), "open"),
        (Answers(digital_elements="yes", connection="none", market="yes"), "out"),
    ):
        judge(filed, product="HAL-1", answers=answers, why="A box")
        with pytest.raises(Refused) as refusal:
            declared(filed, products=[*FAMILY, {"product": "HAL-1"}])
        said = {"open": "whether the law applies to HAL-1 is open", "out": "HAL-1 is judged to be out of scope"}[word]
        assert refusal.value.facts["gaps"] == [f"AV.7: {said}"]
    judged(filed, "HAL-1")
    assert declared(filed, products=[*FAMILY, {"product": "HAL-1"}]) == ("D-1", "1")


def test_a_product_named_twice_is_named(filed):
    with pytest.raises(Invalid) as refused:
        declared(filed, products=[*FAMILY, {"product": "OWN-1", "variants": ["OWN-1-US"]}])
    assert refused.value.code == "compliance.products_wrong" and "OWN-1" in refused.value.message


def test_a_letter_that_has_not_come_yet_is_no_request(filed):
    """Noted with a wrong year it could not be answered: what is sent lay before it."""
    from asbuilt.answers.cases.handling.actions.opening import open_case
    from asbuilt.answers.compliance.filing.answering import note_request
    from asbuilt.answers.compliance.filing.requests import requests_told
    from asbuilt.ledger import clock

    open_case(filed, kind="authority", title="Documents asked for")
    asked = {
        "case": "C-1", "authority": "Market surveillance", "member_state": "DE", "legal_basis": "13(22)", "words": "SBOM", "product": "OWN-1",
        "demanded": ["AVII.2.b"], "received_at": clock.now() + 3_600_000_000, "due_at": clock.now() + 14 * 86_400_000_000,
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        note_request(filed, **asked)
    assert refused.value.code == "compliance.ahead" and refused.value.facts == {"field": "received_at"}
    assert requests_told(filed, "C-1")["requests"] == []
