"""The material review board: two people, and the manufacturer where it is another party. A table settles nothing that was raised here."""

import pytest

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ROLES
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused


def somebody(number: int, *roles: str, party: int | None = None) -> Actor:
    return Actor(1, f"person:{number}", frozenset().union(*(ROLES[r] for r in roles)), number, party, frozenset(roles))


ENGINEER, LEAD, THIRD = somebody(91, "engineer"), somebody(92, "quality_lead"), somebody(95, "quality_lead")


@pytest.fixture
def board(raised):
    """board("B1..B2", "use_as_is") -> the code of a nonconformity with D-1 proposed by the engineer."""
    from asbuilt.answers.register.nonconformities import propose

    def one(units: str, decision: str):
        code = raised(units)
        assert propose(ENGINEER, nonconformity=code, decision=decision, reason="as the board said") == "D-1"
        return code

    return one


@pytest.fixture
def step():
    """step("approve", LEAD, code) takes that step of D-1."""
    from asbuilt.built.quality.actions import dispositions

    def take(verb: str, by: Actor, code: str, **more):
        if verb in ("refuse", "carry_out"):
            more.setdefault("reason", "r")
        return getattr(dispositions, f"{verb}{'_to' if verb == 'agree' else ''}_disposition")(
            by, nonconformity=code, disposition=more.pop("disposition", "D-1"), **more
        )

    return take


@pytest.fixture
def brand(line, actor):
    """A person of the brand owner, and a person of a party that has nothing to do with it."""
    from asbuilt.designed.parties.queries import numbers_by_name

    parties = numbers_by_name(actor.tenant)
    return somebody(93, "party_reader", party=parties["BRAND"]), somebody(94, "party_reader", party=parties["US"])


def test_our_own_product_needs_two_of_us(board, step, blocked):
    code = board("B1..B2", "use_as_is")
    assert blocked() == {code: ["B1", "B2"]}
    with pytest.raises(Refused) as alone:
        step("approve", ENGINEER, code)
    assert alone.value.code == "quality.approval_second_person"
    step("approve", LEAD, code)
    assert blocked() == {}


@pytest.mark.parametrize("decision", ["use_as_is", "repair"])
def test_two_people_of_the_ems_alone_are_refused(board, step, blocked, brand, decision):
    code = board("X1", decision)
    with pytest.raises(Refused) as alone:
        step("approve", LEAD, code)
    assert alone.value.code == "quality.approval_of_manufacturer" and alone.value.facts["party"] == "Brand One"
    step("agree", brand[0], code)
    step("approve", LEAD, code)
    assert blocked() == ({} if decision == "use_as_is" else {code: ["X1"]})


def test_the_manufacturers_signed_document_will_do(board, step, seen, actor):
    from asbuilt.ledger import evidence

    code = board("X1..X2", "use_as_is")
    for wrong in (
        {"party": "BRAND"},
        {"content": b"%PDF-1.7 signed"},
        {"party": "MOON", "content": b"%PDF-1.7"},
        {"party": "BRAND", "content": b"ok"},
    ):
        with pytest.raises(Invalid):
            step("agree", LEAD, code, **wrong)
    step("agree", THIRD, code, party="BRAND", content=b"%PDF-1.7 signed", name="8D.pdf")
    said = seen(code).dispositions[0].steps[-1]
    assert (said.step, said.party, said.file[-7:]) == ("agreed", "BRAND", "-8D.pdf")
    assert b"".join(evidence.open_evidence(actor.tenant, said.sha256)) == b"%PDF-1.7 signed"
    with pytest.raises(Refused) as two:  # who recorded it is no second person beside the proposer
        step("approve", THIRD, code)
    assert two.value.code == "quality.document_second_person"
    step("approve", LEAD, code)
    assert seen(code).dispositions[0].state == "approved"


def test_another_partys_word_does_not_count(board, step, brand):
    code = board("X1", "use_as_is")
    with pytest.raises(NotFound):  # it sees nothing of it
        step("agree", brand[1], code)
    step("agree", LEAD, code, party="US", content=b"%PDF-1.7 of ours")
    with pytest.raises(Refused) as alone:
        step("approve", LEAD, code)
    assert alone.value.code == "quality.approval_of_manufacturer"


def test_a_party_decides_only_where_every_unit_is_its_own(raised, step, brand):
    from asbuilt.answers.register.nonconformities import propose

    code = raised("X1", "B1")
    propose(ENGINEER, nonconformity=code, decision="use_as_is", reason="r")
    with pytest.raises(NotFound):
        step("agree", brand[0], code)
    with pytest.raises(NotFound):
        step("agree", brand[0], "NCR-77")
    with pytest.raises(NotAllowed):
        step("approve", brand[0], code)


@pytest.mark.parametrize("decision", ["use_as_is", "repair"])
def test_its_own_person_agrees_whoever_ordered_the_units(load, actor, step, decision):
    """A shop had ordered the brand's boards: of them the brand's person found no nonconformity, and nobody could agree here but by a document."""
    from shipping_floor import finished

    from asbuilt.answers.portal.waiting import waiting
    from asbuilt.answers.register.nonconformities import open_nonconformity, propose
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.questions.genealogy.seen.nonconformities import nonconformities_seen, nonconformity_seen

    load(finished(3, customer="SHOP"))
    parties = numbers_by_name(actor.tenant)
    maker, other = (somebody(n, "party_reader", party=parties[code]) for n, code in ((93, "BRAND"), (94, "OTHER")))
    code = open_nonconformity(ENGINEER, units=["S0000"], source="test", severity="major", description="void")
    propose(ENGINEER, nonconformity=code, decision=decision, reason="small")
    assert [(one.kind, one.code) for one in waiting(maker)] == [("disposition", code)] and waiting(other) == []
    seen = nonconformity_seen(maker, code)
    assert (seen.names, seen.description, [one.row.code for one in seen.dispositions]) == (("S0000",), "void", ["D-1"])
    assert [one.code for one in nonconformities_seen(maker)] == [code] and nonconformities_seen(other) == []
    for take in (lambda: step("agree", other, code), lambda: nonconformity_seen(other, code)):
        with pytest.raises(NotFound):
            take()
    step("agree", maker, code)
    step("approve", LEAD, code)
    assert waiting(maker) == []


@pytest.mark.parametrize("decision", ["rework", "return", "scrap"])
def test_rework_and_scrap_need_no_manufacturer_and_clear_when_done(board, step, blocked, decision):
    code = board("X1", decision)
    with pytest.raises(Refused):
        step("carry_out", ENGINEER, code)  # not approved yet
    step("approve", LEAD, code)
    assert blocked() == {code: ["X1"]}
    step("carry_out", ENGINEER, code)
    assert blocked() == {}


def test_parts_of_it_are_decided_apart(raised, step, blocked, seen):
    from asbuilt.answers.register.nonconformities import propose

    code = raised("B1..B4")
    assert propose(ENGINEER, nonconformity=code, decision="scrap", reason="burnt", units=["B2"]) == "D-1"
    with pytest.raises(Refused) as twice:
        propose(ENGINEER, nonconformity=code, decision="rework", reason="r", units=["B1..B2"])
    assert twice.value.code == "quality.units_decided"
    with pytest.raises(Refused) as strange:
        propose(ENGINEER, nonconformity=code, decision="rework", reason="r", units=["B7"])
    assert strange.value.code == "quality.units_not_in_it"
    assert propose(ENGINEER, nonconformity=code, decision="use_as_is", reason="r") == "D-2"  # the other three
    with pytest.raises(Refused) as nothing:
        propose(ENGINEER, nonconformity=code, decision="rework", reason="r")
    assert nothing.value.code == "quality.nothing_to_decide"
    step("approve", LEAD, code, disposition="D-2")
    assert blocked() == {code: ["B2"]} and sorted(seen(code).waiting) == [2]


def test_what_was_refused_waits_for_another(board, step, blocked, seen):
    from asbuilt.answers.register.nonconformities import propose

    code = board("B1", "use_as_is")
    step("approve", LEAD, code)
    assert blocked() == {}
    step("refuse", LEAD, code, reason="the limit was another")
    assert blocked() == {code: ["B1"]}
    for verb in ("approve", "carry_out", "refuse"):
        with pytest.raises(Refused) as late:
            step(verb, LEAD, code)
        assert late.value.code == "quality.disposition_step"
    assert propose(ENGINEER, nonconformity=code, decision="scrap", reason="r") == "D-2"


def test_a_table_settles_nothing_that_was_raised_here(board, load, blocked, seen):
    code = board("B1", "use_as_is")
    at = "2099-01-01T00:00:00Z"
    load(
        {
            "dispositions": [{"nonconformity": code, "disposition": "D-1", "step": "approved", "decision": "use_as_is", "decided_at": at}],
            "nonconformity_states": [{"nonconformity": code, "state": "closed", "reason": "by hand", "decided_at": at}],
        },
        "by hand",
    )  # fmt: skip
    assert blocked() == {code: ["B1"]}


def test_no_row_puts_another_unit_under_what_was_approved(raised, step, load, blocked, seen):
    """One who may import history alone wrote B2 under the disposition that two people had approved for B1."""
    from asbuilt.answers.register.nonconformities import propose
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity

    code = raised("B1..B2")
    propose(ENGINEER, nonconformity=code, decision="use_as_is", reason="small", units=["B1"])
    step("approve", LEAD, code)
    row = {"nonconformity": code, "order": "WO", "first_serial": "B2", "last_serial": "B2", "disposition": "D-1", "stated_at": "2026-03-03T08:00:00Z"}  # fmt: skip
    load({"nonconformity_units": [row]}, "by hand")
    assert blocked() == {code: ["B2"]} and sorted(seen(code).waiting) == sorted(seen(code).undecided) == [2]
    with pytest.raises(Refused) as unfinished:
        close_nonconformity(LEAD, nonconformity=code, reason="done")
    assert unfinished.value.code == "quality.nonconformity_unfinished"
    # the board decides about it as about any other
    assert propose(ENGINEER, nonconformity=code, decision="rework", reason="large") == "D-2"


def test_two_of_the_ems_close_nothing_by_a_table_that_the_brand_never_agreed_to(board, step, load, blocked, seen):
    """The second of them wrote the approval into a table; closing and carrying out took it for one."""
    from asbuilt.built.quality.actions.nonconformities import close_nonconformity

    code = board("X1", "use_as_is")
    at = "2099-01-01T00:00:00Z"
    steps = [
        {"nonconformity": code, "disposition": "D-1", "step": step, "decision": "use_as_is", "decided_at": at}
        for step in ("approved", "carried_out")
    ]
    closed = {"nonconformity": code, "state": "closed", "reason": "by hand", "decided_at": at}
    load({"dispositions": steps, "nonconformity_states": [closed]}, "by hand")
    one = seen(code)
    assert (one.closed, one.state, one.dispositions[0].state, sorted(one.waiting)) == (False, "raised", "proposed", [9])
    for take in (
        lambda: close_nonconformity(LEAD, nonconformity=code, reason="done"),
        lambda: step("carry_out", ENGINEER, code),
        lambda: step("approve", LEAD, code),
    ):
        with pytest.raises(Refused):
            take()
    assert blocked() == {code: ["X1"]}


def test_history_is_as_the_tables_say(line, load, blocked):
    at = "2026-03-03T08:00:00Z"
    load(
        {
            "nonconformities": [{"nonconformity": f"OLD-{n}", "source": "test", "severity": "minor", "description": "d", "raised_at": at} for n in (1, 2)],
            "nonconformity_units": [{"nonconformity": f"OLD-{n}", "order": "WO", "first_serial": f"B{n}", "last_serial": f"B{n}", "stated_at": at} for n in (1, 2)],
            "nonconformity_states": [{"nonconformity": "OLD-1", "state": "closed", "reason": "done", "decided_at": at}],
        },
        "history",
    )  # fmt: skip
    assert blocked() == {"OLD-2": ["B2"]}


def test_nobody_knows_the_manufacturer(board, step, withdraw):
    code = board("X1", "use_as_is")
    withdraw("product_roles", product="box")
    with pytest.raises(Refused) as unknown:
        step("approve", LEAD, code)
    assert unknown.value.code == "quality.manufacturer_unknown"


def test_the_system_account_is_no_person(raised, step, actor):
    from asbuilt.answers.register.nonconformities import propose

    code = raised("B1")
    propose(actor, nonconformity=code, decision="use_as_is", reason="r")
    with pytest.raises(Refused) as nobody:
        step("approve", LEAD, code)
    assert nobody.value.code == "quality.approval_no_person" and "--token" in nobody.value.remedy


def test_the_system_account_is_no_third_person_who_keeps_the_manufacturers_document(board, step, actor, blocked):
    """Who proposed it kept the document by a command without a token, and a colleague approved: two people of the house were enough."""
    code = board("X1", "use_as_is")
    with pytest.raises(Refused) as nobody:
        step("agree", actor, code, party="BRAND", content=b"%PDF-1.7 signed", name="8D.pdf")
    assert nobody.value.code == "quality.approval_no_person" and "--token" in nobody.value.remedy
    with pytest.raises(Refused) as two:
        step("approve", LEAD, code)
    assert two.value.code == "quality.approval_of_manufacturer"
    assert blocked() == {code: ["X1"]}
