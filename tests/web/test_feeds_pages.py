"""Feeds, a feed, a vulnerability on their pages: age and what is broken are said in words, forms record what they say."""

import json
import re
from html import unescape

import pytest
from cast import cast_home, entered, pages  # noqa: F401
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.once

KEV = json.dumps(
    {
        "vulnerabilities": [
            {"cveID": "CVE-2024-1111", "vulnerabilityName": "Bad", "dateAdded": "2024-01-01"},
            {"cveID": "x"},
        ]
    }
).encode()


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def cara(cast_home, tmp_path):  # noqa: F811
    place, cast = cast_home
    with entered(place, tmp_path / "cast"), pages():
        yield cast.browser("cara"), cast


def test_from_setting_to_vulnerability(cara):
    browser, cast = cara
    assert "No feed is set." in text(browser.get("/feeds/"))
    assert browser.post("/feeds/", {"name": "kev", "kind": "kev"})["Location"] == "/feeds/kev/"
    assert "never" in text(browser.get("/feeds/")) and "Never taken." in text(browser.get("/feeds/kev/"))
    taken = browser.post("/feeds/kev/takes/", {"file": SimpleUploadedFile("kev.json", KEV)})
    assert "1 new, 0 changed, 0 as before, 1 broken." in text(taken) and "is no CVE id" in text(taken)
    assert "Exploited since 1 Jan 2024" in text(browser.get("/vulnerability/CVE-2024-1111/"))
    assert browser.get("/vulnerability/CVE-2024-9999/").status_code == 404
    # who may read and not take sees no form
    assert "Add a feed" not in text(cast.browser("eva").get("/feeds/"))


def test_a_form_with_something_wrong_comes_back(cara):
    browser, _ = cara
    wrong = browser.post("/feeds/", {"name": "Not Good", "kind": "kev"})
    assert wrong.status_code == 422 and 'value="Not Good"' in wrong.content.decode()
    noted = browser.post("/vulnerability-note/", {"title": "Overflow", "purl": "pkg:generic/lwip", "versions": "<2.2"})
    assert noted["Location"] == "/vulnerability/OWN-1/"
    assert "affected pkg:generic/lwip < 2.2" in text(browser.get("/vulnerability/OWN-1/"))
    wrong = browser.post("/vulnerability-note/", {"title": "Overflow", "purl": "nothing"})
    assert wrong.status_code == 422 and "affected/0/purl" in text(wrong)


def test_one_record_by_hand_is_called_a_part_until_somebody_says_it_is_all(cara):
    browser, _ = cara
    browser.post("/feeds/", {"name": "osv", "kind": "osv"})

    def upload(*ids: str, **more) -> str:
        content = "\n".join(json.dumps({"id": one}) for one in ids).encode()
        return text(browser.post("/feeds/osv/takes/", {"file": SimpleUploadedFile("o.jsonl", content), **more}))

    assert "every record that stands" in upload("OSV-1", "OSV-2")
    assert "a part alone since" not in text(browser.get("/feeds/"))
    said = upload("OSV-3")
    assert "It is a part of the 3 records that stand: the feed is as old as before." in said
    assert "since it was read as a whole a part alone was taken" in said
    assert "a part alone since" in text(browser.get("/feeds/"))
    said = upload("OSV-3", whole="1")
    assert "all of it, as was said" in said and "a part alone" not in text(browser.get("/feeds/"))
