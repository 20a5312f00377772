"""Mappings and files over the API: said, tried, corrected; files sent with a machine's token, refused ones seen and retried."""

import json

from django.core.files.uploadedfile import SimpleUploadedFile
from foreign_machines import OVEN, OVEN_MAPPING, oven

from asbuilt.built.messages.machine_files import FILE_BYTES_MAX

JSON, BYTES = "application/json", "application/octet-stream"
ASKED = {**OVEN_MAPPING, "columns": json.loads(OVEN_MAPPING["columns"])}


def with_units(cast) -> bytes:
    """The oven's file about units of the cast."""
    from cast import serial

    text = OVEN
    for n in (1, 2, 3):
        text = text.replace(f"SN{n};WO-2", f"{serial('ALP', n)};WO-ALP")
    return oven(text)


def send(program, payload: bytes, name: str = "OFEN_1.csv", **more):
    return program.generic("POST", "/api/v1/machine-files", payload, BYTES, query_params={"name": name, **more})


def test_a_mapping_is_said_tried_and_corrected(cast):
    eva, anna = cast.program("eva"), cast.program("anna")
    first = eva.post("/api/v1/mappings", ASKED, JSON, headers={"Idempotency-Key": "k"})
    assert first.status_code == 200 and first.json()["corrected"] is False
    assert eva.post("/api/v1/mappings", ASKED, JSON, headers={"Idempotency-Key": "k"}).json() == first.json()
    (one,) = anna.get("/api/v1/mappings", {"machine": "OVEN-2"}).json()["mappings"]
    assert one["version"] == first.json()["version"] and one["columns"] == ASKED["columns"]
    assert anna.post("/api/v1/mappings", ASKED, JSON).status_code == 403
    changed = {**ASKED, "decimal": "point"}
    assert eva.post("/api/v1/mappings", changed, JSON).json()["code"] == "messages.mapping_reason"
    said = eva.post("/api/v1/mappings", {**changed, "reason": "a new oven"}, JSON, headers={"Idempotency-Key": "c"})
    assert said.json()["corrected"] is True
    wrong = eva.post("/api/v1/mappings", {**ASKED, "time_zone": "Mars"}, JSON)
    assert wrong.status_code == 422 and wrong.json()["facts"]["field"] == "time_zone"


def test_a_file_is_tried_and_nothing_stored(cast):
    eva = cast.program("eva")
    eva.post("/api/v1/mappings", ASKED, JSON)

    def tried(payload: bytes, **more):
        return eva.post("/api/v1/machine-files/try", {"file": SimpleUploadedFile("OFEN_1.csv", payload), **more})

    said = tried(oven(OVEN.replace("236,10", "hot"))).json()
    assert (said["machine"], said["lines"], said["wrong_total"]) == ("OVEN-2", [4, 6], 1)
    assert said["wrong"][0]["column"] == "Zone 5 [°C]" and len(said["rows"][0]) == len(said["header"])
    other = tried(oven(), mapping=json.dumps({**ASKED, "machine": "OVEN-7"})).json()
    assert other["machine"] == "OVEN-7" and other["wrong_total"] == 0
    assert tried(oven(), mapping="{}").status_code == 422
    assert tried(oven(), machine="NONE").status_code == 404
    assert eva.get("/api/v1/machine-files").json() == {"files": [], "next": None}


def test_a_machine_sends_files_and_an_engineer_retries(cast):
    machine, eva = cast.program("machine"), cast.program("eva")
    eva.post("/api/v1/mappings", {**ASKED, "decimal": "point"}, JSON)
    refused = send(machine, with_units(cast)).json()
    assert (refused["use"], refused["cause"]) == ("refused", "tables.rows_refused")
    assert send(machine, b"", "other.csv").json()["cause"] == "messages.mapping_unknown"
    page = eva.get("/api/v1/machine-files", {"limit": 1, "use": "refused"}).json()
    rest = eva.get("/api/v1/machine-files", {"limit": 1, "cursor": page["next"]}).json()
    assert [one["name"] for one in page["files"] + rest["files"]] == ["other.csv", "OFEN_1.csv"] and rest[
        "next"
    ] is None
    eva.post("/api/v1/mappings", {**ASKED, "reason": "commas"}, JSON)
    said = eva.post("/api/v1/machine-files/retry", {"files": [refused["file"]]}, JSON).json()
    assert (said["taken"], said["still"]) == (1, 0)
    one = eva.get(f"/api/v1/machine-files/{refused['file'][:16]}").json()
    assert (one["use"], one["rows"], one["taken_by"]) == ("taken", 3, said["entries"][0])
    assert eva.get(f"/api/v1/machine-files/{refused['file']}/raw").content == with_units(cast)
    again = send(machine, with_units(cast)).json()
    assert again["already"] and again["use"] == "taken"
    assert machine.get("/api/v1/machine-files").status_code == 403
    asked = eva.post("/api/v1/ask", {"question": "reading:OVEN-2.zone5>260"}, JSON).json()
    assert asked["affected"]["certain"] == 1


def test_what_is_too_large(cast, settings_of_django):
    machine = cast.program("machine")
    assert send(machine, b"x" * (FILE_BYTES_MAX + 1)).json()["code"] == "messages.file_too_large"
    with settings_of_django(API_IMPORT_BYTES_MAX=1_000):
        assert send(machine, b" " * 2_000).status_code == 413


def test_a_taken_file_is_read_anew(cast):
    eva = cast.program("eva")
    swapped = {**ASKED["columns"], "readings.zone5": {"from": "Band [cm/min]"}}
    eva.post("/api/v1/mappings", {**ASKED, "columns": swapped}, JSON)
    seen = send(eva, with_units(cast)).json()
    eva.post("/api/v1/mappings", {**ASKED, "reason": "zone 5 was the belt"}, JSON)
    done = eva.post(f"/api/v1/machine-files/{seen['file']}/reread", {"reason": "zone 5 was the belt"}, JSON).json()
    assert (done["withdrawn"], done["stored"], done["left"]) == (3, 3, 0)
    assert (
        cast.program("anna").post(f"/api/v1/machine-files/{seen['file']}/reread", {"reason": "r"}, JSON).status_code
        == 403
    )


def test_a_refused_file_is_dismissed(cast):
    eva, anna = cast.program("eva"), cast.program("anna")
    file = send(eva, with_units(cast)).json()["file"]
    why, address = {"reason": "a test print"}, f"/api/v1/machine-files/{file}/dismiss"
    assert anna.post(address, why, JSON).status_code == 403
    first = eva.post(address, why, JSON, headers={"Idempotency-Key": "d"})
    assert (first.status_code, first.json()["use"]) == (200, "dismissed")
    assert eva.post(address, why, JSON, headers={"Idempotency-Key": "d"}).json() == first.json()
    assert eva.post(address, why, JSON).json()["code"] == "messages.file_not_refused"
    assert eva.post(address, {"reason": " "}, JSON).status_code == 422
    seen = eva.get(f"/api/v1/machine-files/{file}").json()
    assert [one["type"] for one in seen["history"]] == ["messages.file_refused", "messages.file_dismissed"]
    assert seen["history"][1]["reason"] == "a test print" and seen["history"][1]["operator"]
    assert [one["file"] for one in eva.get("/api/v1/machine-files", {"use": "dismissed"}).json()["files"]] == [file]
    assert eva.get("/api/v1/machine-files", {"use": "refused"}).json()["files"] == []
