"""Decisions and reports to makers: what a statement must carry, who may, evidence, the same request twice, a stranger; VEX of a product."""

import json

import pytest
from official_schemas import SCHEMAS, errors
from vulnerable_factory import LWIP, MBEDTLS, component, osv

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"version": "1.0.0", "justification": ""}, "vulnerability.decision_lacks"),
        ({"version": "1.0.0", "justification": "because"}, "vulnerability.decision_lacks"),
        ({"version": "1.0.0", "revision": "A"}, "vulnerability.decision_scope"),
        ({}, "vulnerability.decision_scope"),
        ({"version": "1.0.0", "vector": "CVSS:3.1/AV:Q"}, "vulnerability.cvss_wrong"),
        ({"version": "1.0.0", "review_on": "soon"}, "vulnerability.day_wrong"),
        ({"version": "1.0.0", "content": b""}, "vulnerability.evidence_size"),
    ],
)
def test_what_a_decision_must_carry(security, decide, said, code):
    with pytest.raises(Invalid) as refused:
        decide(**said)
    assert refused.value.code == code


def test_what_is_not_there_is_not_found(security, decide, stranger):
    for said in (
        {"product": "bord", "version": "1"},
        {"revision": "Z"},
        {"version": "1.0.0", "vulnerability": "CVE-1999-1"},
    ):
        with pytest.raises(NotFound):
            decide(**said)
    with pytest.raises(NotFound):
        decide(version="1.0.0", who=stranger)


def test_who_decides(security, decide, person):
    with pytest.raises(NotAllowed):
        decide(version="1.0.0", who=person("quality_lead"))
    assert decide(version="1.0.0", who=person("psirt")).operator is not None


def test_the_same_request_is_one_decision_and_evidence_is_kept(security, decide, actor):
    from asbuilt.ledger.evidence import open_evidence

    one = decide(version="1.0.0", content=b"%PDF-1.4 build log", name="build.pdf", request_key="k1")
    assert decide(version="1.0.0", content=b"%PDF-1.4 build log", name="build.pdf", request_key="k1") == one
    with pytest.raises(Conflict):
        decide("fixed", version="1.0.0", request_key="k1")
    assert b"".join(open_evidence(actor.tenant, one.sha256)) == b"%PDF-1.4 build log"


def test_a_report_to_the_maker_step_by_step(security, decide, actor):
    from asbuilt.designed.vulnerability.deciding.stating import report_upstream
    from asbuilt.designed.vulnerability.deciding.upstream import upstream_reports

    decide("affected", version="1.0.0")
    with pytest.raises(Invalid) as lacks:
        report_upstream(actor, vulnerability=MBEDTLS, component="mbedtls", event="reported")
    assert lacks.value.code == "vulnerability.report_lacks"
    said = {"vulnerability": MBEDTLS, "component": "mbedtls"}
    report_upstream(actor, event="reported", recipient="security@trustedfirmware.org", channel="mail", **said)
    found = report_upstream(actor, event="answered", said="Fixed in 2.28.8.", reference="MBEDTLS-7", **said)
    assert [step.event for step in found.steps] == ["found", "reported", "answered"] and not found.open
    with pytest.raises(Invalid):
        report_upstream(actor, event="not_reported", vulnerability=MBEDTLS, component="lwip")
    report_upstream(
        actor, event="not_reported", said="The maker published it.", vulnerability=MBEDTLS, component="lwip"
    )
    assert [(one.code, one.state) for one in sorted(upstream_reports(actor.tenant), key=lambda one: one.code)] == [
        ("UPR-1", "answered"), ("UPR-2", "not_reported"),
    ]  # fmt: skip


def test_what_a_maker_says_is_proposed_and_taken_over_by_a_person(security, decide, actor):
    from asbuilt.designed.vulnerability.deciding.proposing import proposals_of

    document = {
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://arm.example/vex/1", "author": "Arm", "timestamp": "2026-03-03T00:00:00Z", "version": 1,
        "statements": [{"vulnerability": {"name": MBEDTLS}, "products": [{"@id": "pkg:generic/mbedtls@2.28.7"}], "status": "not_affected",
                        "justification": "vulnerable_code_not_present"}],
    }  # fmt: skip
    security.feed(document, name="arm", kind="openvex")
    (found,) = proposals_of(actor, MBEDTLS)
    assert (found.status, found.components) == ("not_affected", ("mbedtls 2.28.7",))
    made = decide(version="1.0.0", justification=found.justification, source=found.source)
    assert made.source.startswith("arm/")


@pytest.mark.parametrize(("form", "schema"), [("openvex", "openvex/openvex_json_schema.json"), ("csaf", "csaf-2.0/csaf_json_schema.json"), ("cyclonedx", "cyclonedx/bom-1.6.schema.json")])  # fmt: skip
def test_vex_of_a_product_is_valid_and_says_what_stands(security, decide, actor, form, schema):
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    security.feed(osv(LWIP, "lwip", "2.2.0"), name="more")
    with pytest.raises(Invalid):
        vex_of_product(actor, "board", form)
    decide("affected", version="1.0.0", action="Update to 1.1.0.")
    decide(version="1.0.0", impact="RSA is configured out.")
    decide(revision="A", vulnerability=LWIP, impact="Port not populated.")
    name, _, written = vex_of_product(actor, "board", form)
    assert errors(SCHEMAS / schema, written) == []
    assert written == vex_of_product(actor, "board", form)[2]
    text = written.decode()
    assert "RSA is configured out." in text and "Update to 1.1.0." not in text and "Brand Owner" in text
    assert name.startswith("vex-board")
    security.exploited(MBEDTLS)
    assert "RSA is configured out." not in vex_of_product(actor, "board", form)[2].decode()


def test_vex_is_for_whoever_makes_the_product(security, decide, actor):
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    decide(version="1.0.0")
    party = numbers_by_name(actor.tenant)
    brand, shop = (
        person_actor(actor.tenant, 9, frozenset({"party_reader"}), party[code]) for code in ("BRAND", "SHOP")
    )
    assert json.loads(vex_of_product(brand, "board", "openvex")[2])["author"] == "Brand Owner"
    with pytest.raises(NotFound):
        vex_of_product(shop, "board", "openvex")
    assert component


SAID_OF_UNITS = {
    "openvex": lambda said: [
        (one["status"], one["products"][0]["@id"].rpartition("/products/")[2], one.get("status_notes", "")) for one in said["statements"]
    ],
    "csaf": lambda said: [
        (group, key, "") for one in said["vulnerabilities"] for group, keys in one["product_status"].items() for key in keys
    ],
    "cyclonedx": lambda said: [(one["analysis"]["state"], one["affects"][0]["ref"], "") for one in said["vulnerabilities"]],
}  # fmt: skip


@pytest.mark.parametrize(("form", "schema"), [("openvex", "openvex/openvex_json_schema.json"), ("csaf", "csaf-2.0/csaf_json_schema.json"), ("cyclonedx", "cyclonedx/bom-1.6.schema.json")])  # fmt: skip
def test_vex_names_units_and_parts_the_way_each_format_can(security, decide, actor, form, schema, monkeypatch):
    from asbuilt.designed.vulnerability.deciding import vex_scopes
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    decide(question="unit:S0000..S0002", impact="The port is glued shut.")
    decide("fixed", part="Acme/AX-1", action="Its maker mended it.")
    decide("fixed", part="NOT-ON-ANY-BOARD", action="Of no concern here.")
    written = vex_of_product(actor, "board", form)[2]
    assert errors(SCHEMAS / schema, written) == []
    said = json.loads(written)
    text = written.decode()
    assert all(name in text for name in ("S0000", "S0001", "S0002")) and "S0003" not in text
    assert "Of no concern here." not in text and "The port is glued shut." in text
    found = SAID_OF_UNITS[form](said)
    if form == "openvex":
        assert [(status, key) for status, key, _ in found] == [
            ("not_affected", "board@units-VEX-1"),
            ("fixed", "board"),
        ]
        assert found[0][2] == "Units of board meant by unit:S0000..S0002: S0000, S0001, S0002."
        assert said["statements"][1]["products"][0]["subcomponents"][0]["@id"].endswith("/parts/Acme/AX-1")
    elif form == "csaf":
        assert sorted(found) == [("fixed", "board@part-Acme/AX-1", ""), ("known_not_affected", "board@units-VEX-1", "")]
        (related,) = said["product_tree"]["relationships"]
        assert (related["category"], related["full_product_name"]["product_id"]) == (
            "default_component_of",
            "board@part-Acme/AX-1",
        )
        assert '"serial_numbers": [' in text and '"model_numbers": [' in text
    else:
        assert found == [("not_affected", "board@units-VEX-1", ""), ("resolved", "board@part-Acme/AX-1", "")]
        assert {"name": "asbuilt:mpn", "value": "AX-1"} in said["components"][1]["properties"]
    monkeypatch.setattr(vex_scopes, "SERIALS_MAX", 2)
    written = vex_of_product(actor, "board", form)[2]
    assert errors(SCHEMAS / schema, written) == []
    assert (
        "VEX-1 speaks of 3 units; they stand as their question" in written.decode() and "S0001" not in written.decode()
    )


def _lapses(actor):
    from asbuilt.questions.exposure.inbox import inbox

    return [lapsed for one in inbox(actor).listed for lapsed in one.lapsed]


HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"  # 7.5


@pytest.mark.parametrize(
    ("changes", "lapses"),
    [
        ({"modified": "2026-04-01T00:00:00Z"}, False),
        ({"modified": "2026-04-01T00:00:00Z", "summary": "A flaw, told better", "details": "Words."}, False),
        ({"modified": "2026-04-01T00:00:00Z", "fixed": "2.28.9"}, True),
        ({"modified": "2026-04-01T00:00:00Z", "references": [{"type": "WEB", "url": "https://proof.example/exploit"}]}, True),
        ({"modified": "2026-04-01T00:00:00Z", "withdrawn": "2026-04-01T00:00:00Z"}, False),
    ],
)  # fmt: skip
def test_a_decision_lapses_when_the_record_says_otherwise_what_is_affected(security, actor, decide, changes, lapses):
    """With the same score it once stood on, whatever the record said of versions."""
    name, said = "CVE-2026-77", {"fixed": "2.2.0", "score": HIGH}
    security.feed(osv(name, "lwip", **said), name="more")
    for version in ("1.0.0", "1.1.0"):
        decide(vulnerability=name, version=version)
    assert _lapses(actor) == []
    security.feed(osv(name, "lwip", **said | changes), name="more")
    why = f"more says something else in {name}: versions, status or references"
    # the decision about mbedtls does not speak of it; both of the lwip flaw do
    assert [lapsed[1] for lapsed in _lapses(actor)] == ([why, why] if lapses else [])


def test_the_order_of_what_a_record_names_changes_nothing(security, actor, decide):
    one, other = (osv("CVE-2026-77", package, "9.9.9", score=HIGH) for package in ("lwip", "mbedtls"))
    both = {**one, "affected": one["affected"] + other["affected"]}
    security.feed(both, name="more")
    for version in ("1.0.0", "1.1.0"):
        decide(vulnerability="CVE-2026-77", version=version)
    security.feed({**both, "affected": both["affected"][::-1], "modified": "2026-04-01T00:00:00Z"}, name="more")
    assert _lapses(actor) == []


@pytest.mark.parametrize(
    ("first", "later", "other"),
    [
        ({"version": "1.0.0"}, {"revision": "A"}, {"version": "1.1.0"}),
        ({"revision": "A"}, {"version": "1.0.0"}, {"version": "1.1.0"}),
    ],
    ids=["release, then its hardware", "hardware, then its release"],
)
@pytest.mark.parametrize("form", ["openvex", "csaf", "cyclonedx"])
def test_vex_says_not_affected_of_nothing_that_a_later_word_opened(security, decide, actor, form, first, later, other):
    """Units of the revision that run the release are open here; customers read in the published file that they are not affected."""
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    def written():
        return vex_of_product(actor, "board", form)[2].decode()

    decide(impact="The port is glued shut.", **first)
    assert "The port is glued shut." in written()
    # of another release: it takes nothing back of the first, but of the revision that both share
    decide("affected", **other)
    assert ("The port is glued shut." in written()) == ("version" in first)
    decide("affected", **later)
    assert "The port is glued shut." not in written() and "under_investigation" in written().replace(
        "in_triage", "under_investigation"
    )
    assert form == "csaf" or "says later that it is open" in written()  # CSAF has no words for what is looked into
    decide(impact="The port is glued shut.", **first)
    assert "The port is glued shut." in written()


WEAK, BAD = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
BAD_4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


def test_a_vector_that_got_worse_lapses_a_decision_though_no_score_is_written(security, decide, actor):
    """OSV gives vectors alone: 1.8 became 9.8, and what was decided of it stood."""
    from asbuilt.questions.exposure.exposure import exposure

    security.feed(osv(LWIP, "lwip", "2.2.0", score=WEAK))
    decide(vulnerability=LWIP, version="1.0.0")
    decide(vulnerability=LWIP, version="1.1.0")
    assert [one.lapsed for one in exposure(actor, LWIP).decisions] == ["", ""]
    security.feed(osv(LWIP, "lwip", "2.2.0", score=BAD, modified="2026-04-01T00:00:00Z"))
    assert [one.lapsed for one in exposure(actor, LWIP).decisions] == ["osv scores it 9.8, no longer 1.8"] * 2
    decide(vulnerability=LWIP, version="1.0.0")
    security.feed(osv(LWIP, "lwip", "2.2.0", score=WEAK, modified="2026-05-01T00:00:00Z"))
    assert exposure(actor, LWIP).decisions[0].lapsed == ""


def test_what_feeds_say_has_the_score_that_exposure_has(security, actor):
    from asbuilt.designed.vulnerability.feeds.seen import vulnerability_seen
    from asbuilt.questions.exposure.exposure import exposure

    record = osv(LWIP, "lwip", "2.2.0")
    record["severity"] = [{"type": "CVSS_V3", "score": WEAK}, {"type": "CVSS_V4", "score": BAD_4}]
    security.feed(record)
    seen, found = vulnerability_seen(actor, LWIP).threat, exposure(actor, LWIP)
    assert (seen.score, seen.vector) == (found.score, found.vector) == (9.3, BAD_4)


def test_a_decision_from_before_vectors_were_rated_stands(security, decide, actor):
    """Its premise says of a record without a written score nothing to compare with."""
    from asbuilt.designed.vulnerability.deciding.decisions import known_read, known_text, what_is_new
    from asbuilt.designed.vulnerability.deciding.premise import known_now

    security.feed(osv(LWIP, "lwip", "2.2.0", score=BAD))
    (now,) = known_now(actor.tenant, [LWIP])[LWIP]
    before = known_read(f'[["osv","{LWIP}",null,false,false,"{now.substance}"]]')
    assert not what_is_new(before, [now]) and known_read(known_text([now])) == (now,)
