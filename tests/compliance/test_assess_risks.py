"""The risk assessment and the matrix of Annex I: every requirement of section 5 (cra.md) by name, live evidence counted by hand, revisions frozen and reviewed."""

import json
from dataclasses import replace

import compliance_floor
import pytest

from asbuilt.kernel.errors import Invalid, NotFound, Refused

# cra.md, section 5, Annex I Part I and Part II
PART_I = ["I.1", *(f"I.2.{letter}" for letter in "abcdefghijklm")]
PART_II = [f"II.{n}" for n in range(1, 9)]
ALWAYS = {
    "I.1",
    *PART_II,
}  # 13(3): "whether and how" is asked of each I(2) point; I(1) and Part II of how they are applied


def verbs():
    from asbuilt.answers.compliance.assessing import actions

    return actions


def told(actor, product="OWN-1"):
    from asbuilt.answers.compliance.assessing.seen import assessment_told

    return assessment_told(actor, product)


def row(actor, key):
    return next(one for one in told(actor)["matrix"] if one["key"] == key)


def answer_all(actor, but=()):
    for key in [*PART_I, *PART_II]:
        if key not in but:
            verbs().say_requirement(actor, product="OWN-1", requirement=key, applies="yes", how=f"how {key}")


def test_every_requirement_is_asked_and_each_point_is_justified(house):
    found = told(house)
    assert [one["key"] for one in found["matrix"]] == PART_I + PART_II
    assert {one["state"] for one in found["matrix"]} == {"unanswered"}
    assert f"Not said whether they apply: {', '.join(PART_I + PART_II)}." in found["gaps"]
    for key in PART_I + PART_II:
        said = {"product": "OWN-1", "requirement": key, "applies": "no"}
        if key in ALWAYS:
            with pytest.raises(Refused) as refused:
                verbs().say_requirement(house, **said, why="not for us")
            assert refused.value.code == "compliance.requirement_always", key
        else:
            with pytest.raises(Refused) as refused:
                verbs().say_requirement(house, **said)
            assert refused.value.code == "compliance.justification_missing", key  # 13(4)
            verbs().say_requirement(house, **said, why=f"no need for {key}")
        with pytest.raises(Invalid):
            verbs().say_requirement(house, product="OWN-1", requirement=key, applies="yes", how=" ")
    states = {one["key"]: (one["state"], one["why"]) for one in told(house)["matrix"]}
    for key in PART_I + PART_II:
        assert states[key] == (("unanswered", "") if key in ALWAYS else ("not_applicable", f"no need for {key}"))
    answer_all(house)
    rows = {one["key"]: one for one in told(house)["matrix"]}
    assert all(one["applies"] == "yes" and one["how"] == f"how {key}" for key, one in rows.items())
    # a threat without residual risk, no SBOM, no release, no advisory, no policy, no support: each says so itself
    nothing = "No known vulnerability is open; SBOMs and feeds reach 0 of 3 units. No feed was ever taken."
    assert (rows["I.2.a"]["evidence"][0]["says"], rows["I.2.a"]["state"]) == (nothing, "missing")
    assert {key: rows[key]["state"] for key in ("I.2.e", "I.2.j", "II.1", "II.5", "II.7", "II.8")} == {
        "I.2.e": "described", "I.2.j": "partly", "II.1": "missing", "II.5": "missing", "II.7": "missing", "II.8": "missing",
    }  # fmt: skip


def test_units_are_counted_by_the_requirement_that_their_tests_prove(house, load):
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan

    answer_all(house)

    def evidence(key="I.2.j"):
        one = next(one for one in row(house, key)["evidence"] if one["source"] == "tests")
        return one["proved"], one["failed"], one["without"], one["of"], one["says"]

    assert evidence() == (2, 0, 1, 3, "SEC: 2 of 3 units passed, 1 without a test.")
    load({"tests": [compliance_floor.ran("WO-1-3", "fail"), compliance_floor.ran("WO-1-1", "fail", day=4)]}, "later")
    assert evidence() == (1, 2, 0, 3, "SEC: 1 of 3 units passed, 2 did not pass.")
    # a version that no longer measures it proves nothing, whatever came out
    compliance_floor.in_force(house, compliance_floor.plan("2", ("I.2.h",)))
    load({"tests": [compliance_floor.ran("WO-1-2", day=5, version="2"), compliance_floor.ran("WO-1-1", day=5)]}, "last")
    assert evidence()[:4] == (1, 1, 1, 3)
    assert evidence("I.2.h")[:4] == (1, 0, 2, 3)
    # a person's own question counts too; one that the record cannot answer is refused at once
    said = {"product": "OWN-1", "requirement": "I.2.e", "applies": "yes", "how": "AES"}
    verbs().say_requirement(house, **said, questions=["unit:WO-1-1 or unit:WO-1-2"])
    one = row(house, "I.2.e")["evidence"][-1]
    assert (one["proved"], one["without"], one["says"]) == (
        2, 1, "unit:WO-1-1 or unit:WO-1-2: 2 of 3 units, 1 without a record.",
    )  # fmt: skip
    with pytest.raises(NotFound):
        verbs().say_requirement(house, **said, questions=["lot:NOWHERE"])
    # who lacks the proof is one question away
    from asbuilt.questions.genealogy.answering.answers import ask

    lacking = next(one for one in row(house, "I.2.j")["evidence"] if one["source"] == "tests")["question"]
    assert [one["serial"] for one in ask(house, lacking).serials()] == ["WO-1-3"]
    # a version that nobody approved proves nothing, though units passed it; an approval that is taken back leaves no proof either
    one, other = compliance_floor.two_people(house)
    propose_test_plan(one, document=compliance_floor.plan("3", ("I.2.k",)), changes="w")
    load({"tests": [compliance_floor.ran("WO-1-3", day=6, version="3")]}, "not approved")
    assert evidence("I.2.k") == (0, 0, 0, 0, "SEC: no version that proves it is approved.")
    assert row(house, "I.2.k")["state"] == "missing"
    decide_test_plan(other, plan="SEC", version="3", decision="approved")
    assert evidence("I.2.k")[:4] == (1, 0, 2, 3)
    decide_test_plan(house, plan="SEC", version="3", decision="withdrawn", reason="limits were wrong")
    assert evidence("I.2.k")[0] == 0


def test_unique_credentials_and_a_shared_one(house):
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    answer_all(house)
    with write_tx(house.tenant):
        columns = ("tenant", "sha256", "unit", "plan", "started_at", "entry", "row")
        rows = [(house.tenant, digest * 64, unit, 1, 1, 1, unit) for digest, unit in (("a", 1), ("b", 2), ("b", 3))]
        bulk.insert_rows("quality_identity", columns, rows)
    one = next(one for one in row(house, "I.2.d")["evidence"] if one["source"] == "identities")
    assert one["says"] == "Unique credentials: 1 of 3 units, 2 share one."
    assert row(house, "I.2.d")["state"] == "partly"


def test_risks_with_measures_and_what_is_left(house):
    say = verbs()
    assert "Nobody said the intended purpose and foreseeable use." in told(house)["gaps"]
    say.say_context(
        house, product="OWN-1", purpose="switch", foreseeable_use="outdoors", conditions="-20 °C", expected_years=8
    )
    asset = say.say_asset(house, product="OWN-1", words="update key")
    threat = say.say_threat(
        house, product="OWN-1", words="key read out", assets=[asset], likelihood="medium", impact="high"
    )
    measure = say.say_measure(house, product="OWN-1", words="lock debug port", threats=[threat], requirements=["I.2.j"])
    assert (asset, threat, measure) == ("AS-1", "TH-1", "ME-1")
    found = told(house)
    assert found["context"]["expected_years"] == 8 and found["threats"][0]["risk"] == "high"
    assert found["threats"][0]["measures"] == ["ME-1"] and "Without a residual risk: TH-1." in found["gaps"]
    assert row(house, "I.2.j")["measures"] == ["ME-1"]
    say.say_residual(
        house, product="OWN-1", threat="TH-1", likelihood="low", impact="medium", accepted=True, why="locked"
    )
    assert told(house)["threats"][0]["residual"]["risk"] == "low"
    say.say_requirement(house, product="OWN-1", requirement="I.1", applies="yes", how="by this")
    assert row(house, "I.1")["evidence"][0]["says"] == "1 of 1 threats have a residual risk that was accepted."
    say.say_asset(house, product="OWN-1", words="other", asset="AS-1")
    assert told(house)["assets"] == [{"asset": "AS-1", "words": "other"}]
    say.say_asset(house, product="OWN-1", words="other", asset="AS-1", gone=True)
    for wrong, kind in (
        (lambda: say.say_threat(house, product="OWN-1", words="w", assets=["AS-1"], likelihood="low", impact="low"), NotFound),
        (lambda: say.say_residual(house, product="OWN-1", threat="TH-9", likelihood="low", impact="low", accepted=True, why="w"), NotFound),
        (lambda: say.say_threat(house, product="OWN-1", words="w", likelihood="unlikely", impact="low"), Invalid),
        (lambda: say.say_measure(house, product="OWN-1", words="w", requirements=["I.9"]), Invalid),
        (lambda: say.say_context(house, product="OWN-1", purpose="p", expected_years=0), Invalid),
        (lambda: say.say_asset(house, product="NIX", words="w"), NotFound),
    ):  # fmt: skip
        with pytest.raises(kind):
            wrong()


def test_a_revision_keeps_its_numbers_and_another_person_reviews_it(house, load, rules, on):
    from asbuilt.answers.compliance.assessing.revising import draft_revision, review_revision
    from asbuilt.answers.compliance.assessing.seen import revision_told
    from asbuilt.answers.compliance.judging.rule_sets import rules_named
    from asbuilt.answers.register.queries import frozen_answer

    carl, cara = replace(house, person=11, label="person:11"), replace(house, person=12, label="person:12")
    answer_all(house, but=["II.8"])
    assert draft_revision(carl, product="OWN-1", why="first", request_key="K") == "1"
    assert draft_revision(carl, product="OWN-1", why="first", request_key="K") == "1"

    def review(who, revision, approved=True):
        return review_revision(who, product="OWN-1", revision=revision, approved=approved, why="read")

    def refused(*said):
        with pytest.raises(Refused) as one:
            review(*said)
        return one.value.code.removeprefix("compliance.")

    assert refused(carl, "1") == "revision_own" and refused(cara, "1") == "matrix_incomplete"
    review(cara, "1", False)
    assert refused(cara, "1", False) == "revision_settled"
    verbs().say_requirement(house, product="OWN-1", requirement="II.8", applies="yes", how="free")
    assert draft_revision(carl, product="OWN-1", why="second") == "2"
    on("2026-12-02")
    rules("2026-12-01")  # the rules change in the middle of the review
    assert refused(cara, "2") == "rules_moved"
    assert draft_revision(carl, product="OWN-1", why="third") == "3"
    review(cara, "3")
    load({"tests": [compliance_floor.ran("WO-1-3")]}, "later")
    frozen = revision_told(house, "OWN-1", "3")
    assert frozen["state"] == "approved" and frozen["rule_set"] == "house/2026-12-01"
    assert rules_named(frozen["rule_set"]).sha256 == frozen["rule_set_sha256"]
    one = next(one for one in frozen["matrix"] if one["key"] == "I.2.j")["evidence"][0]
    assert (one["proved"], one["of"]) == (2, 3)  # as it was; now it is three
    assert row(house, "I.2.j")["evidence"][0]["proved"] == 3
    kept = json.loads(frozen_answer(house, frozen["answers"][one["question"]]).answer)
    assert [each["serial"] for each in kept["serials"]] == ["WO-1-3"]
    states = {each["revision"]: each["state"] for each in told(house)["revisions"]}
    assert states == {"1": "refused", "2": "draft", "3": "approved"}
    on("2027-01-02")
    rules("2027-01-01")
    assert "Revision 3 was approved under house/2026-12-01; house/2027-01-01 is in force." in told(house)["gaps"]
    with pytest.raises(NotFound):
        review(cara, "9")


def test_strangers_find_no_assessment(cast):
    from asbuilt.access.rights import ALL_RIGHTS
    from asbuilt.answers.compliance.assessing.revising import draft_revision, review_revision

    for who in (
        replace(cast.actor["dan"], rights=ALL_RIGHTS),
        replace(cast.actor["brand_a_reader"], rights=ALL_RIGHTS),
    ):
        for verb in (
            lambda who=who: told(who, "A-LAMP"), lambda who=who: verbs().say_asset(who, product="A-LAMP", words="w"),
            lambda who=who: draft_revision(who, product="A-LAMP", why="w"),
            lambda who=who: review_revision(who, product="A-LAMP", revision="1", approved=True, why="w"),
        ):  # fmt: skip
            with pytest.raises(NotFound):
                verb()


def test_the_system_account_does_not_review_what_it_drafted(house):
    """The command line of the machine that owns the home: whoever sits before it, it is one account."""
    from asbuilt.answers.compliance.assessing.revising import draft_revision, review_revision

    answer_all(house)
    assert house.person is None
    draft_revision(house, product="OWN-1", why="first")
    with pytest.raises(Refused) as refused:
        review_revision(house, product="OWN-1", revision="1", approved=True, why="read")
    assert refused.value.code == "compliance.revision_own"
    review_revision(
        replace(house, person=12, label="person:12"), product="OWN-1", revision="1", approved=True, why="read"
    )


def test_a_plan_without_runs_and_a_support_period_alone_prove_nothing(house, load):
    """Annex I, II(3): tests and reviews are effective and regular; II(8): updates are disseminated, with advisory messages."""
    from asbuilt.answers.compliance.keeping.actions import set_support

    answer_all(house)
    set_support(house, product="OWN-1", start_on="2026-01-01", end_on="2036-01-01", why="used for ten years")
    said = {key: row(house, key) for key in ("I.1", "I.2.c", "II.3", "II.8")}
    # two of three units ran SEC; nobody assessed a threat; no update was ever released
    assert [one["says"] for one in said["II.3"]["evidence"]] == [
        "SEC: 2 of the 3 units that it asks for passed, 1 without a test."
    ]
    assert said["II.3"]["state"] == "partly"
    assert [one["says"] for one in said["II.8"]["evidence"]] == [
        "No update with a security fix is recorded.", "Nobody said whether security updates are free of charge, and until when.",
        "Supported from 2026-01-01 until 2036-01-01.",
    ]  # fmt: skip
    assert said["II.8"]["state"] == "missing"
    assert (said["I.1"]["evidence"][0]["says"], said["I.1"]["state"]) == ("No threat is assessed.", "missing")
    # a second plan is in force, and nobody ran it
    other = json.dumps({**json.loads(compliance_floor.plan()), "plan": "PEN", "version": "1"}).encode()
    compliance_floor.in_force(house, other)
    found = row(house, "II.3")
    assert [one["says"] for one in found["evidence"]][0] == "PEN: none of the 3 units that it asks for was tested."
    assert found["state"] == "missing"
    load({"tests": [{**compliance_floor.ran(f"WO-1-{n}"), "plan": "PEN"} for n in (1, 2, 3)]}, "pen")
    load({"tests": [compliance_floor.ran("WO-1-3")]}, "third")
    assert row(house, "II.3")["state"] == "proved"


def test_a_plan_for_some_units_is_counted_against_those_it_asks_for(house, load):
    """A sample of every second unit, and a version for another revision: neither asks for all."""
    from asbuilt.kernel.test_plans import parse_test_plan

    def approve(version, **changes):
        document = json.dumps({**json.loads(compliance_floor.plan(version)), "plan": "LOT", **changes}).encode()
        compliance_floor.in_force(house, document)
        return parse_test_plan(document)

    answer_all(house)
    plan = approve("1", every=2)
    drawn = [name for name in ("WO-1-1", "WO-1-2", "WO-1-3") if plan.samples(name)]
    load({"tests": [{**compliance_floor.ran(name), "plan": "LOT"} for name in drawn]}, "drawn")
    one = next(one for one in row(house, "II.3")["evidence"] if one["name"] == "LOT")
    assert drawn and len(drawn) < 3
    assert (one["state"], one["proved"], one["of"], one["question"]) == ("proved", len(drawn), len(drawn), "")


def test_a_step_that_may_be_left_out_proves_nothing(house, load):
    """A run passes without it."""

    answer_all(house)
    said = json.loads(compliance_floor.plan())
    steps = [
        {**said["steps"][0], "proves": []},
        {**said["steps"][0], "name": "wiped", "proves": ["I.2.m"], "needed": False},
    ]
    compliance_floor.in_force(house, json.dumps({**said, "plan": "OPT", "steps": steps}).encode())
    load({"tests": [{**compliance_floor.ran(f"WO-1-{n}"), "plan": "OPT"} for n in (1, 2, 3)]}, "opt")
    found = row(house, "I.2.m")
    assert [one["says"] for one in found["evidence"]] == ["OPT: the step that proves it may be left out."]
    assert found["state"] == "missing"


def test_part_of_what_a_requirement_asks_is_shown_beside_it_and_proves_it_not(house):
    """Unique credentials say nothing of a reset (I.2.b), a recorded firmware nothing of the integrity of what the unit keeps (I.2.f)."""
    from asbuilt.answers.compliance.assessing.evidence_sources import sources_on
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    answer_all(house)
    with write_tx(house.tenant):
        columns = ("tenant", "sha256", "unit", "plan", "started_at", "entry", "row")
        rows = [(house.tenant, digest * 64, unit, 1, 1, 1, unit) for digest, unit in (("a", 1), ("b", 2), ("c", 3))]
        bulk.insert_rows("quality_identity", columns, rows)
    reset, access = row(house, "I.2.b"), row(house, "I.2.d")
    assert reset["evidence"][0]["says"] == access["evidence"][0]["says"] == "Unique credentials: 3 of 3 units."
    assert (reset["evidence"][0]["state"], reset["state"], access["state"]) == ("beside", "described", "proved")
    old, new = sources_on("2026-11-29"), sources_on("2026-11-30")
    assert (old.evidence_set, new.evidence_set) == (
        "asbuilt.annex-i-evidence/2026-11-29",
        "asbuilt.annex-i-evidence/2026-11-30",
    )
    assert set(new.by_requirement) == set(PART_I + PART_II)
    assert all(set(beside) <= set(new.by_requirement[key]) for key, beside in new.beside.items())


def test_security_updates_are_counted_by_the_advisories_that_name_them_as_fixed(actor, load, on, tmp_path):
    """Of 1.2.0 an advisory says what it fixes, of 1.3.0 none does; 1.0.0 is the first of its role and updates nothing, whatever its flag says."""
    from publishing_floor import published, set_up
    from vulnerable_factory import MBEDTLS, boards, component, secured

    from asbuilt.answers.cases.publishing.actions import advising
    from asbuilt.answers.cases.publishing.seen import advisory_seen
    from asbuilt.answers.compliance.assessing.house_evidence import SOURCES
    from asbuilt.answers.compliance.assessing.unit_evidence import ProductUnits

    def told(source):
        (one,) = SOURCES[source](ProductUnits(actor, "board"), [])
        return one.state, one.says

    on("2026-06-11")
    security = secured(actor, load, tmp_path / "security")
    nothing = ("none", "No update with a security fix is recorded.")
    assert told("fixes") == told("updates") == nothing
    fix = {**boards()["firmware"][0], "released_at": "2026-06-01T12:00:00Z", "security_relevant": "true"}
    load({"firmware": [{**fix, "version": "0.9.0", "sha256": "7" * 64}]}, "first")
    assert told("updates") == nothing
    load({"firmware": [{**fix, "version": version, "sha256": digit * 64} for version, digit in (("1.2.0", "8"), ("1.3.0", "9"))]}, "updates")  # fmt: skip
    security.sbom(component("mbedtls", "2.28.8"), version="1.2.0")
    none = "0 of 2 updates with a security fix are named as fixed by a published advisory. Without: 1.2.0, 1.3.0."
    assert told("fixes") == ("missing", none)
    assert told("updates") == ("missing", none)
    # told to some only: it went out, and the public knows nothing
    set_up(actor)
    code = advising.draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    advising.edit_texts(actor, advisory=code, texts={}, tlp="AMBER")
    advising.approve_advisory(actor, advisory=code, draft=advisory_seen(actor, code)["draft"])
    assert told("updates")[0] == "missing"  # approved is not published
    advising.publish_advisory(actor, advisory=code, summary="First issue.")
    half = (
        "1 of 2 updates with a security fix are named as fixed by a published advisory. The slowest came 10 days after its release. "
        "Without: 1.3.0."
    )
    assert told("updates") == ("partly", half)
    assert told("fixes") == ("missing", none)
    published(actor, vulnerabilities=(MBEDTLS,))
    assert told("fixes") == ("partly", half)
    assert told("releases") == ("missing", "No signed release is in the register.")
