"""init, check, backup, restore, ledger, verify, withdraw, correct, erase: each as a whole process."""

import base64
import json
import os

import pytest
from cli.conftest import start


@pytest.fixture
def loaded(asbuilt, tables):
    """The command on a home that holds the tables."""
    assert asbuilt("import", tables).code == 0
    return asbuilt


def test_init_asks_nothing_and_changes_nothing_the_second_time(asbuilt_unopened, empty_home):
    first = asbuilt_unopened("init", "--format", "json")
    assert (first.code, first.document["tenant"]) == (0, "main")
    files = {path: path.read_bytes() for path in empty_home.keys.rglob("*") if path.is_file()}
    assert files
    second = asbuilt_unopened("init", "--format", "json")
    assert second.document == first.document
    assert {path: path.read_bytes() for path in empty_home.keys.rglob("*") if path.is_file()} == files


def test_check_reaches_the_database_and_tells_limits(loaded):
    said = loaded("check", "--format", "json")
    assert said.code == 0
    assert said.document["entries"] == 8
    assert said.document["limits"]["GAPS_MAX"] == 50


def test_backup_and_restore_give_the_same_answer(loaded, empty_home, tmp_path):
    answer = loaded("ask", "lot:LOT7", "--format", "json").document
    assert loaded("backup", tmp_path / "b.zip").code == 0
    elsewhere = {
        **empty_home.env(),
        "ASBUILT_HOME": str(tmp_path / "other"),
        "ASBUILT_KEYS": str(tmp_path / "other-keys"),
    }
    restored = start(elsewhere, "restore", tmp_path / "b.zip", "--format", "json")
    assert restored.code == 0, restored.err
    again = start(elsewhere, "ask", "lot:LOT7", "--format", "json").document
    for name in ("affected", "finished", "by", "spans"):
        assert again[name] == answer[name]
    assert start(elsewhere, "restore", tmp_path / "b.zip").code == 4


def test_a_checkpoint_is_verified_with_the_public_key_alone(loaded, home, tmp_path):
    assert loaded("ledger", "checkpoint", "--to", tmp_path / "anchors").code == 0
    [head] = (tmp_path / "anchors").iterdir()
    [key] = home.keys.glob("*/public.keys")
    bare = {"PATH": os.environ["PATH"], "ASBUILT_HOME": str(tmp_path / "no"), "ASBUILT_KEYS": str(tmp_path / "no-keys")}
    said = start(bare, "verify", head, "--key", key, "--format", "json")
    assert (said.code, said.document["holds"], said.document["checkpoint"]["size"]) == (0, True, 8)
    assert not (tmp_path / "no").exists()
    assert start(bare, "verify", head).code == 3  # no key anywhere
    head.write_text(head.read_text().replace("\n8\n", "\n9\n"))
    assert start(bare, "verify", head, "--key", key).code == 7


def test_the_proof_of_a_fact_is_a_certificate(loaded, tables, home, tmp_path):
    cells = (tables / "parties.csv").read_text().splitlines()[1].split(",")
    from hashlib import sha256

    fact = sha256(json.dumps(["parties", *cells], separators=(",", ":")).encode()).hexdigest()[:16]
    proof = loaded("ledger", "prove", fact)
    assert proof.code == 0, proof.err
    (tmp_path / "proof.json").write_text(proof.out)
    said = loaded("verify", tmp_path / "proof.json", "--format", "json")
    assert (said.code, said.document["unit"]) == (0, {"fact": fact})
    envelope = json.loads(proof.out)
    payload = base64.b64decode(envelope["payload"]).replace(b"Ostwerk", b"Westwerk")
    envelope["payload"] = base64.b64encode(payload).decode()
    (tmp_path / "proof.json").write_text(json.dumps(envelope))
    assert loaded("verify", tmp_path / "proof.json").code == 7


def test_prove_and_publish(loaded, tmp_path):
    assert loaded("ledger", "prove", "3").out.startswith("c2sp.org/tlog-proof@v1\nindex 2\n")
    assert loaded("ledger", "prove", "9999").code == 3
    assert loaded("ledger", "prove", "x").code == 2
    assert loaded("ledger", "publish", tmp_path / "tiles").code == 0
    assert (tmp_path / "tiles" / "checkpoint").read_text().splitlines()[1] == "8"


def test_verify_holds_the_record_against_an_older_head(loaded, tables, tmp_path):
    loaded("ledger", "checkpoint", "--to", tmp_path / "anchors")
    [head] = (tmp_path / "anchors").iterdir()
    said = loaded("ledger", "verify", "--anchor", head, "--format", "json")
    assert said.code == 0, said.out[:2000]
    assert said.document["clean"] is True


def test_a_changed_row_is_named(loaded, home):
    if home.url:
        import psycopg

        with psycopg.connect(home.url, autocommit=True) as connection:
            connection.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ALL")
            connection.execute("UPDATE ledger_entry SET body = replace(body, 'units', 'unitz') WHERE number = 6")
    else:
        import sqlite3

        with sqlite3.connect(home.folder / "asbuilt.sqlite3") as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute("UPDATE ledger_entry SET body = replace(body, 'units', 'unitz') WHERE number = 6")
    said = loaded("ledger", "verify", "--format", "json")
    assert said.code == 7
    assert any("6" in finding["what"] for finding in said.document["report"]["findings"])


def test_withdraw_and_correct(loaded, tables):
    from hashlib import sha256

    line = (tables / "materials.csv").read_text().splitlines()[1].split(",")
    line[-1] = "2026-02-03T07:00:00.000000Z"
    fact = sha256(json.dumps(["materials", *line], separators=(",", ":")).encode()).hexdigest()[:16]
    said = loaded("withdraw", fact, "--reason", "wrong reel", "--first-serial", "S3", "--last-serial", "S3")
    assert said.code == 0, said.err
    affected = loaded("ask", "lot:LOT7", "--format", "json").document["affected"]
    assert affected == {"certain": 2, "possible": 0, "unrecorded": 2}
    assert loaded("withdraw", fact, "--reason", "").code == 2
    assert loaded("withdraw", "0" * 16, "--reason", "x").code == 3
    assert loaded("correct", fact, "--reason", "x", "--set", "certainty").code == 2
    said = loaded("correct", fact, "--reason", "a splice", "--set", "certainty=possible", "--format", "json")
    assert said.code == 0, said.err
    affected = loaded("ask", "lot:LOT7", "--format", "json").document["affected"]
    # a lone possible package stands beside an unknown candidate
    assert (affected["certain"], affected["possible"]) == (0, 2)


def test_erase_a_person_who_is_not_there(loaded):
    assert loaded("erase", "person", "4711").code == 3


def test_what_breaks_gets_a_request_id_and_no_traceback(home):
    (home.folder / "writer.queue").unlink(missing_ok=True)
    (home.folder / "blobs").mkdir(exist_ok=True)
    environment = {**home.env(), "ASBUILT_LOG_LEVEL": "NO SUCH LEVEL"}
    said = start(environment, "ask", "in:shipped", "--format", "json")
    assert said.code == 1
    assert said.document["code"] == "cli.broken"
    request = said.document["facts"]["request"]
    assert request in said.err
    assert request in (home.folder / "errors.log").read_text()
    assert "Traceback" in (home.folder / "errors.log").read_text()


def test_a_row_of_no_unit_is_found_and_corrected(loaded):
    said = loaded("facts", "parties", "distributor", "--format", "json").document
    (one,) = said["facts"]
    assert (one["cells"]["party"], said["after"]) == ("DX", None)
    table = loaded("facts", "parties").out
    assert one["fact"] in table and "Ostwerk" in table
    loaded("correct", one["fact"], "--reason", "renamed", "--set", "name=Distributor Y", "--person", "045")
    assert [
        found["cells"]["name"] for found in loaded("facts", "parties", "DX", "--format", "json").document["facts"]
    ] == ["Distributor Y"]
    assert "No fact of this table holds that." in loaded("facts", "parties", "nobody").err
    assert (loaded("facts", "partees").code, loaded("facts", "parties", "--after", "x").code) == (3, 2)
