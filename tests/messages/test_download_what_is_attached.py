"""Pictures, logs and files of results: each downloaded singly, by its SHA-256, out of the evidence that came."""

import base64
import json
from hashlib import sha256

import pytest
from machine_floor import AOI, started
from result_files import openhtf
from test_record_judgements import T1, judged

from asbuilt.access.actor import person_actor
from asbuilt.built.messages.file_groups import record_files
from asbuilt.kernel.errors import NotAllowed, NotFound

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
LOG = b"ok\n"


def with_picture(serial: str, content: bytes) -> bytes:
    said = openhtf(serial)
    data = base64.b64encode(content).decode()
    said["phases"][0]["attachments"]["board \u00e4.png"] = {"mimetype": "image/png", "sha1": "", "data": data}
    return json.dumps(said).encode()


def test_of_files_taken_together_each_unit_gives_its_own_piece(line, actor):
    from asbuilt.questions.genealogy.seen.attached import attached
    from asbuilt.questions.genealogy.seen.tests import test_history

    record_files(actor, [(f"SN{n}.json", with_picture(f"SN{n}", PICTURE + bytes([n]))) for n in (1, 2, 3)])
    named = {one["name"]: one["sha256"] for one in test_history(actor, "SN2").runs[0].attachments}
    assert named == {"log": sha256(LOG).hexdigest(), "board \u00e4.png": sha256(PICTURE + b"\x02").hexdigest()}
    found = attached(actor, "SN2", named["board \u00e4.png"])
    assert (found.content, found.kind, found.file_name) == (PICTURE + b"\x02", "image/png", "board__.png")
    assert attached(actor, "SN2", named["log"].upper()).content == LOG
    with pytest.raises(NotFound):
        attached(actor, "SN1", named["board \u00e4.png"])  # another unit's picture
    with pytest.raises(NotFound):
        attached(actor, "SN2", "0" * 64)
    with pytest.raises(NotAllowed):
        attached(person_actor(actor.tenant, 1, frozenset({"operator"}), None), "SN2", named["log"])


def test_a_picture_that_a_machine_told_of_a_defect(say, actor):
    from asbuilt.questions.genealogy.seen.attached import attached
    from asbuilt.questions.genealogy.seen.tests import test_history

    images = [
        {"MimeType": "image/png", "ImageData": base64.b64encode(PICTURE).decode()},
        {"MimeType": "image/png", "ImageData": "%%"},
    ]
    defect = {
        "DefectCode": "BRIDGE",
        "ComponentOfInterest": {"ReferenceDesignator": "U1"},
        "DefectImages": images,
        "Verification": "DefectConfirmed",
    }
    run = {"InspectionName": "IC", "Result": "Failed", "DefectsFound": [defect], "Measurements": []}
    say(started(T1, "PNL-1", source=AOI))
    say(judged("UnitsInspected", "InspectedUnits", (1, "Failed", [run])))
    from asbuilt.questions.genealogy.answering import answers

    (unit,) = [row["serial"] for row in answers.ask(actor, "test:failed", serials=True).as_dict()["serials"]]
    one, unreadable = test_history(actor, unit).runs[0].attachments
    assert one["name"] == "BRIDGE U1 1" and "sha256" not in unreadable
    assert attached(actor, unit, one["sha256"]).content == PICTURE
