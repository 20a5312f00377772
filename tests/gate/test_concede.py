"""Concessions: two people, a reason, a scope, an end; and the manufacturer where it is another party. What machines and stations are told."""

import json

import pytest
from shipping_floor import finished, plan_rows, run

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused

FAR = 4_000_000_000_000_000
HOUR = 3_600_000_000


@pytest.fixture
def floor(load):
    """Three boards of which S0000 was never tested, S0001 failed; and one of the house's own product, untested."""
    from hashlib import sha256

    from shipping_floor import plan

    rows = finished(3)
    rows["tests"] = [run("S0001", outcome="fail"), run("S0002")]
    document = plan("1", name="HCT", product="house")
    rows["test_plans"].append(
        {**rows["test_plans"][0], "plan": "HCT", "version": "1", "product": "house", "document": document}
    )
    decided = {"plan": "HCT", "version": "1", "sha256": sha256(document.encode()).hexdigest()}
    rows["test_plan_approvals"].append({**rows["test_plan_approvals"][0], **decided})
    rows["orders"].append({**rows["orders"][0], "order": "WH", "product": "house", "quantity": "1"})
    rows["units"].append({"order": "WH", "serial": "H1", "panel": "", "position": "", "state": "built"})
    load(rows)


@pytest.fixture
def people(actor, person, monkeypatch):
    """ada and ben of the house (quality leads), an engineer, and a person of BRAND and of OTHER."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    party = numbers_by_name(actor.tenant)
    roles = {"ada": "quality_lead", "ben": "quality_lead", "eva": "engineer", "cy": "quality_lead"}
    found = {
        name: person_actor(actor.tenant, 100 + n, frozenset({role}), None)
        for n, (name, role) in enumerate(roles.items())
    }
    for n, (name, code) in enumerate({"brand": "BRAND", "other": "OTHER"}.items()):
        found[name] = person_actor(actor.tenant, 200 + n, frozenset({"party_reader"}), party[code])
    return found


@pytest.fixture
def propose(floor, people):
    """propose("S0000", "test_missing", by="ada") -> the code."""
    from asbuilt.answers.gate.conceding import propose_concession

    def said(*codes, allows="test_missing", by="ada", until_at=FAR, **more):
        return propose_concession(
            people[by], codes=codes, allows=allows, reason="rig is down", until_at=until_at, **more
        )[0]

    return said


@pytest.fixture
def may(actor):
    from asbuilt.answers.gate.leaving import may_leave

    return lambda code: may_leave(actor, code)[0]


def test_two_people_of_the_ems_alone_are_refused_where_another_is_the_manufacturer(propose, people, may):
    from asbuilt.built.quality.actions.concessions import approve_concession

    code = propose("S0000", subject="FCT")
    assert not may("S0000").go
    with pytest.raises(Refused) as own:
        approve_concession(people["ada"], concession=code)
    assert own.value.code == "quality.approval_second_person"
    approve_concession(people["ben"], concession=code)
    assert [stop.code for stop in may("S0000").stops] == ["gate.test_missing"]  # BRAND has not agreed
    with pytest.raises(NotFound):
        approve_concession(people["other"], concession=code)
    approve_concession(people["brand"], concession=code)
    found = may("S0000")
    assert found.go and [one["concession"] for one in found.conceded] == [code]


def test_its_signed_document_stands_for_the_manufacturer_and_nothing_less(propose, people, may):
    from asbuilt.built.quality.actions.concessions import approve_concession

    code = propose("S0000")
    approve_concession(people["ben"], concession=code)
    for said in ({"party": "BRAND"}, {"content": b"%PDF-1.4"}, {"party": "BRAND", "content": b"ok", "name": "x.txt"}):
        with pytest.raises(Invalid):
            approve_concession(people["cy"], concession=code, **said)
    approve_concession(people["cy"], concession=code, party="OTHER", content=b"%PDF-1.4 agreed", name="a.pdf")
    assert not may("S0000").go
    # two people of the house alone are no manufacturer: neither who proposed it nor who approved it records its document
    for name in ("ada", "ben"):
        with pytest.raises(Refused) as ours:
            approve_concession(people[name], concession=code, party="BRAND", content=b"%PDF-1.4 so", name="b.pdf")
        assert ours.value.code == "quality.document_second_person"
    approve_concession(people["cy"], concession=code, party="BRAND", content=b"%PDF-1.4 agreed too", name="b.pdf")
    found = may("S0000")
    assert found.go and ["did not check" in one["note"] for one in found.conceded] == [True]
    with pytest.raises(Refused) as late:  # nor does who recorded it approve
        approve_concession(people["cy"], concession=code)
    assert late.value.code == "quality.document_second_person"


def test_the_system_account_keeps_no_document_of_the_manufacturer_and_agrees_to_nothing(propose, people, actor, may):
    """A command without a token counted as the third person who keeps what the manufacturer signed."""
    from asbuilt.built.quality.actions.concessions import approve_concession

    code = propose("S0000")
    approve_concession(people["ben"], concession=code)
    for said in ({}, {"party": "BRAND", "content": b"%PDF-1.4 agreed", "name": "b.pdf"}):
        with pytest.raises(Refused) as nobody:
            approve_concession(actor, concession=code, **said)
        assert nobody.value.code == "quality.approval_no_person" and "--token" in nobody.value.remedy
    assert not may("S0000").go


def test_the_certificate_counts_tests_that_did_not_pass_and_tests_that_were_not_run(floor, propose, people, actor):
    """Under concessions a board that failed and one that was never tested left, and the certificate said that no gap is known."""
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text

    for unit, allows, subject in (("S0000", "test_missing", "FCT"), ("S0001", "test_failed", "")):
        code = propose(unit, allows=allows, subject=subject)
        for name in ("ben", "brand"):
            approve_concession(people[name], concession=code)
    box = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
    put_in(actor, container=box, codes=["S0000", "S0001", "S0002"])
    ship(actor, shipment=box)
    said = conformity(actor, box)
    assert [(one.what, one.units, one.of) for one in said.gaps] == [
        ("no test recorded", 1, 3), ("the last run of a test did not pass", 1, 3),
    ]  # fmt: skip
    lines = conformity_text(said).splitlines()
    assert "  no gap is known" not in lines
    # what each lets go, of which units and until when: it named the concession alone
    assert {(one.allows, one.subject, one.reason, one.until_at, one.serials) for one in said.concessions} == {
        ("test_missing", "FCT", "rig is down", FAR, ("S0000",)), ("test_failed", "", "rig is down", FAR, ("S0001",)),
    }  # fmt: skip
    assert "    lets go: test missing FCT; until 2096-10-02T07:06Z; S0000" in lines
    assert "    lets go: test failed (any); until 2096-10-02T07:06Z; S0001" in lines


def test_the_certificate_counts_units_that_lack_one_of_two_tests(load, actor):
    from shipping_floor import material, run

    from asbuilt.questions.genealogy.seen.conformity import conformity

    rows = finished(3)
    rows["tests"] += [run("S0000", plan="VIEW", version="1")]
    more = plan_rows("1", 1, "VIEW")
    rows["test_plans"] += more["test_plans"]
    rows["test_plan_approvals"] += more["test_plan_approvals"]
    rows["materials"] = [material("S0000", "S0002", "OK")]
    rows["shipments"] = [{"shipment": "SH-9", "customer": "SHOP", "country": "DE", "first_serial": "S0000", "last_serial": "S0002", "shipped_at": "2026-03-09T08:00:00Z", "placed_on_market_at": ""}]  # fmt: skip
    load(rows)
    assert [(one.what, one.units) for one in conformity(actor, "SH-9").gaps] == [("a test in force without a run", 2)]


def test_a_signed_envelope_is_a_document_too(propose, people, may):
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.kernel import envelope

    code = propose("S0000")
    approve_concession(people["ben"], concession=code)
    signed = envelope.sign("text/plain", b"we agree", bytes(range(32)))
    approve_concession(people["cy"], concession=code, party="BRAND", content=signed, name="agreed.json")
    assert may("S0000").go


def test_package_and_certificate_say_that_nobody_checked_the_signature(propose, people, actor):
    import io
    import zipfile

    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    code = propose("S0000")
    approve_concession(people["ben"], concession=code)
    approve_concession(people["cy"], concession=code, party="BRAND", content=b"%PDF-1.4 agreed", name="b.pdf")
    box = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
    put_in(actor, container=box, codes=["S0000"])
    ship(actor, shipment=box)
    said = "a party agreed by a document whose signature Asbuilt did not check"
    assert f"{code}: {said}" in conformity_text(conformity(actor, box))
    listed = zipfile.ZipFile(io.BytesIO(shipment_package(actor, box))).read("concessions.csv").decode()
    assert said in listed and code in listed


@pytest.fixture
def left(propose, people, actor):
    """left("S0000") -> the shipment with which it left under a concession that two people and BRAND agreed to; it ends an hour later."""
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.ledger import clock

    began = clock.now()
    clock.set_clock(lambda: began)

    def one(*codes):
        code = propose(*codes, until_at=began + HOUR)
        for name in ("ben", "brand"):
            approve_concession(people[name], concession=code)
        shipment = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
        put_in(actor, container=shipment, codes=codes)
        ship(actor, shipment=shipment)
        return code, shipment

    yield one
    clock.set_clock(None)


def placed(actor, shipment: str) -> str:
    """Place it on the market; the code of what stops it, or nothing."""
    from asbuilt.answers.gate.packing import Decision, place_on_market

    try:
        place_on_market(actor, shipment=shipment, decision=Decision("BRAND", "Ada Brand", "sale"))
    except Refused as stopped:
        return stopped.code
    return ""


def later(by: int) -> None:
    from asbuilt.ledger import clock

    now = clock.now() + by
    clock.set_clock(lambda: now)


def test_what_left_while_a_concession_ran_is_placed_after_its_end(left, actor, may):
    """It left under the concession, and its placing was refused a day later because the time of the concession was over."""
    _, shipment = left("S0000")
    later(24 * HOUR)
    assert [
        stop.code for stop in may("S0000").stops if stop.code == "gate.test_missing"
    ]  # nothing leaves under it any more
    assert placed(actor, shipment) == ""


def test_a_concession_that_was_ended_places_nothing(left, actor, people):
    from asbuilt.built.quality.actions.concessions import end_concession

    code, shipment = left("S0000")
    end_concession(
        people["ben"], concession=code, reason="the rig was wrong"
    )  # somebody says that nothing passes any more
    with pytest.raises(
        Refused, match=f"^{code} is over.$"
    ):  # it said: over since the end that it would have had, years ahead
        end_concession(people["ada"], concession=code, reason="once more")
    later(24 * HOUR)
    assert placed(actor, shipment) == "gate.test_missing"


def test_a_hold_keeps_what_left_under_a_concession_from_the_market(left, actor):
    from asbuilt.answers.register.holds import hold

    _, shipment = left("S0000")
    hold(actor, units=["S0000"], reason="look")
    later(24 * HOUR)
    assert placed(actor, shipment) == "gate.held"


def test_for_a_product_of_ones_own_two_people_are_enough(propose, people, may):
    from asbuilt.built.quality.actions.concessions import approve_concession

    code = propose("H1", by="eva")
    assert not may("H1").go
    approve_concession(people["ada"], concession=code)
    assert may("H1").go


def test_what_is_inside_a_unit_of_ours_needs_its_own_manufacturer_too(propose, people, may, load):
    """Put inside a house of our own, BRAND's untested board left by a concession of two people of ours: BRAND was not asked, and could not be."""
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.questions.genealogy.seen.concessions import concession_page

    put = {"parent_serial": "H1", "child_serial": "S0000", "position": "", "happened_at": "2026-03-08T08:00:00Z"}
    load({"assemblies": [put], "tests": [run("H1", plan="HCT", version="1")]}, "put")
    code = propose("H1")
    approve_concession(people["ben"], concession=code)
    assert not may("H1").go
    assert concession_page(people["ben"], code).missing == (
        "Brand Owner is the manufacturer of board and has not agreed.",
    )
    with pytest.raises(NotFound):
        approve_concession(people["other"], concession=code)
    asked = concession_page(people["brand"], code)
    assert (asked.units, asked.total, asked.products) == (("S0000",), 1, ("board",))  # the house is nothing of BRAND's
    approve_concession(people["brand"], concession=code)
    assert may("H1").go and concession_page(people["brand"], code).state == "holds"


def test_it_lets_pass_what_it_names_on_its_units_until_its_end(propose, people, may, actor):
    from asbuilt.answers.gate.packing import put_in
    from asbuilt.built.quality.actions.concessions import approve_concession, end_concession
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.ledger import clock

    code = propose("S0000", "S0001", until_at=clock.now() + 3_600_000_000)
    approve_concession(people["ben"], concession=code)
    approve_concession(people["brand"], concession=code)
    assert may("S0000").go and [stop.code for stop in may("S0001").stops] == ["gate.test_failed"]
    box = open_container(actor, kind="box").container.code
    assert put_in(actor, container=box, codes=["S0000"]).verdicts[0].conceded
    now = clock.now()
    clock.set_clock(lambda: now + 3_600_000_001)
    try:
        assert not may("S0000").go
    finally:
        clock.set_clock(None)
    assert may("S0000").go
    end_concession(people["ada"], concession=code, reason="rig is up")
    assert not may("S0000").go
    with pytest.raises(Refused):
        approve_concession(people["ben"], concession=code)


def test_who_fails_again_after_they_agreed_is_stopped_again(propose, people, may, load):
    """The story: a concession agreed for one failure let every later failure of the unit leave too, of whatever test."""
    from asbuilt.built.quality.actions.concessions import approve_concession

    def agreed(allows):
        code = propose("S0001", allows=allows)
        for who in ("ben", "brand"):
            approve_concession(people[who], concession=code)
        return code

    first = agreed("test_failed")
    assert may("S0001").go
    load({"tests": [run("S0001", outcome="fail", hour=9)]})
    assert [stop.code for stop in may("S0001").stops] == ["gate.test_failed"]
    second = agreed("test_failed")
    assert may("S0001").go and {one["concession"] for one in may("S0001").conceded} == {second} != {first}
    load({"tests": [run("S0001", outcome="fail", plan="BURN", version="1")]})
    assert [(stop.code, stop.facts["plan"]) for stop in may("S0001").stops] == [("gate.test_failed", "BURN")]
    # a pass answers the failure of its own plan; the other stays under the second concession
    load({"tests": [run("S0001", plan="BURN", version="1", hour=9)]})
    assert may("S0001").go


@pytest.fixture
def agreed(propose, people):
    """agreed("S0000", allows="test_missing"): two of the house and the manufacturer agreed to it."""
    from asbuilt.built.quality.actions.concessions import approve_concession

    def one(*codes, allows):
        code = propose(*codes, allows=allows)
        for who in ("ben", "brand"):
            approve_concession(people[who], concession=code)
        return code

    return one


def stopped_by(found) -> list[tuple[str, str]]:
    return [(stop.code.removeprefix("gate."), stop.facts.get("plan", "")) for stop in found.stops]


def test_a_test_that_is_asked_for_after_they_agreed_is_asked_for(agreed, may, load):
    """The story: agreed while the rig was down, it let units leave without a test that was approved only afterwards."""
    agreed("S0000", allows="test_missing")
    assert may("S0000").go
    load(plan_rows("1", 8, name="HIPOT"))
    assert stopped_by(may("S0000")) == [("test_missing", "HIPOT")]
    agreed("S0000", allows="test_missing")
    assert may("S0000").go
    load(plan_rows("3", 9))  # and what a later version of the same plan asks for
    assert stopped_by(may("S0000")) == [("test_missing", "FCT")]
    load({"tests": [run("S0000", version="3", day=10)]})
    assert may("S0000").go


def test_firmware_that_is_loaded_or_demanded_after_they_agreed_is_another(agreed, may, load):
    from shipping_floor import IMAGES, at, loaded

    said = {
        "product": "board",
        "role": "app",
        "image": "",
        "revisions": "A",
        "released_at": at(1),
        "security_relevant": "false",
    }
    load(
        {
            "firmware": [
                {**said, "version": version, "sha256": digest * 32}
                for version, digest in (("0.9.0", "a9"), ("1.2.0", "a8"))
            ]
        }
    )
    load({"programming": [loaded("S0002", "1.0.0", day=6)], "tests": [run("S0002", day=7)]}, "old")
    assert "1.0.0" in IMAGES and stopped_by(may("S0002")) == [("firmware_other", "")]
    agreed("S0002", allows="firmware_other")
    assert may("S0002").go
    older = {**loaded("S0002", "1.0.0", day=8), "version": "0.9.0", "sha256": "a9" * 32}
    load({"programming": [older], "tests": [run("S0002", day=9)]}, "older")
    assert stopped_by(may("S0002")) == [("firmware_other", "")]
    agreed("S0002", allows="firmware_other")
    assert may("S0002").go
    demand = {
        "order": "",
        "product": "board",
        "revision": "A",
        "part": "",
        "of_product": "",
        "role": "app",
        "version": "1.2.0",
        "operator": "",
        "happened_at": at(10),
    }
    load({"firmware_demands": [demand]}, "demanded")
    assert stopped_by(may("S0002")) == [("firmware_other", "")]


def test_what_was_found_against_it_after_they_agreed_stops_it(agreed, may, load, actor, people):
    """Another package in quarantine, another nonconformity, another rework: each was covered by what was agreed before it."""
    from shipping_floor import at

    from asbuilt.built.quality.actions.nonconformities import raise_nonconformity
    from asbuilt.built.supply.actions.statuses import quarantine_packages, release_packages

    def rework(day: int) -> dict:
        return {
            "serial": "S0002",
            "refdes": "R1",
            "removed_package": "OK",
            "installed_package": "OK",
            "operator": "1",
            "reason": "r",
            "happened_at": at(day),
        }

    load({"replacements": [rework(6)]}, "once")
    assert stopped_by(may("S0002")) == [("test_before_rework", "FCT")]
    agreed("S0002", allows="test_before_rework")
    assert may("S0002").go
    load({"replacements": [rework(7)]}, "twice")
    assert stopped_by(may("S0002")) == [("test_before_rework", "FCT")]
    load({"tests": [run("S0002", day=8)]}, "tested")
    assert may("S0002").go
    quarantine_packages(actor, packages=["OK"], reason="looks grey")
    assert stopped_by(may("S0002")) == [("quarantine", "")]
    agreed("S0002", allows="quarantine")
    assert may("S0002").go
    release_packages(actor, packages=["OK"], reason="looked at")
    quarantine_packages(actor, packages=["OK"], reason="cracks in the section")
    assert stopped_by(may("S0002")) == [("quarantine", "")]
    agreed("S0002", allows="quarantine")
    for said in ("scratch", "void at R1"):
        raise_nonconformity(actor, source="inspection", severity="major", description=said, spans=[(3, 4)])
        assert stopped_by(may("S0002")) == [("nonconformity", "")]
        agreed("S0002", allows="nonconformity")
        assert may("S0002").go


def test_on_the_units_record_for_ever_and_no_table_opens_the_gate(propose, people, may, actor, load):
    import base64

    from asbuilt.questions.genealogy.answering.lookup import unit_document
    from asbuilt.questions.genealogy.seen.life import unit_life

    code = propose("S0000")
    assert [event.cells["concession"] for event in unit_life(actor, "S0000").events if event.kind == "conceded"] == [
        code
    ]
    certificate = json.loads(base64.b64decode(json.loads(unit_document(actor, "S0000"))["payload"]))
    assert any(row["shape"] == "quality.concession/1" for entry in certificate["entries"] for row in entry["rows"])
    row = {
        "concession": "CON-9",
        "allows": "test_missing",
        "subject": "",
        "reason": "x",
        "until_at": "2099-01-01T00:00:00Z",
    }
    at = "2026-03-06T08:00:00Z"
    approvals = [{"concession": "CON-9", "decision": "approved", "party": party, "person": who, "file": "", "sha256": "", "reason": "", "operator": who, "happened_at": at}
                 for party, who in (("", "046"), ("BRAND", "047"))]  # fmt: skip
    load(
        {
            "concessions": [{"serial": "S0000", **row, "operator": "045", "happened_at": at}],
            "concession_decisions": approvals,
        },
        folder="history",
    )
    assert not may("S0000").go


def test_nobody_adds_units_to_what_others_agreed_to(propose, people, may):
    """An engineer proposed H1 under the code of a concession that two people and the brand had agreed to for S0000, and H1 went at once."""
    from asbuilt.built.quality.actions.concessions import approve_concession

    code = propose("S0000")
    for who in ("ben", "brand"):
        approve_concession(people[who], concession=code)
    assert may("S0000").go and not may("H1").go
    with pytest.raises(Refused) as given:
        propose("H1", by="eva", code=code)
    assert given.value.code == "quality.concession_given" and given.value.remedy
    assert not may("H1").go and may("S0000").go
    assert propose("H1", by="eva", code="CON-OWN") == "CON-OWN"


def test_certificate_and_package_name_what_everybody_agreed_to_alone(propose, people, actor, load):
    """A concession that nobody agreed to stood in the package as agreed by people, and on the certificate."""
    import csv
    import io
    import zipfile

    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.quality.actions.concessions import approve_concession, end_concession
    from asbuilt.built.shipping.actions.packing import open_container
    from asbuilt.questions.genealogy.seen.conformity import conformity
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    agreed, alone, halfway, ended = (propose("S0000"), *(propose("S0002") for _ in range(3)))
    for code, who in ((agreed, "ben"), (agreed, "brand"), (halfway, "ben"), (ended, "ben"), (ended, "brand")):
        approve_concession(people[who], concession=code)
    end_concession(people["ben"], concession=ended, reason="rig is up")
    box = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
    put_in(actor, container=box, codes=["S0000", "S0002"])
    ship(actor, shipment=box)
    later = propose("S0002")
    for who in ("ben", "brand"):
        approve_concession(people[who], concession=later)

    def named():
        rows = zipfile.ZipFile(io.BytesIO(shipment_package(actor, box))).read("concessions.csv").decode()
        said = [(one["serial"], one["concession"], one["agreed_by"]) for one in csv.DictReader(io.StringIO(rows))]
        return said, [one.code for one in conformity(actor, box).concessions]

    assert alone and named() == ([("S0000", agreed, "people")], [agreed])


def test_who_may_not_and_what_is_not_said_right(propose, people, actor, stranger):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession

    with pytest.raises(Refused):  # the system account is nobody
        propose_concession(actor, codes=["S0000"], allows="test_missing", reason="x", until_at=FAR)
    for wrong in ({"allows": "held"}, {"allows": "scrapped"}, {"until_at": 1}):
        with pytest.raises(Invalid):
            propose("S0000", **wrong)
    with pytest.raises(NotAllowed):
        propose("S0000", by="brand")
    code = propose("S0000")
    with pytest.raises(NotAllowed):
        approve_concession(people["eva"], concession=code)
    with pytest.raises(NotFound):
        approve_concession(stranger, concession=code)


def test_station_and_machine_are_told_the_same_at_the_packing_step(floor, actor):
    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.actions import StepDone, pass_step
    from asbuilt.answers.gate.validating import validate_units
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.built.messages.machines import name_machine
    from asbuilt.formats.cfx.envelope import read_envelope

    assert [stop.code for stop in verdicts(actor, "S0000", "PACK")[0].stops] == ["gate.test_missing"]
    assert [stop.code for stop in verdicts(actor, "S0000", "BOXING")[0].stops] == []
    with pytest.raises(Refused):
        pass_step(actor, code="S0001", done=StepDone("PACK"))
    assert pass_step(actor, code="S0002", done=StepDone("PACK")).units == 1
    name_machine(actor, handle="Packer.1", machine="packer", step="PACK")
    asked = {"MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "TimeStamp": "2027-03-01T08:00:00Z",
             "UniqueID": "u", "Source": "Packer.1", "MessageBody": {"PrimaryIdentifier": None, "Units": [{"UnitIdentifier": f"S000{n}", "PositionNumber": n + 1} for n in range(3)]}}  # fmt: skip
    body = validate_units(machine_door(actor.tenant), read_envelope(json.dumps(asked).encode()))
    assert [one["FailureCode"] for one in body["ValidationResults"]] == [10, 10, 0]
