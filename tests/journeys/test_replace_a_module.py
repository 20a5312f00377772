"""A Wi-Fi module's change notice, from the maker's archive to a CVE question that tells the units before from those behind the boundary.

By commands where one person asks or takes, by API where people decide, each with a token of his own. Every number is counted by hand: see replaced_module.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
import replaced_module as story
import sourcing_floor
from cast import pages
from commands import here, here_json
from django.core.files.uploadedfile import SimpleUploadedFile
from vulnerable_factory import MBEDTLS, Security, component, osv

JSON = "application/json"


@pytest.fixture
def api(load, actor):
    """api("eva").post(address, said, expect=409) -> what the API answers this person."""
    from asbuilt.access.actions import issue_token

    load(sourcing_floor.tables())
    people = story.enter_people(actor.tenant)
    tokens = {name: issue_token(one, name="t", person=one.person)[1] for name, one in people.items()}
    with pages():
        yield lambda name: Api(tokens[name])


class Api:
    """A person's program."""

    def __init__(self, token: str):
        from django.test import Client

        self.client = Client(
            headers={"Authorization": f"Bearer {token}", "Accept": JSON}, raise_request_exception=False
        )

    def get(self, address: str, expect: int = 200, **asked) -> dict:
        answer = self.client.get(f"/api/v1{address}", asked)
        assert answer.status_code == expect, (address, answer.status_code, answer.content[:800])
        return answer.json()

    def post(self, address: str, said: dict | None = None, expect: int = 200, file: tuple | None = None) -> dict:
        if file is None:
            answer = self.client.post(f"/api/v1{address}", said or {}, JSON)
        else:
            answer = self.client.post(f"/api/v1{address}", {**(said or {}), "file": SimpleUploadedFile(*file)})
        assert answer.status_code == expect, (address, answer.status_code, answer.content[:800])
        return answer.json()


def place(api, units: tuple[str, str], package: str, expect: int = 201) -> dict:
    first, last = units
    return api("anna").post(
        "/placed-by-hand", {"first": first, "last": last, "refdes": ["U1"], "package": package}, expect
    )


def solder(api, *units: str) -> None:
    for unit in units:
        api("anna").post("/steps", {"code": unit, "step": "SMT"}, 201)


def compare(tmp_path) -> None:
    """The maker's archive is taken, what it reaches is seen, and the alternate is compared with what is in use."""
    (tmp_path / "PCN-17.pcn").write_bytes(sourcing_floor.pcn())
    taken = here_json("change-notice", "take", tmp_path / "PCN-17.pcn", "--supplier", "PH")
    assert (taken["notice"], taken["kind"], taken["suggested_date_code"]) == ("CN-1", "pcn", "2640")
    used = here_json("change-notice", "amend", "CN-1", "--date-code-from", "2640", "--why", "by phone")["used"]
    # 2645 is behind 2640: G5, G6, G7; G8 nobody recorded. Nothing of WO-2 and WO-Q is begun
    assert used["units"]["changed"]["affected"] == {"certain": 3, "possible": 0, "unrecorded": 1}
    assert used["units"]["all"]["affected"] == {"certain": 7, "possible": 0, "unrecorded": 1}
    assert [(one["order"], one["open"]) for one in used["orders"]] == [("WO-1", 0), ("WO-2", 10), ("WO-Q", 60)]
    here("alternate", "open", "WIFI", "Wi-Fi module", "--notice", "CN-1")
    for mpn, can, more in (("W-1", story.IN_USE, ["--current"]), ("W-2", story.ALTERNATE, [])):
        said = [word for key, value in can.items() for word in ("--property", f"{key}={value}")]
        here("alternate", "candidate", "ALT-1", mpn, "--maker", "Radio", *said, *more)
    sheet = here_json("alternate", "show", "ALT-1")
    told = {row["key"]: row["alternates"][0]["compares"] for row in sheet["compared"] if row["current"]}
    assert told == {"secure_boot": "higher", "wpa3": "higher", "uid": "lower"}
    assert here_json("change-notice", "show", "CN-1")["alternates"] == [
        {"sheet": "ALT-1", "part": "WIFI", "title": "Wi-Fi module"}
    ]


def deviate(api) -> None:
    """One order might go on with the alternate meanwhile, once the brand owner agreed; it is ended before a unit is built so."""
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    said = {
        "product": "gateway",
        "order": "WO-2",
        "kind": "part",
        "part": "WIFI",
        "subject": "W-2",
        "why": "W-1 is late",
        "until_at": until,
    }
    assert api("eva").post("/deviations", said, 201)["deviation"] == "DEV-1"
    states = [api(name).post("/deviations/DEV-1/approvals")["state"] for name in ("ben", "brand")]
    assert states == ["open", "in_force"]
    api("other").get("/deviations/DEV-1", 404)
    assert api("ben").post("/deviations/DEV-1/end", {"why": "the run goes first"})["state"] == "over"


def propose(api) -> None:
    """The ECO with its answers; the notice is decided by it, and by none that is not there."""
    eva, ben = api("eva"), api("ben")
    decision = {"decision": "change_order", "eco": "ECO-1", "why": "W-2 takes its place"}
    assert ben.post("/change-notices/CN-1/decisions", decision, 404)["code"] == "changes.unknown"
    assert eva.post("/ecos", {"title": "W-2 for W-1", "why": "CN-1", "products": ["gateway"]}, 201)["eco"] == "ECO-1"
    change = {"kind": "part", "product": "gateway", "subject": ["WIFI"], "old": "Radio/W-1", "new": "Radio/W-2"}
    eva.post("/ecos/ECO-1/changes", change)
    for question, answer in story.ANSWERS.items():
        eva.post("/ecos/ECO-1/answers", {"question": question, "answer": answer, "why": "by ALT-1"})
    eva.post("/ecos/ECO-1/judgement", {"substantial": "no", "why": "purpose and risks stay"})
    eva.post("/ecos/ECO-1/needs", {"what": "qualification run of 60 units"})
    assert eva.post("/ecos/ECO-1/requests")["state"] == "waiting"
    ben.post("/change-notices/CN-1/decisions", decision)


def agree(api) -> None:
    """Who has to agree reads what the alternate can do less; the brand owner sees it without the house's codes, another brand nothing."""
    seen = api("brand").get("/ecos/ECO-1")
    (alternate,) = seen["alternates"]
    assert [one["notice"] for one in seen["notices"]] == ["CN-1"] and seen["waits_for_you"]
    assert [one["en"] for one in alternate["lower"]] == ["Unique identifier from the factory"] and alternate[
        "state"
    ] == "stated"
    assert (alternate["sheet"], alternate["run"], alternate["order"]) == ("", "", "")
    api("other").get("/ecos/ECO-1", 404)
    # the identifier is a security function: psirt is asked too
    assert api("eva").get("/ecos/ECO-1")["roles_needed"] == ["quality_lead", "psirt"]
    for name in ("ben", "cara", "brand"):
        state = api(name).post("/ecos/ECO-1/decisions", {"decision": "approved"})["state"]
    assert state == "approved"
    bound(api, "H6", 409, "gate.boundary_unqualified")


def bound(api, unit: str, expect: int = 200, code: str = "") -> dict:
    said = api("ben").post("/ecos/ECO-1/boundary", {"kind": "unit", "value": unit, "why": "stock of W-1"}, expect)
    assert said.get("code", "") == code
    return said


def qualify(api, tmp_path) -> None:
    """Sixty units carry the alternate and are tested; only then it is qualified, and what the ECO asked for is done."""
    (tmp_path / "criteria.json").write_text(json.dumps(sourcing_floor.CRITERIA))
    assert place(api, ("Q1", "Q60"), "W-ALT", 409)["code"] == "production.alternate_not_qualified"
    run = {"sheet": "ALT-1", "mpn": "W-2", "order": "WO-Q", "criteria": list(sourcing_floor.CRITERIA), "why": "CN-1"}
    assert api("eva").post("/qualification-runs", run, 201)["run"] == "QR-1"
    assert bound(api, "H6", 409, "gate.boundary_unqualified")["facts"]["run"] == "QR-1"
    assert place(api, ("Q1", "Q60"), "W-ALT")["units"] == 60
    here("import", story.bench(tmp_path / "bench"))
    verdict = {"verdict": "qualified", "why": "as shown"}
    lacking = api("ben").post("/qualification-runs/QR-1/verdict", verdict, 409)["facts"]["lacking"]
    assert lacking == ["cycling"]
    told = {"criterion": "cycling", "verdict": "pass", "words": "500 cycles, none failed"}
    api("eva").post("/qualification-runs/QR-1/results", told, file=("chamber.pdf", b"%PDF-1.4 chamber"))
    api("eva").post("/qualification-runs/QR-1/verdict", verdict, 403)
    done = api("ben").post("/qualification-runs/QR-1/verdict", verdict)
    shown = {
        one["key"]: (one["carry"], one["passed"], one["failed"]) for one in done["criteria"] if one["kind"] == "tests"
    }
    assert shown == {"function": (60, 60, 1), "security": (60, 60, 0)} and done["state"] == "qualified"
    assert bound(api, "H6", 409, "changes.asked_open")["facts"]["asked"] == ["T-1"]
    api("eva").post("/ecos/ECO-1/needs/T-1/done", {"why": "QR-1"})


def build(api) -> None:
    """The boundary lies behind what is begun. Each side gets its module, and the run's units go on with the new one, before the boundary as they lie."""
    place(api, ("H1", "H3"), "W-OLD")
    solder(api, "H1", "H2", "H3")
    behind = bound(api, "H2", 409, "gate.boundary_behind")["facts"]
    assert (behind["units"], behind["first"], behind["last"]) == (2, "H2", "H3")
    bound(api, "H6")
    early = place(api, ("H4", "H6"), "W-ALT", 409)
    assert early["code"] == "gate.change_boundary" and "Radio/W-1" in early["remedy"]
    assert place(api, ("H6", "H10"), "W-OLD", 409)["facts"]["wanted"] == "Radio/W-2"
    place(api, ("H4", "H5"), "W-OLD")
    place(api, ("H6", "H10"), "W-ALT")
    solder(api, "Q1", "Q60", *(f"H{n}" for n in range(4, 11)))


def counts(answer: dict) -> tuple[int, int, int]:
    return tuple(answer["affected"][grade] for grade in ("certain", "possible", "unrecorded"))


def test_a_module_is_replaced_and_old_and_new_units_are_told_apart(api, actor, tmp_path):
    compare(tmp_path)
    deviate(api)
    propose(api)
    agree(api)
    qualify(api, tmp_path)
    build(api)

    # provable later
    seen = here_json("change", "show", "ECO-1")
    (built,), (alternate,) = seen["built"], seen["alternates"]
    assert (seen["state"], built["first_new"], built["last_old"]) == ("in_force", "H6", "H5")
    # the sixty were tried before the boundary, along the units: they are no first unit of the series, and no overlap
    assert (built["new_units"], built["old_units"], built["tried_units"]) == (story.SERIES, story.OLD, story.RUN)
    assert (built["new_before_last_old"], built["old_behind_first_new"]) == (0, 0)
    assert (alternate["run"], alternate["state"], alternate["units"]) == ("QR-1", "qualified", story.RUN)
    assert [one["notice"] for one in seen["notices"]] == ["CN-1"]

    # the maker speaks of the old module, then of the new one
    here(
        "vuln",
        "feed",
        "add",
        "radio",
        "--kind",
        "csaf",
        "--source",
        story.advisory(tmp_path / "radio", story.OLD_FLAW, "W-1"),
    )
    story.advisory(tmp_path / "radio", story.NEW_FLAW, "W-2")
    here("vuln", "feed", "take", "radio")
    old, new = (here_json("ask", f"cve:{flaw}", "--serials") for flaw in (story.OLD_FLAW, story.NEW_FLAW))
    names = {
        grade: sorted(one["serial"] for one in old["serials"] if one["certainty"] == grade)
        for grade in ("certain", "unrecorded")
    }
    assert names["certain"] == sorted([f"G{n}" for n in range(1, 8)] + [f"H{n}" for n in range(1, 6)])
    assert names["unrecorded"] == ["G8"]  # nobody recorded its module: open until somebody looks
    assert counts(old) == (story.OLD, 0, story.UNKNOWN) and counts(new) == (story.NEW, 0, story.UNKNOWN)
    assert {one["serial"] for one in old["serials"] if one["certainty"] == "certain"}.isdisjoint(
        one["serial"] for one in new["serials"] if one["certainty"] == "certain")  # fmt: skip
    # the same by an SBOM of each lot: mbed TLS 2.28.7 is in what W-1 runs, 2.28.8 in what W-2 does
    security = Security(actor, tmp_path)
    for serial, (lot, version) in enumerate((("L10", "2.28.7"), ("L45", "2.28.7"), ("LA", "2.28.8")), 1):
        security.sbom(component("mbedtls", version), part="WIFI", lot=lot, serial=serial)
    security.feed(osv(MBEDTLS, "mbedtls", "2.28.8"))
    by_lot = here_json("ask", f"cve:{MBEDTLS}", "--serials")
    assert {one["serial"] for one in by_lot["serials"] if one["certainty"] == "certain"} == set(names["certain"])
    assert here_json("ask", f"part:W-2 -cve:{MBEDTLS}")["affected"]["certain"] == story.NEW
    # G1, G2 and G5 are at a customer; of the new ones none is
    where = {row["customer"]: row["certain"] for row in old["by"]["customer"]}
    assert where["Shop X"] == 3 and "Shop X" not in {row["customer"] for row in new["by"]["customer"]}
    # its owner asks the same and gets the same, another brand nothing
    assert counts(api("brand").get("/ask", question=f"cve:{story.OLD_FLAW}")) == (story.OLD, 0, story.UNKNOWN)
    assert counts(api("brand").get("/ask", question=f"cve:{story.NEW_FLAW}")) == (story.NEW, 0, story.UNKNOWN)
    assert api("other").get("/ask", 404, question=f"cve:{story.OLD_FLAW}")["code"] == "question.unknown_name"
    assert here_json("ask", f"cve:{story.OLD_FLAW} {built['new_question']}")["affected"]["certain"] == 0
    # a run that is revoked excuses its units no longer: they lie before the boundary and carry the new one
    api("ben").post("/qualification-runs/QR-1/verdict", {"verdict": "revoked", "why": "field failures"})
    assert api("anna").post("/steps", {"code": "Q2", "step": "AOI"}, 409)["code"] == "gate.change_boundary"
    (built,) = here_json("change", "show", "ECO-1")["built"]
    assert (built["first_new"], built["new_units"], built["tried_units"]) == ("Q1", story.NEW, 0)
    assert (built["new_before_last_old"], built["old_behind_first_new"]) == (story.RUN, 5)  # Q1 to Q60; H1 to H5
    assert here_json("ledger", "verify")["findings"] == []
