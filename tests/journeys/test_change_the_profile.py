"""The reflow profile is under control: another one stops the line, an ECO is asked for, agreed to, bounded; the line goes on, and the record shows it.

By API as programs do it, by pages as people do it (the brand owner in its own view), by the command line, on one small factory.
"""

import json

import change_floor
import pytest
from cast import pages
from commands import here

JSON = "application/json"


@pytest.fixture
def floor(load, actor):
    """The factory, its people, and the pages."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token
    from asbuilt.access.queries import login_of_person
    from asbuilt.designed.parties.queries import numbers_by_name

    load(change_floor.tables())
    adam = accept_link(first_link(), name="Adam", login="adam", password="nine reels of solder")
    parties, found = numbers_by_name(actor.tenant), {}
    people = {
        "anna": "operator",
        "eva": "engineer",
        "kim": "engineer",
        "ben": "quality_lead",
        "hal": "party_reader",
        "alp": "party_reader",
    }
    with pages():
        from django.test import Client

        from asbuilt.access import sessions

        for name, role in people.items():
            party = parties[name.upper()] if role == "party_reader" else None
            _, secret = invite(adam, name=name, roles=[role], party=party, code=f"badge-{name}")
            one = accept_link(secret, name=name, login=name, password="nine reels of solder")
            token = issue_token(one, name="t", person=one.person)[1]
            api = Client(headers={"Authorization": f"Bearer {token}", "Accept": JSON}, raise_request_exception=False)
            browser = Client(raise_request_exception=False)
            session = sessions.SessionStore()
            sessions.begin(session, login_of_person(actor.tenant, one.person))
            session.save()
            browser.cookies["asbuilt_session"] = session.session_key
            found[name] = (api, browser)
        yield found


def post(client, address: str, said: dict | None = None, expect: int = 200) -> dict:
    answer = client.post(f"/api/v1{address}", said or {}, JSON)
    assert answer.status_code == expect, (address, answer.status_code, answer.content[:600])
    return answer.json()


def reflow(floor, code: str, program: str, expect: int = 201) -> dict:
    said = {"code": code, "step": "REFLOW", "side": "top", "machine": "OVEN-1", "program": program}
    return post(floor["anna"][0], "/steps", said, expect)


def test_an_unapproved_profile_stops_the_line_until_an_eco_holds(floor, home):
    for unit in ("B1", "B2", "B3", "B4"):
        for step in ("PRINT", "SMT"):
            post(floor["anna"][0], "/steps", {"code": unit, "step": step, "side": "top"}, 201)
    here("change", "control", "board", "REFLOW", "program", "P7", "--side", "top", "--why", "validated in V-12")
    reflow(floor, "B1", "P7")

    stopped = reflow(floor, "B2", "P8", 409)
    assert (
        stopped["code"] == "gate.process_revision"
        and stopped["facts"]["approved"] == "P7"
        and "ECO" in stopped["remedy"]
    )
    assert "P8 was not approved" in stopped["detail"]
    assert reflow(floor, "B2", "", 409)["code"] == "gate.process_revision"  # nothing says by which it ran

    eva, ben, hal, alp = (floor[name][0] for name in ("eva", "ben", "hal", "alp"))
    code = post(eva, "/ecos", {"title": "Profile P8", "why": "voids in U1", "products": ["board"]}, 201)["eco"]
    change = {"kind": "process", "product": "board", "subject": ["REFLOW", "top", "program"], "old": "P7", "new": "P8"}
    post(eva, f"/ecos/{code}/changes", change)
    for question, answer in change_floor.EVERY_ANSWER.items():
        post(eva, f"/ecos/{code}/answers", {"question": question, "answer": answer, "why": "the parts stay"})
    post(eva, f"/ecos/{code}/judgement", {"substantial": "no", "why": "no answer says so"})
    post(eva, f"/ecos/{code}/needs", {"what": "profile run with thermocouples"})
    assert post(eva, f"/ecos/{code}/requests")["state"] == "waiting"
    post(eva, f"/ecos/{code}/decisions", {"decision": "approved"}, 409)
    assert (
        post(ben, f"/ecos/{code}/boundary", {"kind": "unit", "value": "B3", "why": "w"}, 409)["code"]
        == "changes.not_agreed"
    )
    assert reflow(floor, "B2", "P8", 409)["code"] == "gate.process_revision"  # asked for is not agreed to

    # the brand owner reads and agrees on a page of its own; another one finds nothing
    page = floor["hal"][1].get(f"/eco/{code}/")
    assert (
        page.status_code == 200 and "Profile P8" in page.content.decode() and "badge-eva" not in page.content.decode()
    )
    assert alp.get(f"/api/v1/ecos/{code}").status_code == floor["alp"][1].get(f"/eco/{code}/").status_code == 404
    for name in ("hal", "kim", "ben"):
        answer = floor[name][1].post(f"/eco/{code}/", {"verb": "decide", "decision": "approved"})
        assert answer.status_code == 302, answer.content.decode()[:3000]
    assert (
        post(ben, f"/ecos/{code}/boundary", {"kind": "unit", "value": "B3", "why": "w"}, 409)["code"]
        == "changes.asked_open"
    )
    post(eva, f"/ecos/{code}/needs/T-1/done", {"why": "TC-88, peak 244 °C"})
    behind = post(ben, f"/ecos/{code}/boundary", {"kind": "unit", "value": "B1", "why": "w"}, 409)
    assert behind["code"] == "gate.boundary_behind" and behind["facts"]["last"] == "B1"
    post(ben, f"/ecos/{code}/boundary", {"kind": "unit", "value": "B3", "why": "after the run of today"})

    reflow(floor, "B2", "P7")
    assert reflow(floor, "B3", "P7", 409)["facts"]["eco"] == code
    reflow(floor, "B3", "P8")
    assert reflow(floor, "B2", "P8", 409)["facts"]["approved"] == "P7"

    # provable later, by file and page
    said = json.loads(here("change", "show", code, "--format", "json"))
    (built,) = said["built"]
    assert (said["state"], built["first_new"], built["last_old"]) == ("in_force", "B3", "B2")
    assert (built["new_units"], built["old_units"], built["new_before_last_old"], built["old_behind_first_new"]) == (
        1,
        2,
        0,
        0,
    )
    found = json.loads(here("ask", built["new_question"], "--serials", "--format", "json"))
    assert [one["serial"] for one in found["serials"]] == ["B3"]
    (control,) = hal.get("/api/v1/process-controls").json()["controls"]
    assert control["changes"][0]["value"] == "P8" and alp.get("/api/v1/process-controls").json() == {"controls": []}

    # taken back by the brand owner: what is behind the boundary stops
    post(hal, f"/ecos/{code}/decisions", {"decision": "revoked", "why": "we saw cracks"})
    assert reflow(floor, "B4", "P8", 409)["code"] == "gate.change_suspended"
    for name, pages_of in (
        ("ben", ("/ecos/", f"/eco/{code}/", "/bom-compare/?product=board&revision=A&old=1&new=2")),
        ("hal", ("/ecos/", f"/eco/{code}/")),
    ):
        for address in pages_of:
            answer = floor[name][1].get(address)
            assert answer.status_code == 200, (address, answer.content.decode()[:2000])
    assert "Last unit built the old way" in floor["ben"][1].get(f"/eco/{code}/").content.decode()
    paper = floor["eva"][1].get("/bom-compare/paper/?product=board&revision=A&old=1&new=2")
    assert paper.content.startswith(b"%PDF-") and paper.headers["Content-Type"] == "application/pdf"
    told = json.loads(here("change", "diff", "board", "A", "1", "2", "--format", "json"))
    assert told == eva.get("/api/v1/bom-differences?product=board&revision=A&old=1&new=2").json()
    assert json.loads(here("ledger", "verify", "--format", "json"))["findings"] == []
