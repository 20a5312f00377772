"""`asbuilt vuln match|findings|coverage|suggest|identify`."""

import json

import pytest
from components.conftest import cyclonedx, widget  # noqa: F401
from vulnerability.conftest import cpe_match, nvd

pytestmark = pytest.mark.once

NAMELESS = {"bom-ref": "m", "name": "mbedTLS", "version": "2.28.7"}
ARM = "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*"


@pytest.fixture
def firmware(widget, asbuilt, tmp_path):  # noqa: F811
    """A release with a component that nobody can match, and a feed that speaks of it."""
    (tmp_path / "sbom.json").write_bytes(cyclonedx(NAMELESS))
    added = asbuilt("sbom", "add", tmp_path / "sbom.json", "--product", "WIDGET", "--version", "2.3.1")
    assert added.code == 0, added.err
    record = nvd("CVE-2026-0001", cpe_match(ARM, versionEndExcluding="2.28.8"))
    (tmp_path / "nvd.json").write_text(json.dumps({"vulnerabilities": [record]}))
    assert asbuilt("vuln", "feed", "add", "nvd", "--kind", "nvd").code == 0
    assert asbuilt("vuln", "feed", "take", "nvd", tmp_path / "nvd.json").code == 0


def test_from_a_suggestion_to_a_finding(firmware, asbuilt):
    assert asbuilt("vuln", "findings", "CVE-2026-0001", "--format", "json").document == {
        "findings": [],
        "unresolved": [],
    }
    before = asbuilt("vuln", "coverage", "--format", "json").document
    assert (before["package_versions"], before["matchable"], before["silent"]) == (1, 0, ["not_matchable"])
    suggested = asbuilt("vuln", "suggest", "--format", "json").document["suggestions"]
    assert [one["name"] for one in suggested] == ["mbedtls"]
    assert ARM in [value["value"] for value in suggested[0]["values"]]
    said = asbuilt(
        "vuln", "identify", "mbedTLS", "--confirm", f"cpe={ARM}", "--basis", "README of the image", "--format", "json"
    )
    assert said.document == {"new": 1, "replaced": 0, "retracted": 0}
    (one,) = asbuilt("vuln", "findings", "cve-2026-0001", "--format", "json").document["findings"]
    assert (one["component"], one["version"], one["state"]) == ("mbedTLS", "2.28.7", "affected")
    assert one["grounds"][0]["words"] == "is in the range"
    shown = asbuilt("vuln", "findings", "CVE-2026-0001")
    assert "nvd/CVE-2026-0001 names cpe a:arm:mbed_tls; 2.28.7 against < 2.28.8; is in the range" in shown.err
    after = asbuilt("vuln", "coverage", "--format", "json").document
    assert (after["covered"], after["complete"], after["findings"]) == (1, True, {"affected": 1})
    assert asbuilt("vuln", "match", "--format", "json").document == {"new": 0, "replaced": 0, "retracted": 0}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("findings", "CVE-2026-9999"), 3), (("identify", "mbedtls"), 2), (("identify", "mbedtls", "--confirm", "mbed_tls"), 2),
        (("identify", "mbedtls", "--confirm", "cpe=cpe:2.3:a:arm:mbed_tls:2.28.7"), 2),
    ],
)  # fmt: skip
def test_what_is_refused(asbuilt, home, arguments, code):
    assert asbuilt("vuln", *arguments).code == code


def test_an_installation_without_feeds_is_not_clean(asbuilt, home):
    assert "No feed is set" in asbuilt("vuln", "coverage").err
