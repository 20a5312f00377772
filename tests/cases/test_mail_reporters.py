"""Who sent a tip with an address is answered by mail and hears of the fix; who left none finds the same under the code; the form alone mails nobody."""

import io
import json

import pytest
from notice_floor import Mails
from publishing_floor import published, set_up
from vulnerable_factory import MBEDTLS, secured

from asbuilt.storage import outbox, reading

FINDER = "Mallory <mallory.4711@example.com>"


@pytest.fixture
def house(actor, load, tmp_path, monkeypatch):
    """Boards with a flaw; the house publishes under psirt.brand.example."""
    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.brand.example=main")
    secured(actor, load, tmp_path / "security")
    set_up(actor)
    return actor


def tip(house, contact: str = "", **more) -> tuple[str, str]:
    from asbuilt.answers.cases.publishing.actions.taking_tips import take_tip

    return take_tip(house.tenant, words="An overflow.", contact=contact, **more)


def answer(house, code: str, words: str) -> None:
    from asbuilt.answers.cases.publishing.actions.taking_tips import answer_tip

    answer_tip(house, tip=code, words=words, request_key=f"{code}{words}")
    answer_tip(house, tip=code, words=words, request_key=f"{code}{words}")  # twice is one mail


def told(mails: Mails) -> list[tuple[str, str]]:
    return sorted((one["To"], one.get_body(("plain",)).get_content()) for one in mails.all())


def test_a_person_answers_and_who_left_an_address_gets_it_by_mail(house, mails):
    from asbuilt.answers.cases.publishing.actions.taking_tips import erase_tip
    from asbuilt.answers.cases.publishing.tips import status_of, tip_seen
    from asbuilt.storage.databases import home

    contacts = (
        FINDER,
        "",
        "+49 30 123",
        "a@b.example, c@d.example",
        "x@example.com\nBcc: y@example.com",
        "gone@example.com",
    )
    tips = [tip(house, contact)[0] for contact in contacts[:-1]]
    reference, code = tip(house, contacts[-1])
    outbox.send_due(house.tenant)
    assert mails.all() == []  # the form alone mails nobody
    for one in (*tips, reference):
        answer(house, one, f"We look at it. {one}")
    assert [tip_seen(house, one)["answers"][0]["mailed"] for one in tips] == [True, False, False, True, True]
    waiting = b"".join(
        bytes(row[0])
        for row in reading.fetch("SELECT payload FROM storage_outgoing WHERE tenant = %s", (house.tenant,))
    )
    everything = b"".join(path.read_bytes() for path in home().rglob("*") if path.is_file())
    assert b"@example.com" not in waiting and b"mallory.4711" not in everything
    erase_tip(house, tip=reference, rule="gdpr.17-1")  # before its mail went
    outbox.send_due(house.tenant)
    found = told(mails)
    assert [to for to, _ in found] == ["a@b.example", "mallory.4711@example.com", "x@example.com"]
    assert "We look at it. TIP-1" in found[1][1] and "https://psirt.brand.example/report-status/" in found[1][1]
    assert all("Bcc" not in one for one in mails.all())
    assert status_of(house.tenant, reference, code)["answers"][0]["words"] == f"We look at it. {reference}"
    outbox.send_due(house.tenant)
    assert len(mails.all()) == 3


def test_the_published_advisory_is_told_to_every_finder_of_its_case_once(house, mails):
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.publishing.actions import advising
    from asbuilt.answers.cases.publishing.seen import advisory_seen
    from asbuilt.answers.cases.publishing.tips import status_of

    files = [_file()]
    tip(house, FINDER, files=files), tip(house, "other@example.com")
    anonymous, code = tip(house)
    case = opening.open_case(house, kind="vulnerability", title="mbedtls", signals=["S-1", "S-3"])
    deciding.freeze(house, case=case, question=f"cve:{MBEDTLS}", why="w")
    advisory = published(house, case=case)
    outbox.send_due(house.tenant)
    identity = advisory_seen(house, advisory)["identity"]
    ((to, words),) = told(mails)
    assert to == "mallory.4711@example.com" and f"https://psirt.brand.example/advisories/{identity}/" in words
    (news,) = status_of(house.tenant, anonymous, code)["answers"]
    assert identity in news["words"]
    # a second version tells nobody again
    said = advisory_seen(house, advisory)["description"]
    from dataclasses import asdict

    advising.edit_advisory(house, advisory=advisory, content=json.dumps({**asdict(said), "title": "Again"}).encode())
    advising.approve_advisory(house, advisory=advisory, draft=advisory_seen(house, advisory)["draft"])
    advising.publish_advisory(house, advisory=advisory, summary="A word.")
    outbox.send_due(house.tenant)
    assert len(mails.all()) == 1 and len(status_of(house.tenant, anonymous, code)["answers"]) == 1
    from asbuilt.ledger.verifying import verify

    assert verify(house.tenant).findings == []


def _file():
    from asbuilt.answers.cases.publishing.actions.taking_tips import Attached

    return Attached("a.txt", 3, io.BytesIO(b"abc"))
