"""CSAF 2.1, a draft: vectors of its committee judged, documents of ours written as 2.1 with the very serial numbers, broken and hostile ones refused.

The draft's rules are those of the package `csaf`. What they judge otherwise than the vectors' numbers say stands below by name, and is told.
"""

import copy
import json
import random
import re
from pathlib import Path

import pytest
from official_schemas import SHARED

from asbuilt.formats.csaf.checking import check, check_document
from asbuilt.formats.csaf.description import read_description
from asbuilt.formats.csaf.official import folder
from asbuilt.formats.csaf.writing import write
from asbuilt.kernel.errors import Invalid

EXAMPLES = sorted(SHARED.glob("csaf/oasis-2.1-examples/*.json"))
SUITE = sorted((folder() / "csaf" / "v21csd04" / "data" / "mandatory").glob("*.json"))
NUMBERED = re.compile(r"2024-(6-1-.*-(\d\d))\.json$")
DESCRIPTION = Path(__file__).parents[2] / "examples" / "advisory.json"
# 01 to 10 fail, 11 and above do not; of 601 vectors these 32 are judged otherwise
VALID_YET = {"6-1-13-02", "6-1-26-09", "6-1-50-03", "6-1-50-06"}
INVALID_YET = {
    "6-1-04-12", "6-1-07-18", "6-1-10-13", "6-1-14-21", "6-1-14-32", "6-1-26-15", "6-1-26-21", "6-1-26-24", "6-1-27-08-13", "6-1-27-13-11",
    "6-1-27-13-12", "6-1-27-13-13", "6-1-27-13-14", "6-1-27-13-15", "6-1-27-13-16", "6-1-27-20-11", "6-1-27-20-12", "6-1-30-11", "6-1-37-21",
    "6-1-37-22", "6-1-50-14", "6-1-50-15", "6-1-54-21", "6-1-54-22", "6-1-54-23", "6-1-64-12-13", "6-1-66-13", "6-1-66-14",
}  # fmt: skip


def test_every_vector_of_the_draft_is_judged(capsys):
    judged = refused = 0
    otherwise = set()
    for path in SUITE:
        if found := NUMBERED.search(path.name):
            report = check(path.read_bytes(), draft=True)
            judged += 1
            refused += not report.valid
            assert all(one.sentence for one in report.findings) and report.csaf_version == "2.1"
            if report.valid is (int(found[2]) < 11):
                otherwise.add(found[1])
    assert judged == 601 and otherwise == VALID_YET | INVALID_YET
    with capsys.disabled():
        print(
            f"\n{judged} mandatory vectors of CSAF 2.1 judged, {refused} invalid; {len(otherwise)} otherwise than their numbers say"
        )


def test_examples_of_an_earlier_stage_are_judged_by_the_later_one(capsys):
    """Three name `contact_details`, which the schema of their own commit knows, and that of the later stage does not."""
    assert "contact_details" in json.loads((SHARED / "schemas/csaf-2.1/csaf.json").read_bytes())["properties"]["document"]["properties"]["publisher"]["properties"]  # fmt: skip
    invalid = 0
    for path in EXAMPLES:
        report = check(path.read_bytes(), draft=True)
        earlier = "contact_details" in json.loads(path.read_bytes())["document"]["publisher"]
        assert report.failed == (("schema",) if earlier else ()), path.name
        invalid += earlier
    assert (len(EXAMPLES), invalid) == (11, 3)
    with capsys.disabled():
        print(f"\n{len(EXAMPLES)} examples of CSAF 2.1 judged, {invalid} of an earlier stage invalid")


def test_without_the_setting_the_draft_is_no_csaf():
    report = check(EXAMPLES[0].read_bytes())
    assert report.failed == ("schema",) and report.csaf_version == "2.0"


def test_an_advisory_is_written_as_2_1_and_names_the_very_units():
    advisory = read_description(DESCRIPTION.read_bytes())
    first, draft = (json.loads(write(advisory, version)) for version in ("2.0", "2.1"))
    assert write(advisory, "2.1") == write(advisory, "2.1")
    assert check_document(draft, draft=True).valid and not check_document(draft).valid
    assert (draft["document"]["csaf_version"], draft["document"]["distribution"]["tlp"]["label"]) == ("2.1", "CLEAR")
    for name in ("serial_numbers", "model_numbers", "x_generic_uris"):
        assert helpers(draft, name) == helpers(first, name) != []
    assert draft["vulnerabilities"][0]["product_status"] == first["vulnerabilities"][0]["product_status"]
    with pytest.raises(Invalid) as refusal:
        write(advisory, "3.0")
    assert refusal.value.code == "csaf.version_unknown"


def helpers(document: dict, name: str) -> list:
    """What the branches' products say under this name, in their order."""
    found, waiting = [], [document["product_tree"]]
    while waiting:
        one = waiting.pop()
        waiting += one.get("branches", ())
        found += one.get("product", {}).get("product_identification_helper", {}).get(name, ())
    return found


def broken(document: dict, what: str) -> dict:
    document = copy.deepcopy(document)
    flaw = document["vulnerabilities"][0]
    if what == "6.1.1":
        flaw["product_status"]["known_affected"].append("nobody")
    elif what == "6.1.6":
        flaw["product_status"]["fixed"] += flaw["product_status"]["known_affected"]
    elif what == "6.1.9":
        flaw["metrics"][0]["content"]["cvss_v3"]["baseScore"] = 1.0
    elif what == "6.1.23":
        document["vulnerabilities"].append(copy.deepcopy(flaw))
    elif what == "6.1.16":
        document["document"]["tracking"]["version"] = "7"
    return document


@pytest.mark.parametrize("test", ["6.1.1", "6.1.6", "6.1.9", "6.1.16", "6.1.23"])
def test_what_is_broken_fails_by_its_number(test):
    draft = json.loads(write(read_description(DESCRIPTION.read_bytes()), "2.1"))
    assert test in check_document(broken(draft, test), draft=True).failed


def test_mutated_documents_get_a_report_and_no_traceback():
    chosen = random.Random(21)
    draft = json.loads(write(read_description(DESCRIPTION.read_bytes()), "2.1"))
    invalid = 0
    for _ in range(300):
        document = copy.deepcopy(draft)
        place = document
        for _step in range(chosen.randrange(1, 8)):
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = chosen.choice(keys)
            if not isinstance(place[key], dict | list) or chosen.random() < 0.3:
                place[key] = chosen.choice([None, 0, "", "x", [], {}, -1e308, "https://", ["x"], {"x": 1}])
                break
            place = place[key]
        invalid += not check_document(document, draft=True).valid
    assert invalid > 100
