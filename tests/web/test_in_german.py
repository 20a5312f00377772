"""Pages in German: numbers, gaps and notes are German too, so that 1.249 is not read as a little more than one."""

import pytest
from boards_and_boxes import tables

pytestmark = pytest.mark.once

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


def test_a_thousand_has_the_mark_of_the_language():
    from django.utils.translation import override

    from asbuilt.doors.web.marks import three, three_short
    from asbuilt.doors.web.words import count, megabytes

    counts = {"certain": 12490, "possible": 1001, "unrecorded": 0}
    with override("de"):
        assert (count(15001), megabytes(2_450_000)) == ("15.001", "2,5 MB")
        assert three(counts) == "12.490 + 1.001 möglich" and three_short(counts) == "12.490 + 1.001"
    with override("en"):
        assert (count(15001), megabytes(2_450_000)) == ("15,001", "2.5 MB")
        assert three_short(counts) == "12,490 + 1,001"


def test_gaps_and_notes_are_said_in_the_language_of_the_page(signed_in, load):
    load(tables())
    one = signed_in("engineer")
    page = one.get("/", {"q": "lot:LB"}, **GERMAN).content.decode()
    assert "kein sicherer Materiallauf" in page and "no certain material run" not in page
    frozen = one.send("/answers/", {"question": "lot:LB"}, **GERMAN)
    kept = one.get(frozen["Location"], **GERMAN).content.decode()
    assert "no certain material run" in kept, "a frozen answer is the same in every language"


def test_refusals_are_said_in_german_too(signed_in, browser, load):
    load(tables())
    one = signed_in("engineer")
    assert "Ihre Rolle erlaubt das nicht." in one.get("/people/", **GERMAN).content.decode()
    unknown = one.get("/", {"q": "lot:LAB"}, **GERMAN).content.decode()
    assert "Nicht bekannt: Los LAB." in unknown and "Meinten Sie LA oder LB?" in unknown
    wrong = browser().send("/sign-in/", {"login": "ada", "password": "no", "company": "main"}, **GERMAN)
    assert "Anmeldename oder Passwort ist falsch." in wrong.content.decode()
