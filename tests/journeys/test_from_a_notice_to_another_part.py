"""A Wi-Fi module ends: notice, alternates, deviation by the brand owner, a run of 60 units, the new module everywhere, old and new told apart in a CVE.

Over the API, each person by a token of its own; the floor mounts by the gate's verbs, the line's record comes by tables.
"""

import json

import pytest
import sourcing_floor as floor
from cast import PASSWORD, pages
from change_floor import EVERY_ANSWER
from django.core.files.uploadedfile import SimpleUploadedFile
from vulnerable_factory import MBEDTLS, Security, component, osv

JSON = "application/json"


@pytest.fixture
def people(load, actor):
    """Clients of eva (engineer), ben (quality lead), brand (a person of the brand owner), other (of another brand)."""
    from django.test import Client

    from asbuilt.access.actions import accept_link, first_link, invite, issue_token
    from asbuilt.designed.parties.queries import numbers_by_name

    load(floor.tables())
    parties = numbers_by_name(actor.tenant)
    first = accept_link(first_link(), name="Ada", login="ada", password=PASSWORD)
    found = {}
    with pages():
        for who, role, party in (
            ("eva", "engineer", None),
            ("ben", "quality_lead", None),
            ("brand", "party_reader", "BRAND"),
            ("other", "party_reader", "OTHER"),
        ):
            _, link = invite(first, name=who, roles=[role], party=parties.get(party), code=f"badge-{who}")
            one = accept_link(link, name=who, login=who, password=PASSWORD)
            secret = issue_token(one, name="tests", person=one.person)[1]
            found[who] = Client(
                headers={"Accept": JSON, "Authorization": f"Bearer {secret}"}, raise_request_exception=False
            )
        yield found


@pytest.fixture
def say(people):
    """say("eva", "/change-notices", {…}) posts and gives the answer back; files go as a form. say.get(who, address, status)."""

    def post(who: str, address: str, said: dict, status: int = 0, **files: bytes) -> dict:
        sent = {name: SimpleUploadedFile(f"{name}.bin", content) for name, content in files.items()}
        answer = people[who].post("/api/v1" + address, {**said, **sent}, **({} if sent else {"content_type": JSON}))
        assert answer.status_code == status or (not status and answer.status_code in (200, 201)), answer.content
        return answer.json()

    def get(who: str, address: str, status: int = 200) -> dict:
        answer = people[who].get("/api/v1" + address)
        assert answer.status_code == status, answer.content
        return answer.json()

    post.get = get
    return post


def mountable(actor, order: str, package: str) -> list[str]:
    from asbuilt.built.production.mounting_checks import Use, stops_of
    from asbuilt.built.production.orders import Orders
    from asbuilt.built.supply.queries import PackageFinder
    from asbuilt.designed.catalog.queries import part_numbers
    from asbuilt.ledger import clock

    part = part_numbers(actor.tenant, ["WIFI"])["WIFI"]
    use = Use(PackageFinder(actor.tenant).find([package])[package], "U1", frozenset([part]))
    return [stop.code for stop in stops_of(actor.tenant, Orders(actor.tenant).by_code(order), [use], clock.now())[0]]


def test_from_a_makers_notice_to_old_and_new_units_told_apart(say, people, load, actor, tmp_path):
    # 1. the notice: what it touches, for the house and for the brand owner
    cycle = "<pcnEOS>2027-06-30</pcnEOS>"
    notice = say("eva", "/change-notice-files", {"supplier": "PH"}, 201, file=floor.pcn(number="PDN-9", cycle=cycle))
    assert (notice["notice"], notice["kind"], notice["dates"]) == ("CN-1", "pdn", {"last_buy": "2027-06-30"})
    assert (
        say("eva", "/change-notice-files", {}, 422, file=floor.archive({"../x": b"", "PCNbody.xml": floor.pcn_body()}))[
            "code"
        ]
        == "smartpcn.member_outside"
    )
    own = say.get("brand", "/change-notices/CN-1")
    assert (
        own["used"]["units"]["all"]["affected"] == {"certain": 7, "possible": 0, "unrecorded": 1}
        and own["used"]["stock"] == []
    )
    say.get("other", "/change-notices/CN-1", 404)
    # 2. alternates, lower in nothing that is known
    say("eva", "/alternates", {"part": "WIFI", "title": "Wi-Fi module", "notice": "CN-1"})
    said = {"maker": "Radio", "properties": {"secure_boot": "yes", "uid": "yes"}}
    say("eva", "/alternates/ALT-1/candidates", {"mpn": "W-1", "role": "current", **said})
    sheet = say("eva", "/alternates/ALT-1/candidates", {"mpn": "W-2", **said})
    assert sheet["candidates"][1]["lower"] == [] and mountable(actor, "WO-2", "W-ALT") == [
        "production.alternate_not_qualified"
    ]
    # 3. a deviation lets one order go on meanwhile, once the brand owner agreed in its own view
    asked = {
        "product": "gateway",
        "order": "WO-2",
        "kind": "part",
        "part": "WIFI",
        "subject": "W-2",
        "why": "W-1 is late",
        "until_at": "2027-12-31T00:00:00Z",
    }
    say("eva", "/deviations", asked, 201)
    assert people["ben"].post("/api/v1/deviations/DEV-1/approvals", {}).status_code == 200
    assert mountable(actor, "WO-2", "W-ALT") == ["production.alternate_not_qualified"]
    assert people["other"].post("/api/v1/deviations/DEV-1/approvals", {}).status_code == 404
    assert people["brand"].post("/api/v1/deviations/DEV-1/approvals", {}).json()["state"] == "in_force"
    assert mountable(actor, "WO-2", "W-ALT") == []
    say("ben", "/deviations/DEV-1/end", {"why": "the run goes first"})
    # 4. the run of sixty, its criteria before its first unit
    run = say(
        "eva",
        "/qualification-runs",
        {"sheet": "ALT-1", "mpn": "W-2", "order": "WO-Q", "criteria": list(floor.CRITERIA), "why": "W-1 ends"},
        201,
    )
    assert (run["run"], run["units"], run["met"]) == ("QR-1", 60, False)
    assert mountable(actor, "WO-Q", "W-ALT") == [] and mountable(actor, "WO-2", "W-ALT") == [
        "production.alternate_in_qualification"
    ]
    load({
        "materials": [floor.material("WO-Q", "Q1", "Q60", "U1", "W-ALT", 4), floor.material("WO-Q", "Q1", "Q60", "R1", "R-1", 4)],
        "processes": [floor.ran("WO-Q", "Q1", "Q60", 5)],
        "tests": [floor.test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")],
    }, "qualification")  # fmt: skip
    verdict = {"verdict": "qualified", "why": "as shown"}
    assert say("ben", "/qualification-runs/QR-1/verdict", verdict, 409)["facts"]["lacking"] == ["cycling"]
    say(
        "eva",
        "/qualification-runs/QR-1/results",
        {"criterion": "cycling", "verdict": "pass", "words": "500 cycles"},
        file=b"%PDF-1.4",
    )
    say("eva", "/qualification-runs/QR-1/verdict", verdict, 403)
    assert say("ben", "/qualification-runs/QR-1/verdict", verdict)["state"] == "qualified"
    # 5. an ECO with the run as what was asked for, the brand owner's agreement, and an order as its boundary
    say("eva", "/ecos", {"title": "Wi-Fi module", "why": "CN-1", "products": ["gateway"]}, 201)
    change = {"kind": "part", "product": "gateway", "subject": ["WIFI"], "old": "Radio/W-1", "new": "Radio/W-2"}
    say("eva", "/ecos/ECO-1/changes", change)
    for question, answer in EVERY_ANSWER.items():
        say("eva", "/ecos/ECO-1/answers", {"question": question, "answer": answer, "why": "ALT-1"})
    say("eva", "/ecos/ECO-1/judgement", {"substantial": "no", "why": "ALT-1"})
    say("eva", "/ecos/ECO-1/needs", {"what": "qualification run of 60 units"})
    say("eva", "/ecos/ECO-1/requests", {})
    for who in ("brand", "ben"):
        say(who, "/ecos/ECO-1/decisions", {"decision": "approved"})
    say("eva", "/ecos/ECO-1/needs/T-1/done", {"why": "QR-1"})
    say("ben", "/ecos/ECO-1/boundary", {"kind": "order", "value": "WO-2", "why": "W-1 is used up"})
    # it goes into the orders behind it; the decision about the notice names the ECO
    assert mountable(actor, "WO-2", "W-ALT") == []
    decided = say(
        "ben", "/change-notices/CN-1/decisions", {"decision": "change_order", "eco": "ECO-1", "why": "W-2 by QR-1"}
    )
    assert (decided["state"], decided["eco"]) == ("decided", "ECO-1")
    load(
        {
            "materials": [floor.material("WO-2", "H1", "H10", "U1", "W-ALT", 7)],
            "processes": [floor.ran("WO-2", "H1", "H10", 8)],
        },
        "with the new one",
    )
    # 6. a CVE in the old module's firmware: old units are exposed, new ones are not, and the notice's question says the same
    security = Security(actor, tmp_path)
    for serial, (lot, version) in enumerate((("L10", "2.28.7"), ("L45", "2.28.7"), ("LA", "2.28.8")), 1):
        security.sbom(component("mbedtls", version), part="WIFI", lot=lot, serial=serial)
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    old = people["ben"].get("/api/v1/ask/serials", {"question": f"cve:{MBEDTLS}"}).json()
    sure = {one["serial"] for one in old["serials"] if one["certainty"] == "certain"}
    assert sure == {f"G{n}" for n in range(1, 8)}
    new = people["ben"].get("/api/v1/ask", {"question": f"part:W-2 -cve:{MBEDTLS}"}).json()
    assert new["affected"]["certain"] == 70
    (built,) = say.get("ben", "/ecos/ECO-1")["built"]
    assert (built["first_new"], built["last_old"]) == ("Q1", "G7"), built
    seen = json.dumps(say.get("brand", "/change-notices/CN-1"))
    assert '"state": "decided"' in seen and "Shop X" in seen
