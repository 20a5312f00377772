"""The page Import: files dropped, loaded beside the page, each wrong row named (design, section 7)."""

import csv
import io

PARTIES = "party,name,roles,country\nOW,Ostwerk Electronics,ems,PL\nNB,Nordbrand,manufacturer;customer,DE\n"
WRONG = "party,name,roles,country\nA,First,ems,PL\nA,Second,ems,PL\nB,Third,juggler,PL\n=C,+Fourth,juggler,DE\n"


def dropped(name: str, text: str):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, text.encode())


def drop(client, *files):
    answer = client.send("/import/", {"files": list(files)})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_files_are_loaded_beside_the_page_in_the_order_of_the_tables(signed_in):
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    place = drop(
        one,
        dropped("parts.csv", "part,description,mpn,manufacturer,lifecycle,msl\nR1,res,RC0402,Yageo,active,1\n"),
        dropped("parties.csv", PARTIES),
        dropped("readme.txt", "x"),
    )
    waiting = one.get(place).content.decode()
    assert waiting.index("parties.csv") < waiting.index("parts.csv") < waiting.index("readme.txt")
    assert "0 of 2 files done" in waiting and "hx-get" in waiting
    assert work_runs() == 1
    page = one.get(place).content.decode()
    assert "2 of 2 files done" in page and "2 rows in" in page and "Left alone" in page and "hx-get" not in page
    assert work_runs() == 0
    again = drop(one, dropped("parties.csv", PARTIES))
    work_runs()
    assert "nothing changed" in one.get(again).content.decode()


def test_the_entry_names_the_person_who_dropped_the_files(signed_in):
    from asbuilt.built.exchange.working import work_runs
    from asbuilt.storage import reading

    one = signed_in("engineer")
    person = one.get("/you/").wsgi_request.actor.person
    drop(one, dropped("parties.csv", PARTIES))
    work_runs()
    sql = "SELECT body FROM ledger_entry WHERE type = 'exchange.parties_imported'"
    assert f'"actor":"person:{person}"' in reading.fetch_one(sql)[0]


def test_a_refused_file_shows_every_wrong_row_and_the_rest_is_not_begun(signed_in):
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    place = drop(
        one, dropped("parties.csv", WRONG), dropped("parts.csv", "part,description,mpn,manufacturer,lifecycle,msl\n")
    )
    work_runs()
    page = one.get(place).content.decode()
    assert "Refused" in page and "Not begun" in page and "juggler" in page
    answer = one.get(place + "errors.csv?file=parties.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {row["line"] for row in rows} >= {"3", "4", "5"}
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    from asbuilt.storage import reading

    assert reading.fetch_one("SELECT count(*) FROM parties_party")[0] == 0


def test_a_page_shows_the_first_two_hundred_wrong_rows_and_the_csv_holds_the_others(signed_in):
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    text = "party,name,roles,country\n" + "".join(f"P{n},Name {n},juggler,PL\n" for n in range(300))
    place = drop(one, dropped("parties.csv", text))
    work_runs()
    page = one.get(place).content.decode()
    assert page.count('class="wrong"') == 200
    assert "the first 200 are listed here, 300 in the CSV" in page
    rows = list(csv.DictReader(io.StringIO(one.get(place + "errors.csv?file=parties.csv").content.decode())))
    assert [row["line"] for row in rows] == [str(line) for line in range(2, 302)]


def test_polling_answers_only_when_something_changed(signed_in):
    import re

    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    place = drop(one, dropped("parties.csv", PARTIES))
    poll = re.search(r'hx-get="([^"]+)"', one.get(place).content.decode())[1].replace("&amp;", "&")
    assert one.get(poll).status_code == 204
    work_runs()
    assert one.get(poll).status_code == 286


def test_a_stopped_run_begins_no_further_file(signed_in):
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    place = drop(one, dropped("parties.csv", PARTIES))
    assert one.send(place + "stop/").status_code == 302
    work_runs()
    page = one.get(place).content.decode()
    assert "Stopped" in page and "Not begun" in page


def test_a_run_whose_process_died_is_taken_up_again(signed_in, monkeypatch):
    import pytest

    from asbuilt.built.exchange import runs
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    place = drop(one, dropped("parties.csv", PARTIES))

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(runs, "import_file", die)
        with pytest.raises(KeyboardInterrupt):
            work_runs()
    assert "Reading" in one.get(place).content.decode()
    assert work_runs() == 1
    assert "All files are in." in one.get(place).content.decode()


def test_two_workers_do_not_take_the_same_run(signed_in, place_of_another_process):
    from asbuilt.built.exchange.working import work_runs

    drop(signed_in("engineer"), dropped("parties.csv", PARTIES))
    with place_of_another_process("exchange.worker.1"):
        assert work_runs() == 0
    assert work_runs() == 1


def test_the_rights_of_the_moment_count(signed_in):
    from asbuilt.access.actions import give_roles
    from asbuilt.built.exchange.working import work_runs

    one = signed_in("engineer")
    person = one.get("/you/").wsgi_request.actor.person
    drop(one, dropped("parties.csv", PARTIES))
    give_roles(signed_in.first, person=person, roles=["auditor"])
    work_runs()
    from asbuilt.storage import reading

    assert reading.fetch_one("SELECT count(*) FROM parties_party")[0] == 0


def test_what_is_refused_before_a_run_begins(signed_in):
    one = signed_in("engineer")
    for files in (
        [],
        [dropped("notes.txt", "x")],
        [dropped("parties.csv", PARTIES), dropped("parties.csv", PARTIES)],
        [dropped(".hidden", "x")],
    ):
        answer = one.send("/import/", {"files": files})
        assert answer.status_code in (400, 422), files
    sneaky = drop(one, dropped("../../../tmp/parties.csv", PARTIES))
    assert "parties.csv" in one.get(sneaky).content.decode()
    assert signed_in("auditor").get("/import/").status_code == 403
    assert signed_in("auditor").get(sneaky).status_code == 403


def test_another_tenants_run_is_not_there(signed_in):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.built.exchange.runs import begin_run

    other = local_system(open_tenant("other", "Other").number)
    ulid = begin_run(other, folder="", files=[("parties.csv", [PARTIES.encode()])])
    # two tenants now: the sign-in names the company
    one = signed_in("engineer")
    assert one.get(f"/import/{ulid}/").status_code == 404
    assert one.get("/import/NOTAULID/").status_code == 404


def test_files_beyond_a_limit_are_refused_and_nothing_is_left(signed_in, home):
    from django.test import override_settings

    one = signed_in("engineer")
    for limit in (
        {"UPLOAD_FILE_BYTES_MAX": 100},
        {"UPLOAD_REQUEST_BYTES_MAX": 100},
        {"DATA_UPLOAD_MAX_NUMBER_FILES": 1},
    ):
        with override_settings(**limit):
            answer = one.send("/import/", {"files": [dropped("parties.csv", PARTIES * 2), dropped("parts.csv", "x")]})
        assert answer.status_code == 400 and "This request breaks a limit." in answer.content.decode()
    assert not (home.folder / "incoming").exists()


def test_nobody_without_the_right_sends_files_to_any_page(signed_in):
    for roles, page in ((["auditor"], "/import/"), (["operator"], "/you/")):
        one = signed_in(*roles)
        assert one.send(page, {"files": [dropped("parties.csv", PARTIES)]}).status_code == 403
