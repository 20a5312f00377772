"""The page Outside and the delivery note: scanner first, printable, in German too; what the unit and the order say meanwhile."""

import re
from html import unescape

import pytest
from boards_outside import CERTIFICATE, MEASURED, factory
from django.core.files.uploadedfile import SimpleUploadedFile

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def loaded(load):
    load(factory())


@pytest.fixture
def clerk(loaded, signed_in):
    return signed_in("operator")


def papers():
    return {
        "certificate": SimpleUploadedFile("coc.pdf", CERTIFICATE),
        "measurements": SimpleUploadedFile("thickness.csv", MEASURED),
    }


def test_scanned_units_leave_and_their_note_is_printed(clerk):
    assert "Nothing is outside." in text(clerk.get("/outside/"))
    one = clerk.get("/outside/", {"scan": "S1"})
    assert re.search(r">S1</textarea>", one.content.decode())
    two = clerk.get("/outside/", {"scan": "S2", "codes": "S1"})
    assert re.search(r">S1\s+S2</textarea>", unescape(two.content.decode()))
    sent = clerk.send("/outside/send/", {"codes": "S1\nS2", "step": "COATING", "transport": "van", "request_key": "k1"})
    assert sent.status_code == 302 and sent["Location"] == "/outside/notes/DN-1/"
    note = clerk.get(sent["Location"])
    said = text(note)
    assert (
        "Delivery note DN-1" in said and "To Coat GmbH (COAT)" in said and "van" in said and "2 units outside" in said
    )
    assert "Comes back with Certificate, Measurements" in said
    assert 'aria-label="Data Matrix of DN-1"' in note.content.decode() and "data-print" in note.content.decode()
    assert "Coat GmbH COATING WO" in text(clerk.get("/outside/"))


def test_the_printed_note_is_scanned_when_it_comes_back(clerk):
    clerk.send("/outside/send/", {"codes": "WO#1..#4", "step": "COATING"})
    for scan in ("DN-1", "S3"):  # the note, or a unit that is outside with it
        front = text(clerk.get("/outside/", {"scan": scan}))
        assert "Take back, note DN-1" in front and "4 units outside" in front
    counted = clerk.get("/outside/", {"scan": "S4", "note": "DN-1", "back": "S3"}).content.decode()
    assert re.search(r">S3\s+S4</textarea>", unescape(counted))  # each scan is one more that came back
    refused = clerk.send("/outside/notes/DN-1/back/", {"codes": "S1\nS2", "result": "completed"})
    assert (
        refused.status_code == 409
        and "missing: certificate, measurements" in text(refused)
        and "S1" in refused.content.decode()
    )
    done = clerk.send("/outside/notes/DN-1/back/", {"codes": "S1\nS2\nS3", "result": "completed", **papers()})
    assert done.status_code == 302
    page = text(clerk.get(done["Location"]))
    assert "DN-1: 3" in page and "Still outside: S4" in page and "1 unit outside" in page
    note = text(clerk.get("/outside/notes/DN-1/"))
    assert "Certificate" in note and "Measurements" in note and "done there" in note and "1 unit outside" in note
    rest = clerk.send("/outside/notes/DN-1/back/", {"result": "aborted"})
    assert rest.status_code == 302 and "Nothing of it is outside." in text(clerk.get("/outside/notes/DN-1/"))


def test_the_unit_and_the_order_say_who_has_it_since_when(clerk):
    clerk.send("/outside/send/", {"codes": "S1", "step": "COATING"})
    unit = text(clerk.get("/unit/S1/"))
    assert (
        "At a subcontractor" in unit
        and "Coat GmbH for COATING, since" in unit
        and "DN-1" in unit
        and "Sent out to Coat GmbH" in unit
    )
    order = text(clerk.get("/order/WO/"))
    assert "Outside: DN-1 Coat GmbH for COATING since" in order and "1 of 1 units" in order
    stopped = text(clerk.get("/station/", {"step": "FCT", "unit": "S1"}))
    assert "S1 is outside: COAT has it since" in stopped and "Take it back with its delivery note first." in stopped
    clerk.send("/outside/notes/DN-1/back/", {"result": "completed", **papers()})
    assert "Came back done there" in text(clerk.get("/unit/S1/")) and "Outside:" not in text(clerk.get("/order/WO/"))


def test_what_stops_a_unit_is_said_and_what_was_typed_is_kept(clerk):
    clerk.send("/outside/send/", {"codes": "S1", "step": "COATING"})
    refused = clerk.send("/outside/send/", {"codes": "S1\nS2", "step": "COATING", "transport": "bike"})
    page = refused.content.decode()
    assert refused.status_code == 409 and "S1 is outside: COAT has it since" in text(refused)
    assert 'value="bike"' in page and re.search(r">S1\s+S2</textarea>", unescape(page))
    assert clerk.get("/outside/", {"scan": "S99"}).status_code == 404


def test_in_german(clerk):
    clerk.send("/outside/send/", {"codes": "S1", "step": "COATING"})
    assert "Lieferschein DN-1" in text(clerk.get("/outside/notes/DN-1/", **GERMAN))
    page = text(clerk.get("/outside/", **GERMAN))
    assert "Offene Lieferscheine" in page and "Lohnfertiger" in clerk.get("/outside/", **GERMAN).content.decode()
    refused = text(clerk.send("/outside/send/", {"codes": "S1", "step": "COATING"}, **GERMAN))
    assert "S1 ist außer Haus: COAT hat es seit" in refused and "Lieferschein" in refused
    assert "Coat GmbH für COATING, seit" in text(clerk.get("/unit/S1/", **GERMAN))


def test_the_auditor_sees_and_sends_nothing(loaded, signed_in):
    signed_in("operator").send("/outside/send/", {"codes": "S1", "step": "COATING"})
    auditor = signed_in("auditor")
    assert "Coat GmbH" in text(auditor.get("/outside/")) and "Send out" not in text(auditor.get("/outside/"))
    assert auditor.send("/outside/send/", {"codes": "S2", "step": "COATING"}).status_code == 403
    assert auditor.send("/outside/notes/DN-1/back/", {}).status_code == 403
