"""The gate and known vulnerabilities: who may be placed on the market today, what a waiver needs, what is only shown, what a release waits for."""

import pytest
from firmware.conftest import add, sign, widget  # noqa: F401
from vulnerable_factory import LWIP, MBEDTLS, component, osv, secured

from asbuilt.kernel.errors import NotAllowed, NotFound, Refused

FAR = 4_000_000_000_000_000
BEFORE, AFTER = 1_828_483_199_000_000, 1_828_483_200_000_000  # 2027-12-10T23:59:59Z, 2027-12-11T00:00:00Z


@pytest.fixture
def security(actor, load, tmp_path):
    return secured(actor, load, tmp_path / "security")


@pytest.fixture
def on():
    """on(instant): what the clock says from now on."""
    from asbuilt.ledger import clock

    yield lambda instant: clock.set_clock(lambda: instant)
    clock.set_clock(None)


@pytest.fixture
def may(actor):
    from asbuilt.answers.gate.leaving import may_leave

    return lambda code: may_leave(actor, code)[0]


@pytest.fixture
def people(actor):
    """ada and ben of the house (psirt), and a person of BRAND and of OTHER."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    party = numbers_by_name(actor.tenant)
    found = {
        name: person_actor(actor.tenant, 100 + n, frozenset({"psirt"}), None) for n, name in enumerate(("ada", "ben"))
    }
    for n, (name, code) in enumerate({"brand": "BRAND", "other": "OTHER"}.items()):
        found[name] = person_actor(actor.tenant, 200 + n, frozenset({"party_reader"}), party[code])
    found["packer"] = person_actor(actor.tenant, 300, frozenset({"operator"}), None)
    return found


@pytest.fixture
def ship(actor):
    """ship("S0002", customer="SHOP") packs the units into a shipment that leaves; returns its code."""
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.answers.gate.packing import ship as let_go
    from asbuilt.built.shipping.actions.packing import open_container

    def said(*codes, customer="SHOP"):
        box = open_container(actor, kind="shipment", customer=customer, country="DE").container.code
        put_in(actor, container=box, codes=codes)
        let_go(actor, shipment=box)
        return box

    return said


def codes(verdict) -> tuple[list[str], list[str]]:
    known = [one for one in verdict.warnings if one.code == "gate.vulnerability"]
    return [stop.code for stop in verdict.stops], [one.facts["vulnerability"] for one in known]


def test_it_warns_until_the_day_of_the_rule_set_and_stops_from_then_on(security, may, on):
    on(BEFORE)
    found = may("S0002")
    assert found.go and codes(found) == ([], [MBEDTLS])
    said = found.warnings[0]
    assert (
        "mbedtls 2.28.7 (board app 1.0.0)" in said.message
        and said.facts["rule_set"] == "asbuilt.known-vulnerabilities/2026-11-29"
    )
    assert codes(may("S0005")) == ([], [])
    on(AFTER)
    found = may("S0002")
    assert (
        not found.go and codes(found) == (["gate.vulnerability"], []) and "2024/2847" in found.stops[0].facts["source"]
    )
    assert may("S0005").go


def test_a_shipment_that_was_shippable_yesterday_is_stopped_by_todays_knowledge(actor, load, tmp_path, on, ship):
    from vulnerable_factory import Security, boards

    load(boards())
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    security.sbom(component("mbedtls", "2.28.7"), version="1.0.0")
    security.sbom(component("mbedtls", "2.28.8"), version="1.1.0")
    on(AFTER)
    ship("S0002")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    with pytest.raises(Refused) as refused:
        ship("S0003")
    assert (
        refused.value.code == "gate.vulnerability"
        and refused.value.facts["stops"][0]["facts"]["vulnerability"] == MBEDTLS
    )
    ship("S0004")


def test_the_house_may_stop_them_before_the_law_does(security, may, on, monkeypatch):
    on(BEFORE)
    monkeypatch.setenv("ASBUILT_MARKET_GATE", "stop")
    assert codes(may("S0002"))[0] == ["gate.vulnerability"]


def test_unsure_counts_as_open_and_a_decision_closes(security, may, on, actor):
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    on(AFTER)
    security.sbom(component("mbedtls", "our-own"), component("lwip", "2.1.3"), version="1.1.0", serial=2)
    assert codes(may("S0005"))[0] == ["gate.vulnerability"] and may("S0005").stops[0].facts["state"] == "unsure"
    scope = Scope(product="board", version="1.1.0")
    decide(
        actor, vulnerability=MBEDTLS, scope=scope, status="not_affected", justification="vulnerable_code_not_present"
    )
    assert may("S0005").go
    security.exploited(MBEDTLS)
    assert not may("S0005").go


def test_a_waiver_needs_two_people_and_the_manufacturer(security, may, on, people):
    from asbuilt.built.quality.actions.waivers import approve_waiver, end_waiver, propose_waiver

    on(AFTER)
    waive = {
        "vulnerability": MBEDTLS,
        "product": "board",
        "reason": "isolated network",
        "until_at": AFTER + 3_600_000_000,
    }
    with pytest.raises(NotAllowed):
        propose_waiver(people["packer"], **waive)
    code, _ = propose_waiver(people["ada"], version="1.0.0", **waive)
    with pytest.raises(Refused) as own:
        approve_waiver(people["ada"], waiver=code)
    assert own.value.code == "quality.approval_second_person"
    approve_waiver(people["ben"], waiver=code)
    assert not may("S0002").go  # BRAND has not agreed
    with pytest.raises(NotFound):
        approve_waiver(people["other"], waiver=code)
    approve_waiver(people["brand"], waiver=code)
    found = may("S0002")
    assert found.go and [one["concession"] for one in found.conceded] == [code]
    on(AFTER + 3_600_000_000)
    assert not may("S0002").go
    on(AFTER + 1)
    assert may("S0002").go
    end_waiver(people["ben"], waiver=code, reason="1.1.0 is out")
    assert not may("S0002").go


def test_a_waiver_is_of_the_vulnerability_by_whichever_of_its_names(security, may, on, people):
    """Proposed under the name of its advisory, or in small letters, and agreed to by all, it let nothing pass and said nothing."""
    from asbuilt.built.quality.actions.waivers import approve_waiver, end_waiver, propose_waiver
    from asbuilt.built.quality.waivers import waivers

    advisory = osv("GHSA-aaaa-bbbb-cccc", "mbedtls", "2.28.8", aliases=[MBEDTLS])
    security.feed(advisory, name="ghsa")
    on(AFTER)
    waive = {"product": "board", "version": "1.0.0", "reason": "closed network", "until_at": FAR}
    for name in ("GHSA-aaaa-bbbb-cccc", MBEDTLS.lower()):
        assert not may("S0002").go
        code, _ = propose_waiver(people["ada"], vulnerability=name, **waive)
        assert waivers(people["ada"].tenant, [code])[0].vulnerability == MBEDTLS
        for who in ("ben", "brand"):
            approve_waiver(people[who], waiver=code)
        assert may("S0002").go
        end_waiver(people["ben"], waiver=code, reason="next")
    with pytest.raises(NotFound) as refused:
        propose_waiver(people["ada"], vulnerability="CVE-2099-1", **waive)
    assert refused.value.code == "vulnerability.unknown"


def test_a_waiver_lets_pass_what_it_names(security, may, on, people):
    from asbuilt.built.quality.actions.waivers import approve_waiver, propose_waiver

    on(AFTER)
    security.feed(osv(LWIP, "lwip", "2.2.0"), name="more")
    code, _ = propose_waiver(
        people["ada"], vulnerability=MBEDTLS, product="board", question="unit:S0002", reason="lab", until_at=FAR
    )
    approve_waiver(people["ben"], waiver=code)
    approve_waiver(people["brand"], waiver=code)
    assert [stop.facts["vulnerability"] for stop in may("S0002").stops] == [LWIP]
    assert [stop.facts["vulnerability"] for stop in may("S0003").stops] == [LWIP, MBEDTLS]


def test_a_concession_on_single_units_does_too(security, may, on, people):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession

    on(AFTER)
    from asbuilt.access.actor import person_actor

    ada, ben = (person_actor(people["ada"].tenant, n, frozenset({"quality_lead"}), None) for n in (401, 402))
    code, _ = propose_concession(
        ada, codes=["S0002"], allows="vulnerability", subject=MBEDTLS, reason="demo unit", until_at=FAR
    )
    approve_concession(ben, concession=code)
    approve_concession(people["brand"], concession=code)
    assert may("S0002").go and not may("S0003").go


def test_a_repaired_unit_that_goes_back_is_not_placed_again(security, may, on, actor, ship):
    from asbuilt.answers.gate.returning import receive_returns, record_return

    on(AFTER)
    receive_returns(actor, codes=["S0000"], said="no light", party="SHOP")
    record_return(actor, code="S0000", event="repaired", said="reflowed")
    found = may("S0000")
    assert found.go and codes(found) == ([], [MBEDTLS]) and "goes back to its owner" in found.warnings[0].message
    # to somebody else it is made available anew
    with pytest.raises(Refused) as refused:
        ship("S0000", customer="FAR")
    assert refused.value.code == "gate.vulnerability"
    ship("S0000", customer="SHOP")


def test_the_log_keeps_the_rule_set_that_a_shipment_was_judged_under(security, on, actor, ship):
    import json

    from asbuilt.storage import reading

    on(BEFORE)
    ship("S0002")
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND type = 'shipping.shipped' ORDER BY number DESC LIMIT 1"
    notes = json.loads(reading.fetch_one(sql, (actor.tenant,))[0])["facts"]
    assert notes["rule_set"] == "asbuilt.known-vulnerabilities/2026-11-29" and notes["known"] == [MBEDTLS]


def test_placing_on_the_market_is_asked_for_each_unit_on_its_day(security, on, actor, ship):
    from asbuilt.answers.gate.packing import Decision, place_on_market

    on(BEFORE)
    shipment = ship("S0002", "S0005")
    on(AFTER)
    decision = Decision("BRAND", "045", "sale", "", AFTER)
    with pytest.raises(Refused):
        place_on_market(actor, shipment=shipment, decision=decision)
    place_on_market(actor, shipment=shipment, decision=decision, codes=["S0005"])


def test_an_order_says_how_many_and_with_which(security, on, actor):
    from asbuilt.answers.gate.leaving import order_may_leave

    on(BEFORE)
    found = order_may_leave(actor, "WO")
    known = [one for one in found.warned if one.code == "gate.vulnerability"]
    assert [(one.subject, one.count) for one in known] == [(MBEDTLS, 2)]
    on(AFTER)
    found = order_may_leave(actor, "WO")
    assert (found.units, found.go) == (5, 3) and [(one.code, one.count) for one in found.missing] == [
        ("gate.vulnerability", 2)
    ]


def test_a_release_waits_for_a_decision_or_a_waiver(add, sign, actor, tmp_path):  # noqa: F811
    from vulnerable_factory import Security

    from asbuilt.answers.gate.known import release_stops
    from asbuilt.answers.gate.releasing import release
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    sign(add("2.3.1"))
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    product = "WIDGET"
    security.sbom(component("mbedtls", "2.28.7"), product=product, version="2.3.1")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    with pytest.raises(Refused) as refused:
        release(actor, product=product, role="app", version="2.3.1")
    assert refused.value.code == "gate.vulnerability_in_release" and MBEDTLS in refused.value.message
    scope = Scope(product=product, version="2.3.1")
    decide(actor, vulnerability=MBEDTLS, scope=scope, status="affected", action="Update.")
    assert release_stops(actor.tenant, product, "app", "2.3.1")  # affected is no permission
    decide(actor, vulnerability=MBEDTLS, scope=scope, status="not_affected", justification="component_not_present")
    assert release_stops(actor.tenant, product, "app", "2.3.1") == []
    assert release(actor, product=product, role="app", version="2.3.1").state == "released"


def test_a_release_is_looked_at_itself_and_a_later_word_about_its_hardware_holds_it(add, sign, actor, tmp_path):  # noqa: F811
    """A release that was not affected went out after its hardware revision was found affected; what was said of the revision before is no word
    about a release that nobody had seen then."""
    from vulnerable_factory import Security

    from asbuilt.answers.gate.known import release_stops
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    def said(status, product="WIDGET", **scope):
        more = {"action": "Update."} if status == "affected" else {"justification": "component_not_present"}
        decide(actor, vulnerability=MBEDTLS, scope=Scope(product=product, **scope), status=status, **more)
        return [len(release_stops(actor.tenant, "WIDGET", "app", version)) for version in ("2.3.1", "2.3.2")]

    sign(add("2.3.1", revisions=("B",)))
    sign(add("2.3.2", b"another", revisions=()))  # of which hardware nobody said
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    for version in ("2.3.1", "2.3.2"):
        security.sbom(component("mbedtls", "2.28.7"), product="WIDGET", version=version)
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    assert said("not_affected", revision="B") == [1, 1]
    assert said("not_affected", version="2.3.1") == [0, 1]
    assert said("not_affected", version="2.3.2") == [0, 0]
    assert said("affected", revision="C") == [0, 1]
    assert said("affected", revision="B") == [1, 1]
    assert said("not_affected", version="2.3.1") == [0, 1]
    assert said("affected", revision="B") == [1, 1]
    assert said("not_affected", revision="B") == [0, 1]  # the last word about C stands


def test_a_release_without_an_sbom_shows_what_is_unrecorded_and_then_that_no_feed_was_taken(add, sign, actor, tmp_path):  # noqa: F811
    from vulnerable_factory import Security

    from asbuilt.answers.gate.releasing import release, release_stops
    from asbuilt.answers.gate.unrecorded import release_gaps

    sign(add("2.3.1"))
    of = ("WIDGET", "app", "2.3.1")

    def gaps():
        return [(one.code, one.count, one.total) for one in release_gaps(actor, *of)]

    assert gaps() == [("no_sbom", 0, 0)] and release_stops(actor.tenant, *of) == []
    (tmp_path / "s").mkdir()
    security = Security(actor, tmp_path / "s")
    security.sbom(component("mbedtls", "2.28.8"), ("ours", "1", ""), product="WIDGET", version="2.3.1")
    assert [code for code, *_ in gaps()][0] == "no_feed"
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    assert gaps() == [("not_matchable", 1, 2)]
    # what the SBOM is of is our own, and no feed need name it: the release had that gap for good
    mbedtls = {"type": "library", "name": "mbedtls", "version": "2.28.8", "purl": "pkg:generic/mbedtls@2.28.8"}
    image = {"component": {"type": "firmware", "bom-ref": "fw", "name": "ours", "version": "2.3.1"}}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 2,
        "metadata": image,
        "components": [mbedtls],
    }
    security.document(document, product="WIDGET", version="2.3.1")
    assert gaps() == []
    assert release(actor, product="WIDGET", role="app", version="2.3.1").state == "released"
    with pytest.raises(NotFound):
        release_gaps(actor, "WIDGET", "app", "9")


def test_a_house_may_hold_back_what_has_no_sbom_until_two_people_answer_for_it(add, sign, actor, load, monkeypatch):  # noqa: F811
    from asbuilt.access.actor import person_actor
    from asbuilt.answers.gate.releasing import release
    from asbuilt.built.quality.actions.waivers import approve_waiver, propose_waiver

    ada, ben = (person_actor(actor.tenant, n, frozenset({"psirt"}), None) for n in (401, 402))
    sign(add("2.3.1"))
    said = {"operator": "", "happened_at": "2026-01-01T00:00:00Z", "party": "EMS"}
    roles = [{"product": "", "role": "own", **said}, {"product": "WIDGET", "role": "manufacturer", **said}]
    load({"parties": [{"party": "EMS", "name": "Our Works", "roles": "ems", "country": "DE"}], "product_roles": roles})
    of = {"product": "WIDGET", "role": "app", "version": "2.3.1"}
    monkeypatch.setenv("ASBUILT_RELEASE_GATE", "stop")
    with pytest.raises(Refused) as refused:
        release(actor, **of)
    assert refused.value.code == "gate.release_unrecorded"
    code, _ = propose_waiver(
        ada, vulnerability="unrecorded", version="2.3.1", product="WIDGET", reason="bench only", until_at=FAR
    )
    with pytest.raises(Refused):
        release(actor, **of)
    approve_waiver(ben, waiver=code)
    assert release(actor, **of).state == "released"
