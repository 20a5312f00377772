"""own_entries.csv: what reached us goes out and comes in whole, in order, erasable; taken back it stands no more."""

import csv
import json
from hashlib import sha256

import pytest

from asbuilt.kernel.errors import Conflict, Invalid

COLUMNS = "entry,vulnerability,title,file,sha256,modified_at"


def note(actor, **said):
    from asbuilt.designed.vulnerability.feeds.noting import note

    return note(actor, record=said)


def titles(actor, name="OWN-1") -> list[str]:
    from asbuilt.designed.vulnerability.feeds.queries import find_vulnerabilities, heard_of

    return [
        one.advisory.title for row in find_vulnerabilities(actor.tenant, name) for one in heard_of(actor.tenant, row)
    ]


def rows_in(folder) -> list[dict]:
    with open(folder / "own_entries.csv", newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def folder_of(place, *entries: dict):
    """A folder with own_entries.csv and the files of these entries."""
    (place / "own").mkdir(parents=True)
    lines = [COLUMNS]
    for n, one in enumerate(entries, 1):
        content = json.dumps(one).encode()
        (place / "own" / f"{n}.json").write_bytes(content)
        vulnerability = one.get("vulnerability", one["id"])
        digest = sha256(content).hexdigest()
        lines.append(f"{one['id']},{vulnerability},{one['title']},own/{n}.json,{digest},{one['modified']}")
    (place / "own_entries.csv").write_text("\n".join(lines) + "\n")
    return place


def entry(title: str, day: int, name: str = "OWN-1", **more) -> dict:
    return {"id": name, "title": title, "modified": f"2026-11-{day:02}T08:00:00.000000Z", **more}


@pytest.fixture
def load(actor):
    def load(folder):
        from asbuilt.built.exchange.actions import import_file

        return import_file(actor, folder / "own_entries.csv", "own_entries", folder=folder)

    return load


@pytest.fixture
def sound(actor):
    def check():
        from asbuilt.ledger.verifying import verify

        assert [(finding.code, finding.what) for finding in verify(actor.tenant).findings] == []

    return check


def test_out_of_one_home_into_another(actor, another_home, tmp_path):
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.designed.vulnerability.feeds.queries import advisories_of
    from asbuilt.ledger.verifying import verify

    affected = [{"purl": "pkg:generic/lwip", "versions": "<2.2"}]
    note(
        actor,
        title="Overflow",
        vulnerability="CVE-2026-7",
        text="the mail",
        told_by="Ada Researcher",
        affected=affected,
    )
    note(actor, title="Second")
    note(actor, id="OWN-2", title="None after all", withdrawn="2026-11-29T08:00:00Z")
    export_folder(actor, tmp_path / "first")
    said = rows_in(tmp_path / "first")
    assert [(row["entry"], row["title"]) for row in said] == [
        ("OWN-1", "Overflow"), ("OWN-2", "Second"), ("OWN-2", "None after all"),
    ]  # fmt: skip
    assert b"Ada" not in (tmp_path / "first" / "own_entries.csv").read_bytes()
    for row in said:
        assert sha256((tmp_path / "first" / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    another_home()
    other = local_system(tenant_of_slug("main").number)
    import_folder(other, tmp_path / "first")
    (one,) = advisories_of(other.tenant, "CVE-2026-7")
    assert (one.advisory.text, one.advisory.source, one.advisory.criteria[0].key) == (
        "the mail",
        "Ada Researcher",
        "pkg:generic/lwip",
    )
    assert titles(other, "OWN-2") == ["None after all"]
    assert [report.stored for report in import_folder(other, tmp_path / "first")] == [0] * len(
        list((tmp_path / "first").glob("*.csv"))
    )
    export_folder(other, tmp_path / "second")
    assert (tmp_path / "second" / "own_entries.csv").read_bytes() == (
        tmp_path / "first" / "own_entries.csv"
    ).read_bytes()
    assert note(other, title="Third").record == "OWN-3"
    assert verify(other.tenant).findings == []


def test_where_it_was_noted_nothing_changes(actor, tmp_path, load, sound):
    from asbuilt.built.exchange.exporting import export_folder

    note(actor, title="Overflow")
    note(actor, id="OWN-1", title="Overflow after all")
    export_folder(actor, tmp_path / "first")
    found = load(tmp_path / "first")
    assert (found.rows, found.stored, found.known) == (2, 0, 2) and titles(actor) == ["Overflow after all"]
    sound()


def test_no_word_of_a_person_in_log_or_tables_and_each_is_erased_by_itself(actor, tmp_path, load, home, sound):
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.designed.vulnerability.feeds.queries import advisories_of
    from asbuilt.kernel.errors import Sealed
    from asbuilt.ledger.erasure import erase_evidence

    folder = folder_of(
        tmp_path / "in", entry("First", 1, told_by="Ada Researcher", text="call me at home"),
        entry("Other", 1, "OWN-2", told_by="Bea Tester"),
    )  # fmt: skip
    load(folder)
    kept = [file.read_bytes() for file in (home.folder / "blobs").rglob("*") if file.is_file()]
    assert kept and not any(b"Ada" in content or b"at home" in content for content in kept)
    database = home.folder / "asbuilt.sqlite3"
    if database.exists():
        assert b"Ada Researcher" not in database.read_bytes() and b"at home" not in database.read_bytes()
    gone = sha256((folder / "own" / "1.json").read_bytes()).hexdigest()
    erase_evidence(actor, sha256=gone, rule="gdpr.17-1")
    with pytest.raises(Sealed):
        advisories_of(actor.tenant, "OWN-1")
    assert [one.advisory.source for one in advisories_of(actor.tenant, "OWN-2")] == ["Bea Tester"]
    export_folder(actor, tmp_path / "out")
    assert [row["entry"] for row in rows_in(tmp_path / "out")] == ["OWN-2"]
    sound()


def test_versions_come_in_order_and_never_back(actor, tmp_path, load, sound):
    load(folder_of(tmp_path / "a", entry("One", 1), entry("Two", 2)))
    assert titles(actor) == ["Two"]
    load(folder_of(tmp_path / "b", entry("Three", 3)))
    for n, wrong in enumerate((entry("Older", 2), entry("As new", 3))):
        with pytest.raises(Conflict):
            load(folder_of(tmp_path / f"c{n}", entry("Fine", 9, "OWN-9"), wrong))
    assert titles(actor) == ["Three"] and titles(actor, "OWN-9") == []
    sound()


def test_what_is_wrong_is_named_and_nothing_kept(actor, tmp_path, load):
    from asbuilt.storage import reading

    def wrong(n: int, change) -> Invalid:
        folder = folder_of(tmp_path / str(n), entry("Fine", 1, "OWN-9"), entry("One", 1))
        change(folder)
        with pytest.raises(Invalid) as refused:
            load(folder)
        assert reading.fetch("SELECT record FROM vulnerability_feed_record WHERE tenant = %s", (actor.tenant,)) == []
        (row,) = refused.value.rows
        return row.line, row.column, row.code

    def cell(before: str, after: str):
        def change(folder):
            table = folder / "own_entries.csv"
            table.write_text(table.read_text().replace(before, after))

        return change

    def file(content: bytes, honest: bool = True):
        def change(folder):
            old = sha256((folder / "own" / "2.json").read_bytes()).hexdigest()
            (folder / "own" / "2.json").write_bytes(content)
            if honest:
                cell(old, sha256(content).hexdigest())(folder)

        return change

    assert wrong(1, lambda folder: (folder / "own" / "2.json").unlink()) == (
        3,
        "file",
        "vulnerability.own_entry_missing",
    )
    assert wrong(2, file(b"{}", honest=False)) == (3, "sha256", "vulnerability.own_entry_differs")
    assert wrong(3, file(b'{"id": "OWN-1", "titel": "x"}')) == (3, "file", "vulnerability.note_invalid")
    assert wrong(4, file(b"nothing")) == (3, "file", "vulnerability.note_invalid")
    assert wrong(5, file(json.dumps(entry("One", 1)).encode() * 2)) == (3, "file", "vulnerability.note_invalid")
    assert wrong(6, cell("OWN-1,OWN-1,One", "OWN-1,OWN-1,Uno")) == (3, "title", "vulnerability.own_entry_differs")
    assert wrong(7, cell("OWN-1,OWN-1,One", "OWN-5,OWN-1,One")) == (3, "entry", "vulnerability.own_entry_differs")
    assert wrong(8, cell("OWN-1,OWN-1,One", "OWN-1,CVE-2026-1,One")) == (
        3,
        "vulnerability",
        "vulnerability.own_entry_differs",
    )
    assert wrong(9, file(b'{"id": "OWN-1", "title": "One"}')) == (3, "modified_at", "vulnerability.own_entry_differs")
    assert wrong(10, cell("own/2.json", "../../own/2.json")) == (3, "file", "vulnerability.own_entry_missing")


def test_taken_back_it_stands_no_more_and_the_version_before_stands_again(actor, tmp_path, load, sound, withdraw):
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.formats.tables import TABLES, fact_id

    load(folder_of(tmp_path / "a", entry("One", 1), entry("Two", 2), entry("Other", 1, "OWN-2")))
    one, two, other = (
        fact_id(TABLES["own_entries"], tuple(row.values())) for row in rows_in(exported(actor, tmp_path / "x"))
    )
    withdraw(two)
    assert titles(actor) == ["One"]
    sound()
    withdraw(one, other)
    assert titles(actor) == [] and titles(actor, "OWN-2") == []
    sound()
    export_folder(actor, tmp_path / "out")
    assert rows_in(tmp_path / "out") == []


def exported(actor, folder):
    from asbuilt.built.exchange.exporting import export_folder

    export_folder(actor, folder)
    return folder


def test_what_came_in_is_matched(actor, tmp_path, load, monkeypatch):
    from asbuilt.storage import reading

    load(folder_of(tmp_path / "a", entry("One", 1, affected=[{"purl": "pkg:generic/lwip", "versions": "<2.2"}])))
    sql = 'SELECT "key" FROM vulnerability_criterion WHERE tenant = %s'
    assert [key for (key,) in reading.fetch(sql, (actor.tenant,))] == ["pkg:generic/lwip"]
