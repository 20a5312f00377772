"""Versions in SemVer order. Expectations are the examples that semver.org prints in sections 9, 10 and 11."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asbuilt.kernel.versions import VERSION_CHARACTERS_MAX, semver_key

SECTION_11_2 = ["1.0.0", "2.0.0", "2.1.0", "2.1.1"]
SECTION_11_4 = [
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
    "1.0.0",
]  # fmt: skip


@pytest.mark.parametrize("chain", [SECTION_11_2, SECTION_11_4])
def test_the_chains_of_section_11_ascend(chain):
    for lower, higher in pairwise(chain):
        assert semver_key(lower) < semver_key(higher)


def test_numbers_go_by_value_not_as_text():
    assert semver_key("1.9.0") < semver_key("1.10.0") < semver_key("1.11.0")  # section 2


def test_numbers_lie_before_letters_and_capitals_before_small_ones():
    assert semver_key("1.0.0-999") < semver_key("1.0.0-A") < semver_key("1.0.0-a")  # section 11.4.2 and 11.4.3


def test_build_metadata_orders_nothing():
    assert semver_key("1.0.0+20130313144700") == semver_key("1.0.0+21AF26D3---117B344092BD") == semver_key("1.0.0")


@pytest.mark.parametrize(
    "version",
    [
        "1.0.0-alpha", "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-x-y-z.--", "1.0.0-alpha+001",
        "1.0.0-beta+exp.sha.5114f85", "1.0.0-0A.is.legal", "1.0.0--",
        "99999999999999999999999.999999999999999999.99999999999999999",
    ],
)  # fmt: skip
def test_it_takes_what_the_standard_takes(version):
    assert semver_key(version) is not None


@pytest.mark.parametrize(
    "version",
    [
        "", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.02.3", "1.2.03", "1.0.0-01", "1.0.0-", "1.0.0-a..b", "1.0.0+",
        "1.0.0+a+b", "1.0.0-a_b", " 1.0.0", "1.0.0\n", "1.0.0-beta\n", "١.0.0", "1.0.0-½", "-1.0.0", "alpha",
    ],
)  # fmt: skip
def test_it_refuses_what_the_standard_refuses(version):
    assert semver_key(version) is None


def test_it_refuses_a_version_without_end():
    assert semver_key("1.0.0-" + "a" * VERSION_CHARACTERS_MAX) is None


@settings(print_blob=True)
@given(
    st.lists(
        st.tuples(*[st.integers(0, 12)] * 3, st.lists(st.sampled_from(["0", "2", "11", "a", "B", "-"]), max_size=3))
    )
)
def test_every_two_versions_compare(parts):
    for *core, before in parts:
        text = ".".join(map(str, core)) + ("-" + ".".join(before) if before else "")
        assert semver_key(text)[:3] == tuple(core)
    keys = [
        semver_key(".".join(map(str, core)) + ("-" + ".".join(before) if before else "")) for *core, before in parts
    ]
    assert sorted(sorted(keys), reverse=True) == sorted(keys, reverse=True)
