"""Compliance by page, API and command: each is one call, pages say it in German too, hostile words stay words, a stranger finds nothing."""

import json

JSON = "application/json"
FORM = {"verb": "judge", "digital_elements": "yes", "connection": "direct", "market": "yes", "functions": ["siem"]}


def test_a_product_is_judged_assessed_and_supported_on_pages(cast):
    carl, cara = cast.browser("carl"), cast.browser("cara")
    form = carl.get("/compliance/A-LAMP/").content.decode()
    assert "Nobody judged it yet." in form and "routers-modems-switches" in form
    assert carl.post("/compliance/A-LAMP/", {**FORM, "why": "<b>logs</b>", "rule_set": "old"}).status_code == 409
    refused = carl.post("/compliance/A-LAMP/", {**FORM, "edge_x-own-use": "on"})
    assert refused.status_code == 409 and "compliance.evidence_missing" in refused.content.decode()
    assert (
        carl.post("/compliance/A-LAMP/", {**FORM, "why": "<b>logs</b>", "standards": "full EN 1 | I.2.a"}).status_code
        == 302
    )
    page = carl.get("/compliance/A-LAMP/").content.decode()
    assert "Security information and event management (III.I.7)." in page and "&lt;b&gt;logs" in page
    assert "important, class I" in page and "not available yet" in page and "full EN 1 | I.2.a" in page
    assert "EN 1 is not cited in the Official Journal" in page
    assert (
        carl.post(
            "/compliance/A-LAMP/", {"verb": "role", "party": "ALPINA", "facts": ["makes", "own_name"]}
        ).status_code
        == 302
    )
    assert "Alpina Light" in carl.get("/compliance/A-LAMP/").content.decode()

    place = "/compliance/A-LAMP/assessment/"
    for said in (
        {"verb": "context", "purpose": "<i>light</i>", "expected_years": "8"}, {"verb": "asset", "words": "key"},
        {"verb": "threat", "words": "read out", "assets": "AS-1", "likelihood": "high", "impact": "high"},
        {"verb": "measure", "words": "lock", "threats": "TH-1", "requirements": "I.2.j"},
        {"verb": "residual", "threat": "TH-1", "likelihood": "low", "impact": "low", "why": "locked"},
        {"verb": "requirement", "requirement": "I.2.j", "applies": "yes", "how": "fuses", "questions": "unit:ALP-0001"},
        {"verb": "draft", "why": "first"},
    ):  # fmt: skip
        assert carl.post(place, said).status_code == 302, said
    assert carl.post(place, {"verb": "requirement", "requirement": "I.2.m", "applies": "no"}).status_code == 409
    assert carl.post(place, {"verb": "other"}).status_code == 422
    page = carl.get(place).content.decode()
    assert "&lt;i&gt;light&lt;/i&gt;" in page and "<i>light" not in page
    assert "unit:ALP-0001: 1 of 12 units, 11 without a record." in page and "which ones" in page
    assert (
        carl.post("/compliance/A-LAMP/revision/1/", {"verb": "review", "decision": "approve", "why": "w"}).status_code
        == 409
    )
    assert (
        cara.post("/compliance/A-LAMP/revision/1/", {"verb": "review", "decision": "refuse", "why": "gaps"}).status_code
        == 302
    )
    assert "gaps" in carl.get("/compliance/A-LAMP/revision/1/").content.decode()

    place, period = (
        "/compliance/A-LAMP/support/",
        {"verb": "support", "start_on": "2028-01-15", "end_on": "2033-01-31", "why": "bulbs"},
    )
    assert carl.post(place, {**period, "end_on": "2030-01-01"}).status_code == 409
    assert carl.post(place, {**period, "expected_years": "many"}).status_code == 422
    assert carl.post(place, period).status_code == 302
    page = carl.get(place + "?serial=ALP-0001").content.decode()
    assert "2033-01-31" in page and "2027-03-21" in page and "before the whole law" in page
    assert "12 units" in page and "10 of" in page
    german = cast.browser("carl", **{"Accept-Language": "de"})
    for address, said in (
        ("/compliance/", "Was das Gesetz"), ("/compliance/A-LAMP/", "wichtig, Klasse I"), (place, "Inverkehrbringens"),
        ("/compliance/A-LAMP/assessment/", "Sicherheitsaktualisierungen"), ("/compliance-retention/?year=2027", "Nordlicht Handel"),
    ):  # fmt: skip
        answer = german.get(address)
        assert answer.status_code == 200 and said in answer.content.decode(), address
    assert "Alpina" not in cast.browser("dan").get("/compliance/").content.decode()
    for who, status in (("brand_a_reader", 404), ("dan", 404), ("anna", 403)):
        for address in ("", "assessment/", "support/", "revision/1/"):
            assert cast.browser(who).get(f"/compliance/A-LAMP/{address}").status_code == status, (who, address)
    assert carl.get("/compliance-retention/?year=x").status_code == 422


def test_the_same_over_the_api(cast):
    carl, cara = cast.program("carl"), cast.program("cara")
    found = carl.get("/api/v1/classify?function=siem&on=2026-12-01").json()
    assert (found["class"], found["routes"][0]) == ("important-I", {"route": "A", "allowed": False, "available": False})
    assert carl.get("/api/v1/classify?function=nix&on=2026-12-01").json()["code"] == "compliance.function_unknown"
    at = "/api/v1/compliance/A-LAMP"
    said = {"digital_elements": "yes", "connection": "direct", "market": "yes", "functions": ["default"]}
    first = carl.post(f"{at}/judgements", said, JSON, headers={"Idempotency-Key": "K"})
    assert first.status_code == 201 and first.json()["judgement"]["class"] == "default"
    assert carl.post(f"{at}/judgements", said, JSON, headers={"Idempotency-Key": "K"}).status_code == 201
    other = carl.post(f"{at}/judgements", {**said, "foss": True}, JSON, headers={"Idempotency-Key": "K"})
    assert other.status_code == 409 and len(carl.get(at).json()["history"]) == 1
    for path, body in (
        ("roles", {"party": "ALPINA", "facts": ["makes"]}), ("context", {"purpose": "p"}), ("assets", {"words": "w"}),
        ("threats", {"words": "w", "likelihood": "low", "impact": "low"}), ("measures", {"words": "w", "threats": ["TH-1"]}),
        ("residual-risks", {"threat": "TH-1", "likelihood": "low", "impact": "low", "accepted": True, "why": "w"}),
        ("requirements", {"requirement": "I.2.c", "applies": "yes", "how": "h"}), ("revisions", {"why": "w"}),
        ("support", {"start_on": "2028-01-15", "end_on": "2033-01-31", "why": "w"}),
    ):  # fmt: skip
        answer = carl.post(f"{at}/{path}", body, JSON)
        assert answer.status_code in (200, 201), (path, answer.content)
    assert cara.post(f"{at}/revisions/1/review", {"approved": False, "why": "w"}, JSON).json()["state"] == "refused"
    assert (
        carl.get(f"{at}/revisions/1").json()["sha256"] == carl.get(f"{at}/assessment").json()["revisions"][0]["sha256"]
    )
    assert carl.get(f"{at}/support").json()["placed"] == 10
    assert carl.get("/api/v1/compliance-units/ALP-0001").json()["placed_on"] == "2027-03-21"
    assert carl.get("/api/v1/compliance-retention?year=2027").json()["products"][0]["placed_in_year"] == 10
    assert carl.get("/api/v1/compliance-changes").json() == {"changes": []}
    assert {"key": "default"} not in carl.get("/api/v1/compliance-rules").json()["functions"]
    assert cast.program("brand_a_reader").get(at).status_code == 404


def test_the_same_by_command(house, monkeypatch, capsys):
    from asbuilt.doors.cli.main import main

    def run(*words: str) -> dict:
        try:
            main(["compliance", *words])
        except SystemExit as leaving:
            assert not leaving.code, capsys.readouterr()
        said = capsys.readouterr()
        return json.loads(said.out) if "json" in words else {"said": said.out + said.err}

    answers = ("--digital-elements", "yes", "--connection", "direct", "--market", "yes")
    judged = run("judge", "OWN-1", *answers, "--function", "siem", "--because", "trade-fair.sign=not for sale", "--because",
                 "trade-fair.event=fair", "--standard", "EN 1=full:I.2.a", "--format", "json")  # fmt: skip
    assert (judged["judgement"]["scope"], judged["judgement"]["class"]) == ("in", "important-I")
    assert judged["judgement"]["answers"]["standards"] == [
        {"extent": "full", "reference": "EN 1", "requirements": ["I.2.a"]}
    ]
    assert (
        run("role", "OWN-1", "OW", "--fact", "makes", "--fact", "own_name", "--format", "json")["roles"][0]["role"]
        == "manufacturer"
    )
    for words in (
        ("context", "OWN-1", "--purpose", "switch"), ("asset", "OWN-1", "key"), ("threat", "OWN-1", "theft", "--likelihood", "low", "--impact", "low"),
        ("measure", "OWN-1", "lock", "--threat", "TH-1", "--requirement", "I.2.j"),
        ("residual", "OWN-1", "TH-1", "--likelihood", "low", "--impact", "low", "--why", "w"),
        ("requirement", "OWN-1", "I.2.j", "--applies", "yes", "--how", "fuses"),
    ):  # fmt: skip
        assert run(*words)["said"].strip(), words
    assert "SEC: 2 of 3 units passed, 1 without a test." in run("matrix", "OWN-1")["said"]
    assert run("draft", "OWN-1", "--why", "w", "--format", "json") == {"revision": "1"}
    assert "refused" in run("review", "OWN-1", "1", "--why", "w", "--refuse")["said"]
    assert run("revision", "OWN-1", "1", "--format", "json")["state"] == "refused"
    run("support", "OWN-1", "--start", "2027-12-11", "--end", "2033-12-11", "--why", "w")
    assert run("support", "OWN-1", "--format", "json")["documents"]["until"] == "2037-12-11"
    assert run("unit", "WO-1-1", "--format", "json")["regime"] == "before"
    assert run("retention", "--year", "2027", "--format", "json")["products"][0]["product"] == "OWN-1"
    assert run("changes", "--format", "json") == {"changes": []} and "(B+C)" in run("list")["said"]
    assert run("show", "OWN-1")["said"] and run("rules")["said"] and run("retention", "--year", "2027")["said"]
