"""asbuilt order …: each as a whole process."""

import pytest


@pytest.fixture
def loaded(asbuilt, tables):
    """The command on a home that holds the tables."""
    assert asbuilt("import", tables).code == 0
    return asbuilt


NEW = ("--product", "MB", "--revision", "A", "--bom-version", "1", "--quantity", "6", "--owner", "BO")


def test_an_order_by_commands(loaded, tmp_path):
    opened = loaded("order", "open", "WO-9", *NEW, "--format", "json")
    assert (opened.code, opened.document["units"]) == (0, [[5, 11]])
    assert loaded("order", "grow", "WO-9", "--quantity", "2", "--format", "json").document["units"] == [[11, 13]]
    assert "WO-9B has 3 units of WO-9" in loaded("order", "split", "WO-9", "WO-9B", "--quantity", "3").err
    (tmp_path / "customer.csv").write_text("serial\nK-1\nK-2\n")
    named = loaded("order", "number", "WO-9", "--list", tmp_path / "customer.csv", "--format", "json").document
    assert (named["count"], named["first"], named["last"]) == (2, "K-1", "K-2")
    panel = loaded("order", "panel", "WO-9", "PN-1", "--positions", "4", "--skipped", "3", "--format", "json")
    assert panel.document["skipped"] == [3]
    assert loaded("order", "marks", "WO-9", "--first", "1", "--last", "2", "--out", tmp_path / "marks.dxf").code == 0
    assert (tmp_path / "marks.dxf").read_bytes().startswith(b"0\r\nSECTION")
    closed = loaded("order", "close", "WO-9", "--reason", "enough", "--format", "json").document
    assert (closed["unfinished"], closed["places"]) == (4, [[1, 2], [4, 5]])
    assert loaded("ledger", "verify").code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("open", "WO-1", *NEW), 4, "tables.contradicts"),
        (("open", "WO-9", *NEW[:-1], "NOBODY"), 2, "parties.unknown"),
        (("grow", "WO-X", "--quantity", "1"), 3, "production.order_unknown"),
        (("grow", "WO-1", "--quantity", "0"), 2, "production.quantity_beyond"),
        (("split", "WO-1", "WO-2", "--quantity", "1"), 2, "production.split_begun"),
        (("number", "WO-1"), 4, "production.no_unit_waits"),
        (("number", "WO-1", "--list", "/no/such/file.csv"), 6, "cli.file_unusable"),
        (("panel", "WO-1", "PN-1"), 2, "production.panel_size"),
        (("marks", "WO-1", "--first", "1", "--last", "9", "--out", "x.dxf"), 2, "question.mark_places"),
        (("marks", "WO-1", "--first", "1", "--last", "2", "--out", "x.gif"), 2, "question.mark_format"),
        (("close", "WO-X"), 3, "production.order_unknown"),
    ],
    ids=lambda words: " ".join(words)[:24] if isinstance(words, tuple) else "",
)
def test_refusals(loaded, words, code, said):
    done = loaded("order", *words)
    assert (done.code, said in done.err) == (code, True), done.err
