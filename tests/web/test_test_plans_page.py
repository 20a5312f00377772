"""Test plans, results dropped on the page Import, and the test history of a unit, on their pages."""

import json
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from result_files import openhtf

pytestmark = pytest.mark.once

BOM = {
    "product": "AB-100",
    "revision": "A",
    "bom_version": "1",
    "line": "1",
    "part": "R1",
    "quantity": "1",
    "refdes": "R1",
}
STEP = {
    "name": "vdd_3v3",
    "kind": "numeric",
    "comparison": "GELE",
    "low": "3.2",
    "high": "3.3",
    "unit": "V",
    "expected": "",
    "criticality": "critical",
    "proves": ["I.2.h"],
    "needed": True,
}
PLAN = {
    "schema": 1,
    "plan": "FCT",
    "version": "1",
    "product": "AB-100",
    "revisions": ["A"],
    "every": 1,
    "rules": "cra-annex-i/1",
    "steps": [STEP],
}


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def order(load):
    load(
        {
            "parts": [{"part": "R1"}],
            "bom": [BOM],
            "orders": [{"order": "WO", "product": "AB-100", "revision": "A", "bom_version": "1", "quantity": "2", "opened_at": "2026-01-01T08:00:00Z"}],
            "units": [{"order": "WO", "serial": "SN1"}, {"order": "WO", "serial": "SN2"}],
        }
    )  # fmt: skip


def file(said) -> SimpleUploadedFile:
    return SimpleUploadedFile("plan.json", json.dumps(said).encode())


def test_a_plan_is_proposed_and_decided_about(order, signed_in):
    eva = signed_in("engineer")
    assert "No test plan is recorded." in text(eva.get("/test-plans/"))
    made = eva.send("/test-plans/", {"document": file(PLAN)})
    assert made.status_code == 302 and made["Location"] == "/test-plans/FCT/1/"
    said = text(eva.get("/test-plans/FCT/1/"))
    assert "proposed" in said and "3.2 to 3.3 V" in said and "I.2.h" in said and "Approve it" not in said
    again = eva.send("/test-plans/", {"document": file({**PLAN, "version": "2", "every": 0}), "changes": "c"})
    assert again.status_code == 422 and "every" in text(again)
    lead = signed_in("quality_lead")
    assert "Approve it" in text(lead.get("/test-plans/FCT/1/"))
    assert lead.send("/test-plans/FCT/1/decide/", {"decision": "approved"}).status_code == 302
    assert "in force" in text(lead.get("/test-plans/FCT/1/"))
    assert lead.send("/test-plans/FCT/1/decide/", {"decision": "withdrawn"}).status_code == 422
    assert json.loads(lead.get("/test-plans/FCT/1/document/").content) == PLAN


def test_who_proposed_it_is_told_so_in_german_too(order, signed_in):
    """The refusal stood in English on a German page."""
    lead = signed_in("quality_lead")
    lead.send("/test-plans/", {"document": file(PLAN)})
    said = lead.send("/test-plans/FCT/1/decide/", {"decision": "approved"}, HTTP_ACCEPT_LANGUAGE="de")
    assert said.status_code == 409 and "Version 1 von FCT haben Sie selbst vorgeschlagen." in text(said)
    assert "proposed" in text(lead.get("/test-plans/FCT/1/"))


def test_results_are_dropped_on_the_page_and_seen_on_the_unit(order, signed_in):
    eva, lead = signed_in("engineer"), signed_in("quality_lead")
    eva.send("/test-plans/", {"document": file(PLAN)})
    lead.send("/test-plans/FCT/1/decide/", {"decision": "approved"})
    assert "Results of testers" in text(eva.get("/import/"))
    given = [
        SimpleUploadedFile(f"{serial}.json", json.dumps(openhtf(serial, at=1_795_000_000_000)).encode())
        for serial in ("SN1", "SN9")
    ]
    said = text(eva.send("/results/", {"files": given, "kind": ""}))
    assert "taken" in said and "refused" in said and "There is no unit SN9" in said and "openhtf/4" in said
    page = text(eva.get("/unit/SN1/tests/"))
    assert "3.31 V" in page and "3.2 to 3.4 V" in page and "3.2 to 3.3 V" in page and "outside of its limits" in page
    assert "With values and limits" in text(eva.get("/unit/SN1/")) and "3.31 V" in text(eva.get("/unit/SN1/"))
    assert eva.send("/results/", {"kind": "stdf", "files": given[:1]}).status_code == 422
    assert "No test run is recorded." in text(eva.get("/unit/SN2/tests/"))


def test_who_is_not_drawn_is_told_so_and_nothing_is_missed(order, signed_in):
    """Of the two units the plan draws those whose hash 1,000,000 divides: none of them, as counted here."""
    from drawn import drawn

    eva, lead = signed_in("engineer"), signed_in("quality_lead")
    eva.send("/test-plans/", {"document": file({**PLAN, "every": 1_000_000})})
    digest = re.search(r"[0-9a-f]{64}", eva.get("/test-plans/FCT/1/").content.decode())[0]
    assert not drawn(digest, "SN1", 1_000_000)
    approved = lead.send("/test-plans/FCT/1/decide/", {"decision": "approved", "reason": ""})
    assert approved.status_code == 302, text(approved)
    page = text(eva.get("/unit/SN1/tests/"))
    assert "not sampled FCT 1 tests one of 1,000,000 units" in page and "this one is not drawn" in page
    assert "one of 1,000,000, drawn by the serial number" in text(eva.get("/test-plans/FCT/1/"))
