"""Every checklist of the reference, one case an item, named by its key: the dated data of a room holds it, with its words and where it stands, and a
test of what the product does names it.

The keys are written by hand from the law and the seed as reference/cra.md and reference/seed-article.txt give them (the section stands with each),
not read from our data; that the data holds nothing else is tested too. This file reads the project alone.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ROOT / "src" / "asbuilt"


def data(place: str) -> dict:
    """The newest rule set of a file of a room, as it stands."""
    said = json.loads(sorted(ROOMS.glob(place))[-1].read_text(encoding="utf-8"))
    return said["rule_sets"][-1] if "rule_sets" in said else said


def by(listed: list[dict], name: str = "key") -> dict[str, dict]:
    """Key -> the rule."""
    assert len({one[name] for one in listed}) == len(listed), name
    return {one[name]: one for one in listed}


LAW = data("answers/compliance/judging/data/cra-*.json")
OPERATORS = data("answers/compliance/judging/data/operators.json")
FILE = data("answers/compliance/filing/data/technical-file.json")
PAPERS = data("answers/compliance/filing/data/papers.json")
KEEPING = data("answers/compliance/keeping/data/keeping-*.json")
CHANGES = data("designed/changes/controlling/data/change-rules.json")
REVIEW = data("designed/changes/qualifying/data/design_review.json")
EMS = data("answers/compliance/filing/data/ems-questions.json")
DUTIES = by(data("answers/cases/handling/data/duties.json")["duties"], "duty")
SRP = by(json.loads((ROOMS / "answers/cases/reporting/data/fields.json").read_text())["matrices"], "matrix")
COORDINATOR = data("answers/cases/reporting/data/coordinators.json")
CVD = data("answers/cases/publishing/data/cvd-policy.json")


def profile(name: str) -> dict[str, dict]:
    """Field -> what a profile of SBOMs asks of it."""
    return by(data(f"formats/sbom/profiles/{name}.json")["fields"])


def stages(duty: str) -> dict[str, dict]:
    """Report of Article 14 -> its clock."""
    return {f"{duty}.{one['stage']}": one for one in DUTIES[duty]["stages"]}


def questions(group: str) -> dict[str, dict]:
    """Question of an ECO -> the question."""
    return {key: one for key, one in by(CHANGES["questions"]).items() if one["group"] == group}


ANNEX_I = ["I.1", *(f"I.2.{letter}" for letter in "abcdefghijklm"), *(f"II.{n}" for n in range(1, 9))]
SAID_OF_A_REQUEST = {
    "authority": "authority", "Member State": "member_state", "legal basis": "legal_basis", "reasoned request": "words", "received": "received_at",
    "due": "due_at", "language": "language", "demanded": "demanded",
}  # fmt: skip
API = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
REQUEST = next(
    body["schema"]["properties"]
    for path, verbs in API["paths"].items() if path.endswith("/requests") and "post" in verbs
    for body in verbs["post"]["requestBody"]["content"].values() if "demanded" in body["schema"].get("properties", {})
)  # fmt: skip
"""What the API takes when a request of an authority is noted: the project's own description of itself."""

# checklist -> (where in the reference, keys by hand, what the product's data has, the rooms whose tests name each; None: words that stand everywhere)
CHECKLISTS = {
    "dates": ("cra.md 0", ["2024-12-10", "2025-12-21", "2026-06-11", "2026-09-11", "2027-12-11", "2028-06-11"], by(LAW["dates"], "on"), None),
    "functions": ("cra.md 1, Annexes III and IV", [
        "identity-management", "browsers", "password-managers", "anti-malware", "vpn", "network-management", "siem", "boot-managers",
        "pki-cert-issuance", "network-interfaces", "operating-systems", "routers-modems-switches", "mpu-security", "mcu-security",
        "asic-fpga-security", "smart-home-assistants", "smart-home-security", "connected-toys", "wearables", "hypervisors-container-runtimes",
        "firewalls-ids-ips", "tamper-resistant-mpu", "tamper-resistant-mcu", "hw-security-boxes", "smart-meter-gateways",
        "smartcards-secure-elements",
    ], by(LAW["functions"]), ("compliance",)),
    "edges": ("cra.md 1, exclusions and scope edges", [
        "product-def", "scope-connection", "x-mdr", "x-ivdr", "x-vehicles", "x-aviation", "x-marine", "x-sectoral", "x-spare-parts", "x-defence",
        "x-lcat", "x-own-use", "firmware-separate", "trade-fair", "unfinished-sw",
    ], by(LAW["edges"]), ("compliance",)),
    "classes": ("cra.md 2", ["default", "important-I", "important-II", "critical"], by(LAW["classes"]), ("compliance",)),
    "routes": ("cra.md 2, Annex VIII", ["A", "B+C", "H", "cert"], by(LAW["routes"]), None),
    "duties of the manufacturer": (
        "cra.md 3, Articles 13, 18(2), 31", [f"13.{n}" for n in range(1, 26)] + ["31.1-2", "12-18"], by(FILE["duties"], "duty"), ("compliance", "journeys")),
    "clocks": ("cra.md 3 and 8, Articles 13(8), (9), (13), 23(2), 69(2)", ["regimes", "modified", "support", "documents", "updates", "supply"], {
        key: one for key, one in KEEPING.items() if isinstance(one, dict)}, None),
    "reports of a vulnerability": ("cra.md 4.3", [f"cra.aev.{stage}" for stage in ("early_warning", "notification", "final_report")], stages("cra.aev"), None),
    "reports of an incident": (
        "cra.md 4.3", [f"cra.incident.{stage}" for stage in ("early_warning", "notification", "final_report")], stages("cra.incident"), None),
    "coordinator": ("cra.md 4.4", ["main_establishment", "most_employees", "authorised_representative", "importer", "distributor", "users"], by(
        COORDINATOR["rules"], "rule"), ("cases",)),
    "fields of the platform": ("cra.md 4.5", [
        "type", "title", "summary", "manufacturer", "member_states", "product_name", "product_version", "product_type", "product_class",
        "product_category", "end_of_support", "component", "mitigation_expected", "user_action", "sensitivity", "measures_taken", "measures_users",
        "attack_vector", "cve", "euvd", "general_info_v", "measure_available_at", "update_details", "severity_v", "impact_v", "aware_at_v", "actor",
        "pec", "pec_reason", "pec_info", "malicious_suspected", "general_info_i", "mitigation_ongoing", "severity_i", "impact_i", "root_cause",
        "aware_at_i", "occurred_at", "initial_assessment", "prerequisites",
    ], by(SRP["srp/1.3-2026-09-10"]["fields"], "field"), ("cases",)),
    "Annex I": ("cra.md 5", ANNEX_I, by(LAW["requirements"]), ("compliance", "journeys")),
    "Annex II": ("cra.md 5", [*(f"AII.{n}" for n in range(1, 8)), *(f"AII.8.{letter}" for letter in "abcdef"), "AII.9"], by(
        PAPERS["information"], "point"), ("compliance", "journeys")),
    "Annex V": ("cra.md 5", [f"AV.{n}" for n in range(1, 9)], by(PAPERS["declaration"], "point"), ("compliance", "journeys")),
    "Annex VI": ("cra.md 5", ["AVI.1", "AVI.2"], by(PAPERS["simplified"], "point"), ("compliance",)),
    "Annex VII": ("cra.md 5", [*(f"AVII.1.{letter}" for letter in "abcd"), *(f"AVII.2.{letter}" for letter in "abc"), *(f"AVII.{n}" for n in range(3, 9))], {
        key: one for key, one in by(FILE["points"], "point").items() if key.startswith("AVII.")}, ("compliance", "journeys")),
    "substantial modification": ("cra.md 5: 3(30), guidance 110 (a) to (d), and the intended purpose", [
        "new_threat", "new_attack_path", "changed_likelihood", "changed_impact", "changed_purpose"], questions("substantial"), ("compliance", "changes")),
    "security of a replacement": ("issue 9, point 2; cra.md 5, spare parts", ["same_tls", "same_crypto", "same_secure_boot", "same_uid"], questions(
        "replacement"), ("changes",)),
    "security of a design": ("issue 9, point 5", ["sec.secure_element", "sec.test_points", "sec.debug", "sec.self_test", "sec.boundary_scan"], {
        one["key"]: one for one in REVIEW["points"] if one["group"] == "security"}, ("changes", "gate", "designed", "web", "cli")),
    "SBOM, TR-03183-2": ("cra.md 6.1", [
        "sbom.creator", "sbom.timestamp", "sbom.uri", "c.creator", "c.name", "c.version", "c.filename", "c.deps", "c.licence.distribution", "c.hash",
        "c.executable", "c.archive", "c.structured", "c.source_uri", "c.deploy_uri", "c.ids", "c.licence.original", "c.licence.effective",
        "c.source_hash", "c.securitytxt",
    ], profile("bsi-tr-03183-2-2.1.0"), ("formats",)),
    "SBOM, CISA": ("cra.md 6.2", [
        "author", "author_signature", "format_name", "format_version", "generation_context", "timestamp", "tool_name", "tool_version",
        "sbom_version", "producer", "name", "version", "identifiers", "hash_value", "hash_algorithm", "license", "dependency_relationship",
    ], profile("cisa-2026"), ("formats",)),
    "SBOM, NTIA": ("cra.md 6.3", ["supplier", "name", "version", "identifiers", "dependency_relationship", "author", "timestamp"], profile(
        "ntia-2021"), ("formats",)),
    "SBOM, the law": ("cra.md 6", ["format", "top_level"], profile("cra-minimum-2024"), ("formats",)),
    "policy for reporters": ("cra.md 7.4", [
        "contact", "secure", "anonymous", "scope", "report_contents", "ack_time", "assurance", "conduct", "national_csirt", "embargo", "publication",
        "credit", "bounty", "upstream", "multi_party", "end", "version",
    ], by(CVD["points"], "point"), None),
    "fines": ("cra.md 8", ["p1", "p2", "p3", "p-exempt"], by(OPERATORS["penalties"], "penalty"), ("compliance",)),
    "request of an authority": ("cra.md 8", list(SAID_OF_A_REQUEST), {
        said: REQUEST[name] for said, name in SAID_OF_A_REQUEST.items() if name in REQUEST}, None),
    "duties of other operators": ("cra.md 8, Articles 18 to 22", [
        "18", *(f"19.2.{letter}" for letter in "abcd"), *(f"19.{n}" for n in range(3, 9)), *(f"20.{n}" for n in range(1, 7)), "21", "22",
    ], by(OPERATORS["duties"], "duty"), ("compliance",)),
    "who supplied whom": ("cra.md 8, Article 23", ["23(1)(a)", "23(1)(b)", "23(2)"], {
        key: {"source": PAPERS["traceability_source"]} for key in re.findall(r"23\(\d\)(?:\(\w\))?", PAPERS["traceability_source"])}, ("compliance", "journeys")),
    "certificates of an EMS": ("seed, Choose a production partner, 1", ["ISO 9001", "ISO/IEC 27001", "IPC-A-610", "IATF 16949"], by(
        EMS["certificates"], "standard"), ("compliance",)),
    "questions to an EMS": ("seed, Choose a production partner, 2 to 5 and the five questions", [
        "lot_linkage", "reports", "integration", "regulated", "audits", "access", "cyber", "privacy", "dfm", "obsolescence", "retention",
        "programming", "security_tests", "authenticity",
    ], by(EMS["questions"], "question"), ("compliance",)),
}  # fmt: skip
MORE = {
    "SBOM, TR-03183-2": {"format", "vulnerabilities"}, "SBOM, the law": {"product", "name", "version", "identifiers"},
    "security of a design": {"sec.boot", "sec.storage", "sec.uid", "sec.reset"},
    "questions to an EMS": {
        "lots_known", "serial_numbers", "record_age", "log_verified", "signed_releases", "read_back", "calibration", "declarations", "changes",
        "qualified", "incident", "notice",
    },
}  # fmt: skip
"""What our data asks beyond the checklist of the reference: our own questions, each with its source."""
ITEMS = [(name, key) for name, (_section, keys, _has, _rooms) in CHECKLISTS.items() for key in keys]
WORDS = re.compile(r"[\w+().-]*[\w+)]")


def _named(rooms: tuple[str, ...]) -> set[str]:
    files = [file for room in rooms for file in (ROOT / "tests" / room).rglob("*.py")] + list(
        (ROOT / "tests").glob("*_floor.py")
    )
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return set(WORDS.findall(text)) | {
        standard for standard in CHECKLISTS["certificates of an EMS"][1] if standard in text
    }


@pytest.fixture(scope="module")
def named():
    """named(("compliance",)) -> the words of that room's tests and of the floors they share."""
    read: dict[tuple[str, ...], set[str]] = {}
    return lambda rooms: read[rooms] if rooms in read else read.setdefault(rooms, _named(rooms))


@pytest.mark.parametrize(("checklist", "key"), ITEMS, ids=[f"{name}: {key}" for name, key in ITEMS])
def test_an_item_is_in_the_data_and_a_test_names_it(checklist, key, named):
    section, _keys, has, rooms = CHECKLISTS[checklist]
    assert key in has, f"{key} of {section} is nowhere in our data"
    one = has[key]
    assert any(one.get(name) for name in ("source", "law", "asks", "name", "annex", "number", "stages", "fields", "texts", "needed", "title", "type", "level", "tier", "changes_on"))  # fmt: skip
    if rooms:
        assert key in named(rooms), f"no test in {', '.join(rooms)} names {key} of {section}"


@pytest.mark.parametrize("checklist", CHECKLISTS)
def test_a_checklist_of_the_data_holds_nothing_that_the_reference_has_not(checklist):
    section, keys, has, _rooms = CHECKLISTS[checklist]
    assert len(set(keys)) == len(keys) and section
    assert set(has) - set(keys) == MORE.get(checklist, set())


def test_what_needs_a_reason_and_what_proves_a_requirement():
    assert [one["key"] for one in LAW["requirements"] if not one["always"]] == [one for one in ANNEX_I if one.startswith("I.2.")]  # fmt: skip
    assert list(data("answers/compliance/assessing/data/evidence-*.json")["sources"]) == ANNEX_I
    tests = data("designed/catalog/data/requirements.json")["keys"]
    assert list(tests) == [one for one in ANNEX_I if not one.startswith("II.")]
    assert all("Art 3(30)" in one["source"] for one in questions("substantial").values())
    assert PAPERS["traceability_years"] == KEEPING["supply"]["years"] == 10 and PAPERS["request_bases"][:2] == [
        "13(22)",
        "13(25)",
    ]


def test_each_duty_of_the_manufacturer_rests_on_points_of_the_file():
    known = set(by(FILE["points"], "point"))
    assert all(one["points"] and set(one["points"]) <= known for one in FILE["duties"])
    assert all(
        one["asks"]["en"] and one["asks"]["de"] and one["law"].startswith("Article")
        for one in [*FILE["duties"], *OPERATORS["duties"]]
    )


def test_fines_are_those_of_article_64_and_none_is_said_of_a_day_before_the_law():
    assert [(one["eur_max"], one["turnover_percent_max"], one["law"]) for one in OPERATORS["penalties"]] == [
        (15_000_000, 2.5, "Article 64(2)"), (10_000_000, 2, "Article 64(3)"), (5_000_000, 1, "Article 64(4)"), (None, None, "Article 64(10)"),
    ]  # fmt: skip
    assert OPERATORS["applies_from"] == "2027-12-11" and "71(2)" in OPERATORS["applies_source"]


def test_every_rule_says_where_it_stands():
    for one in (*LAW["functions"], *LAW["edges"], *LAW["routes"], *LAW["classes"], *LAW["requirements"]):
        assert (
            re.search(r"Regulation \(EU\) 20\d\d/\d+|FAQ", one["source"]) and one["name"]["en"] and one["name"]["de"]
        ), one["key"]


def test_every_phrase_of_a_declaration_says_in_each_language_whose_words_it_is():
    phrased = [one for one in (*PAPERS["declaration"], *PAPERS["simplified"]) if "phrase" in one]
    assert [one["point"] for one in phrased] == ["AV.3", "AV.5", "AVI.1", "AVI.2"]
    for one in phrased:
        assert list(one["phrase"]) == list(one["origin"]) == PAPERS["languages"] == ["en", "de", "pl", "fr"]
        assert set(one["origin"].values()) <= set(PAPERS["origins"])
    # the reference quotes Annex VI alone, in English, and says itself that it was not compared with the law
    (quoted,) = [one for one in phrased if "reference" in one["origin"].values()]
    assert quoted["origin"]["en"] == "reference" and "not verified" in PAPERS["origins"]["reference"]
    assert quoted["phrase"]["en"].format(maker="[maker]", type="[designation]") == (
        "Hereby, [maker] declares that the product with digital elements type [designation] is in compliance with Regulation (EU) 2024/2847."
    )
