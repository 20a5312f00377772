"""One record against one component: which criterion decides, how sure that is, and why. Each rule of docs/work/matching.md."""

import pytest

from asbuilt.formats.advisory.records import Criterion, Tree, VersionRange
from asbuilt.formats.matching import grounds as why
from asbuilt.formats.matching.grounds import grounds_text, read_grounds
from asbuilt.formats.matching.judging import judge
from asbuilt.formats.matching.subjects import Subject, keys_of
from asbuilt.formats.versions.matches import Match

NO, UNSURE, YES = Match.NO, Match.UNSURE, Match.YES
MBEDTLS = "cpe:2.3:a:arm:mbed_tls:{}:*:*:*:*:*:*:*"


def below(version: str, scheme: str = "") -> VersionRange:
    return VersionRange(scheme, high=version)


def said(subject: Subject, *criteria: Criterion, trees=()):
    judged = judge("R", list(enumerate(criteria)), trees, subject)
    return judged.match, [ground.cause for ground in judged.grounds]


def of_purl(purl: str, version: str = "") -> Subject:
    return Subject("x", version, purls=(purl,))


def of_cpe(cpe: str, version: str = "") -> Subject:
    return Subject("x", version, cpes=(cpe,))


def cpe(name: str, *ranges: VersionRange, **more) -> Criterion:
    return Criterion("cpe", "", ranges, name, **more)


def test_a_purl_is_compared_by_its_ecosystem():
    curl = Criterion("purl", "pkg:deb/debian/curl", (below("7.88.1-10+deb12u6"),))
    assert said(of_purl("pkg:deb/debian/curl@7.88.1-10+deb12u5?arch=arm64"), curl) == (YES, [why.IN_RANGE])
    assert said(of_purl("pkg:deb/debian/curl@7.88.1-10+deb12u6"), curl) == (NO, [why.OUTSIDE])
    assert said(of_purl("pkg:deb/debian/curl"), curl) == (UNSURE, [why.NO_VERSION])
    assert said(of_purl("pkg:apk/alpine/curl@8.0"), curl) == (NO, [])


def test_a_distribution_s_release_has_to_be_the_same():
    for_12 = Criterion("purl", "pkg:deb/debian/curl", (below("7.88.1-10+deb12u6"),), ecosystem="Debian:12")
    old = "pkg:deb/debian/curl@7.74.0-1?distro={}"
    assert said(of_purl(old.format("debian-12")), for_12)[0] is YES
    assert said(of_purl(old.format("debian-12.4")), for_12)[0] is YES
    assert said(of_purl(old.format("debian-11")), for_12) == (NO, [])
    assert said(of_purl(old.format("bookworm")), for_12)[0] is YES
    assert said(of_purl(old.format("debian-trixie")), for_12) == (NO, [])
    assert said(of_purl(old.format("sid")), for_12) == (UNSURE, [why.RELEASE_UNSAID])
    alpine = Criterion("purl", "pkg:apk/alpine/busybox", (below("1.36.1-r6"),), ecosystem="Alpine:v3.18")
    assert said(of_purl("pkg:apk/alpine/busybox@1.36.1-r5?distro=alpine-3.18.4"), alpine)[0] is YES
    assert said(of_purl("pkg:apk/alpine/busybox@1.36.1-r10?distro=alpine-3.18.4"), alpine)[0] is NO


def test_a_cpe_s_range_is_compared_as_releases():
    ends = cpe(MBEDTLS.format("*"), VersionRange(low="2.0.0", high="2.28.8"))
    assert said(of_cpe(MBEDTLS.format("2.28.7")), ends) == (YES, [why.IN_RANGE])
    assert said(of_cpe(MBEDTLS.format("2.28.8")), ends) == (NO, [why.OUTSIDE])
    assert said(of_cpe(MBEDTLS.format("*"), "v2.28.10"), ends) == (NO, [why.OUTSIDE])
    assert said(of_cpe(MBEDTLS.format("*"), "v2.28.7-3-gabcdef1-dirty"), ends) == (YES, [why.IN_RANGE])
    assert said(of_cpe(MBEDTLS.format("*"), "development"), ends) == (UNSURE, [why.NOT_COMPARABLE])
    assert said(of_cpe(MBEDTLS.format("*")), ends) == (UNSURE, [why.NO_VERSION])


def test_an_attribute_that_the_criterion_asks_for_and_nobody_said_is_unsure():
    plugin = cpe("cpe:2.3:a:foo:bar:*:*:*:*:*:wordpress:*:*", below("2.0"))
    assert said(of_cpe("cpe:2.3:a:foo:bar:1.0:*:*:*:*:*:*:*"), plugin) == (UNSURE, [why.ATTRIBUTES_OPEN])
    assert said(of_cpe("cpe:2.3:a:foo:bar:1.0:*:*:*:*:wordpress:*:*"), plugin)[0] is YES
    assert said(of_cpe("cpe:2.3:a:foo:bar:1.0:*:*:*:*:joomla:*:*"), plugin) == (NO, [])
    assert said(of_cpe("cpe:2.3:a:foo:bar:2.1:*:*:*:*:*:*:*"), plugin) == (NO, [why.OUTSIDE])


def test_openembedded_leaves_part_and_vendor_open():
    busybox = cpe("cpe:2.3:a:busybox:busybox:*:*:*:*:*:*:*:*", below("1.35.0"))
    assert said(of_cpe("cpe:2.3:*:busybox:busybox:1.34.1:*:*:*:*:*:*:*"), busybox) == (YES, [why.IN_RANGE])
    assert said(of_cpe("cpe:2.3:*:*:busybox:1.34.1:*:*:*:*:*:*:*"), busybox) == (UNSURE, [why.ATTRIBUTES_OPEN])
    assert keys_of(of_cpe("cpe:2.3:*:busybox:busybox:1.34.1")) == [("cpe~", "busybox:busybox:")]
    assert keys_of(of_cpe("cpe:2.3:*:*:busybox:1.34.1")) == [("cpe~", "busybox:")]


def test_updates_are_stages_of_a_version():
    any_update = cpe("cpe:2.3:o:zephyrproject:zephyr:3.5.0:*:*:*:*:*:*:*", VersionRange(exact="3.5.0"))
    released = cpe("cpe:2.3:o:zephyrproject:zephyr:3.5.0:-:*:*:*:*:*:*", VersionRange(exact="3.5.0"))
    candidate = cpe("cpe:2.3:o:zephyrproject:zephyr:3.5.0:rc1:*:*:*:*:*:*", VersionRange(exact="3.5.0"))
    zephyr = "cpe:2.3:o:zephyrproject:zephyr:3.5.0:{}:*:*:*:*:*:*"
    for update, matches in {"rc1": (YES, NO, YES), "rc2": (YES, NO, NO), "-": (YES, YES, NO)}.items():
        found = tuple(said(of_cpe(zephyr.format(update)), one)[0] for one in (any_update, released, candidate))
        assert found == matches, update


def test_a_package_of_a_distribution_has_the_version_of_the_source_inside():
    openssl = cpe("cpe:2.3:a:openssl:openssl:*:*:*:*:*:*:*:*", below("1.1.1x"))
    subject = Subject(
        "openssl",
        "1:1.1.1w-0+deb11u1",
        ("pkg:deb/debian/openssl@1:1.1.1w-0%2Bdeb11u1",),
        ("cpe:2.3:a:openssl:openssl:*",),
    )
    assert said(subject, openssl) == (YES, [why.IN_RANGE])


def test_hardware_has_no_version_to_who_writes_its_cpe():
    chip = cpe("cpe:2.3:h:espressif:esp32:-:*:*:*:*:*:*:*", VersionRange(exact="-"))
    assert said(of_cpe("cpe:2.3:h:espressif:esp32:*:*:*:*:*:*:*:*"), chip)[0] is YES
    assert said(of_cpe("cpe:2.3:h:espressif:esp32:3.0:*:*:*:*:*:*:*"), chip)[0] is YES


def test_a_platform_nobody_can_tell_makes_it_unsure():
    criteria = (
        cpe("cpe:2.3:a:busybox:busybox:*:*:*:*:*:*:*:*", below("1.35"), node="0/0"),
        cpe("cpe:2.3:o:microsoft:windows:-:*:*:*:*:*:*:*", VersionRange(exact="-"), node="0/1", vulnerable=False),
    )
    tree = Tree("AND", False, (Tree("OR", False, (0,)), Tree("OR", False, (1,))))
    busybox = "cpe:2.3:a:busybox:busybox:{}:*:*:*:*:*:*:*"
    assert said(of_cpe(busybox.format("1.34")), criteria[0], trees=(tree,)) == (UNSURE, [why.SURROUNDINGS])
    assert said(of_cpe(busybox.format("1.35")), criteria[0], trees=(tree,)) == (NO, [why.OUTSIDE])


def test_text_and_cpe_that_disagree_are_both_shown():
    # CVE-2022-48174: the text says before 1.35, NVD's names go up to 1.36.1
    of_text = Criterion("name", "busybox/busybox", (below("1.35"),))
    of_names = cpe("cpe:2.3:a:busybox:busybox:*:*:*:*:*:*:*:*", VersionRange(high="1.36.1", high_included=True))
    subject = Subject("busybox", "1.36.0", cpes=("cpe:2.3:a:busybox:busybox:1.36.0",), names=("busybox/busybox",))
    judged = judge("R", [(0, of_text), (1, of_names)], (), subject)
    assert judged.match is YES
    assert {(ground.kind, ground.versions, ground.match) for ground in judged.grounds} == {
        ("name", "< 1.35", NO), ("cpe", "<= 1.36.1", YES),
    }  # fmt: skip


def test_both_the_cpe_and_the_purl_of_a_component_are_looked_at():
    by_purl = Criterion("purl", "pkg:maven/org.x/y", (below("2"),))
    by_cpe = cpe("cpe:2.3:a:x:y:*", below("3"))
    subject = Subject("y", "2.5", purls=("pkg:maven/org.x/y@2.5",), cpes=("cpe:2.3:a:x:y:2.5",))
    assert said(subject, by_purl, by_cpe) == (YES, [why.OUTSIDE, why.IN_RANGE])


PURL = "pkg:generic/mbedtls"


def generic(*ranges, status="affected") -> Criterion:
    return Criterion("purl", PURL, ranges, status=status)


@pytest.mark.parametrize(
    "criteria, match, cause",
    [
        ([generic(VersionRange())], YES, why.EVERY_VERSION),
        ([generic()], UNSURE, why.NO_VERSIONS_SAID),
        ([generic(VersionRange(), status="not_affected"), generic(below("3"))], YES, why.IN_RANGE),
        ([generic(VersionRange()), generic(VersionRange(low="2.28"), status="not_affected")], NO, why.SAID_SAFE),
        ([generic(VersionRange()), generic(below("2"), status="fixed")], YES, why.EVERY_VERSION),
        ([generic(below("3")), generic(VersionRange(low="2"), status="fixed")], YES, why.IN_RANGE),
        ([generic(below("3"), status="under_investigation")], UNSURE, why.STATUS_UNKNOWN),
        ([generic(VersionRange(), status="unknown"), generic(below("2"))], UNSURE, why.STATUS_UNKNOWN),
        ([generic(VersionRange(high="next"))], UNSURE, why.NOT_COMPARABLE),
        ([generic(VersionRange(exact="2.28.7"))], YES, why.IN_RANGE),
        ([generic(VersionRange(exact="2.28.6"))], NO, why.OUTSIDE),
    ],
)
def test_statuses_of_one_name(criteria, match, cause):
    assert said(of_purl(PURL + "@2.28.7"), *criteria) == (match, [cause])


REPOSITORY = "https://github.com/mbed-tls/mbedtls"
FIX, OTHER = "a" * 40, "b" * 40


def test_git_ranges_go_by_the_tags_that_the_record_lists():
    tags = tuple(VersionRange(exact=tag) for tag in ("v2.28.6", "v2.28.7"))
    record = Criterion("git", REPOSITORY, (VersionRange("git", high=FIX), *tags))
    github = "pkg:github/mbed-tls/mbedtls@{}"
    assert said(of_purl(github.format("v2.28.7")), record) == (YES, [why.IN_RANGE])
    assert said(of_purl(github.format("mbedtls-2.28.7")), record) == (YES, [why.IN_RANGE])
    assert said(of_purl(github.format("v2.28.8")), record) == (NO, [why.OUTSIDE])
    assert said(of_purl(github.format("v2.28.7-4-gabcdef1")), record) == (UNSURE, [why.NOT_COMPARABLE])
    assert said(of_purl(github.format("main")), record)[0] is UNSURE


def test_git_ranges_of_commits_alone_need_the_history():
    record = Criterion("git", REPOSITORY, (VersionRange("git", low=OTHER, high=FIX),))

    def at(commit):
        return Subject("mbedtls", "", repositories=((REPOSITORY, commit),))

    assert said(at(FIX), record) == (NO, [why.OUTSIDE])
    assert said(at(OTHER), record) == (YES, [why.SAME_COMMIT])
    assert said(at("c" * 40), record) == (UNSURE, [why.COMMITS])


def test_the_same_bytes_are_the_same():
    record = Criterion("hash", "SHA-256:" + "0f" * 32)
    assert said(Subject("blob", "", hashes=("SHA-256:" + "0f" * 32,)), record) == (YES, [why.SAME_HASH])
    assert said(Subject("blob", "", hashes=("SHA-256:" + "1f" * 32,)), record) == (NO, [])


def test_a_part_by_maker_and_number():
    module = Subject("ESP32-WROOM-32E", "", parts=("ESPRESSIF/ESP32-WROOM-32E",))
    assert said(module, Criterion("part", "ESPRESSIF/ESP32-WROOM-32E")) == (YES, [why.EVERY_VERSION])
    assert said(module, Criterion("part", "ESPRESSIF/ESP32-WROOM-32E", silicon_revisions=("..3.0",))) == (
        UNSURE,
        [why.PIECES],
    )
    assert said(module, Criterion("part", "ESPRESSIF/ESP32-S3")) == (NO, [])


def test_grounds_are_read_back_as_they_were_kept():
    judged = judge("R", [(0, generic(below("3")))], (), of_purl(PURL + "@2.28.7"))
    assert read_grounds(grounds_text(judged.grounds)) == judged.grounds
