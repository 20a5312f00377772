"""An ECO of firmware and of a test plan: permits before a unit is at hand, and units by what they run and how they were tested last."""

import change_floor
import pytest
import signers
from permit_floor import PermitFloor

from asbuilt.kernel import keys
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.sealing import SealingKey

GRANT = "01KB00000000000000000000G5"


@pytest.fixture
def bounded(actor, people):
    """WIDGET app 2.3.1 becomes 2.4.0 at SN-31 of WO-7, and plan FCT 1 becomes 2; a station, and a grant for both versions."""
    from asbuilt.answers.gate.bounding import set_boundary
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
    code = propose_eco(eva, title="T", why="w", products=["WIDGET"])
    add_change(eva, eco=code, kind="firmware", product="WIDGET", subject=["app"], old="2.3.1", new="2.4.0")
    add_change(eva, eco=code, kind="test_plan", product="WIDGET", subject=["FCT"], old="1", new="2")
    change_floor.assess(eva, code)
    change_floor.agree(code, (ben, ""), (rolf, ""))
    set_boundary(ben, eco=code, kind="unit", value="SN-31", why="w")
    return floor


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


def test_units_by_what_they_run_and_how_they_were_tested(bounded, load, stops, actor):
    from asbuilt.questions.genealogy.changes_built import change_seen

    sha256 = {one["version"]: one["sha256"] for one in (bounded.images[0], bounded.image_of(b"newer", "2.4.0"))}
    run = {
        "product": "WIDGET",
        "uid": "",
        "station": "P1",
        "operator": "",
        "result": "pass",
        "happened_at": "2026-11-01T08:00:00Z",
    }
    test = {
        "plan": "FCT",
        "station": "T1",
        "operator": "",
        "outcome": "pass",
        "started_at": "2026-11-01T09:00:00Z",
        "finished_at": "2026-11-01T09:01:00Z",
        "measurements": "{}",
    }
    runs = {"SN-29": "2.3.1", "SN-30": "2.4.0", "SN-31": "2.3.1", "SN-32": "2.4.0"}
    tests = {"SN-29": "1", "SN-32": "2", "SN-33": "1"}
    load(
        {
            "programming": [
                {**run, "serial": name, "version": one, "sha256": sha256[one]} for name, one in runs.items()
            ],
            "tests": [{**test, "serial": name, "plan_version": version} for name, version in tests.items()],
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
