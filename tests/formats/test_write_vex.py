"""VEX documents: valid by the official schemas, by the CSAF tests of 6.1, and saying what was decided."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from official_schemas import SCHEMAS, errors

from asbuilt.formats.vex import csaf, cyclonedx, openvex
from asbuilt.formats.vex.statements import VexComponent, VexDocument, VexProduct, VexStatement, lacking
from asbuilt.kernel.errors import Invalid

UUID = "3e671687-395b-41f5-a30f-a58921a69b79"
MBED = VexComponent("mbedtls", "2.28.3", "pkg:generic/mbedtls@2.28.3")
PRODUCTS = (
    VexProduct("app-2.3.1", "Brand Owner", "EG-200", "2.3.1", purl="pkg:generic/eg-200@2.3.1", sha256="ab" * 32),
    VexProduct("app-2.3.2", "Brand Owner", "EG-200", "2.3.2"),
    VexProduct("rev-B", "Brand Owner", "EG-200 hardware", "B", cpe="cpe:2.3:h:brand:eg-200:b:*:*:*:*:*:*:*", hardware=True),
)  # fmt: skip
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
SAID = (
    VexStatement("s1", "CVE-2024-23170", "A timing side channel.", "not_affected", "vulnerable_code_not_in_execute_path", "RSA is configured out.", "",
                 ("app-2.3.1",), "2026-11-29T08:00:00Z", (MBED,), ("GHSA-xxxx-yyyy-zzzz",)),
    VexStatement("s2", "CVE-2024-23170", "", "affected", "", "", "Update to 2.3.3.", ("app-2.3.2",), "2026-11-29T09:00:00Z", (MBED,), (), V31),
    VexStatement("s3", "CVE-2022-48174", "", "under_investigation", "", "", "", ("app-2.3.2",), "2026-11-29T09:00:00Z"),
    VexStatement("s4", "CVE-2022-48175", "", "fixed", "", "", "Patch 0007 is in it.", ("app-2.3.1", "rev-B"), "2026-11-29T09:00:00Z", (), (), V40),
    VexStatement("s5", "BRAND-2026-1", "Told by mail.", "not_affected", "", "The port is not populated.", "", ("rev-B",), "2026-11-29T09:00:00Z"),
)  # fmt: skip
DOCUMENT = VexDocument(
    "BRAND-VEX-EG-200", 3, "Brand Owner", "https://brand.example", "VEX of EG-200", "2026-11-28T08:00:00Z",
    "2026-11-29T09:00:00Z", PRODUCTS, SAID,
)  # fmt: skip


def test_openvex_is_valid_and_says_it_all():
    written = openvex.write_openvex(DOCUMENT)
    assert errors(SCHEMAS / "openvex" / "openvex_json_schema.json", written) == []
    first, second, *_ = json.loads(written)["statements"]
    assert first["products"][0]["@id"] == "pkg:generic/eg-200@2.3.1" and first["products"][0]["hashes"] == {
        "sha-256": "ab" * 32
    }
    assert first["products"][0]["subcomponents"] == [{"@id": MBED.purl, "identifiers": {"purl": MBED.purl}}]
    assert (
        first["justification"] == "vulnerable_code_not_in_execute_path"
        and second["action_statement"] == "Update to 2.3.3."
    )
    assert second["products"][0]["@id"] == "https://brand.example/products/app-2.3.2"


def test_cyclonedx_is_valid_and_keeps_the_words():
    written = cyclonedx.write_cyclonedx_vex(DOCUMENT, serial_number=UUID)
    assert errors(SCHEMAS / "cyclonedx" / "bom-1.6.schema.json", written) == []
    found = {one["bom-ref"]: one for one in json.loads(written)["vulnerabilities"]}
    assert [found[key]["analysis"]["state"] for key in ("s1", "s2", "s3", "s4")] == [
        "not_affected",
        "exploitable",
        "in_triage",
        "resolved",
    ]
    assert found["s1"]["analysis"]["justification"] == "code_not_reachable"
    assert found["s1"]["analysis"]["detail"] == "vulnerable_code_not_in_execute_path: RSA is configured out."
    assert found["s2"]["ratings"][0]["score"] == 6.8 and found["s2"]["recommendation"] == "Update to 2.3.3."


def test_csaf_is_valid_by_its_schema_and_by_the_tests_of_the_standard(tmp_path):
    for version in (1, 2, 3):
        written = csaf.write_csaf_vex(replace(DOCUMENT, version=version))
        assert errors(SCHEMAS / "csaf-2.0" / "csaf_json_schema.json", written) == []
        path = tmp_path / csaf.file_name(DOCUMENT)
        assert path.name == "brand-vex-eg-200.json"
        path.write_bytes(written)
        command = [sys.executable, "-m", "csaf", "validate", "--spec-version", "v20", "--preset", "full", "--no-network",
                   "--format", "deprecated-json", str(path)]  # fmt: skip
        said = subprocess.run(command, capture_output=True, text=True, timeout=60)
        report = json.loads(said.stdout)
        assert report["isValid"], said.stdout
        wrong = [
            test for test in report["tests"] if test["errors"] and test["name"].startswith(("mandatory", "6.1", "csaf"))
        ]
        assert wrong == []
    found = {one.get("cve", "own"): one for one in json.loads(written)["vulnerabilities"]}
    assert found["CVE-2024-23170"]["product_status"] == {
        "known_not_affected": ["app-2.3.1"],
        "known_affected": ["app-2.3.2"],
    }
    assert found["CVE-2024-23170"]["scores"][0]["cvss_v3"]["environmentalScore"] == 6.8
    assert any(note["text"] == V40 for note in found["CVE-2022-48175"]["notes"])
    assert (
        found["own"]["ids"][0]["text"] == "BRAND-2026-1"
        and found["own"]["threats"][0]["details"] == "The port is not populated."
    )


def test_the_validator_of_this_test_does_refuse(tmp_path):
    broken = json.loads(csaf.write_csaf_vex(DOCUMENT))
    broken["vulnerabilities"][0]["product_status"]["fixed"] = ["nobody"]
    path = tmp_path / "brand-vex-eg-200.json"
    path.write_text(json.dumps(broken))
    command = [sys.executable, "-m", "csaf", "validate", "--spec-version", "v20", "--preset", "full", "--no-network", "--format", "deprecated-json"]  # fmt: skip
    said = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=60)
    assert not json.loads(said.stdout)["isValid"]
    del broken["document"]["tracking"]["status"]
    assert errors(SCHEMAS / "csaf-2.0" / "csaf_json_schema.json", json.dumps(broken).encode())


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (("not_affected", "", "", ""), "justification"),
        (("not_affected", "because", "", ""), "justification"),
        (("affected", "", "", ""), "action"),
        (("affected", "component_not_present", "", "x"), "justification"),
        (("fine", "", "", ""), "status"),
        (("not_affected", "", "why not", ""), None),
        (("fixed", "", "", ""), None),
        (("under_investigation", "", "", ""), None),
    ],
)
def test_a_statement_carries_what_its_status_asks_for(said, field):
    found = lacking(*said)
    assert (found[0] if found else None) == field


def test_a_document_without_statements_is_none():
    for write in (openvex.write_openvex, csaf.write_csaf_vex):
        with pytest.raises(Invalid):
            write(replace(DOCUMENT, statements=()))
