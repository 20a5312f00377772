"""Records of every kind of feed into one form: ranges, trees, names, statements, as the standards say they are read."""

import json

import pytest

from asbuilt.formats.advisory import names
from asbuilt.formats.advisory.reading import read_advisories
from asbuilt.formats.advisory.records import Advisory, BrokenRecord, Criterion, Tree, VersionRange
from asbuilt.formats.advisory.version_words import ranges_in


def read(kind: str, document) -> list[Advisory]:
    found = list(read_advisories(document if isinstance(document, bytes) else json.dumps(document).encode(), kind))
    assert not [one for one in found if isinstance(one, BrokenRecord)], found
    return found


def broken(kind: str, document) -> BrokenRecord:
    (found,) = read_advisories(document if isinstance(document, bytes) else json.dumps(document).encode(), kind)
    assert isinstance(found, BrokenRecord), found
    return found


def match(name: str, vulnerable=True, **bounds) -> dict:
    return {"vulnerable": vulnerable, "criteria": name, "matchCriteriaId": "x", **bounds}


LWIP = "cpe:2.3:a:lwip_project:lwip:*:*:*:*:*:*:*:*"
BOARD = "cpe:2.3:h:acme:board_one:-:*:*:*:*:*:*:*"


def test_nvd_trees_stay_trees():
    nodes = [
        {
            "operator": "OR",
            "negate": False,
            "cpeMatch": [match(LWIP, versionStartIncluding="2.0", versionEndExcluding="2.1.3")],
        },
        {"operator": "OR", "negate": True, "cpeMatch": [match(BOARD, vulnerable=False)]},
    ]
    one = {
        "cve": {"id": "CVE-2020-22284", "configurations": [{"operator": "AND", "nodes": nodes}, {"nodes": nodes[:1]}]}
    }
    (said,) = read("nvd", one)
    # two configurations are alternatives: (lwIP in range AND NOT board) or lwIP in range
    assert said.trees == (
        Tree("AND", False, (Tree("OR", False, (0,)), Tree("OR", True, (1,)))),
        Tree("OR", False, (Tree("OR", False, (2,)),)),
    )
    assert [one.vulnerable for one in said.criteria] == [True, False, True]
    assert said.criteria[0].key == "a:lwip_project:lwip"
    assert said.criteria[0].ranges == (VersionRange("", "2.0", True, "2.1.3", False),)
    # NVD's "-" is a version of its own: not applicable
    assert said.criteria[1].ranges == (VersionRange(exact="-"),)


def test_nvd_nested_children_and_no_range():
    nodes = [{"operator": "AND", "children": [{"operator": "OR", "cpe_match": [match(LWIP)]}]}]
    (said,) = read("nvd", {"id": "CVE-2020-0001", "configurations": [{"nodes": nodes}]})
    assert said.trees[0].children == (Tree("AND", False, (Tree("OR", False, (0,)),)),)
    assert said.criteria[0].ranges == (VersionRange(),)


def test_nvd_rejected_is_withdrawn_and_times_are_utc():
    one = {"id": "CVE-2020-0002", "vulnStatus": "Rejected", "lastModified": "1970-01-01T00:00:01.500"}
    (said,) = read("nvd", one)
    assert (said.modified_at, said.withdrawn_at) == (1_500_000, 1_500_000)


def test_nvd_newer_parts():
    one = {
        "id": "CVE-2024-3094",
        "affected": [{"source": "a", "affectedData": [{"vendor": "Tukaani", "product": "xz", "versions": [{"version": "5.6.0", "status": "affected"}]}]}],
        "metrics": {"ssvcV203": [{"source": "b", "ssvcData": {"options": [{"exploitation": "none"}, {"automatable": "yes"}]}}]},
        "cisaExploitAdd": "2024-04-01",
    }  # fmt: skip
    (said,) = read("nvd", one)
    assert said.criteria == (Criterion("name", "tukaani/xz", (VersionRange(exact="5.6.0"),)),)
    assert (said.scores[0].version, said.scores[0].vector) == ("ssvc", "exploitation:none/automatable:yes")
    assert said.exploited is True and said.exploited_since == 1_711_929_600_000_000


def test_cve5_ranges_changes_and_default():
    versions = [
        {"version": "1.0.2", "status": "affected", "lessThan": "1.0.2zg", "versionType": "custom"},
        {"version": "3.0", "status": "affected", "lessThan": "*", "changes": [{"at": "3.0.5", "status": "unaffected"}]},
        {"version": "0", "status": "affected", "lessThanOrEqual": "0.9"},
        {"version": "n/a", "status": "affected"},
    ]
    product = {"vendor": "OpenSSL", "product": "OpenSSL", "defaultStatus": "unaffected", "versions": versions}
    said = cve5(affected=[product])
    assert said.criteria == (
        Criterion("name", "openssl/openssl", (
            VersionRange("", "1.0.2", True, "1.0.2zg"), VersionRange("", "3.0", True, "3.0.5"), VersionRange("", "", True, "0.9", True),
        )),
        # from 3.0.5 on it is not, and no version that is not listed is either
        Criterion("name", "openssl/openssl", (VersionRange("", "3.0.5"), VersionRange()), status="not_affected"),
        # n/a names nothing: unsure, never safe
        Criterion("name", "openssl/openssl", ()),
    )  # fmt: skip


def cve5(**cna) -> Advisory:
    record = {
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": "CVE-2024-6258", "state": "PUBLISHED"},
        "containers": {"cna": cna},
    }
    return read("cve5", record)[0]


def test_cve5_commits_stand_under_the_repository_and_tags_under_the_name():
    git = {"version": "a" * 40, "lessThan": "b" * 40, "status": "affected", "versionType": "git"}
    tag = {"version": "*", "lessThanOrEqual": "3.6", "status": "affected", "versionType": "git"}
    product = {"vendor": "z", "product": "Zephyr", "repo": "https://github.com/Zephyr/Zephyr.git"}
    said = cve5(affected=[{**product, "versions": [git]}])
    assert said.criteria == (
        Criterion("git", "https://github.com/zephyr/zephyr", (VersionRange("git", "a" * 40, True, "b" * 40),)),
    )
    said = cve5(affected=[{**product, "versions": [tag]}])
    assert said.criteria[1] == Criterion("name", "z/zephyr", (VersionRange("", "", True, "3.6", True),))


def test_cve5_rejected_and_applicability():
    record = {"cveMetadata": {"cveId": "CVE-2024-0001", "state": "REJECTED", "dateRejected": "2024-01-02T00:00:00Z"}, "containers": {"cna": {"rejectedReasons": [{"lang": "en", "value": "twice"}]}}}  # fmt: skip
    (said,) = read("cve5", record)
    assert said.withdrawn_at == 1_704_153_600_000_000 and said.text == "twice"
    said = cve5(cpeApplicability=[{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": [match(LWIP)]}]}])
    assert said.trees == (Tree("OR", False, (Tree("OR", False, (0,)),)),)


def osv(**more) -> Advisory:
    return read("osv", {"id": "OSV-1", "modified": "2024-01-01T00:00:00Z", **more})[0]


def affected(*events, kind="ECOSYSTEM", package=None, **more) -> list[dict]:
    said = {"ranges": [{"type": kind, "events": list(events), **more}]}
    return [{"package": package or {"ecosystem": "npm", "name": "@a/b"}, **said}]


def test_osv_events_are_pairs():
    said = osv(
        affected=affected(
            {"introduced": "0"}, {"fixed": "2.3"}, {"introduced": "3.0"}, {"last_affected": "3.4"}, {"introduced": "4"}
        )
    )
    assert said.criteria[0].key == "pkg:npm/%40a/b"
    assert said.criteria[0].ranges == (
        VersionRange("npm", "", True, "2.3"),
        VersionRange("npm", "3.0", True, "3.4", True),
        VersionRange("npm", "4"),
    )


def test_osv_several_fixes_of_a_git_range_are_one_span():
    span = affected(
        {"introduced": "aaa"},
        {"fixed": "bbb"},
        {"fixed": "ccc"},
        kind="GIT",
        repo="https://h.org/r.git",
        package={"ecosystem": "OSS-Fuzz", "name": "x"},
    )
    said = osv(affected=span)
    assert said.criteria[1] == Criterion(
        "git", "https://h.org/r", (VersionRange("git", "aaa", True, "bbb ccc"),), ecosystem="OSS-Fuzz"
    )


def test_osv_speaks_of_its_cve_aliases():
    said = read(
        "osv",
        {
            "id": "DSA-1",
            "modified": "2024-01-01T00:00:00Z",
            "aliases": ["CVE-2024-1111"],
            "upstream": ["CVE-2024-2222"],
        },
    )
    assert [(one.vulnerability, one.aliases) for one in said] == [
        ("CVE-2024-1111", ("DSA-1",)),
        ("CVE-2024-2222", ("DSA-1",)),
    ]
    said = read("osv", {"id": "GHSA-a", "modified": "x", "aliases": ["cve-2024-1111", "PYSEC-1"]})
    assert (said[0].vulnerability, said[0].notes) == ("CVE-2024-1111", ("modified: x is no time",))


def test_osv_in_yaml_is_the_same_as_in_json():
    yaml = b"id: OSV-1\nmodified: '2024-01-01T00:00:00Z'\naffected:\n- package: {ecosystem: npm, name: '@a/b'}\n  versions: ['1.10']\n"
    assert read("osv", yaml)[0] == osv(
        affected=[{"package": {"ecosystem": "npm", "name": "@a/b"}, "versions": ["1.10"]}]
    )
    assert "alias" in broken("osv", b"a: &x [1]\nb: [*x, *x]\nid: OSV-1\n").reason


CSAF = {
    "document": {"category": "csaf_vex", "title": "T", "publisher": {"name": "Acme"},
                 "tracking": {"id": "ACME-1", "current_release_date": "2024-01-01T00:00:00Z"}},
    "product_tree": {
        "branches": [{"category": "vendor", "name": "Acme", "branches": [
            {"category": "product_name", "name": "Radio", "branches": [
                {"category": "product_version_range", "name": "vers:semver/>=1.0|<2.4", "product": {"product_id": "P1", "name": "R",
                    "product_identification_helper": {"model_numbers": ["wm-02c"], "hashes": [
                        {"file_hashes": [{"algorithm": "sha256", "value": "AB" * 32}]}]}}}]}]}],
        "full_product_names": [{"product_id": "P2", "name": "lib", "product_identification_helper": {"purl": "pkg:generic/lib@1.2"}}],
        "relationships": [{"category": "default_component_of", "product_reference": "P2", "relates_to_product_reference": "P1",
                           "full_product_name": {"product_id": "P3", "name": "lib in R"}}]},
    "vulnerabilities": [{"cve": "CVE-2024-1111", "product_status": {"known_affected": ["P1"], "known_not_affected": ["P3", "P9"]},
                         "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["P3"]}],
                         "remediations": [{"category": "vendor_fix", "details": "Update", "product_ids": ["P1"]}],
                         "scores": [{"products": ["P1"], "cvss_v3": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N", "baseScore": 9.8}}]}],
}  # fmt: skip


def test_csaf_products_have_names_versions_and_words():
    (said,) = read("csaf", CSAF)
    span = (VersionRange("semver", "1.0", True, "2.4"),)
    assert said.criteria == (
        Criterion("hash", "SHA-256:" + "ab" * 32, span),
        Criterion("part", "ACME/WM-02C", span),
        Criterion("name", "acme/radio", span),
        Criterion("purl", "pkg:generic/lib", (VersionRange(exact="1.2"),), status="not_affected", ecosystem="R"),
        Criterion("name", "/lib", (VersionRange(exact="1.2"),), status="not_affected", ecosystem="R"),
    )
    assert [(one.status, one.justification, one.action) for one in said.statements] == [
        ("affected", "", "Update"),
        ("not_affected", "vulnerable_code_not_present", ""),
    ]
    assert said.notes == ("product_status/known_not_affected: P9 is not in the product tree",)
    assert said.scores[0].base == 9.8


def test_csaf_model_numbers_with_wildcards_and_serial_numbers():
    """`*` and `?` are wildcards, a backslash takes that away (CSAF 2.0, 3.1.3.3): a number that means itself is one."""
    helper = {"model_numbers": ["wm-0?c", "wm-1*", "what\\?", "a\\\\b"], "serial_numbers": ["DB1*", "DB2"]}
    product = {"product_id": "P1", "name": "R", "product_identification_helper": helper}
    tree = {
        "branches": [
            {
                "category": "vendor",
                "name": "A*me",
                "branches": [{"category": "product_name", "name": "Radio", "product": product}],
            }
        ]
    }
    (said,) = read(
        "csaf",
        {
            **CSAF,
            "product_tree": tree,
            "vulnerabilities": [{"cve": "CVE-2024-1111", "product_status": {"known_affected": ["P1"]}}],
        },
    )
    only = {"serials": ("DB1*", "DB2")}
    assert said.criteria == (
        Criterion("mask", "A\\*ME/WM-0?C", **only), Criterion("mask", "A\\*ME/WM-1*", **only), Criterion("part", "A*ME/WHAT?", **only),
        Criterion("part", "A*ME/A\\B", **only), Criterion("name", "a*me/radio", **only),
    )  # fmt: skip


def test_csaf_withdrawn():
    withdrawn = {**CSAF, "document": {**CSAF["document"], "category": "csaf_withdrawn"}}
    assert read("csaf", withdrawn)[0].withdrawn_at == 1_704_067_200_000_000


def test_openvex_old_and_new():
    new = {"@id": "https://v/1", "author": "A", "timestamp": "2024-01-01T00:00:00Z", "statements": [
        {"vulnerability": {"name": "CVE-2024-1111"}, "status": "not_affected", "justification": "component_not_present",
         "products": [{"@id": "pkg:generic/fw@1.0", "subcomponents": [{"@id": "pkg:generic/lwip@2.1"}]}]},
        {"vulnerability": {"name": "CVE-2024-1111"}, "status": "affected", "action_statement": "Update",
         "products": [{"@id": "pkg:generic/fw@0.9"}]}]}  # fmt: skip
    (said,) = read("openvex", new)
    assert said.criteria == (
        Criterion("purl", "pkg:generic/fw", (VersionRange(exact="1.0"),), status="not_affected"),
        Criterion("purl", "pkg:generic/fw", (VersionRange(exact="0.9"),)),
    )
    assert said.statements[0].within == (("purl", "pkg:generic/lwip@2.1"),)
    old = {"@id": "v", "statements": [{"vulnerability": "CVE-2024-1111", "status": "fixed", "products": ["pkg:a/b@1"]}]}
    assert read("openvex", old)[0].criteria[0].status == "fixed"
    old["statements"][0]["status"] = "fine"
    assert broken("openvex", old).place == "1 statements/0/status"


CYCLONEDX = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:1",
    "components": [{"type": "library", "bom-ref": "c1", "group": "acme", "name": "lwip", "version": "2.1.2", "purl": "pkg:generic/lwip@2.1.2"}],
    "vulnerabilities": [{"id": "CVE-2020-22284", "analysis": {"state": "not_affected", "justification": "code_not_present"},
                         "ratings": [{"score": 7.5, "method": "CVSSv31", "vector": "AV:N"}], "affects": [{"ref": "c1"}]}],
}  # fmt: skip
CYCLONEDX_XML = b"""<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:1">
<components><component type="library" bom-ref="c1"><group>acme</group><name>lwip</name><version>2.1.2</version>
<purl>pkg:generic/lwip@2.1.2</purl></component></components><vulnerabilities><vulnerability><id>CVE-2020-22284</id>
<ratings><rating><score>7.5</score><method>CVSSv31</method><vector>AV:N</vector></rating></ratings>
<analysis><state>not_affected</state><justification>code_not_present</justification></analysis>
<affects><target><ref>c1</ref></target></affects></vulnerability></vulnerabilities></bom>"""


def test_cyclonedx_json_and_xml_say_the_same():
    (said,) = read("cyclonedx", CYCLONEDX)
    exact = (VersionRange(exact="2.1.2"),)
    assert said.criteria == (
        Criterion("purl", "pkg:generic/lwip", exact, status="not_affected"),
        Criterion("name", "acme/lwip", exact, status="not_affected"),
    )
    assert read("cyclonedx", CYCLONEDX_XML) == [said]
    bomb = b'<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><bom>&b;</bom>'
    assert "document type" in broken("cyclonedx", bomb).reason


def test_a_vulnerability_named_twice_is_one_advisory():
    """Found when matching kept criteria: one document spoke of CVE-2021-44228 in three places, and took its own rows for a clash."""
    twice = [{"id": "CVE-2021-44228", "analysis": {"state": "exploitable"}, "affects": [{"ref": "c1", "versions": [{"version": version}]}]} for version in ("2.4", "2.6")]  # fmt: skip
    (said,) = read("cyclonedx", {**CYCLONEDX, "vulnerabilities": twice})
    assert [one.ranges[0].exact for one in said.criteria if one.kind == "purl"] == ["2.4", "2.6"]
    products = [dict(one.products)["purl"] for one in said.statements]
    assert products == ["pkg:generic/lwip@2.4", "pkg:generic/lwip@2.6"]  # each is said of its version


def test_kev_marks_and_names():
    (said,) = read(
        "kev",
        {
            "vulnerabilities": [
                {"cveID": "CVE-2025-48384", "vendorProject": "Git", "product": "Git", "dateAdded": "2025-08-25"}
            ]
        },
    )
    assert said.exploited is True and said.exploited_since == 1_756_080_000_000_000
    assert said.criteria == (Criterion("name", "git/git", (), status="unknown"),)


def test_euvd_lines_dates_and_percent():
    item = {"id": "EUVD-2025-1", "aliases": "CVE-2025-1111\nGHSA-x\n", "dateUpdated": "Apr 15, 2025, 7:30:58 PM", "epss": 12.5,
            "baseScore": 9.1, "baseScoreVersion": "3.1", "baseScoreVector": "CVSS:3.1/AV:N", "exploitedSince": "Jan 1, 2026, 12:00:00 AM",
            "references": "https://a\nhttps://b", "enisaIdVendor": [{"vendor": {"name": "Acme"}}],
            "enisaIdProduct": [{"product": {"name": "Radio"}, "product_version": "1.0 <2.0"}]}  # fmt: skip
    (said,) = read("euvd", {"items": [item], "total": 1})
    assert (said.vulnerability, said.aliases) == ("CVE-2025-1111", ("EUVD-2025-1", "GHSA-x"))
    assert said.modified_at == 1_744_745_458_000_000 and said.exploited_since == 1_767_225_600_000_000
    assert said.epss == (0.125, 0.0) and said.references == ("https://a", "https://b")
    assert said.criteria == (Criterion("name", "acme/radio", (VersionRange("", "1.0", True, "2.0"),)),)


def test_epss_lines():
    document = b"#model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z\ncve,epss,percentile\nCVE-1999-0001,0.5,0.9\nCVE-1999-0002,2,0.9\nx\n"
    found = list(read_advisories(document, "epss"))
    assert found[0].epss == (0.5, 0.9)
    assert [one.place for one in found[1:]] == ["line 4", "line 5"]


def test_own_entries_refuse_slips_of_the_pen():
    part = {"maker": "Espressif", "mpn": "esp32-d0wd", "lots": ["A1"], "silicon_revisions": ["<3.1"]}
    (said,) = read(
        "own",
        {
            "id": "OWN-1",
            "vulnerability": "cve-2026-1234",
            "affected": [part, {"purl": "pkg:generic/x", "versions": ">=1 <2"}],
        },
    )
    assert said.vulnerability == "CVE-2026-1234"
    assert said.criteria == (
        Criterion("part", "ESPRESSIF/ESP32-D0WD", (), lots=("A1",), silicon_revisions=("<3.1",)),
        Criterion("purl", "pkg:generic/x", (VersionRange("", "1", True, "2"),)),
    )
    assert broken("own", {"id": "OWN-1", "titel": "x"}).place == "1 titel"
    assert (
        broken("own", {"id": "OWN-1", "affected": [{"purl": "pkg:a/b", "mpn": "c"}]}).reason
        == "names more than one thing"
    )
    assert (
        broken("own", {"id": "OWN-1", "affected": [{"purl": "pkg:a/b", "versions": "some of them"}]}).place
        == "1 affected/0/versions"
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cpe:2.3:a:arm:mbed_tls:3.6.0:*:*:*:*:*:*:*", "a:arm:mbed_tls"),
        (r"cpe:2.3:a:foo\:bar:b\*z:1\.0:*:*:*:*:*:*:*", "a:foo:bar:b*z"),
        ("cpe:2.3:o:zephyrproject:zephyr", "o:zephyrproject:zephyr"),  # too short: the rest is any
        ("cpe:2.3:a:a:b\\", "a:a:b"),  # a trailing escape escapes nothing
        ("cpe:/a:Foo%21:bar:1.0", "a:foo!:bar"),
        ("cpe:2.3:*:busybox:busybox:1.36", "*:busybox:busybox"),
        ("cpe:2.3:a:foo", ""),
        ("nothing", ""),
    ],
)
def test_cpe_names(name, key):
    assert names.cpe_key(name) == key


@pytest.mark.parametrize(
    ("words", "ranges"),
    [
        ("<V2.4", (VersionRange("", "", True, "V2.4"),)),
        ("All versions < V4.0", (VersionRange("", "", True, "V4.0"),)),
        ("1.0 <2.0", (VersionRange("", "1.0", True, "2.0"),)),
        (">=3.0 <3.6, >=4.0", (VersionRange("", "3.0", True, "3.6"), VersionRange("", "4.0"))),
        ("2.1.2", (VersionRange(exact="2.1.2"),)),
        ("vers:all/*", (VersionRange(),)),
        ("vers:pypi/1.2|>=2|<3", (VersionRange("pypi", exact="1.2"), VersionRange("pypi", "2", True, "3"))),
        ("n/a", ()),
        ("All versions with enabled Ethernet options", ()),
    ],
)
def test_versions_in_words(words, ranges):
    assert ranges_in(words, []) == ranges


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (b'[{"cveID":"CVE-2024-1111"},{"cveID":"CVE-2024-1112" "x"},{"cveID":"CVE-2024-1113"}]', ["CVE-2024-1111", "!CVE-2024-1112", "CVE-2024-1113"]),
        (b'{"vulnerabilities":[{"cveID":"CVE-2024-1111"}', ["CVE-2024-1111", "!"]),
        (b'{"a":[1,{"b":"]"}],"vulnerabilities":[{"cveID":"CVE-2024-1111"}],"z":{}}', ["CVE-2024-1111"]),
        (b'{"cveID":"CVE-2024-1111"}\n{"cveID":"CVE-2024-1112}\n{"cveID":"CVE-2024-1113"}\n', ["CVE-2024-1111", "!", "CVE-2024-1113"]),
        (b'\xef\xbb\xbf{"cveID":"CVE-2024-1111"}', ["CVE-2024-1111"]),
        (b'[{"cveID":"CVE-2024-1111","x":"\xff"},{"cveID":"CVE-2024-1112"}]', ["!CVE-2024-1111", "CVE-2024-1112"]),
        (b'[{"cveID":"CVE-2024-1111","x":' + b"[" * 101 + b"]" * 101 + b'},{"cveID":"CVE-2024-1112"}]', ["!CVE-2024-1111", "CVE-2024-1112"]),
        (b"[" * 100_000, ["!", "!"]),
        (b'[{"cveID":"CVE-2024-1111","x":' + b"1" * 5000 + b'},7,{"cveID":"CVE-2024-1112"}]', ["!CVE-2024-1111", "!", "CVE-2024-1112"]),
        (b"", ["!"]),
        (b"<html>", ["!"]),
    ],
)  # fmt: skip
def test_a_broken_record_stops_no_other(document, found):
    said = list(read_advisories(document, "kev"))
    assert [f"!{one.record}" if isinstance(one, BrokenRecord) else one.record for one in said] == found


@pytest.mark.parametrize(("category", "count", "expected"), [("csaf_security_advisory", 1, "Flaw in X"), ("csaf_security_advisory", 2, ""), ("csaf_vex", 1, "")])  # fmt: skip
def test_the_title_of_a_document_is_no_title_of_each_vulnerability_in_it(category, count, expected):
    """Every CVE that a supplier's VEX names was called after the document: Vulnerabilities and EG-200."""
    tracking = {
        "id": "A-1",
        "current_release_date": "2026-03-01T00:00:00Z",
        "initial_release_date": "2026-03-01T00:00:00Z",
    }
    document = {
        "category": category,
        "csaf_version": "2.0",
        "title": "Flaw in X",
        "tracking": tracking,
        "publisher": {"name": "A"},
    }
    found = read("csaf", {"document": document, "vulnerabilities": [{"cve": f"CVE-2026-100{n}"} for n in range(count)]})
    assert [one.title for one in found] == [expected] * count
