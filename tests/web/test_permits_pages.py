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
