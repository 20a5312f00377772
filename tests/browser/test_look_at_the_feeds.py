"""Feeds, a feed and a vulnerability in a real browser, 390 and 1280 wide: axe finds nothing, nothing overflows; an entry by keyboard."""

import json

import pytest
from test_look_at_the_pages import PASSWORD, PATIENCE_MS, chromium, faults, served  # noqa: F401


@pytest.fixture
def psirt(served, chromium, home):  # noqa: F811
    """A page of somebody of product security."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Cara Sec", roles=["psirt"])
    accept_link(link, name="Cara Sec", login="cara", password=PASSWORD)
    context = chromium.new_context(base_url=served)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("#login", "cara")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{served}/")
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
