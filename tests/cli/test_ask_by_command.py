"""`asbuilt ask`, `unit` and `lot` as a whole process."""

import subprocess
import sys

import pytest

# as the tables of `tables` say: three units carry the lot, the fourth is silent, two were shipped
CERTAIN, SILENT, SHIPPED = 3, 1, 2


@pytest.fixture
def loaded(asbuilt, tables):
    """The command on a home that holds the tables."""
    assert asbuilt("import", tables).code == 0
    return asbuilt


def test_the_answer_is_one_json_document(loaded):
    said = loaded("ask", "lot:LOT7", "--format", "json", "--serials")
    assert said.code == 0
    assert said.err == ""
    assert said.document["affected"] == {"certain": CERTAIN, "possible": 0, "unrecorded": SILENT}
    customers = {row["customer"]: row["certain"] for row in said.document["by"]["customer"]}
    assert customers == {"Distributor X": SHIPPED, None: CERTAIN - SHIPPED}
    named = [(row["serial"], row["certainty"]) for row in said.document["serials"]]
    assert named == [("S1", "certain"), ("S2", "certain"), ("S3", "certain"), ("S4", "unrecorded")]


def test_customers_alone_are_those_of_the_answer(loaded):
    whole = loaded("ask", "lot:LOT7", "--format", "json").document
    said = loaded("ask", "lot:LOT7", "--only", "customers", "--format", "json")
    assert (said.code, said.document["by"]) == (0, {"customer": whole["by"]["customer"]})
    assert said.document["gaps_found"] == len(whole["gaps"]) == 1
    assert {"spans", "gaps", "serials"}.isdisjoint(said.document)
    lines = [line.split() for line in loaded("ask", "--only", "customers", "lot:LOT7").out.splitlines()]
    assert ["Distributor", "X", "2", "0", "0"] in lines and ["1", "gap:", "the"] in [line[:3] for line in lines]
    both = loaded("ask", "lot:LOT7", "--only", "customers", "--serials")
    assert both.code == 2 and "[cli.only_and_serials]" in both.err
    assert loaded("ask", "lot:LOT7", "--only", "owners").code == 2


def test_the_table_shows_all_three_numbers_and_is_not_cut(loaded):
    lines = loaded("ask", "lot:LOT7").out.splitlines()
    heads = [line.split() for line in lines]
    assert ["certain", "possible", "unrecorded"] in heads
    assert ["affected", "3", "0", "1"] in heads
    assert ["Distributor", "X", "2", "0", "0"] in heads


@pytest.mark.parametrize(
    "words",
    [
        ["-lot:LOT7", "--format", "json"],
        ["--format=json", "-lot:LOT7"],
        ["--format", "json", "--", "-lot:LOT7"],
        ["-lot:LOT7", "product:MB", "--format", "json"],
    ],
)
def test_a_question_may_begin_with_a_minus_and_come_in_words(loaded, words):
    said = loaded("ask", *words)
    # `not` leaves silence as it is: S4 is neither in nor out
    assert said.document["affected"] == {"certain": 0, "possible": 0, "unrecorded": 1}


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (["lot:NOSUCH"], 3, "question.unknown_name"),
        (["lot:LOT7 ("], 2, "question."),
        (["serial:S1"], 2, "question."),
        (["lot:LOT7", "--as-of", "yesterday"], 2, "question.as_of"),
    ],
)
def test_a_wrong_question_says_why(loaded, words, code, error):
    said = loaded("ask", *words)
    assert (said.code, said.out) == (code, "")
    assert f"[{error}" in said.err
    problem = loaded("ask", *words, "--format", "json")
    assert problem.code == code
    assert problem.document["code"].startswith(error)
    assert problem.document["detail"] in problem.err


@pytest.mark.parametrize("words", [["--formt", "json", "lot:X"], [], ["lot:X", "--format", "xml"]])
def test_words_it_does_not_know_are_refused(loaded, words):
    said = loaded("ask", *words)
    assert (said.code, said.out) == (2, "")
    assert "ask --help" in said.err


def test_usage_errors_are_json_too(loaded):
    said = loaded("ask", "--format", "json")
    assert said.code == 2
    assert said.document["code"] == "cli.usage"


def test_where_nothing_was_opened_it_says_how(asbuilt_unopened):
    said = asbuilt_unopened("ask", "lot:X")
    assert said.code in (3, 6)  # no file on SQLite, no tables on PostgreSQL
    assert "asbuilt init" in said.err


def test_a_lot_says_whose_it_is(loaded):
    said = loaded("lot", "LOT7", "--format", "json")
    [lot] = said.document["lots"]
    assert lot["lot_code"] == "LOT7"
    assert all(word in lot["lot"] for word in ("Yageo", "RC0402", "2601"))
    assert [(row["package"], row["quantity"], row["certain"]) for row in said.document["packages"]] == [
        ("PK1", 5000, 3)
    ]
    assert said.document["answer"]["affected"]["certain"] == CERTAIN


def test_a_unit_is_a_certificate_that_verify_checks(loaded, tmp_path):
    said = loaded("unit", "S1", "--format", "json")
    assert said.code == 0, said.err
    (tmp_path / "S1.json").write_text(said.out)
    checked = loaded("verify", tmp_path / "S1.json", "--format", "json")
    assert (checked.code, checked.document["unit"]["serial"]) == (0, "S1")
    shapes = {fact["shape"].partition("/")[0] for fact in checked.document["facts"]}
    assert {"production.unit", "production.material", "supply.package", "shipping.line"} <= shapes
    (tmp_path / "S1.json").write_text(said.out.replace("A", "B", 1))
    assert loaded("verify", tmp_path / "S1.json").code in (2, 7)
    assert loaded("unit", "S9").code == 3
    assert "production.material" in loaded("unit", "S1").out


def test_help_loads_no_django_and_no_api():
    code = (
        "import sys\n"
        "from asbuilt.doors.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "loaded = [name for name in ('django', 'ninja', 'asbuilt.ledger') if name in sys.modules]\n"
        "print(loaded, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"
    assert "Ask which units" in done.stdout


def test_a_question_loads_neither_the_api_nor_the_pages(home, load):
    code = (
        "import sys\n"
        "from asbuilt.doors.cli.main import main\n"
        "main(['ask', 'in:shipped'])\n"
        "names = ('ninja', 'pydantic', 'typer', 'rich', 'django.views', 'asbuilt.doors.api', 'asbuilt.doors.web')\n"
        "print([name for name in names if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=home.env(), capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_an_option_without_its_value_says_so(asbuilt):
    for option in ("--as-of", "--format"):
        said = asbuilt("ask", "lot:LOT7", option)
        assert (said.code, said.out) == (2, "") and f"'{option}' requires an argument" in said.err


def test_a_reader_that_went_away_sees_no_traceback(home):
    import os
    import subprocess
    import sys

    for words in (["ask", "lot:NOPE", "--format", "json"], ["check", "--format", "json"]):
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "asbuilt.doors.cli.main", *words]
        done = subprocess.run(command, env=home.env(), stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(writer)
        assert done.returncode and b"Traceback" not in done.stderr and b"Exception" not in done.stderr
