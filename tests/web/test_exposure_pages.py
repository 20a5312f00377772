"""The pages of product security: what is open, the path of one vulnerability as a picture with its table, deciding on the page, what changed."""

import pytest
from vulnerable_factory import MBEDTLS, Security, secured


@pytest.fixture
def client(actor, load, tmp_path, signed_in):
    """A person of product security, signed in, over eight boards of which four are exposed."""
    secured(actor, load, tmp_path / "security")
    return signed_in("psirt")


def test_from_the_inbox_to_a_decision(client):
    page = client.get("/vulnerabilities/").content.decode()
    assert MBEDTLS in page and "mbedtls 2.28.7" in page and "Feed osv: taken" in page
    page = client.get(f"/exposure/{MBEDTLS}/").content.decode()
    for said in ("<svg", "Shop X, DE", "board app 1.0.0", "mbedtls 2.28.7", "2.28.8", "Remediated: 0"):
        assert said in page, said
    assert "style=" not in page and "onclick" not in page
    wrong = client.send(
        f"/exposure/{MBEDTLS}/decisions/", {"status": "not_affected", "product": "board", "version": "1.0.0"}
    )
    assert wrong.status_code == 422 and "vulnerability.decision_lacks" in wrong.content.decode()
    said = {"status": "not_affected", "product": "board", "version": "1.0.0", "justification": "component_not_present"}
    assert client.send(f"/exposure/{MBEDTLS}/decisions/", said).status_code == 302
    page = client.get(f"/exposure/{MBEDTLS}/").content.decode()
    assert "VEX-1" in page and "closes it" in page
    assert "Nothing is open." in client.get("/vulnerabilities/").content.decode()
    assert "board 1.0.0: not affected (VEX-1)" in client.get("/changes/").content.decode()
    assert client.get("/vex/board/csaf/").json()["document"]["category"] == "csaf_vex"


def test_a_waiver_is_proposed_and_shown(client):
    said = {
        "vulnerability": MBEDTLS,
        "product": "board",
        "version": "1.0.0",
        "reason": "closed network",
        "until_at": "2099-01-01T00:00:00Z",
    }
    there = client.send("/waivers/", said)
    assert there.status_code == 302 and there["Location"] == "/waivers/WVR-1/"
    page = client.get("/waivers/WVR-1/").content.decode()
    assert "closed network" in page and "Brand Owner is the manufacturer of board and has not agreed." in page
    own = client.send("/waivers/WVR-1/agreements/", {"reason": ""})
    assert own.status_code == 409 and "quality.approval_second_person" in own.content.decode()
    own = client.send("/waivers/WVR-1/agreements/", {"reason": "no net", "party": "NOBODY"}).content.decode()
    assert 'value="no net"' in own and 'value="NOBODY"' in own


def test_terms_are_completed_with_names(client, actor):
    from asbuilt.questions.genealogy.answering.completion import complete

    assert [(one.text, one.hint) for one in complete(actor, "cve:CVE-2024", 12)] == [(MBEDTLS, "Flaw in mbedtls")]
    assert [one.text for one in complete(actor, "component:m", 11)] == ["mbedtls"]


def test_what_is_proposed_is_shown_and_confirmed_on_the_page(client, actor):
    """mbedtls 2.28.7 of board 1.0.0, by its own SBOM with a backport: one button, with scope and source filled in."""
    import json
    import re

    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    patch = {"patches": [{"type": "backport", "resolves": [{"type": "security", "id": MBEDTLS}]}]}
    one = {
        "type": "library",
        "name": "mbedtls",
        "version": "2.28.7",
        "purl": "pkg:generic/mbedtls@2.28.7",
        "pedigree": patch,
    }
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3, "components": [one]}
    made = add_sbom(
        actor, binding=Binding("board", "", "1.0.0"), content=json.dumps(document).encode(), file_name="s.json"
    )
    assert "1 proposed" in client.get("/vulnerabilities/").content.decode()
    page = client.get(f"/exposure/{MBEDTLS}/").content.decode()
    assert "said by the SBOM" in page and "Decide: board 1.0.0 is fixed" in page
    form = next(part for part in page.split("<form")[1:] if "Decide: board 1.0.0" in part)
    said = dict(
        re.findall(
            r'name="(status|justification|impact|source|product|role|version|revision|part)" value="([^"]*)"', form
        )
    )
    assert said["source"].startswith(f"sbom/{made.ulid}#") and said["version"] == "1.0.0"
    assert client.send(f"/exposure/{MBEDTLS}/decisions/", said).status_code == 302
    assert "Nothing is open." in client.get("/vulnerabilities/").content.decode()


def test_ways_and_countries_show_all_three_numbers(client, actor):
    """Pieces that nobody can tell apart: the page said that no country has one."""
    import re

    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    noted = note(
        actor,
        record={"title": "Radio leaks", "affected": [{"maker": "Acme", "mpn": "AX-1", "silicon_revisions": ["<3"]}]},
    )
    catch_up(actor)
    page = client.get(f"/exposure/{noted.vulnerability}/").content.decode()
    ways, countries = (
        page.split('id="h-lands"')[0].rpartition("<thead>")[2],
        page.split('id="h-lands"')[1].partition("</section>")[0],
    )
    assert re.findall(r"<td[^>]*>([0-9,]+)</td>", ways) == ["0", "0", "8"]
    assert re.findall(r'<th scope="row">(..)</th>', countries) == ["DE", "US"]
    assert re.findall(r"<td[^>]*>([0-9,]+)</td>", countries) == ["0", "0", "2", "0", "0", "1"]


@pytest.mark.parametrize("status", ["not_affected", "affected"])
def test_what_the_maker_of_a_release_says_is_confirmed_on_the_page(client, actor, tmp_path, status):
    """Its VEX of CycloneDX, whose justifications are others than a decision's; the form was refused."""
    import re
    from html import unescape

    from asbuilt.designed.firmware.queries import standing_release
    from asbuilt.designed.vulnerability.deciding.decisions import decisions

    image = standing_release(actor.tenant, "board", "app", "1.0.0").sha256.hex()
    main = {
        "type": "firmware",
        "bom-ref": "f",
        "name": "fw",
        "version": "1",
        "hashes": [{"alg": "SHA-256", "content": image}],
    }
    analysis = {
        "not_affected": {"state": "not_affected", "justification": "code_not_reachable"},
        "affected": {"state": "exploitable"},
    }[status]
    said = {"id": MBEDTLS, "analysis": analysis, "recommendation": "Take 1.1.0.", "affects": [{"ref": "f"}]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "components": [main],
        "vulnerabilities": [said],
    }
    (tmp_path / "more").mkdir()
    Security(actor, tmp_path / "more").feed(document, name="maker", kind="cyclonedx")
    page = client.get(f"/exposure/{MBEDTLS}/").content.decode()
    (form,) = re.findall(r"<summary>Confirm it</summary>(.*?)</form>", page, re.DOTALL)
    fields = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    assert client.send(f"/exposure/{MBEDTLS}/decisions/", fields).status_code == 302
    (made,) = decisions(actor.tenant)
    assert (made.scope.words, made.status, made.source.partition("/")[0]) == ("board 1.0.0", status, "maker")
