"""Propose, approve and withdraw versions of test plans: who may, what is refused, which is in force when."""

import json

import pytest

from asbuilt.access.actions import accept_link, first_link, invite
from asbuilt.access.actor import local_system, person_actor
from asbuilt.access.opening import open_tenant
from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan
from asbuilt.designed.catalog.test_plans import changes_since, in_force, in_force_for, plan_told, test_plan, versions_of
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

BOM = {"product": "P", "revision": "A", "bom_version": "1", "line": "1", "part": "R1", "quantity": "1", "refdes": "R1"}


def document(version="1", *, high="3.4", **more) -> bytes:
    step = {"name": "v", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": high, "unit": "V", "expected": "",
            "criticality": "critical", "proves": ["I.2.j"], "needed": True}  # fmt: skip
    said = {
        "schema": 1,
        "plan": "FCT",
        "version": version,
        "product": "P",
        "revisions": ["A"],
        "every": 1,
        "rules": "cra-annex-i/1",
        "steps": [step],
    }
    return json.dumps(said | more, indent=1).encode()


@pytest.fixture
def people(load):
    """An engineer who proposes and a quality lead who approves, each with a badge."""
    clock.set_clock(lambda: parse_instant("2027-03-02T08:00:00Z"))
    load({"parts": [{"part": "R1"}], "bom": [BOM, {**BOM, "product": "Q"}]})
    first = accept_link(first_link(), name="Ada", login="ada", password="correct horse battery")
    found = {}
    for name, role in (("eva", "engineer"), ("ben", "quality_lead")):
        _, link = invite(first, name=name, roles=[role])
        found[name] = accept_link(link, name=name, login=name, password="correct horse battery")
    return found


def at(text: str) -> None:
    clock.set_clock(lambda: parse_instant(text))


def current(tenant: int, when: str) -> str | None:
    found = in_force_for(list(versions_of(tenant, "FCT").values()), "A", parse_instant(when))
    return found.version if found else None


def test_a_version_is_in_force_from_its_approval_until_the_next(people, actor):
    plan = propose_test_plan(people["eva"], document=document())
    assert (
        plan.document == canonical_bytes(json.loads(document()))
        and current(actor.tenant, "2027-03-09T08:00:00Z") is None
    )
    at("2027-03-03T08:00:00Z")
    decide_test_plan(people["ben"], plan="FCT", version="1", decision="approved")
    propose_test_plan(people["eva"], document=document("2", high="3.5"), changes="high of v raised, see NCR 4")
    at("2027-03-04T08:00:00Z")
    found = decide_test_plan(people["ben"], plan="FCT", version="2", decision="approved")
    assert found.sha256 == test_plan(actor, "FCT", "2").sha256 and found.decisions[-1].decided_at == parse_instant(
        "2027-03-04T08:00:00Z"
    )
    assert [current(actor.tenant, f"2027-03-0{day}T09:00:00Z") for day in (2, 3, 4)] == [None, "1", "2"]
    at("2027-03-05T08:00:00Z")
    decide_test_plan(people["ben"], plan="FCT", version="2", decision="withdrawn", reason="limit was wrong")
    assert [current(actor.tenant, f"2027-03-0{day}T09:00:00Z") for day in (4, 5)] == ["2", None]
    assert [plan_told(actor, "FCT", version)["state"] for version in ("1", "2")] == ["replaced", "withdrawn"]
    before, changes = changes_since(actor, "FCT", "2")
    assert before == "1" and [(one.where, one.before, one.after) for one in changes] == [("step v: high", "3.4", "3.5")]
    assert changes_since(actor, "FCT", "1") == ("", ())


def test_nobody_approves_what_he_proposed(people):
    propose_test_plan(people["ben"], document=document())
    with pytest.raises(Refused) as refusal:
        decide_test_plan(people["ben"], plan="FCT", version="1", decision="approved")
    assert refusal.value.code == "catalog.test_plan_own_approval"


def test_the_system_account_neither_proposes_a_plan_nor_approves_one(people, actor):
    """Whoever sat at the server proposed and approved a plan alone, by two commands; no person was named."""
    with pytest.raises(Refused) as alone:
        propose_test_plan(actor, document=document())
    assert alone.value.code == "catalog.test_plan_no_person" and "--token" in alone.value.remedy
    assert versions_of(actor.tenant, "FCT") == {}
    propose_test_plan(people["eva"], document=document())
    with pytest.raises(Refused) as nobody:
        decide_test_plan(actor, plan="FCT", version="1", decision="approved")
    assert nobody.value.code == "catalog.test_plan_no_person"
    decide_test_plan(people["ben"], plan="FCT", version="1", decision="approved")
    decide_test_plan(actor, plan="FCT", version="1", decision="withdrawn", reason="limits were wrong")  # one is enough


@pytest.mark.parametrize(
    ("said", "changes", "kind", "code"),
    [
        (document(product="Z"), "", NotFound, "catalog.product_unknown"),
        (document(revisions=["B"]), "", NotFound, "catalog.revision_unknown"),
        (document(rules="cra-annex-i/9"), "", Invalid, "catalog.rule_set_unknown"),
        (document(steps=[{**json.loads(document())["steps"][0], "proves": ["I.2.z"]}]), "", Invalid, "catalog.requirement_unknown"),
        (document(high="3.1"), "", Invalid, "kernel.document_field"),
        (b"{", "", Invalid, "kernel.json_malformed"),
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_is_refused(people, actor, said, changes, kind, code):
    with pytest.raises(kind) as refusal:
        propose_test_plan(people["eva"], document=said, changes=changes)
    assert refusal.value.code == code or code == "kernel.json_malformed"
    assert versions_of(actor.tenant, "FCT") == {}


def test_a_further_version_says_what_changed_and_one_version_has_one_document(people):
    propose_test_plan(people["eva"], document=document())
    with pytest.raises(Invalid) as refusal:
        propose_test_plan(people["eva"], document=document("2"))
    assert refusal.value.code == "catalog.test_plan_changes"
    with pytest.raises(Conflict):
        propose_test_plan(people["eva"], document=document(high="3.3"), changes="c")
    with pytest.raises(Invalid) as refusal:
        propose_test_plan(people["eva"], document=document("2", product="Q"), changes="c")
    assert refusal.value.code == "catalog.test_plan_other_product"


def test_decisions_that_make_no_sense_are_refused(people):
    propose_test_plan(people["eva"], document=document())
    ben = people["ben"]
    for said, kind in (
        ({"version": "7", "decision": "approved"}, NotFound),
        ({"version": "1", "decision": "withdrawn", "reason": "r"}, Refused),
        ({"version": "1", "decision": "loved"}, Invalid),
    ):
        with pytest.raises(kind):
            decide_test_plan(ben, plan="FCT", **said)
    decide_test_plan(ben, plan="FCT", version="1", decision="approved")
    with pytest.raises(Refused):
        decide_test_plan(ben, plan="FCT", version="1", decision="approved")
    with pytest.raises(Invalid):
        decide_test_plan(ben, plan="FCT", version="1", decision="withdrawn")


def test_who_may_and_a_stranger(people, actor):
    eva, ben = people["eva"], people["ben"]
    propose_test_plan(eva, document=document())
    anna = person_actor(actor.tenant, 99, frozenset({"operator"}), None)
    reader = person_actor(actor.tenant, 98, frozenset({"party_reader"}), 1)
    for verb in (
        lambda: propose_test_plan(anna, document=document("2"), changes="c"),
        lambda: decide_test_plan(eva, plan="FCT", version="1", decision="approved"),
        lambda: test_plan(reader, "FCT", "1"),
    ):
        with pytest.raises(NotAllowed):
            verb()
    stranger = local_system(open_tenant("other", "Other").number)
    with pytest.raises(NotFound):
        decide_test_plan(stranger, plan="FCT", version="1", decision="approved")
    assert test_plan(anna, "FCT", "1").operator is not None or ben


def test_the_same_request_twice_and_a_key_used_for_something_else(people, actor):
    eva, ben = people["eva"], people["ben"]
    for _ in range(2):
        propose_test_plan(eva, document=document(), request_key="k1")
    for _ in range(2):
        decide_test_plan(ben, plan="FCT", version="1", decision="approved", request_key="k2")
    assert len(test_plan(actor, "FCT", "1").decisions) == 1
    with pytest.raises(Conflict):
        decide_test_plan(ben, plan="FCT", version="1", decision="withdrawn", reason="r", request_key="k2")


def test_a_plan_that_a_decision_rests_on_is_not_withdrawn_alone(people, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    propose_test_plan(people["eva"], document=document())
    decide_test_plan(people["ben"], plan="FCT", version="1", decision="approved")
    ids = [
        bytes(fact).hex()
        for (fact,) in reading.fetch("SELECT fact FROM ledger_fact_index WHERE shape IN (280, 281) ORDER BY shape", ())
    ]
    gone = [Withdraw(fact, "never used", "045", clock.now()) for fact in ids]
    with pytest.raises(Refused) as refusal:
        withdraw_facts(actor, gone[:1])
    assert refusal.value.code == "exchange.fact_rested_on"
    withdraw_facts(actor, gone)
    assert versions_of(actor.tenant, "FCT") == {} and verify(actor.tenant).findings == []


def test_a_version_for_another_revision_takes_no_test_away(people, load):
    """Version 2 was written for the new revision; with its approval units of the old one needed no test any more."""
    tenant, hours = people["eva"].tenant, iter(range(9, 20))
    load({"bom": [{**BOM, "revision": revision} for revision in "BC"]}, "more")

    def stated(version, revisions):
        at(f"2027-03-02T{next(hours):02}:00:00Z")
        more = {"changes": "c"} if version != "1" else {}
        propose_test_plan(people["eva"], document=document(version, revisions=revisions), **more)
        decide_test_plan(people["ben"], plan="FCT", version=version, decision="approved")

    def held():
        known, now = list(versions_of(tenant, "FCT").values()), clock.now()
        of = {revision: getattr(in_force_for(known, revision, now), "version", None) for revision in ("A", "B", "C")}
        return of, [one.version for one in in_force(known, now)], {one.version: one.state(now, known) for one in known}

    stated("1", ["A"])
    stated("2", ["B"])
    assert held() == ({"A": "1", "B": "2", "C": None}, ["2", "1"], {"1": "in_force", "2": "in_force"})
    stated("3", ["B", "C"])
    assert held() == (
        {"A": "1", "B": "3", "C": "3"},
        ["3", "1"],
        {"1": "in_force", "2": "replaced", "3": "in_force"},
    )
    # what is taken back leaves its own revisions without any, and none of the others
    decide_test_plan(people["ben"], plan="FCT", version="3", decision="withdrawn", reason="limit was wrong")
    assert held()[0] == {"A": "1", "B": None, "C": None} and held()[1] == ["1"]
    with pytest.raises(Refused):
        decide_test_plan(people["ben"], plan="FCT", version="1", decision="approved")  # it is in force for A
    at(f"2027-03-02T{next(hours):02}:00:00Z")
    decide_test_plan(people["ben"], plan="FCT", version="2", decision="approved")  # anew
    assert held()[0] == {"A": "1", "B": "2", "C": None}
    stated("4", [])
    assert held() == ({"A": "4", "B": "4", "C": "4"}, ["4"], held()[2]) and held()[2]["1"] == "replaced"
