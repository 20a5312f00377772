"""SBOMs, SBOM, what changed, Components: the pages, their forms, who sees them, in English and German."""

import json
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.once


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


def sbom(*components: tuple[str, str], **more) -> SimpleUploadedFile:
    listed = [{"type": "library", "bom-ref": name, "name": name, "version": version} for name, version in components]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": listed, **more}
    return SimpleUploadedFile("from <maker>.json", json.dumps(document).encode())


@pytest.fixture
def product(load):
    load(
        {
            "parts": [{"part": "R", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}],
            "bom": [{"product": "MB", "revision": "A", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}],
        }
    )  # fmt: skip


def added(client, file) -> str:
    answer = client.send("/sboms/", {"product": "MB", "revision": "A", "file": file})
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_an_sbom_on_the_pages(product, signed_in):
    eva = signed_in("engineer")
    page = text(eva.get("/sboms/"))
    assert "MB revision A" in page and "No SBOM was added." in page
    edges = [{"ref": "app", "dependsOn": ["tls"]}]
    here = added(eva, sbom(("app", "1"), ("tls", "2.28.7"), dependencies=edges))
    page = text(eva.get(here))
    assert "in force" in page and "level 1: tls" in page and "1 to 2 of 2" in page and "not said 2" in page
    assert "Each release and each hardware revision has one." in text(eva.get("/sboms/"))
    newer = added(eva, sbom(("app", "1"), ("tls", "3.6.0"), ("lwip", "2")))
    page = text(eva.get(newer))
    assert "Came 1" in page and "Changed 1" in page and "The same 1" in page
    page = text(eva.get(newer + "difference/"))
    assert "tls 2.28.7 3.6.0 version" in page and "lwip 2" in page
    assert "A later SBOM is in force." in text(eva.get(here))
    page = text(eva.get("/components/?name=TLS"))
    assert "3.6.0" in page and "MB revision A" in page and "2.28.7" not in page
    assert "No SBOM in force lists a component called <b>." in text(eva.get("/components/?name=<b>"))


def test_the_file_comes_back_as_it_came(product, signed_in):
    eva, anna = signed_in("engineer"), signed_in("operator")
    here = added(eva, sbom(("app", "1")))
    answer = eva.get(here + "file/")
    assert answer.content == sbom(("app", "1")).read()
    assert answer["Content-Type"] == "application/octet-stream" and answer["Content-Disposition"].startswith(
        "attachment"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert anna.get(here).status_code == 200 and anna.get(here + "file/").status_code == 403


def test_a_refused_file_shows_its_places_and_keeps_what_was_typed(product, signed_in):
    eva = signed_in("engineer")
    listed = [{"type": "library"}, {"type": "library", "name": "x", "hashes": [{"alg": "MD5", "content": "zz"}]}]
    answer = eva.send("/sboms/", {"product": "MB", "revision": "A", "file": sbom(components=listed)})
    page = answer.content.decode()
    assert answer.status_code == 422 and "/components/0" in page and "/components/1/hashes/0/content" in page
    assert 'value="MB"' in page and "sbom.not_by_the_schema" in page
    answer = eva.send("/sboms/", {"product": "MB", "revision": "A"})
    assert answer.status_code == 422 and "web.sbom_missing" in answer.content.decode()


def test_names_of_components_are_text_and_nothing_else(product, signed_in):
    eva = signed_in("engineer")
    here = added(eva, sbom(("<script>alert(1)</script>", "1"), ("javascript:x", "<img>")))
    page = eva.get(here).content.decode()
    assert "<script>alert" not in page and "<img>" not in page and "&lt;script&gt;" in page


def test_a_profile_is_shown_field_by_field(product, signed_in):
    eva = signed_in("engineer")
    here = added(eva, sbom(("app", "1")))
    assert "field by field" not in text(eva.get(here))
    page = text(eva.get(here + "?profile=ntia-2021"))
    assert "field by field, no verdict over them" in page and "NTIA" in page
    assert eva.get(here + "?profile=nobody-2020").status_code == 404


def test_more_than_a_page_is_walked(product, signed_in):
    eva = signed_in("engineer")
    here = added(eva, sbom(*((f"c{n:03}", "1") for n in range(450))))
    assert "1 to 200 of 450" in text(eva.get(here))
    page = text(eva.get(here + "?from=400"))
    assert "401 to 450 of 450" in page and "c449" in page and "c399" not in page
    assert eva.get(here + "?from=x").status_code == 200 and eva.get(here + "?from=9999999").status_code == 200


def test_in_german(product, signed_in):
    eva = signed_in("engineer")
    here = added(eva, sbom(("app", "1"), vulnerabilities=[{"id": "CVE-2024-1"}]))
    german = {"HTTP_ACCEPT_LANGUAGE": "de"}
    page = text(eva.get(here, **german))
    assert "gültig" in page and "Lizenzen" in page and "Die Datei führt 1 Schwachstelleneintrag" in page
    assert "Wo wird eine Komponente verwendet" in text(eva.get("/sboms/", **german))
