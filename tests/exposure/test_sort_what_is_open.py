"""The inbox: what is open, what matters first and why, reports that nobody sent, and that an empty feed does not look clean."""

import pytest
from vulnerable_factory import LWIP, MBEDTLS, OUT, component, osv

from asbuilt.kernel.errors import NotFound

CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"


@pytest.fixture
def inbox(actor):
    from asbuilt.questions.exposure.inbox import inbox as read

    return lambda who=None: read(who or actor)


def test_exploited_then_likely_then_worse_then_wider_spread(security, inbox):
    # mbedtls: 7.5 on four units, two of them out; lwip: 9.8 on eight, three of them out
    security.feed(osv(LWIP, "lwip", "2.2.0", score=CRITICAL), name="lwip")
    found = inbox()
    assert [one.vulnerability for one in found.listed] == [LWIP, MBEDTLS]
    first = found.listed[0]
    assert (first.score, first.units, first.in_field, first.components) == (9.8, 8, 3, ("lwip 2.1.3",))
    assert first.places == ("board app 1.0.0", "board app 1.1.0") and first.products == ("board",)
    assert first.priority.words == ("critical",)
    security.exploited(MBEDTLS)
    found = inbox()
    assert [one.vulnerability for one in found.listed] == [MBEDTLS, LWIP] and found.listed[0].priority.words == (
        "exploited",
        "high",
    )


def test_a_decision_takes_it_out_and_a_lapsed_one_brings_it_back_with_why(security, inbox, decide):
    decide(version="1.0.0")
    assert inbox().listed == ()
    security.exploited(MBEDTLS)
    (found,) = inbox().listed
    assert found.lapsed == (("VEX-1", "kev says that it is exploited"),)


def test_our_own_score_for_our_own_product_counts_first(security, inbox, decide):
    decide("affected", version="1.0.0", vector="CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N/MAV:P")
    (found,) = inbox().listed
    assert found.score == 4.6 and found.priority.words == ("medium",)


def test_a_finding_begins_a_report_once_products_are_affected(security, inbox, decide):
    assert inbox().upstream == ()
    decide("affected", version="1.0.0")
    (report,) = inbox().upstream
    assert (report.code, report.component, report.state) == ("UPR-1", "mbedtls", "found")


def test_no_feed_and_no_sbom_are_said(actor, load, inbox):
    from vulnerable_factory import boards

    load(boards())
    found = inbox()
    assert found.listed == ()
    assert any("No feed was taken yet" in note for note in found.notes)
    assert any("2 firmware releases have no SBOM" in note for note in found.notes)


def test_components_without_a_name_that_feeds_use_are_counted(security, inbox):
    security.sbom(component("mbedtls", "2.28.8"), ("house-lib", "3", ""), version="1.1.0", serial=2)
    assert any("3 of 4 components" in note for note in inbox().notes)


def test_a_party_has_no_inbox(security, inbox, actor):
    from asbuilt.access.actor import person_actor

    with pytest.raises(NotFound):
        inbox(person_actor(actor.tenant, 9, frozenset({"party_reader"}), 2))
    assert OUT
