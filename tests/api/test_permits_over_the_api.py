"""Permits and stations over HTTP: recorded, issued once a key, watched, revoked; a station's code; refusals as problems."""

import json

import pytest
import signers
from cast import pages
from permit_floor import PermitFloor

from asbuilt.kernel import keys
from asbuilt.kernel.sealing import SealingKey

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 4
JSON = "application/json"


@pytest.fixture
def floor(actor) -> PermitFloor:
    return PermitFloor(actor, IMAGE)


@pytest.fixture
def api(floor):
    """api("POST", path, body) as somebody who issues permits and looks after stations."""
    from django.test import Client

    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    first = accept_link(first_link(), name="Ada", login="ada", password="correct horse battery")
    _, link = invite(first, name="Petra", roles=["permit_issuer", "engineer"])
    petra = accept_link(link, name="Petra", login="petra", password="correct horse battery")
    _, secret = issue_token(petra, name="tests", person=petra.person)
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def asked(method, path, body=None, **headers):
        said = {"data": body, "content_type": JSON} if body is not None else {}
        return getattr(client, method.lower())(f"/api/v1{path}", **said, headers=headers)

    with pages():
        yield asked


def test_a_permit_from_grant_to_revocation(api, floor):
    grant = api("GET", "/grants").json()["grants"][0]
    assert (grant["units"], grant["left"]) == (50, 50)
    code = api("POST", "/station-enrolments", {"station": "ST-01", "site": "CZ-BRNO", "ems": "EMS-1"}).json()["code"]
    public = keys.public_to_pem(signers.Ed25519("ST-01").public)
    said = {"code": code, "public": public, "transfer": keys.public_to_pem(SealingKey.new().public)}
    enrolled = api("POST", "/stations/enrol", said).json()
    assert (enrolled["station"], enrolled["pinned"]) == ("ST-01", signers.store().sha256)
    assert api("POST", "/stations/enrol", said).status_code in (403, 404)

    draft = floor.draft({"ST-01": 30})
    made = api("POST", "/permits", draft, **{"Idempotency-Key": "k1"})
    assert made.status_code == 201, made.content
    again = api("POST", "/permits", draft, **{"Idempotency-Key": "k1"})
    assert again.json()["permit"] == made.json()["permit"]
    changed = api("POST", "/permits", floor.draft({"ST-01": 5}), **{"Idempotency-Key": "k1"})
    assert (changed.status_code, changed.json()["code"]) == (409, "ledger.request_key_reused")
    more = api("POST", "/permits", draft)
    assert (more.status_code, more.json()["code"]) == (409, "kernel.permit_split_over_units")

    here = f"/permits/{made.json()['permit']}"
    assert api("GET", here).json()["stations"][0]["spent"] == 0
    assert json.loads(api("GET", here + "/document").content)["payloadType"].startswith(
        "application/vnd.asbuilt.permit"
    )
    assert api("POST", here + "/close", {}).json()["code"] == "programming.permit_share_open"
    assert api("POST", here + "/revoke", {"reason": ""}).status_code == 422
    assert api("POST", here + "/revoke", {"reason": "wrong line"}).json()["state"] == "revoked"
    assert api("GET", "/stations/ST-01").json()["permits"][0]["state"] == "revoked"
    assert api("GET", "/grants").json()["grants"][0]["left"] == 20
    assert api("GET", "/permits/01KB00000000000000000000ZZ").status_code == 404


def test_what_may_be_chosen_for_a_permit(api, floor, actor):
    """60 units in the order, 50 in the grant; two releases, of which the order demands one."""
    from asbuilt.built.programming.actions.demands import demand_firmware

    floor.release("2.4.0", b"newer")
    demand_firmware(actor, order="WO-7", version="2.3.1")
    code = api("POST", "/station-enrolments", {"station": "ST-01", "site": "CZ-BRNO", "ems": "EMS-1"}).json()["code"]
    public = keys.public_to_pem(signers.Ed25519("ST-01").public)
    api(
        "POST",
        "/stations/enrol",
        {"code": code, "public": public, "transfer": keys.public_to_pem(SealingKey.new().public)},
    )
    assert api("POST", "/permits", floor.draft({"ST-01": 30})).status_code == 201
    found = api("GET", "/permit-choices?order=WO-7").json()
    assert (found["units"], found["permitted"], found["left"]) == (60, 30, 30)
    assert (found["revisions"], found["bom_versions"], found["product"]) == (["B"], ["1"], "WIDGET")
    assert found["demands"] == [
        {"revision": "B", "of_product": "WIDGET", "role": "app", "version": "2.3.1", "part": "", "by": "WO-7",
         "state": "released", "own": True}
    ]  # fmt: skip
    answers = {one["version"]: (one["answers"], one["demanded"]) for one in found["releases"]}
    assert answers == {"2.3.1": (["B"], True), "2.4.0": ([], False)}
    assert [(one["left"], one["units"]) for one in found["grants"]] == [(20, 50)]
    assert found["plans"][0]["places"] == [{"part": "U1", "region": "app", "kind": "app"}]
    assert [one["station"] for one in found["stations"]] == ["ST-01"]
    assert found["before"]["parts"][0]["part"] == "lm3s6965"
    assert api("GET", "/permit-choices?order=WO-99").json()["code"] == "programming.order_unknown"


def test_a_grant_is_drafted_and_taken_once_it_is_signed(api, floor):
    from asbuilt.kernel import permits

    said = {
        "brand_owner": "ACME", "ems": "EMS-1", "site": "CZ-BRNO", "product": "WIDGET", "revisions": ["B"], "units": 40,
        "images": [{"role": "app", "version": "2.3.1"}], "not_after": "2199-01-01T00:00:00Z",
        "issuers": [signers.ISSUER.public.key_id],
    }  # fmt: skip
    answer = api("POST", "/grant-drafts", said)
    assert answer.status_code == 200, answer.content
    assert len(api("GET", "/grants").json()["grants"]) == 1
    signed = signers.signed(permits.GRANT_TYPE, answer.content, [signers.BRAND])
    assert api("POST", "/grants", json.loads(signed)).json()["left"] == 40
    wrong = api("POST", "/grant-drafts", {**said, "revisions": ["B", "Z"]})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "programming.grant_revision")
    assert api("POST", "/grant-drafts", {**said, "not_after": "soon"}).status_code == 422


def test_a_stations_requests_need_its_signature(api, floor):
    answer = api("GET", "/stations/ST-01/folder")
    assert (answer.status_code, answer.json()["code"]) == (401, "api.station_signature")
