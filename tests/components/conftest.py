"""A product with a release, a draft and two hardware revisions, a module, and SBOMs made by hand."""

import json

import pytest

IMAGE_SHA256 = "ab" * 32


def cyclonedx(*components: dict, version: str = "1.6", **more) -> bytes:
    """A CycloneDX JSON document with these components; a component is {"name": …, "version": …, …}."""
    listed = [{"type": "library", **one} for one in components]
    document = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": listed, **more}
    return json.dumps(document).encode()


MBEDTLS = {"bom-ref": "mbedtls", "name": "mbedtls", "version": "2.28.7", "purl": "pkg:generic/mbedtls@2.28.7"}
LWIP = {"bom-ref": "lwip", "name": "lwIP", "version": "2.1.3", "cpe": "cpe:2.3:a:lwip_project:lwip:2.1.3:*:*:*:*:*:*:*"}


@pytest.fixture
def widget(load):
    """Product WIDGET, revisions B and C, releases 2.3.1 and 2.4.0, module MOD."""
    load(
        {
            "parts": [
                {"part": "R", "description": "Resistor", "mpn": "RC", "manufacturer": "Yageo", "lifecycle": "", "msl": ""},
                {"part": "MOD", "description": "Radio", "mpn": "ESP", "manufacturer": "Espressif", "lifecycle": "", "msl": ""},
            ],
            "bom": [
                {"product": "WIDGET", "revision": code, "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}
                for code in ("B", "C")
            ],
            "firmware": [
                {"product": "WIDGET", "version": version, "role": "", "image": "", "sha256": sha256, "revisions": "B;C",
                 "released_at": "2027-03-01T00:00:00Z", "security_relevant": "false"}
                for version, sha256 in (("2.3.1", IMAGE_SHA256), ("2.4.0", "cd" * 32))
            ],
        }
    )  # fmt: skip
    return "WIDGET"


@pytest.fixture
def add(widget, actor):
    """add(content, product=…, version=…) adds an SBOM; of WIDGET 2.3.1 where nothing is said."""
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    def added(content, who=None, file_name="sbom.json", request_key=None, **of):
        binding = Binding(**(of or {"product": "WIDGET", "version": "2.3.1"}))
        return add_sbom(who or actor, binding=binding, content=content, file_name=file_name, request_key=request_key)

    return added


@pytest.fixture
def of_image(widget, actor):
    """of_image(content, image="…", product=…, version=…) adds an SBOM as doors do: named by image, release, both or the document alone."""
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    def added(content, image="", **of):
        return add_sbom(actor, binding=Binding(**of), image=image, content=content, file_name="sbom.json")

    return added
