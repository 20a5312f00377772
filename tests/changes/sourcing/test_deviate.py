"""Deviations: planned before building, agreed by two people and the manufacturer, shown on units and certificates until and after their end."""

import base64
import json

import pytest
from pyroaring import BitMap
from sourcing_floor import at, material, ran

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

DAY = 86_400 * 1_000_000
NOW = parse_instant("2036-12-01T00:00:00Z")


@pytest.fixture
def propose(house):
    """propose(order="WO-2") -> the code of a deviation that lets W-2 be mounted for ten days."""
    from asbuilt.answers.gate.deviating import propose_deviation

    clock.set_clock(lambda: NOW)

    def said(by="eva", **more):
        asked = {
            "product": "gateway",
            "kind": "part",
            "part": "WIFI",
            "subject": "W-2",
            "maker": "Radio",
            "why": "W-1 is late",
            "until_at": NOW + 10 * DAY,
        }
        return propose_deviation(house[by], **asked | more)

    return said


def state(actor, code="DEV-1") -> str:
    from asbuilt.questions.genealogy.seen.deviations import deviation_seen

    return deviation_seen(actor, code)["state"]


def test_it_needs_two_people_and_the_manufacturer_and_then_its_part_is_mounted_until_its_end(
    propose, house, actor, stops
):
    from asbuilt.answers.gate.deviating import agree_deviation, end_deviation

    assert propose(order="WO-2", request_key="a") == propose(order="WO-2", request_key="a") == "DEV-1"
    assert stops("WO-2", "W-ALT") == ["production.not_approved"] and state(actor) == "open"
    for who, code in (("eva", None), ("other", "changes.unknown"), ("olga", None)):
        with pytest.raises((Refused, NotAllowed, NotFound)) as refused:
            agree_deviation(house[who], deviation="DEV-1")
        assert code in (None, refused.value.code)
    agree_deviation(house["ada"], deviation="DEV-1")
    with pytest.raises(Refused) as twice:
        agree_deviation(house["ada"], deviation="DEV-1")
    assert twice.value.code == "quality.concession_agreed" and state(actor) == "open"
    with pytest.raises(Invalid):
        agree_deviation(house["ben"], deviation="DEV-1", party="BRAND")
    agree_deviation(house["brand"], deviation="DEV-1", request_key="b")
    assert state(actor) == state(house["brand"]) == "in_force"
    assert stops("WO-2", "W-ALT") == [] and stops("WO-1", "W-ALT") == ["production.not_approved"]
    with pytest.raises(Refused) as granted:
        agree_deviation(house["ben"], deviation="DEV-1")
    assert granted.value.code == "changes.deviation_granted"
    with pytest.raises(NotFound):
        end_deviation(house["brand"], deviation="DEV-1", why="w")
    end_deviation(house["ben"], deviation="DEV-1", why="W-1 came")
    assert state(actor) == "over" and stops("WO-2", "W-ALT") == ["production.not_approved"]
    # what a party signed stands for it; a second one ends by itself
    propose(order="WO-2")
    agree_deviation(house["ada"], deviation="DEV-2")
    agree_deviation(house["ben"], deviation="DEV-2", party="BRAND", content=b"%PDF-1.4", name="agreed.pdf")
    assert stops("WO-2", "W-ALT") == []
    clock.set_clock(lambda: NOW + 11 * DAY)
    assert stops("WO-2", "W-ALT") == ["production.not_approved"] and state(actor, "DEV-2") == "over"


def test_a_brand_reads_no_names_of_the_houses_people(house, people, actor):
    """Badges are on record here: the house reads them, the brand does not."""
    from asbuilt.answers.gate.deviating import agree_deviation, propose_deviation
    from asbuilt.questions.genealogy.seen.deviations import deviation_seen

    quinn, bea = people("quinn", "quality_lead"), people("bea", "party_reader", party="BRAND")
    asked = {"product": "gateway", "kind": "part", "part": "WIFI", "subject": "W-2", "maker": "Radio", "why": "late"}
    propose_deviation(people("emil", "engineer"), **asked, until_at=clock.now() + 10 * DAY)
    agree_deviation(quinn, deviation="DEV-1")
    whole, told = deviation_seen(actor, "DEV-1"), deviation_seen(bea, "DEV-1")
    assert whole["by"] == "badge-emil" and [line["by"] for line in whole["timeline"]] == ["badge-emil", "badge-quinn"]
    assert told["by"] is None and {line["by"] for line in told["timeline"]} == {None}
    assert "badge-" not in repr(told)


def test_what_is_no_deviation_is_refused(propose, house):
    for more, refusal, code in (
        ({"kind": "x"}, Invalid, "changes.word_unknown"), ({"part": ""}, Invalid, "changes.deviation_part"), ({"kind": "process"}, Invalid, "changes.deviation_part"),
        ({"until_at": NOW}, Invalid, "changes.deviation_end"), ({"until_at": NOW + 800 * DAY}, Invalid, "changes.deviation_end"),
        ({"product": "no"}, NotFound, "changes.product_unknown"), ({"part": "no"}, NotFound, "changes.part_unknown"),
        ({"order": "no"}, NotFound, "production.order_unknown"), ({"product": "house", "order": "WO-2"}, Refused, "gate.deviation_product"),
        ({"first": 1, "last": 2}, Invalid, "gate.deviation_places"), ({"order": "WO-2", "first": 3, "last": 2}, Invalid, "gate.deviation_places"),
        ({"order": "WO-2", "first": 1, "last": 11}, Invalid, "gate.deviation_places"), ({"order": "WO-1", "first": 1, "last": 2}, Refused, "gate.deviation_late"),
    ):  # fmt: skip
        with pytest.raises(refusal) as refused:
            propose(**more)
        assert refused.value.code == code, more
    with pytest.raises(NotAllowed):
        propose(by="opal")
    with pytest.raises(NotFound):
        propose(by="brand")


def test_it_stands_on_the_units_that_were_built_under_it_and_on_their_certificates(propose, house, actor, load):
    from asbuilt.answers.gate.deviating import agree_deviation
    from asbuilt.questions.genealogy.answering.lookup import unit_document
    from asbuilt.questions.genealogy.evaluating.deviations_over import deviations_over
    from asbuilt.questions.genealogy.evaluating.view import View
    from asbuilt.questions.genealogy.seen.conformity import conformity
    from asbuilt.questions.genealogy.seen.deviations import deviation_seen
    from asbuilt.questions.genealogy.seen.life import unit_life

    moment = parse_instant(at(10).replace("2026-03-", "2036-12-"))
    clock.set_clock(lambda: moment)
    for code, more in (
        ("DEV-1", {"order": "WO-2", "first": 1, "last": 3}),
        ("DEV-2", {"kind": "process", "part": "", "subject": "profile P7"}),
    ):
        assert propose(until_at=moment + 5 * DAY, **more) == code
        for who in ("ada", "brand"):
            agree_deviation(house[who], deviation=code)
    later = parse_instant(at(25).replace("2026-03-", "2036-12-"))
    clock.set_clock(lambda: later)
    built = {
        "materials": [material("WO-2", "H1", "H4", "U1", "W-NEW", 11), material("WO-2", "H5", "H6", "U1", "W-NEW", 20)],
        "processes": [ran("WO-2", "H1", "H4", 12), ran("WO-2", "H5", "H6", 20)],
        "shipments": [{"shipment": "S-3", "customer": "SHOP", "country": "DE", "first_serial": "H1", "last_serial": "H6", "shipped_at": at(22), "placed_on_market_at": ""}],
    }  # fmt: skip
    load(json.loads(json.dumps(built).replace("2026-03-", "2036-12-")), "built")
    assert deviation_seen(actor, "DEV-1")["units"] == 3
    assert (
        deviation_seen(actor, "DEV-2")["units"] == 4
    )  # H1 to H4; WO-1 was finished before, H5 was built after, nobody began WO-Q

    def over(serial: str) -> set[str]:
        who = unit_life(actor, serial).who
        return {one.code for one, _ in deviations_over(View(actor), BitMap([who.unit]), [who.product])}

    assert {serial: over(serial) for serial in ("H1", "H4", "H5", "G1")} == {
        "H1": {"DEV-1", "DEV-2"},
        "H4": {"DEV-2"},
        "H5": set(),
        "G1": set(),
    }
    envelope = json.loads(unit_document(actor, "H4"))
    payload = base64.b64decode(envelope["payload"]).decode()
    assert "profile P7" in payload and "DEV-1" not in payload
    assert [(code, units) for code, _, units in conformity(actor, "S-3").deviations] == [("DEV-1", 3), ("DEV-2", 4)]
    assert conformity(actor, "S-1").deviations == ()


def test_one_for_places_of_an_order_lets_its_part_be_placed_there_by_hand(propose, house, actor, stops):
    from asbuilt.answers.gate.deviating import agree_deviation
    from asbuilt.answers.gate.placing import place_by_hand

    propose(order="WO-2", first=3, last=5)  # H3, H4, H5
    for who in ("ada", "brand"):
        agree_deviation(house[who], deviation="DEV-1")
    for first, last in (("H2", "H2"), ("H2", "H3"), ("H5", "H6"), ("H1", "H10"), ("Q3", "Q5")):
        with pytest.raises(Refused) as refused:
            place_by_hand(actor, first=first, last=last, refdes=["U1"], package="W-ALT")
        assert refused.value.code == "production.not_approved", first
    assert place_by_hand(actor, first="H3", last="H5", refdes=["U1"], package="W-ALT").units == 3
    assert stops("WO-2", "W-ALT") == ["production.not_approved"]  # a feeder feeds every unit of the order


def test_that_a_manufacturers_signature_was_not_checked_stands_wherever_its_deviation_does(propose, house, actor, load):
    """DEV-1 by people, DEV-2 by what BRAND is said to have signed: page, certificate, package and technical file tell them apart."""
    import csv
    import io
    import zipfile

    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.gate.deviating import agree_deviation
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text
    from asbuilt.questions.genealogy.seen.deviations import deviation_seen
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    said = "a party agreed by a document whose signature Asbuilt did not check"
    propose(until_at=NOW + 10 * DAY, kind="process", part="", maker="", subject="profile P7")
    propose(until_at=NOW + 10 * DAY, kind="process", part="", maker="", subject="profile P8")
    for code in ("DEV-1", "DEV-2"):
        agree_deviation(house["ada"], deviation=code)
    agree_deviation(house["brand"], deviation="DEV-1")
    agree_deviation(house["ben"], deviation="DEV-2", party="BRAND", content=b"%PDF-1.4", name="agreed.pdf")
    clock.set_clock(lambda: NOW + 5 * DAY)
    times = {"started_at": "2036-12-02T08:00:00Z", "finished_at": "2036-12-02T09:00:00Z"}
    left = {"shipment": "S-3", "customer": "SHOP", "country": "DE", "first_serial": "H1", "last_serial": "H2", "shipped_at": "2036-12-04T09:00:00Z"}  # fmt: skip
    load({"processes": [{**ran("WO-2", "H1", "H2"), **times}], "shipments": [{**left, "placed_on_market_at": ""}]}, "8")
    seen = [deviation_seen(house["brand"], code) for code in ("DEV-1", "DEV-2")]
    assert [one["by_document"] for one in seen] == [False, True]
    assert [one["units"] for one in seen] == [2, 2]  # of seventy that are planned nothing is built yet
    paper = conformity(actor, "S-3")
    assert paper.by_document == ("DEV-2",) and f"  DEV-2: {said}" in conformity_text(paper).splitlines()
    with zipfile.ZipFile(io.BytesIO(shipment_package(actor, "S-3"))) as box:
        rows = list(csv.DictReader(io.StringIO(box.read("deviations.csv").decode())))
    assert {(row["serial"], row["deviation"], row["agreed_by"]) for row in rows} == {
        ("H1", "DEV-1", "people"), ("H2", "DEV-1", "people"), ("H1", "DEV-2", said), ("H2", "DEV-2", said),
    }  # fmt: skip
    (point,) = (one for one in technical_file(actor, "gateway").filed if one.asked.key == "changes")
    (table,) = (
        table for part in point.parts for table in part.tables if table.heading == "Built otherwise than planned"
    )
    assert [(row[0], row[6], row[7]) for row in table.rows()] == [
        ("DEV-1", "2", "by people"), ("DEV-2", "2", "by a document; its signature was not checked"),
    ]  # fmt: skip
    assert "Agreed to by a party's document whose signature Asbuilt did not check: DEV-2." in point.gaps


def test_a_deviation_waits_for_its_manufacturer_in_his_portal_until_he_agreed(propose, house):
    from asbuilt.answers.gate.deviating import agree_deviation
    from asbuilt.answers.portal.waiting import waiting

    propose(order="WO-2")

    def waits(name: str) -> list[tuple]:
        found = waiting(house[name])
        return [(one.kind, one.page, one.code, one.about, one.products, one.until_at) for one in found]

    mine = ("deviation", "sourcing_deviation", "DEV-1", "W-2", ("gateway",), NOW + 10 * DAY)
    assert waits("brand") == [mine] and waits("other") == []
    agree_deviation(house["brand"], deviation="DEV-1")
    assert waits("brand") == []
    propose(order="WO-2")
    clock.set_clock(lambda: NOW + 11 * DAY)  # over before anybody agreed
    assert waits("brand") == []


def test_what_is_missing_is_said_in_the_readers_language(propose, house):
    from django.utils import translation

    from asbuilt.questions.genealogy.seen.deviations import deviation_seen

    propose(order="WO-2")
    with translation.override("de"):
        assert deviation_seen(house["brand"], "DEV-1")["missing"] == [
            "Eine zweite Person des Hauses hat nicht zugestimmt.",
            "Brand Owner ist Hersteller von gateway und hat nicht zugestimmt.",
        ]


SAID = "a party agreed by a document whose signature Asbuilt did not check"
WHY = "Radio W-2 of package W-ALT is not approved for WIFI; approved are W-1."


@pytest.fixture
def unchecked(propose, house):
    """DEV-1 for WO-2: BRAND is said to have signed it."""
    from asbuilt.answers.gate.deviating import agree_deviation

    propose(order="WO-2")
    agree_deviation(house["ada"], deviation="DEV-1")
    agree_deviation(house["ben"], deviation="DEV-1", party="BRAND", content=b"%PDF-1.4", name="agreed.pdf")


def test_a_feeder_and_a_part_placed_by_hand_name_the_deviation_they_rest_on(unchecked, house, actor):
    """Nobody at the line read under what the reel was there, nor that a signature was not checked; a reel that is approved rests on nothing."""
    from asbuilt.answers.gate.mounting import mount_package, splice_package
    from asbuilt.answers.gate.placing import place_by_hand
    from asbuilt.built.production.setups import setup_of
    from asbuilt.designed.catalog.actions import set_program

    (done,) = place_by_hand(actor, first="H3", refdes=["U1"], package="W-ALT").under
    assert (done["concession"], done["note"]) == ("DEV-1", SAID) and "W-2" in done["message"]
    assert place_by_hand(actor, first="H4", refdes=["U1"], package="W-NEW").under == ()
    feeders = [{"feeder": "1", "refdes": "U1", "grey_pieces": ""}]
    set_program(actor, product="gateway", revision="A", side="top", machine="PP", program="P", feeders=feeders)
    where = {"machine": "PP", "feeder": "1", "order": "WO-2"}
    assert mount_package(actor, **where, package="W-NEW").under == ()
    assert splice_package(actor, **where, package="W-ALT").under == (done,)
    (feeder,) = setup_of(actor, machine="PP", order="WO-2").feeders
    assert feeder.under == (done,) and feeder.as_dict()["under"] == [done]


def test_a_verdict_names_the_deviation_under_which_an_alternate_goes(unchecked, house, actor, load):
    """An alternate that nobody qualified would stop H1: under DEV-1 it goes, and step, leaving and order say so."""
    from sourcing_floor import material

    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    sheet = open_sheet(house["eva"], part="WIFI", title="Wi-Fi")
    state_candidate(house["eva"], sheet=sheet, mpn="W-2", maker="Radio", properties={})
    clock.set_clock(lambda: NOW + 3 * DAY)
    rows = [
        {**material("WO-2", serial, serial, "U1", package), "happened_at": "2036-12-02T08:00:00Z"}
        for serial, package in (("H1", "W-ALT"), ("H2", "W-NEW"))
    ]
    load({"materials": rows}, "told")

    def told(name):
        (step,), (leaves,) = verdicts(actor, name, "SMT"), may_leave(actor, name)
        assert not [stop for stop in (*step.stops, *leaves.stops) if stop.code == "gate.alternate_unqualified"]
        return step.conceded, leaves.conceded

    said = {
        "concession": "DEV-1",
        "message": "H1 carries Radio/W-2, an alternate for WIFI that is not qualified.",
        "note": SAID,
    }
    assert told("H1") == ((said,), (said,)) and told("H2") == ((), ())
    assert [(one["concession"], one["code"], one["count"], one["note"]) for one in order_may_leave(actor, "WO-2").conceded] == [
        ("DEV-1", "gate.alternate_unqualified", 1, SAID)
    ]  # fmt: skip
