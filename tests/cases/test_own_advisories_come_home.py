"""An aggregator, a customer or a CERT brings our own advisories back: what we said ourselves is no news, and takes nothing back."""

import json

import pytest
from publishing_floor import published, publisher
from vulnerable_factory import MBEDTLS


@pytest.fixture
def decided(actor, security):
    """The flaw is in code of 1.0.0 that nobody runs."""
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    return decide(
        actor, vulnerability=MBEDTLS, scope=Scope("board", version="1.0.0"), status="not_affected",
        justification="vulnerable_code_not_in_execute_path", impact="RSA is off.",
    )  # fmt: skip


def advisory(actor, code: str, version: int = 1) -> dict:
    from asbuilt.answers.cases.publishing.seen import document_of

    return json.loads(document_of(actor, code, version)[1])


def standing(actor) -> tuple:
    """Whether the decision stands, what is open in its release, and what ways into units there are."""
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
    from asbuilt.questions.exposure.exposure import exposure

    found = exposure(actor, MBEDTLS)
    (one,) = found.decisions
    ways = sorted((way.component, way.place) for way in found.hops)
    return one.lapsed, len(open_in_release(actor.tenant, "board", "", "1.0.0")), ways


@pytest.mark.parametrize("formatted", [True, False], ids=["as published", "formatted anew"])
def test_it_takes_nothing_back_of_what_we_decided(actor, security, decided, formatted):
    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    before = standing(actor)
    assert before[:2] == ("", 0)
    document = advisory(actor, code)
    if not formatted:
        document = dict(reversed(document.items()))
    security.feed(document, name="aggregator", kind="csaf")
    assert standing(actor) == before


def test_another_house_s_advisory_takes_it_back(actor, security, decided):
    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    theirs = advisory(actor, code)
    theirs["document"]["publisher"]["namespace"] = "https://other.example"
    security.feed(theirs, name="aggregator", kind="csaf")
    assert standing(actor)[0] != ""


def test_what_calls_itself_ours_and_was_never_published_here_takes_it_back(actor, security, decided):
    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    forged = advisory(actor, code)
    forged["document"]["tracking"]["id"] = "BRAND-SA-2020-0099"
    security.feed(forged, name="aggregator", kind="csaf")
    assert standing(actor)[0] != ""


def test_a_draft_that_nobody_published_is_not_ours_yet(actor, security, decided):
    from asbuilt.answers.cases.publishing.actions import advising
    from asbuilt.answers.cases.publishing.seen import advisory_seen

    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    draft = advising.draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    forged = advisory(actor, code)
    forged["document"]["tracking"]["id"] = advisory_seen(actor, draft)["identity"]
    security.feed(forged, name="aggregator", kind="csaf")
    assert standing(actor)[0] != ""


def test_the_house_that_was_renamed_still_knows_what_it_said(actor, security, decided):
    from asbuilt.answers.cases.publishing.actions.presenting import say_publisher

    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    document, before = advisory(actor, code), standing(actor)
    say_publisher(actor, content=publisher(namespace="https://new.example", name="New AG"))
    security.feed(document, name="aggregator", kind="csaf")
    assert standing(actor) == before


def test_another_tenant_of_the_same_server_hears_it_as_news(actor, security, decided):
    from asbuilt.designed.vulnerability.deciding.own_vex import published_here

    code = published(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    identity = advisory(actor, code)["document"]["tracking"]["id"]
    assert published_here(actor.tenant) == {identity: {"https://brand.example"}}
    assert published_here(actor.tenant + 1) == {}
