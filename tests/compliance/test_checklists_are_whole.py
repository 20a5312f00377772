"""Every key of the law's checklists is named by the dated data of a room, no key is there that the law has not, and a test names each.

The lists are written by hand from the law (cra.md, sections 1, 3, 5 and 8), not read from our data.
"""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ROOT / "src" / "asbuilt"
FUNCTIONS = ["identity-management", "browsers", "password-managers", "anti-malware", "vpn", "network-management", "siem", "boot-managers", "pki-cert-issuance", "network-interfaces", "operating-systems", "routers-modems-switches", "mpu-security", "mcu-security", "asic-fpga-security", "smart-home-assistants", "smart-home-security", "connected-toys", "wearables", "hypervisors-container-runtimes", "firewalls-ids-ips", "tamper-resistant-mpu", "tamper-resistant-mcu", "hw-security-boxes", "smart-meter-gateways", "smartcards-secure-elements"]  # fmt: skip
EDGES = [
    "product-def",
    "scope-connection",
    "x-mdr",
    "x-ivdr",
    "x-vehicles",
    "x-aviation",
    "x-marine",
    "x-sectoral",
    "x-spare-parts",
    "x-defence",
    "x-lcat",
    "x-own-use",
    "firmware-separate",
    "trade-fair",
    "unfinished-sw",
]
ROUTES = ["A", "B+C", "H", "cert"]
CLASSES = ["default", "important-I", "important-II", "critical"]
DUTIES = [f"13.{n}" for n in range(1, 26)] + ["31.1-2", "12-18"]
ANNEX_I = ["I.1", *(f"I.2.{letter}" for letter in "abcdefghijklm"), *(f"II.{n}" for n in range(1, 9))]
ANNEX_II = [f"AII.{n}" for n in range(1, 8)] + [f"AII.8.{letter}" for letter in "abcdef"] + ["AII.9"]
ANNEX_V, ANNEX_VI = [f"AV.{n}" for n in range(1, 9)], ["AVI.1", "AVI.2"]
ANNEX_VII = ["AVII.1.a", "AVII.1.b", "AVII.1.c", "AVII.1.d", "AVII.2.a", "AVII.2.b", "AVII.2.c", *(f"AVII.{n}" for n in range(3, 9))]  # fmt: skip
# 3(30) and point 110 of the guidance: new threat vectors, new attack scenarios, likelihood, impact; and the intended purpose
SUBSTANTIAL = ["new_threat", "new_attack_path", "changed_likelihood", "changed_impact", "changed_purpose"]
ARTICLE_23 = ["23(1)(a)", "23(1)(b)", "23(2)"]


def data(place: str):
    """The newest rule set of a file of a room, as it stands."""
    said = json.loads(sorted(ROOMS.glob(place))[-1].read_text(encoding="utf-8"))
    return said["rule_sets"][-1] if "rule_sets" in said else said


def keys(listed, name: str = "key") -> list[str]:
    """The keys of a list of rules."""
    return [one[name] for one in listed]


def test_data_of_the_rooms_hold_every_key_and_no_other():
    law = data("answers/compliance/judging/data/cra-*.json")
    assert keys(law["functions"]) == FUNCTIONS and len(FUNCTIONS) == 26
    assert (keys(law["edges"]), keys(law["routes"]), keys(law["classes"])) == (EDGES, ROUTES, CLASSES)
    assert keys(law["requirements"]) == ANNEX_I
    # what always applies, and what needs a justification where it does not: I.2.a to m
    assert [one["key"] for one in law["requirements"] if not one["always"]] == [one for one in ANNEX_I if one.startswith("I.2.")]  # fmt: skip
    assert list(data("answers/compliance/assessing/data/evidence-*.json")["sources"]) == ANNEX_I
    tests = data("designed/catalog/data/requirements.json")["keys"]
    assert list(tests) == [one for one in ANNEX_I if not one.startswith("II.")]
    file = data("answers/compliance/filing/data/technical-file.json")
    assert keys(file["points"], "point")[: len(ANNEX_VII)] == ANNEX_VII and keys(file["duties"], "duty") == DUTIES
    papers = data("answers/compliance/filing/data/papers.json")
    found = [keys(papers[name], "point") for name in ("declaration", "simplified", "information")]
    assert found == [ANNEX_V, ANNEX_VI, ANNEX_II]
    changes = data("designed/changes/controlling/data/change-rules.json")["questions"]
    assert [one["key"] for one in changes if one["group"] == "substantial"] == SUBSTANTIAL
    assert all("Art 3(30)" in one["source"] for one in changes if one["group"] == "substantial")
    assert all(key in papers["traceability_source"] for key in ARTICLE_23) and papers["traceability_years"] == 10
    assert data("answers/compliance/keeping/data/keeping-*.json")["supply"]["years"] == 10


def test_each_duty_rests_on_points_of_the_file_or_is_named_as_one_that_nothing_shows():
    file = data("answers/compliance/filing/data/technical-file.json")
    known = set(keys(file["points"], "point"))
    bare = [one["duty"] for one in file["duties"] if not one["points"]]
    assert bare == ["13.23"]  # nothing here says that operations cease
    assert all(set(one["points"]) <= known for one in file["duties"])
    assert all(one["asks"]["en"] and one["asks"]["de"] and one["law"].startswith("Article") for one in file["duties"])


def test_every_rule_says_where_it_stands():
    law = data("answers/compliance/judging/data/cra-*.json")
    for one in (*law["functions"], *law["edges"], *law["routes"], *law["classes"], *law["requirements"]):
        assert (
            re.search(r"Regulation \(EU\) 20\d\d/\d+|FAQ", one["source"]) and one["name"]["en"] and one["name"]["de"]
        ), one["key"]


def test_a_test_names_every_key():
    """Routes and classes are short words that stand everywhere: test_classify claims them."""
    words: set[str] = set()
    for room in ("compliance", "journeys", "browser", "changes"):
        for file in [*(ROOT / "tests" / room).glob("*.py"), ROOT / "tests" / "change_floor.py"]:
            if file != Path(__file__):
                words |= set(re.findall(r"[\w+().-]*[\w+)]", file.read_text(encoding="utf-8")))
    asked = (
        FUNCTIONS,
        EDGES,
        DUTIES,
        ANNEX_I,
        ANNEX_II,
        ANNEX_V,
        ANNEX_VI,
        ANNEX_VII,
        SUBSTANTIAL,
        ARTICLE_23,
    )
    assert [key for one in asked for key in one if key not in words] == []
