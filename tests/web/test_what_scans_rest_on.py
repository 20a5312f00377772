"""Feeders, parts placed by hand, steps and boxes say under which deviation or qualification run they go: on the page, in the API, and when scans
that were kept without a network come back. DEV-1 lets W-2 into WO-2; nobody checked the signature of its manufacturer."""

import pytest
import sourcing_floor

pytestmark = pytest.mark.once

SETUP = {"machine": "PP", "order": "WO-2", "side": "top", "program": "P"}
MOUNT = {**SETUP, "feeder": "1", "what": "mounted", "package": "W-ALT"}
BY_HAND = {"package": "W-ALT", "refdes": "U1", "last": "", "station": ""}
NOTE = "a party agreed by a document whose signature Asbuilt did not check"
SAYS = {
    "en": "Under deviation DEV-1 · A party agreed by a document whose signature Asbuilt did not check.",
    "de": "Mit Abweichung DEV-1 · Eine Partei stimmte durch ein Dokument zu",
    "pl": "Na podstawie odstępstwa DEV-1 · ",
    "fr": "Sous la dérogation DEV-1 · ",
}


@pytest.fixture
def floor(load, actor):
    load(sourcing_floor.tables())
    house = sourcing_floor.people(actor.tenant)
    assert sourcing_floor.deviate(house) == "DEV-1"
    return house


@pytest.fixture
def operator(floor, signed_in):
    return signed_in("operator", "quality_lead")


def moment() -> str:
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    return format_instant(clock.now())


def kept(one, place, key, said, language="en"):
    """What the server says of a kept scan."""
    said = {"at": moment(), "request_key": key, **said}
    answer = one.send(f"/{place}/queued/", said, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_scans_kept_without_a_network_come_back_with_what_they_rest_on(operator):
    """Nobody stood before the page that would have said it: the scan stays in sight until somebody has seen it."""
    assert kept(operator, "setup", "a", MOUNT) == {"done": "W-ALT", "shown": SAYS["en"]}
    off = {**SETUP, "feeder": "1", "what": "removed", "package": "W-ALT"}
    assert kept(operator, "setup", "o", off) == {"done": "W-ALT"}
    for n, (language, said) in enumerate(SAYS.items(), 2):
        told = kept(operator, "setup/by-hand", language, {**BY_HAND, "first": f"H{n}"}, language)
        assert told["shown"].startswith(said), told
    approved = {**BY_HAND, "package": "W-NEW", "first": "H7"}
    assert kept(operator, "setup/by-hand", "z", approved) == {"done": "H7", "units": 1}


def test_a_step_kept_without_a_network_comes_back_with_it_also_where_its_answer_was_lost(floor, operator):
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    open_sheet(floor["eva"], part="WIFI", title="Wi-Fi")
    state_candidate(floor["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    kept(operator, "setup/by-hand", "h", {**BY_HAND, "first": "H3"})
    step = {"step": "SMT", "unit": "H3", "card": "PASS", "at": moment()}
    once = kept(operator, "station", "s", step)
    assert once == {"done": "H3", "units": 1, "shown": SAYS["en"]}
    assert kept(operator, "station", "s", step) == once
    assert kept(operator, "station", "t", {**step, "unit": "H4"}) == {"done": "H4", "units": 1}


def test_pages_say_it_where_it_was_scanned(operator):
    where = {**SETUP, "feeder": "1", "old": "", "scan": "W-ALT", "request_key": "p"}
    done = operator.send("/setup/scan/", where)
    assert done.status_code == 302, done.content
    page = operator.get(done.headers["Location"]).content.decode()
    assert page.count("Under deviation DEV-1") == 2 and page.count(f"{NOTE[1:]}.") == 2  # the verdict, and the feeder
    operator.send("/setup/scan/", {**where, "card": "OFF", "request_key": "o"})
    answer = operator.send("/setup/by-hand/", {**BY_HAND, "first": "H3", "request_key": "q"})
    page = operator.get(answer.headers["Location"], headers={"Accept-Language": "de"}).content.decode()
    assert "Mit Abweichung DEV-1" in page and "nicht geprüft" in page
    answer = operator.send("/setup/by-hand/", {**BY_HAND, "package": "W-NEW", "first": "H4", "request_key": "r"})
    assert "DEV-1" not in operator.get(answer.headers["Location"]).content.decode()


def test_the_api_says_it(floor, operator, signed_in):
    from django.test import Client

    from asbuilt.access.actions import accept_link, invite, issue_token

    _, link = invite(signed_in.first, name="O. P.", roles=["operator"])
    person = accept_link(link, name="O. P.", login="opi", password="nine reels of solder")
    _, secret = issue_token(person, name="t", person=person.person)
    api = Client(headers={"Authorization": f"Bearer {secret}", "Accept": "application/json"})

    def post(place, said):
        answer = api.post(f"/api/v1/{place}", said, "application/json")
        assert answer.status_code == 201, answer.content
        return answer.json()

    feeder = {"machine": "PP", "order": "WO-2", "feeder": "1"}
    assert post("setup/mounts", {**feeder, "package": "W-NEW"})["under"] == []
    under = post("setup/splices", {**feeder, "package": "W-ALT", "old": "W-NEW"})["under"]
    assert [(one["concession"], one["note"]) for one in under] == [("DEV-1", NOTE)] and "W-2" in under[0]["message"]
    shown = api.get("/api/v1/setup", {"machine": "PP", "order": "WO-2"}).json()
    assert [one["under"] for one in shown["feeders"]] == [under]
    post("setup/removals", {"machine": "PP", "feeder": "1"})
    placed = {"refdes": ["U1"], "package": "W-ALT", "first": "H3"}
    assert post("placed-by-hand", placed)["under"] == under
    assert post("placed-by-hand", {**placed, "package": "W-NEW", "first": "H4"})["under"] == []


def test_a_part_that_is_replaced_is_asked_for_its_maker_as_at_a_feeder(floor, operator, actor):
    """At the bench of rework a part that nobody approved went onto any unit, and nothing stopped it ever after."""
    from asbuilt.answers.gate.placing import place_by_hand

    place_by_hand(actor, first="H1", refdes=["U1"], package="W-NEW")
    replaced = {"unit": "H1", "refdes": "U1", "removed": "W-NEW", "installed": "W-ALT", "reason": "dead radio"}
    done = operator.send("/rework/replace/", {**replaced, "request_key": "a"})
    page = operator.get(done.headers["Location"]).content.decode()
    assert "Under deviation DEV-1" in page and f"{NOTE[1:]}." in page
    other = {**replaced, "unit": "G5"}  # of WO-1, which DEV-1 does not speak of
    refused = operator.send("/rework/replace/", {**other, "request_key": "b"})
    assert refused.status_code == 409 and "W-2 of package W-ALT is not approved for WIFI" in refused.content.decode()
    answer = operator.send("/rework/queued/", {**other, "request_key": "c", "at": moment()})
    assert answer.json()["code"] == "production.not_approved" and "W-ALT" in answer.json()["refused"]
    again = {**replaced, "removed": "W-ALT", "installed": "W-ALT"}
    assert kept(operator, "rework", "d", again) == {"done": "H1", "shown": SAYS["en"]}
    assert kept(operator, "rework", "e", {**again, "installed": "W-NEW"}) == {"done": "H1"}
    assert kept(operator, "rework", "f", {**again, "removed": "W-NEW", "installed": ""}) == {"done": "H1"}


def test_a_certificate_and_the_verdict_say_which_run_an_alternate_rests_on(load, actor, signed_in):
    """H1 has W-2, which QR-1 qualified on sixty units; of H2 it is only possible. Afterwards that was revoked."""
    from sourcing_floor import CRITERIA, at, material, ran, test_run

    from asbuilt.answers.gate.qualifying import judge_run, start_run
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate, take_result

    load(sourcing_floor.tables())
    house = sourcing_floor.people(actor.tenant)
    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    run = start_run(house["eva"], sheet="ALT-1", mpn="W-2", order="WO-Q", criteria=CRITERIA, why="W-1 ends")
    load({
        "materials": [material("WO-Q", "Q1", "Q60", "U1", "W-ALT", 4), material("WO-2", "H1", "H1", "U1", "W-ALT", 4)]
        + [material("WO-2", "H2", "H2", "U1", one, 4) | {"certainty": "possible"} for one in ("W-ALT", "W-NEW")],
        "processes": [ran("WO-Q", "Q1", "Q60", 5)],
        "tests": [test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")],
        "shipments": [{"shipment": "S-3", "customer": "SHOP", "country": "DE", "first_serial": "H1", "last_serial": "H2", "shipped_at": at(22), "placed_on_market_at": ""}],
    }, "built")  # fmt: skip
    said = {
        "run": run,
        "criterion": "cycling",
        "verdict": "pass",
        "words": "ok",
        "content": b"%PDF-1.4",
        "name": "c.pdf",
    }
    take_result(house["eva"], **said)
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    lead = signed_in("quality_lead", "operator")
    page = lead.get("/shipment/S-3/conformity/", headers={"Accept-Language": "de"}).content.decode()
    assert "Radio W-2, eine Alternative, qualifiziert in QR-1" in page and "1 weitere nur möglicherweise" in page
    assert "seither widerrufen" not in page
    step = lead.get("/station/", {"step": "SMT", "unit": "H1"}).content.decode()
    assert "As an alternate of QR-1" in step
    judge_run(house["ben"], run=run, verdict="revoked", why="field failures")
    page = lead.get("/shipment/S-3/conformity/").content.decode()
    assert "Radio W-2, an alternate qualified in QR-1 (revoked since)" in page


def test_the_certificate_of_the_api_says_what_the_page_says(floor, load, operator):
    """Deviations, and that a signature was not checked, stood on the page alone."""
    from asbuilt.answers.gate.placing import place_by_hand

    place_by_hand(floor["opal"], first="H3", refdes=["U1"], package="W-ALT")
    left = {"shipment": "S-3", "customer": "SHOP", "country": "DE", "first_serial": "H3", "last_serial": "H3"}
    load({"shipments": [{**left, "shipped_at": moment(), "placed_on_market_at": ""}]}, "left")
    page = operator.get("/shipment/S-3/conformity/").content.decode()
    assert "Deviation DEV-1: W-2: W-1 is late" in page.replace("</th>", "")
    answer = operator.get("/api/v1/shipments/S-3/conformity")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["deviations"] == [["DEV-1", "W-2: W-1 is late", 1]] and said["by_document"] == ["DEV-1"]
    assert said["alternates"] == []
