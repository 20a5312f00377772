"""A maker's VEX about its product, read where the product's SBOM is: what was exported comes back as it was said, and can be taken over."""

import json

import pytest
from vulnerable_factory import MBEDTLS, osv

JUSTIFIED = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
FORMS = ("openvex", "csaf", "cyclonedx")


def exported(actor, form: str) -> dict:
    from asbuilt.designed.vulnerability.deciding.vex_export import vex_of_product

    return json.loads(vex_of_product(actor, "board", form)[2])


def proposed(actor) -> list[tuple]:
    from asbuilt.designed.vulnerability.deciding.proposing import proposals_of

    return [
        (one.scope.words if one.scope else "", one.status, one.justification, one.impact, one.components)
        for one in proposals_of(actor, MBEDTLS)
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("justification", JUSTIFIED)
def test_what_was_exported_is_proposed_for_the_same_release_in_the_same_words(
    security, decide, actor, form, justification
):
    """By the hash of its image; the other release, of the same product, is not spoken of."""
    decide(version="1.0.0", justification=justification, impact="RSA is off: checked.")
    document = exported(actor, form)
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.9"))  # now it comes into 1.1.0 too
    security.feed(document, name="maker", kind=form)
    assert proposed(actor) == [
        ("board 1.0.0", "not_affected", justification, "RSA is off: checked.", ("mbedtls 2.28.7",))
    ]


@pytest.mark.parametrize("form", FORMS)
def test_a_module_by_its_makers_words_is_proposed_for_the_part_and_taken_over(security, actor, decide, form):
    """The maker of the radio names its firmware; the library inside is ours to know, from its SBOM."""
    from asbuilt.designed.vulnerability.deciding.proposing import proposals_of

    purl = "pkg:generic/acme/radio-firmware@4.2"
    subject = {"type": "firmware", "name": "radio-firmware", "version": "4.2", "purl": purl}
    inside = {
        "type": "library",
        "bom-ref": "m",
        "name": "mbedtls",
        "version": "2.28.6",
        "purl": "pkg:generic/mbedtls@2.28.6",
    }
    sbom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": subject},
        "components": [inside],
    }
    security._added(("", "", "", "", "MOD", ""), json.dumps(sbom).encode())
    products = {
        "openvex": {"@id": purl},
        "csaf": {"product_id": "R", "name": "radio", "product_identification_helper": {"purl": purl}},
    }
    document = {
        "openvex": {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/1", "author": "Acme", "timestamp": "2026-03-03T00:00:00Z",
                    "version": 1, "statements": [{"vulnerability": {"name": MBEDTLS}, "products": [products["openvex"]], "status": "not_affected",
                                                  "justification": "vulnerable_code_not_present"}]},
        "csaf": {"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "Acme"}, "tracking": {
                     "id": "ACME-1", "current_release_date": "2026-03-03T00:00:00Z", "initial_release_date": "2026-03-03T00:00:00Z"}},
                 "product_tree": {"full_product_names": [products["csaf"]]},
                 "vulnerabilities": [{"cve": MBEDTLS, "product_status": {"known_not_affected": ["R"]},
                                      "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["R"]}]}]},
        "cyclonedx": {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [{**subject, "bom-ref": "r"}],
                      "vulnerabilities": [{"id": MBEDTLS, "analysis": {"state": "not_affected", "justification": "code_not_present"},
                                           "affects": [{"ref": "r"}]}]},
    }[form]  # fmt: skip
    security.feed(document, name="acme", kind=form)
    (found,) = proposals_of(actor, MBEDTLS)
    assert (found.scope.words, found.components) == ("MOD", ("mbedtls 2.28.6",))
    made = decide(part="MOD", status=found.status, justification=found.justification, source=found.source)
    assert made.scope.part == "MOD" and made.closes


def test_a_statement_about_one_library_in_a_product_is_about_no_other(security, actor):
    """OpenVEX's subcomponents: what is said of lwIP in 1.0.0 says nothing of mbed TLS there."""
    from asbuilt.designed.firmware.queries import standing_release

    image = standing_release(actor.tenant, "board", "app", "1.0.0").sha256.hex()
    for inside, expected in (("pkg:generic/lwip@2.1.3", []), ("pkg:generic/mbedtls@2.28.7", ["board 1.0.0"])):
        product = {
            "@id": "https://maker.example/board",
            "hashes": {"sha-256": image},
            "subcomponents": [{"@id": inside}],
        }
        said = {
            "vulnerability": {"name": MBEDTLS},
            "products": [product],
            "status": "not_affected",
            "justification": "vulnerable_code_not_present",
        }
        document = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://maker.example/1", "author": "M", "version": 1,
                    "timestamp": "2026-03-03T00:00:00Z", "statements": [said]}  # fmt: skip
        security.feed(document, name="maker", kind="openvex")
        assert [row[0] for row in proposed(actor)] == expected


@pytest.mark.parametrize("form", FORMS)
def test_our_own_export_takes_nothing_back_and_another_house_s_does(security, decide, actor, form, monkeypatch):
    """An aggregator brings what we published; every decision lapsed over it, and the gate stopped."""
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
    from asbuilt.questions.exposure.exposure import exposure

    monkeypatch.setenv("ASBUILT_VEX_NAMESPACE", "https://brand.example")
    decide(version="1.0.0", impact="RSA is off.")
    decide(revision="A", impact="The port is glued shut.")
    security.feed(exported(actor, form), name="aggregator", kind=form)
    assert [bool(one.lapsed) for one in exposure(actor, MBEDTLS).decisions] == [False, False]
    assert open_in_release(actor.tenant, "board", "", "1.0.0") == []
    monkeypatch.setenv("ASBUILT_VEX_NAMESPACE", "https://other.example")
    theirs = exported(actor, form)
    monkeypatch.setenv("ASBUILT_VEX_NAMESPACE", "https://brand.example")
    security.feed(theirs, name="another", kind=form)
    assert [bool(one.lapsed) for one in exposure(actor, MBEDTLS).decisions] == [True, True]
    assert open_in_release(actor.tenant, "board", "", "1.0.0") != []
