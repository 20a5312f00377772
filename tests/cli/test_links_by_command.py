"""A VEX that points at an SBOM which is not here: the commands say so, for an empty answer would look like an all-clear."""

import json

LINK = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#tls"
VEX = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": "urn:uuid:11111111-395b-41f5-a30f-a58921a69b79",
       "vulnerabilities": [{"id": "CVE-2024-1000", "analysis": {"state": "exploitable"}, "affects": [{"ref": LINK}]}]}  # fmt: skip
WORDS = "not resolved: no SBOM here has this serial number"


def test_what_points_at_an_sbom_that_is_not_here_is_said(asbuilt, tmp_path):
    (tmp_path / "vex.json").write_text(json.dumps(VEX))
    assert asbuilt("vuln", "feed", "add", "vex", "--kind", "cyclonedx", "--source", tmp_path).code == 0
    assert asbuilt("vuln", "feed", "take", "vex").code == 0
    assert f"points at {LINK}: {WORDS}." in asbuilt("vuln", "findings", "CVE-2024-1000").err
    assert f"CVE-2024-1000, points at {LINK}: {WORDS}." in asbuilt("vuln", "coverage").err
    assert asbuilt("vuln", "findings", "CVE-2024-1000", "--format", "json").document["unresolved"][0]["words"] == WORDS
