"""The page Mappings: a file is tried, a mapping said and changed; files that could not be taken stand beside the dead letters."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from foreign_machines import AOI_MAPPING, OVEN, OVEN_MAPPING, aoi, oven
from machine_floor import tables

from asbuilt.formats.file_mappings import columns_as_text

FORM = {**OVEN_MAPPING, "columns": columns_as_text(OVEN_MAPPING["columns"])}


@pytest.fixture
def eva(load, signed_in):
    """An engineer on the line."""
    load(tables())
    return signed_in("engineer")


def page(browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def tried(eva, payload: bytes, name: str = "OFEN_1.csv", **changed) -> str:
    answer = eva.send("/mappings/", {**FORM, **changed, "act": "try", "file": SimpleUploadedFile(name, payload)})
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_yet(eva):
    said = page(eva, "/mappings/")
    assert "No mapping yet." in said and "A new mapping" in said
    assert "/mappings/" in page(eva, "/machines/")


def test_a_file_is_tried_before_the_mapping_is_said(eva):
    from asbuilt.storage import reading

    said = tried(eva, oven())
    assert "It can be read." in said and "2027-03-01T07:10:00.000000Z" in said and "SN3" in said
    assert "235.4" in said and 'value="OVEN-2"' in said and "readings.zone5 = Zone 5 [°C]" in said
    said = tried(eva, oven(OVEN.replace("236,10", "hot<b>")))
    assert "1 cell is wrong" in said and "is not a number" in said and "hot&lt;b&gt;" in said and "hot<b>" not in said
    assert "does not fit the name" in tried(eva, oven(), name="17.csv")
    for table in ("production_file_mapping", "messages_file"):
        assert reading.fetch(f"SELECT count(*) FROM {table}") == [(0,)]


def test_what_cannot_be_tried(eva):
    for changed, code in (({"encoding": "utf-8"}, "mappings.encoding"), ({"columns": "step"}, "mappings.columns"),
                          ({"time_zone": "Mars"}, "mappings.time_zone"), ({"machine": ""}, "tables.cell_empty")):  # fmt: skip
        sent = {**FORM, **changed, "act": "try", "file": SimpleUploadedFile("OFEN_1.csv", oven())}
        answer = eva.send("/mappings/", sent)
        assert answer.status_code == 422 and code in answer.content.decode()
    assert eva.send("/mappings/", {**FORM, "act": "try"}).status_code == 422


def test_a_mapping_is_said_and_changed(eva, actor):
    from asbuilt.built.messages.mapping import machine_mappings

    assert eva.send("/mappings/", {**FORM, "act": "say"}).status_code == 302
    (one,) = machine_mappings(actor)
    assert one.cells == OVEN_MAPPING
    said = page(eva, f"/mappings/?change={one.version}")
    assert "Change OFEN_*.csv of OVEN-2" in said and "readings.belt = Band [cm/min]" in said
    change = {**FORM, "act": "say", "change": one.version, "decimal": "point"}
    answer = eva.send("/mappings/", change)
    assert answer.status_code == 422 and 'data-wrong><label for="m-reason"' in answer.content.decode()
    assert eva.send("/mappings/", {**change, "reason": "a new oven"}).status_code == 302
    assert machine_mappings(actor)[0].cells["decimal"] == "point"
    assert page(eva, f"/facts/{machine_mappings(actor)[0].version}/")


def test_a_json_mapping_needs_no_delimiter(eva, actor):
    form = {**AOI_MAPPING, "columns": columns_as_text(AOI_MAPPING["columns"]), "delimiter": "comma", "header": "1"}
    answer = eva.send("/mappings/", {**form, "act": "try", "file": SimpleUploadedFile("a.json", aoi())})
    assert "98" in answer.content.decode() and "height.um" in answer.content.decode()
    assert eva.send("/mappings/", {**form, "act": "say"}).status_code == 302
    assert "AOI-1" in page(eva, "/mappings/?machine=AOI-1") and "AOI-1" not in page(eva, "/mappings/?machine=X")


def test_refused_files_stand_beside_the_dead_letters(eva, actor):
    from asbuilt.built.messages.machine_files import record_file

    eva.send("/mappings/", {**FORM, "act": "say", "decimal": "point"})
    refused = record_file(actor, "OFEN_1.csv", oven())
    record_file(actor, 'x"<i>.csv', b"x")
    assert "2 files could not be taken" in page(eva, "/machines/")
    said = page(eva, "/dead-letters/")
    assert "OFEN_1.csv" in said and "tables.rows_refused" in said and "<i>.csv" not in said
    answer = eva.get(f"/machine-files/{refused.file}/raw/")
    assert answer.content == oven() and answer["Content-Disposition"] == 'attachment; filename="OFEN_1.csv"'
    assert eva.get("/machine-files/nothing/raw/").status_code == 404
    version = re.search(r"change=([0-9a-f]{16})", page(eva, "/mappings/"))[1]
    eva.send("/mappings/", {**FORM, "act": "say", "change": version, "reason": "commas"})
    said = eva.send("/machine-files-retry/", {"file": refused.file}).content.decode()
    assert "1 file taken." in said and "OFEN_1.csv" not in said
    assert "1 still cannot be" in eva.send("/machine-files-retry/", {}).content.decode()


def test_who_may(load, signed_in):
    load(tables())
    anna = signed_in("operator")
    assert "A new mapping" not in page(anna, "/mappings/")
    assert anna.send("/mappings/", {**FORM, "act": "say"}).status_code == 403
    assert anna.send("/machine-files-retry/", {}).status_code == 403
