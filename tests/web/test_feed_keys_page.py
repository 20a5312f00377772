"""Keys of feeds on their page, and a bundle through the form on Feeds: trusted, taken in, no more trusted, refusals that come back."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from web.test_feeds_pages import cara, cast_home, text  # noqa: F401

pytestmark = pytest.mark.once


def test_a_bundle_from_trust_to_answer(cara, tmp_path):  # noqa: F811
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.designed.vulnerability.feeds.bundling import make_bundle
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.ledger import keyring, origins

    browser, cast = cara
    house = local_system(open_tenant("office", "Office").number)
    (tmp_path / "a.json").write_text(json.dumps({"id": "OSV-1", "summary": "Bad"}))
    set_feed(house, name="osv", kind="osv", source=str(tmp_path / "a.json"))
    make_bundle(house, tmp_path / "b.zip")
    origin = origins.origin(house.tenant)
    key, public = keyring.record_public(origin).key_id.upper(), keyring.public_keys(origin).encode()

    def bundle():
        return browser.post(
            "/feed-bundles/", {"bundle": SimpleUploadedFile("b.zip", (tmp_path / "b.zip").read_bytes())}
        )

    assert "No key is trusted." in text(browser.get("/feed-keys/"))
    assert bundle().status_code == 409
    wrong = browser.post("/feed-keys/", {"fingerprint": "A" * 16, "key": SimpleUploadedFile("public.keys", public)})
    assert wrong.status_code == 409 and f'value="{"A" * 16}"' in wrong.content.decode()
    said = {"act": "trust", "fingerprint": key, "name": "Office", "key": SimpleUploadedFile("public.keys", public)}
    assert browser.post("/feed-keys/", said)["Location"] == "/feed-keys/"
    assert f"{key} bundles Office trusted" in text(browser.get("/feed-keys/"))
    assert "1 new, 0 changed, 0 as before, 0 broken." in text(bundle())
    assert "Passed over: as new a one was taken." in text(bundle())
    assert browser.post("/feed-bundles/", {}).status_code == 422
    browser.post("/feed-keys/", {"act": "distrust", "fingerprint": key})
    assert "counts no more" in text(browser.get("/feed-keys/")) and bundle().status_code == 409
    page = text(cast.browser("eva").get("/feed-keys/"))
    assert key in page and "Trust a key" not in page


def test_what_a_provider_names(cara):  # noqa: F811
    browser, _ = cara
    said = {"public_openpgp_keys": [{"fingerprint": "AB" * 20, "url": "https://example.org/k.asc"}]}
    metadata = SimpleUploadedFile("m.json", json.dumps(said).encode())
    assert "AB" * 20 in text(browser.post("/feed-keys/", {"act": "propose", "metadata": metadata}))
    assert browser.post("/feed-keys/", {"act": "propose"}).status_code == 422
