"""The pages Machines and Dead letters: what is said, a retry, a name, in both languages."""

import pytest
from machine_floor import PLACER, completed, panel_run, payload, started, tables

pytestmark = pytest.mark.once


@pytest.fixture
def one(load, signed_in, actor):
    """An engineer on the line, after a panel and two messages that could not be recorded."""
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.ledger import clock

    load(tables())
    for sent in (payload(*panel_run(1, "PNL-1")), payload(completed("NEVER")), b"{broken <script>"):
        record_messages(actor, arrived(sent, clock.now(), "test"))
    return signed_in("engineer")


def page(browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def test_machines(one):
    said = page(one, "/machines/")
    assert PLACER in said and "2 messages could not be recorded" in said and "Not readable" in said
    assert one.send("/machines/name/", {"handle": PLACER, "machine": "NXT-1", "step": "PLACE"}).status_code == 302
    assert "NXT-1" in page(one, "/machines/")
    assert one.send("/machines/name/", {"handle": "", "machine": "X"}).status_code == 422


def test_dead_letters(one, actor):
    from asbuilt.built.messages.dead_letters import open_dead_letters

    said = page(one, "/dead-letters/")
    assert "messages.pass_unknown" in said and "cfx.not_json" in said
    assert "NEVER" in page(one, "/dead-letters/?cause=messages.pass_unknown")
    for letter in open_dead_letters(actor):
        said = page(one, f"/dead-letters/{letter.message}/")
        assert letter.cause in said and "<script>" not in said.split("</head>")[1].split("As it came")[-1]
        assert one.get(f"/dead-letters/{letter.message}/raw/").content
    assert one.get("/dead-letters/nothing/").status_code == 404


def test_a_retry(one, actor):
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.dead_letters import open_dead_letters
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.ledger import clock

    record_messages(actor, arrived(payload(started("NEVER", "PNL-2")), clock.now(), "test"))
    letter = next(one for one in open_dead_letters(actor) if one.name)
    done = one.send("/dead-letters-retry/", {"message": letter.message}).content.decode()
    assert "1 message recorded." in done
    assert "Recorded after all" in page(one, f"/dead-letters/{letter.message}/")
    assert one.send("/dead-letters-retry/", {"message": letter.message}).status_code == 409
    assert "1 still cannot be" in one.send("/dead-letters-retry/", {}).content.decode()


def test_an_operator_looks_and_does_nothing(load, signed_in, one, actor):
    from asbuilt.built.messages.dead_letters import open_dead_letters

    anna = signed_in("operator")
    letter = open_dead_letters(actor)[0].message
    assert "As it came" not in page(anna, f"/dead-letters/{letter}/")
    assert "/machines/name/" not in page(anna, "/machines/")
    assert anna.send("/dead-letters-retry/", {}).status_code == 403


def test_tests_are_read_anew(one):
    """The page says what became of them, and keeps what was typed where it is refused."""
    assert "/machines/reread/" in page(one, "/machines/")
    said = one.send("/machines/reread/", {"reason": "a repaired finding is no false call"})
    assert said.status_code == 200 and "Messages read by cfx/" in said.content.decode()
    refused = one.send("/machines/reread/", {"reason": "closed", "since": "yesterday", "machine": PLACER})
    assert refused.status_code == 422 and 'value="yesterday"' in refused.content.decode()
    assert one.send("/machines/reread/", {"reason": "r", "machine": "Nobody"}).status_code == 404


def test_in_german(one):
    one.cookies["asbuilt_language"] = "de"
    assert "Maschinen" in page(one, "/machines/")
    assert "Unzustellbare Meldungen" in page(one, "/dead-letters/")
