"""From an empty machine to a proof in a stranger's hands, by commands alone."""

import base64
import json
import shutil

import independent_count as count
import pytest
from commands import started as run
from commands import started_json as run_json
from told import numbers

STORY = "firmware:2.3.1 product:EG-200"


@pytest.fixture
def stranger(no_home):
    """A machine that has only the public keys of another."""

    def of(place):
        (no_home.keys / "main").mkdir(parents=True)
        shutil.copy(place.keys / "main" / "public.keys", no_home.keys / "main" / "public.keys")
        return no_home

    return of


def test_init_import_ask_prove(empty_home, stranger, tmp_path):
    run(empty_home, "init")
    assert run(empty_home, "init") is not None  # the second time it changes nothing
    reports = run_json(empty_home, "import", count.FOLDER)
    again = run_json(empty_home, "import", count.FOLDER)
    tables = {file["table"]: file for file in reports["files"]}
    assert {name: file["stored"] for name, file in tables.items()} == {name: len(count.table(name)) for name in tables}
    assert all(file["loaded_before"] for file in again["files"])

    said = run_json(empty_home, "ask", STORY)
    assert numbers(said["affected"]) == (5001, 0, 0)
    assert said["by"]["customer"][0] == {"customer": "Distributor X", "certain": 3000, "possible": 0, "unrecorded": 0}

    certificate = tmp_path / "10000.json"
    certificate.write_text(run(empty_home, "unit", "10000", "--format", "json"))
    other = stranger(empty_home)
    run(other, "verify", certificate)
    run(other, "verify", certificate, "--key", other.keys / "main" / "public.keys")
    forged = forge(certificate, tmp_path / "forged.json")
    run(other, "verify", forged, expect=7)

    run(empty_home, "ledger", "checkpoint", "--to", tmp_path / "anchors")
    (anchor,) = (tmp_path / "anchors").iterdir()
    run(other, "verify", anchor)
    run(empty_home, "ledger", "verify", "--anchor", anchor)
    assert not list(other.folder.glob("**/*.sqlite*"))  # verify needs no database, and makes none


def forge(certificate, to):
    """The same certificate with one letter of its payload changed."""
    said = json.loads(certificate.read_text())
    payload = base64.b64decode(said["payload"])
    changed = payload.replace(b'"10000"', b'"10001"', 1)
    assert changed != payload
    said["payload"] = base64.b64encode(changed).decode()
    to.write_text(json.dumps(said))
    return to


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("ask", "lot:2EKR1"), 0),
        (("ask", "--format", "json", "-customer:DISTX", "product:EG-200"), 0),
        (("ask", "firmware:>9.9.9", "product:EG-200"), 0),
        (("ask", "lot:2EKR1", "--as-of", "2001-01-01"), 0),
        (("ask", "lto:2EKR1"), 2),
        (("ask", "(lot:2EKR1"), 2),
        (("ask", "lot:2EKR9"), 3),
        (("ask", "lot:2EKR1", "--as-of", "yesterday"), 2),
        (("unit", "NO-SUCH-UNIT"), 3),
        (("lot", "NO-SUCH-LOT"), 3),
        (("import", "no-such-folder"), 3),
        (("verify", "no-such-file"), 3),
        (("withdraw", "0123456789abcdef", "--reason", "typo", "--person", "045"), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_exit_codes_are_those_of_the_design(example, arguments, code):
    run(example, *arguments, expect=code)


def test_a_question_that_begins_with_a_minus_needs_no_dashes(example):
    rest = run_json(example, "ask", "-customer:DISTX", STORY)
    assert numbers(rest["affected"]) == (2001, 0, 0)


def test_the_table_is_neither_cut_nor_wrapped(example):
    printed = run(example, "ask", "passed:OVEN-2@2027-03-15..2027-03-17")
    for words in (("Veldhuis Energie", "311", "145"), ("Distributor X", "221", "126"), ("Baltic Meters", "0", "46")):
        assert any(all(word in line for word in words) for line in printed.splitlines()), words


def test_a_withdrawn_fact_leaves_answers_and_stays_in_older_ones(example_copy):
    """Withdraw the programming record of one gateway: it runs what it ran before; an answer as of before still counts it."""
    row = next(row for row in count.table("programming") if (row["serial"], row["result"]) == ("15000", "pass"))
    certificate = json.loads(run(example_copy, "unit", "15000", "--format", "json"))
    said = json.loads(base64.b64decode(certificate["payload"]))
    facts = [
        line for entry in said["entries"] for line in entry.get("rows", ()) if line["shape"].startswith("programming.")
    ]
    fact = next(line["fact"] for line in facts if row["version"] in line["row"])
    run(example_copy, "withdraw", fact, "--reason", "wrong station", "--person", "045")
    assert numbers(run_json(example_copy, "ask", STORY)["affected"]) == (5000, 0, 0)
    run(example_copy, "ledger", "verify")
