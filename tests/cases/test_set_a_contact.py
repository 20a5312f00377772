"""Contacts: addresses stand hidden in the log and can be erased; what is no address, or a way into our own network, is refused."""

from dataclasses import replace

import pytest
from notice_floor import contacts

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def verbs():
    from asbuilt.answers.cases.telling.actions import contacts as found

    return found


def told_of(actor, party: str) -> dict:
    from asbuilt.answers.cases.telling.contacts import contacts_told

    return next(one for one in contacts_told(actor) if one["party"] == party)


def everything_stored(actor) -> str:
    """Entries and facts as they stand in the log."""
    import zlib

    from asbuilt.storage import reading

    bodies = [row[0] for row in reading.fetch("SELECT body FROM ledger_entry WHERE tenant = %s", (actor.tenant,))]
    segments = reading.fetch("SELECT body FROM ledger_segment WHERE tenant = %s", (actor.tenant,))
    return " ".join([*bodies, *(zlib.decompress(bytes(body)).decode() for (body,) in segments)])


def test_a_contact_is_set_superseded_and_removed(told):
    assert told_of(told, "HAL")["reachable"] is False
    contacts(told, HAL="psirt@halden.example de")
    verbs().set_contact(
        told, party="Halden", channel="webhook", address="https://psirt.halden.example/in", language="pl"
    )
    found = told_of(told, "HAL")
    assert [(one["channel"], one["address"]) for one in found["contacts"]] == [
        ("mail", "psirt@halden.example"), ("webhook", "https://psirt.halden.example/in"),
    ]  # fmt: skip
    assert found["language"] == "pl"  # what was said last
    contacts(told, HAL="security@halden.example fr")
    assert told_of(told, "HAL")["contacts"][0]["address"] == "security@halden.example"
    verbs().remove_contact(told, party="HAL", channel="mail", why="moved")
    assert [one["channel"] for one in told_of(told, "HAL")["contacts"]] == ["webhook"]
    with pytest.raises(Refused):
        verbs().remove_contact(told, party="HAL", channel="mail", why="again")


def test_an_address_stands_in_no_entry_and_no_fact_and_goes_for_good(told):
    from asbuilt.answers.cases.telling.rebuilding import rebuild
    from asbuilt.ledger.verifying import verify

    contacts(told, HAL="secret.person@halden.example", ALP="psirt@alpina.example")
    contacts(told, HAL="second.person@halden.example")
    assert "person@halden" not in everything_stored(told)
    assert verbs().erase_contacts(told, party="HAL") == 2
    found = told_of(told, "HAL")
    assert (found["reachable"], found["contacts"][0]["erased"]) == (False, True)
    assert told_of(told, "ALP")["reachable"] is True
    assert verbs().erase_contacts(told, party="HAL") == 0
    assert list(rebuild(told.tenant)) == [] and verify(told.tenant).findings == []


def test_the_same_request_twice_and_another_with_the_same_key(told):
    said = {"party": "HAL", "channel": "mail", "address": "psirt@halden.example", "request_key": "K"}
    first = verbs().set_contact(told, **said)
    assert verbs().set_contact(told, **said) == first
    with pytest.raises(Conflict):
        verbs().set_contact(told, **{**said, "address": "other@halden.example"})


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("mail", "nobody"), ("mail", "a@b"), ("mail", "a b@c.example"), ("mail", "a@b.example\nBcc: all@c.example"), ("mail", "a@b.example,c@d.example"),
        ("mail", "<a@b.example>"), ("mail", "a" * 65 + "@b.example"), ("mail", "ä@b.example"), ("mail", ""),
        ("webhook", "http://psirt.example/"), ("webhook", "https://user:pw@psirt.example/"), ("webhook", "https://127.0.0.1/"),
        ("webhook", "https://localhost/"), ("webhook", "https://[::1]/"), ("webhook", "https://[::ffff:10.0.0.1]/"), ("webhook", "https://169.254.169.254/"),
        ("webhook", "https://10.0.0.8:8443/x"), ("webhook", "ftp://psirt.example/"), ("webhook", "https:///x"), ("webhook", "https://psirt.example/#x"),
        ("webhook", "https://psirt.example:99999/"), ("webhook", "https://psirt.example/" + "x" * 1000), ("webhook", "https://psirt.exämple/"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(told, channel, address):
    with pytest.raises(Invalid) as refused:
        verbs().set_contact(told, party="HAL", channel=channel, address=address)
    assert refused.value.code in ("cases.address_wrong", "cases.address_long", "storage.webhook_refused")
    assert address[:12] not in str(refused.value) or not address


def test_who_may_not_set_one_and_unknown_names(told):
    said = {"party": "HAL", "channel": "mail", "address": "psirt@halden.example"}
    with pytest.raises(NotAllowed):
        verbs().set_contact(replace(told, rights=frozenset({"case.read"})), **said)
    with pytest.raises(NotFound):
        verbs().set_contact(replace(told, party=1), **said)
    with pytest.raises(NotFound):
        verbs().set_contact(told, **{**said, "party": "NOBODY"})
    with pytest.raises(Invalid):
        verbs().set_contact(told, **said, language="xx")
    with pytest.raises(NotAllowed):
        verbs().erase_contacts(replace(told, rights=frozenset({"case.read", "contact.set"})), party="HAL")


def test_after_an_erasure_what_waits_fails_with_its_reason(told, mails):
    from notice_floor import drafted, open_case

    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.answers.cases.telling.sending import send_due

    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, open_case(told))
    send_notice(told, notice=code, version=1)
    verbs().erase_contacts(told, party="HAL")
    assert send_due(told.tenant) == 1 and mails.to() == ["psirt@alpina.example"]
    failed = next(one for one in notice_seen(told, code)["recipients"] if one["party"] == "HAL")["events"][-1]
    assert (failed["state"], failed["said"]) == ("failed", "There is no address any more.")
