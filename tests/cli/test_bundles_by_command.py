"""`asbuilt vuln feed bundle|take-bundle|trust|distrust|keys|propose`, from one home into another."""

import json
import os

import pytest

pytestmark = pytest.mark.once


def test_from_one_machine_to_another(asbuilt, tmp_path, monkeypatch):
    place = tmp_path / "mirror"
    place.mkdir()
    (place / "a.json").write_text(json.dumps({"id": "OSV-1", "summary": "Bad"}))
    assert asbuilt("vuln", "feed", "add", "osv", "--kind", "osv", "--source", place).code == 0
    assert asbuilt("vuln", "feed", "add", "kev", "--kind", "kev").code == 0
    made = asbuilt("vuln", "feed", "bundle", tmp_path / "b.zip", "--format", "json").document
    assert [one["feed"] for one in made["feeds"]] == ["osv"] and made["left_out"] == ["kev"]
    assert "kev has no source and stayed out." in asbuilt("vuln", "feed", "bundle", tmp_path / "c.zip").err
    assert asbuilt("vuln", "feed", "bundle", tmp_path / "d.zip", "--since", "yesterday").code == 2
    assert not (tmp_path / "d.zip").exists()
    # a key is a key: here the house's own, which it does not trust either before a person says so
    refused = asbuilt("vuln", "feed", "take-bundle", tmp_path / "b.zip")
    assert refused.code == 4 and "nobody trusted" in refused.err
    (keys,) = (file for file in (os.scandir(os.environ["ASBUILT_KEYS"])) if file.is_dir())
    public = os.path.join(keys.path, "public.keys")
    said = asbuilt(
        "vuln", "feed", "trust", public, "--fingerprint", made["key"], "--name", "Office", "--format", "json"
    )
    assert (said.code, said.document["form"], said.document["closed"]) == (0, "house", False)
    taken = asbuilt("vuln", "feed", "take-bundle", tmp_path / "b.zip", "--format", "json").document
    assert (
        taken["feeds"][0]["taken"]["fresh"] == 1 and taken["feeds"][0]["fetched_at"] == made["feeds"][0]["fetched_at"]
    )
    assert "osv: passed over, as new a one was taken." in asbuilt("vuln", "feed", "take-bundle", tmp_path / "b.zip").err
    (row,) = asbuilt("vuln", "feed", "keys", "--format", "json").document
    assert row["fingerprint"] == made["key"].upper()
    assert asbuilt("vuln", "feed", "distrust", made["key"]).code == 0
    assert "no more" in asbuilt("vuln", "feed", "keys").out
    assert asbuilt("vuln", "feed", "take-bundle", tmp_path / "c.zip").code == 4


def test_what_a_provider_names(asbuilt, tmp_path):
    said = {"public_openpgp_keys": [{"fingerprint": "AB" * 20, "url": "https://example.org/k.asc"}]}
    (tmp_path / "m.json").write_text(json.dumps(said))
    assert "AB" * 20 in asbuilt("vuln", "feed", "propose", tmp_path / "m.json").out
