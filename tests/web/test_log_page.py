"""The page Log: head, entries, verification beside the page, heads handed out."""

import pytest


def test_head_entries_and_names(signed_in):
    from asbuilt.ledger import sequencing

    one = signed_in("auditor")
    page = one.get("/log/").content.decode()
    _, size, root, _ = sequencing.head(1)
    assert root.hex() in page and f">{size}<" in page
    assert "access.link_accepted" in page and "P. auditor" in page
    assert "No head was handed out yet." in page
    entry = one.get("/log/entries/1/").content.decode()
    assert "access.first_link_made" in entry
    assert one.get("/log/entries/9999/").status_code == 404


def test_older_entries_follow_by_cursor(signed_in, actor):
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.recording import recording

    one = signed_in("auditor")
    for _ in range(120):
        with recording(actor, "test.counted"):
            pass
    sequencing.sequence(actor.tenant)
    newest = sequencing.head(1)[1]
    page = one.get("/log/").content.decode()
    assert f'href="?before={newest - 99}"' in page
    older = one.get(f"/log/?before={newest - 99}").content.decode()
    assert f"/log/entries/{newest - 100}/" in older and f"/log/entries/{newest - 99}/" not in older


def test_a_verification_runs_beside_the_page_and_says_what_it_found(signed_in):
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("auditor")
    assert one.send("/log/verification/").status_code == 302
    waiting = one.get("/log/").content.decode()
    assert "Running" in waiting and "0 % of the checks done" in waiting
    assert one.get("/log/verification/?seen=0").status_code == 204
    assert one.get("/log/verification/").status_code == 200
    assert work_runs() == 1
    part = one.get("/log/verification/")
    assert part.status_code == 286 and "fit together" in part.content.decode()
    assert "checked" in one.get("/you/").content.decode()


def test_a_changed_entry_is_named_on_every_page_until_it_fits_again(signed_in):
    from django.db import connection

    from asbuilt.built.exchange.working import work_runs

    one = signed_in("auditor")

    def change(old: str, new: str) -> None:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER IF EXISTS ledger_entry_no_UPDATE")
            else:
                cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
            cursor.execute("UPDATE ledger_entry SET body = replace(body, %s, %s) WHERE number = 2", [old, new])

    change("engineer", "engineer2")
    one.send("/log/verification/")
    work_runs()
    page = one.get("/log/").content.decode()
    assert "Entry 2 was changed" in page
    assert "The log does not fit." in one.get("/you/").content.decode()
    change("engineer2", "engineer")
    one.send("/log/verification/")
    work_runs()
    assert "The log does not fit." not in one.get("/you/").content.decode()


def test_a_head_is_handed_out_as_a_file_that_its_key_opens(signed_in):
    from asbuilt.ledger import checkpoints, sequencing

    one = signed_in("auditor")
    answer = one.send("/log/checkpoint/")
    assert answer["Content-Disposition"].startswith('attachment; filename="asbuilt-')
    said = checkpoints.read_checkpoint(1, answer.content.decode())
    assert said.root == sequencing.head(1)[2]
    assert "No head was handed out yet." not in one.get("/log/").content.decode()


@pytest.mark.parametrize("roles", [["operator"], ["administrator"]])
def test_who_may_not_read_the_log_does_not(signed_in, roles):
    assert signed_in(*roles).get("/log/").status_code == 403
    assert signed_in(*roles).send("/log/verification/").status_code == 403


def test_the_page_says_in_words_what_is_proved_and_against_whom(signed_in):
    one = signed_in("auditor")
    page = one.get("/log/").content.decode()
    for said in (
        "has no key",
        "signs anew",
        "records what is not true",
        "records nothing",
        "No head lies outside this house.",
    ):
        assert said in page, said
    handed = one.send("/log/checkpoint/")
    assert handed.status_code == 200
    size = handed.content.decode().splitlines()[1]
    page = one.get("/log/").content.decode()
    assert f"Shows up to entry {size}" in page and "Not yet for" not in page
    signed_in("engineer")  # signing in is an entry
    page = one.get("/log/").content.decode()
    assert "Not yet for 3 entries since" in page and "No head lies outside" not in page


def test_entries_are_named_in_words(signed_in):
    from asbuilt.access import events
    from asbuilt.doors.web.words import ENTRY_WORDS

    page = signed_in("auditor").get("/log/").content.decode()
    assert "One-time link used" in page and "Person invited" in page
    types = {value for name, value in vars(events).items() if name.isupper()}
    assert types <= set(ENTRY_WORDS)


def test_a_verification_tells_how_far_it_is(signed_in):
    from asbuilt.ledger.verifying import verify

    signed_in("auditor")
    told = []
    assert verify(1, progress=told.append).clean
    assert len(told) >= 3 and told == sorted(told) and told[0] >= 0 and told[-1] < 100


def test_a_fact_that_no_unit_leads_to_is_found_from_the_log(load, signed_in):
    row = {"party": "dx", "name": "Distribtor X", "roles": "distributor", "country": "DE"}
    load({"parties": [row, {**row, "party": "dy", "name": "Shop <b>Y</b>"}]})
    one = signed_in("quality_lead")
    assert 'href="/facts/"' in one.get("/log/").content.decode()
    page = one.get("/facts/", {"table": "parties", "holding": "DISTRIBTOR"}).content.decode()
    assert "Distribtor X" in page and "Shop" not in page and "withdraw or correct" in page
    assert "Shop &lt;b&gt;Y" in one.get("/facts/").content.decode()
    assert "No fact of this table holds that." in one.get("/facts/", {"holding": "nobody"}).content.decode()
    assert one.get("/facts/", {"table": "nothing"}).status_code == 404
    assert one.get("/facts/", {"after": "²³.x"}).status_code == 200
    assert "Einen Fakt finden" in one.get("/facts/", headers={"Accept-Language": "de"}).content.decode()


def test_many_facts_are_corrected_by_a_file_from_the_page_that_finds_them(load, signed_in):
    """The story: a distributor is spelt wrong in two parties. The rows come as a file, one is left as it is, and the file is dropped on Import."""
    import csv
    import io
    import json

    from django.core.files.uploadedfile import SimpleUploadedFile

    from asbuilt.built.exchange.working import work_runs

    row = {"party": "dx", "name": "Distribtor X", "roles": "distributor", "country": "DE"}
    load({"parties": [row, {**row, "party": "dy", "name": "Distribtor Y"}]})
    one, auditor = signed_in("quality_lead"), signed_in("auditor")
    asked = {"table": "parties", "holding": "distribtor"}
    assert "/facts/corrections.csv?table=parties&amp;holding=distribtor" in one.get("/facts/", asked).content.decode()
    assert "corrections.csv" not in auditor.get("/facts/", asked).content.decode()
    assert auditor.get("/facts/corrections.csv", asked).status_code == 403
    assert 'href="/facts/"' in one.get("/import/").content.decode()
    told = one.get("/facts/corrections.csv", asked)
    assert told["Content-Disposition"] == 'attachment; filename="corrections.csv"'
    rows = list(csv.DictReader(io.StringIO(told.content.decode())))
    assert [json.loads(each["cells"])["name"] for each in rows] == ["Distribtor X", "Distribtor Y"]

    def drop(*reasons: str) -> str:
        written = io.StringIO(newline="")
        writer = csv.DictWriter(written, rows[0].keys())
        writer.writeheader()
        writer.writerows(each | {"reason": why} for each, why in zip(rows, reasons, strict=True))
        file = SimpleUploadedFile("corrections.csv", written.getvalue().encode())
        place = one.send("/import/", {"files": [file]})["Location"]
        work_runs()
        return one.get(place, headers={"Accept-Language": "de"}).content.decode()

    rows[0]["cells"] = rows[0]["cells"].replace("Distribtor", "Distributor")
    page = drop("typed wrong", "")
    assert "corrections.csv: 1 Fehler" in page
    page = drop("typed wrong", "typed wrong")
    assert "corrections.csv: 1 Fehler" in page and "Die berichtigte Zeile sagt dasselbe wie vorher." in page
    rows[1]["cells"] = rows[1]["cells"].replace("Distribtor Y", "Distributor Y")
    assert "2 Zeilen in" in drop("typed wrong", "typed wrong")
    page = one.get("/facts/", {"table": "parties", "holding": "distributor"}).content.decode()
    assert "Distributor X" in page and "Distributor Y" in page


def test_a_row_that_comes_with_a_file_is_corrected_with_the_right_one_on_its_page(load, signed_in):
    """The story: the drawing of another instruction was loaded. Command line and API took the right file, the page took none."""
    import re
    from hashlib import sha256

    from django.core.files.uploadedfile import SimpleUploadedFile

    load({"documents": [{"document": "WI-7", "revision": "C", "kind": "instruction", "title": "Reflow", "file": "wi8.pdf", "sha256": "ef" * 32,
                         "valid_from_at": "2027-03-01T08:00:00+00:00"}]})  # fmt: skip
    one = signed_in("engineer")
    fact = re.search(r'href="/facts/(\w{16})/"', one.get("/facts/", {"table": "documents"}).content.decode())[1]
    page = one.get(f"/facts/{fact}/").content.decode()
    assert 'type="file"' in page
    decided = re.search(r'name="decided_at" value="([^"]+)"', page)[1]
    said = {"cell_file": "wi7.pdf", "reason": "other drawing", "person": "045", "decided_at": decided}
    right = SimpleUploadedFile("wi7.pdf", b"the right drawing")
    answer = one.send(f"/facts/{fact}/correct/", {**said, "file": right})
    assert answer.status_code == 302, answer.content.decode()
    assert sha256(b"the right drawing").hexdigest() in one.get(answer["Location"]).content.decode()
    assert 'type="file"' not in one.get("/facts/", {"table": "parties"}).content.decode()
