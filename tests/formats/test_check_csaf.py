"""CSAF 2.0 documents judged as the standard says: every test file of OASIS by its number, real advisories, hostile and mutated ones.

`ASBUILT_CSAF_MUTATIONS` is how many mutated documents are checked; 5,000 take two seconds.
"""

import copy
import json
import os
import random
import re
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from official_schemas import SHARED

from asbuilt.formats.csaf.checking import TESTS, check, check_document
from asbuilt.formats.csaf.languages import exists
from asbuilt.formats.csaf.limits import Limits
from asbuilt.formats.csaf.revisions import moment
from asbuilt.kernel.errors import Invalid

MUTATIONS = int(os.environ.get("ASBUILT_CSAF_MUTATIONS", "5000"))
NUMBERED = re.compile(r"2021-6-(\d)-(\d\d)(?:-(\d\d))?-(\d\d)\.json$")
# all files of the suite; the shared data holds the first of each kind
SUITE = Path(find_spec("csaf").submodule_search_locations[0]) / "csaf" / "v20" / "data"
# OASIS' index calls these two valid, though a file's hashes stand twice with one algorithm, which 6.1.25 forbids
AGAINST_THEIR_INDEX = {"6-2-08-02": ("6.1.25",), "6-2-09-02": ("6.1.25",)}
SHARED_FILES = sorted(SHARED.glob("csaf/oasis-2.0-*/oasis_csaf_tc-*.json"))
SUITE_FILES = sorted(SUITE.glob("*/oasis_csaf_tc-*.json"))


def judged(path: Path) -> tuple[str, bool]:
    """(number of the test, whether the file must fail it) by the name that OASIS gave it: 01 to 10 fail, 11 and above do not."""
    group, test, profile, number = NUMBERED.search(path.name).groups()
    return f"6.{group}.{int(test)}" + (f".{int(profile)}" if profile else ""), group == "1" and int(number) < 11


@pytest.mark.parametrize(("files", "least"), [(SHARED_FILES, 111), (SUITE_FILES, 232)], ids=["shared", "suite"])
def test_every_file_of_the_standard_is_judged_as_the_standard_says(files, least, capsys):
    invalid = 0
    for path in files:
        test, fails = judged(path)
        report = check(path.read_bytes())
        known = next((said for name, said in AGAINST_THEIR_INDEX.items() if name in path.name), ())
        assert report.valid is not (fails or bool(known)), (path.name, report)
        assert report.failed == known or test in report.failed, (path.name, report)
        for one in report.findings:
            assert one.sentence and (one.place == "" or resolved(json.loads(path.read_bytes()), one.place) is not None)
        invalid += fails
    with capsys.disabled():
        print(
            f"\n{len(files)} files of OASIS: {invalid} invalid, {len(files) - invalid} valid, all as the standard says"
        )
    assert len(files) == least and {judged(path)[0] for path in files if judged(path)[1]} == set(TESTS)


def resolved(document, place: str):
    for part in place.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def test_real_advisories_fail_only_what_is_really_wrong_in_them():
    found = {}
    for path in sorted(SHARED.glob("csaf/*/*.json")):
        if path.parent.name in ("cisa-ot", "oasis-2.0-examples", "real-other"):
            found[path.name] = check(path.read_bytes()).failed
    assert len(found) == 43 and {name: failed for name, failed in found.items() if failed} == {
        "icsa-21-208-01.json": ("6.1.31",),  # a product_version called vers:all/*
        "icsa-22-167-02.json": ("6.1.31",),
        "cve-2021-0084.json": ("6.1.16",),  # version 1, last revision 2
    }


def test_documents_of_the_draft_2_1_and_files_of_a_provider_are_no_csaf_2_0():
    others = [*SHARED.glob("csaf/oasis-2.1-examples/*.json"), *SHARED.glob("csaf/oasis-2.0-distribution/*.json")]
    assert len(others) == 19 and all(check(path.read_bytes()).failed == ("schema",) for path in others)


def base() -> dict:
    """A valid advisory, small."""
    return json.loads((SHARED / "csaf/oasis-2.0-examples/bsi-2022-0001.json").read_bytes())


def changed(**changes) -> tuple[str, ...]:
    """What a document fails whose tracking is changed so; `lang` is the document's."""
    document = base()
    for name, value in changes.items():
        (document["document"] if name == "lang" else document["document"]["tracking"])[name] = value
    return check_document(document).failed


def revision(number: str, date: str = "2022-01-01T00:00:00Z") -> dict:
    return {"number": number, "date": date, "summary": "x"}


@pytest.mark.parametrize(
    ("numbers", "version", "status", "failed"),
    [
        (["1", "2", "3"], "3", "final", ()),
        (["1", "10"], "10", "final", ("6.1.21",)),
        (["1.0.0", "1.10.0", "1.9.0"], "1.10.0", "final", ("6.1.14", "6.1.16")),
        (["0.9.0", "1.0.0"], "1.0.0", "final", ("6.1.18",)),
        (["0.9.0", "1.0.0"], "1.0.0+build.5", "draft", ()),
        (["1.0.0"], "1.0.0-rc.1", "draft", ()),
        (["1.0.0"], "1.0.0-rc.1", "interim", ("6.1.16", "6.1.17", "6.1.20")),
        (["1", "2.0.0"], "2.0.0", "final", ("6.1.30",)),
        (["2"], "2", "final", ("6.1.21",)),
        (["1", "1"], "1", "final", ("6.1.22",)),
    ],
)
def test_versions_and_their_history(numbers, version, status, failed):
    history = [revision(one, f"2022-01-{day:02}T00:00:00Z") for day, one in enumerate(numbers, 1)]
    assert changed(revision_history=history, version=version, status=status) == failed


def test_instants_are_compared_not_their_text():
    assert moment("2022-01-01T01:00:00+01:00") == moment("2022-01-01T00:00:00Z") == moment("2021-12-31t18:30:00-05:30")
    assert moment("0000-01-01T00:00:00Z") < moment("2016-12-31T23:59:60Z") <= moment("2017-01-01T00:00:00Z")
    assert (
        moment("9999-12-31T23:59:60.5Z") - moment("9999-12-31T00:00:00Z") == 86_400.5
    )  # the year 9999 broke the check once
    assert moment("2022-01-01T00:00:00.0000000000000000001Z") > moment("2022-01-01T00:00:00Z")
    history = [revision("2", "2022-01-01T00:30:00Z"), revision("1", "2022-01-01T01:00:00+01:00")]
    assert changed(revision_history=history, version="2") == ()


@pytest.mark.parametrize(
    ("tag", "known"),
    [("de", True), ("de-AT", True), ("zh-cmn-Hans-CN", True), ("sl-rozaj-biske", True), ("i-klingon", True), ("qaa-Qaaa-QM", True),
     ("x-factory", True), ("de-u-co-phonebk-x-a", True), ("en-GB-oxendict", True), ("ez", False), ("de-XQ", True), ("de-ZQ", False),
     ("de-1996-1996", False), ("de-u", False), ("de-a-bc-a-de", False), ("de-Xxxx", False), ("de-x", False)],
)  # fmt: skip
def test_languages(tag, known):
    assert exists(tag) is known


def test_a_weakness_may_have_an_older_name_and_no_other():
    document = base()
    for name, failed in (("Cross-site Scripting", ("6.1.11",)), ("Failure to Preserve Web Page Structure ('Cross-site Scripting')", ())):  # fmt: skip
        document["vulnerabilities"][0]["cwe"] = {"id": "CWE-79", "name": name}
        assert check_document(document).failed == failed


def test_a_vector_that_repeats_a_metric_gives_no_score():
    document = base()
    product = document["vulnerabilities"][0]["product_status"]["known_affected"][0] if "known_affected" in document["vulnerabilities"][0]["product_status"] else next(iter(document["vulnerabilities"][0]["product_status"].values()))[0]  # fmt: skip
    rating = {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "baseSeverity": "CRITICAL"}  # fmt: skip
    document["vulnerabilities"][0]["scores"] = [{"products": [product], "cvss_v3": rating}]
    assert check_document(document).failed == ("6.1.9",)
    rating |= {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "attackVector": "LOCAL"}
    assert check_document(document).failed == ("6.1.10",)
    rating |= {"attackVector": "NETWORK", "temporalScore": 9.8, "environmentalSeverity": "HIGH"}
    assert check_document(document).failed == ("6.1.9",)


def test_long_chains_and_circles_of_relationships_end():
    document = base()
    tree = document["product_tree"]
    tree["full_product_names"] = [{"product_id": "p0", "name": "p0"}]
    tree["relationships"] = [
        {"category": "installed_on", "product_reference": f"p{n}", "relates_to_product_reference": "p0",
         "full_product_name": {"product_id": f"p{n + 1}", "name": "x"}}
        for n in range(5_000)
    ]  # fmt: skip
    assert check_document(document).valid
    tree["relationships"][0]["relates_to_product_reference"] = "p5000"
    report = check_document(document)
    assert report.failed == ("6.1.3",) and report.findings[0].place.startswith("/product_tree/relationships/")


def refused(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Invalid) as error:
        check(content, limits=limits)
    assert error.value.remedy
    return error.value.code


def test_what_is_too_large_too_deep_or_no_json_is_refused_with_its_place():
    assert refused(b"[" * 101 + b"]" * 101) == refused(b"[" * 5_000 + b"]" * 5_000) == "csaf.nested_too_deep"
    assert check(b"[" * 100 + b"]" * 100).failed == ("schema",) and refused(b"[" * 100_000).startswith("csaf.n")
    assert refused(b"{") == refused(b"\xff\xfe{}") == refused(b'{"a": NaN}') == refused(b"") == "csaf.not_json"
    assert refused(b" " * 2_000, Limits(bytes=1_000)) == "csaf.too_large"
    long = base()
    long["document"]["tracking"] |= {"version": "9" * 5_000}  # longer than Python makes a number of
    assert refused(json.dumps(long).encode()) == "csaf.too_large"
    assert changed(revision_history=[revision("1", f"2022-01-01T00:00:00.{'1' * 9_000}Z")], version="1") == ()
    assert check(b"\xef\xbb\xbf" + json.dumps(base()).encode()).valid
    assert check(b"[]").failed == check(b"null").failed == check(b"{}").failed == ("schema",)
    document = base()
    names = [f"p{n}" for n in range(1_000)]
    tree = document["product_tree"]
    tree["full_product_names"] = [{"product_id": name, "name": name} for name in names]
    tree["product_groups"] = [{"group_id": "g", "product_ids": names}]
    one = document["vulnerabilities"][0]
    one["flags"] = [{"label": "component_not_present", "group_ids": ["g"], "date": f"20{n}-01-01T00:00:00Z"} for n in range(10, 60)]  # fmt: skip
    assert refused(json.dumps(document).encode(), Limits(expanded=20_000)) == "csaf.too_large"


def parts(value, place=()):
    yield place, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from parts(inner, (*place, key))


ODD = [None, True, -1, 1e308, "", "\x00", "\u202e", "0", "99999999999999999999", "1.0.0-" + "a." * 50 + "1", "9999-12-31T23:59:60.5Z",
       "0000-01-01T00:00:00-23:59", "pkg:a/b@%", "CWE-0", "vers:all/*", [], {}, [[]], [{}]]  # fmt: skip


def mutated(document: dict, drawn: random.Random, pool: list) -> dict:
    document = copy.deepcopy(document)
    for _ in range(drawn.randint(1, 4)):
        placed = [one for one in parts(document) if one[0]]
        if not placed:
            break
        place, value = drawn.choice(placed)
        holder = document
        for key in place[:-1]:
            holder = holder[key]
        what = drawn.randrange(5)
        if what == 0:
            del holder[place[-1]]
        elif what == 1:
            holder[place[-1]] = drawn.choice(ODD)
        elif what == 2 and isinstance(holder, list):
            holder.append(copy.deepcopy(value))
        else:  # a value that stands elsewhere under the same key: the schema mostly holds, the tests see the change
            same = [other for where, other in pool if where[-1] == place[-1] and type(other) is type(value)]
            holder[place[-1]] = copy.deepcopy(drawn.choice(same)) if same else value
    return document


def test_no_mutated_document_breaks_the_check():
    drawn = random.Random(20261129)
    sources = [json.loads(path.read_bytes()) for path in SHARED_FILES]
    sources += [json.loads(path.read_bytes()) for path in sorted(SHARED.glob("csaf/oasis-2.0-examples/*.json")) if path.stat().st_size < 60_000]  # fmt: skip
    pool = [one for source in sources[:60] for one in parts(source) if one[0]]
    verdicts, slowest = {"valid": 0, "schema": 0, "tests": 0}, 0.0
    for _ in range(MUTATIONS):
        document = json.dumps(mutated(drawn.choice(sources), drawn, pool)).encode()
        began = time.perf_counter()
        report = check(document)
        slowest = max(slowest, time.perf_counter() - began)
        verdicts["valid" if report.valid else "schema" if report.failed == ("schema",) else "tests"] += 1
    assert all(count > MUTATIONS // 20 for count in verdicts.values()), verdicts
    assert slowest < 2.0
