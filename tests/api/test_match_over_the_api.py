"""Findings, coverage, suggestions and identities over the API."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile

JSON = "application/json"
LINK = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#tls"
VEX = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": "urn:uuid:11111111-395b-41f5-a30f-a58921a69b79",
       "vulnerabilities": [{"id": "CVE-2024-1000", "analysis": {"state": "exploitable"}, "affects": [{"ref": LINK}]}]}  # fmt: skip
SAID = {
    "name": "lwIP",
    "decisions": [{"kind": "cpe", "value": "cpe:2.3:a:lwip_project:lwip:*"}],
    "basis": "the maker said so",
}


def test_decide_and_read(cast):
    cara = cast.program("cara")
    made = cara.post("/api/v1/component-identities", SAID, JSON, headers={"Idempotency-Key": "a"})
    assert (made.status_code, made.json()) == (201, {"new": 0, "replaced": 0, "retracted": 0})
    other = SAID | {"basis": "another"}
    assert cara.post("/api/v1/component-identities", other, JSON, headers={"Idempotency-Key": "a"}).status_code == 409
    (one,) = cara.get("/api/v1/component-identities").json()["identities"]
    assert (one["name"], one["decision"], one["value"]) == ("lwip", "confirmed", "cpe:2.3:a:lwip_project:lwip:*")
    wrong = SAID | {"decisions": [{"kind": "cpe", "value": "lwip"}]}
    assert cara.post("/api/v1/component-identities", wrong, JSON).json()["code"] == "vulnerability.identity_value"


def test_nothing_set_is_not_clean(cast):
    found = cast.program("cara").get("/api/v1/vulnerability-coverage").json()
    assert (found["complete"], found["silent"]) == (False, ["no_feed"])
    assert cast.program("cara").get("/api/v1/vulnerability-findings/CVE-2026-1").status_code == 404
    assert cast.program("cara").post("/api/v1/vulnerability-matching").json() == {
        "new": 0,
        "replaced": 0,
        "retracted": 0,
    }
    assert (
        cast.program("cara")
        .get("/api/v1/component-suggestions")
        .json()["aliases"]
        .startswith("asbuilt.component-aliases/")
    )


def test_what_points_at_an_sbom_that_is_not_here_is_said(cast):
    """The answer was an empty list, as if nothing had been said."""
    cara = cast.program("cara")
    cara.post(
        "/api/v1/vulnerability-feeds", {"feed": "vex", "kind": "cyclonedx"}, JSON, headers={"Idempotency-Key": "f"}
    )
    cara.post(
        "/api/v1/vulnerability-feeds/vex/takes", {"file": SimpleUploadedFile("vex.json", json.dumps(VEX).encode())}
    )
    found = cara.get("/api/v1/vulnerability-findings/CVE-2024-1000").json()
    assert found["findings"] == []
    assert [(one["link"], one["reason"]) for one in found["unresolved"]] == [(LINK, "sbom_unknown")]
    assert [one["link"] for one in cara.get("/api/v1/vulnerability-coverage").json()["unresolved"]] == [LINK]
