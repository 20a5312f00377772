"""Whether a version lies in a range; states between releases are told apart from releases."""

import pytest

from asbuilt.formats.advisory.records import VersionRange as R
from asbuilt.formats.versions.matches import Match
from asbuilt.formats.versions.ranges import in_words, within
from asbuilt.formats.versions.schemes import scheme_of, upstream_version

NO, UNSURE, YES = Match.NO, Match.UNSURE, Match.YES


def upto(version):
    return R(high=version, high_included=True)


@pytest.mark.parametrize(
    "scheme, version, bounds, match",
    [
        ("semver", "1.2.3", R(low="1.2.3", high="1.3.0"), YES),
        ("semver", "1.2.3", R(low="1.2.3", low_included=False, high="1.3.0"), NO),
        ("semver", "1.3.0", R(low="1.2.3", high="1.3.0"), NO),
        ("semver", "1.3.0", upto("1.3.0"), YES),
        ("semver", "1.3.0-rc.1", R(high="1.3.0"), YES),
        ("semver", "1.3", R(low="0", high="1.3.1"), YES),  # OSV: 0 is before everything
        ("generic", "", R(), YES),  # every version: also one that nobody gave
        ("generic", "", R(low="0"), YES),
        ("generic", "", R(high="2"), UNSURE),
        ("generic", "HEAD", R(high="2"), UNSURE),
        ("generic", "1.0", R(high="next"), UNSURE),
        ("generic", "3.0", R(low="next", high="2.0"), NO),  # whatever the low end means
        # the packager's revision is no other upstream release
        ("generic", "1.36.1-r4", upto("1.36.1"), YES),
        ("generic", "1.36.1-r4", R(high="1.36.1"), NO),
        ("generic", "1.36.1-r4", R(high="1.36.1-r5"), YES),
        ("generic", "1.36.1", R(exact="1.36.1-r4"), NO),
        ("generic", "1.36.1-r4", R(exact="1.36.1"), YES),
        ("apk", "1.36.1-r4", upto("1.36.1"), NO),  # there it counts
        # a commit after a tag: holds that release, and perhaps what came after
        ("git", "v2.28.0-15-gabcdef1", R(high="2.28.0"), NO),
        ("git", "v2.28.0-15-gabcdef1", upto("2.28.0"), UNSURE),
        ("git", "v2.28.0-15-gabcdef1", R(high="2.28.1"), YES),
        ("git", "v2.28.0-15-gabcdef1", R(low="2.28.0"), YES),
        ("git", "v2.28.0-15-gabcdef1", R(low="2.28.0", low_included=False), UNSURE),
        ("git", "v2.28.0-15-gabcdef1", R(low="2.28.1"), UNSURE),
        ("git", "v2.28.0-15-gabcdef1", R(exact="2.28.0"), UNSURE),
        ("git", "v2.28.0-0-gabcdef1", upto("2.28.0"), YES),
        ("git", "v2.28.0-0-gabcdef1", R(exact="v2.28.0"), YES),
        # Zephyr's main is 3.5.99 until 3.6.0 is tagged
        ("zephyr", "3.5.99", R(high="3.6.0"), YES),
        ("zephyr", "3.5.99", R(high="3.5.0"), NO),
        ("zephyr", "3.5.99", upto("3.5.0"), UNSURE),
        ("zephyr", "3.5.99", R(low="3.6.0"), UNSURE),
        ("zephyr", "3.5.99", R(low="3.7.0"), NO),
        ("generic", "3.5.99", R(high="3.5.100"), YES),
        ("freertos", "V10.4.3", R(low="V10.0.0", high="V10.10.0"), YES),
        ("freertos", "202012.00", R(high="10.4.4"), UNSURE),
        ("u-boot", "2024.10-rc3", R(high="2024.10"), YES),
        ("openssl", "1.0.2zg", R(low="1.0.2", high="1.0.2zh"), YES),
        ("generic", "2018.07-AT91", upto("2018.07"), UNSURE),
        ("deb", "1:1.0-1", R(high="2.0"), NO),  # the epoch comes first
        ("deb", "not a version!", R(high="2.0"), UNSURE),
    ],
)
def test_versions_in_ranges(scheme, version, bounds, match):
    assert within(scheme, version, bounds) is match


def test_ranges_are_said_in_words():
    assert in_words(R(low="2.0", high="2.28.8")) == ">= 2.0 and < 2.28.8"
    assert in_words(R(low="2.0", low_included=False, high="3", high_included=True)) == "> 2.0 and <= 3"
    assert in_words(R(exact="1.0")) == "= 1.0"
    assert in_words(R(low="0")) == "every version"


@pytest.mark.parametrize(
    "type_, name, said, scheme",
    [
        ("deb", "openssl", "", "deb"), ("generic", "openssl", "", "openssl"), ("", "openssl", "", "openssl"), ("github", "zephyr", "", "zephyr"),
        ("github", "mbedtls", "", "git"), ("npm", "left-pad", "semver", "npm"), ("pypi", "x", "", "pypi"), ("", "x", "", "generic"),
        ("generic", "x", "semver", "semver"), ("", "u-boot", "custom", "u-boot"), ("", "FreeRTOS-Kernel", "", "freertos"),
    ],
)  # fmt: skip
def test_whose_rules_a_package_follows(type_, name, said, scheme):
    assert scheme_of(type_, name, said) == scheme


@pytest.mark.parametrize(
    "scheme, version, upstream",
    [
        ("deb", "1:1.36.1-3+b1", "1.36.1"), ("deb", "2.3.0", "2.3.0"), ("deb", "1.2-rc1-4", "1.2-rc1"), ("deb", "1.0+dfsg-2", "1.0"),
        ("apk", "1.36.1-r4", "1.36.1"), ("rpm", "2:1.0.2k-26.el7", "1.0.2k"), ("generic", "1.36.1-r4", "1.36.1-r4"),
    ],
)  # fmt: skip
def test_the_version_of_the_source_inside_a_package(scheme, version, upstream):
    assert upstream_version(scheme, version) == upstream
