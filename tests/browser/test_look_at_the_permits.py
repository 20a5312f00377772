"""Permits, Permit, Stations and Station in a real browser: axe finds nothing, nothing overflows; an alarm is released by keyboard."""

import json

import pytest
import signers
from permit_floor import PermitFloor
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401

from asbuilt.kernel import keys
from asbuilt.kernel.sealing import SealingKey
from asbuilt.station.agent import Station
from asbuilt.station.home import begin_home
from asbuilt.station.outbox import batch_bytes

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 4


@pytest.fixture
def issuer(served, chromium, home):  # noqa: F811
    """A page of somebody who issues permits and releases alarms."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Petra Issuer", roles=["permit_issuer", "engineer"])
    accept_link(link, name="Petra Issuer", login="petra", password=PASSWORD)
    context, page = signed_in(chromium, served, "petra")
    yield page
    context.close()


@pytest.fixture
def alarmed(actor, tmp_path):
    """A permit for ST-01, which refused a unit and sent its alarm."""
    from asbuilt.built.programming.actions.stations import enrol, station_actor
    from asbuilt.built.quality.station_runs import take_station_records

    floor = PermitFloor(actor, IMAGE)
    folder = tmp_path / "ST-01"
    anchor = tmp_path / "anchor"
    anchor.mkdir()
    said = {"station": "ST-01", "site": "CZ-BRNO", "ems": "EMS-1", "server": "", "anchor": str(anchor), "sockets": []}
    begin_home(folder, said)
    station = Station(folder)
    station.start()
    transfer = SealingKey.from_pem((folder / "transfer.pem").read_text()).public
    enrol(floor.code("ST-01"), public=keys.public_to_pem(station.own_key), transfer=keys.public_to_pem(transfer))
    permit = floor.issue({"ST-01": 30}).permit.permit_id
    from station_floor import scan

    station.program(scan("SN-1"), "9")
    document = batch_bytes(station.outbox.waiting())
    take_station_records(station_actor(actor.tenant, "ST-01"), station="ST-01", document=document)
    return permit


def test_axe_finds_nothing_on_permits_and_stations(issuer, alarmed):
    said, found = [], []
    issuer.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for page in ("/permits/", f"/permits/of/{alarmed}/", "/stations/", "/stations/ST-01/"):
        issuer.goto(page)
        found += faults(issuer)
    assert (found, said) == ([], [])


def test_an_alarm_is_released_by_keyboard(issuer, alarmed):
    issuer.goto("/stations/")
    issuer.get_by_role("link", name="ST-01").click()
    issuer.get_by_label("Why the station may go on").fill("socket 9 is none")
    issuer.keyboard.press("Enter")
    issuer.get_by_text("released here").wait_for()


def enrolled(floor, name):
    from asbuilt.built.programming.actions.stations import enrol

    enrol(
        floor.code(name), public=keys.public_to_pem(signers.Ed25519(name).public),
        transfer=keys.public_to_pem(SealingKey.new().public),
    )  # fmt: skip


def test_a_permit_is_issued_by_keyboard_for_what_the_order_demands(issuer, actor):
    """Axe at both widths, then keys alone: order, shares, part, Enter."""
    from asbuilt.built.programming.actions.demands import demand_firmware

    floor = PermitFloor(actor, IMAGE)
    for name in ("ST-02", "ST-03-WITH-A-LONG-NAME"):
        enrolled(floor, name)
    demand_firmware(actor, order="WO-7", version="2.3.1")
    said, found = [], []
    issuer.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for page in ("/permits/new/?order=WO-7", "/permits/new-grant/?product=WIDGET"):
        issuer.goto(page)
        found += faults(issuer)
    assert (found, said) == ([], [])
    issuer.goto("/permits/new/")
    issuer.wait_for_selector("input:focus")
    issuer.keyboard.type("WO-7")
    issuer.keyboard.press("Enter")
    issuer.get_by_role("heading", name="Issue a permit for WO-7").wait_for()
    issuer.get_by_label("Units of ST-02").focus()
    issuer.keyboard.type("7")
    reached = []
    for _ in range(40):
        issuer.keyboard.press("Tab")
        name = issuer.evaluate("document.activeElement.name || document.activeElement.innerText")
        reached.append(name)
        if name == "part-U1":
            issuer.keyboard.type("lm3s6965")
        if name == "Issue it":
            break
    for name in (
        "rework-ST-02",
        "image-U1-app",
        "revision",
        "programmer-U1",
        "part-U1",
        "tool-U1",
        "not_after",
        "grace",
    ):
        assert name in reached
    issuer.keyboard.press("Enter")
    issuer.get_by_role("heading", name="Permit for WO-7").wait_for()
    issuer.get_by_text("0 / 7").wait_for()


def test_a_grant_to_sign_is_downloaded(issuer, actor, tmp_path):
    from asbuilt.kernel import permits

    floor = PermitFloor(actor, IMAGE)
    enrolled(floor, "ST-02")
    issuer.goto("/permits/new-grant/?product=WIDGET")
    for name in ("application 2.3.1 B, C", "B", f"issuer {signers.ISSUER.public.key_id}"):
        issuer.get_by_role("checkbox", name=name, exact=True).check()
    issuer.get_by_label("Units").fill("40")
    issuer.get_by_label("Brand owner").fill("ACME")
    with issuer.expect_download() as download:
        issuer.get_by_role("button", name="Grant to sign").click()
    grant = download.value.path().read_bytes()
    assert permits.parse_grant(grant).units == 40
    (tmp_path / "signed.json").write_bytes(signers.signed(permits.GRANT_TYPE, grant, [signers.BRAND]))
    issuer.goto("/permits/")
    issuer.get_by_text("Record a grant or a plan").click()
    issuer.get_by_label("Signed grant").set_input_files(tmp_path / "signed.json")
    issuer.get_by_role("button", name="Record the grant").click()
    issuer.get_by_text("40 / 40").wait_for()


def test_a_permit_is_issued_from_its_draft(issuer, actor, tmp_path):
    floor = PermitFloor(actor, IMAGE)
    enrolled(floor, "ST-02")
    (tmp_path / "draft.json").write_text(json.dumps(floor.draft({"ST-02": 7})))
    issuer.goto("/permits/")
    issuer.get_by_text("Issue a permit from a file").click()
    issuer.get_by_label("Draft of the permit").set_input_files(tmp_path / "draft.json")
    issuer.get_by_role("button", name="Issue it").click()
    issuer.get_by_role("heading", name="Permit for WO-7").wait_for()
    issuer.get_by_text("0 / 7").wait_for()
