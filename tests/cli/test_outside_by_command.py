"""`asbuilt outside`: out with a note, back with papers, what is open; the exit codes of each refusal."""

import pytest
from boards_outside import CERTIFICATE, MEASURED, factory


@pytest.fixture
def line(asbuilt, actor, load, tmp_path):
    load(factory())
    (tmp_path / "coc.pdf").write_bytes(CERTIFICATE)
    (tmp_path / "thickness.csv").write_bytes(MEASURED)
    return ["--certificate", str(tmp_path / "coc.pdf"), "--measurements", str(tmp_path / "thickness.csv")]


def said(asbuilt, *words):
    done = asbuilt(*words, "--format", "json")
    assert done.code == 0, done.err
    return done.document


def test_forty_out_thirty_eight_back(asbuilt, line):
    sent = said(asbuilt, "outside", "send", "WO#1..#40", "--step", "COATING", "--transport", "van")
    assert (sent["note"], sent["party"], sent["units"]) == ("DN-1", "COAT", 40)
    back = said(asbuilt, "outside", "back", "DN-1", "S1..S38", *line)
    assert (back["units"], back["outside"], back["held"]) == (38, ["S39", "S40"], [])
    (still,) = said(asbuilt, "outside", "open")["notes"]
    assert (still["note"], still["sent"], still["outside"]) == ("DN-1", 40, 2)
    note = said(asbuilt, "outside", "note", "DN-1")
    assert sum(unit["outside"] for unit in note["units"]) == 2 and len(note["papers"]) == 2
    assert said(asbuilt, "ask", "in:outside")["affected"]["certain"] == 2
    table = asbuilt("outside", "open")
    assert "Coat GmbH" in table.out and "DN-1" in table.out
    told = asbuilt("outside", "back", "DN-1", *line)
    assert told.code == 0 and "2 units came back" in told.err
    assert "Nothing is outside." in asbuilt("outside", "open").err
    assert asbuilt("ledger", "verify").code == 0


def test_refusals_have_their_exit_codes(asbuilt, line):
    assert asbuilt("outside", "send", "S1", "--step", "COATING", "--party", "NOBODY").code == 3
    assert asbuilt("outside", "send", "S1", "--step", "SMT", "--party", "LACK").code == 4
    assert asbuilt("outside", "send", "S99", "--step", "COATING").code == 3
    assert asbuilt("outside", "back", "DN-9").code == 3 and asbuilt("outside", "note", "DN-9").code == 3
    assert asbuilt("outside", "send", "S1", "--step", "COATING").code == 0
    missing = asbuilt("outside", "back", "DN-1")
    assert missing.code == 4 and "missing: certificate, measurements" in missing.err
    assert asbuilt("outside", "back", "DN-1", "--result", "fine", *line).code == 2
    assert asbuilt("outside", "back", "DN-1", "--certificate", "nowhere.pdf").code == 3
