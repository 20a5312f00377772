"""`asbuilt csaf check|draft`: exit codes, the numbers of the tests that fail, nothing but JSON on standard output; no home is needed."""

import json
from pathlib import Path

from official_schemas import SHARED
from pysequoia import Tsk

EXAMPLE = SHARED / "csaf/oasis-2.0-examples/bsi-2022-0001.json"
FAILING = SHARED / "csaf/oasis-2.0-mandatory/oasis_csaf_tc-csaf_2_0-2021-6-1-27-10-01.json"
DESCRIPTION = Path(__file__).resolve().parents[2] / "examples" / "advisory.json"


def test_a_valid_document_is_0_and_a_wrong_one_2_with_its_tests(asbuilt_unopened, tmp_path):
    valid = asbuilt_unopened("csaf", "check", EXAMPLE, "--format", "json")
    assert valid.code == 0 and valid.document["valid"] and valid.document["failed"] == []
    assert valid.document["tracking_id"] == "BSI-2022-0001" and valid.document["tests_run"] == 43
    wrong = asbuilt_unopened("csaf", "check", FAILING, "--format", "json")
    assert wrong.code == 2 and wrong.document["failed"] == ["6.1.27.5", "6.1.27.10"] and not wrong.document["valid"]
    assert wrong.document["findings"][1]["place"] == "/vulnerabilities/0/product_status/known_affected/2"
    assert wrong.document["code"] == "csaf.not_valid" and wrong.document["findings"][1]["sentence"]
    told = asbuilt_unopened("csaf", "check", FAILING)
    assert told.code == 2 and "6.1.27.10 /vulnerabilities/0/product_status" in told.err and told.out == ""
    broken = tmp_path / "x.json"
    broken.write_text("{")
    refused = asbuilt_unopened("csaf", "check", broken, "--format", "json")
    assert (
        refused.code == 2 and refused.document["code"] == "csaf.not_json" and refused.document["failed"] == ["schema"]
    )
    assert asbuilt_unopened("csaf", "check", tmp_path / "none.json").code in (3, 6)


def test_a_description_becomes_a_document_that_its_check_accepts(asbuilt_unopened, tmp_path):
    made = asbuilt_unopened("csaf", "draft", DESCRIPTION, "--out", tmp_path, "--format", "json")
    assert made.code == 0 and Path(made.document["file"]).name == "halden-sa-2026-001.json"
    assert asbuilt_unopened("csaf", "check", made.document["file"]).code == 0
    described = json.loads(DESCRIPTION.read_bytes())
    described["vulnerabilities"][0]["remedies"] = []
    described["kind"] = "vex"
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(described))
    refused = asbuilt_unopened("csaf", "draft", wrong, "--out", tmp_path / "new", "--format", "json")
    assert refused.code == 2 and refused.document["facts"]["failed"] == ["6.1.27.10"]
    assert not (tmp_path / "new").exists()


def test_the_draft_2_1_is_taken_only_where_the_setting_says_so(asbuilt_unopened, tmp_path, monkeypatch):
    draft = SHARED / "csaf/oasis-2.1-examples/v21_csaf_vex_2022-evd-uc-01-f-001.json"
    assert asbuilt_unopened("csaf", "check", draft).code == 2
    monkeypatch.setenv("ASBUILT_CSAF", "2.1")
    told = asbuilt_unopened("csaf", "check", draft, "--format", "json")
    assert told.code == 0 and told.document["csaf_version"] == "2.1" and told.document["tests_run"] > 60
    assert asbuilt_unopened("csaf", "check", EXAMPLE, "--format", "json").document["csaf_version"] == "2.0"
    made = asbuilt_unopened("csaf", "draft", DESCRIPTION, "--out", tmp_path)
    assert made.code == 0 and "a valid CSAF 2.1 document" in made.err
    monkeypatch.setenv("ASBUILT_CSAF", "3")
    assert asbuilt_unopened("csaf", "check", EXAMPLE).code == 2


def test_a_folder_of_documents_becomes_a_providers_folder(asbuilt_unopened, tmp_path):
    documents, folder, key = tmp_path / "documents", tmp_path / "csaf", tmp_path / "psirt.key"
    documents.mkdir()
    key.write_bytes(bytes(Tsk.generate("PSIRT <psirt@halden.example>")))
    key.chmod(0o600)
    assert asbuilt_unopened("csaf", "draft", DESCRIPTION, "--out", documents).code == 0
    asked = (
        "csaf",
        "export",
        documents,
        folder,
        "--base",
        "https://halden.example/.well-known/csaf/",
        "--key",
        key,
        "--format",
        "json",
    )
    made = asbuilt_unopened(*asked)
    assert made.code == 0 and made.document["left_out"] == [] and len(made.document["fingerprint"]) == 40
    assert sorted(made.document["files"]) == sorted(
        str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()
    )
    assert asbuilt_unopened("csaf", "check", folder / "white/2026/halden-sa-2026-001.json").code == 0
    before = (folder / "provider-metadata.json").read_bytes()
    (documents / "wrong.json").write_text("{}")
    refused = asbuilt_unopened(*asked)
    assert refused.code == 2 and refused.document["code"] == "csaf.not_valid"
    assert (folder / "provider-metadata.json").read_bytes() == before
    key.chmod(0o644)
    assert asbuilt_unopened(*asked).code == 5
