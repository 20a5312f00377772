"""The pages of files of machines: those taken, refused and dismissed; one file and its history; dismiss, retry, read anew."""

import pytest
from foreign_machines import OVEN_COLUMNS, OVEN_MAPPING, oven
from machine_floor import tables

pytestmark = pytest.mark.once

NAME = "OFEN_1.csv"


@pytest.fixture
def eva(load, signed_in):
    """An engineer on the line."""
    load(tables())
    return signed_in("engineer")


@pytest.fixture
def come(eva, actor):
    """come(payload) -> the hash of a file that came."""
    from asbuilt.built.messages.machine_files import record_file

    return lambda payload=None, name=NAME: record_file(actor, name, payload or oven()).file


def page(browser, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    return answer.content.decode()


def test_rows_of_a_file_are_zeilen_in_german_those_of_a_panel_reihen(eva, come):
    """Files of machines counted *Reihen*, the word for the places of a panel side by side."""
    file = come()
    for place in ("/machine-files/", f"/machine-files/{file}/"):
        said = eva.get(place, HTTP_ACCEPT_LANGUAGE="de").content.decode()
        assert ">Zeilen<" in said and "Reihen" not in said
    assert ">Reihen des Nutzens<" in eva.get("/product/BRD/", HTTP_ACCEPT_LANGUAGE="de").content.decode()


def test_a_refused_file_is_dismissed_on_its_page(eva, come, signed_in):
    assert "No such file." in page(eva, "/machine-files/")
    file = come()
    assert NAME in page(eva, "/machine-files/") and "/machine-files/" in page(eva, "/machines/")
    said = page(eva, f"/machine-files/{file}/")
    assert "messages.mapping_unknown" in said and "Dismiss it" in said and "Read it anew" not in said
    assert f"/machine-files/{file}/" in page(eva, "/dead-letters/")
    assert eva.send(f"/machine-files/{file}/dismiss/", {"reason": " "}).status_code == 422
    assert eva.send(f"/machine-files/{file}/dismiss/", {"reason": "test <b>print</b>"}).status_code == 302
    said = page(eva, f"/machine-files/{file}/")
    assert (
        "test &lt;b&gt;print&lt;/b&gt;" in said and "File of a machine dismissed" in said and "Dismiss it" not in said
    )
    assert NAME not in page(eva, "/machine-files/?use=refused") and NAME in page(eva, "/machine-files/?use=dismissed")
    assert NAME not in page(eva, "/dead-letters/")
    assert eva.send(f"/machine-files/{file}/dismiss/", {"reason": "again"}).status_code == 409


def test_a_taken_file_is_read_anew_on_its_page(eva, come, actor, ask=None):
    import json

    from asbuilt.built.messages.mapping import say_mapping

    say_mapping(actor, OVEN_MAPPING)
    file = come()
    said = page(eva, f"/machine-files/{file[:12]}/")
    assert "processes.csv" in said and "Dismiss it" not in said and "Read it anew" in said
    columns = {**OVEN_COLUMNS, "readings.zone6": OVEN_COLUMNS["readings.zone5"]}
    columns.pop("readings.zone5")
    say_mapping(actor, OVEN_MAPPING | {"columns": json.dumps(columns, ensure_ascii=False)}, reason="zone 6 it is")
    assert eva.send(f"/machine-files/{file}/reread/", {"reason": "zone 6 it is"}).status_code == 302
    assert "File of a machine read anew" in page(eva, f"/machine-files/{file}/")


def test_who_may_not(eva, come, signed_in):
    file = come()
    ann = signed_in("auditor")
    assert "Dismiss it" not in page(ann, f"/machine-files/{file}/")
    assert ann.send(f"/machine-files/{file}/dismiss/", {"reason": "x"}).status_code == 403
    assert eva.get("/machine-files/" + "ab" * 32 + "/").status_code == 404
