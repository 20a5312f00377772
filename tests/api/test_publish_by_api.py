"""The API twin of the pages Publishing: draft, edit, approve, publish, answer; a key repeated answers the same."""

import io
import json

import pytest
from publishing_floor import publisher, set_up
from vulnerable_factory import MBEDTLS, Security, component, osv

JSON = "application/json"


@pytest.fixture
def cara(cast, tmp_path, monkeypatch):
    """The PSIRT's program; Alpina's lamp has a flaw in 1.4.0."""
    from asbuilt.access.actor import local_system

    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.brand.example=main")
    ours = local_system(cast.tenant["cara"])
    folder = tmp_path / "security"
    folder.mkdir()
    security = Security(ours, folder)
    security.sbom(component("mbedtls", "2.28.7"), product="A-LAMP", version="1.4.0")
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    set_up(ours)
    return cast.program("cara")


def test_an_advisory_goes_from_draft_to_publication(cara):
    said = {"vulnerabilities": [MBEDTLS], "language": "de"}
    made = cara.post("/api/v1/advisories", said, JSON, headers={"Idempotency-Key": "K1"})
    again = cara.post("/api/v1/advisories", said, JSON, headers={"Idempotency-Key": "K1"})
    assert made.status_code == 201 and made.json()["advisory"] == again.json()["advisory"] == "A-1"
    one = made.json()
    assert (
        one["failing"] == []
        and one["description"]["language"] == "de"
        and "Es gibt noch keine" in json.dumps(one, ensure_ascii=False)
    )
    edited = {**one["description"], "title": "Anders"}
    put = cara.put("/api/v1/advisories/A-1", {"content": json.dumps(edited), "base": one["draft"]}, JSON)
    assert put.status_code == 200 and put.json()["description"]["title"] == "Anders" and put.json()["state"] == "draft"
    stale = cara.put("/api/v1/advisories/A-1", {"content": json.dumps(edited), "base": one["draft"]}, JSON)
    assert stale.status_code == 409 and stale.json()["code"] == "cases.advisory_changed"
    assert cara.post("/api/v1/advisories/A-1/publish", {"summary": "s"}, JSON).status_code == 409
    assert (
        cara.post("/api/v1/advisories/A-1/approve", {"draft": put.json()["draft"]}, JSON).json()["state"] == "approved"
    )
    assert cara.post("/api/v1/advisories/A-1/publish", {"summary": "Erste."}, JSON).json() == {"version": 1}
    document = cara.get("/api/v1/advisories/A-1/document", {"version": 1}).json()
    assert document["document"]["lang"] == "de" and document["document"]["tracking"]["status"] == "final"
    assert cara.get("/api/v1/advisories/A-1/document", {"version": 2}).status_code == 404
    anew = cara.post("/api/v1/advisories/A-1/redraft", {"base": put.json()["draft"]}, JSON)
    assert anew.status_code == 200 and anew.json()["description"]["title"] == "Anders" and anew.json()["failing"] == []
    gone = cara.post("/api/v1/advisories/A-1/redraft", {"base": "0" * 64}, JSON)
    assert gone.status_code == 409 and gone.json()["code"] == "cases.advisory_changed"
    broken = cara.put("/api/v1/advisories/A-1", {"content": '{"kind": "vex"}'}, JSON)
    assert broken.status_code == 422 and broken.json()["code"] == "csaf.description_wrong"


def test_the_publisher_and_security_txt(cara):
    wrong = cara.put("/api/v1/publisher", {"content": publisher(psirt_mail="x").decode()}, JSON)
    assert wrong.status_code == 422 and wrong.json()["facts"]["field"] == "psirt_mail"
    renewed = cara.post("/api/v1/security-txt", {}, JSON)
    assert renewed.status_code == 200 and renewed.json()["warnings"] == []
    assert cara.put("/api/v1/publisher", {"content": publisher(name="Other AG").decode()}, JSON).status_code == 200
    assert any("Renew it" in one for one in cara.get("/api/v1/publisher").json()["warnings"])


def test_a_key_is_made_once_a_request(cara):
    made = [cara.post("/api/v1/publisher/keys", {}, JSON, headers={"Idempotency-Key": "K9"}).json()["keys"] for _ in "12"]  # fmt: skip
    assert made[0] == made[1] and len(made[0]) == 2
    wrong = cara.post("/api/v1/publisher/keys", {"secret": "no key"}, JSON)
    assert wrong.status_code == 422 and cara.get("/api/v1/publisher").json()["keys"] == made[0]
    used = cara.post("/api/v1/security-txt", {}, JSON, headers={"Idempotency-Key": "K9"})
    assert used.status_code == 409
    renewed = cara.post("/api/v1/security-txt", {}, JSON, headers={"Idempotency-Key": "K10"})
    assert renewed.status_code == 200
    other = cara.post("/api/v1/publisher/keys", {}, JSON, headers={"Idempotency-Key": "K10"})
    assert other.status_code == 409 and cara.get("/api/v1/publisher").json()["keys"] == made[0]


def test_a_tip_is_read_and_answered(cast, cara):
    from asbuilt.answers.cases.publishing.actions.taking_tips import Attached, take_tip

    take_tip(cast.tenant["cara"], words="w", files=[Attached("x.html.txt", 3, io.BytesIO(b"<b>"))])
    assert cara.get("/api/v1/tips").json()["tips"][0]["state"] == "waiting"
    file = cara.get("/api/v1/tips/TIP-1/files/1")
    assert b"".join(file.streaming_content) == b"<b>" and file["Content-Type"] == "application/octet-stream"
    assert file["Content-Disposition"].startswith("attachment")
    assert cara.post("/api/v1/tips/TIP-1/answer", {"words": "Seen."}, JSON).json()["answers"][0]["words"] == "Seen."
    assert cara.post("/api/v1/tips/TIP-1/erase", {}, JSON).status_code == 403
    assert cast.program("carl").post("/api/v1/tips/TIP-1/erase", {}, JSON).status_code == 200
    assert cara.get("/api/v1/tips/TIP-1").json()["sent"] is None


def test_while_a_notice_of_the_flaw_is_held_a_publication_says_why_on_page_and_api(cast, cara):
    from asbuilt.access.actor import local_system
    from asbuilt.answers.cases.handling.actions import deciding, opening
    from asbuilt.answers.cases.telling.actions.writing import draft_notice

    ours = local_system(cast.tenant["cara"])
    case = opening.open_case(ours, kind="aev", title="Overflow")
    deciding.freeze(ours, case=case, question=f"cve:{MBEDTLS}", why="w")
    draft_notice(ours, case=case, texts={}, readers=["psirt"], why="no update yet")
    one = cara.post("/api/v1/advisories", {"case": case}, JSON).json()
    assert one["held_by"] == ["N-1"]
    cara.post("/api/v1/advisories/A-1/approve", {"draft": one["draft"]}, JSON)
    refused = cara.post("/api/v1/advisories/A-1/publish", {"summary": "s"}, JSON)
    assert refused.status_code == 409 and refused.json()["code"] == "cases.advisory_embargo"
    assert "N-1 of the same flaw is held" in cast.browser("cara").get("/publishing/advisories/A-1/").content.decode()
    same = cara.post("/api/v1/advisories/A-1/publish", {"summary": "s", "why": "in the papers"}, JSON)
    assert same.json()["code"] == "cases.advisory_embargo_same_person"
    done = cast.browser("carl").post(
        "/publishing/advisories/A-1/", {"verb": "publish", "summary": "s", "why": "in the papers"}
    )
    assert done.status_code == 302
    assert cara.get("/api/v1/advisories/A-1").json()["timeline"][-1]["why"] == "s; in the papers"
