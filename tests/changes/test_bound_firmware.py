"""An ECO of firmware and of a test plan: permits before a unit is at hand, and units by what they run and how they were tested last."""

import change_floor
import pytest
import signers
from cast import pages
from permit_floor import PermitFloor

from asbuilt.kernel import keys
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.sealing import SealingKey

GRANT = "01KB00000000000000000000G5"
TEST = {
    "plan": "FCT", "station": "T1", "operator": "", "outcome": "pass", "started_at": "2026-11-01T09:00:00Z",
    "finished_at": "2026-11-01T09:01:00Z", "measurements": "{}",
}  # fmt: skip


@pytest.fixture
def approved(actor, people, load):
    """ECO-1, which everybody agreed to: WIDGET app 2.3.1 becomes 2.4.0, and plan FCT 1 becomes 2; a station, and a grant for both versions."""
    from asbuilt.built.programming.actions.grants import record_grant
    from asbuilt.built.programming.actions.stations import enrol
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    floor = PermitFloor(actor, b"\x7fASBUILT" + bytes(range(256)) * 20)
    floor.release("2.4.0", b"newer")
    images = [*floor.images, floor.image_of(b"newer", "2.4.0")]
    record_grant(actor, document=floor.grant(grant_id=GRANT, images=images))
    public = keys.public_to_pem(signers.Ed25519("ST-01").public)
    enrol(floor.code("ST-01"), public=public, transfer=keys.public_to_pem(SealingKey.new().public))
    eva, ben, rolf = people("eva", "engineer"), people("ben", "quality_lead"), people("rolf", "release_signer")
    ours = [change_floor.role("", "OW", "own"), change_floor.role("WIDGET", "OW")]
    house = {"party": "OW", "name": "Ostwerk", "roles": "ems;manufacturer", "country": "DE"}
    # the plan was run once: it is known
    load(
        {"parties": [house], "product_roles": ours, "tests": [{**TEST, "serial": "SN-1", "plan_version": "0"}]}, "plan"
    )
    code = propose_eco(eva, title="T", why="w", products=["WIDGET"])
    add_change(eva, eco=code, kind="firmware", product="WIDGET", subject=["app"], old="2.3.1", new="2.4.0")
    add_change(eva, eco=code, kind="test_plan", product="WIDGET", subject=["FCT"], old="1", new="2")
    change_floor.assess(eva, code)
    change_floor.agree(code, (ben, ""), (rolf, ""))
    floor.ben = ben
    return floor


@pytest.fixture
def bounded(approved):
    """It holds from SN-31 of WO-7 on."""
    from asbuilt.answers.gate.bounding import set_boundary

    set_boundary(approved.ben, eco="ECO-1", kind="unit", value="SN-31", why="w")
    return approved


def page_of(person, address: str) -> str:
    """A page, as this person sees it."""
    from django.test import Client

    from asbuilt.access import sessions
    from asbuilt.access.queries import login_of_person

    with pages():
        browser, session = Client(), sessions.SessionStore()
        sessions.begin(session, login_of_person(person.tenant, person.person))
        session.save()
        browser.cookies["asbuilt_session"] = session.session_key
        answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def permit(floor, version: str, **more):
    image = {"role": "app", "version": version, "part": "U1", "region": "app"}
    return floor.issue({"ST-01": 5}, grant=GRANT, images=[image], **more)


def test_a_permit_has_the_images_and_plans_that_hold_for_its_order(bounded, actor):
    for version in ("2.3.1", "2.4.0"):  # WO-7 lies on both sides
        with pytest.raises(Refused) as refused:
            permit(bounded, version)
        assert refused.value.code == "gate.change_boundary" and "Split the order" in refused.value.remedy
    with pytest.raises(Refused) as refused:
        permit(bounded, "2.3.1", order="WO-9")
    assert (refused.value.facts["wanted"], refused.value.facts["eco"]) == ("2.4.0", "ECO-1")
    tests = [{"plan": "FCT", "version": "1"}]
    with pytest.raises(Refused) as refused:
        permit(bounded, "2.4.0", order="WO-9", tests=tests)
    assert (refused.value.facts["wanted"], refused.value.facts["found"]) == ("2", "1")
    permit(bounded, "2.4.0", order="WO-9")


def test_an_order_before_the_boundary_gets_a_permit_with_the_version_that_holds_for_it(approved, people, actor):
    """FCT 2 is in force since its approval, and ECO-1 brings it from WO-9 on: WO-7 got no permit with either version."""
    import json

    from line_floor import plan, run, step

    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan

    set_boundary(approved.ben, eco="ECO-1", kind="order", value="WO-9", why="w")
    steps, runs = [step("bist.ram")], [run("bist", "console", port=1, ask="bist", until="END", milliseconds=2000)]
    for version in ("1", "2", "3"):
        said = json.dumps({**plan(steps, runs, name="FCT"), "version": version}).encode()
        propose_test_plan(people(f"paul{version}", "engineer"), document=said, changes="limits")
        if version != "3":
            decide_test_plan(approved.ben, plan="FCT", version=version, decision="approved")
    tests = [{"plan": "FCT", "version": "1"}]
    found = permit(approved, "2.3.1", order="WO-7", tests=tests)
    assert [(one.plan, one.version) for one in found.permit.tests] == [("FCT", "1")]
    for order, version, other, code in (
        ("WO-7", "2.3.1", "2", "gate.change_boundary"),
        ("WO-9", "2.4.0", "1", "gate.change_boundary"),
        ("WO-7", "2.3.1", "3", "programming.test_plan_not_usable"),  # which no boundary speaks of, and nobody approved
    ):
        with pytest.raises(Refused) as refused:
            permit(approved, version, order=order, tests=[{"plan": "FCT", "version": other}])
        assert refused.value.code == code
    decide_test_plan(approved.ben, plan="FCT", version="1", decision="withdrawn", reason="wrong limits")
    with pytest.raises(Refused) as refused:
        permit(approved, "2.3.1", order="WO-7", tests=tests)
    assert refused.value.code == "programming.test_plan_not_usable"


def test_units_by_what_they_run_and_how_they_were_tested(bounded, load, stops, actor):
    from asbuilt.questions.genealogy.answering.changes_built import change_seen

    sha256 = {one["version"]: one["sha256"] for one in (bounded.images[0], bounded.image_of(b"newer", "2.4.0"))}
    run = {
        "product": "WIDGET",
        "uid": "",
        "station": "P1",
        "operator": "",
        "result": "pass",
        "happened_at": "2026-11-01T08:00:00Z",
    }
    runs = {"SN-29": "2.3.1", "SN-30": "2.4.0", "SN-31": "2.3.1", "SN-32": "2.4.0"}
    tests = {"SN-29": "1", "SN-32": "2", "SN-33": "1"}
    load(
        {
            "programming": [
                {**run, "serial": name, "version": one, "sha256": sha256[one]} for name, one in runs.items()
            ],
            "tests": [{**TEST, "serial": name, "plan_version": version} for name, version in tests.items()],
        }
    )
    wrong = {
        name: stops(name, "FCT").count("change_boundary")
        for name in ("SN-28", "SN-29", "SN-30", "SN-31", "SN-32", "SN-33")
    }
    assert wrong == {"SN-28": 0, "SN-29": 0, "SN-30": 1, "SN-31": 1, "SN-32": 0, "SN-33": 1}
    firmware, plan = change_seen(actor, "ECO-1")["built"]
    assert (firmware["first_new"], firmware["last_old"], firmware["new_before_last_old"], firmware["old_behind_first_new"]) == ("SN-30", "SN-31", 1, 1)  # fmt: skip
    assert (plan["first_new"], plan["last_old"], plan["old_units"]) == ("SN-32", "SN-33", 2)


@pytest.mark.parametrize("demanded", ["2.3.1", "2.4.0"])
def test_a_demand_of_the_revision_asks_nothing_of_units_that_the_boundary_gives_another_version(
    approved, load, actor, demanded
):
    """Whichever version the revision demands, units on one side had to run it by the demand and must not by the boundary: none of them left, and their
    order got no permit."""
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.answers.gate.leaving import may_leave

    set_boundary(approved.ben, eco="ECO-1", kind="order", value="WO-9", why="w")
    sha256 = {one["version"]: one["sha256"] for one in (approved.images[0], approved.image_of(b"newer", "2.4.0"))}
    run = {
        "product": "WIDGET",
        "uid": "",
        "station": "P1",
        "operator": "",
        "result": "pass",
        "happened_at": "2026-11-01T08:00:00Z",
    }
    runs = {"WO-7#1": "2.3.1", "WO-7#2": "2.4.0", "WO-9#1": "2.3.1", "WO-9#2": "2.4.0"}
    demand = {
        "order": "",
        "product": "WIDGET",
        "revision": "B",
        "part": "",
        "of_product": "",
        "role": "app",
        "operator": "",
    }
    load({
        "programming": [{**run, "serial": name, "version": one, "sha256": sha256[one]} for name, one in runs.items()],
        "firmware_demands": [{**demand, "version": demanded, "happened_at": "2026-11-01T08:00:00Z"}],
    })  # fmt: skip

    def against(name):
        codes = {"gate.firmware_other", "gate.firmware_missing", "gate.change_boundary"}
        return [
            (one.code, one.facts.get("version", "")) for one in may_leave(actor, name)[0].stops if one.code in codes
        ]

    assert {name: against(name) for name in (*runs, "WO-7#3", "WO-9#3")} == {
        "WO-7#1": [], "WO-7#2": [("gate.change_boundary", "")],
        "WO-9#1": [("gate.change_boundary", "")], "WO-9#2": [],
        "WO-7#3": [("gate.firmware_missing", "2.3.1")], "WO-9#3": [("gate.firmware_missing", "2.4.0")],
    }  # fmt: skip
    permit(approved, "2.3.1", order="WO-7")
    permit(approved, "2.4.0", order="WO-9")
    with pytest.raises(Refused) as refused:
        permit(approved, "2.4.0", order="WO-7")
    assert refused.value.code == "gate.change_boundary"


def test_what_may_be_chosen_for_a_permit_is_what_the_boundary_gives_the_order(approved, load, actor, people):
    """The story: the form offered 2.4.0 for WO-7 as demanded, and the gate refused it; it called 2.3.1, which the gate wants, another than is demanded."""
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.answers.gate.permits import choices
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    row = {
        "order": "",
        "product": "WIDGET",
        "revision": "B",
        "part": "",
        "of_product": "",
        "role": "app",
        "operator": "",
        "version": "2.4.0",
    }
    load({"firmware_demands": [{**row, "happened_at": "2026-11-01T08:00:00Z"}]})

    def offered(order: str) -> tuple[list, list, list, list]:
        """(demanded and by whom, what answers, what is called demanded, where to split) as the API and the page have it."""
        found = choices(actor, order)
        demands = sorted({(one["version"], one["by"]) for one in found["demands"] if one["role"] == "app"})
        releases = [one for one in found["releases"] if one["role"] == "app"]
        answers, called = ([one["version"] for one in releases if one[key]] for key in ("answers", "demanded"))
        return demands, sorted(answers), sorted(called), found["split_by"]

    assert offered("WO-7") == ([("2.4.0", "WIDGET B")], ["2.4.0"], ["2.4.0"], [])
    set_boundary(approved.ben, eco="ECO-1", kind="order", value="WO-9", why="w")
    assert offered("WO-7") == ([("2.3.1", "ECO-1")], ["2.3.1"], ["2.3.1"], [])
    assert offered("WO-9") == ([("2.4.0", "WIDGET B")], ["2.4.0"], ["2.4.0"], [])
    for order, (_demands, answers, *_) in {order: offered(order) for order in ("WO-7", "WO-9")}.items():
        permit(approved, *answers, order=order)
    rita = people("rita", "release_signer")
    decide(rita, eco="ECO-1", decision="refused", why="2.4.0 boots unsigned images")
    assert offered("WO-9")[1] == [] and offered("WO-7")[1] == ["2.3.1"]


def test_an_order_on_both_sides_of_a_boundary_is_split_before_anything_is_offered(bounded, actor, people):
    from asbuilt.answers.gate.permits import choices

    found = choices(actor, "WO-7")
    assert found["split_by"] == ["ECO-1"] and sorted({(one["version"], one["by"]) for one in found["demands"]}) == [("2.3.1", "ECO-1"), ("2.4.0", "ECO-1")]  # fmt: skip
    assert [one["version"] for one in found["releases"] if one["answers"]] == []
    page = page_of(people("pia", "permit_issuer"), "/permits/new/?order=WO-7")
    assert "lies on both sides of the boundary of" in page and ">2.3.1<" in page


def test_no_permit_for_a_release_whose_approval_was_taken_back(bounded, actor, people):
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    rita = people("rita", "release_signer")
    decide(rita, eco="ECO-1", decision="refused", why="2.4.0 boots unsigned images")
    with pytest.raises(Refused) as refused:
        permit(bounded, "2.4.0", order="WO-9")
    assert (refused.value.code, refused.value.facts["eco"]) == ("gate.change_suspended", "ECO-1")
    decide(rita, eco="ECO-1", decision="approved")
    permit(bounded, "2.4.0", order="WO-9")


def test_a_permit_that_is_out_programs_no_unit_that_a_later_boundary_gives_another_version(approved, people, actor):
    """Stations are told by the bulletin: of a permit issued before the boundary was set, and of one whose ECO is not approved any more."""
    from asbuilt.answers.gate.bounding import set_boundary
    from asbuilt.answers.gate.permits import folder_of
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.kernel import envelope
    from asbuilt.kernel.station_documents import parse_bulletin

    old, new = permit(approved, "2.3.1").permit.permit_id, permit(approved, "2.4.0").permit.permit_id

    def held(name: str, *permits: str) -> list[bool]:
        told = parse_bulletin(envelope.parse(folder_of(actor, "ST-01").bulletin()).payload)
        return [name in told.units_held(one) for one in permits]

    assert held("SN-30", old, new) == held("SN-31", old, new) == [False, False]
    set_boundary(approved.ben, eco="ECO-1", kind="unit", value="SN-31", why="w")
    assert held("SN-30", old, new) == [False, True] and held("SN-31", old, new) == held("WO-7#60", old, new) == [
        True,
        False,
    ]
    rita = people("rita", "release_signer")
    decide(rita, eco="ECO-1", decision="refused", why="2.4.0 boots unsigned images")
    assert held("SN-30", old, new) == [False, True] and held("SN-31", old, new) == held("WO-7#60", old, new) == [
        True,
        True,
    ]
