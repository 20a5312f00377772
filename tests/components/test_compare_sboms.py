"""Two SBOMs compared: what came, went, changed; the tree of one; where a component is used."""

import pytest
from components.conftest import LWIP, MBEDTLS, cyclonedx

from asbuilt.designed.components import telling
from asbuilt.designed.components.tree import tree
from asbuilt.kernel.errors import NotFound


def names(rows: list[dict]) -> list[tuple[str, str]]:
    return [(one["name"], one["version"]) for one in rows]


def test_a_new_version_is_a_change_and_not_one_gone_and_one_come(add, actor):
    add(cyclonedx(MBEDTLS, LWIP, {"name": "zlib", "version": "1.3"}))
    newer = {**MBEDTLS, "version": "3.6.0", "purl": "pkg:generic/mbedtls@3.6.0"}
    made = add(cyclonedx(newer, LWIP, {"name": "cJSON", "version": "1.7"}))
    found = telling.difference_seen(actor, made.ulid)
    assert names(found["added"]) == [("cJSON", "1.7")] and names(found["removed"]) == [("zlib", "1.3")]
    (changed,) = found["changed"]
    assert (changed["before"]["version"], changed["after"]["version"]) == ("2.28.7", "3.6.0")
    assert changed["what"] == ["version", "purl"] and found["same"] == 1


def test_two_versions_of_one_component_are_paired_by_version(add, actor):
    both = [{"bom-ref": v, "name": "lwip", "version": v, "purl": f"pkg:generic/lwip@{v}"} for v in ("2.1.2", "2.1.3")]
    add(cyclonedx(*both))
    made = add(cyclonedx(both[1], {**both[0], "version": "2.2.0", "purl": "pkg:generic/lwip@2.2.0"}))
    found = telling.difference_seen(actor, made.ulid)
    assert found["same"] == 1 and not found["added"] and not found["removed"]
    assert found["changed"][0]["before"]["version"] == "2.1.2"


def test_a_component_that_got_a_purl_is_the_same_one(add, actor):
    add(cyclonedx({"name": "MbedTLS", "version": "2.28.7"}))
    made = add(cyclonedx(MBEDTLS))
    (changed,) = telling.difference_seen(actor, made.ulid)["changed"]
    assert changed["what"] == ["purl"]


def test_licences_and_hashes_that_differ_are_named(add, actor):
    first = {**MBEDTLS, "licenses": [{"license": {"id": "MIT"}}], "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}
    second = {
        **first,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": "cd" * 32}],
    }
    add(cyclonedx(first))
    (changed,) = telling.difference_seen(actor, add(cyclonedx(second)).ulid)["changed"]
    assert changed["what"] == ["licences", "hashes"]


def test_sboms_of_two_releases_are_compared(add, actor):
    first = add(cyclonedx(MBEDTLS))
    second = add(cyclonedx(LWIP), product="WIDGET", version="2.4.0")
    found = telling.difference_seen(actor, second.ulid, first.ulid)
    assert names(found["added"]) == [("lwIP", "2.1.3")] and names(found["removed"]) == [("mbedtls", "2.28.7")]


def test_the_first_one_has_nothing_before_it(add, actor):
    with pytest.raises(NotFound) as refused:
        telling.difference_seen(actor, add(cyclonedx(MBEDTLS)).ulid)
    assert refused.value.code == "components.no_earlier_sbom"


def test_a_tree_shows_each_component_once_whatever_leads_to_it():
    # 0 needs 1 and 2, both need 3, 3 needs 0 again; 4 is inside 2; 5 stands alone, 6 and 7 need each other
    parents = [(0, -1), (1, -1), (2, -1), (3, -1), (4, 2), (5, -1), (6, -1), (7, -1)]
    edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 0), (6, 7), (7, 6), (5, 5)]
    assert tree(parents, edges) == [(5, 0), (0, 0), (1, 1), (3, 2), (2, 1), (4, 2), (6, 0), (7, 1)]


def test_a_chain_of_a_hundred_thousand_is_no_deeper_than_a_list():
    found = tree([(n, -1) for n in range(100_000)], [(n, n + 1) for n in range(99_999)])
    assert found[-1] == (99_999, 99_999)


def test_where_a_component_is_used(add, actor):
    add(cyclonedx(MBEDTLS, LWIP))
    add(
        cyclonedx({**MBEDTLS, "version": "3.6.0", "purl": "pkg:generic/mbedtls@3.6.0"}),
        product="WIDGET",
        version="2.4.0",
    )
    add(cyclonedx({"name": "libmbed", "version": "2.28.7", "purl": "pkg:generic/mbedtls@2.28.7"}), part="MOD", lot="L7")
    found = telling.where_used(actor, "MbedTLS")
    assert found["exact"]
    assert [(one["name"], one["version"], [place["of"] for place in one["places"]]) for one in found["components"]] == [
        ("libmbed", "2.28.7", ["MOD lot L7"]),
        ("mbedtls", "2.28.7", ["WIDGET app 2.3.1"]),
        ("mbedtls", "3.6.0", ["WIDGET app 2.4.0"]),
    ]


@pytest.mark.parametrize("typed, hits", [("mbed", 1), ("MBED", 1), ("%", 0), ("_bedtls", 0), ("\\", 0), ("tls", 0)])
def test_a_beginning_finds_what_begins_so(add, actor, typed, hits):
    add(cyclonedx(MBEDTLS, LWIP))
    found = telling.where_used(actor, typed)
    assert not found["exact"] and len(found["components"]) == hits


def test_what_was_superseded_is_not_used_any_more(add, actor):
    add(cyclonedx(MBEDTLS))
    add(cyclonedx(LWIP))
    assert telling.where_used(actor, "mbedtls")["components"] == []


def test_a_search_that_was_cut_off_says_so_whatever_of_it_is_in_use(add, actor, monkeypatch):
    """Four begin with mbed, two of them only in an SBOM that was superseded. Three are looked at: one of them is in use, and there are more."""
    monkeypatch.setattr(telling, "FOUND_MAX", 3)
    old, new = (
        [{"name": f"mbed-{n}", "version": "1"} for n in (1, 2)],
        [{"name": f"mbed-{n}", "version": "1"} for n in (3, 4)],
    )
    add(cyclonedx(*old))
    add(cyclonedx(*new))
    found = telling.where_used(actor, "mbed")
    assert ([one["name"] for one in found["components"]], found["more"]) == (["mbed-3"], True)
    monkeypatch.setattr(telling, "FOUND_MAX", 4)
    found = telling.where_used(actor, "mbed")
    assert ([one["name"] for one in found["components"]], found["more"]) == (["mbed-3", "mbed-4"], False)
