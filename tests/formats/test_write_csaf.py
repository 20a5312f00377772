"""Advisories written as CSAF 2.0: every kind, judged by a second validator too; serial ranges counted by hand; what is refused."""

import json
import re
import subprocess
import sys
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from official_schemas import SCHEMAS, errors

from asbuilt.formats.csaf.advisory import (
    Advisory,
    Installed,
    Justification,
    Note,
    Product,
    Reference,
    Remedy,
    Revision,
    Score,
    SerialRange,
    Status,
    Threat,
    Vulnerability,
)
from asbuilt.formats.csaf.checking import check
from asbuilt.formats.csaf.description import read_description
from asbuilt.formats.csaf.serial_ranges import patterns
from asbuilt.formats.csaf.writing import file_name, write
from asbuilt.kernel.errors import Invalid

V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:P"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
OLD, NEW, UNITS, EARLIER = "app-2.3.1", "app-2.3.2", "units-10000", "earlier"
ON_UNITS = "app-2.3.1-on-units"
PRODUCTS = (
    Product(OLD, "EG-200", "2.3.1", "Brand Owner", purl="pkg:generic/eg-200@2.3.1", sha256="ab" * 32, file_name="app.bin"),
    Product(NEW, "EG-200", "2.3.2", "Brand Owner"),
    Product(EARLIER, "EG-200", "vers:semver/<2.3.0", "Brand Owner"),
    Product(UNITS, "EG-200", "B", "Brand Owner", hardware=True, model_numbers=("EG-200-B",), serial_ranges=(SerialRange("10000", "14990"),)),
)  # fmt: skip
FLAW = Vulnerability(
    "CVE-2026-4711", (Note("description", "A heap overflow in the parser of TLS records."),),
    (Status("known_affected", (OLD, ON_UNITS)), Status("fixed", (NEW,)), Status("known_not_affected", (EARLIER,))),
    title="Heap overflow", cwe="CWE-787", released_at="2026-11-28T08:00:00Z",
    justifications=(Justification("component_not_present", (EARLIER,), "2026-11-28T08:00:00Z"),),
    remedies=(Remedy("vendor_fix", "Update to 2.3.2.", (OLD, ON_UNITS), "https://brand.example/fw/2.3.2"),),
    threats=(Threat("exploit_status", "Exploited in the field.", (OLD,)),),
    scores=(Score(V31, (OLD, ON_UNITS)), Score(V40, (OLD,))),
)  # fmt: skip
DOCUMENT = Advisory(
    "advisory", "BRAND-SA-2026-007", "EG-200: heap overflow", "Brand Owner", "https://brand.example",
    (Revision(1, "2026-11-27T08:00:00Z", "First issue."), Revision(2, "2026-11-28T09:00:00+01:00", "Fixed in 2.3.2.")),
    contact="psirt@brand.example", notes=(Note("summary", "Devices can be taken over."),),
    references=(Reference("https://brand.example/advisories/brand-sa-2026-007.json", "Canonical URL", "self"),),
    products=PRODUCTS, installed=(Installed(ON_UNITS, OLD, UNITS),), vulnerabilities=(FLAW,),
)  # fmt: skip
INFORMATIONAL = replace(
    DOCUMENT, kind="informational", identity="BRAND-2026-INFO", vulnerabilities=(),
    references=(Reference("https://brand.example/hardening", "How to harden"),),
)  # fmt: skip


@pytest.mark.parametrize(
    "document", [DOCUMENT, replace(DOCUMENT, kind="vex"), INFORMATIONAL], ids=["advisory", "vex", "informational"]
)
def test_each_kind_is_valid_also_for_another_validator(document, tmp_path):
    written = write(document)
    assert check(written).valid and written == write(document)
    assert errors(SCHEMAS / "csaf-2.0" / "csaf_json_schema.json", written) == []
    path = tmp_path / file_name(document.identity)
    path.write_bytes(written)
    command = [sys.executable, "-m", "csaf", "validate", "--spec-version", "v20", "--preset", "full", "--no-network", "--format", "deprecated-json", str(path)]  # fmt: skip
    report = json.loads(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60).stdout)
    assert report["isValid"] and not [one for one in report["tests"] if one["errors"] and one["name"].startswith(("mandatory", "6.1"))]  # fmt: skip


def test_the_tree_names_versions_revisions_and_serial_numbers():
    said = json.loads(write(DOCUMENT))
    (vendor,) = said["product_tree"]["branches"]
    firmware, hardware = vendor["branches"]
    assert [(one["category"], one["name"]) for one in firmware["branches"]] == [
        ("product_version", "2.3.1"), ("product_version", "2.3.2"), ("product_version_range", "vers:semver/<2.3.0"),
    ]  # fmt: skip
    assert hardware["branches"][0]["product"] == {
        "product_id": UNITS, "name": "Brand Owner EG-200 hardware revision B, serial numbers 10000 to 14990",
        "product_identification_helper": {
            "model_numbers": ["EG-200-B"],
            "serial_numbers": ["10???", "11???", "12???", "13???", *(f"14{n}??" for n in range(9)), *(f"149{n}?" for n in range(9)), "14990"],
            "x_generic_uris": [{"namespace": "https://brand.example/csaf/serial-range",
                                "uri": "https://brand.example/csaf/serial-range?product=EG-200&first=10000&last=14990"}],
        },
    }  # fmt: skip
    (related,) = said["product_tree"]["relationships"]
    assert (related["category"], related["product_reference"], related["relates_to_product_reference"]) == ("installed_on", OLD, UNITS)  # fmt: skip
    (flaw,) = said["vulnerabilities"]
    assert flaw["product_status"] == {"known_affected": [OLD, ON_UNITS], "fixed": [NEW], "known_not_affected": [EARLIER]}  # fmt: skip
    assert flaw["cwe"] == {"id": "CWE-787", "name": "Out-of-bounds Write"}
    assert flaw["scores"][0]["cvss_v3"]["baseScore"] == 9.8 and flaw["notes"][-1]["text"] == V40
    tracking = said["document"]["tracking"]
    assert (tracking["version"], tracking["initial_release_date"]) == ("2", "2026-11-27T08:00:00Z")


@given(st.integers(0, 9_999), st.integers(0, 300))
def test_patterns_cover_a_range_and_nothing_else(first, length):
    last = min(first + length, 9_999)
    found = patterns(SerialRange(f"X{first:04}", f"X{last:04}"))
    fits = re.compile("|".join(one.replace("?", "[0-9]") for one in found)).fullmatch
    assert [n for n in range(max(0, first - 320), min(10_000, last + 320)) if fits(f"X{n:04}")] == [*range(first, last + 1)]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last"), [("9", "10"), ("A1", "B2"), ("2", "1"), ("A?1", "A?2"), ("X*", "X*"), ("", ""), ("A", "B")]
)
def test_what_is_no_range_is_refused(first, last):
    with pytest.raises(Invalid) as refused:
        patterns(SerialRange(first, last))
    assert refused.value.code == "csaf.serial_range" and refused.value.remedy


@pytest.mark.parametrize(
    ("changes", "failed"),
    [
        ({"vulnerabilities": (replace(FLAW, statuses=(Status("known_affected", ("nobody",)),)),)}, "6.1.1"),
        ({"vulnerabilities": (replace(FLAW, statuses=(Status("known_affected", (NEW,)), Status("fixed", (NEW,)))),)}, "6.1.6"),
        ({"kind": "vex", "vulnerabilities": (replace(FLAW, remedies=()),)}, "6.1.27.10"),
        ({"kind": "vex", "vulnerabilities": (replace(FLAW, justifications=()),)}, "6.1.27.9"),
        ({"kind": "informational"}, "6.1.27.3"),
        ({"products": (replace(PRODUCTS[0], version="2.3.1 and earlier"),), "vulnerabilities": (), "installed": ()}, "6.1.31"),
        ({"revisions": (Revision(1, "2026-11-27T08:00:00Z", "x"), Revision(3, "2026-11-28T08:00:00Z", "x"))}, "6.1.21"),
        ({"revisions": (Revision(1, "2026-11-29T08:00:00Z", "x"), Revision(2, "2026-11-28T08:00:00Z", "x"))}, "6.1.14"),
        ({"language": "ez"}, "6.1.12"),
        ({"title": ""}, "schema"),
        ({"revisions": (Revision(1, "yesterday", "x"),)}, "schema"),
    ],
)  # fmt: skip
def test_what_would_fail_a_test_is_not_written(changes, failed):
    with pytest.raises(Invalid) as refused:
        write(replace(DOCUMENT, **changes))
    assert (
        refused.value.code == "csaf.draft_not_valid" and failed in refused.value.facts["failed"] and refused.value.rows
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"kind": "letter"}, "csaf.kind_unknown"), ({"revisions": ()}, "csaf.no_revision"),
     ({"vulnerabilities": (replace(FLAW, cwe="CWE-0"),)}, "csaf.weakness_unknown"),
     ({"vulnerabilities": (replace(FLAW, scores=(Score("AV:N", (OLD,)),)),)}, "vulnerability.cvss_wrong")],
)  # fmt: skip
def test_what_no_document_can_be_made_of_is_refused(changes, code):
    with pytest.raises(Invalid) as refused:
        write(replace(DOCUMENT, **changes))
    assert refused.value.code == code and refused.value.remedy


def test_a_description_is_read_by_its_fields_and_refused_by_its_place():
    plain = json.loads(json.dumps(asdict(DOCUMENT)))
    assert read_description(json.dumps(plain).encode()) == DOCUMENT
    for place, value, where in (
        (("vulnerabilities", 0, "statuses", 0, "products"), "app", "/vulnerabilities/0/statuses/0/products"),
        (("revisions", 0, "number"), True, "/revisions/0/number"),
        (("products", 1, "serial"), "7", "/products/1/serial"),
        (("products", 1), [], "/products/1"),
    ):
        broken = json.loads(json.dumps(plain))
        holder = broken
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = value
        with pytest.raises(Invalid) as refused:
            read_description(json.dumps(broken).encode())
        assert refused.value.code == "csaf.description_wrong" and refused.value.facts["place"] == where
    del plain["title"]
    with pytest.raises(Invalid, match="/title is missing"):
        read_description(json.dumps(plain).encode())


def test_file_names_are_the_standards():
    # CSAF 2.0, 5.1: its own examples
    assert file_name("Example Company - 2019-YH3234") == "example_company_-_2019-yh3234.json"
    assert file_name("RHBA-2019:0024") == "rhba-2019_0024.json" and file_name("cisco-sa-20190513-secureboot") == "cisco-sa-20190513-secureboot.json"  # fmt: skip
