"""Versions are ordered as their ecosystem orders them; what its rules do not order is said to be so."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from asbuilt.formats.versions.order import SCHEMES, compare

SIGN = {"<": -1, "=": 0, ">": 1, "?": None}


def ordered(scheme: str, rising: str) -> None:
    """Each of the versions, written from old to new, against each other one."""
    versions = rising.split()
    for i, left in enumerate(versions):
        for j, right in enumerate(versions):
            assert compare(scheme, left, right) == (i > j) - (i < j), (left, right)


def test_semver_orders_as_its_own_example_does():
    # semver.org 2.0.0, sections 11.2 to 11.4
    ordered(
        "semver",
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1",
    )


def test_semver_build_metadata_orders_nothing():
    assert compare("semver", "1.0.0+20130313144700", "1.0.0+exp.sha.5114f85") == 0  # section 10


@pytest.mark.parametrize("text", ["1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "banana"])
def test_what_is_not_semver_is_not_compared(text):
    assert compare("semver", text, "1.0.0") is None


# facts of apk-tools' own list (test/unit/version.data of its repository), those with a rule of their own
APK = """
2.34>0.1.0_alpha 0.1.0_alpha=0.1.0_alpha 0.1.0_alpha<0.1.3_alpha 0.1.0_alpha2>0.1.0_alpha 2.2.39-r1>1.0.4-r3 1.0.4-r3<1.0.4-r4 1.6>1.0.2
1.1>1.1_alpha1 1.2<1.3_alpha 1.3_alpha<1.3_alpha2 0.7.0<0.8_beta1 0.8_beta4<4.8-r1 3.10.18-r1>2.3.0b-r1 2.3.0b-r1<2.3.0b-r2
3.1_p16<3.1_p17 1.06-r6<006 006>1.0.0 9.3.4-r2>9.3.4 2.59<20050718-r1 0.99.3.20040818>0.7 1.39>1.00_beta2 7.15.1-r1>1.02
1.02<1.03-r1 4.2.52_p2-r1<4.2.52_p4-r2 1.02.07<1.02.10-r1 2.5.1-r8<2.5.1a-r1 1.3.5-r10>1.3.5-r8 2.0.0_rc3-r1>1.5
3.0.0-r2<021109-r3 3.9_pre20060124>0.01 1.1.7<6b-r7 0.10.0<0.10.1_rc1 1.10-r5<1.10-r9 2.10.1>02.08.01b 1.06-r2>0.15.1b-r2
0.0.25<0.17 1.07-r1<1.07.5 3.0.1<3.0.10 0.1_pre20060810<0.1_pre20060817 0.59s-r11<0.65 4.3_p2-r5<4.4_p1-r6 4.5_p1-r1>4.5_p1
0.9.8c-r1<0.9.8d 1.8.5<1.8.5_p2 2.9.11_pre20051101-r3>2.9.11_pre20051101 1.6.8_p12-r1>1.6.8_p9-r2 0.9.28.1<087-r1
104-r11>104-r9 2.12r-r4<2.12r-r5 1.3-r0<1.3.1-r0 1.0_p10-r0>1.0_p9-r0 0.1.0_alpha_pre2<0.1.0_alpha
1.0.0_pre20191002222144-r0<1.0.0_pre20210530193627-r0 1.0~1234<1.0~2345 1.0~1234-r1<1.0~2345-r0 1.2.5_git20240512>1.2.5
"""


@pytest.mark.parametrize("fact", APK.split())
def test_alpine_orders_as_apk_does(fact):
    sign = next(mark for mark in "<>=" if mark in fact)
    left, right = fact.split(sign)
    assert compare("apk", left, right) == SIGN[sign]
    assert compare("apk", right, left) == -SIGN[sign]


def test_what_apk_calls_invalid_is_not_compared():
    assert compare("apk", "23_foo", "4_beta") is None
    assert compare("apk", "1.0", "1.0bc") is None


# from old to new
DEBIAN = """0 0.9.8o-4squeeze1 1.0~~ 1.0~ 1.0~rc1-1 1.0 1.0-1~bpo12+1 1.0-1 1.0-1a 1.0-1+b1 1.0a-1 1.0+dfsg-2 1.0.1-0ubuntu1 1.36.1-9 1.36.1-10
2.4.7-1+deb11u1 3.0.11-1~deb12u2 3.0.11-1~deb12u10 1:0.9-1"""


def test_debian_orders_as_dpkg_does():
    ordered("deb", DEBIAN)
    versions = DEBIAN.split()
    if shutil.which("dpkg"):  # on Debian the program itself says whether the list above is right
        for older, newer in zip(versions, versions[1:], strict=False):
            assert subprocess.run(["dpkg", "--compare-versions", older, "lt", newer]).returncode == 0, (older, newer)


def test_debian_orders_by_its_policy():
    # Debian policy 5.6.12: epoch, upstream, revision; a tilde sorts before the end of a part
    ordered("deb", "1.0~~ 1.0~rc1-1 1.0-1~bpo12+1 1.0-1 1.0-1+b1 1.0.1-1 1:0.5-1")


NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
PYTHON = st.tuples(NUMBERS, st.sampled_from(["", "a1", "b2", "rc1", ".post1", ".dev3", "rc2.dev1", "+local.1"])).map(
    "".join
)


@given(PYTHON, PYTHON)
def test_python_orders_as_packaging_does(left, right):
    expected = (Version(left) > Version(right)) - (Version(left) < Version(right))
    assert compare("pypi", left, right) == expected


def test_python_orders_as_pep_440_says():
    ordered(
        "pypi",
        "1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0.post456.dev34 1.0.post456 1.1.dev1",
    )


def test_openssl_orders_as_its_releases_came():
    ordered("openssl", "0.9.7a 0.9.8 0.9.8a 0.9.8y 0.9.8z 0.9.8za 0.9.8zh 1.0.0-beta1 1.0.0 1.0.1 1.0.1u 1.0.2-beta1 1.0.2-beta3 1.0.2 1.0.2a 1.0.2k 1.0.2u 1.0.2zg 1.0.2zh "
            "1.1.0-pre1 1.1.0-pre6 1.1.0 1.1.0l 1.1.1-pre1 1.1.1-pre9 1.1.1 1.1.1w 1.1.1zb 3.0.0-alpha1 3.0.0-alpha17 3.0.0-beta1 3.0.0 3.0.15 3.2.0-alpha1 3.2.0")  # fmt: skip
    assert compare("openssl", "1.0.2k-fips", "1.0.2k") == 0
    assert compare("openssl", "OpenSSL_1_1_1w", "1.1.1w") == 0


def test_zephyr_tags_come_in_their_order():
    ordered(
        "zephyr",
        "v1.14.0-rc1 v1.14.0 v1.14.3 v2.0.0-rc1 v2.7.0 v2.7.6 v3.5.0 v3.6.0-rc1 v3.6.0-rc3 zephyr-v3.6.0 v3.7.0 v3.10.0 v4.0.0-rc1 v4.0.0",
    )


def test_u_boot_came_from_numbers_to_dates():
    ordered(
        "u-boot",
        "1.1.6 1.3.4 2008.10-rc1 2008.10 v2010.03 2022.01-rc4 2022.01 2024.10 2025.01-rc1 2025.01-rc10 2025.01 u-boot-2025.04",
    )


def test_freertos_has_a_v_and_counts():
    ordered(
        "freertos",
        "V7.5.2 V9.0.0 V10.0.0 V10.0.1 V10.4.3 V10.4.3-LTS-Patch-1 V10.4.3-LTS-Patch-2 V10.4.4 V10.10.0 V11.0.0 V11.1.0",
    )
    assert compare("freertos", "202012.00-LTS", "V10.4.3") is None  # the distribution by date, the kernel by number


def test_tags_of_repositories_are_read_as_their_versions():
    for tag, version in {
        "curl-8_5_0": "8.5.0", "STABLE-2_1_3_RELEASE": "2.1.3", "R_2_4_9": "2.4.9", "mbedtls-3.6.0": "3.6.0", "lf_v2022.04": "2022.04",
        "refs/tags/v1.2": "1.2.0", "esp-idf-v5.1.2": "5.1.2", "n4.4": "4.4", "6.1.0.Final": "6.1", "v3.5.0-0-gabcdef1": "3.5.0",
        "v2.28.8-dirty": "2.28.8", "1.2.3+build.7": "1.2.3",
    }.items():  # fmt: skip
        assert compare("git", tag, version) == 0, tag


@pytest.mark.parametrize(
    "left, sign, right",
    [
        ("1.2.10", ">", "1.2.9"), ("1.2", "=", "1.2.0"), ("2.0-rc1", "<", "2.0"), ("2.0-beta2", "<", "2.0-rc1"), ("4.2.8p15", ">", "4.2.8p9"),
        ("9.9p1", ">", "9.9"), ("1.2-r4", "<", "1.2-r10"), ("9e", ">", "9d"), ("2.36-dev", "<", "2.36"), ("7.1.0-10", ">", "7.1.0-9"),
        ("2.0a", "?", "2.0"), ("2018.07-AT91", "?", "2018.07"), ("2018.07-AT91", "<", "2018.09"), ("r131", "?", "1.9.4"), ("r131", ">", "r129"),
        ("master", "?", "1.0"), ("1a2b3c4d5e6f", "?", "1.0"), ("", "?", "1.0"), ("2024.1", "?", "5.37"), ("1.0-1ubuntu2", "?", "1.0-1ubuntu3"),
        ("v2.28.0-15-g1a2b3c4", ">", "2.28.0"), ("v2.28.0-15-g1a2b3c4", "?", "2.28.1"), ("2.28.0-15-g1a2b3c4", ">", "2.27.9"),
        ("2.28.1", "?", "v2.28.0-15-g1a2b3c4"), ("v3.6.0-rc1-12-g1a2b3c4", ">", "v3.6.0-rc1"), ("v3.6.0-rc1-12-g1a2b3c4", "?", "v3.6.0"),
        ("v1.0-5-gabcdef1", "?", "v1.0-9-gabcdef2"),
    ],
)  # fmt: skip
def test_plain_sources(left, sign, right):
    assert compare("generic", left, right) == SIGN[sign]


TEXTS = st.text(st.sampled_from("0123456789.vVrcabgpz-_~+:^ RELEASEdirty"), max_size=24)


@given(st.sampled_from(sorted(SCHEMES)), TEXTS, TEXTS)
def test_any_two_texts_compare_alike_both_ways(scheme, left, right):
    there, back = compare(scheme, left, right), compare(scheme, right, left)
    assert there in (-1, 0, 1, None)
    assert back == (None if there is None else -there)


@given(st.sampled_from(("openssl", "zephyr", "u-boot", "generic", "apk")), TEXTS, TEXTS, TEXTS)
def test_older_than_what_is_older_is_older(scheme, one, two, three):
    if compare(scheme, one, two) == -1 and compare(scheme, two, three) == -1:
        assert compare(scheme, one, three) in (-1, None)
