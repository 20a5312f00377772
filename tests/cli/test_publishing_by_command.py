"""`asbuilt publisher`, `advisory`, `tip` and `csaf export --published`: the way from a flaw to a folder that any web server shows."""

import json
from pathlib import Path

import pytest
from publishing_floor import BASE, HOST, publisher
from pysequoia import Cert, Sig, verify
from vulnerable_factory import MBEDTLS, secured


@pytest.fixture
def house(actor, load, tmp_path, monkeypatch):
    """Eight boards, four with the flaw; the publisher is said, a key is made."""
    monkeypatch.setenv("ASBUILT_PUBLIC", f"{HOST}=main")
    return secured(actor, load, tmp_path / "security")


def test_from_a_flaw_to_a_signed_folder(house, asbuilt, tmp_path):
    file = tmp_path / "publisher.json"
    file.write_bytes(publisher())
    assert asbuilt("publisher", "show", "--format", "json").document["gaps"] == ["Nobody said who publishes."]
    assert asbuilt("advisory", "draft", "--vulnerability", MBEDTLS).code == 3
    assert asbuilt("publisher", "set", file).code == 0
    assert asbuilt("publisher", "key").code == 0
    drafted = asbuilt("advisory", "draft", "--vulnerability", MBEDTLS, "--format", "json")
    assert drafted.code == 0 and drafted.document["advisory"] == "A-1" and drafted.document["failing"] == []
    assert asbuilt("advisory", "publish", "A-1", "--summary", "First.").code == 4
    described = drafted.document["description"]
    described["title"] = "Mended"
    edited = tmp_path / "edited.json"
    edited.write_text(json.dumps(described))
    assert asbuilt("advisory", "edit", "A-1", edited).code == 0
    anew = asbuilt("advisory", "redraft", "A-1", "--format", "json").document
    assert (anew["description"]["title"], anew["state"], anew["failing"]) == ("Mended", "draft", [])
    assert asbuilt("advisory", "approve", "A-1").code == 0
    assert asbuilt("advisory", "publish", "A-1", "--summary", "First.", "--format", "json").document["version"] == 1
    assert asbuilt("advisory", "list", "--format", "json").document["advisories"][0]["state"] == "published"
    told = asbuilt("publisher", "show", "--format", "json").document
    assert told["gaps"] == [] and told["warnings"] == ["There is no security.txt."] and told["untold"] == []
    folder = tmp_path / "csaf"
    exported = asbuilt("csaf", "export", folder, "--published", "--format", "json")
    assert exported.code == 0 and exported.document["fingerprint"] == told["keys"][0]
    (path,) = (folder / "white/index.txt").read_text().split()
    content = (folder / "white" / path).read_bytes()
    assert json.loads(content)["document"]["title"] == "Mended"
    assert (
        json.loads((folder / "provider-metadata.json").read_bytes())["canonical_url"]
        == f"{BASE}/provider-metadata.json"
    )
    certificate = Cert.from_bytes((folder / f"openpgp/{told['keys'][0]}.asc").read_bytes())
    signature = Sig.from_bytes((folder / "white" / f"{path}.asc").read_bytes())
    assert verify(bytes=content, store=lambda _: [certificate], signature=signature).valid_sigs
    assert asbuilt("csaf", "check", folder / "white" / path).code == 0
    # the folder is that of the app
    from asbuilt.answers.cases.publishing.public import public_file

    for each in exported.document["files"]:
        assert (folder / each).read_bytes() == public_file(house.actor.tenant, each).content, each
    for wrong in ((folder, "--published", "--key", file), (folder,)):
        assert asbuilt("csaf", "export", *wrong).code == 2, wrong


def test_security_txt_is_renewed_and_checked_by_command(house, asbuilt, tmp_path):
    file, text = tmp_path / "publisher.json", tmp_path / "security.txt"
    file.write_bytes(publisher(csirt_key_url=""))
    asbuilt("publisher", "set", file)
    asbuilt("publisher", "key")
    refused = asbuilt("publisher", "security-txt")  # the profile asks for a key of each mail address
    assert refused.code == 4 and "a key for each mail address" in refused.err
    file.write_bytes(publisher())
    asbuilt("publisher", "set", file)
    assert asbuilt("publisher", "security-txt").code == 0
    shown = asbuilt("publisher", "show", "--format", "json").document
    text.write_text(shown["security_txt"]["text"])
    public = tmp_path / "key.asc"
    from asbuilt.answers.cases.publishing.keys import public_keys

    public.write_bytes(public_keys(house.actor.tenant)[0].public)
    assert asbuilt("publisher", "check-security-txt", text, "--key", public).code == 0
    text.write_text(text.read_text().replace("psirt@brand.example", "mallory@brand.example"))
    wrong = asbuilt("publisher", "check-security-txt", text, "--key", public, "--format", "json")
    assert wrong.code == 2 and [one["rule"] for one in wrong.document["findings"]] == ["bsi"]
    assert Path(text).exists()


def test_a_tip_is_read_answered_and_erased_by_command(house, asbuilt, tmp_path):
    import io

    from asbuilt.answers.cases.publishing.actions.taking_tips import Attached, take_tip

    take_tip(house.actor.tenant, words="An overflow.", files=[Attached("a.txt", 3, io.BytesIO(b"abc"))])
    listed = asbuilt("tip", "list", "--format", "json")
    assert listed.document.get("tips", [{}])[0].get("tip") == "TIP-1", listed
    assert json.loads(asbuilt("tip", "show", "TIP-1").out)["sent"]["words"] == "An overflow."
    out = tmp_path / "unopened"
    assert asbuilt("tip", "file", "TIP-1", "1", "--out", out).code == 0 and out.read_bytes() == b"abc"
    assert asbuilt("tip", "answer", "TIP-1", "We look at it.").code == 0
    assert asbuilt("tip", "list", "--format", "json").document["tips"][0]["state"] == "answered"
    assert asbuilt("tip", "erase", "TIP-1").code == 0 and asbuilt("tip", "erase", "TIP-1").code == 0
    assert json.loads(asbuilt("tip", "show", "TIP-1").out)["erased"]
    assert asbuilt("tip", "file", "TIP-1", "1", "--out", tmp_path / "other").code == 4
    assert asbuilt("tip", "show", "TIP-9").code == 3
