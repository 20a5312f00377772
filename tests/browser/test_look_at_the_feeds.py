"""Feeds, a feed and a vulnerability in a real browser, 390 and 1280 wide: axe finds nothing, nothing overflows; an entry by keyboard."""

import json

import pytest
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401


@pytest.fixture
def psirt(served, chromium, home):  # noqa: F811
    """A page of somebody of product security."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Cara Sec", roles=["psirt"])
    accept_link(link, name="Cara Sec", login="cara", password=PASSWORD)
    context, page = signed_in(chromium, served, "cara")
    yield page
    context.close()


def test_axe_finds_nothing_and_an_entry_is_made_by_keyboard(psirt, actor, tmp_path):
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed

    said, found = [], []
    psirt.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    psirt.goto("/feeds/")
    found += faults(psirt)
    match = {"vulnerable": True, "criteria": "cpe:2.3:a:a_vendor_with_a_very_long_name_indeed:a_product_with_a_very_long_name_indeed_too:*:*:*:*:*:*:*:*", "versionEndExcluding": "2.28.8"}  # fmt: skip
    metric = {
        "source": "x",
        "cvssData": {
            "version": "3.1",
            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "baseScore": 9.8,
        },
    }
    cve = {"id": "CVE-2024-28960", "descriptions": [{"lang": "en", "value": "Text " * 200}], "metrics": {"cvssMetricV31": [metric]},
           "configurations": [{"nodes": [{"operator": "OR", "cpeMatch": [match]}]}], "references": [{"url": "https://example.org/" + "x" * 120}]}  # fmt: skip
    (tmp_path / "nvd.json").write_text(json.dumps([{"cve": cve}, {"cve": {"id": "x" * 100}}]))
    set_feed(actor, name="nvd", kind="nvd", source=str(tmp_path / "nvd.json"))
    set_feed(actor, name="osv", kind="osv")
    take_feed(actor, "nvd")
    for page in ("/feeds/", "/feeds/nvd/", "/feeds/osv/", "/vulnerability/CVE-2024-28960/"):
        psirt.goto(page)
        found += faults(psirt)
    assert (found, said) == ([], [])
    psirt.goto("/feeds/")
    psirt.get_by_text("Enter what reached us otherwise").focus()
    psirt.keyboard.press("Enter")
    psirt.get_by_label("What it is").focus()
    psirt.keyboard.type("Overflow")
    psirt.get_by_label("Affected package URL").focus()
    psirt.keyboard.type("pkg:generic/lwip")
    psirt.keyboard.press("Enter")
    psirt.wait_for_url("**/vulnerability/OWN-1/")
    assert "affected pkg:generic/lwip versions not said" in psirt.inner_text("main")


def test_a_key_is_trusted_and_a_bundle_taken_in_by_forms(psirt, tmp_path):
    """The page of keys with and without rows, what a provider proposes, the answer to a bundle: axe, 390 and 1280 wide."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.designed.vulnerability.feeds.bundling import make_bundle
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.ledger import keyring, origins

    office = local_system(open_tenant("office", "Office").number)
    (tmp_path / "a.json").write_text(json.dumps({"id": "OSV-1", "summary": "Bad"}))
    set_feed(
        office, name="osv-with-a-rather-long-name-for-a-narrow-screen", kind="osv", source=str(tmp_path / "a.json")
    )
    make_bundle(office, tmp_path / "b.zip")
    origin = origins.origin(office.tenant)
    (tmp_path / "public.keys").write_text(keyring.public_keys(origin))
    named = {"public_openpgp_keys": [{"fingerprint": "AB" * 32, "url": "https://example.org/" + "x" * 120}]}
    (tmp_path / "provider-metadata.json").write_text(json.dumps(named))
    said = []
    psirt.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    psirt.goto("/feed-keys/")
    found = faults(psirt)
    psirt.get_by_label("Public key").set_input_files(tmp_path / "public.keys")
    psirt.get_by_label("Fingerprint").fill(keyring.record_public(origin).key_id)
    psirt.get_by_label("Whose it is").fill("Office with a long name " * 6)
    psirt.get_by_label("Whose it is").press("Enter")
    psirt.get_by_role("button", name="Trust").first.wait_for()
    found += faults(psirt)
    psirt.get_by_text("What a provider names").click()
    psirt.get_by_label("provider-metadata.json of CSAF").set_input_files(tmp_path / "provider-metadata.json")
    psirt.get_by_role("button", name="Show its keys").click()
    psirt.get_by_text("It proves nothing").wait_for()
    found += faults(psirt)
    psirt.goto("/feeds/")
    psirt.get_by_text("Take in a bundle").click()
    psirt.get_by_label("Bundle of a connected machine").set_input_files(tmp_path / "b.zip")
    psirt.get_by_role("button", name="Take it in").click()
    psirt.get_by_text("1 new, 0 changed, 0 as before, 0 broken.").wait_for()
    found += faults(psirt)
    assert (found, said) == ([], [])
