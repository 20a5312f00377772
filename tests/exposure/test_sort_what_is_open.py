"""The inbox: what is open, what matters first and why, reports that nobody sent, and that an empty feed does not look clean."""

import pytest
from shipping_floor import at
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


@pytest.fixture
def in_a_box(security, load):
    """S0003, which runs 1.0.0, goes to FAR in the US inside the box X-1."""
    order = {"revision": "A", "bom_version": "1", "quantity": "1", "customer": "BRAND", "opened_at": at(1)}
    bom = {
        "product": "box",
        "revision": "A",
        "bom_version": "1",
        "line": "1",
        "part": "RES",
        "quantity": "1",
        "refdes": "",
    }
    shipment = {"shipment": "SH-9", "customer": "FAR", "country": "US", "first_serial": "X-1", "last_serial": "X-1"}
    load(
        {
            "bom": [bom],
            "orders": [{"order": "WX", "product": "box", **order}],
            "units": [{"order": "WX", "serial": "X-1", "panel": "", "position": "", "state": "built"}],
            "assemblies": [{"parent_serial": "X-1", "child_serial": "S0003", "position": "B", "happened_at": at(5)}],
            "shipments": [{**shipment, "shipped_at": at(7), "placed_on_market_at": ""}],
        },
        folder="boxes",
    )


def test_a_board_inside_a_shipped_box_is_in_the_field(in_a_box, inbox, asked, actor):
    """It was counted as in stock: only the box itself was shipped."""
    from asbuilt.questions.exposure.inbox import standing_of_products

    (found,) = inbox().listed
    assert (found.units, found.in_field) == (4, 3) == (4, len(asked(f"cve:{MBEDTLS} in:shipped")))
    assert standing_of_products(actor, ["board"])["board"].in_field == 3


def test_countries_count_what_customers_hold(security, in_a_box, actor):
    """The box is one more thing in the US, also where both it and the board in it have the flaw."""
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.questions.exposure.exposure import exposure

    noted = note(
        actor, record={"title": "Resistor burns", "affected": [{"maker": "Acme", "mpn": "M-RES", "lots": ["LOK"]}]}
    )
    catch_up(actor)
    found = exposure(actor, noted.vulnerability)
    # nobody recorded the box's own resistor: it is unrecorded on the box, certain on the board in it
    said = {row["country"]: (row["certain"], row["possible"], row["unrecorded"]) for row in found.countries}
    assert said == {"DE": (2, 0, 0), "US": (2, 0, 0)}


def test_what_nobody_scored_stands_behind_high_and_before_medium(security, inbox):
    """Unscored once sorted last as if it were harmless, and the command line called it "none"."""
    medium = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:N"  # 5.4
    none = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N"  # 0.0
    records = {"CVE-2026-1": "", "CVE-2026-2": medium, "CVE-2026-3": CRITICAL, "CVE-2026-4": none}
    for name, score in records.items():
        security.feed(osv(name, "lwip", "2.2.0", score=score), name=name.lower())
    listed = inbox().listed
    assert [(one.vulnerability, one.priority.words) for one in listed] == [
        ("CVE-2026-3", ("critical",)), (MBEDTLS, ("high",)), ("CVE-2026-1", ("no score",)), ("CVE-2026-2", ("medium",)),
        ("CVE-2026-4", ("none",)),
    ]  # fmt: skip
    assert listed[2].score is None and listed[4].score == 0.0


def test_pieces_of_which_nobody_knows_whether_they_are_meant_count_as_at_the_gate(security, inbox, actor):
    """The gate stops each of these boards; the inbox said that the flaw is on no unit, and sorted it last."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.questions.exposure.inbox import standing_of_products

    affected = {
        "maker": "Acme",
        "mpn": "AX-1",
        "silicon_revisions": ["<3"],
    }  # the record has no word of the silicon of any piece
    noted = note(actor, record={"title": "Radio leaks", "affected": [affected]})
    catch_up(actor)
    (found,) = [one for one in inbox().listed if one.vulnerability == noted.vulnerability]
    assert (found.units, found.in_field) == (8, 3)  # all eight boards, two with SHOP and one with FAR
    assert standing_of_products(actor, ["board"])["board"].in_field == 3
    said = [
        one.facts["vulnerability"] for one in may_leave(actor, "S0005")[0].warnings if one.code == "gate.vulnerability"
    ]
    assert noted.vulnerability in said
