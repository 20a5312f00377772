"""`asbuilt vuln`: feeds set, taken, listed, shown; a vulnerability; an own entry."""

import json

import pytest

pytestmark = pytest.mark.once


def test_a_feed_from_setting_to_answer(asbuilt, tmp_path):
    place = tmp_path / "mirror"
    place.mkdir()
    match = {"vulnerable": True, "criteria": "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*", "versionEndExcluding": "2.28.8"}
    cve = {"id": "CVE-2024-28960", "lastModified": "2024-06-01T00:00:00.000", "configurations": [{"nodes": [{"operator": "OR", "cpeMatch": [match]}]}]}  # fmt: skip
    (place / "a.json").write_text(json.dumps({"vulnerabilities": [{"cve": cve}, {"cve": {"id": "no cve"}}]}))
    assert asbuilt("vuln", "feed", "add", "nvd", "--kind", "nvd", "--source", place).code == 0
    taken = asbuilt("vuln", "feed", "take", "nvd", "--format", "json")
    assert (taken.code, taken.document["fresh"], taken.document["broken"]) == (0, 1, 1)
    assert "0 new, 0 changed, 1 as before, 1 broken" in asbuilt("vuln", "feed", "take", "--all").err
    (listed,) = asbuilt("vuln", "feed", "list", "--format", "json").document
    assert (listed["feed"], listed["records"], listed["newest_at"]) == ("nvd", 1, "2024-06-01T00:00:00.000000Z")
    (broken,) = asbuilt("vuln", "feed", "show", "nvd", "--format", "json").document["broken_records"]
    assert broken == {
        "record": "no cve",
        "document": "a.json",
        "place": "vulnerabilities/2 id",
        "reason": "is no CVE id",
    }
    shown = asbuilt("vuln", "show", "cve-2024-28960", "--format", "json").document
    assert shown["advisories"][0]["affected"] == ["affected cpe a:arm:mbed_tls < 2.28.8"]
    assert [age["feed"] for age in shown["feed_ages"]] == ["nvd"]
    silent = asbuilt("vuln", "show", "CVE-2024-9999")
    assert silent.code == 3 and "age of the feeds" in silent.err


def test_an_own_entry(asbuilt, tmp_path):
    (tmp_path / "mail.eml").write_text("From: a@example.org")
    (tmp_path / "entry.json").write_text(
        json.dumps({"title": "Overflow", "affected": [{"maker": "Espressif", "mpn": "ESP32"}]})
    )
    noted = asbuilt("vuln", "note", tmp_path / "entry.json", "--paper", tmp_path / "mail.eml", "--format", "json")
    assert noted.document == {"record": "OWN-1", "vulnerability": "OWN-1", "affected": 1}
    assert asbuilt("vuln", "note", "--id", "OWN-1", "--title", "None after all", "--withdraw").code == 0
    assert asbuilt("vuln", "show", "OWN-1", "--format", "json").document["threat"]["withdrawn"] is True
    wrong = asbuilt("vuln", "note", "--title", "x", "--purl", "nothing")
    assert wrong.code == 2 and "affected/0/purl" in wrong.err


def test_what_is_refused(asbuilt, tmp_path):
    assert asbuilt("vuln", "feed", "take").code == 2
    assert asbuilt("vuln", "feed", "take", "none").code == 3
    assert asbuilt("vuln", "feed", "add", "x", "--kind", "rss").code == 2
    assert asbuilt("vuln", "feed", "add", "x", "--kind", "kev", "--source", "https://example.org/kev.json").code == 4
    (tmp_path / "entry.json").write_text("[1]")
    assert asbuilt("vuln", "note", tmp_path / "entry.json").code == 2


def test_the_file_of_an_own_entry_is_given_with_its_correction(asbuilt, tmp_path):
    """Documented (docs/work/correct.md): the bytes say what an own entry says, so its correction brings them; nothing is recorded where they are wrong."""
    (tmp_path / "entry.json").write_text(json.dumps({"title": "Overflow", "affected": [{"maker": "Espressif", "mpn": "ESP32"}]}))  # fmt: skip
    assert asbuilt("vuln", "note", tmp_path / "entry.json").code == 0
    (row,) = asbuilt("facts", "own_entries", "OWN-1", "--format", "json").document["facts"]
    why = ("--reason", "typed wrong", "--person", "045")
    for wrong, code in ((("--set", "title=Crash"), 2), ((), 2), (("--file", tmp_path / "none.json"), 3)):
        assert asbuilt("correct", row["fact"], *wrong, *why).code == code
    right = {"id": "OWN-1", "modified": row["cells"]["modified_at"], "title": "Crash", "affected": [{"maker": "Espressif", "mpn": "ESP32-S3"}]}  # fmt: skip
    (tmp_path / "right.json").write_text(json.dumps(right))
    done = asbuilt("correct", row["fact"], "--file", tmp_path / "right.json", *why)
    assert done.code == 0, done.err
    shown = asbuilt("vuln", "show", "OWN-1", "--format", "json").document["advisories"]
    assert [(one["title"], one["affected"]) for one in shown] == [
        ("Crash", ["affected part ESPRESSIF/ESP32-S3 versions not said"])
    ]
