"""Results and test plans by command: files taken and refused, a plan from proposal to withdrawal, a unit's test history."""

import json

import pytest
import result_files
from result_files import openhtf

pytestmark = pytest.mark.once

BOM = {
    "product": "AB-100",
    "revision": "A",
    "bom_version": "1",
    "line": "1",
    "part": "R1",
    "quantity": "1",
    "refdes": "R1",
}

VERSIONS = {"atml": 1, "openhtf": 4}  # of the readers; 3 where none is named


@pytest.fixture
def order(load):
    load(
        {
            "parts": [{"part": "R1"}],
            "bom": [BOM],
            "orders": [{"order": "WO", "product": "AB-100", "revision": "A", "bom_version": "1", "quantity": "3", "opened_at": "2026-01-01T08:00:00Z"}],
            "units": [{"order": "WO", "serial": f"SN{n}"} for n in (1, 2, 3)],
        }
    )  # fmt: skip


def plan(version, high="3.4"):
    step = {"name": "vdd_3v3", "kind": "numeric", "comparison": "GELE", "low": "3.2", "high": high, "unit": "V", "expected": "",
            "criticality": "critical", "proves": ["I.2.h"], "needed": True}  # fmt: skip
    return {
        "schema": 1,
        "plan": "FCT",
        "version": version,
        "product": "AB-100",
        "revisions": [],
        "every": 1,
        "rules": "cra-annex-i/1",
        "steps": [step],
    }


def test_files_of_every_format_by_one_command(asbuilt, order, tmp_path):
    paths = []
    for kind, (name, content) in result_files.whole_files().items():
        path = tmp_path / f"{kind}-{name}"
        path.write_bytes(content)
        paths.append(str(path))
    said = asbuilt("import", "--kind", "results", *paths, "--format", "json")
    assert said.code == 0, said.err
    assert [(one["use"], one["mapping"]) for one in said.document["files"]] == [
        ("taken", f"{kind}/{VERSIONS.get(kind, 3)}") for kind in result_files.whole_files()
    ]
    again = asbuilt("import", "--kind", "results", *paths)
    assert again.code == 0 and again.out.count("taken before") == 5
    history = asbuilt("unit-tests", "SN1")
    assert history.code == 0 and "VDD_3V3" in history.out and "3.2 to 3.4 V" in history.out
    runs = asbuilt("unit-tests", "SN1", "--format", "json").document["runs"]
    assert len(runs) == 5 and {run["plan"] for run in runs} == {"FCT", "ict.plan"}


def test_one_format_outright_and_what_cannot_be_taken(asbuilt, order, tmp_path):
    for serial in ("SN1", "SN2", "SN9"):
        (tmp_path / f"{serial}.json").write_text(json.dumps(openhtf(serial)))
    said = asbuilt(
        "import", "--kind", "openhtf", *(str(tmp_path / f"{serial}.json") for serial in ("SN1", "SN2", "SN9"))
    )
    assert said.code == 2 and "There is no unit SN9" in said.err and "retry-files" in said.err
    assert asbuilt("machines", "files", "--refused", "--format", "json").document["files"][0]["name"] == "SN9.json"
    assert asbuilt("ask", "test:FCT=pass", "--format", "json").document["affected"]["certain"] == 2
    (tmp_path / "x.xml").write_bytes(b"<a/>")
    assert asbuilt("import", "--kind", "junit", str(tmp_path / "x.xml")).code == 2
    assert asbuilt("import", "--kind", "results", str(tmp_path / "none")).code == 3
    assert asbuilt("import", str(tmp_path / "x.xml"), str(tmp_path / "x.xml")).code == 2
    tried = asbuilt("machines", "try", str(tmp_path / "SN1.json"), "--kind", "openhtf", "--format", "json").document
    assert tried["becomes"] == "tests" and tried["rows"][0][0] == "SN1"


def tokens(folder, **roles: str) -> list[tuple[str, str]]:
    """The option with a token of its own for each of these new people, by name and role."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    ada = accept_link(first_link(), name="Ada", login="ada", password="nine long words on paper")
    found = []
    for name, role in roles.items():
        link = invite(ada, name=name, roles=[role])[1]
        who = accept_link(link, name=name, login=name, password="nine long words on paper")
        path = folder / f"{name}.token"
        path.write_text(issue_token(who, name="cli", person=who.person)[1] + "\n")
        found.append(("--token", str(path)))
    return found


def test_a_plan_from_proposal_to_withdrawal(asbuilt, order, tmp_path):
    for version, high in (("1", "3.4"), ("2", "3.5")):
        (tmp_path / f"{version}.json").write_text(json.dumps(plan(version, high)))
    eva, ben = tokens(tmp_path, eva="engineer", ben="quality_lead")
    nobody = asbuilt(
        "plan", "propose", str(tmp_path / "1.json")
    )  # two people are named, and the system account is none
    assert nobody.code == 4 and "the system account is nobody" in nobody.err and "--token" in nobody.err
    assert asbuilt("plan", "propose", str(tmp_path / "1.json"), *eva).code == 0
    refused = asbuilt("plan", "propose", str(tmp_path / "2.json"), *eva)
    assert refused.code == 2 and "what changed" in refused.err
    said = asbuilt("plan", "propose", str(tmp_path / "2.json"), "--changes", "high raised", "--format", "json", *eva)
    assert said.document["steps"] == 1
    assert asbuilt("plan", "approve", "FCT", "1").code == 4
    assert [asbuilt("plan", "approve", "FCT", "1", *ben).code for _ in range(2)] == [0, 4]
    assert asbuilt("plan", "approve", "FCT", "9", *ben).code == 3
    shown = asbuilt("plan", "show", "--format", "json").document["plans"]
    assert [(one["version"], one["state"]) for one in shown] == [("2", "proposed"), ("1", "in_force")]
    diff = asbuilt("plan", "diff", "FCT", "2", "--format", "json").document
    assert diff["since"] == "1" and diff["changes"] == [
        {"where": "step vdd_3v3: high", "before": "3.4", "after": "3.5"}
    ]
    out = tmp_path / "out.json"
    assert asbuilt("plan", "show", "FCT", "2", "--out", str(out)).code == 0 and json.loads(out.read_text()) == plan(
        "2", "3.5"
    )
    assert asbuilt("plan", "withdraw", "FCT", "1", "--reason", "r").code == 0
    assert asbuilt("plan", "show", "FCT", "1", "--format", "json").document["decisions"][-1]["decision"] == "withdrawn"


def test_an_attached_log_is_written_to_a_file_once(asbuilt, order, tmp_path):
    path, out = tmp_path / "a.json", tmp_path / "log.txt"
    path.write_text(json.dumps(openhtf()))
    assert asbuilt("import", "--kind", "openhtf", str(path)).code == 0
    (log,) = asbuilt("unit-tests", "SN1", "--format", "json").document["runs"][0]["attachments"]
    assert log["sha256"] in asbuilt("unit-tests", "SN1").out
    assert asbuilt("unit-tests", "SN1", "--attached", log["sha256"], "--out", str(out)).code == 0
    assert out.read_bytes() == b"ok\n"
    assert asbuilt("unit-tests", "SN1", "--attached", log["sha256"], "--out", str(out)).code == 2
    assert asbuilt("unit-tests", "SN2", "--attached", log["sha256"], "--out", str(tmp_path / "x")).code == 3
