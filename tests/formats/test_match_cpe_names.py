"""CPE 2.3 names are read and compared as NISTIR 7695 and 7696 say."""

import pytest

from asbuilt.formats.matching.cpe_names import Relation, compare_names, compare_values, read_cpe

EQUAL, SUPERSET, SUBSET, DISJOINT, UNDEFINED = (
    Relation.EQUAL, Relation.SUPERSET, Relation.SUBSET, Relation.DISJOINT, Relation.UNDEFINED,
)  # fmt: skip


# NISTIR 7696, table 6-2: the seventeen rows, source and target
@pytest.mark.parametrize(
    "source, target, relation",
    [
        ("*", "*", EQUAL),
        ("*", "-", SUPERSET),
        ("*", "i", SUPERSET),
        ("*", "m?", UNDEFINED),
        ("-", "*", SUBSET),
        ("-", "-", EQUAL),
        ("-", "i", DISJOINT),
        ("-", "m?", UNDEFINED),
        ("i", "i", EQUAL),
        ("i", "k", DISJOINT),
        ("i", "m?", UNDEFINED),
        ("i", "-", DISJOINT),
        ("i", "*", SUBSET),
        ("m*", "mx", SUPERSET),
        ("m*", "nx", DISJOINT),
        ("m*", "*", SUBSET),
        ("m*", "-", DISJOINT),
        ("m*", "m?", UNDEFINED),
    ],
)
def test_each_row_of_the_attribute_table(source, target, relation):
    assert compare_values(source, target) is relation


@pytest.mark.parametrize(
    "source, target, fits",
    [
        ("8.*", "8.0.6001", True), ("8.*", "9.0", False), ("*.1", "2.0.1", True), ("*in*", "windows", True), ("??5", "15", True),
        ("??5", "115", True), ("??5", "1115", False), ("8.?", "8.5", True), ("8.?", "8.", True), ("8.?", "8.55", False),
        (r"\*", r"\*", True), (r"\*", "a", False), (r"a\?*", r"a\?b", True), (r"a\?*", "axb", False), (r"x\+?", r"x\+1", True),
    ],
)  # fmt: skip
def test_wildcards_stand_at_the_ends(source, target, fits):
    read = read_cpe(f"cpe:2.3:a:v:p:{source}"), read_cpe(f"cpe:2.3:a:v:p:{target}")
    relation = compare_values(read[0].version, read[1].version)
    assert (relation in (SUPERSET, EQUAL)) is fits


def test_a_name_is_split_by_colons_without_backslash():
    name = read_cpe(r"cpe:2.3:a:big\$money:money\:manager_2010:1.2\-3:*:*:*:*:*:*:*")
    assert (name.vendor, name.product, name.version) == (r"big\$money", r"money\:manager_2010", "1.2-3")
    assert name.key == "a:big$money:money:manager_2010"


def test_escapes_that_say_nothing_make_no_difference():
    assert read_cpe(r"cpe:2.3:o:foo\-bar:my\.os:1\.0:-:*:*:*:*:*:*") == read_cpe(
        "cpe:2.3:o:foo-bar:my.os:1.0:-:*:*:*:*:*:*"
    )


def test_a_hyphen_with_a_backslash_is_a_hyphen():
    assert read_cpe(r"cpe:2.3:a:v:p:\-").version == r"\-"
    assert compare_values(read_cpe(r"cpe:2.3:a:v:p:\-").version, "-") is DISJOINT


def test_the_uri_of_2_2_is_the_same_name():
    # NISTIR 7695, 6.1.3: %01 is ?, %02 is *, punctuation is percent-encoded
    assert read_cpe("cpe:/a:microsoft:internet_explorer:8.%02:sp%01") == read_cpe(
        "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*"
    )
    assert read_cpe("cpe:/a:foo%7ebar:big%24money").vendor == r"foo\~bar"


@pytest.mark.parametrize(
    "text", ["", "cpe", "cpe:2.3", "cpe:2.3:x:v:p", "cpe:2.3:a:v", "cpe:2.3:a:v:p:1*2", "cpe:2.3:a:v:p:1:2:3:4:5:6:7:8:9", "pkg:npm/x", "cpe:2.3:a:" + "v" * 3000 + ":p"]
)  # fmt: skip
def test_what_is_no_name_is_not_read(text):
    assert read_cpe(text) is None


# NISTIR 7696, table 6-4, on names that differ in version and update only
@pytest.mark.parametrize(
    "source, target, relation",
    [
        ("1.0:-", "1.0:-", EQUAL), ("1.0:*", "1.0:beta", SUPERSET), ("*:*", "1.0:beta", SUPERSET), ("1.0:beta", "1.0:*", SUBSET),
        ("1.0:beta", "1.1:beta", DISJOINT), ("1.0:*", "1.1:beta", DISJOINT), ("*:beta", "1.0:*", UNDEFINED), ("*:beta", "1.0:rc", DISJOINT),
    ],
)  # fmt: skip
def test_names_relate_as_their_attributes_do(source, target, relation):
    assert compare_names(read_cpe(f"cpe:2.3:a:v:p:{source}"), read_cpe(f"cpe:2.3:a:v:p:{target}")) is relation
