"""`asbuilt case draft|fill|approve|submit-report|answered|asked|coordinator|escalate`: from a draft to an acknowledged early warning."""

import pytest
from case_floor import TABLES

pytestmark = pytest.mark.once

WHICH = ("--duty", "cra.aev", "--stage", "early_warning")
JSON = ("--format", "json")


@pytest.fixture
def case(load, asbuilt):
    """An exploited vulnerability of OWN-1, known since 20 November, 08:00 UTC."""
    load(TABLES)
    asbuilt("case", "open", "Overflow", "--kind", "aev")
    asbuilt("case", "product", "C-1", "OWN-1")
    asbuilt("case", "moment", "C-1", "aware_at", "--at", "2026-11-20T08:00:00Z", "--why", "logs")
    return "C-1"


def test_from_a_draft_to_an_acknowledged_early_warning(case, asbuilt, tmp_path):
    shown = asbuilt("case", "draft", case, *WHICH)
    assert "member_states" in shown.out and "Gap: Member States where available: required and empty." in shown.err
    (tmp_path / "summary.txt").write_text("Two lines,\nwritten before.\n")
    texts = (
        "--text",
        "member_states=AT, DE",
        "--text",
        f"summary=@{tmp_path / 'summary.txt'}",
        "--text",
        "product_version=2.3.1",
    )
    found = asbuilt("case", "fill", case, *WHICH, *texts, "--why", "w", *JSON).document
    assert {one["field"]: one["text"] for one in found["fields"]}["summary"] == "Two lines,\nwritten before."
    assert asbuilt("case", "approve", case, *WHICH, "--sha256", "0" * 64).code == 4
    approved = asbuilt("case", "approve", case, *WHICH, "--sha256", found["sha256"], *JSON).document
    assert (approved["state"], approved["sha256"]) == ("approved", found["sha256"])
    (tmp_path / "screen.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 20)
    sent = ("--at", "2026-11-21T04:00:00Z", "--reference", "SRP-1", "--capture", tmp_path / "screen.png")
    assert asbuilt("case", "submit-report", case, *WHICH, *sent).code == 0
    assert asbuilt("case", "submit-report", case, *WHICH, *sent).code == 4
    said = asbuilt("case", "answered", case, "acknowledged", *WHICH, "--at", "2026-11-21T05:00:00Z", *JSON).document
    assert said["state"] == "acknowledged" and said["submitted"][0]["capture_sha256"]
    assert asbuilt("case", "not-submitted", case, *WHICH).code == 2
    back = asbuilt("case", "not-submitted", case, *WHICH, "--why", "the page had timed out", *JSON).document
    assert (back["state"], back["submitted"]) == ("approved", [])
    assert asbuilt("case", "not-submitted", case, *WHICH, "--why", "again").code == 4
    asked = ("--at", "2026-11-22T08:00:00Z", "--due", "2026-11-23T08:00:00Z", "--duty", "cra.aev")
    assert asbuilt("case", "asked", case, "How many?", *asked, *JSON).document == {"stage": "intermediate_1"}
    paper = tmp_path / "report.pdf"
    assert asbuilt("case", "draft", case, *WHICH, "--format", "pdf", "--out", paper).code == 0
    content = paper.read_bytes()
    assert content.startswith(b"%PDF-1.") and b"pdfaid:part" in content  # PDF/A says what it is in its XMP


def test_a_coordinator_is_determined_and_clocks_call_nobody_where_none_is_set(case, asbuilt):
    assert "main_establishment: In which Member State" in asbuilt("case", "coordinator").err
    said = ("--state", "DE", "--csirt", "BSI", "--rule", "main_establishment", "--why", "Dresden decides")
    found = asbuilt("case", "coordinator", "OW", *said, *JSON).document
    assert [one["csirt"] for one in found["coordinators"]] == ["BSI"]
    assert asbuilt("case", "escalate", *JSON).document == {"called": 0, "told": {}}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("draft", "C-9", *WHICH), 3), (("draft", "C-1", "--duty", "cra.aev", "--stage", "noon"), 2),
        (("draft", "C-1", "--duty", "gdpr", "--stage", "notification"), 4), (("fill", "C-1", *WHICH, "--text", "title", "--why", "w"), 2),
        (("fill", "C-1", *WHICH, "--text", "nothing=x", "--why", "w"), 3), (("submit-report", "C-1", *WHICH, "--at", "2026-11-21T04:00:00Z"), 4),
        (("coordinator", "OW", "--state", "CH", "--csirt", "x", "--rule", "main_establishment", "--why", "w"), 2),
        (("draft", "C-1", *WHICH, "--anew"), 2),
    ],
)  # fmt: skip
def test_refusals_by_exit_code(case, asbuilt, arguments, code):
    assert asbuilt("case", *arguments).code == code
