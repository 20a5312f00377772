"""Every key of the fact sheet's sections 1 and 2 (cra.md), by a table written from it and not from the rule sets: class, legal point, routes, scope edges."""

import json
import subprocess
import sys

import pytest

from asbuilt.answers.compliance.judging.classes import classify
from asbuilt.answers.compliance.judging.rule_sets import newest, rules_on
from asbuilt.kernel.errors import Invalid

CLASS_I, CLASS_II, CRITICAL = "important-I", "important-II", "critical"
# key, legal point, class: section 1 of cra.md, 19 + 4 + 3
FUNCTIONS = [
    ("identity-management", "III.I.1", CLASS_I), ("browsers", "III.I.2", CLASS_I), ("password-managers", "III.I.3", CLASS_I),
    ("anti-malware", "III.I.4", CLASS_I), ("vpn", "III.I.5", CLASS_I), ("network-management", "III.I.6", CLASS_I), ("siem", "III.I.7", CLASS_I),
    ("boot-managers", "III.I.8", CLASS_I), ("pki-cert-issuance", "III.I.9", CLASS_I), ("network-interfaces", "III.I.10", CLASS_I),
    ("operating-systems", "III.I.11", CLASS_I), ("routers-modems-switches", "III.I.12", CLASS_I), ("mpu-security", "III.I.13", CLASS_I),
    ("mcu-security", "III.I.14", CLASS_I), ("asic-fpga-security", "III.I.15", CLASS_I), ("smart-home-assistants", "III.I.16", CLASS_I),
    ("smart-home-security", "III.I.17", CLASS_I), ("connected-toys", "III.I.18", CLASS_I), ("wearables", "III.I.19", CLASS_I),
    ("hypervisors-container-runtimes", "III.II.1", CLASS_II), ("firewalls-ids-ips", "III.II.2", CLASS_II),
    ("tamper-resistant-mpu", "III.II.3", CLASS_II), ("tamper-resistant-mcu", "III.II.4", CLASS_II),
    ("hw-security-boxes", "IV.1", CRITICAL), ("smart-meter-gateways", "IV.2", CRITICAL), ("smartcards-secure-elements", "IV.3", CRITICAL),
]  # fmt: skip
# section 2: class, standards, foss -> routes that the law allows
ROUTES = [
    ("default", "none", False, {"A", "B+C", "H", "cert"}), ("default", "full", False, {"A", "B+C", "H", "cert"}),
    (CLASS_I, "none", False, {"B+C", "H"}), (CLASS_I, "part", False, {"B+C", "H"}), (CLASS_I, "full", False, {"A", "B+C", "H", "cert"}),
    (CLASS_I, "none", True, {"A", "B+C", "H", "cert"}), (CLASS_II, "none", False, {"B+C", "H", "cert"}),
    (CLASS_II, "full", False, {"B+C", "H", "cert"}), (CLASS_II, "none", True, {"A", "B+C", "H", "cert"}),
    (CRITICAL, "none", False, {"B+C", "H", "cert"}), (CRITICAL, "full", False, {"B+C", "H", "cert"}),
    (CRITICAL, "full", True, {"B+C", "H", "cert"}),  # 32(5) speaks of Annex III alone
]  # fmt: skip
ONE_OF = {"default": "default", CLASS_I: "siem", CLASS_II: "firewalls-ids-ips", CRITICAL: "hw-security-boxes"}
# scope edges of section 1: what each does
EDGES = {
    "product-def": "condition", "scope-connection": "condition", "x-mdr": "exclusion", "x-ivdr": "exclusion",
    "x-vehicles": "exclusion", "x-aviation": "exclusion", "x-marine": "exclusion", "x-sectoral": "exclusion",
    "x-spare-parts": "exclusion", "x-defence": "exclusion", "x-lcat": "exclusion", "x-own-use": "exclusion",
    "firmware-separate": "exclusion", "trade-fair": "allowance", "unfinished-sw": "allowance",
}  # fmt: skip


@pytest.mark.parametrize(("key", "legal", "expected"), FUNCTIONS, ids=[one[0] for one in FUNCTIONS])
def test_each_core_function(key, legal, expected):
    found = classify(functions=[key], on="2027-12-11")
    assert found["class"] == expected
    assert any(f"point {legal};" in source for source in found["sources"])
    assert classify(functions=["default", key], on="2025-01-01")["class"] == expected  # also under the older file


def test_the_keys_are_these_and_no_other():
    for rules in (newest(), rules_on("2024-12-10")):
        assert [(one["key"], one["legal"], one["class"]) for one in rules.part("functions")] == FUNCTIONS
    assert {one["key"]: one["kind"] for one in newest().part("edges")} == EDGES
    needs = {one["key"] for one in newest().part("edges") if one["evidence"]}
    assert needs == {key for key, kind in EDGES.items() if kind != "condition"}


@pytest.mark.parametrize(("class_", "standards", "foss", "allowed"), ROUTES)
def test_routes_by_class(class_, standards, foss, allowed):
    found = classify(functions=[ONE_OF[class_]], standards=standards, foss=foss, on="2027-12-11")
    assert [one["route"] for one in found["routes"]] == ["A", "B+C", "H", "cert"]
    assert {one["route"] for one in found["routes"] if one["allowed"]} == allowed
    # no body is notified, no scheme designated, no standard cited: only internal control without any of them can be had
    can = {one["route"] for one in found["routes"] if one["available"]}
    assert can == ({"A"} if class_ == "default" or (foss and class_ in (CLASS_I, CLASS_II)) else set())


def test_what_applies_from_which_day():
    """Section 0 of cra.md; 4.7: before 2027-12-11 only Article 14 and Chapter IV."""
    days = ["2024-12-10", "2025-12-21", "2026-06-11", "2026-09-11", "2027-12-11", "2028-06-11"]
    for rules in (newest(), rules_on("2024-12-10")):
        assert [one["on"] for one in rules.part("dates")] == days and rules.applies_from == "2027-12-11"
        assert all(one["source"] and one["name"]["de"] for one in rules.part("dates"))


def test_the_strictest_of_several_counts():
    assert classify(functions=["siem", "firewalls-ids-ips", "default"], on="2027-01-01")["class"] == CLASS_II
    assert classify(functions=["firewalls-ids-ips", "smartcards-secure-elements"], on="2027-01-01")["class"] == CRITICAL


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"functions": ["toaster"]}, "function_unknown"), ({"functions": []}, "functions_wrong"), ({"functions": [" "]}, "functions_wrong"),
        ({"on": "2027-02-30"}, "day_wrong"), ({"on": "tomorrow"}, "day_wrong"), ({"on": "2024-12-09"}, "before_the_law"),
        ({"standards": "most"}, "extent_unknown"), ({"functions": [f"k{n}" for n in range(51)]}, "functions_wrong"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_by_name(said, code):
    with pytest.raises(Invalid) as refused:
        classify(**{"functions": ["siem"], "on": "2027-12-11", **said})
    assert refused.value.code == f"compliance.{code}" and refused.value.remedy


def test_the_command_needs_no_record_and_loads_no_web(tmp_path):
    code = (
        "import sys; from asbuilt.doors.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(sorted({'django', 'ninja'} & set(sys.modules)), file=sys.stderr)"
    )
    env = {"ASBUILT_HOME": str(tmp_path / "none"), "PATH": ""}
    run = [
        sys.executable,
        "-c",
        code,
        "classify",
        "--function",
        "siem,default",
        "--on",
        "2026-12-01",
        "--format",
        "json",
    ]
    done = subprocess.run(run, capture_output=True, text=True, env=env)
    assert done.returncode == 0 and done.stderr.strip() == "[]" and not (tmp_path / "none").exists()
    found = json.loads(done.stdout)
    assert list(found) == ["class", "routes", "rule_set", "sources"] and found["rule_set"] == "asbuilt.cra/2026-11-23"
    assert found["routes"][1] == {"route": "B+C", "allowed": True, "available": False}
    wrong = subprocess.run([*run[:5], "nix", *run[6:]], capture_output=True, text=True, env=env)
    assert wrong.returncode == 2 and json.loads(wrong.stdout)["code"] == "compliance.function_unknown"
