"""SBOMs, an SBOM, what changed and Components in a real browser: axe finds nothing, nothing overflows; one is added and downloaded."""

import json

from test_look_at_the_pages import chromium, faults, served  # noqa: F401
from test_look_at_the_releases import product, signer  # noqa: F401

NAME = "WIDGET-WITH-A-LONG-NAME"
LONG = "a-component-whose-name-is-longer-than-any-column-of-a-table-should-be-asked-to-hold"


def document(version: str) -> bytes:
    """Three components that need each other in a circle, one with doubts, one with a long name."""
    listed = [
        {"type": "library", "bom-ref": "a", "name": "mbedtls", "version": version, "purl": f"pkg:generic/mbedtls@{version}"},
        {"type": "library", "bom-ref": "b", "name": LONG, "version": "1." * 30 + "0", "licenses": [{"expression": "MIT OR Apache-2.0"}]},
        {"type": "library", "bom-ref": "c", "name": "lwip", "version": "2.1.3", "cpe": "cpe:2.3:a:x"},
    ]  # fmt: skip
    edges = [{"ref": one, "dependsOn": [other, "gone"]} for one, other in ("ab", "bc", "ca")]
    return json.dumps(
        {"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "components": listed, "dependencies": edges,
         "vulnerabilities": [{"id": "CVE-2024-1"}]}
    ).encode()  # fmt: skip


def test_the_pages_of_sboms(signer, product, actor, tmp_path):  # noqa: F811
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    said, found = [], []
    signer.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for page in ("/sboms/", "/components/"):
        signer.goto(page)
        found += faults(signer)
    add_sbom(actor, binding=Binding(NAME, revision="B"), content=document("2.28.7"), file_name="a.json")
    (tmp_path / "b.json").write_bytes(document("3.6.0"))
    signer.goto("/sboms/")
    signer.get_by_text("Add an SBOM", exact=True).click()
    signer.get_by_label("File", exact=True).set_input_files(tmp_path / "b.json")
    signer.locator("#s-product").fill(NAME)
    signer.locator("#s-revision").fill("B")
    signer.get_by_role("button", name="Add this SBOM").press("Enter")
    signer.get_by_role("heading", name="Against the one before").wait_for()
    here = signer.url
    with signer.expect_download() as download:
        signer.get_by_role("link", name="The file as it came").click()
    assert download.value.path().read_bytes() == document("3.6.0") and download.value.suggested_filename == "b.json"
    for page in (
        "/sboms/",
        here,
        here + "?profile=ntia-2021",
        here + "difference/",
        "/components/?name=mbed",
        "/components/?name=x",
    ):
        signer.goto(page)
        found += faults(signer)
    (tmp_path / "wrong.json").write_bytes(b'{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}]}')
    signer.goto("/sboms/")
    signer.get_by_text("Add an SBOM", exact=True).click()
    signer.get_by_label("File", exact=True).set_input_files(tmp_path / "wrong.json")
    signer.locator("#s-product").fill(NAME)
    signer.locator("#s-revision").fill("B")
    signer.get_by_role("button", name="Add this SBOM").click()
    signer.locator("#refusal").wait_for()
    found += faults(signer)
    assert (found, said) == ([], [])
