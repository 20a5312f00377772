"""Permits, Permit, Stations, Station: the pages, their forms, who sees them, in English and German."""

import json
import re
from html import unescape

import pytest
import signers
from django.core.files.uploadedfile import SimpleUploadedFile
from permit_floor import PermitFloor

from asbuilt.kernel import keys
from asbuilt.kernel.sealing import SealingKey

pytestmark = pytest.mark.once

IMAGE = b"\x7fASBUILT" + bytes(range(256)) * 4


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


def file(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("file.json", content)


@pytest.fixture
def floor(actor) -> PermitFloor:
    return PermitFloor(actor, IMAGE)


def enrolled(client, name="ST-01"):
    """A station by the page's code, used as a station uses it."""
    from asbuilt.built.programming.actions.stations import enrol

    answer = client.send("/stations/", {"station": name, "site": "CZ-BRNO", "ems": "EMS-1"})
    (code,) = re.findall(r"asbs_[0-9]+_[A-Za-z0-9_-]{43}", answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert code not in client.get("/stations/").content.decode()
    enrol(
        code,
        public=keys.public_to_pem(signers.Ed25519(name).public),
        transfer=keys.public_to_pem(SealingKey.new().public),
    )


def test_a_permit_is_issued_watched_revoked_on_the_pages(floor, signed_in):
    issuer = signed_in("permit_issuer")
    enrolled(issuer)
    answer = issuer.send("/permits/", {"draft": file(json.dumps(floor.draft({"ST-01": 30})).encode())})
    assert answer.status_code == 302
    here = answer["Location"]
    assert "30" in text(issuer.get(here)) and "WO-7" in text(issuer.get(here))
    assert "20 / 50" in text(issuer.get("/permits/"))
    counters = issuer.get(here + "counters/").content.decode()
    assert 'hx-trigger="every 5s"' in counters and "0 / 30" in text_of(counters)
    refused = issuer.send("/permits/", {"draft": file(json.dumps(floor.draft({"ST-01": 30})).encode())})
    assert refused.status_code == 409
    assert issuer.send(here + "close/", {}).status_code == 409
    assert issuer.send(here + "revoke/", {"reason": "wrong line"}).status_code == 302
    assert "wrong line" in text(issuer.get(here))
    assert json.loads(issuer.get(here + "document/").content)["payloadType"].startswith(
        "application/vnd.asbuilt.permit"
    )


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_who_may_do_what(floor, signed_in):
    operator, engineer = signed_in("operator"), signed_in("engineer")
    draft = {"draft": file(b"{}")}
    assert operator.get("/permits/").status_code == 200
    assert operator.send("/permits/", draft).status_code == 403
    assert operator.send("/stations/", {"station": "ST-09", "site": "S", "ems": "E"}).status_code == 403
    assert engineer.send("/permits/grant/", {"grant": file(b"{}")}).status_code == 403
    enrolled(engineer, "ST-02")
    assert "ST-02" in text(operator.get("/stations/ST-02/"))
    assert operator.get("/stations/ST-77/").status_code == 404


def test_an_unfit_grant_is_named_and_the_page_speaks_german(floor, signed_in):
    issuer = signed_in("permit_issuer")
    answer = issuer.send("/permits/grant/", {"grant": file(floor.grant(by=[signers.ISSUER]))})
    assert answer.status_code == 500 and "keys needed signed this grant" in text(answer)
    german = issuer.get("/permits/", HTTP_ACCEPT_LANGUAGE="de")
    assert "Genehmigungen" in text(german) and "Bewilligungen" in text(german)


def test_what_a_station_sent_stands_on_its_page_and_on_the_units_and_holds_name_who_has_not_heard(
    floor, signed_in, actor, tmp_path
):
    from station_floor import scan

    from asbuilt.answers.register.holds import hold
    from asbuilt.built.programming.actions.stations import enrol, station_actor
    from asbuilt.built.quality.station_runs import take_station_records
    from asbuilt.station.agent import Station
    from asbuilt.station.home import begin_home
    from asbuilt.station.outbox import batch_bytes

    anchor = tmp_path / "anchor"
    anchor.mkdir()
    said = {"station": "ST-01", "site": "CZ-BRNO", "ems": "EMS-1", "server": "", "anchor": str(anchor), "sockets": []}
    begin_home(tmp_path / "ST-01", said)
    station = Station(tmp_path / "ST-01")
    station.start()
    transfer = keys.public_to_pem(SealingKey.new().public)
    enrol(floor.code("ST-01"), public=keys.public_to_pem(station.own_key), transfer=transfer)
    station.program(scan("SN-1"), "9")
    document = batch_bytes(station.outbox.waiting())
    take_station_records(station_actor(actor.tenant, "ST-01"), station="ST-01", document=document)

    engineer, operator = signed_in("engineer"), signed_in("operator")
    assert "There is no socket 9." in text(operator.get("/stations/ST-01/"))
    assert "Release the alarm" not in text(operator.get("/stations/ST-01/"))
    assert "Release the alarm" in text(engineer.get("/stations/ST-01/"))
    assert "Signed by stations" in text(operator.get("/unit/SN-1/")) and "alarm" in text(operator.get("/unit/SN-1/"))
    assert "Signed by stations" not in text(operator.get("/unit/SN-2/"))
    code = hold(actor, units=["SN-2"], reason="cold joint")
    assert "Stations that have not heard of it: ST-01" in text(operator.get(f"/holds/{code}/"))
    (alarm,) = re.findall(r'name="alarm" value="([^"]+)"', engineer.get("/stations/ST-01/").content.decode())
    assert operator.send("/stations/ST-01/release/", {"alarm": alarm, "reason": "x"}).status_code == 403
    assert engineer.send("/stations/ST-01/release/", {"alarm": alarm, "reason": "socket is none"}).status_code == 302
    assert "released here" in text(operator.get("/stations/ST-01/"))
