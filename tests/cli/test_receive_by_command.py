"""`asbuilt receive` as a whole process: --dry-run without a home; stored with one; asked only at a terminal."""

import os
import subprocess
import sys

import pytest

GS, RS, EOT = "\x1d", "\x1e", "\x04"
LABEL = f"[)>{RS}06{GS}1PXAF4444{GS}Q3{GS}10D1452{GS}1TBF1103{GS}4LUS{RS}{EOT}"
BARE = f"[)>{RS}06{GS}1PABC{GS}Q5{RS}{EOT}"


def piped(content: bytes, *arguments: str):
    command = [sys.executable, "-m", "asbuilt.doors.cli.main", "receive", *arguments]
    return subprocess.run(command, input=content, env=os.environ, capture_output=True, timeout=60)


def test_the_label_is_one_json_document(asbuilt_unopened, empty_home):
    said = asbuilt_unopened("receive", LABEL, "--dry-run", "--format", "json")
    assert (said.code, said.err) == (0, "")
    assert said.document == {
        "vendor": None, "mpn": "XAF4444", "customer_part": None, "order_code": None, "manufacturer": None,
        "lot_code": "BF1103", "date_code": {"raw": "1452", "year": 2014, "week": 52, "sure": True}, "quantity": 3,
        "country": "US", "warnings": said.document["warnings"],
    }  # fmt: skip
    named = [warning.partition(":")[0] for warning in said.document["warnings"]]
    assert named == ["vendor", "customer_part", "order_code", "manufacturer"]
    assert not empty_home.folder.exists()


def test_what_is_missing_is_null_and_no_error(asbuilt_unopened):
    said = asbuilt_unopened("receive", BARE, "--dry-run", "--format", "json")
    assert said.code == 0
    assert said.document["lot_code"] is None and said.document["date_code"] is None
    assert {"lot_code: not on the label", "date_code: not on the label"} <= set(said.document["warnings"])


def test_the_table_is_for_people(asbuilt_unopened):
    said = asbuilt_unopened("receive", LABEL, "--dry-run")
    cells = {line[:17].strip(): line[17:].strip() for line in said.out.splitlines()}
    assert (cells["MPN"], cells["lot code"], cells["date code"]) == ("XAF4444", "BF1103", "1452, 2014 week 52")
    assert cells["manufacturer"] == "-"
    assert "manufacturer: not on the label" in said.err


@pytest.mark.parametrize("arguments", [["-", "--dry-run"], ["--dry-run", "-"], ["--dry-run", "--", "-"]])
def test_a_minus_reads_standard_input(arguments):
    done = piped(LABEL.encode() + b"\r\n", "--format=json", *arguments)
    assert done.returncode == 0 and b'"mpn": "XAF4444"' in done.stdout


@pytest.mark.parametrize("label", ["-QTY:1 PN:A MPN:B", "-x", "--1P"])
def test_a_label_may_begin_with_a_minus(asbuilt_unopened, label):
    said = asbuilt_unopened("receive", label, "--dry-run", "--format", "json")
    assert said.code == 2
    assert said.document["code"] == "labels.not_a_label"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("", "labels.empty"),
        (GS + RS, "labels.empty"),
        ("noise", "labels.not_a_label"),
        ("[)>06K3828825514K0011P67C18-8-M-PQ5", "labels.separators_lost"),
        ("[)>X6", "labels.header_damaged"),
    ],
)
def test_what_is_no_label_is_refused(asbuilt_unopened, label, code):
    said = asbuilt_unopened("receive", label, "--dry-run", "--format", "json")
    assert said.code == 2
    assert said.document["code"] == code
    assert said.document["remedy"] in said.err


def test_bytes_that_are_no_text_are_refused():
    done = piped(b"1P\xff\xfe", "-", "--dry-run")
    assert done.returncode == 2 and b"labels.not_text" in done.stderr
    done = piped(b"A" * 100_000, "-", "--dry-run")
    assert done.returncode == 2 and b"labels.too_long" in done.stderr


@pytest.mark.parametrize("arguments", [["a", "b", "--dry-run"], ["x", "--dryrun"], ["x", "--format=xml"]])
def test_other_words_are_told_apart(asbuilt_unopened, arguments):
    said = asbuilt_unopened("receive", *arguments)
    assert said.code == 2
    assert "Usage: asbuilt receive" in said.err


def test_it_loads_neither_django_nor_the_option_parser(asbuilt_unopened):
    program = (
        "import sys\nfrom asbuilt.doors.cli.main import main\n"
        f"main(['receive', {LABEL!r}, '--dry-run'])\n"
        "assert not {'django', 'typer', 'pydantic', 'cryptography'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], env=os.environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def stocked(home, actor, load):
    """A catalogue of one part, and a supplier."""
    part = {
        "part": "R-1",
        "description": "",
        "mpn": "XAF4444",
        "manufacturer": "Yageo",
        "lifecycle": "active",
        "msl": "1",
    }
    load(
        {
            "parties": [{"party": "DIGI", "name": "Digi Parts", "roles": "supplier", "country": "US"}],
            "parts": [part],
        }
    )


def test_a_package_is_stored_and_answers_questions(asbuilt, stocked):
    said = asbuilt(
        "receive", LABEL, "--supplier", "DIGI", "--delivery", "DN-1", "--quantity", "5000", "--format", "json"
    )
    assert said.code == 0, said.err
    (row,) = said.document["packages"]
    assert (row["package"], row["part"], row["lot_code"], row["quantity"]) == ("PK-000001", "R-1", "BF1103", "5000")
    assert asbuilt("ask", "lot:BF1103", "--format", "json").document["affected"]["certain"] == 0
    assert "BF1103" in asbuilt("lot", "BF1103").out
    assert asbuilt("ask", "lot:BF1104").code == 3
    assert asbuilt("withdraw", row["fact"], "--reason", "sent back").code == 0
    assert asbuilt("ledger", "verify").code == 0


def test_it_refuses_and_never_asks_without_a_terminal(asbuilt, stocked):
    bare = f"[)>{RS}06{GS}1PXAF4444{GS}Q5000{RS}{EOT}"
    said = asbuilt("receive", bare, "--format", "json")
    assert said.code == 2
    assert [row["column"] for row in said.document["errors"]] == ["lot_code", "date_code"]
    assert asbuilt("receive", bare, "--yes").code == 2
    said = asbuilt("receive", bare, "--lot", "-", "--date-code=-", "--format", "json")
    assert (said.code, said.document["packages"][0]["lot_code"]) == (0, "")


def test_what_looks_wrong_is_confirmed_by_id_or_by_yes(asbuilt, stocked):
    said = asbuilt("receive", LABEL, "--format", "json")
    assert said.code == 4
    (question,) = said.document["facts"]["questions"]
    assert question["id"] == "pack_size:quantity=3"
    assert asbuilt("receive", LABEL, "--confirm", question["id"]).code == 0
    said = asbuilt("receive", LABEL)
    assert said.code == 4 and "Another package?" in said.err
    assert asbuilt("receive", LABEL, "--yes").code == 0


def test_a_package_without_a_label_is_typed(asbuilt, stocked):
    said = asbuilt(
        "receive", "--part", "R-1", "--lot", "L9", "--date-code", "2701", "--quantity", "1000", "--kind", "bag"
    )
    assert said.code == 0 and "PK-000001" in said.out


def test_at_a_terminal_it_asks_for_what_is_missing(home, stocked):
    import pty

    bare = f"[)>{RS}06{GS}1PXAF4444{GS}Q478{RS}{EOT}"
    command = [sys.executable, "-m", "asbuilt.doors.cli.main", "receive", bare]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, env=home.env(), stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asked:
        os.write(ours, b"y\nL7\n2701\n")
        out, err = asked.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert asked.returncode == 0, err.decode()
    assert b"PK-000001" in out and b"L7" in out
    assert b"478 pieces is no usual pack size" in err and b"Lot code (- if not known)" in err
