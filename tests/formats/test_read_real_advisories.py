"""Every feed document of the shared data: how many records are read, counted a second time with nothing but `json`."""

import json
from collections import Counter

import pytest

from asbuilt.formats.advisory.reading import read_advisories
from asbuilt.formats.advisory.records import Advisory, BrokenRecord

# kind -> where; how many advisories, how many broken; why those are broken stands beside
EXPECTED = {
    "nvd": (["nvd2/*.json", "nvd2-embedded/*.json", "nvd2-overrides/*.json"], 73, 1),  # CVE-2023-JVM-TEST is no CVE id
    "cve5": (["cve5/**/*.json"], 79, 0),
    "osv": (["osv/**/*.json", "osv/**/*.yaml"], 71, 3),  # outputs of another program, "-expected-", without id
    "kev": (["kev/known_exploited_vulnerabilities.json"], 1404, 0),
    "epss": (["epss/*.csv"], 27, 0),
    "csaf": (["csaf/**/*.json"], None, 9),  # provider metadata, aggregators, ROLIE feeds, an index
    "openvex": (["vex/openvex/*.json"], None, 2),  # a CSAF document and an SBOM lie among them
    "cyclonedx": (["vex/cyclonedx/*"], None, 6),  # SBOMs without vulnerabilities
}


def files(shared_data, patterns):
    return [file for pattern in patterns for file in sorted(shared_data.glob(pattern))]


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_document_is_read_or_named(kind, shared_data, capsys):
    patterns, advisories, broken = EXPECTED[kind]
    counts: Counter = Counter()
    for file in files(shared_data, patterns):
        with open(file, "rb") as stream:
            for one in read_advisories(stream, kind):
                counts["broken" if isinstance(one, BrokenRecord) else "advisories"] += 1
                if isinstance(one, Advisory):
                    counts["criteria"] += len(one.criteria)
                    counts["statements"] += len(one.statements)
    with capsys.disabled():
        print(f"\n{kind}: {len(files(shared_data, patterns))} documents, {dict(counts)}")
    assert counts["broken"] == broken
    if advisories is not None:
        assert counts["advisories"] == advisories


def found_under(node, key: str):
    """Every value under this key, anywhere in the document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from found_under(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from found_under(value, key)


def test_every_cpe_match_of_nvd_is_a_criterion(shared_data):
    for file in files(shared_data, EXPECTED["nvd"][0]):
        document = json.loads(file.read_text())
        if "JVM-TEST" in file.read_text():
            continue
        matches = sum(len(value) for value in found_under(document, "cpeMatch"))
        said = [one for one in read_advisories(file.read_bytes(), "nvd") if isinstance(one, Advisory)]
        assert sum(bool(criterion.node) for one in said for criterion in one.criteria) == matches, file.name
        assert sum(len(one.trees) for one in said) == sum(
            bool(list(found_under(configuration, "cpeMatch")))
            for configurations in found_under(document, "configurations")
            for configuration in configurations
        )


def test_every_vulnerability_of_csaf_and_cyclonedx_is_an_advisory(shared_data):
    for kind in ("csaf", "cyclonedx"):
        for file in files(shared_data, EXPECTED[kind][0]):
            said = [one for one in read_advisories(file.read_bytes(), kind) if isinstance(one, Advisory)]
            if file.suffix == ".json" and said:
                vulnerabilities = json.loads(file.read_text()).get("vulnerabilities", [])
                # one that a document speaks of in several places is one advisory; without a name each is its own
                named = {
                    str(one.get("cve") or one.get("id") or one.get("ids", n)) for n, one in enumerate(vulnerabilities)
                }
                assert len(said) == max(len(named), 1), file.name


def test_every_status_of_csaf_is_in_a_statement(shared_data):
    """Each product id under a status that the product tree knows gives words; none is dropped."""
    statuses = {
        "known_affected",
        "first_affected",
        "last_affected",
        "fixed",
        "first_fixed",
        "known_not_affected",
        "under_investigation",
    }
    for file in files(shared_data, ["csaf/cisa-ot/*.json", "csaf/oasis-2.1-examples/*.json"]):
        document = json.loads(file.read_text())
        known = set(found_under(document.get("product_tree", {}), "product_id"))
        said = [one for one in read_advisories(file.read_bytes(), "csaf") if isinstance(one, Advisory)]
        for vulnerability, one in zip(document.get("vulnerabilities", []), said, strict=False):
            there = {
                status
                for status, ids in vulnerability.get("product_status", {}).items()
                if status in statuses and known & set(ids)
            }
            assert len({statement.status for statement in one.statements}) >= bool(there), file.name
            for status, word in (
                ("known_affected", "affected"),
                ("fixed", "fixed"),
                ("known_not_affected", "not_affected"),
            ):
                assert (status in there) <= any(statement.status == word for statement in one.statements), file.name
