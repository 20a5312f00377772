"""Advisories from the record: what they name, who approves, what is refused, how versions follow each other."""

import json
from dataclasses import asdict, replace

import pytest
from case_floor import role
from publishing_floor import published, publisher, set_up
from pysequoia import Cert, Sig, verify
from vulnerable_factory import LWIP, MBEDTLS, osv, secured

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


@pytest.fixture
def case(actor, security):
    """An exploited vulnerability with a frozen answer of the four boards and a workaround."""
    from asbuilt.answers.cases.handling.actions import deciding, opening, saying

    code = opening.open_case(actor, kind="aev", title="mbedtls")
    deciding.freeze(actor, case=code, question=f"cve:{MBEDTLS}", why="w")
    saying.state_measure(actor, case=code, kind="mitigating", at=1_780_000_000_000_000, why="Close port 443.")
    return code


def advising():
    from asbuilt.answers.cases.publishing.actions import advising

    return advising


def seen(actor, code):
    from asbuilt.answers.cases.publishing.seen import advisory_seen

    return advisory_seen(actor, code)


def document(actor, code, version=1):
    from asbuilt.answers.cases.publishing.seen import document_of

    return json.loads(document_of(actor, code, version)[1])


def test_a_case_becomes_a_valid_advisory_that_names_revision_version_and_serial_numbers(actor, case):
    from asbuilt.answers.cases.publishing.seen import document_of
    from asbuilt.formats.csaf.checking import check

    code = published(actor, case=case)
    name, content = document_of(actor, code, 1)
    year = seen(actor, code)["publications"][0]["at"][:4]
    assert name == f"BRAND-SA-{year}-0001" and check(content).valid
    said = json.loads(content)
    products, waiting = {}, list(said["product_tree"]["branches"])
    while waiting:
        one = waiting.pop()
        waiting += one.get("branches", [])
        if "product" in one:
            products[one["product"]["product_id"]] = (
                one["name"],
                one["product"].get("product_identification_helper", {}),
            )
    installed = {
        one["full_product_name"]["product_id"]: (one["product_reference"], one["relates_to_product_reference"])
        for one in said["product_tree"]["relationships"]
    }
    (flaw,) = said["vulnerabilities"]
    status = flaw["product_status"]
    assert flaw["cve"] == MBEDTLS and set(status) == {"known_affected", "fixed"}
    # S0000 to S0003 run 1.0.0 on revision A: that version as such, and those units
    versions = {products[key][0] for key in status["known_affected"] if key in products}
    assert versions == {"1.0.0"}
    (units,) = [installed[key] for key in status["known_affected"] if key in installed]
    revision, helper = products[units[1]]
    assert products[units[0]][0] == "1.0.0" and revision == "A" and helper["model_numbers"] == ["board-A"]
    assert helper["serial_numbers"] == ["S0000", "S0001", "S0002", "S0003"]
    assert "first=S0000&last=S0003" in helper["x_generic_uris"][0]["uri"]
    assert [products[key][0] for key in status["fixed"]] == ["1.1.0"]
    texts = {(one["category"], one["details"]) for one in flaw["remediations"]}
    assert texts == {("vendor_fix", "Update to 1.1.0."), ("mitigation", "Close port 443.")}
    assert flaw["scores"][0]["cvss_v3"]["baseScore"] == 7.5
    assert (
        said["document"]["references"][0]["url"]
        == f"https://psirt.brand.example/.well-known/csaf/white/{year}/brand-sa-{year}-0001.json"
    )
    assert any("1.1.0: fixed is proposed" in gap for gap in seen(actor, code)["gaps"])


def test_where_the_house_asks_for_the_draft_it_is_published_as_csaf_2_1(actor, case, monkeypatch):
    from asbuilt.answers.cases.publishing.public import public_file, public_record
    from asbuilt.formats.csaf.checking import check

    first = document(actor, published(actor, case=case))
    monkeypatch.setenv("ASBUILT_CSAF", "2.1")
    code = published(actor, case=case)
    said = document(actor, code)
    assert said["document"]["csaf_version"] == "2.1" and check(json.dumps(said).encode(), draft=True).valid
    flaw = said["vulnerabilities"][0]
    assert flaw["product_status"] == first["vulnerabilities"][0]["product_status"]
    # both stand in one folder, each under its schema; people read the same of both
    entries = json.loads(public_file(actor.tenant, "white/feed-tlp-white.json").content)["feed"]["entry"]
    assert sorted(one["format"]["version"] for one in entries) == ["2.0", "2.1"]
    newer, older = (public_record(actor.tenant)[n].vulnerabilities for n in (0, 1))
    assert newer == older and newer[0]["affected"]
    monkeypatch.setenv("ASBUILT_CSAF", "9")
    with pytest.raises(Invalid) as refusal:
        published(actor, case=case)
    assert refusal.value.code == "csaf.version_unknown"


def test_more_units_than_are_named_stand_as_revision_and_the_gap_says_so(actor, security, monkeypatch):
    from asbuilt.answers.cases.publishing import evidence_units

    monkeypatch.setattr(evidence_units, "UNITS_NAMED_MAX", 3)
    code = advising().draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    found = seen(actor, code)
    assert not any(one.serial_ranges for one in found["description"].products)
    (gap,) = [one for one in found["gaps"] if "serial number" in one]
    assert "are left out" in gap and "these 4 " in gap and "have no serial number" not in gap


def test_an_exploited_one_says_so_and_a_decision_becomes_a_flag(actor, security):
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    security.exploited(MBEDTLS)
    security.feed(osv(LWIP, "lwip", "2.2.0"), name="osv2")
    decide(
        actor, vulnerability=LWIP, scope=Scope(product="board", version="1.0.0"), status="not_affected",
        justification="vulnerable_code_not_in_execute_path",
    )  # fmt: skip
    (flaw,) = document(actor, published(actor, vulnerabilities=(MBEDTLS,)))["vulnerabilities"]
    assert [one["category"] for one in flaw["threats"]] == ["exploit_status"]
    vex = document(actor, published(actor, kind="vex", vulnerabilities=(LWIP,)))
    assert vex["document"]["category"] == "csaf_vex"
    (flaw,) = vex["vulnerabilities"]
    (flag,) = flaw["flags"]
    assert flag["label"] == "vulnerable_code_not_in_execute_path"
    assert flag["product_ids"] == flaw["product_status"]["known_not_affected"]
    # 1.1.0 has lwIP 2.1.3 too, and nobody decided about it
    assert flaw["product_status"]["known_affected"] and flaw["remediations"][0]["category"] == "none_available"


def test_units_that_were_updated_since_they_were_frozen_are_fixed(actor, security, case, load):
    from shipping_floor import loaded

    load({"programming": [{**loaded("S0002", "1.1.0"), "happened_at": "2026-11-01T08:00:00Z"}]}, "later")
    said = document(actor, published(actor, case=case))
    texts = json.dumps(said["vulnerabilities"][0]["product_status"]["fixed"])
    assert "ON" in texts
    names = {
        one["full_product_name"]["product_id"]: one["full_product_name"]["name"]
        for one in said["product_tree"]["relationships"]
    }
    fixed = [names[key] for key in said["vulnerabilities"][0]["product_status"]["fixed"] if key in names]
    assert len(fixed) == 1 and "1.1.0" in fixed[0] and "S0002" in fixed[0]
    # a range never reaches over a unit that is not affected
    (affected,) = [names[key] for key in said["vulnerabilities"][0]["product_status"]["known_affected"] if key in names]
    assert affected.endswith("serial numbers S0000 to S0001, S0003 to S0003")


def test_ranges_hold_exactly_the_serial_numbers_of_one_prefix_and_length():
    from asbuilt.answers.cases.publishing.affected import serial_ranges

    given = ["A-9", "A-10", "A-11", "B-10", "A-013", "A-012", "A-15", "LOOSE", "A-1?", "A-10"]
    found = [(one.first, one.last) for one in serial_ranges(given)]
    assert found == [
        ("LOOSE", "LOOSE"),
        ("A-9", "A-9"),
        ("A-10", "A-11"),
        ("A-15", "A-15"),
        ("A-012", "A-013"),
        ("B-10", "B-10"),
    ]


def test_an_informational_document_names_units_and_no_vulnerability(actor, case):
    from asbuilt.answers.cases.handling.actions import deciding, opening

    said = document(actor, published(actor, kind="informational", case=case))
    assert said["document"]["category"] == "csaf_informational_advisory" and "vulnerabilities" not in said
    assert "S0003" in json.dumps(said["product_tree"]) and "S0004" not in json.dumps(said["product_tree"])
    other = opening.open_case(actor, kind="quality", title="Wrong profile")
    deciding.freeze(actor, case=other, question="product:board", why="w")
    code = advising().draft_advisory(actor, kind="informational", case=other)
    with pytest.raises(Invalid) as refused:  # nothing leads out of it: a person has to name a reference
        advising().preview(actor, code)
    assert refused.value.facts["failed"] == ["6.1.27.2"]
    with pytest.raises(Invalid) as refused:
        advising().draft_advisory(actor, kind="advisory", case=other)
    assert refused.value.code == "cases.advisory_vulnerability_missing"


def test_nothing_is_published_that_nobody_approved_as_it_is(actor, case):
    verbs = advising()
    code = verbs.draft_advisory(actor, kind="advisory", case=case)
    with pytest.raises(Refused) as refused:
        verbs.publish_advisory(actor, advisory=code, summary="s")
    assert refused.value.code == "cases.advisory_not_approved"
    first = seen(actor, code)
    verbs.approve_advisory(actor, advisory=code, draft=first["draft"])
    assert seen(actor, code)["state"] == "approved"
    edited = replace(first["description"], title="Another title")
    verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(edited)).encode(), base=first["draft"])
    assert seen(actor, code)["state"] == "draft"
    with pytest.raises(Refused):
        verbs.publish_advisory(actor, advisory=code, summary="s")
    with pytest.raises(Conflict):  # somebody else edits the older one
        verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(edited)).encode(), base=first["draft"])
    with pytest.raises(Conflict):
        verbs.approve_advisory(actor, advisory=code, draft=first["draft"])


def test_what_fails_a_mandatory_test_is_not_published(actor, case):
    verbs = advising()
    code = verbs.draft_advisory(actor, kind="advisory", case=case)
    said = seen(actor, code)["description"]
    for broken, test in (
        (replace(said, vulnerabilities=(replace(said.vulnerabilities[0], notes=()),)), "6.1.27.5"),
        (replace(said, products=said.products[1:]), "6.1.1"),
    ):
        verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(broken)).encode())
        verbs.approve_advisory(actor, advisory=code, draft=seen(actor, code)["draft"])
        with pytest.raises(Invalid) as refused:
            verbs.publish_advisory(actor, advisory=code, summary="s")
        assert refused.value.code == "csaf.draft_not_valid" and test in refused.value.facts["failed"]
    assert seen(actor, code)["publications"] == []
    verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(replace(said, status="draft"))).encode())
    verbs.approve_advisory(actor, advisory=code, draft=seen(actor, code)["draft"])
    with pytest.raises(Refused) as refused:
        verbs.publish_advisory(actor, advisory=code, summary="s")
    assert refused.value.code == "cases.advisory_still_draft"


def test_a_later_version_supersedes_and_both_stay_signed_by_their_keys(actor, case):
    from asbuilt.answers.cases.publishing import said as kinds
    from asbuilt.answers.cases.publishing.actions.presenting import make_key
    from asbuilt.answers.cases.publishing.advisories import advisory_of
    from asbuilt.answers.cases.publishing.keys import public_keys

    verbs = advising()
    code = published(actor, case=case)
    with pytest.raises(Conflict) as again:
        verbs.publish_advisory(actor, advisory=code, summary="s")
    assert again.value.code == "cases.advisory_published_before"
    make_key(actor)  # the second one is signed by another key
    edited = replace(seen(actor, code)["description"], title="Corrected")
    verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(edited)).encode())
    verbs.approve_advisory(actor, advisory=code, draft=seen(actor, code)["draft"])
    assert verbs.publish_advisory(actor, advisory=code, summary="Title mended.", request_key="K") == 2
    assert verbs.publish_advisory(actor, advisory=code, summary="Title mended.", request_key="K") == 2
    tracking = document(actor, code, 2)["document"]["tracking"]
    assert (tracking["version"], [one["summary"] for one in tracking["revision_history"]]) == (
        "2",
        ["First issue.", "Title mended."],
    )
    assert tracking["initial_release_date"] == document(actor, code, 1)["document"]["tracking"]["initial_release_date"]
    certificates = {one.fingerprint: Cert.from_bytes(one.public) for one in public_keys(actor.tenant)}
    assert len(certificates) == 2
    for one in advisory_of(actor.tenant, code).publications:
        signature = Sig.from_bytes(kinds.document(actor.tenant, one.signature))
        content = kinds.document(actor.tenant, one.sha256)
        assert verify(
            bytes=content, store=lambda _, of=one: [certificates[of.fingerprint]], signature=signature
        ).valid_sigs


def test_who_may_not_publish_does_not_and_a_party_finds_nothing(actor, case):
    from asbuilt.access.actor import person_actor

    verbs = advising()
    code = verbs.draft_advisory(actor, kind="advisory", case=case)
    engineer = person_actor(actor.tenant, 7, frozenset({"engineer"}), None)
    reader = person_actor(actor.tenant, 8, frozenset({"party_reader"}), 1)
    with pytest.raises(NotAllowed):
        verbs.approve_advisory(engineer, advisory=code, draft=seen(actor, code)["draft"])
    with pytest.raises(NotAllowed):
        verbs.draft_advisory(engineer, kind="advisory", case=case)
    with pytest.raises(NotFound):
        seen(reader, code)
    with pytest.raises(NotFound):
        seen(actor, "C-1")


def test_without_publisher_or_key_nothing_is_published(actor, load, tmp_path):
    secured(actor, load, tmp_path / "s")
    with pytest.raises(NotFound) as refused:
        advising().draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    assert refused.value.code == "cases.no_publisher"
    from asbuilt.answers.cases.publishing.actions.presenting import say_publisher

    say_publisher(actor, content=publisher())
    code = advising().draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,))
    advising().approve_advisory(actor, advisory=code, draft=seen(actor, code)["draft"])
    with pytest.raises(NotFound) as refused:
        advising().publish_advisory(actor, advisory=code, summary="s")
    assert refused.value.code == "cases.openpgp_no_key"


def test_a_key_that_lasts_too_long_is_not_taken_and_the_one_before_stays(actor):
    from asbuilt.answers.cases.publishing import keys
    from asbuilt.answers.cases.publishing.actions.presenting import take_key
    from asbuilt.tokens.openpgp import new_key

    first = set_up(actor)
    for secret in (new_key("x <x@brand.example>", 3_000), b"no key", b""):
        with pytest.raises(Invalid):
            take_key(actor, secret=secret)
    assert keys.signing_key(actor.tenant).fingerprint == first
    assert keys.key_file(actor.tenant).stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in keys.key_file(actor.tenant).parent.glob("*openpgp*")) == ["openpgp.key"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"prefix": "brand"}, "prefix"), ({"namespace": "http://brand.example"}, "namespace"), ({"psirt_mail": "nobody"}, "psirt_mail"),
        ({"languages": ["de"]}, "languages"), ({"ack_days": -1}, "ack_days"), ({"ack_days": True}, "ack_days"), ({"hue": "red"}, "hue"),
        ({"review_on": "soon"}, "review_on"), ({"texts": {"weather": {"en": "x"}}}, "texts.weather"), ({"name": "a\nb"}, "name"),
        ({"texts": {"scope": {"en": "x" * 4001}}}, "texts.scope.en"), ({"security_txt_days": 0}, "security_txt_days"),
    ],
)  # fmt: skip
def test_a_wrong_publisher_is_refused_by_its_field(actor, said, field):
    from asbuilt.answers.cases.publishing.actions.presenting import say_publisher

    with pytest.raises(Invalid) as wrong:
        say_publisher(actor, content=publisher(**said))
    assert wrong.value.facts["field"] == field


def test_the_log_knows_every_line(actor, case):
    from asbuilt.ledger.verifying import verify

    published(actor, case=case)
    assert verify(actor.tenant).findings == []


def test_while_a_notice_of_the_flaw_is_held_nothing_of_it_is_published_unless_a_second_person_says_why(
    actor, case, load
):
    from asbuilt.answers.cases.telling.actions.holding import let_go
    from asbuilt.answers.cases.telling.actions.writing import draft_notice
    from asbuilt.storage import reading

    verbs = advising()
    notice = draft_notice(actor, case=case, texts={}, readers=["psirt"], why="no update yet")
    codes = [
        verbs.draft_advisory(actor, kind="advisory", case=case),
        verbs.draft_advisory(actor, kind="advisory", vulnerabilities=(MBEDTLS,)),  # the same flaw, of no case
    ]
    for code in codes:
        verbs.approve_advisory(actor, advisory=code, draft=seen(actor, code)["draft"])
        assert seen(actor, code)["held_by"] == [notice]
        with pytest.raises(Refused) as held:
            verbs.publish_advisory(actor, advisory=code, summary="s")
        assert held.value.code == "cases.advisory_embargo" and held.value.facts["notices"] == [notice]
    first, second = codes
    told = {"summary": "s", "why": "a newspaper has it", "request_key": "K"}
    rows = [role("board", "BRAND"), {**role("house", "EMS"), "operator": "046"}]
    load({"product_roles": rows}, "roles")  # whose operators are people
    sql = "SELECT number FROM access_person WHERE tenant = %s AND code IN ('045', '046') ORDER BY code"
    anna, ben = (replace(actor, person=number) for (number,) in reading.fetch(sql, (actor.tenant,)))
    for who in (actor, ben):  # the system account approved it, and is nobody: no second person is there yet
        with pytest.raises(Refused) as alone:
            verbs.publish_advisory(who, advisory=first, **told)
        assert alone.value.code == "cases.advisory_embargo_same_person"
    verbs.approve_advisory(anna, advisory=first, draft=seen(actor, first)["draft"])
    with pytest.raises(Refused):
        verbs.publish_advisory(actor, advisory=first, **told)
    assert verbs.publish_advisory(ben, advisory=first, **told) == 1
    assert verbs.publish_advisory(ben, advisory=first, **told) == 1
    assert seen(actor, first)["timeline"][-1]["why"] == "s; a newspaper has it"
    verbs.edit_texts(anna, advisory=second, texts={}, status="interim")
    verbs.approve_advisory(anna, advisory=second, draft=seen(actor, second)["draft"])
    with pytest.raises(Refused) as same:
        verbs.publish_advisory(anna, advisory=second, summary="s", why="w")
    assert same.value.code == "cases.advisory_embargo_same_person"
    let_go(actor, notice=notice, why="the update is out")
    assert verbs.publish_advisory(anna, advisory=second, summary="s") == 1


def test_a_workaround_of_one_version_and_a_measure_of_another_maker_stand_on_no_other_product(
    actor, security, load, case
):
    """Decided for board 1.0.0 alone; stated towards a maker whose products are not in the advisory."""
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.stating import decide

    security.feed(osv(LWIP, "lwip", "2.2.0"), name="osv2")
    decide(actor, vulnerability=LWIP, scope=Scope(product="board", version="1.0.0"), status="affected", action="Block port 80.")  # fmt: skip
    load({"parties": [{"party": "MAKER9", "name": "Maker nine", "roles": "manufacturer", "country": "FR"}]}, "other")
    saying.state_measure(actor, case=case, kind="mitigating", at=1_780_000_000_000_000, why="Other's own way", manufacturer="MAKER9")  # fmt: skip
    said = document(actor, published(actor, vulnerabilities=(LWIP,)))
    (flaw,) = said["vulnerabilities"]
    (mine,) = [one for one in flaw["remediations"] if one["details"] == "Block port 80."]
    names = {one["full_product_name"]["product_id"]: one["full_product_name"]["name"] for one in said["product_tree"]["relationships"]}  # fmt: skip
    affected = {names[key] for key in flaw["product_status"]["known_affected"] if key in names}
    told = {names[key] for key in mine["product_ids"] if key in names}
    assert told == {name for name in affected if "1.0.0" in name} and affected - told
    other = document(actor, published(actor, case=case))
    details = [one["details"] for one in other["vulnerabilities"][0]["remediations"]]
    assert "Close port 443." in details and "Other's own way" not in details


def test_a_serial_number_that_no_pattern_can_write_is_counted_as_not_named():
    from pyroaring import BitMap

    from asbuilt.answers.cases.publishing.affected import _apart
    from asbuilt.kernel.spans import UnitSet

    units = BitMap([1, 2, 3])
    found = list(_apart("board", "A", None, units, UnitSet.nested(units, units, units), {1: "S1", 2: "S*2"}))
    assert [(one.count, one.unnamed, [(each.first, each.last) for each in one.ranges]) for one in found] == [(3, 2, [("S1", "S1")])]  # fmt: skip


def test_an_advisory_whose_frozen_answer_was_overtaken_says_so_before_and_after_it_is_published(actor, case):
    """Of the four boards one is left out by a newer answer: the serial numbers of the document are those of the first."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file
    from asbuilt.answers.cases.handling.seen import case_seen

    verbs = advising()
    drafted = verbs.draft_advisory(actor, kind="advisory", case=case)
    code = published(actor, case=case)

    def said() -> list[list[str]]:
        found = [seen(actor, one)["gaps"] for one in (drafted, code)] + [case_seen(actor, case)["gaps"]]
        return [[gap for gap in gaps if "overtaken" in gap] for gaps in found]

    assert said() == [[], [], []]
    first = case_file(actor, case).answers[-1].name
    freeze(actor, case=case, question=f"cve:{MBEDTLS} -unit:S0003", why="one less", supersedes=first)
    mine, other, of_case = said()
    assert len(mine) == len(other) == 1 and len(of_case) == 2 and all(one.split(":")[0].startswith("BRAND-SA-") for one in of_case)  # fmt: skip
    # who looked and edited it anew has looked: what it rests on from then on is what stands
    edited = replace(seen(actor, code)["description"], title="Corrected")
    verbs.edit_advisory(actor, advisory=code, content=json.dumps(asdict(edited)).encode())
    assert [len(gaps) for gaps in said()] == [1, 0, 1]


def test_an_advisory_is_drafted_anew_once_a_fix_is_there_and_keeps_what_people_wrote(actor, case):
    """The first version told of a workaround; the fix came later, and no form could make a second version that says so: its remedy stayed what it was."""
    from asbuilt.answers.cases.handling.actions import saying
    from asbuilt.answers.cases.handling.seen import case_seen
    from asbuilt.answers.cases.publishing.public import public_record
    from asbuilt.formats.csaf.checking import check

    verbs, code = advising(), published(actor, case=case)
    verbs.edit_texts(actor, advisory=code, texts={"n0": "In our words."}, tlp="WHITE")
    mine = lambda: [gap for gap in seen(actor, code)["gaps"] if "workarounds and fixes" in gap]  # noqa: E731
    assert mine() == []
    saying.state_measure(actor, case=case, kind="corrective", at=1_790_000_000_000_000, why="Bring it to the desk.")
    assert len(mine()) == 1 and mine()[0] in case_seen(actor, case)["gaps"]
    base = seen(actor, code)["draft"]
    verbs.redraft_advisory(actor, advisory=code, base=base)
    found = seen(actor, code)
    assert mine() == [] and found["state"] == "draft" and found["description"].notes[0].text == "In our words."
    assert ("vendor_fix", "Bring it to the desk.") in {(one.category, one.text) for one in found["description"].vulnerabilities[0].remedies}  # fmt: skip
    with pytest.raises(Conflict) as changed:
        verbs.redraft_advisory(actor, advisory=code, base=base)
    assert changed.value.code == "cases.advisory_changed"
    with pytest.raises(Refused):
        verbs.publish_advisory(actor, advisory=code, summary="Fix.")  # nobody approved the new one
    verbs.approve_advisory(actor, advisory=code, draft=found["draft"])
    assert verbs.publish_advisory(actor, advisory=code, summary="Fix.") == 2
    first, second = document(actor, code), document(actor, code, 2)
    assert check(json.dumps(second).encode()).valid
    assert first["document"]["tracking"]["id"] == second["document"]["tracking"]["id"]
    assert [one["number"] for one in second["document"]["tracking"]["revision_history"]] == ["1", "2"]
    told = [{one["details"] for one in each["vulnerabilities"][0]["remediations"]} for each in (first, second)]
    assert told[1] - told[0] == {"Bring it to the desk."} and "Close port 443." in told[0] & told[1]
    assert [one.identity for one in public_record(actor.tenant)] == [found["identity"]]


def test_a_draft_in_which_nobody_wrote_is_drafted_anew_of_the_answer_that_stands(actor, case):
    """It rests on the newer answer from then on: the unit that this one leaves out is in no range, and nothing stands overtaken."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file

    verbs = advising()
    code = verbs.draft_advisory(actor, kind="advisory", case=case)
    same = seen(actor, code)["draft"]
    verbs.redraft_advisory(actor, advisory=code)
    assert seen(actor, code)["draft"] == same  # the record gives the same
    first = case_file(actor, case).answers[-1].name
    freeze(actor, case=case, question=f"cve:{MBEDTLS} -unit:S0003", why="one less", supersedes=first)
    assert any("overtaken" in gap for gap in seen(actor, code)["gaps"])
    verbs.redraft_advisory(actor, advisory=code)
    found = seen(actor, code)
    assert not any("overtaken" in gap for gap in found["gaps"]) and first not in found["answers"]
    named = [
        (span["first"], span["last"])
        for one in asdict(found["description"])["products"]
        for span in one["serial_ranges"]
    ]
    assert not any(low <= "S0003" <= high for low, high in named) and named


def test_products_of_another_manufacturer_in_an_advisory_are_a_gap(actor, case, load):
    """The publisher named them as if they were its own to speak of."""
    said = "board is a product of Brand Owner: publish of it with its agreement, or take it out."
    assert said in seen(actor, advising().draft_advisory(actor, kind="advisory", case=case))["gaps"]
    load({"product_roles": [role("board", "EMS", at="2026-11-01T00:00:00Z")]}, "roles")  # it is ours from then on
    assert said not in seen(actor, advising().draft_advisory(actor, kind="advisory", case=case))["gaps"]
