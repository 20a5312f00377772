"""Each page has an address of its own, whatever code stands in it: what is written for a page leads to that page."""

import re
from urllib.parse import unquote, urljoin

import pytest
from django.test import RequestFactory
from django.urls import Resolver404, resolve, reverse
from django.urls.converters import IntConverter

from asbuilt.doors.web.addresses import Code, WordBefore
from asbuilt.doors.web.urls import urlpatterns

pytestmark = pytest.mark.once
NASTY = (
    "PNL/3", "a//b", "/", "/a", "a/", ".", "..", "../..", "~", "~1", "~0", "~2", "a~1b", "~01", "WO#17", "S 1", "ä ß", "50%", "%2F", "a?b", "a\\b",
    "WO/new", "BOX/of/1",
)  # fmt: skip


def codes(beside: str):
    """Codes that people may choose, and of each word beside them in addresses the code that it is, begins and ends."""
    yield from NASTY
    for one in urlpatterns:
        first, *words = re.split("[/.]+", re.sub("<[^>]+>", "", str(one.pattern)))
        if first == beside:
            for word in filter(None, words):
                yield from (word, f"X/{word}", f"{word}/X")


def pages():
    """Each page that names something, with what it takes."""
    for one in urlpatterns:
        if one.pattern.converters and one.name not in ("as_before", "public_csaf"):  # what is left; files of ours
            yield one.name, one.pattern.converters, str(one.pattern).partition("/")[0]


@pytest.mark.parametrize(("name", "taken", "beside"), list(pages()), ids=[name for name, *_ in pages()])
def test_a_code_like_a_word_of_ours_has_its_page(name, taken, beside):
    assert {type(one) for one in taken.values()} <= {Code, IntConverter}, "a code is one segment"
    last = list(taken)[-1]
    for code in codes(beside):
        for same in {True, len(taken) == 1}:  # the code in all places, and in the last alone
            said = {
                key: 7 if type(one) is IntConverter else code if same or key == last else "X"
                for key, one in taken.items()
            }
            address = reverse(name, kwargs=said)
            there = resolve(_as_sent(address))
            assert (there.url_name, there.kwargs) == (name, said), address


def _as_sent(address: str) -> str:
    """The path as Django gets it: a browser resolves dots, the server decodes what is quoted."""
    return unquote(urljoin("http://here/", address).removeprefix("http://here"))


def test_a_word_of_ours_is_no_code():
    """Pages without a code are found by their own words."""
    for one in urlpatterns:
        if not one.pattern.converters:
            assert resolve("/" + str(one.pattern)).url_name == one.name


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/unit/PNL/3/", "/unit/PNL~13/"),
        ("/packing/BOX 1/", "/container/BOX%201/"),
        ("/order/WO/2027/7/", "/order/WO~12027~17/"),
        ("/vulnerability/A/1/", "/vulnerability/A~11/"),
    ],
)
def test_an_address_of_before_leads_on(old, new):
    there = resolve(old)
    assert there.url_name == "as_before"
    assert there.func(RequestFactory().get(old, {"at": "C1"}), **there.kwargs)["Location"] == new + "?at=C1"


def test_all_old_words_have_a_page():
    for word in WordBefore.regex.split("|"):
        assert resolve(f"/{word}/a/b/").url_name == "as_before"
    with pytest.raises(Resolver404):
        resolve("/nothing/a/b/")
