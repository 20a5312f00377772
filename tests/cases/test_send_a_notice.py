"""A notice goes to each customer with its own units, in its own language, over a real mail server; what became of it is in the case."""

import csv
import io

import pytest
from notice_floor import ALPINA, HALDEN, contacts, drafted, open_case

from asbuilt.kernel.errors import Conflict, NotFound, Refused
from asbuilt.ledger import clock

OTHERS = {"halden": ("WO-1-3", "Alpina", "ALP", "SH-2", "C-1"), "alpina": ("WO-1-1", "WO-1-2", "Halden", "HAL", "SH-1", "C-1")}  # fmt: skip


def send(actor, code: str, version: int = 1, **more):
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.sending import send_due

    send_notice(actor, notice=code, version=version, **more)
    return send_due(actor.tenant)


def states(actor, code: str) -> dict[str, str]:
    from asbuilt.answers.cases.telling.seen import notice_seen

    return {one["party"]: one["state"] for one in notice_seen(actor, code)["recipients"]}


def units_of(mail) -> list[dict]:
    (attached,) = mail.iter_attachments()
    return list(csv.DictReader(io.StringIO(attached.get_content())))


def test_each_customer_gets_its_own_units_in_its_own_language(told, mails):
    contacts(told, HAL="psirt@halden.example de", ALP="psirt@alpina.example fr")
    code = drafted(told, open_case(told))
    assert send(told, code) == 2
    by = {mail["To"].split("@")[1].split(".")[0]: mail for mail in mails.all()}
    assert {row["serial_number"] for row in units_of(by["halden"])} == HALDEN
    assert {row["serial_number"] for row in units_of(by["alpina"])} == ALPINA
    assert units_of(by["alpina"])[0] == {
        "product": "OWN-1", "serial_number": "WO-1-3", "affected_unit": "WO-1-3", "certainty": "certain", "shipment": "SH-2",
        "shipped_on": "2026-05-05",
    }  # fmt: skip
    german = by["halden"].get_body().get_content()
    assert by["halden"]["Subject"] == "Sicherheitsmitteilung: OWN-1" and "Stecker ziehen." in german
    assert "2 sicher betroffen" in german and "psirt@ostwerk.example" in german and "OWN-1 (2.3.1)" in german
    french = by["alpina"].get_body().get_content()
    assert by["alpina"]["Subject"] == "Avis de sécurité : OWN-1" and "1 certainement" in french
    assert states(told, code) == {"HAL": "accepted", "ALP": "accepted"}
    assert len(set(mails.connections())) == 1


def test_nothing_of_others_is_in_a_mail(told, mails):
    contacts(told, HAL="psirt@halden.example de", ALP="psirt@alpina.example fr")
    send(told, drafted(told, open_case(told)))
    for mail in mails.all():
        who = mail["To"].split("@")[1].split(".")[0]
        whole = mail.get_body().get_content() + str(units_of(mail)) + str(mail.items())
        assert [name for name in OTHERS[who] if name in whole] == []


def test_what_became_of_it_is_in_the_cases_timeline(told, mails, seen):
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    case = open_case(told)
    send(told, drafted(told, case))
    kinds = [
        (one["kind"], one["name"], one["said"].get("count"))
        for one in seen(case)["timeline"]
        if "notice" in one["kind"]
    ]
    assert kinds == [
        ("notice_drafted", "N-1", None), ("notice_reviewed", "N-1", None), ("notice_queued", "N-1", None),
        ("notice_queued", "N-1", "2"), ("notice_queued", "N-1", "2"), ("notice_accepted", "N-1", "2"),
    ]  # fmt: skip
    said = [one for one in seen(case)["timeline"] if one["kind"] == "notice_queued" and not one["said"].get("count")]
    assert said[0]["said"] == {"version": "1", "recipients": "2", "without_address": "0"}


def test_a_customer_without_address_is_a_gap_until_somebody_says_how_it_was_told(told, mails, seen):
    from case_floor import AT

    from asbuilt.answers.cases.telling.actions.acknowledging import tell_otherwise

    contacts(told, HAL="psirt@halden.example")
    case = open_case(told)
    code = drafted(told, case)
    assert send(told, code) == 1
    assert states(told, code) == {"HAL": "accepted", "ALP": "no_address"}
    gap = "N-1 has not reached Alpina: tell them by other means, and say so."
    assert gap in seen(case)["gaps"]
    tell_otherwise(told, notice=code, customer="ALP", means="phone", at=AT, why="spoke with Ms Kern")
    assert states(told, code)["ALP"] == "told" and gap not in seen(case)["gaps"]


def test_a_notice_nobody_read_is_not_sent(told, mails, monkeypatch):
    from asbuilt.answers.cases.telling.actions import writing

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example")
    with pytest.raises(Refused) as nobody:
        writing.review_notice(told, notice=writing.draft_notice(told, case=case), version=1)
    assert nobody.value.code == "cases.notice_contact_missing"
    monkeypatch.setenv("ASBUILT_NOTICE_CONTACT", "call us")
    with pytest.raises(Refused) as unread:
        send(told, "N-1")
    assert unread.value.code == "cases.notice_not_reviewed"
    writing.review_notice(told, notice="N-1", version=1)
    writing.revise_notice(told, notice="N-1", texts={"en": {"measures": "unplug it"}}, why="clearer")
    with pytest.raises(Conflict) as older:
        send(told, "N-1")
    assert older.value.code == "cases.notice_version"
    with pytest.raises(Refused):  # the new version was read by nobody
        send(told, "N-1", version=2)
    writing.review_notice(told, notice="N-1", version=2)
    assert send(told, "N-1", version=2) == 1
    with pytest.raises(Conflict) as twice:
        send(told, "N-1", version=2)
    assert twice.value.code == "cases.notice_sent"


def test_where_the_answer_was_overtaken_it_is_said_why_the_notice_goes_out(told, mails):
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example")
    code = drafted(told, case)
    first = case_file(told, case).answers[-1].name
    freeze(told, case=case, question="product:OWN-1 -unit:WO-1-1", why="one less", supersedes=first)
    with pytest.raises(Refused) as overtaken:
        send(told, code)
    assert overtaken.value.code == "cases.notice_overtaken" and mails.raw() == []
    assert send(told, code, why="the difference is one unit") == 1


def test_a_customer_that_a_corrected_notice_leaves_out_is_shown_until_it_was_told(told, mails):
    """Alpina's one unit was wrongly in the first answer. Version 2 goes to Halden alone: nobody tells Alpina by itself."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.telling.actions import writing
    from asbuilt.answers.cases.telling.actions.acknowledging import record_acknowledgement, tell_otherwise
    from asbuilt.answers.cases.telling.seen import notice_seen

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, case)
    assert send(told, code) == 2
    first = case_file(told, case).answers[-1].name
    freeze(told, case=case, question="product:OWN-1 -unit:WO-1-3", why="not that one", supersedes=first)
    writing.revise_notice(told, notice=code, why="corrected")
    writing.review_notice(told, notice=code, version=2)
    assert send(told, code, version=2) == 1
    left_out = f"{code}: version 2 leaves out Alpina, told before: tell them that their units are not affected after all, and say so."
    assert left_out in notice_seen(told, code)["gaps"] and left_out in case_seen(told, case)["gaps"]
    assert {"name": code, "words": "1 not reached"} in case_seen(told, case)["open_ends"]
    assert set(states(told, code)) == {"HAL"}
    with pytest.raises(NotFound):  # it acknowledges no version that it did not get
        record_acknowledgement(told, notice=code, customer="ALP", at=clock.now(), why="mail")
    tell_otherwise(told, notice=code, customer="ALP", means="phone", at=clock.now(), why="not affected: Ms Kern")
    assert left_out not in notice_seen(told, code)["gaps"] and left_out not in case_seen(told, case)["gaps"]
    assert code not in {one["name"] for one in case_seen(told, case)["open_ends"]}
    with pytest.raises(NotFound):  # once is enough: who is out and knows it is nobody's recipient any more
        tell_otherwise(told, notice=code, customer="ALP", means="phone", at=clock.now(), why="again")


def reader(actor, party: str):
    """A person of this party."""
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import PARTY_READER, ROLES
    from asbuilt.designed.parties.queries import numbers_by_name

    return Actor(actor.tenant, "", ROLES[PARTY_READER], None, numbers_by_name(actor.tenant)[party], frozenset({PARTY_READER}))  # fmt: skip


def corrected(actor, code: str, case: str, question: str) -> None:
    """Version 2 on another answer goes out."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file
    from asbuilt.answers.cases.telling.actions import writing

    first = case_file(actor, case).answers[-1].name
    freeze(actor, case=case, question=question, why="corrected", supersedes=first)
    writing.revise_notice(actor, notice=code, why="corrected")
    writing.review_notice(actor, notice=code, version=2)
    send(actor, code, version=2)


def test_a_customer_that_was_left_out_reads_on_its_page_that_it_is_not_affected_and_that_counts_as_told(told, mails):
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.telling.actions.acknowledging import acknowledge_own, open_own
    from asbuilt.answers.cases.telling.actions.holding import hold_notice, let_go
    from asbuilt.answers.cases.telling.own import own_notices, own_units
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.answers.portal.standing import portal
    from asbuilt.answers.portal.waiting import waiting
    from asbuilt.kernel.errors import NotFound

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code, alpina = drafted(told, case), reader(told, "ALP")
    send(told, code)
    acknowledge_own(alpina, notice=code)
    shown = open_own(alpina, notice=code)
    assert (shown["left_out_at"], shown["still_affected"]) == (None, None) and waiting(alpina) == []
    assert {one.code: one.cases for one in portal(alpina).products}["OWN-1"] == 1
    corrected(told, code, case, "product:OWN-1 -unit:WO-1-3")
    (listed,) = own_notices(alpina)
    assert listed["left_out_at"] and listed["acknowledged_at"] is None  # what it read was the version before
    assert [one.code for one in waiting(alpina)] == [code]
    assert {one.code: one.cases for one in portal(alpina).products}["OWN-1"] == 0
    hold_notice(told, notice=code, readers=["psirt"], why="exploited")
    assert own_notices(alpina) == []
    with pytest.raises(NotFound):
        open_own(alpina, notice=code)
    let_go(told, notice=code, why="the update is out")
    shown = open_own(alpina, notice=code)
    assert shown["left_out_at"] == listed["left_out_at"] and shown["still_affected"] is False
    # what it was told before stays to be read
    assert shown["certain"] == 1 and b"WO-1-3" in own_units(alpina, code)
    assert any("leaves out Alpina" in gap for gap in case_seen(told, case)["gaps"])
    assert acknowledge_own(alpina, notice=code)["acknowledged_at"]
    assert not any(
        "leaves out Alpina" in gap for gap in case_seen(told, case)["gaps"] + notice_seen(told, code)["gaps"]
    )
    # who is still meant reads nothing of it
    assert open_own(reader(told, "HAL"), notice=code)["left_out_at"] is None


def test_a_customer_whose_unit_went_to_another_is_not_told_that_it_is_not_affected(told, mails, load):
    """Alpina's unit came back and went to Halden: it is affected as before, and none of Alpina's."""
    from notice_floor import shipment

    from asbuilt.answers.cases.telling.own import own_notice

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, case)
    send(told, code)
    load(
        {"shipments": [{**shipment("SH-9", "HAL", "WO-1-3", "WO-1-3"), "shipped_at": "2026-06-05T08:00:00Z"}]}, "moved"
    )
    corrected(told, code, case, "product:OWN-1")
    shown = own_notice(reader(told, "ALP"), code)
    assert shown["left_out_at"] and shown["still_affected"] is True


def test_a_customer_that_a_narrower_question_leaves_out_is_not_told_that_it_is_not_affected(told, mails):
    """Version 2 is for Halden alone, by a question that says so; the answer in which Alpina's unit stands is superseded by nothing."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.telling.actions import writing
    from asbuilt.answers.cases.telling.own import own_notice

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, case)
    send(told, code)
    freeze(told, case=case, question="product:OWN-1 customer:Halden", why="of Halden")
    writing.revise_notice(told, notice=code, why="Halden first")
    writing.review_notice(told, notice=code, version=2)
    send(told, code, version=2)
    shown = own_notice(reader(told, "ALP"), code)
    assert shown["left_out_at"] and shown["still_affected"] is True


def test_who_is_left_out_because_another_notice_tells_him_is_not_to_be_told_that_he_is_not_affected(told, mails):
    """Alpina gets words of its own, N-2; version 2 of N-1 is for Halden alone."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.telling.actions import writing
    from asbuilt.answers.cases.telling.seen import notice_seen

    def left_out() -> list[str]:
        return [gap for gap in notice_seen(told, "N-1")["gaps"] + case_seen(told, case)["gaps"] if "leaves out" in gap]

    case = open_case(told)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, case)
    send(told, code)
    mine = freeze(told, case=case, question="product:OWN-1 customer:Alpina", why="of Alpina")
    halden = freeze(told, case=case, question="product:OWN-1 customer:Halden", why="of Halden")
    writing.revise_notice(told, notice=code, answer=halden, why="Halden alone")
    writing.review_notice(told, notice=code, version=2)
    send(told, code, version=2)
    other = drafted(told, case, answer=mine)
    assert len(left_out()) == 2  # a draft tells nobody
    send(told, other)
    assert left_out() == [] and code not in {one["name"] for one in case_seen(told, case)["open_ends"]}


def test_a_contract_manufacturer_tells_the_brand_owner_of_its_units(told, mails):
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, open_case(told, "product:HAL-1 or product:OWN-1"), kind="upward")
    assert send(told, code) == 1  # our own product is ours: nobody above us is told of it
    (mail,) = mails.all()
    assert mail["To"] == "psirt@halden.example" and mail["Subject"] == "Notice to the manufacturer: HAL-1"
    assert [row["serial_number"] for row in units_of(mail)] == ["WO-2-1", "WO-2-2", "WO-2-3"]


def test_an_answer_that_nobody_holds_units_of_makes_no_notice(told):
    from asbuilt.answers.cases.telling.actions.writing import draft_notice

    with pytest.raises(Refused) as nobody:
        draft_notice(told, case=open_case(told, "product:HAL-1"))
    assert nobody.value.code == "cases.notice_nobody"


def test_a_portal_counts_a_case_at_the_products_that_the_notice_told_the_party_of(told):
    """A case of our product and one of Halden's: who was told of one of them read that there is a case of the other too."""
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.answers.cases.telling.own import own_notice
    from asbuilt.answers.portal.standing import portal

    case = open_case(told)
    saying.add_product(told, case=case, product="HAL-1")
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code, halden = drafted(told, case), reader(told, "HAL")
    assert {one.code: one.cases for one in portal(halden).products} == {"OWN-1": 0, "HAL-1": 0, "HAL-2": 0}
    send(told, code)
    assert {one.code: one.cases for one in portal(halden).products} == {"OWN-1": 1, "HAL-1": 0, "HAL-2": 0}
    assert not {"case", "products"} & set(own_notice(halden, code))
