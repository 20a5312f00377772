"""The page of what feeds call components: coverage in words, suggestions decided about, refusals that come back."""

import json

import pytest
from cast import cast_home  # noqa: F401
from components.conftest import cyclonedx
from django.core.files.uploadedfile import SimpleUploadedFile
from vulnerability.conftest import cpe_match, nvd
from web.test_feeds_pages import cara, text  # noqa: F401

pytestmark = pytest.mark.once

ARM = "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*"
NVD = json.dumps({"vulnerabilities": [nvd("CVE-2026-0001", cpe_match(ARM, versionEndExcluding="2.28.8"))]}).encode()


def test_from_a_suggestion_to_what_was_said(cara):  # noqa: F811
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    browser, cast = cara
    assert "No feed is set" in text(browser.get("/component-names/"))
    content = cyclonedx({"bom-ref": "m", "name": "mbedTLS", "version": "2.28.7"})
    binding = Binding(product="A-LAMP", revision="B")
    add_sbom(local_system(tenant_of_slug("main").number), binding=binding, content=content, file_name="s.json")
    browser.post("/feeds/", {"name": "nvd", "kind": "nvd"})
    browser.post("/feeds/nvd/takes/", {"file": SimpleUploadedFile("nvd.json", NVD)})
    page = browser.get("/component-names/")
    assert f'value="cpe={ARM}" checked' in page.content.decode()
    assert "Some components have no name that feeds use." in text(page)
    wrong = browser.post("/component-names/", {"name": "mbedtls"})
    assert wrong.status_code == 422 and "1 to 50 names" in text(wrong)
    done = browser.post(
        "/component-names/", {"name": "mbedtls", "value": [f"cpe={ARM}"], "basis": "README", "verb": "confirm"}
    )
    assert done["Location"] == "/component-names/"
    after = text(browser.get("/component-names/"))
    assert "It is that README" in after and "Some components have no name" not in after
    found = cast.program("cara").get("/api/v1/vulnerability-findings/CVE-2026-0001").json()["findings"]
    assert [(one["component"], one["state"]) for one in found] == [("mbedTLS", "affected")]
    # who may read and not decide sees no button
    assert "It is not that" not in text(cast.browser("eva").get("/component-names/"))
