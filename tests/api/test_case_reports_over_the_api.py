"""Reports over the API: drafted, written, approved, submitted with a picture; the same key twice; refusals as problems."""

from io import BytesIO

import pytest

from asbuilt.kernel.instants import parse_instant

JSON = "application/json"
AT = "2026-11-20T08:00:00Z"
REPORT = "/api/v1/cases/C-1/reports/cra.aev/early_warning"


@pytest.fixture
def cara(cast):
    """Cara of Ostwerk with a case about Alpina's lamp, known since 20 November."""
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import opening, saying

    ours = local_system(cast.tenant["cara"])
    code = opening.open_case(ours, kind="aev", title="Overflow")
    saying.add_product(ours, case=code, product="A-LAMP", role="manufacturer", manufacturer="ALPINA")
    saying.state_moment(ours, case=code, moment="aware_at", at=parse_instant(AT), why="logs")
    return cast.program("cara")


def post(client, address, said, key=None):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, said, JSON, headers=headers)


def screen():
    from PIL import Image

    out = BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    out.seek(0)
    out.name = "screen.png"
    return out


def test_from_a_draft_to_its_submission(cara):
    found = cara.get(REPORT).json()
    assert (found["state"], found["manufacturer"], found["clock"]["due_at"]) == (
        "draft",
        "ALPINA",
        "2026-11-21T08:00:00Z",
    )
    texts = {"texts": {"member_states": "AT", "product_version": "all"}, "why": "w", "seen": found["seen"]}
    written = post(cara, f"{REPORT}/texts", texts, "one")
    assert written.status_code == 200 and post(cara, f"{REPORT}/texts", texts, "one").json() == written.json()
    read = written.json()["sha256"]
    early = cara.post(f"{REPORT}/submission", {"at": AT})
    assert (early.status_code, early.json()["code"]) == (409, "cases.not_approved")
    approved = post(cara, f"{REPORT}/approval", {"sha256": read})
    assert approved.json()["stands"] and approved.json()["gaps"] == [
        "No coordinator CSIRT is determined for this manufacturer.", "No answer of affected units is frozen.",
    ]  # fmt: skip
    twice = post(cara, f"{REPORT}/approval", {"sha256": read})
    assert (twice.status_code, twice.json()["code"]) == (409, "cases.approved_before")
    sent = cara.post(f"{REPORT}/submission", {"at": AT, "reference": "SRP-1", "sha256": read, "capture": screen()})
    assert sent.status_code == 200 and sent.json()["submitted"][0]["capture_sha256"]
    second = cara.post(f"{REPORT}/submission", {"at": AT, "reference": "SRP-2"})
    assert (second.status_code, second.json()["code"]) == (409, "cases.submitted_before")
    told = post(cara, f"{REPORT}/answer", {"said": "acknowledged", "at": AT}).json()
    assert told["state"] == "acknowledged"
    listed = cara.get("/api/v1/cases/C-1/reports").json()["reports"]
    assert [(one["stage"], one["state"]) for one in listed] == [
        ("early_warning", "acknowledged"), ("notification", "draft"), ("final_report", "draft"),
    ]  # fmt: skip
    back = post(cara, f"{REPORT}/not-submitted", {"why": "another report was meant"})
    assert back.status_code == 200 and (back.json()["state"], back.json()["submitted"]) == ("approved", [])
    again = post(cara, f"{REPORT}/not-submitted", {"why": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "cases.not_submitted")
    paper = cara.get(f"{REPORT}/paper")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF-")


def test_refusals_are_problems(cara, cast):
    for address, said, status, code in (
        ("/api/v1/cases/C-1/reports/cra.aev/noon", None, 422, "cases.stage_unknown"),
        ("/api/v1/cases/C-1/reports/gdpr/notification", None, 409, "cases.duty_not_running"),
        ("/api/v1/cases/C-9/reports/cra.aev/early_warning", None, 404, "cases.unknown"),
        (f"{REPORT}/texts", {"texts": {"nothing": "x"}, "why": "w"}, 404, "cases.field_unknown"),
        (f"{REPORT}/answer", {"said": "lost", "at": AT}, 422, "cases.word_unknown"),
        ("/api/v1/coordinators", {"manufacturer": "ALPINA", "member_state": "CH", "csirt": "x", "rule": "users", "why": "w"}, 422, "cases.member_state_unknown"),
    ):  # fmt: skip
        answer = cara.get(address) if said is None else post(cara, address, said)
        assert (answer.status_code, answer.json()["code"]) == (status, code), address
    told = cara.get("/api/v1/coordinators?manufacturer=ALPINA").json()["record"]
    assert told["manufacturer"] == "ALPINA" and len(told["rules"]) == 6
    assert cara.get("/api/v1/coordinators?manufacturer=NOBODY").json()["code"] == "parties.unknown"
    for who in ("dan", "brand_a_reader"):
        assert cast.program(who).get("/api/v1/coordinators?manufacturer=ALPINA").status_code == 404
        assert cast.program(who).get(REPORT).status_code == 404
        assert post(cast.program(who), f"{REPORT}/texts", {"texts": {"title": "x"}, "why": "w"}).status_code == 404
