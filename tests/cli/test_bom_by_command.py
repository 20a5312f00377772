"""`asbuilt bom` and `asbuilt sbom check|export`: what is said, what is written, the exit codes, without a database for the receiver."""

import base64
import json

import pytest


@pytest.fixture
def floor(asbuilt, tables):
    """The tables of the command line's own factory are loaded."""
    assert asbuilt("import", str(tables)).code == 0


def test_a_unit_from_its_gaps_to_a_stranger_with_two_keys(asbuilt, asbuilt_unopened, floor, home, tmp_path):
    told = asbuilt("bom", "unit", "S1", "--format", "json")
    assert told.code == 0 and (told.document["units"], told.document["kind"]) == (1, "unit")
    assert told.document["quality"]["profile"] == "bsi-tr-03183-2-2.1.0" and "compliant" not in told.out.casefold()
    table = asbuilt("bom", "unit", "S1", "--profile", "ntia")
    assert "pieces, certain" in table.out and "NTIA 2021 minimum elements" in table.out and "what to do" in table.out
    signed, plain = tmp_path / "s1.json", tmp_path / "s1.cdx.json"
    assert asbuilt("bom", "unit", "S1", "--out", str(signed)).code == 0
    (keys,) = home.keys.glob("*/public.keys")
    proved = asbuilt_unopened("verify", str(signed), "--key", str(keys), "--out", str(plain), "--format", "json")
    assert proved.code == 0 and proved.document["kind"] == "as-built BOM" and proved.document["unit"]["code"] == "S1"
    assert proved.document["entries"] and proved.document["unit"]["bytes"] == len(plain.read_bytes())
    assert json.loads(plain.read_bytes())["metadata"]["component"]["name"] == "MB"
    assert "holds" in asbuilt_unopened("verify", str(signed), "--key", str(keys)).err
    taken = asbuilt_unopened("sbom", "check", str(plain), "--profile", "bsi", "--format", "json")
    assert taken.code == 0 and taken.document["quality"]["components"] == taken.document["components"] + 1
    # the envelope itself is opened: with the keys its signature is checked, without them that is said
    opened = asbuilt_unopened("sbom", "check", str(signed), "--key", str(keys), "--format", "json")
    assert opened.code == 0 and opened.document["components"] == taken.document["components"]
    assert opened.document["signature"]["checked"] and opened.document["signature"]["unit"]["code"] == "S1"
    assert "A signed BOM that holds" in asbuilt("sbom", "check", str(signed)).err  # where its own keys are
    stranger = tmp_path / "stranger.keys"
    stranger.write_text("record x " + base64.b64encode(bytes(range(32))).decode() + "\n")
    refused = asbuilt_unopened("sbom", "check", str(signed), "--key", str(stranger))
    assert refused.code == 7 and not refused.out
    assert asbuilt_unopened("sbom", "check", str(plain), "--key", str(keys)).code == 2
    inside = json.loads(signed.read_bytes())
    payload = json.loads(base64.b64decode(inside["payload"]))
    payload["bom"] = "no BOM"  # what is inside is checked, whoever signed it
    odd = tmp_path / "odd.json"
    odd.write_text(json.dumps(inside | {"payload": base64.b64encode(json.dumps(payload).encode()).decode()}))
    assert asbuilt_unopened("sbom", "check", str(odd), "--key", str(keys)).code == 7
    keys = keys.rename(tmp_path / "public.keys")  # a receiver who has no key at all
    assert asbuilt_unopened("sbom", "check", str(odd)).code == 2
    unknown = asbuilt_unopened("sbom", "check", str(signed))
    assert unknown.code == 0 and "was not checked" in unknown.err and "cyclonedx" in unknown.out
    certificate = json.dumps(inside | {"payloadType": "application/vnd.asbuilt.unit-certificate+json"})
    odd.write_text(certificate)
    assert "no BOM" in asbuilt_unopened("sbom", "check", str(odd)).err
    broken = bytearray(signed.read_bytes())
    broken[len(broken) // 2] ^= 1
    signed.write_bytes(broken)
    assert asbuilt_unopened("verify", str(signed), "--key", str(keys)).code in (2, 7)


def test_an_order_in_every_form_and_words_that_are_none(asbuilt, floor, tmp_path):
    for form in ("cyclonedx-1.6", "cyclonedx-1.7", "cyclonedx-1.6-xml", "spdx-3.0.1"):
        out = tmp_path / form
        assert (
            asbuilt("bom", "order", "WO-1", "--form", form, "--plain", "--out", str(out), "--for", "public").code == 0
        )
        assert b"WO-1#" not in out.read_bytes() and b"LOT7" not in out.read_bytes() and b"RC0402" in out.read_bytes()
    assert json.loads(asbuilt("bom", "order", "WO-1", "--plain", "--out", "-").out)["bomFormat"] == "CycloneDX"
    assert asbuilt("bom", "order", "WO-1", "--form", "swid", "--out", "-").code == 2
    assert asbuilt("bom", "order", "WO-1", "--for", "friend").code == 2
    for missing in (("unit", "S99"), ("order", "WO-9"), ("shipment", "S-9")):
        assert asbuilt("bom", *missing).code == 3
    assert asbuilt("bom", "unit", "S1", "--profile", "iso").code == 3


def test_check_says_what_a_profile_lacks_and_changes_no_exit(asbuilt_unopened, tmp_path):
    file = tmp_path / "x.json"
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "vulnerabilities": [{"id": "CVE-2024-1"}],
                                "components": [{"type": "library", "name": "lwip"}]}))  # fmt: skip
    found = asbuilt_unopened("sbom", "check", str(file), "--profile", "bsi-tr-03183-2-2.1.0")
    assert found.code == 0 and "not met" in found.out and "1 entries about vulnerabilities" in found.err
    assert "quality" not in asbuilt_unopened("sbom", "check", str(file), "--format", "json").document
    file.write_text("{}")
    assert asbuilt_unopened("sbom", "check", str(file), "--profile", "bsi").code == 2


def test_no_plain_document_out_of_another_signed_file(asbuilt, floor, tmp_path):
    certificate = tmp_path / "c.json"
    certificate.write_text(asbuilt("unit", "S1", "--format", "json").out)
    refused = asbuilt("verify", str(certificate), "--out", str(tmp_path / "x"))
    assert refused.code == 2 and not (tmp_path / "x").exists()


def test_a_release_that_there_is_not(asbuilt, floor):
    assert asbuilt("sbom", "export", "MB", "9.9", "--out", "-").code == 3
