"""Scope, class and routes of a product by a person's answers; roles of parties; what newer rules and a withdrawn standard change; strangers find nothing."""

from dataclasses import replace

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

EVIDENCE = {
    "x-mdr": ["document", "issued_by"], "x-ivdr": ["document", "issued_by"], "x-vehicles": ["document", "issued_by"],
    "x-aviation": ["certificate", "issued_by"], "x-marine": ["document", "issued_by"], "x-sectoral": ["act"],
    "x-spare-parts": ["replaces", "specification", "order"], "x-defence": ["contract", "issued_by"],
    "x-lcat": ["designed_for", "channel"], "x-own-use": ["used_at"], "firmware-separate": ["part_of"],
}  # fmt: skip
# section 1, "EMS role test", and sections 8 (19, 20, 21, 22, 18): facts -> role
ROLES = [
    (["makes", "own_name"], "manufacturer"), (["makes", "builds_for_another"], "ems"), (["builds_for_another"], "ems"),
    (["makes_available", "own_name"], "manufacturer"), (["modifies", "makes_available"], "manufacturer"), (["modifies"], "none"),
    (["in_eu", "foreign_name", "makes_available"], "importer"), (["makes_available"], "distributor"),
    (["mandate", "in_eu"], "authorised_representative"), (["steward"], "steward"), ([], "none"),
]  # fmt: skip


def verbs():
    from asbuilt.answers.compliance.judging import actions

    return actions


def answers(**said):
    from asbuilt.answers.compliance.judging.decision import Answers

    return Answers(
        **{"digital_elements": "yes", "connection": "indirect", "market": "yes", "functions": ["siem"], **said}
    )


def told(actor, product="OWN-1"):
    from asbuilt.answers.compliance.judging.seen import judgement_told

    return judgement_told(actor, product)


def test_scope_by_every_edge_and_each_exclusion_by_what_shows_it(house):
    assert told(house)["gaps"] == ["Nobody judged whether the law applies to it."]
    for said, key in (
        ({"digital_elements": "no"}, "product-def"), ({"connection": "none"}, "scope-connection"), ({"market": "no"}, "market"),
    ):  # fmt: skip
        verbs().judge(house, product="OWN-1", answers=answers(**said))
        one = told(house)["judgement"]
        assert (one["scope"], one["out"][0]["key"], one["class"], one["routes"]) == ("out", key, "", [])
    for key, fields in EVIDENCE.items():
        full = dict.fromkeys(fields, "K-17")
        verbs().judge(house, product="OWN-1", answers=answers(edges={key: full}))
        one = told(house)["judgement"]
        assert (one["scope"], one["out"][0]["key"], one["out"][0]["evidence"]) == ("out", key, full)
        with pytest.raises(Refused) as refused:
            verbs().judge(house, product="OWN-1", answers=answers(edges={key: {fields[-1]: " "}}))
        assert refused.value.code == "compliance.evidence_missing" and refused.value.facts["missing"] == fields
    for key, fields in {"trade-fair": ["sign", "event"], "unfinished-sw": ["sign", "until"]}.items():
        verbs().judge(house, product="OWN-1", answers=answers(edges={key: dict.fromkeys(fields, "w")}))
        one = told(house)["judgement"]
        assert (one["scope"], one["allowances"][0]["key"]) == ("in", key)
    verbs().judge(house, product="OWN-1", answers=answers(connection="", market="", functions=[]))
    found = told(house)
    assert (found["judgement"]["scope"], found["judgement"]["open"]) == ("open", ["scope-connection", "market"])
    assert "Not answered: market." in found["gaps"] and "No core function is named." in found["gaps"]
    assert len(found["history"]) == 3 + len(EVIDENCE) + 3  # every one stays


def test_the_route_is_decided_requirement_by_requirement_and_a_withdrawn_standard_covers_nothing(house, rules, on):
    from asbuilt.answers.compliance.judging.rule_sets import newest
    from asbuilt.answers.compliance.judging.seen import changes_told, products_told

    every = newest().requirements
    standard = {"reference": "EN 40000-1-2:2027", "requirements": every[:10], "cited_on": "2027-01-20", "source": "OJ"}
    other = {"reference": "EN 40000-1-3:2027", "requirements": every[10:], "cited_on": "2027-01-20", "source": "OJ"}
    applied = [{"reference": one["reference"], "extent": "full", "requirements": []} for one in (standard, other)]

    on("2026-12-15")
    verbs().judge(house, product="OWN-1", answers=answers(standards=applied))
    found = told(house)
    assert [gap for gap in found["gaps"] if "not cited" in gap] and "No conformity route is available yet." in found[
        "gaps"
    ]
    assert found["judgement"]["requirements"]["standards"] == "none"
    assert {one["route"] for one in found["judgement"]["routes"] if one["allowed"]} == {"B+C", "H"}

    rules("2027-01-31", standards=[standard, other])
    on("2027-02-01")
    now = changes_told(house)
    assert [(one["product"], one["now"]) for one in now] == [("OWN-1", "house/2027-01-31")]
    assert (
        "routes" in now[0]["changed"] and told(house)["judgement"]["rule_set"] == "asbuilt.cra/2026-11-23"
    )  # keeps its own
    verbs().judge(house, product="OWN-1", answers=answers(standards=applied))
    one = told(house)["judgement"]
    assert (one["rule_set"], one["requirements"]["standards"], one["requirements"]["open"]) == (
        "house/2027-01-31",
        "full",
        [],
    )
    assert ("A", True, True) in [(each["route"], each["allowed"], each["available"]) for each in one["routes"]]
    assert changes_told(house) == []
    part = [applied[0], {**applied[1], "extent": "part"}]
    verbs().judge(house, product="HAL-1", answers=answers(standards=part))
    one = told(house, "HAL-1")["judgement"]["requirements"]
    assert (one["standards"], one["full"], one["open"], one["open_routes"]) == (
        "part",
        every[:10],
        every[10:],
        ["B+C", "H"],
    )

    on("2027-06-15")
    rules("2027-06-01", standards=[standard, {**other, "withdrawn_on": "2027-06-10"}])
    assert [one["product"] for one in changes_told(house)] == ["HAL-1", "OWN-1"]
    changed = told(house)["changed"]
    assert changed["after"]["gaps"] == [
        {"gap": "standard_withdrawn", "standard": "EN 40000-1-3:2027", "since": "2027-06-10"}
    ]
    assert changed["after"]["requirements"]["open"] == every[10:]
    rows = {one["product"]: one["class"] for one in products_told(house)}
    assert rows == {"ALP-1": "", "HAL-1": "important-I", "HAL-2": "", "LOOSE": "", "OWN-1": "important-I"}


def test_what_a_judgement_rests_on_is_read_where_it_stands(house):
    """Functions, connection, an exclusion with what shows it, and why: an auditor who may not judge has no form to read them in."""
    from django.utils import translation

    from asbuilt.answers.compliance.filing.technical_file import technical_file

    said = answers(functions=["firewalls-ids-ips"], edges={"x-mdr": {"document": "EC 17", "issued_by": "0123"}})
    verbs().judge(house, product="OWN-1", answers=said, why="a pump with a firewall")
    asked = [
        "Firewalls, intrusion detection and prevention (III.II.2)",
        "Article 2(2)(a)",
        "Document that shows it: EC 17",
        "Connection: indirect",
    ]
    stands = " ".join(told(house)["judgement"]["rests_on"])
    (point,) = (one for one in technical_file(house, "OWN-1").filed if one.asked.key == "AVII.5")
    filed = " ".join(word for part in point.parts for word in part.words)
    for words in asked:
        assert words in stands and words in filed, words
    assert "a pump with a firewall" in filed
    with translation.override("de"):
        german = " ".join(told(house)["judgement"]["rests_on"])
    assert "Firewalls, Angriffserkennung und -abwehr (III.II.2)" in german and "Verbindung: indirekt" in german


def test_rules_that_change_while_a_form_is_open_are_shown_before_anything_is_decided(house, rules, on):
    seen = told(house)["rule_set"]
    rules("2026-12-01")
    on("2026-12-02")
    for verb in (
        lambda: verbs().judge(house, product="OWN-1", answers=answers(), rule_set=seen),
        lambda: verbs().judge_role(house, product="OWN-1", party="OW", facts=["makes"], rule_set=seen),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.code == "compliance.rules_moved"
    assert told(house)["judgement"] is None
    verbs().judge(house, product="OWN-1", answers=answers(), rule_set="house/2026-12-01")
    changed = "The file of house/2026-12-01 is not here, or not the one that it was judged by."
    assert changed not in told(house)["gaps"]
    rules("2026-12-01", read_on="2026-12-01")  # somebody writes into it afterwards
    assert changed in told(house)["gaps"]
    rules("2026-12-01", rule_set="asbuilt.cra/2026-11-23")
    with pytest.raises(Invalid) as refused:
        told(house)
    assert refused.value.code == "compliance.rule_set_doubled"


def test_roles_of_parties_by_what_they_do(house):
    for facts, role in ROLES:
        verbs().judge_role(house, product="HAL-1", party="OW", facts=facts)
        assert told(house, "HAL-1")["roles"][0]["role"] == role, facts
    verbs().judge_role(house, product="OWN-1", party="HAL", facts=["makes", "own_name"])
    verbs().judge(house, product="OWN-1", answers=answers())
    assert "product_roles.csv names Ostwerk as the manufacturer, judged is Halden." in told(house)["gaps"]
    with pytest.raises(NotFound):
        verbs().judge_role(house, product="OWN-1", party="NOBODY", facts=[])


def test_what_the_law_asks_of_a_role_stands_beside_it_and_fines_with_the_day_from_which_they_may_be(house):
    def asked(*facts: str) -> list[str]:
        verbs().judge_role(house, product="HAL-1", party="OW", facts=facts)
        (role,) = told(house, "HAL-1")["roles"]
        assert all(one["law"].startswith("Article ") and one["asks"] for one in role["duties"])
        return [one["duty"] for one in role["duties"]]

    assert asked("in_eu", "foreign_name") == [
        "19.2.a",
        "19.2.b",
        "19.2.c",
        "19.2.d",
        "19.3",
        "19.4",
        "19.5",
        "19.6",
        "19.7",
        "19.8",
    ]
    assert asked("makes_available") == ["20.1", "20.2", "20.3", "20.4", "20.5", "20.6"]
    assert asked("mandate", "in_eu") == ["18"] and asked("modifies", "makes_available") == ["21", "22"]
    assert asked("builds_for_another") == []  # who builds to another's brand is no operator of the law by that
    from asbuilt.answers.compliance.judging.seen import rules_told

    found = rules_told(house)["operators"]
    fines = {one["penalty"]: (one["eur_max"], one["turnover_percent_max"]) for one in found["penalties"]}
    assert fines == {"p1": (15_000_000, 2.5), "p2": (10_000_000, 2), "p3": (5_000_000, 1), "p-exempt": (None, None)}
    assert found["applies_from"] == "2027-12-11" and "our reading" in found["applies_source"]


def test_what_is_wrong_is_refused_by_name(house):
    for said, code in (
        ({"functions": ["toaster"]}, "function_unknown"), ({"connection": "wireless"}, "word_unknown"), ({"edges": {"x-toys": {}}}, "word_unknown"),
        ({"edges": {"x-mdr": {"colour": "red"}}}, "word_unknown"),
        ({"standards": [{"reference": "EN 1", "extent": "most"}]}, "word_unknown"),
        ({"standards": [{"reference": "EN 1", "extent": "full", "requirements": ["I.9"]}]}, "word_unknown"),
        ({"standards": [{"reference": "", "extent": "full"}]}, "words_missing"),
        ({"standards": [{"reference": "EN 1", "extent": "full"}] * 101}, "too_many"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            verbs().judge(house, product="OWN-1", answers=answers(**said))
        assert refused.value.code == f"compliance.{code}", said
    assert told(house)["judgement"] is None


def test_the_same_request_twice_strangers_and_the_log(cast):
    from asbuilt.access.actor import local_system
    from asbuilt.access.rights import ALL_RIGHTS
    from asbuilt.answers.compliance.judging.seen import products_told
    from asbuilt.answers.compliance.lines import KEPT
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    ours = local_system(1)
    said = {"product": "A-LAMP", "answers": answers(), "request_key": "K"}
    assert verbs().judge(ours, **said) == verbs().judge(ours, **said)
    with pytest.raises(Conflict):
        verbs().judge(ours, **{**said, "answers": answers(foss=True)})
    assert len(told(ours, "A-LAMP")["history"]) == 1
    assert told(cast.actor["carl"], "A-LAMP")["judgement"]["class"] == "important-I"
    for who in (
        replace(cast.actor["dan"], rights=ALL_RIGHTS),
        replace(cast.actor["brand_a_reader"], rights=ALL_RIGHTS),
    ):
        for look in (
            lambda who=who: told(who, "A-LAMP"),
            lambda who=who: verbs().judge(who, product="A-LAMP", answers=answers()),
        ):
            with pytest.raises(NotFound):
                look()
        with pytest.raises(NotFound):
            verbs().judge_role(who, product="A-LAMP", party="ALPINA", facts=[])
    with pytest.raises(NotFound):
        products_told(cast.actor["brand_a_reader"])
    for who in ("eva", "anna"):
        with pytest.raises(NotAllowed):
            verbs().judge(cast.actor[who], product="A-LAMP", answers=answers())
    assert list(KEPT.rebuild(1)) == []
    for sql, code in (
        ("UPDATE compliance_statement SET why = 'x' WHERE tenant = %s", "ledger.projection_row_changed"),
        ("DELETE FROM compliance_statement WHERE tenant = %s", "ledger.projection_row_missing"),
    ):
        with write_tx(1):
            bulk.run(sql, (1,))
        assert [one.code for one in KEPT.rebuild(1)] == [code]


def test_a_word_of_the_record_is_translated_in_one_place():
    """`yes`, `none`, `in part` stood in a judgement, in a file and on pages, each with a table of its own."""
    from asbuilt.answers.compliance import spoken
    from asbuilt.answers.compliance.judging import answered
    from asbuilt.doors.web import compliance

    # a matrix says of evidence what a file says of a requirement
    assert set(compliance._WORDS) & set(spoken._SPOKEN) == {"partly", "missing"}
    assert not [name for name in vars(answered) if name.startswith("_word")]
    said = {"digital_elements": "yes", "connection": "indirect", "market": "", "functions": [], "foss": False, "edges": {},
            "standards": [{"reference": "EN 1", "extent": "part", "requirements": ["I.2.a"]}]}  # fmt: skip
    assert answered.answered({"rule_set": "", "answers": said}) == [
        "Digital elements: yes. Connection: indirect. EU market: not said.", "EN 1, in part: I.2.a.",
    ]  # fmt: skip
