"""Firmware is released through the gate: what stops it beyond the register's own rules, and that these still hold."""

import pytest
import signers
from firmware.conftest import add, named, sign, widget  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401

from asbuilt.kernel.errors import NotAllowed, NotFound, Refused


@pytest.fixture
def release(actor):
    """release("2.3.1") through the gate."""
    from asbuilt.answers.gate import releasing

    def made(version, by=None, key=None, **said):
        given = {"product": "WIDGET", "role": "app", "version": version} | said
        return releasing.release(by or actor, **given, request_key=key)

    return made


@pytest.fixture
def withdraw(actor):
    from asbuilt.designed.firmware.actions import withdraw_release

    def made(version):
        withdraw_release(actor, product="WIDGET", role="app", version=version, reason="bricks")

    return made


def refused(kind, code, verb, *args, **said):
    with pytest.raises(kind) as refusal:
        verb(*args, **said)
    assert refusal.value.code == code, refusal.value
    return refusal.value


def test_a_signed_draft_is_released_once(add, sign, release, actor):  # noqa: F811
    sign(add("2.3.1"))
    assert release("2.3.1", key="k").state == "released"
    assert release("2.3.1", key="k").state == "released"
    refused(Refused, "firmware.release_state", release, "2.3.1")


def test_what_the_register_asks_is_asked_here_too(add, sign, release):  # noqa: F811
    found = add("2.3.1")
    refused(Refused, "firmware.signatures_missing", release, "2.3.1")
    sign(found, signers.RELEASERS[:1])
    refused(Refused, "firmware.signatures_missing", release, "2.3.1")
    refused(NotFound, "firmware.release_unknown", release, "9.9.9")


def test_a_withdrawn_image_does_not_come_back_under_another_version(add, sign, release, withdraw):  # noqa: F811
    """The withdrawn 2.3.1 and the new 2.3.2 are the same bytes: nothing of it is recorded."""
    from asbuilt.designed.firmware import register
    from asbuilt.storage import reading

    sign(add("2.3.1"))
    release("2.3.1")
    withdraw("2.3.1")
    sign(add("2.3.2"))
    before = reading.fetch_one("SELECT count(*) FROM ledger_entry", ())
    refusal = refused(Refused, "gate.image_withdrawn", release, "2.3.2")
    assert refusal.message == "WIDGET app 2.3.2 is the image of WIDGET app 2.3.1, which was withdrawn: bricks"
    assert refusal.facts["withdrawn"] == ["WIDGET app 2.3.1"] and refusal.remedy
    assert reading.fetch_one("SELECT count(*) FROM ledger_entry", ()) == before
    assert register.release(1, "WIDGET", "app", "2.3.2").state == "draft"
    sign(add("2.3.3", b"mended"))
    assert release("2.3.3").state == "released"


def test_bytes_that_another_release_still_stands_for_may_be_released(add, sign, release, withdraw):  # noqa: F811
    """2.3.1 and 2.3.2 are the same bytes, 2.3.1 alone was withdrawn: stations run the image, so 2.3.3 is nothing new."""
    for version in ("2.3.1", "2.3.2"):
        sign(add(version))
        release(version)
    withdraw("2.3.1")
    sign(add("2.3.3"))
    assert release("2.3.3").state == "released"


def test_the_same_request_is_answered_as_before_whatever_was_withdrawn_since(add, sign, release, withdraw):  # noqa: F811
    sign(add("2.3.1"))
    release("2.3.1", key="k")
    withdraw("2.3.1")
    assert release("2.3.1", key="k").state == "withdrawn"


def test_who_may_not_and_a_stranger(add, sign, release, person, stranger):  # noqa: F811
    sign(add("2.3.1"))
    refused(NotAllowed, "access.right_missing", release, "2.3.1", by=person("engineer"))
    refused(NotFound, "firmware.release_unknown", release, "2.3.1", by=stranger)
